//! The files that a sync takes: the default directory, several paths, and what is left out.

use serde_json::json;

use crate::support::project::{Output, Project};
use crate::support::test_blog::{TestBlog, on_both_stores};

on_both_stores!(
    several_paths_are_one_sync,
    a_post_that_stays_online_although_its_file_is_left_out_is_named,
);

fn several_paths_are_one_sync(site: &TestBlog) {
    let project = &site.project;
    project.post(1, "One").post(2, "Two").post(3, "Three");
    project.write("about.md", "---\nid: 4\ntitle: About\n---\nText.\n");
    let paths = [
        "sync",
        "content/1.md",
        "about.md",
        "content/2.md",
        "about.md",
    ];
    let output = site.run(&paths).expect_status(0);
    assert!(output.stdout.contains("3 created"), "{}", output.stdout);
    assert_eq!(site.ids(), [4, 2, 1]);
    let history = site.json(&["history", "--format", "json"]);
    let run = &history["runs"][0];
    assert_eq!(run["directory"], "about.md, content/1.md, content/2.md");
    // What no path covers stays as it is, and what one of them covers goes.
    site.sync(&[]);
    project.remove("content/1.md").remove("about.md");
    let prune = ["sync", "--prune", "content", "content/2.md"];
    let output = site.run(&prune).expect_status(0);
    assert!(output.stdout.contains("1 removed"), "{}", output.stdout);
    assert_eq!(site.ids(), [4, 3, 2]);
    // The list of findings is about the same paths.
    project.write("content/5.md", "---\nid: x\ntitle: T\n---\n");
    let seven: Vec<String> = (0..7)
        .map(|n| format!("{}id: 6\n", "id: 6\n".repeat(n)))
        .collect();
    for (number, text) in seven.iter().enumerate() {
        project.write(
            format!("content/bad{number}.md"),
            format!("---\n{text}---\n"),
        );
    }
    let output = site
        .run(&["sync", "content", "content/2.md"])
        .expect_status(1);
    let list = "`blogctl check content content/2.md --format concise` lists all of them";
    assert!(output.stderr.contains(list), "{}", output.stderr);
}

fn a_post_that_stays_online_although_its_file_is_left_out_is_named(site: &TestBlog) {
    let project = &site.project;
    for id in 1..=6 {
        project.post(id, "A title");
    }
    site.sync(&[]);
    project.write(".gitignore", "/content/2.md\n");
    project.write("content/.blogctlignore", "3.md\n");
    project.write(
        "blogctl.toml",
        "[content]\nexclude = [\"content/4.md\"]\nwithout_front_matter = \"skip\"\n",
    );
    project.write("content/5.md", "# No front matter\n");
    project.post_with(6, "A title", "draft: true", "Later.\n");
    let output = site.sync(&[]);
    insta::allow_duplicates! {
        insta::assert_snapshot!(site.snapshot(&output), @r"
        status: 0
        --- stdout ---
        nothing changed: 1 post in [STORE] is as the files say
        --- stderr ---
        warning: 5 posts are still online; `--prune` takes them offline:
          content/2.md (id 2) is now ignored by .gitignore
          content/3.md (id 3) is now ignored by .blogctlignore
          content/4.md (id 4) is now left out by exclude
          content/5.md (id 5) has no front matter any more
          content/6.md (id 6) is now a draft
        hint: 1 draft left out
        ");
    }
    let told = site.sync(&["--verbose"]).stderr;
    for line in [
        "left out: 1 without front matter, 1 by .gitignore, 1 by .blogctlignore, 1 by exclude\n",
        "  content/3.md: by content/.blogctlignore\n",
    ] {
        assert!(told.contains(line), "{told}");
    }
    let rehearsal = ["sync", "--dry-run", "--exit-code"];
    site.run(&rehearsal).expect_status(5);
    let told = site.sync_json(&[]);
    let reasons = told["not_pruned"].as_array().expect("a list").iter();
    let reasons: Vec<_> = reasons.map(|change| change["reason"].clone()).collect();
    let expected = [
        "gitignore",
        "blogctlignore",
        "exclude",
        "without_front_matter",
        "draft",
    ];
    assert_eq!(json!(reasons), json!(expected));
    let pruned = site.sync(&["--prune", "--force"]);
    let line = "remove  content/4.md (id 4): it is now left out by exclude\n";
    assert!(pruned.stdout.contains(line), "{}", pruned.stdout);
    assert_eq!(site.ids(), [1]);
    site.run(&rehearsal).expect_status(0);
}

/// Runs the program in a directory of a project.
fn run_in(project: &Project, directory: &str, args: &str) -> Output {
    let program = env!("CARGO_BIN_EXE_blogctl");
    project.shell(&format!("cd {directory} && {program} {args}"))
}

#[test]
fn the_settings_name_the_directory_for_all_commands_wherever_they_start() {
    let project = Project::new();
    project.write(
        "blogctl.toml",
        "[content]\ndirectory = \"src/blog\"\nexclude = [\"**/README.md\"]\n",
    );
    let text = "---\nid: 1\ntitle: T\n---\nText.\n";
    project
        .write("src/blog/deep/1.md", text)
        .write("src/blog/README.md", "# Read me\n")
        .write("content/2.md", "nothing that counts");
    for directory in [".", "src/blog", "src/blog/deep"] {
        let run = |args| run_in(&project, directory, args).expect_status(0);
        let told = run("check").stdout;
        let sum = "1 file checked: no findings\nleft out: 1 by exclude\n";
        assert_eq!(told, sum, "{directory}");
        run("sync");
        run("diff --exit-code");
        let doctor = run("doctor").stdout;
        let found = "1 post in src/blog; left out: 1 by exclude";
        assert!(doctor.contains(found), "{doctor}");
        // A path that is given is relative to where the command starts.
        run_in(&project, directory, "check src/blog").expect_status(if directory == "." {
            0
        } else {
            2
        });
    }
    // A new file is written where a scan finds it.
    project.remove("src/blog/deep/1.md");
    run_in(&project, "src", "pull").expect_status(0);
    assert_eq!(project.read("src/blog/deep/1.md"), text);
}

#[test]
fn a_directory_that_is_missing_or_empty_names_those_that_hold_posts() {
    let project = Project::new();
    let told = |args: &[&str], status| {
        let output = project.run(args).expect_status(status);
        output.snapshot()
    };
    insta::assert_snapshot!(told(&["sync"], 2), @r#"
    status: 2
    --- stdout ---
    --- stderr ---
    error: there is no content/
    help: no file with a front matter was found: put posts in content/, or write `directory = "..."` in the section [content] of blogctl.toml
    "#);
    let text = "---\nid: 1\ntitle: T\n---\n";
    project
        .write("_posts/2020/a.md", text)
        .write("_posts/2021/b.md", text);
    project.write("docs/c.md", text);
    insta::assert_snapshot!(told(&["sync"], 2), @r#"
    status: 2
    --- stdout ---
    --- stderr ---
    error: there is no content/; posts are in _posts/ (2 files), docs/ (1 file)
    help: run `blogctl init`, which writes the settings that fit the blog, or `blogctl sync _posts`
    "#);
    insta::assert_snapshot!(told(&["check", "blog/"], 2), @r#"
    status: 2
    --- stdout ---
    --- stderr ---
    error: there is no file or directory [PROJECT]/blog/; posts are in _posts/ (2 files), docs/ (1 file)
    help: check the spelling, or run `blogctl check _posts`
    "#);
    project.write("content/notes.txt", "");
    insta::assert_snapshot!(told(&["check"], 0), @r#"
    status: 0
    --- stdout ---
    0 files checked: no findings
    --- stderr ---
    hint: no file in content/ ends in .md, .markdown or .mdx; posts are in _posts/ (2 files), docs/ (1 file): `blogctl check _posts`
    "#);
    insta::assert_snapshot!(told(&["sync"], 0), @r#"
    status: 0
    --- stdout ---
    nothing changed: 0 posts in sqlite:[PROJECT]/.blogctl/content.db are as the files say
    --- stderr ---
    hint: no file in content/ ends in .md, .markdown or .mdx; posts are in _posts/ (2 files), docs/ (1 file): `blogctl sync _posts`
    "#);
    project.write("content/.a.md", text);
    insta::assert_snapshot!(told(&["sync"], 0), @r#"
    status: 0
    --- stdout ---
    nothing changed: 0 posts in sqlite:[PROJECT]/.blogctl/content.db are as the files say
    --- stderr ---
    hint: there is no post in content/; left out: 1 hidden
    "#);
}

#[test]
fn paths_of_two_projects_are_refused() {
    let project = Project::new();
    project.post(1, "One");
    project.write("other/blogctl.toml", "");
    project.write("other/2.md", "---\nid: 2\ntitle: T\n---\n");
    for command in ["sync", "check", "diff"] {
        let output = project
            .run(&[command, "content", "other/2.md"])
            .expect_status(2);
        let named = "error: content is in the project ";
        assert!(output.stderr.starts_with(named), "{}", output.stderr);
        assert!(
            output.stderr.contains("and other/2.md in "),
            "{}",
            output.stderr
        );
    }
}
