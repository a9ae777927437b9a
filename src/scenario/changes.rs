//! What changed from one run to another, and why: the rules, or what they read. A parcel's old facts are judged by the new
//! rules and its new facts by the old ones; whichever differs from what the runs found is a reason. Of facts it is told
//! which they are: figures, the register, the plan that lies over the parcel, or an officer's own decision on its class.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

use crate::access::Scope;
use crate::app::App;
use crate::cql::Value;
use crate::error::Error;
use crate::error::Result;
use crate::judgement::measures::MEASURES;
use crate::judgement::rule::Changes;
use crate::layer::Kind;
use crate::snapshot::Column;
use crate::snapshot::frame::Frame;

use super::Question;
use super::Rows;
use super::officer;
use super::preview;
use super::preview::Walk;
use super::queries;
use super::ruleset;
use super::tally::VERDICTS;
use super::tally::judged;

/// Parcels of one kind of change that are named.
const IDS: usize = 1_000;

/// Which other run, and in which layer.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// An earlier run; the one before where it is left out.
    #[serde(default)]
    pub against: Option<i64>,
    #[serde(default)]
    pub layer: Option<String>,
}

/// What a run found other than an earlier one.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RunChanges {
    pub layer: String,
    pub run_id: i64,
    pub year: i64,
    pub ruleset: Option<String>,
    /// The earlier run.
    pub against: i64,
    pub against_year: i64,
    pub against_ruleset: Option<String>,
    /// Whether the text of the rules is another.
    pub rules_changed: bool,
    /// Layers that moved on between the two.
    pub layers: Vec<LayerMoved>,
    pub rows: Rows,
    /// Parcels that only the later run has, and only the earlier one.
    pub appeared: u64,
    pub gone: u64,
    pub verdicts: Vec<VerdictChange>,
}

/// A layer's revisions at the two runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema, sqlx::FromRow)]
pub struct LayerMoved {
    pub layer: String,
    pub from: i64,
    pub to: i64,
}

/// Parcels whose verdict changed in one way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct VerdictChange {
    pub from: &'static str,
    pub to: &'static str,
    pub parcels: u64,
    pub why: Why,
    /// Measures and fields that differ and that the rules read, with how many parcels each.
    pub facts: BTreeMap<String, u64>,
    /// Their ids, rising; the first thousand.
    pub ids: Vec<i64>,
    pub is_cut: bool,
}

/// How many of the parcels have each reason; one may have several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "ChangeReasons")]
pub struct Why {
    /// The old facts come out otherwise under the new rules.
    pub rule: u64,
    /// The new facts come out otherwise under the old rules, and a figure differs …
    pub figures: u64,
    /// … or a field of the register …
    pub register: u64,
    /// … or the class that a plan gives …
    pub plan: u64,
    /// … or the class that an officer set …
    pub officer: u64,
    /// … or nothing but the year, whose days the rules name.
    pub year: u64,
}

/// What changed in a run.
pub(super) async fn changes(
    app: &App,
    scope: &Scope,
    run_id: i64,
    asked: &Asked,
) -> Result<RunChanges> {
    officer(scope)?;
    let layer = ruleset::layer(app, scope, asked.layer.as_deref())?;
    let mut db = app.db.read(scope).await?;
    let new = preview::find_run(&mut db, Some(run_id), layer).await?;
    let against = match asked.against {
        Some(it) => Some(it),
        None => queries::run_before(&mut db, run_id).await?,
    };
    let Some(against) = against else {
        return Err(Error::not_now(
            "没有更早的评价可比 / there is no earlier evaluation to compare with",
        ));
    };
    let old = preview::find_run(&mut db, Some(against), layer).await?;
    let layers = queries::moved(&mut db, old.run_id, new.run_id).await?;
    let text = |run: &queries::Run| {
        run.text.clone().ok_or_else(|| {
            Error::not_now(
                "该评价没有此图层的规则 / one of the evaluations has no rules of this layer",
            )
        })
    };
    let (old_text, new_text) = (text(&old)?, text(&new)?);
    let none = Changes::default();
    let read = |text: &str, year| {
        Ok::<_, Error>(ruleset::with_changes(app, scope, text, &none, None, year)?.1)
    };
    // The year's days are those of the facts that are judged.
    let question = Question::default();
    let mut walks = Vec::new();
    for (run, text) in [(&new, &new_text), (&new, &old_text), (&old, &old_text), (&old, &new_text)]
    {
        let rules = read(text, run.year)?;
        let id = run.ruleset.clone().unwrap_or_default();
        walks.push(
            preview::prepare(app, scope, &mut db, layer, run.clone(), (id, rules), &question)
                .await?,
        );
    }
    let sources = match app.layers.of_kind(Kind::Derived).find(|it| it.overlay.is_some()) {
        Some(it) => queries::set_by_officers(&mut db, &it.id, [old.run_id, new.run_id]).await?,
        None => Vec::new(),
    };
    drop(db);
    let rules_changed = old_text != new_text;
    let rows = walks.first().map_or(Rows::All, |it| it.rows);
    let officers: BTreeSet<i64> = sources.into_iter().collect();
    let found = preview::apart(move || Ok(Both::new(&walks)?.compare(&officers))).await?;
    let (appeared, gone, verdicts) = found;
    Ok(RunChanges {
        layer: layer.id.clone(),
        run_id: new.run_id,
        year: new.year,
        ruleset: new.ruleset,
        against: old.run_id,
        against_year: old.year,
        against_ruleset: old.ruleset,
        rules_changed,
        layers,
        rows,
        appeared,
        gone,
        verdicts,
    })
}

/// One run: what it found, and what the other's rules make of its facts.
struct Side<'a> {
    walk: &'a Walk,
    /// With the columns that either rules read.
    frame: &'a Frame,
    stored: &'a Column,
    crossed: Column,
}

struct Both<'a> {
    new: Side<'a>,
    old: Side<'a>,
    /// What either rules read, and what kind of fact it is.
    facts: Vec<(String, Fact)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fact {
    Figure,
    Register,
    Class,
}

impl<'a> Both<'a> {
    fn new(walks: &'a [Walk]) -> Result<Self> {
        let [new, new_by_old, old, old_by_new] = walks else {
            return Err(anyhow::anyhow!("two runs under two rule sets").into());
        };
        let side = |walk: &'a Walk, other: &'a Walk| {
            let stored = walk.stored()?;
            let crossed = judged(&other.frame, &other.rules, &other.shown)?;
            Some(Side { walk, frame: &other.frame, stored, crossed })
        };
        let both = side(new, new_by_old).zip(side(old, old_by_new));
        let (new_side, old_side) =
            both.ok_or_else(|| anyhow::anyhow!("a column of the runs is not held"))?;
        let names: BTreeSet<String> =
            new.rules.properties().union(&old.rules.properties()).cloned().collect();
        let facts = names.into_iter().map(|it| {
            let kind = if MEASURES.iter().any(|own| own.name == it) {
                Fact::Figure
            } else if new.classes() == Some(it.as_str()) {
                Fact::Class
            } else {
                Fact::Register
            };
            (it, kind)
        });
        Ok(Self { new: new_side, old: old_side, facts: facts.collect() })
    }

    fn compare(&self, officers: &BTreeSet<i64>) -> (u64, u64, Vec<VerdictChange>) {
        let (new, old) = (self.new.frame.ids(), self.old.frame.ids());
        let (mut appeared, mut gone) = (0, 0);
        let mut all: BTreeMap<(usize, usize), VerdictChange> = BTreeMap::new();
        for (row, id) in new.iter().enumerate() {
            if !self.new.walk.shown.has(row) {
                continue;
            }
            let Ok(before) = old.binary_search(id) else {
                appeared += 1;
                continue;
            };
            let (from, to) = (verdict(self.old.stored, before), verdict(self.new.stored, row));
            if from == to {
                continue;
            }
            let entry = all.entry((from, to)).or_insert_with(|| VerdictChange::of(from, to));
            entry.parcels += 1;
            if entry.ids.len() < IDS {
                entry.ids.push(*id);
            } else {
                entry.is_cut = true;
            }
            let by_rule = verdict(&self.old.crossed, before) != from;
            let by_facts = verdict(&self.new.crossed, row) != from;
            // Where each alone changes nothing it takes both.
            let by_both = !by_rule && !by_facts;
            entry.why.rule += u64::from(by_rule || by_both);
            if by_facts || by_both {
                self.note(before, row, officers.contains(id), entry);
            }
        }
        for (row, id) in old.iter().enumerate() {
            gone += u64::from(self.old.walk.shown.has(row) && new.binary_search(id).is_err());
        }
        (appeared, gone, all.into_values().collect())
    }

    /// Which facts of a parcel differ.
    fn note(&self, before: usize, row: usize, is_officers: bool, entry: &mut VerdictChange) {
        let mut kinds = [false; 3];
        for (name, kind) in &self.facts {
            let pair = self.old.frame.column(name).zip(self.new.frame.column(name));
            if pair.is_some_and(|(old, new)| old.value(before) != new.value(row)) {
                *entry.facts.entry(name.clone()).or_default() += 1;
                kinds[*kind as usize] = true;
            }
        }
        let [figures, register, class] = kinds;
        let why = &mut entry.why;
        why.figures += u64::from(figures);
        why.register += u64::from(register);
        why.plan += u64::from(class && !is_officers);
        why.officer += u64::from(class && is_officers);
        why.year += u64::from(kinds == [false; 3]);
    }
}

impl VerdictChange {
    fn of(from: usize, to: usize) -> Self {
        Self {
            from: VERDICTS[from],
            to: VERDICTS[to],
            parcels: 0,
            why: Why::default(),
            facts: BTreeMap::new(),
            ids: Vec::new(),
            is_cut: false,
        }
    }
}

/// The place of a row's verdict among [`VERDICTS`].
fn verdict(column: &Column, row: usize) -> usize {
    let last = VERDICTS.len() - 1;
    match column.value(row) {
        Value::Text(it) => VERDICTS.iter().position(|own| *own == it).unwrap_or(last),
        _ => last,
    }
}
