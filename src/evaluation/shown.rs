//! Which runs may come onto the map. Whoever has looked at one knows its verdicts still, so the thresholds of another one, beside
//! those, must not close in on what a single parcel pays: 5 then and 5.5 now tell the figure of every parcel that changed.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use sqlx::PgConnection;

use crate::layer::APART;
use crate::layer::Layers;

use super::ruleset;
use super::threshold;

/// Thresholds by figure and the year that it is of.
type Cuts = BTreeMap<(String, i64), BTreeSet<Decimal>>;

#[derive(sqlx::FromRow)]
struct Applied {
    run_id: i64,
    year: i64,
    layer: String,
    text: String,
}

/// What the run's verdicts would tell together with those of runs that were on the map; empty where nothing, or where it was
/// there itself.
pub(super) async fn closes_in(
    db: &mut PgConnection,
    layers: &Layers,
    run_id: i64,
) -> anyhow::Result<Vec<String>> {
    let applied: Vec<Applied> = sqlx::query_as(
        "select run.run_id, run.year, it.key as layer, it.value ->> 'text' as text
         from mutu.evaluation_run run
         cross join jsonb_each(run.config -> 'rulesets') it
         where it.value ->> 'text' is not null
           and not exists (select from mutu.run_shown own where own.run_id = $1)
           and (run.run_id = $1 or run.run_id in (select run_id from mutu.run_shown))
         order by run.run_id",
    )
    .bind(run_id)
    .fetch_all(db)
    .await?;
    let (mut new, mut known) = (Cuts::new(), Cuts::new());
    for it in applied {
        let Some(layer) = layers.find(&it.layer) else { continue };
        // A text that can be read no more tells of measures that there are no more.
        let Ok(set) = ruleset::read(layers, &it.text, it.year) else { continue };
        let own = if it.run_id == run_id { &mut new } else { &mut known };
        for (name, cuts) in threshold::told(layers, layer, &set) {
            own.entry(threshold::of_year(&name, it.year)).or_default().extend(cuts);
        }
    }
    Ok(between(&new, &known))
}

/// Sentences of which thresholds, one of each side, are too near each other.
fn between(new: &Cuts, known: &Cuts) -> Vec<String> {
    let mut found = Vec::new();
    for ((name, year), cuts) in new {
        for other in known.get(&(name.clone(), *year)).into_iter().flatten() {
            for cut in cuts.iter().filter(|it| *it != other) {
                let (low, high) = (cut.min(other), cut.max(other));
                let near = low.to_f64().zip(high.to_f64());
                if near.is_some_and(|(low, high)| low > 0.0 && high < low * APART) {
                    found.push(format!(
                        "{year} 年 `{name}` 的界值 {cut}，与曾展示的评价的 {other} 过近 / the threshold {cut} of `{name}` in {year} is too near {other} of an evaluation that was shown"
                    ));
                }
            }
        }
        let others = [format!("{name}_per_mu"), name.trim_end_matches("_per_mu").to_owned()];
        for other in others.into_iter().filter(|it| it != name) {
            if known.contains_key(&(other.clone(), *year)) {
                found.push(format!(
                    "{year} 年 `{name}` 的界值，与曾展示的评价的 `{other}` 按面积并用会透露数值 / thresholds of `{name}` in {year}, with those of `{other}` in an evaluation that was shown, tell the figure by the area of each parcel"
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
            cuts.entry(((*name).to_owned(), *year)).or_default().insert(Decimal::new(*cut, 1));
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
}
