#!/bin/bash
# Code says why it is as it is: the counts of tests/style/density.py may only fall.
. "$(dirname "$0")/../support/lib.sh"
BARE=0 NESTED=1
run 'density' 0 python3 "$SOURCE/tests/style/density.py"
read -r bare nested < <(sed -n 's/^\([0-9]*\) bare, \([0-9]*\) nested$/\1 \2/p' "$work/out")
[ "$bare" -le $BARE ] || fail "$bare functions that decide much have no comment, not $BARE: $(grep ' bare: ' "$work/out" | head -3)"
[ "$nested" -le $NESTED ] || fail "$nested statements have two conditional expressions, not $NESTED: $(grep ' nested: ' "$work/out" | head -3)"
[ "$bare" = $BARE ] && [ "$nested" = $NESTED ] || fail "it has become better: write BARE=$bare NESTED=$nested into this test"

# Every public function has a contract of its own.
run 'contracts' 0 python3 "$SOURCE/tests/style/contracts.py"
prints '0 without a contract'
printf '%s\n' '/* Two. */' 'DW_API int dw_one(void);' 'DW_API int dw_two(int a,' '                  int b);' >"$work/t.h"
run 'contracts of a header' 0 python3 "$SOURCE/tests/style/contracts.py" "$work/t.h"
prints 'no contract: dw_two'
prints '1 without a contract'

# It counts.
cat >"$work/t.c" <<'C'
static int f(int a)
{
    return a ? 1 : a > 2 ? 2 : 3;
}

int g(int a)
{
    if (a == 1 && a == 2 && a == 3 && a == 4) return 1;
    if (a == 1 || a == 2 || a == 3 || a == 4) return 2;
    if (a == 5 || a == 6 || a == 7 || a == 8) return 3;
    return f(a);
}
C
run 'density of a file' 0 python3 "$SOURCE/tests/style/density.py" "$work/t.c"
prints '3: nested: 2 conditional expressions'
prints '6: bare: g, 7 lines, 12 decisions'
prints '1 bare, 1 nested'
finish
