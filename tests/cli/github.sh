#!/bin/bash
# drywire test on GitHub: an annotation at the line of each failure, and a summary with the exchange.
. "$(dirname "$0")/../support/lib.sh"
cd "$work" || exit 1
mkdir suite
cat >suite/good.lua <<'L'
-- A handshake
local dw = require "drywire"
dw.pair {}
L
cat >suite/bad.lua <<'L'
-- A handshake, and 100 % too much: hoped for
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "20ms" }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function() assert(client:connect(server, 80)):close() end)
sim:run()
print "noise"
dw.expect(client):reaches "CLOSING"
L
export GITHUB_STEP_SUMMARY=$work/summary.md
run 'elsewhere' 1 "$DRYWIRE" test suite
grep -q '^::' "$work/err" "$work/out" && fail 'annotations where nobody reads them'
[ -e summary.md ] && fail 'a summary where nobody reads it'
export GITHUB_ACTIONS=true
run 'on GitHub' 1 "$DRYWIRE" test suite
says '::error file=suite/bad.lua,line=8,title=A handshake%2C and 100 %25 too much%3A hoped for::bad.lua:8:'
[ "$(grep -c '^::error' "$work/err")" = 1 ] || fail 'one failure, one annotation'
for text in '<summary>suite/bad.lua: A handshake' '```mermaid' 'sequenceDiagram' 'A->>B: SYN seq=0' 'TIME-WAIT' \
    '**drywire test**: 2 scripts, 1 failed'; do
    grep -qF -- "$text" summary.md || fail "the summary lacks $text"
done
grep -q 'noise' summary.md && fail 'the summary has what the script prints'
[ $(($(grep -c '^```' summary.md) % 2)) = 0 ] || fail 'a fence is not closed'
(cd suite && GITHUB_WORKSPACE=$work "$DRYWIRE" test -q bad.lua 2>"$work/err" >/dev/null)
says '::error file=suite/bad.lua,line=8,'
(cd suite && GITHUB_WORKSPACE=/no/where "$DRYWIRE" test -q ./bad.lua 2>"$work/err" >/dev/null)
says '::error file=./bad.lua,line=8,'
for i in $(seq 12); do cp suite/bad.lua "suite/bad$i.lua"; done
run 'many' 1 "$DRYWIRE" test -q suite
[ "$(grep -c '^::error' "$work/err")" = 10 ] || fail 'at most ten annotations'
says '::notice::3 more failures'
export GITHUB_STEP_SUMMARY=$work/no/such.md
run 'no summary' 1 "$DRYWIRE" test suite/bad.lua
says 'cannot write the summary'
run 'all pass' 0 "$DRYWIRE" test suite/good.lua
finish
