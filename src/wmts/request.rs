//! Which tile is asked for, whether by parameters or by address.

use crate::access::Scope;
use crate::app::App;
use crate::error::Error;
use crate::extract::Given;
use crate::layer::Layer;
use crate::render::Frame;
use crate::render::Plane;
use crate::render::named;
use crate::tile::Address;
use crate::tile::Grid;
use crate::wfs::fault::Fault;
use crate::wfs::fault::Result;
use crate::wms::PNG;

use super::SIDE;

/// The grids, and what Tianditu calls those of its own.
const GRIDS: [(&str, Grid); 4] = [
    ("WebMercatorQuad", Grid::WebMercatorQuad),
    ("CGCS2000Quad", Grid::CGCS2000Quad),
    ("w", Grid::WebMercatorQuad),
    ("c", Grid::CGCS2000Quad),
];

/// A tile of layers.
#[derive(Clone, Debug)]
pub struct Tile<'a> {
    pub layers: Vec<&'a Layer>,
    pub address: Address,
    pub filter: Option<String>,
}

/// What of an address is text: layers, grid, level, row, column.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    pub layers: &'a str,
    pub grid: &'a str,
    pub level: &'a str,
    pub row: &'a str,
    pub column: &'a str,
}

impl<'a> Tile<'a> {
    /// Reads the parameters of `GetTile`.
    pub fn parse(app: &'a App, scope: &Scope, given: &Given) -> Result<Self> {
        let needed = |name: &str| given.find(&[name])?.ok_or_else(|| Fault::missing(name));
        let style = needed("style")?;
        if style != "default" {
            return Err(Fault::invalid("style", "只有 / only: default"));
        }
        let format = needed("format")?;
        // Tianditu's clients say `tiles`.
        if !format.eq_ignore_ascii_case(PNG) && format != "tiles" {
            return Err(Fault::invalid("format", format!("只有 / only: {PNG}")));
        }
        let place = Place {
            layers: needed("layer")?,
            grid: needed("tilematrixset")?,
            level: needed("tilematrix")?,
            row: needed("tilerow")?,
            column: needed("tilecol")?,
        };
        let filter = given.find(&["filter", "cql_filter"])?.map(ToOwned::to_owned);
        let tile = Self::at(app, scope, place).map_err(|fault| match &*fault.error {
            // Here a layer is the value of a parameter, not a part of the address.
            Error::NotFound { .. } => Fault::invalid("layer", fault.error.to_string()),
            _ => fault,
        })?;
        Ok(Self { filter, ..tile })
    }

    /// The tile at a place.
    pub fn at(app: &'a App, scope: &Scope, place: Place<'_>) -> Result<Self> {
        let layers = named(app, scope, Some(place.layers))?;
        let grid = GRIDS
            .iter()
            .find(|it| it.0 == place.grid)
            .ok_or_else(|| Fault::invalid("tilematrixset", GRIDS.map(|it| it.0).join(", ")))?;
        let (least, most) = grid.1.levels();
        let level = place.level.parse().ok().filter(|it| (least..=most).contains(it));
        let level =
            level.ok_or_else(|| Fault::invalid("tilematrix", format!("{least}..{most}")))?;
        let (columns, rows) = grid.1.size(level);
        let number = |name: &str, text: &str, side: u32| {
            let fault = Fault::invalid(
                name,
                format!("矩阵 {level} 中应为 0 至 {0} / 0 to {0} in matrix {level}", side - 1),
            );
            match text.parse::<i64>() {
                Ok(it) => u32::try_from(it)
                    .ok()
                    .filter(|it| *it < side)
                    .ok_or(Fault { code: "TileOutOfRange", ..fault }),
                Err(_) => Err(fault),
            }
        };
        let row = number("tilerow", place.row, rows)?;
        let column = number("tilecol", place.column, columns)?;
        let address = Address::in_grid(grid.1, level, column, row)?;
        Ok(Self { layers, address, filter: None })
    }
}

/// What a tile shows.
pub fn frame(address: &Address) -> Frame {
    let it = address.degrees();
    let (plane, area) = match address.grid {
        Grid::WebMercatorQuad => {
            // From the numbers, so that neighbours meet to the last digit.
            const HALF: f64 = 20_037_508.342_789_244;
            let side = 2.0 * HALF / f64::from(address.grid.size(address.z).0);
            let (west, north) = (
                f64::from(address.x).mul_add(side, -HALF),
                (-f64::from(address.y)).mul_add(side, HALF),
            );
            (Plane::Mercator, [west, north - side, west + side, north])
        }
        _ => (Plane::Degrees, [it.west, it.south, it.east, it.north]),
    };
    let side = f64::from(SIDE);
    Frame { plane, area, width: side, height: side }
}

/// Tiles of four by four have their names together, so that one which reaches over an edge is whole.
pub fn block(address: &Address) -> Frame {
    let of = |it: u32| f64::from(it % 4);
    frame(address).grown(of(address.x), of(address.y), 4.0, 4.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_lie_where_their_grid_has_them() {
        let mercator = Address::in_grid(Grid::WebMercatorQuad, 1, 1, 0).unwrap();
        let [west, south, east, north] = frame(&mercator).area;
        assert!(west.abs() < 1e-6 && south.abs() < 1e-6 && (east - north).abs() < 1e-6);
        // A tile of 256 pixels is of one zoom less than a style's.
        assert!(frame(&mercator).zoom().abs() < 1e-9);
        let degrees = Address::in_grid(Grid::CGCS2000Quad, 12, 3427, 666).unwrap();
        let [west, south, east, north] = frame(&degrees).area;
        assert!(west < 121.25 && 121.25 < east && south < 31.38 && 31.38 < north);
        let around = block(&degrees).area;
        assert!((around[2] - around[0] - 4.0 * (east - west)).abs() < 1e-9 && around[0] <= west);
        let beside = Address::in_grid(Grid::CGCS2000Quad, 12, 3426, 666).unwrap();
        let other = block(&beside).area;
        assert!(around.iter().zip(other).all(|(a, b)| (a - b).abs() < 1e-9));
    }
}
