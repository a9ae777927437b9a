//! The edge: where requests come from, what their answers may be kept for, and how much anybody may ask.

mod cancel;
mod connection;
mod headers;
mod limits;
mod place;

use mutu::config::Config;

use crate::support::TestApp;

/// A server with settings of the test's own, as the file has them.
async fn serving(settings: &str) -> TestApp {
    let config: Config = toml::from_str(settings).unwrap();
    let mut it = TestApp::with(config).await;
    it.serve();
    it
}

const PARCEL: &str = "
    insert into mutu.parcel (parcel_id, parcel_code, name, area_registered_m2, area_geom_m2, geom, recorded_by)
    values (1, 'A', 'one', 20000, 20000, st_multi(st_makeenvelope(121.250, 31.380, 121.252, 31.382, 4490)), 'test')";
