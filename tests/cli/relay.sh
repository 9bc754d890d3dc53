#!/bin/bash
# drywire import: what it says of transfers of this machine's kernel, captured at four places, over a path whose doings are
# known.  Skipped where that is not possible.  Few seeds: the share of verdicts that are right varies with the kernel's
# timing, so less is asked of it than of many (tests/relay/judge.py by hand); a certain verdict must never be wrong.
. "$(dirname "$0")/../support/lib.sh"
export DRYWIRE PYTHONDONTWRITEBYTECODE=1
/usr/bin/python3 "$SOURCE/tests/relay/judge.py" --seeds 354..365 -j 6 --enough 90 --keep "$work/relay" >"$work/out" 2>"$work/err"
code=$?
[ "$code" != 77 ] || {
    echo 'skipped: this needs root and /dev/net/tun'
    exit 77
}
[ "$code" = 0 ] || {
    fail "exit code $code: $(tail -3 "$work/err")"
    cat "$work/out" >&2
}
for place in client middle server both; do
    grep -qE "^$place +[0-9]+ verdicts: [1-9][0-9]* certain \(0 wrong\)" "$work/out" || fail "no certain verdicts at: $place"
done

# Beside tshark's flags.
if command -v tshark >/dev/null; then
    run 'a table' 0 /usr/bin/python3 "$SOURCE/tests/relay/tshark.py" --seeds 354..355 --keep "$work/relay" -j 2
    grep -qE '^\| retransmission \| [1-9]' "$work/out" || fail "$name: no retransmissions: $(cat "$work/out")"
    grep -qE '^\| lost \| [1-9]' "$work/out" || fail "$name: nothing is lost"
fi
finish
