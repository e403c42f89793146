use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};

use tempfile::TempDir;

use super::*;

fn tree() -> (TempDir, OutputTree) {
    let directory = TempDir::new().unwrap();
    let tree = OutputTree::new(directory.path()).unwrap();
    (directory, tree)
}

fn names(directory: &Path) -> Vec<String> {
    let names = fs::read_dir(directory).unwrap();
    let mut names: Vec<_> = names
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_new_file_is_there_whole_once_it_is_committed() {
    let (directory, mut tree) = tree();
    let path = Path::new("a/b/new.md");
    let staged = tree.stage_new(path, b"text").unwrap();
    assert!(!directory.path().join(path).exists());
    tree.commit(&staged).unwrap();
    assert_eq!(fs::read(directory.path().join(path)).unwrap(), b"text");
    assert_eq!(names(&directory.path().join("a/b")), ["new.md"]);
}

#[test]
fn a_discarded_file_leaves_nothing_behind() {
    let (directory, mut tree) = tree();
    let staged = tree.stage_new(Path::new("a/b/new.md"), b"text").unwrap();
    tree.discard([staged]);
    assert_eq!(names(directory.path()), [] as [&str; 0]);
}

#[test]
fn a_replacement_keeps_the_permissions() {
    let (directory, mut tree) = tree();
    let file = directory.path().join("a.md");
    fs::write(&file, "old").unwrap();
    fs::set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
    let staged = tree.stage_replacement(Path::new("a.md"), b"new", |_| true);
    let staged = staged.unwrap();
    tree.verify(&staged, |metadata| metadata.len() == 3)
        .unwrap();
    tree.commit(&staged).unwrap();
    assert_eq!(fs::read(&file).unwrap(), b"new");
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(names(directory.path()), ["a.md"]);
}

#[test]
fn what_is_there_is_never_written_over_by_a_new_file() {
    let (directory, mut tree) = tree();
    let file = directory.path().join("a.md");
    let staged = tree.stage_new(Path::new("a.md"), b"new").unwrap();
    fs::write(&file, "theirs").unwrap();
    let error = tree.commit(&staged).unwrap_err();
    assert!(matches!(error, OutputError::Occupied { .. }), "{error:?}");
    let error = tree.stage_new(Path::new("a.md"), b"new").unwrap_err();
    assert!(matches!(error, OutputError::Occupied { .. }), "{error:?}");
    tree.discard([staged]);
    assert_eq!(fs::read(&file).unwrap(), b"theirs");
    assert_eq!(names(directory.path()), ["a.md"]);
}

#[test]
fn links_are_refused_as_any_part() {
    let (directory, mut tree) = tree();
    let elsewhere = TempDir::new().unwrap();
    fs::write(elsewhere.path().join("a.md"), "theirs").unwrap();
    symlink(elsewhere.path(), directory.path().join("linked")).unwrap();
    symlink("nowhere", directory.path().join("dangling.md")).unwrap();
    symlink(elsewhere.path().join("a.md"), directory.path().join("a.md")).unwrap();
    for path in ["linked/new.md", "linked/below/new.md"] {
        let error = tree.stage_new(Path::new(path), b"x").unwrap_err();
        assert!(matches!(error, OutputError::Link { .. }), "{error:?}");
    }
    let error = tree.stage_new(Path::new("dangling.md"), b"x").unwrap_err();
    assert!(matches!(error, OutputError::Occupied { .. }), "{error:?}");
    let error = tree.stage_replacement(Path::new("a.md"), b"x", |_| true);
    let error = error.unwrap_err();
    assert!(matches!(error, OutputError::Link { .. }), "{error:?}");
    assert_eq!(names(elsewhere.path()), ["a.md"]);
}

#[test]
fn a_path_out_of_the_tree_is_refused() {
    let (directory, mut tree) = tree();
    fs::create_dir(directory.path().join("in")).unwrap();
    for path in ["../x.md", "in/../../x.md", "/tmp/x.md", ".."] {
        assert!(tree.stage(Path::new(path), b"x", None).is_err(), "{path}");
    }
}

#[test]
fn a_file_that_changed_is_not_replaced() {
    let (directory, mut tree) = tree();
    fs::write(directory.path().join("a.md"), "old").unwrap();
    let error = tree.stage_replacement(Path::new("a.md"), b"x", |_| false);
    assert!(matches!(error, Err(OutputError::Changed { .. })));
    let error = tree.stage_replacement(Path::new("b.md"), b"x", |_| true);
    assert!(matches!(error, Err(OutputError::Changed { .. })));
    assert_eq!(names(directory.path()), ["a.md"]);
}
