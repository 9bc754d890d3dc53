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
says 't.lua:2: dw.load: '
says 'abi.so: the plugin was built for ABI 99'
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

# refused WHAT SED SENTENCE: the example so changed is refused before anything runs.  Each way of
# being wrong is in tests/unit/plugin_check_test.c.
script 'print "it runs"; dw.sim()'
refused() {
    sed "$2" "$SOURCE/examples/plugin/counter.c" >wrong.c
    cmp -s wrong.c "$SOURCE/examples/plugin/counter.c" && fail "$1: nothing was changed"
    cc -shared -fPIC -I"$SOURCE/core/include" wrong.c -o wrong.so || fail "$1: does not build"
    run "$1" 4 "$DRYWIRE" run --plugin ./wrong.so "$work/t.lua"
    says "$3"
    [ "$(grep -vc '^replay: ' err)" = 1 ] || fail "$1: not one sentence: $(cat err)"
    [ -s out ] && fail "$1: the script ran"
}
table="plugin \"counter\": the protocol's table is"
refused 'no detach' 's/\.detach = detach,//' "$table incomplete: it has no detach"
refused 'too large' 's/sizeof(dw_protocol_ops)/4000000000u/' "$table wrong: it says that it is larger than any"
refused 'an undefined symbol' 's/^static int attach/int absent(void);\n&/; s/self->host = host;/& absent();/' 'undefined symbol: absent'

# One of a newer header has a longer table, which begins as ours does.
sed 's/^static const dw_protocol_ops ops = {/static const struct { dw_protocol_ops known; void *more[8]; } ops = { .known = {/; s/sizeof(dw_protocol_ops)/sizeof ops/
    s/^    \.build = build,$/&}/; s/\.protocol = &ops/.protocol = \&ops.known/' "$SOURCE/examples/plugin/counter.c" >newer.c && build newer.c newer.so
run 'a newer header' 0 "$DRYWIRE" run --plugin ./newer.so "$SOURCE/examples/plugin/counter.lua"
prints '3 packets counted and answered'

# Congestion controls.
cat >cc.c <<'EOF'
#include <drywire/plugin.h>
static void init(dw_congestion *cc) { cc->cwnd = cc->initial; }
static void on_ack(dw_congestion *cc, const dw_congestion_ack *ack) { cc->cwnd += ack->acked; }
static uint64_t ssthresh(dw_congestion *cc, uint64_t flight) { (void)flight; return 2 * cc->mss; }
static void on_timeout(dw_congestion *cc) { cc->cwnd = cc->mss; }
static const dw_congestion_ops ops = {.size = sizeof(dw_congestion_ops), .name = "mine", .init = init,
    .on_ack = on_ack, .ssthresh = ssthresh, .on_timeout = on_timeout, .words = 3};
static const dw_plugin plugin = {.abi = DW_PLUGIN_ABI, .size = sizeof(dw_plugin), .name = "mine", .congestion = &ops};
DW_API const dw_plugin *dw_plugin_entry(void);
const dw_plugin *dw_plugin_entry(void) { return &plugin; }
EOF
build cc.c cc.so
cat >cc.lua <<'EOF'
local dw = require "drywire"
local sim, client, server = dw.pair { tcp = { congestion_control = "mine" } }
server:serve(80, function(conn) print(#conn:recv_all()); conn:close() end)
client:spawn(function() local conn = client:connect(server, 80); conn:send(("x"):rep(9000)); conn:close() end)
sim:run()
EOF
run 'a congestion control' 0 "$DRYWIRE" run --plugin cc.so cc.lua
prints 9000
sed 's/\.on_ack = on_ack,//; s/^static void on_ack/__attribute__((unused)) &/' cc.c >wrong.c && build wrong.c wrong.so
run 'half a congestion control' 4 "$DRYWIRE" run --plugin wrong.so cc.lua
says "plugin \"mine\": the congestion control's table is incomplete: it has no on_ack"

# Shared objects that are cut short; what is not a file.
for ((size = 0; size < $(stat -c %s counter.so); size += 2500)); do
    head -c $size counter.so >short.so
    run "the first $size octets" 4 "$DRYWIRE" run --plugin ./short.so "$work/t.lua"
done
says 'short.so is cut short'
mkfifo pipe.so
run 'a pipe' 4 "$DRYWIRE" run --plugin ./pipe.so "$work/t.lua"
says 'pipe.so: it is not a file'
run 'a directory' 4 "$DRYWIRE" run --plugin . "$work/t.lua"
says 'it is not a file'

# An attach that goes wrong in its own way.
for change in 's/return DW_E_NOMEM; }$/return 77; }/|its attach returned 77' 's/return DW_E_NOMEM; }$/return DW_OK; }/|it made no instance'; do
    sed "${change%|*}" fail.c >odd.c && build odd.c odd.so
    run "${change#*|}" 4 "$DRYWIRE" run --plugin ./odd.so "$SOURCE/examples/plugin/counter.lua"
    says "plugin \"counter\" could not be attached to host \"server\": ${change#*|}"
done

# Where a plugin is looked for: a name of the command line in the present directory, one of a script
# beside the script, so that it is the same script from everywhere.
run 'a name alone' 0 "$DRYWIRE" run --plugin counter.so "$SOURCE/examples/plugin/counter.lua"
mkdir -p sub/deep && mv load.lua counter.so sub/
for directory in . sub sub/deep /; do
    run "from $directory" 0 env -C $directory "$DRYWIRE" run "$work/sub/load.lua"
    prints '3 packets counted and answered'
done
run 'check' 0 "$DRYWIRE" check sub/load.lua
prints '8 runs in changed surroundings, one trace'
run 'check with --plugin' 0 "$DRYWIRE" check --plugin sub/counter.so "$SOURCE/examples/plugin/counter.lua"
prints '8 runs in changed surroundings, one trace'
script 'dw.load "absent.so"'
run 'check of one that is not there' 4 "$DRYWIRE" check "$work/t.lua"
says "t.lua:2: dw.load: cannot load plugin: absent.so: No such file"
[ "$SANITIZE" = ON ] && preload=$(cc -print-file-name=libasan.so)
run 'in a stock interpreter' 0 env LUA_CPATH="$MODULE_DIR/?.so" LD_PRELOAD="${preload:-}" ASAN_OPTIONS=detect_leaks=0 "$LUA" sub/load.lua
prints '3 packets counted and answered'
finish
