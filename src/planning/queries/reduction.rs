//! SQL of land that is to be given back: the views show what the scope may see of it.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use sqlx::AssertSqlSafe;

use crate::db::Reader;
use crate::judgement::reduction::Candidate;
use crate::layer::Layer;

/// The columns that are read, by layer; `None` comes as null.
#[derive(Clone, Debug, Default)]
pub struct Columns<'a> {
    pub name: Option<&'a str>,
    pub unit: Option<&'a str>,
    pub area_mu: Option<&'a str>,
    pub shares: Option<Vec<&'a str>>,
    pub protected_mu: Option<(&'a Layer, &'a str)>,
    pub broken: Option<(&'a Layer, &'a str)>,
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Row {
    pub code: String,
    pub name: Option<String>,
    pub unit: Option<String>,
    pub area_mu: Option<Decimal>,
    pub construction_share: Option<Decimal>,
    pub protected_mu: Option<Decimal>,
    pub on_protected: Option<bool>,
    pub x: f64,
    pub y: f64,
}

impl Row {
    pub fn candidate(&self) -> Candidate {
        Candidate {
            code: self.code.clone(),
            unit: self.unit.clone(),
            area_mu: self.area_mu,
            construction_share: self.construction_share,
            protected_mu: self.protected_mu,
            on_protected: self.on_protected,
        }
    }
}

/// The parcels of a class, by code.
pub async fn of_class(
    db: &mut Reader,
    layer: &Layer,
    parcels: &Layer,
    class_field: &str,
    class: &str,
    columns: &Columns<'_>,
    unit: Option<&str>,
) -> sqlx::Result<BTreeMap<String, Row>> {
    let text = |it: Option<&str>| it.map_or("null::text".to_owned(), |it| format!("p.{it}"));
    let plan = columns.protected_mu.or(columns.broken).map(|it| it.0.relation());
    let of_plan = |it: Option<(&Layer, &str)>, sql_type: &str| {
        it.map_or(format!("null::{sql_type}"), |it| format!("q.{}", it.1))
    };
    let shares = columns.shares.as_ref().map_or("null::numeric".to_owned(), |it| {
        it.iter().map(|it| format!("t.{it}")).collect::<Vec<_>>().join(" + ")
    });
    let area = columns.area_mu.map_or("null::numeric".to_owned(), |it| format!("t.{it}"));
    let protected = of_plan(columns.protected_mu, "numeric");
    let broken = of_plan(columns.broken, "text");
    let sql = format!(
        "select p.parcel_code as code, {name} as name, {unit} as unit, {area} as area_mu,
                {shares} as construction_share, {protected} as protected_mu,
                -- Nothing is broken where the list is empty, and nothing known where there is no area.
                case when {protected} is null then null
                     else coalesce('protected' = any (string_to_array({broken}, ',')), false) end as on_protected,
                st_x(st_pointonsurface(p.geom)) as x, st_y(st_pointonsurface(p.geom)) as y
         from {relation} t
         join {parcels} p on p.id = t.id
         {joined}
         where t.{class_field} = $1 and ($2::text is null or {unit} = $2)",
        name = text(columns.name),
        unit = text(columns.unit),
        relation = layer.relation(),
        parcels = parcels.relation(),
        joined = plan.map(|it| format!("left join {it} q on q.id = t.id")).unwrap_or_default(),
    );
    let rows: Vec<Row> =
        sqlx::query_as(AssertSqlSafe(sql)).bind(class).bind(unit).fetch_all(db).await?;
    Ok(rows.into_iter().map(|it| (it.code.clone(), it)).collect())
}
