# SPDX-License-Identifier: Apache-2.0
"""A stage whose first tenant has a crowd of people, for campaigns: one message to thousands of mailboxes."""
import time

from .stage import Stage

DOMAIN = "contoso.example"
OF_A_REPORT = 2000


def person(number):
    return f"person{number:05}@{DOMAIN}"


class CrowdStage(Stage):
    def __init__(self, folder, people, **settings):
        self.people = people
        super().__init__(folder, **settings)

    def _more_settings(self):
        # Nothing but bad mail comes here: the brake would hold it, and is tested elsewhere.
        return {"breaker": {"count": 0, "share": 100}}

    def _practice_config(self):
        config = super()._practice_config()
        contoso = next(tenant for tenant in config["tenants"] if tenant["name"] == "contoso")
        contoso["crowd"] = {"count": self.people, "domain": DOMAIN}
        return config

    def send_to(self, mail, numbers, **how):
        """Delivers mail to these people and journals it; the answer of deliver-and-journal."""
        mail.recipients = [person(number) for number in numbers]
        answer = self.send(mail, **how)
        if answer["smtpCode"] != 250:
            raise RuntimeError(f"the report was not taken: {answer}")
        return answer

    def send_in_parts(self, mail, people, **how):
        """As Exchange forks a message to many, a report for each part: headers that name ten thousand people are over
        the limit of a header block, and such a message is UNSCANNABLE."""
        for first in range(0, people, OF_A_REPORT):
            self.send_to(mail, range(first, min(people, first + OF_A_REPORT)), **how)

    def counters(self):
        return self.ask("/summary")["counters"]

    def messages(self):
        """{Message-ID: {folder: copies}} of the crowd's tenant."""
        return next(each for each in self.ask("/summary")["tenants"] if each["name"] == "contoso")["messages"]

    def wait_until_final(self, retractions, seconds, every=0.5, tell=None):
        """Waits until so many retractions have ended or are held; answers when that was (time.monotonic)."""
        deadline = time.monotonic() + seconds
        while True:
            counts = self.status()["counts"]
            now = time.monotonic()
            if counts["final"] + counts["held"] >= retractions:
                return now
            if tell:
                tell(counts)
            if now > deadline:
                raise TimeoutError(f"{counts} after {seconds} s, expected {retractions} to end")
            time.sleep(every)
