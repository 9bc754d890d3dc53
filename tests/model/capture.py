"""Captures (pcapng) and what is in them: IPv4 and IPv6, TCP with its options.

Written from the formats' own documents, for the model alone: it must not learn from drywire's
code what drywire's packets mean.
"""

import struct

SECTION, INTERFACE, PACKET = 0x0A0D0D0A, 1, 6
IN, OUT = 1, 2  # the direction bits of a packet block's flags
FIN, SYN, RST, PSH, ACK, URG, ECE, CWR, AE = 1, 2, 4, 8, 16, 32, 64, 128, 256
MSS, SCALE, SACK_PERMITTED, SACK, TIMESTAMP, COOKIE = 2, 3, 4, 5, 8, 34
TCP, ICMP4, ICMP6 = 6, 1, 58


class Damaged(Exception):
    """The file is not what it says it is."""


def blocks(data):
    """Each block's type and body."""
    at = 0
    while at < len(data):
        if at + 12 > len(data):
            raise Damaged("a block is cut short")
        kind, size = struct.unpack_from("<II", data, at)
        if size % 4 or size < 12 or at + size > len(data):
            raise Damaged("a block of %d octets at %d" % (size, at))
        if struct.unpack_from("<I", data, at + size - 4)[0] != size:
            raise Damaged("the two lengths of a block differ at %d" % at)
        yield kind, data[at + 8 : at + size - 4]
        at += size


def block_options(body, at):
    """The options behind a block's fixed part: {code: value}."""
    found = {}
    while at + 4 <= len(body):
        code, size = struct.unpack_from("<HH", body, at)
        if code == 0:
            break
        found[code] = body[at + 4 : at + 4 + size]
        at += 4 + (size + 3) // 4 * 4
    return found


def packets(path):
    """Time in nanoseconds, direction and octets of every packet of a capture."""
    with open(path, "rb") as file:
        data = file.read()
    interfaces = 0
    for kind, body in blocks(data):
        if kind == INTERFACE:
            if block_options(body, 8).get(9) != b"\x09":
                raise Damaged("an interface whose times are no nanoseconds")
            interfaces += 1
        elif kind == PACKET:
            interface, high, low, kept, length = struct.unpack_from("<IIIII", body)
            if interface >= interfaces or kept != length:
                raise Damaged("a packet of no interface, or cut short")
            flags = block_options(body, 20 + (kept + 3) // 4 * 4).get(2, b"\0\0\0\0")
            yield high << 32 | low, flags[0] & 3, body[20 : 20 + kept]


def sums_to_zero(*parts):
    """The Internet checksum of the parts, its own field included, is right.

    A one's complement sum of 16 bits is the remainder modulo 65535, as 2^16 is 1 there.
    """
    total = 0
    for part in parts:
        total += int.from_bytes(part + b"\0" if len(part) % 2 else part, "big")
    return total % 65535 == 0 and total > 0


class Segment:
    """A TCP segment, as it stood on the wire; "off" and "end" are set by who knows the ISN."""

    __slots__ = (
        "time out intact raw src dst sport dport seq ack flags window urgent data options "
        "options_size sacks tsval tsecr ip_size ecn off end ackoff order fits again"
    ).split()

    def __repr__(self):
        names = "FIN SYN RST PSH ACK URG ECE CWR AE".split()
        flags = ",".join(n for i, n in enumerate(names) if self.flags >> i & 1)
        return "%s %.6f s <SEQ=%d><ACK=%d><CTL=%s><WND=%d>%s" % (
            "sent" if self.out else "came",
            self.time / 1e9,
            self.seq,
            self.ack,
            flags,
            self.window,
            "<DATA=%d>" % len(self.data) if self.data else "",
        )


def read_options(s, octets):
    """The options of a TCP header; False if they are not well formed."""
    s.options, s.sacks, s.tsval, s.tsecr = {}, [], None, None
    at = 0
    while at < len(octets):
        kind = octets[at]
        if kind == 0:
            return True
        if kind == 1:
            at += 1
            continue
        size = octets[at + 1] if at + 1 < len(octets) else 0
        if size < 2 or at + size > len(octets):
            return False
        value = octets[at + 2 : at + size]
        s.options[kind] = value
        if kind == TIMESTAMP and size == 10:
            s.tsval, s.tsecr = struct.unpack(">II", value)
        elif kind == SACK:
            numbers = struct.unpack(">%dI" % (len(value) // 4), value[: len(value) // 4 * 4])
            s.sacks = list(zip(numbers[::2], numbers[1::2]))
        at += size
    return True


def read_ip(packet):
    """Source, destination, protocol, header, payload, ECN bits; None when it cannot be."""
    version = packet[0] >> 4
    if version == 4:
        size = (packet[0] & 15) * 4
        if len(packet) < size or struct.unpack_from(">H", packet, 2)[0] != len(packet):
            return None
        if not sums_to_zero(packet[:size]):
            return None
        return packet[12:16], packet[16:20], packet[9], packet[size:], packet[1] & 3
    if version == 6 and struct.unpack_from(">H", packet, 4)[0] == len(packet) - 40:
        return packet[8:24], packet[24:40], packet[6], packet[40:], packet[1] >> 4 & 3
    return None


def read_segment(packet, time, out):
    """A segment, "icmp" for such a message, or None for what nobody can read."""
    ip = read_ip(packet)
    if ip is None:
        return None
    src, dst, protocol, tcp, ecn = ip
    if protocol in (ICMP4, ICMP6):
        return "icmp"
    if protocol != TCP or len(tcp) < 20:
        return None
    s = Segment()
    s.time, s.out, s.raw, s.src, s.dst, s.ecn, s.ip_size = time, out, tcp, src, dst, ecn, len(packet)
    s.sport, s.dport, s.seq, s.ack, offset, s.window, _, s.urgent = struct.unpack_from(
        ">HHIIHHHH", tcp
    )
    s.flags = offset & 0x1FF
    header = (offset >> 12) * 4
    if header < 20 or header > len(tcp):
        return None
    pseudo = src + dst + struct.pack(">II", len(tcp), protocol)
    s.intact = sums_to_zero(pseudo, tcp)
    s.data = tcp[header:]
    s.options_size = header - 20
    if not read_options(s, tcp[20:header]):
        s.intact = False
    return s
