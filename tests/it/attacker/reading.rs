//! What he reads without asking for it: the open map, and dossiers.

use std::collections::HashMap;

use futures_util::StreamExt;
use futures_util::stream;
use mutu::cql;
use serde_json::Value;

use super::AT_ONCE;
use super::Attacker;
use super::Range;
use super::evidence::learn;

impl Attacker<'_> {
    /// Everything that is openly published of single parcels: bands, areas, verdicts, evidence, and what is his to read.
    pub(super) async fn read_the_map(&mut self) {
        let bands = [0.0, 2.0, 5.0, 10.0, 25.0, f64::INFINITY];
        let query = [("limit", "10000")];
        let all = self.json("/ogc/collections/yield_per_mu/items", &query).await.unwrap();
        for it in all["features"].as_array().unwrap() {
            let it = &it["properties"];
            let code = it["parcel_code"].as_str().unwrap().to_owned();
            let area = it["area_mu"].as_f64().unwrap_or_default();
            if let Some(band) = it["yield_band"].as_u64() {
                let band = band as usize;
                let range = Range { low: bands[band - 1] * area, high: bands[band] * area };
                self.known.insert(code.clone(), range);
            }
            if let Some(tax) = it["tax_wan"].as_f64() {
                self.known.insert(code.clone(), Range { low: tax, high: tax });
            }
            self.area.insert(code.clone(), area);
            for name in ["town_code", "responsible_unit", "block_class", "block"] {
                let value = it[name].as_str().unwrap_or("(none)").to_owned();
                self.places.entry(name.to_owned()).or_default().insert(code.clone(), value);
            }
        }
        let low = self.json("/ogc/collections/low_efficiency/items", &query).await;
        for it in low.iter().flat_map(|it| it["features"].as_array().unwrap()) {
            let it = &it["properties"];
            let code = it["parcel_code"].as_str().unwrap().to_owned();
            if let Some(far) = it["far"].as_f64() {
                self.far.insert(code.clone(), far);
            }
            if let (Some(range), Some(per_mu)) =
                (self.known.get_mut(&code), it["tax_wan_per_mu"].as_f64())
            {
                let tax = per_mu * self.area[&code];
                *range = Range { low: tax * 0.9999, high: tax * 1.0001 };
            }
        }
    }

    /// Dossiers: figures where they are shown, else what the results of rules say of them.
    pub(super) async fn read_dossiers(&mut self) {
        let codes: Vec<String> = self.known.keys().step_by(5).cloned().collect();
        let read = |code: String| async {
            let it = self.json(&format!("/api/v1/parcels/{code}"), &[]).await.unwrap();
            (code, it)
        };
        let dossiers: Vec<(String, Value)> =
            stream::iter(codes.into_iter().map(read)).buffer_unordered(AT_ONCE).collect().await;
        for (code, it) in dossiers {
            let Some(range) = self.known.get_mut(&code) else { continue };
            let number = |it: &Value| it.as_str().and_then(|it| it.parse::<f64>().ok());
            if let Some(tax) = number(&it["years"][0]["tax_wan"]) {
                *range = Range { low: tax, high: tax };
            }
            let area = self.area[&code];
            let mut facts = HashMap::from([("area_mu".to_owned(), area)]);
            for name in ["far", "contract_tax_wan_per_mu", "contract_far"] {
                facts.extend(number(&it[name]).map(|value| (name.to_owned(), value)));
            }
            for rule in it["verdict"]["evidence"].as_array().into_iter().flatten() {
                for (name, value) in rule["inputs"].as_object().into_iter().flatten() {
                    facts.extend(number(value).map(|value| (name.clone(), value)));
                }
            }
            if let Some(per_mu) = facts.get("tax_wan_per_mu") {
                *range = Range { low: per_mu * area * 0.9999, high: per_mu * area * 1.0001 };
            }
            for rule in it["verdict"]["evidence"].as_array().into_iter().flatten() {
                let when = cql::parse(rule["when"].as_str().unwrap()).unwrap();
                match rule["result"].as_str() {
                    Some("true") => learn(range, &when, true, &facts, area),
                    Some("false") => learn(range, &when, false, &facts, area),
                    _ => {}
                }
            }
        }
    }
}
