//! A map as SVG: the parts of all layers' styles from the lowest to the highest, names over everything.

use std::collections::HashMap;

use crate::access::Scope;
use crate::app::App;
use crate::error::Result;
use crate::font::Fonts;
use crate::layer::Layer;
use crate::layer::map_style;

use super::Frame;
use super::Limits;
use super::Subject;
use super::label::Labels;
use super::paint;
use super::paint::PATTERNS;
use super::paint::Part;
use super::shapes::Budget;
use super::shapes::Shapes;
use super::svg;

/// The colour of the map's ground, as its styles have it.
const GROUND: &str = "#f3f4f2";

/// How a map is drawn.
#[derive(Clone, Debug)]
pub struct Look {
    /// The colour behind the map; nothing where it is `None`.
    pub ground: Option<String>,
    pub labels: bool,
    /// Names are placed as in this picture, of which the frame is a piece; the frame itself where it is `None`.
    pub block: Option<Frame>,
    /// Zooms by which outlines are more exact than a screen needs.
    pub finer: u8,
    /// Layers lie as the subjects stand, the first lowest; else as on the map.
    pub as_given: bool,
    pub limits: Limits,
}

impl Look {
    /// A map on paper: its own ground, names placed within the frame, outlines finer than on a screen.
    pub fn paper(limits: Limits) -> Self {
        /// Zooms by which paper is finer.
        const FINER: u8 = 2;
        Self {
            ground: Some(GROUND.to_owned()),
            labels: true,
            block: None,
            finer: FINER,
            as_given: false,
            limits,
        }
    }
}

/// A map that was drawn.
#[derive(Clone, Debug, Default)]
pub struct Picture {
    /// Elements in pixels of the frame, from its upper left corner, not cut at its edges.
    pub elements: String,
    /// What stands in `<defs>`.
    pub definitions: &'static str,
    /// The layers of which something was drawn.
    pub layers: Vec<String>,
    /// Rows of all layers.
    pub rows: usize,
    /// Names.
    pub labels: usize,
}

/// Draws the subjects. It takes as long as there is to draw: not beside other requests.
pub fn draw(
    app: &App,
    scope: &Scope,
    subjects: &[Subject],
    frame: &Frame,
    look: &Look,
    fonts: &Fonts,
) -> Result<Picture> {
    let mut layers: Vec<&Layer> = Vec::with_capacity(subjects.len());
    for it in subjects {
        layers.push(app.layer(scope, &it.layer)?);
    }
    layers.sort_by_key(|it| it.stacking());
    let style = map_style("", &layers, scope, "", |_| String::new());
    let zoom = frame.zoom();
    let mut parts: Vec<Part<'_>> =
        style["layers"].as_array().into_iter().flatten().map(Part).collect();
    if look.as_given {
        parts.sort_by_key(|part| subjects.iter().position(|it| it.layer == part.source()));
    }
    let shown = |it: &&Part<'_>| it.shows_at(zoom);
    let mut budget = Budget::new(look.limits);
    let mut picture = Picture { definitions: PATTERNS, ..Picture::default() };
    if let Some(ground) = look.ground.as_deref().filter(|it| svg::is_color(it)) {
        picture.elements += &format!(
            "<rect width=\"{}\" height=\"{}\" fill=\"{ground}\"/>\n",
            svg::short(frame.width),
            svg::short(frame.height)
        );
    }
    let mut shapes: HashMap<&str, Shapes<'_>> = HashMap::new();
    for subject in subjects {
        if !parts.iter().filter(shown).any(|it| it.source() == subject.layer) {
            continue;
        }
        let view = subject.view(app, scope)?;
        let found = Shapes::gather(view, subject, frame, look.finer, &mut budget)?;
        if !found.rows.is_empty() {
            picture.layers.push(subject.layer.clone());
        }
        shapes.insert(&subject.layer, found);
    }
    for it in parts.iter().filter(shown).filter(|it| it.kind() != "symbol") {
        if let Some(shapes) = shapes.get(it.source()) {
            paint::part(*it, shapes, zoom, &budget, &mut picture.elements)?;
        }
    }
    picture.rows = budget.rows;
    if look.labels {
        let names: Vec<Part<'_>> =
            parts.iter().filter(shown).filter(|it| it.kind() == "symbol").copied().collect();
        let labels =
            labels(app, scope, subjects, frame, look, fonts, &names, &shapes, &mut budget)?;
        picture.labels = labels.write(frame, &mut picture.elements);
    }
    Ok(picture)
}

#[expect(clippy::too_many_arguments, reason = "one step of `draw`, with all that it works on")]
fn labels(
    app: &App,
    scope: &Scope,
    subjects: &[Subject],
    frame: &Frame,
    look: &Look,
    fonts: &Fonts,
    names: &[Part<'_>],
    shapes: &HashMap<&str, Shapes<'_>>,
    budget: &mut Budget,
) -> Result<Labels> {
    let mut labels = Labels::default();
    let block = look.block.unwrap_or(*frame);
    // The block's corner as the frame has it.
    let [west, _, east, _] = frame.area;
    let unit = (east - west) / frame.width;
    let (left, top) = ((block.area[0] - west) / unit, (frame.area[3] - block.area[3]) / unit);
    let within = [left, top, left + block.width, top + block.height];
    for part in names.iter().rev() {
        budget.check()?;
        let Some(subject) = subjects.iter().find(|it| it.layer == part.source()) else { continue };
        match shapes.get(part.source()) {
            Some(shapes) if look.block.is_none() => {
                labels.add(*part, shapes, frame, &within, fonts);
            }
            _ => {
                // Of the whole block, in the block's own pixels: so it is the same whichever piece is asked for.
                let view = subject.view(app, scope)?;
                let whole = Shapes::gather(view, subject, &block, 0, budget)?;
                labels.add(*part, &whole, &block, &[0.0, 0.0, block.width, block.height], fonts);
            }
        }
    }
    if look.block.is_some() {
        labels.shift(left, top);
    }
    Ok(labels)
}

impl Picture {
    /// The map as a file of its own.
    pub fn document(&self, frame: &Frame, family: &str) -> String {
        let (width, height) = (svg::short(frame.width), svg::short(frame.height));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
             font-family=\"{}\">\n<defs>{}</defs>\n{}</svg>\n",
            svg::escaped(family),
            self.definitions,
            self.elements
        )
    }
}
