# SPDX-License-Identifier: Apache-2.0
"""A report that kills its judge, and one that never lets it finish: only that report is hurt. It is answered 451 twice
and parked the third time; the other sessions notice nothing."""
import threading
import unittest

from harness import Workspace
from harness.mail import Generator
from harness.report import header, wrap
from harness.smtp import send_report
from harness.stage import NDR, Stage

CRASH = "xCRASHx"
LOOP = "xLOOPx"


class Judges(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        workspace = Workspace()
        cls.stage = Stage(workspace.__enter__())
        cls.addClassCleanup(workspace.__exit__)
        cls.stage.__enter__()
        cls.addClassCleanup(cls.stage.__exit__)
        cls.stage.relay.milter.restart(fault=f"judge.crash-on={CRASH},judge.loop-on={LOOP}")
        cls.generator = Generator(seed=21)

    def _send(self, report):
        tls = self.stage.certificates
        return send_report(self.stage.postfix.port, report, [self.stage.service_address("contoso")], tls.ca, tls.client,
                           NDR)

    def _others_are_unharmed_while(self, act):
        """Runs act while three other sessions send good reports; answers what act answered."""
        stop, replies, generator = threading.Event(), [], Generator(seed=id(act) % 1000)
        lock = threading.Lock()

        def send_good():
            while not stop.is_set():
                with lock:
                    mail = generator.plain_note()
                replies.append(self._send(wrap(mail)).code)

        others = [threading.Thread(target=send_good) for _ in range(3)]
        for other in others:
            other.start()
        try:
            answer = act()
        finally:
            stop.set()
            for other in others:
                other.join()
        self.assertEqual(set(replies), {250})
        return answer

    def _strikes(self, text):
        mail = self.generator.plain_note()
        mail.message += text + "\r\n"
        report = wrap(mail)
        replies = self._others_are_unharmed_while(lambda: [self._send(report) for _ in range(3)])
        self.assertEqual([reply.code for reply in replies], [451, 451, 250], replies)
        # Nothing but the record is known of a report that no judge could read: it is found by what the relay saw.
        parked = [row for row in self.stage.trace("--limit", "1000") if row["handling"] == "parked"]
        return header(mail, "Message-ID"), parked

    def test_1_a_crash_costs_its_own_report_two_tries_and_parks_it(self):
        _, parked = self._strikes(CRASH)
        self.assertEqual(len(parked), 1)
        self.assertEqual(parked[0]["disposition"], "UNSCANNABLE")

    def test_2_an_endless_loop_costs_its_own_report_two_tries_and_parks_it(self):
        _, parked = self._strikes(LOOP)
        self.assertEqual(len(parked), 2)
        kept = list((self.stage.relay.segments / "parked").glob("*.eml"))
        self.assertEqual(len(kept), 2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
