//! The answer to a query, as a stream: rows come in batches, and whether there are more is said at the end.

use std::fmt::Write as _;
use std::future::ready;
use std::pin::Pin;

use chrono::NaiveDate;
use futures_util::Stream;
use futures_util::StreamExt;
use futures_util::TryStreamExt;
use futures_util::stream;
use serde_json::Value;
use serde_json::json;

use crate::app::App;
use crate::error::Result;
use crate::export::Column;
use crate::export::Row;
use crate::export::Shape;
use crate::export::plot;
use crate::export::plot::Plot;
use crate::export::plot::Turning;
use crate::export::queries;
use crate::layer::FieldType;

use super::OBJECT_ID;
use super::describe;
use super::question::Form;
use super::question::Question;
use super::question::Wanted;
use super::shape;
use super::spatial_reference;

/// Bytes of an answer as they come.
pub type Bytes = Pin<Box<dyn Stream<Item = Result<Vec<u8>>> + Send>>;
type Rows = Pin<Box<dyn Stream<Item = Result<Vec<Row>>> + Send>>;

/// How many features the question has.
pub async fn count(app: &App, question: &Question<'_>) -> Result<Value> {
    let mut db = app.db.read(question.selection.scope).await?;
    Ok(json!({"count": queries::count(&mut db, &question.selection).await?}))
}

/// How many features the question has, and the box around them in the system that it asks for.
pub async fn extent(app: &App, question: &Question<'_>) -> Result<Value> {
    let mut db = app.db.read(question.selection.scope).await?;
    let (count, bounds) = queries::extent(&mut db, &question.selection, question.crs).await?;
    // As ArcGIS writes the box of nothing.
    let side = |nth: usize| bounds.map_or(json!("NaN"), |it| json!(it[nth]));
    Ok(json!({
        "count": count,
        "extent": {
            "xmin": side(0), "ymin": side(1), "xmax": side(2), "ymax": side(3),
            "spatialReference": spatial_reference::document(question.crs),
        },
    }))
}

/// Features or ids. What fails before the first byte is still an error document.
pub async fn answer(app: &App, question: &Question<'_>) -> Result<Bytes> {
    let db = app.db.read(question.selection.scope).await?;
    let mut rows: Rows = Box::pin(queries::rows(db, &question.selection)?);
    let first = rows.try_next().await?;
    let writer = Writer {
        form: question.form,
        wanted: question.wanted,
        columns: question.selection.columns(),
        plot: Plot { decimals: question.crs.decimals(), north_first: false, comma: ',' },
        limit: question.limit,
        written: 0,
        more: false,
    };
    let head = writer.head(question);
    let rows = stream::iter(first.map(Ok)).chain(rows).boxed();
    let body = stream::try_unfold(Some((writer, rows)), |state| async move {
        let Some((mut writer, mut rows)) = state else { return Ok(None) };
        match rows.try_next().await? {
            Some(batch) => {
                let out = writer.rows(&batch)?;
                Ok(Some((out.into_bytes(), Some((writer, rows)))))
            }
            None => Ok(Some((writer.tail().into_bytes(), None))),
        }
    });
    Ok(Box::pin(stream::once(ready(Ok(head.into_bytes()))).chain(body)))
}

struct Writer {
    form: Form,
    wanted: Wanted,
    columns: Vec<Column>,
    /// Esri's coordinates are easting first.
    plot: Plot,
    limit: i64,
    written: i64,
    more: bool,
}

impl Writer {
    fn head(&self, question: &Question<'_>) -> String {
        let selection = &question.selection;
        if self.wanted == Wanted::Ids {
            return format!("{{\"objectIdFieldName\":\"{OBJECT_ID}\",\"objectIds\":[");
        }
        let head = match self.form {
            Form::Esri | Form::Buffer => {
                let wanted = |name: &str| self.columns.iter().any(|it| it.name == name);
                let mut head = json!({
                    "objectIdFieldName": OBJECT_ID,
                    "globalIdFieldName": "",
                    "fields": describe::fields(selection.layer, selection.scope, wanted),
                });
                if let Some(kind) = describe::geometry_type(selection.layer.geometry) {
                    head["geometryType"] = json!(kind);
                    head["spatialReference"] = spatial_reference::document(question.crs);
                }
                head
            }
            Form::GeoJson => {
                let mut head = json!({"type": "FeatureCollection"});
                // What RFC 7946 abolished is the only way to say which metres these are.
                if !question.crs.is_degrees() {
                    let code = question.crs.srid();
                    head["crs"] =
                        json!({"type": "name", "properties": {"name": format!("EPSG:{code}")}});
                }
                head
            }
        };
        let head = head.to_string();
        format!("{},\"features\":[", head.strip_suffix('}').unwrap_or(&head))
    }

    fn rows(&mut self, batch: &[Row]) -> Result<String> {
        let mut out = String::with_capacity(batch.len() * 512);
        for row in batch {
            if self.wanted == Wanted::Features && self.written == self.limit {
                self.more = true;
                break;
            }
            if self.written > 0 {
                out.push(',');
            }
            match self.wanted {
                Wanted::Ids => {
                    let _ = write!(out, "{}", row.id);
                }
                _ => self.feature(row, &mut out)?,
            }
            self.written += 1;
        }
        Ok(out)
    }

    fn feature(&self, row: &Row, out: &mut String) -> Result<()> {
        let (open, members) = match self.form {
            Form::Esri | Form::Buffer => ("{\"attributes\":{".to_owned(), "}"),
            Form::GeoJson => {
                (format!("{{\"type\":\"Feature\",\"id\":{},\"properties\":{{", row.id), "}")
            }
        };
        *out += &open;
        let _ = write!(out, "\"{OBJECT_ID}\":{}", row.id);
        for (column, value) in self.columns.iter().zip(&row.values) {
            let _ =
                write!(out, ",\"{}\":{}", column.name, self.value(column.kind, value.as_deref()));
        }
        *out += members;
        let turning = match self.form {
            Form::Esri | Form::Buffer => Turning::Clockwise,
            Form::GeoJson => Turning::Anticlockwise,
        };
        let geometry = match &row.shape {
            Shape::Wkb(wkb) => Some(plot::read(wkb, turning)?),
            _ => None,
        };
        let written = geometry.as_ref().and_then(|it| match self.form {
            Form::Esri | Form::Buffer => shape::write(it, self.plot),
            Form::GeoJson => self.plot.geojson(it),
        });
        match (written, self.form) {
            (Some(it), _) => {
                let _ = write!(out, ",\"geometry\":{it}");
            }
            (None, Form::GeoJson) => *out += ",\"geometry\":null",
            (None, Form::Esri | Form::Buffer) => {}
        }
        out.push('}');
        Ok(())
    }

    /// Esri's documents have a day as milliseconds and yes and no as 1 and 0.
    fn value(&self, kind: FieldType, value: Option<&str>) -> String {
        let Some(value) = value else { return "null".to_owned() };
        match (kind, self.form) {
            (FieldType::Boolean, Form::Esri | Form::Buffer) => {
                if value == "true" { "1" } else { "0" }.to_owned()
            }
            (FieldType::Boolean, Form::GeoJson) => value.to_owned(),
            (FieldType::Date, Form::Esri | Form::Buffer) => {
                let day = NaiveDate::parse_from_str(value, "%Y-%m-%d").ok();
                let moment = day.map(|it| it.and_time(chrono::NaiveTime::MIN).and_utc());
                moment.map_or("null".to_owned(), |it| it.timestamp_millis().to_string())
            }
            (FieldType::Text, _) | (FieldType::Date, Form::GeoJson) => {
                Value::from(value).to_string()
            }
            (FieldType::Integer | FieldType::Decimal, _) => {
                // PostgreSQL knows NaN and infinity; JSON does not.
                let digits = value.trim_start_matches('-');
                let finite = digits.starts_with(|it: char| it.is_ascii_digit());
                if finite { value.to_owned() } else { "null".to_owned() }
            }
        }
    }

    fn tail(&self) -> String {
        match (self.wanted, self.form, self.more) {
            (Wanted::Features, Form::Esri, true) => "],\"exceededTransferLimit\":true}\n",
            // Where newer clients look, and where older ones do.
            (Wanted::Features, Form::GeoJson, true) => {
                "],\"exceededTransferLimit\":true,\"properties\":{\"exceededTransferLimit\":true}}\n"
            }
            _ => "]}\n",
        }
        .to_owned()
    }
}
