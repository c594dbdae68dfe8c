#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# ctest: unit
# seconds: 10
"""policy/model/made.examples is what judges of this build see of the made-up mail, as packaging/model/made-examples writes it."""
import filecmp
import os
import pathlib
import subprocess
import tempfile
import unittest

from harness import BIN, SOURCE


class MadeExamples(unittest.TestCase):
    def test_the_file_is_of_this_build(self):
        with tempfile.TemporaryDirectory() as folder:
            again = pathlib.Path(folder) / "made.examples"
            subprocess.run([SOURCE / "packaging/model/made-examples", again], check=True, stdout=subprocess.DEVNULL,
                           env={**os.environ, "CLAWBACK": str(BIN / "clawback")})
            self.assertTrue(filecmp.cmp(again, SOURCE / "policy/model/made.examples", shallow=False),
                            "detectors or the made-up mail have changed: run packaging/model/made-examples, then build again")


if __name__ == "__main__":
    unittest.main()
