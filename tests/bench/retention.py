# SPDX-License-Identifier: Apache-2.0
"""How long a step of pruning keeps the ledger's writer: a ledger of so many reports, one in twenty with a retraction, and then one of a
single report to so many recipients, each retracted, are pruned of everything, and each step is timed (two cases of unit_ledger). Who
writes meanwhile waits for one step at most; the sidecar rests four times as long in between. The longest step for the one report reads its
record, and keeps nobody while it does."""
import argparse
import os
import pathlib
import re
import subprocess

from figure import figure

BIN = pathlib.Path(__file__).resolve().parents[2] / "build/release/bin"
CASES = "retention/many_messages_go_in_many_steps,a_message_to_many_goes_in_many_steps"
TOLD = re.compile(r"(\w+): steps (\d+) median ([\d.]+) p99 ([\d.]+) worst ([\d.]+) ms")


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--reports", type=int, default=100_000, help="in the ledger (default 100000)")
    options.add_argument("--recipients", type=int, default=100_000, help="of the one report (default 100000)")
    chosen = options.parse_args()
    done = subprocess.run([BIN / "unit_ledger", f"--run_test={CASES}"], capture_output=True, text=True, check=True,
                          stdin=subprocess.DEVNULL,
                          env={**os.environ, "CLAWBACK_RETENTION_REPORTS": str(chosen.reports),
                               "CLAWBACK_RETENTION_RECIPIENTS": str(chosen.recipients)})
    for what, *told in TOLD.findall(done.stdout):
        steps, median, p99, worst = map(float, told)
        figure(f"prune_step_{what}", median, "ms, median", better="lower", goal=10)
        figure(f"prune_step_{what}_p99", p99, "ms", better="lower")
        figure(f"prune_step_{what}_worst", worst, "ms", better="lower", goal=250 if what == "messages" else None)
        figure(f"prune_steps_{what}", round(steps), "steps", better="lower")
    size = int(re.search(r"bytes (\d+)", done.stdout)[1])
    figure("prune_ledger", round(size / chosen.reports), "bytes a message before", better="lower")


if __name__ == "__main__":
    main()
