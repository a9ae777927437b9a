//! The life of a run, from the draft to the final one, on PostGIS and over HTTP: who reads what of it, what can be changed
//! and what cannot, and that it is computed to the same once more.

use mutu::access::Role;
use mutu::access::Scope;
use mutu::evaluation;
use mutu::evaluation::Options;
use serde_json::Value;
use serde_json::json;

use crate::support::TestApp;

mod life;

/// Twenty enterprises of 10 mu each: those of odd number in unit 甲, the others in 乙; the twenty-first has land in both, and
/// the last two are below the designated size and new.
const SCENE: &str = "
    insert into mutu.parcel (parcel_id, parcel_code, responsible_unit, area_registered_m2, area_geom_m2, gfa_m2, geom, recorded_by)
    select n, 'P' || n, case when n % 2 = 1 then '甲' else '乙' end, 20000, 20000, 20000,
           st_multi(st_makeenvelope(121.2 + n * 0.002, 31.380, 121.2015 + n * 0.002, 31.382, 4490)), 'test'
    from generate_series(1, 30) n;
    insert into mutu.enterprise (enterprise_id, uscc, name, is_scale, industry_code, in_production, recorded_by)
    select n, 'E' || lpad(n::text, 2, '0'), 'Firm ' || n, n <= 21, '3311', case when n = 23 then date '2025-02-01' else date '2010-01-01' end, 'test'
    from generate_series(1, 23) n;
    insert into mutu.occupancy (parcel_code, uscc, role, land_m2, recorded_by)
    select 'P' || n, 'E' || lpad(n::text, 2, '0'), '自用', case when n = 21 then 10000 else 20000 end / 3.0, 'test' from generate_series(1, 23) n;
    insert into mutu.occupancy (parcel_code, uscc, role, land_m2, recorded_by) values ('P24', 'E21', '自用', 10000 / 3.0, 'test');
    insert into mutu.enterprise_period
        (uscc, year, period, tax_paid_wan, tax_policy_adj_wan, value_added_wan, output_wan, revenue_wan, energy_tce, emission_t, employees, rd_wan, electricity_kwh, recorded_by)
    select 'E' || lpad(n::text, 2, '0'), 2025, '2025', n * 100, 1, n * 300, n * 900, n * 800 + 7, 100 + n, 1.5, 50, n, 100000, 'test'
    from generate_series(1, 22) n;
    insert into mutu.enterprise_period (uscc, year, period, tax_wan, revenue_wan, energy_tce, recorded_by)
    select 'E' || lpad(n::text, 2, '0'), 2024, '2024', 100, 1000, 100, 'test' from generate_series(1, 22) n;
";

async fn scored(it: &TestApp, scheme: &str) -> evaluation::Report {
    let options = Options { year: 2025, ruleset: None };
    let console = Scope::console();
    evaluation::evaluate_by(&it.app, &console, &options, Some(scheme), &mut |_| {}).await.unwrap()
}

async fn scene() -> TestApp {
    let mut it = TestApp::new().await;
    it.sql(SCENE).await;
    it.serve();
    it
}

async fn put(it: &TestApp, token: &str, path: &str, body: &Value) -> (u16, Value) {
    let request = it.client.put(it.url(path)).bearer_auth(token).json(body);
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

fn row<'a>(page: &'a Value, uscc: &str) -> &'a Value {
    let rows = page["enterprises"].as_array().unwrap();
    rows.iter().find(|it| it["uscc"] == uscc).unwrap_or_else(|| panic!("no {uscc} in {page}"))
}

#[tokio::test]
async fn enterprises_are_scored_ranked_and_graded_with_their_evidence() {
    let it = scene().await;
    let report = scored(&it, "huaian-2024").await;
    let cohort = &report.scores.cohorts[0];
    // 23 enterprises: 21 of them with all figures, one without energy a year, one that is new.
    assert_eq!((cohort.enterprises, cohort.grades["T"]), (23, 1), "{cohort:?}");
    let steward = it.token(Role::Steward).await;
    let page = it.json_as(&steward, "/api/v1/evaluations/1/enterprises?limit=1000").await;
    let best = row(&page, "E22");
    assert_eq!(
        (&best["rank"], &best["grade"], &best["ranked"]),
        (&json!(1), &json!("A"), &json!(22))
    );
    // 2201 of tax on a third of 30 mu; the mean of the year before is 100 on 10 mu, so the base is 20.
    assert_eq!(best["measures"]["tax_wan_per_mu"], "220.1");
    let one = it.json_as(&steward, "/api/v1/evaluations/1/enterprises/E22").await;
    assert_eq!(one["items"][0]["base"], "20");
    assert_eq!(one["items"][0]["score"], "495.225", "220.1 / 20 * 45");
    assert_eq!(one["quarters"]["tax_wan_per_mu"], 1);
    assert_eq!(one["quantiles"]["tax_wan_per_mu"]["count"], 22);
    let new = it.json_as(&steward, "/api/v1/evaluations/1/enterprises/E23").await;
    assert_eq!((&new["grade"], &new["rank"]), (&json!("T"), &Value::Null));
    assert_eq!(new["evidence"][0]["kind"], "new");
    let last = row(&page, "E01");
    assert_eq!(last["grade"], "D");
    let policy =
        it.json_as(&steward, "/api/v1/evaluations/1/enterprises/E01").await["policy"].clone();
    assert!(policy["supply"]["zh"].is_string(), "{policy}");
    // Pages follow one another.
    let first = it.json_as(&steward, "/api/v1/evaluations/1/enterprises?limit=20").await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = it
        .json_as(&steward, &format!("/api/v1/evaluations/1/enterprises?limit=20&cursor={cursor}"))
        .await;
    assert_eq!(second["enterprises"].as_array().unwrap().len(), 3);
    assert_eq!((&second["next_cursor"], &second["matched"]), (&Value::Null, &json!(23)));
    let other = it.token(Role::Viewer).await;
    let status = it
        .get_as(&other, &format!("/api/v1/evaluations/1/enterprises?limit=20&cursor={cursor}"))
        .await
        .status();
    assert_eq!(status, 400, "a cursor is one reader's");
}

#[tokio::test]
async fn a_missing_or_unknown_scheme_is_told() {
    let it = scene().await;
    let options = Options { year: 2025, ruleset: None };
    let report =
        evaluation::evaluate(&it.app, &Scope::console(), &options, &mut |_| {}).await.unwrap();
    assert_eq!(report.scores.scheme, None, "none is configured");
    let error = evaluation::evaluate_by(
        &it.app,
        &Scope::console(),
        &options,
        Some("huaian-2023"),
        &mut |_| {},
    )
    .await
    .unwrap_err();
    assert!(error.to_string().contains("did you mean `huaian-2024`?"), "{error}");
    let runs: i64 = it.value("select count(*) from mutu.evaluation_run").await;
    assert_eq!(runs, 1, "nothing is half stored");
}

#[tokio::test]
async fn who_reads_what_of_a_run() {
    let it = scene().await;
    scored(&it, "huangyan-2022").await;
    scored(&it, "jingde-2022").await;
    let viewer = it.token(Role::Viewer).await;
    let one = it.token_of(Role::Officer, Some(&["甲"])).await;
    let two = it.token_of(Role::Officer, Some(&["甲", "乙"])).await;
    let officer = it.token(Role::Officer).await;
    // The public: nothing at all.
    for path in ["", "/1", "/1/enterprises", "/1/enterprises/E01", "/1/objections"] {
        assert_eq!(it.get(&format!("/api/v1/evaluations{path}")).await.status(), 401, "{path}");
    }
    // A draft: officers, and of single enterprises those of their units.
    assert_eq!(it.get_as(&viewer, "/api/v1/evaluations/1").await.status(), 404);
    assert_eq!(it.json_as(&viewer, "/api/v1/evaluations").await["evaluations"], json!([]));
    let page = it.json_as(&one, "/api/v1/evaluations/1/enterprises").await;
    assert_eq!(page["matched"], 11, "of odd number, without the one of both units: {page}");
    assert_eq!(it.get_as(&one, "/api/v1/evaluations/1/enterprises/E02").await.status(), 404);
    assert_eq!(it.get_as(&one, "/api/v1/evaluations/1/enterprises/E21").await.status(), 404);
    assert_eq!(
        row(&it.json_as(&two, "/api/v1/evaluations/1/enterprises").await, "E21")["knows"],
        true
    );
    // By published bases a score tells of nobody else.
    let own = it.json_as(&one, "/api/v1/evaluations/1/enterprises/E01").await;
    assert!(own["score"].is_string() && own["items"][0]["score"].is_string(), "{own}");
    assert_eq!(own["quantiles"], Value::Null, "quantiles are others' figures");
    // By min-max it tells the ends of the cohort: only who answers for all units reads it.
    for token in [&one, &two] {
        let own = it.json_as(token, "/api/v1/evaluations/2/enterprises/E01").await;
        assert!(own["rank"].is_number() && own["measures"]["tax_wan"] == "101", "{own}");
        assert_eq!(
            (&own["score"], &own["items"], &own["points"]),
            (&Value::Null, &Value::Null, &Value::Null)
        );
        assert!(own["quarters"]["tax_wan_per_mu"].is_number());
    }
    let all = it.json_as(&officer, "/api/v1/evaluations/2/enterprises/E01").await;
    assert!(all["items"][0]["most"].is_string() && all["quantiles"].is_object(), "{all}");
    // Published: grades for everybody with an account, nothing else.
    let steward = it.token(Role::Steward).await;
    let until = json!({"objections_until": "2100-01-01"});
    let (status, _) = it.post(Some(&steward), "/api/v1/evaluations/2/publish", &until).await;
    assert_eq!(status, 200);
    let page = it.json_as(&viewer, "/api/v1/evaluations/2/enterprises").await;
    let graded = row(&page, "E01");
    assert_eq!(graded["grade"], "D");
    for name in ["rank", "ranked", "score", "points", "measures"] {
        assert_eq!(graded[name], Value::Null, "{name}");
    }
    let codes: Vec<&str> = page["enterprises"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["uscc"].as_str().unwrap())
        .collect();
    let mut by_grade: Vec<(String, String, String)> = page["enterprises"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            let text = |name: &str| it[name].as_str().unwrap_or("~").to_owned();
            (text("cohort"), text("grade"), text("uscc"))
        })
        .collect();
    by_grade.sort();
    let sorted: Vec<&str> = by_grade.iter().map(|it| it.2.as_str()).collect();
    assert_eq!(codes, sorted, "the order tells no rank");
    let other = it.json_as(&one, "/api/v1/evaluations/2/enterprises/E02").await;
    assert!(
        other["grade"].is_string() && other["measures"].is_null() && other["evidence"].is_null()
    );
    assert_eq!(
        it.json_as(&viewer, "/api/v1/evaluations/2").await["digest"].as_object().unwrap().len(),
        8
    );
}

#[tokio::test]
async fn the_database_itself_keeps_figures_from_who_may_not_read_them() {
    let it = scene().await;
    scored(&it, "jingde-2022").await;
    it.sql("update mutu.evaluation_run set state = 'published'").await;
    let scope = |role, units: Option<&[&str]>| Scope {
        role,
        account: Some("a".to_owned()),
        responsible_units: units.map(|it| it.iter().map(|it| (*it).to_owned()).collect()),
        ..Scope::default()
    };
    for (scope, graded, known, scored) in [
        (scope(Role::Viewer, None), 23, 0, 0),
        (scope(Role::Officer, Some(&["甲"])), 23, 11, 0),
        (scope(Role::Officer, Some(&[])), 23, 0, 0),
        (scope(Role::Officer, None), 23, 23, 22),
    ] {
        let mut db = it.app.db.read(&scope).await.unwrap();
        let found: (i64, i64, i64) = sqlx::query_as(
            "select count(*), count(inputs), count(score) from mutu.enterprise_result_readable",
        )
        .fetch_one(&mut db)
        .await
        .unwrap();
        assert_eq!(found, (graded, known, scored), "{scope:?}");
        for table in ["enterprise_result", "run_fact", "objection", "enterprise_mark"] {
            let sql = format!("select count(*) from mutu.{table}");
            let refused = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_one(&mut db).await;
            assert!(refused.is_err(), "{table} as {scope:?}");
        }
    }
}

#[tokio::test]
async fn schemes_are_read_and_checked_with_what_they_would_make_of_a_run() {
    let it = scene().await;
    scored(&it, "huaian-2024").await;
    assert_eq!(it.get("/api/v1/schemes").await.status(), 401);
    let viewer = it.token(Role::Viewer).await;
    let schemes = it.json_as(&viewer, "/api/v1/schemes").await;
    let one =
        schemes["schemes"].as_array().unwrap().iter().find(|it| it["id"] == "huaian-2024").unwrap();
    assert_eq!(
        (&one["faults"], &one["cohorts"][0]["items"][0]["weight"]),
        (&json!([]), &json!("45"))
    );
    let text = one["text"].as_str().unwrap();
    let check = "/api/v1/schemes/check";
    let steward = it.token(Role::Steward).await;
    let some = it.token_of(Role::Steward, Some(&["甲"])).await;
    let body = json!({"text": text, "run_id": 1});
    assert_eq!(it.post(Some(&viewer), check, &body).await.0, 403);
    assert_eq!(it.post(Some(&some), check, &body).await.0, 403);
    let (status, same) = it.post(Some(&steward), check, &body).await;
    assert_eq!((status, &same["changed"]), (200, &json!(0)), "{same}");
    let other = text.replace("up_to = \"0.20\"", "up_to = \"0.10\"");
    let (_, other) = it.post(Some(&steward), check, &json!({"text": other, "run_id": 1})).await;
    assert_eq!(
        (&other["changed"], &other["grades"]["all"]["A"]),
        (&json!(2), &json!(2)),
        "{other}"
    );
    let wrong = text.replace("tax_wan_per_mu", "tax_wan_per_mv");
    let (status, wrong) =
        it.post(Some(&steward), check, &json!({"text": wrong, "run_id": 1})).await;
    let faults = wrong["scheme"]["faults"].to_string();
    assert!(
        status == 200 && faults.contains("did you mean") && wrong["grades"].is_null(),
        "{wrong}"
    );
}
