# SPDX-License-Identifier: Apache-2.0
"""Made-up mail about what happens in the world: feeds sent as mail, digests, alerts of forums, short notes with a link.

Few words and a link is what much unwanted mail is made of, and what people send each other all day. Headlines are put
together from parts, so that ordinary words of news, of trades and of homes are known as wanted."""

WHO = {
    "en": """The city council|Researchers in Norway|A small film studio|The science museum|A retired teacher|Two brothers from Ohio|The health ministry|Local farmers|The national bank|A court in London|The rail operator|An open source project|
A chess champion|The weather service|Three universities|A record label|Police in the capital|The football club|A team of doctors|The space agency|A game developer|The chip maker|Street artists|The film festival|A drug company|
Voters in the north|The phone company|A nine year old|The president|Fishermen|The university library|A songwriter|The patent office|Commuters|Astronomers|The airline|A judge|Marine biologists|The power company|A cartoonist""",
    "de": "Der Stadtrat|Forscher aus Bern|Das Museum|Ein Lehrer|Die Bahn|Das Gericht|Der Wetterdienst|Die Regierung|Der Verein|Ein Startup|Die Polizei|Landwirte|Der Sender|Eine Studie",
    "fr": "Le conseil municipal|Des chercheurs lyonnais|Le musée|Une institutrice|La compagnie ferroviaire|Le tribunal|La météo|Le gouvernement|Le club|La police|Des agriculteurs|Une étude",
    "es": "El ayuntamiento|Investigadores de Madrid|El museo|Una profesora|El tribunal|El gobierno|El club|La policía|Los agricultores|Un estudio|La universidad",
    "nl": "De gemeente|Onderzoekers uit Delft|Het museum|De rechter|De spoorwegen|Het kabinet|De politie|Boeren|De club|Een studie"}
DOES = {
    "en": """looks back at|votes on|sues over|gives away|publishes|slows down|doubles|denies|explains|protests against|wins a prize for|rebuilds|finds|bans|argues about|sells|loses|restores|measures|warns of|laughs at|draws|pays for|
tests|delays|celebrates|moves|photographs|opens|closes|counts|translates|defends|cuts|hopes for""",
    "de": "streitet über|verbietet|findet|eröffnet|verschiebt|feiert|misst|warnt vor|verkauft|rettet|plant|beendet", "fr": "vote sur|interdit|trouve|ouvre|reporte|fête|mesure|vend|défend|annonce|termine",
    "es": "vota sobre|prohíbe|encuentra|abre|aplaza|celebra|mide|vende|defiende|anuncia", "nl": "stemt over|verbiedt|vindt|opent|verplaatst|viert|meet|verkoopt|verdedigt"}
WHAT = {
    "en": """the old harbour|a map of the sea floor|free music|blood tests for diabetes|a robot that cooks|new rules for banks|the price of bread|a lost silent movie|cheap phones|late trains|the oldest joke in the world|election results|
a wall of books|the moon landing|smoking in bars|weight and sleep|a pill for malaria|sex education|a funny hat|the copyright law|winter tyres|a haunted house|the tax on sugar|video games at school|a million photos|the world cup|
satellite pictures|privacy at work|a giant pumpkin|the common cold|the new browser|war reporting|money and happiness|credit for poor families|the lottery|a cat on a roof|dinosaur bones|web standards|guns and hunting|heart disease|
home prices|the interest rate|a secret garden|hair loss in mice|oil from the desert|the last steam engine|insurance for bees""",
    "de": "den alten Hafen|neue Regeln für Banken|den Brotpreis|verspätete Züge|einen verlorenen Film|billige Telefone|Rauchen in Kneipen|die Wahl|eine Karte der Sterne|das Wetter im Sommer",
    "fr": "le vieux port|de nouvelles règles pour les banques|le prix du pain|les trains en retard|un film perdu|le tabac dans les bars|les élections|une carte des étoiles|l'été le plus chaud",
    "es": "el puerto viejo|nuevas reglas para los bancos|el precio del pan|los trenes con retraso|una película perdida|las elecciones|un mapa de las estrellas", "nl": "de oude haven|nieuwe regels voor banken|de broodprijs|late treinen|een verloren film|de verkiezingen|een kaart van de sterren"}
SAYS = {
    "en": """A study of {number} people shows a small effect, and nobody is sure why.|The report is long, but the pictures alone are worth it.|It took eleven years and three attempts.|"We did not expect this," one of them said.|I saw it last night and
it is better than the first one.|The paper is behind a login, here is a copy of the summary.|Officials said on {day} that more details would follow.|More than half of those asked disagree.|This may help patients, but a drug is years away.|
There is a long thread about it already.|He still writes every morning before work.|Prices fell for the third month in a row.|The trial starts on {day}.|Nothing in it is new, and yet everybody links to it.|What would you have done?|
If you are in town, go and see it; it costs nothing.|Somebody built the same thing out of cardboard.|Part two is much funnier.|I am told that the book sold {number} copies.|The code is on the site, with a licence that lets you do what you want.|
She says that the money went to the wrong account and was never claimed.|Readers sent in better ideas.|The company would not comment.|Thanks to everybody who wrote to me about this.""",
    "de": "Das geht aus einer Studie hervor.|Die Bilder sind sehenswert.|Mehr dazu am {day}.|Viele sind dagegen.|Der Prozess beginnt bald.|Die Preise sinken weiter.", "fr": "Selon une étude récente.|Les photos valent le détour.|La suite {day}.|Beaucoup sont contre.|Les prix baissent encore.",
    "es": "Según un estudio reciente.|Las fotos merecen la pena.|Más detalles el {day}.|Muchos están en contra.|Los precios siguen bajando.", "nl": "Dat blijkt uit onderzoek.|De foto's zijn mooi.|Meer op {day}.|Velen zijn tegen.|De prijzen dalen weer."}
NOTES = {
    "en": """whoa|look at this|thought of you|is this the one you meant?|this made me laugh|remember this?|worth reading|found it|here you go|no comment|have you seen this|from the archive|you were right|for the weekend|I want one|ha!|try this one instead|works for me|
any idea what this is?|the link I promised|pictures from {day}|let me know what you think|not sure I believe it|the second half is good|old but good""",
    "de": "schau mal|kennst du das?|der Link von gestern|sehr lustig|ist das nicht dein Haus?", "fr": "regarde ça|tu connais ?|le lien d'hier|très drôle", "es": "mira esto|¿lo conoces?|el enlace de ayer|muy bueno", "nl": "kijk eens|ken je dit?|de link van gisteren|erg leuk"}
LANGUAGES = ["en", "en", "en", "en", "en", "de", "fr", "es", "nl"]
SITES = ["weblog", "daily", "news", "planet", "journal", "review", "times", "notes", "herald", "garden", "labs", "radio"]


def pick(maker, words):
    return " ".join(maker.pick(words.split("|")).split())


def headline(maker, lang):
    text = " ".join(pick(maker, words[lang]) for words in (WHO, DOES, WHAT))
    return text if maker.chance(0.7) else pick(maker, WHAT[lang]).capitalize() + maker.pick(["", "?", ", again", ": " + pick(maker, WHO[lang])])


def story(maker, lang, most):
    return " ".join(maker.fill(pick(maker, SAYS[lang])) for _ in range(int(maker.r.random() * (most + 1))))


def place(maker, own):
    return f"http{maker.pick(['', 's'])}://{maker.pick(['', 'www.', 'blog.', 'feeds.'])}{own}/" + maker.pick(["{n}", "#{n}", "{y}/0{m}/{w}.html", "?p={n}", "click/-{m},{n},{y}/", "story/{n}", "{w}/{n}", "talk?id={n}"]).format(
        n=maker.number(6), y=maker.pick(["2002", "2009", "2016", "2021", "2023"]), m=maker.number(1), w=maker.word())


def item(maker):
    """One entry of a feed."""
    lang, own = maker.pick(LANGUAGES), maker.word(most=4) + maker.pick(["", *SITES]) + maker.pick([".com", ".org", ".net", ".de", ".co.uk"])
    site = own.split(".")[0]
    title, where = headline(maker, lang), place(maker, own)
    head = maker.pick([[f"URL: {where}"], [f"Link: {where}"], [f"<{where}>"], [where], []])
    if maker.chance(0.4):
        head.append(maker.pick(["Date: unknown", "Date: " + maker.date(), f"By {maker.person()}", f"Posted by {maker.word()}"]))
    body = ["\n".join(head)] if head else []
    body.append(story(maker, lang, 4) or maker.pick([where, title, ""]))
    if maker.chance(0.2):
        body.append("\n\n".join("> " + line for line in (story(maker, lang, 3) or title).split("\n")))
    if not head or maker.chance(0.3):
        body.append(maker.pick(["", "via ", "More: ", "[1] "]) + where)
    sender = maker.pick([f"{site} <{maker.pick(['feed', 'rss', 'no-reply', 'user'])}@{maker.pick([own, 'example.com'])}>", f'"{maker.person()}" <{maker.word()}@{own}>'])
    prefix = maker.pick(["", "", "", f"[{site}] "])
    html = "<html><body><p>" + "</p><p>".join(body) + f'</p><p><a href="{where}">{title}</a></p></body></html>' if maker.chance(0.2) else None
    return maker.mail(sender, maker.to(), prefix + title, "\n\n".join(body) + "\n", html)


def digest(maker):
    """Headlines of a day."""
    lang, own = maker.pick(LANGUAGES), maker.domain()
    titles = [headline(maker, lang) for _ in range(3 + int(maker.r.random() * 8))]
    body = "\n\n".join(f"{maker.pick(['* ', '- ', ''])}{title}\n{story(maker, lang, 1)}\n{place(maker, own)}" for title in titles)
    return maker.mail(f"{own.split('.')[0].capitalize()} <{maker.pick(['alerts', 'digest', 'news'])}@{own}>", maker.to(), maker.pick([titles[0], own + " digest", f"{len(titles)} new entries"]), body)


def comment(maker):
    """A forum or a network tells of an answer."""
    lang, own = maker.pick(LANGUAGES), maker.domain()
    person, title = maker.person(), headline(maker, lang)
    body = [maker.pick([f"{person} replied to \"{title}\":", f"New comment by {person} on your post {title}", f"{person} mentioned you in {title}", f"{person} wrote:"]), story(maker, lang, 3) or pick(maker, NOTES["en"]), place(maker, own),
            maker.pick(["You get this mail because you follow this topic.", "To stop these mails, change your settings.", "Reply to this mail to answer.", ""])]
    return maker.mail(f"{maker.pick([person, own])} <{maker.pick(['notifications', 'noreply', 'forum'])}@{own}>", maker.to(), maker.pick(["Re: ", "", f"[{own}] "]) + title, "\n\n".join(body))


def note(maker):
    """A few words between people."""
    lang = maker.pick(LANGUAGES)
    words = maker.fill(pick(maker, NOTES[lang]))
    person = maker.person()
    body = [words.capitalize() if maker.chance(0.5) else words, place(maker, maker.domain())]
    if maker.chance(0.5):
        body.append(maker.pick(["", "> "]) + (story(maker, lang, 4) or headline(maker, lang)))
    if maker.chance(0.5):
        body.append(maker.pick(["", "-- \n", "- "]) + person.split()[0])
    sender = maker.pick([f"{person} <{maker.word()}@{maker.domain()}>", f"{maker.word()}@{maker.domain()}", f'"{person}" <{person.split()[0].lower()}{maker.number(2)}@hotmail.com>'])
    return maker.mail(sender, maker.to(), maker.pick([words, headline(maker, lang), "Re: " + headline(maker, lang)]), "\n\n".join(body))


def feed(maker):
    return maker.pick([item, item, item, digest, comment, note])(maker)
