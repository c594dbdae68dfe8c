# SPDX-License-Identifier: Apache-2.0
"""Whether $batch would help: the same searches in as many mailboxes, one request each and twenty in a batch, with equally
many requests in Graph's hands at once (it works on four parts of a batch at a time). docs/decisions says what came of it."""
import argparse
import concurrent.futures
import http.client
import json
import pathlib
import ssl
import sys
import threading
import time
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "system")]

from figure import figure  # noqa: E402
from harness import Workspace  # noqa: E402
from harness.crowd import DOMAIN, person  # noqa: E402
from harness.certificates import Certificates  # noqa: E402
from harness.daemons import CONTOSO, Clawback  # noqa: E402
from harness.stage import CLIENT_ID, SECRET  # noqa: E402

AT_ONCE = 16
PARTS, PARTS_AT_ONCE = 20, 4
SEARCH = urllib.parse.quote("internetMessageId eq '<none@partner.example>'")


class Client:
    """One connection a thread."""

    def __init__(self, urls, authority):
        self._context = ssl.create_default_context(cafile=str(authority))
        self._hosts = {name: urllib.parse.urlsplit(urls[name]).netloc for name in ("login_url", "graph_url")}
        self._mine = threading.local()
        form = urllib.parse.urlencode({"grant_type": "client_credentials", "client_id": CLIENT_ID,
                                       "client_secret": SECRET, "scope": "https://graph.microsoft.com/.default"})
        path = f"/{CONTOSO['tenant_id']}/oauth2/v2.0/token"
        answer = self._send("login_url", "POST", path, form, {"Content-Type": "application/x-www-form-urlencoded"})
        self._bearer = {"Authorization": "Bearer " + json.loads(answer)["access_token"]}

    def _send(self, host, method, path, body, headers):
        kept = self._mine.__dict__
        if host not in kept:
            kept[host] = http.client.HTTPSConnection(self._hosts[host], context=self._context)
        kept[host].request(method, path, body, headers)
        answer = kept[host].getresponse()
        content = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {content[:200]}")
        return content

    def search(self, user):
        self._send("graph_url", "GET", f"/v1.0/users/{user}/messages?$filter={SEARCH}&$select=id", None, self._bearer)

    def search_together(self, users):
        parts = [{"id": user, "method": "GET", "url": f"/users/{user}/messages?$filter={SEARCH}&$select=id"}
                 for user in users]
        answer = self._send("graph_url", "POST", "/v1.0/$batch", json.dumps({"requests": parts}),
                            {**self._bearer, "Content-Type": "application/json"})
        refused = [each for each in json.loads(answer)["responses"] if each["status"] != 200]
        if refused:
            raise RuntimeError(f"refused in a batch: {refused[:2]}")


def seconds(workers, work, items):
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        list(pool.map(work, items))
    return time.monotonic() - began


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--searches", type=int, default=1600, help="in as many mailboxes (default 1600)")
    count = options.parse_args().searches // PARTS * PARTS
    with Workspace("batch") as folder, Clawback(folder) as relay:
        certificates = Certificates(folder / "tls")
        urls = relay.start_practice({
            "certificate": str(certificates.server), "settings": {"latency": "80ms"},
            "tenants": [{"name": "contoso", "id": CONTOSO["tenant_id"], "domains": CONTOSO["domains"],
                         "apps": [{"client_id": CLIENT_ID, "secrets": [SECRET]}],
                         "crowd": {"count": count, "domain": DOMAIN}}]})
        client = Client(urls, certificates.ca)
        users = [person(number) for number in range(count)]
        alone = seconds(AT_ONCE, client.search, users)
        together = seconds(AT_ONCE // PARTS_AT_ONCE, client.search_together,
                           [users[at:at + PARTS] for at in range(0, count, PARTS)])
    figure("searches-alone", count / alone, "1/s")
    figure("searches-in-batches", count / together, "1/s", against=count / alone, ratio=alone / together)


if __name__ == "__main__":
    main()
