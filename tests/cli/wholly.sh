#!/bin/bash
# What scripts/callbacks and scripts/swarm try a part of under the sanitizers, all of it; and long transfers against
# what is published of them.
. "$(dirname "$0")/../support/lib.sh"
run 'every call from every callback' 0 "$fast" test "$SOURCE/tests/callbacks"
run 'random transfers' 0 "$fast" test --watchdog 5min "$SOURCE/tests/swarm"
run 'comparisons' 0 "$fast" test -j2 --watchdog 5min "$SOURCE/tests/comparison"
finish
