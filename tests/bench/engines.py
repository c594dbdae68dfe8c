# SPDX-License-Identifier: Apache-2.0
"""Messages for each second of CPU, all processes counted: `clawback classify --batch` with its judges against rspamd, its
patterns compiled (Hyperscan), once with all modules of its package, whose questions to a network are not answered, and once
with those of its rules alone that ask none; and, told as engines_kept, `classify --batch --json`, for which judges also make
the fingerprint and the features that a relay keeps. All get the same messages, in turns of a few, so that what else the
machine does falls on all."""
import argparse
import concurrent.futures
import http.client
import json
import os
import pathlib
import socket
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "system")]

from corpus import corpus_option, messages  # noqa: E402
from figure import figure  # noqa: E402
from harness import BIN, Workspace  # noqa: E402
from harness.engines import EngineProgram, family, installed  # noqa: E402

TICK = os.sysconf("SC_CLK_TCK")


def cpu_of(pids):
    """Seconds that these have used, and their children that have ended."""
    ticks = 0
    for pid in pids:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            ticks += sum(int(field) for field in stat.read().rpartition(")")[2].split()[11:15])
    return ticks / TICK


class Clawback:
    def __init__(self, *options):
        self._program = subprocess.Popen([BIN / "clawback", "classify", "--batch", *options], stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, text=True)

    def processes(self):
        return family(self._program.pid)

    def judge(self, files):
        self._program.stdin.write("\n".join(files) + "\n")
        self._program.stdin.flush()
        for _ in files:
            if not self._program.stdout.readline():
                raise RuntimeError("clawback classify ended early")

    def stop(self):
        self._program.stdin.close()
        self._program.wait(60)


class OverSocket(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost")
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(self._path))


class Rspamd:
    def __init__(self, folder, way):
        self._program = EngineProgram("rspamd", folder, way)
        self._program.start()

    def processes(self):
        return family(self._program.pid)

    def judge(self, files):
        # Several at once, because most of its time it waits for answers that do not come.
        with concurrent.futures.ThreadPoolExecutor(16) as asking:
            list(asking.map(self._ask, files))

    def _ask(self, path):
        connection = OverSocket(self._program.socket)
        connection.request("POST", "/checkv2", pathlib.Path(path).read_bytes())
        answer = json.loads(connection.getresponse().read())
        connection.close()
        if "action" not in answer and "error" not in answer:
            raise RuntimeError(f"rspamd says {answer} of {path}")

    def stop(self):
        self._program.stop()


def measure(sides, files, turn):
    """{side: seconds of CPU}; the first turn is not counted, for what happens once."""
    used = dict.fromkeys(sides, 0.0)
    for begin in range(0, len(files), turn):
        for name, side in sides.items():
            before = cpu_of(side.processes())
            side.judge(files[begin:begin + turn])
            used[name] += cpu_of(side.processes()) - before if begin else 0
    return used


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--messages", type=int, default=1000, help="how many (default 1000)")
    options.add_argument("--turn", type=int, default=200, help="messages of a turn (default 200)")
    corpus_option(options)
    chosen = options.parse_args()
    if not installed("rspamd"):
        print("engines: SKIPPED, rspamd is not installed", file=sys.stderr)
        return
    with Workspace() as folder:
        files = messages(chosen.corpus, folder / "corpus", chosen.messages)
        sides = {"verdict": Clawback(), "kept": Clawback("--json"), "rules alone": Rspamd(folder / "rules", "--fast"),
                 "as packaged": Rspamd(folder / "packaged", "--packaged")}
        try:
            used = measure(sides, files, chosen.turn)
        finally:
            for side in sides.values():
                side.stop()
    counted = len(files) - min(chosen.turn, len(files))
    rates = {name: counted / max(seconds, 1 / TICK) for name, seconds in used.items()}
    for name, ours, against in (("engines", "verdict", "as packaged"), ("engines_kept", "kept", "as packaged"),
                                ("engines_rules_alone", "verdict", "rules alone")):
        figure(name, round(rates[ours]), "messages per CPU second", against=round(rates[against]),
               ratio=round(rates[ours] / rates[against], 2), goal=8)


if __name__ == "__main__":
    main()
