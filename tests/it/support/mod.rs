//! One private PostGIS cluster for the whole run, a fresh database for each test, and a server on a free port.

use std::net::SocketAddr;
use std::path::Path;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;

use mutu::access::Role;
use mutu::access::Scope;
use mutu::account::manage;
use mutu::account::manage::New;
use mutu::app::App;
use mutu::catalog;
use mutu::config::Config;
use mutu::db::Cluster;
use mutu::db::Db;
use mutu::extract;
use mutu::http;
use mutu::layer::Layers;
use sqlx::AssertSqlSafe;
use sqlx::Connection;
use sqlx::PgConnection;
use tokio::net::TcpListener;

mod command;

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
    let db = Db::connect(cluster.options("template_mutu"), None).await.unwrap();
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
    let options = fresh_database().await;
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
        let db = Db::connect(fresh_database().await, None).await.unwrap();
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
        let db = Db::connect(options, None).await.unwrap();
        let layers = Layers::load(config.layers.as_deref()).unwrap();
        let app = App::new(config, db, layers);
        let mut it = Self { app, client: self.client.clone(), listener: Some(listener) };
        it.serve();
        it
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

    /// GET with a token.
    pub async fn get_as(&self, token: &str, path: &str) -> reqwest::Response {
        self.client.get(self.url(path)).bearer_auth(token).send().await.unwrap()
    }

    /// GET as JSON with a token, expecting 200.
    pub async fn json_as(&self, token: &str, path: &str) -> serde_json::Value {
        let response = self.get_as(token, path).await;
        assert_eq!(response.status(), 200, "{path}");
        response.json().await.unwrap()
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

/// The shared data, or a clear line that the test passes over it.
pub fn shared_data() -> Option<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    if dir.is_dir() {
        return Some(dir);
    }
    eprintln!("skipped: no ../shared/data");
    None
}
