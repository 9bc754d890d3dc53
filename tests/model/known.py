"""What the model finds and has an explanation for.

Each row says which finding it is, as narrowly as can be, and why it is no fault: a rule's name, what
the text must contain, what must hold of the two hosts' options and of the plan, and the reason.
"""


def no_limit(plan, options):
    """Neither host limits its ACKs of what is not acceptable, and a stray segment upset them."""
    strays = any(fault["kind"] == "stray" for fault in plan["faults"])
    return strays and all(o["challenge_limit"] == 0 for o in options)


KNOWN = [
    (
        "builtin",
        "ack-storm",
        no_limit,
        "A stray SYN leaves one end in SYN-RECEIVED for a connection that the other is not in; each"
        " answers the other's unacceptable ACK, for ever, as RFC 793 3.9 has it.  The limit of RFC"
        " 5961 7, which ends this, is off in the profile rfc793.",
    ),
]


def explained(finding, plan, options):
    """Why this is no fault, or None."""
    for rule, text, holds, reason in KNOWN:
        if finding.rule == rule and text in finding.text and holds(plan, options):
            return reason
    return None
