//! Findings as files: a workbook to mend by, and GeoJSON to look at on a map. Rows pass one by one; memory stays flat.

use std::fs::File;
use std::io::BufWriter;
use std::io::Write;
use std::path::Path;

use anyhow::Context;
use anyhow::bail;
use geozero::ToGeo;
use geozero::ToJson;
use geozero::wkb::Ewkb;
use rust_xlsxwriter::Format;
use rust_xlsxwriter::FormatAlign;
use rust_xlsxwriter::Workbook;
use rust_xlsxwriter::Worksheet;
use serde_json::json;

use super::super::report::Findings;
use super::super::report::Issue;
use super::super::report::KEPT;
use super::super::report::Report;
use super::super::report::Severity;
use super::catalogue;

/// Rows of a sheet without the headings.
const MAX_ROWS: u32 = 1_048_575;
/// Characters of a cell.
const MAX_TEXT: usize = 32_767;
/// Digits that a cell keeps.
const MAX_DIGITS: usize = 15;

/// A finding as a file has it.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Its number, where it is kept in the database; a page links rows with outlines by it.
    pub issue_id: Option<i64>,
    pub severity: String,
    pub rule: String,
    pub row: Option<i64>,
    pub field: Option<String>,
    pub value: Option<String>,
    pub message: String,
    pub mend: Option<String>,
    /// EWKB in EPSG:4490.
    pub place: Option<Vec<u8>>,
}

impl From<&Issue> for Finding {
    fn from(it: &Issue) -> Self {
        Self {
            issue_id: None,
            severity: it.severity.name().to_owned(),
            rule: it.rule.to_owned(),
            row: it.row.and_then(|it| i64::try_from(it).ok()),
            field: it.field.clone(),
            value: it.value.clone(),
            message: it.message.clone(),
            mend: it.mend.clone(),
            place: it.place.clone(),
        }
    }
}

/// Findings of a rule, all and those listed.
#[derive(Clone, Debug)]
pub struct Count {
    pub severity: String,
    pub rule: String,
    pub all: i64,
    pub listed: i64,
}

/// How many findings each rule has.
pub fn counts(findings: &Findings) -> Vec<Count> {
    let listed = |it: u64| i64::try_from(it).unwrap_or(i64::MAX);
    findings
        .groups()
        .iter()
        .map(|it| Count {
            severity: it.severity.name().to_owned(),
            rule: it.rule.to_owned(),
            all: listed(it.count),
            listed: listed(it.count.min(KEPT as u64)),
        })
        .collect()
}

impl Report {
    /// Writes every finding that was kept, as the file's ending says: `.xlsx` or `.geojson`.
    pub fn write_issues(&self, file: &Path) -> anyhow::Result<()> {
        let findings = self.findings.kept().map(Finding::from).map(Ok);
        match file.extension().map(|it| it.to_string_lossy().to_lowercase()).as_deref() {
            Some("xlsx") => write_xlsx(file, &counts(&self.findings), findings).map(|_| ()),
            Some("geojson") => write_geojson(file, findings).map(|_| ()),
            _ => bail!(
                "{}: 应为 .xlsx 或 .geojson / findings are written as .xlsx or .geojson",
                file.display()
            ),
        }
    }
}

fn kind(severity: &str) -> &'static str {
    if severity == Severity::Error.name() { "拒绝 / rejected" } else { "警告 / warning" }
}

/// Writes a workbook: findings on one sheet, their numbers by rule on another. Returns how many findings were written.
pub fn write_xlsx(
    file: &Path,
    counts: &[Count],
    findings: impl Iterator<Item = anyhow::Result<Finding>>,
) -> anyhow::Result<u64> {
    put_xlsx(file, counts, findings).with_context(|| format!("writing {}", file.display()))
}

fn put_xlsx(
    file: &Path,
    counts: &[Count],
    findings: impl Iterator<Item = anyhow::Result<Finding>>,
) -> anyhow::Result<u64> {
    let head = Format::new()
        .set_bold()
        .set_text_wrap()
        .set_align(FormatAlign::VerticalCenter)
        .set_background_color(0x00E8_EDF2);
    let degrees = Format::new().set_num_format("0.000000");
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    sheet.set_name("问题")?;
    let columns = [
        ("级别 / Severity", 16.0),
        ("规则 / Rule", 28.0),
        ("行 / Row", 10.0),
        ("列 / Column", 22.0),
        ("值 / Value", 24.0),
        ("说明 / What", 60.0),
        ("如何改正 / Mend", 60.0),
        ("经度 / Longitude", 14.0),
        ("纬度 / Latitude", 14.0),
        ("规则代码 / Rule id", 22.0),
    ];
    headings(sheet, &columns, &head)?;
    let mut at = 0;
    for finding in findings {
        let it = finding?;
        if at == MAX_ROWS {
            break;
        }
        at += 1;
        let title = catalogue::title(&it.rule);
        text(sheet, (at, 0), kind(&it.severity))?;
        text(sheet, (at, 1), &format!("{} / {}", title.zh, title.en))?;
        if let Some(row) = it.row {
            #[expect(clippy::cast_precision_loss, reason = "rows of a file")]
            sheet.write_number(at, 2, row as f64)?;
        }
        text(sheet, (at, 3), it.field.as_deref().unwrap_or_default())?;
        value(sheet, (at, 4), it.value.as_deref().unwrap_or_default())?;
        text(sheet, (at, 5), &it.message)?;
        text(sheet, (at, 6), it.mend.as_deref().unwrap_or_default())?;
        if let Some([longitude, latitude]) = it.place.as_deref().and_then(centre) {
            sheet.write_number_with_format(at, 7, longitude, &degrees)?;
            sheet.write_number_with_format(at, 8, latitude, &degrees)?;
        }
        text(sheet, (at, 9), &it.rule)?;
    }
    if at > 0 {
        sheet.autofilter(0, 0, at, u16::try_from(columns.len() - 1)?)?;
    }
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    sheet.set_name("汇总")?;
    let columns = [
        ("级别 / Severity", 16.0),
        ("规则 / Rule", 40.0),
        ("数量 / Count", 12.0),
        ("列出 / Listed", 12.0),
        ("规则代码 / Rule id", 22.0),
    ];
    headings(sheet, &columns, &head)?;
    for (at, it) in (1..).zip(counts) {
        let title = catalogue::title(&it.rule);
        text(sheet, (at, 0), kind(&it.severity))?;
        text(sheet, (at, 1), &format!("{} / {}", title.zh, title.en))?;
        #[expect(clippy::cast_precision_loss, reason = "rows of a file")]
        for (column, count) in [(2, it.all as f64), (3, it.listed as f64)] {
            sheet.write_number(at, column, count)?;
        }
        text(sheet, (at, 4), &it.rule)?;
    }
    workbook.save(file)?;
    Ok(u64::from(at))
}

fn headings(sheet: &mut Worksheet, columns: &[(&str, f64)], head: &Format) -> anyhow::Result<()> {
    sheet.set_freeze_panes(1, 0)?;
    for (nth, (name, width)) in (0..).zip(columns) {
        sheet.set_column_width(nth, *width)?;
        sheet.write_string_with_format(0, nth, *name, head)?;
    }
    Ok(())
}

/// A text stays one, whatever it begins with: `=1+1` in a file is no formula here.
fn text(sheet: &mut Worksheet, (row, column): (u32, u16), text: &str) -> anyhow::Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    let fits: String = text.chars().take(MAX_TEXT).collect();
    sheet.write_string(row, column, fits)?;
    Ok(())
}

/// A figure is a number, so that it sorts; a code with leading zeros or of many digits stays text.
fn value(sheet: &mut Worksheet, at: (u32, u16), it: &str) -> anyhow::Result<()> {
    let digits = it.bytes().filter(u8::is_ascii_digit).count();
    let plain = it.bytes().all(|it| it.is_ascii_digit() || matches!(it, b'.' | b'-'));
    let padded = it.trim_start_matches('-').starts_with('0') && !it.contains('.') && digits > 1;
    match it.parse::<f64>() {
        Ok(number) if plain && !padded && digits <= MAX_DIGITS => {
            sheet.write_number(at.0, at.1, number)?;
            Ok(())
        }
        _ => text(sheet, at, it),
    }
}

/// The middle of a place's box.
fn centre(place: &[u8]) -> Option<[f64; 2]> {
    use geo::BoundingRect;
    let rect = Ewkb(place).to_geo().ok()?.bounding_rect()?;
    Some([rect.center().x, rect.center().y])
}

/// Writes a feature for every finding that has a place; the member `without_place` counts the others.
/// Returns how many findings there were.
pub fn write_geojson(
    file: &Path,
    findings: impl Iterator<Item = anyhow::Result<Finding>>,
) -> anyhow::Result<u64> {
    put_geojson(file, findings).with_context(|| format!("writing {}", file.display()))
}

fn put_geojson(
    file: &Path,
    findings: impl Iterator<Item = anyhow::Result<Finding>>,
) -> anyhow::Result<u64> {
    let mut out = BufWriter::new(File::create(file)?);
    out.write_all(b"{\"type\":\"FeatureCollection\",\"features\":[")?;
    let (mut placed, mut without) = (0_u64, 0_u64);
    for finding in findings {
        let it = finding?;
        let geometry = it.place.as_deref().and_then(|it| Ewkb(it).to_json().ok());
        let Some(geometry) = geometry else {
            without += 1;
            continue;
        };
        let title = catalogue::title(&it.rule);
        let properties = json!({
            "severity": it.severity,
            "rule": it.rule,
            "title": title.zh,
            "title_en": title.en,
            "row": it.row,
            "field": it.field,
            "value": it.value,
            "message": it.message,
            "mend": it.mend,
        });
        let comma = if placed > 0 { ",\n" } else { "\n" };
        let id = it.issue_id.map(|it| format!("\"id\":{it},")).unwrap_or_default();
        write!(
            out,
            "{comma}{{\"type\":\"Feature\",{id}\"geometry\":{geometry},\"properties\":{properties}}}"
        )?;
        placed += 1;
    }
    write!(out, "\n],\"without_place\":{without}}}\n")?;
    out.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
    Ok(placed + without)
}

#[cfg(test)]
mod tests {
    use calamine::Data;
    use calamine::Reader;

    use super::super::place;
    use super::*;

    fn findings() -> Findings {
        let mut findings = Findings::default();
        let place = Some(place::point([121.25, 31.375]));
        let value = |it: &str| Some(it.to_owned());
        findings.add(Issue::warn("sliver", Some(7), None, value("12.5"), "a").at(place));
        findings.add(Issue::error("value", 8, Some("税收".into()), value("=1+1"), "=HYPERLINK(1)"));
        findings.add(Issue::error("value", 9, None, value("0012"), "b"));
        findings
    }

    #[test]
    fn numbers_are_numbers_and_formulas_are_text() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a.xlsx");
        let found = findings();
        let all = found.kept().map(Finding::from).map(Ok);
        assert_eq!(write_xlsx(&file, &counts(&found), all).unwrap(), 3);
        let mut book: calamine::Xlsx<_> = calamine::open_workbook(&file).unwrap();
        assert_eq!(book.sheet_names(), ["问题", "汇总"]);
        assert!(book.worksheet_formula("问题").unwrap().is_empty());
        let sheet = book.worksheet_range("问题").unwrap();
        assert_eq!(sheet.get((1, 4)), Some(&Data::Float(12.5)));
        assert_eq!(sheet.get((1, 7)), Some(&Data::Float(121.25)));
        assert_eq!(sheet.get((2, 4)), Some(&Data::String("=1+1".into())));
        assert_eq!(sheet.get((3, 4)), Some(&Data::String("0012".into())));
        assert!(sheet.get((3, 6)).unwrap().to_string().contains('/'));
        let sheet = book.worksheet_range("汇总").unwrap();
        assert_eq!(sheet.get((1, 2)), Some(&Data::Float(2.0)));
    }

    #[test]
    fn what_has_no_place_is_counted() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a.geojson");
        let found = findings();
        write_geojson(&file, found.kept().map(Finding::from).map(Ok)).unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(json["without_place"], 2);
        assert_eq!(json["features"].as_array().unwrap().len(), 1);
        assert_eq!(
            json["features"][0]["geometry"]["coordinates"],
            serde_json::json!([121.25, 31.375])
        );
        assert_eq!(json["features"][0]["properties"]["row"], 7);
    }
}
