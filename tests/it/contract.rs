//! One contract, every store: the same cases run against each.
//!
//! A store joins in by keeping [`TestStore`] and one line of [`contract_tests!`]. The cases
//! speak the contract's language only; what must be done behind blogctl's back is done in
//! SQL that every store's database understands.

pub mod agree;
mod answers;
mod change;
mod copying;
mod counting;
mod extras;
mod indexing;
mod oddrows;
mod paging;
mod postgres;
mod reading;
mod retyped;
mod rowstates;
mod search_agree;
mod searching;
mod sqlite;
mod stated;
mod syncing;
mod texts;
mod texts_agree;
mod translating;
mod writing;

use std::time::Duration;

use blogctl::index::RowState;
use blogctl::locale::Locale;
use blogctl::model::RunRecord;
use blogctl::page::{Filter, Limit, Page, Position};
use blogctl::post::{Digest, Post, PostId, SourcePath, StoredPost};
use blogctl::search::{self, Document};
use blogctl::store::{Begin, Finish, Result, Store};
use jiff::Timestamp;

pub use self::answers::{
    everything, ids, is_empty, limit, pairs, record_of, stored, stored_over, walk, walk_with,
};
pub use self::change::{Change, row_state, stated_in};

/// A database of a test's own, gone when dropped.
pub trait TestStore {
    /// Another handle on the same database.
    fn store(&self) -> Box<dyn Store>;

    /// Another handle on the same database, of a blog with the locales of [`texts::locales`], that
    /// reads this one.
    fn store_in(&self, locale: Locale) -> Box<dyn Store>;

    /// Runs statements as another program would, over a connection of its own. The tables
    /// are `post`, `tag` and `post_tag`; text is in single quotes.
    fn sql(&self, statements: &str);

    /// Makes the tables say that they are of this version.
    fn set_version(&self, version: i32);

    /// Takes from the tables whatever keeps a value or a row out, as an owner may have done.
    fn loosen(&self);

    /// Values that only this store's database takes for what they are.
    fn odd_values(&self) -> &'static [oddrows::Odd];

    /// The name of a table that blogctl keeps for itself.
    fn kept(&self, table: &str) -> String;

    /// A time after the last that can be shown.
    fn too_late(&self) -> &'static str;

    /// Makes the index say that all search terms were made in this way.
    fn set_terms_version(&self, version: i32);
}

/// Instantiates every case of the contract for one store: `contract_tests!(name, make)`
/// makes a module `name`, where `make()` gives a fresh, empty [`TestStore`].
macro_rules! contract_tests {
    ($store:ident, $make:expr) => {
        $crate::contract::contract_cases! {
            $store, $make;
            syncing:
                the_first_sync_makes_the_tables_and_the_posts,
                the_first_sync_may_be_without_posts,
                dropping_the_first_transaction_leaves_no_tables,
                dropping_a_transaction_leaves_all_as_it_was,
                a_reader_sees_the_state_before_until_the_commit,
                a_second_sync_waits_for_the_first,
                a_second_sync_is_told_who_is_in_the_way,
                a_sync_from_an_old_index_is_stale,
                a_sync_from_an_index_without_tables_is_stale_once_there_are_some,
                the_generation_rises_with_every_commit,
                one_handle_syncs_again_after_it_was_stale;
            writing:
                the_index_tells_what_was_written,
                an_update_replaces_columns_and_tags,
                the_longest_values_of_a_front_matter_fit,
                a_relocation_changes_the_path_and_keeps_the_row,
                a_removal_takes_the_post_and_all_that_is_kept_of_it,
                text_comes_back_as_it_went_in,
                an_absent_created_at_takes_the_first_syncs_time_and_keeps_it,
                a_stated_created_at_without_updated_at_leaves_that_empty,
                stated_times_are_kept_to_the_microsecond,
                a_created_at_taken_out_of_the_file_stays_in_the_row;
            rowstates:
                an_edited_row_is_told_and_overwritten_when_asked,
                an_edit_of_the_tags_is_an_edit_of_the_post,
                an_edit_that_was_undone_is_none,
                a_write_over_a_row_that_changed_meanwhile_is_stale,
                a_removal_of_a_row_that_changed_meanwhile_is_stale,
                a_removal_of_a_row_that_came_back_meanwhile_is_stale,
                a_new_post_over_an_existing_row_is_stale,
                a_row_deleted_by_others_is_missing_and_written_again,
                a_row_deleted_by_others_is_forgotten_when_removed,
                rows_of_others_are_named_and_left_alone,
                rows_of_others_are_taken_over_when_asked;
            counting:
                counts_follow_creates_updates_and_removals,
                counts_take_in_rows_of_others,
                counts_survive_a_row_deleted_by_others,
                counts_come_commonest_first_and_then_by_name,
                tags_without_posts_stay_unless_asked,
                tags_of_others_are_never_pruned;
            reading:
                a_store_without_tables_says_so_to_every_read,
                a_store_without_tables_has_an_empty_index,
                show_gives_the_post_and_its_markdown,
                show_of_an_absent_post_is_nothing,
                history_pages_agree_at_every_limit,
                applying_the_schema_twice_changes_nothing,
                the_schema_says_its_version,
                tables_of_a_newer_version_are_refused;
            paging:
                walks_agree_at_every_limit_for_every_filter,
                posts_without_a_time_match_no_span,
                a_walk_passes_by_what_is_added_and_removed_meanwhile,
                a_cursor_need_not_exist,
                filters_compare_exactly,
                a_tag_named_twice_counts_once;
            searching:
                each_kind_of_requirement_is_met,
                requirements_may_be_as_large_as_queries_make_them,
                the_newest_are_found_first_and_a_cursor_goes_on,
                filters_hold_alone_and_together,
                candidates_carry_the_row_and_the_body,
                bodies_end_with_the_one_that_reaches_the_limit,
                names_of_any_text_filter_a_search;
            extras:
                slug_and_extra_keys_come_back_as_they_went_in,
                a_post_is_shown_by_its_slug,
                posts_are_found_by_the_values_of_extra_keys,
                values_of_extra_keys_follow_updates_and_removals,
                an_edit_of_a_slug_or_an_extra_key_is_an_edit_of_the_post,
                posts_are_read_by_their_ids_newest_first,
                a_column_that_no_file_states_is_left_to_others;
            copying:
                a_snapshot_is_one_state,
                a_snapshot_needs_tables_of_this_version,
                a_copied_row_has_no_value_that_it_is_not_given,
                what_a_copy_records_is_as_it_says;
            stated:
                what_no_file_states_is_left_to_others,
                what_a_file_states_no_more_is_cleared,
                only_a_change_of_what_a_file_states_is_an_edit,
                an_empty_list_of_tags_takes_all_away,
                a_row_of_others_is_adopted_as_it_is,
                an_edited_row_is_adopted_as_it_is,
                an_adoption_of_a_row_that_changed_meanwhile_is_stale,
                the_index_names_rows_with_values_of_others,
                a_comparison_finds_a_written_row_equal;
            indexing:
                terms_follow_updates_and_removals,
                terms_are_written_with_the_commit_or_not_at_all,
                terms_that_stay_behind_are_seen_and_made_anew,
                terms_of_a_post_that_is_not_there_are_stale,
                rows_of_others_are_not_found,
                a_row_deleted_by_others_is_not_found_and_takes_no_place,
                any_text_is_a_term,
                a_post_of_many_terms_is_found_by_each;
            oddrows:
                a_value_that_cannot_be_shown_hides_no_other,
                a_tag_without_a_name_is_counted_and_named_unreadable,
                runs_that_someone_edited_hide_no_other,
                rows_below_1_are_passed_over_and_end_no_walk,
                links_that_lead_to_no_post_hide_none,
                what_is_kept_of_a_post_and_damaged_is_named;
            translating:
                texts_are_created_and_read_by_their_locale,
                an_update_of_a_text_leaves_the_others,
                what_the_main_text_shares_reaches_all_texts,
                a_text_that_is_as_its_file_says_is_adopted,
                an_edited_text_is_a_conflict_of_that_text,
                a_text_deleted_by_others_is_a_conflict_of_that_text,
                a_moved_text_keeps_its_row,
                a_pruned_text_leaves_its_post,
                a_post_goes_with_its_last_text,
                a_main_text_goes_by_force_while_others_stay,
                a_main_text_that_comes_later_takes_the_row_of_the_post,
                pages_of_a_locale_are_complete_at_every_limit,
                a_write_over_a_text_that_changed_meanwhile_is_stale,
                a_removal_of_a_text_that_changed_meanwhile_is_stale,
                terms_of_texts_that_stay_behind_are_made_again,
        }
    };
}

/// The expansion of [`contract_tests!`]: a module per store, a test per case.
macro_rules! contract_cases {
    ($store:ident, $make:expr; $($group:ident: $($case:ident),+ $(,)?);+) => {
        mod $store {
            $(
                mod $group {
                    #[allow(unused_imports)]
                    use super::super::*;
                    $(
                        #[test]
                        fn $case() {
                            $crate::contract::$group::$case(&$make());
                        }
                    )+
                }
            )+
        }
    };
}

pub(crate) use {contract_cases, contract_tests};

/// Long enough for a test's own syncs, which follow one another.
pub const LOCK_TIMEOUT: Duration = Duration::from_secs(20);

pub fn at(text: &str) -> Timestamp {
    text.parse().expect("a test's timestamp is well-formed")
}

/// The clock of every sync that names no other.
pub fn now() -> Timestamp {
    at("2026-01-02T03:04:05.678901Z")
}

pub fn id(value: i64) -> PostId {
    PostId::new(value).expect("a test's id is in range")
}

pub fn digest_of(text: &str) -> Digest {
    let mut hasher = blake3::Hasher::new();
    hasher.update(text.as_bytes());
    Digest::from(&hasher)
}

/// A post that states only what it must.
pub fn post(value: i64) -> Post {
    Post {
        word_count: 3,
        ..Post::new(id(value), format!("Post {value}"))
    }
}

pub fn tags(names: &[&str]) -> Vec<String> {
    let mut names: Vec<_> = names.iter().map(|&name| name.to_owned()).collect();
    names.sort();
    names
}

pub fn path_of(id: PostId) -> SourcePath {
    SourcePath::new(format!("content/{id}.md"))
}

pub fn body_of(post: &Post) -> String {
    format!("# {}\n\nBody.\n", post.title)
}
