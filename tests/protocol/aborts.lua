-- SPDX-License-Identifier: Apache-2.0
-- An abort after each step, and after each a whole report on the same connection; then
-- connections that break off after each step.
steps = {
  function(c) must(mt.mailfrom(c, "<>"), "mail") end,
  function(c) must(mt.rcptto(c, CONTOSO), "rcpt") end,
  function(c) must(mt.header(c, "Subject", " half"), "header") end,
  function(c) must(mt.eoh(c), "eoh") end,
  function(c) must(mt.bodystring(c, "half"), "body") end,
}
connection = greet()
for last = 1, #steps do
  for step = 1, last do steps[step](connection) end
  must(mt.abort(connection), "abort")
  take(connection, "abort-" .. last)
end
mt.disconnect(connection)

for last = 0, #steps do
  connection = greet()
  for step = 1, last do steps[step](connection) end
  mt.disconnect(connection, false)
end

-- Connections that never say who they are: probes, and our own kicks.
for i = 1, 20 do mt.disconnect(open(), false) end
connection = open()
must(mt.negotiate(connection, nil, nil, nil), "negotiate")
mt.disconnect(connection)

connection = greet()
take(connection, "abort-last")
mt.disconnect(connection)
