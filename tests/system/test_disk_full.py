# SPDX-License-Identifier: Apache-2.0
"""The segments' disk is full: 451, and the same report is accepted once there is space, without a restart."""
import os
import unittest

from harness import Workspace
from harness.mail import Generator
from harness.report import wrap
from harness.small_disk import small_disk
from harness.smtp import send_report
from harness.stage import NDR, Stage
from harness.wait import until


class DiskFull(unittest.TestCase):
    def setUp(self):
        workspace = Workspace()
        self.folder = workspace.__enter__()
        self.addCleanup(workspace.__exit__)
        self.disk = small_disk(self, self.folder, "2m")
        self.stage = Stage(self.folder, milter={"segments": str(self.disk / "segments")})
        self.stage.__enter__()
        self.addCleanup(self.stage.__exit__)
        self.generator = Generator(seed=5)

    def _send(self, report):
        tls = self.stage.certificates
        return send_report(self.stage.postfix.port, report, [self.stage.service_address("contoso")], tls.ca, tls.client,
                           NDR)

    def _fill(self):
        with open(self.disk / "ballast", "ab", buffering=0) as ballast:
            for size in (65536, 4096):
                try:
                    while True:
                        ballast.write(bytes(size))
                except OSError:
                    pass
        self.assertLess(os.statvfs(self.disk).f_bavail, 2)

    def test_a_full_disk_is_451_and_space_mends_it(self):
        self.assertTrue(self._send(wrap(self.generator.plain_note())).taken)
        self._fill()
        # What SQLite still had room for in its files may take a few reports.
        refused = None
        for _ in range(2000):
            refused = wrap(self.generator.plain_note())
            reply = self._send(refused)
            if not reply.taken:
                break
        self.assertEqual(reply.code, 451, reply)
        self.assertTrue(self.stage.relay.milter.running())
        self.assertEqual(self._send(refused).code, 451)
        (self.disk / "ballast").unlink()
        until(lambda: self._send(refused).taken, 20, "the refused report to be accepted")
        message_id = refused.split(b"Message-Id: ")[1].split(b"\r\n")[0].decode()
        until(lambda: len(self.stage.trace("--message-id", message_id)) == 1, 20, "its row in the trace")


if __name__ == "__main__":
    unittest.main(verbosity=2)
