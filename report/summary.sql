-- The shop in one row: customers who have bought, those of the last year, what came in then and in the year before; how much hangs on how few.
SELECT count(p.first_purchase) AS customers, count(*) FILTER (WHERE p.last_purchase >= asof - interval '1 year') AS active,
       sum(loyalty.revenue(loyalty.during(h, y.this))) AS revenue, sum(loyalty.revenue(loyalty.during(h, y.last))) AS revenue_before,
       sum(loyalty.profit(loyalty.during(h, y.this))) AS profit, sum(loyalty.profit(loyalty.during(h, y.last))) AS profit_before,
       round(100 * loyalty.top_share(loyalty.ranking(p.profit), 0.20), 1) AS top_20, count(*) FILTER (WHERE p.profit < 0) AS losing,
       sum(p.profit) FILTER (WHERE p.profit < 0) AS losses, max(p.last_purchase) AS last_purchase
FROM   report_customer, report_asof, LATERAL loyalty.profitability(h) p,
       LATERAL (SELECT tstzrange(asof - interval '1 year', asof) AS this, tstzrange(asof - interval '2 years', asof - interval '1 year') AS last) y;
