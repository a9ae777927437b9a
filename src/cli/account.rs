//! `mutu user` and `mutu token`.

use std::io::Read;

use anyhow::Context;
use clap::Subcommand;

use crate::access::Role;
use crate::access::Scope;
use crate::account::manage;
use crate::account::manage::Change;
use crate::account::manage::New;
use crate::account::password;
use crate::account::queries;
use crate::app::App;
use crate::config::Config;
use crate::extract;

#[derive(Subcommand)]
pub(super) enum UserCommand {
    /// Make an account.
    Add {
        name: String,
        #[arg(long, value_parser = parse_role)]
        role: Role,
        /// Responsible units outside which the account is a viewer, separated by commas; all when left out.
        #[arg(long, value_delimiter = ',')]
        units: Option<Vec<String>>,
        /// What the person is called.
        #[arg(long)]
        title: Option<String>,
        /// Who the account is at the identity provider (its `sub`).
        #[arg(long, value_name = "SUBJECT")]
        oidc_subject: Option<String>,
        /// Read a password from standard input.
        #[arg(long)]
        password_stdin: bool,
        #[arg(skip)]
        password: Option<Password>,
    },
    /// List accounts.
    List,
    /// Set a password, read from standard input, and sign the account out everywhere.
    Passwd {
        name: String,
        #[arg(skip)]
        password: Option<Password>,
    },
    /// Keep an account from signing in; its sessions and tokens end to work at once.
    Disable { name: String },
    /// Let it sign in again.
    Enable { name: String },
    /// Let passwords be tried again after too many failures.
    Unlock { name: String },
    /// Print a one-time sign-in link.
    Link { name: String },
}

/// A password on its way from standard input.
#[derive(Clone)]
pub(super) struct Password(String);

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
        /// A role lower than the account's.
        #[arg(long, value_parser = parse_token_role)]
        role: Option<Role>,
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

fn parse_token_role(text: &str) -> Result<Role, String> {
    Role::parse(text).ok_or_else(|| "public, viewer, officer, steward or admin".to_owned())
}

/// Reads a password from standard input.
fn read_password() -> anyhow::Result<Password> {
    let mut password = String::new();
    std::io::stdin().read_to_string(&mut password).context("reading the password")?;
    Ok(Password(password.trim_end_matches(['\r', '\n']).to_owned()))
}

impl UserCommand {
    /// Asks what is to be asked, before the database is woken and Ctrl-C is ours to answer.
    pub(super) fn ask(&mut self) -> anyhow::Result<()> {
        match self {
            Self::Passwd { password, .. } | Self::Add { password_stdin: true, password, .. } => {
                *password = Some(read_password()?);
            }
            _ => {}
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
        match self {
            Self::Add { name, role, units, title, oidc_subject, password, .. } => {
                let new = New {
                    name: &name,
                    role,
                    title: title.as_deref(),
                    responsible_units: units.as_deref(),
                    oidc_subject: oidc_subject.as_deref(),
                };
                // Before the account is there, so that a bad password leaves none without.
                if let Some(Password(it)) = &password {
                    password_is_good(app, &name, it)?;
                }
                manage::create_account(&app.db, &Scope::console(), new).await?;
                if let Some(password) = password {
                    set_password(app, &name, &password).await?;
                }
                super::say(&format!("已建立账户 / made account `{name}` ({role})"));
            }
            Self::List => list(app).await?,
            Self::Passwd { name, password } => {
                let password = password.context("no password was read")?;
                set_password(app, &name, &password).await?;
                super::say(&format!("已设置密码 / set the password of `{name}`"));
            }
            Self::Disable { name } => {
                change(app, &name, Change { disabled: Some(true), ..Change::default() }).await?;
                super::say(&format!("已停用账户 / disabled account `{name}`"));
            }
            Self::Enable { name } => {
                change(app, &name, Change { disabled: Some(false), ..Change::default() }).await?;
                super::say(&format!("已启用账户 / enabled account `{name}`"));
            }
            Self::Unlock { name } => {
                change(app, &name, Change { unlock: true, ..Change::default() }).await?;
                super::say(&format!("已解锁账户 / unlocked account `{name}`"));
            }
            Self::Link { name } => {
                let (link, _) = manage::create_link(&app.db, &Scope::console(), &name).await?;
                // The server may listen elsewhere than this command was told.
                let noted = app.db.noted_url().await?.filter(|_| app.config.public_url.is_none());
                let url = noted.unwrap_or_else(|| app.config.base_url());
                super::say(&format!("{url}/sign-in?code={}", link.reveal()));
            }
        }
        Ok(())
    }
}

async fn list(app: &App) -> anyhow::Result<()> {
    for it in queries::list_accounts(&app.db.write, None).await? {
        let units = it.responsible_units.map_or_else(|| "*".to_owned(), |it| it.join(","));
        let state = match it.locked_until {
            _ if it.disabled => "disabled".to_owned(),
            Some(until) => format!("locked until {}", until.to_rfc3339()),
            None => String::new(),
        };
        let title = it.title.unwrap_or_default();
        super::say(&format!("{}\t{}\t{units}\t{state}\t{title}", it.name, it.role));
    }
    Ok(())
}

async fn change(app: &App, name: &str, change: Change) -> anyhow::Result<()> {
    manage::change_account(&app.db, &Scope::console(), name, change).await?;
    Ok(())
}

fn password_is_good(app: &App, name: &str, password: &str) -> anyhow::Result<()> {
    let findings = password::findings(&app.config.accounts, name, password);
    anyhow::ensure!(findings.is_empty(), "密码 / password: {}", findings.join("；"));
    Ok(())
}

async fn set_password(app: &App, name: &str, password: &Password) -> anyhow::Result<()> {
    let account = manage::find(&app.db, name).await?;
    let door = extract::door(app, None, None);
    door.set_password(&Scope::console(), &account, &password.0, None).await?;
    Ok(())
}

impl TokenCommand {
    pub(super) async fn run(self, config: Config) -> anyhow::Result<()> {
        let app = super::open(config).await?;
        let done = self.act(&app).await;
        app.close().await?;
        done
    }

    async fn act(self, app: &App) -> anyhow::Result<()> {
        let console = Scope::console();
        match self {
            Self::Create { account, name, days, role } => {
                let (token, _) =
                    manage::create_token(&app.db, &console, &account, &name, role, days).await?;
                super::say(token.reveal());
            }
            Self::List => {
                for it in queries::list_tokens(&app.db.write, None).await? {
                    let until = it.expires_at.map_or_else(|| "-".to_owned(), |it| it.to_rfc3339());
                    let state = if it.revoked_at.is_some() { "revoked" } else { "live" };
                    let role = it.role.unwrap_or_else(|| "-".to_owned());
                    super::say(&format!(
                        "{}\t{}\t{}\t{until}\t{state}\t{role}",
                        it.token_id, it.account, it.name
                    ));
                }
            }
            Self::Revoke { token_id } => {
                manage::revoke_token(&app.db, &console, token_id, None).await?;
                super::say(&format!("已吊销 / revoked {token_id}"));
            }
        }
        Ok(())
    }
}
