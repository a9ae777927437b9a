//! SVG as PNG and as PDF. Fonts are put into a PDF as far as it is written in them.

use std::collections::HashMap;

use anyhow::Context;
use pdf_writer::Content;
use pdf_writer::Finish;
use pdf_writer::Name;
use pdf_writer::Pdf;
use pdf_writer::Rect;
use pdf_writer::Ref;
use resvg::tiny_skia::Pixmap;
use resvg::tiny_skia::Transform;
use resvg::usvg;

use crate::font::Fonts;

use super::frame::DPI;

/// Pixels of one picture at most.
pub const MOST_PIXELS: u32 = 64_000_000;

fn tree(svg: &str, fonts: &Fonts) -> anyhow::Result<usvg::Tree> {
    let options = usvg::Options {
        dpi: 96.0,
        font_family: fonts.family.clone(),
        fontdb: fonts.db.clone(),
        // Nothing in a picture leads out of it.
        image_href_resolver: usvg::ImageHrefResolver {
            resolve_data: Box::new(|_, _, _| None),
            resolve_string: Box::new(|_, _| None),
        },
        ..usvg::Options::default()
    };
    usvg::Tree::from_str(svg, &options).context("reading our own SVG")
}

/// The picture in as many pixels as its SVG has, times `ratio`.
pub fn png(svg: &str, fonts: &Fonts, ratio: f32) -> anyhow::Result<Vec<u8>> {
    let tree = tree(svg, fonts)?;
    let size = tree.size().to_int_size().scale_by(ratio).context("the size of a picture")?;
    let pixels = size.width().checked_mul(size.height()).filter(|it| *it <= MOST_PIXELS);
    anyhow::ensure!(pixels.is_some(), "a picture of {} by {}", size.width(), size.height());
    let mut pixmap = Pixmap::new(size.width(), size.height()).context("the size of a picture")?;
    resvg::render(&tree, Transform::from_scale(ratio, ratio), &mut pixmap.as_mut());
    pixmap.encode_png().context("writing a PNG")
}

/// Many sheets as one PDF, written as they are added: of each page only what it draws is held.
pub struct Pages<'a> {
    fonts: &'a Fonts,
    pdf: Pdf,
    next: Ref,
    catalog: Ref,
    tree: Ref,
    added: Vec<Ref>,
}

impl<'a> Pages<'a> {
    pub fn new(fonts: &'a Fonts) -> Self {
        let mut next = Ref::new(1);
        let (catalog, tree) = (next.bump(), next.bump());
        Self { fonts, pdf: Pdf::new(), next, catalog, tree, added: Vec::new() }
    }

    /// Adds a page as large as the SVG says.
    pub fn add(&mut self, svg: &str) -> anyhow::Result<()> {
        let tree = tree(svg, self.fonts)?;
        let options =
            svg2pdf::ConversionOptions { compress: true, embed_text: true, ..Default::default() };
        let (chunk, drawing) = svg2pdf::to_chunk(&tree, options)
            .map_err(|it| anyhow::anyhow!("writing a page of a PDF: {it}"))?;
        let (page, content) = (self.next.bump(), self.next.bump());
        let mut renumbered = HashMap::new();
        let next = &mut self.next;
        let mut number = |old: Ref| *renumbered.entry(old).or_insert_with(|| next.bump());
        let drawing = number(drawing);
        self.pdf.extend(&chunk.renumber(number));
        #[expect(clippy::cast_possible_truncation, reason = "points in an inch by pixels in one")]
        let ratio = (72.0 / DPI) as f32;
        let (width, height) = (tree.size().width() * ratio, tree.size().height() * ratio);
        let mut drawn = Content::new();
        drawn.transform([width, 0.0, 0.0, height, 0.0, 0.0]).x_object(Name(b"S"));
        self.pdf.stream(content, &drawn.finish());
        let mut it = self.pdf.page(page);
        it.media_box(Rect::new(0.0, 0.0, width, height)).parent(self.tree).contents(content);
        it.resources().x_objects().pair(Name(b"S"), drawing);
        it.finish();
        self.added.push(page);
        Ok(())
    }

    /// The file.
    pub fn finish(mut self) -> Vec<u8> {
        self.pdf.catalog(self.catalog).pages(self.tree);
        let count = i32::try_from(self.added.len()).unwrap_or(i32::MAX);
        self.pdf.pages(self.tree).count(count).kids(self.added);
        self.pdf.finish()
    }
}

/// The picture as a PDF of one page; its pixels are 96 to the inch, so the page is as large as they say.
pub fn pdf(svg: &str, fonts: &Fonts) -> anyhow::Result<Vec<u8>> {
    let tree = tree(svg, fonts)?;
    #[expect(clippy::cast_possible_truncation, reason = "96")]
    let page = svg2pdf::PageOptions { dpi: DPI as f32 };
    let options =
        svg2pdf::ConversionOptions { compress: true, embed_text: true, ..Default::default() };
    svg2pdf::to_pdf(&tree, options, page).map_err(|it| anyhow::anyhow!("writing a PDF: {it}"))
}
