#!/bin/bash
# Every example's capture, and that of each third figure (all with FULL=1), opens in tshark: nothing
# malformed, every checksum right, no error, and no remark that the scenario did not intend.
. "$(dirname "$0")/../support/lib.sh"

# What the scenarios do on purpose, in tshark's words.
intended() {
    case $1 in
    05-* | 12-*) echo 'Retransmission|retransmission|Duplicate ACK|Previous segment|out-of-order|Out-Of-Order|fast retransmission|TCP window' ;;
    06-* | 11-* | 17-* | 18-*) echo 'etransmission|Duplicate ACK' ;;
    07-*) echo 'etransmission|Connection reset|same ports|Previous segment|unseen segment' ;;
    08-*) echo 'etransmission' ;;
    14-* | 15-*) echo 'etransmission|Duplicate ACK|Connection reset|Previous segment|Out-Of-Order|out-of-order|unseen|fragmentation|Fragmentation|port numbers reused|session' ;;
    10-*) echo 'Connection reset' ;;
    *) echo 'nothing at all' ;;
    esac
}

for example in "$SOURCE"/examples/*.lua $(every 3 "$SOURCE"/examples/figures/*.lua); do
    base=$(basename "$example" .lua)
    run "$base" 0 "$fast" run -q --pcap "$work/x.pcapng" "$example"
    # (without putting streams together: a stream of x on port 80 is no HTTP)
    tshark -r "$work/x.pcapng" -o tcp.check_checksum:TRUE -o ip.check_checksum:TRUE \
        -o tcp.desegment_tcp_streams:FALSE \
        -Y '_ws.malformed || tcp.checksum.status == 0 || ip.checksum.status == 0' >"$work/bad" 2>"$work/err" ||
        fail "$base: tshark cannot read it"
    [ -s "$work/bad" ] && fail "$base: $(head -3 "$work/bad")"
    # (putting long streams of x together takes tshark minutes)
    [ -n "${FULL:-}" ] || [ "${example%/figures/*}" = "$example" ] || [ "$(stat -c %s "$work/x.pcapng")" -lt 500000 ] || continue
    tshark -r "$work/x.pcapng" -q -z expert >"$work/expert" 2>/dev/null
    awk '/^Errors /{on=1} /^(Warns|Notes|Chats) /{on=0} on && /^ +[0-9]/' "$work/expert" >"$work/errors"
    [ -s "$work/errors" ] && fail "$base: $(cat "$work/errors")"
    [ "${example%/figures/*}" = "$example" ] || continue # figures lose and forge segments on purpose
    # Warnings and notes; "Chat" entries only tell what happened (connection established, finished).
    # Of notes, too, some do: how a connection ends, and, from tshark 4.4 on, that a SYN offers no SACK,
    # which RFC 9293 leaves open and the profile of that name does not do.
    awk '/^(Errors|Warns|Notes) /{on=1} /^Chats /{on=0} on && /^ +[0-9]/' "$work/expert" |
        grep -vE 'frame (initiates|undergoes) the connection closing|SYN packet does not contain a SACK PERM option' |
        grep -vE "$(intended "$base")" >"$work/remarks"
    [ -s "$work/remarks" ] && fail "$base: $(cat "$work/remarks")"
done

# The comments carry the causes, and hosts have names.
run 'comments' 0 "$DRYWIRE" run -q --pcap-at client --pcap "$work/x.pcapng" "$SOURCE/examples/06-lost-final-ack.lua"
tshark -r "$work/x.pcapng" -T fields -e frame.comment 2>/dev/null | grep -q 'dropped: fault-drop' ||
    fail 'no comment says why a packet was dropped'
tshark -r "$work/x.pcapng" -N n 2>/dev/null | grep -q 'client' || fail 'hosts have no names'
tshark -r "$work/x.pcapng" -T fields -e frame.interface_name 2>/dev/null | grep -q 'client to server' ||
    fail 'interfaces have no names'
finish
