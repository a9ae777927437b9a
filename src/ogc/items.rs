//! A page of features: its parameters, its links, and the stream that writes it as its rows come.

use std::future::ready;
use std::pin::Pin;

use chrono::SecondsFormat;
use chrono::Utc;
use futures_util::Stream;
use futures_util::StreamExt;
use futures_util::TryStreamExt;
use futures_util::stream;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::access::Role;
use crate::access::Scope;
use crate::app::App;
use crate::cql;
use crate::crs::Crs;
use crate::error::Error;
use crate::error::Result;
use crate::export::About;
use crate::export::Bbox;
use crate::export::Column;
use crate::export::Frame;
use crate::export::Place;
use crate::export::Row;
use crate::export::Selection;
use crate::export::geojson;
use crate::export::queries;
use crate::export::queries::Counting;
use crate::export::shortened;
use crate::layer::Layer;
use crate::seal::Sealer;
use crate::site::Site;

use super::LIMIT_DEFAULT;
use super::LIMIT_HTML;
use super::LIMIT_MAX;
use super::MATCHED_MAX;
use super::OFFSET_MAX;
use super::crs_of;
use super::cursor;
use super::link;
use super::link::Link;
use super::link::with_query;
use super::writing::Writing;

/// The parameters that every collection has, besides its properties.
pub const PARAMETERS: [&str; 15] = [
    "f",
    "limit",
    "offset",
    "cursor",
    "bbox",
    "bbox-crs",
    "crs",
    "datetime",
    "as_of",
    "filter",
    "filter-lang",
    "filter-crs",
    "properties",
    "resultType",
    "sortby",
];

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    Results,
    /// Only how many there are.
    Hits,
}

/// A page that somebody asked for.
#[derive(Debug)]
pub struct Page<'a> {
    pub selection: Selection<'a>,
    pub wanted: Wanted,
    pub limit: i64,
    /// What coordinates are written in.
    pub crs: Crs,
    pub writing: Writing,
    pub address: Address,
}

/// What a page's links are made of.
#[derive(Debug)]
pub struct Address {
    writing: Writing,
    way: Way,
    /// Of the collection.
    collection: String,
    /// The parameters as they came.
    given: Vec<(String, String)>,
    /// What a cursor is sealed with.
    context: String,
}

/// How a page is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// `items`, by parameters of the address.
    Items,
    /// `search`, by members of a document.
    Search,
}

impl<'a> Page<'a> {
    /// Reads the parameters; anything unknown or twice is refused.
    pub fn parse(
        sealer: &Sealer,
        site: &Site,
        scope: &'a Scope,
        layer: &'a Layer,
        (way, given): (Way, Vec<(String, String)>),
        accept: Option<&str>,
    ) -> Result<Self> {
        let mut selection = Selection::new(layer, scope);
        let find = |name: &str| given.iter().find(|it| it.0 == name).map(|it| it.1.as_str());
        let crs = |name: &str| find(name).map_or(Ok(Crs::Crs84), |it| crs_of(name, it));
        let answer_crs = crs("crs")?;
        let mut writing = Writing::negotiate(find("f"), accept)?;
        // What a document asked for is read by a program.
        if way == Way::Search && writing == Writing::Html {
            writing = Writing::GeoJson;
        }
        selection.encoding = writing.encoding(answer_crs)?;
        selection.timed = writing == Writing::JsonFg;
        selection.filter_crs = crs("filter-crs")?;
        let is_json = find("filter-lang") == Some("cql2-json");
        let bbox_crs = crs("bbox-crs")?;
        for (nth, (name, value)) in given.iter().enumerate() {
            if given[..nth].iter().any(|it| it.0 == *name) {
                return Err(Error::parameter(
                    &shortened(name),
                    "只能给一次 / given more than once",
                ));
            }
            match name.as_str() {
                "f" | "limit" | "cursor" | "resultType" | "datetime" | "as_of" | "crs"
                | "bbox-crs" | "filter-crs" => {}
                "bbox" if bbox_crs == Crs::Crs84 => selection.bbox = Some(Bbox::parse(value)?),
                "bbox" => selection.frame = Some(Frame::parse(bbox_crs, value)?),
                "offset" => selection.offset = offset(value)?,
                "properties" => selection.choose(value)?,
                "sortby" => selection.sort(value)?,
                "filter" if is_json => {
                    let text = cql::json::to_text(value);
                    selection.filter(&text.map_err(|it| Error::parameter("filter", it))?)?;
                }
                "filter" => selection.filter(value)?,
                "filter-lang" if ["cql2-text", "cql2-json"].contains(&value.as_str()) => {}
                "filter-lang" => {
                    return Err(Error::parameter(name, "应为 / either: cql2-text, cql2-json"));
                }
                _ => selection.narrow(name, value, &PARAMETERS)?,
            }
        }
        selection.at(find("datetime"), find("as_of"))?;
        let most = if writing == Writing::Html { LIMIT_HTML } else { LIMIT_MAX };
        let limit = find("limit").map_or(Ok(LIMIT_DEFAULT), limit)?.min(most);
        let wanted = find("resultType").map_or(Ok(Wanted::Results), wanted)?;
        let context = context(&layer.id, scope, &given);
        if let Some(it) = find("cursor") {
            if selection.offset > 0 {
                return Err(Error::parameter(
                    "offset",
                    "不能与 cursor 同用 / not together with `cursor`",
                ));
            }
            selection.after = Some(cursor::read(sealer, &context, it)?);
        }
        // One more than the page, to know whether there is another.
        selection.limit = Some(limit + 1);
        let collection = format!("{}/ogc/collections/{}", site.url(), layer.id);
        let address = Address { writing, way, collection, given, context };
        Ok(Self { selection, wanted, limit, crs: answer_crs, writing, address })
    }

    /// What a file says of where its rows come from.
    pub fn about(&self) -> About {
        let find =
            |name: &str| self.address.given.iter().find(|it| it.0 == name).map(|it| it.1.clone());
        About {
            filter: find("filter"),
            bbox: find("bbox"),
            datetime: find("datetime"),
            as_of: find("as_of"),
            ..About::default()
        }
    }

    /// Whether everybody who asks for it now is told the same.
    pub fn is_for_all(&self) -> bool {
        let scope = self.selection.scope;
        scope.account.is_none() && scope.role == Role::Public && self.selection.times.is_now()
    }

    /// Whether the page begins with the first feature.
    pub fn is_first(&self) -> bool {
        self.selection.after.is_none() && self.selection.offset == 0
    }
}

impl Address {
    /// The parameters that a link repeats.
    fn given(&self, without: &[&str]) -> Vec<(&str, &str)> {
        let kept = self.given.iter().filter(|it| !without.contains(&it.0.as_str()));
        kept.map(|it| (it.0.as_str(), it.1.as_str())).collect()
    }

    /// A link to a page of this query.
    fn page(
        &self,
        rel: &'static str,
        title: &str,
        writing: Writing,
        query: &[(&str, &str)],
    ) -> Link {
        let media_type = writing.media_type();
        match self.way {
            Way::Items => {
                let href = with_query(&format!("{}/items", self.collection), query.iter().copied());
                Link::new(rel, media_type, title, href)
            }
            Way::Search => {
                let body: Map<String, Value> =
                    query.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
                Link::new(rel, media_type, title, format!("{}/search", self.collection))
                    .posting(Value::Object(body))
            }
        }
    }

    /// The page that follows the feature at `last`.
    pub fn next(&self, sealer: &Sealer, last: &Place) -> Result<Link> {
        let cursor = cursor::write(sealer, &self.context, last)?;
        let mut query = self.given(&["cursor", "offset"]);
        query.push(("cursor", &cursor));
        Ok(self.page("next", "下一页 / Next page", self.writing, &query))
    }

    /// Links of a page; `last` is its last feature when another page follows.
    pub fn links(&self, sealer: &Sealer, last: Option<&Place>) -> Result<Vec<Link>> {
        let title = "本页 / This page";
        let mut links = vec![self.page("self", title, self.writing, &self.given(&[]))];
        let forms =
            [("json", Writing::GeoJson), ("jsonfg", Writing::JsonFg), ("html", Writing::Html)];
        let others = forms
            .into_iter()
            .filter(|it| it.1 != self.writing && (self.way == Way::Items || it.1 != Writing::Html));
        for (form, writing) in others {
            let mut query = self.given(&["f"]);
            query.push(("f", form));
            links.push(self.page("alternate", title, writing, &query));
        }
        if let Some(last) = last {
            links.push(self.next(sealer, last)?);
        }
        links.push(Link::new("collection", link::JSON, "图层 / Collection", &*self.collection));
        Ok(links)
    }
}

fn limit(text: &str) -> Result<i64> {
    let wrong =
        || Error::parameter("limit", format!("应为 1 至 {LIMIT_MAX} 的整数 / 1 to {LIMIT_MAX}"));
    let digits = !text.is_empty() && text.chars().all(|it| it.is_ascii_digit());
    // More digits than a number holds is still only "more than the most".
    let number = if digits { text.parse().unwrap_or(i64::MAX) } else { 0 };
    if number < 1 { Err(wrong()) } else { Ok(number) }
}

fn offset(text: &str) -> Result<i64> {
    text.parse().ok().filter(|it| (0..=OFFSET_MAX).contains(it)).ok_or_else(|| {
        Error::parameter(
            "offset",
            format!("应为 0 至 {OFFSET_MAX} 的整数；更深请用 next 链接 / 0 to {OFFSET_MAX}; further in, follow the `next` links"),
        )
    })
}

fn wanted(text: &str) -> Result<Wanted> {
    match text {
        "results" => Ok(Wanted::Results),
        "hits" => Ok(Wanted::Hits),
        _ => Err(Error::parameter("resultType", "应为 results 或 hits / results or hits")),
    }
}

/// What decides which rows follow a row: not the page's size, form or place.
fn context(layer: &str, scope: &Scope, given: &[(String, String)]) -> String {
    let mut chosen: Vec<&(String, String)> = given
        .iter()
        .filter(|it| !["f", "limit", "offset", "cursor"].contains(&it.0.as_str()))
        .collect();
    chosen.sort();
    json!([layer, scope.class(), chosen]).to_string()
}

/// How many features there are, with none of them.
pub async fn hits(app: &App, page: &Page<'_>) -> Result<Value> {
    let matched =
        queries::count(&mut app.db.read(page.selection.scope).await?, &page.selection).await?;
    Ok(json!({
        "type": "FeatureCollection",
        "features": [],
        "numberMatched": matched,
        "numberReturned": 0,
        "timeStamp": time_stamp(),
        "links": page.address.links(app.db.sealer(), None)?,
    }))
}

fn time_stamp() -> String {
    Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true)
}

type Rows = Pin<Box<dyn Stream<Item = Result<Vec<Row>>> + Send>>;

/// A page on its way: everything that outlives the request's borrowed layer and scope.
struct Writer {
    app: App,
    scope: Scope,
    rows: Rows,
    columns: Vec<Column>,
    /// As JSON-FG, in that reference system.
    fg: Option<Crs>,
    address: Address,
    counting: Counting,
    is_first: bool,
    limit: i64,
    written: i64,
    last: Option<Place>,
    more: bool,
}

/// What a JSON-FG document says of all its features: which rules it keeps, their type with its schema, their system.
pub fn members_fg(collection: &str, layer: &str, crs: Crs) -> String {
    let members = json!({
        "conformsTo": [
            "http://www.opengis.net/spec/json-fg-1/1.0/conf/core",
            "http://www.opengis.net/spec/json-fg-1/1.0/conf/types-schemas",
        ],
        "featureType": layer,
        "featureSchema": format!("{collection}/schema"),
        "coordRefSys": crs.uri(),
    });
    members.to_string().trim_matches(['{', '}']).to_owned()
}

fn head_fg(page: &Page<'_>) -> Vec<u8> {
    let members = members_fg(&page.address.collection, &page.selection.layer.id, page.crs);
    format!("{{\"type\":\"FeatureCollection\",{members},\"features\":[").into_bytes()
}

/// The page as GeoJSON or JSON-FG, written as its rows come. The first rows are awaited here, so that what fails then is still a
/// problem document.
pub async fn stream(
    app: App,
    page: Page<'_>,
) -> Result<impl Stream<Item = Result<Vec<u8>>> + Send + use<>> {
    let db = app.db.read(page.selection.scope).await?;
    let mut rows: Rows = Box::pin(queries::rows(db, &page.selection)?);
    let first = rows.try_next().await?;
    let head = match page.writing {
        Writing::JsonFg => head_fg(&page),
        _ => geojson::HEAD.to_vec(),
    };
    let mut writer = Writer {
        rows,
        fg: (page.writing == Writing::JsonFg).then_some(page.crs),
        columns: page.selection.columns(),
        counting: Counting::new(&page.selection, MATCHED_MAX)?,
        is_first: page.is_first(),
        limit: page.limit,
        address: page.address,
        scope: page.selection.scope.clone(),
        app,
        written: 0,
        last: None,
        more: false,
    };
    let mut out = head;
    writer.write(first.as_deref().unwrap_or_default(), &mut out);
    let head = stream::once(ready(Ok(out)));
    // `None` when the tail is written.
    let rest = stream::try_unfold(Some(writer), |writer| async move {
        let Some(mut writer) = writer else { return Ok(None) };
        match writer.rows.try_next().await? {
            Some(batch) => {
                let mut out = Vec::new();
                writer.write(&batch, &mut out);
                Ok(Some((out, Some(writer))))
            }
            None => Ok(Some((writer.tail().await?, None))),
        }
    });
    Ok(head.chain(rest))
}

impl Writer {
    fn write(&mut self, batch: &[Row], out: &mut Vec<u8>) {
        let room = usize::try_from(self.limit - self.written).unwrap_or(0);
        let wanted = &batch[..batch.len().min(room)];
        self.more |= wanted.len() < batch.len();
        for row in wanted {
            if self.written > 0 {
                out.extend_from_slice(geojson::BETWEEN);
            }
            match self.fg {
                Some(crs) => geojson::feature_fg(&self.columns, row, crs, "", out),
                None => geojson::feature(&self.columns, row, "", out),
            }
            self.written += 1;
        }
        if let Some(it) = wanted.last() {
            self.last = Some(it.place());
        }
    }

    /// What follows the features: counts, time and links, which are known only now.
    async fn tail(self) -> Result<Vec<u8>> {
        // Never a guess: left out where it is not cheap to know.
        let matched = if self.is_first && !self.more {
            Some(self.written)
        } else {
            self.counting.run_if_cheap(&self.app, &self.scope).await?
        };
        let last = self.last.as_ref().filter(|_| self.more);
        tail(self.app.db.sealer(), &self.address, self.written, matched, last)
    }
}

/// What ends a page of so many features; `last` is its last one when another page follows.
pub fn tail(
    sealer: &Sealer,
    address: &Address,
    written: i64,
    matched: Option<i64>,
    last: Option<&Place>,
) -> Result<Vec<u8>> {
    let mut tail = Map::new();
    if let Some(it) = matched {
        tail.insert("numberMatched".to_owned(), json!(it));
    }
    tail.insert("numberReturned".to_owned(), json!(written));
    tail.insert("timeStamp".to_owned(), json!(time_stamp()));
    tail.insert("links".to_owned(), json!(address.links(sealer, last)?));
    let tail = Value::Object(tail).to_string();
    Ok(format!("],{}", tail.trim_start_matches('{')).into_bytes())
}

/// The rows of a page that is held whole, and whether more follow.
async fn held(app: &App, page: &Page<'_>) -> Result<(Vec<Row>, bool)> {
    let db = app.db.read(page.selection.scope).await?;
    let batches: Vec<Vec<Row>> = queries::rows(db, &page.selection)?.try_collect().await?;
    let mut rows: Vec<Row> = batches.into_iter().flatten().collect();
    let room = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let more = rows.len() > room;
    rows.truncate(room);
    Ok((rows, more))
}

/// A page as rows for a file, at most [`LIMIT_MAX`], and the link to the next one.
pub async fn rows(app: &App, page: &Page<'_>) -> Result<(Vec<Row>, Option<Link>)> {
    let (rows, more) = held(app, page).await?;
    let last = rows.last().filter(|_| more).map(Row::place);
    let next = last.map(|it| page.address.next(app.db.sealer(), &it)).transpose()?;
    Ok((rows, next))
}

/// A page as rows, for people: at most [`LIMIT_HTML`].
pub async fn table(app: &App, page: &Page<'_>) -> Result<(Vec<Row>, Option<i64>, Vec<Link>)> {
    let scope = page.selection.scope;
    let (rows, more) = held(app, page).await?;
    let matched = if page.is_first() && !more {
        i64::try_from(rows.len()).ok()
    } else {
        let counting = Counting::new(&page.selection, MATCHED_MAX)?;
        counting.run_if_cheap(app, scope).await?
    };
    let last = rows.last().map(Row::place);
    let links = page.address.links(app.db.sealer(), last.as_ref().filter(|_| more))?;
    Ok((rows, matched, links))
}
