//! Files and names that are not what one expects.

use std::os::unix::fs::{PermissionsExt, symlink};

use crate::support::project::post;
use crate::support::test_blog::{TestBlog, on_both_stores};

on_both_stores!(
    korean_and_emoji_names_are_published,
    a_name_has_one_form_however_its_accents_are_encoded,
    what_no_post_can_be_is_an_error_and_nothing_is_written,
    a_file_of_50_mib_is_an_error,
    a_file_of_15_mib_is_published,
    a_loop_of_links_is_an_error,
    what_leads_out_of_the_project_is_reported_and_not_read,
    an_ignore_file_that_cannot_be_read_stops_the_sync,
    a_personal_ignore_file_decides_nothing,
    text_of_every_kind_comes_back_as_it_went_in,
);

fn korean_and_emoji_names_are_published(site: &TestBlog) {
    site.project.write(
        "content/글/🚀 발사 순서.md",
        post(1, "발사", "category: 노트\ntags: [우주, 🚀]", "하나 둘.\n"),
    );
    let output = site.sync(&[]);
    assert!(
        output
            .stdout
            .starts_with("create  content/글/🚀 발사 순서.md (id 1)\n"),
        "{}",
        output.stdout
    );
    let post = site.json(&["show", "1", "--format", "json"]);
    assert_eq!(post["path"], "content/글/🚀 발사 순서.md");
    assert_eq!(post["tags"], serde_json::json!(["우주", "🚀"]));
    assert!(site.sync(&[]).stdout.starts_with("nothing changed"));
}

fn a_name_has_one_form_however_its_accents_are_encoded(site: &TestBlog) {
    let (composed, decomposed) = ("content/\u{ac00}.md", "content/\u{1100}\u{1161}.md");
    site.project
        .write(decomposed, post(1, "One", "", "Body.\n"));
    site.sync(&[]);
    let shown = site.json(&["show", "1", "--format", "json"]);
    assert_eq!(shown["path"], composed);
    // Another machine's checkout of the same repository.
    site.project.rename(decomposed, composed);
    assert!(site.sync(&[]).stdout.starts_with("nothing changed"));
}

fn what_no_post_can_be_is_an_error_and_nothing_is_written(site: &TestBlog) {
    site.project.post(1, "One");
    let bad: [(&str, &[u8]); 6] = [
        ("content/nul.md", b"---\nid: 2\ntitle: Two\n---\nA\0B\n"),
        (
            "content/nul-title.md",
            b"---\nid: 3\ntitle: \"a\\0b\"\n---\n",
        ),
        (
            "content/latin.md",
            b"---\nid: 4\ntitle: Vier\n---\nGr\xfc\xdfe\n",
        ),
        ("content/empty.md", b""),
        ("content/open.md", b"---\nid: 5\ntitle: Five\n"),
        (
            "content/bomb.md",
            b"---\nid: 6\ntitle: Six\na: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a]\n\
              c: &c [*b,*b,*b,*b,*b,*b,*b]\ntags: [*c,*c,*c,*c,*c,*c,*c,*c]\n---\n",
        ),
    ];
    for (path, bytes) in bad {
        site.project.write(path, bytes);
        let output = site.run(&["sync"]).expect_status(1);
        assert!(output.stderr.contains(path), "{path}: {}", output.stderr);
        assert!(
            output.stderr.contains("help: "),
            "{path}: {}",
            output.stderr
        );
        assert_eq!(site.dump(), "", "{path}");
        site.project.remove(path);
    }
    site.sync(&[]);
}

fn a_file_of_50_mib_is_an_error(site: &TestBlog) {
    let file = std::fs::File::create({
        site.project.post(1, "One");
        site.project.path("content/big.md")
    });
    file.and_then(|file| file.set_len(50 << 20))
        .expect("the project is ours");
    let output = site.run(&["sync"]).expect_status(1);
    assert!(
        output.stderr.contains("content/big.md"),
        "{}",
        output.stderr
    );
    assert!(output.stderr.contains("50.0 MiB"), "{}", output.stderr);
    assert_eq!(site.dump(), "");
}

fn a_file_of_15_mib_is_published(site: &TestBlog) {
    let body = "0123456789abcde\n".repeat(15 << 16);
    site.project.post_with(1, "One", "", &body);
    site.sync(&[]);
    let post = site.json(&["show", "1", "--format", "json"]);
    assert_eq!(post["word_count"], 15 << 16);
    assert!(post["content"] == body, "the body came back otherwise");
    assert!(site.sync(&[]).stdout.starts_with("nothing changed"));
}

fn a_loop_of_links_is_an_error(site: &TestBlog) {
    site.project.post(1, "One");
    let link = site.project.path("content/loop");
    symlink(site.project.path("content"), &link).expect("the project is ours");
    let output = site.run(&["sync"]).expect_status(1);
    assert!(output.stderr.contains("content/loop"), "{}", output.stderr);
    assert!(output.stderr.contains("leads back to"), "{}", output.stderr);
    assert_eq!(site.dump(), "");
    site.project.write(".blogctlignore", "content/loop\n");
    site.sync(&[]);
    assert_eq!(site.ids(), [1]);
}

fn what_leads_out_of_the_project_is_reported_and_not_read(site: &TestBlog) {
    site.project.post(1, "One");
    site.project.write("../outside/secret.md", "sesame");
    site.project
        .write("../outside/blog/2.md", post(2, "Two", "", "Body.\n"));
    for (name, target) in [
        ("blog", "../../outside/blog"),
        ("s.md", "../../outside/secret.md"),
    ] {
        symlink(target, site.project.path(format!("content/{name}"))).expect("it is ours");
    }
    let output = site.run(&["sync"]).expect_status(1);
    for path in [
        "content/blog",
        "content/s.md",
        "outside/blog",
        "outside/secret.md",
    ] {
        assert!(output.stderr.contains(path), "{}", output.stderr);
    }
    assert!(
        output.stderr.contains("error[link-outside]"),
        "{}",
        output.stderr
    );
    assert!(!output.stderr.contains("sesame"), "{}", output.stderr);
    assert_eq!(site.dump(), "");
    site.project.write(".blogctlignore", "s.md\n");
    site.project
        .write("blogctl.toml", "[content]\nfollow_links = true\n");
    site.sync(&[]);
    assert_eq!(site.ids(), [2, 1]);
}

fn an_ignore_file_that_cannot_be_read_stops_the_sync(site: &TestBlog) {
    site.project.post(1, "One");
    site.sync(&[]);
    site.project.post(2, "Private");
    site.project.write(".gitignore", b"\xff\n2.md\n");
    let output = site.run(&["sync", "--prune"]).expect_status(1);
    let told = "error[ignore-file]: this line is not UTF-8\n--> .gitignore:1:1";
    assert!(output.stderr.contains(told), "{}", output.stderr);
    assert_eq!(site.ids(), [1]);
    site.project.write(".gitignore", "2.md\n");
    site.sync(&["--prune"]);
    assert_eq!(site.ids(), [1]);
}

fn a_personal_ignore_file_decides_nothing(site: &TestBlog) {
    site.project.post(1, "One");
    site.project.post(2, "Two");
    site.project.write("../home/.config/git/ignore", "2.md\n");
    site.project
        .write("../home/.gitconfig", "[core]\nexcludesFile = ~/ignored\n");
    site.project.write("../home/ignored", "*.md\n");
    site.sync(&["--prune"]);
    assert_eq!(site.ids(), [2, 1]);
}

fn text_of_every_kind_comes_back_as_it_went_in(site: &TestBlog) {
    let body = "---\n'quotes' \"double\" \\back\\slash {a,b} $1 %s \u{1b}[31m\t\u{7f}\u{202e}\n\
                \u{feff}한글 👩‍👩‍👧 \u{10ffff} e\u{301}\n\n\n";
    let title = "It's \"a\" title; DROP TABLE post; -- \\ {NULL} 한글 👩‍👩‍👧";
    site.project.post_with(
        1,
        title,
        "tags: [\"a,b\", \"{c}\", \"NULL\", \"it's\"]",
        body,
    );
    site.sync(&[]);
    let shown = site.json(&["show", "1", "--format", "json"]);
    assert_eq!(shown["title"], title);
    assert_eq!(shown["content"], body);
    assert_eq!(
        shown["tags"],
        serde_json::json!(["NULL", "a,b", "it's", "{c}"])
    );
    assert!(site.sync(&[]).stdout.starts_with("nothing changed"));
}

#[test]
fn an_unreadable_file_or_folder_is_an_error() {
    for (path, mode) in [("content/2.md", 0o000), ("content/closed", 0o000)] {
        let site = TestBlog::embedded();
        site.project.post(1, "One").post(2, "Two");
        site.project
            .write("content/closed/3.md", post(3, "Three", "", "Body.\n"));
        std::fs::set_permissions(
            site.project.path(path),
            std::fs::Permissions::from_mode(mode),
        )
        .expect("the project is ours");
        let output = site.project.run_as_nobody(&["sync"]).expect_status(1);
        assert!(output.stderr.contains(path), "{}", output.stderr);
        assert!(
            output.stderr.contains("cannot be read"),
            "{}",
            output.stderr
        );
        assert!(!site.project.path(".blogctl").exists());
        // Others must be able to remove it.
        std::fs::set_permissions(
            site.project.path(path),
            std::fs::Permissions::from_mode(0o755),
        )
        .expect("the project is ours");
    }
}

#[test]
fn a_project_that_cannot_be_written_to_is_named() {
    let site = TestBlog::embedded();
    site.project.post(1, "One");
    let root = site.project.root();
    let mode = |mode| {
        std::fs::set_permissions(&root, std::fs::Permissions::from_mode(mode))
            .expect("the project is ours");
    };
    mode(0o555);
    let output = site.project.run_as_nobody(&["sync"]).expect_status(3);
    mode(0o755);
    assert!(output.stderr.contains(".blogctl"), "{}", output.stderr);
    assert!(output.stderr.contains("help: "), "{}", output.stderr);
}
