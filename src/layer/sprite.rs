//! The patterns of legends as a sprite: small pictures that a style lays over the colour of an area, so that no class is
//! told by colour alone, in maps of other programs too. The web map draws the same shapes by itself.

use std::io::Write;

use flate2::Compression;
use flate2::Crc;
use flate2::write::ZlibEncoder;
use serde_json::Value;
use serde_json::json;

use super::Pattern;

/// Patterns that are pictures; an outline is a line.
pub const PICTURES: [Pattern; 3] = [Pattern::Hatch, Pattern::Cross, Pattern::Dots];

/// A picture's side in pixels of the style.
const SIDE: usize = 8;
/// The shapes are given on a grid of twice as many steps.
const STEPS: f64 = 16.0;
/// Half the width of a stroke, and the radius of a dot, in steps.
const STROKE: f64 = 1.0;
const DOT: f64 = 1.7;
/// White that lets some of the colour below through.
const ALPHA: f64 = 0.75;
/// A pixel is looked at in so many places in each direction.
const LOOKS: usize = 8;

/// The name of a pattern's picture in the sprite.
pub const fn picture(pattern: Pattern) -> Option<&'static str> {
    match pattern {
        Pattern::Hatch => Some("hatch"),
        Pattern::Cross => Some("cross"),
        Pattern::Dots => Some("dots"),
        Pattern::Outline => None,
    }
}

/// Where each picture stands in the image for screens of that many pixels for one of the style's.
pub fn index(ratio: usize) -> Value {
    let side = SIDE * ratio;
    let places = PICTURES.iter().enumerate().filter_map(|(nth, it)| {
        let place =
            json!({"x": nth * side, "y": 0, "width": side, "height": side, "pixelRatio": ratio});
        Some((picture(*it)?.to_owned(), place))
    });
    Value::Object(places.collect())
}

/// The image, as PNG.
pub fn image(ratio: usize) -> std::io::Result<Vec<u8>> {
    let side = SIDE * ratio;
    let mut rows = Vec::new();
    for y in 0..side {
        // No filter.
        rows.push(0);
        for pattern in PICTURES {
            for x in 0..side {
                rows.extend_from_slice(&[255, 255, 255, alpha(pattern, x, y, side)]);
            }
        }
    }
    png(side * PICTURES.len(), side, &rows)
}

/// How much of a pixel the pattern covers.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "small numbers, the result between 0 and 191"
)]
fn alpha(pattern: Pattern, x: usize, y: usize, side: usize) -> u8 {
    let place = |pixel: usize, look: usize| {
        (pixel as f64 + (look as f64 + 0.5) / LOOKS as f64) * STEPS / side as f64
    };
    let hits = (0..LOOKS * LOOKS)
        .filter(|it| is_in(pattern, place(x, it % LOOKS), place(y, it / LOOKS)))
        .count();
    (hits as f64 / (LOOKS * LOOKS) as f64 * ALPHA * 255.0).round() as u8
}

/// Whether a place of the grid is drawn. Pictures stand side by side, so what leaves one enters the next.
fn is_in(pattern: Pattern, x: f64, y: f64) -> bool {
    let near = |it: f64| {
        let it = it.rem_euclid(STEPS);
        it.min(STEPS - it) <= STROKE * std::f64::consts::SQRT_2
    };
    match pattern {
        Pattern::Hatch => near(x + y),
        Pattern::Cross => near(x + y) || near(x - y),
        Pattern::Dots => {
            [4.0, 12.0].iter().any(|it| (x - it).powi(2) + (y - it).powi(2) <= DOT * DOT)
        }
        Pattern::Outline => false,
    }
}

/// A PNG (ISO/IEC 15948) of rows of RGBA, eight bits each, every row after its filter's number.
fn png(width: usize, height: usize, rows: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::best());
    zlib.write_all(rows)?;
    let mut head = Vec::new();
    for side in [width, height] {
        head.extend_from_slice(&u32::try_from(side).unwrap_or_default().to_be_bytes());
    }
    // Eight bits, RGBA, the one compression, the one set of filters, not interlaced.
    head.extend_from_slice(&[8, 6, 0, 0, 0]);
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, data) in [(b"IHDR", head), (b"IDAT", zlib.finish()?), (b"IEND", Vec::new())] {
        file.extend_from_slice(&u32::try_from(data.len()).unwrap_or_default().to_be_bytes());
        let mut crc = Crc::new();
        crc.update(name);
        crc.update(&data);
        file.extend_from_slice(name);
        file.extend_from_slice(&data);
        file.extend_from_slice(&crc.sum().to_be_bytes());
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_repeat_without_a_seam_and_differ() {
        for (side, area) in [(8, 64), (16, 256)] {
            let covered = |it: Pattern| {
                let all =
                    (0..side * side).map(|at| u32::from(alpha(it, at % side, at / side, side)));
                all.sum::<u32>() / area
            };
            let [hatch, cross, dots] = PICTURES.map(covered);
            // 2.83 steps of 16, twice that less the crossings, two dots of 9 square steps of 256.
            assert!((30..=36).contains(&hatch), "{hatch}");
            assert!((54..=66).contains(&cross) && (11..=15).contains(&dots), "{cross} {dots}");
            for at in 0..side {
                let mirrored = alpha(Pattern::Hatch, at, 0, side);
                assert_eq!(mirrored, alpha(Pattern::Hatch, 0, at, side));
            }
        }
    }

    #[test]
    fn the_index_names_every_picture_within_the_image() {
        for ratio in [1, 2] {
            let image = image(ratio).unwrap();
            let number = |at: usize| u32::from_be_bytes(image[at..at + 4].try_into().unwrap());
            assert_eq!(&image[..8], b"\x89PNG\r\n\x1a\n");
            let (width, height) = (number(16), number(20));
            assert_eq!((width as usize, height as usize), (24 * ratio, 8 * ratio));
            let index = index(ratio);
            assert_eq!(index.as_object().unwrap().len(), 3);
            for it in index.as_object().unwrap().values() {
                let right = it["x"].as_u64().unwrap() + it["width"].as_u64().unwrap();
                assert!(right <= u64::from(width) && it["height"] == height, "{it}");
            }
        }
    }
}
