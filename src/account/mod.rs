//! Accounts and the three ways to be one: an API token (scripts, QGIS), a browser session, and a one-time sign-in link.
//! Secrets are 256 random bits, shown once and stored as SHA-256. What an account may then read is `access`'s business.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::TryRngCore;
use rand::rngs::OsRng;
use sha2::Digest;
use sha2::Sha256;

pub mod queries;

/// A secret as its holder sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A new one from the operating system's randomness. `prefix` lets people and scanners recognise what it is.
    pub fn new(prefix: &str) -> anyhow::Result<Self> {
        let mut bytes = [0_u8; 32];
        OsRng.try_fill_bytes(&mut bytes)?;
        Ok(Self(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes))))
    }

    /// A secret that somebody presented.
    pub fn presented(text: &str) -> Self {
        Self(text.trim().to_owned())
    }

    /// The text to show or to set, once.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored and looked up.
    pub fn hash(&self) -> Vec<u8> {
        Sha256::digest(self.0.as_bytes()).to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_presented_secret_hashes_like_the_one_given_out() {
        let secret = Secret::new("mutu_").unwrap();
        assert_eq!(Secret::presented(&format!(" {}\n", secret.reveal())).hash(), secret.hash());
        assert_ne!(Secret::new("mutu_").unwrap().hash(), secret.hash());
    }
}
