//! The rows of a page of features: those that a box meets, or all, from a row on, by id.

use super::View;
use super::ViewPart;
use super::meets::Frame;
use super::meets::Meets;
use crate::coverage::At;
use crate::coverage::Bounds;

/// Rows that a box may hold; the database counts more than these as fast.
const MOST: usize = 10_000;
/// Steps of the map that a box is looked for beyond its edges: what is lost in rounding, and to spare.
const MARGIN: u32 = 2;

/// Rows of a view, found for a page.
#[derive(Debug)]
pub struct RowsOfPage<'a> {
    pub parts: Vec<ViewPart<'a>>,
    /// Part and row, by rising id.
    pub rows: Vec<RowOfPage>,
    /// Whether others follow.
    pub more: bool,
    /// How many there are, whatever the page.
    pub matched: usize,
}

/// Where a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowOfPage {
    pub id: i64,
    /// Among the parts of the view.
    pub part: usize,
    pub row: usize,
}

impl<'a> View<'a> {
    /// The first `limit` rows behind the id `after` that meet the box (west, south, east, north in degrees, west not beyond
    /// east), or any without one. `None` where memory cannot tell what the record would, or would need longer to.
    pub fn page(
        &self,
        bbox: Option<[f64; 4]>,
        after: Option<i64>,
        limit: usize,
    ) -> Option<RowsOfPage<'a>> {
        let parts: Vec<ViewPart<'a>> = self.parts().collect();
        if self.is_limited() || parts.iter().any(|it| it.part.digits().is_none()) {
            return None;
        }
        let (mut rows, more, matched) = if let Some(edges) = bbox {
            let mut found = self.meeting(&parts, edges)?;
            let matched = found.len();
            found.retain(|it| after.is_none_or(|after| it.id > after));
            let more = found.len() > limit;
            if more {
                found.select_nth_unstable(limit);
                found.truncate(limit);
            }
            (found, more, matched)
        } else {
            let behind = |(nth, it): (usize, &ViewPart<'_>)| first_of(nth, it, after, limit + 1);
            let mut found: Vec<RowOfPage> = parts.iter().enumerate().flat_map(behind).collect();
            found.sort_unstable();
            let more = found.len() > limit;
            found.truncate(limit);
            (found, more, self.snapshot.len())
        };
        rows.sort_unstable();
        Some(RowsOfPage { parts, rows, more, matched })
    }

    /// The rows that meet the box, in no order.
    fn meeting(&self, parts: &[ViewPart<'_>], edges: [f64; 4]) -> Option<Vec<RowOfPage>> {
        let [west, south, east, north] = edges;
        // Of the map y goes down.
        let [min, max] = [At::from_degrees(west, north), At::from_degrees(east, south)];
        let bounds = Bounds {
            min: At { x: min.x.saturating_sub(MARGIN), y: min.y.saturating_sub(MARGIN) },
            max: At { x: max.x.saturating_add(MARGIN), y: max.y.saturating_add(MARGIN) },
        };
        if self.snapshot.touching_at_most(&bounds, MOST) == MOST {
            return None;
        }
        let frame = Frame::of(edges);
        let (mut rows, mut is_sure) = (Vec::new(), true);
        for (nth, it) in parts.iter().enumerate() {
            let digits = it.part.digits()?;
            it.part.touching(&bounds, |row| {
                if it.shows(row) {
                    match frame.meets(digits, row) {
                        Meets::Yes => {
                            rows.push(RowOfPage { id: it.part.ids()[row], part: nth, row });
                        }
                        Meets::No => {}
                        Meets::Unsure => is_sure = false,
                    }
                }
            });
        }
        is_sure.then_some(rows)
    }
}

/// The first `count` rows of a part behind the id `after`, by rising id.
fn first_of(nth: usize, it: &ViewPart<'_>, after: Option<i64>, count: usize) -> Vec<RowOfPage> {
    let (ids, by_id) = (it.part.ids(), it.part.by_id());
    let from = by_id.partition_point(|row| after.is_some_and(|after| ids[*row as usize] <= after));
    let rows = by_id[from..].iter().map(|row| *row as usize).filter(|row| it.shows(*row));
    rows.take(count).map(|row| RowOfPage { id: ids[row], part: nth, row }).collect()
}
