//! What an import would change, row by row, found while nothing is written yet: new rows, changed ones field by field and
//! by the area in which their geometries differ, and rows of the database that the file does not have.

use std::io::Write;

use schemars::JsonSchema;
use serde::Serialize;
use sqlx::AssertSqlSafe;
use sqlx::PgConnection;
use sqlx::types::Json;

use super::queries::Filled;
use super::queries::key_text;
use super::target::Target;

/// Changes of a kind that are kept row by row; all are counted.
pub const KEPT: i64 = 10_000;
/// Of those, how many the report quotes.
const QUOTED: i64 = 5;
/// What the geometry is called among the fields; its values are the number of points and a digest.
const GEOMETRY: &str = "geom";

/// What becomes of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ChangeKind")]
pub enum Kind {
    Added,
    Changed,
    /// The database has it and the file does not. It stays, except in a layer that is replaced as a whole.
    Missing,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Added, Self::Changed, Self::Missing];

    /// Its stable name, as in the database and the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Missing => "missing",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }
}

/// One row that changes.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Change {
    pub kind: Kind,
    /// The row's key, parts separated by blanks.
    pub key: String,
    /// Row of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<i64>,
    /// The fields that differ; changed rows only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldChange>,
    /// Area in which old and new geometry differ, m² on the ellipsoid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed_m2: Option<String>,
}

/// One field before and after; a null is a missing value.
#[derive(Clone, Debug, Serialize, serde::Deserialize, JsonSchema)]
pub struct FieldChange {
    pub field: String,
    pub before: serde_json::Value,
    pub after: serde_json::Value,
}

/// Prints what changes and what the file does not have; what is new is counted elsewhere.
pub fn print(changes: &[Change], out: &mut impl Write) -> std::io::Result<()> {
    for (kind, title) in
        [(Kind::Changed, "变更 / changed"), (Kind::Missing, "文件中没有 / not in the file")]
    {
        let mut of_kind = changes.iter().filter(|it| it.kind == kind).peekable();
        if of_kind.peek().is_some() {
            writeln!(out, "  {title}")?;
        }
        for it in of_kind {
            let row = it.row.map(|it| format!("（第 {it} 行 / row {it}）")).unwrap_or_default();
            writeln!(out, "    {}{row}{}", it.key, it.what())?;
        }
    }
    Ok(())
}

impl Change {
    /// The fields before and after, and how far the geometries differ.
    fn what(&self) -> String {
        let shown = |it: &serde_json::Value| match it {
            serde_json::Value::Null => "缺失 missing".to_owned(),
            serde_json::Value::String(it) => it.clone(),
            other => other.to_string(),
        };
        let mut parts: Vec<String> = self
            .fields
            .iter()
            .filter(|it| it.field != GEOMETRY)
            .map(|it| format!("{} {} → {}", it.field, shown(&it.before), shown(&it.after)))
            .collect();
        if let Some(area) = &self.changed_m2 {
            parts.push(format!("几何相差 geometries differ by {area} m²"));
        } else if self.fields.iter().any(|it| it.field == GEOMETRY) {
            parts.push("几何不同 another geometry".to_owned());
        }
        if parts.is_empty() { String::new() } else { format!(": {}", parts.join("；")) }
    }
}

/// The kinds of changes that there are.
#[derive(Clone, Copy, Debug)]
pub struct Kinds {
    pub added: bool,
    pub changed: bool,
    pub missing: bool,
}

/// Finds the changes, in the temporary table `change`, at most [`KEPT`] of a kind. `match_rows` has run.
pub async fn find(
    db: &mut PgConnection,
    target: &Target,
    filled: &Filled,
    kinds: Kinds,
) -> sqlx::Result<()> {
    let geometry = target.geometry.is_some();
    let geom = |alias: &str| if geometry { format!("{alias}.geom") } else { "null".to_owned() };
    let key = |alias: &str| {
        if target.keyed { key_text(target, alias) } else { any_key_text(target, alias) }
    };
    let mut sql = "create temporary table change (kind text, nth bigint, key text, source_row bigint, fields jsonb,
             changed_m2 numeric, geom geometry) on commit drop;"
        .to_owned();
    if kinds.added {
        sql += &format!(
            "insert into change
             select 'added', row_number() over (order by i.row_no), {key}, i.row_no, '[]', null, {geom}
             from (
                 select * from incoming i
                 where not exists (select from matched m where m.row_no = i.row_no)
                 order by i.row_no
                 limit {KEPT}
             ) i;",
            key = key("i"),
            geom = geom("i"),
        );
    }
    if kinds.changed && target.keyed {
        let changed_m2 = if target.measured {
            "case when not st_equals(i.geom, c.geom) then mutu.difference_m2(i.geom, c.geom) end"
        } else {
            "null::numeric"
        };
        let fields = field_changes(filled, geometry);
        sql += &format!(
            "insert into change
             select 'changed', row_number() over (order by i.row_no), {key}, i.row_no, {fields},
                 {changed_m2}, {geom}
             from (select * from matched where not same order by row_no limit {KEPT}) m
             join incoming i using (row_no)
             join {relation} c on c.row_id = m.row_id;",
            key = key("i"),
            geom = geom("i"),
            relation = target.relation,
        );
    }
    if kinds.missing {
        sql += &format!(
            "insert into change
             select 'missing', row_number() over (order by c.row_id), {key}, null, '[]', null, {geom}
             from (
                 select * from {relation} c
                 where c.superseded_at is null and c.valid_to is null
                     and not exists (select from matched m where m.row_id = c.row_id)
                 order by c.row_id
                 limit {KEPT}
             ) c",
            key = key("c"),
            geom = geom("c"),
            relation = target.relation,
        );
    }
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(db).await?;
    Ok(())
}

/// JSON of the filled fields that differ between `c` and `i`.
fn field_changes(filled: &Filled, geometry: bool) -> String {
    let mut rows: Vec<String> = filled
        .fields
        .iter()
        .enumerate()
        .map(|(nth, it)| format!("({nth}, '{it}', to_jsonb(c.{it}), to_jsonb(i.{it}))"))
        .collect();
    if filled.extra {
        rows.push(format!("({}, 'extra', c.extra, i.extra)", rows.len()));
    }
    if geometry {
        // The shapes themselves would fill pages; `changed_m2` and the map say the rest.
        let shape = |alias: &str| {
            format!(
                "jsonb_build_object('points', st_npoints({alias}.geom), 'digest', md5(st_asbinary({alias}.geom)))"
            )
        };
        rows.push(format!("({}, '{GEOMETRY}', {}, {})", rows.len(), shape("c"), shape("i")));
    }
    format!(
        "(select coalesce(jsonb_agg(jsonb_build_object('field', f, 'before', b, 'after', a) order by n), '[]')
          from (values {}) v (n, f, b, a) where b is distinct from a)",
        rows.join(", ")
    )
}

/// What a row without a key of its own is called: the key's value, where it has one.
fn any_key_text(target: &Target, alias: &str) -> String {
    let parts: Vec<String> = target.key.iter().map(|it| format!("{alias}.{it}::text")).collect();
    format!("concat_ws(' ', {})", parts.join(", "))
}

/// Keeps the changes with their batch, in the place of those of an earlier preview.
pub async fn store(db: &mut PgConnection, batch_id: i64) -> sqlx::Result<()> {
    sqlx::query("delete from mutu.import_change where batch_id = $1")
        .bind(batch_id)
        .execute(&mut *db)
        .await?;
    sqlx::query(
        "insert into mutu.import_change (batch_id, kind, nth, key, source_row, fields, changed_m2, geom)
         select $1, kind, nth, key, source_row, fields, changed_m2, geom from change",
    )
    .bind(batch_id)
    .execute(db)
    .await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Found {
    kind: String,
    key: String,
    source_row: Option<i64>,
    fields: Json<Vec<FieldChange>>,
    changed_m2: Option<rust_decimal::Decimal>,
}

/// The first few changes of each kind, for the report.
pub async fn quoted(db: &mut PgConnection) -> sqlx::Result<Vec<Change>> {
    let rows: Vec<Found> = sqlx::query_as(
        "select kind, key, source_row, fields, changed_m2 from change where nth <= $1 order by kind, nth",
    )
    .bind(QUOTED)
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().filter_map(Found::change).collect())
}

impl Found {
    fn change(self) -> Option<Change> {
        Some(Change {
            kind: Kind::ALL.into_iter().find(|it| it.name() == self.kind)?,
            key: self.key,
            row: self.source_row,
            fields: self.fields.0,
            changed_m2: self.changed_m2.map(|it| it.to_string()),
        })
    }
}
