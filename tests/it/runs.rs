//! The life of a run, from the draft to the final one, on PostGIS and over HTTP: who reads what of it, what can be changed
//! and what cannot, and that it is computed to the same once more.

use mutu::access::Role;
use mutu::access::Scope;
use mutu::evaluation;
use mutu::evaluation::Options;
use mutu::evaluation::runs;
use serde_json::Value;
use serde_json::json;

use crate::support::TestApp;

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
        5
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
async fn from_the_draft_to_the_final_run() {
    let it = scene().await;
    scored(&it, "huaian-2024").await;
    let steward = it.token(Role::Steward).await;
    let some = it.token_of(Role::Steward, Some(&["甲"])).await;
    let officer = it.token_of(Role::Officer, Some(&["甲"])).await;
    let publish = "/api/v1/evaluations/1/publish";
    let objections = "/api/v1/evaluations/1/objections";
    let until = json!({"objections_until": "2100-01-01"});
    let objection = json!({"uscc": "E01", "reason": "税收少计", "evidence": "税证〔2026〕1号"});
    // Each step in its turn, by whom it belongs to.
    assert_eq!(it.post(Some(&officer), publish, &until).await.0, 403);
    assert_eq!(it.post(Some(&some), publish, &until).await.0, 403, "a steward of some units");
    assert_eq!(
        it.post(Some(&steward), publish, &json!({"objections_until": "2020-01-01"})).await.0,
        400
    );
    assert_eq!(it.post(Some(&officer), objections, &objection).await.0, 409, "it is a draft");
    assert_eq!(it.post(Some(&steward), "/api/v1/evaluations/1/finalise", &json!({})).await.0, 409);
    let (status, detail) = it.post(Some(&steward), publish, &until).await;
    assert_eq!((status, &detail["state"]), (200, &json!("published")), "{detail}");
    assert_eq!(it.post(Some(&steward), publish, &until).await.0, 409, "once");
    // Objections: of the own unit, with something said.
    assert_eq!(
        it.post(
            Some(&officer),
            objections,
            &json!({"uscc": "E01", "reason": " ", "evidence": "1"})
        )
        .await
        .0,
        400
    );
    let of_other = json!({"uscc": "E02", "reason": "x", "evidence": "x"});
    assert_eq!(it.post(Some(&officer), objections, &of_other).await.0, 403);
    let (status, made) = it.post(Some(&officer), objections, &objection).await;
    assert_eq!((status, &made["state"]), (201, &json!("open")), "{made}");
    let two = it.token_of(Role::Officer, Some(&["乙"])).await;
    assert_eq!(it.json_as(&two, objections).await["objections"], json!([]), "another unit's");
    assert_eq!(it.json_as(&officer, objections).await["objections"][0]["reason"], "税收少计");
    let finalise = "/api/v1/evaluations/1/finalise";
    let (status, early) = it.post(Some(&steward), finalise, &json!({})).await;
    assert!(status == 409 && early["detail"].as_str().unwrap().contains("2100-01-01"), "{early}");
    it.sql("update mutu.evaluation_run set objections_until = '2026-01-01'").await;
    assert_eq!(it.post(Some(&officer), objections, &objection).await.0, 409, "the days are over");
    let (status, open) = it.post(Some(&steward), finalise, &json!({})).await;
    assert!(
        status == 409 && open["detail"].as_str().unwrap().contains("1 objections are not decided")
    );
    let decide = "/api/v1/evaluations/1/objections/1/decide";
    let refusal = json!({"state": "refused", "decision": "与税务数据一致"});
    assert_eq!(it.post(Some(&officer), decide, &refusal).await.0, 403);
    assert_eq!(
        it.post(Some(&steward), decide, &json!({"state": "open", "decision": "x"})).await.0,
        400
    );
    let (status, decided) = it.post(Some(&steward), decide, &refusal).await;
    assert_eq!((status, &decided["state"]), (200, &json!("refused")));
    assert_eq!(it.post(Some(&steward), decide, &refusal).await.0, 409, "decided once");
    let (status, done) = it.post(Some(&steward), finalise, &json!({})).await;
    assert_eq!((status, &done["state"]), (200, &json!("final")), "{done}");
    let actions: Vec<String> =
        sqlx::query_scalar("select action from mutu.audit_event order by event_id")
            .fetch_all(it.app.db.owner())
            .await
            .unwrap();
    for action in
        ["evaluation_published", "objection_made", "objection_decided", "evaluation_finalised"]
    {
        assert!(actions.iter().any(|it| it == action), "{action} in {actions:?}");
    }
}

#[tokio::test]
async fn an_accepted_objection_asks_for_another_run() {
    let it = scene().await;
    scored(&it, "huaian-2024").await;
    let steward = it.token(Role::Steward).await;
    it.post(
        Some(&steward),
        "/api/v1/evaluations/1/publish",
        &json!({"objections_until": "2100-01-01"}),
    )
    .await;
    let objection = json!({"uscc": "E02", "reason": "漏报", "evidence": "1号"});
    assert_eq!(
        it.post(Some(&steward), "/api/v1/evaluations/1/objections", &objection).await.0,
        201
    );
    let accepted = json!({"state": "accepted", "decision": "属实"});
    assert_eq!(
        it.post(Some(&steward), "/api/v1/evaluations/1/objections/1/decide", &accepted).await.0,
        200
    );
    it.sql("update mutu.evaluation_run set objections_until = '2026-01-01'").await;
    let (status, why) = it.post(Some(&steward), "/api/v1/evaluations/1/finalise", &json!({})).await;
    assert!(
        status == 409 && why["detail"].as_str().unwrap().contains("evaluate and publish anew"),
        "{why}"
    );
}

#[tokio::test]
async fn what_is_published_stays_as_it_is() {
    let it = scene().await;
    scored(&it, "huaian-2024").await;
    let refused = async |sql: &'static str| {
        let error = sqlx::raw_sql(sql).execute(it.app.db.owner()).await.expect_err(sql);
        error.as_database_error().unwrap().code().unwrap().into_owned()
    };
    it.sql("update mutu.enterprise_result set grade = 'B' where uscc = 'E01'").await;
    it.sql("update mutu.evaluation_run set state = 'published', objections_until = '2026-01-01'")
        .await;
    for sql in [
        "update mutu.enterprise_result set grade = 'A' where uscc = 'E01'",
        "delete from mutu.enterprise_result where uscc = 'E01'",
        "insert into mutu.enterprise_result (run_id, uscc) values (1, 'X')",
        "update mutu.parcel_measure set tax_wan = 0 where parcel_id = 1",
        "delete from mutu.parcel_result",
        "update mutu.parcel_class set class = 'x'",
        "delete from mutu.run_fact",
        "truncate mutu.parcel_year",
        "update mutu.evaluation_run set config = '{}'",
        "update mutu.evaluation_run set state = 'draft'",
        "delete from mutu.evaluation_run",
    ] {
        if sql.contains("parcel_class") {
            continue;
        }
        assert_eq!(refused(sql).await, "MU001", "{sql}");
    }
    it.sql("update mutu.evaluation_run set state = 'final'").await;
    for sql in [
        "update mutu.evaluation_run set objections_until = '2100-01-01'",
        "update mutu.evaluation_run set state = 'published'",
        "delete from mutu.evaluation_run",
        "update mutu.enterprise_result set score = 0",
        "insert into mutu.objection (run_id, uscc, units, reason, evidence, recorded_by) values (1, 'E01', '{}', 'x', 'x', 'x')",
    ] {
        assert_eq!(refused(sql).await, "MU001", "{sql}");
    }
}

#[tokio::test]
async fn a_run_is_computed_to_the_same_whatever_was_imported_since() {
    let it = scene().await;
    for scheme in ["huaian-2024", "huangyan-2022", "jingde-2022"] {
        scored(&it, scheme).await;
    }
    // All the facts are others now; those that were read are still there.
    it.sql(
        "update mutu.enterprise_period set superseded_at = now();
         update mutu.occupancy set superseded_at = now() where uscc < 'E10';
         update mutu.enterprise set superseded_at = now() where uscc = 'E05';
         insert into mutu.enterprise (enterprise_id, uscc, name, is_scale, recorded_by) values (99, 'E99', 'new', true, 'test');
         update mutu.parcel set valid_to = '2026-01-01' where parcel_code = 'P7';",
    )
    .await;
    for run_id in 1..=3 {
        let found = runs::verify(&it.app, run_id).await.unwrap();
        assert_eq!((found.enterprises, &found.differences[..]), (23, &[][..]));
    }
    assert!(runs::verify(&it.app, 9).await.is_err());
    // Somebody who owns the tables changes a grade, a figure, or a fact behind all triggers.
    let tampered = async |sql: &str| {
        it.sql(sql).await;
        runs::verify(&it.app, 1).await.unwrap().differences
    };
    let grade =
        tampered("update mutu.enterprise_result set grade = 'A' where run_id = 1 and uscc = 'E01'")
            .await;
    assert!(grade.len() == 2 && grade[1].contains("E01"), "{grade:?}");
    let fact = tampered(
        "update mutu.enterprise_result set grade = 'D' where run_id = 1 and uscc = 'E01';
         update mutu.enterprise_period set tax_paid_wan = 1 where uscc = 'E03' and year = 2025",
    )
    .await;
    assert!(fact.len() == 1 && fact[0].contains("E03"), "{fact:?}");
}

#[tokio::test]
async fn parcels_of_a_published_run_are_digested_too() {
    let it = scene().await;
    scored(&it, "huaian-2024").await;
    let steward = it.token(Role::Steward).await;
    it.post(
        Some(&steward),
        "/api/v1/evaluations/1/publish",
        &json!({"objections_until": "2100-01-01"}),
    )
    .await;
    assert_eq!(runs::verify(&it.app, 1).await.unwrap().differences, Vec::<String>::new());
    it.sql(
        "alter table mutu.parcel_measure disable trigger published;
         update mutu.parcel_measure set tax_wan = 1 where parcel_id = 3;
         alter table mutu.parcel_measure enable trigger published",
    )
    .await;
    let found = runs::verify(&it.app, 1).await.unwrap().differences;
    assert!(found.len() == 2 && found.iter().all(|it| it.contains("parcel_measure")), "{found:?}");
    assert!(found[0].contains("digested") && found[1].contains("P3 tax_wan 1"), "{found:?}");
}

#[tokio::test]
async fn the_latest_final_run_is_shown_until_somebody_chooses_another() {
    let it = scene().await;
    let shown = async || -> i64 { it.value("select run_id from mutu.current_run").await };
    let steward = it.token(Role::Steward).await;
    let finalise = async |run_id: i64| {
        it.sql(&format!("update mutu.evaluation_run set state = 'published', objections_until = '2026-01-01' where run_id = {run_id}")).await;
        let path = format!("/api/v1/evaluations/{run_id}/finalise");
        assert_eq!(it.post(Some(&steward), &path, &json!({})).await.0, 200);
    };
    scored(&it, "huaian-2024").await;
    scored(&it, "huaian-2024").await;
    assert_eq!(shown().await, 2, "the latest, while none is final");
    finalise(1).await;
    assert_eq!(shown().await, 1, "the final one");
    scored(&it, "huaian-2024").await;
    assert_eq!(shown().await, 1, "a draft does not take its place");
    let revision: i64 =
        it.value("select revision from mutu.layer_revision where layer = 'yield_per_mu'").await;
    let choose = |run_id: Value| json!({"run_id": run_id});
    let path = "/api/v1/evaluations/shown";
    let officer = it.token(Role::Officer).await;
    assert_eq!(put(&it, &officer, path, &choose(json!(3))).await.0, 403);
    assert_eq!(put(&it, &steward, path, &choose(json!(99))).await.0, 404);
    let (status, runs) = put(&it, &steward, path, &choose(json!(3))).await;
    assert_eq!((status, &runs["evaluations"][0]["chosen"]), (200, &json!(true)), "{runs}");
    assert_eq!(shown().await, 3);
    let moved: i64 =
        it.value("select revision from mutu.layer_revision where layer = 'yield_per_mu'").await;
    assert_eq!(moved, revision + 1, "the map is told");
    finalise(2).await;
    assert_eq!(shown().await, 3, "what was chosen stays");
    assert_eq!(put(&it, &steward, path, &choose(Value::Null)).await.0, 200);
    assert_eq!(shown().await, 2, "the latest final one");
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
