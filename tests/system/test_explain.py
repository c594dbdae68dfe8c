# SPDX-License-Identifier: Apache-2.0
# seconds: 35
"""A verdict can be read and repeated: the journal report of a message and that report through Postfix get the same verdict,
and `clawback explain` judges it again from what was recorded. So does the message's own file, for the written cases; of mail
of the corpus, whose envelope only the report tells, the findings are compared that the envelope has no part in."""
import dataclasses
import json
import os
import pathlib
import re
import tarfile
import time
import unittest

from harness import SOURCE, Workspace
from harness.mail import Generator
from harness.report import wrap_bytes
from harness.sidecar_client import SidecarClient
from harness.smtp import send_report
from harness.stage import TENANTS, Stage
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
    return [(each["reason"], each.get("place"), each["evidence"]) for each in told["findings"]
            if each["reason"] not in ENVELOPE and not each["reason"].startswith("model-")]


def verdict(told):
    return (told["disposition"], told["score"],
            [(each["reason"], each["weight"], each.get("place"), each["evidence"]) for each in told["findings"]])


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

    def told_of(self, files, *options):
        """What classify says of each."""
        done = self.stage.command("classify", "--json", "--tenant-file", str(self.tenant), *options, *map(str, files))
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
                proven = self.told_of([report], "--proven")[0]
                self.assertEqual(verdict(proven), verdict(record))
                code, explained = self.explain(story["row"]["id"], "--against", report, "--tenant-file", self.tenant)
                self.assertEqual(code, 0, explained)
                self.assertEqual((explained["replay"]["same"], explained["replay"]["inputs"]), (True, []), explained["replay"])
                self.assertEqual(explained["disposition"], proven["disposition"])

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
        code, explained = self.explain(story["row"]["id"], "--against", report, "--tenant", "company")
        self.assertTrue(any("tenant" in each for each in explained["replay"]["inputs"]), explained["replay"])

    def change(self, verb, why):
        done = self.stage.command("tenant", "--config", str(self.stage.relay.config), verb, "contoso", "blocked_hosts",
                                  "www.partner.example", "--why", why)
        self.assertEqual(done.returncode, 0, done.stderr)
        time.sleep(1)  # the second within which the next report follows it

    def test_what_was_changed_through_the_sidecar_counts(self):
        report = self.folder / "live.eml"
        report.write_bytes(wrap_bytes(Generator(seed=73).html_mail().message.encode()))
        self.change("list-add", "for the test")
        self.addCleanup(self.change, "list-remove", "the test is over")
        row = self.through_postfix(report.read_bytes())["row"]
        self.assertNotEqual(row["disposition"], "NONE")
        code, explained = self.explain(row["id"], "--against", report)
        self.assertEqual((code, explained["replay"]["inputs"], explained["replay"]["settings_from"]),
                         (0, [], "the sidecar, over the files"), explained["replay"])
        code, explained = self.explain(row["id"], "--against", report, "--tenant-file", self.tenant)
        self.assertEqual((code, explained["replay"]["settings_from"]), (1, "the file alone"), explained["replay"])
        test = ("policy", "test", report, "--json", "--tenant", "contoso", "--config", self.stage.relay.config)
        for more, disposition, live, source in (((), row["disposition"], True, "the sidecar"),
                                                (("--socket", "/nowhere"), "NONE", False, "the files alone, without")):
            with self.subTest(source):
                done = self.stage.command(*map(str, (*test, *more)))
                self.assertEqual(done.returncode, 0, done.stderr)
                told = json.loads(done.stdout)
                self.assertEqual((told["disposition"], told["live"]), (disposition, live), told)
                self.assertTrue(told["settings_from"].startswith(source), told)
                self.assertEqual(told["decision"]["settings_version"].endswith("+1"), live, told)

    def sent(self, mail):
        """The row of a mail that was delivered and journaled."""
        known = self.newest()["id"]
        self.assertEqual(self.stage.send(mail)["smtpCode"], 250)
        until(lambda: self.newest()["id"] > known, 30, "the report in the trace")
        return self.newest()

    def test_a_body_is_kept_where_the_tenant_wants_it_and_judged_again(self):
        settings = {**next(each["settings"] for each in TENANTS if each["settings"]["name"] == "contoso"),
                    "graph": self.stage.graph_access}
        bodies = self.stage.relay.segments / "bodies"
        self.stage.relay.write_tenant(settings, keep_bodies="detections")
        self.addCleanup(self.stage.relay.milter.restart)
        self.addCleanup(self.stage.relay.write_tenant, settings)
        self.stage.relay.milter.restart()
        generator = Generator(seed=71)
        note = self.sent(generator.plain_note())
        self.assertEqual((note["disposition"], list(bodies.iterdir())), ("NONE", []))
        row = self.sent(generator.eicar())
        body = bodies / (row["report_digest"] + ".eml")
        self.assertEqual(list(bodies.iterdir()), [body])
        self.assertEqual((bodies.stat().st_mode & 0o7777, body.stat().st_mode & 0o7777), (0o700, 0o600))
        code, explained = self.explain(row["id"])
        self.assertEqual((code, explained["body"]), (0, "kept"), explained)
        self.assertEqual((explained["replay"]["same"], explained["replay"]["inputs"]), (True, []), explained["replay"])
        code, explained = self.explain(note["id"])
        self.assertEqual((code, "body" in explained, "replay" in explained), (0, False, False), explained)
        # Its time is that of the report: what is older than bodies_for goes, and the answer says so.
        os.utime(body, (0, 0))
        self.stage.relay.milter.restart()
        until(lambda: not body.exists(), 10, "the old body is gone")
        code, explained = self.explain(row["id"])
        self.assertEqual((code, "replay" in explained), (0, False), explained)
        self.assertIn("not there any more", explained["body"])

    def test_hunts_find_wanted_mail_by_what_was_learned_later(self):
        generator = Generator(seed=72)
        mail = generator.html_mail()
        row = self.sent(mail)
        self.assertEqual(row["disposition"], "NONE")
        file = self.sent(generator.pdf_attached())
        self.sent(generator.plain_note())
        again = self.sent(dataclasses.replace(generator.html_mail(), message=mail.message.replace("Subject: ", "Subject: RE: [EXT] ")
                                              .replace("Message-ID: <", "Message-ID: <again-")))
        _, explained = self.explain(row["id"])
        hunt = explained["hunt"]
        self.assertEqual((hunt["hosts"], hunt["domains"], hunt["more"]), (["www.partner.example"], ["partner.example"], False))
        digest = self.explain(file["id"])[1]["hunt"]["files"][0]
        both = [again["id"], row["id"]]
        for option, value, expected in (("--host", "partner.example", both), ("--host", "www.PARTNER.example", both),
                                        ("--url", "http://www.partner.example:8080/notes#x", both), ("--url", hunt["urls"][0], both),
                                        ("--subject-key", hunt["subject_key"], both), ("--like", str(row["id"]), both),
                                        ("--file-digest", digest, [file["id"]]), ("--host", "elsewhere.example", [])):
            with self.subTest(option, value=value):
                self.assertEqual([each["id"] for each in self.stage.trace(option, value)], expected)
        # What is found can be taken back.
        done = self.stage.command("retract", "--config", str(self.stage.relay.config), "--host", "partner.example",
                                  "--action", "junk", "--reason", "learned later")
        self.assertEqual((done.returncode, done.stdout.splitlines()[0]), (0, "2 messages found"), done.stderr)
        done = self.stage.command("trace", "--config", str(self.stage.relay.config), "--host", "http://x/")
        self.assertEqual(done.returncode, 1)
        self.assertIn("host: expected a host such as", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
