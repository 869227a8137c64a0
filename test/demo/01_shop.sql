-- A beauty shop's tables as shops have them. Nothing here knows of loyalty.
\set ON_ERROR_STOP on
SET client_min_messages = warning;

DROP SCHEMA IF EXISTS shop CASCADE;
CREATE SCHEMA shop;

CREATE TABLE shop.customers (
	customer_id   bigint PRIMARY KEY,
	name          text NOT NULL,
	email         text NOT NULL UNIQUE,
	joined_at     timestamptz NOT NULL
);

CREATE TABLE shop.categories (
	category_id   int PRIMARY KEY,
	name          text NOT NULL UNIQUE
);

CREATE TABLE shop.products (
	product_id    int PRIMARY KEY,
	category_id   int NOT NULL REFERENCES shop.categories,
	name          text NOT NULL,
	price         numeric(10,2) NOT NULL CHECK (price > 0),
	cost          numeric(10,2) NOT NULL CHECK (cost > 0)
);

CREATE TABLE shop.orders (
	order_id      bigint PRIMARY KEY,
	customer_id   bigint NOT NULL REFERENCES shop.customers,
	ordered_at    timestamptz NOT NULL,
	placed_in     text NOT NULL CHECK (placed_in IN ('web', 'app', 'store')),
	shipping_cost numeric(10,2) NOT NULL            -- what the parcel cost the shop
);

-- A discount is a line without a product and with a negative price.
CREATE TABLE shop.order_lines (
	order_id      bigint NOT NULL REFERENCES shop.orders,
	line_no       int NOT NULL,
	product_id    int REFERENCES shop.products,
	quantity      int NOT NULL CHECK (quantity > 0),
	unit_price    numeric(10,2) NOT NULL,
	unit_cost     numeric(10,2) NOT NULL,
	PRIMARY KEY (order_id, line_no),
	CHECK (CASE WHEN product_id IS NULL THEN unit_price < 0 AND unit_cost = 0 ELSE unit_price > 0 END)
);

-- A refund knows its order, not its lines. "recovered" is the cost of goods that went back to the shelf.
CREATE TABLE shop.refunds (
	refund_id     bigint PRIMARY KEY,
	order_id      bigint NOT NULL REFERENCES shop.orders,
	refunded_at   timestamptz NOT NULL,
	amount        numeric(10,2) NOT NULL CHECK (amount > 0),
	recovered     numeric(10,2) NOT NULL CHECK (recovered >= 0)
);

CREATE TABLE shop.redemptions (
	redemption_id bigint PRIMARY KEY,
	customer_id   bigint NOT NULL REFERENCES shop.customers,
	order_id      bigint NOT NULL REFERENCES shop.orders,
	redeemed_at   timestamptz NOT NULL,
	points        int NOT NULL CHECK (points > 0)
);

CREATE TABLE shop.tickets (
	ticket_id     bigint PRIMARY KEY,
	customer_id   bigint NOT NULL REFERENCES shop.customers,
	order_id      bigint REFERENCES shop.orders,
	closed_at     timestamptz NOT NULL,
	minutes       int NOT NULL CHECK (minutes > 0)  -- time our support spent
);

CREATE TABLE shop.acquisitions (
	customer_id   bigint PRIMARY KEY REFERENCES shop.customers,
	channel       text NOT NULL,
	cost          numeric(10,2) NOT NULL CHECK (cost >= 0)
);

CREATE TABLE shop.referrals (
	referred_id   bigint PRIMARY KEY REFERENCES shop.customers,
	referrer_id   bigint NOT NULL REFERENCES shop.customers,
	referred_at   timestamptz NOT NULL
);

CREATE TABLE shop.reviews (
	review_id     bigint PRIMARY KEY,
	customer_id   bigint NOT NULL REFERENCES shop.customers,
	product_id    int NOT NULL REFERENCES shop.products,
	written_at    timestamptz NOT NULL,
	stars         int NOT NULL CHECK (stars BETWEEN 1 AND 5)
);

CREATE INDEX ON shop.orders (customer_id, ordered_at);
CREATE INDEX ON shop.orders (ordered_at);
CREATE INDEX ON shop.order_lines (product_id);
CREATE INDEX ON shop.products (category_id);
CREATE INDEX ON shop.refunds (order_id);
CREATE INDEX ON shop.redemptions (customer_id);
CREATE INDEX ON shop.redemptions (order_id);
CREATE INDEX ON shop.tickets (customer_id);
CREATE INDEX ON shop.tickets (order_id);
CREATE INDEX ON shop.referrals (referrer_id);
CREATE INDEX ON shop.reviews (customer_id);
CREATE INDEX ON shop.reviews (product_id);
