-- What the shop promises its members, and what it might promise instead.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
\set ECHO queries

\echo
\echo 'What the shop promises: today''s rules, and a candidate that is only being considered.'
\echo 'The candidate has points for orders on the web and in the app only, none for joining,'
\echo 'each gone after a year; and its tiers rest on what we earn with the member.'
\echo
CREATE TABLE shop.programs (name text PRIMARY KEY, rules loyalty.program NOT NULL);

INSERT INTO shop.programs VALUES
('today', '{
  "program":  "beauty",
  "timezone": "America/Los_Angeles",
  "earn":     [ {"name": "base", "points": 1, "per": 1.00} ],
  "multiply": [ {"name": "tier", "by": {"VIB": 1.25, "Rouge": 1.5}} ],
  "bonus":    [ {"name": "welcome", "on": "joined", "points": 100},
                {"name": "review", "on": "review", "points": 10, "times": 5, "per": "month"},
                {"name": "friend", "on": "referred", "points": 200} ],
  "hold":     {"for": "14 days"},
  "expire":   [ {"name": "a quiet year", "kind": "inactivity", "after": "12 months"} ],
  "redeem":   {"minimum": 500, "step": 500, "value": 0.02},
  "tiers":    {"by": "spend", "window": "calendar year", "valid": "1 year after window",
               "levels": [ {"name": "Insider", "at": 0},
                           {"name": "VIB", "at": 350},
                           {"name": "Rouge", "at": 1000} ]}
}'),
('candidate', '{
  "program":  "beauty",
  "timezone": "America/Los_Angeles",
  "earn":     [ {"name": "base", "points": 1, "per": 1.00, "where": {"any": ["web", "app"]}} ],
  "multiply": [ {"name": "tier", "by": {"VIB": 1.5, "Rouge": 2}} ],
  "bonus":    [ {"name": "review", "on": "review", "points": 10, "times": 5, "per": "month"},
                {"name": "friend", "on": "referred", "points": 200} ],
  "hold":     {"for": "14 days"},
  "expire":   [ {"name": "a year old", "kind": "age", "after": "12 months", "snap": "month"} ],
  "redeem":   {"minimum": 500, "step": 500, "value": 0.02},
  "tiers":    {"by": "profit", "window": "12 months", "valid": "12 months",
               "levels": [ {"name": "Insider", "at": 0},
                           {"name": "VIB", "at": 200},
                           {"name": "Rouge", "at": 600} ]}
}');
