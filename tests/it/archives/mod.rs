//! `mutu tiles export` and `/pmtiles`: archives read back by other libraries, and held to what HTTP serves.

mod export;
mod ranges;
mod refusals;

use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;
use mutu::access::Role;
use mutu::app::App;
use mutu::tile::archive;
use mutu::tile::archive::Done;
use mutu::tile::archive::Wanted;

/// What to export.
pub fn wanted(out: &Path, layers: &[&str], zooms: (u8, u8)) -> Wanted {
    Wanted {
        out: out.to_owned(),
        layers: layers.iter().map(|it| (*it).to_owned()).collect(),
        zooms: Some(zooms),
        role: Role::Public,
        force: false,
    }
}

pub async fn export(app: &App, wanted: &Wanted) -> Done {
    archive::export(app, wanted, &mut |_| {}).await.unwrap()
}

pub fn unzipped(data: Vec<u8>) -> Vec<u8> {
    let mut raw = Vec::new();
    GzDecoder::new(&data[..]).read_to_end(&mut raw).unwrap();
    raw
}
