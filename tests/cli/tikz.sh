#!/bin/bash
# --tikz and --bytefield: what LaTeX is given; compiled where pdflatex and the packages are there.  And the options for slides.
. "$(dirname "$0")/../support/lib.sh"
cd "$work" || exit 1

script 'local sim = dw.sim {}
local r, a, b = sim:host "r_1 50%", sim:host "client", sim:host "s{}\\^~"
sim:link(r, a, { delay = "1ms" })
local link = sim:link(r, b, { delay = "20ms" })
link:drop { from = a, flags = "FIN", nth = 1 }
link:duplicate { from = b, flags = "SYN,ACK" }
b:serve(80, function(c) c:recv_all() c:close() end)
a:spawn(function() local c = assert(a:connect(b, 80)) c:send "x" c:close() end)
sim:run()
assert(sim.trace:tikz { file = "lua.tex", title = "a\nb" }:find("% a", 1, true))
assert(sim.trace:bytefield(1):find "{Sequence Number: %d+}")'
run 'draw' 0 "$DRYWIRE" run -q --tikz a.tex --svg a.svg t.lua
run 'again' 0 "$DRYWIRE" run -q --tikz b.tex --jsonl t.jsonl t.lua
cmp -s a.tex b.tex || fail 'the picture differs from run to run'
run 'from a trace' 0 "$DRYWIRE" ladder --tikz c.tex t.jsonl
diff <(sed 1d a.tex) <(sed 1d c.tex) >/dev/null || fail 'a saved trace gives another picture'
for text in '{client}' '{r\_1 50\%}' '{s\{\}\textbackslash{}\textasciicircum{}\textasciitilde{}}' '{SYN seq=0}' '{SYN-SENT}' \
    '{$\times$}' '{lost}' '\documentclass[tikz' '\definecolor{dwsyn}{HTML}{00795C}' 'dw copy'; do
    grep -qF -- "$text" a.tex || fail "the picture lacks $text"
done
# Braces and environments are in pairs, and every arrow of the SVG is one here.
"$LUA" - a.tex a.svg <<'L' || fail 'its structure'
local tex, svg = io.open(arg[1]):read "a", io.open(arg[2]):read "a"
local plain = tex:gsub("\\[{}%%]", ""):gsub("%%[^\n]*", "")
assert(select(2, plain:gsub("{", "")) == select(2, plain:gsub("}", "")), "braces")
for _, name in ipairs { "tikzpicture" } do assert(tex:find("\\begin{" .. name .. "}", 1, true) and tex:find("\\end{" .. name .. "}", 1, true)) end
local drawn = 0
for style in tex:gmatch "\\draw%[dw (%a+)" do drawn = drawn + (("syn fin rst data ack"):find(style, 1, true) and 1 or 0) end
assert(drawn == select(2, svg:gsub('class="wire"', "")), drawn)
for _, line in ipairs { "\\draw", "\\node", "\\fill" } do
  for text in tex:gmatch(line .. "[^\n]*") do assert(text:find ";", text) end
end
L
run 'one colour' 0 "$DRYWIRE" run -q --tikz mono.tex --mono t.lua
grep -q '{dwsyn}{HTML}{000000}' mono.tex || fail '--mono is colourful'

# A header, bit by bit: 32 in each row.
run 'a header' 0 "$DRYWIRE" ladder --bytefield 1 t.jsonl
cp "$work/out" syn.tex
prints '\bitbox{16}{Destination Port: 80}'
prints '{Maximum Segment Size: 1460}'
"$LUA" - syn.tex <<'L' || fail 'rows of the header'
for row in io.open(arg[1]):read "a":gmatch "\n  (\\[bw]%a+box[^\n]*)" do
  local bits = 0
  for n in row:gmatch "\\bitbox{(%d+)}" do bits = bits + n end
  assert(row:find "wordbox" or bits == 32, row)
end
L
run 'no such packet' 2 "$DRYWIRE" ladder --bytefield 999 t.jsonl
says '--bytefield: there is no packet #999'
run 'no number' 2 "$DRYWIRE" ladder --bytefield x t.jsonl
says '--bytefield: expected the number of a packet'
script 'dw.sim().trace:bytefield(0)'
run 'from Lua, none' 2 "$DRYWIRE" run t.lua
says 'trace:bytefield: packets are numbered from 1'
run 'no place' 2 "$DRYWIRE" ladder --tikz no/such/x.tex t.jsonl
says 'cannot write no/such/x.tex'

# LaTeX itself, for one of them and in another document.
has() { kpsewhich "$1" >/dev/null 2>&1; }
if command -v pdflatex >/dev/null && has standalone.cls && has tikz.sty; then
    printf '%s\n' '\documentclass{article}' '\usepackage{tikz}' '\begin{document}' 'x \input{a} y' '\end{document}' >doc.tex
    for file in a doc; do
        run "pdflatex $file" 0 pdflatex -interaction=nonstopmode -halt-on-error "$file.tex"
        [ -s $file.pdf ] || fail "pdflatex makes no $file.pdf"
    done
fi

run 'Chinese' 0 "$DRYWIRE" ladder --tikz zh.tex --lang zh --width 458 t.jsonl
for text in '{ctex}' 'xelatex' '\resizebox{12.12cm}{!}{%'; do grep -qF "$text" zh.tex || fail "the picture in Chinese lacks $text"; done
grep -q ctex a.tex && fail 'a picture in English needs ctex'
if command -v xelatex >/dev/null && has standalone.cls && has tikz.sty && has ctex.sty; then
    run 'xelatex' 0 xelatex -interaction=nonstopmode -halt-on-error zh.tex
    grep -q 'Missing character' zh.log && fail 'xelatex lacks characters'
fi

# Slides: as wide as asked, larger, in one colour; and only for pictures.
size_of() { grep -o ' width="[0-9.]*" height="[0-9.]*"' "$1" | head -1; }
for width in 420 1000 1600; do
    run "$width" 0 "$DRYWIRE" ladder --svg w.svg --width $width t.jsonl
    [[ "$(size_of w.svg)" == " width=\"$width\""* ]] || fail "--width $width: $(size_of w.svg)"
    run "layout at $width" 0 "$LUA" "$SOURCE/tests/cli/svg_layout.lua" w.svg
done
# Type is in proportion to the width, and twice as large as usual where there is room for that.
scale_of() { sed -n 's/.*viewBox="0 [-0-9.]* \([0-9.]*\) .* width="\([0-9.]*\)".*/\2 \1/p' "$1" | head -1 | awk '{ printf "%.2f", $1 / $2 }'; }
for width in 1000 1600; do
    run "large at $width" 0 "$DRYWIRE" run -q --svg l.svg --large --width $width "$SOURCE/examples/01-handshake.lua"
    [ "$(scale_of l.svg)" = "$(awk "BEGIN { printf \"%.2f\", 2 * $width / 1000 }")" ] || fail "--large at $width: $(scale_of l.svg)"
done
run 'large' 0 "$DRYWIRE" ladder --svg large.svg --large --mono t.jsonl
grep -q '00795c' large.svg && fail '--mono is colourful'
run 'moving' 0 "$DRYWIRE" ladder --svg moving.svg --animate t.jsonl
xmllint --noout moving.svg || fail 'the moving picture is not well-formed'
grep -q 'prefers-reduced-motion: reduce' moving.svg || fail 'it moves in any case'
grep -qE '<script|href=|url\(' moving.svg && fail 'the moving picture needs something'
"$LUA" - moving.svg <<'L' || fail 'the times of the moving picture'
local svg, n = io.open(arg[1]):read "a", 0
for times in svg:gmatch 'keyTimes="([^"]*)"' do
  local last = 0
  for t in times:gmatch "[^;]+" do assert(tonumber(t) >= last and tonumber(t) <= 1, times) last = tonumber(t) end
  n = n + 1
end
assert(n > 20, n)
L
for option in '--large' '--mono' '--animate' '--width 800'; do
    # shellcheck disable=SC2086 # two words
    run "$option alone" 2 "$DRYWIRE" ladder $option t.jsonl
    says 'is not used here; it is for --svg FILE'
done
run 'too wide' 2 "$DRYWIRE" ladder --width 4001 --svg w.svg t.jsonl
says '60 to 400 columns of text, or 401 to 4000 pixels of a picture'

# A word on what nobody can look at.
script 'local sim, client, server = dw.pair { delay = "20ms", rate = "100Mbps" }
server:serve(80, function(c) c:recv_all() c:close() end)
client:spawn(function() local c = assert(client:connect(server, 80)) c:send(("x"):rep(1000000)) c:close() end)
sim:run()'
run 'high' 0 "$DRYWIRE" run -q --svg high.svg t.lua
says 'pixels high; conn, from and to draw a part of it'
script 'local sim, client, server = dw.pair { delay = "20ms", rate = "100Mbps" }
server:serve(80, function(c) c:recv_all() c:close() end)
client:spawn(function() local c = assert(client:connect(server, 80)) c:send(("x"):rep(1000000)) c:close() end)
sim:run() sim.trace:svg { file = "high.svg" } sim.trace:svg { to = 9 }'
run 'high, by the script' 0 "$DRYWIRE" run -q t.lua
grep -q '^note: high.svg is [0-9]* pixels high; conn, from and to draw a part of it$' "$work/err" || fail 'no note'
[ "$(grep -c 'pixels high' "$work/err")" = 1 ] || fail 'a part is high, too'
finish
