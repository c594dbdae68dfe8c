# SPDX-License-Identifier: Apache-2.0
"""What miltertest cannot say, on the milter's socket directly."""

import hashlib
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "system"))

from harness import Workspace  # noqa: E402
from harness.daemons import Clawback  # noqa: E402
from harness.milter_client import DISCARD, REPLY, MilterClient  # noqa: E402
from harness.segments import decisions  # noqa: E402

ADDRESS = "<jrn-7f3c1a52@relay.clawback.example>"


class Raw(unittest.TestCase):
    def setUp(self):
        workspace = Workspace("raw")
        folder = workspace.__enter__()
        self.addCleanup(workspace.__exit__)
        self.relay = Clawback(folder, milter={"max_report_size": "1MiB", "max_in_flight": "2MiB"})
        self.addCleanup(self.relay.__exit__)
        self.relay.write_tenant()
        self.relay.milter.start()

    def client(self):
        client = MilterClient(self.relay.milter_socket)
        self.addCleanup(client.close)
        return client

    def test_nuls_in_the_body_arrive(self):
        body = b"before\0after\r\n" + b"\0" * 70000
        self.assertEqual(self.client().send(ADDRESS, [(b"Subject", b" nul")], body)[0], DISCARD)
        expected = hashlib.sha256(b"Subject: nul\r\n\r\n" + body).hexdigest()
        self.assertEqual([each["report_digest"] for each in decisions(self.relay.segments)],
                         [expected])

    def test_a_nul_in_a_header_ends_it_and_hurts_nothing(self):
        client = self.client()
        self.assertEqual(client.send(ADDRESS, [(b"Subject", b" be\0fore")], b"x\r\n")[0], DISCARD)
        client.abort()
        self.assertEqual(client.send(ADDRESS, [(b"Subject", b" next")], b"x\r\n")[0], DISCARD)

    def test_a_report_over_the_limit_is_deferred_and_the_session_goes_on(self):
        client = self.client()
        kind, text = client.send(ADDRESS, [(b"Subject", b" large")], b"x" * (1 << 20))
        self.assertEqual((kind, text[:9]), (REPLY, b"451 4.3.4"))
        client.abort()
        self.assertEqual(client.send(ADDRESS, [(b"Subject", b" small")], b"x")[0], DISCARD)

    def test_content_before_its_time_becomes_part_of_nothing(self):
        client = self.client()
        client.header(b"Subject", b" too early")
        client.end_of_headers()
        client.body(b"too early")
        self.assertEqual(client.send(ADDRESS, [(b"Subject", b" in time")], b"x")[0], DISCARD)
        self.assertEqual([each["report_bytes"] for each in decisions(self.relay.segments)],
                         [len(b"Subject: in time\r\n\r\nx")])


if __name__ == "__main__":
    unittest.main()
