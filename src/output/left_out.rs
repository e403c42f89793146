//! The files that are left out, for people and for programs.

use serde_json::{Map, Value, json};

use super::ui::Ui;
use crate::left_out::{Group, LeftOut, Reason};
use crate::secret;

/// Returns the object of what is left out; its names are a documented contract.
pub fn to_json(left_out: &LeftOut) -> Value {
    let of = |reason: Reason| (reason.as_str().to_owned(), group(&left_out.files(reason)));
    let mut object: Map<String, Value> = Reason::ALL.into_iter().map(of).collect();
    let directories = group(&left_out.directories());
    object.insert("directories".to_owned(), directories);
    Value::Object(object)
}

fn group(group: &Group) -> Value {
    let examples = group.examples.iter().map(|example| {
        let by = example.by.as_ref().map(super::report::redacted);
        json!({"path": super::report::redacted(&example.path), "by": by})
    });
    json!({"count": group.count, "examples": examples.collect::<Vec<_>>()})
}

/// Returns the line that sums up what is left out; `None` if nothing is.
pub fn line(left_out: &LeftOut) -> Option<String> {
    let sum = left_out.sum();
    (!sum.is_empty()).then(|| format!("left out: {sum}"))
}

/// Prints what is left out with the first few paths of each reason, if verbose.
pub fn detail(ui: Ui, left_out: &LeftOut) {
    if let Some(line) = line(left_out) {
        ui.detail(line);
        for line in left_out.lines() {
            ui.detail(format_args!("  {}", secret::redact_message(&line)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::SourcePath;

    #[test]
    fn programs_get_every_reason_and_people_those_that_there_are() {
        let mut left_out = LeftOut::default();
        assert_eq!(line(&left_out), None);
        let by = Some(SourcePath::new(".gitignore"));
        left_out.add_file(Reason::Gitignore, SourcePath::new("content/a.md"), by);
        assert_eq!(line(&left_out).unwrap(), "left out: 1 by .gitignore");
        let json = to_json(&left_out);
        let keys: Vec<_> = json.as_object().unwrap().keys().cloned().collect();
        assert_eq!(keys.len(), Reason::ALL.len() + 1);
        assert_eq!(json["gitignore"]["count"], 1);
        let example = json!({"path": "content/a.md", "by": ".gitignore"});
        assert_eq!(json["gitignore"]["examples"], json!([example]));
        assert_eq!(json["directories"]["count"], 0);
    }
}
