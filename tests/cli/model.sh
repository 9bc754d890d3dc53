#!/bin/bash
# The model of TCP (tests/model) judges the captures of random scripts, and finds every defect.  At
# length by hand: tests/model/run.py --seeds 20000 -j 2
. "$(dirname "$0")/../support/lib.sh"
export DRYWIRE TMPDIR=$work PYTHONDONTWRITEBYTECODE=1
model() { /usr/bin/python3 "$SOURCE/tests/model/run.py" "$@"; }

run 'random scripts' 0 model --seeds 300 -j 2
prints '300 scripts, 0 with findings'
[ "$code" = 0 ] || cat "$work/out" >&2
# Tahoe with a queue that is put together as it goes again, which moves the segments.
run 'a script on its own' 0 model --from 1514 --seeds 1
prints '1 scripts, 0 with findings'
run 'defects' 0 model --defects -j 2
prints ' 0 missed'
[ "$code" = 0 ] || cat "$work/out" >&2

# A script that it prints is one that runs by itself.
model --script 7 >"$work/seven.lua"
(cd "$work" && run 'a script' 0 "$DRYWIRE" run -q seven.lua; finish >/dev/null) || failures=$((failures + 1))
[ -s "$work/7.1" ] && [ -s "$work/7.2" ] || fail 'the script has left no captures'
finish
