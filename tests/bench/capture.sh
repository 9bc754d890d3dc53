#!/bin/bash
# What a large capture costs: seconds and memory of drywire import --list and of one connection's ladder.
#
#     tests/bench/capture.sh [PACKETS [CONNECTIONS]]       10,000,000 and 100,000 unless given
#
# Builds with the preset bench; the capture, about 1.2 GB, is made in a temporary folder.
set -eu
source=$(cd "$(dirname "$0")/../.." && pwd)
cd "$source"
cmake --preset bench >/dev/null
cmake --build --preset bench --target drywire_bench_capture drywire_command >/dev/null
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$(find build/bench -name capture -type f -perm -u+x)" "${1:-10000000}" "${2:-100000}" >"$work/large.pcap"
for what in '--list' '--conn 7'; do
    python3 - "build/bench/drywire" import -q $what "$work/large.pcap" <<'P'
import resource, subprocess, sys, time
began = time.monotonic()
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(f"{' '.join(sys.argv[2:-1])}: {time.monotonic() - began:.1f} s, {used.ru_utime + used.ru_stime:.1f} s of processor time, "
      f"{used.ru_maxrss / 1024:.0f} MiB, exit code {code}")
P
done
