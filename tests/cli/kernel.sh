#!/bin/bash
# drywire drill --live: scripts on this machine's kernel, in a namespace of their own.  Skipped where
# that is not possible.
. "$(dirname "$0")/../support/lib.sh"
printf '0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n' >"$work/probe.pkt"
"$DRYWIRE" drill --live "$work/probe.pkt" >"$work/out" 2>"$work/err" || {
    echo "skipped: $(cat "$work/err")"
    exit 77
}

# What does not go together is said before anything runs.
run 'a profile' 2 "$DRYWIRE" drill --live --profile linux "$work/probe.pkt"
says "--profile is for drywire's TCP; --live runs this kernel's"
run 'a capture' 2 "$DRYWIRE" drill --live --pcap "$work/x.pcapng" "$work/probe.pkt"
says 'are for simulated hosts, not for --live'

# Without rights, without the device, without IPv6, for another system: one sentence.
run 'without rights' 2 setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin "$DRYWIRE" drill --live "$work/probe.pkt"
says '--live: this needs root (CAP_SYS_ADMIN), for a network namespace'
[ "$(wc -l <"$work/err")" = 1 ] || fail "$name: more than one sentence"
prints '1..0'
# "/" is no mount in a chroot, /dev is one there.
run 'without TUN' 2 unshare -m --propagation unchanged sh -c '{ mount --make-rprivate / || mount --make-rprivate /dev; } 2>/dev/null &&
    mount -t tmpfs none /dev/net && exec "$0" "$@"' "$DRYWIRE" drill --live "$work/probe.pkt"
says '--live: this needs /dev/net/tun: No such file or directory'
printf -- '--ip_version=ipv6\n--mtu=1000\n0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n' >"$work/t.pkt"
run 'without IPv6, which needs an MTU of 1280' 2 "$DRYWIRE" drill --live "$work/t.pkt"
prints 'the script needs IPv6, and this kernel gives it none'
printf '+0 `sysctl -w net.inet.tcp.rfc1323=0`\n' >"$work/t.pkt"
run 'for FreeBSD' 2 "$DRYWIRE" drill --live "$work/t.pkt"
prints 't.pkt is for FreeBSD, and this kernel is Linux'

# What would change the whole machine, and what it does not have, is not supported.
for text in 'sysctl -w sys.module.tcp_cubic.parameters.hystart=0' 'sysctl -w vm.swappiness=60' 'sysctl -w net.ipv4.tcp_sakc=0' \
    'rm -rf /nowhere' 'nstat' 'tcpdrop -s TIME_WAIT' 'ip link | grep tun'; do
    printf '+0 `%s`\n' "$text" >"$work/t.pkt"
    run "$text" 1 "$DRYWIRE" drill --live "$work/t.pkt"
    prints 't.pkt:1: not supported: '
done

# Programs run as root: those that set up the namespace, from the system's folders, and nothing else.
have_ip=$(command -v ip)
mkdir "$work/bin"
printf '#!/bin/sh\ntouch "%s/ran"\n' "$work" >"$work/bin/ip"
chmod +x "$work/bin/ip"
export PATH="$work/bin:$PATH"
for text in "$work/bin/ip link" 'ip netns add drywire-test' 'ip netns exec drywire-test touch x' 'ip -batch x' 'ip -b x' 'ip vrf exec x' \
    'ip monitor' 'ip -n x link' 'ip link set tun0 netns 1' 'ip link add x type dummy' 'ip link set lo xdp obj x' 'ip route save' \
    'ip route add 10.0.0.0/8 encap bpf in obj x dev tun0' 'tc -b x' 'tc exec bpf' 'tc qdisc add dev tun0 root ../../x' \
    'tc filter add dev tun0 bpf obj x' 'ethtool -f lo x' 'ethtool' 'ip' 'ip link show > /tmp/x'; do
    printf '+0 `%s`\n' "$text" >"$work/t.pkt"
    run "$text" 1 "$DRYWIRE" drill --live "$work/t.pkt"
    prints 't.pkt:1: not supported: '
done
if [ -n "$have_ip" ]; then
    printf '+0 `ip link show lo`\n+0 `ip link set dev tun0 mtu 1300`\n+0 `ip -4 addr add 10.9.0.1/24 dev tun0`\n' >"$work/t.pkt"
    run 'commands' 0 "$DRYWIRE" drill --live "$work/t.pkt"
    says 'lo: <LOOPBACK'
    [ "$(sed 's/ # time=.*//' "$work/out")" = "$(printf 'TAP version 13\nok 1 - %s\n1..1\n# 1 script: 1 passed, 0 failed' "$work/t.pkt")" ] ||
        fail 'what a command prints is in the report'
fi
[ -e "$work/ran" ] && fail 'a program that is not the system'"'"'s ran'

# Ended by a signal: what was done is told, what was cut off is an error, and the process in whose namespace
# the device was is gone.
printf '0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+30 close(3) = 0\n' >"$work/t.pkt"
for signal in 'INT 130' 'TERM 143' 'HUP 129'; do
    name=${signal% *}
    timeout --preserve-status -s "$name" 1 "$DRYWIRE" drill --live -v --junit "$work/ended.xml" "$work/probe.pkt" "$work/t.pkt" \
        >"$work/out" 2>"$work/err"
    code=$?
    [ "$code" = "${signal#* }" ] || fail "ended by $name: exit code $code"
    prints 'ok 1 -'
    prints 'not ok 2 -'
    prints '1..2'
    prints '1 passed, 1 failed'
    [ "$(xmllint --xpath 'count(//testcase)' "$work/ended.xml")" = 2 ] || fail "ended by $name: the JUnit report is not whole"
    rm -f "$work/ended.xml"
    sleep 0.1
    pgrep -f "drill --live -v --junit $work" >/dev/null && fail "ended by $name: a process is left behind"
done
[ -e /sys/class/net/tun0 ] && fail 'a device is left behind'

# Few descriptors are no fault of the kernel's TCP.
for i in $(seq 3 60); do printf '+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = %d\n' "$i"; done >"$work/t.pkt"
for n in 16 40; do
    run "with $n descriptors" 2 bash -c "ulimit -n $n; exec \"\$@\"" - "$DRYWIRE" drill --live "$work/t.pkt"
    says 'drywire drill: --live: too many open files'
    prints '1..0'
done

# Differences are shown side by side; a call that blocks goes on beside the script.
printf '0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 bind(3, ..., ...) = 0
+0 listen(3, 1) = 0
+0...0.1 accept(3, ..., ...) = 4
+0 < S 0:0(0) win 32000 <mss 1000>
+0 > S. 0:0(0) ack 1 <mss 1460>
+.1 < . 1:1(0) ack 1 win 32000
+0 %%{ assert tcpi_state == TCP_ESTABLISHED and tcpi_snd_mss == 1000 and tcpi_snd_wnd == 32000 }%%
+0 write(4, ..., 10) = 10
+0 > P. 1:11(10) ack 2
' >"$work/t.pkt"
run 'a difference' 1 "$DRYWIRE" drill --live --tolerance 50ms "$work/t.pkt"
for text in 't.pkt:10: acknowledgment number: expected 2, not 1' 'the script' '│ the kernel' '+0 > P. 1:11(10) ack 2' '│ P. 1:11(10) ack 1' \
    "replay: drywire drill --live --tolerance 50ms $work/t.pkt"; do
    prints "$text"
done
sed -i 's/ack 2/ack 1/' "$work/t.pkt"
run 'none' 0 "$DRYWIRE" drill --live --tolerance 50ms --verbose "$work/t.pkt"
prints '│ P. 1:11(10) ack 1'

# Fields that are left out, and a script recorded from the kernel.
run 'window and options' 0 "$DRYWIRE" drill --live --tolerance 50ms --record "$work/kernel.pkt" "$work/t.pkt"
sed -i 's/<mss 1460>/win 1 <mss 9>/' "$work/t.pkt"
run 'a difference' 1 "$DRYWIRE" drill --live --tolerance 50ms "$work/t.pkt"
run 'left out' 0 "$DRYWIRE" drill --live --tolerance 50ms --ignore window,mss "$work/t.pkt"
grep -q '> P. 1:11(10) ack 1 win' "$work/kernel.pkt" || fail 'nothing is recorded'
run 'a record that cannot be written' 2 "$DRYWIRE" drill --live --record /dev/full "$work/probe.pkt"
says '--record: cannot write /dev/full: No space left on device'

# Ten parts of examples, figures and scenarios do on the kernel what profile linux does, but for what
# known.tsv has.  The rest is by hand: tests/kernel/run.sh.
cd "$SOURCE" || exit 1
run 'against the profile' 0 tests/kernel/run.sh -j 20 --ignore window,wscale,time \
    examples/{01-handshake,08-simultaneous-open,09-simultaneous-close,10-closed-port}.lua \
    examples/figures/{rfc9293-05,rfc9293-11,rfc9293-13,rfc5961-3,stevens-18-abort}.lua \
    tests/scenario/close-linger-zero.lua
grep -E '^[0-9]+ scripts of [0-9]+ agree' "$work/out"
finish
