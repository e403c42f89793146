//! Comments in the front matter that were probably meant as text.

use super::checker::Checker;
use super::document::{Node, Syntax, Value};
use super::quote::yaml_text;
use super::resolve;
use super::tags::list_of;
use crate::finding::{Fix, rules};
use crate::key_map::ReadField;

impl Checker<'_> {
    /// Points out text that YAML takes for a comment, as that of `title: C # for all`.
    pub fn comments(&mut self) {
        // In TOML a text is in quotes, so that nobody takes a comment for text.
        if self.document.syntax == Syntax::Toml {
            return;
        }
        let fields = [
            ReadField::Title,
            ReadField::Description,
            ReadField::Category,
            ReadField::Tags,
        ];
        let keys = fields.map(|field| {
            let given = resolve::all(self.document, self.map, field).next()?;
            Some((field, given.name, given.node))
        });
        for (field, key, node) in keys.into_iter().flatten() {
            if !self.is_plain(node) {
                continue;
            }
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
            let kept = match field {
                ReadField::Tags => list_of(&whole),
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

    /// Returns whether a value is written without quotes, or not at all.
    fn is_plain(&self, node: &Node) -> bool {
        let source = self.source(&node.range);
        let plain = !source.starts_with(['"', '\'', '|', '>', '[', '{', '*', '&', '!']);
        let scalar = !matches!(node.value, Value::List(_) | Value::Map(_));
        plain && scalar
    }
}
