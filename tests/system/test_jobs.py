# SPDX-License-Identifier: Apache-2.0
"""Work in bulk with daemons and mailboxes: a job is previewed, approved by another user, carried out and undone to each
original folder; the breaker holds and releases; protected people are left to a person; observe mode only reads.
CLAWBACK_JOB_MESSAGES says how many messages the job is over (10000 is the long run)."""
import json
import os
import re
import time
import unittest

from harness import Workspace
from harness.mail import Generator
from harness.stage import TENANTS, Stage
from harness.wait import until

MESSAGES = int(os.environ.get("CLAWBACK_JOB_MESSAGES", "12"))
FOLDERS = ("inbox", "Projects", "Archive of old")


def message_id_of(mail):
    return mail.message.split("Message-ID: ")[1].split("\r\n")[0]


class Jobs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workspace = Workspace()
        cls.stage = Stage(cls.workspace.__enter__())
        cls.addClassCleanup(cls.workspace.__exit__)
        cls.stage.__enter__()
        cls.addClassCleanup(cls.stage.__exit__)
        cls.mails = Generator(seed=23)
        cls.sent = 0

    def clawback(self, *arguments, status=0, **more):
        done = self.stage.command(*arguments, "--socket", str(self.stage.relay.sidecar_socket), **more)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def json(self, *arguments, **more):
        return [json.loads(line) for line in self.clawback(*arguments, "--json", **more).splitlines()]

    def send(self, mail, **more):
        self.assertEqual(self.stage.send(mail, **more)["smtpCode"], 250)
        type(self).sent += 1
        return message_id_of(mail)

    def settle(self):
        return self.stage.wait_until_settled(self.sent, seconds=120)

    def folders(self, ids):
        """{(user, Message-ID): folder} of every copy of these messages."""
        return {(user["userPrincipalName"], item["internetMessageId"]): folder["displayName"]
                for tenant in self.stage.state()["tenants"] for user in tenant["users"]
                for folder in user.get("folders", []) for item in folder["items"]
                if item["internetMessageId"] in ids}

    def set(self, key, value, tenant="contoso"):
        """Written into the tenant's file, which pins it."""
        settings = next(each["settings"] for each in TENANTS if each["settings"]["name"] == tenant)
        self.pinned = {**getattr(self, "pinned", {}), key: value}
        self.stage.relay.write_tenant(settings, **{"graph": self.stage.graph_access, **self.pinned})
        self.clawback("tenant", "reload", "--why", "test")

    # --- a job, and its undo to each original folder -------------------------------------
    def test_1_a_job_is_approved_carried_out_and_undone_to_each_folder(self):
        ids = set()
        for user in {f"{name}@contoso.example" for name in self.mails.users}:
            for folder in FOLDERS[1:]:
                self.stage.ask(f"/users/{user}/folders", {"displayName": folder})
        for number in range(MESSAGES):
            mail = self.mails.plain_note()
            ids.add(self.send(mail))
            for user in mail.recipients:
                self.stage.ask(f"/users/{user}/move", {"internetMessageId": message_id_of(mail),
                                                       "destination": FOLDERS[number % len(FOLDERS)]})
        self.settle()
        before = self.folders(ids)
        self.assertEqual(len(set(before.values())), len(FOLDERS))
        self.set("approval_above", 3)
        paths = self.stage.folder / "ids"
        paths.write_text("\n".join(sorted(ids)) + "\n")

        preview = self.json("job", "preview", "--action", "trash", "--reason", "campaign",
                            "--message-ids", str(paths))[0]
        job, digest = str(preview["job"]["id"]), preview["job"]["digest"]
        self.assertEqual(preview["job"]["mailboxes"], len(before))
        self.assertEqual(preview["job"]["messages"], MESSAGES)
        self.assertEqual(preview["job"]["dispositions"], {"NONE": len(before)})
        self.assertEqual(self.folders(ids), before)

        because = ("--digest", digest, "--reason", "seen")
        self.assertIn("second person", self.clawback("job", "start", job, *because, status=1))
        self.assertIn("somebody else", self.clawback("job", "approve", job, *because, status=1))
        self.assertIn("nobody", self.clawback("job", "approve", job, *because, user="nobody"))
        # In few mailboxes Microsoft's 10,000 requests in ten minutes are what a long job waits for.
        long = {"seconds": 600 + MESSAGES // 2}
        began = time.monotonic()
        lines = self.json("job", "start", job, *because, "--watch", **long)
        print(f"{MESSAGES} messages, {len(before)} copies retracted in {time.monotonic() - began:.0f} s", flush=True)
        self.assertEqual(lines[-1]["state"], "finished")
        self.assertEqual(lines[-1]["outcomes"], {"moved": len(before)})
        self.assertEqual(set(self.folders(ids).values()), {"Deleted Items"})
        rows = self.json("job", "mailboxes", job)
        self.assertEqual({(row["recipient"], row["message_id"]): row["retraction"]["outcome"]["folder_before"]
                          for row in rows}, before)

        # Planted: one copy that its owner moved on must be told apart from those that came back.
        moved_on = sorted(before)[0]
        self.stage.ask(f"/users/{moved_on[0]}/move", {"internetMessageId": moved_on[1], "destination": "junkemail"})
        undo = self.clawback("undo", "--job", job, "--reason", "it was good", "--yes", status=1)
        self.assertEqual(set(self.folders(ids).values()), {"Deleted Items", "Junk Email"})
        undo_job, undo_digest = re.search(r"approve (\d+) --digest ([0-9a-f]{64})", undo).groups()
        because = ("--digest", undo_digest, "--reason", "seen")
        self.clawback("job", "approve", undo_job, *because, user="nobody")
        began = time.monotonic()
        last = self.json("job", "start", undo_job, *because, "--watch", **long)[-1]
        counters = self.stage.state()["counters"]
        print(f"undone in {time.monotonic() - began:.0f} s; {counters}", flush=True)
        self.assertEqual((counters["earlyReturns"], counters["overConcurrency"]), (0, 0))
        self.assertEqual(last["outcomes"], {"undone": len(before) - 1, "elsewhere": 1})
        after = self.folders(ids)
        self.assertEqual([copy for copy in before if after[copy] != before[copy]], [moved_on])
        self.assertEqual(after[moved_on], "Junk Email")

    def test_2_a_hard_delete_takes_a_second_person_whatever_its_size(self):
        mail = self.mails.plain_note()
        message_id = self.send(mail)
        self.settle()
        trace = str(self.stage.trace("--message-id", message_id)[0]["id"])
        hard = ("--action", "hard-delete", "--reason", "never again")
        self.assertIn("second person", self.clawback("retract", trace, *hard, status=1))
        job = self.json("job", "preview", trace, *hard)[0]["job"]
        because = ("--digest", job["digest"], "--reason", "seen")
        self.clawback("job", "start", str(job["id"]), *because, status=1)
        self.clawback("job", "approve", str(job["id"]), *because, user="nobody")
        self.clawback("job", "start", str(job["id"]), *because, "--watch")
        self.assertEqual(set(self.folders({message_id}).values()), {"Purges"})

    # --- the breaker, protected people, observe -----------------------------------------
    def test_3_the_breaker_stops_at_exactly_n_and_a_person_releases_the_rest(self):
        self.set("breaker", {"count": 5, "share": 100})
        for _ in range(12):
            self.send(self.mails.spam_by_exchange())
        stories = self.settle()
        states = [each["state"] for story in stories for each in story["retractions"]
                  if each["origin"] == "automatic"]
        self.assertEqual(states.count("final"), 5)
        shown = next(row for row in self.json("breaker", "show") if row["tenant"] == "contoso")
        self.assertTrue(shown["tripped"])
        self.assertEqual(shown["held"], states.count("held"))
        self.assertIn("event=breaker-tripped", self.stage.relay.retractd.log())
        self.assertEqual(len(self.json("audit", "list", "--what", "breaker.tripped")), 1)
        none = self.stage.command("breaker", "show", "contosso", "--config", str(self.stage.relay.config))
        self.assertEqual(none.returncode, 1)
        self.assertIn('there is no tenant "contosso"', none.stderr)
        self.clawback("breaker", "release", "contoso", "--reason", "a real campaign")
        self.settle()
        self.assertEqual(self.stage.status()["counts"]["held"], 0)
        until(lambda: not self.json("breaker", "show", "contoso")[0]["tripped"], 5, "the breaker to be closed")

    def test_4_from_protected_people_only_a_person_retracts(self):
        self.set("breaker", {"count": 0, "share": 100})
        # By another address of her mailbox than the report names.
        self.set("protected_people", ["a.smith+sales@contoso.example"])
        mail = Generator(seed=5).spam_by_exchange()
        mail.recipients[:] = ["alice@contoso.example"]
        message_id = self.send(mail)
        self.settle()
        self.assertEqual(set(self.folders({message_id}).values()), {"Inbox"})
        held = self.json("held", "list")
        self.assertEqual([row["retraction"]["held_for"] for row in held], ["protected"])
        self.assertIn("protected", self.clawback("held", "show", str(held[0]["retraction"]["id"])))
        self.clawback("held", "retract", str(held[0]["retraction"]["id"]), "--reason", "she asked")
        self.settle()
        self.assertEqual(set(self.folders({message_id}).values()), {"Junk Email"})
        self.assertEqual(self.json("held", "list"), [])

    def test_5_observing_only_reads(self):
        self.set("mode", "observe")
        self.stage.relay.milter.restart()
        seen = len(self.stage.ask("/requests")["requests"])
        mail = Generator(seed=6).spam_by_exchange()
        message_id = self.send(mail)
        stories = self.settle()
        story = next(each for each in stories if each["row"]["message_id"] == message_id)
        self.assertEqual({each["outcome"]["kind"] for each in story["retractions"]}, {"would-have-moved"})
        asked = self.stage.ask("/requests")["requests"][seen:]
        graph = [request for request in asked if "/messages" in request["path"] or "/users" in request["path"]]
        self.assertTrue(graph)
        self.assertEqual({request["method"] for request in graph}, {"GET"})
        self.assertEqual(set(self.folders({message_id}).values()), {"Inbox"})


if __name__ == "__main__":
    unittest.main(verbosity=2)
