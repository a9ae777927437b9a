//! PostgreSQL's `numeric` as it is sent in binary, exact.

use rust_decimal::Decimal;

/// A number: `mantissa` / 10^`scale`, without zeros at the end of its fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number {
    pub mantissa: i128,
    pub scale: u32,
}

/// What a `numeric` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numeric {
    Exact(Number),
    /// More digits than a [`Decimal`] holds: rounded, half away from zero, to as many as it does.
    Rounded(Number),
    /// NaN, an infinity, or beyond a [`Decimal`].
    Beyond,
}

/// What a [`Decimal`] holds.
const MOST: i128 = (1 << 96) - 1;
const MOST_PLACES: u32 = 28;
/// Groups of four digits that fit an `i128` for sure.
const GROUPS: usize = 9;

/// Reads the value of a cell; `None` when it is no `numeric`.
///
/// Layout (`numeric_send` in PostgreSQL's `numeric.c`): number of groups, weight of the first, sign, places shown; then the
/// groups, digits to the base 10,000.
pub fn parse(cell: &[u8]) -> Option<Numeric> {
    let (head, groups) = cell.split_at_checked(8)?;
    let word = |at: usize| u16::from_be_bytes([head[at], head[at + 1]]);
    let count = usize::from(word(0));
    let weight = i32::from(word(2).cast_signed());
    if groups.len() != count * 2 {
        return None;
    }
    let negative = match word(4) {
        0 => false,
        0x4000 => true,
        0xc000 | 0xd000 | 0xf000 => return Some(Numeric::Beyond),
        _ => return None,
    };
    let mut groups = groups.chunks_exact(2).map(|it| u16::from_be_bytes([it[0], it[1]]));
    if count <= 4 {
        // Nearly all that is ever stored, in plain registers.
        let mantissa = groups.fold(0_i64, |sum, it| sum * 10_000 + i64::from(it));
        let places = 4 * (i32::from(word(0).cast_signed()) - 1 - weight);
        if let Ok(mut scale) = u32::try_from(places)
            && scale <= MOST_PLACES
        {
            let mut mantissa = mantissa;
            while scale > 0 && mantissa % 10 == 0 {
                mantissa /= 10;
                scale -= 1;
                if mantissa == 0 {
                    scale = 0;
                }
            }
            let mantissa = i128::from(if negative { -mantissa } else { mantissa });
            return Some(Numeric::Exact(Number { mantissa, scale }));
        }
        return Some(finish(i128::from(mantissa), places, negative, false));
    }
    let used = count.min(GROUPS);
    let mantissa = groups.by_ref().take(used).fold(0_i128, |sum, it| sum * 10_000 + i128::from(it));
    // The server sends no groups of zeros at the end, so what is left over is never nothing.
    let places = 4 * (i32::try_from(used).ok()? - 1 - weight);
    Some(finish(mantissa, places, negative, used < count))
}

/// Brings a number of so many places into the bounds of a [`Decimal`].
fn finish(mut mantissa: i128, mut places: i32, negative: bool, cut: bool) -> Numeric {
    if mantissa == 0 {
        return Numeric::Exact(Number { mantissa: 0, scale: 0 });
    }
    while places < 0 {
        match mantissa.checked_mul(10) {
            Some(it) => mantissa = it,
            None => return Numeric::Beyond,
        }
        places += 1;
    }
    while places > 0 && mantissa % 10 == 0 {
        mantissa /= 10;
        places -= 1;
    }
    let mut rounded = cut;
    let mut digit = 0;
    while places > 0 && (mantissa > MOST || places.unsigned_abs() > MOST_PLACES) {
        digit = mantissa % 10;
        mantissa /= 10;
        places -= 1;
        rounded = true;
    }
    mantissa += i128::from(digit >= 5);
    if mantissa > MOST {
        // One carry too many: the last digit is a zero now.
        if places == 0 {
            return Numeric::Beyond;
        }
        mantissa /= 10;
        places -= 1;
    }
    while places > 0 && mantissa % 10 == 0 {
        mantissa /= 10;
        places -= 1;
    }
    let mantissa = if negative { -mantissa } else { mantissa };
    let number = Number { mantissa, scale: places.unsigned_abs() };
    if rounded { Numeric::Rounded(number) } else { Numeric::Exact(number) }
}

impl From<Decimal> for Number {
    fn from(it: Decimal) -> Self {
        let it = it.normalize();
        Self { mantissa: it.mantissa(), scale: it.scale() }
    }
}

impl From<Number> for Decimal {
    fn from(it: Number) -> Self {
        // Within the bounds of a decimal, as all numbers here are.
        Self::try_from_i128_with_scale(it.mantissa, it.scale).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// As the server sends the number that is written so.
    fn sent(text: &str) -> Vec<u8> {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |it| (true, it));
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let whole = format!("{}{whole}", "0".repeat((4 - whole.len() % 4) % 4));
        let padded = format!("{fraction}{}", "0".repeat((4 - fraction.len() % 4) % 4));
        let digits = format!("{whole}{padded}");
        let mut groups: Vec<u16> =
            (0..digits.len() / 4).map(|it| digits[it * 4..it * 4 + 4].parse().unwrap()).collect();
        let mut weight = i16::try_from(whole.len() / 4).unwrap() - 1;
        while groups.first() == Some(&0) {
            groups.remove(0);
            weight -= 1;
        }
        while groups.last() == Some(&0) {
            groups.pop();
        }
        let sign: u16 = if negative && !groups.is_empty() { 0x4000 } else { 0 };
        let weight = if groups.is_empty() { 0 } else { weight.cast_unsigned() };
        let head = [
            u16::try_from(groups.len()).unwrap(),
            weight,
            sign,
            u16::try_from(fraction.len()).unwrap(),
        ];
        head.into_iter().chain(groups).flat_map(u16::to_be_bytes).collect()
    }

    fn read(text: &str) -> Numeric {
        parse(&sent(text)).unwrap()
    }

    proptest! {
        #[test]
        fn a_numeric_is_the_decimal_that_is_written_so(
            mantissa in prop_oneof![-MOST..=MOST, -1_000_000_000_000..1_000_000_000_000_i128, -1000..1000_i128],
            scale in 0..=28_u32,
        ) {
            let expected = Decimal::try_from_i128_with_scale(mantissa, scale).unwrap();
            prop_assert_eq!(read(&expected.to_string()), Numeric::Exact(expected.into()));
            prop_assert_eq!(Decimal::from(Number::from(expected)), expected);
        }

        #[test]
        fn what_is_no_numeric_is_told(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            if let Some(Numeric::Exact(it) | Numeric::Rounded(it)) = parse(&bytes) {
                prop_assert!(it.mantissa.abs() <= MOST && it.scale <= MOST_PLACES);
            }
        }
    }

    #[test]
    fn more_digits_than_a_decimal_holds_are_rounded_and_told() {
        let third = format!("0.{}", "3".repeat(40));
        let expected = Decimal::from_str_exact(&format!("0.{}", "3".repeat(28))).unwrap();
        assert_eq!(read(&third), Numeric::Rounded(expected.into()));
        let nines = format!("7.{}", "9".repeat(60));
        assert_eq!(read(&nines), Numeric::Rounded(Decimal::from(8).into()));
        assert_eq!(read(&format!("1{}", "0".repeat(40))), Numeric::Beyond);
        assert_eq!(
            read(&format!("1{}", "0".repeat(28))),
            Numeric::Exact(
                Decimal::from_str_exact(&format!("1{}", "0".repeat(28))).unwrap().into()
            )
        );
        assert_eq!(read(&format!("0.{}1", "0".repeat(40))), Numeric::Rounded(Decimal::ZERO.into()));
        for sign in [0xc000_u16, 0xd000, 0xf000] {
            let [high, low] = sign.to_be_bytes();
            assert_eq!(parse(&[0, 0, 0, 0, high, low, 0, 0]), Some(Numeric::Beyond));
        }
    }
}
