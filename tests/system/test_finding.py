# SPDX-License-Identifier: Apache-2.0
"""Every kind of recipient and every place a copy may be in: what is found, what is acted on, and which outcome is
recorded. Everything real but the cloud."""
import re
import unittest
from dataclasses import replace

from harness import Workspace
from harness.mail import Generator
from harness.stage import Stage
from harness.wait import until

DOMAIN = "contoso.example"
USERS = (
    {"address": f"person@{DOMAIN}", "aliases": [f"alias@{DOMAIN}", f"other.alias@{DOMAIN}"]},
    {"address": f"upn@{DOMAIN}", "mail": f"mail@{DOMAIN}"},
    {"address": f"shared@{DOMAIN}", "display_name": "Shared mailbox"},
    {"address": f"onprem@{DOMAIN}", "mailbox": "on-premises"},
    {"address": f"unlicensed@{DOMAIN}", "mailbox": "unlicensed"},
    {"address": f"undiscovered@{DOMAIN}", "mailbox": "undiscovered"},
    {"address": f"guest@{DOMAIN}", "guest": True},
    {"address": f"forbidden@{DOMAIN}", "mailbox": "forbidden"},
) + tuple({"address": f"place{n}@{DOMAIN}", "folders": ["Projects"]} for n in range(12))


class Kinds(Stage):
    def _practice_config(self):
        config = super()._practice_config()
        contoso = next(tenant for tenant in config["tenants"] if tenant["name"] == "contoso")
        contoso["users"] += list(USERS)
        contoso["groups"] = [{"address": f"group@{DOMAIN}"}]
        contoso["apps"] = [{**app, "roles": ["Mail.ReadWrite", "User.Read.All", "GroupMember.Read.All"]}
                           for app in contoso["apps"]]
        return config


class Finding(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        workspace = Workspace()
        cls.stage = Kinds(workspace.__enter__())
        cls.addClassCleanup(workspace.__exit__)
        cls.addClassCleanup(cls.stage.__exit__)
        cls.stage.__enter__()
        cls.sent = 0
        cls.generator = Generator(seed=71)

    def mail_to(self, address):
        mail = self.generator.eicar()
        message = mail.message.replace("To: " + ", ".join(f"<{each}>" for each in mail.recipients), f"To: <{address}>")
        return replace(mail, recipients=[address], message=message)

    def journal(self, mail, **more):
        self.assertEqual(self.stage.send(mail, **more)["smtpCode"], 250)
        type(self).sent += 1
        return mail

    def outcomes(self):
        """{recipient: outcome} of all that has ended."""
        stories = self.stage.wait_until_settled(self.sent, seconds=90)
        return {each["recipient"]: each["outcome"] for story in stories for each in story["retractions"]}

    @staticmethod
    def id_of(mail):
        return mail.message.split("Message-ID: ")[1].split("\r\n")[0]

    def put(self, user, mail, folder):
        self.stage.ask(f"/users/{user}/items", {"message": mail.message, "folder": folder})

    def test_1_every_kind_of_recipient(self):
        kinds = {f"person@{DOMAIN}": ("moved", ""), f"alias@{DOMAIN}": ("moved", ""), f"mail@{DOMAIN}": ("moved", ""),
                 f"shared@{DOMAIN}": ("moved", ""),
                 f"onprem@{DOMAIN}": ("not-a-mailbox", "MailboxNotEnabledForRESTAPI"),
                 f"unlicensed@{DOMAIN}": ("not-a-mailbox", "without a licence"),
                 f"undiscovered@{DOMAIN}": ("not-a-mailbox", "ResourceNotFound"),
                 f"guest@{DOMAIN}": ("not-a-mailbox", "a guest"),
                 f"group@{DOMAIN}": ("not-a-mailbox", "a group"),
                 f"nobody@{DOMAIN}": ("not-a-mailbox", "nobody in the directory"),
                 f"forbidden@{DOMAIN}": ("not-permitted", "ErrorAccessDenied")}
        mails = {address: self.journal(self.mail_to(address)) for address in kinds}
        outcomes = self.outcomes()
        for address, (kind, detail) in kinds.items():
            with self.subTest(address):
                outcome = outcomes[address]
                self.assertEqual(outcome["kind"], kind, outcome)
                self.assertIn(detail, outcome["detail"])
                self.assertTrue(outcome["at"])
                # A guest and a group are found by an answer that is no error.
                if "a guest" not in detail and "a g" not in detail and "nobody" not in detail:
                    self.assertTrue(outcome["request_id"], outcome)
                if kind == "moved":
                    self.assertEqual((outcome["folder_before"], outcome["folder_after"]),
                                     ("Inbox", "Recoverable Items/Deletions"))
                    found = self.stage.folders_of(self.id_of(mails[address]))
                    self.assertEqual(list(found.values()), [["Deletions"]])

    def test_2_wherever_the_copy_is(self):
        """The user, a rule or a filter was faster; the report comes when that is done."""
        places = {0: ("junkemail", "moved"), 1: ("deleteditems", "moved"), 2: ("archive", "moved"),
                  3: ("Projects", "moved"), 4: ("recoverableitemsdeletions", "already-there"),
                  5: ("clutter", "moved")}
        mails = {}
        for number, (place, _) in places.items():
            user = f"place{number}@{DOMAIN}"
            mails[number] = self.mail_to(user)
            self.stage.ask(f"/users/{user}/items", {"message": mails[number].message, "folder": place})
            self.journal(mails[number], delay_ms=3_600_000)
        outcomes = self.outcomes()
        for number, (place, kind) in places.items():
            with self.subTest(place):
                outcome = outcomes[f"place{number}@{DOMAIN}"]
                self.assertEqual(outcome["kind"], kind, outcome)
                self.assertTrue(outcome["request_id"])
                self.assertEqual(self.stage.folders_of(self.id_of(mails[number])),
                                 {f"place{number}@{DOMAIN}": ["Deletions"]})

    def test_3_what_is_somebodys_own_is_left_alone(self):
        """All copies are acted on, but those in Sent Items, Drafts and the folder of Teams."""
        user = f"place6@{DOMAIN}"
        self.stage.ask(f"/users/{user}/folders", {"displayName": "TeamsMessagesData", "hidden": True})
        # Of the same name, but seen: its owner's, and no hiding place.
        seen = f"place7@{DOMAIN}"
        self.stage.ask(f"/users/{seen}/folders", {"displayName": "TeamsMessagesData"})
        mail, other = self.mail_to(user), self.mail_to(seen)
        for folder in ("sentitems", "drafts", "TeamsMessagesData", "inbox", "Projects"):
            self.put(user, mail, folder)
        self.put(seen, other, "TeamsMessagesData")
        self.journal(mail)
        self.journal(other, delay_ms=3_600_000)
        outcomes = self.outcomes()
        self.assertEqual(outcomes[user]["kind"], "moved", outcomes[user])
        self.assertIn("3 moved; 3 in Sent Items, Drafts or Teams, left alone", outcomes[user]["detail"])
        self.assertEqual(sorted(self.stage.folders_of(self.id_of(mail))[user]),
                         ["Deletions"] * 3 + ["Drafts", "Sent Items", "TeamsMessagesData"])
        self.assertEqual(self.stage.folders_of(self.id_of(other)), {seen: ["Deletions"]})

    def test_4_a_report_that_is_faster_than_the_delivery(self):
        user = f"place8@{DOMAIN}"
        mail = self.journal(self.mail_to(user), delay_ms=7000)
        until(lambda: self.waiting(user), 20, "the retraction to wait for the copy")
        self.assertEqual(self.stage.folders_of(self.id_of(mail)), {})
        self.assertEqual(self.outcomes()[user]["kind"], "moved")
        looks = [each["timeMs"] for each in self.stage.ask("/requests")["requests"]
                 if each["userId"] == self.id_of_user(user) and "/messages?" in each["path"]
                 and "mailFolders" not in each["path"]]
        # At once, after 5 s and after 15 s; the last found it.
        self.assertEqual(len(looks), 3, looks)
        self.assertGreater(looks[1] - looks[0], 4000)
        self.assertGreater(looks[2] - looks[1], 8000)

    def waiting(self, user):
        return [each for story in self.stage.stories() for each in story["retractions"]
                if each["recipient"] == user and each["attempts"] > 0]

    def id_of_user(self, name):
        return next(user["id"] for tenant in self.stage.state()["tenants"] for user in tenant["users"]
                    if user["userPrincipalName"] == name)

    def hard_delete(self, row):
        """By one person, approved by another."""
        def clawback(*words, user=None):
            done = self.stage.command(*words, "--reason", "for good", "--socket",
                                      str(self.stage.relay.sidecar_socket), user=user)
            self.assertEqual(done.returncode, 0, done.stderr)
            return done.stdout
        told = clawback("job", "preview", row, "--action", "hard-delete")
        job = re.search(r"job approve (\d+ --digest [0-9a-f]{64})", told).group(1).split()
        clawback("job", "approve", *job, user="nobody")
        clawback("job", "start", *job)

    def test_5_what_a_hold_keeps(self):
        user = f"place9@{DOMAIN}"
        mail = self.journal(self.mail_to(user))
        self.assertEqual(self.outcomes()[user]["kind"], "moved")
        self.stage.ask(f"/users/{user}/recovery", {"litigationHold": True})
        row = self.stage.trace("--recipient", user)[0]["id"]
        self.hard_delete(str(row))
        by_hand = []
        until(lambda: by_hand.extend(each for each in self.stage.trace(str(row))[0]["retractions"]
                                     if each["origin"] == "by-hand" and each["state"] == "final") or by_hand,
              30, "the hard delete to end")
        outcome = by_hand[0]["outcome"]
        self.assertEqual(outcome["kind"], "on-hold", outcome)
        self.assertIn("ErrorCannotDeleteObject", outcome["detail"])
        self.assertTrue(outcome["request_id"])
        self.assertEqual(self.stage.folders_of(self.id_of(mail)), {user: ["Deletions"]})

    def test_6_a_mismatch_shows_both_sides(self):
        user = f"place10@{DOMAIN}"
        bad, good = self.mail_to(user), self.generator.plain_note()
        good.message = good.message.replace(self.id_of(good), self.id_of(bad))
        self.put(user, good, "inbox")
        self.journal(bad, delay_ms=3_600_000)
        held = []
        until(lambda: held.extend(each for story in self.stage.stories() for each in story["retractions"]
                                  if each["recipient"] == user and each["state"] == "held") or held,
              60, "the retraction to be held")
        outcome = held[0]["outcome"]
        self.assertEqual(outcome["kind"], "mismatch")
        self.assertRegex(outcome["detail"], r"report: from sender.*subject \"Eicar.*; copy: from .*subject \"Plain note")
        self.assertEqual(self.stage.folders_of(self.id_of(bad)), {user: ["Inbox"]})


if __name__ == "__main__":
    unittest.main(verbosity=2)
