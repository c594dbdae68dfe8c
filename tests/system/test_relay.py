# SPDX-License-Identifier: Apache-2.0
# seconds: 43
"""The relay: a real Postfix with packaging/postfix, and clawback-milter with its judges.

What is answered, what stands in the segment, and that neither a stop, a kill nor a new
configuration loses a report."""

import hashlib
import json
import signal
import threading
import time
import unittest

from harness import SOURCE, Workspace
from harness.certificates import Certificates
from harness.daemons import CONTOSO, Clawback
from harness.postfix import Postfix
from harness.segments import decisions
from harness.smtp import JournalClient, send_report
from harness.wait import until

REPORTS = SOURCE / "tests/data/journal"
MANIFEST = {each["file"]: each for each in json.loads((REPORTS / "manifest.json").read_text())["files"]}
ADDRESS = "jrn-7f3c1a52@relay.clawback.example"
EU_ADDRESS = "jrn-7f3c1a52@eu1.relay.clawback.example"
FABRIKAM_ADDRESS = "jrn-fabrikam@relay.clawback.example"
TENANT = {
    **CONTOSO,
    "service_addresses": [{"address": ADDRESS, "region": "us"},
                          {"address": EU_ADDRESS, "region": "eu"}],
    # The real reports come from several organisations; the marks are not the matter here.
    "demands": {**CONTOSO["demands"], "originator_org": "", "tenant_id_mark": False},
}
FABRIKAM = {**TENANT, "name": "fabrikam", "domains": ["fabrikam.example"],
            "tenant_id": "11111111-2222-4333-8444-555555555555",
            "service_addresses": [{"address": FABRIKAM_ADDRESS, "region": "us"}]}
SYNTHETIC = (REPORTS / "s01-inbound-recipient.eml").read_bytes()


def whole(report):
    """With the line end that SMTP cannot do without."""
    return report if report.endswith(b"\r\n") else report + b"\r\n"


def digest(report):
    return hashlib.sha256(whole(report)).hexdigest()


def numbered(name):
    """A report of its own: no other has the same bytes."""
    return f"X-Test: {name}\r\n".encode() + SYNTHETIC


class Relay(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        workspace = Workspace("relay")
        folder = workspace.__enter__()
        cls.addClassCleanup(workspace.__exit__)
        cls.tls = Certificates(folder / "tls")
        cls.relay = Clawback(folder)
        cls.addClassCleanup(cls.relay.__exit__)
        cls.relay.write_tenant(TENANT)
        cls.relay.publish_settings()
        cls.postfix = Postfix(folder / "postfix", cls.tls, cls.relay.milter_socket,
                              domain="relay.clawback.example, eu1.relay.clawback.example")
        cls.postfix.start()
        cls.addClassCleanup(cls.postfix.stop)

    def setUp(self):
        if not self.relay.milter.running():
            self.relay.milter.start()

    def tearDown(self):
        self.assertEqual(self.postfix.queued(), [])

    def send(self, report, recipients=(ADDRESS,), certificate="client"):
        shown = self.tls.client if certificate == "client" else certificate
        return send_report(self.postfix.port, report, recipients, self.tls.ca, shown)

    def session(self, **options):
        return JournalClient(self.postfix.port, self.tls.ca, self.tls.client, **options)

    def record_of(self, report):
        found = [each for each in decisions(self.relay.segments)
                 if each["report_digest"] == digest(report)]
        self.assertEqual(len(found), 1)
        return found[0]

    # --- what is taken -------------------------------------------------------------
    def test_the_three_real_reports_are_taken_and_read_right(self):
        for path in sorted(REPORTS.glob("r0[123]*.eml")):
            with self.subTest(path.name):
                report, expected = path.read_bytes(), MANIFEST[path.name]["expect"]
                self.assertTrue(self.send(report).taken)
                record = self.record_of(report)
                self.assertEqual(record["report_bytes"], len(report))
                self.assertEqual(record["tenant"], "contoso")
                self.assertEqual(record["channel"]["certificate_subject"],
                                 "mail.protection.outlook.com")
                self.assertEqual(record["decision"]["handling"], "decided")
                read = record["judgement"]["report"]
                self.assertEqual(read["message_id"], expected["message_id"])
                self.assertEqual(read["sender"], expected["sender"])
                self.assertEqual([each["address"] for each in read["recipients"]],
                                 [each["addr"] for each in expected["recipients"]])

    def test_a_header_of_150_kilobytes_inside_the_message_arrives_whole(self):
        start = SYNTHETIC.index(b"Content-Type: message/rfc822")
        inner = SYNTHETIC.index(b"\r\n\r\n", start) + 4
        long_header = b"X-Long:" + b"".join(b" %06d-%s\r\n" % (i, b"x" * 64) for i in range(2100))
        self.assertGreater(len(long_header), 150_000)
        report = SYNTHETIC[:inner] + long_header + SYNTHETIC[inner:]
        self.assertTrue(self.send(report).taken)
        record = self.record_of(report)  # found by the digest of every byte
        self.assertEqual(record["report_bytes"], len(report))
        self.assertEqual(record["judgement"]["report"]["message_id"],
                         "<20261103091405.4711@sender.example>")

    def test_many_hops_are_no_reason_to_bounce(self):
        report = b"Received: from a.example by b.example; Tue, 3 Nov 2026 09:14:20 +0000\r\n" * 60 + numbered("hops")
        self.assertTrue(self.send(report).taken)
        self.record_of(report)

    def test_odd_bytes_keep_their_digest(self):
        for name in ("m05", "m06", "m11", "m13", "s05", "s18"):
            for path in REPORTS.glob(f"{name}*.eml"):
                with self.subTest(path.name):
                    self.assertTrue(self.send(path.read_bytes()).taken)
                    self.record_of(path.read_bytes())

    def test_a_repeat_is_taken_and_recorded_once(self):
        report = numbered("repeat")
        self.assertTrue(self.send(report).taken)
        self.assertTrue(self.send(report).taken)
        self.record_of(report)

    def test_a_malformed_report_is_taken_and_parked(self):
        report = (REPORTS / "m02-truncated-inside-inner-headers.eml").read_bytes()
        self.assertTrue(self.send(report).taken)
        self.assertEqual(self.record_of(report)["decision"]["handling"], "malformed")
        parked = self.relay.segments / "parked" / f"{digest(report)}.eml"
        self.assertEqual(parked.read_bytes(), whole(report))

    # --- what is refused -------------------------------------------------------------
    def test_an_address_never_issued_is_refused_for_good(self):
        reply = self.send(numbered("unknown"), ["someone@relay.clawback.example"])
        self.assertEqual((reply.stage, reply.code), ("rcpt", 550))

    def test_nothing_is_relayed(self):
        reply = self.send(numbered("foreign"), ["someone@elsewhere.example"])
        self.assertEqual((reply.stage, reply.code), ("rcpt", 554))

    def test_an_address_of_another_region_is_deferred_before_any_content(self):
        reply = self.send(numbered("region"), [EU_ADDRESS])
        self.assertEqual((reply.stage, reply.code), ("rcpt", 451))
        self.assertIn("region eu", reply.text)
        self.assertIn("event=other-region", self.relay.milter.log())

    def test_without_tls_nothing_is_taken(self):
        with JournalClient(self.postfix.port, tls=False) as client:
            reply = client.send(numbered("clear"), [ADDRESS])
        self.assertEqual((reply.stage, reply.code), ("mail", 530))

    def test_without_a_verified_certificate_nothing_is_taken(self):
        strange = Certificates(self.relay.folder / "strange")  # same names, another authority
        for certificate in (None, strange.client):
            reply = self.send(numbered("unproven"), certificate=certificate)
            self.assertEqual((reply.stage, reply.code), ("rcpt", 451))

    def test_a_lone_line_feed_starts_no_second_message(self):
        inside = b"\r\n\n.\nMAIL FROM:<>\r\nRCPT TO:<" + ADDRESS.encode() + b">\r\nDATA\r\n"
        before = len(decisions(self.relay.segments))
        with self.session() as client:
            reply = client.send(numbered("smuggle") + inside, [ADDRESS])
        self.assertEqual(reply.stage, "end-of-data")
        until(lambda: len(decisions(self.relay.segments)) == before + 1, 5, "one decision")

    # --- what goes wrong ---------------------------------------------------------------
    def test_a_milter_that_is_away_means_try_again(self):
        report = numbered("away")
        with self.session() as open_session:
            self.relay.milter.kill()
            reply = open_session.send(report, [ADDRESS])
            self.assertEqual(reply.code, 451)
        self.assertEqual(self.send(report).code // 100, 4)
        self.relay.milter.start()
        self.assertTrue(self.send(report).taken)

    def test_killed_between_commit_and_reply_the_report_is_there_once(self):
        report = numbered("killed")
        self.relay.milter.restart(fault="milter.after-commit=kill")
        self.assertEqual(self.send(report).code, 451)
        self.assertEqual(self.relay.milter.wait(), -signal.SIGKILL)
        self.relay.milter.start()
        self.assertTrue(self.send(report).taken)
        self.record_of(report)

    # --- operating ------------------------------------------------------------------------
    def test_new_tenants_come_and_go_under_load_and_no_report_is_dropped(self):
        with Load(self, "reload") as load:
            for turn in range(20):
                if turn % 2 == 0:
                    self.relay.write_tenant(FABRIKAM)
                else:
                    (self.relay.tenants / "fabrikam.yaml").unlink()
                self._reload("event=reloaded")
                load.wait_for_more(3)
        self.assertEqual({reply.code for reply in load.replies.values()}, {250})
        self.relay.write_tenant(FABRIKAM)
        self._reload("event=reloaded")
        self.assertTrue(self.send(numbered("fabrikam"), [FABRIKAM_ADDRESS]).taken)

    def test_a_faulty_configuration_is_refused_and_the_old_one_stays(self):
        broken = self.relay.tenants / "broken.yaml"
        broken.write_text("name: broken\nmood: cheerful\n")
        try:
            self._reload("event=reload-refused")
            self.assertIn("broken.yaml:2:", self.relay.milter.log())
            self.assertTrue(self.send(numbered("old configuration")).taken)
        finally:
            broken.unlink()

    def _reload(self, event):
        before = self.relay.milter.log().count(event)
        self.relay.reload()
        until(lambda: self.relay.milter.log().count(event) > before, 10, event)

    def test_a_stop_under_load_is_clean_and_what_was_not_taken_can_be_repeated(self):
        self.relay.milter.restart(fault="milter.before-commit=wait:50")
        with Load(self, "stop") as load:
            load.wait_for_more(20)
            began = time.monotonic()
            self.assertEqual(self.relay.milter.stop(), 0)
            self.assertLess(time.monotonic() - began, 6)
            self.assertFalse(self.relay.milter_socket.exists())
        self.assertIn("event=stopping drained=yes", self.relay.milter.log())
        self.assertEqual({reply.code // 100 for reply in load.replies.values()}, {2, 4})
        self.relay.milter.start()
        for name, reply in load.replies.items():
            if not reply.taken:
                self.assertTrue(self.send(numbered(name)).taken)
        recorded = [each["report_digest"] for each in decisions(self.relay.segments)]
        for name in load.replies:
            self.assertEqual(recorded.count(digest(numbered(name))), 1)


class Load:
    """Reports from several sessions at a time until the with-block ends. replies holds
    the answer to each by its name."""

    def __init__(self, test, name, sessions=8):
        self.replies = {}
        self._test, self._name = test, name
        self._ending = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(each,))
                         for each in range(sessions)]

    def _run(self, number):
        count = 0
        while not self._ending.is_set():
            with self._test.session() as client:
                for _ in range(5):
                    count += 1
                    name = f"{self._name}-{number}-{count}"
                    self.replies[name] = client.send(numbered(name), [ADDRESS])

    def wait_for_more(self, reports):
        enough = len(self.replies) + reports
        until(lambda: len(self.replies) >= enough, 60, f"{reports} more reports")

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *unused):
        self._ending.set()
        for thread in self._threads:
            thread.join()


if __name__ == "__main__":
    unittest.main()
