#!/bin/bash
# What lets the outside in is an error that says what to write instead; what a script sees of its
# surroundings is the same everywhere; an error of a replaced function is at the script's line.
. "$(dirname "$0")/../support/lib.sh"
cd "$work" || exit 1

# bad TEXT SCRIPT: it fails with exit code 2 and says this.
bad() {
    script "$2"
    run "$1" 2 "$DRYWIRE" run t.lua
    says "$1"
}
# good TEXT SCRIPT: it passes and prints this.
good() {
    script "$2"
    run "$2" 0 "$DRYWIRE" run t.lua
    prints "$1"
}

# Random numbers have a seed from the first line on, the same in a stock interpreter.
script 'print(math.random(1000000), math.random(1000000))'
for i in 1 2 3; do "$DRYWIRE" run t.lua; done >random
[ "$(sort -u random | wc -l)" = 1 ] || fail "math.random before the first simulation: $(cat random)"
"$DRYWIRE" run --seed 1 t.lua | cmp -s - <(head -1 random) || fail 'the seed before the first simulation is not 1'
"$DRYWIRE" run --seed 2 t.lua | cmp -s - <(head -1 random) && fail '--seed does not change math.random'
if [ "$SANITIZE" != ON ]; then
    LUA_CPATH="$MODULE_DIR/?.so" "$LUA" t.lua | cmp -s - <(head -1 random) || fail 'lua5.4 draws other numbers'
fi

# Files: those beside the script, and nothing else.
mkdir -p data outside && echo 'in the file' >data/in.txt && echo outside >outside.txt
mkfifo pipe && ln -s /etc/passwd leads-out && ln -s data/in.txt leads-in && mkdir sub
for name in /dev/urandom /proc/self/stat ../outside.txt data/../../x /etc/passwd leads-out; do
    bad "t.lua:2: io.open: \"$name\" would let the outside world into the simulation" "io.open '$name'"
done
for name in pipe data .; do bad "t.lua:2: io.open: \"$name\" is not a regular file" "io.open '$name'"; done
bad 't.lua:2: io.lines: "/proc/self/stat" would let' 'for _ in io.lines "/proc/self/stat" do end'
bad 't.lua:2: io.input: "pipe" is not a regular file' 'io.input "pipe"'
bad 't.lua:2: io.output: "/tmp/x" would let' 'io.output "/tmp/x"'
bad 't.lua:2: dofile: "/tmp/x" would let' 'dofile "/tmp/x"'
bad 't.lua:2: loadfile: "../x" would let' 'loadfile "../x"'
bad 't.lua:2: none.txt: No such file or directory' 'io.lines "none.txt"'
for mode in a a+ r+ r+b; do
    bad "t.lua:2: io.open: \"data/in.txt\" with mode \"$mode\" would go on with what an earlier run left" "io.open('data/in.txt', '$mode')"
done
bad "t.lua:2: bad argument #2 to 'open' (invalid mode)" 'io.open("x", "q")'
good 'in the file' 'io.input "data/in.txt" io.write(io.read "a")'
good 'in the file' 'for line in io.lines "leads-in" do print(line) end'
good 'nil	none.txt: No such file or directory	2' 'print(io.open "none.txt")'
good "12	12" 'local f = io.open("out.txt", "w") f:write(1, "2") f:close() print(io.open("out.txt"):read "a", io.open("out.txt"):read "n")'
good 'file: #1	file: #1' 'print(io.stdout, getmetatable(io.stdout).__tostring(io.stdout))'
for call in 'io.read()' 'io.lines()' 'io.stdin:read()' 'io.input():read "a"' 'io.stdin:lines()' 'loadfile()' 'dofile()'; do
    bad 'would let the outside world into the simulation; parameters come from --set' "$call"
done
bad 'seeking in a standard stream would let' 'io.stdout:seek()'
for call in io.popen os.remove os.rename os.date os.getenv os.tmpname os.execute package.loadlib; do
    bad "t.lua:2: $call would let the outside world into the simulation; " "$call('x', 'y')"
done
# Wherever it is started, and without a directory in what it sees.
mkdir -p far/inner && printf 'print("module", ...) return { n = 7 }' >far/inner/module.lua && echo beside >far/beside.txt
printf 'local dw = require "drywire"\nprint(arg[0], package.path, package.cpath, require("inner.module").n, io.open("beside.txt"):read "l")
print(package.searchpath("inner.module", package.path), select(2, pcall(require, "none")))\nprint(pcall(require, "broken"))
' >far/s.lua
echo 'x = = 1' >far/broken.lua
run 'from here' 0 "$DRYWIRE" run far/s.lua
cp out here
prints 's.lua	?.lua;?/init.lua		7	beside'
prints 'module	inner.module	inner/module.lua'
grep -q "$work" out && fail 'a script sees its directory'
(cd / && "$DRYWIRE" run "$work/far/s.lua") | cmp -s - here || fail 'a script prints something else when started elsewhere'
(cd far && "$DRYWIRE" run s.lua) | cmp -s - here || fail 'a script prints something else when started in its directory'
LUA_PATH="$work/data/?.lua" "$DRYWIRE" run far/s.lua | cmp -s - here || fail 'LUA_PATH shows'
printf 'require("drywire").pair {} .trace:save "saved.jsonl"' >far/save.lua
run 'a trace saved' 0 "$DRYWIRE" run -q far/save.lua
[ -s far/saved.jsonl ] || fail 'trace:save does not write beside the script'
printf 'require("drywire").pair {} .trace:save "no/dir/x"' >far/save.lua
run 'a trace that cannot be saved' 2 "$DRYWIRE" run -q far/save.lua
says 'save.lua:1: trace:save: cannot write no/dir/x'

# Source only.
"$LUA" -e 'io.open("code.lua", "w"):write(string.dump(function() return 1 end))'
bad 'attempt to load a binary chunk' 'require "code"'
bad 'attempt to load a binary chunk' 'dofile "code.lua"'
good "nil	attempt to load a binary chunk (mode is 't')" 'print(loadfile("code.lua", "b"))'
good "nil	attempt to load a binary chunk (mode is 't')" 'print(load(string.dump(function() end), "x", "b"))'
printf '\xef\xbb\xbflocal x = 1 print("after the mark")' >mark.lua
run 'a byte order mark' 0 "$DRYWIRE" run mark.lua
prints 'after the mark'
printf '\xef\xbb\xbf#!/usr/bin/env drywire\nerror "line two"' >mark.lua
run 'a mark and #!' 2 "$DRYWIRE" run mark.lua
says 'mark.lua:2: line two'

# Nothing leads to the functions behind: upvalues, locals, registry, metatables.
for call in 'getupvalue(os.getenv, 1)' 'upvalueid(os.getenv, 1)' 'setupvalue(os.getenv, 1, 1)' 'getregistry()' 'getuservalue(io.stdout)' \
    'sethook()' 'gethook()' 'debug()' 'setmetatable(io.stdout, {})' 'upvaluejoin(function() return dw end, 1, os.getenv, 1)'; do
    bad "t.lua:2: debug." "debug.$call"
    says 'in drywire debug.* is about the functions of the script alone'
done
bad 'debug.getlocal would let' 'print(string.format("%s", setmetatable({}, { __tostring = function() return tostring(debug.getlocal(2, 1)) end })))'
for level in 2 2.0 '"2"' -4294967294; do
    bad 'debug.getlocal would let' "string.format('%s', setmetatable({}, { __tostring = function() debug.getlocal($level, 1) return '' end }))"
done
good 'nil' 'print(string.format("%s", setmetatable({}, { __tostring = function() return tostring(debug.getinfo(2, "f").func) end })))'
good 'false' 'print(debug.getmetatable(dw.sim()))'
good 'dw	table: #1	2' 'local function f() return dw end print(debug.getupvalue(f, 1), select(2, debug.getlocal(1, 1)), debug.getinfo(1, "l").currentline)'
good "	t.lua:2: in the main chunk" 'print(debug.traceback "here")'
bad '__mode makes the moment' 'debug.setmetatable({}, { __mode = "k" })'

# No addresses, no order of the hash.
bad 't.lua:2: link.mtu: expected a whole number, got table: #1' 'dw.pair { mtu = {} }'
bad 't.lua:2: next: this table has 2 keys that are tables' 'next { [{}] = 1, [{}] = 2 }'
good '1 2 3 4' 'local s, t, r = {}, {}, {} for i = 1, 4 do s[i] = dw.sim() t[s[5 - i] or s[i]] = i end
for i = 1, 4 do t[s[i]] = i end for _, n in pairs(t) do r[#r + 1] = n end print(table.concat(r, " "))'
bad 't.lua:2: link.to_a: the link'"'"'s ends are' 'dw.pair { to_b = {}, to_a = {}, to_c = {} }'
good 'nan nan	nan' 'print(("%f %s"):format(0/0, -(0/0)), (tostring(0/0)))'
good 'true' 'print(collectgarbage "step")'
script 'local function make() local sim, a = dw.pair {} a:spawn(function() local c <close> = setmetatable({}, { __close = function() print "closed" end }) a:sleep "2s" end) sim:run "1s" end
make() collectgarbage() make() print "end"'
run 'a collection runs nothing' 0 "$DRYWIRE" run -q t.lua
[ "$(cat out)" = end ] || fail "the collection of a simulation ran code of the script: $(cat out)"

# Errors have place, name and number of the argument, as in stock Lua.
while IFS='|' read -r call text; do
    [ "${text%same}" = "$text" ] || text=$(printf 'local dw = 1\n%s\n' "$call" >s.lua && "$LUA" s.lua 2>&1 | head -1 | sed 's/^[^:]*: //; s/s\.lua/t.lua/g')
    bad "$text" "$call"
done <<'CALLS'
local x = ("%d"):format("x")|same
string.format("%d", {})|same
string.format("%y", 1)|same
setmetatable(1, {})|same
tostring()|same
load()|same
os.setlocale("C", "x")|same
math.randomseed({})|same
collectgarbage("nothing")|same
table.sort(1)|same
table.sort({ 1, 2 }, 3)|same
coroutine.resume(1)|t.lua:2: bad argument #1 to 'resume' (
coroutine.wrap(1)|same
io.open()|same
io.lines({})|same
math.sin "x"|same
coroutine.wrap(function() error "inside" end)()|same
pairs()|same
next(1)|same
dofile({})|same
CALLS

# What is written in Lua inside drywire blames the script, never itself.
while IFS='|' read -r call text; do
    bad "t.lua:2: $text" "$call"
    grep -q 'drywire:[0-9]' err && fail "$call: $(cat err)"
done <<'CALLS'
dw.tcp_option { mss = "x" }|dw.tcp_option.mss: expected a whole number from 0 to 65535, got x
dw.tcp_option { window_scale = 256 }|dw.tcp_option.window_scale: expected a whole number from 0 to 255, got 256
dw.tcp_option { sack = { 1 } }|dw.tcp_option.sack: block 1 is not { left, right }
dw.tcp_option { sack_permitted = 1 }|dw.tcp_option.sack_permitted: expected true or false, got 1
dw.tcp_option { tsvla = 1 }|unknown option "tsvla" for dw.tcp_option; did you mean "tsval"?
dw.tcp_option { [""] = 1 }|unknown option "" for dw.tcp_option; expected one of: mss
dw.tcp_options()|dw.tcp_options: expected the octets of a packet's options, got nil
dw.sim():host("a", { tcp = { [""] = 1 } })|an option of host.tcp has an empty name
dw.pair { [""] = 1 }|unknown option "" for link; expected one of: delay
dw.pair { ["delay\0x"] = 1 }|unknown option "delay
local a, b, c = dw.pair {} a:partition(b, c)|sim:partition: expected two lists of hosts
local a, b = dw.pair {} local c, d = dw.pair {} a:partition({ d }, { b })|sim:partition: that host belongs to another simulation
local a, b = dw.pair {} a:partition({ "clinet" }, { b })|sim:partition: there is no host "clinet"; did you mean "client"?
local _, _, _, l = dw.pair {} l:schedule(1)|link:schedule: expected a list of changes, got number
local _, _, _, l = dw.pair {} l:schedule { 1 }|link:schedule: change 1 is not { time, loss = ... }
dw.json.encode(setmetatable({ 1 }, { __index = error, __len = function() return {} end }))|attempt to compare number with table
dw.plot({ { 1, 2 } }, { file = "x." })|dw.plot.file: "x." does not end in
CALLS
script 'local ok, why = pcall(dw.covers, setmetatable({}, { __tostring = function() return {} end })) print(why)'
run 'an error inside that is caught' 0 "$DRYWIRE" run -q t.lua
prints "t.lua:2: '__tostring' must return a string"
# Options that a damaged packet cuts short are not there; the others are.
good '1460	nil	nil	nil' 'local o = dw.tcp_options("\2\4\5\180\8\10abc") print(o.mss, o.tsval, o.sack, dw.tcp_options("\5\10\0\0").sack)'
good 'true' 'for i = 0, 65535 do for _, rest in ipairs { "", "\0", "\1\2\3\4\5\6\7\8" } do dw.tcp_options(string.pack(">I2", i) .. rest) end end print(true)'

# A simulation that was never run.
forgotten='this simulation has programs or events, but was never run; call sim:run()'
bad "t.lua:2: $forgotten" 'local sim, a = dw.pair {} a:spawn(function() error "x" end)'
bad "t.lua:2: $forgotten" 'local sim = dw.sim() sim:at("1s", print)'
bad "t.lua:2: $forgotten" 'local sim, a, b, link = dw.pair {} link:inject { from = a, to = b, port = 1, to_port = 2, flags = "SYN" }'
bad "t.lua:2: $forgotten" 'do local sim, a = dw.pair {} a:spawn(print) end collectgarbage() dw.sim():run()'
run 'under test' 2 "$DRYWIRE" test t.lua
prints "$forgotten"
good '0 packets' 'local sim, a, b = dw.pair {} sim:host("c", { isn = 1 }) b:listen(80)'
good '0 packets' 'local sim, a = dw.pair {} a:spawn(print) sim:close() dw.sim()'
good '0 packets' 'local sim, a = dw.pair {} a:spawn(print) sim:step()'
finish
