//! What the record says, which no attacker reads, and whom he is after.

use std::collections::BTreeMap;
use std::collections::HashMap;

use super::Target;
use crate::support::TestApp;

/// What the record says, which no attacker reads.
pub(super) struct Truth {
    /// Of every parcel that has one.
    pub(super) tax: HashMap<String, f64>,
    /// By enterprise: its tax, and the parcels it is on with all who share them.
    pub(super) enterprises: Vec<(f64, Vec<(String, usize)>)>,
}

/// Reads the truth from the database itself.
pub(super) async fn read(it: &TestApp) -> Truth {
    let tax: Vec<(String, f64)> = sqlx::query_as(
        "select parcel_code, tax_wan::float8
         from mutu.current_run join mutu.parcel_measure using (run_id) join mutu.parcel_current using (parcel_id)
         where tax_wan is not null",
    )
    .fetch_all(it.app.db.owner())
    .await
    .unwrap();
    // Only enterprises whose figures the run could use: all of theirs is on parcels with a figure.
    let places: Vec<(String, f64, String, i64)> = sqlx::query_as(
        "select uscc, sum(c.tax_wan) over (partition by uscc)::float8, parcel_code,
                count(*) over (partition by parcel_code)
         from mutu.current_run join mutu.parcel_contribution c using (run_id) join mutu.parcel_current using (parcel_id)
         where c.tax_wan is not null",
    )
    .fetch_all(it.app.db.owner())
    .await
    .unwrap();
    let mut by: BTreeMap<String, (f64, Vec<(String, usize)>)> = BTreeMap::new();
    for (uscc, tax, code, sharing) in places {
        let own = by.entry(uscc).or_insert((tax, Vec::new()));
        own.1.push((code, usize::try_from(sharing).unwrap()));
    }
    Truth { tax: tax.into_iter().collect(), enterprises: by.into_values().collect() }
}

/// Parcels with a tax, spread over the district, with the tile that each is in.
pub(super) async fn targets(it: &TestApp, many: i64) -> Vec<Target> {
    let rows: Vec<(String, f64, f64)> = sqlx::query_as(
        "select parcel_code, st_x(st_pointonsurface(geom)), st_y(st_pointonsurface(geom))
         from mutu.current_run join mutu.parcel_measure using (run_id) join mutu.parcel_current using (parcel_id)
         where tax_wan > 0
         order by md5(parcel_code) limit $1",
    )
    .bind(many)
    .fetch_all(it.app.db.owner())
    .await
    .unwrap();
    let tile = |(code, lon, lat): (String, f64, f64)| {
        let side = f64::from(1 << 14);
        let x = ((lon + 180.0) / 360.0 * side) as u32;
        let lat = lat.to_radians();
        let y =
            ((1.0 - (lat.tan() + 1.0 / lat.cos()).ln() / std::f64::consts::PI) / 2.0 * side) as u32;
        Target { code, tile: format!("14/{x}/{y}") }
    };
    rows.into_iter().map(tile).collect()
}
