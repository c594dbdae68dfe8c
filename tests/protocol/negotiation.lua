-- SPDX-License-Identifier: Apache-2.0
-- Only the steps that are needed, and answers only where they can differ.
connection = open()
must(mt.negotiate(connection, nil, nil, nil), "negotiate")
for name, step in pairs({HDR_LEADSPC = SMFIP_HDR_LEADSPC, NODATA = SMFIP_NODATA,
                         NOUNKNOWN = SMFIP_NOUNKNOWN, NR_CONN = SMFIP_NR_CONN,
                         NR_HELO = SMFIP_NR_HELO, NR_HDR = SMFIP_NR_HDR, NR_EOH = SMFIP_NR_EOH,
                         NR_BODY = SMFIP_NR_BODY}) do
  if not mt.test_option(connection, step) then error("not asked for: " .. name) end
end
for name, step in pairs({NOCONNECT = SMFIP_NOCONNECT, NOHELO = SMFIP_NOHELO,
                         NOMAIL = SMFIP_NOMAIL, NORCPT = SMFIP_NORCPT, NOHDRS = SMFIP_NOHDRS,
                         NOEOH = SMFIP_NOEOH, NOBODY = SMFIP_NOBODY, NR_MAIL = SMFIP_NR_MAIL,
                         NR_RCPT = SMFIP_NR_RCPT}) do
  if mt.test_option(connection, step) then error("must not ask for: " .. name) end
end
for name, action in pairs({ADDHDRS = SMFIF_ADDHDRS, CHGHDRS = SMFIF_CHGHDRS, CHGBODY = SMFIF_CHGBODY,
                           ADDRCPT = SMFIF_ADDRCPT, DELRCPT = SMFIF_DELRCPT}) do
  if mt.test_action(connection, action) then error("must not ask to change mail: " .. name) end
end
mt.disconnect(connection)

-- A mail server that would trim header values is refused: the report's bytes could
-- not be put together again.
connection = open()
if mt.negotiate(connection, nil, nil, 0x7f) == nil then
  error("took a mail server without SMFIP_HDR_LEADSPC")
end
