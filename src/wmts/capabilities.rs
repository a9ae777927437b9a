//! `GetCapabilities`: the layers for this caller, and the grids that their tiles are cut by.

use crate::catalog::queries::State;
use crate::layer::Layer;
use crate::layer::Text;
use crate::ogc::tiles::definition;
use crate::render::svg::escaped;
use crate::tile::Grid;
use crate::wms;
use crate::wms::PNG;

use super::VERSION;

/// Grids with the name of their reference system and of the scales that are well known.
const GRIDS: [(Grid, &str, &str); 2] = [
    (
        Grid::WebMercatorQuad,
        "urn:ogc:def:crs:EPSG::3857",
        "<WellKnownScaleSet>urn:ogc:def:wkss:OGC:1.0:GoogleMapsCompatible</WellKnownScaleSet>",
    ),
    (Grid::CGCS2000Quad, "urn:ogc:def:crs:EPSG::4490", ""),
];

/// The document; `url` is the address of the service, `district` west, south, east, north of the installation.
pub fn document(
    url: &str,
    title: &Text,
    layers: &[&Layer],
    states: &[State],
    district: [f64; 4],
) -> String {
    let name = escaped(&format!("{} / {}", title.zh, title.en));
    let base = escaped(&format!("{url}/wmts"));
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Capabilities version=\"{VERSION}\" \
         xmlns=\"http://www.opengis.net/wmts/1.0\" xmlns:ows=\"http://www.opengis.net/ows/1.1\" \
         xmlns:xlink=\"http://www.w3.org/1999/xlink\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
         xsi:schemaLocation=\"http://www.opengis.net/wmts/1.0 http://schemas.opengis.net/wmts/1.0/wmtsGetCapabilities_response.xsd\">\n\
         <ows:ServiceIdentification><ows:Title>{name}</ows:Title><ows:ServiceType>OGC WMTS</ows:ServiceType>\
         <ows:ServiceTypeVersion>{VERSION}</ows:ServiceTypeVersion><ows:Fees>none</ows:Fees>\
         <ows:AccessConstraints>none</ows:AccessConstraints></ows:ServiceIdentification>\n<ows:OperationsMetadata>\n"
    );
    for operation in ["GetCapabilities", "GetTile", "GetFeatureInfo"] {
        out += &format!(
            "<ows:Operation name=\"{operation}\"><ows:DCP><ows:HTTP><ows:Get xlink:href=\"{base}?\">\
             <ows:Constraint name=\"GetEncoding\"><ows:AllowedValues><ows:Value>KVP</ows:Value></ows:AllowedValues>\
             </ows:Constraint></ows:Get></ows:HTTP></ows:DCP></ows:Operation>\n"
        );
    }
    out += "</ows:OperationsMetadata>\n<Contents>\n";
    for layer in layers {
        let state = states.iter().find(|it| it.layer == layer.id);
        let known = state.and_then(|it| it.extent.as_deref()?.try_into().ok());
        out += &one(url, layer, known.unwrap_or(district));
    }
    for (grid, crs, scales) in GRIDS {
        out += &matrices(grid, crs, scales);
    }
    out += &format!(
        "</Contents>\n<ServiceMetadataURL xlink:href=\"{base}/{VERSION}/WMTSCapabilities.xml\"/>\n</Capabilities>\n"
    );
    out
}

fn one(url: &str, layer: &Layer, [west, south, east, north]: [f64; 4]) -> String {
    let id = &layer.id;
    let about = format!("{} / {}: {}", layer.about.zh, layer.title.en, layer.about.en);
    let legend = escaped(&wms::legend_address(&format!("{url}/wms"), id));
    let template = escaped(&format!(
        "{url}/wmts/{id}/{{TileMatrixSet}}/{{TileMatrix}}/{{TileRow}}/{{TileCol}}.png"
    ));
    let formats: String =
        wms::info::FORMATS.iter().map(|it| format!("<InfoFormat>{it}</InfoFormat>")).collect();
    let grids: String = GRIDS
        .iter()
        .map(|it| {
            format!(
                "<TileMatrixSetLink><TileMatrixSet>{}</TileMatrixSet></TileMatrixSetLink>",
                it.0.id()
            )
        })
        .collect();
    format!(
        "<Layer><ows:Title>{}</ows:Title><ows:Abstract>{}</ows:Abstract><ows:WGS84BoundingBox>\
         <ows:LowerCorner>{west} {south}</ows:LowerCorner><ows:UpperCorner>{east} {north}</ows:UpperCorner>\
         </ows:WGS84BoundingBox><ows:Identifier>{id}</ows:Identifier><Style isDefault=\"true\">\
         <ows:Identifier>default</ows:Identifier><LegendURL format=\"{PNG}\" xlink:href=\"{legend}\"/></Style>\
         <Format>{PNG}</Format>{formats}{grids}\
         <ResourceURL format=\"{PNG}\" resourceType=\"tile\" template=\"{template}\"/></Layer>\n",
        escaped(&layer.title.zh),
        escaped(&about),
    )
}

/// A grid as OGC API Tiles describes it, in the words of WMTS.
fn matrices(grid: Grid, crs: &str, scales: &str) -> String {
    let it = definition(grid);
    let mut out = format!(
        "<TileMatrixSet><ows:Identifier>{}</ows:Identifier><ows:SupportedCRS>{crs}</ows:SupportedCRS>{scales}\n",
        grid.id()
    );
    for one in it["tileMatrices"].as_array().into_iter().flatten() {
        let number = |name: &str| one[name].as_f64().unwrap_or_default();
        let corner = |nth: usize| one["pointOfOrigin"][nth].as_f64().unwrap_or_default();
        let level = one["id"].as_str().unwrap_or_default();
        out += &format!(
            "<TileMatrix><ows:Identifier>{level}</ows:Identifier><ScaleDenominator>{}</ScaleDenominator>\
             <TopLeftCorner>{} {}</TopLeftCorner><TileWidth>{}</TileWidth><TileHeight>{}</TileHeight>\
             <MatrixWidth>{}</MatrixWidth><MatrixHeight>{}</MatrixHeight></TileMatrix>\n",
            number("scaleDenominator"),
            corner(0),
            corner(1),
            number("tileWidth"),
            number("tileHeight"),
            number("matrixWidth"),
            number("matrixHeight"),
        );
    }
    out + "</TileMatrixSet>\n"
}
