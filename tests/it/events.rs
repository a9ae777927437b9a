//! `/api/v1/events`: what the maps that are open are told.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use mutu::access::Role;
use mutu::config::Config;
use mutu::http;
use serde_json::Value;
use tokio::net::TcpListener;

use crate::ogc::grid;
use crate::ogc::with_grid;
use crate::support::TestApp;

/// A stream, event by event.
struct Events {
    bytes: BoxStream<'static, reqwest::Result<bytes::Bytes>>,
    text: String,
}

impl Events {
    fn of(response: reqwest::Response) -> Self {
        assert_eq!(response.status(), 200);
        assert!(response.headers()["content-type"].to_str().unwrap().contains("text/event-stream"));
        assert_eq!(response.headers()["cache-control"], "private, no-store");
        Self { bytes: response.bytes_stream().boxed(), text: String::new() }
    }

    async fn open(it: &TestApp, token: Option<&str>) -> Self {
        let mut request = it.client.get(it.url("/api/v1/events"));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        Self::of(request.send().await.unwrap())
    }

    /// The next event's name and data; `None` at the end of the stream.
    async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let line = |name: &str| {
                    let found = event.lines().find_map(|it| it.strip_prefix(name));
                    found.map(|it| it.trim().to_owned())
                };
                let told = line("event:").zip(line("data:"));
                self.text = rest.to_owned();
                if let Some((name, data)) = told {
                    return Some((name, serde_json::from_str(&data).unwrap()));
                }
                continue;
            }
            let more = tokio::time::timeout(Duration::from_secs(10), self.bytes.next());
            let more = more.await.expect("something is told in time")?;
            self.text.push_str(std::str::from_utf8(&more.ok()?).unwrap());
        }
    }

    /// The next change of that layer.
    async fn change_of(&mut self, layer: &str) -> Value {
        loop {
            let (name, data) = self.next().await.expect("the stream goes on");
            if name == "changed" && data["layer"] == layer {
                return data;
            }
        }
    }
}

fn revision(told: &Value, layer: &str) -> Option<i64> {
    let of = told["layers"].as_array().unwrap().iter().find(|it| it["layer"] == layer)?;
    of["revision"].as_i64()
}

#[tokio::test]
async fn a_stream_begins_with_all_revisions_and_tells_what_each_change_touched() {
    let it = with_grid(50).await;
    it.settle().await;
    let mut events = Events::open(&it, None).await;
    let (name, first) = events.next().await.unwrap();
    assert_eq!(name, "revisions");
    let before = revision(&first, "parcels").unwrap();
    assert!(before > 0 && revision(&first, "audit_entries").is_none(), "{first}");

    it.sql("update mutu.parcel set name = '改' where parcel_id = 3").await;
    it.tell("parcels", Some(&[3])).await;
    let told = events.change_of("parcels").await;
    assert_eq!(told["revision"], before + 1);
    let bbox: Vec<f64> = serde_json::from_value(told["bbox"].clone()).unwrap();
    // The third parcel: 121.204 to 121.205 E, 31.3 to 31.301 N.
    let near = |it: f64, wanted: f64| (it - wanted).abs() < 2e-3;
    assert!(near(bbox[0], 121.204) && near(bbox[2], 121.205), "{bbox:?}");
    assert!(near(bbox[1], 31.3) && near(bbox[3], 31.301), "{bbox:?}");

    // Who comes again is told where everything stands, whatever it says it heard last.
    drop(events);
    let again = it.client.get(it.url("/api/v1/events")).header("last-event-id", "7");
    let mut again = Events::of(again.send().await.unwrap());
    assert_eq!(revision(&again.next().await.unwrap().1, "parcels"), Some(before + 1));
    assert_eq!(it.get("/api/v1/events?since=1").await.status(), 400);
}

#[tokio::test]
async fn nobody_is_told_more_than_they_may_know() {
    let it = with_grid(20).await;
    it.settle().await;
    let viewer = it.token(Role::Viewer).await;
    let of_one_unit = it.token_of(Role::Officer, Some(&["安亭镇"])).await;
    let admin = it.token(Role::Admin).await;
    let mut public = Events::open(&it, None).await;
    let mut limited = Events::open(&it, Some(&of_one_unit)).await;
    let mut all = Events::open(&it, Some(&admin)).await;
    let mut seen = Events::open(&it, Some(&viewer)).await;
    for events in [&mut public, &mut limited, &mut all, &mut seen] {
        assert_eq!(events.next().await.unwrap().0, "revisions");
    }
    it.sql("update mutu.parcel set name = '改' where parcel_id = 3").await;
    it.tell("parcels", Some(&[3])).await;
    assert!(public.change_of("parcels").await["bbox"].is_array());
    assert!(seen.change_of("parcels").await["bbox"].is_array());
    assert!(all.change_of("parcels").await["bbox"].is_array());
    assert!(limited.change_of("parcels").await["bbox"].is_null());
    let wrong = it.client.get(it.url("/api/v1/events")).bearer_auth("mutu_wrong").send();
    assert_eq!(wrong.await.unwrap().status(), 401);
}

#[tokio::test]
async fn streams_are_bounded_and_end_when_the_service_does() {
    let mut config = Config::default();
    config.limits.connections = 40;
    let it = TestApp::with(config).await;
    grid(&it, 5).await;
    it.follow();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/api/v1/events", listener.local_addr().unwrap());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let app = it.app.clone();
    let service = tokio::spawn(http::serve(app, listener, async move {
        let _ = stopped.await;
    }));
    let mut open = Vec::new();
    for _ in 0..10 {
        let mut events = Events::of(it.client.get(&url).send().await.unwrap());
        assert_eq!(events.next().await.unwrap().0, "revisions");
        open.push(events);
    }
    let refused = it.client.get(&url).send().await.unwrap();
    assert_eq!(refused.status(), 429);
    assert!(refused.headers().contains_key("retry-after"));
    // A place is given back when its reader goes.
    open.pop();
    let mut again = None;
    for _ in 0..50 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let response = it.client.get(&url).send().await.unwrap();
        if response.status() == 200 {
            again = Some(Events::of(response));
            break;
        }
    }
    open.push(again.expect("there is room again"));
    let from = std::time::Instant::now();
    stop.send(()).unwrap();
    for mut events in open {
        while events.next().await.is_some() {}
    }
    service.await.unwrap().unwrap();
    assert!(from.elapsed() < Duration::from_secs(3), "{:?}", from.elapsed());
}
