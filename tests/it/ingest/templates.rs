//! Workbooks to fill in: what is written in them comes in without a mapping.

use std::io::Cursor;

use calamine::Reader;
use mutu::ingest;
use mutu::layer::FieldType;
use rust_xlsxwriter::ExcelDateTime;
use rust_xlsxwriter::Format;
use rust_xlsxwriter::Workbook;
use sqlx::AssertSqlSafe;

use super::folder;
use super::imported;
use super::refused;
use super::write;
use crate::support::TestApp;

/// A value for a field of a row, as it is read back.
fn value(name: &str, field: &mutu::layer::Field, row: u32) -> String {
    match (name, field.kind) {
        _ if !field.values.is_empty() => field.values[row as usize % field.values.len()].clone(),
        ("uscc", _) => ["91512081MA62K0260E", "91350100M000100Y43", "91350211M00013FA1P"]
            [row as usize]
            .to_owned(),
        ("parcel_code", _) => format!("310114002003GB0001{row}"),
        ("year", _) => (2021 + row).to_string(),
        ("period", _) => format!("{}Q2", 2021 + row),
        ("share", _) => format!("0.{}", row + 1),
        (_, FieldType::Text) => format!("{name} 第 {row} 行"),
        (_, FieldType::Integer) => (10 + row).to_string(),
        (_, FieldType::Decimal) => format!("{}.25", 1000 * (row + 1)),
        (_, FieldType::Boolean) => if row == 1 { "true" } else { "false" }.to_owned(),
        (_, FieldType::Date) => format!("2020-0{}-01", row + 1),
    }
}

#[tokio::test]
async fn a_filled_template_of_every_table_is_imported_as_it_was_written() {
    let it = TestApp::new().await;
    let dir = folder();
    for table in ingest::tables().unwrap() {
        let bytes = ingest::template(&it.app.layers, &table.id).unwrap();
        // Nothing is in it yet, and that is all there is to say: its headers are understood.
        let empty = write(dir.path(), &format!("{}-empty.xlsx", table.id), &bytes);
        let why = refused(&it, &empty, &table.id).await;
        assert!(why.contains("no rows"), "{}: {why}", table.id);

        let mut book: calamine::Xlsx<_> =
            calamine::open_workbook_from_rs(Cursor::new(bytes)).unwrap();
        let sheet = book.worksheet_range_at(0).unwrap().unwrap();
        let headers: Vec<String> =
            sheet.rows().next().unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(headers.len(), table.field.len(), "{}", table.id);
        let mut filled = Workbook::new();
        let sheet = filled.add_worksheet();
        let date = Format::new().set_num_format("yyyy-mm-dd");
        for (at, (header, (name, field))) in (0..).zip(headers.iter().zip(&table.field)) {
            sheet.write_string(0, at, header).unwrap();
            for row in 0..3 {
                let value = value(name, field, row);
                match field.kind {
                    FieldType::Decimal | FieldType::Integer => {
                        sheet.write_number(row + 1, at, value.parse::<f64>().unwrap()).unwrap()
                    }
                    FieldType::Boolean => {
                        let word = if value == "true" { "是" } else { "否" };
                        sheet.write_string(row + 1, at, word).unwrap()
                    }
                    FieldType::Date => sheet
                        .write_with_format(
                            row + 1,
                            at,
                            ExcelDateTime::parse_from_str(&value).unwrap(),
                            &date,
                        )
                        .unwrap(),
                    FieldType::Text => sheet.write_string(row + 1, at, value).unwrap(),
                };
            }
        }
        let path = dir.path().join(format!("{}.xlsx", table.id));
        filled.save(&path).unwrap();
        let report = imported(&it, &path, &table.id).await;
        assert_eq!(
            (report.rows.written, report.rows.rejected),
            (3, 0),
            "{}: {:?}",
            table.id,
            report.issues
        );
        assert!(report.extra.is_empty() && report.notes.is_empty(), "{}", table.id);
        for (name, field) in &table.field {
            let shown = match field.kind {
                FieldType::Decimal => format!("trim_scale({name})::text"),
                _ => format!("{name}::text"),
            };
            let sql = format!("select {shown} from mutu.{} order by row_id", table.table);
            let mut stored: Vec<String> =
                sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&it.app.db.write).await.unwrap();
            let mut given: Vec<String> = (0..3).map(|row| value(name, field, row)).collect();
            stored.sort();
            given.sort();
            assert_eq!(stored, given, "{}.{name}", table.id);
        }
    }
}
