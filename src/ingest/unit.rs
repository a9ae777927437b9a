//! Units as offices write them, and the exact factor from each to the unit of a field. A factor is a fraction, so that
//! 1 亩 = 2000/3 m² stays exact until the one rounding at the end.

use rust_decimal::Decimal;
use rust_decimal::RoundingStrategy::MidpointAwayFromZero;
use rust_decimal::prelude::ToPrimitive;

use crate::layer::Unit;

/// What a unit measures: only units of one dimension convert into each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dimension {
    Length,
    Area,
    Money,
    MoneyPerArea,
    MoneyPerEnergy,
    Energy,
    Electricity,
    Volume,
    Mass,
    Persons,
    Ratio,
    Years,
    Count,
}

/// Spellings of a unit, normalised, with its size in the first unit of its dimension.
type Known = (Dimension, &'static [&'static str], &'static str, &'static str);

/// Dimension, spellings, numerator and denominator of the factor to the dimension's base.
const KNOWN: &[Known] = &[
    (Dimension::Length, &["米", "m"], "1", "1"),
    (Dimension::Length, &["千米", "公里", "km"], "1000", "1"),
    (Dimension::Length, &["厘米", "cm"], "1", "100"),
    (Dimension::Length, &["英尺", "ft"], "0.3048", "1"),
    (Dimension::Area, &["平方米", "平米", "m2", "m^2", "sqm"], "1", "1"),
    (Dimension::Area, &["万平方米", "万平米", "万m2"], "10000", "1"),
    (Dimension::Area, &["公顷", "ha", "hm2"], "10000", "1"),
    (Dimension::Area, &["平方公里", "平方千米", "km2"], "1000000", "1"),
    (Dimension::Area, &["亩", "mu"], "2000", "3"),
    (Dimension::Area, &["万亩"], "20000000", "3"),
    (Dimension::Area, &["平方英尺", "sqft", "ft2"], "0.09290304", "1"),
    (Dimension::Area, &["英亩", "acre", "acres"], "4046.8564224", "1"),
    (Dimension::Money, &["万元", "万", "万元人民币", "wan"], "1", "1"),
    (Dimension::Money, &["元", "人民币", "yuan"], "1", "10000"),
    (Dimension::Money, &["千元"], "1", "10"),
    (Dimension::Money, &["百万元"], "100", "1"),
    (Dimension::Money, &["千万元"], "1000", "1"),
    (Dimension::Money, &["亿元", "亿"], "10000", "1"),
    (Dimension::MoneyPerArea, &["万元/亩", "万/亩"], "1", "1"),
    (Dimension::MoneyPerArea, &["元/亩"], "1", "10000"),
    (Dimension::MoneyPerArea, &["元/平方米", "元/m2", "万元/公顷", "万元/ha"], "1", "15"),
    (Dimension::MoneyPerArea, &["亿元/平方公里", "亿元/km2"], "20", "3"),
    (Dimension::MoneyPerEnergy, &["万元/吨标准煤", "万元/吨标煤", "万元/tce"], "1", "1"),
    (Dimension::Energy, &["吨标准煤", "吨标煤", "tce"], "1", "1"),
    (Dimension::Energy, &["千克标准煤", "公斤标准煤", "千克标煤", "kgce"], "1", "1000"),
    (Dimension::Energy, &["万吨标准煤", "万吨标煤"], "10000", "1"),
    (Dimension::Electricity, &["千瓦时", "度", "千瓦小时", "kwh", "kw·h"], "1", "1"),
    (Dimension::Electricity, &["万千瓦时", "万度", "万kwh"], "10000", "1"),
    (Dimension::Electricity, &["兆瓦时", "mwh"], "1000", "1"),
    // 用水量 is often given in 吨: a tonne of water is a cubic metre.
    (Dimension::Volume, &["立方米", "m3", "吨", "t"], "1", "1"),
    (Dimension::Volume, &["万立方米", "万m3", "万吨"], "10000", "1"),
    (Dimension::Mass, &["吨", "t"], "1", "1"),
    (Dimension::Mass, &["千克", "公斤", "kg"], "1", "1000"),
    (Dimension::Mass, &["万吨"], "10000", "1"),
    (Dimension::Persons, &["人", "名", "persons"], "1", "1"),
    (Dimension::Persons, &["万人"], "10000", "1"),
    (Dimension::Ratio, &["倍", "无量纲", "ratio"], "1", "1"),
    (Dimension::Ratio, &["%", "百分比"], "1", "100"),
    (Dimension::Years, &["年", "years"], "1", "1"),
    (Dimension::Count, &["个", "家", "幢", "栋", "宗", "层", "台", "座", "count"], "1", "1"),
];

/// The dimension of a field's unit and its size in the dimension's base.
fn own(unit: Unit) -> (Dimension, Factor) {
    let whole = |dimension, size: i64| (dimension, Factor::new(Decimal::from(size), Decimal::ONE));
    match unit {
        Unit::M => whole(Dimension::Length, 1),
        Unit::M2 => whole(Dimension::Area, 1),
        Unit::Ha => whole(Dimension::Area, 10_000),
        Unit::Mu => (Dimension::Area, Factor::new(Decimal::from(2000), Decimal::from(3))),
        Unit::Wan => whole(Dimension::Money, 1),
        Unit::WanPerMu => whole(Dimension::MoneyPerArea, 1),
        Unit::WanPerTce => whole(Dimension::MoneyPerEnergy, 1),
        Unit::Tce => whole(Dimension::Energy, 1),
        Unit::Kwh => whole(Dimension::Electricity, 1),
        Unit::M3 => whole(Dimension::Volume, 1),
        Unit::T => whole(Dimension::Mass, 1),
        Unit::Persons => whole(Dimension::Persons, 1),
        Unit::Ratio => whole(Dimension::Ratio, 1),
        Unit::Years => whole(Dimension::Years, 1),
        Unit::Count => whole(Dimension::Count, 1),
    }
}

/// A field's unit as people read it.
pub fn shown(unit: Unit) -> &'static str {
    match unit {
        Unit::M => "米",
        Unit::M2 => "平方米",
        Unit::Mu => "亩",
        Unit::Ha => "公顷",
        Unit::Wan => "万元",
        Unit::WanPerMu => "万元/亩",
        Unit::WanPerTce => "万元/吨标准煤",
        Unit::Tce => "吨标准煤",
        Unit::Kwh => "千瓦时",
        Unit::M3 => "立方米",
        Unit::T => "吨",
        Unit::Persons => "人",
        Unit::Ratio => "倍",
        Unit::Years => "年",
        Unit::Count => "个",
    }
}

/// An exact factor: a fraction of two decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Factor {
    numerator: Decimal,
    denominator: Decimal,
}

impl Factor {
    /// Leaves values as they are.
    pub const ONE: Self = Self { numerator: Decimal::ONE, denominator: Decimal::ONE };

    const fn new(numerator: Decimal, denominator: Decimal) -> Self {
        Self { numerator, denominator }
    }

    /// A factor that a mapping file states.
    pub const fn of(scale: Decimal) -> Self {
        Self::new(scale, Decimal::ONE)
    }

    pub fn is_one(self) -> bool {
        self.numerator == self.denominator
    }

    /// The product of both, or `None` when it does not fit a `Decimal`.
    pub fn times(self, other: Self) -> Option<Self> {
        let numerator = self.numerator.checked_mul(other.numerator)?;
        let denominator = self.denominator.checked_mul(other.denominator)?;
        Some(Self { numerator, denominator })
    }

    fn inverse(self) -> Self {
        Self::new(self.denominator, self.numerator)
    }

    /// The value converted. Multiplied first and divided once; a quotient that does not end is rounded to `places`,
    /// half away from zero. `None` when it does not fit a `Decimal`.
    pub fn apply(self, value: Decimal, places: u32) -> Option<Decimal> {
        let product = value.checked_mul(self.numerator)?;
        if self.denominator == Decimal::ONE {
            return Some(product);
        }
        let quotient = product.checked_div(self.denominator)?;
        Some(if quotient.checked_mul(self.denominator) == Some(product) && quotient.scale() < 12 {
            quotient
        } else {
            quotient.round_dp_with_strategy(places, MidpointAwayFromZero)
        })
    }
}

impl std::fmt::Display for Factor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (numerator, denominator) = (self.numerator.normalize(), self.denominator.normalize());
        if denominator == Decimal::ONE {
            write!(f, "× {numerator}")
        } else if numerator == Decimal::ONE {
            write!(f, "÷ {denominator}")
        } else {
            write!(f, "× {numerator} ÷ {denominator}")
        }
    }
}

/// Whether a normalised text names a unit at all.
pub fn is_known(text: &str) -> bool {
    KNOWN.iter().any(|(_, spellings, ..)| spellings.contains(&text))
}

/// The factor from a unit as written (normalised) to a field's. `None` for a unit that is unknown or measures something else.
pub fn factor(text: &str, field: Unit) -> Option<Factor> {
    let (dimension, own) = own(field);
    let (.., numerator, denominator) =
        KNOWN.iter().find(|(it, spellings, ..)| *it == dimension && spellings.contains(&text))?;
    let given = Factor::new(numerator.parse().ok()?, denominator.parse().ok()?);
    let product = given.times(own.inverse())?;
    Some(if product.is_one() { Factor::ONE } else { product })
}

/// Units of the same dimension, with the factor from each to the field's own. Those of other countries are nobody's slip.
pub fn others(field: Unit) -> impl Iterator<Item = (&'static str, f64)> {
    let (dimension, own) = own(field);
    let foreign = ["英尺", "平方英尺", "英亩"];
    KNOWN.iter().filter_map(move |(it, spellings, numerator, denominator)| {
        let known = *it == dimension && !foreign.contains(&spellings[0]);
        let given = Factor::new(numerator.parse().ok()?, denominator.parse().ok()?);
        let factor = given.times(own.inverse()).filter(|it| known && !it.is_one())?;
        Some((spellings[0], factor.numerator.to_f64()? / factor.denominator.to_f64()?))
    })
}

/// The spellings that a field's unit is understood in, for an error that helps.
pub fn accepted(field: Unit) -> String {
    spellings(field).join("、")
}

/// The units that convert into a field's, each by its first spelling.
pub fn spellings(field: Unit) -> Vec<&'static str> {
    let (dimension, _) = own(field);
    KNOWN.iter().filter(|(it, ..)| *it == dimension).map(|(_, it, ..)| it[0]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn mu_become_square_metres_exactly_and_are_rounded_once() {
        let factor = factor("亩", Unit::M2).unwrap();
        assert_eq!(factor.apply(dec("600"), 2), Some(dec("400000")));
        assert_eq!(factor.apply(dec("12.34"), 2), Some(dec("8226.67")));
        assert_eq!(factor.apply(dec("1.5"), 2), Some(dec("1000")));
    }

    #[test]
    fn money_and_its_ratios_convert() {
        assert_eq!(factor("亿元", Unit::Wan).unwrap().apply(dec("1.2"), 6), Some(dec("12000")));
        assert_eq!(
            factor("元", Unit::Wan).unwrap().apply(dec("12345.67"), 6),
            Some(dec("1.234567"))
        );
        let per_km2 = factor("亿元/平方公里", Unit::WanPerMu).unwrap();
        assert_eq!(per_km2.apply(dec("0.15"), 6), Some(dec("1")));
        assert_eq!(
            factor("万元/公顷", Unit::WanPerMu).unwrap().apply(dec("15"), 6),
            Some(dec("1"))
        );
    }

    #[test]
    fn a_unit_of_another_dimension_is_no_unit_of_the_field() {
        assert_eq!(factor("亩", Unit::Wan), None);
        assert_eq!(factor("平方厘米", Unit::M2), None);
        assert!(accepted(Unit::M2).contains("公顷"));
    }

    #[test]
    fn every_field_unit_is_known_by_the_name_people_read() {
        for unit in [
            Unit::M,
            Unit::M2,
            Unit::Mu,
            Unit::Ha,
            Unit::Wan,
            Unit::WanPerMu,
            Unit::WanPerTce,
            Unit::Tce,
            Unit::Kwh,
            Unit::M3,
            Unit::T,
            Unit::Persons,
            Unit::Ratio,
            Unit::Years,
            Unit::Count,
        ] {
            assert_eq!(factor(shown(unit), unit), Some(Factor::ONE), "{unit:?}");
        }
    }
}
