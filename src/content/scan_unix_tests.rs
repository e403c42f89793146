//! Scans of links, pipes, and names and permissions that Unix has.

use std::ffi::{CString, OsStr};
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use tempfile::TempDir;

#[cfg(target_os = "linux")]
use super::test_project::scan_as_anyone;
use super::test_project::{POST, Project, paths, problems};
use super::{ScanError, Scope, scan};
use crate::finding::Level;

#[test]
fn notices_a_file_replaced_by_one_of_the_same_size_and_time() {
    let project = Project::with(&["content/a.md"]);
    let path = project.path("content/a.md");
    let snapshot = project.scan("content");
    let modified = fs::metadata(&path).unwrap().modified().unwrap();
    project.write("new", POST);
    let new = fs::File::options()
        .append(true)
        .open(project.path("new"))
        .unwrap();
    new.set_modified(modified).unwrap();
    fs::rename(project.path("new"), path).unwrap();
    assert!(!project.unmoved(&snapshot));
}

#[test]
fn follows_links_to_files_and_directories() {
    let project = Project::with(&["content/a.md", "shared/s.md", "outside/deep/d.md"]);
    symlink(project.path("shared/s.md"), project.path("content/link.md")).unwrap();
    symlink("../outside", project.path("content/linked")).unwrap();
    symlink("content", project.path("alias")).unwrap();
    let found = ["a.md", "link.md", "linked/deep/d.md"];
    let below = |name: &str| found.map(|file| format!("{name}/{file}"));
    assert_eq!(paths(&project.scan("content")), below("content"));
    assert_eq!(paths(&project.scan("alias")), below("alias"));
}

#[test]
fn finds_the_root_under_another_name() {
    let project = Project::with(&["content/a.md"]);
    let elsewhere = TempDir::new().unwrap();
    let alias = elsewhere.path().join("project");
    symlink(project.directory.path(), &alias).unwrap();
    let snapshot = scan(&project.settings, &alias.join("content"), &|_| {}).unwrap();
    assert_eq!(paths(&snapshot), ["content/a.md"]);
    let file = scan(&project.settings, &alias.join("content/a.md"), &|_| {}).unwrap();
    assert_eq!(file.scope, Scope::new("content/a.md"));
}

#[test]
fn fails_for_a_loop_of_links_and_ends() {
    let project = Project::with(&["content/a/b/c.md"]);
    symlink("../..", project.path("content/a/b/up")).unwrap();
    symlink("self.md", project.path("content/self.md")).unwrap();
    let snapshot = project.scan("content");
    assert_eq!(paths(&snapshot), ["content/a/b/c.md"]);
    assert_eq!(
        problems(&snapshot),
        [
            ("symlink-loop", "content/a/b/up"),
            ("symlink-loop", "content/self.md")
        ]
    );
    assert!(
        snapshot.problems[0]
            .message
            .contains("back to content, which")
    );
    assert_eq!(snapshot.problems[0].level, Level::Error);
}

#[test]
fn never_takes_a_place_that_is_not_there_for_an_empty_directory() {
    let project = Project::with(&["posts/a/x.md", "posts/b/y.md"]);
    symlink("posts/a", project.path("link")).unwrap();
    // The system goes to posts/b; by its words the path is b, which is not there.
    let error = project.error(project.path("link/../b"));
    assert!(matches!(error, ScanError::NotFound { .. }), "{error}");
}

#[test]
fn fails_for_a_post_that_is_a_link_to_nowhere() {
    let project = Project::with(&["content/a.md"]);
    symlink("nowhere", project.path("content/gone.md")).unwrap();
    assert_eq!(
        problems(&project.scan("content")),
        [("broken-link", "content/gone.md")]
    );
    assert_eq!(
        problems(&project.scan("content/gone.md")),
        [("broken-link", "content/gone.md")]
    );
}

#[test]
fn passes_over_broken_links_that_are_no_posts() {
    let project = Project::with(&["content/a.md"]);
    // An editor's lock, a link without a post's name, and one that git ignores.
    symlink("user@host.1", project.path("content/.#a.md")).unwrap();
    symlink("nowhere", project.path("content/link")).unwrap();
    symlink("nowhere", project.path("content/ignored.md")).unwrap();
    project.write(".gitignore", "ignored.md\n");
    let snapshot = project.scan("content");
    assert_eq!(
        (paths(&snapshot), problems(&snapshot)),
        (vec!["content/a.md"], vec![])
    );
}

#[test]
fn fails_for_a_pipe_without_waiting_for_a_writer() {
    let project = Project::with(&["content/a.md"]);
    let path = CString::new(project.path("content/pipe.md").as_os_str().as_bytes()).unwrap();
    // SAFETY: the path is a valid C string for the length of the call.
    assert_eq!(unsafe { libc::mkfifo(path.as_ptr(), 0o600) }, 0);
    assert_eq!(
        problems(&project.scan("content")),
        [("not-a-file", "content/pipe.md")]
    );
}

#[cfg(target_os = "linux")]
#[test]
fn fails_for_names_that_are_not_utf8() {
    let project = Project::with(&["content/a.md"]);
    let bad = |name: &[u8]| project.path("content").join(OsStr::from_bytes(name));
    fs::write(bad(b"\xff.md"), POST).unwrap();
    fs::write(bad(b"\xff.txt"), "").unwrap();
    assert_eq!(
        problems(&project.scan("content")),
        [("file-name", "content/\u{fffd}.md")]
    );
    fs::create_dir(bad(b"\xfe")).unwrap();
    let error = project.error(bad(b"\xfe"));
    assert!(matches!(error, ScanError::NotUtf8 { .. }), "{error}");
}

#[cfg(target_os = "linux")]
#[test]
fn fails_for_two_names_that_are_the_same_composed() {
    let project = Project::with(&["content/\u{e9}.md", "content/e\u{301}.md"]);
    let snapshot = project.scan("content");
    assert_eq!(problems(&snapshot), [("same-path", "content/\u{e9}.md")]);
}

#[cfg(target_os = "linux")]
#[test]
fn fails_for_a_file_and_a_directory_that_it_may_not_read() {
    let project = Project::with(&["content/a.md", "content/secret.md", "content/closed/x.md"]);
    let close = |path: &str, mode| {
        fs::set_permissions(project.path(path), fs::Permissions::from_mode(mode)).unwrap();
    };
    close("content/secret.md", 0o000);
    close("content/closed", 0o000);
    let snapshot = scan_as_anyone(&project);
    assert_eq!(paths(&snapshot), ["content/a.md"]);
    assert_eq!(
        problems(&snapshot),
        [
            ("unreadable", "content/closed"),
            ("unreadable", "content/secret.md")
        ]
    );
    assert!(snapshot.problems[0].message.contains("denied"));
    // So that the directory can be deleted by those who are not root, too.
    close("content/closed", 0o700);
}
