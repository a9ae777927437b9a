//! The one integration-test binary: what crosses PostGIS, HTTP or the command line.
#![allow(clippy::unwrap_used, clippy::pedantic)]

mod support;

mod access;
mod layout;
mod serving;
