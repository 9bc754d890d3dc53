#!/bin/bash
# drywire import: link layers, tunnels, formats, fragments and compression, each as tests/captures/frames.py makes it,
# with tshark beside; and what is said of files that are none.
. "$(dirname "$0")/../support/lib.sh"
cd "$work" || exit 1
mkdir frames && python3 "$SOURCE/tests/captures/frames.py" frames || exit 1
cd frames || exit 1

# segments FILE: how many the list counts.
segments() { "$DRYWIRE" import --list "$1" 2>/dev/null | awk 'NR > 1 { n += $4 } END { print n + 0 }'; }

# Every kind of link and tunnel has the same six segments, between the addresses that are innermost.
for file in *.pcap *.pcapng; do
    case $file in
    arp.* | bluetooth.* | damaged.* | encrypted.* | head.* | none.* | strange.*) continue ;;
    *-missing.* | fragments6-overlap.*) want=5 ;;
    giant.*) want=4 ;;
    *) want=6 ;;
    esac
    run "$file" 0 "$DRYWIRE" import --list "$file"
    [ "$(segments "$file")" = $want ] || fail "$file: $(segments "$file") segments, not $want"
    grep -qE '192\.0\.2\.1:40000 +192\.0\.2\.2:80|2001:db8::1:40000 +2001:db8::2:80' "$work/out" || fail "$file: the ends are $(tail -1 "$work/out")"
done

# tshark counts the same: of each file that is an interface of one merged capture.  Some tunnels it does not look into.
skipped='^(arp|bluetooth|damaged|encrypted|head|none|strange|cut-.*|fragments.*|nflog|vxlan-linux|mpls-ethernet|offload6|giant)\.'
ls ./*.pcap | sed 's/^..//' | grep -vE "$skipped" >names
mergecap -a -I none -w merged.pcapng $(cat names) || fail 'the captures cannot be merged'
tshark -r merged.pcapng -Y tcp -T fields -e frame.interface_id >interfaces 2>/dev/null
[ "$(sort -n interfaces | uniq -c | awk '$1 == 6' | wc -l)" = "$(wc -l <names)" ] ||
    fail "tshark does not count 6 segments: $(sort -n interfaces | uniq -c | awk '$1 != 6 { print $2 }' | while read -r n; do sed -n "$((n + 1))p" names; done | tr '\n' ' ')"
[ "$(segments merged.pcapng)" = "$(wc -l <interfaces)" ] || fail "merged: $(segments merged.pcapng) segments, tshark has $(wc -l <interfaces)"
for file in fragments4.pcap fragments6-backwards.pcap cut-54.pcap; do
    [ "$(tshark -r $file -Y tcp 2>/dev/null | wc -l)" = 6 ] || fail "$file: tshark has not six segments"
done
rm merged.pcapng

run 'the data is there' 0 "$DRYWIRE" import -q --ladder=ascii --width 120 geneve.pcap
prints 'PSH,ACK seq=1 ack=1 len=100'
run 'a ladder of a cut capture' 0 "$DRYWIRE" import --ladder=ascii --width 120 cut-54.pcap
prints 'PSH,ACK seq=1 ack=1 len=100'
prints 'SYN,ACK seq=0 ack=1'
says '3 packets are cut short'
grep -q malformed "$work/err" && fail 'a packet that was cut is called malformed'
run 'without a length' 0 "$DRYWIRE" import -q --ladder=ascii --width 120 offload.pcap
prints 'PSH,ACK seq=1 ack=1 len=100'

run 'a segment of 180,000 octets' 0 "$DRYWIRE" import -q --ladder=ascii --width 120 --jsonl giant.jsonl --html giant.html giant.pcap
prints 'PSH,ACK seq=1 ack=1 len=180000'
run 'it is read back' 0 "$DRYWIRE" ladder --style ascii --width 120 giant.jsonl
prints 'len=180000'

# Fragments.
for version in 4 6; do
    for way in '' -backwards -twice; do
        run "fragments$version$way" 0 "$DRYWIRE" import --ladder=ascii --width 120 "fragments$version$way.pcap"
        prints 'PSH,ACK seq=1 ack=1 len=100'
        says '1 packet was put together from fragments'
    done
    run "fragments$version-missing" 0 "$DRYWIRE" import --ladder=ascii "fragments$version-missing.pcap"
    says '2 fragments, of any connection, are of packets that are not whole'
    run "fragments$version-overlap" 0 "$DRYWIRE" import --ladder=ascii "fragments$version-overlap.pcap"
    says '1 packet has fragments that overlap'
done

# Compression: what there was is used, and the rest is told.
for file in plain.pcap.gz members.pcap.gz; do
    run "$file" 0 "$DRYWIRE" import --list $file
    [ "$(segments $file)" = 6 ] || fail "$file: not six segments"
done
run 'gzip through a pipe' 0 bash -c '"$0" import --list <(cat plain.pcap.gz)' "$DRYWIRE"
prints '192.0.2.1:40000'
if zstd -q -k ethernet.pcap -o ethernet.pcap.zst 2>/dev/null; then
    run 'zstd' 0 "$DRYWIRE" import --list ethernet.pcap.zst
    [ "$(segments ethernet.pcap.zst)" = 6 ] || fail 'zstd: not six segments'
    head -c 120 ethernet.pcap.zst >early.pcap.zst
    run 'zstd that ends early' 2 "$DRYWIRE" import --list early.pcap.zst
    says 'early.pcap.zst ends in the middle of its zstd stream'
fi
run 'gzip that ends early' 2 "$DRYWIRE" import --list early.pcap.gz
prints '192.0.2.1:40000'
says 'early.pcap.gz ends in the middle of its gzip stream (after 4 packets)'
run 'gzip that is damaged' 2 "$DRYWIRE" import --list damaged.pcap.gz
says 'damaged.pcap.gz has a damaged gzip stream'

# refused FILE TEXT: a true sentence on what it is.
refused() {
    run "$1" 2 "$DRYWIRE" import --list "$1"
    says "$1 $2"
    [ "$(wc -l <"$work/err")" = 1 ] || fail "$1: not one sentence"
}
refused arp.pcap 'has no TCP connection: its 4 packets are 3 ARP, 1 IPv6 UDP'
refused bluetooth.pcap 'has no TCP connection: its 2 packets are of a link type that is not read; link type 201 is Bluetooth HCI with direction'
refused strange.pcap 'has no TCP connection: its 2 packets are of a link type that is not read; link type 9999 is unknown'
refused encrypted.pcap 'has no TCP connection: its 5 packets are 4 encrypted, 1 without IP; link type 127 is IEEE 802.11 with radiotap'
refused damaged.pcap 'has no TCP connection: its 2 packets are without the IP header that ought to be there'
refused none.pcap 'has no packets'
refused head.pcap 'has no packets; head.pcap ends in the middle of its header'
refused readme.gz 'is a text file, neither a pcap nor a pcapng file'
refused snoop 'is a snoop file; convert it: editcap -F pcapng snoop OUT.pcapng'
refused netmon.cap 'is a Microsoft Network Monitor file; convert it: editcap -F pcapng'
refused x.erf 'is an ERF file; convert it: editcap -F pcapng'
refused xz.pcap.xz 'is compressed by xz; unpack it first: unxz'
run 'a trace' 0 "$DRYWIRE" import -q --jsonl trace.jsonl ethernet.pcap
refused trace.jsonl "is no capture; a trace of drywire's is drawn by drywire ladder"

# Two files: a connection that is in both is one.
run 'two files' 0 "$DRYWIRE" import --list ethernet.pcap vlan.pcap
[ "$(wc -l <"$work/out")" = 2 ] || fail 'a connection of both files is listed twice'
run 'two files' 0 "$DRYWIRE" import --list ethernet.pcap ethernet6.pcap
[ "$(wc -l <"$work/out")" = 3 ] || fail 'connections of two files are not two'
run 'three files' 2 "$DRYWIRE" import ethernet.pcap vlan.pcap gre.pcap
says '3 captures: it takes one, or two of the same connections'
finish
