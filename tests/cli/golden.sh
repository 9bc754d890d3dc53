#!/bin/bash
# The digests of all examples, figures and scenarios are those of tests/golden/digests.txt, and what docs/ has
# of their runs is theirs.  A commit that changes the digests says why they moved:
#
#     UPDATE=1 bash tests/cli/golden.sh
. "$(dirname "$0")/../support/lib.sh"
cd "$SOURCE" || exit 1

digests() {
    "$1" test -j2 -v --exclude examples/plugin examples examples/figures tests/scenario | awk '/^# digest/{print $3, $4}'
}

digests "$fast" >"$work/now"
[ -n "${UPDATE:-}" ] && cp "$work/now" tests/golden/digests.txt
diff tests/golden/digests.txt "$work/now" >&2 || fail 'digests differ from tests/golden/digests.txt'

# The compiler and the sanitizers of the build under test give the same, of every example; more of both in
# tests/portability.sh.
"$DRYWIRE" test -j2 -v examples/*.lua | awk '/^# digest/{print $3, $4}' >"$work/other"
[ -s "$work/other" ] || fail 'the examples have no digests'
grep -vxF -f tests/golden/digests.txt "$work/other" >&2 && fail 'the build under test gives other digests'

# What the documentation has of them.
run 'picture' 0 "$fast" run -q --svg "$work/picture.svg" examples/06-lost-final-ack.lua
cmp -s "$work/picture.svg" docs/lost-final-ack.svg || fail 'docs/lost-final-ack.svg is out of date: drywire run --svg docs/lost-final-ack.svg examples/06-lost-final-ack.lua'
mkdir "$work/plots"
for figure in $(grep -ln 'dw\.plot' examples/figures/*.lua); do
    run "plots of $figure" 0 "$fast" run -q --plots "$work/plots" "$figure"
done
# The script of docs/SWEEP.md is in the page.
awk '/^<!-- script: goodput.lua -->/ { on = 1; next } on && /^```lua/ { code = 1; next } code && /^```/ { exit } code' docs/SWEEP.md >"$work/goodput.lua"
run 'the plot of docs/SWEEP.md' 0 "$fast" run -q -j2 --set seeds=10 --plots "$work/plots" "$work/goodput.lua"
diff -r "$work/plots" docs/plots >/dev/null || fail 'docs/plots is out of date: drywire run --plots docs/plots examples/figures/...'
run 'coverage' 0 "$fast" coverage -j2 --markdown
cmp -s "$work/out" docs/rfc9293.md || fail 'docs/rfc9293.md is out of date: drywire coverage --markdown >docs/rfc9293.md'
run 'catalogue' 0 "$fast" catalogue -j2 --markdown
cmp -s "$work/out" docs/EDGE_CASES.md || fail 'docs/EDGE_CASES.md is out of date: drywire catalogue --markdown >docs/EDGE_CASES.md'
run 'states' 0 "$fast" states -j2 --style svg
cmp -s "$work/out" docs/states.svg || fail 'docs/states.svg is out of date: drywire states --style svg >docs/states.svg'
finish
