//! One row of the source to one row of the database, or to the reasons why not. All findings of a row are collected: a
//! person mends them in one go.

use chrono::NaiveDate;
use gdal::spatial_ref::CoordTransform;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::layer::Field;

use super::copy;
use super::copy::Layout;
use super::copy::Line;
use super::date;
use super::doubles::Double;
use super::doubles::Doubles;
use super::group::Groups;
use super::mapping::Plan;
use super::mapping::Planned;
use super::mapping::Source;
use super::quality::codes;
use super::quality::codes::Held;
use super::quality::neighbours::Spool;
use super::quality::neighbours::Whose;
use super::quality::outline;
use super::quality::place;
use super::quality::plausible;
use super::read::Row;
use super::read::Shape;
use super::repair;
use super::repair::Prepared;
use super::repair::Stored;
use super::report::Areas;
use super::report::Counts;
use super::report::Findings;
use super::report::Issue;
use super::report::Severity;
use super::rules;
use super::rules::is_credit_code;
use super::target::Target;
use super::value::Cell;
use super::value::Value;
use super::value::plain;

/// Values of a column that the report shows.
const SAMPLES: usize = 3;
/// The table whose outlines are compared.
const PARCELS: &str = "mutu.parcel";

/// Judges rows and keeps what it found.
pub struct Checker<'a> {
    target: &'a Target,
    plan: &'a Plan,
    district: [f64; 4],
    transform: Option<&'a CoordTransform>,
    groups: Option<Groups>,
    /// The first values of each column.
    pub samples: Vec<Vec<String>>,
    codes: Held,
    doubles: Doubles,
    /// The outlines of parcels, to be compared with one another; where they could not be kept, why not.
    pub outlines: Option<std::io::Result<Spool>>,
    today: NaiveDate,
    pub findings: Findings,
    pub counts: Counts,
    pub areas: Areas,
    pub outside: u64,
    /// Rows with heights, with curves.
    pub flattened: u64,
    pub linearised: u64,
    layout: Layout,
    /// Columns of a row.
    columns: u16,
    /// Finished rows as COPY takes them.
    pub out: Vec<u8>,
}

impl<'a> Checker<'a> {
    pub fn new(
        target: &'a Target,
        plan: &'a Plan,
        columns: usize,
        district: [f64; 4],
        transform: Option<&'a CoordTransform>,
        layout: Layout,
    ) -> Self {
        let geometry = target.geometry.map_or(0, |_| 3 + u16::from(layout.measured));
        let fields = u16::try_from(target.fields.len()).unwrap_or(u16::MAX);
        let groups = (!plan.group_by.is_empty()).then(|| Groups::new(target, plan));
        Self {
            target,
            plan,
            district,
            transform,
            groups,
            samples: vec![Vec::new(); columns],
            codes: Held::default(),
            doubles: Doubles::new(target),
            outlines: (target.relation == PARCELS).then(|| Ok(Spool::default())),
            today: chrono::Local::now().date_naive(),
            findings: Findings::default(),
            counts: Counts::default(),
            areas: Areas::default(),
            outside: 0,
            flattened: 0,
            linearised: 0,
            columns: 2 + fields + geometry + layout.suffix.columns,
            layout,
            out: Vec::new(),
        }
    }

    /// Takes one row: it is written to `out`, joined to a group, or rejected.
    pub fn row(&mut self, row: Row) {
        if matches!(row.shape, Shape::None) {
            if row.cells.iter().all(Cell::is_missing) {
                self.counts.blank += 1;
                return;
            }
            if self.is_total(&row.cells) {
                self.counts.passed_over += 1;
                let first = row.cells.iter().find(|it| !it.is_missing());
                let value = first.map(Cell::shown);
                self.warn("total_row", row.number, None, value, "合计或注释行 / a total or a note");
                return;
            }
        }
        self.counts.read += 1;
        self.sample(&row.cells);
        let number = row.number;
        let mut issues = Vec::new();
        let values = self.values(&row, &mut issues);
        issues.extend(rules::judge(self.target, &values, number, |field| self.column(field)));
        let column = |field| self.column(field);
        issues.extend(plausible::judge(self.target, &values, number, &column, self.today));
        if self.has_code(&values) {
            self.codes.saw();
        }
        let (cells, prepared) = self.prepared(row, &values, &mut issues);
        let whole = prepared.as_ref().filter(|_| !issues.is_empty());
        let place = whole.and_then(|it| place::of(&it.stored));
        let rejected = issues.iter().any(|it| it.severity == Severity::Error);
        for it in issues {
            let place = it.place.clone().or_else(|| place.clone());
            if let Some(it) = self.codes.keep(it.at(place)) {
                self.findings.add(it);
            }
        }
        if rejected {
            self.counts.rejected += 1;
            return;
        }
        if let Some(groups) = &mut self.groups {
            if groups.add(number, values, &mut self.findings) {
                self.counts.merged += 1;
            }
            return;
        }
        let extra = self.extra(&cells);
        self.write(number, &values, prepared.as_ref(), extra);
    }

    /// Tells what only shows at the end, and writes the groups when rows are joined. Call once after the last row.
    pub fn finish(&mut self) {
        std::mem::take(&mut self.codes).finish(&mut self.findings);
        let Some(groups) = self.groups.take() else { return };
        for (number, values, extra) in groups.finish() {
            self.write(number, &values, None, Some(extra));
        }
    }

    /// The row's cells and what the layer stores of its geometry, with everything there is to say about it.
    fn prepared(
        &self,
        row: Row,
        values: &[Option<Value>],
        issues: &mut Vec<Issue>,
    ) -> (Vec<Cell>, Option<Prepared>) {
        let Some(wanted) = self.target.geometry else { return (row.cells, None) };
        let prepared = match row.shape {
            Shape::Wkb(it) => repair::prepare_wkb(it, self.transform, wanted),
            Shape::Geometry(it) => repair::prepare(it, self.transform, wanted),
            Shape::Noted(it, remark) => {
                let issue = Issue::error(remark.rule, row.number, None, None, remark.why);
                issues.push(issue.warning());
                repair::prepare(it, self.transform, wanted)
            }
            Shape::Broken(remark) => {
                issues.push(Issue::error(remark.rule, row.number, None, None, remark.why));
                return (row.cells, None);
            }
            Shape::None | Shape::Null => {
                let why = "没有几何 / the row has no geometry";
                issues.push(Issue::error("geometry_missing", row.number, None, None, why));
                return (row.cells, None);
            }
        };
        let prepared = match prepared {
            Ok(it) => it,
            Err(it) => {
                let issue = Issue::error(it.rule, row.number, None, None, it.why);
                issues.push(issue.at(it.at.map(place::point)));
                return (row.cells, None);
            }
        };
        // Of a row that is rejected anyway nothing was repaired or stored.
        if issues.iter().all(|it| it.severity == Severity::Warning) {
            issues.extend(outline::judge(self.target, &prepared, row.number, self.district));
            let column = |field| self.column(field);
            issues.extend(outline::registered(self.target, values, &prepared, row.number, &column));
        }
        (row.cells, Some(prepared))
    }

    fn sample(&mut self, cells: &[Cell]) {
        for (samples, cell) in self.samples.iter_mut().zip(cells) {
            if samples.len() < SAMPLES && !cell.is_missing() {
                let shown = cell.shown();
                if !samples.contains(&shown) {
                    samples.push(shown);
                }
            }
        }
    }

    fn has_code(&self, values: &[Option<Value>]) -> bool {
        ["parcel_code", "building_code"].iter().any(|name| {
            self.target.fields.get_index_of(*name).is_some_and(|it| values[it].is_some())
        })
    }

    fn values(&mut self, row: &Row, faults: &mut Vec<Issue>) -> Vec<Option<Value>> {
        let mut values = vec![None; self.target.fields.len()];
        for planned in &self.plan.fields {
            let field = self.target.field(planned.field);
            let cell = match &planned.source {
                Source::Column(at) => row.cells.get(*at).unwrap_or(&Cell::Missing),
                Source::Constant(it) => it,
            };
            match self.value(planned, field, cell) {
                Ok(it) => {
                    let name = self.target.name(planned.field);
                    if let (Some(Value::Text(code)), Cell::Text(given)) = (&it, cell)
                        && is_code(name)
                        && planned.values.is_empty()
                        && code != given.trim()
                    {
                        let why = format!("已存为 / stored as `{code}`");
                        let (column, given) = (Some(planned.header.clone()), Some(cell.shown()));
                        let number = Some(row.number);
                        faults.push(Issue::warn("code_normalised", number, column, given, why));
                    }
                    values[planned.field] = it;
                }
                Err(why) => {
                    let column = Some(planned.header.clone());
                    // A column may fill two fields, an area in 亩 as given and in m².
                    if faults.iter().any(|it| it.rule == "value" && it.field == column) {
                        continue;
                    }
                    faults.push(Issue::error("value", row.number, column, Some(cell.shown()), why));
                }
            }
        }
        self.period(row, &mut values, faults);
        values
    }

    fn value(
        &self,
        planned: &Planned,
        field: &Field,
        cell: &Cell,
    ) -> Result<Option<Value>, String> {
        let name = self.target.name(planned.field);
        let translated = (!planned.values.is_empty() && !cell.is_missing()).then(|| {
            let shown = super::header::normal(&cell.shown());
            planned
                .values
                .iter()
                .find(|(from, _)| *from == shown)
                .map(|(_, to)| Cell::Text(to.clone()))
        });
        let cell = translated.as_ref().and_then(Option::as_ref).unwrap_or(cell);
        let year = match cell {
            Cell::Text(text) if name == "year" => {
                let text = plain(text);
                Some(Cell::Text(text.trim_end_matches(['年', '度']).to_owned()))
            }
            _ => None,
        };
        let value = year.as_ref().unwrap_or(cell).value(field.kind)?;
        let too_large = || "换算后数值过大 / too large after conversion".to_owned();
        Ok(match value {
            Some(Value::Decimal(it)) => {
                Some(Value::Decimal(planned.convert(it, field).ok_or_else(too_large)?))
            }
            Some(Value::Integer(it)) if !planned.factor.is_one() => {
                let converted = planned.convert(Decimal::from(it), field).ok_or_else(too_large)?;
                let whole = converted.round().to_i64().ok_or_else(too_large)?;
                Some(Value::Integer(whole))
            }
            Some(Value::Text(it)) => match name {
                _ if is_code(name) => Some(Value::Text(codes::normal(name, &it))),
                _ => Some(Value::Text(it)),
            },
            other => other,
        })
    }

    /// Brings year and period in line: either follows from the other.
    fn period(&self, row: &Row, values: &mut [Option<Value>], faults: &mut Vec<Issue>) {
        let position = |name: &str| self.target.fields.get_index_of(name);
        let (Some(period), Some(year)) = (position("period"), position("year")) else { return };
        let given = match &values[year] {
            Some(Value::Integer(it)) => Some(*it),
            _ => None,
        };
        let text = match &values[period] {
            Some(Value::Text(it)) => Some(it.as_str()),
            _ => None,
        };
        let column = self.plan.fields.iter().find(|it| it.field == period);
        let quarters = column.is_some_and(|it| it.header.contains('季'));
        match date::align(text, given, quarters) {
            Err((why, value)) => {
                let field = Some("period".to_owned());
                faults.push(Issue::error("period", row.number, field, Some(value), why));
            }
            Ok(Some((text, found))) => {
                values[period] = Some(Value::Text(text));
                values[year] = Some(Value::Integer(found));
            }
            Ok(None) => {}
        }
    }

    /// The header a field was read from, which is what a person can find.
    fn column(&self, field: usize) -> String {
        let planned = self.plan.fields.iter().find(|it| it.field == field);
        planned.map_or_else(|| self.target.name(field).to_owned(), |it| it.header.clone())
    }

    /// Adds an accepted geometry to the sums of the report.
    fn count_geometry(&mut self, it: &Prepared) {
        self.flattened += u64::from(it.flattened);
        self.linearised += u64::from(it.linearised);
        self.areas.accepted_m2 += stored_area(it.area_m2).to_f64().unwrap_or_default();
        if let Some(repair) = &it.repair {
            self.counts.repaired += 1;
            self.areas.repaired_before_m2 += repair.before_m2;
            self.areas.repaired_after_m2 += repair.after_m2;
        }
        self.outside += u64::from(outline::is_outside(it.bbox, self.district));
    }

    /// 合计 and notes under a table are no rows of it.
    fn is_total(&self, cells: &[Cell]) -> bool {
        let key_missing = self.plan.fields.iter().any(|it| {
            let Source::Column(at) = it.source else { return false };
            self.target.field(it.field).required && cells.get(at).is_none_or(Cell::is_missing)
        });
        cells.iter().filter(|it| !it.is_missing()).take(2).any(|it| {
            let Cell::Text(text) = it else { return false };
            let word: String = plain(text).chars().filter(|it| !it.is_whitespace()).collect();
            let total = ["合计", "总计", "小计", "共计"].contains(&word.trim_end_matches(':'));
            let note = ["注:", "备注:", "说明:", "填表", "制表", "审核"]
                .iter()
                .any(|it| word.starts_with(it));
            total || note && key_missing
        })
    }

    fn extra(&self, cells: &[Cell]) -> Option<serde_json::Value> {
        let mut extra = serde_json::Map::new();
        for (index, header) in &self.plan.extra {
            if let Some(cell) = cells.get(*index).filter(|it| !it.is_missing()) {
                extra.insert(header.clone(), cell.json());
            }
        }
        (!extra.is_empty()).then_some(serde_json::Value::Object(extra))
    }

    fn write(
        &mut self,
        number: u64,
        values: &[Option<Value>],
        prepared: Option<&Prepared>,
        extra: Option<serde_json::Value>,
    ) {
        if let Some(double) = self.doubles.saw(values, number) {
            self.reject_double(number, double, prepared);
            return;
        }
        if let Some(it) = prepared {
            self.count_geometry(it);
            self.keep_outline(number, values, it);
        }
        let row_no = i64::try_from(number).unwrap_or(i64::MAX).saturating_add(self.layout.offset);
        let mut line = Line::new(&mut self.out, self.columns, row_no);
        for ((_, field), value) in self.target.fields.iter().zip(values) {
            line.value(field.kind, value.as_ref());
        }
        if let Some(it) = prepared {
            line.shape(&it.stored);
            let original = it.original.as_deref().and_then(copy::with_srid);
            line.bytes(original.as_deref());
            line.boolean(it.repair.is_some());
            if self.layout.measured {
                line.decimal(stored_area(it.area_m2));
            }
        }
        // \u0000 is a character that jsonb refuses.
        let extra = extra.map(|it| it.to_string().replace("\\u0000", ""));
        line.json(extra.as_deref());
        line.suffix(&self.layout.suffix);
    }

    /// Of rows with one key the first is kept; the others are errors.
    fn reject_double(&mut self, number: u64, double: Double, prepared: Option<&Prepared>) {
        self.counts.rejected += 1;
        let Double { first, key } = double;
        let field = Some(self.target.key.join(" + "));
        let why =
            format!("与第 {first} 行重复，保留第 {first} 行 / repeats row {first}, which is kept");
        let place = prepared.and_then(|it| place::of(&it.stored));
        self.findings.add(Issue::error("duplicate", number, field, Some(key), why).at(place));
    }

    fn keep_outline(&mut self, number: u64, values: &[Option<Value>], it: &Prepared) {
        let (Some(Ok(spool)), Stored::Polygons(polygons)) = (&mut self.outlines, &it.stored) else {
            return;
        };
        let code =
            self.target.fields.get_index_of("parcel_code").and_then(|at| values[at].as_ref());
        let code = if let Some(Value::Text(code)) = code { code.as_str() } else { "" };
        if let Err(error) = spool.push(Whose::File(number), code, it.area_m2, polygons) {
            self.outlines = Some(Err(error));
        }
    }

    fn warn(
        &mut self,
        rule: &'static str,
        row: u64,
        field: Option<String>,
        value: Option<String>,
        message: &str,
    ) {
        self.findings.add(Issue::warn(rule, Some(row), field, value, message));
    }
}

/// A measured area in m² as it is stored.
fn stored_area(area_m2: f64) -> Decimal {
    (area_m2 * 100.0).round().to_i64().map_or(Decimal::MAX, |it| Decimal::new(it, 2))
}

/// Whether a field holds codes, which are compared letter by letter.
fn is_code(name: &str) -> bool {
    is_credit_code(name) || name.ends_with("code")
}
