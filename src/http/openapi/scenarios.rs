//! The paths of rule sets and scenarios.

use schemars::SchemaGenerator;
use serde_json::Value;
use serde_json::json;

use crate::scenario::Adopted;
use crate::scenario::Adoption;
use crate::scenario::Comparison;
use crate::scenario::NewScenario;
use crate::scenario::Preview;
use crate::scenario::Question;
use crate::scenario::RuleSets;
use crate::scenario::RunChanges;
use crate::scenario::Scenario;
use crate::scenario::Scenarios;

use super::operation::Operation;
use super::operation::in_path;
use super::operation::in_query;
use super::operation::schema;

pub(super) fn paths(answers: &mut SchemaGenerator, bodies: &mut SchemaGenerator) -> Value {
    let id = || in_path("scenario_id", &json!({"type": "integer", "format": "int64"}));
    let whole = json!({"type": "integer", "format": "int64"});
    let text = json!({"type": "string"});
    let read = |id, summary, parameters, answer: Value, refusals| {
        Operation { id, summary, parameters, body: None, success: (200, Some(answer)), refusals }
            .document()
    };
    let rule_sets = read(
        "rule_sets",
        "Rule sets that can be asked about, with their parameters and rules",
        vec![],
        schema::<RuleSets>(answers),
        &[400],
    );
    let list = read("scenarios", "Saved scenarios", vec![], schema::<Scenarios>(answers), &[400]);
    let find =
        read("scenario", "A saved scenario", vec![id()], schema::<Scenario>(answers), &[400, 404]);
    let compare = read(
        "compare_scenarios",
        "Two scenarios beside each other: which parcels one finds low and the other does not",
        vec![
            in_query("left", &whole, "A saved scenario; the run's own rules where it is left out"),
            in_query("right", &whole, "A saved scenario; the run's own rules where it is left out"),
            in_query("layer", &text, "The layer whose rules they change"),
            in_query("run_id", &whole, "A run; the shown one where it is left out"),
            in_query("filter", &text, "CQL2 text: only parcels that it fits"),
        ],
        schema::<Comparison>(answers),
        &[400, 404, 409],
    );
    let changes = read(
        "run_changes",
        "What a run found other than an earlier one, and why",
        vec![
            in_path("run_id", &whole),
            in_query("against", &whole, "An earlier run; the one before where it is left out"),
            in_query("layer", &text, "The layer whose verdicts are compared"),
        ],
        schema::<RunChanges>(answers),
        &[400, 404, 409],
    );
    let preview = Operation {
        id: "preview_scenario",
        summary: "What a run would find under other thresholds and rules; nothing is written",
        parameters: vec![],
        body: Some(schema::<Question>(bodies)),
        success: (200, Some(schema::<Preview>(answers))),
        refusals: &[400, 404, 409, 413],
    };
    let save = Operation {
        id: "save_scenario",
        summary: "Saves what was changed, without what comes out",
        parameters: vec![],
        body: Some(schema::<NewScenario>(bodies)),
        success: (201, Some(schema::<Scenario>(answers))),
        refusals: &[400, 404, 409, 413],
    };
    let withdraw = Operation {
        id: "withdraw_scenario",
        summary: "Takes a scenario off the list",
        parameters: vec![id()],
        body: None,
        success: (204, None),
        refusals: &[400, 404],
    };
    let adopt = Operation {
        id: "adopt_scenario",
        summary: "Puts a scenario in force as a dated version of its rule set, which later runs apply",
        parameters: vec![id()],
        body: Some(schema::<Adoption>(bodies)),
        success: (201, Some(schema::<Adopted>(answers))),
        refusals: &[400, 404, 413],
    };
    json!({
        "/api/v1/rule_sets": {"get": rule_sets},
        "/api/v1/scenarios": {"get": list, "post": save.document()},
        "/api/v1/scenarios/preview": {"post": preview.document()},
        "/api/v1/scenarios/compare": {"get": compare},
        "/api/v1/scenarios/{scenario_id}": {"get": find, "delete": withdraw.document()},
        "/api/v1/scenarios/{scenario_id}/adopt": {"post": adopt.document()},
        "/api/v1/evaluations/{run_id}/changes": {"get": changes},
    })
}
