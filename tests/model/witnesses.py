"""For each defect (drywire defects) a seed whose run shows it: the model is not blind.

`tests/model/run.py --witnesses --seeds 3000` finds the seeds anew, after a change of plans.py.
"""

WITNESSES = {
    "two-way-handshake": 0,
    "no-time-wait": 0,
    "time-wait-not-restarted": 107,
    "fixed-isn": 0,
    "fin-not-retransmitted": 0,
    "fin-seq-plus-one": 0,
    "any-ack-closes": 0,
    "no-window-probe": 51,
    "no-karn": 34,
    "no-backoff": 0,
    "echo-challenge": 1,
    "no-rst-for-old-syn": 1,
    "2525.1": 0,
    "2525.2": 33,
    "2525.3": 116,
    "2525.4": 0,
    "2525.5": 0,
    "2525.7": 0,
    "2525.8": 264,
    "2525.9": 33,
    "2525.10": 0,
    "2525.11": 33,
    "2525.12": 38,
    "2525.13": 0,
    "2525.14": 77,
    "2525.15": 10,
    "2525.16": 3,
    "2525.17": 105,
    "2525.18": 1,
}

# What no single run can show.
NOT_JUDGED = {
    "2525.6": "how fast a window grows in congestion avoidance shows in many round trips; the"
    " comparison tests measure that",
}
