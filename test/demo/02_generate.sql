-- Fill the shop: four years, 2,000 customers. Every choice is a hash of a key and the name of the choice,
-- so each run, on any plan, makes the same rows.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
SET timezone = 'America/Los_Angeles';
BEGIN;

-- An even number in [0, 1) for this key and this choice.
CREATE FUNCTION pg_temp.dice(key bigint, choice text) RETURNS float8 IMMUTABLE LANGUAGE sql AS
$$ SELECT (hashint8extended(key, hashtext(choice)) & 9007199254740991) / 9007199254740992.0::float8 $$;

-- Seasons: how busy each day is, summed up, so that an even number finds a day (day_at).
CREATE TEMP TABLE calendar AS
SELECT day::date, sum(busy) OVER (ORDER BY day) AS upto
FROM   generate_series(timestamp '2022-01-01', '2025-12-31', '1 day') day,
LATERAL (SELECT (ARRAY[.75, .80, .90, .95, 1.10, .95, .80, .80, .95, 1.05, 1.40, 1.90])[date_part('month', day)::int]
              * (ARRAY[1.15, .95, .90, .90, .95, 1.10, 1.25])[date_part('dow', day)::int + 1]
              * (1 + 0.15 * (date_part('year', day) - 2022))
              * CASE WHEN to_char(day, 'MMDD') BETWEEN '1124' AND '1130' THEN 2.2
                     WHEN to_char(day, 'MMDD') > '1223' THEN 0.4 ELSE 1 END AS busy) b;
CREATE UNIQUE INDEX ON calendar (upto);
CREATE UNIQUE INDEX ON calendar (day) INCLUDE (upto);

-- The day at share u of the business between two days.
CREATE FUNCTION pg_temp.day_at(u float8, first date, last date) RETURNS date STABLE LANGUAGE sql AS
$$ SELECT day FROM calendar
   WHERE upto > (SELECT upto FROM calendar WHERE day = first) * (1 - u)
              + (SELECT upto FROM calendar WHERE day = last) * u - 1e-6
   ORDER BY upto LIMIT 1 $$;

-- A local time of day: quiet nights, a peak at noon, a higher one in the evening.
CREATE FUNCTION pg_temp.time_of_day(key bigint, choice text) RETURNS interval IMMUTABLE LANGUAGE sql AS
$$ SELECT make_interval(
     hours => (ARRAY[0,1,6,7,7,8,8,9,9,10,10,11,11,11,12,12,12,12,13,13,13,14,14,15,15,16,16,17,17,18,18,18,
                     19,19,19,19,20,20,20,20,20,21,21,21,21,22,22,23])[1 + floor(48 * pg_temp.dice(key, choice || ' hour'))::int],
     secs  => floor(3600 * pg_temp.dice(key, choice || ' second'))) $$;

-- Channels: share of new customers, what one costs, how loyal they are (a smaller tail buys more often),
-- and how many of them join and never order.
CREATE TEMP TABLE channel (name text, first float8, last float8, cost float8, tail float8, idle float8, welcome float8);
INSERT INTO channel VALUES
	('search',     0.00, 0.30, 34, 0.95, .03, .00),
	('social ads', 0.30, 0.52, 38, 1.65, .06, .15),
	('influencer', 0.52, 0.66, 46, 2.00, .09, .25),
	('affiliate',  0.66, 0.78, 36, 1.25, .04, .10),
	('friend',     0.78, 0.89, 25, 0.85, .02, .10),
	('direct',     0.89, 1.00,  0, 0.90, .02, .00);

-- Who joins, through which channel, and what kind of customer it is. Ids follow the time of joining.
CREATE TEMP TABLE person AS
SELECT row_number() OVER (ORDER BY joined_at, seed) AS customer_id, *,
       -- few heavy, many one-timers; nobody orders more than once a week for long
       CASE WHEN pg_temp.dice(seed, 'idle') < idle THEN 0
            ELSE least(floor((1 - pg_temp.dice(seed, 'orders')) ^ (-1 / tail)),
                       1 + (date '2025-12-31' - joined_on) / 7, 110)::int END AS orders
FROM  (SELECT seed, c.*, joined_on, joined_on + pg_temp.time_of_day(seed, 'join') AS joined_at,
              pg_temp.dice(seed, 'pace')             AS pace,
              pg_temp.dice(seed, 'returner')  < 0.05 AS returns_a_lot,
              pg_temp.dice(seed, 'complainer') < .03 AS complains_a_lot,
              pg_temp.dice(seed, 'sours')      < .10 AS sours
       FROM   generate_series(1, 2000) seed
       JOIN   channel c ON pg_temp.dice(seed, 'channel') >= c.first AND pg_temp.dice(seed, 'channel') < c.last,
       LATERAL pg_temp.day_at(pg_temp.dice(seed, 'join'), '2022-01-01', '2025-12-31') joined_on) s;

INSERT INTO shop.customers
SELECT customer_id, first_name || ' ' || last_name,
       lower(first_name || '.' || last_name || '.' || customer_id || '@example.com'), joined_at
FROM   person,
LATERAL (SELECT (ARRAY['Ada','Amir','Ana','Ben','Bianca','Carl','Chloe','Dana','David','Elena','Emma','Felix','Grace','Hana',
                       'Hugo','Ines','Ivan','Jade','Jonas','Julia','Kai','Lara','Leo','Lin','Maria','Mia','Nina','Noah','Olga',
                       'Omar','Paula','Priya','Rosa','Sam','Sara','Tara','Tom','Vera','Yuki','Zoe'])
                [1 + floor(40 * pg_temp.dice(seed, 'first name'))::int] AS first_name,
                (ARRAY['Adams','Baker','Berg','Castro','Chen','Costa','Diaz','Evans','Fischer','Garcia','Hughes','Ito','Jensen',
                       'Jones','Kaur','Keller','Khan','Kim','Lopez','Meyer','Miller','Moreau','Nguyen','Novak','Okafor','Olsen',
                       'Park','Patel','Perez','Quinn','Reyes','Rossi','Sato','Silva','Smith','Tran','Walker','Weber','Wong','Young'])
                [1 + floor(40 * pg_temp.dice(seed, 'last name'))::int] AS last_name) n;

INSERT INTO shop.acquisitions
SELECT customer_id, name, round((cost * (0.7 + 0.6 * pg_temp.dice(seed, 'acquisition')))::numeric, 2)
FROM   person;

INSERT INTO shop.referrals
SELECT customer_id, 1 + floor((customer_id - 1) * pg_temp.dice(seed, 'referrer')), joined_at
FROM   person WHERE name = 'friend' AND customer_id > 1;

INSERT INTO shop.categories VALUES (1, 'skin'), (2, 'make-up'), (3, 'fragrance'), (4, 'hair'), (5, 'tools'), (6, 'gifts');
INSERT INTO shop.products VALUES
	( 1, 2, 'lipstick',             22,  7.60), ( 2, 1, 'day cream',            34, 12.90), ( 3, 4, 'shampoo',              14,  6.20),
	( 4, 1, 'cleanser',             19,  7.40), ( 5, 2, 'mascara',              24,  8.30), ( 6, 4, 'conditioner',          15,  6.60),
	( 7, 1, 'sun lotion',           21,  8.80), ( 8, 2, 'foundation',           39, 14.60), ( 9, 3, 'eau de toilette',      58, 31.90),
	(10, 1, 'night cream',          42, 16.40), (11, 2, 'nail polish',          11,  3.90), (12, 4, 'hair oil',             26, 10.90),
	(13, 6, 'advent calendar',      69, 43.20), (14, 1, 'serum',                54, 20.50), (15, 2, 'eye palette',          46, 18.10),
	(16, 3, 'eau de parfum',        89, 48.70), (17, 5, 'brush set',            37, 23.10), (18, 4, 'hair mask',            23,  9.80),
	(19, 6, 'travel set',           29, 16.50), (20, 2, 'brow pencil',          17,  5.80), (21, 1, 'eye cream',            38, 15.30),
	(22, 5, 'hair dryer',          129, 88.00), (23, 3, 'body mist',            27, 12.60), (24, 6, 'gift box',             49, 29.60),
	(25, 4, 'styling foam',         16,  7.10), (26, 5, 'straightener',        109, 76.50), (27, 1, 'face mask',            12,  4.70),
	(28, 2, 'blush',                28,  9.90), (29, 3, 'perfume, 100 ml',     148, 82.00), (30, 5, 'facial cleansing brush', 79, 54.40);

-- Orders. The first falls on the day of joining, the others on busy days of the customer's active time.
CREATE TEMP TABLE placed AS
SELECT row_number() OVER (ORDER BY ordered_at, customer_id, n) AS order_id, *,
       to_char(ordered_at, 'MMDD') BETWEEN '1124' AND '1130' AS black_week,
       sours AND n > 1 AND ordered_at >= '2025-01-01' AS soured
FROM  (SELECT customer_id, n, key, name AS channel, welcome, returns_a_lot, complains_a_lot, sours,
              CASE WHEN n = 1 THEN joined_at + make_interval(secs => 60 + floor(600 * pg_temp.dice(key, 'first')))
                   ELSE pg_temp.day_at(pg_temp.dice(key, 'day'), joined_on + 2, until) + pg_temp.time_of_day(key, 'order')
              END AS ordered_at
       FROM   person, generate_series(1, orders) n,
       LATERAL (SELECT seed * 1000 + n AS key,
                       least(date '2025-12-31', joined_on + 9 + (orders * (15 + 90 * pace))::int) AS until) k
       WHERE  n = 1 OR joined_on + 2 < until) o
WHERE  ordered_at < '2025-12-31 18:00';
CREATE INDEX ON placed (order_id);

INSERT INTO shop.orders
SELECT order_id, customer_id, ordered_at, place,
       CASE place WHEN 'store' THEN 0 ELSE round((3.4 + 3.2 * pg_temp.dice(key, 'parcel'))::numeric, 2) END
FROM   placed,
LATERAL (SELECT (ARRAY['web', 'web', 'web', 'app', 'app', 'store'])[1 + floor(6 * pg_temp.dice(key, 'place'))::int] AS place) p;

-- Goods, few on a first order. Prices rise by 3 % a year, costs by 4 %; gifts sell before Christmas only.
CREATE TEMP TABLE goods AS
SELECT order_id, line_no, p.product_id, c.name AS category,
       CASE WHEN pg_temp.dice(line, 'quantity') < .84 THEN 1 WHEN pg_temp.dice(line, 'quantity') < .96 THEN 2 ELSE 3 END AS quantity,
       round(p.price * 1.03 ^ y, 2) AS unit_price, round(p.cost * 1.04 ^ y, 2) AS unit_cost, line
FROM   placed o,
LATERAL (SELECT date_part('year', ordered_at)::numeric - 2022 AS y,
                least(6, 1 + floor(CASE n WHEN 1 THEN -0.5 ELSE -1.2 END * ln(1 - pg_temp.dice(key, 'lines'))))::int AS lines) a,
LATERAL generate_series(1, lines) line_no,
LATERAL (SELECT key * 10 + line_no AS line) l,
LATERAL (SELECT 1 + floor(30 * pg_temp.dice(line, 'product') ^ 1.4)::int AS wish) w,
LATERAL (SELECT CASE WHEN wish IN (13, 19, 24) AND date_part('month', ordered_at) < 11 THEN wish - 3 ELSE wish END AS product_id) v
JOIN   shop.products p USING (product_id)
JOIN   shop.categories c USING (category_id);

INSERT INTO shop.order_lines SELECT order_id, line_no, product_id, quantity, unit_price, unit_cost FROM goods;

-- Discounts: a welcome, Black Week, and now and then a code; one negative line.
INSERT INTO shop.order_lines
SELECT order_id, max(line_no) + 1, NULL, 1, -round(sum(quantity * unit_price) * share::numeric, 2), 0
FROM   goods JOIN placed USING (order_id),
LATERAL (SELECT CASE WHEN n = 1 AND welcome > 0 THEN welcome
                     WHEN black_week AND pg_temp.dice(key, 'black week') < .7 THEN .20
                     WHEN pg_temp.dice(key, 'code') < .08 THEN .10 END AS share) d
WHERE  share IS NOT NULL
GROUP  BY order_id, share;

-- Returns: tools often, skin care seldom; some people return most of what they buy, and in 2025 some begin to. One refund per order, net of its discount.
INSERT INTO shop.refunds
SELECT row_number() OVER (ORDER BY refunded_at, order_id), order_id, refunded_at, amount, recovered
FROM  (SELECT order_id,
              ordered_at + make_interval(days => 3 + floor(22 * pg_temp.dice(key, 'return'))::int, mins => floor(400 * pg_temp.dice(key, 'minute'))::int) AS refunded_at,
              round(sum(quantity * unit_price) * paid / listed, 2) AS amount,
              round(0.8 * sum(quantity * unit_cost), 2) AS recovered
       FROM   goods JOIN placed USING (order_id)
       JOIN  (SELECT order_id, sum(quantity * unit_price) AS paid, sum(quantity * unit_price) FILTER (WHERE unit_price > 0) AS listed
              FROM shop.order_lines GROUP BY order_id) t USING (order_id)
       WHERE  pg_temp.dice(line, 'returned') < CASE WHEN soured THEN .9 WHEN returns_a_lot THEN .55 ELSE
              CASE category WHEN 'skin' THEN .02 WHEN 'hair' THEN .03 WHEN 'fragrance' THEN .04
                            WHEN 'make-up' THEN .05 WHEN 'gifts' THEN .07 ELSE .12 END END
       GROUP  BY order_id, key, ordered_at, paid, listed) r
WHERE  refunded_at < '2025-12-31 18:00';

-- Redemptions: each 520 kept since the last long pause, and not just now, makes 500 points to spend; six of ten
-- spend them on the next order that is large enough, which gets a line of -10 for every 500.
CREATE TEMP TABLE spent AS
WITH kept AS (
	SELECT customer_id, order_id, key, ordered_at, paid, floor(paid - coalesce(r.amount, 0)) AS kept,
	       count(*) FILTER (WHERE pause) OVER (PARTITION BY customer_id ORDER BY order_id) AS spell
	FROM  (SELECT *, ordered_at - lag(ordered_at) OVER (PARTITION BY customer_id ORDER BY order_id) > '300 days' AS pause FROM placed) o
	JOIN  (SELECT order_id, sum(quantity * unit_price) AS paid FROM shop.order_lines GROUP BY order_id) t USING (order_id)
	LEFT   JOIN shop.refunds r USING (order_id)
), steps AS (
	SELECT *, floor(coalesce(sum(kept) OVER (PARTITION BY customer_id, spell ORDER BY ordered_at
	                                         RANGE BETWEEN UNBOUNDED PRECEDING AND '15 days' PRECEDING), 0) / 520)::int AS reached
	FROM   kept
)
SELECT order_id, customer_id, ordered_at, newly
FROM  (SELECT *, reached - coalesce(lag(reached) OVER (PARTITION BY customer_id, spell ORDER BY order_id), 0) AS newly FROM steps) s
WHERE  newly > 0 AND paid > 10 * newly + 20 AND pg_temp.dice(key, 'redeems') < .6
AND    NOT EXISTS (SELECT FROM shop.refunds r WHERE r.order_id = s.order_id);

INSERT INTO shop.redemptions
SELECT row_number() OVER (ORDER BY order_id), customer_id, order_id, ordered_at, 500 * newly FROM spent;
INSERT INTO shop.order_lines
SELECT order_id, (SELECT max(line_no) + 1 FROM shop.order_lines l WHERE l.order_id = s.order_id), NULL, 1, -10 * newly, 0 FROM spent s;

-- Support: refunds make calls, and a few people call about every order.
INSERT INTO shop.tickets
SELECT row_number() OVER (ORDER BY closed_at, order_id), customer_id, order_id, closed_at,
       4 + floor(CASE WHEN complains_a_lot OR soured THEN 50 ELSE 22 END * pg_temp.dice(key, 'minutes'))::int
FROM   placed o,
LATERAL (SELECT ordered_at + make_interval(days => 1 + floor(15 * pg_temp.dice(key, 'ticket day'))::int,
                                           mins => floor(500 * pg_temp.dice(key, 'ticket minute'))::int) AS closed_at) c
WHERE  closed_at < '2025-12-31 18:00'
AND    pg_temp.dice(key, 'ticket') < CASE WHEN complains_a_lot OR soured THEN .8
           WHEN EXISTS (SELECT FROM shop.refunds r WHERE r.order_id = o.order_id) THEN .35 ELSE .05 END;

INSERT INTO shop.reviews
SELECT row_number() OVER (ORDER BY written_at, line), customer_id, product_id, written_at,
       1 + floor(5 * pg_temp.dice(line, 'stars') ^ 0.4)::int
FROM   goods JOIN placed USING (order_id),
LATERAL (SELECT ordered_at + make_interval(days => 5 + floor(20 * pg_temp.dice(line, 'review day'))::int) AS written_at) w
WHERE  pg_temp.dice(line, 'review') < .06 AND written_at < '2025-12-31 18:00';

COMMIT;
ANALYZE;

\echo 'The shop:'
SELECT (SELECT count(*) FROM shop.customers)   AS customers,
       (SELECT count(*) FROM shop.orders)      AS orders,
       (SELECT count(*) FROM shop.order_lines) AS order_lines,
       (SELECT count(*) FROM shop.refunds)     AS refunds,
       (SELECT count(*) FROM shop.redemptions) AS redemptions,
       (SELECT count(*) FROM shop.tickets)     AS tickets;
