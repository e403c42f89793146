//! Links that lead to each other, and other trees that could keep a scan busy for ever.

use std::fs;

use super::test_project::{POST, Project, followed, link, paths, problems};

#[test]
fn links_to_each_other_do_not_multiply_the_paths() {
    const DIRECTORIES: usize = 20;
    let project = Project::with(&[]);
    for from in 0..DIRECTORIES {
        project.write(&format!("content/d{from}/{from}.md"), POST);
        for to in (0..DIRECTORIES).filter(|to| *to != from) {
            let name = format!("content/d{from}/to{to}");
            link(&project, &name, format!("../d{to}"));
        }
    }
    let snapshot = project.scan("content");
    assert_eq!(paths(&snapshot).len(), DIRECTORIES);
    // One for each directory.
    let found = problems(&snapshot);
    assert_eq!(found.len(), DIRECTORIES);
    assert!(found.iter().all(|(rule, _)| *rule == "repeated-directory"));
    let message = &snapshot.problems[0].message;
    assert!(message.contains("(18 other links lead"), "{message}");
    assert_eq!(followed(&project, "content").files.len(), DIRECTORIES);
}

#[test]
fn links_to_each_other_from_outside_the_start_are_bounded_too() {
    const DIRECTORIES: usize = 20;
    let project = Project::with(&[]);
    for from in 0..DIRECTORIES {
        project.write(&format!("pool/d{from}/{from}.md"), POST);
        for to in (0..DIRECTORIES).filter(|to| *to != from) {
            let name = format!("pool/d{from}/to{to}");
            link(&project, &name, format!("../d{to}"));
        }
    }
    fs::create_dir(project.path("content")).unwrap();
    link(&project, "content/in", "../pool/d0");
    let snapshot = project.scan("content");
    assert_eq!(paths(&snapshot).len(), DIRECTORIES);
    assert!(problems(&snapshot).len() <= 2 * DIRECTORIES);
}

#[test]
fn the_number_of_links_behind_each_other_is_bounded() {
    let project = Project::with(&["content/a.md"]);
    for number in 0..60 {
        project.write(&format!("chain/{number}/{number}.md"), POST);
    }
    for number in 0..59 {
        link(
            &project,
            &format!("chain/{number}/n"),
            format!("../{}", number + 1),
        );
    }
    link(&project, "content/c", "../chain/0");
    let snapshot = project.scan("content");
    assert_eq!(paths(&snapshot).len(), 1 + 40);
    let last = format!("content/c{}", "/n".repeat(40));
    assert_eq!(problems(&snapshot), [("link-target", &*last)]);
}

#[test]
fn a_directory_without_posts_may_be_linked_from_many() {
    let project = Project::with(&["content/a/a.md", "content/b/b.md"]);
    project.write("images/one.png", "");
    link(&project, "content/a/images", "../../images");
    link(&project, "content/b/images", "../../images");
    let snapshot = project.scan("content");
    assert_eq!(problems(&snapshot), []);
    project.write("images/c.md", POST);
    let snapshot = project.scan("content");
    assert_eq!(
        problems(&snapshot),
        [("repeated-directory", "content/b/images")]
    );
    let message = &snapshot.problems[0].message;
    assert_eq!(
        message,
        "the posts of images are read twice, here and as content/a/images"
    );
}

#[test]
fn a_link_up_beyond_the_start_is_a_loop() {
    let project = Project::with(&["content/a.md"]);
    link(&project, "content/up", "..");
    let snapshot = project.scan("content");
    assert_eq!(problems(&snapshot), [("symlink-loop", "content/up")]);
    let message = &snapshot.problems[0].message;
    assert_eq!(message, "this link leads back to the project root");
    assert_eq!(paths(&snapshot), ["content/a.md"]);
}

#[test]
fn a_deep_tree_is_walked_without_a_deep_stack() {
    let project = Project::with(&[]);
    let deep = format!("content/{}x.md", "d/".repeat(1_500));
    project.write(&deep, POST);
    assert_eq!(paths(&project.scan("content")), [deep]);
}
