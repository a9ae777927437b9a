//! Signing in at an identity provider: who gets in, who does not, and what they read.

use std::collections::HashMap;
use std::time::Duration;
use std::time::Instant;

use mutu::access::Role;
use mutu::access::Scope;
use mutu::account::manage;
use mutu::account::manage::Change;
use mutu::config::Config;
use mutu::config::Oidc;
use reqwest::Response;
use reqwest::Url;
use serde_json::Value;
use serde_json::json;

use crate::support::TestApp;

mod provider;

use provider::CLIENT;
use provider::Provider;
use provider::SECRET;
use provider::Signer;

fn settings(provider: &Provider) -> Oidc {
    Oidc {
        issuer: provider.issuer.clone(),
        client_id: CLIENT.to_owned(),
        client_secret: Some(SECRET.to_owned().into()),
        title: mutu::layer::Text::new("统一门户", "the portal"),
        scopes: vec!["openid".to_owned(), "profile".to_owned()],
        create_as: None,
        name_claim: "preferred_username".to_owned(),
    }
}

struct Walk {
    it: TestApp,
    provider: Provider,
}

/// A browser on its way to the provider.
struct Going {
    /// What the provider is asked for.
    asked: HashMap<String, String>,
    cookie: String,
}

impl Walk {
    async fn new() -> Self {
        Self::with(|_| ()).await
    }

    async fn with(change: impl FnOnce(&mut Oidc)) -> Self {
        let provider = Provider::start().await;
        let mut oidc = settings(&provider);
        change(&mut oidc);
        let mut it = TestApp::with(Config { oidc: Some(oidc), ..Config::default() }).await;
        it.serve();
        Self { it, provider }
    }

    /// An account whom the administrator gave a subject.
    async fn account(&self, name: &str, subject: &str) {
        self.it.account(name, Role::Officer, None).await;
        let change = Change { oidc_subject: Some(Some(subject.to_owned())), ..Change::default() };
        manage::change_account(&self.it.app.db, &Scope::console(), name, change).await.unwrap();
    }

    async fn get(&self, path: &str, cookie: &str) -> Response {
        let request = self.it.client.get(self.it.url(path));
        request.header("accept", "text/html").header("cookie", cookie).send().await.unwrap()
    }

    async fn begin(&self, to: &str) -> Going {
        let to = percent(to);
        let response = self.get(&format!("/sign-in/oidc?to={to}"), "").await;
        assert_eq!(response.status(), 303);
        let address = Url::parse(&location(&response)).unwrap();
        assert_eq!(address.path(), "/authorize");
        let cookie = cookie(&response, "mutu_oidc").expect("the browser keeps its half");
        Going { asked: address.query_pairs().into_owned().collect(), cookie }
    }

    async fn end(&self, going: &Going, code: &str) -> Response {
        let path = format!("/sign-in/oidc/callback?code={code}&state={}", going.asked["state"]);
        self.get(&path, &going.cookie).await
    }

    /// All of it, for somebody who signs in at the provider.
    async fn sign_in(&self, subject: &str) -> Response {
        let going = self.begin("/").await;
        let code = self.provider.sign_in(subject, &going.asked);
        self.end(&going, &code).await
    }

    async fn session(&self, cookie: &str) -> Value {
        self.get("/api/v1/session", cookie).await.json().await.unwrap()
    }

    async fn last_failure(&self) -> Value {
        let admin = self.it.token(Role::Admin).await;
        let page =
            self.it.json_as(&admin, "/api/v1/audit_events?action=sign_in_failed&limit=1").await;
        page["audit_events"][0].clone()
    }
}

fn percent(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

fn location(response: &Response) -> String {
    response.headers()["location"].to_str().unwrap().to_owned()
}

fn cookie(response: &Response, name: &str) -> Option<String> {
    let all = response.headers().get_all("set-cookie").iter().map(|it| it.to_str().unwrap());
    all.filter_map(|it| it.split(';').next())
        .find(|it| it.split('=').next() == Some(name))
        .map(ToOwned::to_owned)
}

/// Where somebody lands who is not let in.
fn refused(response: &Response) -> String {
    assert_eq!(response.status(), 303);
    assert!(cookie(response, "mutu_session").is_none(), "no session");
    location(response)
}

#[tokio::test]
async fn a_known_subject_lands_on_the_page_they_wanted() {
    let walk = Walk::new().await;
    walk.account("li", "u-li").await;
    let going = walk.begin("/d/123?run=4#14/31.3/121.2").await;
    let code = walk.provider.sign_in("u-li", &going.asked);
    let response = walk.end(&going, &code).await;
    assert_eq!(response.status(), 303);
    assert_eq!(location(&response), "/d/123?run=4#14/31.3/121.2");
    assert_eq!(response.headers()["cache-control"], "no-store");

    let session = walk.session(&cookie(&response, "mutu_session").unwrap()).await;
    assert_eq!((&session["account"], &session["role"]), (&json!("li"), &json!("officer")));
    assert_eq!(session["means"], "oidc");
    assert_eq!(session["sign_in"]["oidc"]["title"], json!({"zh": "统一门户", "en": "the portal"}));
    let admin = walk.it.token(Role::Admin).await;
    let page = walk.it.json_as(&admin, "/api/v1/audit_events?action=sign_in").await;
    let event = &page["audit_events"][0];
    assert_eq!((&event["account"], &event["detail"]["means"]), (&json!("li"), &json!("oidc")));
}

#[tokio::test]
async fn a_session_takes_the_place_of_the_one_before() {
    let walk = Walk::new().await;
    walk.account("li", "u-li").await;
    let first = cookie(&walk.sign_in("u-li").await, "mutu_session").unwrap();
    let mut going = walk.begin("/").await;
    going.cookie = format!("{}; {first}", going.cookie);
    let code = walk.provider.sign_in("u-li", &going.asked);
    let second = cookie(&walk.end(&going, &code).await, "mutu_session").unwrap();
    assert_ne!(first, second);
    assert_eq!(walk.session(&first).await["account"], Value::Null);
    assert_eq!(walk.session(&second).await["account"], "li");
}

#[tokio::test]
async fn a_flow_ends_once_in_its_own_browser_and_in_time() {
    let walk = Walk::new().await;
    walk.account("li", "u-li").await;
    let expired = "/sign-in?error=oidc-expired";

    let going = walk.begin("/").await;
    let code = walk.provider.sign_in("u-li", &going.asked);
    let other = walk.begin("/").await;
    let stolen = Going { asked: going.asked.clone(), cookie: other.cookie.clone() };
    assert_eq!(refused(&walk.end(&stolen, &code).await), expired, "another browser");
    let bare = Going { asked: going.asked.clone(), cookie: String::new() };
    assert_eq!(refused(&walk.end(&bare, &code).await), expired, "a browser that began none");
    assert_eq!(walk.end(&going, &code).await.status(), 303, "the others did not use it up");
    let again = walk.provider.sign_in("u-li", &going.asked);
    assert_eq!(refused(&walk.end(&going, &again).await), expired, "a second time");

    let mixed = Going { asked: other.asked.clone(), cookie: going.cookie.clone() };
    let code = walk.provider.sign_in("u-li", &other.asked);
    assert_eq!(refused(&walk.end(&mixed, &code).await), expired, "another flow's state");

    let late = walk.begin("/").await;
    walk.it.sql("update mutu.oidc_flow set expires_at = now()").await;
    let code = walk.provider.sign_in("u-li", &late.asked);
    assert_eq!(refused(&walk.end(&late, &code).await), expired, "too late");
    for query in ["", "?code=a", "?state=a", "?code=a&state=a&state=b", "?code=a&state=%00"] {
        let path = format!("/sign-in/oidc/callback{query}");
        assert_eq!(refused(&walk.get(&path, &late.cookie).await), expired, "{query}");
    }
    assert_eq!(walk.last_failure().await["detail"]["why"], "oidc-expired");
}

#[tokio::test]
async fn two_tabs_of_a_browser_sign_in_side_by_side() {
    let walk = Walk::new().await;
    walk.account("li", "u-li").await;
    let one = walk.begin("/account").await;
    let response = walk.get("/sign-in/oidc?to=/admin", &one.cookie).await;
    let address = Url::parse(&location(&response)).unwrap();
    let cookie = cookie(&response, "mutu_oidc").unwrap();
    let two = Going { asked: address.query_pairs().into_owned().collect(), cookie };
    assert_ne!(one.asked["nonce"], two.asked["nonce"]);
    for (going, to) in [(&one, "/account"), (&two, "/admin")] {
        let code = walk.provider.sign_in("u-li", &going.asked);
        // The browser has the one cookie that was set last.
        let going = Going { asked: going.asked.clone(), cookie: two.cookie.clone() };
        assert_eq!(location(&walk.end(&going, &code).await), to);
    }
}

#[tokio::test]
async fn nothing_that_is_kept_signs_anybody_in() {
    let walk = Walk::new().await;
    let going = walk.begin("/").await;
    let kept: Vec<String> = sqlx::query_scalar("select it::text from mutu.oidc_flow it")
        .fetch_all(walk.it.app.db.owner())
        .await
        .unwrap();
    assert_eq!(kept.len(), 1);
    let browser = going.cookie.split_once('=').unwrap().1;
    for secret in [browser, &going.asked["state"], &going.asked["nonce"]] {
        assert!(!kept[0].contains(secret), "{kept:?}");
    }
    assert!(!going.asked["state"].contains(browser) && !going.asked["nonce"].contains(browser));
}

#[tokio::test]
async fn a_forged_id_token_signs_nobody_in() {
    let walk = Walk::new().await;
    walk.account("li", "u-li").await;
    let past = chrono::Utc::now().timestamp() - 10;
    let nonce = walk.begin("/").await.asked["nonce"].clone();
    for (what, claims) in [
        ("another issuer", json!({"iss": "https://id.example"})),
        ("another client's", json!({"aud": "other"})),
        ("others' too", json!({"aud": [CLIENT, "other"]})),
        ("another flow's", json!({"nonce": nonce})),
        ("without nonce", json!({"nonce": null})),
        ("expired", json!({"exp": past, "iat": past - 60})),
    ] {
        walk.provider.conduct(|it| it.claims = claims);
        let page = refused(&walk.sign_in("u-li").await);
        assert_eq!(page, "/sign-in?error=oidc-not-verified", "{what}");
    }
    walk.provider.conduct(|it| it.claims = json!({}));
    for signer in [Signer::Stranger, Signer::Nobody, Signer::PublicKeyAsSecret] {
        walk.provider.conduct(|it| it.signer = signer);
        let page = refused(&walk.sign_in("u-li").await);
        assert_eq!(page, "/sign-in?error=oidc-not-verified");
    }
    assert_eq!(walk.last_failure().await["detail"]["why"], "oidc-not-verified");
    walk.provider.conduct(|it| it.signer = Signer::Provider);
    assert_eq!(location(&walk.sign_in("u-li").await), "/", "the rest was right");
}

#[tokio::test]
async fn another_providers_answer_is_not_ours() {
    let walk = Walk::new().await;
    walk.account("li", "u-li").await;
    let back = async |iss: &str| {
        let going = walk.begin("/").await;
        let code = walk.provider.sign_in("u-li", &going.asked);
        let (state, iss) = (&going.asked["state"], percent(iss));
        let path = format!("/sign-in/oidc/callback?code={code}&state={state}&iss={iss}");
        location(&walk.get(&path, &going.cookie).await)
    };
    assert_eq!(back("https://id.example").await, "/sign-in?error=oidc-not-verified");
    assert_eq!(back(&walk.provider.issuer).await, "/");
}

#[tokio::test]
async fn a_provider_may_change_its_keys() {
    let walk = Walk::new().await;
    walk.account("li", "u-li").await;
    assert_eq!(location(&walk.sign_in("u-li").await), "/");
    assert_eq!(location(&walk.sign_in("u-li").await), "/");
    assert_eq!(walk.provider.discoveries(), 1, "what it says of itself is kept");
    walk.provider.conduct(|it| it.key = 2);
    assert_eq!(location(&walk.sign_in("u-li").await), "/");
    assert_eq!(walk.provider.discoveries(), 2);
}

#[tokio::test]
async fn whoever_is_not_known_reads_their_subject_and_has_no_account() {
    let walk = Walk::new().await;
    walk.account("li", "u-li").await;
    let response = walk.sign_in("f:17/王 五").await;
    assert_eq!(refused(&response), "/sign-in?error=oidc-unknown");
    let subject = cookie(&response, "mutu_oidc_subject").unwrap();
    assert_eq!(subject, format!("mutu_oidc_subject={}", percent("f:17/王 五")));
    let failure = walk.last_failure().await;
    assert_eq!(failure["detail"]["oidc_subject"], "f:17/王 五");

    // A program reads a problem.
    let going = walk.begin("/").await;
    let code = walk.provider.sign_in("u-wang", &going.asked);
    let url =
        walk.it.url(&format!("/sign-in/oidc/callback?code={code}&state={}", going.asked["state"]));
    let response = walk.it.client.get(url).header("cookie", &going.cookie).send().await.unwrap();
    assert_eq!(response.status(), 403);
    let problem: Value = response.json().await.unwrap();
    assert_eq!(problem["type"], "/problems/oidc-unknown");
    assert!(problem["detail"].as_str().unwrap().contains("`u-wang`"), "{problem}");
}

#[tokio::test]
async fn a_disabled_account_stays_out() {
    let walk = Walk::new().await;
    walk.account("li", "u-li").await;
    let change = Change { disabled: Some(true), ..Change::default() };
    manage::change_account(&walk.it.app.db, &Scope::console(), "li", change).await.unwrap();
    let going = walk.begin("/account").await;
    let code = walk.provider.sign_in("u-li", &going.asked);
    let page = refused(&walk.end(&going, &code).await);
    assert_eq!(page, "/sign-in?error=oidc-disabled&to=%2Faccount");
    assert_eq!(walk.get(&page, "").await.status(), 200, "the page that explains it");
    let failure = walk.last_failure().await;
    assert_eq!(
        (&failure["subject"], &failure["detail"]["why"]),
        (&json!("li"), &json!("oidc-disabled"))
    );
}

#[tokio::test]
async fn an_account_belongs_to_the_provider_it_first_signed_in_at() {
    let walk = Walk::new().await;
    walk.account("li", "u-li").await;
    assert_eq!(location(&walk.sign_in("u-li").await), "/");
    walk.it
        .sql("update mutu.account set oidc_issuer = 'https://old.example' where name = 'li'")
        .await;
    assert_eq!(refused(&walk.sign_in("u-li").await), "/sign-in?error=oidc-unknown");
    // The administrator decides that it is the same person.
    for subject in [None, Some("u-li".to_owned())] {
        let change = Change { oidc_subject: Some(subject), ..Change::default() };
        manage::change_account(&walk.it.app.db, &Scope::console(), "li", change).await.unwrap();
    }
    assert_eq!(location(&walk.sign_in("u-li").await), "/");
}

#[tokio::test]
async fn new_people_get_the_role_that_the_office_gives_them() {
    let walk = Walk::with(|it| it.create_as = Some(Role::Viewer)).await;
    walk.it.account("admin", Role::Admin, None).await;
    walk.provider.conduct(|it| {
        it.userinfo = json!({"preferred_username": "王五", "name": "王 五"});
    });
    let response = walk.sign_in("u-wang").await;
    assert_eq!(location(&response), "/");
    let session = walk.session(&cookie(&response, "mutu_session").unwrap()).await;
    assert_eq!((&session["account"], &session["role"]), (&json!("王五"), &json!("viewer")));
    let admin = walk.it.token(Role::Admin).await;
    let page = walk.it.json_as(&admin, "/api/v1/accounts").await;
    let made = page["accounts"].as_array().unwrap().iter().find(|it| it["name"] == "王五").unwrap();
    assert_eq!((&made["title"], &made["oidc_subject"]), (&json!("王 五"), &json!("u-wang")));
    walk.provider.conduct(|it| it.userinfo = json!({"preferred_username": "another"}));
    let again = walk.sign_in("u-wang").await;
    let session = walk.session(&cookie(&again, "mutu_session").unwrap()).await;
    assert_eq!(session["account"], "王五", "the subject counts, not the name");

    // Nobody becomes somebody else by a name, and the ID token's own claims come first.
    for claims in [
        json!({"preferred_username": "admin"}),
        json!({"preferred_username": "console"}),
        json!({"preferred_username": "<b>"}),
        json!({"preferred_username": null}),
    ] {
        walk.provider.conduct(|it| it.claims = claims.clone());
        let response = walk.sign_in("u-eve").await;
        assert_eq!(refused(&response), "/sign-in?error=oidc-name", "{claims}");
        assert!(cookie(&response, "mutu_oidc_subject").is_some());
    }
    walk.provider.conduct(|it| {
        it.claims = json!({});
        it.userinfo = json!({"preferred_username": "eve", "sub": "u-wang"});
    });
    let page = refused(&walk.sign_in("u-eve").await);
    assert_eq!(page, "/sign-in?error=oidc-away", "userinfo of somebody else");
}

#[tokio::test]
async fn a_forged_to_leads_to_the_map() {
    let walk = Walk::new().await;
    walk.account("li", "u-li").await;
    for to in ["//evil.example", "/\\evil.example", "https://evil.example/", "/\t/evil.example"] {
        let going = walk.begin(to).await;
        let code = walk.provider.sign_in("u-li", &going.asked);
        assert_eq!(location(&walk.end(&going, &code).await), "/", "{to:?}");
    }
}

#[tokio::test]
async fn a_public_path_stays_in_front() {
    let provider = Provider::start().await;
    let config = Config {
        oidc: Some(settings(&provider)),
        public_url: Some("https://land.example/mutu".parse().unwrap()),
        ..Config::default()
    };
    let mut it = TestApp::with(config).await;
    it.serve();
    let at = format!("http://{}", it.app.config.listen);
    let get = async |path: &str, cookie: &str| {
        let request = it.client.get(format!("{at}{path}")).header("accept", "text/html");
        request.header("cookie", cookie).send().await.unwrap()
    };
    let response = get("/sign-in/oidc?to=/account", "").await;
    let asked = Url::parse(&location(&response)).unwrap();
    let asked: HashMap<String, String> = asked.query_pairs().into_owned().collect();
    assert_eq!(asked["redirect_uri"], "https://land.example/mutu/sign-in/oidc/callback");
    let set = response.headers()["set-cookie"].to_str().unwrap();
    for it in ["Secure", "HttpOnly", "SameSite=Lax", "Max-Age=600"] {
        assert!(set.contains(it), "{set}");
    }
    let browser = cookie(&response, "mutu_oidc").unwrap();
    let code = provider.sign_in("u-li", &asked);
    let path = format!("/sign-in/oidc/callback?code={code}&state={}", asked["state"]);
    let page = refused(&get(&path, &browser).await);
    assert_eq!(page, "/mutu/sign-in?error=oidc-unknown&to=%2Faccount");
}

#[tokio::test]
async fn a_provider_that_refuses_or_fails_is_told_from_one_that_is_away() {
    let walk = Walk::new().await;
    let back = async |error: &str| {
        let going = walk.begin("/").await;
        let path = format!("/sign-in/oidc/callback?error={error}&state={}", going.asked["state"]);
        location(&walk.get(&path, &going.cookie).await)
    };
    assert_eq!(back("access_denied").await, "/sign-in?error=oidc-denied");
    assert_eq!(back("server_error").await, "/sign-in?error=oidc-away");
    assert_eq!(back("invalid_scope").await, "/sign-in?error=oidc-not-verified");
    walk.provider.conduct(|it| it.refuses = true);
    assert_eq!(refused(&walk.sign_in("u-li").await), "/sign-in?error=oidc-expired");
}

#[tokio::test]
async fn a_provider_that_comes_back_is_asked_again() {
    let walk = Walk::new().await;
    walk.provider.conduct(|it| it.issuer = Some("https://id.example".to_owned()));
    let response = walk.get("/sign-in/oidc?to=/account", "").await;
    assert_eq!(refused(&response), "/sign-in?error=oidc-away&to=%2Faccount");
    let problem = walk.it.get("/sign-in/oidc").await;
    assert_eq!(problem.status(), 503);
    assert!(problem.headers().contains_key("retry-after"));
    walk.provider.conduct(|it| it.issuer = None);
    walk.begin("/").await;
}

#[tokio::test]
async fn a_provider_that_hangs_is_not_waited_for() {
    let walk = Walk::new().await;
    walk.provider.conduct(|it| it.hangs = true);
    let started = Instant::now();
    // A crowd waits for one answer, not for one after the other.
    let pages = futures_util::future::join_all((0..4).map(|_| walk.get("/sign-in/oidc", ""))).await;
    let took = started.elapsed();
    for page in pages {
        assert_eq!(refused(&page), "/sign-in?error=oidc-away");
    }
    assert!(took > Duration::from_secs(9) && took < Duration::from_secs(15), "{took:?}");
}

#[tokio::test]
async fn looking_uses_nothing_up_and_without_a_provider_there_is_no_way() {
    let walk = Walk::new().await;
    walk.account("li", "u-li").await;
    let going = walk.begin("/").await;
    let code = walk.provider.sign_in("u-li", &going.asked);
    let path = format!("/sign-in/oidc/callback?code={code}&state={}", going.asked["state"]);
    let looked = walk.it.client.head(walk.it.url(&path)).header("cookie", &going.cookie);
    assert_eq!(looked.send().await.unwrap().status(), 204);
    assert_eq!(location(&walk.end(&going, &code).await), "/");

    let it = TestApp::serving().await;
    assert_eq!(it.get("/sign-in/oidc").await.status(), 404);
    assert_eq!(it.get("/sign-in/oidc/callback?code=a&state=b").await.status(), 404);
    assert_eq!(it.json("/api/v1/session").await["sign_in"]["oidc"], Value::Null);
}
