//! Databases of blogs that an ORM or an owner made: each is published into rightly, or refused
//! before anything is written.

use crate::support::project::{Output, Project};
use crate::support::variants::{Shown, Variant, all, named};

/// Whether a variant takes a post, and if not, a part of the reason.
fn refusal(variant: &Variant) -> Option<&'static str> {
    Some(match variant.name {
        "required column" => "public.post.url",
        "date" => "public.post.created_at",
        "tag names not unique" => "public.tag",
        "UUIDs" => "public.post.id",
        _ => return None,
    })
}

struct Blog {
    project: Project,
    url: String,
}

impl Blog {
    fn run(&self, args: &[&str]) -> Output {
        self.project
            .run(&[args, &["--database", &self.url]].concat())
    }
}

#[test]
fn every_variant_is_published_into_rightly_or_refused_before_a_write() {
    let mut wrong = Vec::new();
    for variant in all() {
        let database = variant.create();
        let blog = Blog {
            project: Project::new(),
            url: database.plain_url(),
        };
        blog.project
            .write("blogctl.toml", variant.tables)
            .post_with(7, "Seven", "category: GUIDE\ntags: [b, a]", "# Seven\n");
        let rehearsed = blog.run(&["sync", "content", "--dry-run"]);
        let doctor = blog.run(&["doctor"]);
        let synced = blog.run(&["sync", "content"]);
        let client = database.client();
        let shown = variant.shown(&client);
        let words = format!("{}{}", synced.stdout, synced.stderr);
        let mut demand = |holds: bool, what: &str| {
            if !holds {
                wrong.push(format!(
                    "{}: {what}\nsync: {} {words}\ndry run: {} {}{}\ndoctor: {} {}{}\n{shown:?}\n",
                    variant.name,
                    synced.status,
                    rehearsed.status,
                    rehearsed.stdout,
                    rehearsed.stderr,
                    doctor.status,
                    doctor.stdout,
                    doctor.stderr,
                ));
            }
        };
        if let Some(reason) = refusal(variant) {
            demand(synced.status != 0 && shown.is_empty(), "is to be refused");
            demand(words.contains(reason), "is to be refused with the reason");
            demand(rehearsed.status == synced.status, "the dry run differs");
            demand(doctor.status != 0, "doctor is content");
            let made = client.text("SELECT to_regclass('blogctl.state')");
            demand(made.is_empty(), "something was made");
        } else {
            let tags = if variant.name == "no tags" { "" } else { "a,b" };
            let expected = Shown {
                id: 7,
                title: "Seven".to_owned(),
                category: "GUIDE".to_owned(),
                text: "# Seven\n".to_owned(),
                tags: tags.to_owned(),
            };
            demand(synced.status == 0, "is to be published into");
            demand(shown == [expected], "is to show the post");
            demand(rehearsed.status == 0, "the dry run differs");
            demand(doctor.status == 0, "doctor complains");
            for read in [
                "list",
                "list --category GUIDE",
                "list --tag a",
                "show 7",
                "search seven",
                "tags",
                "categories",
            ] {
                let output = blog.run(&read.split(' ').collect::<Vec<_>>());
                let answer = format!("{read}: {}{}", output.stdout, output.stderr);
                // Where tags are not stored, no post is found by one.
                let is_found = variant.name != "no tags" || read != "list --tag a";
                demand(output.status == if is_found { 0 } else { 2 }, &answer);
            }
            let again = blog.run(&["sync", "content", "--dry-run", "--exit-code"]);
            demand(again.status == 0, "is to be as the file says");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_value_that_a_column_does_not_take_is_refused_with_its_post() {
    let long = "A title of more than twenty characters";
    for (variant, title, front_matter, reason) in [
        ("short title", long, "category: GUIDE", "content/7.md:3"),
        ("version A", "Seven", "category: OTHER", "content/7.md:4"),
        ("category domain", "Seven", "category: OTHER", "category"),
        ("category check", "Seven", "category: OTHER", "category"),
        ("required category", "Seven", "tags: [a]", "category"),
    ] {
        let database = named(variant).create();
        let blog = Blog {
            project: Project::new(),
            url: database.plain_url(),
        };
        blog.project
            .write("blogctl.toml", named(variant).tables)
            .post_with(7, title, front_matter, "# Seven\n")
            .post(8, "Eight");
        let synced = blog.run(&["sync", "content"]);
        let words = format!("{variant}\n{}{}", synced.stdout, synced.stderr);
        assert_ne!(synced.status, 0, "{words}");
        assert!(words.contains(reason), "{words}");
        assert!(words.contains("7"), "{words}");
        let client = database.client();
        assert_eq!(named(variant).shown(&client), [], "{words}");
    }
}
