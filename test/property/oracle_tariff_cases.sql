-- Worked cases of tariffs, computed by hand. Numbers that a tool publishes stand with their source: the numbers are theirs, the
-- history is ours. See oracle_ask.sql for how a case is written.

----------------------------------------------------------------------------------------------------------------------
-- Charges

call oracle.given('the example', 'ten cents for a thousand, then five; tens of GB, at least 5; 1,000 are included in team', 'Europe/Berlin',
 '{"plans": {"pro": [{"every": "1 month", "fee": 49, "until": "2026-07-01"}, {"every": "1 month", "fee": 55, "from": "2026-07-01"}, {"every": "1 year", "fee": 490}],
     "team": {"every": "1 month", "fee": 20, "price": 9, "included": 5, "meters": {"calls": {"included": 1000, "price": 0.01}}}},
   "meters": {"calls": {"tiers": [{"up_to": 1000, "price": 0.10}, {"price": 0.05}]}, "peak": {"meter": "gb", "of": "max", "size": 10, "price": 5, "minimum": 5}}}', '[]',
 '{"charge calls 1500": 125, "charge calls 1000": 100, "charge calls 1000.1": 100.01, "charge calls 0": 0, "charge calls -5": 0, "charge peak 0": 5, "charge peak 10": 5, "charge peak 10.000001": 10, "charge peak 31": 20,
   "charge calls 1500 plan=team": 5, "charge calls 1000 plan=team": 0, "charge calls 1500 plan=pro": null, "charge peak 10 plan=team": null, "charge gb 10": null, "charge sms 10": null}');
-- Stripe, "Set up tiered pricing": 1-5 at 7, 6-10 at 6.50, 11 and more at 6
call oracle.given('fonts by volume', '7, 35, 39, 120, 150', 'UTC', '{"meters": {"fonts": {"mode": "volume", "tiers": [{"up_to": 5, "price": 7}, {"up_to": 10, "price": 6.5}, {"price": 6}]}}}', '[]',
 '{"charge fonts 1": 7, "charge fonts 5": 35, "charge fonts 6": 39, "charge fonts 10": 65, "charge fonts 11": 66, "charge fonts 20": 120, "charge fonts 25": 150}');
call oracle.given('fonts graduated', '5 x 7 + 5 x 6.50 + the rest x 6', 'UTC', '{"meters": {"fonts": {"tiers": [{"up_to": 5, "price": 7}, {"up_to": 10, "price": 6.5}, {"price": 6}]}}}', '[]',
 '{"charge fonts 1": 7, "charge fonts 5": 35, "charge fonts 6": 41.5, "charge fonts 20": 127.5, "charge fonts 25": 157.5}');
-- Recurly, "Quantity-based pricing": 1.00 for the first 100 documents, then 0.50
call oracle.given('documents', '100 + 25', 'UTC', '{"meters": {"documents": {"mode": "graduated", "tiers": [{"up_to": 100, "price": 1}, {"price": 0.5}]}}}', '[]', '{"charge documents 150": 125}');
-- Zuplo, "Pricing models": 600 graduated, 150 by volume; Autumn, "Graduated pricing": 107
call oracle.given('15,000 calls', '100 + 450 + 50; 15,000 x 0.01; 10 + 72 + 25', 'UTC',
 '{"meters": {"graduated": {"tiers": [{"up_to": 1000, "price": 0.10}, {"up_to": 10000, "price": 0.05}, {"price": 0.01}]}, "volume": {"mode": "volume", "tiers": [{"up_to": 1000, "price": 0.10}, {"up_to": 10000, "price": 0.05}, {"price": 0.01}]},
   "autumn": {"tiers": [{"up_to": 1000, "price": 0.01}, {"up_to": 10000, "price": 0.008}, {"price": 0.005}]}}}', '[]',
 '{"charge graduated 15000": 600, "charge volume 15000": 150, "charge autumn 15000": 107}');
-- Lago, "Graduated percentage": 500 costs 205, 550 more cost 306, 4,000 more cost 80
call oracle.given('a percentage with fees by tier', '205; 205 + 306; 3 % is not reached at 5,050: + 80', 'UTC', '{"meters": {"money": {"tiers": [{"up_to": 1000, "price": 0.01, "flat": 200}, {"up_to": 10000, "price": 0.02, "flat": 300}, {"price": 0.03, "flat": 400}]}}}', '[]',
 '{"charge money 500": 205, "charge money 1050": 511, "charge money 5050": 591, "charge money 10000": 690, "charge money 10001": 1090.03, "charge money 0": 0}');
-- Solvimon, "Stairstep pricing": steps of 25, 20 and 15 that add up: 200 GB cost 45. Metrifox: one step alone, 10 or 40
call oracle.given('stairs', 'cumulative and not', 'UTC',
 '{"meters": {"gb": {"tiers": [{"up_to": 100, "flat": 25}, {"up_to": 1000, "flat": 20}, {"flat": 15}]}, "steps": {"mode": "volume", "tiers": [{"up_to": 100, "flat": 10}, {"up_to": 500, "flat": 40}, {"flat": 90}]}}}', '[]',
 '{"charge gb 100": 25, "charge gb 200": 45, "charge gb 1001": 60, "charge steps 100": 10, "charge steps 100.5": 40, "charge steps 500": 40, "charge steps 501": 90, "charge steps 0": 0}');
-- Chargebee, "Package pricing": 1.25 for each million begun
call oracle.given('packages', 'whole ones; none for nothing; what is included goes first; tiers count packages', 'UTC',
 '{"meters": {"tokens": {"size": 1000000, "price": 1.25}, "rest": {"included": 95, "size": 10, "price": 3}, "tiers": {"size": 10, "tiers": [{"up_to": 2, "price": 5}, {"price": 1}]}}}', '[]',
 '{"charge tokens 1000000": 1.25, "charge tokens 10": 1.25, "charge tokens 1500000": 2.5, "charge tokens 0": 0, "charge rest 95": 0, "charge rest 96": 3, "charge rest 106": 6, "charge tiers 20": 10, "charge tiers 20.1": 11, "charge tiers 41": 13}');
call oracle.given('at least, at most', 'after the rest', 'UTC', '{"meters": {"a": {"price": 2, "minimum": 10, "maximum": 100}, "b": {"included": 50, "price": 2, "minimum": 10}}}', '[]',
 '{"charge a 0": 10, "charge a -3": 10, "charge a 5": 10, "charge a 5.5": 11, "charge a 60": 100, "charge b 40": 10, "charge b 56": 12}');
call oracle.given('half up', 'once, of the whole: 0.333333 x 3 = 0.999999', 'UTC', '{"meters": {"a": {"price": 0.005}, "b": {"price": 0.333333}}}', '[]', '{"charge a 1": 0.01, "charge a 0.9": 0, "charge a 3": 0.02, "charge b 3": 1}');
call oracle.given('down', '', 'UTC', '{"round": "down", "meters": {"a": {"price": 0.005}, "b": {"price": 0.333333}}}', '[]', '{"charge a 1": 0, "charge a 3": 0.01, "charge b 3": 0.99}');
call oracle.given('up', '', 'UTC', '{"round": "up", "decimals": 1, "meters": {"a": {"price": 0.005}, "b": {"price": 0.1}}}', '[]', '{"charge a 1": 0.1, "charge a 20": 0.1, "charge a 20.001": 0.2, "charge b 3": 0.3}');
call oracle.given('not rounded', 'six decimals, half up', 'UTC', '{"round": "none", "meters": {"a": {"price": 0.000001}, "b": {"price": 0.333333}}}', '[]', '{"charge a 0.5": 0.000001, "charge a 0.49": 0, "charge b 0.5": 0.166667}');
call oracle.given('whole euros', '', 'UTC', '{"decimals": 0, "meters": {"a": {"price": 0.5}}}', '[]', '{"charge a 1": 1, "charge a 0.999999": 0, "charge a 4": 2}');
call oracle.given('dated entries', 'local dates; a gap has none', 'Europe/Berlin', '{"meters": {"a": [{"price": 1, "until": "2026-03-01"}, {"price": 2, "from": "2026-04-01"}]}, "plans": {"p": [{"every": "1 month", "meters": {"a": {"price": 3, "until": "2026-02-01"}}}, {"every": "1 year", "meters": {"a": {"price": 4}}}]}}', '[]',
 '{"charge a 1 at=2026-02-28T23:59": 1, "charge a 1 at=2026-03-01": null, "charge a 1 at=2026-03-31T23:59": null, "charge a 1 at=2026-04-01": 2, "charge a 1 plan=p at=2026-01-31": 3, "charge a 1 plan=p at=2026-02-01": 4}');

----------------------------------------------------------------------------------------------------------------------
-- Fees and credits

call oracle.given('a dearer plan', '20 x 21 / 31 back, 40 x 21 / 31', 'UTC', '{}', '[["2024-05-01", 20, {"ref": "1"}], ["2024-05-11", 40, {"ref": "1"}]]',
 '{"bill 2024-05-01 2024-06-01": [["credit", null, "2024-05-11", "2024-06-01", 1, -13.55, null, "1"], ["fee", null, "2024-05-01", "2024-06-01", 1, 20, null, "1"], ["fee", null, "2024-05-11", "2024-06-01", 1, 27.10, null, "1"]],
   "billed 2024-05-01 2024-06-01": 33.55, "bill 2024-05-02 2024-05-11": [], "billed 2024-05-02 2024-05-11": 0, "bill 2024-06-01 2024-07-01": [["fee", null, "2024-06-01", "2024-07-01", 1, 40]], "billed 2024-05-01 2024-07-02": 113.55}');
-- Kill Bill's catalogue: 24.95 a month on the calendar
call oracle.given('nine days', '24.95 x 9 / 31', 'UTC', '{"align": "calendar"}', '[["2024-01-23", 24.95, {"plan": "standard"}]]',
 '{"bill 2024-01-01 2024-02-01": [["fee", "standard", "2024-01-23", "2024-02-01", 1, 7.24, "standard", null]], "bill 2024-02-01 2024-04-01": [["fee", "standard", "2024-02-01", "2024-03-01", 1, 24.95], ["fee", "standard", "2024-03-01", "2024-04-01", 1, 24.95]]}');
-- Stripe, "Prorations": from 10 to 20 half way, -5 and +10
call oracle.given('half way', '15 of 30 days', 'UTC', '{"prorate": "second"}', '[["2024-06-01", 10, {"ref": "1"}], ["2024-06-16", 20, {"ref": "1"}]]',
 '{"bill 2024-06-02 2024-07-01": [["credit", null, "2024-06-16", "2024-07-01", 1, -5], ["fee", null, "2024-06-16", "2024-07-01", 1, 10]]}');
-- Two invoices of Stripe (test accounts, seen in public): 10.00 a month given back 881,112 of 2,419,200 seconds before its end,
-- 3.64, and 2,673,936 of 2,678,400 before, 9.98
call oracle.given('by the second', '10 x 881112 / 2419200; the new term is another one: a whole fee', 'UTC', '{"prorate": "second"}', '[["2017-02-14", 10, {"ref": "1"}], ["2017-03-03 19:14:48", 100, {"ref": "1", "every": "1 year"}]]',
 '{"bill 2017-03-01 2017-04-01": [["credit", null, "2017-03-03 19:14:48", "2017-03-14", 1, -3.64], ["fee", null, "2017-03-03 19:14:48", "2018-03-03 19:14:48", 1, 100]], "billed 2017-03-01 2017-04-01": 96.36}');
call oracle.given('by the second, early', '10 x 2673936 / 2678400; by day the same day gives all back', 'UTC', '{"prorate": "second"}', '[["2018-05-16 14:56:59", 10, {"ref": "1"}], ["2018-05-16 16:11:23", 60, {"ref": "1"}]]',
 '{"bill 2018-05-16T15:00 2018-05-17": [["credit", null, "2018-05-16 16:11:23", "2018-06-16 14:56:59", 1, -9.98], ["fee", null, "2018-05-16 16:11:23", "2018-06-16 14:56:59", 1, 59.9]]}');
-- Chargebee, "Proration": 60 a month, after 20 of 30 days 30; three units of 30, after 10 of 30 days two
call oracle.given('cheaper', '20 back, 10', 'UTC', '{}', '[["2012-04-01", 60, {"ref": "1"}], ["2012-04-21", 30, {"ref": "1"}]]', '{"bill 2012-04-02 2012-05-01": [["credit", null, "2012-04-21", "2012-05-01", 1, -20], ["fee", null, "2012-04-21", "2012-05-01", 1, 10]]}');
call oracle.given('fewer', '60 back, 40', 'UTC', '{"plans": {"seat": {"every": "1 month", "price": 30}}}', '[["2013-04-01", 1, {"ref": "1", "plan": "seat", "quantity": 3}], ["2013-04-11", 1, {"ref": "1", "plan": "seat", "quantity": 2}]]',
 '{"bill 2013-04-01 2013-05-01": [["credit", "seat", "2013-04-11", "2013-05-01", 3, -60], ["fee", "seat", "2013-04-01", "2013-05-01", 3, 90], ["fee", "seat", "2013-04-11", "2013-05-01", 2, 40]], "bill 2013-05-01 2013-06-01": [["fee", "seat", "2013-05-01", "2013-06-01", 2, 60]]}');
-- Baremetrics, "Proration charge fixes": from 12 to 24 after one of four weeks: 9 back, 18
call oracle.given('after a week', '21 of 28 days', 'UTC', '{}', '[["2023-02-01", 12, {"ref": "1"}], ["2023-02-08", 24, {"ref": "1"}]]', '{"bill 2023-02-02 2023-03-01": [["credit", null, "2023-02-08", "2023-03-01", 1, -9], ["fee", null, "2023-02-08", "2023-03-01", 1, 18]]}');
call oracle.given('a month to a year', '24 of 30 days of 8.99 back, the year from then', 'UTC', '{}', '[["2024-01-05", 0, {"ref": "1", "until": "2024-02-04"}], ["2024-02-04", 8.99, {"ref": "1"}], ["2024-06-10", 89.90, {"ref": "1", "every": "12 months"}]]',
 '{"bill 2024-06-01 2024-07-10": [["credit", null, "2024-06-10", "2024-07-04", 1, -7.19], ["fee", null, "2024-06-04", "2024-07-04", 1, 8.99], ["fee", null, "2024-06-10", "2025-06-10", 1, 89.9]], "bill 2024-01-01 2024-02-04": []}');

call oracle.given('cancelled, change', 'nothing follows: nothing back, though the end was known when the term began', 'UTC', '{}', '[["2024-04-01", 30, {"until": "2024-04-16"}], ["2024-04-01", 60, {"ref": "1"}], ["2024-04-16", 60, {"ref": "1", "until": "2024-04-16"}]]',
 '{"bill 2024-04-01 2024-07-01": [["fee", null, "2024-04-01", "2024-05-01", 1, 60, null, "1"], ["fee", null, "2024-04-01", "2024-05-01", 1, 30, null, null]]}');
call oracle.given('without ref nothing follows', 'one ends when another begins', 'UTC', '{}', '[["2024-04-01", 30, {"until": "2024-04-16"}], ["2024-04-16", 60]]', '{"bill 2024-04-01 2024-05-01": [["fee", null, "2024-04-01", "2024-05-01", 1, 30], ["fee", null, "2024-04-16", "2024-05-16", 1, 60]]}');
call oracle.given('cancelled, always', '15 of 30 days of each', 'UTC', '{"credit": "always"}', '[["2024-04-01", 30, {"until": "2024-04-16"}], ["2024-04-01", 60, {"ref": "1"}], ["2024-04-16", 60, {"ref": "1", "until": "2024-04-16"}]]',
 '{"bill 2024-04-02 2024-07-01": [["credit", null, "2024-04-16", "2024-05-01", 1, -30, null, "1"], ["credit", null, "2024-04-16", "2024-05-01", 1, -15, null, null]]}');
call oracle.given('dearer, never', 'the part is charged, nothing comes back', 'UTC', '{"credit": "never"}', '[["2024-05-01", 20, {"ref": "1"}], ["2024-05-11", 40, {"ref": "1"}]]', '{"bill 2024-05-02 2024-06-01": [["fee", null, "2024-05-11", "2024-06-01", 1, 27.10]]}');
call oracle.given('dearer, none', 'a part has no row, and nothing comes back, though always', 'UTC', '{"prorate": "none", "credit": "always"}', '[["2024-05-01", 20, {"ref": "1"}], ["2024-05-11", 40, {"ref": "1"}]]',
 '{"bill 2024-05-01 2024-06-02": [["fee", null, "2024-05-01", "2024-06-01", 1, 20], ["fee", null, "2024-06-01", "2024-07-01", 1, 40]]}');
call oracle.given('ended at the end of a term', 'nothing to give back', 'UTC', '{"credit": "always"}', '[["2024-04-10", 30, {"until": "2024-06-10"}]]', '{"bill 2024-04-01 2024-07-01": [["fee", null, "2024-04-10", "2024-05-10", 1, 30], ["fee", null, "2024-05-10", "2024-06-10", 1, 30]]}');
call oracle.given('paused', 'a free segment follows: 20 x 10 / 31 back; then anew', 'UTC', '{}', '[["2024-01-01", 20, {"ref": "1"}], ["2024-01-22", 0, {"ref": "1"}], ["2024-03-10", 20, {"ref": "1"}]]',
 '{"bill 2024-01-02 2024-04-01": [["credit", null, "2024-01-22", "2024-02-01", 1, -6.45], ["fee", null, "2024-03-10", "2024-04-10", 1, 20]]}');
call oracle.given('what goes on does not follow', 'one of two lines ends: under change nothing back', 'UTC', '{}', '[["2024-04-01", 30, {"ref": "1", "plan": "a", "until": "2024-04-16"}], ["2024-04-01", 5, {"ref": "1", "plan": "b"}]]',
 '{"bill 2024-04-01 2024-05-01": [["fee", "a", "2024-04-01", "2024-05-01", 1, 30], ["fee", "b", "2024-04-01", "2024-05-01", 1, 5]]}');
call oracle.given('a discount', 'charged below 0 from its own anchor, taken back above', 'UTC', '{}', '[["2024-06-01", 30, {"ref": "1", "plan": "a"}], ["2024-06-11", 30, {"ref": "1", "plan": "a"}], ["2024-06-11", -10, {"ref": "1", "plan": "d"}], ["2024-06-21", 30, {"ref": "1", "plan": "a"}]]',
 '{"bill 2024-06-01 2024-07-01": [["credit", "a", "2024-06-11", "2024-07-01", 1, -20], ["credit", "a", "2024-06-21", "2024-07-01", 1, -10], ["credit", "d", "2024-06-21", "2024-07-11", 1, 6.67], ["fee", "a", "2024-06-01", "2024-07-01", 1, 30],
     ["fee", "a", "2024-06-11", "2024-07-01", 1, 20], ["fee", "d", "2024-06-11", "2024-07-11", 1, -10], ["fee", "a", "2024-06-21", "2024-07-01", 1, 10]]}');
call oracle.given('rounded on the magnitude', 'down: -13.54 and 27.09', 'UTC', '{"round": "down"}', '[["2024-05-01", 20, {"ref": "1"}], ["2024-05-11", 40, {"ref": "1"}]]', '{"bill 2024-05-02 2024-06-01": [["credit", null, "2024-05-11", "2024-06-01", 1, -13.54], ["fee", null, "2024-05-11", "2024-06-01", 1, 27.09]]}');
call oracle.given('days are local', '15 of 31, though clocks change', 'Europe/Berlin', '{}', '[["2024-03-15 10:00", 31, {"ref": "1"}], ["2024-03-31 23:30", 62, {"ref": "1"}]]',
 '{"bill 2024-03-16 2024-04-15": [["credit", null, "2024-03-31 23:30", "2024-04-15 10:00", 1, -15], ["fee", null, "2024-03-31 23:30", "2024-04-15 10:00", 1, 30]]}');
call oracle.given('seconds are not', '31 x 1247400 / 2674800', 'Europe/Berlin', '{"prorate": "second"}', '[["2024-03-15 10:00", 31, {"ref": "1"}], ["2024-03-31 23:30", 62, {"ref": "1"}]]',
 '{"bill 2024-03-16 2024-04-15": [["credit", null, "2024-03-31 23:30", "2024-04-15 10:00", 1, -14.46], ["fee", null, "2024-03-31 23:30", "2024-04-15 10:00", 1, 28.91]]}');
call oracle.given('the first day', 'a change later that day: all back, all charged', 'Europe/Berlin', '{}', '[["2024-03-15 10:00", 31, {"ref": "1"}], ["2024-03-15 18:00", 62, {"ref": "1"}]]',
 '{"bill 2024-03-15 2024-04-15": [["credit", null, "2024-03-15 18:00", "2024-04-15 10:00", 1, -31], ["fee", null, "2024-03-15 10:00", "2024-04-15 10:00", 1, 31], ["fee", null, "2024-03-15 18:00", "2024-04-15 10:00", 1, 62]]}');
call oracle.given('the last day', 'a change before the renewal of that day: no part of a day is left', 'Europe/Berlin', '{}', '[["2024-03-15 10:00", 31, {"ref": "1"}], ["2024-04-15 09:00", 62, {"ref": "1"}]]',
 '{"bill 2024-03-16 2024-05-01": [["fee", null, "2024-04-15 10:00", "2024-05-15 10:00", 1, 62]]}');
call oracle.given('a change on the renewal', 'no credit, the whole', 'UTC', '{}', '[["2024-01-31", 31, {"ref": "1"}], ["2024-02-29", 62, {"ref": "1"}]]', '{"bill 2024-02-01 2024-04-01": [["fee", null, "2024-02-29", "2024-03-31", 1, 62], ["fee", null, "2024-03-31", "2024-04-30", 1, 62]]}');
call oracle.given('grace', 'a term that begins while the segment lasts is charged', 'UTC', '{}', '[["2024-01-10", 15, {"ref": "1", "until": "2024-02-17"}]]', '{"bill 2024-01-01 2024-04-01": [["fee", null, "2024-01-10", "2024-02-10", 1, 15], ["fee", null, "2024-02-10", "2024-03-10", 1, 15]]}');
call oracle.given('never in force', 'a cancelling line costs nothing', 'UTC', '{}', '[["2024-01-10", 15, {"until": "2024-01-10"}]]', '{"bill 2024-01-01 2024-04-01": []}');
call oracle.given('calendar quarters and years', '91 days from 04-01 to 07-01; 366 in 2024; five months are not of the calendar', 'Europe/Berlin', '{"align": "calendar"}',
 '[["2024-05-01", 91, {"plan": "q", "every": "3 months", "until": "2024-07-02"}], ["2024-07-01", 366, {"plan": "y", "every": "12 months"}], ["2024-05-10", 50, {"plan": "5", "every": "5 months"}], ["2024-05-08", 7, {"plan": "w", "every": "7 days", "until": "2024-05-16"}]]',
 '{"bill 2024-05-01 2025-02-01": [["fee", "q", "2024-05-01", "2024-07-01", 1, 61], ["fee", "w", "2024-05-08", "2024-05-15", 1, 7], ["fee", "5", "2024-05-10", "2024-10-10", 1, 50], ["fee", "w", "2024-05-15", "2024-05-22", 1, 7],
     ["fee", "q", "2024-07-01", "2024-10-01", 1, 91], ["fee", "y", "2024-07-01", "2025-01-01", 1, 184], ["fee", "5", "2024-10-10", "2025-03-10", 1, 50], ["fee", "y", "2025-01-01", "2026-01-01", 1, 366]]}');
call oracle.given('calendar, a change', 'from a plan to a dearer one on the 11th: 21 of 31 days', 'Europe/Berlin', '{"align": "calendar"}', '[["2024-04-20", 30, {"ref": "1"}], ["2024-05-11", 60, {"ref": "1"}]]',
 '{"bill 2024-04-01 2024-06-01": [["credit", null, "2024-05-11", "2024-06-01", 1, -20.32], ["fee", null, "2024-04-20", "2024-05-01", 1, 11], ["fee", null, "2024-05-01", "2024-06-01", 1, 30], ["fee", null, "2024-05-11", "2024-06-01", 1, 40.65]]}');

----------------------------------------------------------------------------------------------------------------------
-- Repriced

call oracle.given('a price that rises', '49, from the first renewal in July 55; the renewal day stays', 'Europe/Berlin',
 '{"plans": {"pro": [{"every": "1 month", "fee": 49, "until": "2026-07-01"}, {"every": "1 month", "fee": 55, "from": "2026-07-01"}, {"every": "1 year", "fee": 490}]}}',
 '[["2026-05-15", 45, {"ref": "1", "plan": "pro", "quantity": 3, "tags": ["web"]}], ["2026-01-01", 400, {"plan": "pro", "every": "1 year"}], ["2026-05-15", 5, {"plan": "other"}], ["2026-05-15", 120, {"plan": "pro", "every": "3 months"}], ["2026-05-15", 0, {"plan": "pro"}]]',
 '{"reprice": [["2026-01-01", 490, "1 year", null, "pro"], ["2026-05-15", 5, "1 mon", null, "other"], ["2026-05-15", 0, "1 mon", null, "pro"], ["2026-05-15", 49, "1 mon", null, "pro", 3, ["web"], "1"], ["2026-05-15", 120, "3 mons", null, "pro"],
     ["2026-07-15", 55, "1 mon", null, "pro", 3, ["web"], "1"]]}');
call oracle.given('cut in two', 'without ref', 'Europe/Berlin', '{"plans": {"pro": [{"every": "1 month", "fee": 49, "until": "2026-07-01"}, {"every": "1 month", "fee": 55, "from": "2026-07-01"}]}}', '[["2026-05-15", 45, {"plan": "pro", "until": "2026-12-15"}], ["2026-06-15", 45, {"plan": "pro", "until": "2026-07-15"}]]',
 '{"reprice": [["2026-05-15", 49, "1 mon", "2026-07-15", "pro"], ["2026-06-15", 49, "1 mon", "2026-07-15", "pro"], ["2026-07-15", 55, "1 mon", "2026-12-15", "pro"]], "billed 2026-05-15 2027-01-01": 422}');
call oracle.given('the state is restated', 'the discount and the add-on with it; what has ended is not; what was never in force is priced at its start', 'UTC', '{"plans": {"pro": [{"every": "1 month", "fee": 49, "until": "2026-07-01"}, {"every": "1 month", "fee": 55, "from": "2026-07-01"}]}}',
 '[["2026-05-15", 45, {"ref": "1", "plan": "pro"}], ["2026-05-15", -5, {"ref": "1", "plan": "pro", "until": "2026-09-01"}], ["2026-05-15", 7, {"ref": "1", "plan": "sms", "every": "1 year"}], ["2026-05-15", 1, {"ref": "1", "plan": "gone", "until": "2026-06-01"}], ["2026-08-01", 45, {"ref": "1", "plan": "pro", "until": "2026-08-01"}]]',
 '{"reprice": [["2026-05-15", 1, "1 mon", "2026-06-01", "gone"], ["2026-05-15", -5, "1 mon", "2026-09-01", "pro"], ["2026-05-15", 49, "1 mon", null, "pro"], ["2026-05-15", 7, "1 year", null, "sms"],
     ["2026-07-15", -5, "1 mon", "2026-09-01", "pro"], ["2026-07-15", 55, "1 mon", null, "pro"], ["2026-07-15", 7, "1 year", null, "sms"], ["2026-08-01", 55, "1 mon", "2026-08-01", "pro"]],
   "bill 2026-07-01 2026-08-01": [["credit", "sms", "2026-07-15", "2027-05-15", 1, -5.83], ["fee", "pro", "2026-07-15", "2026-08-15", 1, -5], ["fee", "pro", "2026-07-15", "2026-08-15", 1, 55], ["fee", "sms", "2026-07-15", "2027-05-15", 1, 5.83]]}');
call oracle.given('another line''s renewal', 'in July a monthly and a yearly line of one ref would cost more: each from its own renewal on', 'UTC', '{"plans": {"pro": [{"every": "1 month", "fee": 49, "until": "2026-07-01"}, {"every": "1 month", "fee": 55, "from": "2026-07-01"}], "sms": [{"every": "1 year", "fee": 12, "until": "2026-07-01"}, {"every": "1 year", "fee": 24, "from": "2026-07-01"}]}}',
 '[["2025-08-15", 45, {"ref": "1", "plan": "pro"}], ["2025-08-15", 10, {"ref": "1", "plan": "sms", "every": "1 year"}]]',
 '{"reprice": [["2025-08-15", 49, "1 mon", null, "pro"], ["2025-08-15", 12, "1 year", null, "sms"], ["2026-07-15", 55, "1 mon", null, "pro"], ["2026-07-15", 12, "1 year", null, "sms"], ["2026-08-15", 55, "1 mon", null, "pro"], ["2026-08-15", 24, "1 year", null, "sms"]]}');
call oracle.given('seats', '20 + 9 x what exceeds 5, rounded once; tiers of seats', 'UTC', '{"plans": {"team": {"every": "1 month", "fee": 20, "price": 9, "included": 5}, "third": {"every": "1 month", "fee": 0.005, "price": 0.005}, "tiers": {"every": "1 month", "mode": "volume", "tiers": [{"up_to": 5, "price": 7}, {"price": 6.5, "flat": 1}]}}}',
 '[["2026-01-01", 1, {"plan": "team", "quantity": 8}], ["2026-01-02", 1, {"plan": "team", "quantity": 3}], ["2026-01-03", 1, {"plan": "third"}], ["2026-01-04", 1, {"plan": "tiers", "quantity": 6}], ["2026-01-05", 1, {"plan": "tiers", "quantity": 0}]]',
 '{"reprice": [["2026-01-01", 47], ["2026-01-02", 20], ["2026-01-03", 0.01], ["2026-01-04", 40], ["2026-01-05", 0]]}');
call oracle.given('a gap', 'before the first entry and between two the amount is the history''s own', 'UTC', '{"plans": {"pro": [{"every": "1 month", "fee": 10, "from": "2026-02-01", "until": "2026-04-01"}, {"every": "1 month", "fee": 20, "from": "2026-06-01"}]}}', '[["2026-01-15", 45, {"ref": "1", "plan": "pro"}]]',
 '{"reprice": [["2026-01-15", 45], ["2026-02-15", 10], ["2026-04-15", 45], ["2026-06-15", 20]]}');
call oracle.given('a price that comes and goes between renewals', 'is not seen', 'UTC', '{"plans": {"pro": [{"every": "1 month", "fee": 10, "until": "2026-02-16"}, {"every": "1 month", "fee": 99, "from": "2026-02-16", "until": "2026-03-15"}, {"every": "1 month", "fee": 10, "from": "2026-03-15"}]}}', '[["2026-01-15", 45, {"ref": "1", "plan": "pro"}]]', '{"reprice": [["2026-01-15", 10]]}');
call oracle.given('nothing until July', 'then 49 from the renewal on; MRR follows', 'UTC', '{"plans": {"pro": [{"every": "1 month", "fee": 0, "until": "2026-07-01"}, {"every": "1 month", "fee": 49, "from": "2026-07-01"}]}}', '[["2026-05-31", 45, {"ref": "1", "plan": "pro"}]]',
 '{"reprice": [["2026-05-31", 0], ["2026-07-31", 49]], "bill 2026-05-01 2026-10-01": [["fee", "pro", "2026-07-31", "2026-08-31", 1, 49], ["fee", "pro", "2026-08-31", "2026-09-30", 1, 49], ["fee", "pro", "2026-09-30", "2026-10-31", 1, 49]]}');
call oracle.given('nothing until the middle of June', 'it rises from 0 on the last of June, and from then on is charged on the 30th', 'UTC', '{"plans": {"pro": [{"every": "1 month", "fee": 0, "until": "2026-06-15"}, {"every": "1 month", "fee": 49, "from": "2026-06-15", "until": "2026-08-10"}, {"every": "1 month", "fee": 55, "from": "2026-08-10"}]}}', '[["2026-05-31", 45, {"ref": "1", "plan": "pro"}]]',
 '{"reprice": [["2026-05-31", 0], ["2026-06-30", 49], ["2026-08-30", 55]], "billed 2026-05-01 2026-10-01": 208}');
call oracle.given('month ends, with ref', 'the anchor stays on the 31st', 'UTC', '{"plans": {"pro": [{"every": "1 month", "fee": 49, "until": "2026-02-10"}, {"every": "1 month", "fee": 55, "from": "2026-02-10", "until": "2026-07-01"}, {"every": "1 month", "fee": 60, "from": "2026-07-01"}]}}', '[["2026-01-31", 45, {"ref": "1", "plan": "pro"}]]',
 '{"reprice": [["2026-01-31", 49], ["2026-02-28", 55], ["2026-07-31", 60]], "billed 2026-01-01 2026-09-01": 444}');
call oracle.given('month ends, without', 'a piece is its own anchor, the 28th: each month is charged once', 'UTC', '{"plans": {"pro": [{"every": "1 month", "fee": 49, "until": "2026-02-10"}, {"every": "1 month", "fee": 55, "from": "2026-02-10", "until": "2026-07-01"}, {"every": "1 month", "fee": 60, "from": "2026-07-01"}]}}', '[["2026-01-31", 45, {"plan": "pro"}]]',
 '{"reprice": [["2026-01-31", 49, "1 mon", "2026-02-28"], ["2026-02-28", 55, "1 mon", "2026-07-28"], ["2026-07-28", 60, "1 mon", null]], "billed 2026-01-01 2026-09-01": 444}');
call oracle.given('nothing in between, without ref', 'what costs nothing has no renewal day of its own: the price is looked at on the last of each month, as before', 'UTC', '{"plans": {"pro": [{"every": "1 month", "fee": 49, "until": "2024-02-01"}, {"every": "1 month", "fee": 0, "from": "2024-02-01", "until": "2024-10-27"}, {"every": "1 month", "fee": 33, "from": "2024-10-27"}]}}', '[["2023-12-31", 45, {"plan": "pro"}]]',
 '{"reprice": [["2023-12-31", 49, "1 mon", "2024-02-29"], ["2024-02-29", 0, "1 mon", "2024-10-31"], ["2024-10-31", 33, "1 mon", null]]}');
call oracle.given('from nothing, beside a line that ends', 'a paid line of its ref is in force right up to then: its renewal day, the last of the month, is taken over', 'UTC', '{"plans": {"a": [{"every": "1 month", "fee": 0, "until": "2024-02-10"}, {"every": "1 month", "fee": 5, "from": "2024-07-01"}]}}',
 '[["2024-01-31", 20, {"ref": "1", "plan": "a"}], ["2024-01-31", 10, {"ref": "1", "plan": "B", "until": "2024-02-29"}]]',
 '{"reprice": [["2024-01-31", 10, "1 mon", "2024-02-29", "B"], ["2024-01-31", 0, "1 mon", null, "a"], ["2024-02-29", 20, "1 mon", null, "a"], ["2024-07-31", 5, "1 mon", null, "a"]]}');
call oracle.given('prices on the calendar', 'the term of July begins on the first', 'Europe/Berlin', '{"align": "calendar", "plans": {"pro": [{"every": "1 month", "fee": 49, "until": "2026-07-01"}, {"every": "1 month", "fee": 55, "from": "2026-07-01"}]}}', '[["2026-05-15", 45, {"ref": "1", "plan": "pro"}]]',
 '{"reprice": [["2026-05-15", 49], ["2026-07-01", 55]], "bill 2026-05-01 2026-08-01": [["fee", "pro", "2026-05-15", "2026-06-01", 1, 26.87], ["fee", "pro", "2026-06-01", "2026-07-01", 1, 49], ["fee", "pro", "2026-07-01", "2026-08-01", 1, 55]]}');

----------------------------------------------------------------------------------------------------------------------
-- Usage

call oracle.given('by the plan held then', 'before, in and after team; a trial holds it too', 'UTC',
 '{"plans": {"team": {"every": "1 month", "fee": 20, "meters": {"calls": {"included": 100, "price": 0.01}}}}, "meters": {"calls": {"price": 0.10}}}',
 '[["2026-01-10", 0, {"ref": "1", "plan": "team"}], ["2026-01-20", 20, {"ref": "1", "plan": "team", "until": "2026-01-25"}], ["2026-01-09 23:59", "calls", 10], ["2026-01-10", "calls", 120], ["2026-01-24", "calls", 30], ["2026-01-25", "calls", 1]]',
 '{"bill 2026-01-01 2026-02-01": [["fee", "team", "2026-01-20", "2026-02-20", 1, 20], ["usage", "calls", "2026-01-01", "2026-02-01", 150, 0.5, "team", null], ["usage", "calls", "2026-01-01", "2026-02-01", 11, 1.1, null, null]],
   "billed 2026-01-01 2026-01-25": 21.5, "bill 2026-01-25 2026-02-01": [["usage", "calls", "2026-01-25", "2026-02-01", 1, 0.1, null]]}');
call oracle.given('a discount holds no plan', '', 'UTC', '{"plans": {"a": {"every": "1 month", "meters": {"calls": {"price": 1}}}}, "meters": {"calls": {"price": 9}}}', '[["2026-01-01", -5, {"plan": "a"}], ["2026-01-05", "calls", 1]]', '{"billed 2026-01-02 2026-02-01": 9}');
call oracle.given('the first by name', 'A before a before b, bytewise; a plan whose entry does not price the meter is passed over', 'UTC',
 '{"plans": {"a": {"every": "1 month", "meters": {"calls": {"price": 1}}}, "B": {"every": "1 month", "meters": {"calls": {"price": 2}}}, "A": {"every": "1 month", "fee": 1, "meters": {"gb": {"price": 5}}}}, "meters": {"gb": {"price": 7}}}',
 '[["2026-01-01", 0, {"plan": "a"}], ["2026-01-02", 0, {"plan": "B"}], ["2026-01-02", 0, {"plan": "A"}], ["2026-01-03", -1, {"plan": "0"}], ["2026-01-01", "calls", 1], ["2026-01-05", "calls", 1], ["2026-01-05", "gb", 1], ["2026-01-01", "gb", 1]]',
 '{"bill 2026-01-01 2026-01-03": [["usage", "calls", "2026-01-01", "2026-01-03", 1, 1, "a"], ["usage", "gb", "2026-01-01", "2026-01-03", 1, 7, null]], "bill 2026-01-03 2026-02-01": [["fee", "0", "2026-01-03", "2026-02-03", 1, -1], ["usage", "calls", "2026-01-03", "2026-02-01", 1, 2, "B"], ["usage", "gb", "2026-01-03", "2026-02-01", 1, 5, "A"]]}');
call oracle.given('the entry of its term', 'monthly and yearly holders: a row each; another term is no entry', 'UTC',
 '{"plans": {"a": [{"every": "1 month", "meters": {"calls": {"price": 1}}}, {"every": "1 year", "meters": {"calls": {"price": 2}}}]}, "meters": {"calls": {"price": 9}}}',
 '[["2026-01-01", 0, {"plan": "a", "ref": "1"}], ["2026-01-10", 0, {"plan": "a", "every": "1 year", "ref": "1"}], ["2026-01-20", 0, {"plan": "a", "every": "3 months", "ref": "1"}], ["2026-01-05", "calls", 1], ["2026-01-15", "calls", 1], ["2026-01-25", "calls", 1]]',
 '{"bill 2026-01-01 2026-02-01": [["usage", "calls", "2026-01-01", "2026-02-01", 1, 1, "a"], ["usage", "calls", "2026-01-01", "2026-02-01", 1, 2, "a"], ["usage", "calls", "2026-01-01", "2026-02-01", 1, 9, null]]}');
call oracle.given('all matching entries count', 'money and its fee per event, peak, last, users', 'UTC',
 '{"meters": {"card": {"price": 0.014, "included": 0}, "card fee": {"meter": "card", "of": "count", "price": 0.25}, "peak": {"meter": "card", "of": "max", "price": 1}, "last": {"meter": "card", "of": "latest", "price": 1}, "users": {"meter": "card", "of": "unique", "price": 1}}}',
 '[["2026-01-01", "card", 100, {"ref": "a"}], ["2026-01-02", "card", 300, {"ref": "b"}], ["2026-01-03", "card", -50, {"ref": "a"}], ["2026-01-03", "card", 20]]',
 '{"bill 2026-01-01 2026-02-01": [["usage", "card", "2026-01-01", "2026-02-01", 370, 5.18], ["usage", "card fee", "2026-01-01", "2026-02-01", 4, 1], ["usage", "last", "2026-01-01", "2026-02-01", 20, 20], ["usage", "peak", "2026-01-01", "2026-02-01", 300, 300], ["usage", "users", "2026-01-01", "2026-02-01", 2, 2]],
   "bill 2026-01-03 2026-01-03T00:00:01": [["usage", "card", "2026-01-03", "2026-01-03 00:00:01", -30, 0], ["usage", "card fee", "2026-01-03", "2026-01-03 00:00:01", 2, 0.5], ["usage", "last", "2026-01-03", "2026-01-03 00:00:01", 20, 20], ["usage", "peak", "2026-01-03", "2026-01-03 00:00:01", 20, 20], ["usage", "users", "2026-01-03", "2026-01-03 00:00:01", 1, 1]]}');
call oracle.given('the latest of one instant', 'numbers by value, then texts, none last; then the greater quantity', 'UTC', '{"meters": {"seats": {"of": "latest", "price": 1}}}',
 '[["2026-01-01", "seats", 1, {"ref": "10"}], ["2026-01-01", "seats", 2, {"ref": "9"}], ["2026-01-02", "seats", 3, {"ref": "b"}], ["2026-01-02", "seats", 4, {"ref": "10"}], ["2026-01-03", "seats", 5], ["2026-01-03", "seats", 6, {"ref": "z"}], ["2026-01-04", "seats", 8], ["2026-01-04", "seats", 7]]',
 '{"billed 2026-01-01 2026-01-02": 1, "billed 2026-01-01 2026-01-03": 3, "billed 2026-01-01 2026-01-04": 5, "billed 2026-01-01 2026-01-05": 8}');
call oracle.given('where', 'of the level that prices the meter; what no entry wants is counted nowhere', 'UTC',
 '{"plans": {"a": {"every": "1 month", "meters": {"calls": {"where": {"any": ["eu"]}, "price": 1}}}}, "meters": {"calls": {"where": {"none": ["free"]}, "price": 10}, "eu calls": {"meter": "calls", "where": {"all": ["eu", "night"]}, "price": 100}}}',
 '[["2026-01-10", 0, {"plan": "a"}], ["2026-01-01", "calls", 1], ["2026-01-01", "calls", 2, {"tags": ["free"]}], ["2026-01-01", "calls", 4, {"tags": ["night", "eu"]}], ["2026-01-11", "calls", 8, {"tags": ["eu"]}], ["2026-01-11", "calls", 16, {"tags": ["us"]}]]',
 '{"bill 2026-01-01 2026-01-10": [["usage", "calls", "2026-01-01", "2026-01-10", 5, 50], ["usage", "eu calls", "2026-01-01", "2026-01-10", 4, 400]], "bill 2026-01-10 2026-02-01": [["usage", "calls", "2026-01-10", "2026-02-01", 8, 8, "a"]]}');
call oracle.given('nothing prices it', 'a row without amount; in a gap too', 'UTC', '{"meters": {"calls": [{"price": 1, "until": "2026-01-10"}, {"price": 2, "from": "2026-01-20"}]}}',
 '[["2026-01-05", "calls", 1], ["2026-01-10", "calls", 2], ["2026-01-12", "calls", 4], ["2026-01-20", "calls", 8], ["2026-01-20", "sms", 16]]',
 '{"bill 2026-01-01 2026-02-01": [["usage", "calls", "2026-01-01", "2026-02-01", 1, 1, null], ["usage", "calls", "2026-01-01", "2026-02-01", 8, 16, null], ["usage", "calls", "2026-01-01", "2026-02-01", 6, null, null], ["usage", "sms", "2026-01-01", "2026-02-01", 16, null, null]], "billed 2026-01-01 2026-02-01": 17}');
call oracle.given('anew in each period', 'a minimum each, but no usage, no row; a correction', 'UTC', '{"meters": {"calls": {"included": 100, "price": 1, "minimum": 5}}}', '[["2026-01-05", "calls", 150], ["2026-02-05", "calls", 60], ["2026-02-06", "calls", -61]]',
 '{"billed 2026-01-01 2026-03-01": 49, "billed 2026-01-01 2026-02-01": 50, "bill 2026-02-01 2026-03-01": [["usage", "calls", "2026-02-01", "2026-03-01", -1, 5]], "bill 2026-03-01 2026-04-01": []}');
call oracle.given('users without names', 'usage there is, users there are none', 'UTC', '{"meters": {"users": {"of": "unique", "price": 1, "minimum": 3}}}', '[["2026-01-05", "users", 1]]', '{"bill 2026-01-01 2026-03-01": [["usage", "users", "2026-01-01", "2026-03-01", 0, 3]]}');
