//! Writing on a sheet, in millimetres from its upper left corner.

use crate::font::Fonts;
use crate::render::svg::escaped;
use crate::render::svg::short;

/// Ink for texts, and for what matters less.
pub const INK: &str = "#1f2933";
pub const GREY: &str = "#52606d";
/// The baseline of signs as tall as their size, from the top of their line.
pub const BASELINE: f64 = 0.86;

/// Where a text stands from its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

/// How a text looks.
#[derive(Clone, Copy, Debug)]
pub struct Type {
    pub size: f64,
    pub bold: bool,
    pub color: &'static str,
    pub anchor: Anchor,
}

impl Type {
    /// Plain ink, from its place on.
    pub const fn of(size: f64) -> Self {
        Self { size, bold: false, color: INK, anchor: Anchor::Start }
    }

    #[must_use]
    pub const fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    #[must_use]
    pub const fn grey(self) -> Self {
        Self { color: GREY, ..self }
    }

    #[must_use]
    pub const fn color(self, color: &'static str) -> Self {
        Self { color, ..self }
    }

    #[must_use]
    pub const fn at(self, anchor: Anchor) -> Self {
        Self { anchor, ..self }
    }
}

/// A sheet that is being written.
#[derive(Debug)]
pub struct Pen<'a> {
    pub fonts: &'a Fonts,
    pub out: String,
}

impl<'a> Pen<'a> {
    pub fn new(fonts: &'a Fonts) -> Self {
        Self { fonts, out: String::new() }
    }

    /// A text on a line.
    pub fn text(&mut self, x: f64, y: f64, look: Type, text: &str) {
        let text = self.fonts.written(text);
        let weight = if look.bold { " font-weight=\"bold\"" } else { "" };
        let anchor = match look.anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        self.out += &format!(
            "<text x=\"{}\" y=\"{}\" font-size=\"{}\" fill=\"{}\"{weight}{anchor}>{}</text>\n",
            short(x),
            short(y),
            short(look.size),
            look.color,
            escaped(&text)
        );
    }

    /// A text in lines of at most that width, its first line's top at `y`; where it ends. What does not fit into `most` lines
    /// ends with an ellipsis.
    pub fn lines(&mut self, [x, y, width]: [f64; 3], look: Type, text: &str, most: usize) -> f64 {
        let mut lines = self.fonts.lines(&self.fonts.written(text), look.size, width);
        if lines.len() > most {
            lines.truncate(most);
            if let Some(last) = lines.last_mut() {
                last.pop();
                last.push('…');
            }
        }
        let mut top = y;
        for line in &lines {
            self.text(x, look.size.mul_add(BASELINE, top), look, line);
            top += look.size * 1.3;
        }
        top
    }

    /// A box: fill and edge, with the edge's width.
    pub fn rect(&mut self, [x, y, width, height]: [f64; 4], fill: &str, edge: &str, line: f64) {
        self.out += &format!(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{fill}\" stroke=\"{edge}\" stroke-width=\"{}\"/>\n",
            short(x),
            short(y),
            short(width),
            short(height),
            short(line)
        );
    }

    /// A straight line.
    pub fn line(&mut self, from: (f64, f64), to: (f64, f64), color: &str, width: f64) {
        self.out += &format!(
            "<path d=\"M{} {}L{} {}\" stroke=\"{color}\" stroke-width=\"{}\" fill=\"none\"/>\n",
            short(from.0),
            short(from.1),
            short(to.0),
            short(to.1),
            short(width)
        );
    }
}

/// A sheet as a file: so many millimetres, with what stands in `<defs>`.
pub fn document(
    width: f64,
    height: f64,
    fonts: &Fonts,
    definitions: &str,
    content: &str,
) -> String {
    let (width, height) = (short(width), short(height));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}mm\" height=\"{height}mm\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"{}\">\n<defs>{definitions}</defs>\n<rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n{content}</svg>\n",
        escaped(&fonts.family)
    )
}
