#!/bin/bash
# What every kind of picture shows of the same thing alike: states, FINs that cross, parts, losses.
. "$(dirname "$0")/../support/lib.sh"
cd "$work" || exit 1
figure() { run "$1" 0 "$DRYWIRE" figures show "$2" --style unicode --svg x.svg --tikz x.tex "${@:3}"; }
has() { grep -qF -- "$2" "$1" || fail "$name: $1 lacks $2"; }
lacks() { grep -qF -- "$2" "$1" && fail "$name: $1 has $2"; }

# A state that lasted no time is passed: FIN-WAIT-2, where one segment acknowledges the FIN and brings the other.
figure 'a merged close' xie-4-merged --part close
for file in x.svg x.tex "$work/out"; do
    lacks "$file" FIN-WAIT-2
    has "$file" TIME-WAIT
done
figure 'a merged close without calls' xie-4-merged --part close --no-calls
for file in x.svg x.tex "$work/out"; do has "$file" LAST-ACK; done

# FINs that cross acknowledge nothing; what acknowledges them does.
figure 'a simultaneous close' stevens-18-simultaneous-close --letters --part close
for file in x.svg x.tex; do
    for text in 'FIN seq=u' 'FIN seq=w' 'ACK seq=u+1 ack=w+1' 'ACK seq=w+1 ack=u+1'; do has "$file" "$text"; done
    lacks "$file" 'ack=u<'
    lacks "$file" 'ack=u}'
done
figure 'a close one after the other' xie-4-release --letters --part fin
has x.svg 'FIN,ACK seq=w ack=u+1'

# A part ends with its connection, where nothing follows that is left out: 2 MSL are of the close.
for of in xie-4-release xie-4-merged; do
    figure "the FINs of $of" "$of" --part fin
    for file in x.svg x.tex "$work/out"; do grep -q 239.98s "$file" || fail "$name: $file ends before 2 MSL"; done
done
figure 'the opening' xie-4-release --part open
lacks x.svg TIME-WAIT

# The wait for 2 MSL that begins again; what a script loses is lost.
lost=$SOURCE/examples/06-lost-final-ack.lua
for lang in en zh; do
    run "a lost ACK, $lang" 0 "$DRYWIRE" run -q --ladder=unicode --lang $lang --svg x.svg --tikz x.tex --html x.html "$lost"
    again='2 MSL restarted' word=lost
    [ $lang = zh ] && again=重新等待2MSL word=丢失
    for file in x.svg x.tex "$work/out"; do
        has "$file" "$again"
        has "$file" "$word"
    done
    sed '/<title>/,/<\/title>/d' x.svg | grep -q fault-drop && fail "$name: a cause by its name"
    has x.html "\"fault-drop\":\"$word\""
done
run 'as a figure' 0 "$DRYWIRE" run -q --ladder=rfc "$lost"
prints '(2 MSL restarted)'
run 'in another language' 0 "$DRYWIRE" run -q --ladder=mermaid "$lost"
prints 'Note over A: 2 MSL restarted'
prints 'ACK seq=2 ack=2 (lost)'

# Without times there are no durations either.
run 'no times' 0 "$DRYWIRE" run -q --no-times --svg x.svg --tikz x.tex "$lost"
for file in x.svg x.tex; do lacks "$file" later; done

# Several connections: what tells them apart is the same at both ends, and every state is there.
script 'local sim, client, server = dw.pair { delay = "20ms" }
server:serve(80, function(c) c:recv_all() c:close() end)
for i = 1, 3 do client:spawn(function() client:sleep(i * 10 .. "ms") local c = assert(client:connect(server, 80)) c:close() end) end
sim:run()'
run 'three connections' 0 "$DRYWIRE" run -q --svg x.svg --tikz x.tex t.lua
for port in 49152 49153 49154; do
    for state in SYN-SENT SYN-RECEIVED FIN-WAIT-1 CLOSE-WAIT TIME-WAIT LAST-ACK; do
        has x.svg ">$port: $state<"
        has x.tex "{$port: $state}"
    done
    [ "$(grep -c ">$port: CLOSED<" x.svg)" = 2 ] || fail "$name: $port is not closed at both ends"
done
grep -qE '>[A-Z0-9-]+ +#[0-9]+<' x.svg && fail 'a connection has a number like a packet'

# Who listens goes on to listen: a bar to the end of its host; a single connection is what the listener becomes.
listens() { "$LUA" - "$1" <<'L'
local svg = io.open(arg[1]):read "a"
local foot = svg:match 'class="life"[^>]* y2="([%d.]+)"'
local y, height = svg:match '<rect class="bar listen" x="[%d.]+" y="([%d.]+)" width="[%d.]+" height="([%d.]+)"'
os.exit(math.abs(y + height - foot) < 1)
L
}
listens x.svg || fail 'the listener is gone'
run 'one connection' 0 "$DRYWIRE" run -q --conn 1 --svg x.svg t.lua
listens x.svg && fail 'a listener beside its only connection'

# A star: its centre stands in the middle, and says whose its states are; whoever was made first.
for first in server Anna; do
    script 'local sim = dw.sim {}
local hosts = {}
for _, name in ipairs(FIRST == "Anna" and { "Anna", "Bert", "server", "Carl" } or { "server", "Anna", "Bert", "Carl" }) do hosts[name] = sim:host(name) end
local server = hosts.server
server:serve(80, function(conn) conn:recv_all() conn:close() end)
for i, name in ipairs { "Anna", "Bert", "Carl" } do
  sim:link(hosts[name], server, { delay = "20ms" })
  hosts[name]:spawn(function() hosts[name]:sleep(15 * i .. "ms") assert(hosts[name]:connect(server, 80)):close() end)
end
sim:run()'
    sed -i "1s/^/local FIRST = \"$first\" /" t.lua
    run "a star, $first first" 0 "$DRYWIRE" run -q --svg x.svg --tikz x.tex t.lua
    [ "$(grep -o 'class="name"[^<]*' x.svg | sed 's/.*>//' | tr '\n' ' ')" = 'Anna server Bert Carl ' ] || fail "$name: the order of hosts"
    for client in Anna Bert Carl; do
        for state in SYN-RECEIVED ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED; do
            has x.svg ">$client: $state<"
            has x.tex "{$client: $state}"
        done
    done
    for state in SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT; do
        [ "$(grep -c "class=\"state[^>]*>$state<" x.svg)" = 3 ] || fail "$name: not three clients are in $state"
    done
    listens x.svg || fail "$name: the listener is gone"
    run "its layout" 0 "$LUA" "$SOURCE/tests/cli/svg_layout.lua" x.svg
    # A ladder has two of the hosts, and says so.
    run "its ladder" 0 "$DRYWIRE" run -q --ladder t.lua
    says 'note: 2 more connections: --left Bert, --left Carl, or --conn N; --svg FILE draws all'
    run "another one's" 0 "$DRYWIRE" run -q --ladder --left Bert t.lua
    [ -s "$work/err" ] && fail "$name: a note where the hosts were chosen"
    # Labels of one kind leave out the same.
    run "in letters" 0 "$DRYWIRE" run -q --letters --svg x.svg t.lua
    grep -q '>ACK seq=' x.svg && grep -q '>ACK ack=' x.svg && fail "$name: some acknowledgments say more than others"
done

# Numbers of connections: of ends, as statistics have them.
run 'no such connection' 2 "$DRYWIRE" run -q --ladder --conn 7 t.lua
says 'conn: there is no 7; each end of a connection has a number, up to 6'

# A title that was asked for, whatever lines it has; TikZ leaves others to the document.
for style in unicode mermaid; do
    run "a title, $style" 0 "$DRYWIRE" run -q --title $'One\ntwo' --ladder=$style --svg x.svg --tikz x.tex "$lost"
    prints 'One two'
    has x.svg '>One two<'
    has x.tex '] at (-4.90,-1.10) {One two};'
    has x.tex '% One two'
done
run 'none' 0 "$DRYWIRE" run -q --tikz x.tex "$lost"
grep -q 'node.dw title' x.tex && fail 'TikZ has a title that nobody asked for'

# An optional value stands behind "="; another word for a language; help of what a command does.
run 'a loose value' 2 "$DRYWIRE" figures show xie-4-release --style unicode --letters a,b,p
says 'drywire figures: --letters has its value behind "=": write --letters=a,b,p'
run 'a loose style' 2 "$DRYWIRE" run --ladder rfc "$lost"
says '--ladder has its value behind "=": write --ladder=rfc'
cp "$lost" a,b.lua
run 'a file of that name' 0 "$DRYWIRE" run -q --ladder --letters a,b.lua
run 'a country' 2 "$DRYWIRE" run --lang cn "$lost"
says 'did you mean "zh"?'
run 'help of a part' 0 "$DRYWIRE" help figures export
prints 'drywire figures export DIRECTORY'
run 'help of no part' 2 "$DRYWIRE" help figures paint
says 'one word at most; "paint" is too much'

# A header of a figure, and nothing else.
run 'a header' 0 "$DRYWIRE" figures show xie-3-handshake --bytefield 2
head -1 "$work/out" | grep -q '^% The header of packet #2' || fail "$name: it begins with $(head -1 "$work/out")"
grep -q SYN-SENT "$work/out" && fail "$name: there is a ladder, too"
finish
