"""What the model finds and has an explanation for.

Each row says which finding it is, as narrowly as can be, and why it is no fault: a rule's name, what
the text must contain, what must hold of the two hosts' options and of the plan, and the reason.
"""


def stray_syn(plan, options):
    return any(fault["kind"] == "stray" and fault["flags"] == "SYN" for fault in plan["faults"])


KNOWN = [
    (
        "builtin",
        "ack-storm",
        stray_syn,
        "A stray SYN leaves one end in SYN-RECEIVED for a connection that the other is not in; each"
        " answers the other's unacceptable ACK, as RFC 793 3.9 has it, until the SYN,ACK is given up."
        " The limit of RFC 5961 7 keeps that in measure; in the profile rfc793 it is off, and the rule"
        " of drywire counts the ACKs.",
    ),
]


def explained(finding, plan, options):
    """Why this is no fault, or None."""
    for rule, text, holds, reason in KNOWN:
        if finding.rule == rule and text in finding.text and holds(plan, options):
            return reason
    return None
