use super::*;

/// A row in which every column holds the same.
struct All<'a>(Cell<'a>);

impl Columns for All<'_> {
    fn cell(&self, _: &str) -> Cell<'_> {
        self.0.clone()
    }

    fn time(&self, _: &str) -> Cell<'_> {
        self.0.clone()
    }

    fn names(&self, _: &str) -> Result<Vec<Cell<'_>>, Cow<'static, str>> {
        Ok(vec![
            Cell::Text(Cow::Borrowed(b"b")),
            self.0.clone(),
            Cell::Text(Cow::Borrowed(b"a")),
        ])
    }
}

fn id() -> PostId {
    PostId::new(7).unwrap()
}

fn columns(unreadable: &[Unreadable]) -> Vec<&str> {
    unreadable.iter().map(|one| one.column).collect()
}

/// The columns that a post of nothing but this cell cannot show.
fn of_post(cell: Cell<'_>) -> Vec<&'static str> {
    let post = Fields::new(All(cell)).post(id());
    post.unreadable.iter().map(|one| one.column).collect()
}

const TEXTS: [&str; 5] = ["title", "description", "category", "tags", "image"];
const OTHERS: [&str; 3] = ["created_at", "updated_at", "word_count"];
const LAST: [&str; 3] = ["slug", "extra", "path"];

#[test]
fn each_column_of_a_post_takes_its_own_kind_and_names_any_other() {
    let all = || Vec::from_iter([&TEXTS[..], &OTHERS[..], &LAST[..]].concat());
    // Text that is no JSON object is no `extra`.
    let text = [&OTHERS[..], &LAST[1..2]].concat();
    assert_eq!(of_post(Cell::Text(Cow::Borrowed(b"x"))), text);
    assert_eq!(of_post(Cell::Text(Cow::Borrowed(b"{}"))), OTHERS);
    assert_eq!(of_post(Cell::Text(Cow::Borrowed(b"x\xff"))), all());
    let numbers = [&TEXTS[..], &OTHERS[..2], &LAST[..]].concat();
    assert_eq!(of_post(Cell::Integer(7)), numbers);
    assert_eq!(of_post(Cell::Integer(1 << 40)), all());
    let times = [&TEXTS[..], &OTHERS[2..], &LAST[..]].concat();
    assert_eq!(of_post(Cell::Micros(0)), times);
    assert_eq!(of_post(Cell::Odd("is of type jsonb".into())), all());
}

#[test]
fn null_is_a_value_of_a_post_but_none_of_a_tag() {
    let post = Fields::new(All(Cell::Null)).post(id());
    assert_eq!(columns(&post.unreadable), ["tags"]);
    assert_eq!(post.tags, ["a", "b"]);
    assert_eq!(post.title, None);
}

#[test]
fn null_is_no_value_of_a_run_or_a_count() {
    let run = Fields::new(All(Cell::Null)).run(id());
    assert_eq!(run.unreadable.len(), 9);
    assert!(run.unreadable.iter().all(|one| one.reason == "is NULL"));
    let count = Fields::new(All(Cell::Null)).name_count();
    assert_eq!(columns(&count.unreadable), ["name", "posts"]);
}

#[test]
fn a_body_that_cannot_be_shown_is_named_as_the_content() {
    let (post, body) = Fields::new(All(Cell::Odd("is a blob".into()))).post_and_body(id(), "body");
    assert_eq!(body, None);
    assert_eq!(
        post.unreadable[0].to_string(),
        "content is a blob, which cannot be shown"
    );
}

#[test]
fn times_end_with_the_years_that_can_be_written() {
    for edge in [Timestamp::MIN, Timestamp::MAX] {
        let micros = i128::from(edge.as_microsecond());
        assert!(time(&Cell::Micros(micros)).unwrap().is_some());
        let second = if edge == Timestamp::MIN { -1 } else { 1 };
        time(&Cell::Micros(micros + second * 1_000_000)).unwrap_err();
    }
    for micros in [i128::MIN, i64::MIN.into(), i64::MAX.into(), i128::MAX] {
        time(&Cell::Micros(micros)).unwrap_err();
    }
}

#[test]
fn numbers_end_with_what_their_field_takes() {
    assert_eq!(integer::<u32>(&Cell::Integer(-5)), Err("is -5".into()));
    assert_eq!(
        integer::<i32>(&Cell::Integer(2_147_483_648)),
        Err("is 2147483648".into())
    );
    assert_eq!(integer::<i64>(&Cell::Integer(i64::MIN)), Ok(Some(i64::MIN)));
}

#[test]
fn a_row_of_any_size_takes_bounded_memory() {
    let long = vec![b'x'; MAX_ROW / 2 - 10];
    let (post, body) = Fields::new(All(Cell::Text(long.into()))).post_and_body(id(), "body");
    // What there is room for is shown, and a body has its own.
    assert_eq!(body.map(|body| body.len()), Some(MAX_ROW / 2 - 10));
    assert_eq!(post.title.map(|title| title.len()), Some(MAX_ROW / 2 - 10));
    assert!(post.description.is_some() && post.category.is_none() && post.image.is_none());
    let said = |column| post.unreadable.iter().find(|one| one.column == column);
    assert_eq!(said("category").unwrap().reason, TOO_LONG);
    assert!(said("tags").is_some() && said("path").is_some());

    let short = |length| short_text(&Cell::Text(vec![b'x'; length].into()));
    assert!(short(MAX_SHORT).is_ok());
    assert_eq!(short(MAX_SHORT + 1), Err(TOO_LONG.into()));

    let count = Fields::new(All(Cell::Text(vec![b'x'; MAX_NAME + 1].into()))).name_count();
    assert_eq!(count.name, None);
    assert_eq!(count.unreadable[0].reason, TOO_LONG);
}
