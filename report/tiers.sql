-- Members in each tier at the end of each month, of those who had bought by then; place is that of the tier in the program.
SELECT (at - interval '1 microsecond')::date AS day, tier,
       (SELECT min(n) FROM jsonb_path_query(program::jsonb, '$.tiers.levels[*].name') WITH ORDINALITY l(name, n) WHERE l.name #>> '{}' = tier) AS place, members
FROM   report_program,
      (SELECT at, loyalty.tier(h, program, at - interval '1 microsecond') AS tier, count(*) AS members
       FROM   report_customer, report_program, report_asof, generate_series(date_trunc('month', asof) - interval '35 months', asof, '1 month') at
       WHERE  loyalty.first_purchase(h) < at
       GROUP  BY 1, 2) t
WHERE  tier IS NOT NULL
ORDER  BY day, place;
