//! Features as GML 3.2 (simple features, level 0): a member an element a field, shapes last. What is null is left out.

use geo::Coord;
use geo::Geometry;
use geo::LineString;
use geo::Polygon;

use crate::error::Result;
use crate::export::Column;
use crate::export::Row;
use crate::export::Shape;
use crate::export::plot;
use crate::export::plot::Plot;
use crate::export::plot::Turning;
use crate::layer::FieldType;

use super::NAMESPACE;
use super::PREFIX;
use super::srs::Srs;
use super::xml::escape;

/// Writes the features of one layer.
#[derive(Clone, Debug)]
pub struct Pen {
    pub layer: String,
    pub columns: Vec<Column>,
    pub srs: Srs,
}

/// The namespaces that features use.
pub fn namespaces() -> String {
    format!(
        "xmlns:wfs=\"http://www.opengis.net/wfs/2.0\" xmlns:gml=\"http://www.opengis.net/gml/3.2\" \
         xmlns:{PREFIX}=\"{NAMESPACE}\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\""
    )
}

impl Pen {
    /// One feature; `more` are attributes of its element.
    pub fn feature(&self, row: &Row, more: &str, out: &mut String) -> Result<()> {
        let (layer, id) = (&self.layer, self.id(row));
        *out += &format!("<{PREFIX}:{layer} gml:id=\"{id}\"{more}>");
        self.members(row, out)?;
        *out += &format!("</{PREFIX}:{layer}>");
        Ok(())
    }

    /// The id of a row's feature.
    pub fn id(&self, row: &Row) -> String {
        format!("{}.{}", self.layer, row.id)
    }

    /// What a feature's element holds.
    pub fn members(&self, row: &Row, out: &mut String) -> Result<()> {
        for (column, value) in self.columns.iter().zip(&row.values) {
            let Some(value) = value.as_deref().filter(|it| is_written(column.kind, it)) else {
                continue;
            };
            let name = &column.name;
            *out += &format!("<{PREFIX}:{name}>");
            escape(value, out);
            *out += &format!("</{PREFIX}:{name}>");
        }
        if let Shape::Wkb(wkb) = &row.shape {
            let geometry = plot::read(wkb, Turning::Anticlockwise)?;
            *out += &format!("<{PREFIX}:geom>");
            let shaper = Shaper { plot: self.srs.plot(), id: format!("{}.geom", self.id(row)) };
            shaper.geometry(&geometry, &self.srs.name, out);
            *out += &format!("</{PREFIX}:geom>");
        }
        Ok(())
    }
}

/// `PostgreSQL` knows numbers that a schema's decimal does not.
fn is_written(kind: FieldType, value: &str) -> bool {
    let number = matches!(kind, FieldType::Integer | FieldType::Decimal);
    !number || value.trim_start_matches('-').starts_with(|it: char| it.is_ascii_digit())
}

struct Shaper {
    plot: Plot,
    /// Every geometry has an id of its own, made from this.
    id: String,
}

impl Shaper {
    fn geometry(&self, geometry: &Geometry<f64>, srs: &str, out: &mut String) {
        let mut srs_name = String::new();
        escape(srs, &mut srs_name);
        let head = format!("gml:id=\"{}\" srsName=\"{srs_name}\" srsDimension=\"2\"", self.id);
        match geometry {
            Geometry::Point(it) => self.point(it.0, &head, out),
            Geometry::LineString(it) => self.line(it, &head, out),
            Geometry::Polygon(it) => self.polygon(it, &head, out),
            Geometry::MultiPoint(it) => {
                self.many("MultiPoint", "pointMember", &head, &it.0, out, |it, id, out| {
                    self.point(it.0, id, out);
                });
            }
            Geometry::MultiLineString(it) => {
                self.many("MultiCurve", "curveMember", &head, &it.0, out, |it, id, out| {
                    self.line(it, id, out);
                });
            }
            Geometry::MultiPolygon(it) => {
                self.many("MultiSurface", "surfaceMember", &head, &it.0, out, |it, id, out| {
                    self.polygon(it, id, out);
                });
            }
            // No layer stores another.
            _ => *out += &format!("<gml:MultiGeometry {head}/>"),
        }
    }

    fn many<T>(
        &self,
        kind: &str,
        member: &str,
        head: &str,
        parts: &[T],
        out: &mut String,
        one: impl Fn(&T, &str, &mut String),
    ) {
        *out += &format!("<gml:{kind} {head}>");
        for (nth, part) in parts.iter().enumerate() {
            *out += &format!("<gml:{member}>");
            one(part, &format!("gml:id=\"{}.{}\"", self.id, nth + 1), out);
            *out += &format!("</gml:{member}>");
        }
        *out += &format!("</gml:{kind}>");
    }

    fn point(&self, at: Coord<f64>, head: &str, out: &mut String) {
        *out += &format!("<gml:Point {head}><gml:pos>");
        self.plot.position(at, out);
        *out += "</gml:pos></gml:Point>";
    }

    fn line(&self, line: &LineString<f64>, head: &str, out: &mut String) {
        *out += &format!("<gml:LineString {head}>");
        self.positions(line, out);
        *out += "</gml:LineString>";
    }

    fn polygon(&self, polygon: &Polygon<f64>, head: &str, out: &mut String) {
        *out += &format!("<gml:Polygon {head}>");
        for (nth, ring) in plot::rings(polygon).enumerate() {
            let side = if nth == 0 { "exterior" } else { "interior" };
            *out += &format!("<gml:{side}><gml:LinearRing>");
            self.positions(ring, out);
            *out += &format!("</gml:LinearRing></gml:{side}>");
        }
        *out += "</gml:Polygon>";
    }

    fn positions(&self, line: &LineString<f64>, out: &mut String) {
        *out += "<gml:posList>";
        for (nth, at) in line.0.iter().enumerate() {
            if nth > 0 {
                out.push(' ');
            }
            self.plot.position(*at, out);
        }
        *out += "</gml:posList>";
    }
}

#[cfg(test)]
mod tests {
    use geo::MultiPolygon;
    use geo::polygon;

    use super::*;
    use crate::layer::Text;

    #[test]
    fn a_feature_leaves_out_what_is_missing_and_turns_axes() {
        let column = |name: &str, kind| Column {
            name: name.to_owned(),
            title: Text::default(),
            kind,
            unit: None,
        };
        let pen = Pen {
            layer: "parcels".to_owned(),
            columns: vec![
                column("name", FieldType::Text),
                column("far", FieldType::Decimal),
                column("odd", FieldType::Decimal),
            ],
            srs: Srs::stored(),
        };
        let values = vec![Some("一 <b> & \u{1}".to_owned()), None, Some("NaN".to_owned())];
        let row = Row { id: 7, values, keys: Vec::new(), time: None, shape: Shape::Without };
        let mut out = String::new();
        pen.feature(&row, "", &mut out).unwrap();
        assert_eq!(
            out,
            "<mutu:parcels gml:id=\"parcels.7\"><mutu:name>一 &lt;b&gt; &amp; \u{fffd}</mutu:name></mutu:parcels>"
        );
        let square = polygon!((x: 121.0, y: 31.0), (x: 121.5, y: 31.0), (x: 121.5, y: 31.25), (x: 121.0, y: 31.0));
        let mut out = String::new();
        let shaper = Shaper { plot: Srs::stored().plot(), id: "p.7.geom".to_owned() };
        shaper.geometry(&MultiPolygon(vec![square]).into(), &Srs::stored().name, &mut out);
        assert_eq!(
            out,
            "<gml:MultiSurface gml:id=\"p.7.geom\" srsName=\"urn:ogc:def:crs:EPSG::4490\" srsDimension=\"2\"><gml:surfaceMember>\
             <gml:Polygon gml:id=\"p.7.geom.1\"><gml:exterior><gml:LinearRing><gml:posList>31 121 31 121.5 31.25 121.5 31 121</gml:posList>\
             </gml:LinearRing></gml:exterior></gml:Polygon></gml:surfaceMember></gml:MultiSurface>"
        );
    }
}
