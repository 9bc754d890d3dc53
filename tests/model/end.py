"""One end of a connection, as its host's capture tells it: the model's own variables.

All places are offsets in the stream: the first octet of data is 0, the SYN stands at -1, and the
FIN behind the last octet.  Where the end itself may or may not have taken a segment (it was
outside the window, an old timestamp, data on a SYN), there are two values: what it *may* have
and what it has for *sure*; on most connections they agree all the time.
"""

from capture import ACK, FIN, MSS, RST, SACK_PERMITTED, SCALE, SYN, TIMESTAMP
from ranges import Ranges

NEVER = 1 << 62


def distance(a, b):
    """a - b for sequence numbers, from -2^31 up to, not including, 2^31."""
    d = (a - b) & 0xFFFFFFFF
    return d - (1 << 32) if d & 0x80000000 else d


class Sent:
    """A stretch of the stream that was sent and is not acknowledged: when, and how often."""

    __slots__ = ("start", "end", "time", "first", "times")

    def __init__(self, start, end, time, first, times):
        self.start, self.end, self.time, self.first, self.times = start, end, time, first, times


class End:
    def __init__(self, host, syn, options, seen):
        self.host, self.flow, self.options = host, (syn.src, syn.sport, syn.dst, syn.dport), options
        self.seen = seen  # what the program at this end did and saw (from play.lua), or None
        self.states = []  # (time, state)
        self.partner = None  # the other end of the connection
        self.isn, self.peer_isn = syn.seq, None
        self.born = syn.time
        # Sending.
        self.top = -1  # SND.NXT
        self.una = self.una_sure = -1
        self.una_time = syn.time  # when it advanced last
        self.sure_time = syn.time  # when it surely did
        self.heard = syn.time  # when the last intact segment came
        self.edge = 0  # the furthest right edge the peer offered
        self.window = None  # the newest window that came, scaled
        self.window_sure = None  # the newest that was surely heeded
        self.wl1 = 0  # where the furthest segment began that may have told of it (SND.WL1)
        self.greatest_window = 0
        self.fin_at = None
        self.sacked = Ranges()  # what the peer told that it has
        self.outstanding = []  # of Sent, by rising start
        self.ambiguous = False  # the last acknowledged stretch was sent more than once
        # Receiving.
        self.may, self.sure = Ranges(), Ranges()  # what came; with the FIN
        self.nxt = self.nxt_sure = 0
        self.burst = 0  # how many came at this instant
        self.nxt_before = 0  # as it was before this instant
        self.nxt_old = 0  # as it was before the last text came
        self.gap = False  # whether early data waited when the last text came
        self.early = []  # (start, end) of segments that came before their turn
        self.offered = None  # the right edge we offered
        self.peer_fin_at = None
        self.ack_sent = None
        self.ts_recent = None  # at most this
        # Options.
        self.syn_out, self.syn_in = None, None
        self.last_came = None  # time of the last packet that arrived, damaged or not
        self.last_sent = None
        self.resets_in, self.icmp = [], []
        self.call_at = 0
        self.written = 0  # octets that the program asked to send so far
        self.read = 0
        self.finish_time = self.close_time = self.reset_time = None
        self.fin_is_free = False
        self.urgent = []  # (start, end) of urgent writes
        self.last_call = None
        self.died = None  # when it was CLOSED, or went back to LISTEN
        self.died_by_own_rst = False
        self.timer_at, self.keepalives = None, []  # set by the rules for them
        self.progress = syn.time  # when something began to be outstanding, or was acknowledged
        self.outstanding_at_death = 0  # transmissions of the oldest segment
        self.reopened = False
        self.before = None  # the incarnation before this one

    # What both have said in their SYNs.

    def agreed(self, option):
        return (
            self.syn_out is not None
            and self.syn_in is not None
            and option in self.syn_out.options
            and option in self.syn_in.options
        )

    def shift_out(self):
        return self.syn_out.options[SCALE][0] if self.agreed(SCALE) else 0

    def shift_in(self):
        return min(self.syn_in.options[SCALE][0], 14) if self.agreed(SCALE) else 0

    def send_mss(self):
        """What the peer's MSS option allows a segment to carry, TCP options included."""
        if self.syn_in is not None and MSS in self.syn_in.options:
            told = int.from_bytes(self.syn_in.options[MSS], "big")
        else:
            told = 536 if len(self.flow[0]) == 4 else 1220
        return max(told, self.options["mss_least"])

    def receive_mss(self):
        return int.from_bytes(self.syn_out.options.get(MSS, b"\x02\x18"), "big")

    def established(self):
        return self.una >= 0 and self.peer_isn is not None

    def outstanding_octets(self):
        return self.top - max(self.una, 0)

    def dead_before(self, time):
        return self.died is not None and self.died < time

    def gives_way(self, time):
        """It is over, and the incarnation whose TIME-WAIT it broke into waits on."""
        return self.before is not None and self.before.state_at(time) == "TIME-WAIT"

    def active_at(self, time):
        """Neither over nor in TIME-WAIT."""
        return self.state_at(time) not in ("CLOSED", "LISTEN", "TIME-WAIT", None)

    def came_at(self, time):
        return self.last_came == time

    def oldest_again(self, s):
        return bool(self.outstanding) and s.off <= self.outstanding[0].start

    def stirred(self, time):
        """Something at this instant may have made the end send, beside its timers."""
        return self.last_came == time or self.stirred_otherwise(time)

    def stirred_otherwise(self, time):
        return self.last_call == time or any(t == time and not out for t, out in self.icmp)

    def state_at(self, time):
        state = None
        for when, name in self.states:
            if when > time:
                break
            state = name
        return state

    def take_calls(self, time):
        """What the program did up to now."""
        calls = self.seen["calls"] if self.seen else []
        while self.call_at < len(calls) and calls[self.call_at][0] <= time:
            when, what, n = calls[self.call_at]
            self.call_at += 1
            self.last_call = when
            if what in ("send", "urgent"):
                if what == "urgent":
                    self.urgent.append((self.written, self.written + n))
                self.written += n
            elif what == "read":
                self.read += n
            elif what in ("shutdown", "close", "reset"):
                if self.finish_time is None and what != "reset":
                    self.finish_time = when
                    self.fin_is_free = self.nothing_in_its_way(when)
                if what == "close" and self.close_time is None:
                    self.close_time = when
                if what == "reset":
                    self.reset_time = when

    def nothing_in_its_way(self, time):
        """All that the program wrote is acknowledged, and the window takes a FIN."""
        idle = self.una == self.una_sure == max(self.top, 0) == self.written
        return idle and self.established() and self.edge > self.top and self.window and (
            self.active_at(time - 1))

    # Segments.

    def place(self, s):
        """Offsets of a segment that is sent or came."""
        mine, theirs = (self.isn, self.peer_isn) if s.out else (self.peer_isn, self.isn)
        if mine is None and s.flags & SYN:
            mine = s.seq
        s.off = distance(s.seq, mine + 1) + (1 if s.flags & SYN else 0) if mine is not None else None
        s.end = None if s.off is None else s.off + len(s.data)
        s.ackoff = distance(s.ack, theirs + 1) if s.flags & ACK and theirs is not None else None

    def window_in_doubt(self):
        """It opened by a segment from before the one that closed it (SND.WL1)."""
        return self.window_sure == 0 and self.window != 0

    def window_may_be_closed(self):
        return 0 in (self.window, self.window_sure)

    def offers(self, s, shift):
        return s.window if s.flags & SYN else s.window << shift

    def sent(self, s):
        self.last_sent = s.time
        if s.flags & RST:
            self.died_by_own_rst = True
            return
        if s.flags & SYN:
            self.syn_out = s
        start = -1 if s.flags & SYN else s.off
        end = s.end + (s.flags & FIN)
        if end > start and end > self.una:
            if not self.outstanding:
                self.progress = s.time
            self.remember(start, end, s.time)
        if s.flags & FIN and self.fin_at is None:
            self.fin_at = s.end
        self.top = max(self.top, end)
        if s.ackoff is not None:
            self.ack_sent = s.ackoff
            if s.ackoff > self.nxt_sure:  # so it had taken what it might have dropped
                self.sure.add(0, s.ackoff)
                self.nxt_sure = self.sure.end_of(0)
            edge = s.ackoff + self.offers(s, self.shift_out())
            self.offered = edge if self.offered is None else max(self.offered, edge)
        elif s.flags & SYN:
            self.offered = s.window

    def remember(self, start, end, time):
        """The stretch is under way (again); what lies there already is replaced."""
        kept, times, first = [], 0, time
        if self.outstanding and start < self.outstanding[-1].end:
            for old in self.outstanding:
                if old.end <= start or old.start >= end:
                    kept.append(old)
                    continue
                times, first = max(times, old.times), min(first, old.first)
                if old.start < start:
                    kept.append(Sent(old.start, start, old.time, old.first, old.times))
                if old.end > end:
                    kept.append(Sent(end, old.end, old.time, old.first, old.times))
            kept.append(Sent(start, end, time, first, times + 1))
            kept.sort(key=lambda sent: sent.start)
            self.outstanding = kept
            self.outstanding_at_death = kept[0].times
        else:
            self.outstanding.append(Sent(start, end, time, time, 1))

    def came(self, s):
        """What an intact segment changes.  Sets s.order: "sure", or "may" when it may be dropped; and
        s.again, the parts of it that had come before."""
        if s.time != self.last_came:
            self.nxt_before, self.burst = self.nxt_sure, 0
        self.burst += 1
        self.heard_before, self.heard = self.heard, s.time
        self.last_came = s.time
        s.order, s.fits, s.again = "may", False, []
        if self.dead_before(s.time):
            return
        if s.flags & RST:
            self.resets_in.append(s)
            return
        if s.flags & SYN and self.peer_isn is None:
            if s.flags & ACK and not -1 < s.ackoff <= max(self.top, 0):
                return
            self.peer_isn, self.syn_in = s.seq, s
            self.place(s)
        if s.off is None:
            return
        if self.acceptable(s):
            s.order, s.fits = "sure", True
        self.take_ack(s)
        if not s.flags & SYN or s.seq == self.peer_isn:
            self.take_text(s)

    def acceptable(self, s):
        """The end certainly takes this segment (Table 6, and what comes behind it)."""
        if s.flags & SYN:
            return s is self.syn_in
        if s.ackoff is None or not self.established() and s.ackoff < 0:
            return False
        if s.ackoff > self.top or s.ackoff < self.una_sure - self.greatest_window:
            return False
        if self.agreed(TIMESTAMP):
            if s.tsval is None:
                return False
            if self.ts_recent is not None and distance(s.tsval, self.ts_recent) < 0:
                return False
        if self.offered is None:
            return False
        size = len(s.data) + (s.flags & FIN)
        if size == 0:
            exact = s.off == self.nxt == self.nxt_sure
            return exact or self.nxt <= s.off < self.offered
        # What lies between the two it takes now, or has taken before.
        return s.off < self.offered and s.off + size > self.nxt_sure

    def take_ack(self, s):
        if s.ackoff is None or not -1 < s.ackoff <= self.top:
            return
        for a, b in s.sacks:
            self.sacked.add(distance(a, self.isn + 1), distance(b, self.isn + 1))
        window = self.offers(s, self.shift_in())
        self.edge = max(self.edge, s.ackoff + window)
        self.window = window
        self.greatest_window = max(self.greatest_window, window)
        old = s.end + (s.flags & FIN) <= self.nxt and s.off < self.nxt
        if s.order == "sure" and not old and s.ackoff > self.una_sure:
            self.una_sure, self.sure_time = s.ackoff, s.time
        if s.order == "sure" and not old and s.off >= self.wl1:
            self.window_sure = window
        self.wl1 = max(self.wl1, s.off)
        if s.ackoff <= self.una:
            return
        self.una, self.una_time = s.ackoff, s.time
        while self.outstanding and self.outstanding[0].end <= self.una:
            self.ambiguous = self.outstanding.pop(0).times > 1
        if self.outstanding and self.outstanding[0].start < self.una:
            self.outstanding[0].start = self.una

    def take_text(self, s):
        end = s.end + (s.flags & FIN)
        if s.flags & FIN and self.peer_fin_at is None:
            self.peer_fin_at = s.end
        if s.tsval is not None and (s is self.syn_in or self.agreed(TIMESTAMP)):
            old = self.ack_sent is None or s.off <= self.ack_sent
            if old and (self.ts_recent is None or distance(s.tsval, self.ts_recent) > 0):
                self.ts_recent = s.tsval
        if end <= s.off:
            return
        self.nxt_old = self.nxt_sure
        self.gap = self.sure.above(self.nxt_sure) > 0
        s.again = self.may.within(s.off, end)
        self.may.add(s.off, end)
        self.nxt = self.may.end_of(0)
        deaf = self.close_time is not None and self.close_time < s.time
        if s.flags & SYN or deaf or not self.kept(s):
            s.order = "may"
        if s.order == "sure":
            self.sure.add(max(s.off, self.nxt_sure), min(end, self.offered))
            self.nxt_sure = self.sure.end_of(0)

    def kept(self, s):
        """In order, or early and the end has room for it (SHLD-31)."""
        limit = self.options["reassembly_limit"]
        if s.off <= self.nxt_sure or limit == 0:
            return True
        self.early = [early for early in self.early if early[1] > self.nxt_sure]
        self.early.append((s.off, s.end))
        return len(self.early) <= limit
