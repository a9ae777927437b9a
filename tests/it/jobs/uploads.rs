//! Files as they arrive, and who may send them.

use std::path::Path;
use std::time::Duration;

use futures_util::StreamExt;
use mutu::access::Role;
use mutu::access::Scope;
use mutu::config::Config;
use mutu::ingest;
use mutu::ingest::Imports;
use mutu::job::runner::sweep_once;
use reqwest::Body;
use reqwest::multipart::Form;
use reqwest::multipart::Part;
use serde_json::Value;
use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::Desk;
use super::enterprises;
use super::file;

#[tokio::test]
async fn a_file_is_previewed_applied_and_taken_back() {
    let desk = Desk::open().await;
    let import = desk.upload("企业.csv", enterprises(1, 20), "enterprises").await;
    assert_eq!(import["state"], "uploaded");
    assert_eq!(import["files"][0]["name"], "企业.csv");
    let job = desk.over(&import["job"]).await;
    assert_eq!(job["state"], "done", "{job}");
    let batch_id = import["batch_id"].as_i64().unwrap();
    let import = desk.import(batch_id).await;
    assert_eq!(import["state"], "previewed");
    assert_eq!(import["report"]["rows"]["added"], 20, "{import}");
    assert_eq!(desk.enterprises().await, 0);
    let changes = desk.get(&format!("/api/v1/imports/{batch_id}/changes?limit=15")).await;
    assert_eq!(changes["changes"].as_array().unwrap().len(), 15);
    let after = changes["next_after"].as_str().unwrap();
    let rest = desk.get(&format!("/api/v1/imports/{batch_id}/changes?after={after}")).await;
    assert_eq!(rest["changes"].as_array().unwrap().len(), 5);
    assert_eq!(rest["next_after"], json!(null));
    let outlines = desk.get(&format!("/api/v1/imports/{batch_id}/changes.geojson")).await;
    assert_eq!(outlines["features"][0]["id"], changes["changes"][0]["change_id"]);

    let job = desk.over(&desk.apply(batch_id).await).await;
    assert_eq!(job["state"], "done", "{job}");
    assert_eq!(desk.enterprises().await, 20);
    let import = desk.import(batch_id).await;
    assert_eq!((&import["state"], &import["job"]["kind"]), (&json!("applied"), &json!("apply")));
    assert_eq!(chunks(&desk).await, 0, "an applied file is not kept");

    let (status, job) = desk.post(&format!("/api/v1/imports/{batch_id}/undo"), &json!({})).await;
    assert_eq!(status, 202, "{job}");
    let job = desk.over(&job).await;
    assert_eq!(job["state"], "done", "{job}");
    assert_eq!(desk.enterprises().await, 0);
    let import = desk.import(batch_id).await;
    assert_eq!(import["state"], "undone");
    assert_eq!(audited(&desk, "企业.csv").await, ["import_uploaded"]);
    let actions = ["import_previewed", "import", "import_undone"];
    assert_eq!(audited(&desk, "enterprises").await, actions);
    let undoing = import["undone_by_batch"].as_i64().unwrap();
    let (status, body) = desk.post(&format!("/api/v1/imports/{undoing}/undo"), &json!({})).await;
    assert_eq!(status, 409, "{body}");
    let page = desk.get("/api/v1/imports?limit=1").await;
    assert_eq!(page["imports"][0]["batch_id"], undoing);
    let before = &page["next_before"];
    let page = desk.get(&format!("/api/v1/imports?before={before}")).await;
    assert_eq!(
        (&page["imports"][0]["batch_id"], &page["next_before"]),
        (&json!(batch_id), &json!(null))
    );
}

async fn chunks(desk: &Desk) -> i64 {
    desk.it.value("select count(*) from mutu.upload_chunk").await
}

async fn until_no_chunks(desk: &Desk) {
    for _ in 0..100 {
        if chunks(desk).await == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{} pieces are left", chunks(desk).await);
}

/// What a batch says of itself that does not depend on when and how it came.
async fn said(desk: &Desk, batch_id: i64) -> Value {
    let row: (Value,) = sqlx::query_as(
        "select to_jsonb(b) - '{batch_id,recorded_by,recorded_at,applied_at,options}'::text[]
         from mutu.import_batch b where batch_id = $1",
    )
    .bind(batch_id)
    .fetch_one(&desk.it.app.db.write)
    .await
    .unwrap();
    let mut said = row.0;
    for gone in ["seconds", "batch_id"] {
        said["report"].as_object_mut().unwrap().remove(gone);
    }
    said
}

#[tokio::test]
async fn an_upload_and_the_console_write_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("企业 2024.csv");
    std::fs::write(&path, enterprises(1, 20)).unwrap();
    let console = Desk::open().await;
    let options = ingest::Options::new(&path, "enterprises");
    let app = &console.it.app;
    let report = ingest::import(app, &Scope::console(), &options, &mut |_, _| {}).await.unwrap();
    let desk = Desk::open().await;
    let batch_id =
        desk.previewed("C:\\数据\\企业 2024.csv", enterprises(1, 20), "enterprises").await;
    desk.over(&desk.apply(batch_id).await).await;
    assert_eq!(said(&desk, batch_id).await, said(&console, report.batch_id.unwrap()).await);
}

#[tokio::test]
async fn the_pieces_of_a_shapefile_come_in_any_order_and_spelling() {
    let desk = Desk::open().await;
    let dir = tempfile::tempdir().unwrap();
    let options = mutu::sample::Options { parcels: 300, seed: 1, dirty: false };
    mutu::sample::write(&options, dir.path(), &mut |_, _, _| {}).unwrap();
    let shp = files(dir.path()).into_iter().find(|it| it.ends_with(".shp")).unwrap();
    let text = std::fs::read_to_string(dir.path().join("manifest.toml")).unwrap();
    let manifest: toml::Table = toml::from_str(&text).unwrap();
    let entry = manifest["file"].as_array().unwrap().iter();
    let entry = entry.clone().find(|it| it["path"].as_str() == Some(&shp)).unwrap();
    let stem = shp.strip_suffix(".shp").unwrap();
    let mut pieces: Vec<String> =
        files(dir.path()).into_iter().filter(|it| it.starts_with(&format!("{stem}."))).collect();
    pieces.sort();
    assert!(pieces.len() >= 3, "{pieces:?}");
    let mut options = json!({"into": entry["into"].as_str()});
    for name in ["encoding", "source_crs"] {
        if let Some(it) = entry.get(name) {
            options[name] = json!(it.as_str());
        }
    }
    let mut form = Form::new().text("options", options.to_string());
    for piece in &pieces {
        let content = std::fs::read(dir.path().join(piece)).unwrap();
        let extension = piece.rsplit('.').next().unwrap().to_uppercase();
        form = form.part("file", file(&format!("地块.{extension}"), content));
    }
    let (status, import) = desk.send(form).await;
    assert_eq!(status, 201, "{import}");
    assert_eq!(import["file"], "地块.SHP");
    let job = desk.over(&import["job"]).await;
    assert_eq!(job["state"], "done", "{job}");
    let import = desk.import(import["batch_id"].as_i64().unwrap()).await;
    assert!(import["report"]["rows"]["read"].as_u64().unwrap() > 0, "{import}");
}

fn files(dir: &Path) -> Vec<String> {
    let all = std::fs::read_dir(dir).unwrap();
    all.map(|it| it.unwrap().file_name().into_string().unwrap()).collect()
}

#[tokio::test]
async fn the_same_file_again_is_told() {
    let desk = Desk::idle(Config::default()).await;
    let first = desk.upload("a.csv", enterprises(1, 3), "enterprises").await;
    assert_eq!(first["same_as"], json!(null));
    let other = desk.upload("a.csv", enterprises(2, 3), "enterprises").await;
    assert_eq!(other["same_as"], json!(null));
    let again = desk.upload("b.csv", enterprises(1, 3), "enterprises").await;
    assert_eq!(again["same_as"], first["batch_id"]);
}

#[tokio::test]
async fn what_is_no_upload_is_refused_and_leaves_nothing() {
    let desk = Desk::idle(Config::default()).await;
    let csv = || file("a.csv", enterprises(1, 3));
    let into = |form: Form| form.text("into", "enterprises");
    for (what, form, at) in [
        ("no file", into(Form::new()), "file"),
        ("empty", Form::new().part("file", file("a.csv", "")), "a.csv"),
        ("nowhere", Form::new().part("file", csv()).text("into", "enterprise"), "into"),
        ("no JSON", Form::new().part("file", csv()).text("options", "{"), "options"),
        ("a list", Form::new().part("file", csv()).text("options", "[]"), "options"),
        (
            "a misspelt option",
            Form::new().part("file", csv()).text("options", r#"{"into":"parcels","crs":"x"}"#),
            "options",
        ),
        (
            "two targets",
            into(Form::new().part("file", csv())).text("options", r#"{"into":"parcels"}"#),
            "into",
        ),
        (
            "no encoding",
            Form::new().part("file", csv()).text("options", r#"{"into":"parcels","encoding":"x"}"#),
            "encoding",
        ),
        (
            "a column from nowhere",
            Form::new()
                .part("file", csv())
                .text("options", r#"{"into":"parcels","mapping":{"columns":{"a":{"unit":"m2"}}}}"#),
            "mapping",
        ),
        ("two files", Form::new().part("file", csv()).part("file", file("b.csv", "b")), "file"),
        ("twice", Form::new().part("file", csv()).part("file", csv()), "a.csv"),
        ("no name", Form::new().part("file", Part::bytes(b"a".to_vec())), "file"),
        ("an unknown part", Form::new().part("file", csv()).text("where", "a"), "where"),
    ] {
        let (status, body) = desk.send(form).await;
        assert_eq!(status, 400, "{what}: {body}");
        assert!(body["at"].as_str().unwrap().contains(at), "{what}: {body}");
    }
    let (status, body) = desk.post("/api/v1/imports", &json!({"into": "enterprises"})).await;
    assert_eq!(status, 400, "{body}");
    until_no_chunks(&desk).await;
    let left: (i64, i64) = sqlx::query_as(
        "select (select count(*) from mutu.upload), (select count(*) from mutu.import_batch)",
    )
    .fetch_one(&desk.it.app.db.write)
    .await
    .unwrap();
    assert_eq!(left, (0, 0));
}

/// What the audit says of a file or layer, in the order in which it happened.
async fn audited(desk: &Desk, subject: &str) -> Vec<String> {
    let sql = "select action from mutu.audit_event where subject = $1 order by event_id";
    sqlx::query_scalar(sql).bind(subject).fetch_all(&desk.it.app.db.write).await.unwrap()
}

fn small() -> Config {
    let mut config = Config::default();
    config.limits.upload_mb = 3.try_into().unwrap();
    config
}

#[tokio::test]
async fn too_large_is_refused_while_it_arrives() {
    let desk = Desk::idle(small()).await;
    // Said before: nothing is read.
    let form = Form::new().part("file", file("a.csv", vec![b'a'; 9 * 1024 * 1024]));
    let request = desk.it.client.post(desk.it.url("/api/v1/imports")).bearer_auth(&desk.token);
    if let Ok(response) = request.multipart(form).send().await {
        assert_eq!(response.status(), 413);
    }
    // Not said: it is counted. Somewhat more than the limit, so that the answer is read by a client that writes first.
    let piece = vec![b'a'; 256 * 1024];
    let pieces =
        futures_util::stream::iter(0..13).map(move |_| Ok::<_, std::io::Error>(piece.clone()));
    let part = Part::stream(Body::wrap_stream(pieces)).file_name("a.csv");
    let (status, body) = desk.send(Form::new().part("file", part)).await;
    assert_eq!(status, 413, "{body}");
    until_no_chunks(&desk).await;
    // As large as may be is taken.
    let form = Form::new().part("file", file("a.csv", vec![b'a'; 3 * 1024 * 1024]));
    let (status, body) = desk.send(form).await;
    assert_eq!(status, 201, "{body}");
    assert_eq!((body["state"].clone(), body["into"].clone()), (json!("uploaded"), json!(null)));
    assert_eq!(chunks(&desk).await, 3);
    let path = format!("/api/v1/imports/{}", body["batch_id"]);
    assert_eq!(desk.delete(&path).await, 204);
    assert_eq!(chunks(&desk).await, 0);
    assert_eq!(desk.get(&path).await["state"], "discarded");
    assert_eq!(audited(&desk, "a.csv").await, ["import_uploaded", "import_discarded"]);
    let (status, body) = desk.post(&format!("{path}/preview"), &json!({"into": "parcels"})).await;
    assert_eq!(status, 409, "{body}");
}

/// The head of an upload and the beginning of its file, by hand.
fn begun(desk: &Desk, filename: &[u8], content: &[u8]) -> Vec<u8> {
    let mut request = format!(
        "POST /api/v1/imports HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\ncontent-type: multipart/form-data; boundary=xyz\r\ntransfer-encoding: chunked\r\n\r\n",
        desk.it.app.config.listen, desk.token
    )
    .into_bytes();
    let mut body = b"--xyz\r\ncontent-disposition: form-data; name=\"file\"; filename=\"".to_vec();
    body.extend_from_slice(filename);
    body.extend_from_slice(b"\"\r\n\r\n");
    body.extend_from_slice(content);
    request.extend_from_slice(format!("{:x}\r\n", body.len()).as_bytes());
    request.extend_from_slice(&body);
    request.extend_from_slice(b"\r\n");
    request
}

#[tokio::test]
async fn an_upload_that_is_cut_off_leaves_nothing() {
    let desk = Desk::idle(Config::default()).await;
    let mut stream = TcpStream::connect(desk.it.app.config.listen).await.unwrap();
    stream.write_all(&begun(&desk, b"a.csv", &vec![b'a'; 2 * 1024 * 1024 + 9])).await.unwrap();
    for _ in 0..100 {
        if chunks(&desk).await == 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(chunks(&desk).await, 2, "pieces are there as they come");
    drop(stream);
    until_no_chunks(&desk).await;
    let left: i64 = desk.it.value("select count(*) from mutu.upload").await;
    assert_eq!(left, 0);
}

#[tokio::test]
async fn a_name_in_gbk_stays_readable() {
    let desk = Desk::idle(Config::default()).await;
    let (name, _, _) = encoding_rs::GBK.encode("..\\嘉定区企业.csv");
    let mut stream = TcpStream::connect(desk.it.app.config.listen).await.unwrap();
    let mut request = begun(&desk, &name, enterprises(1, 2).as_bytes());
    request.extend_from_slice(b"b\r\n\r\n--xyz--\r\n\r\n0\r\n\r\n");
    stream.write_all(&request).await.unwrap();
    let mut answer = vec![0; 16 * 1024];
    let count = stream.read(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer[..count]);
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    assert!(answer.contains("\"file\":\"嘉定区企业.csv\""), "{answer}");
}

#[tokio::test]
async fn only_stewards_of_all_units_load_data() {
    let desk = Desk::idle(Config::default()).await;
    let import = desk.upload("a.csv", enterprises(1, 2), "enterprises").await;
    let batch = format!("/api/v1/imports/{}", import["batch_id"]);
    let job = format!("/api/v1/jobs/{}", import["job"]["job_id"].as_str().unwrap());
    let of_one_unit = desk.it.token_of(Role::Steward, Some(&["安亭镇"])).await;
    let officer = desk.it.token(Role::Officer).await;
    for (token, wanted) in [(None, 401), (Some(&officer), 403), (Some(&of_one_unit), 403)] {
        for path in [
            "/api/v1/imports".to_owned(),
            batch.clone(),
            format!("{batch}/issues"),
            format!("{batch}/issues.xlsx"),
            format!("{batch}/issues.geojson"),
            format!("{batch}/changes"),
            format!("{batch}/changes.geojson"),
            "/api/v1/jobs".to_owned(),
            job.clone(),
            format!("{job}/events"),
        ] {
            let mut request = desk.it.client.get(desk.it.url(&path));
            if let Some(token) = token {
                request = request.bearer_auth(token);
            }
            assert_eq!(request.send().await.unwrap().status(), wanted, "{path}");
        }
        let token = token.map(String::as_str);
        for path in [
            format!("{batch}/preview"),
            format!("{batch}/apply"),
            format!("{batch}/undo"),
            format!("{job}/cancel"),
        ] {
            let (status, body) = desk.it.post(token, &path, &json!({"into": "parcels"})).await;
            assert_eq!(status, wanted, "{path}: {body}");
        }
    }
    assert_eq!(desk.get(&batch).await["state"], "uploaded");
    // Too early, and not there.
    for (path, wanted) in [
        (format!("{batch}/apply"), 409),
        (format!("{batch}/undo"), 409),
        ("/api/v1/imports/99/apply".to_owned(), 404),
    ] {
        let (status, body) = desk.post(&path, &json!({})).await;
        assert_eq!(status, wanted, "{path}: {body}");
    }
    let unknown = "/api/v1/jobs/5ec7e700-0000-4000-8000-000000000009";
    assert_eq!(desk.it.get_as(&desk.token, unknown).await.status(), 404);
    assert_eq!(desk.it.get_as(&desk.token, "/api/v1/jobs/1").await.status(), 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_told_of_as_it_goes_on() {
    let mut desk = Desk::idle(Config::default()).await;
    let import = desk.upload("a.csv", enterprises(1, 20), "enterprises").await;
    let id = import["job"]["job_id"].as_str().unwrap();
    let path = format!("/api/v1/jobs/{id}/events");
    let request = desk.it.client.get(desk.it.url(&path)).bearer_auth(&desk.token);
    let response = request.header("accept-encoding", "gzip, br, zstd").send().await.unwrap();
    assert_eq!(response.status(), 200);
    let headers = response.headers();
    assert_eq!(headers["content-type"], "text/event-stream");
    assert_eq!(headers["x-accel-buffering"], "no");
    assert!(headers.get("content-encoding").is_none(), "{headers:?}");
    let mut stream = response.bytes_stream();
    let first = stream.next().await.unwrap().unwrap();
    let first = String::from_utf8_lossy(&first).into_owned();
    assert!(first.contains("event: job") && first.contains("\"queued\""), "{first}");
    desk.run();
    let mut rest = String::new();
    while let Some(piece) = stream.next().await {
        rest.push_str(&String::from_utf8_lossy(&piece.unwrap()));
    }
    let last = rest.lines().filter_map(|it| it.strip_prefix("data:")).next_back().unwrap();
    let last: Value = serde_json::from_str(last).unwrap();
    assert_eq!((&last["state"], &last["job_id"]), (&json!("done"), &json!(id)), "{rest}");
    // A browser comes again by itself, and is told to stop.
    let request = desk.it.client.get(desk.it.url(&path)).bearer_auth(&desk.token);
    let response = request.header("last-event-id", "over").send().await.unwrap();
    assert_eq!(response.status(), 204);
    let response = desk.it.get_as(&desk.token, &path).await;
    assert!(response.text().await.unwrap().contains("\"done\""));
}

#[tokio::test]
async fn one_account_watches_so_many_jobs() {
    let desk = Desk::idle(Config::default()).await;
    let import = desk.upload("a.csv", enterprises(1, 2), "enterprises").await;
    let path = format!("/api/v1/jobs/{}/events", import["job"]["job_id"].as_str().unwrap());
    let mut open = Vec::new();
    let refused = loop {
        let response = desk.it.get_as(&desk.token, &path).await;
        if response.status() != 200 {
            break response;
        }
        open.push(response);
        assert!(open.len() < 100);
    };
    assert_eq!(refused.status(), 429);
    assert!(refused.headers().contains_key("retry-after"));
    drop(open);
    for _ in 0..100 {
        if desk.it.get_as(&desk.token, &path).await.status() == 200 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("places are not given back");
}

#[tokio::test]
async fn what_nobody_needs_any_more_is_swept() {
    let desk = Desk::idle(Config::default()).await;
    for nth in 0..3 {
        desk.upload(&format!("{nth}.csv"), enterprises(nth * 3, 3), "enterprises").await;
    }
    desk.it
        .sql(
            "update mutu.job set state = 'failed', finished_at = now(), created_at = now() - interval '8 days';
             update mutu.job set finished_at = now() - interval '31 days' where batch_id = 1;
             update mutu.import_batch set recorded_at = now() - interval '8 days' where batch_id in (1, 2);
             insert into mutu.upload (name, touched_at) values ('half', now() - interval '2 hours'), ('coming', now())",
        )
        .await;
    sweep_once(&desk.it.app, &Imports).await.unwrap();
    let states: Vec<String> =
        sqlx::query_scalar("select state from mutu.import_batch order by batch_id")
            .fetch_all(&desk.it.app.db.write)
            .await
            .unwrap();
    assert_eq!(states, ["discarded", "discarded", "uploaded"]);
    let jobs: i64 = desk.it.value("select count(*) from mutu.job").await;
    let names: Vec<String> = sqlx::query_scalar(
        "select name from mutu.upload u where batch_id is null or exists (select from mutu.upload_chunk where upload_id = u.upload_id) order by name",
    )
    .fetch_all(&desk.it.app.db.write)
    .await
    .unwrap();
    assert_eq!((jobs, names), (2, vec!["2.csv".to_owned(), "coming".to_owned()]));
}

#[tokio::test]
async fn findings_are_handed_over_as_files() {
    let desk = Desk::open().await;
    let csv = enterprises(1, 3) + "91310114MA00000000,坏企业\n";
    let import = desk.upload("企业.csv", csv, "enterprises").await;
    desk.over(&import["job"]).await;
    let batch = format!("/api/v1/imports/{}", import["batch_id"]);
    let issues = desk.get(&format!("{batch}/issues")).await;
    assert!(!issues["issues"].as_array().unwrap().is_empty(), "{issues}");
    assert_eq!(desk.get(&format!("{batch}/issues?rule=none")).await["issues"], json!([]));
    let one = desk.get(&format!("{batch}/issues?limit=1")).await;
    assert_eq!(one["issues"].as_array().unwrap().len(), 1);
    let response = desk.it.get_as(&desk.token, &format!("{batch}/issues.xlsx")).await;
    assert_eq!(response.status(), 200);
    let named = response.headers()["content-disposition"].to_str().unwrap().to_owned();
    assert!(named.starts_with("attachment") && named.contains("filename*=UTF-8''"), "{named}");
    assert!(response.bytes().await.unwrap().starts_with(b"PK"));
    let places = desk.get(&format!("{batch}/issues.geojson")).await;
    assert_eq!(places["type"], "FeatureCollection");
    let template = desk.it.get_as(&desk.token, "/api/v1/templates/enterprises.xlsx").await;
    assert_eq!(template.status(), 200);
    assert!(template.bytes().await.unwrap().starts_with(b"PK"));
    for wrong in ["enterprises", "nothing.xlsx", ".xlsx"] {
        let response = desk.it.get_as(&desk.token, &format!("/api/v1/templates/{wrong}")).await;
        assert_eq!(response.status(), 404, "{wrong}");
    }
}
