//! Edits of one parcel.

use mutu::access::Role;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;

use super::square;
use crate::support::TestApp;

/// An answer to an edit: status, `ETag`, body.
pub struct Answer {
    pub status: u16,
    pub tag: String,
    pub body: Value,
}

/// An edit over HTTP, made from the version `tag`.
pub async fn edit(
    it: &TestApp,
    token: &str,
    method: Method,
    path: &str,
    tag: Option<&str>,
    body: &Value,
) -> Answer {
    let mut request = it.client.request(method, it.url(path)).bearer_auth(token);
    if !body.is_null() {
        request = request.json(body);
    }
    if let Some(tag) = tag {
        request = request.header("if-match", tag);
    }
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let tag = response.headers().get("etag").map_or("", |it| it.to_str().unwrap()).to_owned();
    if status >= 400 {
        assert_eq!(response.headers()["content-type"], "application/problem+json", "{path}");
    }
    Answer { status, tag, body: response.json().await.unwrap() }
}

pub async fn create(it: &TestApp, token: &str, properties: Value, west: f64) -> Answer {
    let body = json!({"properties": properties, "geometry": square(west, 0.001)});
    edit(it, token, Method::POST, "/api/v1/parcels", None, &body).await
}

pub async fn patch(it: &TestApp, token: &str, code: &str, tag: &str, body: Value) -> Answer {
    edit(it, token, Method::PATCH, &format!("/api/v1/parcels/{code}"), Some(tag), &body).await
}

#[tokio::test]
async fn a_parcel_is_created_corrected_changed_and_retired() {
    let it = TestApp::serving().await;
    let steward = it.token(Role::Steward).await;
    let revision = "select revision from mutu.layer_revision where layer = 'parcels'";
    let before: i64 = it.value(revision).await;
    let properties = json!({"parcel_code": "N1", "name": "新地块", "responsible_unit": "安亭镇",
        "town_code": "114", "area_registered_mu": "12.34"});
    let made = create(&it, &steward, properties, 121.2).await;
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(it.value::<i64>(revision).await, before + 1);
    let row = "select concat_ws(' ', area_registered_m2, area_registered_mu, repaired, batch_id is null, valid_from is null)
        from mutu.parcel_current";
    assert_eq!(it.value::<String>(row).await, "8226.67 12.34 f t t");
    let close = "select abs(area_geom_m2 - st_area(geom::geography)::numeric) < 0.01 from mutu.parcel_current";
    assert!(it.value::<bool>(close).await);

    // A correction takes the place of the version for all of its time; what is not named stays.
    let corrected =
        patch(&it, &steward, "N1", &made.tag, json!({"properties": {"name": "改正"}})).await;
    assert_eq!(corrected.status, 200, "{}", corrected.body);
    assert_eq!(corrected.body["changed"], json!(["name"]));
    assert_eq!(it.value::<String>(row).await, "8226.67 12.34 f t t");
    // A change in the world leaves what was.
    let body = json!({"properties": {"responsible_unit": "马陆镇", "town_code": null}, "valid_from": "2024-05-01"});
    let changed = patch(&it, &steward, "N1", &corrected.tag, body).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    let unit = async |day: &str| {
        it.json(&format!("/api/v1/parcels/N1?datetime={day}")).await["responsible_unit"].clone()
    };
    assert_eq!(
        (unit("2024-04-30").await, unit("2024-05-01").await),
        ("安亭镇".into(), "马陆镇".into())
    );
    let dossier = it.json("/api/v1/parcels/N1").await;
    assert!(dossier["town_code"].is_null(), "cleared, and not made of the unit");
    // What is so already is no version.
    let versions: i64 = it.value("select count(*) from mutu.parcel").await;
    let same =
        patch(&it, &steward, "N1", &changed.tag, json!({"properties": {"name": "改正"}})).await;
    assert_eq!(
        (same.status, &same.body["changed"], same.tag),
        (200, &json!([]), changed.tag.clone())
    );
    assert_eq!(it.value::<i64>("select count(*) from mutu.parcel").await, versions);

    it.sql("insert into mutu.occupancy (parcel_code, uscc, recorded_by) values ('N1', 'U', 'x')")
        .await;
    let path = "/api/v1/parcels/N1?valid_to=2025-01-01";
    let retired = edit(&it, &steward, Method::DELETE, path, Some(&changed.tag), &Value::Null).await;
    assert_eq!(retired.status, 200, "{}", retired.body);
    assert_eq!(retired.body["references"][0]["what"], "occupancies");
    assert_eq!(it.get("/api/v1/parcels/N1").await.status(), 410);
    assert_eq!(it.get("/api/v1/parcels/N1?datetime=2024-12-31").await.status(), 200);
    let history = it.json_as(&steward, "/api/v1/parcels/N1/history").await;
    assert_eq!(history["versions"].as_array().unwrap().len(), 5);
    // No version was changed but for its end.
    let overlapping = "select count(*) from mutu.parcel a join mutu.parcel b using (parcel_id)
        where a.row_id < b.row_id and a.superseded_at is null and b.superseded_at is null
            and daterange(a.valid_from, a.valid_to) && daterange(b.valid_from, b.valid_to)";
    assert_eq!(it.value::<i64>(overlapping).await, 0);
    let events =
        "select string_agg(action || ' ' || coalesce(before::text, '-'), ';' order by event_id)
        from mutu.audit_event where action like 'parcel%'";
    let events: String = it.value(events).await;
    let expected = [
        r#"parcel_created -"#,
        r#"parcel_changed {"name": "新地块"}"#,
        r#"parcel_changed {"#,
        "parcel_retired",
    ];
    for (event, start) in events.split(';').zip(expected) {
        assert!(event.starts_with(start), "{events}");
    }
}

#[tokio::test]
async fn an_edit_names_the_version_it_was_made_from() {
    let it = TestApp::serving().await;
    let steward = it.token(Role::Steward).await;
    let made = create(&it, &steward, json!({"parcel_code": "A"}), 121.2).await;
    let path = "/api/v1/parcels/A";
    let body = json!({"properties": {"name": "mine"}});
    let without = edit(&it, &steward, Method::PATCH, path, None, &body).await;
    assert_eq!((without.status, &without.body["type"]), (428, &json!("/problems/version-needed")));
    for wrong in ["*", "x", "\"\"", "\"1\", \"2\"", "17"] {
        assert_eq!(
            edit(&it, &steward, Method::PATCH, path, Some(wrong), &body).await.status,
            400,
            "{wrong}"
        );
    }
    let first =
        patch(&it, &steward, "A", &made.tag, json!({"properties": {"name": "theirs"}})).await;
    assert_eq!(first.status, 200);
    let second = patch(&it, &steward, "A", &made.tag, body.clone()).await;
    assert_eq!((second.status, &second.body["type"]), (412, &json!("/problems/overtaken")));
    assert_eq!(second.body["yours"], body);
    assert_eq!(second.body["theirs"]["properties"]["name"], "theirs");
    assert_eq!(second.body["theirs"]["etag"], first.tag.as_str());
    assert!(second.body["theirs"]["recorded_by"].as_str().unwrap().starts_with("steward"));
    let gone = edit(&it, &steward, Method::DELETE, path, Some(&made.tag), &Value::Null).await;
    assert_eq!(gone.status, 412);
    // A proxy that compresses says it weakly.
    let weak = format!("W/{}", first.tag);
    assert_eq!(patch(&it, &steward, "A", &weak, body).await.status, 200);
}

#[tokio::test]
async fn of_two_at_once_exactly_one_wins() {
    let it = TestApp::serving().await;
    let steward = it.token(Role::Steward).await;
    let made = create(&it, &steward, json!({"parcel_code": "A"}), 121.2).await;
    let names: Vec<Value> =
        (0..8).map(|n| json!({"properties": {"name": format!("n{n}")}})).collect();
    let edits = names.iter().map(|body| patch(&it, &steward, "A", &made.tag, body.clone()));
    let answers = futures_util::future::join_all(edits).await;
    let mut statuses: Vec<u16> = answers.iter().map(|it| it.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412, 412, 412, 412, 412]);
    assert_eq!(it.value::<i64>("select count(*) from mutu.parcel").await, 2);
    // Of two that would have the same code, too.
    let creating = (0..4)
        .map(|n| create(&it, &steward, json!({"parcel_code": "B"}), 121.3 + f64::from(n) * 0.01));
    let mut statuses: Vec<u16> =
        futures_util::future::join_all(creating).await.iter().map(|it| it.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409]);
}

#[tokio::test]
async fn an_officer_edits_in_the_own_units_and_moves_nothing_out_of_them() {
    let it = TestApp::serving().await;
    let steward = it.token(Role::Steward).await;
    let viewer = it.token(Role::Viewer).await;
    let own = it.token_of(Role::Officer, Some(&["安亭镇"])).await;
    let both = it.token_of(Role::Officer, Some(&["安亭镇", "马陆镇"])).await;
    let made =
        create(&it, &own, json!({"parcel_code": "A", "responsible_unit": "安亭镇"}), 121.2).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let other =
        create(&it, &steward, json!({"parcel_code": "B", "responsible_unit": "马陆镇"}), 121.21)
            .await;
    let nobodys = create(&it, &steward, json!({"parcel_code": "C"}), 121.22).await;
    let name = json!({"properties": {"name": "x"}});
    let to_other = json!({"properties": {"responsible_unit": "马陆镇"}});
    for (token, code, tag, body, status) in [
        (&viewer, "A", &made.tag, &name, 403),
        (&own, "B", &other.tag, &name, 403),
        (&own, "C", &nobodys.tag, &name, 403),
        (&own, "A", &made.tag, &to_other, 403),
        (&own, "A", &made.tag, &json!({"properties": {"responsible_unit": null}}), 403),
        (&own, "none", &made.tag, &name, 404),
        (&both, "A", &made.tag, &to_other, 200),
    ] {
        let answer = patch(&it, token, code, tag, body.clone()).await;
        assert_eq!(answer.status, status, "{code} {body}: {}", answer.body);
    }
    for properties in
        [json!({"parcel_code": "D"}), json!({"parcel_code": "D", "responsible_unit": "马陆镇"})]
    {
        assert_eq!(create(&it, &own, properties, 121.23).await.status, 403);
    }
    let public =
        it.client.patch(it.url("/api/v1/parcels/A")).header("if-match", "\"1\"").json(&name);
    assert_eq!(public.send().await.unwrap().status(), 401);
    let refused = "select count(*) from mutu.parcel where parcel_code = 'D'";
    assert_eq!(it.value::<i64>(refused).await, 0);
}

#[tokio::test]
async fn outlines_are_checked_repaired_when_asked_and_kept_off_neighbours() {
    let it = TestApp::serving().await;
    let steward = it.token(Role::Steward).await;
    let made = create(&it, &steward, json!({"parcel_code": "A"}), 121.2).await;
    create(&it, &steward, json!({"parcel_code": "B"}), 121.201).await;
    let spike = json!({"type": "Polygon", "coordinates": [[[121.2, 31.3], [121.201, 31.3], [121.201, 31.301],
        [121.2005, 31.301], [121.2005, 31.302], [121.2005, 31.301], [121.2, 31.301], [121.2, 31.3]]]});
    let refused = patch(&it, &steward, "A", &made.tag, json!({"geometry": spike})).await;
    assert_eq!((refused.status, &refused.body["type"]), (422, &json!("/problems/geometry")));
    assert!(
        refused.body["place"].is_array() && refused.body["nearest_vertex"].is_string(),
        "{}",
        refused.body
    );
    assert_eq!(refused.body["repaired"]["type"], "MultiPolygon");
    let body = json!({"geometry": spike, "repair": true});
    let repaired = patch(&it, &steward, "A", &made.tag, body).await;
    assert_eq!(repaired.status, 200, "{}", repaired.body);
    assert!(repaired.body["notes"][0]["en"].as_str().unwrap().contains("repaired"));
    let kept = "select repaired and geom_original is not null from mutu.parcel_current where parcel_code = 'A'";
    assert!(it.value::<bool>(kept).await);

    let over = json!({"geometry": square(121.2005, 0.001)});
    let refused = patch(&it, &steward, "A", &repaired.tag, over).await;
    assert_eq!((refused.status, &refused.body["type"]), (409, &json!("/problems/overlap")));
    assert_eq!(refused.body["overlaps"][0]["parcel_code"], "B");
    let area: f64 = refused.body["overlaps"][0]["area_m2"].as_str().unwrap().parse().unwrap();
    assert!((5_000.0..5_600.0).contains(&area), "{area}");
    let body = json!({"geometry": square(121.2005, 0.001), "allow_overlap": true});
    assert_eq!(patch(&it, &steward, "A", &repaired.tag, body).await.status, 200);
}

#[tokio::test]
async fn hostile_bodies_are_the_callers_mistake() {
    let it = TestApp::serving().await;
    let steward = it.token(Role::Steward).await;
    let made = create(&it, &steward, json!({"parcel_code": "A"}), 121.2).await;
    let count = "select count(*) from mutu.parcel";
    let tomorrow = mutu::catalog::time::today().succ_opt().unwrap();
    let many: Vec<Value> =
        (0..20_100).map(|n| json!([121.0 + f64::from(n) * 1e-6, 31.0])).collect();
    for body in [
        json!({}),
        json!({"geometry": null}),
        json!({"geometry": "POLYGON"}),
        json!({"geometry": {"type": "Polygon", "coordinates": many}}),
        json!({"geometry": {"type": "Polygon", "coordinates": [many]}}),
        json!({"geometry": {"type": "Polygon", "coordinates": [[[1e300, 31.0]]]}}),
        json!({"properties": {"name": "a\u{0}"}}),
        json!({"properties": {"nmae": "a"}}),
        json!({"properties": {"row_id": 7}}),
        json!({"properties": {"area_mu": 7}}),
        json!({"properties": {"valid_to": "2024-01-01"}}),
        json!({"properties": {"superseded_at": null}}),
        json!({"properties": {"name'; drop table mutu.parcel; --": "a"}}),
        json!({"properties": []}),
        json!({"properties": {"name": "a"}, "valid_from": tomorrow}),
        json!({"properties": {"name": "a"}, "valid_from": "2024-02-30"}),
        json!({"properties": {"name": "a"}, "note": "x".repeat(501)}),
        json!({"properties": {"name": "a"}, "replace": true}),
        json!([1]),
        json!("x"),
    ] {
        let answer = patch(&it, &steward, "A", &made.tag, body.clone()).await;
        assert_eq!(
            answer.status,
            400,
            "{}: {}",
            body.to_string().chars().take(90).collect::<String>(),
            answer.body
        );
    }
    for odd in ["%00", "%27", "..%2F", "%F0%9F%97%BA"] {
        let path = format!("/api/v1/parcels/{odd}/split");
        let answer =
            edit(&it, &steward, Method::POST, &path, Some(&made.tag), &json!({"parts": []})).await;
        assert!((400..500).contains(&answer.status), "{odd}: {}", answer.status);
    }
    let deep = "[".repeat(5000);
    let deep = it
        .client
        .post(it.url("/api/v1/parcels"))
        .bearer_auth(&steward)
        .header("content-type", "application/json")
        .body(format!("{{\"properties\":{deep}"))
        .send()
        .await
        .unwrap();
    assert_eq!(deep.status(), 400);
    let large = it
        .client
        .post(it.url("/api/v1/parcels"))
        .bearer_auth(&steward)
        .header("content-type", "application/json")
        .body(vec![b' '; 9 * 1024 * 1024])
        .send()
        .await
        .unwrap();
    assert_eq!(large.status(), 413);
    assert_eq!(it.value::<i64>(count).await, 1);
}

#[tokio::test]
async fn a_page_of_somebody_else_edits_nothing() {
    let it = TestApp::serving().await;
    let token = it.token(Role::Steward).await;
    let session = it
        .client
        .post(it.url("/api/v1/session"))
        .header("origin", it.url(""))
        .json(&json!({"token": token}))
        .send()
        .await
        .unwrap();
    let cookie =
        session.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let body = json!({"properties": {"parcel_code": "A"}, "geometry": square(121.2, 0.001)});
    for (origin, status) in [("https://elsewhere.example", 403), (it.url("").as_str(), 201)] {
        let answer = it
            .client
            .post(it.url("/api/v1/parcels"))
            .header("cookie", &cookie)
            .header("origin", origin)
            .json(&body)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), status, "{origin}");
    }
}

#[tokio::test]
async fn a_code_that_is_corrected_leads_on() {
    let it = TestApp::serving().await;
    let steward = it.token(Role::Steward).await;
    let made = create(&it, &steward, json!({"parcel_code": "OLD"}), 121.2).await;
    create(&it, &steward, json!({"parcel_code": "TAKEN"}), 121.21).await;
    let to = |code: &str| json!({"properties": {"parcel_code": code}});
    assert_eq!(patch(&it, &steward, "OLD", &made.tag, to("TAKEN")).await.status, 409);
    assert_eq!(patch(&it, &steward, "OLD", &made.tag, to("NEW")).await.status, 200);
    let gone: Value = it.get_as(&steward, "/api/v1/parcels/OLD").await.json().await.unwrap();
    assert_eq!(
        (&gone["status"], &gone["successors"][0]["parcel_code"]),
        (&json!(410), &json!("NEW"))
    );
    assert_eq!(
        it.json_as(&steward, "/api/v1/parcels/NEW/history").await["versions"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}
