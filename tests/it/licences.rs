//! The licences of what is linked into the program.
//!
//! `BLOGCTL_WRITE_LICENCES=1 cargo test --test it licences` writes the file again, from the
//! sources of the crates. The test itself needs nothing but the lock file.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

const FILE: &str = "THIRD-PARTY-LICENSES";

/// Begins the list of the crates that are in the lock file and not linked.
const NOT_LINKED: &str = "Used to build or to test only, and not linked:";

const SQLITE: &str = "\
SQLite is linked as well (built from the source in libsqlite3-sys). Its authors have dedicated
it to the public domain: https://www.sqlite.org/copyright.html";

const MIT: &str = "\
Permission is hereby granted, free of charge, to any person obtaining a copy of this software
and associated documentation files (the \"Software\"), to deal in the Software without
restriction, including without limitation the rights to use, copy, modify, merge, publish,
distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the
Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or
substantial portions of the Software.

THE SOFTWARE IS PROVIDED \"AS IS\", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING
BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM,
DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.";

type Names = BTreeSet<String>;

#[test]
fn the_file_names_all_that_is_in_the_lock_file() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("BLOGCTL_WRITE_LICENCES").is_some() {
        fs::write(root.join(FILE), made(root)).unwrap();
    }
    let text = fs::read_to_string(root.join(FILE)).unwrap();
    let (linked, others) = text.split_once(NOT_LINKED).unwrap();
    let entries = |text: &str| -> Names {
        let lines = text.lines().filter_map(|line| line.strip_prefix("- "));
        lines
            .map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" "))
            .collect()
    };
    let (linked, others) = (entries(linked), entries(others));
    let listed: Names = linked.union(&others).cloned().collect();
    assert_eq!(
        listed,
        locked(root),
        "write it again: BLOGCTL_WRITE_LICENCES=1 cargo test --test it licences"
    );
    let begins = |name: &str| linked.iter().any(|entry| entry.starts_with(name));
    assert!(begins("openssl-src ") && begins("libsqlite3-sys ") && text.contains(SQLITE));
    assert!(begins("serde ") && !begins("proptest "));
}

/// Returns the crates in the lock file that come from elsewhere.
fn locked(root: &Path) -> Names {
    let lock = fs::read_to_string(root.join("Cargo.lock")).unwrap();
    let lock: toml::Table = lock.parse().unwrap();
    let packages = lock["package"].as_array().unwrap().iter();
    let from_elsewhere = packages.filter(|package| package.get("source").is_some());
    from_elsewhere
        .map(|package| {
            let part = |name: &str| package[name].as_str().unwrap();
            format!("{} {}", part("name"), part("version"))
        })
        .collect()
}

fn made(root: &Path) -> String {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--format-version", "1"])
        .current_dir(root)
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages: BTreeMap<&str, &Value> = list(&metadata["packages"])
        .map(|package| (text(&package["id"]), package))
        .collect();
    let linked = linked(&metadata, &packages);
    let mut groups: BTreeMap<String, Names> = BTreeMap::new();
    for id in &linked {
        let package = packages[id];
        let entry = format!("{} ({})", name(package), text(&package["license"]));
        groups.entry(licence(package)).or_default().insert(entry);
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(_, names)| names.first().cloned());
    let mut file = format!(
        "blogctl is linked with the crates below. Each list is followed by the licence of the \
         crates in it.\n\n{SQLITE}\n"
    );
    for (licence, names) in groups {
        let line = "-".repeat(80);
        write!(file, "\n{line}\n\n").unwrap();
        for name in names {
            writeln!(file, "- {name}").unwrap();
        }
        write!(file, "\n{licence}\n").unwrap();
    }
    let line = "-".repeat(80);
    write!(file, "\n{line}\n\n{NOT_LINKED}\n\n").unwrap();
    let names: Names = linked.iter().map(|id| name(packages[id])).collect();
    for other in locked(root).difference(&names) {
        writeln!(file, "- {other}").unwrap();
    }
    file
}

/// Returns the ids of all packages whose code ends up in the program on some platform: those
/// that are reached over ordinary dependencies, and the source of OpenSSL.
fn linked<'m>(metadata: &'m Value, packages: &BTreeMap<&str, &'m Value>) -> BTreeSet<&'m str> {
    let nodes: BTreeMap<&str, &Value> = list(&metadata["resolve"]["nodes"])
        .map(|node| (text(&node["id"]), node))
        .collect();
    let root = text(&metadata["resolve"]["root"]);
    let (mut found, mut open) = (BTreeSet::new(), vec![root]);
    while let Some(id) = open.pop() {
        for dependency in list(&nodes[id]["deps"]) {
            let package = text(&dependency["pkg"]);
            let mut kinds = list(&dependency["dep_kinds"]);
            let is_ordinary = kinds.any(|kind| kind["kind"].is_null());
            let is_source = packages[package]["name"] == "openssl-src";
            let is_macro = list(&packages[package]["targets"])
                .any(|target| list(&target["kind"]).any(|kind| kind == "proc-macro"));
            if (is_ordinary || is_source) && !is_macro && found.insert(package) {
                open.push(package);
            }
        }
    }
    // What builds OpenSSL is no part of it.
    found.retain(|id| packages[id]["name"] != "cc");
    found
}

/// Returns the text of a package's licence; of MIT, where that is one to choose.
fn licence(package: &Value) -> String {
    let directory = Path::new(text(&package["manifest_path"])).parent().unwrap();
    let expression = text(&package["license"]);
    let mut files = licence_files(directory);
    files.extend(licence_files(&directory.join("openssl")));
    let is_mit = |path: &PathBuf| upper(path).contains("MIT");
    if expression.contains("MIT") && !expression.contains("AND") && files.iter().any(is_mit) {
        files.retain(|path| is_mit(path) || upper(path).contains("NOTICE"));
    }
    let texts: Vec<String> = files
        .iter()
        .map(|path| String::from_utf8_lossy(&fs::read(path).unwrap()).replace('\r', ""))
        .map(|text| text.trim().to_owned())
        .collect();
    if texts.is_empty() {
        // Every crate without a file so far may be had under MIT.
        let crate_name = text(&package["name"]);
        assert!(expression.contains("MIT"), "{crate_name} has no licence");
        return format!("MIT License\n\nCopyright (c) the authors of {crate_name}\n\n{MIT}");
    }
    texts.join("\n\n")
}

fn licence_files(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(directory) else {
        return Vec::new();
    };
    let paths = entries.map(|entry| entry.unwrap().path());
    let is_licence = |path: &PathBuf| {
        let name = upper(path);
        let names = [
            "LICENSE",
            "LICENCE",
            "COPYING",
            "UNLICENSE",
            "NOTICE",
            "COPYRIGHT",
        ];
        path.is_file() && names.iter().any(|start| name.starts_with(start))
    };
    let mut files: Vec<PathBuf> = paths.filter(is_licence).collect();
    files.sort();
    files
}

fn upper(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().to_uppercase()
}

fn name(package: &Value) -> String {
    format!("{} {}", text(&package["name"]), text(&package["version"]))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}
