//! Which class a parcel belongs to, from the areas that each class covers (domain brief, §1).
//!
//! The areas come from an overlay against unions, taken in the order of the classes, so that no place counts twice:
//! `parcel ∩ ⋃blocks`, then `(parcel \ blocks) ∩ ⋃construction area`, and what is left is the remainder class.

use rust_decimal::Decimal;

/// How classes are told apart. Stored with the run.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Classes with an area of their own, in the order in which they claim land.
    pub classes: Vec<String>,
    /// The class of land that no other claims.
    pub remainder: String,
    /// Classes that only an officer gives, such as `scattered`.
    pub officer_only: Vec<String>,
    /// A largest share below this makes a parcel straddle.
    pub share_at_least: Decimal,
    /// Intersections below this many m², or below `sliver_share` of the parcel, are slivers.
    pub sliver_m2: Decimal,
    pub sliver_share: Decimal,
}

impl Settings {
    /// The brief's numbers: 0.90; 1 m² and 0.1 %.
    pub fn new(classes: &[&str], remainder: &str, officer_only: &[&str]) -> Self {
        let owned = |names: &[&str]| names.iter().map(|it| (*it).to_owned()).collect();
        Self {
            classes: owned(classes),
            remainder: remainder.to_owned(),
            officer_only: owned(officer_only),
            share_at_least: Decimal::new(90, 2),
            sliver_m2: Decimal::ONE,
            sliver_share: Decimal::new(1, 3),
        }
    }
}

/// A class's part of a parcel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    pub class: String,
    /// m², of the overlay's own plane.
    pub area_m2: Decimal,
    /// Six places; the shares of a parcel sum to exactly 1.
    pub share: Decimal,
}

/// Where a class comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, schemars::JsonSchema)]
#[schemars(rename = "ClassSource", rename_all = "snake_case")]
pub enum Source {
    Overlay,
    /// An officer decided; no overlay changes that.
    Officer,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// In the order of the classes, the remainder last; classes without a share are left out.
    pub shares: Vec<Share>,
    pub class: String,
    /// A fact of geometry: the largest share is below `share_at_least`. An officer's decision does not change it.
    pub straddle: bool,
    pub source: Source,
    /// The name of the polygon of its class in which most of the parcel lies, where the class names its polygons.
    pub name: Option<String>,
}

impl Assignment {
    /// With the name of that polygon, from the m² that polygons of each class and name claim. Of equal parts the earlier one
    /// wins; land without a name is not asked. A class that no polygon made (the remainder, an officer's) has no name.
    #[must_use]
    pub fn named(mut self, parts: &[(&str, &str, Decimal)]) -> Self {
        let mut largest: Option<(&str, Decimal)> = None;
        for (_, name, area) in parts.iter().filter(|it| it.0 == self.class) {
            if largest.is_none_or(|it| *area > it.1) {
                largest = Some((name, *area));
            }
        }
        self.name = largest.map(|it| it.0.to_owned());
        self
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("宗地面积应大于 0 / a parcel's area must be above 0")]
    NoArea,
    #[error("没有类别 `{0}` / no class `{0}`")]
    UnknownClass(String),
    #[error("类别 `{0}` 的面积为负 / the area of class `{0}` is negative")]
    NegativeArea(String),
    /// The caller counted a place twice.
    #[error(
        "各类面积之和 {sum_m2} m² 大于宗地 {area_m2} m² / classes cover {sum_m2} m² of {area_m2} m²"
    )]
    Overfull { sum_m2: Decimal, area_m2: Decimal },
}

/// Assigns a class to a parcel of `area_m2` from the areas that each class claims of it, both in the overlay's plane.
///
/// Several parts of one class are added up, and the order of the parts changes nothing. Slivers are dropped and their
/// land goes to the other classes in proportion. Of equal shares the class that claims land earlier wins.
pub fn assign(
    area_m2: Decimal,
    parts: &[(&str, Decimal)],
    settings: &Settings,
    officer: Option<&str>,
) -> Result<Assignment, Fault> {
    if area_m2 <= Decimal::ZERO {
        return Err(Fault::NoArea);
    }
    let sliver = settings.sliver_m2.max(area_m2 * settings.sliver_share);
    let areas = areas_by_class(area_m2, parts, settings, sliver)?;
    let mut kept: Vec<(&str, Decimal)> =
        areas.iter().filter(|(_, it)| *it >= sliver).copied().collect();
    if kept.is_empty() {
        // A parcel smaller than a sliver still has a class.
        kept = areas.into_iter().filter(|(_, it)| *it > Decimal::ZERO).collect();
    }
    let total: Decimal = kept.iter().map(|(_, it)| *it).sum();
    let mut largest = kept[0];
    for part in &kept[1..] {
        if part.1 > largest.1 {
            largest = *part;
        }
    }
    let shares = shares_of(&kept, total);
    let shares: Vec<Share> = std::iter::zip(&kept, shares)
        .map(|((class, area_m2), share)| Share {
            class: (*class).to_owned(),
            area_m2: *area_m2,
            share,
        })
        .collect();
    let straddle = largest.1 < settings.share_at_least * total;
    let (class, source) = match officer {
        Some(class) => (known(class, settings)?, Source::Officer),
        None => (largest.0.to_owned(), Source::Overlay),
    };
    Ok(Assignment { shares, class, straddle, source, name: None })
}

fn known(class: &str, settings: &Settings) -> Result<String, Fault> {
    let mut all =
        settings.classes.iter().chain(&settings.officer_only).chain([&settings.remainder]);
    all.find(|it| *it == class).cloned().ok_or_else(|| Fault::UnknownClass(class.to_owned()))
}

/// The area of every class in order, the remainder last.
fn areas_by_class<'a>(
    area_m2: Decimal,
    parts: &[(&str, Decimal)],
    settings: &'a Settings,
    tolerance: Decimal,
) -> Result<Vec<(&'a str, Decimal)>, Fault> {
    let mut areas: Vec<(&str, Decimal)> =
        settings.classes.iter().map(|it| (it.as_str(), Decimal::ZERO)).collect();
    for (class, part) in parts {
        if *part < Decimal::ZERO {
            return Err(Fault::NegativeArea((*class).to_owned()));
        }
        match areas.iter_mut().find(|(it, _)| it == class) {
            Some((_, area)) => *area = area.saturating_add(*part),
            None => return Err(Fault::UnknownClass((*class).to_owned())),
        }
    }
    let sum_m2 = areas.iter().fold(Decimal::ZERO, |sum, (_, it)| sum.saturating_add(*it));
    if sum_m2 > area_m2.saturating_add(tolerance) {
        return Err(Fault::Overfull { sum_m2, area_m2 });
    }
    // The noise of clipping may cover a parcel a little more than whole.
    let rest = (area_m2 - sum_m2).max(Decimal::ZERO);
    // Polygons may claim the remainder's class by name too: it is one class all the same.
    match areas.iter_mut().find(|(it, _)| *it == settings.remainder) {
        Some((_, area)) => *area = area.saturating_add(rest),
        None => areas.push((&settings.remainder, rest)),
    }
    Ok(areas)
}

/// Shares of six places that sum to exactly 1: each rounded down, the missing millionths to the largest rests.
fn shares_of(kept: &[(&str, Decimal)], total: Decimal) -> Vec<Decimal> {
    let millionth = Decimal::new(1, 6);
    let exact: Vec<Decimal> = kept.iter().map(|(_, it)| it / total).collect();
    let mut shares: Vec<Decimal> = exact.iter().map(|it| it.trunc_with_scale(6)).collect();
    let mut by_rest: Vec<usize> = (0..kept.len()).collect();
    // A stable sort: of equal rests the earlier class is served first.
    by_rest.sort_by_key(|it| std::cmp::Reverse(exact[*it] - shares[*it]));
    let mut missing = Decimal::ONE - shares.iter().sum::<Decimal>();
    for index in by_rest.into_iter().cycle() {
        if missing < millionth {
            break;
        }
        shares[index] += millionth;
        missing -= millionth;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn shanghai() -> Settings {
        Settings::new(&["104", "195"], "198", &["scattered"])
    }

    fn classes(it: &Assignment) -> Vec<(&str, String)> {
        it.shares.iter().map(|it| (it.class.as_str(), it.share.normalize().to_string())).collect()
    }

    #[test]
    fn golden_share_sum_is_one_with_the_remainder() {
        let parts = [("104", dec("3333.333333")), ("195", dec("3333.333333"))];
        let it = assign(dec("10000"), &parts, &shanghai(), None).unwrap();
        assert_eq!(it.shares.iter().map(|it| it.share).sum::<Decimal>(), Decimal::ONE);
        assert_eq!(it.shares.len(), 3);
        assert!(it.straddle);
        assert_eq!(it.class, "198", "the remainder has 3333.333334 m²");
    }

    #[test]
    fn ninety_per_cent_is_not_straddling_and_just_below_is() {
        let at =
            |area: &str| assign(dec("1000"), &[("104", dec(area))], &shanghai(), None).unwrap();
        assert!(!at("900").straddle);
        assert!(at("899.9999").straddle);
        assert_eq!(at("899.9999").class, "104");
    }

    #[test]
    fn of_equal_shares_the_earlier_class_wins() {
        let parts = [("195", dec("500")), ("104", dec("500"))];
        assert_eq!(assign(dec("1000"), &parts, &shanghai(), None).unwrap().class, "104");
    }

    #[test]
    fn a_parcel_has_the_name_of_the_polygon_with_most_of_it_in_its_class() {
        let at = |officer| {
            assign(dec("1000"), &[("104", dec("600")), ("195", dec("400"))], &shanghai(), officer)
        };
        let parts = [
            ("104", "east", dec("250")),
            ("104", "west", dec("350")),
            ("195", "the area", dec("400")),
        ];
        let name = |officer, parts: &[_]| at(officer).unwrap().named(parts).name;
        assert_eq!(name(None, &parts).as_deref(), Some("west"));
        assert_eq!(name(Some("195"), &parts).as_deref(), Some("the area"));
        assert_eq!(name(Some("scattered"), &parts), None, "no polygon made the class");
        let equal = [("104", "b", dec("300")), ("104", "a", dec("300"))];
        assert_eq!(name(None, &equal).as_deref(), Some("b"), "the earlier one");
        assert_eq!(name(None, &[]), None);
    }

    #[test]
    fn slivers_are_dropped_and_their_land_shared_out() {
        let parts = [("104", dec("99950")), ("195", dec("30"))];
        let it = assign(dec("100000"), &parts, &shanghai(), None).unwrap();
        assert_eq!(classes(&it), [("104", "1".to_owned())]);
        let tiny = assign(dec("0.5"), &[("195", dec("0.3"))], &shanghai(), None).unwrap();
        assert_eq!((tiny.class.as_str(), tiny.shares.len()), ("195", 2));
    }

    #[test]
    fn polygons_of_the_remainders_class_and_the_remainder_are_one_class() {
        let settings = Settings::new(&["104", "198"], "198", &[]);
        let parts = [("104", dec("300")), ("198", dec("300"))];
        let it = assign(dec("1000"), &parts, &settings, None).unwrap();
        assert_eq!(classes(&it), [("104", "0.3".to_owned()), ("198", "0.7".to_owned())]);
        assert_eq!(it.class, "198");
    }

    #[test]
    fn an_officer_is_not_overruled() {
        let it =
            assign(dec("1000"), &[("104", dec("500"))], &shanghai(), Some("scattered")).unwrap();
        assert_eq!(
            (it.class.as_str(), it.source, it.straddle),
            ("scattered", Source::Officer, true)
        );
        let unknown = assign(dec("1000"), &[], &shanghai(), Some("105"));
        assert_eq!(unknown, Err(Fault::UnknownClass("105".to_owned())));
    }

    #[test]
    fn impossible_areas_are_refused() {
        assert_eq!(assign(Decimal::ZERO, &[], &shanghai(), None), Err(Fault::NoArea));
        let twice = [("104", dec("900")), ("195", dec("900"))];
        assert!(matches!(
            assign(dec("1000"), &twice, &shanghai(), None),
            Err(Fault::Overfull { .. })
        ));
        let noise =
            assign(dec("1000"), &[("104", dec("1000.0000004"))], &shanghai(), None).unwrap();
        assert_eq!(classes(&noise), [("104", "1".to_owned())]);
    }

    proptest! {
        #[test]
        fn shares_sum_to_one_and_neither_order_nor_splitting_matters(
            first in 0_i64..1_000_000_000, second in 0_i64..1_000_000_000, rest in 1_i64..1_000_000_000, cut in 0_i64..100,
        ) {
            let m2 = |it: i64| Decimal::new(it, 4);
            let area = m2(first + second + rest);
            let whole = assign(area, &[("104", m2(first)), ("195", m2(second))], &shanghai(), None).unwrap();
            let sliced = first * cut / 100;
            let split = [("195", m2(second)), ("104", m2(first - sliced)), ("104", m2(sliced))];
            prop_assert_eq!(&assign(area, &split, &shanghai(), None).unwrap(), &whole);
            prop_assert_eq!(whole.shares.iter().map(|it| it.share).sum::<Decimal>(), Decimal::ONE);
            let largest = whole.shares.iter().map(|it| it.area_m2).max().unwrap();
            let own = whole.shares.iter().find(|it| it.class == whole.class).unwrap();
            prop_assert_eq!(own.area_m2, largest);
        }
    }
}
