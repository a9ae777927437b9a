//! What breaks off.
