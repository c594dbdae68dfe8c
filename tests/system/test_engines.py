# SPDX-License-Identifier: Apache-2.0
# seconds: 35
"""clamd and rspamd beside the judges, through a real Postfix: what clamd finds is MALICIOUS in every wrapping, and an engine
that is killed, deaf, babbling, flooding or refusing costs a finding, never a report. Asserted on what is committed."""
import json
import signal
import subprocess
import time
import unittest
from collections import Counter

from harness import BIN, Workspace
from harness.certificates import Certificates
from harness.daemons import CONTOSO, Clawback
from harness.engines import EngineProgram, StandIn, installed
from harness.mail import EICAR, PROGRAM, Generator
from harness.postfix import Postfix
from harness.report import header, wrap
from harness.segments import decisions
from harness.smtp import send_report
from harness.wait import until
from harness.wrappings import rare_archives, wrappings

DEADLINE = 1.5  # seconds, of clamd
FOUND = b"1: ClamAV 0.0.0\0002: stream: Planted.Name FOUND\0"


def reasons(record):
    return {finding["reason"] for finding in record["judgement"]["verdict"]["findings"]}


def disposition(record):
    return record["judgement"]["verdict"]["disposition"]


def wait(connection, stopping):
    while not stopping.wait(0.05):
        pass


def flood(connection, stopping):
    for _ in range(100):
        connection.sendall(b"x" * (1 << 20))


def saying(text):
    def serve(connection, stopping):
        connection.sendall(text)
        wait(connection, stopping)
    return serve


# {fault: (what stands in for clamd, the finding)}
FAULTS = {"ends at once": (lambda connection, stopping: None, "clamd-unavailable"),
          "stalls": (wait, "clamd-unavailable"),
          "garbage": (saying(b"\xff\0\1 what\r\n\0\0"), "clamd-unavailable"),
          "100 MB": (flood, "clamd-unavailable"),
          "refuses": (saying(b"1: ClamAV 0.0.0\0002: INSTREAM size limit exceeded. ERROR\0"), "clamd-refused")}


class Engines(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not installed("clamd"):
            raise unittest.SkipTest("SKIPPED: clamd is not installed")
        workspace = Workspace()
        cls.folder = workspace.__enter__()
        cls.addClassCleanup(workspace.__exit__)
        cls.certificates = Certificates(cls.folder / "tls")
        cls.clamd = EngineProgram("clamd", cls.folder / "clamd")
        cls.addClassCleanup(cls.clamd.stop)
        cls.relay = Clawback(cls.folder, engines=cls.engines())
        cls.relay.write_tenant()
        cls.relay.publish_settings()
        cls.postfix = Postfix(cls.folder / "postfix", cls.certificates, cls.relay.milter_socket)
        cls.addClassCleanup(cls.relay.stop)
        cls.addClassCleanup(cls.postfix.stop)
        cls.clamd.start()
        cls.relay.milter.start()
        cls.postfix.start()
        cls.generator = Generator(seed=6)

    @classmethod
    def engines(cls, required=False):
        return {"clamd": {"socket": str(cls.clamd.socket), "deadline": f"{int(DEADLINE * 1000)}ms", "required": required}}

    def restart(self, required=False):
        self.relay.configure("us", "us-east", {}, {}, {}, engines=self.engines(required))
        self.relay.milter.restart()

    def mail_with(self, part):
        mail = self.generator.plain_note()
        head, text = mail.message.split("\r\n\r\n", 1)
        head = head.split("Content-Type: ")[0]
        mail.message = (head + 'Content-Type: multipart/mixed; boundary="=_b"\r\n\r\n--=_b\r\nContent-Type: text/plain\r\n\r\n' +
                        text + "--=_b\r\n" + part.decode().replace("\n", "\r\n") + "\r\n--=_b--\r\n")
        return mail

    def send(self, mail):
        """The decision about mail, which must have been taken."""
        began = time.monotonic()
        reply = send_report(self.postfix.port, wrap(mail), [CONTOSO["service_addresses"][0]["address"]],
                            self.certificates.ca, self.certificates.client)
        self.assertTrue(reply.taken, reply)
        self.assertLess(time.monotonic() - began, 20)
        identifier = header(mail, "Message-ID")
        return next(each for each in decisions(self.relay.segments)
                    if each["judgement"]["report"]["message_id"] == identifier)

    def classify(self, mail):
        """Without any engine."""
        path = self.folder / "mail.eml"
        path.write_text(mail.message, newline="")
        done = subprocess.run([BIN / "clawback", "classify", "--json", path], capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    def assertFlagged(self, judged, reason):
        """For what it is; or for the archive that it is in, where this cannot be opened as far as that."""
        told = {each["reason"] for each in judged["findings"]}
        if judged["disposition"] == "MALICIOUS" and reason in told:
            return
        self.assertIn(judged["disposition"], ("SUSPICIOUS", "UNSCANNABLE"))
        self.assertTrue(told & {"disk-image-attachment"} or any(each.startswith("archive-") for each in told), told)

    def test_1_what_clamd_finds_is_malicious_in_every_wrapping(self):
        eicar = EICAR.encode()
        sets = {"eicar.com": eicar, "eicar.txt": eicar + b"  \r\n", "setup.exe": eicar + b"\0" * 20,
                "readme.txt": b"Run this: " + eicar}
        for name, content in sets.items():
            for how, part in wrappings(name, content).items():
                with self.subTest(name=name, wrapping=how):
                    mail = self.mail_with(part)
                    record = self.send(mail)
                    self.assertEqual(disposition(record), "MALICIOUS", reasons(record))
                    self.assertIn("clamd-found", reasons(record))
                    answer = record["judgement"]["engines"][0]
                    self.assertEqual((answer["engine"], answer["outcome"]), ("clamd", "answered"))
                    self.assertIn("ClamAV", answer["version"])
                    if name == "eicar.com":  # the file itself: no engine is needed to be warned
                        self.assertFlagged(self.classify(mail), "eicar-test-file")

    def test_2_without_clamd_a_program_is_told_in_every_wrapping(self):
        program = "setup.exe", PROGRAM[:100]
        for how, part in {**wrappings(*program), **rare_archives(*program)}.items():
            if how == "not encoded" or how == "quoted-printable":
                continue  # what is between would be changed on the way: nobody sends programs so
            with self.subTest(wrapping=how):
                self.assertFlagged(self.classify(self.mail_with(part)), "executable-attachment")

    def test_3_good_mail_stays_good(self):
        record = self.send(self.generator.plain_note())
        self.assertEqual(disposition(record), "NONE", reasons(record))
        self.assertEqual(record["judgement"]["engines"][0]["outcome"], "answered")

    def test_4_an_engine_that_misbehaves_costs_a_finding_and_no_report(self):
        self.clamd.stop()
        for fault, (serve, reason) in FAULTS.items():
            with self.subTest(fault=fault), StandIn(self.clamd.socket, serve):
                record = self.send(self.generator.plain_note())
                self.assertIn(reason, reasons(record))
                self.assertEqual(disposition(record), "NONE")
                # What the judge sees by itself is not hidden by it.
                self.assertEqual(disposition(self.send(self.generator.eicar())), "MALICIOUS")

    def test_5_a_planted_fault_is_seen(self):
        """The test above would notice if an answer were taken that is none of clamd's making."""
        self.clamd.stop()
        with StandIn(self.clamd.socket, saying(FOUND)):
            record = self.send(self.generator.plain_note())
        self.assertEqual(disposition(record), "MALICIOUS")
        self.assertNotIn("clamd-unavailable", reasons(record))

    def test_6_killed_stopped_and_back(self):
        self.clamd.stop()
        self.clamd.start()
        self.send(self.generator.plain_note())
        begin = len(self.relay.milter.log())
        self.clamd.signal(signal.SIGSTOP)
        self.assertIn("clamd-unavailable", reasons(self.send(self.generator.plain_note())))
        self.clamd.stop()
        for _ in range(3):
            self.assertIn("clamd-unavailable", reasons(self.send(self.generator.plain_note())))
        self.clamd.start()
        for _ in range(2):
            self.assertNotIn("clamd-unavailable", reasons(self.send(self.generator.plain_note())))
        log = self.relay.milter.log()[begin:]
        self.assertEqual((log.count("event=engine-unavailable"), log.count("event=engine-answers")), (1, 1), log)

    def test_7_where_it_is_required_nothing_is_clean_without_it(self):
        self.clamd.stop()
        self.restart(required=True)
        record = self.send(self.generator.plain_note())
        self.assertEqual(disposition(record), "UNSCANNABLE", reasons(record))
        self.assertIn("clamd-unavailable", reasons(record))
        self.clamd.start()
        self.assertEqual(disposition(self.send(self.generator.plain_note())), "NONE")
        self.relay.milter.stop()
        self.assertIn("event=engine-counts engine=clamd answered=1 refused=0 unavailable=1", self.relay.milter.log())

    def test_8_the_status_tells_how_the_engines_do(self):
        told = Counter(each["outcome"] for record in decisions(self.relay.segments)
                       for each in record["judgement"].get("engines", []))
        self.assertGreater(min(told["answered"], told["unavailable"]), 0)
        self.relay.retractd.start()
        self.addCleanup(self.relay.retractd.stop)

        def status(*options):
            return subprocess.run([BIN / "clawback", "status", *options, "--socket", self.relay.sidecar_socket],
                                  capture_output=True, text=True, check=True).stdout

        def counts():
            engines = json.loads(status("--json"))["engines"]
            return {key: engines[0][key] for key in ("answered", "refused", "unavailable")} if engines else {}

        until(lambda: counts() == {key: told[key] for key in ("answered", "refused", "unavailable")}, 30,
              f"the counts of {told}")
        self.assertIn("clamd: in a day", status())


class Rspamd(unittest.TestCase):
    def test_what_rspamd_says_is_recorded_for_the_message_and_not_for_its_report(self):
        if not installed("rspamd"):
            self.skipTest("SKIPPED: rspamd is not installed")
        with Workspace() as folder:
            rspamd = EngineProgram("rspamd", folder / "rspamd")
            self.addCleanup(rspamd.stop)
            rspamd.start()
            mail = Generator(seed=7).plain_note()
            bare, report = folder / "bare.eml", folder / "report.eml"
            bare.write_text(mail.message, newline="")
            report.write_bytes(wrap(mail))
            inside = folder / "inside.eml"  # as it stands in the report, with what Exchange adds
            whole = report.read_bytes()
            inside.write_bytes(whole[whole.index(b"Received: "):whole.rindex(b"\r\n--_")])
            answers = [self.classify(rspamd.socket, path)["engines"][0] for path in (report, inside)]
            self.assertEqual(answers[0]["outcome"], "answered", answers)
            self.assertEqual(answers[0], answers[1])

    @staticmethod
    def classify(place, path):
        done = subprocess.run([BIN / "clawback", "classify", "--json", "--rspamd", place, path], capture_output=True,
                              text=True, check=True)
        return json.loads(done.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
