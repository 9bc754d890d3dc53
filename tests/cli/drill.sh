#!/bin/bash
# drywire drill, as its users see it: reports, outputs, and one clear sentence for each wrong script.
. "$(dirname "$0")/../support/lib.sh"

# wrong CODE SENTENCE SCRIPT: the script ends with this code and this sentence.
wrong() {
    printf -- "$3" >"$work/t.pkt"
    run "$2" "$1" "$DRYWIRE" drill "$work/t.pkt"
    prints "$2"
}
socket='0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n'
listener="$socket+0 bind(3, ..., ...) = 0\n+0 listen(3, 1) = 0\n"

# The text: file, line and column, and what was expected there.
wrong 2 't.pkt:2:1: expected a value, but the text ends' '0 socket(..., SOCK_STREAM, IPPROTO_TCP) = \n'
wrong 2 't.pkt:2:1: expected ")", but the text ends' '0 socket(..., SOCK_STREAM, IPPROTO_TCP = 3\n'
wrong 2 't.pkt:1:1: expected a time in seconds, not "hello"' 'hello\n'
wrong 2 't.pkt:1:3: expected a system call, a packet (< or >), a command or code, not "$"' '0 $(1) close(3) = 0\n'
wrong 2 't.pkt:1:1: a time cannot be negative' '-5 close(3) = 0\n'
wrong 2 't.pkt:1:1: a time of more than 30 years' '10000000000 close(3) = 0\n'
wrong 2 't.pkt:1:5: expected TCP flags (of F S R P . U E W A, or -), udp or icmp, not "Q"' '0 < Q 0:0(0) win 655\n'
wrong 2 't.pkt:1:7: 0 + 0 is 0, not 10' '0 < S 0:10(0) win 655\n'
wrong 2 't.pkt:1:18: a window must be from 0 to 65535' '0 < S 0:0(0) win 70000\n'
wrong 2 't.pkt:1:23: expected a TCP option: mss' '0 < S 0:0(0) win 655 <msss 1460>\n'
wrong 2 't.pkt:1:4: this command has no end' '+0 `sysctl -w net.ipv4.tcp_sack=0\n'
wrong 2 't.pkt:1:4: this block of code has no end: }% is missing' '+0 %%{ assert tcpi_state == 1\n'
wrong 2 't.pkt:1:1: this #ifdef has no #endif' '#ifdef X\n+0 `true`\n'
wrong 2 't.pkt:1:1: there is no event in this script' ''
wrong 2 't.pkt:1:3: this is no text: it has a NUL character' '0 \0'
wrong 2 'brackets are nested too deeply' "0 socket($(printf '%.0s[' {1..5000})) = 3\n"
wrong 2 't.pkt:4: this waits for ever: time ends after 30 days' "${listener}0...9999999 accept(3, ..., ...) = 4\n"
yes '0 close(3) = -1 EBADF (Bad file descriptor)' | head -c 5000000 >"$work/huge.pkt"
run 'a huge script' 2 "$DRYWIRE" drill "$work/huge.pkt"
prints 'huge.pkt: a script of more than 4 MiB'
head -c 20000 /dev/urandom >"$work/noise.pkt"
run 'noise' 2 "$DRYWIRE" drill "$work/noise.pkt"

# What is not there is said, and is never a pass.
wrong 1 't.pkt:1: not supported: the command shutdown' '+0 `shutdown now`\n'
wrong 1 't.pkt:1: not supported: rm of a file that the script has not made: /nowhere' '+0 `rm -rf /nowhere`\n'
wrong 1 't.pkt:1: not supported: the counter TcpExtTCPHystartTrainDetect' '+0 `nstat | grep TcpExtTCPHystartTrainDetect`\n'
wrong 1 ': not supported: packets in gre' '+0 > gre: S 0:0(0)\n'
wrong 1 't.pkt:1: not supported: the command ./other.sh' '+0 `./other.sh`\n'
wrong 1 't.pkt:1: the command fails: nstat | grep TcpOutRsts' '+0 `nstat | grep TcpOutRsts`\n'
wrong 1 'not supported: the option --wire_server' '--wire_server\n+0 `true`\n'
wrong 2 '--local_ip: ::1 is no address of IPv4' '--local_ip=::1\n+0 `true`\n'
wrong 2 '--non_fatal takes packet and syscall, not pakcet' '--non_fatal=syscall,pakcet\n+0 `true`\n'
wrong 1 'not supported: the sysctl net.ipv4.tcp_sakc; did you mean net.ipv4.tcp_sack?' '+0 `sysctl -w net.ipv4.tcp_sakc=0`\n'
wrong 1 'not supported: the system call listne; did you mean listen?' '+0 listne(3, 1) = 0\n'
wrong 1 'not supported: the constant SOCK_STRAM; did you mean SOCK_STREAM?' '+0 socket(..., SOCK_STRAM, IPPROTO_TCP) = 3\n'
wrong 1 'not supported: the error EAGIAN' '0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3 EAGIAN (?)\n'
wrong 1 'not supported: the option --mtuu; did you mean --mtu?' '--mtuu=3\n+0 `true`\n'
wrong 1 'not supported in %{ }%: the name tcpi_stat' "$socket"'+0 %%{ assert tcpi_stat == 1 }%%\n'

# What differs is said.
wrong 1 't.pkt:1: read returned -1 EBADF; expected 0' '0 read(9, ..., 10) = 0\n'
wrong 1 't.pkt:4: the call accept does not return' "${listener}0...5 accept(3, ..., ...) = 4\n"
wrong 1 't.pkt:4: the call accept would block (its socket is in LISTEN); give it the time' "${listener}0 accept(3, ..., ...) = 4\n"
open="$listener+0 < S 0:0(0) win 9000\n+0 > S. 0:0(0) ack 1 <...>\n+.1 < . 1:1(0) ack 1 win 9000\n+0 accept(3, ..., ...) = 4\n"
wrong 1 't.pkt:8: the call read would block (its socket is in ESTABLISHED)' "${open}+0 read(4, ..., 9) = 0\n"

# What code prints stands in the report; and is printed once, also where the script fails.
wrong 1 '# cwnd 10 of 1a 3' "${open}+0 %%{ x = 3; print(\"cwnd %%d of %%x\" %% (tcpi_snd_cwnd, 26) , x) }%%\n+0 close(9) = 0\n"
[ "$(grep -c '# cwnd' "$work/out")" = 1 ] || fail 'printed twice'

# Segments that a device might have cut are one; what was sent at two times is not.
wrong 0 'ok 1' "${open}+0 write(4, ..., 1072) = 1072\n+0 > P. 1:1073(1072) ack 1\n"
wrong 1 'octets of data: expected 80, not 40' "${open}+0 send(4, ..., 40, MSG_EOR) = 40\n+.002 setsockopt(4, SOL_TCP, TCP_NODELAY, [1], 4) = 0\n+0 write(4, ..., 40) = 40\n+0 > P. 1:81(80) ack 1\n"
wrong 1 'no packet came' "${listener}+0 < S 0:0(0) win 100\n+0 > S. 0:0(0) ack 1 <...>\n+.1 > . 1:1(0) ack 1\n"

# packetdrill's own options on the command line, over the script's, with one dash or two.
printf -- "--local_ip=192.168.9.9\n--mtu=1000\n${listener}+0 < S 0:0(0) win 100\n+0 > S. 0:0(0) ack 1 <mss 1160>\n" >"$work/t.pkt"
run 'no option' 1 "$DRYWIRE" drill "$work/t.pkt"
run 'an MTU' 0 "$DRYWIRE" drill --mtu=1200 "$work/t.pkt"
run 'as a runner calls it' 0 "$DRYWIRE" drill --ip_version=ipv4 -local_ip=192.168.5.1 --remote_ip 192.0.2.7 -mtu 1200 \
    --netmask_ip=255.255.0.0 --gateway_ip=192.168.5.2 --tolerance_usecs=9000 -D A=1 --define=B=2 --non_fatal=packet -v "$work/t.pkt"
run 'a packet that may differ' 0 "$DRYWIRE" drill --non_fatal=packet "$work/t.pkt"
run 'parsed only' 0 "$DRYWIRE" drill --dry_run "$work/t.pkt"
printf 'sysctl -q net.ipv4.tcp_sack=0\nip link set tun0 mtu 1200\n' >"$work/init.sh"
run 'a file of commands' 0 "$DRYWIRE" drill --init_scripts=init.sh "$work/t.pkt"
run 'no such file' 1 "$DRYWIRE" drill --init_scripts=init.sh,none.sh "$work/t.pkt"
prints 'not supported: the file of commands none.sh'
run 'a server elsewhere' 1 "$DRYWIRE" drill --wire_client --wire_server_ip=192.0.2.9 "$work/t.pkt"
prints 'not supported: the option --wire_client'
run 'a value is missing' 2 "$DRYWIRE" drill "$work/t.pkt" --mtu
says '--mtu needs a value'
run 'no such option' 2 "$DRYWIRE" drill --local-ip=1.1.1.1 "$work/t.pkt"
says 'unknown option --local-ip'

# The cookies that suites name match the addresses in use.
printf -- "\`sysctl -q net.ipv4.tcp_fastopen=0x403 net.ipv4.tcp_fastopen_key=a1a1a1a1-b2b2b2b2-c3c3c3c3-d4d4d4d4\`
$listener+0 < S 0:0(0) win 100 <mss 1000,FO,nop,nop>\n+0 > S. 0:0(0) ack 1 <mss 1460,FO TFO_COOKIE,nop,nop>\n" >"$work/t.pkt"
for version in ipv4 ipv6 ipv4-mapped-ipv6; do
    run "the cookie of $version" 0 "$DRYWIRE" drill --mtu=$([ $version = ipv6 ] && echo 1520 || echo 1500) --ip_version=$version "$work/t.pkt"
done
run 'the cookie of other addresses' 0 "$DRYWIRE" drill --remote_ip=192.0.2.99 --local_ip=10.1.1.1 "$work/t.pkt"

# A packet that differs: the line, both packets, and the ladder with the difference marked.
printf -- "$listener+0 < S 0:0(0) win 1000 <mss 1000>\n+0 > S. 0:0(0) ack 2 <...>\n" >"$work/t.pkt"
run 'a difference' 1 "$DRYWIRE" drill --profile rfc9293 --color never "$work/t.pkt"
for text in "t.pkt:5: acknowledgment" 'script  +0 > S. 0:0(0) ack 2 <...>' 'came    S. 0:0(0) ack 1' \
    'SYN-RECEIVED' '◀ here' "replay: drywire drill --profile rfc9293 $work/t.pkt"; do
    prints "$text"
done

# Fields that are left out of the comparison, one by one; the rest is still compared.
left_out() { # CODE FIELDS EXPECTED: with these fields left out, this SYN,ACK is what comes, or not
    printf -- "$listener+0 < S 0:0(0) win 1000 <mss 1000,sackOK,TS val 7 ecr 0,nop,wscale 7>\n+0 > S. 0:0(0) ack 1 $3\n" >"$work/t.pkt"
    run "--ignore $2" "$1" "$DRYWIRE" drill ${2:+--ignore "$2"} --profile linux "$work/t.pkt"
}
left_out 0 '' '<...>'
"$DRYWIRE" drill -q --profile linux --record "$work/synack.pkt" "$work/t.pkt" >/dev/null
synack=$(sed -n 's/.*> S\. 0:0(0) ack 1 //p' "$work/synack.pkt")
left_out 0 '' "$synack"
for change in 'window s/win [0-9]*/win 9/' 'mss s/mss [0-9]*/mss 9/' 'wscale s/wscale [0-9]*/wscale 9/' 'options s/sackOK/nop,nop/'; do
    field=${change%% *} other=$(sed "${change#* }" <<<"$synack")
    left_out 1 '' "$other"
    left_out 0 "$field" "$other"
    left_out 0 "time,$field" "$other"
done
left_out 1 mss,wscale "$(sed 's/win [0-9]*/win 9/' <<<"$synack")"
left_out 2 window,wscal "$synack"
says '--ignore: no field is called "wscal"; did you mean "wscale"?'
data="$listener+0 < S 0:0(0) win 9000\n+0 > S. 0:0(0) ack 1 <...>\n+.1 < . 1:1(0) ack 1 win 9000\n+0 accept(3, ..., ...) = 4\n+0 write(4, ..., 9) = 9\n"
printf -- "$data+.1 > . 1:10(9) ack 1\n" >"$work/t.pkt"
run 'neither PSH nor the time fit' 1 "$DRYWIRE" drill "$work/t.pkt"
run 'PSH is left out' 1 "$DRYWIRE" drill --ignore push "$work/t.pkt"
prints 'timing: expected this packet at 0.200000 s, but it happened at 0.100000 s'
run 'PSH and time are' 0 "$DRYWIRE" drill --ignore push,time "$work/t.pkt"
run 'a tolerance of its own' 0 "$DRYWIRE" drill --ignore push --tolerance 100ms "$work/t.pkt"
run 'a wrong tolerance' 2 "$DRYWIRE" drill --tolerance soon "$work/t.pkt"
says '--tolerance: '

# What comes is written in place of what was expected; then it is what is expected.
run 'recorded' 0 "$DRYWIRE" drill --profile linux --record "$work/recorded.pkt" "$work/t.pkt"
grep -qF '0.100000 > P. 1:10(9) ack 1 win' "$work/recorded.pkt" || fail 'recorded: not what came'
run 'as recorded' 0 "$DRYWIRE" drill --profile linux --strict "$work/recorded.pkt"
run 'a record of many' 2 "$DRYWIRE" drill --record "$work/x.pkt" tests/drill
says '--record is for one script'
run 'a record nowhere' 2 "$DRYWIRE" drill --record /nowhere/x.pkt "$work/t.pkt"
says '--record: cannot write /nowhere/x.pkt: No such file or directory'
echo 'as it was' >"$work/kept.pkt"
printf 'nonsense\n' >"$work/wrong.pkt"
run 'a record of nothing' 2 "$DRYWIRE" drill --record "$work/kept.pkt" "$work/wrong.pkt"
run 'a record that cannot be written' 2 "$DRYWIRE" drill --record /dev/full "$work/t.pkt"
says '--record: cannot write /dev/full: No space left on device'
{ cat "$work/t.pkt"; for _ in $(seq 200); do echo '+0 %{ assert True }%'; done; } >"$work/long.pkt"
run 'a record past the limit on file sizes' 2 bash -c 'ulimit -f 1; exec "$@"' - \
    "$DRYWIRE" drill -q --record "$work/kept.pkt" "$work/long.pkt"
says 'File too large'
[ "$(cat "$work/kept.pkt")" = 'as it was' ] || fail 'a record that fails is written over what was there'

# A directory that cannot be read is no empty one.
mkdir -p "$work/open/closed"
cp "$work/t.pkt" "$work/open"
chmod 755 "$work"
chmod 0 "$work/open/closed"
nobody=()
[ "$(id -u)" = 0 ] && nobody=(setpriv --reuid 65534 --clear-groups)
if "${nobody[@]}" "$DRYWIRE" --version >/dev/null 2>&1; then
    run 'a directory that cannot be read' 2 "${nobody[@]}" "$DRYWIRE" drill "$work/open"
    says "$work/open/closed: Permission denied"
fi

# From Lua.
cd "$work" || exit 1
printf '0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n#ifdef TWICE\n+1 close(3) = 0\n#endif\n+1 close(3) = 0\n' >close.pkt
script 'dw.test("as it is", function() local r = dw.drill "close.pkt"; assert(r.profile == "linux" and r.time == 1 and r.packets == 0) end)
dw.test("as FreeBSD", function() assert(dw.drill("close.pkt", { profile = "freebsd", ip_version = "ipv6", strict = true }).profile == "freebsd") end)'
run 'dw.drill' 0 "$DRYWIRE" test t.lua
prints '2 passed, 0 failed'
script 'dw.drill("close.pkt", { defines = { "TWICE" } })'
run 'a failing script' 1 "$DRYWIRE" run t.lua
says 't.lua:2: drill: close.pkt:5: close returned -1 EBADF; expected 0'
script 'dw.drill("nope.pkt")'
run 'no such script' 2 "$DRYWIRE" run t.lua
says 't.lua:2: drill: nope.pkt: No such file or directory'
script 'dw.drill("close.pkt", { profil = "linux" })'
run 'a wrong option in Lua' 2 "$DRYWIRE" run t.lua
says 'unknown option "profil" for drill; did you mean "profile"?'
script 'dw.drill("close.pkt", { profile = "linus" })'
run 'a wrong profile in Lua' 2 "$DRYWIRE" run t.lua
says 't.lua:2: drill: tcp.profile: there is no profile "linus"; did you mean "linux"?'
script 'dw.drill("close.pkt", { ip_version = "ipv5" })'
run 'a wrong version in Lua' 2 "$DRYWIRE" run t.lua
says 'drill.ip_version: ipv4, ipv6 or ipv4-mapped-ipv6, not "ipv5"'
cd "$SOURCE" || exit 1

# The command line.
run 'no script' 2 "$DRYWIRE" drill
says 'which scripts? drywire drill DIRECTORY|FILE.pkt'
run 'no such file' 2 "$DRYWIRE" drill "$work/nope.pkt"
says 'nope.pkt: No such file or directory'
mkdir "$work/empty"
run 'an empty directory' 2 "$DRYWIRE" drill "$work/empty"
says "no *.pkt in $work/empty"
run 'a wrong profile' 2 "$DRYWIRE" drill --profile linus "$work/t.pkt"
says 'there is no profile "linus"; did you mean "linux"?'
run 'a wrong option' 2 "$DRYWIRE" drill --pcapp x "$work/t.pkt"
says 'unknown option --pcapp; did you mean --pcap?'
run 'a capture of many' 2 "$DRYWIRE" drill --pcap "$work/x.pcapng" tests/drill
says '--pcap, --jsonl and --html are for one script'
run 'a wrong IP version' 2 "$DRYWIRE" drill --ip-version ipv5 "$work/t.pkt"

# All of ours, three times, with identical output; the table by directory.
for i in 1 2 3; do
    run 'all scripts' 0 "$DRYWIRE" drill tests/drill
    sed 's/ # time=.*//' "$work/out" >"$work/all$i"
done
cmp -s "$work/all1" "$work/all2" && cmp -s "$work/all2" "$work/all3" || fail 'three runs differ'
prints '# directory            passed failed not supported  wrong  total'
scripts=$(find tests/drill -name '*.pkt' | wc -l)
prints "$scripts passed, 0 failed"
[ "$scripts" -ge 100 ] || fail "only $scripts scripts"

# Files: JUnit, a capture, a trace, a ladder; another version of IP; a name that #ifdef knows.
run 'outputs' 0 "$DRYWIRE" drill --junit "$work/j.xml" --pcap "$work/x.pcapng" --jsonl "$work/x.jsonl" \
    --ladder=ascii tests/drill/calls/accept-blocking.pkt
prints 'ESTABLISHED'
grep -q '<testcase classname="tests/drill/calls/accept-blocking.pkt"' "$work/j.xml" || fail 'no JUnit report'
head -c 4 "$work/x.pcapng" | od -An -tx1 | grep -q '0a 0d 0d 0a' || fail 'no capture'
"$DRYWIRE" trace "$work/x.jsonl" | grep -q SYN-RECEIVED || fail 'no trace'
run 'IPv6' 0 "$DRYWIRE" drill --ip-version ipv6 tests/drill/calls/accept-blocking.pkt
printf '#ifdef LOUD\n0 close(3) = 0\n#else\n0 close(3) = -1 EBADF (?)\n#endif\n' >"$work/t.pkt"
run 'without the name' 0 "$DRYWIRE" drill "$work/t.pkt"
run 'with the name' 1 "$DRYWIRE" drill -D LOUD "$work/t.pkt"
run 'quiet' 0 "$DRYWIRE" drill -q tests/drill/calls/accept-blocking.pkt

# With many packets under way the ladder marks the one that was wrong.
{
    printf '// drywire: profile=linux initial_window=400 pacing=false send_buffer=1MiB\n'
    printf '0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 bind(3, ..., ...) = 0\n+0 listen(3, 1) = 0\n'
    printf '+0 < S 0:0(0) win 65535 <mss 100,nop,wscale 7>\n+0 > S. 0:0(0) ack 1 <...>\n'
    printf '+.1 < . 1:1(0) ack 1 win 60000\n+0 accept(3, ..., ...) = 4\n+0 write(4, ..., 40000) = 40000\n'
    for ((i = 0; i < 100; i++)); do printf '+0 > . %d:%d(100) ack 1\n' $((1 + i * 100)) $((101 + i * 100)); done
    printf '+0 > . 10001:10100(99) ack 1\n'
} >"$work/t.pkt"
run 'many packets under way' 1 "$DRYWIRE" drill --ignore push "$work/t.pkt"
grep '◀ here' "$work/out" | head -1 | grep -qF 'seq=10001' || fail 'another packet is marked'

# Numbers of %{ }% wrap, as those of a host do.
printf '0 `true`\n+0 %%{ x = 9223372036854775807; x += 1; assert x < 0 }%%\n' >"$work/t.pkt"
run 'a sum that wraps' 0 "$DRYWIRE" drill "$work/t.pkt"
finish
