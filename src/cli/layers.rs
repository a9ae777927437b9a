//! `mutu layers`: for people who write layer folders.

use clap::Subcommand;

use crate::config::Config;
use crate::layer::declaration_schema;

#[derive(Subcommand)]
pub(super) enum LayersCommand {
    /// Check all layer folders and list them.
    Check,
    /// Print the JSON Schema of layer.toml, for editors.
    Schema,
}

impl LayersCommand {
    pub(super) fn run(self, config: &Config) -> anyhow::Result<()> {
        match self {
            Self::Check => {
                let layers = super::layers(config)?;
                for layer in layers.layers.values() {
                    super::say(&format!(
                        "{}\t{:?}\t{} / {}",
                        layer.id, layer.kind, layer.title.zh, layer.title.en
                    ));
                }
            }
            Self::Schema => super::say(&serde_json::to_string_pretty(&declaration_schema())?),
        }
        Ok(())
    }
}
