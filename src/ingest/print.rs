//! The report as people read it: Chinese first, English beside.

use std::io::Write;

use super::diff;
use super::report::IssueGroup;
use super::report::Mapped;
use super::report::Report;
use super::report::Severity;

impl Report {
    /// Writes the report.
    pub fn print(&self, out: &mut impl Write) -> std::io::Result<()> {
        let dry = if self.dry_run {
            "（试运行，未写入 / dry run, nothing written）"
        } else {
            ""
        };
        writeln!(
            out,
            "导入 / import  {}  →  {}（{} / {}）{dry}",
            self.file, self.into, self.title.zh, self.title.en
        )?;
        if let Some(it) = self.batch_id {
            writeln!(out, "  批次 / batch      {it}")?;
        }
        let layer = self.layer_name.as_ref().map(|it| format!("，{it}")).unwrap_or_default();
        writeln!(out, "  格式 / format     {}{layer}", self.format)?;
        if let Some(it) = &self.encoding {
            let sample =
                if it.sample.is_empty() { String::new() } else { format!("「{}」", it.sample) };
            writeln!(out, "  编码 / encoding   {} · {}{sample}", it.name, it.how)?;
        }
        if let Some(it) = &self.crs {
            let how = match it.how {
                "file" => "文件自带 / from the file",
                "detected" => "按坐标判定 / detected from the coordinates",
                other => other,
            };
            let then = if it.reprojected { " → EPSG:4490" } else { "" };
            writeln!(out, "  坐标系 / CRS      {} · {how}{then}", it.name)?;
            for reason in it.reasons.iter().filter(|_| it.how == "detected") {
                writeln!(out, "    {} / {}", reason.zh, reason.en)?;
            }
            for warning in &it.warnings {
                writeln!(out, "  注意 / note: {} / {}", warning.zh, warning.en)?;
            }
        }
        self.print_rows(out)?;
        if let Some(it) = &self.remembered {
            let batch = it.batch_id.map(|it| it.to_string()).unwrap_or_default();
            let date = it.saved_at.with_timezone(&chrono::Local).format("%Y-%m-%d");
            writeln!(
                out,
                "  沿用映射 / mapping as in batch {batch}（{date}，{}）；--no-saved-mapping 不沿用 / leaves it aside",
                it.file
            )?;
        }
        if !self.mapping.is_empty() {
            writeln!(out, "  列 / columns")?;
            for it in &self.mapping {
                writeln!(out, "    {}", mapped(it))?;
            }
        }
        if !self.extra.is_empty() {
            writeln!(out, "    存入 extra / kept in extra: {}", self.extra.join(", "))?;
        }
        for it in &self.notes {
            writeln!(out, "  注意 / note: {it}")?;
        }
        for it in &self.issues {
            print_group(it, out)?;
        }
        diff::print(&self.changes, out)?;
        writeln!(out, "  用时 / took {:.1} s", self.seconds)
    }

    fn print_rows(&self, out: &mut impl Write) -> std::io::Result<()> {
        let rows = &self.rows;
        write!(
            out,
            "  行 / rows         读入 read {} · 写入 written {}（新增 added {}，变更 changed {}）· 未变 unchanged {}",
            rows.read, rows.written, rows.added, rows.changed, rows.unchanged
        )?;
        write!(out, " · 修复 repaired {} · 拒绝 rejected {}", rows.repaired, rows.rejected)?;
        for (label, count) in [
            ("合并 merged", rows.merged),
            ("跳过 passed over", rows.passed_over),
            ("库中有而文件无 not in file", rows.not_in_file),
            ("移除 removed", rows.removed),
        ] {
            if count > 0 {
                write!(out, " · {label} {count}")?;
            }
        }
        writeln!(out)?;
        if let Some(areas) = self.areas.as_ref().filter(|it| it.accepted_m2 > 0.0) {
            write!(
                out,
                "  面积 / area       {:.2} m²（{:.2} 亩 mu）",
                areas.accepted_m2,
                areas.accepted_m2 * 0.0015
            )?;
            if self.rows.repaired > 0 {
                write!(
                    out,
                    "；修复前后 repaired {:.2} → {:.2} m²",
                    areas.repaired_before_m2, areas.repaired_after_m2
                )?;
            }
            writeln!(out)?;
        }
        Ok(())
    }
}

fn mapped(it: &Mapped) -> String {
    let unit = match (&it.unit, it.to_unit, &it.factor) {
        (Some(unit), Some(to), Some(factor)) => format!("  {unit} → {to} ({factor})"),
        (None, _, Some(factor)) => format!("  ({factor})"),
        _ => String::new(),
    };
    format!("{} → {}{unit}", it.header, it.field)
}

fn print_group(group: &IssueGroup, out: &mut impl Write) -> std::io::Result<()> {
    let kind = match group.severity {
        Severity::Error => "拒绝 / rejected",
        Severity::Warning => "警告 / warning",
    };
    writeln!(out, "  {kind}: {} / {}: {}", group.title.zh, group.title.en, group.count)?;
    for it in &group.examples {
        let row = it.row.map(|it| format!("第 {it} 行 / row {it}")).unwrap_or_default();
        let field = it.field.as_ref().map(|it| format!("，{it}")).unwrap_or_default();
        let value = it.value.as_ref().map(|it| format!(" `{it}`")).unwrap_or_default();
        writeln!(out, "    {row}{field}{value}: {}", it.message)?;
    }
    if let Some(mend) = group.examples.iter().find_map(|it| it.mend.as_ref()) {
        writeln!(out, "    → {mend}")?;
    }
    let quoted = group.examples.len() as u64;
    if group.count > quoted && quoted > 0 {
        writeln!(out, "    … 另有 / and {} more", group.count - quoted)?;
    }
    Ok(())
}
