# SPDX-License-Identifier: Apache-2.0
"""One figure of a benchmark as one JSON line on standard output."""
import json
import sys


def figure(name, value, unit, *, against=None, ratio=None, better="higher", goal=None):
    """goal is compared with ratio where there is one, else with value."""
    measured = ratio if ratio is not None else value
    holds = None
    if goal is not None:
        holds = measured >= goal if better == "higher" else measured <= goal
    line = {"name": name, "value": value, "unit": unit, "against": against, "ratio": ratio,
            "better": better, "goal": goal, "holds": holds}
    json.dump(line, sys.stdout)
    print(flush=True)
