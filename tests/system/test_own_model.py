# SPDX-License-Identifier: Apache-2.0
# seconds: 15
"""An operator's own model (judge.model): learned from sorted mail, asked about each report, recorded by its version, and used
again by `clawback explain`. A file that is no model stops the milter with a clear word, and `clawback check` says so before."""
import json
import os
import signal
import subprocess
import unittest

from harness import BIN, Workspace
from harness.report import wrap_bytes
from harness.sidecar_client import SidecarClient
from harness.smtp import send_report
from harness.stage import Stage
from harness.wait import until

SAYS = {"ham": "minutes of the garden club meeting", "spam": "cheap turnips delivered to your castle",
        "phish": "your drawbridge was locked, open it here"}


def letter(says, number):
    return (f"From: Someone <a@b.example>\r\nTo: alice@contoso.example\r\nSubject: Letter\r\n"
            f"Message-ID: <{number}@b.example>\r\n\r\n{says} and so on, number {number}\r\n").encode()


class OwnModel(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        workspace = Workspace("own-model")
        cls.folder = workspace.__enter__()
        cls.addClassCleanup(workspace.__exit__)
        cls.model = cls.folder / "ours.model"
        cls.version = cls.learn()
        cls.stage = Stage(cls.folder, judge={"model": str(cls.model)})
        cls.stage.__enter__()
        cls.addClassCleanup(cls.stage.__exit__)

    @classmethod
    def learn(cls):
        mail = cls.folder / "sorted"
        mail.mkdir()
        lines = ["path\tlabel"]
        for number in range(120):
            label = list(SAYS)[number % 3]
            (mail / f"{number}.eml").write_bytes(letter(SAYS[label], number))
            lines.append(f"{number}.eml\t{label}")
        (cls.folder / "labels.tsv").write_text("\n".join(lines) + "\n")
        done = subprocess.run([BIN / "clawback", "learn", "--json", "--labels", cls.folder / "labels.tsv", "--out", cls.model, mail],
                              capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        last = json.loads(done.stdout.splitlines()[-1])
        assert last["event"] == "written", last
        return last["version"]

    def story_of(self, report):
        with SidecarClient(self.stage.relay.sidecar_socket) as sidecar:
            known = next(iter(sidecar.ask("trace.search", limit=1)["rows"]), {"id": 0})["id"]
            sent = send_report(self.stage.postfix.port, report, [self.stage.service_address("contoso")],
                               self.stage.certificates.ca, self.stage.certificates.client)
            self.assertTrue(sent.taken, sent)
            newest = lambda: next(iter(sidecar.ask("trace.search", limit=1)["rows"]), {"id": 0})
            until(lambda: newest()["id"] > known, 30, "the report in the trace")
            return sidecar.story(newest())

    def command(self, *arguments):
        return self.stage.command(*map(str, arguments))

    def test_1_it_is_asked_recorded_and_asked_again(self):
        for label, opinion in (("spam", True), ("ham", False)):
            report = self.folder / f"{label}.eml"
            report.write_bytes(wrap_bytes(letter(SAYS[label], 777)))
            judged = (story := self.story_of(report.read_bytes()))["record"]["judgement"]
            self.assertEqual(judged["model"], self.version)
            reasons = [each["reason"] for each in judged["verdict"]["findings"]]
            self.assertEqual("model-spam" in reasons, opinion, reasons)
            done = self.command("explain", "--json", "--config", self.stage.relay.config, story["row"]["id"],
                                "--against", report, "--tenant-file", self.stage.relay.tenants / "contoso.yaml")
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            explained = json.loads(done.stdout)
            self.assertEqual((explained["replay"]["same"], explained["replay"]["inputs"]), (True, []), explained["replay"])
            self.assertEqual(explained["versions"]["model"], self.version)

    def test_2_what_is_no_model_is_refused(self):
        self.assertEqual(self.command("check", self.stage.relay.config).returncode, 0)
        good = self.model.read_bytes()
        self.addCleanup(self.stage.relay.milter.start)
        self.addCleanup(self.model.write_bytes, good)
        self.stage.relay.milter.stop()
        for bad in (b"", b"no model", good[:-1]):
            self.model.write_bytes(bad)
            done = self.command("check", self.stage.relay.config)
            self.assertEqual(done.returncode, 1, bad[:10])
            self.assertIn(str(self.model), done.stdout)
            self.assertIn("judge.model", done.stdout)
            with self.assertRaises(Exception):
                self.stage.relay.milter.start(seconds=5)
            self.assertIn("event=model-refused", self.stage.relay.milter.log())

    def test_3_a_signal_leaves_the_model_as_it_was_or_as_it_will_be(self):
        for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            out = self.folder / f"{ending.name}.model"
            learning = subprocess.Popen(
                [BIN / "clawback", "learn", "--alone", "--labels", self.folder / "labels.tsv", "--out", out, self.folder / "sorted"],
                env={**os.environ, "CLAWBACK_FAULT": "command.before-rename=wait:1000"}, stdout=subprocess.DEVNULL)
            fresh = self.folder / f"{out.name}.new"
            until(fresh.exists, 60, "the model while it is written")
            learning.send_signal(ending)
            self.assertEqual(learning.wait(30), -ending)
            self.assertEqual((fresh.exists(), out.exists()), (False, True), ending)


if __name__ == "__main__":
    unittest.main(verbosity=2)
