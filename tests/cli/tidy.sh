#!/bin/bash
# Habits that a tool can check: layout, arrows between folders, banned calls, names of symbols.
. "$(dirname "$0")/../support/lib.sh"
cd "$SOURCE" || exit 1
sources=$(find core proto lua -name '*.[ch]')
model=$(find core proto -name '*.c') # what a simulation is made of

# Layout.  Versions of clang-format differ in details, so only one is asked: 14, Debian 12's.
if ! clang-format --version | grep -q 'version 14\.'; then
    echo "the layout is not checked: $(clang-format --version 2>&1), and it is that of version 14"
else
    clang-format --dry-run $sources $(find tests examples/plugin examples/stacks -name '*.[ch]') 2>"$work/err"
    [ -s "$work/err" ] && fail "clang-format: $(grep -c 'warning:' "$work/err") places, the first $(head -1 "$work/err")"
fi

# Arrows: proto sees plugin.h only, but for foreign stacks, which stand in the place of a node's protocols; core names no protocol; uv.h stands in one file.
grep -rnE '#include' proto --exclude-dir=stack |
    grep -vE '"(\.\./)*(builtin|bbr|bbr3|ip_common|hystart|icmp/icmp|icmp|tcp|tcp_[a-z_]+)\.h"|drywire/(plugin|base)\.h|<(stdlib|stdio|string|stddef|stdint)\.h>' >"$work/out"
[ -s "$work/out" ] && fail "proto/ includes more than plugin.h: $(cat "$work/out")"
grep -rnE '"[^"]*\b(tcp|udp|SYN|FIN|RST|PSH|LISTEN|ESTABLISHED|TIME-WAIT|CLOSED)\b' core --include='*.[ch]' |
    grep -vE '/\*|^[^:]*:[0-9]*: \*|wireshark|for example' >"$work/out"
[ -s "$work/out" ] && fail "core/ names a protocol, its states or its flags: $(head -3 "$work/out")"
[ "$(grep -rl dw_builtin_plugins core)" = core/packet/protocols.c ] || fail 'core/ reaches the built-in protocols in several places'
[ "$(grep -l 'uv\.h' $sources | tr '\n' ' ')" = 'lua/command/process.c ' ] || fail 'uv.h is included elsewhere'

# Nothing may see a real clock, the C library's random numbers, or format a float.
grep -nE '\b(rand|srand|random|time|gettimeofday|clock_gettime|clock|strtod|atof)\(' $model |
    grep -vE '[>.](random|time)\(|dw_|static|/\*|\*' >"$work/out"
[ -s "$work/out" ] && fail "banned calls: $(head -3 "$work/out")"
grep -nE '%[0-9.]*[gef]' $model | grep -v 'fail_msg' >"$work/out"
[ -s "$work/out" ] && fail "a float is formatted: $(head -3 "$work/out")"

# A constant of an enum that does not fit int makes all others unsigned, for some compilers and not for
# others.  -Wpedantic reports it, but not every compiler does where the value is the C library's macro.
perl -0777 -ne 'print "$ARGV: $1\n" while
    /\benum\b[^{};()]*\{[^}]*?(\w+\s*=[^,}]*\b(U\w+|SIZE|PTRDIFF|L?LONG|INT\w*(64|MAX|PTR))_(MAX|MIN))\b/g' \
    $sources $(find tests examples/plugin examples/stacks -name '*.[ch]') >"$work/out"
[ -s "$work/out" ] && fail "an enum has a constant that is no int: $(head -3 "$work/out")"

# Every switch and every defect of TCP is used by a test.
"$DRYWIRE" profiles show rfc9293 | awk '/^  [a-z_0-9]+ /{print $1}' >"$work/switches"
"$DRYWIRE" defects | awk '/^  [a-z0-9.-]+ /{print $1}' >>"$work/switches"
[ "$(wc -l <"$work/switches")" -gt 90 ] || fail 'the switches were not listed'
while read -r switch; do
    grep -rqF "$switch" tests/scenario tests/comparison examples || echo "$switch"
done <"$work/switches" >"$work/out"
[ -s "$work/out" ] && fail "no test uses $(tr '\n' ' ' <"$work/out")"

# Symbols that others can link to.
nm -D --defined-only "$LIBRARY" | awk '{print $3}' | grep -vE '^(dw_|_init|_fini|_edata|_end|__bss_start|__asan|__ubsan|__odr)' >"$work/out"
[ -s "$work/out" ] && fail "exported symbols without dw_: $(head -3 "$work/out")"

# The module brings no second interpreter; nothing global is writable in core and proto.
[ -f "$MODULE_DIR/drywire.so" ] && readelf -d "$MODULE_DIR/drywire.so" | grep -q 'liblua' &&
    fail 'drywire.so needs liblua: a stock lua5.4 would load a second one'
grep -nE '^static [a-z_]+ [a-z_]+( = .*)?;$' $model | grep -v const >"$work/out"
[ -s "$work/out" ] && fail "a global variable: $(cat "$work/out")"
finish
