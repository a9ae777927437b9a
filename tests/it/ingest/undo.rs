//! Taking an import back, and when it is refused.

use mutu::access::Scope;
use mutu::ingest;
use mutu::ingest::Depended;
use mutu::ingest::Options;
use mutu::ingest::Replace;
use mutu::ingest::Undone;

use super::folder;
use super::import;
use super::imported;
use super::lines;
use super::number;
use super::squares;
use super::text;
use super::write;
use crate::support::TestApp;

async fn undo(it: &TestApp, batch_id: i64) -> anyhow::Result<Undone> {
    ingest::undo(&it.app, &Scope::console(), batch_id).await
}

const CURRENT: &str = "select coalesce(string_agg(concat_ws(' ', parcel_code, parcel_id, area_registered_mu, st_xmin(geom)), '; ' order by parcel_code), '') from mutu.parcel_current";

#[tokio::test]
async fn an_undone_import_leaves_the_rows_as_they_were_and_the_past_as_it_was() {
    let it = TestApp::new().await;
    let dir = folder();
    let file = write(dir.path(), "a.geojson", squares(&[("A", 121.2, "1"), ("B", 121.21, "2")]));
    imported(&it, &file, "parcels").await;
    let before = text(&it, CURRENT).await.unwrap();
    let rows = [("A", 121.2, "1"), ("B", 121.215, "7"), ("C", 121.22, "3")];
    let options = Options {
        replace: Replace::Changed,
        ..Options::new(write(dir.path(), "b.geojson", squares(&rows)), "parcels")
    };
    let second = import(&it, &options).await.unwrap();
    let between = text(&it, CURRENT).await.unwrap();
    let revision = "select revision from mutu.layer_revision where layer = 'parcels'";
    let moved = number(&it, revision).await;

    let undone = undo(&it, second.batch_id.unwrap()).await.unwrap();
    assert_eq!((undone.ended, undone.restored), (2, 1));
    assert_eq!(text(&it, CURRENT).await.unwrap(), before);
    assert_eq!(number(&it, revision).await, moved + 1);
    // What was known between the two is still known.
    let then = "select coalesce(string_agg(concat_ws(' ', parcel_code, parcel_id, area_registered_mu, st_xmin(geom)), '; ' order by parcel_code), '')
         from mutu.parcel p
         join (select applied_at + (select min(applied_at) - (select applied_at from mutu.import_batch where file = 'b.geojson' and undoes is null) from mutu.import_batch where undoes is not null) / 2 as t
               from mutu.import_batch where file = 'b.geojson' and undoes is null) m
             on p.recorded_at <= m.t and (p.superseded_at is null or p.superseded_at > m.t)";
    assert_eq!(text(&it, then).await.unwrap(), between);
    let why = undo(&it, second.batch_id.unwrap()).await.unwrap_err().to_string();
    assert!(why.contains("undone already"), "{why}");
    let why = undo(&it, undone.batch_id).await.unwrap_err().to_string();
    assert!(why.contains("undoing itself"), "{why}");
    let audited = "select count(*) from mutu.audit_event where action = 'import_undone'";
    assert_eq!(number(&it, audited).await, 1);

    // The same file may come again, and be undone again.
    let again = import(&it, &options).await.unwrap();
    assert_eq!(text(&it, CURRENT).await.unwrap().split("; ").count(), 3);
    undo(&it, again.batch_id.unwrap()).await.unwrap();
    assert_eq!(text(&it, CURRENT).await.unwrap(), before);
}

#[tokio::test]
async fn what_stands_on_an_import_keeps_it_from_being_undone() {
    let it = TestApp::new().await;
    let dir = folder();
    let file = write(dir.path(), "a.geojson", squares(&[("A", 121.2, "1"), ("B", 121.21, "2")]));
    let first = imported(&it, &file, "parcels").await.batch_id.unwrap();
    let users = "宗地代码,信用代码,用地面积(平方米)\nB,91512081MA62K0260E,100\n";
    let users = write(dir.path(), "users.csv", users);
    let users = imported(&it, &users, "occupancies").await.batch_id.unwrap();
    let options = Options {
        replace: Replace::Changed,
        ..Options::new(write(dir.path(), "b.geojson", squares(&[("A", 121.2, "5")])), "parcels")
    };
    let second = import(&it, &options).await.unwrap().batch_id.unwrap();
    let before = text(&it, CURRENT).await.unwrap();

    let error = undo(&it, first).await.unwrap_err();
    let Depended(found) = error.downcast_ref::<Depended>().unwrap();
    let named: Vec<(&str, i64, &[String])> =
        found.iter().map(|it| (it.what.en.as_str(), it.count, it.examples.as_slice())).collect();
    assert_eq!(
        named,
        [
            ("rows changed since", 1, &["A".to_owned()][..]),
            ("occupancies", 1, &["B".to_owned()][..]),
        ]
    );
    assert_eq!(ingest::dependents(&it.app, &Scope::console(), first).await.unwrap(), *found);
    assert_eq!(text(&it, CURRENT).await.unwrap(), before);

    // Backwards it goes.
    undo(&it, second).await.unwrap();
    undo(&it, users).await.unwrap();
    let undone = undo(&it, first).await.unwrap();
    assert_eq!((undone.ended, undone.restored), (2, 0));
    assert_eq!(number(&it, "select count(*) from mutu.parcel_current").await, 0);
}

#[tokio::test]
async fn a_layer_that_was_replaced_as_a_whole_comes_back_as_a_whole() {
    let it = TestApp::new().await;
    let dir = folder();
    let file = write(dir.path(), "a.geojson", lines(&[("路", 121.2), ("路", 121.21)]));
    imported(&it, &file, "roads").await;
    let all = "select string_agg(concat_ws(' ', id, name, st_xmin(geom)), '; ' order by id) from layer.roads where superseded_at is null";
    let before = text(&it, all).await.unwrap();
    let file = write(dir.path(), "b.geojson", lines(&[("路", 121.2), ("街", 121.25)]));
    let options = Options { replace: Replace::Changed, ..Options::new(&file, "roads") };
    let batch_id = import(&it, &options).await.unwrap().batch_id.unwrap();
    assert_ne!(text(&it, all).await.unwrap(), before);
    undo(&it, batch_id).await.unwrap();
    assert_eq!(text(&it, all).await.unwrap(), before);
}

#[tokio::test]
async fn only_a_steward_of_all_units_undoes() {
    let it = TestApp::new().await;
    let dir = folder();
    let file = write(dir.path(), "a.geojson", squares(&[("A", 121.2, "1")]));
    let batch_id = imported(&it, &file, "parcels").await.batch_id.unwrap();
    for scope in [
        Scope::default(),
        Scope { responsible_units: Some(vec!["安亭镇".to_owned()]), ..Scope::console() },
    ] {
        assert!(ingest::undo(&it.app, &scope, batch_id).await.is_err());
    }
    let why = undo(&it, 999).await.unwrap_err().to_string();
    assert!(why.contains("999"), "{why}");
    assert_eq!(number(&it, "select count(*) from mutu.parcel_current").await, 1);
}
