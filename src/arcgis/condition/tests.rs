//! What ArcGIS clients write as a condition, and what hostile ones do.

use proptest::prelude::*;

use super::*;
use crate::cql;
use crate::cql::MAX_NODES;

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

fn said(text: &str) -> Result<Expr, Wrong> {
    let it = compile(text, &fields())?.ok_or("nothing")?;
    cql::bounded(&it).and_then(|()| cql::check(&it, &fields())).map_err(|it| it.sentence())?;
    Ok(it)
}

#[test]
fn what_arcgis_writes_has_its_cql() {
    for (text, wanted) in [
        ("1=1", "1 = 1"),
        ("OBJECTID > 5 AND objectid<=7", "id > 5 AND id <= 7"),
        ("NAME = 'O''Neil'", "name = 'O''Neil'"),
        ("\"Name\" <> N'厂'", "name <> '厂'"),
        ("parcels.name LIKE '5!%%' ESCAPE '!'", "name LIKE '5\\%%'"),
        ("name NOT LIKE '%\\_'", "name NOT LIKE '%\\\\_'"),
        ("UPPER(name) = 'A'", "UPPER(name) = 'A'"),
        ("far BETWEEN -1.50 AND 2E2", "far BETWEEN -1.5 AND 200"),
        ("NOT (far IN (1, 2) OR far IS NOT NULL)", "NOT (far IN (1, 2) OR far IS NOT NULL)"),
        ("started >= DATE '2020-01-01'", "started >= DATE('2020-01-01')"),
        ("started < timestamp '2020-01-01 00:00:00'", "started < DATE('2020-01-01')"),
        ("started = '2020-01-01'", "started = DATE('2020-01-01')"),
        ("straddle = 1", "straddle = TRUE"),
        ("name='a' or name='b' and not far!=1", "name = 'a' OR name = 'b' AND NOT far <> 1"),
    ] {
        let got = said(text).unwrap_or_else(|it| panic!("{text}: {it}"));
        assert_eq!(got.to_string(), wanted, "{text}");
    }
    assert_eq!(compile(" ", &fields()), Ok(None));
}

#[test]
fn what_is_hostile_or_unknown_is_refused() {
    let deep = format!("{}1=1{}", "(".repeat(100_000), ")".repeat(100_000));
    let nots = format!("{}1=1", "NOT ".repeat(1_000));
    let list = format!("far IN ({}1)", "1,".repeat(MAX_LIST));
    let wide = format!("1=1{}", " OR 1=1".repeat(MAX_NODES));
    for wrong in [
        "1",
        "name",
        "name =",
        "name = 'a",
        "name = 'a'; drop table mutu.parcel",
        "1=1; --",
        "1=1 --",
        "1=1 /* x */",
        "1=1 UNION SELECT 1",
        "id IN (SELECT id FROM mutu.account)",
        "pg_sleep(5) = 1",
        "far = pg_sleep(5)",
        "CAST(far AS text) = '1'",
        "name || 'a' = 'b'",
        "far + 1 = 2",
        "name = $1",
        "name = E'\\''",
        "tax_wan = 1",
        "\"tax\"\"_wan\" = 1",
        "far = 'x'",
        "name = 5",
        "started = 'yesterday'",
        "started > TIMESTAMP '2020-01-01 08:00:00'",
        "started = 5",
        "straddle = 2",
        "geom = 1",
        "name LIKE far",
        "name LIKE 'a' ESCAPE 'ab'",
        "far BETWEEN 1",
        "name IS 'a'",
        "far = NULL",
        "far = 1e999",
        "far = 0.1.2",
        "name = '\u{0}' OR",
        "＝1",
        ")",
        "()",
        "(((",
        "NOT",
        "AND",
        &deep,
        &nots,
        &list,
        &wide,
    ] {
        let shown: String = wrong.chars().take(60).collect();
        let told = said(wrong).expect_err(&shown);
        assert!(told.contains(" / "), "{shown}: {told}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "[a-z '\"=<>()0-9.,%_-]{0,60}") {
        let _ = compile(&text, &fields());
    }

    #[test]
    fn a_quoted_text_stays_one(text in "\\PC{0,40}") {
        let it = said(&format!("name = '{}'", text.replace('\'', "''"))).unwrap();
        let Kind::Compare(_, _, right) = it.kind else { panic!("no comparison") };
        prop_assert_eq!(right.kind, Kind::Text(text));
    }
}
