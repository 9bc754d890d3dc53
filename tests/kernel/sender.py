#!/usr/bin/env python3
"""Random writes and ACKs at a sender: what the running kernel sends, and what profile linux sends.

  tests/kernel/sender.py --seeds 200 -j 24       seeds 0 to 199
  tests/kernel/sender.py --from 165 --seeds 1    one seed: both side by side, where they differ
  tests/kernel/sender.py --script 165            the script of a seed

A script draws the peer's segment size and window, options of the socket and of the handshake, then writes of
all sizes and ACKs: of all, of a part, duplicates, selective ones, windows that close and open.  They
come quickly, so that no timer of the kernel, which goes by its tick, falls between them.  After each the segments and their bits are compared, and the state of congestion control and recovery (beside.py
says how).
"""

import os
import random
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from beside import OPTIONS, main, tell  # noqa: E402

TELL = tell(
    "tcpi_snd_cwnd",
    "tcpi_snd_ssthresh",
    "tcpi_ca_state",
    "tcpi_unacked",
    "tcpi_sacked",
    "tcpi_lost",
    "tcpi_retrans",
    "tcpi_notsent_bytes",
)


class Sender:
    """What the script knows of the connection: what was written and what was acknowledged."""

    def __init__(self, seed):
        self.draw = random.Random(seed)
        self.written = self.acked = 1
        self.lines = [OPTIONS]
        self.mss = self.draw.choice([500, 1000, 1000, 1460])
        self.stamps = self.draw.random() < 0.3
        self.sacks = self.draw.random() < 0.8
        self.window = self.draw.choice([3000, 10000, 32792, 65535, 65535])
        self.scale = self.draw.choice([None, 0, 7])
        self.blocks = ""

    def open(self):
        options = [f"mss {self.mss}"]
        if self.sacks and self.stamps:
            options.append("sackOK")
        elif self.sacks:
            options += ["nop", "nop", "sackOK"]
        if self.stamps:
            options += [] if self.sacks else ["nop", "nop"]
            options.append("TS val 1000 ecr 0")
        if self.scale is not None:
            options += ["nop", f"wscale {self.scale}"]
        self.lines += [
            "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3",
            "+0 bind(3, ..., ...) = 0",
            "+0 listen(3, 1) = 0",
            f"+0 < S 0:0(0) win {min(self.window, 65535)} <{','.join(options)}>",
            "* > S. 0:0(0) ack 1 <...>",
        ]
        self.segment(0.1)
        self.lines += ["+0 accept(3, ..., ...) = 4", "+0 fcntl(4, F_SETFL, O_RDWR|O_NONBLOCK) = 0"]
        for option in ("TCP_NODELAY", "TCP_CORK"):
            if self.draw.random() < 0.15:
                self.lines.append(f"+0 setsockopt(4, SOL_TCP, {option}, [1], 4) = 0")

    def segment(self, after):
        options = []
        if self.stamps:
            options.append("nop,nop,TS val 1000 ecr 0")
        if self.blocks:
            options.append(f"nop,nop,sack {self.blocks}")
        text = f" <{','.join(options)}>" if options else ""
        window = min(self.window >> (self.scale or 0), 65535)
        self.lines.append(f"+{after:.3f} < . 1:1(0) ack {self.acked} win {window}{text}")

    def write(self):
        size = self.draw.choice([1, 100, 500, 1000, 1000, 2000, 2500, 5000, 10000, 30000])
        flags = self.draw.choice(["0"] * 6 + ["MSG_MORE"])
        self.lines.append(f"+{self.draw.choice([0, 0, 0.005])} send(4, ..., {size}, {flags}) = {size}")
        self.written += size

    def acknowledge(self):
        outstanding = self.written - self.acked
        kind = self.draw.random()
        segments = outstanding // self.mss
        if kind < 0.5:
            self.acked = self.written if kind < 0.2 else self.acked + min(outstanding, self.mss * self.draw.randint(1, 4))
            self.blocks = ""
        elif kind < 0.65 and self.sacks and segments > 2:
            first = self.draw.randint(1, min(segments, 8) - 1)
            length = self.draw.randint(1, 2)
            edge = min(self.acked + (first + length) * self.mss, self.written)
            self.blocks = f"{self.acked + first * self.mss}:{edge}"
        elif kind < 0.75:
            self.window = self.draw.choice([0, 1000, 3000, 10000, 32792, 65535])
        self.segment(self.draw.choice([0.001, 0.005, 0.01]))

    def play(self):
        self.open()
        for _ in range(self.draw.randint(3, 14)):
            if self.draw.random() < 0.4:
                self.write()
            else:
                self.acknowledge()
            if self.draw.random() < 0.5:
                self.lines.append(f"+.001 {TELL}")
        self.lines.append(f"+{self.draw.choice([0.05, 0.05, 1.5])} {TELL}")
        return "\n".join(self.lines) + "\n"


def script_of(seed):
    return Sender(seed).play()


if __name__ == "__main__":
    sys.exit(main(script_of, __doc__.split("\n", maxsplit=1)[0], 0.2))
