//! Row by row and field by field what the layer's view gives by SQL.

use std::collections::BTreeMap;

use mutu::access::Role;
use mutu::access::Scope;
use mutu::layer::Geometry;
use mutu::layer::Layer;
use mutu::snapshot::Snapshot;
use sqlx::AssertSqlSafe;

use super::Row;
use super::Said;
use super::saying;
use super::scope;
use super::seen;
use super::told;
use crate::support::TestApp;
use crate::support::fill;

/// The rows of a layer's view under a scope.
pub async fn by_sql(it: &TestApp, layer: &Layer, scope: &Scope) -> BTreeMap<i64, Said> {
    let sql = format!("select id, {} from {} t", saying(layer.fields_for(scope)), layer.relation());
    let mut db = it.app.db.read(scope).await.unwrap();
    let rows: Vec<Row> = sqlx::query_as(AssertSqlSafe(sql)).fetch_all(&mut db).await.unwrap();
    told(rows)
}

async fn read(it: &TestApp, layer: &Layer) -> std::sync::Arc<Snapshot> {
    it.app.snapshots.read(&it.app.db, layer).await.unwrap().snapshot
}

/// What is awkward in a register: nulls, one shape twice, a unit that nobody has, numbers and days at the edge.
const AWKWARD: &str = "
    update mutu.parcel set responsible_unit = null where parcel_id % 17 = 0;
    update mutu.parcel set name = '', contract_far = 12345678901234567890.123456789 where parcel_id % 13 = 0;
    update mutu.parcel set contract_far = 0.0000000001 where parcel_id % 11 = 0;
    update mutu.parcel set contract_start = '0001-01-01', contract_finish = '9999-12-31' where parcel_id % 7 = 0;
    update mutu.parcel set contract_tax_wan_per_mu = -1.50 where parcel_id % 5 = 0;
    insert into mutu.parcel (parcel_id, parcel_code, area_geom_m2, geom, recorded_by)
    select nextval('mutu.parcel_id_seq'), 'TWIN' || n, area_geom_m2, geom, 'twin'
    from mutu.parcel_current, generate_series(1, 3) n
    where parcel_id = (select min(parcel_id) from mutu.parcel_current);
    insert into mutu.parcel (parcel_id, parcel_code, area_geom_m2, geom, recorded_by)
    values (nextval('mutu.parcel_id_seq'), 'EMPTY', 0, 'srid=4490;multipolygon empty', 'x'),
        (nextval('mutu.parcel_id_seq'), 'HOLE', 0, st_setsrid(
            'multipolygon(((121 31,121.1 31,121.1 31.1,121 31.1,121 31),(121.02 31.02,121.04 31.02,121.04 31.04,121.02 31.02)),
                ((121.2 31,121.3 31,121.3 31.1,121.2 31)))'::geometry, 4490), 'x');";

#[tokio::test]
async fn every_layer_is_in_memory_as_it_is_in_the_database_for_every_scope() {
    let it = TestApp::new().await;
    fill(&it.app, 400, 5, AWKWARD).await;
    let units: Vec<String> = sqlx::query_scalar(
        "select distinct responsible_unit from mutu.parcel_current where responsible_unit is not null order by 1 limit 2",
    )
    .fetch_all(&it.app.db.write)
    .await
    .unwrap();
    let units: Vec<&str> = units.iter().map(String::as_str).collect();
    let scopes = [
        scope(Role::Public, None),
        scope(Role::Viewer, None),
        scope(Role::Viewer, Some(&units)),
        scope(Role::Officer, Some(&units)),
        scope(Role::Officer, Some(&[])),
        scope(Role::Officer, None),
        scope(Role::Steward, None),
        scope(Role::Steward, Some(&units[..1])),
        Scope::console(),
    ];
    let mut compared = 0;
    for layer in it.app.layers.layers.values().filter(|it| it.geometry != Geometry::None) {
        let snapshot = read(&it, layer).await;
        for scope in scopes.iter().filter(|it| layer.readable(it)) {
            let expected = by_sql(&it, layer, scope).await;
            let found = seen(&snapshot, layer, scope);
            assert_eq!(found.len(), expected.len(), "{} as {scope:?}", layer.id);
            for (id, row) in &expected {
                assert_eq!(&found[id], row, "{} {id} as {scope:?}", layer.id);
            }
            compared += expected.len();
        }
    }
    assert!(compared > 20_000, "{compared}");
}

#[tokio::test]
async fn rows_without_a_shape_or_a_number_are_there_without_it() {
    let it = TestApp::new().await;
    let layer = it.app.layers.find("parcels").unwrap();
    assert_eq!(read(&it, layer).await.len(), 0);
    assert_eq!(read(&it, layer).await.bounds(), None);
    it.sql(
        "alter table mutu.parcel alter column geom drop not null;
         insert into mutu.parcel (parcel_id, parcel_code, area_geom_m2, geom, contract_far, far_reported, contract_start, recorded_by)
         values (1, 'A', 0, null, 'NaN', 'Infinity', 'infinity', 'x'),
             (2, 'B', 0, null, 1e30, 0.1234567890123456789012345678901234567, '2000-01-01', 'x'),
             (9223372036854775807, 'C', 0, null, -99999999999999999999999999.99, 7, '-infinity', 'x')",
    )
    .await;
    let snapshot = read(&it, layer).await;
    let rows = seen(&snapshot, layer, &Scope::console());
    assert_eq!(snapshot.bounds(), None);
    let names: Vec<&String> = layer.field.keys().collect();
    let value = |id: i64, name: &str| {
        assert_eq!(rows[&id].places, []);
        rows[&id].values[names.iter().position(|it| *it == name).unwrap()].clone()
    };
    for field in ["contract_far", "far_reported", "contract_start"] {
        assert_eq!(value(1, field), None, "{field}");
    }
    assert_eq!(value(2, "contract_far"), None);
    assert_eq!(value(2, "far_reported").unwrap(), "0.1234567890123456789012345679");
    assert_eq!(value(2, "contract_start").unwrap(), "2000-01-01");
    assert_eq!(value(i64::MAX, "contract_far").unwrap(), "-99999999999999999999999999.99");
    assert_eq!(value(i64::MAX, "contract_start"), None);
}

#[tokio::test]
async fn a_layer_of_another_folder_is_read_anew() {
    let mut it = TestApp::new().await;
    it.serve();
    it.settle().await;
    // As the start of a node with a changed folder does: the revision moves on, and nobody says which rows.
    it.sql(
        "insert into mutu.parcel (parcel_id, parcel_code, area_geom_m2, geom, recorded_by)
         values (1, 'A', 0, st_multi(st_makeenvelope(121, 31, 121.1, 31.1, 4490)), 'x');
         update mutu.layer_revision set revision = revision + 1 where layer = 'parcels'",
    )
    .await;
    it.settle().await;
    let held = || it.app.snapshots.get("parcels").unwrap().snapshot;
    assert_eq!(held().len(), 1);
    // A database that was restored from an earlier day is believed.
    it.sql("delete from mutu.parcel; update mutu.layer_revision set revision = revision - 1 where layer = 'parcels'").await;
    let before = held().revision;
    let begun = std::time::Instant::now();
    while it.app.snapshots.get("parcels").is_none_or(|it| it.snapshot.revision == before) {
        assert!(begun.elapsed().as_secs() < 20);
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(held().len(), 0);
}

#[tokio::test]
async fn changes_that_no_node_needs_are_forgotten() {
    let it = TestApp::new().await;
    it.sql(
        "delete from mutu.layer_change;
         update mutu.layer_revision set revision = 20099 where layer = 'towns';
         insert into mutu.layer_change (layer, revision, ids, changed_at)
         select 'towns', n, '{1}'::bigint[], now() - interval '2 hours' from generate_series(10090, 10110) n
         union all
         select 'towns', n, '{1}'::bigint[], now() from generate_series(1, 3) n;
         insert into mutu.layer_change (layer, revision) values ('roads', 1)",
    )
    .await;
    it.tell("towns", Some(&[1])).await;
    // More than 10,000 back and more than an hour old.
    let left =
        "select string_agg(revision::text, ' ' order by layer, revision) from mutu.layer_change";
    assert_eq!(
        it.value::<String>(left).await,
        "1 1 2 3 10101 10102 10103 10104 10105 10106 10107 10108 10109 10110 20100"
    );
}
