-- By the month of the first purchase, the last 24: what a customer has brought after so many months, and how many bought in that month.
SELECT cohort::date, n AS months, count(*) AS customers, round(avg(loyalty.profit(loyalty.until(h, upto - interval '1 microsecond'))), 2) AS profit,
       round(100.0 * count(*) FILTER (WHERE loyalty.orders(loyalty.during(h, tstzrange(upto - interval '1 month', upto))) > 0) / count(*), 1) AS bought
FROM  (SELECT h, date_trunc('month', loyalty.first_purchase(h)) AS cohort FROM report_customer) c, report_asof, generate_series(1, 24) n,
       LATERAL (SELECT cohort + n * interval '1 month' AS upto) u
WHERE  cohort >= date_trunc('month', asof) - interval '24 months' AND upto <= asof
GROUP  BY cohort, n
ORDER  BY cohort, n;
