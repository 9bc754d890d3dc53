#!/bin/bash
# drywire import --lua: the script of every kind of connection runs, and has the states and losses of the capture.
. "$(dirname "$0")/../support/lib.sh"
cd "$work" || exit 1
/usr/bin/python3 "$SOURCE/tests/cli/captures.py" || fail 'captures.py'

# replayed NAME [CODE]: imports NAME.pcap and runs its script; what that prints is in NAME.out.
replayed() {
    run "import $1" 0 "$DRYWIRE" import -q --jsonl "$1.a.jsonl" --lua "$1.lua" "$1.pcap"
    run "replay $1" 0 "$DRYWIRE" run -q --jsonl "$1.b.jsonl" "$1.lua"
    cp out "$1.out"
    grep -q 'never matched a packet' err && fail "$1: $(grep 'never matched' err | head -1)"
}
same() { [ -s "$1.out" ] && fail "$1: $(head -2 "$1.out")"; }
has() { grep -qF -- "$2" "$1.lua" || fail "$1.lua lacks: $2"; }
hasnt() { grep -qF -- "$2" "$1.lua" && fail "$1.lua has: $2"; }
shows() { "$DRYWIRE" trace "$1.b.jsonl" | grep -qE -- "$2" || fail "$1: its run does not have $2"; }

for capture in *.pcap; do
    replayed "${capture%.pcap}"
    same "${capture%.pcap}"
done

# Data precedes FIN in the stream, whatever the capture has first.
[ "$(grep -nE 'conn:send' fin-before-data.lua | head -1 | cut -d: -f1)" -lt \
    "$(grep -nE 'conn:(shutdown|close)' fin-before-data.lua | tail -1 | cut -d: -f1)" ] || fail 'the FIN precedes its data'

# Who is not there.
hasnt refused 'server:serve'
shows refused 'RST,ACK'
hasnt no-answer 'server:serve'
has no-answer 'link:drop { from = client, after = "0s" }'
has no-answer 'Nothing is known of the server'
has vanished 'link:drop { from = client, after = '
has vanished 'the capture ends before the connection does'

# What is not in the capture.
has without-beginning 'isn = 1000'
has without-beginning 'isn = 5000'
has without-beginning 'before that, the connection is opened'
shows without-beginning 'PSH,ACK seq=1001 ack=5001 .*len=100'
has one-direction 'delay = "20050us"'
shows one-direction 'FIN-WAIT-1'

# Ends and aborts.
has simultaneous-open 'server:connect(client, 5000, { local_port = 80 })'
shows simultaneous-close 'CLOSING'
has abort 'conn:reset()'
has half-close 'conn:shutdown()'
has reboot 'client:crash()'
has reboot 'isn = { 1000, 701000 }'

# The path.
has lost 'link:drop { from = client, has_data = true, seq = 1001, nth = 1 } -- #4'
has copied 'link:duplicate { from = client, has_data = true, seq = 1001, nth = 1'
has offload 'link:drop { from = client, has_data = true, seq = { 1001, 21000 }, count = 14 }'
has offload 'are longer than any on the wire'
has too-big 'flags = "fragmentation-needed"'
has too-big 'src = "198.51.100.7", mtu = 1280'
shows too-big 'len=1240'
shows port-unreachable 'icmp-hard-error'
has blind-rst 'link:inject { from = client, to = server, port = 5000, to_port = 80, flags = "RST", seq = 901000'
[ "$(grep -c 'client data' long.lua)" = 60 ] || fail 'long.lua: not 60 rows of losses'
[ "$(wc -l <long.lua)" -lt 250 ] || fail "long.lua has $(wc -l <long.lua) lines"
grep -c '"ev":"dropped"' long.b.jsonl | grep -qx 60 || fail 'long: not 60 losses'
[ "$(wc -l <little.lua)" -lt 80 ] || fail "little.lua has $(wc -l <little.lua) lines"
[ "$(grep -c '"ev":"sent".*"len":10,' little.b.jsonl)" = 400 ] || fail 'little: not 400 segments'

# Settings.
has window-closes 'receive_buffer = 1000'
has window-closes 'wait(server, 4.98'
shows window-closes 'zero-window-probe'
has keepalive 'keepalive = true, keepalive_idle = '
[ "$(grep -c '"ev":"sent".*"why":"keepalive' keepalive.b.jsonl)" = 2 ] || fail 'keepalive: not two probes'
has linux 'profile = "linux", mss = 1460, window_scale = true, sack = true, timestamps = true'
has linux "in Linux's order"
has freebsd 'profile = "freebsd", mss = 1460'
has plain 'profile = "rfc9293", window_scale = false, sack = false, timestamps = false'
has ecn 'ecn = "ask"'
has ecn 'ecn = "answer"'
has ttl 'conn:set { ttl = 128 }'

# Names are quoted: whatever a file is called.
name=$'x"\n]] os.exit(7) --.pcap'
cp plain.pcap "$name"
run 'a strange name' 0 "$DRYWIRE" import -q --lua strange.lua "$name"
run 'its script' 0 "$DRYWIRE" run -q strange.lua
finish
