# SPDX-License-Identifier: Apache-2.0
"""clawback replay: what the alternate journaling mailbox holds goes in again, and nothing else does. Asserted on mailboxes
and on the trace."""
import os
import threading
import unittest

from harness import Workspace
from harness.mail import Generator
from harness.report import header, under_headers_of, wrap
from harness.stage import Stage

NOTICE = """\
From: Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@contosotest.onmicrosoft.com>
To: <journal-ndr@archive.example>
Subject: Undeliverable: {subject}
Message-ID: <{subject}@contosotest.onmicrosoft.com>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="_jndr_"

--_jndr_
Content-Type: text/plain; charset="us-ascii"

Delivery has failed.

--_jndr_
Content-Type: message/delivery-status

Reporting-MTA: dns;AM9PR04MB8123.eurprd04.prod.outlook.com

Final-Recipient: rfc822;{address}
Action: failed
Status: 4.4.7

--_jndr_
Content-Type: message/rfc822

"""
ADDRESS = Stage.service_address("contoso")


def notice(report, address=ADDRESS):
    head = NOTICE.format(subject="x", address=address).replace("\n", "\r\n").encode()
    return head + report.removesuffix(b"\r\n") + b"\r\n--_jndr_--\r\n"


class Replay(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workspace = Workspace("replay")
        cls.folder = cls.workspace.__enter__()
        cls.addClassCleanup(cls.workspace.__exit__)
        cls.stage = Stage(cls.folder)
        cls.stage.__enter__()
        cls.addClassCleanup(cls.stage.__exit__)
        cls.generator = Generator(seed=4)

    def setUp(self):
        self.reports = self.stage.status()["counts"]["reports"]

    def _bad(self, kind="eicar"):
        """A bad message in Alice's inbox, which no report has told of yet."""
        mail = getattr(self.generator, kind)()
        mail.recipients = ["alice@contoso.example"]
        self.stage.ask("/users/alice@contoso.example/items", {"message": mail.message, "folder": "inbox"})
        return mail

    def _file(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return str(path)

    def _replay(self, *arguments):
        return self.stage.command("replay", "--config", str(self.stage.relay.config), *arguments)

    def _folders(self, mail):
        return self.stage.folders_of(header(mail, "Message-ID")).get("alice@contoso.example")

    def _story(self, mail):
        rows = self.stage.trace("--message-id", header(mail, "Message-ID"))
        self.assertEqual(len(rows), 1)
        return self.stage.trace(str(rows[0]["id"]))[0]

    def test_the_report_in_a_notice_goes_in_and_its_message_goes_away(self):
        mail = self._bad()
        done = self._replay(self._file("notice.eml", notice(wrap(mail))))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("1 taken, 0 left alone, 0 failed", done.stdout)
        self.stage.wait_until_settled(self.reports + 1)
        self.assertEqual(self._folders(mail), ["Deletions"])
        story = self._story(mail)
        self.assertEqual(story["record"]["decision"]["handling"], "decided")
        self.assertTrue(story["record"]["channel"]["replayed_by"])
        self.assertNotIn("client_address", {k: v for k, v in story["record"]["channel"].items() if v})
        shown = self.stage.command("trace", "--config", str(self.stage.relay.config), str(story["row"]["id"])).stdout
        self.assertIn("replayed by", shown)

    def test_twice_by_notice_by_file_and_by_smtp_is_once(self):
        mail = self._bad()
        report = wrap(mail)
        self.assertEqual(self.stage.send_report_bytes(report, "contoso", deliver=False)["smtpCode"], 250)
        for name, content in (("again.eml", notice(report)), ("plain.eml", report),
                              ("lf.eml", report.replace(b"\r\n", b"\n"))):
            done = self._replay("--service-address", ADDRESS, self._file(name, content))
            self.assertEqual(done.returncode, 0, done.stderr)
        self.stage.wait_until_settled(self.reports + 1)
        self.assertEqual(self._folders(mail), ["Deletions"])
        self._story(mail)  # one row

    def test_a_maildir_is_replayed_and_other_mail_in_it_is_left_alone(self):
        mails = [self._bad() for _ in range(3)]
        for number, mail in enumerate(mails):
            self._file(f"maildir/{'new' if number else 'cur'}/{number}", notice(wrap(mail)).replace(b"\r\n", b"\n"))
        self._file("maildir/cur/9", b"From: a@b.example\nSubject: lunch\n\nAt noon?\n")
        done = self._replay(str(self.folder / "maildir"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("3 taken, 1 left alone, 0 failed", done.stdout)
        self.stage.wait_until_settled(self.reports + 3)
        for mail in mails:
            self.assertEqual(self._folders(mail), ["Deletions"])

    def test_what_is_no_file_in_a_maildir_is_told_and_holds_nothing_up(self):
        mail = self._bad()
        good = self._file("odd/new/1", notice(wrap(mail)))
        os.mkfifo(self.folder / "odd/new/0")
        writer = os.open(self.folder / "odd/new/0", os.O_RDWR)  # never ends
        self.addCleanup(os.close, writer)
        (self.folder / "odd/new/2").symlink_to("nowhere")
        (self.folder / "odd/new/3").symlink_to("/dev/zero")
        done = self._replay(str(self.folder / "odd"))
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{good}: taken", done.stdout)
        self.assertIn("1 taken, 0 left alone, 3 failed", done.stdout)
        for name in "023":
            self.assertIn(f"odd/new/{name}: no file", done.stderr)
        self.stage.wait_until_settled(self.reports + 1)
        self.assertEqual(self._folders(mail), ["Deletions"])

    def test_a_maildir_that_cannot_be_read_whole_is_not_called_done(self):
        self._file("half/cur/1", b"From: a@b.example\nSubject: lunch\n\nAt noon?\n")
        (self.folder / "half/new").symlink_to("new")  # leads to itself: can be read by nobody, not by root either
        done = self._replay(str(self.folder / "half"))
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("half/new: Too many levels of symbolic links", done.stderr)

    def test_replayed_while_the_same_arrives_by_smtp_is_once(self):
        mails = [self._bad() for _ in range(6)]
        reports = [wrap(mail) for mail in mails]
        for number, report in enumerate(reports):
            self._file(f"both/new/{number}", notice(report))
        replaying = [threading.Thread(target=self._replay, args=(str(self.folder / "both"),)) for _ in range(2)]
        for thread in replaying:
            thread.start()
        codes = [self.stage.send_report_bytes(report, "contoso", deliver=False)["smtpCode"] for report in reports]
        for thread in replaying:
            thread.join()
        self.assertEqual(codes, [250] * 6)
        self.stage.wait_until_settled(self.reports + 6)
        for mail in mails:
            self._story(mail)  # one row
            self.assertEqual(self._folders(mail), ["Deletions"])

    def test_a_file_larger_than_any_report_is_told_at_once(self):
        mail = self._bad()
        good = self._file("large/new/2", notice(wrap(mail)))
        with open(self.folder / "large/new/1", "wb") as huge:
            huge.truncate(3 << 30)
        done = self._replay(str(self.folder / "large"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("large/new/1: ", done.stderr)
        self.assertIn(f"{good}: taken", done.stdout)

    def test_a_forged_notice_takes_no_good_mail(self):
        """Anyone can write to the mailbox of notices: a report with every mark of the tenant about mail that is good, with bad
        content of its own, and one that gives back a hundred of them."""
        good = self.generator.plain_note()
        good.recipients = ["alice@contoso.example"]
        self.stage.ask("/users/alice@contoso.example/items", {"message": good.message, "folder": "inbox"})
        bad = self.generator.eicar()
        bad.message = under_headers_of(bad.message, good.message)
        bad.recipients = good.recipients
        many = notice(wrap(bad)).removesuffix(b"--_jndr_--\r\n") + b"".join(
            b"--_jndr_\r\nContent-Type: message/rfc822\r\n\r\n" + wrap(bad) for _ in range(100)) + b"--_jndr_--\r\n"
        for name, content, arguments in (("one.eml", notice(wrap(bad)), ("--proven",)), ("many.eml", many, ())):
            self.assertEqual(self._replay(*arguments, self._file(name, content)).returncode, 0)
        stories = self.stage.wait_until_settled(self.reports + 2)
        retractions = [each for story in stories for each in story["retractions"]
                       if story["row"]["message_id"] == header(good, "Message-ID")]
        self.assertEqual({each["state"] for each in retractions}, {"held"})  # for a person, and not acted on
        self.assertEqual(self._folders(good), ["Inbox"])

    def test_stamps_of_a_replayed_report_are_believed_only_when_vouched_for(self):
        plain, vouched = self._bad("spam_by_exchange"), self._bad("spam_by_exchange")
        for mail, arguments in ((plain, ()), (vouched, ("--proven",))):
            self.assertEqual(self._replay(*arguments, self._file("stamps.eml", notice(wrap(mail)))).returncode, 0)
        self.stage.wait_until_settled(self.reports + 2)
        self.assertEqual(self._story(plain)["row"]["disposition"], "NONE")
        self.assertEqual(self._story(vouched)["row"]["disposition"], "SPAM")
        self.assertEqual((self._folders(plain), self._folders(vouched)), (["Inbox"], ["Junk Email"]))

    def test_the_tenants_marks_are_demanded_all_the_same(self):
        mail = self._bad()
        forged = wrap(mail, organisation="attacker.onmicrosoft.com")
        self.assertEqual(self._replay(self._file("forged.eml", notice(forged))).returncode, 0)
        self.stage.wait_until_settled(self.reports + 1)
        self.assertEqual(self._story(mail)["record"]["decision"]["handling"], "unauthentic")
        self.assertEqual(self._folders(mail), ["Inbox"])

    def test_what_cannot_be_replayed_says_why(self):
        report = wrap(self._bad())
        cases = (("no-address.eml", report, (), "--service-address"),
                 ("unknown.eml", notice(report, "nobody@relay.clawback.example"), (), "no such address"),
                 ("absent.eml", None, (), "No such file"),
                 ("headers.eml", notice(report).replace(b"message/rfc822\r\n\r\nContent-Type: multipart/mixed",
                                                        b"text/rfc822-headers\r\n\r\nContent-Type: multipart/mixed"), (),
                  "gives no report back"),
                 ("away.eml", notice(report), ("--socket", str(self.folder / "nothing.sock")), "nothing.sock"))
        for name, content, arguments, why in cases:
            with self.subTest(name):
                path = str(self.folder / name) if content is None else self._file(name, content)
                done = self._replay(*arguments, path)
                self.assertEqual(done.returncode, 1)
                self.assertIn(why, done.stderr)
        self.assertEqual(self._replay().returncode, 2)
        self.assertEqual(self._replay(str(self.folder)).returncode, 1)
        self.assertEqual(self.stage.status()["counts"]["reports"], self.reports)


if __name__ == "__main__":
    unittest.main(verbosity=2)
