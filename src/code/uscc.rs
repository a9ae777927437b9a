//! 统一社会信用代码 (GB 32100-2015) and the organisation code inside it (GB 11714-1997).

/// The 31 characters of GB 32100; I, O, S, V and Z are left out. A character's value is its place.
const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";

/// What is wrong with a code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error(
        "统一社会信用代码应为 18 位，现为 {0} 位 / a credit code has 18 characters, this has {0}"
    )]
    Length(usize),
    /// `at` counts from 1.
    #[error("第 {at} 位不能是 `{found}` / character {at} may not be `{found}`")]
    Character { at: usize, found: char },
    #[error(
        "组织机构代码校验位应为 `{expected}` / the organisation code (9-17) should end in `{expected}`, not `{found}`"
    )]
    OrganisationCheck { expected: char, found: char },
    #[error("校验位应为 `{expected}` / the code should end in `{expected}`, not `{found}`")]
    Check { expected: char, found: char },
}

/// Judges an upper-case code of 18 characters: its alphabet, its check character, and that of the organisation code in it.
pub fn check(code: &str) -> Result<(), Fault> {
    let characters: Vec<char> = code.chars().collect();
    if characters.len() != 18 {
        return Err(Fault::Length(characters.len()));
    }
    for (index, found) in characters[..17].iter().enumerate() {
        // The first two are the authority and the type, the next six the division.
        if !ALPHABET.contains(*found) || (2..8).contains(&index) && !found.is_ascii_digit() {
            return Err(Fault::Character { at: index + 1, found: *found });
        }
    }
    let body: String = characters[..17].iter().collect();
    if let Some(expected) = check_character(&body).filter(|it| *it != characters[17]) {
        return Err(Fault::Check { expected, found: characters[17] });
    }
    let organisation: String = characters[8..16].iter().collect();
    match organisation_check_character(&organisation) {
        Some(expected) if expected != characters[16] => {
            Err(Fault::OrganisationCheck { expected, found: characters[16] })
        }
        _ => Ok(()),
    }
}

/// The 18th character for the first 17: 31 − Σ value·3^(i−1) mod 31. `None` when they are not 17 of the alphabet.
pub fn check_character(first_17: &str) -> Option<char> {
    let mut sum = 0;
    let mut weight = 1;
    let mut length = 0;
    for character in first_17.chars() {
        sum += ALPHABET.find(character)? * weight;
        weight = weight * 3 % 31;
        length += 1;
    }
    if length != 17 {
        return None;
    }
    ALPHABET.chars().nth((31 - sum % 31) % 31)
}

/// The ninth character of an organisation code for its first eight (GB 11714: digits and A–Z, modulus 11, ten is `X`).
pub fn organisation_check_character(first_8: &str) -> Option<char> {
    const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
    if first_8.chars().count() != 8 {
        return None;
    }
    let mut sum = 0;
    for (character, weight) in first_8.chars().zip(WEIGHTS) {
        if character.is_ascii_lowercase() {
            return None;
        }
        sum += character.to_digit(36)? * weight;
    }
    match (11 - sum % 11) % 11 {
        10 => Some('X'),
        digit => char::from_digit(digit, 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn golden_uscc_pair() {
        assert_eq!(check("91512081MA62K0260E"), Ok(()));
        assert_eq!(check("91350100M000100Y4Z"), Err(Fault::Check { expected: '3', found: 'Z' }));
    }

    #[test]
    fn every_kind_of_fault_is_told_apart() {
        assert_eq!(check("123"), Err(Fault::Length(3)));
        assert_eq!(check("9151208IMA62K0260E"), Err(Fault::Character { at: 8, found: 'I' }));
        assert_eq!(
            check("嘉定区嘉定区嘉定区嘉定区嘉定区嘉定区"),
            Err(Fault::Character { at: 1, found: '嘉' })
        );
        let body = "91512081MA62K0261";
        let code = format!("{body}{}", check_character(body).unwrap());
        assert_eq!(check(&code), Err(Fault::OrganisationCheck { expected: '0', found: '1' }));
    }

    proptest! {
        #[test]
        fn one_changed_character_is_always_noticed(at in 0_usize..17, to in 0_usize..31) {
            let good = "91512081MA62K0260E";
            let mut changed: Vec<char> = good.chars().collect();
            changed[at] = ALPHABET.chars().nth(to).unwrap();
            let changed: String = changed.into_iter().collect();
            prop_assert_eq!(check(&changed).is_ok(), changed == good);
        }

        #[test]
        fn any_text_is_judged(text in ".{0,24}") {
            let _ = check(&text);
            let _ = organisation_check_character(&text);
        }
    }
}
