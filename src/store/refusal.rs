//! A write that the database refused: what is known of it, its words and its remedy.

use std::fmt;

use crate::post::{Field, PostId, SourcePath};
use crate::secret;

/// The most bytes of a text of the database's in a message.
const LONGEST: usize = 300;

/// The most bytes of one that are looked at.
const LOOKED_AT: usize = 4 << 10;

/// The help for a right that is missing.
const ASK_FOR_RIGHT: &str =
    "ask the owner for this right; `blogctl doctor` names those that a sync needs";

/// A write that the database refused. Nothing of the sync was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedWrite {
    /// The post that the refused row is of; `None` if that is not known.
    pub post: Option<PostId>,
    /// The file of that post; the caller knows it.
    pub path: Option<SourcePath>,
    /// The posts of the refused statement, if one of them is to blame and it is not known which.
    pub among: Vec<PostId>,
    /// The refused action.
    pub action: Action,
    /// The table, with its schema.
    pub table: Option<String>,
    /// The columns that the reason names, or that it can be about.
    pub columns: Vec<RefusedColumn>,
    /// The trigger function that ran, with its parentheses.
    pub function: Option<String>,
    /// The reason.
    pub reason: Reason,
    /// The remedy as the database words it.
    pub hint: Option<String>,
}

/// An action that a database can refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Writing rows.
    Write,
    /// Deleting rows.
    Remove,
    /// Making it all visible: what the database checks at the end.
    Commit,
}

/// A column of a refused row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedColumn {
    /// The name.
    pub name: String,
    /// The origin of its value.
    pub source: ColumnSource,
}

/// The origin of a column's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnSource {
    /// The id of the post.
    Id,
    /// The text of the post.
    Body,
    /// A field of the post.
    Field(Field),
    /// A fixed value in `[tables.post.values]`.
    Fixed,
    /// Nothing: blogctl does not write this column of the posts' table.
    Unfilled,
    /// Another table than the posts' and the tags'.
    Elsewhere,
}

/// The reason of a refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// A CHECK constraint.
    Check {
        /// The name.
        name: String,
        /// The domain that has it, if it is not of the table.
        domain: Option<String>,
        /// The condition: `(price > 0)`.
        condition: Option<String>,
    },
    /// A unique constraint or index.
    Unique {
        /// The name.
        name: String,
        /// The columns or expressions, and the condition of a partial index: `(lower(title))`.
        key: Option<String>,
    },
    /// An exclusion constraint.
    Exclusion {
        /// The name.
        name: String,
        /// The definition: `EXCLUDE USING gist (span WITH &&)`.
        definition: Option<String>,
    },
    /// A foreign key of the row, to a row that does not exist.
    NoSuchRow {
        /// The name.
        name: String,
        /// The definition: `(author_id) REFERENCES author(id)`.
        definition: Option<String>,
    },
    /// A foreign key of other rows, to the row that is to be deleted.
    Referenced {
        /// The name.
        name: String,
    },
    /// A column that is NOT NULL and gets no value.
    Required,
    /// A value that the column's type does not take, in the database's words.
    Value(String),
    /// An error that a function raised, in its words.
    Raised(String),
    /// A policy of row-level security, in the database's words.
    Policy(String),
    /// A right that the role lacks, in the database's words.
    Permission(String),
    /// A transaction that may only read, in the database's words.
    ReadOnly(String),
    /// A disk without space, in the database's words.
    DiskFull(String),
}

impl RefusedWrite {
    /// Makes a refusal of which no more is known.
    pub fn new(post: Option<PostId>, action: Action, reason: Reason) -> Self {
        Self {
            post,
            path: None,
            among: Vec::new(),
            action,
            table: None,
            columns: Vec::new(),
            function: None,
            reason,
            hint: None,
        }
    }

    /// Returns true if another value in the post, or in `[tables]`, could satisfy the database;
    /// false if it refuses the role or the transaction.
    pub fn is_about_data(&self) -> bool {
        !matches!(
            self.reason,
            Reason::Permission(_) | Reason::ReadOnly(_) | Reason::DiskFull(_)
        )
    }

    /// Returns true if a removal is refused, perhaps only at the commit.
    pub fn is_removal(&self) -> bool {
        self.action == Action::Remove || matches!(self.reason, Reason::Referenced { .. })
    }

    /// Returns the remedy.
    pub fn help(&self) -> String {
        match (&self.reason, &self.hint) {
            (Reason::Permission(_), _) => ASK_FOR_RIGHT.to_owned(),
            (Reason::ReadOnly(_), _) => {
                "name a server that takes writes, or end the read-only mode: `blogctl doctor` \
                 looks for both"
                    .to_owned()
            }
            (Reason::DiskFull(_), None) => {
                "free some space on the database's server, then run the sync again".to_owned()
            }
            // The function's author knows more than blogctl.
            (Reason::DiskFull(_) | Reason::Raised(_), Some(hint)) => hint.clone(),
            (Reason::Policy(_), _) => {
                "ask the owner of the table for a policy that lets this role write the row"
                    .to_owned()
            }
            (Reason::Referenced { .. }, _) => {
                "delete the rows that refer to it first, or leave out --prune".to_owned()
            }
            _ if self.action == Action::Remove => {
                format!("ask the owner of {}, or leave out --prune", self.owned())
            }
            (reason, _) => {
                let mut ways: Vec<String> = Vec::new();
                for column in &self.columns {
                    let way = column.way(matches!(reason, Reason::Required));
                    ways.extend(way.filter(|way| !ways.contains(way)));
                }
                if let Reason::NoSuchRow { .. } = reason {
                    ways.push("add the row that it refers to".to_owned());
                }
                ways.push(format!("ask the owner of {}", self.owned()));
                ways.join(", or ")
            }
        }
    }

    /// Returns the names of the columns; `None` if none is known.
    fn names(&self) -> Option<String> {
        let names: Vec<&str> = self.columns.iter().map(|c| c.name.as_str()).collect();
        (!names.is_empty()).then(|| names.join(" or "))
    }

    /// Returns the part that somebody else owns, for the help.
    fn owned(&self) -> &str {
        // A function decides also on the rows that it writes to other tables.
        let function = self.function.as_deref();
        function
            .or(self.table.as_deref())
            .unwrap_or("the database's tables")
    }

    /// Returns the place and the reason, without the post.
    fn because(&self) -> String {
        let at = |words: String| match &self.function {
            Some(function) => format!("{words}, in the function {function}"),
            None => words,
        };
        match &self.reason {
            Reason::Check {
                name,
                domain,
                condition,
            } => {
                let (of, names) = match domain {
                    Some(domain) => (format!(" of the type {domain}"), self.names()),
                    None => (String::new(), None),
                };
                let lead = names.map_or_else(String::new, |names| format!("{names}: "));
                at(match condition {
                    Some(condition) => format!("{lead}CHECK \"{name}\"{of} is {condition}"),
                    None => format!("{lead}CHECK \"{name}\"{of}"),
                })
            }
            Reason::Unique { name, key } => {
                let key = key.as_deref().unwrap_or("its rows");
                at(format!(
                    "\"{name}\" keeps {key} unique, and another row has the same"
                ))
            }
            Reason::Exclusion { name, definition } => {
                let is = match definition {
                    Some(definition) => format!(" is {definition}"),
                    None => String::new(),
                };
                at(format!(
                    "constraint \"{name}\"{is}, and another row excludes it"
                ))
            }
            Reason::NoSuchRow { name, definition } => {
                let is = match definition {
                    Some(definition) => format!(" is {definition}"),
                    None => String::new(),
                };
                at(format!(
                    "foreign key \"{name}\"{is}, and there is no such row"
                ))
            }
            Reason::Referenced { name } => at(format!(
                "rows of it refer to the post by the foreign key \"{name}\""
            )),
            Reason::Required => at(match &self.columns[..] {
                [column] => format!("{} needs a value", column.name),
                _ => "a column needs a value".to_owned(),
            }),
            Reason::Value(said) => at(match self.names() {
                None => said.clone(),
                Some(names) => format!("{names}: {said}"),
            }),
            Reason::Raised(said) => match &self.function {
                Some(function) => format!("the function {function} says: {said}"),
                None => format!("a trigger says: {said}"),
            },
            Reason::Policy(said)
            | Reason::Permission(said)
            | Reason::ReadOnly(said)
            | Reason::DiskFull(said) => at(said.clone()),
        }
    }
}

/// Says what is refused, by which table and why; never shows the row.
impl fmt::Display for RefusedWrite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(post) = self.post {
            write!(f, "post {post}")?;
            if let Some(path) = &self.path {
                write!(f, " ({path})")?;
            }
            f.write_str(": ")?;
        }
        f.write_str(self.table.as_deref().unwrap_or("the database"))?;
        f.write_str(match (self.post, self.action) {
            (Some(_), _) if self.is_removal() => " refuses its removal: ",
            (Some(_), _) => " refuses it: ",
            (None, _) if self.is_removal() => " refuses a removal: ",
            (None, Action::Write | Action::Remove) => " refuses what the sync writes: ",
            (None, Action::Commit) => " refuses the commit: ",
        })?;
        f.write_str(&self.because())
    }
}

impl RefusedColumn {
    /// Returns the way to give the column another value, or, if it `lacks` one, any; `None` if the
    /// user has none.
    fn way(&self, lacks: bool) -> Option<String> {
        let name = &self.name;
        Some(match self.source {
            ColumnSource::Id => "give the post another `id`".to_owned(),
            ColumnSource::Body | ColumnSource::Field(Field::WordCount) => {
                "change the text of the post".to_owned()
            }
            ColumnSource::Field(field) if lacks => format!("add `{field}: ...` to the file"),
            ColumnSource::Field(field) => format!("change `{field}` in the file"),
            ColumnSource::Fixed => {
                format!("change `{name}` under [tables.post.values] in blogctl.toml")
            }
            ColumnSource::Unfilled => {
                format!("give `{name}` a value under [tables.post.values] in blogctl.toml")
            }
            ColumnSource::Elsewhere => return None,
        })
    }

    /// Returns the key of the front matter that fills the column.
    pub fn key(&self) -> Option<&'static str> {
        match self.source {
            ColumnSource::Id => Some("id"),
            ColumnSource::Field(field) => Some(field.name()),
            _ => None,
        }
    }
}

/// Puts a text of the database's on one line, without control characters and passwords, and cuts
/// it where it is long: it may have a whole post in it.
pub(super) fn brief(text: &str) -> String {
    // A password must be masked before it is cut, or it is not recognised.
    let text = secret::redact_message(&text[..text.floor_char_boundary(LOOKED_AT)]);
    let is_break = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    let lines = text.split(is_break).map(str::trim);
    let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    let line = lines.join(" ");
    if line.len() <= LONGEST {
        return line;
    }
    format!("{}…", &line[..line.floor_char_boundary(LONGEST)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_a_database_are_short_and_on_one_line() {
        assert_eq!(brief(" a\u{1b}[2J\r\nb\u{7}\u{2028}c"), "a [2J b c");
        let long = brief(&"한".repeat(1_000_000));
        assert!(long.len() <= LONGEST + 3 && long.ends_with('…'));
        let password = format!("{} postgresql://u:hunter2@h/d", "x".repeat(280));
        assert!(!brief(&password).contains("hunt"));
    }

    fn refused(reason: Reason, columns: &[(&str, ColumnSource)]) -> RefusedWrite {
        let columns = columns.iter().map(|(name, source)| RefusedColumn {
            name: (*name).to_owned(),
            source: *source,
        });
        RefusedWrite {
            post: PostId::new(12),
            path: Some(SourcePath::new("content/12.md")),
            among: Vec::new(),
            action: Action::Write,
            table: Some("public.post".to_owned()),
            columns: columns.collect(),
            function: None,
            reason,
            hint: None,
        }
    }

    fn check() -> Reason {
        Reason::Check {
            name: "price_positive".to_owned(),
            domain: None,
            condition: Some("(price > 0)".to_owned()),
        }
    }

    #[test]
    fn a_fixed_value_is_changed_in_the_settings() {
        let refused = refused(check(), &[("price", ColumnSource::Fixed)]);
        assert_eq!(
            refused.to_string(),
            "post 12 (content/12.md): public.post refuses it: CHECK \"price_positive\" is \
             (price > 0)"
        );
        assert_eq!(
            refused.help(),
            "change `price` under [tables.post.values] in blogctl.toml, or ask the owner of \
             public.post"
        );
    }

    #[test]
    fn each_origin_of_a_value_has_its_remedy() {
        for (source, way) in [
            (ColumnSource::Id, "give the post another `id`"),
            (ColumnSource::Body, "change the text of the post"),
            (
                ColumnSource::Field(Field::WordCount),
                "change the text of the post",
            ),
            (
                ColumnSource::Field(Field::Slug),
                "change `slug` in the file",
            ),
            (
                ColumnSource::Unfilled,
                "give `x` a value under [tables.post.values] in blogctl.toml",
            ),
        ] {
            let help = refused(check(), &[("x", source)]).help();
            assert_eq!(help, format!("{way}, or ask the owner of public.post"));
        }
        let elsewhere = refused(check(), &[("x", ColumnSource::Elsewhere)]);
        assert_eq!(elsewhere.help(), "ask the owner of public.post");
    }

    #[test]
    fn a_missing_value_is_added() {
        let columns = [("subtitle", ColumnSource::Field(Field::Description))];
        let refused = refused(Reason::Required, &columns);
        assert!(
            refused
                .to_string()
                .ends_with("refuses it: subtitle needs a value")
        );
        assert!(
            refused
                .help()
                .starts_with("add `description: ...` to the file")
        );
    }

    #[test]
    fn a_function_has_the_word_and_its_own_hint() {
        let mut refused = refused(Reason::Raised("no posts on Sundays".to_owned()), &[]);
        refused.function = Some("guard()".to_owned());
        assert_eq!(
            refused.to_string(),
            "post 12 (content/12.md): public.post refuses it: the function guard() says: no posts \
             on Sundays"
        );
        assert_eq!(refused.help(), "ask the owner of guard()");
        refused.hint = Some("wait".to_owned());
        assert_eq!(refused.help(), "wait");
    }

    #[test]
    fn without_a_post_the_action_is_named() {
        let mut refused = refused(check(), &[]);
        refused.post = None;
        for (action, words) in [
            (Action::Write, "public.post refuses what the sync writes: "),
            (Action::Remove, "public.post refuses a removal: "),
            (Action::Commit, "public.post refuses the commit: "),
        ] {
            refused.action = action;
            assert!(refused.to_string().starts_with(words), "{refused}");
        }
    }

    #[test]
    fn a_removal_is_given_up_or_made_possible() {
        let name = "comment_post_id_fkey".to_owned();
        let mut refused = refused(Reason::Referenced { name }, &[]);
        refused.action = Action::Remove;
        refused.table = Some("public.comment".to_owned());
        assert_eq!(
            refused.to_string(),
            "post 12 (content/12.md): public.comment refuses its removal: rows of it refer to the \
             post by the foreign key \"comment_post_id_fkey\""
        );
        assert!(refused.help().ends_with("or leave out --prune"));
        refused.reason = Reason::Raised("keep".to_owned());
        assert_eq!(
            refused.help(),
            "ask the owner of public.comment, or leave out --prune"
        );
    }

    #[test]
    fn the_role_and_the_server_are_no_fault_of_a_post() {
        for reason in [
            Reason::Permission("permission denied for sequence s".to_owned()),
            Reason::ReadOnly("read-only".to_owned()),
            Reason::DiskFull("no space".to_owned()),
        ] {
            assert!(!refused(reason, &[]).is_about_data());
        }
        assert!(refused(check(), &[]).is_about_data());
        let policy = Reason::Policy("new row violates the policy".to_owned());
        assert!(refused(policy, &[]).is_about_data());
    }
}
