-- Worked cases of plans, conditions, milestones in a window, vouchers and benefits, computed by hand; written as in oracle_cases.sql.

----------------------------------------------------------------------------------------------------------------------
-- The worked cases of the rules

call oracle.given('club: reward', '265 points: five steps of 50 go on 02-10, for 2.50, which ends 24 months later, at the next month''s start; 149 points do not reach 150',
 '{"timezone": "Europe/London", "earn": [{"points": 1}], "vouchers": [{"name": "reward", "points": 50, "value": 0.50, "minimum": 150, "every": "3 months", "on": "02-10", "valid": "24 months", "snap": "month"}]}',
 '[["2022-01-10", "purchase", 265, {"ref": "1"}]]',
 '{"2022-02-09 23:59:59": {"points": 265, "vouchers": [], "next_voucher": [["reward", 0, "2022-02-10 00:00"]]},
   "2022-02-10": {"points": 15, "lifetime_points": 265, "vouchers": [["voucher 1", "2022-02-10 00:00", "2024-03-01 00:00", 250, 2.50, "open"]],
     "next_voucher": [["reward", 135, "2022-05-10 00:00"]], "liability": 2.65},
   "2024-02-29 23:59": {"vouchers": [["voucher 1", "2022-02-10 00:00", "2024-03-01 00:00", 250, 2.50, "open"]]},
   "2024-03-01": {"points": 15, "liability": 0.15, "vouchers": [["voucher 1", "2022-02-10 00:00", "2024-03-01 00:00", 250, 2.50, "expired"]]}}');
call oracle.given('club: reward not reached', '149 points are carried; 1 more by 05-10 makes 3 steps',
 '{"timezone": "Europe/London", "earn": [{"points": 1}], "vouchers": [{"name": "reward", "points": 50, "value": 0.50, "minimum": 150, "every": "3 months", "on": "02-10", "valid": "24 months", "snap": "month"}]}',
 '[["2022-01-10", "purchase", 149, {"ref": "1"}], ["2022-03-10", "purchase", 1, {"ref": "2"}]]',
 '{"2022-02-10": {"points": 149, "vouchers": [], "next_voucher": [["reward", 1, "2022-05-10 00:00"]]},
   "2022-05-10": {"points": 0, "vouchers": [["voucher 1", "2022-05-10 00:00", "2024-06-01 00:00", 150, 1.50, "open"]]}}');
call oracle.given('club: an order at the midnight of settlement', 'waits for the next',
 '{"timezone": "Europe/London", "earn": [{"points": 1}], "vouchers": [{"name": "reward", "points": 50, "value": 0.50, "minimum": 150, "every": "3 months", "on": "02-10", "valid": "24 months", "snap": "month"}]}',
 '[["2022-01-10", "activity", "joined"], ["2022-02-10", "purchase", 265, {"ref": "1"}]]',
 '{"2022-02-10": {"points": 265, "vouchers": []}, "2022-05-09 23:59": {"points": 265}, "2022-05-10": {"points": 15, "vouchers": [["voucher 1", "2022-05-10 00:00", "2024-06-01 00:00", 250, 2.50, "open"]]}}');
call oracle.given('club: two vouchers at once', '5 % of 230 is 11.50: two of 5; 02-01 and 30 days is 03-03',
 '{"timezone": "America/Chicago", "decimals": 2, "earn": [{"points": 0.05}], "vouchers": [{"points": 5, "value": 5, "every": "1 month", "each": true, "valid": "30 days"}]}',
 '[["2025-01-15", "purchase", 230, {"ref": "1"}]]',
 '{"2025-02-01": {"points": 1.50, "vouchers": [["voucher 1", "2025-02-01 00:00", "2025-03-03 00:00", 5, 5, "open"], ["voucher 2", "2025-02-01 00:00", "2025-03-03 00:00", 5, 5, "open"]]},
   "2025-03-02 23:59": {"vouchers": [["voucher 1", "2025-02-01 00:00", "2025-03-03 00:00", 5, 5, "open"], ["voucher 2", "2025-02-01 00:00", "2025-03-03 00:00", 5, 5, "open"]]},
   "2025-03-03": {"points": 1.50, "vouchers": [["voucher 1", "2025-02-01 00:00", "2025-03-03 00:00", 5, 5, "expired"], ["voucher 2", "2025-02-01 00:00", "2025-03-03 00:00", 5, 5, "expired"]]}}');
call oracle.given('club: at the threshold', '980 + 45 = 1025: 1000 go at once; then the 980 come back: 25 are taken, 955 are owed; the voucher stands',
 '{"earn": [{"points": 1}], "vouchers": [{"points": 1000, "value": 10}]}',
 '[["2025-01-01", "purchase", 980, {"ref": "1"}], ["2025-01-02", "purchase", 45, {"ref": "2"}], ["2025-01-03", "refund", 980, {"ref": "1"}]]',
 '{"2025-01-01": {"points": 980, "vouchers": []}, "2025-01-02": {"points": 25, "vouchers": [["voucher 1", "2025-01-02 00:00", null, 1000, 10, "open"]]},
   "2025-01-03": {"points": -955, "debt": 955, "vouchers": [["voucher 1", "2025-01-02 00:00", null, 1000, 10, "open"]], "next_voucher": [[null, 1955, null]]}}');
call oracle.given('club: executive', '2 % of 60,000 is 1,200, under the cap of 1,250; settled 10 months after the beginning',
 '{"timezone": "America/Los_Angeles", "plans": {"executive": {}}, "earn": [{"points": 0.02, "plan": "executive"}], "caps": [{"points": 1250, "per": "membership year"}],
   "tiers": {"levels": [{"name": "Gold Star", "at": 0}, {"name": "Executive", "plan": "executive"}]}, "expire": [{"kind": "plan end", "plan": "executive"}],
   "vouchers": [{"points": 1, "value": 1, "every": "1 year", "on": "10 months"}]}',
 '[["2024-03-15 12:00", "subscription", 130, {"plan": "executive", "ref": "s", "every": "1 year"}], ["2024-04-01", "purchase", 50000, {"ref": "1"}], ["2024-05-01", "purchase", 20000, {"ref": "2"}],
   ["2024-06-01", "refund", 10000, {"ref": "2"}]]',
 '{"2024-05-01": {"points": 1250, "tier": "Executive", "tier_since": "2024-03-15 12:00"}, "2024-06-01": {"points": 1200},
   "2025-01-14 23:59": {"points": 1200, "vouchers": []}, "2025-01-15": {"points": 0, "vouchers": [["voucher 1", "2025-01-15 00:00", null, 1200, 1200, "open"]], "next_voucher": [[null, 1, "2026-01-15 00:00"]]}}');
call oracle.given('club: executive who cancels', 'the plan ends before the settlement: nothing is left, no voucher',
 '{"timezone": "America/Los_Angeles", "plans": {"executive": {}}, "earn": [{"points": 0.02, "plan": "executive"}], "caps": [{"points": 1250, "per": "membership year"}],
   "tiers": {"levels": [{"name": "Gold Star", "at": 0}, {"name": "Executive", "plan": "executive"}]}, "expire": [{"kind": "plan end", "plan": "executive"}],
   "vouchers": [{"points": 1, "value": 1, "every": "1 year", "on": "10 months"}]}',
 '[["2024-03-15 12:00", "subscription", 130, {"plan": "executive", "ref": "s", "every": "1 year"}], ["2024-04-01", "purchase", 50000, {"ref": "1"}],
   ["2024-12-01", "subscription", 0, {"plan": "executive", "ref": "s", "until": "2024-12-01"}]]',
 '{"2024-11-30 23:59": {"points": 1000, "expiring_at": null, "tier_until": null}, "2024-12-01": {"points": 0, "tier": "Gold Star", "tier_since": "2024-12-01 00:00", "plans": []}, "2025-01-15": {"points": 0, "vouchers": []}}');
call oracle.given('club: trial', 'the trial counts: no gap at 07-15 10:00',
 '{"timezone": "America/New_York", "plans": {"prime": {}}, "benefits": [{"name": "delivery", "plan": "prime"}]}',
 '[["2025-06-15 10:00", "subscription", 0, {"plan": "prime", "ref": "s", "until": "2025-07-15 10:00"}], ["2025-07-15 10:00", "subscription", 14.99, {"plan": "prime", "ref": "s"}]]',
 '{"2025-06-15 09:59": {"benefits": []}, "2025-06-15 10:00": {"benefits": [["delivery", null, 0, null, null, null]], "plans": [["prime", "2025-06-15 10:00", "2025-07-15 10:00", false]]},
   "2025-07-15 09:59:59.999999": {"benefits": [["delivery", null, 0, null, null, null]]},
   "2025-07-15 10:00": {"benefits": [["delivery", null, 0, null, null, null]], "plans": [["prime", "2025-06-15 10:00", null, false]]}}');
call oracle.given('club: trial does not count', 'from 07-15 10:00 on',
 '{"timezone": "America/New_York", "plans": {"prime": {"trial": false}}, "benefits": [{"name": "delivery", "plan": "prime"}]}',
 '[["2025-06-15 10:00", "subscription", 0, {"plan": "prime", "ref": "s", "until": "2025-07-15 10:00"}], ["2025-07-15 10:00", "subscription", 14.99, {"plan": "prime", "ref": "s"}]]',
 '{"2025-07-15 09:59:59.999999": {"benefits": [], "plans": []}, "2025-07-15 10:00": {"benefits": [["delivery", null, 0, null, null, null]], "plans": [["prime", "2025-07-15 10:00", null, false]]}}');
call oracle.given('club: grace', 'a year that ends unpaid, and 7 days',
 '{"timezone": "Europe/Berlin", "plans": {"plus": {"any": ["plus yearly"], "grace": "7 days"}}}',
 '[["2024-07-01", "subscription", 90, {"plan": "plus yearly", "ref": "s", "until": "2025-07-01", "every": "1 year"}]]',
 '{"2025-06-30 23:59": {"plans": [["plus", "2024-07-01 00:00", "2025-07-08 00:00", false]]}, "2025-07-01": {"plans": [["plus", "2024-07-01 00:00", "2025-07-08 00:00", true]]},
   "2025-07-07 23:59": {"plans": [["plus", "2024-07-01 00:00", "2025-07-08 00:00", true]]}, "2025-07-08": {"plans": []}}');
call oracle.given('club: no grace', 'cancelled at once on 05-10',
 '{"timezone": "Europe/Berlin", "plans": {"plus": {"any": ["plus yearly"], "grace": "7 days"}}}',
 '[["2024-07-01", "subscription", 90, {"plan": "plus yearly", "ref": "s", "until": "2025-07-01", "every": "1 year"}], ["2025-05-10", "subscription", 90, {"plan": "plus yearly", "ref": "s", "until": "2025-05-10"}]]',
 '{"2025-05-09 23:59": {"plans": [["plus", "2024-07-01 00:00", "2025-07-08 00:00", false]]}, "2025-05-10": {"plans": []}, "2025-07-02": {"plans": []}}');
call oracle.given('club: commission for 12 months', '20 % of 49.99 at once and at 11:59 a year later, not at 12:00; 9.998 is 10.00, 30 days later',
 '{"decimals": 2, "round": "half up", "earn": [{"points": 0.20, "within": {"after": "joined", "for": "12 months"}}], "hold": {"for": "30 days"}}',
 '[["2025-01-31 12:00", "activity", "joined"], ["2025-01-31 12:00", "purchase", 49.99, {"ref": "1"}], ["2026-01-31 11:59", "purchase", 49.99, {"ref": "2"}], ["2026-01-31 12:00", "purchase", 49.99, {"ref": "3"}]]',
 '{"2025-03-02 11:59": {"points": 0, "pending": 10.00}, "2025-03-02 12:00": {"points": 10.00, "pending": 0}, "2026-01-31 12:00": {"points": 10.00, "pending": 10.00}, "2026-12-31": {"points": 20.00, "pending": 0}}');
call oracle.given('club: the first three orders', '10 + 5 + 3; the 50 come back, and the fourth order is still the fourth',
 '{"decimals": 2, "earn": [{"points": 0.10, "first": 3}]}',
 '[["2025-01-01", "purchase", 100, {"ref": "1"}], ["2025-01-02", "purchase", 50, {"ref": "2"}], ["2025-01-03", "purchase", 30, {"ref": "3"}], ["2025-01-04", "purchase", 500, {"ref": "4"}], ["2025-01-05", "refund", 50, {"ref": "2"}]]',
 '{"2025-01-04": {"points": 18}, "2025-01-05": {"points": 13}}');
call oracle.given('club: milestones of a year', '35 nights; 45 reach 40; 65 reach 50 and 60, and 60 again for 30,000; the next year begins from 0',
 '{"metrics": {"nights": {"sum": "quantity"}}, "bonus": [{"on": {"every": 10, "above": 30, "of": "nights", "window": "calendar year"}, "points": 10000},
    {"on": {"at": [60], "of": "nights", "window": "calendar year"}, "points": 30000}]}',
 '[["2025-01-10", "purchase", 0, {"ref": "1", "quantity": 35}], ["2025-03-10", "purchase", 0, {"ref": "2", "quantity": 10}], ["2025-05-10", "purchase", 0, {"ref": "3", "quantity": 20}],
   ["2026-01-01", "purchase", 0, {"ref": "4", "quantity": 39}], ["2026-01-02", "purchase", 0, {"ref": "5", "quantity": 1}]]',
 '{"2025-01-10": {"points": 0}, "2025-03-10": {"points": 10000}, "2025-05-10": {"points": 60000}, "2026-01-01": {"points": 60000}, "2026-01-02": {"points": 70000}}');
call oracle.given('club: a milestone''s window that begins late', '200 in 2025 reach 100 and 200; the order of 2024, which had no amount, gets 150 by a late line: 100 of 2024; 100 more in 2025 reach 300',
 '{"bonus": [{"on": {"every": 100, "of": "spend", "window": "calendar year"}, "points": 10}]}',
 '[["2024-12-01", "purchase", 0, {"ref": "old"}], ["2025-02-01", "purchase", 200, {"ref": "1"}], ["2025-03-01", "purchase", 150, {"ref": "old"}], ["2025-04-01", "purchase", 100, {"ref": "2"}]]',
 '{"2025-02-01": {"points": 20}, "2025-03-01": {"points": 30}, "2025-04-01": {"points": 40}}');

----------------------------------------------------------------------------------------------------------------------
-- What was once found

call oracle.keep('a plan ends as another segment of its ref begins: what is earned later has no end to die at',
 '{"program": "p", "timezone": "UTC", "earn": [{"points": 1}], "plans": {"plus": {}}, "expire": [{"kind": "plan end", "plan": "plus"}]}',
 '[{"at": "2024-01-01T00:00:00Z", "ref": "s", "kind": "subscription", "plan": "plus", "until": "2024-02-01T00:00:00Z", "amount": 9}, {"at": "2024-02-01T00:00:00Z", "ref": "s", "kind": "subscription", "plan": "x", "amount": 9},
   {"at": "2024-03-01T00:00:00Z", "ref": "1", "kind": "purchase", "amount": 10}]', '2024-03-02 00:00+00');
call oracle.keep('a plan ends as another without ref begins: the same',
 '{"program": "p", "timezone": "Asia/Kolkata", "earn": [{"points": 1}], "plans": {"plus": {"any": ["plus yearly"], "grace": "1 month"}}, "expire": [{"kind": "plan end", "plan": ["plus"]}]}',
 '[{"at": "2025-09-28T18:29:59.999999Z", "kind": "purchase", "amount": 99.99}, {"at": "2024-12-26T18:30:00Z", "kind": "subscription", "plan": "other", "until": "2025-01-25T18:30:00Z", "amount": 120},
   {"at": "2024-10-26T18:30:00Z", "kind": "subscription", "plan": "plus yearly", "until": "2024-11-26T18:30:00Z", "amount": 120}]', '2025-10-26 18:29:59.999999+00');
call oracle.keep('a window of a milestone that begins late: an old order without an amount gets one by a line that is dated before others that have begun',
 '{"bonus": [{"on": {"of": "spend", "above": 66.67, "every": 120, "window": "year from 02-29"}, "points": 50}], "program": "p", "timezone": "Africa/Cairo"}',
 '[{"at": "2024-12-02T04:30:59Z", "cost": 10.00, "kind": "purchase", "amount": 49.99}, {"at": "2024-05-28T20:59:59Z", "ref": "007", "kind": "purchase", "tags": ["c"], "amount": 200}, {"at": "2024-01-30T22:00:00Z", "ref": "3", "cost": 26.66, "kind": "purchase", "amount": 0},
   {"at": "2024-11-05T20:06:00Z", "ref": "3", "kind": "purchase", "tags": ["a"], "amount": 99.99}, {"at": "2024-05-28T20:59:59Z", "kind": "refund", "amount": 33.33}]', '2026-10-26 21:00:00+00');
call oracle.keep('the end of a hold on points that were all taken back is no instant of a settlement',
 '{"earn": [{"points": 1}], "hold": {"for": "3 months"}, "tiers": [{"levels": [{"at": 100, "name": "Silver"}, {"name": "Gold", "needs": [{"orders": 4}]}], "window": "membership year", "downgrade": "one step"}], "program": "p",
   "timezone": "America/New_York", "vouchers": [{"tiers": ["Silver"], "value": 10, "points": 7.5}]}',
 '[{"at": "2026-02-01T05:00:00Z", "ref": "b", "kind": "purchase", "tags": ["c"], "amount": 99.99}, {"at": "2025-02-15T05:00:00Z", "ref": "2", "kind": "purchase", "amount": 33.33, "quantity": 5}, {"at": "2024-03-10T07:30:00Z", "kind": "activity", "name": "review"},
   {"at": "2025-02-01T05:00:00Z", "kind": "purchase", "tags": ["c"], "amount": 100.01}, {"at": "2025-01-01T05:00:00Z", "kind": "purchase", "tags": ["a", "b", "c"], "amount": 99.99}, {"at": "2024-11-03T06:30:00Z", "ref": "-4", "kind": "purchase", "amount": 4.01},
   {"at": "2026-03-08T05:00:00Z", "kind": "refund", "amount": 100}]', '2027-02-01 05:00:00+00');
