# SPDX-License-Identifier: Apache-2.0
"""tests/system/node/gate.cjs: stands between a Graph client and the practice tenant, and holds each call against
Graph's OpenAPI."""
import contextlib
import json
import urllib.request

from . import SOURCE
from .node import NodeDaemon, packages

SPECIFICATION = SOURCE / "tests/data/graph/openapi-mail-subset.yaml"


class Gate:
    def __init__(self, folder, certificates):
        settings = {"specification": str(SPECIFICATION), "certificate": str(certificates.server),
                    "folder": str(folder), "prism": str(packages() / "@stoplight/prism-cli/dist/index.js")}
        self.daemon = NodeDaemon("gate.cjs", settings, folder / "gate.log", certificates.ca)
        opened = self.daemon.start()
        self.url = opened["url"]
        self._control = opened["control"]

    def lead_to(self, upstream):
        self._ask("POST", "/upstream", {"url": upstream})

    def calls(self):
        """Each call: method, target, status, operation, parts, faults, violations (Prism's)."""
        return self._ask("GET", "/calls")

    @contextlib.contextmanager
    def spoiling(self, path, field, value):
        """Meanwhile every field of that name is value, in the answers to targets that hold path."""
        self._ask("POST", "/spoil", {"path": path, "field": field, "value": value})
        try:
            yield
        finally:
            self._ask("DELETE", "/spoil")

    def stop(self):
        self.daemon.stop()

    def _ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._control + path, data=data, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())
