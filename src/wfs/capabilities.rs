//! `GetCapabilities`: what there is for this caller, and exactly what is understood.

use crate::catalog::queries::State;
use crate::crs::Crs;
use crate::layer::Geometry;
use crate::layer::Layer;
use crate::layer::Text;
use crate::ogc::link::with_query;

use super::COUNT_MAX;
use super::NAMESPACE;
use super::PREFIX;
use super::VERSION;
use super::fes;
use super::request::Output;
use super::request::RESOLVE;
use super::srs::Srs;
use super::xml::escaped;

/// Operations with their parameters.
const OPERATIONS: [&str; 6] = [
    "GetCapabilities",
    "DescribeFeatureType",
    "GetFeature",
    "GetPropertyValue",
    "ListStoredQueries",
    "DescribeStoredQueries",
];

const SERVICE_CONSTRAINTS: [(&str, &str); 17] = [
    ("ImplementsBasicWFS", "TRUE"),
    ("ImplementsTransactionalWFS", "FALSE"),
    ("ImplementsLockingWFS", "FALSE"),
    ("KVPEncoding", "TRUE"),
    ("XMLEncoding", "TRUE"),
    ("SOAPEncoding", "FALSE"),
    ("ImplementsInheritance", "FALSE"),
    ("ImplementsRemoteResolve", "FALSE"),
    ("ImplementsResultPaging", "TRUE"),
    ("ImplementsStandardJoins", "FALSE"),
    ("ImplementsSpatialJoins", "FALSE"),
    ("ImplementsTemporalJoins", "FALSE"),
    ("ImplementsFeatureVersioning", "FALSE"),
    ("ManageStoredQueries", "FALSE"),
    ("PagingIsTransactionSafe", "FALSE"),
    ("ImplementsSimpleWFS", "TRUE"),
    ("QueryExpressions", "wfs:Query wfs:StoredQuery"),
];

const FILTER_CONSTRAINTS: [(&str, &str); 14] = [
    ("ImplementsQuery", "TRUE"),
    ("ImplementsAdHocQuery", "TRUE"),
    ("ImplementsFunctions", "FALSE"),
    ("ImplementsResourceId", "TRUE"),
    ("ImplementsMinStandardFilter", "TRUE"),
    ("ImplementsStandardFilter", "TRUE"),
    ("ImplementsMinSpatialFilter", "TRUE"),
    ("ImplementsSpatialFilter", "TRUE"),
    ("ImplementsMinTemporalFilter", "TRUE"),
    ("ImplementsTemporalFilter", "TRUE"),
    ("ImplementsVersionNav", "FALSE"),
    ("ImplementsSorting", "TRUE"),
    ("ImplementsExtendedOperators", "FALSE"),
    ("ImplementsMinimumXPath", "TRUE"),
];

const GEOMETRIES: [&str; 11] = [
    "Envelope",
    "Point",
    "LineString",
    "Curve",
    "Polygon",
    "Surface",
    "MultiPoint",
    "MultiCurve",
    "MultiLineString",
    "MultiSurface",
    "MultiPolygon",
];

/// The document; `base` is the address of `/wfs`.
pub fn document(base: &str, title: &Text, layers: &[&Layer], states: &[State]) -> String {
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<wfs:WFS_Capabilities version=\"{VERSION}\" \
         xmlns:wfs=\"http://www.opengis.net/wfs/2.0\" xmlns:ows=\"http://www.opengis.net/ows/1.1\" \
         xmlns:fes=\"http://www.opengis.net/fes/2.0\" xmlns:gml=\"http://www.opengis.net/gml/3.2\" \
         xmlns:xlink=\"http://www.w3.org/1999/xlink\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
         xmlns:{PREFIX}=\"{NAMESPACE}\" \
         xsi:schemaLocation=\"http://www.opengis.net/wfs/2.0 http://schemas.opengis.net/wfs/2.0/wfs.xsd\">\n"
    );
    let name = escaped(&format!("{} / {}", title.zh, title.en));
    out += &format!(
        "<ows:ServiceIdentification><ows:Title>{name}</ows:Title>\
         <ows:Abstract>亩图的图层 / The layers of Mutu</ows:Abstract><ows:ServiceType>WFS</ows:ServiceType>\
         <ows:ServiceTypeVersion>{VERSION}</ows:ServiceTypeVersion><ows:Fees>NONE</ows:Fees>\
         <ows:AccessConstraints>NONE</ows:AccessConstraints></ows:ServiceIdentification>\n\
         <ows:ServiceProvider><ows:ProviderName>{name}</ows:ProviderName><ows:ServiceContact/></ows:ServiceProvider>\n"
    );
    out += &operations(base);
    out += "<wfs:FeatureTypeList>\n";
    for layer in layers {
        let state = states.iter().find(|it| it.layer == layer.id);
        out += &feature_type(base, layer, state.and_then(|it| it.extent.as_deref()));
    }
    out += "</wfs:FeatureTypeList>\n";
    out += &filters();
    out += "</wfs:WFS_Capabilities>\n";
    out
}

fn parameter(name: &str, values: &[&str]) -> String {
    let values: String =
        values.iter().map(|it| format!("<ows:Value>{}</ows:Value>", escaped(it))).collect();
    format!(
        "<ows:Parameter name=\"{name}\"><ows:AllowedValues>{values}</ows:AllowedValues></ows:Parameter>"
    )
}

fn constraint(name: &str, default: &str, namespace: &str) -> String {
    format!(
        "<{namespace}:Constraint name=\"{name}\"><ows:NoValues/><ows:DefaultValue>{default}</ows:DefaultValue></{namespace}:Constraint>"
    )
}

fn operations(base: &str) -> String {
    let base = escaped(base);
    let mut out = "<ows:OperationsMetadata>\n".to_owned();
    let formats: Vec<&str> = Output::GML_NAMES.into_iter().chain(Output::JSON_NAMES).collect();
    for name in OPERATIONS {
        out += &format!(
            "<ows:Operation name=\"{name}\"><ows:DCP><ows:HTTP><ows:Get xlink:href=\"{base}\"/><ows:Post xlink:href=\"{base}\"/></ows:HTTP></ows:DCP>"
        );
        match name {
            "GetCapabilities" => {
                out += &parameter("AcceptVersions", &[VERSION]);
                out += &parameter("AcceptFormats", &["text/xml"]);
            }
            "DescribeFeatureType" => out += &parameter("outputFormat", &Output::GML_NAMES),
            "GetFeature" => {
                out += &parameter("resultType", &["results", "hits"]);
                out += &parameter("outputFormat", &formats);
                out += &parameter("resolve", &RESOLVE);
                out += &constraint("CountDefault", &COUNT_MAX.to_string(), "ows");
            }
            "GetPropertyValue" => out += &parameter("resolve", &RESOLVE),
            _ => {}
        }
        out += "</ows:Operation>\n";
    }
    out += &parameter("version", &[VERSION]);
    for (name, default) in SERVICE_CONSTRAINTS {
        if name == "QueryExpressions" {
            let values: String =
                default.split(' ').map(|it| format!("<ows:Value>{it}</ows:Value>")).collect();
            out += &format!(
                "<ows:Constraint name=\"{name}\"><ows:AllowedValues>{values}</ows:AllowedValues></ows:Constraint>"
            );
            continue;
        }
        out += &constraint(name, default, "ows");
    }
    out += "\n</ows:OperationsMetadata>\n";
    out
}

fn feature_type(base: &str, layer: &Layer, extent: Option<&[f64]>) -> String {
    let id = &layer.id;
    let mut out = format!(
        "<wfs:FeatureType><wfs:Name>{PREFIX}:{id}</wfs:Name><wfs:Title>{}</wfs:Title><wfs:Abstract>{}</wfs:Abstract>",
        escaped(&layer.title.zh),
        escaped(&format!("{} / {}: {}", layer.about.zh, layer.title.en, layer.about.en)),
    );
    if layer.geometry == Geometry::None {
        out += "<wfs:NoCRS/>";
    } else {
        out += &format!("<wfs:DefaultCRS>{}</wfs:DefaultCRS>", Srs::stored().name);
        for crs in Crs::all().filter(|it| *it != Crs::STORED) {
            out += &format!("<wfs:OtherCRS>{}</wfs:OtherCRS>", Srs::urn(crs).name);
        }
    }
    if let Some([west, south, east, north]) = extent.filter(|_| layer.geometry != Geometry::None) {
        out += &format!(
            "<ows:WGS84BoundingBox><ows:LowerCorner>{west} {south}</ows:LowerCorner><ows:UpperCorner>{east} {north}</ows:UpperCorner></ows:WGS84BoundingBox>"
        );
    }
    let about = format!("{}/ogc/collections/{id}", base.trim_end_matches("/wfs"));
    let about = with_query(&about, [("f", "html")]);
    out += &format!("<wfs:MetadataURL xlink:href=\"{}\"/></wfs:FeatureType>\n", escaped(&about));
    out
}

fn filters() -> String {
    let mut out = "<fes:Filter_Capabilities><fes:Conformance>".to_owned();
    for (name, default) in FILTER_CONSTRAINTS {
        out += &constraint(name, default, "fes");
    }
    out += "</fes:Conformance>\n<fes:Id_Capabilities><fes:ResourceIdentifier name=\"fes:ResourceId\"/></fes:Id_Capabilities>\n\
            <fes:Scalar_Capabilities><fes:LogicalOperators/><fes:ComparisonOperators>";
    for name in fes::COMPARISONS.iter().map(|it| it.0).chain(fes::TESTS) {
        out += &format!("<fes:ComparisonOperator name=\"{name}\"/>");
    }
    out += "</fes:ComparisonOperators></fes:Scalar_Capabilities>\n<fes:Spatial_Capabilities><fes:GeometryOperands>";
    for name in GEOMETRIES {
        out += &format!("<fes:GeometryOperand name=\"gml:{name}\"/>");
    }
    out += "</fes:GeometryOperands><fes:SpatialOperators>";
    for (name, _) in fes::SPATIAL {
        out += &format!("<fes:SpatialOperator name=\"{name}\"/>");
    }
    out += "</fes:SpatialOperators></fes:Spatial_Capabilities><fes:Temporal_Capabilities><fes:TemporalOperands>";
    for name in fes::TIMES {
        out += &format!("<fes:TemporalOperand name=\"gml:{name}\"/>");
    }
    out += "</fes:TemporalOperands><fes:TemporalOperators>";
    for (name, _) in fes::TEMPORAL {
        out += &format!("<fes:TemporalOperator name=\"{name}\"/>");
    }
    out += "</fes:TemporalOperators></fes:Temporal_Capabilities></fes:Filter_Capabilities>\n";
    out
}
