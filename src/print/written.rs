//! Documents of words and tables on A4 pages: headings, paragraphs, tables whose headings stand on every page. The same
//! document can be written by others in another format, so that both say the same.

use crate::error::Result;
use crate::font::Fonts;
use crate::render::PATTERNS;
use crate::render::output;
use crate::render::output::Pages;
use crate::render::svg::short;

use super::pen;
use super::pen::Anchor;
use super::pen::Pen;
use super::pen::Type;

/// A document from its title to its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    pub title: String,
    /// Below the title: what it is of, and of which day.
    pub under: String,
    pub blocks: Vec<Block>,
    /// At the foot of every page.
    pub foot: String,
}

/// A part of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    Heading(String),
    Text(String),
    Table(Table),
    Figure(Figure),
}

/// A picture in the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figure {
    /// Drawn in millimetres from its upper left corner.
    pub svg: String,
    /// What stands in `<defs>`.
    pub definitions: String,
    /// Millimetres.
    pub width: u32,
    pub height: u32,
    /// The same in words, for whom does not see it.
    pub says: String,
}

impl Figure {
    /// The picture by itself, in so many pixels to the inch.
    pub fn png(&self, fonts: &Fonts, dpi: f32) -> anyhow::Result<Vec<u8>> {
        let (width, height) = (f64::from(self.width), f64::from(self.height));
        let definitions = format!("{PATTERNS}{}", self.definitions);
        let svg = pen::document(width, height, fonts, &definitions, &self.svg);
        output::png(&svg, fonts, dpi / 96.0)
    }
}

/// A table: the first row names the columns, and one that is `emphasised` is the sum.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Parts of the width; as many as cells of a row.
    pub widths: Vec<u32>,
    pub rows: Vec<Vec<String>>,
    /// Columns that hold figures, which stand at the right.
    pub figures: Vec<usize>,
    /// Whether the last row is the sum.
    pub has_sum: bool,
}

const WIDTH: f64 = 210.0;
const HEIGHT: f64 = 297.0;
const MARGIN: f64 = 20.0;
const TOP: f64 = 20.0;
const BOTTOM: f64 = 277.0;

/// A page in the making, and those that are done.
struct Setting<'a> {
    fonts: &'a Fonts,
    /// What is drawn on each, and what stands in its `<defs>`.
    pages: Vec<(String, String)>,
    pen: Pen<'a>,
    definitions: String,
    top: f64,
}

impl Setting<'_> {
    fn turn(&mut self) {
        let done = std::mem::replace(&mut self.pen, Pen::new(self.fonts));
        self.pages.push((done.out, std::mem::take(&mut self.definitions)));
        self.top = TOP;
    }

    /// Begins a page where so much does not fit any more.
    fn keep(&mut self, tall: f64) {
        if self.top + tall > BOTTOM && self.top > TOP {
            self.turn();
        }
    }

    fn lines(&mut self, text: &str, look: Type, indent: f64) {
        let room = WIDTH - MARGIN * 2.0 - indent;
        for line in self.fonts.lines(&self.fonts.written(text), look.size, room) {
            self.keep(look.size * 1.5);
            let base = self.top + look.size;
            self.pen.text(MARGIN + indent, base, look, &line);
            self.top += look.size * 1.55;
        }
    }

    fn figure(&mut self, it: &Figure) {
        self.keep(f64::from(it.height));
        self.pen.out +=
            &format!("<g transform=\"translate({MARGIN} {})\">{}</g>\n", short(self.top), it.svg);
        self.definitions += &it.definitions;
        self.top += f64::from(it.height) + 3.5;
    }

    fn table(&mut self, table: &Table) {
        let Some((head, rows)) = table.rows.split_first() else { return };
        let tall = self.tall(table, head);
        self.keep(tall * 3.0);
        self.row(table, head, true);
        for (nth, row) in rows.iter().enumerate() {
            if self.top + self.tall(table, row) > BOTTOM {
                self.turn();
                self.row(table, head, true);
            }
            self.row(table, row, table.has_sum && nth + 1 == rows.len());
        }
        self.top += 3.5;
    }

    fn cells(&self, table: &Table, row: &[String]) -> Vec<Vec<String>> {
        let all = f64::from(table.widths.iter().sum::<u32>().max(1));
        let room = WIDTH - MARGIN * 2.0;
        let of = |(cell, part): (&String, &u32)| {
            self.fonts.lines(&self.fonts.written(cell), SIZE, f64::from(*part) / all * room - 2.0)
        };
        row.iter().zip(&table.widths).map(of).collect()
    }

    fn tall(&self, table: &Table, row: &[String]) -> f64 {
        let lines = self.cells(table, row).iter().map(Vec::len).max().unwrap_or(1).max(1);
        #[expect(clippy::cast_precision_loss, reason = "a few lines")]
        let tall = lines as f64 * SIZE * 1.3 + 2.0;
        tall
    }

    fn row(&mut self, table: &Table, row: &[String], strong: bool) {
        let all = f64::from(table.widths.iter().sum::<u32>().max(1));
        let room = WIDTH - MARGIN * 2.0;
        let tall = self.tall(table, row);
        let fill = if strong { "#eef1f4" } else { "none" };
        self.pen.rect([MARGIN, self.top, room, tall], fill, "#8895a2", 0.15);
        let mut left = MARGIN;
        let look = if strong { Type::of(SIZE).bold() } else { Type::of(SIZE) };
        for (nth, (cell, part)) in self.cells(table, row).iter().zip(&table.widths).enumerate() {
            let wide = f64::from(*part) / all * room;
            self.pen.line((left, self.top), (left, self.top + tall), "#8895a2", 0.15);
            let is_figure = table.figures.contains(&nth);
            let (x, look) = if is_figure {
                (left + wide - 1.0, look.at(Anchor::End))
            } else {
                (left + 1.0, look)
            };
            let mut base = self.top + 1.0 + SIZE;
            for line in cell {
                self.pen.text(x, base, look, line);
                base += SIZE * 1.3;
            }
            left += wide;
        }
        self.top += tall;
    }
}

const SIZE: f64 = 3.1;

/// The document as PDF.
pub fn pdf(document: &Document, fonts: &Fonts) -> Result<Vec<u8>> {
    let mut it = Setting {
        fonts,
        pages: Vec::new(),
        pen: Pen::new(fonts),
        definitions: String::new(),
        top: TOP,
    };
    let room = WIDTH - MARGIN * 2.0;
    let is = fonts.width(&document.title, 7.0);
    let size = if is > room { 7.0 * room / is } else { 7.0 };
    let middle = Type::of(size).bold().at(Anchor::Middle);
    it.pen.text(WIDTH / 2.0, TOP + 8.0, middle, &document.title);
    let look = Type::of(3.4).grey().at(Anchor::Middle);
    it.pen.text(WIDTH / 2.0, TOP + 15.0, look, &document.under);
    it.top = TOP + 22.0;
    for (nth, block) in document.blocks.iter().enumerate() {
        match block {
            Block::Heading(text) => {
                // A heading stays with what it is of.
                let next = document.blocks.get(nth + 1);
                it.keep(match next {
                    Some(Block::Figure(figure)) => 10.0 + f64::from(figure.height),
                    _ => 24.0,
                });
                it.top += 2.0;
                it.lines(text, Type::of(4.4).bold(), 0.0);
                it.top += 1.0;
            }
            Block::Text(text) => {
                it.lines(text, Type::of(3.6), 0.0);
                it.top += 1.5;
            }
            Block::Table(table) => it.table(table),
            Block::Figure(figure) => it.figure(figure),
        }
    }
    it.turn();
    let mut file = Pages::new(fonts);
    let count = it.pages.len();
    for (nth, (content, definitions)) in it.pages.into_iter().enumerate() {
        let mut pen = Pen::new(fonts);
        let look = Type::of(2.6).grey();
        pen.line((MARGIN, 281.0), (WIDTH - MARGIN, 281.0), pen::GREY, 0.15);
        pen.text(MARGIN, 285.0, look, &document.foot);
        let page = format!("第 {} 页 共 {count} 页", nth + 1);
        pen.text(WIDTH - MARGIN, 285.0, look.at(Anchor::End), &page);
        let content = format!("{content}{}", pen.out);
        let definitions = format!("{PATTERNS}{definitions}");
        file.add(&pen::document(WIDTH, HEIGHT, fonts, &definitions, &content))?;
    }
    Ok(file.finish())
}
