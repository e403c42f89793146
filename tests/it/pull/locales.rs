//! Texts in several languages: each is compared with its own file, and comes to it.

use serde_json::json;

use super::contents;
use crate::support::project::{Output, Project};
use crate::support::test_blog::{TestBlog, on_both_stores};
use crate::support::variants::named;

on_both_stores!(
    a_text_edited_in_the_database_is_brought_by_the_commands_of_the_conflict,
    a_text_that_only_the_database_has_is_listed_and_brought,
    files_that_are_gone_come_back_as_they_were_published,
    a_path_of_another_locale_is_refused,
);

fn locales(pattern: Option<&str>) -> String {
    let pattern = pattern.map(|pattern| format!("path = \"{pattern}\"\n"));
    let pattern = pattern.unwrap_or_default();
    format!("[locales]\ndefault = \"ko\"\nothers = [\"en\"]\n{pattern}")
}

fn korean(id: i32) -> String {
    format!(
        "---\nid: {id}\ntitle: 글 {id}\ncategory: GUIDE\ntags: [데이터]\nslug: post-{id}\n\
         created_at: 2025-01-0{id}\n---\n본문 {id} 이다.\n"
    )
}

fn english(id: i32) -> String {
    format!("---\nid: {id}\ntitle: Post {id}\nslug: post-{id}\n---\nThe body {id}.\n")
}

/// Publishes three posts in Korean, the first two of them in English, too.
fn publish(blog: &TestBlog) {
    let project = &blog.project;
    project.write("blogctl.toml", locales(Some("{locale}/{name}")));
    for id in 1..=3 {
        project.write(format!("content/ko/{id}.md"), korean(id));
    }
    for id in 1..=2 {
        project.write(format!("content/en/{id}.md"), english(id));
    }
    blog.sync(&[]);
}

/// Runs the commands that a message has in quotes and that begin like this.
fn quoted<'m>(message: &'m str, command: &str) -> Vec<&'m str> {
    let at = message.find(&format!("`blogctl {command} "));
    let words = at
        .map(|at| &message[at + 1..])
        .and_then(|rest| rest.split('`').next());
    words.expect("a command").split(' ').skip(1).collect()
}

fn is_settled(sync: &Output) {
    let is_settled = sync.stdout.starts_with("nothing changed") || sync.stdout.contains("adopt");
    assert!(is_settled, "{}", sync.stdout);
    assert!(!sync.stdout.contains("update  "), "{}", sync.stdout);
}

fn a_text_edited_in_the_database_is_brought_by_the_commands_of_the_conflict(blog: &TestBlog) {
    publish(blog);
    blog.sql("UPDATE post_translation SET title = 'Theirs' WHERE post_id = 2 AND locale = 'en'");
    let refused = blog.run(&["sync", "content"]).expect_status(4);
    let (diff, pull) = (
        quoted(&refused.stderr, "diff"),
        quoted(&refused.stderr, "pull"),
    );
    assert_eq!(diff, ["diff", "content/en/2.md"]);
    assert_eq!(pull, ["pull", "2", "--locale", "en"]);
    let shown = blog.run(&diff).expect_status(0);
    let heading = "content/en/2.md · id 2, en · the row was edited since the last sync\n";
    assert!(shown.stdout.starts_with(heading), "{}", shown.stdout);
    let title = "title: - \"Theirs\" + \"Post 2\"\n";
    assert!(shown.stdout.contains(title), "{}", shown.stdout);
    assert!(!shown.stdout.contains("category"), "{}", shown.stdout);
    let told = blog.json(&["diff", "--format", "json"]);
    assert_eq!(told["posts"].as_array().map(Vec::len), Some(1), "{told}");
    assert_eq!(told["posts"][0]["locale"], "en");
    let fields = json!([{ "field": "title", "file": "Post 2", "row": "Theirs" }]);
    assert_eq!(told["posts"][0]["fields"], fields);
    assert_eq!((&told["different"], &told["equal"]), (&json!(1), &json!(4)));
    let other = blog.json(&["diff", "--locale", "ko", "--format", "json"]);
    assert_eq!(
        (&other["different"], &other["equal"]),
        (&json!(0), &json!(3))
    );

    let dry = blog.run(&["pull", "--dry-run"]).expect_status(0);
    let lines = "update  content/en/2.md (id 2, en): title\n";
    assert!(dry.stdout.starts_with(lines), "{}", dry.stdout);
    assert!(dry.stdout.contains("+title: Theirs"), "{}", dry.stdout);
    blog.run(&pull).expect_status(0);
    let text = english(2).replace("Post 2", "Theirs");
    assert_eq!(blog.project.read("content/en/2.md"), text);
    is_settled(&blog.sync(&[]));
    assert!(blog.sync(&[]).stdout.starts_with("nothing changed"));

    // What the texts share is the main text's, also where another file repeats it.
    let repeated = text.replace("slug:", "category: GUIDE\nslug:");
    blog.project.write("content/en/2.md", &repeated);
    blog.sync(&[]);
    blog.sql("UPDATE post SET category = 'CONCEPT' WHERE id = 2");
    let refused = blog.run(&["sync", "content"]).expect_status(4);
    let diff = quoted(&refused.stderr, "diff");
    assert_eq!(diff, ["diff", "content/ko/2.md"]);
    let shown = blog.run(&diff).expect_status(0);
    let category = "category: - \"CONCEPT\" + \"GUIDE\"\n";
    assert!(shown.stdout.contains(category), "{}", shown.stdout);
    let told = blog.json(&["pull", "--format", "json"]);
    let changes = told["changes"].as_array().expect("changes").iter();
    let changes: Vec<_> = changes
        .map(|change| (&change["locale"], &change["fields"]))
        .collect();
    let (ko, en, fields) = (json!("ko"), json!("en"), json!(["category"]));
    assert_eq!(changes, [(&ko, &fields), (&en, &fields)]);
    is_settled(&blog.sync(&[]));
}

fn a_text_that_only_the_database_has_is_listed_and_brought(blog: &TestBlog) {
    publish(blog);
    blog.sql(
        "INSERT INTO post_translation (post_id, locale, title, content, word_count, slug)
         VALUES (3, 'en', 'By the site', 'Theirs', 1, 'three')",
    );
    let listed = blog.run(&["diff"]).expect_status(0);
    let heading = "post 3 in en · only in the database: no sync wrote the row\n";
    assert!(listed.stdout.starts_with(heading), "{}", listed.stdout);
    assert!(!listed.stdout.contains("category"), "{}", listed.stdout);
    let told = blog.json(&["pull", "--format", "json"]);
    assert_eq!(
        told["changes"],
        json!([{ "action": "create", "id": 3, "locale": "en", "path": "content/en/3.md",
                 "fields": [], "diff": null }])
    );
    let file = "---\nid: 3\ntitle: By the site\nslug: three\n---\nTheirs\n";
    assert_eq!(blog.project.read("content/en/3.md"), file);
    is_settled(&blog.sync(&[]));
    let again = blog.run(&["pull"]).expect_status(0);
    assert!(
        again.stdout.starts_with("nothing to pull"),
        "{}",
        again.stdout
    );
    // The database may have a whole post alone.
    blog.sql(
        "INSERT INTO post (id, title, content, category, word_count, created_at, updated_at)
         SELECT 9, 'Nine', 'Nine', category, 1, created_at, updated_at FROM post WHERE id = 1;
         INSERT INTO post_translation (post_id, locale, title, content, word_count)
         VALUES (9, 'en', 'Nine', 'Nine', 1), (9, 'ko', '아홉', '아홉', 1)",
    );
    blog.run(&["pull", "9"]).expect_status(0);
    let main = blog.project.read("content/ko/9.md");
    assert!(main.contains("category: GUIDE"), "{main}");
    let other = blog.project.read("content/en/9.md");
    assert_eq!(other, "---\nid: 9\ntitle: Nine\n---\nNine\n");
    let missing = blog.run(&["pull", "8", "--locale", "en"]).expect_status(6);
    assert!(
        missing.stderr.contains("no post 8 in en"),
        "{}",
        missing.stderr
    );
}

fn files_that_are_gone_come_back_as_they_were_published(blog: &TestBlog) {
    let project = &blog.project;
    for (number, (pattern, ko, en)) in [
        (Some("{locale}/{name}"), "a/ko/1.md", "a/en/1.md"),
        (Some("{name}.{locale}"), "b/1.ko.md", "b/1.en.md"),
        (Some("{name}.{locale}"), "c/1.md", "c/1.en.md"),
        (None, "d/1.md", "d/other.md"),
    ]
    .into_iter()
    .enumerate()
    {
        let id = i32::try_from(number).unwrap() + 1;
        let (ko, en) = (format!("content/{ko}"), format!("content/{en}"));
        project.write("blogctl.toml", locales(pattern));
        let english = match pattern {
            None => english(id).replace("title:", "lang: en\ntitle:"),
            Some(_) => english(id),
        };
        project.write(&ko, korean(id)).write(&en, english);
        blog.sync(&[]);
        let before = contents(blog);
        project.remove(&ko).remove(&en);
        let pulled = blog.run(&["pull"]).expect_status(0);
        assert!(pulled.stdout.contains("2 created"), "{}", pulled.stdout);
        let sync = blog.sync(&[]);
        assert!(
            sync.stdout.starts_with("nothing changed: 2 posts"),
            "{}",
            sync.stdout
        );
        assert_eq!(
            contents(blog).keys().collect::<Vec<_>>(),
            before.keys().collect::<Vec<_>>()
        );
        // Of a text that comes back alone, the post's own fields stay in the other file.
        let written = project.read(&en);
        assert!(!written.contains("category"), "{written}");
        project.remove(&en);
        let args = ["pull", &id.to_string(), "--locale", "en"];
        blog.run(&args).expect_status(0);
        assert_eq!(project.read(&en), written);
        // A new text has the name of the main one.
        blog.sql(&format!(
            "DELETE FROM post_translation WHERE post_id = {id} AND locale = 'en'"
        ));
        project.remove(&en).remove(&ko);
        blog.sync(&["--prune", "--force"]);
    }
}

fn a_path_of_another_locale_is_refused(blog: &TestBlog) {
    publish(blog);
    for args in [
        ["diff", "content/ko/1.md", "--locale", "en"],
        ["diff", "content/ko", "--locale", "en"],
        ["pull", "content/ko", "--locale", "en"],
    ] {
        let refused = blog.run(&args).expect_status(2);
        let words = "is in ko, and --locale says en";
        assert!(refused.stderr.contains(words), "{}", refused.stderr);
    }
    for command in ["diff", "pull"] {
        let unknown = blog.run(&[command, "--locale", "fr"]).expect_status(2);
        let words = "the locales are ko, en";
        assert!(unknown.stderr.contains(words), "{}", unknown.stderr);
    }
    blog.project.remove("blogctl.toml");
    let refused = blog.run(&["diff", "--locale", "en"]).expect_status(2);
    let words = "there are no locales in blogctl.toml";
    assert!(refused.stderr.contains(words), "{}", refused.stderr);
}

#[test]
fn a_blog_with_a_table_of_translations_is_compared_and_brought() {
    let project = Project::new();
    let variant = named("version B");
    let database = variant.create();
    let url = database.plain_url();
    let run = |args: &[&str]| project.run_with(args, &[("DATABASE_URL", &url)]);
    project.write("blogctl.toml", variant.tables);
    let korean =
        "---\nid: 1\ntitle: 글\ncategory: GUIDE\ntags: [a]\ncreated_at: 2025-01-01\n---\n본문\n";
    project.write("content/ko/1.md", korean);
    project.write("content/en/1.md", "---\nid: 1\n---\nBody\n");
    run(&["sync", "content"]).expect_status(0);
    let client = database.client();
    client.batch("UPDATE post_translation SET content = 'Theirs' WHERE locale = 'en'");
    let refused = run(&["sync", "content"]).expect_status(4);
    let (diff, pull) = (
        quoted(&refused.stderr, "diff"),
        quoted(&refused.stderr, "pull"),
    );
    let shown = run(&diff).expect_status(0);
    assert!(
        shown.stdout.contains("\n-Theirs\n+Body\n"),
        "{}",
        shown.stdout
    );
    run(&pull).expect_status(0);
    assert_eq!(project.read("content/en/1.md"), "---\nid: 1\n---\nTheirs\n");
    is_settled(&run(&["sync", "content"]).expect_status(0));
    // What the texts share is in the table of posts.
    client.batch("UPDATE post SET title = 'Theirs', category = 'CONCEPT'");
    let refused = run(&["sync", "content"]).expect_status(4);
    assert_eq!(quoted(&refused.stderr, "diff"), ["diff", "content/ko/1.md"]);
    let pull = quoted(&refused.stderr, "pull");
    assert_eq!(pull, ["pull", "1", "--locale", "ko"]);
    run(&pull).expect_status(0);
    let korean = korean.replace("글", "Theirs").replace("GUIDE", "CONCEPT");
    assert_eq!(project.read("content/ko/1.md"), korean);
    is_settled(&run(&["sync", "content"]).expect_status(0));
    // A text that the application made, and files that are gone.
    client.batch(
        "INSERT INTO post (id, title, category, updated_at) VALUES (2, '둘', 'GUIDE', now());
         INSERT INTO post_translation (post_id, locale, content, word_count)
         VALUES (2, 'ko', '둘', 1), (2, 'en', 'Two', 1)",
    );
    let listed = run(&["diff"]).expect_status(0);
    assert!(
        listed.stdout.contains("post 2 in en · only in"),
        "{}",
        listed.stdout
    );
    project.remove("content/ko/1.md").remove("content/en/1.md");
    let pulled = run(&["pull"]).expect_status(0);
    assert!(pulled.stdout.contains("4 created"), "{}", pulled.stdout);
    assert_eq!(project.read("content/en/2.md"), "---\nid: 2\n---\nTwo\n");
    assert_eq!(project.read("content/en/1.md"), "---\nid: 1\n---\nTheirs\n");
    let synced = run(&["sync", "content"]).expect_status(0);
    is_settled(&synced);
    assert!(synced.stdout.contains("2 adopted"), "{}", synced.stdout);
    let again = run(&["sync", "content"]).expect_status(0);
    assert!(
        again.stdout.starts_with("nothing changed: 4 posts"),
        "{}",
        again.stdout
    );
    let nothing = run(&["diff", "--exit-code"]).expect_status(0);
    assert!(
        nothing.stdout.starts_with("no differences"),
        "{}",
        nothing.stdout
    );
}
