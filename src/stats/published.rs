//! Sums of figures that may only be had in sums: the tables that disclosure control has decided on, the same for everybody.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;
use std::sync::Arc;

use indexmap::IndexMap;
use rust_decimal::Decimal;

use crate::access::Role;
use crate::access::Scope;
use crate::app::App;
use crate::catalog;
use crate::db::Reader;
use crate::error::Error;
use crate::error::Result;
use crate::evaluation;
use crate::judgement::disclosure;
use crate::judgement::disclosure::Family;
use crate::judgement::disclosure::Interval;
use crate::judgement::disclosure::Micro;
use crate::judgement::disclosure::Part;
use crate::judgement::disclosure::Share;
use crate::judgement::disclosure::Sum;
use crate::judgement::disclosure::Sums;
use crate::layer::Field;
use crate::layer::Kind;
use crate::layer::Layer;
use crate::layer::Layers;
use crate::layer::UNIT_FIELD;

use super::Answer;
use super::Group;
use super::Measure;
use super::Question;
use super::Rows;
use super::Total;
use super::Worth;
use super::queries;
use super::unknown;

/// Figures have six places in the record, and quotients here too: more would only repeat them.
const PLACES: u32 = 6;

/// A measure whose names have been judged.
enum Wanted<'a> {
    /// A figure that is open in sums.
    Figure(&'a str),
    /// A field whose single values everybody reads who has the sums.
    Open(&'a str),
    /// A figure over such a field.
    Ratio(&'a str, &'a str),
}

pub(super) async fn answer(
    app: &App,
    scope: &Scope,
    layer: &Layer,
    asked: &Question,
    group_by: &[(&str, &Field)],
) -> Result<Answer> {
    let dimensions: Vec<&str> = dimensions(layer);
    let dimension = fixed(layer, asked, group_by, &dimensions)?;
    let wanted = asked.measures.iter().map(|it| Ok((it.label(), wanted(layer, scope, it)?)));
    let wanted: Vec<(String, Wanted<'_>)> = wanted.collect::<Result<_>>()?;

    let mut db = app.db.read_for_disclosure().await?;
    // One moment for the revision and everything that is summed under it.
    db.begin().await?;
    let revision = catalog::queries::revision(&mut db, &layer.id).await?;
    let mut answer = Table::default();
    answer.count(&mut db, layer, dimension).await?;
    for (label, it) in wanted {
        match it {
            Wanted::Open(field) => answer.open(&mut db, layer, dimension, &label, field).await?,
            Wanted::Figure(field) => {
                let sums = sums(app, &mut db, layer, revision, field, &dimensions).await?;
                answer.figure(&sums, dimension, &label);
            }
            Wanted::Ratio(over, under) => {
                let sums = sums(app, &mut db, layer, revision, over, &dimensions).await?;
                answer.ratio(&mut db, layer, &sums, dimension, &label, [over, under]).await?;
            }
        }
    }
    db.end().await?;
    let (name, field) = group_by.first().copied().unzip();
    let key = |value: Option<String>| {
        let value = field.map(|it: &Field| queries::key_value(it.kind, value));
        IndexMap::from_iter(name.map(str::to_owned).zip(value))
    };
    Ok(Answer {
        layer: layer.id.clone(),
        revision,
        stale: false,
        rows: Rows::All,
        published: true,
        groups: answer.groups.into_iter().map(|(it, of)| Group { key: key(it), of }).collect(),
        total: answer.total,
        histogram: None,
        breaks: None,
    })
}

/// The codes whose groups are published.
fn dimensions(layer: &Layer) -> Vec<&str> {
    layer.field.iter().filter(|(_, it)| it.dimension).map(|(name, _)| name.as_str()).collect()
}

/// The dimension that is asked for. Any other selection would be one that nobody has decided on.
fn fixed<'a>(
    layer: &Layer,
    asked: &Question,
    group_by: &[(&'a str, &Field)],
    dimensions: &[&str],
) -> Result<Option<&'a str>> {
    let refuse = |at: &str| {
        let list = dimensions.join(", ");
        Err(Error::parameter(
            at,
            format!(
                "只提供合计的数据不能筛选或细分，至多按以下之一分组 / what is open in sums only is summed over all of `{}` or by one of: {list}",
                layer.id
            ),
        ))
    };
    if asked.filter.is_some() {
        return refuse("filter");
    }
    if asked.bbox.is_some() {
        return refuse("bbox");
    }
    if asked.polygon.is_some() {
        return refuse("polygon");
    }
    if asked.ids.is_some() {
        return refuse("ids");
    }
    if asked.histogram.is_some() {
        return refuse("histogram");
    }
    if asked.breaks.is_some() {
        return refuse("breaks");
    }
    match group_by {
        [] => Ok(None),
        [(name, field)] if field.dimension => Ok(Some(*name)),
        _ => refuse("group_by"),
    }
}

fn wanted<'a>(layer: &'a Layer, scope: &Scope, measure: &'a Measure) -> Result<Wanted<'a>> {
    let refuse = |name: &str| {
        Err(Error::parameter(
            "measures",
            format!(
                "`{name}` 只提供合计，或合计与公开字段之比 / only sums are open, and ratios of a sum to a field open to all who have it: `{name}`"
            ),
        ))
    };
    let figure = |name: &str| layer.sums_for(scope, name);
    let open = |name: &str, to: Role| {
        layer.field.get(name).is_some_and(|it| layer.role_of(it) <= to.min(Role::Viewer))
    };
    match measure {
        Measure::Sum(it) if figure(it).is_some() => Ok(Wanted::Figure(it)),
        Measure::Sum(it) if open(it, scope.role) => Ok(Wanted::Open(it)),
        Measure::Ratio([over, under]) => match figure(over) {
            // To the least who has the sum: the ratio is the same for everybody.
            Some(role) if open(under, role) => Ok(Wanted::Ratio(over, under)),
            _ => refuse(over),
        },
        other => {
            let name = other.names().first().copied().unwrap_or_default();
            match layer.field.get(name) {
                Some(_) => refuse(name),
                None => Err(unknown(layer, scope, "measures", name)),
            }
        }
    }
}

/// The answer as it fills up.
#[derive(Default)]
struct Table {
    groups: IndexMap<Option<String>, Total>,
    total: Total,
}

impl Table {
    /// Parcels are counted openly: they can be counted on the map.
    async fn count(
        &mut self,
        db: &mut Reader,
        layer: &Layer,
        dimension: Option<&str>,
    ) -> Result<()> {
        let rows = queries::beside(db, layer, dimension, "id", None).await?;
        self.total.count = rows.iter().map(|it| it.count).sum();
        if dimension.is_some() {
            let mut rows: Vec<_> = rows.into_iter().map(|it| (it.key, it.count)).collect();
            rows.sort_by(|a, b| (a.0.is_none(), &a.0).cmp(&(b.0.is_none(), &b.0)));
            for (key, count) in rows {
                self.groups.insert(key, Total { count, ..Total::default() });
            }
        }
        Ok(())
    }

    async fn open(
        &mut self,
        db: &mut Reader,
        layer: &Layer,
        dimension: Option<&str>,
        label: &str,
        field: &str,
    ) -> Result<()> {
        let worth = |it: &queries::Beside| Worth { value: it.sum.map(text), missing: it.missing };
        for it in queries::beside(db, layer, dimension, field, None).await? {
            if let Some(group) = self.groups.get_mut(&it.key).filter(|_| dimension.is_some()) {
                group.measures.insert(label.to_owned(), worth(&it));
            }
        }
        for it in queries::beside(db, layer, None, field, None).await? {
            self.total.measures.insert(label.to_owned(), worth(&it));
        }
        Ok(())
    }

    fn figure(&mut self, sums: &Sums, dimension: Option<&str>, label: &str) {
        self.each(sums, dimension, |total, sum| {
            total.withheld |= sum.withheld;
            let value = sum.sum.filter(|_| !sum.withheld).map(decimal).map(text);
            total.measures.insert(label.to_owned(), Worth { value, missing: sum.missing });
        });
    }

    /// Over the parcels that have the figure, all of them: where one has nothing to divide by there is no ratio. Leaving it
    /// out would tell the sum of the others, which is no cell that anybody decided on.
    async fn ratio(
        &mut self,
        db: &mut Reader,
        layer: &Layer,
        sums: &Sums,
        dimension: Option<&str>,
        label: &str,
        [over, under]: [&str; 2],
    ) -> Result<()> {
        let mut below: HashMap<Option<String>, Option<Decimal>> = HashMap::new();
        let whole = |it: &queries::Beside| it.sum.filter(|_| it.missing == 0);
        if dimension.is_some() {
            for it in queries::beside(db, layer, dimension, under, Some(over)).await? {
                below.insert(it.key.clone(), whole(&it));
            }
        }
        let rows = queries::beside(db, layer, None, under, Some(over)).await?;
        let below_all = rows.first().and_then(whole);
        let ratio = |sum: &Sum, below: Option<Decimal>| {
            let over = sum.sum.filter(|_| !sum.withheld).map(decimal)?;
            let ratio = over.checked_div(below.filter(|it| !it.is_zero())?)?;
            Some(text(ratio.round_dp(PLACES)))
        };
        for (key, total) in &mut self.groups {
            let sum = dimension.and_then(|it| sums.dimensions.get(it)?.get(key));
            let sum = sum.copied().unwrap_or_default();
            total.withheld |= sum.withheld;
            let value = ratio(&sum, below.get(key).copied().flatten());
            total.measures.insert(label.to_owned(), Worth { value, missing: sum.missing });
        }
        self.total.withheld |= sums.total.withheld;
        let value = ratio(&sums.total, below_all);
        let missing = sums.total.missing;
        self.total.measures.insert(label.to_owned(), Worth { value, missing });
        Ok(())
    }

    fn each(&mut self, sums: &Sums, dimension: Option<&str>, fill: impl Fn(&mut Total, &Sum)) {
        for (key, total) in &mut self.groups {
            let sum = dimension.and_then(|it| sums.dimensions.get(it)?.get(key));
            fill(total, &sum.copied().unwrap_or_default());
        }
        fill(&mut self.total, &sums.total);
    }
}

/// The decided sums of a figure, made once for a revision and a run.
async fn sums(
    app: &App,
    db: &mut Reader,
    layer: &Layer,
    revision: i64,
    field: &str,
    dimensions: &[&str],
) -> Result<Arc<Sums>> {
    let (run, year) =
        catalog::queries::current_run(db).await?.map_or((0, 0), |it| (it.run_id, it.year));
    let key = (layer.id.clone(), revision, run, field.to_owned());
    if let Some(it) = app.sums.get(&key).await {
        return Ok(it);
    }
    let measure = layer.field.get(field).and_then(measure).unwrap_or_default().to_owned();
    let parcels = queries::parcels(db, layer, field, dimensions).await?;
    let contributions = queries::contributions(db, &measure).await?;
    let texts = queries::rule_texts(db).await?;
    let cuts = Cuts::of(&app.layers, &texts, &measure, year);
    let insiders = dimensions.iter().position(|it| *it == UNIT_FIELD);
    // Elimination over a city takes a while; requests go on meanwhile.
    let names: Vec<String> = dimensions.iter().map(|it| (*it).to_owned()).collect();
    let decided = tokio::task::spawn_blocking(move || {
        decide(&parcels, &contributions, &cuts, insiders, &names)
    })
    .await
    .map_err(|it| anyhow::anyhow!("deciding which sums to publish: {it}"))?;
    let decided = Arc::new(decided);
    app.sums.insert(key, decided.clone()).await;
    Ok(decided)
}

fn measure(field: &Field) -> Option<&str> {
    field.column.as_deref()?.strip_prefix("measure.")
}

fn decide(
    parcels: &[queries::ParcelRow],
    contributions: &[(i64, Option<String>, Decimal)],
    cuts: &Cuts,
    insiders: Option<usize>,
    names: &[String],
) -> Sums {
    let mut numbers: HashMap<&str, u32> = HashMap::new();
    let mut shares: HashMap<i64, Vec<Share>> = HashMap::new();
    for (parcel_id, uscc, figure) in contributions {
        let enterprise = uscc.as_deref().map(|it| {
            let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
            *numbers.entry(it).or_insert(next)
        });
        let share = Share { enterprise, figure: micro(*figure) };
        shares.entry(*parcel_id).or_default().push(share);
    }
    let keys: Vec<Vec<Option<String>>> = (0..names.len())
        .map(|nth| {
            let all: BTreeSet<Option<String>> =
                parcels.iter().map(|it| it.groups[nth].clone()).collect();
            all.into_iter().collect()
        })
        .collect();
    let index: Vec<BTreeMap<&Option<String>, usize>> = keys
        .iter()
        .map(|it| it.iter().enumerate().map(|(nth, key)| (key, nth)).collect())
        .collect();
    let groups = |it: &queries::ParcelRow| -> Vec<usize> {
        it.groups.iter().zip(&index).map(|(key, index)| index[key]).collect()
    };
    let parts: Vec<Part> = parcels
        .iter()
        .filter_map(|it| {
            let figure = micro(it.figure?);
            let shares = shares.remove(&it.parcel_id).unwrap_or_default();
            Some(Part {
                groups: groups(it),
                figure,
                known: cuts.around(figure, it.area_mu),
                shares: with_unknown(shares, figure),
            })
        })
        .collect();
    let mut sums = Sums::default();
    let mut tables: Vec<Vec<Sum>> = keys.iter().map(|it| vec![Sum::default(); it.len()]).collect();
    for it in parcels {
        let figure = it.figure.map(micro);
        sums.total.add(figure);
        for (table, group) in tables.iter_mut().zip(groups(it)) {
            table[group].add(figure);
        }
    }
    let dimensions = keys.iter().map(Vec::len).collect();
    let withheld = disclosure::decide(&Family { dimensions, insiders, parts });
    sums.total.withheld = withheld.total;
    for (nth, table) in tables.iter_mut().enumerate() {
        for (sum, withheld) in table.iter_mut().zip(&withheld.groups[nth]) {
            sum.withheld = *withheld;
        }
    }
    for ((name, keys), table) in names.iter().zip(keys).zip(tables) {
        sums.dimensions.insert(name.clone(), keys.into_iter().zip(table).collect());
    }
    sums
}

/// What no contribution explains is somebody's whom nobody knows. The record rounds every contribution to six places.
fn with_unknown(mut shares: Vec<Share>, figure: Micro) -> Vec<Share> {
    let explained: Micro = shares.iter().map(|it| it.figure).sum();
    let rest = figure - explained;
    if rest.abs() > 1_000 || shares.is_empty() {
        shares.push(Share { enterprise: None, figure: rest });
    }
    shares
}

/// Where bands and rules cut the range of a figure: what is published of single parcels says between which two it lies.
struct Cuts {
    /// 万元 and their like, of a whole parcel.
    whole: Vec<Decimal>,
    per_mu: Vec<Decimal>,
}

impl Cuts {
    fn of(layers: &Layers, texts: &[(i64, String)], measure: &str, year: i64) -> Self {
        let mut cuts: BTreeMap<String, BTreeSet<Decimal>> = BTreeMap::new();
        for (judged, text) in texts {
            for (name, own) in evaluation::thresholds(layers, [text.as_str()]) {
                let (name, of) = evaluation::of_year(&name, *judged);
                if of == year {
                    cuts.entry(name).or_default().extend(own);
                }
            }
        }
        for field in layers.of_kind(Kind::Derived).flat_map(|it| it.field.values()) {
            if let Some(name) = self::measure(field) {
                let bounds = field.bands.iter().filter_map(|it| Decimal::try_from(*it).ok());
                cuts.entry(name.to_owned()).or_default().extend(bounds);
            }
        }
        let mut of = |name: &str| cuts.remove(name).unwrap_or_default().into_iter().collect();
        Self { whole: of(measure), per_mu: of(&format!("{measure}_per_mu")) }
    }

    fn around(&self, figure: Micro, area_mu: Option<Decimal>) -> Interval {
        let per_mu = self.per_mu.iter().filter_map(|it| it.checked_mul(area_mu?));
        let mut known = Interval { low: figure.min(0), high: None };
        for cut in self.whole.iter().copied().chain(per_mu).map(micro) {
            if cut <= figure {
                known.low = known.low.max(cut);
            } else {
                known.high = Some(known.high.map_or(cut, |it| it.min(cut)));
            }
        }
        known
    }
}

fn micro(mut it: Decimal) -> Micro {
    it.rescale(6);
    it.mantissa()
}

fn decimal(it: Micro) -> Decimal {
    Decimal::try_from_i128_with_scale(it, 6).unwrap_or_default()
}

fn text(it: Decimal) -> String {
    it.normalize().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(when: &str, year: i64) -> (i64, String) {
        let text = format!(
            "title = {{ zh = \"一\", en = \"one\" }}\nlegal_basis = \"-\"\nvalid_from = 2025-01-01\n[[rule]]\nid = \"r\"\ntitle = {{ zh = \"一\", en = \"one\" }}\nwhen = \"{when}\"\neffect = \"low\"\nbasis = \"-\"\nsentence = {{ zh = \"一\", en = \"one\" }}\n"
        );
        (year, text)
    }

    #[test]
    fn sums_reckon_with_the_thresholds_of_every_run_that_was_shown() {
        let layers = Layers::load(None).unwrap();
        let texts = [
            rules("tax_wan_per_mu < 7", 2025),
            rules("tax_wan_per_mu < 8.9", 2025),
            // Another year's figure, and this one's seen from the year after.
            rules("tax_wan_per_mu < 13", 2026),
            rules("tax_wan_per_mu_prev1 < 17", 2026),
        ];
        let cuts = Cuts::of(&layers, &texts, "tax_wan", 2025);
        let told = |it: i64| cuts.per_mu.contains(&Decimal::new(it, 1));
        assert!(told(70) && told(89) && told(170) && told(50), "{:?}", cuts.per_mu);
        assert!(!told(130), "{:?}", cuts.per_mu);
        // 30 万元 on 4 mu: between 7 and 8.9 a mu.
        let known = cuts.around(micro(Decimal::from(30)), Some(Decimal::from(4)));
        assert_eq!((known.low, known.high), (28_000_000, Some(35_600_000)));
    }
}
