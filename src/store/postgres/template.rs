//! Templates of statements, with placeholders for names and for optional parts.
//!
//! `{name}` is replaced by the text that a lookup gives. `{#name}...{/name}` is there only where a
//! flag is set, and `{^name}...{/name}` where it is not. Braces around anything else, such as
//! the `{}` of an empty array, are text.

/// Renders a template.
///
/// # Panics
/// If a placeholder is unknown, or a part does not end: templates are part of the program, and a
/// test renders them all.
pub fn render(
    template: &str,
    is_set: &dyn Fn(&str) -> bool,
    lookup: &dyn Fn(&str) -> Option<String>,
) -> String {
    let mut sql = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(start) = rest.find('{') {
        sql.push_str(&rest[..start]);
        rest = &rest[start..];
        let Some(name) = placeholder(rest) else {
            sql.push('{');
            rest = &rest[1..];
            continue;
        };
        rest = &rest[name.len() + 2..];
        if let Some(flag) = name.strip_prefix(['#', '^']) {
            let end = format!("{{/{flag}}}");
            let (part, after) = rest
                .split_once(&end)
                .unwrap_or_else(|| panic!("the part {{{name}}} of a template does not end"));
            // A mark on a line of its own takes the line with it.
            let is_at_start = sql.is_empty() || sql.ends_with('\n');
            let part = match part.strip_prefix('\n') {
                Some(part) if is_at_start => part,
                _ => part,
            };
            let after = match after.strip_prefix('\n') {
                Some(after) if part.is_empty() || part.ends_with('\n') => after,
                _ => after,
            };
            if is_set(flag) == name.starts_with('#') {
                sql.push_str(&render(part, is_set, lookup));
            }
            rest = after;
        } else {
            let text = lookup(name).unwrap_or_else(|| panic!("unknown placeholder {{{name}}}"));
            sql.push_str(&text);
        }
    }
    sql.push_str(rest);
    sql
}

/// Returns the name in the braces that a text begins with, if it is one.
fn placeholder(text: &str) -> Option<&str> {
    let (name, _) = text[1..].split_once('}')?;
    let is_name = |c: char| c.is_ascii_lowercase() || "_.'#^$".contains(c);
    (!name.is_empty() && name.chars().all(is_name)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(template: &str) -> String {
        let lookup = |name: &str| (name != "unknown").then(|| format!("<{name}>"));
        render(template, &|flag| flag == "on", &lookup)
    }

    #[test]
    fn placeholders_give_way_and_other_braces_stay() {
        assert_eq!(
            rendered("SELECT {post.id} FROM {'post'} WHERE a = '{}' AND b = '{1,2}' {"),
            "SELECT <post.id> FROM <'post'> WHERE a = '{}' AND b = '{1,2}' {"
        );
    }

    #[test]
    fn parts_are_there_where_their_flag_says() {
        assert_eq!(
            rendered("a{#on} b {c}{/on}{#off} d{#on} e{/on}{/off}{^off} f{/off}{^on} g{/on}"),
            "a b <c> f"
        );
    }

    #[test]
    #[should_panic(expected = "unknown placeholder {unknown}")]
    fn an_unknown_placeholder_is_a_defect() {
        rendered("{unknown}");
    }

    #[test]
    #[should_panic(expected = "does not end")]
    fn a_part_without_an_end_is_a_defect() {
        rendered("{#on}");
    }
}
