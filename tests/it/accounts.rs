//! Accounts on PostGIS and over HTTP: who gets in, who does not, and what they may do to accounts.

mod audit;
mod basic;
mod console;
mod foreign;
mod managing;
mod passwords;
mod sessions;
mod signing_in;
mod view_as;

use mutu::config::Accounts;
use mutu::config::Config;
use reqwest::Method;
use reqwest::Response;
use serde_json::Value;
use serde_json::json;

use crate::support::TestApp;

const PASSWORD: &str = "Quiet-Harbour7";
const WRONG: &str = "Quiet-Harbour8";

/// A server with account rules of the test's own.
async fn serving(accounts: Accounts) -> TestApp {
    let mut it = TestApp::with(Config { accounts, ..Config::default() }).await;
    it.serve();
    it
}

/// A browser with the web map open: it keeps the session's cookie and says where its requests come from.
struct Browser<'a> {
    it: &'a TestApp,
    cookie: Option<String>,
}

impl<'a> Browser<'a> {
    fn new(it: &'a TestApp) -> Self {
        Self { it, cookie: None }
    }

    /// Signed in with a password.
    async fn signed_in(it: &'a TestApp, account: &str, password: &str) -> Self {
        let mut browser = Self::new(it);
        let answer = browser.sign_in(account, password).await;
        assert_eq!(answer.status(), 200, "{account}");
        browser
    }

    /// Signed in with a body of `POST /api/v1/session`.
    async fn post_session(&mut self, body: Value) -> Response {
        let answer = self.send(Method::POST, "/api/v1/session", Some(body)).await;
        self.keep(&answer);
        answer
    }

    async fn sign_in(&mut self, account: &str, password: &str) -> Response {
        self.post_session(json!({"account": account, "password": password})).await
    }

    /// Follows a one-time link.
    async fn follow(&mut self, path: &str) -> Response {
        let answer = self.send(Method::GET, path, None).await;
        self.keep(&answer);
        answer
    }

    fn keep(&mut self, answer: &Response) {
        if let Some(cookie) = answer.headers().get("set-cookie") {
            let cookie = cookie.to_str().unwrap().split(';').next().unwrap();
            self.cookie = Some(cookie.to_owned()).filter(|it| !it.ends_with('='));
        }
    }

    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Response {
        let mut request =
            self.it.client.request(method, self.it.url(path)).header("origin", self.it.url(""));
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        request.send().await.unwrap()
    }

    async fn get(&self, path: &str) -> Response {
        self.send(Method::GET, path, None).await
    }

    /// GET as JSON, expecting 200.
    async fn json(&self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert_eq!(answer.status(), 200, "{path}");
        answer.json().await.unwrap()
    }

    async fn role(&self) -> String {
        self.json("/api/v1/session").await["role"].as_str().unwrap().to_owned()
    }
}

/// Status and body of a refusal.
async fn refusal(answer: Response) -> (u16, Value) {
    let status = answer.status().as_u16();
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    (status, answer.json().await.unwrap())
}
