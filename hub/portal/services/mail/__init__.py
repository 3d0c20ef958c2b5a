"""Mail to people: queued in the transaction of its cause, sent by the jobs process, at most once for each cause.

To send mail from a service::

    from hub.portal.services.mail.outbox import queue_mail, queue_mails

    queue_mail(session, "certificate", person, f"certificate:{row.id}", {"course": {"ko": ..., "en": ...}})
    queue_mails(session, "announcement", person_ids, f"announcement:{row.id}", {"title": ..., "body": ...})

``cause`` names what happened, so that asking again for the same cause sends nothing again. ``context`` holds JSON facts
for the template and no secret: ``{"ko": …, "en": …}`` for the filter ``local``, ISO times for ``moment``. No setting
and no check is needed to queue: address, language and what is switched off or not wanted are looked up when it is sent.

To add a kind: a row in ``kinds.KINDS`` and two files ``templates/<kind>.ko.txt`` and ``templates/<kind>.en.txt``. The
first line is the subject, blank lines part paragraphs, a paragraph that is one address becomes a button in HTML.
``tests/hub/portal/services/mail/test_kinds.py`` shows every kind in both languages and fails for one without example.
"""
