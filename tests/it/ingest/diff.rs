//! What an import would change, told before it is written.

use mutu::access::Scope;
use mutu::ingest::ChangeKind;
use mutu::ingest::Options;
use mutu::ingest::Replace;
use serde_json::json;

use super::folder;
use super::import;
use super::imported;
use super::number;
use super::squares;
use super::text;
use super::write;
use crate::support::TestApp;

#[tokio::test]
async fn a_dry_run_tells_fields_and_geometry_apart_and_needs_no_leave() {
    let it = TestApp::new().await;
    let dir = folder();
    let rows = [("A", 121.2, "1"), ("B", 121.21, "2"), ("C", 121.22, "3"), ("D", 121.23, "4")];
    imported(&it, &write(dir.path(), "a.geojson", squares(&rows)), "parcels").await;
    // B has another area, C lies half a square further east, D is gone, E is new.
    let rows = [("A", 121.2, "1"), ("B", 121.21, "2.5"), ("C", 121.2205, "3"), ("E", 121.24, "5")];
    let file = write(dir.path(), "b.geojson", squares(&rows));
    let options = Options { dry_run: true, ..Options::new(&file, "parcels") };
    let report = import(&it, &options).await.unwrap();
    let counts = &report.rows;
    assert_eq!((counts.added, counts.changed, counts.unchanged, counts.not_in_file), (1, 2, 1, 1));
    let of = |key: &str| report.changes.iter().find(|it| it.key == key).unwrap();
    let b = of("B");
    assert_eq!((b.kind, b.row, &b.changed_m2), (ChangeKind::Changed, Some(2), &None));
    let mut fields: Vec<(&str, _, _)> = b
        .fields
        .iter()
        .map(|it| (it.field.as_str(), it.before.clone(), it.after.clone()))
        .collect();
    fields.sort_by_key(|it| it.0);
    assert_eq!(
        fields,
        [
            ("area_registered_m2", json!(1333.33), json!(1666.67)),
            ("area_registered_mu", json!(2), json!(2.5)),
        ]
    );
    let c = of("C");
    assert_eq!(c.fields.iter().map(|it| it.field.as_str()).collect::<Vec<_>>(), ["geom"]);
    // Two halves of a square of 0.001° at 31.38° N: as much as one square.
    let differs: f64 = c.changed_m2.as_ref().unwrap().parse().unwrap();
    let square: f64 =
        text(&it, "select area_geom_m2::text from mutu.parcel_current where parcel_code = 'C'")
            .await
            .unwrap()
            .parse()
            .unwrap();
    assert!((differs - square).abs() < 0.05, "{differs} {square}");
    assert_eq!((of("D").kind, of("D").row), (ChangeKind::Missing, None));
    assert_eq!((of("E").kind, of("E").row), (ChangeKind::Added, Some(4)));
    assert_eq!(number(&it, "select count(*) from mutu.parcel").await, 4);
    assert_eq!(number(&it, "select count(*) from mutu.import_batch").await, 1);
}

/// A batch as it is when its file has just arrived.
async fn arrived(it: &TestApp) -> i64 {
    number(
        it,
        "insert into mutu.import_batch (target, file, recorded_by, state)
         values ('parcels', 'b.geojson', 'test', 'uploaded') returning batch_id",
    )
    .await
}

#[tokio::test]
async fn a_preview_keeps_its_findings_and_what_was_seen_is_what_is_applied() {
    let it = TestApp::new().await;
    let dir = folder();
    imported(&it, &write(dir.path(), "a.geojson", squares(&[("A", 121.2, "1")])), "parcels").await;
    let rows = [("A", 121.2, "2"), ("B", 121.21, "2"), ("B", 121.22, "2")];
    let file = write(dir.path(), "b.geojson", squares(&rows));
    let batch_id = arrived(&it).await;
    let preview = Options {
        dry_run: true,
        replace: Replace::Changed,
        batch_id: Some(batch_id),
        ..Options::new(&file, "parcels")
    };
    for _ in 0..2 {
        let report = import(&it, &preview).await.unwrap();
        assert_eq!((report.batch_id, report.rows.rejected), (Some(batch_id), 1));
    }
    let state = "select state from mutu.import_batch where file = 'b.geojson'";
    assert_eq!(text(&it, state).await.unwrap(), "previewed");
    let changes = "select string_agg(kind || ' ' || key, ', ' order by key) from mutu.import_change where batch_id = (select max(batch_id) from mutu.import_batch)";
    assert_eq!(text(&it, changes).await.unwrap(), "changed A, added B");
    let issues = "select count(*) from mutu.import_issue where rule = 'duplicate'";
    assert_eq!(number(&it, issues).await, 1);
    assert_eq!(number(&it, "select count(*) from mutu.parcel").await, 1);
    let seen = import(&it, &preview).await.unwrap().seen;

    // Somebody else changes the target in between: what was agreed to is no longer so.
    imported(&it, &write(dir.path(), "c.geojson", squares(&[("C", 121.3, "1")])), "parcels").await;
    let apply = Options { dry_run: false, expected: Some(seen), ..preview.clone() };
    let why = format!("{:#}", import(&it, &apply).await.unwrap_err());
    assert!(why.contains("preview"), "{why}");
    assert_eq!(text(&it, state).await.unwrap(), "previewed");

    let seen = import(&it, &preview).await.unwrap().seen;
    let apply = Options { expected: Some(seen), ..apply };
    let report = import(&it, &apply).await.unwrap();
    assert_eq!((report.rows.added, report.rows.changed), (1, 1));
    assert_eq!(text(&it, state).await.unwrap(), "applied");
    // Once is enough.
    let again = Options { expected: None, ..apply };
    let why = format!("{:#}", import(&it, &again).await.unwrap_err());
    assert!(why.contains("applied already"), "{why}");
}

#[tokio::test]
async fn a_steward_of_some_units_imports_nothing() {
    let it = TestApp::new().await;
    let dir = folder();
    let file = write(dir.path(), "a.geojson", squares(&[("A", 121.2, "1")]));
    let scope = Scope { responsible_units: Some(vec!["安亭镇".to_owned()]), ..Scope::console() };
    let options = Options::new(&file, "parcels");
    let refused = mutu::ingest::import(&it.app, &scope, &options, &mut |_, _| {}).await;
    assert!(refused.unwrap_err().to_string().contains("all units"));
}
