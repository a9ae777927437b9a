//! What-if answers on PostGIS: equal to what a run would find and to SQL, bound to roles and units; scenarios saved,
//! compared and adopted.

use std::collections::BTreeMap;

use mutu::access::Role;
use mutu::access::Scope;
use mutu::cql;
use mutu::evaluation;
use mutu::evaluation::Options;
use mutu::evaluation::ruleset;
use mutu::layer::Layers;
use serde_json::Value;
use serde_json::json;

use crate::support::TestApp;

mod changes;

/// Forty parcels of two units: taxes from nothing to 19 万元 a mu, every fifth unknown; every third sparsely built; some
/// under construction, some under a contract, some of a utility.
const SCENE: &str = "
    insert into layer.blocks_104 (code, name, geom, recorded_by)
    values ('104-1', 'block', st_multi(st_makeenvelope(121.200, 31.380, 121.220, 31.382, 4490)), 'test');
    insert into layer.construction_area (code, name, geom, recorded_by)
    values ('ca-1', 'area', st_multi(st_makeenvelope(121.200, 31.380, 121.260, 31.382, 4490)), 'test');
    insert into mutu.parcel (parcel_id, parcel_code, responsible_unit, area_registered_m2, area_geom_m2, far_reported, status,
        contract_finish, contract_tax_wan_per_mu, industry_code, geom, recorded_by)
    select n, 'P' || n, case when n % 2 = 0 then '安亭镇' else '马陆镇' end, 20000 + n * 100, 42000,
           case when n % 7 = 0 then null when n % 3 = 0 then 0.6 else 1.5 end,
           case when n % 11 = 0 then '在建' when n % 13 = 0 then '闲置' when n % 4 = 0 then null else '在用' end,
           case when n % 2 = 0 then '2026-06-30'::date else '2024-06-30'::date end,
           case when n % 6 = 0 then 30 end,
           case when n % 17 = 0 then 'D44' end,
           st_multi(st_makeenvelope(121.198 + n * 0.002, 31.380, 121.2 + n * 0.002, 31.382, 4490)), 'test'
    from generate_series(1, 40) n;
    insert into mutu.parcel_period (parcel_code, year, period, tax_wan, output_wan, energy_tce, recorded_by)
    select 'P' || n, y, y::text, n % 20 * 30, 1000, 10 + n, 'test'
    from generate_series(1, 40) n, generate_series(2023, 2025) y
    where n % 5 > 0 or y < 2025;
    insert into mutu.target (unit, year, period, kind, quantity, recorded_by)
    values ('安亭镇', 2025, '2025', 'mu', 600, 'test'), ('马陆镇', 2025, '2025', 'mu', 100, 'test');
";

async fn scene() -> TestApp {
    let it = TestApp::serving().await;
    it.sql(SCENE).await;
    evaluate(&it, None).await;
    it
}

async fn evaluate(it: &TestApp, ruleset: Option<&str>) -> evaluation::Report {
    let options = Options { year: 2025, ruleset: ruleset.map(str::to_owned) };
    evaluation::evaluate(&it.app, &Scope::console(), &options, &mut |_| {}).await.unwrap()
}

async fn preview(it: &TestApp, token: &str, asked: &Value) -> Value {
    let (status, answer) = it.post(Some(token), "/api/v1/scenarios/preview", asked).await;
    assert_eq!(status, 200, "{asked}: {answer}");
    answer
}

fn parcels(of: &Value) -> [u64; 4] {
    ["low", "ok", "unknown", "not_judged"].map(|it| of[it]["parcels"].as_u64().unwrap())
}

#[tokio::test]
async fn nothing_changed_is_what_the_run_found() {
    let it = scene().await;
    let token = it.token(Role::Officer).await;
    let answer = preview(&it, &token, &json!({})).await;
    assert_eq!(parcels(&answer["before"]), parcels(&answer["after"]));
    assert_eq!(answer["before"], answer["after"]);
    assert_eq!(answer["flips"], json!([]));
    let counted: Vec<(String, i64, Option<String>)> = sqlx::query_as(
        "select r.verdict, count(*), trim_scale(sum(m.tax_wan))::text
         from mutu.parcel_result r join mutu.parcel_measure m using (run_id, parcel_id) join mutu.current_run using (run_id)
         group by 1",
    )
    .fetch_all(it.app.db.owner())
    .await
    .unwrap();
    assert_eq!(counted.len(), 3, "{counted:?}");
    for (verdict, parcels, tax) in counted {
        assert_eq!(answer["after"][&verdict]["parcels"], parcels, "{verdict}");
        assert_eq!(answer["after"][&verdict]["tax_wan"], json!(tax), "{verdict}");
    }
    let units: u64 = answer["units"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| parcels(&it["after"]).iter().sum::<u64>())
        .sum();
    let classes: u64 = answer["classes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| parcels(&it["after"]).iter().sum::<u64>())
        .sum();
    assert_eq!([units, classes], [40, 40]);
    let gap = &answer["targets"][0];
    assert_eq!(
        (gap["kind"].as_str(), gap["quantity"].as_str(), gap["is_stored"].as_bool()),
        (Some("mu"), Some("700"), Some(true))
    );
}

/// The same question in SQL, from the text of the rules as they were changed.
async fn by_sql(it: &TestApp, text: &str) -> BTreeMap<i64, String> {
    let layers = Layers::load(None).unwrap();
    let set = ruleset::read(&layers, text, 2025).unwrap();
    let fields = ruleset::fields(&layers);
    let either = |effect| {
        let of = cql::sql::to_sql(&set.any(effect), &fields, 1).unwrap();
        // Literals of the rules are numbers, days and words of ours.
        let mut sql = of.sql.clone();
        for (nth, value) in of.values.iter().enumerate().rev() {
            let literal = match value {
                cql::Value::Number(it) => format!("{it}::numeric"),
                cql::Value::Date(it) => format!("'{it}'::date"),
                cql::Value::Text(it) => format!("'{it}'::text"),
                cql::Value::Bool(it) => it.to_string(),
                other => panic!("{other:?}"),
            };
            sql = sql.replace(&format!("${}", nth + 1), &literal);
        }
        sql
    };
    let (low, exempt) =
        (either(mutu::judgement::rule::Effect::Low), either(mutu::judgement::rule::Effect::Exempt));
    let sql = format!(
        "select parcel_id, case when (({low}) and not ({exempt})) then 'low' when not (({low}) and not ({exempt})) then 'ok'
                           else 'unknown' end
         from (select m.*, v.status, v.contract_finish, v.contract_tax_wan_per_mu, v.industry_code
               from mutu.parcel_measure m join mutu.current_run using (run_id)
               join mutu.parcel v on v.row_id = m.parcel_row_id) t"
    );
    let rows: Vec<(i64, String)> =
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_all(it.app.db.owner()).await.unwrap();
    rows.into_iter().collect()
}

#[tokio::test]
async fn changed_thresholds_find_what_sql_finds_and_what_a_run_would() {
    let it = scene().await;
    let token = it.token(Role::Officer).await;
    let text = &it.app.layers.find("low_efficiency").unwrap().rules["general-2025"];
    for changes in [
        json!({"parameters": {"tax_floor": 8.5}}),
        json!({"parameters": {"tax_floor": 0, "tax_modest": 60, "far_floor": 2}}),
        json!({"parameters": {"contract_share": 0.25, "years_without_tax": 1}}),
        json!({"rules": {"under_construction": null, "far_and_tax_low": {"when": "far < :far_floor"}}}),
        json!({"rules": {"dirty": {"when": "energy_tce / tax_wan > 0.2", "effect": "low"}}}),
        json!({"rules": {"utility": {"when": "industry_code LIKE 'D%'"}}}),
    ] {
        let answer = preview(&it, &token, &changes).await;
        let parsed = serde_json::from_value(changes.clone()).unwrap();
        let changed = mutu::judgement::rule::changed(text, &parsed, None).unwrap();
        let wanted = by_sql(&it, &changed).await;
        for verdict in ["low", "ok", "unknown"] {
            let count = wanted.values().filter(|it| *it == verdict).count();
            assert_eq!(answer["after"][verdict]["parcels"], count, "{verdict}: {changes}");
        }
        let stored: BTreeMap<i64, String> = sqlx::query_as::<_, (i64, String)>(
            "select parcel_id, verdict from mutu.parcel_result join mutu.current_run using (run_id)",
        )
        .fetch_all(it.app.db.owner())
        .await
        .unwrap()
        .into_iter()
        .collect();
        for flip in answer["flips"].as_array().unwrap() {
            let ids: Vec<i64> = serde_json::from_value(flip["ids"].clone()).unwrap();
            let moved: Vec<i64> = wanted
                .iter()
                .filter(|(id, now)| **now == flip["to"] && stored[id] == flip["from"])
                .map(|(id, _)| *id)
                .collect();
            assert_eq!(ids, moved, "{flip}");
        }
    }
}

#[tokio::test]
async fn a_box_and_a_number_bound_the_ids_and_not_the_counts() {
    let it = scene().await;
    let token = it.token(Role::Officer).await;
    let changes = json!({"tax_floor": 60});
    let all = preview(&it, &token, &json!({"parameters": changes})).await;
    let low = |of: &Value| {
        let flips = of["flips"].as_array().unwrap();
        flips.iter().find(|it| it["from"] == "ok" && it["to"] == "low").unwrap().clone()
    };
    let cut = preview(&it, &token, &json!({"parameters": changes, "ids_at_most": 2})).await;
    assert_eq!(low(&cut)["ids"].as_array().unwrap().len(), 2);
    assert_eq!(
        (&low(&cut)["is_cut"], &low(&cut)["parcels"]),
        (&json!(true), &low(&all)["parcels"])
    );
    let boxed = preview(
        &it,
        &token,
        &json!({"parameters": changes, "bbox": [121.1999, 31.37, 121.2301, 31.39]}),
    )
    .await;
    let ids: Vec<i64> = serde_json::from_value(low(&boxed)["ids"].clone()).unwrap();
    assert!(!ids.is_empty() && ids.iter().all(|it| *it <= 16), "{ids:?}");
    assert_eq!(low(&boxed)["parcels"], low(&all)["parcels"]);
}

#[tokio::test]
async fn what_is_wrong_is_told_with_its_place() {
    let it = scene().await;
    let token = it.token(Role::Officer).await;
    for (asked, says) in [
        (json!({"parameters": {"tax_flor": 6}}), "tax_floor"),
        (json!({"parameters": {"tax_floor": "six"}}), "parameters.tax_floor"),
        (json!({"parameters": {"tax_floor": 61}}), "min"),
        (json!({"rules": {"r": {"when": "tax_wan_per_m < 1", "effect": "low"}}}), "tax_wan_per_mu"),
        (json!({"rules": {"r": {"when": "far < 'x'", "effect": "low"}}}), "rules.r"),
        (
            json!({"rules": {"r": {"when": "S_INTERSECTS(geom, POINT(1 2))", "effect": "low"}}}),
            "geom",
        ),
        (json!({"filter": "far <"}), "filter"),
        (json!({"ruleset": "general-2024"}), "general-2025"),
        (json!({"run_id": 99}), "99"),
        (json!({"layer": "parcels"}), "parcels"),
        (json!({"target": {"kind": "acres", "quantity": 1}}), "target.kind"),
        (json!({"bbox": [3, 2, 1, 4, 5]}), "bbox"),
        (json!({"ids_at_most": 100_000}), "10000"),
        (json!({"nothing": 1}), "nothing"),
    ] {
        let (status, answer) = it.post(Some(&token), "/api/v1/scenarios/preview", &asked).await;
        assert!((400..=409).contains(&status), "{asked}: {status} {answer}");
        assert!(answer.to_string().contains(says), "{asked}: {answer}");
    }
    let many = vec!["far < 1"; 4_000].join(" OR ");
    let asked = json!({"rules": {"r": {"when": many, "effect": "low"}}});
    let (status, answer) = it.post(Some(&token), "/api/v1/scenarios/preview", &asked).await;
    assert!(status == 400 && answer.to_string().contains("5000"), "{answer}");
    let none = TestApp::serving().await;
    let token = none.token(Role::Officer).await;
    assert_eq!(none.post(Some(&token), "/api/v1/scenarios/preview", &json!({})).await.0, 409);
}

/// Whoever may not read a figure cannot find it by moving a threshold, in his own units or in others.
#[tokio::test]
async fn thresholds_tell_nobody_more_than_he_reads() {
    let it = scene().await;
    for role in [None, Some(Role::Viewer)] {
        let token = match role {
            Some(it_) => Some(it.token(it_).await),
            None => None,
        };
        let asked = json!({"rules": {"far_only": {"when": "far < 1", "effect": "low"}}});
        let (status, _) = it.post(token.as_deref(), "/api/v1/scenarios/preview", &asked).await;
        assert_eq!(status, if role.is_some() { 403 } else { 401 });
    }
    let own = it.token_of(Role::Officer, Some(&["安亭镇"])).await;
    for asked in [
        json!({}),
        json!({"filter": "responsible_unit = '马陆镇'"}),
        json!({"filter": "parcel_code = 'P1' AND tax_wan > 0"}),
        json!({"parameters": {"tax_floor": 60}, "rules": {"all": {"when": "area_mu > 0", "effect": "low"}}}),
    ] {
        let answer = preview(&it, &own, &asked).await;
        assert_eq!(answer["rows"], "own_units");
        let keys: Vec<&str> = answer["units"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|it| it["key"].as_str())
            .collect();
        assert!(keys.iter().all(|it| *it == "安亭镇"), "{keys:?}");
        let all: u64 = parcels(&answer["after"]).iter().sum();
        assert!(all <= 20);
        for flip in answer["flips"].as_array().unwrap() {
            let ids: Vec<i64> = serde_json::from_value(flip["ids"].clone()).unwrap();
            assert!(ids.iter().all(|it| it % 2 == 0), "{ids:?}");
        }
        for target in answer["targets"].as_array().unwrap() {
            assert!(target["unit"].is_null() || target["unit"] == "安亭镇");
        }
    }
    assert_eq!(
        parcels(&preview(&it, &own, &json!({"filter": "parcel_code = 'P1'"})).await["after"]),
        [0; 4]
    );
    // A parcel that changed hands is its new unit's.
    it.sql("update mutu.parcel set responsible_unit = '安亭镇' where parcel_id = 1").await;
    it.tell("parcels", Some(&[1])).await;
    let moved = preview(&it, &own, &json!({"filter": "parcel_code = 'P1'"})).await;
    assert_eq!(parcels(&moved["after"]).iter().sum::<u64>(), 1);
}

#[tokio::test]
async fn a_scenario_is_saved_compared_and_adopted() {
    let it = scene().await;
    let officer = it.token(Role::Officer).await;
    let new = json!({"title": "八万元", "changes": {"parameters": {"tax_floor": 8}}});
    let (status, saved) = it.post(Some(&officer), "/api/v1/scenarios", &new).await;
    assert_eq!(status, 201, "{saved}");
    let id = saved["scenario_id"].as_i64().unwrap();
    assert_eq!(
        (&saved["ruleset"], &saved["parameters"][1]["value"]),
        (&json!("general-2025"), &json!("8"))
    );
    let listed = it.json_as(&officer, "/api/v1/scenarios").await;
    assert_eq!(listed["scenarios"][0], saved);
    for bad in [
        json!({"title": " ", "changes": {}}),
        json!({"title": "x", "changes": {"parameters": {"tax": 1}}}),
        json!({"title": "x", "filter": "far <"}),
    ] {
        assert_eq!(it.post(Some(&officer), "/api/v1/scenarios", &bad).await.0, 400, "{bad}");
    }
    let kept: i64 = it.value("select count(*) from mutu.scenario").await;
    assert_eq!(kept, 1, "nothing half-stored");

    let against = it.json_as(&officer, &format!("/api/v1/scenarios/compare?right={id}")).await;
    let asked = json!({"parameters": {"tax_floor": 8}});
    let alone = preview(&it, &officer, &asked).await;
    assert_eq!(against["differences"]["after"], alone["after"]);
    assert_eq!(against["differences"]["before"], alone["before"]);
    assert_eq!(against["differences"]["units"], alone["units"]);
    assert!(!against["entered"].as_array().unwrap().is_empty());
    assert_eq!(against["gone"], json!([]));
    let back = it.json_as(&officer, &format!("/api/v1/scenarios/compare?left={id}")).await;
    assert_eq!(
        back["gone"].as_array().unwrap().len(),
        against["entered"].as_array().unwrap().len()
    );

    let path = format!("/api/v1/scenarios/{id}/adopt");
    let terms = json!({"valid_from": "2025-07-01", "valid_to": "2026-01-01", "legal_basis": "某办发〔2025〕1号"});
    assert_eq!(it.post(Some(&officer), &path, &terms).await.0, 403);
    let bounded = it.token_of(Role::Steward, Some(&["安亭镇"])).await;
    assert_eq!(it.post(Some(&bounded), &path, &terms).await.0, 403);
    let steward = it.token(Role::Steward).await;
    let wrong = json!({"valid_from": "2025-07-01", "valid_to": "2025-07-01", "legal_basis": "x"});
    assert_eq!(it.post(Some(&steward), &path, &wrong).await.0, 400);
    let (status, adopted) = it.post(Some(&steward), &path, &terms).await;
    assert_eq!(status, 201, "{adopted}");
    assert_eq!((&adopted["id"], &adopted["version"]), (&json!("general-2025"), &json!(2)));

    let report = evaluate(&it, None).await;
    assert_eq!(report.rulesets["low_efficiency"], "general-2025");
    assert_eq!(
        report.verdicts["low_efficiency"]["low"].parcels as u64,
        parcels(&alone["after"])[0]
    );
    let used: (i64, String) = sqlx::query_as(
        "select s.version, s.text from mutu.evaluation_rule_set e join mutu.current_run using (run_id) join mutu.rule_set s using (rule_set_id)",
    )
    .fetch_one(it.app.db.owner())
    .await
    .unwrap();
    assert_eq!(used.0, 2);
    assert!(used.1.contains("2025-07-01") && used.1.contains("某办发〔2025〕1号"), "{}", used.1);
    let sentence: String = it
        .value(
            "select e -> 'sentence' ->> 'zh' from mutu.parcel_result r join mutu.current_run using (run_id),
             jsonb_array_elements(r.evidence) e where e ->> 'rule' = 'tax_below_floor' and e ->> 'result' = 'true' limit 1",
        )
        .await;
    assert!(sentence.contains("低于 8 万元"), "{sentence}");
    let events: i64 = it
        .value("select count(*) from mutu.audit_event where action in ('scenario_saved', 'rule_set_adopted')")
        .await;
    assert_eq!(events, 2);

    let other = it.token(Role::Officer).await;
    let delete = |token: String| {
        it.client.delete(it.url(&format!("/api/v1/scenarios/{id}"))).bearer_auth(token).send()
    };
    assert_eq!(delete(other).await.unwrap().status(), 403);
    assert_eq!(delete(officer.clone()).await.unwrap().status(), 204);
    assert_eq!(it.json_as(&officer, "/api/v1/scenarios").await["scenarios"], json!([]));
}

#[tokio::test]
async fn thresholds_that_close_in_on_a_figure_are_not_adopted() {
    let it = scene().await;
    let steward = it.token(Role::Steward).await;
    // Beside the 10 of another rule.
    let new = json!({"title": "近", "changes": {"parameters": {"tax_floor": 9.9}}});
    let (_, saved) = it.post(Some(&steward), "/api/v1/scenarios", &new).await;
    let path = format!("/api/v1/scenarios/{}/adopt", saved["scenario_id"]);
    let terms = json!({"valid_from": "2025-07-01", "legal_basis": "x"});
    let (status, answer) = it.post(Some(&steward), &path, &terms).await;
    assert!(status == 400 && answer.to_string().contains("tell the figure"), "{answer}");
    let adopted: i64 =
        it.value("select count(*) from mutu.rule_set where origin = 'adopted'").await;
    assert_eq!(adopted, 0);
}

#[tokio::test]
async fn rule_sets_are_listed_with_their_parameters() {
    let it = scene().await;
    let officer = it.token(Role::Officer).await;
    let sets = it.json_as(&officer, "/api/v1/rule_sets").await;
    let general =
        sets["rule_sets"].as_array().unwrap().iter().find(|it| it["id"] == "general-2025").unwrap();
    assert_eq!(general["parameters"][1]["id"], "tax_floor");
    let viewer = it.token(Role::Viewer).await;
    assert_eq!(it.get_as(&viewer, "/api/v1/rule_sets").await.status(), 403);
}
