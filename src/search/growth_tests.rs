//! Tests that the cost of indexing grows linearly with the size of a text.
//!
//! They count the bytes that a thread allocates: unlike time, a figure without noise.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use super::*;

/// The system's allocator, with a count of the bytes that each thread allocates.
struct Counting;

thread_local! {
    static ASKED_FOR: Cell<usize> = const { Cell::new(0) };
}

fn count(bytes: usize) {
    // A thread that is ending has no counter any more.
    let _ = ASKED_FOR.try_with(|sum| sum.set(sum.get() + bytes));
}

// SAFETY: every call is passed on to the system's allocator; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size);
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Returns the bytes allocated while a post of this text is indexed, searched and shown.
fn cost(markdown: &str) -> usize {
    let before = ASKED_FOR.get();
    let document = Document {
        markdown,
        ..Document::default()
    };
    terms(&document, None);
    let prepared = SearchableText::new(&document);
    let query = Query::parse("a \"b c\" -needle").unwrap();
    query.matches(&prepared);
    snippet(&query, &prepared, 160);
    ASKED_FOR.get() - before
}

#[test]
fn reading_a_text_of_any_shape_costs_in_proportion_to_its_size() {
    let shapes = [
        "a",
        "a b ",
        "aB",
        "a-",
        "a_",
        "가나 ",
        "\u{fdfa}",
        "\u{301}\u{323}",
        "\u{1161}",
        "\u{1F1F0}\u{1F1F7}",
        "[",
        "[a](",
        "![a](b",
        "[^a]",
        "[a]: /u\n",
        "[r] ",
        "*_",
        "*a_ ",
        "~~a~",
        "`",
        "> ",
        ">a\n",
        "- ",
        "  - x\n",
        "|",
        "|x|\n",
        "&amp;",
        "<a",
        "</",
        "<?",
        "<!A",
        "<![CDATA[",
        "a<!--",
        "<div>\n\n",
        "<b>x</b>\n",
        "<http://a",
        "#\n",
        "a\n=",
        "a  \n",
        "\\",
    ];
    // Each also in the context that gives it a meaning.
    let starts = ["", "[r]: /u\n\n", "<div>\n", "|a|b|\n|-|-|\n"];
    for (shape, start) in shapes
        .iter()
        .flat_map(|shape| starts.map(|start| (shape, start)))
    {
        let of = |size: usize| cost(&format!("{start}{}", shape.repeat(size / shape.len())));
        let costs = [8, 32, 128].map(|kib: usize| of(kib << 10));
        let most = |factor: usize, cost: usize| factor * cost + (128 << 10);
        // Buffers double, so that four times the text may cost up to eight times as much.
        assert!(
            costs[1] <= most(8, costs[0]),
            "{start:?} {shape:?}: {costs:?}"
        );
        assert!(
            costs[2] <= most(8, costs[1]),
            "{start:?} {shape:?}: {costs:?}"
        );
        assert!(
            costs[2] <= 2_500 * (128 << 10),
            "{start:?} {shape:?}: {costs:?}"
        );
    }
}

#[test]
fn a_piece_of_a_million_marks_and_a_letter_of_eighteen_are_bounded() {
    let folded = |text: &str| normalise::Folded::new(text).len();
    // The letter takes the first mark, and the others stay as they are.
    let marks = "\u{301}\u{323}".repeat(4 << 10);
    assert_eq!(folded(&format!("e{marks}")), 8 << 10);
    let letter = "\u{fdfa}";
    let eighteen = folded(letter);
    assert_eq!(eighteen, 18);
    let most = folded(&letter.repeat(MAX_FOLDED / eighteen + 10));
    assert!((MAX_FOLDED..MAX_FOLDED + eighteen).contains(&most));
}
