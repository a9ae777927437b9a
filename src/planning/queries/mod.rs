//! SQL of planning. Identifiers are those of checked layer folders; every value is bound.

pub mod assembly;
pub mod memory;
pub mod overlap;
pub mod parcels;
pub mod reduction;
pub mod run;
pub mod sites;
