//! Mutu: one map of industrial land. The order of these modules is the architecture: each uses only those above it.

pub mod measure;
pub mod code;
pub mod cql;
pub mod judgement;
