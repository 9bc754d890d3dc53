#!/bin/bash
# Saved traces: as docs/TRACE_FORMAT.md and its JSON Schema have them, small, and the same when they are read again; what the
# page shows of Python runs. Some lines of each kind, all with FULL=1. With pandas where it is there, which is large.
. "$(dirname "$0")/../support/lib.sh"
cd "$work" || exit 1
python=/usr/bin/python3
most=${FULL:+1000000}

# Simulations with details, an import, and a trace of version 1.
for path in "$SOURCE"/examples/[0-9]*.lua $(every 9 "$SOURCE"/examples/figures/*.lua); do
    "$fast" run -q --detail --jsonl "$(basename "$path" .lua).jsonl" "$path" >/dev/null 2>&1
done
"$fast" import -q --jsonl import.jsonl "$SOURCE/tests/captures/loss-client.pcap" 2>/dev/null
cp "$SOURCE/tests/captures/inferred.jsonl" version-1.jsonl
run 'the schema' 0 "$python" "$SOURCE/tests/cli/trace_format.py" "$SOURCE/docs/trace.schema.json" "${most:-20}" ./*.jsonl
cat out
rm -f ./*.jsonl

# A packet is told once: three links, and a tenth of what it would be with everything in each event.
cat >long.lua <<'LUA'
local dw = require "drywire"
local sim = dw.sim { seed = 3 }
local a, r, q, b = sim:host "a", sim:host "r", sim:host "q", sim:host "b"
sim:link(a, r, { rate = "100Mbps", delay = "1ms" })
sim:link(r, q, { rate = "10Mbps", delay = "10ms", queue = "64KiB" })
sim:link(q, b, { rate = "100Mbps", delay = "1ms" })
b:serve(80, function(conn) conn:recv_all() conn:close() end)
a:spawn(function() local conn = assert(a:connect(b, 80)) conn:send(("x"):rep(2e6)) conn:close() end)
sim:run()
print(sim.trace:count(), sim.trace:hash())
LUA
run 'a long run' 0 "$fast" run -q --jsonl long.jsonl long.lua
read -r packets digest <out
[ "$(($(stat -c %s long.jsonl) / packets))" -lt 1100 ] || fail "a packet takes $(($(stat -c %s long.jsonl) / packets)) octets of JSON"
tail -1 long.jsonl | grep -qF "$digest" || fail 'another digest'
run 'read again' 0 "$fast" stats long.jsonl
cp out stats
run 'packed' 0 "$fast" run -q --jsonl long.jsonl.gz long.lua
[ "$(($(stat -c %s long.jsonl.gz) * 8))" -lt "$(stat -c %s long.jsonl)" ] || fail 'it is hardly shorter'
gzip -dc long.jsonl.gz | cmp - long.jsonl || fail 'something else is packed'
run 'read packed' 0 "$fast" stats long.jsonl.gz
cmp out stats || fail 'something else is read'
run 'read packed, from a pipe' 0 bash -c '"$0" stats <(cat long.jsonl.gz)' "$fast"
head -c 5000 long.jsonl.gz >short.gz
run 'a packed trace that was cut' 2 "$DRYWIRE" stats short.gz
says 'short.gz: its gzip data is damaged or ends too soon'
run 'packed, Python' 0 "$python" -c "import sys; sys.path.insert(0, '$SOURCE/python'); import drywire_trace; assert list(drywire_trace.read('long.jsonl')) == list(drywire_trace.read('long.jsonl.gz'))"

# What the page shows of Python.
blocks() { awk -v mark="<!-- $1 -->" '$0 == mark { on = 1; next } on && /^```python$/ { in_it = 1; next } /^```$/ { on = in_it = 0 } in_it' "$SOURCE/docs/TRACE_FORMAT.md"; }
run 'a trace' 0 "$DRYWIRE" run -q --jsonl x.jsonl "$SOURCE/examples/06-lost-final-ack.lua"
export PYTHONPATH=$SOURCE/python PYTHONDONTWRITEBYTECODE=1
blocks python >plain.py
run 'Python' 0 "$python" plain.py
prints 'ACK fault-drop'
cp long.jsonl x.jsonl
{ blocks 'python: pandas'; echo 'assert cwnd.iloc[:, 0].max() > 20000 and queue.max() > 0 and 5e6 < throughput.max() < 12e6, (cwnd, queue, throughput)'; } >pandas.py
if "$python" -c 'import pandas' 2>/dev/null; then
    run 'pandas' 0 "$python" pandas.py
else
    echo 'without pandas, which is not installed'
fi

# What is no trace is said.
printf '{"drywire":"9","trace":3,"time":"ns"}\n' >newer.jsonl
head -n 20 long.jsonl >cut.jsonl
for file in newer cut; do
    run "$file" 1 "$python" -c "import drywire_trace; list(drywire_trace.read('$file.jsonl'))"
    says "drywire_trace.NotATrace: $file.jsonl"
done
finish
