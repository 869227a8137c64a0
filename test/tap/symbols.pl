# Another extension may have functions of the same names in its module: each calls its own.

use strict;
use warnings;

use Cwd;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Text::ParseWords;

my $config = $ENV{PG_CONFIG};
chomp(my $pkglibdir = `$config --pkglibdir`);
chomp(my $include = `$config --includedir-server`);
my $dir = PostgreSQL::Test::Utils::tempdir();

sub names
{
	return sort map { (split)[2] } grep { /^[0-9a-f]+ \w \S+$/ } split /\n/, `nm @_`;
}

# What is to be seen of the module: what SQL calls, and the magic block
my @seen = names('-D', '--defined-only', "$pkglibdir/loyalty.so");
my @entries = grep { "@seen" =~ /\bpg_finfo_$_\b/ } @seen;
cmp_ok(scalar @entries, '>', 100, 'the functions of SQL are exported');
is(join(' ', grep { !/^(pg_finfo_)?loyalty_\w+$|^Pg_magic_func$|^_PG_init$/ } @seen), '', 'and nothing without the prefix');

# A module that has them all, whatever they are in ours; who gets there is stopped
my @ours = names('-g', '--defined-only', glob('src/*.o src/*/*.o'));
cmp_ok(scalar(grep { !/^(pg_finfo_)?loyalty_/ } @ours), '>', 200, 'files of the module have many names in common');
my %shared = map { $_ => 1 } grep { !/^Pg_magic_func$|^_PG_init$/ } @ours;
ok($shared{$_}, "$_ is among them") foreach qw(json_read days_in_month loyalty_history_in);

append_to_file("$dir/magic.c", qq{#include "postgres.h"\n#include "fmgr.h"\nPG_MODULE_MAGIC;\n});
append_to_file("$dir/names.c", join('', map { "__attribute__((visibility(\"default\"))) int $_(void) { __builtin_trap(); return 0; }\n" } sort keys %shared));
command_ok([ 'gcc', '-w', '-shared', '-fPIC', '-fno-builtin', '-isystem', $include, '-o', "$dir/foreign.so", "$dir/magic.c", "$dir/names.c" ], 'another module with all of them');

my $node = PostgreSQL::Test::Cluster->new('shop');
$node->init;
$node->append_conf('postgresql.conf', "shared_preload_libraries = '$dir/foreign.so'\nmax_prepared_transactions = 4\nlog_statement = none");
$node->start;
is($node->safe_psql('postgres', 'create extension loyalty; select loyalty.revenue(loyalty.history(now(), 1.25))'), '1.25', 'it is loaded before ours');

# and every answer is as ever
my ($made) = run_command([ 'make', '-s', 'print-REGRESS_OPTS' ]);
my ($tests) = run_command([ 'make', '-s', 'print-REGRESS' ]);
local $ENV{PGHOST} = $node->host;
local $ENV{PGPORT} = $node->port;
symlink(getcwd() . "/$_", "$dir/$_") or die foreach qw(sql expected test doc);
chdir $dir;
command_ok([ $ENV{PG_REGRESS}, shellwords($made), split(' ', $tests) ], 'the regress tests');
diag(slurp_file('regression.diffs')) if -s 'regression.diffs';

$node->stop;
done_testing();
