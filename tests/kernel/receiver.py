#!/usr/bin/env python3
"""Random segments at a receiver: what the running kernel does with them, and what profile linux does.

  tests/kernel/receiver.py --seeds 200 -j 24     seeds 0 to 199
  tests/kernel/receiver.py --from 165 --seeds 1  one seed: both side by side, where they differ
  tests/kernel/receiver.py --script 165          the script of a seed

A script draws the buffer, the size of merged segments (--mss) and timestamps, then in-order, early, old and
overlapping segments and reads in between.  After each segment the answer is
compared, the buffer's bound and its memory in use, the estimated segment size, the window and
rcv_ssthresh (beside.py says how).
"""

import os
import random
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from beside import OPTIONS, main, tell  # noqa: E402

TELL = tell(
    "SK_MEMINFO_RCVBUF", "SK_MEMINFO_RMEM_ALLOC", "tcpi_rcv_mss", "tcpi_rcv_wnd", "tcpi_rcv_ssthresh"
)


def opening(draw):
    """The script up to the accepted connection; also whether segments are merged, whether anybody
    accepts, and what each segment carries."""
    merged = draw.choice([0, 0, 1000, 1000, 500])
    lines = [OPTIONS]
    if merged:
        lines.append(f"--mss={merged}")
    if draw.random() < 0.6:
        initial = draw.choice([8000, 16000, 32000, 65536, 131072, 250000])
        most = initial * draw.choice([1, 2, 8, 64])
        lines.append(f'`sysctl -q net.ipv4.tcp_rmem="4096 {initial} {most}"`')
    stamps = draw.random() < 0.4
    lines.append("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3")
    if draw.random() < 0.4:
        size = draw.choice([3000, 8000, 20000, 50000, 100000])
        lines.append(f"+0 setsockopt(3, SOL_SOCKET, SO_RCVBUF, [{size}], 4) = 0")
    options = "sackOK,TS val 1000 ecr 0,nop,wscale 7" if stamps else "sackOK,nop,nop,nop,wscale 7"
    carried = " <nop,nop,TS val 1000 ecr 0>" if stamps else ""
    lines += [
        "+0 bind(3, ..., ...) = 0",
        "+0 listen(3, 1) = 0",
        f"+0 < S 0:0(0) win 65535 <mss 1000,{options}>",
        "* > S. 0:0(0) ack 1 <...>",
        f"+.1 < . 1:1(0) ack 1 win 514{carried}",
    ]
    accepts = draw.random() < 0.8
    if accepts:
        lines += ["+0 accept(3, ..., ...) = 4", "+0 fcntl(4, F_SETFL, O_RDWR|O_NONBLOCK) = 0"]
    return lines, merged, accepts, carried


def script_of(seed):
    draw = random.Random(seed)
    lines, merged, accepts, carried = opening(draw)
    expected = 1
    for _ in range(draw.randint(3, 14)):
        size = draw.choice([100, 500, 1000, 1000, 1000, 2000, 4000, 9000, 16000])
        if not merged and draw.random() < 0.8:
            size = min(size, 1400)
        kind = draw.random()
        if kind < 0.45:
            seq = expected
            expected += size
        elif kind < 0.75:
            seq = expected + draw.choice([0, 100, 1000, 1000, 2000, 5000])
        elif kind < 0.9:
            seq = max(1, expected - draw.choice([100, 1000, 2000, size]))
        else:
            seq = expected + draw.choice([20000, 60000])
        flags = draw.choice([".", ".", "P."])
        lines.append(f"+.1 < {flags} {seq}:{seq + size}({size}) ack 1 win 514{carried}")
        if accepts:
            lines.append(f"+.05 {TELL}")
        if accepts and draw.random() < 0.2:
            lines.append(f"+.02 read(4, ..., {draw.choice([100, 1000, 5000, 100000])}) = 1")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main(script_of, __doc__.split("\n", maxsplit=1)[0], 0.03))
