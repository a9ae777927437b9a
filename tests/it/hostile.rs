//! What a clumsy or hostile client sends: every answer is a 4xx problem document, never a 500, and tells nobody more than
//! they may read.

use reqwest::Method;
use reqwest::Response;
use reqwest::StatusCode;

use crate::support::TestApp;

const SCENE: &str = "
    insert into mutu.parcel (parcel_id, parcel_code, name, area_registered_m2, area_geom_m2, contract_no, geom, recorded_by)
    values (1, 'A', 'one', 20000, 20000, 'secret', st_multi(st_makeenvelope(121.250, 31.380, 121.252, 31.382, 4490)), 'console')";

/// A tile that the parcel lies in.
const TILE: &str = "/tiles/parcels/14/13710/6686";

fn encoded(text: &str) -> String {
    text.bytes().map(|it| format!("%{it:02X}")).collect()
}

async fn is_problem(response: Response, what: &str) -> serde_json::Value {
    let status = response.status();
    assert!(status.is_client_error(), "{what}: {status}");
    assert_eq!(response.headers()["content-type"], "application/problem+json", "{what}: {status}");
    let problem: serde_json::Value = response.json().await.unwrap();
    assert_eq!(problem["status"], status.as_u16(), "{what}");
    assert!(problem["detail"].as_str().is_some_and(|it| it.contains(" / ")), "{what}: {problem}");
    problem
}

#[tokio::test]
async fn odd_text_in_paths_and_parameters_is_the_callers_mistake() {
    let it = TestApp::serving().await;
    let odd = [
        "%00",
        "a%00b",
        "%FF%FE",
        "-1",
        "1e400",
        "NaN",
        "99999999999999999999",
        "..%2f..%2fetc",
        "x'--",
    ];
    for odd in odd {
        for path in [
            format!("/tiles/{odd}/3/1/1"),
            format!("/tiles/parcels/3/{odd}/1"),
            format!("{TILE}?v={odd}&x=1"),
            format!("{TILE}?filter={odd}"),
            format!("/styles/{odd}.json"),
            format!("/api/v1/parcels/{odd}"),
            format!("/api/v1/search?q=1&limit={odd}"),
            format!("/api/v1/layers/{odd}/export?format=csv"),
            format!("/api/v1/layers/parcels/export?format={odd}"),
            format!("/api/v1/layers/parcels/export?format=csv&bbox={odd}"),
            format!("/api/v1/{odd}"),
            format!("/sign-in?code={odd}"),
            format!("/ogc/collections/{odd}"),
            format!("/ogc/collections/parcels/items/{odd}"),
            format!("/ogc/collections/parcels/items?limit={odd}x"),
            format!("/ogc/collections/parcels/items?cursor={odd}"),
            format!("/ogc/collections/parcels/items?datetime={odd}"),
            format!("/ogc/collections/parcels/items?area_registered_m2={odd}x"),
            format!("/ogc/collections/parcels/items?{odd}=1"),
        ] {
            is_problem(it.get(&path).await, &path).await;
        }
    }
    for path in ["/ogc/collections/parcels/items?parcel_code=a%00b", "/api/v1/search?q=%00"] {
        is_problem(it.get(path).await, path).await;
    }
}

#[tokio::test]
async fn a_filter_that_cannot_be_computed_is_no_failure_of_ours() {
    let it = TestApp::serving().await;
    it.sql(SCENE).await;
    let bow_tie = "POLYGON((121 31,122 32,122 31,121 32,121 31))";
    let product = "(".repeat(20) + "area_mu^16" + &")*(area_mu^16)*(area_mu^16)".repeat(20);
    let overflow = format!("{product} > 1");
    for filter in [
        format!("S_OVERLAPS(geom, GEOMETRYCOLLECTION(POINT(121 31),{bow_tie}))"),
        format!("S_INTERSECTS(geom, {bow_tie})"),
        "S_INTERSECTS(geom, POLYGON((0 0,1 1)))".to_owned(),
        "S_INTERSECTS(geom, POINT(1e309 0))".to_owned(),
        "((area_mu ^ 16) ^ 16) ^ 16 > 1".to_owned(),
        overflow,
        "name = 'a\0b'".to_owned(),
        "name LIKE 'a\\'".to_owned(),
        "id = 1; drop table mutu.parcel".to_owned(),
        "pg_sleep(10) = 1".to_owned(),
        "(".repeat(200),
        "NOT ".repeat(200) + "id = 1",
        String::new(),
    ] {
        let filter = encoded(&filter);
        for path in [
            format!("{TILE}?filter={filter}"),
            format!("/ogc/collections/parcels/items?filter={filter}"),
            format!("/ogc/collections/parcels/items?resultType=hits&filter={filter}"),
            format!("/api/v1/layers/parcels/export?format=csv&filter={filter}"),
            format!("/api/v1/layers/parcels/export?format=xlsx&filter={filter}"),
        ] {
            is_problem(it.get(&path).await, &path[..path.len().min(200)]).await;
        }
    }
    for filter in
        ["area_mu / 0 = 1", "name LIKE '%%%%%%%%%%%%%%%%x'", "id = 99999999999999999999999"]
    {
        let path = format!("/ogc/collections/parcels/items?filter={}", encoded(filter));
        assert_eq!(it.json(&path).await["numberMatched"], 0, "{filter}");
    }
}

#[tokio::test]
async fn other_methods_bodies_and_credentials_are_refused_in_the_same_form() {
    let it = TestApp::serving().await;
    let pages = ["/", "/d/A"];
    let resources = [
        "/api/v1/layers",
        "/api/v1/search?q=1",
        TILE,
        "/ogc/collections/parcels/items",
        "/healthz",
    ];
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
        for path in pages.iter().chain(&resources) {
            let response = it.client.request(method.clone(), it.url(path)).send().await.unwrap();
            assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
            assert!(response.headers().contains_key("allow"), "{method} {path}");
            is_problem(response, path).await;
        }
    }
    for path in [
        "/api",
        "/api/v1",
        "/api/v1/nothing",
        "/tiles",
        "/ogc/nothing",
        "/assets/none.js",
        "/d/A/b",
    ] {
        for method in [Method::GET, Method::POST] {
            let response = it.client.request(method.clone(), it.url(path)).send().await.unwrap();
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{method} {path}");
            is_problem(response, path).await;
        }
    }
    let deep = "[".repeat(100_000);
    for body in [
        "",
        "{",
        "[]",
        "null",
        r#"{"token":1}"#,
        r#"{"token":"x","more":1}"#,
        r#"{"token":"\u0000"}"#,
        &deep,
    ] {
        let sent =
            it.client.post(it.url("/api/v1/session")).header("content-type", "application/json");
        let shown = &body[..body.len().min(30)];
        is_problem(sent.body(body.to_owned()).send().await.unwrap(), shown).await;
    }
    let plain = it.client.post(it.url("/api/v1/session")).body("token=x").send().await.unwrap();
    is_problem(plain, "a form").await;
    // Credentials that nobody can read are no reason to answer as to the public.
    for credentials in ["Bearer", "Bearer ", "Basic !!!", "Basic YWJj", "Negotiate abc", "mutu_x"] {
        let asked = it.client.get(it.url("/api/v1/session")).header("authorization", credentials);
        let response = asked.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{credentials}");
        is_problem(response, credentials).await;
    }
    for cookie in ["mutu_session=", "mutu_session=%00", ";;=;mutu_session", "other=1"] {
        let asked = it.client.get(it.url("/api/v1/session")).header("cookie", cookie);
        let session: serde_json::Value = asked.send().await.unwrap().json().await.unwrap();
        assert_eq!(session["role"], "public", "{cookie}");
    }
}

/// Every layer, every field that the public may not read, every way to name it.
#[tokio::test]
async fn no_unreadable_field_can_be_named_or_guessed() {
    let it = TestApp::serving().await;
    it.sql(SCENE).await;
    let tree = it.json("/api/v1/layers").await;
    let mut hidden = 0;
    for layer in tree["layers"].as_array().unwrap() {
        let id = layer["id"].as_str().unwrap();
        let readable = layer["readable"].as_bool().unwrap();
        for path in [
            "/tiles/{}.json",
            "/styles/{}.json",
            "/ogc/collections/{}",
            "/ogc/collections/{}/items",
        ] {
            let expected = if readable { 200 } else { 401 };
            assert_eq!(it.get(&path.replace("{}", id)).await.status(), expected, "{path} of {id}");
        }
        if !readable {
            assert!(
                layer["data"]["count"].is_null() && layer["data"]["bounds"].is_null(),
                "{layer}"
            );
            continue;
        }
        for field in layer["fields"].as_array().unwrap().iter().filter(|it| it["readable"] == false)
        {
            hidden += 1;
            let name = field["name"].as_str().unwrap();
            let near = &name[..name.len() - 1];
            for path in [
                format!("/ogc/collections/{id}/items?{name}=1"),
                format!("/ogc/collections/{id}/items?{near}=1"),
                format!("/ogc/collections/{id}/items?filter={name}%20IS%20NULL"),
                format!("/ogc/collections/{id}/items?filter={near}%20IS%20NULL"),
                format!("/tiles/{id}/14/13710/6686?filter=%22{name}%22%20IS%20NULL"),
                format!("/api/v1/layers/{id}/export?format=csv&filter={name}%20IS%20NULL"),
                format!("/ogc/collections/{id}/items?sortby={name}"),
            ] {
                let problem = is_problem(it.get(&path).await, &path).await;
                let suggestion = format!("did you mean `{name}`");
                assert!(!problem.to_string().contains(&suggestion), "{path}: {problem}");
            }
            for path in [
                format!("/ogc/collections/{id}/queryables"),
                format!("/ogc/collections/{id}/schema"),
                format!("/ogc/collections/{id}/items"),
                format!("/ogc/collections/{id}/items?f=html"),
                format!("/tiles/{id}.json"),
                format!("/styles/{id}.json"),
                format!("/api/v1/layers/{id}/export?format=csv"),
                format!("/api/v1/layers/{id}/export?format=geojson"),
            ] {
                let text = it.get(&path).await.text().await.unwrap();
                let words: Vec<&str> =
                    text.split(|it: char| it != '_' && !it.is_alphanumeric()).collect();
                assert!(!words.contains(&name) && !text.contains("secret"), "{path} names {name}");
            }
        }
    }
    assert!(hidden > 5, "the shipped layers keep some fields back: {hidden}");
    let dossier = it.get("/api/v1/parcels/A").await.text().await.unwrap();
    assert!(!dossier.contains("secret"), "{dossier}");
    assert!(!dossier.contains("console"), "who recorded it has an account: {dossier}");
}
