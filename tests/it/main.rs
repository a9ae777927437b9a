//! The one integration-test binary: what crosses PostGIS, HTTP or the command line.
#![allow(clippy::unwrap_used, clippy::pedantic)]

mod support;

mod access;
mod accounts;
mod arcgis;
mod archives;
mod attacker;
mod audit;
mod cli;
mod cluster;
mod coverage;
mod crawl;
mod edge;
mod evaluation;
mod events;
mod export;
mod filters;
mod history;
mod hostile;
mod ingest;
mod jobs;
mod layers;
mod layout;
mod ogc;
mod oidc;
mod openapi;
mod serving;
mod snapshot;
mod stats;
mod tiles;
mod wfs;
