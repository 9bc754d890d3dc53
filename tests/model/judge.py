"""The judge: two captures and what the programs saw, against the rules."""

from capture import ACK, RST, SYN, packets, read_segment
from end import End, NEVER
from ending import ENDING, network
from known import explained
from rules import CHECKS, Finding
from times import TIMES


class Host:
    """All that one host's capture shows, connection by connection."""

    def __init__(self, number, path, plan, result, options):
        self.number, self.plan, self.result, self.options = number, plan, result, options
        self.ends, self.current, self.syns = [], {}, {}
        self.taken = set()  # which rows of the log of states are some end's
        self.owed = {}  # what came for no connection and was not answered yet
        listens = number == 1 and not plan["simultaneous"]
        count = 1 if plan["again"] else len(plan["connections"])
        self.ports = range(80, 80 + count) if listens else []
        self.findings, self.icmp = [], []
        # No host sent these; that they seem to leave one is how a link is fed.
        self.strays = {(f["seq"], f["ack"]) for f in plan["faults"] if f["kind"] == "stray"}
        self.records = list(self.read(path))
        headers = 60 if "addr" in plan["hosts"][number] else 40
        limit = not result["ok"] and "still waits" not in result["problem"]
        self.facts = {"limit": limit, "mtu": plan["link"]["mtu"], "mss": plan["link"]["mtu"] - headers}
        self.facts["mss"] = min(self.facts["mss"], plan["hosts"][number].get("mss", 65535))
        self.unclaimed = [s for s in result["ends"] if s["side"] == number + 1]

    def blame(self, rule, section, text, time):
        self.findings.append(Finding(rule, section, None, text, time))

    def read(self, path):
        last = 0
        for time, direction, octets in packets(path):
            if time < last:
                self.blame("clock", "captures", "time goes back from %d" % last, time)
            last = time
            s = read_segment(octets, time, direction == 2)
            if s == "icmp":
                self.icmp.append((time, direction == 2))
            elif s is not None and not (s.out and (s.seq, s.ack) in self.strays):
                yield s

    def watch(self):
        for s in self.records:
            self.segment(s)

    def finish(self):
        for (_, time), s in self.owed.items():
            self.blame("reset", "RFC 9293 3.10.7.1, 3.5.2", "no RST for %r" % s, time)
        for end in self.ends:
            end.take_calls(self.result["now"])
            for rule in end.rules:
                rule.over(self.result["now"])

    def segment(self, s):
        flow = (s.src, s.sport, s.dst, s.dport) if s.out else (s.dst, s.dport, s.src, s.sport)
        end = self.current.get(flow)
        while end and end.dead_before(s.time) and end.gives_way(s.time):
            end = self.current[flow] = end.before
        self.nobody(s, flow, end)
        if s.out and s.flags & SYN and s.intact and (end is None or s.seq != end.isn):
            end = self.open(flow, s)
        if end is None:
            if not s.out and s.flags & SYN and s.intact:
                self.syns.setdefault(flow, []).append(s)
            return
        if not s.out and s.flags & SYN and not s.flags & ACK and s.intact:
            self.syns.setdefault(flow, []).append(s)
        end.take_calls(s.time)
        for rule in end.rules:
            rule.until(s.time)
        end.place(s)
        if s.out:
            for rule in end.rules:
                rule.sent(s)
            end.sent(s)
        elif s.intact:
            end.came(s)
            for rule in end.rules:
                rule.came(s)
        else:
            end.last_came = s.time

    def nobody(self, s, flow, end):
        """What comes for no connection draws a RST (RFC 9293 3.10.7.1, 3.10.7.2)."""
        if s.out:
            if s.flags & RST:
                self.owed.pop((flow, s.time), None)
            return
        opens = s.dport in self.ports and s.flags & SYN and (
            not s.flags & ACK or self.options["listen_synack"] == "drop")
        if end is None and s.intact and not s.flags & RST and not opens:
            self.owed[(flow, s.time)] = s

    def open(self, flow, syn):
        """A new incarnation begins with our SYN; the SYN that it answers has come before."""
        end = End(self.number, syn, self.options, self.program_of(syn))
        end.icmp = self.icmp
        self.find_states(end)
        self.facts["drops"] = self.ports and self.options["listen_synack"] == "drop"
        end.rules = [check(end, end.findings, self.facts) for check in TIMES + CHECKS + ENDING]
        if flow in self.current:
            self.current[flow].reopened = True
            end.before = self.current[flow]
        self.current[flow] = end
        self.ends.append(end)
        if syn.flags & ACK:
            for came in reversed(self.syns.get(flow, [])):
                if (came.seq + 1 + len(came.data) - syn.ack) & 0xFFFFFFFF <= len(came.data):
                    end.place(came)
                    end.came(came)
                    for rule in end.rules:
                        rule.came(came)
                    break
        return end

    def program_of(self, syn):
        for seen in self.unclaimed:
            if seen.get("iss") == syn.seq:
                return seen
        return None

    def is_another(self, end, index):
        """The rows of this index tell of another ISN, before a listener used it again."""
        for time, i, state, iss in self.result["states"][self.number]:
            if i == index and time >= end.born:
                if iss not in (-1, end.isn):
                    return True
                if state in ("CLOSED", "LISTEN") and time > end.born:
                    return False
        return False

    def find_states(self, end):
        """The states of this connection: its ISN tells, or when it began."""
        log = self.result["states"][self.number]
        born = [i for t, i, state, _ in log
                if t == end.born and state.startswith("SYN-") and not self.is_another(end, i)]
        known = [i for _, i, _, iss in log if iss == end.isn]
        index = (known + [i for i in born if (i, end.born) not in self.taken] + [None])[0]
        self.taken.add((index, end.born))
        for time, i, state, _ in log:
            if i != index or time < end.born or not end.states and not state.startswith("SYN-"):
                continue
            end.states.append((time, state))
            if state in ("CLOSED", "LISTEN"):  # a listener may use it again
                end.died = time
                break
        end.findings = self.findings


def judge(folder, plan, result, options):
    """All findings of one run."""
    hosts = [
        Host(i, "%s/%d.%d" % (folder, plan["name"], i + 1), plan, result, options[i])
        for i in (0, 1)
    ]
    for host in hosts:
        host.watch()
    marry(*hosts)
    for host in hosts:
        host.finish()
    findings = hosts[0].findings + hosts[1].findings
    findings += network(hosts, hosts[0].strays)
    problem = result.get("problem") or ""
    if problem and "still waits" not in problem and "limit" not in problem:
        findings.append(Finding("builtin", "drywire's own rules", None, problem[:300], result["now"]))
    findings = [f for f in findings if not explained(f, plan, options)]
    return sorted(findings, key=lambda f: f.time)


def marry(client, server):
    """Which ends talk to each other."""
    for one in client.ends:
        for other in server.ends:
            if one.isn == other.peer_isn and other.isn == one.peer_isn:
                one.partner, other.partner = other, one
