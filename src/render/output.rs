//! SVG as PNG and as PDF. Fonts are put into a PDF as far as it is written in them.

use anyhow::Context;
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

/// The picture as a PDF of one page; its pixels are 96 to the inch, so the page is as large as they say.
pub fn pdf(svg: &str, fonts: &Fonts) -> anyhow::Result<Vec<u8>> {
    let tree = tree(svg, fonts)?;
    #[expect(clippy::cast_possible_truncation, reason = "96")]
    let page = svg2pdf::PageOptions { dpi: DPI as f32 };
    let options =
        svg2pdf::ConversionOptions { compress: true, embed_text: true, ..Default::default() };
    svg2pdf::to_pdf(&tree, options, page).map_err(|it| anyhow::anyhow!("writing a PDF: {it}"))
}
