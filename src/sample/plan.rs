//! Planning layers: towns, the 104 blocks, construction area, growth boundary, industry layout, control plan, red lines.

use std::collections::BTreeMap;

use super::building::cents;
use super::district;
use super::district::District;
use super::district::Kind;
use super::district::Tile;
use super::layout::Layout;
use super::network;
use super::noise;
use super::noise::Purpose;
use super::outline;
use super::outline::Area;
use super::outline::Labels;
use super::outline::Node;
use super::outline::Style;
use super::plane::Plane;
use super::row::Geometry;
use super::row::Row;
use super::row::Value;
use super::town;

fn geometry(district: &District, areas: &[Area]) -> Geometry {
    let polygons = areas.iter().map(|area| {
        let rings = std::iter::once(&area.shell).chain(&area.holes);
        rings.map(|it| network::ring(district, it)).collect()
    });
    Geometry::Polygons(polygons.collect())
}

fn area_mu(geometry: &Geometry) -> f64 {
    let Geometry::Polygons(polygons) = geometry else { return 0.0 };
    let of = |rings: &Vec<Vec<_>>| {
        let holes: f64 = rings.iter().skip(1).map(|it| Plane::area_m2(it)).sum();
        rings.first().map_or(0.0, |it| Plane::area_m2(it)) - holes
    };
    cents(polygons.iter().map(of).sum::<f64>() * 0.0015)
}

/// Rows of `header::TOWNS`.
pub fn towns(district: &District) -> Vec<Row> {
    let named = |(label, areas): (&u32, &Vec<Area>)| {
        let town = district.towns.get(usize::try_from(*label).ok()?.checked_sub(1)?)?;
        let values = vec![town.code.as_str().into(), town.name.as_str().into()];
        Some(Row { values, geometry: Some(geometry(district, areas)) })
    };
    district.town_areas.iter().filter_map(named).collect()
}

/// A park's name and its managing town.
fn park_names(district: &District, label: u32) -> (String, &str) {
    let home = district.park_homes.get(&label).and_then(|&it| district.towns.get(it));
    let unit = home.map_or("", |it| it.name.as_str());
    let number = label.cast_signed();
    (
        town::place_name(
            district.seed,
            &[number, 4],
            &["工业园区", "工业小区", "产业园", "工业区"],
        ),
        unit,
    )
}

/// Rows of `header::BLOCKS_104`. Here and there the old outline cuts through what was built later.
pub fn blocks_104(district: &District) -> Vec<Row> {
    let style = Style::Bulging { share: 0.55, reach_m: 150.0, salt: 1 };
    let areas = outline::areas(&district.park_labels, district.seed, style, &district.place());
    let rows = areas.iter().map(|(label, areas)| {
        let geometry = geometry(district, areas);
        let (name, unit) = park_names(district, *label);
        let values = vec![
            format!("JD{label:03}").into(),
            name.into(),
            unit.into(),
            area_mu(&geometry).into(),
        ];
        Row { values, geometry: Some(geometry) }
    });
    rows.collect()
}

fn chance(district: &District, salt: i32, (i, j): Node) -> f64 {
    noise::unit(district.seed, Purpose::Plan, &[salt, i, j])
}

fn kinds(district: &District) -> BTreeMap<Node, Kind> {
    district.tiles.iter().map(|it| (it.at, it.kind)).collect()
}

/// One row for each polygon of the tiles that are built-up or wanted otherwise.
fn built_up(
    district: &District,
    prefix: &str,
    title: &str,
    style: Style,
    wanted: &dyn Fn(&Tile) -> bool,
) -> Vec<Row> {
    let mut labels = Labels::around(district.tiles.iter().map(|it| it.at));
    district.tiles.iter().filter(|it| wanted(it)).for_each(|it| labels.set(it.at, 1));
    labels.join_corners();
    let areas = outline::areas(&labels, district.seed, style, &district.place());
    let numbered = (1..).zip(areas.into_values().flatten());
    let rows = numbered.map(|(number, area)| {
        let values = vec![format!("{prefix}{number:04}").into(), format!("{title}{number}").into()];
        Row { values, geometry: Some(geometry(district, &[area])) }
    });
    rows.collect()
}

/// Rows of `header::CONSTRUCTION_AREA`.
pub fn construction_area(district: &District) -> Vec<Row> {
    let style = Style::Bulging { share: 0.5, reach_m: 130.0, salt: 2 };
    built_up(district, "JSQ", "集中建设区", style, &|it| it.kind != Kind::Rural)
}

/// Rows of `header::GROWTH_BOUNDARY`: a later plan, which dropped some of the fringe and took in a little.
pub fn growth_boundary(district: &District) -> Vec<Row> {
    let kinds = kinds(district);
    let style = Style::Bulging { share: 0.35, reach_m: 110.0, salt: 3 };
    built_up(district, "KFBJ", "城镇开发边界", style, &|tile| {
        let beside = district::around(tile.at).into_iter().step_by(2);
        let rural = beside.filter(|it| kinds.get(it).is_none_or(|it| *it == Kind::Rural)).count();
        match tile.kind {
            Kind::Park => true,
            Kind::Urban => rural < 2 || chance(district, 5, tile.at) > 0.16,
            Kind::Rural => rural < 3 && chance(district, 5, tile.at) < 0.1,
        }
    })
}

/// Rows of `header::INDUSTRY_LAYOUT` for parks and for towns with industry; scattered land comes with each tile.
pub fn industry_layout(district: &District) -> Vec<Row> {
    let style = Style::Bulging { share: 0.25, reach_m: 90.0, salt: 4 };
    let areas = outline::areas(&district.park_labels, district.seed, style, &district.place());
    let mut sizes: BTreeMap<u32, u32> = BTreeMap::new();
    district.tiles.iter().for_each(|it| *sizes.entry(it.park).or_default() += 1);
    let mut out: Vec<Row> = areas
        .iter()
        .map(|(label, areas)| {
            let kind = if sizes.get(label).is_some_and(|it| *it > 3) {
                "产业基地"
            } else {
                "产业社区"
            };
            let name = format!("{}{kind}", park_names(district, *label).0);
            Row {
                values: vec![format!("CY{label:03}").into(), name.into(), kind.into()],
                geometry: Some(geometry(district, areas)),
            }
        })
        .collect();
    let mut labels = Labels::around(district.tiles.iter().map(|it| it.at));
    let mixed = |it: &&Tile| it.kind == Kind::Urban && chance(district, 6, it.at) < 0.07;
    for (number, tile) in (1..).zip(district.tiles.iter().filter(mixed)) {
        labels.set(tile.at, number);
    }
    for (number, areas) in outline::areas(&labels, district.seed, style, &district.place()) {
        let name = town::place_name(district.seed, &[number.cast_signed(), 5], &["产业城区"]);
        let values = vec![format!("CQ{number:03}").into(), name.into(), "产业城区".into()];
        out.push(Row { values, geometry: Some(geometry(district, &areas)) });
    }
    out
}

/// Rows of `header::ECO_REDLINE`: both banks of rivers between fields, and a few wetlands.
pub fn eco_redline(district: &District) -> Vec<Row> {
    let kinds = kinds(district);
    let rural = |at: Node| kinds.get(&at) == Some(&Kind::Rural);
    let mut shapes: Vec<(String, &str, Geometry)> = Vec::new();
    for run in network::runs(district, &|tiles| tiles.into_iter().all(rural)) {
        if let Some((width, offset)) = district.corridor(run.axis, run.line).water
            && width > 30.0
        {
            let name = network::river_name(district, run.axis, run.line);
            let ring = run.strip(district, offset, width / 2.0 + 58.0);
            shapes.push((
                format!("{name}生态廊道"),
                "水源涵养",
                Geometry::Polygons(vec![vec![ring]]),
            ));
        }
    }
    let surrounded = |at: Node| district::around(at).into_iter().all(|it| kinds.contains_key(&it));
    let mut inner: Vec<Node> =
        kinds.keys().copied().filter(|&it| rural(it) && surrounded(it)).collect();
    if inner.is_empty() {
        inner = kinds.keys().copied().filter(|&it| rural(it)).collect();
    }
    let least = inner.iter().map(|&it| chance(district, 8, it)).fold(f64::INFINITY, f64::min);
    let mut labels = Labels::around(kinds.keys().copied());
    for (number, at) in
        (1..).zip(inner.into_iter().filter(|&it| chance(district, 8, it) <= least.max(0.03)))
    {
        labels.set(at, number);
    }
    for (number, areas) in outline::areas(&labels, district.seed, Style::Smooth, &district.place())
    {
        let name =
            town::place_name(district.seed, &[number.cast_signed(), 6], &["湿地", "林地", "荡"]);
        shapes.push((name, "生物多样性维护", geometry(district, &areas)));
    }
    let numbered = (1..).zip(shapes);
    numbered
        .map(|(number, (name, kind, geometry)): (u32, _)| Row {
            values: vec![format!("ST{number:04}").into(), name.into(), kind.into()],
            geometry: Some(geometry),
        })
        .collect()
}

/// A code that says which tile something is in, unique in the district.
fn tile_code(district: &District, tile: &Tile) -> String {
    let town = &district.towns[tile.town];
    format!("{}-{:03}", town.code, tile.subzone)
}

/// Rows of `header::CONTROL_PLAN` within a tile.
pub fn control_plan(district: &District, tile: &Tile, layout: &Layout) -> Vec<Row> {
    let unit = tile_code(district, tile);
    let name = format!("{}{unit}单元控制性详细规划", district.towns[tile.town].name);
    let numbered = (1..).zip(&layout.plots);
    let rows = numbered.map(|(number, plot): (u32, _)| {
        let height_m = plot.far_limit.map(|it| (it * 20.0).clamp(24.0, 60.0).round());
        let values = vec![
            format!("{unit}-{number:02}").into(),
            name.as_str().into(),
            plot.code.into(),
            plot.title.into(),
            plot.far_limit.into(),
            height_m.into(),
        ];
        Row::with_ring(values, network::ring(district, &plot.ring))
    });
    rows.collect()
}

/// Rows of `header::INDUSTRY_LAYOUT` within a tile: scattered industrial land.
pub fn scattered(district: &District, tile: &Tile, layout: &Layout) -> Vec<Row> {
    let numbered = (1..).zip(&layout.scattered);
    let rows = numbered.map(|(number, ring): (u32, _)| {
        let code = format!("LX{}-{number}", tile_code(district, tile));
        let values: Vec<Value> = vec![code.into(), "零星工业用地".into(), "零星工业用地".into()];
        Row::with_ring(values, network::ring(district, ring))
    });
    rows.collect()
}

/// Rows of `header::BASIC_FARMLAND` within a tile.
pub fn basic_farmland(district: &District, tile: &Tile, layout: &Layout) -> Vec<Row> {
    let numbered = (1..).zip(&layout.farmland);
    let rows = numbered.map(|(number, field): (u32, _)| {
        let ring = network::ring(district, field);
        let crop = if number % 7 == 3 { "旱地" } else { "水田" };
        let code = format!("NT{}-{number:02}", tile_code(district, tile));
        let area_mu = cents(Plane::area_m2(&ring) * 0.0015);
        Row::with_ring(vec![code.into(), crop.into(), area_mu.into()], ring)
    });
    rows.collect()
}

/// Rows of `header::VILLAGES` within a tile.
pub fn villages(district: &District, tile: &Tile, layout: &Layout) -> Vec<Row> {
    let numbered = (0..).zip(&layout.villages);
    let rows = numbered.map(|(number, ring)| {
        let name = town::place_name(
            district.seed,
            &[tile.at.0, tile.at.1, 7, number],
            &["村", "宅", "村"],
        );
        Row::with_ring(
            vec![name.into(), district.towns[tile.town].code.as_str().into()],
            network::ring(district, ring),
        )
    });
    rows.collect()
}
