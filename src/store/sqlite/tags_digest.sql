(SELECT json_group_array(
        -- JSON holds no blob. Text that begins with a zero is none of blogctl's.
        CASE WHEN typeof(t.name) = 'blob' THEN char(0) || hex(t.name) ELSE t.name END
        ORDER BY t.name
     )
     FROM post_tag AS pt JOIN tag AS t ON t.id = pt.tag_id
     WHERE pt.post_id = p.id)
