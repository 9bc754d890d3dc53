#!/usr/bin/env python3
"""Random TCP transfers of the running kernel over a path whose doings are known.

    tests/relay/relay.py --seed N OUT

Two network namespaces of this process's own, each with a TUN device; between them stands this program
and loses, delays, reorders and duplicates packets as the seed says.  What it did is written down, so
that whoever reads the captures can be judged.  Into the directory OUT go

    client.pcap  what the client's device sent and received, as a capture there sees it
    server.pcap  likewise at the server
    middle.pcap  what passed the middle of the path, in both directions
    truth.json   {"connection": what was done, "packets": [...]}: each packet once, in the order in
                 which the hosts sent them: "from" ("client" or "server"), "sent" (seconds), "arrived"
                 (seconds, a list: empty when it was lost, two when there were two), "ip" (identification
                 and checksum, which find it in the captures), "frames" (its number, from 1, in each
                 capture, a list for each), "middle" (whether a lost one was still seen there)

Times are those of the relay's clock, which all three captures share.  It needs root, Linux and
/dev/net/tun: exit code 77 where it is not possible.
"""
import argparse
import ctypes
import fcntl
import heapq
import json
import os
import random
import select
import signal
import socket
import struct
import subprocess
import sys
import time

CLONE_NEWNET = 0x40000000
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 1, 0x1000
ADDRESS = {"client": "192.0.2.1", "server": "198.51.100.1"}
PEER = {"client": "server", "server": "client"}
PORT = 8080
LONGEST = 20  # seconds of a transfer


def ip(*command):
    subprocess.run(["ip", *command], check=True, capture_output=True)


def enter_namespace(side):
    """A network namespace of this process's own, and its TUN device."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET):
        sys.exit(77)
    tun = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", b"relay", IFF_TUN | IFF_NO_PI))
    ip("link", "set", "lo", "up")
    ip("addr", "add", ADDRESS[side] + "/32", "dev", "relay")
    ip("link", "set", "relay", "up", "mtu", "1500")
    ip("route", "add", "default", "dev", "relay")
    return tun


def sysctl(name, value):
    with open("/proc/sys/net/ipv4/" + name, "w", encoding="ascii") as f:
        f.write(str(value))


class Plan:
    """What a seed stands for: the path, and what the two programs do."""

    def __init__(self, seed):
        draw = random.Random(seed)
        self.draw = random.Random(seed + 1)
        self.delay = draw.choice([0.0005, 0.005, 0.02, 0.05])
        self.jitter = draw.choice([0, 0, 0.1, 0.5]) * self.delay
        self.loss = {side: draw.choice([0, 0, 0.02, 0.05, 0.15]) for side in ADDRESS}
        self.reorder = draw.choice([0, 0, 0.05, 0.15])
        self.duplicate = draw.choice([0, 0, 0.03])
        self.request = draw.choice([1, 200, 5000, 60000])
        self.answer = draw.choice([0, 1, 3000, 60000, 200000])
        self.pieces = draw.choice([1, 1, 3, 10])
        self.pause = draw.choice([0, 0, 0.05, 0.3])
        self.slow_reader = draw.random() < 0.15
        self.keepalive = draw.random() < 0.15
        self.closes = draw.choice(["client", "server", "abort", "half"])
        self.refused = draw.random() < 0.03
        self.sysctls = {
            "tcp_timestamps": draw.choice([1, 1, 0]),
            "tcp_sack": draw.choice([1, 1, 1, 0]),
            "tcp_window_scaling": draw.choice([1, 1, 0]),
            "tcp_ecn": draw.choice([2, 2, 1]),
        }

    def says(self):
        return {name: value for name, value in vars(self).items() if name != "draw"}


def send_in_pieces(plan, s, octets):
    each = max(1, octets // plan.pieces)
    while octets > 0:
        s.sendall(b"x" * min(each, octets))
        octets -= each
        if plan.pause and octets > 0:
            time.sleep(plan.pause)


def receive(plan, s, octets):
    """So many octets, or all until the end of the stream (None)."""
    got = 0
    while octets is None or got < octets:
        piece = s.recv(4096)
        if not piece:
            break
        got += len(piece)
        if plan.slow_reader:
            time.sleep(0.02)


def configure(plan, s):
    if plan.slow_reader:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    if plan.keepalive:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 1)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1)


def end(plan, s, side):
    """The end of the connection, as one of its sides makes it."""
    if plan.keepalive:
        time.sleep(2.5)
    if plan.closes == "abort" and side == "client":
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    elif plan.closes == "half" and side == "client":
        s.shutdown(socket.SHUT_WR)
        receive(plan, s, None)
    elif plan.closes == PEER[side]:
        receive(plan, s, None)
    s.close()


def program(plan, side, ready, go):
    """What runs in a namespace."""
    for name, value in plan.sysctls.items():
        sysctl(name, value)
    if side == "server":
        listener = socket.socket()
        configure(plan, listener)
        if not plan.refused:
            listener.bind((ADDRESS["server"], PORT))
            listener.listen(1)
        os.write(ready, b"1")
        if plan.refused:
            os.read(go, 1)
            return
        s, _ = listener.accept()
        receive(plan, s, plan.request)
        send_in_pieces(plan, s, plan.answer)
    else:
        os.write(ready, b"1")
        os.read(go, 1)
        s = socket.socket()
        configure(plan, s)
        s.connect((ADDRESS["server"], PORT))
        send_in_pieces(plan, s, plan.request)
        receive(plan, s, plan.answer)
    end(plan, s, side)


def start(plan, side):
    """A process in a namespace of its own: (its number, its TUN device, to be told to begin)."""
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    ready, tell_ready = os.pipe()
    go, tell_go = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            signal.alarm(LONGEST + 10)
            tun = enter_namespace(side)
            socket.send_fds(there, [b"1"], [tun])
            os.close(tun)
            program(plan, side, tell_ready, go)
            code = 0
        except OSError:
            code = 0  # a connection that fails is one of the things that happen
        except SystemExit as e:
            code = e.code
        finally:
            # The namespace, and with it the kernel's end of the connection, lives while the relay does.
            if code == 0:
                signal.pause()
            os._exit(code)
    there.close()
    received = socket.recv_fds(here, 1, 1)
    if not received[1]:
        os.waitpid(child, 0)
        sys.exit(77)
    os.read(ready, 1)
    return child, received[1][0], tell_go


class Capture:
    """A pcap file with nanoseconds, of packets from their IP header on."""

    def __init__(self, path):
        self.file = open(path, "wb")
        self.file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, 101))
        self.count = 0

    def add(self, at, packet):
        whole = int(at)
        self.file.write(struct.pack("<IIII", whole, int((at - whole) * 1e9), len(packet), len(packet)) + packet)
        self.count += 1
        return self.count


class Relay:
    """The path, and the record of what it does."""

    def __init__(self, plan, out):
        self.plan = plan
        self.captures = {name: Capture(os.path.join(out, name + ".pcap")) for name in ("client", "middle", "server")}
        self.due, self.packets, self.count = [], [], 0
        self.last = {"client": 0, "server": 0}  # when the last packet from there will arrive

    def later(self, at, what, packet, record):
        self.count += 1
        heapq.heappush(self.due, (at, self.count, what, packet, record))

    def take(self, side, packet, at):
        """A host has sent a packet: what becomes of it is decided now."""
        draw, plan = self.plan.draw, self.plan
        record = {"from": side, "sent": at, "arrived": [], "middle": False, "frames": {"client": [], "middle": [], "server": []},
                  "ip": packet[4:6].hex() + packet[10:12].hex()}
        self.packets.append(record)
        record["frames"][side].append(self.captures[side].add(at, packet))
        lost = draw.random() < plan.loss[side]
        half = at + plan.delay / 2
        if not lost or draw.random() < 0.5:
            record["middle"] = True
            self.later(half, "middle", packet, record)
        if lost:
            return
        arrives = at + plan.delay + draw.random() * plan.jitter
        if draw.random() < plan.reorder:
            arrives += draw.uniform(0.5, 2) * plan.delay  # others overtake it
        else:
            arrives = max(arrives, self.last[side])
            self.last[side] = arrives
        self.later(arrives, PEER[side], packet, record)
        if draw.random() < plan.duplicate:
            self.later(arrives + draw.random() * plan.delay, PEER[side], packet, record)

    def deliver(self, tuns):
        """All that is due."""
        while self.due and self.due[0][0] <= time.monotonic():
            _, _, where, packet, record = heapq.heappop(self.due)
            at = time.monotonic()
            record["frames"][where].append(self.captures[where].add(at, packet))
            if where != "middle":
                record["arrived"].append(at)
                os.write(tuns[where], packet)

    def run(self, tuns):
        """Until nothing has been under way for a while."""
        begun = quiet = time.monotonic()
        sides = {fd: side for side, fd in tuns.items()}
        while time.monotonic() < begun + LONGEST and (self.due or time.monotonic() < quiet + 3.5):
            wait = self.due[0][0] - time.monotonic() if self.due else 0.2
            for fd in select.select(list(sides), [], [], max(0, min(wait, 0.2)))[0]:
                packet = os.read(fd, 65536)
                if packet[0] >> 4 == 4:  # IPv6 has only its neighbours to talk of
                    quiet = time.monotonic()
                    self.take(sides[fd], packet, quiet)
            self.deliver(tuns)
        for capture in self.captures.values():
            capture.file.close()


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("out")
    arguments = p.parse_args()
    if os.geteuid() != 0 or not os.path.exists("/dev/net/tun"):
        print("relay.py: it needs root and /dev/net/tun", file=sys.stderr)
        return 77
    os.makedirs(arguments.out, exist_ok=True)
    plan = Plan(arguments.seed)
    relay = Relay(plan, arguments.out)
    server, client = start(plan, "server"), start(plan, "client")
    try:
        os.write(client[2], b"1")
        relay.run({"server": server[1], "client": client[1]})
    finally:
        for child, _, _ in (server, client):
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
    with open(os.path.join(arguments.out, "truth.json"), "w", encoding="ascii") as f:
        json.dump({"connection": plan.says(), "packets": relay.packets}, f, indent=1)
    return 0


sys.exit(main())
