//! What accounts, tokens and units may be called. Names stand in lists, logs and the audit, so none has control
//! characters or is so long that it hides what stands beside it.

use crate::access::Role;
use crate::error::Error;
use crate::error::Result;

/// Names under which the program itself does things.
const OURS: [&str; 2] = ["console", "public"];

/// How many units an account answers for at most.
const UNITS: usize = 200;

/// Whether an account can be called so: 1 to 64 letters, digits, `.`, `_`, `-`, `@` or Chinese characters.
pub fn is_account(name: &str) -> bool {
    (1..=64).contains(&name.chars().count()) && name.chars().all(may_stand_in_name)
}

fn may_stand_in_name(it: char) -> bool {
    it.is_ascii_alphanumeric()
        || matches!(it, '.' | '_' | '-' | '@' | '〇')
        // CJK unified ideographs with extension A, the compatibility block, and the planes of the rarer ones in names.
        || matches!(it, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

/// Refuses a name that no account can be given.
pub fn check_account(name: &str) -> Result<()> {
    if OURS.contains(&name) {
        return bad("name", "此名称保留给系统 / this name is the program's own");
    }
    if is_account(name) {
        return Ok(());
    }
    bad(
        "name",
        "1–64 个字母、数字、. _ - @ 或汉字 / 1 to 64 letters, digits, . _ - @ or Chinese characters",
    )
}

/// Refuses a text for people that is empty, long or has control characters.
pub fn check_text(at: &str, text: &str) -> Result<()> {
    let right = (1..=100).contains(&text.chars().count())
        && !text.chars().any(char::is_control)
        && text.trim() == text;
    if right {
        return Ok(());
    }
    bad(at, "1–100 个字符，首尾无空格 / 1 to 100 characters without spaces around them")
}

/// Refuses what cannot be a subject of an identity provider: OpenID Connect gives them 255 ASCII characters at most.
pub fn check_subject(subject: &str) -> Result<()> {
    if (1..=255).contains(&subject.len()) && subject.chars().all(|it| it.is_ascii_graphic()) {
        return Ok(());
    }
    bad("oidc_subject", "1–255 个 ASCII 字符，不含空格 / 1 to 255 ASCII characters without spaces")
}

/// Refuses days that are no sensible life of a token.
pub fn check_days(days: Option<i32>) -> Result<()> {
    if days.is_none_or(|it| (1..=3650).contains(&it)) {
        return Ok(());
    }
    bad("days", "1–3650 天 / 1 to 3650 days")
}

/// Refuses a role and units that do not go together.
pub fn check_role(role: Role, units: Option<&[String]>) -> Result<()> {
    if role == Role::Public {
        return bad(
            "role",
            "viewer、officer、steward 或 admin / viewer, officer, steward or admin",
        );
    }
    let Some(units) = units else { return Ok(()) };
    if role == Role::Admin {
        return bad(
            "responsible_units",
            "管理员负责全部单元，不可限定 / an administrator answers for all units: leave them out",
        );
    }
    if units.len() > UNITS {
        return bad("responsible_units", "至多 200 个 / at most 200");
    }
    units.iter().try_for_each(|it| check_text("responsible_units", it))
}

fn bad<T>(at: &str, why: &str) -> Result<T> {
    Err(Error::BadInput { at: at.to_owned(), why: why.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_called_as_people_are() {
        for name in ["li", "li.ming@jiading", "安亭", "规划科-01", "𠮷野", &"a".repeat(64)]
        {
            assert!(check_account(name).is_ok(), "{name}");
        }
        for name in
            ["", " li", "li ming", "li\n", "a/b", "<b>", "安亭：", "console", &"a".repeat(65)]
        {
            assert!(check_account(name).is_err(), "{name}");
        }
    }

    #[test]
    fn an_administrator_answers_for_all_units() {
        let units = [String::from("安亭镇")];
        assert!(check_role(Role::Officer, Some(&units)).is_ok());
        assert!(check_role(Role::Officer, Some(&[String::new()])).is_err());
        assert!(check_role(Role::Admin, Some(&units)).is_err());
        assert!(check_role(Role::Admin, None).is_ok());
        assert!(check_role(Role::Public, None).is_err());
    }

    #[test]
    fn a_token_lives_a_day_to_ten_years() {
        assert!(check_days(None).is_ok() && check_days(Some(1)).is_ok());
        assert!(check_days(Some(3650)).is_ok() && check_days(Some(3651)).is_err());
        assert!(check_days(Some(0)).is_err() && check_days(Some(-1)).is_err());
    }
}
