-- programs: real programs, as doc/programs states them, and what their members have
--
-- The documents are read from the pages of the gallery, so that there is one text of each.  Every answer below was
-- worked out by hand before it was asked; the arithmetic stands beside it.  The session's time zone is set to each
-- program's only to write local times.

\set documents `sed -n "/^INSERT INTO program VALUES/,/^}');$/p" "$PG_ABS_SRCDIR"/doc/programs/*.md`
create temp table program (name text primary key, rules loyalty.program not null);
:documents
select name, rules::jsonb ->> 'timezone' as timezone from program order by name collate "C";

create temp table example (program text, member text, event loyalty.event);
create temp table answer (program text, member text, asof timestamptz, given jsonb, because text);

-- what a standing says, in local times, and what would be asked besides it
create function pg_temp.asked(h loyalty.history, rules loyalty.program, asof timestamptz) returns jsonb language sql stable as $$
	select to_jsonb(s) || jsonb_build_object('tier_since', to_char(tier_since, 'YYYY-MM-DD HH24:MI'), 'tier_until', to_char(tier_until, 'YYYY-MM-DD HH24:MI'),
		'expiring_at', to_char(expiring_at, 'YYYY-MM-DD HH24:MI'), 'overdrawn', loyalty.overdrawn(h, rules), 'liability', loyalty.liability(h, rules, asof),
		'open lots', (select jsonb_agg(remaining) from loyalty.lots(h, rules, asof)))
	from loyalty.standing(h, rules, asof) as s
$$;
-- the answers of a program that differ from those by hand
prepare differ(text) as
	select member, asof, given as by_hand, (select jsonb_object_agg(key, found -> key) from jsonb_object_keys(given) as key) as found, because
	from answer as a
		left join program as p on p.name = a.program
		cross join lateral (select loyalty.history(event) from example as e where (e.program, e.member) = (a.program, a.member)) as m (h)
		left join lateral pg_temp.asked(h, rules, asof) as found on true
	where a.program = $1 and (found @> given) is not true
	order by member, asof;

--
-- Sephora Beauty Insider: tiers by the year's spend; factors by tier from August 2018 to April 2020
--
set timezone = 'America/Los_Angeles';
insert into example values
	('sephora', 'ann', loyalty.purchase('2018-03-10 12:00', 300, ref => 1)),
	('sephora', 'ann', loyalty.purchase('2018-07-01 12:00', 60, ref => 2)),
	('sephora', 'ann', loyalty.purchase('2018-09-01 12:00', 100, ref => 3)),
	('sephora', 'ann', loyalty.purchase('2018-11-05 12:00', 50, tags => '{triple points}', ref => 4)),
	('sephora', 'ann', loyalty.purchase('2018-12-10 12:00', 600, ref => 5)),
	('sephora', 'ann', loyalty.purchase('2019-02-01 12:00', 40.50, ref => 6)),
	('sephora', 'ann', loyalty.purchase('2020-05-02 12:00', 100, ref => 7)),
	('sephora', 'ann', loyalty.redemption('2020-06-01 12:00', 500)),
	('sephora', 'ann', loyalty.purchase('2020-11-02 12:00', 30, tags => '{points event}', ref => 8)),
	('sephora', 'bea', loyalty.purchase('2019-03-01 12:00', 1000, ref => 1)),
	('sephora', 'bea', loyalty.activity('2019-08-08 12:00', 'birthday points')),
	('sephora', 'bea', loyalty.activity('2019-08-09 12:00', 'birthday points')),
	('sephora', 'bea', loyalty.purchase('2020-06-20 12:00', 50, tags => '{points event}', ref => 2)),
	('sephora', 'bea', loyalty.refund('2020-06-25 12:00', 50, ref => 2)),
	('sephora', 'bea', loyalty.refund('2020-07-01 12:00', 10, ref => 1));
insert into answer values
	('sephora', 'ann', '2018-06-30 12:00', '{"tier": "Insider", "points": 300, "to_next": 50}', '1 a dollar; 350 - 300'),
	('sephora', 'ann', '2018-07-01 12:00', '{"tier": "VIB", "points": 360, "tier_until": "2020-01-01 00:00", "next_tier": "Rouge", "to_next": 640}', '300 + 60 reaches 350: this year and all of the next; 1,000 - 360'),
	('sephora', 'ann', '2018-09-01 12:00', '{"points": 485}', '360 + 100 x 1.25'),
	('sephora', 'ann', '2018-11-05 12:00', '{"points": 635}', '485 + 50 x 3: the event replaces the 1.25'),
	('sephora', 'ann', '2018-12-10 12:00', '{"tier": "Rouge", "points": 1385, "qualifying": 1110, "tier_until": "2020-01-01 00:00"}', '635 + 600 x 1.25, still rated as VIB; 360 + 100 + 50 + 600 spent'),
	('sephora', 'ann', '2019-02-01 12:00', '{"points": 1445, "qualifying": 40.5}', '40.50 x 1.5 = 60.75, down to 60'),
	('sephora', 'ann', '2019-12-31 23:59', '{"tier": "Rouge"}', null),
	('sephora', 'ann', '2020-01-01 00:00', '{"tier": "Insider", "tier_since": "2020-01-01 00:00", "points": 1445}', '40.50 in 2019 gives nothing'),
	('sephora', 'ann', '2020-05-02 12:00', '{"points": 1545}', '1 a dollar for all again; 15 months since the last purchase, not 18'),
	('sephora', 'ann', '2020-06-01 12:00', '{"points": 1045}', '1545 - 500'),
	('sephora', 'ann', '2020-11-02 12:00', '{"points": 1105, "expiring": 1105, "expiring_at": "2022-05-02 12:00", "overdrawn": false, "liability": 22.1}', '1045 + 30 x 2 for an Insider; 18 months; 0.02 each'),
	('sephora', 'ann', '2022-05-02 12:00', '{"points": 0}', null),
	('sephora', 'bea', '2019-03-01 12:00', '{"tier": "Rouge", "points": 1000, "tier_until": "2021-01-01 00:00"}', 'the order that wins Rouge is rated as Insider'),
	('sephora', 'bea', '2019-08-09 12:00', '{"points": 1250}', 'once a year 250'),
	('sephora', 'bea', '2020-06-20 12:00', '{"points": 1450}', '1250 + 50 x 4 for Rouge'),
	('sephora', 'bea', '2020-06-25 12:00', '{"points": 1250, "tier": "Rouge"}', 'the order is undone at the factor that rated it'),
	('sephora', 'bea', '2020-07-01 12:00', '{"points": 1240, "tier": "VIB", "tier_until": "2021-01-01 00:00"}', '990 in 2019 was VIB');
execute differ('sephora');

--
-- Starbucks: to the end of the sixth month after that of earning; fractions of Stars are kept
--
insert into example values
	('starbucks', 'one coffee', loyalty.purchase('2020-12-15 08:10', 7.45, tags => '{card}', ref => 1)),
	('starbucks', 'cleo', loyalty.purchase('2020-12-15 08:10', 7.45, tags => '{card}', ref => 1)),
	('starbucks', 'cleo', loyalty.purchase('2021-01-20 08:10', 5.00, tags => '{card}', ref => 2)),
	('starbucks', 'cleo', loyalty.purchase('2021-01-20 08:10', 2.25, tags => '{cash}', ref => 2)),
	('starbucks', 'cleo', loyalty.purchase('2021-01-20 08:10', 1.00, tags => '{card,tip}', ref => 2)),
	('starbucks', 'cleo', loyalty.purchase('2021-03-05 08:10', 60.25, tags => '{card}', ref => 3)),
	('starbucks', 'cleo', loyalty.redemption('2021-04-01 08:10', 25)),
	('starbucks', 'dan', loyalty.purchase('2021-05-31 23:59:59', 4, tags => '{card,double star day}', ref => 1)),
	('starbucks', 'dan', loyalty.purchase('2021-06-01 00:00:01', 4, tags => '{cash,double star day}', ref => 2)),
	('starbucks', 'dan', loyalty.purchase('2021-08-31 12:00', 3, tags => '{cash}', ref => 3)),
	('starbucks', 'dan', loyalty.redemption('2021-09-01 12:00', 24));
insert into answer values
	('starbucks', 'one coffee', '2020-12-15 08:10', '{"points": 14.9, "expiring_at": "2021-07-01 00:00"}', '7.45 x 2; 2021-06-15, then the month ends'),
	('starbucks', 'one coffee', '2021-06-30 23:59:59', '{"points": 14.9}', null),
	('starbucks', 'one coffee', '2021-07-01 00:00', '{"points": 0}', null),
	('starbucks', 'cleo', '2021-01-20 08:10', '{"points": 27.15}', '14.90 + 5 x 2 + 2.25, no Stars for the tip'),
	('starbucks', 'cleo', '2021-03-05 08:10', '{"points": 147.65}', '27.15 + 60.25 x 2'),
	('starbucks', 'cleo', '2021-04-01 08:10', '{"points": 122.65, "open lots": [2.15, 120.5], "expiring": 2.15, "expiring_at": "2021-08-01 00:00", "overdrawn": false}', '25 = 14.90 + 10.10 of 12.25; 2021-07-20, then the month ends'),
	('starbucks', 'cleo', '2021-07-31 23:59:59', '{"points": 122.65}', null),
	('starbucks', 'cleo', '2021-08-01 00:00', '{"points": 120.5, "expiring_at": "2021-10-01 00:00"}', '122.65 - 2.15'),
	('starbucks', 'cleo', '2021-10-01 00:00', '{"points": 0}', null),
	('starbucks', 'dan', '2021-06-02 00:00', '{"points": 24, "open lots": [16, 8], "expiring": 16, "expiring_at": "2021-12-01 00:00"}', '(4 + 4) x 2 of May: 11-30; 4 x 2 of June: 12-01 and on to 2022-01-01'),
	('starbucks', 'dan', '2021-08-31 12:00', '{"points": 27}', null),
	('starbucks', 'dan', '2021-09-01 12:00', '{"points": 3, "expiring_at": "2022-03-01 00:00", "overdrawn": false}', '27 - 24; 2021-08-31 and 6 months is 2022-02-28');
execute differ('starbucks');

--
-- PAYBACK: 36 months, then the end of September
--
set timezone = 'Europe/Berlin';
insert into example values
	('payback', 'emil', loyalty.purchase('2019-09-30 18:00', 41.90, ref => 1)),
	('payback', 'emil', loyalty.purchase('2019-10-01 09:00', 100, ref => 2)),
	('payback', 'emil', loyalty.purchase('2020-01-10 12:00', 9.99, ref => 3)),
	('payback', 'emil', loyalty.purchase('2020-01-10 12:00', 0.25, tags => '{deposit}', ref => 3)),
	('payback', 'emil', loyalty.purchase('2020-05-01 12:00', 20, tags => '{coupon 5x}', ref => 4)),
	('payback', 'emil', loyalty.purchase('2020-12-01 12:00', 300, ref => 5)),
	('payback', 'emil', loyalty.redemption('2022-10-05 12:00', 200)),
	('payback', 'fred', loyalty.purchase('2025-02-01 12:00', 1.99, ref => 1)),
	('payback', 'fred', loyalty.purchase('2025-02-02 12:00', 1.99, ref => 2)),
	('payback', 'fred', loyalty.purchase('2025-02-03 12:00', 1.99, ref => 3)),
	('payback', 'fred', loyalty.purchase('2025-02-03 12:00', 2.01, ref => 3)),
	('payback', 'fred', loyalty.refund('2025-02-10 12:00', 0.01, ref => 3));
insert into answer values
	('payback', 'emil', '2020-01-10 12:00', '{"points": 74}', '41.90 / 2 down to 20, + 50, + 4 of 9.99: with the deposit it had been 5'),
	('payback', 'emil', '2020-12-01 12:00', '{"points": 274, "expiring": 20, "expiring_at": "2022-10-01 00:00"}', '74 + 10 x 5 + 150'),
	('payback', 'emil', '2022-09-30 23:59:59', '{"points": 274}', null),
	('payback', 'emil', '2022-10-01 00:00', '{"points": 254, "expiring": 104, "expiring_at": "2023-10-01 00:00"}', 'only what came before 2019-10-01; next 50 + 4 + 50'),
	('payback', 'emil', '2022-10-05 12:00', '{"points": 54, "open lots": [54], "expiring_at": "2024-10-01 00:00", "liability": 0.54, "overdrawn": false}', '200 = 50 + 4 + 50 + 96 of 150; 2023-12-01, then the end of September'),
	('payback', 'emil', '2023-10-01 00:00', '{"points": 54}', 'the older ones are spent'),
	('payback', 'emil', '2024-10-01 00:00', '{"points": 0}', null),
	('payback', 'fred', '2025-02-02 12:00', '{"points": 0}', 'each order for itself: nothing of 1.99'),
	('payback', 'fred', '2025-02-03 12:00', '{"points": 2}', '1.99 + 2.01 = two times 2 EUR'),
	('payback', 'fred', '2025-02-10 12:00', '{"points": 1}', '3.99 is one time 2 EUR');
execute differ('payback');

--
-- Miles & More: 36 months, then the end of the quarter; not while there is status
--
insert into example values
	('miles-and-more', 'gerd', loyalty.purchase('2021-02-10 10:00', 250, quantity => 20, tags => '{fare,flight}', ref => 1)),
	('miles-and-more', 'hans', loyalty.purchase('2021-02-10 10:00', 250, quantity => 20, tags => '{fare,flight}', ref => 1)),
	('miles-and-more', 'hans', loyalty.purchase('2022-05-20 10:00', 500, quantity => 40, tags => '{fare,flight}', ref => 2)),
	('miles-and-more', 'hans', loyalty.purchase('2024-03-15 10:00', 1000, quantity => 400, tags => '{fare,flight,qualifying}', ref => 3)),
	('miles-and-more', 'hans', loyalty.purchase('2024-03-20 10:00', 600, quantity => 260, tags => '{fare,flight}', ref => 4)),
	('miles-and-more', 'hans', loyalty.purchase('2024-06-01 10:00', 100, quantity => 40, tags => '{fare,flight,qualifying}', ref => 5)),
	('miles-and-more', 'hans', loyalty.purchase('2024-06-01 10:00', 55, tags => '{tax}', ref => 5)),
	('miles-and-more', 'ida', loyalty.purchase('2024-05-05 10:00', 1000, quantity => 650, tags => '{fare,flight}', ref => 1)),
	('miles-and-more', 'ida', loyalty.purchase('2024-12-31 22:00', 400, quantity => 325, tags => '{fare,flight,qualifying}', ref => 2));
insert into answer values
	('miles-and-more', 'gerd', '2024-03-31 23:59:59', '{"points": 1000}', '250 x 4'),
	('miles-and-more', 'gerd', '2024-04-01 00:00', '{"points": 0}', '2024-02-10, then the quarter ends'),
	('miles-and-more', 'hans', '2024-03-15 10:00', '{"tier": "Member", "points": 7000, "qualifying": 400, "expiring": 1000, "expiring_at": "2024-04-01 00:00"}', '(250 + 500 + 1,000) x 4'),
	('miles-and-more', 'hans', '2024-03-20 10:00', '{"tier": "Frequent Traveller", "tier_until": "2026-03-01 00:00", "points": 9400, "qualifying": 660, "to_next": null}', '660 Points, 400 of them qualifying: to the end of February of the year after next'),
	('miles-and-more', 'hans', '2024-04-01 00:00', '{"points": 9400}', 'status keeps the 1,000'),
	('miles-and-more', 'hans', '2024-06-01 10:00', '{"points": 10000, "expiring": 10000, "expiring_at": "2029-04-01 00:00"}', '100 x 4 x 1.5, none for the tax; 2026-03-01 and 36 months, then the quarter ends'),
	('miles-and-more', 'hans', '2026-02-28 23:59:59', '{"tier": "Frequent Traveller", "points": 10000}', null),
	('miles-and-more', 'hans', '2026-03-01 00:00', '{"tier": "Member", "points": 10000}', 'all miles start anew'),
	('miles-and-more', 'hans', '2029-03-31 23:59:59', '{"points": 10000}', null),
	('miles-and-more', 'hans', '2029-04-01 00:00', '{"points": 0}', null),
	('miles-and-more', 'ida', '2024-05-05 10:00', '{"tier": "Member", "qualifying": 650}', '650 Points, none of them qualifying'),
	('miles-and-more', 'ida', '2024-12-31 22:00', '{"tier": "Frequent Traveller", "points": 5600, "qualifying": 975}', '(1,000 + 400) x 4: the second flight is rated before the status'),
	('miles-and-more', 'ida', '2025-01-01 00:00', '{"tier": "Frequent Traveller", "tier_until": "2026-03-01 00:00", "qualifying": 0}', null);
execute differ('miles-and-more');

--
-- Marriott Bonvoy: nights; a lost tier lands one level lower, at the end of February
--
set timezone = 'America/New_York';
insert into example values
	('marriott', 'jane', loyalty.purchase('2023-02-01 12:00', 6000, quantity => 30, tags => '{stay}', ref => 1)),
	('marriott', 'jane', loyalty.purchase('2023-06-01 12:00', 6000, quantity => 30, tags => '{stay}', ref => 2)),
	('marriott', 'jane', loyalty.purchase('2023-11-01 12:00', 4000, quantity => 20, tags => '{stay}', ref => 3)),
	('marriott', 'jane', loyalty.purchase('2024-05-01 12:00', 2000, quantity => 12, tags => '{stay}', ref => 4)),
	('marriott', 'kurt', loyalty.purchase('2024-01-10 12:00', 20000, quantity => 100, tags => '{stay}', ref => 1)),
	('marriott', 'kurt', loyalty.purchase('2024-02-10 12:00', 3000, tags => '{restaurant}', ref => 2)),
	('marriott', 'lisa', loyalty.purchase('2024-12-31 23:30', 1000, quantity => 10, tags => '{stay}', ref => 1)),
	('marriott', 'lisa', loyalty.refund('2025-01-02 12:00', 100, quantity => 1, ref => 1));
insert into answer values
	('marriott', 'jane', '2023-02-01 12:00', '{"tier": "Gold", "points": 60000, "next_tier": "Platinum", "to_next": 20}', '6,000 x 10; 30 nights of 50'),
	('marriott', 'jane', '2023-06-01 12:00', '{"tier": "Platinum", "points": 135000, "qualifying": 60}', '60,000 + 6,000 x 10 x 1.25 as Gold'),
	('marriott', 'jane', '2023-11-01 12:00', '{"tier": "Titanium", "points": 195000, "qualifying": 80, "tier_until": "2025-03-01 00:00", "next_tier": "Ambassador", "to_next": null}', '135,000 + 4,000 x 10 x 1.5 as Platinum'),
	('marriott', 'jane', '2024-05-01 12:00', '{"points": 230000, "qualifying": 12}', '195,000 + 2,000 x 10 x 1.75'),
	('marriott', 'jane', '2025-02-28 23:59:59', '{"tier": "Titanium"}', null),
	('marriott', 'jane', '2025-03-01 00:00', '{"tier": "Platinum", "tier_until": "2026-03-01 00:00"}', '12 nights earned Silver only: one level down'),
	('marriott', 'jane', '2026-03-01 00:00', '{"tier": "Gold", "tier_until": "2027-03-01 00:00"}', 'and one more'),
	('marriott', 'jane', '2027-03-01 00:00', '{"tier": "Silver"}', null),
	('marriott', 'jane', '2028-03-01 00:00', '{"tier": "Member", "tier_until": null}', null),
	('marriott', 'jane', '2026-05-01 11:59:59', '{"points": 230000}', null),
	('marriott', 'jane', '2026-05-01 12:00', '{"points": 0}', '24 months without a stay'),
	('marriott', 'kurt', '2024-01-10 12:00', '{"tier": "Titanium", "points": 200000}', '100 nights, but 20,000 of 23,000 dollars'),
	('marriott', 'kurt', '2024-02-10 12:00', '{"tier": "Ambassador", "points": 252500, "qualifying": 100}', '200,000 + 3,000 x 10 x 1.75; dinner is no night'),
	('marriott', 'lisa', '2024-12-31 23:30', '{"tier": "Silver", "tier_until": "2026-03-01 00:00"}', '10 nights in the old year'),
	('marriott', 'lisa', '2025-01-02 12:00', '{"tier": "Member", "points": 9000}', '9 nights: the order''s year counts, not the refund''s');
execute differ('marriott');

--
-- Hilton Honors: nights, stays or points; nights above the threshold count once more
--
insert into example values
	('hilton', 'mona', loyalty.purchase('2023-04-01 12:00', 1000, quantity => 30, tags => '{stay}', ref => 1)),
	('hilton', 'mona', loyalty.purchase('2023-10-01 12:00', 700, quantity => 22, tags => '{stay}', ref => 2)),
	('hilton', 'mona', loyalty.purchase('2024-03-01 12:00', 800, quantity => 20, tags => '{stay,tru}', ref => 3)),
	('hilton', 'mona', loyalty.purchase('2024-09-01 12:00', 1200, quantity => 30, tags => '{stay}', ref => 4)),
	('hilton', 'nils', loyalty.purchase('2024-01-05 12:00', 90, tags => '{stay}', ref => 1)),
	('hilton', 'nils', loyalty.purchase('2024-02-05 12:00', 90, tags => '{stay}', ref => 2)),
	('hilton', 'nils', loyalty.purchase('2024-03-05 12:00', 90, tags => '{stay}', ref => 3)),
	('hilton', 'nils', loyalty.purchase('2024-04-05 12:00', 90, tags => '{stay}', ref => 4)),
	('hilton', 'olga', loyalty.purchase('2024-04-05 12:00', 7500, quantity => 2, tags => '{stay}', ref => 1)),
	('hilton', 'pete', loyalty.purchase('2024-04-05 12:00', 9000, quantity => 130, tags => '{stay}', ref => 1));
insert into answer values
	('hilton', 'mona', '2023-04-01 12:00', '{"tier": "Silver", "points": 10000}', '1,000 x 10; 30 nights of 40'),
	('hilton', 'mona', '2023-10-01 12:00', '{"tier": "Gold", "tier_until": "2025-01-01 00:00", "points": 18400, "qualifying": 52}', '10,000 + 700 x 10 x 1.2; 52 nights'),
	('hilton', 'mona', '2024-01-01 00:00', '{"tier": "Gold", "qualifying": 12}', '52 - 40'),
	('hilton', 'mona', '2024-03-01 12:00', '{"points": 25600, "qualifying": 32}', '18,400 + 800 x 5 x 1.8'),
	('hilton', 'mona', '2024-09-01 12:00', '{"tier": "Diamond", "points": 47200, "qualifying": 62, "tier_until": "2026-01-01 00:00"}', '25,600 + 1,200 x 10 x 1.8; 12 + 50 nights'),
	('hilton', 'mona', '2025-01-01 00:00', '{"tier": "Diamond", "qualifying": 0}', '50 of its own are not above 60'),
	('hilton', 'mona', '2026-01-01 00:00', '{"tier": "Member"}', null),
	('hilton', 'nils', '2024-03-05 12:00', '{"tier": "Member", "points": 2700}', 'three stays'),
	('hilton', 'nils', '2024-04-05 12:00', '{"tier": "Silver", "points": 3600, "qualifying": 4}', 'four stays of one night'),
	('hilton', 'olga', '2024-04-05 12:00', '{"tier": "Gold", "points": 75000, "qualifying": 2}', '75,000 base points with 2 nights'),
	('hilton', 'olga', '2026-04-05 12:00', '{"points": 0}', '24 months'),
	('hilton', 'pete', '2025-01-01 00:00', '{"qualifying": 60, "tier": "Diamond", "tier_until": "2027-01-01 00:00"}', '130 - 60 = 70, at most 60: Diamond once more');
execute differ('hilton');

--
-- IHG One Rewards: points of Club members die, those of elite members do not
--
insert into example values
	('ihg', 'quin', loyalty.purchase('2023-05-10 12:00', 900, quantity => 26, tags => '{stay}', ref => 1)),
	('ihg', 'rosa', loyalty.purchase('2024-02-01 12:00', 100, quantity => 2, tags => '{stay}', ref => 1)),
	('ihg', 'rosa', loyalty.redemption('2024-12-01 12:00', 100)),
	('ihg', 'sven', loyalty.purchase('2024-02-01 12:00', 4000, quantity => 5, tags => '{stay}', ref => 1));
insert into answer values
	('ihg', 'quin', '2023-05-10 12:00', '{"tier": "Gold", "tier_until": "2025-01-01 00:00", "points": 9000, "expiring": 9000, "expiring_at": "2026-01-01 00:00"}', '26 nights: this year and the next, then 12 months as Club'),
	('ihg', 'quin', '2024-05-10 12:00', '{"points": 9000, "qualifying": 6}', 'no activity for a year, but Gold; 26 - 20 nights rolled over'),
	('ihg', 'quin', '2025-01-01 00:00', '{"tier": "Club", "points": 9000}', null),
	('ihg', 'quin', '2025-12-31 23:59:59', '{"points": 9000}', null),
	('ihg', 'quin', '2026-01-01 00:00', '{"points": 0}', null),
	('ihg', 'rosa', '2024-12-01 12:00', '{"tier": "Club", "points": 900, "expiring_at": "2025-12-01 12:00"}', '100 x 10 - 100; the redemption was activity'),
	('ihg', 'rosa', '2025-12-01 12:00', '{"points": 0}', null),
	('ihg', 'sven', '2024-02-01 12:00', '{"tier": "Gold", "points": 40000, "qualifying": 5}', '4,000 x 10 points, 5 nights');
execute differ('ihg');

--
-- Costco Executive: 2 %, at most 1,250 net of refunds
--
set timezone = 'America/Los_Angeles';
insert into example values
	('costco', 'tina', loyalty.purchase('2025-01-05 12:00', 300, ref => 1)),
	('costco', 'tina', loyalty.purchase('2025-01-10 12:00', 130, tags => '{executive fee}', ref => 2)),
	('costco', 'tina', loyalty.purchase('2025-02-01 12:00', 50000, ref => 3)),
	('costco', 'tina', loyalty.purchase('2025-06-01 12:00', 20000, ref => 4)),
	('costco', 'tina', loyalty.refund('2025-07-01 12:00', 10000, ref => 4)),
	('costco', 'tina', loyalty.purchase('2025-08-01 12:00', 5000, ref => 5)),
	('costco', 'tina', loyalty.redemption('2025-11-05 12:00', 1250)),
	('costco', 'tina', loyalty.purchase('2026-01-09 12:00', 19.99, ref => 6)),
	('costco', 'tina', loyalty.purchase('2026-02-01 12:00', 100, ref => 7)),
	('costco', 'udo', loyalty.purchase('2025-03-01 12:00', 130, tags => '{executive fee}', ref => 1)),
	('costco', 'udo', loyalty.purchase('2025-03-02 12:00', 1000, ref => 2)),
	('costco', 'udo', loyalty.refund('2025-03-20 12:00', 130, ref => 1)),
	('costco', 'udo', loyalty.purchase('2025-03-21 12:00', 1000, ref => 3)),
	('costco', 'vera', loyalty.purchase('2023-01-02 12:00', 120, tags => '{executive fee}', ref => 1)),
	('costco', 'vera', loyalty.purchase('2023-02-01 12:00', 70000, ref => 2)),
	('costco', 'walt', loyalty.purchase('2024-02-01 12:00', 130, tags => '{executive fee}', ref => 1)),
	('costco', 'walt', loyalty.purchase('2024-08-31 23:59', 60000, ref => 2)),
	('costco', 'walt', loyalty.purchase('2024-09-01 00:00', 60000, ref => 3));
insert into answer values
	('costco', 'tina', '2025-01-05 12:00', '{"tier": "Gold Star", "points": 0}', 'before the upgrade'),
	('costco', 'tina', '2025-01-10 12:00', '{"tier": "Executive", "points": 0, "tier_until": "2026-01-10 12:00"}', 'nothing for the fee'),
	('costco', 'tina', '2025-02-01 12:00', '{"points": 1000}', '50,000 x 0.02'),
	('costco', 'tina', '2025-06-01 12:00', '{"points": 1250}', '1,000 + 400, at most 1,250'),
	('costco', 'tina', '2025-07-01 12:00', '{"points": 1200}', '(50,000 + 20,000 - 10,000) x 0.02'),
	('costco', 'tina', '2025-08-01 12:00', '{"points": 1250, "liability": 1250}', '1,200 + 100, at most 1,250'),
	('costco', 'tina', '2025-11-05 12:00', '{"points": 0, "overdrawn": false}', 'the certificate'),
	('costco', 'tina', '2026-01-09 12:00', '{"points": 0.4, "tier": "Executive"}', '19.99 x 0.02 = 0.3998, in a new year'),
	('costco', 'tina', '2026-01-10 12:00', '{"points": 0.4, "tier": "Gold Star"}', 'no fee paid'),
	('costco', 'tina', '2026-02-01 12:00', '{"points": 0.4}', null),
	('costco', 'udo', '2025-03-02 12:00', '{"points": 20, "tier": "Executive"}', null),
	('costco', 'udo', '2025-03-20 12:00', '{"points": 20, "tier": "Gold Star"}', 'the fee came back'),
	('costco', 'udo', '2025-03-21 12:00', '{"points": 20}', null),
	('costco', 'vera', '2023-02-01 12:00', '{"points": 1000}', '1,400, at most 1,000 then'),
	('costco', 'walt', '2024-09-01 00:00', '{"points": 2200}', '1,200, at most 1,000 of before September; 1,200 from then on');
execute differ('costco');

--
-- Ulta: the end of the quarter after twelve months; the better rate from the next order on
--
set timezone = 'America/Chicago';
insert into example values
	('ulta', 'wanda', loyalty.purchase('2022-01-15 12:00', 400, ref => 1)),
	('ulta', 'xenia', loyalty.purchase('2022-01-15 12:00', 400, ref => 1)),
	('ulta', 'xenia', loyalty.purchase('2022-03-10 12:00', 150.75, ref => 2)),
	('ulta', 'xenia', loyalty.purchase('2022-05-01 12:00', 100, ref => 3)),
	('ulta', 'xenia', loyalty.purchase('2022-08-01 12:00', 600, ref => 4)),
	('ulta', 'xenia', loyalty.purchase('2022-09-01 12:00', 10, ref => 5)),
	('ulta', 'xenia', loyalty.redemption('2022-10-01 12:00', 250));
insert into answer values
	('ulta', 'wanda', '2022-01-15 12:00', '{"tier": "Member", "points": 400, "to_next": 100, "expiring": 400, "expiring_at": "2023-04-01 00:00"}', '2023-01-15, then the quarter ends'),
	('ulta', 'wanda', '2023-03-31 23:59:59', '{"points": 400}', null),
	('ulta', 'wanda', '2023-04-01 00:00', '{"points": 0}', null),
	('ulta', 'xenia', '2022-03-10 12:00', '{"tier": "Platinum", "points": 550, "qualifying": 550.75}', '400 + 150.75 down to 150: all of the crossing order at the old rate'),
	('ulta', 'xenia', '2022-05-01 12:00', '{"points": 675}', '550 + 100 x 1.25'),
	('ulta', 'xenia', '2022-08-01 12:00', '{"tier": "Diamond", "points": 1425, "tier_until": "2024-01-01 00:00"}', '675 + 600 x 1.25; 1,250.75 spent'),
	('ulta', 'xenia', '2022-09-01 12:00', '{"points": 1440, "expiring_at": "2025-01-01 00:00"}', '1,425 + 10 x 1.5; 2024-01-01 and 12 months'),
	('ulta', 'xenia', '2022-10-01 12:00', '{"points": 1190, "overdrawn": false}', '1,440 - 250'),
	('ulta', 'xenia', '2024-12-31 23:59:59', '{"tier": "Member", "points": 1190}', null),
	('ulta', 'xenia', '2025-01-01 00:00', '{"points": 0}', null);
execute differ('ulta');

--
-- AAdvantage: a year from March, status to the end of the March after the next
--
insert into example values
	('aadvantage', 'yuri', loyalty.purchase('2024-06-01 12:00', 2000, quantity => 35000, tags => '{fare}', ref => 1)),
	('aadvantage', 'yuri', loyalty.purchase('2025-02-28 23:30', 300, quantity => 5000, tags => '{fare}', ref => 2)),
	('aadvantage', 'yuri', loyalty.purchase('2025-03-01 10:00', 100, quantity => 700, tags => '{fare}', ref => 3));
insert into answer values
	('aadvantage', 'yuri', '2024-06-01 12:00', '{"tier": "Member", "points": 10000, "to_next": 5000}', '2,000 x 5'),
	('aadvantage', 'yuri', '2025-02-28 23:30', '{"tier": "Gold", "points": 11500, "tier_until": "2026-04-01 00:00", "qualifying": 40000}', '10,000 + 300 x 5; the year ends with February'),
	('aadvantage', 'yuri', '2025-03-01 10:00', '{"points": 12200, "qualifying": 700, "expiring_at": "2027-03-01 10:00"}', '11,500 + 100 x 5 x 1.4'),
	('aadvantage', 'yuri', '2026-03-31 23:59:59', '{"tier": "Gold"}', null),
	('aadvantage', 'yuri', '2026-04-01 00:00', '{"tier": "Member"}', null),
	('aadvantage', 'yuri', '2027-03-01 10:00', '{"points": 0}', null);
execute differ('aadvantage');

--
-- Delta: at most 75,000 miles a ticket; miles never expire
--
set timezone = 'America/New_York';
insert into example values
	('delta', 'zora', loyalty.purchase('2025-02-01 12:00', 5000, tags => '{fare}', ref => 1)),
	('delta', 'zora', loyalty.purchase('2025-02-01 12:00', 200, tags => '{tax}', ref => 1)),
	('delta', 'zora', loyalty.purchase('2025-04-01 12:00', 23000, tags => '{fare}', ref => 2)),
	('delta', 'zora', loyalty.purchase('2025-06-01 12:00', 1000, tags => '{fare}', ref => 3)),
	('delta', 'zora', loyalty.purchase('2025-07-01 12:00', 5.60, tags => '{tax,award}', ref => 4)),
	('delta', 'zora', loyalty.redemption('2025-07-01 12:00', 20000, ref => 4)),
	('delta', 'zora', loyalty.refund('2025-08-01 12:00', 13000, tags => '{fare}', ref => 2));
insert into answer values
	('delta', 'zora', '2025-02-01 12:00', '{"tier": "Silver", "points": 25000, "qualifying": 5000, "tier_until": "2027-02-01 00:00"}', '5,000 x 5, none for the tax; to January 31'),
	('delta', 'zora', '2025-04-01 12:00', '{"tier": "Diamond", "points": 100000, "qualifying": 28000}', '23,000 x 5 x 1.4 = 161,000, at most 75,000'),
	('delta', 'zora', '2025-06-01 12:00', '{"points": 111000}', '1,000 x 5 x 2.2'),
	('delta', 'zora', '2025-07-01 12:00', '{"points": 91000, "overdrawn": false}', '111,000 - 20,000'),
	('delta', 'zora', '2025-08-01 12:00', '{"points": 86000, "tier": "Platinum", "qualifying": 16000}', 'ticket 2: 10,000 x 7 = 70,000 of its 75,000; 29,000 - 13,000 dollars'),
	('delta', 'zora', '2027-01-31 23:59:59', '{"tier": "Platinum"}', null),
	('delta', 'zora', '2027-02-01 00:00', '{"tier": "Member", "points": 86000, "expiring_at": null}', null);
execute differ('delta');

--
-- Nectar: another rate from a day on, litres, an insurance that doubles
--
set timezone = 'Europe/London';
insert into example values
	('nectar', 'abby', loyalty.purchase('2015-04-10 23:30', 10.99, ref => 1)),
	('nectar', 'abby', loyalty.purchase('2015-04-11 00:00', 10.99, ref => 2)),
	('nectar', 'abby', loyalty.purchase('2015-05-01 12:00', 30, tags => '{insured}', ref => 3)),
	('nectar', 'abby', loyalty.purchase('2015-05-02 12:00', 55, quantity => 40.5, tags => '{fuel}', ref => 4)),
	('nectar', 'abby', loyalty.redemption('2015-06-01 12:00', 100));
insert into answer values
	('nectar', 'abby', '2015-04-10 23:30', '{"points": 20}', '2 a full pound'),
	('nectar', 'abby', '2015-04-11 00:00', '{"points": 30}', '1 a full pound'),
	('nectar', 'abby', '2015-05-01 12:00', '{"points": 90}', '30 + 30 for the insurance'),
	('nectar', 'abby', '2015-05-02 12:00', '{"points": 130, "liability": 0.65, "overdrawn": true}', '40 full litres; the redemption of June needs 200'),
	('nectar', 'abby', '2030-01-01 12:00', '{"points": 30, "tier": null, "expiring_at": null}', null);
execute differ('nectar');

--
-- H&M: all ends with the membership year
--
set timezone = 'Europe/Berlin';
insert into example values
	('hm', 'bert', loyalty.activity('2023-05-10 15:00', 'joined')),
	('hm', 'bert', loyalty.activity('2023-05-11 15:00', 'profile')),
	('hm', 'bert', loyalty.activity('2023-05-12 15:00', 'profile')),
	('hm', 'bert', loyalty.purchase('2023-06-01 15:00', 179.90, ref => 1)),
	('hm', 'bert', loyalty.purchase('2023-06-01 15:00', 50, tags => '{gift card}', ref => 1)),
	('hm', 'caro', loyalty.activity('2023-05-10 15:00', 'joined')),
	('hm', 'caro', loyalty.purchase('2023-07-01 15:00', 460, ref => 1)),
	('hm', 'caro', loyalty.activity('2023-07-02 15:00', 'friend''s first purchase')),
	('hm', 'caro', loyalty.purchase('2023-07-03 15:00', 40, ref => 2)),
	('hm', 'caro', loyalty.redemption('2023-07-04 15:00', 400));
insert into answer values
	('hm', 'bert', '2023-06-01 15:00', '{"tier": "Member", "points": 199, "expiring": 199, "expiring_at": "2024-05-10 00:00"}', '20 once, + 179.90 down to 179'),
	('hm', 'bert', '2024-05-09 23:59:59', '{"points": 199}', null),
	('hm', 'bert', '2024-05-10 00:00', '{"points": 0}', 'one short of a voucher'),
	('hm', 'caro', '2023-07-02 15:00', '{"tier": "Member", "points": 510, "qualifying": 460}', '460 + 50'),
	('hm', 'caro', '2023-07-03 15:00', '{"tier": "Plus", "points": 550, "qualifying": 500, "tier_until": "2024-05-10 00:00"}', null),
	('hm', 'caro', '2023-07-04 15:00', '{"points": 150, "overdrawn": false, "liability": 3.75}', 'two vouchers of 5 EUR'),
	('hm', 'caro', '2024-05-10 00:00', '{"points": 0, "tier": "Member"}', null);
execute differ('hm');

--
-- Douglas: points are pending for 14 days
--
insert into example values
	('douglas', 'dirk', loyalty.purchase('2025-03-01 12:00', 40, ref => 1)),
	('douglas', 'dirk', loyalty.refund('2025-03-10 12:00', 20, ref => 1));
insert into example
	select 'douglas', 'ella', loyalty.activity(day, 'review') from generate_series(timestamptz '2025-03-20 12:00', '2025-04-01 12:00', '1 day') as day;
insert into answer values
	('douglas', 'dirk', '2025-03-01 12:00', '{"points": 0, "pending": 40}', null),
	('douglas', 'dirk', '2025-03-14 12:00', '{"points": 0, "pending": 20}', '40 - 20'),
	('douglas', 'dirk', '2025-03-15 11:59:59', '{"points": 0}', null),
	('douglas', 'dirk', '2025-03-15 12:00', '{"points": 20, "pending": 0}', null),
	('douglas', 'ella', '2025-03-31 12:00', '{"points": 50, "pending": 0}', '12 reviews, 10 of them count'),
	('douglas', 'ella', '2025-04-01 12:00', '{"points": 55}', 'a new month');
execute differ('douglas');

--
-- IKEA Family in Portugal: a table of amounts
--
set timezone = 'Europe/Lisbon';
insert into example values
	('ikea-family', 'fynn', loyalty.purchase('2025-03-01 12:00', 30, ref => 1)),
	('ikea-family', 'fynn', loyalty.purchase('2025-03-02 12:00', 30.01, ref => 2)),
	('ikea-family', 'fynn', loyalty.purchase('2025-03-03 12:00', 20, ref => 3)),
	('ikea-family', 'fynn', loyalty.purchase('2025-03-03 12:00', 40.50, ref => 3)),
	('ikea-family', 'fynn', loyalty.refund('2025-03-10 12:00', 0.50, ref => 3)),
	('ikea-family', 'fynn', loyalty.purchase('2025-04-01 12:00', 4000, ref => 4)),
	('ikea-family', 'fynn', loyalty.purchase('2025-04-02 12:00', 4500, ref => 5)),
	('ikea-family', 'fynn', loyalty.refund('2025-04-03 12:00', 4500, ref => 5));
insert into answer values
	('ikea-family', 'fynn', '2025-03-01 12:00', '{"points": 2}', 'up to 30'),
	('ikea-family', 'fynn', '2025-03-02 12:00', '{"points": 8}', '2 + 6'),
	('ikea-family', 'fynn', '2025-03-03 12:00', '{"points": 24}', '8 + 16: the lines of 60.50 together'),
	('ikea-family', 'fynn', '2025-03-10 12:00', '{"points": 14}', '60.00 remain: 6 of the 16'),
	('ikea-family', 'fynn', '2025-04-01 12:00', '{"points": 554}', '14 + 540'),
	('ikea-family', 'fynn', '2025-04-02 12:00', '{"points": 1634}', '554 + 1,080'),
	('ikea-family', 'fynn', '2025-04-03 12:00', '{"points": 554}', null);
execute differ('ikea-family');

-- how many answers were asked of each
select program, count(distinct member) as members, count(*) as answers from answer group by program order by program collate "C";
