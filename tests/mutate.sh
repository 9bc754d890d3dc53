#!/bin/bash
# Do the tests know right from wrong?  One small mistake after the other is made in core, proto and
# lua/drill, and the tests run until one fails.  See tests/mutate/mutate.py for the options.
exec python3 "$(dirname "$0")/mutate/mutate.py" "$@"
