-- The report's charts as views, for tools that draw what a query gives.  From the top of this repository:  psql -d shop -f report/views.sql
-- Before it there must be report_asof, report_customer, report_subscriber, report_program and report_model: doc/report.md.
\set sql `cat report/summary.sql`
CREATE OR REPLACE VIEW report_summary AS :sql
\set sql `cat report/whale.sql`
CREATE OR REPLACE VIEW report_whale AS :sql
\set sql `cat report/grid.sql`
CREATE OR REPLACE VIEW report_grid AS :sql
\set sql `cat report/cohorts.sql`
CREATE OR REPLACE VIEW report_cohorts AS :sql
\set sql `cat report/channels.sql`
CREATE OR REPLACE VIEW report_channels AS :sql
\set sql `cat report/tiers.sql`
CREATE OR REPLACE VIEW report_tiers AS :sql
\set sql `cat report/liability.sql`
CREATE OR REPLACE VIEW report_liability AS :sql
\set sql `cat report/recurring.sql`
CREATE OR REPLACE VIEW report_recurring AS :sql
