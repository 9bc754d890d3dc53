#!/bin/bash
# Builds ns3_bench against the installed ns-3 development package and prints its path.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${NS3_BENCH_DIR:-$here/../../../build/bench}/ns3_bench
modules="ns3-core ns3-network ns3-internet ns3-point-to-point ns3-applications"
if [ ! -x "$out" ] || [ "$here/ns3_bench.cc" -nt "$out" ]; then
    # shellcheck disable=SC2046,SC2086
    # The package names libraries that it does not depend on.
    libraries=$(pkg-config --libs $modules | tr ' ' '\n' | grep -v -e gsl -e xml2 -e sqlite | tr '\n' ' ')
    g++ -std=c++17 -O2 -w "$here/ns3_bench.cc" -o "$out" $(pkg-config --cflags $modules) $libraries >&2
fi
echo "$out"
