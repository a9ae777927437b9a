//! The catalogue: layers as rows and as a tree. `sync` makes tables and views from the folders at start, `queries` keeps
//! each layer's revision, `events` tells when one moves on, `time` says which versions are asked for, and `tree` answers what the map and other clients need to know about every layer.

pub mod events;
pub mod filter;
mod grants;
pub mod queries;
pub mod routes;
pub mod source;
mod sync;
pub mod time;
mod tree;

pub use sync::DRAWING;
pub use sync::sync;
pub use tree::Tree;
pub use tree::tree;
