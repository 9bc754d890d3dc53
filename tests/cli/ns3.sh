#!/bin/bash
# The table that drywire's window is compared with is what the installed ns-3 does.  Without the package there is nothing
# to ask; the comparison itself (tests/comparison/window-beside-ns3.lua) needs no ns-3.
. "$(dirname "$0")/../support/lib.sh"
pkg-config --exists ns3-internet 2>/dev/null || { echo 'ns-3 is not installed' && exit 77; }
[ "$(pkg-config --modversion ns3-internet)" = 3.37 ] || { echo 'another ns-3 than 3.37' && exit 77; }
run 'ns-3' 0 bash tests/comparison/ns3/refresh.sh
cmp -s "$work/out" tests/comparison/ns3/window.lua || fail 'tests/comparison/ns3/window.lua is not what ns-3 does'
finish
