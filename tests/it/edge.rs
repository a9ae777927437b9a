//! The edge: where requests come from, what their answers may be kept for, and how much anybody may ask.

mod cancel;
mod connection;
mod headers;
mod limits;
mod place;

use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;

use mutu::access::Role;
use mutu::access::Scope;
use mutu::account::manage;
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

/// Where a new steward signs in, once.
async fn link(it: &TestApp) -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let name = format!("clerk{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    it.account(&name, Role::Steward, None).await;
    let (code, _) = manage::create_link(&it.app.db, &Scope::console(), &name).await.unwrap();
    format!("/sign-in?code={}", code.reveal())
}
