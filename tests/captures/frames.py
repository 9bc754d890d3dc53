#!/usr/bin/env python3
"""Captures of one TCP exchange on links and in tunnels of every kind.

    frames.py DIRECTORY

Writes a file each, named after what is in it, all with the same six segments: a handshake, 100 octets, their
acknowledgment, a FIN.  The formats are built here octet by octet, after their specifications.
"""
import gzip
import os
import struct
import sys


def checksum(data):
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


V4 = (bytes([192, 0, 2, 1]), bytes([192, 0, 2, 2]))
V6 = (bytes.fromhex("20010db8000000000000000000000001"), bytes.fromhex("20010db8000000000000000000000002"))


def tcp(src, dst, sport, dport, seq, ack, flags, data=b"", options=b"", window=65535):
    offset = (20 + len(options)) // 4
    head = struct.pack(">HHIIBBHHH", sport, dport, seq, ack, offset << 4, flags, window, 0, 0) + options
    length = len(head) + len(data)
    pseudo = src + dst + (struct.pack(">HH", 6, length) if len(src) == 4 else struct.pack(">II", length, 6))
    total = checksum(pseudo + head + data)
    return head[:16] + struct.pack(">H", total) + head[18:] + data


def ipv4(src, dst, protocol, payload, ident=1, fragment=0x4000, length=None):
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload) if length is None else length, ident, fragment, 64, protocol, 0) + src + dst
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + payload


def ipv6(src, dst, protocol, payload, length=None):
    return struct.pack(">IHBB", 6 << 28, len(payload) if length is None else length, protocol, 64) + src + dst + payload


def exchange(ends, sport=40000, dport=80, size=100, isn=1000):
    """The segments, as (sender, TCP)."""
    mss = bytes([2, 4, 5, 0xB4])
    S, A, F, P = 2, 16, 1, 8
    other = isn + 4000
    steps = [(0, isn, 0, S, b"", mss), (1, other, isn + 1, S | A, b"", mss), (0, isn + 1, other + 1, A, b"", b""),
             (0, isn + 1, other + 1, P | A, b"x" * size, b""), (1, other + 1, isn + 1 + size, A, b"", b""),
             (0, isn + 1 + size, other + 1, F | A, b"", b"")]
    for who, seq, ack, flags, data, options in steps:
        ports = (sport, dport) if who == 0 else (dport, sport)
        yield who, tcp(ends[who], ends[1 - who], *ports, seq, ack, flags, data, options)


def packets(version=4, **more):
    ends = V4 if version == 4 else V6
    for n, (who, segment) in enumerate(exchange(ends, **more)):
        make = ipv4 if version == 4 else ipv6
        extra = {"ident": n + 1} if version == 4 else {}
        yield make(ends[who], ends[1 - who], 6, segment, **extra)


IP4, IP6 = b"\x08\x00", b"\x86\xdd"


def ethernet(packet, kind=IP4):
    return b"\x02\0\0\0\0\1\x02\0\0\0\0\2" + kind + packet


def udp(payload, dport, sport=5000):
    return struct.pack(">HHHH", sport, dport, 8 + len(payload), 0) + payload


def over_udp(payload, dport):
    return ethernet(ipv4(b"\x0a\0\0\1", b"\x0a\0\0\2", 17, udp(payload, dport)))


def over_ip(protocol, payload):
    return ethernet(ipv4(b"\x0a\0\0\1", b"\x0a\0\0\2", protocol, payload))


def over_ip6(protocol, payload):
    return ethernet(ipv6(V6[0], V6[1], protocol, payload), IP6)


def gre(kind, payload, flags=0, fields=b""):
    return over_ip(47, struct.pack(">HH", flags, kind) + fields + payload)


LABEL, BOTTOM = b"\0\1\x00\x40", b"\0\2\x01\x40"
SNAP = b"\xaa\xaa\x03\0\0\0\x08\0"
DATA = b"\x08\1\0\0" + b"\2" * 18 + b"\x10\0"
QOS = b"\x88\1\0\0" + b"\2" * 18 + b"\x10\0" + b"\0\0"
BRIDGED = b"\x08\3\0\0" + b"\2" * 18 + b"\x10\0" + b"\2" * 6
RADIOTAP = b"\0\0\x08\0\0\0\0\0"
RADIOTAP_PADDED = struct.pack("<BBHIQBB", 0, 0, 18, 3, 77, 0x20, 0)
AMSDU = b"\x88\1\0\0" + b"\2" * 18 + b"\x10\0" + b"\x80\0"
GTP = b"\x30\xff"

# name: link type, IP version, the frame around a packet
KINDS = {
    "ethernet": (1, 4, ethernet),
    "ethernet6": (1, 6, lambda p: ethernet(p, IP6)),
    "ethernet-padding-fcs": (1, 4, lambda p: ethernet(p) + b"\0" * 10 + b"\1\2\3\4"),
    "vlan": (1, 4, lambda p: ethernet(b"\0\5\x08\0" + p, b"\x81\0")),
    "vlan3": (1, 4, lambda p: ethernet(b"\0\5\x81\0\0\6\x81\0\0\7\x08\0" + p, b"\x88\xa8")),
    "snap": (1, 4, lambda p: ethernet(SNAP + p, struct.pack(">H", 8 + len(p)))),
    "pppoe": (1, 4, lambda p: ethernet(b"\x11\0\0\1" + struct.pack(">H", 2 + len(p)) + b"\0\x21" + p, b"\x88\x64")),
    "mpls": (1, 4, lambda p: ethernet(LABEL + BOTTOM + p, b"\x88\x47")),
    "mpls-ethernet": (1, 4, lambda p: ethernet(BOTTOM + b"\0\0\0\0" + ethernet(p), b"\x88\x47")),
    "ppp": (9, 4, lambda p: b"\0\x21" + p),
    "ppp-framed": (9, 4, lambda p: b"\xff\x03\0\x21" + p),
    "ppp-short": (9, 4, lambda p: b"\x21" + p),
    "ppp6": (9, 6, lambda p: b"\xff\x03\0\x57" + p),
    "ppp-hdlc": (50, 4, lambda p: b"\xff\x03\0\x21" + p),
    "ppp-hdlc-cisco": (50, 4, lambda p: b"\x0f\0\x08\0" + p),
    "pppoe-link": (51, 4, lambda p: b"\x11\0\0\1" + struct.pack(">H", 2 + len(p)) + b"\0\x21" + p),
    "cisco-hdlc": (104, 4, lambda p: b"\x0f\0\x08\0" + p),
    "cisco-hdlc6": (104, 6, lambda p: b"\x0f\0\x86\xdd" + p),
    "frame-relay": (107, 4, lambda p: b"\x18\x41\x03\xcc" + p),
    "raw": (101, 4, lambda p: p),
    "raw6": (101, 6, lambda p: p),
    "raw-ipv4": (228, 4, lambda p: p),
    "raw-ipv6": (229, 6, lambda p: p),
    "null": (0, 4, lambda p: b"\2\0\0\0" + p),
    "null6": (0, 6, lambda p: b"\x1e\0\0\0" + p),
    "loop": (108, 4, lambda p: b"\0\0\0\2" + p),
    "sll": (113, 4, lambda p: b"\0\0\0\1\0\6\2\0\0\0\0\1\0\0\x08\0" + p),
    "sll2": (276, 4, lambda p: b"\x08\0\0\0\0\0\0\3\0\1\0\6\2\0\0\0\0\1\0\0" + p),
    "wifi": (105, 4, lambda p: DATA + SNAP + p),
    "wifi-qos": (105, 4, lambda p: QOS + SNAP + p),
    "wifi-bridged": (105, 4, lambda p: BRIDGED + SNAP + p),
    "wifi-amsdu": (105, 4, lambda p: AMSDU + b"\2" * 12 + struct.pack(">H", 8 + len(p)) + SNAP + p),
    "radiotap": (127, 4, lambda p: RADIOTAP + DATA + SNAP + p),
    "radiotap-padded": (127, 4, lambda p: RADIOTAP_PADDED + QOS + b"\0\0" + SNAP + p),
    "avs": (163, 4, lambda p: b"\x80\x21\x10\1" + struct.pack(">I", 64) + bytes(56) + DATA + SNAP + p),
    "prism": (119, 4, lambda p: struct.pack("<II", 0x44, 144) + bytes(136) + DATA + SNAP + p),
    "ppi": (192, 4, lambda p: struct.pack("<BBHI", 0, 0, 8, 105) + DATA + SNAP + p),
    "nflog": (239, 4, lambda p: b"\2\0\0\0" + struct.pack("<HHI", 8, 1, 7) + struct.pack("<HH", 4 + len(p), 9) + p),
    "gre": (1, 4, lambda p: gre(0x0800, p)),
    "gre-all": (1, 4, lambda p: gre(0x0800, p, 0xB000, bytes(4) + b"\0\0\0\7" + b"\0\0\0\1")),
    "gre-ethernet": (1, 4, lambda p: gre(0x6558, ethernet(p), 0x2000, b"\0\0\1\0")),
    "gre-ppp": (1, 4, lambda p: gre(0x880B, b"\xff\x03\0\x21" + p, 0x3001, struct.pack(">HHI", 4 + len(p), 1, 5))),
    "erspan1": (1, 4, lambda p: gre(0x88BE, ethernet(p))),
    "erspan2": (1, 4, lambda p: gre(0x88BE, b"\x10\1\0\1\0\0\0\0" + ethernet(p), 0x1000, b"\0\0\0\1")),
    "erspan3": (1, 4, lambda p: gre(0x22EB, b"\x20\1\0\1" + bytes(8) + ethernet(p), 0x1000, b"\0\0\0\1")),
    "ipip": (1, 4, lambda p: over_ip(4, p)),
    "6in4": (1, 6, lambda p: over_ip(41, p)),
    "4in6": (1, 4, lambda p: over_ip6(4, p)),
    "6in6": (1, 6, lambda p: over_ip6(41, p)),
    "ip-three-deep": (1, 4, lambda p: over_ip(4, ipv4(b"\x0a\1\0\1", b"\x0a\1\0\2", 4, p))),
    "etherip": (1, 4, lambda p: over_ip(97, b"\x30\0" + ethernet(p))),
    "mpls-in-ip": (1, 4, lambda p: over_ip(137, BOTTOM + p)),
    "vxlan": (1, 4, lambda p: over_udp(b"\x08\0\0\0\0\0\7\0" + ethernet(p), 4789)),
    "vxlan-linux": (1, 4, lambda p: over_udp(b"\x08\0\0\0\0\0\7\0" + ethernet(p), 8472)),
    "geneve": (1, 4, lambda p: over_udp(b"\1\0\x65\x58\0\0\7\0" + b"\1\2\3\0" + ethernet(p), 6081)),
    "gtp": (1, 4, lambda p: over_udp(GTP + struct.pack(">H", len(p)) + b"\0\0\0\7" + p, 2152)),
    "gtp-extended": (1, 4, lambda p: over_udp(b"\x34\xff" + struct.pack(">H", 8 + len(p)) + b"\0\0\0\7\0\0\0\x85" + b"\1\x10\1\0" + p, 2152)),
    "hop-by-hop": (101, 6, lambda p: p[:6] + b"\0" + p[7:40] + b"\6\0\1\4\0\0\0\0" + p[40:]),
    "atomic-fragment": (101, 6, lambda p: p[:4] + struct.pack(">H", len(p) - 32) + b"\x2c" + p[7:40] + b"\6\0\0\0\0\0\0\7" + p[40:]),
}
# The payload's length grows by the extension header.
_plain = KINDS["hop-by-hop"][2]
KINDS["hop-by-hop"] = (101, 6, lambda p: p[:4] + struct.pack(">H", len(p) - 32) + _plain(p)[6:])


def pcap(frames, link, magic=0xA1B2C3D4, order="<", snap=262144, extra=b"", step=10000, unit=1000000):
    out = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, snap, link)
    for n, frame in enumerate(frames):
        at = n * step
        out += struct.pack(order + "IIII", 1000 + at // unit, at % unit, min(len(frame), snap), len(frame)) + extra + frame[:snap]
    return out


def block(kind, body, order="<"):
    body += bytes(-len(body) % 4)
    return struct.pack(order + "II", kind, len(body) + 12) + body + struct.pack(order + "I", len(body) + 12)


def section(order="<"):
    return block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order)


def interface(link, order="<", snap=0):
    return block(1, struct.pack(order + "HHI", link, 0, snap), order)


def enhanced(frame, n, where=0, order="<"):
    return block(6, struct.pack(order + "IIIII", where, 0, n * 10000, len(frame), len(frame)) + frame, order)


def old_packet(frame, n, where=0):
    return block(2, struct.pack("<HHIIII", where, 0, 0, n * 10000, len(frame), len(frame)) + frame)


def simple(frame):
    return block(3, struct.pack("<I", len(frame)) + frame)


def fragments(packet, size=48, ident=7):
    """An IPv4 packet in pieces."""
    data = packet[20:]
    for at in range(0, len(data), size):
        more = 0x2000 if at + size < len(data) else 0
        yield ipv4(packet[12:16], packet[16:20], packet[9], data[at:at + size], ident, more | at // 8)


def fragments6(packet, size=48, ident=7):
    data = packet[40:]
    for at in range(0, len(data), size):
        more = 1 if at + size < len(data) else 0
        yield ipv6(packet[8:24], packet[24:40], 44, struct.pack(">BBHI", 6, 0, at | more, ident) + data[at:at + size])


def main():
    os.chdir(sys.argv[1])

    def write(name, data):
        with open(name, "wb") as f:
            f.write(data)

    for name, (link, version, around) in KINDS.items():
        write(f"{name}.pcap", pcap([around(p) for p in packets(version)], link))
    plain = [ethernet(p) for p in packets()]
    # Formats.
    for name, magic, unit in (("micro", 0xA1B2C3D4, 10**6), ("nano", 0xA1B23C4D, 10**9)):
        for ends, order in (("little", "<"), ("big", ">")):
            write(f"format-{name}-{ends}.pcap", pcap(plain, 1, magic, order, step=unit // 100, unit=unit))
    write("format-modified.pcap", pcap(plain, 1, 0xA1B2CD34, extra=struct.pack("<IHBB", 2, 0x0800, 0, 0)))
    blocks = {"enhanced": [enhanced(p, n) for n, p in enumerate(plain)], "old": [old_packet(p, n) for n, p in enumerate(plain)],
              "simple": [simple(p) for p in plain]}
    for name, parts in blocks.items():
        write(f"format-{name}.pcapng", section() + interface(1) + b"".join(parts))
    write("format-big.pcapng", section(">") + interface(1, ">") + b"".join(enhanced(p, n, 0, ">") for n, p in enumerate(plain)))
    raw = list(packets())
    write("format-mixed.pcapng", section() + interface(1) + interface(101) + b"".join(enhanced((plain, raw)[n % 2][n], n, n % 2) for n in range(6)))
    write("format-sections.pcapng", section() + interface(1) + b"".join(enhanced(plain[n], n) for n in range(3)) +
          section(">") + interface(101, ">") + b"".join(enhanced(raw[n], n, 0, ">") for n in range(3, 6)))
    for snap in (54, 60, 68, 74):
        write(f"cut-{snap}.pcap", pcap(plain, 1, snap=snap))
    # Fragments, in order, turned round, and doubled.
    for version, split in ((4, fragments), (6, fragments6)):
        whole = list(packets(version))
        parts = list(split(whole[3]))
        link = 101
        write(f"fragments{version}.pcap", pcap(whole[:3] + parts + whole[4:], link))
        write(f"fragments{version}-backwards.pcap", pcap(whole[:3] + parts[::-1] + whole[4:], link))
        write(f"fragments{version}-twice.pcap", pcap(whole[:3] + [parts[0]] + parts + whole[4:], link))
        write(f"fragments{version}-missing.pcap", pcap(whole[:3] + parts[:1] + parts[2:] + whole[4:], link))
        late = bytearray(parts[1])
        late[-1] ^= 1
        write(f"fragments{version}-overlap.pcap", pcap(whole[:3] + parts[:2] + [bytes(late)] + parts[2:] + whole[4:], link))
    write("offload.pcap", pcap([ipv4(p[12:16], p[16:20], 6, p[20:], length=0) for p in packets()], 101))
    giant = list(exchange(V6, size=180000))[3][1]
    great = [ipv6(p[8:24], p[24:40], 6, p[40:]) for p in packets(6)][:3]
    write("giant.pcap", pcap(great + [ipv6(V6[0], V6[1], 6, giant, length=0)], 101))
    write("offload6.pcap", pcap([ipv6(p[8:24], p[24:40], 6, p[40:], length=0) for p in packets(6)], 101))
    # Compression.
    whole = pcap(plain, 1)
    packed = gzip.compress(whole, mtime=0)
    write("plain.pcap.gz", packed)
    write("members.pcap.gz", gzip.compress(whole[:100], mtime=0) + gzip.compress(whole[100:], mtime=0))
    write("early.pcap.gz", packed[:-40])
    write("damaged.pcap.gz", packed[:60] + b"\xff\xff\xff" + packed[63:])
    write("readme.gz", gzip.compress(b"no capture\n", mtime=0))
    # None, or none of ours.
    write("arp.pcap", pcap([ethernet(bytes(28), b"\x08\x06")] * 3 + [over_ip6(17, udp(b"x", 53))], 1))
    write("bluetooth.pcap", pcap([b"x" * 20] * 2, 201))
    write("strange.pcap", pcap([b"x" * 20] * 2, 9999))
    write("encrypted.pcap", pcap([RADIOTAP + DATA[:1] + b"\x41" + DATA[2:] + b"x" * 60] * 4 + [RADIOTAP + b"\x80\0" + bytes(40)], 127))
    write("damaged.pcap", pcap([ethernet(b"\x65" + bytes(60))] * 2, 1))
    write("none.pcap", pcap([], 1))
    write("head.pcap", whole[:10])
    write("snoop", b"snoop\0\0\0\0\0\0\2\0\0\0\4" + bytes(100))
    write("netmon.cap", b"GMBU" + bytes(100))
    write("xz.pcap.xz", b"\xfd7zXZ\0" + bytes(20))
    erf = struct.pack("<Q", 1000 << 32) + struct.pack(">BBHHH", 2, 4, 96, 0, 78) + bytes(80)
    write("x.erf", erf * 3)


if __name__ == "__main__":
    main()
