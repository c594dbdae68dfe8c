# SPDX-License-Identifier: Apache-2.0
# seconds: 20
"""Forged reports about good mail: from somewhere else, from Exchange but another organisation's, and right in everything
but that the copy in the mailbox is another message. Nothing is moved, and each of them can be seen."""
import collections
import os
import re
import unittest

from harness import Workspace
from harness.mail import EICAR, Generator
from harness.milter_client import REPLY, MilterClient
from harness.report import header, under_headers_of, wrap
from harness.sidecar_client import SidecarClient
from harness.smtp import JournalClient
from harness.stage import NDR, PEOPLE, Stage

FORGERIES = int(os.environ.get("CLAWBACK_FORGERIES", "120"))
MAILBOXES = [f"{name}@contoso.example" for name in PEOPLE]
OTHER_ID = "6e1e3a0a-cb5b-4699-9a6a-595e9ef289e9"  # of company, another tenant here
OTHER_ORGANISATION = "teamcompany-test.onmicrosoft.com"
ACTS = re.compile(r"/(move|copy|permanentDelete|send|reply)\b")


def with_attachment(message):
    """message whole, and something bad attached to it."""
    head, body = message.split("\r\n\r\n", 1)
    content_type = re.search(r"Content-Type: [^\r]*", head).group()
    head = head.replace(content_type, "Content-Type: multipart/mixed; boundary=forged")
    return (f"{head}\r\n\r\n--forged\r\n{content_type}\r\n\r\n{body}\r\n--forged\r\n"
            f"Content-Disposition: attachment; filename=x.com\r\n\r\n{EICAR}\r\n--forged--\r\n")


# What Postfix saw of a source that is not Exchange.
SOURCES = ({"client": "203.0.113.66"}, {"tls": ""}, {"tls": "TLSv1.1"}, {"certificate": ""},
           {"certificate": "mail.attacker.example"}, {"client": "203.0.113.66", "tls": "", "certificate": ""})


def twice(name, value):
    """The field a second time, saying something else."""
    return lambda report: report.replace(f"\r\n{name}:".encode(), f"\r\n{name}: {value}\r\n{name}:".encode(), 1)


def without_marks(report):
    return re.sub(rb"\r\n(X-LD-Processed|X-OriginatorOrg|X-MS-Exchange-Organization-Id):[^\r]*", b"", report)


# Of another organisation: what wrap() is told, what is changed then, and whose address it is sent to.
ORGANISATIONS = (
    ({"organisation": "attacker.onmicrosoft.com"}, None, "contoso", "unauthentic"),
    ({"tenant_id": "00000000-0000-4000-8000-000000000001"}, None, "contoso", "unauthentic"),
    ({"tenant_id": OTHER_ID, "organisation": OTHER_ORGANISATION}, None, "contoso", "unauthentic"),
    ({}, without_marks, "contoso", "unauthentic"),
    ({}, twice("X-OriginatorOrg", "attacker.onmicrosoft.com"), "contoso", "unauthentic"),
    ({}, twice("X-LD-Processed", OTHER_ID + ",ExtAddr"), "contoso", "unauthentic"),
    ({}, twice("X-MS-Exchange-Organization-Id", OTHER_ID), "contoso", "unauthentic"),
    ({}, None, "company", "unauthentic"),
    ({"tenant_id": OTHER_ID, "organisation": OTHER_ORGANISATION}, None, "company", "decided"))  # of other people's mailboxes


class Forgeries(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        workspace = Workspace("forgeries")
        cls.stage = Stage(workspace.__enter__(), practice={"mailbox_requests": 100_000_000, "mailbox_concurrency": 100})
        cls.addClassCleanup(workspace.__exit__)
        cls.stage.__enter__()
        cls.addClassCleanup(cls.stage.__exit__)
        cls.generator = Generator(seed=404, users=PEOPLE)
        cls.reports = 0
        cls.seen = {}  # Message-ID of a good mail: what the trace must say of the forgery about it

    def good_mail(self, number):
        """In one mailbox; what it looks like there."""
        mail = getattr(self.generator, Generator.GOOD[number % len(Generator.GOOD)])()
        mail.recipients = [MAILBOXES[number % len(MAILBOXES)]]
        self.stage.ask(f"/users/{mail.recipients[0]}/items", {"message": mail.message, "folder": "inbox"})
        return mail

    def send(self, client, report, tenant):
        reply = client.send(report, [self.stage.service_address(tenant)], NDR)
        self.assertTrue(reply.taken, reply)
        self.reports += 1

    def forge_source(self, number):
        """From somewhere else: not a byte of it is taken."""
        self.good_mail(number)
        with MilterClient(self.stage.relay.milter_socket, **SOURCES[number % len(SOURCES)]) as client:
            client.mail()
            kind, text = client.recipient(f"<{self.stage.service_address('contoso')}>")
        self.assertEqual((kind, text[:3]), (REPLY, b"451"))

    def forge_organisation(self, client, number):
        settings, change, tenant, handling = ORGANISATIONS[number % len(ORGANISATIONS)]
        good = self.good_mail(number)
        bad = self.bad_instead_of(good, number)
        report = wrap(bad, **settings)
        self.send(client, change(report) if change else report, tenant)
        self.seen[header(good, "Message-ID")] = (tenant, handling, [])

    def bad_instead_of(self, good, number):
        """A message that calls itself good and is another."""
        kind = number % (len(Generator.BAD) + 1)
        bad = self.generator.eicar() if kind == len(Generator.BAD) else getattr(self.generator, Generator.BAD[kind])()
        content = with_attachment(good.message) if kind == len(Generator.BAD) else bad.message
        bad.message, bad.recipients = under_headers_of(content, good.message), good.recipients
        return bad

    def forge_copy(self, client, number):
        good = self.good_mail(number)
        self.send(client, wrap(self.bad_instead_of(good, number)), "contoso")
        self.seen[header(good, "Message-ID")] = ("contoso", "decided", [("held", "mismatch")])

    # --- checking -----------------------------------------------------------------------------
    def nothing_was_moved(self):
        """Asserted on mailboxes, and on every request that the practice tenant saw."""
        folders = collections.Counter(
            folder["displayName"] for tenant in self.stage.state()["tenants"] for user in tenant["users"]
            for folder in user.get("folders", []) for _ in folder["items"])
        self.assertEqual(set(folders), {"Inbox"}, folders)
        acts = [each for each in self.stage.ask("/requests")["requests"]
                if each["host"] == "graph" and (each["method"] not in ("GET", "POST") or ACTS.search(each["path"]))]
        self.assertEqual(acts, [])

    def everything_is_seen(self):
        with SidecarClient(self.stage.relay.sidecar_socket) as sidecar:
            rows = collections.defaultdict(list)
            for row in sidecar.rows():
                rows[row["message_id"]].append(row)
            for message_id, (tenant, handling, outcomes) in self.seen.items():
                row, = rows[message_id]
                story = sidecar.story(row)
                found = [(each["state"], (each["outcome"] or {}).get("kind")) for each in story["retractions"]]
                self.assertEqual((row["tenant"], row["handling"], found), (tenant, handling, outcomes), story)

    def test_1_no_forgery_moves_anything_and_each_is_seen(self):
        share = FORGERIES // 3
        for number in range(share):
            self.forge_source(number)
        tls = self.stage.certificates
        for begin in range(0, share, 500):
            with JournalClient(self.stage.postfix.port, tls.ca, tls.client) as client:
                for number in range(begin, min(begin + 500, share)):
                    self.forge_organisation(client, number)
                    self.forge_copy(client, number)
        self.stage.wait_until_settled(self.reports, seconds=60 + FORGERIES)
        self.nothing_was_moved()
        self.everything_is_seen()
        refused = self.stage.relay.milter.log().count("event=unmet-demand")
        self.assertEqual(refused, share)
        self.assertEqual(len(self.seen), 2 * share)

    def test_2_a_retraction_among_them_would_be_noticed(self):
        mail = self.generator.eicar()
        mail.recipients = MAILBOXES[:1]
        self.stage.ask(f"/users/{mail.recipients[0]}/items", {"message": mail.message, "folder": "inbox"})
        tls = self.stage.certificates
        with JournalClient(self.stage.postfix.port, tls.ca, tls.client) as client:
            self.send(client, wrap(mail), "contoso")
        self.seen = {header(mail, "Message-ID"): ("contoso", "decided", [("held", "mismatch")])}
        self.stage.wait_until_settled(self.reports)
        for check in (self.nothing_was_moved, self.everything_is_seen):
            with self.assertRaises(AssertionError):
                check()


if __name__ == "__main__":
    unittest.main(verbosity=2)
