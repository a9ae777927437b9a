//! A request as XML, as the same parameters that stand in an address. A filter is taken over as it is written.

use crate::extract::Given;

use super::fault::Fault;
use super::fault::Result;
use super::xml;
use super::xml::Element;

/// Attributes of a request, and of its query, that are parameters of the same name.
const ATTRIBUTES: [&str; 13] = [
    "service",
    "version",
    "outputFormat",
    "resultType",
    "count",
    "maxFeatures",
    "startIndex",
    "typeNames",
    "typeName",
    "srsName",
    "AcceptVersions",
    "valueReference",
    "resolve",
];

/// Reads the body.
pub fn read(text: &str) -> Result<Given> {
    let root = xml::read(text).map_err(|it| Fault::unreadable("body", it))?;
    let mut pairs = vec![("request".to_owned(), root.name.clone())];
    attributes(&root, &mut pairs);
    let (mut names, mut stored) = (Vec::new(), Vec::new());
    let mut queries = 0;
    for child in &root.children {
        match child.name.as_str() {
            "TypeName" => names.push(child.text.trim().to_owned()),
            "StoredQueryId" => stored.push(child.text.trim().to_owned()),
            "AcceptVersions" => {
                let versions: Vec<&str> = child.children.iter().map(|it| it.text.trim()).collect();
                pairs.push(("AcceptVersions".to_owned(), versions.join(",")));
            }
            "Query" => {
                queries += 1;
                query(child, text, &mut pairs);
            }
            "StoredQuery" => {
                queries += 1;
                let id = child.attribute("id").unwrap_or_default();
                pairs.push(("storedQuery_Id".to_owned(), id.to_owned()));
                for parameter in &child.children {
                    let name = parameter.attribute("name").unwrap_or_default();
                    pairs.push((name.to_owned(), parameter.text.trim().to_owned()));
                }
            }
            _ => {}
        }
    }
    if queries > 1 {
        return Err(Fault::unsupported("Query", "每次一个查询 / one query at a time"));
    }
    if !names.is_empty() {
        pairs.push(("typeNames".to_owned(), names.join(",")));
    }
    if !stored.is_empty() {
        pairs.push(("storedQuery_Id".to_owned(), stored.join(",")));
    }
    Ok(Given(pairs))
}

fn attributes(of: &Element, pairs: &mut Vec<(String, String)>) {
    for name in ATTRIBUTES {
        if let Some(it) = of.attribute(name) {
            pairs.push((name.to_owned(), it.trim().to_owned()));
        }
    }
}

fn query(query: &Element, text: &str, pairs: &mut Vec<(String, String)>) {
    attributes(query, pairs);
    let mut properties = Vec::new();
    for child in &query.children {
        match child.name.as_str() {
            "PropertyName" => properties.push(child.text.trim().to_owned()),
            "Filter" => {
                let filter = text.get(child.at.clone()).unwrap_or_default();
                pairs.push(("filter".to_owned(), filter.to_owned()));
            }
            "SortBy" => {
                let keys = child.children.iter().map(|it| {
                    let part = |name| it.child(name).map_or("", |it| it.text.trim());
                    format!("{} {}", part("ValueReference"), part("SortOrder")).trim().to_owned()
                });
                pairs.push(("sortBy".to_owned(), keys.collect::<Vec<_>>().join(",")));
            }
            _ => {}
        }
    }
    if !properties.is_empty() {
        pairs.push(("propertyName".to_owned(), properties.join(",")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_becomes_parameters() {
        let filter = "<fes:Filter><fes:ResourceId rid='parcels.1'/></fes:Filter>";
        let body = format!(
            "<wfs:GetFeature service='WFS' version='2.0.0' count='5' xmlns:wfs='a' xmlns:fes='b'>\
             <wfs:Query typeNames='mutu:parcels' srsName='EPSG:4549'><wfs:PropertyName>name</wfs:PropertyName>{filter}</wfs:Query></wfs:GetFeature>"
        );
        let it = read(&body).unwrap();
        for (name, value) in [
            ("request", "GetFeature"),
            ("count", "5"),
            ("typeNames", "mutu:parcels"),
            ("srsName", "EPSG:4549"),
            ("propertyName", "name"),
            ("filter", filter),
        ] {
            assert_eq!(it.find(&[name]).unwrap(), Some(value), "{name}");
        }
        assert!(read("<GetFeature><Query/><Query/></GetFeature>").is_err());
        assert!(read("GetFeature").is_err());
    }
}
