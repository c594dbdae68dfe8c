# SPDX-License-Identifier: Apache-2.0
# seconds: 45
"""Every way to speak SMTP that Exchange or somebody rude has, and daemons that come and go in the middle of it: what was
answered 250 is recorded once with the bytes that were sent, and nobody ever reads 5xx for an authentic report.

CLAWBACK_ROUGH connections at once (default 60)."""
import hashlib
import os
import signal
import subprocess
import threading
import time
import unittest
from collections import Counter

from harness import Workspace
from harness.mail import Generator
from harness.report import wrap
from harness.segments import decisions
from harness.smtp import JournalClient, dotted
from harness.stage import NDR, Stage
from harness.wait import until

CONNECTIONS = int(os.environ.get("CLAWBACK_ROUGH", "60"))


class RoughSenders(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        workspace = Workspace()
        cls.folder = workspace.__enter__()
        cls.addClassCleanup(workspace.__exit__)
        # The brake on clients is another matter: here everybody comes from one address.
        cls.stage = Stage(cls.folder, judge={"workers": 2}, postfix={"default_process_limit": str(2 * CONNECTIONS + 50)})
        cls.stage.__enter__()
        cls.addClassCleanup(cls.stage.__exit__)
        cls.generator = Generator(seed=410)
        cls.lock = threading.Lock()
        cls.address = cls.stage.service_address("contoso")

    def report(self):
        with self.lock:
            return wrap(self.generator.plain_note())

    def client(self, timeout=60):
        tls = self.stage.certificates
        return JournalClient(self.stage.postfix.port, tls.ca, tls.client, timeout=timeout)

    def recorded(self, reports):
        """Each once, to the byte."""
        counts = Counter(record["report_digest"] for record in decisions(self.stage.relay.segments))
        for name, report in reports:
            self.assertEqual(counts[hashlib.sha256(report).hexdigest()], 1, name)

    def talk(self, client, name, lines, report, after="DATA"):
        """All lines at once, then their replies; the last one is the answer to the report."""
        client.raw("".join(f"{line}\r\n" for line in lines).encode())
        for line in lines:
            code, text = client.reply()
            self.assertIn(code, (250, 354), f"{name}: {line[:60]}: {code} {text}")
        if after == "DATA":
            client.raw(dotted(report))
        code, text = client.reply()
        self.assertEqual(code, 250, f"{name}: {text}")

    def test_every_way_to_send_a_report(self):
        sent = []
        with self.client() as client:
            for name, before in (("plain", []), ("null sender", ["MAIL FROM:<>"]),
                                 ("8bit and size", [f"MAIL FROM:<{NDR}> BODY=8BITMIME SIZE=99999"]),
                                 ("smtputf8", ["MAIL FROM:<jürgen@archive.example> SMTPUTF8 BODY=8BITMIME"]),
                                 ("begun three times", [f"MAIL FROM:<{NDR}>", f"RCPT TO:<{self.address}>", "RSET",
                                                        f"MAIL FROM:<{NDR}>", "RSET", "MAIL FROM:<>"])):
                lines = (before or [f"MAIL FROM:<{NDR}>"]) + [f"RCPT TO:<{self.address}>"]
                report = self.report()
                self.talk(client, name, [*lines, "DATA"], report)
                sent.append((name, report))
            for greeting in ("EHLO " + ".".join(["a" * 60] * 4), "EHLO [192.0.2.1]", "EHLO " + "x" * 1500, "HELO old.example"):
                self.assertEqual(client.command(greeting)[0], 250)
                report = self.report()
                self.talk(client, greeting[:20], [f"MAIL FROM:<{NDR}>", f"RCPT TO:<{self.address}>", "DATA"], report)
                sent.append((greeting[:20], report))
            self.assertEqual(client.command("EHLO again.example")[0], 250)
            for pieces in (1, 2, 7, 64):
                report = self.report()
                self.in_pieces(client, report, pieces)
                sent.append((f"BDAT in {pieces}", report))
            for number in range(60):
                report = self.report()
                self.talk(client, f"number {number}", [f"MAIL FROM:<{NDR}>", f"RCPT TO:<{self.address}>",
                                                       f"RCPT TO:<{self.address}>", "DATA"], report)
                sent.append((f"number {number}", report))
        self.recorded(sent)

    def in_pieces(self, client, report, pieces):
        for line in (f"MAIL FROM:<{NDR}>", f"RCPT TO:<{self.address}>"):
            self.assertEqual(client.command(line)[0], 250)
        size = len(report) // pieces + 1
        for at in range(0, len(report), size):
            piece = report[at:at + size]
            client.raw(f"BDAT {len(piece)}\r\n".encode() + piece)
            self.assertEqual(client.reply()[0], 250)
        self.assertEqual(client.command("BDAT 0 LAST")[0], 250)

    def test_refused_steps_spoil_nothing_that_comes_after(self):
        report = self.report()
        with self.client() as client:
            for line, code in ((f"RCPT TO:<{self.address}>", 503), ("DATA", 503), (f"MAIL FROM:<{NDR}>", 250),
                               ("RCPT TO:<nobody@relay.clawback.example>", 550), ("DATA", 554),
                               ("RCPT TO:<someone@elsewhere.example>", 554), (f"RCPT TO:<{self.address}>", 250),
                               ("RCPT TO:<company@mail.relay.example>", 452), ("NOOP", 250), ("VRFY x", None),
                               ("HELO again.example", 250), (f"MAIL FROM:<{NDR}> SIZE=99999999999", 552)):
                got = client.command(line)
                self.assertTrue(code in (None, got[0]), (line, got))
            self.talk(client, "after all that", [f"MAIL FROM:<{NDR}> SIZE={len(report)}", f"RCPT TO:<{self.address}>",
                                                  "DATA"], report)
        self.recorded([("after all that", report)])

    def send_until_taken(self, report, codes):
        while True:
            with self.client() as client:
                reply = client.send(report, [self.address], NDR)
            codes.append(reply.code)
            if reply.taken:
                return
            self.assertLess(reply.code, 500, reply)
            time.sleep(0.1)

    def senders(self, number, codes):
        """So many at once; answers (threads, reports)."""
        reports = [self.report() for _ in range(number)]
        threads = [threading.Thread(target=self.send_until_taken, args=(report, codes)) for report in reports]
        for thread in threads:
            thread.start()
        return threads, reports

    def joined(self, threads, reports):
        for thread in threads:
            thread.join(120)
            self.assertFalse(thread.is_alive())
        self.recorded([("at once", report) for report in reports])

    def test_many_at_once_among_slow_ones(self):
        slow = [self.client() for _ in range(CONNECTIONS // 3)]
        for client in slow:
            for line in (f"MAIL FROM:<{NDR}>", f"RCPT TO:<{self.address}>", "DATA"):
                client.command(line)
            client.raw(b"Received: by slow.example\r\n")
        codes = []
        self.joined(*self.senders(CONNECTIONS, codes))
        self.assertEqual(set(codes), {250})
        for client in slow:  # and they are not forgotten
            report = b"Received: by slow.example\r\n" + (body := self.report())
            client.raw(dotted(body))
            self.assertEqual(client.reply()[0], 250)
            self.recorded([("slow", report)])
            client.close()

    def test_the_same_report_over_many_connections_is_one_record(self):
        report, codes = self.report(), []
        threads = [threading.Thread(target=self.send_until_taken, args=(report, codes)) for _ in range(12)]
        for thread in threads:
            thread.start()
        self.joined(threads, [report])
        self.assertEqual(set(codes), {250})

    def test_a_restart_in_the_middle_of_data_is_451_and_loses_nothing(self):
        report, codes = self.report(), []
        with self.client() as client:
            for line in (f"MAIL FROM:<{NDR}>", f"RCPT TO:<{self.address}>", "DATA"):
                client.command(line)
            client.raw(dotted(report)[:900])
            time.sleep(0.2)
            self.stage.relay.milter.restart()
            client.raw(dotted(report)[900:])
            self.assertEqual(client.reply()[0], 451)
        self.send_until_taken(report, codes)
        self.assertEqual(codes, [250])
        self.recorded([("after the restart", report)])

    def test_without_file_descriptors_nobody_is_refused_and_it_comes_back(self):
        milter = self.stage.relay.milter
        most = len(os.listdir(f"/proc/{milter.pid}/fd")) + 4
        subprocess.run(["prlimit", f"--pid={milter.pid}", f"--nofile={most}:1024"], check=True)
        clients, taken = [], 0
        for _ in range(9):  # each holds a connection to the milter, and begins a report
            clients.append(self.client(timeout=2))
            reply = clients[-1].begin([self.address], NDR)
            taken += reply.code == 354
            self.assertLess(reply.code, 500, reply)
        self.assertLess(taken, 9)
        time.sleep(2)
        for client in clients:
            client.close()
        subprocess.run(["prlimit", f"--pid={milter.pid}", "--nofile=1024:1024"], check=True)
        report, codes = self.report(), []
        self.send_until_taken(report, codes)
        self.recorded([("afterwards", report)])
        self.assertTrue(milter.running())

    def judges(self):
        found = subprocess.run(["pgrep", "-P", str(self.stage.relay.milter.pid), "-f", "clawback-judge"],
                               capture_output=True, text=True, check=False)
        return [int(pid) for pid in found.stdout.split()]

    def test_judges_that_are_killed_or_stopped_cost_a_repeat(self):
        self.stage.relay.milter.restart()
        for what in (signal.SIGKILL, signal.SIGSTOP):
            with self.subTest(what):
                codes = []
                threads, reports = self.senders(12, codes)
                judges = self.judges()
                self.assertTrue(judges)
                for pid in judges:
                    try:
                        os.kill(pid, what)
                    except ProcessLookupError:
                        pass
                self.joined(threads, reports)
        until(lambda: len(self.judges()) == 2, 20, "two judges again")
        self.assertNotIn("parked", {row["handling"] for row in self.stage.trace("--limit", "1000")})

    def test_tenants_read_again_and_again_in_the_middle(self):
        stop, codes = threading.Event(), []

        def storm():
            while not stop.is_set():
                self.stage.relay.milter.signal(signal.SIGUSR1)
                self.stage.relay.retractd.signal(signal.SIGHUP)
                time.sleep(0.005)
        storming = threading.Thread(target=storm)
        storming.start()
        try:
            self.joined(*self.senders(20, codes))
        finally:
            stop.set()
            storming.join()
        self.assertEqual(set(codes), {250})
        self.assertTrue(self.stage.relay.milter.running() and self.stage.relay.retractd.running())

    def test_what_changes_within_a_transaction_takes_effect_with_the_next(self):
        config = ("--config", str(self.stage.relay.config))
        address = self.stage.command("address", "add", "contoso", "--why", "soon retired", *config).stdout.strip()
        time.sleep(1)
        report = self.report()
        with self.client() as client:
            self.assertEqual(client.command(f"MAIL FROM:<{NDR}>")[0], 250)
            retired = self.stage.command("address", "retire", address[:12], "--why", "at the worst moment", *config)
            self.assertEqual(retired.returncode, 0, retired.stderr)
            time.sleep(1)
            self.assertEqual(client.command(f"RCPT TO:<{address}>")[0], 250)
            self.stage.relay.write_tenant(domains=["another.example"], graph=self.stage.graph_access)
            before = self.stage.relay.milter.log().count("event=reloaded")
            self.stage.relay.reload()
            until(lambda: self.stage.relay.milter.log().count("event=reloaded") > before, 10, "the reload")
            self.talk(client, "begun before", ["DATA"], report)
            self.assertEqual(client.command(f"MAIL FROM:<{NDR}>")[0], 250)
            self.assertEqual(client.command(f"RCPT TO:<{address}>")[0], 550)
        record = decisions(self.stage.relay.segments)[-1]
        self.assertEqual(record["report_digest"], hashlib.sha256(report).hexdigest())
        self.assertIn("contoso.example", record["decision"]["recipients"][0]["address"])
        self.stage.relay.write_tenant(graph=self.stage.graph_access)
        self.stage.relay.reload()

    def test_a_broken_file_at_a_reload_changes_nothing_and_is_told(self):
        broken = self.stage.relay.tenants / "contoso.yaml"
        whole, codes = broken.read_text(), []
        broken.write_text(whole[:len(whole) // 2])
        try:
            for daemon, number, event in ((self.stage.relay.milter, signal.SIGUSR1, "event=reload-refused"),
                                          (self.stage.relay.retractd, signal.SIGHUP, "event=tenants-not-reloaded")):
                before = daemon.log().count(event)
                daemon.signal(number)
                until(lambda: daemon.log().count(event) > before, 10, event)
            self.assertRegex(self.stage.status()["last_error"], r"not reloaded.*contoso\.yaml:\d+")
            self.joined(*self.senders(3, codes))
        finally:
            broken.write_text(whole)
        self.stage.relay.retractd.signal(signal.SIGHUP)
        until(lambda: self.stage.status()["last_error"] == "", 10, "the error to be over")
        # Everything gone: no address is refused for good for that.
        away = self.stage.relay.tenants.with_name("away")
        self.stage.relay.tenants.rename(away)
        self.stage.relay.tenants.mkdir()
        try:
            self.stage.relay.milter.restart()
            with self.client() as client:
                self.assertEqual(client.send(self.report(), [self.address], NDR).code, 451)
        finally:
            self.stage.relay.tenants.rmdir()
            away.rename(self.stage.relay.tenants)
            self.stage.relay.milter.restart()


if __name__ == "__main__":
    unittest.main(verbosity=2)
