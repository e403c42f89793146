//! Plans of the program's statements in a blog of 200,000 posts: by index, and reading no more
//! for a deep page than for the first.

mod blog;
mod locales;
mod others;
mod pages;
mod searches;
