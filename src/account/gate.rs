//! What a node keeps in memory about signing in: how much hashing goes on at once, how often an address tried, and which
//! HTTP Basic credentials were checked within the last minute. Nothing of it outlives the process.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use anyhow::Context;
use chrono::DateTime;
use chrono::Utc;
use moka::future::Cache;
use rand::TryRngCore;
use rand::rngs::OsRng;
use sha2::Digest;
use sha2::Sha256;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::Semaphore;

use crate::config::Accounts;
use crate::error::Error;
use crate::error::Result;

use super::throttle::Throttle;

/// Hashes at once: each takes 19 MiB and a core for 20–50 ms.
const HASHES: usize = 4;
/// How long a request waits for its turn to hash: longer than a morning's rush, shorter than a person's patience.
const TURN: Duration = Duration::from_secs(2);
/// How long HTTP Basic credentials are remembered; QGIS sends them with every tile.
const REMEMBERED: Duration = Duration::from_mins(1);

/// The state of an account that a remembered answer holds for; any change of it makes the answer void.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    pub account_id: i64,
    pub password_set_at: Option<DateTime<Utc>>,
    pub disabled: bool,
    pub locked: bool,
}

/// Whether credentials were right, and for which state of their account (`None`: there was none).
#[derive(Clone, Debug)]
pub(super) struct Remembered {
    pub stamp: Option<Stamp>,
    pub right: bool,
}

/// Leave to hash, given back when dropped.
#[derive(Debug)]
pub(super) struct Turn(#[expect(dead_code, reason = "held for its end")] OwnedSemaphorePermit);

/// One for each running Mutu.
#[derive(Debug)]
pub struct Gate {
    hashing: Arc<Semaphore>,
    throttle: Throttle,
    pub(super) remembered: Cache<[u8; 32], Remembered>,
    /// Of this process only: what is remembered means nothing without it.
    key: [u8; 32],
}

impl Gate {
    /// # Panics
    /// When the operating system has no randomness to give.
    pub fn new(rules: &Accounts) -> Self {
        let mut key = [0; 32];
        OsRng.try_fill_bytes(&mut key).expect("the operating system has randomness");
        Self {
            hashing: Arc::new(Semaphore::new(HASHES)),
            throttle: Throttle::new(rules.attempts_per_minute),
            remembered: Cache::builder().max_capacity(10_000).time_to_live(REMEMBERED).build(),
            key,
        }
    }

    /// Takes one of the address's attempts.
    pub(super) fn attempt(&self, client: Option<IpAddr>) -> Result<()> {
        self.throttle.take(client, Instant::now()).map_err(|retry_after| Error::TooMany {
            why: "此地址的登录尝试过多，请稍后再试 / too many attempts to sign in from this address, try again later",
            retry_after,
        })
    }

    /// The attempt was right and does not count.
    pub(super) fn was_right(&self, client: Option<IpAddr>) {
        self.throttle.give_back(client);
    }

    /// Waits for a turn to hash, within reason.
    pub(super) async fn turn(&self) -> Result<Turn> {
        let turn = tokio::time::timeout(TURN, Arc::clone(&self.hashing).acquire_owned()).await;
        match turn {
            Ok(Ok(turn)) => Ok(Turn(turn)),
            _ => Err(Error::Busy("多人正在登录 / many are signing in")),
        }
    }

    /// Does work with passwords off the async threads, in its turn.
    pub(super) async fn hash<T: Send + 'static>(
        turn: Turn,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            // Given back here: a request that was dropped leaves its hash running.
            drop(turn);
            done
        });
        Ok(done.await.context("hashing a password")?)
    }

    /// What stands for credentials in memory: it cannot be turned back into the password.
    pub(super) fn fingerprint(&self, account: &str, password: &str) -> [u8; 32] {
        let mut digest = Sha256::new();
        digest.update(self.key);
        digest.update(account.len().to_be_bytes());
        digest.update(account.as_bytes());
        digest.update(password.as_bytes());
        digest.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_crowd_of_hashes_is_told_to_come_back() {
        let gate = Gate::new(&Accounts::default());
        let mut turns = Vec::new();
        for _ in 0..HASHES {
            turns.push(gate.turn().await.unwrap());
        }
        assert!(matches!(gate.turn().await, Err(Error::Busy(_))));
        let turn = turns.pop().unwrap();
        assert_eq!(Gate::hash(turn, || 7).await.unwrap(), 7);
        assert!(gate.turn().await.is_ok(), "work that is done gives its turn back");
    }

    #[test]
    fn fingerprints_differ_by_account_password_and_process() {
        let gate = Gate::new(&Accounts::default());
        assert_eq!(gate.fingerprint("li", "secret"), gate.fingerprint("li", "secret"));
        assert_ne!(gate.fingerprint("li", "secret"), gate.fingerprint("lis", "ecret"));
        let other = Gate::new(&Accounts::default());
        assert_ne!(gate.fingerprint("li", "secret"), other.fingerprint("li", "secret"));
    }
}
