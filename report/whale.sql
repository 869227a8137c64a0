-- The customers from the most to the least profitable, in hundredths, and what they bring together.
SELECT round(100 * w.customer_share, 1) AS percent, w.customers, w.value AS profit, round(100 * w.value_share, 1) AS share
FROM  (SELECT loyalty.ranking(loyalty.profit(h)) AS r FROM report_customer) x, LATERAL loyalty.whale_curve(r, 100) w
ORDER  BY w.customers;
