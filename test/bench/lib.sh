# What the scripts in this folder share.  Source it first; figures are gathered in $tmp/table.
RUNS=${RUNS:-5}
tmp=$(mktemp -d)

sql() { psql -qXAt -v ON_ERROR_STOP=1 "$@"; }
say() { echo "bench: $*" >&2; }
row() { printf '%s|%s|%s|%s|%s|%s|%s\n' "$@" >>"$tmp/table"; }
median() { sort -n | awk '{v[NR] = $1} END {print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'; }
calc() { awk "BEGIN {printf \"$1\", $2}"; }
verdict() { awk "BEGIN {print ($1) ? \"met\" : \"missed\"}"; }
machine() {
	echo "machine     $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), $(nproc) CPUs, $(awk '/MemTotal/ {printf "%.0f GB", $2 / 1048576}' /proc/meminfo), load $(cut -d' ' -f1 /proc/loadavg)"
}

# in_turn COMMAND...: runs each RUNS times in turn; each prints a number; the medians end up in the array "medians"
in_turn() {
	local i k
	for ((k = 1; k <= $#; k++)); do : >"$tmp/numbers.$k"; done
	for ((i = 0; i < RUNS; i++)); do
		for ((k = 1; k <= $#; k++)); do eval "${!k}" >>"$tmp/numbers.$k"; done
	done
	medians=()
	for ((k = 1; k <= $#; k++)); do medians+=("$(median <"$tmp/numbers.$k")"); done
}

# the table with its columns aligned; fails if some answers differed
show_table() {
	awk -F'|' '{for (i = 1; i <= NF; i++) {cell[NR, i] = $i; if (length($i) > width[i]) width[i] = length($i)}}
		END {for (r = 1; r <= NR; r++) {for (i = 1; i <= NF; i++) printf("%" (i >= 3 && i <= 5 ? "" : "-") width[i] "s  ", cell[r, i]); print ""}}' "$tmp/table"
	! grep -q 'answers differ' "$tmp/table"
}
