# SPDX-License-Identifier: Apache-2.0
"""Messages judged per second of CPU (command and judges together), over the reports of tests/data but for the few that are
large for their own sake, each many times."""
import argparse
import pathlib
import resource
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "system")]

from figure import figure  # noqa: E402
from harness import BIN  # noqa: E402
from harness.stage import REPORTS  # noqa: E402


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=200, help="times that each file is judged (default 200)")
    files = [str(path) for path in sorted(REPORTS.glob("*.eml")) if path.stat().st_size < 100_000] * options.parse_args().rounds
    done = subprocess.run([BIN / "clawback", "classify", "--batch"], input="\n".join(files) + "\n", text=True,
                          stdout=subprocess.PIPE, check=True)
    if done.stdout.count("\n") != len(files):
        raise RuntimeError("not every message got its line")
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    figure("classify", round(len(files) / (used.ru_utime + used.ru_stime)), "messages per CPU second")


if __name__ == "__main__":
    main()
