#!/bin/bash
# drywire explore with several processes, and gone on with after its end: the same octets.
. "$(dirname "$0")/../support/lib.sh"
cd "$work" || exit 1
preload=
if [ "$SANITIZE" = ON ]; then preload=$(cc -print-file-name=libasan.so); fi
cp "$SOURCE"/tests/explore/*.lua .

same() { cmp -s "$2" "$3" || { fail "$1: $2 and $3 differ"; diff "$2" "$3" | head -5 >&2; }; }

# Proofs, smallest plans, scripts that ask for what went before: with one process, two and three.
alike() { # CODE OPTIONS... SCRIPT
    local code=$1
    shift
    run "$*, -j1" "$code" "$DRYWIRE" explore -j1 --lua fails1.lua "$@"
    mv out out1
    sed 's/ --lua fails1.lua//; s/ -j1//' err >err1
    for j in 2 3; do
        run "$*, -j$j" "$code" "$DRYWIRE" explore -j$j --lua fails$j.lua "$@"
        sed "s/ --lua fails$j.lua//; s/ -j$j//" err >err$j
        same "$*, -j$j" out out1
        same "$*, -j$j" err$j err1
        [ "$code" = 0 ] || same "$*, -j$j" fails$j.lua fails1.lua
    done
}
alike 0 --drop 3 ten-segments.lua
alike 0 --drop 1 --duplicate 1 --delay 1 normal.lua
alike 0 --drop 3 --no-merging normal.lua
alike 0 --drop 4 --max-runs 700 ten-segments.lua
alike 1 --set defect=fin-not-retransmitted --drop 3 ten-segments.lua
alike 1 --set defect=echo-challenge --drop 1 --duplicate 1 --delay 1 normal.lua
alike 1 --set defect=2525.12 --drop 2 zero-window.lua
# What goes wrong in a run far behind: an assertion, another error, a leak, a last answer of nil.
late() { # NAME SCRIPT
    script "local sim, client, server = dw.pair { delay = '10ms', mss = 536 }
server:serve(80, function(conn) conn:recv_all() conn:close() end)
client:spawn(function() local conn = assert(client:connect(server, 80)) conn:send(('x'):rep(5000)) conn:close() end)
$2"
    alike "$3" "${@:4}" t.lua
}
late 'a bad end' 'sim:run() assert(sim:now() < 247, tostring(sim) .. sim:now())' 1 --drop 3
late 'an error' 'sim:run() if sim:now() > 247 then error "late" end' 1 --drop 3
late 'the trace' 'sim:run() assert(#sim.trace:packets() < 29)' 1 --drop 3
late 'a later question' 'sim:run() if sim:now() > 246 then return sim.trace:packets() end' 0 --drop 2
late 'a parameter' 'sim:run() if sim:now() > 246 then dw.param("x") end' 0 --drop 3 --set x=1 --set y=2
finish
