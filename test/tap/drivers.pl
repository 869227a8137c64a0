# What the drivers make of columns, of programs as parameters, of refusals and of prepared statements, each where it is
# installed (test/install drivers); and doc/drivers.md shows no other code than what was run.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

sub works { return system("@_ > /dev/null 2>&1") == 0; }

my $jar = '/usr/share/java/postgresql.jar';
my ($python) = grep { works($_, '-c', '"import sys"') } '/usr/bin/python3', 'python3';
my %there = (
	psycopg2 => $python && works($python, '-c', '"import psycopg2"'),
	psycopg => $python && works($python, '-c', '"import psycopg"'),
	odbc => $python && works($python, '-c', q{"import pyodbc; 'PostgreSQL Unicode' in pyodbc.drivers() or exit(1)"}),
	node => works('node', '-e', q{'require("pg")'}),
	jdbc => works('javac', '-version') && -e $jar);

# The page

my $programs = join "\n", map { slurp_file($_) } glob('test/drivers/*');
$programs =~ s/^\s+//mg;
my $page = slurp_file('doc/drivers.md');
my $shown = 0;
while ($page =~ /^```(python|js|java)\n(.*?)^```$/msg)
{
	my ($language, $code) = ($1, $2);
	$code =~ s/^\s+//mg;
	ok(index($programs, $code) >= 0, "what the page shows in $language was run: " . (split /\n/, $code)[0]);
	$shown++;
}
cmp_ok($shown, '>=', 6, 'and it shows some');

my @missing = grep { !$there{$_} } sort keys %there;
foreach my $name (@missing)
{
  SKIP: { skip "$name is not installed: test/install drivers", 1; }
}
if (@missing == keys %there)
{
	done_testing();
	exit;
}

# A shop; JDBC has no unix sockets

my $node = PostgreSQL::Test::Cluster->new('shop');
# psycopg 3 gives bytes where the encoding is unknown
$node->init(extra => [ '--encoding=UTF8', '--no-locale' ]);
$node->append_conf('postgresql.conf', "timezone = 'Europe/Berlin'\nlisten_addresses = '127.0.0.1'");
unlink $node->data_dir . '/pg_hba.conf';
$node->append_conf('pg_hba.conf', "local all all trust\nhost all jdbc 127.0.0.1/32 scram-sha-256");
$node->start;
my $password = join '', map { ('a' .. 'z')[ rand 26 ] } 1 .. 20;
$node->safe_psql('postgres', "create role jdbc superuser login password '$password'");
my $setup = q{
create extension loyalty;
create table orders (order_id int primary key, customer_id int, ordered_at timestamptz, total numeric(10,2));
create table redemptions (redemption_id int primary key, customer_id int, redeemed_at timestamptz, points int);
create table program (name text primary key, rules loyalty.program not null);
create view customer_event as
select customer_id, loyalty.purchase(ordered_at, total, cost => 50, ref => order_id) as event from orders
union all
select customer_id, loyalty.redemption(redeemed_at, points) from redemptions;
select loyalty.keep('loyal', 'int', '{"program": "points", "timezone": "UTC", "earn": [{"points": 1}],
	"tiers": {"by": "spend", "window": "lifetime", "levels": [{"name": "Base", "at": 0}, {"name": "Gold", "at": 100}]}}');
select loyalty.track('customer_event', 'loyal');
insert into orders values (1, 42, '2025-03-01 10:00+00', 120);
};

# driver NAME COMMAND...: what it prints, its lines "name, type, value", must be what stands in the table below
my $hint = 'Perhaps you meant "points". Accepted keys: "points", "per", "of", "steps", "table", "minimum", "plan", "within", "first", "name", "from", "until", "where".';
my $why = '{"customer": "42", "points": 500, "available": 120, "reason": "not_enough_points", "at": "2025-04-01T10:00:00Z", "new": true}';
my $history = '[{"at": "2025-03-01T10:00:00Z", "kind": "purchase", "amount": 120, "cost": 50, "ref": "1"}]';
my $rules = '{"program": "double", "timezone": "UTC", "earn": [{"points": 2}]}';

sub driver
{
	my ($name, $expected, @command) = @_;
	return if !$there{$name};
	$node->safe_psql('postgres', "create database $name");
	$node->safe_psql($name, $setup);
	local $ENV{PGHOST} = $node->host;
	local $ENV{PGPORT} = $node->port;
	local $ENV{PGUSER} = getpwuid($<);
	local $ENV{PGDATABASE} = $name;
	my ($out, $err) = run_command(\@command);
	$out =~ s/\t/ | /g;
	$out =~ s/ +$//mg;
	is("$out\n$err", $expected, $name);
}

# what a standing's columns come as, by their kind
sub columns
{
	my ($integer, $string, $money, $big, $instant, $at, $nothing) = @_;
	return join '', map { my ($column, $type, $value) = @$_; join(' | ', $column, ref $type ? @$type : ($type, $value)) =~ s/ $//r . "\n" }
		[ customer => $integer, 42 ], [ tier => $string, 'Gold' ], [ tier_since => $instant, $at ], [ tier_until => $nothing ],
		[ next_tier => $nothing ], [ to_next => $nothing ],
		[ points => $money, '120.000000' ], [ pending => $money, '0.000000' ], [ debt => $money, '0.000000' ], [ expiring => $money, '0.000000' ],
		[ expiring_at => $nothing ], [ lifetime_points => $money, '120.000000' ], [ qualifying => $money, '120.000000' ],
		[ revenue => $money, '120.000000' ], [ cost => $money, '50.000000' ], [ profit => $money, '70.000000' ],
		[ orders => $big, 1 ], [ first_purchase => $instant, $at ], [ last_purchase => $instant, $at ], [ history => $string, $history ];
}

sub python
{
	my ($at) = @_;
	return columns('int', 'str', 'Decimal', 'int', 'datetime', $at, [ 'NoneType', 'None' ]) . "whole | int | 120\ntrimmed | Decimal | 120\n";
}

foreach my $version ([ psycopg2 => '', 0 ], [ psycopg => "jsonb called | str | 42883\njsonb inserted | str | 42804\njsonb cast | str | done\n", 1 ])
{
	my ($name, $jsonb, $prepared) = @$version;
	driver($name, python('2025-03-01 11:00:00+01:00') . qq{amount | int | 120
what if | Decimal | 240
without a cast | Decimal | 240
stored | str | $rules
${jsonb}refused | str | not_enough_points: 120 of 500
LY001 sqlstate | str | LY001
LY001 message_primary | str | redemption of 500 points refused: not enough points; 120 available
LY001 message_detail | str | $why
LY001 message_hint | NoneType | None
LY001 column_name | str | 120
LY001 constraint_name | str | not_enough_points
LY001 schema_name | str | public
LY001 table_name | str | loyal
invalid sqlstate | str | 22023
invalid message_primary | str | earn[0].point: unknown key
invalid message_detail | NoneType | None
invalid message_hint | str | $hint
invalid column_name | NoneType | None
invalid constraint_name | NoneType | None
invalid schema_name | NoneType | None
invalid table_name | NoneType | None
before | int | 120
after | int | 240
prepared | int | $prepared
}, $python, 'test/drivers/with_psycopg.py', $name);
}

driver('node', columns('Number', 'String', 'String', 'String', 'Date', '2025-03-01T10:00:00.000Z', [ 'null', '' ]) . qq{whole | String | 120
number | Number | 120
trimmed | String | 120
big | BigInt | 1
parsed | Number | 120
amount | Number | 120
what if | String | 240
without a cast | String | 240
stored | String | $rules
refused | String | not_enough_points: 120 of 500
LY001 code | String | LY001
LY001 message | String | redemption of 500 points refused: not enough points; 120 available
LY001 detail | String | $why
LY001 hint | null |
LY001 column | String | 120
LY001 constraint | String | not_enough_points
LY001 schema | String | public
LY001 table | String | loyal
invalid code | String | 22023
invalid message | String | earn[0].point: unknown key
invalid detail | null |
invalid hint | String | $hint
invalid column | null |
invalid constraint | null |
invalid schema | null |
invalid table | null |
before | Number | 120
after | Number | 240
prepared | Number | 1
}, 'node', 'test/drivers/with_node.js');

# the session's time zone is the virtual machine's
driver('jdbc', (columns('Integer', 'String', 'BigDecimal', 'Long', 'Timestamp', '2025-03-01 05:00:00-05', [ 'null', 'null' ]) =~ s/^history \| String/history | PGobject/mr) . qq{whole | Long | 120
trimmed | BigDecimal | 120
points remarks | numeric | points that can be spent, less debt: below 0 while more is owed
what if | cast | 240
what if | OTHER | 240
what if | setString | 42883
what if | unspecified | 240
stored | PGobject | $rules
as of | OffsetDateTime | 0
instant | OffsetDateTime | 2025-03-01T10:00Z
refused | String | not_enough_points: 120 of 500
LY001 code | String | LY001
LY001 message | String | redemption of 500 points refused: not enough points; 120 available
LY001 detail | String | $why
LY001 hint | String | null
LY001 column | String | 120
LY001 constraint | String | not_enough_points
LY001 schema | String | public
LY001 table | String | loyal
invalid code | String | 22023
invalid message | String | earn[0].point: unknown key
invalid detail | String | null
invalid hint | String | $hint
invalid column | String | null
invalid constraint | String | null
invalid schema | String | null
invalid table | String | null
before | Long | 120
after | Long | 240
prepared | int | 1
}, 'java', '-XX:-UsePerfData', '-XX:TieredStopAtLevel=1', '-Duser.timezone=America/New_York', '-cp', $jar, 'test/drivers/WithJdbc.java',
	'jdbc:postgresql://127.0.0.1:' . $node->port . "/jdbc?user=jdbc&password=$password");

# it hands out texts: the detail, not the hint
driver('odbc', python('2025-03-01 11:00:00') . qq{points remarks | str |
what if | Decimal | 240
stored | str | $rules
refused | str | [LY001] ERROR: redemption of 500 points refused: not enough points; 120 available
DETAIL: $why;
Error while executing the query (1) (SQLExecDirectW)
invalid sqlstate | str | 22023
invalid message | str | [22023] ERROR: earn[0].point: unknown key;
Error while executing the query (1) (SQLExecDirectW)
before | int | 120
after | int | 240
}, $python, 'test/drivers/with_odbc.py', 'Driver={PostgreSQL Unicode};Server=' . $node->host . ';Port=' . $node->port . ';Database=odbc;Uid=' . getpwuid($<));

$node->stop;
done_testing();
