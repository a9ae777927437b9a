//! Every way to ask whether a hidden field of one parcel exceeds a number.

use serde_json::json;

use super::Attacker;
use super::Target;

/// A way to ask whether a hidden field of one parcel exceeds a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    Hits,
    Features,
    Html,
    Tile,
    Csv,
    Count,
    Histogram,
    Arithmetic,
    Negated,
    Null,
    Wfs,
    ArcGis,
    Preview,
}

pub(super) const WAYS: [Way; 13] = [
    Way::Hits,
    Way::Features,
    Way::Html,
    Way::Tile,
    Way::Csv,
    Way::Count,
    Way::Histogram,
    Way::Arithmetic,
    Way::Negated,
    Way::Null,
    Way::Wfs,
    Way::ArcGis,
    Way::Preview,
];

impl Attacker<'_> {
    /// Whether the field of the target exceeds the number, where an answer says so.
    pub(super) async fn exceeds(
        &self,
        way: Way,
        layer: &str,
        field: &str,
        target: &Target,
        than: f64,
    ) -> Option<bool> {
        let code = &target.code;
        let items = format!("/ogc/collections/{layer}/items");
        let filter = match way {
            Way::Arithmetic => {
                format!("parcel_code = '{code}' AND 2 * {field} - {than:.6} > {than:.6}")
            }
            Way::Negated => format!("parcel_code = '{code}' AND NOT ({field} <= {than:.6})"),
            Way::Null => format!(
                "parcel_code = '{code}' AND ({field} > {than:.6}) IS NOT NULL AND {field} > {than:.6}"
            ),
            _ => format!("parcel_code = '{code}' AND {field} > {than:.6}"),
        };
        let filter = filter.as_str();
        match way {
            Way::Hits | Way::Arithmetic | Way::Negated | Way::Null => {
                let it = self.json(&items, &[("filter", filter), ("resultType", "hits")]).await?;
                Some(it["numberMatched"] == 1)
            }
            Way::Features => {
                let it = self.json(&items, &[("filter", filter), ("limit", "1")]).await?;
                Some(!it["features"].as_array().unwrap().is_empty())
            }
            Way::Html => {
                let (status, text) =
                    self.get(&items, &[("filter", filter), ("f", "html"), ("limit", "1")]).await;
                // The page repeats what was asked in its links: a row has the code in a cell.
                (status == 200).then(|| text.contains(&format!(">{code}<")))
            }
            Way::Tile => {
                let (status, text) = self
                    .get(&format!("/tiles/{layer}/{}", target.tile), &[("filter", filter)])
                    .await;
                (status < 300).then_some(!text.is_empty())
            }
            Way::Csv => {
                let path = format!("/api/v1/layers/{layer}/export");
                let (status, text) =
                    self.get(&path, &[("format", "csv"), ("filter", filter)]).await;
                (status == 200).then(|| text.lines().count() > 1)
            }
            Way::Wfs => {
                let query = [
                    ("request", "GetFeature"),
                    ("typeNames", layer),
                    ("resultType", "hits"),
                    ("cql_filter", filter),
                ];
                let (status, text) = self.get("/wfs", &query).await;
                (status == 200).then(|| text.contains("numberMatched=\"1\""))
            }
            Way::ArcGis => {
                let path = format!("/arcgis/{layer}/FeatureServer/0/query");
                let query = [("where", filter), ("returnCountOnly", "true"), ("f", "json")];
                // What is refused is an answer without a count.
                self.json(&path, &query).await?["count"].as_i64().map(|it| it == 1)
            }
            Way::Preview => {
                let body = json!({"filter": filter});
                let request =
                    self.it.client.post(self.it.url("/api/v1/scenarios/preview")).json(&body);
                let (status, text) = self.send(request).await;
                let answer: serde_json::Value = serde_json::from_str(&text).unwrap();
                let verdicts = ["low", "ok", "unknown", "not_judged"];
                let of = |it: &str| answer["after"][it]["parcels"].as_i64().unwrap();
                (status == 200).then(|| verdicts.into_iter().map(of).sum::<i64>() == 1)
            }
            Way::Count => {
                let it = self.stats(json!({"layer": layer, "filter": filter})).await?;
                Some(it["total"]["count"] == 1)
            }
            Way::Histogram => {
                let one = format!("parcel_code = '{code}'");
                let histogram = json!({"field": field, "breaks": [format!("{than:.6}")]});
                let it = self
                    .stats(json!({"layer": layer, "filter": one, "histogram": histogram}))
                    .await?;
                Some(it["histogram"]["counts"][1] == 1)
            }
        }
    }
}
