# Statements beside their peers: what `run` and `recurring` share. Source it after lib.sh.

# in_turn STATEMENT...: runs them all RUNS times in turn; the median times (ms) end up in the array "times".
# A statement may be preceded by settings: "SET ...; SELECT ...".
in_turn() {
	local i n=0 s
	for ((i = 0; i < RUNS; i++)); do
		for s in "$@"; do
			case $s in SET*) echo "${s%;*};" ;; esac
			echo "EXPLAIN (ANALYZE, TIMING OFF, SUMMARY ON, COSTS OFF) ${s##*;};"
		done
	done | sql >"$tmp/plans"
	# hash plans that fit in memory, or the comparison is void
	if grep -E 'Disk Usage|external|Batches: ([2-9]|[1-9][0-9])' "$tmp/plans" >&2; then
		say "a plan spilled: raise work_mem"; exit 1
	fi
	grep 'Execution Time' "$tmp/plans" | awk '{print $3}' >"$tmp/times"
	times=()
	for s in "$@"; do
		times+=("$(awk -v n=$# -v k=$n 'NR % n == (k + 1) % n' "$tmp/times" | median)")
		n=$((n + 1))
	done
}

# against_peer ID WHAT BUDGET OURS PEER: a row of the table; BUDGET - is for information
against_peer() {
	in_turn "$4" "$5"
	local ratio
	ratio=$(calc %.2f "${times[0]} / ${times[1]}")
	row "$1" "$2" "$(calc '%.0f ms' "${times[0]}")" "$(calc '%.0f ms' "${times[1]}")" "$ratio" \
		"${3/#[0-9]/<= ${3:0:1}}" "$([ "$3" = - ] || verdict "${times[0]} / ${times[1]} <= $3")"
}
