#!/bin/bash
# A plugin built out of tree is loaded; one that is wrong is refused with a sentence and exit code 4.
. "$(dirname "$0")/../support/lib.sh"
cd "$work" || exit 1
build() { cc -shared -fPIC -Wall -Werror -I"$SOURCE/core/include" "$1" -o "$2"; }

build "$SOURCE/examples/plugin/counter.c" counter.so || fail 'the example does not build'
run 'plugin on the command line' 0 "$DRYWIRE" run --plugin ./counter.so "$SOURCE/examples/plugin/counter.lua"
prints '3 packets counted and answered'
{ echo 'require "drywire".load "./counter.so"'; cat "$SOURCE/examples/plugin/counter.lua"; } >load.lua
run 'plugin from Lua' 0 "$DRYWIRE" run load.lua
prints '3 packets counted and answered'

run 'check of a script that loads a plugin' 0 "$DRYWIRE" check load.lua
run 'check with a plugin' 0 "$DRYWIRE" check --plugin ./counter.so "$SOURCE/examples/plugin/counter.lua"
mkdir -p there && cp load.lua counter.so there/ && (cd / && "$DRYWIRE" run -q "$work/there/load.lua") >out 2>err ||
    fail "a plugin beside the script is not found from elsewhere: $(cat err)"

script 'dw.sim()'
sed 's/\.abi = DW_PLUGIN_ABI/.abi = 99/' "$SOURCE/examples/plugin/counter.c" >abi.c && build abi.c abi.so
run 'wrong ABI' 4 "$DRYWIRE" run --plugin ./abi.so "$work/t.lua"
says 'the plugin was built for ABI 99; this drywire has ABI 2'
script 'dw.load "./abi.so"'
run 'wrong ABI from Lua' 4 "$DRYWIRE" run "$work/t.lua"
says 't.lua:2: dw.load: ./abi.so: the plugin was built for ABI 99'
script 'dw.sim()'
sed 's/\.input = input,//' "$SOURCE/examples/plugin/counter.c" | sed 's/^static void input/__attribute__((unused)) static void input/' >part.c && build part.c part.so
run 'incomplete table' 4 "$DRYWIRE" run --plugin ./part.so "$work/t.lua"
says "the protocol's table is incomplete"
echo 'int nothing;' >none.c && build none.c none.so
run 'no plugin' 4 "$DRYWIRE" run --plugin ./none.so "$work/t.lua"
says 'is not a drywire plugin: it has no function dw_plugin_entry'
run 'no such file' 4 "$DRYWIRE" run --plugin ./absent.so "$work/t.lua"
says 'cannot load plugin'
echo text >text.so
run 'not a shared object' 4 "$DRYWIRE" run --plugin ./text.so "$work/t.lua"
sed 's/\.attach = attach,/.attach = failing,/; s/^static void detach/static int failing(dw_node *n, const dw_host *h, void **i) { (void)n; (void)h; (void)i; (void)attach; return DW_E_NOMEM; }\nstatic void detach/' "$SOURCE/examples/plugin/counter.c" >fail.c && build fail.c fail.so
run 'failing attach' 4 "$DRYWIRE" run --plugin ./fail.so "$SOURCE/examples/plugin/counter.lua"
says 'plugin "counter" could not be attached to host "server": out of memory'
run 'twice' 4 "$DRYWIRE" run --plugin ./counter.so --plugin ./counter.so "$work/t.lua"
says 'there is already a plugin "counter"'
finish
