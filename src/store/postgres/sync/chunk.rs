//! Posts on their way into one statement.

use jiff::Timestamp;
use tokio_postgres::types::Type;

use crate::index::RowVersion;
use crate::search::TERMS_VERSION;
use crate::store::PostWrite;
use crate::store::postgres::pipeline::{Parameter, bind};
use crate::store::postgres::search;

/// Posts on their way into one statement, a vector a column.
#[derive(Default)]
pub struct Chunk {
    pub bytes: usize,
    pub ids: Vec<i32>,
    titles: Vec<String>,
    descriptions: Vec<Option<String>>,
    bodies: Vec<String>,
    created: Vec<Option<Timestamp>>,
    updated: Vec<Option<Timestamp>>,
    categories: Vec<Option<String>>,
    images: Vec<Option<String>>,
    word_counts: Vec<i32>,
    paths: Vec<String>,
    file_digests: Vec<Vec<u8>>,
    post_digests: Vec<Vec<u8>>,
    pub tag_posts: Vec<i32>,
    pub tag_names: Vec<String>,
    pub terms: Vec<String>,
    versions: Vec<i64>,
}

impl Chunk {
    /// Adds a post, with the version of the row that it replaces, if any.
    pub fn push(&mut self, write: PostWrite, version: Option<RowVersion>) {
        let PostWrite { post, body, .. } = write;
        let terms = search::vector(post.id, &write.terms);
        let description = post.description.as_ref().map_or(0, String::len);
        self.bytes += body.len() + post.title.len() + description + terms.len() + 256;
        self.terms.push(terms);
        self.ids.push(post.id.get());
        self.titles.push(post.title);
        self.descriptions.push(post.description);
        self.bodies.push(body);
        self.created.push(post.created_at);
        self.updated.push(post.updated_at);
        self.categories.push(post.category);
        self.images.push(post.image);
        self.word_counts.push(post.word_count);
        self.paths.push(write.path.to_string());
        self.file_digests
            .push(write.file_digest.as_bytes().to_vec());
        self.post_digests
            .push(write.post_digest.as_bytes().to_vec());
        self.tag_posts
            .extend(post.tags.iter().map(|_| post.id.get()));
        self.tag_names.extend(post.tags);
        self.versions
            .extend(version.map(|RowVersion(version)| version));
    }

    /// The parameters of `create.sql`, and with the versions those of `update.sql`.
    pub fn into_parameters(self, now: Timestamp, versions: bool) -> Vec<Parameter> {
        let mut parameters = vec![
            bind(self.ids, Type::INT4_ARRAY),
            bind(self.titles, Type::TEXT_ARRAY),
            bind(self.descriptions, Type::TEXT_ARRAY),
            bind(self.bodies, Type::TEXT_ARRAY),
            bind(self.created, Type::TIMESTAMPTZ_ARRAY),
            bind(self.updated, Type::TIMESTAMPTZ_ARRAY),
            bind(self.categories, Type::TEXT_ARRAY),
            bind(self.images, Type::TEXT_ARRAY),
            bind(self.word_counts, Type::INT4_ARRAY),
            bind(self.paths, Type::TEXT_ARRAY),
            bind(self.file_digests, Type::BYTEA_ARRAY),
            bind(self.post_digests, Type::BYTEA_ARRAY),
            bind(self.tag_posts, Type::INT4_ARRAY),
            bind(self.tag_names, Type::TEXT_ARRAY),
            bind(now, Type::TIMESTAMPTZ),
            bind(TERMS_VERSION, Type::INT4),
        ];
        if versions {
            parameters.push(bind(self.versions, Type::INT8_ARRAY));
        }
        parameters
    }
}
