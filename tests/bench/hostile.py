# SPDX-License-Identifier: Apache-2.0
"""What hostile mail costs a judge, and how that grows: each kind of tests/system/harness/hostile.py at a size, at twice and
at four times of it. Processor time (command and judges, less what a message of nothing costs), peak memory of the largest
process, and the exponent: 1 is linear, 2 the square. A kind holds if it grows by less than 1.3, or if its cost is lost in
noise, or if the verdict names a limit; and if no judge was killed over it."""
import argparse
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "system")]

from figure import figure  # noqa: E402
from harness import Workspace, growth  # noqa: E402


def row(seen, idle):
    times = " ".join(f"{seconds * 1000:7.0f}" for seconds in seen.net)
    exponent = "-" if seen.exponent is None else f"{seen.exponent:.2f}"
    memory = max(each.peak for each in seen.costs) - idle.peak
    return f"{seen.kind:52} {times} {memory / (1 << 20):8.1f} {exponent:>6}  {seen.costs[-1].disposition}" + (
        "" if seen.holds else "  <-- " + seen.why)


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--size", type=int, default=250_000, help="bytes of the smallest message of a kind (default 250000)")
    options.add_argument("--repeat", type=int, default=2, help="runs, of which the least counts (default 2)")
    options.add_argument("--kind", default="", help="only kinds with this in their name")
    chosen = options.parse_args()
    sizes = [chosen.size, 2 * chosen.size, 4 * chosen.size]
    print(f"{'kind':52} {'ms at n':>7} {'2n':>7} {'4n':>7} {'MiB':>8} {'growth':>6}", file=sys.stderr)
    seen = []
    with Workspace() as folder:
        idle = growth.idle(folder)
        for kind in growth.KINDS:
            if chosen.kind not in kind:
                continue
            seen.append(growth.measured(kind, folder, sizes, chosen.repeat, idle.seconds))
            print(row(seen[-1], idle), file=sys.stderr, flush=True)
    kept = sum(each.holds for each in seen)
    figure("hostile", kept, "kinds of hostile mail that cost no more than their size", against=len(seen),
           ratio=round(kept / max(len(seen), 1), 3), goal=1)
    slowest = max(seen, key=lambda each: each.net[-1])
    figure("hostile_slowest", round(slowest.net[-1] * 1e9 / (4 * chosen.size), 1), f"ns a byte ({slowest.kind})", better="lower")


if __name__ == "__main__":
    main()
