//! Files of cases: what is taken, from whom, and how it is given out.

use mutu::access::Role;
use mutu::config::Attachments;
use mutu::config::Config;
use reqwest::multipart::Form;
use reqwest::multipart::Part;
use serde_json::Value;

use super::*;

const PDF: &[u8] = b"%PDF-1.7\n%a record of acceptance\n";

/// A file given to a case: status and answer.
pub async fn attach(
    it: &TestApp,
    token: &str,
    code: &str,
    name: &str,
    content: &[u8],
) -> (u16, Value) {
    let part = Part::bytes(content.to_vec()).file_name(name.to_owned());
    let form = Form::new().text("note", "验收记录").part("file", part);
    let path = it.url(&format!("/api/v1/cases/{code}/attachments"));
    let response = it.client.post(path).bearer_auth(token).multipart(form).send().await.unwrap();
    let status = response.status().as_u16();
    (status, response.json().await.unwrap())
}

async fn withdraw(it: &TestApp, token: &str, code: &str, id: i64, reason: &str) -> (u16, Value) {
    let path = it.url(&format!("/api/v1/cases/{code}/attachments/{id}"));
    let asked = it.client.delete(path).query(&[("reason", reason)]).bearer_auth(token);
    let response = asked.send().await.unwrap();
    let status = response.status().as_u16();
    (status, response.json().await.unwrap())
}

fn workbook(parts: &[&str]) -> Vec<u8> {
    use std::io::Write;
    let mut out = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for it in parts {
        out.start_file(*it, zip::write::SimpleFileOptions::default()).unwrap();
        out.write_all(b"<a/>").unwrap();
    }
    out.finish().unwrap().into_inner()
}

#[tokio::test]
async fn a_file_is_given_out_as_it_came_and_its_withdrawal_is_kept() {
    let it = district().await;
    let officer = it.token(Role::Officer).await;
    let (_, codes) = list(&it, &officer, "计划", "P1\nP2").await;
    let code = &codes[0];
    let (status, given) = attach(&it, &officer, code, "验收 报告.pdf", PDF).await;
    assert_eq!(status, 201, "{given}");
    assert_eq!((&given["name"], &given["kind"]), (&json!("验收 报告.pdf"), &json!("pdf")));
    assert_eq!((&given["bytes"], &given["note"]), (&json!(PDF.len()), &json!("验收记录")));
    let id = given["attachment_id"].as_i64().unwrap();
    let own = format!("/api/v1/cases/{code}/attachments");
    let response = it.get_as(&officer, &format!("{own}/{id}")).await;
    assert_eq!(response.status(), 200);
    let head = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(head("content-type"), "application/pdf");
    assert_eq!(head("x-content-type-options"), "nosniff");
    assert_eq!(head("content-security-policy"), "default-src 'none'; sandbox");
    assert_eq!(
        head("content-disposition"),
        format!(
            "attachment; filename=\"attachment-{id}.pdf\"; filename*=UTF-8''%E9%AA%8C%E6%94%B6%20%E6%8A%A5%E5%91%8A%2Epdf"
        )
    );
    assert_eq!(response.bytes().await.unwrap(), PDF);
    // The same again is told; of another case it is another file.
    let (status, again) = attach(&it, &officer, code, "b.pdf", PDF).await;
    assert_eq!((status, again["attachment_id"].as_i64()), (409, Some(id)), "{again}");
    assert_eq!(attach(&it, &officer, &codes[1], "b.pdf", PDF).await.0, 201);
    assert_eq!(
        it.get_as(&officer, &format!("/api/v1/cases/{}/attachments/{id}", codes[1])).await.status(),
        404
    );
    // Withdrawn it is gone, and stays in the record with its hash; the same may be given anew.
    assert_eq!(withdraw(&it, &officer, code, id, " ").await.0, 400);
    let (status, ended) = withdraw(&it, &officer, code, id, "传错了").await;
    assert_eq!((status, &ended["withdrawn_reason"]), (200, &json!("传错了")), "{ended}");
    assert_eq!(ended["sha256"], given["sha256"]);
    assert_eq!(withdraw(&it, &officer, code, id, "再撤").await.0, 409);
    assert_eq!(withdraw(&it, &officer, code, 99, "无").await.0, 404);
    assert_eq!(it.get_as(&officer, &format!("{own}/{id}")).await.status(), 410);
    assert_eq!(attach(&it, &officer, code, "a.pdf", PDF).await.0, 201);
    let all = it.json_as(&officer, &own).await;
    assert_eq!(all["attachments"].as_array().unwrap().len(), 2);
    assert_eq!(all["limits"]["file_bytes"], json!(20 * 1024 * 1024));
    let history = it.json_as(&officer, &format!("/api/v1/cases/{code}/events")).await;
    let kinds: Vec<&str> = history["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["attached", "withdrawn", "attached", "created"]);
    assert_eq!(history["events"][1]["after"]["sha256"], given["sha256"]);
    let audited =
        "select count(*) from mutu.audit_event where action in ('file_attached', 'file_withdrawn')";
    assert_eq!(it.value::<i64>(audited).await, 4);
    let kept = "select count(*) from mutu.attachment_content";
    assert_eq!(it.value::<i64>(kept).await, 3);
}

#[tokio::test]
async fn what_is_no_file_of_an_office_is_refused() {
    let it = district().await;
    let officer = it.token(Role::Officer).await;
    let (_, codes) = list(&it, &officer, "计划", "P1").await;
    let code = &codes[0];
    let macros = workbook(&["[Content_Types].xml", "xl/workbook.xml", "xl/vbaProject.bin"]);
    for (name, content, status) in [
        ("a.pdf", &b"<script>alert(1)</script>"[..], 415),
        ("a.html", b"<html>", 415),
        ("a.svg", b"<svg onload=\"x()\"/>", 415),
        ("a.exe", b"MZ\x90", 415),
        ("a.jpg", PDF, 415),
        ("a.pdf.exe", PDF, 415),
        ("none", PDF, 415),
        ("a.xlsx", &macros, 415),
        ("a.xlsx", b"PK\x03\x04", 415),
        ("a.pdf", b"", 400),
    ] {
        let (is, answer) = attach(&it, &officer, code, name, content).await;
        assert_eq!(is, status, "{name}: {answer}");
    }
    // Names lose their paths and what cannot be seen; what is left is what people recognise.
    for (name, wanted) in [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\报告\\a.pdf", "a.pdf"),
        ("a\u{202e}fdp.exe.pdf", "afdp.exe.pdf"),
        ("a\r\nSet-Cookie: x=1.pdf", "aSet-Cookie_ x=1.pdf"),
        ("\"><script>.pdf", "___script_.pdf"),
    ] {
        let content = [PDF, name.as_bytes()].concat();
        let (status, given) = attach(&it, &officer, code, name, &content).await;
        if status == 201 {
            let is = given["name"].as_str().unwrap();
            assert!(!is.contains(['/', '\\', '\r', '\n', '"', '<', '\u{202e}']), "{name}: {is}");
            assert!(is.ends_with(".pdf"), "{name}: {is}");
            let id = given["attachment_id"].as_i64().unwrap();
            let path = format!("/api/v1/cases/{code}/attachments/{id}");
            let response = it.get_as(&officer, &path).await;
            assert_eq!(response.status(), 200, "{name}");
            assert!(response.headers().get("set-cookie").is_none(), "{name}");
        } else {
            // What an honest client would not send at all.
            assert_eq!(status, 400, "{name}, {wanted}: {given}");
        }
    }
    let (status, given) = attach(&it, &officer, code, "C:\\报告\\成果.pdf", b"%PDF-1.4").await;
    assert_eq!((status, &given["name"]), (201, &json!("成果.pdf")), "{given}");
    let workbook = workbook(&["[Content_Types].xml", "xl/workbook.xml"]);
    assert_eq!(attach(&it, &officer, code, "表.XLSX", &workbook).await.0, 201);
    // No file, two files, another part.
    let path = it.url(&format!("/api/v1/cases/{code}/attachments"));
    let file = || Part::bytes(PDF).file_name("a.pdf");
    for form in [
        Form::new(),
        Form::new().part("file", file()).part("file", file()),
        Form::new().part("files", file()),
        Form::new().part("file", Part::bytes(PDF)),
    ] {
        let sent = it.client.post(&path).bearer_auth(&officer).multipart(form);
        assert_eq!(sent.send().await.unwrap().status(), 400);
    }
    let sent = it.client.post(&path).bearer_auth(&officer).json(&json!({}));
    assert_eq!(sent.send().await.unwrap().status(), 400);
}

#[tokio::test]
async fn limits_are_hard_for_a_file_and_for_a_case() {
    let one = std::num::NonZeroU32::MIN;
    let attachments = Attachments { file_mb: one, case_mb: one };
    let it = district_with(Config { attachments, ..Config::default() }).await;
    let officer = it.token(Role::Officer).await;
    let (_, codes) = list(&it, &officer, "计划", "P1\nP2").await;
    let of = |bytes: usize, sign: u8| {
        let mut content = PDF.to_vec();
        content.resize(bytes, sign);
        content
    };
    let (status, refused) =
        attach(&it, &officer, &codes[0], "a.pdf", &of(1024 * 1024 + 1, 1)).await;
    assert_eq!(status, 413, "{refused}");
    let (_, given) = attach(&it, &officer, &codes[0], "a.pdf", &of(700_000, 1)).await;
    let (status, refused) = attach(&it, &officer, &codes[0], "b.pdf", &of(700_000, 2)).await;
    assert_eq!((status, &refused["kept_bytes"]), (413, &json!(700_000)), "{refused}");
    // What was withdrawn is kept, so it counts; another case has room of its own.
    let id = given["attachment_id"].as_i64().unwrap();
    assert_eq!(withdraw(&it, &officer, &codes[0], id, "错").await.0, 200);
    assert_eq!(attach(&it, &officer, &codes[0], "b.pdf", &of(700_000, 2)).await.0, 413);
    assert_eq!(attach(&it, &officer, &codes[1], "b.pdf", &of(700_000, 2)).await.0, 201);
}

#[tokio::test]
async fn files_are_the_units_as_their_cases_are() {
    let it = district().await;
    let officer = it.token(Role::Officer).await;
    let malu = it.token_of(Role::Officer, Some(&["马陆镇"])).await;
    let viewer = it.token(Role::Viewer).await;
    let (_, codes) = list(&it, &officer, "计划", "P1\nP3").await;
    let (_, own) = attach(&it, &malu, &codes[0], "a.pdf", PDF).await;
    assert_eq!(own["attachment_id"], json!(1), "{own}");
    assert_eq!(attach(&it, &officer, &codes[1], "b.pdf", PDF).await.0, 201);
    let of = |code: &str, rest: &str| format!("/api/v1/cases/{code}/attachments{rest}");
    // Another unit's case is not there, and neither are its files, by whichever case they are asked for.
    for rest in ["", "/2", "/1"] {
        assert_eq!(it.get_as(&malu, &of(&codes[1], rest)).await.status(), 404, "{rest}");
    }
    assert_eq!(it.get_as(&malu, &of(&codes[0], "/2")).await.status(), 404);
    assert_eq!(attach(&it, &malu, &codes[1], "c.pdf", b"%PDF-1.5").await.0, 404);
    assert_eq!(withdraw(&it, &malu, &codes[1], 2, "x").await.0, 404);
    assert_eq!(withdraw(&it, &malu, &codes[0], 2, "x").await.0, 404);
    for rest in ["", "/1"] {
        assert_eq!(it.get_as(&viewer, &of(&codes[0], rest)).await.status(), 403);
        assert_eq!(it.get(&of(&codes[0], rest)).await.status(), 401);
    }
    assert_eq!(attach(&it, &viewer, &codes[0], "c.pdf", b"%PDF-1.5").await.0, 403);
    assert_eq!(withdraw(&it, &viewer, &codes[0], 1, "x").await.0, 403);
    assert_eq!(it.get_as(&malu, &of(&codes[0], "/1")).await.status(), 200);
    // The database says the same to a query that forgets to ask.
    let mut db = it.app.db.owner().acquire().await.unwrap();
    for (role, units, rows) in
        [("officer", "马陆镇", 1_i64), ("officer", "*", 2), ("officer", "南翔镇", 0)]
    {
        let sql = format!("set role mutu_{role}; set mutu.units = '{units}'");
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut *db).await.unwrap();
        for table in ["attachment", "attachment_content"] {
            let sql = format!("select count(*) from mutu.{table}");
            let found: i64 =
                sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&mut *db).await.unwrap();
            assert_eq!(found, rows, "{table} {units}");
        }
        sqlx::raw_sql("reset role; reset mutu.units").execute(&mut *db).await.unwrap();
    }
    drop(db);
    // A closed list is closed for files, too.
    it.sql("update mutu.reuse_list set state = 'closed'").await;
    assert_eq!(attach(&it, &officer, &codes[0], "d.pdf", b"%PDF-1.6").await.0, 409);
}
