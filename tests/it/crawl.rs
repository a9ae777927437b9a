//! Who may read what, everywhere at once: every route is walked as every kind of caller, over data in which every value is
//! known by itself, and an answer may say only what the folders let its caller read.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use futures_util::StreamExt;
use futures_util::stream;

use crate::support::TestApp;

mod asks;
mod caches;
mod decode;
mod fill;
mod folders;
mod naming;
mod rows;
mod scene;
mod sentinel;
mod unread;
mod walk;

use asks::Ask;
use scene::Caller;
use scene::Scene;
use scene::opens_layer;
use walk::Ids;

/// An answer as it came.
struct Answer {
    status: u16,
    headers: reqwest::header::HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |it| it.to_str().unwrap_or_default())
    }

    /// All that it says, its head included.
    fn text(&self) -> String {
        let head = self.headers.iter().filter(|(name, _)| *name != "set-cookie");
        let head: String = head
            .map(|(name, it)| format!("{name}: {}\n", String::from_utf8_lossy(it.as_bytes())))
            .collect();
        format!("{head}\n{}", decode::text(self.header("content-type"), &self.body))
    }
}

/// GET, as the caller with a token or with the session's cookie.
async fn ask(
    it: &TestApp,
    caller: &Caller,
    path: &str,
    by_cookie: bool,
    headers: &[(&str, &str)],
) -> Answer {
    send(it.client.get(it.url(path)), caller, by_cookie, headers).await
}

/// A request of the walk, whole or only its head.
async fn step(it: &TestApp, caller: &Caller, step: &Ask, by_cookie: bool, head: bool) -> Answer {
    let accept = step.accept.map(|it| ("accept", it));
    let url = it.url(&step.path);
    let request = match &step.body {
        Some(body) => it.client.post(url).header("origin", it.url("")).json(body),
        None if head => it.client.head(url),
        None => it.client.get(url),
    };
    send(request, caller, by_cookie, accept.as_slice()).await
}

async fn send(
    request: reqwest::RequestBuilder,
    caller: &Caller,
    by_cookie: bool,
    headers: &[(&str, &str)],
) -> Answer {
    let mut request = match (&caller.token, &caller.cookie) {
        (Some(token), _) if !by_cookie => request.bearer_auth(token),
        (_, Some(cookie)) => request.header("cookie", cookie),
        (_, None) => request,
    };
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Answer { status, headers, body: response.bytes().await.unwrap().to_vec() }
}

/// The ids of all features, as the database's owner knows them.
async fn ids(it: &TestApp) -> Ids {
    let mut ids = Ids::new();
    for layer in it.app.layers.layers.values() {
        let sql = format!("select id from {} order by id", layer.relation());
        let found = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(it.app.db.owner()).await;
        ids.insert(layer.id.clone(), found.unwrap());
    }
    ids
}

const EVERYBODY: [&str; 8] = [
    "public",
    "viewer",
    "admin as viewer",
    "officer",
    "officer of unit 1",
    "officer of unit 2",
    "steward",
    "admin",
];

/// What a walk found wrong, and what it saw.
#[derive(Default)]
struct Found {
    /// By what it is, with one address where it shows and at how many it does.
    wrong: BTreeMap<String, (String, usize)>,
    seen: BTreeSet<String>,
    asked: usize,
}

impl Found {
    fn is_wrong(&mut self, what: String, ask: &Ask) {
        self.wrong.entry(what).or_insert_with(|| (ask.path.clone(), 0)).1 += 1;
    }

    fn look(&mut self, scene: &Scene, caller: &Caller, route: &str, ask: &Ask, answer: &Answer) {
        self.asked += 1;
        let at = format!("{} {route}", caller.name);
        if answer.status >= 500 || answer.status == 429 {
            self.is_wrong(format!("{at}: {}", answer.status), ask);
        }
        let wanted = match &ask.layer {
            Some(id) if !opens_layer(&caller.scope, scene.layers().find(id).unwrap()) => {
                if caller.scope.account.is_none() { 401..=401 } else { 403..=403 }
            }
            _ => 200..=299,
        };
        if !ask.may_fail && !wanted.contains(&answer.status) {
            self.is_wrong(format!("{at}: {} instead of {wanted:?}", answer.status), ask);
        }
        let cache = answer.header("cache-control");
        let is_static = cache.contains("public") && answer.header("etag").is_empty();
        if caller.scope.account.is_some() && cache.contains("public") && !is_static {
            self.is_wrong(format!("{at}: {cache} to somebody signed in"), ask);
        }
        for (value, it) in scene.ledger.said(&answer.text()) {
            self.seen.insert(value.to_owned());
            if !it.may(&caller.scope) {
                let what: BTreeSet<&String> = it.what.iter().collect();
                self.is_wrong(format!("{at}: tells of {what:?}"), ask);
            }
        }
    }
}

async fn walk_as(scene: &Scene, caller: &Caller, asks_of: &[(&'static str, Vec<Ask>)]) -> Found {
    let mut found = Found::default();
    let all = asks_of.iter().flat_map(|(route, asks)| asks.iter().map(move |it| (*route, it)));
    let asks = all.flat_map(|(route, it)| {
        let by_cookie = (it.twice && caller.token.is_some()).then_some((route, it, true));
        [Some((route, it, false)), by_cookie].into_iter().flatten()
    });
    let mut answers = stream::iter(asks)
        .map(async |(route, it, by_cookie)| {
            let answer = step(&scene.it, caller, it, by_cookie, false).await;
            (route, it, answer)
        })
        .buffer_unordered(4);
    while let Some((route, it, answer)) = answers.next().await {
        found.look(scene, caller, route, it, &answer);
    }
    // Only the head of an answer, once of each route: it says what the answer's own would.
    for (route, it) in asks_of.iter().filter_map(|(route, asks)| Some((route, asks.first()?))) {
        if it.body.is_some() {
            continue;
        }
        let answer = step(&scene.it, caller, it, false, true).await;
        found.look(scene, caller, route, it, &answer);
        assert!(answer.body.is_empty(), "{route} answers HEAD with a body");
    }
    found
}

/// Walks everything as the callers of those names; `complete` when all that is open is shown by some answer, too.
async fn crawl(scene: &Scene, callers: &[&str], complete: bool) {
    let callers: Vec<&Caller> = callers.iter().map(|it| scene.caller(it)).collect();
    let ids = ids(&scene.it).await;
    let asks = walk::all(scene, &ids);
    let admin = scene.caller("admin");
    let document = async |path| -> serde_json::Value {
        serde_json::from_slice(&ask(&scene.it, admin, path, false, &[]).await.body).unwrap()
    };
    unread::every_route_is_walked(
        &document("/api/v1/openapi.json").await,
        &document("/ogc/api").await,
    );
    let started = std::time::Instant::now();
    let walks = callers.iter().map(|caller| walk_as(scene, caller, &asks));
    let walks = futures_util::future::join_all(walks).await;
    eprintln!("walked in {:?}", started.elapsed());
    let mut wrong = Vec::new();
    let mut asked = 0;
    for (caller, found) in callers.iter().zip(&walks) {
        asked += found.asked;
        let list = found.wrong.iter();
        wrong.extend(list.map(|(what, (path, n))| format!("{what} at {n}, such as {path}")));
        // What nobody is shown where they may see it would be kept from others by no rule either.
        let mut unseen: BTreeMap<&str, usize> = BTreeMap::new();
        for (value, it) in &scene.ledger.all {
            if complete && it.must(&caller.scope) && !found.seen.contains(value) {
                *unseen.entry(it.what[0].as_str()).or_default() += 1;
            }
        }
        wrong.extend(
            unseen.iter().map(|(what, n)| format!("{}: is not shown {what} ({n})", caller.name)),
        );
    }
    eprintln!("{asked} requests, {} sentinels", scene.ledger.all.len());
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(80)].join("\n")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn the_shipped_folders_are_kept_everywhere() {
    crawl(&Scene::new(None).await, &EVERYBODY, true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn folders_that_close_more_are_kept_everywhere() {
    let folders = folders::closed();
    let mut scene = Scene::new(Some(folders.path())).await;
    folders::expect(&mut scene.ledger);
    let callers = EVERYBODY.into_iter().filter(|it| *it != "officer of unit 2");
    crawl(&scene, &callers.collect::<Vec<_>>(), true).await;
}
