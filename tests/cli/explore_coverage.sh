#!/bin/bash
# How much of TCP the runs of drywire explore reached: what the traces of its plans say, whoever performs them and in how many goes.
. "$(dirname "$0")/../support/lib.sh"
cd "$work" || exit 1
cp "$SOURCE"/tests/explore/*.lua .

# The same numbers, counted from the traces of all plans.
counted() { # PROFILE SCRIPT FAULT...: every packet, with each of these
    local profile=$1 path=$2 plan packets
    rm -f ./*.jsonl
    run "$path" 0 "$DRYWIRE" run -q --profile "$profile" --jsonl 0.jsonl "$path"
    packets=$(grep -c '"ev":"delivered"' 0.jsonl)
    for plan in $(for kind in "${@:3}"; do seq -f "%g$kind" "$packets"; done); do
        run "$path $plan" 0 "$DRYWIRE" run -q --profile "$profile" --faults "$plan" --jsonl "$plan.jsonl" "$path"
    done
    python3 "$SOURCE/tests/cli/explore_coverage.py" "$SOURCE" ./*.jsonl >counted || fail "$path: nothing was counted"
    run "$path" 0 "$DRYWIRE" explore --profile "$profile" --drop "$(grep -qw d <<<"${*:3}" && echo 1 || echo 0)" \
        --duplicate "$(grep -qw t <<<"${*:3}" && echo 1 || echo 0)" --faults 1 "$path"
    prints "all $(ls ./*.jsonl | wc -l) plans"
    grep -A1 '^reached' out >told
    same "$profile $path" told counted
}
counted rfc9293 normal.lua
counted rfc9293 normal.lua d t
counted linux both-send.lua d t
counted freebsd half-close.lua t
counted rfc793 simultaneous-open.lua d
counted linux zero-window.lua t

# Runs that meet reach together what each would have.
for o in '--drop 3 normal.lua' '--drop 1 --delay 1 --faults 1 zero-window.lua' '--drop 2 --profile linux ten-segments.lua' \
    '--old 1 --queue 1 --drop 1 --faults 2 half-close.lua'; do
    # shellcheck disable=SC2086
    run "$o" 0 "$DRYWIRE" explore --coverage $o
    sed -n '/^reached/,$p' out >merged
    # shellcheck disable=SC2086
    run "$o, not merged" 0 "$DRYWIRE" explore --coverage --no-merging $o
    sed -n '/^reached/,$p' out >unmerged
    same "$o" merged unmerged
done

# What was not: by name.  The listener's arrows are counted as drywire states counts.
run 'not reached' 0 "$DRYWIRE" explore --drop 1 --coverage normal.lua
prints 'arrows not walked: SYN-SENT -> CLOSED, LISTEN -> SYN-SENT, SYN-RECEIVED -> LISTEN,'
prints 'requirements not reached: MAY-2, MUST-3, MUST-7,'
prints ' 3.9.2.3, 3.10.5, 3.10.7.1, '
arrows=$(sed -nE 's/^reached ([0-9]+ of [0-9]+) arrows.*/\1/p' out)
run 'drywire states' 0 "$DRYWIRE" states normal.lua
prints "$arrows arrows walked"

# Ended where nothing new is reached; the same with any number of processes, and when gone on with.
run 'flat' 0 "$DRYWIRE" explore --drop 3 --flat 400 --coverage ten-segments.lua
prints 'open    passes under all plans of fewer than 3 faults'
prints 'stopped: the last 400 runs reached nothing new'
mv out flat
for j in 2 3; do
    run "flat, -j$j" 0 "$DRYWIRE" explore -j$j --drop 3 --flat 400 --coverage --resume f$j.rec ten-segments.lua
    same "flat, -j$j" out flat
    head -c 40000 f$j.rec >cut.rec
    for record in f$j.rec cut.rec; do
        run "flat, -j$j, gone on with" 0 "$DRYWIRE" explore -j$j --drop 3 --flat 400 --coverage --resume $record ten-segments.lua
        same "flat, -j$j, gone on with" out flat
    done
done
run 'without an end' 0 "$DRYWIRE" explore --drop 3 --coverage --resume f2.rec ten-segments.lua
prints 'proved'
sed -n '/^reached/,$p' out >resumed
run 'in one go' 0 "$DRYWIRE" explore --drop 3 --coverage ten-segments.lua
sed -n '/^reached/,$p' out >whole
same 'gone on with without an end' resumed whole
run 'all was tried meanwhile' 0 "$DRYWIRE" explore --drop 1 --flat 3 normal.lua
prints 'proved'
run 'no number' 2 "$DRYWIRE" explore --flat 0 normal.lua
says '--flat: '

script 'local r = dw.explore({ drop = 2, flat = 1000000 }, function()
  local sim, client, server = dw.pair { delay = "10ms" }
  server:serve(80, function(conn) conn:recv_all() conn:close() end)
  client:spawn(function() client:connect(server, 80):close() end)
  sim:run()
end)
local reached = r.reached
assert(r.complete and reached.of.arrows == 20 and #reached.left.arrows == 20 - reached.arrows)
assert(reached.causes + #reached.left.causes == reached.of.causes and reached.pairs >= reached.causes)
assert(reached.left.arrows[2] == "LISTEN -> SYN-SENT", reached.left.arrows[2])
assert(not table.concat(reached.left.causes, " "):find "passive%-open")'
run 'dw.explore' 0 "$DRYWIRE" run -q t.lua
finish
