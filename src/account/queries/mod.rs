//! SQL of accounts, sessions, tokens and links. All of it runs on the writing pool: the reader's role cannot see secrets.

mod account;
mod session;
mod token;

pub use account::*;
pub use session::*;
pub use token::*;
