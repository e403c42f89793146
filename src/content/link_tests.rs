//! Links, and anything else that could lead a scan out of its project.

use std::fs;
use std::path::Path;

use super::test_project::{POST, Project, fifo, followed, link, paths, problems};
use super::{LoadError, ReadSettings, load, parse, scan};
use crate::finding::Level;

const SECRET: &str = "SECRET";

/// Returns a project with a post, and a directory outside it.
fn project_and_outside() -> (Project, Project) {
    let project = Project::with(&["content/a.md"]);
    let outside = Project::with(&[]);
    outside.write("passwd", SECRET);
    outside.write("post.md", POST);
    outside.write("blog/b.md", POST);
    (project, outside)
}

#[test]
fn what_lies_outside_the_project_is_reported_and_not_read() {
    let (project, outside) = project_and_outside();
    link(&project, "content/pw.md", outside.path("passwd"));
    link(&project, "content/post.md", outside.path("post.md"));
    link(&project, "content/blog", outside.path("blog"));
    link(&project, "content/hop.md", "hop2.md");
    link(&project, "content/hop2.md", outside.path("passwd"));
    // The way up to where both directories are.
    let name = outside.settings.root.file_name().unwrap().to_owned();
    link(
        &project,
        "content/up.md",
        Path::new("../..").join(name).join("post.md"),
    );
    // What is no post is nobody's concern.
    link(&project, "content/image.png", outside.path("passwd"));
    let snapshot = project.scan("content");
    assert_eq!(paths(&snapshot), ["content/a.md"]);
    let expected = [
        "content/blog",
        "content/hop.md",
        "content/hop2.md",
        "content/post.md",
        "content/pw.md",
        "content/up.md",
    ];
    assert_eq!(
        problems(&snapshot),
        expected.map(|path| ("link-outside", path))
    );
    for problem in &snapshot.problems {
        assert_eq!(problem.level, Level::Error);
        let root = outside.settings.root.to_str().unwrap();
        assert!(problem.message.contains(root), "{}", problem.message);
        assert!(problem.help.as_ref().unwrap().contains("follow_links"));
    }
    assert!(!format!("{snapshot:?}").contains(SECRET));

    let snapshot = followed(&project, "content");
    assert_eq!(problems(&snapshot), []);
    assert_eq!(paths(&snapshot).len(), 7);
    let post = snapshot
        .files
        .iter()
        .find(|file| file.path.as_str() == "content/blog/b.md");
    assert!(load(&project.settings, post.unwrap()).is_ok());
}

#[test]
fn a_start_that_is_a_link_or_below_one_is_held_to_the_same() {
    let (project, outside) = project_and_outside();
    link(&project, "out", outside.settings.root.clone());
    link(&project, "pw.md", outside.path("passwd"));
    project.write(".secret/x.md", POST);
    link(&project, "in", ".secret");
    for (start, rule) in [
        ("out", "link-outside"),
        ("out/blog", "link-outside"),
        ("out/post.md", "link-outside"),
        ("pw.md", "link-outside"),
        ("in", "link-target"),
        ("in/x.md", "link-target"),
    ] {
        let snapshot = project.scan(start);
        assert_eq!(paths(&snapshot), [""; 0], "{start}");
        assert_eq!(problems(&snapshot), [(rule, start)]);
    }
    assert_eq!(paths(&followed(&project, "out/blog")), ["out/blog/b.md"]);
}

#[test]
fn a_link_within_the_project_leads_only_to_what_counts_there() {
    let project = Project::with(&[
        "content/a.md",
        ".git/x.md",
        ".hidden/x.md",
        "drafts/x.md",
        "content/sub/.x.md",
        "notes/private.md",
        "notes/public.md",
    ]);
    project.write(".env", SECRET);
    project.write("notes.txt", SECRET);
    project.write(".gitignore", "/drafts/\n/notes/private.md\n");
    for (name, target) in [
        ("draft.md", "../drafts/x.md"),
        ("drafts", "../drafts"),
        ("env.md", "../.env"),
        ("git", "../.git"),
        ("git.md", "../.git/x.md"),
        ("hidden", "../.hidden"),
        ("hidden.md", "sub/.x.md"),
        ("notes", "../notes"),
        ("private.md", "../notes/private.md"),
        ("text.md", "../notes.txt"),
    ] {
        link(&project, &format!("content/{name}"), target);
    }
    let snapshot = project.scan("content");
    assert_eq!(
        paths(&snapshot),
        ["content/a.md", "content/notes/public.md"]
    );
    let expected = [
        ("draft.md", "drafts/x.md, which is ignored"),
        ("drafts", "drafts, which is ignored"),
        ("env.md", ".env, which is hidden"),
        ("git", ".git, which is hidden"),
        ("git.md", ".git/x.md, which is hidden"),
        ("hidden", ".hidden, which is hidden"),
        ("hidden.md", "content/sub/.x.md, which is hidden"),
        ("private.md", "notes/private.md, which is ignored"),
        ("text.md", "notes.txt, which is not named like a post"),
    ];
    let reported: Vec<_> = snapshot
        .problems
        .iter()
        .map(|p| (p.rule.name, p.path.as_str(), p.message.as_str()))
        .collect();
    let expected = expected.map(|(name, words)| {
        let message = format!("this link leads to {words}");
        ("link-target", format!("content/{name}"), message)
    });
    assert_eq!(
        reported,
        expected.each_ref().map(|(r, p, m)| (*r, &**p, &**m))
    );
    // What was named outright may be hidden, and so may what a link within it leads to.
    link(&project, ".hidden/y.md", "x.md");
    assert_eq!(
        paths(&project.scan(".hidden")),
        [".hidden/x.md", ".hidden/y.md"]
    );
}

#[test]
fn a_link_that_passes_outside_counts_by_where_it_ends() {
    let (project, outside) = project_and_outside();
    project.write("notes/n.md", POST);
    link(&outside, "hop", project.path("notes"));
    link(&project, "content/back", outside.path("hop"));
    let snapshot = project.scan("content");
    assert_eq!(problems(&snapshot), []);
    assert_eq!(paths(&snapshot), ["content/a.md", "content/back/n.md"]);
    assert_eq!(
        snapshot.files[1].location,
        project.path("content/back/n.md")
    );
}

#[test]
fn the_work_tree_is_the_bound_where_there_is_one() {
    let outer = Project::with(&["blog/content/a.md", "shared/s.md", ".private/p.md"]);
    link(&outer, "blog/content/s.md", "../../shared/s.md");
    link(&outer, "blog/content/p.md", "../../.private/p.md");
    let settings = ReadSettings {
        root: outer.path("blog"),
        ..outer.settings.clone()
    };
    let scan = || scan(&settings, &outer.path("blog/content"), &|_| {}).unwrap();
    assert_eq!(
        problems(&scan()),
        [
            ("link-outside", "content/p.md"),
            ("link-outside", "content/s.md")
        ]
    );
    // A work tree has a file in the place of the directory.
    outer.write(".git", "gitdir: elsewhere\n");
    let snapshot = scan();
    assert_eq!(paths(&snapshot), ["content/a.md", "content/s.md"]);
    assert_eq!(problems(&snapshot), [("link-target", "content/p.md")]);
    outer.write(".gitignore", "/shared/\n");
    assert_eq!(paths(&scan()), ["content/a.md"]);
}

#[test]
fn what_a_path_through_a_link_ignores_stays_out() {
    let project = Project::with(&["content/a.md", "notes/x.md", "notes/y.md", "notes/z/z.md"]);
    link(&project, "content/notes", "../notes");
    project.write(".gitignore", "/content/notes/x.md\n");
    project.write("content/.blogctlignore", "notes/z/\n");
    assert_eq!(
        paths(&project.scan("content")),
        ["content/a.md", "content/notes/y.md"]
    );
    assert_eq!(
        paths(&project.scan("content/notes")),
        ["content/notes/y.md"]
    );
}

#[test]
fn what_takes_the_place_of_a_post_between_the_readings_is_not_read() {
    type Replace = fn(&Project, &Project);
    let replacements: [(&str, Replace); 5] = [
        ("a pipe", |project, _| {
            fifo(&project.path("content/sub/x.md"));
        }),
        ("a directory", |project, _| {
            fs::create_dir(project.path("content/sub/x.md")).unwrap();
        }),
        ("a link", |project, outside| {
            link(project, "content/sub/x.md", outside.path("x.md"));
        }),
        ("a link to a device", |project, _| {
            link(project, "content/sub/x.md", "/dev/zero");
        }),
        ("a linked directory", |project, outside| {
            fs::remove_dir(project.path("content/sub")).unwrap();
            link(project, "content/sub", outside.settings.root.clone());
        }),
    ];
    for (name, replace) in replacements {
        let project = Project::with(&["content/sub/x.md"]);
        // Of the same content: what counts is where it is.
        let outside = Project::with(&["x.md"]);
        let snapshot = project.scan("content");
        fs::remove_file(project.path("content/sub/x.md")).unwrap();
        replace(&project, &outside);
        let file = &snapshot.files[0];
        for error in [
            parse(&project.settings, file).map(drop).unwrap_err(),
            load(&project.settings, file).map(drop).unwrap_err(),
        ] {
            assert!(
                matches!(error, LoadError::Changed { .. }),
                "{name}: {error}"
            );
        }
        assert!(!project.unmoved(&snapshot), "{name}");
    }
}

#[test]
fn a_link_to_a_device_is_not_read_where_links_are_followed() {
    let project = Project::with(&["content/a.md"]);
    link(&project, "content/zero.md", "/dev/zero");
    fifo(&project.path("pipe.md"));
    link(&project, "content/pipe.md", "../pipe.md");
    let snapshot = followed(&project, "content");
    let expected = [
        ("not-a-file", "content/pipe.md"),
        ("not-a-file", "content/zero.md"),
    ];
    assert_eq!(problems(&snapshot), expected);
    assert_eq!(
        problems(&project.scan("content")),
        [expected[0], ("link-outside", "content/zero.md")]
    );
}

#[test]
fn a_path_that_cannot_be_printed_is_an_error() {
    let project = Project::with(&[
        "content/a\nb.md",
        "content/esc\u{1b}[2J/c.md",
        "content/turn\u{202e}.md",
        "content/line\u{2028}.md",
        "content/c1\u{9b}.md",
        "content/none\u{7}/x.txt",
        "content/👩\u{200d}🚀.md",
    ]);
    let snapshot = project.scan("content");
    assert_eq!(paths(&snapshot), ["content/👩\u{200d}🚀.md"]);
    assert_eq!(
        problems(&snapshot),
        [
            ("file-name", "content/a\\nb.md"),
            ("file-name", "content/c1\\u{9b}.md"),
            ("file-name", "content/esc\\u{1b}[2J/c.md"),
            ("file-name", "content/line\\u{2028}.md"),
            ("file-name", "content/turn\\u{202e}.md"),
        ]
    );
    let error = project.error(project.path("content/a\nb.md"));
    assert!(error.to_string().contains("a\\nb.md"), "{error}");
    let outside = Project::with(&[]);
    outside.write("x\ny.md", POST);
    link(&project, "content/l.md", outside.path("x\ny.md"));
    let snapshot = project.scan("content");
    let mut messages = snapshot.problems.iter().map(|p| &p.message);
    assert!(messages.any(|message| message.ends_with("/x\\ny.md")));
}
