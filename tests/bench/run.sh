#!/bin/bash
# Runs every workload, and the same work on ns-3 where its development package is installed, and
# prints one table.  The result is kept beside this script; what changed since the last is shown.
set -u
here=$(cd "$(dirname "$0")" && pwd)
out=$(mktemp)
trap 'rm -f "$out"' EXIT

# Three times over: the machine is shared, and the best of three says what the program can do.
for _ in 1 2 3; do
    for w in W1 W1-short W1-digest W1-trace W2 W3 W4 W5 W5-trace W6 W7 W8 W9 E2; do
        "$BENCH" "$w" 2>/dev/null
    done
    LUA_CPATH="$MODULE_DIR/?.so" lua5.4 "$here/lifecycle.lua"
    LUA_CPATH="$MODULE_DIR/?.so" lua5.4 "$here/explore.lua"
    for jobs in 1 2; do
        begun=$(date +%s%N)
        LUA_CPATH="$MODULE_DIR/?.so" lua5.4 "$here/sweep.lua" $jobs
        awk -v name="sweep-$jobs" -v ns=$(($(date +%s%N) - begun)) 'BEGIN { printf "%-12s %14d units %9.3f s %10.1f ns/unit\n", name, 2700, ns / 1e9, ns / 2700 }'
    done
done | tee -a "$out" >&2
ns3_version=none
if pkg-config --exists ns3-internet 2>/dev/null; then
    ns3=$(bash "$here/ns3/build.sh") && {
        ns3_version=$("$ns3" version)
        for w in W1 W1-short W2 W3 W4 W5 W7; do timeout 400 "$ns3" "$w"; done | sed 's/^/ns3-/' | tee -a "$out" >&2
    }
fi

awk -v ns3="$ns3_version" '
    /bytes/ { if (!($1 in seen)) { seen[$1]; note[++notes] = sprintf("%-14s %8d bytes %s", $1, $2, substr($0, index($0, "bytes") + 6)) } next }
    !($1 in cost) || $6 < cost[$1] { cost[$1] = $6; units[$1] = $2 }
    function ratio(ours, theirs) {
        return (ours in cost) && (theirs in cost) ? sprintf("%6.1f x", cost[theirs] / cost[ours]) : "     -"
    }
    function line(name, what) {
        if (!(name in cost)) return
        printf "%-14s %-34s %12.0f %12.0f  %s\n", name, what, units[name], cost[name], ratio(name, "ns3-" name)
    }
    END {
        printf "%-14s %-34s %12s %12s  %s\n", "workload", "", "units", "ns a unit", "against ns-3"
        line("W1", "bulk, 5 ms: packet-hops")
        line("W1-short", "bulk, 0.1 ms: packet-hops")
        line("W2", "dumbbell, 100 flows: packet-hops")
        line("W3", "1 % loss: packet-hops")
        line("W4", "short connections")
        line("W5", "lifecycles from C")
        if ("W5-lua" in cost)
            printf "%-14s %-34s %12.0f %12.0f  %s\n", "W5-lua", "lifecycles from Lua (traced)", units["W5-lua"], cost["W5-lua"], ratio("W5-lua", "ns3-W5")
        line("W7", "chain of 100: packet-hops")
        printf "\n%-14s %12s %12s %12s   %s\n", "hold, pending", "drywire", "4-ary heap", "radix heap", "ns, and against the better bare one"
        split("1000 100000 1000000", pending, " ")
        for (i = 1; i <= 3; i++) {
            p = pending[i]
            best = cost["heap/" p] < cost["radix/" p] ? cost["heap/" p] : cost["radix/" p]
            printf "%-14s %12.0f %12.0f %12.0f   %.2f x\n", p, cost["W6/" p], cost["heap/" p], cost["radix/" p], cost["W6/" p] / best
        }
        printf "\n%-14s %12s %12s %12s   %s\n", "in flight", "no loss", "1 % loss", "10 % loss", "ns a segment, with recovery"
        for (n = 10; n <= 100000; n *= 10)
            printf "%-14d %12.0f %12.0f %12.0f\n", n, cost["W9-" n "-0%"], cost["W9-" n "-1%"], cost["W9-" n "-10%"]
        printf "\ntracing everything against nothing: %.2f x kept in memory, %.2f x digest only (W1-short)\n", cost["W1-trace"] / cost["W1-short"], cost["W1-digest"] / cost["W1-short"]
        printf "                                    %.2f x (W5)\n", cost["W5-trace"] / cost["W5"]
        printf "a sweep of 2700 runs: %.0f ns a run with one process, %.0f with two: %.2f x\n", cost["sweep-1"], cost["sweep-2"], cost["sweep-1"] / cost["sweep-2"]
        printf "exploring from Lua: a run costs %.2f x one of a plain loop; with runs that meet a plan costs %.2f x\n", cost["E1/runs"] / cost["E1/loop"], cost["E1/plans"] / cost["E1/loop"]
        printf "exploring from C: %.0f runs and %.0f plans a second\n", 1e9 / cost["E2/runs"], 1e9 / cost["E2/plans"]
        for (i = 1; i <= notes; i++) print note[i]
        printf "setting up a connection: %.0f ns\nns-3: %s\n", cost["W8/setup"], ns3
    }' "$out" | tee "$here/latest.txt"
