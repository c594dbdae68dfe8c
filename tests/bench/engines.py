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
import random
import socket
import subprocess
import sys
import tarfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "system")]

from figure import figure  # noqa: E402
from harness import BIN, SOURCE, Workspace  # noqa: E402
from harness.engines import EngineProgram, family, installed  # noqa: E402
from harness.stage import REPORTS  # noqa: E402

TICK = os.sysconf("SC_CLK_TCK")
LARGEST = 2_000_000  # bytes; beyond, a few messages would be the whole figure


def unpacked(corpus, folder):
    """The messages of the corpus's archives, as files below folder."""
    files = []
    for archive in sorted(corpus.glob("*.tar.xz")):
        if archive.name.startswith("eicar"):
            continue
        with tarfile.open(archive) as packed:
            for member in packed:
                if member.isfile() and member.size <= LARGEST:
                    path = folder / f"{len(files)}.eml"
                    path.write_bytes(packed.extractfile(member).read())
                    files.append(path)
    return files


def messages(corpus, folder, count):
    """A sample of the corpus, or the reports of tests/data over and over where there is none."""
    folder.mkdir()
    files = unpacked(corpus, folder)
    if not files:
        print(f"engines: no corpus at {corpus}: the reports of tests/data it is", file=sys.stderr)
        files = [path for path in sorted(REPORTS.glob("*.eml")) if path.stat().st_size <= LARGEST]
    chooser = random.Random(6)
    chosen = chooser.sample(files, count) if count <= len(files) else chooser.choices(files, k=count)
    return [str(path) for path in chosen]


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
    options.add_argument("--corpus", type=pathlib.Path, help="a folder of *.tar.xz with messages (default $CLAWBACK_CORPUS/mail)",
                         default=pathlib.Path(os.environ.get("CLAWBACK_CORPUS", SOURCE / "../shared/corpus")) / "mail")
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
