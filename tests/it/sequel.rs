//! What follows a final run, on PostGIS and over HTTP: new hits become candidates once, old hits that went are told, units
//! get their notices, and all of it happens with the run's last step or not at all.

use mutu::access::Role;
use mutu::access::Scope;
use mutu::evaluation;
use mutu::evaluation::Options;
use serde_json::Value;
use serde_json::json;

use crate::support::TestApp;

/// Seven parcels of 30 mu: of unit 甲 those of odd number, of 乙 the others, the seventh of none. The first two and the last
/// pay little in 2025.
const SCENE: &str = "
    insert into mutu.parcel (parcel_id, parcel_code, name, responsible_unit, area_registered_m2, area_geom_m2, far_reported, geom, recorded_by)
    select n, 'P' || n, 'Land ' || n, case when n = 7 then null when n % 2 = 1 then '甲' else '乙' end, 20000, 20000, 1.5,
           st_multi(st_makeenvelope(121.2 + n * 0.002, 31.380, 121.2015 + n * 0.002, 31.382, 4490)), 'test'
    from generate_series(1, 7) n;
    insert into mutu.parcel_period (parcel_code, year, period, tax_wan, output_wan, recorded_by)
    select 'P' || n, y, y::text, case when y = 2025 and n in (1, 2, 7) then 60 else 600 end, 1000, 'test'
    from generate_series(1, 7) n, generate_series(2023, 2025) y;
";

async fn scene() -> TestApp {
    let it = TestApp::serving().await;
    it.sql(SCENE).await;
    it
}

async fn evaluate(it: &TestApp, ruleset: Option<&str>) -> i64 {
    let options = Options { year: 2025, ruleset: ruleset.map(str::to_owned) };
    let done = evaluation::evaluate(&it.app, &Scope::console(), &options, &mut |_| {}).await;
    done.unwrap().run_id
}

/// Sets a parcel's tax of 2025; nothing: nobody knows it.
async fn tax(it: &TestApp, code: &str, tax: &str) {
    it.sql(&format!(
        "update mutu.parcel_period set superseded_at = now()
         where parcel_code = '{code}' and year = 2025 and superseded_at is null;
         insert into mutu.parcel_period (parcel_code, year, period, tax_wan, output_wan, recorded_by)
         values ('{code}', 2025, '2025', {tax}, 1000, 'test')"
    ))
    .await;
}

async fn finalise(it: &TestApp, token: &str, run_id: i64) -> (u16, Value) {
    it.sql(&format!(
        "update mutu.evaluation_run set state = 'published', objections_until = '2026-01-01' where run_id = {run_id}"
    ))
    .await;
    it.post(Some(token), &format!("/api/v1/evaluations/{run_id}/finalise"), &json!({})).await
}

fn codes(hits: &Value) -> Vec<(&str, &str)> {
    let hits = hits["hits"].as_array().unwrap().iter();
    hits.map(|it| (it["parcel_code"].as_str().unwrap(), it["change"].as_str().unwrap())).collect()
}

#[tokio::test]
async fn the_first_final_run_opens_a_candidate_for_every_hit_and_tells_the_units() {
    let it = scene().await;
    let steward = it.token(Role::Steward).await;
    let run_id = evaluate(&it, None).await;
    let (status, done) = finalise(&it, &steward, run_id).await;
    assert_eq!((status, &done["state"]), (200, &json!("final")), "{done}");
    let sequel = &done["sequel"];
    assert_eq!(
        [&sequel["entered"], &sequel["gone"], &sequel["opened"], &sequel["notices"]],
        [3, 0, 3, 3].map(|it| json!(it)).each_ref(),
        "{sequel}"
    );
    let units: Vec<&Value> =
        sequel["lists"].as_array().unwrap().iter().map(|it| &it["responsible_unit"]).collect();
    assert_eq!(units, [&json!("乙"), &json!("甲"), &Value::Null]);
    // Each unit has its list, with a case in the first state that says where it comes from.
    let own = it.token_of(Role::Officer, Some(&["甲"])).await;
    let lists = it.json_as(&own, "/api/v1/lists").await;
    assert_eq!(lists["lists"].as_array().unwrap().len(), 1, "{lists}");
    let list = &lists["lists"][0];
    assert_eq!((&list["kind"], &list["selection"]["run_id"]), (&json!("renewal"), &json!(run_id)));
    let cases = it
        .json_as(&own, &format!("/api/v1/lists/{}/cases", list["list_id"].as_i64().unwrap()))
        .await;
    let case = &cases["cases"][0];
    assert_eq!((&case["parcel_code"], &case["state"]), (&json!("P1"), &json!("candidate")));
    let code = case["case_code"].as_str().unwrap();
    let events = it.json_as(&own, &format!("/api/v1/cases/{code}/events")).await.to_string();
    assert!(events.contains("tax_below_floor"), "{events}");
    // The hits, each reader's own.
    let path = format!("/api/v1/evaluations/{run_id}/hits");
    let hits = it.json_as(&own, &path).await;
    assert_eq!(codes(&hits), [("P1", "entered")], "{hits}");
    assert_eq!(
        (&hits["layers"][0]["against"], &hits["layers"][0]["entered"], &hits["hits"][0]["verdict"]),
        (&Value::Null, &json!(1), &json!("low"))
    );
    assert_eq!(hits["hits"][0]["case"]["case_code"], code);
    assert_eq!(codes(&it.json_as(&steward, &path).await).len(), 3);
    let viewer = it.token(Role::Viewer).await;
    assert_eq!(it.get_as(&viewer, &path).await.status(), 403);
    assert_eq!(it.get(&path).await.status(), 401);
    assert_eq!(it.get_as(&own, &format!("{path}?layer=parcels")).await.status(), 400);
    assert_eq!(it.get_as(&own, &format!("{path}?limit=0")).await.status(), 400);
    // Pages follow one another.
    let first = it.json_as(&steward, &format!("{path}?limit=2")).await;
    let next = first["next"].as_i64().unwrap();
    let second = it.json_as(&steward, &format!("{path}?limit=2&after={next}")).await;
    assert_eq!((codes(&first).len(), codes(&second).len(), &second["next"]), (2, 1, &Value::Null));
    // Once: the run is final.
    let again = it
        .post(Some(&steward), &format!("/api/v1/evaluations/{run_id}/finalise"), &json!({}))
        .await;
    assert_eq!(again.0, 409, "{}", again.1);
    let open: i64 = it.value("select count(*) from mutu.reuse_case").await;
    assert_eq!(open, 3);
}

#[tokio::test]
async fn a_later_run_opens_only_what_is_new_and_says_what_went() {
    let it = scene().await;
    let steward = it.token(Role::Steward).await;
    let first = evaluate(&it, None).await;
    assert_eq!(finalise(&it, &steward, first).await.0, 200);
    // One got better, one worse, of one nobody knows the tax any more, and one parcel is no more. Another that gets worse is
    // in an officer's list already.
    tax(&it, "P1", "600").await;
    tax(&it, "P2", "null").await;
    tax(&it, "P3", "60").await;
    tax(&it, "P4", "60").await;
    it.sql("update mutu.parcel set valid_to = '2025-12-31' where parcel_id = 7").await;
    let listed = json!({"name": "own", "kind": "renewal", "year": 2026, "selection": {"parcel_codes": "P4"}});
    assert_eq!(it.post(Some(&steward), "/api/v1/lists", &listed).await.0, 201);
    let second = evaluate(&it, None).await;
    let draft = it.get_as(&steward, &format!("/api/v1/evaluations/{second}/hits")).await;
    assert_eq!(draft.status(), 409, "compared when it is final");
    let (status, done) = finalise(&it, &steward, second).await;
    assert_eq!(status, 200, "{done}");
    let sequel = &done["sequel"];
    assert_eq!(
        [&sequel["entered"], &sequel["gone"], &sequel["opened"]],
        [2, 3, 1].map(|it| json!(it)).each_ref(),
        "{sequel}"
    );
    let path = format!("/api/v1/evaluations/{second}/hits");
    let hits = it.json_as(&steward, &path).await;
    assert_eq!(hits["layers"][0]["against"], json!(first), "{hits}");
    let of = |code: &str| {
        let all = hits["hits"].as_array().unwrap();
        all.iter().find(|it| it["parcel_code"] == code).unwrap_or_else(|| panic!("{code}: {hits}"))
    };
    for (code, change, verdict, opened) in [
        ("P1", "gone", json!("ok"), false),
        ("P2", "gone", json!("unknown"), false),
        ("P3", "entered", json!("low"), true),
        ("P4", "entered", json!("low"), false),
        ("P7", "gone", Value::Null, false),
    ] {
        let hit = of(code);
        assert_eq!(
            (&hit["change"], &hit["verdict"], &hit["opened"]),
            (&json!(change), &verdict, &json!(opened)),
            "{code}"
        );
        // Whoever looks at one that went sees that its case is still open.
        assert!(hit["case"]["case_code"].is_string(), "{hit}");
        assert_eq!(hit["reasons"], json!(["tax_below_floor"]), "{code}");
    }
    let gone = it.json_as(&steward, &format!("{path}?change=gone")).await;
    assert_eq!(codes(&gone).len(), 3, "{gone}");
    // Low again while its case is open: it is a hit, and no second case.
    tax(&it, "P1", "60").await;
    let third = evaluate(&it, None).await;
    let (_, done) = finalise(&it, &steward, third).await;
    assert_eq!(
        (&done["sequel"]["entered"], &done["sequel"]["opened"]),
        (&json!(1), &json!(0)),
        "{done}"
    );
    let twice: i64 = it
        .value(
            "select count(*) from (select parcel_id from mutu.reuse_case where superseded_at is null
             group by parcel_id having count(*) > 1) it",
        )
        .await;
    assert_eq!(twice, 0);
}

#[tokio::test]
async fn runs_of_other_rules_are_not_compared() {
    let it = scene().await;
    let steward = it.token(Role::Steward).await;
    let first = evaluate(&it, None).await;
    finalise(&it, &steward, first).await;
    let other = evaluate(&it, Some("dongyang-2021")).await;
    let (status, done) = finalise(&it, &steward, other).await;
    assert_eq!(status, 200, "{done}");
    let hits = it.json_as(&steward, &format!("/api/v1/evaluations/{other}/hits")).await;
    assert_eq!(
        (&hits["layers"][0]["ruleset"], &hits["layers"][0]["against"]),
        (&json!("dongyang-2021"), &Value::Null)
    );
    tax(&it, "P5", "60").await;
    let last = evaluate(&it, None).await;
    finalise(&it, &steward, last).await;
    let hits = it.json_as(&steward, &format!("/api/v1/evaluations/{last}/hits")).await;
    assert_eq!(hits["layers"][0]["against"], json!(first));
    assert_eq!(codes(&hits), [("P5", "entered")]);
}

#[tokio::test]
async fn a_run_is_final_with_its_sequel_or_not_at_all() {
    let it = scene().await;
    let steward = it.token(Role::Steward).await;
    let run_id = evaluate(&it, None).await;
    it.sql(
        "create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
         create trigger no before insert on mutu.notice for each row execute function refuse()",
    )
    .await;
    assert_eq!(finalise(&it, &steward, run_id).await.0, 500);
    for sql in [
        "select count(*) from mutu.run_hit",
        "select count(*) from mutu.run_sequel",
        "select count(*) from mutu.reuse_case",
        "select count(*) from mutu.reuse_list",
        "select count(*) from mutu.case_serial",
        "select count(*) from mutu.evaluation_run where state = 'final'",
        "select count(*) from mutu.audit_event where action in ('evaluation_finalised', 'cases_added')",
    ] {
        assert_eq!(it.value::<i64>(sql).await, 0, "{sql}");
    }
    it.sql("drop trigger no on mutu.notice").await;
    let (status, done) = finalise(&it, &steward, run_id).await;
    assert_eq!((status, &done["sequel"]["opened"]), (200, &json!(3)), "{done}");
}

#[tokio::test]
async fn notices_are_read_by_the_unit_and_marked_by_each_reader() {
    let it = scene().await;
    let steward = it.token(Role::Steward).await;
    let run_id = evaluate(&it, None).await;
    finalise(&it, &steward, run_id).await;
    let one = it.token_of(Role::Officer, Some(&["甲"])).await;
    let colleague = it.token_of(Role::Officer, Some(&["甲"])).await;
    let two = it.token_of(Role::Officer, Some(&["乙"])).await;
    let viewer = it.token(Role::Viewer).await;
    let path = "/api/v1/notices";
    assert_eq!(it.get(path).await.status(), 401);
    assert_eq!(it.get_as(&viewer, path).await.status(), 403);
    let own = it.json_as(&one, path).await;
    assert_eq!((own["notices"].as_array().unwrap().len(), &own["unread"]), (1, &json!(1)));
    let notice = &own["notices"][0];
    assert_eq!(
        (&notice["kind"], &notice["responsible_unit"], &notice["read_at"]),
        (&json!("run_final"), &json!("甲"), &Value::Null)
    );
    assert_eq!(
        (&notice["detail"]["run_id"], &notice["detail"]["entered"]),
        (&json!(run_id), &json!(1))
    );
    assert_eq!(notice["detail"]["list_ids"].as_array().unwrap().len(), 1);
    assert!(notice["title"]["zh"].as_str().unwrap().contains("新增低效 1 宗"), "{notice}");
    let all = it.json_as(&steward, path).await;
    assert_eq!((all["notices"].as_array().unwrap().len(), &all["unread"]), (3, &json!(3)));
    // A mark is one reader's, and of what one sees.
    let id = notice["notice_id"].as_i64().unwrap();
    let read = format!("/api/v1/notices/{id}/read");
    assert_eq!(it.post(Some(&two), &read, &json!({})).await.0, 404, "another unit's");
    assert_eq!(it.post(Some(&viewer), &read, &json!({})).await.0, 403);
    assert_eq!(it.post(Some(&one), &read, &json!({})).await, (200, json!({"unread": 0})));
    assert_eq!(it.post(Some(&one), &read, &json!({})).await, (200, json!({"unread": 0})), "again");
    assert_eq!(it.json_as(&one, "/api/v1/notices?unread=true").await["notices"], json!([]));
    assert!(it.json_as(&one, path).await["notices"][0]["read_at"].is_string());
    assert_eq!(it.json_as(&colleague, path).await["unread"], 1);
    let up_to = json!({"up_to": 1_000_000});
    assert_eq!(
        it.post(Some(&steward), "/api/v1/notices/read", &up_to).await,
        (200, json!({"unread": 0}))
    );
    assert_eq!(it.json_as(&two, path).await["unread"], 1, "others' marks are theirs");
    let page = it.json_as(&steward, "/api/v1/notices?limit=2&kind=run_final").await;
    let before = page["next_before"].as_i64().unwrap();
    let rest = it.json_as(&steward, &format!("/api/v1/notices?before={before}")).await;
    assert_eq!(
        (rest["notices"].as_array().unwrap().len(), &rest["next_before"]),
        (1, &Value::Null)
    );
    assert_eq!(it.get_as(&one, "/api/v1/notices?kind=nothing").await.status(), 400);
    // The database itself keeps them apart.
    let scope = Scope {
        role: Role::Officer,
        account: Some("a".to_owned()),
        responsible_units: Some(vec!["乙".to_owned()]),
        ..Scope::default()
    };
    let mut db = it.app.db.read(&scope).await.unwrap();
    for (table, seen) in [("notice", 1), ("run_hit", 1), ("notice_read", 1)] {
        let sql = format!("select count(*) from mutu.{table}");
        let found: i64 =
            sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&mut db).await.unwrap();
        assert_eq!(found, seen, "{table}");
    }
}

#[tokio::test]
async fn land_outside_the_construction_area_becomes_a_candidate_of_reduction() {
    let it = scene().await;
    // P1 and P2 are low in a block; P3 and P7 are low outside of everything, so is P4, which an officer classed otherwise.
    it.sql(
        "insert into layer.blocks_104 (code, name, geom, recorded_by)
         values ('104-1', 'block', st_multi(st_makeenvelope(121.2, 31.37, 121.2058, 31.39, 4490)), 'test');
         insert into layer.construction_area (code, name, geom, recorded_by)
         values ('ca-1', 'area', st_multi(st_makeenvelope(121.2, 31.37, 121.2058, 31.39, 4490)), 'test');
         update mutu.parcel set block_class_override = 'scattered' where parcel_code = 'P4'",
    )
    .await;
    tax(&it, "P3", "60").await;
    tax(&it, "P4", "60").await;
    let steward = it.token(Role::Steward).await;
    let run_id = evaluate(&it, None).await;
    let (status, done) = finalise(&it, &steward, run_id).await;
    assert_eq!((status, &done["sequel"]["opened"]), (200, &json!(5)), "{done}");
    let mut lists: Vec<(&str, Option<&str>, i64)> = done["sequel"]["lists"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            (
                it["kind"].as_str().unwrap(),
                it["responsible_unit"].as_str(),
                it["cases"].as_i64().unwrap(),
            )
        })
        .collect();
    lists.sort_unstable();
    assert_eq!(
        lists,
        [
            ("reduction", None, 1),
            ("reduction", Some("甲"), 1),
            ("renewal", Some("乙"), 2),
            ("renewal", Some("甲"), 1)
        ]
    );
    let rows: Vec<(String, String, Option<String>)> = sqlx::query_as(
        "select c.parcel_code, l.kind, c.path from mutu.reuse_case c join mutu.reuse_list l using (list_id) order by 1",
    )
    .fetch_all(it.app.db.owner())
    .await
    .unwrap();
    let told: Vec<(&str, &str, Option<&str>)> =
        rows.iter().map(|it| (it.0.as_str(), it.1.as_str(), it.2.as_deref())).collect();
    assert_eq!(
        told,
        [
            ("P1", "renewal", None),
            ("P2", "renewal", None),
            ("P3", "reduction", Some("reduction")),
            ("P4", "renewal", None),
            ("P7", "reduction", Some("reduction")),
        ]
    );
    // The unit sees its case with the path, and both its lists in the notice.
    let own = it.token_of(Role::Officer, Some(&["甲"])).await;
    let list = done["sequel"]["lists"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["kind"] == "reduction" && it["responsible_unit"] == "甲")
        .unwrap();
    assert!(list["name"].as_str().unwrap().contains("减量化"), "{list}");
    let cases = it.json_as(&own, &format!("/api/v1/lists/{}/cases", list["list_id"])).await;
    assert_eq!(
        (&cases["cases"][0]["path"], &cases["cases"][0]["state"]),
        (&json!("reduction"), &json!("candidate"))
    );
    let notices = it.json_as(&own, "/api/v1/notices").await;
    assert_eq!(
        notices["notices"][0]["detail"]["list_ids"].as_array().unwrap().len(),
        2,
        "{notices}"
    );
    // Every hit names its case, whichever list it is in.
    let hits = it.json_as(&steward, &format!("/api/v1/evaluations/{run_id}/hits")).await;
    assert!(hits["hits"].as_array().unwrap().iter().all(|it| it["opened"] == true), "{hits}");
}
