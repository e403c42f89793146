//! The fields that files stated when their rows were last written.

use std::collections::HashMap;

use crate::index::Index;
use crate::post::{FieldSet, PostId, TextId};

/// The fields that each file stated at the last sync.
#[derive(Debug)]
pub struct StatedBefore {
    texts: HashMap<TextId, FieldSet>,
    /// Of the main text of each post; empty in a blog without locales.
    main_texts: HashMap<PostId, FieldSet>,
}

impl StatedBefore {
    /// Takes them from an index.
    pub fn new(index: &Index) -> Self {
        let entries = index.entries.iter();
        let main_texts = entries.clone().filter(|entry| entry.is_main);
        let main_texts = main_texts.filter(|entry| entry.locale.is_some());
        Self {
            texts: entries
                .map(|entry| (entry.text_id(), entry.stated))
                .collect(),
            main_texts: main_texts.map(|entry| (entry.id, entry.stated)).collect(),
        }
    }

    /// Returns the fields that the file of a text stated; of a main text also those that the main
    /// text before it stated, because the row of the post has them.
    pub fn of(&self, text: TextId, is_main: bool) -> FieldSet {
        let own = self.texts.get(&text).copied().unwrap_or_default();
        let of_post = self.main_texts.get(&text.post).filter(|_| is_main);
        own | of_post.copied().unwrap_or_default()
    }
}
