//! Times areas of parcels in plans beside PostGIS, on the same rows in one run, and compares all of them:
//! `cargo bench --bench overlay -- [PARCELS] [ROUNDS] [PEER_ROUNDS]`. A private cluster is started for it and removed.

#![expect(clippy::print_stdout, reason = "it is what the program is for")]

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context;
use mutu::catalog;
use mutu::config::Config;
use mutu::config::Timeouts;
use mutu::db::Cluster;
use mutu::db::Db;
use mutu::evaluation::overlay;
use mutu::layer::Layers;
use mutu::layer::Overlay as Spec;
use mutu::layer::OverlayClass;
use mutu::overlay::Claims;
use mutu::overlay::Count;
use mutu::overlay::EqualArea;
use mutu::overlay::Feature;
use mutu::overlay::Kept;
use mutu::overlay::Outline;
use mutu::overlay::Overlay;
use mutu::overlay::Reader;
use rayon::prelude::*;
use sqlx::PgConnection;
use tokio::runtime::Runtime;

mod district;
mod peer;

use district::District;
use district::Plan;
use district::ewkb;

fn main() -> anyhow::Result<()> {
    let mut numbers = std::env::args().skip(1).filter_map(|it| it.parse::<usize>().ok());
    let parcels = numbers.next().unwrap_or(1_000_000);
    let (rounds, peer_rounds) = (numbers.next().unwrap_or(5), numbers.next().unwrap_or(1));
    let dir = tempfile::Builder::new().prefix("mutu-bench-").tempdir()?;
    // The database's own user passes through here.
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(dir.path(), open)?;
    let cluster = Cluster::join_or_start(dir.path())?;
    let done = Runtime::new()?.block_on(run(&cluster, parcels, rounds, peer_rounds));
    cluster.leave()?;
    done
}

async fn run(
    cluster: &Cluster,
    parcels: usize,
    rounds: usize,
    peer_rounds: usize,
) -> anyhow::Result<()> {
    let cores = std::thread::available_parallelism()?;
    println!(
        "{parcels} parcels of 16 vertices; layers of 300, 20 huge, 5000, 10000 polygons; {cores} cores"
    );
    let layers = Layers::load(None)?;
    let district = District::new(parcels);
    let plans = district.plans();
    let projection =
        Config { projection_centre: district::CENTRE, ..Config::default() }.projection();
    cluster.create_database("bench").await?;
    let db = Db::connect(cluster.options("bench"), None, Timeouts::default()).await?;
    catalog::sync(db.owner(), &layers).await?;
    let mut owner = db.owner().acquire().await?;
    sqlx::raw_sql("set synchronous_commit = off").execute(&mut *owner).await?;
    load(&mut owner, district, &plans).await?;

    println!("\nthrough the database, as an evaluation does it, all four layers:");
    product(&mut owner, &layers, &plans, &projection).await?;
    println!("  peak memory {} MB, loading the rows included", peak_mb()?);

    println!("\nin memory, from what the database sends:");
    let plane = EqualArea::from_proj(&projection).context("a plane")?;
    let sent: Vec<Vec<u8>> =
        (0..parcels).into_par_iter().map(|it| ewkb(&district.parcel(it))).collect();
    let (mut project, mut build, mut claim) = (Vec::new(), Vec::new(), Vec::new());
    let mut found = Vec::new();
    for _ in 0..rounds {
        drop(std::mem::take(&mut found));
        let start = Instant::now();
        let outlines: Vec<Outline> = sent
            .par_iter()
            .map_init(|| Reader::new(plane), |reader, it| reader.outline(it).map(Outline::repaired))
            .collect::<Result<_, _>>()?;
        project.push(start.elapsed().as_secs_f64());
        let start = Instant::now();
        let overlays: Vec<Overlay> =
            plans.iter().map(|it| overlay_of(it, plane)).collect::<anyhow::Result<_>>()?;
        build.push(start.elapsed().as_secs_f64());
        let start = Instant::now();
        found = overlays.iter().map(|it| it.claim(&outlines)).collect::<Vec<Claims>>();
        claim.push(start.elapsed().as_secs_f64());
    }
    let sum = |lists: [&[f64]; 3]| -> Vec<f64> {
        (0..rounds).map(|it| lists.iter().filter_map(|list| list.get(it)).sum()).collect()
    };
    let whole = spread("projecting, dividing, measuring", &sum([&project, &build, &claim]));
    let kept = spread("parcels kept projected: dividing, measuring", &sum([&build, &claim, &[]]));
    spread("of that, projecting the parcels", &project);
    spread("of that, dividing the plans", &build);
    let only = spread("of that, measuring", &claim);
    println!("  peak memory {} MB, the bytes sent included", peak_mb()?);
    drop(sent);

    println!("\nPostGIS, subdivided, parallel:");
    let mut peers = Vec::new();
    for _ in 0..peer_rounds {
        let took = peer::run(&mut owner, &plans, &projection).await?;
        println!(
            "  projecting {:.2} s, pieces {:.2} s, areas {:.2} s",
            took.parcels, took.pieces, took.areas
        );
        peers.push(took);
    }
    compare(&mut owner, &plans, &found, parcels).await?;
    let mean = |of: fn(&peer::Took) -> f64| median(&peers.iter().map(of).collect::<Vec<_>>());
    println!("\nPostGIS takes, beside ours:");
    let all = mean(|it| it.parcels + it.pieces + it.areas);
    println!("  {:6.1} times with projection", all / whole);
    println!("  {:6.1} times with parcels kept projected", mean(|it| it.pieces + it.areas) / kept);
    println!("  {:6.1} times with the plans kept as well", mean(|it| it.areas) / only);
    Ok(())
}

/// Evaluations as they follow each other: cold, unchanged, after edits.
async fn product(
    db: &mut PgConnection,
    layers: &Layers,
    plans: &[Plan],
    projection: &str,
) -> anyhow::Result<()> {
    let specs: Vec<Spec> = plans.iter().map(spec).collect();
    let mut kept = Kept::default();
    for (what, change) in [
        ("the first", ""),
        ("nothing changed", ""),
        (
            "100 parcels and a block changed",
            "update mutu.parcel set geom = st_translate(geom, 0.0001, 0) where parcel_id <= 100;
             update layer.blocks_104 set geom = st_translate(geom, 0.0001, 0) where id = (select min(id) from layer.blocks_104)",
        ),
        (
            "changed back",
            "update mutu.parcel set geom = st_translate(geom, -0.0001, 0) where parcel_id <= 100;
             update layer.blocks_104 set geom = st_translate(geom, -0.0001, 0) where id = (select min(id) from layer.blocks_104)",
        ),
    ] {
        sqlx::raw_sql(change).execute(&mut *db).await?;
        let start = Instant::now();
        for spec in &specs {
            overlay::claim(db, layers, &mut kept, spec, projection).await?;
        }
        println!("  {:7.2} s  {what}", start.elapsed().as_secs_f64());
    }
    println!("  {} MB kept for the next", kept.bytes() >> 20);
    Ok(())
}

fn spec(plan: &Plan) -> Spec {
    let by_field = plan.layer == "control_plan";
    Spec {
        classes: vec![OverlayClass {
            layer: plan.layer.to_owned(),
            class: (!by_field).then(|| "0".to_owned()),
            class_field: by_field.then(|| "land_use_code".to_owned()),
            name_field: None,
        }],
        remainder: "none".to_owned(),
        share_at_least: 0.9,
        sliver_m2: 1.0,
        sliver_share: 0.001,
        officer_classes: Vec::new(),
        override_column: None,
    }
}

fn overlay_of(plan: &Plan, plane: EqualArea) -> anyhow::Result<Overlay> {
    let features: Vec<Feature> = plan
        .rows
        .par_iter()
        .map_init(
            || Reader::new(plane),
            |reader, (class, ring)| {
                let outline = Arc::new(reader.outline(&ewkb(ring))?);
                Ok(Feature { class: class.parse()?, outline })
            },
        )
        .collect::<anyhow::Result<_>>()?;
    Ok(Overlay::build(&features, Count::Once))
}

/// Every area of ours beside PostGIS's: to a millionth of the parcel or 0.01 m².
async fn compare(
    db: &mut PgConnection,
    plans: &[Plan],
    found: &[Claims],
    parcels: usize,
) -> anyhow::Result<()> {
    let (mut rows, mut worst) = (0, 0.0_f64);
    for (plan, claims) in plans.iter().zip(found) {
        let theirs: Vec<(i64, String, f64, f64)> = sqlx::query_as(
            "select parcel_id, class, a.area_m2, p.area_m2
             from peer_area a join peer_parcel p using (parcel_id) where layer = $1",
        )
        .bind(plan.layer)
        .fetch_all(&mut *db)
        .await?;
        let mut own: HashMap<(i64, u32), f64> = HashMap::new();
        for (id, parcel) in (1..).zip(0..parcels) {
            own.extend(claims.of(parcel).iter().map(|it| ((id, it.0), it.1)));
        }
        let mut check = |key: (i64, u32), ours: f64, theirs: f64, of: f64| {
            let off = (ours - theirs).abs();
            worst = worst.max(off);
            anyhow::ensure!(
                off <= 0.01_f64.max(of * 1e-6),
                "{} {key:?}: {ours} m² beside {theirs}",
                plan.layer
            );
            Ok(())
        };
        for (id, class, theirs, of) in theirs {
            let key = (id, class.parse()?);
            check(key, own.remove(&key).unwrap_or_default(), theirs, of)?;
            rows += 1;
        }
        for (key, ours) in own {
            check(key, ours, 0.0, 0.0)?;
        }
    }
    println!("  {rows} areas agree; the worst is {worst:.1e} m² off");
    Ok(())
}

async fn load(db: &mut PgConnection, district: District, plans: &[Plan]) -> anyhow::Result<()> {
    let sql =
        "copy mutu.parcel (parcel_id, parcel_code, area_geom_m2, geom, recorded_by) from stdin";
    let mut copy = db.copy_in_raw(sql).await?;
    let all: Vec<usize> = (0..district.parcels).collect();
    for some in all.chunks(20_000) {
        let lines: String = some
            .par_iter()
            .map(|nth| {
                format!(
                    "{id}\t{id}\t0\t{}\tbench\n",
                    hex(&ewkb(&district.parcel(*nth))),
                    id = nth + 1
                )
            })
            .collect();
        copy.send(lines.into_bytes()).await?;
    }
    copy.finish().await?;
    for plan in plans {
        let has_use = plan.layer == "control_plan";
        let columns = if has_use { "code, land_use_code" } else { "code, name" };
        let sql = format!("copy layer.{} ({columns}, geom, recorded_by) from stdin", plan.layer);
        let mut copy = db.copy_in_raw(&sql).await?;
        for (nth, (class, ring)) in plan.rows.iter().enumerate() {
            copy.send(format!("{nth}\t{class}\t{}\tbench\n", hex(&ewkb(ring))).into_bytes())
                .await?;
        }
        copy.finish().await?;
    }
    sqlx::raw_sql("vacuum analyze").execute(db).await?;
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    for it in bytes {
        let _ = write!(out, "{it:02X}");
    }
    out
}

fn median(of: &[f64]) -> f64 {
    let mut of = of.to_vec();
    of.sort_by(f64::total_cmp);
    of.get(of.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Prints and returns the median.
fn spread(what: &str, of: &[f64]) -> f64 {
    let least = of.iter().copied().fold(f64::INFINITY, f64::min);
    let most = of.iter().copied().fold(0.0, f64::max);
    println!("  {:7.3} s  ({least:.3} to {most:.3})  {what}", median(of));
    median(of)
}

fn peak_mb() -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:")).context("VmHWM")?;
    let kb: u64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kb / 1024)
}
