//! The parcels that are held against plans, as the scope may see them.

use rust_decimal::Decimal;
use sqlx::AssertSqlSafe;

use crate::db::Reader;
use crate::layer::Layer;

/// A parcel and its present use.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Found {
    pub parcel_id: i64,
    pub parcel_code: String,
    /// Who answers for it; decides how far a role goes there.
    pub unit: Option<String>,
    pub name: Option<String>,
    pub responsible_unit: Option<String>,
    pub land_use_code: Option<String>,
    /// Of the current run or, before there was one, as it was reported.
    pub far: Option<Decimal>,
}

/// Which of a parcel's fields are read; others come as null.
#[expect(clippy::struct_excessive_bools, reason = "each is a column that stands for itself")]
#[derive(Clone, Copy, Debug)]
pub struct Readable {
    pub name: bool,
    pub unit: bool,
    pub land_use: bool,
    pub far: bool,
    pub far_reported: bool,
}

/// The parcels with these codes that the layer shows, by code.
pub async fn of_codes(
    db: &mut Reader,
    layer: &Layer,
    readable: Readable,
    codes: &[String],
) -> sqlx::Result<Vec<Found>> {
    let text = |reads: bool, name: &str| {
        if reads { format!("t.{name}") } else { format!("null::text as {name}") }
    };
    let far = match (readable.far, readable.far_reported) {
        (true, true) => "case when m.parcel_id is null then t.far_reported else m.far end",
        (true, false) => "m.far",
        _ => "null::numeric",
    };
    let measured = if readable.far {
        "left join mutu.current_run c on true
         left join mutu.parcel_measure m on m.run_id = c.run_id and m.parcel_id = t.id"
    } else {
        ""
    };
    let sql = format!(
        "select t.id as parcel_id, t.parcel_code, mutu.unit_of(t.id) as unit, {name}, {unit}, {land_use}, {far} as far
         from {relation} t
         {measured}
         where t.parcel_code = any ($1)
         order by t.parcel_code, t.id",
        name = text(readable.name, "name"),
        unit = text(readable.unit, "responsible_unit"),
        land_use = text(readable.land_use, "land_use_code"),
        relation = layer.relation(),
    );
    sqlx::query_as(AssertSqlSafe(sql)).bind(codes).fetch_all(db).await
}
