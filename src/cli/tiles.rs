//! `mutu tiles`.

use std::path::PathBuf;

use anyhow::bail;
use clap::Args;
use clap::Subcommand;
use indicatif::ProgressBar;
use indicatif::ProgressStyle;

use crate::access::Role;
use crate::config::Config;
use crate::tile::archive;
use crate::tile::archive::Done;
use crate::tile::archive::Format;
use crate::tile::archive::Stage;
use crate::tile::archive::Wanted;

use super::stop::Stop;

#[derive(Subcommand)]
pub(super) enum TilesCommand {
    /// Write the tiles of layers to a PMTiles or MBTiles archive. Interrupted, it goes on where it stopped when it is run
    /// again; run again later, it makes only the tiles that changed.
    Export(Export),
}

#[derive(Args)]
pub(super) struct Export {
    /// The archive to write or bring up to date: X.pmtiles or X.mbtiles.
    #[arg(long, value_name = "FILE", value_parser = parse_out)]
    out: PathBuf,
    /// Ids of layers [default: all that the role may read]. A folder of layers is named by `MUTU_LAYERS` or the
    /// configuration here.
    // The same argument as the folder of every other command, so of the same type.
    #[arg(long, value_name = "ID,ID")]
    layers: Option<PathBuf>,
    /// Zooms, such as 8-16 or 12 [default: all that the layers have].
    #[arg(long, value_name = "MIN-MAX", value_parser = parse_zooms)]
    zooms: Option<(u8, u8)>,
    /// For whom: the archive holds what this role may read, and is served to nobody below it.
    #[arg(long, value_name = "ROLE", default_value = "public", value_parser = parse_role)]
    role: Role,
    /// Replace whatever file is there, and make every tile anew.
    #[arg(long)]
    force: bool,
}

fn parse_out(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    match Format::of(&path) {
        Some(_) => Ok(path),
        None => Err("a file that ends in .pmtiles or .mbtiles".to_owned()),
    }
}

fn parse_zooms(text: &str) -> Result<(u8, u8), String> {
    let wrong = || "zooms between 0 and 22, such as 8-16".to_owned();
    let (min, max) = text.split_once('-').unwrap_or((text, text));
    let zoom = |it: &str| it.parse::<u8>().ok().filter(|it| *it <= 22).ok_or_else(wrong);
    let (min, max) = (zoom(min)?, zoom(max)?);
    if min > max { Err(wrong()) } else { Ok((min, max)) }
}

fn parse_role(text: &str) -> Result<Role, String> {
    Role::parse(text).ok_or_else(|| Role::ALL.map(Role::name).join(", "))
}

impl TilesCommand {
    /// What is on the command line under `--layers` are ids; the folder is what the environment says.
    pub(super) fn tell_apart(&mut self, folder: &mut Option<PathBuf>) {
        let Self::Export(it) = self;
        *folder = std::env::var_os("MUTU_LAYERS").map(PathBuf::from);
        it.layers = it.layers.take().filter(|it| Some(it) != folder.as_ref());
    }

    pub(super) async fn run(self, config: Config, stop: Stop) -> anyhow::Result<()> {
        let Self::Export(it) = self;
        it.run(config, stop).await
    }
}

impl Export {
    async fn run(self, config: Config, stop: Stop) -> anyhow::Result<()> {
        let app = tokio::select! {
            opened = super::open(config) => opened?,
            () = stop.clone().wished() => bail!("已中断 / interrupted"),
        };
        let layers = self.layers.unwrap_or_default();
        let layers = layers.to_string_lossy();
        let layers = layers.split(',').map(str::trim).filter(|it| !it.is_empty());
        let layers = layers.map(ToOwned::to_owned).collect();
        let wanted =
            Wanted { out: self.out, layers, zooms: self.zooms, role: self.role, force: self.force };
        let mut bar = Bar(super::progress("读取 / reading"));
        let mut progress = |stage| bar.show(stage);
        let done = tokio::select! {
            done = archive::export(&app, &wanted, &mut progress) => done,
            () = stop.wished() => Err(anyhow::anyhow!(
                "已中断；再次运行同一命令将从中断处继续 / interrupted: the same command goes on from here"
            )),
        };
        bar.0.finish_and_clear();
        app.close().await?;
        report(&wanted, &done?);
        Ok(())
    }
}

/// A spinner, and a bar once it is known how much there is to do.
struct Bar(ProgressBar);

impl Bar {
    fn show(&mut self, stage: Stage) {
        match stage {
            Stage::Reading => {}
            Stage::Making { done, of } => {
                if self.0.length() != Some(of) {
                    self.0.finish_and_clear();
                    self.0 = ProgressBar::new(of);
                    if let Ok(style) = ProgressStyle::with_template(
                        "瓦片 / tiles {wide_bar} {pos}/{len} {elapsed} {eta}",
                    ) {
                        self.0.set_style(style);
                    }
                }
                self.0.set_position(done);
            }
            Stage::Writing => {
                self.0.finish_and_clear();
                self.0 = super::progress("写入 / writing");
            }
        }
    }
}

fn report(wanted: &Wanted, done: &Done) {
    let out = wanted.out.display();
    if done.is_unchanged {
        super::say(&format!("没有变化：{out} 已是最新 / nothing changed: {out} is up to date"));
        return;
    }
    super::say(&format!(
        "已写入 {out}：{tiles} 个瓦片，其中 {changed} 个有变化，{bytes} 字节 / wrote {out}: {tiles} tiles, {changed} of them changed, {bytes} bytes",
        tiles = done.tiles,
        changed = done.changed,
        bytes = done.bytes,
    ));
    if done.found > 0 {
        super::say(&format!(
            "  上次中断前已完成 {found} 个 / {found} were ready since the run that was interrupted",
            found = done.found
        ));
    }
    if wanted.role != Role::Public {
        super::say(&format!(
            "  仅供 {role} 及以上角色内部使用 / for {role} and above only: keep it where others cannot read it",
            role = wanted.role
        ));
    }
}
