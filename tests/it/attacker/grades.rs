//! What he puts together from the published grades of several runs. He is an officer of one unit: of his own enterprises he knows
//! every figure, and where others lie between them is what grades tell. Of every other enterprise he keeps the bounds that its
//! grades give; how near they are is how many enterprises have their figure between them.

use std::collections::BTreeMap;

use mutu::access::Role;
use mutu::access::Scope;
use mutu::evaluation;
use mutu::evaluation::Options;
use serde_json::Value;
use serde_json::json;

use crate::support::TestApp;

/// Sixty enterprises of 10 mu, every second one of unit 甲; the tax of the nth is not even in n, but rises with it.
const SCENE: &str = "
    insert into mutu.parcel (parcel_id, parcel_code, responsible_unit, area_registered_m2, area_geom_m2, gfa_m2, geom, recorded_by)
    select n, 'P' || n, case when n % 2 = 1 then '甲' else '乙' end, 20000 / 3.0, 20000 / 3.0, 20000,
           st_multi(st_makeenvelope(121.2 + n * 0.002, 31.380, 121.2015 + n * 0.002, 31.382, 4490)), 'test'
    from generate_series(1, 60) n;
    insert into mutu.enterprise (enterprise_id, uscc, name, is_scale, industry_code, in_production, recorded_by)
    select n, 'E' || n, 'Firm ' || n, true, '3311', date '2010-01-01', 'test' from generate_series(1, 60) n;
    insert into mutu.occupancy (parcel_code, uscc, role, land_m2, recorded_by)
    select 'P' || n, 'E' || n, '自用', 20000 / 3.0, 'test' from generate_series(1, 60) n;
    insert into mutu.enterprise_period (uscc, year, period, tax_wan, recorded_by)
    select 'E' || n, 2025, '2025', n * n + 20 * n + 10, 'test' from generate_series(1, 60) n;
";

/// A scheme over the tax alone, with these bands and vetoes.
fn scheme(bands: &[&str], veto: Option<&str>) -> String {
    let mut text = "title = { zh = \"税收\", en = \"Tax\" }\n".to_owned();
    for (band, grade) in bands.iter().zip(["A", "B", "C", "D"]) {
        text.push_str(&format!("[[band]]\ngrade = \"{grade}\"\nup_to = \"{band}\"\n"));
    }
    text.push_str(
        "[[item]]\nmeasure = \"tax_wan_per_mu\"\nweight = 100\nmethod = \"ratio\"\nbase = 20\n",
    );
    if let Some(when) = veto {
        text.push_str(&format!(
            "[[veto]]\nid = \"low\"\nwhen = \"{when}\"\nbest = \"D\"\nsentence = {{ zh = \"低\", en = \"low\" }}\n"
        ));
    }
    text
}

struct Officer<'a> {
    it: &'a TestApp,
    token: String,
    steward: String,
    runs: usize,
    /// Bounds of the tax per mu of those he may not read.
    bounds: BTreeMap<String, (f64, f64)>,
}

impl Officer<'_> {
    /// Saves a scheme, evaluates by it, and asks for the run to be published.
    async fn publish(&mut self, text: &str, reason: Option<&str>) -> (u16, Value, i64) {
        self.runs += 1;
        let id = format!("own-{}", self.runs);
        let new = json!({"id": id, "text": text, "valid_from": "2025-01-01", "document": "办〔2025〕1号"});
        let (status, saved) = self.it.post(Some(&self.steward), "/api/v1/schemes", &new).await;
        assert_eq!(status, 201, "{saved}");
        let options = Options { year: 2025, ruleset: None };
        let console = Scope::console();
        let app = &self.it.app;
        let run = evaluation::evaluate_by(app, &console, &options, Some(&id), &mut |_| {}).await;
        let run_id = run.unwrap().run_id;
        let (status, told) = self.ask(run_id, reason).await;
        (status, told, run_id)
    }

    async fn ask(&self, run_id: i64, reason: Option<&str>) -> (u16, Value) {
        let path = format!("/api/v1/evaluations/{run_id}/publish");
        let asked = json!({"objections_until": "2100-01-01", "reason": reason});
        self.it.post(Some(&self.steward), &path, &asked).await
    }

    /// Reads the grades of a published run, and narrows what he knows by his own figures on either side.
    async fn learn(&mut self, run_id: i64) {
        let path = format!("/api/v1/evaluations/{run_id}/enterprises?limit=1000");
        let page = self.it.json_as(&self.token, &path).await;
        let rows = page["enterprises"].as_array().unwrap();
        assert_eq!(rows.len(), 60);
        let grade = |row: &Value| row["grade"].as_str().unwrap().to_owned();
        let figure = |row: &Value| {
            row["measures"]["tax_wan_per_mu"].as_str().map(|it| it.parse::<f64>().unwrap())
        };
        let own: Vec<(String, f64)> =
            rows.iter().filter_map(|it| Some((grade(it), figure(it)?))).collect();
        assert_eq!(own.len(), 30, "those of the own unit");
        for row in rows.iter().filter(|it| figure(it).is_none()) {
            let at = grade(row);
            let worse = own.iter().filter(|it| it.0 > at).map(|it| it.1).fold(0.0, f64::max);
            let better = own.iter().filter(|it| it.0 < at).map(|it| it.1).fold(f64::MAX, f64::min);
            let bounds = self
                .bounds
                .entry(row["uscc"].as_str().unwrap().to_owned())
                .or_insert((0.0, f64::MAX));
            *bounds = (bounds.0.max(worse), bounds.1.min(better));
        }
    }

    /// The fewest enterprises that have their figure between the bounds of one.
    fn nearest(&self) -> usize {
        let figures: Vec<f64> = (1..=60).map(|n| f64::from(n * n + 20 * n + 10) / 10.0).collect();
        let between =
            |it: &(f64, f64)| figures.iter().filter(|own| it.0 < **own && **own < it.1).count();
        self.bounds.values().map(between).min().unwrap_or(0)
    }
}

#[tokio::test]
async fn grades_of_several_runs_tell_of_nobody_more_than_of_five_alike() {
    let it = TestApp::serving().await;
    it.sql(SCENE).await;
    let token = it.token_of(Role::Officer, Some(&["甲"])).await;
    let steward = it.token(Role::Steward).await;
    let mut he = Officer { it: &it, token, steward, runs: 0, bounds: BTreeMap::new() };
    let (status, told, first) = he.publish(&scheme(&["0.2", "0.6", "0.9", "1"], None), None).await;
    assert_eq!(status, 200, "{told}");
    he.learn(first).await;
    let one = he.nearest();
    assert!(one >= 5, "one run's grades leave {one} alike");
    // Corrected data are published by the same scheme, and bands that lie far enough apart, by another.
    let (status, told, again) = he.publish(&scheme(&["0.2", "0.6", "0.9", "1"], None), None).await;
    assert_eq!(status, 200, "{told}");
    let (status, told, far) = he.publish(&scheme(&["0.3", "0.6", "0.8", "1"], None), None).await;
    assert_eq!(status, 200, "{told}");
    he.learn(again).await;
    he.learn(far).await;
    let several = he.nearest();
    assert!(several >= 5, "three runs' grades leave {several} alike");
    // Two enterprises lie between 0.6 and 0.64: they are told of by nobody's leave.
    let (status, told, near) = he.publish(&scheme(&["0.2", "0.64", "0.9", "1"], None), None).await;
    assert_eq!(
        (status, &told["type"].as_str().unwrap().contains("closes-in")),
        (409, &true),
        "{told}"
    );
    assert!(told["closing_in"][0].as_str().unwrap().contains("2 enterprises"), "{told}");
    let path = format!("/api/v1/evaluations/{near}/enterprises?grade=B");
    let viewer = it.token(Role::Viewer).await;
    assert_eq!(it.get_as(&viewer, &path).await.status(), 404, "it is a draft still");
    let blank = he.ask(near, Some("  ")).await;
    assert_eq!(blank.0, 409, "blanks are no reason");
    // Somebody takes it upon himself, and then the same means find them.
    let (status, told) = he.ask(near, Some("会议纪要〔2026〕4号")).await;
    assert_eq!(status, 200, "{told}");
    he.learn(near).await;
    assert!(he.nearest() < 5, "between 0.6 and 0.64 there are two");
    let audited: i64 = it
        .value(
            "select count(*) from mutu.audit_event
             where action = 'evaluation_published' and detail ->> 'reason' = '会议纪要〔2026〕4号'",
        )
        .await;
    assert_eq!(audited, 1);
}

#[tokio::test]
async fn vetoes_of_several_schemes_close_in_on_no_figure() {
    let it = TestApp::serving().await;
    it.sql(SCENE).await;
    let token = it.token_of(Role::Officer, Some(&["甲"])).await;
    let steward = it.token(Role::Steward).await;
    let mut he = Officer { it: &it, token, steward, runs: 0, bounds: BTreeMap::new() };
    let bands = ["0.2", "0.6", "0.99", "1"];
    let (status, told, _) = he.publish(&scheme(&bands, Some("tax_wan_per_mu < 13")), None).await;
    assert_eq!(status, 200, "{told}");
    // Of a grade D by one and not by the other the tax would lie between 13 and 14.
    for (veto, says) in [
        ("tax_wan_per_mu < 14", "the threshold 14 of `tax_wan_per_mu` in 2025 is too near 13"),
        ("tax_wan < 400", "tell the figure by the area"),
        ("2 * tax_wan_per_mu < 25", "with other figures"),
    ] {
        let (status, told, _) = he.publish(&scheme(&bands, Some(veto)), None).await;
        assert!(status == 409 && told["closing_in"].to_string().contains(says), "{veto}: {told}");
    }
    // A quarter apart is far enough where the ranks do not tell either: between 13 and 24 there are four.
    let (status, told, _) = he.publish(&scheme(&bands, Some("tax_wan_per_mu < 24")), None).await;
    assert!(status == 409 && told["closing_in"].to_string().contains("4 enterprises"), "{told}");
    let (status, told, _) = he.publish(&scheme(&bands, Some("tax_wan_per_mu < 33")), None).await;
    assert_eq!(status, 200, "{told}");
    // The map's rules are a scheme's neighbours: the run of 5 was shown when it was evaluated.
    let (status, told, _) = he.publish(&scheme(&bands, Some("tax_wan_per_mu < 5.5")), None).await;
    assert!(status == 409 && told["closing_in"].to_string().contains("5.5"), "{told}");
}
