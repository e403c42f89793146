//! Dates from git: real repositories, with renames, without the whole history, and none.

use super::{first_line, fix, without_id};
use crate::support::project::Project;

/// Makes a repository of a project.
fn init(project: &Project) {
    std::fs::remove_dir(project.path(".git")).expect("it is empty");
    git(project, "init --quiet --initial-branch=main");
}

/// Commits everything as of a time.
fn commit(project: &Project, at: &str) {
    git(project, "add --all");
    let line = format!(
        "GIT_AUTHOR_DATE={at} GIT_COMMITTER_DATE={at} git -c user.name=Ann -c user.email=a@b \
         -c commit.gpgsign=false commit --quiet --message Posts"
    );
    project.shell(&line).expect_status(0);
}

fn git(project: &Project, args: &str) {
    project.shell(&format!("git {args}")).expect_status(0);
}

/// Two commits: a post in the first, which has another name in the second, and a later post.
fn with_history(project: &Project) {
    init(project);
    without_id(project, "content/old.md", "category: GUIDE\n");
    without_id(project, "content/z 글.md", "");
    commit(project, "2024-01-05T10:00:00+09:00");
    project.rename("content/old.md", "content/sub/new.md");
    without_id(project, "content/a.md", "");
    commit(project, "2024-06-07T08:09:10+00:00");
}

#[test]
fn a_post_is_dated_by_the_commit_that_added_it_under_its_first_name() {
    let project = Project::new();
    with_history(&project);
    without_id(&project, "content/stated.md", "created_at: 2020-01-01\n");
    without_id(&project, "content/changed.md", "");
    without_id(&project, "content/draft.md", "draft: true\n");
    commit(&project, "2024-07-01T00:00:00Z");
    without_id(&project, "content/changed.md", "mood: new\n");
    without_id(&project, "content/uncommitted.md", "");
    let before = project.read("content/draft.md");
    project.write("blogctl.toml", "time_zone = \"Asia/Seoul\"\n");
    let output = fix(&project, &["--dates-from-git"]).expect_status(0);
    insta::assert_snapshot!(output.snapshot(), @r"
    status: 0
    --- stdout ---
    ids 1 to 6 given to 6 posts, 4 posts dated from git; 6 files changed
    --- stderr ---
    hint: 1 draft left alone: a draft needs no id until it is published
    ");
    assert_eq!(
        project.read("content/sub/new.md"),
        "---\nid: 2\ntitle: T\ncategory: GUIDE\ncreated_at: 2024-01-05T10:00:00+09:00\n---\nText.\n"
    );
    assert_eq!(
        project.read("content/z 글.md"),
        "---\nid: 3\ntitle: T\ncreated_at: 2024-01-05T10:00:00+09:00\n---\nText.\n"
    );
    assert_eq!(
        project.read("content/a.md"),
        "---\nid: 4\ntitle: T\ncreated_at: 2024-06-07T17:09:10+09:00\n---\nText.\n"
    );
    assert_eq!(
        project.read("content/changed.md"),
        "---\nid: 5\ntitle: T\nmood: new\ncreated_at: 2024-07-01T09:00:00+09:00\n---\nText.\n"
    );
    assert_eq!(
        project.read("content/uncommitted.md"),
        "---\nid: 6\ntitle: T\n---\nText.\n"
    );
    assert_eq!(first_line(&project, "content/stated.md"), "id: 1");
    assert_eq!(project.read("content/draft.md"), before);
    let output = fix(&project, &["--dates-from-git"]).expect_status(0);
    assert_eq!(output.stdout, "nothing to fix\n");
    project.run(&["sync"]).expect_status(0);
}

#[test]
fn the_key_is_the_one_that_the_other_posts_have() {
    let project = Project::new();
    init(&project);
    project.write(
        "posts/1.md",
        "---\nid: 1\ntitle: T\ndate: 2024-01-01\n---\n",
    );
    project.write("posts/2.md", "---\nid: 2\ntitle: T\n---\n");
    commit(&project, "2024-06-07T08:09:10+00:00");
    // The project's root is not that of the repository.
    project.write("blog/blogctl.toml", "");
    project.rename("posts/1.md", "blog/content/1.md");
    project.rename("posts/2.md", "blog/content/2.md");
    commit(&project, "2024-08-09T08:09:10+00:00");
    let line = "cd blog && $BLOGCTL fix --dates-from-git";
    let output = project.shell(line).expect_status(0);
    let sum = "1 post dated from git; 1 file changed\n";
    assert_eq!((&*output.stdout, &*output.stderr), (sum, ""));
    assert_eq!(
        project.read("blog/content/2.md"),
        "---\nid: 2\ntitle: T\ndate: 2024-06-07T08:09:10Z\n---\n"
    );
}

#[test]
fn a_shallow_clone_is_refused_until_it_has_its_history() {
    let project = Project::new();
    with_history(&project);
    let root = project.root();
    let other = Project::new();
    let clone = format!("clone --quiet --depth 1 'file://{}' clone", root.display());
    git(&other, &clone);
    let line = "cd clone && $BLOGCTL fix --dates-from-git";
    let output = other.shell(line).expect_status(4);
    insta::assert_snapshot!(output.snapshot(), @r"
    status: 4
    --- stdout ---
    --- stderr ---
    error: this clone is shallow: it does not have the commits that added the posts
    help: run `git fetch --unshallow`, in GitHub Actions with `fetch-depth: 0`
    ");
    assert_eq!(first_line(&other, "clone/content/a.md"), "title: T");
    git(&other, "-C clone fetch --quiet --unshallow");
    let output = other.shell(line).expect_status(0);
    let sum = "ids 1 to 3 given to 3 posts, 3 posts dated from git; 3 files changed\n";
    assert_eq!(output.stdout, sum);
    let text = other.read("clone/content/sub/new.md");
    assert!(
        text.contains("\ncreated_at: 2024-01-05T01:00:00Z\n"),
        "{text}"
    );
}

#[test]
fn without_a_repository_or_a_commit_nothing_is_guessed() {
    let project = Project::new();
    without_id(&project, "content/a.md", "");
    let output = fix(&project, &["--dates-from-git"]).expect_status(4);
    insta::assert_snapshot!(output.snapshot(), @r"
    status: 4
    --- stdout ---
    --- stderr ---
    error: git cannot tell the dates: not a git repository (or any of the parent directories): .git
    help: run it in a clone that has the posts' history
    ");
    init(&project);
    let output = fix(&project, &["--dates-from-git"]).expect_status(4);
    insta::assert_snapshot!(output.snapshot(), @r"
    status: 4
    --- stdout ---
    --- stderr ---
    error: git cannot tell the dates: your current branch 'main' does not have any commits yet
    help: run it in a clone that has the posts' history
    ");
    assert_eq!(first_line(&project, "content/a.md"), "title: T");
}
