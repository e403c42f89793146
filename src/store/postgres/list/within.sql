{row} < $1
        AND {row} >= CASE
            WHEN $2 IS NULL AND $3 IS NULL THEN 1 ELSE greatest((SELECT lowest FROM span), 1) END
        AND {row} <= CASE
            WHEN $2 IS NULL AND $3 IS NULL THEN 2147483647 ELSE (SELECT highest FROM span) END
{#tags}
        AND (
{#by_tag}
            -- A tag that is alone is the one that is walked along.
            cardinality({$tags}) = 1 OR
{/by_tag}
            (
                SELECT count(*) FROM {post_tag} o
                WHERE o.{post_tag.post_id} = {row}
                    AND o.{post_tag.tag_id} = ANY (ARRAY(SELECT w.id FROM wanted w))
            ) = cardinality({$tags})
        )
{/tags}
{#extra}
        AND (
{#by_extra}
            cardinality({$keys}) = 1 OR
{/by_extra}
            (
                -- LIMIT keeps each pair one look.
                SELECT count(*) FROM pairs w
                WHERE (
                    SELECT true FROM blogctl.extra_value x
                    WHERE x.key = w.key AND x.value = w.value AND x.post_id = {row}
                    LIMIT 1
                )
            ) = cardinality({$keys})
        )
{/extra}
{#in_locale}
{^by_locale}
        -- One look by the unique index on (post_id, locale); LIMIT keeps it that.
        AND (
            SELECT true FROM {translation} o
            WHERE o.{translation.post_id} = {row} AND o.{translation.locale} = {$locale}
            LIMIT 1
        )
{/by_locale}
{/in_locale}
        -- One look by the primary key for what the walked table does not hold; LIMIT keeps it
        -- that.
{#look_up_category}
        AND (
            SELECT t.{post.category} = {$category}
{#stores_created_at}
                AND ($2 IS NULL OR t.{post.created_at} >= $2)
                AND ($3 IS NULL OR t.{post.created_at} < $3)
{/stores_created_at}
            FROM {post} t
            WHERE t.{post.id} = {row}
            LIMIT 1
        )
{/look_up_category}
{^look_up_category}
{#stores_created_at}
        AND ($2 IS NULL AND $3 IS NULL OR (
            SELECT ($2 IS NULL OR t.{post.created_at} >= $2)
                AND ($3 IS NULL OR t.{post.created_at} < $3)
            FROM {post} t
            WHERE t.{post.id} = {row}
            LIMIT 1
        ))
{/stores_created_at}
{/look_up_category}
