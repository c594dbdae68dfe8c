# SPDX-License-Identifier: Apache-2.0
"""The sidecar's socket (docs/api.md) on one connection, for tests that ask for more than the command should be started for."""
import json
import socket


class SidecarClient:
    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(60)
        self._socket.connect(str(path))
        self._lines = self._socket.makefile("rb")

    def ask(self, operation, **arguments):
        """The result; RuntimeError where the sidecar answers with an error."""
        request = {"version": 1, "operation": operation, "arguments": arguments}
        self._socket.sendall(json.dumps(request).encode() + b"\n")
        answer = json.loads(self._lines.readline())
        if "error" in answer:
            raise RuntimeError(f"{operation}: {answer['error']}")
        return answer["result"]

    def rows(self, **restrictions):
        """Every row of the trace that fits, newest first."""
        last = {}
        while True:
            rows = self.ask("trace.search", limit=1000, **restrictions, **last)["rows"]
            yield from rows
            if len(rows) < 1000:
                return
            last = {"before": rows[-1]["id"]}

    def story(self, row):
        return self.ask("trace.story", id=row["id"])

    def close(self):
        self._lines.close()
        self._socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()
