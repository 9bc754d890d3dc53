#!/bin/bash
# Every command and snippet of the documentation runs, and what is generated is up to date; what all scripts
# have to run for is in golden.sh.
. "$(dirname "$0")/../support/lib.sh"
asan_preload=$(asan_library)

# A folder that looks like the project after the demo command.
project=$work/project
mkdir -p "$project/build/release/lua"
for item in core examples docs lua; do ln -s "$SOURCE/$item" "$project/$item"; done
# Reports over all scenarios are golden.sh's: here they have every twelfth.
mkdir -p "$project/tests/scenario"
for item in "$SOURCE"/tests/*; do
    [ "${item##*/}" = scenario ] || ln -s "$item" "$project/tests/"
done
n=0
for script in "$SOURCE"/tests/scenario/*.lua; do
    [ $((n++ % 12)) = 0 ] && ln -s "$script" "$project/tests/scenario/"
done
ln -s "$fast" "$project/build/release/drywire"
ln -s "$MODULE_DIR/drywire.so" "$project/build/release/lua/drywire.so"
for file in "$(dirname "$LIBRARY")"/libdrywire.so*; do ln -s "$file" "$project/build/release/"; done
cd "$project" || exit 1

# extract FILE: files that a page shows are written, commands run in order.
extract() {
    awk -v dir="$project" '
        /^<!-- (script|c): / { name = $3; next }
        /^<!-- repl: / { name = "repl.in"; repl = $3; next } # what is typed beside a script
        /^<!-- commands -->/ { commands = 1; next }
        /^```/ && !fence && (name || commands) { fence = 1; next }
        /^```/ && fence {
            fence = 0
            if (name) close(dir "/" name)
            if (repl) print "build/release/drywire repl " repl " <repl.in"
            name = repl = ""; commands = 0
            next
        }
        fence && name { print > (dir "/" name) }
        fence && commands { print }' "$1"
}

for page in "$SOURCE"/README.md "$SOURCE"/docs/*.md; do
    extract "$page" >"$work/commands"
    while IFS= read -r line; do
        # The sanitizers must be loaded before a stock interpreter or a plain program.
        case $line in
        *lua5.4*) env=("LD_PRELOAD=$asan_preload" "ASAN_OPTIONS=detect_leaks=0") ;;
        *'./hello'*) env=("CFLAGS=") && [ "$SANITIZE" = ON ] && line=${line/cc /$COMPILER -fsanitize=address,undefined } ;;
        *) env=("DOCS=1") ;;
        esac
        run "$(basename "$page"): $line" 0 env "${env[@]}" bash -c "$line"
    done <"$work/commands"
done
# What commands print, where a page shows it: between "generated: COMMAND" and "end", in a fence.
for page in "$SOURCE"/docs/*.md; do
    grep -o '^<!-- generated: build/release/.* -->$' "$page" | sed 's/^<!-- generated: //; s/ -->$//' >"$work/commands"
    while IFS= read -r line; do
        run "$(basename "$page"): $line" 0 bash -c "$line"
        awk -v mark="<!-- generated: $line -->" '/^<!-- end -->/ { on = 0 } on && !/^```/; $0 == mark { on = 1 }' "$page" | diff - "$work/out" >&2 ||
            fail "$(basename "$page") is out of date: $line"
    done <"$work/commands"
done
run 'picture of a capture' 0 build/release/drywire import -q --svg lost-segment.svg tests/captures/loss-client.pcap
cmp -s lost-segment.svg "$SOURCE/docs/lost-segment.svg" ||
    fail 'docs/lost-segment.svg is out of date: drywire import -q --svg docs/lost-segment.svg tests/captures/loss-client.pcap'
for script in *.lua; do run "snippet $script" 0 "$DRYWIRE" test "$script"; done
[ "$(ls ./*.lua | wc -l)" -ge 6 ] || fail 'the snippets were not found'

# What is generated.
# (By a stock interpreter: what it writes does not lie beside it.)
run 'generate' 0 env "LD_PRELOAD=$asan_preload" ASAN_OPTIONS=detect_leaks=0 "LUA_PATH=$SOURCE/lua/api/?.lua" "LUA_CPATH=$MODULE_DIR/?.so" \
    "$LUA" "$SOURCE/lua/api/generate_api.lua" "$work/LUA_API.md" "$work/drywire.d.lua"
cmp -s "$work/LUA_API.md" "$SOURCE/docs/LUA_API.md" || fail 'docs/LUA_API.md is out of date: see lua/api/generate_api.lua'
cmp -s "$work/drywire.d.lua" "$SOURCE/lua/api/drywire.d.lua" || fail 'lua/api/drywire.d.lua is out of date'
run 'editor file parses' 0 "$LUA" -e "assert(loadfile '$SOURCE/lua/api/drywire.d.lua')"

cd "$SOURCE" || exit 1
run 'sysctls' 0 "$DRYWIRE" drill --sysctls
awk '/^<!-- end -->/ { on = 0 } on; /^<!-- generated: drill --sysctls -->/ { on = 1 }' docs/PACKETDRILL.md |
    cmp -s - "$work/out" || fail 'the table of docs/PACKETDRILL.md is out of date: drywire drill --sysctls'
for plot in docs/plots/*.svg; do
    grep -qF "](plots/${plot##*/})" docs/PLOTS.md || fail "docs/PLOTS.md does not show $plot"
done
cd "$project" || exit 1

# Links between pages lead somewhere.
for page in "$SOURCE"/*.md "$SOURCE"/docs/*.md; do
    grep -o '](\([^)#h][^)#]*\)' "$page" | sed 's/](//' | while read -r target; do
        [ -e "$(dirname "$page")/$target" ] || echo "$(basename "$page"): no $target"
    done
done >"$work/broken"
[ -s "$work/broken" ] && fail "$(cat "$work/broken")"

# How to cite it: the fields that the Citation File Format 1.2.0 requires, and this version.
/usr/bin/python3 - "$SOURCE/CITATION.cff" "$("$DRYWIRE" --version)" <<'P' || fail 'CITATION.cff'
import sys, yaml
cff = yaml.safe_load(open(sys.argv[1]))
assert cff["cff-version"] == "1.2.0" and cff["title"] == "drywire" and cff["message"] and cff["license"] == "MIT"
assert cff["authors"] == [{"name": "The drywire authors"}], cff["authors"]
assert "drywire %s" % cff["version"] == sys.argv[2], cff["version"]
P

# What the command says of its options is what the manual page and the completion have of them.
"$DRYWIRE" help manual >"$work/manual"
sed -n '/^\.SH OPTIONS$/,/^\.SH EXIT STATUS$/p' "$SOURCE/docs/drywire.1" | sed '1d;$d' |
    cmp -s - "$work/manual" || fail 'the part OPTIONS of docs/drywire.1 is out of date: drywire help manual'

# The manual page: every option and command of --help is in it, and it formats without a complaint.
for sub in run test sweep drill figures ladder trace explain stats plot diff check profiles defects coverage catalogue states import; do
    "$DRYWIRE" "$sub" --help | awk '/^  -/ { on = 1 } on && /^[^ ]/' | grep . && fail "$sub --help has a line that is not set in"
    "$DRYWIRE" "$sub" --help | grep -oE -- '--[a-z-]+' | sort -u | while read -r option; do
        grep -q -- "${option//-/\\\\-}" "$SOURCE/docs/drywire.1" || echo "$option"
    done
done >"$work/missing"
[ -s "$work/missing" ] && fail "docs/drywire.1 lacks $(sort -u "$work/missing" | tr '\n' ' ')"
man --warnings -E UTF-8 -l -Tutf8 -Z "$SOURCE/docs/drywire.1" >/dev/null 2>"$work/err"
[ -s "$work/err" ] && fail "docs/drywire.1: $(head -3 "$work/err")"

finish
