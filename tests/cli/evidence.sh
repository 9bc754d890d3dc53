#!/bin/bash
# drywire import: what must follow from captures of which the truth is known, packet by packet.
. "$(dirname "$0")/../support/lib.sh"
mkdir "$work/captures"
run 'verdicts and states' 0 env "DRYWIRE=$DRYWIRE" /usr/bin/python3 "$SOURCE/tests/captures/evidence.py" "$work/captures"
[ "$code" = 0 ] || cat "$work/out" >&2
[ "$(ls "$work"/captures/*.pcap | wc -l)" -ge 20 ] || fail 'the cases were not made'
finish
