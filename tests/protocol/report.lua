-- SPDX-License-Identifier: Apache-2.0
-- Reports one after the other on one connection, and a repeat.
connection = greet()
take(connection, "report-1")
must(mt.abort(connection), "abort after the end")  -- as Postfix does after every message
take(connection, "report-2")
take(connection, "report-1")
mt.disconnect(connection)
