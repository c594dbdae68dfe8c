# SPDX-License-Identifier: Apache-2.0
"""Reads the milter's segments as the sidecar does: while they are being written."""

import json
import sqlite3


def decisions(folder):
    """Every decision record of all segments, in order, as dictionaries."""
    records = []
    for path in sorted(folder.glob("decisions-*.db")):
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as segment:
            rows = segment.execute("SELECT record FROM decision ORDER BY sequence").fetchall()
        segment.close()
        records += [json.loads(record) for (record,) in rows]
    return records
