//! Which schemes there are: the files of the layer folders, and the versions that were saved since; and the one that a run of
//! a period takes.

use std::collections::BTreeMap;

use anyhow::bail;
use chrono::DateTime;
use chrono::NaiveDate;
use chrono::Utc;
use sqlx::PgConnection;
use sqlx::PgExecutor;

use crate::judgement::score::Scheme;
use crate::judgement::workflow::period::Period;
use crate::layer::Layers;
use crate::layer::nearest;

/// A scheme's text as a file or a saved row has it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Version {
    pub id: String,
    /// 0 of a file.
    pub version: i64,
    pub text: String,
    /// SHA-256 of the text, hex; empty of a file.
    pub digest: String,
    /// The first day on which it holds; a file holds until something was saved.
    pub valid_from: Option<NaiveDate>,
    /// The first day on which it no longer holds.
    pub valid_to: Option<NaiveDate>,
    /// What a saved one rests on.
    pub document: Option<String>,
    pub recorded_by: Option<String>,
    pub recorded_at: Option<DateTime<Utc>>,
}

impl Version {
    fn file(id: &str, text: &str) -> Self {
        Self {
            id: id.to_owned(),
            version: 0,
            text: text.to_owned(),
            digest: String::new(),
            valid_from: None,
            valid_to: None,
            document: None,
            recorded_by: None,
            recorded_at: None,
        }
    }

    fn is_valid_on(&self, day: NaiveDate) -> bool {
        self.valid_from.is_none_or(|it| it <= day) && self.valid_to.is_none_or(|it| it > day)
    }
}

/// A scheme as a run uses it.
#[derive(Debug)]
pub(crate) struct Chosen {
    pub id: String,
    pub version: i64,
    pub text: String,
    pub scheme: Scheme,
}

/// Every version of every scheme, by id; the file first, then in the order of versions.
pub async fn all(
    db: impl PgExecutor<'_>,
    layers: &Layers,
) -> sqlx::Result<BTreeMap<String, Vec<Version>>> {
    let files = layers.layers.values().flat_map(|it| &it.schemes);
    let mut all: BTreeMap<String, Vec<Version>> = BTreeMap::new();
    for (id, text) in files {
        all.entry(id.clone()).or_default().push(Version::file(id, text));
    }
    let saved: Vec<Version> = sqlx::query_as(
        "select id, version, text, digest, valid_from, valid_to, document, recorded_by, recorded_at
         from mutu.scheme order by id, version",
    )
    .fetch_all(db)
    .await?;
    for it in saved {
        all.entry(it.id.clone()).or_default().push(it);
    }
    Ok(all)
}

/// Of one id the version for a period: in force on its last day, of several the one that came into force last and then the one
/// saved last; where none is in force, the last that there is, as it was asked for by its name.
pub fn of_period(versions: &[Version], period: Period) -> Option<&Version> {
    let day = period.last();
    versions.iter().max_by_key(|it| (it.is_valid_on(day), it.valid_from, it.version))
}

/// The scheme of that id for a period. Fails when there is none, with the nearest, when its text is faulty, or when it scores
/// no periods of that length: the bases of a year say nothing of a quarter.
pub(crate) async fn choose(
    db: &mut PgConnection,
    layers: &Layers,
    id: &str,
    period: Period,
) -> anyhow::Result<Chosen> {
    let all = all(&mut *db, layers).await?;
    let Some(it) = all.get(id).and_then(|it| of_period(it, period)) else {
        let near = nearest(id, all.keys().map(String::as_str));
        let near = near.map(|it| format!("，是否 / did you mean `{it}`?")).unwrap_or_default();
        let known: Vec<&str> = all.keys().map(String::as_str).collect();
        bail!(
            "没有计分方案 `{id}` / no scheme `{id}`{near}\n  有 / there are: {}",
            known.join(", ")
        );
    };
    let scheme = Scheme::parse(&it.text).map_err(|faults| {
        let list: Vec<String> = faults.iter().map(ToString::to_string).collect();
        anyhow::anyhow!("schemes/{id}.toml:\n  {}", list.join("\n  "))
    })?;
    if !scheme.periods.contains(&period.length()) {
        let (zh, own): (Vec<&str>, Vec<&str>) =
            scheme.periods.iter().map(|it| (it.zh(), it.name())).unzip();
        bail!(
            "计分方案 `{id}` 只用于{}数据，{} 是{}：在方案中写 periods = [\"{}\"]，并换用该期的基准 / the scheme `{id}` scores figures of a {}, and {} is a {}: say so in its `periods`, with bases of such a period",
            zh.join("、"),
            period.name(),
            period.length().zh(),
            period.length().name(),
            own.join(" or a "),
            period.name(),
            period.length().name(),
        );
    }
    Ok(Chosen { id: id.to_owned(), version: it.version, text: it.text.clone(), scheme })
}

/// A scheme that is to be saved.
#[derive(Clone, Copy, Debug)]
pub struct New<'a> {
    pub id: &'a str,
    pub text: &'a str,
    pub digest: &'a str,
    pub valid_from: NaiveDate,
    pub valid_to: Option<NaiveDate>,
    pub document: &'a str,
    pub recorded_by: &'a str,
}

/// Saves a scheme as the next version of its id; its number, and whether it is new. The same text under the same terms keeps
/// the version that it has.
pub async fn save(db: &mut PgConnection, new: New<'_>) -> sqlx::Result<(i64, bool)> {
    sqlx::query("select pg_advisory_xact_lock(hashtext('mutu.scheme'))").execute(&mut *db).await?;
    let known: Option<i64> = sqlx::query_scalar(
        "select max(version) from mutu.scheme
         where id = $1 and digest = $2 and valid_from = $3 and valid_to is not distinct from $4 and document = $5",
    )
    .bind(new.id)
    .bind(new.digest)
    .bind(new.valid_from)
    .bind(new.valid_to)
    .bind(new.document)
    .fetch_one(&mut *db)
    .await?;
    if let Some(it) = known {
        return Ok((it, false));
    }
    let version = sqlx::query_scalar(
        "insert into mutu.scheme (id, version, text, digest, valid_from, valid_to, document, recorded_by)
         select $1, coalesce(max(version), 0) + 1, $2, $3, $4, $5, $6, $7 from mutu.scheme where id = $1
         returning version",
    )
    .bind(new.id)
    .bind(new.text)
    .bind(new.digest)
    .bind(new.valid_from)
    .bind(new.valid_to)
    .bind(new.document)
    .bind(new.recorded_by)
    .fetch_one(db)
    .await?;
    Ok((version, true))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saved(version: i64, from: &str, to: Option<&str>) -> Version {
        let day = |it: &str| it.parse().unwrap();
        Version {
            version,
            valid_from: Some(day(from)),
            valid_to: to.map(day),
            ..Version::file("a", "")
        }
    }

    #[test]
    fn a_year_takes_the_version_in_force_on_its_last_day() {
        let all = [
            Version::file("a", ""),
            saved(1, "2025-01-01", None),
            saved(2, "2025-01-01", None),
            saved(3, "2026-01-01", Some("2027-01-01")),
        ];
        let of = |year| of_period(&all, Period::Year(year)).unwrap().version;
        assert_eq!([2024, 2025, 2026, 2027].map(of), [0, 2, 3, 2]);
        // By its name one that is not in force yet is found where there is nothing else.
        assert_eq!(of_period(&all[3..], Period::Year(2024)).unwrap().version, 3);
        assert!(of_period(&[], Period::Year(2025)).is_none());
        // A quarter takes what was in force on its own last day.
        let earlier = [Version::file("a", ""), saved(1, "2025-06-01", None)];
        let of = |it| of_period(&earlier, Period::parse(it).unwrap()).unwrap().version;
        assert_eq!(["2025Q1", "2025-05", "2025-06", "2025Q2", "2025"].map(of), [0, 0, 1, 1, 1]);
    }
}
