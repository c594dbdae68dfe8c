# SPDX-License-Identifier: Apache-2.0
"""A wall clock of daemons that a test sets."""
import pathlib
import subprocess

SOURCE = pathlib.Path(__file__).with_name("set_clock.c")


class SetClock:
    """environment is for the daemons whose clock it is; set(hours) puts it ahead of the machine's by so many."""

    def __init__(self, folder):
        library = folder / "set_clock.so"
        subprocess.run(["gcc-12", "-shared", "-fPIC", "-O1", "-o", library, SOURCE, "-ldl"], check=True)
        self._file = folder / "set_clock"
        self._file.write_text("0".rjust(31) + "\0")
        self.environment = {"LD_PRELOAD": str(library), "CLAWBACK_SET_CLOCK": str(self._file)}

    def set(self, hours):
        with open(self._file, "r+b", buffering=0) as file:
            file.write(str(int(hours * 3_600_000)).rjust(31).encode())
