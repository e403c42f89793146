//! Sets of fields.

use std::ops::{BitAnd, BitOr};

use super::Field;

/// A set of fields of a post.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FieldSet(u16);

impl FieldSet {
    /// The set of all fields.
    pub const ALL: Self = Self((1 << Field::ALL.len()) - 1);

    /// Returns whether the field is in the set.
    pub const fn contains(self, field: Field) -> bool {
        self.0 & bit(field) != 0
    }

    /// Returns the fields, in the order of [`Field::ALL`].
    pub fn fields(self) -> impl Iterator<Item = Field> {
        Field::ALL
            .into_iter()
            .filter(move |field| self.contains(*field))
    }

    /// Returns the set of the fields with these names; other names are passed over.
    pub fn from_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let named = |name: &str| Field::ALL.into_iter().find(|field| field.name() == name);
        names.into_iter().filter_map(named).collect()
    }
}

const fn bit(field: Field) -> u16 {
    1 << field as u16
}

impl FromIterator<Field> for FieldSet {
    fn from_iter<I: IntoIterator<Item = Field>>(fields: I) -> Self {
        let with = |Self(bits), field| Self(bits | bit(field));
        fields.into_iter().fold(Self::default(), with)
    }
}

impl BitOr for FieldSet {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitAnd for FieldSet {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_each_field_alone_and_together() {
        for field in Field::ALL {
            let one = FieldSet::from_iter([field]);
            assert_eq!(one.fields().collect::<Vec<_>>(), [field]);
            assert!(!FieldSet::default().contains(field));
        }
        let all = FieldSet::from_iter(Field::ALL);
        assert!(all.fields().eq(Field::ALL));
        assert_eq!(all, FieldSet::ALL);
        let names = Field::ALL.map(Field::name);
        assert_eq!(FieldSet::from_names(names), all);
        assert_eq!(FieldSet::from_names(["no", "such"]), FieldSet::default());
        let title = FieldSet::from_names(["title"]);
        assert!((title | FieldSet::from_names(["tags"])).contains(Field::Tags));
        assert_eq!(all & title, title);
    }
}
