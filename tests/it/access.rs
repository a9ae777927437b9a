//! Who may read what, over HTTP.

use mutu::access::Role;
use mutu::access::Scope;
use mutu::account::manage;

use crate::support::TestApp;

#[tokio::test]
async fn a_token_signs_in_and_a_wrong_one_is_refused() {
    let it = TestApp::serving().await;
    assert_eq!(it.json("/api/v1/session").await["role"], "public");
    let token = it.token(Role::Viewer).await;
    assert_eq!(it.json_as(&token, "/api/v1/session").await["role"], "viewer");
    let refused =
        it.client.get(it.url("/api/v1/session")).bearer_auth("mutu_wrong").send().await.unwrap();
    assert_eq!(refused.status(), 401);
    assert_eq!(refused.headers()["content-type"], "application/problem+json");
}

#[tokio::test]
async fn a_link_signs_in_once() {
    let it = TestApp::serving().await;
    it.account("steward", Role::Steward, None).await;
    let (link, _) = manage::create_link(&it.app.db, &Scope::console(), "steward").await.unwrap();
    let path = format!("/sign-in?code={}", link.reveal());
    let first = it.get(&path).await;
    assert_eq!(first.status(), 303);
    let cookie = first.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    let session =
        it.client.get(it.url("/api/v1/session")).header("cookie", cookie).send().await.unwrap();
    assert_eq!(session.json::<serde_json::Value>().await.unwrap()["role"], "steward");
    assert_eq!(it.get(&path).await.status(), 401);
}

fn scope(role: Role, units: Option<&[&str]>) -> Scope {
    let responsible_units = units.map(|it| it.iter().map(|it| (*it).to_owned()).collect());
    Scope { role, account: Some("test".to_owned()), responsible_units, ..Scope::default() }
}

#[tokio::test]
async fn no_reading_role_can_write_see_secrets_or_touch_a_table_it_was_not_given() {
    let it = TestApp::new().await;
    for role in Role::ALL {
        let mut db = it.app.db.read(&scope(role, None)).await.unwrap();
        for sql in [
            "insert into mutu.current_run (run_id) values (1)",
            "update mutu.account set role = 'admin'",
            "select * from mutu.api_token",
            "select * from mutu.session",
            "select * from mutu.account",
            "select * from mutu.sign_in_link",
            "select * from mutu.password_history",
            "select * from mutu.enterprise_period",
            "select tax_wan from mutu.enterprise_period_current",
            "select * from mutu.parcel",
            "select extra from mutu.parcel_current",
            "select rent_wan from mutu.occupancy_current",
            "select * from layer.towns",
            "select mutu.prune_audit('1 year')",
        ] {
            let refused = sqlx::raw_sql(sql).execute(&mut db).await.expect_err(sql);
            assert!(
                refused.to_string().contains("permission denied")
                    || refused.to_string().contains("read-only"),
                "{role} {sql}: {refused}"
            );
        }
    }
}

#[tokio::test]
async fn columns_are_granted_to_the_roles_that_the_folders_name() {
    let it = TestApp::new().await;
    for layer in it.app.layers.layers.values() {
        for role in Role::ALL {
            let scope = scope(role, None);
            let mut db = it.app.db.read(&scope).await.unwrap();
            for (name, field) in &layer.field {
                let sql = format!("select {name} from {} limit 1", layer.relation());
                let read = sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut db).await;
                let may = scope.may(layer.role_of(field));
                assert_eq!(read.is_ok(), may, "{role} reading `{}`.`{name}`", layer.id);
                assert_eq!(
                    layer.field_for(&scope, name).is_some(),
                    may,
                    "{role} `{}`.`{name}`",
                    layer.id
                );
            }
        }
    }
    // Every measure is the strictest field's, in the run's tables as in the layers.
    let mut db = it.app.db.read(&scope(Role::Viewer, None)).await.unwrap();
    for (sql, may) in [
        ("select far, area_mu from mutu.parcel_measure", true),
        ("select tax_wan from mutu.parcel_measure", false),
        ("select year, complete from mutu.parcel_year", true),
        ("select output_wan_per_mu from mutu.parcel_year", false),
        ("select block_class_override from mutu.parcel_current", true),
        ("select contract_tax_wan_per_mu from mutu.parcel_current", false),
    ] {
        assert_eq!(sqlx::raw_sql(sql).execute(&mut db).await.is_ok(), may, "{sql}");
    }
}

#[tokio::test]
async fn the_service_itself_cannot_rewrite_the_audit() {
    let it = TestApp::new().await;
    let insert = "insert into mutu.audit_event (account, action) values ('a', 'sign_in')";
    sqlx::raw_sql(insert).execute(&it.app.db.write).await.unwrap();
    for sql in [
        "update mutu.audit_event set account = 'b'",
        "delete from mutu.audit_event",
        "truncate mutu.audit_event",
        "drop table mutu.audit_event",
        "alter table mutu.audit_event disable trigger append_only",
    ] {
        assert!(sqlx::raw_sql(sql).execute(&it.app.db.write).await.is_err(), "{sql}");
    }
    // Nor can the owner, by mistake; and nobody forgets what is younger than half a year.
    assert!(
        sqlx::raw_sql("delete from mutu.audit_event").execute(it.app.db.owner()).await.is_err()
    );
    let early =
        sqlx::raw_sql("select mutu.prune_audit('5 months')").execute(&it.app.db.write).await;
    assert!(early.unwrap_err().to_string().contains("six months"));
    it.sql("insert into mutu.audit_event (account, action, happened_at) values ('old', 'sign_in', now() - interval '2 years')")
        .await;
    let pruned: i64 = sqlx::query_scalar("select mutu.prune_audit('1 year')")
        .fetch_one(&it.app.db.write)
        .await
        .unwrap();
    assert_eq!(pruned, 1);
    let left: i64 = sqlx::query_scalar("select count(*) from mutu.audit_event")
        .fetch_one(it.app.db.owner())
        .await
        .unwrap();
    assert_eq!(left, 1);
}

#[tokio::test]
async fn lists_show_to_officers_of_their_units() {
    let it = TestApp::new().await;
    it.sql(
        "insert into mutu.reuse_list (name, kind, year, responsible_unit, code_prefix, created_by) values
             ('a', 'renewal', 2025, '马陆镇', 'QX', 'test'),
             ('b', 'renewal', 2025, '安亭镇', 'QX', 'test'),
             ('c', 'renewal', 2025, null, 'QX', 'test');
         insert into mutu.reuse_case
             (reuse_case_id, list_id, case_code, year, parcel_id, parcel_code, responsible_unit, area_mu, area_geom_m2, geom, recorded_by)
         select list_id, list_id, 'QX' || list_id, 2025, list_id, 'P', coalesce(responsible_unit, '安亭镇'), 10, 6666.67,
                st_multi(st_makeenvelope(121.2, 31.3, 121.201, 31.301, 4490)), 'test'
         from mutu.reuse_list;
         insert into mutu.case_event (reuse_case_id, list_id, case_code, kind, happened_on, recorded_by)
         select reuse_case_id, list_id, case_code, 'comment', '2025-01-01', 'test' from mutu.reuse_case",
    )
    .await;
    for (role, units, seen) in [
        (Role::Officer, Some(["马陆镇"].as_slice()), "a"),
        (Role::Officer, Some(&["安亭镇"]), "b,c"),
        (Role::Officer, Some(&["南翔镇"]), ""),
        (Role::Steward, None, "a,b,c"),
    ] {
        let mut db = it.app.db.read(&scope(role, units)).await.unwrap();
        let lists: String = sqlx::query_scalar(
            "select coalesce(string_agg(name, ',' order by name), '') from mutu.reuse_list",
        )
        .fetch_one(&mut db)
        .await
        .unwrap();
        assert_eq!(lists, seen, "{role} {units:?}");
        let count = i64::try_from(seen.split(',').filter(|it| !it.is_empty()).count()).unwrap();
        for table in ["mutu.reuse_case", "mutu.case_event", "layer.reuse_cases"] {
            let sql = format!("select count(*) from {table}");
            let found: i64 =
                sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&mut db).await.unwrap();
            assert_eq!(found, count, "{role} {units:?} {table}");
        }
    }
    for role in [Role::Public, Role::Viewer] {
        for table in ["mutu.reuse_list", "mutu.reuse_case", "mutu.case_event", "layer.reuse_cases"]
        {
            let mut db = it.app.db.read(&scope(role, None)).await.unwrap();
            let sql = format!("select 1 from {table}");
            let read = sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut db).await;
            assert!(read.is_err(), "{role} {table}");
        }
    }
    // What happened stays, whoever would have it otherwise.
    for sql in ["delete from mutu.case_event", "update mutu.case_event set reason = 'x'"] {
        assert!(sqlx::raw_sql(sql).execute(&it.app.db.write).await.is_err(), "{sql}");
        assert!(sqlx::raw_sql(sql).execute(it.app.db.owner()).await.is_err(), "{sql}");
    }
}

/// Two parcels of two units, evaluated with a tax each.
async fn two_units() -> TestApp {
    let mut it = TestApp::new().await;
    it.sql(
        "insert into mutu.parcel (parcel_id, parcel_code, responsible_unit, area_geom_m2, area_registered_m2, geom, recorded_by)
         select n, 'P' || n, case n when 1 then '马陆镇' else '安亭镇' end, 6666.67, 6666.67,
                st_multi(st_makeenvelope(121.2 + n * 0.001, 31.3, 121.2008 + n * 0.001, 31.3008, 4490)), 'test'
         from generate_series(1, 2) n;
         insert into mutu.enterprise (enterprise_id, uscc, name, recorded_by)
         select n, 'U' || n, '企业' || n, 'test' from generate_series(1, 2) n;
         insert into mutu.occupancy (parcel_code, uscc, land_m2, recorded_by)
         select 'P' || n, 'U' || n, 6666.67, 'test' from generate_series(1, 2) n;
         insert into mutu.enterprise_period (uscc, year, period, tax_wan, output_wan, recorded_by)
         select 'U' || n, 2025, '2025', 1234.5 * n, 99999 * n, 'test' from generate_series(1, 2) n;",
    )
    .await;
    let options = mutu::evaluation::Options { year: 2025, ruleset: None };
    mutu::evaluation::evaluate(&it.app, &Scope::console(), &options, &mut |_| {}).await.unwrap();
    it.serve();
    it
}

#[tokio::test]
async fn an_officers_role_holds_in_the_own_units() {
    let it = two_units().await;
    let token = it.token_of(Role::Officer, Some(&["马陆镇"])).await;
    // In the table of features, in the filter, in the dossier.
    let page = it.json_as(&token, "/ogc/collections/yield_per_mu/items?f=json").await;
    let taxes: Vec<(&str, bool)> = page["features"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["properties"])
        .map(|it| (it["parcel_code"].as_str().unwrap(), it["tax_wan"].is_null()))
        .collect();
    assert_eq!(taxes, [("P1", false), ("P2", true)]);
    let found =
        it.json_as(&token, "/ogc/collections/yield_per_mu/items?f=json&filter=tax_wan%3E0").await;
    assert_eq!(found["numberMatched"], 1);
    let missing = it
        .json_as(&token, "/ogc/collections/yield_per_mu/items?f=json&filter=tax_wan%20IS%20NULL")
        .await;
    assert_eq!(missing["numberMatched"], 1);
    let own = it.json_as(&token, "/api/v1/parcels/P1").await;
    assert_eq!(own["years"][0]["tax_wan"], "1234.500000", "{own}");
    let other = it.json_as(&token, "/api/v1/parcels/P2").await;
    assert!(other["years"][0]["tax_wan"].is_null());
    assert!(!other.to_string().contains("2469"), "{other}");
    assert!(other["withheld"].as_array().unwrap().iter().any(|it| it == "tax_wan"), "{other}");
    // One for all units sees both; a viewer none, and cannot name it.
    let all = it.token(Role::Officer).await;
    let page =
        it.json_as(&all, "/ogc/collections/yield_per_mu/items?f=json&filter=tax_wan%3E0").await;
    assert_eq!(page["numberMatched"], 2);
    let viewer = it.token(Role::Viewer).await;
    let refused =
        it.get_as(&viewer, "/ogc/collections/yield_per_mu/items?filter=tax_wan%3E0").await;
    assert_eq!(refused.status(), 400);
    let tree = it.json_as(&token, "/api/v1/layers").await;
    let yields =
        tree["layers"].as_array().unwrap().iter().find(|it| it["id"] == "yield_per_mu").unwrap();
    let tax =
        yields["fields"].as_array().unwrap().iter().find(|it| it["name"] == "tax_wan").unwrap();
    assert_eq!((&tax["readable"], &tax["within_units"]), (&true.into(), &true.into()));
}

#[tokio::test]
async fn a_query_whose_client_left_ends_in_the_database() {
    let it = TestApp::new().await;
    let running = async || -> i64 {
        sqlx::query_scalar("select count(*) from pg_stat_activity where query like 'select pg_sleep(1000)%' and state = 'active'")
            .fetch_one(it.app.db.owner())
            .await
            .unwrap()
    };
    let mut db = it.app.db.read(&Scope::public()).await.unwrap();
    let asking = tokio::spawn(async move {
        let _ = sqlx::raw_sql("select pg_sleep(1000) as abandoned").execute(&mut db).await;
    });
    for _ in 0..100 {
        if running().await > 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(running().await, 1);
    asking.abort();
    for _ in 0..100 {
        if running().await == 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(running().await, 0, "it runs on");
    // One that ended goes back to the pool as it was, whatever scope it had.
    let mut db = it.app.db.read(&scope(Role::Admin, None)).await.unwrap();
    sqlx::raw_sql("select 1").execute(&mut db).await.unwrap();
    drop(db);
    let mut db = it.app.db.read(&Scope::public()).await.unwrap();
    let role: String =
        sqlx::query_scalar("select current_user::text").fetch_one(&mut db).await.unwrap();
    assert_eq!(role, "mutu_public");
}
