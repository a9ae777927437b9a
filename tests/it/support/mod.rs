//! One private PostGIS cluster for the whole run, a fresh database for each test, and a server on a free port.

use std::net::SocketAddr;
use std::path::Path;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use mutu::access::Role;
use mutu::access::Scope;
use mutu::account::manage;
use mutu::account::manage::New;
use mutu::app::App;
use mutu::catalog;
use mutu::config::Config;
use mutu::config::Timeouts;
use mutu::db::Cluster;
use mutu::db::Db;
use mutu::extract;
use mutu::http;
use mutu::layer::Geometry;
use mutu::layer::Layers;
use sqlx::AssertSqlSafe;
use sqlx::Connection;
use sqlx::PgConnection;
use tokio::net::TcpListener;

mod clients;
mod command;

pub use clients::missing;
pub use clients::qgis;
pub use clients::read;
pub use command::DataDir;
pub use command::Ran;
pub use command::Up;
pub use command::get;
pub use command::is_alive;
pub use command::mutu;
pub use command::run;
pub use command::signal;
pub use command::until;

/// The cluster and where it lies.
struct TestCluster {
    cluster: Cluster,
    dir: PathBuf,
}

static CLUSTER: OnceLock<TestCluster> = OnceLock::new();
static NUMBER: AtomicU32 = AtomicU32::new(0);

/// Started once; stopped by a guard process when this one ends, however it ends.
fn cluster() -> &'static Cluster {
    &shared().cluster
}

/// A folder that is removed when this process has ended.
fn scratch() -> &'static Path {
    &shared().dir
}

fn shared() -> &'static TestCluster {
    CLUSTER.get_or_init(|| {
        std::thread::spawn(|| {
            let dir = tempfile::Builder::new().prefix("mutu-test-").tempdir().unwrap().keep();
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&dir, std::fs::Permissions::from_mode(0o755)).unwrap();
            let cluster = Cluster::join_or_start(&dir).unwrap();
            guard(&dir);
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(prepare_template(&cluster));
            TestCluster { cluster, dir }
        })
        .join()
        .unwrap()
    })
}

/// Waits for this process to end, then stops the server and removes its folder.
fn guard(dir: &Path) {
    use std::os::unix::process::CommandExt;
    let script = r#"
        while kill -0 "$1" 2>/dev/null; do sleep 0.2; done
        server=$(head -n 1 "$2/postgres/postmaster.pid" 2>/dev/null)
        socket=$(sed -n 5p "$2/postgres/postmaster.pid" 2>/dev/null)
        [ -n "$server" ] && kill -QUIT "$server" 2>/dev/null
        while [ -n "$server" ] && kill -0 "$server" 2>/dev/null; do sleep 0.1; done
        [ -n "$socket" ] && rmdir "$socket" 2>/dev/null
        rm -rf "$2"
    "#;
    let guard = std::process::Command::new("sh")
        .args(["-c", script, "guard", &std::process::id().to_string()])
        .arg(dir)
        .process_group(0)
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    // It outlives this process, so nobody here waits for it.
    drop(guard);
}

/// Every test's database is a copy of this one: extensions and migrations cost half a second, a copy a tenth.
async fn prepare_template(cluster: &Cluster) {
    let mut admin = PgConnection::connect_with(&cluster.options("postgres")).await.unwrap();
    for setting in ["fsync = off", "synchronous_commit = off", "full_page_writes = off"] {
        sqlx::raw_sql(AssertSqlSafe(format!("alter system set {setting}")))
            .execute(&mut admin)
            .await
            .unwrap();
    }
    sqlx::raw_sql("select pg_reload_conf()").execute(&mut admin).await.unwrap();
    cluster.create_database("template_mutu").await.unwrap();
    let db =
        Db::connect(cluster.options("template_mutu"), None, Timeouts::default()).await.unwrap();
    catalog::sync(db.owner(), &Layers::load(None).unwrap()).await.unwrap();
    db.close().await.unwrap();
}

/// How to connect to a fresh database.
pub async fn fresh_database() -> sqlx::postgres::PgConnectOptions {
    let cluster = cluster();
    let name = format!("t{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    let mut admin = PgConnection::connect_with(&cluster.options("postgres")).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(format!("create database {name} template template_mutu")))
        .execute(&mut admin)
        .await
        .unwrap();
    cluster.options(&name)
}

/// The address of a fresh database, as `DATABASE_URL` has it.
pub async fn fresh_database_url() -> String {
    url_of(&fresh_database().await)
}

fn url_of(options: &sqlx::postgres::PgConnectOptions) -> String {
    let socket = options.get_socket().unwrap().display().to_string();
    format!(
        "postgres://{}@localhost/{}?host={}",
        options.get_username(),
        options.get_database().unwrap(),
        socket.replace('/', "%2F")
    )
}

/// An App on its own database, and a server when asked for.
pub struct TestApp {
    pub app: App,
    pub client: reqwest::Client,
    listener: Option<TcpListener>,
}

impl TestApp {
    /// With the shipped layers.
    pub async fn new() -> Self {
        Self::with(Config::default()).await
    }

    /// With a configuration of the test's own; address and database are the harness's.
    pub async fn with(mut config: Config) -> Self {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        config.listen = listener.local_addr().unwrap();
        let layers = Layers::load(config.layers.as_deref()).unwrap();
        let db = Db::connect(fresh_database().await, None, config.timeouts).await.unwrap();
        catalog::sync(db.owner(), &layers).await.unwrap();
        let client =
            reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { app: App::new(config, db, layers), client, listener: Some(listener) }
    }

    /// Another node on the same database, answering on an address of its own.
    pub async fn another_node(&self) -> Self {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let mut config = self.app.config.clone();
        config.listen = listener.local_addr().unwrap();
        let options = self.app.db.write.connect_options().as_ref().clone();
        let db = Db::connect(options, None, config.timeouts).await.unwrap();
        let layers = Layers::load(config.layers.as_deref()).unwrap();
        let app = App::new(config, db, layers);
        let mut it = Self { app, client: self.client.clone(), listener: Some(listener) };
        it.serve();
        it
    }

    /// The address of its database, as `DATABASE_URL` has it.
    pub fn database_url(&self) -> String {
        url_of(&self.app.db.write.connect_options())
    }

    /// Starts answering on `self.url("")`.
    pub async fn serving() -> Self {
        let mut it = Self::new().await;
        it.serve();
        it
    }

    /// Starts answering; the server ends with the test's runtime.
    pub fn serve(&mut self) {
        let listener = self.listener.take().expect("serves once");
        tokio::spawn(http::serve(self.app.clone(), listener, std::future::pending()));
        self.follow();
    }

    /// Keeps the map in memory, as a server does; ends with the test's runtime.
    pub fn follow(&self) {
        let app = self.app.clone();
        tokio::spawn(async move { app.snapshots.follow(&app.db, &app.layers).await });
    }

    /// Waits until the map in memory is at the revisions of the database; what was written by plain SQL has to be told first,
    /// see [`TestApp::tell`].
    pub async fn settle(&self) {
        let revisions: Vec<(String, i64)> =
            sqlx::query_as("select layer, revision from mutu.layer_revision")
                .fetch_all(&self.app.db.write)
                .await
                .unwrap();
        let drawn =
            |it: &str| self.app.layers.find(it).is_some_and(|it| it.geometry != Geometry::None);
        for (layer, revision) in revisions.iter().filter(|(it, _)| drawn(it)) {
            let begun = Instant::now();
            while self.app.snapshots.get(layer).is_none_or(|it| it.snapshot.revision < *revision) {
                assert!(
                    begun.elapsed() < Duration::from_secs(20),
                    "{layer} does not come to {revision}"
                );
                self.app.snapshots.wake();
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    }

    /// Says that a layer was changed by plain SQL, as every writer of the service does of itself.
    pub async fn tell(&self, layer: &str, ids: Option<&[i64]>) {
        let layer = self.app.layers.find(layer).unwrap();
        let mut tx = self.app.db.write.begin().await.unwrap();
        mutu::catalog::queries::bump(&mut tx, &self.app.layers, layer, ids, None).await.unwrap();
        tx.commit().await.unwrap();
        self.app.db.changed();
    }

    /// An address of this server, whatever public one it is told to have.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.app.config.listen)
    }

    /// GET, as everybody.
    pub async fn get(&self, path: &str) -> reqwest::Response {
        self.client.get(self.url(path)).send().await.unwrap()
    }

    /// GET as JSON, expecting 200.
    pub async fn json(&self, path: &str) -> serde_json::Value {
        let response = self.get(path).await;
        assert_eq!(response.status(), 200, "{path}");
        response.json().await.unwrap()
    }

    /// A token of a new account with that role, everywhere.
    pub async fn token(&self, role: Role) -> String {
        self.token_of(role, None).await
    }

    /// A token of a new account whose role holds in these units.
    pub async fn token_of(&self, role: Role, units: Option<&[&str]>) -> String {
        let name = format!("{role}{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        self.account(&name, role, units).await;
        let (token, _) =
            manage::create_token(&self.app.db, &Scope::console(), &name, "test", None, None)
                .await
                .unwrap();
        token.reveal().to_owned()
    }

    /// GET with a token.
    pub async fn get_as(&self, token: &str, path: &str) -> reqwest::Response {
        self.client.get(self.url(path)).bearer_auth(token).send().await.unwrap()
    }

    /// A new account, with units where they are given.
    pub async fn account(&self, name: &str, role: Role, units: Option<&[&str]>) {
        let units: Option<Vec<String>> =
            units.map(|it| it.iter().map(|it| (*it).to_owned()).collect());
        let new = New {
            name,
            role,
            title: None,
            responsible_units: units.as_deref(),
            oidc_subject: None,
        };
        manage::create_account(&self.app.db, &Scope::console(), new).await.unwrap();
    }

    /// The account's password, set as the console does.
    pub async fn password(&self, account: &str, password: &str) {
        let known = manage::find(&self.app.db, account).await.unwrap();
        let door = extract::door(&self.app, None, None);
        door.set_password(&Scope::console(), &known, password, None).await.unwrap();
    }

    /// GET as JSON with a token, expecting 200.
    pub async fn json_as(&self, token: &str, path: &str) -> serde_json::Value {
        let response = self.get_as(token, path).await;
        assert_eq!(response.status(), 200, "{path}");
        response.json().await.unwrap()
    }

    /// POST of JSON, as whoever the token is; as everybody without one.
    pub async fn post(
        &self,
        token: Option<&str>,
        path: &str,
        body: &serde_json::Value,
    ) -> (u16, serde_json::Value) {
        let mut request = self.client.post(self.url(path)).json(body);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    /// The first value of the first row.
    pub async fn value<T>(&self, sql: &'static str) -> T
    where
        T: Send + Unpin + for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
    {
        sqlx::query_scalar(sql).fetch_one(&self.app.db.write).await.unwrap()
    }

    /// Runs SQL that sets a scene.
    pub async fn sql(&self, sql: &str) {
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(self.app.db.owner()).await.unwrap();
    }
}

/// Fills an empty database with a generated district, changes it by some SQL and evaluates it.
pub async fn fill(app: &App, parcels: u32, seed: u64, changes: &str) {
    let dir = tempfile::tempdir().unwrap();
    let options = mutu::sample::Options { parcels, seed, dirty: false };
    mutu::sample::write(&options, dir.path(), &mut |_, _, _| {}).unwrap();
    let text = std::fs::read_to_string(dir.path().join("manifest.toml")).unwrap();
    let manifest: toml::Table = toml::from_str(&text).unwrap();
    for entry in manifest["file"].as_array().unwrap() {
        let text = |key: &str| entry.get(key).and_then(|it| it.as_str()).map(ToOwned::to_owned);
        let file = dir.path().join(text("path").unwrap());
        let mut options = mutu::ingest::Options::new(file, &text("into").unwrap());
        options.encoding = text("encoding");
        options.source_crs = text("source_crs");
        let report =
            mutu::ingest::import(app, &Scope::console(), &options, &mut |_, _| {}).await.unwrap();
        assert!(!report.failed(), "{entry:?}");
    }
    sqlx::raw_sql(AssertSqlSafe(changes.to_owned())).execute(app.db.owner()).await.unwrap();
    let options = mutu::evaluation::Options { year: 2025, ruleset: None };
    mutu::evaluation::evaluate(app, &Scope::console(), &options, &mut |_| {}).await.unwrap();
}

/// The shared data, or a clear line that the test passes over it.
pub fn shared_data() -> Option<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    if dir.is_dir() {
        return Some(dir);
    }
    eprintln!("skipped: no ../shared/data");
    None
}
