//! Codes that the registers use: the unified social credit code, the parcel code and the real-estate unit number.
//!
//! Only their form is judged here. A code that fails is a warning on import, because firms still carry older ones.

pub mod parcel_code;
pub mod uscc;

pub use parcel_code::ParcelCode;
pub use parcel_code::UnitCode;
