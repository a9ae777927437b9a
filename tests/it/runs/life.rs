//! From the draft to the final run: objections, what stays as it is, and which run is shown.

use mutu::access::Role;
use mutu::evaluation::runs;
use serde_json::Value;
use serde_json::json;

use super::put;
use super::scene;
use super::scored;

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
