"""Saved traces against their schema, and python/drywire_trace.py: trace_format.py SCHEMA MOST FILE...

Of each file at most MOST lines of each kind are validated.  Every kind of event and every field of the schema must occur
in one of them at least.  Exit code 1 when something is not as it must be.
"""
import collections, json, os, sys

import jsonschema

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "python"))
import drywire_trace

schema = json.load(open(sys.argv[1], encoding="utf-8"))
most, paths = int(sys.argv[2]), sys.argv[3:]
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
seen, bad = set(), 0


def fail(text):
    global bad
    bad += 1
    print("FAIL: " + text)


for path in paths:
    counts = collections.Counter()
    with open(path, encoding="utf-8") as file:
        lines = file.readlines()
    whole = json.loads(lines[0])["trace"] > 1
    for number, line in enumerate(lines, 1):
        event = json.loads(line)
        kind = event.get("ev", "")
        seen.update((kind, name) for name in event)
        counts[kind] += 1
        if whole and counts[kind] <= most:
            for error in validator.iter_errors(event):
                fail("%s:%d: %s" % (path, number, error.message[:300]))
    events = list(drywire_trace.read(path))
    if len(events) != json.loads(lines[-1])["events"]:
        fail("%s: drywire_trace reads %d events" % (path, len(events)))
    for e in events:
        if e["ev"] in drywire_trace.PACKET_EVENTS and not {"node", "link", "direction", "len", "head"} <= set(e):
            fail("%s: an event without what it should have: %s" % (path, e))
        if e["ev"] == "sent" and "payload" in e and len(drywire_trace.octets(e)) != e["len"]:
            fail("%s: %d octets of data instead of %d in packet %d" % (path, len(drywire_trace.octets(e)), e["len"], e["packet"]))

# Each kind and each field of the schema is one that drywire writes.
for name, part in schema["$defs"].items():
    if not name.endswith("-event"):
        continue
    kinds = part["properties"]["ev"]["enum"]
    for kind in kinds:
        if (kind, "ev") not in seen and kind != "marked":  # which programs alone write, with dw_trace_add
            fail("no trace has an event %s" % kind)
    for field in part["properties"]:
        if field not in ("why", "rfc", "because", "certainty", "conn", "node") and not any((kind, field) in seen for kind in kinds):
            fail("no %s has %s" % (name, field))

# It refuses what is wrong.
for wrong in (
    {"t": 0, "ev": "sent"},
    {"t": 0, "ev": "sneeze"},
    {"t": -1, "ev": "note", "text": ""},
    {"t": 0, "ev": "note", "text": "", "color": "red"},
    {"t": 0, "ev": "sent", "packet": 1, "head": "4"},
    {"t": 0, "ev": "state", "node": 0, "conn": 1, "state": {"from": "CLOSED"}},
    {"drywire": "0.1.0", "trace": 1, "time": "ns"},
    {"digest": "", "events": 1},
):
    if validator.is_valid(wrong):
        fail("the schema takes %s" % wrong)
sys.exit(bad > 0)
