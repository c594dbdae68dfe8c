# SPDX-License-Identifier: Apache-2.0
"""From the end of SMTP DATA until the copy was moved and read back, one report at a time, the copy already in the mailbox,
each request to Graph taking its time. Printed with its parts: until the relay answered, what Graph's round trips took, and
the rest, which is what Clawback itself adds to Graph."""
import argparse
import pathlib
import statistics
import sys
from datetime import datetime

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "system")]

from figure import figure  # noqa: E402
from harness import Workspace  # noqa: E402
from harness.mail import Generator  # noqa: E402
from harness.report import header  # noqa: E402
from harness.stage import Stage  # noqa: E402
from harness.wait import until  # noqa: E402


def moved_at(story):
    text = story["retractions"][0]["outcome"]["at"].replace("Z", "+00:00")
    return datetime.fromisoformat(text).timestamp() * 1000


def measure(count, latency_ms):
    """[(milliseconds until the reply, until moved, requests to Graph)]"""
    sent, requests = {}, {}
    with Workspace("moved") as folder, Stage(folder, practice={"latency": f"{latency_ms}ms"}) as stage:
        generator = Generator(seed=11)
        for number in range(count):
            mail = generator.eicar()
            mail.recipients = mail.recipients[:1]
            before = graph_requests(stage)
            answer = stage.send(mail)
            sent[header(mail, "Message-ID")] = (answer["endOfDataMs"], answer["repliedMs"])
            until(lambda: stage.status()["counts"]["final"] > number, 60, "the retraction to end")
            requests[header(mail, "Message-ID")] = graph_requests(stage) - before
        stories = stage.stories()
    times = []
    for story in stories:
        end_of_data, replied = sent[story["row"]["message_id"]]
        times.append((replied - end_of_data, moved_at(story) - end_of_data, requests[story["row"]["message_id"]]))
    return times


def graph_requests(stage):
    """Counted by host: a token is renewed beside them."""
    counters = stage.ask("/summary")["counters"]
    return counters["requests"] - counters["tokensIssued"]


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--count", type=int, default=60, help="reports (default 60)")
    options.add_argument("--latency-ms", type=int, default=80, help="of each request to Graph (default 80)")
    chosen = options.parse_args()
    replied, moved, requests = zip(*measure(chosen.count, chosen.latency_ms))
    round_trips = [count * chosen.latency_ms for count in requests]
    added = [whole - graph for whole, graph in zip(moved, round_trips)]
    figure("data-to-reply-p50", statistics.median(replied), "ms", better="lower")
    figure("data-to-reply-p99", percentile(replied, 0.99), "ms", better="lower")
    figure("data-to-moved-p50", statistics.median(moved), "ms", better="lower")
    figure("data-to-moved-p99", percentile(moved, 0.99), "ms", better="lower")
    figure("graph-round-trips-p50", statistics.median(round_trips), "ms", better="lower")
    figure("added-to-graph-p50", statistics.median(added), "ms", better="lower")
    figure("added-to-graph-p99", percentile(added, 0.99), "ms", better="lower", goal=100)


if __name__ == "__main__":
    main()
