//! Maps and dossiers on paper: sheets of a true scale as PDF, drawn by `render` and laid out here. `question` reads what is
//! asked, `sheet` lays out a map with all that a map has to say of itself, `dossier` one parcel on a page. How layers look
//! is their folders' business.

mod column;
mod dossier;
mod dossier_text;
mod ornament;
mod paper;
mod pen;
mod question;
pub mod routes;
mod sheet;

pub use paper::Paper;
pub use question::Question;
