//! Codes with their check characters: credit codes (GB 32100, GB 11714) and parcel codes (GB/T 37346).

const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

const ORGANISATION_WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

/// Credit codes begin with authority 9 (market regulation), type 1 (enterprise) and the division.
const PREFIX: &str = "91310114";

/// No organisation code begins like this, so no generated firm has the code of a real one.
const MADE_UP: &str = "YY";

/// 31^6: how many organisation codes there are behind the prefix.
const ROOM: u64 = 887_503_681;

/// A valid credit code; different numbers below 887,503,681 give different codes.
pub fn credit_code(seed: u64, number: u64) -> String {
    // A step prime to 31 visits every code once, in no visible order.
    let mut rest = (number * 7_368_787 + seed % ROOM) % ROOM;
    let mut body = [b'0'; 6];
    for digit in body.iter_mut().rev() {
        *digit = ALPHABET[usize::try_from(rest % 31).unwrap_or(0)];
        rest /= 31;
    }
    let mut code = String::with_capacity(18);
    code.push_str(PREFIX);
    code.push_str(MADE_UP);
    code.extend(body.map(char::from));
    code.push(organisation_check(&code[8..]));
    code.push(credit_check(&code));
    code
}

/// The check character of eight characters of an organisation code.
fn organisation_check(body: &str) -> char {
    let sum: u32 = body
        .chars()
        .zip(ORGANISATION_WEIGHTS)
        .map(|(it, weight)| it.to_digit(36).unwrap_or(0) * weight)
        .sum();
    match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        digit => char::from_digit(digit, 10).unwrap_or('0'),
    }
}

/// The check character of the first seventeen characters of a credit code.
fn credit_check(body: &str) -> char {
    let mut weight = 1;
    let mut sum = 0;
    for byte in body.bytes().take(17) {
        sum += ALPHABET.iter().position(|&it| it == byte).unwrap_or(0) * weight;
        weight = weight * 3 % 31;
    }
    char::from(ALPHABET[(31 - sum % 31) % 31])
}

/// Whether both check characters of a credit code are right.
pub fn is_credit_code(code: &str) -> bool {
    code.len() == 18
        && code.bytes().all(|it| ALPHABET.contains(&it))
        && code.chars().nth(16) == Some(organisation_check(&code[8..16]))
        && code.chars().nth(17) == Some(credit_check(code))
}

/// A parcel code: division, cadastral zone and sub-zone, feature (state or collective land), serial number.
pub fn parcel_code(
    division: &str,
    zone: u32,
    subzone: u32,
    feature: &str,
    serial: usize,
) -> String {
    format!("{division}{zone:03}{subzone:03}{feature}{serial:05}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_two_codes_of_the_domain_brief() {
        assert!(is_credit_code("91512081MA62K0260E"));
        assert!(!is_credit_code("91350100M000100Y4Z"));
        assert!(is_credit_code("91350100M000100Y43"));
    }

    #[test]
    fn every_number_has_its_own_valid_code() {
        let codes: BTreeSet<String> = (0..20_000).map(|it| credit_code(42, it * 37)).collect();
        assert_eq!(codes.len(), 20_000);
        assert!(codes.iter().all(|it| is_credit_code(it)));
    }
}
