# What the scripts in this folder share.  Source it first; then `enter GROUP...`:
#
#   1. installs what is missing of those groups (test/install),
#   2. copies the tree to a temporary folder,
#   3. runs the calling script again in there, as an unprivileged user,
#   4. ends every process of that run and removes the folder, however the run ends.
#
# Nothing after `enter` is therefore root, and nothing it leaves behind stays.

set -euo pipefail
umask 022
export LC_ALL=C.UTF-8
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
script=$(realpath --relative-to="$root" "$0")
cd "$root"
arguments=("$@")
scratch=${LOYALTY_SCRATCH-}

# no setting of the caller's sessions or of the make above may leak in
pg_config=${PG_CONFIG-}
unset "${!PG@}" MAKEFLAGS MFLAGS MAKELEVEL

# where npm and Debian put what everybody may use
export NODE_PATH=${NODE_PATH:+$NODE_PATH:}/usr/local/lib/node_modules:/usr/lib/node_modules:/usr/share/nodejs

say() { printf '%s\n' "$@"; }
die() { printf '%s\n' "$@" >&2; exit 1; }

# Is this the pg_config of a server (15 or later) that can be built against and started?  Each file is looked for by
# itself: Debian's client package ships a pgxs.mk without the headers, libpq-dev a pg_config without a server.
complete()
{
	local config=$1 pgxs file
	"$config" --version > /dev/null 2>&1 && [ "$("$config" --version | grep -oE '[0-9]+' | head -1)" -ge 15 ] || return 1
	pgxs=$("$config" --pgxs)
	for file in "$pgxs" "$(dirname "$pgxs")/../Makefile.global" "$("$config" --includedir-server)/postgres.h" \
		"$("$config" --pkglibdir)/plpgsql.so" "$("$config" --sharedir)/postgres.bki" \
		"$(dirname "$pgxs")"/../test/{regress/pg_regress,isolation/pg_isolation_regress,perl/PostgreSQL/Test/Cluster.pm} \
		"$("$config" --bindir)"/{postgres,initdb,psql,pg_dump}
	do
		[ -e "$file" ] || return 1
	done
}

# the server to work with: PG_CONFIG's, else the one in PATH, else Debian's newest
find_server()
{
	local candidate
	for candidate in ${pg_config:-pg_config $(printf '%s\n' /usr/lib/postgresql/*/bin/pg_config | sort -Vr)}
	do
		complete "$candidate" && command -v "$candidate" && return
	done
	return 1
}

# the tree without what was built in it: copy_tree DIRECTORY
copy_tree()
{
	mkdir "$1"
	tar -C "$root" --exclude=./.git --exclude='*.o' --exclude='*.bc' --exclude='*.so' -cf - . | tar -C "$1" -xf - --no-same-owner
}

enter()
{
	[ -z "$scratch" ] || return 0
	PG_CONFIG=$pg_config "$root/test/install" "$@"
	scratch=$(mktemp -d "${TMPDIR:-/tmp}/loyalty.XXXXXX")
	child=
	trap leave EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM

	local as=()
	mkdir "$scratch/tmp"
	copy_tree "$scratch/tree"
	if [ "$(id -u)" = 0 ]
	then
		chown -R nobody: "$scratch"
		as=(setpriv --reuid=nobody --regid="$(id -g nobody)" --clear-groups)
	fi

	# a process group of its own, so that leave can end all of it
	set -m
	"${as[@]}" env HOME="$scratch" TMPDIR="$scratch/tmp" LOYALTY_SCRATCH="$scratch" PG_CONFIG="$pg_config" \
		"$scratch/tree/$script" "${arguments[@]}" < /dev/null &
	child=$!
	set +m
	local status=0
	wait $child || status=$?
	bring_back
	exit $status
}

# what a script wants to carry out of the temporary folder; scripts may define their own
bring_back() { :; }

# the processes whose program lies in the temporary folder: servers, fuzzers
ours()
{
	local exe
	for exe in /proc/[0-9]*/exe
	do
		case $(readlink "$exe") in "$scratch"/*) exe=${exe#/proc/}; say "${exe%/exe}" ;; esac
	done
}

leave()
{
	trap '' HUP INT TERM
	if [ -e "$scratch/keep" ]
	then
		return
	fi
	[ -z "$child" ] || kill -TERM -- "-$child" 2> /dev/null || true
	local pids try
	for try in {1..50}
	do
		pids=$(ours)
		[ -n "$pids" ] || break
		[ $try -gt 1 ] || kill -QUIT $pids 2> /dev/null || true
		[ $try -lt 50 ] || kill -KILL $pids 2> /dev/null || true
		sleep 0.1
	done
	rm -rf "$scratch"
}

# quietly COMMAND...: show its output only if it fails
quietly()
{
	"$@" > "$scratch/log" 2>&1 || { cat "$scratch/log" >&2; return 1; }
}

# A copy of the server that can be installed into; it finds its own files by their relative place.
# Sets PATH and PG_CONFIG.
copy_server()
{
	local from to=$scratch/server dir
	from=$(find_server)
	mkdir -p "$to"
	for dir in bindir pkglibdir sharedir
	do
		cp -r --parents "$("$from" --$dir)" "$to"
	done
	dir=$("$from" --includedir)
	mkdir -p "$to$(dirname "$dir")"
	ln -sf "$dir" "$to$dir"
	export PG_CONFIG=$to$("$from" --bindir)/pg_config
	export PATH=$to$("$from" --bindir):$PATH
}

# build MAKE-ARGUMENTS...: compile and install into the copy
build()
{
	quietly make -s -j2 "$@" install
}

# start_server DATA [SETTING...]: on a socket in the temporary folder only
start_server()
{
	local data=$1
	shift
	mkdir -p "$scratch/socket"
	[ -e "$data/PG_VERSION" ] || quietly initdb -D "$data" -U postgres -A trust -E UTF8 --no-locale --no-sync
	printf '%s\n' "listen_addresses = ''" "unix_socket_directories = '$scratch/socket'" "fsync = off" "$@" > "$data/postgresql.auto.conf"
	: > "$scratch/server.log"
	LD_PRELOAD=${PRELOAD-} pg_ctl -D "$data" -l "$scratch/server.log" -s -w start || { cat "$scratch/server.log" >&2; return 1; }
	export PGHOST=$scratch/socket PGPORT=5432 PGUSER=postgres PGDATABASE=postgres
}

stop_server()
{
	pg_ctl -D "$1" -s -m fast stop
}

# make_root SUITE DIRECTORY: a bare Debian with make and nothing else of use, its package lists as old as it is.
# One of each suite is kept for a week in the temporary folder.
make_root()
{
	local kept=${TMPDIR:-/tmp}/loyalty-root-$1.tar scripts=/usr/share/debootstrap/scripts how=
	# a suite younger than this debootstrap is made as sid is
	[ -e "$scripts/$1" ] || how=$scripts/sid
	if [ -z "$(find "$kept" -mtime -7 2> /dev/null)" ]
	then
		quietly debootstrap --variant=minbase --include=make,ca-certificates "$1" "$2" "${MIRROR:-http://deb.debian.org/debian}" $how || return 1
		tar -C "$2" --exclude='./var/cache/apt/archives/*.deb' -cf "$kept.new" .
		mv "$kept.new" "$kept"
		rm -rf --one-file-system "$2"
	fi
	mkdir "$2"
	tar -C "$2" -xf "$kept"
	cp /etc/resolv.conf "$2/etc"
	echo force-unsafe-io > "$2/etc/dpkg/dpkg.cfg.d/quick"
	# a mirror may be a snapshot
	echo 'Acquire::Check-Valid-Until "false";' > "$2/etc/apt/apt.conf.d/99snapshot"
}

# in_root DIRECTORY COMMAND...: its processes and mounts end with it
in_root()
{
	local in=$1
	shift
	unshare --mount --pid --fork --kill-child --mount-proc="$in/proc" ${OFFLINE:+--net} sh -c '
		mount -t tmpfs -o mode=1777 none "$1/dev/shm"
		exec chroot "$@"' - "$in" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
}
