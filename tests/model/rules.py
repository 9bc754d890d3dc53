"""What a TCP may send, rule by rule.

Each rule watches one end: sent(s) is called before the end's variables take in a segment that it
sends, came(s) after they took in one that arrived, until(time) when the clock moves on, and
over(time) at the end of the run.  A rule says what it found with blame().
"""

from capture import (
    ACK, AE, CWR, ECE, FIN, MSS, RST, SACK, SACK_PERMITTED, SCALE, SYN, TIMESTAMP, URG,
)
from end import NEVER, distance
from plans import contents

WHOLE = contents(0, 0, 0)


class Rule:
    name = section = None

    def __init__(self, end, findings, facts):
        self.end, self.findings, self.facts = end, findings, facts
        self.options = end.options
        self.begin()

    def begin(self):
        pass

    def sent(self, s):
        pass

    def came(self, s):
        pass

    def until(self, time):
        pass

    def over(self, time):
        pass

    def blame(self, text, time):
        self.findings.append(Finding(self.name, self.section, self.end, text, time))


class Finding:
    def __init__(self, rule, section, end, text, time):
        self.rule, self.section, self.end, self.text, self.time = rule, section, end, text, time

    def __str__(self):
        host = ("client", "server")[self.end.host] if self.end else "network"
        return "%s: %s, at %.9f s: %s (%s)" % (
            self.rule, host, self.time / 1e9, self.text, self.section)


class Checksum(Rule):
    name, section = "checksum", "RFC 9293 3.1, MUST-2"

    def sent(self, s):
        if not s.intact:
            self.blame("%r has a wrong checksum or broken options" % s, s.time)


class Handshake(Rule):
    """SYNs, what they agree on, and nothing but them before they have done so."""

    name, section = "handshake", "RFC 9293 3.5, 3.10.7.3; RFC 7323 2.2, 3.2; RFC 2018 2"

    def sent(self, s):
        end = self.end
        if s.flags & RST:
            return
        if s.flags & SYN:
            self.syn(s)
            return
        if end.peer_isn is None:
            self.blame("%r before a SYN came" % s, s.time)
        fast = end.options["fast_open"] and end.syn_in and end.syn_in.data
        if s.data and end.una < 0 and not fast:
            self.blame("%r before our SYN was acknowledged" % s, s.time)
        if not s.flags & ACK:
            self.blame("%r without ACK" % s, s.time)
        for option in (MSS, SCALE, SACK_PERMITTED):
            if option in s.options:
                self.blame("%r has an option that only a SYN may have" % s, s.time)

    def syn(self, s):
        end = self.end
        if s.flags & ACK and end.peer_isn is None:
            self.blame("%r before a SYN came" % s, s.time)
        if s.flags & ACK and end.peer_isn is not None and s.ackoff != 0 and not s.data:
            if not self.options["fast_open"]:
                self.blame("%r does not acknowledge the SYN alone" % s, s.time)
        if s.data and not self.options["fast_open"]:
            self.blame("%r has data" % s, s.time)
        if s.flags & FIN:
            self.blame("%r has FIN" % s, s.time)
        if end.una_sure >= 0:
            self.blame("%r though our SYN has been acknowledged" % s, s.time)
        # In a simultaneous open Linux repeats the options of its own SYN.
        self.asked = getattr(self, "asked", False) or not s.flags & ACK
        repeats = self.asked and self.options["simultaneous_offers"]
        answer = s.flags & ACK and end.syn_in is not None and not repeats
        for option in (SCALE, SACK_PERMITTED, TIMESTAMP):
            if answer and option in s.options and option not in end.syn_in.options:
                self.blame("%r has option %d, which was not offered" % (s, option), s.time)
        if SCALE in s.options and s.options[SCALE][0] > 14:
            self.blame("%r scales by more than 14" % s, s.time)


class Stream(Rule):
    """The stream is one: no gaps, no other octets the second time, one place for the FIN."""

    name, section = "stream", "RFC 9293 3.4, 3.6, 3.8.1"

    def begin(self):
        seen = self.end.seen
        self.text = b""
        if seen:
            size = sum(n for _, what, n in seen["calls"] if what in ("send", "urgent"))
            self.text = contents(seen["number"] - 1, seen["side"] - 1, size)

    def sent(self, s):
        end = self.end
        if s.flags & RST or s.off is None:
            return
        if s.off > max(end.top, 0) or s.flags & SYN and s.seq != end.isn:
            self.blame("%r leaves a gap behind %d" % (s, end.top), s.time)
        elif s.data and not self.keepalive(s):
            self.data(s)
        if s.flags & FIN:
            self.fin(s)

    def keepalive(self, s):
        """One octet of garbage (MAY-6)."""
        probe = s.end == self.end.top and len(s.data) == 1 and self.options["keepalive"]
        return probe and self.options["keepalive_octet"]

    def data(self, s):
        end = self.end
        if s.off < 0 or self.text[s.off : s.end] != s.data:
            if s.end > end.written:
                self.blame("%r carries octets that the program never sent" % s, s.time)
            else:
                self.blame("%r carries other octets than the stream's" % s, s.time)
        if end.fin_at is not None and s.end > end.fin_at:
            self.blame("%r reaches beyond the FIN at %d" % (s, end.fin_at), s.time)

    def fin(self, s):
        end = self.end
        if end.fin_at is not None and s.end != end.fin_at:
            self.blame("%r: the FIN moves from %d to %d" % (s, end.fin_at, s.end), s.time)
        if end.seen and end.finish_time is None:
            self.blame("%r: FIN, though the program did not close" % s, s.time)


class Empty(Rule):
    """Segments without data stand at SND.NXT; one below is a probe."""

    name, section = "empty-segment", "RFC 9293 3.8.4, 3.8.6.1, 3.10.7.4"

    def sent(self, s):
        end = self.end
        if s.data or s.flags & (SYN | RST | FIN) or s.off is None:
            return
        nxt = max(end.top, 0)
        if s.off == nxt:
            return
        if s.off == nxt - 1 and end.una == end.top:
            closed = end.window_may_be_closed() and self.options["zero_window_probe"] == "empty"
            # Linux probes whatever it is that holds data back (tcp_check_probe_timer).
            held = self.options["send_whole_buffers"]
            if closed or held or self.options["keepalive"]:
                return
        edges = [end.una + window for window in (end.window, end.window_sure) if window is not None]
        if self.options["ack_seq_in_window"] and s.off < nxt and s.off in edges:
            return  # the window has shrunk
        self.blame("%r is not at SND.NXT, %d" % (s, nxt), s.time)


class Again(Rule):
    """What has been acknowledged is not sent again."""

    name, section = "sent-again", "RFC 9293 3.8.1, 3.10.7.4 fifth"

    def sent(self, s):
        end = self.end
        if s.flags & (SYN | RST) or s.off is None or not (s.data or s.flags & FIN):
            return
        top = s.end + (s.flags & FIN)
        if top <= end.una_sure and not (self.options["keepalive_octet"] and len(s.data) == 1):
            self.blame("%r, but up to %d is acknowledged" % (s, end.una_sure), s.time)


class Edge(Rule):
    """Nothing beyond the edge of the peer's window, but probes when it is closed."""

    name, section = "beyond-the-window", "RFC 9293 3.8.6, 3.8.6.1"

    def sent(self, s):
        end = self.end
        if s.flags & (SYN | RST) or s.off is None:
            return
        top = s.end + (s.flags & FIN)
        if top <= end.edge or top <= end.una or not (s.data or s.flags & FIN):
            return
        probe = top - s.off == 1 and s.off >= end.edge and end.una >= s.off
        if not probe:
            self.blame("%r reaches %d, the window %d" % (s, top, end.edge), s.time)


class Size(Rule):
    """MSS of the peer, options taken off (RFC 6691), and the MTU of our link."""

    name, section = "segment-size", "RFC 9293 3.7.1, MUST-16; RFC 6691"

    def sent(self, s):
        most = self.end.send_mss()
        if s.data and not s.flags & SYN and len(s.data) + s.options_size > most:
            self.blame("%r with options is longer than %d" % (s, most), s.time)
        if s.ip_size > self.facts["mtu"]:
            self.blame("%r does not fit the MTU %d" % (s, self.facts["mtu"]), s.time)


class Acknowledge(Rule):
    """The ACK field: all that came in order, nothing that did not, and never back."""

    name, section = "acknowledgment", "RFC 9293 3.4, 3.10.7.4"

    def sent(self, s):
        end = self.end
        if s.ackoff is None or s.flags & RST:
            return
        if s.ackoff > end.nxt:
            self.blame("%r acknowledges %d, but only up to %d came" % (s, s.ackoff, end.nxt), s.time)
        # Each of several early segments of one instant draws an ACK of what there was before it.
        least = end.nxt_before if end.last_came == s.time else end.nxt_sure
        if s.ackoff < least and not s.flags & SYN:
            self.blame("%r acknowledges %d, though all up to %d came" % (s, s.ackoff, least), s.time)
        if end.ack_sent is not None and s.ackoff < end.ack_sent:
            self.blame("%r takes the ACK %d back" % (s, end.ack_sent), s.time)


class Offer(Rule):
    """Our own window: its right edge never moves to the left, nor to the right in crumbs."""

    name, section = "window-offered", "RFC 9293 3.8.6 SHLD-14, 3.8.6.2.2 MUST-39; RFC 7323 2.4"

    def sent(self, s):
        end, o = self.end, self.options
        if s.ackoff is None or s.flags & RST or end.offered is None:
            return
        edge = s.ackoff + end.offers(s, end.shift_out())
        grain = 1 << end.shift_out()
        if edge < end.offered and not o["shrink_window"] and not s.flags & SYN:
            self.blame("%r moves the right edge from %d back to %d" % (s, end.offered, edge), s.time)
        if o["receive_autotune"] or o["window_step"] == "any" or s.flags & SYN or not s.window:
            return
        if o["receive_memory"]:  # Linux: what is free of memory, in steps of its own
            return
        buffer, mss = o["receive_buffer"], min(end.receive_mss(), self.facts["mss"])
        if o["round_buffer"]:
            buffer += end.send_mss() - 1
        step = min(o["receive_buffer"] // 2, mss)
        moved = edge - end.offered
        first = end.una <= 0 and end.nxt == 0
        if grain <= moved <= step - grain and not first:
            self.blame("%r moves the right edge by %d" % (s, moved), s.time)
        # What rounding adds (RFC 7323 2.4) may add up while nothing is read.
        # What nobody will read takes none: the program has closed (close_unread = fin).
        closed = end.close_time is not None and end.close_time <= s.time
        if moved >= grain and edge > end.read + buffer + grain and not closed:
            self.blame("%r offers room that unread data takes" % s, s.time)


class Promptness(Rule):
    """How long an acknowledgment may wait."""

    name, section = "delayed-ack", "RFC 9293 3.8.6.3 MUST-40, SHLD-18, SHLD-19; RFC 5681 4.2"

    def begin(self):
        self.due = []  # (when, up to where, why)
        self.largest = 0
        self.full = []  # where full segments end that are not acknowledged

    def owe(self, time, need, why, s):
        self.due.append((time, need, why, s))

    def adapts(self):
        return self.options["delayed_ack_rule"] == "adapts"

    def later(self, time):
        if self.adapts():
            return time + 200_000_000  # as long as Linux ever waits
        delay, grain = self.options["delayed_ack"], self.options["timer_grain"]
        time += delay
        return (time + grain - 1) // grain * grain if grain and delay else time

    def soon(self, time):
        """Of many that come out of order, Linux makes one ACK of several."""
        slack = 1_000_000
        return time + self.options["comp_sack_delay"] + slack if self.adapts() else time

    def came(self, s):
        end = self.end
        before = end.nxt_old
        if end.close_time is not None or not end.established() or s.flags & SYN:
            return
        if s.order != "sure" or not len(s.data) + (s.flags & FIN):
            return
        if end.nxt_sure == before:
            self.owe(self.soon(s.time), end.nxt_before, "out of order", s)
        elif end.gap or s.off < before and self.tells_of_copies():
            self.owe(self.soon(s.time), end.nxt_before, "beside a gap", s)
        elif s.data:
            self.in_order(s, s.end - max(s.off, before))
        if s.flags & FIN and end.nxt_sure > s.end:
            at_once = self.options["ack_of_fin"] == "immediate" and not self.adapts()
            self.owe(s.time if at_once else self.later(s.time), end.nxt_sure, "FIN", s)

    def tells_of_copies(self):
        """Whether a copy with new data at its end is answered at once, for the D-SACK's sake.

        Without SACK it is "the idealized segment that begins at RCV.NXT", old data trimmed off (RFC
        9293 3.10.7.4), and neither above a gap nor filling one (RFC 5681 4.2): its ACK may wait.
        """
        return self.end.agreed(SACK_PERMITTED) and not self.adapts()  # Linux: it is no trouble

    def in_order(self, s, size):
        """So many octets of it are new."""
        every = self.options["ack_every"]
        # Options may differ from segment to segment; the largest so far is certainly full.
        self.largest = max(self.largest, size)
        full = size + s.options_size >= self.end.receive_mss()
        if full and size == self.largest:
            self.full.append(s.end)
        # Linux's waits for the program's reading where the window would close.
        if len(self.full) >= every and not self.adapts():
            self.owe(s.time, self.full[-every], "every second full segment", s)
        self.owe(self.later(s.time), s.end, "in order", s)

    def sent(self, s):
        if s.ackoff is not None and not s.flags & RST and (self.due or self.full):
            self.due = [debt for debt in self.due if debt[1] > s.ackoff]
            self.full = [end for end in self.full if end > s.ackoff]

    def until(self, time):
        for when, need, why, s in self.due:
            if when >= time:
                continue
            if self.end.state_at(when) not in ("CLOSED", "LISTEN", None):
                self.blame("no acknowledgment up to %d of %r (%s)" % (need, s, why), when)
        if self.due:
            self.due = [debt for debt in self.due if debt[0] >= time]

    def over(self, time):
        self.until(time)


def touch(a, b):
    return a[0] <= b[1] and b[0] <= a[1]


class Sack(Rule):
    """Blocks tell of what came beyond the ACK, the newest first; a D-SACK of what came twice."""

    name, section = "sack", "RFC 2018 3, 4; RFC 2883 4"

    def begin(self):
        self.twice = []  # (time, start, end) of what came again since the last segment was sent
        self.newest = self.owed = None
        self.behind = None  # what came last when an ACK of Linux told of all before it
        self.since = 0  # how many early segments came since the last segment was sent
        self.merges = self.options["delayed_ack_rule"] == "adapts"  # several ACKs into one (Linux)

    def came(self, s):
        end = self.end
        if s.off is None:
            return
        if s.flags & SYN and s is not end.syn_in and s.seq == end.peer_isn:
            self.twice.append((s.time, -1, 0))
        fin = s.flags & FIN if self.options["sack_fin"] else 0
        for a, b in s.again:
            self.twice.append((s.time, a, min(b, s.end + fin)))
        if (s.data or fin) and s.order == "sure" and s.off > end.nxt_sure:
            self.newest = (s.off, s.end + fin)
            self.since += 1

    def sent(self, s):
        end = self.end
        if s.flags & (SYN | RST) or s.ackoff is None:
            return
        if s.sacks and not end.agreed(SACK_PERMITTED):
            self.blame("%r has SACK, which was not agreed on" % s, s.time)
            return
        blocks = [(distance(a, end.peer_isn + 1), distance(b, end.peer_isn + 1)) for a, b in s.sacks]
        if blocks and (self.is_duplicate(blocks, s.ackoff) or self.is_ahead(blocks[0], s.time)):
            self.duplicate(blocks.pop(0), s)
        left_out = self.left_out(blocks, s)
        for block in blocks:
            self.block(block, s, left_out)
        for i, a in enumerate(blocks):
            if any(a[0] < b[1] and b[0] < a[1] for b in blocks[:i]):
                self.blame("%r: SACK blocks overlap" % s, s.time)
        self.complete(blocks, s, left_out)
        self.since = 0
        # A full segment has no room.  Linux's D-SACK then goes with the next, later than RFC 2883 4
        # has it.
        if not s.data or not self.options["dsack_waits"]:
            self.twice = [came for came in self.twice if came[0] == s.time]

    def is_ahead(self, block, time):
        """Linux's ACK that leaves because early data came far from the rest: it has the D-SACK of
        that data already, its block not yet (tcp_sack_compress_send_ack)."""
        whole = self.end.sure.around(block[0])
        known = any((time, *block) == again for again in self.twice)
        return self.merges and known and whole is not None and whole != block

    def one_came(self, s):
        """Not several at this instant, of which an ACK may have known only the first; nor an ACK of
        a mark alone (RFC 9768), which leaves before the text is looked at."""
        end = self.end
        marks = end.syn_out.flags & AE or end.syn_in is None or end.syn_in.flags & AE
        return not marks and end.burst <= 1 or end.last_came != s.time

    @staticmethod
    def is_duplicate(blocks, ack):
        a, b = blocks[0]
        return a < ack or any(c <= a and b <= d for c, d in blocks[1:])

    def duplicate(self, block, s):
        a, b = block
        if not self.options["dsack"]:
            self.blame("%r has a D-SACK, which is turned off" % s, s.time)
        if not any(c <= a and b <= d for _, c, d in self.twice):
            self.blame("%r: %d to %d did not come twice just now" % (s, a, b), s.time)

    def block(self, block, s, left_out):
        a, b = block
        if a >= b or a <= s.ackoff:
            self.blame("%r: SACK from %d to %d beside the ACK %d" % (s, a, b, s.ackoff), s.time)
        elif not self.end.may.covers(a, b):
            self.blame("%r: SACK from %d to %d, which did not come" % (s, a, b), s.time)
        else:
            whole = self.end.sure.around(a)
            alone = self.one_came(s) and not s.data and not s.flags & FIN
            if left_out and touch(block, left_out):
                alone = False  # it was larger at once, and is told of as it was before
            if alone and whole and (whole[0] < a or whole[1] > b + 1):
                self.blame("%r: SACK from %d to %d is a part of %r" % (s, a, b, whole), s.time)

    def complete(self, blocks, s, left_out):
        """Early data is told of, what came last in the first block."""
        end = self.end
        newest, self.newest = self.newest, None
        self.caught_up(blocks, s)
        if newest is None or not end.agreed(SACK_PERMITTED) or s.data:
            return
        early, newest = newest, newest[0]
        if newest <= end.nxt_sure:
            return
        if not self.one_came(s):
            self.owed = None
            return
        if end.fin_at is None and end.sure.around(newest) == (newest, newest + 1):
            return  # perhaps a FIN alone
        if blocks and blocks[0][0] <= newest < blocks[0][1]:
            self.owed = None
        elif left_out:
            self.owed, self.behind = None, newest
        elif blocks or s.options_size <= 28:
            wait = 0
            if self.merges:  # several as one; this one was before it
                wait = self.options["comp_sack_delay"] + 1_000_000
            self.newest = early
            self.owed = (s.time + wait, "%r does not begin with %d" % (s, newest))

    def left_out(self, blocks, s):
        """What came last, if an ACK of Linux waited and neither of the first two blocks touches it:
        that one goes first, and is the ACK of this segment, too (tcp_sack_compress_send_ack)."""
        if not self.merges or self.since < 2 or s.time != self.end.last_came or not self.newest:
            return None
        far = len(blocks) > 1 and not any(touch(block, self.newest) for block in blocks[:2])
        return self.newest if far else None

    def caught_up(self, blocks, s):
        """What that ACK left out is in the next."""
        if self.behind is None or s.data:
            return
        told = any(a <= self.behind < b for a, b in blocks[:2])
        if not told and self.behind > self.end.nxt_sure and self.since == 1 and self.one_came(s):
            self.blame("%r still leaves out %d" % (s, self.behind), s.time)
        self.behind = None

    def until(self, time):
        """Another segment of the same instant may have told."""
        if self.owed is not None and self.owed[0] < time:
            self.blame(self.owed[1], self.owed[0])
            self.owed = self.newest = None


class Timestamps(Rule):
    name, section = "timestamps", "RFC 7323 3.2, 4.3"

    def begin(self):
        self.last, self.came_values = None, set()

    def came(self, s):
        if s.tsval is not None:
            self.came_values.add(s.tsval)

    def sent(self, s):
        end = self.end
        if s.flags & SYN:
            # Linux echoes the connection whose place in TIME-WAIT this one takes.
            again = self.options["time_wait_reuse_echo"]
            if s.tsval is not None and not s.flags & ACK and s.tsecr and not again:
                self.blame("%r echoes though nothing came" % s, s.time)
        elif s.tsval is None:
            if end.agreed(TIMESTAMP) and not s.flags & RST:
                self.blame("%r without the timestamp that was agreed on" % s, s.time)
            return
        elif not end.agreed(TIMESTAMP):
            self.blame("%r with a timestamp that was not agreed on" % s, s.time)
            return
        if s.tsval is None:
            return
        if self.last is not None and distance(s.tsval, self.last) < 0:
            self.blame("%r: the timestamp goes back" % s, s.time)
        self.last = s.tsval
        # Linux's SYN,ACK of a simultaneous open has its own SYN's options, whatever came.
        repeats = s.flags & SYN and self.options["simultaneous_offers"] and not s.tsecr
        if s.flags & ACK and s.tsecr not in self.came_values and not repeats:
            self.blame("%r echoes %d, which never came" % (s, s.tsecr), s.time)
        elif s.flags & ACK and not s.flags & RST and end.ts_recent is not None:
            if distance(s.tsecr, end.ts_recent) > 0:
                self.blame("%r echoes a later timestamp than %d" % (s, end.ts_recent), s.time)


class Urgent(Rule):
    name, section = "urgent", "RFC 9293 3.8.5, MUST-62"

    def sent(self, s):
        end = self.end
        if not s.flags & URG:
            if s.urgent:
                self.blame("%r: a pointer without URG" % s, s.time)
            return
        if s.flags & (SYN | RST):
            return
        points = s.off + s.urgent + (1 if self.options["urgent_pointer"] == "last" else 0)
        known = any(a < points <= b for a, b in end.urgent)
        far = s.urgent == 65535 and any(b > points for _, b in end.urgent)
        if not known and not far:
            self.blame("%r points at %d, where no urgent data ends" % (s, points), s.time)


class Ecn(Rule):
    """Classic ECN; of the accurate kind only that nothing is marked before it is agreed on."""

    name, section = "ecn", "RFC 3168 6.1"

    def begin(self):
        self.echo, self.said = False, 0
        self.marked = (-1, 0)  # when a mark came, and where its segment ends

    def marks_all(self):
        """Linux's DCTCP wants marks of everything, SYNs too (tcp_ca_needs_ecn)."""
        return self.options["ecn_by_congestion"] and self.options["congestion_control"] == "dctcp"

    def kind(self):
        """What the SYNs agreed on: one of ours asked or answered, and so did the peer's."""
        end = self.end
        if end.syn_out is None or end.syn_in is None:
            return None
        if AE & (self.said | end.syn_in.flags):
            return "accurate"
        theirs = end.syn_in.flags & (ECE | CWR)
        answer = end.syn_in.flags & ACK
        good = theirs == ECE if answer else theirs == ECE | CWR
        return "classic" if good and self.said & ECE else None

    def came(self, s):
        if s.flags & SYN or self.kind() != "classic":
            return
        if s.flags & CWR and s.data:
            self.echo = False
        if s.ecn == 3 and s.data and s.order == "sure":
            if not self.echo:
                self.marked = (s.time, s.end)
            self.echo = True

    def sent(self, s):
        if s.flags & SYN:
            self.said |= s.flags
        if s.flags & (SYN | RST):
            # RFC 9768 lets a RST be marked as the packets before it, once ECN is agreed on.
            accurate = s.flags & RST and self.kind() == "accurate"
            if s.ecn and not self.marks_all() and not accurate:
                self.blame("%r is marked as capable" % s, s.time)
            return
        kind = self.kind()
        if kind == "accurate":
            return
        if kind is None:
            if s.ecn or s.flags & (ECE | CWR):
                self.blame("%r speaks ECN, which was not agreed on" % s, s.time)
            return
        again = s.off is not None and s.off < self.end.top
        if s.ecn and (not s.data or again) and not self.marks_all():
            self.blame("%r is marked as capable, but is no new data" % s, s.time)
        # TIME-WAIT is a record of a few numbers; its peer has nothing left to send slower.
        waits = self.end.state_at(s.time) == "TIME-WAIT"
        # The ACK field comes before the text (RFC 9293 3.10.7.4): data that it has sent again leaves
        # before the mark is known, and does not acknowledge the segment that has it.
        before = again and s.data and self.marked[0] == s.time and s.ackoff < self.marked[1]
        if self.echo and s.flags & ACK and not s.flags & ECE and not waits and not before:
            self.blame("%r does not echo the mark" % s, s.time)


CHECKS = [
    Checksum, Handshake, Stream, Empty, Again, Edge, Size, Acknowledge, Offer, Promptness, Sack,
    Timestamps, Urgent, Ecn,
]
