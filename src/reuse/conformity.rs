//! Whether plan and red lines let a case build: asked by the hard stop and by the checks, answered here and nowhere else.
//! Of the plan it knows the red lines and the growth boundary that `workflow.toml` names; unknown is neither pass nor fail.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Serialize;

use crate::app::App;
use crate::db::Writer;
use crate::error::Result;
use crate::judgement::workflow::Workflow;
use crate::layer::Text;

use super::queries::check;

/// What came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Pass,
    Fail,
    /// A layer that it takes has no rows.
    Unknown,
}

/// The answer of one case with its evidence.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Conformity {
    pub verdict: Verdict,
    pub grounds: Vec<Ground>,
}

/// How one layer decided.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Ground {
    pub layer: String,
    pub title: Text,
    pub verdict: Verdict,
    /// On a red line, or outside of the boundary; null where nobody knows.
    pub area_m2: Option<Decimal>,
    /// Up to so much is a sliver.
    pub tolerance_m2: Decimal,
}

/// Looks at cases by their ids, whatever their path.
pub async fn look(app: &App, db: &mut Writer, cases: &[i64]) -> Result<BTreeMap<i64, Conformity>> {
    let rules = &Workflow::shipped().conformity;
    let mut found: BTreeMap<i64, Conformity> = cases
        .iter()
        .map(|it| (*it, Conformity { verdict: Verdict::Pass, grounds: Vec::new() }))
        .collect();
    let layers = rules.red_lines.iter().chain([&rules.boundary]);
    for (nth, id) in layers.enumerate() {
        let is_boundary = nth == rules.red_lines.len();
        let Some(layer) = app.layers.find(id) else {
            // An installation that took the layer away: nobody knows.
            for it in found.values_mut() {
                it.grounds.push(Ground {
                    layer: id.clone(),
                    title: Text::new(id, id),
                    verdict: Verdict::Unknown,
                    area_m2: None,
                    tolerance_m2: rules.tolerance_m2,
                });
            }
            continue;
        };
        for hit in check::hits(db, layer, cases).await? {
            let area = hit.on_layer_m2.map(|it| if is_boundary { hit.area_m2 - it } else { it });
            let area = area.map(|it| it.max(Decimal::ZERO));
            let tolerance_m2 = rules.tolerance_m2.max(hit.area_m2 * rules.tolerance_share);
            let verdict = match area {
                None => Verdict::Unknown,
                Some(it) if it > tolerance_m2 => Verdict::Fail,
                Some(_) => Verdict::Pass,
            };
            if let Some(it) = found.get_mut(&hit.reuse_case_id) {
                it.grounds.push(Ground {
                    layer: id.clone(),
                    title: layer.title.clone(),
                    verdict,
                    area_m2: area,
                    tolerance_m2,
                });
            }
        }
    }
    for it in found.values_mut() {
        let has = |verdict| it.grounds.iter().any(|it| it.verdict == verdict);
        it.verdict = if has(Verdict::Fail) {
            Verdict::Fail
        } else if has(Verdict::Unknown) {
            Verdict::Unknown
        } else {
            Verdict::Pass
        };
    }
    Ok(found)
}
