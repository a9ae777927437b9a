//! How much of a parcel was disposed of and counted: never more than there is, and no ground twice. 亩, exact.

use rust_decimal::Decimal;

/// The land of one case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// The parcel.
    pub area_mu: Decimal,
    /// Reported as disposed of, in one part or several.
    pub disposed_mu: Decimal,
    /// Of that, accepted: what the targets have.
    pub counted_mu: Decimal,
}

/// A disposal that is larger than what remains, or no area at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error(
        "处置面积 {asked} 亩超过剩余面积 {remaining} 亩 / {asked} mu are more than the {remaining} that remain"
    )]
    OverRemainder { asked: Decimal, remaining: Decimal },
    #[error("处置面积应大于零 / a disposed area is more than zero")]
    Nothing,
}

/// Ground that a case shares with others, as the caller measured it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shared {
    /// Of this case's land, what lies in the union of the outlines of other cases that have counted.
    pub overlap_mu: Decimal,
    /// What those cases have counted, in sum.
    pub counted_mu: Decimal,
}

impl Shared {
    /// What cannot be counted again. Nobody says which part of a parcel a partial disposal was, so the worst is taken: that
    /// all of it lies in the overlap.
    pub fn deducted_mu(self) -> Decimal {
        self.overlap_mu.min(self.counted_mu).max(Decimal::ZERO)
    }
}

impl Account {
    /// 剩余面积: what later disposals may have.
    pub fn remaining_mu(&self) -> Decimal {
        self.area_mu - self.disposed_mu
    }

    /// The account after some of the land, or the rest of it, was disposed of.
    pub fn dispose(self, area_mu: Decimal) -> Result<Self, Refused> {
        if area_mu <= Decimal::ZERO {
            return Err(Refused::Nothing);
        }
        let remaining = self.remaining_mu();
        if area_mu > remaining {
            return Err(Refused::OverRemainder { asked: area_mu, remaining });
        }
        Ok(Self { disposed_mu: self.disposed_mu + area_mu, ..self })
    }

    /// The account after acceptance, and what it adds to the targets: everything disposed of that was not counted yet and
    /// that no other case has counted.
    pub fn accept(self, shared: Shared) -> (Self, Decimal) {
        let countable = self.area_mu - shared.deducted_mu();
        let counted_mu = self.disposed_mu.min(countable).max(self.counted_mu);
        (Self { counted_mu, ..self }, counted_mu - self.counted_mu)
    }

    /// The account after an acceptance was taken back, and what that adds to the targets: less than nothing. What was
    /// disposed of is to be accepted anew.
    pub fn take_back(self) -> (Self, Decimal) {
        (Self { counted_mu: Decimal::ZERO, ..self }, -self.counted_mu)
    }
}
