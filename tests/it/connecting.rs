//! Getting a connection: what is asked for, and what becomes of it.

mod strings;
mod surroundings;
