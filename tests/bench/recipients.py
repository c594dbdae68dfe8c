# SPDX-License-Identifier: Apache-2.0
"""Reports of 500, 5,000 and 50,000 recipients, straight on the milter's socket: processor time of the milter and its judges for
one, from its first byte to the answer that follows the commit. Linear is ten times the time for ten times the recipients; the
goal is 1.2 times that."""
import argparse
import pathlib
import statistics
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "system")]

from figure import figure  # noqa: E402
from harness import Workspace  # noqa: E402
from harness.daemons import Clawback  # noqa: E402
from harness.mail import Generator  # noqa: E402
from harness.milter_client import DISCARD, MilterClient  # noqa: E402
from harness.report import wrap  # noqa: E402

ADDRESS = "<jrn-7f3c1a52@relay.clawback.example>"
SIZES = (500, 5_000, 50_000)


def processor_time(pid):
    """Seconds that the process has used (clock_getcpuclockid(3))."""
    return time.clock_gettime((~pid << 3) | 2)


def family(pid):
    children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *map(int, children)]


def settle(relay, report):
    """Processor seconds for one report."""
    processes = family(relay.milter.pid)
    before = sum(map(processor_time, processes))
    with MilterClient(relay.milter_socket) as client:
        kind, text = client.send_report(ADDRESS, report)
        if kind != DISCARD:
            raise RuntimeError(f"answered {kind} {text}")
    return sum(map(processor_time, processes)) - before


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=7, help="reports of each size (default 7; the median counts)")
    rounds = options.parse_args().rounds
    generator = Generator(seed=5)
    taken = {}
    with Workspace("recipients") as folder, Clawback(folder) as relay:
        relay.write_tenant()
        relay.milter.start()
        for size in SIZES:
            times = []
            for _ in range(rounds):
                mail = generator.plain_note()
                mail.recipients = [f"user{number:05}@contoso.example, Expanded: everyone@contoso.example"
                                   for number in range(size)]
                times.append(settle(relay, wrap(mail)))
            taken[size] = statistics.median(times)
    for size in SIZES:
        smaller = taken.get(size // 10)
        ratio = round(taken[size] / smaller / 10, 2) if smaller else None
        figure(f"recipients-{size}", round(1000 * taken[size], 1), "ms of processor time",
               against=f"ten times {size // 10} recipients" if smaller else None, ratio=ratio, better="lower",
               goal=1.2 if smaller else None)


if __name__ == "__main__":
    main()
