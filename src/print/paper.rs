//! Sizes of paper, and how a sheet is divided. All lengths are millimetres.

/// A sheet of ISO 216.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Paper {
    pub width: f64,
    pub height: f64,
}

/// Names with the short and the long side.
const SIZES: [(&str, f64, f64); 5] = [
    ("A4", 210.0, 297.0),
    ("A3", 297.0, 420.0),
    ("A2", 420.0, 594.0),
    ("A1", 594.0, 841.0),
    ("A0", 841.0, 1189.0),
];

/// Where everything stands on a map's sheet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Layout {
    /// What texts and lines of an A4 are multiplied by.
    pub factor: f64,
    pub margin: f64,
    /// x, y, width, height.
    pub map: [f64; 4],
    pub column: [f64; 4],
    /// The line on which the title stands, and the one at the foot.
    pub title: f64,
    pub foot: f64,
}

impl Paper {
    /// The paper of that name, its long side across where it is landscape.
    pub fn find(name: &str, landscape: bool) -> Option<Self> {
        let (_, short, long) = SIZES.into_iter().find(|it| it.0.eq_ignore_ascii_case(name))?;
        let (width, height) = if landscape { (long, short) } else { (short, long) };
        Some(Self { width, height })
    }

    pub fn names() -> String {
        SIZES.map(|it| it.0).join(", ")
    }

    /// Divides a map's sheet: title above, map at the left, legend and what the map says of itself at the right, foot below.
    pub fn layout(self) -> Layout {
        let factor = (self.width.min(self.height) / 210.0).powf(0.7);
        let margin = 8.0 * factor;
        let (head, foot, column) = (13.0 * factor, 7.0 * factor, 50.0 * factor);
        let (top, tall) = (margin + head, self.height - margin * 2.0 - head - foot);
        let wide = self.width - margin * 2.0 - column;
        Layout {
            factor,
            margin,
            map: [margin, top, wide, tall],
            column: [margin + wide, top, column, tall],
            title: margin + head * 0.62,
            foot: self.height - margin - foot * 0.25,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_is_filled_and_nothing_overlaps() {
        for (name, ..) in SIZES {
            for landscape in [true, false] {
                let paper = Paper::find(name, landscape).unwrap();
                let it = paper.layout();
                let [x, y, width, height] = it.map;
                assert!((x + width - it.column[0]).abs() < 1e-9, "{name}");
                assert!(it.column[0] + it.column[2] <= paper.width - it.margin + 1e-9, "{name}");
                assert!(y > it.title && y + height < it.foot && it.foot < paper.height, "{name}");
                assert!(width > it.column[2] && height > 100.0, "{name}");
            }
        }
        assert_eq!(Paper::find("a4", true), Some(Paper { width: 297.0, height: 210.0 }));
        assert_eq!(Paper::find("A5", true), None);
    }
}
