//! One post in several languages: each text has a file, a row and an identity of its own.

use serde_json::{Value as Json, json};

use crate::support::project::{Output, Project};
use crate::support::test_blog::{TestBlog, on_both_stores};
use crate::support::variants::named;

on_both_stores!(
    each_locale_is_listed_searched_and_shown_by_itself,
    a_sync_says_what_happens_to_each_text,
    a_text_that_someone_edited_is_a_conflict_of_that_text,
    the_main_text_goes_last_or_by_force,
    a_blog_gets_locales_and_loses_them_again,
    texts_that_fill_several_statements_are_written_after_their_posts,
    missing_and_stale_translations_are_listed_as_of_the_last_sync,
    each_locale_is_filtered_by_extra_keys_of_its_own,
    all_locales_are_in_json,
    files_in_several_languages_become_locales_by_init,
);

const LOCALES: &str =
    "[locales]\ndefault = \"ko\"\nothers = [\"en\"]\npath = \"{locale}/{name}\"\n";

/// Three posts in Korean, the first of them in English, too.
fn with_two_languages(blog: &TestBlog) {
    let project = &blog.project;
    project.write("blogctl.toml", LOCALES);
    for id in 1..=3 {
        project.write(format!("content/ko/{id}.md"), korean(id, "본문"));
    }
    project.write("content/en/1.md", english(1, "The index body"));
}

fn korean(id: i32, body: &str) -> String {
    format!(
        "---\nid: {id}\ntitle: 글 {id}\ncategory: GUIDE\ntags: [데이터]\nslug: post-{id}\n\
         created_at: 2025-01-0{id}\n---\n인덱스 {body} {id} 이다.\n"
    )
}

fn english(id: i32, body: &str) -> String {
    format!("---\nid: {id}\ntitle: Post {id}\nslug: post-{id}\nlang: en\n---\n{body} {id}.\n")
}

/// The titles of the posts that a command answers.
fn titles(blog: &TestBlog, args: &[&str]) -> Vec<String> {
    let told = blog.json(&[args, &["--format", "json"]].concat());
    let posts = told["posts"].as_array().expect("a page").iter();
    posts
        .map(|post| post["title"].as_str().expect("a title").to_owned())
        .collect()
}

fn each_locale_is_listed_searched_and_shown_by_itself(blog: &TestBlog) {
    with_two_languages(blog);
    blog.sync(&[]);
    assert_eq!(titles(blog, &["list"]), ["글 3", "글 2", "글 1"]);
    let en = ["--locale", "en"];
    let in_english = |args: &[&str]| titles(blog, &[args, &en].concat());
    assert_eq!(in_english(&["list"]), ["Post 1"]);
    assert_eq!(in_english(&["list", "--category", "GUIDE"]), ["Post 1"]);
    assert_eq!(in_english(&["list", "--tag", "데이터"]), ["Post 1"]);
    assert_eq!(in_english(&["list", "--since", "2025-01-01"]), ["Post 1"]);
    assert!(in_english(&["list", "--since", "2025-01-02"]).is_empty());
    // A search finds a text by its words and by what its post says for all locales.
    assert_eq!(in_english(&["search", "index"]), ["Post 1"]);
    assert_eq!(in_english(&["search", "데이터"]), ["Post 1"]);
    assert_eq!(
        in_english(&["search", "body", "--category", "GUIDE"]),
        ["Post 1"]
    );
    assert!(in_english(&["search", "인덱스"]).is_empty());
    assert!(titles(blog, &["search", "index"]).is_empty());
    assert_eq!(titles(blog, &["search", "인덱스"]).len(), 3);
    let page = blog.json(&["list", "--limit", "2", "--format", "json"]);
    assert_eq!(
        (&page["has_more"], &page["next_cursor"]),
        (&json!(true), &json!(2))
    );

    let show = |args: &[&str]| blog.json(&[&["show"], args, &["--format", "json"]].concat());
    let text = show(&["1", "--locale", "en"]);
    assert_eq!(text["content"], "The index body 1.\n");
    assert_eq!(
        (&text["locale"], &text["category"]),
        (&json!("en"), &json!("GUIDE"))
    );
    assert_eq!(text["path"], "content/en/1.md");
    assert_eq!(text["extra"], json!({}));
    assert_eq!(
        show(&["--slug", "post-1", "--locale", "EN"])["title"],
        "Post 1"
    );
    assert_eq!(show(&["--slug", "post-1"])["title"], "글 1");
    blog.run(&["show", "2", "--locale", "en"]).expect_status(6);

    let counts = |args: &[&str], key: &str| -> Vec<(String, i64)> {
        let told = blog.json(&[args, &["--format", "json"]].concat());
        let counts = told[key].as_array().expect("counts").iter();
        let count = |one: &Json| {
            let name = one["name"].as_str().expect("a name").to_owned();
            (name, one["posts"].as_i64().expect("a number"))
        };
        counts.map(count).collect()
    };
    assert_eq!(
        counts(&["categories"], "categories"),
        [("GUIDE".to_owned(), 3)]
    );
    let in_english = counts(&["categories", "--locale", "en"], "categories");
    assert_eq!(in_english, [("GUIDE".to_owned(), 1)]);
    assert_eq!(counts(&["tags"], "tags"), [("데이터".to_owned(), 3)]);
    let in_english = counts(&["tags", "--locale", "en"], "tags");
    assert_eq!(in_english, [("데이터".to_owned(), 1)]);

    let unknown = blog.run(&["list", "--locale", "fr"]).expect_status(2);
    assert!(
        unknown.stderr.contains("the locales are ko, en"),
        "{}",
        unknown.stderr
    );
}

fn a_sync_says_what_happens_to_each_text(blog: &TestBlog) {
    with_two_languages(blog);
    let first = blog.sync(&[]);
    assert!(
        first
            .stdout
            .starts_with("create  content/en/1.md (id 1, en)\n"),
        "{}",
        first.stdout
    );
    let again = blog.sync(&[]);
    assert!(
        again.stdout.starts_with("nothing changed: 4 posts"),
        "{}",
        again.stdout
    );
    // A change of the main text leaves the other as it is, and older than it.
    blog.project.write("content/ko/1.md", korean(1, "새 본문"));
    let told = blog.sync_json(&[]);
    assert_eq!(
        told["changes"],
        json!([{ "action": "update", "id": 1, "locale": "ko", "path": "content/ko/1.md", "from": null,
                "reason": null }])
    );
    let stale = blog.sync(&[]);
    assert!(
        stale
            .stderr
            .contains("hint[translation-stale]: content/ko/1.md has changed since"),
        "{}",
        stale.stderr
    );
    assert!(
        stale.stderr.contains("--> content/en/1.md"),
        "{}",
        stale.stderr
    );
    blog.project
        .write("content/en/1.md", english(1, "The new index body"));
    blog.sync(&[]);
    let fresh = blog.sync(&[]);
    assert!(
        !fresh.stderr.contains("translation-stale"),
        "{}",
        fresh.stderr
    );
    assert_eq!(
        titles(blog, &["search", "new", "--locale", "en"]),
        ["Post 1"]
    );
    // What the main text says for all locales finds the others, too.
    let moved = korean(1, "새 본문").replace("category: GUIDE", "category: CONCEPT");
    blog.project.write("content/ko/1.md", moved);
    let told = blog.sync_json(&[]);
    assert_eq!(told["changes"].as_array().map(Vec::len), Some(1));
    let concept = ["--category", "CONCEPT", "--locale", "en"];
    assert_eq!(
        titles(blog, &[&["search", "body"], &concept[..]].concat()),
        ["Post 1"]
    );
    assert_eq!(
        titles(blog, &[&["list"], &concept[..]].concat()),
        ["Post 1"]
    );
    let counted = blog.json(&["categories", "--locale", "en", "--format", "json"]);
    assert_eq!(
        counted["categories"],
        json!([{ "name": "CONCEPT", "posts": 1 }])
    );
    // A file may move within its locale.
    blog.project.rename("content/en/1.md", "content/en/one.md");
    let told = blog.sync_json(&[]);
    assert_eq!(told["changes"][0]["action"], "move");
    assert_eq!(told["counts"]["moved"], 1);
}

fn a_text_that_someone_edited_is_a_conflict_of_that_text(blog: &TestBlog) {
    with_two_languages(blog);
    blog.sync(&[]);
    blog.sql("UPDATE post_translation SET content = 'theirs' WHERE post_id = 1 AND locale = 'en'");
    let refused = blog.run(&["sync", "content"]).expect_status(4);
    assert!(
        refused
            .stderr
            .contains("content/en/1.md (id 1, en): its row was edited"),
        "{}",
        refused.stderr
    );
    assert!(!refused.stderr.contains("title:"), "{}", refused.stderr);
    blog.sync(&["--force"]);
    let shown = blog.json(&["show", "1", "--locale", "en", "--format", "json"]);
    assert_eq!(shown["content"], "The index body 1.\n");
    // The row of the post is that of its main text.
    blog.sql("UPDATE post SET category = 'theirs' WHERE id = 1");
    let refused = blog.run(&["sync", "content"]).expect_status(4);
    assert!(
        refused
            .stderr
            .contains("content/ko/1.md (id 1, ko): its row was edited"),
        "{}",
        refused.stderr
    );
    assert!(
        refused.stderr.contains("category: \"GUIDE\" in the file"),
        "{}",
        refused.stderr
    );
    // A row that somebody deleted comes back by force.
    blog.sync(&["--force"]);
    blog.sql("DELETE FROM post_translation WHERE post_id = 1 AND locale = 'en'");
    let refused = blog.run(&["sync", "content"]).expect_status(4);
    assert!(
        refused.stderr.contains("content/en/1.md (id 1, en)"),
        "{}",
        refused.stderr
    );
    blog.sync(&["--force"]);
    assert_eq!(titles(blog, &["list", "--locale", "en"]), ["Post 1"]);
    assert!(blog.sync(&[]).stdout.starts_with("nothing changed"));
}

fn the_main_text_goes_last_or_by_force(blog: &TestBlog) {
    with_two_languages(blog);
    blog.project.write("content/en/2.md", english(2, "Second"));
    blog.sync(&[]);
    blog.project.remove("content/en/1.md");
    blog.sync(&["--prune"]);
    assert_eq!(titles(blog, &["list", "--locale", "en"]), ["Post 2"]);
    assert_eq!(titles(blog, &["list"]), ["글 3", "글 2", "글 1"]);
    blog.project.remove("content/ko/2.md");
    let refused = blog.run(&["sync", "content", "--prune"]).expect_status(4);
    assert!(
        refused
            .stderr
            .contains("main text of posts that have other translations"),
        "{}",
        refused.stderr
    );
    assert!(
        refused.stderr.contains("content/ko/2.md (id 2, ko)"),
        "{}",
        refused.stderr
    );
    assert_eq!(titles(blog, &["list"]), ["글 3", "글 2", "글 1"]);
    blog.sync(&["--prune", "--force"]);
    assert_eq!(titles(blog, &["list"]), ["글 3", "글 1"]);
    assert_eq!(titles(blog, &["list", "--locale", "en"]), ["Post 2"]);
    // A site that knows no locales shows the text that is left.
    blog.project.remove("blogctl.toml");
    assert_eq!(titles(blog, &["list"]), ["글 3", "Post 2", "글 1"]);
    blog.project.write("blogctl.toml", LOCALES);
    // The post goes with its last text.
    blog.project.remove("content/en/2.md");
    blog.sync(&["--prune"]);
    assert!(titles(blog, &["list", "--locale", "en"]).is_empty());
    assert!(
        blog.sync(&[])
            .stdout
            .starts_with("nothing changed: 2 posts")
    );
}

fn a_blog_gets_locales_and_loses_them_again(blog: &TestBlog) {
    for id in 1..=2 {
        blog.project
            .write(format!("content/ko/{id}.md"), korean(id, "본문"));
    }
    blog.sync(&[]);
    blog.project.write("blogctl.toml", LOCALES);
    blog.run(&["schema", "apply"]).expect_status(0);
    blog.project.write("content/en/1.md", english(1, "Body"));
    let told = blog.sync_json(&[]);
    assert_eq!(told["counts"]["created"], 1, "{told}");
    assert_eq!(told["counts"]["updated"], 2, "{told}");
    assert_eq!(titles(blog, &["list", "--locale", "en"]), ["Post 1"]);
    assert_eq!(titles(blog, &["search", "본문"]).len(), 2);
    assert!(blog.sync(&[]).stdout.starts_with("nothing changed"));
    // Without locales the texts of others are as they are.
    blog.project
        .remove("blogctl.toml")
        .remove("content/en/1.md");
    blog.sync(&[]);
    assert_eq!(titles(blog, &["list"]), ["글 2", "글 1"]);
    assert_eq!(titles(blog, &["search", "본문"]).len(), 2);
    assert!(blog.sync(&[]).stdout.starts_with("nothing changed"));
}

fn missing_and_stale_translations_are_listed_as_of_the_last_sync(blog: &TestBlog) {
    with_two_languages(blog);
    blog.project.write("content/en/2.md", english(2, "Body"));
    let only_english = "---\nid: 4\ntitle: Post 4\ncategory: NOTE\n---\nBody.\n";
    blog.project.write("content/en/4.md", only_english);
    blog.sync(&[]);
    let list = |args: &[&str]| titles(blog, &[&["list"], args].concat());
    assert_eq!(list(&["--missing", "en"]), ["글 3"]);
    // Not in the default locale, and so shown in its own.
    assert_eq!(list(&["--missing", "ko"]), ["Post 4"]);
    assert_eq!(list(&["--missing", "ko", "--category", "GUIDE"]), [""; 0]);
    assert_eq!(list(&["--missing", "ko", "--locale", "ko"]), [""; 0]);
    assert_eq!(list(&["--stale", "en"]), [""; 0]);

    // The main text changes: its translation is older.
    blog.project.write("content/ko/1.md", korean(1, "새 본문"));
    blog.sync(&[]);
    assert_eq!(list(&["--stale", "en"]), ["글 1"]);
    assert_eq!(list(&["--stale", "en", "--locale", "en"]), ["Post 1"]);
    assert_eq!(list(&["--stale", "en", "--category", "GUIDE"]), ["글 1"]);
    assert_eq!(list(&["--stale", "en", "--missing", "en"]), [""; 0]);
    blog.project
        .write("content/en/1.md", english(1, "New body"));
    blog.sync(&[]);
    assert_eq!(list(&["--stale", "en"]), [""; 0]);

    blog.project.remove("content/en/2.md");
    blog.sync(&["--prune"]);
    assert_eq!(list(&["--missing", "en"]), ["글 3", "글 2"]);
    let first = blog.json(&[
        "list",
        "--missing",
        "en",
        "--limit",
        "1",
        "--format",
        "json",
    ]);
    assert_eq!(first["next_cursor"], 3, "{first}");
    assert_eq!(list(&["--missing", "en", "--cursor", "3"]), ["글 2"]);

    // A locale that is new is counted by the next sync, even of files that are as they were.
    let with_japanese = LOCALES.replace("[\"en\"]", "[\"en\", \"ja\"]");
    blog.project.write("blogctl.toml", with_japanese);
    let told = blog.sync(&[]).stdout;
    assert!(told.starts_with("nothing changed"), "{told}");
    assert_eq!(
        list(&["--missing", "ja"]),
        ["Post 4", "글 3", "글 2", "글 1"]
    );
    // One that is given up and taken again is not what it was.
    blog.project.write("blogctl.toml", LOCALES);
    blog.project.remove("content/en/1.md");
    blog.sync(&["--prune"]);
    let told = blog.run(&["list", "--missing", "ja"]).expect_status(2);
    assert!(
        told.stderr.contains("the locales are ko, en"),
        "{}",
        told.stderr
    );
    assert_eq!(list(&["--missing", "en"]), ["글 3", "글 2", "글 1"]);
}

fn each_locale_is_filtered_by_extra_keys_of_its_own(blog: &TestBlog) {
    blog.project.write("blogctl.toml", LOCALES);
    let with_layout =
        |text: String, layout: &str| text.replacen("---\n", &format!("---\nlayout: {layout}\n"), 1);
    let ko = |layout| with_layout(korean(1, "본문"), layout);
    let en = |layout| with_layout(english(1, "Body"), layout);
    blog.project.write("content/ko/1.md", ko("wide"));
    blog.project.write("content/en/1.md", en("narrow"));
    blog.sync(&[]);
    let in_english = ["--locale", "en"];
    let found = |layout: &str, args: &[&str]| {
        let layout = format!("layout={layout}");
        titles(blog, &[&["list", "--where", &layout], args].concat())
    };
    assert_eq!(found("wide", &[]), ["글 1"]);
    assert_eq!(found("narrow", &[]), [""; 0]);
    assert_eq!(found("narrow", &in_english), ["Post 1"]);
    assert_eq!(found("wide", &in_english), [""; 0]);
    blog.project.write("content/en/1.md", en("full"));
    blog.sync(&[]);
    assert_eq!(found("narrow", &in_english), [""; 0]);
    assert_eq!(found("full", &in_english), ["Post 1"]);
    assert_eq!(found("wide", &[]), ["글 1"]);
}

fn all_locales_are_in_json(blog: &TestBlog) {
    with_two_languages(blog);
    let only_english = "---\nid: 4\ntitle: Post 4\n---\nBody.\n";
    blog.project.write("content/en/4.md", only_english);
    blog.sync(&[]);
    let all = ["--all-locales", "--format", "json"];
    let list = blog.json(&[&["list"], &all[..]].concat());
    let texts = |post: &Json| -> Vec<(String, String)> {
        let texts = post["translations"].as_array().expect("translations");
        let word = |text: &Json, key: &str| text[key].as_str().expect("a text").to_owned();
        let pair = |text: &Json| (word(text, "locale"), word(text, "title"));
        texts.iter().map(pair).collect()
    };
    let pair = |locale: &str, title: &str| (locale.to_owned(), title.to_owned());
    let posts = list["posts"].as_array().expect("a page");
    let found: Vec<_> = posts.iter().map(texts).collect();
    assert_eq!(
        found,
        [
            vec![pair("en", "Post 4")],
            vec![pair("ko", "글 3")],
            vec![pair("ko", "글 2")],
            vec![pair("ko", "글 1"), pair("en", "Post 1")],
        ]
    );
    assert_eq!(posts[0]["locale"], "en", "{list}");
    let text = &posts[3]["translations"][1];
    assert_eq!(text["path"], "content/en/1.md", "{text}");
    assert!(
        text.get("category").is_none() && text.get("content").is_none(),
        "{text}"
    );
    let shown = blog.json(&[&["show", "4"], &all[..]].concat());
    assert_eq!(shown["translations"][0]["content"], "Body.\n", "{shown}");
    let found = blog.json(&[&["search", "index"], &all[..], &["--locale", "en"]].concat());
    let found = &found["posts"][0];
    assert_eq!(texts(found), [pair("ko", "글 1"), pair("en", "Post 1")]);
    let counts = blog.json(&[&["categories"], &all[..]].concat());
    let expected = json!({"name": "GUIDE", "posts": 3, "locales": {"ko": 3, "en": 1}});
    assert_eq!(counts["categories"], json!([expected]));
    let counts = blog.json(&[&["tags"], &all[..]].concat());
    assert_eq!(counts["tags"][0]["locales"], json!({"ko": 3, "en": 1}));
    let told = blog.run(&["list", "--all-locales"]).expect_status(2);
    assert!(
        told.stderr.contains("add `--format json`"),
        "{}",
        told.stderr
    );
}

fn texts_that_fill_several_statements_are_written_after_their_posts(blog: &TestBlog) {
    blog.project.write("blogctl.toml", LOCALES);
    let long = "lorem ipsum dolor sit amet\n".repeat(20_000);
    for id in 1..=5 {
        blog.project
            .write(format!("content/ko/{id}.md"), korean(id, &long))
            .write(format!("content/en/{id}.md"), english(id, &long));
    }
    let told = blog.sync_json(&[]);
    assert_eq!(told["counts"]["created"], 10);
    assert_eq!(titles(blog, &["list", "--locale", "en"]).len(), 5);
    assert!(blog.sync(&[]).stdout.starts_with("nothing changed"));
    // Another program touches every row, and leaves it as it was.
    blog.sql("UPDATE post SET id = id; UPDATE post_translation SET locale = locale");
    assert!(blog.sync(&[]).stdout.starts_with("nothing changed"));
}

fn files_in_several_languages_become_locales_by_init(blog: &TestBlog) {
    with_two_languages(blog);
    blog.project.remove("blogctl.toml");
    let told = blog.run(&["sync", "content/"]).expect_status(1).stderr;
    assert!(
        told.contains("name these in the section [locales] of blogctl.toml"),
        "{told}"
    );
    let told = blog.run(&["init", "--dry-run"]).expect_status(0).stdout;
    assert!(told.contains("would add to "), "{told}");
    blog.run(&["init"]).expect_status(0);
    let written = blog.project.read("blogctl.toml");
    let (head, locales) = written.split_once("\n\n").unwrap();
    assert!(head.starts_with("# Written by `blogctl init`"), "{head}");
    assert_eq!(locales, LOCALES);
    // Nothing is left to find.
    blog.run(&["init"]).expect_status(0);
    assert_eq!(blog.project.read("blogctl.toml"), written);
    assert_eq!(blog.sync_json(&[])["counts"]["created"], 4);
    assert_eq!(titles(blog, &["list", "--locale", "en"]), ["Post 1"]);
}

/// A project whose posts go to version B of the tables.
struct VersionB {
    project: Project,
    database: crate::support::database::TestDatabase,
}

impl VersionB {
    fn new() -> Self {
        Self {
            project: Project::new(),
            database: named("version B").create(),
        }
    }

    fn run(&self, args: &[&str]) -> Output {
        let url = self.database.plain_url();
        self.project.run_with(args, &[("DATABASE_URL", &url)])
    }

    /// The texts that the site shows in a locale, newest first.
    fn site(&self, locale: &str) -> Vec<String> {
        let rows = self.database.client().rows(&format!(
            "SELECT p.id || ' ' || p.title || ' ' || p.category || ' ' || t.content
             FROM post p JOIN post_translation t ON t.post_id = p.id AND t.locale = '{locale}'
             WHERE p.id < 1000 ORDER BY p.id DESC LIMIT 20"
        ));
        rows.into_iter().flatten().flatten().collect()
    }
}

#[test]
fn a_blog_with_a_table_of_translations_is_published_without_a_word_by_hand() {
    let blog = VersionB::new();
    for id in 1..=15 {
        let post = format!(
            "---\nid: {id}\ntitle: 글 {id}\ncategory: GUIDE\ncreated_at: 2025-01-{id:02}\n---\n인덱스 {id}\n"
        );
        blog.project.write(format!("content/ko/{id}.md"), post);
    }
    for id in 1..=3 {
        let post = format!("---\nid: {id}\ntitle: 글 {id}\n---\nAn index {id}\n");
        blog.project.write(format!("content/en/{id}.md"), post);
    }
    blog.run(&["init"]).expect_status(0);
    insta::assert_snapshot!(blog.project.read("blogctl.toml"), @r#"
    # Written by `blogctl init`. docs/configuration.md explains every setting.

    [locales]
    default = "ko"
    others = ["en"]
    path = "{locale}/{name}"

    [tables.post]
    name = "public.post"
    columns = { content = false, description = false, word_count = false, slug = false, extra = false }

    [tables.tag]
    name = "public.tag"

    [tables.post_tag]
    name = "public.post_tag"

    [tables.translation]
    name = "public.post_translation"
    columns = { title = false, image = false, created_at = false, updated_at = false, slug = false, extra = false }
    "#);
    let synced = blog.run(&["sync", "content"]).expect_status(0);
    assert!(synced.stdout.contains("18 created"), "{}", synced.stdout);
    let (korean, english) = (blog.site("ko"), blog.site("en"));
    assert_eq!((korean.len(), english.len()), (15, 3));
    assert_eq!(korean[0], "15 글 15 GUIDE 인덱스 15\n");
    assert_eq!(english[0], "3 글 3 GUIDE An index 3\n");
    let again = blog.run(&["sync", "content"]).expect_status(0);
    assert!(
        again.stdout.starts_with("nothing changed: 18 posts"),
        "{}",
        again.stdout
    );
    let found = |args: &[&str]| blog.run(&[&["search", "--ids"], args].concat()).stdout;
    assert_eq!(found(&["index", "--locale", "en"]), "3\n2\n1\n");
    assert_eq!(found(&["index"]), "");
    assert_eq!(found(&["인덱스", "--limit", "1"]), "15\n");
    assert_eq!(found(&["인덱스", "--locale", "en"]), "");

    // In the tables of another program, too, a change of the main text makes its translation old.
    let list = |args: &[&str]| {
        let args = [&["list", "--format", "json"], args].concat();
        blog.run(&args).expect_status(0).stdout
    };
    let ids = |args: &[&str]| -> Vec<i64> {
        let told: Json = serde_json::from_str(&list(args)).expect("it is JSON");
        let posts = told["posts"].as_array().expect("a page").iter();
        posts.filter_map(|post| post["id"].as_i64()).collect()
    };
    assert_eq!(ids(&["--missing", "en", "--limit", "2"]), [15, 14]);
    assert_eq!(ids(&["--missing", "en", "--cursor", "5"]), [4]);
    assert_eq!(ids(&["--stale", "en"]), [0; 0]);
    let changed = "---\nid: 2\ntitle: 글 2\ncategory: GUIDE\ncreated_at: 2025-01-02\n---\n새 글\n";
    blog.project.write("content/ko/2.md", changed);
    blog.run(&["sync", "content"]).expect_status(0);
    assert_eq!(ids(&["--stale", "en"]), [2]);
    let all: Json = serde_json::from_str(&list(&["--all-locales", "--cursor", "2"])).expect("JSON");
    let text = &all["posts"][0]["translations"][1];
    assert_eq!(
        (&text["locale"], &text["word_count"]),
        (&json!("en"), &json!(3))
    );
}

#[test]
fn texts_that_the_application_made_are_adopted_and_those_of_other_locales_stay() {
    let blog = VersionB::new();
    blog.project
        .write("blogctl.toml", named("version B").tables)
        .write(
            "content/ko/1.md",
            "---\nid: 1\ntitle: 글\ncategory: GUIDE\n---\n본문\n",
        )
        .write("content/en/1.md", "---\nid: 1\ntitle: 글\n---\nOurs\n");
    let client = blog.database.client();
    client.batch(
        "INSERT INTO post (id, title, category, updated_at) VALUES (1, '글', 'GUIDE', now());
         INSERT INTO post_translation (post_id, locale, content, word_count)
         VALUES (1, 'ko', '본문', 1), (1, 'en', 'Theirs', 1)",
    );
    let refused = blog.run(&["sync", "content"]).expect_status(4);
    assert!(
        refused
            .stderr
            .contains("content/en/1.md (id 1, en): no sync has written its row")
            || refused.stderr.contains("content/en/1.md (id 1, en)"),
        "{}",
        refused.stderr
    );
    assert!(
        !refused.stderr.contains("content/ko/1.md"),
        "{}",
        refused.stderr
    );
    blog.project
        .write("content/en/1.md", "---\nid: 1\ntitle: 글\n---\nTheirs\n");
    let adopted = blog.run(&["sync", "content"]).expect_status(0);
    assert!(adopted.stdout.contains("2 adopted"), "{}", adopted.stdout);
    assert_eq!(
        client.text("SELECT content FROM post_translation WHERE locale = 'ko'"),
        "본문"
    );
    // Removing the post would take a text along that no file ever stated.
    blog.project.remove("content/en/1.md").write(
        "content/ko/2.md",
        "---\nid: 2\ntitle: 둘\ncategory: GUIDE\n---\n둘\n",
    );
    blog.run(&["sync", "content", "--prune"]).expect_status(0);
    client.batch(
        "INSERT INTO post_translation (post_id, locale, content, word_count)
         VALUES (1, 'en', 'Theirs again', 2)",
    );
    blog.project.remove("content/ko/1.md");
    let refused = blog.run(&["sync", "content", "--prune"]).expect_status(4);
    assert!(
        refused.stderr.contains("1 row of public.post_translation"),
        "{}",
        refused.stderr
    );
    blog.run(&["sync", "content", "--prune", "--force"])
        .expect_status(0);
    assert_eq!(client.text("SELECT count(*) FROM post_translation"), "1");
}

#[test]
fn what_translations_share_is_stated_once() {
    let blog = VersionB::new();
    blog.project
        .write("blogctl.toml", named("version B").tables)
        .write(
            "content/ko/1.md",
            "---\nid: 1\ntitle: 글\ncategory: GUIDE\n---\n본문\n",
        )
        .write(
            "content/en/1.md",
            "---\nid: 1\ntitle: Post\ncategory: GUIDE\n---\nBody\n",
        );
    let refused = blog.run(&["sync", "content"]).expect_status(1);
    insta::assert_snapshot!(refused.stderr, @r"
    error[translation-differs]: title is Post here and says 글 in content/ko/1.md:3, and is one for all locales
     --> content/en/1.md:3:8
      |
    3 | title: Post
      |        ^^^^
      |
      = help: state it in content/ko/1.md alone, or the same in both

    error: 1 error in the content; nothing was written
    ");
    let untitled = "---\nid: 1\nlocale: en\n---\nBody\n";
    blog.project.write("content/en/1.md", untitled);
    blog.run(&["sync", "content"]).expect_status(0);
    assert_eq!(blog.site("en"), ["1 글 GUIDE Body\n"]);
    // A language that the blog does not have is no text of another.
    blog.project
        .write("content/fr/1.md", "---\nid: 1\ntitle: Un\n---\nCorps\n");
    let refused = blog.run(&["check", "content"]).expect_status(1);
    assert!(
        refused.stdout.contains("error[unknown-locale]"),
        "{}",
        refused.stdout
    );
    blog.project.remove("content/fr/1.md").write(
        "content/en/2.md",
        "---\nid: 2\ntitle: Un\nlang: ko\n---\nCorps\n",
    );
    let refused = blog.run(&["check", "content"]).expect_status(1);
    assert!(
        refused.stdout.contains("error[locale-mismatch]"),
        "{}",
        refused.stdout
    );
}
