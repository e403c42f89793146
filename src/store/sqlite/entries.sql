-- What blogctl wrote, and how its row stands now. The digest is computed only where the
-- row was touched since, so that an index of untouched rows reads no body.
SELECT s.post_id,
       s.path,
       s.file_digest,
       s.post_digest,
       p.category,
       s.terms_version,
       p.id IS NOT NULL AS present,
       s.touches,
       s.touches = s.written_touches
           OR s.row_digest = blogctl_row_digest(
               p.id, p.title, p.description, p.created_at, p.updated_at, p.category,
               p.image, p.word_count, p.content,
               (SELECT json_group_array(
                   -- JSON holds no blob. Text that begins with a zero is none of blogctl's.
                   CASE WHEN typeof(t.name) = 'blob' THEN char(0) || hex(t.name) ELSE t.name END
                   ORDER BY t.name
                )
                FROM post_tag AS pt JOIN tag AS t ON t.id = pt.tag_id
                WHERE pt.post_id = p.id)
           ) AS intact
FROM blogctl_source AS s LEFT JOIN post AS p ON p.id = s.post_id
