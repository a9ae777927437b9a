//! Mutu (亩图): one map of industrial land. Each module may use only those above it; `docs/architecture.md` says what
//! belongs where, and a test holds the order.

// Pure: no database, clock, network or HTTP.
pub mod measure;
pub mod crs;
pub mod code;
pub mod access;
pub mod site;
pub mod layer;
pub mod coverage;
pub mod mvt;
pub mod cql;
pub mod overlay;
pub mod judgement;
// Foundations.
pub mod config;
pub mod error;
pub mod seal;
pub mod font;
pub mod db;
pub mod audit;
pub mod account;
pub mod snapshot;
pub mod app;
pub mod extract;
// Capabilities.
pub mod catalog;
pub mod notice;
pub mod job;
pub mod tile;
pub mod render;
pub mod parcel;
pub mod planning;
pub mod evaluation;
pub mod search;
pub mod ingest;
pub mod register;
pub mod export;
pub mod stats;
pub mod scenario;
pub mod reuse;
pub mod sequel;
pub mod sample;
pub mod ogc;
pub mod wfs;
pub mod wms;
pub mod wmts;
pub mod print;
pub mod report;
pub mod arcgis;
// Edges.
pub mod http;
pub mod cli;
