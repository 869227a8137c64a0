-- Kept histories against the aggregate. Random sequences of statements change the tables of five shops in every way that
-- rows can change; after each statement every live view must hold what the aggregate over its mapping view holds, and a
-- redemption must have been refused exactly if the points, or the voucher, were not there: counted by plain SQL, or, in the shop
-- whose program changes, by a fold of what the tables would hold then.
--
-- The first sequence that goes wrong is made as short as possible and shown. N= sets how many there are, SEED= where they
-- begin: a sequence depends on its own number only, and SEED= with that number (N=1) plays it again.

\set ON_ERROR_STOP on
set client_min_messages = warning;
set jit = off;
\set n ''
\getenv n N
select coalesce(nullif(:'n', ''), '2000') as n, case when :seed < 10000000 then :seed * 10000000::bigint else :seed end as first \gset

-- programs for the club
\ir oracle.sql
\ir oracle_random.sql
\ir oracle_random_club.sql
set search_path = public;

-- A shop: its live views, each with the mapping views that it keeps; statements that fill its tables at the beginning of
-- a sequence, and that empty them again.
create table shops (name text primary key, fill text[], empty text);
create table lives (shop text, name text, events text[]);
-- What may happen there. {words} stand for random values (see spelled), [...] for itself, once or a few times.
create table statement (n int generated always as identity, shop text, weight int, words text);

----------------------------------------------------------------------------------------------------------------------
-- till: every table knows its customer; guarded by a program of one point per unit of money

create schema till;
set search_path = till;
create table orders (id int primary key, customer int, at timestamptz, amount numeric, status text, note text, fee numeric generated always as (amount / 10) stored);
create table returns (id int primary key, customer int, at timestamptz, amount numeric);
create table redemptions (id int primary key, customer int, at timestamptz, points numeric, request text unique);
create table adjustments (id int primary key, customer int, at timestamptz, points numeric);
create table tickets (customer int, at timestamptz, minutes int);
create view happened as
	select customer, loyalty.purchase(at, amount, cost => fee, tags => array[status], ref => id) as event from orders where status <> 'open'
	union all select customer, loyalty.activity(at, 'large') from orders where amount >= 80 and status is distinct from 'void'
	union all select customer, loyalty.refund(at, amount) from returns
	union all select customer, loyalty.redemption(at, points, ref => -id) from redemptions
	union all select customer, loyalty.adjustment(at, points) from adjustments
	union all select customer, loyalty.expense(at, minutes * 0.5, array['support']) from tickets;
select loyalty.keep('kept', 'int', '{"program": "till", "timezone": "UTC", "earn": [{"points": 1, "per": 1}]}') \g /dev/null
select loyalty.track('happened', 'kept') \g /dev/null

insert into public.shops values ('till', array['insert into orders values [({new}, {c}, {at}, {whole}, {status})]', 'insert into redemptions select id + 3000, customer, at + interval ''10 days'', amount from orders where amount > {whole} and status <> ''open''', 'update orders set at = at + interval ''1 month'' where amount > {whole}; insert into orders select nextval(''fresh''), c, {at}, 500, ''paid'' from generate_series({k}, {k}) as c'],
	'delete from orders; delete from returns; delete from redemptions; delete from adjustments; delete from tickets');
insert into public.lives values ('till', 'kept', '{happened}');
insert into public.statement (shop, weight, words) values
	('till', 8, 'insert into orders values [({new}, {c}, {at}, {whole}, {status})]'),
	('till', 3, 'insert into orders values [({id}, {c}, {at}, {whole}, {status})] on conflict (id) do update set amount = excluded.amount, customer = excluded.customer'),
	('till', 1, 'insert into orders values ({id}, {c}, {at}, {whole}, {status}) on conflict (id) do update set at = excluded.at where orders.status = {status} or orders.status is null'),
	('till', 1, 'insert into orders values [({id}, {c}, {at}, {whole}, {status})] on conflict do nothing'),
	('till', 1, 'insert into orders select nextval(''fresh''), customer, at, amount, status from orders where {some}'),
	('till', 4, 'insert into redemptions select nextval(''fresh''), customer, timestamptz ''2026-06-01 00:00+00'', {line} from redemptions where {some}'),
	('till', 1, 'copy (values [({new}, {k}, {at}, {whole}, {status}::text)]) to {file}; copy orders (id, customer, at, amount, status) from {file}'),
	('till', 2, 'update orders set amount = {whole} where {some}'),
	('till', 2, 'update orders set at = {at} where {some}'),
	('till', 2, 'update orders set status = {status} where {some}'),
	('till', 2, 'update orders set customer = {c} where {some}'),
	('till', 1, 'update orders set customer = {c}, amount = {whole}, at = {at}, status = {status} where {some}'),
	('till', 1, 'update orders set id = nextval(''fresh'') where {some}'),
	('till', 1, 'update orders set note = {status} where {some}'),
	('till', 1, 'update orders set amount = amount, customer = customer where {some}'),
	('till', 1, 'update orders as o set customer = r.customer, amount = r.amount from returns as r where r.id < o.id and o.id < {id}'),
	('till', 3, 'delete from orders where {some}'),
	('till', 1, 'delete from orders as o using redemptions as r where r.customer = o.customer'),
	('till', 3, 'merge into orders as o using (values [({id}, {c}, {at}, {whole}, {status}::text)]) as n (id, customer, at, amount, status) on o.id = n.id
		when matched and n.amount < 30 then delete when matched and n.amount > 90 then do nothing when matched then update set customer = n.customer, amount = n.amount, status = n.status
		when not matched and n.amount > 20 then insert values (n.id, n.customer, n.at, n.amount, n.status)'),
	('till', 1, 'merge into tickets as t using orders as o on t.customer = o.customer and o.status is null when matched and t.minutes > 30 then delete when matched then update set at = t.at + interval ''1 day''
		when not matched then insert values (o.customer, o.at, 7)'),
	('till', 2, 'insert into returns values [({new}, {c}, {at}, {whole})]'),
	('till', 1, 'update returns set amount = {whole}, customer = {c} where {some}'),
	('till', 1, 'delete from returns where {some}'),
	('till', 6, 'insert into redemptions values [({new}, {c}, {at}, {points})]'),
	('till', 1, 'insert into redemptions values ({new}, {k}, {at}, {points}, {status}) on conflict (request) do nothing'),
	('till', 1, 'insert into redemptions values ({id}, {c}, {at}, {points}) on conflict (id) do update set points = redemptions.points + excluded.points'),
	('till', 1, 'insert into redemptions select nextval(''fresh''), customer, {at}, {points} from orders where {some}'),
	('till', 4, 'insert into redemptions select nextval(''fresh''), c, timestamptz ''2026-06-01 00:00+00'', {line} from generate_series({k}, {k}) as c'),
	('till', 2, 'update redemptions set points = {points} where {some}'),
	('till', 1, 'update redemptions set at = {at} where {some}'),
	('till', 1, 'update redemptions set customer = {c} where {some}'),
	('till', 1, 'delete from redemptions where {some}'),
	('till', 1, 'merge into redemptions as r using (values [({id}, {c}, {at}, {points})]) as n (id, customer, at, points) on r.id = n.id
		when matched and n.points < 20 then delete when matched then update set points = n.points when not matched then insert values (n.id, n.customer, n.at, n.points)'),
	('till', 2, 'insert into adjustments values [({new}, {c}, {at}, {points} - 30)]'),
	('till', 4, 'insert into adjustments select id + 7000, customer, at - interval ''1 day'', -points from redemptions where {some}'),
	('till', 1, 'update adjustments set points = -points where {some}'),
	('till', 1, 'delete from adjustments where {some}'),
	('till', 2, 'insert into tickets values [({c}, {at}, {points})]'),
	('till', 1, 'update tickets set minutes = {points}, customer = {c} where {any}'),
	('till', 1, 'delete from tickets where {any}'),
	('till', 1, 'with o as (insert into orders values [({new}, {k}, {at}, {whole}, {status})] returning *), t as (update tickets set customer = {k} where {any}) insert into returns select nextval(''fresh''), customer, at, amount from o'),
	('till', 1, 'with gone as (delete from orders where {some} returning *) insert into orders select id + 5000, customer, at, amount + 1, status from gone'),
	('till', 1, 'with a as (update orders set amount = {whole} where id = {id}), b as (delete from orders where id = {id}), c as (insert into orders values ({new}, {k}, {at}, {whole}, ''paid'')) update orders set customer = {c} where id = {id}'),
	('till', 1, 'with o as (insert into orders values ({new}, {k}, {at}, {whole}, ''paid'') returning *) insert into redemptions select id, customer, at, amount + 1 from o'),
	('till', 1, 'with gone as (delete from redemptions where {some} returning *) update orders set customer = {k} where {some}'),
	('till', 1, 'truncate {table}'),
	('till', 1, 'insert into orders select from orders where false');

----------------------------------------------------------------------------------------------------------------------
-- desk: what was bought and sent back finds its customer along foreign keys, two steps up; keys change and rows go by cascades

create schema desk;
set search_path = desk;
create table customers (key text primary key, number text, active boolean, joined timestamptz, note text);
create table categories (name text primary key, label text);
create table products (id text primary key, category text references categories on update cascade on delete set null, cost numeric, note text);
create table orders (shop int default 1, id int, customer text references customers on update cascade on delete cascade, at timestamptz, status text, shipping numeric, note text, primary key (shop, id));
create table lines (order_id int, line int, shop int default 1, product text default 'none' references products on update cascade on delete set default, units int, price numeric,
	primary key (order_id, line), foreign key (shop, order_id) references orders on update cascade on delete cascade);
create table refunds (id int primary key, shop int default 1, order_id int, at timestamptz, amount numeric, foreign key (shop, order_id) references orders (shop, id) on update cascade on delete set null (order_id));
create table redemptions (id int primary key, customer text references customers on update cascade on delete set null, at timestamptz, points numeric);
create index on lines (shop, order_id);
create view happened as
	select c.number as customer, loyalty.purchase(o.at, l.units * l.price, cost => l.units * p.cost, quantity => l.units, tags => array[k.label, o.status], ref => o.id) as event
	from orders as o join lines as l on l.order_id = o.id and l.shop = o.shop join customers as c on c.key = o.customer left join products as p on p.id = l.product left join categories as k on k.name = p.category
	where c.active and o.status <> 'open'
	union all select o.customer, loyalty.refund(r.at, r.amount, ref => o.id) from refunds as r join orders as o on o.shop = r.shop and o.id = r.order_id where o.status is distinct from 'void'
	union all select customer, loyalty.expense(at, shipping, array['shipping']) from orders where shipping > 0
	union all select c.number, loyalty.redemption(r.at, r.points, ref => r.id) from redemptions as r left join customers as c on c.key = r.customer
	union all select number, loyalty.activity(joined, 'joined') from customers where active;
select loyalty.keep('kept', 'text') \g /dev/null
select loyalty.track('happened', 'kept') \g /dev/null

insert into public.shops values ('desk', array[
	'insert into customers values (''ann'', {k}, true, {at}), (''bob'', {k}, true, {at}), (''cy'', {c}, {flag}, {at}); insert into categories values (''a'', ''A''), (''b'', {c}); insert into products values (''none'', null, null), (''p'', ''a'', {money}), (''q'', ''b'', {money}), (''r'', null, 1)',
	'insert into orders values [(1, {new}, {who}, {at}, {status}, {money})]; insert into lines values (1, 1, 1, {product}, {points}, {money}), (1, 2, 1, {product}, {points}, {money})'],
	'delete from refunds; delete from redemptions; delete from customers; delete from orders; delete from products; delete from categories');
insert into public.lives values ('desk', 'kept', '{happened}');
insert into public.statement (shop, weight, words) values
	('desk', 4, 'insert into orders values [(1, {new}, {who}, {at}, {status}, {money})]'),
	('desk', 8, 'insert into lines values [({id}, {line}, 1, {product}, {points}, {money})]'),
	('desk', 2, 'insert into lines values [({id}, {line}, 1, {product}, {points}, {money})] on conflict (order_id, line) do update set units = excluded.units, product = excluded.product'),
	('desk', 1, 'insert into lines select id, {line} + 3, shop, {product}, 1, {money} from orders where {some} on conflict do nothing'),
	('desk', 1, 'copy (values ({id}, 8, {product}::text, {points}, {money})) to {file}; copy lines (order_id, line, product, units, price) from {file}'),
	('desk', 4, 'with o as (insert into orders values (1, {new}, {who}, {at}, {status}, {money}) returning *) insert into lines select id, g, shop, {product}, g, {money} from o, generate_series(1, 2) as g'),
	('desk', 1, 'with o as (update orders set status = {status}, customer = {who} where {own}), l as (insert into lines values ({id}, {line}, 1, {product}, 1, {money})) update lines set price = {money} where {piece}'),
	('desk', 1, 'with o as (delete from orders where {own}), c as (update customers set number = {k} where key = {who}) update refunds set amount = {money} where id = {id}'),
	('desk', 1, 'with l as (delete from lines where {piece} returning *) insert into refunds select nextval(''fresh''), shop, order_id, {at}, units from l'),
	('desk', 1, 'with p as (delete from products where id = {product}), l as (update lines set line = line + 10 where {piece}) update categories set label = {status} where name = {category}'),
	('desk', 2, 'update lines set units = {points}, price = {money} where {piece}'),
	('desk', 1, 'update lines set product = {product} where {piece}'),
	('desk', 1, 'update lines set order_id = {id} where {piece}'),
	('desk', 1, 'update lines set line = line + 10 where {piece}'),
	('desk', 2, 'delete from lines where {piece}'),
	('desk', 2, 'merge into lines as l using (values ({id}, {line}, {product}::text, {points}), (0, 0, null, 0)) as n (order_id, line, product, units) on l.order_id = n.order_id and l.line <> n.line
		when matched and n.units < 20 then delete when matched then update set units = n.units, product = n.product when not matched and n.units > 0 then insert (order_id, line, product, units, price) values (n.order_id, n.line + 20, n.product, n.units, 3)'),
	('desk', 3, 'update orders set status = {status} where {own}'),
	('desk', 2, 'update orders set customer = {who} where {own}'),
	('desk', 2, 'update orders set at = {at}, shipping = {money} where {own}'),
	('desk', 1, 'update orders set note = {status} where {own}'),
	('desk', 2, 'update orders set id = nextval(''fresh'') where {own}'),
	('desk', 1, 'update orders set shop = 3 - shop where {own}'),
	('desk', 1, 'update orders set id = -id, customer = {who}, status = {status} where {own}'),
	('desk', 2, 'delete from orders where {own}'),
	('desk', 1, 'merge into orders as o using (values ({id}, {who}, {status}::text)) as n (id, customer, status) on o.id = n.id when matched and n.status = ''void'' then delete
		when matched then update set customer = n.customer, status = n.status when not matched then insert values (1, n.id, n.customer, {at}, n.status, 5)'),
	('desk', 2, 'update customers set active = {flag} where key = {who}'),
	('desk', 2, 'update customers set number = {c} where key = {who}'),
	('desk', 1, 'update customers set number = case number when ''1'' then ''2'' else ''1'' end'),
	('desk', 2, 'update customers set key = {who} where key = {who}'),
	('desk', 1, 'update customers set key = ''x'' || key, number = {c} where key = {who}'),
	('desk', 1, 'update customers set note = {status}'),
	('desk', 1, 'delete from customers where key = {who}'),
	('desk', 1, 'insert into customers values ({who}, {k}, true, {at}) on conflict (key) do update set number = excluded.number, joined = excluded.joined'),
	('desk', 2, 'update products set cost = {money} where id = {product}'),
	('desk', 1, 'update products set category = {category} where id = {product}'),
	('desk', 1, 'update products set id = ''y'' || id where id = {product}'),
	('desk', 1, 'delete from products where id = {product}'),
	('desk', 1, 'update categories set label = {status} where name = {category}'),
	('desk', 1, 'update categories set name = ''z'' || name where name = {category}'),
	('desk', 1, 'delete from categories where name = {category}'),
	('desk', 4, 'insert into refunds values [({new}, 1, {id}, {at}, {whole})]'),
	('desk', 1, 'update refunds set amount = {whole}, order_id = {id} where id = {id}'),
	('desk', 1, 'delete from refunds where id > {id}'),
	('desk', 3, 'insert into redemptions values [({new}, {who}, {at}, {points})]'),
	('desk', 1, 'update redemptions set customer = {who}, points = {points} where {some}'),
	('desk', 1, 'delete from redemptions where {some}'),
	('desk', 1, 'truncate lines'),
	('desk', 1, 'truncate orders cascade'),
	('desk', 1, 'alter table products rename cost to price; update products set price = {money} where id = {product}; alter table products rename price to cost'),
	('desk', 1, 'alter table orders rename to sales; update sales set status = {status} where {own}; insert into lines values ({id}, 9, 1, {product}, {points}, {money}); alter table sales rename to orders');

----------------------------------------------------------------------------------------------------------------------
-- Years: everything in partitions, leaves with columns in another order, names that must be quoted

create schema "Years";
set search_path = "Years";
create table "Order" (id int, at timestamptz, gone int, "Customer" uuid, "select" numeric, "it""s" text, primary key (id, at)) partition by range (at);
alter table "Order" drop gone;
create table "Order 1" ("it""s" text, "select" numeric, id int, other int, "Customer" uuid, at timestamptz not null, primary key (id, at));
alter table "Order 1" drop other;
alter table "Order" attach partition "Order 1" for values from (minvalue) to ('2024-07-01 00:00+00');
create table "Order 2" partition of "Order" for values from ('2024-07-01 00:00+00') to ('2025-07-01 00:00+00') partition by hash (id);
create table "Order 2a" partition of "Order 2" for values with (modulus 2, remainder 0);
create table "Order 2b" (extra text, "Customer" uuid, at timestamptz not null, id int, "it""s" text, "select" numeric, primary key (id, at));
alter table "Order 2b" drop extra;
alter table "Order 2" attach partition "Order 2b" for values with (modulus 2, remainder 1);
create table "Order 3" partition of "Order" default;
create table "Line" (order_id int, order_at timestamptz, line int, amount numeric, primary key (order_id, line), foreign key (order_id, order_at) references "Order" on update cascade on delete cascade) partition by hash (order_id);
create table "Line 0" partition of "Line" for values with (modulus 2, remainder 0);
create table "Line 1" (amount numeric, line int not null, order_at timestamptz, order_id int not null, primary key (order_id, line));
alter table "Line" attach partition "Line 1" for values with (modulus 2, remainder 1);
create table visits (customer uuid, at timestamptz, page text) partition by list (page);
create table visits_a partition of visits for values in ('a');
create table visits_b (page text, at timestamptz, customer uuid);
alter table visits attach partition visits_b for values in ('b');
create table places (code char(3) primary key, customer uuid);
create table stays (at timestamptz, place char(3) references places on update cascade on delete cascade, seat float8, amount numeric, primary key (at, place, seat));
create view "Happened" ("Who", "What ") as
	select "Customer", loyalty.purchase(at, "select", tags => array["it""s"], ref => id) from "Order" where "it""s" <> 'open'
	union all select o."Customer", loyalty.expense(o.at, l.amount, array['line', o."it""s"]) from "Line" as l join "Order" as o on l.order_id = o.id and l.order_at = o.at
	union all select customer, loyalty.activity(at, page) from visits
	union all select p.customer, loyalty.expense(s.at, s.amount) from stays as s join places as p on p.code = s.place;
select loyalty.keep('Kept', 'uuid') \g /dev/null
select loyalty.track('"Happened"', '"Kept"') \g /dev/null

insert into public.shops values ('Years', array['insert into "Order" values [({new}, {at}, {uuid}, {money}, {status})]; insert into "Order" values ({new}, {at}, {uuid}, 7, ''paid''); insert into visits values ({uuid}, {at}, {page})',
	'insert into "Line" select id, at, 1, "select" from "Order"; insert into places values (''a'', {uuid}), (''bb'', {uuid}); insert into stays values ({early}, {place}, {seat}, {money})'],
	'delete from "Order"; delete from visits; delete from places');
insert into public.lives values ('Years', 'Kept', '{Happened}');
insert into public.statement (shop, weight, words) values
	('Years', 4, 'insert into "Order" values [({new}, {at}, {uuid}, {money}, {status})]'),
	('Years', 2, 'insert into "Order 1" (id, at, "Customer", "select", "it""s") values [({new}, {early}, {uuid}, {money}, {status})]'),
	('Years', 1, 'insert into "Order 2" (id, at, "Customer", "select", "it""s") values [({new}, {late}, {uuid}, {money}, {status})]'),
	('Years', 2, 'insert into "Order 2b" (id, at, "Customer", "select", "it""s") values ({new}, {late}, {uuid}, {money}, {status})'),
	('Years', 1, 'insert into "Order" values [({id}, {early}, {uuid}, {money}, {status})] on conflict (id, at) do update set "select" = excluded."select", "Customer" = excluded."Customer"'),
	('Years', 1, 'copy (values [({new}, {at}, {page}::text, 5)]) to {file}; copy "Order" (id, at, "it""s", "select") from {file}; update "Order" set "Customer" = {uuid} where "Customer" is null'),
	('Years', 2, 'update "Order" set "select" = {money}, "it""s" = {status} where {some}'),
	('Years', 2, 'update "Order" set "Customer" = {uuid} where {some}'),
	('Years', 2, 'update "Order 1" set "select" = {money}, "Customer" = {uuid} where {some}'),
	('Years', 2, 'update "Order 2" set "it""s" = {status} where {some}'),
	('Years', 1, 'update "Order 2a" set "select" = {money} where {some}'),
	('Years', 4, 'update "Order" set at = {at} where {some}'),
	('Years', 1, 'update "Order" set at = at + interval ''170 days'', "select" = {money}, "Customer" = {uuid}'),
	('Years', 1, 'update "Order 2" set id = nextval(''fresh''), "select" = {money} where {some}'),
	('Years', 1, 'update "Order 1" set at = {early}, id = nextval(''fresh'') where {some}'),
	('Years', 2, 'delete from "Order" where {some}'),
	('Years', 1, 'delete from "Order 1" where {some}'),
	('Years', 1, 'delete from "Order 2b" where {some}'),
	('Years', 2, 'merge into "Order" as o using (values ({id}, {at}, {uuid}, {money}), ({new}, {at}, {uuid}, {money})) as n (id, at, customer, amount) on o.id = n.id when matched and n.amount < 3 then delete
		when matched then update set at = n.at, "select" = n.amount when not matched then insert (id, at, "Customer", "select", "it""s") values (n.id, n.at, n.customer, n.amount, ''paid'')'),
	('Years', 3, 'insert into "Line" select id, at, {line}, {money} from "Order" where {some}'),
	('Years', 2, 'insert into "Line 1" (order_id, order_at, line, amount) select id, at, {line} + 3, {money} from "Order" where {some}'),
	('Years', 2, 'update "Line" set amount = {money} where order_id > {id}'),
	('Years', 1, 'update "Line 0" set amount = {money}, line = line + 10'),
	('Years', 1, 'update "Line" set (order_id, order_at) = (select id, at from "Order" order by at limit 1) where line = {line}'),
	('Years', 1, 'delete from "Line" where line = {line}'),
	('Years', 1, 'delete from "Line 1" where order_id > {id}'),
	('Years', 1, 'truncate "Line 0"'),
	('Years', 1, 'truncate "Line"'),
	('Years', 1, 'truncate "Order" cascade'),
	('Years', 1, 'truncate visits_b'),
	('Years', 2, 'insert into visits values [({uuid}, {at}, {page})]'),
	('Years', 1, 'insert into visits_b values (''b'', {at}, {uuid})'),
	('Years', 1, 'update visits set page = {page}, at = {at}'),
	('Years', 1, 'delete from visits where page = {page}'),
	('Years', 1, 'with o as (insert into "Order" values ({new}, {at}, {uuid}, {money}, ''paid'') returning *), l as (insert into "Line 1" (order_id, order_at, line, amount) select id, at, 1, 2 from o) update "Order 1" set "Customer" = {uuid}'),
	('Years', 1, 'with l as (delete from "Line 0" returning *), v as (insert into visits_a values ({uuid}, {at}, ''a'')) update "Order" set at = {at}, "select" = {money} where {some}'),
	('Years', 2, 'insert into stays values [({at}, {place}, {seat}, {money})]'),
	('Years', 1, 'insert into stays values ({early}, {place}, {seat}, {money}) on conflict (at, place, seat) do update set seat = {seat}, amount = 1'),
	('Years', 2, 'update stays set amount = {money}'),
	('Years', 1, 'update stays set place = {place}, at = at + interval ''1 hour'' where seat < 1'),
	('Years', 1, 'delete from stays where seat = {seat}'),
	('Years', 1, 'update places set customer = {uuid} where code = {place}'),
	('Years', 1, 'update places set code = ''c'' where code = {place}'),
	('Years', 1, 'delete from places where code = {place}'),
	('Years', 1, 'alter table visits detach partition visits_b; select loyalty.rebuild(''"Kept"''); call public.must_hold(); insert into visits_b values (''b'', {at}, {uuid}); alter table visits attach partition visits_b for values in (''b''); select loyalty.rebuild(''"Kept"'')'),
	('Years', 1, 'create table visits_c partition of visits for values in (''c''); insert into visits values ({uuid}, {at}, ''c''); call public.must_hold(); select loyalty.rebuild(''"Kept"''); insert into visits_c values ({uuid}, {at}, ''c'');
		call public.must_hold(); truncate visits_c; call public.must_hold(); drop table visits_c');

----------------------------------------------------------------------------------------------------------------------
-- knot: a table joined to itself, triggers of the shop that change its rows again, one live view fed by two mapping
-- views, one mapping view that feeds two live views

create schema knot;
set search_path = knot;
create table people (id int primary key, referred_by int references people on update cascade on delete set null, at timestamptz, note text);
create table orders (id int primary key, customer int references people on update cascade on delete set null, replaces int references orders on update cascade on delete cascade, at timestamptz, amount numeric, status text);
create table gifts (id int primary key, giver int references people on update cascade on delete cascade, taker int references people on update cascade on delete set null, at timestamptz);
create table cards (number text unique, customer int);
create table swipes (id int primary key, card text references cards (number) on update cascade on delete set null, at timestamptz);
create table notes (id int primary key, customer int, at timestamptz, word text);
create table log (id int);
create view happened as
	select coalesce(first.customer, o.customer) as customer, loyalty.purchase(o.at, o.amount, tags => array[first.status], ref => first.id) as event from orders as o left join orders as first on first.id = o.replaces
	union all select customer, loyalty.activity(at, 'ordered') from orders where status = 'paid'
	union all select r.id, loyalty.activity(p.at, 'referred', ref => p.id) from people as p join people as r on r.id = p.referred_by
	union all select coalesce(taker.id, giver.id), loyalty.activity(g.at, coalesce(taker.note, giver.note, 'gift')) from gifts as g join people as giver on giver.id = g.giver left join people as taker on taker.id = g.taker
	union all select c.customer, loyalty.activity(s.at, 'swiped') from swipes as s join cards as c on c.number = s.card;
create view noted as select customer, loyalty.activity(at, word) as event from notes union all select customer, loyalty.expense(at, 1) from notes where word = 'paid';
-- before: amounts are rounded, the row may go; after: what is large is halved, and a note is made or dropped
create function before_order() returns trigger language plpgsql as $$
begin
	new.amount := round(new.amount);
	return case when new.amount = 13 then null else new end;
end $$;
create function after_order() returns trigger language plpgsql as $$
begin
	if new.amount > 90 then
		update orders set amount = amount / 2 where id = new.id;
		insert into notes values (nextval('public.fresh'), new.customer, new.at, 'halved');
	elsif new.amount < 10 then
		delete from notes where customer = new.customer;
	end if;
	return null;
end $$;
create function after_orders() returns trigger language plpgsql as $$
begin
	if pg_trigger_depth() < 3 then
		update orders set status = 'seen' where status = 'void';
	end if;
	return null;
end $$;
create trigger before_order before insert or update on orders for each row execute function before_order();
create trigger after_order after insert or update of amount on orders for each row execute function after_order();
create trigger "AAA" after insert or update or delete on orders for each statement execute function after_orders();
create trigger "zzz" after insert or update or delete on notes for each statement execute function after_orders();
select loyalty.keep('kept', 'int'), loyalty.keep('other', 'int') \g /dev/null
select loyalty.track('happened', 'kept'), loyalty.track('noted', 'kept'), loyalty.track('happened', 'other') \g /dev/null

insert into public.shops values ('knot', array['insert into people values (1, null, {at}), (2, 1, {at}), (3, {k}, {at}), (4, {k}, {at})', 'insert into orders values [({new}, {k}, null, {at}, {money}, {status})]; insert into gifts values (1, 1, 2, {at}); insert into cards values (''1'', {c}), (''2'', {k}); insert into swipes values (1, ''1'', {at})'],
	'delete from orders; delete from people; delete from notes; delete from cards; delete from swipes');
insert into public.lives values ('knot', 'kept', '{happened,noted}'), ('knot', 'other', '{happened}');
insert into public.statement (shop, weight, words) values
	('knot', 5, 'insert into orders values [({new}, {k}, {id}, {at}, {whole}, {status})]'),
	('knot', 4, 'insert into orders values [({new}, {c}, null, {at}, {whole}, {status})]'),
	('knot', 2, 'insert into orders values ({id}, {k}, {id}, {at}, {whole}, {status}) on conflict (id) do update set amount = excluded.amount, replaces = excluded.replaces, customer = excluded.customer'),
	('knot', 3, 'update orders set amount = {whole} where {some}'),
	('knot', 2, 'update orders set replaces = {id} where {some}'),
	('knot', 1, 'update orders set replaces = replaces - 1, customer = {c} where {some}'),
	('knot', 2, 'update orders set customer = {k} where {some}'),
	('knot', 2, 'update orders set status = {status} where {some}'),
	('knot', 2, 'update orders set id = nextval(''fresh'') where {some}'),
	('knot', 1, 'update orders set id = nextval(''fresh''), replaces = {id}, amount = {whole} where {some}'),
	('knot', 2, 'delete from orders where {some}'),
	('knot', 1, 'merge into orders as o using (values ({id}, {k}, {whole}), ({new}, {k}, {whole})) as n (id, customer, amount) on o.id = n.id when matched and n.amount < 30 then delete
		when matched then update set amount = n.amount, replaces = null when not matched then insert values (n.id, n.customer, {id}, {at}, n.amount, {status})'),
	('knot', 2, 'update people set referred_by = {c} where {person}'),
	('knot', 2, 'update people set id = {k} + 4 where {person}'),
	('knot', 1, 'update people set id = id + 10, at = {at} where {person}'),
	('knot', 1, 'update people set note = {status}, at = at'),
	('knot', 2, 'insert into gifts values [({new}, {k}, {c}, {at})]'),
	('knot', 1, 'update gifts set giver = {k}, taker = {c} where {some}'),
	('knot', 1, 'update people set id = id + 8, note = {status} where {person}'),
	('knot', 1, 'insert into swipes values [({new}, ''{line}'', {at})]'),
	('knot', 1, 'update cards set number = number || ''1'', customer = {c} where number = ''{line}'''),
	('knot', 1, 'delete from cards where number = ''{line}'''),
	('knot', 2, 'delete from people where {person}'),
	('knot', 2, 'insert into people values ({k}, {c}, {at}) on conflict (id) do update set referred_by = excluded.referred_by'),
	('knot', 2, 'insert into notes values [({new}, {c}, {at}, {page})]'),
	('knot', 1, 'update notes set word = {page}, customer = {c} where {some}'),
	('knot', 1, 'delete from notes where {some}'),
	('knot', 1, 'with o as (insert into orders values ({new}, {k}, {id}, {at}, {whole}, {status}) returning *), p as (update people set at = {at} where {person}) insert into notes select nextval(''fresh''), customer, at, ''paid'' from o'),
	('knot', 1, 'with p as (update people set id = id + 20 where {person}), o as (delete from orders where {some}) update orders set replaces = null, status = ''paid'' where {some}'),
	('knot', 1, 'truncate orders'),
	('knot', 1, 'truncate notes, log'),
	('knot', 1, 'select loyalty.untrack(''noted'', ''kept''); insert into notes values ({new}, {k}, {at}, {page}); select loyalty.track(''noted'', ''kept'')'),
	('knot', 1, 'create or replace view noted as select customer, loyalty.activity(at, word) as event from notes union all select customer, loyalty.expense(at, id) from notes where word is not null;
		do $do$ begin insert into notes values ({new}, {k}, {at}, ''paid''); raise exception ''nobody noticed that the view has changed''; exception when sqlstate ''55000'' then null; end $do$;
		select loyalty.rebuild(''kept''); insert into notes values ({new}, {k}, {at}, ''paid''); call public.must_hold();
		create or replace view noted as select customer, loyalty.activity(at, word) as event from notes union all select customer, loyalty.expense(at, 1) from notes where word = ''paid''; select loyalty.rebuild(''kept'')');

----------------------------------------------------------------------------------------------------------------------
-- club: subscriptions, vouchers, and another program in each sequence, of all that programs can say of them; guarded by it

create schema club;
set search_path = club;
create table cards (number text primary key, customer int);
create table subscriptions (id int primary key, card text references cards on update cascade on delete cascade, at timestamptz, until timestamptz, amount numeric, plan text);
create table orders (id int primary key, customer int, at timestamptz, amount numeric, word text);
create table returns (id int primary key, order_id int, customer int, at timestamptz, amount numeric);
create table redemptions (id int primary key, customer int, at timestamptz, points numeric, voucher text);
create table adjustments (id int primary key, customer int, at timestamptz, points numeric);
create table visits (customer int, at timestamptz, word text);
create index on subscriptions (card);
create view happened as
	select c.customer, loyalty.subscription(s.at, s.amount, until => s.until, plan => s.plan, ref => s.card) as event from subscriptions as s join cards as c on c.number = s.card
	where (s.until >= s.at) is not false
	union all select customer, loyalty.purchase(at, amount, tags => array[word], ref => id) from orders
	union all select customer, loyalty.refund(at, amount, ref => order_id) from returns
	union all select customer, loyalty.redemption(at, points, ref => voucher) from redemptions
	union all select customer, loyalty.adjustment(at, points) from adjustments
	union all select customer, loyalty.activity(at, word) from visits;
-- a program with plans, mostly with vouchers too, often by the first of a month in the tables' zone; the same for the same number
create function program(number bigint) returns loyalty.program language plpgsql as $$
declare
	p jsonb;
begin
	loop
		p := oracle.random_program(number);
		exit when p ? 'plans' and (p ? 'vouchers' or number % 5 = 0);
		number := number + 1000003;
	end loop;
	return p || case when number % 2 = 0 then '{"timezone": "UTC"}' else '{}' end::jsonb;
end $$;
select loyalty.keep('kept', 'int', program(0)) \g /dev/null
select loyalty.track('happened', 'kept') \g /dev/null
-- vouchers of all time
create view voucher as select customer, v.* from kept, kept_program, lateral loyalty.vouchers(history, program, '2040-01-01 00:00+00') as v;

insert into public.shops values ('club', array['select loyalty.set_program(''kept'', program({number}))', 'insert into cards values (''s'', {k}), (''t'', {k}), (''u'', {c}); insert into subscriptions values [({new}, {card}, {month}, {later}, {fee}, {plan})]; insert into visits values ({k}, {early}, ''joined'')',
	'insert into orders values [({new}, {k}, {month}, {whole}, {page})]; insert into orders select nextval(''fresh''), c, m, 60, {page} from generate_series(1, 4) as c, (values ({early}), ({month})) as m (m)'],
	'select loyalty.set_program(''kept'', program(0)); delete from cards; delete from orders; delete from returns; delete from redemptions; delete from adjustments; delete from visits');
insert into public.lives values ('club', 'kept', '{happened}');
insert into public.statement (shop, weight, words) values
	('club', 6, 'insert into subscriptions values [({new}, {card}, {month}, {later}, {fee}, {plan})]'),
	('club', 3, 'insert into subscriptions select nextval(''fresh''), card, until, until + interval ''1 month'', amount, plan from subscriptions where {some}'),
	('club', 1, 'insert into subscriptions values [({id}, {card}, {month}, {later}, {fee}, {plan})] on conflict (id) do update set until = excluded.until, plan = excluded.plan'),
	('club', 1, 'copy (values [({new}, {card}, {month}, {later}, {fee}, {plan}::text)]) to {file}; copy subscriptions from {file}'),
	('club', 3, 'update subscriptions set until = {later} where {some}'),
	('club', 1, 'update subscriptions set until = at where {some}'),
	('club', 2, 'update subscriptions set amount = {fee}, plan = {plan} where {some}'),
	('club', 1, 'update subscriptions set at = {month} where {some}'),
	('club', 1, 'update subscriptions set card = {card} where {some}'),
	('club', 3, 'delete from subscriptions where {some}'),
	('club', 1, 'merge into subscriptions as s using (values [({id}, {card}, {month}, {fee}, {plan}::text)]) as n (id, card, at, amount, plan) on s.id = n.id when matched and n.amount = 0 then delete
		when matched then update set at = n.at, until = null when not matched then insert values (n.id, n.card, n.at, n.at + interval ''1 year'', n.amount, n.plan)'),
	('club', 1, 'update cards set customer = {c} where number = {card}'),
	('club', 1, 'update cards set number = number || ''1'' where number = {card}'),
	('club', 1, 'delete from cards where number = {card}'),
	('club', 1, 'insert into cards values ({card}, {k}) on conflict (number) do update set customer = excluded.customer'),
	('club', 5, 'insert into orders values [({new}, {c}, {month}, {whole}, {page})]'),
	('club', 1, 'insert into orders select nextval(''fresh''), customer, at, 100, {page} from orders where {some}'),
	('club', 2, 'update orders set amount = {whole}, at = {month} where {some}'),
	('club', 1, 'update orders set customer = {c} where {some}'),
	('club', 2, 'delete from orders where {some}'),
	('club', 3, 'insert into returns select nextval(''fresh''), id, customer, greatest(at, {month}), {whole} from orders where {some}'),
	('club', 1, 'delete from returns where {some}'),
	('club', 4, 'insert into redemptions values [({new}, {c}, {month}, {points}, {voucher})]'),
	('club', 2, 'insert into redemptions select nextval(''fresh''), c, timestamptz ''2026-06-01 00:00+00'', {points}, {voucher} from generate_series({k}, {k}) as c'),
	-- as soon as it is there, too early, too late; all that there are, and what was used before
	('club', 6, 'insert into redemptions select nextval(''fresh''), customer, issued_at + interval ''1 day'', 1, ref from voucher where state = ''open'' and customer = {k}'),
	('club', 2, 'insert into redemptions select nextval(''fresh''), customer, issued_at + interval ''1 us'', 1, ref from voucher where state = ''open'''),
	('club', 1, 'insert into redemptions select nextval(''fresh''), customer, issued_at, 1, ref from voucher where state = ''open'' and customer = {k} limit 1'),
	('club', 1, 'insert into redemptions select nextval(''fresh''), customer, expires_at, 1, ref from voucher where expires_at is not null and customer = {k} limit 1'),
	('club', 1, 'insert into redemptions select nextval(''fresh''), customer, expires_at - interval ''1 us'', 1, ref from voucher where state <> ''used'' and expires_at is not null and customer >= {k}'),
	('club', 2, 'insert into redemptions select nextval(''fresh''), customer, used_at + interval ''{line} days'', 1, ref from voucher where state = ''used'' limit {line}'),
	('club', 2, 'insert into redemptions select nextval(''fresh''), customer, at, points, voucher from redemptions where {some}'),
	-- what is overdrawn already does not excuse another of its kind
	('club', 2, 'insert into redemptions select nextval(''fresh''), customer, at, points, ref from overdraft where ref ~ ''voucher'' limit {line}'),
	('club', 1, 'update redemptions set voucher = {voucher} where {some}'),
	('club', 1, 'update redemptions set points = {points}, at = {month} where {some}'),
	('club', 1, 'update redemptions set customer = {c} where {some}'),
	('club', 2, 'delete from redemptions where {some}'),
	('club', 1, 'merge into redemptions as r using (values [({id}, {k}, {month}, {points})]) as n (id, customer, at, points) on r.id = n.id
		when matched and n.points < 20 then delete when matched then update set at = n.at when not matched then insert values (n.id, n.customer, n.at, n.points, null)'),
	('club', 2, 'insert into adjustments values [({new}, {c}, {month}, {points} - 20)]'),
	('club', 1, 'update adjustments set points = -points where {some}'),
	('club', 1, 'delete from adjustments where {some}'),
	('club', 2, 'insert into visits values [({c}, {month}, {visit})]'),
	('club', 1, 'update visits set at = {month}, word = {visit} where {any}'),
	('club', 1, 'delete from visits where {any}'),
	('club', 1, 'with s as (delete from subscriptions where {some} returning *), o as (insert into orders values ({new}, {k}, {month}, {whole}, {page})) update cards set customer = {k} where number in (select card from s)'),
	('club', 1, 'with s as (insert into subscriptions values ({new}, {card}, {month}, {later}, {fee}, {plan}) returning *) insert into redemptions select id + 5000, {k}, at, {line}, null from s'),
	('club', 1, 'truncate subscriptions'),
	('club', 1, 'truncate redemptions, orders'),
	('club', 4, 'select loyalty.set_program(''kept'', program({number}))');

----------------------------------------------------------------------------------------------------------------------
-- Is it right?

reset search_path;
create sequence fresh start 101;

-- SHOP.fault(): what is wrong in a shop, else null
do $make$
declare
	s record;
	l record;
	body text;
begin
	for s in select * from shops loop
		body := '';
		for l in select * from lives where shop = s.name loop
			body := body || format($body$
	with kept as (select customer::text, history::text from %1$I.%2$I where history::text <> '[]'),
		computed as (select customer::text, loyalty.history(event)::text from (%3$s) as e (customer, event) where customer is not null and event is not null group by customer)
	select string_agg(format(E'\n  %%s has %%s, %%s', customer, history, side), '') into found
	from (select * from (table kept except all table computed) as k (customer, history), lateral (select 'kept') as s (side)
		union all select * from (table computed except all table kept) as c, lateral (select 'computed') as s) as d (customer, history, side);
	if found is not null then
		return '%2$s differs:' || found;
	elsif exists (select from %1$I.%5$I as f where not exists (select from %1$I.%4$I as b where b.customer = f.customer)
		or coalesce(f.added::text, '[]') = '[]' and coalesce(f.removed::text, '[]') = '[]') then
		return '%2$s has a fragment of nobody or of nothing';
	end if;$body$, s.name, l.name, (select string_agg(format('table %I.%I', s.name, e), ' union all ') from unnest(l.events) as e), l.name || '_base', l.name || '_fragment');
		end loop;
		execute format('create function %I.fault() returns text language plpgsql as %L', s.name, 'declare found text; begin' || body || ' return null; end');

		-- SHOP.left_over(forget): what is kept of nothing, after compact(); empty histories may go
		body := '';
		for l in select * from lives where shop = s.name loop
			body := body || format($body$
	if exists (select from %1$I.%2$I where history::text <> '[]' or missing is not null) or exists (select from %1$I.%3$I) then
		return 'something is left over in %4$s';
	elsif forget then
		delete from %1$I.%2$I;
	end if;$body$, s.name, l.name || '_base', l.name || '_fragment', l.name);
		end loop;
		execute format('create function %I.left_over(forget boolean) returns text language plpgsql as %L', s.name, 'begin' || body || ' return null; end');
	end loop;
end $make$;

create function fault(shop text) returns text language plpgsql as $$
declare
	found text;
begin
	execute format('select %I.fault()', shop) into found;
	return found;
exception when others then
	return format('asked whether all is right: %s %s', sqlstate, sqlerrm);
end $$;
create procedure must_hold() language plpgsql as $$
begin
	if fault(current_schema) is not null then
		raise exception '%', fault(current_schema);
	end if;
end $$;

create function live_views(shop text) returns setof regclass language sql as $$
	select format('%I.%I', shop, name)::regclass from lives where lives.shop = live_views.shop
$$;
-- what verify() finds
create function verified(shop text) returns text language plpgsql as $$
begin
	return (select string_agg(format(E'verify(%L) says: %s has %s, should have %s: %s', l, v.customer, v.kept, v.computed, v.reason), E'\n') from live_views(shop) as l, loyalty.verify(l) as v);
exception when others then
	return format('verify(): %s %s', sqlstate, sqlerrm);
end $$;

-- The till's points in plain SQL: redemptions that took more than there was. One point per unit of money, nothing expires,
-- a refund takes back its amount: so the balance is a running sum, in the order of a history.
create view till.overdraft as
	select customer, at, points, ref, available
	from (
		select customer, at, points, ref, sum(change) over (partition by customer order by at, kind, ref rows unbounded preceding) - change as available
		from (
			select customer, at, 1, id, amount, null::numeric from till.orders where status <> 'open'
			union all select customer, at, 2, id, -amount, null from till.returns
			union all select customer, at, 3, -id, -points, points from till.redemptions
			union all select customer, at, 4, id, points, null from till.adjustments) as e (customer, at, kind, ref, change, points)
		where customer is not null and at is not null and change is not null) as s
	where points > available;
-- what is spent there: redemptions, and points taken by hand
create view till.spending as
	select customer, at, points, -id as ref from till.redemptions where customer is not null and at is not null
	union all select customer, at, points, null from till.adjustments where points < 0 and customer is not null and at is not null;

-- The same of the club, by a fold of what its tables hold
create view club.overdraft as
	select customer, o.at, o.points, o.ref, o.available
	from (select customer, loyalty.history(event) as h from club.happened where customer is not null group by customer) as e, club.kept_program, lateral loyalty.overdrafts(h, program) as o;
create view club.spending as
	select customer, at, points, voucher as ref from club.redemptions where customer is not null and at is not null
	union all select customer, at, points, null from club.adjustments where points < 0 and customer is not null and at is not null;

-- Must this statement be refused? It is tried without triggers: who spends more, and has a redemption overdrawn that was
-- not, or not as far? (Those that look alike are told apart by their number.)
create function to_refuse(statement text) returns boolean language plpgsql as $$
declare
	before jsonb := (select jsonb_agg(to_jsonb(o)) from (select *, row_number() over (partition by customer, at, points, ref order by available desc) as n from overdraft) as o);
	spent jsonb := (select jsonb_agg(to_jsonb(s)) from spending as s);
	last bigint := (select last_value from fresh);
begin
	set local session_replication_role = replica;
	execute statement;
	raise exception using errcode = 'XX999', message = exists (
		select from (select *, row_number() over (partition by customer, at, points, ref order by available desc) as n from overdraft) as o
		where customer in (
				select customer from (select customer, at, points, ref::text from spending
					except all select * from jsonb_to_recordset(spent) as s (customer int, at timestamptz, points numeric, ref text)) as more)
			and not exists (
				select from jsonb_to_recordset(before) as b (customer int, at timestamptz, points numeric, ref text, available numeric, n bigint)
				where (b.customer, b.at, b.points, b.n) = (o.customer, o.at, o.points, o.n) and b.ref is not distinct from o.ref::text and b.available <= o.available));
exception
	when sqlstate 'XX999' then
		perform setval('fresh', last);
		return sqlerrm::boolean;
	when others then
		perform setval('fresh', last);
		return null;
end $$;
-- the till's standings and overdrafts are those of the aggregate
create function till.standings() returns text language sql as $$
	select string_agg(format(E'till.kept_standing says %s of %s, should say %s, with %s overdrafts', to_jsonb(s), c.customer, to_jsonb(c), o.overdrafts), E'\n')
	from (
		select customer, loyalty.points(h, program) as points, loyalty.revenue(h) as revenue, loyalty.last_purchase(h) as last_purchase,
			(select jsonb_agg(jsonb_build_array(at, points, ref, available) order by at, points, ref) from loyalty.overdrafts(h, program)) as overdrafts
		from (select customer, loyalty.history(event) as h from till.happened where customer is not null and event is not null group by customer) as e, till.kept_program) as c
	left join till.kept_standing as s using (customer)
	left join (select customer, jsonb_agg(jsonb_build_array(at, points, ref::text, available) order by at, points, ref::text) as overdrafts from till.overdraft group by customer) as o using (customer)
	where (s.points, s.revenue, s.last_purchase, o.overdrafts) is distinct from (c.points, c.revenue, c.last_purchase, c.overdrafts)
$$;

-- The club's standings are those of the aggregate; a voucher is used by one redemption that is not overdrawn, or none, and none
-- are of vouchers that were never issued
create function club.standings() returns text language sql as $$
	with computed as materialized (
		select customer, h, program, loyalty.standing(h, program) as now
		from (select customer, loyalty.history(event) as h from club.happened where customer is not null and event is not null group by customer) as e, club.kept_program),
	used as (
		select customer, ref, (state = 'used')::int as times from computed, lateral loyalty.vouchers(h, program, '2040-01-01 00:00+00')),
	accepted as (
		select customer, ref, sum(times) as times
		from (
			select customer, voucher, 1 from club.redemptions where customer is not null and at is not null
			union all select customer, ref, -1 from computed, lateral loyalty.overdrafts(h, program)) as r (customer, ref, times)
		where ref ~ '^voucher' and exists (select from club.kept_program where program::jsonb ? 'vouchers')
		group by customer, ref)
	select string_agg(wrong, E'\n')
	from (
		select format('club.kept_standing says %s of %s, should say %s', to_jsonb(s), c.customer, to_jsonb(c.now))
		from computed as c left join club.kept_standing as s using (customer)
		where (s.tier, s.tier_until, s.points, s.pending, s.debt, s.expiring, s.expiring_at) is distinct from
			((c.now).tier, (c.now).tier_until, (c.now).points, (c.now).pending, (c.now).debt, (c.now).expiring, (c.now).expiring_at)
		union all select format('%s of %s was used %s times, accepted %s times', ref, customer, u.times, a.times)
		from used as u full join accepted as a using (customer, ref) where coalesce(u.times, 0) <> coalesce(a.times, 0)) as w (wrong)
$$;

----------------------------------------------------------------------------------------------------------------------
-- A sequence

-- one step: what is wrong after it, and the SQLSTATE if it was refused
create function step(shop text, step text, out fault text, out refused text) language plpgsql as $$
declare
	kind text := coalesce(substring(step from '^-- (\w+)'), '');
	to_refuse boolean;
	in_table text;
begin
	if kind = '' and shop in ('till', 'club') and step ~ '^(insert into|update|delete from|merge into) (redemptions|adjustments)' then
		to_refuse := to_refuse(step);
	end if;
	begin
		if kind = 'unseen' then
			set local session_replication_role = replica;
		end if;
		execute step;
		if kind = 'unseen' then
			-- changes that no trigger sees: verify() must find them, and rebuild() heal them
			set local session_replication_role = origin;
			if fault(shop) is not null and verified(shop) is null then
				fault := 'verify() does not see: ' || fault(shop);
			end if;
			perform loyalty.rebuild(l) from live_views(shop) as l;
		end if;
		if kind <> '' then
			raise exception using errcode = 'XX999', message = coalesce(fault, fault(shop), '');
		end if;
	exception
		when sqlstate 'XX999' then
			fault := nullif(sqlerrm, '');
		when others then
			get stacked diagnostics in_table = table_name;
			refused := sqlstate;
			-- may fail: keys of the shop that are there, or not, a row hit twice, no partition; spending; rebuild() above READ COMMITTED
			if not (case sqlstate
				when 'LY001' then shop in ('till', 'club') and step ~ '(redemptions|adjustments)'
				when '25000' then current_setting('transaction_isolation') <> 'read committed'
				else sqlstate in ('23505', '23503', '23502', '23514', '21000') and in_table !~* '^(kept|other)_' end) then
				fault := sqlstate || ' ' || sqlerrm;
			end if;
	end;
	if fault is null and to_refuse <> (refused is not distinct from 'LY001') then
		fault := format('refused: %s, should be refused for points: %s', coalesce(refused, 'no'), to_refuse);
	end if;
	fault := coalesce(fault, fault(shop));
end $$;

-- All of them, from empty tables: what is wrong after the last. Steps are SQL, or commit or rollback, and the isolation level after it
create procedure play(shop text, steps text[], anew boolean, inout fault text, inout outcomes text[]) language plpgsql as $$
declare
	s record;
begin
	perform set_config('search_path', quote_ident(shop) || ', public', false), setval('fresh', 100);
	reset timezone;
	reset datestyle;
	reset extra_float_digits;
	if anew then
		-- whatever state it is in; also tables grow by what was deleted in them
		execute (select 'truncate ' || string_agg(c.oid::regclass::text, ', ') from pg_class as c where relnamespace = quote_ident(shop)::regnamespace and relkind in ('r', 'p') and relname !~ '_(program|source)$');
		perform loyalty.rebuild(l) from live_views(shop) as l;
	end if;
	execute (select empty from public.shops where name = shop);
	fault := null;
	if anew or cardinality(steps) % 3 = 1 then
		perform loyalty.compact(l) from live_views(shop) as l;
		execute format('select %I.left_over($1)', shop) into fault using cardinality(steps) % 2 = 0;
	end if;
	commit;

	outcomes := '{}';
	for i in 1 .. cardinality(steps) loop
		exit when fault is not null;
		if steps[i] ~ '^(commit|rollback)' then
			if steps[i] = 'commit' then
				commit;
			elsif steps[i] = 'rollback' then
				rollback;
				fault := fault(shop);
			elsif steps[i] like '%repeatable read' then
				commit;
				set transaction isolation level repeatable read;
			else
				commit;
				set transaction isolation level serializable;
			end if;
			outcomes[i] := '';
		else
			select * into s from step(shop, steps[i]);
			fault := s.fault;
			outcomes[i] := coalesce(s.refused, '');
		end if;
	end loop;
	if anew or cardinality(steps) % 3 = 0 then
		fault := coalesce(fault, verified(shop));
		if shop in ('till', 'club') then
			fault := coalesce(fault, standings());
		end if;
	end if;
	if fault is null then
		commit;
	else
		rollback;
	end if;
end $$;

----------------------------------------------------------------------------------------------------------------------
-- Random sequences

create function pick(a int, b int) returns int language sql volatile as $$ select a + floor(random() * (b - a + 1))::int $$;

-- the statements of a shop, each as often as it weighs; what makes all plans anew is rare
create table menu as select shop, row_number() over (partition by shop order by n) as i, n, words from statement, generate_series(1, weight * case when words ~ '^(truncate|alter|create|select)' then 1 else 5 end);
create unique index on menu (shop, i);
analyze menu;

-- words with random values in the place of {words}; fresh is the last id that was given
create function spelled(shop text, words text, inout fresh int, out spelled text) language plpgsql as $$
declare
	a int;
	word text;
begin
	spelled := words;
	loop
		a := position('[' in spelled);
		exit when a = 0;
		word := substr(spelled, a + 1, position(']' in spelled) - a - 1);
		spelled := overlay(spelled placing word || repeat(', ' || word, (random() * 1.8)::int) from a for length(word) + 2);
	end loop;
	loop
		a := position('{' in spelled);
		exit when a = 0;
		word := substr(spelled, a + 1, position('}' in spelled) - a - 1);
		if word = 'new' then
			fresh := fresh + 1;
		end if;
		spelled := overlay(spelled placing case word
			when 'new' then fresh::text
			when 'id' then case when random() < 0.1 then pick(101, 104) else pick(1, greatest(fresh, 1)) end::text
			when 'k' then case shop when 'desk' then quote_literal(pick(1, 4)) else pick(1, 4)::text end
			when 'c' then case when shop = 'desk' then coalesce(quote_literal(nullif(pick(0, 4), 0)), 'null') else coalesce(nullif(pick(0, 4), 0)::text, 'null::int') end
			when 'uuid' then case when random() < 0.1 then 'null' else quote_literal(repeat(pick(1, 4)::text, 32)) end || '::uuid'
			when 'at' then case when random() < 0.03 then 'null' else quote_literal('2024-01-01'::date + pick(0, 19) * 31 || ' 00:00+00') end || '::timestamptz'
			when 'early' then quote_literal('2024-01-01'::date + pick(0, 5) * 31 || ' 00:00+00') || '::timestamptz'
			when 'late' then quote_literal('2024-07-01'::date + pick(0, 11) * 31 || ' 00:00+00') || '::timestamptz'
			when 'whole' then case when random() < 0.03 then 'null::numeric' else pick(0, 100)::text end
			when 'money' then case when random() < 0.03 then 'null::numeric' when random() < 0.05 then '-2.5' else (pick(0, 10000) / 100.0)::numeric(10, 2)::text end
			when 'points' then pick(1, 60)::text
			when 'status' then (array['''paid''', '''paid''', '''open''', '''void''', 'null'])[pick(1, 5)]
			when 'flag' then (array['true', 'true', 'false', 'null'])[pick(1, 4)]
			when 'who' then (array['''ann''', '''bob''', '''cy''', '''xann''', 'null'])[least(pick(1, 6), 5)]
			when 'product' then (array['''p''', '''q''', '''r''', '''none''', '''yp''', 'null'])[pick(1, 6)]
			when 'category' then (array['''a''', '''b''', '''za''', 'null'])[pick(1, 4)]
			when 'page' then (array['''a''', '''b'''])[pick(1, 2)]
			when 'place' then (array['''a''', '''bb''', '''c  '''])[pick(1, 3)]
			when 'seat' then (array['0.1', '1e-7', '0.30000000000000004', '1', '-0.0'])[pick(1, 5)]
			when 'line' then pick(1, 3)::text
			when 'number' then pick(1, 1000000)::text
			when 'month' then quote_literal('2024-01-01'::date + pick(0, 19) * interval '1 month' + (array['0', '0', '0', '-1 us', '1 us', '14 days 10 hours'])[pick(1, 6)]::interval || '+00') || '::timestamptz'
			when 'later' then case when random() < 0.4 then 'null' else quote_literal('2024-02-01'::date + pick(0, 24) * interval '1 month' || '+00') end || '::timestamptz'
			when 'fee' then (array['0', '0', '9.99', '9.99', '120', '-5'])[pick(1, 6)]
			when 'plan' then (array['''plus''', '''plus monthly''', '''plus monthly''', '''plus yearly''', '''pro''', '''other''', 'null'])[pick(1, 7)]
			when 'card' then (array['''s''', '''t''', '''u''', '''s1'''])[pick(1, 4)]
			when 'voucher' then case when random() < 0.5 then 'null' else quote_literal('voucher ' || pick(1, 3)) end || '::text'
			when 'visit' then (array['''joined''', '''birthday''', '''class''', '''review'''])[pick(1, 4)]
			when 'table' then (array['orders', 'returns', 'redemptions', 'adjustments', 'tickets', 'orders, redemptions, tickets'])[pick(1, 6)]
			when 'file' then quote_literal(current_setting('data_directory') || '/property_live.copy')
			when 'some' then (array['id = {id}', 'id = {id}', 'id in ({id}, {id}, {id})', 'id > {id}', 'at > {at}', 'true'])[pick(1, 6)]
			when 'any' then (array['customer = {k}', 'customer = {k} and at < {at}', 'at > {at}', 'true'])[pick(1, 4)]
			when 'own' then (array['id = {id}', 'id = {id}', 'id in ({id}, {id}, {id})', 'customer = {who}', 'status = {status}', 'true'])[pick(1, 6)]
			when 'piece' then (array['order_id = {id}', 'order_id in ({id}, {id})', 'line = {line}', 'product = {product}', 'true'])[pick(1, 5)]
			when 'person' then (array['id = {k}', 'id in ({k}, {k})', 'id > {k}', 'referred_by = {k}', 'true'])[pick(1, 5)]
		end from a for length(word) + 2);
	end loop;
end $$;

-- the sequence of that number, and for each step the number of its statement
create procedure plan(seed bigint, inout shop text, inout steps text[], inout numbers int[]) language plpgsql as $$
declare
	fresh int := 0;
	names text[] := array(select name from public.shops order by name);
	size int;
	chance float;
	m record;
	words text;
begin
	-- the sequence before may have set another
	reset datestyle;
	perform setseed(hashint8extended(seed, 0) / 9223372036854775808.0);
	-- plans are made anew whenever search_path changes: so 100 in a row in one shop
	shop := names[1 + seed / 100 % cardinality(names)];
	size := (select max(i) from menu where menu.shop = plan.shop);
	steps := '{}';
	numbers := '{}';
	foreach words in array (select fill from public.shops where name = plan.shop) loop
		select s.fresh, s.spelled into fresh, words from spelled(shop, words, fresh) as s;
		steps := steps || words;
		numbers := numbers || 0;
	end loop;
	for i in 1 .. pick(3, 7) loop
		chance := random();
		select menu.n, menu.words into m from menu where menu.shop = plan.shop and menu.i = (select pick(1, size));
		select s.fresh, s.spelled into fresh, words from spelled(shop, m.words, fresh) as s;
		if chance < 0.78 then
			null;
		elsif chance < 0.81 then
			words := E'-- undone\n' || words;
		elsif chance < 0.82 and words !~ ';' then
			words := E'-- unseen\n' || words;
		else
			words := case
				when chance < 0.86 then (select 'select ' || string_agg(format('loyalty.compact(%L%s)', l, (array['', ', 1'])[pick(1, 2)]), ', ') from live_views(shop) as l)
				when chance < 0.865 then (select 'select ' || string_agg(format('loyalty.rebuild(%L)', l), ', ') from live_views(shop) as l)
				when chance < 0.87 then (select 'select ' || string_agg(format('loyalty.forget(%L)', l), ', ') from live_views(shop) as l)
				-- how a session writes keys must not matter
				when chance < 0.885 then format('set timezone = %L; set datestyle = %L; set extra_float_digits = %s', (array['UTC', 'Asia/Kathmandu', 'America/St_Johns'])[pick(1, 3)],
					(array['ISO', 'German', 'SQL, DMY'])[pick(1, 3)], pick(-3, 1))
				when chance < 0.95 then 'commit'
				when chance < 0.97 then 'rollback'
				when chance < 0.99 then 'commit, then repeatable read'
				else 'commit, then serializable' end;
			m.n := 0;
		end if;
		steps := steps || words;
		numbers := numbers || m.n;
	end loop;
end $$;

create table outcome (n int, times bigint);
create table played (sequences bigint, steps bigint, refused_for_points bigint);

create procedure sequences(first bigint, n bigint) language plpgsql as $$
declare
	shop text;
	steps text[];
	fewer text[];
	numbers int[];
	outcomes text[];
	fault text;
	still text;
	times bigint[] := array_fill(0, array[(select max(s.n) from statement as s)]);
	refusals bigint := 0;
	asked bigint := 0;
begin
	for seed in first .. first + n - 1 loop
		call plan(seed, shop, steps, numbers);
		call play(shop, steps, seed % 100 = 0, fault, outcomes);
		for i in 1 .. cardinality(outcomes) loop
			if numbers[i] > 0 and outcomes[i] = '' then
				times[numbers[i]] := times[numbers[i]] + 1;
			end if;
			asked := asked + 1;
			refusals := refusals + (outcomes[i] = 'LY001')::int;
		end loop;
		if fault is not null then
			-- what may be left out?
			fewer := steps[:cardinality(outcomes)];
			for i in reverse cardinality(fewer) .. 1 loop
				call play(shop, fewer[:i - 1] || fewer[i + 1:], true, still, outcomes);
				if still is not null then
					fewer := (fewer[:i - 1] || fewer[i + 1:])[:greatest(cardinality(outcomes), 1)];
					fault := still;
				end if;
			end loop;
			raise exception '%', format(E'sequence %s, in %s: %s\n\n%s;', seed, shop, fault, array_to_string(fewer, E';\n'));
		end if;
	end loop;
	insert into outcome select i, times[i] from generate_subscripts(times, 1) as i;
	insert into played values (n, asked, refusals);
end $$;
call sequences(:first, :n);
select 'sequences', sequences, 'steps', steps, 'refused for points', refused_for_points from played;

-- Were they worth playing? Each statement has succeeded at least once
select :n >= 20000 and exists (select from outcome where times = 0) as unseen \gset
\if :unseen
	select 'never succeeded: ' || words from statement join outcome using (n) where times = 0;
\else
	select 'ok';
\endif
