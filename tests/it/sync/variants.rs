//! Databases of blogs that an ORM or an owner made: each is published into rightly, or refused
//! before anything is written.

use crate::support::project::{Output, Project};
use crate::support::variants::{Shown, Variant, all};

/// Whether a variant takes a post, and if not, a part of the reason.
fn refusal(variant: &Variant) -> Option<&'static str> {
    Some(match variant.name {
        // Its tables of translations cannot be named.
        "version B" => "unknown key",
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
            let again = blog.run(&["sync", "content", "--dry-run", "--exit-code"]);
            demand(again.status == 0, "is to be as the file says");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
