//! Statistics from a layer's snapshot: the same digits as from the database, without asking it. Only rows at the very edge
//! of a box or a polygon are asked for there, by their ids, and only as long as it has the snapshot's revision.

use std::collections::HashSet;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::Answer;
use super::Counts;
use super::Question;
use super::Rows;
use super::Selected;
use super::breaks::Spread;
use super::place::Touching;
use super::queries;
use super::sums;
use super::sums::Slice;
use crate::access::Scope;
use crate::app::App;
use crate::error::Result;
use crate::layer::Layer;
use crate::snapshot::Bitmap;
use crate::snapshot::Held;
use crate::snapshot::View;
use crate::snapshot::ViewPart;

/// Rows at an edge beyond which the database answers the whole question sooner.
const OPEN_AT_MOST: usize = 20_000;

/// A question before the snapshot that has the answer.
#[derive(Clone, Copy)]
struct Asked<'a> {
    layer: &'a Layer,
    scope: &'a Scope,
    question: &'a Question,
    held: &'a Held,
}

/// The rows that are asked about, part by part.
struct Chosen {
    rows: Vec<Bitmap>,
    /// Of those, the ones of which the database knows whether they touch the area: part, row, id.
    open: Vec<(usize, usize, i64)>,
}

/// The answer from the snapshot; `None` where only the database has it.
pub(super) async fn answer(
    app: &App,
    held: Held,
    selected: &Selected<'_>,
    question: &Question,
) -> Result<Option<Answer>> {
    let owned = Arc::new((app.clone(), selected.scope.clone(), question.clone(), held));
    let it = owned.clone();
    let chosen = apart(move || asked(&it)?.choose());
    let Some(mut chosen) = chosen.await? else { return Ok(None) };
    if !chosen.open.is_empty() {
        let ids: Vec<i64> = chosen.open.iter().map(|it| it.2).collect();
        let mut db = app.db.read(selected.scope).await?;
        let (revision, found) = queries::touching(&mut db, selected, &ids).await?;
        if revision != owned.3.snapshot.revision {
            return Ok(None);
        }
        let found: HashSet<i64> = found.into_iter().collect();
        for (part, row, id) in chosen.open.drain(..) {
            if found.contains(&id) {
                chosen.rows[part].set(row);
            }
        }
    }
    apart(move || asked(&owned)?.sum(&chosen)).await
}

fn asked((app, scope, question, held): &(App, Scope, Question, Held)) -> Result<Asked<'_>> {
    Ok(Asked { layer: app.layer(scope, &question.layer)?, scope, question, held })
}

/// The answer of memory alone, and of how many rows at an edge it does not know whether they touch the area: they are not
/// in it. `None` where only the database has it. For benchmarks, which have none.
pub fn without_database(
    held: &Held,
    layer: &Layer,
    scope: &Scope,
    question: &Question,
) -> Result<Option<(Answer, usize)>> {
    let asked = Asked { layer, scope, question, held };
    let Some(chosen) = asked.choose()? else { return Ok(None) };
    Ok(asked.sum(&chosen)?.map(|it| (it, chosen.open.len())))
}

/// Beside the threads that wait for clients: a million rows take milliseconds of work.
async fn apart<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|it| anyhow::anyhow!("statistics from the snapshot: {it}"))?
}

impl Asked<'_> {
    fn choose(self) -> Result<Option<Chosen>> {
        let selected = Selected::look_up(self.layer, self.scope, self.question)?;
        let view = View::new(&self.held.snapshot, self.layer, self.scope);
        let mut rows: Vec<Bitmap> = match &selected.filter {
            Some(filter) => match view.select(filter) {
                Some(it) => it,
                None => return Ok(None),
            },
            None => view.parts().map(|it| it.rows()).collect(),
        };
        let ids = selected.ids.map(|ids| {
            let mut ids = ids.to_vec();
            ids.sort_unstable();
            ids
        });
        let mut open = Vec::new();
        for (nth, (part, rows)) in view.parts().zip(&mut rows).enumerate() {
            let mut left = std::mem::take(rows);
            if selected.rows == Rows::OwnUnits {
                left = match part.own_rows() {
                    Some(own) => left.and(&own),
                    None => return Ok(None),
                };
            }
            if let Some(ids) = &ids {
                left = left.and(&named(part.part.ids(), ids));
            }
            let touching = selected.bbox.map(|it| Touching::bbox(part.part, it));
            let touching = match (&selected.polygon, touching) {
                (None, it) => it,
                (Some(polygon), None) => Some(Touching::polygon(part.part, polygon)),
                (Some(polygon), Some(it)) => Some(it.and(&Touching::polygon(part.part, polygon))),
            };
            if let Some(touching) = touching {
                let unsure = left.clone().and(&touching.open);
                open.extend(unsure.rows().map(|row| (nth, row, part.part.ids()[row])));
                left = left.and(&touching.yes);
            }
            *rows = left;
        }
        Ok((open.len() <= OPEN_AT_MOST).then_some(Chosen { rows, open }))
    }

    fn sum(self, chosen: &Chosen) -> Result<Option<Answer>> {
        let selected = Selected::look_up(self.layer, self.scope, self.question)?;
        let view = View::new(&self.held.snapshot, self.layer, self.scope);
        let parts: Vec<_> = view.parts().collect();
        let own: Vec<Option<Bitmap>> = parts.iter().map(ViewPart::own_rows).collect();
        let slices: Vec<Slice<'_>> = parts
            .iter()
            .zip(&own)
            .zip(&chosen.rows)
            .map(|((part, own), rows)| Slice { part, rows, own: own.as_ref() })
            .collect();
        let Some((groups, total)) = sums::groups(&slices, &selected)? else { return Ok(None) };
        let mut answer = Answer {
            layer: self.layer.id.clone(),
            revision: self.held.snapshot.revision,
            stale: self.held.is_stale,
            rows: selected.rows,
            published: false,
            groups,
            total,
            histogram: None,
            breaks: None,
        };
        if let Some(asked) = &self.question.histogram {
            let Some(values) = Values::of(&slices, &asked.field) else { return Ok(None) };
            let spread = values.spread();
            let bounds = asked.bounds(&spread);
            let counts = values.counts(&bounds);
            answer.histogram = Some(Counts::new(&asked.field, bounds, counts, &spread));
        }
        if let Some(asked) = &self.question.breaks {
            let Some(mut values) = Values::of(&slices, &asked.field) else { return Ok(None) };
            let spread = values.spread();
            let ranked = values.ranked(&asked.ranks(&spread));
            let bounds = asked.bounds(&spread, &ranked);
            let counts = values.counts(&bounds);
            answer.breaks = Some(Counts::new(&asked.field, bounds, counts, &spread));
        }
        Ok(Some(answer))
    }
}

/// The rows whose ids are among those named, which rise.
fn named(ids: &[i64], named: &[i64]) -> Bitmap {
    let (Some(first), Some(last)) = (named.first(), named.last()) else {
        return Bitmap::none(ids.len());
    };
    ids.iter().map(|it| (first..=last).contains(&it) && named.binary_search(it).is_ok()).collect()
}

/// The values of a field in the chosen rows.
struct Values {
    /// In steps of 1/10^`places`.
    steps: Vec<i64>,
    places: u32,
    missing: i64,
}

impl Values {
    fn of(slices: &[Slice<'_>], field: &str) -> Option<Self> {
        let parts: Vec<_> = slices.iter().map(|it| it.numbers(field)).collect::<Option<_>>()?;
        let places = parts.iter().map(|it| it.places).max().unwrap_or(0);
        let known: usize = parts.iter().map(|it| it.rows.count()).sum();
        let all: usize = slices.iter().map(|it| it.rows.count()).sum();
        let mut values = Vec::with_capacity(known);
        for part in &parts {
            let factor = 10_i64.checked_pow(places - part.places)?;
            if factor == 1 {
                values.extend(part.rows.rows().map(|row| part.values[row]));
                continue;
            }
            for row in part.rows.rows() {
                values.push(part.values[row].checked_mul(factor)?);
            }
        }
        Some(Self { steps: values, places, missing: i64::try_from(all - known).ok()? })
    }

    fn decimal(&self, steps: i64) -> Decimal {
        Decimal::new(steps, self.places).normalize()
    }

    fn spread(&self) -> Spread {
        let ends = self.steps.iter().min().zip(self.steps.iter().max());
        Spread {
            known: self.steps.len() as u64,
            missing: self.missing,
            ends: ends.map(|(min, max)| (self.decimal(*min), self.decimal(*max))),
        }
    }

    /// How many are in each class: one more than there are bounds.
    fn counts(&self, bounds: &[Decimal]) -> Vec<i64> {
        let mut counts = vec![0; bounds.len() + 1];
        // The first step that is not below the bound: beyond 64 bits no value reaches it, before them each one does.
        let steps = bounds.iter().map(|it| first_step(*it, self.places).max(i64::MIN.into()));
        let steps: Vec<i64> = steps.map_while(|it| it.try_into().ok()).collect();
        for value in &self.steps {
            let class = if steps.len() <= 32 {
                // Without a branch that could be foreseen wrongly, as every other one of a search would be.
                steps.iter().map(|it| usize::from(it <= value)).sum()
            } else {
                steps.partition_point(|it| it <= value)
            };
            counts[class] += 1;
        }
        counts
    }

    /// Those of the ranks, which rise.
    fn ranked(&mut self, ranks: &[u64]) -> Vec<Decimal> {
        let ranks: Vec<usize> = ranks.iter().filter_map(|it| usize::try_from(*it).ok()).collect();
        if ranks.len() > 16 {
            self.steps.sort_unstable();
        } else {
            select(&mut self.steps, &ranks, 0);
        }
        ranks.iter().filter_map(|it| self.steps.get(*it)).map(|it| self.decimal(*it)).collect()
    }
}

/// Puts the values of those ranks where they would be if all were sorted. `values` begin at the rank `first`.
fn select(values: &mut [i64], ranks: &[usize], first: usize) {
    let Some(middle) = ranks.get(ranks.len() / 2) else { return };
    let (before, _, after) = values.select_nth_unstable(middle - first);
    let (low, high) = ranks.split_at(ranks.len() / 2);
    select(before, low, first);
    select(after, &high[1..], middle + 1);
}

fn first_step(bound: Decimal, places: u32) -> i128 {
    let (mantissa, scale) = (bound.mantissa(), bound.scale());
    if scale > places {
        let divisor = 10_i128.pow(scale - places);
        return mantissa.div_euclid(divisor) + i128::from(mantissa.rem_euclid(divisor) != 0);
    }
    let far = if mantissa < 0 { i128::MIN } else { i128::MAX };
    let factor = 10_i128.checked_pow(places - scale);
    factor.and_then(|it| mantissa.checked_mul(it)).unwrap_or(if mantissa == 0 { 0 } else { far })
}
