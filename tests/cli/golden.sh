#!/bin/bash
# The digests of all examples, figures and scenarios are those of tests/golden/digests.txt.  A commit
# that changes the file says why they moved:  UPDATE=1 bash tests/cli/golden.sh
. "$(dirname "$0")/../support/lib.sh"
cd "$SOURCE" || exit 1

digests() {
    "$1" test -j2 -v examples examples/figures tests/scenario | awk '/^# digest/{print $3, $4}'
}

digests "$DRYWIRE" >"$work/now"
[ -n "${UPDATE:-}" ] && cp "$work/now" tests/golden/digests.txt
diff tests/golden/digests.txt "$work/now" >&2 || fail 'digests differ from tests/golden/digests.txt'

# Another compiler and other optimisation give the same; more of both in tests/portability.sh.
dir=$BUILD/golden-clang-Release
if cmake -S . -B "$dir" -DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=Release -DDRYWIRE_WERROR="$WERROR" \
    -DCMAKE_C_FLAGS_RELEASE=-O3 >"$work/log" 2>&1 &&
    cmake --build "$dir" --target drywire_command -j2 >"$work/log" 2>&1; then
    digests "$dir/drywire" >"$work/other"
    cmp -s "$work/now" "$work/other" || fail "clang's release gives other digests"
else
    fail "clang's release does not build"
    tail -5 "$work/log" >&2
fi
finish
