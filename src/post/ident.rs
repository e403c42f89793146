//! The identifiers of posts and files: ids, paths and digests.

use std::fmt;

use unicode_normalization::UnicodeNormalization as _;

use crate::locale::Locale;

/// A post's identity: a positive 32-bit integer, unique over all files.
///
/// The range is that of Postgres's `integer`, which the `post` table uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PostId(i32);

impl PostId {
    /// The greatest id: 2,147,483,647.
    pub const MAX: Self = Self(i32::MAX);

    /// Returns the id, or `None` outside `1..=2_147_483_647`.
    pub fn new(value: i64) -> Option<Self> {
        i32::try_from(value).ok().filter(|id| *id >= 1).map(Self)
    }

    /// Returns the id as the database's number.
    pub fn get(self) -> i32 {
        self.0
    }
}

impl fmt::Display for PostId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The identity of a text: of a post, and in a blog with locales of one of its translations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TextId {
    /// The post.
    pub post: PostId,
    /// The locale; `None` in a blog without locales.
    pub locale: Option<Locale>,
}

impl From<PostId> for TextId {
    fn from(post: PostId) -> Self {
        Self { post, locale: None }
    }
}

impl fmt::Display for TextId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.locale {
            Some(locale) => write!(f, "{} ({locale})", self.post),
            None => self.post.fmt(f),
        }
    }
}

/// A file's path relative to the project root: `/` between parts, composed (NFC) Unicode.
///
/// A path has the same value on every system, so that a laptop and CI agree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourcePath(String);

impl SourcePath {
    /// Takes a path that is already relative, `/`-separated and NFC.
    pub fn new(path: impl Into<String>) -> Self {
        Self(path.into())
    }

    /// Takes a relative, `/`-separated path in any form of Unicode.
    pub fn composed(path: &str) -> Self {
        Self(path.nfc().collect())
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SourcePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A 128-bit BLAKE3 digest: long enough that two contents never meet by accident, short
/// enough that the index of a large blog stays cheap to fetch.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest([u8; 16]);

impl Digest {
    /// Length in bytes.
    pub const LEN: usize = 16;

    /// A digest of all zeros, kept where there is no content; no file and no post has it.
    pub const NONE: Self = Self([0; Self::LEN]);

    /// Returns the digest a store kept, or `None` if it is not [`Self::LEN`] bytes long.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The digest's bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<&blake3::Hasher> for Digest {
    fn from(hasher: &blake3::Hasher) -> Self {
        let mut bytes = [0; Self::LEN];
        hasher.finalize_xof().fill(&mut bytes);
        Self(bytes)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
