//! The generated district: `mutu sample`.
//!
//! A pure core lays out streets, parcels, plans and firms from a seed; `write` puts them into files as an office hands them
//! over. Nothing here is copied from a map: only the names and codes of the towns are real.

pub mod building;
pub mod code;
pub mod district;
pub mod enterprise;
pub mod fact;
pub mod figure;
pub mod header;
pub mod layout;
pub mod lot;
pub mod network;
pub mod noise;
pub mod occupancy;
pub mod outline;
pub mod parcel;
pub mod plan;
pub mod plane;
pub mod polygon;
pub mod quota;
pub mod row;
pub mod sector;
pub mod street;
pub mod town;
#[cfg(test)]
mod tests;
mod write;

use std::path::PathBuf;

pub use write::write;

/// The largest district: town codes and cadastral zones have three digits.
pub const MOST_PARCELS: u32 = 1_000_000;

/// What to generate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// How many industrial parcels, up to `MOST_PARCELS`.
    pub parcels: u32,
    pub seed: u64,
    /// Whether to put in faults as real files have them.
    pub dirty: bool,
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Files in the order of import, each with the layer or table it goes into.
    pub files: Vec<(PathBuf, &'static str)>,
    /// Rows by layer or table.
    pub counts: Vec<(&'static str, u64)>,
    /// Faults put in; listed in `dirty_faults.csv`.
    pub faults: u64,
}
