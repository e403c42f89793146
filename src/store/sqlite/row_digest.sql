-- The digest of a row and its tags: of those columns that the post's file stated, the others are
-- NULL. NULLs at the end add nothing: a row that was written before a column was there keeps its
-- digest.
blogctl_row_digest(
    p.id, p.title, {description}, {created_at}, {updated_at}, {category},
    {image}, p.word_count, p.content,
    {tags},
    {stated_fields}
)
