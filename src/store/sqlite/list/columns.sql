-- What a listing shows of a post: the head of every statement in this folder. The tags are
-- a few probes of post_tag's primary key for each row that is shown, not for those passed.
SELECT p.id, p.title, p.description, p.category, p.image, p.created_at, p.updated_at,
       p.word_count, s.path,
       (SELECT json_group_array(CASE WHEN typeof(t.name) = 'text' THEN t.name END)
        FROM post_tag AS pt CROSS JOIN tag AS t ON t.id = pt.tag_id
        WHERE pt.post_id = p.id) AS tags
