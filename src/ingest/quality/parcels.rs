//! The parcels of a file compared with one another and with those that it does not replace, on a thread of their own while the
//! database is at work.

use std::io;
use std::time::Duration;

use futures_util::TryStreamExt;
use geo::MultiPolygon;
use geozero::ToGeo;
use geozero::wkb::Wkb;
use sqlx::PgConnection;
use sqlx::Row;
use sqlx::postgres::PgRow;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::super::repair::Stored;
use super::super::report::Findings;
use super::super::report::Issue;
use super::super::report::KEPT;
use super::super::report::Severity;
use super::neighbours;
use super::neighbours::Kept;
use super::neighbours::Pair;
use super::neighbours::Relation;
use super::neighbours::Spool;
use super::neighbours::Whose;
use super::place;

/// A comparison that is going on.
pub struct Comparing(JoinHandle<io::Result<Kept>>);

/// Reads the parcels of the register that stay beside those of the file, if there may be some, and begins to compare.
pub async fn begin(
    db: &mut PgConnection,
    outlines: io::Result<Spool>,
    beside: bool,
) -> sqlx::Result<Comparing> {
    let outlines = match outlines {
        Ok(spool) if beside => with_staying(db, spool).await?,
        other => other,
    };
    Ok(Comparing(tokio::task::spawn_blocking(move || neighbours::compare(outlines?, KEPT))))
}

/// Asked of the database while it waits, so that it does not take the import for one that nobody goes on with.
const SIGN_OF_LIFE: Duration = Duration::from_secs(5);

/// Tells overlaps, doubles and gaps.
pub async fn finish(
    db: &mut PgConnection,
    mut it: Comparing,
    findings: &mut Findings,
    notes: &mut Vec<String>,
) -> sqlx::Result<()> {
    let compared = loop {
        match timeout(SIGN_OF_LIFE, &mut it.0).await {
            Ok(compared) => break compared,
            Err(_) => sqlx::query("select 1").execute(&mut *db).await?,
        };
    };
    // Whatever a geometry does to the plane sweep, or a full disk to the outlines, costs these findings and not the import.
    let kept = match compared {
        Ok(Ok(kept)) => kept,
        Ok(Err(error)) => {
            notes.push(format!(
                "宗地之间未能比较 / parcels could not be compared with one another: {error}"
            ));
            return Ok(());
        }
        Err(_) => {
            notes.push(
                "宗地之间未能比较 / parcels could not be compared with one another".to_owned(),
            );
            return Ok(());
        }
    };
    if !kept.complete {
        notes.push(
            "重叠过多，只检查了一部分宗地 / too much lies on top of one another: only some parcels were compared"
                .to_owned(),
        );
    }
    for (rule, (first, more)) in
        ["overlap", "same_geometry", "gap"].into_iter().zip(kept.into_kinds())
    {
        for pair in first {
            findings.add(told(rule, pair));
        }
        findings.count_more(Severity::Warning, rule, more);
    }
    Ok(())
}

async fn with_staying(db: &mut PgConnection, mut spool: Spool) -> sqlx::Result<io::Result<Spool>> {
    let staying = "select c.row_id, c.parcel_code, st_asbinary(c.geom) as geom, c.area_geom_m2::float8 as area_m2
         from mutu.parcel c
         where c.superseded_at is null and c.valid_to is null
             and c.geom && (select st_expand(st_setsrid(st_extent(geom)::geometry, 4490), 0.0001) from incoming)
             and not exists (select from matched m where m.row_id = c.row_id)";
    let mut rows = sqlx::query(staying).fetch(db);
    while let Some(row) = rows.try_next().await? {
        let Some(polygons) = polygons(&row)? else { continue };
        let whose = Whose::Register(row.try_get("row_id")?);
        let code: &str = row.try_get("parcel_code")?;
        // Read to the end all the same: the connection is still needed.
        if let Err(error) = spool.push(whose, code, row.try_get("area_m2")?, &polygons) {
            while rows.try_next().await?.is_some() {}
            return Ok(Err(error));
        }
    }
    Ok(Ok(spool))
}

fn polygons(row: &PgRow) -> sqlx::Result<Option<MultiPolygon<f64>>> {
    let wkb: &[u8] = row.try_get("geom")?;
    Ok(Wkb(wkb).to_geo().ok().and_then(|it| it.try_into().ok()))
}

/// A pair as a finding of the later row of the file.
fn told(rule: &'static str, pair: Pair) -> Issue {
    let [first, second] = pair.sides;
    let (own, other) =
        if matches!(second.whose, Whose::File(_)) { (second, first) } else { (first, second) };
    let which = match other.whose {
        Whose::File(row) => format!("第 {row} 行 {} / row {row}", other.code),
        Whose::Register(_) => {
            format!("库中宗地 {} / parcel {} of the register", other.code, other.code)
        }
    };
    let row = if let Whose::File(row) = own.whose { Some(row) } else { None };
    let outline = |it: MultiPolygon<f64>| place::of(&Stored::Polygons(it));
    let (why, place) = match pair.relation {
        Relation::Same(part) => {
            (format!("与{which} 图形相同 / is the same geometry"), outline(part))
        }
        Relation::Overlap(area_m2, part) => {
            (format!("与{which} 重叠 overlap {area_m2:.2} m²"), outline(part))
        }
        Relation::Gap(at, width_m) => {
            (format!("与{which} 间距 apart {width_m:.2} m"), Some(place::point(at)))
        }
    };
    Issue::warn(rule, row, Some("parcel_code".to_owned()), Some(own.code), why).at(place)
}
