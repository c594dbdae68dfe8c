# SPDX-License-Identifier: Apache-2.0
"""From the end of SMTP DATA until the copy was moved, one report at a time, the copy already in the mailbox, the practice
tenant answering at once: what Clawback itself adds. Printed with its parts: until the relay answered, and from then on."""
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


def moved_at(story):
    text = story["retractions"][0]["outcome"]["at"].replace("Z", "+00:00")
    return datetime.fromisoformat(text).timestamp() * 1000


def measure(count):
    """[(milliseconds until the reply, milliseconds until moved)]"""
    sent = {}
    with Workspace("moved") as folder, Stage(folder) as stage:
        generator = Generator(seed=11)
        for number in range(count):
            mail = generator.eicar()
            mail.recipients = mail.recipients[:1]
            answer = stage.send(mail)
            sent[header(mail, "Message-ID")] = (answer["endOfDataMs"], answer["repliedMs"])
            stage.wait_until_settled(number + 1)
        stories = stage.stories()
    times = []
    for story in stories:
        end_of_data, replied = sent[story["row"]["message_id"]]
        times.append((replied - end_of_data, moved_at(story) - end_of_data))
    return times


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--count", type=int, default=60, help="reports (default 60)")
    times = measure(options.parse_args().count)
    replied, moved = zip(*times)
    figure("data-to-reply-p50", statistics.median(replied), "ms", better="lower")
    figure("data-to-reply-p99", percentile(replied, 0.99), "ms", better="lower")
    figure("data-to-moved-p50", statistics.median(moved), "ms", better="lower")
    figure("data-to-moved-p99", percentile(moved, 0.99), "ms", better="lower")


if __name__ == "__main__":
    main()
