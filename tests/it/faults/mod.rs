//! What becomes of a sync whose connection breaks.

mod relay;
mod support;
