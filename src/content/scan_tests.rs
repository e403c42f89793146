use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use jiff::tz::TimeZone;
use tempfile::TempDir;

use super::{LoadError, MAX_FILE, ReadSettings, ScanError, Snapshot, load, parse, scan, unmoved};
use crate::finding::{Level, Levels};
use crate::post::SourcePath;

pub(super) const POST: &str = "---\nid: 1\ntitle: T\n---\nBody\n";

/// A project in a directory of its own, which goes with it.
pub(super) struct Project {
    directory: TempDir,
    pub settings: ReadSettings,
}

impl Project {
    /// Makes a project with these files, each a valid post.
    pub fn with(files: &[&str]) -> Self {
        let directory = TempDir::new().unwrap();
        let settings = ReadSettings {
            root: directory.path().canonicalize().unwrap(),
            time_zone: TimeZone::UTC,
            categories: None,
            follow_links: false,
            levels: Levels::default(),
        };
        let project = Self {
            directory,
            settings,
        };
        files.iter().for_each(|file| project.write(file, POST));
        project
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.settings.root.join(path)
    }

    pub fn write(&self, path: &str, content: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub fn scan(&self, path: &str) -> Snapshot {
        scan(&self.settings, &self.path(path), &|_| {}).unwrap()
    }

    pub fn error(&self, path: impl AsRef<Path>) -> ScanError {
        scan(&self.settings, path.as_ref(), &|_| {}).unwrap_err()
    }

    pub fn unmoved(&self, snapshot: &Snapshot) -> bool {
        unmoved(&self.settings, snapshot, &self.path("content")).unwrap()
    }
}

pub(super) fn paths(snapshot: &Snapshot) -> Vec<&str> {
    snapshot
        .files
        .iter()
        .map(|file| file.path.as_str())
        .collect()
}

/// The rule and path of each problem.
pub(super) fn problems(snapshot: &Snapshot) -> Vec<(&str, &str)> {
    snapshot
        .problems
        .iter()
        .inspect(|problem| assert!(problem.help.is_some()))
        .map(|problem| (problem.rule.name, problem.path.as_str()))
        .collect()
}

#[test]
fn finds_markdown_at_any_depth_sorted_by_path() {
    let project = Project::with(&[
        "content/b.md",
        "content/a/z.mdx",
        "content/a/y/x.Markdown",
        "content/C.MD",
        "content/folder.md/d.md",
        "content/note.txt",
        "content/README",
        "other/e.md",
    ]);
    let done = Mutex::new(Vec::new());
    let snapshot = scan(&project.settings, &project.path("content"), &|n| {
        done.lock().unwrap().push(n);
    })
    .unwrap();
    let found = [
        "content/C.MD",
        "content/a/y/x.Markdown",
        "content/a/z.mdx",
        "content/b.md",
        "content/folder.md/d.md",
    ];
    assert_eq!(paths(&snapshot), found);
    assert_eq!(problems(&snapshot), []);
    assert_eq!(snapshot.files[0].size, POST.len() as u64);
    assert_eq!(snapshot.files[0].location, project.path("content/C.MD"));
    let mut done = done.into_inner().unwrap();
    done.sort_unstable();
    assert_eq!(done, [1, 2, 3, 4, 5]);
}

#[test]
fn finds_nothing_in_an_empty_directory() {
    let project = Project::with(&[]);
    fs::create_dir(project.path("content")).unwrap();
    let snapshot = project.scan("content");
    assert_eq!((paths(&snapshot), problems(&snapshot)), (vec![], vec![]));
    assert!(project.unmoved(&snapshot));
}

#[test]
fn knows_what_its_scope_contains() {
    let project = Project::with(&["content/a.md", "content-old/a.md"]);
    let contains =
        |scanned: &str, path: &str| project.scan(scanned).scope.contains(&SourcePath::new(path));
    assert_eq!(project.scan("content").scope.as_str(), "content/");
    assert!(contains("content", "content/x/y.md"));
    assert!(!contains("content", "content-old/a.md"));
    assert!(!contains("content", "content"));
    assert_eq!(project.scan("").scope.as_str(), "");
    assert!(contains("", "content-old/a.md"));
    assert_eq!(project.scan("content/a.md").scope.as_str(), "content/a.md");
    assert!(contains("content/a.md", "content/a.md"));
    assert!(!contains("content/a.md", "content/a.mdx"));
}

#[test]
fn scans_one_file() {
    let project = Project::with(&["content/a.md", "content/b.md", "content/.hidden.md"]);
    assert_eq!(paths(&project.scan("content/b.md")), ["content/b.md"]);
    assert_eq!(
        paths(&project.scan("content/.hidden.md")),
        ["content/.hidden.md"]
    );
}

#[test]
fn skips_what_is_hidden_or_ignored() {
    let project = Project::with(&[
        "content/a.md",
        "content/.draft.md",
        "content/.obsidian/x.md",
        "content/drafts/x.md",
        "content/private.md",
        "content/notes/x.md",
        "content/notes/keep.md",
        "content/searchable.md",
    ]);
    project.write(".gitignore", "drafts/\n");
    project.write("content/.gitignore", "/private.md\n");
    project.write(".blogctlignore", "content/notes/*\n!keep.md\n");
    project.write("content/.ignore", "searchable.md\n");
    let found = [
        "content/a.md",
        "content/notes/keep.md",
        "content/searchable.md",
    ];
    assert_eq!(paths(&project.scan("content")), found);
    assert_eq!(paths(&project.scan("")), found);
    fs::create_dir(project.path(".git")).unwrap();
    assert_eq!(paths(&project.scan("content")), found);
}

#[test]
fn scans_an_ignored_directory_or_file_that_is_named() {
    let project = Project::with(&["content/drafts/x.md", "content/drafts/y.md", "content/z.md"]);
    for pattern in ["drafts/\n", "/content/drafts\n", "*\n", "content/\n"] {
        project.write(".gitignore", pattern);
        let found = ["content/drafts/x.md", "content/drafts/y.md"];
        assert_eq!(paths(&project.scan("content/drafts")), found, "{pattern}");
        assert_eq!(
            paths(&project.scan("content/drafts/x.md")),
            found[..1],
            "{pattern}"
        );
    }
    // All other patterns go on to count.
    project.write("content/drafts/own.md", "");
    project.write(".gitignore", "*\n/content/\ny.md\n");
    project.write(".blogctlignore", "own.md\n");
    assert_eq!(
        paths(&project.scan("content/drafts")),
        ["content/drafts/x.md"]
    );
    fs::remove_file(project.path("content/drafts/own.md")).unwrap();
    // What is ignored within a directory that is not, stays so.
    project.write(".gitignore", "y.md\n");
    assert_eq!(
        paths(&project.scan("content/drafts")),
        ["content/drafts/x.md"]
    );
}

#[test]
fn is_not_bound_by_ignore_files_above_the_repository() {
    let outer = Project::with(&["project/content/a.md", "project/content/b.md"]);
    outer.write(".gitignore", "*\n");
    outer.write("project/.gitignore", "b.md\n");
    fs::create_dir(outer.path("project/.git")).unwrap();
    let settings = ReadSettings {
        root: outer.path("project"),
        ..outer.settings.clone()
    };
    let snapshot = scan(&settings, &outer.path("project/content"), &|_| {}).unwrap();
    assert_eq!(paths(&snapshot), ["content/a.md"]);
}

#[test]
fn fails_for_a_path_that_is_missing_or_no_content_or_outside() {
    let project = Project::with(&["content/a.md", "content/a.txt"]);
    let missing = project.error(project.path("contents"));
    assert!(matches!(missing, ScanError::NotFound { .. }), "{missing}");
    assert!(missing.to_string().contains("contents") && missing.help().contains("spelling"));
    let text = project.error(project.path("content/a.txt"));
    assert!(matches!(text, ScanError::NotContent { .. }), "{text}");
    let outside = project.error(std::env::temp_dir());
    assert!(
        matches!(outside, ScanError::OutsideRoot { .. }),
        "{outside}"
    );
    let dots = project.error(project.path("content/../.."));
    assert!(matches!(dots, ScanError::OutsideRoot { .. }), "{dots}");
}

#[test]
fn takes_dots_in_a_path() {
    let project = Project::with(&["content/a.md", "other/b.md"]);
    let snapshot = project.scan("content/./../other");
    assert_eq!(
        (snapshot.scope.as_str(), paths(&snapshot)),
        ("other/", vec!["other/b.md"])
    );
}

#[test]
fn composes_paths_and_keeps_korean_and_emoji() {
    let project = Project::with(&["content/한글/글🎉.md", "content/cafe\u{301}/e\u{301}.md"]);
    let snapshot = project.scan("content");
    assert_eq!(
        paths(&snapshot),
        ["content/caf\u{e9}/\u{e9}.md", "content/한글/글🎉.md"]
    );
    assert!(parse(&project.settings, &snapshot.files[0]).is_ok());
    // Jamo, as some systems store Korean names.
    let project = Project::with(&["\u{1112}\u{1161}\u{11ab}/a.md"]);
    let snapshot = project.scan("\u{1112}\u{1161}\u{11ab}");
    assert_eq!(
        (snapshot.scope.as_str(), paths(&snapshot)),
        ("한/", vec!["한/a.md"])
    );
}

#[test]
fn fails_for_a_file_of_50_mib_without_reading_it() {
    let project = Project::with(&["content/a.md"]);
    let big = fs::File::create(project.path("content/big.md")).unwrap();
    big.set_len(50 * 1024 * 1024).unwrap();
    let snapshot = project.scan("content");
    assert_eq!(paths(&snapshot), ["content/a.md"]);
    assert_eq!(problems(&snapshot), [("file-size", "content/big.md")]);
    assert!(snapshot.problems[0].message.contains("50.0 MiB"));
    big.set_len(MAX_FILE + 1).unwrap();
    assert_eq!(problems(&project.scan("content")).len(), 1);
    big.set_len(MAX_FILE).unwrap();
    assert_eq!(problems(&project.scan("content")), []);
}

#[test]
fn gives_digests_that_change_with_the_bytes_and_the_zone_alone() {
    let project = Project::with(&["content/a.md", "content/b.md"]);
    let digest = |settings: &ReadSettings| {
        let snapshot = scan(settings, &project.path("content"), &|_| {}).unwrap();
        assert_eq!(snapshot.files[0].digest, snapshot.files[1].digest);
        snapshot.files[0].digest
    };
    let first = digest(&project.settings);
    let listed = |categories: &[&str]| {
        digest(&ReadSettings {
            categories: Some(categories.iter().map(|&name| name.to_owned()).collect()),
            ..project.settings.clone()
        })
    };
    assert_ne!(listed(&["a"]), first);
    assert_ne!(listed(&[]), first);
    assert_ne!(listed(&["a"]), listed(&["a", "b"]));
    assert_ne!(listed(&["a\n1 b"]), listed(&["a", "b"]));
    assert_eq!(listed(&["b", "a"]), listed(&["a", "b"]));
    for zone in [
        TimeZone::get("Asia/Seoul").unwrap(),
        TimeZone::fixed(jiff::tz::offset(9)),
    ] {
        let moved = ReadSettings {
            time_zone: zone,
            ..project.settings.clone()
        };
        assert_ne!(digest(&moved), first);
    }
    project.write("content/a.md", &format!("{POST}!"));
    project.write("content/b.md", &format!("{POST}!"));
    assert_ne!(digest(&project.settings), first);
}

#[test]
fn parses_and_loads_what_it_scanned() {
    let project = Project::with(&["content/a.md"]);
    project.write("content/b.md", "---\nid: 2\ntitle: 5\n---\n");
    let snapshot = project.scan("content");
    let parsed = parse(&project.settings, &snapshot.files[0]).unwrap();
    let (post, body) = load(&project.settings, &snapshot.files[0]).unwrap();
    assert_eq!(parsed.id, Some(post.id));
    assert_eq!(parsed.post_digest, Some(post.digest(&body)));
    assert_eq!((body.as_str(), post.word_count), ("Body\n", 1));

    let parsed = parse(&project.settings, &snapshot.files[1]).unwrap();
    assert_eq!((parsed.post_digest, parsed.findings.len()), (None, 1));
    assert_eq!(parsed.findings[0].path, snapshot.files[1].path);
    let error = load(&project.settings, &snapshot.files[1]).unwrap_err();
    assert!(matches!(error, LoadError::Invalid { .. }), "{error}");
}

#[test]
fn fails_to_read_a_file_that_changed_since_the_scan() {
    let project = Project::with(&["content/a.md", "content/b.md", "content/c.md"]);
    let snapshot = project.scan("content");
    project.write("content/a.md", &POST.replace("Body", "Bodo"));
    project.write("content/b.md", &format!("{POST}more"));
    fs::remove_file(project.path("content/c.md")).unwrap();
    for file in &snapshot.files {
        let error = parse(&project.settings, file).unwrap_err();
        assert!(matches!(error, LoadError::Changed { .. }), "{error}");
        assert!(load(&project.settings, file).is_err());
    }
}

#[test]
fn notices_every_change_since_the_scan() {
    type Change = fn(&Project);
    let changes: [(&str, Change); 6] = [
        ("added", |project| project.write("content/n.md", POST)),
        ("removed", |project| {
            fs::remove_file(project.path("content/a.md")).unwrap()
        }),
        ("renamed", |project| {
            fs::rename(project.path("content/a.md"), project.path("content/c.md")).unwrap();
        }),
        ("grown", |project| {
            project.write("content/a.md", &format!("{POST}!"))
        }),
        ("touched", |project| {
            let file = fs::File::options()
                .append(true)
                .open(project.path("content/a.md"));
            file.unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();
        }),
        ("ignored", |project| project.write(".gitignore", "a.md\n")),
    ];
    for (name, change) in changes {
        let project = Project::with(&["content/a.md", "content/b.md", "other/x.md"]);
        let snapshot = project.scan("content");
        assert!(project.unmoved(&snapshot), "{name}");
        project.write("other/y.md", POST);
        project.write("content/note.txt", "not a post");
        assert!(project.unmoved(&snapshot), "{name}");
        change(&project);
        assert!(!project.unmoved(&snapshot), "{name}");
    }
    let project = Project::with(&["content/a.md"]);
    let snapshot = project.scan("content");
    fs::remove_dir_all(project.path("content")).unwrap();
    let path = project.path("content");
    assert!(unmoved(&project.settings, &snapshot, &path).is_err());
}

#[cfg(unix)]
pub(super) mod unix {
    use std::ffi::{CString, OsStr};
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

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
        assert_eq!(file.scope.as_str(), "content/a.md");
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

    /// Scans as a user who may read only what is everyone's, even where the tests run as one
    /// who may read everything.
    #[cfg(target_os = "linux")]
    pub fn scan_as_anyone(project: &Project) -> Snapshot {
        let public = fs::Permissions::from_mode(0o755);
        fs::set_permissions(project.directory.path(), public).unwrap();
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(2)
            // SAFETY: changes nothing but the calling thread's right to files.
            .start_handler(|_| unsafe {
                libc::setfsuid(65_534);
            })
            .build()
            .unwrap();
        pool.install(|| project.scan("content"))
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
}
