//! Numbers in words.

/// Returns a number with its noun: `1 post`, `2 posts`.
pub fn number(n: usize, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{n} {noun}{plural}")
}
