#!/bin/bash
# drywire explore with several processes, and gone on with after its end: the same octets.
. "$(dirname "$0")/../support/lib.sh"
cd "$work" || exit 1
cp "$SOURCE"/tests/explore/*.lua .


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
alike 1 --link 1 --drop 1 --old 1 --faults 2 normal.lua
alike 0 --old 1 --queue 1 --drop 1 --faults 2 normal.lua
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
late 'an error' 'sim:run() if sim:now() > 247 then error "late" end' 2 --drop 3
late 'the trace' 'sim:run() assert(#sim.trace:packets() < 29)' 1 --drop 3
late 'a later question' 'sim:run() if sim:now() > 246 then return sim.trace:packets() end' 0 --drop 2
late 'a parameter' 'sim:run() if sim:now() > 246 then dw.param("x") end' 0 --drop 3 --set x=1 --set y=2

# A worker that is killed loses nothing.  Without the sanitizers, which the runs above have.
run 'nothing killed' 0 "$fast" explore --drop 4 ten-segments.lua
mv out whole
octets() { [ -f "$1" ] && stat -c %s "$1" || echo 0; }
await() { for _ in $(seq 400); do [ "$(octets "$1")" -ge "$2" ] && return; sleep 0.02; done; fail "$1 never had $2 octets"; }
"$fast" explore -j2 --drop 4 --resume worker.rec ten-segments.lua >out 2>err &
pid=$!
await worker.rec 100000
kill -9 "$(pgrep -P $pid | head -1)" || fail 'there is no process to kill'
wait $pid || fail "an exploration whose worker was killed ends with $?: $(head -3 err)"
same 'a killed worker' out whole

# Whoever explores is killed: what is on record is not performed again.
for j in 1 2; do
    "$fast" explore -j$j --drop 4 --resume killed$j.rec ten-segments.lua >out 2>err &
    pid=$!
    await killed$j.rec 200000
    kill -9 $pid
    wait $pid 2>/dev/null
    before=$(octets killed$j.rec)
    [ "$before" -lt 1000000 ] || fail 'it was killed too late to show anything'
    cp killed$j.rec part.rec
    run "gone on with, -j$j" 0 "$fast" explore -j$j --drop 4 --resume killed$j.rec ten-segments.lua
    same "gone on with, -j$j" out whole
    cmp -s -n $((before - 10000)) killed$j.rec part.rec || fail 'what was on record is not there any more'
done
run 'three losses' 0 "$fast" explore --drop 3 ten-segments.lua
mv out three
"$fast" explore --drop 3 --max-runs 300 --resume limited.rec ten-segments.lua >/dev/null
before=$(octets limited.rec)
run 'gone on with, without a limit' 0 "$fast" explore --drop 3 --resume limited.rec ten-segments.lua
same 'gone on with, without a limit' out three
[ "$(octets limited.rec)" -gt $((3 * before)) ] || fail 'the record has not grown'
before=$(octets limited.rec)
run 'nothing left' 0 "$fast" explore -j2 --drop 3 --resume limited.rec ten-segments.lua
same 'nothing left' out three
[ "$(octets limited.rec)" = "$before" ] || fail 'something was performed again'
for cut in 0 5 70 120 130 4000 $((before - 3)); do
    head -c "$cut" limited.rec >cut.rec
    run "cut after $cut octets" 0 "$fast" explore -j2 --drop 3 --resume cut.rec ten-segments.lua
    same "cut after $cut octets" out three
    [ "$(octets cut.rec)" -gt $((before - 1)) ] || fail "cut after $cut octets: not everything is on record"
done
# What fails, and what makes it begin anew, is the same again.
anew() { # CODE OPTIONS... SCRIPT
    rm -f anew.rec
    for time in first second; do
        run "$* $time" "$1" "$DRYWIRE" explore --resume anew.rec "${@:2}"
        mv out out.$time
        mv err err.$time
    done
    same "$*" out.first out.second
    same "$*" err.first err.second
}
anew 1 --set defect=fin-not-retransmitted --drop 3 ten-segments.lua
script 'local sim, client, server = dw.pair { delay = "10ms" }
server:serve(80, function(conn) conn:recv_all() conn:close() end)
client:spawn(function() assert(client:connect(server, 80)):close() end)
sim:run() if sim:now() > 241 then return sim.trace:packets() end'
anew 0 --drop 2 t.lua
grep -q 'runs were not merged' out.first || fail 'it was not begun anew'

refuses() { # NAME TEXT OPTIONS...
    cp limited.rec r.rec
    run "$1" 2 "$DRYWIRE" explore --resume r.rec "${@:3}"
    says "dw.explore: r.rec $2; remove it, or name another file"
    same "$1" r.rec limited.rec
}
refuses 'other faults' 'was written with other options' --drop 4 ten-segments.lua
refuses 'a parameter' 'was written with other options' --drop 3 --set other=x ten-segments.lua
refuses 'not merged' 'was written with other options' --drop 3 --no-merging ten-segments.lua
refuses 'words' 'was written with other options' --drop 3 ten-segments.lua -- word
refuses 'another script' 'was written by another script, or before this one was changed' --drop 3 normal.lua
sed -i 's/^version .*/version 0.0.1/' limited.rec
refuses 'another version' 'was written by another version of drywire' --drop 3 ten-segments.lua
cp ten-segments.lua limited.rec
refuses 'no record' 'is no record of an exploration' --drop 3 ten-segments.lua
run 'a directory' 2 "$DRYWIRE" explore --resume . --drop 1 normal.lua
run 'a file that cannot be' 2 "$DRYWIRE" explore --resume none/r.rec --drop 1 normal.lua
says 'none/r.rec: cannot open it'
cp killed1.rec damaged.rec
printf 'XXXX' | dd of=damaged.rec bs=1 seek=5000 conv=notrunc 2>/dev/null
run 'a damaged record' 2 "$DRYWIRE" explore --drop 4 --resume damaged.rec ten-segments.lua
says 'damaged.rec is damaged at octet'
finish
