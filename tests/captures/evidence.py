#!/usr/bin/env python3
"""Captures of which the truth is known, and what `drywire import` says of them.

Each case is a capture made here, packet by packet, and what must follow from it: the fate of packets by
their number ("arrived", "lost", "unknown", with "!" behind it if it must be certain), the states of both
ends in their order, and words that the notes must or must not have.  The directory for the captures is the
argument; the command is in $DRYWIRE.
"""
import json
import os
import re
import struct
import subprocess
import sys

CLIENT, SERVER = 0, 1
ADDRESS = [bytes([192, 0, 2, 1]), bytes([198, 51, 100, 1])]
PORT = [40000, 80]
FIRST = [1000000, 5000000]  # initial sequence numbers
FLAGS = {"F": 1, "S": 2, "R": 4, "P": 8, "A": 16}


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ip(source, target, protocol, body, number, ttl):
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(body), number, 0x4000, ttl, protocol, 0, source, target)
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + body


class Capture:
    """Packets in the order in which they are added; numbers count from each end's initial one."""

    def __init__(self):
        self.packets, self.number = [], [100, 200]

    def add(self, at, end, flags, seq, ack=0, octets=0, window=65535, sack=(), stamp=None, number=None, ttl=64, mss=None):
        options = b""
        if mss:
            options += struct.pack(">BBH", 2, 4, mss) + b"\4\2"
        if stamp:
            options += b"\1\1" + struct.pack(">BBII", 8, 10, *stamp)
        if sack:
            options += b"\1\1" + struct.pack(">BB", 5, 2 + 8 * len(sack))
            for left, right in sack:
                options += struct.pack(">II", FIRST[1 - end] + left, FIRST[1 - end] + right)
        options += b"\0" * (-len(options) % 4)
        bits = sum(FLAGS[f] for f in flags)
        acks = (FIRST[1 - end] + ack) & 0xFFFFFFFF if "A" in flags else 0
        head = struct.pack(">HHIIBBHHH", PORT[end], PORT[1 - end], (FIRST[end] + seq) & 0xFFFFFFFF, acks,
                           (20 + len(options)) * 4, bits, window, 0, 0) + options
        body = head + b"x" * octets
        pseudo = ADDRESS[end] + ADDRESS[1 - end] + struct.pack(">HH", 6, len(body))
        body = body[:16] + struct.pack(">H", checksum(pseudo + body)) + body[18:]
        if number is None:
            number = self.number[end]
            self.number[end] += 1
        self.packets.append((at, ip(ADDRESS[end], ADDRESS[1 - end], 6, body, number, ttl)))
        return len(self.packets)

    def icmp(self, at, source, kind, code, quoted, mtu=0):
        """An ICMP error about packet number `quoted`, to who sent that."""
        packet = self.packets[quoted - 1][1]
        body = struct.pack(">BBHHH", kind, code, 0, 0, mtu) + packet[:28]
        body = body[:2] + struct.pack(">H", checksum(body)) + body[4:]
        self.packets.append((at, ip(bytes(source), packet[12:16], 1, body, 1, 60)))
        return len(self.packets)

    def open(self, at=0.0, trip=0.04, stamps=False):
        """A handshake, captured at the client."""
        s = [(1000, 0), (7000, 1000), (1040, 7000)] if stamps else [None] * 3
        self.add(at, CLIENT, "S", 0, stamp=s[0], mss=1460)
        self.add(at + trip, SERVER, "SA", 0, 1, stamp=s[1], mss=1460)
        self.add(at + trip, CLIENT, "A", 1, 1, stamp=s[2])

    def write(self, path, clock=1.0e9, linktype=101):
        with open(path, "wb") as f:
            f.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, linktype))
            for at, packet in self.packets:
                microseconds = round((clock + at) * 1e6)
                f.write(struct.pack("<IIII", microseconds // 10**6, microseconds % 10**6, len(packet), len(packet)) + packet)


CASES = []


def case(fates, states=None, notes=(), never=()):
    def keep(make):
        CASES.append((make.__name__, make, fates, states, notes, never))
        return make
    return keep


OPENED = ["SYN-SENT ESTABLISHED", "SYN-RECEIVED ESTABLISHED"]


@case({5: "arrived!", 6: "arrived", 7: "arrived", 8: "arrived", 9: "arrived", 10: "arrived"}, OPENED)
def keepalives_of_no_octet_and_of_one(c):
    c.open()
    c.add(.1, CLIENT, "PA", 1, 1, 50)
    c.add(.1, CLIENT, "PA", 51, 1, 50)
    c.add(.14, SERVER, "A", 1, 101)
    c.add(5, CLIENT, "A", 100, 1)
    c.add(5.04, SERVER, "A", 1, 101)
    c.add(10, CLIENT, "A", 100, 1, 1)
    c.add(10.04, SERVER, "A", 1, 101)


@case({6: "arrived", 8: "arrived", 11: "arrived!"}, OPENED)
def probes_of_a_closed_window(c):
    c.open()
    c.add(.1, CLIENT, "PA", 1, 1, 1000)
    c.add(.14, SERVER, "A", 1, 1001, window=0)
    c.add(1.1, CLIENT, "A", 1001, 1, 1)
    c.add(1.14, SERVER, "A", 1, 1001, window=0)
    c.add(3.1, CLIENT, "A", 1001, 1, 1)
    c.add(3.14, SERVER, "A", 1, 1001, window=0)
    c.add(5, SERVER, "A", 1, 1001, window=4000)
    c.add(5, CLIENT, "PA", 1001, 1, 1000)
    c.add(5.04, SERVER, "A", 1, 2001)


@case({4: "lost", 5: "arrived!", 6: "arrived!", 10: "arrived"}, OPENED)
def a_segment_lost_and_sent_again(c):
    c.open()
    c.add(.1, CLIENT, "A", 1, 1, 1000)
    c.add(.1, CLIENT, "A", 1001, 1, 1000)
    c.add(.1, CLIENT, "A", 2001, 1, 1000)
    c.add(.14, SERVER, "A", 1, 1, sack=[(1001, 2001)])
    c.add(.14, SERVER, "A", 1, 1, sack=[(1001, 3001)])
    c.add(.141, CLIENT, "A", 1, 1, 1000)
    c.add(.181, SERVER, "A", 1, 3001)


@case({4: "arrived", 8: "arrived"}, OPENED)
def sent_again_for_nothing_says_a_d_sack(c):
    c.open()
    c.add(.1, CLIENT, "A", 1, 1, 1000)
    c.add(.1, CLIENT, "A", 1001, 1, 1000)
    c.add(.14, SERVER, "A", 1, 1, sack=[(1001, 2001)])
    c.add(.15, SERVER, "A", 1, 2001)
    c.add(.15, CLIENT, "A", 1, 1, 1000)
    c.add(.19, SERVER, "A", 1, 2001, sack=[(1, 1001)])


@case({4: "arrived!", 5: "arrived!", 6: "arrived!"}, OPENED)
def overtaken_before_it_was_captured(c):
    c.open()
    c.add(.1, CLIENT, "A", 1001, 1, 1000, number=105)
    c.add(.1, CLIENT, "A", 2001, 1, 1000, number=106)
    c.add(.101, CLIENT, "A", 1, 1, 1000, number=104)
    c.add(.14, SERVER, "A", 1, 3001)


@case({5: "lost", 7: "arrived"}, OPENED)
def an_acknowledgment_that_was_not_heard(c):
    c.open()
    c.add(.1, SERVER, "PA", 1, 1, 100)
    c.add(.1, CLIENT, "A", 1, 101)
    c.add(.4, SERVER, "PA", 1, 1, 100)
    c.add(.4, CLIENT, "A", 1, 101, sack=[(1, 101)])


@case({1: "unknown", 2: "unknown", 3: "unknown"}, ["SYN-SENT", ""], notes=["nothing is known of the server"])
def syns_that_nobody_answers(c):
    c.add(0, CLIENT, "S", 0)
    c.add(1, CLIENT, "S", 0)
    c.add(3, CLIENT, "S", 0)


@case({1: "arrived!"}, ["SYN-SENT CLOSED", ""])
def nobody_listens(c):
    c.add(0, CLIENT, "S", 0)
    c.add(.04, SERVER, "RA", -FIRST[SERVER], 1)


@case({6: "unknown"}, OPENED, never=["not in the capture"])
def a_reset_far_outside_the_window(c):
    c.open()
    c.add(.1, CLIENT, "PA", 1, 1, 100)
    c.add(.14, SERVER, "A", 1, 101)
    c.add(.16, SERVER, "R", 894999000)
    c.add(.3, CLIENT, "PA", 101, 1, 100)
    c.add(.34, SERVER, "A", 1, 201)


@case({4: "arrived!"}, OPENED)
def a_reset_in_the_window_that_is_challenged(c):
    c.open()
    c.add(.1, CLIENT, "PA", 1, 1, 100)
    c.add(.14, SERVER, "A", 1, 101)
    c.add(.2, CLIENT, "R", 5000)
    c.add(.24, SERVER, "A", 1, 101)
    c.add(.3, CLIENT, "PA", 101, 1, 100)
    c.add(.34, SERVER, "A", 1, 201)


@case({1: "arrived", 2: "arrived!"}, ["SYN-SENT SYN-RECEIVED ESTABLISHED", "SYN-SENT SYN-RECEIVED ESTABLISHED"])
def both_open(c):
    c.add(0, CLIENT, "S", 0)
    c.add(.01, SERVER, "S", 0)
    c.add(.01, CLIENT, "SA", 0, 1)
    c.add(.04, SERVER, "SA", 0, 1)
    c.add(.1, CLIENT, "PA", 1, 1, 10)
    c.add(.14, SERVER, "A", 1, 11)


@case({1: "arrived"}, ["SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT", "SYN-RECEIVED ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED"],
      notes=["begins in the middle"])
def the_syn_is_missing(c):
    c.add(0, SERVER, "SA", 0, 1)
    c.add(0, CLIENT, "A", 1, 1)
    close(c, .1)


def close(c, at):
    c.add(at, CLIENT, "FA", 1, 1)
    c.add(at + .04, SERVER, "A", 1, 2)
    c.add(at + .06, SERVER, "FA", 1, 2)
    c.add(at + .06, CLIENT, "A", 2, 2)


@case({2: "arrived"}, ["SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT", "SYN-RECEIVED ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED"])
def the_syn_ack_is_missing(c):
    c.add(0, CLIENT, "S", 0)
    c.add(.04, CLIENT, "A", 1, 1)
    close(c, .1)


@case({1: "arrived!", 3: "arrived"}, notes=["only one direction"])
def one_direction(c):
    c.add(0, CLIENT, "S", 0)
    c.add(.04, CLIENT, "A", 1, 1)
    c.add(.1, CLIENT, "PA", 1, 1, 100)
    c.add(.2, CLIENT, "FA", 101, 51)


@case({1: "arrived!"}, ["SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT", "SYN-RECEIVED ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED"])
def one_tick_of_the_clock_for_all(c):
    c.open(trip=0)
    close(c, 0)
    c.packets = [(0, packet) for _, packet in c.packets]


@case({7: "arrived!"}, OPENED, notes=["captured twice"], never=["lost"])
def captured_on_both_sides_of_a_router(c):
    c.open()
    c.add(.1, CLIENT, "PA", 1, 1, 100)
    c.add(.14, SERVER, "A", 1, 101)
    doubled = []
    for at, packet in c.packets:
        doubled += [(at, packet), (at + 1e-4, packet[:8] + bytes([packet[8] - 1]) + packet[9:])]
    c.packets = doubled


@case({4: "arrived", 5: "arrived"}, OPENED, never=["captured twice"])
def doubled_by_the_network(c):
    c.open()
    c.add(.1, SERVER, "PA", 1, 1, 100, number=210)
    c.add(.101, SERVER, "PA", 1, 1, 100, number=210)
    c.add(.101, CLIENT, "A", 1, 101)


@case({4: "arrived!"}, ["SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT", "SYN-RECEIVED ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED"],
      notes=["set back 1 time, by up to 30"])
def a_clock_that_is_set_back(c):
    c.open(30)
    close(c, 30.5)
    c.packets = c.packets[:4] + [(at - 30.2, packet) for at, packet in c.packets[4:]]


@case({4: "lost", 5: "arrived!"}, OPENED)
def an_echo_tells_which_copy_came(c):
    c.open(stamps=True)
    c.add(.1, CLIENT, "A", 1, 1, 100, stamp=(1100, 7000))
    c.add(.4, CLIENT, "A", 1, 1, 100, stamp=(1400, 7000))
    c.add(.44, SERVER, "A", 1, 101, stamp=(7400, 1400))


@case({4: "arrived!"}, OPENED)
def an_echo_tells_that_the_first_copy_came(c):
    c.open(stamps=True)
    c.add(.1, CLIENT, "A", 1, 1, 100, stamp=(1100, 7000))
    c.add(.4, CLIENT, "A", 1, 1, 100, stamp=(1400, 7000))
    c.add(.46, SERVER, "A", 1, 101, stamp=(7400, 1100))


@case({4: "lost!", 6: "arrived!"}, OPENED, notes=[])
def too_big_for_a_router(c):
    c.open()
    c.add(.1, CLIENT, "A", 1, 1, 1400)
    c.icmp(.12, [203, 0, 113, 1], 3, 4, 4, 1400)
    c.add(.13, CLIENT, "A", 1, 1, 1300)
    c.add(.13, CLIENT, "A", 1301, 1, 100)
    c.add(.17, SERVER, "A", 1, 1401)


@case({4: "arrived", 6: "arrived"}, OPENED, notes=["a stretch of data is not in the capture, 100 octets"])
def the_capture_missed_something(c):
    c.open()
    c.add(.1, CLIENT, "A", 1, 1, 100)
    c.add(.14, SERVER, "A", 1, 201)
    c.add(.2, CLIENT, "A", 201, 1, 100)
    c.add(.24, SERVER, "A", 1, 301)


def verdicts(path):
    packets, states = {}, ["", ""]
    with open(path, encoding="utf-8") as f:
        for event in map(json.loads, f):
            fate = {"delivered": "arrived", "dropped": "lost", "unknown": "unknown"}.get(event.get("ev"))
            if fate:
                packets[event["packet"]] = fate + ("!" if event.get("certainty") == "certain" else "")
                assert event["t"] >= packets.get(("sent", event["packet"]), 0), "it arrived before it was sent"
            if event.get("ev") == "sent":
                packets["sent", event["packet"]] = event["t"]
            if event.get("ev") == "state":
                states[event["node"]] += " " + event["state"]["to"]
    return packets, [s.strip() for s in states]


def look(name, paths, fates, states, notes, never):
    """Sentences on what is not as it must be."""
    out = paths[0] + ".jsonl"
    r = subprocess.run([os.environ["DRYWIRE"], "import", "--ladder", "--jsonl", out, *paths], capture_output=True, text=True)
    if r.returncode != 0:
        return [f"{name}: exit code {r.returncode}: {r.stderr}"]
    wrong, (found, went) = [], verdicts(out)
    for packet, fate in fates.items():
        if found.get(packet, "").rstrip("!" if not fate.endswith("!") else "") != fate:
            wrong.append(f"{name}: packet {packet} is {found.get(packet)}, not {fate}")
    for end in range(2 if states else 0):
        if went[end] != states[end]:
            wrong.append(f"{name}: the {['client', 'server'][end]} went through {went[end]}, not {states[end]}")
    said = r.stdout + r.stderr
    wrong += [f"{name}: it does not say: {words}" for words in notes if words not in said]
    wrong += [f"{name}: it says: {words}" for words in never if re.search(words, said)]
    return wrong


def both_ends(folder):
    """One connection captured at both ends, by clocks an hour apart: a segment and an acknowledgment are lost."""
    client, server, sent = Capture(), Capture(), Capture()
    trip, ahead = .02, 3600
    sent.open()
    rows = [(0, CLIENT, True), (.02, SERVER, True), (.04, CLIENT, True)]
    for at, end, octets, seq, ack, arrives in [(.1, CLIENT, 100, 1, 1, False), (.4, CLIENT, 100, 1, 1, True), (.42, SERVER, 0, 1, 101, False),
                                               (.8, CLIENT, 100, 1, 1, True), (.82, SERVER, 0, 1, 101, True)]:
        sent.add(at, end, "A", seq, ack, octets)
        rows.append((at, end, arrives))
    for (at, end, arrives), (_, packet) in zip(rows, sent.packets):
        own, peer = (client, server) if end == CLIENT else (server, client)
        own.packets.append((at, packet))
        if arrives:
            peer.packets.append((at + trip, packet))
    for capture in (client, server):
        capture.packets.sort(key=lambda row: row[0])
    paths = [os.path.join(folder, "client.pcap"), os.path.join(folder, "server.pcap")]
    client.write(paths[0])
    server.write(paths[1], 1.0e9 + ahead)
    fates = {1: "arrived", 4: "lost!", 5: "arrived", 6: "lost", 7: "arrived", 8: "arrived"}
    return look("both ends", paths, fates, OPENED, [], []) + look("both ends, the other first", paths[::-1], fates, OPENED, [], [])


def main():
    folder = sys.argv[1]
    wrong = []
    for name, make, fates, states, notes, never in CASES:
        c = Capture()
        make(c)
        path = os.path.join(folder, name + ".pcap")
        c.write(path)
        wrong += look(name.replace("_", " "), [path], fates, states, notes, never)
    wrong += both_ends(folder)
    print("\n".join(wrong))
    return 1 if wrong else 0


sys.exit(main())
