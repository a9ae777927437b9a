//! Which runs may come onto the map, or be published with their grades. Whoever has looked at one knows its verdicts and grades
//! still, so the thresholds of another one, beside those, must not close in on what a single parcel or enterprise pays: 5 then
//! and 5.5 now tell the figure of every one that changed. What ranks tell is in [`super::graded`].

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use sqlx::PgConnection;

use crate::judgement::score::Scheme;
use crate::layer::APART;
use crate::layer::Layers;

use super::ruleset;
use super::threshold;

/// Thresholds by figure and the period that it is of; without any where it is compared with no number.
type Cuts = BTreeMap<(String, String), BTreeSet<Decimal>>;

/// What of a run is about to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Telling {
    /// Of parcels, on the map.
    Verdicts,
    /// Of enterprises, to everybody with an account.
    Grades,
}

#[derive(sqlx::FromRow)]
struct Applied {
    run_id: i64,
    year: i64,
    layer: String,
    text: String,
}

/// What the run would tell together with runs that were on the map or published; empty where nothing, or where the map has shown
/// it before.
pub(super) async fn closes_in(
    db: &mut PgConnection,
    layers: &Layers,
    run_id: i64,
    telling: Telling,
) -> anyhow::Result<Vec<String>> {
    let applied: Vec<Applied> = sqlx::query_as(
        "select run.run_id, run.year, it.key as layer, it.value ->> 'text' as text
         from mutu.evaluation_run run
         cross join jsonb_each(run.config -> 'rulesets') it
         where it.value ->> 'text' is not null
           and (run.run_id = $1 or run.run_id in (select run_id from mutu.run_shown))
         order by run.run_id",
    )
    .bind(run_id)
    .fetch_all(&mut *db)
    .await?;
    let was_shown: bool =
        sqlx::query_scalar("select exists (select from mutu.run_shown where run_id = $1)")
            .bind(run_id)
            .fetch_one(&mut *db)
            .await?;
    if was_shown && telling == Telling::Verdicts {
        return Ok(Vec::new());
    }
    let (mut new, mut known) = (Cuts::new(), Cuts::new());
    for it in applied {
        let Some(layer) = layers.find(&it.layer) else { continue };
        // A text that can be read no more tells of measures that there are no more.
        let Ok(set) = ruleset::read(layers, &it.text, it.year) else { continue };
        let own = match (it.run_id == run_id, telling) {
            (true, Telling::Verdicts) => &mut new,
            (true, Telling::Grades) if !was_shown => continue,
            _ => &mut known,
        };
        for (name, cuts) in threshold::told(layers, layer, &set) {
            let (name, year) = threshold::of_year(&name, it.year);
            own.entry((name, year.to_string())).or_default().extend(cuts);
        }
    }
    let scored: Vec<(i64, String, String)> = sqlx::query_as(
        "select run_id, period, config #>> '{scheme,text}' from mutu.evaluation_run
         where config #>> '{scheme,text}' is not null and (state <> 'draft' or run_id = $1 and $2)",
    )
    .bind(run_id)
    .bind(telling == Telling::Grades)
    .fetch_all(db)
    .await?;
    for (id, period, text) in scored {
        let Ok(scheme) = Scheme::parse(&text) else { continue };
        let is_new = id == run_id && telling == Telling::Grades;
        let own = if is_new { &mut new } else { &mut known };
        for (name, cuts) in threshold::of_scheme(&scheme) {
            own.entry((name, period.clone())).or_default().extend(cuts);
        }
    }
    Ok(between(&new, &known))
}

/// Sentences of which thresholds, one of each side, are too near each other.
fn between(new: &Cuts, known: &Cuts) -> Vec<String> {
    let mut found = Vec::new();
    for ((name, period), cuts) in new {
        let beside = known.get(&(name.clone(), period.clone()));
        if let Some(other) = beside.filter(|it| it.is_empty() != cuts.is_empty()) {
            let cut = cuts.iter().chain(other).next().map(ToString::to_string).unwrap_or_default();
            found.push(format!(
                "{period} 的 `{name}` 一处与常数 {cut} 比较，一处与其他数据比较，并用会透露数值 / `{name}` in {period} is compared with {cut} and, elsewhere, with other figures: together they tell it"
            ));
        }
        for other in beside.into_iter().flatten() {
            for cut in cuts.iter().filter(|it| *it != other) {
                let (low, high) = (cut.min(other), cut.max(other));
                let near = low.to_f64().zip(high.to_f64());
                if near.is_some_and(|(low, high)| low > 0.0 && high < low * APART) {
                    found.push(format!(
                        "{period} 的 `{name}` 的界值 {cut}，与曾展示或公示的评价的 {other} 过近 / the threshold {cut} of `{name}` in {period} is too near {other} of an evaluation that was shown or published"
                    ));
                }
            }
        }
        let others = [format!("{name}_per_mu"), name.trim_end_matches("_per_mu").to_owned()];
        for other in others.into_iter().filter(|it| it != name) {
            if known.contains_key(&(other.clone(), period.clone())) {
                found.push(format!(
                    "{period} 的 `{name}` 的界值，与曾展示或公示的评价的 `{other}` 按面积并用会透露数值 / thresholds of `{name}` in {period}, with those of `{other}` in an evaluation that was shown or published, tell the figure by the area"
                ));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cuts(all: &[(&str, i64, i64)]) -> Cuts {
        let mut cuts = Cuts::new();
        for (name, year, cut) in all {
            cuts.entry(((*name).to_owned(), year.to_string()))
                .or_default()
                .insert(Decimal::new(*cut, 1));
        }
        cuts
    }

    #[test]
    fn thresholds_of_two_runs_close_in_only_on_one_years_figure() {
        let known = cuts(&[("tax_wan_per_mu", 2025, 50), ("tax_wan_per_mu", 2025, 100)]);
        for (new, count) in [
            (cuts(&[("tax_wan_per_mu", 2025, 50)]), 0),
            (cuts(&[("tax_wan_per_mu", 2025, 55)]), 1),
            (cuts(&[("tax_wan_per_mu", 2025, 80)]), 0),
            (cuts(&[("tax_wan_per_mu", 2025, 81)]), 1),
            (cuts(&[("tax_wan_per_mu", 2024, 55)]), 0),
            (cuts(&[("tax_wan", 2025, 1000)]), 1),
            (cuts(&[("output_wan_per_mu", 2025, 55)]), 0),
        ] {
            assert_eq!(between(&new, &known).len(), count, "{new:?}");
        }
    }

    #[test]
    fn measures_of_years_before_are_those_years_figures() {
        let of = |it: &str| threshold::of_year(it, 2026);
        assert_eq!(of("tax_wan_per_mu_prev1"), ("tax_wan_per_mu".to_owned(), 2025));
        assert_eq!(of("tax_wan_per_mu_prev2"), ("tax_wan_per_mu".to_owned(), 2024));
        assert_eq!(of("far"), ("far".to_owned(), 2026));
    }

    #[test]
    fn vetoes_tell_the_thresholds_of_a_scheme_and_bands_do_not() {
        let layers = Layers::load(None).unwrap();
        let text = &layers.find("yield_per_mu").unwrap().schemes["jingde-2022"];
        let of = |when: &str| {
            let veto = "[[veto]]\nid = \"v\"\nwhen = \"WHEN\"\nbest = \"D\"\nsentence = { zh = \"一\", en = \"one\" }\n";
            let scheme = Scheme::parse(&format!("{text}\n{}", veto.replace("WHEN", when))).unwrap();
            let mut cuts = Cuts::new();
            for (name, own) in threshold::of_scheme(&scheme) {
                cuts.entry((name, "2025".to_owned())).or_default().extend(own);
            }
            cuts
        };
        assert_eq!(threshold::of_scheme(&Scheme::parse(text).unwrap()), BTreeMap::new());
        let five = of("tax_wan_per_mu < 5 AND land_mu > 3");
        assert_eq!(five, cuts(&[("tax_wan_per_mu", 2025, 50)]));
        assert_eq!(between(&of("tax_wan_per_mu < 5.5"), &five).len(), 1);
        assert_eq!(
            between(&of("tax_wan_per_mu < 7 OR A_CONTAINS(marks, ('环境违法'))"), &five),
            [""; 0]
        );
        // What is reckoned with, or laid beside another figure, has a threshold that nobody can name.
        for hidden in ["tax_wan_per_mu < energy_tce_per_mu", "2 * tax_wan_per_mu < 11"] {
            assert_eq!(between(&of(hidden), &five).len(), 1, "{hidden}");
            assert_eq!(between(&five, &of(hidden)).len(), 1, "{hidden}");
        }
        assert_eq!(between(&of("tax_wan < 100"), &five).len(), 1, "by the area");
    }
}
