-- From the shop's tables to histories.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS loyalty;
\set ECHO queries

\echo
\echo 'The only mapping a shop ever writes: its tables -> events.'
\echo
CREATE VIEW shop.customer_event AS
-- a line of an order; the lines of one order share its ref
SELECT o.customer_id,
       loyalty.purchase(o.ordered_at, l.quantity * l.unit_price,
                        cost     => l.quantity * l.unit_cost,
                        quantity => l.quantity,
                        tags     => ARRAY[coalesce(c.name, 'discount'), o.placed_in],
                        ref      => o.order_id) AS event
FROM   shop.orders o
JOIN   shop.order_lines l USING (order_id)
LEFT   JOIN shop.products p USING (product_id)
LEFT   JOIN shop.categories c USING (category_id)

UNION ALL
SELECT o.customer_id,
       loyalty.refund(r.refunded_at, r.amount, cost => r.recovered, ref => r.order_id)
FROM   shop.refunds r JOIN shop.orders o USING (order_id)

UNION ALL
SELECT customer_id, loyalty.redemption(redeemed_at, points, ref => order_id)
FROM   shop.redemptions

-- what a customer costs besides the goods
UNION ALL
SELECT customer_id, loyalty.expense(ordered_at, shipping_cost, ARRAY['shipping'])
FROM   shop.orders WHERE shipping_cost > 0
UNION ALL
SELECT customer_id, loyalty.expense(closed_at, minutes * 0.9, ARRAY['support'])
FROM   shop.tickets
UNION ALL
SELECT customer_id, loyalty.expense(c.joined_at, a.cost, ARRAY['acquisition', a.channel])
FROM   shop.acquisitions a JOIN shop.customers c USING (customer_id)

-- what earns a bonus but no money
UNION ALL
SELECT customer_id, loyalty.activity(joined_at, 'joined')    FROM shop.customers
UNION ALL
SELECT customer_id, loyalty.activity(written_at, 'review')   FROM shop.reviews
UNION ALL
SELECT referrer_id, loyalty.activity(referred_at, 'referred') FROM shop.referrals;

\echo
\echo 'The same as one row per customer.'
\echo
CREATE VIEW shop.customer_history AS
SELECT customer_id, loyalty.history(event) AS h
FROM   shop.customer_event
GROUP  BY customer_id;
