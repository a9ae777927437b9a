//! `GetCapabilities`: what there is for this caller, and exactly what is understood.

use crate::catalog::queries::State;
use crate::crs::Crs;
use crate::layer::Geometry;
use crate::layer::Layer;
use crate::layer::Text;
use crate::ogc::link::with_query;
use crate::render::Plane;
use crate::render::svg::escaped;

use super::MAX_LAYERS;
use super::MAX_SIDE;
use super::PNG;
use super::VERSION;
use super::info;
use super::request::names;

/// The size of a pixel that scales are said for (06-042 §7.2.4.6.9), in metres.
const PIXEL: f64 = 0.000_28;
/// The N of 1:N at zoom 0, whose pixels are those of tiles 512 wide.
const SCALE_0: f64 = 40_075_016.685_578_49 / 512.0 / PIXEL;

/// The document; `base` is the address of `/wms`, `district` west, south, east, north of the installation.
pub fn document(
    base: &str,
    title: &Text,
    layers: &[&Layer],
    states: &[State],
    district: [f64; 4],
) -> String {
    let name = escaped(&format!("{} / {}", title.zh, title.en));
    let href = escaped(base);
    // A prefix of addresses ends where parameters begin (06-042 §6.3.3).
    let link = format!("<OnlineResource xlink:type=\"simple\" xlink:href=\"{href}?\"/>");
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<WMS_Capabilities version=\"{VERSION}\" \
         xmlns=\"http://www.opengis.net/wms\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
         xsi:schemaLocation=\"http://www.opengis.net/wms http://schemas.opengis.net/wms/1.3.0/capabilities_1_3_0.xsd\">\n\
         <Service><Name>WMS</Name><Title>{name}</Title><Abstract>亩图的图层 / The layers of Mutu</Abstract>{link}\
         <Fees>none</Fees><AccessConstraints>none</AccessConstraints><LayerLimit>{MAX_LAYERS}</LayerLimit>\
         <MaxWidth>{MAX_SIDE}</MaxWidth><MaxHeight>{MAX_SIDE}</MaxHeight></Service>\n<Capability><Request>\n"
    );
    let http = format!("<DCPType><HTTP><Get>{link}</Get></HTTP></DCPType>");
    for (operation, formats) in [
        ("GetCapabilities", &["text/xml"][..]),
        ("GetMap", &[PNG]),
        ("GetFeatureInfo", &info::FORMATS),
    ] {
        let formats: String = formats.iter().map(|it| format!("<Format>{it}</Format>")).collect();
        out += &format!("<{operation}>{formats}{http}</{operation}>\n");
    }
    out += "</Request><Exception><Format>XML</Format></Exception>\n";
    out += &format!("<Layer><Title>{name}</Title>");
    out.extend(names().map(|it| format!("<CRS>{it}</CRS>")));
    out += &extent(district);
    out.push('\n');
    for layer in layers {
        let state = states.iter().find(|it| it.layer == layer.id);
        let known = state.and_then(|it| it.extent.as_deref()?.try_into().ok());
        out += &one(base, layer, known.unwrap_or(district));
    }
    out += "</Layer></Capability></WMS_Capabilities>\n";
    out
}

/// A layer's extent in the systems that clients ask for first.
fn extent([west, south, east, north]: [f64; 4]) -> String {
    let mut out = format!(
        "<EX_GeographicBoundingBox><westBoundLongitude>{west}</westBoundLongitude><eastBoundLongitude>{east}</eastBoundLongitude>\
         <southBoundLatitude>{south}</southBoundLatitude><northBoundLatitude>{north}</northBoundLatitude></EX_GeographicBoundingBox>"
    );
    for (crs, name) in [
        (Crs::Crs84, "CRS:84"),
        (Crs::STORED, "EPSG:4490"),
        (Crs::Epsg(4326), "EPSG:4326"),
        (Crs::Epsg(3857), "EPSG:3857"),
    ] {
        let plane = Plane::of(crs);
        let (low, high) = (plane.from_degrees(west, south), plane.from_degrees(east, north));
        let turned = |it: (f64, f64)| if crs.is_north_first() { (it.1, it.0) } else { it };
        let (low, high) = (turned(low), turned(high));
        out += &format!(
            "<BoundingBox CRS=\"{name}\" minx=\"{}\" miny=\"{}\" maxx=\"{}\" maxy=\"{}\"/>",
            low.0, low.1, high.0, high.1
        );
    }
    out
}

fn one(base: &str, layer: &Layer, bounds: [f64; 4]) -> String {
    let id = &layer.id;
    let legend = legend_address(base, id);
    let about = format!("{} / {}: {}", layer.about.zh, layer.title.en, layer.about.en);
    let scale = SCALE_0 / f64::from(1_u32 << layer.zooms.min.min(22));
    format!(
        "<Layer queryable=\"1\"><Name>{id}</Name><Title>{}</Title><Abstract>{}</Abstract>{}\
         <Style><Name>default</Name><Title>{}</Title><LegendURL><Format>{PNG}</Format>\
         <OnlineResource xlink:type=\"simple\" xlink:href=\"{}\"/></LegendURL></Style>\
         <MaxScaleDenominator>{scale}</MaxScaleDenominator></Layer>\n",
        escaped(&layer.title.zh),
        escaped(&about),
        extent(bounds),
        escaped(&layer.title.zh),
        escaped(&legend),
    )
}

/// Where a layer's legend is.
pub fn legend_address(base: &str, layer: &str) -> String {
    let query = [
        ("service", "WMS"),
        ("version", VERSION),
        ("request", "GetLegendGraphic"),
        ("layer", layer),
        ("format", PNG),
    ];
    with_query(base, query)
}

/// Layers that are drawn and that the caller may read.
pub fn drawn<'a>(layers: impl Iterator<Item = &'a Layer>) -> Vec<&'a Layer> {
    layers.filter(|it| it.geometry != Geometry::None).collect()
}
