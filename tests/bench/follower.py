# SPDX-License-Identifier: Apache-2.0
"""How fast the sidecar takes decisions into its ledger (trace, and the features that hunts look for), beside how fast a
relay makes them: reports are sent over several connections while the sidecar is stopped, then it is started and the clock
runs until all are in the trace. The messages are those of a labelled corpus, so that they have hosts, files and words as
mail has, or the reports of tests/data where there is none. Told too: the ledger's size for each message, and CPU of both."""
import argparse
import concurrent.futures
import pathlib
import random
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "system")]

from corpus import corpus_option, messages  # noqa: E402
from engines import cpu_of  # noqa: E402
from figure import figure  # noqa: E402
from harness import Workspace  # noqa: E402
from harness.engines import family  # noqa: E402
from harness.mail import ACTIONS  # noqa: E402
from harness.report import wrap_bytes  # noqa: E402
from harness.smtp import JournalClient  # noqa: E402
from harness.stage import NDR, TENANTS, Stage  # noqa: E402
from harness.wait import until  # noqa: E402

LARGEST = 200_000  # bytes of a message


def reports(files):
    """Each message in the report that Exchange would send about it."""
    made = []
    for number, file in enumerate(files):
        message = pathlib.Path(file).read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        if len(message) <= LARGEST:
            made.append(wrap_bytes(b"X-Number: %d\r\n" % number + message))
    return made


def send(stage, batch):
    client = JournalClient(stage.postfix.port, str(stage.certificates.ca), str(stage.certificates.client))
    taken = sum(client.send(report, [stage.service_address("contoso")], NDR).taken for report in batch)
    client.close()
    return taken


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--messages", type=int, default=2000, help="how many (default 2000)")
    options.add_argument("--connections", type=int, default=8, help="to the relay (default 8)")
    corpus_option(options)
    chosen = options.parse_args()
    with Workspace("follower") as folder, Stage(folder) as stage:
        files = messages(chosen.corpus, folder / "corpus", chosen.messages)
        random.Random(7).shuffle(files)
        made = reports(files)
        stage.relay.retractd.stop()
        # Nobody has these messages: what is measured is the trace, not the search for copies.
        stage.relay.write_tenant(TENANTS[0]["settings"], graph=stage.graph_access, actions=dict.fromkeys(ACTIONS, "none"))
        before = cpu_of(family(stage.relay.milter.pid))
        begun = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(chosen.connections) as sending:
            taken = sum(sending.map(lambda part: send(stage, made[part::chosen.connections]), range(chosen.connections)))
        relay_seconds, relay_cpu = time.monotonic() - begun, cpu_of(family(stage.relay.milter.pid)) - before
        begun = time.monotonic()
        stage.relay.retractd.start()
        until(lambda: stage.status()["counts"]["reports"] >= taken, 600, f"{taken} reports in the trace")
        seconds, sidecar_cpu = time.monotonic() - begun, cpu_of(family(stage.relay.retractd.pid))
        ledger = sum(file.stat().st_size for file in folder.rglob("ledger.db*"))
    figure("follower", round(taken / seconds), "messages a second", against=round(taken / relay_seconds),
           ratio=round(relay_seconds / seconds, 2), goal=2)
    figure("follower_cpu", round(1000 * sidecar_cpu / taken, 3), "ms of CPU a message", against=round(1000 * relay_cpu / taken, 3),
           better="lower")
    figure("ledger", round(ledger / taken), "bytes a message", better="lower")


if __name__ == "__main__":
    main()
