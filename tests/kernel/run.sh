#!/bin/bash
# The running kernel as judge of profile linux.
#
#   tests/kernel/run.sh [-j N] [--ignore FIELDS] [--keep DIR] [SCRIPT.lua ...]
#
# Every host's part of every example, figure and scenario is exported as a packetdrill script, what the
# profile sends there is recorded, and the script is replayed on this machine's kernel (drywire drill
# --live).  A script whose first difference is not in known.tsv is printed: what the profile sent
# beside what the kernel sent.  It is real time, but many at once cost little: -j 40 takes a minute.
#
#   -j N               so many at once (20)
#   --ignore FIELDS    of drywire drill, to see past what hits every script: window,wscale
#   --keep DIR         leave the scripts and what became of them there
#   --update           write the differences into known.tsv; a new one's reason is "?"
#
# DRYWIRE names the command (build/release/drywire).  Exit code 0 when no difference is unknown, 1 when
# one is, 77 where it is not possible: it needs root, Linux and /dev/net/tun.
set -u
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
export DRYWIRE=${DRYWIRE:-$root/build/release/drywire}
LONGEST=12 # seconds of a script
TRIES=3    # of a script that differs: the kernel's tick may fall anywhere, and the machine may be busy

# fits FILE: nothing, or why the script cannot be replayed on a kernel.
fits() {
    awk -v longest="$LONGEST" '
        /^\/\/ drywire:/ {
            for (i = 3; i <= NF; i++) {
                split($i, option, "=")
                if (option[1] == "defect") why = "it has a defect"
                else if (option[1] == "isn") why = "it opens the connection more than once"
                else if (option[1] == "profile" && option[2] != "linux") why = "it is not of profile linux"
                else if (option[1] != "profile" && option[1] != "same_time") switches++
            }
        }
        /^\/\/ no call of|^\/\/ Here the host lost/ { why = "it does what scripts have no word for" }
        /`sysctl/ { sysctls++ }
        /^[0-9]/ { last = $1; events++ }
        END {
            if (!why && !events) why = "nothing happens in it"
            if (!why && last + 0 > longest) why = "it takes longer than " longest " s"
            if (!why && switches > sysctls) why = "it sets what no sysctl of a kernel sets"
            if (why) print why
        }' "$1"
}

# first_difference FILE: the reason that a report gives, in one line, times and time stamps as N.
first_difference() {
    awk '/message: \|/ { getline; sub(/^ *[^ ]*:[0-9]+: /, ""); print; exit }' "$1" |
        sed -E 's/[0-9]+\.[0-9]+ s/N s/g; s/TS val [0-9]+/TS val N/g; s/N s \(tolerance N s\)/N s/'
}

# replay FILE: one script on the kernel; "agrees", "differs DIFFERENCE" or "unfit WHY".
replay() {
    local script=$1 try why
    why=$(fits "$script")
    [ -n "$why" ] && { echo "unfit	$why"; return; }
    "$DRYWIRE" drill --profile linux --record "$script.sent" "$script" >"$script.out" 2>&1 ||
        { echo "unfit	the profile by itself does something else"; return; }
    for ((try = 1; try <= TRIES; try++)); do
        timeout 90 "$DRYWIRE" drill --live ${IGNORE:+--ignore "$IGNORE"} "$script.sent" >"$script.out" 2>&1 &&
            { echo agrees; return; }
        grep -q ': not supported:' "$script.out" && break
    done
    grep -q ': not supported:' "$script.out" &&
        { echo "unfit	this kernel: $(first_difference "$script.out")"; return; }
    echo "differs	$(first_difference "$script.out")"
}

# part LUA HOST: export one host's part and replay it; a line "NAME HOST RESULT" for the judge.
part() {
    local name=$1 host=$2 script
    name=$(basename "$(dirname "$1")")/$(basename "$1" .lua)
    script=$WORK/${name//\//-}.$host.pkt
    timeout 60 "$DRYWIRE" export --packetdrill --profile linux --host "$host" -o "$script" "$1" \
        >/dev/null 2>&1 </dev/null
    [ -s "$script" ] || return 0 # a router, or a host without a connection
    printf '%s\t%s\t%s\n' "$name" "$host" "$(replay "$script")"
}

# hosts LUA: a line "LUA HOST" for each of a script's hosts, of its last simulation.
hosts() {
    local trace
    trace=$(mktemp "$WORK/trace.XXXXXX")
    timeout 60 "$DRYWIRE" run -q --profile linux --jsonl "$trace" "$1" >/dev/null 2>&1 </dev/null
    [ -s "$trace" ] && "$DRYWIRE" trace "$trace" | awk -v lua="$1" '$3 == "node" { print lua, $2 }'
    rm -f "$trace"
}

case ${1:-} in
--part) part "$2" "$3"; exit ;;
--hosts) hosts "$2"; exit ;;
--help | -h) sed -n '2,/^set -u/s/^# \{0,1\}//p' "$0" | sed '$d'; exit ;;
esac

jobs=20 keep='' update='' scripts=()
export IGNORE=''
while [ $# -gt 0 ]; do
    case $1 in
    -j) jobs=$2; shift ;;
    --ignore) IGNORE=$2; shift ;;
    --keep) keep=$2; shift ;;
    --update) update=1 ;;
    -*) echo "run.sh: unknown option $1 (see --help)" >&2; exit 2 ;;
    *) scripts+=("$1") ;;
    esac
    shift
done
[ -x "$DRYWIRE" ] || { echo "run.sh: there is no $DRYWIRE; build it, or set DRYWIRE" >&2; exit 2; }
printf '0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n' >"${probe:=$(mktemp)}"
"$DRYWIRE" drill --live "$probe" >/dev/null 2>"$probe.err" ||
    { echo "skipped: $(cat "$probe.err")"; rm -f "$probe" "$probe.err"; exit 77; }
rm -f "$probe" "$probe.err"

export WORK=${keep:-$(mktemp -d)}
mkdir -p "$WORK"
[ -n "$keep" ] || trap 'rm -rf "$WORK"' EXIT
[ ${#scripts[@]} -gt 0 ] ||
    scripts=("$root"/examples/*.lua "$root"/examples/figures/*.lua "$root"/tests/scenario/*.lua)

printf '%s\n' "${scripts[@]}" | nice xargs -P "$(nproc)" -I{} "$0" --hosts {} | sort -u >"$WORK/parts"
xargs -P "$jobs" -L 1 "$0" --part <"$WORK/parts" | sort >"$WORK/results"

: >"$WORK/unknown"
# The judge: columns are name, host, result, difference.
awk -F '\t' -v OFS='\t' -v known="$here/known.tsv" -v unknown="$WORK/unknown" -v table="$WORK/known" '
    function glob(pattern) { gsub(/[.+^$(){}|\\\[\]]/, "\\\\&", pattern); gsub(/\*/, ".*", pattern); return "^" pattern "$" }
    FILENAME == known { if ($0 !~ /^#/) { rows++; where[rows] = glob($1); what[rows] = $2; kind[rows] = $3; why[rows] = $4 } ; next }
    $3 == "agrees" { agree++; next }
    $3 == "unfit" { unfit++; reasons[$4]++; next }
    {
        found = 0
        for (i = 1; i <= rows && !found; i++)
            if (what[i] == $4 && ($1 "." $2) ~ where[i]) found = i
        if (found) { as_known++; by_kind[kind[found] ": " why[found]]++ }
        else { differ++; print $1, $2 >unknown }
        print $1 "." $2, $4, (found ? kind[found] : "?"), (found ? why[found] : "?") >table
    }
    END {
        total = agree + as_known + differ
        printf "%d scripts of %d agree with this kernel; %d differ as known, %d in another way; %d do not fit\n", agree, total, as_known, differ, unfit
        for (r in by_kind) print "  known   " by_kind[r] "  " r | "sort -k2nr"
        close("sort -k2nr")
        for (r in reasons) print "  unfit   " reasons[r] "  " r | "sort -k2nr"
        exit differ > 0
    }' "$here/known.tsv" "$WORK/results"
code=$?

while IFS=$'\t' read -r name host; do
    echo "--- $name, host $host"
    script=$WORK/${name//\//-}.$host.pkt
    sed -n '/message: |/,/replay:/{/message: |/d;/replay:/d;p}' "$script.out"
done <"$WORK/unknown"
[ -z "$update" ] || { sed -n '/^#/p' "$here/known.tsv"; cat "$WORK/known"; } >"$WORK/new.tsv"
[ -z "$update" ] || cp "$WORK/new.tsv" "$here/known.tsv"
exit $code
