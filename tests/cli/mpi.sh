#!/bin/bash
# drywire sweep and drywire explore as ranks of a job of MPI: the same octets as on one core; a job of which a rank was killed
# is gone on with.
. "$(dirname "$0")/../support/lib.sh"
[ -e "$BUILD/drywire-mpi.so" ] && command -v mpirun >/dev/null ||
    { echo 'not tested: drywire was built without MPI (libopenmpi-dev), or there is no mpirun'; exit 77; }
cd "$work" || exit 1
# Open MPI leaks a little at its end; and it gives a rank a terminal to write to.
export ASAN_OPTIONS=detect_leaks=0 NO_COLOR=1 OMPI_MCA_btl_vader_single_copy_mechanism=none
mpi() { mpirun --allow-run-as-root --oversubscribe --mca orte_abort_print_stack 0 -n "$@"; }
cp "$SOURCE"/tests/explore/{normal,ten-segments}.lua .

cat >sweep.lua <<'LUA'
local dw = require "drywire"
local function life(p)
  local sim, client, server = dw.pair { rate = "10Mbps", delay = "10ms", loss = p.loss }
  server:serve(80, function(conn) conn:recv_all(); conn:close() end)
  client:spawn(function() local c = assert(client:connect(server, 80)); c:send(("x"):rep(20000)); c:close() end)
  sim:run()
  print("ran", p.loss, p.seed, sim:seed(), math.random(1000))
  return sim:now()
end
local first = dw.sweep({ loss = { "0%", "3%" }, seed = dw.range(1, 40) }, life)
print(first:table())
-- What comes later knows what came of it, on each rank.
local most = math.tointeger(first:rows()[1].n) // 10
print(dw.sweep({ loss = { "1%" }, seed = dw.range(1, most) }, life):table())
LUA
run 'a sweep, one process' 0 "$DRYWIRE" sweep --jsonl one.jsonl --csv one.csv sweep.lua
mv out one
run 'an exploration, one process' 0 "$DRYWIRE" explore --drop 3 --duplicate 1 --faults 3 normal.lua
mv out proved
run 'what fails, one process' 1 "$DRYWIRE" explore --set defect=fin-not-retransmitted --drop 3 ten-segments.lua
mv out failed
mv err failed.err
for n in 1 2 4; do
    rm -f many.jsonl many-2.jsonl
    run "a sweep, -n $n" 0 mpi "$n" "$DRYWIRE" sweep --jsonl many.jsonl --csv many.csv sweep.lua
    for f in out:one many.jsonl:one.jsonl many-2.jsonl:one-2.jsonl many.csv:one.csv; do same "a sweep, -n $n" "${f%:*}" "${f#*:}"; done
    run "an exploration, -n $n" 0 mpi "$n" "$DRYWIRE" explore --drop 3 --duplicate 1 --faults 3 normal.lua
    same "an exploration, -n $n" out proved
    run "what fails, -n $n" 1 mpi "$n" "$DRYWIRE" explore --set defect=fin-not-retransmitted --drop 3 ten-segments.lua
    same "what fails, -n $n" out failed
    head -n "$(wc -l <failed.err)" err | cmp -s - failed.err || fail "what fails, -n $n: standard error differs"
done
# A sweep that has been ended goes on, on each rank.
head -n 30 one.jsonl >many.jsonl
run 'a sweep that goes on' 0 mpi 3 "$DRYWIRE" sweep --jsonl many.jsonl sweep.lua
same 'a sweep that goes on' many.jsonl one.jsonl
# Tests: scripts, those that fail among them, and seeds.
mkdir suite
for i in 1 2 3 4 5 6 7; do sed "1s/^/-- Script $i.\n/" normal.lua >suite/$i.lua; done
echo 'error "always"' >>suite/5.lua
sed -i 's/^sim:run()/sim:run() assert(sim:seed() ~= 6, "six")/' suite/3.lua
script 'dw.sim()' && cp t.lua suite/none.lua
for options in '' '--seeds 4..7' '--fail-fast -q' '--list'; do
    # shellcheck disable=SC2086
    "$DRYWIRE" test --junit one.xml $options suite >one.out 2>one.err </dev/null
    code=$?
    # shellcheck disable=SC2086
    run "test $options" $code mpi 3 "$DRYWIRE" test --junit many.xml $options suite
    for f in out:one.out many.xml:one.xml; do
        for g in "${f%:*}" "${f#*:}"; do [ ! -e "$g" ] || sed -i -E 's/[0-9.]+ ?m?s\b/T/g; s/duration_ms: .*/duration_ms: T/; s/time="[^"]*"/time=T/g' "$g"; done
        [ ! -e "${f#*:}" ] || same "test $options" "${f%:*}" "${f#*:}"
    done
done
# What is not dealt out, one rank does.
run 'the version' 0 mpi 3 "$DRYWIRE" --version
[ "$(wc -l <out)" = 1 ] || fail 'each rank says the version'

# A rank that is killed ends the job; the same job goes on with what was on record.
run 'nothing killed' 0 "$DRYWIRE" explore --drop 3 ten-segments.lua
mv out whole
octets() { [ -f "$1" ] && stat -c %s "$1" || echo 0; }
for rank in 0 2; do
    mpi 3 "$DRYWIRE" explore --drop 3 --resume killed.rec ten-segments.lua >out 2>err </dev/null &
    job=$!
    for _ in $(seq 1000); do [ "$(octets killed.rec)" -ge 60000 ] && break; sleep 0.02; done
    # shellcheck disable=SC2046
    for p in $(pgrep -P $job) $(pgrep -P "$(pgrep -d, -P $job)"); do grep -qz "^OMPI_COMM_WORLD_RANK=$rank$" "/proc/$p/environ" && kill -9 "$p"; done
    wait $job && fail "rank $rank was killed, and the job has ended well"
    before=$(octets killed.rec)
    [ "$before" -ge 60000 ] && [ "$before" -lt 250000 ] || fail "rank $rank was killed too early or too late, after $before octets"
    cp killed.rec part.rec
    run "gone on with without rank $rank" 0 mpi 3 "$DRYWIRE" explore --drop 3 --resume killed.rec ten-segments.lua
    same "gone on with without rank $rank" out whole
    cmp -s -n $((before - 10000)) killed.rec part.rec || fail 'what was on record is not there any more'
    rm killed.rec
done
finish
