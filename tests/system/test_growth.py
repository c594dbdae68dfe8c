# SPDX-License-Identifier: Apache-2.0
# seconds: 25
"""Hostile mail of every kind costs the judge about as much as it is long, or is told as beyond a limit, and no judge is killed
over it. Small sizes and a wide margin here; tests/bench/hostile.py measures.

CLAWBACK_HOSTILE_SIZE: bytes of the smallest message of a kind (default 60000)."""
import os
import unittest

from harness import Workspace, growth
from harness.hostile import html

SIZE = int(os.environ.get("CLAWBACK_HOSTILE_SIZE", "60000"))
GENEROUS = 1.7    # other work on the machine makes a third of noise; the square would be 2
BEYOND = 60 << 20  # bytes that a judge may use beside the message's own size, as far as is seen from outside


class Growth(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.workspace = Workspace()
        cls.folder = cls.workspace.__enter__()
        cls.addClassCleanup(cls.workspace.__exit__)
        cls.idle = growth.idle(cls.folder)

    def _grown(self, kind):
        return growth.measured(kind, self.folder, [SIZE, 4 * SIZE], idle=self.idle.seconds)

    def test_every_kind_of_hostile_mail_costs_about_its_size(self):
        for kind in growth.KINDS:
            with self.subTest(kind=kind):
                alone = growth.measured(kind, self.folder, [4 * SIZE], idle=self.idle.seconds)
                if alone.net[0] < growth.NOISE and self._is_kept(alone):
                    continue  # so little that it cannot have grown by much
                seen = self._grown(kind)
                if not self._is_kept(seen):
                    seen = self._grown(kind)  # once more: a neighbour's work is no growth of ours
                self.assertTrue(self._is_kept(seen), f"{seen} {seen.why}")

    def _is_kept(self, seen):
        died = any("judge-died" in each.reasons for each in seen.costs)
        grown = seen.exponent is not None and seen.exponent > GENEROUS and not seen.limited
        return not died and not grown and seen.costs[-1].peak - self.idle.peak < BEYOND + 8 * seen.sizes[-1]

    def test_a_pdf_that_takes_all_memory_is_beyond_the_limits_and_costs_no_judge(self):
        seen = growth.measured("PDF: one dictionary", self.folder, [1_500_000], idle=self.idle.seconds)
        self.assertEqual(seen.costs[0].disposition, "UNSCANNABLE")
        self.assertIn("limit-pdf", seen.costs[0].reasons)

    def test_what_costs_more_than_its_size_is_seen(self):
        """The plant: a kind that is four times as large and 64 times as long."""
        growth.KINDS["planted"] = lambda size: html(b"<" * (125_000 * (size // SIZE) ** 3))
        self.addCleanup(growth.KINDS.pop, "planted")
        seen = self._grown("planted")
        self.assertGreater(seen.exponent, GENEROUS, seen)

    def test_a_judge_that_is_killed_is_seen(self):
        seen = growth.Growth("x", [1], [growth.Cost(1.0, 1, "UNSCANNABLE", ("judge-died",))], 0.0)
        self.assertEqual(seen.why, "a judge was killed")
        self.assertFalse(self._is_kept(growth.Growth("x", [1], [growth.Cost(0.0, 1, "UNSCANNABLE", ("judge-died",))], 0.0)))


if __name__ == "__main__":
    unittest.main(verbosity=2)
