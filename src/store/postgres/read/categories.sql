-- As many rows as there are categories: the counts are kept, not made.
{#has_translations}
SELECT category AS name, posts
FROM blogctl.locale_category_count
WHERE locale = {locale} AND posts > 0
{/has_translations}
{^has_translations}
SELECT category AS name, posts
FROM blogctl.category_count
WHERE posts > 0
{/has_translations}
ORDER BY posts DESC, category COLLATE "C"
