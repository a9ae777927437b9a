//! Where the rows of an import arrive. As a rule in the temporary table `incoming`, to be compared with what is there. A large
//! first load into an empty layer of the register goes straight into its table, and `incoming` is a view of that: nothing is
//! written twice. Either way every query of the import finds its rows in `incoming` and, in `matched`, which ones it replaces.

use chrono::DateTime;
use chrono::Utc;
use sqlx::AssertSqlSafe;
use sqlx::PgConnection;

use crate::layer::FieldType;
use crate::layer::Kind;

use super::copy::Layout;
use super::copy::Suffix;
use super::queries;
use super::target::Target;

/// Rows of a first load at which building the indexes afterwards is worth the lock it takes.
pub const BULK_FROM: u64 = 20_000;

/// Where rows arrive, and how they are laid out for that.
pub struct Arrival {
    /// The statement by which they do.
    pub copy: String,
    pub layout: Layout,
    /// Whether that is the target itself, whose indexes are suspended.
    pub is_direct: bool,
}

/// Under what rows are written.
pub struct Writing<'a> {
    pub batch_id: i64,
    pub recorded_by: &'a str,
    pub at: DateTime<Utc>,
}

impl Arrival {
    /// In the temporary table.
    pub async fn aside(db: &mut PgConnection, target: &Target) -> sqlx::Result<Self> {
        queries::create_incoming(db, target).await?;
        let layout = Layout { measured: true, ..Layout::default() };
        let copy = "copy incoming from stdin (format binary)".to_owned();
        Ok(Self { copy, layout, is_direct: false })
    }

    /// In the target itself, if it is empty and of that kind.
    pub async fn direct(
        db: &mut PgConnection,
        target: &Target,
        writing: &Writing<'_>,
    ) -> sqlx::Result<Option<Self>> {
        if !queries::suspend_indexes(db, target).await? {
            return Ok(None);
        }
        let offset: i64 =
            sqlx::query_scalar("select nextval(pg_get_serial_sequence($1, 'row_id'))")
                .bind(&target.relation)
                .fetch_one(&mut *db)
                .await?;
        let mut columns: Vec<&str> = target.fields.keys().map(String::as_str).collect();
        columns.extend(["geom", "geom_original", "repaired"]);
        columns.extend(target.measured.then_some("area_geom_m2"));
        columns.push("extra");
        let columns = columns.join(", ");
        let sql = format!(
            "create temporary view incoming as select row_id - {offset} as row_no, {columns} from {relation};
             create temporary table matched (row_no bigint, row_id bigint, same boolean) on commit drop",
            relation = target.relation,
        );
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(db).await?;
        let mut suffix = Suffix::default();
        suffix.integer(writing.batch_id);
        suffix.text(writing.recorded_by);
        suffix.time(writing.at);
        let copy = format!(
            "copy {} (row_id, {columns}, batch_id, recorded_by, recorded_at) from stdin (format binary)",
            target.relation
        );
        let layout = Layout { offset, measured: target.measured, suffix };
        Ok(Some(Self { copy, layout, is_direct: true }))
    }
}

/// Whether rows may go straight into the target, if it is empty: its numbers come by default, and its columns are of the very
/// types that the fields say, as nothing is converted on that way.
pub async fn may_be_direct(db: &mut PgConnection, target: &Target) -> sqlx::Result<bool> {
    let register = target.layer.as_ref().is_some_and(|it| it.kind == Kind::Register);
    if !register || !target.keyed || target.geometry.is_none() {
        return Ok(false);
    }
    let types: Vec<(String, String)> = sqlx::query_as(
        "select attname::text, atttypid::regtype::text from pg_attribute
         where attrelid = $1::regclass and attnum > 0 and not attisdropped",
    )
    .bind(&target.relation)
    .fetch_all(db)
    .await?;
    let is_of = |name: &str, kind: FieldType| {
        let expected = match kind {
            FieldType::Text => "text",
            FieldType::Integer => "bigint",
            FieldType::Decimal => "numeric",
            FieldType::Boolean => "boolean",
            FieldType::Date => "date",
        };
        types.iter().any(|(column, kind)| column == name && kind == expected)
    };
    Ok(target.fields.iter().all(|(name, field)| is_of(name, field.kind)))
}
