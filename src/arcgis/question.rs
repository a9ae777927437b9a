//! What a client asks a layer for.

use crate::access::Scope;
use crate::cql::Expr;
use crate::cql::Kind;
use crate::cql::MAX_LIST;
use crate::cql::Span;
use crate::cql::functions;
use crate::crs::Crs;
use crate::error::Error;
use crate::error::Result;
use crate::export::Encoding;
use crate::export::Selection;
use crate::export::shortened;
use crate::export::unknown_parameter;
use crate::extract::Given;
use crate::layer::Geometry;
use crate::layer::Layer;
use crate::ogc::OFFSET_MAX;

use super::RECORDS_MAX;
use super::condition;
use super::shape;
use super::spatial_reference;

/// What an answer is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Esri,
    GeoJson,
    /// Esri's protocol buffer.
    Buffer,
}

/// What of the features is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    Features,
    Count,
    /// How many, and the box around them.
    Extent,
    Ids,
}

/// A query that somebody asked.
#[derive(Debug)]
pub struct Question<'a> {
    pub selection: Selection<'a>,
    pub form: Form,
    pub wanted: Wanted,
    /// What coordinates are written in.
    pub crs: Crs,
    /// Features at most.
    pub limit: i64,
}

/// Parameters that would change the answer, and are not supported.
const REFUSED: [(&str, &str); 2] = [("distance", "0"), ("historicMoment", "")];

/// Relations by Esri's names, and the function of CQL2 that each is of the feature to the query's geometry. Esri's say how
/// the query's geometry stands to the feature.
const RELATIONS: [(&str, &str); 7] = [
    ("esriSpatialRelIntersects", "S_INTERSECTS"),
    // What an index finds is more than what intersects; the exact answer is one of those it may be.
    ("esriSpatialRelIndexIntersects", "S_INTERSECTS"),
    ("esriSpatialRelContains", "S_WITHIN"),
    ("esriSpatialRelWithin", "S_CONTAINS"),
    ("esriSpatialRelTouches", "S_TOUCHES"),
    ("esriSpatialRelCrosses", "S_CROSSES"),
    ("esriSpatialRelOverlaps", "S_OVERLAPS"),
];

fn new(kind: Kind) -> Expr {
    Expr::new(kind, Span::default())
}

impl<'a> Question<'a> {
    pub fn parse(scope: &'a Scope, layer: &'a Layer, given: &Given) -> Result<Self> {
        for (name, harmless) in REFUSED {
            if given.find(&[name])?.is_some_and(|it| !it.eq_ignore_ascii_case(harmless)) {
                return Err(Error::parameter(name, "不支持 / this is not supported here"));
            }
        }
        let form = match given.find(&["f"])?.map(str::to_ascii_lowercase).as_deref() {
            None | Some("json" | "pjson" | "html") => Form::Esri,
            Some("geojson") => Form::GeoJson,
            Some("pbf") => Form::Buffer,
            Some(_) => return Err(Error::parameter("f", "json, pjson, geojson, pbf")),
        };
        let mut selection = Selection::new(layer, scope);
        if let Some(text) = given.find(&["where"])? {
            let read = condition::compile(text, &selection.filter_fields());
            if let Some(expr) = read.map_err(|it| Error::parameter("where", it))? {
                selection.narrow_by("where", expr)?;
            }
        }
        if let Some(text) = given.find(&["objectIds"])? {
            selection.narrow_by("objectIds", ids(text)?)?;
        }
        place(&mut selection, given)?;
        selection.only = Some(fields(&selection, given.find(&["outFields"])?)?);
        sort(&mut selection, given)?;
        let default = if form == Form::GeoJson { Crs::Epsg(4326) } else { Crs::STORED };
        let crs = system(given, "outSR")?.unwrap_or(default);
        let is = |name: &str| flag(given, name, false);
        let wanted = match (is("returnExtentOnly")?, is("returnCountOnly")?, is("returnIdsOnly")?) {
            (true, ..) => Wanted::Extent,
            (_, true, _) => Wanted::Count,
            (.., true) => Wanted::Ids,
            _ => Wanted::Features,
        };
        let shapeless = layer.geometry == Geometry::None
            || wanted != Wanted::Features
            || !flag(given, "returnGeometry", true)?;
        selection.encoding = if shapeless { Encoding::Without } else { Encoding::Wkb(crs.srid()) };
        let limit = given.whole(&["resultRecordCount"])?.unwrap_or(RECORDS_MAX).min(RECORDS_MAX);
        selection.offset = given.whole(&["resultOffset"])?.unwrap_or(0);
        if selection.offset > OFFSET_MAX {
            return Err(Error::parameter(
                "resultOffset",
                format!(
                    "至多 {OFFSET_MAX}，请加筛选条件 / at most {OFFSET_MAX}: narrow the selection"
                ),
            ));
        }
        match wanted {
            // One more, to know whether there is another page.
            Wanted::Features => selection.limit = Some(limit + 1),
            Wanted::Ids => {
                selection.only = Some(Vec::new());
                selection.offset = 0;
            }
            Wanted::Count | Wanted::Extent => selection.offset = 0,
        }
        Ok(Self { selection, form, wanted, crs, limit })
    }
}

pub(super) fn flag(given: &Given, name: &str, default: bool) -> Result<bool> {
    match given.find(&[name])?.map(str::to_ascii_lowercase).as_deref() {
        None => Ok(default),
        Some("true" | "1") => Ok(true),
        Some("false" | "0") => Ok(false),
        Some(_) => Err(Error::parameter(name, "true, false")),
    }
}

fn system(given: &Given, name: &str) -> Result<Option<Crs>> {
    let Some(text) = given.find(&[name])? else { return Ok(None) };
    let read = spatial_reference::parse(text);
    read.map(Some).ok_or_else(|| Error::parameter(name, spatial_reference::known()))
}

/// The numbers of `objectIds`; one more than there may be, where there are more.
pub(super) fn id_list(text: &str) -> Result<Vec<i64>> {
    let list = text.split(',').map(|it| {
        it.trim().parse().map_err(|_| {
            Error::parameter("objectIds", "应为整数，逗号分隔 / whole numbers with commas")
        })
    });
    list.take(MAX_LIST + 1).collect()
}

fn ids(text: &str) -> Result<Expr> {
    let list = id_list(text)?.into_iter().map(|it| new(Kind::Number(it.into()))).collect();
    let value = Box::new(new(Kind::Property("id".to_owned())));
    Ok(new(Kind::In { value, list, negated: false }))
}

/// `geometry` with what goes with it: how features lie to it, in CQL2, and its system.
pub(super) fn shape_of(layer: &Layer, given: &Given) -> Result<Option<(&'static str, Crs, Expr)>> {
    let relation = given.find(&["spatialRel"])?.unwrap_or("esriSpatialRelIntersects");
    let Some((_, function)) = RELATIONS.iter().find(|it| it.0.eq_ignore_ascii_case(relation))
    else {
        let known: Vec<&str> = RELATIONS.iter().map(|it| it.0).collect();
        return Err(Error::parameter(
            "spatialRel",
            format!("应为其中之一 / one of: {}", known.join(", ")),
        ));
    };
    let within = system(given, "inSR")?.unwrap_or(Crs::STORED);
    let Some(text) = given.find(&["geometry"])? else { return Ok(None) };
    if layer.geometry == Geometry::None {
        return Err(Error::parameter("geometry", "此图层没有几何 / this layer has no shapes"));
    }
    let asked = shape::read(text, within).map_err(|it| Error::parameter("geometry", it))?;
    Ok(Some((function, asked.crs.unwrap_or(within), new(asked.shape))))
}

fn place(selection: &mut Selection<'_>, given: &Given) -> Result<()> {
    let Some((function, crs, shape)) = shape_of(selection.layer, given)? else { return Ok(()) };
    let Some(function) = functions::find(function) else { return Ok(()) };
    let geom = new(Kind::Property("geom".to_owned()));
    selection.filter_crs = crs;
    selection.narrow_by("geometry", new(Kind::Call(function, vec![geom, shape])))
}

/// The fields of `outFields`; the id is always there.
fn fields(selection: &Selection<'_>, text: Option<&str>) -> Result<Vec<String>> {
    let known = selection.filter_fields();
    let mut only = Vec::new();
    for name in text.unwrap_or_default().split(',').map(|it| it.trim().trim_matches('"')) {
        let last = name.rsplit('.').next().unwrap_or(name);
        match condition::field(last, &known) {
            _ if name.is_empty() => {}
            _ if name == "*" => {
                return Ok(selection
                    .layer
                    .fields_for(selection.scope)
                    .map(|it| it.0.to_owned())
                    .collect());
            }
            Some(own) => only.push(own.to_owned()),
            None => {
                let names = selection.layer.fields_for(selection.scope).map(|it| it.0);
                let why = match unknown_parameter(last, names) {
                    Error::BadInput { why, .. } => why,
                    other => other.to_string(),
                };
                return Err(Error::parameter("outFields", format!("`{}`: {why}", shortened(last))));
            }
        }
    }
    Ok(only)
}

/// Whatever the order, the id decides between equals, so pages neither repeat nor skip a row.
fn sort(selection: &mut Selection<'_>, given: &Given) -> Result<()> {
    let Some(text) = given.find(&["orderByFields"])? else { return Ok(()) };
    let known = selection.filter_fields();
    selection.sort_in_words("orderByFields", text, |name| {
        condition::field(name, &known).unwrap_or(name).to_owned()
    })
}
