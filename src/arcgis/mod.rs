//! Layers as an ArcGIS feature service, for ArcGIS Pro, ArcGIS Online's viewers and GDAL's ESRIJSON driver: each layer is a
//! service with one layer, which is only read. `condition` reads `where`, `shape` Esri's geometries, `spatial_reference`
//! its names of systems; `question` puts them together, `describe` says what there is, `features` streams, `pbf` writes Esri's
//! buffers, `statistics` sums, of the groups that `having` wants. Parameters that would change the answer and are not supported
//! are refused; all others are ignored.

mod condition;
mod describe;
mod features;
mod having;
mod pbf;
mod question;
pub mod routes;
mod shape;
mod spatial_reference;
mod statistics;

/// What the features' ids are called.
pub const OBJECT_ID: &str = "OBJECTID";
/// Features of one answer at most, as ArcGIS itself has it; clients page by `resultOffset`.
pub const RECORDS_MAX: i64 = 2_000;
/// The version of ArcGIS whose documents these look like.
pub const CURRENT_VERSION: f64 = 10.81;
