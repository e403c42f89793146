-- How many posts have a pair of a key and a value, counted to :most: a walk of the primary key.
SELECT count(*) FROM (
    SELECT 1 FROM blogctl_extra_value AS walk
    WHERE walk.key = :key AND walk.value = :value
    LIMIT :most
)
