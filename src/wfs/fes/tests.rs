//! What clients write as a filter, and what hostile ones do.

use proptest::prelude::*;

use super::*;
use crate::wfs::xml;

fn fields() -> BTreeMap<String, Field> {
    [
        ("id", Type::Integer),
        ("name", Type::Text),
        ("far", Type::Decimal),
        ("started", Type::Date),
        ("straddle", Type::Boolean),
        ("geom", Type::Geometry),
    ]
    .map(|(name, kind)| (name.to_owned(), kind.column(name)))
    .into()
}

fn said(filter: &str) -> Result<Expr, Wrong> {
    let text =
        format!("<fes:Filter xmlns:fes='http://www.opengis.net/fes/2.0'>{filter}</fes:Filter>");
    let compiled = compile(&xml::read(&text)?, "parcels", &fields())?;
    cql::bounded(&compiled.expr).map_err(|it| it.sentence())?;
    cql::check(&compiled.expr, &fields()).map_err(|it| it.sentence())?;
    Ok(compiled.expr)
}

#[test]
fn every_operator_has_its_cql() {
    let of = |name: &str, value: &str| {
        format!("<ValueReference>mutu:{name}</ValueReference><Literal>{value}</Literal>")
    };
    for (filter, wanted) in [
        (format!("<PropertyIsEqualTo>{}</PropertyIsEqualTo>", of("name", "O'Neil")), "name = 'O''Neil'"),
        (
            format!("<PropertyIsEqualTo matchCase='false'>{}</PropertyIsEqualTo>", of("name", "A")),
            "CASEI(name) = CASEI('A')",
        ),
        (format!("<PropertyIsNotEqualTo>{}</PropertyIsNotEqualTo>", of("far", "1.50")), "far <> 1.5"),
        (
            format!("<PropertyIsGreaterThan>{}</PropertyIsGreaterThan>", of("started", "2020-01-01T00:00:00Z")),
            "started > DATE('2020-01-01')",
        ),
        (format!("<Not><PropertyIsEqualTo>{}</PropertyIsEqualTo></Not>", of("straddle", "true")), "NOT straddle = TRUE"),
        (
            "<PropertyIsLike wildCard='*' singleChar='.' escapeChar='!'><ValueReference>name</ValueReference><Literal>5%*.!*\\</Literal></PropertyIsLike>".to_owned(),
            "name LIKE E'5\\\\%%_*\\\\\\\\'",
        ),
        ("<PropertyIsNull><ValueReference>far</ValueReference></PropertyIsNull>".to_owned(), "far IS NULL"),
        (
            "<PropertyIsBetween><ValueReference>far</ValueReference><LowerBoundary><Literal>1</Literal></LowerBoundary><UpperBoundary><Literal>2e0</Literal></UpperBoundary></PropertyIsBetween>".to_owned(),
            "far BETWEEN 1 AND 2",
        ),
        ("<ResourceId rid='parcels.7'/><ResourceId rid='towns.8'/>".to_owned(), "id IN (7, -1)"),
        (
            "<BBOX><Envelope srsName='EPSG:4490'><lowerCorner>121 31</lowerCorner><upperCorner>122 32</upperCorner></Envelope></BBOX>".to_owned(),
            "S_INTERSECTS(geom, BBOX(31, 121, 32, 122))",
        ),
        (
            "<Or><Within><ValueReference>geom</ValueReference><Point><pos>31 121</pos></Point></Within><And><ResourceId rid='parcels.1'/><ResourceId rid='parcels.2'/></And></Or>".to_owned(),
            "S_WITHIN(geom, POINT(31 121)) OR id IN (1) AND id IN (2)",
        ),
    ] {
        let got = said(&filter).unwrap_or_else(|it| panic!("{filter}: {it}"));
        assert_eq!(got.to_string(), wanted, "{filter}");
    }
}

#[test]
fn what_means_nothing_is_refused_with_a_mend() {
    let literal = "<Literal>1</Literal>";
    let deep = format!("{}<ResourceId rid='a.1'/>{}", "<Not>".repeat(40), "</Not>".repeat(40));
    let ids = "<ResourceId rid='parcels.1'/>".repeat(MAX_LIST + 1);
    for wrong in [
        "",
        "<ResourceId/>",
        "<And/>",
        "<PropertyIsEqualTo/>",
        &format!("<PropertyIsEqualTo>{literal}</PropertyIsEqualTo>"),
        &format!(
            "<PropertyIsEqualTo><ValueReference>tax</ValueReference>{literal}</PropertyIsEqualTo>"
        ),
        &format!(
            "<PropertyIsEqualTo><ValueReference>name\" or 1=1 --</ValueReference>{literal}</PropertyIsEqualTo>"
        ),
        &format!(
            "<PropertyIsEqualTo><ValueReference>started</ValueReference>{literal}</PropertyIsEqualTo>"
        ),
        &format!(
            "<PropertyIsEqualTo><Function name='pg_sleep'>{literal}</Function>{literal}</PropertyIsEqualTo>"
        ),
        "<PropertyIsLike wildCard='**'><ValueReference>name</ValueReference><Literal>a</Literal></PropertyIsLike>",
        "<PropertyIsLike><ValueReference>far</ValueReference><Literal>a</Literal></PropertyIsLike>",
        "<DWithin><ValueReference>geom</ValueReference></DWithin>",
        "<BBOX/>",
        "<Intersects><ValueReference>name</ValueReference><Point><pos>1 2</pos></Point></Intersects>",
        "<And><Intersects><Point srsName='EPSG:4490'><pos>1 2</pos></Point></Intersects><Intersects><Point srsName='EPSG:3857'><pos>1 2</pos></Point></Intersects></And>",
        "<Intersects><Polygon><exterior><LinearRing><posList>0 0 1 1 1 0 0 1 0 0</posList></LinearRing></exterior></Polygon></Intersects>",
        &deep,
        &ids,
    ] {
        let told = said(wrong).expect_err(&wrong[..wrong.len().min(120)]);
        assert!(told.contains(" / "), "{told}");
    }
}

proptest! {
    #[test]
    fn any_literal_stays_a_literal(text in "\\PC{0,40}") {
        let filter = format!(
            "<PropertyIsEqualTo><ValueReference>name</ValueReference><Literal>{}</Literal></PropertyIsEqualTo>",
            xml::escaped(&text)
        );
        let expr = said(&filter).unwrap();
        let wanted = Kind::Compare(
            CompareOp::Equal,
            Box::new(new(Kind::Property("name".to_owned()))),
            Box::new(new(Kind::Text(text))),
        );
        prop_assert_eq!(expr.kind, wanted);
    }

    #[test]
    fn any_pattern_matches_itself_only(text in "[a*?%_\\\\]{0,12}") {
        let signs = Signs { many: '*', one: '?', escape: '!' };
        let escaped: String = text.chars().flat_map(|it| ['!', it]).collect();
        let plain = signs.to_cql(&escaped);
        let undone: String = plain.split("\\\\").map(|it| it.replace('\\', "")).collect::<Vec<_>>().join("\\");
        prop_assert_eq!(undone, text);
    }
}

#[test]
fn days_are_held_against_times() {
    let period = "<gml:TimePeriod xmlns:gml='http://www.opengis.net/gml/3.2' gml:id='t'>\
        <gml:beginPosition>2024-01-01</gml:beginPosition><gml:endPosition>2024-12-31T00:00:00Z</gml:endPosition></gml:TimePeriod>";
    let open = "<gml:TimePeriod xmlns:gml='http://www.opengis.net/gml/3.2'><gml:begin><gml:TimeInstant>\
        <gml:timePosition>2024-01-01</gml:timePosition></gml:TimeInstant></gml:begin>\
        <gml:endPosition indeterminatePosition='unknown'/></gml:TimePeriod>";
    let instant = "<gml:TimeInstant xmlns:gml='http://www.opengis.net/gml/3.2'>\
        <gml:timePosition>2024-01-01</gml:timePosition></gml:TimeInstant>";
    let of = |name: &str, property: &str, time: &str| {
        format!("<{name}><ValueReference>mutu:{property}</ValueReference>{time}</{name}>")
    };
    for (filter, wanted) in [
        (
            of("During", "started", period),
            "T_DURING(started, INTERVAL('2024-01-01', '2024-12-31'))",
        ),
        (of("During", "started", open), "T_DURING(started, INTERVAL('2024-01-01', '..'))"),
        (of("After", "started", instant), "T_AFTER(started, DATE('2024-01-01'))"),
        (
            of("Before", "started", "<Literal>2024-01-01</Literal>"),
            "T_BEFORE(started, DATE('2024-01-01'))",
        ),
        (
            of("TEquals", "started", &format!("<Literal>{instant}</Literal>")),
            "T_EQUALS(started, DATE('2024-01-01'))",
        ),
    ] {
        assert_eq!(said(&filter).unwrap().to_string(), wanted, "{filter}");
    }
    for (name, function) in TEMPORAL {
        assert!(functions::find(function).is_some(), "{name}");
        assert!(said(&of(name, "started", period)).is_ok(), "{name}");
        for (property, time) in [
            ("name", period),
            ("started", ""),
            ("started", "<Literal>soon</Literal>"),
            ("started", "<gml:TimePeriod xmlns:gml='http://www.opengis.net/gml/3.2'/>"),
            ("started", "<gml:Point xmlns:gml='http://www.opengis.net/gml/3.2'/>"),
        ] {
            let wrong = said(&of(name, property, time)).unwrap_err();
            assert!(wrong.contains(" / "), "{name} {property} {time}: {wrong}");
        }
    }
}
