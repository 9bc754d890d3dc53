#!/bin/bash
# Files that others made, or that are none: pipes, devices, what is cut short, what is large.
. "$(dirname "$0")/../support/lib.sh"
cd "$work" || exit 1
run 'a run' 0 "$DRYWIRE" run -q --jsonl a.jsonl --pcap a.pcapng "$SOURCE/examples/01-handshake.lua"

# What is no file to read is told, each by its reader.
for file in /dev/null /dev/zero; do
    run "trace $file" 2 "$DRYWIRE" ladder $file
    says "$file is not a drywire trace"
done
run 'import /dev/null' 2 "$DRYWIRE" import /dev/null
says '/dev/null is empty'
run 'import /dev/zero' 2 "$DRYWIRE" import /dev/zero
says '/dev/zero is neither a pcap nor a pcapng file'
run 'trace of a directory' 2 "$DRYWIRE" stats .
says 'cannot read .: Is a directory'
run 'import of a directory' 2 "$DRYWIRE" import .
says 'cannot read .: Is a directory'

# Pipes are read like files.
run 'import' 0 "$DRYWIRE" import --ladder=ascii a.pcapng
mv out want
run 'import of a pipe' 0 bash -c '"$0" import --ladder=ascii <(cat a.pcapng)' "$DRYWIRE"
cmp -s out want || fail 'a capture through a pipe is another one'
run 'ladder' 0 "$DRYWIRE" ladder a.jsonl
mv out want
run 'ladder of a pipe' 0 bash -c '"$0" ladder <(cat a.jsonl)' "$DRYWIRE"
cmp -s out want || fail 'a trace through a pipe is another one'

# A packet with the number of a frame far into a capture: the file's length bounds time and memory.
sed 's/"packet":1\([,}]\)/"packet":50000000\1/' a.jsonl >far.jsonl
run 'a packet far away' 2 bash -c 'ulimit -t 20; "$0" ladder far.jsonl' "$DRYWIRE"
says 'far.jsonl: the events do not match the digest at the end'

# The first state of the client, of connections and hosts that are not there.
state='"ev":"state","node":0,"conn":1'
for change in "s/$state/\"ev\":\"state\",\"node\":0,\"conn\":6/|there is no connection 6 yet" \
    "s/$state/\"ev\":\"state\",\"node\":0/|a state of no connection" \
    "s/$state/\"ev\":\"state\",\"node\":16000000,\"conn\":1/|there is no host 16000000 yet"; do
    sed "0,/$state/${change%|*}" a.jsonl >wrong.jsonl
    for command in ladder stats trace explain "ladder --svg x.svg" "ladder --html x.html"; do
        run "$command: ${change#*|}" 2 "$DRYWIRE" $command wrong.jsonl
        says "wrong.jsonl:$(cmp a.jsonl wrong.jsonl | grep -o '[0-9]*$'): ${change#*|}"
    done
done

# Captures made by hand.
"${PYTHON:-python3}" - <<'P'
import struct

def segment(client, port, sends, seq, ack, flags):
    ends = (client, 0x0a010001, port, 80) if sends else (0x0a010001, client, 80, port)
    tcp = struct.pack('>HHIIBBHHH', ends[2], ends[3], seq, ack, 0x50, flags, 65535, 0, 0)
    return struct.pack('>BBHHHBBHII', 0x45, 0, 40, 0, 0, 64, 6, 0, ends[0], ends[1]) + tcp

def handshake(client, port):
    return [segment(client, port, True, 100, 0, 2), segment(client, port, False, 300, 101, 18),
            segment(client, port, True, 101, 301, 16)]

def pcap(name, packets, times):
    with open(name, 'wb') as f:
        f.write(struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101))
        for p, t in zip(packets, times):
            f.write(struct.pack('<IIII', *t, len(p), len(p)) + p)

def block(kind, body):
    body += bytes(-len(body) % 4)
    return struct.pack('<II', kind, len(body) + 12) + body + struct.pack('<I', len(body) + 12)

section = block(0x0a0d0d0a, struct.pack('<IHHq', 0x1a2b3c4d, 1, 0, -1))
def interface(options=b''): return block(1, struct.pack('<HHI', 101, 0, 0) + options)
def packet(p, where=0, ticks=0):
    return block(6, struct.pack('<IIIII', where, ticks >> 32, ticks & 0xffffffff, len(p), len(p)) + p)

many = [p for i in range(40000) for p in handshake(0x0a000000 + i // 20000, 1024 + i % 20000)]
pcap('many.pcap', many, [(i // 1000000, i % 1000000) for i in range(len(many))])
one = handshake(0x0a000001, 5000)
pcap('apart.pcap', one, [(0, 0), (0xffffffff, 999999), (1, 0)])
open('interfaces.pcapng', 'wb').write(section + interface() * 5000 + b''.join(packet(p, 4999) for p in one))
# Ticks of a second, and an offset that no clock has.
offset = struct.pack('<HHq', 14, 8, 1 << 62)
open('late.pcapng', 'wb').write(section + interface(offset) + b''.join(packet(p) for p in one))
name = block(4, struct.pack('<HH', 1, 10) + bytes([10, 0, 0, 1]) + b'\xff\x1b]0;\x00' + bytes(2) + bytes(4))
open('name.pcapng', 'wb').write(section + interface() + name + b''.join(packet(p) for p in one))
P
run '40,000 connections' 0 bash -c 'ulimit -t 30; "$0" import --list --all many.pcap' "$DRYWIRE"
[ "$(wc -l <out)" = 40001 ] || fail "$(wc -l <out) lines of 40,000 connections"
run 'packets 136 years apart' 0 "$DRYWIRE" import -q --jsonl apart.jsonl apart.pcap
run 'its ladder' 0 "$DRYWIRE" ladder apart.jsonl
run '5,000 interfaces' 0 "$DRYWIRE" import -q --jsonl interfaces.jsonl interfaces.pcapng
run 'a time that cannot be' 2 "$DRYWIRE" import late.pcapng
says 'late.pcapng has a packet from before 1970 or after 2116 (after 0 packets)'
run 'a name that is no text' 0 "$DRYWIRE" import -q --ladder=ascii --jsonl name.jsonl name.pcapng
grep -q $'\x1b' out && fail 'the name steers the terminal'
run 'read back' 0 "$DRYWIRE" trace name.jsonl
prints $'\xef\xbf\xbd\xef\xbf\xbd]0;'
finish
