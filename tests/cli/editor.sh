#!/bin/bash
# What editors are given: the annotations (lua/api/drywire.d.lua), which follow the grammar of the Lua language server
# and say of every option what the module takes, and snippets, each of which runs.
. "$(dirname "$0")/../support/lib.sh"
annotations=$SOURCE/lua/api/drywire.d.lua
asan_preload=$(asan_library)
check() { # check NAME CODE FILE
    run "$1" "$2" env "LD_PRELOAD=$asan_preload" ASAN_OPTIONS=detect_leaks=0 "LUA_CPATH=$MODULE_DIR/?.so" "$LUA" "$SOURCE/tests/support/annotations.lua" "$3"
}
check 'the annotations' 0 "$annotations"

# It can fail: an option that is left out, one that is not there, one without its type, what is no type.
break_it() { # break_it NAME SED-SCRIPT WORDS
    sed "$2" "$annotations" >"$work/broken.d.lua"
    cmp -s "$annotations" "$work/broken.d.lua" && fail "$1: nothing was changed"
    check "$1" 1 "$work/broken.d.lua"
    says "$3"
}
break_it 'an option is missing' '/^---@field delayed_ack?/d' 'TCP: delayed_ack is not in the file'
break_it 'an option too many' 's/^---@field jitter?/---@field flutter?/' 'sim:link: there is no flutter'
break_it 'a table of whatever' 's/^---@param opts? drywire.PairOptions/---@param opts? table/' 'a table without its fields'
break_it 'a type that is not there' 's/drywire.LossModel 0*/drywire.LossModell /' 'there is no type drywire.LossModell'
break_it 'a type that is none' 's/^---@field backlog? integer/---@field backlog? fun(/' 'expected )'

# Every option of the command's TCP has its values in each profile, and words where there are words.
grep -q '^---@field rto_min? drywire.Time Lower bound .*RFC 6298 2.4.*Default rfc9293 1s, linux 200ms' "$annotations" || fail 'rto_min lacks its defaults'
grep -q '^---@field ecn? "off"|"ask"|"answer"' "$annotations" || fail 'ecn lacks its words'

# Snippets: with what they propose, each runs.
cd "$work" || exit 1
run 'init' 0 "$DRYWIRE" init project
jq -e '."runtime.version" == "Lua 5.4"' project/.luarc.json >/dev/null || fail '.luarc.json'
/usr/bin/python3 - project/.vscode/drywire.code-snippets <<'P'
import json, re, sys
begin = 'local dw = require "drywire"\nlocal sim, client, server, link = dw.pair { delay = "20ms" }\n'
serve = 'server:serve(80, function(conn) conn:recv_all() conn:close() end)\n'
send = 'client:spawn(function() local c = assert(client:connect("server", 80)) c:send "x" c:close() end)\n'
around = {"dw": ("", ""), "dwpair": ('local dw = require "drywire"\n', "sim:run()"), "dwdrop": (begin + serve + send, "sim:run()"),
          "dwspawn": (begin + serve, "sim:run()"), "dwtest": (begin + serve + send + "sim:run()\n", ""), "dwpackets": (begin + serve + send + "sim:run()\n", "")}
for title, snippet in json.load(open(sys.argv[1])).items():
    text = "\n".join(snippet["body"])
    text = re.sub(r"\$\{\d+\|([^,|]*)[^}]*\|\}", r"\1", text)
    text = re.sub(r"\$\{\d+:([^{}]*)\}", r"\1", text)
    text = re.sub(r"\$\d+|\$\{\d+\}", "", text)
    before, after = around.pop(snippet["prefix"])
    open(f"snippet-{snippet['prefix']}.lua", "w").write(before + text + "\n" + after + "\n")
assert not around, around
P
for snippet in snippet-*.lua; do run "$snippet" 0 "$DRYWIRE" test "$snippet"; done
[ "$(ls snippet-*.lua | wc -l)" -ge 6 ] || fail 'there are no snippets'
finish
