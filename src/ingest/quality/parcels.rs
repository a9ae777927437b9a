//! The parcels of a file compared with one another and with those that it does not replace.

use futures_util::TryStreamExt;
use geo::MultiPolygon;
use geozero::ToGeo;
use geozero::wkb::Wkb;
use sqlx::PgConnection;
use sqlx::Row;
use sqlx::postgres::PgRow;

use super::super::repair::Stored;
use super::super::report::Findings;
use super::super::report::Issue;
use super::neighbours::Outlines;
use super::neighbours::Pair;
use super::neighbours::Relation;
use super::place;

/// Vertices that are held in memory to compare parcels: 160 MB, some million parcels.
const MOST_VERTICES: usize = 10_000_000;

/// A parcel by its code, and by its row where the file has it.
struct Known {
    row: Option<u64>,
    code: String,
}

/// Tells overlaps, doubles and gaps.
pub async fn judge(
    db: &mut PgConnection,
    findings: &mut Findings,
    notes: &mut Vec<String>,
) -> sqlx::Result<()> {
    let mut known = Vec::new();
    let mut outlines = Outlines::default();
    let incoming = "select row_no, parcel_code, st_asbinary(geom) as geom, area_geom_m2::float8 as area_m2 from incoming order by row_no";
    read(db, incoming, &mut known, &mut outlines).await?;
    let count = known.len();
    let staying = "select null::bigint as row_no, c.parcel_code, st_asbinary(c.geom) as geom, c.area_geom_m2::float8 as area_m2
         from mutu.parcel c
         where c.superseded_at is null and c.valid_to is null
             and c.geom && (select st_expand(st_setsrid(st_extent(geom)::geometry, 4490), 0.0001) from incoming)
             and not exists (select from matched m where m.row_id = c.row_id)
         order by c.row_id";
    if outlines.vertices() <= MOST_VERTICES {
        read(db, staying, &mut known, &mut outlines).await?;
    }
    if outlines.vertices() > MOST_VERTICES {
        notes.push(format!(
            "图形顶点超过 {MOST_VERTICES} 个，未检查宗地重叠与缝隙 / more than {MOST_VERTICES} vertices: overlaps and gaps were not looked for"
        ));
        return Ok(());
    }
    // Whatever a geometry does to the plane sweep, it costs these findings and not the import.
    let compared = tokio::task::spawn_blocking(move || outlines.compare(count)).await;
    let Ok((mut pairs, complete)) = compared else {
        notes.push("宗地之间未能比较 / parcels could not be compared with one another".to_owned());
        return Ok(());
    };
    if !complete {
        notes.push(
            "重叠过多，只检查了一部分宗地 / too much lies on top of one another: only some parcels were compared"
                .to_owned(),
        );
    }
    pairs.sort_by_key(|it| (it.second.min(count), it.second, it.first));
    for pair in pairs {
        findings.add(told(pair, &known));
    }
    Ok(())
}

async fn read(
    db: &mut PgConnection,
    sql: &'static str,
    known: &mut Vec<Known>,
    outlines: &mut Outlines,
) -> sqlx::Result<()> {
    let mut rows = sqlx::query(sql).fetch(db);
    while let Some(row) = rows.try_next().await? {
        let Some(polygons) = polygons(&row)? else { continue };
        outlines.push(&polygons, row.try_get("area_m2")?);
        let number: Option<i64> = row.try_get("row_no")?;
        known.push(Known {
            row: number.and_then(|it| u64::try_from(it).ok()),
            code: row.try_get("parcel_code")?,
        });
        if outlines.vertices() > MOST_VERTICES {
            break;
        }
    }
    Ok(())
}

fn polygons(row: &PgRow) -> sqlx::Result<Option<MultiPolygon<f64>>> {
    let wkb: &[u8] = row.try_get("geom")?;
    Ok(Wkb(wkb).to_geo().ok().and_then(|it| it.try_into().ok()))
}

/// A pair as a finding of the later row of the file.
fn told(pair: Pair, known: &[Known]) -> Issue {
    let (first, second) = (&known[pair.first], &known[pair.second]);
    let (own, other) = if second.row.is_some() { (second, first) } else { (first, second) };
    let which = other.row.map_or_else(
        || format!("库中宗地 {} / parcel {} of the register", other.code, other.code),
        |row| format!("第 {row} 行 {} / row {row}", other.code),
    );
    let field = Some("parcel_code".to_owned());
    let value = Some(own.code.clone());
    let outline =
        |it: Option<MultiPolygon<f64>>| it.and_then(|it| place::of(&Stored::Polygons(it)));
    match pair.relation {
        Relation::Same(part) => {
            let why = format!("与{which} 图形相同 / is the same geometry");
            Issue::warn("same_geometry", own.row, field, value, why).at(outline(part))
        }
        Relation::Overlap(area_m2, part) => {
            let why = format!("与{which} 重叠 overlap {area_m2:.2} m²");
            Issue::warn("overlap", own.row, field, value, why).at(outline(part))
        }
        Relation::Gap(at, width_m) => {
            let why = format!("与{which} 间距 apart {width_m:.2} m");
            Issue::warn("gap", own.row, field, value, why).at(Some(place::point(at)))
        }
    }
}
