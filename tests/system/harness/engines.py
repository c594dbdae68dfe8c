# SPDX-License-Identifier: Apache-2.0
"""clamd and rspamd beside a relay, and what stands in for a clamd that does anything but answer."""
import os
import shutil
import signal
import socket
import subprocess
import threading

from . import SOURCE
from .wait import until


def installed(engine):
    return shutil.which(engine, path=os.environ["PATH"] + ":/usr/sbin:/usr/bin") is not None


def family(pid):
    """A process and its descendants, whatever groups they are in."""
    children = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False).stdout.split()
    return [pid] + [each for child in children for each in family(int(child))]


class EngineProgram:
    """clamd or rspamd itself, with its files below folder: tests/support/start_engine."""

    def __init__(self, engine, folder, way=""):
        self.folder = folder
        self.socket = folder / "socket"
        self.log_file = folder.with_suffix(".log")
        self._command = [SOURCE / "tests/support/start_engine", engine, folder, *([way] if way else [])]
        self._process = None

    def start(self, seconds=120):
        self.socket.unlink(missing_ok=True)
        with open(self.log_file, "ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                             start_new_session=True)
        until(self._listens, seconds, f"{self._command[1]} to listen")
        return self

    def _listens(self):
        if self._process.poll() is not None:
            raise RuntimeError(f"{self._command[1]} ended ({self._process.returncode}):\n{self.log_file.read_text()}")
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self.socket)) == 0

    def signal(self, number):
        """To all its processes."""
        os.killpg(self._process.pid, number)

    @property
    def pid(self):
        return self._process.pid

    def stop(self):
        if self._process and self._process.poll() is None:
            self.signal(signal.SIGCONT)
            self.signal(signal.SIGKILL)
            self._process.wait(10)


class StandIn:
    """A server at path that gives each connection to serve(connection), until stopped."""

    def __init__(self, path, serve):
        self.path = path
        path.unlink(missing_ok=True)
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(path))
        self._listening.listen(64)
        self._stopping = threading.Event()
        self._serve = serve
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def _accept(self):
        self._listening.settimeout(0.1)
        while not self._stopping.is_set():
            try:
                connection, _ = self._listening.accept()
            except TimeoutError:
                continue
            thread = threading.Thread(target=self._run, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _run(self, connection):
        with connection:
            connection.settimeout(0.1)
            try:
                self._serve(connection, self._stopping)
            except OSError:
                pass  # they have heard enough

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        self._listening.close()
        self.path.unlink(missing_ok=True)
