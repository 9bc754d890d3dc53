#!/bin/bash
# The architecture is what tests/arrows/rooms.txt says: no other room is needed, no other circle stands.
. "$(dirname "$0")/../support/lib.sh"
run 'arrows between rooms' 0 python3 "$SOURCE/tests/arrows/arrows.py" "$BUILD"
prints 'every arrow is allowed'

# It can fail: a table without one of its rows, without a circle, or with a row too many.
rooms=$SOURCE/tests/arrows/rooms.txt
refuses() {
    run "$1" 1 python3 "$SOURCE/tests/arrows/arrows.py" "$BUILD" --table "$work/rooms.txt"
    prints "$2"
}
sed 's#^proto *->.*#proto ->#' "$rooms" >"$work/rooms.txt"
refuses 'an arrow that is not in the table' 'proto/tcp -> core/'
grep -v '^circle:' "$rooms" >"$work/rooms.txt"
refuses 'a circle that is not in the table' 'proto/tcp: a circle of '
{ cat "$rooms"; echo 'core/base -> lua/command'; } >"$work/rooms.txt"
refuses 'a row that is not needed' 'core/base -> lua/command: nothing needs it'
finish
