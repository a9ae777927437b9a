//! Judgement: from facts to classes, measures, verdicts and scores, each with its evidence.
//!
//! Everything here is a function of its arguments: no database, clock or network. A missing figure is unknown, never zero.

pub mod assembly;
pub mod conformity;
pub mod disclosure;
pub mod enterprise;
pub mod measures;
pub mod overlay;
pub mod reduction;
pub mod rule;
pub mod score;
pub mod site;
pub mod workflow;
