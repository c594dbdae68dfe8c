# SPDX-License-Identifier: Apache-2.0
# seconds: 12
"""The disk under a running relay: its folders moved away and back, and the ledger's disk full. What was answered 250 is in
the trace afterwards and was acted on once; everything else was answered 451."""
import os
import time
import unittest

from harness import Workspace
from harness.mail import Generator
from harness.report import header, wrap
from harness.small_disk import small_disk
from harness.smtp import JournalClient, dotted, send_report
from harness.stage import NDR, Stage
from harness.wait import until


class Storage(unittest.TestCase):
    def setUp(self):
        workspace = Workspace()
        self.folder = workspace.__enter__()
        self.addCleanup(workspace.__exit__)
        # The log alone may have 4 MB before it is written back.
        self.disk = small_disk(self, self.folder, "12m")
        self.ledger = self.disk / "ledger"
        self.stage = Stage(self.folder, sidecar={"ledger": str(self.ledger), "lease": "2s"})
        self.stage.__enter__()
        self.addCleanup(self.stage.__exit__)
        self.generator = Generator(seed=54)
        self.taken = []

    def _client(self):
        tls = self.stage.certificates
        return JournalClient(self.stage.postfix.port, tls.ca, tls.client)

    def _send(self, report):
        with self._client() as client:
            reply = client.send(report, [self.stage.service_address("contoso")], NDR)
        if reply.taken:
            self.taken.append(report)
        return reply

    @staticmethod
    def _away(folder):
        folder.rename(folder.with_name(folder.name + ".away"))

    @staticmethod
    def _back(folder):
        folder.with_name(folder.name + ".away").rename(folder)

    def _all_in_the_trace(self):
        stories = self.stage.wait_until_settled(len(self.taken))
        ids = [story["row"]["message_id"] for story in stories]
        self.assertEqual(sorted(ids), sorted(report.split(b"Message-Id: ")[1].split(b"\r\n")[0].decode()
                                             for report in self.taken))

    def test_segments_that_go_away_at_each_step_are_451_and_come_back(self):
        segments = self.stage.relay.segments
        self.assertTrue(self._send(wrap(self.generator.plain_note())).taken)
        for step in ("before MAIL", "after RCPT", "in DATA"):
            with self.subTest(step), self._client() as client:
                report = wrap(self.generator.plain_note())
                half = len(dotted(report)) // 2
                if step == "before MAIL":
                    self._away(segments)
                self.assertEqual(client.command(f"MAIL FROM:<{NDR}>")[0], 250)
                self.assertEqual(client.command(f"RCPT TO:<{self.stage.service_address('contoso')}>")[0], 250)
                if step == "after RCPT":
                    self._away(segments)
                self.assertEqual(client.command("DATA")[0], 354)
                client.raw(dotted(report)[:half])
                if step == "in DATA":
                    time.sleep(0.2)
                    self._away(segments)
                client.raw(dotted(report)[half:])
                self.assertEqual(client.reply()[0], 451)
                self.assertEqual(self._send(report).code, 451)
                segments.mkdir()  # as an empty place to mount on
                self.assertEqual(self._send(report).code, 451)
                self.assertEqual(os.listdir(segments), [])
                segments.rmdir()
                self._back(segments)
                self.assertTrue(self._send(report).taken)
        self._all_in_the_trace()

    def test_without_its_ledger_the_sidecar_acts_on_nothing_and_says_so(self):
        mail = self.generator.eicar()
        self._away(self.ledger)
        self.assertEqual(self.stage.send(mail)["smtpCode"], 250)
        until(lambda: "removed or replaced" in self.stage.status().get("last_error", ""), 20, "the status to say it")
        self.assertEqual({each for folders in self.stage.folders_of(header(mail, "Message-ID")).values()
                          for each in folders}, {"Inbox"})
        self._back(self.ledger)
        self.stage.wait_until_settled(1)
        self._moved_once(mail)

    def test_a_full_disk_under_the_ledger_delays_and_loses_nothing(self):
        with open(self.disk / "ballast", "ab", buffering=0) as ballast:
            for size in (65536, 4096):
                try:
                    while True:
                        ballast.write(bytes(size))
                except OSError:
                    pass
        mails = [self.generator.eicar() for _ in range(30)]
        for mail in mails:
            self.assertEqual(self.stage.send(mail)["smtpCode"], 250)
        until(lambda: "full" in self.stage.status().get("last_error", ""), 20, "the status to say it")
        (self.disk / "ballast").unlink()
        self.stage.wait_until_settled(len(mails))
        for mail in mails:
            self._moved_once(mail)
        self.assertEqual(self.stage.status().get("last_error", ""), "")

    def _moved_once(self, mail):
        self.assertEqual(set(map(tuple, self.stage.folders_of(header(mail, "Message-ID")).values())), {("Deletions",)})


if __name__ == "__main__":
    unittest.main(verbosity=2)
