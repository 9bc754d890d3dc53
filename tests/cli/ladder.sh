#!/bin/bash
# Ladders: parts of a trace, textbook letters, languages, several connections, what goes again, other programs' languages.
. "$(dirname "$0")/../support/lib.sh"
cd "$work" || exit 1
ladder() { run "$1" 0 "$DRYWIRE" run -q --ladder --width 80 "${@:2}"; }
# The labels of a ladder, one a line.
labels() { grep -E '[├┤]' "$work/out" | grep -oE '(FIN|SYN|ACK|RST|PSH)[A-Z,]* [^─╮✗]*' | sed 's/ *$//'; }

# Letters, as the book has them.
figure() { run "figure $1" 0 "$DRYWIRE" figures show "$1" --style unicode --width 80 --part "$2"; }
figure xie-3-handshake open
labels | diff - <(printf '%s\n' 'SYN seq=x' 'SYN,ACK seq=y ack=x+1' 'ACK seq=x+1 ack=y+1') || fail 'the handshake is not the book'"'"'s'
figure xie-4-release close
labels | grep -v len= | diff - <(printf '%s\n' 'FIN seq=u' 'ACK seq=v ack=u+1' 'FIN,ACK seq=w ack=u+1' 'ACK seq=u+1 ack=w+1') ||
    fail 'the close in four is not the book'"'"'s'
figure xie-4-merged close
labels | diff - <(printf '%s\n' 'FIN seq=u' 'FIN,ACK seq=w ack=u+1' 'ACK seq=u+1 ack=w+1') || fail 'the close in three is not the book'"'"'s'
for style in unicode mermaid plantuml mscgen; do
    run "letters in $style" 0 "$DRYWIRE" run -q --ladder=$style --letters=J,K,M,,N "$SOURCE/examples/03-full-close.lua"
    for text in 'SYN seq=J' 'SYN,ACK seq=K ack=J+1' 'FIN seq=M' 'ACK seq=v ack=M+1' 'FIN,ACK seq=N ack=M+1'; do prints "$text"; done
done
run 'letters in a picture' 0 "$DRYWIRE" run -q --svg x.svg --letters --part close "$SOURCE/examples/03-full-close.lua"
for text in 'FIN seq=u<' 'FIN,ACK seq=w ack=u+1<' 'ESTABLISHED<'; do grep -qF "$text" x.svg || fail "the picture lacks $text"; done
grep -q 'SYN-SENT' x.svg && fail 'the picture of the close has the opening'

script 'local sim, a, b = dw.pair { delay = "20ms", isn = { 99, 299 } }
b:serve(80, function(k) k:recv_all() b:sleep "1s" k:close() end)
a:spawn(function() local k = assert(a:connect(b, 80)) a:sleep "1s" k:close() end) sim:run()'
# A part of it: numbers from where they begin, states as they were, nothing of what was before.
ladder 'a part' --from 4 --to 5 "$work/t.lua"
prints '#4 FIN,ACK seq=1 ack=1'
prints '              ESTABLISHED │                                       │ ESTABLISHED'
prints 'FIN-WAIT-2'
sed -n '/#4 /,$p' "$work/out" | grep -qE 'SYN|LAST-ACK|TIME-WAIT|ms  ' && fail 'a part shows more'
ladder 'a part by time' --from 2s "$work/t.lua"
prints '               FIN-WAIT-2 │                                       │ CLOSE-WAIT'
sed -n '/FIN-WAIT-2 │  .*CLOSE-WAIT/,$p' "$work/out" | grep -q '#5 ' && fail 'a part by time shows more'

# The four segments of the close alone, whatever comes between; under a title.
script 'local sim, a, b = dw.pair { delay = "20ms" }
b:serve(80, function(k) k:recv_all() b:sleep "1s" for _ = 1, 3 do k:send "data" b:sleep "1s" end k:close() end)
a:spawn(function() local k = assert(a:connect(b, 80)) k:send "hello" a:sleep "1s" k:shutdown() k:recv_all() k:close() end) sim:run()'
ladder 'the close alone' --part fin --letters --no-packets --title 'The end' "$work/t.lua"
labels | diff - <(printf '%s\n' 'FIN seq=u' 'ACK seq=v ack=u+1' 'FIN,ACK seq=w ack=u+1' 'ACK seq=u+1 ack=w+1') || fail '--part fin is not the close in four'
prints 'The end'
ladder 'with what is between' --part close "$work/t.lua"
[ "$(labels | grep -c len=4)" = 3 ] || fail '--part close lacks the data between'
for style in rfc mermaid plantuml mscgen; do
    run "a title in $style" 0 "$DRYWIRE" run -q --ladder=$style --title 'The end' "$work/t.lua"
    prints 'The end'
done
run 'a title of files' 0 "$DRYWIRE" run -q --svg e.svg --html e.html --tikz e.tex --title 'The end' "$work/t.lua"
grep -q '>The end<' e.svg && grep -q '<title>The end<' e.html && grep -q '^% The end' e.tex || fail 'a file lacks its title'
grep -q 'time-wait timer' e.svg || fail 'the picture lacks its timer'
run 'without calls' 0 "$DRYWIRE" run -q --svg e.svg --no-calls "$work/t.lua"
grep -q ' timer' e.svg && fail '--no-calls leaves timers'

# What the script injects begins a connection that nobody else does; the answers of the one before keep its letters; a NAT's
# two halves have the same ones.
letters_of() { run "letters of $1" 0 "$DRYWIRE" run -q --ladder=ascii --letters --packets --width 110 "$SOURCE/examples/$1.lua"; }
letters_of figures/tanenbaum-6-11b
prints '#1 SYN seq=x '
prints '#2 SYN,ACK seq=y ack=x+1 '
prints '#3 RST seq=x+1 '
letters_of figures/rfc793-10
prints '#5 ACK seq=y+1 ack=x+1 '
prints '#6 RST seq=x+1 '
letters_of 16-middleboxes
prints '#2 SYN,ACK seq=y ack=x+1 '
prints '#3 ACK seq=x+1 ack=y+1 '
run 'a label that is cut' 0 "$DRYWIRE" run -q --svg fin.svg --packets "$SOURCE/examples/15-small-packets-please.lua"
grep -q '>#17 FIN,PSH,ACK' fin.svg || fail 'a label lacks its FIN'

# Two connections at a time: the letters of each are the same in a part.
script 'local sim, a, b = dw.pair { delay = "20ms" }
b:serve(80, function(k) k:recv_all() k:close() end)
for i = 1, 2 do a:spawn(function() a:sleep(i * 100 .. "ms") local k = assert(a:connect(b, 80)) k:send "hello" a:sleep "1s" k:close() end) end
sim:run()'
ladder 'letters of two' --letters --packets "$work/t.lua"
grep -E '#(8|9|1[0-2]) ' "$work/out" | sed 's/.*#/#/; s/[─┤╮].*//' >whole
ladder 'letters of two in a part' --letters --packets --from 8 --to 12 "$work/t.lua"
grep -E '#(8|9|1[0-2]) ' "$work/out" | sed 's/.*#/#/; s/[─┤╮].*//' | diff whole - || fail 'a part has other letters than the whole'
grep -q 'x2+1' whole || fail 'the second connection has no letters of its own'
ladder 'letters of one' --letters --conn 3 --from 8 "$work/t.lua"
grep -q 'x2' "$work/out" && fail 'one connection alone has no x2'

# Two connections of the same hosts, and the ports of the first used again from TIME-WAIT.
script 'local sim, a, b = dw.pair { delay = "20ms", isn = { { 1000, 3000 }, { 5000, 9000 } }, name = "Zwei; drei" }
b:serve(80, function(k) k:close() end)
a:spawn(function()
  for _ = 1, 2 do local k = assert(a:connect(b, 80, { local_port = 5000 })) k:recv_all() k:close() a:sleep "5s" end
  local k = assert(a:connect(b, 80, { local_port = 5001 })) k:recv_all() k:close()
end)
sim:run "1h"
dw.expect(b):stays("TIME-WAIT", { lasting = "239s", conn = 2 })
assert(sim.trace:ladder { conn = 3 }:find "5.120000   ESTABLISHED" and not sim.trace:ladder { conn = 3 }:find "0.020000")
assert(sim.trace:svg {}:find "Zwei; drei")'
ladder 'ports used again' --conn 3 "$work/t.lua"
grep -qE '5\.14.*ESTABLISHED' "$work/out" || fail 'the connection that reopens is not ESTABLISHED in its row'
grep -qE '5001|CLOSED$' "$work/out" && [ "$(grep -c 5001 "$work/out")" != 0 ] && fail 'another connection is in it'
ladder 'ports told' "$work/t.lua"
prints '#8 5000: SYN seq=0'
prints '5001: SYN seq=0'
run 'no such connection' 2 "$DRYWIRE" run -q --ladder --conn 9 "$work/t.lua"
says '; each end of a connection has a number, up to 6'
run 'no such host' 2 "$DRYWIRE" run -q --ladder --left clinet "$work/t.lua"
says 'did you mean "client"?'
run 'nothing to draw it in' 2 "$DRYWIRE" run -q --from 3 "$work/t.lua"
says '--from is not used here; it is for --ladder, --svg FILE, --tikz FILE or --html FILE'
run 'no such letters' 2 "$DRYWIRE" run --ladder --letters=1 "$work/t.lua"
says 'is no letter'
run 'too many letters' 2 "$DRYWIRE" run --ladder --letters=A,B,C,D,E,F,G "$work/t.lua"
says '"F" is one too many; there are five'
run 'columns of a picture' 2 "$DRYWIRE" run --svg x.svg --width 300 "$work/t.lua"
says '--width is not used here; it is for --ladder=unicode, --explain or --packet N'
for option in --explain '--packet 3'; do
    run "$option in Chinese" 2 "$DRYWIRE" run --lang zh $option "$work/t.lua"
    says '--lang is not used here; it is for --ladder'
done
run 'no such part' 2 "$DRYWIRE" run --ladder --part middle "$work/t.lua"
says 'expected all, open, data, close or fin'
run 'behind the end' 2 "$DRYWIRE" run --ladder --from 99 "$work/t.lua"
says '--from: the last packet is #'
run 'turned round' 0 "$DRYWIRE" run -q --ladder --left server --right client "$work/t.lua"
grep -qE 'server +client' "$work/out" || fail '--left does not decide'

# What goes again, what is a probe, what was discarded.
ladder 'again' "$SOURCE/examples/06-lost-final-ack.lua"
for text in '(#6 again: retransmission-timeout)' '(discarded: already-received)' '✗ lost' '(2 MSL restarted)'; do prints "$text"; done
ladder 'a keep-alive' <(printf 'local dw = require "drywire"
local sim, a, b = dw.pair { delay = "20ms", limit = "3h", tcp = { keepalive = true } }
b:listen(80) a:spawn(function() a:connect(b, 80) end) sim:run "121min"')
prints '(keep-alive)'

# A state that lasts to the end of the run, or began before the time that is asked about.
script 'local sim, a, b = dw.pair { delay = "20ms" }
b:serve(80, function(k) k:recv_all() b:sleep "50min" end)
a:spawn(function() assert(a:connect(b, 80)):close() end)
sim:run "30min"
dw.expect(a):stays("FIN-WAIT-2", { lasting = "29min" })
dw.expect(a):stays("FIN-WAIT-2", { lasting = "1min", from = "10min", to = "11min" })
dw.expect(a):stays("FIN-WAIT-2", { lasting = "2min", from = "10min", to = "11min" })'
run 'stays' 1 "$DRYWIRE" run "$work/t.lua"
says 't.lua:8: client connection 1 stayed in FIN-WAIT-2 for 1min, not for 2min'

# In Chinese, with wide names, in columns.
script 'local sim = dw.sim { seed = 1 } local a, b = sim:host "客户机", sim:host "é服务器" sim:link(a, b, { delay = "20ms" })
b:serve(80, function(k) k:recv_all() k:close() end)
a:spawn(function() assert(a:connect(b, 80)):close() end) sim:run()'
ladder 'Chinese' --lang zh "$work/t.lua"
for text in 同步已发送 同步收到 已建立连接 终止等待1 终止等待2 关闭等待 最后确认 时间等待 关闭 收听; do prints "$text"; done
python3 - "$work/out" <<'P' || fail 'lifelines are not in one column'
import sys, unicodedata
def column(line):
    at = 0
    for c in line:
        if c in '│├◀┊': return at
        at += 0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in 'WF' else 1
lines = open(sys.argv[1]).read().splitlines()[1:]
sys.exit(len({column(line) for line in lines if column(line) is not None}) != 1)
P

# Into a file, with nothing of what the script prints; in the languages that other programs draw.
script 'local sim, a, b = dw.pair { delay = "20ms", name = "a;b {c} <d> \"e\" #f" } print "noise"
b:serve(80, function(k) k:recv_all() k:close() end)
a:spawn(function() assert(a:connect(b, 80)):close() end) sim:run()'
for style in mermaid plantuml mscgen; do
    run "$style into a file" 0 "$DRYWIRE" run --ladder=$style -o d.$style "$work/t.lua"
    grep -qE 'noise|pass' d.$style && fail "$style: the file has what the script prints"
    # The states of each end, in their order.
    for end in 'A CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT CLOSED' 'B LISTEN SYN-RECEIVED ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED'; do
        who=${end%% *}
        [ "$(grep -E "over $who ?:|$who abox" d.$style | grep -oE '[A-Z-]{5,}[12]?' | tr '\n' ' ')" = "${end#* } " ] || fail "$style: the states of $who are in another order"
    done
    # FIN-WAIT-1 stands right above the FIN.
    grep -A1 FIN-WAIT-1 d.$style | tail -1 | grep -q 'FIN,ACK' || fail "$style: FIN-WAIT-1 is not beside its FIN"
done
# What crosses was sent before what the other's arrival does.
script 'local sim, a, b = dw.pair { delay = "20ms" }
b:serve(80, function(k) b:sleep "940ms" k:close() end)
a:spawn(function() local k = assert(a:connect(b, 80)) a:sleep "960ms" k:close() end) sim:run()'
for style in mermaid plantuml mscgen; do
    run "FINs that cross in $style" 0 "$DRYWIRE" run -q --ladder=$style "$work/t.lua"
    [ "$(grep -oE 'FIN,ACK|FIN-WAIT-1|CLOSING' "$work/out" | tr '\n' ' ')" = 'FIN-WAIT-1 FIN,ACK FIN-WAIT-1 FIN,ACK CLOSING CLOSING ' ] ||
        fail "$style: $(cat "$work/out")"
done
run 'SYNs that cross' 0 "$DRYWIRE" figures show stevens-18-simultaneous-open --style mermaid
[ "$(grep -oE 'SYN seq|SYN-RECEIVED' "$work/out" | head -3 | tr '\n' ' ')" = 'SYN seq SYN seq SYN-RECEIVED ' ] || fail 'SYN-RECEIVED stands before a SYN that was sent earlier'

if command -v mscgen >/dev/null; then
    for script in $(every 12 "$SOURCE"/examples/figures/*.lua) "$work/t.lua"; do
        "$DRYWIRE" run -q --ladder=mscgen -o f.msc "$script" >/dev/null 2>&1
        [ -s f.msc ] || continue
        run "mscgen: ${script##*/}" 0 mscgen -T svg -i f.msc -o f.svg
    done
else
    echo 'mscgen is not there: what is written for it is not rendered'
fi
# The others by the tools themselves, where they are there: names that mean something to them, and figures.
cat >names.lua <<'L'
local dw = require "drywire"
for i, name in ipairs { "end", "Note over", "%% c", "@enduml", "' comment", "-", "->>", "!define X", "[[http://x y]]", "**b** //i//",
                        "<b>x</b>", "&amp;", "客户机", "${x} %date()", "box", "a\\nb", "x\ny", "#35;", "$$x$$", "(" } do
  local sim = dw.sim { seed = i }
  local a, b = sim:host(name), sim:host(name .. "'s peer")
  sim:link(a, b, { delay = "20ms" }):drop { from = b, flags = "FIN", nth = 1 }
  b:serve(80, function(k) k:recv_all() k:close() end)
  a:spawn(function() assert(a:connect(b, 80)):close() end)
  sim:run()
  for _, style in ipairs { "mermaid", "plantuml" } do
    sim.trace:ladder { style = style, file = ("name%02d.%s"):format(i, style), calls = true, title = name }
  end
end
L
run 'names' 0 "$DRYWIRE" run -q names.lua
for script in $(every 12 "$SOURCE"/examples/figures/*.lua); do
    for style in mermaid plantuml; do "$DRYWIRE" run -q --ladder=$style -o "$(basename "$script" .lua).$style" "$script" >/dev/null 2>&1; done
done
if command -v plantuml >/dev/null; then
    cat ./*.plantuml >all.txt
    plantuml -syntax -charset UTF-8 <all.txt >syntax.txt 2>/dev/null
    [ "$(grep -c '^SEQUENCE$' syntax.txt)" = "$(grep -c '^@startuml$' all.txt)" ] || fail "plantuml: $(grep -A2 '^ERROR$' syntax.txt | head -6)"
else
    echo 'plantuml is not there: what is written for it is not read'
fi
# MERMAID: where npm has installed mermaid and jsdom, the folder that has node_modules.
if [ -n "${MERMAID:-}" ]; then
    cp "$SOURCE/tests/support/mermaid.mjs" "$MERMAID/drywire-mermaid.mjs"
    run 'mermaid' 0 node "$MERMAID/drywire-mermaid.mjs" "$PWD"/*.mermaid
    rm -f "$MERMAID/drywire-mermaid.mjs"
elif command -v mmdc >/dev/null; then
    run 'mermaid' 0 mmdc -q -i d.mermaid -o d.svg
else
    echo 'mermaid (npm) is not there: what is written for it is not read'
fi

# A closed window, and the first that is open again, in all kinds of pictures; --windows: all of them.
script 'local sim, client, server = dw.pair { delay = "20ms", mss = 1000, server = { buffer = 2000 } }
server:serve(80, function(conn) server:sleep "2s"; conn:recv_all(); conn:close() end)
client:spawn(function() local conn = assert(client:connect("server", 80)); conn:send(("x"):rep(3000)); conn:close() end)
sim:run()
print(sim.trace:ladder { windows = dw.param("all", "no") == "yes" })'
run 'windows' 0 "$DRYWIRE" run --ladder --svg w.svg --html w.html --tikz w.tex --jsonl w.jsonl t.lua
prints '#6 ACK seq=1 ack=2001 win=0 '
prints 'ACK seq=1 ack=2001 win=2000 '
grep -q 'SYN seq=0 win' out && fail 'an open window is told'
grep -q 'ack=3001 win=\|ack=3002 win=' out && fail 'the second open window is told'
grep -qF 'ack=2001 win=0' w.svg || fail 'no window in the picture'
grep -qF 'win=0' w.tex || fail 'no window in TikZ'
for style in mermaid plantuml mscgen; do
    run "windows, $style" 0 "$DRYWIRE" ladder --style $style w.jsonl
    prints 'ack=2001 win=0'
done
run 'windows of the RFC' 0 "$DRYWIRE" ladder --style rfc w.jsonl
prints '<WND=0>'
run 'all windows' 0 "$DRYWIRE" run --ladder --windows t.lua
prints '#1 SYN seq=0 win=65535 '
run 'all windows in Lua' 0 "$DRYWIRE" run -q --set all=yes t.lua
prints '#1 SYN seq=0 win=65535 '

finish
