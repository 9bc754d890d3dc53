"""Traces of drywire (JSON lines, docs/TRACE_FORMAT.md) in Python 3.7 or later, without any other module.

    import drywire_trace
    for e in drywire_trace.read("x.jsonl"):
        if e["ev"] == "sent": print(e["t"] / 1e9, e["node"], e["seg"])

A file tells what has changed; read() gives every event whole.  This file may be copied.
"""

import gzip
import json

PACKET_EVENTS = {"sent", "queued", "delivered", "dropped", "duplicated", "damaged", "marked", "unknown"}
WITH_DATA = {"sent", "duplicated", "damaged"}  # these have a payload, and say why the packet was sent
INHERITED = ("node", "conn", "link", "direction", "len", "seg")


class NotATrace(ValueError):
    """The file is no trace, one of an unknown version, or was cut short."""


def read(path):
    """Each event as a dict, whole: of a packet's also what earlier events of the same packet have said."""
    with (gzip.open if str(path).endswith(".gz") else open)(path, "rt", encoding="utf-8") as file:
        header = _object(path, file.readline())
        if "drywire" not in header or header.get("trace") not in (1, 2):
            raise NotATrace("%s is no trace of version 1 or 2" % path)
        packets, by_conn = {}, {}
        for line in file:
            e = _object(path, line)
            if "digest" in e:
                return
            if e["ev"] in PACKET_EVENTS and header["trace"] > 1:
                _restore(e, packets, by_conn)
            yield e
    raise NotATrace("%s was cut short" % path)


def octets(e, generated=None):
    """The data of a sent packet as bytes; generated(seed, offset, len) makes that of dw.generate, else it is zeroes."""
    parts = []
    for part in e.get("payload", []):
        if isinstance(part, str):
            parts.append(bytes.fromhex(part))
        elif generated:
            parts.append(generated(part["seed"], part["offset"], part["len"]))
        else:
            parts.append(bytes(part["len"]))
    return b"".join(parts)


def names(path):
    """The hosts' names by number."""
    return {e["node"]: e["name"] for e in read(path) if e["ev"] == "node"}


def _object(path, line):
    try:
        e = json.loads(line)
    except ValueError:
        e = None
    if not isinstance(e, dict):
        raise NotATrace("%s is no trace, or was cut short" % path)
    return e


def _restore(e, packets, by_conn):
    last = packets.get(e["packet"], {})
    for name in INHERITED:
        if name not in e and name in last:
            e[name] = last[name]
    e.setdefault("node", -1)
    if e["ev"] in WITH_DATA:
        if "why" not in e and last.get("why"):
            e["why"] = last["why"]
        if isinstance(e.get("payload"), int):
            e["payload"] = packets[e["payload"]]["first payload"]
        elif "payload" not in e and last.get("payload"):
            e["payload"] = last["payload"]
    if e["ev"] == "queued":
        e.setdefault("head", "")
        e.setdefault("other", 0)
    else:
        _restore_head(e, last if "head" in last else {} if last else by_conn.get(e.get("conn"), {}))
    state = dict(last)
    state.update((name, e[name]) for name in INHERITED if name in e)
    if e["ev"] != "queued":
        state.update(head=e["head"], checksum=e.get("checksum"))
    if e["ev"] in WITH_DATA:
        state.update(why=e.get("why"), payload=e.get("payload", []))
        state.setdefault("first payload", state["payload"])
    if not last and e["ev"] != "queued" and e.get("conn"):
        by_conn[e["conn"]] = state
    packets[e["packet"]] = state


def _restore_head(e, before):
    """Whole, or what is another than before, or nothing, if it is the same."""
    head = e.get("head", [])
    if not isinstance(head, str):
        octets_ = bytearray.fromhex(before.get("head", ""))
        for offset, new in head:
            octets_[offset : offset + len(new) // 2] = bytes.fromhex(new)
        e["head"] = octets_.hex()
    if "checksum" not in e:
        e["checksum"] = before.get("checksum")
    if e["checksum"] is None:
        del e["checksum"]
