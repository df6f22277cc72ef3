"""Words that mean the same: rows of terms, each a word or a few, that the office keeps."""

import re

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit, errors
from core.accounts import roles
from core.accounts.models import User
from core.content.search import words
from core.content.search.models import Synonym
from core.db import db, write

PERMISSION = "content.consortium"
MOST = 500
LONGEST = 200
MOST_TERMS = 12
BETWEEN = re.compile(r"[,，、;；\n]+")


def every() -> list[Synonym]:
    """Return all rows, in the order of their making."""
    return list(db.session.scalars(select(Synonym).order_by(Synonym.id)))


def table() -> words.Synonyms:
    """Return what each term means as well, as `words.question` takes it; a term of two rows means both."""
    means: dict[words.Phrase, tuple[words.Phrase, ...]] = {}
    for text in db.session.scalars(select(Synonym.words).order_by(Synonym.id)):
        terms = split(text)
        alternatives = tuple(phrase for term in terms for phrase in words.phrases(term))
        for term in terms:
            key = words.units(term)
            means[key] = tuple(dict.fromkeys([*words.phrases(term), *means.get(key, ()), *alternatives]))
    return means


def split(text: str) -> list[str]:
    """Return the terms of a row, each once."""
    terms = (" ".join(term.split()) for term in BETWEEN.split(text))
    return list({words.units(term): term for term in terms if words.units(term)}.values())


def add(*, actor: User, text: str) -> Synonym:
    """Add a row.

    Raises:
        errors.Forbidden: the actor does not write for the consortium.
        errors.Invalid: it does not hold two terms or more, or is too long; or there are too many rows.
    """
    with write() as session:
        roles.require(actor, PERMISSION)
        if len(every()) >= MOST:
            raise errors.Invalid({"words": _("There are %(count)s rows already. Please delete some.", count=MOST)})
        row = Synonym(words=_checked(text))
        session.add(row)
        session.flush()
        _record(session, actor, "add", row)
    return row


def change(*, actor: User, synonym_id: int, text: str) -> Synonym:
    """Change a row; raises as `add` does, and errors.NotFound when it is no longer there."""
    with write() as session:
        row = _locked(session, actor, synonym_id)
        row.words = _checked(text)
        _record(session, actor, "change", row)
    return row


def remove(*, actor: User, synonym_id: int) -> Synonym:
    """Take a row away.

    Raises:
        errors.Forbidden, errors.NotFound: the actor may not, or it is no longer there.
    """
    with write() as session:
        row = _locked(session, actor, synonym_id)
        session.delete(row)
        _record(session, actor, "remove", row)
    return row


def _locked(session: Session, actor: User, synonym_id: int) -> Synonym:
    roles.require(actor, PERMISSION)
    row = session.get(Synonym, synonym_id, with_for_update=True)
    if row is None:
        raise errors.NotFound
    return row


def _checked(text: str) -> str:
    terms = split(text)
    if len(terms) < 2:
        raise errors.Invalid({"words": _("Please write two words or more, with a comma between them.")})
    if len(terms) > MOST_TERMS:
        raise errors.Invalid({"words": _("Please write at most %(count)s words in a row.", count=MOST_TERMS)})
    joined = "，".join(terms)
    if len(joined) > LONGEST:
        raise errors.Invalid({"words": _("Please keep to %(count)s characters.", count=LONGEST)})
    return joined


def _record(session: Session, actor: User, act: str, row: Synonym) -> None:
    audit.record(session, actor_id=actor.id, action=f"synonym.{act}", subject=f"synonym:{row.id}", words=row.words)
