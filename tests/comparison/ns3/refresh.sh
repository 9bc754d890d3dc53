#!/bin/bash
# Runs cwnd.cc on the installed ns-3 (apt-get install libns3-dev g++) and prints its table.
#
#     bash tests/comparison/ns3/refresh.sh >tests/comparison/ns3/window.lua
set -eu
here=$(cd "$(dirname "$0")" && pwd)
modules="ns3-core ns3-network ns3-internet ns3-point-to-point ns3-applications"
program=$(mktemp -d)/cwnd
trap 'rm -rf "${program%/*}"' EXIT
# shellcheck disable=SC2046,SC2086
# The package names libraries that it does not depend on.
libraries=$(pkg-config --libs $modules | tr ' ' '\n' | grep -v -e gsl -e xml2 -e sqlite | tr '\n' ' ')
# shellcheck disable=SC2046,SC2086
g++ -std=c++17 -O1 -w -DNS3_VERSION="\"$(pkg-config --modversion ns3-internet)\"" "$here/cwnd.cc" -o "$program" $(pkg-config --cflags $modules) $libraries
"$program"
