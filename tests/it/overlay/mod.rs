//! The overlay engine beside PROJ and PostGIS, on made-up, nasty and real shapes.

mod agreement;
mod kept;
mod plane;
mod reference;
