-- Worked cases of recurring revenue, computed by hand. Numbers that a tool publishes stand with their source: the numbers are
-- theirs, the history is ours. See oracle_ask.sql for how a case is written.

----------------------------------------------------------------------------------------------------------------------
-- The monthly amount

call oracle.given('a year', '2,000 / 12 (ChartMogul, "Lifecycle of a customer": 166.67)', 'UTC', '{}', '[["2024-01-15", 2000, {"every": "12 months"}]]', '{"mrr 2024-01-15": 166.6666666667}');
call oracle.given('a year of 1,200', 'Stripe, "Billing analytics": 100', 'UTC', '{}', '[["2024-01-15", 1200, {"every": "12 months"}]]', '{"mrr 2024-06-01": 100}');
call oracle.given('half off for ever', 'Stripe, "Billing analytics": the coupon halves the MRR', 'UTC', '{}',
 '[["2024-01-15", 1200, {"every": "12 months", "ref": "1"}], ["2024-01-15", -600, {"every": "12 months", "ref": "1"}]]', '{"mrr 2024-06-01": 50}');
call oracle.given('plan, add-ons, coupon', '100 + 3 x 100 - 10 % (the items of Chargebee, "Flexible MRR vs. Regular MRR")', 'UTC', '{}',
 '[["2024-01-15", 100, {"ref": "1"}], ["2024-01-15", 300, {"quantity": 3, "plan": "add-on", "ref": "1"}], ["2024-01-15", -40, {"ref": "1"}]]', '{"mrr 2024-06-01": 360}');
call oracle.given('weeks', '10 x 52 / 12; every two weeks half of it; 52 weeks are 364 / 12', 'UTC', '{}',
 '[["2024-01-01", 10, {"every": "7 days", "until": "2024-02-01"}], ["2024-02-01", 10, {"every": "14 days", "until": "2024-03-01"}], ["2024-03-01", 364, {"every": "364 days"}]]',
 '{"mrr 2024-01-15": 43.3333333333, "mrr 2024-02-15": 21.6666666667, "mrr 2024-03-15": 30.3333333333}');
call oracle.given('days', '30 x 365 / 12 / 30; 120 / 12; 1 x 365 / 12', 'UTC', '{}',
 '[["2024-01-01", 30, {"every": "30 days", "until": "2024-02-01"}], ["2024-02-01", 120, {"every": "365 days", "until": "2024-03-01"}], ["2024-03-01", 1, {"every": "1 day"}]]',
 '{"mrr 2024-01-15": 30.4166666667, "mrr 2024-02-15": 10, "mrr 2024-03-15": 30.4166666667}');
call oracle.given('months', '100 / 3 and 100 / 18, each rounded, then added', 'UTC', '{}', '[["2024-01-01", 100, {"every": "3 months"}], ["2024-01-01", 100, {"every": "18 months"}]]', '{"mrr 2024-01-15": 38.8888888889}');
call oracle.given('rounded half away from zero', '0.000001 / 32 = 0.00000003125', 'UTC', '{}', '[["2024-01-01", 0.000001, {"every": "32 months", "plan": "a"}], ["2024-01-01", -0.000001, {"every": "32 months", "plan": "b"}]]',
 '{"subscriptions 2024-01-15": [{"plan": "a", "mrr": 0.0000000313}, {"plan": "b", "mrr": -0.0000000313}], "mrr 2024-01-15": 0}');
call oracle.given('a hundred years', '1 / 1,200', 'UTC', '{}', '[["2024-01-01", 1, {"every": "1200 months"}]]', '{"mrr 2100-01-15": 0.0008333333, "subscriptions 2100-01-15": [{"renews_at": "2124-01-01"}]}');

----------------------------------------------------------------------------------------------------------------------
-- In force

call oracle.given('from and to before', 'on [at, until)', 'UTC', '{}', '[["2024-01-10 12:00", 10, {"until": "2024-02-10"}]]',
 '{"mrr 2024-01-10T11:59:59.999999": 0, "mrr 2024-01-10T12:00": 10, "mrr 2024-02-09T23:59:59": 10, "mrr 2024-02-10": 0, "first_paid": "2024-01-10 12:00"}');
call oracle.given('the next state takes over', 'lines of one instant belong together; without ref nothing is replaced', 'UTC', '{}',
 '[["2024-01-01", 10, {"ref": "7"}], ["2024-01-01", 5, {"ref": "7"}], ["2024-02-01", 7, {"ref": "7"}], ["2024-01-15", 100], ["2024-03-01", 99, {"ref": "7", "until": "2024-03-01"}]]',
 '{"mrr 2024-01-01": 15, "mrr 2024-01-31": 115, "mrr 2024-02-01": 107, "mrr 2024-03-01": 100}');
call oracle.given('an end within a state', 'one line stops, the other goes on; the next state ends that one', 'UTC', '{}',
 '[["2024-01-01", 10, {"ref": "7", "until": "2024-01-20"}], ["2024-01-01", 5, {"ref": "7"}], ["2024-02-01", 1, {"ref": "7", "until": "2024-02-01"}], ["2024-02-01", 3, {"ref": "7"}]]',
 '{"movements": [["2024-01-01", "new", 15, 15], ["2024-01-20", "contraction", -10, 5], ["2024-02-01", "contraction", -2, 3]]}');
call oracle.given('blind to what comes', 'a change known only later; an end known from the start', 'UTC', '{}',
 '[["2024-01-01", 10, {"ref": "7", "plan": "a"}], ["2024-03-01", 20, {"ref": "7", "plan": "a"}], ["2024-01-01", 1, {"plan": "b", "until": "2024-06-01"}]]',
 '{"membership a 2024-02-01": {"member": true, "until": null, "renews_at": "2024-03-01"}, "membership b 2024-02-01": {"until": "2024-06-01"},
   "subscriptions 2024-02-01": [{"plan": "a", "until": null, "renews_at": "2024-03-01"}, {"plan": "b", "until": "2024-06-01", "renews_at": "2024-03-01"}],
   "membership a 2023-12-31": {"member": false, "paying": false, "since": null, "until": null, "term": null, "renews_at": null}}');
call oracle.given('not below 0', 'a discount greater than the price; a customer who never paid', 'UTC', '{}', '[["2024-01-01", 10], ["2024-01-01", -25], ["2024-02-01", 15]]',
 '{"mrr 2024-01-15": 0, "mrr 2024-02-15": 0, "first_paid": null, "movements": [], "report 2024-01-01 2024-03-01": {"mrr_start": 0, "mrr_end": 0, "customers_end": 0, "arpa": null}}');
call oracle.given('nothing', 'an empty history', 'UTC', '{}', '[]',
 '{"mrr 2024-01-15": 0, "first_paid": null, "movements": [], "movements net": [], "subscriptions 2024-01-15": [], "report 2024-01-01 2024-02-01": {"mrr_start": 0, "new": 0, "mrr_end": 0, "customers_retained": 0, "nrr": null, "grr": null, "logo_churn": null, "quick_ratio": null, "arpa": null},
   "membership a 2024-01-15": {"member": false, "paying": false, "since": null, "until": null, "term": null, "renews_at": null}}');
call oracle.given('rows in order', 'by since, plan, ref; discounts renew, free ones do not, one that ends first does not', 'UTC', '{}',
 '[["2024-01-02", 1, {"plan": "a", "ref": "10"}], ["2024-01-02", 2, {"plan": "a", "ref": "9"}], ["2024-01-02", -1, {"plan": "Z", "ref": "x"}], ["2024-01-01", 0, {"plan": "z", "tags": ["t"]}],
   ["2024-01-02", 3, {"plan": "a", "quantity": 4, "until": "2024-02-02"}], ["2024-01-02", 4]]',
 '{"subscriptions 2024-01-20": [{"plan": "z", "amount": 0, "mrr": 0, "renews_at": null, "tags": ["t"], "ref": null}, {"plan": "Z", "mrr": -1, "renews_at": "2024-02-02"}, {"plan": "a", "ref": "9", "every": "1 mon"},
     {"plan": "a", "ref": "10", "renews_at": "2024-02-02"}, {"plan": "a", "ref": null, "quantity": 4, "until": "2024-02-02", "renews_at": null}, {"plan": null, "mrr": 4, "since": "2024-01-02"}], "mrr 2024-01-20": 9}');

----------------------------------------------------------------------------------------------------------------------
-- Terms

call oracle.given('the club', 'a trial, five monthly terms, a year', 'UTC', '{}',
 '[["2024-01-05", 0, {"ref": "1", "plan": "club", "until": "2024-02-04"}], ["2024-02-04", 8.99, {"ref": "1", "plan": "club"}], ["2024-06-10", 89.90, {"ref": "1", "plan": "club", "every": "12 months"}]]',
 '{"membership club 2024-01-20": {"member": true, "paying": false, "since": "2024-01-05", "until": "2024-02-04", "term": 0, "renews_at": null},
   "membership club 2024-02-04": {"member": true, "paying": true, "since": "2024-01-05", "until": null, "term": 1, "renews_at": "2024-03-04"},
   "membership club 2024-06-09": {"term": 5, "renews_at": "2024-07-04", "since": "2024-01-05"},
   "membership club 2024-06-10": {"member": true, "paying": true, "since": "2024-01-05", "until": null, "term": 6, "renews_at": "2025-06-10"},
   "first_paid": "2024-02-04", "movements": [["2024-02-04", "new", 8.99, 8.99], ["2024-06-10", "contraction", -1.4983333333, 7.4916666667]]}');
call oracle.given('month ends', 'from the anchor, clamped: 31 Jan, 29 Feb, 31 Mar', 'UTC', '{}', '[["2024-01-31", 10, {"plan": "a"}]]',
 '{"membership a 2024-02-15": {"renews_at": "2024-02-29", "term": 1}, "membership a 2024-02-29": {"renews_at": "2024-03-31", "term": 2}, "membership a 2024-03-31": {"renews_at": "2024-04-30", "term": 3}}');
call oracle.given('a year from a leap day', '2025-02-28, then 2028-02-29', 'UTC', '{}', '[["2024-02-29", 10, {"plan": "a", "every": "12 months"}]]',
 '{"membership a 2024-03-15": {"renews_at": "2025-02-28"}, "membership a 2027-03-15": {"renews_at": "2028-02-29", "term": 4}}');
call oracle.given('local time', '02:30 does not exist on 2024-03-31; it does a week later', 'Europe/Berlin', '{}', '[["2024-03-24 02:30", 10, {"plan": "a", "every": "7 days"}]]',
 '{"membership a 2024-03-30": {"renews_at": "2024-03-31 03:30"}, "membership a 2024-03-31T03:30": {"renews_at": "2024-04-07 02:30", "term": 2}}');
call oracle.given('a midnight that is not there', 'clocks go from 24:00 to 01:00 on 2024-09-08', 'America/Santiago', '{}', '[["2024-08-08", 10, {"plan": "a"}]]',
 '{"membership a 2024-09-01": {"renews_at": "2024-09-08 01:00"}, "membership a 2024-09-08T01:00": {"renews_at": "2024-10-08", "term": 2}}');
call oracle.given('a new price keeps the renewal day', 'also on the renewal day itself, which is a term of the new price', 'UTC', '{}',
 '[["2024-01-15", 10, {"plan": "a", "ref": "1"}], ["2024-02-20", 12, {"plan": "a", "ref": "1", "quantity": 2}], ["2024-04-15", 13, {"plan": "a", "ref": "1"}]]',
 '{"membership a 2024-03-01": {"term": 2, "renews_at": "2024-03-15"}, "membership a 2024-04-14": {"term": 3}, "membership a 2024-04-15": {"term": 4, "renews_at": "2024-05-15"}}');
call oracle.given('a new plan keeps the renewal day', 'term counts in the new plan alone', 'UTC', '{}', '[["2024-01-15", 10, {"plan": "a", "ref": "1"}], ["2024-02-20", 12, {"plan": "b", "ref": "1"}]]',
 '{"membership b 2024-03-14": {"term": 1, "since": "2024-02-20", "renews_at": "2024-03-15"}, "membership b 2024-03-15": {"term": 2}, "membership a 2024-03-15": {"member": false, "paying": false, "since": "2024-01-15", "until": "2024-02-20", "term": 2, "renews_at": null}}');
call oracle.given('up to this instant', 'an end at the next start continues; so does a later one', 'UTC', '{}',
 '[["2024-01-05", 20, {"plan": "a", "ref": "1", "until": "2024-02-20"}], ["2024-02-20", 30, {"plan": "a", "ref": "1", "until": "2024-04-01"}], ["2024-03-20", 30, {"plan": "a", "ref": "1"}]]',
 '{"membership a 2024-03-01": {"renews_at": "2024-03-05", "until": "2024-04-01"}, "membership a 2024-04-01": {"renews_at": "2024-04-05", "until": null, "since": "2024-01-05", "term": 3}}');
call oracle.given('a gap', 'starts anew: the anchor, the run', 'UTC', '{}', '[["2024-01-05", 20, {"plan": "a", "ref": "1", "until": "2024-02-19"}], ["2024-02-20", 30, {"plan": "a", "ref": "1"}]]',
 '{"membership a 2024-02-19": {"member": false, "since": "2024-01-05", "until": "2024-02-19", "term": 2}, "membership a 2024-03-01": {"renews_at": "2024-03-20", "since": "2024-02-20", "term": 1}}');
call oracle.given('a cancelling line between', 'ended and begun again later that day', 'UTC', '{}',
 '[["2024-01-05", 20, {"plan": "a", "ref": "1"}], ["2024-02-20 09:00", 20, {"plan": "a", "ref": "1", "until": "2024-02-20 09:00"}], ["2024-02-20 10:00", 20, {"plan": "a", "ref": "1"}]]',
 '{"membership a 2024-02-20T09:30": {"member": false, "until": "2024-02-20 09:00"}, "membership a 2024-03-01": {"since": "2024-02-20 10:00", "renews_at": "2024-03-20 10:00", "term": 1}}');
call oracle.given('another term starts anew', '12 months and 1 year are one term, 30 days and 1 month are two', 'UTC', '{}',
 '[["2024-01-05", 20, {"plan": "a", "ref": "1", "every": "30 days"}], ["2024-01-20", 20, {"plan": "a", "ref": "1"}], ["2024-01-05", 9, {"plan": "b", "ref": "2", "every": "1 year"}], ["2024-03-05", 10, {"plan": "b", "ref": "2", "every": "12 months"}]]',
 '{"membership a 2024-02-04": {"renews_at": "2024-02-20", "term": 2}, "membership b 2024-04-01": {"renews_at": "2025-01-05", "term": 1}}');
call oracle.given('the earliest of several', 'the state before has an old line and a line of another term', 'UTC', '{}',
 '[["2024-01-05", 5, {"plan": "a", "ref": "1"}], ["2024-01-10", 5, {"plan": "a", "ref": "1"}], ["2024-01-10", 50, {"plan": "b", "ref": "1", "every": "12 months"}], ["2024-01-25", 6, {"plan": "a", "ref": "1"}], ["2024-01-25", 60, {"plan": "b", "ref": "1", "every": "12 months"}]]',
 '{"subscriptions 2024-02-01": [{"plan": "a", "renews_at": "2024-02-05"}, {"plan": "b", "renews_at": "2025-01-10"}]}');
call oracle.given('a discount has its own anchor', 'both below 0 continue, above and below do not', 'UTC', '{}',
 '[["2024-01-05", 20, {"ref": "1"}], ["2024-01-12", 20, {"ref": "1"}], ["2024-01-12", -5, {"ref": "1"}], ["2024-01-20", 30, {"ref": "1"}], ["2024-01-20", -6, {"ref": "1"}]]',
 '{"subscriptions 2024-02-01": [{"amount": -6, "renews_at": "2024-02-12"}, {"amount": 30, "renews_at": "2024-02-05"}]}');
call oracle.given('paused', 'amount 0: a member who does not pay; then anew', 'UTC', '{}',
 '[["2024-01-01", 20, {"ref": "1", "plan": "a"}], ["2024-02-01", 0, {"ref": "1", "plan": "a"}], ["2024-03-10", 20, {"ref": "1", "plan": "a"}]]',
 '{"membership a 2024-02-15": {"member": true, "paying": false, "term": 1, "renews_at": null}, "membership a 2024-03-10": {"since": "2024-01-01", "paying": true, "term": 2, "renews_at": "2024-04-10"},
   "movements": [["2024-01-01", "new", 20, 20], ["2024-02-01", "churn", -20, 0], ["2024-03-10", "reactivation", 20, 20]]}');
call oracle.given('several plans count as one', 'gold, then silver; alone gold has lapsed', 'UTC', '{}', '[["2024-01-01", 20, {"plan": "gold", "until": "2024-03-01"}], ["2024-03-01", 10, {"plan": "silver"}]]',
 '{"membership gold,silver 2024-04-01": {"member": true, "since": "2024-01-01", "until": null, "term": 4, "renews_at": "2024-05-01"}, "membership gold 2024-04-01": {"member": false, "paying": false, "since": "2024-01-01", "until": "2024-03-01", "term": 2, "renews_at": null}}');
call oracle.given('terms at different instants', '01-01, 01-15, 02-01, 02-15; two that renew together count once', 'UTC', '{}', '[["2024-01-01", 20, {"plan": "a"}], ["2024-01-15", 20, {"plan": "a"}], ["2024-01-01", 20, {"plan": "a"}]]',
 '{"membership a 2024-02-20": {"term": 4, "renews_at": "2024-03-01"}}');
call oracle.given('a discount is no membership', 'nor a segment without a plan', 'UTC', '{}', '[["2024-01-01", -20, {"plan": "a"}], ["2024-01-01", 20]]', '{"membership a 2024-02-20": {"member": false, "since": null}}');
call oracle.given('one ends first', 'the other renews', 'UTC', '{}', '[["2024-01-01", 20, {"plan": "a", "until": "2024-02-01"}], ["2024-01-10", 20, {"plan": "a", "until": "2024-06-01"}]]',
 '{"membership a 2024-01-20": {"renews_at": "2024-02-10", "until": "2024-06-01"}}');
call oracle.given('paid invoice lines', 'a week of grace after each: a late payer is a member, a lapsed one is not', 'UTC', '{}',
 '[["2024-01-10", 15, {"plan": "a", "ref": "1", "until": "2024-02-17"}], ["2024-02-10", 15, {"plan": "a", "ref": "1", "until": "2024-03-17"}]]',
 '{"membership a 2024-03-12": {"member": true, "until": "2024-03-17", "term": 3, "renews_at": null}, "membership a 2024-03-17": {"member": false, "term": 3}, "mrr 2024-03-16": 15, "mrr 2024-03-17": 0}');

----------------------------------------------------------------------------------------------------------------------
-- Movements

-- ChartMogul, "Lifecycle of a customer": four Gold a year, two Silver a month, three Gold a month
call oracle.given('Syncalytics', 'new 166.67, expansion 60, contraction 60, churn, reactivation 150; by month one net movement', 'UTC', '{}',
 '[["2024-01-15", 2000, {"every": "12 months", "quantity": 4, "plan": "Gold", "until": "2025-01-15"}], ["2024-01-20", 60, {"quantity": 2, "plan": "Silver", "until": "2024-02-03"}], ["2025-03-01", 150, {"quantity": 3, "plan": "Gold"}]]',
 '{"movements": [["2024-01-15", "new", 166.6666666667, 166.6666666667], ["2024-01-20", "expansion", 60, 226.6666666667], ["2024-02-03", "contraction", -60, 166.6666666667],
     ["2025-01-15", "churn", -166.6666666667, 0], ["2025-03-01", "reactivation", 150, 150]],
   "movements 2024-01-01 2024-02-01 net": [["2024-01-20", "new", 226.6666666667, 226.6666666667]],
   "movements 2024-01-01 2025-04-01 net": [["2025-03-01", "new", 150, 150]],
   "movements 2025-01-01 2025-04-01 net": [["2025-03-01", "contraction", -16.6666666667, 150]],
   "movements 2025-01-15 2025-03-01": [["2025-01-15", "churn", -166.6666666667, 0]],
   "movements 2025-01-01 2025-04-01 window=45days": [["2025-01-15", "churn", -166.6666666667, 0], ["2025-03-01", "new", 150, 150]],
   "movements 2025-01-01 2025-04-01 window=46days": [["2025-01-15", "churn", -166.6666666667, 0], ["2025-03-01", "reactivation", 150, 150]],
   "movements 2025-02-01 2025-04-01 net window=1mon": [["2025-03-01", "new", 150, 150]],
   "movements 2025-02-01 2025-04-01 net window=2mons": [["2025-03-01", "reactivation", 150, 150]],
   "report 2024-01-01 2024-02-01": {"mrr_start": 0, "new": 166.6666666667, "expansion": 60, "reactivation": 0, "contraction": 0, "churn": 0, "mrr_end": 226.6666666667, "customers_start": 0, "customers_new": 1,
     "customers_reactivated": 0, "customers_churned": 0, "customers_retained": 0, "customers_end": 1, "nrr": null, "grr": null, "logo_churn": null, "quick_ratio": null, "arpa": 226.6666666667},
   "report 2024-01-01 2024-02-01 net": {"new": 226.6666666667, "expansion": 0, "customers_new": 1},
   "report 2024-02-01 2024-03-01": {"mrr_start": 226.6666666667, "contraction": 60, "mrr_end": 166.6666666667, "customers_start": 1, "customers_retained": 1, "customers_end": 1, "logo_churn": 0, "quick_ratio": 0},
   "report 2025-01-01 2025-04-01": {"churn": 166.6666666667, "reactivation": 150, "customers_churned": 1, "customers_reactivated": 1, "customers_retained": 1, "logo_churn": 0, "grr": 0.9, "nrr": 0.9}}');
call oracle.given('a ledger of changes', 'no ref, deltas add up (Stripe''s change events)', 'UTC', '{}', '[["2024-01-01", 50], ["2024-02-01", -20], ["2024-03-01", -30], ["2024-04-01", 10]]',
 '{"movements": [["2024-01-01", "new", 50, 50], ["2024-02-01", "contraction", -20, 30], ["2024-03-01", "churn", -30, 0], ["2024-04-01", "reactivation", 10, 10]]}');
call oracle.given('one instant, one movement', 'a plan exchanged for a dearer one; another for an equal one', 'UTC', '{}', '[["2024-01-01", 50, {"until": "2024-02-01"}], ["2024-02-01", 70, {"until": "2024-03-01"}], ["2024-03-01", 70]]',
 '{"movements": [["2024-01-01", "new", 50, 50], ["2024-02-01", "expansion", 20, 70]], "movements 2024-03-01 2024-04-01": [], "movements 2024-03-01 2024-04-01 net": []}');
call oracle.given('gone and back within the month', 'net: nothing; as new and gone: nothing', 'UTC', '{}', '[["2024-01-01", 50, {"until": "2024-02-10"}], ["2024-02-20", 50, {"until": "2024-03-20"}]]',
 '{"movements 2024-02-01 2024-03-01": [["2024-02-10", "churn", -50, 0], ["2024-02-20", "reactivation", 50, 50]], "movements 2024-02-01 2024-03-01 net": [], "movements net": [],
   "report 2024-02-01 2024-03-01 net": {"churn": 0, "reactivation": 0, "customers_retained": 1}, "report 2024-02-01 2024-03-01": {"quick_ratio": 1, "logo_churn": 0, "customers_churned": 1, "customers_reactivated": 1}}');
-- Paddle, "ProfitWell vs. Maxio": back within 90 days is a reactivation there, later new
call oracle.given('ninety days', '2024-04-01 + 90 days = 2024-06-30', 'UTC', '{}', '[["2024-01-01", 50, {"until": "2024-04-01"}], ["2024-06-30", 50]]',
 '{"movements 2024-06-01 2024-07-01 window=90days": [["2024-06-30", "new", 50, 50]], "movements 2024-06-01 2024-07-01 window=91days": [["2024-06-30", "reactivation", 50, 50]],
   "movements 2024-06-01 2024-07-01": [["2024-06-30", "reactivation", 50, 50]]}');
call oracle.given('the window of the last rise', 'paid a year ago, came for a day, came back the day after: within 30 days of the last spell', 'UTC', '{}',
 '[["2023-01-01", 10, {"until": "2023-02-01"}], ["2024-03-03", 10, {"until": "2024-03-04"}], ["2024-03-05", 10], ["2024-03-06", 5]]',
 '{"movements 2024-03-01 2024-04-01 window=30days": [["2024-03-03", "new", 10, 10], ["2024-03-04", "churn", -10, 0], ["2024-03-05", "reactivation", 10, 10], ["2024-03-06", "expansion", 5, 15]],
   "movements 2024-03-01 2024-04-01 net window=30days": [["2024-03-06", "reactivation", 15, 15]],
   "movements 2024-03-01 2024-03-04 net window=30days": [["2024-03-03", "new", 10, 10]], "movements 2024-03-01 2024-03-04 net": [["2024-03-03", "reactivation", 10, 10]]}');
call oracle.given('only seen from within', 'a first spell inside the period: net is new, whatever the window', 'UTC', '{}', '[["2024-03-03", 10, {"until": "2024-03-04"}], ["2024-03-05", 10]]',
 '{"movements 2024-03-01 2024-04-01 net": [["2024-03-05", "new", 10, 10]], "movements 2024-03-01 2024-04-01 net window=30days": [["2024-03-05", "new", 10, 10]]}');

----------------------------------------------------------------------------------------------------------------------
-- Many customers

-- ChartMogul's customer churn rate against the one by movements (Baremetrics, Stripe): 5 / 100, 6 / 100, 6 / 120
call oracle.given_many('a hundred customers', '20 new, 6 lost of whom 1 new',
 '[[95, [["2024-01-01", 10]]], [5, [["2024-01-01", 10, {"until": "2024-02-10"}]]], [19, [["2024-02-05", 10]]], [1, [["2024-02-05", 10, {"until": "2024-02-20"}]]]]',
 '{"report 2024-02-01 2024-03-01": {"customers_start": 100, "customers_new": 20, "customers_churned": 6, "customers_retained": 95, "customers_end": 114, "logo_churn": 0.05, "mrr_start": 1000, "new": 200, "churn": 60, "mrr_end": 1140, "nrr": 0.95, "grr": 0.95, "arpa": 10},
   "report 2024-02-01 2024-03-01 net": {"customers_new": 19, "customers_churned": 5, "customers_end": 114, "logo_churn": 0.05, "new": 190, "churn": 50, "mrr_end": 1140}}');
-- Stripe, "Billing metric definitions": 100 x 100 a month and 50 x 600 a year
call oracle.given_many('two plans', '12,500', '[[100, [["2024-01-01", 100]]], [50, [["2024-01-01", 600, {"every": "12 months"}]]]]', '{"report 2024-01-01 2024-02-01": {"new": 12500, "mrr_end": 12500, "customers_end": 150, "arpa": 83.333333333333}}');
-- BigDelta, "NRR vs GRR": of 20,000, 1,200 cancelled, 800 downgraded, 3,000 upgraded: 105 %, 90 %
call oracle.given_many('net and gross retention', 'a new customer is in neither', '[[1, [["2024-01-01", 1200, {"until": "2024-02-10"}]]], [1, [["2024-01-01", 1800, {"ref": "1"}], ["2024-02-10", 1000, {"ref": "1"}]]], [1, [["2024-01-01", 17000], ["2024-02-20", 3000]]], [1, [["2024-02-20", 500]]]]',
 '{"report 2024-02-01 2024-03-01": {"mrr_start": 20000, "churn": 1200, "contraction": 800, "expansion": 3000, "new": 500, "mrr_end": 21500, "nrr": 1.05, "grr": 0.9, "quick_ratio": 1.75}}');
-- ProfitWell's two companies that both grow by 25,000: 50,000 against 25,000, and 30,000 against 5,000
call oracle.given_many('quick ratio 2', '50 / 25', '[[40, [["2024-02-10", 1000]]], [10, [["2024-01-01", 1000], ["2024-02-10", 1000]]], [20, [["2024-01-01", 1000, {"until": "2024-02-10"}]]], [5, [["2024-01-01", 2000], ["2024-02-10", -1000]]]]',
 '{"report 2024-02-01 2024-03-01": {"quick_ratio": 2, "new": 40000, "expansion": 10000, "churn": 20000, "contraction": 5000}}');
call oracle.given_many('quick ratio 6', '30 / 5', '[[25, [["2024-02-10", 1000]]], [5, [["2023-01-01", 500, {"until": "2023-06-01"}], ["2024-02-10", 1000]]], [5, [["2024-01-01", 1000, {"until": "2024-02-10"}]]]]',
 '{"report 2024-02-01 2024-03-01": {"quick_ratio": 6, "new": 25000, "reactivation": 5000, "churn": 5000, "mrr_end": 30000}}');
call oracle.given_many('twice in a month', 'movements count, customers do not', '[[1, [["2024-01-01", 10, {"until": "2024-02-03"}], ["2024-02-05", 10, {"until": "2024-02-07"}], ["2024-02-09", 10, {"until": "2024-02-11"}]]], [1, []]]',
 '{"report 2024-02-01 2024-03-01": {"customers_start": 1, "customers_churned": 3, "customers_reactivated": 2, "customers_end": 0, "churn": 30, "reactivation": 20, "logo_churn": 1, "nrr": 0, "arpa": null}}');
