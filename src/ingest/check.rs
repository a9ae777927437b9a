//! One row of the source to one row of the database, or to the reasons why not. All findings of a row are collected: a
//! person mends them in one go.

use gdal::spatial_ref::CoordTransform;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::layer::Field;

use super::copy;
use super::copy::Line;
use super::date;
use super::group::Groups;
use super::mapping::Plan;
use super::mapping::Planned;
use super::mapping::Source;
use super::read::Row;
use super::read::Shape;
use super::repair;
use super::repair::Prepared;
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

/// A parcel's registered and measured area may differ by this part.
const AREA_TOLERANCE: f64 = 0.01;

/// Judges rows and keeps what it found.
pub struct Checker<'a> {
    target: &'a Target,
    plan: &'a Plan,
    district: [f64; 4],
    transform: Option<&'a CoordTransform>,
    groups: Option<Groups>,
    pub findings: Findings,
    pub counts: Counts,
    pub areas: Areas,
    pub outside: u64,
    /// Rows with heights, with curves.
    pub flattened: u64,
    pub linearised: u64,
    /// Finished rows in COPY's text format.
    pub out: Vec<u8>,
}

impl<'a> Checker<'a> {
    pub fn new(
        target: &'a Target,
        plan: &'a Plan,
        district: [f64; 4],
        transform: Option<&'a CoordTransform>,
    ) -> Self {
        let groups = (!plan.group_by.is_empty()).then(|| Groups::new(target, plan));
        Self {
            target,
            plan,
            district,
            transform,
            groups,
            findings: Findings::default(),
            counts: Counts::default(),
            areas: Areas::default(),
            outside: 0,
            flattened: 0,
            linearised: 0,
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
        let number = row.number;
        let mut faults = Vec::new();
        let mut values = self.values(&row, &mut faults);
        self.period(&row, &mut values, &mut faults);
        for issue in rules::judge(self.target, &values, number, |field| self.column(field)) {
            match issue.severity {
                Severity::Error => faults.push(issue),
                Severity::Warning => self.findings.add(issue),
            }
        }
        let shape = match row.shape {
            Shape::Noted(raw, remark) => {
                self.warn(remark.rule, number, None, None, &remark.why);
                Shape::Geometry(raw)
            }
            other => other,
        };
        let prepared = match (self.target.geometry, shape) {
            (None, _) => None,
            (Some(_), Shape::Broken(it)) => {
                faults.push(Issue::error(it.rule, number, None, None, it.why));
                None
            }
            (Some(wanted), Shape::Geometry(raw)) => {
                match repair::prepare(raw, self.transform, wanted) {
                    Ok(it) => Some(it),
                    Err(it) => {
                        faults.push(Issue::error(it.rule, number, None, None, it.why));
                        None
                    }
                }
            }
            (Some(_), _) => {
                let why = "没有几何 / the row has no geometry";
                faults.push(Issue::error("geometry_missing", number, None, None, why));
                None
            }
        };
        if !faults.is_empty() {
            self.counts.rejected += 1;
            for it in faults {
                self.findings.add(it);
            }
            return;
        }
        if let Some(it) = &prepared {
            self.note_geometry(number, &values, it);
        }
        if let Some(groups) = &mut self.groups {
            if groups.add(number, values, &mut self.findings) {
                self.counts.merged += 1;
            }
            return;
        }
        let extra = self.extra(&row.cells);
        self.write(number, &values, prepared.as_ref(), extra);
    }

    /// Writes the groups, when rows are joined. Call once after the last row.
    pub fn finish(&mut self) {
        let Some(groups) = self.groups.take() else { return };
        for (number, values, extra) in groups.finish() {
            self.write(number, &values, None, Some(extra));
        }
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
                Ok(it) => values[planned.field] = it,
                Err(why) => {
                    let column = Some(planned.header.clone());
                    faults.push(Issue::error("value", row.number, column, Some(cell.shown()), why));
                }
            }
        }
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
                _ if is_credit_code(name) => {
                    let code: String =
                        plain(&it).chars().filter(|it| !it.is_whitespace()).collect();
                    Some(Value::Text(code.to_uppercase()))
                }
                _ if name.ends_with("code") => Some(Value::Text(plain(&it))),
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

    fn note_geometry(&mut self, number: u64, values: &[Option<Value>], it: &Prepared) {
        self.flattened += u64::from(it.flattened);
        self.linearised += u64::from(it.linearised);
        self.areas.accepted_m2 += it.area_m2;
        if it.left_out {
            let why = "集合中的其他部分未导入 / parts of another kind were left out";
            self.warn("geometry_left_out", number, None, None, why);
        }
        if let Some(repair) = &it.repair {
            self.counts.repaired += 1;
            self.areas.repaired_before_m2 += repair.before_m2;
            self.areas.repaired_after_m2 += repair.after_m2;
            let why = format!(
                "{}；面积 area {:.2} → {:.2} m²",
                repair.why, repair.before_m2, repair.after_m2
            );
            self.warn("geometry_repaired", number, None, None, &why);
        }
        let [west, south, east, north] = self.district;
        if it.bbox[2] < west || it.bbox[0] > east || it.bbox[3] < south || it.bbox[1] > north {
            self.outside += 1;
            let why = format!("{:.5}, {:.5}", it.bbox[0], it.bbox[1]);
            self.warn("outside_district", number, None, None, &why);
        }
        let registered = self.target.fields.get_index_of("area_registered_m2");
        if let Some(Some(Value::Decimal(registered))) = registered.map(|it| &values[it])
            && let Some(registered) = registered.to_f64().filter(|it| *it > 0.0)
            && (registered - it.area_m2).abs() > AREA_TOLERANCE * registered.max(it.area_m2)
        {
            let why =
                format!("证载 registered {registered:.2} m²，图上 measured {:.2} m²", it.area_m2);
            self.warn("area_differs", number, None, None, &why);
        }
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
        let mut line = Line::new(number);
        for value in values {
            line.value(value.as_ref());
        }
        if let Some(it) = prepared {
            line.bytes_as_hex(Some(&copy::ewkb(&it.stored)));
            let original = it.original.as_deref().and_then(copy::with_srid);
            line.bytes_as_hex(original.as_deref());
            line.text(Some(if it.repair.is_some() { "t" } else { "f" }));
            line.text(Some(&format!("{:.2}", it.area_m2)));
        }
        // \u0000 is a character that jsonb refuses.
        let extra = extra.map(|it| it.to_string().replace("\\u0000", ""));
        line.text(extra.as_deref());
        line.end(&mut self.out);
    }

    fn warn(
        &mut self,
        rule: &'static str,
        row: u64,
        field: Option<String>,
        value: Option<String>,
        message: &str,
    ) {
        let issue = Issue::error(rule, row, field, value, message);
        self.findings.add(issue.warning());
    }
}
