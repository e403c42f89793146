-- The digest of a row and its tags. A column that came later follows the tags, and adds nothing
-- to the digest where it is NULL: rows keep theirs when the tables are upgraded.
blogctl_row_digest(
    p.id, p.title, p.description, p.created_at, p.updated_at, p.category,
    p.image, p.word_count, p.content,
    (SELECT json_group_array(
        -- JSON holds no blob. Text that begins with a zero is none of blogctl's.
        CASE WHEN typeof(t.name) = 'blob' THEN char(0) || hex(t.name) ELSE t.name END
        ORDER BY t.name
     )
     FROM post_tag AS pt JOIN tag AS t ON t.id = pt.tag_id
     WHERE pt.post_id = p.id),
    {later_fields}
)
