//! Schemes that are saved from an editor: versions with dates, used by the next run by name; what is faulty is not stored.

use mutu::access::Role;
use mutu::access::Scope;
use mutu::evaluation;
use mutu::evaluation::Options;
use mutu::evaluation::runs;
use serde_json::Value;
use serde_json::json;

use crate::support::TestApp;

const SCENE: &str = "
    insert into mutu.parcel (parcel_id, parcel_code, responsible_unit, area_registered_m2, area_geom_m2, gfa_m2, geom, recorded_by)
    select n, 'P' || n, '甲', 20000, 20000, 20000,
           st_multi(st_makeenvelope(121.2 + n * 0.002, 31.380, 121.2015 + n * 0.002, 31.382, 4490)), 'test'
    from generate_series(1, 12) n;
    insert into mutu.enterprise (enterprise_id, uscc, name, is_scale, industry_code, in_production, recorded_by)
    select n, 'E' || lpad(n::text, 2, '0'), 'Firm ' || n, true, '3311', date '2010-01-01', 'test' from generate_series(1, 12) n;
    insert into mutu.occupancy (parcel_code, uscc, role, land_m2, recorded_by)
    select 'P' || n, 'E' || lpad(n::text, 2, '0'), '自用', 20000 / 3.0, 'test' from generate_series(1, 12) n;
    insert into mutu.enterprise_period
        (uscc, year, period, tax_paid_wan, tax_policy_adj_wan, value_added_wan, output_wan, revenue_wan, energy_tce, emission_t, employees, rd_wan, electricity_kwh, recorded_by)
    select 'E' || lpad(n::text, 2, '0'), y, y::text, n * 100, 1, n * 300, n * 900, n * 800 + 7, 100 + n, 1.5, 50, n, 100000, 'test'
    from generate_series(1, 12) n, generate_series(2024, 2025) y;
";

async fn scene() -> (TestApp, String, String) {
    let it = TestApp::serving().await;
    it.sql(SCENE).await;
    let steward = it.token(Role::Steward).await;
    let text = it.json_as(&steward, "/api/v1/schemes/huaian-2024?version=0").await["text"].clone();
    (it, steward, text.as_str().unwrap().to_owned())
}

fn new(text: &str) -> Value {
    json!({"id": "huaian-2024", "text": text, "valid_from": "2025-06-01", "document": "淮政办〔2025〕1号"})
}

async fn evaluate(it: &TestApp, scheme: &str) -> i64 {
    let options = Options { year: 2025, ruleset: None };
    let console = Scope::console();
    let done =
        evaluation::evaluate_by(&it.app, &console, &options, Some(scheme), &mut |_| {}).await;
    done.unwrap().run_id
}

#[tokio::test]
async fn a_saved_scheme_is_a_version_that_the_next_run_takes_by_its_name() {
    let (it, steward, text) = scene().await;
    let before = evaluate(&it, "huaian-2024").await;
    let changed = text.replace("up_to = \"0.20\"", "up_to = \"0.50\"");
    assert_ne!(changed, text);
    let (status, saved) = it.post(Some(&steward), "/api/v1/schemes", &new(&changed)).await;
    assert_eq!((status, &saved["version"]), (201, &json!(1)), "{saved}");
    assert_eq!(
        (&saved["text"], &saved["document"], &saved["valid_from"], &saved["faults"]),
        (&json!(changed), &json!("淮政办〔2025〕1号"), &json!("2025-06-01"), &json!([]))
    );
    // The same again is the same version; other terms are another one.
    let (status, same) = it.post(Some(&steward), "/api/v1/schemes", &new(&changed)).await;
    assert_eq!((status, &same["version"]), (201, &json!(1)));
    let mut later = new(&text);
    later["valid_from"] = json!("2099-01-01");
    let (_, later) = it.post(Some(&steward), "/api/v1/schemes", &later).await;
    assert_eq!(later["version"], 2, "{later}");
    // By its name and year.
    let run_id = evaluate(&it, "huaian-2024").await;
    let viewer = it.token(Role::Officer).await;
    let of =
        async |run_id: i64| it.json_as(&viewer, &format!("/api/v1/evaluations/{run_id}")).await;
    let (old, run) = (of(before).await, of(run_id).await);
    assert_eq!((&old["scheme_version"], &run["scheme_version"]), (&json!(0), &json!(1)));
    assert_eq!(
        (&old["cohorts"][0]["grades"]["A"], &run["cohorts"][0]["grades"]["A"]),
        (&json!(2), &json!(6))
    );
    for run_id in [before, run_id] {
        let found = runs::verify(&it.app, run_id).await.unwrap();
        assert_eq!(found.differences, Vec::<String>::new(), "each by its own version");
    }
    // As people read it.
    let all = it.json_as(&viewer, "/api/v1/schemes").await;
    let shown =
        all["schemes"].as_array().unwrap().iter().find(|it| it["id"] == "huaian-2024").unwrap();
    assert_eq!((&shown["version"], &shown["text"]), (&json!(1), &json!(changed)));
    let versions: Vec<i64> = shown["versions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["version"].as_i64().unwrap())
        .collect();
    assert_eq!(versions, [2, 1, 0]);
    let file = it.json_as(&viewer, "/api/v1/schemes/huaian-2024?version=0").await;
    assert_eq!((&file["text"], &file["recorded_by"]), (&json!(text), &Value::Null));
    assert_eq!(it.get_as(&viewer, "/api/v1/schemes/huaian-2024?version=9").await.status(), 404);
    let near = it.get_as(&viewer, "/api/v1/schemes/huaian-2023").await;
    assert_eq!(near.status(), 404);
    assert!(near.text().await.unwrap().contains("huaian-2024"));
    let audited: i64 =
        it.value("select count(*) from mutu.audit_event where action = 'scheme_saved'").await;
    assert_eq!(audited, 2, "each version once");
}

#[tokio::test]
async fn a_scheme_of_a_new_name_is_there_for_the_next_run() {
    let (it, steward, text) = scene().await;
    let mut own = new(&text);
    own["id"] = json!("own-2025");
    assert_eq!(it.post(Some(&steward), "/api/v1/schemes", &own).await.0, 201);
    let run_id = evaluate(&it, "own-2025").await;
    let scheme: String =
        it.value("select scheme from mutu.evaluation_run order by run_id desc limit 1").await;
    assert_eq!((run_id, scheme.as_str()), (1, "own-2025"));
    let options = it.json_as(&steward, "/api/v1/evaluations/options").await;
    let one = options["schemes"].as_array().unwrap().iter().find(|it| it["id"] == "own-2025");
    assert_eq!(one.unwrap()["version"], 1, "{options}");
}

#[tokio::test]
async fn what_is_faulty_is_told_with_its_place_and_not_stored() {
    let (it, steward, text) = scene().await;
    for (wrong, at, says) in [
        (text.replace("weight  = 45", "weight  = 40"), "", "100"),
        (text.replace("tax_wan_per_mu", "tax_wan_per_mv"), "item 1", "did you mean"),
        ("title = ".to_owned(), "line 1", ""),
        (text.replace("up_to = \"0.20\"", "up_to = \"2\""), "", "up_to"),
    ] {
        let (status, problem) = it.post(Some(&steward), "/api/v1/schemes", &new(&wrong)).await;
        assert_eq!(status, 400, "{problem}");
        let faults = problem["faults"].as_array().unwrap();
        assert!(
            faults.iter().any(|it| it["at"].as_str().unwrap().contains(at)
                && it["why"].as_str().unwrap().contains(says)),
            "{at}, {says}: {problem}"
        );
    }
    let with = |name: &str, value: Value| {
        let mut it = new(&text);
        it[name] = value;
        it
    };
    for (body, at) in [
        (with("id", json!("Huai An")), "id"),
        (with("id", json!("")), "id"),
        (with("document", json!(" ")), "document"),
        (with("valid_to", json!("2025-06-01")), "valid_to"),
        (with("valid_from", json!("soon")), "valid_from"),
        (with("nothing", json!(1)), "nothing"),
    ] {
        let (status, problem) = it.post(Some(&steward), "/api/v1/schemes", &body).await;
        assert_eq!(status, 400, "{problem}");
        assert!(problem.to_string().contains(at), "{at}: {problem}");
    }
    let long = with("text", json!(format!("{text}\n# {}", "x".repeat(300_000))));
    assert_eq!(it.post(Some(&steward), "/api/v1/schemes", &long).await.0, 413);
    for (role, units) in
        [(Role::Viewer, None), (Role::Officer, None), (Role::Steward, Some(&["甲"][..]))]
    {
        let token = it.token_of(role, units).await;
        assert_eq!(it.post(Some(&token), "/api/v1/schemes", &new(&text)).await.0, 403, "{role}");
    }
    assert_eq!(it.post(None, "/api/v1/schemes", &new(&text)).await.0, 401);
    assert_eq!(it.value::<i64>("select count(*) from mutu.scheme").await, 0);
    // A saved text never changes.
    assert_eq!(it.post(Some(&steward), "/api/v1/schemes", &new(&text)).await.0, 201);
    let changed = sqlx::query("update mutu.scheme set text = ''").execute(it.app.db.owner()).await;
    assert!(changed.is_err());
}
