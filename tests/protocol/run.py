# SPDX-License-Identifier: Apache-2.0
"""usage: run.py SCRIPT.lua

Starts the built clawback-milter in a fresh folder, lets miltertest play the mail server
of SCRIPT against it, and looks at what it left: it must still run, stop cleanly, and
have logged no failed session."""

import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "system"))

from harness import Workspace  # noqa: E402
from harness.daemons import CONTOSO, Clawback  # noqa: E402

ADDRESS = "jrn-7f3c1a52@relay.clawback.example"
ALLOWED_FAILURE = "does not offer header values as they are"  # negotiation.lua asks for it


def tenants(relay, archive):
    relay.write_tenant(service_addresses=[
        {"address": ADDRESS, "region": "us"},
        {"address": ADDRESS.replace("@", "@eu1."), "region": "eu"}])
    relay.write_tenant(CONTOSO, name="fabrikam", domains=["fabrikam.example"],
                       tenant_id="11111111-2222-4333-8444-555555555555",
                       service_addresses=[{"address": "jrn-fabrikam@relay.clawback.example",
                                           "region": "us"}])
    if archive:  # what a session agrees on hangs on it
        relay.write_tenant(CONTOSO, name="woodgrove", domains=["woodgrove.example"], after_accepting="pass-on",
                           tenant_id="22222222-2222-4333-8444-555555555555",
                           service_addresses=[{"address": "jrn-woodgrove@relay.clawback.example",
                                               "region": "us"}])


def play(script, folder, socket):
    both = folder / "script.lua"
    both.write_text((HERE / "common.lua").read_text() + pathlib.Path(script).read_text())
    done = subprocess.run(["miltertest", "-v", "-D", f"socket={socket}", "-s", both], text=True,
                          capture_output=True, timeout=120, check=False)
    return done.returncode, done.stdout + done.stderr


def main(script):
    with Workspace("protocol") as folder, Clawback(folder) as relay:
        tenants(relay, pathlib.Path(script).name == "archive.lua")
        relay.milter.start()
        status, said = play(script, folder, relay.milter_socket)
        alive = relay.milter.running()
        stopped = relay.milter.stop()
        log = relay.milter.log()
        failures = [line for line in log.splitlines()
                    if "event=session-failed" in line and ALLOWED_FAILURE not in line]
        if status == 0 and alive and stopped == 0 and not failures:
            return 0
        print(f"{said}\nmiltertest: {status}, milter alive: {alive}, stopped: {stopped}\n{log}")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
