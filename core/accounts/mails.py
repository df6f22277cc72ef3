"""Mails about an account, to its holder."""

from flask_babel import LazyString, force_locale
from sqlalchemy.orm import Session

from core import outbox
from core.accounts.models import User
from core.localised import LANGUAGES


def send(
    session: Session,
    user: User,
    *,
    subject: LazyString,
    body: LazyString,
    link: str,
    action: LazyString,
    secret: bool = False,
) -> None:
    """Put a mail to a user into the outbox, in the language of their choice.

    Args:
        session: the session of the open `db.write()`.
        user: the receiver.
        subject, body, action: as for `outbox.Mail`, from `lazy_gettext`: translated here.
        link: path within the site.
        secret: whether the link lets whoever has it act for the user.
    """
    language = user.language or LANGUAGES[0]
    with force_locale(language):
        mail = outbox.Mail(
            to=user.email,
            name=user.name,
            language=language,
            subject=str(subject),
            body=str(body),
            link=link,
            action=str(action),
            secret=secret,
        )
    outbox.put(session, mail)
