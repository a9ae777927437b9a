//! The quality report of an import: the catalogue of rules, what is said of one row's geometry and values, what only shows
//! when rows are compared, and the report as files. Reading and parsing are elsewhere; here is what a person should look at.

pub mod catalogue;
pub mod download;
pub mod outline;
pub mod place;
pub mod stored;
