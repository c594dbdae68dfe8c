# SPDX-License-Identifier: Apache-2.0
"""How long a step of pruning keeps the ledger's writer: a ledger of so many reports, one in twenty with a retraction, is pruned
of all of them, one step after the other, and each is timed (the case a_step_is_short... of unit_ledger). Who writes meanwhile waits for one step at
most; the sidecar rests four times as long in between."""
import argparse
import os
import pathlib
import re
import subprocess

from figure import figure

BIN = pathlib.Path(__file__).resolve().parents[2] / "build/release/bin"
CASE = "retention/a_step_is_short_however_many_there_are"
TOLD = re.compile(r"bytes (\d+) a message, steps (\d+) median ([\d.]+) p99 ([\d.]+) worst ([\d.]+) ms")


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--reports", type=int, default=100_000, help="in the ledger (default 100000)")
    chosen = options.parse_args()
    done = subprocess.run([BIN / "unit_ledger", f"--run_test={CASE}"], capture_output=True, text=True, check=True,
                          stdin=subprocess.DEVNULL, env={**os.environ, "CLAWBACK_RETENTION_REPORTS": str(chosen.reports)})
    size, steps, median, p99, worst = map(float, TOLD.search(done.stdout).groups())
    figure("prune_step", median, "ms, median", better="lower", goal=10)
    figure("prune_step_p99", p99, "ms", better="lower")
    figure("prune_step_worst", worst, "ms", better="lower", goal=250)
    figure("prune_steps", round(chosen.reports / steps, 1), "messages a step")
    figure("prune_ledger", round(size), "bytes a message before", better="lower")


if __name__ == "__main__":
    main()
