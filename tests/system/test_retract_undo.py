# SPDX-License-Identifier: Apache-2.0
"""What a person asks for: retract one and many, hard-delete, undo. Asserted on mailboxes."""
import json
import re
import unittest

from harness import Workspace
from harness.mail import Generator
from harness.stage import REPORTS, Stage


class RetractAndUndo(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workspace = Workspace()
        cls.stage = Stage(cls.workspace.__enter__())
        cls.addClassCleanup(cls.workspace.__exit__)
        cls.stage.__enter__()
        cls.addClassCleanup(cls.stage.__exit__)
        cls.mails = Generator(seed=11).some(60)
        cls.sent = 0

    def send(self, bad):
        """Sends the next generated message that is bad, or good; answers (Message-ID, recipients, trace id)."""
        mail = next(each for each in self.mails if each.bad == bad)
        self.mails.remove(mail)
        self.assertEqual(self.stage.send(mail)["smtpCode"], 250)
        type(self).sent += 1
        self.stage.wait_until_settled(self.sent)
        message_id = mail.message.split("Message-ID: ")[1].split("\r\n")[0]
        return message_id, mail.recipients, str(self.stage.trace("--message-id", message_id)[0]["id"])

    def clawback(self, subcommand, *arguments, status=0):
        done = self.stage.command(subcommand, "--config", str(self.stage.relay.config), *arguments)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        self.stage.wait_until_settled(self.sent)
        return done.stdout + done.stderr

    def in_folder(self, message_id, recipients, folder):
        self.assertEqual(self.stage.folders_of(message_id), {user: [folder] for user in recipients})

    def test_1_one_good_message_is_retracted_by_hand_and_put_back(self):
        message_id, recipients, trace = self.send(bad=False)
        self.in_folder(message_id, recipients, "Inbox")
        self.clawback("retract", trace, "--action", "trash", "--reason", "a person says so")
        self.in_folder(message_id, recipients, "Deleted Items")
        self.clawback("undo", trace, "--reason", "a person was wrong")
        self.in_folder(message_id, recipients, "Inbox")
        kinds = [each["outcome"]["kind"] for each in self.stage.trace(trace)[0]["retractions"]]
        self.assertEqual(sorted(kinds), sorted(["moved", "undone"] * len(recipients)))

    def test_2_many_are_counted_first_and_retracted_with_yes(self):
        sent = [self.send(bad=False) for _ in range(3)]
        sender = self.stage.trace(sent[0][2])[0]["row"]["sender"]
        ask = ("--sender", sender, "--action", "junk", "--reason", "all of this sender")
        found = len(self.stage.trace("--sender", sender))
        self.assertIn(f"{found} message{'s' * (found != 1)} found", self.clawback("retract", *ask))
        self.in_folder(sent[0][0], sent[0][1], "Inbox")
        self.clawback("retract", *ask, "--yes")
        self.in_folder(sent[0][0], sent[0][1], "Junk Email")
        self.clawback("retract", sent[1][2], sent[2][2], "--action", "soft-delete", "--reason", "two of them")
        for message_id, recipients, _ in sent[1:]:
            self.in_folder(message_id, recipients, "Deletions")

    def test_3_what_was_undone_is_not_taken_by_another_report_of_it(self):
        mail = next(each for each in self.mails if each.bad)
        message_id, recipients, trace = self.send(bad=True)
        self.assertNotIn(["Inbox"], self.stage.folders_of(message_id).values())
        self.clawback("undo", trace, "--reason", "it was good")
        self.in_folder(message_id, recipients, "Inbox")
        # Delivered and journaled once more, under another Network-Message-Id.
        self.assertEqual(self.stage.send(mail)["smtpCode"], 250)
        type(self).sent += 1
        self.stage.wait_until_settled(self.sent)
        self.assertEqual(self.stage.folders_of(message_id), {user: ["Inbox", "Inbox"] for user in recipients})
        kinds = {each["outcome"]["kind"] for row in self.stage.trace("--message-id", message_id)
                 for each in self.stage.trace(str(row["id"]))[0]["retractions"]}
        self.assertEqual(kinds, {"moved", "undone", "blocked"})

    def test_4_the_same_report_again_does_not_take_what_was_undone(self):
        report = REPORTS / "r01-exo-2018-invoice-phish.eml"
        entry = next(each for each in json.loads((REPORTS / "manifest.json").read_text())["files"]
                     if each["file"] == report.name)
        self.assertEqual(self.stage.send_report(report, entry["envelope"], "company")["smtpCode"], 250)
        type(self).sent += 1
        self.stage.wait_until_settled(self.sent)
        message_id = entry["expect"]["message_id"]
        trace = str(self.stage.trace("--message-id", message_id)[0]["id"])
        if ["Inbox"] in self.stage.folders_of(message_id).values():
            self.clawback("retract", trace, "--action", "soft-delete", "--reason", "phish")
        self.assertNotIn(["Inbox"], self.stage.folders_of(message_id).values())
        self.clawback("undo", trace, "--reason", "wanted as a sample")
        self.assertEqual(list(self.stage.folders_of(message_id).values()), [["Inbox"]])
        again = self.stage.send_report(report, entry["envelope"], "company", deliver=False)
        self.assertEqual(again["smtpCode"], 250)
        self.stage.wait_until_settled(self.sent)
        self.assertEqual(list(self.stage.folders_of(message_id).values()), [["Inbox"]])

    def test_5_a_hard_delete_ends_in_purges_and_its_undo_says_what_to_run(self):
        message_id, recipients, trace = self.send(bad=False)
        hard = ("--action", "hard-delete", "--reason", "never again")
        self.assertIn("second person", self.clawback("retract", trace, *hard, status=1))
        told = self.clawback("job", "preview", trace, *hard)
        job = re.search(r"job approve (\d+ --digest [0-9a-f]{64})", told).group(1).split()
        approved = self.stage.command("job", "approve", *job, "--reason", "seen", "--socket",
                                      str(self.stage.relay.sidecar_socket), user="nobody")
        self.assertEqual(approved.returncode, 0, approved.stderr)
        self.clawback("job", "start", *job, "--reason", "seen", "--watch")
        self.in_folder(message_id, recipients, "Purges")
        told = self.clawback("undo", trace, "--reason", "once more", status=1)
        self.assertIn(f"Restore-RecoverableItems -Identity '{recipients[0]}' -SourceFolder PurgedItems", told)
        self.in_folder(message_id, recipients, "Purges")


if __name__ == "__main__":
    unittest.main(verbosity=2)
