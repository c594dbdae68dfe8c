# SPDX-License-Identifier: Apache-2.0
# seconds: 11
"""A report goes in over TLS, a mailbox changes: asserted on mailboxes and on the trace, not on calls."""
import json
import unittest

from harness import Workspace
from harness.mail import ACTIONS, Generator
from harness.stage import REPORTS, Stage

FOLDER_OF = {"soft-delete": "Deletions", "junk": "Junk Email", "none": "Inbox"}


class EndToEnd(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workspace = Workspace()
        cls.stage = Stage(cls.workspace.__enter__(), certificate_of_app=True)
        cls.addClassCleanup(cls.workspace.__exit__)
        cls.stage.__enter__()
        cls.addClassCleanup(cls.stage.__exit__)

    def test_1_the_real_reports_come_out_of_the_trace_as_the_manifest_says(self):
        manifest = json.loads((REPORTS / "manifest.json").read_text())["files"]
        real = {entry["file"][:3]: entry for entry in manifest if entry["file"].startswith("r0")}
        for name, tenant in (("r01", "company"), ("r02", "company"), ("r03", "receiver")):
            entry = real[name]
            answer = self.stage.send_report(REPORTS / entry["file"], entry["envelope"], tenant)
            self.assertEqual(answer["smtpCode"], 250, answer)
        self.stage.wait_until_settled(3)
        for name in ("r01", "r02", "r03"):
            expect = real[name]["expect"]
            rows = self.stage.trace("--message-id", expect["message_id"])
            self.assertEqual(len(rows), 1, name)
            story = self.stage.trace(str(rows[0]["id"]))[0]
            report = story["record"]["judgement"]["report"]
            self.assertEqual(story["row"]["sender"], expect["sender"])
            self.assertEqual(story["row"]["message_id"], expect["message_id"])
            self.assertEqual([(each["type"], each["address"]) for each in report["recipients"]],
                             [(each["type"], each["addr"]) for each in expect["recipients"]])
            self.assertEqual(story["row"]["handling"], "decided")

    def test_2_bad_mail_ends_in_the_right_folder_and_good_mail_stays(self):
        before = len(self.stage.trace("--limit", "1000"))
        mails = Generator(seed=7).some(24)
        for position, mail in enumerate(mails):
            answer = self.stage.send(mail, delay_ms=(0, 300)[position % 2])
            self.assertEqual(answer["smtpCode"], 250, answer)
        self.stage.wait_until_settled(before + len(mails), seconds=120)
        for mail in mails:
            message_id = mail.message.split("Message-ID: ")[1].split("\r\n")[0]
            with self.subTest(mail=mail.name, message_id=message_id):
                row = self.stage.trace("--message-id", message_id)[0]
                self.assertEqual(row["disposition"], mail.expected)
                folder = FOLDER_OF[ACTIONS.get(mail.expected, "none")]
                self.assertEqual(self.stage.folders_of(message_id), {user: [folder] for user in mail.recipients})

    def test_3_the_same_report_again_changes_nothing(self):
        entry = {"mail_from": "journal-ndr@archive.example"}
        report = REPORTS / "s01-inbound-recipient.eml"
        self.assertEqual(self.stage.send_report(report, entry, "contoso")["smtpCode"], 250)
        before = len(self.stage.wait_until_settled(1))
        self.assertEqual(self.stage.send_report(report, entry, "contoso", deliver=False)["smtpCode"], 250)
        self.assertEqual(len(self.stage.wait_until_settled(before)), before)


if __name__ == "__main__":
    unittest.main(verbosity=2)
