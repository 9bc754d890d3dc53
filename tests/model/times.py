"""When a TCP sends: retransmission, probes, the congestion window."""

from capture import ACK, FIN, RST, SACK_PERMITTED, SYN, TIMESTAMP
from rules import Rule


class Timer(Rule):
    """The retransmission timeout: its least value, its doubling, and what it is kept at.

    Judged is only what nothing but the timer can have sent: the oldest segment again, at an
    instant at which nothing came and the program did nothing.
    """

    name, section = "retransmission-time", "RFC 6298 2, 5; RFC 9293 3.8.1, MUST-18"

    def begin(self):
        o = self.options
        self.fired = []  # times at which the timer sent the oldest segment, nothing having come
        self.sampled = False
        self.kept = 0  # what an ambiguous acknowledgment leaves the timeout at (Karn)
        self.una = -1
        self.least = self.most = 0  # the first interval of several
        self.last = 0  # when the timer fired last
        self.probed = None  # a probe's octet; another timer sends that
        self.syn_again = self.unsure = False
        self.syns = [0, 0]  # sent without ACK, and with
        self.heard = self.said = 0
        self.grain, self.slop = o["timer_grain"], o["rto_slop"]
        self.probes = o["recovery"] == "rack" or o["tail_loss_probe"]
        self.end.timer_at = None  # the last time that it fired, until something comes

    def came(self, s):
        end = self.end
        if end.una > self.una:
            self.advanced(end)
            self.unsure = False
        self.una, self.heard = end.una, s.time
        if self.fired:
            self.fired = []
        end.timer_at = None

    def advanced(self, end):
        o = self.options
        clear = not end.ambiguous or end.agreed(TIMESTAMP) or not o["karn"]
        # Linux's SYN,ACK of a simultaneous open is its SYN, of which it notes when it went last
        # (tcp_send_synack); as a retransmission it does not count.
        if o["simultaneous_offers"] and self.una < 0 and self.syns == [1, 1]:
            clear = True
        if clear:
            self.sampled, self.kept = True, 0
        elif o["backoff_until"] == "ack":
            self.kept = 0
        elif self.una < 0 and not self.sampled:
            self.kept = o["rto_after_syn_timeout"] if self.syn_again else 0
        elif self.fired:
            last = self.fired[-1] - self.fired[-2] if len(self.fired) > 1 else self.least
            self.kept = max(self.kept, 2 * (last - self.slop - self.grain))

    def sent(self, s):
        self.look(s)
        if s.data or s.flags & (SYN | FIN):
            self.said = s.time
        if s.flags & SYN:
            self.syns[bool(s.flags & ACK)] += 1

    def look(self, s):
        end = self.end
        start = -1 if s.flags & SYN else s.off
        if s.flags & RST or start is None or not end.outstanding:
            return
        oldest = end.outstanding[0]
        if not start <= oldest.start < s.end + (s.flags & FIN):
            return
        closed = (end.edge <= oldest.start or end.window_in_doubt()) and not s.flags & SYN
        if closed:
            self.probed = oldest.start
        if closed or end.stirred(s.time) or oldest.start == self.probed:
            self.fired = []
            self.unsure = True  # the timer may have fired at this very instant
            return
        self.fire(s, oldest)
        self.fired.append(s.time)
        self.last = s.time
        end.timer_at = s.time

    def fire(self, s, oldest):
        o, end = self.options, self.end
        syn = s.flags & SYN
        self.syn_again = self.syn_again or bool(syn)
        if not self.fired:
            # It ran from the last of these on; what is sent again for another reason leaves it.
            base = max(end.progress, end.una_time, self.last)
            if o["rto_restart"]:
                base = oldest.first
            if not syn and (self.probes or o["pacing"]):
                return
            # Two ticks after an answer that cannot be right (Linux).
            soon = syn and o["syn_retry"] == "soon" and s.time - self.heard == 8 * 10**6
            if self.unsure or soon:
                self.least, self.most = 0, 1 << 62
                return
            least = max(o["rto_min"] if self.sampled else o["rto_initial"], self.kept)
            self.most = s.time - base
            # What came since may have changed the timeout, but not the timer that ran.
            self.least, self.most = (self.most, self.most) if self.heard <= base else (0, 1 << 62)
            self.between(s, s.time - base, min(least, o["rto_max"]), 1 << 62)
            return
        interval = s.time - self.fired[-1]
        longer = shorter = self.fired[-1] - self.fired[-2] if len(self.fired) > 1 else 0
        if len(self.fired) == 1:
            shorter, longer = self.least, self.most
        if syn and len(self.fired) <= o["syn_linear_timeouts"]:
            self.between(s, interval, o["rto_initial"], o["rto_max"])
        elif len(self.fired) > 1 or syn or not (self.probes or o["pacing"]):
            least = min(2 * (shorter - self.slop - self.grain), o["rto_max"])
            self.between(s, interval, least, min(2 * longer, o["rto_max"]) + self.slop)

    def between(self, s, interval, least, most):
        if interval < least - 1000:  # a nanosecond may have been rounded before it was doubled
            self.blame("%r after %.3f s, at least %.3f s" % (s, interval / 1e9, least / 1e9), s.time)
        if interval > most + self.grain:
            self.blame("%r after %.3f s, at most %.3f s" % (s, interval / 1e9, most / 1e9), s.time)


class Liveness(Rule):
    """Nobody waits for ever: what is outstanding is sent again, a closed window is probed."""

    name, section = "liveness", "RFC 9293 3.8.1, 3.8.6.1 MUST-36; RFC 6298 2.5"

    def begin(self):
        o = self.options
        self.most = max(o["rto_max"], o["persist_max"]) + o["rto_slop"] + o["timer_grain"] + 10**9
        self.told = False

    def waits_to_send(self):
        end = self.end
        if not end.established() or end.seen is None or end.died is not None:
            return False
        top = max(end.top, 0)
        more = end.written > top or end.finish_time is not None and end.fin_at is None
        return more and end.una == end.top and "write_error" not in end.seen

    def until(self, time):
        end = self.end
        if end.fin_is_free and end.finish_time < time:
            quiet = end.last_came != end.finish_time and not end.died_by_own_rst
            if quiet and end.fin_at is None:
                self.blame("the FIN waits, though nothing is in its way", end.finish_time)
            end.fin_is_free = False
        if self.told or end.last_sent is None:
            return
        since = max(end.last_sent, end.last_came or 0, end.last_call or 0)
        if time - since <= self.most or not (end.outstanding or self.waits_to_send()):
            return
        if end.active_at(since + self.most):
            self.told = True
            self.blame("nothing sent for %.0f s, %s" % (self.most / 1e9, self.what()), since)

    def what(self):
        end = self.end
        if end.outstanding:
            return "though %d to %d is not acknowledged" % (end.outstanding[0].start, end.top)
        return "though %d octets wait to be sent" % (end.written - max(end.top, 0))

    def over(self, time):
        self.until(time)
        end = self.end
        waits = end.outstanding or self.waits_to_send()
        if waits and not self.told and not self.facts["limit"] and end.active_at(time):
            self.blame("nothing is left to do, %s" % self.what(), time)


class Probes(Rule):
    """Probes of a closed window come ever more slowly."""

    name, section = "window-probe", "RFC 9293 3.8.6.1, SHLD-29, SHLD-30"

    def begin(self):
        self.times, self.edge = [], None

    def came(self, s):
        if self.end.window:
            self.times = []

    def sent(self, s):
        end, o = self.end, self.options
        if s.flags & (SYN | RST) or s.off is None or end.window != 0:
            return
        octet = s.end + (s.flags & FIN) - s.off == 1 and s.off >= end.edge and s.off == end.una
        empty = not s.data and s.off == end.top - 1 and not s.flags & FIN
        empty = empty and o["zero_window_probe"] == "empty"
        if not octet and not empty or end.stirred(s.time):
            return
        if o["keepalive"]:
            return
        if len(self.times) >= 2:
            before = self.times[-1] - self.times[-2]
            now = s.time - self.times[-1]
            if now < min(before, o["persist_max"]) - o["timer_grain"]:
                self.blame("%r after %.3f s, the last after %.3f s" % (s, now / 1e9, before / 1e9), s.time)
        if self.times and s.time - self.times[-1] < o["persist_min"]:
            self.blame("%r is early: after %.3f s" % (s, (s.time - self.times[-1]) / 1e9), s.time)
        self.times.append(s.time)


class Keepalive(Rule):
    name, section = "keepalive", "RFC 9293 3.8.4, MUST-25 to MUST-29"

    def begin(self):
        self.probes = []
        self.end.keepalives = self.probes  # unanswered

    def came(self, s):
        del self.probes[:]

    def sent(self, s):
        end, o = self.end, self.options
        if s.flags & (SYN | RST | FIN) or s.off is None or len(s.data) > 1:
            return
        if s.off != max(end.top, 0) - 1 or end.una != end.top or end.window_may_be_closed():
            return
        if not o["keepalive"] or s.data and not o["keepalive_octet"]:
            return  # the rule for empty segments knows
        since = s.time - end.heard
        if not self.probes and since < o["keepalive_idle"]:
            self.blame("%r after only %.3f s of silence" % (s, since / 1e9), s.time)
        if self.probes and s.time - self.probes[-1] < o["keepalive_interval"]:
            self.blame("%r is early" % s, s.time)
        self.probes.append(s.time)


class Congestion(Rule):
    """Bounds that hold for every congestion control but "none": slow start is the fastest way to
    grow, and after a timeout all begins with one segment."""

    name, section = "congestion", "RFC 5681 3.1, 3.2; RFC 6928; RFC 2525 2.1 to 2.3, 2.14"

    def begin(self):
        self.una = 0
        self.acked = self.others = 0
        self.recover = None
        self.after_timer = 0
        self.again_at, self.again = None, 0
        self.timer_top = -1
        self.oldest_at = (1 << 62, -1)  # when the oldest was sent again, and SND.NXT then
        self.advanced = None
        self.largest = 0  # the most that was under way while no loss was known
        self.found = None  # (that, up to where) when a loss was found
        self.over_at = None  # when that recovery ended

    def came(self, s):
        end = self.end
        self.after_timer = 0
        if self.over_at is not None:
            self.found = self.over_at = None
        if self.found and end.una >= self.found[1]:
            self.over_at = s.time
        if end.una > self.una:
            self.acked += end.una - self.una
            self.una = end.una
            self.advanced = s.time
            if self.recover is not None and end.una >= self.recover:
                self.recover, self.others = None, 0
        elif s.ackoff == end.una:
            self.others += 1
            self.recover = end.top

    def sent(self, s):
        end, o = self.end, self.options
        if not s.data or s.flags & (SYN | RST) or s.off is None or o["congestion_control"] == "none":
            return
        mss = end.send_mss()
        if s.end > end.top:
            flight = s.end - max(end.una, 0)
            if self.found is None:
                self.largest = max(self.largest, flight)
            most = (o["initial_window"] + self.others + 3) * mss + self.acked
            sacked = end.sacked.size_above(end.una)
            most += sacked
            if o["cwnd_counts_sacked"]:  # in the window, too, beside not being in the network
                most += sacked
            # BBR has a window of its own making, which the duplicates of RFC 5681 come on top of.
            if flight > most and not o["congestion_control"].startswith("bbr"):
                self.blame("%r: %d octets under way, at most %d" % (s, flight, most), s.time)
            if self.over_at == s.time and flight > self.found[0] + mss and end.burst == 1:
                self.blame("%r: the window stays inflated after recovery" % s, s.time)
        self.loss_window(s, mss)
        if s.end <= end.top:
            self.retransmitted(s)

    def loss_window(self, s, mss):
        end, o = self.end, self.options
        unclear = o["recovery"] == "rack" or o["tail_loss_probe"] or o["blackhole_detection"]
        if end.timer_at is not None:
            self.timer_top = end.top
        if end.timer_at is None or unclear:
            return
        self.after_timer += len(s.data)
        if self.after_timer > mss and self.after_timer > len(s.data):
            small = s.end > end.top and s.end - end.una <= mss
            if not small and not self.only_oldest(s):
                self.blame("%r: more than one segment after a timeout" % s, s.time)

    def only_oldest(self, s):
        """The timer again."""
        again = self.end.oldest_again(s)
        if again:
            self.after_timer = len(s.data)
        return again

    def retransmitted(self, s):
        """A duplicate ACK draws one segment at most, where there is no SACK."""
        end = self.end
        if end.agreed(SACK_PERMITTED) or self.options["recovery"] not in ("newreno", "reno"):
            return
        if s.time > self.oldest_at[0]:  # that may have been the timer, and what follows is lost too
            self.timer_top = max(self.timer_top, self.oldest_at[1])
        if end.oldest_again(s):
            self.oldest_at = (s.time, end.top)
        if end.una < self.timer_top or end.una != end.una_sure or end.edge <= end.una:
            return
        if end.burst > 1 or end.last_came != s.time or end.stirred_otherwise(s.time):
            return
        if self.advanced == s.time:
            return
        if self.found is None and end.top - end.una > 3 * end.send_mss():
            # The window may be larger than what is under way, where the program writes little.
            self.found = (self.largest, end.top)
        self.again = self.again + 1 if self.again_at == s.time else 1
        self.again_at = s.time
        if self.again == 2:
            self.blame("%r: a second retransmission for one duplicate ACK" % s, s.time)


TIMES = [Timer, Liveness, Probes, Keepalive, Congestion]
