//! The past: what was so then, and what was known then, with the access that the present has.

mod descent;
pub mod edits;
mod laws;
mod reading;

use serde_json::Value;
use serde_json::json;

use crate::support::TestApp;

pub const ITEMS: &str = "/ogc/collections/parcels/items";

/// Parcel A, of which versions are told one by one; B, which never changed; C, which was retired in 2024.
///
/// In March 2024 A was known under its first name; in June it was learnt that it has had another one since 1 May.
pub async fn told(it: &TestApp) {
    it.sql(
        "insert into mutu.parcel (parcel_id, parcel_code, name, responsible_unit, contract_tax_wan_per_mu, area_geom_m2,
             geom, valid_from, valid_to, recorded_at, superseded_at, recorded_by)
         select id, code, name, unit, tax, 100, st_multi(st_makeenvelope(121.2 + id * 0.01, 31.3, 121.201 + id * 0.01, 31.301, 4490)),
             valid_from::date, valid_to::date, recorded_at::timestamptz, superseded_at::timestamptz, 'surveyor'
         from (values
             (1, 'A', 'first', '安亭镇', 11, '2020-01-01', null, '2024-03-01 09:00+08', '2024-06-01 09:00+08'),
             (1, 'A', 'first', '安亭镇', 11, '2020-01-01', '2024-05-01', '2024-06-01 09:00+08', null),
             (1, 'A', 'second', '马陆镇', 12, '2024-05-01', null, '2024-06-01 09:00+08', null),
             (2, 'B', 'still', '马陆镇', 13, null, null, '2024-03-01 09:00+08', null),
             (3, 'C', 'was', '马陆镇', 14, null, null, '2024-03-01 09:00+08', '2024-09-01 09:00+08'),
             (3, 'C', 'was', '马陆镇', 14, null, '2024-08-01', '2024-09-01 09:00+08', null)
         ) as t (id, code, name, unit, tax, valid_from, valid_to, recorded_at, superseded_at)",
    )
    .await;
}

/// `name` of every feature on a page.
pub fn names(page: &Value) -> Vec<String> {
    let features = page["features"].as_array().unwrap().iter();
    features.map(|it| it["properties"]["name"].as_str().unwrap_or("-").to_owned()).collect()
}

/// A rectangle at 31.3° N, 0.001° high.
pub fn rectangle(west: f64, east: f64) -> Value {
    json!({"type": "Polygon", "coordinates": [[[west, 31.3], [east, 31.3], [east, 31.301], [west, 31.301], [west, 31.3]]]})
}

/// A square at 31.3° N.
pub fn square(west: f64, side: f64) -> Value {
    let (east, north) = (west + side, 31.3 + side);
    json!({"type": "Polygon", "coordinates": [[[west, 31.3], [east, 31.3], [east, north], [west, north], [west, 31.3]]]})
}
