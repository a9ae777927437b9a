//! Areas and figures: m², 亩, ratios, and how they are rounded.
//!
//! Values are exact `Decimal`s; only `shown` rounds for people, and nothing computes with what it returns.
//! The area of a geometry is in [`area`].

pub mod area;

pub use area::area_m2;

use rust_decimal::Decimal;
use rust_decimal::RoundingStrategy::MidpointAwayFromZero;
use rust_decimal::prelude::FromPrimitive;

/// Digits after the point of every stored figure, as in the tables: `numeric(18,6)`.
pub const STORED_PLACES: u32 = 6;

/// 亩 in one m², exactly 3/2000.
pub const MU_PER_M2: Decimal = Decimal::from_parts(15, 0, 0, false, 4);

/// 亩 of an area in m²: × 0.0015, exact for 24 decimal places.
/// Dividing by 666.67 would make 600 亩 of 400,000 m² 599.997.
pub fn mu_from_m2(area_m2: Decimal) -> Decimal {
    // The product is smaller than its factor, so it cannot overflow.
    area_m2 * MU_PER_M2
}

/// m² of an area in 亩: × 2000 ÷ 3, correct to 28 digits. `None` when it does not fit a `Decimal`.
pub fn m2_from_mu(area_mu: Decimal) -> Option<Decimal> {
    area_mu.checked_mul(Decimal::from(2000))?.checked_div(Decimal::from(3))
}

/// A figure as `numeric(18,6)` keeps it: half away from zero, as the database rounds.
/// `None` when it has more than twelve digits before the point.
pub fn stored(value: Decimal) -> Option<Decimal> {
    let rounded = value.round_dp_with_strategy(STORED_PLACES, MidpointAwayFromZero);
    (rounded.abs() < Decimal::from(1_000_000_000_000_u64)).then_some(rounded)
}

/// A ratio as it is stored and compared: divided once, rounded once to six places.
/// `None` for a denominator that is zero or negative, and for a result that `stored` refuses.
pub fn ratio(numerator: Decimal, denominator: Decimal) -> Option<Decimal> {
    if denominator <= Decimal::ZERO {
        return None;
    }
    stored(numerator.checked_div(denominator)?)
}

/// A measured area or length as a `Decimal` of six places. `None` for what is not finite or too large to store.
pub fn decimal_from_f64(value: f64) -> Option<Decimal> {
    stored(Decimal::from_f64(value)?)
}

/// A value as people read it: rounded half away from zero to `places`, with all of them written.
pub fn shown(value: Decimal, places: u32) -> String {
    let rounded = value.round_dp_with_strategy(places, MidpointAwayFromZero);
    format!("{rounded:.*}", places as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn golden_mu_600_boundary() {
        assert!(mu_from_m2(dec("400000")) >= dec("600"));
        assert_eq!(mu_from_m2(dec("400000")), dec("600"));
        assert!(mu_from_m2(dec("399999.99")) < dec("600"));
        assert!(dec("400000") / dec("666.67") < dec("600"), "the trap this avoids");
    }

    #[test]
    fn sum_first_round_last() {
        let parts = [dec("333.33"); 3];
        let total: Decimal = parts.iter().map(|it| mu_from_m2(*it)).sum();
        assert_eq!(shown(total, 2), "1.50");
        assert_eq!(total, dec("1.499985"));
    }

    #[test]
    fn a_stored_ratio_is_not_below_its_threshold_by_binary_noise() {
        assert_eq!(ratio(dec("15.45"), dec("1.03")), Some(dec("15")));
        assert_eq!(ratio(dec("1"), Decimal::ZERO), None);
        assert_eq!(ratio(dec("1"), dec("-2")), None);
    }

    #[test]
    fn stored_rounds_half_away_from_zero_and_refuses_what_numeric_18_6_refuses() {
        assert_eq!(stored(dec("0.0000005")), Some(dec("0.000001")));
        assert_eq!(stored(dec("-0.0000005")), Some(dec("-0.000001")));
        assert_eq!(stored(dec("999999999999.9999995")), None);
        assert_eq!(decimal_from_f64(f64::NAN), None);
        assert_eq!(decimal_from_f64(1e300), None);
    }

    proptest! {
        #[test]
        fn mu_there_and_back(cents in 0_i64..1_000_000_000_000) {
            let mu = Decimal::new(cents, 4);
            let back = mu_from_m2(m2_from_mu(mu).unwrap());
            prop_assert!((back - mu).abs() < Decimal::new(1, 12));
        }
    }
}
