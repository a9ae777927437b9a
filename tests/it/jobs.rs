//! Uploads and the jobs that are made of them: whatever breaks off, the record is as before or wholly after.

use std::time::Duration;

use mutu::access::Role;
use mutu::ingest::Imports;
use mutu::job;
use reqwest::multipart::Form;
use reqwest::multipart::Part;
use serde_json::Value;
use serde_json::json;
use tokio::task::JoinHandle;

use crate::support::TestApp;

mod surviving;
mod uploads;

/// A steward at a node that serves, with its runner.
pub struct Desk {
    pub it: TestApp,
    pub token: String,
    runners: Vec<JoinHandle<()>>,
}

impl Desk {
    pub async fn open() -> Self {
        let mut desk = Self::idle(mutu::config::Config::default()).await;
        desk.run();
        desk
    }

    /// Without a runner.
    pub async fn idle(config: mutu::config::Config) -> Self {
        let mut it = TestApp::with(config).await;
        it.serve();
        let token = it.token(Role::Steward).await;
        Self { it, token, runners: Vec::new() }
    }

    /// Starts a runner at this node.
    pub fn run(&mut self) {
        let app = self.it.app.clone();
        self.runners.push(tokio::spawn(job::runner::run(app, Imports, std::future::pending())));
    }

    /// Ends the runners as a crash of their process does: nobody gives anything back.
    pub async fn crash(&mut self) {
        for runner in self.runners.drain(..) {
            runner.abort();
            let _ = runner.await;
        }
    }

    pub async fn send(&self, form: Form) -> (u16, Value) {
        let url = self.it.url("/api/v1/imports");
        let request = self.it.client.post(url).bearer_auth(&self.token).multipart(form);
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    /// Sends a file, with a preview where it says into what.
    pub async fn upload(&self, name: &str, content: impl Into<Vec<u8>>, into: &str) -> Value {
        let form = Form::new().part("file", file(name, content)).text("into", into.to_owned());
        let (status, import) = self.send(form).await;
        assert_eq!(status, 201, "{import}");
        import
    }

    pub async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        self.it.post(Some(&self.token), path, body).await
    }

    pub async fn get(&self, path: &str) -> Value {
        self.it.json_as(&self.token, path).await
    }

    pub async fn delete(&self, path: &str) -> u16 {
        let request = self.it.client.delete(self.it.url(path)).bearer_auth(&self.token);
        request.send().await.unwrap().status().as_u16()
    }

    /// The job once it is over.
    pub async fn over(&self, job: &Value) -> Value {
        let path = format!("/api/v1/jobs/{}", job["job_id"].as_str().unwrap());
        for _ in 0..600 {
            let job = self.get(&path).await;
            if !["queued", "running"].contains(&job["state"].as_str().unwrap()) {
                return job;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the job does not end: {}", self.get(&path).await);
    }

    /// Waits until the job is at that stage.
    pub async fn at_stage(&self, job: &Value, stage: &str) {
        let path = format!("/api/v1/jobs/{}", job["job_id"].as_str().unwrap());
        for _ in 0..300 {
            let job = self.get(&path).await;
            if job["progress"]["stage"] == stage {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the job does not come to {stage}: {}", self.get(&path).await);
    }

    /// Uploads and previews.
    pub async fn previewed(&self, name: &str, content: impl Into<Vec<u8>>, into: &str) -> i64 {
        let import = self.upload(name, content, into).await;
        let job = self.over(&import["job"]).await;
        assert_eq!(job["state"], "done", "{job}");
        import["batch_id"].as_i64().unwrap()
    }

    /// Asks for the import to be applied.
    pub async fn apply(&self, batch_id: i64) -> Value {
        let (status, job) =
            self.post(&format!("/api/v1/imports/{batch_id}/apply"), &json!({})).await;
        assert_eq!(status, 202, "{job}");
        job
    }

    pub async fn import(&self, batch_id: i64) -> Value {
        self.get(&format!("/api/v1/imports/{batch_id}")).await
    }

    /// Enterprises in force.
    pub async fn enterprises(&self) -> i64 {
        self.it.value("select count(*) from mutu.enterprise_current").await
    }
}

pub fn file(name: &str, content: impl Into<Vec<u8>>) -> Part {
    Part::bytes(content.into()).file_name(name.to_owned())
}

/// A unified social credit code with its check character, by number.
pub fn uscc(number: usize) -> String {
    const LETTERS: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    const WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
    let body = format!("91310114MA{number:07}");
    let value = |it: u8| LETTERS.iter().position(|known| *known == it).unwrap();
    let sum: usize = body.bytes().zip(WEIGHTS).map(|(it, weight)| value(it) * weight).sum();
    format!("{body}{}", char::from(LETTERS[(31 - sum % 31) % 31]))
}

/// Enterprises as a CSV: `count` of them, from a number on.
pub fn enterprises(from: usize, count: usize) -> String {
    let rows = (from..from + count).map(|it| format!("{},企业{it}\n", uscc(it)));
    format!("统一社会信用代码,企业名称\n{}", rows.collect::<String>())
}
