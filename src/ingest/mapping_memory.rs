//! What was said of a file's columns and coordinates is remembered under its target and headers, and used for the next file
//! with the same headers, which the report says. What is stated with an import comes first.

use anyhow::bail;
use serde::Deserialize;
use serde::Serialize;
use sha2::Digest;
use sha2::Sha256;
use sqlx::PgConnection;
use sqlx::types::Json;

use crate::access::Role;
use crate::access::Scope;
use crate::app::App;

use super::Options;
use super::header;
use super::mapping_file::MappingFile;
use super::read::Request;
use super::read::file_name;

/// Remembered mappings that a file is compared with, the newest first: each may cost an opening of the file.
const MOST_TRIED: i64 = 8;

/// What else was stated of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stated {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_crs: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub swap_axes: Option<bool>,
}

/// A remembered mapping.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct SavedMapping {
    pub mapping_id: i64,
    /// Id of the layer or table.
    pub target: String,
    #[serde(skip)]
    pub headers_digest: String,
    /// Headers of the file, normalised.
    pub headers: Vec<String>,
    #[sqlx(json)]
    pub mapping: MappingFile,
    #[sqlx(json)]
    pub options: Stated,
    /// The file and the batch that it was stated for.
    pub file: String,
    pub batch_id: Option<i64>,
    pub saved_by: String,
    pub saved_at: chrono::DateTime<chrono::Utc>,
}

/// Which remembered mapping was used, as the report says it.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct Remembered {
    pub mapping_id: i64,
    pub file: String,
    pub batch_id: Option<i64>,
    pub saved_at: chrono::DateTime<chrono::Utc>,
}

impl From<&SavedMapping> for Remembered {
    fn from(it: &SavedMapping) -> Self {
        Self {
            mapping_id: it.mapping_id,
            file: it.file.clone(),
            batch_id: it.batch_id,
            saved_at: it.saved_at,
        }
    }
}

impl SavedMapping {
    /// Whether it was stated for a file with these headers.
    pub fn is_for(&self, headers: &[String]) -> bool {
        self.headers_digest == digest(&normalised(headers))
    }

    /// The request with what was remembered, where nothing was stated.
    pub fn request(&self, asked: &Request) -> Request {
        let stated = &self.options;
        let encoding = || stated.encoding.as_deref().and_then(|it| super::encoding::by_label(it));
        Request {
            layer_name: asked.layer_name.clone().or_else(|| stated.layer_name.clone()),
            source_crs: asked.source_crs.clone().or_else(|| stated.source_crs.clone()),
            encoding: asked.encoding.or_else(encoding),
            swap_axes: asked.swap_axes.or(stated.swap_axes),
            ..asked.clone()
        }
    }
}

impl MappingFile {
    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty() && self.rows.group_by.is_empty() && self.aliases
    }
}

/// Headers as they are compared: the same columns in another order are the same file.
fn normalised(headers: &[String]) -> Vec<String> {
    let mut all: Vec<String> =
        headers.iter().map(|it| header::normal(it)).filter(|it| !it.is_empty()).collect();
    all.sort_unstable();
    all
}

fn digest(headers: &[String]) -> String {
    let mut hash = Sha256::new();
    for it in headers {
        hash.update(it.as_bytes());
        hash.update([0]);
    }
    hash.finalize().iter().map(|it| format!("{it:02x}")).collect()
}

const COLUMNS: &str = "mapping_id, target, headers_digest, headers, mapping, options, file, batch_id, saved_by, saved_at";

/// What is remembered of a target, the newest first. Nothing where the import states a mapping itself or wants none.
pub async fn of_target(
    app: &App,
    scope: &Scope,
    options: &Options,
) -> anyhow::Result<Vec<SavedMapping>> {
    if options.ignore_saved || !options.mapping.is_empty() {
        return Ok(Vec::new());
    }
    let mut db = app.db.read(scope).await?;
    let sql = format!(
        "select {COLUMNS} from mutu.import_mapping where target = $1 order by saved_at desc, mapping_id desc limit $2"
    );
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(&options.into)
        .bind(MOST_TRIED)
        .fetch_all(&mut db)
        .await?)
}

/// Remembers what was stated of an import that is applied, together with what was remembered and used. An import of which nothing was stated
/// changes nothing.
pub async fn remember(
    db: &mut PgConnection,
    options: &Options,
    headers: &[String],
    used: Option<&SavedMapping>,
    batch_id: i64,
    saved_by: &str,
) -> sqlx::Result<()> {
    let mut stated = Stated {
        layer_name: options.layer_name.clone(),
        source_crs: options.source_crs.clone(),
        encoding: options.encoding.clone(),
        swap_axes: options.swap_axes,
    };
    if stated == Stated::default() && options.mapping.is_empty() {
        return Ok(());
    }
    let mut mapping = &options.mapping;
    if let Some(it) = used {
        mapping = &it.mapping;
        let before = it.options.clone();
        stated = Stated {
            layer_name: stated.layer_name.or(before.layer_name),
            source_crs: stated.source_crs.or(before.source_crs),
            encoding: stated.encoding.or(before.encoding),
            swap_axes: stated.swap_axes.or(before.swap_axes),
        };
    }
    let headers = normalised(headers);
    sqlx::query(
        "insert into mutu.import_mapping (target, headers_digest, headers, mapping, options, file, batch_id, saved_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (target, headers_digest) do update
         set mapping = excluded.mapping, options = excluded.options, file = excluded.file,
             batch_id = excluded.batch_id, saved_by = excluded.saved_by, saved_at = now()",
    )
    .bind(&options.into)
    .bind(digest(&headers))
    .bind(&headers)
    .bind(Json(mapping))
    .bind(Json(&stated))
    .bind(file_name(&options.file))
    .bind(batch_id)
    .bind(saved_by)
    .execute(db)
    .await?;
    Ok(())
}

/// All remembered mappings, by target, the newest first.
pub async fn saved(app: &App, scope: &Scope) -> anyhow::Result<Vec<SavedMapping>> {
    let mut db = app.db.read(scope).await?;
    let sql = format!(
        "select {COLUMNS} from mutu.import_mapping order by target, saved_at desc, mapping_id desc"
    );
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_all(&mut db).await?)
}

/// Forgets a mapping; whether there was one.
pub async fn forget(app: &App, scope: &Scope, mapping_id: i64) -> anyhow::Result<bool> {
    if !scope.may(Role::Steward) {
        bail!("需要数据管理员角色 / this needs the role steward");
    }
    let done = sqlx::query("delete from mutu.import_mapping where mapping_id = $1")
        .bind(mapping_id)
        .execute(&app.db.write)
        .await?;
    Ok(done.rows_affected() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_headers_in_another_order_and_width_are_the_same() {
        let of = |headers: &[&str]| {
            let all: Vec<String> = headers.iter().map(|it| (*it).to_owned()).collect();
            digest(&normalised(&all))
        };
        assert_eq!(of(&["宗地号", "税收(元)"]), of(&["税收（元）", " 宗地号 ", ""]));
        assert_ne!(of(&["宗地号", "税收(元)"]), of(&["宗地号", "税收(万元)"]));
        assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
    }
}
