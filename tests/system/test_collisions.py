# SPDX-License-Identifier: Apache-2.0
"""Bad mail whose Message-ID is that of good mail in the same mailbox, in every way in which ids can be one or nearly one:
whatever else comes of it, good mail stays where it is. CLAWBACK_COLLISIONS (24) says how many."""
import os
import random
import unittest
from dataclasses import replace

from harness import Workspace
from harness.mail import Generator
from harness.stage import Stage

COUNT = int(os.environ.get("CLAWBACK_COLLISIONS", "24"))
PEOPLE = [f"{name}@contoso.example" for name in ("alice", "bob", "carol", "dave", "erin", "eve", "grace", "heidi")]

# What the good mail's id is, where the bad one has the id given; None: no Message-ID at all.
WAYS = {
    "same": lambda message_id: message_id,
    "case": lambda message_id: message_id.swapcase(),
    "space-inside": lambda message_id: message_id.replace("@", " @"),
    "space-around": lambda message_id: "< " + message_id[1:-1] + " >",
    "folded": lambda message_id: message_id.replace("@", "\r\n @"),
    "quoted": lambda message_id: '<"' + message_id[1:-1].replace("@", '"@') + ">",
    "no-brackets": lambda message_id: message_id[1:-1],
    "quote-inside": lambda message_id: message_id.replace("@", "'@"),
    "comment": lambda message_id: message_id + " (resent)",
    "missing": lambda message_id: None,
}


def with_id(message, message_id):
    own = next(line for line in message.split("\r\n") if line.startswith("Message-ID: "))
    return message.replace(own + "\r\n", "" if message_id is None else f"Message-ID: {message_id}\r\n", 1)


class Collisions(unittest.TestCase):
    def setUp(self):
        workspace = Workspace()
        self.stage = Stage(workspace.__enter__())
        self.addCleanup(workspace.__exit__)
        self.stage.__enter__()
        self.addCleanup(self.stage.__exit__)
        self.random = random.Random(5)
        self.generator = Generator(seed=51)

    def bad(self, person):
        mail = self.generator.eicar()
        to = "To: " + ", ".join(f"<{each}>" for each in mail.recipients)
        return replace(mail, recipients=[person], message=mail.message.replace(to, f"To: <{person}>"))

    def put_good(self, person, message):
        """Where it now is, by the id that stays."""
        item = self.stage.ask(f"/users/{person}/items", {"message": message, "folder": "inbox"})
        return person, item["immutableId"]

    def good_like(self, mail, both_ways):
        """Good mail, and half of the time one that copies the bad one's sender, date and subject, too."""
        good = self.generator.plain_note().message
        if not both_ways:
            return good
        for name in ("From", "Subject", "Date"):
            theirs, ours = (next(line for line in text.split("\r\n") if line.startswith(f"{name}: "))
                            for text in (mail.message, good))
            good = good.replace(ours, theirs, 1)
        return good

    def folders(self):
        """{(person, immutable id): folder}."""
        return {(user["userPrincipalName"], item["immutableId"]): folder["displayName"]
                for tenant in self.stage.state()["tenants"] for user in tenant["users"]
                for folder in user["folders"] for item in folder["items"]}

    def test_good_mail_is_never_moved(self):
        good, moved_away, reports = [], {}, 0
        for number in range(COUNT):
            name, way = list(WAYS.items())[number % len(WAYS)]
            person = self.random.choice(PEOPLE)
            mail = self.bad(person)
            message_id = mail.message.split("Message-ID: ")[1].split("\r\n")[0]
            if name == "missing" and number % 20 >= 10:  # neither has one
                mail = replace(mail, message=with_id(mail.message, None))
            others = with_id(self.good_like(mail, number % 3 == 0), way(message_id))
            good.append((name, *self.put_good(person, others)))
            self.assertEqual(self.stage.send(mail)["smtpCode"], 250, name)
            reports += 1
            if name == "same" and number % 4 == 0:  # bad and bad with one id
                second = replace(self.bad(person), recipients=[person])
                second = replace(second, message=with_id(second.message, message_id))
                self.assertEqual(self.stage.send(second)["smtpCode"], 250)
                reports += 1
        stories = self.stage.wait_until_settled(reports, seconds=120 + COUNT)
        now = self.folders()
        for name, person, item in good:
            self.assertEqual(now.get((person, item)), "Inbox", f"good mail was moved: {name}")
        states = {}
        for story in stories:
            for each in story["retractions"]:
                kind = each["outcome"]["kind"] if each["outcome"] else each["state"]
                states[kind] = states.get(kind, 0) + 1
                if kind == "moved":
                    moved_away[each["id"]] = each["outcome"]["item_ids"]
        # It has shown something: most of the bad ones went, and no item under two heads.
        self.assertGreaterEqual(states.get("moved", 0), reports // 2, states)
        self.assertLessEqual(set(states), {"moved", "mismatch", "failed", "held"}, states)
        items = [item for ids in moved_away.values() for item in ids.split(",")]
        self.assertEqual(len(items), len(set(items)))
        print(f"{COUNT} collisions: {states}")

    def test_planted_a_moved_good_mail_is_seen(self):
        person, item = self.put_good(PEOPLE[0], with_id(self.generator.plain_note().message, "<planted@x.example>"))
        self.assertEqual(self.folders()[(person, item)], "Inbox")
        self.stage.ask(f"/users/{person}/move", {"internetMessageId": "<planted@x.example>", "destination": "junkemail"})
        self.assertNotEqual(self.folders()[(person, item)], "Inbox")


if __name__ == "__main__":
    unittest.main(verbosity=2)
