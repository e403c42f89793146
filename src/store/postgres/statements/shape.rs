//! The filters of a page, which decide its statement.

/// The filters of a page besides the cursor and the span of time, which decide the statement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// True if a category is asked for.
    pub category: bool,
    /// True if tags are asked for.
    pub tags: bool,
    /// True if values of extra keys are asked for.
    pub extra: bool,
    /// True if posts are read in their main texts, in a blog with locales.
    pub in_main_text: bool,
}

impl Shape {
    /// The number of shapes.
    pub const COUNT: usize = 16;

    /// Returns the number of a shape, less than [`Self::COUNT`].
    pub fn number(self) -> usize {
        let flags = [self.category, self.tags, self.extra, self.in_main_text];
        let bits = flags.into_iter().enumerate();
        bits.map(|(bit, is_set)| usize::from(is_set) << bit).sum()
    }

    /// Returns the shape of a number.
    pub fn numbered(number: usize) -> Self {
        Self {
            category: number & 1 != 0,
            tags: number & 2 != 0,
            extra: number & 4 != 0,
            in_main_text: number & 8 != 0,
        }
    }

    /// Returns whether only the cursor and the span of time decide what is on the page.
    pub fn is_plain(self) -> bool {
        !(self.category || self.tags || self.extra)
    }

    /// Returns whether a part of a template is there.
    pub fn is_set(self, flag: &str) -> bool {
        match flag {
            "category" => self.category,
            "tags" => self.tags,
            "extra" => self.extra,
            "several" => {
                [self.category, self.tags, self.extra]
                    .into_iter()
                    .filter(|is_asked| *is_asked)
                    .count()
                    > 1
            }
            _ => false,
        }
    }

    /// Returns the number of the parameter that holds a filter's value. Those of filters that are
    /// not asked for are no parameters, because the server cannot tell their columns' types.
    pub fn parameter(self, name: &str) -> String {
        let filters = [
            // As a value of the column's own type, and as text.
            ("category", self.category),
            ("category_name", self.category),
            ("tags", self.tags),
            ("keys", self.extra),
            ("values", self.extra),
        ];
        // Behind the cursor, the span and the number of rows.
        let mut number = 4;
        for (filter, is_asked) in filters {
            number += usize::from(is_asked);
            if filter == name && is_asked {
                return format!("${number}");
            }
        }
        match name {
            // Behind all filters, as a value of the column's own type and as text.
            "locale" => format!("${}", number + 1),
            "locale_name" => format!("${}", number + 2),
            _ => "(none)".to_owned(),
        }
    }

    /// Returns the parameter that has the locale as text, in a blog with locales.
    pub fn locale_name(self) -> &'static str {
        // Up to five filters come before it.
        const NAMES: [&str; 6] = ["$6", "$7", "$8", "$9", "$10", "$11"];
        let category = 2 * usize::from(self.category);
        let extra = 2 * usize::from(self.extra);
        NAMES[category + usize::from(self.tags) + extra]
    }
}
