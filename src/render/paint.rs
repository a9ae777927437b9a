//! A layer of a style with its properties, as MapLibre names them, and the elements that it becomes.

use indexmap::IndexMap;
use serde_json::Value as Json;

use crate::error::Result;
use crate::layer::fields_named;

use super::clip;
use super::clip::Point;
use super::expression;
use super::expression::Place;
use super::expression::Value;
use super::shapes::Budget;
use super::shapes::Fields;
use super::shapes::Shapes;
use super::svg;

/// Rows that one path has at most: what reads it goes through all of it at once.
const PATH_ROWS: usize = 5_000;

/// A layer of a style.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a>(pub &'a Json);

impl<'a> Part<'a> {
    fn text(self, member: &str) -> &'a str {
        self.0[member].as_str().unwrap_or_default()
    }

    pub fn kind(self) -> &'a str {
        self.text("type")
    }

    /// The id of the layer that it draws.
    pub fn source(self) -> &'a str {
        self.text("source")
    }

    /// Whether it is drawn at that zoom.
    pub fn shows_at(self, zoom: f64) -> bool {
        let bound = |name: &str, default: f64| self.0[name].as_f64().unwrap_or(default);
        let hidden = self.0["layout"]["visibility"] == "none";
        bound("minzoom", 0.0) <= zoom && zoom < bound("maxzoom", 25.0) && !hidden
    }

    pub fn paint(self, name: &str) -> Option<&'a Json> {
        self.0["paint"].get(name)
    }

    pub fn layout(self, name: &str) -> Option<&'a Json> {
        self.0["layout"].get(name)
    }

    /// The pattern that it lays over areas.
    fn pattern(self) -> Option<&'a str> {
        self.paint("fill-pattern").and_then(Json::as_str)
    }

    /// The fields that its expressions name.
    pub fn fields(self) -> Vec<String> {
        let mut names = Vec::new();
        fields_named(self.0, &mut names);
        names.sort();
        names.dedup();
        names
    }

    /// Whether the row is drawn.
    pub fn takes(self, at: &dyn Place) -> bool {
        self.0.get("filter").is_none_or(|it| expression::eval(it, at) == Value::Bool(true))
    }

    /// A number of the paint or the layout.
    pub fn number(value: Option<&Json>, at: &dyn Place, default: f64) -> f64 {
        value.and_then(|it| expression::eval(it, at).number()).unwrap_or(default)
    }

    /// A colour.
    pub fn color(self, name: &str, at: &dyn Place, default: &str) -> String {
        let found = self.paint(name).map(|it| expression::eval(it, at).text());
        found.filter(|it| svg::is_color(it)).unwrap_or_else(|| default.to_owned())
    }
}

/// What looks alike in a part, in one path; in the order in which it was first met.
type Groups = IndexMap<String, (String, usize)>;

/// Writes a part that is no label: its rows, put together by what they look like.
pub fn part(
    part: Part<'_>,
    shapes: &Shapes<'_>,
    zoom: f64,
    budget: &Budget,
    out: &mut String,
) -> Result<()> {
    let mut fields = Fields::new(zoom, &shapes.parts, &part.fields());
    let looks = part
        .0
        .get("paint")
        .is_none_or(|it| it.as_object().is_some_and(|it| it.values().all(expression::is_constant)));
    let mut same = looks.then(|| look(part, &fields));
    let mut groups = Groups::new();
    for (nth, row) in shapes.rows.iter().enumerate() {
        if nth % 4096 == 0 {
            budget.check()?;
        }
        fields.at(row.part, row.nth);
        if !part.takes(&fields) {
            continue;
        }
        let look = match &mut same {
            Some(it) => it.clone(),
            None => look(part, &fields),
        };
        let Some(Look { attributes, offset, radius }) = look else { continue };
        let full = groups.get(&attributes).is_some_and(|it| it.1 >= PATH_ROWS);
        if full && let Some((data, _)) = groups.shift_remove(&attributes) {
            element(&attributes, &data, out);
        }
        let (data, count) = groups.entry(attributes).or_default();
        *count += 1;
        let closed = shapes.view.layer.geometry == crate::layer::Geometry::Polygon;
        for ring in shapes.rings(row) {
            match radius {
                Some(radius) => ring.iter().for_each(|it| circle(*it, radius, data)),
                None if offset == 0.0 => svg::trace(ring, closed, data),
                None => svg::trace(&clip::beside(ring, offset, closed), closed, data),
            }
        }
    }
    for (attributes, (data, _)) in groups {
        element(&attributes, &data, out);
    }
    Ok(())
}

fn element(attributes: &str, data: &str, out: &mut String) {
    if !data.is_empty() {
        out.push_str("<path ");
        out.push_str(attributes);
        out.push_str(" d=\"");
        out.push_str(data);
        out.push_str("\"/>\n");
    }
}

/// A circle as part of a path.
fn circle((x, y): Point, radius: f64, out: &mut String) {
    let (x, r, wide) = (svg::short(x - radius), svg::short(radius), svg::short(radius * 2.0));
    *out += &format!("M{x} {}a{r} {r} 0 1 0 {wide} 0a{r} {r} 0 1 0 -{wide} 0Z", svg::short(y));
}

/// What a row looks like.
#[derive(Clone, Debug)]
struct Look {
    attributes: String,
    /// To the right of the line.
    offset: f64,
    /// Of circles.
    radius: Option<f64>,
}

/// `None` where nothing is seen of it.
fn look(part: Part<'_>, at: &Fields<'_>) -> Option<Look> {
    let number = |name: &str, default: f64| Part::number(part.paint(name), at, default);
    let mut offset = 0.0;
    let mut radius = None;
    let attributes = match part.kind() {
        "fill" => {
            if let Some(it) = part.pattern() {
                format!("fill=\"url(#{it})\"")
            } else {
                let opacity = number("fill-opacity", 1.0);
                if opacity <= 0.0 {
                    return None;
                }
                format!(
                    "fill=\"{}\"{}",
                    part.color("fill-color", at, "#000000"),
                    clear("fill", opacity)
                )
            }
        }
        "circle" => {
            let stroke = number("circle-stroke-width", 0.0);
            radius = Some(number("circle-radius", 5.0));
            let edge = if stroke > 0.0 {
                let color = part.color("circle-stroke-color", at, "#000000");
                format!(" stroke=\"{color}\" stroke-width=\"{}\"", svg::short(stroke))
            } else {
                String::new()
            };
            let color = part.color("circle-color", at, "#000000");
            format!("fill=\"{color}\"{}{edge}", clear("fill", number("circle-opacity", 1.0)))
        }
        "line" => {
            let (width, opacity) = (number("line-width", 1.0), number("line-opacity", 1.0));
            if width <= 0.0 || opacity <= 0.0 {
                return None;
            }
            offset = number("line-offset", 0.0);
            let color = part.color("line-color", at, "#000000");
            let mut it = format!(
                "fill=\"none\" stroke=\"{color}\" stroke-width=\"{}\"{}",
                svg::short(width.max(0.05)),
                clear("stroke", opacity)
            );
            for (name, attribute) in
                [("line-cap", "stroke-linecap"), ("line-join", "stroke-linejoin")]
            {
                if let Some(value @ ("round" | "square" | "bevel")) =
                    part.layout(name).and_then(Json::as_str)
                {
                    it += &format!(" {attribute}=\"{value}\"");
                }
            }
            let dashes: Vec<f64> = part
                .paint("line-dasharray")
                .and_then(Json::as_array)
                .map(|it| it.iter().filter_map(Json::as_f64).collect())
                .unwrap_or_default();
            if dashes.iter().any(|it| *it > 0.0) {
                let dashes: Vec<String> =
                    dashes.iter().map(|it| svg::short((it * width).max(0.1))).collect();
                it += &format!(" stroke-dasharray=\"{}\"", dashes.join(" "));
            }
            it
        }
        _ => return None,
    };
    Some(Look { attributes, offset, radius })
}

fn clear(what: &str, opacity: f64) -> String {
    if opacity >= 1.0 {
        String::new()
    } else {
        format!(" {what}-opacity=\"{}\"", svg::short(opacity))
    }
}

/// The patterns that legends name, on the grid of the web map's: white, so that the colour below is told through them.
pub const PATTERNS: &str = r##"<pattern id="hatch" width="8" height="8" patternUnits="userSpaceOnUse"><path d="M-2 2L2 -2M0 8L8 0M6 10L10 6" stroke="#ffffff" stroke-opacity="0.75" stroke-width="1.4"/></pattern>
<pattern id="cross" width="8" height="8" patternUnits="userSpaceOnUse"><path d="M-2 2L2 -2M0 8L8 0M6 10L10 6M-2 6L2 10M0 0L8 8M6 -2L10 2" stroke="#ffffff" stroke-opacity="0.75" stroke-width="1.4"/></pattern>
<pattern id="dots" width="8" height="8" patternUnits="userSpaceOnUse"><path d="M1.15 2a.85 .85 0 1 0 1.7 0a.85 .85 0 1 0 -1.7 0ZM5.15 6a.85 .85 0 1 0 1.7 0a.85 .85 0 1 0 -1.7 0Z" fill="#ffffff" fill-opacity="0.75"/></pattern>
"##;
