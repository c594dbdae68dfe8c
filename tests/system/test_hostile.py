# SPDX-License-Identifier: Apache-2.0
# seconds: 28
"""Hostile reports and hostile mail, end to end: good mail is never taken, bad mail is not left behind, and a bomb costs a
verdict, not the report. Asserted on mailboxes."""
import re
import unittest

from harness import Workspace
from harness.mail import EICAR, Generator, zipped
from harness.report import header, under_headers_of, wrap
from harness.stage import Stage


class Hostile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workspace = Workspace()
        cls.stage = Stage(cls.workspace.__enter__())
        cls.addClassCleanup(cls.workspace.__exit__)
        cls.stage.__enter__()
        cls.addClassCleanup(cls.stage.__exit__)
        cls.generator = Generator(seed=99)

    def setUp(self):
        self.reports = self.stage.status()["counts"]["reports"]

    def _store(self, mail, user="alice@contoso.example", folder="inbox"):
        self.stage.ask(f"/users/{user}/items", {"message": mail.message, "folder": folder})

    def _report(self, mail, change=lambda report: report, tenant="contoso"):
        answer = self.stage.send_report_bytes(change(wrap(mail)), tenant, deliver=False)
        self.assertEqual(answer["smtpCode"], 250, answer)
        self.reports += 1

    def _for_alice(self, mail):
        mail.recipients = ["alice@contoso.example"]
        return mail

    def _ended(self, mail, seconds=60):
        """The state and outcome of each retraction of mail, once all have ended."""
        self.stage.wait_until_settled(self.reports, seconds)
        rows = self.stage.trace("--message-id", header(mail, "Message-ID"))
        return [(each["recipient"], each["state"], (each["outcome"] or {}).get("kind"))
                for row in rows for each in self.stage.trace(str(row["id"]))[0]["retractions"]]

    def _stays(self, mail, folder="Inbox", user="alice@contoso.example"):
        self.assertEqual(self.stage.folders_of(header(mail, "Message-ID")), {user: [folder]})

    def test_a_forged_report_of_good_mail_moves_nothing(self):
        good, forged = (self._for_alice(self.generator.plain_note()), self._for_alice(self.generator.eicar()))
        forged.message = under_headers_of(forged.message, good.message)
        self._store(good)
        self._report(forged)
        self.assertEqual(self._ended(good), [("alice@contoso.example", "held", "mismatch")])
        self._stays(good)

    def test_a_forged_report_that_shares_only_an_attachment_with_good_mail_moves_nothing(self):
        good, forged = (self._for_alice(self.generator.picture()), self._for_alice(self.generator.picture()))
        forged.message = under_headers_of(re.sub(r'Content-Type: text/plain.*?\r\n(?=--=_)', "Content-Type: text/plain\r\n\r\n\r\n",
                                                forged.message, count=1, flags=re.S), good.message)
        forged.antispam_report = forged.antispam_report.replace("CAT:NONE", "CAT:MALW")
        good.message = good.message.replace('utf-8"\r\n\r\n', 'utf-8"\r\n\r\n' + self.generator.text(400), 1)
        self._store(good)
        self._report(forged)
        self.assertEqual(self._ended(good)[0][1], "held")
        self._stays(good)

    def test_an_id_in_other_letters_is_another_message(self):
        bad = self._for_alice(self.generator.eicar())
        other = self._for_alice(self.generator.eicar())
        identifier = header(bad, "Message-ID")
        other.message = bad.message.replace(identifier, identifier.upper())
        self._store(other)
        self._store(bad)
        self._report(bad)
        self.assertEqual(self._ended(bad), [("alice@contoso.example", "final", "moved")])
        self._stays(other)

    def test_a_report_of_one_tenant_reaches_no_mailbox_of_another(self):
        bad = self.generator.eicar()
        bad.recipients = ["lulu.zingzing@company.example", "lulu.zingzing@company.example, Expanded: alice@contoso.example",
                          "alice@contoso.example@company.example", '"alice@contoso.example"@company.example']
        self._store(bad, "lulu.zingzing@company.example")
        self._report(bad)
        self.assertEqual(self._ended(bad), [])
        self._stays(bad, user="lulu.zingzing@company.example")

    def test_the_subject_cannot_name_a_recipient(self):
        bad = self.generator.eicar()
        self._store(bad)
        self._store(bad, "bob@contoso.example")
        bad.recipients = ["bob@contoso.example"]
        subject = header(bad, "Subject").encode()
        self._report(bad, lambda report: report.replace(
            b"Subject: " + subject, b"Subject: =?utf-8?q?x=0D=0ARecipient:_alice@contoso.example?=", 1).replace(
            b"\r\nSubject: " + subject + b"\r\nMessage-Id", b"\r\nSubject: x\r\nRecipient: alice@contoso.example\r\nMessage-Id", 1))
        self.assertEqual(self._ended(bad), [("bob@contoso.example", "final", "moved")])
        self.assertEqual(self.stage.folders_of(header(bad, "Message-ID")),
                         {"alice@contoso.example": ["Inbox"], "bob@contoso.example": ["Deletions"]})

    def test_sent_and_deeper_copies_stay_and_the_one_in_a_folder_of_the_user_goes(self):
        spam = self._for_alice(self.generator.spam_by_exchange())
        for folder in ("sentitems", "deleteditems"):
            self._store(spam, folder=folder)
        self.stage.ask("/users/alice@contoso.example/folders", {"displayName": "Kept"})
        self._store(spam, folder="Kept")
        self._report(spam)
        self.assertEqual(self._ended(spam), [("alice@contoso.example", "final", "moved")])
        folders = self.stage.folders_of(header(spam, "Message-ID"))["alice@contoso.example"]
        self.assertEqual(sorted(folders), ["Deleted Items", "Junk Email", "Sent Items"])

    def test_the_same_bad_mail_sent_again_is_not_left_behind(self):
        bad = self._for_alice(self.generator.eicar())
        self._store(bad)
        self._report(bad)
        self.assertEqual(self._ended(bad), [("alice@contoso.example", "final", "moved")])
        again = wrap(bad)
        self.stage.send_report_bytes(again, "contoso", deliver=True, delay_ms=3000)
        self.reports += 1
        self._ended(bad)
        self._stays_twice_in_deletions(bad)

    def _stays_twice_in_deletions(self, mail):
        self.assertEqual(self.stage.folders_of(header(mail, "Message-ID")),
                         {"alice@contoso.example": ["Deletions", "Deletions"]})

    def test_bombs_beside_bad_content_hide_nothing(self):
        flood = "ab cd ef gh " * 6 + "\r\n"
        bombs = {"a text of 26 MB": ("text/plain", flood * 350_000), "line ends": ("text/plain", "a\n" * 8_000_000)}
        for name, (media, content) in bombs.items():
            with self.subTest(bomb=name):
                body_type, body = self.generator._multipart([
                    "Content-Type: application/octet-stream; name=a.com\r\nContent-Disposition: attachment\r\n\r\n" + EICAR,
                    f"Content-Type: {media}\r\n\r\n{content}"])
                bad = self._for_alice(self.generator._mail("bomb", "MALICIOUS", body_type, body))
                self._store(bad)
                self._report(bad)
                self.assertEqual(self._ended(bad), [("alice@contoso.example", "final", "moved")])


if __name__ == "__main__":
    unittest.main(verbosity=2)
