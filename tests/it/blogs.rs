//! Blogs of other site generators, published in three commands without an edit by hand.
//!
//! Each sample has the conventions of its generator: where posts are, how they are named and dated,
//! what keeps them back, and what is no post.

use serde_json::Value;

use crate::support::project::Project;

/// Runs `init`, `fix` and `sync`, and returns a line for each post: the id, the time, the category, the
/// tags, the slug and the title.
fn published(project: &Project) -> Vec<String> {
    project.run(&["init"]).expect_status(0);
    project.run(&["fix"]).expect_status(0);
    project.run(&["check"]).expect_status(0);
    project.run(&["sync"]).expect_status(0);
    let again = project.run(&["sync"]).expect_status(0);
    assert!(
        again.stdout.starts_with("nothing changed"),
        "{}",
        again.stdout
    );
    let fixed = project.run(&["fix"]).expect_status(0);
    assert_eq!(fixed.stdout, "nothing to fix\n");
    rows(project)
}

fn rows(project: &Project) -> Vec<String> {
    let listed = project
        .run(&["list", "--all", "--format", "jsonl"])
        .expect_status(0);
    let mut posts: Vec<Value> = listed
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    posts.sort_by_key(|post| post["id"].as_i64());
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    posts
        .iter()
        .map(|post| {
            let tags = post["tags"].as_array().unwrap().iter().map(text);
            let tags: Vec<String> = tags.collect();
            format!(
                "{} {} {} [{}] {} {}",
                post["id"],
                text(&post["created_at"]),
                text(&post["category"]),
                tags.join(","),
                text(&post["slug"]),
                text(&post["title"]),
            )
        })
        .collect()
}

#[test]
fn jekyll() {
    let project = Project::new();
    project
        .write("_config.yml", "title: A blog\ntimezone: Asia/Seoul # here\n")
        .write("Gemfile", "gem 'jekyll'\n")
        .write("README.md", "# A blog\n")
        .write(
            "_posts/2024-01-05-hello-world.md",
            "---\nlayout: post\ntitle:  \"Welcome: to Jekyll!\"\ndate:   2016-4-26 12:53:12 +0800\n\
             categories: jekyll update\ntags: [a, b]\n---\nHello.\n",
        )
        .write(
            "_posts/2023-02-03-name-alone.markdown",
            "---\nlayout: post\n---\nThe title and the date are in the name.\n",
        )
        .write(
            "_posts/2022-02-03-permalink.md",
            "---\ntitle: 2024\ndate: 2022-02-03 8:01:55\npermalink: /old/address/\ntags: one two\n---\nX\n",
        )
        .write(
            "_posts/2021-01-01-kept-back.md",
            "---\ntitle: Kept back\npublished: false\n---\nX\n",
        )
        .write(
            "_posts/2999-01-01-to-come.md",
            "---\ntitle: To come\n---\nX\n",
        )
        .write("_drafts/idea.md", "---\ntitle: An idea\n---\n");
    assert_eq!(
        published(&project),
        [
            "1 2016-04-26T04:53:12Z jekyll [a,b,update] hello-world Welcome: to Jekyll!",
            "2 2022-02-02T23:01:55Z - [one,two] address 2024",
            "3 2023-02-02T15:00:00Z - [] name-alone Name alone",
        ]
    );
    let settings = project.read("blogctl.toml");
    assert!(
        settings.contains("time_zone = \"Asia/Seoul\""),
        "{settings}"
    );
    assert!(settings.contains("future = \"hold\""), "{settings}");
}

#[test]
fn hugo() {
    let project = Project::new();
    project
        .write("hugo.toml", "baseURL = 'https://example.org/'\ntimeZone = 'Europe/Berlin'\n")
        .write("content/_index.md", "---\ntitle: Home\n---\n")
        .write("content/posts/_index.md", "---\ntitle: Posts\n---\n")
        .write(
            "content/posts/first.md",
            "---\ntitle: 'First'\ndate: 2024-01-05\nlastmod: 2024-02-01T10:00:00+01:00\n\
             categories: [Guide, Web]\ntags: ['c++', \"go\"]\ncover:\n  image: a.png\n  alt: A\n---\n\nText.\n",
        )
        .write(
            "content/posts/second/index.md",
            "+++\ntitle = 'Second'\ndate = 2023-06-01T09:00:00Z\ndraft = false\ntags = ['go']\n\
             categories = ['Guide']\n+++\n\nText.\n",
        )
        .write(
            "content/posts/draft.md",
            "+++\ntitle = 'Draft'\ndate = 2024-03-01\ndraft = true\n+++\n",
        )
        .write(
            "content/posts/later.md",
            "---\ntitle: Later\ndate: 2999-01-01\n---\nText.\n",
        );
    assert_eq!(
        published(&project),
        [
            "1 2023-06-01T09:00:00Z Guide [go] second Second",
            "2 2024-01-04T23:00:00Z Guide [Web,c++,go] first First",
        ]
    );
}

#[test]
fn zola() {
    let project = Project::new();
    project
        .write("config.toml", "base_url = \"https://example.org\"\n")
        .write("templates/index.html", "")
        .write("content/_index.md", "+++\ntitle = \"Home\"\n+++\n")
        .write(
            "content/blog/2024-01-05-first.md",
            "+++\ntitle = \"First\"\n\n[taxonomies]\ntags = [\"rust\", \"web\"]\ncategories = [\"Guide\"]\n\n\
             [extra]\ntoc = true\n+++\n\nText.\n",
        )
        .write(
            "content/blog/second/index.md",
            "+++\ntitle = \"Second\"\ndate = 2023-06-01\nupdated = 2023-07-01\nslug = \"two\"\n+++\nText.\n",
        )
        .write(
            "content/blog/draft.md",
            "+++\ntitle = \"Draft\"\ndate = 2023-06-01\ndraft = true\n+++\nText.\n",
        );
    assert_eq!(
        published(&project),
        [
            "1 2023-06-01T00:00:00Z - [] two Second",
            "2 2024-01-05T00:00:00Z Guide [rust,web] first First",
        ]
    );
    // Zola takes keys of its own alone at the top.
    assert!(
        project
            .read("content/blog/2024-01-05-first.md")
            .contains("[extra]\ntoc = true\nid = 2\n"),
    );
}

#[test]
fn hexo() {
    let project = Project::new();
    project
        .write("_config.yml", "title: 博客\ntimezone: Asia/Shanghai\n")
        .write("package.json", "{\"dependencies\": {\"hexo\": \"7\"}}\n")
        .write("source/about/index.md", "---\ntitle: About\n---\n")
        .write(
            "source/_posts/你好.md",
            "---\ntitle: 你好\ndate: 2024-01-05 10:00:00\nupdated: 2024/01/06\ntags: 生活\n\
             categories:\n- 日记\n- 随笔\nid: 0b6cf6ab-7a3c\n---\n正文\n",
        )
        .write(
            "source/_posts/second.md",
            "---\ntitle: \"Second\"\ndate: 2023/1/5\ntags:\n  - a\n  - b\n---\nText\n",
        )
        .write(
            "source/_posts/hidden.md",
            "---\ntitle: Hidden\npublished: false\n---\nText\n",
        );
    assert_eq!(
        published(&project),
        [
            "1 2023-01-04T16:00:00Z - [a,b] second Second",
            "2 2024-01-05T02:00:00Z 日记 [生活,随笔] 你好 你好",
        ]
    );
    let first = project.read("source/_posts/你好.md");
    assert!(
        first.starts_with("---\nblogctl_id: 2\ntitle: 你好\n"),
        "{first}"
    );
    assert!(first.contains("\nid: 0b6cf6ab-7a3c\n"), "{first}");
}

#[test]
fn astro() {
    let project = Project::new();
    project
        .write("astro.config.mjs", "export default {}\n")
        .write("README.md", "# Astro Starter Kit\n")
        .write(
            "src/content/blog/first-post.md",
            "---\ntitle: 'First post'\ndescription: 'Lorem ipsum'\npubDate: 'Jul 08 2022'\n\
             heroImage: '/a.jpg'\n---\n\nText.\n",
        )
        .write(
            "src/content/blog/using-mdx.mdx",
            "---\ntitle: 'Using MDX'\npubDate: 'Jun 01 2024'\nupdatedDate: 'Jun 02 2024'\ntags: [mdx]\n---\n\nText.\n",
        )
        .write(
            "src/content/blog/wip.md",
            "---\ntitle: Not yet\npubDate: 2024-06-01\ndraft: true\n---\n",
        );
    assert_eq!(
        published(&project),
        [
            "1 2022-07-08T00:00:00Z - [] first-post First post",
            "2 2024-06-01T00:00:00Z - [mdx] using-mdx Using MDX",
        ]
    );
}

#[test]
fn next_js() {
    let project = Project::new();
    project
        .write("next.config.js", "module.exports = {}\n")
        .write("package.json", "{}\n")
        .write(
            "posts/pre-rendering.md",
            "---\ntitle: 'Two Forms of Pre-rendering'\ndate: '2020-01-01'\n---\n\nText.\n",
        )
        .write(
            "posts/ssg-ssr.mdx",
            "---\ntitle: \"When to Use\"\npublishedAt: \"2020-01-02\"\nsummary: \"A summary\"\n\
             published: true\n---\n\nimport X from 'x'\n\nText.\n",
        )
        .write(
            "posts/unpublished.mdx",
            "---\ntitle: Not public\npublishedAt: 2020-01-03\npublished: false\n---\nText.\n",
        );
    assert_eq!(
        published(&project),
        [
            "1 2020-01-01T00:00:00Z - [] pre-rendering Two Forms of Pre-rendering",
            "2 2020-01-02T00:00:00Z - [] ssg-ssr When to Use",
        ]
    );
}

#[test]
fn docusaurus() {
    let project = Project::new();
    project
        .write("docusaurus.config.js", "module.exports = {}\n")
        .write("docs/intro.md", "---\nsidebar_position: 1\n---\n# Intro\n")
        .write("blog/authors.yml", "ann:\n  name: Ann\n")
        .write(
            "blog/2019-05-28-first-blog-post.md",
            "---\nslug: first-blog-post\ntitle: First Blog Post\nauthors: [ann]\ntags: [hola, docusaurus]\n---\n\nText.\n",
        )
        .write(
            "blog/2021-08-26-welcome/index.md",
            "---\nauthors: [ann]\ntags: [hello]\n---\n\n# Welcome\n\nText.\n",
        )
        .write(
            "blog/2022-01-01-unfinished.md",
            "---\ntitle: Unfinished\ndraft: true\n---\n",
        );
    assert_eq!(
        published(&project),
        [
            "1 2019-05-28T00:00:00Z - [docusaurus,hola] first-blog-post First Blog Post",
            "2 2021-08-26T00:00:00Z - [hello] welcome Welcome",
        ]
    );
}

#[test]
fn obsidian() {
    let project = Project::new();
    project
        .write(".obsidian/app.json", "{}\n")
        .write("Templates/post.md", "---\ntags: {{tags}}\n---\n")
        .write("A note without front matter.md", "# Private thoughts\n")
        .write(
            "Notes/Why Rust.md",
            "---\ntags:\n  - rust\n  - 프로그래밍\ncreated: 2024-01-05\naliases: [Rust]\n---\nText.\n",
        )
        .write(
            "Notes/Second thoughts.md",
            "---\ntags: [a]\ncreated: 2023-01-05T10:00\npublish: true\n---\nText.\n",
        )
        .write(
            "Notes/Private.md",
            "---\ntags: [a]\ncreated: 2023-01-05\npublish: false\n---\nText.\n",
        );
    assert_eq!(
        published(&project),
        [
            "1 2023-01-05T10:00:00Z - [a] Second thoughts Second thoughts",
            "2 2024-01-05T00:00:00Z - [rust,프로그래밍] Why Rust Why Rust",
        ]
    );
}

#[test]
fn init_says_what_it_saw_and_writes_nothing_in_a_dry_run() {
    let project = Project::new();
    project
        .write("_config.yml", "title: A blog\n")
        .write(
            "_posts/2024-01-05-hello.md",
            "---\ntitle: Hello\ncategories: [a]\n---\nHello.\n",
        )
        .write("_posts/notes.md", "no front matter\n");
    let dry = project.run(&["init", "--dry-run"]).expect_status(0);
    assert!(!project.path("blogctl.toml").exists());
    let wet = project.run(&["init", "--yes"]).expect_status(0);
    assert_eq!(
        dry.stdout.replace("would add to", "added to"),
        wet.stdout,
        "the two say the same"
    );
    insta::assert_snapshot!(project.read("blogctl.toml"), @r#"
    # Written by `blogctl init`. docs/configuration.md explains every setting.
    # time_zone = "Asia/Seoul"      # of times without an offset; else UTC

    [content]
    directory = "_posts"            # where the posts are
    without_front_matter = "skip"   # files without front matter are no posts
    future = "hold"                 # a post is published at its date, and not before

    [front_matter]                  # the keys that each field is read from; the first with a value counts
    category = ["categories"]       # the first of several; the others become tags
    created_at = ["date", "@file-name"] # @file-name: the date in the path
    slug = ["slug", "@file-name"]   # @file-name: the name without a date
    "#);
    let again = project.run(&["init"]).expect_status(0);
    assert!(!again.stdout.contains("added"), "{}", again.stdout);
}
