#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# ctest: unit
# seconds: 10
"""Mail of today: wanted mail is left alone, most bad mail is caught. No detector and no model was made by what is in
tests/data/modern.tar.xz; modern-look.tar.xz may be looked at while something is mended. Prints how many of each kind."""
import collections
import csv
import pathlib
import subprocess
import tarfile
import tempfile
import unittest

from harness import BIN, SOURCE

BAD = ("MALICIOUS", "SUSPICIOUS", "SPOOF", "SPAM")


def judged(name, folder):
    """Dispositions by label."""
    with tarfile.open(SOURCE / f"tests/data/{name}.tar.xz") as packed:
        packed.extractall(folder)
    with open(folder / name / "labels.tsv", encoding="utf-8") as labels:
        label = {str(folder / name / row["path"]): row["label"] for row in csv.DictReader(labels, delimiter="\t", quoting=csv.QUOTE_NONE)}
    told = subprocess.run([BIN / "clawback", "classify", "--batch"], input="".join(path + "\n" for path in label),
                          capture_output=True, text=True, check=True)
    found = collections.defaultdict(collections.Counter)
    for line in told.stdout.splitlines():
        path, disposition, _ = line.split("\t")
        found[label[path]][disposition] += 1
    return found


def share(found, labels, dispositions):
    all_of = sum((found[label] for label in labels), collections.Counter())
    return sum(all_of[disposition] for disposition in dispositions) / all_of.total()


class ModernMail(unittest.TestCase):
    def judge(self, name, messages, caught):
        with tempfile.TemporaryDirectory() as folder:
            found = judged(name, pathlib.Path(folder))
        for label, dispositions in sorted(found.items()):
            print(name, label, dict(sorted(dispositions.items())))
        wanted, bad = ("ham", "bulk"), ("spam", "phish")
        self.assertEqual(sum(counts.total() for counts in found.values()), messages)
        self.assertLessEqual(share(found, wanted, BAD), 0.03)
        self.assertEqual(share(found, wanted, ["MALICIOUS"]), 0)
        self.assertLessEqual(share(found, wanted, ["UNSCANNABLE"]), 0.005)
        self.assertGreaterEqual(share(found, bad, BAD), caught)

    def test_mail_that_nobody_has_looked_at(self):
        self.judge("modern", 346, caught=0.5)

    def test_mail_that_may_be_looked_at(self):
        self.judge("modern-look", 1074, caught=0.4)


if __name__ == "__main__":
    unittest.main()
