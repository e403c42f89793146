-- Keeps what a sync wrote. The digest is over the row as it was stored, by the expression
-- of entries.sql. `touches` already counts this write, by the triggers.
INSERT INTO blogctl_source (post_id, path, file_digest, post_digest, terms_version, row_digest)
SELECT p.id,
       :path,
       :file_digest,
       :post_digest,
       :terms_version,
       blogctl_row_digest(
           p.id, p.title, p.description, p.created_at, p.updated_at, p.category,
           p.image, p.word_count, p.content,
           (SELECT json_group_array(t.name ORDER BY t.name)
            FROM post_tag AS pt JOIN tag AS t ON t.id = pt.tag_id
            WHERE pt.post_id = p.id)
       )
FROM post AS p
WHERE p.id = :id
ON CONFLICT (post_id) DO UPDATE
SET path = excluded.path,
    file_digest = excluded.file_digest,
    post_digest = excluded.post_digest,
    terms_version = excluded.terms_version,
    row_digest = excluded.row_digest,
    written_touches = touches
