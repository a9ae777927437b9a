//! What he asks for by name: thresholds by every way there is, and everything that takes the name of a field.

use futures_util::StreamExt;
use futures_util::stream;
use serde_json::json;

use super::AT_ONCE;
use super::Attacker;
use super::Range;
use super::STEPS;
use super::Target;
use super::ways::Way;

impl Attacker<'_> {
    /// Asks in every way that there is; each answer that tells something narrows the interval.
    pub(super) async fn bisect(
        &mut self,
        targets: &[Target],
        ways: &[Way],
        hidden: &[(&str, &str)],
    ) {
        let mut hunts = Vec::new();
        for target in targets {
            for way in ways {
                for (layer, field) in hidden {
                    hunts.push((target.clone(), *way, (*layer).to_owned(), (*field).to_owned()));
                }
            }
        }
        let this = &*self;
        let hunt = |(target, way, layer, field): (Target, Way, String, String)| async move {
            let mut range = Range { low: 0.01, high: 1e6 };
            // A figure that is hidden in this row is above nothing and below nothing: then a no says nothing.
            let is_there = this.exceeds(way, &layer, &field, &target, -1e9).await == Some(true);
            let mut answers = 0;
            for _ in 0..STEPS {
                let middle = (range.low * range.high).sqrt();
                let above = this.exceeds(way, &layer, &field, &target, middle).await;
                answers += usize::from(is_there && above.is_some());
                // Refused: he tries another number all the same.
                if above == Some(true) { range.low = middle } else { range.high = middle }
            }
            (target.code, format!("{way:?} {layer}.{field}"), field, answers, range)
        };
        let found: Vec<_> =
            stream::iter(hunts.into_iter().map(hunt)).buffer_unordered(AT_ONCE).collect().await;
        for (code, way, field, answers, found) in found {
            if answers == 0 {
                continue;
            }
            self.answered.insert(way);
            let area = self.area.get(&code).copied().unwrap_or_default();
            let Some(known) = self.known.get_mut(&code).filter(|_| answers == STEPS) else {
                continue;
            };
            match field.as_str() {
                "tax_wan" => {
                    known.at_least(found.low);
                    known.at_most(found.high);
                }
                "tax_wan_per_mu" => {
                    known.at_least(found.low * area);
                    known.at_most(found.high * area);
                }
                _ => {}
            }
        }
    }

    /// Orders, columns, groups and names: whatever takes the name of a field. Returns what was answered.
    pub(super) async fn name_everything(&mut self, names: &[&str]) {
        let mut all: Vec<(String, reqwest::RequestBuilder)> = Vec::new();
        let get = |path: String, query: &[(&str, &str)]| {
            self.it.client.get(self.it.url(&path)).query(query)
        };
        for layer in
            ["yield_per_mu", "low_efficiency", "parcels", "block_class", "buildings", "blocks_104"]
        {
            let items = format!("/ogc/collections/{layer}/items");
            for name in names {
                for (parameter, value) in [
                    (*name, "5"),
                    (*name, ""),
                    ("sortby", *name),
                    ("sortby", &format!("-{name}")),
                    ("properties", *name),
                    ("fields", *name),
                    ("filter", &format!("{name} IS NULL")),
                    ("filter", &format!("{name} IN (1, 2)")),
                    ("filter", &format!("\"{name}\" BETWEEN 1 AND 2")),
                    ("filter", &format!("area_mu < {name}")),
                    ("filter", &format!("ABS({name}) > 1")),
                    ("cursor", *name),
                ] {
                    let known = format!("{layer} {parameter}={value}");
                    all.push((known, get(items.clone(), &[(parameter, value)])));
                }
                let export = format!("/api/v1/layers/{layer}/export");
                all.push((
                    format!("{layer} export {name}"),
                    get(export, &[("format", "csv"), (name, "1")]),
                ));
                for body in [
                    json!({"layer": layer, "group_by": [name]}),
                    json!({"layer": layer, "measures": [{"max": name}]}),
                    json!({"layer": layer, "measures": [{"avg": name}], "filter": "area_mu > 3"}),
                    json!({"layer": layer, "measures": [{"ratio": ["area_mu", name]}]}),
                    json!({"layer": layer, "measures": [{"var": name}, {"stddev": name}]}),
                    json!({"layer": layer, "measures": [{"sum": name}], "bbox": [121.0, 31.0, 121.3, 31.4]}),
                ] {
                    let request = self.it.client.post(self.it.url("/api/v1/stats")).json(&body);
                    all.push((body.to_string(), request));
                }
            }
        }
        let this = &*self;
        let answers: Vec<(String, u16, String)> =
            stream::iter(all.into_iter().map(|(what, request)| async move {
                let (status, text) = this.send(request).await;
                (what, status, text)
            }))
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        for (what, status, text) in answers {
            // Who may not read the layer is told so, whatever is named.
            if status < 300 {
                self.answered.insert(what);
            } else if status == 400 {
                let suggested =
                    text.split("did you mean").nth(1).and_then(|it| it.split('?').next());
                let suggested = suggested.unwrap_or_default();
                assert!(
                    !["tax", "output", "energy"].iter().any(|it| suggested.contains(it)),
                    "{what}: {text}"
                );
            }
        }
    }
}
