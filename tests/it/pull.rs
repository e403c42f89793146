//! `blogctl pull`: rows that others changed or made come to files, and nothing is lost on the
//! way.

mod edited;
mod locales;
mod made;
mod mapped;
mod refused;
mod round_trip;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::support::test_blog::TestBlog;

/// Returns every file of the content with its bytes.
fn contents(site: &TestBlog) -> BTreeMap<String, Vec<u8>> {
    fn add(directory: &Path, root: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
        for entry in fs::read_dir(directory).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                add(&path, root, files);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap();
                files.insert(name.to_owned(), fs::read(&path).unwrap());
            }
        }
    }
    let mut files = BTreeMap::new();
    add(
        &site.project.path("content"),
        &site.project.root(),
        &mut files,
    );
    files
}

/// A time as the store's column holds it.
fn time(site: &TestBlog, text: &str) -> String {
    let at: jiff::Timestamp = text.parse().unwrap();
    match site.is_postgres() {
        true => format!("'{text}'"),
        false => at.as_microsecond().to_string(),
    }
}

/// CR and LF as an expression of the store's SQL.
fn crlf(site: &TestBlog) -> &'static str {
    match site.is_postgres() {
        true => "chr(13) || chr(10)",
        false => "char(13, 10)",
    }
}

/// Two posts, written by hand and published.
fn published(site: &TestBlog) {
    site.project.write(
        "content/1.md",
        "---\r\n# ours\r\ntitle: 'One' # the title\r\nid: 1\r\ntags:\r\n  - b # why\r\n  - a\r\n\
         created_at: \"2025-11-28\"\r\nlayout: wide\r\n---\r\n\r\nOne  \r\n\r\ntwo\r\n",
    );
    site.project.post(2, "Two");
    site.sync(&[]);
}

/// Pulls, and finds nothing to pull.
#[track_caller]
fn pulls_nothing(site: &TestBlog) {
    let output = site.run(&["pull"]).expect_status(0);
    assert!(
        output.stdout.starts_with("nothing to pull"),
        "{}",
        output.stdout
    );
}

/// Pulls with some arguments, and is refused with these words.
#[track_caller]
fn refuses(site: &TestBlog, args: &[&str], words: &[&str]) {
    let output = site.run(&[&["pull"], args].concat()).expect_status(4);
    for words in words {
        assert!(output.stderr.contains(words), "{}", output.stderr);
    }
}
