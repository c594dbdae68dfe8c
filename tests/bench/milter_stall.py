# SPDX-License-Identifier: Apache-2.0
"""One session that waits must not hold up others: N sessions at once, each with M
messages whose end takes T ms, straight on the milter's socket. Ideal is M x T. Without
milter/kick.h, Debian's libmilter takes up to a multiple of it, and single messages wait
for seconds."""

import argparse
import pathlib
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "system")]

from figure import figure  # noqa: E402
from harness import Workspace  # noqa: E402
from harness.daemons import Clawback  # noqa: E402
from harness.milter_client import DISCARD, MilterClient  # noqa: E402

ADDRESS = "<jrn-7f3c1a52@relay.clawback.example>"


def session(client, number, messages, start, worst):
    start.wait()
    for message in range(messages):
        began = time.monotonic()
        kind, text = client.send(ADDRESS, [(b"Subject", b" %d-%d" % (number, message))], b"x\r\n")
        client.abort()
        if kind != DISCARD:
            raise RuntimeError(f"answered {kind} {text}")
        worst.append(time.monotonic() - began)
    client.close()


def measure(sessions, messages, wait_ms):
    """(seconds in all, worst message in seconds)"""
    with Workspace("stall") as folder, Clawback(folder) as relay:
        relay.write_tenant()
        relay.milter.start(fault=f"milter.before-commit=wait:{wait_ms}")
        clients = [MilterClient(relay.milter_socket) for _ in range(sessions)]
        start, worst = threading.Barrier(sessions + 1), []
        threads = [threading.Thread(target=session, args=(client, number, messages, start, worst))
                   for number, client in enumerate(clients)]
        for thread in threads:
            thread.start()
        start.wait()
        began = time.monotonic()
        for thread in threads:
            thread.join()
        total = time.monotonic() - began
        if len(worst) != sessions * messages:
            raise RuntimeError(f"{sessions * messages - len(worst)} messages were not taken")
        return total, max(worst)


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sessions", type=int, default=50)
    options.add_argument("--messages", type=int, default=4)
    options.add_argument("--wait-ms", type=int, default=300)
    given = options.parse_args()
    total, worst = measure(given.sessions, given.messages, given.wait_ms)
    ideal = given.messages * given.wait_ms / 1000
    figure("milter-stall-total", round(total, 3), "s", against="messages x wait",
           ratio=round(total / ideal, 3), better="lower", goal=1.25)
    figure("milter-stall-worst-message", round(worst, 3), "s", against="wait",
           ratio=round(worst * 1000 / given.wait_ms, 3), better="lower", goal=1.5)


if __name__ == "__main__":
    main()
