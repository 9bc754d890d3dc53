#!/bin/bash
# drywire import there and back: every example and figure is run, captured, imported and done again by the script that
# the import writes; states and losses are the same all along, but for those in round_trip.txt, each with its reason.
# Of the figures each fifth, all with FULL=1.
. "$(dirname "$0")/../support/lib.sh"
run 'there and back' 0 /usr/bin/python3 "$SOURCE/tests/cli/round_trip.py" "$fast" "$SOURCE/tests/cli/round_trip.txt" \
    "$SOURCE"/examples/*.lua $(every 5 "$SOURCE"/examples/figures/*.lua)
cat "$work/out"
finish
