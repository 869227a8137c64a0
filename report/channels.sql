-- What winning a customer cost in each channel, what they have brought since, and what the next year with them is worth today: of each on average.
SELECT channel, count(*) AS customers, round(avg(cost), 2) AS cost, round(avg(profit + cost), 2) AS brought, round(sum(worth) / count(*), 2) AS next_year,
       round(100.0 * count(*) FILTER (WHERE profit >= 0) / count(*), 1) AS paid_back
FROM  (SELECT loyalty.cost(h, 'acquisition') AS cost, loyalty.profit(h) AS profit, loyalty.lifetime_value(h, model, '1 year', 0.10, asof) AS worth,
              (SELECT e.tags[2] FROM loyalty.events(h) e WHERE e.kind = 'expense' AND e.tags[1] = 'acquisition' ORDER BY e.at LIMIT 1) AS channel
       FROM   report_customer, report_model, report_asof) c
WHERE  channel IS NOT NULL
GROUP  BY channel
ORDER  BY avg(profit) + coalesce(sum(worth) / count(*), 0) DESC;
