//! Sealing what a client carries for us and may not read or alter: the places of next pages. XChaCha20-Poly1305 under a
//! secret of the installation, bound to a context; pure but for the randomness of a nonce.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::KeyInit;
use chacha20poly1305::XChaCha20Poly1305;
use chacha20poly1305::XNonce;
use chacha20poly1305::aead::Aead;
use chacha20poly1305::aead::Payload;
use rand::TryRngCore;
use rand::rngs::OsRng;

/// Bytes of a nonce; so many that random ones never meet.
const NONCE: usize = 24;

/// Seals and opens; cheap to clone.
#[derive(Clone)]
pub struct Sealer(XChaCha20Poly1305);

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer")
    }
}

impl Sealer {
    pub fn new(secret: &[u8; 32]) -> Self {
        Self(XChaCha20Poly1305::new(secret.into()))
    }

    /// A new secret of the operating system's randomness.
    pub fn secret() -> anyhow::Result<[u8; 32]> {
        let mut secret = [0; 32];
        OsRng.try_fill_bytes(&mut secret)?;
        Ok(secret)
    }

    /// The content as text for a URL, to be opened under the same context only.
    pub fn seal(&self, context: &str, content: &[u8]) -> anyhow::Result<String> {
        let mut nonce = [0; NONCE];
        OsRng.try_fill_bytes(&mut nonce)?;
        let payload = Payload { msg: content, aad: context.as_bytes() };
        let sealed = self.0.encrypt(XNonce::from_slice(&nonce), payload);
        let sealed = sealed.map_err(|_| anyhow::anyhow!("sealing {} bytes", content.len()))?;
        Ok(URL_SAFE_NO_PAD.encode([nonce.as_slice(), &sealed].concat()))
    }

    /// What was sealed, if it was sealed here under that context and nobody touched it.
    pub fn open(&self, context: &str, sealed: &str) -> Option<Vec<u8>> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE)?;
        let payload = Payload { msg: sealed, aad: context.as_bytes() };
        self.0.decrypt(XNonce::from_slice(nonce), payload).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_only_whole_here_and_under_its_context() {
        let sealer = Sealer::new(&[7; 32]);
        let sealed = sealer.seal("a", b"42").unwrap();
        assert_eq!(sealer.open("a", &sealed).unwrap(), b"42");
        assert_eq!(sealer.open("b", &sealed), None);
        assert_eq!(Sealer::new(&[8; 32]).open("a", &sealed), None);
        for (nth, _) in sealed.char_indices() {
            let mut other = sealed.clone().into_bytes();
            other[nth] = if other[nth] == b'A' { b'B' } else { b'A' };
            assert_eq!(sealer.open("a", std::str::from_utf8(&other).unwrap()), None, "{nth}");
        }
        for wrong in ["", "!", "AAAA", &format!("{sealed}A"), &sealed[..sealed.len() - 1]] {
            assert_eq!(sealer.open("a", wrong), None, "{wrong}");
        }
        // The same place looks different each time: nothing is learnt from comparing two.
        assert_ne!(sealer.seal("a", b"42").unwrap(), sealed);
    }
}
