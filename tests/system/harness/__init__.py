# SPDX-License-Identifier: Apache-2.0
"""What the system tests and the quickstart are built on: a private Postfix, the
daemons with their files in one fresh directory, and an SMTP client. Needs root
(Postfix starts its daemons as user postfix) and nothing but the standard library."""

import os
import pathlib
import shutil
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[3]
BIN = pathlib.Path(os.environ.get("CLAWBACK_BIN", SOURCE / "build/release/bin"))


class Workspace:
    """A fresh directory that Postfix's user may walk through; gone afterwards, unless
    CLAWBACK_KEEP is set, which keeps it for looking at what went wrong."""

    def __init__(self, name="clawback"):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix=f"{name}-", dir="/tmp"))
        self.path.chmod(0o755)

    def __enter__(self):
        return self.path

    def __exit__(self, *unused):
        if os.environ.get("CLAWBACK_KEEP"):
            print(f"kept: {self.path}")
        else:
            shutil.rmtree(self.path, ignore_errors=True)
