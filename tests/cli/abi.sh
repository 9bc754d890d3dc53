#!/bin/bash
# The binary interface of libdrywire, as programs were compiled against it: tests/abi/libdrywire.abi.
# A change of it is wanted or not; when it is, `tests/cli/abi.sh --update LIBRARY` writes it down, and
# base.h ("Structs that grow") says what a change may be as long as the library keeps its name.
headers=core/include/drywire
describe() {
    abidw --headers-dir $headers --drop-private-types --no-show-locs --no-corpus-path --no-comp-dir-path \
        --exported-interfaces-only --type-id-style hash "$1" | sed -E "s# path='[^']*/((core|proto)/[^']*)'# path='\1'#; s# path='/[^']*/([^/']*)'# path='\1'#; /<dependency/d"
}
if [ "${1:-}" = --update ]; then
    cd "$(dirname "$0")/../.." && describe "$2" >tests/abi/libdrywire.abi
    exit
fi
. "$(dirname "$0")/../support/lib.sh"
cd "$SOURCE" || exit 1
# Versions of the tool describe the same library in different words, so only one is asked: 2.2, Debian 12's.
abidiff --version 2>&1 | grep -q ' 2\.2\.' || { echo "the interface is not compared: $(abidiff --version 2>&1), and it is abigail-tools 2.2"; exit 77; }
describe "$LIBRARY" >"$work/now.abi"
compare() { run "$1" "$2" abidiff --no-added-syms --no-show-locs "$3" "$work/now.abi"; }
compare 'the interface' 0 tests/abi/libdrywire.abi

# It can fail: a function that is gone, a constant that has another value.
sed "s/'dw_sim_run'/'dw_sim_walk'/" tests/abi/libdrywire.abi >"$work/gone.abi"
compare 'a function that is gone' 12 "$work/gone.abi"
prints 'dw_sim_walk'
sed "s/\(name='DW_ACTION_DROP' value='\)1/\199/" tests/abi/libdrywire.abi >"$work/other.abi"
cmp -s tests/abi/libdrywire.abi "$work/other.abi" && fail 'the description does not tell the value of DW_ACTION_DROP'
compare 'a constant of another value' 4 "$work/other.abi"
prints "'dw_action::DW_ACTION_DROP' from value '99' to '1'"
finish
