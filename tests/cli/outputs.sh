#!/bin/bash
# What drywire writes arrives whole, or not at all and is said: full disks, closed descriptors,
# limits on file sizes.
. "$(dirname "$0")/../support/lib.sh"
cd "$work" || exit 1
script 'local sim, client, server = dw.pair { delay = "20ms" }
server:serve(80, function(conn) conn:recv_all() conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  for _ = 1, 60 do conn:send "hello" client:sleep "1s" end
  conn:close()
end)
sim:run()'
printf 'print "nothing but this"\n' >print.lua
printf '0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n' >t.pkt
run 'files to look at' 0 "$DRYWIRE" run -q --jsonl t.jsonl --pcap t.pcapng t.lua

# full COMMAND: standard output is a full disk.
full() {
    name="full disk: drywire $*"
    "$DRYWIRE" "$@" >/dev/full 2>err
    code=$?
    [ $code = 2 ] || fail "$name: exit code $code"
    [ "$(grep -c 'cannot write the standard output' err)" = 1 ] || { fail "$name: not a sentence"; cat err >&2; }
}
for command in 'run t.lua' 'run print.lua' 'run --ladder t.lua' 'test t.lua' 'drill t.pkt' 'drill --sysctls' 'check t.lua' 'ladder t.jsonl' \
    'trace t.jsonl' 'explain t.jsonl' 'stats t.jsonl' 'stats --json t.jsonl' 'plot t.jsonl' 'diff t.jsonl t.jsonl' 'import t.pcapng' \
    'import --list t.pcapng' 'import --lua - t.pcapng' 'figures show rfc9293-06' 'profiles' 'profiles show linux' 'defects --json' \
    'states t.lua' 'catalogue t.lua' 'export --packetdrill --host client t.lua' 'init project' 'repl -q print.lua' '--help' '--version' 'run --help'; do
    full $command
done

# Descriptors that are closed are opened before anything else, so nothing else gets their numbers.
run 'no standard output' 2 bash -c '"$DRYWIRE" ladder t.jsonl >&-'
says 'cannot write the standard output'
run 'no standard output, nothing to say' 0 bash -c '"$DRYWIRE" run -q --jsonl again.jsonl t.lua >&-'
cmp -s t.jsonl again.jsonl || fail 'a trace differs without a standard output'
run 'no descriptors, test' 0 bash -c '"$DRYWIRE" test t.lua <&- 2>&-'
run 'no descriptors, check' 0 bash -c '"$DRYWIRE" check t.lua <&- 2>&-'
run 'no descriptors, an error' 2 bash -c '"$DRYWIRE" run nothing.lua <&- >&- 2>&-'

# A reader that had enough is no news.
name='a reader that had enough'
mkfifo pipe
(exec 3<pipe; exec 3<&-) &
{ wait $!; "$DRYWIRE" ladder t.jsonl; echo $? >code; } 2>err >pipe
[ "$(cat code)" = 141 ] || fail "$name: exit code $(cat code)"
[ -s err ] && fail "$name: $(cat err)"

# Files: whole, or as they were.
# limited FILE COMMAND: no file may grow past 1 KiB.
limited() {
    file=$1
    shift
    echo 'as it was' >"$file"
    run "file size: drywire $*" 2 bash -c 'ulimit -f 1; exec "$DRYWIRE" "$@" >/dev/null' - "$@"
    says 'File too large'
    [ "$(cat "$file")" = 'as it was' ] || fail "$name: it is not as it was"
    for left in ./*.part*; do [ -e "$left" ] && fail "$name: $left is left"; done
}
limited x.pcapng run -q --pcap x.pcapng t.lua
limited x.jsonl run -q --jsonl x.jsonl t.lua
limited x.svg run -q --svg x.svg t.lua
limited x.html ladder --html x.html t.jsonl
limited x.csv plot --csv x.csv --series cwnd,flight t.jsonl
limited x2.html import --html x2.html t.pcapng
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do printf 'require("drywire").test(("n"):rep(90) .. %s, function() end)\n' "$i"; done >names.lua
limited x.xml test --junit x.xml names.lua
limited x.pkt export --packetdrill --host client -o x.pkt t.lua
run 'file size: init' 2 bash -c 'ulimit -f 1; exec "$DRYWIRE" init begun' -
says 'File too large'
[ -z "$(find begun -type f)" ] || fail "init leaves $(find begun -type f)"
run 'init, again' 0 "$DRYWIRE" init begun

# A link stays a link, and what it leads to is written; a descriptor is written from where it is.
echo 'as it was' >real.jsonl
ln -s real.jsonl link.jsonl
ln -s not-yet.jsonl dangling.jsonl
ln -s loop.jsonl loop.jsonl
run 'through a link' 0 "$DRYWIRE" run -q --jsonl link.jsonl t.lua
run 'through a link to nothing' 0 "$DRYWIRE" run -q --jsonl dangling.jsonl t.lua
for file in real not-yet; do cmp -s t.jsonl $file.jsonl || fail "$file.jsonl is not the trace"; done
[ -L link.jsonl ] && [ -L dangling.jsonl ] || fail 'a link was replaced'
run 'links in a circle' 2 "$DRYWIRE" run -q --jsonl loop.jsonl t.lua
says 'cannot write loop.jsonl: Too many levels of symbolic links'
bash -c 'echo before; "$DRYWIRE" run -q --jsonl /dev/stdout t.lua; echo after' >out
{ echo before && "$DRYWIRE" run -q --jsonl direct.jsonl t.lua >printed && cat t.jsonl printed && echo after; } >expected
[ "$(sort out)" = "$(sort expected)" ] && [ "$(head -1 out) $(tail -1 out)" = 'before after' ] || fail '/dev/stdout, which is a file'
run 'a descriptor' 0 bash -c '"$DRYWIRE" run -q --jsonl /dev/fd/7 t.lua 7>seven'
cmp -s t.jsonl seven || fail '/dev/fd/7 is not the trace'
run 'a descriptor that is closed' 2 "$DRYWIRE" run -q --jsonl /dev/fd/7 t.lua
says 'cannot write /dev/fd/7: Bad file descriptor'
longest=$(printf 'n%.0s' $(seq 255))
run 'the longest name' 0 "$DRYWIRE" run -q --jsonl "$longest" t.lua
cmp -s t.jsonl "$longest" || fail 'a name of 255 octets is not the trace'

# Nothing is written over what another output is, or what is read.
ln real.jsonl hard.jsonl
run 'two outputs in one' 2 "$DRYWIRE" run --jsonl one --pcap one t.lua
says '--pcap and --jsonl are one file: one'
run 'one by two names' 2 "$DRYWIRE" run --jsonl hard.jsonl --svg link.jsonl t.lua
says '--jsonl and --svg are one file'
run 'the script' 2 "$DRYWIRE" run --jsonl ./t.lua t.lua
says '--jsonl would write over t.lua, which is read'
run 'the trace' 2 "$DRYWIRE" ladder --svg t.jsonl t.jsonl
says '--svg would write over t.jsonl, which is read'
mkdir found
cp t.pkt t.lua found
for option in --record --junit --jsonl --pcap --html; do
    run "a script in a directory, drill $option" 2 "$DRYWIRE" drill $option found/t.pkt found
    says "$option would write over found/t.pkt, which is read"
done
run 'a script in a directory, test' 2 "$DRYWIRE" test --junit found/t.lua found/
says '--junit would write over found/t.lua, which is read'
cmp -s t.pkt found/t.pkt || fail 'a script that was found is written over by drill'
cmp -s t.lua found/t.lua || fail 'a script that was found is written over by test'
run 'a plugin' 2 "$DRYWIRE" run --plugin found/t.pkt --jsonl found/t.pkt t.lua
says '--jsonl would write over found/t.pkt, which is read'
run 'two to nowhere' 0 "$DRYWIRE" run -q --jsonl /dev/null --pcap /dev/null t.lua
# What the script closes itself is shown all the same: the last simulation, and those with names.
for left in 'closed' 'left open'; do
    for names in '' 'name = "run " .. i, '; do
        close='sim:close()'
        [ "$left" = closed ] || close=''
        cat >closing.lua <<L
local dw = require "drywire"
for i = 1, 3 do
  local sim, client, server = dw.pair { ${names}seed = i, delay = i .. "ms" }
  server:serve(80, function(conn) conn:recv_all() conn:close() end)
  client:spawn(function() assert(client:connect(server, 80)):close() end)
  sim:run()
  $close
end
L
        mkdir "$left$names"
        run "a simulation that is $left" 0 "$DRYWIRE" run --ladder --pcap "$left$names/x.pcapng" --jsonl "$left$names/x.jsonl" \
            --svg "$left$names/x.svg" --html "$left$names/x.html" closing.lua
        mv "$work/out" "$left$names/ladder"
        run "export of one that is $left" 0 "$DRYWIRE" export --packetdrill --host client -o "$left$names/x.pkt" closing.lua
    done
done
for names in '' 'name = "run " .. i, '; do
    diff -r "closed$names" "left open$names" >differ || fail "what the script closes is shown otherwise: $(head -3 differ)"
done
[ "$(ls 'closedname = "run " .. i, ' | wc -l)" = 10 ] || fail 'not each simulation with a name has its picture'
script 'local sim = dw.sim {} sim:host "a" sim:close() local other = dw.sim {} other:close() print(pcall(sim.run, sim))'
run 'a closed one is closed' 0 "$DRYWIRE" run -q --svg never.svg t.lua
prints 'false'

# Killed in the middle of writing: nothing is left.
mkdir killed
cat >large.lua <<'L'
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "1ms", rate = "1Gbps" }
server:serve(80, function(conn) for _ in conn:chunks() do end conn:close() end)
client:spawn(function() local conn = client:connect(server, 80) for _ = 1, 30 do conn:send(("x"):rep(1000000)) end conn:close() end)
sim:run()
io.stderr:write "written\n"
L
"$DRYWIRE" run -q --jsonl killed/x.jsonl large.lua 2>killing &
pid=$!
for _ in $(seq 300); do grep -qs written killing && break; sleep 0.02; done
kill -KILL $pid
wait $pid 2>/dev/null
[ -z "$(ls killed)" ] || [ "$(ls killed)" = x.jsonl ] || fail "a kill leaves $(ls killed)"
finish
