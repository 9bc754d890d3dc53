#!/bin/bash
# dw.plot: pictures of series for the terminal, as SVG, as CSV; and what it refuses.
. "$(dirname "$0")/../support/lib.sh"
cd "$work" || exit 1

# bad TEXT CALL: this call fails with this text, at its line.
bad() {
    script "$2"
    run "$2" 2 "$DRYWIRE" run t.lua
    says "t.lua:2: $1"
}

# The terminal: exactly so.
script 'print(dw.plot({ { points = { { 0, 0 }, { 1, 5 }, { 2, 10 }, { 4, 10 } }, style = "steps" } }, { title = "steps", y = "segments", width = 30, height = 5 }))'
run 'text' 0 "$DRYWIRE" run -q t.lua
diff "$work/out" - <<'T' || fail 'the picture for the terminal'
    steps
    segments
10 ┤            ●●●●●●●●●●●●●
   │
 5 ┤      ●●●●●●
   │
 0 ┤●●●●●●
   └┴───────────┴───────────┴
    0           2           4 s
T
script 'print(dw.plot({ b = { { 0, 1 }, { 1, 1 } }, a = { { 0, 2 }, { 1, 2 } } }, { style = "ascii", width = 24, height = 4 }))'
run 'legend' 0 "$DRYWIRE" run -q t.lua
prints '* a   o b'
LC_ALL=C grep -q '[^ -~]' "$work/out" && fail 'style "ascii" prints other characters'
script 'print(dw.plot {})  print(dw.plot({ { 5, 7 } }))  print(dw.plot({ { 0, -3 }, { 1, 3 } }, { width = 1, height = 1 }))'
run 'nothing, one point, no room' 0 "$DRYWIRE" run -q t.lua
prints '(no points)'

# Files: CSV has every point, SVG is well-formed, both are the same each time.
script 'local series = {}
for i = 1, 20000 do series[i] = { i / 1000, i * 37 % 1000 } end
for i = 1, 2 do
  dw.plot({ ["a,\"b\" <c>"] = series }, { file = "x" .. i .. ".svg", title = "many & <more>", from = 2, to = 12, top = 900 })
  dw.plot({ { label = "line", points = series, style = "line" }, { label = "points", points = series, style = "points" } }, { file = "x" .. i .. ".csv", divide = 10 })
end'
run 'files' 0 "$DRYWIRE" run -q t.lua
cmp -s x1.svg x2.svg || fail 'the SVG differs from run to run'
cmp -s x1.csv x2.csv || fail 'the CSV differs from run to run'
[ "$(wc -l <x1.csv)" = 40001 ] || fail 'the CSV lacks points'
[ "$(sed -n 3p x1.csv)" = 'line,0.002000000,7.4' ] || fail "CSV: $(sed -n 3p x1.csv)"
[ "$(wc -c <x1.svg)" -lt 60000 ] || fail 'the SVG draws more points than there are pixels'
grep -qE '<(c|more)>' x1.svg && fail 'a label is taken for markup'
grep -o '&[a-z]*.' x1.svg | grep -qvE '&(amp|lt|gt);' && fail 'an ampersand is taken for markup'
grep -q 'a,"b" &lt;c&gt;' x1.svg || fail 'the legend of the SVG'
grep -q 'prefers-color-scheme: dark' x1.svg || fail 'no dark colours'

# From a run.
script 'local sim, client, server = dw.pair { delay = "20ms", rate = "10Mbps" }
server:serve(80, function(c) c:recv_all() c:close() end)
client:spawn(function() local c = assert(client:connect(server, 80)) c:send(("x"):rep(200000)) c:close() end)
sim:run()
print(dw.plot({ cwnd = sim.trace:series(client, "cwnd"), flight = sim.trace:series(client, "flight") }, { y = "segments", divide = 1460, to = 1, title = "slow start", file = "run.svg" }))'
run 'a run' 0 "$DRYWIRE" run -q t.lua
prints '● cwnd   ○ flight'
[ -s run.svg ] || fail 'no run.svg'

# Axes: a mark above the highest value, lines on both sides, names; logarithmic ones; errors and markers.
script 'dw.plot({ { 0, 0 }, { 10, 5.87 } }, { file = "top.svg", y = "octets" })
dw.plot({ { label = "mean", points = { { 0.001, 4e6, 5e5 }, { 0.1, 2e5, 9e4, 4e5 }, { 0, 1 }, { 1, 0 } }, style = "line", markers = true } },
  { log = "xy", x = "loss", file = "log.svg" })
dw.plot({ { label = "mean", points = { { 1, 4, 1 }, { 2, 2 } }, style = "line" } }, { file = "log.csv" })
dw.plot({ { y = "a", lines = { { 1, 4 }, { 2, 9 } } }, { y = "b", log = true, title = "below", lines = { x = { { 1, 4 }, { 9, 1000 } } } } }, { file = "two.gp", title = "two" })'
run 'axes' 0 "$DRYWIRE" run -q t.lua
grep -q '>6</text>' top.svg || fail 'no mark above 5.87'
grep -q '<path class="axis" fill="none" d="M' top.svg || fail 'no line of the axis of values'
grep -q 'rotate(-90)">octets<' top.svg || fail 'no name of the axis of values'
for text in '>0.001<' '>0.01<' '>5,000,000<' '>loss<' 'class="error s1"' 'class="p1"'; do grep -qF -- "$text" log.svg || fail "the logarithmic plot lacks $text"; done
[ "$(grep -c 'class="error' log.svg)" = 2 ] || fail 'two errors'
[ "$(sed -n 2,3p log.csv | tr '\n' ' ')" = 'mean,1.000000000,4,3,5 mean,2.000000000,2,2,2 ' ] || fail "errors in CSV: $(cat log.csv)"
gnuplot -e 'set terminal svg; set output "drawn.svg"' two.gp 2>err || { fail 'gnuplot and panels'; cat err >&2; }
bad 'dw.plot: point 1: the low value, 3, is above the high one, 0.5' 'dw.plot { { 1, 1, 3, 0.5 } }'
bad 'dw.plot: point 2 is not { time, value }, { time, value, error } or { time, value, low, high }' 'dw.plot { { 1, 1 }, { 1, 2, 3, 4, 5 } }'
script 'print(dw.plot({ { 1, 4, 1 }, { 2, 2, 0.8, 9 }, { 3, 10, 4 } }, { log = "y", width = 24, height = 7, file = "near.svg" }))
local many = {} for i = 1, 201 do many[i] = { i, i } end
dw.plot({ { points = many, style = "points" }, { points = many, style = "line", markers = true } }, { file = "many.svg" })
dw.plot({ { points = { { 0, 1 }, { 5, 2 } }, ends = 6, style = "steps" } }, { to = 10, file = "ends.svg" })'
run 'errors in text, many points, an end' 0 "$DRYWIRE" run -q t.lua
for text in '┬' '┴' '20 ┤' '0.5 ┤'; do prints "$text"; done
grep -q '>0.5</text>' near.svg && grep -q '>20</text>' near.svg && ! grep -q '>100</text>' near.svg || fail 'a logarithmic axis is longer than its values'
grep -q 'class="p[12]"' many.svg && fail 'markers of more than 200 points'
grep -q 'class="dots s1"' many.svg || fail 'no dots of many points'
grep -q 'H472"/>' ends.svg || fail "a line goes on past its end: $(grep 'class="line' ends.svg)"
script 'local sim, client, server = dw.pair { delay = "20ms" }
server:serve(80, function(c) c:recv_all() c:close() end)
client:spawn(function() client:connect(server, 80):close() end) sim:run()
print(sim.trace:series(client, "cwnd").ends)'
run 'when a connection is over' 0 "$DRYWIRE" run -q t.lua
prints '0.08'
# Lines, unless it is a series of a trace or of sim:sample; log is true or a word in a panel and at the top; what ends near a mark has it.
script 'local sim, client, server = dw.pair { delay = "20ms" }
server:serve(80, function(conn) conn:recv_all() conn:close() end)
client:spawn(function() local conn = client:connect(server, 80) conn:send(("x"):rep(30000)) conn:close() end)
local sampled = sim:sample("10ms", "1s", function() return sim:now() end)
sim:run()
local sweep, r = { { 1, 1 }, { 2, 5 }, { 3, 2 } }, { width = 40, height = 8 }
local function drawn(points, style) return dw.plot({ { points = points, style = style } }, r) end
assert(drawn(sweep) == drawn(sweep, "line") and drawn(sweep) ~= drawn(sweep, "steps"))
assert(dw.plot(sweep, r) == drawn(sweep, "line") and dw.plot({ sweep = sweep }, r) == dw.plot({ { label = "sweep", points = sweep, style = "line" } }, r))
for _, points in ipairs { sampled, sim.trace:series(client, "cwnd"), sim.trace:series(server, "throughput") } do
  assert(drawn(points) == drawn(points, "steps") and dw.plot(points, r) == drawn(points, "steps"))
  for key in pairs(points) do assert(math.type(key) == "integer" or key == "ends") end
end
local function panel(log, top) return dw.plot({ { lines = sweep, log = log } }, { log = top, width = 40 }) end
assert(panel(true) == panel "y" and panel(nil, true) == panel "y" and panel(nil, "y") == panel "y" and panel(false, "y") == panel())
assert(dw.plot(sweep, { log = true }) == dw.plot(sweep, { log = "y" }) and dw.plot(sweep, { log = false }) == dw.plot(sweep))
assert(dw.plot({ { 0, 1 }, { 19.98, 2 } }):find " 20 s" and not dw.plot({ { 0, 1 }, { 19.2, 2 } }):find " 20 s")
dw.plot({ { 0, 1 }, { 19.98, 2 } }, { file = "near.svg" })'
run 'defaults' 0 "$DRYWIRE" run -q "$work/t.lua"
grep -q '>20</text>' "$work/near.svg" || fail 'the last mark'
bad 'dw.plot: panel 1.log: "x" is not "y" or true' 'dw.plot { { lines = {}, log = "x" } }'
bad 'dw.plot: log "z" is not "x", "y" or "xy"' 'dw.plot({}, { log = "z" })'
bad 'dw.plot.from: a logarithmic axis begins above 0, not at 0' 'dw.plot({ { 1, 1 } }, { log = "x", from = 0 })'
bad 'unknown option "ttile" for dw.plot: panel 1; did you mean "title"?' 'dw.plot { { lines = {}, ttile = "x" } }'
bad 'dw.plot: panel 2 has no lines' 'dw.plot { { lines = {} }, { y = "x" } }'
bad 'x: point 1: what follows the value is no error' 'dw.plot { x = { { 0, 1, "y" } } }'

# Series of links and of throughput; what a script computes.
script 'local sim, client, server, link = dw.pair { delay = "20ms", rate = "1Mbps", isn = { 1, 1 } }
server:serve(80, function(c) c:recv_all() c:close() end)
client:spawn(function() local c = assert(client:connect(server, 80)) c:send(("x"):rep(50000)) c:close() end)
local half = sim:sample("10ms", "500ms", function() local c = client:conn(1) return c and c:info().snd_wnd end)
sim:run()
local t = sim.trace
local function sum(points, width) local n = 0 for _, p in ipairs(points) do n = n + p[2] * width end return n end
local fixed = t:series(server, "throughput", { every = "10ms" })
assert(math.abs(sum(fixed, 0.01) - 50000) < 1e-3, sum(fixed, 0.01))
assert(#t:series(server, "throughput") == 121)
assert(sum(t:series(client, "throughput"), 1) == 0)
local queue, stats = t:series(link, "queue", { from = client }), link:stats().to_server
local most = 0 for _, p in ipairs(queue) do most = math.max(most, p[2]) end
assert(#queue > 10 and most > 0 and #t:series(link, "queue", { from = server }) < #queue)
for _, name in ipairs { "sent", "delivered", "sent_bytes", "delivered_bytes" } do
  local points = t:series(link, name)
  assert(points[#points][2] == stats[name], name)
end
assert(#half > 40 and half[#half][2] > 0 and half[2][1] - half[1][1] == 0.01)
local function fails(text, ...) local ok, why = pcall(t.series, t, ...) assert(not ok and why:find(text, 1, true), why) end
fails("a queue is a link", client, "queue")
fails("a link has no series \"cwnd\"; it has queue, ", link, "cwnd")
fails("did you mean \"cwnd\"?", client, "cwdn")
fails("there is no series \"zzzzz\"; there are cwnd, ", client, "zzzzz")
fails("every: it is for \"throughput\"", link, "queue", { every = "1s" })
fails("that link belongs to another simulation", select(4, dw.pair()), "queue")
fails("unknown option \"form\"", link, "queue", { form = client })'
run 'series' 0 "$DRYWIRE" run -q t.lua
for case in 'dw.plot: from = 5 does not lie before to = 1|from = 5, to = 1' 'dw.plot.top: 0 is not above 0|top = 0' 'dw.plot.top: -5 is not above 0|top = -5' \
    'dw.plot.top: 0.5 is not above 1|top = 0.5, log = "y"'; do
    bad "${case%%|*}" "dw.plot({ { 1, 1 }, { 2, 2 } }, { ${case#*|} })"
done
bad 'dw.plot: point 1: an error of -1 is below 0' 'dw.plot { { 1, 2, -1 } }'
script 'assert(dw.plot({ { 1, 1e-300 }, { 2, 1e300 } }, { log = "y" }):find("1e+152", 1, true))'
run 'six hundred powers of ten' 0 "$DRYWIRE" run -q t.lua
bad 'sim:sample: every has to be more than 0' 'local sim = dw.sim() sim:sample(0, 1, function() return 1 end) sim:run()'
bad 'sim:sample: expected a function, got nil' 'dw.sim():sample(1, 2)'

# Extremes end, and soon: ranges without a number for them, values that nothing tells apart, what is far outside.
bad 'dw.plot: times from -1e+308 to 1e+308 are too far apart to draw' 'dw.plot { { -1e308, 0 }, { 1e308, 1 } }'
bad 'dw.plot: values from -1e+308 to 1e+308 are too far apart to draw' 'dw.plot { { 0, 1e308 }, { 1, -1e308 } }'
bad 'dw.plot: 1e+308 divided by 0.01 is too large to draw' 'dw.plot({ { 0, 1e308 } }, { divide = 0.01 })'
bad 'dw.plot.height: expected 1 to 1000, got 1000000000' 'dw.plot({ { 0, 1 } }, { height = 1000000000 })'
bad 'dw.plot.width: expected 1 to 1000, got 1000000000.0' 'dw.plot({ { 0, 1 } }, { width = 1e9 })'
script 'local near = 1 + 2 ^ -52
local all = { { { 1, 1 }, { near, 1 } }, { { 0, 1 }, { 1, near } }, { { 0, 0.3 }, { 1, 0.1 + 0.2 } }, { { 1e308, 1e308 }, { 1e308, 1e308 } },
  { { 0, 0 }, { 5e-324, 5e-324 } }, { { 0, 0 }, { 1e307, 1e307 } }, { { -1e300, 1 }, { 1, 1e300 }, { 1e300, 3 } } }
for _, points in ipairs(all) do
  for _, style in ipairs { "steps", "line", "points" } do
    for _, area in ipairs { {}, { from = 0, to = 1e-300 }, { to = 1, top = 1 } } do
      area.file = style == "line" and "e.svg" or "e.gp"
      local text = dw.plot({ { points = points, style = style } }, area)
      assert(#text < 10000, #text)
    end
  end
end'
run 'extremes' 0 timeout 60 "$DRYWIRE" run -q t.lua
[ "$(wc -c <e.svg)" -lt 20000 ] || fail 'a far point makes a long picture'
grep -q 'nan\|inf' e.svg && fail 'no number in the picture'

# What is refused.
bad 'dw.plot: expected series, got nil' 'dw.plot()'
bad 'dw.plot: expected a table of options, got string' 'dw.plot({}, "x.svg")'
bad 'unknown option "titel" for dw.plot; did you mean "title"?' 'dw.plot({}, { titel = "x" })'
bad 'unknown option "zzz" for dw.plot; expected one of: divide, file' 'dw.plot({}, { zzz = "x" })'
bad 'dw.plot.width: expected a number, got string' 'dw.plot({}, { width = "10" })'
bad 'dw.plot.top: inf is not a size' 'dw.plot({}, { top = math.huge })'
bad 'dw.plot: divide must not be 0' 'dw.plot({}, { divide = 0 })'
bad 'dw.plot: point 2 is not { time, value }' 'dw.plot { { 0, 1 }, { 1 } }'
bad 'x: point 1 has a value of nan, which cannot be drawn; leave it out' 'dw.plot { x = { { 0, 0 / 0 } } }'
bad 'dw.plot: point 2 has a time of inf, which cannot be drawn' 'dw.plot { { 0, 1 }, { math.huge, 1 } }'
bad 'dw.plot: "x" is not a series' 'dw.plot { x = 1 }'
bad 'dw.plot: style "dots" is not "steps", "line" or "points"' 'dw.plot { { points = {}, style = "dots" } }'
bad 'dw.plot: style "png" is not "unicode" or "ascii"' 'dw.plot({}, { style = "png" })'
bad 'dw.plot.file: "x.png" does not end in .svg, .csv, .gnuplot or .gp' 'dw.plot({}, { file = "x.png" })'
bad 'cannot write no/such/x.svg' 'dw.plot({}, { file = "no/such/x.svg" })'

# A saved trace, by the command.
script 'local sim, client, server = dw.pair { delay = "20ms", rate = "10Mbps", isn = { 1, 1 } }
server:serve(80, function(c) c:recv_all() c:close() end)
client:spawn(function() local c = assert(client:connect(server, 80, { local_port = 5000 })) c:send(("x"):rep(200000)) c:close() end)
sim:run()
sim.trace:save "t.jsonl"'
run 'save' 0 "$DRYWIRE" run -q t.lua
run 'plot' 0 "$DRYWIRE" plot --series cwnd,flight t.jsonl
prints 'client:5000 > server:80'
prints '● cwnd   ○ flight'
run 'plot, default' 0 "$DRYWIRE" plot t.jsonl
prints '● cwnd'
run 'plot into files' 0 "$DRYWIRE" plot --series srtt,rttvar --svg s.svg --csv s.csv t.jsonl
[ -s "$work/out" ] && fail 'it prints, too'
grep -q '>seconds<' s.svg || fail 'the unit of srtt'
grep -q '^srtt,0.04' s.csv || fail 's.csv has no srtt'
run 'narrow' 0 "$DRYWIRE" plot --width 60 t.jsonl
[ "$(LC_ALL=C.UTF-8 wc -L <"$work/out")" -le 60 ] || fail 'wider than 60 columns'
run 'misspelt' 2 "$DRYWIRE" plot --series cwdn t.jsonl
says '--series: there is no "cwdn"; did you mean "cwnd"?'
run 'unknown' 2 "$DRYWIRE" plot --series zzzzzz t.jsonl
says '--series: connection #1 has no "zzzzzz"; there are '
says 'cwnd, '
says ', throughput and queue'
run 'many' 2 "$DRYWIRE" plot --series cwnd,cwnd,cwnd,cwnd,cwnd,cwnd,cwnd,cwnd,cwnd t.jsonl
says 'at most 8 of them'
# A panel for each unit, over one axis of times.
run 'panels' 0 "$DRYWIRE" plot --series cwnd,flight,srtt,throughput,queue --svg panels.svg t.jsonl
[ "$(grep -o 'class="unit"[^<]*' panels.svg | sed 's/.*>//' | tr '\n' ' ')" = 'octets seconds octets/s packets ' ] || fail 'the panels of five series'
[ "$(grep -c '>seconds<' panels.svg)" = 2 ] || fail 'the axis of times is not written once'
for label in 'client → server' 'server → client' cwnd srtt; do grep -qF ">$label<" panels.svg || fail "no line $label"; done
xmllint --noout panels.svg || fail 'panels.svg is not well-formed'
run 'no connection' 2 "$DRYWIRE" plot --conn 7 t.jsonl
says 'the trace has no connection #7'
run 'no trace' 2 "$DRYWIRE" plot no.jsonl
says 'no.jsonl'
run 'which' 2 "$DRYWIRE" plot
says 'which trace?'
run 'for gnuplot' 0 "$DRYWIRE" plot --series srtt,rttvar --gnuplot s.gnuplot t.jsonl
gnuplot -e 'set terminal svg; set output "drawn.svg"' s.gnuplot 2>err || { fail 'gnuplot does not take it'; cat err >&2; }
grep -q '<path' drawn.svg || fail 'gnuplot draws nothing'
[ "$(grep -c '^[0-9.]* [0-9.]*$' s.gnuplot)" = "$(($(wc -l <s.csv) - 1))" ] || fail 'gnuplot and CSV have other points'
script 'dw.plot({ ["a \"b\"\\ $c"] = { { 0, 1 }, { 1, 2 } } }, { file = "odd.gp", title = "x\ny" })'
run 'odd names' 0 "$DRYWIRE" run -q t.lua
gnuplot -e 'set terminal svg; set output "drawn.svg"' odd.gp 2>err || { fail 'gnuplot and odd names'; cat err >&2; }
run 'no such place' 2 "$DRYWIRE" plot --svg no/such/x.svg t.jsonl
says 'cannot write no/such/x.svg'
mkdir dir.svg
bad 'cannot write dir.svg' 'dw.plot({}, { file = "dir.svg" })'
run 'two traces' 2 "$DRYWIRE" plot t.jsonl t.jsonl
says 'one trace at a time: drywire plot'
run 'standard output as a file' 2 "$DRYWIRE" plot --csv - t.jsonl
says '--csv: "-" does not end in .csv'
run 'another kind of file' 2 "$DRYWIRE" plot --svg x.png t.jsonl
says '--svg: "x.png" does not end in .svg'
[ -z "$(find . -name '*.tmp*' -o -name '.*' -type f)" ] || fail "left behind: $(ls -a)"
finish
