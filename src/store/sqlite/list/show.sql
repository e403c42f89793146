     , {content} AS content
FROM post AS p
{texts}WHERE p.id = :key
