# Statements beside their peers, for the scripts that time statements. Source it after lib.sh.

# Two processes, the leader working too; and one.
parallel="SET max_parallel_workers_per_gather = 1; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0"
serial="SET max_parallel_workers_per_gather = 0"

# time_in_turn STATEMENT...: runs them all RUNS times in turn; the median times (ms) end up in the array "times".
# A statement may be preceded by settings: "SET ...; SELECT ...". They stay until set again.
time_in_turn() {
	local i n=0 s
	for ((i = 0; i < RUNS; i++)); do
		for s in "$@"; do
			case $s in SET*) echo "${s%;*};" ;; esac
			echo "EXPLAIN (ANALYZE, TIMING OFF, SUMMARY ON, COSTS OFF) ${s##*;};"
		done
	done | sql >"$tmp/plans"
	# hash plans that fit in memory, or the comparison is void (unless spilling is what it is about)
	if [ -z "${may_spill-}" ] && grep -E 'Disk Usage|external|Batches: ([2-9]|[1-9][0-9])' "$tmp/plans" >&2; then
		say "a plan spilled: raise work_mem"; exit 1
	fi
	grep 'Execution Time' "$tmp/plans" | awk '{print $3}' >"$tmp/times"
	times=()
	for s in "$@"; do
		times+=("$(awk -v n=$# -v k=$n 'NR % n == (k + 1) % n' "$tmp/times" | median)")
		n=$((n + 1))
	done
}

# beside ID WHAT BUDGET OURS PEER: a row of the table, of two times; BUDGET - is for information
beside() {
	row "$1" "$2" "$(calc '%.0f ms' "$4")" "$(calc '%.0f ms' "$5")" "$(calc %.2f "$4 / $5")" "${3/#[0-9]/<= ${3:0:1}}" \
		"$([ "$3" = - ] || verdict "$4 / $5 <= $3")"
}

# against_peer ID WHAT BUDGET OURS PEER: the same of two statements
against_peer() {
	time_in_turn "$4" "$5"
	beside "$1" "$2" "$3" "${times[@]}"
}
