# SPDX-License-Identifier: Apache-2.0
"""Reads the practice tenant's log of requests for who did not wait as told."""
import email.utils

# How long a client waits that was throttled without being told for how long.
UNSAID_MS = 3000
# Answers to what was on its way when the refusal went out.
ON_THE_WAY_MS = 100


def pause_of(request):
    """Until when (ms) nothing may be asked for, by the answer to this request; None: it asks for no pause."""
    said = request["retryAfter"]
    if request["status"] < 400 or not (said or request["status"] == 429):
        return None
    if not said:
        return request["timeMs"] + UNSAID_MS
    try:
        return request["timeMs"] + float(said) * 1000
    except ValueError:
        return email.utils.parsedate_to_datetime(said).timestamp() * 1000


def broken_pauses(requests):
    """[(refusal, request)] of every request that came while its mailbox, or with a throttleScope of the tenant every
    mailbox, was to be left alone. Requests are those of one tenant, as GET /requests gives them."""
    graph = [request for request in requests if request["host"] == "graph"]
    broken = []
    for at, refusal in enumerate(graph):
        until = pause_of(refusal)
        if until is None:
            continue
        everybody = refusal["throttleScope"].startswith("Tenant")
        broken += [(refusal, later) for later in graph[at + 1:]
                   if (everybody or later["userId"] == refusal["userId"])
                   and refusal["timeMs"] + ON_THE_WAY_MS < later["timeMs"] < until]
    return broken
