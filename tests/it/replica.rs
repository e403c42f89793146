//! Reading from a real streaming replica that lags, fails and goes away; writing never does.

mod choosing;
mod failing;
mod lagging;

use crate::support::database::TestDatabase;
use crate::support::project::{Output, Project};
use crate::support::replica::{Replica, connections, primary};

/// A project whose posts are in a database that a replica follows.
struct Blog {
    project: Project,
    database: TestDatabase,
    replica: Replica,
}

impl Blog {
    fn new() -> Self {
        Self {
            project: Project::new(),
            database: primary().database(),
            replica: Replica::start(),
        }
    }

    /// A blog of posts 1 to 3, `Old N`, which the replica has.
    fn published() -> Self {
        let blog = Self::new();
        for id in 1..=3 {
            let front_matter = "category: guide\ntags: [common]\n";
            let body = format!("The body of post {id}.\n");
            blog.project
                .post_with(id, &format!("Old {id}"), front_matter, &body);
        }
        blog.run(&["sync", "content"]).expect_status(0);
        blog.replica.catch_up();
        blog
    }

    /// Runs the program with both addresses in its environment.
    fn run(&self, args: &[&str]) -> Output {
        self.run_reading(args, &self.replica.url(&self.database))
    }

    /// Runs it with another read address.
    fn run_reading(&self, args: &[&str], read: &str) -> Output {
        let primary = self.database.plain_url();
        let variables = [("DATABASE_URL", &*primary), ("DATABASE_READ_URL", read)];
        self.project.run_with(args, &variables)
    }

    /// The number of connections that a run makes to the primary and to the replica.
    fn connections_of(&self, run: impl FnOnce()) -> (usize, usize) {
        let count = || {
            [self.database.endpoint(), self.replica.endpoint()]
                .map(|endpoint| connections(endpoint, &self.database))
        };
        let before = count();
        run();
        let after = count();
        (after[0] - before[0], after[1] - before[1])
    }
}

/// The titles of `list --format json`, newest id first.
#[track_caller]
fn titles(output: &Output) -> Vec<String> {
    let list = crate::support::test_blog::json(output);
    let posts = list["posts"].as_array().expect("a list has posts");
    let title = |post: &serde_json::Value| post["title"].as_str().expect("a title").to_owned();
    posts.iter().map(title).collect()
}

/// The lines of standard error that warn.
fn warnings(output: &Output) -> Vec<&str> {
    let is_warning = |line: &&str| line.starts_with("warning");
    output.stderr.lines().filter(is_warning).collect()
}
