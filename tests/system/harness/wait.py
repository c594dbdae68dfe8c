# SPDX-License-Identifier: Apache-2.0
"""Waiting for a condition, with a deadline."""

import random
import socket
import time


def until(condition, seconds=20.0, what="the condition"):
    """Answers the first true value of condition(); TimeoutError after seconds."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds} s for {what}")
        time.sleep(0.02)


# Below the range from which the kernel gives ports to connections (ip(7),
# ip_local_port_range): else a connection of another test may take a free one first.
PORTS = range(10_000, 32_000)
given = set()


def free_port():
    """A loopback port that nobody listens on now, and that was not given out before."""
    while True:
        port = random.choice(PORTS)
        if port in given:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        given.add(port)
        return port
