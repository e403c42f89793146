-- Records translations that are as their files say, and leaves them as they are. A row whose version
-- is no longer the one that the plan saw is missing in the count.
-- The parameters are those of create_translations.sql, without $2, $8, $12 and the fields.
WITH input AS (
    SELECT *, i.stated_names::text[] AS stated
    FROM unnest(
        $1::int[], $3::text[], $4::bytea[], $5::bytea[], $6::text[], $7::bytea[], $10::bigint[],
        $11::text[]
    ) AS i (id, path, file_digest, post_digest, locale, text_digest, version, stated_names)
), written AS (
    SELECT
        p.{translation.post_id} AS id,
        p.{translation.locale}::text AS locale,
        p.xmin AS row_xmin,
        {digest.columns}
    FROM input i
    JOIN {translation} p
        ON p.{translation.post_id} = i.id AND p.{translation.locale}::text = i.locale
            AND p.xmin = i.version::text::xid
)
