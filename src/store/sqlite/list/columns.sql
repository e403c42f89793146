-- What a listing shows of a post: the head of every statement in this folder. The tags are
-- a few probes of post_tag's primary key for each row that is shown, not for those passed.
SELECT p.id, s.path, s.locale AS text_locale, {fields}
