"""What traces reached of TCP, in the words of drywire explore: explore_coverage.py SOURCE TRACE..."""
import re
import sys

source, traces = sys.argv[1], sys.argv[2:]
sys.path.insert(0, source + "/python")
import drywire_trace

# X(identifier, "name", "RFC 9293 3.1 MUST-3" or NULL, "sentence"), on one line or two
rows = re.findall(r'X\(\w+,\s+"([^"]+)",\s+(?:"([^"]*)"|NULL),', open(source + "/proto/tcp/tcp_cause.h").read().replace("\\\n", " "))
rfc = dict(rows)
figure = set(re.findall(r'\{ "([A-Z0-9-]+)", "([A-Z0-9-]+)", "', open(source + "/lua/command/reports/states.lua").read()))


def passage(cause):
    found = re.search(r"RFC 9293 ([0-9.]+(?: [a-z]+)?)", rfc[cause])
    return found and found[1]


def requirement(cause):
    found = re.search(r"(?:MUST|SHLD|MAY|REC)-\d+", rfc[cause])
    return found and found[0]


arrows, pairs = set(), set()
for path in traces:
    state, ends = {}, {}
    for e in drywire_trace.read(path):
        conn = e.get("conn", 0)
        if e["ev"] == "conn":
            ends[conn] = (e["node"], e["local_port"], e["remote_port"])
        elif e["ev"] == "state":
            arrows.add((e["state"]["from"], e["state"]["to"]))
            pairs.add((e["state"]["from"], e["why"]))
            state[conn] = e["state"]["to"]
        elif e["ev"] in ("timer-fired", "note", "sent"):
            pairs.add((state.get(conn), e.get("why")))
        elif e["ev"] == "dropped" and e["link"] == -1:  # by the host that it is for: the connection there, if any
            end = (e["node"], e["seg"]["dport"], e["seg"]["sport"])
            pairs.add((state.get(max((c for c in ends if ends[c] == end), default=0)), e["why"]))

if ("LISTEN", "SYN-RECEIVED") in arrows:
    arrows |= {("CLOSED", "LISTEN"), ("LISTEN", "CLOSED")}
pairs = {p for p in pairs if p[1] in rfc}
causes = {c for _, c in pairs}
named = [({f(c) for c in causes} - {None}, {f(c) for c in rfc} - {None}) for f in (passage, requirement)]
print(f"reached {len(arrows & figure)} of {len(figure)} arrows of figure 5, {len(named[0][0])} of {len(named[0][1])} passages and "
      f"{len(named[1][0])} of {len(named[1][1])} requirements of RFC 9293,")
print(f"        {len(causes)} of {len(rfc)} causes, {len(pairs)} pairs of a state and a cause")
