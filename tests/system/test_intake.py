# SPDX-License-Identifier: Apache-2.0
# seconds: 15
"""Every report that Exchange can send, over STARTTLS into a real Postfix, and read back from the trace: the corpus as its
manifest says, and hundreds of ways to write the same report (harness.written) as written there."""
import json
import unittest

from harness import Workspace
from harness.daemons import CONTOSO
from harness.smtp import JournalClient, send_report
from harness.stage import REPORTS, Stage
from harness.wait import until
from harness.written import Expected, all_of, having, variant
from harness.written.charsets import charsets
from harness.written.field_lines import other_fields, recipients
from harness.written.inside import inside, other_kinds
from harness.written.tricks import VICTIM, addresses, around, contradictions, injection, marks
from harness.written.wrapper import ids, wrapper

MANIFEST = json.loads((REPORTS / "manifest.json").read_text())["files"]
VALIDATION = "validation@relay.clawback.example"  # what an administrator typed: a service address too
ON_PREMISES = "onprem@relay.clawback.example"
ADDRESS = CONTOSO["service_addresses"][0]["address"]
DOMAINS = ("contoso.example", "subdomain.contoso.example")


def redirection(entry):
    return (entry["type"], entry["addr"], entry.get("redirect"), entry.get("orig"))


def expected_of(sample):
    """What the manifest says of a file, and what follows from it for a tenant that demands everything."""
    expect, name = sample["expect"], sample["file"]
    kinds = tuple(expect.get("kind", ()))
    if not kinds:
        kinds = {True: ("journal-report",), "malformed": ("malformed",)}.get(expect["is_journal_report"], ())
    if not kinds:
        kinds = ("undeliverable-report",) if "contains_journal_report" in expect else \
                ("connector-validation",) if "smtp" in expect else ("message",)
    handlings = {"journal-report": "decided", "message": "plain-message"}
    recipients = [redirection(entry) for entry in expect.get("recipients", [])] or None
    return Expected(handling={handlings.get(kind, kind) for kind in kinds} if name[:3] != "r08" else {"unauthentic"}, kinds=kinds,
                    sender=expect.get("sender"), on_behalf_of=expect.get("on_behalf_of"), subject=expect.get("subject"),
                    message_id=expect.get("message_id"), recipients=recipients, disposition=None,
                    inner_messages=expect.get("inner_messages"),
                    tenant={"company": "company", "receiver": "receiver"}.get(sample["envelope"]["rcpt_to"].split("@")[0], "contoso"))


def address_of(sample):
    """Two files are about mail to somebody else's mailbox; what the relay makes of it is asked all the same."""
    address = sample["envelope"]["rcpt_to"]
    return ADDRESS if address.endswith("@archive.example") else address


class Intake(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        workspace = Workspace("intake")
        cls.stage = Stage(workspace.__enter__())
        cls.addClassCleanup(workspace.__exit__)
        cls.stage.__enter__()
        cls.addClassCleanup(cls.stage.__exit__)
        relay = cls.stage.relay
        # Nothing is moved here, and every decision that could be made is made.
        relay.write_tenant(mode="observe", service_addresses=CONTOSO["service_addresses"] + [{"address": VALIDATION, "region": "us"}])
        relay.write_tenant(mode="observe", name="onprem", tenant_id="0f7d3c6e-2b1a-4c5d-8e9f-a0b1c2d3e4f5", domains=["onprem.example"],
                           service_addresses=[{"address": ON_PREMISES, "region": "us"}],
                           demands={**CONTOSO["demands"], "originator_org": "", "tenant_id_mark": False})
        relay.reload()
        until(lambda: "event=reloaded" in relay.milter.log(), 20, "the tenants")

    def setUp(self):
        self.before = self.newest()

    def newest(self):
        rows = self.stage.trace("--limit", "1")
        return rows[0]["id"] if rows else 0

    def session(self):
        tls = self.stage.certificates
        return JournalClient(self.stage.postfix.port, tls.ca, tls.client)

    def send(self, reports):
        """Sends each (report, address, sender) once; their stories, in that order."""
        with self.session() as client:
            for name, report, address, sender in reports:
                reply = client.send(report, [address], sender)
                self.assertTrue(reply.taken, f"{name}: {reply}")
        until(lambda: self.newest() - self.before >= len(reports), 60, f"{len(reports)} rows")
        rows = [row for row in self.stage.trace("--limit", "1000") if row["id"] > self.before]
        self.assertEqual(len(rows), len(reports))
        return [self.stage.trace(str(row["id"]))[0] for row in reversed(rows)]

    # --- checking ---------------------------------------------------------------------------
    def check(self, story, expected):
        row, decision, judgement = story["row"], story["record"]["decision"], story["record"]["judgement"]
        report = judgement["report"]
        self.assertIn(report["kind"], expected.kinds, report["problem"])
        handlings = expected.handling if isinstance(expected.handling, set) else {expected.handling}
        self.assertIn(row["handling"], handlings, decision["reason"])
        self.assertEqual(row["tenant"], expected.tenant)
        for name in ("sender", "on_behalf_of", "subject", "message_id", "inner_messages"):
            wanted = getattr(expected, name)
            if wanted is not None:
                self.assertEqual(report[name], wanted, name)
        if expected.recipients is not None:
            self.assertEqual([(each["type"], each["address"], each.get("redirect"), each.get("original"))
                              for each in report["recipients"]], expected.recipients)
        if expected.disposition:
            self.assertEqual(row["disposition"], expected.disposition, judgement["verdict"]["findings"])
        if row["handling"] != "decided":
            self.assertEqual(decision["recipients"], [])
            self.assertNotEqual(decision["reason"], "")
            self.assertEqual(story["retractions"], [])

    def acted_on(self, story):
        return [each["address"] for each in story["record"]["decision"]["recipients"] if each["action"] != "none"]

    def check_variants(self, variants):
        for each, story in zip(variants, self.send([(each.name, each.report, ADDRESS, "") for each in variants])):
            with self.subTest(each.name):
                self.check(story, each.expected)
                acted_on = self.acted_on(story)
                self.assertEqual(sorted(each["recipient"] for each in story["retractions"]), sorted(acted_on))
                self.assertNotIn(VICTIM, acted_on)
                if each.expected.disposition == "MALICIOUS":
                    self.assertEqual(acted_on, each.expected.acted_on)

    # --- the corpus -----------------------------------------------------------------------------
    def test_every_report_of_the_corpus(self):
        samples = [sample for sample in MANIFEST if "authentic" not in sample["expect"]]
        self.assertEqual(len(samples), len(list(REPORTS.glob("*.eml"))) - 1)
        stories = self.send([(sample["file"], (REPORTS / sample["file"]).read_bytes(), address_of(sample),
                              sample["envelope"]["mail_from"]) for sample in samples])
        for sample, story in zip(samples, stories):
            with self.subTest(sample["file"]):
                self.check(story, expected_of(sample))
                self._check_the_rest(story, sample["file"], sample["expect"])

    def _check_the_rest(self, story, name, expect):
        report = story["record"]["judgement"]["report"]
        if "recipient_count" in expect:
            self.assertEqual(len(report["recipients"]), expect["recipient_count"])
            self.assertEqual({(each["redirect"], each["original"]) for each in report["recipients"]},
                             {(expect["all_redirect"], expect["all_orig"])})
        if report["inner_messages"] and name[:3] in ("m09", "m14"):  # nesting and headers beyond the limits
            self.assertEqual(story["row"]["disposition"], "UNSCANNABLE")
        if "tenant_id" in expect:
            self.assertEqual(report["marks"]["organization_id"], expect["tenant_id"])
        if "must_not_act_on" in expect:
            self.assertNotEqual(report["message_id"], expect["must_not_act_on"])
            self.assertNotIn("ceo@contoso.example", self.acted_on(story))
        self.assertTrue(all(address.lower().split("@")[-1] in DOMAINS + ("company.example", "receiver.example")
                            for address in self.acted_on(story)))

    def test_the_imitation_from_outside_is_not_let_in(self):
        sample = next(sample for sample in MANIFEST if "authentic" in sample["expect"])
        report = (REPORTS / sample["file"]).read_bytes()
        reply = send_report(self.stage.postfix.port, report, [ADDRESS], self.stage.certificates.ca, None)
        self.assertEqual((reply.stage, reply.code), ("rcpt", 451))
        self.assertEqual(self.newest(), self.before)

    def test_a_report_of_exchange_on_premises_is_decided_where_that_is_expected(self):
        name = "r08-derived-onprem-2019-null-sender.eml"
        sample = next(sample for sample in MANIFEST if sample["file"] == name)
        report = b"X-Test: on premises\r\n" + (REPORTS / name).read_bytes()
        story, = self.send([(name, report, ON_PREMISES, "")])
        expected = expected_of(sample)
        expected.handling, expected.tenant = "decided", "onprem"
        self.check(story, expected)

    # --- variants ------------------------------------------------------------------------------
    def test_every_way_to_write_a_report(self):
        self.check_variants(list(all_of(charsets, recipients, other_fields, wrapper, ids, inside, other_kinds)))

    def test_a_reader_that_took_the_list_for_the_mailbox_would_be_noticed(self):
        one = variant("planted", having(recipients=[
            ("To", "alice@contoso.example", "Expanded", "all-staff@contoso.example")]))
        story, = self.send([(one.name, one.report, ADDRESS, "")])
        self.check(story, one.expected)
        read = story["record"]["judgement"]["report"]["recipients"][0]
        read["address"], read["original"] = read["original"], read["address"]
        with self.assertRaises(AssertionError):
            self.check(story, one.expected)

    def test_no_trick_makes_a_recipient_or_another_message(self):
        self.check_variants(list(all_of(injection, contradictions, marks, addresses, around)))


if __name__ == "__main__":
    unittest.main(verbosity=2)
