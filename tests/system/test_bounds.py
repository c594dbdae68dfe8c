# SPDX-License-Identifier: Apache-2.0
# seconds: 20
"""Reports that are built to be too much: each is settled in the time and memory that there is, and what is bad behind the
bulk never passes for clean because something ran out."""
import base64
import pathlib
import re
import time
import unittest

from harness import Workspace
from harness.daemons import Clawback
from harness.mail import EICAR
from harness.milter_client import DISCARD, MilterClient
from harness.segments import decisions
from harness.written import WrittenReport, having

ADDRESS = "<jrn-7f3c1a52@relay.clawback.example>"
ANSWER_WITHIN = 20  # seconds, whatever comes
TRIES = 3           # of a report that costs its judge: then it is parked
MIB = 1 << 20
# Of the milter beside the bytes of reports: 100,000 recipients are values in it, and a record.
MILTER_MEMORY = 256 * MIB
BAD = f"Content-Disposition: attachment; filename=a.com\r\n\r\n{EICAR}\r\n"


def multipart(*parts, boundary="inside"):
    body = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts)
    return f"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary={boundary}\r\n\r\n{body}--{boundary}--\r\n"


def nested(depth):
    opened = "".join(f"Content-Type: multipart/mixed; boundary=b{i}\r\n\r\n--b{i}\r\n" for i in range(depth))
    return "MIME-Version: 1.0\r\n" + opened + BAD


def messages(depth):
    return "MIME-Version: 1.0\r\n" + "Content-Type: message/rfc822\r\n\r\n" * depth + multipart(BAD)


def base64_of(size):
    line = "QUJD" * 19 + "\r\n"
    return "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n" + line * (size // len(line))


def headers(count):
    return "".join(f"X-Filler-{i}: {i}\r\n" for i in range(count)) + multipart(BAD)


BULKS = {
    "1,000 messages in one another": having(inner_body=messages(1000)),
    "100,000 messages in one another": having(inner_body=messages(100_000)),
    "1,000 multiparts in one another": having(inner_body=nested(1000)),
    "100,000 multiparts in one another": having(inner_body=nested(100_000)),
    "10,000 header fields": having(inner_body=headers(10_000)),
    "a million header fields": having(inner_body=headers(1_000_000)),
    "a field of 20 MiB": having(inner_body="X-Long: " + "x" * (20 * MIB) + "\r\n" + multipart(BAD)),
    "a million parts": having(inner_body=multipart("\r\n\r\n--inside\r\n" * 1_000_000, BAD)),
    "100 MiB of base64": having(inner_body=multipart(base64_of(100 * MIB), BAD)),
    "100 MiB of base64 on one line": having(inner_body=multipart(
        "Content-Transfer-Encoding: base64\r\n\r\n" + "QUJD" * (25 * MIB), BAD)),
    "a message of 40 MiB that is base64 itself": lambda report: _whole_in_base64(report, 30 * MIB),
    "50,000 recipients": having(recipients=[("Recipient", f"u{i:05}@contoso.example", None, None) for i in range(50_000)]),
    "a million recipients": having(recipients=[("Recipient", f"u{i}@contoso.example", None, None) for i in range(1_000_000)]),
    "a wrapper of 20 MiB": lambda report: report.outer.insert(0, ["X-Filler", " x" * (10 * MIB)]),
}


def _whole_in_base64(report, size):
    report.inner_body = multipart("\r\n" + "ordinary text\r\n" * (size // 15), BAD)
    report.inner_head += "Content-Transfer-Encoding: base64\r\n"
    report.inner_bytes = base64.encodebytes(report.message()).replace(b"\n", b"\r\n")


def memory_of(pid):
    """Bytes that the process holds, those of the report in its memfd not counted."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"RssAnon:\s*(\d+) kB", status).group(1)) * 1024


class Bounds(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        workspace = Workspace("bounds")
        cls.relay = Clawback(workspace.__enter__())
        cls.addClassCleanup(workspace.__exit__)
        cls.addClassCleanup(cls.relay.__exit__)
        cls.relay.write_tenant()
        cls.relay.publish_settings()
        cls.relay.milter.start()

    def settle(self, report):
        """The decision; each answer comes in time."""
        with MilterClient(self.relay.milter_socket) as client:
            for _ in range(TRIES):
                client.mail()
                client.recipient(ADDRESS)
                client.body(report)
                began = time.monotonic()
                kind, _ = client.end_of_message()
                self.assertLess(time.monotonic() - began, ANSWER_WITHIN)
                if kind == DISCARD:
                    break
        self.assertEqual(kind, DISCARD)
        return decisions(self.relay.segments)[-1]

    def test_bulk_costs_a_verdict_and_never_hides_what_is_bad(self):
        for name, change in BULKS.items():
            with self.subTest(name):
                report = WrittenReport()
                change(report)
                self.check(self.settle(report.bytes()))

    def check(self, record):
        self.assertIn(record["judgement"]["verdict"]["disposition"], ("MALICIOUS", "UNSCANNABLE"), record["judgement"]["verdict"])
        self.assertLess(memory_of(self.relay.milter.pid), MILTER_MEMORY)

    def test_a_verdict_of_clean_would_be_noticed(self):
        report = WrittenReport()
        report.inner_body = multipart("\r\nNothing bad.")
        record = self.settle(report.bytes())
        with self.assertRaises(AssertionError):
            self.check(record)


if __name__ == "__main__":
    unittest.main(verbosity=2)
