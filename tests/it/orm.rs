//! Databases that an ORM made, with the ORM's own application on them.
//!
//! These tests need Node; `./test` leaves them out, and says so, where there is none.

mod adopted;
mod drizzle;
mod prisma;

use serde_json::{Value, json};

/// Posts as an application makes them: two tags, one tag, none.
fn three_posts() -> [Value; 3] {
    [
        json!({
            "title": "One", "content": "# One\n\nThe first.\n", "wordCount": 4,
            "category": "GUIDE", "tags": ["b", "a"],
        }),
        json!({
            "title": "Two", "content": "# Two\n", "wordCount": 2, "description": "The second",
            "image": "/two.png", "tags": ["a"],
        }),
        json!({ "title": "Three", "content": "# 셋\n", "wordCount": 2, "category": "NOTE" }),
    ]
}
