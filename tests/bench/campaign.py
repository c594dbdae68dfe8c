# SPDX-License-Identifier: Apache-2.0
"""A campaign: one bad message in many mailboxes, each request to Graph taking its time, over HTTP/2. How long until it is
out of all of them, against the bound that latency and the cap on requests in flight give, and against a script on
Microsoft's JavaScript client that goes through the mailboxes one by one (a sample of them, multiplied), in the same run
against the same practice tenant."""
import argparse
import base64
import contextlib
import json
import os
import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "system")]

from figure import figure  # noqa: E402
from harness import Workspace, node  # noqa: E402
from harness.crowd import CrowdStage, person  # noqa: E402
from harness.daemons import CONTOSO  # noqa: E402
from harness.http2 import Http2Front  # noqa: E402
from harness.mail import Generator  # noqa: E402
from harness.report import header  # noqa: E402
from harness.stage import CLIENT_ID, SECRET  # noqa: E402

WITHIN = 1.25  # of the bound
TIMES = 8  # faster than one by one


def cpu_seconds(stage):
    """{program: seconds of processor time so far}, the sidecar's judges among them."""
    pids = {"clawback-retractd": stage.relay.retractd.pid, "clawback-practice": stage.relay.practice.pid,
            "nghttpx": stage.gate.pid}
    return {name: sum(_cpu_of(pid) for pid in (pid, *_children_of(pid))) for name, pid in pids.items()}


def _children_of(pid):
    children = []
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # a thread that ends meanwhile
            children += map(int, (task / "children").read_text().split())
    return children


def _cpu_of(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def tell(text):
    print(text, file=sys.stderr, flush=True)


def campaign(stage, mailboxes, latency, in_flight):
    """Seconds, and the bound."""
    mail = Generator(seed=77).eicar()
    before = stage.counters()["requests"]
    began = time.monotonic()
    stage.send_in_parts(mail, mailboxes)
    patience = 60 + 20 * mailboxes * latency / in_flight * 3
    ended = stage.wait_until_final(mailboxes, patience, tell=lambda counts: tell(f"  {counts}"))
    requests = stage.counters()["requests"] - before
    left = stage.messages()[header(mail, "Message-ID")]
    if left != {"recoverableitemsdeletions": mailboxes}:
        raise RuntimeError(f"the copies stand in {left}")
    return ended - began, requests * latency / in_flight, requests


def one_by_one(stage, folder, first, sample):
    """Seconds for each mailbox."""
    mail = Generator(seed=78).eicar()
    encoded = base64.b64encode(mail.message.encode()).decode()
    users = [person(number) for number in range(first, first + sample)]
    for user in users:
        stage.ask(f"/users/{user}/items", {"messageBase64": encoded})
    settings = folder / "sequential.json"
    settings.write_text(json.dumps({
        "login": stage.login, "graph": stage.gate.url, "tenant": CONTOSO["tenant_id"], "clientId": CLIENT_ID,
        "secret": SECRET, "id": header(mail, "Message-ID"), "destination": "recoverableitemsdeletions",
        "users": users}))
    done = node.run("sequential_client.cjs", str(settings), authority=stage.certificates.ca, seconds=1200)
    if done["moved"] != sample:
        raise RuntimeError(f"the script moved {done['moved']} of {sample}")
    return done["ms"] / 1000 / sample


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--mailboxes", type=int, default=2000, help="in the campaign (default 2000)")
    options.add_argument("--latency-ms", type=int, default=80, help="of each request (default 80)")
    options.add_argument("--in-flight", type=int, default=32, help="requests at once (default 32)")
    options.add_argument("--sample", type=int, default=50, help="mailboxes that are gone through one by one (default 50)")
    chosen = options.parse_args()
    latency = chosen.latency_ms / 1000
    with Workspace("campaign") as folder, CrowdStage(
            folder, chosen.mailboxes + chosen.sample, gate=Http2Front, practice={"latency": f"{chosen.latency_ms}ms"},
            sidecar={"requests_in_flight": chosen.in_flight}) as stage:
        seconds, bound, requests = campaign(stage, chosen.mailboxes, latency, chosen.in_flight)
        counters, protocols, connections = stage.counters(), stage.gate.protocols(), stage.gate.connections()
        cpu = {name: round(seconds * 1000 / chosen.mailboxes, 2) for name, seconds in cpu_seconds(stage).items()}
        sequential = one_by_one(stage, folder, chosen.mailboxes, chosen.sample) * chosen.mailboxes
    tell(f"{chosen.mailboxes} mailboxes, {requests} requests of {chosen.latency_ms} ms, {chosen.in_flight} at once over "
         f"{connections} connections {dict(protocols)}: {counters}; processor time for each mailbox: {cpu} ms")
    figure("campaign-requests-per-mailbox", requests / chosen.mailboxes, "requests", better="lower")
    figure("campaign-seconds", seconds, "s", against=bound, ratio=seconds / bound, better="lower", goal=WITHIN)
    figure("campaign-against-one-by-one", seconds, "s", against=sequential, ratio=sequential / seconds, goal=TIMES)


if __name__ == "__main__":
    main()
