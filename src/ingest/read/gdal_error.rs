//! GDAL says what went wrong through a handler, not through results: a cut file simply ends early. One handler for the whole
//! process keeps what each thread is told, and readers ask for it.

use std::cell::RefCell;
use std::sync::Once;

use gdal::errors::CplErrType;

thread_local! {
    static SAID: RefCell<Vec<(Level, String)>> = const { RefCell::new(Vec::new()) };
}

/// How bad a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Warning,
    Failure,
}

/// Installs the handler; once is enough and every call after the first does nothing.
pub fn listen() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        gdal::config::set_error_handler(|kind, _, message| {
            let level = match kind {
                CplErrType::Failure | CplErrType::Fatal => Level::Failure,
                CplErrType::Warning => Level::Warning,
                CplErrType::None | CplErrType::Debug => return,
            };
            SAID.with_borrow_mut(|said| {
                // A broken file can complain about every row; the first messages tell the story.
                if said.len() < 50 {
                    said.push((level, message.to_owned()));
                }
            });
        });
    });
}

/// What GDAL said on this thread since the last time.
pub fn take() -> Vec<(Level, String)> {
    SAID.with_borrow_mut(std::mem::take)
}

/// The first failure since the last time, if there was one.
pub fn take_failure() -> Option<String> {
    if SAID.with_borrow(Vec::is_empty) {
        return None;
    }
    take().into_iter().find(|(level, _)| *level == Level::Failure).map(|(_, message)| message)
}

/// The last thing said, of any level: the reason GEOS gives for an invalid geometry is only a warning.
pub fn take_last() -> Option<String> {
    take().pop().map(|(_, message)| message)
}
