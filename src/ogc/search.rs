//! A query as a document, for what is too long for an address: the members of a body are the parameters of `items`, and mean
//! the same.

use serde_json::Map;
use serde_json::Value;

use crate::error::Error;
use crate::error::Result;

/// The members as parameters. Lists are joined by commas; a filter that is no text is CQL2 JSON.
pub fn parameters(body: Map<String, Value>) -> Result<Vec<(String, String)>> {
    let mut given = Vec::with_capacity(body.len() + 1);
    let says_language = body.contains_key("filter-lang");
    for (name, value) in body {
        let text = match value {
            Value::String(it) => it,
            Value::Number(it) => it.to_string(),
            Value::Object(_) | Value::Bool(_) if name == "filter" => {
                if !says_language {
                    given.push(("filter-lang".to_owned(), "cql2-json".to_owned()));
                }
                value.to_string()
            }
            Value::Bool(it) => it.to_string(),
            Value::Array(parts) => listed(&name, &parts)?,
            Value::Null | Value::Object(_) => {
                return Err(Error::parameter(
                    &crate::export::shortened(&name),
                    "应为文本、数字或列表 / a text, a number or a list",
                ));
            }
        };
        given.push((name, text));
    }
    Ok(given)
}

fn listed(name: &str, parts: &[Value]) -> Result<String> {
    let texts = parts.iter().map(|it| match it {
        Value::String(it) if !it.contains(',') => Ok(it.clone()),
        Value::Number(it) => Ok(it.to_string()),
        _ => Err(Error::parameter(
            &crate::export::shortened(name),
            "列表中应为不含逗号的文本或数字 / a list holds numbers, or texts without commas",
        )),
    });
    Ok(texts.collect::<Result<Vec<String>>>()?.join(","))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(body: &Value) -> Result<Vec<(String, String)>> {
        let mut given = parameters(body.as_object().unwrap().clone())?;
        given.sort();
        Ok(given)
    }

    #[test]
    fn members_are_parameters() {
        let body = json!({
            "filter": true,
            "bbox": [121, 31.5, 122, 32],
            "sortby": ["-area_mu", "name"],
            "limit": 5,
        });
        let wanted = [
            ("bbox", "121,31.5,122,32"),
            ("filter", "true"),
            ("filter-lang", "cql2-json"),
            ("limit", "5"),
            ("sortby", "-area_mu,name"),
        ];
        let given = of(&body).unwrap();
        assert!(given.iter().map(|it| (it.0.as_str(), it.1.as_str())).eq(wanted), "{given:?}");
        assert_eq!(of(&json!({"filter": "id = 1"})).unwrap()[0].1, "id = 1");
    }

    #[test]
    fn what_is_no_parameter_is_named() {
        for wrong in [json!({"limit": null}), json!({"bbox": {}}), json!({"sortby": ["a,b"]})] {
            let told = of(&wrong).unwrap_err().to_string();
            assert!(told.contains(wrong.as_object().unwrap().keys().next().unwrap()), "{told}");
        }
    }
}
