"""How connections end: RST, the states, and what the programs are told."""

from capture import ACK, FIN, RST, SYN
from end import distance
from rules import Finding, Rule

SECOND = 10**9
SYNCHRONIZED = (
    "ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 CLOSE-WAIT CLOSING LAST-ACK TIME-WAIT").split()
# Figure 5, and the arrows to CLOSED.
ARROWS = {
    None: "SYN-SENT SYN-RECEIVED",
    "LISTEN": "SYN-RECEIVED CLOSED",
    "CLOSED": "SYN-SENT SYN-RECEIVED",
    "SYN-SENT": "SYN-RECEIVED ESTABLISHED CLOSED",
    "SYN-RECEIVED": "ESTABLISHED FIN-WAIT-1 LISTEN CLOSED",
    "ESTABLISHED": "FIN-WAIT-1 CLOSE-WAIT CLOSED",
    "FIN-WAIT-1": "FIN-WAIT-2 CLOSING TIME-WAIT CLOSED",
    "FIN-WAIT-2": "TIME-WAIT CLOSED",
    "CLOSE-WAIT": "LAST-ACK CLOSED",
    "CLOSING": "TIME-WAIT CLOSED",
    "LAST-ACK": "CLOSED",
    "TIME-WAIT": "CLOSED",
}


class Resets(Rule):
    """A RST answers what it must, stands where the peer will believe it, and answers no RST."""

    name, section = "reset", "RFC 9293 3.5.2, 3.5.3, 3.10.7.1, 3.10.4, SHLD-3"

    def begin(self):
        self.now, self.time = [], None
        self.owed = []  # (time, why)
        self.sent_at = set()
        self.closed_checked = False

    def came(self, s):
        if s.time != self.time:
            self.now, self.time = [], s.time
        self.now.append(s)
        if s.flags & RST:
            return
        end = self.end
        dropped = s.flags & SYN and (not s.flags & ACK or self.facts["drops"])
        if end.dead_before(s.time) and not dropped and not end.gives_way(s.time):
            self.owed.append((s.time, "%r came for no connection" % s))
        elif self.wrong_syn_ack(s):
            self.owed.append((s.time, "%r acknowledges what was never sent" % s))
        elif self.after_close(s):
            self.owed.append((s.time, "%r brings data that nobody will read" % s))

    def wrong_syn_ack(self, s):
        end = self.end
        opening = end.una < 0 and end.peer_isn is None and s.flags & ACK
        return opening and s.flags & SYN and not -1 < s.ackoff <= max(end.top, 0)

    def after_close(self, s):
        end = self.end
        if end.close_time is None or end.close_time >= s.time or not s.data or not s.fits:
            return False
        return end.state_at(s.time - 1) in ("FIN-WAIT-1", "FIN-WAIT-2") and s.off == end.nxt_sure

    def sent(self, s):
        if not s.flags & RST:
            return
        end = self.end
        self.sent_at.add(s.time)
        answers = [c for c in self.now if c.time == s.time] if self.time == s.time else []
        called = s.time in (end.reset_time, end.close_time)
        if self.place_is_right(s, [c for c in answers if not c.flags & RST]):
            if called or any(not c.flags & RST for c in answers):
                return
            if answers:
                self.blame("%r answers a RST" % s, s.time)
            elif not end.keepalives or len(end.keepalives) < self.options["keepalive_probes"]:
                self.blame("%r without a reason" % s, s.time)
            return
        self.blame("%r stands where nobody expects it" % s, s.time)

    def place_is_right(self, s, answers):
        end = self.end
        if end.isn is not None and distance(s.seq, end.isn + 1) == max(end.top, 0):
            return True
        for came in answers:
            if came.flags & ACK and s.seq == came.ack:
                return True
            size = len(came.data) + bool(came.flags & SYN) + bool(came.flags & FIN)
            if not came.flags & ACK and s.seq == 0 and s.ack == (came.seq + size) & 0xFFFFFFFF:
                return True
        return False

    def until(self, time):
        for when, why in self.owed:
            if when < time and when not in self.sent_at:
                self.blame("no RST, though %s" % why, when)
        if self.owed:
            self.owed = [owed for owed in self.owed if owed[0] >= time]
        close = self.end.close_time
        if close is not None and close < time and not self.closed_checked:
            self.closed_checked = True
            self.closed(close)

    def closed(self, close):
        end = self.end
        if end.state_at(close - 1) not in SYNCHRONIZED[:-1] or end.came_at(close):
            return
        if end.seen.get("read_error") or end.seen.get("write_error"):
            return  # it was over already, and what was unread is gone
        unread = end.nxt_sure - (end.peer_fin_at is not None and end.nxt_sure > end.peer_fin_at)
        if unread > end.read and self.options["close_unread"] == "rst":
            if close not in self.sent_at:
                text = "closed with %d octets unread, and no RST" % (unread - end.read)
                self.blame(text, close)

    def over(self, time):
        self.until(time + 1)


class States(Rule):
    """The states that the end says it went through, against what was sent and came by then."""

    name, section = "states", "RFC 9293 3.3.2 figure 5, 3.6.1 MUST-13, 3.10.7.4"

    def begin(self):
        self.facts_at = {}  # when each fact became true
        self.restarts = []  # FINs that came again
        self.resets = set()

    def note(self, fact, time):
        self.facts_at.setdefault(fact, time)

    def sent(self, s):
        if s.flags & RST:
            self.resets.add(s.time)

    def came(self, s):
        end = self.end
        if end.dead_before(s.time):
            return
        if end.una >= 0:
            self.note("syn-acked", s.time)
        if end.peer_isn is not None:
            self.note("syn-came", s.time)
        if end.fin_at is not None and end.una > end.fin_at:
            self.note("fin-acked", s.time)
        if end.fin_at is not None and end.una_sure > end.fin_at:
            self.note("fin-acked-surely", s.time)
        if end.peer_fin_at is not None and end.nxt > end.peer_fin_at:
            self.note("fin-came", s.time)
            old = s.tsval is not None and distance(s.tsval, end.ts_recent or 0) < 0
            if s.flags & FIN and s.end == end.peer_fin_at:
                self.restarts.append((s.time, not old))  # an old timestamp may have it dropped
        if end.peer_fin_at is not None and end.nxt_sure > end.peer_fin_at:
            self.note("fin-came-surely", s.time)

    def by(self, fact, time):
        return fact in self.facts_at and self.facts_at[fact] <= time

    def needs(self, state, time):
        """What must have happened before this state."""
        end = self.end
        finished = end.finish_time is not None and end.finish_time <= time
        known = end.seen is None
        return {
            "SYN-SENT": True,
            "SYN-RECEIVED": True,
            "LISTEN": True,
            "CLOSED": True,
            "ESTABLISHED": self.by("syn-acked", time) and self.by("syn-came", time),
            "FIN-WAIT-1": finished or known,
            "FIN-WAIT-2": self.by("fin-acked", time),
            "CLOSE-WAIT": self.by("fin-came", time),
            "CLOSING": self.by("fin-came", time) and not self.by("fin-acked-surely", time - 1),
            "LAST-ACK": self.by("fin-came", time) and (finished or known),
            "TIME-WAIT": self.by("fin-acked", time) and self.by("fin-came", time),
        }[state]

    def over(self, time):
        end = self.end
        before = None
        entered = 0
        for when, state in end.states:
            if state not in ARROWS[before].split():
                self.blame("from %s to %s" % (before, state), when)
            if not self.needs(state, when):
                self.blame("%s after %s, but %r" % (state, before, self.facts_at), when)
            if state == "CLOSED":
                self.closed(before, entered, when)
            before, entered = state, when
        self.last(before, time)

    def last(self, state, time):
        both = self.by("fin-acked-surely", time) and self.by("fin-came-surely", time)
        if both and state not in ("TIME-WAIT", "CLOSED", None):
            self.blame("both FINs are acknowledged, and yet it is %s" % state, time)
        # Two ends that live on, and nothing left to do: who waits for whom?
        other = self.end.partner
        if state in SYNCHRONIZED and not self.facts["limit"] and other is not None:
            if other.active_at(time) and not self.facts["limit"]:
                self.blame("still %s when nothing is left to do" % state, time)

    def closed(self, before, entered, time):
        end, o = self.end, self.options
        came = any(r.time == time for r in end.resets_in)
        ours = time in self.resets or end.reset_time == time
        if came or ours:
            return
        if before == "TIME-WAIT":
            self.time_wait(entered, time)
        elif before == "LAST-ACK" and self.by("fin-acked", time):
            return
        elif before == "FIN-WAIT-2" and o["finwait2_timeout"] and end.close_time is not None:
            if time < entered + o["finwait2_timeout"] and time < end.close_time + o["finwait2_timeout"]:
                self.blame("FIN-WAIT-2 ended early", time)
        elif before == "SYN-SENT" and end.close_time is not None and end.close_time <= time:
            return
        elif any(t == time for t, out in end.icmp if not out):
            return
        else:
            self.gave_up(before, time)

    def time_wait(self, entered, time):
        o = self.options
        wait = o["time_wait"] or 2 * o["msl"]
        grain = o["timer_grain"]
        starts = [(t, sure) for t, sure in [(entered, True)] + self.restarts if entered <= t <= time]
        ends = {(t + wait + grain - 1) // grain * grain if grain else t + wait for t, _ in starts}
        least = max(t for t, sure in starts if sure) + wait
        recycled = o["time_wait_limit"] or o["max_connections"] or self.end.reopened
        if time not in ends and not recycled:
            text = "TIME-WAIT ended after %.3f s" % ((time - max(starts)[0]) / 1e9)
            self.blame(text, time)
        elif time < least and not recycled:
            self.blame("TIME-WAIT was not restarted by a FIN that came again", time)

    def time_of_retries(self, opening):
        """Where retries stand for the time that they take, eight of them when nobody holds the
        connection any more, and none once the timeout is at its bound."""
        end, o = self.end, self.options
        retries = o["syn_retries"] if opening else o["data_retries"]
        if end.close_time is not None and not opening:
            retries = o["orphan_retries"] or 8
        rto, total = o["rto_initial"] if opening else o["rto_min"], 0
        for _ in range(retries + 1):
            total += rto
            rto = min(2 * rto, o["rto_max"])
        return total

    def gave_up(self, before, time):
        """A timeout: only after R2, or so many retransmissions or probes."""
        end, o = self.end, self.options
        waited = time - end.sure_time
        if end.progress <= time:
            waited = time - max(end.sure_time, end.progress)
        opening = before in ("SYN-SENT", "SYN-RECEIVED")
        retries = o["synack_retries" if before == "SYN-RECEIVED" else "syn_retries"]
        limit = o["syn_r2"]
        if not opening:
            retries, limit = o["data_retries"], o["r2"]
        times = end.outstanding_at_death
        if waited >= limit or retries and times > retries:
            return
        if o["retries_by_time"] and waited >= self.time_of_retries(opening):
            return
        if end.keepalives and len(end.keepalives) >= o["keepalive_probes"]:
            return
        self.blame("gave up in %s after %.3f s and %d transmissions" % (before, waited / 1e9, times), time)


class Programs(Rule):
    """What the programs are told: the stream as it was sent, or why it broke off."""

    name, section = "delivery", "RFC 9293 3.1, 3.9.1, 3.10"

    def over(self, time):
        end, seen = self.end, self.end.seen
        if seen is None:
            return
        if seen.get("right") is False:
            self.blame("the program read other octets than were sent", time)
        length, why = seen.get("length"), seen.get("read_error")
        if length is not None and length > end.nxt:
            self.blame("the program read %d octets of %d that came" % (length, end.nxt), time)
        if why == "closed" and end.close_time is not None:
            if end.peer_fin_at is None or length != end.peer_fin_at:
                self.blame("told the end after %d octets, FIN at %s" % (length, end.peer_fin_at), time)
        for error in {why, seen.get("write_error")} - {None, "closed"}:
            self.explain(error, time)

    def explain(self, error, time):
        end = self.end
        ours = end.reset_time is not None or end.close_time is not None or end.died_by_own_rst
        reasons = {
            "reset": bool(end.resets_in) or ours,
            "refused": bool(end.resets_in),
            "timeout": True,  # the states say whether it was time
            "unreachable": any(not out for _, out in end.icmp),
            "not connected": True,
            "closing": True,
        }
        if not reasons.get(error, error.startswith("the connection has been closed")):
            self.blame("the program was told %r for no reason" % error, time)


def network(hosts, strays):
    """Nothing arrives whole that was not sent before."""
    for here, there in (hosts, hosts[::-1]):
        sent = {}
        for s in there.records:
            if s.out:
                sent.setdefault(s.raw, s.time)
        for s in here.records:
            if s.out or not s.intact or (s.seq, s.ack) in strays:
                continue
            if sent.get(s.raw, s.time + 1) > s.time:
                yield Finding("network", "links", None, "%r was not sent" % s, s.time)


ENDING = [Resets, States, Programs]
