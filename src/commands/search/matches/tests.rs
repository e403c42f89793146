use super::*;

fn id(value: i64) -> PostId {
    PostId::new(value).unwrap()
}

/// A post for each body, the ids from 1. Every one is a candidate, whatever its text.
#[derive(Default)]
struct Posts {
    bodies: Vec<String>,
    is_exact: bool,
    /// Posts from this length on come without their body.
    long: Option<usize>,
    /// Posts that are gone when their bodies are asked for.
    gone: Vec<PostId>,
    /// Rows asked for, each time.
    asked: Vec<usize>,
    /// Bodies asked for, each time.
    fetched: Vec<usize>,
}

impl Posts {
    fn new(bodies: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            bodies: bodies.into_iter().map(Into::into).collect(),
            ..Self::default()
        }
    }

    /// So many, of which those match whose id leaves no rest.
    fn each(every: usize, count: usize) -> Self {
        Self::new((1..=count).map(|n| if n % every == 0 { "needle" } else { "hay" }))
    }

    fn body(&self, id: PostId) -> &str {
        &self.bodies[usize::try_from(id.get()).unwrap() - 1]
    }
}

impl Source for Posts {
    fn is_exact(&self) -> bool {
        self.is_exact
    }

    fn candidates(&mut self, cursor: Option<PostId>, rows: usize) -> Result<Vec<Candidate>> {
        self.asked.push(rows);
        let count = i64::try_from(self.bodies.len()).unwrap();
        let below = cursor.map_or(count + 1, |cursor| cursor.get().into());
        let candidate = |key: i64| {
            let post = StoredPost::new(id(key));
            let body = self.body(post.id);
            let is_long = self.long.is_some_and(|long| body.len() >= long);
            Candidate {
                body: (!is_long).then(|| body.to_owned()),
                post,
            }
        };
        Ok((1..below).rev().take(rows).map(candidate).collect())
    }

    fn bodies(&mut self, ids: &[PostId]) -> Result<Vec<(PostId, String)>> {
        self.fetched.push(ids.len());
        assert!(ids.is_sorted_by(|one, other| one > other));
        let mut bytes = 0;
        let has_room = |id: &&PostId| {
            let had_room = bytes < MAX_BODIES_BYTES;
            bytes += self.body(**id).len();
            had_room
        };
        let there = ids.iter().filter(|id| !self.gone.contains(id));
        let taken: Vec<&PostId> = there.take_while(has_room).collect();
        // In another order than asked.
        Ok(taken
            .into_iter()
            .rev()
            .map(|id| (*id, self.body(*id).to_owned()))
            .collect())
    }
}

fn needle() -> Query {
    Query::parse("needle").unwrap()
}

fn page_of(posts: &mut Posts, cursor: Option<PostId>, limit: u64) -> Page<i32> {
    let limit = Limit::new(limit).unwrap();
    page(posts, &needle(), Position { cursor, limit }, |post, _| {
        post.id.get()
    })
    .unwrap()
}

/// Follows the cursors to the end.
fn walk(posts: &mut Posts, limit: u64) -> Vec<i32> {
    let mut all = Vec::new();
    let mut cursor = None;
    loop {
        let page = page_of(posts, cursor, limit);
        all.extend(&page.items);
        match page.next_cursor {
            Some(next) => {
                assert_eq!(all.last(), Some(&next.get()));
                cursor = Some(next);
            }
            None => return all,
        }
    }
}

#[test]
fn every_limit_walks_over_the_same_matches() {
    for (every, count) in [(1, 0), (1, 1), (1, 250), (2, 250), (97, 500), (600, 599)] {
        let mut posts = Posts::each(every, count);
        let count = i32::try_from(count).unwrap();
        let every = i32::try_from(every).unwrap();
        let expected: Vec<i32> = (1..=count).rev().filter(|id| id % every == 0).collect();
        for limit in [1, 3, 100] {
            assert_eq!(walk(&mut posts, limit), expected, "{every} {count} {limit}");
        }
    }
}

#[test]
fn a_page_is_one_question_where_few_candidates_are_false() {
    let mut posts = Posts::each(1, 500);
    assert_eq!(page_of(&mut posts, None, 20).items.len(), 20);
    assert_eq!(posts.asked, [21 + SPARE]);
    posts.asked.clear();
    posts.is_exact = true;
    assert_eq!(page_of(&mut posts, Some(id(30)), 20).items[0], 29);
    assert_eq!(
        posts.asked,
        [21],
        "no more than the page and the one behind"
    );
    posts.asked.clear();
    assert_eq!(page_of(&mut posts, Some(id(9)), 20).items.len(), 8);
    assert_eq!(posts.asked, [21], "fewer than asked for are the last");
}

#[test]
fn questions_grow_where_most_candidates_are_false() {
    let mut posts = Posts::each(1_000, 4_000);
    assert_eq!(page_of(&mut posts, None, 3).items, [4_000, 3_000, 2_000]);
    assert!(posts.asked.is_sorted(), "{:?}", posts.asked);
    assert!(posts.asked.iter().all(|rows| *rows <= MAX_CANDIDATES));
    assert!(posts.asked.len() < 25, "{:?}", posts.asked);
}

#[test]
fn a_page_that_ends_with_the_last_match_is_the_last() {
    let mut posts = Posts::each(10, 100);
    let page = page_of(&mut posts, None, 10);
    assert_eq!(page.items.len(), 10);
    assert!(!page.has_more(), "nine candidates follow, and none matches");
    assert!(page_of(&mut posts, None, 9).has_more());
}

#[test]
fn long_posts_are_fetched_at_once() {
    let mut posts = Posts::new((0..25).map(|n| format!("needle {}", "x".repeat(n))));
    posts.long = Some("needle ".len() + 5);
    assert_eq!(walk(&mut posts, 100), (1..=25).rev().collect::<Vec<_>>());
    assert_eq!(posts.fetched, [20]);
    posts.fetched.clear();
    posts.long = Some(1_000);
    assert_eq!(walk(&mut posts, 100).len(), 25);
    assert!(posts.fetched.is_empty(), "nothing is fetched in vain");
}

#[test]
fn very_many_long_posts_are_not_held_at_once() {
    let mut posts = Posts::each(1, 90);
    posts.long = Some(0);
    assert_eq!(walk(&mut posts, 100).len(), 90);
    assert_eq!(
        posts.fetched,
        [LONG_AT_ONCE, LONG_AT_ONCE, 90 - 2 * LONG_AT_ONCE]
    );
}

#[test]
fn a_long_post_that_is_gone_meanwhile_is_left_out() {
    let mut posts = Posts::each(1, 5);
    posts.long = Some(0);
    posts.gone = vec![id(2), id(4)];
    assert_eq!(walk(&mut posts, 100), [5, 3, 1]);
}

#[test]
fn a_source_that_does_not_go_on_fails() {
    struct Stuck;
    impl Source for Stuck {
        fn is_exact(&self) -> bool {
            true
        }
        fn candidates(&mut self, _: Option<PostId>, rows: usize) -> Result<Vec<Candidate>> {
            Posts::each(9, rows).candidates(None, rows)
        }
        fn bodies(&mut self, _: &[PostId]) -> Result<Vec<(PostId, String)>> {
            Ok(Vec::new())
        }
    }
    let found = newest(&mut Stuck, &needle(), Some(id(1)), 20, |_, _| ());
    assert!(found.is_err());
}

fn best_of(posts: &mut Posts, limit: u64) -> (Vec<i32>, bool) {
    let limit = Limit::new(limit).unwrap();
    let ranked = best(posts, &needle(), limit, |post, _| post.id.get()).unwrap();
    (ranked.items, ranked.window_cut)
}

#[test]
fn the_best_come_first_then_the_newer() {
    let bodies = ["needle", "needle needle needle", "hay", "needle", "needle"];
    let mut posts = Posts::new(bodies);
    assert_eq!(best_of(&mut posts, 20), (vec![2, 5, 4, 1], false));
    assert_eq!(best_of(&mut posts, 2), (vec![2, 5], false));
}

#[test]
fn what_is_older_than_the_window_is_not_ranked_and_said_to_be_there() {
    let mut bodies = vec!["needle"; WINDOW];
    let mut posts = Posts::new(bodies.clone());
    assert!(!best_of(&mut posts, 1).1, "all of them were looked at");
    assert_eq!(posts.asked.len(), 1);
    bodies.insert(0, "needle needle needle");
    let mut posts = Posts::new(bodies.clone());
    assert_eq!(best_of(&mut posts, 1), (vec![201], true));
    bodies[0] = "hay";
    bodies[1] = "needle needle needle";
    let mut posts = Posts::new(bodies);
    assert_eq!(best_of(&mut posts, 1), (vec![2], false));
}

#[test]
fn long_bodies_are_held_up_to_a_limit_and_the_rest_is_asked_for_again() {
    let huge = "\n".repeat(MAX_BODIES_BYTES) + "needle";
    let mut posts = Posts::new([
        "needle",
        &huge,
        "needle and hay",
        &huge,
        "needle or hay",
        "hay",
    ]);
    posts.long = Some("needle".len() + 1);
    posts.gone = vec![id(3)];
    assert_eq!(walk(&mut posts, 100), [5, 4, 2, 1]);
    // The newest two, then the one that is gone and the next.
    assert_eq!(posts.fetched, [4, 2]);
}
