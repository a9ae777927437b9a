//! How much of parcels polygons claim: areas of intersections in an equal-area plane, without ever making an intersection.
//!
//! [`EqualArea`] projects outlines; [`Overlay::build`] divides polygons into squares that hold few edges each, where what
//! overlaps is taken apart once; [`Overlay::claim`] adds up what lies under the edges of both (`edge`). `docs/overlay.md`
//! has the method and its accuracy. What the areas mean is `judgement`'s business, where outlines come from `evaluation`'s.

#![expect(
    clippy::float_cmp,
    reason = "a place is on the border of a square, or a number was left alone, to the last bit"
)]

use std::sync::Arc;

use rayon::prelude::*;

mod claim;
mod clip;
mod edge;
mod ewkb;
mod kept;
mod leaf;
mod outline;
mod plain;
mod plane;
mod tree;
mod unite;
#[cfg(test)]
mod tests;

pub use claim::Claims;
pub use claim::Part;
pub use claim::Scratch;
pub use ewkb::Reader;
pub use kept::Kept;
pub use kept::Key;
pub use kept::Rows;
pub use kept::Version;
pub use outline::Bounds;
pub use outline::Outline;
pub use outline::Place;
pub use plane::EqualArea;
pub use plane::LONGEST_EDGE;

use tree::Node;

/// How land counts that several polygons cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// Once: for the least class that covers it, however many polygons of that class do. The order of classes is that of
    /// precedence.
    Once,
    /// For each class that covers it: a class is then one feature, and what of it lies in a parcel does not depend on others.
    /// Two features of one class count twice where they overlap.
    Each,
}

/// A polygon that claims land.
#[derive(Clone, Debug)]
pub struct Feature {
    /// Whatever the caller numbers: classes in order of precedence, or features.
    pub class: u32,
    pub outline: Arc<Outline>,
}

/// Polygons, ready to be asked what they claim. Cheap to clone; never changes.
#[derive(Clone, Debug)]
pub struct Overlay {
    root: Node,
    count: Count,
}

impl Overlay {
    /// Polygons may overlap, touch or cross themselves. Those beyond 16,000 km from the centre claim nothing.
    pub fn build(features: &[Feature], count: Count) -> Self {
        Self { root: tree::grow(features, count, None), count }
    }

    /// The overlay of `features`, when nothing differs from the last ones but within `dirty`: the bounds of what was added,
    /// changed (as it was and as it is) or taken away. The same as built from the start, and much sooner.
    #[must_use]
    pub fn rebuilt(&self, features: &[Feature], dirty: &[Bounds]) -> Self {
        let kept = tree::Kept { node: &self.root, dirty };
        Self { root: tree::grow(features, self.count, Some(kept)), count: self.count }
    }

    /// What is claimed of every parcel, in the order of the parcels, on all cores. Outlines must be
    /// [repaired](Outline::repaired).
    pub fn claim(&self, parcels: &[Outline]) -> Claims {
        claim::all(&self.root, parcels.par_iter())
    }

    /// The same of parcels that lie wherever they lie.
    pub fn claim_of(&self, parcels: &[&Outline]) -> Claims {
        claim::all(&self.root, parcels.par_iter().copied())
    }

    /// What is claimed of one parcel, by class.
    pub fn claim_one(&self, parcel: &Outline) -> Vec<Part> {
        let mut parts = Vec::new();
        Scratch::default().claim(&self.root, parcel, &mut parts);
        parts
    }

    /// Memory that it takes.
    pub fn bytes(&self) -> usize {
        size_of::<Self>() + self.root.bytes()
    }
}

impl Node {
    fn bytes(&self) -> usize {
        match self {
            Self::Empty | Self::Full(_) => 0,
            Self::Leaf(it) => it.bytes(),
            Self::Branch(it) => size_of_val(&**it) + it.iter().map(Self::bytes).sum::<usize>(),
        }
    }
}
