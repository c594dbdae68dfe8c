# SPDX-License-Identifier: Apache-2.0
"""Wanted mail of services of today that speaks as phish and spam do, or is built like it: surveys and benefits at work, tickets, held mail,
monitoring, payment requests of small firms through a platform, receipts, pharmacies, schools, warnings of phishing, guests' pages."""

KINDS = {
    "en": {
        "work": {"subjects": ["Employee survey {year}: your opinion counts", "Open enrollment ends {day}", "Mandatory training is due {day}", "Your payslip for this month is available", "Timesheet reminder", "New travel policy from {day}", "Your leave request was approved", "Action required: confirm your benefits by {day}", "Holiday calendar and office closure"],
                 "lines": ["Tell us how we are doing; your answers are anonymous.", "Among all who take part we raffle a voucher of ${amount}.", "Open enrollment closes on {day}; if you do nothing, your plan stays as it is.", "You have one course that is due on {day}.", "Your payslip can be seen in the portal as always.", "Please submit your timesheet by {day}.", "The new policy applies to trips booked from {day}.", "Questions? Ask your HR partner or reply to this message.", "Your manager {person} approved your request.", "It takes about ten minutes and helps us plan next year."],
                 "buttons": ["Take the survey", "Review my benefits", "Start the course", "View payslip", "Open the portal"]},
        "desk": {"subjects": ["INC00{number} has been assigned to your group", "Request RITM{number} needs your approval", "[Ticket {number}] Your request was received", "Change CHG{number} is scheduled for {day}", "Priority changed: INC00{number}", "How was our support? Ticket {number}", "Your mailbox is almost full", "Your password expires in 10 days"],
                 "lines": ["Short description: printer on the second floor is offline", "Priority: 2 - high. State: in progress. Caller: {person}", "You can add a comment by replying above this line.", "The change starts on {day} at 22:00 and takes two hours.", "Your mailbox holds 47 of 50 GB. Please delete or archive what you no longer need.", "Your password expires in 10 days. Press Ctrl+Alt+Delete and choose to change it; we will never send you a link for that.", "Work notes: restarted the service, waiting for the user.", "Approve or reject the request in the portal.", "This is an automated message of the service desk, extension {number}."],
                 "buttons": ["View ticket", "Approve", "Reject", "Open the service portal"]},
        "guard": {"subjects": ["You have {count} held messages", "Quarantine summary of {day}", "Phish of the month: would you have seen it?", "[Advisory] Phishing against customers of banks", "Warning: fake delivery notices in circulation", "Thank you for reporting a message", "Security newsletter: passwords", "Vulnerability advisory {year}-{number}"],
                  "lines": ["The messages below were held because they may be unwanted. Release those that you expect.", "{person}: Re: Budget - held: spam", "Messages that you do not release are deleted after 14 days.", "Criminals send messages that say \"your account was suspended\" or \"your password expires today\" and lead to a false page.", "How to recognise them: a foreign sender, pressure, a link that leads elsewhere.", "Do not click; report such messages with the button in Outlook.", "Thank you, the message that you reported was a simulation and you passed.", "Affected: versions before {number}. Risk: high. Update as soon as you can.", "CVSS base score 7.5; a patch is available from the maker."],
                  "buttons": ["Release", "Show all held messages", "Read the advisory", "Report a message"]},
        "watch": {"subjects": ["[Down] web shop: connection refused", "[Up] web shop is reachable again", "PROBLEM: load on {ip} is high", "Certificate of {own} expires in 14 days", "Weekly uptime report", "Backup of {own} finished with warnings", "Scan of your network found {count} changes", "Alert resolved: disk of {ip}"],
                  "lines": ["Host: {ip} Port: 443 Status: down since 02:14", "connect ECONNREFUSED {ip}:443", "Uptime of the last 7 days: 99.87 %", "See http://{ip}:3000/d/{number} for the graphs.", "The check was repeated three times.", "Acknowledge with the link below or in the app.", "Warnings: {count} files were open and were left out.", "You get this because you are on call until {day}."],
                  "buttons": ["Acknowledge", "Open dashboard", "View report"]},
        "trade": {"subjects": ["Invoice INV-{number} from {brand}", "{brand} sent you a payment request", "New payment request from {brand} - invoice {number}", "Your receipt from {brand} #{number}", "Reminder: invoice {number} is due on {day}", "Estimate {number} from {brand}", "Payment to {brand} completed", "Statement of account from {brand}"],
                  "lines": ["Here is invoice {number} for ${amount}.", "The amount outstanding of ${amount} is due on {day}.", "You can pay by card or bank transfer with the button below.", "Amount paid ${amount}. Date paid: {day}. Payment method: Visa - {number}", "If you have any questions, write to the address above; we answer ourselves.", "Receipt number {number}. Invoice number {number}.", "Thank you for your business. {person}, {brand}", "Powered by the invoicing service that we use.", "Qty 1, labour and parts, unit price ${amount}", "View your bill online, print it or download it as PDF."],
                  "buttons": ["Review and pay", "View invoice", "Download receipt", "Pay now", "View estimate"]},
        "health": {"subjects": ["Your repeat prescription is ready", "Flu vaccinations from {day}", "Your order of vitamins has been sent", "Appointment with {person}: please confirm", "News of the practice", "Your health check results", "It is time for your dental check"],
                   "lines": ["Your prescription can be collected from {day}; please bring an identification.", "Tablets that you take every day can be ordered for three months.", "Never take more than the dose on the label; ask your pharmacist.", "Vaccinations are given without appointment on {day}.", "Your blood pressure and weight were within the range that your doctor set.", "Do you no longer need this medicine? Tell us.", "Opening hours: Monday to Friday, 8 to 18.", "Free delivery of orders over ${amount}."],
                   "buttons": ["Confirm", "Order again", "Book a date", "See results"]},
        "guest": {"subjects": ["Your stay: arrival, wifi and menu", "Your boarding pass", "Check in online now", "Your table on {day}", "Parking ticket {number}", "Your rental car is reserved", "Directions for {day}", "Our offer {number} for you"],
                  "lines": ["Scan the code for the menu and the wifi.", "Our address and the way from the station are in this map.", "Online check-in is open until an hour before departure.", "Your table for two is booked at 19:30.", "We look forward to your visit. {person}", "Please bring the card you paid with.", "Attached is our offer of ${amount}; it holds until {day}.", "Breakfast is from 7 to 10."],
                  "buttons": ["See the map", "Check in", "Change booking", "Our website"]},
        "school": {"subjects": ["Letter to parents, October", "Parents' evening on {day}", "Choir: next rehearsals", "Sports club: fees of {year}", "Raffle of the school fair", "Class trip: money and forms", "Newsletter of the parish"],
                   "lines": ["Dear parents, the parents' evening is on {day} at 19:00.", "Please pay ${amount} for the trip by {day} to the school's account.", "Prizes for the raffle are welcome.", "The form is online, it takes two minutes.", "Please reply to my private address, I read it every day. {person}", "The yearly fee of ${amount} is collected on {day}.", "Rehearsals are on {day} in the hall as always.", "Who can bring a cake?"],
                   "buttons": ["Open the form", "Sign up", "Read the letter"]}},
    "de": {
        "work": {"subjects": ["Mitarbeiterbefragung {year}: Ihre Meinung zählt", "Pflichtunterweisung bis {day}", "Ihre Gehaltsabrechnung liegt bereit", "Zeiterfassung: bitte bis {day} abschließen", "Ihr Urlaubsantrag wurde genehmigt"],
                 "lines": ["unter allen Teilnehmenden verlosen wir einen Gutschein über {amount} €.", "die Befragung ist anonym und dauert zehn Minuten.", "Ihre Abrechnung finden Sie wie immer im Portal.", "bitte schließen Sie die Unterweisung bis {day} ab.", "{person} hat Ihren Antrag genehmigt.", "Fragen beantwortet die Personalabteilung."], "buttons": ["Zur Befragung", "Zum Portal", "Kurs starten"]},
        "desk": {"subjects": ["Ticket {number}: Ihre Anfrage ist eingegangen", "Ihr Postfach ist fast voll", "Ihr Kennwort läuft in 10 Tagen ab", "Wartung am {day}"],
                 "lines": ["Ihr Postfach belegt 47 von 50 GB. Bitte löschen oder archivieren Sie, was Sie nicht mehr brauchen.", "Ihr Kennwort läuft in 10 Tagen ab; ändern Sie es mit Strg+Alt+Entf. Einen Link dafür schicken wir nie.", "Antworten Sie über dieser Zeile, um etwas zu ergänzen.", "Die Wartung beginnt am {day} um 22 Uhr.", "Dies ist eine automatische Nachricht der IT, Durchwahl {number}."], "buttons": ["Ticket ansehen", "Zum Serviceportal"]},
        "guard": {"subjects": ["Warnung: Phishing gegen Bankkunden", "Quarantäne: {count} neue Nachrichten", "Sicherheitshinweis {year}-{number}", "Vorsicht vor falschen Paketbenachrichtigungen"],
                  "lines": ["In den Nachrichten heißt es, das Konto sei gesperrt oder eine Bestätigung sei nötig.", "So erkennen Sie sie: fremder Absender, Druck, ein Link, der woandershin führt.", "Geben Sie dort keine Zugangsdaten ein und melden Sie die Nachricht.", "Betroffen sind Versionen vor {number}. Risiko: hoch.", "Nachrichten, die Sie nicht freigeben, werden nach 14 Tagen gelöscht."], "buttons": ["Freigeben", "Hinweis lesen"]},
        "trade": {"subjects": ["Rechnung {number} von {brand}", "Ihre Quittung {number}", "Angebot {number}", "Zahlungserinnerung zur Rechnung {number}"],
                  "lines": ["anbei erhalten Sie unsere Rechnung über {amount} €.", "bitte überweisen Sie den Betrag bis {day}.", "das Angebot gilt bis {day}.", "bei Fragen antworten Sie einfach. {person}", "vielen Dank für Ihren Auftrag."], "buttons": ["Rechnung ansehen", "Online bezahlen", "Angebot öffnen"]},
        "school": {"subjects": ["Elternbrief Oktober", "Elternabend am {day}", "Chor: nächste Proben", "Tombola beim Sommerfest"],
                   "lines": ["liebe Eltern, der Elternabend ist am {day} um 19 Uhr.", "für den Ausflug bitten wir um {amount} €.", "Preise für die Tombola sind willkommen.", "das Formular ist online und dauert zwei Minuten.", "antworten Sie gern an meine private Adresse. {person}"], "buttons": ["Zum Formular", "Brief lesen"]},
        "guest": {"subjects": ["Ihr Aufenthalt: Anreise, WLAN und Speisekarte", "Ihr Tisch am {day}", "Route für {day}", "Ihr Mietwagen"],
                  "lines": ["der Code führt zu Speisekarte und WLAN.", "den Weg vom Bahnhof zeigt die Karte.", "Ihr Tisch ist um 19:30 reserviert.", "wir freuen uns auf Sie. {person}"], "buttons": ["Karte ansehen", "Buchung ändern"]}},
    "fr": {
        "work": {"subjects": ["Enquête interne {year} : votre avis compte", "Votre bulletin de paie est disponible", "Formation obligatoire avant {day}"], "lines": ["vos réponses sont anonymes.", "un bon d'achat de {amount} € sera tiré au sort parmi les participants.", "votre bulletin est dans votre espace comme chaque mois.", "merci de terminer la formation avant {day}."], "buttons": ["Répondre", "Ouvrir l'espace"]},
        "trade": {"subjects": ["Facture {number} de {brand}", "Votre reçu {number}", "Devis {number}"], "lines": ["voici notre facture de {amount} €, à régler avant {day}.", "le devis est valable jusqu'au {day}.", "pour toute question, répondez à ce message. {person}"], "buttons": ["Voir la facture", "Payer en ligne"]},
        "guard": {"subjects": ["Alerte : faux messages de livraison", "{count} messages en quarantaine"], "lines": ["des escrocs demandent de confirmer un compte ou un mot de passe.", "ne cliquez pas et signalez le message.", "les messages non libérés sont supprimés après 14 jours."], "buttons": ["Libérer", "Lire l'avis"]}},
    "es": {
        "work": {"subjects": ["Encuesta de empleados {year}", "Tu nómina está disponible", "Formación obligatoria antes del {day}"], "lines": ["tus respuestas son anónimas.", "entre los participantes sorteamos un vale de {amount} €.", "la nómina está en el portal como siempre."], "buttons": ["Responder", "Abrir el portal"]},
        "trade": {"subjects": ["Factura {number} de {brand}", "Presupuesto {number}"], "lines": ["adjuntamos la factura de {amount} €, con vencimiento el {day}.", "el presupuesto vale hasta el {day}.", "si tienes dudas, responde a este correo. {person}"], "buttons": ["Ver factura", "Pagar"]}},
    "nl": {
        "work": {"subjects": ["Medewerkersonderzoek {year}", "Je loonstrook staat klaar", "Verplichte training voor {day}"], "lines": ["je antwoorden zijn anoniem.", "onder de deelnemers verloten we een bon van {amount} euro.", "je loonstrook staat zoals altijd in het portaal."], "buttons": ["Naar het onderzoek", "Naar het portaal"]},
        "trade": {"subjects": ["Factuur {number} van {brand}", "Offerte {number}"], "lines": ["hierbij de factuur van {amount} euro, te betalen voor {day}.", "de offerte geldt tot {day}.", "vragen? Antwoord op dit bericht. {person}"], "buttons": ["Bekijk factuur", "Betaal online"]}}}
LANGUAGES = ["en", "en", "en", "en", "de", "de", "fr", "es", "nl"]
PLATFORMS = ["{p}/{x}", "app.{p}/{x}", "links.{p}/{x}", "u{n}.ct.sendgrid.net/ls/click?upn={x}", "{o}.{p}/{x}", "forms.office.com/r/{x}", "maps.app.goo.gl/{x}", "docs.google.com/forms/d/e/{x}", "www.google.com/url?q=https%3A%2F%2F{own}%2F{x}", "{o}.wixsite.com/{x}", "{o}.sharepoint.com/sites/{x}"]


def service(maker):
    """Sent by the firm itself, or in its name by the platform that it uses; answers go to a person, often at a free mailbox."""
    language = maker.pick(LANGUAGES)
    kind = maker.pick(list(KINDS[language]))
    text = KINDS[language][kind]
    name, own = maker.house()
    platform = maker.domain()
    person = maker.person()

    def fill(line):
        year = str(2023 + int(maker.r.random() * 4))
        ip = ".".join(str(1 + int(maker.r.random() * 250)) for _ in range(4))
        return maker.fill(line.replace("{year}", year).replace("{ip}", ip).replace("{own}", own).replace("{count}", str(2 + int(maker.r.random() * 30))), brand=name)

    def link():
        if maker.chance(0.5):
            return maker.own_link(own)
        form = maker.pick(PLATFORMS)
        return "https://" + form.replace("{p}", platform).replace("{own}", own).replace("{o}", own.split(".")[0]).replace("{n}", maker.number(7)).replace("{x}", maker.token(8 + int(maker.r.random() * 40)))

    title = fill(maker.pick(text["subjects"]))
    greeting = [maker.pick({"en": ["Hi {n},", "Dear {n},", "Hello,"], "de": ["Hallo {n},", "Guten Tag,"], "fr": ["Bonjour {n},"], "es": ["Hola {n}:"], "nl": ["Hallo {n},"]}[language]).replace("{n}", person.split()[0])]
    lines = greeting + [fill(line) for line in maker.some(text["lines"], 2, 6)] + [name]
    buttons = [(maker.pick(text["buttons"]), link()) for _ in range(1 + int(maker.r.random() * 3))]
    through = kind in ("work", "trade", "guard", "desk") and maker.chance(0.5)
    sender = f'"{name}{" via " + platform.split(".")[0] if through and maker.chance(0.3) else ""}" <{maker.pick(["no-reply", "notifications", "invoice", "info", "alerts", "messages", "quickreply"])}@{platform if through else own}>'
    extra = []
    if maker.chance(0.4):
        extra.append(f"Reply-To: {person} <{person.lower().replace(' ', '.')}@{maker.pick(['gmail.com', 'outlook.com', 'web.de', 'yahoo.com', own, own])}>")
    if maker.chance(0.15):
        extra.append("Importance: high")
    if maker.chance(0.2):
        extra.append(f"List-Unsubscribe: <https://{platform}/u/{maker.token(12)}>")
    to = maker.to()
    footer = [f"<small>{name} <a href=\"{link()}\">{platform}</a></small>"]
    attachment = (maker.pick(["invoice", "offer", "letter", "report"]) + "-" + maker.number(4) + ".pdf", "application/pdf") if maker.chance(0.2) else None
    plain = "\n\n".join(lines + [f"{t}: {u}" for t, u in buttons])
    if maker.chance(0.3):
        return maker.mail(sender, to, title, plain, None, extra, attachment)
    return maker.mail(sender, to, title, plain if maker.chance(0.5) else None, maker.page(title, lines, buttons, footer), extra, attachment)
