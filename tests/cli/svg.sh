#!/bin/bash
# --svg: the exchange as a picture: what it shows, how it is laid out, and what goes wrong.
. "$(dirname "$0")/../support/lib.sh"
cd "$work" || exit 1

script 'local sim, client, server, link = dw.pair { delay = "20ms", rate = "1Mbps", isn = { 100, 300 } }
link:drop { from = client, flags = "FIN", nth = 1 }
link:duplicate { from = server, flags = "SYN,ACK" }
link:rewrite { from = client, has_data = true, nth = 1, set = { window = 1000 } }
link:inject { at = "1s", from = server, port = 80, to = client, to_port = 9, flags = "RST", seq = 1 }
server:serve(80, function(c) c:recv_all() c:close() end)
client:spawn(function() local c = assert(client:connect(server, 80)) c:send "<&>" c:close() end)
sim:run()'
run 'draw' 0 "$DRYWIRE" run -q --svg a.svg --jsonl t.jsonl t.lua
run 'again' 0 "$DRYWIRE" run -q --svg b.svg t.lua
cmp -s a.svg b.svg || fail 'the picture differs from run to run'
run 'from a trace' 0 "$DRYWIRE" ladder --svg c.svg t.jsonl
cmp -s a.svg c.svg || fail 'a saved trace gives another picture'
for text in 'class="cross"' '>lost<' 'class="syn copy"' ' damaged"' '>SYN-SENT<' '>TIME-WAIT<' '>LISTEN<' '>close()<' \
    '>connect()<' '>retransmission timer<' 'later</text>' 'prefers-color-scheme: dark' 'lost: fault-drop' 'id="p1"'; do
    grep -qF -- "$text" a.svg || fail "the picture lacks $text"
done
grep -qE '(href|src|url)[=(]' a.svg && fail 'the picture refers to something outside'
run 'absolute' 0 "$DRYWIRE" run -q --svg d.svg --absolute t.lua
grep -qF 'SYN seq=100' d.svg || fail 'no absolute numbers'
run 'symbolic' 0 "$DRYWIRE" run -q --svg e.svg --symbolic t.lua
grep -qF 'seq=y ack=x+1' e.svg || fail 'no symbolic numbers'

# One connection of two; from Lua; nothing to draw.
script 'local sim, client, server = dw.pair { delay = "20ms" }
server:serve(80, function(c) c:recv_all() c:close() end)
for i = 1, 2 do client:spawn(function() assert(client:connect(server, 80, { local_port = 5000 + i })):close() end) end
sim:run()
local all, one = sim.trace:svg { title = "all & <more>", calls = false }, sim.trace:svg { conn = client:conn(1) }
local function arrows(text) return select(2, text:gsub("class=\"wire\"", "")) end
assert(arrows(all) == 2 * arrows(one) and all:find "all &amp; &lt;more&gt;" and not all:find "close%(%)")
assert(select(2, all:gsub(">5002: SYN%-SENT<", "")) == 1 and select(2, all:gsub(">5002: SYN%-RECEIVED<", "")) == 1, "several connections are told apart")
sim.trace:svg { file = "lua.svg", from = 1, to = 3 }
assert(dw.sim().trace:svg():find "no exchange")'
run 'from Lua' 0 "$DRYWIRE" run -q t.lua
[ -s lua.svg ] || fail 'no lua.svg'

# What another segment's label refers to has its number, with and without --packets; --no-packets: nobody has.
script 'local sim, client, server, link = dw.pair { delay = "20ms" }
link:drop { from = client, has_data = true, nth = 1 }
server:serve(80, function(c) c:recv_all() c:close() end)
client:spawn(function() local c = assert(client:connect(server, 80)) c:send "hello" c:close() end)
sim:run()'
labels() { sed 's|<title>.*||' "$1"; }
run 'a loss' 0 "$DRYWIRE" run -q --svg n.svg t.lua
grep -qF '>#4 PSH,ACK ' n.svg || fail 'the lost segment has no number'
grep -qF '#4 again' n.svg || fail 'its repetition does not say of what'
labels n.svg | grep -qF '#1 SYN' && fail 'a segment that nothing refers to has a number'
run 'a loss without numbers' 0 "$DRYWIRE" run -q --no-packets --svg n.svg t.lua
labels n.svg | grep -qE '>#4|#4 again' && fail '--no-packets leaves a number'

# Segments that reach nobody: their sender, whom they are for, and why they end.
run 'nobody answers' 0 "$DRYWIRE" run -q --lang zh --svg timeout.svg "$SOURCE/examples/figures/stevens-18-connect-timeout.lua"
for text in '>server<' 链路中断 '重发#1：超时重传' 同步已发送; do grep -q "$text" timeout.svg || fail "timeout.svg does not have $text"; done

# Hosts stand in the order of the path, whichever was made first; both networks of a dumbbell beside it.
script 'local sim = dw.sim {}
local r1, r2, server, client, other = sim:host "r1", sim:host "r2", sim:host "server", sim:host "client", sim:host "other"
for _, ends in ipairs { { r1, client }, { server, r2 }, { r2, r1 }, { r1, other } } do sim:link(ends[1], ends[2], { delay = ends[2] == r1 and "40ms" or "1ms" }) end
server:serve(80, function(c) c:recv_all() c:close() end)
for _, host in ipairs { client, other } do host:spawn(function() assert(host:connect(server, 80)):close() end) end
sim:run()'
run 'the order of hosts' 0 "$DRYWIRE" run -q --svg order.svg t.lua
order=$(grep -o 'class="name"[^<]*' order.svg | sed 's/.*>//' | tr '\n' ' ')
[ "$order" = 'server r2 r1 other client ' ] || fail "hosts stand as $order"
# One that is under way for long is drawn no longer than the usual one by far.
[ "$(grep -c '40ms later' order.svg)" -ge 3 ] || fail 'a long hop is not cut'
"$LUA" - order.svg <<'L' || fail 'a cut hop is taller than the uncut'
for y1, y2 in io.open(arg[1]):read "a":gmatch 'class="wire" x1="[^"]*" y1="([^"]*)" x2="[^"]*" y2="([^"]*)"' do
  assert(y2 - y1 < 130, y2 - y1)
end
L

# What happens at one instant is drawn at one height: both SYNs of a simultaneous open.
run 'simultaneous' 0 "$DRYWIRE" run -q --svg x.svg "$SOURCE/examples/08-simultaneous-open.lua"
mapfile -t ends < <(grep -o 'class="wire" [^/]*' x.svg | sed 's/.*y1="\([^"]*\)".*y2="\([^"]*\)".*/\1 \2/' | head -2)
[ "${ends[0]}" = "${ends[1]}" ] || fail "two SYNs of one instant are drawn at ${ends[*]}"
grep -q '>CLOSED<' x.svg || fail 'no state in which the ends begin'

# In words: what goes again, and the words of another language; without times and states there is nothing of them.
run 'what goes again' 0 "$DRYWIRE" run -q --svg x.svg "$SOURCE/examples/06-lost-final-ack.lua"
grep -qE 'class="again"[^>]*>#[0-9]+ again: retransmission-timeout<' x.svg || fail 'the picture does not say what goes again'
run 'another language' 0 "$DRYWIRE" run -q --lang zh --svg zh.svg "$SOURCE/examples/06-lost-final-ack.lua"
for text in '>同步已发送<' '>终止等待1<' '>980ms之后<' '>秒<' '✕ 丢失' '>重传计时器<'; do grep -qF "$text" zh.svg || fail "the picture in Chinese lacks $text"; done
run 'a bare picture' 0 "$DRYWIRE" run -q --no-times --no-states --no-calls --svg bare.svg "$SOURCE/examples/06-lost-final-ack.lua"
grep -qE 'class="(time|axis|tear|state|call|timer|bar)[ "]|seconds|axis:' bare.svg && fail 'the bare picture has more than segments'
[ "$(grep -c 'class="wire"' bare.svg)" = "$(grep -c 'class="wire"' x.svg)" ] || fail 'the bare picture has other segments'

# A title that is longer than the page goes on below.
script "-- $(printf 'title and words %.0s' {1..20})
local sim, client, server = dw.pair { delay = '20ms' }
server:serve(80, function(c) c:close() end)
client:spawn(function() client:connect(server, 80):close() end)
sim:run()"
sed -i 1d t.lua
sed -i '1a local dw = require "drywire"' t.lua
run 'a long title' 0 "$DRYWIRE" run -q --svg long.svg t.lua
[ "$(grep -c 'class="title long"' long.svg)" -ge 2 ] || fail "a long title has $(grep -c 'class="title' long.svg) lines"

# Files that cannot be written.
run 'no directory' 2 "$DRYWIRE" run -q --svg no/such/x.svg t.lua
says 'cannot write no/such/x.svg'
mkdir dir.svg
run 'a directory' 2 "$DRYWIRE" run -q --svg dir.svg t.lua
says 'cannot write dir.svg'
if [ -e /dev/full ]; then
    run 'a full disk' 2 "$DRYWIRE" run -q --svg /dev/full t.lua
    says 'cannot write /dev/full'
fi

# The layout of every example and figure that is not a long transfer.
for path in "$SOURCE"/examples/*.lua "$SOURCE"/examples/figures/*.lua; do
    grep -q 'dw\.plot' "$path" && continue
    name=$(basename "$path" .lua)
    "$DRYWIRE" run -q --svg "$name.svg" "$path" >/dev/null 2>&1 || fail "$name: cannot be drawn"
    [ "$(grep -c 'class="wire"' "$name.svg")" -gt 300 ] && continue
    run "layout of $name" 0 "$LUA" "$SOURCE/tests/cli/svg_layout.lua" "$name.svg"
done
finish
