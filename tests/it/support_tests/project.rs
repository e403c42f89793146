//! Tests of the projects in temporary directories.

use super::*;

#[test]
fn runs_the_program_in_its_root_without_the_callers_environment() {
    let project = Project::new();
    let mut command = project.command(&[]);
    let variables: Vec<_> = command
        .get_envs()
        .filter_map(|(name, value)| value.map(|_| name.to_owned()))
        .collect();
    assert_eq!(variables, ["HOME", "LC_ALL", "PATH", "TZ", "USER"]);
    assert_eq!(command.get_current_dir(), Some(project.root().as_path()));
    assert!(command.status().is_ok());
}

#[test]
fn writes_posts_with_front_matter() {
    let project = Project::new();
    project
        .post_with(7, "A \"title\"", "draft: true\n", "Body.\n")
        .rename("content/7.md", "content/a/b.md");
    assert_eq!(
        project.read("content/a/b.md"),
        "---\nid: 7\ntitle: \"A \\\"title\\\"\"\ndraft: true\n---\nBody.\n"
    );
    project.remove("content/a/b.md");
    assert!(!project.path("content/a/b.md").exists());
}

#[test]
fn shows_in_a_snapshot_what_stays_from_run_to_run() {
    let project = Project::new();
    let said = format!(
        "{} 127.0.0.1:5433/test_12 took 0.3 s at {}, written 2024-01-02T03:04:05Z",
        project.path("content/1.md").display(),
        jiff::Timestamp::now(),
    );
    let shown = Output::of(&project, 1, &said).snapshot();
    assert_eq!(
        shown,
        "status: 1\n--- stdout ---\n[PROJECT]/content/1.md 127.0.0.1:[PORT]/[DATABASE] took \
         [DURATION] at [NOW], written 2024-01-02T03:04:05Z⏎\n--- stderr ---\n"
    );
}

#[test]
fn runs_as_a_user_whom_permissions_bind() {
    use std::os::unix::fs::PermissionsExt;
    let project = Project::new();
    project.post(1, "Unreadable");
    let file = project.path("content/1.md");
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o000)).unwrap();
    let output = project.run_as_nobody(&["--version"]);
    assert_ne!(output.status, -1);
    assert_eq!(
        std::fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0
    );
}
