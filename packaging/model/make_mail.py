#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write made-up mail for the shipped model: usage: make_mail.py OUT_DIR

The public corpora that may be fitted have almost no mail of today: hardly a newsletter, no receipt, no phish. This
writes some, wanted and not, out of sentences and shapes written for it (sentences.py); senders and hosts are made of
syllables, but for well-known names that phish borrow. Both kinds speak of the same things, so that a model learns from
how a message is built and what it asks for, and not that "order" or "payment" is bad. The same every time."""
import base64
import email.utils
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import answers  # noqa: E402
import feeds  # noqa: E402
import sentences as S  # noqa: E402
import services  # noqa: E402

FREE = ["gmail.com", "outlook.com", "hotmail.com", "yahoo.com", "web.de", "gmx.net", "orange.fr", "libero.it", "uol.com.br"]
SUFFIXES = [".com"] * 8 + [".net", ".org", ".io", ".co", ".de", ".fr", ".nl", ".it", ".es", ".com.br", ".co.uk", ".eu"]
CHEAP = [".xyz", ".top", ".click", ".shop", ".online", ".site", ".store", ".icu", ".live", ".buzz", ".fun", ".sbs", ".info"]
PLATFORMS = ["click.{x}.{own}", "links.{own}", "email.{own}", "u{n}.ct.sendgrid.net", "ctrk.klclick.com", "{x}.list-manage.com",
             "{x}.rs6.net", "view.email.{own}", "e.{own}", "www.{own}", "{own}", "go.{own}", "news.{own}"]
FREE_HOSTS = ["storage.googleapis.com/{x}", "{x}.s3.amazonaws.com", "{x}-{n}.a.run.app", "{x}.web.app", "{x}.pages.dev", "{x}.blob.core.windows.net",
              "{x}.firebaseapp.com", "{x}.weebly.com", "{x}.netlify.app", "{x}.workers.dev", "sites.google.com/view/{x}", "{x}.github.io",
              "forms.gle/{x}", "{x}.wixsite.com", "{x}.r2.dev", "{x}.vercel.app"]
SHORT = ["t.co", "bit.ly", "tinyurl.com", "cutt.ly", "is.gd", "rb.gy", "t.ly"]
REDIRECTS = ["www.google.com/url?q=https%3A%2F%2F{h}%2F{x}", "www.google.com/amp/s/{h}/{x}", "vk.com/away.php?to=https%3A%2F%2F{h}"]
FIRST = "Anna Ben Clara David Elena Felix Greta Hugo Ines Jonas Karla Luis Marta Nils Olga Paulo Rita Sven Tanja Victor Wim Yara Zoe Marco Julie Peter".split()
LAST = "Adler Brand Costa Dubois Eriksen Ferrari Garcia Hansen Iversen Jansen Keller Lopes Meyer Novak Olsen Pereira Rossi Silva Tanaka Visser Weber Young".split()


class Maker:
    def __init__(self, seed):
        self.r = random.Random(seed)

    def pick(self, items):
        return items[int(self.r.random() * len(items))]

    def some(self, items, least, most):
        count = min(least + int(self.r.random() * (most - least + 1)), len(items))
        left = list(items)
        return [left.pop(int(self.r.random() * len(left))) for _ in range(count)]

    def chance(self, p):
        return self.r.random() < p

    def word(self, letters="bcdfglmnprstv", least=2, most=3):
        return "".join(self.pick(letters) + self.pick("aeiou") for _ in range(least + int(self.r.random() * (most - least + 1))))

    def number(self, digits):
        return str(int(self.r.random() * 9 * 10 ** (digits - 1)) + 10 ** (digits - 1))

    def token(self, size):
        return "".join(self.pick("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") for _ in range(size))

    def domain(self, cheap=False):
        return self.word(most=4) + self.pick(["", "", "shop", "mail", "group", "-" + self.word()]) + self.pick(CHEAP if cheap else SUFFIXES)

    def person(self):
        return self.pick(FIRST) + " " + self.pick(LAST)

    def fill(self, text, **more):
        values = dict(number=self.number(7), amount=self.number(self.pick([2, 2, 3])) + "." + self.number(2), big=self.number(1) + "," + self.number(3) + ",000",
                      name=self.pick(FIRST), person=self.person(), hours=self.pick(["24", "48", "72", "12"]), day=self.pick(S.DAYS), item=self.pick(S.ITEMS),
                      percent=self.pick(["10", "15", "20", "25", "30", "40", "50"]), brand="", to="")
        values.update(more)
        return text.format(**values)

    # --- bodies -----------------------------------------------------------------

    def page(self, title, lines, buttons, footer, images=True):
        """HTML as mail builders make it; buttons: (text, link)."""
        style = self.pick(["font-family:Arial,sans-serif;font-size:14px", "font-family:Helvetica;font-size:16px;line-height:24px", "margin:0;padding:10px;color:#333333"])
        rows = []
        if images and self.chance(0.7):
            rows.append(f'<img src="https://{self.word()}.{self.domain()}/{self.word()}.png" width="{self.number(3)}" alt="">')
        rows.append(f"<h1>{title}</h1>")
        rows += [f"<p style=\"{style}\">{line}</p>" for line in lines]
        at = 1 + int(self.r.random() * len(rows))
        shown = [f'<a href="{link}" style="padding:12px;background:#{self.number(6)};color:#ffffff">{text}</a>' for text, link in buttons]
        rows[at:at] = shown
        rows += footer
        if self.chance(0.5):
            table = "".join(f"<tr><td>{row}</td></tr>" for row in rows)
            return f'<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"><title>{title}</title></head><body><table width="600">{table}</table></body></html>'
        return "<html><body><div>" + "<br>\n".join(rows) + "</div></body></html>"

    def mail(self, sender, to, subject, plain=None, html=None, extra=(), attachment=None):
        parts = []
        if plain is not None:
            parts.append(("text/plain; charset=utf-8", plain))
        if html is not None:
            parts.append(("text/html; charset=utf-8", html))
        name, _, address = sender.rpartition("<")
        head = ["From: " + (self.coded(name.strip()) + " <" + address if not sender.isascii() else sender), f"To: {to}", "Subject: " + self.coded(subject), "Date: " + self.date(), "MIME-Version: 1.0", *extra]
        if len(parts) == 1 and attachment is None:
            kind, text = parts[0]
            return "\n".join(head + [f"Content-Type: {kind}", "Content-Transfer-Encoding: base64", "", self.base64(text.encode())]) + "\n"
        outer = "mixed" if attachment else "alternative"
        mark = "=_" + self.number(9)
        lines = head + [f'Content-Type: multipart/{outer}; boundary="{mark}"', ""]
        for kind, text in parts:
            lines += ["--" + mark, f"Content-Type: {kind}", "Content-Transfer-Encoding: base64", "", self.base64(text.encode())]
        if attachment:
            name, kind = attachment
            lines += ["--" + mark, f'Content-Type: {kind}; name="{name}"', f'Content-Disposition: attachment; filename="{name}"',
                      "Content-Transfer-Encoding: base64", "", self.base64(b"%PDF-1.4\n% made up\n" if kind.endswith("pdf") else b"made up")]
        return "\n".join(lines + [f"--{mark}--", ""]) + "\n"

    @staticmethod
    def coded(text):
        return text if text.isascii() else "=?utf-8?B?" + base64.b64encode(text.encode()).decode() + "?="

    @staticmethod
    def base64(data):
        text = base64.b64encode(data).decode()
        return "\n".join(text[i:i + 76] for i in range(0, len(text), 76))

    def date(self):
        return email.utils.formatdate(1577836800 + int(self.r.random() * 200_000_000))

    def to(self):
        return "user@example.com" if self.chance(0.5) else f"{self.pick(FIRST).lower()}.{self.pick(LAST).lower()}@{self.domain()}"

    def link(self, host):
        host = host.format(x=self.word(most=4) + self.pick(["", self.number(3)]), n=self.number(6), own="", h=self.domain(True)) if "{" in host else host
        path = "" if "?" in host else "/" + self.pick([self.token(24), "c/" + self.token(40), self.word() + "/" + self.word(), self.word() + "?id=" + self.number(6), self.token(60)])
        return "https://" + host + path

    # --- wanted -----------------------------------------------------------------

    def own_link(self, own):
        return self.link(self.pick(PLATFORMS).replace("{own}", own))

    def wanted(self):
        return self.pick([self.newsletter, self.newsletter, self.newsletter, self.newsletter, self.notice, self.notice, self.notice, self.colleague, self.colleague, self.report])()

    def house(self):
        if self.chance(0.35):
            brand, own = self.pick(S.HOUSES)
            return brand, own
        own = self.domain()
        return own.split(".")[0].capitalize() + self.pick(["", " Store", " Team", " GmbH", " Ltd", " Support", " News"]), own

    def newsletter(self):
        name, own = self.house()
        lang = self.pick(S.LANGUAGES)
        text = S.NEWS[lang]
        lines = [self.fill(x, brand=name) for x in self.some(text["lines"], 3, 9)]
        buttons = [(self.fill(self.pick(text["buttons"])), self.own_link(own)) for _ in range(2 + int(self.r.random() * 8))]
        if self.chance(0.5):
            buttons += [(x, "https://www." + x.lower() + ".com/" + self.word()) for x in self.some(["Facebook", "Instagram", "Twitter", "LinkedIn", "YouTube"], 1, 4)]
        to = self.to()
        footer = [f"<small>{self.fill(self.pick(text['footer']), to=to, brand=name)} <a href=\"{self.own_link(own)}\">{self.pick(text['leave'])}</a></small>", f"{name}, {self.number(2)} {self.word().capitalize()} Street"]
        title = self.fill(self.pick(text["subjects"]), brand=name)
        hidden = '<div style="display:none">' + self.fill(self.pick(text["lines"]), brand=name) + " \u200c \u034f" * 20 + "</div>" if self.chance(0.5) else ""
        page = hidden + self.page(title, lines, buttons, footer)
        plain = "\n\n".join([title, *lines, *(f"{t} ( {u} )" for t, u in buttons)]) if self.chance(0.6) else None
        sender = f'"{name}" <{self.pick(["news", "info", "hello", "newsletter", "marketing", "store", "no-reply"])}@{self.pick(["", "e.", "mail.", "news.", "email."])}{own}>'
        extra = [f"List-Unsubscribe: <https://{own}/u/{self.token(12)}>"] if self.chance(0.8) else []
        if self.chance(0.3):  # links of a platform that nobody knows by name
            platform = self.pick(["click.", "t.", "link.", "trk."]) + self.domain()
            page = page.replace(own + "/", platform + "/")
            extra.append(f"Feedback-ID: {self.number(5)}:{self.word()}")
        return self.mail(sender, to, title, plain, page, extra)

    def notice(self):
        name, own = self.house()
        lang = self.pick(S.LANGUAGES)
        text = S.NOTICES[lang]
        kind = self.pick(list(text))
        lines = [self.pick(S.GREETINGS[lang]).format(name=self.pick(FIRST))] + [self.fill(x, brand=name) for x in self.some(text[kind]["lines"], 2, 5)]
        title = self.fill(self.pick(text[kind]["subjects"]), brand=name)
        own_links = [(self.pick(text[kind]["buttons"]), self.own_link(own)) for _ in range(1 + int(self.r.random() * 3))]
        sender = f'"{name}" <{self.pick(["no-reply", "noreply", "service", "orders", "billing", "support", "account", "notifications"])}@{self.pick(["", "", "mail.", "notify."])}{own}>'
        to = self.to()
        footer = [f"<small>{name} - <a href=\"{self.own_link(own)}\">{self.pick(S.NEWS[lang]['help'])}</a></small>"]
        attachment = (self.pick(["invoice", "receipt", "statement"]) + "-" + self.number(5) + ".pdf", "application/pdf") if self.chance(0.15) else None
        if self.chance(0.25):
            return self.mail(sender, to, title, "\n\n".join(lines + [f"{t}: {u}" for t, u in own_links] + [name]), None, (), attachment)
        plain = "\n\n".join(lines) if self.chance(0.5) else None
        return self.mail(sender, to, title, plain, self.page(title, lines, own_links, footer), (), attachment)

    def colleague(self):
        lang = self.pick(S.LANGUAGES)
        text = S.LETTERS[lang]
        person, own = self.person(), self.pick(FREE) if self.chance(0.3) else self.domain()
        lines = [self.pick(S.GREETINGS[lang]).format(name=self.pick(FIRST))] + [self.fill(x) for x in self.some(text["lines"], 2, 6)] + [self.pick(text["ends"]), person]
        title = self.pick(["", "", "Re: ", "AW: ", "RE: ", "Fwd: "]) + self.fill(self.pick(text["subjects"]))
        if self.chance(0.3):
            link = self.link(self.pick(["docs.google.com", "drive.google.com", self.domain(), self.domain(), "github.com", "www.youtube.com", "zoom.us", "teams.microsoft.com"]))
            lines.insert(2, link)
        sender = f"{person} <{person.lower().replace(' ', '.')}@{own}>"
        attachment = (self.word() + self.pick([".pdf", ".docx", ".xlsx", ".png"]), "application/octet-stream") if self.chance(0.2) else None
        html = "<html><body>" + "".join(f"<p class=MsoNormal>{x}</p>" for x in lines) + "</body></html>" if self.chance(0.6) else None
        return self.mail(sender, self.to(), title, "\n\n".join(lines), html, (), attachment)

    def report(self):
        own = self.domain()
        host = self.word() + "." + own
        text = self.pick(S.REPORTS)
        lines = [self.fill(x, host=host) for x in text["lines"]]
        return self.mail(f"{self.pick(['root', 'monitor', 'jenkins', 'backup', 'mailer-daemon'])}@{host}", self.to(), self.fill(text["subject"], host=host), "\n".join(lines))

    def feed(self):
        return feeds.feed(self)

    def service(self):
        return services.service(self)

    def answer(self):
        """To mail of any kind: a bounce quotes what it could not deliver."""
        text = self.pick([S.LETTERS, S.LETTERS, S.NEWS])[self.pick(S.LANGUAGES)]
        about = self.fill(self.pick(text["subjects"])) if self.chance(0.7) else self.fill(self.pick(S.SPAM[self.pick(list(S.SPAM))]["subjects"]))
        return self.pick([answers.bounce, answers.absence])(self, about)

    # --- phish ------------------------------------------------------------------

    def bad_host(self):
        return self.pick([self.pick(FREE_HOSTS), self.pick(FREE_HOSTS), self.domain(True), self.domain(True), self.domain(), self.domain(), self.pick(SHORT), self.pick(REDIRECTS),
                          ".".join(str(1 + int(self.r.random() * 250)) for _ in range(4))])

    def bad_name(self, name):
        return self.pick([name, name, name, name + "  ,", name + " ,_", "__" + name + "__", name + " #" + self.token(6), name.upper()])

    def phish(self):
        return self.pick([self.credential, self.credential, self.credential, self.prize, self.prize, self.fund, self.plain_phish])()

    def bad_page(self, title, lines, lang, to):
        where = self.link(self.bad_host())
        buttons = [(self.pick(S.PHISH[lang]["buttons"]), where) for _ in range(1 + int(self.r.random() * 3))]
        filler = " ".join(self.word(most=4) for _ in range(60))
        footer = [self.pick(["", f'<a href="{where}">{self.pick(S.NEWS[lang]["leave"])}</a>', f'<div style="font-size:1px;color:#ffffff">{filler}</div>', f"<small>{self.pick(S.NEWS[lang]['footer']).format(to=to, brand='')}</small>"])]
        if self.chance(0.12):
            return f'<html><body><a href="{where}"><img src="{self.link(self.domain())}.png"></a></body></html>'
        return self.page(title, lines, buttons, footer)

    def credential(self):
        lang = self.pick(S.LANGUAGES)
        text = S.PHISH[lang]
        kind = self.pick(["credentials", "credentials", "payment", "delivery"])
        brand = self.pick(S.BORROWED)
        to = self.to()
        greeting = self.pick(text["greetings"] + [self.pick(S.GREETINGS[lang]).format(name=to)])
        lines = [greeting] + [self.fill(x, brand=brand, to=to) for x in self.some(text[kind]["lines"], 2, 6)]
        title = self.fill(self.pick(text[kind]["subjects"]), brand=brand, to=to)
        if self.chance(0.15):
            title = to + ", " + title
        own = self.pick(FREE) if self.chance(0.15) else self.domain(self.chance(0.3))
        sender = f'"{self.bad_name(self.pick([brand, brand + " " + self.pick(text["desks"])]))}" <{self.pick(["support", "info", "noreply", "service", self.word() + self.number(4), "no-reply", "alert"])}@{own}>'
        extra = self.pick([(), (), ("X-Priority: 1",), ("Importance: high",)])
        if self.chance(0.08):
            return self.mail(sender, to, title, "\n\n".join(lines), None, extra, (self.pick(["invoice", "document", "fatura", "aviso"]) + self.number(5) + self.pick([".pdf", ".html", ".htm"]), "application/octet-stream"))
        return self.mail(sender, to, title, "\n".join(lines) if self.chance(0.2) else None, self.bad_page(title, lines, lang, to), extra)

    def plain_phish(self):
        lang = self.pick(S.LANGUAGES)
        text = S.PHISH[lang]
        kind = self.pick(["credentials", "payment", "delivery"])
        brand = self.pick(S.BORROWED)
        lines = [self.pick(text["greetings"])] + [self.fill(x, brand=brand) for x in self.some(text[kind]["lines"], 2, 5)] + [self.link(self.bad_host()), brand]
        return self.mail(f"{brand} <{self.word()}@{self.domain()}>", self.to(), self.fill(self.pick(text[kind]["subjects"]), brand=brand), "\n\n".join(lines))

    def prize(self):
        lang = self.pick(S.LANGUAGES)
        text = S.PHISH[lang]
        brand = self.pick(S.BORROWED + S.SHOPS)
        to = self.to()
        lines = [self.fill(x, brand=brand, to=to) for x in self.some(text["prize"]["lines"], 2, 6)]
        title = self.fill(self.pick(text["prize"]["subjects"]), brand=brand, to=to)
        sender = f'{self.bad_name(brand)} <{self.word()}{self.number(2)}@{self.domain(self.chance(0.4))}>'
        return self.mail(sender, to, title, None, self.bad_page(title, lines, lang, to))

    def fund(self):
        lang = self.pick(S.FUND_LANGUAGES)
        text = S.FUNDS[lang]
        person = self.person()
        lines = [self.pick(text["greetings"])] + [self.fill(x, person=person) for x in self.some(text["lines"], 1, 6)] + [self.pick(text["ends"]), self.pick(["Mr. ", "Mrs. ", "Dr. ", ""]) + person]
        extra = [f"Reply-To: {person.lower().replace(' ', '')}{self.number(3)}@{self.pick(FREE)}"] if self.chance(0.6) else []
        sender = f'"{self.pick(["Mr. ", "Mrs. ", "Dr. ", "Barr. ", ""])}{person}" <{self.word()}@{self.pick(FREE) if self.chance(0.4) else self.domain()}>'
        return self.mail(sender, self.to(), self.fill(self.pick(text["subjects"])), "\n\n".join(lines), None, extra)

    # --- spam -------------------------------------------------------------------

    def spam(self):
        lang = self.pick(S.SPAM_LANGUAGES)
        text = S.SPAM[self.pick([k for k in S.SPAM if k[0] == lang])]
        lines = [self.fill(x) for x in self.some(text["lines"], 1, 6)]
        title = self.fill(self.pick(text["subjects"]))
        where = self.link(self.pick([self.domain(True), self.domain(True), self.domain(), self.pick(FREE_HOSTS), self.pick(SHORT)]))
        name = self.bad_name(self.pick(text["names"]))
        sender = f'"{name}" <{self.word()}@{self.domain(self.chance(0.5))}>'
        to = self.to()
        if self.chance(0.3):
            return self.mail(sender, to, title, "\n\n".join(lines + [where]))
        filler = " ".join(self.fill(self.pick(S.LETTERS["en"]["lines"])) for _ in range(4)) if self.chance(0.4) else ""
        footer = [f'<a href="{where}">{self.pick(S.NEWS["en"]["leave"])}</a>', f'<div style="color:#fff">{filler}</div>']
        buttons = [(self.pick(S.SPAM_BUTTONS), where) for _ in range(1 + int(self.r.random() * 3))]
        return self.mail(sender, to, title, None, self.page(title, lines, buttons, footer))


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    out = pathlib.Path(sys.argv[1])
    with open(out / "made-labels.tsv", "w", encoding="utf-8") as labels:
        for label, count, make in (("ham", 1800, "wanted"), ("ham", 800, "feed"), ("ham", 400, "answer"), ("ham", 600, "service"), ("phish", 1400, "phish"), ("spam", 700, "spam")):
            (out / "made" / make).mkdir(parents=True, exist_ok=True)
            for i in range(count):
                maker = Maker(f"{make} {i}")
                path = f"made/{make}/{i:04}.eml"
                (out / path).write_text(getattr(maker, make)(), encoding="utf-8")
                labels.write(f"{path}\t{label}\tmade-{make}\n")


if __name__ == "__main__":
    main()
