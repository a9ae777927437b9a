//! `outStatistics` and `returnDistinctValues`: the same sums and groups as `/api/v1/stats`, by its one way to them, so that
//! what may be known of single enterprises only in sums is withheld here as there.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

use chrono::NaiveDate;
use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::access::Scope;
use crate::app::App;
use crate::cql;
use crate::cql::Expr;
use crate::cql::Kind;
use crate::crs::Crs;
use crate::error::Error;
use crate::error::Result;
use crate::export::Selection;
use crate::export::queries;
use crate::export::shortened;
use crate::extract::Given;
use crate::layer::FieldType;
use crate::layer::Layer;
use crate::stats;
use crate::stats::Group;
use crate::stats::Measure;
use crate::stats::Total;

use super::OBJECT_ID;
use super::condition;
use super::describe;
use super::having::Having;
use super::question;

/// Characters of a name that a client gives a result.
const NAME_LENGTH: usize = 128;

/// The functions of a group's rows, by Esri's names.
pub(super) const STATISTICS: [&str; 7] = ["count", "sum", "avg", "min", "max", "stddev", "var"];

/// One of `outStatistics`, as Esri writes it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wanted {
    statistic_type: String,
    on_statistic_field: String,
    out_statistic_field_name: Option<String>,
}

/// A member of the answer, and what it is of a group.
#[derive(Debug)]
pub(super) struct Figure {
    pub name: String,
    pub of: Of,
}

#[derive(Debug)]
pub(super) enum Of {
    /// The rows of the group.
    Rows,
    /// Those of them that have a value of the measure with this label.
    Known(String),
    Measure(String),
}

impl Of {
    /// A statistic by Esri's name, with what has to be measured for it; `None` where there is none of that name.
    pub(super) fn parse(
        kind: &str,
        field: &str,
        known: &BTreeMap<String, cql::Field>,
        measures: &mut Vec<Measure>,
    ) -> Option<Self> {
        let name = || field.to_owned();
        let is_number = known.get(field).is_none_or(|it| it.kind.is_number());
        let measure = match kind {
            "count" if field == "id" => return Some(Self::Rows),
            "count" if is_number => {
                measures.push(Measure::Sum(name()));
                return Some(Self::Known(format!("sum_{field}")));
            }
            "count" => Measure::Count(name()),
            "sum" => Measure::Sum(name()),
            "avg" => Measure::Avg(name()),
            "min" => Measure::Min(name()),
            "max" => Measure::Max(name()),
            "var" => Measure::Var(name()),
            "stddev" => Measure::Stddev(name()),
            _ => return None,
        };
        measures.push(measure);
        Some(Self::Measure(format!("{kind}_{field}")))
    }

    /// Its digits of a group; `None` where nothing is known or it is withheld.
    pub(super) fn digits(&self, total: &Total) -> Option<String> {
        match self {
            Self::Rows => Some(total.count.to_string()),
            Self::Known(label) => {
                total.measures.get(label).map(|it| (total.count - it.missing).to_string())
            }
            Self::Measure(label) => total.measures.get(label)?.value.clone(),
        }
    }
}

/// A question for sums, or for the values that there are.
#[derive(Debug)]
pub struct Asked<'a> {
    layer: &'a Layer,
    question: stats::Question,
    /// An envelope or a polygon in a system; only what touches it.
    place: Option<(Crs, Expr)>,
    figures: Vec<Figure>,
    /// Which groups are wanted.
    having: Option<Having>,
    /// Names of the answer's members, and whether each descends.
    order: Vec<(String, bool)>,
    offset: usize,
    most: usize,
    /// Only how many groups there are.
    count_only: bool,
}

fn wrong(parameter: &str, why: &str) -> Error {
    Error::parameter(parameter, why)
}

/// The question, if it is one for statistics.
pub fn parse<'a>(scope: &'a Scope, layer: &'a Layer, given: &Given) -> Result<Option<Asked<'a>>> {
    let statistics = given.find(&["outStatistics"])?.filter(|it| !it.trim().is_empty());
    let distinct = question::flag(given, "returnDistinctValues", false)?;
    let groups = given.find(&["groupByFieldsForStatistics"])?.unwrap_or_default();
    let by = match (statistics, distinct) {
        (None, false) if groups.is_empty() => return Ok(None),
        (None, false) => {
            return Err(wrong(
                "groupByFieldsForStatistics",
                "需要 outStatistics / it goes with outStatistics",
            ));
        }
        (Some(_), true) => {
            return Err(wrong(
                "returnDistinctValues",
                "不能与 outStatistics 同用 / not together with outStatistics",
            ));
        }
        (None, true) => given.find(&["outFields"])?.unwrap_or_default(),
        (Some(_), false) => groups,
    };
    match given.find(&["f"])?.map(str::to_ascii_lowercase).as_deref() {
        None | Some("json" | "pjson" | "html") => {}
        Some(_) => return Err(wrong("f", "统计只有 json / statistics are json only")),
    }
    let having = given.find(&["having"])?.filter(|it| !it.trim().is_empty());
    if having.is_some() && distinct {
        return Err(wrong("having", "需要 outStatistics / it goes with outStatistics"));
    }
    let place = place(layer, given)?;
    let mut selection = Selection::new(layer, scope);
    let known = selection.filter_fields();
    let own = |name: &str| {
        let last = name.trim().trim_matches('"').rsplit('.').next().unwrap_or_default();
        condition::field(last, &known).unwrap_or(last).to_owned()
    };
    let group_by: Vec<String> = by.split(',').filter(|it| !it.trim().is_empty()).map(own).collect();
    if distinct && group_by.is_empty() {
        return Err(wrong("outFields", "需要字段名 / the fields whose values are wanted"));
    }
    let mut filter = None;
    if let Some(text) = given.find(&["where"])? {
        let read = condition::compile(text, &known).map_err(|it| Error::parameter("where", it))?;
        if let Some(expr) = read.filter(|it| !is_always(it)) {
            selection.narrow_by("where", expr)?;
            filter = selection.filter.as_ref().map(ToString::to_string);
        }
    }
    let ids = given.find(&["objectIds"])?.map(question::id_list).transpose()?;
    let (mut measures, figures) = figures(statistics, &known, &own)?;
    let having = having.map(|it| Having::parse(it, &known, &group_by, &figures, &mut measures));
    let having = having.transpose()?.flatten();
    // What is asked twice is worked out once.
    let mut seen = BTreeSet::new();
    measures.retain(|it| seen.insert(format!("{it:?}")));
    let order = given.find(&["orderByFields"])?.map_or(Ok(Vec::new()), |it| order(it, &own))?;
    let whole = |name: &'static str| -> Result<Option<usize>> {
        Ok(given.whole(&[name])?.and_then(|it| usize::try_from(it).ok()))
    };
    let question = stats::Question {
        layer: layer.id.clone(),
        filter,
        bbox: None,
        polygon: None,
        ids,
        group_by,
        measures,
        histogram: None,
        breaks: None,
        published: false,
    };
    Ok(Some(Asked {
        layer,
        question,
        place,
        figures,
        having,
        order,
        offset: whole("resultOffset")?.unwrap_or(0),
        most: whole("resultRecordCount")?.unwrap_or(usize::MAX),
        count_only: question::flag(given, "returnCountOnly", false)?,
    }))
}

fn place(layer: &Layer, given: &Given) -> Result<Option<(Crs, Expr)>> {
    let Some((function, crs, shape)) = question::shape_of(layer, given)? else { return Ok(None) };
    if function != "S_INTERSECTS" {
        return Err(wrong(
            "spatialRel",
            "统计只能用相交 / statistics know esriSpatialRelIntersects only",
        ));
    }
    cql::bounded(&shape).map_err(|it| Error::parameter("geometry", it.sentence()))?;
    Ok(Some((crs, shape)))
}

/// `1=1`, which Esri's clients send where they want everything.
fn is_always(expr: &Expr) -> bool {
    let Kind::Compare(op, left, right) = &expr.kind else { return false };
    let (Kind::Number(left), Kind::Number(right)) = (&left.kind, &right.kind) else { return false };
    op.holds(left.cmp(right))
}

fn figures(
    text: Option<&str>,
    known: &BTreeMap<String, cql::Field>,
    own: &impl Fn(&str) -> String,
) -> Result<(Vec<Measure>, Vec<Figure>)> {
    let (mut measures, mut figures) = (Vec::new(), Vec::<Figure>::new());
    let Some(text) = text else { return Ok((measures, figures)) };
    let list: Vec<Wanted> =
        serde_json::from_str(text).map_err(|it| wrong("outStatistics", &it.to_string()))?;
    for it in list {
        let field = own(&it.on_statistic_field);
        let kind = it.statistic_type.to_ascii_lowercase();
        let name = it.out_statistic_field_name.filter(|it| !it.is_empty());
        let name = name.unwrap_or_else(|| format!("{kind}_{field}"));
        if name.chars().count() > NAME_LENGTH || figures.iter().any(|it| it.name == name) {
            return Err(wrong(
                "outStatistics",
                "结果名过长或重复 / a name is too long or given twice",
            ));
        }
        let of = Of::parse(&kind, &field, known, &mut measures).ok_or_else(|| {
            let kind = shortened(&kind);
            let known = STATISTICS.join(", ");
            wrong("outStatistics", &format!("没有 / no `{kind}`: {known}"))
        })?;
        figures.push(Figure { name, of });
    }
    Ok((measures, figures))
}

fn order(text: &str, own: &impl Fn(&str) -> String) -> Result<Vec<(String, bool)>> {
    let mut terms = Vec::new();
    for term in text.split(',').filter(|it| !it.trim().is_empty()) {
        let words: Vec<&str> = term.split_whitespace().collect();
        let descends = match words[1..] {
            [] => false,
            [way] if way.eq_ignore_ascii_case("asc") => false,
            [way] if way.eq_ignore_ascii_case("desc") => true,
            _ => return Err(wrong("orderByFields", "name ASC, name DESC")),
        };
        terms.push((own(words[0]), descends));
    }
    Ok(terms)
}

/// The answer as Esri's features without shapes.
pub async fn answer(app: &App, scope: &Scope, asked: &Asked<'_>) -> Result<Value> {
    let mut question = asked.question.clone();
    if let Some((crs, place)) = &asked.place {
        let mut db = app.db.read(scope).await?;
        let outline = queries::in_degrees(&mut db, "geometry", *crs, place).await?;
        let area = serde_json::from_str(&outline).map_err(|_| {
            wrong(
                "geometry",
                "统计只能用范围或多边形 / statistics are narrowed by an envelope or a polygon only",
            )
        })?;
        question.polygon = Some(area);
    }
    let found = stats::answer(app, scope, &question).await.map_err(|it| match it {
        // In the words of the client's own parameters.
        Error::BadInput { why, at } if at.contains("polygon") => wrong("geometry", &why),
        Error::BadInput { why, at } if at.contains("measures") && asked.having.is_some() => {
            wrong("outStatistics, having", &why)
        }
        Error::BadInput { why, at } if at.contains("measures") => wrong("outStatistics", &why),
        Error::BadInput { why, at } if at.contains("group_by") && asked.figures.is_empty() => {
            wrong("outFields", &why)
        }
        Error::BadInput { why, at } if at.contains("group_by") => {
            wrong("groupByFieldsForStatistics", &why)
        }
        other => other,
    })?;
    let whole = [Group { key: IndexMap::new(), of: found.total }];
    let groups = if asked.question.group_by.is_empty() { &whole[..] } else { &found.groups };
    let wanted = |it: &&Group| {
        asked.having.as_ref().is_none_or(|having| having.holds(asked.layer, it, &asked.figures))
    };
    let groups = groups.iter().filter(wanted);
    let mut rows: Vec<Map<String, Value>> = groups.map(|it| asked.row(&it.key, &it.of)).collect();
    if asked.count_only {
        return Ok(json!({"count": rows.len()}));
    }
    if let Some((unknown, _)) =
        asked.order.iter().find(|it| !rows.iter().all(|row| row.contains_key(&it.0)))
    {
        let unknown = shortened(unknown);
        return Err(wrong(
            "orderByFields",
            &format!("答案中没有 / not in the answer: `{unknown}`"),
        ));
    }
    rows.sort_by(|one, other| {
        let by = asked
            .order
            .iter()
            .map(|(name, descends)| compare(&one[name.as_str()], &other[name.as_str()], *descends));
        by.fold(Ordering::Equal, Ordering::then)
    });
    let more = rows.len() > asked.offset.saturating_add(asked.most);
    let page = rows.into_iter().skip(asked.offset).take(asked.most);
    let features: Vec<Value> = page.map(|it| json!({"attributes": it})).collect();
    let mut document = json!({
        "displayFieldName": "",
        "fields": asked.fields(scope),
        "features": features,
    });
    if more {
        document["exceededTransferLimit"] = json!(true);
    }
    Ok(document)
}

/// Missing values come last either way.
fn compare(one: &Value, other: &Value, descends: bool) -> Ordering {
    let order = match (one, other) {
        (Value::Null, Value::Null) => return Ordering::Equal,
        (Value::Null, _) => return Ordering::Greater,
        (_, Value::Null) => return Ordering::Less,
        (Value::String(one), Value::String(other)) => one.cmp(other),
        (one, other) => one.as_f64().partial_cmp(&other.as_f64()).unwrap_or(Ordering::Equal),
    };
    if descends { order.reverse() } else { order }
}

impl Asked<'_> {
    fn row<'k>(
        &self,
        key: impl IntoIterator<Item = (&'k String, &'k Value)>,
        of: &Total,
    ) -> Map<String, Value> {
        let mut row: Map<String, Value> =
            key.into_iter().map(|(name, it)| (name.clone(), self.value(name, it))).collect();
        for figure in &self.figures {
            let digits = figure.of.digits(of);
            let value = digits.and_then(|it| serde_json::from_str(&it).ok());
            let value = value.unwrap_or(Value::Null);
            row.insert(figure.name.clone(), value);
        }
        row
    }

    /// Esri's documents have a day as milliseconds and yes and no as 1 and 0.
    fn value(&self, name: &str, value: &Value) -> Value {
        match (self.layer.field.get(name).map(|it| it.kind), value) {
            (Some(FieldType::Date), Value::String(it)) => {
                let day = NaiveDate::parse_from_str(it, "%Y-%m-%d").ok();
                let moment = day.map(|it| it.and_time(chrono::NaiveTime::MIN).and_utc());
                moment.map_or(Value::Null, |it| json!(it.timestamp_millis()))
            }
            (_, Value::Bool(it)) => json!(i32::from(*it)),
            _ => value.clone(),
        }
    }

    fn fields(&self, scope: &Scope) -> Vec<Value> {
        let is_key = |name: &str| self.question.group_by.iter().any(|it| it == name);
        let keys = describe::fields(self.layer, scope, is_key);
        let keys = keys.into_iter().filter(|it| it["name"] != OBJECT_ID);
        let figures = self.figures.iter().map(|it| {
            let kind = match it.of {
                Of::Rows | Of::Known(_) => "esriFieldTypeInteger",
                Of::Measure(_) => "esriFieldTypeDouble",
            };
            json!({"name": it.name, "type": kind, "alias": it.name})
        });
        keys.chain(figures).collect()
    }
}
