#!/bin/bash
# The case that drywire was made for, examples/06-lost-final-ack, in every profile and with every set of
# agreed options, and every scenario of TIME-WAIT likewise: nobody is left waiting, and time stamps that were
# agreed on are in every answer.  That this can fail is shown by a box that takes them away.
. "$(dirname "$0")/../support/lib.sh"
cd "$work" || exit 1
cp "$SOURCE/examples/06-lost-final-ack.lua" "$SOURCE"/tests/scenario/time-wait-*.lua "$SOURCE/tests/support/time_wait.lua" .
names=$(cd "$SOURCE/tests/scenario" && ls time-wait-*.lua | sed 's/\.lua$//')
[ "$(echo "$names" | wc -l)" -ge 14 ] || fail 'where are the scenarios of TIME-WAIT?'
# shellcheck disable=SC2086
run 'in every profile' 0 "$DRYWIRE" run -q time_wait.lua -- $names
prints 'all of them end'

# Without time stamps in what TIME-WAIT answers, as it once was, the FIN is repeated until R2.
sed 's/^sim:run()/link:rewrite { from = client, after = "1.1s", set = { strip = "timestamps" } }\n&/' \
    "$SOURCE/examples/06-lost-final-ack.lua" >06-lost-final-ack.lua
run 'without time stamps' 1 "$DRYWIRE" run -q time_wait.lua
says '06-lost-final-ack, rfc9293, timestamps'
finish
