//! `mutu imports`: what was imported, and taking an import back.

use anyhow::bail;
use clap::Subcommand;

use crate::access::Scope;
use crate::app::App;
use crate::config::Config;
use crate::ingest;
use crate::ingest::Depended;

#[derive(Subcommand)]
pub(super) enum ImportsCommand {
    /// List imports, newest first.
    List {
        /// How many.
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(i64).range(1..=1000))]
        limit: i64,
    },
    /// Take an import back, as long as nothing later stands on it.
    Undo {
        /// Its number, as `list` and the import's report show it.
        batch: i64,
    },
}

impl ImportsCommand {
    pub(super) async fn run(self, config: Config) -> anyhow::Result<()> {
        let app = super::open(config).await?;
        let done = match self {
            Self::List { limit } => list(&app, limit).await,
            Self::Undo { batch } => undo(&app, batch).await,
        };
        app.close().await?;
        done
    }
}

async fn list(app: &App, limit: i64) -> anyhow::Result<()> {
    let imports = ingest::imports(app, &Scope::console(), None, limit).await?;
    if imports.is_empty() {
        super::say("尚无导入 / nothing was imported yet");
    }
    for it in imports {
        let rows = |name: &str| {
            let rows = it.report.as_ref().map(|it| &it["rows"][name]);
            rows.and_then(serde_json::Value::as_u64).unwrap_or_default()
        };
        let state = match it.undoes {
            Some(other) => format!("撤销 undoes {other}"),
            None => state(&it.state).to_owned(),
        };
        super::say(&format!(
            "{:>6}  {}  {state}  {} ← {}  新增 added {} · 变更 changed {} · 拒绝 rejected {}  {}",
            it.batch_id,
            it.recorded_at.format("%Y-%m-%d %H:%M"),
            it.into.as_deref().unwrap_or("—"),
            it.file,
            rows("added"),
            rows("changed"),
            rows("rejected"),
            it.recorded_by,
        ));
    }
    Ok(())
}

fn state(name: &str) -> &str {
    match name {
        "uploaded" => "已上传 uploaded",
        "previewed" => "已预览 previewed",
        "applied" => "已应用 applied",
        "undone" => "已撤销 undone",
        "discarded" => "已放弃 discarded",
        other => other,
    }
}

async fn undo(app: &App, batch: i64) -> anyhow::Result<()> {
    let undone = match ingest::undo(app, &Scope::console(), batch).await {
        Ok(it) => it,
        Err(error) => match error.downcast_ref::<Depended>() {
            None => return Err(error),
            Some(Depended(dependents)) => {
                for it in dependents {
                    super::say(&format!(
                        "  {} / {}: {}（{}）",
                        it.what.zh,
                        it.what.en,
                        it.count,
                        it.examples.join(", ")
                    ));
                }
                bail!(
                    "之后的数据依赖批次 {batch}，未撤销；请先撤销或更正以上数据 / later data stands on batch {batch}, nothing was undone: take that back first"
                );
            }
        },
    };
    super::say(&format!(
        "已撤销批次 {}（撤销记录 {}）：结束 {} 行，恢复 {} 行 / batch {} was undone (as {}): {} rows ended, {} are back",
        undone.undoes,
        undone.batch_id,
        undone.ended,
        undone.restored,
        undone.undoes,
        undone.batch_id,
        undone.ended,
        undone.restored,
    ));
    Ok(())
}
