//! What happens to rows that are there already.

use mutu::ingest::Options;
use mutu::ingest::Replace;

use super::folder;
use super::group;
use super::import;
use super::imported;
use super::lines;
use super::number;
use super::refused;
use super::squares;
use super::text;
use super::write;
use crate::support::TestApp;

fn replacing(file: &std::path::Path, into: &str) -> Options {
    Options { replace: Replace::Changed, ..Options::new(file, into) }
}

#[tokio::test]
async fn an_area_in_mu_is_converted_exactly_and_kept_as_given() {
    let it = TestApp::new().await;
    let revision = "select revision from mutu.layer_revision where layer = 'parcels'";
    let before = number(&it, revision).await;
    let dir = folder();
    let file = write(
        dir.path(),
        "a.geojson",
        squares(&[("A", 121.2, "12.34"), ("B", 121.21, "\"１,500\"")]),
    );
    let report = imported(&it, &file, "parcels").await;
    assert_eq!((report.rows.read, report.rows.written, report.rows.rejected), (2, 2, 0));
    assert_eq!(report.extra, ["备忘"]);
    assert!(
        report.mapping.iter().any(|it| it.factor.as_deref() == Some("× 2000 ÷ 3")),
        "{:?}",
        report.mapping
    );
    let sql = "select string_agg(concat_ws(' ', parcel_code, area_registered_m2, area_registered_mu, extra->>'备忘'), ';' order by parcel_code) from mutu.parcel_current";
    assert_eq!(text(&it, sql).await.unwrap(), "A 8226.67 12.34 x;B 1000000 1500 x");
    // Measured on the ellipsoid: 0.001° each way at 31.38° N.
    let sql = "select bool_and(abs(area_geom_m2 - st_area(geom::geography)::numeric) < 0.01)::text from mutu.parcel_current";
    assert_eq!(text(&it, sql).await.unwrap(), "true");
    let rows = "select row_count from mutu.layer_revision where layer = 'parcels'";
    assert_eq!(number(&it, revision).await, before + 1);
    assert_eq!(number(&it, rows).await, 2);
    assert_eq!(number(&it, "select rows_written from mutu.import_batch").await, 2);
}

#[tokio::test]
async fn rows_that_would_change_are_refused_unless_it_is_meant() {
    let it = TestApp::new().await;
    let dir = folder();
    let file = write(dir.path(), "a.geojson", squares(&[("A", 121.2, "1"), ("B", 121.21, "2")]));
    imported(&it, &file, "parcels").await;
    let more = write(dir.path(), "b.geojson", squares(&[("B", 121.21, "3"), ("C", 121.22, "3")]));
    let why = refused(&it, &more, "parcels").await;
    assert!(why.contains("--replace") && why.contains("（B）"), "{why}");
    assert_eq!(number(&it, "select count(*) from mutu.parcel").await, 2);
    assert_eq!(number(&it, "select count(*) from mutu.import_batch").await, 1);
    // New rows beside ones that stay as they are need no leave.
    let more = write(dir.path(), "c.geojson", squares(&[("B", 121.21, "2"), ("C", 121.22, "3")]));
    let rows = imported(&it, &more, "parcels").await.rows;
    assert_eq!((rows.added, rows.unchanged, rows.not_in_file), (1, 1, 1));
}

#[tokio::test]
async fn the_same_file_again_changes_nothing() {
    let it = TestApp::new().await;
    let dir = folder();
    let file = write(dir.path(), "a.geojson", squares(&[("A", 121.2, "1"), ("B", 121.21, "2")]));
    imported(&it, &file, "parcels").await;
    let revision = "select revision from mutu.layer_revision where layer = 'parcels'";
    let before = number(&it, revision).await;
    for options in [Options::new(&file, "parcels"), replacing(&file, "parcels")] {
        let report = import(&it, &options).await.unwrap();
        assert_eq!((report.rows.written, report.rows.unchanged), (0, 2));
        assert!(report.changes.is_empty(), "{:?}", report.changes);
    }
    assert_eq!(number(&it, "select count(*) from mutu.parcel").await, 2);
    assert_eq!(number(&it, revision).await, before);
}

#[tokio::test]
async fn replacing_writes_new_versions_under_the_same_number() {
    let it = TestApp::new().await;
    let dir = folder();
    let rows = [("A", 121.2, "1"), ("B", 121.21, "2"), ("D", 121.23, "4")];
    let file = write(dir.path(), "a.geojson", squares(&rows));
    imported(&it, &file, "parcels").await;
    it.sql("update mutu.parcel set block_class_override = '198' where parcel_code = 'B'").await;
    let before =
        number(&it, "select parcel_id from mutu.parcel_current where parcel_code = 'B'").await;
    let unchanged =
        number(&it, "select row_id from mutu.parcel_current where parcel_code = 'A'").await;
    let rows = [("A", 121.2, "1"), ("B", 121.21, "2.5"), ("C", 121.22, "3")];
    let file = write(dir.path(), "b.geojson", squares(&rows));
    let report = import(&it, &replacing(&file, "parcels")).await.unwrap();
    let it_counts = &report.rows;
    assert_eq!(
        (it_counts.added, it_counts.changed, it_counts.unchanged, it_counts.not_in_file),
        (1, 1, 1, 1)
    );
    assert_eq!(
        number(&it, "select parcel_id from mutu.parcel_current where parcel_code = 'B'").await,
        before
    );
    assert_eq!(
        number(&it, "select row_id from mutu.parcel_current where parcel_code = 'A'").await,
        unchanged
    );
    // A field that the file does not have keeps what an officer set.
    let sql = "select concat_ws(' ', block_class_override, area_registered_mu) from mutu.parcel_current where parcel_code = 'B'";
    assert_eq!(text(&it, sql).await.unwrap(), "198 2.5");
    assert_eq!(number(&it, "select count(*) from mutu.parcel_current").await, 4);
    assert_eq!(
        number(&it, "select count(*) from mutu.parcel where superseded_at is not null").await,
        1
    );
    // Once more: nothing left to write, and nothing doubled.
    let report = import(&it, &replacing(&file, "parcels")).await.unwrap();
    assert_eq!((report.rows.written, report.rows.unchanged), (0, 3));
    assert_eq!(number(&it, "select count(*) from mutu.parcel").await, 5);
}

#[tokio::test]
async fn a_layer_whose_names_repeat_is_replaced_as_a_whole() {
    let it = TestApp::new().await;
    let dir = folder();
    let file =
        write(dir.path(), "a.geojson", lines(&[("路", 121.2), ("路", 121.21), ("路", 121.22)]));
    assert_eq!(imported(&it, &file, "roads").await.rows.written, 3);
    // The same file again changes nothing.
    assert_eq!(imported(&it, &file, "roads").await.rows.written, 0);
    let file = write(dir.path(), "b.geojson", lines(&[("路", 121.2), ("路", 121.25)]));
    assert!(refused(&it, &file, "roads").await.contains("--replace"));
    let report = import(&it, &replacing(&file, "roads")).await.unwrap();
    assert_eq!((report.rows.unchanged, report.rows.added, report.rows.removed), (1, 1, 2));
    assert_eq!(
        number(&it, "select count(*) from layer.roads where superseded_at is null").await,
        2
    );
}

#[tokio::test]
async fn a_double_within_the_file_names_both_rows() {
    let it = TestApp::new().await;
    let dir = folder();
    let rows = [("A", 121.2, "1"), ("B", 121.21, "2"), ("A", 121.22, "3")];
    let file = write(dir.path(), "a.geojson", squares(&rows));
    let report = imported(&it, &file, "parcels").await;
    assert_eq!((report.rows.written, report.rows.rejected), (2, 1));
    let double = &group(&report, "duplicate").examples[0];
    assert_eq!(double.row, Some(3));
    assert!(double.message.contains("row 1"), "{}", double.message);
    assert_eq!(
        number(&it, "select source_row from mutu.import_issue where rule = 'duplicate'").await,
        3
    );
}

#[tokio::test]
async fn a_dry_run_reports_and_keeps_nothing() {
    let it = TestApp::new().await;
    let dir = folder();
    let file = write(dir.path(), "a.geojson", squares(&[("A", 121.2, "1")]));
    let options = Options { dry_run: true, ..Options::new(&file, "parcels") };
    let report = import(&it, &options).await.unwrap();
    assert_eq!((report.rows.written, report.dry_run, report.batch_id), (1, true, None));
    assert_eq!(number(&it, "select count(*) from mutu.parcel").await, 0);
    assert_eq!(number(&it, "select count(*) from mutu.import_batch").await, 0);
}

#[tokio::test]
async fn a_failing_database_keeps_nothing_and_the_next_import_works() {
    let it = TestApp::new().await;
    let dir = folder();
    let file = write(dir.path(), "a.geojson", squares(&[("A", 121.2, "1"), ("B", 121.21, "2")]));
    it.sql("alter table mutu.parcel add constraint full_disk check (parcel_code <> 'B')").await;
    let why = refused(&it, &file, "parcels").await;
    assert!(why.contains("nothing was written"), "{why}");
    assert_eq!(number(&it, "select count(*) from mutu.parcel").await, 0);
    assert_eq!(number(&it, "select count(*) from mutu.import_batch").await, 0);
    it.sql("alter table mutu.parcel drop constraint full_disk").await;
    assert_eq!(imported(&it, &file, "parcels").await.rows.written, 2);
}

#[tokio::test]
async fn rows_that_are_all_rejected_write_nothing() {
    let it = TestApp::new().await;
    let dir = folder();
    let file =
        write(dir.path(), "a.geojson", squares(&[("", 121.2, "1"), ("B", 121.21, "\"many\"")]));
    let report = imported(&it, &file, "parcels").await;
    assert!(report.failed());
    let value = &group(&report, "value").examples[0];
    assert_eq!(
        (value.row, value.field.as_deref(), value.value.as_deref()),
        (Some(2), Some("面积(亩)"), Some("many"))
    );
    assert_eq!(number(&it, "select count(*) from mutu.import_batch").await, 0);
}

#[tokio::test]
async fn only_a_steward_imports() {
    let it = TestApp::new().await;
    let options = Options::new("a.geojson", "parcels");
    let public = mutu::access::Scope::public();
    assert!(mutu::ingest::import(&it.app, &public, &options, &mut |_, _| {}).await.is_err());
}

#[tokio::test]
async fn a_firm_that_left_and_came_back_is_recorded_twice() {
    let it = TestApp::new().await;
    let dir = folder();
    let text = "宗地代码,信用代码,用地关系,建筑编码,用地面积(平方米),分摊比例,起始日期,终止日期\n\
        A,91512081MA62K0260E,承租,1幢,100,60%,2019-01-01,2021-12-31\n\
        A,91512081MA62K0260E,承租,1幢,200,80%,2024-01-01,\n\
        A,91512081MA62K0260E,承租,2幢,50,20%,2024-01-01,\n";
    let file = write(dir.path(), "users.csv", text);
    let report = imported(&it, &file, "occupancies").await;
    assert_eq!((report.rows.added, report.rows.rejected), (3, 0), "{:?}", report.issues);
    assert!(report.extra.is_empty(), "{:?}", report.extra);
    let sql = "select string_agg(concat_ws(' ', building_code, trim_scale(share), from_date), '; ' order by from_date, building_code) from mutu.occupancy_current";
    assert_eq!(
        self::text(&it, sql).await.unwrap(),
        "1幢 0.6 2019-01-01; 1幢 0.8 2024-01-01; 2幢 0.2 2024-01-01"
    );
    assert_eq!(imported(&it, &file, "occupancies").await.rows.unchanged, 3);
}

#[tokio::test]
async fn a_large_first_load_leaves_every_index_where_it_was() {
    let it = TestApp::new().await;
    let dir = folder();
    let indexes = "select string_agg(indexdef, '; ' order by indexname) from pg_indexes where schemaname = 'mutu' and tablename = 'parcel_period'";
    let before = text(&it, indexes).await.unwrap();
    let rows: String = (0..20_001).map(|n| format!("P{n},2024,{n}\n")).collect();
    let file = write(dir.path(), "a.csv", format!("宗地代码,年份,税收(万元)\n{rows}"));
    // A dry run takes none away, and what fails brings them back.
    let dry = Options { dry_run: true, ..Options::new(&file, "parcel_years") };
    import(&it, &dry).await.unwrap();
    assert_eq!(text(&it, indexes).await.unwrap(), before);
    it.sql("alter table mutu.parcel_period add constraint small check (tax_wan < 20000)").await;
    assert!(refused(&it, &file, "parcel_years").await.contains("nothing was written"));
    assert_eq!(text(&it, indexes).await.unwrap(), before);
    it.sql("alter table mutu.parcel_period drop constraint small").await;
    assert_eq!(imported(&it, &file, "parcel_years").await.rows.added, 20_001);
    assert_eq!(text(&it, indexes).await.unwrap(), before);
    assert_eq!(number(&it, "select count(*) from mutu.import_batch").await, 1);
    // Of a table that is none of facts it takes nothing.
    let asked = sqlx::query("select mutu.suspend_indexes('mutu.reuse_list')");
    let why = asked.execute(&it.app.db.write).await.unwrap_err().to_string();
    assert!(why.contains("not a table of facts"), "{why}");
}

/// Rows that go straight into the table are those that go through a temporary one, with their reports and findings.
#[tokio::test]
async fn a_large_first_load_of_a_layer_is_what_a_small_one_is() {
    let dir = folder();
    let side = 0.0004;
    let square = |n: u32| {
        let (x, y) = (121.0 + 0.0005 * f64::from(n % 150), 31.25 + 0.0005 * f64::from(n / 150));
        let ring = [(x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y)];
        let ring: Vec<[f64; 2]> = ring.iter().map(|it| [it.0, it.1]).collect();
        // A double, a row without a geometry, one with a fault in a value, an overlap, a bow-tie, and words of all kinds.
        let (code, ring) = match n {
            30 => (29, ring),
            41 => (n, Vec::new()),
            52 => (n, vec![[121.0, 31.25], [121.0003, 31.25], [121.0003, 31.2503], [121.0, 31.25]]),
            _ => (n, ring),
        };
        let geometry = match n {
            41 => serde_json::Value::Null,
            _ => serde_json::json!({"type": "Polygon", "coordinates": [ring]}),
        };
        let area = if n == 63 { "many".to_owned() } else { format!("{}.5", 1000 + n) };
        serde_json::json!({"type": "Feature", "geometry": geometry, "properties": {
            "宗地代码": format!("P{code}"), "宗地名称": format!("名\t\\N\"{n}"), "证载面积(平方米)": area,
            "约定开工日期": "2020-02-29", "约定容积率": "1.20", "备注甲": n,
        }})
    };
    let mut rows = Vec::new();
    let mut reports = Vec::new();
    for count in [19_990_u32, 20_010] {
        let it = TestApp::new().await;
        let features: Vec<_> = (0..count).map(square).collect();
        let file = serde_json::json!({"type": "FeatureCollection", "features": features});
        let file = write(dir.path(), "a.geojson", file.to_string());
        let report = imported(&it, &file, "parcels").await;
        assert_eq!(report.rows.added, u64::from(count) - 3, "{:?}", report.rows);
        let content = "select md5(string_agg(row(parcel_code, name, p.area_registered_m2, p.area_geom_m2, p.area_mu, p.contract_start, p.contract_far,
             st_asewkb(geom), geom_original, repaired, extra, superseded_at, p.recorded_by,
             p.recorded_at = b.applied_at, b.batch_id = p.batch_id)::text, '' order by parcel_code))
             from mutu.parcel p, mutu.import_batch b
             where substr(parcel_code, 2)::int < 19990";
        rows.push(text(&it, content).await.unwrap());
        let numbered = "select count(distinct parcel_id) from mutu.parcel where parcel_id > 0";
        assert_eq!(number(&it, numbered).await, i64::from(count) - 3);
        // The same file again changes nothing, and what comes next gets the next number.
        assert_eq!(imported(&it, &file, "parcels").await.rows.unchanged, u64::from(count) - 3);
        let one = serde_json::json!({"type": "FeatureCollection", "features": [square(20_011)]});
        let one = write(dir.path(), "b.geojson", one.to_string());
        assert_eq!(imported(&it, &one, "parcels").await.rows.added, 1);
        let issues: Vec<(&str, u64)> = report
            .issues
            .iter()
            .filter(|it| !["area_differs"].contains(&it.rule))
            .map(|it| (it.rule, it.count))
            .collect();
        reports.push(format!("{issues:?} {:?} {:?}", report.extra, report.changes));
        // A reference that leads nowhere is refused as ever.
        let wrong =
            "insert into mutu.parcel (parcel_code, area_geom_m2, geom, batch_id, recorded_by)
             select 'x', 1, geom, 77, 'x' from mutu.parcel limit 1";
        let why = sqlx::query(wrong).execute(&it.app.db.write).await.unwrap_err().to_string();
        assert!(why.contains("parcel_batch_id_fkey"), "{why}");
    }
    assert_eq!(rows[0], rows[1]);
    assert_eq!(reports[0], reports[1]);
    assert!(reports[0].contains("overlap"), "{}", reports[0]);
}
