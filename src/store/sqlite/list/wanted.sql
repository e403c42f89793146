  -- No other wanted tag is missing: one probe of post_tag's primary key for each.
  AND NOT EXISTS (
      SELECT 1 FROM json_each(:tags) AS wanted
      WHERE NOT EXISTS (
          SELECT 1 FROM post_tag AS pt WHERE pt.post_id = p.id AND pt.tag_id = wanted.value
      )
  )
  -- No other wanted pair of a key and a value is missing, by probes of its primary key.
  AND (:extra IS NULL OR NOT EXISTS (
      SELECT 1 FROM json_each(:extra) AS wanted
      WHERE NOT EXISTS (
          SELECT 1 FROM blogctl_extra_value AS has
          WHERE has.key = wanted.value ->> 0 AND has.value = wanted.value ->> 1
            AND has.post_id = p.id
      )
  ))
