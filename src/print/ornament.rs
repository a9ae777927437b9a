//! What a map says of itself without words: scale bar, north arrow, watermark.

use crate::render::Frame;
use crate::render::Plane;
use crate::render::svg::escaped;
use crate::render::svg::short;

use super::pen::Anchor;
use super::pen::Pen;
use super::pen::Type;

/// The length of a scale bar: metres on the ground, and what it is called.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    pub metres: f64,
    pub name: String,
    /// On paper.
    pub millimetres: f64,
}

impl Bar {
    /// The longest round length that fits into `most` millimetres at 1:`scale`.
    pub fn new(scale: f64, most: f64) -> Self {
        let room = most * scale / 1000.0;
        let power = 10_f64.powf(room.log10().floor());
        let times = [5.0, 2.0, 1.0].into_iter().find(|it| it * power <= room * (1.0 + 1e-9));
        let metres = times.unwrap_or(1.0) * power;
        let name = if metres >= 1000.0 {
            format!("{} km", short(metres / 1000.0))
        } else {
            format!("{} m", short(metres))
        };
        Self { metres, name, millimetres: metres * 1000.0 / scale }
    }

    /// Draws it from x on, its upper edge at y.
    pub fn draw(&self, pen: &mut Pen<'_>, x: f64, y: f64, factor: f64) {
        let (long, tall) = (self.millimetres, 1.6 * factor);
        pen.out += &format!(
            "<path d=\"M{x0} {y0}H{x4}V{y1}H{x0}Z\" fill=\"#000000\"/>\n<path d=\"M{x1} {yi}H{x2}V{yo}H{x1}ZM{x3} {yi}H{x5}V{yo}H{x3}Z\" fill=\"#ffffff\"/>\n",
            x0 = short(x),
            y0 = short(y),
            x4 = short(x + long),
            y1 = short(y + tall),
            x1 = short(x + long / 4.0),
            x2 = short(x + long / 2.0),
            x3 = short(x + long * 3.0 / 4.0),
            x5 = short(x + long - 0.15 * factor),
            yi = short(y + 0.25 * factor),
            yo = short(y + tall - 0.25 * factor),
        );
        let look = Type::of(2.4 * factor).at(Anchor::Middle);
        let below = y + tall + 2.8 * factor;
        pen.text(x, below, look, "0");
        pen.text(x + long, below, look, &self.name);
    }
}

/// By how many degrees the meridian in the middle of a frame leans to the left of its upright.
pub fn convergence(frame: &Frame) -> f64 {
    match frame.plane {
        Plane::Zone(zone) => {
            let (lon, lat) = frame.centre();
            (lon - zone.meridian) * lat.to_radians().sin()
        }
        _ => 0.0,
    }
}

/// An arrow to true north around the middle of its foot, so tall.
pub fn north(pen: &mut Pen<'_>, frame: &Frame, x: f64, y: f64, tall: f64) {
    let (half, head) = (tall * 0.18, tall * 0.72);
    pen.out += &format!(
        "<g transform=\"translate({} {}) rotate({})\"><path d=\"M0 -{h}L{w} 0L0 -{n}Z\" fill=\"#1f2933\"/><path d=\"M0 -{h}L-{w} 0L0 -{n}Z\" fill=\"#ffffff\" stroke=\"#1f2933\" stroke-width=\"0.15\"/></g>\n",
        short(x),
        short(y),
        short(-convergence(frame)),
        h = short(head),
        w = short(half),
        n = short(head * 0.28),
    );
    pen.text(x, y - head - tall * 0.05, Type::of(tall * 0.22).bold().at(Anchor::Middle), "北 N");
}

/// Says over the whole map for whom it was made, so that a copy tells where it came from.
pub fn watermark(pen: &mut Pen<'_>, [x, y, width, height]: [f64; 4], factor: f64, text: &str) {
    let text = escaped(&pen.fonts.written(text));
    let (across, down) = (75.0 * factor, 42.0 * factor);
    let mut row = 0;
    let mut top = y + down / 2.0;
    while top < y + height {
        let mut left = if row % 2 == 0 { across / 2.0 } else { across } + x;
        while left < x + width {
            pen.out += &format!(
                "<text transform=\"translate({} {}) rotate(-24)\" font-size=\"{}\" fill=\"#7d1213\" fill-opacity=\"0.16\" text-anchor=\"middle\">{text}</text>\n",
                short(left),
                short(top),
                short(4.2 * factor)
            );
            left += across;
        }
        top += down;
        row += 1;
    }
}

/// The scale of maps that is round and no larger than what is needed: the N of 1:N.
pub fn round_scale(least: f64) -> f64 {
    let power = 10_f64.powf(least.max(1.0).log10().floor());
    let times = [1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.5, 8.0, 10.0];
    times.into_iter().map(|it| it * power).find(|it| *it >= least * (1.0 - 1e-9)).unwrap_or(least)
}

/// A number with its thousands apart, as maps write scales.
pub fn grouped(it: f64) -> String {
    let digits = short(it.round());
    let mut out = String::new();
    for (nth, digit) in digits.chars().enumerate() {
        if nth > 0 && (digits.len() - nth).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_round_and_as_long_as_it_says() {
        for (scale, most, metres, name) in [
            (10_000.0, 44.0, 200.0, "200 m"),
            (2_000.0, 44.0, 50.0, "50 m"),
            (50_000.0, 44.0, 2_000.0, "2 km"),
            (25_000.0, 40.0, 1_000.0, "1 km"),
        ] {
            let bar = Bar::new(scale, most);
            assert_eq!((bar.metres, bar.name.as_str()), (metres, name), "{scale}");
            assert!((bar.millimetres - metres * 1000.0 / scale).abs() < 1e-9);
            assert!(bar.millimetres <= most + 1e-9);
        }
    }

    #[test]
    fn scales_are_round() {
        for (least, wanted) in [
            (9_700.0, 10_000.0),
            (10_000.0, 10_000.0),
            (10_100.0, 15_000.0),
            (61_000.0, 75_000.0),
            (500.0, 500.0),
        ] {
            assert!((round_scale(least) - wanted).abs() < 1e-6, "{least} {}", round_scale(least));
        }
        assert_eq!(grouped(1_250_000.0), "1 250 000");
        assert_eq!(grouped(500.0), "500");
    }

    #[test]
    fn the_arrow_leans_with_the_meridian() {
        let frame = Frame::at_scale(Plane::around(121.25), [121.25, 31.38], 10_000.0, 100.0, 100.0);
        assert!((convergence(&frame) - 1.25 * 31.38_f64.to_radians().sin()).abs() < 1e-6);
        assert!(convergence(&Frame { plane: Plane::Mercator, ..frame }).abs() < 1e-12);
    }
}
