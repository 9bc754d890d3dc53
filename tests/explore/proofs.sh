#!/bin/bash
# What drywire explore proves of TCP, and what it finds where TCP is wrong: the tables of docs/EXPLORE.md.
#
#     tests/explore/proofs.sh DRYWIRE plans FAULTS    how many plans each script passes, in each profile
#     tests/explore/proofs.sh DRYWIRE defects         the smallest plan that shows each defect
#     tests/explore/proofs.sh DRYWIRE closed [ROWS]   how many states there are under any number of faults
set -u
drywire=$1 here=$(cd "$(dirname "$0")" && pwd)
scripts="normal half-close both-send simultaneous-open ten-segments zero-window"

# answer OPTIONS SCRIPT: "689", or "fails: 1h11".
answer() {
    local out
    out=$("$drywire" explore --watchdog 10min "${@:1:$#-1}" "$here/${!#}.lua" 2>&1)
    grep -oE 'all [0-9,]+ (plans|states)' <<<"$out" | grep -oE '[0-9,]+' ||
        grep -oE '^  faults: [^ ]+' <<<"$out" | sed 's/^  faults: \(.*\)/fails: `\1`/' || sed 1q <<<"$out"
}

plans() {
    echo '| script | rfc9293 | linux | freebsd | rfc793 | embedded |'
    echo '|---|---|---|---|---|---|'
    for script in $scripts; do
        printf '| [%s](../tests/explore/%s.lua) |' "$script" "$script"
        for profile in rfc9293 linux freebsd rfc793 embedded; do
            printf ' %s |' "$(answer --profile "$profile" --drop "$1" --duplicate 1 --delay 1 --faults "$1" "$script")"
        done
        echo
    done
}

closed() {
    echo '| any number of | rfc9293 | linux | freebsd | rfc793 | embedded |'
    echo '|---|---|---|---|---|---|'
    while IFS='|' read -r words options; do
        printf '| %s |' "$words"
        for profile in rfc9293 linux freebsd rfc793 embedded; do
            # shellcheck disable=SC2086
            printf ' %s |' "$(answer --profile "$profile" $options closed)"
        done
        echo
    done < <(head -n "${1:-99}" <<'END'
losses|--drop any
losses; programs close or abort|--drop any --close any --abort any
losses, duplicates|--drop any --duplicate any
losses, late packets|--drop any --delay any
END
    )
}

defects() {
    echo '| defect | the smallest plan | of |'
    echo '|---|---|---|'
    "$drywire" defects --json | jq -r '.[].name' | while read -r defect; do
        for script in $scripts; do
            found=$(answer --set "defect=$defect" --drop 2 --duplicate 1 --delay 1 --faults 2 "$script")
            [ "${found#fails}" = "$found" ] || break
        done
        case $found in fails*) ;; *)
            script=no-reset
            found=$(answer --set "defect=$defect" --drop 2 "$script") ;;
        esac
        case $found in fails*) echo "| $defect | ${found#fails: } | [$script](../tests/explore/$script.lua) |" ;; esac
    done
}

"$2" "${@:3}"
