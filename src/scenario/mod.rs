//! What if the thresholds were others: a rule set with some changes, asked about over what a run measured, without writing
//! anything. An answer is made from the run's columns in memory and is of the rows that its reader may see the figures of:
//! of the own units, where an officer has some. What is stored of a scenario is what was changed, never what came out, so
//! that nobody reads in a saved one what their own question would not tell.
//!
//! Adoption writes a rule set with dates of its own, which later runs apply.

use crate::access::Role;
use crate::access::Scope;
use crate::error::Error;
use crate::error::Result;

mod adopt;
mod answer;
mod changes;
mod compare;
mod low;
mod preview;
mod question;
pub mod queries;
pub mod routes;
mod ruleset;
mod saved;
mod tally;

pub use adopt::Adopted;
pub use adopt::Adoption;
pub use answer::Distance;
pub use answer::Figures;
pub use answer::Flip;
pub use answer::Group;
pub use answer::Preview;
pub use answer::Rows;
pub use answer::RuleCount;
pub use answer::Verdicts;
pub use changes::LayerMoved;
pub use changes::RunChanges;
pub use compare::Compared;
pub use compare::Comparison;
pub use low::Thresholds;
pub use low::low;
pub use low::low_of;
pub use preview::preview;
pub use question::Question;
pub use question::Target;
pub use ruleset::RuleSets;
pub use saved::NewScenario;
pub use saved::Scenario;
pub use saved::Scenarios;
pub use tally::Tally;
pub use tally::tally;

/// Ids of one kind of change that an answer has at most.
pub const IDS_AT_MOST: usize = 10_000;

/// Whoever asks about thresholds can find a figure by halving, so it takes the role that reads the figures themselves.
fn officer(scope: &Scope) -> Result<()> {
    if scope.may(Role::Officer) {
        return Ok(());
    }
    if scope.account.is_none() {
        return Err(Error::SignIn(
            "推演由涉税数据得出，不公开 / what-if answers rest on confidential tax",
        ));
    }
    Err(Error::Forbidden("推演 / what-if".to_owned()))
}

#[cfg(test)]
mod tests;
