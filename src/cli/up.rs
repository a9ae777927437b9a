//! `mutu up` and `mutu serve`.

use std::fs;
use std::fs::File;
use std::net::SocketAddr;

use anyhow::Context;
use anyhow::bail;
use clap::Args;
use tokio::net::TcpListener;

use crate::access::Role;
use crate::access::Scope;
use crate::account::Secret;
use crate::account::manage;
use crate::account::manage::New;
use crate::account::queries;
use crate::app::App;
use crate::config::Config;
use crate::evaluation::Evaluations;
use crate::http;
use crate::ingest::Imports;
use crate::job;
use crate::layer::Text;
use crate::report::Reports;
use crate::site::PublicUrl;

use super::stop::Stop;

#[derive(Args)]
pub(super) struct Up {
    #[command(flatten)]
    serve: Serve,
    /// Fill an empty database with a generated district.
    #[arg(long)]
    demo: bool,
    /// How many parcels the generated district has.
    #[arg(long, default_value_t = DEMO_PARCELS, requires = "demo", value_parser = clap::value_parser!(u32).range(300..=1_000_000))]
    parcels: u32,
}

/// A district's worth: Jiading at the sample's density has about this many.
const DEMO_PARCELS: u32 = 10_000;

/// The account of the link that is printed at the start.
const STEWARD: &str = "steward";

#[derive(Args)]
pub(super) struct Serve {
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, env = "MUTU_LISTEN", value_name = "ADDRESS:PORT", value_parser = super::parse_listen)]
    listen: Option<SocketAddr>,
    /// The address people use, where it is not the one listened on (behind a proxy); it may have a path.
    #[arg(long, env = "MUTU_PUBLIC_URL", value_name = "URL")]
    public_url: Option<PublicUrl>,
}

impl Up {
    pub(super) async fn run(self, mut config: Config, stop: Stop) -> anyhow::Result<()> {
        fs::create_dir_all(&config.data_dir).with_context(|| {
            format!("无法创建数据目录 / cannot create {}", config.data_dir.display())
        })?;
        let lock = File::create(config.data_dir.join("up.lock"))?;
        if lock.try_lock().is_err() {
            bail!(
                "{dir} 上已有一个 mutu up 在运行 / another `mutu up` runs on {dir}: stop it, or choose another --data-dir and --listen",
                dir = config.data_dir.display()
            );
        }
        let demo = self.demo.then_some(self.parcels);
        if self.demo && config.title == Config::default().title {
            // Nobody should take a screenshot of it for a real district.
            config.title = Text::new("规划一张图（示例数据）", "One map (generated sample)");
        }
        self.serve.run_with(config, demo, stop).await
    }
}

impl Serve {
    pub(super) async fn run(self, config: Config, stop: Stop) -> anyhow::Result<()> {
        if config.database_url.is_none() {
            bail!(
                "mutu serve 需要 DATABASE_URL；要用自带的数据库请运行 mutu up / `mutu serve` needs DATABASE_URL: `mutu up` brings a database of its own"
            );
        }
        self.run_with(config, None, stop).await
    }

    async fn run_with(
        self,
        mut config: Config,
        demo: Option<u32>,
        stop: Stop,
    ) -> anyhow::Result<()> {
        if let Some(listen) = self.listen {
            config.listen = listen;
        }
        if self.public_url.is_some() {
            config.public_url = self.public_url;
        }
        // The port first: nobody wants to wait for an import to learn that it is taken.
        let listener = TcpListener::bind(config.listen).await.with_context(|| {
            format!("端口被占用或不可用 / cannot listen on {}: stop the other program or use --listen 127.0.0.1:PORT", config.listen)
        })?;
        config.listen = listener.local_addr()?;
        let app = tokio::select! {
            opened = super::open(config) => opened?,
            () = stop.clone().wished() => return Ok(()),
        };
        let served = tokio::select! {
            it = fill_and_serve(&app, listener, demo, stop.clone()) => it,
            // The private server is looked after from the first row on.
            () = app.db.watch() => Ok(()),
        };
        app.close().await?;
        served
    }
}

async fn fill_and_serve(
    app: &App,
    listener: TcpListener,
    demo: Option<u32>,
    stop: Stop,
) -> anyhow::Result<()> {
    if let Some(parcels) = demo {
        tokio::select! {
            filled = super::demo::fill(app, parcels, 1) => filled?,
            () = stop.clone().wished() => return Ok(()),
        }
    }
    let url = app.config.base_url();
    app.db.note_url(&url).await?;
    let link = steward_link(app).await?;
    super::say(&format!("亩图已启动 / Mutu is at {url}"));
    super::say(&format!(
        "一次性登录链接（数据管理员，1 小时内有效）/ Sign in: {url}/sign-in?code={}",
        link.reveal()
    ));
    super::say("按 Ctrl-C 停止 / Ctrl-C stops it");
    let work = ((Imports, Evaluations), Reports);
    let jobs = job::runner::run(app.clone(), work, stop.clone().wished());
    let serving = async { tokio::join!(http::serve(app.clone(), listener, stop.wished()), jobs).0 };
    tokio::select! {
        served = serving => Ok(served?),
        () = app.snapshots.follow(&app.db, &app.layers) => Ok(()),
    }
}

/// A link for the account that a new installation begins with.
async fn steward_link(app: &App) -> anyhow::Result<Secret> {
    let console = Scope::console();
    if queries::find_account(&app.db.write, STEWARD).await?.is_none() {
        let new = New {
            name: STEWARD,
            role: Role::Steward,
            title: None,
            responsible_units: None,
            oidc_subject: None,
        };
        manage::create_account(&app.db, &console, new).await?;
    }
    Ok(manage::create_link(&app.db, &console, STEWARD).await?.0)
}
