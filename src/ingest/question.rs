//! What only a person can answer: which layer of a data set, which coordinate system. A typed error, so that a page can ask it
//! and a command can say which option answers it.

use std::error::Error;
use std::fmt;
use std::fmt::Display;
use std::fmt::Formatter;

/// An option of an import that has to be given. It stands in the `anyhow` chain of the error; `Question::of` finds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The member of [`super::Options`] that answers: `layer_name`, `source_crs`, `swap_axes`, `mapping` (whose choices are
    /// the file's columns).
    pub parameter: &'static str,
    /// Answers that would be understood, the likeliest first. Others may be given where the list is not complete.
    pub choices: Vec<String>,
    /// What is asked and why, in both languages, naming the option of the command line.
    pub message: String,
}

impl Question {
    /// The question in an error's chain, if that is why the import stopped.
    pub fn of(error: &anyhow::Error) -> Option<&Self> {
        error.chain().find_map(|it| it.downcast_ref())
    }
}

impl Display for Question {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for Question {}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    #[test]
    fn a_question_is_found_below_what_was_said_about_it() {
        let question = Question {
            parameter: "layer_name",
            choices: vec!["a".to_owned()],
            message: "which?".to_owned(),
        };
        let error = Err::<(), _>(question.clone()).context("in a.gpkg").unwrap_err();
        assert_eq!(Question::of(&error), Some(&question));
        assert_eq!(format!("{error:#}"), "in a.gpkg: which?");
        assert_eq!(Question::of(&anyhow::anyhow!("no")), None);
    }
}
