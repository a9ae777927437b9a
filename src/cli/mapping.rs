//! `mutu mapping`: what is remembered of how files were read.

use anyhow::bail;
use clap::Subcommand;

use crate::access::Scope;
use crate::app::App;
use crate::config::Config;
use crate::ingest;

#[derive(Subcommand)]
pub(super) enum MappingCommand {
    /// List the mappings that imports have left.
    List,
    /// Forget one, by its number in the list.
    Forget { number: i64 },
}

impl MappingCommand {
    pub(super) async fn run(self, config: Config) -> anyhow::Result<()> {
        let app = super::open(config).await?;
        let done = self.run_with(&app).await;
        app.close().await?;
        done
    }

    async fn run_with(self, app: &App) -> anyhow::Result<()> {
        let scope = Scope::console();
        match self {
            Self::List => {
                for it in ingest::saved_mappings(app, &scope).await? {
                    let fields: Vec<&str> = it.mapping.columns.keys().map(String::as_str).collect();
                    super::say(&format!(
                        "{}\t{}\t{}\t{}\t{}\t{}",
                        it.mapping_id,
                        it.target,
                        it.saved_at.with_timezone(&chrono::Local).format("%Y-%m-%d %H:%M"),
                        it.file,
                        serde_json::to_string(&it.options)?,
                        fields.join(", ")
                    ));
                }
            }
            Self::Forget { number } => {
                if !ingest::forget_mapping(app, &scope, number).await? {
                    bail!("没有映射 {number} / there is no mapping {number}");
                }
            }
        }
        Ok(())
    }
}
