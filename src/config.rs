//! One struct of settings: defaults, then a TOML file, then environment, then flags (the last two are clap's, in `cli`).
//! Facts about land are not here: they are layers and rule sets.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::path::PathBuf;

use anyhow::Context;
use ipnet::IpNet;
use serde::Deserialize;
use serde::Serialize;

use crate::crs::grid;
use crate::crs::grid::Grid;
use crate::judgement::measures::Basis;
use crate::layer::Text;
use crate::site;
use crate::site::PublicUrl;
use crate::site::Way;

mod attachments;
mod jobs;
mod limits;

pub use attachments::Attachments;
pub use jobs::Jobs;
pub use limits::Limit;
pub use limits::Limits;
pub use limits::Timeouts;

mod oidc;
mod snapshots;

pub use oidc::ClientSecret;
pub use oidc::Oidc;
pub use snapshots::Snapshots;
pub use snapshots::Tiles;

/// Everything an installation can choose.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// What the map is called.
    pub title: Text,
    /// The map approval number (审图号) shown on the map, where the map has one.
    pub approval_number: Option<String>,
    /// The font that printed maps, sheets and pictures are written in; the system's best Chinese one when left out.
    pub font: Option<PathBuf>,
    /// West, south, east, north in degrees: coordinates outside it are warned of at import.
    pub district: [f64; 4],
    /// Centre of the equal-area plane in which shares are measured: longitude, latitude in degrees.
    pub projection_centre: [f64; 2],
    /// The area that ratios are taken over: `registered` (measured where a parcel has none) or `measured`.
    pub area_basis: Basis,
    /// The scoring scheme of evaluations that name none; without it enterprises are not scored.
    pub scheme: Option<String>,
    /// A local grid as a PROJ string, where the district has one; its parameters are the installation's to obtain.
    pub local_grid: Option<String>,
    /// Local grids that answers and files may be in beside the national systems.
    pub crs: Vec<Grid>,
    pub listen: SocketAddr,
    /// The address that people and clients use, perhaps with a path. Without it links follow the request's host.
    pub public_url: Option<PublicUrl>,
    /// Networks of proxies whose `Forwarded` and `X-Forwarded-*` are believed; nobody else's are.
    pub trusted_proxies: Vec<IpNet>,
    /// Origins whose pages may read the API, or `*` for all; cookies never cross.
    pub cors_origins: Vec<String>,
    /// Who may show Mutu in a frame, as the CSP's `frame-ancestors` has it; none when empty.
    pub frame_ancestors: Vec<String>,
    /// How long browsers keep to https once they came by it; 0 says nothing about it.
    pub hsts_seconds: u64,
    pub limits: Limits,
    pub timeouts: Timeouts,
    pub jobs: Jobs,
    pub attachments: Attachments,
    pub snapshot: Snapshots,
    pub tiles: Tiles,
    /// An existing PostgreSQL server. Without it a private one is run in `data_dir`.
    pub database_url: Option<String>,
    pub data_dir: PathBuf,
    /// Layer folders that add to the shipped ones or replace them.
    pub layers: Option<PathBuf>,
    /// The folder of archives that are served; `archives` in `data_dir` when left out.
    pub archives: Option<PathBuf>,
    pub accounts: Accounts,
    /// An identity provider at which people may sign in; none when left out.
    pub oidc: Option<Oidc>,
}

/// Rules of passwords, lock-out and sessions. 等保 2.0 (GB/T 22239, level 3, 身份鉴别) asks that there be such rules:
/// complexity, regular change, a limit to failures, an end to idle sessions. It names no numbers: those are the installation's.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Accounts {
    /// Characters that a password has at least.
    pub password_min_length: usize,
    /// How many of the four kinds it mixes: lower case, upper case, digits, others.
    pub password_min_kinds: usize,
    /// How many of an account's last passwords may not be used again.
    pub password_history: u16,
    /// Days until a password must be changed; 0: never.
    pub password_days: u16,
    /// Failures in a row that lock an account.
    pub lock_after: u16,
    /// Minutes for which they do.
    pub lock_minutes: u16,
    /// Minutes without a request after which a session ends.
    pub session_idle_minutes: u16,
    /// Hours after which it ends whatever happens.
    pub session_hours: u16,
    /// Failed attempts to sign in that one address has in a minute, whatever accounts they are for.
    pub attempts_per_minute: u16,
}

impl Default for Accounts {
    fn default() -> Self {
        Self {
            password_min_length: 10,
            password_min_kinds: 3,
            password_history: 5,
            password_days: 90,
            lock_after: 5,
            lock_minutes: 15,
            session_idle_minutes: 60,
            session_hours: 12,
            attempts_per_minute: 20,
        }
    }
}

impl Accounts {
    /// Settings with which nobody could sign in, or anybody at all.
    fn check(&self) -> anyhow::Result<()> {
        let positive = [
            ("password_min_length", self.password_min_length > 0 && self.password_min_length <= 64),
            ("password_min_kinds", (1..=4).contains(&self.password_min_kinds)),
            ("password_history", self.password_history <= 24),
            ("lock_after", self.lock_after > 0),
            ("lock_minutes", self.lock_minutes > 0),
            ("session_idle_minutes", self.session_idle_minutes > 0),
            ("session_hours", self.session_hours > 0),
            ("attempts_per_minute", self.attempts_per_minute > 0),
        ];
        for (name, right) in positive {
            anyhow::ensure!(
                right,
                "[accounts] {name} 超出可用范围 / is out of range (length 1..64, kinds 1..4, history 0..24, the others at least 1)"
            );
        }
        Ok(())
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            title: Text {
                zh: "规划一张图".to_owned(),
                en: "One map of industrial land".to_owned(),
            },
            approval_number: None,
            font: None,
            // Shanghai with its islands: an installation for one district narrows it.
            district: [120.8, 30.6, 122.3, 31.9],
            projection_centre: [121.25, 31.38],
            area_basis: Basis::default(),
            scheme: None,
            local_grid: None,
            crs: Vec::new(),
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: None,
            trusted_proxies: Vec::new(),
            cors_origins: Vec::new(),
            frame_ancestors: vec!["'self'".to_owned()],
            hsts_seconds: 31_536_000,
            limits: Limits::default(),
            timeouts: Timeouts::default(),
            jobs: Jobs::default(),
            attachments: Attachments::default(),
            snapshot: Snapshots::default(),
            tiles: Tiles::default(),
            database_url: None,
            data_dir: default_data_dir(),
            layers: None,
            archives: None,
            accounts: Accounts::default(),
            oidc: None,
        }
    }
}

impl Config {
    /// Defaults overlaid by the file.
    pub fn read(file: Option<&Path>) -> anyhow::Result<Self> {
        let Some(file) = file else { return Ok(Self::default()) };
        let text = fs::read_to_string(file)
            .with_context(|| format!("reading the configuration {}", file.display()))?;
        let mut config: Self =
            toml::from_str(&text).with_context(|| format!("in {}", file.display()))?;
        config.accounts.check().with_context(|| format!("in {}", file.display()))?;
        config.jobs.check().with_context(|| format!("in {}", file.display()))?;
        config.attachments.check().with_context(|| format!("in {}", file.display()))?;
        config
            .oidc
            .as_ref()
            .map_or(Ok(()), Oidc::check)
            .with_context(|| format!("in {}", file.display()))?;
        grid::check(&config.crs, config.district)
            .with_context(|| format!("in {}", file.display()))?;
        // A path in the file is meant from where the file lies, wherever the command is run.
        if let (Some(layers), Some(folder)) = (&config.layers, file.parent()) {
            config.layers = Some(folder.join(layers));
        }
        if let (Some(archives), Some(folder)) = (&config.archives, file.parent()) {
            config.archives = Some(folder.join(archives));
        }
        if let (Some(font), Some(folder)) = (&config.font, file.parent()) {
            config.font = Some(folder.join(font));
        }
        config.check_headers().with_context(|| format!("in {}", file.display()))?;
        Ok(config)
    }

    /// What goes into headers as it is written has to be what it says.
    fn check_headers(&self) -> anyhow::Result<()> {
        for it in &self.cors_origins {
            let is_origin = it.parse::<PublicUrl>().is_ok_and(|url| url.origin == *it);
            anyhow::ensure!(
                it == "*" || is_origin,
                "cors_origins: `{it}` 不是来源 / is no origin such as https://portal.example, or *"
            );
        }
        for it in &self.frame_ancestors {
            let plain = it.chars().all(|it| it.is_ascii_graphic() && !";,\"".contains(it));
            let known = ["'self'", "'none'", "*"].contains(&it.as_str()) || it.contains("://");
            anyhow::ensure!(
                plain && known,
                "frame_ancestors: `{it}` 不是来源 / is no source such as 'self' or https://portal.example"
            );
        }
        Ok(())
    }

    /// PROJ string of the equal-area plane of overlays. CGCS2000's ellipsoid is GRS80.
    pub fn projection(&self) -> String {
        let [lon, lat] = self.projection_centre;
        format!("+proj=laea +lat_0={lat} +lon_0={lon} +x_0=0 +y_0=0 +ellps=GRS80 +units=m +no_defs")
    }

    /// Where the service is reached when no request says so, without a slash at the end.
    pub fn base_url(&self) -> String {
        match &self.public_url {
            Some(url) => url.to_string(),
            None => format!("http://{}", site::reachable(self.listen)),
        }
    }

    /// The folder of archives that are served.
    pub fn archives(&self) -> PathBuf {
        self.archives.clone().unwrap_or_else(|| self.data_dir.join("archives"))
    }

    /// What requests are read by.
    pub fn way(&self) -> Way<'_> {
        Way {
            public_url: self.public_url.as_ref(),
            trusted_proxies: &self.trusted_proxies,
            listen: self.listen,
        }
    }
}

/// `/var/lib/mutu` for root, whose home the database's user could not read; else a folder where the command is run.
fn default_data_dir() -> PathBuf {
    PathBuf::from(if is_root() { "/var/lib/mutu" } else { ".mutu" })
}

/// Whether this process runs as root; PostgreSQL refuses to.
pub fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/proc/self").is_ok_and(|it| it.uid() == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> anyhow::Result<Config> {
        let file = tempfile::NamedTempFile::new()?;
        fs::write(file.path(), text)?;
        Config::read(Some(file.path()))
    }

    #[test]
    fn what_goes_into_headers_is_checked_before_anything_starts() {
        let right = "public_url = 'https://land.example/mutu/'
             trusted_proxies = ['10.0.0.0/8', 'fd00::/8', '192.0.2.1/32']
             cors_origins = ['https://portal.example', 'http://localhost:5173']
             frame_ancestors = [\"'self'\", 'https://*.example']";
        assert_eq!(read(right).unwrap().base_url(), "https://land.example/mutu");
        for wrong in [
            "public_url = 'land.example'",
            "trusted_proxies = ['proxy']",
            "cors_origins = ['https://portal.example/']",
            "cors_origins = ['null']",
            "frame_ancestors = ['self']",
            "frame_ancestors = [\"'self'; script-src *\"]",
            "timeouts = { reed = 1 }",
            "jobs = { workers = 9 }",
            "jobs = { keep_uploads_days = 0 }",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_address_printed_at_start_can_be_opened() {
        let listen = "0.0.0.0:8080".parse().unwrap();
        assert_eq!(Config { listen, ..Config::default() }.base_url(), "http://127.0.0.1:8080");
    }
}
