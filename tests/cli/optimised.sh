#!/bin/bash
# Another compiler and its optimisation build drywire.  Tests that run hundreds of scripts do so with this build
# (see `fast` in tests/support/lib.sh): it is several times as fast as one with sanitizers.
. "$(dirname "$0")/../support/lib.sh"
cd "$SOURCE" || exit 1
dir=$BUILD/golden-clang-Release
run 'configure' 0 cmake -S . -B "$dir" -DCMAKE_C_COMPILER=clang -DDRYWIRE_WERROR="$WERROR" \
    -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_C_FLAGS_RELWITHDEBINFO=-O2
run 'build' 0 cmake --build "$dir" --target drywire_command -j2
[ -x "$dir/drywire" ] || fail 'there is no command'
finish
