//! Exact numbers as text: what PostgreSQL's numeric would say of the same sums.

/// Places of a quotient.
pub const PLACES: u32 = 12;

/// An integer of so many places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exact {
    pub steps: i128,
    pub places: u32,
}

impl Exact {
    /// With more places; `None` beyond 38 digits.
    pub fn scaled(self, places: u32) -> Option<i128> {
        self.steps.checked_mul(10_i128.checked_pow(places.checked_sub(self.places)?)?)
    }

    /// Divided, to [`PLACES`], half away from zero; `None` by zero or beyond 38 digits.
    pub fn over(self, under: Self) -> Option<Self> {
        let places = self.places.max(under.places);
        let (over, under) = (self.scaled(places)?, under.scaled(places)?);
        if under == 0 {
            return None;
        }
        let is_negative = (over < 0) != (under < 0);
        let (over, under) = (over.unsigned_abs(), under.unsigned_abs());
        let (mut steps, mut rest) = (over / under, over % under);
        for _ in 0..PLACES {
            rest = rest.checked_mul(10)?;
            steps = steps.checked_mul(10)?.checked_add(rest / under)?;
            rest %= under;
        }
        let is_up = rest >= under - rest;
        let steps = i128::try_from(steps.checked_add(u128::from(is_up))?).ok()?;
        Some(Self { steps: if is_negative { -steps } else { steps }, places: PLACES })
    }

    /// The root, to [`PLACES`], half up; `None` of a negative number or beyond 38 digits.
    pub fn root(self) -> Option<Self> {
        let square = u128::try_from(self.scaled(PLACES * 2)?).ok()?;
        let below = square.isqrt();
        let steps = below + u128::from(square - below * below > below);
        Some(Self { steps: i128::try_from(steps).ok()?, places: PLACES })
    }

    /// All digits and no zeros at the end.
    pub fn text(self) -> String {
        let (mut steps, mut places) = (self.steps.unsigned_abs(), self.places);
        while places > 0 && steps.is_multiple_of(10) {
            steps /= 10;
            places -= 1;
        }
        let sign = if self.steps < 0 { "-" } else { "" };
        let width = places as usize;
        let digits = format!("{steps:0>least$}", least = width + 1);
        let (whole, rest) = digits.split_at(digits.len() - width);
        if rest.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{rest}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(steps: i128, places: u32) -> Exact {
        Exact { steps, places }
    }

    #[test]
    fn a_number_is_written_without_zeros_at_its_end() {
        assert_eq!(exact(1_500_000, 6).text(), "1.5");
        assert_eq!(exact(-5, 3).text(), "-0.005");
        assert_eq!(exact(0, 6).text(), "0");
        assert_eq!(exact(1_200, 0).text(), "1200");
        assert_eq!(exact(-1_200, 2).text(), "-12");
    }

    #[test]
    fn a_quotient_is_rounded_half_away_from_zero() {
        let over = |a: Exact, b: Exact| a.over(b).map(Exact::text);
        assert_eq!(over(exact(150, 0), exact(120, 0)).unwrap(), "1.25");
        assert_eq!(over(exact(1, 0), exact(3, 0)).unwrap(), "0.333333333333");
        assert_eq!(over(exact(-2, 0), exact(3, 0)).unwrap(), "-0.666666666667");
        assert_eq!(over(exact(1, 0), exact(2_000_000_000_000, 0)).unwrap(), "0.000000000001");
        assert_eq!(over(exact(-1, 0), exact(2_000_000_000_000, 0)).unwrap(), "-0.000000000001");
        assert_eq!(over(exact(1, 0), exact(2_000_000_000_001, 0)).unwrap(), "0");
        assert_eq!(over(exact(15_450_000, 6), exact(103, 2)).unwrap(), "15");
        assert_eq!(over(exact(1, 0), exact(0, 3)), None);
    }

    #[test]
    fn a_root_is_rounded_to_the_nearest() {
        let root = |it: Exact| it.root().map(Exact::text);
        assert_eq!(root(exact(225, 2)).unwrap(), "1.5");
        assert_eq!(root(exact(2, 0)).unwrap(), "1.414213562373");
        assert_eq!(root(exact(3, 0)).unwrap(), "1.732050807569");
        assert_eq!(root(exact(0, 6)).unwrap(), "0");
        assert_eq!(root(exact(-1, 0)), None);
        assert_eq!(root(exact(i128::MAX, 0)), None);
    }
}
