# The report in a browser: every chart draws, no script fails, nothing is fetched, and what is shown is what the queries give.

use strict;
use warnings;

use JSON::PP;
use MIME::Base64;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my ($browser) = grep { defined && -x } map { "$_/chromium" } split /:/, $ENV{PATH};
my $library = $ENV{CHART} // '/usr/share/javascript/chart.js/chart.min.js';
plan skip_all => 'no chromium here: test/install browser' if !$browser;
plan skip_all => 'no Chart.js here: test/install report' if !-r $library;

my @charts = qw(whale grid cohorts channels tiers liability recurring);
my $node = PostgreSQL::Test::Cluster->new('shop');
$node->init;
$node->append_conf('postgresql.conf', 'fsync = off');
$node->start;
$ENV{PGOPTIONS} = '-c client_min_messages=warning';

# page(DATABASE, VARIABLE => VALUE...): the report, by a role that may only read
sub page
{
	my ($database, %said) = @_;
	local %ENV = (%ENV, DB => $node->connstr($database) . ' user=reader', %said);
	my ($out, $err) = run_command([ 'report/report' ]);
	is($err, '', "$database: no error");
	return $out;
}

# what runs before everything else in the page, and after
my $before = q{<script>window.wrong = [];
for (const what of ['error', 'unhandledrejection', 'securitypolicyviolation'])
	addEventListener(what, e => wrong.push(`${what}: ${e.message ?? e.reason ?? e.blockedURI}`));
</script>};
my $after = q{<script>{
const look = section => {
	const canvas = section.querySelector('canvas'), table = section.querySelector('table'), chart = canvas && Chart.getChart(canvas);
	const colours = new Map();
	if (canvas)
	{
		const bytes = new Uint32Array(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer);
		bytes.forEach(b => colours.set(b, (colours.get(b) || 0) + 1));
		colours.delete(0);
	}
	return {
		says: section.querySelector('.says')?.textContent ?? '', label: canvas?.getAttribute('aria-label') ?? '', sql: section.querySelector('pre').textContent,
		many: [...colours.values()].filter(n => n > 150).length, drawn: [...colours.values()].reduce((a, b) => a + b, 0) / ((canvas?.width * canvas?.height) || 1),
		wide: canvas?.getBoundingClientRect().right > innerWidth, sets: chart ? chart.data.datasets.map(s => ({label: s.label, data: s.data})) : [],
		table: table ? [...table.tBodies[0].rows].map(row => [...row.cells].map(c => c.firstElementChild ? c.firstElementChild.value : null)) : []
	};
};
// what is said of the last point of each set, when it is pointed at
const told = section => {
	const chart = section.querySelector('canvas') && Chart.getChart(section.querySelector('canvas'));
	return !chart ? [] : chart.data.datasets.flatMap((set, datasetIndex) => {
		const index = set.data.reduce((found, x, i) => x === null ? found : i, -1);
		if (index < 0 || !chart.isDatasetVisible(datasetIndex))
			return [];
		chart.tooltip.setActiveElements([{datasetIndex, index}], {x: 0, y: 0});
		chart.update();
		return [...chart.tooltip.title, ...chart.tooltip.body.flatMap(b => b.lines)];
	});
};
const seen = {wrong, fetched: performance.getEntriesByType('resource').map(e => e.name).filter(n => !n.startsWith('data:')), images: document.images.length,
	title: document.title, numbers: document.querySelector('.numbers').textContent, inner: innerWidth, page: getComputedStyle(document.body).backgroundColor, across: document.documentElement.scrollWidth - innerWidth, charts: {}};
document.querySelectorAll('section').forEach(s => { seen.charts[s.id] = {...look(s), told: told(s)}; });
parent.postMessage(btoa(unescape(encodeURIComponent(JSON.stringify(seen)))), '*');
}</script>};

# look(PAGE, WIDTH): what a browser without a network has made of it
sub look
{
	my ($page, $width, @more) = @_;
	my $file = $node->basedir . '/page.html';
	$page =~ s/<head>/<head>$before/ or die 'no head';
	$page =~ s/<\/body>/$after<\/body>/ or die 'no body';
	my $frame = $node->basedir . '/frame.html';
	unlink $file, $frame;
	append_to_file($file, $page);
	# no window is as narrow as a phone
	append_to_file($frame, qq{<iframe src="page.html" style="width: ${width}px; height: 900px; border: 0"></iframe><pre></pre><script>onmessage = e => document.querySelector('pre').textContent = e.data</script>});
	my ($dom, $err) = run_command([ 'timeout', 120, $browser, '--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--hide-scrollbars',
			'--user-data-dir=' . $node->basedir . '/browser', '--host-resolver-rules=MAP * ~NOTFOUND', '--window-size=1400,1000', '--virtual-time-budget=5000', @more, '--dump-dom', "file://$frame" ]);
	my ($seen) = $dom =~ m{<pre>([^<]+)</pre>};
	if (!$seen)
	{
		diag($err);
		BAIL_OUT('the browser showed nothing');
	}
	return decode_json(decode_base64($seen));
}

# the rows that a query gives, as lists
sub rows
{
	my ($database, $sql, $zone) = @_;
	my ($out, $err) = ('', '');
	IPC::Run::run([ 'psql', '-X', '-q', '-At', '-F', "\x1f", '-v', 'ON_ERROR_STOP=1', '-P', 'null=\N', '-d', $node->connstr($database) ],
		'<', \"SET timezone = '$zone'; SET datestyle = ISO;\n$sql;", '>', \$out, '2>', \$err);
	is($err, '', 'the query runs as it stands in the page');
	return [ map { [ split /\x1f/, $_, -1 ] } split /\n/, $out ];
}

# one spelling for each value: 0.00 is 0, and an instant is its day and time
sub spelled
{
	my ($value) = @_;
	return '\N' if !defined $value;
	$value =~ s/^(\d{4}-\d\d-\d\d)T/$1 /;
	$value =~ s/([+-]\d\d):00$/$1/ if $value =~ /^\d{4}-/;
	return $value =~ /^-?\d+(\.\d+)?$/ ? $value + 0 : $value;
}
sub spelled_rows { return [ map { [ map { spelled($_) } @$_ ] } @{ $_[0] } ]; }
sub column { my ($rows, @at) = @_; return [ map { my $at = $_; map { spelled($_->[$at]) } @$rows } @at ]; }

# 1. The sample shop
foreach my $file (sort(glob 'test/demo/0*.sql'), 'test/demo/25_subscription.sql')
{
	run_log([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('postgres'), '-o', '/dev/null', '-f', $file ]);
}
$node->safe_psql('postgres', q{
create role reader login;
alter role reader set default_transaction_read_only = on;
grant usage on schema shop to reader;
grant select on shop.customer_event, shop.club_history, shop.programs to reader;
});
my $zone = 'America/Los_Angeles';
my @shop = (EVENTS => 'shop.customer_event', SUBSCRIPTIONS => 'shop.club_history', PROGRAM => "shop.programs WHERE name = 'today'", ASOF => '2026-01-01', CURRENCY => 'USD', TITLE => 'The sample shop');
my $page = page('postgres', @shop);
unlike($page =~ s/\Q<!-- library -->\E//r, qr/<(?:script|link|img)[^>]+(?:src|href)="(?!data:)/, 'the page refers to no other file');
foreach my $width (400, 1280)
{
	my $seen = look($page, $width);
	is_deeply($seen->{wrong}, [], "$width wide: no script error, nothing blocked");
	is_deeply($seen->{fetched}, [], "$width wide: nothing fetched");
	cmp_ok($seen->{across}, '<=', 0, "$width wide: nothing sticks out");
	is($seen->{title}, 'The sample shop: customers', "$width wide: the title");
	is($seen->{inner}, $width, "$width wide: indeed");
	foreach my $name (@charts)
	{
		my $chart = $seen->{charts}{$name};
		cmp_ok($chart->{drawn}, '>', 0.02, "$width wide: $name has drawn");
		cmp_ok($chart->{many}, '>=', 2, "$width wide: $name has drawn in colours");
		ok(!$chart->{wide}, "$width wide: $name fits");
		my $told = join ' / ', @{ $chart->{told} };
		like($told, qr/\d.*\d/, "$width wide: $name tells of its points");
		unlike($told, qr/undefined|null|NaN/, "$width wide: $name tells of nothing that is not there");
		like($chart->{label}, qr/\Q$chart->{says}\E$/, "$width wide: $name has its sentence as a text alternative");
	}
	next if $width == 400;

	my %got;
	foreach my $name ('summary', @charts)
	{
		my $chart = $seen->{charts}{$name};
		$got{$name} = rows('postgres', $chart->{sql}, $zone);
		cmp_ok(scalar @{ $got{$name} }, '>', 0, "$name has rows");
		is_deeply(spelled_rows($chart->{table}), spelled_rows($got{$name}), "$name: the table is what the query gives");
	}

	# the charts' own numbers, set by set
	my $sets = sub { return [ map { my $set = $_; map { spelled(ref $_ ? $_->{ $_[1] } : $_) } @{ $set->{data} } } @{ $seen->{charts}{ $_[0] }{sets} } ] };
	my $whale = $seen->{charts}{whale}{sets}[0]{data};
	is_deeply([ map { $_->{y} } @$whale ], column($got{whale}, 2), 'whale draws the profits');
	is_deeply([ map { $_->{x} } @$whale ], column($got{whale}, 0), 'whale draws them by share');
	is_deeply([ map { @{ $_->{data} } } @{ $seen->{charts}{channels}{sets} } ], column($got{channels}, 2, 3, 4), 'channels draws costs and gains');
	is_deeply([ sort { $a <=> $b } map { map { $_ + 0 } grep { defined } @{ $_->{data} } } @{ $seen->{charts}{liability}{sets} } ], [ sort { $a <=> $b } @{ column($got{liability}, 3) } ], 'liability draws the amounts');
	is_deeply([ map { @{ $_->{data} } } @{ $seen->{charts}{recurring}{sets} } ], column($got{recurring}, 1, 3, 4, 5, grep({ my $c = $_; grep { $_->[$c] != 0 } @{ $got{recurring} } } 6), 7), 'recurring draws the movements');
	is_deeply([ map { @{ $_->{data} } } @{ $seen->{charts}{tiers}{sets} } ], [ map { my $tier = $_; map { $_->[3] + 0 } grep { $_->[1] eq $tier } @{ $got{tiers} } } qw(Insider VIB Rouge) ], 'tiers draws the members');
	is_deeply([ sort map { "$_->{y} $_->{x} $_->{cell}{customers}" } map { @{ $_->{data} } } @{ $seen->{charts}{grid}{sets} } ], [ sort map { "$_->[0] $_->[1] $_->[2]" } @{ $got{grid} } ], 'grid draws every cell');
	my $cohorts = $seen->{charts}{cohorts}{sets};
	my @months = do { my %seen; grep { !$seen{$_}++ } map { $_->[0] } @{ $got{cohorts} } };
	is_deeply([ map { my $row = $_; map { "$months[$row] " . ($_ + 1) } grep { defined $cohorts->[$_]{data}[$row] } 0 .. $#$cohorts } 0 .. $#months ],
		[ map { "$_->[0] $_->[1]" } @{ $got{cohorts} } ], 'cohorts draws every cell in its place');

	# what plain SQL over the shop's tables says
	is($got{summary}[0][0], $node->safe_psql('postgres', 'select count(distinct customer_id) from shop.orders'), 'customers, by the orders');
	is($got{summary}[0][2], $node->safe_psql('postgres', "set timezone = '$zone'; select (select sum(quantity * unit_price) from shop.order_lines join shop.orders using (order_id) where ordered_at >= '2025-01-01')
		- (select sum(amount) from shop.refunds where refunded_at >= '2025-01-01')"), 'revenue, by the tables');
	is($got{recurring}[-1][2], $node->safe_psql('postgres', "select count(distinct customer_id) from (select distinct on (subscription_id) * from shop.subscription_log where changed_at < '2026-01-01 00:00-08' order by subscription_id, changed_at desc) s
		where status = 'active' and price > 0 and (ends_at is null or ends_at > '2026-01-01 00:00-08')"), 'subscribers, by the log');
	my ($half) = grep { $_->[0] == 20 } @{ $got{whale} };
	like($seen->{charts}{whale}{says}, qr/^The top 20\x{a0}% of the customers bring @{[ sprintf '%.0f', $half->[3] ]}\x{a0}% /, 'the sentence agrees with the curve');

	# the same queries are views for other tools
	$node->safe_psql('postgres', qq{create schema views;
create view views.report_asof as select timestamptz '2026-01-01 00:00-08' as asof;
create view views.report_customer as select customer_id as customer, loyalty.history(event) as h from shop.customer_event group by 1;
create view views.report_subscriber as select customer_id as customer, h from shop.club_history;
create view views.report_program as select rules as program from shop.programs where name = 'today';
set search_path = views;
create view views.report_model as select loyalty.fit(h, '{"timezone": "$zone", "value": "profit"}', asof) as model from report_customer, report_asof;});
	run_log([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('postgres') . " options='-c search_path=views'", '-f', 'report/views.sql' ]);
	foreach my $name ('summary', @charts)
	{
		is_deeply(spelled_rows(rows('postgres', "select * from views.report_$name", $zone)), spelled_rows($got{$name}), "the view report_$name gives what the page shows");
	}
}
my $dark = look($page, 1280, '--blink-settings=preferredColorScheme=0');
is_deeply($dark->{wrong}, [], 'dark: no script error');
like($dark->{page}, qr/^rgb\(\d\d?, \d\d?, \d\d?\)$/, 'dark: it is');
cmp_ok($dark->{charts}{$_}{many}, '>=', 2, "dark: $_ has drawn in colours") foreach @charts;

# 2. A shop whose names are meant to break the page
my $evil = q{</script><script>wrong.push("ran")</script><img src=x onerror='wrong.push("ran")'>"\\&};
$node->safe_psql('postgres', 'create database evil');
$node->safe_psql('evil', "create extension loyalty;
create table \"ev'il table\" as select c as \"the \"\"one\"\"\", e as \"order\" from generate_series(1, 40) c, lateral (values
	(loyalty.expense('2025-01-01', 3, array['acquisition', \$\$$evil\$\$])), (loyalty.purchase(timestamptz '2025-01-05' + c * interval '3 days', 20 + c)), (loyalty.purchase('2025-12-01', 30))) v(e);
create table program as select (replace('{\"program\": \"x\", \"timezone\": \"Europe/Berlin\", \"earn\": [{\"points\": 1}], \"tiers\": {\"levels\": [{\"name\": \"Base\", \"at\": 0}, {\"name\": \"@\", \"at\": 40}]}}', '\@', left(replace(replace(\$\$$evil\$\$, '\\', ''), '\"', ''), 60)))::loyalty.program as rules;
grant select on all tables in schema public to reader");
my $seen = look(page('evil', EVENTS => q{"ev'il table"}, PROGRAM => 'program', ASOF => '2026-01-01', TITLE => $evil), 1280);
is_deeply($seen->{wrong}, [], 'hostile names: no script of theirs runs');
is($seen->{images}, 0, 'hostile names: nothing of theirs becomes a part of the page');
is($seen->{title}, "$evil: customers", 'hostile names: the title is shown as it is');
is($seen->{charts}{channels}{table}[0][0], $evil, 'hostile names: the channel is shown as it is');
cmp_ok($seen->{charts}{$_}{drawn}, '>', 0.02, "hostile names: $_ has drawn") foreach qw(whale cohorts channels tiers liability);
is($seen->{charts}{recurring}{says}, 'The shop has no subscriptions.', 'hostile names: no subscriptions');

# 3. Shops that have little, and one that has nothing
$node->safe_psql('evil', q{create table few as select c as customer, loyalty.purchase(now() - interval '40 days', 10) as event from generate_series(1, 3) c;
create view nobody as select 1 as customer, null::loyalty.event as event where false;
create table kept as select customer, loyalty.history(event) as h from few group by 1;
grant select on all tables in schema public to reader});
foreach my $events ('few', 'kept', 'nobody')
{
	$seen = look(page('evil', EVENTS => $events), 1280);
	is_deeply($seen->{wrong}, [], "$events: no script error");
	is(scalar(grep { $seen->{charts}{$_}{says} eq '' } @charts), 0, "$events: each chart says something");
	is(join(' ', grep { $seen->{charts}{$_}{drawn} > 0 } @charts), $events eq 'nobody' ? '' : 'whale cohorts', "$events: those charts are drawn that have data");
	is($seen->{charts}{tiers}{says}, 'There is no program, or it has no tiers.', "$events: and the others say why not");
}

# 4. What is not right is said
my %wrong = (
	'no events' => [ {}, qr/^EVENTS is missing/ ],
	'no such relation' => [ { EVENTS => 'nothing' }, qr/relation "nothing" does not exist/ ],
	'no column of events' => [ { EVENTS => 'program' }, qr/^EVENTS=program has no column of type loyalty.event or loyalty.history/ ],
	'no program in it' => [ { EVENTS => 'few', PROGRAM => 'few' }, qr/^PROGRAM=few has no column of type loyalty.program/ ],
	'several programs' => [ { EVENTS => 'few', PROGRAM => '(select rules from program union all select rules from program) p' }, qr/is not one program/ ],
	'no currency' => [ { EVENTS => 'few', CURRENCY => 'euro' }, qr/^CURRENCY=euro is no code/ ],
	'no such zone' => [ { EVENTS => 'few', TIMEZONE => 'Europe/Atlantis' }, qr/invalid value for parameter "TimeZone"/ ]);
foreach my $case (sort keys %wrong)
{
	my ($said, $words) = @{ $wrong{$case} };
	local %ENV = (%ENV, DB => $node->connstr('evil') . ' user=reader', %$said);
	my ($out, $err) = run_command([ 'report/report' ]);
	like($err =~ s/^psql:<stdin>:\d+: //r, $words, "$case: said");
	is($out, '', "$case: no page");
}

$node->stop('immediate');
done_testing();
