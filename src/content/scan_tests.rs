//! Scans of files that every system has, and reading what they found.

use std::fs;
use std::sync::Mutex;

use jiff::tz::TimeZone;

use super::test_project::{POST, Project, paths, problems};
use super::{
    LoadError, MAX_FILE, ReadSettings, ScanError, Scope, collect, load, parse, scan, scan_all,
    unmoved,
};
use crate::post::SourcePath;

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
    assert_eq!(project.scan("content").scope, Scope::new("content/"));
    assert!(contains("content", "content/x/y.md"));
    assert!(!contains("content", "content-old/a.md"));
    assert!(!contains("content", "content"));
    assert_eq!(project.scan("").scope, Scope::new(""));
    assert!(contains("", "content-old/a.md"));
    assert_eq!(
        project.scan("content/a.md").scope,
        Scope::new("content/a.md")
    );
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
        (snapshot.scope.parts()[0].as_str(), paths(&snapshot)),
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
        (snapshot.scope.parts()[0].as_str(), paths(&snapshot)),
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
    let holding = ReadSettings {
        hold_future: true,
        ..project.settings.clone()
    };
    let skipping = ReadSettings {
        skip_without_front_matter: true,
        ..project.settings.clone()
    };
    assert_ne!(digest(&holding), first);
    assert_ne!(digest(&skipping), first);
    assert_ne!(digest(&holding), digest(&skipping));
    let mut excluding = project.settings.clone();
    excluding.exclude.add("c.md").unwrap();
    assert_eq!(digest(&excluding), first);
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
    project.write("content/b.md", "---\nid: 2\ntitle: [5]\n---\n");
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
    assert!(unmoved(&project.settings, &snapshot, &[path]).is_err());
}

#[test]
fn scans_several_paths_each_file_once() {
    let project = Project::with(&[
        "content/a.md",
        "content/drafts/b.md",
        "content/guide/c.md",
        "about.md",
        "other/x.md",
    ]);
    project.write(".gitignore", "drafts/\n");
    let scan = |given: &[&str]| {
        let given: Vec<_> = given.iter().map(|path| project.path(path)).collect();
        let snapshot = scan_all(&project.settings, &given, &|_| {}).unwrap();
        assert!(unmoved(&project.settings, &snapshot, &given).unwrap());
        snapshot
    };
    let within = scan(&[
        "content/guide",
        "about.md",
        "content",
        "content/a.md",
        "about.md",
    ]);
    let found = ["about.md", "content/a.md", "content/guide/c.md"];
    assert_eq!(paths(&within), found);
    assert_eq!(within.scope.parts(), ["about.md", "content/"]);
    let has = |path: &str| within.scope.contains(&SourcePath::new(path));
    assert!(has("about.md") && has("content/drafts/b.md"));
    assert!(!has("other/x.md") && !has("about.md.md"));
    assert_eq!(within.left_out.sum(), "1 directory by .gitignore");
    // What was named is read although a pattern names it.
    let named = scan(&["content", "content/drafts/b.md"]);
    assert_eq!(paths(&named).len(), 3);
    assert_eq!(scan(&["", "content"]).scope, Scope::new(""));
    let missing = [project.path("content"), project.path("none")];
    assert!(scan_all(&project.settings, &missing, &|_| {}).is_err());
}

#[test]
fn files_without_front_matter_are_skipped_where_the_settings_say_so() {
    let mut project = Project::with(&["content/a.md"]);
    let files = [
        ("README.md", "# A title\n"),
        ("empty.md", ""),
        ("blank.md", "\n \n"),
        ("bom.md", "\u{feff}Text\n"),
        // What looks like a post with a slip stays an error.
        ("late.md", "\n---\nid: 2\ntitle: T\n---\n"),
        ("indented.md", "  ---\nid: 3\ntitle: T\n---\n"),
        ("open.md", "---\nid: 4\n"),
    ];
    for (name, text) in files {
        project.write(&format!("content/{name}"), text);
    }
    fs::write(project.path("content/utf16.md"), b"\xff\xfe-\0-\0").unwrap();
    let collected = |project: &Project| {
        let snapshot = project.scan("content");
        let collection = collect(&project.settings, &snapshot, std::iter::empty(), true).unwrap();
        (collection.left_out(&snapshot).sum(), collection)
    };
    let (sum, before) = collected(&project);
    assert_eq!((sum.as_str(), before.findings.len()), ("", files.len() + 1));
    let digest = project.scan("content").files[0].digest;
    project.settings.skip_without_front_matter = true;
    let (sum, after) = collected(&project);
    assert_eq!(sum, "4 without front matter");
    let wrong = after.findings.iter().map(|finding| finding.path.as_str());
    let wrong: Vec<_> = wrong.map(|path| &path["content/".len()..]).collect();
    assert_eq!(wrong, ["indented.md", "late.md", "open.md", "utf16.md"]);
    assert_eq!(after.files.len(), 1);
    assert_eq!(after.skipped[0].as_str(), "content/README.md");
    assert_ne!(project.scan("content").files[0].digest, digest);
}
