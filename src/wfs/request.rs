//! What a client asks for: parameters by their names, whatever their case, and the page of features that they mean.

use crate::access::Scope;
use crate::app::App;
use crate::cql::Expr;
use crate::cql::Kind;
use crate::cql::Span;
use crate::export::Encoding;
use crate::export::Frame;
use crate::export::Selection;
use crate::export::queries;
use crate::export::shortened;
use crate::export::unknown_parameter;
use crate::extract::Given;
use crate::layer::Geometry;
use crate::layer::Layer;
use crate::ogc::OFFSET_MAX;

use super::COUNT_MAX;
use super::GML;
use super::fault::Fault;
use super::fault::Result;
use super::fes;
use super::fes::Standard;
use super::srs::Srs;
use super::stored;
use super::xml;

/// What features are written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    Gml,
    GeoJson,
}

impl Output {
    /// Names under which clients ask for each.
    pub const GML_NAMES: [&str; 6] = [
        GML,
        "application/gml+xml",
        "text/xml; subtype=gml/3.2",
        "text/xml; subtype=gml/3.2.1",
        "text/xml",
        "gml32",
    ];
    pub const JSON_NAMES: [&str; 4] =
        ["application/json", "application/geo+json", "geojson", "json"];

    pub fn parse(text: &str) -> Option<Self> {
        // A plus that was not encoded has become a space, and blanks and quotes around the version vary.
        let plain = |it: &str| {
            let kept = it.chars().filter(|it| !" +\"".contains(*it));
            kept.collect::<String>().to_ascii_lowercase()
        };
        let is = |names: &[&str]| names.iter().any(|it| plain(it) == plain(text));
        if is(&Self::GML_NAMES) {
            return Some(Self::Gml);
        }
        is(&Self::JSON_NAMES).then_some(Self::GeoJson)
    }

    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Gml => GML,
            Self::GeoJson => "application/json",
        }
    }
}

/// A page of features that somebody asked for.
#[derive(Debug)]
pub struct Page<'a> {
    pub selection: Selection<'a>,
    pub srs: Srs,
    pub output: Output,
    /// Only how many there are.
    pub hits: bool,
    pub count: i64,
    pub start: i64,
    /// One feature by itself, not a collection of it.
    pub alone: bool,
    pub told: Told,
}

/// What is told of features.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    Features,
    /// The values of one property.
    Values,
    Ids,
}

/// How references may be resolved that there are none of.
pub const RESOLVE: [&str; 2] = ["none", "local"];

/// The layers of `typeNames`, with or without prefixes; none where nothing is said.
pub fn layers<'a>(app: &'a App, scope: &Scope, given: &Given) -> Result<Vec<&'a Layer>> {
    let Some(names) = given.find(&["typeNames", "typeName"])? else { return Ok(Vec::new()) };
    names.split(',').map(|it| layer(app, scope, it)).collect()
}

fn layer<'a>(app: &'a App, scope: &Scope, name: &str) -> Result<&'a Layer> {
    let name = name.trim().trim_start_matches('(').trim_end_matches(')');
    let id = name.rsplit(':').next().unwrap_or(name);
    app.layer(scope, id).map_err(|error| match error {
        crate::error::Error::NotFound { .. } => {
            let near = app.layers.nearest(id).map(|it| format!("；是否 / did you mean `{it}`?"));
            let shown = shortened(id);
            let near = near.unwrap_or_default();
            Fault::invalid(
                "typeNames",
                format!("没有图层 `{shown}` / there is no such layer{near}"),
            )
        }
        other => Fault { locator: Some("typeNames".to_owned()), ..other.into() },
    })
}

impl<'a> Page<'a> {
    /// Reads the parameters of `GetFeature`.
    pub fn parse(app: &'a App, scope: &'a Scope, given: &Given) -> Result<Self> {
        let stored = given.find(&["storedQuery_Id", "storedQueryId"])?;
        stored.map_or(Ok(()), stored::check)?;
        let ids = match stored {
            Some(_) => {
                let id = given.find(&["id"])?;
                Some(vec![id.ok_or_else(|| Fault::missing("id"))?])
            }
            None => given.find(&["resourceId", "featureId"])?.map(|it| it.split(',').collect()),
        };
        let layer = match (&layers(app, scope, given)?[..], &ids) {
            ([one], _) => *one,
            // An id says of which layer it is.
            ([], Some(ids)) => {
                let first = ids.first().copied().unwrap_or_default();
                let of = layer(app, scope, first.split_once('.').map_or(first, |it| it.0));
                // Asked for a feature of whatever type, there is none with an id of nobody's.
                let is_unknown = stored.is_some()
                    && of.as_ref().is_err_and(|it| it.code == "InvalidParameterValue");
                if is_unknown {
                    return Err(Fault::no_feature(first));
                }
                of?
            }
            ([], None) => return Err(Fault::missing("typeNames")),
            _ => {
                return Err(Fault::unsupported(
                    "typeNames",
                    "每次查询一个图层 / one layer at a time: joins are not supported",
                ));
            }
        };
        let srs = match given.find(&["srsName"])? {
            Some(name) => {
                Srs::parse(name).ok_or_else(|| Fault::invalid("srsName", Srs::known()))?
            }
            None => Srs::stored(),
        };
        let output = match given.find(&["outputFormat"])? {
            Some(name) => Output::parse(name).ok_or_else(|| {
                let known = [Output::GML_NAMES[0], Output::JSON_NAMES[0]].join(", ");
                Fault::invalid("outputFormat", format!("应为其中之一 / one of: {known}"))
            })?,
            None => Output::Gml,
        };
        let hits = match given.find(&["resultType"])?.map(str::to_ascii_lowercase).as_deref() {
            None | Some("results") => false,
            Some("hits") => true,
            Some(_) => return Err(Fault::invalid("resultType", "results, hits")),
        };
        // No value is a reference to another one: all of them are resolved as they are.
        if given.find(&["resolve"])?.is_some_and(|it| !RESOLVE.contains(&it)) {
            return Err(Fault::invalid("resolve", RESOLVE.join(", ")));
        }
        let count = given.whole(&["count", "maxFeatures"])?.unwrap_or(COUNT_MAX).min(COUNT_MAX);
        let start = given.whole(&["startIndex"])?.unwrap_or(0);
        if start > OFFSET_MAX {
            return Err(Fault::invalid(
                "startIndex",
                format!(
                    "至多 {OFFSET_MAX}，请加筛选条件 / at most {OFFSET_MAX}: narrow the selection"
                ),
            ));
        }
        let mut selection = Selection::new(layer, scope);
        selection.encoding = Encoding::Wkb(srs.crs.srid());
        selection.offset = start;
        narrow(&mut selection, given, ids.as_deref())?;
        choose(&mut selection, given)?;
        sort(&mut selection, given)?;
        if layer.geometry == Geometry::None {
            selection.encoding = Encoding::Without;
        }
        let alone = stored.is_some();
        Ok(Self { selection, srs, output, hits, count, start, alone, told: Told::Features })
    }

    /// Reads the parameters of `GetPropertyValue`: the same features, those that have the property, and of each only that.
    pub fn of_values(app: &'a App, scope: &'a Scope, given: &Given) -> Result<Self> {
        let Some(name) = given.find(&["valueReference"])? else {
            let is_there = given.0.iter().any(|it| it.0.eq_ignore_ascii_case("valueReference"));
            let why = "应为一个属性 / the name of a property";
            return Err(if is_there {
                Fault::invalid("valueReference", why)
            } else {
                Fault::missing("valueReference")
            });
        };
        let mut page = Self::parse(app, scope, given)?;
        if page.output != Output::Gml {
            return Err(Fault::invalid("outputFormat", "属性值只有 GML / values are GML only"));
        }
        let selection = &mut page.selection;
        page.alone = false;
        page.told = Told::Values;
        let standard = fes::standard(name);
        if standard.is_some() {
            selection.encoding = Encoding::Without;
            selection.only = Some(Vec::new());
            if standard == Some(Standard::Id) {
                page.told = Told::Ids;
            } else {
                let nothing = Expr::new(Kind::Bool(false), Span::default());
                selection.narrow_by("valueReference", nothing)?;
            }
            return Ok(page);
        }
        let own = fes::own_name(name);
        let is_shape = own == "geom" && selection.layer.geometry != Geometry::None;
        if !is_shape && selection.layer.field_for(scope, own).is_none() {
            let known = selection.layer.fields_for(scope).map(|it| it.0);
            let why = match unknown_parameter(own, known) {
                crate::error::Error::BadInput { why, .. } => why,
                other => other.to_string(),
            };
            return Err(Fault::invalid("valueReference", format!("`{}`: {why}", shortened(own))));
        }
        if is_shape {
            selection.encoding = Encoding::Wkb(page.srs.crs.srid());
            selection.only = Some(Vec::new());
        } else {
            selection.encoding = Encoding::Without;
            selection.only = Some(vec![own.to_owned()]);
        }
        let new = |kind| Expr::new(kind, Span::default());
        let value = Box::new(new(Kind::Property(own.to_owned())));
        selection.narrow_by("valueReference", new(Kind::IsNull { value, negated: true }))?;
        Ok(page)
    }

    /// Whether the page is read whole before it is given out.
    pub fn is_short(&self) -> bool {
        self.count < queries::BATCH
    }
}

/// By box, filter or ids: one of them, as the standard has it.
fn narrow(selection: &mut Selection<'_>, given: &Given, ids: Option<&[&str]>) -> Result<()> {
    let bbox = given.find(&["bbox"])?;
    let filter = given.find(&["filter"])?;
    let cql = given.find(&["cql_filter"])?;
    if [bbox.is_some(), filter.is_some(), ids.is_some()].iter().filter(|it| **it).count() > 1 {
        return Err(Fault::invalid(
            "filter",
            "bbox、filter 与 resourceId 只能用其一 / only one of bbox, filter and resourceId",
        ));
    }
    let drawn = selection.layer.geometry != Geometry::None;
    if let Some(it) = bbox {
        if !drawn {
            return Err(Fault::invalid("bbox", "此图层没有几何 / this layer has no shapes"));
        }
        selection.frame = Some(frame(it)?);
    }
    if let Some(ids) = ids {
        let by_ids = fes::by_ids(&selection.layer.id, ids);
        let by_ids = by_ids.map_err(|it| Fault::invalid("resourceId", it))?;
        selection.narrow_by("resourceId", by_ids)?;
    }
    let mut crs = None;
    if let Some(text) = filter {
        let read = xml::read(text).map_err(|it| Fault::unreadable("filter", it))?;
        let compiled = fes::compile(&read, &selection.layer.id, &selection.filter_fields());
        let compiled = compiled.map_err(|it| Fault::unreadable("filter", it))?;
        crs = compiled.crs;
        selection.narrow_by("filter", compiled.expr)?;
    }
    if let Some(text) = cql {
        let read = crate::cql::parse(text);
        let expr =
            read.map_err(|it| Fault::unreadable("cql_filter", it.within(text).to_string()))?;
        if crs.is_some() && crate::cql::is_spatial(&expr) {
            return Err(Fault::invalid(
                "cql_filter",
                "几何条件请写在 filter 或 cql_filter 其中一处 / put shapes into either filter or cql_filter",
            ));
        }
        selection.narrow_by("cql_filter", expr)?;
    }
    if let Some(crs) = crs {
        selection.filter_crs = crs;
    }
    Ok(())
}

/// `least, least, greatest, greatest[, name of the system]`, in the axis order of that name.
fn frame(text: &str) -> Result<Frame> {
    let parts: Vec<&str> = text.split(',').collect();
    let (numbers, name) = match parts.len() {
        5 | 7 => (parts[..parts.len() - 1].join(","), Some(parts[parts.len() - 1])),
        _ => (text.to_owned(), None),
    };
    let srs = match name {
        Some(name) => Srs::parse(name).ok_or_else(|| Fault::invalid("bbox", Srs::known()))?,
        None => Srs::stored(),
    };
    let mut frame = Frame::parse(srs.crs, &numbers)?;
    let [a, b, c, d] = frame.edges;
    let ((a, b), (c, d)) = (srs.to_authority(a, b), srs.to_authority(c, d));
    frame.edges = [a, b, c, d];
    let latitudes = if srs.crs.is_north_first() { [a, c] } else { [b, d] };
    if srs.crs.is_degrees() && latitudes.iter().any(|it| it.abs() > 90.0) {
        return Err(Fault::invalid(
            "bbox",
            "纬度超出 ±90：URN 名称（及未写名称时）纬度在前，EPSG:4490 写法经度在前 / a latitude beyond ±90: under a URN, and without a name, latitude comes first; with `,EPSG:4490` at the end longitude does",
        ));
    }
    Ok(frame)
}

/// `propertyName`: which fields are wanted, and whether the shape is.
fn choose(selection: &mut Selection<'_>, given: &Given) -> Result<()> {
    let Some(names) = given.find(&["propertyName"])? else { return Ok(()) };
    let mut only = Vec::new();
    let mut shape = false;
    for name in names.split(',') {
        let name = name.trim().trim_start_matches('(').trim_end_matches(')');
        let name = name.rsplit(['/', ':']).next().unwrap_or(name);
        match name {
            "*" => return Ok(()),
            "geom" if selection.layer.geometry != Geometry::None => shape = true,
            // What GML has of every feature.
            "" | "@gml:id" | "id" | "@id" | "boundedBy" => {}
            _ if selection.layer.field_for(selection.scope, name).is_some() => {
                only.push(name.to_owned());
            }
            _ => {
                let known = selection.layer.fields_for(selection.scope).map(|it| it.0);
                let error = unknown_parameter(name, known);
                let why = match error {
                    crate::error::Error::BadInput { why, .. } => why,
                    other => other.to_string(),
                };
                return Err(Fault::invalid(
                    "propertyName",
                    format!("`{}`: {why}", shortened(name)),
                ));
            }
        }
    }
    selection.only = Some(only);
    if !shape {
        selection.encoding = Encoding::Without;
    }
    Ok(())
}

/// Whatever the order, the id decides between equals, so pages neither repeat nor skip a row.
fn sort(selection: &mut Selection<'_>, given: &Given) -> Result<()> {
    let Some(text) = given.find(&["sortBy"])? else { return Ok(()) };
    let sorted = selection.sort_in_words("sortBy", text, |name| {
        let own = name.rsplit([':', '/']).next().unwrap_or(name);
        if ["@gml:id", "gml:id", "@id", "fid"].contains(&name) { "id" } else { own }.to_owned()
    });
    Ok(sorted?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_have_many_names() {
        for name in [
            "application/gml+xml; version=3.2",
            "application/gml xml;version=3.2",
            "text/xml;subtype=\"gml/3.2\"",
            "GML32",
        ] {
            assert_eq!(Output::parse(name), Some(Output::Gml), "{name}");
        }
        assert_eq!(Output::parse("application/json"), Some(Output::GeoJson));
        assert_eq!(Output::parse("shape-zip"), None);
    }

    #[test]
    fn a_box_follows_the_axes_of_its_name() {
        let edges = |text: &str| {
            frame(text)
                .map(|it| it.edges.map(|it| it.to_string()))
                .map_err(|it| it.error.to_string())
        };
        let north_first = ["31", "121", "32", "122"].map(ToOwned::to_owned);
        assert_eq!(edges("31,121,32,122").unwrap(), north_first);
        assert_eq!(edges("121,31,122,32,EPSG:4490").unwrap(), north_first);
        assert_eq!(edges("31,121,32,122,urn:ogc:def:crs:EPSG::4490").unwrap(), north_first);
        assert_eq!(edges("1,2,3,4,EPSG:3857").unwrap(), ["1", "2", "3", "4"]);
        assert!(edges("121,31,122,32").unwrap_err().contains("EPSG:4490"));
        for wrong in ["", "1,2,3", "1,2,3,4,EPSG:2154", "2,2,1,1", "a,b,c,d", "1,2,3,4,5,6,7,8"] {
            assert!(edges(wrong).is_err(), "{wrong}");
        }
    }
}
