-- The customers from the most to the least profitable, in hundredths, and what they bring together.
SELECT round(100 * w.customer_share, 1) AS percent, w.customers, w.value AS profit, round(100 * w.value_share, 1) AS share,
       round(100 * loyalty.top_share(r, 0.20), 1) AS top_20, c.losing, c.losses
FROM  (SELECT loyalty.ranking(loyalty.profit(h)) AS r FROM report_customer) x,
       LATERAL loyalty.concentration(r) c, LATERAL loyalty.whale_curve(r, 100) w
ORDER  BY w.customers;
