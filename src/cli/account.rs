//! `mutu user` and `mutu token`.

use std::io::Read;

use anyhow::Context;
use anyhow::bail;
use argon2::Argon2;
use argon2::PasswordHasher;
use argon2::password_hash::SaltString;
use clap::Subcommand;
use rand::TryRngCore;
use rand::rngs::OsRng;

use crate::access::Role;
use crate::account::queries;
use crate::app::App;
use crate::config::Config;

#[derive(Subcommand)]
pub(super) enum UserCommand {
    /// Make an account.
    Add {
        name: String,
        #[arg(long, value_parser = parse_role)]
        role: Role,
        /// Responsible units of an officer, separated by commas; all when left out.
        #[arg(long, value_delimiter = ',')]
        units: Option<Vec<String>>,
    },
    /// List accounts.
    List,
    /// Set a password, read from standard input.
    Passwd {
        name: String,
        /// Of the password, once it was read.
        #[arg(skip)]
        hash: String,
    },
    /// Print a one-time sign-in link.
    Link { name: String },
}

#[derive(Subcommand)]
pub(super) enum TokenCommand {
    /// Make a token for an account and print it, once.
    Create {
        account: String,
        /// What it is for.
        #[arg(long, default_value = "token")]
        name: String,
        /// Days until it expires; for ever when left out.
        #[arg(long)]
        days: Option<i32>,
    },
    /// List tokens, without their secrets.
    List,
    /// End a token.
    Revoke { token_id: i64 },
}

fn parse_role(text: &str) -> Result<Role, String> {
    Role::parse(text)
        .filter(|it| *it != Role::Public)
        .ok_or_else(|| "viewer, officer, steward or admin".to_owned())
}

/// Reads a password from standard input.
fn read_password() -> anyhow::Result<String> {
    let mut password = String::new();
    std::io::stdin().read_to_string(&mut password).context("reading the password")?;
    let password = password.trim_end_matches(['\r', '\n']);
    if password.chars().count() < 8 {
        bail!("密码至少 8 个字符 / a password has at least 8 characters");
    }
    let mut salt = [0_u8; 16];
    OsRng.try_fill_bytes(&mut salt)?;
    let salt = SaltString::encode_b64(&salt).map_err(|it| anyhow::anyhow!("making salt: {it}"))?;
    let hash = Argon2::default().hash_password(password.as_bytes(), &salt);
    Ok(hash.map_err(|it| anyhow::anyhow!("hashing the password: {it}"))?.to_string())
}

impl UserCommand {
    /// Asks what is to be asked, before the database is woken and Ctrl-C is ours to answer.
    pub(super) fn ask(&mut self) -> anyhow::Result<()> {
        if let Self::Passwd { hash, .. } = self {
            *hash = read_password()?;
        }
        Ok(())
    }

    pub(super) async fn run(self, config: Config) -> anyhow::Result<()> {
        let app = super::open(config).await?;
        let done = self.act(&app).await;
        app.close().await?;
        done
    }

    async fn act(self, app: &App) -> anyhow::Result<()> {
        let db = &app.db.write;
        match self {
            Self::Add { name, role, units } => {
                queries::insert_account(db, &name, role, units.as_deref(), None).await?;
                super::say(&format!("已建立账户 / made account `{name}` ({role})"));
            }
            Self::List => {
                for it in queries::list_accounts(db).await? {
                    let units =
                        it.responsible_units.map_or_else(|| "*".to_owned(), |it| it.join(","));
                    let state = if it.disabled { "disabled" } else { "" };
                    super::say(&format!("{}\t{}\t{units}\t{state}", it.name, it.role));
                }
            }
            Self::Passwd { name, hash } => {
                queries::set_password(db, &name, &hash).await?;
                super::say(&format!("已设置密码 / set the password of `{name}`"));
            }
            Self::Link { name } => {
                let accounts = queries::list_accounts(db).await?;
                let account = accounts.iter().find(|it| it.name == name && !it.disabled);
                let account =
                    account.with_context(|| format!("没有账户 `{name}` / no account `{name}`"))?;
                let role = Role::parse(&account.role).unwrap_or_default();
                let link = queries::create_link(db, &name, role).await?;
                super::say(&format!("{}/sign-in?code={}", app.config.base_url(), link.reveal()));
            }
        }
        Ok(())
    }
}

impl TokenCommand {
    pub(super) async fn run(self, config: Config) -> anyhow::Result<()> {
        let app = super::open(config).await?;
        let done = self.act(&app).await;
        app.close().await?;
        done
    }

    async fn act(self, app: &App) -> anyhow::Result<()> {
        let db = &app.db.write;
        match self {
            Self::Create { account, name, days } => {
                let token = queries::create_token(db, &account, &name, days).await?;
                super::say(token.reveal());
            }
            Self::List => {
                for it in queries::list_tokens(db).await? {
                    let until = it.expires_at.map_or_else(|| "-".to_owned(), |it| it.to_rfc3339());
                    let state = if it.revoked { "revoked" } else { "live" };
                    super::say(&format!(
                        "{}\t{}\t{}\t{until}\t{state}",
                        it.token_id, it.account, it.name
                    ));
                }
            }
            Self::Revoke { token_id } => {
                queries::revoke_token(db, token_id).await?;
                super::say(&format!("已吊销 / revoked {token_id}"));
            }
        }
        Ok(())
    }
}
