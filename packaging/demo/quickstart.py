# SPDX-License-Identifier: Apache-2.0
"""What packaging/quickstart shows, once everything is built: reports go in, mailboxes change."""
import json
import pathlib
import signal
import sys
import unicodedata
from datetime import datetime

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests/system"))

from harness import Workspace  # noqa: E402
from harness.mail import Generator  # noqa: E402
from harness.report import header  # noqa: E402
from harness.stage import REPORTS, TENANTS, Stage  # noqa: E402

GENERATED = 24
NO_MAILBOX = "(no mailbox)"
SHOWN_WITHOUT_MAILBOX = 5  # of one report; the rest is a number
# Together 160 columns; the last three are as wide as what they show at most.
COLUMNS = (("message", 28), ("verdict", 11), ("main reason", 26), ("mailbox", 29), ("before", 12), ("after", 27),
           ("DATA to moved", 13))
LEGEND = """
What is MALICIOUS goes to Recoverable Items, what is SUSPICIOUS, SPOOF or SPAM to Junk Email; the rest stays where it is.
The time is from the end of SMTP DATA to the move. About 5 s: the copy reached its mailbox only after the report reached
the relay, and was looked for again after 5 s. "Inbox x 7": copies of seven reports that name one and the same Message-ID.
In parentheses: a report that decided nothing, recorded as what it is, or an address that is no mailbox."""
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def columns_of(character):
    """How many columns of a terminal it fills; a combining mark none, a CJK character two."""
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def cell(value, width):
    """value in exactly so many columns. What could steer the terminal is not printed: subjects are a sender's text."""
    shown, used = "", 0
    for character in str(value):
        character = character if character.isprintable() else "?"
        if used + columns_of(character) > width:
            break
        shown, used = shown + character, used + columns_of(character)
    return shown + " " * (width - used)


def line(*values):
    cells = [cell(value, width) for value, (_, width) in zip(values, COLUMNS)]
    print("  ".join(cells).rstrip(), flush=True)


def tenant_of(service_address):
    for tenant in TENANTS:
        if any(each["address"] == service_address for each in tenant["settings"]["service_addresses"]):
            return tenant["settings"]["name"]
    return None


def send_reports(stage):
    """The reports under tests/data, as they are; {what the relay got: (message id, end of DATA)}."""
    sent = {}
    entries = json.loads((REPORTS / "manifest.json").read_text())["files"]
    # Broken ones (m...) last: who sees this for the first time should see mail first.
    for entry in sorted(entries, key=lambda each: each["file"].startswith("m")):
        name = tenant_of(entry["envelope"]["rcpt_to"])
        if name is None or entry["envelope"]["client"] != "ok":
            continue
        answer = stage.send_report(REPORTS / entry["file"], entry["envelope"], name)
        show_reply(entry["file"].removesuffix(".eml"), answer)
        # SMTP ends every line in CRLF, so two files that differ only in that are one report.
        on_the_wire = b"\r\n".join((REPORTS / entry["file"]).read_bytes().splitlines())
        if answer["smtpCode"] == 250:
            sent[on_the_wire] = (entry["expect"].get("message_id"), answer["endOfDataMs"])
    return sent


def send_generated(stage):
    sent = {}
    for position, mail in enumerate(Generator().some(GENERATED)):
        # Every third copy reaches its mailbox only after the report reached the relay.
        answer = stage.send(mail, delay_ms=300 if position % 3 == 0 else 0)
        show_reply(f"{mail.name} to {len(mail.recipients)}", answer)
        if answer["smtpCode"] == 250:
            sent[mail.message] = (header(mail, "Message-ID"), answer["endOfDataMs"])
    return sent


def show_reply(name, answer):
    print(f"  {name:42} {answer['smtpCode']} {answer['smtpText'][:60]}", flush=True)


def show_story(story, end_of_data, folders):
    """One line for each mailbox: the folder it was delivered to, and where it is now, by the mailbox itself."""
    row = story["row"]
    first = (row["subject"] or row["message_id"], row["disposition"], row["main_reason"] or "-")
    if row["handling"] != "decided":
        line(first[0], row["disposition"], f"({row['handling']})")
        return
    outcomes = {each["recipient"]: each["outcome"] or {} for each in story["retractions"]}
    addresses = [each["address"] for each in story["record"]["decision"]["recipients"]]
    without = [each for each in addresses if each.lower() not in folders and each not in outcomes]
    left_out = set(without[SHOWN_WITHOUT_MAILBOX:])  # one report names 5,000
    for address in (each for each in addresses if each not in left_out):
        outcome = outcomes.get(address, {})
        now = folders.get(address.lower(), NO_MAILBOX)
        moved = outcome.get("kind") == "moved"
        took = f"{time_of(outcome) - end_of_data:.0f} ms" if moved and end_of_data else outcome.get("kind", "")
        line(*first, address, outcome.get("folder_before", now), now, took)
        first = ("", "", "")
    if left_out:
        line(*first, f"and {len(left_out):,} more", NO_MAILBOX, NO_MAILBOX)


def folders_in_words(stage, message_id):
    """{mailbox: "Inbox"}, or "Inbox x 3" where several reports told of copies with one Message-ID."""
    words = {}
    for mailbox, folders in stage.folders_of(message_id).items():
        # What users see as Recover Deleted Items is named Deletions below it.
        folders = ["Recoverable Items/Deletions" if name == "Deletions" else name for name in folders]
        counted = {name: folders.count(name) for name in folders}
        words[mailbox] = ", ".join(name if count == 1 else f"{name} x {count}" for name, count in counted.items())
    return words


def time_of(outcome):
    return datetime.fromisoformat(outcome["at"].replace("Z", "+00:00")).timestamp() * 1000


def show(stage, stories, sent):
    ended = dict(sent.values())
    print()
    line(*(title for title, _ in COLUMNS))
    line(*("-" * width for _, width in COLUMNS))
    for story in sorted(stories, key=lambda each: each["row"]["id"]):
        message_id = story["row"]["message_id"]
        show_story(story, ended.get(message_id), folders_in_words(stage, message_id))
    print(LEGEND)
    print("\nThe trace (clawback trace --limit 10):\n")
    print(stage.command("trace", "--config", str(stage.relay.config), "--limit", "10").stdout)


def stay(stage):
    command = SOURCE / "build/release/bin/clawback"
    print("Still up. Try, in another terminal:\n"
          f"  {command} trace --config {stage.relay.config} --disposition MALICIOUS\n"
          f"  {command} trace --config {stage.relay.config} 1\n"
          f"  {command} explain --config {stage.relay.config} 1\n"
          f"  {command} status --config {stage.relay.config}\n"
          f"  {command} retract --config {stage.relay.config} --action trash --reason 'trying it' 1\n"
          f"  {command} undo --config {stage.relay.config} --reason 'trying it' 1\n"
          f"  {command} classify {REPORTS}/*.eml\n"
          f"Mailboxes of the practice tenant: {stage.control}/state\n"
          "Ctrl-C ends everything.", flush=True)
    signal.sigwait(ENDINGS)
    let_cleaning_up_finish()


def let_cleaning_up_finish():
    """An impatient second Ctrl-C must leave no process behind."""
    for number in ENDINGS:
        signal.signal(number, signal.SIG_IGN)


def end(number, _):
    let_cleaning_up_finish()
    sys.exit(128 + number)


def main():
    once = "--once" in sys.argv[1:]
    for number in ENDINGS:
        signal.signal(number, end)
    with Workspace("clawback-quickstart") as folder:
        print(f"starting everything in {folder} ...", flush=True)
        with Stage(folder) as stage:
            print("\nJournal reports go in over TLS; the relay answers:\n")
            sent = send_reports(stage) | send_generated(stage)
            print("\nwaiting until every retraction has its outcome ...", flush=True)
            show(stage, stage.wait_until_settled(len(sent)), sent)
            if not once:
                stay(stage)
            print("stopping ...", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
