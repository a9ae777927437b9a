//! What the grades of several published runs tell together. A grade says between which members of its cohort an enterprise
//! lies, and whoever knows some of their figures has bounds for the others'. One run's grades are meant to be told; but the
//! part of a cohort that two schemes cut out together may be a handful, down to a single enterprise between two that somebody
//! knows. So what several runs tell of an enterprise together they must tell of at least [`FEW`] alike, or one of them by
//! itself. Runs of the same scheme are not held against each other: that is how corrected data are published.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;

use sqlx::PgConnection;

use crate::judgement::score::FEW;

/// Where a run's grade puts an enterprise: its cohort, and the grade in it.
type Place = (Option<String>, Option<String>);

/// What a run's grades tell, by enterprise; nothing of those outside of its ranking, whose class follows from their fields.
type Told = HashMap<String, Place>;

/// What the run's grades would tell together with those of published runs of the same period and other schemes, of each scheme
/// the last; empty where nothing.
pub(super) async fn closes_in(db: &mut PgConnection, run_id: i64) -> sqlx::Result<Vec<String>> {
    let others: Vec<(i64, Option<String>)> = sqlx::query_as(
        "select distinct on (it.config #>> '{scheme,text}') it.run_id, it.scheme
         from mutu.evaluation_run own
         join mutu.evaluation_run it using (period)
         where own.run_id = $1 and it.run_id <> $1 and it.state <> 'draft'
           and it.config #>> '{scheme,text}' <> own.config #>> '{scheme,text}'
         order by it.config #>> '{scheme,text}', it.run_id desc",
    )
    .bind(run_id)
    .fetch_all(&mut *db)
    .await?;
    if others.is_empty() {
        return Ok(Vec::new());
    }
    let new = told(db, run_id).await?;
    let mut known = Vec::with_capacity(others.len());
    for (other, _) in &others {
        known.push(told(db, *other).await?);
    }
    let count = singled_out(&new, &known);
    if count == 0 {
        return Ok(Vec::new());
    }
    let runs: Vec<String> = others
        .iter()
        .map(|(id, scheme)| format!("{id} ({})", scheme.as_deref().unwrap_or_default()))
        .collect();
    Ok(vec![format!(
        "与已公示的评价 {runs} 的等级并看，{count} 户落入不足 {FEW} 户的区间 / with the grades of the published evaluations {runs}, {count} enterprises are told apart from all but fewer than {FEW}",
        runs = runs.join(", "),
    )])
}

async fn told(db: &mut PgConnection, run_id: i64) -> sqlx::Result<Told> {
    let rows: Vec<(String, Option<String>, Option<String>)> = sqlx::query_as(
        "select uscc, cohort, grade from mutu.enterprise_result where run_id = $1 and rank is not null",
    )
    .bind(run_id)
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|(uscc, cohort, grade)| (uscc, (cohort, grade))).collect())
}

/// How many enterprises the new grades and the known ones put together among fewer than [`FEW`], where neither side does alone.
fn singled_out(new: &Told, known: &[Told]) -> usize {
    let runs: Vec<&Told> = std::iter::once(new).chain(known).collect();
    // Which runs rank an enterprise: the others tell nothing of it.
    let ranked = |uscc: &str| -> Vec<usize> {
        (0..runs.len()).filter(|it| runs[*it].contains_key(uscc)).collect()
    };
    let mut masks: HashMap<&str, Vec<usize>> = HashMap::with_capacity(new.len());
    for uscc in new.keys() {
        masks.insert(uscc, ranked(uscc));
    }
    let distinct: BTreeSet<&Vec<usize>> = masks.values().filter(|it| it.len() > 1).collect();
    let mut found = 0;
    for mask in distinct {
        let together = alike(&runs, mask);
        let before = alike(&runs, &mask[1..]);
        let alone = alike(&runs, &mask[..1]);
        for (uscc, _) in masks.iter().filter(|it| it.1 == mask) {
            let of = |counts: &BTreeMap<Vec<&Place>, usize>, mask: &[usize]| {
                let places: Option<Vec<&Place>> =
                    mask.iter().map(|it| runs[*it].get(*uscc)).collect();
                places.and_then(|it| counts.get(&it).copied()).unwrap_or(0)
            };
            let both = of(&together, mask);
            let narrower = both < of(&before, &mask[1..]) && both < of(&alone, &mask[..1]);
            found += usize::from(both < FEW && narrower);
        }
    }
    found
}

/// How many enterprises have the same places in all these runs.
fn alike<'a>(runs: &[&'a Told], mask: &[usize]) -> BTreeMap<Vec<&'a Place>, usize> {
    let mut counts = BTreeMap::new();
    let Some(first) = mask.first() else { return counts };
    for uscc in runs[*first].keys() {
        let places: Option<Vec<&Place>> = mask.iter().map(|it| runs[*it].get(uscc)).collect();
        if let Some(it) = places {
            *counts.entry(it).or_insert(0) += 1;
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Enterprises 0.. in the order of their rank, in bands that end at these.
    fn banded(all: usize, ends: &[usize]) -> Told {
        let grade = |n: usize| ends.iter().position(|end| n < *end).unwrap_or(ends.len());
        (0..all).map(|n| (n.to_string(), (None, Some(grade(n).to_string())))).collect()
    }

    #[test]
    fn bands_that_end_near_each_other_single_out_who_is_between() {
        let one = banded(40, &[8, 24, 38]);
        for (other, count) in [
            // The same bands, and those that leave at least five between.
            (banded(40, &[8, 24, 38]), 0),
            (banded(40, &[13, 24, 38]), 0),
            // Two between 8 and 10: and of the eight only the eight.
            (banded(40, &[10, 24, 38]), 2),
            (banded(40, &[8, 24, 37]), 1),
            (banded(40, &[6, 24]), 2),
        ] {
            assert_eq!(singled_out(&other, std::slice::from_ref(&one)), count, "{other:?}");
            assert_eq!(singled_out(&one, &[other]), count, "whichever came first");
        }
        // What one run tells by itself is told.
        assert_eq!(singled_out(&banded(40, &[39]), &[]), 0);
        assert_eq!(singled_out(&banded(40, &[39]), &[banded(40, &[])]), 0);
    }

    #[test]
    fn who_is_not_ranked_by_a_run_is_not_told_apart_by_it() {
        let one = banded(12, &[6]);
        let mut other = banded(12, &[6]);
        other.retain(|uscc, _| uscc != "3" && uscc != "4");
        assert_eq!(singled_out(&other, std::slice::from_ref(&one)), 0);
        assert_eq!(singled_out(&one, &[other]), 0);
    }

    #[test]
    fn of_three_runs_two_may_tell_what_all_three_do() {
        let (one, two) = (banded(40, &[20]), banded(40, &[18]));
        assert_eq!(singled_out(&two, std::slice::from_ref(&one)), 2);
        // The third adds nothing to what is known of these.
        assert_eq!(singled_out(&banded(40, &[20]), &[one.clone(), two.clone()]), 0);
        assert_eq!(singled_out(&banded(40, &[19]), &[one, two]), 2);
    }

    proptest! {
        /// As defined, by comparing every enterprise with every other one.
        #[test]
        fn counting_agrees_with_the_definition(
            places in prop::collection::vec(prop::collection::vec(prop::option::of(0_u8..3), 3), 1..25),
        ) {
            let run = |k: usize| -> Told {
                let own = places.iter().enumerate().filter_map(|(n, of)| Some((n, of[k]?)));
                own.map(|(n, it)| (n.to_string(), (None, Some(it.to_string())))).collect()
            };
            let alike = |x: &[Option<u8>], ks: &[usize]| {
                let same = |y: &&Vec<Option<u8>>| ks.iter().all(|k| x[*k].is_none() || x[*k] == y[*k]);
                places.iter().filter(same).count()
            };
            let wanted = places.iter().filter(|x| {
                let told = x[0].is_some() && (x[1].is_some() || x[2].is_some());
                let both = alike(x, &[0, 1, 2]);
                told && both < FEW && both < alike(x, &[0]) && both < alike(x, &[1, 2])
            });
            prop_assert_eq!(singled_out(&run(0), &[run(1), run(2)]), wanted.count());
        }
    }
}
