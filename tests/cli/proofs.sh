#!/bin/bash
# docs/EXPLORE.md says what drywire explore proves, and with which plans it finds defects: it does.
. "$(dirname "$0")/../support/lib.sh"
between() { sed -n "/^<!-- $1 -->/,/^<!-- end -->/p" "$SOURCE/docs/EXPLORE.md" | sed '1d;$d'; }

between plans >"$work/told"
"$SOURCE/tests/explore/proofs.sh" "$fast" plans 2 >"$work/found"
diff "$work/told" "$work/found" >&2 || fail 'the table of plans: write it anew with tests/explore/proofs.sh DRYWIRE plans 2'

# The rows with late packets and duplicates take minutes.
between closed | head -4 >"$work/told"
"$SOURCE/tests/explore/proofs.sh" "$fast" closed 2 >"$work/found"
diff "$work/told" "$work/found" >&2 || fail 'the table of states: write it anew with tests/explore/proofs.sh DRYWIRE closed'

between defects | tail -n +3 >"$work/told"
[ "$(wc -l <"$work/told")" -ge 9 ] || fail 'defects are missing'
while IFS='|' read -r _ defect plan script _; do
    defect=${defect// /} plan=$(tr -d ' `' <<<"$plan") script=$(sed 's/.*\[\(.*\)\].*/\1/' <<<"$script")
    kinds='--drop 2 --duplicate 1 --delay 1 --faults 2'
    [ "$script" = no-reset ] && kinds='--drop 2'
    # shellcheck disable=SC2086
    run "$defect" 1 "$fast" explore --set "defect=$defect" $kinds "$SOURCE/tests/explore/$script.lua"
    says "faults: $plan (run it"
    run "$defect, that plan" 1 "$fast" run -q --set "defect=$defect" --faults "$plan" "$SOURCE/tests/explore/$script.lua"
    run "$defect, no fault" 0 "$fast" run -q --set "defect=$defect" "$SOURCE/tests/explore/$script.lua"
done <"$work/told"
finish
