#!/bin/bash
# Runs the fuzzers of tests/fuzz with libFuzzer, one after the other, from their corpora.
#
#     tests/fuzz/run.sh [--minutes N] [--seed S] [--clang CC] [TARGET ...]
#
# One minute each unless N says otherwise; all targets unless some are named.  Builds in
# build/fuzz with clang and its sanitizers.  What is found is left there, as TARGET-crash-...,
# -timeout-... or -oom-..., and the exit code is 1.  Inputs that reach new code are gathered in
# build/fuzz/found/TARGET, which the next run begins with.
set -u
source=$(cd "$(dirname "$0")/../.." && pwd)
build=$source/build/fuzz minutes=1 seed=0 clang=clang targets=()
while [ $# -gt 0 ]; do
    case $1 in
    --minutes) minutes=$2 && shift 2 ;;
    --seed) seed=$2 && shift 2 ;;
    --clang) clang=$2 && shift 2 ;;
    --help) sed -n '2,/^set/{s/^# \{0,1\}//p}' "$0" && exit ;;
    -*) echo "run.sh: unknown option $1" >&2 && exit 2 ;;
    *) targets+=("$1") && shift ;;
    esac
done
[ ${#targets[@]} -gt 0 ] || targets=(capture trace drill figure words segments)

mkdir -p "$build"
cmake -S "$source" -B "$build" -DCMAKE_C_COMPILER="$clang" -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS_DEBUG='-O1 -g' \
    -DDRYWIRE_SANITIZE=ON -DDRYWIRE_CHECKS=ON -DDRYWIRE_TESTS=ON -DDRYWIRE_FUZZ=ON >"$build.log" 2>&1 &&
    cmake --build "$build" -j"$(nproc)" --target "${targets[@]/%/_fuzz}" >>"$build.log" 2>&1 ||
    { tail -20 "$build.log"; exit 2; }

# seeds TARGET: a folder with its corpus, a file an input.
seeds() {
    local out=$build/seeds/$1 n=0 line
    rm -rf "$out" && mkdir -p "$out" "$build/found/$1"
    if [ -f "$source/tests/fuzz/$1.corpus" ]; then
        while read -r line; do
            printf '%b' "$(sed 's/../\\x&/g' <<<"$line")" >"$out/$((n += 1))"
        done <"$source/tests/fuzz/$1.corpus"
    fi
    [ -d "$source/tests/fuzz/$1" ] && find "$source/tests/fuzz/$1" -type f -exec cp {} "$out" \;
    [ "$1" = drill ] && find "$source/tests/drill" -name '*.pkt' -exec cp {} "$out" \;
    return 0
}

code=0
for target in "${targets[@]}"; do
    seeds "$target"
    only_ascii=0
    [ "$target" = words ] && only_ascii=1
    echo "== $target, $minutes min"
    (cd "$build/seeds" && "$build/tests/${target}_fuzz" -max_total_time=$((minutes * 60)) -seed="$seed" -timeout=30 \
        -rss_limit_mb=2048 -max_len=65536 -only_ascii=$only_ascii -artifact_prefix="$build/$target-" -print_final_stats=1 \
        "$build/found/$target" "$target") 2>"$build/$target.log" || code=1
    grep -E 'ERROR|SUMMARY|stat::number_of_executed_units|Test unit written|internal error' "$build/$target.log"
done
exit $code
