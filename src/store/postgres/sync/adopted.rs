//! Posts whose rows stay as they are, on their way into blogctl's records.

use tokio_postgres::types::Type;

use super::chunk::{ExtraValues, array_text};
use crate::index::RowVersion;
use crate::search::TERMS_VERSION;
use crate::store::AdoptedPost;
use crate::store::postgres::pipeline::{Parameter, bind};
use crate::store::postgres::search;

/// Posts on their way into one statement, a vector a column.
#[derive(Default)]
pub struct Adopted {
    pub bytes: usize,
    pub ids: Vec<i32>,
    /// The locales of the texts; none in a blog without locales.
    pub locales: Vec<String>,
    text_digests: Vec<Vec<u8>>,
    paths: Vec<String>,
    file_digests: Vec<Vec<u8>>,
    post_digests: Vec<Vec<u8>>,
    versions: Vec<i64>,
    stated: Vec<String>,
    tag_posts: Vec<i32>,
    tag_names: Vec<String>,
    pub terms: Vec<String>,
    pub extra: ExtraValues,
}

impl Adopted {
    /// Adds a text whose row must still have this version.
    pub fn push(&mut self, post: AdoptedPost, RowVersion(version): RowVersion) {
        let id = post.id.get();
        let terms = search::vector(post.text_id(), &post.terms, &post.extra_terms);
        self.bytes += terms.len() + self.extra.push(post.text_id(), post.extra_terms) + 256;
        self.terms.push(terms);
        self.ids.push(id);
        let locale = post.translation.map(|row| row.locale.to_string());
        self.locales.extend(locale);
        let text_digest = post.text_digest.map(|digest| digest.as_bytes().to_vec());
        self.text_digests.extend(text_digest);
        self.paths.push(post.path.to_string());
        self.file_digests.push(post.file_digest.as_bytes().to_vec());
        self.post_digests.push(post.post_digest.as_bytes().to_vec());
        self.versions.push(version);
        self.stated.push(array_text(post.stated));
        self.tag_posts.extend(post.tags.iter().map(|_| id));
        self.tag_names.extend(post.tags);
    }

    /// Returns the parameters of `adopt_translations.sql`.
    pub fn into_translation_parameters(mut self) -> Vec<Parameter> {
        let locales = bind(std::mem::take(&mut self.locales), Type::TEXT_ARRAY);
        let digests = bind(std::mem::take(&mut self.text_digests), Type::BYTEA_ARRAY);
        let mut parameters = self.into_parameters();
        // In the places of the tags, which are those of the post.
        parameters[5] = locales;
        parameters[6] = digests;
        parameters
    }

    /// Returns the parameters of `adopt.sql`.
    pub fn into_parameters(self) -> Vec<Parameter> {
        let nothing = || bind(None::<String>, Type::TEXT);
        vec![
            bind(self.ids, Type::INT4_ARRAY),
            nothing(),
            bind(self.paths, Type::TEXT_ARRAY),
            bind(self.file_digests, Type::BYTEA_ARRAY),
            bind(self.post_digests, Type::BYTEA_ARRAY),
            bind(self.tag_posts, Type::INT4_ARRAY),
            bind(self.tag_names, Type::TEXT_ARRAY),
            nothing(),
            bind(TERMS_VERSION, Type::INT4),
            bind(self.versions, Type::INT8_ARRAY),
            bind(self.stated, Type::TEXT_ARRAY),
        ]
    }
}
