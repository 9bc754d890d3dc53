#!/bin/bash
# drywire repl, watch and init: working beside a simulation.
. "$(dirname "$0")/../support/lib.sh"
here=$PWD
cd "$work" || exit 1
cp "$SOURCE/examples/06-lost-final-ack.lua" close.lua

# say CODE LINES...: these lines are typed beside close.lua.
say() {
    local expected=$1
    shift
    name=$1
    printf '%s\n' "$@" >in
    HOME=$work "$DRYWIRE" repl close.lua <in >out 2>err
    code=$?
    [ "$code" = "$expected" ] || {
        fail "$*: exit code $code, expected $expected"
        cat err >&2
    }
}

say 0 '1 + 1'
prints 'close.lua at sim:run()'
[ "$(tail -n 1 out)" = 2 ] || fail '1 + 1'
say 0 'step()'
prints '#1 client:49152 > server:80 SYN'
grep -q '#2' out && fail 'step() goes too far'
say 0 'step(9)' 'sim:now()'
prints '0.02'
say 0 'until_ '\''client:conn() and client:conn():state() == "TIME-WAIT"'\' 'client:conn():state()' 'sim:now()'
prints '"TIME-WAIT"'
[ "$(tail -n 1 out)" = 2.08 ] || fail "until_ stops at $(tail -n 1 out)"
say 0 'until_(function() return sim:now() > 1 end, "500ms")'
prints 'it never held'
say 0 'step()' 'breakpoint '\''server:conn() and server:conn():state() == "LAST-ACK"'\' 'breakpoint(function() return false end, "never")' \
    'breakpoint()' 'go()' 'server:conn():state()' 'go()'
prints '2  never'
prints 'stopped: server:conn() and'
prints '"LAST-ACK"'
prints 'the script has ended'
say 0 'go "1.5s"' 'tcb "client"' 'tcb(server)' 'events(2)' 'hosts()' 'help()'
prints 'client #1  FIN-WAIT-2'
prints 'snd_nxt'
prints '10.0.0.2'
prints 'until n more things'
say 0 'link:drop { from = server, nth = 1 }' 'go "500ms"' 'ladder { style = "ascii" }'
prints 'X'
say 0 'go()'
digest=$("$DRYWIRE" run -q close.lua | tail -n 1)
prints "$digest" # stepping or not, the same trace
say 0 'step(5)' 'step(7)' 'go "1s"' 'go()'
prints "$digest"
say 0 'function f()' '  return 7' 'end' 'f()' 'x = { 1, { a = 2 } }' 'x'
prints '7'
prints '{ 1, { a = 2 } }'
say 0 'quit()' '1 + 1'
grep -qx 2 out && fail 'quit() goes on'

# Errors are told, and the prompt stays; a script of lines fails by its exit code.
say 2 'nonsense' '6 * 7'
says "undefined variable 'nonsense'"
prints '42'
say 2 'step "x"'
says 'n is how many'
say 2 'tcb "nobody"' 'until_ "1 +"' 'client:conn(1, 2, 3):nothing()'
echo 'error "at once"' >bad.lua
run 'a script that fails' 2 "$DRYWIRE" repl bad.lua
says 'at once'
run 'no script' 2 "$DRYWIRE" repl no-such.lua
says 'cannot open no-such.lua'
printf 'sim, client, server = dw.pair { delay = "20ms" }\nserver:listen(80)\nclient:spawn(function() client:connect("server", 80) end)\nstep(6)\n' |
    "$DRYWIRE" repl >out 2>err || fail 'without a script'
prints 'SYN'
run 'an option' 2 "$DRYWIRE" repl --sed 3
says 'did you mean --seed'

# On a terminal: a prompt, completion, history, and ctrl-C that ends what runs, not the prompt.
HOME=$work /usr/bin/python3 - "$DRYWIRE" <<'P' || fail 'on a terminal'
import os, pty, re, select, sys, time
pid, fd = pty.fork()
if pid == 0:
    os.environ["TERM"] = "xterm"
    os.execv(sys.argv[1], [sys.argv[1], "repl", "close.lua"])
seen = ""
def until(text):
    global seen
    end = time.time() + 20
    while text not in seen:
        if time.time() > end or not select.select([fd], [], [], 20)[0]:
            sys.exit(f"no {text!r} in {seen[-600:]!r}")
        seen += os.read(fd, 65536).decode(errors="replace")
    seen = seen[seen.index(text) + len(text):]
def send(text): os.write(fd, text.encode())
until("drywire> ")
send("until")
send("\t"); until("_("); send("'false', '50ms')\n")
until("it never held"); until("drywire> ")
send("while true do end\n"); time.sleep(0.5); send("\x03")
until("interrupted"); until("drywire> ")
send("go()\n"); until("the script has ended"); until("drywire> ")
send("print('bu' .. 'sy') io.stdout:flush() for i = 1, 1e8 do end\n"); until("busy")
send("\x04") # too early: while no line is edited
until("drywire> ")
for _ in range(100): # the prompt stands a moment before the line is edited
    send("\x04")
    time.sleep(0.2)
    if os.waitpid(pid, os.WNOHANG)[0]:
        sys.exit()
os.kill(pid, 9)
sys.exit("ctrl-D does not end it")
P
grep -q 'until_' .drywire_history || fail 'no history'

# A terminal that becomes tiny while a line is typed, and large again, and one that begins tiny.
HOME=$work /usr/bin/python3 - "$DRYWIRE" <<'P' || fail 'on a tiny terminal'
import fcntl, os, pty, select, struct, sys, termios, time
def talk(sizes):
    pid, fd = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm"
        time.sleep(0.3)
        os.execv(sys.argv[1], [sys.argv[1], "repl", "close.lua"])
    seen = ""
    def until(text):
        nonlocal seen
        end = time.time() + 20
        while text not in seen:
            if time.time() > end or not select.select([fd], [], [], 20)[0]:
                sys.exit(f"{sizes}: no {text!r} in {seen[-600:]!r}")
            seen += os.read(fd, 65536).decode(errors="replace")
        seen = seen[seen.index(text) + len(text):]
    def resize(columns, rows=1):
        fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        time.sleep(0.2)
    resize(sizes[0])
    until("sim:run()")
    for n, columns in enumerate(sizes[1:]):
        os.write(fd, b"print('an', 'answer" + b"r" * 30)
        resize(columns)
        os.write(fd, f"', {n} + 40)\n".encode())
        until(f"\t{n + 40}")
    os.write(fd, b"quit()\n")
    for _ in range(100):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended: return status
        if select.select([fd], [], [], 0.1)[0]:
            try: os.read(fd, 65536)
            except OSError: time.sleep(0.1)
    os.kill(pid, 9)
    sys.exit(f"{sizes}: quit() does not end it")
for sizes in [80, 9, 80], [80, 1, 2, 5, 12, 80], [3, 80, 3, 200, 1], [1, 1], [0, 5, 0]:
    status = talk(sizes)
    if status: sys.exit(f"{sizes}: status {status}")
P

# sim:step and sim:until_ in scripts.
cat >step.lua <<'L'
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "20ms" }
server:serve(80, function(conn) conn:recv_all() conn:close() end)
client:spawn(function() local conn = assert(client:connect("server", 80)) client:sleep "30ms" conn:close() end)
assert(sim:step() and sim:now() == 0)
assert(sim:until_(function() return client:conn():state() == "ESTABLISHED" end) and sim:now() == 0.04)
assert(not sim:until_(function() return false end, "10ms") and sim:now() == 0.05)
local ok, why = pcall(sim.until_, sim, function() error "in the condition" end)
assert(not ok and why:find "in the condition", why) -- "pcall"
sim:run()
assert(not sim:step() and not sim:until_(function() return true end))
assert(not pcall(sim.step, sim, 0) and not pcall(sim.until_, sim, 1))
print("trace " .. sim.trace:hash())
L
run 'step and until_' 0 "$DRYWIRE" run -q step.lua
sed -i '/sim:step()\|sim:until_\|pcall/d' step.lua
cp out stepped
run 'the same at once' 0 "$DRYWIRE" run -q step.lua
cmp -s out stepped || fail 'stepping changes the trace'

# watch: again on each save, until it is interrupted.
"$DRYWIRE" watch close.lua >watched 2>&1 &
watcher=$!
runs() { grep -c '^-- close.lua' watched; }
wait_for() { for _ in $(seq 100); do [ "$(runs)" -ge "$1" ] && return; sleep 0.1; done; fail "watch: $(runs) runs, not $1"; }
wait_for 1
printf 'print "saved"\n' >>close.lua
wait_for 2
sleep 0.5
[ "$(runs)" = 2 ] || fail 'watch runs without a change'
grep -q saved watched || fail 'watch shows the old script'
grep -q 'TIME-WAIT' watched || fail 'watch draws no ladder'
echo 'nonsense(' >close.lua
wait_for 3
kill -INT $watcher
wait $watcher
[ $? = 130 ] || fail 'watch: exit code when interrupted'
grep -q 'close.lua:[12]: unexpected symbol' watched || fail 'watch does not show an error'
printf 'print(require("drywire").param("n", 0), ...)\n' >words.lua
for words in '-q words.lua -- one two' 'words.lua -q -- one two' '--set n=7 -q words.lua --until 1s -- one two'; do
    "$DRYWIRE" watch $words >watched 2>&1 &
    watcher=$!
    for _ in $(seq 100); do grep -q two watched && break; sleep 0.1; done
    kill -INT $watcher
    wait $watcher
    grep -q "one.two" watched || fail "watch $words: $(cat watched)"
done
run 'watch without descriptors' 2 bash -c 'ulimit -n 9; exec "$DRYWIRE" watch words.lua'
says 'drywire watch: too many open files'
run 'nothing to watch' 2 "$DRYWIRE" watch no-such.lua
says 'cannot read no-such.lua'

# init: what it writes works, and nothing is lost.
run 'init' 0 "$DRYWIRE" init project
run 'its script' 0 "$DRYWIRE" test project/tests
[ "$(jq -r '."workspace.library"[0]' project/.luarc.json)" = drywire.d.lua ] || fail '.luarc.json'
cmp -s project/drywire.d.lua "$SOURCE/lua/api/drywire.d.lua" || fail 'drywire.d.lua'
echo kept >project/.luarc.json
run 'init again' 0 "$DRYWIRE" init project
prints 'kept  project/.luarc.json, which is there already'
mkdir begun && echo mine >begun/.luarc.json
run 'init beside one file' 0 "$DRYWIRE" init begun
prints 'kept  begun/.luarc.json, which is there already'
prints 'wrote begun/tests/first.lua'
[ "$(cat begun/.luarc.json)" = mine ] || fail 'init overwrites'
[ "$(cat project/.luarc.json)" = kept ] || fail 'init overwrites'
run 'init into a file' 2 "$DRYWIRE" init step.lua
says 'cannot make the directory'
cd "$here" || exit 1
finish
