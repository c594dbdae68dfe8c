# SPDX-License-Identifier: Apache-2.0
# seconds: 30
"""A verdict can be read and repeated: the journal report of a message and that report through Postfix get the same verdict,
and `clawback explain` judges it again from what was recorded. So does the message's own file, for the written cases; of mail
of the corpus, whose envelope only the report tells, the findings are compared that the envelope has no part in."""
import json
import os
import pathlib
import re
import tarfile
import unittest

from harness import SOURCE, Workspace
from harness.report import wrap_bytes
from harness.sidecar_client import SidecarClient
from harness.smtp import send_report
from harness.stage import Stage
from harness.wait import until

CASES = [path for path in sorted((SOURCE / "tests/data/cases").glob("*/*.eml")) if path.parent.name != "exchange-stamps"]
EVERY = 5  # of the written cases
CORPUS = pathlib.Path(os.environ.get("CLAWBACK_CORPUS", SOURCE / "../shared/corpus")) / "mail"


def mail_in(archive, count=5, passed=40):
    """A few messages of an archive that a report can be made of: with a Message-ID, and lines as SMTP has them."""
    found = []
    with tarfile.open(archive, "r|xz") as tar:
        for position, member in enumerate(tar):
            if not member.isfile() or position % passed:
                continue
            message = tar.extractfile(member).read().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
            message = STAMPS.sub(b"", message)
            head = message.partition(b"\r\n\r\n")[0].lower()
            if head.count(b"\r\nmessage-id: <") == 1 and max(map(len, message.split(b"\r\n"))) < 900 and b"\0" not in message:
                found.append(message)
            if len(found) == count:
                break
    return found


# The file of a message names no envelope, which a report does: an input, as what Exchange stamped is.
ENVELOPE = {"bulk-platform", "links-lead-elsewhere"}
STAMPS = re.compile(rb"(?im)^(?:x-ms-|x-forefront-|x-microsoft-|authentication-results)[^:]*:.*\r\n(?:[ \t].*\r\n)*")


def whole(told):
    """What neither envelope nor stamps have a part in."""
    return [(each["reason"], each["evidence"]) for each in told["findings"]
            if each["reason"] not in ENVELOPE and not each["reason"].startswith("model-")]


def verdict(told):
    return (told["disposition"], told["score"],
            [(each["reason"], each["weight"], each["evidence"]) for each in told["findings"]])


class Explain(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        workspace = Workspace("explain")
        cls.folder = workspace.__enter__()
        cls.addClassCleanup(workspace.__exit__)
        cls.stage = Stage(cls.folder)
        cls.stage.__enter__()
        cls.addClassCleanup(cls.stage.__exit__)
        cls.tenant = cls.stage.relay.tenants / "contoso.yaml"

    def told_of(self, files):
        """What classify says of each."""
        done = self.stage.command("classify", "--json", "--tenant", str(self.tenant), *map(str, files))
        self.assertEqual(done.returncode, 0, done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def newest(self):
        with SidecarClient(self.stage.relay.sidecar_socket) as sidecar:
            return next(iter(sidecar.ask("trace.search", limit=1)["rows"]), {"id": 0})

    def through_postfix(self, report):
        """The story of a report that Postfix took."""
        known = self.newest()["id"]
        sent = send_report(self.stage.postfix.port, report, [self.stage.service_address("contoso")],
                           self.stage.certificates.ca, self.stage.certificates.client)
        self.assertTrue(sent.taken, sent)
        until(lambda: self.newest()["id"] > known, 30, "the report in the trace")
        with SidecarClient(self.stage.relay.sidecar_socket) as sidecar:
            return sidecar.story(self.newest())

    def explain(self, *arguments):
        done = self.stage.command("explain", "--config", str(self.stage.relay.config), "--json", *map(str, arguments))
        return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr

    def check(self, messages, alike):
        raw = self.told_of(messages)
        for path, told in zip(messages, raw):
            with self.subTest(path.name):
                report = self.folder / "report.eml"
                report.write_bytes(wrap_bytes(path.read_bytes()))
                wrapped = self.told_of([report])[0]
                self.assertEqual(alike(told), alike(wrapped))
                story = self.through_postfix(report.read_bytes())
                record = story["record"]["judgement"]["verdict"]
                self.assertEqual(verdict(wrapped), verdict(record))
                code, explained = self.explain(story["row"]["id"], "--against", report, "--tenant-file", self.tenant)
                self.assertEqual(code, 0, explained)
                self.assertEqual((explained["replay"]["same"], explained["replay"]["inputs"]), (True, []), explained["replay"])
                self.assertEqual(explained["disposition"], wrapped["disposition"])

    def test_written_cases_get_one_verdict_on_every_way(self):
        self.check(CASES[::EVERY], alike=verdict)

    def test_mail_of_the_corpus_gets_one_verdict_on_every_way(self):
        archives = [CORPUS / f"{kind}.tar.xz" for kind in ("ham", "bulk", "spam", "phish")]
        if not all(each.is_file() for each in archives):
            self.skipTest(f"no corpus at {CORPUS}: only the written cases were sent")
        messages = []
        for archive in archives:
            messages += [self.kept(number, message) for number, message in enumerate(mail_in(archive))]
        self.check(messages, alike=whole)

    def kept(self, number, message):
        path = self.folder / f"{len(message)}-{number}.eml"
        path.write_bytes(message)
        return path

    def test_other_bytes_and_another_tenant_are_told(self):
        report = self.folder / "one.eml"
        report.write_bytes(wrap_bytes(CASES[0].read_bytes()))
        story = self.through_postfix(report.read_bytes())
        changed = self.folder / "other.eml"
        changed.write_bytes(report.read_bytes().replace(b"Subject: x", b"Subject: y"))
        code, explained = self.explain(story["row"]["id"], "--against", changed, "--tenant-file", self.tenant)
        self.assertEqual((code, explained["replay"]["same_bytes"]), (1, False))
        code, explained = self.explain(story["row"]["id"], "--against", report)
        self.assertTrue(any("tenant" in each for each in explained["replay"]["inputs"]), explained["replay"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
