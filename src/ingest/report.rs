//! What an import found and did, for people and as JSON. Findings are counted all and quoted some.

use indexmap::IndexMap;
use serde::Serialize;

use crate::layer::Text;

use super::crs;
use super::encoding;
use super::mapping::How;

/// Findings of one rule that are kept with row and value; the rest is counted.
const KEPT: usize = 200;
/// Of those, how many the report quotes.
const QUOTED: usize = 5;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The row was not imported.
    Error,
    Warning,
}

impl Severity {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// One finding.
#[derive(Clone, Debug, Serialize)]
pub struct Issue {
    pub severity: Severity,
    pub rule: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    pub message: String,
    /// What would make the finding go away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mend: Option<String>,
    /// Where on the map it is: EWKB in EPSG:4490, longitude before latitude.
    #[serde(skip)]
    pub place: Option<Vec<u8>>,
}

impl Issue {
    /// A finding that rejects its row.
    pub fn error(
        rule: &'static str,
        row: u64,
        field: Option<String>,
        value: Option<String>,
        message: impl Into<String>,
    ) -> Self {
        let message = message.into();
        let severity = Severity::Error;
        Self { severity, rule, row: Some(row), field, value, message, mend: None, place: None }
    }

    /// The same finding as one that its row survives.
    pub fn warning(self) -> Self {
        Self { severity: Severity::Warning, ..self }
    }
}

/// All findings, grouped by rule.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    rules: IndexMap<(&'static str, &'static str), (u64, Vec<Issue>)>,
}

impl Findings {
    pub fn add(&mut self, issue: Issue) {
        let (count, kept) = self.rules.entry((issue.severity.name(), issue.rule)).or_default();
        *count += 1;
        if kept.len() < KEPT {
            kept.push(issue);
        }
    }

    /// Counts findings whose rows are not quoted.
    pub fn count_more(&mut self, severity: Severity, rule: &'static str, more: u64) {
        self.rules.entry((severity.name(), rule)).or_default().0 += more;
    }

    /// The findings that were kept, for the database.
    pub fn kept(&self) -> impl Iterator<Item = &Issue> {
        self.rules.values().flat_map(|(_, kept)| kept)
    }

    /// Errors first, then the most frequent.
    pub fn groups(&self) -> Vec<IssueGroup> {
        let mut groups: Vec<IssueGroup> = self
            .rules
            .iter()
            .map(|((severity, rule), (count, kept))| IssueGroup {
                severity: if *severity == "error" { Severity::Error } else { Severity::Warning },
                rule,
                title: title(rule),
                count: *count,
                examples: kept.iter().take(QUOTED).cloned().collect(),
            })
            .collect();
        groups.sort_by_key(|it| (it.severity != Severity::Error, std::cmp::Reverse(it.count)));
        groups
    }
}

/// The findings of one rule.
#[derive(Clone, Debug, Serialize)]
pub struct IssueGroup {
    pub severity: Severity,
    pub rule: &'static str,
    pub title: Text,
    pub count: u64,
    pub examples: Vec<Issue>,
}

fn title(rule: &str) -> Text {
    let (zh, en) = match rule {
        "geometry_missing" => ("没有几何", "no geometry"),
        "geometry_type" => ("几何类型不符", "geometry of another kind"),
        "geometry_broken" => ("几何无法读取", "geometry cannot be read"),
        "geometry_empty" => ("面积为零", "polygon without area"),
        "geometry_unrepairable" => {
            ("几何无效且无法修复", "invalid geometry that cannot be repaired")
        }
        "geometry_repaired" => ("几何已修复", "geometry repaired"),
        "geometry_left_out" => ("集合中的其他部分未导入", "other parts of a collection left out"),
        "coordinates" => ("坐标有误", "coordinates out of range"),
        "geometry_too_large" => ("图形过大", "a geometry too large to be checked"),
        "geometry_open" => ("线未闭合", "a line that is not closed"),
        "point_count" => ("点数不符", "the number of points differs"),
        "outside_district" => ("在辖区之外", "outside the district"),
        "area_differs" => {
            ("证载与图上面积相差超过 1%", "registered and measured area differ by more than 1 %")
        }
        "required" => ("缺少必填值", "a required value is missing"),
        "value" => ("值无法识别", "a value that does not parse"),
        "negative" => ("不应为负数", "a negative figure"),
        "code_list" => ("不在取值范围", "not in the code list"),
        "period" => ("报告期有误", "year or period"),
        "credit_code" => ("信用代码校验不符", "credit code fails its check"),
        "duplicate" => ("文件内重复", "a double within the file"),
        "total_row" => ("合计或注释行，已跳过", "total or note row, passed over"),
        "no_parcel" => ("宗地代码未登记", "no parcel of that code"),
        "no_enterprise" => ("信用代码未登记", "no enterprise of that code"),
        "group_differs" => ("合并的行取值不同", "rows made one differ"),
        "text_cut" => ("文本末字不完整", "text whose last character was cut"),
        other => (other, other),
    };
    Text { zh: zh.to_owned(), en: en.to_owned() }
}

/// A row of the mapping table.
#[derive(Clone, Debug, Serialize)]
pub struct Mapped {
    pub header: String,
    pub field: String,
    pub title: Text,
    pub how: How,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_unit: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub factor: Option<String>,
}

/// Rows by what became of them.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Counts {
    /// Rows of the file; blank ones are not counted.
    pub read: u64,
    /// Rows of the database that were written: added and changed.
    pub written: u64,
    pub added: u64,
    pub changed: u64,
    pub unchanged: u64,
    pub repaired: u64,
    pub rejected: u64,
    /// Rows that a mapping's `group_by` made one with another.
    pub merged: u64,
    /// Total and note rows below the table.
    pub passed_over: u64,
    pub blank: u64,
    /// Rows of the database that the file does not have. They stay, except in a layer that is replaced as a whole.
    pub not_in_file: u64,
    pub removed: u64,
}

/// Areas, to be compared with what the source says of itself.
#[derive(Clone, Debug, Default, Serialize)]
#[expect(clippy::struct_field_names, reason = "the unit belongs in the name")]
pub struct Areas {
    /// Measured on the ellipsoid, of all rows that were accepted.
    pub accepted_m2: f64,
    pub repaired_before_m2: f64,
    pub repaired_after_m2: f64,
}

/// The whole report.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    pub file: String,
    pub into: String,
    pub title: Text,
    pub dry_run: bool,
    pub batch_id: Option<i64>,
    /// The state of the target when it was compared, to be named when a preview is applied.
    pub seen: String,
    pub format: String,
    pub layer_name: Option<String>,
    pub encoding: Option<encoding::Choice>,
    pub crs: Option<crs::Choice>,
    pub rows: Counts,
    pub areas: Option<Areas>,
    pub mapping: Vec<Mapped>,
    /// Headers whose values went to `extra`.
    pub extra: Vec<String>,
    pub notes: Vec<String>,
    pub issues: Vec<IssueGroup>,
    pub seconds: f64,
}

impl Report {
    /// Whether nothing at all could be imported.
    pub fn failed(&self) -> bool {
        self.rows.read > 0 && self.rows.rejected == self.rows.read
    }
}
