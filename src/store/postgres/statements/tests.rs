use super::renderer::DIGESTED_FIRST;
use super::*;
use crate::post::Field;
use crate::tables::column_fields;

#[test]
fn every_template_is_rendered_and_leaves_no_placeholder() {
    let statements = Statements::new(&TableMap::default(), None);
    for sql in statements.lists.iter().chain([
        &statements.index,
        &statements.create,
        &statements.update,
        &statements.search,
        &statements.show_slug,
        &statements.rows,
        &statements.copy,
        &statements.other_tags,
        &statements.make_tags,
    ]) {
        assert!(!sql.replace("'{}'", "").contains('{'), "{sql}");
    }
}

#[test]
fn a_page_has_a_parameter_for_each_filter_that_is_asked_for() {
    let parameters = |shape: Shape| {
        ["category", "category_name", "tags", "keys", "values"].map(|name| shape.parameter(name))
    };
    let all = Shape::numbered(7);
    assert_eq!(parameters(all), ["$5", "$6", "$7", "$8", "$9"]);
    let extra = Shape::numbered(4);
    assert_eq!(
        parameters(extra),
        ["(none)", "(none)", "(none)", "$5", "$6"]
    );
    for number in 0..Shape::COUNT {
        assert_eq!(Shape::numbered(number).number(), number);
    }
}

#[test]
fn a_statement_names_the_category_only_where_it_is_asked_for() {
    // An owner's type of that column may be one that is not compared with text.
    let statements = Statements::new(&TableMap::default(), None);
    let shapes = (0..Shape::COUNT).map(Shape::numbered);
    for shape in shapes.filter(|shape| !shape.in_main_text) {
        let sql = statements.list(shape);
        assert_eq!(sql.contains("category = $5"), shape.category, "{shape:?}");
    }
}

#[test]
fn the_columns_of_version_1_are_fields_or_the_body() {
    let known: Vec<&str> = column_fields().map(Field::name).collect();
    for name in DIGESTED_FIRST {
        assert!(name == "content" || known.contains(&name), "{name}");
    }
}
