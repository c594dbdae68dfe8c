-- SPDX-License-Identifier: Apache-2.0
-- A report of a tenant with an archive: accepted, marked, rid of what came in under our
-- names; and nothing of the kind for another tenant in the same session.
connection = open()
must(mt.negotiate(connection, nil, nil, nil), "negotiate")
for name, action in pairs({ADDHDRS = SMFIF_ADDHDRS, CHGHDRS = SMFIF_CHGHDRS}) do
  if not mt.test_action(connection, action) then error("not asked for: " .. name) end
end
for name, action in pairs({CHGBODY = SMFIF_CHGBODY, ADDRCPT = SMFIF_ADDRCPT,
                           DELRCPT = SMFIF_DELRCPT, QUARANTINE = SMFIF_QUARANTINE}) do
  if mt.test_action(connection, action) then error("must not ask for: " .. name) end
end
greet_on(connection)

mail(connection, WOODGROVE)
expect(connection, SMFIR_CONTINUE, "rcpt")
must(mt.header(connection, "X-Clawback-Disposition", " NONE"), "header")
must(mt.header(connection, "x-clawback-disposition", " BULK"), "header")
must(mt.header(connection, "X-CLAWBACK-FINDINGS", " none"), "header")
content(connection, "archive-1")
finish(connection)
expect(connection, SMFIR_ACCEPT, "end of message")
for _, name in ipairs({"X-Clawback-Disposition", "X-Clawback-Findings"}) do
  if not mt.eom_check(connection, MT_HDRINSERT, name) then error("not put in: " .. name) end
end
for _, name in ipairs({"x-clawback-disposition", "x-clawback-findings"}) do
  if not mt.eom_check(connection, MT_HDRDELETE, name) then error("not taken out: " .. name) end
end
if mt.eom_check(connection, MT_HDRDELETE, "Subject") then error("took the subject out") end

-- miltertest keeps what it saw at an end for the whole connection, so another one.
mt.disconnect(connection)
connection = greet()
take(connection, "archive-2")
if mt.eom_check(connection, MT_HDRINSERT, "X-Clawback-Disposition") then
  error("marked what ends here")
end
mt.disconnect(connection)
