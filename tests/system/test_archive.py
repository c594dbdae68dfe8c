# SPDX-License-Identifier: Apache-2.0
# seconds: 8
"""Reports of a tenant with an archive go on to it: marked, with nothing under our names that came in, and otherwise as
they were; those of other tenants end at the relay."""

import re
import subprocess
import time
import unittest

from harness import SOURCE, Workspace
from harness.certificates import Certificates
from harness.daemons import CONTOSO, Clawback
from harness.postfix import Postfix
from harness.segments import decisions
from harness.sink import Sink
from harness.smtp import send_report
from harness.wait import until

REPORT = (SOURCE / "tests/data/journal/s01-inbound-recipient.eml").read_bytes()
ARCHIVED = "jrn-archived@relay.clawback.example"
DISCARDED = "jrn-7f3c1a52@relay.clawback.example"
OPEN = {**CONTOSO, "demands": {**CONTOSO["demands"], "originator_org": "", "tenant_id_mark": False}}
WITH_ARCHIVE = {**OPEN, "name": "woodgrove", "tenant_id": "22222222-2222-4333-8444-555555555555",
                "after_accepting": "pass-on", "service_addresses": [{"address": ARCHIVED, "region": "us"}]}
FORGED = [b"X-Clawback-Disposition: NONE\r\n", b"x-clawback-DISPOSITION:BULK\r\n",
          b"X-Clawback-Disposition : NONE\r\n", b"X-CLAWBACK-FINDINGS\t:\r\n\tnone,\r\n\tnone\r\n",
          b"X-Clawback-Findings: \r\n", b"X-Clawback-Findings: none\r\n"]


class Archive(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        workspace = Workspace("archive")
        folder = workspace.__enter__()
        cls.addClassCleanup(workspace.__exit__)
        cls.sink = Sink()
        cls.sink.__enter__()
        cls.addClassCleanup(cls.sink.__exit__)
        cls.tls = Certificates(folder / "tls")
        cls.relay = Clawback(folder)
        cls.addClassCleanup(cls.relay.__exit__)
        cls.relay.write_tenant(OPEN)
        cls.relay.write_tenant(WITH_ARCHIVE)
        cls.relay.publish_settings()
        cls.relay.milter.start()
        table = folder / "archive"
        table.write_text(f"{ARCHIVED} archive:[127.0.0.1]:{cls.sink.port}\n")
        cls.postfix = Postfix(folder / "postfix", cls.tls, cls.relay.milter_socket, options=["--archive", table],
                              settings={"clawback_archive_tls": "may", "minimal_backoff_time": "1s",
                                        "queue_run_delay": "1s", "maximal_backoff_time": "2s"})
        cls.postfix.start()
        cls.addClassCleanup(cls.postfix.stop)

    def setUp(self):
        self.sink.taken.clear()
        self.sink.refusal = ""

    def send(self, report, address=ARCHIVED):
        reply = send_report(self.postfix.port, report, [address], self.tls.ca, self.tls.client)
        self.assertTrue(reply.taken, reply)

    def arrived(self):
        until(lambda: self.sink.taken, 30, "the archive to get a report")
        until(lambda: not self.postfix.queued(), 30, "the queue to be empty")
        self.assertEqual([recipients for recipients, _ in self.sink.taken], [[ARCHIVED]])
        return self.sink.taken[0][1]

    def without_received(self, message):
        """Without the one field that every relay puts on top."""
        field = re.match(rb"Received: .*?\r\n(?![ \t])", message, re.DOTALL)
        self.assertIsNotNone(field, message[:300])
        return message[field.end():]

    def test_the_report_arrives_marked_and_otherwise_as_it_was(self):
        # 8-bit bytes, a line over 998 bytes and a lone dot: what a delivery likes to change.
        report = REPORT.replace(b"\r\n\r\n", b"\r\nX-Long: " + b"y" * 1500 + b"\r\n\r\n", 1) + \
            b"gr\xfc\xdfe \xff\r\n.\r\n..\r\n" + b"z" * 3000 + b"\r\n"
        self.send(report)
        marks, rest = self.split(self.arrived())
        self.assertEqual(rest, report)
        record = decisions(self.relay.segments)[-1]
        self.assertEqual(marks["X-Clawback-Disposition"], record["judgement"]["verdict"]["disposition"])
        found = [each["reason"] for each in record["judgement"]["verdict"]["findings"]]
        self.assertEqual([each.split("=")[0] for each in marks["X-Clawback-Findings"].split(", ")], found or ["none"])

    def split(self, message):
        """({our name: value}, the bytes without them)."""
        marks = {}
        for _ in range(2):
            line, _, message = message.partition(b"\r\n")
            name, _, value = line.decode().partition(": ")
            marks[name] = value
        self.assertEqual(set(marks), {"X-Clawback-Disposition", "X-Clawback-Findings"})
        return marks, self.without_received(message)

    def test_what_came_in_under_our_names_is_gone(self):
        self.send(FORGED[0] + FORGED[1] + REPORT.replace(b"\r\nSubject:", b"\r\n" + b"".join(FORGED[2:]) + b"Subject:", 1))
        marks, arrived = self.split(self.arrived())
        self.assertEqual(arrived, REPORT)
        self.assertNotIn(b"x-clawback", arrived.lower())
        self.assertTrue(marks["X-Clawback-Disposition"])

    def test_another_tenants_report_ends_at_the_relay(self):
        self.send(b"X-Test: ends here\r\n" + REPORT, DISCARDED)
        self.assertEqual(self.postfix.queued(), [])
        self.assertEqual(self.sink.taken, [])

    def test_a_repeat_goes_on_again(self):
        report = b"X-Test: twice\r\n" + REPORT
        before = len(decisions(self.relay.segments))
        self.send(report)
        self.arrived()
        self.sink.taken.clear()
        self.send(report)
        self.assertEqual(self.split(self.arrived())[1], report)
        self.assertEqual(len(decisions(self.relay.segments)), before + 1)

    def test_what_the_archive_refuses_stays_in_the_queue_until_it_takes_it(self):
        self.sink.refusal = "554 no more room"
        report = b"X-Test: refused first\r\n" + REPORT
        self.send(report)
        until(lambda: "554 no more room" in self.postfix.log(), 30, "the archive to refuse")
        time.sleep(0.5)  # a bounce would follow at once
        self.assertEqual(len(self.postfix.queued()), 1)
        self.assertNotIn("status=bounced", self.postfix.log())
        self.sink.refusal = ""
        subprocess.run(["postfix", "-c", str(self.postfix.config), "flush"], check=True, capture_output=True)
        self.assertEqual(self.split(self.arrived())[1], report)


if __name__ == "__main__":
    unittest.main()
