#!/bin/bash
# What argus, nfpcapd, ngrep, softflowd, tcpdump, tcpflow, tcptrace and tshark say of captures of every example and of each
# tenth figure (all with FULL=1): packets, octets, connections and times are those of the trace.
. "$(dirname "$0")/../support/lib.sh"
for tool in argus ra nfpcapd nfdump ngrep softflowd tcpdump tcpflow tcptrace tshark; do
    PATH=$PATH:/usr/sbin command -v $tool >/dev/null || fail "$tool is not there: see README.md's test command"
done
export PATH=$PATH:/usr/sbin
cd "$work" || exit 1
run 'analysers' 0 /usr/bin/python3 "$SOURCE/tests/cli/analysers.py" "$fast" "$SOURCE/tests/cli/analysers.txt" \
    "$SOURCE"/examples/*.lua $(every 10 "$SOURCE"/examples/figures/*.lua) "$SOURCE/tests/captures/both-versions.lua"
cat out
finish
