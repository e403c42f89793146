//! Habits are those of most files.

use jiff::tz::TimeZone;

use super::document::Syntax;
use super::fields::KEYS;
use super::style::{Observations, Style};

fn style(files: &[&str]) -> Style {
    let mut observations = Observations::new(&TimeZone::UTC);
    files
        .iter()
        .for_each(|file| observations.add(file.as_bytes()));
    observations.style()
}

/// Returns keys in their order.
fn ordered<'k>(style: &Style, keys: &[&'k str]) -> Vec<&'k str> {
    let mut keys = keys.to_vec();
    keys.sort_by_key(|key| style.rank(key));
    keys
}

#[test]
fn without_files_the_order_is_that_of_the_documentation() {
    let mut keys = KEYS.to_vec();
    keys.reverse();
    assert_eq!(ordered(&style(&[]), &keys), KEYS);
}

#[test]
fn the_order_is_that_of_most_files() {
    let style = style(&[
        "---\ntitle: a\ndate: x\nid: 1\ntags: []\nlayout: x\n---\n",
        "---\ntitle: a\nid: 1\ntags: []\n---\n",
        "---\nid: 1\ntitle: a\ntags: []\nlayout: y\nrare: 1\n---\n",
        "no front matter",
        "---\n- no mapping\n---\n",
    ]);
    assert_eq!(
        ordered(
            &style,
            &[
                "layout",
                "description",
                "rare",
                "tags",
                "id",
                "title",
                "new"
            ]
        ),
        [
            "title",
            "description",
            "id",
            "tags",
            "layout",
            "rare",
            "new"
        ]
    );
}

#[test]
fn a_file_with_very_many_keys_is_looked_at_in_part() {
    let keys: String = (0..2000).map(|number| format!("k{number}: 1\n")).collect();
    let style = style(&[&format!("---\nid: 1\n{keys}---\n")]);
    assert_eq!(
        ordered(&style, &["k1500", "k7", "id"]),
        ["id", "k7", "k1500"]
    );
}

#[test]
fn the_syntax_is_that_of_most_files() {
    let yaml = "---\nid: 1\n---\n";
    let toml = "+++\nid = 1\n+++\n";
    assert_eq!(style(&[]).syntax, Syntax::Yaml);
    assert_eq!(style(&[yaml, toml]).syntax, Syntax::Yaml);
    assert_eq!(style(&[yaml, toml, toml]).syntax, Syntax::Toml);
}
