//! What he puts together from several runs: on which side of each run's thresholds a parcel lies, and the sums beside that.

use std::collections::BTreeMap;

use mutu::access::Role;
use mutu::access::Scope;
use mutu::evaluation;
use mutu::evaluation::Options;
use serde_json::Value;
use serde_json::json;

use super::Attacker;
use super::SPARSE;
use super::truth;
use crate::support;
use crate::support::TestApp;

/// The rule that compares the tax of large parcels with the floor, and nothing else.
const RULE: &str = "tax_below_floor";
const AREA_FROM: f64 = 3.0;

/// Verdict and reasons of every parcel, as the map shows them.
type Verdicts = BTreeMap<String, (String, String)>;

impl Attacker<'_> {
    async fn verdicts(&self) -> Verdicts {
        let query = [("limit", "10000")];
        let all = self.json("/ogc/collections/low_efficiency/items", &query).await.unwrap();
        let all = all["features"].as_array().unwrap().iter().map(|it| &it["properties"]);
        all.map(|it| {
            let code = it["parcel_code"].as_str().unwrap().to_owned();
            (code, (it["verdict"].as_str().unwrap().to_owned(), it["reasons"].to_string()))
        })
        .collect()
    }

    /// Narrows what he knows by verdicts under a floor that everybody may read in the rules.
    fn learn_floor(&mut self, verdicts: &Verdicts, floor: f64) {
        for (code, (verdict, reasons)) in verdicts {
            let area = self.area[code];
            let Some(known) = self.known.get_mut(code).filter(|_| area >= AREA_FROM) else {
                continue;
            };
            if reasons.contains(RULE) {
                known.at_most(floor * area);
            } else if verdict == "ok" && !reasons.contains('_') {
                known.at_least(floor * area);
            }
        }
    }
}

/// Adopts another floor of the tax and evaluates: what was found, and whether the map shows it.
async fn evaluated(it: &TestApp, steward: &str, floor: f64) -> evaluation::Report {
    let new = json!({"title": floor.to_string(), "ruleset": "general-2025", "changes": {"parameters": {"tax_floor": floor}}});
    let (status, saved) = it.post(Some(steward), "/api/v1/scenarios", &new).await;
    assert_eq!(status, 201, "{saved}");
    let path = format!("/api/v1/scenarios/{}/adopt", saved["scenario_id"]);
    let terms = json!({"valid_from": "2025-07-01", "legal_basis": format!("floor {floor}")});
    let (status, adopted) = it.post(Some(steward), &path, &terms).await;
    assert_eq!(status, 201, "{adopted}");
    let options = Options { year: 2025, ruleset: None };
    evaluation::evaluate(&it.app, &Scope::console(), &options, &mut |_| {}).await.unwrap()
}

async fn show(it: &TestApp, steward: &str, body: &Value) -> (u16, Value) {
    let url = it.url("/api/v1/evaluations/shown");
    let answer = it.client.put(url).bearer_auth(steward).json(body).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn verdicts_of_several_runs_and_their_sums_close_in_on_nobody() {
    let patient = "[limits]\nlookups_per_second = 100000\n[limits.viewer]\nburst = 100000";
    let mut it = TestApp::with(toml::from_str(patient).unwrap()).await;
    support::fill(&it.app, 600, 7, SPARSE).await;
    it.serve();
    it.settle().await;
    let truth = truth::read(&it).await;
    let steward = it.token(Role::Steward).await;
    let mut attacker = Attacker::new(&it, Some(it.token(Role::Viewer).await));
    attacker.read_the_map().await;
    let first = attacker.verdicts().await;
    attacker.learn_floor(&first, 5.0);
    // Floors that are far enough apart, and from the bands of the map, are shown one after the other; he keeps what each tells.
    let learn = async |attacker: &mut Attacker<'_>, floor: f64| {
        let run = evaluated(&it, &steward, floor).await;
        assert_eq!(run.closing_in, Vec::<String>::new(), "{floor}");
        it.settle().await;
        let shown = attacker.verdicts().await;
        assert_eq!(shown == first, floor < 6.0, "the map shows the run with {floor}");
        attacker.learn_floor(&shown, floor);
        shown
    };
    let seven = learn(&mut attacker, 7.0).await;
    // One so near to another that both together would tell: the map keeps what it shows.
    let near = evaluated(&it, &steward, 7.8).await;
    assert!(near.closing_in.iter().any(|it| it.contains("7.8")), "{:?}", near.closing_in);
    it.settle().await;
    assert_eq!(attacker.verdicts().await, seven);
    let chosen = json!({"run_id": near.run_id});
    let (status, why) = show(&it, &steward, &chosen).await;
    assert!(status == 409 && why.to_string().contains("a quarter apart"), "{why}");
    it.sql(&format!(
        "update mutu.evaluation_run set state = 'published', objections_until = '2026-01-01' where run_id = {}",
        near.run_id
    ))
    .await;
    let finalise = format!("/api/v1/evaluations/{}/finalise", near.run_id);
    let (status, why) = it.post(Some(&steward), &finalise, &json!({})).await;
    assert!(status == 409 && why.to_string().contains("a quarter apart"), "{why}");
    learn(&mut attacker, 5.0).await;
    attacker.add_up().await;
    assert_eq!(attacker.finds(&truth, &Default::default()), 0, "a viewer knows what somebody pays");
    // Somebody takes it upon himself, and then the same means find them.
    let shown = json!({"run_id": near.run_id, "reason": "会议纪要〔2026〕3号"});
    assert_eq!(show(&it, &steward, &shown).await.0, 200);
    it.settle().await;
    let told = attacker.verdicts().await;
    attacker.learn_floor(&told, 7.8);
    assert!(attacker.finds(&truth, &Default::default()) > 0, "between 7 and 7.8 there is somebody");
    let audited: i64 = it
        .value(
            "select count(*) from mutu.audit_event where action = 'evaluation_shown' and detail ->> 'reason' is not null",
        )
        .await;
    assert_eq!(audited, 1);
}
