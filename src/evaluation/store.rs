//! Writes a run's results by COPY, as CSV text. Decimals go over as their exact digits.

use std::fmt::Write;

use anyhow::Context;
use rust_decimal::Decimal;
use sqlx::PgConnection;

use crate::judgement::measures::MEASURES;
use crate::judgement::measures::contributions as contributions_to;
use crate::judgement::overlay::Assignment;
use crate::judgement::overlay::Source;
use crate::judgement::rule::Judgement;
use crate::layer::Layer;

use super::Chosen;
use super::facts::Facts;
use super::row::ParcelRow;

/// Sent to the server when a buffer has grown past this.
const CHUNK: usize = 1 << 20;

/// One COPY into a table.
pub(super) struct Copy<'a> {
    stream: sqlx::postgres::PgCopyIn<&'a mut PgConnection>,
    pub(super) buffer: String,
}

impl<'a> Copy<'a> {
    /// `columns` are ours, never a request's.
    pub(super) async fn into(
        db: &'a mut PgConnection,
        table: &str,
        columns: &str,
    ) -> anyhow::Result<Self> {
        let sql = format!("copy mutu.{table} ({columns}) from stdin (format csv)");
        let stream = db.copy_in_raw(&sql).await?;
        Ok(Self { stream, buffer: String::with_capacity(CHUNK + 4096) })
    }

    pub(super) async fn end_row(&mut self) -> anyhow::Result<()> {
        self.buffer.push('\n');
        if self.buffer.len() >= CHUNK {
            self.stream.send(self.buffer.as_bytes()).await?;
            self.buffer.clear();
        }
        Ok(())
    }

    pub(super) async fn finish(mut self) -> anyhow::Result<()> {
        self.stream.send(self.buffer.as_bytes()).await?;
        self.stream.finish().await.context("storing the run (disk space?)")?;
        Ok(())
    }

    pub(super) fn decimal(&mut self, value: Option<Decimal>) {
        self.buffer.push(',');
        if let Some(it) = value {
            let _ = write!(self.buffer, "{it}");
        }
    }

    pub(super) fn text(&mut self, value: &str) {
        self.buffer.push_str(",\"");
        self.buffer.push_str(&value.replace('"', "\"\""));
        self.buffer.push('"');
    }
}

/// Notes the rows in force of reference layers that the run reads: it can read the same again.
pub(super) async fn note_layers(
    db: &mut PgConnection,
    run_id: i64,
    layers: impl IntoIterator<Item = &Layer>,
) -> sqlx::Result<()> {
    for layer in layers {
        let table = layer.stored();
        let sql = format!(
            "insert into mutu.run_fact (run_id, relation, row_ids)
             select $1, '{table}', coalesce(array_agg(row_id order by row_id), '{{}}') from {table} where superseded_at is null
             on conflict do nothing"
        );
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(run_id).execute(&mut *db).await?;
    }
    Ok(())
}

/// Shares and class of every parcel in one overlay layer.
pub(super) async fn shares(
    db: &mut PgConnection,
    run_id: i64,
    layer: &str,
    assigned: &[(i64, Assignment)],
) -> anyhow::Result<()> {
    let mut copy =
        Copy::into(db, "overlay_share", "run_id, parcel_id, layer, class, area_m2, share").await?;
    for (parcel_id, it) in assigned {
        for share in &it.shares {
            let _ = write!(copy.buffer, "{run_id},{parcel_id}");
            copy.text(layer);
            copy.text(&share.class);
            // The column rounds to two places, half away from zero, as every other figure is.
            copy.decimal(Some(share.area_m2));
            copy.decimal(Some(share.share));
            copy.end_row().await?;
        }
    }
    copy.finish().await?;
    let mut copy =
        Copy::into(db, "parcel_class", "run_id, parcel_id, layer, class, straddle, source, name")
            .await?;
    for (parcel_id, it) in assigned {
        let _ = write!(copy.buffer, "{run_id},{parcel_id}");
        copy.text(layer);
        copy.text(&it.class);
        let source = match it.source {
            Source::Overlay => "overlay",
            Source::Officer => "officer",
        };
        let _ = write!(copy.buffer, ",{},{source}", it.straddle);
        match &it.name {
            Some(name) => copy.text(name),
            None => copy.buffer.push(','),
        }
        copy.end_row().await?;
    }
    copy.finish().await
}

/// The measures of the evaluated year.
pub(super) async fn measures(
    db: &mut PgConnection,
    run_id: i64,
    rows: &[ParcelRow],
) -> anyhow::Result<()> {
    let names: Vec<&str> = MEASURES.iter().map(|it| it.name).collect();
    let columns =
        format!("run_id, parcel_id, parcel_row_id, {}, area_basis, notes", names.join(", "));
    let mut copy = Copy::into(db, "parcel_measure", &columns).await?;
    for row in rows {
        let _ = write!(copy.buffer, "{run_id},{},{}", row.parcel_id, row.row_id);
        for name in &names {
            copy.decimal(row.measure(name));
        }
        let basis = row.years[0].area_basis.map_or("", crate::judgement::measures::Basis::name);
        let _ = write!(copy.buffer, ",{basis}");
        copy.text(&serde_json::to_string(&row.years[0].notes)?);
        copy.end_row().await?;
    }
    copy.finish().await
}

/// The figures of the year and the two before, for dossiers.
pub(super) async fn years(
    db: &mut PgConnection,
    run_id: i64,
    year: i64,
    rows: &[ParcelRow],
) -> anyhow::Result<()> {
    const FIGURES: [&str; 8] = [
        "tax_wan",
        "output_wan",
        "value_added_wan",
        "energy_tce",
        "employees",
        "assessed_value_wan",
        "tax_wan_per_mu",
        "output_wan_per_mu",
    ];
    let columns = format!("run_id, parcel_id, year, {}, complete, note", FIGURES.join(", "));
    let mut copy = Copy::into(db, "parcel_year", &columns).await?;
    for row in rows {
        for (year, measures) in (0..).map(|ago| year - ago).zip(&row.years) {
            let value = |name: &str| measures.values.get(name).copied().flatten();
            let _ = write!(copy.buffer, "{run_id},{},{year}", row.parcel_id);
            for name in FIGURES {
                copy.decimal(value(name));
            }
            let complete = value("tax_wan").is_some() && value("output_wan").is_some();
            let _ = write!(copy.buffer, ",{complete}");
            match measures
                .notes
                .iter()
                .find(|it| it.measure == "tax_wan" || it.measure == "output_wan")
            {
                Some(note) => copy.text(&serde_json::to_string(&note.text)?),
                None => copy.buffer.push(','),
            }
            copy.end_row().await?;
        }
    }
    copy.finish().await
}

/// Who stands behind the figures of the evaluated year, for disclosure control.
pub(super) async fn contributions(
    db: &mut PgConnection,
    run_id: i64,
    facts: &[Facts],
) -> anyhow::Result<()> {
    let columns = "run_id, parcel_id, uscc, tax_wan, output_wan, value_added_wan, energy_tce, employees, assessed_value_wan";
    let mut copy = Copy::into(db, "parcel_contribution", columns).await?;
    for it in facts {
        for own in contributions_to(&it.known, it.holder_uscc.as_deref()) {
            let _ = write!(copy.buffer, "{run_id},{}", it.parcel_id);
            match &own.uscc {
                Some(uscc) => copy.text(uscc),
                None => copy.buffer.push(','),
            }
            let it = own.figures;
            for figure in [
                it.tax_wan,
                it.output_wan,
                it.value_added_wan,
                it.energy_tce,
                it.employees,
                it.assessed_value_wan,
            ] {
                copy.decimal(figure);
            }
            copy.end_row().await?;
        }
    }
    copy.finish().await
}

/// Verdicts with their evidence.
pub(super) async fn results(
    db: &mut PgConnection,
    run_id: i64,
    chosen: &[Chosen<'_>],
    rows: &[ParcelRow],
    judged: &[Vec<Judgement>],
) -> anyhow::Result<()> {
    for (index, set) in chosen.iter().enumerate() {
        let columns = "run_id, parcel_id, layer, verdict, reasons, evidence";
        let mut copy = Copy::into(db, "parcel_result", columns).await?;
        for (row, judgements) in rows.iter().zip(judged) {
            let it = &judgements[index];
            let _ = write!(copy.buffer, "{run_id},{}", row.parcel_id);
            copy.text(&set.layer.id);
            copy.text(it.verdict.name());
            copy.text(&array(&it.reasons));
            copy.text(&serde_json::to_string(&it.evidence)?);
            copy.end_row().await?;
        }
        copy.finish().await?;
    }
    Ok(())
}

/// A PostgreSQL array literal.
pub(super) fn array(items: &[String]) -> String {
    let quoted: Vec<String> = items
        .iter()
        .map(|it| format!("\"{}\"", it.replace('\\', "\\\\").replace('"', "\\\"")))
        .collect();
    format!("{{{}}}", quoted.join(","))
}
