//! From a question to an answer: which run, which rules, which columns and rows; then the walk, and what it says.

use std::sync::Arc;

use rust_decimal::Decimal;

use crate::access::Scope;
use crate::app::App;
use crate::catalog;
use crate::cql;
use crate::cql::Expr;
use crate::db::Reader;
use crate::error::Error;
use crate::error::Result;
use crate::judgement::measures::MEASURES;
use crate::judgement::rule::Effect;
use crate::judgement::rule::RuleSet;
use crate::layer::FieldType;
use crate::layer::Kind;
use crate::layer::Layer;
use crate::snapshot::Bitmap;
use crate::snapshot::Column;
use crate::snapshot::Words;
use crate::snapshot::frame::Frame;
use crate::snapshot::frame::From;
use crate::snapshot::frame::Input;
use crate::snapshot::frame::Present;

use super::Distance;
use super::Figures;
use super::Flip;
use super::Group;
use super::Preview;
use super::Question;
use super::Rows;
use super::RuleCount;
use super::Target;
use super::Verdicts;
use super::officer;
use super::queries;
use super::queries::Run;
use super::queries::TargetRow;
use super::question::KINDS;
use super::ruleset;
use super::tally;
use super::tally::Ask;
use super::tally::Cell;
use super::tally::EDGES;
use super::tally::SUMMED;
use super::tally::Tally;
use super::tally::VERDICTS;
use super::tally::judged;

/// The column of the verdicts that others are compared with.
const LEFT: &str = "verdict of the left";
/// Ids of each kind of flip, where nobody says how many.
const IDS: usize = 1_000;

/// Everything that is needed to walk over a run's rows, and nothing that has to be waited for.
pub(super) struct Walk {
    pub layer: String,
    pub run: Run,
    pub frame: Frame,
    pub shown: Bitmap,
    pub rows: Rows,
    pub rules: RuleSet,
    /// The text of the rules with their changes, and the id of the set that they were made to.
    pub ruleset: String,
    pub filter: Option<Expr>,
    present: Arc<Present>,
    classes: Option<String>,
    verdicts: String,
    summed: [bool; 4],
    ids_at_most: usize,
    edges: Option<[i64; 4]>,
}

/// Answers a question, as far as the scope may know.
pub async fn preview(app: &App, scope: &Scope, asked: &Question) -> Result<Preview> {
    officer(scope)?;
    asked.check()?;
    let layer = ruleset::layer(app, scope, asked.layer.as_deref())?;
    let mut db = app.db.read(scope).await?;
    let run = find_run(&mut db, asked.run_id, layer).await?;
    let (id, text) = ruleset::base(app, &mut db, layer, &run, asked.ruleset.as_deref()).await?;
    let (_, rules) = ruleset::with_changes(app, scope, &text, &asked.changes(), None, run.year)?;
    let stored = match asked.target {
        Some(_) => Vec::new(),
        None => queries::targets(&mut db, run.year, &KINDS.map(str::to_owned)).await?,
    };
    let walk = prepare(app, scope, &mut db, layer, run, (id, rules), asked).await?;
    // Or a connection would be kept waiting for the walk.
    drop(db);
    let (target, scope) = (asked.target.clone(), scope.clone());
    apart(move || walk.answer(&scope, target.as_ref(), &stored)).await
}

/// Beside the threads that wait for clients: a million rows take milliseconds of work.
pub(super) async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|it| anyhow::anyhow!("a what-if answer: {it}"))?
}

/// The run, for whoever may read the layer.
pub(super) async fn find_run(db: &mut Reader, run_id: Option<i64>, layer: &Layer) -> Result<Run> {
    let found = queries::run(db, run_id, &layer.id).await?;
    found.ok_or_else(|| match run_id {
        Some(it) => Error::not_found("评价 evaluation", it.to_string()),
        None => {
            Error::not_now("还没有评价结果，请先评价 / there is no evaluation yet: run one first")
        }
    })
}

/// Reads what the question takes: columns that are not held, and whose the parcels are now.
pub(super) async fn prepare(
    app: &App,
    scope: &Scope,
    db: &mut Reader,
    layer: &Layer,
    run: Run,
    (ruleset, rules): (String, RuleSet),
    asked: &Question,
) -> Result<Walk> {
    let fields = ruleset::fields(app, scope);
    let filter = match &asked.filter {
        Some(text) => {
            let wrong = |it: cql::Error| Error::parameter("filter", it.to_string());
            let filter = cql::parse_checked(text, &fields).map_err(wrong)?;
            if cql::is_spatial(&filter) {
                return Err(Error::parameter(
                    "filter",
                    "此处不支持空间条件 / no spatial conditions here",
                ));
            }
            Some(filter)
        }
        None => None,
    };
    let mut names = rules.properties();
    names.extend(filter.iter().flat_map(cql::properties));
    let summed = SUMMED.map(|it| ruleset::may_name(app, scope, it));
    names.extend(SUMMED.iter().zip(summed).filter(|it| it.1).map(|it| (*it.0).to_owned()));
    let overlay = app.layers.of_kind(Kind::Derived).find(|it| it.overlay.is_some());
    let classes = overlay.map(|it| it.id.clone()).filter(|it| ruleset::may_name(app, scope, it));
    names.extend(classes.clone());
    let mut inputs: Vec<Input> = names.iter().filter_map(|it| input(app, it)).collect();
    let verdicts = format!("verdict.{}", layer.id);
    inputs.push(Input {
        name: verdicts.clone(),
        kind: FieldType::Text,
        from: From::Verdict(layer.id.clone()),
    });
    if asked.bbox.is_some() {
        inputs.extend(EDGES.map(|name| Input {
            name: name.to_owned(),
            kind: FieldType::Integer,
            from: From::Edge(name.strip_prefix("edge.").unwrap_or(name)),
        }));
    }
    let parcels = app.layers.register("parcel");
    let parcels = parcels.ok_or_else(|| anyhow::anyhow!("no layer is of parcels"))?;
    let revision = catalog::queries::revision(db, &parcels.id).await?;
    let frame = app.frames.find(&app.db, run.run_id, &inputs).await?;
    let present = app.frames.present(&app.db, run.run_id, parcels, revision).await?;
    let (shown, rows) = match &scope.responsible_units {
        None => (present.here.clone(), Rows::All),
        Some(units) => (present.here.clone().and(&of_units(&present.unit, units)), Rows::OwnUnits),
    };
    Ok(Walk {
        layer: layer.id.clone(),
        run,
        frame,
        shown,
        rows,
        rules,
        ruleset,
        filter,
        present,
        classes,
        verdicts,
        summed,
        ids_at_most: asked.ids_at_most.unwrap_or(IDS),
        edges: asked.bbox.map(ten_millionths),
    })
}

/// Where the values of a name come from.
fn input(app: &App, name: &str) -> Option<Input> {
    let of = |kind, from| Some(Input { name: name.to_owned(), kind, from });
    if MEASURES.iter().any(|it| it.name == name) {
        return of(FieldType::Decimal, From::Measure);
    }
    if let Some(field) = app.layers.register("parcel").and_then(|it| it.field.get(name)) {
        let column = field.column.clone().unwrap_or_else(|| name.to_owned());
        return of(field.kind, From::Parcel(column));
    }
    of(FieldType::Text, From::Class(app.layers.find(name)?.id.clone()))
}

/// Outward, so that what touches the box in degrees touches it here.
#[expect(clippy::cast_possible_truncation, reason = "degrees times ten million")]
fn ten_millionths([west, south, east, north]: [f64; 4]) -> [i64; 4] {
    let of = |it: f64| it * 1e7;
    [
        of(west).floor() as i64,
        of(south).floor() as i64,
        of(east).ceil() as i64,
        of(north).ceil() as i64,
    ]
}

/// The rows whose unit is among these.
fn of_units(column: &Column, units: &[String]) -> Bitmap {
    let Column::Text { words, codes } = column else { return Bitmap::none(column.len()) };
    let own = Words::iter(words).map(|word| units.iter().any(|it| it == word));
    let own: Vec<bool> = std::iter::once(false).chain(own).collect();
    codes.iter().map(|it| own[*it as usize]).collect()
}

impl Walk {
    pub(super) fn tally(&self) -> Result<Tally> {
        let ask = Ask {
            frame: &self.frame,
            rules: &self.rules,
            filter: self.filter.as_ref(),
            shown: &self.shown,
            units: &self.present.unit,
            classes: self.classes.as_deref(),
            verdicts: &self.verdicts,
            summed: self.summed,
            ids_at_most: self.ids_at_most,
            edges: self.edges,
        };
        tally(&ask).ok_or_else(|| {
            anyhow::anyhow!("a column of run {} is not held", self.run.run_id).into()
        })
    }

    /// The verdicts that the run stored.
    pub(super) fn stored(&self) -> Option<&Column> {
        self.frame.column(&self.verdicts)
    }

    /// The column of the classes, where the scope may read them.
    pub(super) fn classes(&self) -> Option<&str> {
        self.classes.as_deref()
    }

    /// The ids of the parcels that it finds low, one more than it is asked for where there are more.
    pub(super) fn low(&mut self) -> Result<Vec<i64>> {
        // As if nothing had been judged before: then each of them is a change.
        let nothing = Column::Text {
            words: std::iter::empty::<&str>().collect(),
            codes: vec![0; self.frame.len()],
        };
        LEFT.clone_into(&mut self.verdicts);
        self.frame = self.frame.with(LEFT, nothing);
        Ok(self.tally()?.newly_low().to_vec())
    }

    /// Takes the verdicts of another walk over the same run for those that were before.
    pub(super) fn against(&mut self, left: &Self) -> Result<()> {
        let missing = || anyhow::anyhow!("a column of run {} is not held", left.run.run_id);
        let column = judged(&left.frame, &left.rules, &left.shown).ok_or_else(missing)?;
        LEFT.clone_into(&mut self.verdicts);
        self.frame = self.frame.with(LEFT, column);
        Ok(())
    }

    pub(super) fn answer(
        &self,
        scope: &Scope,
        target: Option<&Target>,
        stored: &[TargetRow],
    ) -> Result<Preview> {
        let found = self.tally()?;
        let all = found.sum(|_, _| true);
        let (before, after) = verdicts(&all, &found.places, self.summed);
        let group = |key: &Option<String>, cells: [Cell; 16]| {
            let (before, after) = verdicts(&cells, &found.places, self.summed);
            let is_empty = cells.iter().all(|it| it.parcels == 0);
            (!is_empty).then(|| Group { key: key.clone(), before, after })
        };
        let units = found.units.iter().enumerate();
        let mut units: Vec<Group> =
            units.filter_map(|(nth, key)| group(key, found.sum(|unit, _| unit == nth))).collect();
        let classes = found.classes.iter().enumerate();
        let mut classes: Vec<Group> = classes
            .filter_map(|(nth, key)| group(key, found.sum(|_, class| class == nth)))
            .collect();
        for it in [&mut units, &mut classes] {
            it.sort_by(|a, b| (a.key.is_none(), &a.key).cmp(&(b.key.is_none(), &b.key)));
        }
        let effective = self.rules.rules.iter().filter(|it| it.effect != Effect::Part);
        let rules = effective.zip(&found.rules).map(|(rule, [fits, unknown])| RuleCount {
            rule: rule.id.clone(),
            title: rule.title.clone(),
            effect: rule.effect,
            when: rule.when.clone(),
            fits: *fits,
            unknown: *unknown,
        });
        let targets = match target {
            Some(it) => vec![distance(None, &it.kind, it.quantity, false, &after)],
            None => distances(scope, stored, &units),
        };
        let withheld = SUMMED.iter().zip(self.summed).filter(|it| !it.1);
        Ok(Preview {
            layer: self.layer.clone(),
            run_id: self.run.run_id,
            year: self.run.year,
            ruleset: self.ruleset.clone(),
            title: self.rules.title.clone(),
            rows: self.rows,
            rules: rules.collect(),
            parameters: self.rules.parameters.values().cloned().collect(),
            flips: flips(&found, &all, self.ids_at_most, self.summed[0]),
            withheld: withheld.map(|it| (*it.0).to_owned()).collect(),
            targets,
            before,
            after,
            units,
            classes,
        })
    }
}

/// What changes from one verdict to another.
fn flips(found: &Tally, all: &[Cell; 16], most: usize, has_area: bool) -> Vec<Flip> {
    let mut flips = Vec::new();
    for (change, cell) in all.iter().enumerate() {
        let (from, to) = (change / 4, change % 4);
        if from == to || cell.parcels == 0 {
            continue;
        }
        let mut ids = found.flips[change].clone();
        let is_cut = ids.len() > most;
        ids.truncate(most);
        let area_mu = digits(cell.sums[0], found.places[0], cell.known[0]).filter(|_| has_area);
        let (from, to, parcels) = (VERDICTS[from], VERDICTS[to], cell.parcels);
        flips.push(Flip { from, to, parcels, area_mu, ids, is_cut });
    }
    flips
}

/// The figures of each verdict before and after.
fn verdicts(cells: &[Cell; 16], places: &[u32; 4], summed: [bool; 4]) -> (Verdicts, Verdicts) {
    let of = |pick: &dyn Fn(usize) -> bool| {
        let mut sum = Cell::default();
        let own = cells.iter().enumerate().filter(|(change, _)| pick(*change));
        own.for_each(|(_, it)| sum.add(it));
        figures(&sum, places, summed)
    };
    let both = |part: fn(usize) -> usize| Verdicts {
        low: of(&|it| part(it) == 0),
        ok: of(&|it| part(it) == 1),
        unknown: of(&|it| part(it) == 2),
        not_judged: of(&|it| part(it) == 3),
    };
    (both(|it| it / 4), both(|it| it % 4))
}

fn figures(cell: &Cell, places: &[u32; 4], summed: [bool; 4]) -> Figures {
    let sum =
        |nth: usize| digits(cell.sums[nth], places[nth], cell.known[nth]).filter(|_| summed[nth]);
    let without = |nth: usize| if summed[nth] { cell.parcels - cell.known[nth] } else { 0 };
    Figures {
        parcels: cell.parcels,
        area_mu: sum(0),
        tax_wan: sum(1),
        energy_tce: sum(2),
        enterprises: sum(3),
        without_tax: without(1),
        without_energy: without(2),
    }
}

/// A sum in all its digits; nothing where no figure is known.
fn digits(steps: i128, places: u32, known: u64) -> Option<String> {
    if known == 0 {
        return None;
    }
    Some(Decimal::try_from_i128_with_scale(steps, places).ok()?.normalize().to_string())
}

fn distance(
    unit: Option<&str>,
    kind: &str,
    quantity: Decimal,
    is_stored: bool,
    after: &Verdicts,
) -> Distance {
    let reached = match kind {
        "mu" => &after.low.area_mu,
        "enterprises" => &after.low.enterprises,
        _ => &after.low.energy_tce,
    };
    let reached: Decimal = reached.as_deref().and_then(|it| it.parse().ok()).unwrap_or_default();
    let text = |it: Decimal| it.normalize().to_string();
    Distance {
        unit: unit.map(ToOwned::to_owned),
        kind: kind.to_owned(),
        quantity: text(quantity),
        reached: text(reached),
        gap: text(quantity.checked_sub(reached).unwrap_or_default()),
        is_stored,
    }
}

/// The year's stored targets of the units that the answer is of, and all of them together.
fn distances(scope: &Scope, stored: &[TargetRow], units: &[Group]) -> Vec<Distance> {
    let is_own = |unit: &str| {
        scope.responsible_units.as_ref().is_none_or(|own| own.iter().any(|it| it == unit))
    };
    let mut all = Vec::new();
    for kind in KINDS {
        let own: Vec<&TargetRow> =
            stored.iter().filter(|it| it.kind == kind && is_own(&it.unit)).collect();
        if own.is_empty() {
            continue;
        }
        let none = Verdicts::default();
        let each: Vec<Distance> = own
            .iter()
            .map(|it| {
                let of = units.iter().find(|group| group.key.as_deref() == Some(&it.unit));
                let after = of.map_or(&none, |it| &it.after);
                distance(Some(&it.unit), kind, it.quantity, true, after)
            })
            .collect();
        // Of the units that have a target: what others have does not count towards it.
        let sum = |of: fn(&Distance) -> &str| -> Decimal {
            each.iter().filter_map(|it| of(it).parse::<Decimal>().ok()).sum()
        };
        let (quantity, reached) = (sum(|it| &it.quantity), sum(|it| &it.reached));
        let text = |it: Decimal| it.normalize().to_string();
        all.push(Distance {
            unit: None,
            kind: kind.to_owned(),
            quantity: text(quantity),
            reached: text(reached),
            gap: text(quantity - reached),
            is_stored: true,
        });
        all.extend(each);
    }
    all
}
