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
says 'the plugin was built for ABI 99; this drywire has ABI 3'
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
says 'text.so is no shared object'
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

# What a plugin says that cannot be ends the run with a sentence, and what was traced is written, as a
# trace that can be loaded.
cp "$SOURCE/examples/plugin/counter.lua" faulty.lua
# faulty WHAT SENTENCE CODE: the example does this for each packet.
faulty() {
    sed "s|^    self->host->trace_variable.*|    const dw_host *h = self->host; (void)h; $3|" "$SOURCE/examples/plugin/counter.c" >faulty.c
    build faulty.c faulty.so || fail "$1: does not build"
    rm -f faulty.jsonl faulty.html
    run "$1" 4 "$DRYWIRE" run -q --plugin ./faulty.so --jsonl faulty.jsonl --html faulty.html --svg faulty.svg --pcap faulty.pcapng faulty.lua
    says "a plugin's fault at host \"server\" at 0.030000 s: $2"
    run "$1, loaded" 0 "$DRYWIRE" explain --all faulty.jsonl
    [ -s faulty.html ] || fail "$1: no page"
}
odd='static const dw_cause odd = {"a\\xff", NULL, "a text"};'
text='is no text of printable UTF-8'
faulty 'a cause' "the name of a cause $text" "$odd dw_packet *p = h->packet_new(self->node); h->packet_drop(self->node, p, \&odd);"
faulty 'a violation' "a violation without a cause or a text" 'h->violation(self->node, 0, NULL, "x");'
faulty 'a protocol' "the name of a protocol $text" 'h->conn_new(self->node, "\\n", flow);'
faulty 'a protocol that has events' "the name of a protocol $text" 'uint32_t c = h->conn_new(self->node, "\\n", flow); h->trace_state(self->node, c, "A", "B", NULL);'
faulty 'a packet that goes nowhere' 'a packet is handed up for ever' 'dw_packet *p = h->packet_new(self->node); dw_put32(dw_packet_push(p, HEADER), 1); h->deliver_up(self->node, p, flow);'
faulty 'a state' "the name of a state $text" 'uint32_t c = h->conn_new(self->node, "x", flow); h->trace_state(self->node, c, "A", "\xff", NULL);'
faulty 'no state' "the name of a state $text" 'uint32_t c = h->conn_new(self->node, "x", flow); h->trace_state(self->node, c, NULL, NULL, NULL);'
faulty 'a state of nothing' 'a state of no connection' 'h->trace_state(self->node, 0, "A", "B", NULL);'
faulty 'a connection' 'it names a connection that is not there' 'h->trace_state(self->node, 4000000, "A", "B", NULL);'
faulty 'a variable' "the name of a variable $text" 'h->trace_variable(self->node, 0, "\x1b[1m", 1);'
faulty 'a variable of what is not there' 'it names a connection that is not there' 'h->trace_variable(self->node, 7, "x", 1);'
faulty 'a timer' "the name of a timer $text" 'h->trace_timer(self->node, 0, DW_TRACE_TIMER_SET, "\xff", 1, NULL);'
faulty 'no timer' 'an event of a timer that is none' 'h->trace_timer(self->node, 0, (enum dw_trace_type)77, "x", 1, NULL);'
faulty 'a call' "the name of a call $text" 'h->trace_call(self->node, 0, "\xff", 0, "", NULL, 0);'
faulty 'a note' 'a note without a text' 'h->trace_note(self->node, 0, NULL, NULL);'
faulty 'a stream' 'a random stream without a purpose' 'h->random_stream(self->node, NULL);'
faulty 'a packet' 'a packet of more than 65535 octets' 'dw_packet *p = h->packet_new(self->node); dw_packet_append(p, (dw_slice){dw_buf_generated(1, UINT64_MAX), 0, 4000000000u}); h->send_down(self->node, p, flow);'

# A timer that is set to the past fires now; one at the other end of time is drawn.
sed 's|^    self->host->trace_variable.*|    self->host->trace_timer(self->node, 0, DW_TRACE_TIMER_SET, "t", INT64_MIN, NULL); static dw_timer t; t.node = self->node; t.fire = fire; self->host->timer_set(\&t, -5);|
    s|^static void detach|static void fire(void *arg) { (void)arg; }\n&|' "$SOURCE/examples/plugin/counter.c" >past.c && build past.c past.so
run 'a time that has passed' 0 "$DRYWIRE" run -q --plugin ./past.so --html past.html faulty.lua

# As much memory as cannot be.
sed 's|counter \*self = host->alloc(node, sizeof \*self);|counter *self = host->alloc(node, (size_t)-1 - 3);|' "$SOURCE/examples/plugin/counter.c" >huge.c && build huge.c huge.so
run 'memory that cannot be' 3 "$DRYWIRE" run -q --plugin ./huge.so faulty.lua
says 'out of memory'

# Congestion controls.
cat >cc.c <<'EOF'
#include <drywire/plugin.h>
struct mine { uint64_t acked; };
static void init(dw_congestion *cc) { cc->cwnd = cc->initial; }
static void on_ack(dw_congestion *cc, const dw_congestion_ack *ack)
{
    struct mine *m = cc->private_state;
    m->acked += ack->acked;
    cc->cwnd = cc->initial + m->acked;
}
static uint64_t ssthresh(dw_congestion *cc, uint64_t flight) { (void)flight; return 2 * cc->mss; }
static void on_timeout(dw_congestion *cc) { cc->cwnd = cc->mss; }
static const dw_congestion_ops ops = {.size = sizeof(dw_congestion_ops), .name = "mine", .init = init,
    .on_ack = on_ack, .ssthresh = ssthresh, .on_timeout = on_timeout, .state_size = sizeof(struct mine)};
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
run 'in a stock interpreter' 0 env LUA_CPATH="$MODULE_DIR/?.so" LD_PRELOAD="$(asan_library)" ASAN_OPTIONS=detect_leaks=0 "$LUA" sub/load.lua
prints '3 packets counted and answered'

# A protocol with states, flags and sequence numbers of its own: what pictures, queries and expectations
# ask of TCP they ask of it.
build "$SOURCE/examples/plugin/handshake.c" handshake.so || fail 'the second example does not build'
run 'a protocol with connections' 0 "$DRYWIRE" run -q --plugin handshake.so --ladder=ascii --width 100 --no-packets --jsonl h.jsonl --svg h.svg --html h.html \
    "$SOURCE/examples/plugin/handshake.lua"
sed '/^pass/d' out >ladder.txt
cat >wanted.txt <<'EOF'
                          client                                                 server
                     GONE |                                                           | AWAITING
   0.000000               |       .---------------------------- INVITE seq=0 -o       | AWAITING
   0.020000       CALLING |<------'                                                   |
   0.020000       CALLING |-- HELLO seq=0 ------------------------------------.       |
   0.040000               |                                                   '------>| ANSWERED
   0.040000               |       .------------------------ HELLO,HEARD seq=0 ack=1 --| ANSWERED
   0.060000       TALKING |<------'                                                   |
   0.060000       TALKING |-- HEARD,MORE seq=1 ack=1 len=22 ------------------.       |
   0.080000               |                                                   '------>| TALKING
   0.080000               |       .----------------------------- HEARD seq=1 ack=23 --| TALKING
   0.100000       TALKING |<------'                                                   |
   0.100000       TALKING |-- HEARD,MORE seq=23 ack=1 len=22 -----X lost              |
EOF
head -13 ladder.txt | diff - wanted.txt >diff.txt || fail "the ladder: $(cat diff.txt)"
grep -q 'GONE | (linger-over)' <(tail -3 ladder.txt) || fail "the ladder's end: $(tail -3 ladder.txt)"
for text in '>HELLO seq=0<' '>HELLO,HEARD seq=0 ack=1<' '>HEARD,BYE seq=67 ack=1<' '>lost<' '>repeat timer<' '>AWAITING<' '>LINGERING<' \
    'class="bar listen"' 'class="bar opening"' 'class="bar open"' 'class="bar closing"' 'class="bar time-wait"' 'class="syn"' 'class="fin"' 'class="data lost"'; do
    grep -qF -- "$text" h.svg || fail "the picture lacks $text"
done
grep -qF '"handshake":{"GONE":"closed","AWAITING":"listen","CALLING":"opening","ANSWERED":"opening","TALKING":"open"' h.html ||
    fail 'the page does not know the states'
# A saved trace is read with the built-in protocols, or those that are given.
run 'a saved trace' 0 "$DRYWIRE" ladder --plugin handshake.so --style ascii --width 100 --no-packets h.jsonl
diff out ladder.txt >diff.txt || fail "a saved trace gives another ladder: $(head -3 diff.txt)"
run 'its picture' 0 "$DRYWIRE" ladder --plugin handshake.so --no-packets --svg again.svg h.jsonl
diff <(grep -v 'class="title' again.svg) <(grep -v 'class="title' h.svg) >diff.txt || fail "a saved trace gives another picture: $(head -3 diff.txt)"
run 'in figures' 0 "$DRYWIRE" ladder --plugin handshake.so --style rfc h.jsonl
prints '<CTL=HELLO,HEARD>'
prints '(1 s)'
run 'explained' 0 "$DRYWIRE" explain --plugin handshake.so h.jsonl
prints 'sends handshake #2 (HELLO seq='
run 'without the plugin' 0 "$DRYWIRE" explain h.jsonl
prints 'sends packet #2 (datagram'
run 'a plugin that is not there' 4 "$DRYWIRE" ladder --plugin absent.so h.jsonl
says 'absent.so: No such file'
script 'local sim, a, b, link = dw.pair {} link:drop { flags = "HELO" }'
run 'a flag of no protocol' 2 "$DRYWIRE" run --plugin handshake.so t.lua
says 'unknown flag "HELO"'
script 'local sim, a, b, link = dw.pair { delay = "20ms" }
link:inject { protocol = "handshake", from = b, to = a, port = 7, to_port = 4000, flags = "INVITE" }
local of_tcp = link:rewrite { set = { flags = "RST" } }
local rule = link:rewrite { from = a, flags = "HELLO", count = 1, set = { flags = "HELLO,MORE", seq = 7 } }
sim:run("1s")
assert(of_tcp.hits == 0 and rule.hits == 1)
local sent = sim.trace:packets({ flags = "HELLO", from = b })[1]
assert(sent.ack == 8, sent.ack)'
run 'a rewrite of its own' 0 "$DRYWIRE" run -q --plugin handshake.so t.lua
finish
