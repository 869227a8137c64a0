-- Monthly recurring revenue at the end of each month, the last 24, and how it moved; the month that runs as far as it has come.
SELECT month::date, round((r).mrr_end, 2) AS mrr, (r).customers_end AS customers, round((r).new, 2) AS new, round((r).expansion, 2) AS expansion,
       round((r).reactivation, 2) AS reactivation, round(-(r).contraction, 2) AS contraction, round(-(r).churn, 2) AS churn
FROM  (SELECT month, loyalty.mrr_report(h, tstzrange(month, least(month + interval '1 month', asof))) AS r
       FROM   report_subscriber, report_asof, generate_series(date_trunc('month', asof) - interval '24 months', asof, '1 month') month
       WHERE  loyalty.first_paid(h) IS NOT NULL AND month < asof
       GROUP  BY month) m
ORDER  BY month;
