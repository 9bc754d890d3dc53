"""Random scripts: what two hosts do, over what link, drawn from a seed.

A plan is a table of plain values; play.lua plays it, and the model knows from it what was meant.
Only random() is drawn from, whose sequence Python promises to keep: a seed means the same
everywhere.
"""

import random

CLIENT, SERVER = 0, 1
PORT, LOCAL_PORT = 80, 7000
CONTROLS = ["reno", "cubic", "dctcp", "vegas", "bbr", "bbr3", "ledbat", "none"]
RECOVERIES = ["newreno", "sack", "rack", "reno", "tahoe"]
# Switches that change what a sender may do, but none of the rules it is judged by.
FLAGS = (
    "nagle sack dsack timestamps window_scale limited_transmit prr frto undo pacing tail_loss_probe "
    "early_retransmit rto_restart cwnd_validation sack_rescue cwnd_in_segments receive_autotune "
    "send_autotune karn old_segment_ack accept_to_buffer round_buffer send_whole_buffers"
).split()


class Draw:
    """A few ways to draw, all from random()."""

    def __init__(self, seed):
        self.random = random.Random(seed).random

    def below(self, n):
        return int(self.random() * n)

    def between(self, low, high):
        return low + self.below(high - low + 1)

    def one_of(self, items):
        return items[self.below(len(items))]

    def chance(self, p):
        return self.random() < p

    def ms(self, low, high):
        return "%dms" % self.between(low, high)

    def percent(self, *choices):
        return "%d%%" % self.one_of(choices)


def draw_tcp(draw, profile, mtu):
    """The TCP options of one host, beside its profile."""
    tcp = {"profile": profile}
    for name in FLAGS:
        if draw.chance(0.12):
            tcp[name] = draw.chance(0.5)
    if draw.chance(0.3):
        tcp["congestion_control"] = draw.one_of(CONTROLS)
    if draw.chance(0.3):
        tcp["recovery"] = draw.one_of(RECOVERIES)
    if draw.chance(0.2):
        tcp["ecn"] = draw.one_of(["ask", "answer", "accurate", "off"])
    if draw.chance(0.15):
        tcp["delayed_ack"] = draw.ms(0, 400)
    if draw.chance(0.1):
        tcp["reassembly_limit"] = draw.between(1, 8)
    if draw.chance(0.1):
        tcp["zero_window_probe"] = draw.one_of(["octet", "empty"])
    if draw.chance(0.1):
        tcp["window_step"] = draw.one_of(["segment", "any"])
    if draw.chance(0.1):
        tcp["close_unread"] = draw.one_of(["rst", "fin"])
    if draw.chance(0.1):
        tcp["fast_open"] = True
    if draw.chance(0.1):
        tcp["msl"] = draw.one_of(["1s", "10s"])
    if mtu < 300:  # or its smallest segments would not fit the link
        tcp["mss_least"] = 28
    return tcp


def draw_link(draw):
    link = {"delay": draw.ms(0, draw.one_of([5, 60, 700]))}
    harsh = draw.one_of([0, 1, 1, 3])
    if harsh:
        link["loss"] = draw.percent(*[0, 1, 3, 8, 15, 30][: 3 + harsh])
        link["duplicate"] = draw.percent(0, 0, 2, 10)
        link["reorder"] = draw.percent(0, 0, 5, 20)
        link["corrupt"] = draw.percent(0, 0, 1, 4)
        link["jitter"] = draw.ms(0, 8)
    if draw.chance(0.4):
        link["rate"] = "%dkbps" % draw.between(64, 20000)
        if draw.chance(0.5):
            link["queue"] = draw.between(2, 40)
    return link


def draw_faults(draw):
    """Named blows: one lost segment of a kind, a link that is down for a while, strays."""
    faults = []
    for flags in ("SYN", "SYN,ACK", "FIN", "=ACK"):
        if draw.chance(0.08):
            faults.append({"kind": "drop", "flags": flags, "count": draw.between(1, 3)})
    if draw.chance(0.12):
        at = draw.between(0, 6000)
        faults.append({"kind": "down", "at": at, "to": at + draw.between(200, 40000)})
    elif draw.chance(0.05):
        faults.append({"kind": "down", "at": draw.between(0, 6000)})
    if draw.chance(0.12):
        faults.append({"kind": "mark", "share": draw.between(1, 30)})
    for _ in range(draw.one_of([0, 0, 0, 0, 1, 2])):
        faults.append(
            {
                "kind": "stray",
                "flags": draw.one_of(["SYN", "RST", "RST,ACK", "ACK", "SYN,ACK"]),
                "to": draw.below(2),
                "at": draw.between(0, 5000),
                "seq": draw.below(1 << 32),
                "ack": draw.below(1 << 32),
            }
        )
    return faults


def draw_writes(draw, most):
    total = draw.one_of([0, 1, draw.below(600), draw.below(most + 1), draw.below(most + 1)])
    count = draw.one_of([1, 1, 2, 5])
    writes = []
    for i in range(count):
        size = total * (i + 1) // count - total * i // count
        pause = draw.one_of([0, 0, 1, 50, 600, 3000]) if i else 0
        if size:
            writes.append({"size": size, "pause": pause, "urgent": draw.chance(0.03)})
    return writes


def draw_end(draw, most, slow):
    """What the program at one end does: it writes and reads at once, then lets go."""
    end = {
        "delay": draw.one_of([0, 0, 0, 300, 4000]),
        "writes": draw_writes(draw, most),
        "finish": draw.one_of(["shutdown", "shutdown", "shutdown", "after", "close", "reset"]),
        "read_delay": draw.one_of([0, 0, 300]),
        "chunk": 0,
        "read_pause": 0,
    }
    if end["finish"] in ("close", "reset") and not draw.chance(0.25):
        end["finish"] = "shutdown"
    if slow:
        end["read_delay"] = draw.one_of([2000, 10000, 100000])
    if draw.chance(0.2):
        end["chunk"] = draw.between(1, 4000)
        end["read_pause"] = draw.one_of([0, 5, 200])
    if draw.chance(0.04):
        end["read_most"] = draw.below(2000)
    if draw.chance(0.06):  # holds on without a word
        end["hold"] = draw.one_of([5000, 200000])
    return end


def shrink_reads(end, octets):
    """No more than some hundred reads of what the other end writes."""
    if end["chunk"]:
        end["chunk"] = max(end["chunk"], octets // 100 + 1)


def draw_connection(draw, most, slow):
    ends = [draw_end(draw, most, slow), draw_end(draw, most, slow)]
    for here, there in ((0, 1), (1, 0)):
        shrink_reads(ends[here], sum(w["size"] for w in ends[there]["writes"]))
    if ends[0]["finish"] == ends[1]["finish"] == "after":
        ends[draw.below(2)]["finish"] = "shutdown"  # or both would wait for ever
    return ends


def draw_hosts(draw, profiles, mtu, slow, six):
    same = draw.chance(0.7)
    first = draw.one_of(profiles)
    hosts = []
    for i in (CLIENT, SERVER):
        profile = first if same or i == 0 else draw.one_of(profiles)
        host = {"tcp": draw_tcp(draw, profile, mtu)}
        if six:
            host["addr"] = "2001:db8::%d" % (i + 1)
        if draw.chance(0.8):
            host["isn"] = draw.one_of([draw.below(1 << 32), (1 << 32) - draw.between(1, 20000)])
        if draw.chance(0.15):
            host["mss"] = draw.between(216 if profile == "freebsd" else 88, 1460)
        if slow or draw.chance(0.5):
            host["buffer"] = draw.between(600, 6000) if slow else draw.between(600, 200000)
        if draw.chance(0.08):
            host["no_options"] = True  # of its active opens
        if draw.chance(0.12):
            host["tcp"].update(
                keepalive=True,
                keepalive_idle=draw.one_of(["2s", "20s", "60s", "2h"]),
                keepalive_interval="%ds" % draw.between(1, 10),
                keepalive_probes=draw.between(1, 5),
            )
        hosts.append(host)
    return hosts


def vanish(draw, plan):
    """The peer is gone while nothing is under way; keepalive finds out."""
    end, host = draw.below(2), draw.below(2)
    plan["faults"].append({"kind": "down", "at": draw.between(5000, 8000)})
    plan["hosts"][host]["tcp"]["keepalive"] = True
    plan["connections"][0][end]["hold"] = draw.one_of([200000, 9000000])


def leave_unread(draw, plan):
    """One end closes before it has read what came."""
    end = plan["connections"][0][draw.below(2)]
    end.update(delay=draw.between(500, 2000), read_delay=4000, finish="close")


def lose_acks(draw, plan):
    """The last ACKs are lost, so that a FIN comes again, and late."""
    for end in plan["connections"][0]:
        end.update(writes=[], finish="shutdown", read_delay=0)
    plan["faults"].append(
        {"kind": "drop", "flags": "=ACK", "nth": draw.between(2, 4), "count": draw.between(1, 5)})


def old_syn(draw, plan):
    """A SYN of long ago, or one of nobody, comes to the listener."""
    plan["faults"].append(
        {"kind": "stray", "flags": "SYN", "to": SERVER, "at": draw.one_of([1000, 30000, 400000]),
         "seq": draw.below(1 << 32), "ack": draw.below(1 << 32)})


THEMES = [vanish, leave_unread, lose_acks, old_syn]


def draw_plan(seed, profiles, defect=None):
    """The plan of a seed.  profiles: those to draw from; defect: both hosts have it."""
    draw = Draw(seed)
    six = draw.chance(0.15)
    mtu = 1500
    if draw.chance(0.5):
        mtu = draw.between(1280, 1500) if six else draw.between(100, 1500)
    slow = draw.chance(0.25)
    link = draw_link(draw)
    link["mtu"] = mtu
    most = (mtu - 40) * draw.one_of([4, 25, 25, 60, 150])
    hosts = draw_hosts(draw, profiles, mtu, slow, six)
    small = any(h["tcp"]["profile"] == "embedded" for h in hosts)
    count = 1 if small or not draw.chance(0.2) else 2
    plan = {
        "seed": seed,
        "hosts": hosts,
        "link": link,
        "faults": draw_faults(draw),
        "simultaneous": count == 1 and not small and draw.chance(0.08),
        "gap": draw.one_of([0, 10, 3000]),
        "again": draw.chance(0.5),
        "connections": [draw_connection(draw, most, slow) for _ in range(count)],
    }
    if draw.chance(0.25):
        draw.one_of(THEMES)(draw, plan)
    if defect:
        for host in hosts:
            host["tcp"]["defect"] = defect
    return plan


def to_lua(value):
    """A plan as a Lua table."""
    if value is True or value is False:
        return str(value).lower()
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, str):
        return '"%s"' % value.replace("\\", "\\\\").replace('"', '\\"')
    if isinstance(value, list):
        return "{ %s }" % ", ".join(to_lua(v) for v in value)
    return "{ %s }" % ", ".join("%s = %s" % (k, to_lua(v)) for k, v in value.items())


def contents(connection, end, size):
    """The octets that this end writes, as play.lua makes them too."""
    salt = "%d%d" % (connection + 1, end + 1)
    return "".join("%06d%s" % (i, salt) for i in range(size // 8 + 1)).encode()[:size]
