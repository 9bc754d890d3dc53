#!/bin/bash
# drywire export: what a host of an experiment did, as a script that drywire drill passes.
. "$(dirname "$0")/../support/lib.sh"

# Every example, as each of its hosts saw it, there and back.
for script in examples/*.lua; do
    "$fast" run -q --jsonl "$work/t.jsonl" "$script" >"$work/out" 2>&1 || fail "$script does not run"
    hosts=$("$fast" trace "$work/t.jsonl" | awk '$3 == "node" { print $2 }')
    for host in $hosts; do
        case $host in near | far | router) continue ;; esac # routers have no part of their own
        pkt=$work/$(basename "$script" .lua)-$host.pkt
        run "$script, $host" 0 "$fast" export --packetdrill --host "$host" -o "$pkt" "$script"
        [ -s "$work/out" ] && fail "$script, $host: something is printed besides"
    done
done
run 'the way back' 0 "$DRYWIRE" drill --strict "$work"
prints ", 0 failed"
[ "$(ls "$work"/*.pkt | wc -l)" -ge 30 ] || fail "only $(ls "$work"/*.pkt | wc -l) scripts"

# What is in it.
run 'to standard output' 0 "$DRYWIRE" export --packetdrill --host client examples/01-handshake.lua
prints '// drywire: profile=rfc9293'
prints 'connect(3, ..., ...) = -1 EINPROGRESS'
prints '0.040000 < S. 0:0(0) ack 1 win 65535 <mss 1460>'
prints '0.040000 > . 1:1(0) ack 1 win 65535'

# Switches become sysctls where the system has one; settings become options of sockets.
script 'local sim, client, server = dw.pair { delay = "10ms", profile = "linux", tcp = { sack = false } }
server:serve(80, function(conn) conn:recv(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect("server", 80, { nagle = false, keepalive_idle = "9s" }))
  conn:send "hello"
  conn:close()
end)
sim:run()'
run 'switches' 0 "$DRYWIRE" export --packetdrill --host client "$work/t.lua"
prints '// drywire: profile=linux same_time=together sack=false'
prints '`sysctl -q -w net.ipv4.tcp_sack=0`'
prints 'setsockopt(3, SOL_TCP, TCP_NODELAY, [1], 4) = 0'
prints 'setsockopt(3, SOL_TCP, TCP_KEEPIDLE, [9], 4) = 0'
cp "$work/out" "$work/switches.pkt"
run 'switches, the way back' 0 "$DRYWIRE" drill --strict "$work/switches.pkt"

# ICMP, IPv6, and a saved trace.
run 'ICMP' 0 "$DRYWIRE" export --packetdrill --host client examples/15-small-packets-please.lua
prints '< icmp unreachable frag_needed mtu 1000 ['
script 'local sim = dw.sim {}
local client, server = sim:host("client", { addr = "2001:db8::1" }), sim:host("server", { addr = "2001:db8::2" })
sim:link(client, server, { delay = "10ms" })
server:serve(80, function(conn) conn:recv(); conn:close() end)
client:spawn(function() client:connect("2001:db8::2", 80):close() end)
sim:run()'
run 'IPv6' 0 "$DRYWIRE" export --packetdrill --host server -o "$work/six.pkt" "$work/t.lua"
run 'IPv6, the way back' 0 "$DRYWIRE" drill --strict "$work/six.pkt"
"$DRYWIRE" run -q --jsonl "$work/t.jsonl" examples/06-lost-final-ack.lua >/dev/null
run 'a saved trace' 0 "$DRYWIRE" export --packetdrill --host server "$work/t.jsonl"
prints '3.060000 > F. 1:1(0) ack 2 win 65534'

# A host that lost its memory, and one that never had a connection of its own.
run 'a reboot' 0 "$DRYWIRE" export --packetdrill --host server examples/figures/stevens-18-half-open.lua
prints '// Here the host lost its memory; scripts have no word for that.'
run 'a router' 2 "$DRYWIRE" export --packetdrill --host near examples/15-small-packets-please.lua
says 'host "near" exchanged no segment of TCP'

# Wrong usage.
run 'no form' 2 "$DRYWIRE" export --host client examples/01-handshake.lua
says 'drywire export: as what? --packetdrill is all there is'
run 'no host' 2 "$DRYWIRE" export --packetdrill examples/01-handshake.lua
says 'drywire export: whose part? write --host NAME'
run 'no script' 2 "$DRYWIRE" export --packetdrill --host client
says 'drywire export: which script?'
run 'a wrong host' 2 "$DRYWIRE" export --packetdrill --host clinet examples/01-handshake.lua
says 'there is no host "clinet"; did you mean "client"?'
run 'a wrong connection' 2 "$DRYWIRE" export --packetdrill --host client --conn 2 examples/01-handshake.lua
says 'host "client" has no connection 2'
run 'connection 0' 2 "$DRYWIRE" export --packetdrill --host client --conn 0 examples/01-handshake.lua
says '--conn: expected a number from 1, got "0"'
run 'no such file' 2 "$DRYWIRE" export --packetdrill --host client "$work/nope.lua"
says 'nope.lua: No such file or directory'
run 'a full disk' 2 "$DRYWIRE" export --packetdrill --host client -o /dev/full examples/01-handshake.lua
says 'cannot write /dev/full: No space left on device'
script 'print "no simulation"'
run 'no simulation' 2 "$DRYWIRE" export --packetdrill --host client "$work/t.lua"
says 'made no simulation'
script 'local sim, client = dw.pair {}
client:spawn(function() client:connect("server", 80) end)
sim:run()
error "too bad"'
run 'a failing script' 2 "$DRYWIRE" export --packetdrill --host client "$work/t.lua"
says 't.lua:5: too bad'
prints '> S 0:0(0)'

# Wrong comments in a script.
printf '// drywire: profile=linus\n0 close(3) = -1 EBADF (?)\n' >"$work/t.pkt"
run 'a wrong profile' 2 "$DRYWIRE" drill "$work/t.pkt"
prints 't.pkt:1: tcp.profile: there is no profile "linus"; did you mean "linux"?'
printf '// drywire: delayed_akc=3s\n0 close(3) = -1 EBADF (?)\n' >"$work/t.pkt"
run 'a wrong switch' 2 "$DRYWIRE" drill "$work/t.pkt"
prints 't.pkt:1: tcp.delayed_akc: unknown option; did you mean "delayed_ack"?'
printf '// drywire: sack\n0 close(3) = -1 EBADF (?)\n' >"$work/t.pkt"
run 'no value' 2 "$DRYWIRE" drill "$work/t.pkt"
prints 't.pkt:1:13: expected an option of TCP as name=value, not "sack"'
finish
