//! A page of features as a stream. How many features a page has stands in its first line, before they do: a short page is
//! read whole first, a longer one is counted in the same transaction that it is read in.

use std::future::ready;
use std::pin::Pin;

use chrono::SecondsFormat;
use chrono::Utc;
use futures_util::Stream;
use futures_util::StreamExt;
use futures_util::TryStreamExt;
use futures_util::stream;
use serde_json::json;

use crate::access::Scope;
use crate::app::App;
use crate::error::Error;
use crate::export::Column;
use crate::export::Row;
use crate::export::Selection;
use crate::export::Shape;
use crate::export::geojson;
use crate::export::plot;
use crate::export::plot::Plot;
use crate::export::plot::Turning;
use crate::export::queries;
use crate::export::queries::Counting;
use crate::extract::Given;
use crate::ogc::MATCHED_MAX;
use crate::ogc::link;
use crate::site::Site;

use super::fault::Fault;
use super::fault::Result;
use super::gml;
use super::gml::Pen;
use super::request::Output;
use super::request::Page;
use super::request::Told;
use super::srs::Srs;
use super::xml::escaped;

/// Bytes of an answer as they come.
pub type Bytes = Pin<Box<dyn Stream<Item = crate::error::Result<Vec<u8>>> + Send>>;
type Rows = Pin<Box<dyn Stream<Item = crate::error::Result<Vec<Row>>> + Send>>;

/// The longest link that a client could follow.
const LINK_MAX: usize = 30_000;

/// What is known of a page before its rows are given out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Counted {
    /// All rows of the selection; `None` where it is not cheap to know.
    matched: Option<i64>,
    returned: i64,
    more: bool,
}

/// The answer to `GetFeature`. What fails before the first byte is still a report.
pub async fn answer(app: &App, site: &Site, page: Page<'_>, given: &Given) -> Result<Bytes> {
    let scope = page.selection.scope;
    if page.hits {
        let matched = queries::count(&mut read(app, scope).await?, &page.selection).await?;
        let counted = Counted { matched: Some(matched), returned: 0, more: false };
        let writer = Writer::new(&page);
        let mut out = writer.head(site, &page, given, counted);
        out += &writer.tail();
        return Ok(Box::pin(stream::once(ready(Ok(out.into_bytes())))));
    }
    let (counted, rows) =
        if page.is_short() { short(app, &page).await? } else { long(app, &page).await? };
    let mut writer = Writer::new(&page);
    if page.alone {
        let found: Vec<Vec<Row>> = rows.try_collect().await?;
        let Some(row) = found.first().and_then(|it| it.first()) else {
            return Err(Fault::no_feature(given.find(&["id"])?.unwrap_or_default()));
        };
        let out = writer.alone(row)?;
        return Ok(Box::pin(stream::once(ready(Ok(out.into_bytes())))));
    }
    let head = writer.head(site, &page, given, counted);
    let tail = writer.tail();
    let body = rows.map(move |batch| {
        let mut out = String::new();
        for row in &batch? {
            writer.row(row, &mut out)?;
        }
        Ok(out.into_bytes())
    });
    let once = |it: String| stream::once(ready(Ok(it.into_bytes())));
    Ok(Box::pin(once(head).chain(body).chain(once(tail))))
}

async fn read(app: &App, scope: &Scope) -> Result<crate::db::Reader> {
    Ok(app.db.read(scope).await.map_err(Error::from)?)
}

/// Read whole: one row more tells whether there is another page.
async fn short(app: &App, page: &Page<'_>) -> Result<(Counted, Rows)> {
    let selection = Selection { limit: Some(page.count + 1), ..page.selection.clone() };
    let found: Vec<Vec<Row>> =
        queries::rows(read(app, page.selection.scope).await?, &selection)?.try_collect().await?;
    let mut rows: Vec<Row> = found.into_iter().flatten().collect();
    let room = usize::try_from(page.count).unwrap_or(usize::MAX);
    let more = rows.len() > room;
    rows.truncate(room);
    let returned = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let counted = Counted { matched: matched(app, page, returned, more).await?, returned, more };
    Ok((counted, Box::pin(stream::once(ready(Ok(rows))))))
}

/// Counted and then read, both as of one moment.
async fn long(app: &App, page: &Page<'_>) -> Result<(Counted, Rows)> {
    let mut db = read(app, page.selection.scope).await?;
    db.begin().await.map_err(Error::from)?;
    let limited = |limit| Selection { limit: Some(limit), ..page.selection.clone() };
    let found = queries::count_page(&mut db, &limited(page.count + 1)).await?;
    let (returned, more) = (found.min(page.count), found > page.count);
    let mut rows: Rows = Box::pin(queries::rows(db, &limited(page.count))?);
    let first = rows.try_next().await?;
    let counted = Counted { matched: matched(app, page, returned, more).await?, returned, more };
    Ok((counted, Box::pin(stream::iter(first.map(Ok)).chain(rows))))
}

async fn matched(app: &App, page: &Page<'_>, returned: i64, more: bool) -> Result<Option<i64>> {
    if !more && (returned > 0 || page.start == 0) {
        return Ok(Some(page.start + returned));
    }
    let counting = Counting::new(&page.selection, MATCHED_MAX)?;
    Ok(counting.run_if_cheap(app, page.selection.scope).await?)
}

/// Writes one page in one of the formats.
struct Writer {
    output: Output,
    pen: Pen,
    /// GeoJSON has the easting or longitude first, whatever name was asked for.
    plot: Plot,
    told: Told,
    written: u64,
}

impl Writer {
    fn new(page: &Page<'_>) -> Self {
        let columns: Vec<Column> = page.selection.columns();
        let layer = page.selection.layer.id.clone();
        let plot = Plot { north_first: false, comma: ',', ..page.srs.plot() };
        Self {
            output: page.output,
            pen: Pen { layer, columns, srs: page.srs.clone() },
            plot,
            told: page.told,
            written: 0,
        }
    }

    fn head(&self, site: &Site, page: &Page<'_>, given: &Given, counted: Counted) -> String {
        let base = format!("{}/wfs", site.url());
        let at = |start: i64| {
            let start = start.to_string();
            let mut query = given.without("startIndex");
            // What follows a count is the first page of what was counted.
            query.retain(|it| !(page.hits && it.0.eq_ignore_ascii_case("resultType")));
            query.push(("startIndex", &start));
            Some(link::with_query(&base, query)).filter(|it| it.len() < LINK_MAX)
        };
        let next = if page.hits {
            counted.matched.filter(|it| *it > 0).and_then(|_| at(0))
        } else {
            counted.more.then(|| at(page.start + page.count)).flatten()
        };
        let before = page.start.saturating_sub(page.count).max(0);
        let previous = (page.start > 0 && !page.hits).then(|| at(before)).flatten();
        let now = Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true);
        match self.output {
            Output::Gml => {
                let schema = [
                    ("service", "WFS"),
                    ("version", super::VERSION),
                    ("request", "DescribeFeatureType"),
                    ("typeNames", &format!("{}:{}", super::PREFIX, self.pen.layer)),
                ];
                let schema = escaped(&link::with_query(&base, schema));
                let matched = counted.matched.map_or("unknown".to_owned(), |it| it.to_string());
                let mut links = String::new();
                for (name, it) in [("previous", previous), ("next", next)] {
                    if let Some(it) = it {
                        links += &format!(" {name}=\"{}\"", escaped(&it));
                    }
                }
                format!(
                    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<wfs:{} {} \
                     xsi:schemaLocation=\"{} {schema} http://www.opengis.net/wfs/2.0 http://schemas.opengis.net/wfs/2.0/wfs.xsd\" \
                     timeStamp=\"{now}\" numberMatched=\"{matched}\" numberReturned=\"{}\"{links}>\n",
                    self.collection(),
                    gml::namespaces(),
                    super::NAMESPACE,
                    counted.returned,
                )
            }
            Output::GeoJson => {
                let mut head = json!({
                    "type": "FeatureCollection",
                    "numberReturned": counted.returned,
                    "timeStamp": now,
                });
                if let Some(it) = counted.matched {
                    head["numberMatched"] = json!(it);
                }
                // What RFC 7946 abolished is the only way to say which metres these are.
                if !page.srs.crs.is_degrees() {
                    let name = Srs::urn(page.srs.crs).name;
                    head["crs"] = json!({"type": "name", "properties": {"name": name}});
                }
                let links = [("previous", previous), ("next", next)];
                let links = links.into_iter().filter_map(|(rel, href)| {
                    Some(json!({"rel": rel, "type": "application/json", "href": href?}))
                });
                head["links"] = links.collect();
                let head = head.to_string();
                format!("{},\"features\":[", head.trim_end_matches('}'))
            }
        }
    }

    fn row(&mut self, row: &Row, out: &mut String) -> crate::error::Result<()> {
        match self.output {
            Output::Gml => {
                out.push_str("<wfs:member>");
                match self.told {
                    Told::Features => self.pen.feature(row, "", out)?,
                    Told::Values => self.pen.members(row, out)?,
                    Told::Ids => out.push_str(&self.pen.id(row)),
                }
                out.push_str("</wfs:member>\n");
            }
            Output::GeoJson => {
                if self.written > 0 {
                    out.push_str(",\n");
                }
                out.push_str(&self.geojson(row)?);
            }
        }
        self.written += 1;
        Ok(())
    }

    fn geojson(&self, row: &Row) -> crate::error::Result<String> {
        let shape = match &row.shape {
            Shape::Wkb(wkb) => self
                .plot
                .geojson(&plot::read(wkb, Turning::Anticlockwise)?)
                .map_or(Shape::Without, Shape::GeoJson),
            other => other.clone(),
        };
        let mut out = Vec::new();
        geojson::feature(&self.pen.columns, &Row { shape, ..row.clone() }, "", &mut out);
        Ok(String::from_utf8_lossy(&out).into_owned())
    }

    fn collection(&self) -> &'static str {
        if self.told == Told::Features { "FeatureCollection" } else { "ValueCollection" }
    }

    fn tail(&self) -> String {
        match self.output {
            Output::Gml => format!("</wfs:{}>\n", self.collection()),
            Output::GeoJson => "]}\n".to_owned(),
        }
    }

    /// One feature as a document of its own.
    fn alone(&mut self, row: &Row) -> crate::error::Result<String> {
        match self.output {
            Output::Gml => {
                let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
                self.pen.feature(row, &format!(" {}", gml::namespaces()), &mut out)?;
                out.push('\n');
                Ok(out)
            }
            Output::GeoJson => self.geojson(row),
        }
    }
}
