#!/bin/bash
# Why a packet was sent, and what became of it, back to the root: one script with another fault each time.
. "$(dirname "$0")/../support/lib.sh"
cd "$work" || exit 1
script 'local faults = {
  lost = function(link, client) link:drop { from = client, has_data = true, nth = 1 } end,
  twice = function(link, client) link:drop { from = client, has_data = true, nth = { 1, 2 } } end,
  ack = function(link, _, server) link:drop { from = server, flags = "=ACK", nth = 1 } end,
  late = function(link, client) link:delay { from = client, has_data = true, nth = 1, by = "3s" } end,
  late_ack = function(link, _, server) link:delay { from = server, flags = "=ACK", nth = 1, by = "3s" } end,
  copy = function(link, client) link:duplicate { from = client, has_data = true, nth = 1 } end,
  damage = function(link, client) link:corrupt { from = client, has_data = true, nth = 1 } end,
  none = function() end,
}
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
faults[dw.param("fault", "none")](link, client, server)
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect("server", 80))
  conn:send "hello"
  client:sleep "5s"
  conn:close()
end)
sim:run()
if dw.param("lua", "no") == "yes" then print(sim.trace:explain { packet = 5 }) end'

# told NAME PACKET OPTION...: the lines of standard input, exactly.
told() {
    run "$1" 0 "$DRYWIRE" run -q --width 100 --packet "$2" "${@:3}" t.lua
    awk '/^    Header: /{ on = 1; next } on && /^      /{ next } { on = 0; print }' out >told # of that below
    diff - told >&2 || fail "$1: packet $2 is not explained so"
}
# why FAULT PACKET
why() { told "$1" "$2" --set fault="$1"; }
why lost 5 <<'END'
#5  1.040000 s  client to server: PSH,ACK seq=1 ack=1, 5 octets
    It was sent because it was not acknowledged in time (retransmission-timeout; RFC 6298 5.4).
    It is #4 again, which was sent at 0.040000 s.
    #4 was lost at 0.040000 s: a rule of the script dropped it (fault-drop).
    It arrived at 1.060000 s.
    Its acknowledgment is #6, which arrived at 1.280000 s.
END
why twice 6 <<'END'
#6  3.040000 s  client to server: PSH,ACK seq=1 ack=1, 5 octets
    It was sent because it was not acknowledged in time (retransmission-timeout; RFC 6298 5.4).
    It is #4 again, which was sent at 0.040000 s and has gone 2 times by now, last as #5.
    #4 was lost at 0.040000 s: a rule of the script dropped it (fault-drop).
    #5 was lost at 1.040000 s: a rule of the script dropped it (fault-drop).
    It arrived at 3.060000 s.
    Its acknowledgment is #7, which arrived at 3.280000 s.
END
why ack 7 <<'END'
#7  1.060000 s  server to client: ACK seq=1 ack=6
    It was sent when #6 arrived: the segment lies outside the receive window (not-acceptable;
      RFC 9293 3.10.7.4 first).
    It arrived at 1.080000 s.
    #6  1.040000 s  client to server: PSH,ACK seq=1 ack=1, 5 octets
        It was sent because it was not acknowledged in time (retransmission-timeout; RFC 6298 5.4).
        It is #4 again, which was sent at 0.040000 s.
        #4 arrived at 0.060000 s, but its acknowledgment, #5, did not get through:
            #5 was lost at 0.260000 s: a rule of the script dropped it (fault-drop).
END
why late 5 <<'END'
#5  1.040000 s  client to server: PSH,ACK seq=1 ack=1, 5 octets
    It was sent because it was not acknowledged in time (retransmission-timeout; RFC 6298 5.4).
    It is #4 again, which was sent at 0.040000 s.
    #4 was still on its way, and arrived at 3.060000 s: it need not have gone again.
    It arrived at 1.060000 s.
    Its acknowledgment is #6, which arrived at 1.280000 s.
END
why late_ack 6 <<'END'
#6  1.040000 s  client to server: PSH,ACK seq=1 ack=1, 5 octets
    It was sent because it was not acknowledged in time (retransmission-timeout; RFC 6298 5.4).
    It is #4 again, which was sent at 0.040000 s.
    #4 arrived at 0.060000 s, and its acknowledgment, #5, was still on its way until 3.280000 s: it
      need not have gone again.
    #6 arrived at 1.060000 s, but server discarded it: all of it has been received before
      (already-received; RFC 9293 3.10.7.4 first).
    Its acknowledgment is #7, which arrived at 1.080000 s.
END
why copy 5 <<'END'
#5  0.040000 s  client to server: PSH,ACK seq=1 ack=1, 5 octets
    The network made it, as a copy of #4.
    #5 arrived at 0.060000 s, but server discarded it: all of it has been received before
      (already-received; RFC 9293 3.10.7.4 first).
    Its acknowledgment is #6, which arrived at 0.080000 s.
END
why damage 5 <<'END'
#5  1.040000 s  client to server: PSH,ACK seq=1 ack=1, 5 octets
    It was sent because it was not acknowledged in time (retransmission-timeout; RFC 6298 5.4).
    It is #4 again, which was sent at 0.040000 s.
    #4 arrived at 0.060000 s, but server discarded it: the checksum does not match
      (tcp-bad-checksum; RFC 9293 3.1 MUST-3).
    It arrived at 1.060000 s.
    Its acknowledgment is #6, which arrived at 1.280000 s.
END
# The whole run, wrapped, with what is sent again and what lost it.
run 'the whole run' 0 "$DRYWIRE" run -q --explain --set fault=lost t.lua
prints 'the link loses tcp #4 (PSH,ACK seq=1 ack=1, 5 octets), because a rule of the script dropped it (fault-drop).'
prints 'sends tcp #5 (PSH,ACK seq=1 ack=1, 5 octets), which is #4 again, because'
run 'wrapped' 0 "$DRYWIRE" run -q --explain --width 60 --set fault=lost t.lua
awk 'length > 60 { exit 1 }' out || fail 'a line is longer than --width'
run 'its numbers on the wire' 0 "$DRYWIRE" run -q --absolute --packet 5 --set fault=lost t.lua
prints 'PSH,ACK seq=100 ack=300, 5 octets'
run 'from Lua' 0 "$DRYWIRE" run -q --set fault=lost --set lua=yes t.lua
prints 'It is #4 again'

# Of a saved trace, and of a capture, whose evidence it names.
run 'a trace' 0 "$DRYWIRE" run -q --jsonl t.jsonl --set fault=lost t.lua
run 'of a trace' 0 "$DRYWIRE" explain --packet 5 t.jsonl
prints 'It is #4 again'
run 'of a capture' 0 "$DRYWIRE" import -q --packet 9 "$SOURCE/tests/captures/loss-client.pcap"
prints '#9 '

# A keepalive repeats an octet that has arrived; a window probe says what it is.
script 'local sim, client, server = dw.pair { delay = "20ms", isn = { 99, 299 }, tcp = { keepalive_octet = true } }
server:listen(80)
client:spawn(function()
  local conn = assert(client:connect("server", 80))
  conn:set { keepalive = true, keepalive_idle = "10s" }
end)
sim:run "15s"'
run 'a keepalive' 0 "$DRYWIRE" run -q --packet 4 t.lua
prints '(keepalive; RFC 9293 3.8.4).'
grep -q again out && fail 'a keepalive is told as something that goes again'

# Two SYNs cross: the SYN,ACK that answers says more than the SYN before it, and is what goes again.
script 'local sim, client, server, link = dw.pair { delay = "20ms" }
for _, host in ipairs { client, server } do link:drop { from = host, flags = "=SYN,ACK", nth = 1 } end
client:spawn(function() client:connect(server, 2000, { local_port = 1000 }) end)
server:spawn(function() server:connect(client, 1000, { local_port = 2000 }) end)
sim:run "5s"'
told crossed 3 <<'END'
#3  0.020000 s  server to client: SYN,ACK seq=0 ack=1
    It was sent when #1 arrived: a SYN without ACK came while ours was under way (simultaneous-open;
      RFC 9293 3.10.7.3).
    #3 was lost at 0.020000 s: a rule of the script dropped it (fault-drop).
END
told crossed 6 <<'END'
#6  1.020000 s  server to client: SYN,ACK seq=0 ack=1
    It was sent because it was not acknowledged in time (retransmission-timeout; RFC 6298 5.4).
    It is #3 again, which was sent at 0.020000 s.
    #3 was lost at 0.020000 s: a rule of the script dropped it (fault-drop).
    It arrived at 1.040000 s.
END
run 'on the ladder' 0 "$DRYWIRE" run --ladder t.lua
prints '(#3 again: retransmission-timeout)'

# A SYN goes again without the data that went with it: those have not gone with the second.
script 'local sim, client, server, link = dw.pair { delay = "20ms", tcp = { fast_open = true } }
link:drop { from = client, flags = "=SYN", has_data = true, nth = 1 }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function()
  for _ = 1, 2 do
    assert(client:connect(server, 80, { data = "question" })):close()
    client:sleep "5s"
  end
end)
sim:run()'
told apart 11 <<'END'
#11  6.080000 s  client to server: PSH,ACK seq=1 ack=1, 8 octets
    It was sent when #10 arrived: the user sent data (data; RFC 9293 3.10.2).
    It is #8 again, which was sent at 5.040000 s.
    #8 was lost at 5.040000 s: a rule of the script dropped it (fault-drop).
    It arrived at 6.100000 s.
    Its acknowledgment is #13, which arrived at 6.120000 s.
    #14 was sent when it arrived.
END

# Each copy is told of, the one that got through with what became of its acknowledgment; and what answers
# several arrivals of one instant names them all.
script 'local sim, client, server, link = dw.pair { delay = "20ms" }
link:drop { from = client, has_data = true, nth = { 1, 3 } }
link:drop { from = server, flags = "=ACK", nth = 1 }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect("server", 80))
  conn:send(("x"):rep(100)); client:sleep "60s"
end)
sim:run "62s"'
told 'every copy' 8 <<'END'
#8  7.040000 s  client to server: PSH,ACK seq=1 ack=1, 100 octets
    It was sent because it was not acknowledged in time (retransmission-timeout; RFC 6298 5.4).
    It is #4 again, which was sent at 0.040000 s and has gone 3 times by now, last as #7.
    #4 was lost at 0.040000 s: a rule of the script dropped it (fault-drop).
    #5 arrived at 1.060000 s, but its acknowledgment, #6, did not get through:
        #6 was lost at 1.260000 s: a rule of the script dropped it (fault-drop).
    #7 was lost at 3.040000 s: a rule of the script dropped it (fault-drop).
    #8 arrived at 7.060000 s, but server discarded it: all of it has been received before
      (already-received; RFC 9293 3.10.7.4 first).
    Its acknowledgment is #9, which arrived at 7.080000 s.
END
run 'the first copy is named everywhere' 0 "$DRYWIRE" run -q --explain t.lua
prints 'sends tcp #8 (PSH,ACK seq=1 ack=1, 100 octets), which is #4 again, because'

# What arrives at one instant is handled together.
script 'local sim, client, server = dw.pair { delay = "20ms" }
server:serve(80, function(conn) conn:recv_all() end)
client:spawn(function() assert(client:connect("server", 80)):send(("x"):rep(4380)); client:sleep "60s" end)
sim:run "1s"'
run 'what several arrivals are answered with' 0 "$DRYWIRE" run -q --packet 7 t.lua
prints 'It was sent when #3 to #6 (4 packets) arrived at one instant: enough full-sized segments have come'
run 'from the side of the first' 0 "$DRYWIRE" run -q --packet 4 t.lua
prints 'Its acknowledgment is #7'

# What the header says; what looks like a duplicate ACK and is none; what a duplicate ACK lets go; all repeats.
script 'local sim, client, server, link = dw.pair { seed = 1, delay = "20ms", isn = { 99, 299 } }
link:drop { from = client, has_data = true, nth = 4 }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect("server", 80))
  conn:send(("x"):rep(20000)); conn:close()
end)
sim:run()'
run 'its header' 0 "$DRYWIRE" run -q --packet 1 t.lua
prints 'Header: ports 49152 to 80, sequence number 99, acknowledgment number 0, flags SYN, window 65535, urgent pointer 0, TTL 64, TOS 0, options 02 04 05 b4.'
run 'all repeats' 0 "$DRYWIRE" run -q --repeats t.lua
prints 'client: #8 again, arrived; enough duplicate ACKs arrived (fast-retransmit; RFC 5681 3.2)'
[ "$(wc -l <out)" = 1 ] || fail 'another segment went again'
run 'a ladder' 0 "$DRYWIRE" run -q --jsonl r.jsonl t.lua
run 'all repeats of a trace' 0 "$DRYWIRE" explain --repeats r.jsonl
prints '#8 again'
run 'the first ACK out of order' 0 "$DRYWIRE" run -q --packet 12 t.lua
prints ': a window update, which does not count as a duplicate ACK (RFC 5681 2).'
run 'limited transmit' 0 "$DRYWIRE" run -q --explain t.lua
prints 'because a duplicate ACK lets new data go beyond the congestion window (limited-transmit; RFC 3042 2).'
script 'local sim, client, server = dw.pair { delay = "20ms" }
server:serve(80, function(conn) conn:recv_all() end)
client:spawn(function() assert(client:connect("server", 80)):send "x"; client:sleep "1s" end)
sim:run "1s"'
run 'no repeats' 0 "$DRYWIRE" run -q --repeats t.lua
prints 'No segment went again.'

run 'a packet that is not there' 2 "$DRYWIRE" run -q --packet 400 t.lua
says '--packet: the trace has no packet 400'
run 'no number' 2 "$DRYWIRE" run --packet x t.lua
says '--packet: expected a number on the ladder, got "x"'
run 'numbers of another kind' 2 "$DRYWIRE" run --numbers symbolic --explain t.lua
says 'an explanation has relative or absolute numbers'
run 'a script' 2 "$DRYWIRE" explain t.lua
says 't.lua is not a drywire trace but a script; drywire run draws and explains it'
finish
