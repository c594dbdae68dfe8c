# SPDX-License-Identifier: Apache-2.0
"""The JavaScript of tests/system/node with the packages of its lockfile, installed once below build/."""
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import unittest

from . import SOURCE
from .daemons import Daemon

SCRIPTS = SOURCE / "tests/system/node"


def packages():
    """The folder node_modules, installed with `npm ci` where it is not there yet. Where it cannot be had, the test is
    skipped; in continuous integration (CI is set) it fails."""
    lock = (SCRIPTS / "package-lock.json").read_bytes()
    folder = SOURCE / "build/node" / hashlib.sha256(lock).hexdigest()[:16]
    if not (folder / "node_modules").exists():
        try:
            _install(folder)
        except (OSError, subprocess.SubprocessError) as error:
            said = getattr(error, "stderr", None) or ""
            if os.environ.get("CI"):
                raise RuntimeError(f"npm ci: {error}\n{said}") from error
            print(f"SKIPPED: the packages of {SCRIPTS} cannot be installed: {error}\n{said}", flush=True)
            raise unittest.SkipTest("no npm packages") from error
    return folder / "node_modules"


def _install(folder):
    making = folder.with_suffix(f".{os.getpid()}")
    making.mkdir(parents=True)
    try:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(SCRIPTS / name, making)
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=making, check=True,
                       capture_output=True, text=True, timeout=600, stdin=subprocess.DEVNULL)
        making.rename(folder)
    except OSError:
        if not (folder / "node_modules").exists():  # else another run was faster
            raise
    finally:
        shutil.rmtree(making, ignore_errors=True)


def environment(authority):
    return {**os.environ, "NODE_PATH": str(packages()), "NODE_EXTRA_CA_CERTS": str(authority)}


def run(script, *arguments, authority, seconds=120):
    """The last line that the script prints, as JSON; RuntimeError with what it said if it fails."""
    done = subprocess.run(["node", SCRIPTS / script, *arguments], env=environment(authority), capture_output=True,
                          text=True, timeout=seconds, stdin=subprocess.DEVNULL, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{script} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


class NodeDaemon(Daemon):
    """A script that runs till SIGTERM and prints one line of JSON when it is ready."""

    def __init__(self, script, settings, log_file, authority):
        super().__init__(pathlib.Path(script).stem, [], log_file, lambda log, out: out.count("\n") >= 1,
                         environment(authority))
        self._command = ["node", str(SCRIPTS / script), json.dumps(settings)]

    def start(self, fault=None, seconds=90):
        super().start(fault, seconds)
        return json.loads(self.out().splitlines()[0])
