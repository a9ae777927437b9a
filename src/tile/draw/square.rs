//! Where the classes of a cell are drawn: strips of a square in the middle of the cell that is as large as their land.

/// A box in tile units: west, north, east, south.
pub type Strip = [i32; 4];

/// Nothing is drawn narrower: a pixel of a tile that is 512 of them wide.
const PIXEL: i32 = 8;

/// A strip for each of `areas` (square tile units), side by side from west to east, within the cell. They do not overlap; they
/// are to scale as long as they fit and none is narrower than a pixel.
pub fn strips(cell: Strip, areas: &[f64]) -> Vec<Strip> {
    let [west, north, east, south] = cell;
    let (width, height) = ((east - west).max(1), (south - north).max(1));
    // More classes than a cell has units: they go into several rows.
    let per_row = usize::try_from(width).unwrap_or(1);
    if areas.len() > per_row {
        let rows = i32::try_from(areas.len().div_ceil(per_row)).unwrap_or(1);
        let chunks = areas.chunks(per_row).zip(0..);
        let of_row = |(areas, row): (&[f64], i32)| {
            let top = north + height * row / rows;
            let bottom = (north + height * (row + 1) / rows).max(top + 1);
            strips([west, top, east, bottom], areas)
        };
        return chunks.flat_map(of_row).collect();
    }
    let count = i32::try_from(areas.len()).unwrap_or(width).max(1);
    let least = PIXEL.min(width / count).max(1);
    let total: f64 = areas.iter().sum();
    let side = total.max(0.0).sqrt();
    let wide = rounded(side).clamp(least * count, width);
    let high = rounded(total / f64::from(wide)).clamp(PIXEL.min(height), height);
    let left = west + (width - wide) / 2;
    let top = north + (height - high) / 2;
    let mut at = left;
    let of_width = |it: i32| {
        let strip = [at, top, at + it, top + high];
        at += it;
        strip
    };
    widths(areas, wide, least).into_iter().map(of_width).collect()
}

/// Shares of `wide` by area, each at least `least`, by largest remainder: they sum up to it.
fn widths(areas: &[f64], wide: i32, least: i32) -> Vec<i32> {
    let mut fixed = vec![false; areas.len()];
    // What is too narrow gets its least, which leaves less for the others, of which some may be too narrow then.
    let (rest, total) = loop {
        let free = || areas.iter().zip(&fixed).filter(|it| !it.1);
        let total: f64 = free().map(|it| it.0).sum();
        let count = i32::try_from(fixed.iter().filter(|it| **it).count()).unwrap_or(0);
        let rest = wide - count * least;
        let narrow = |area: f64| total <= 0.0 || area / total * f64::from(rest) < f64::from(least);
        let next = areas.iter().zip(&fixed).position(|(area, fixed)| !fixed && narrow(*area));
        match next {
            Some(it) if free().count() > 1 => fixed[it] = true,
            _ => break (rest, total),
        }
    };
    let mut widths = Vec::with_capacity(areas.len());
    let mut remainders = Vec::new();
    for (at, (area, fixed)) in areas.iter().zip(&fixed).enumerate() {
        if *fixed {
            widths.push(least);
            continue;
        }
        let exact = if total > 0.0 { area / total * f64::from(rest) } else { f64::from(rest) };
        widths.push(rounded(exact.floor()));
        remainders.push((exact - exact.floor(), at));
    }
    remainders.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let missing = usize::try_from(wide - widths.iter().sum::<i32>()).unwrap_or(0);
    for (_, at) in remainders.iter().cycle().take(missing) {
        widths[*at] += 1;
    }
    widths
}

#[expect(clippy::cast_possible_truncation, reason = "saturates, and is clamped")]
fn rounded(it: f64) -> i32 {
    it.round() as i32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_square_is_as_large_as_its_land() {
        let cell = [64, 128, 128, 192];
        assert_eq!(strips(cell, &[400.0]), [[86, 150, 106, 170]]);
        let halves = strips(cell, &[200.0, 200.0]);
        assert_eq!(halves, [[86, 150, 96, 170], [96, 150, 106, 170]]);
        // Nothing vanishes, and nothing goes beyond its cell.
        assert_eq!(strips(cell, &[0.001]), [[92, 156, 100, 164]]);
        assert_eq!(strips(cell, &[1e9]), [cell]);
    }

    proptest! {
        #[test]
        fn strips_lie_side_by_side_in_their_cell(areas in prop::collection::vec(0.0..3000.0_f64, 1..140), cell in 1..65_i32) {
            let bounds = [100, -200, 100 + cell, -200 + cell];
            let strips = strips(bounds, &areas);
            prop_assert_eq!(strips.len(), areas.len());
            let fits = areas.len() <= usize::try_from(cell * cell).unwrap();
            for (nth, it) in strips.iter().enumerate() {
                prop_assert!(it[0] < it[2] && it[1] < it[3], "{:?}", it);
                prop_assert!(!fits || it[0] >= bounds[0] && it[1] >= bounds[1] && it[2] <= bounds[2] && it[3] <= bounds[3], "{:?}", it);
                for other in &strips[..nth] {
                    let apart = it[0] >= other[2] || other[0] >= it[2] || it[1] >= other[3] || other[1] >= it[3];
                    prop_assert!(!fits || apart, "{:?} {:?}", it, other);
                }
            }
        }
    }
}
