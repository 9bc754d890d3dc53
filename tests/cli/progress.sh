#!/bin/bash
# How far it is: on a terminal, after a second, and nowhere else.
. "$(dirname "$0")/../support/lib.sh"
cd "$work" || exit 1
cat >long.lua <<'L'
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "1ms", rate = "100Mbps", queue = 50, trace = "off" }
server:serve(80, function(conn) for _ in conn:chunks() do end conn:close() end)
client:spawn(function()
  local conn = assert(client:connect("server", 80))
  for _ = 1, tonumber(dw.param("rounds", "200")) do conn:send(("x"):rep(1000000)) end
  conn:close()
end)
sim:run "1min"
L
mkdir many
for i in 1 2 3 4 5 6 7 8; do cp long.lua many/$i.lua; done

# seen ARGUMENTS: what comes on a terminal while this runs.
seen() {
    /usr/bin/python3 - "$DRYWIRE" "$@" <<'P'
import os, pty, sys
os.environ["TERM"] = "xterm"
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
out = b""
while True:
    try:
        part = os.read(fd, 65536)
    except OSError:
        break
    if not part:
        break
    out += part
os.waitpid(pid, 0)
sys.stdout.write(out.decode(errors="replace"))
P
}

seen run long.lua >out
grep -qE '[0-9]+\.[0-9]{3} s simulated, [0-9.]+ s a second, [0-9.]+ M events, [0-9]+ (s|min|h) left' out ||
    { fail 'a long run shows nothing'; cat -v out >&2; }
grep -qE "$(printf '\r\033')\[K($(printf '\033')\[[0-9]+m)?pass" out || fail 'the line is not cleared before the verdict'
seen test -j1 --set rounds=15 many >out
grep -qE '[1-7] of 8 scripts, [0-9]+ s left' out || { fail 'a long suite shows nothing'; cat -v out >&2; }
[ "$(tr '\r' '\n' <out | sed 's/\x1b\[K//' | grep -c '^ok ')" = 8 ] || fail 'results and progress are mixed'
seen run -q long.lua >out
grep -q simulated out && fail '-q shows it'
run 'no terminal' 0 "$DRYWIRE" run long.lua
grep -q 'a second' out err && fail 'progress without a terminal'
seen run --set rounds=1 long.lua >out
grep -q 'a second' out && fail 'a short run shows it'
seen explore --drop 6 --time-budget 3s "$SOURCE/tests/explore/ten-segments.lua" >out
grep -qE '[2-6] of 6 faults  [0-9,]+ of about [0-9,]+ plans' out || { fail 'a long exploration shows nothing'; cat -v out >&2; }
finish
