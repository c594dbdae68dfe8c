# SPDX-License-Identifier: Apache-2.0
"""Made-up mail that programs answer with: bounces as many systems word them, absences, receipts of a request."""

BOUNCED = [
    "This is the mail system at host {host}.\n\nYour message could not be delivered to one or more recipients. It is attached below.\n\n<{to}>: host mx.{host} said: 550 5.1.1 User unknown (in reply to RCPT TO command)",
    "Delivery has failed to these recipients or groups:\n\n{to}\nThe address you entered was not found at {host}. Check the address and send the message again. If the problem goes on, ask your helpdesk.\n\nDiagnostic information for administrators:\nGenerating server: {host}\n{to}\n#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##",
    "Your message to {to} was blocked. See the technical details below.\n\nThe response from the remote server was:\n554 5.7.1 Message refused by policy",
    "A message that you sent could not be delivered to one or more of its recipients. This is a permanent error.\n\n  {to}\n    mailbox is full: retry timeout exceeded",
    "This message was created automatically by mail delivery software.\n\nDelivery to {to} has been delayed. You need not send it again; we will try for {hours} hours more.",
    "Failed to deliver to '{to}'\nSMTP module(domain {host}) reports:\n host mx.{host} says:\n 552 quota exceeded",
    "The mail server could not deliver mail to {to}. The account or domain may not exist, may be blacklisted, or has no valid DNS entries.",
    "Ihre Nachricht wurde nicht zugestellt.\n\nEmpfänger: {to}\nGrund: Postfach nicht gefunden (550 5.1.1)", "Votre message n'a pas pu être remis à {to}.\nRaison : adresse inconnue (550 5.1.1).",
    "No se pudo entregar el mensaje a {to}.\nMotivo: el buzón no existe (550 5.1.1).", "Sua mensagem para {to} não pôde ser entregue.\nMotivo: caixa postal não encontrada (550 5.1.1).",
    "Il messaggio a {to} non è stato recapitato.\nMotivo: casella inesistente (550 5.1.1).", "次のあて先へのメッセージは配信されませんでした。\n{to}\n受信者が見つかりません。 550 5.1.1", "以下の受信者へのメール配信に失敗しました。\n{to}\n宛先アドレスをご確認ください。"]
BOUNCE_SUBJECTS = ["Undelivered Mail Returned to Sender", "Undeliverable: {about}", "Delivery Status Notification (Failure)", "Mail delivery failed: returning message to sender", "Returned mail: see transcript for details", "failure notice",
                   "Warning: could not send message for past 4 hours", "Nicht zustellbar: {about}", "Non remis : {about}", "No se puede entregar: {about}", "Não é possível entregar: {about}", "配信不能: {about}", "Mail System Error - Returned Mail"]
AWAY = {
    "en": (["Automatic reply: {about}", "Out of office: {about}", "Re: {about}", "I am away"],
           ["I am out of the office until {day} and read mail now and then.", "Thank you for your message.", "If it cannot wait, please write to {person}.", "I will answer when I am back.", "Your mail is not forwarded.", "I no longer work here; please ask {person} instead.",
            "We received your request and gave it the number {number}.", "Someone of our team will answer within {hours} hours.", "This mailbox is not read.", "The office is closed for the holidays.", "I am on parental leave."]),
    "de": (["Automatische Antwort: {about}", "Abwesenheit: {about}"], ["ich bin bis {day} nicht im Büro.", "Ihre Nachricht wird nicht weitergeleitet.", "In dringenden Fällen wenden Sie sich bitte an {person}.", "Vielen Dank für Ihre Nachricht.", "Wir haben Ihre Anfrage unter der Nummer {number} erfasst."]),
    "fr": (["Réponse automatique : {about}", "Absence : {about}"], ["je suis absent jusqu'au {day}.", "En cas d'urgence, écrivez à {person}.", "Merci de votre message.", "Votre demande porte le numéro {number}."]),
    "es": (["Respuesta automática: {about}"], ["estaré fuera de la oficina hasta el {day}.", "Si es urgente, escriba a {person}.", "Gracias por su mensaje.", "Su solicitud tiene el número {number}."]),
    "pt": (["Resposta automática: {about}"], ["estou fora do escritório até {day}.", "Se for urgente, fale com {person}.", "Obrigado pela mensagem."]),
    "it": (["Risposta automatica: {about}"], ["sono fuori ufficio fino a {day}.", "Per urgenze scrivere a {person}.", "Grazie per il messaggio."]),
    "nl": (["Automatisch antwoord: {about}"], ["ik ben tot {day} afwezig.", "Neem bij spoed contact op met {person}.", "Bedankt voor je bericht."]),
    "ja": (["自動応答: {about}"], ["ただいま不在にしております。", "戻り次第ご連絡いたします。", "お急ぎの場合は {person} までご連絡ください。"])}


def bounce(maker, about):
    host = maker.domain()
    to = f"{maker.word()}@{host}"
    body = maker.pick(BOUNCED).format(host=host, to=to, hours=maker.pick(["24", "48", "96"]))
    if maker.chance(0.6):
        body += f"\n\nReporting-MTA: dns; {maker.word()}.{host}\nFinal-Recipient: rfc822; {to}\nAction: failed\nStatus: 5.{maker.number(1)}.{maker.number(1)}"
    if maker.chance(0.5):
        body += f"\n\n------ original message ------\nFrom: {maker.person()} <{maker.word()}@{maker.domain()}>\nTo: {to}\nSubject: {about}"
    sender = maker.pick(["Mail Delivery Subsystem <mailer-daemon@{0}>", "MAILER-DAEMON@{0}", "Mail Delivery System <mailer-daemon@mail.{0}>", "postmaster@{0}", "Microsoft Outlook <postmaster@{0}>", "<>"]).format(maker.domain())
    return maker.mail(sender, maker.to(), maker.pick(BOUNCE_SUBJECTS).format(about=about), body)


def absence(maker, about):
    subjects, lines = AWAY[maker.pick(["en", "en", "en", *AWAY])]
    person = maker.person()
    body = "\n\n".join([*(maker.fill(line) for line in maker.some(lines, 1, 4)), person])
    html = "<html><body><p>" + body.replace("\n\n", "</p><p>") + "</p></body></html>" if maker.chance(0.4) else None
    return maker.mail(f"{person} <{maker.word()}@{maker.domain()}>", maker.to(), maker.pick(subjects).format(about=about), body, html)
