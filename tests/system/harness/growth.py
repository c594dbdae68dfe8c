# SPDX-License-Identifier: Apache-2.0
"""What hostile mail costs, and how that grows with its size: `clawback classify` for one message, its judges with it."""
import dataclasses
import json
import math
import os
import subprocess

from . import BIN
from .hostile import HEAD, KINDS


@dataclasses.dataclass
class Cost:
    seconds: float  # of the processor, command and judges
    peak: int       # bytes, of the largest process
    disposition: str
    reasons: tuple


def cost(path):
    command = [str(BIN / "clawback"), "classify", "--json", str(path)]
    reading, writing = os.pipe()
    process = subprocess.Popen(command, stdout=writing, stderr=subprocess.DEVNULL)
    os.close(writing)
    with os.fdopen(reading) as answer:
        verdict = json.loads(answer.read())
    _, _, used = os.wait4(process.pid, 0)
    process.returncode = 0  # waited for here, because only so its use alone is told
    reasons = tuple(finding["reason"] for finding in verdict["findings"])
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss << 10, verdict["disposition"], reasons)


@dataclasses.dataclass
class Growth:
    kind: str
    sizes: list     # what each message was asked to be, in bytes
    costs: list
    idle: float     # seconds that a message of nothing costs

    @property
    def net(self):
        return [max(each.seconds - self.idle, 0) for each in self.costs]

    @property
    def exponent(self):
        """By how much cost grows with size from the first to the last; None where it is lost in noise."""
        first, last = self.net[0], self.net[-1]
        if last < NOISE:
            return None
        return math.log(last / max(first, NOISE / 8)) / math.log(self.sizes[-1] / self.sizes[0])

    @property
    def limited(self):
        """Whether what is beyond the limits is said: then time does not grow on with size."""
        return any(reason.startswith(("limit-", "archive-")) for reason in self.costs[-1].reasons)

    @property
    def why(self):
        """What is wrong with it, empty: nothing."""
        if any("judge-died" in each.reasons for each in self.costs):
            return "a judge was killed"
        if self.exponent is not None and self.exponent >= MOST and not self.limited:
            return f"grows by {self.exponent:.2f}"
        return ""

    @property
    def holds(self):
        return not self.why


NOISE = 0.08    # seconds: less, of a message, is not told from what else the machine does
MOST = 1.3      # exponent


def _write_apart(path, kind, size):
    """In a process of its own: what this one has held counts as the peak of those that it starts."""
    writer = os.fork()
    if writer == 0:
        try:
            path.write_bytes(KINDS[kind](size))
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(writer, 0)
    if status != 0:
        raise RuntimeError(f"{kind}: no message of {size} bytes")


def measured(kind, folder, sizes, repeat=1, idle=0.0):
    """The least of so many runs, for whatever comes between costs time and saves none."""
    seen = []
    for size in sizes:
        path = folder / "message.eml"
        _write_apart(path, kind, size)
        seen.append(min((cost(path) for _ in range(repeat)), key=lambda each: each.seconds))
    return Growth(kind, list(sizes), seen, idle)


def idle(folder, repeat=5):
    path = folder / "nothing.eml"
    path.write_bytes(HEAD + b"\nx\n")
    return min((cost(path) for _ in range(repeat)), key=lambda each: each.seconds)
