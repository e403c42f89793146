-- Updates translations, and keeps what they were made from. A row whose version is no longer the one
-- that the plan saw is left alone, and missing in the count.
-- $1 the posts, $2 the bodies, $3 the paths, $4 and $5 the digests of the files and the posts, $6
-- the locales, $7 the digests of what each locale has for itself, one array each; $8 the time that
-- replaces an absent one; $9 the way in which search terms are made; $10 the versions of the rows;
-- $11 the fields that the files state and $12 those that they state or stated before, each text's as
-- the text of an array; from $13 on a field each.
WITH input AS (
    SELECT *, i.stated_names::text[] AS stated, i.managed_names::text[] AS managed
    FROM unnest(
        $1::int[], $2::text[], $3::text[], $4::bytea[], $5::bytea[], $6::text[], $7::bytea[],
        $10::bigint[], $11::text[], $12::text[], {input.arrays}
    ) AS i (id, content, path, file_digest, post_digest, locale, text_digest, version, stated_names,
        managed_names, {input.names})
), written AS (
    UPDATE {translation} p
    SET {input.set}
    FROM input i
    WHERE p.{translation.post_id} = i.id AND p.{translation.locale}::text = i.locale
        AND p.xmin = i.version::text::xid
    RETURNING
        p.{translation.post_id} AS id,
        p.{translation.locale}::text AS locale,
        pg_current_xact_id()::xid AS row_xmin,
        {digest.columns}
)
