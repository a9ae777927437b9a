//! The one stored query that the standard asks of every server: a feature by its id.

use crate::layer::Layer;

use super::NAMESPACE;
use super::PREFIX;
use super::fault::Fault;
use super::fault::Result;

/// Its name.
pub const BY_ID: &str = "urn:ogc:def:query:OGC-WFS::GetFeatureById";

/// Its name in 2.0.2, which newer clients use.
const BY_ID_2_0_2: &str = "http://www.opengis.net/def/query/OGC-WFS/0/GetFeatureById";

/// That there are no others than this one among those names.
pub fn check(names: &str) -> Result<()> {
    if names.split(',').all(|it| [BY_ID, BY_ID_2_0_2].contains(&it.trim())) {
        return Ok(());
    }
    Err(Fault::invalid("storedQuery_Id", format!("只有 / there is only: {BY_ID}")))
}

const TITLE: &str = "按 id 取要素 / A feature by its id";

fn head(element: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<wfs:{element} xmlns:wfs=\"http://www.opengis.net/wfs/2.0\" \
         xmlns:{PREFIX}=\"{NAMESPACE}\" xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\">\n"
    )
}

/// `ListStoredQueries`.
pub fn list(layers: &[&Layer]) -> String {
    let types = layers
        .iter()
        .map(|it| format!("<wfs:ReturnFeatureType>{PREFIX}:{}</wfs:ReturnFeatureType>", it.id));
    format!(
        "{}<wfs:StoredQuery id=\"{BY_ID}\"><wfs:Title>{TITLE}</wfs:Title>{}</wfs:StoredQuery>\n</wfs:ListStoredQueriesResponse>\n",
        head("ListStoredQueriesResponse"),
        types.collect::<String>(),
    )
}

/// `DescribeStoredQueries`.
pub fn describe(layers: &[&Layer]) -> String {
    let types: Vec<String> = layers.iter().map(|it| format!("{PREFIX}:{}", it.id)).collect();
    format!(
        "{}<wfs:StoredQueryDescription id=\"{BY_ID}\"><wfs:Title>{TITLE}</wfs:Title>\
         <wfs:Parameter name=\"ID\" type=\"xsd:string\"/>\
         <wfs:QueryExpressionText returnFeatureTypes=\"{}\" language=\"urn:ogc:def:queryLanguage:OGC-WFS::WFS_QueryExpression\" \
         isPrivate=\"true\"/></wfs:StoredQueryDescription>\n</wfs:DescribeStoredQueriesResponse>\n",
        head("DescribeStoredQueriesResponse"),
        types.join(" "),
    )
}
