#!/bin/bash
# Names, messages and files of any bytes: every output stays what it says it is.  Each is read back by the checker of
# its own format: jq, xmllint, perl's TAP::Parser, gnuplot, bash, Lua; diagrams by what their languages demand.
. "$(dirname "$0")/../support/lib.sh"
cd "$work" || exit 1
for tool in jq xmllint prove gnuplot perl; do
    command -v $tool >/dev/null || { echo "FAIL: this test needs $tool (libxml2-utils has xmllint)" >&2; exit 1; }
done

# Two pairs of hosts: controls and quotes; markup and commands; bad UTF-8; what diagrams and TAP live on.
names1=($'c\x01\x1b]0;T\x07\x1b[31m"\\\'\n\r\tx' $'</script>]]><!--&amp;<b>$(touch pwned)`touch pwned`')
names2=($'\xff\xc3(\xed\xa0\x80\xf4\x90\x80\x80\xc2\x9b31m\xe2\x80\xae;#~%%{x}' $'; # TODO\n!include x\n@enduml\nok 9 - forged\x1e\x7f')
fffd=$'\xef\xbf\xbd'

# shown FILE: a terminal may have it: UTF-8, and no controls but line ends and tabs.
shown() {
    iconv -f UTF-8 -t UTF-8 "$1" >/dev/null 2>&1 || fail "$name: no UTF-8"
    LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80\xae' "$1" && fail "$name: a control character: $(LC_ALL=C grep -aP '[\x00-\x08\x0b-\x1f\x7f]' "$1" | head -1 | cat -v)"
}
# seen NAME CODE COMMAND...: run, and both outputs may be shown.
seen() {
    run "$@"
    shown "$work/out"
    shown "$work/err"
}
# same WHAT EXPECTED FILE: the file is exactly this text.
same() { printf %s "$2" | cmp -s - "$3" || { fail "$name: $1"; cat -A "$3" | head -3 >&2; }; }

script 'local sim = dw.sim { name = dw.param("name", "") }
local a, b = sim:host(dw.param "a"), sim:host(dw.param "b")
sim:link(a, b, { delay = "20ms" })
b:serve(80, function(c) c:recv_all() end)
a:spawn(function() local c = a:connect(b, 80) c:send(("x"):rep(3000)) c:close() end)
sim:run()'
cp t.lua pair.lua

for pair in 1 2; do
    declare -n names=names$pair
    options=(--set "a=${names[0]}" --set "b=${names[1]}")
    seen "run $pair" 0 "$DRYWIRE" run "${options[@]}" --jsonl t.jsonl --svg t.svg --html t.html --pcap t.pcapng pair.lua
    says 'was never closed (CLOSE-WAIT)'
    digest=$(sed -n 's/.*trace //p' out)

    # JSON: jq reads every line, drywire reads all of it, and the names are what they were.
    jq -e . t.jsonl >/dev/null || fail "jq does not read the trace of pair $pair"
    for i in 0 1; do
        jq -j "select(.ev == \"node\" and .node == $i).name" t.jsonl >name$i
        [ $pair = 2 ] && [ $i = 0 ] || same "the name of host $i" "${names[i]}" name$i
    done
    [ $pair = 2 ] && same 'bad UTF-8' "$fffd$fffd($fffd$fffd$fffd$fffd$fffd$fffd$fffd"$'\xc2\x9b31m\xe2\x80\xae;#~%%{x}' name0
    seen "trace $pair" 0 "$DRYWIRE" trace --all t.jsonl
    [ -n "$digest" ] && [ "$(tail -1 out)" = "trace $digest" ] || fail "read back, the trace of pair $pair is another"
    seen "explain $pair" 0 "$DRYWIRE" explain --all t.jsonl
    seen "stats $pair" 0 "$DRYWIRE" stats t.jsonl
    run "stats --json $pair" 0 "$DRYWIRE" stats --json t.jsonl
    jq -j '.connections[0].host' out | cmp -s - name0 || fail "stats --json: host"
    jq -j '.links[0].to' out | cmp -s - name1 || fail "stats --json: to"

    # XML and the page.
    xmllint --noout t.svg || fail "the picture of pair $pair is not well-formed"
    sed -n '/^<script type="application\/json"/,/^<\/script>/p' t.html | sed '1d;$d' | tr -d '\n' >page.json
    perl -CSD -0777 -pe 's/[^\PC\n\t]/\x{fffd}/g' name0 >shown0 # the page shows it as it is there
    jq -j '.nodes[0][0]' page.json | cmp -s - shown0 || fail "the page of pair $pair"
    [ "$(grep -o '</script' t.html | wc -l)" = "$(grep -o '<script' t.html | wc -l)" ] || fail 'a name ends the script'
    [ $pair = 1 ] && { xmllint --xpath 'string(//*[@class="name"][2])' t.svg | head -c -1 >text; same 'the name in the picture' "${names[1]}" text; }

    # The terminal.
    for style in unicode ascii rfc; do seen "ladder $style $pair" 0 "$DRYWIRE" ladder --style $style t.jsonl; done
    seen "a named simulation $pair" 0 "$DRYWIRE" run --ladder=ascii "${options[@]}" --set "name=${names[0]}" pair.lua
    seen "plot $pair" 0 "$DRYWIRE" plot t.jsonl
    seen "import --list $pair" 0 "$DRYWIRE" import --list t.pcapng
    seen "import $pair" 0 "$DRYWIRE" import t.pcapng
    seen "diff $pair" 0 "$DRYWIRE" diff t.jsonl t.jsonl

    # Diagrams: as many lines as with plain names, and nothing in a name that the language would read.
    for style in mermaid plantuml mscgen; do
        "$DRYWIRE" run -q --ladder=$style --set a=c --set b=s pair.lua >plain.$style 2>/dev/null
        seen "$style $pair" 0 "$DRYWIRE" ladder --style $style t.jsonl
        cp out t.$style
        [ "$(wc -l <t.$style)" = "$(wc -l <plain.$style)" ] || fail "$style: a name makes lines"
        diff <(grep -vE 'participant|A \[label' plain.$style) <(grep -vE 'participant|A \[label' t.$style) >/dev/null ||
            fail "$style: a name changes other lines"
    done
    perl -ne 'if (/^    participant [AB] as (.*)/) { $n = $1; $n =~ s/#\d+;//g; $bad = 1 if $n =~ /[;#<>%{}:]/ } END { exit $bad }' t.mermaid ||
        fail "mermaid: $(grep participant t.mermaid)"
    perl -ne 'if (/^participant "(.*)" as [AB]$/) { $n = $1; $n =~ s/<U\+00[0-9A-F]{2}>//g; $bad = 1 if $n =~ /["<>&~\\*\/#]|--|__/; $ok++ } END { exit $bad || $ok != 2 }' t.plantuml ||
        fail "plantuml: $(grep participant t.plantuml)"
    grep -qE '^  A \[label="([^"\]|\\")*"\], B \[label="([^"\]|\\")*"\];$' t.mscgen || fail "mscgen: $(sed -n 2p t.mscgen)"
    if command -v mscgen >/dev/null; then mscgen -T svg -i t.mscgen -o m.svg || fail 'mscgen does not read it'; fi

    # A script for packetdrill, one for drywire.
    run "export a trace $pair" 0 "$DRYWIRE" export --packetdrill --host "${names[0]}" t.jsonl
    seen "export $pair" 0 "$DRYWIRE" export --packetdrill --host "${names[0]}" "${options[@]}" pair.lua
    cp out t.pkt
    grep -vqE '^(//|[0-9.]+ |--ip_version)|^$' t.pkt && fail 'export: a name becomes a line'
    run "drill $pair" 0 "$DRYWIRE" drill t.pkt
    run "import --lua $pair" 0 "$DRYWIRE" import -q --lua again.lua t.pcapng
    seen "the imported script $pair" 0 "$DRYWIRE" run --jsonl again.jsonl again.lua
    jq -j 'select(.ev == "node" and .node == 0).name' again.jsonl >name2
    [ "$(wc -c <name2)" -gt 0 ] || fail 'the imported script has no host'
done
[ -e pwned ] && fail 'a name was run'

# A name that is Lua, and a capture whose name is.
evil='a") io.open("pwned","w"):write("x") --'
run 'a name of Lua' 0 "$DRYWIRE" run -q --set "a=$evil"$'\n--' --set b=s --pcap $'x\nerror "y" --.pcapng' pair.lua
run 'import it' 0 "$DRYWIRE" import -q --lua again.lua $'x\nerror "y" --.pcapng'
run 'run it' 0 "$DRYWIRE" run -q --jsonl again.jsonl again.lua
[ -e pwned ] && fail 'a name in a capture was run as Lua'
jq -j 'select(.ev == "node" and .node == 0).name' again.jsonl | grep -qF "$evil" || fail 'the name is not what it was'
script 'dw.sim():host "a\0b"'
run 'a zero byte' 2 "$DRYWIRE" run t.lua
says 't.lua:2: sim:host: a name has no zero bytes'

# Tests: names and messages cannot make or hide a result, for TAP::Parser and in JUnit.
mkdir suite
cat >suite/a.lua <<'L'
-- Loses a segment # TODO later
error "\27]0;T\7 no\nok 7 - forged\n..\n...\n\255 ]]> \30\0end"
L
cat >suite/b.lua <<'L'
local dw = require "drywire"
dw.test("fails # TODO not so\\", function() error("  <&>\"' first\n    ok 3 - forged\n1..2") end)
dw.test("passes\nnot ok 8 - forged\30\0\27[31m", function() end)
dw.test("fails \\# SKIP", function()
  assert(1 == 2)
end)
dw.test("passes \255 $(touch pwned) ]]>", function() io.write("ok 1\nBail out!\n\30") end)
L
printf 'require "drywire".sim()\n' >$'suite/c # skip\nok 5.lua'
seen 'test' 2 "$DRYWIRE" test --junit junit.xml suite
cp out suite.tap
cat >read.pl <<'P'
use TAP::Parser;
my $p = TAP::Parser->new({ source => $ARGV[0] });
while (my $r = $p->next) {
    printf "%s %s%s\n", $r->number, $r->is_actual_ok ? "ok" : "not ok", $r->has_directive ? " excused" : "" if $r->is_test;
    printf "yaml %s\n", ref $r->data if $r->is_yaml;
}
printf "%d planned, %d errors %s\n", $p->tests_planned, scalar $p->parse_errors, join ";", $p->parse_errors;
P
run 'TAP::Parser' 0 perl read.pl suite.tap
diff "$work/out" - <<'T' || fail 'what TAP::Parser reads'
1 not ok
yaml HASH
yaml HASH
yaml HASH
2 not ok
yaml HASH
3 ok
3 planned, 0 errors 
T
xmllint --noout junit.xml || fail 'the JUnit report is not well-formed'
value() { xmllint --xpath "$1" junit.xml; }
[ "$(value 'concat(/testsuites/@tests, " ", /testsuites/@failures, " ", /testsuites/@errors)')" = '6 1 2' ] || fail "JUnit: $(head -2 junit.xml)"
[ "$(value 'count(//testsuite)')" = 3 ] || fail 'JUnit: a suite for each script'
[ "$(value 'concat(//testsuite[2]/@tests, //testsuite[2]/@failures, //testsuite[2]/@errors, //testsuite[2]/@skipped)')" = 4110 ] || fail 'JUnit: the counts of a suite'
[ "$(value 'count(//testsuite[@time] | //testcase[@time])')" = 9 ] || fail 'JUnit: times'
[ "$(value 'count(//testsuite[2]/testcase/failure) + 10 * count(//testcase/error)')" = 21 ] || fail 'JUnit: failures and errors'
[ "$(value 'string(//testsuite[2]/testcase[2]/@name)')" = $'passes\nnot ok 8 - forged'"$fffd$fffd$fffd[31m" ] || fail 'JUnit: a name of several lines'
value 'string(//testsuite[2]//error)' | grep -qF '<&>"'"' first" || fail 'JUnit: the message'
run 'prove' 1 prove --exec cat suite.tap
prints 'Failed tests:  1-2'
run 'prove --exec' 0 prove --exec "$DRYWIRE test" "$SOURCE/examples/01-handshake.lua"

# A worker whose result is not whole, or too much, is believed nothing.
cat >forge.lua <<'L'
local f = io.open("/dev/fd/3", "w")
if f then f:write("0 0 0000000000000000\n0:,0:,0:,0:,") f:close() end
error "this counts"
L
run 'a forged result' 2 "$DRYWIRE" test forge.lua
prints 'not ok 1'

# GitHub: each case that failed has its text and its line.
GITHUB_ACTIONS=true GITHUB_STEP_SUMMARY=$work/summary.md seen 'GitHub' 2 "$DRYWIRE" test -q suite
[ "$(grep -c '^::error file=' err)" = 3 ] && [ "$(grep -c '^::' err)" = 3 ] || fail 'three failures, three annotations'
says '::error file=suite/b.lua,line=5,title=suite/b.lua%3A fails \# SKIP::'
grep -qE 'line=2,title=Loses a segment # TODO later::a.lua:2: .*no%0Aok 7 - forged' err || fail "the text of a failure: $(head -1 err)"
shown summary.md
grep -qF 'fails \# SKIP:' summary.md || fail 'the summary lacks a case'
script 'error "x\n```\n<img src=x>"'
GITHUB_ACTIONS=true GITHUB_STEP_SUMMARY=$work/fence.md run 'a fence in a message' 2 "$DRYWIRE" test t.lua
grep -q '^````$' fence.md || fail 'a message ends its block'

# The line that repeats a run: every option that matters, whole, and safe to paste.
every=$(LC_ALL=C awk 'BEGIN { for (i = 1; i < 256; i++) printf "%c", i }')
drywire() { printf '%s\0' "$@"; }
export -f drywire
script 'error "x"'
mkdir 'a b'
cp t.lua $'a b/t$(touch pwned)\'\n.lua'
long=$(printf 'y%.0s' $(seq 3000))
given=(--seed 7 --set "x=a b" --set $'y=$(touch pwned) `touch pwned` "\'\\' --set "all=$every" --set "long=$long" --until 5s --profile linux
    --drop 1,2 --watchdog 3s --memory 100MB --update --detail $'a b/t$(touch pwned)\'\n.lua' -- '*' '~' '' $'\x1b]0;T\x07' '-q;#&|<>')
seen 'a failure to repeat' 2 "$DRYWIRE" run --pcap x.pcapng --svg x.svg "${given[@]}"
[ "$(grep -c '^replay: ' err)" = 1 ] || fail 'one line repeats it'
sed -n 's/^replay: //p' err >replay.sh
LC_ALL=C.UTF-8 bash replay.sh | tr '\0' '\n' | LC_ALL=C sort >got
printf '%s\0' run "${given[@]}" | tr '\0' '\n' | LC_ALL=C sort >wanted
cmp -s got wanted || { fail 'the line is not what was given'; diff got wanted | cat -v | head -5 >&2; }
[ "$(LC_ALL=C.UTF-8 bash replay.sh | tr -cd '\0' | wc -c)" = $((${#given[@]} + 1)) ] || fail 'the line has other words'
run 'with --html' 2 "$DRYWIRE" run --html x.html t.lua
says 'replay: drywire run --detail t.lua'
[ -e pwned ] && fail 'the line runs something'

# Plots.
script 'local points = { { 0, 1 }, { 1, 3 } }
local evil = "`touch pwned` $(touch pwned) \"\\ '"'"'\n,=1 \27[31m\255 ]]></text>"
for _, file in ipairs { "p.svg", "p.csv", "p.gp" } do
  print(dw.plot({ [evil] = points, plain = points }, { file = file, title = evil, x = evil, y = evil }))
end
print(dw.json.encode { [evil] = evil })'
run 'plot' 0 "$DRYWIRE" run -q t.lua
shown out
xmllint --noout p.svg || fail 'the plot is not well-formed'
gnuplot -e 'set terminal svg; set output "drawn.svg"' p.gp 2>gp.err || { fail 'gnuplot does not take it'; cat gp.err >&2; }
tail -1 out | jq -e 'keys[0] == .[keys[0]]' >/dev/null || fail 'dw.json'
perl -ne '/^(?:[^",]*|"(?:[^"]|"")*"),[^,]*,[^,]*$/ or exit 1' p.csv || fail 'the CSV'
[ "$(wc -l <p.csv)" = 5 ] || fail 'a label makes lines in the CSV'
[ -e pwned ] && fail 'a plot runs something'
finish
