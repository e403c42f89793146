//! blogctl publishes into the tables of an application that goes on using them.

use serde_json::{Value, json};

use super::three_posts;
use crate::support::orm::{App, OrmDatabase};
use crate::support::project::{Output, Project};
use crate::support::variants::named;

/// A blog's application and the directory of its author's files.
struct Blog {
    kind: App,
    app: OrmDatabase,
    project: Project,
    url: String,
}

impl Blog {
    /// Three posts that the application made, and the files that say the same.
    fn deploy(kind: App, tables: &str) -> Self {
        let mut app = OrmDatabase::deploy(kind);
        assert_eq!(app.insert(&three_posts()), [1, 2, 3]);
        let project = Project::new();
        project
            .write("blogctl.toml", tables)
            .post_with(
                1,
                "One",
                "category: GUIDE\ntags: [a, b]",
                "# One\n\nThe first.\n",
            )
            .post_with(
                2,
                "Two",
                "description: The second\nimage: /two.png\ntags: [a]",
                "# Two\n",
            )
            .post_with(3, "Three", "category: NOTE", "# 셋\n");
        let url = app.database().plain_url();
        Self {
            kind,
            app,
            project,
            url,
        }
    }

    fn mapped() -> Self {
        Self::deploy(App::PrismaMapped, named("version A").tables)
    }

    fn run(&self, args: &[&str]) -> Output {
        let args = [args, &["--database", &self.url]].concat();
        self.project.run(&args)
    }

    fn sync(&self, options: &[&str]) -> Output {
        self.run(&[&["sync", "content"], options].concat())
    }

    /// What must not change by a sync: the ORM's opinion of its database.
    fn opinion(&mut self) -> [String; 2] {
        let diagnosis = match self.kind {
            App::PrismaMapped | App::PrismaPlain | App::PrismaTranslated => self.app.diagnose(),
            App::Drizzle => String::new(),
        };
        [self.app.drift().sql, diagnosis]
    }

    /// The post of this id as the site shows it.
    fn post(&mut self, id: i64) -> Value {
        let page = self.app.page(Some(id + 1));
        let post = page.into_iter().next().expect("the post is there");
        assert_eq!(post["id"], id);
        post
    }
}

fn blogs() -> [Blog; 3] {
    [
        Blog::mapped(),
        Blog::deploy(App::PrismaPlain, named("Prisma's names").tables),
        Blog::deploy(App::Drizzle, named("ids always generated").tables),
    ]
}

#[test]
fn rows_that_equal_their_files_are_adopted_and_not_written() {
    for mut blog in blogs() {
        let shown = blog.app.page(None);
        let opinion = blog.opinion();
        blog.sync(&["--dry-run"]).expect_status(0);
        blog.sync(&[]).expect_status(0);
        assert_eq!(blog.app.page(None), shown);
        assert_eq!(blog.opinion(), opinion);
        assert_eq!(blog.app.insert(&three_posts()), [4, 5, 6]);
        // The second sync has nothing left to do.
        let output = blog.sync(&[]).expect_status(0);
        assert!(
            output.stdout.starts_with("nothing changed: 3 posts"),
            "{}",
            output.stdout
        );
    }
}

#[test]
fn the_site_shows_a_new_post_and_the_next_insert_works() {
    for mut blog in blogs() {
        let opinion = blog.opinion();
        blog.project
            .post_with(10, "Ten", "category: CONCEPT\ntags: [a, new]", "# Ten\n");
        blog.sync(&[]).expect_status(0);
        let post = blog.post(10);
        assert_eq!(post["title"], "Ten");
        assert_eq!(post["content"], "# Ten\n");
        assert_eq!(post["category"], "CONCEPT");
        assert_eq!(post["tags"], json!(["a", "new"]));
        assert_eq!(blog.opinion(), opinion);

        let next = json!({
            "title": "Next", "content": "", "wordCount": 0, "tags": ["new", "newer"],
        });
        assert_eq!(blog.app.insert(&[next]), [11]);
    }
}

#[test]
fn an_edited_file_changes_what_it_states_and_nothing_else() {
    for mut blog in blogs() {
        blog.sync(&[]).expect_status(0);
        let mut expected = blog.post(2);
        blog.project.post_with(
            2,
            "Second",
            "description: The second\nimage: /two.png\ntags: [a]",
            "# Two\n",
        );
        blog.sync(&[]).expect_status(0);
        expected["title"] = "Second".into();
        let mut after = blog.post(2);
        // The time of an update that the file does not state is that of the sync.
        assert_ne!(after["updatedAt"].take(), expected["updatedAt"].take());
        assert_eq!(after, expected);
    }
}

#[test]
fn links_that_the_application_made_stay_where_the_file_has_no_tags() {
    let mut blog = Blog::mapped();
    blog.project
        .post_with(1, "One", "category: GUIDE", "# One\n\nThe first, edited.\n");
    blog.sync(&["--force"]).expect_status(0);
    let post = blog.post(1);
    assert_eq!(post["content"], "# One\n\nThe first, edited.\n");
    assert_eq!(post["tags"], json!(["a", "b"]));
}

#[test]
fn a_page_view_is_no_edit_and_an_edit_is_a_conflict() {
    let mut blog = Blog::mapped();
    blog.sync(&[]).expect_status(0);
    blog.app.view(1);
    blog.project.post_with(
        1,
        "First",
        "category: GUIDE\ntags: [a, b]",
        "# One\n\nThe first.\n",
    );
    blog.sync(&[]).expect_status(0);
    assert_eq!(blog.post(1)["title"], "First");
    assert_eq!(blog.post(1)["views"], 1);

    blog.app
        .edit(1, &json!({ "title": "Edited in the application" }));
    blog.project.post_with(
        1,
        "Edited in the file",
        "category: GUIDE\ntags: [a, b]",
        "# One\n\nThe first.\n",
    );
    let output = blog.sync(&[]);
    assert_ne!(output.status, 0);
    let words = format!("{}{}", output.stdout, output.stderr);
    assert!(words.contains("title"), "{words}");
    assert_eq!(blog.post(1)["title"], "Edited in the application");
}

#[test]
fn pruning_takes_no_tag_that_another_table_uses() {
    let mut blog = Blog::mapped();
    blog.project
        .post_with(10, "Ten", "tags: [shared, alone]", "# Ten\n");
    blog.sync(&[]).expect_status(0);
    let client = blog.app.client();
    client.batch(
        "CREATE TABLE timeline_tag (tag_id integer REFERENCES tag (id) ON DELETE CASCADE);
         INSERT INTO timeline_tag SELECT id FROM tag WHERE name = 'shared'",
    );
    blog.project.remove("content/10.md");
    blog.sync(&["--prune"]).expect_status(0);
    assert_eq!(client.text("SELECT count(*) FROM timeline_tag"), "1");
    let tags = "SELECT string_agg(name, ',' ORDER BY name) FROM tag";
    assert_eq!(client.text(tags), "a,b,shared");
    assert_eq!(blog.app.titles(), ["Three []", "Two [a]", "One [a, b]"]);
}

#[test]
fn files_and_application_change_the_blog_in_turn_and_nothing_is_lost() {
    let mut blog = Blog::mapped();
    let opinion = blog.opinion();
    blog.sync(&["--dry-run"]).expect_status(0);
    blog.sync(&[]).expect_status(0);
    blog.run(&["diff", "--exit-code"]).expect_status(0);

    blog.app.edit(1, &json!({ "title": "One, edited" }));
    let added = json!({
        "title": "Four", "content": "# Four\n", "wordCount": 2, "category": "CONCEPT",
        "tags": ["a", "new"],
    });
    assert_eq!(blog.app.insert(&[added]), [4]);
    let output = blog.run(&["diff", "--exit-code"]).expect_status(5);
    assert!(output.stdout.contains("One, edited"), "{}", output.stdout);

    blog.run(&["pull"]).expect_status(0);
    assert!(blog.project.read("content/1.md").contains("One, edited"));
    assert!(blog.project.read("content/4.md").contains("new"));
    blog.sync(&[]).expect_status(0);
    blog.run(&["diff", "--exit-code"]).expect_status(0);

    blog.project.remove("content/2.md");
    blog.sync(&["--prune"]).expect_status(0);
    assert_eq!(
        blog.app.titles(),
        ["Four [a, new]", "Three []", "One, edited [a, b]"]
    );
    assert_eq!(blog.opinion(), opinion);
    assert_eq!(blog.app.insert(&three_posts()), [5, 6, 7]);
}

#[test]
fn init_names_the_tables_and_the_first_sync_adopts_the_rows() {
    for mut blog in blogs() {
        let shown = blog.app.page(None);
        let opinion = blog.opinion();
        blog.project.remove("blogctl.toml");
        blog.run(&["init"]).expect_status(0);
        let written = blog.project.read("blogctl.toml");
        assert!(written.contains("[tables"), "{written}");
        blog.sync(&[]).expect_status(0);
        assert_eq!(blog.app.page(None), shown);
        assert_eq!(blog.opinion(), opinion);
        assert_eq!(blog.app.insert(&three_posts()), [4, 5, 6]);
    }
}
