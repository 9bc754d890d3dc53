"""Captures of every kind of connection, for drywire import: one file each, NAME.pcap in the working directory."""
import struct

A, B = bytes([192, 0, 2, 1]), bytes([192, 0, 2, 2])
ISN_A, ISN_B = 1000, 5000
LINUX = bytes.fromhex("020405b4" "0402" "080a0000000100000000" "01" "030307")
FREEBSD = bytes.fromhex("020405b4" "01" "030306" "0402" "080a0000000100000000")
ids = {}


def ip(source, target, protocol, payload, ttl=64):
    ids[source] = ids.get(source, 0) + 1
    return struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), ids[source], 0x4000, ttl, protocol, 0, source, target) + payload


def segment(source, flags, seq, ack, length=0, window=65535, options=b"", ttl=64):
    bits = sum({"F": 1, "S": 2, "R": 4, "P": 8, ".": 16, "E": 64, "W": 128}[f] for f in flags)
    ports = (5000, 80) if source == A else (80, 5000)
    options += b"\0" * (-len(options) % 4)
    header = struct.pack(">HHIIBBHHH", *ports, seq % 2**32, ack % 2**32, (20 + len(options)) // 4 << 4, bits, window, 0, 0)
    return ip(source, B if source == A else A, 6, header + options + b"x" * length, ttl)


def icmp(kind, code, quoted, mtu=0, source=B):
    return ip(source, A, 1, struct.pack(">BBHHH", kind, code, 0, 0, mtu) + quoted[:28])


def c(flags, seq, ack=0, length=0, **more):
    """From the client; numbers are relative, those of the data begin with 1."""
    return segment(A, flags, ISN_A + seq, ISN_B + ack if "." in flags else 0, length, **more)


def s(flags, seq, ack=0, length=0, **more):
    return segment(B, flags, ISN_B + seq, ISN_A + ack if "." in flags else 0, length, **more)


def write(name, packets):
    with open(name + ".pcap", "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))
        for ms, packet in packets:
            us = round(ms * 1000) + 10**6
            f.write(struct.pack("<IIII", us // 10**6, us % 10**6, len(packet), len(packet)) + packet)


def opening(options=b"", syn="S", answer="S.", **more):
    return [
        (0, c(syn, 0, options=options, **more)),
        (40, s(answer, 0, 1, options=options, **more)),
        (40.1, c(".", 1, 1, **more)),
    ]


def closing(at, seq, ack):
    return [
        (at, c("F.", seq, ack)),
        (at + 40, s("F.", ack, seq + 1)),
        (at + 40.1, c(".", seq + 1, ack + 1)),
    ]


data = [(100, c("P.", 1, 1, 100)), (140, s(".", 1, 101))]
write("plain", opening() + data + closing(200, 101, 1))
write("without-syn", (opening() + data + closing(200, 101, 1))[1:])
write("without-beginning", data + closing(200, 101, 1))
write("without-syn-ack", [p for i, p in enumerate(opening() + data + closing(200, 101, 1)) if i != 1])
write("one-direction", [p for p in opening() + data + closing(200, 101, 1) if p[1][12:16] == A])
write("refused", [(0, c("S", 0)), (40, s("R.", -ISN_B, 1))])
write("no-answer", [(t, c("S", 0)) for t in (0, 1000, 3000, 7000)])
write("fin-before-data", opening() + [
    (200, c("F.", 101, 1)), (240, s(".", 1, 1)), (300, c("P.", 1, 1, 100)), (340, s("F.", 1, 102)), (340.1, c(".", 102, 2))])
write("simultaneous-open", [
    (0, c("S", 0)), (1, s("S", 0)), (2, c("S.", 0, 1)), (41, s("S.", 0, 1)), (100, c("P.", 1, 1, 10)), (140, s(".", 1, 11))])
write("simultaneous-close", opening() + [
    (200, c("F.", 1, 1)), (201, s("F.", 1, 1)), (201.1, c(".", 2, 2)), (240, s(".", 2, 2))])
write("abort", opening() + data + [(200, c("R.", 101, 1))])
write("half-close", opening() + [
    (100, c("F.", 1, 1)), (140, s(".", 1, 2)), (300, s("P.", 1, 2, 500)), (300.1, c(".", 2, 501)), (400, s("F.", 501, 2)),
    (400.1, c(".", 2, 502))])
write("vanished", opening() + data + [(t, c("P.", 101, 1, 50)) for t in (200, 1200, 3200, 7200)])
write("lost", opening() + [
    (100, c("P.", 1, 1, 100)), (1100, c("P.", 1, 1, 100)), (1140, s(".", 1, 101))] + closing(2000, 101, 1))
again = c("P.", 1, 1, 100)
write("copied", opening() + [
    (100, again), (100.2, again), (140, s(".", 1, 101))] + closing(300, 101, 1))
big = c(".", 1, 1, 1400)
write("too-big", opening() + [
    (100, big), (120, icmp(3, 4, big, 1280, bytes([198, 51, 100, 7]))), (120.1, c(".", 1, 1, 1240)), (120.2, c("P.", 1241, 1, 160)),
    (160, s(".", 1, 1401))] + closing(300, 1401, 1))
syn = c("S", 0)
write("port-unreachable", [(0, syn), (40, icmp(3, 3, syn))])
write("blind-rst", opening() + data + [(150, c("R", 900000)), (180, c("P.", 101, 1, 10)), (220, s(".", 1, 111))] + closing(300, 111, 1))
write("window-closes", opening() + [
    (100, c("P.", 1, 1, 1000)), (140, s(".", 1, 1001, window=0)), (1140, c(".", 1001, 1, 1)), (1180, s(".", 1, 1001, window=0)),
    (5000, s(".", 1, 1001)), (5000.1, c("P.", 1001, 1, 1000)), (5040, s(".", 1, 2001))] + closing(6000, 2001, 1))
write("keepalive", opening() + data + [
    (60140, c(".", 100, 1)), (60180, s(".", 1, 101)), (120180, c(".", 100, 1)), (120220, s(".", 1, 101))] + closing(130000, 101, 1))
write("linux", opening(LINUX) + closing(200, 1, 1))
write("freebsd", opening(FREEBSD) + closing(200, 1, 1))
write("ecn", opening(LINUX, "SEW", "S.E") + closing(200, 1, 1))
write("ttl", opening(ttl=120) + closing(200, 1, 1))
write("reboot", opening() + data + [
    (1000, c("S", 700000)), (1040, s(".", 1, 101)), (1040.1, c("R", 101)), (2000, c("S", 700000))])

# Large send offload: packets longer than any on the wire, or with an IP length of 0.
def zero(packet):
    return packet[:2] + b"\0\0" + packet[4:]


write("offload", opening() + [
    (100, c(".", 1, 1, 20000)), (1100, c(".", 1, 1, 20000)), (1140, s(".", 1, 20001)), (1200, zero(c("P.", 20001, 1, 3000))),
    (1240, zero(s(".", 1, 23001)))] + closing(2000, 23001, 1))

# Thousands of segments, every fiftieth of which is lost in front of its receiver.
MSS, long = 1000, opening()
t, acked = 100.0, 1
for i in range(3000):
    long.append((t, c(".", 1 + i * MSS, 1, MSS)))
    if i % 50 == 0:
        long.append((t + 41, s(".", 1, 1 + i * MSS)))
        long.append((t + 300, c(".", 1 + i * MSS, 1, MSS)))
        t += 300
    long.append((t + 40, s(".", 1, 1 + (i + 1) * MSS)))
    t += 50
write("long", long + closing(t + 100, 1 + 3000 * MSS, 1))

# A program that writes a little now and then.
little, t = opening(), 100
for i in range(400):
    little += [(t, c("P.", 1 + i * 10, 1, 10)), (t + 40, s(".", 1, 11 + i * 10))]
    t += 137
write("little", little + closing(t, 4001, 1))
