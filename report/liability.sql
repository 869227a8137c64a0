-- Points that are open, those held back included, and what they may cost: at the ends of the last twelve months, now, and at those of the next twelve if nobody does anything.
SELECT at::date AS day, CASE WHEN at < asof THEN 'past' WHEN at = asof THEN 'now' ELSE 'ahead' END AS state,
       sum(s.points + s.pending) AS points, round(sum(loyalty.liability(h, program, at)), 2) AS liability
FROM   report_customer, report_program, report_asof,
       LATERAL (SELECT asof AS at UNION ALL
                SELECT m - interval '1 microsecond' FROM generate_series(date_trunc('month', asof) - interval '11 months', asof + interval '1 year', '1 month') m WHERE m <> asof) d,
       LATERAL loyalty.standing(h, program, at) s
GROUP  BY at, asof
ORDER  BY at;
