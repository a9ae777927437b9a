//! Maps and dossiers on paper: sheets of a true scale as PDF, drawn by `render` and laid out here. `question` reads what is
//! asked, `sheet` lays out a map with all that a map has to say of itself, `dossier` one parcel on a page,
//! `list`, `wall` and `case` a redevelopment list, `state_map` the map of a report. How layers look
//! is their folders' business.

mod case;
mod column;
mod dossier;
mod dossier_text;
mod list;
mod list_map;
mod list_routes;
mod list_side;
mod list_table;
mod ornament;
mod paper;
mod pen;
mod question;
pub mod routes;
mod sheet;
pub mod state_map;
mod wall;
pub mod written;

pub use paper::Paper;
pub use question::Question;
