//! The command line: one file per command. Exit code 0 done, 1 failed, 2 usage.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use clap::Args;
use clap::Parser;
use clap::Subcommand;

use crate::app::App;
use crate::catalog;
use crate::config::Config;
use crate::crs::grid;
use crate::db::Db;
use crate::db::grids;
use crate::evaluation;
use crate::layer::Layers;

mod account;
mod demo;
mod evaluate;
mod export;
mod import;
mod imports;
mod layers;
mod mapping;
mod sample;
mod stop;
mod template;
mod tiles;
mod up;

use stop::Stop;

/// Mutu 亩图: one map of industrial land.
#[derive(Parser)]
#[command(name = "mutu", version, about, max_term_width = 110)]
struct Cli {
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    command: Command,
}

/// Settings that every command takes; each may also stand in the configuration file.
#[derive(Args)]
struct Settings {
    /// A TOML file with settings.
    #[arg(long, global = true, env = "MUTU_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Folder of the private database [default: .mutu, for root /var/lib/mutu].
    #[arg(long, global = true, env = "MUTU_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Layer folders that add to the shipped ones or replace them.
    #[arg(long, global = true, env = "MUTU_LAYERS", value_name = "DIR")]
    layers: Option<PathBuf>,
    /// An existing PostgreSQL server instead of the private one.
    #[arg(long, global = true, env = "DATABASE_URL", value_name = "URL", hide_env_values = true)]
    database_url: Option<String>,
}

impl Settings {
    fn config(&self) -> anyhow::Result<Config> {
        let mut config = Config::read(self.config.as_deref())?;
        if let Some(dir) = &self.data_dir {
            config.data_dir.clone_from(dir);
        }
        if let Some(dir) = &self.layers {
            config.layers = Some(dir.clone());
        }
        if let Some(url) = self.database_url.as_ref().filter(|it| !it.is_empty()) {
            config.database_url = Some(url.clone());
        }
        if let Some(oidc) = &mut config.oidc {
            oidc.read_environment();
        }
        Ok(config)
    }
}

#[derive(Subcommand)]
enum Command {
    /// Start everything: a private PostGIS (without `DATABASE_URL`), the map and the APIs.
    Up(up::Up),
    /// Serve only, with an existing `DATABASE_URL`.
    Serve(up::Serve),
    /// A file into a layer or a table.
    Import(import::Import),
    /// What was imported: list it, take an import back.
    #[command(subcommand)]
    Imports(imports::ImportsCommand),
    /// A workbook to fill in for a table or for a layer's attributes.
    Template(template::Template),
    /// Write a generated district as an office's files.
    Sample(sample::Sample),
    /// Overlay, measure and judge all parcels, and store the run.
    Evaluate(evaluate::Evaluate),
    /// Write a layer or a selection of it to a file.
    Export(export::Export),
    /// Tiles as archives.
    #[command(subcommand)]
    Tiles(tiles::TilesCommand),
    /// What is remembered of how files were read.
    #[command(subcommand)]
    Mapping(mapping::MappingCommand),
    /// Accounts.
    #[command(subcommand)]
    User(account::UserCommand),
    /// API tokens.
    #[command(subcommand)]
    Token(account::TokenCommand),
    /// Layer folders: check them, print the JSON Schema of layer.toml.
    #[command(subcommand)]
    Layers(layers::LayersCommand),
}

/// Parses and runs. Errors go to stderr as one chain of causes.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("MUTU_LOG")
                .unwrap_or_else(|_| "info,sqlx=warn,tower_http=warn".into()),
        )
        .with_writer(std::io::stderr)
        .with_target(false)
        .compact()
        .init();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(it) => it,
        Err(error) => return fail(&error.into()),
    };
    match runtime.block_on(dispatch(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

fn fail(error: &anyhow::Error) -> ExitCode {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "错误 / error: {error:#}");
    ExitCode::FAILURE
}

async fn dispatch(mut cli: Cli) -> anyhow::Result<()> {
    if let Command::Tiles(it) = &mut cli.command {
        it.tell_apart(&mut cli.settings.layers);
    }
    let config = cli.settings.config()?;
    if let Command::User(it) = &mut cli.command {
        it.ask()?;
    }
    let stop = match cli.command {
        // Nothing is to be put in order when these are cut off.
        Command::Sample(it) => return it.run(),
        Command::Layers(it) => return it.run(&config),
        Command::Template(it) => return it.run(&config),
        _ => Stop::listen()?,
    };
    match cli.command {
        Command::Up(it) => it.run(config, stop).await,
        Command::Serve(it) => it.run(config, stop).await,
        Command::Tiles(it) => it.run(config, stop).await,
        command => tokio::select! {
            done = with_database(command, config) => done,
            () = stop.wished() => bail!("已中断，未完成的写入已撤销 / interrupted, what was not finished was rolled back"),
        },
    }
}

async fn with_database(command: Command, config: Config) -> anyhow::Result<()> {
    match command {
        Command::Import(it) => it.run(config).await,
        Command::Imports(it) => it.run(config).await,
        Command::Evaluate(it) => it.run(config).await,
        Command::Export(it) => it.run(config).await,
        Command::Mapping(it) => it.run(config).await,
        Command::User(it) => it.run(config).await,
        Command::Token(it) => it.run(config).await,
        Command::Up(_)
        | Command::Serve(_)
        | Command::Tiles(_)
        | Command::Sample(_)
        | Command::Template(_)
        | Command::Layers(_) => Ok(()),
    }
}

/// The layer folders with their rules, all checked.
fn layers(config: &Config) -> anyhow::Result<Layers> {
    let layers = Layers::load(config.layers.as_deref())?;
    evaluation::check_rules(&layers)?;
    Ok(layers)
}

/// Opens the database, reads the layers and brings both in line: what every command but the pure ones begins with.
async fn open(config: Config) -> anyhow::Result<App> {
    let layers = layers(&config)?;
    let found = grid::check(&config.crs, config.district)?;
    let db = Db::open(&config).await?;
    let synced = async {
        grids::keep(db.owner(), &found).await?;
        catalog::sync(db.owner(), &layers).await
    };
    if let Err(error) = synced.await {
        db.close().await?;
        return Err(error);
    }
    grid::register(found);
    Ok(App::new(config, db, layers))
}

/// Where the service listens.
fn parse_listen(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "an address and a port, such as 127.0.0.1:8080".to_owned())
}

/// A spinner on a terminal, nothing elsewhere.
fn progress(what: &str) -> indicatif::ProgressBar {
    let bar = indicatif::ProgressBar::new_spinner();
    bar.set_prefix(what.to_owned());
    if let Ok(style) = indicatif::ProgressStyle::with_template("{spinner} {prefix} {msg} {elapsed}")
    {
        bar.set_style(style);
    }
    bar.enable_steady_tick(std::time::Duration::from_millis(200));
    bar
}

/// Prints a line of a command's result.
fn say(line: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout(), "{line}");
}
