//! Passwords: which are good enough, and how they are stored. The rules come from `[accounts]` of the configuration.

use std::collections::HashSet;
use std::sync::LazyLock;

use anyhow::anyhow;
use argon2::Argon2;
use argon2::PasswordHash;
use argon2::PasswordHasher;
use argon2::PasswordVerifier;
use argon2::password_hash::SaltString;
use rand::TryRngCore;
use rand::rngs::OsRng;

use crate::config::Accounts;

/// Longer ones are refused: nobody types them, and hashing them is work for nothing.
pub const MAX_LENGTH: usize = 200;

/// Those that others tried first, in lower case: only what the other rules would let pass is worth listing.
static COMMON: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("common.txt").lines().map(str::trim).collect());

/// Everything that is wrong with a new password for the account, at once; nothing when it is good.
pub fn findings(rules: &Accounts, account: &str, password: &str) -> Vec<String> {
    let mut found = Vec::new();
    let length = password.chars().count();
    if length < rules.password_min_length {
        found.push(format!(
            "至少 {least} 个字符 / at least {least} characters",
            least = rules.password_min_length
        ));
    }
    if length > MAX_LENGTH {
        found.push(format!("至多 {MAX_LENGTH} 个字符 / at most {MAX_LENGTH} characters"));
    }
    if kinds(password) < rules.password_min_kinds {
        found.push(format!(
            "小写、大写、数字、其他字符中至少 {least} 类 / at least {least} of lower case, upper case, digits, others",
            least = rules.password_min_kinds
        ));
    }
    let lower = password.to_lowercase();
    // A name of one or two letters is in too many words to mean anything.
    let telling = account.chars().count() > 2 || !account.is_ascii();
    if telling && lower.contains(&account.to_lowercase()) {
        found.push("不得包含账户名 / not with the account's name in it".to_owned());
    }
    if COMMON.contains(lower.as_str()) {
        found.push("过于常见 / among those that everybody tries first".to_owned());
    }
    if password.chars().any(char::is_control) {
        found.push("不得包含控制字符 / no control characters".to_owned());
    }
    found
}

/// How many of the four kinds of characters there are.
fn kinds(password: &str) -> usize {
    let kind = |it: char| match it {
        it if it.is_lowercase() => 0,
        it if it.is_uppercase() => 1,
        it if it.is_numeric() => 2,
        _ => 3,
    };
    password.chars().map(kind).collect::<HashSet<_>>().len()
}

/// What is stored: argon2id with a salt of its own. 20–50 ms and 19 MiB, so never on an async thread.
pub fn hash_blocking(password: &str) -> anyhow::Result<String> {
    let mut salt = [0_u8; 16];
    OsRng.try_fill_bytes(&mut salt)?;
    let salt = SaltString::encode_b64(&salt).map_err(|it| anyhow!("making salt: {it}"))?;
    let hash = Argon2::default().hash_password(password.as_bytes(), &salt);
    Ok(hash.map_err(|it| anyhow!("hashing a password: {it}"))?.to_string())
}

/// Whether the password is the one that was stored. Without a stored one the same work is done, and it is not.
pub fn is_right_blocking(password: &str, stored: Option<&str>) -> bool {
    static NOBODYS: LazyLock<String> =
        LazyLock::new(|| hash_blocking("nobody has this password").unwrap_or_default());
    // Made in any case, or the first request after a start would tell.
    let nobodys = LazyLock::force(&NOBODYS);
    // More than is ever stored cannot be right, and is not worth hashing whole.
    let password = &password.as_bytes()[..password.len().min(4 * MAX_LENGTH + 1)];
    let Ok(hash) = PasswordHash::new(stored.unwrap_or(nobodys)) else { return false };
    let matches = Argon2::default().verify_password(password, &hash).is_ok();
    matches && stored.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(account: &str, password: &str) -> usize {
        findings(&Accounts::default(), account, password).len()
    }

    #[test]
    fn a_password_is_long_mixed_and_not_the_name() {
        assert_eq!(refused("li", "Quiet-Harbour7"), 0);
        assert_eq!(refused("li", "安静的港口Harbour7"), 0);
        assert_eq!(refused("li", "Quiet-Ha7"), 1);
        assert_eq!(refused("li", "quietharbour7"), 1);
        assert_eq!(refused("li", "a"), 2);
        assert_eq!(refused("harbour", "Quiet-Harbour7"), 1);
        // "li" alone would refuse every word with it.
        assert_eq!(refused("li", "Quiet-Lilies7"), 0);
        assert_eq!(refused("安亭", "安亭Harbour77"), 1);
        assert_eq!(refused("li", "Quiet-\u{7}Harbour7"), 1);
        assert_eq!(refused("li", &"Aa1-".repeat(51)), 1);
    }

    #[test]
    fn what_everybody_tries_first_is_refused_in_any_case() {
        assert_eq!(refused("li", "P@ssw0rd123"), 1);
        assert_eq!(refused("li", "HuaWei@12345"), 1);
        assert_eq!(refused("li", "P@ssw0rd123-Harbour"), 0);
        for it in COMMON.iter() {
            assert_eq!(it.to_lowercase(), **it, "the list is compared in lower case");
        }
    }

    #[test]
    fn the_installation_chooses_the_numbers() {
        let strict =
            Accounts { password_min_length: 16, password_min_kinds: 4, ..Accounts::default() };
        assert_eq!(findings(&strict, "li", "Quiet-Harbour7").len(), 1);
        let lax = Accounts { password_min_length: 4, password_min_kinds: 1, ..strict };
        assert_eq!(findings(&lax, "li", "abcd").len(), 0);
    }

    #[test]
    fn an_account_that_is_not_there_takes_as_long() {
        let stored = hash_blocking("Quiet-Harbour7").unwrap();
        is_right_blocking("", None);
        // The least of some: whatever else the machine does only adds.
        let least = |stored: Option<&str>| {
            (0..5)
                .map(|_| {
                    let started = std::time::Instant::now();
                    is_right_blocking("Quiet-Harbour8", stored);
                    started.elapsed()
                })
                .min()
                .unwrap()
        };
        let (there, not_there) = (least(Some(&stored)), least(None));
        assert!(not_there > there / 2 && there > not_there / 2, "{there:?} {not_there:?}");
    }

    #[test]
    fn only_the_right_password_is_right() {
        let stored = hash_blocking("Quiet-Harbour7").unwrap();
        assert!(stored.starts_with("$argon2id$"));
        assert!(is_right_blocking("Quiet-Harbour7", Some(&stored)));
        assert!(!is_right_blocking("quiet-harbour7", Some(&stored)));
        assert!(!is_right_blocking("nobody has this password", None));
        assert!(!is_right_blocking("", Some("not a hash")));
        assert_ne!(hash_blocking("Quiet-Harbour7").unwrap(), stored);
    }
}
