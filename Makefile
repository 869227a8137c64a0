# Build and install:  make && make install && make installcheck  (PGXS; set PG_CONFIG to choose a server)
# See it, test it:    make demo, make test, ...  (throw-away servers; test/README.md)

EXTENSION = loyalty
MODULE_big = loyalty
DISTVERSION := $(shell sed -n "s/^default_version = '\(.*\)'/\1/p" loyalty.control)

OBJS := $(patsubst %.c,%.o,$(sort $(wildcard src/*.c src/*/*.c)))

# what the install script is strung together from, in this order: the SQL of a folder, and +type for what every
# type with a JSON text form has, stamped from one template
SCRIPT := base +event event +history history profit +program program standing subscription +tariff tariff +model worth +ranking ranking +referrals referral +effect effect +credit credit check live deal
TEMPLATE = src/document/type.sql.in
folder = $(sort $(wildcard src/$1/*.sql))
piece = $(if $(filter +%,$1),sed 's/@type@/$(1:+%=%)/g' $(TEMPLATE),cat $(call folder,$1));
DATA_built = loyalty--$(DISTVERSION).sql
DATA = $(wildcard loyalty--*--*.sql)

# the nouns in the order in which they build on each other, then the rest
TESTS := $(patsubst sql/%.sql,%,$(sort $(wildcard sql/*.sql)))
NOUNS := $(filter $(TESTS),event history profit program standing)
REGRESS := $(foreach noun,event history profit program standing,$(filter $(noun),$(TESTS))) $(filter-out $(NOUNS),$(TESTS))
ISOLATION := $(patsubst test/isolation/specs/%.spec,%,$(sort $(wildcard test/isolation/specs/*.spec)))
# it makes what the others begin with
override ISOLATION := $(if $(ISOLATION),shop $(filter-out shop,$(ISOLATION)))

# pg_regress sets a time zone and styles of its own; the tests read better in these
SESSION = env PGTZ=UTC PGDATESTYLE=ISO,YMD PGOPTIONS=-cintervalstyle=postgres
OPTS = --load-extension=$(EXTENSION) --encoding=UTF8 --no-locale
REGRESS_OPTS = $(OPTS) --launcher='$(SESSION)'
ISOLATION_OPTS = $(OPTS) --launcher='$(SESSION) test/isolation/launch' --inputdir=test/isolation

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs 2>/dev/null)

# Debian's client package has a pgxs.mk without the headers
ifneq ($(and $(wildcard $(PGXS)),$(wildcard $(shell $(PG_CONFIG) --includedir-server 2>/dev/null)/postgres.h)),)

# -isystem: the server's own headers are not ours to warn about
PG_CPPFLAGS = -Isrc -isystem $(shell $(PG_CONFIG) --includedir-server)
PG_CFLAGS = -Wall -Wextra -Wno-unused-parameter

# bitcode for JIT inlining needs the clang and LLVM that the server was built with; without them do without
global = $(shell sed -n 's/^$1[ \t]*=[ \t]*//p' $(dir $(PGXS))../Makefile.global)
ifeq ($(shell command -v '$(call global,CLANG)' && command -v '$(call global,LLVM_BINPATH)/llvm-lto'),)
override with_llvm = no
endif

# PostgreSQL 15 loads modules into one name space: another's function of the same name must not take ours' place
override SHLIB_LINK += -Wl,-Bsymbolic -Wl,--version-script=src/exports.map

include $(PGXS)

# PGXS tracks no headers: any change of ours compiles everything again
$(OBJS) $(OBJS:.o=.bc): $(wildcard src/*.h src/*/*.h)
$(shlib): src/exports.map

else

all install installcheck clean:
	@echo "$(PG_CONFIG) finds no server headers: install the server headers (Debian: postgresql-server-dev-15)" >&2; exit 1

endif

$(DATA_built): loyalty.control Makefile $(TEMPLATE) $(foreach word,$(SCRIPT),$(call folder,$(word)))
	@{ printf '%s\n' '\echo Use "CREATE EXTENSION $(EXTENSION)" to load this file. \quit'; $(foreach word,$(SCRIPT),$(call piece,$(word))) } > $@

print-%:
	@:$(info $($*))

.PHONY: test property soak mutants stored demo report bench fuzz sanitize lint coverage check-versions check-machines check-package dist

test:			# ONLY="regress isolation/merge ..." for some of it
	@test/run $(ONLY)

property:		# N=200000 SEED=2 ONLY=property/live
	@test/run $(or $(ONLY),property/standing property/subscription property/tariff property/ranking property/effect property/credit property/live property/deal)

soak:			# SEED=2; hours of what `make test` runs for minutes
	@N=20000 ATTEMPTS=200000 CYCLES=100 FUZZ=600 test/run $(or $(ONLY),property tap/live_load tap/live_crash tap/deal_load tap/deal_crash fuzz)

mutants:		# ONLY="regress/ calendar"
	@test/mutants/run $(ONLY)

OUT ?= report.html

demo:			# KEEP=1 leaves the server up
	@test/server $(if $(KEEP),--keep) test/demo/run
	@printf '\nThe same shop in pictures:  make report\n'

report:			# a page with charts, OUT=report.html: of the sample shop, or DB=... EVENTS=... of your own; doc/report.md
	@test/install $(if $(DB),,server) report
	@$(if $(DB),report/report,test/server test/demo/report) > '$(OUT).new' && mv '$(OUT).new' '$(OUT)' || { rm -f '$(OUT).new'; false; }
	@echo "Open it:  $(abspath $(OUT))"

bench:			# ROWS=5000000 ONLY="run live fold recurring worth ranking effect credit deal"
	@test/server --tuned=$(or $(ROWS),5000000) bash -ec 'for part in $(or $(ONLY),run live fold recurring worth ranking effect credit deal); do test/bench/$$part; done'

fuzz:			# SECONDS=60 TARGET=name SAVE=1
	@test/fuzz/run $(or $(SECONDS),60) $(TARGET)

sanitize lint coverage check-versions check-machines check-package:
	@test/$@ $(ONLY)

stored:			# what this version stores: test/stored/VERSION.sql
	@test/server test/stored/write > test/stored/new && mv test/stored/new test/stored/$(DISTVERSION).sql || { rm -f test/stored/new; false; }

dist: $(DATA_built)	# what is committed, as a zip for PGXN; TO=folder
	@git archive --prefix=$(EXTENSION)-$(DISTVERSION)/ --add-file=$(DATA_built) -o '$(or $(TO),.)/$(EXTENSION)-$(DISTVERSION).zip' HEAD
