-- What customers have brought x what the next year with them is worth today, each in fifths (5: the best), by a model of how they buy and leave.
WITH outlook AS MATERIALIZED (
    SELECT loyalty.profit(h) AS profit, loyalty.lifetime_value(h, model, '1 year', 0.10, asof) AS worth FROM report_customer, report_model, report_asof)
SELECT loyalty.bucket(p, profit, 5) AS now, loyalty.bucket(w, worth, 5) AS to_come, count(*) AS customers, round(sum(profit), 2) AS profit, round(sum(worth), 2) AS worth
FROM   outlook, (SELECT loyalty.ranking(profit) AS p, loyalty.ranking(worth) AS w FROM outlook WHERE worth IS NOT NULL) r
WHERE  worth IS NOT NULL
GROUP  BY 1, 2
ORDER  BY 1 DESC, 2;
