//! Comments in the front matter that were probably meant as text.

use super::checker::Checker;
use super::document::{Node, Value};
use super::quote::yaml_text;
use super::tags::list_of;
use crate::finding::{Fix, rules};

impl Checker<'_> {
    /// Points out text that YAML takes for a comment, as that of `title: C # for all`.
    pub fn comments(&mut self) {
        for key in ["title", "description", "category", "tags"] {
            let Some(node) = self.value_or_nothing(key) else {
                continue;
            };
            let rest = self.text.get(node.range.end..self.range.end);
            let line = rest.unwrap_or_default().lines().next().unwrap_or_default();
            let Some(comment) = line.trim_start().strip_prefix('#') else {
                continue;
            };
            let source = self.source(&node.range);
            // `tags: #rust` is one for sure; a comment of more words behind nothing is none.
            if source.is_empty() && comment.starts_with([' ', '\t']) {
                continue;
            }
            let start = node.range.end + line.len() - line.trim_start().len();
            let whole = format!("{source}{}", line.trim_end());
            let kept = match key {
                "tags" => list_of(&whole),
                _ => yaml_text(whole.trim()),
            };
            let fix = kept
                .as_ref()
                .filter(|_| self.is_replaceable(node))
                .map(|kept| Fix::review(node.range.start..start + line.trim().len(), kept));
            let help = match kept {
                Some(kept) => format!("to keep it, write it in quotes: `{key}: {kept}`"),
                None => "to keep it, put the whole value in quotes".to_owned(),
            };
            let range = start..start + line.trim().len();
            let message = "what follows `#` is a comment and not published";
            self.fail_with_fix(rules::COMMENT, &range, message, help, fix);
        }
    }

    /// Returns the value of a key if it is written without quotes, or not at all.
    fn value_or_nothing(&self, key: &str) -> Option<&Node> {
        let node = &self.document.get(key)?.value;
        let source = self.source(&node.range);
        let plain = !source.starts_with(['"', '\'', '|', '>', '[', '{', '*', '&', '!']);
        let scalar = !matches!(node.value, Value::List(_) | Value::Map(_));
        (plain && scalar).then_some(node)
    }
}
