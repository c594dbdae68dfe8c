# SPDX-License-Identifier: Apache-2.0
"""Waiting for a condition, with a deadline."""

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


def free_port():
    """A loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
