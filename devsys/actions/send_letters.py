"""Send the letters that are due: find their words, seal them, hand them to the mail server, write down what came of it.

Words are sealed before they leave and the seal is opened only where the message surely did not leave. So a kill at any
moment, or a connection lost in between, sends the same bytes with the same Message-ID again, never other ones.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parseaddr
from typing import Final

from devsys.actions import invite_people
from devsys.actions.letter_words import Desk, Words, words_for
from devsys.actions.parts import Parts
from devsys.adapters.post import write
from devsys.adapters.post.smtp import Outcome, Server, Way, is_set
from devsys.adapters.store.queries import account_links, audit, house, invitations, letters, plans, readers
from devsys.adapters.store.queries.letters import Next, Trouble
from devsys.adapters.store.queries.readers import Recipient
from devsys.base.errors import InvalidError, UnavailableError
from devsys.base.ids import new_id
from devsys.base.words import phrase
from devsys.core.model.access import Viewer
from devsys.core.policy import scope

FIRST_WAIT: Final = timedelta(minutes=1)  # then twice as long each time
LONGEST_WAIT: Final = timedelta(hours=4)
GIVEN_UP: Final = timedelta(days=3)  # a letter that was refused for now so long is not tried again
SENDER: Final = "devsys@devsys.invalid"  # of letters that nobody sends: in a demo, and where none is set

log = logging.getLogger("devsys.letters")

Never = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Sealed:
    """A letter that may leave: its whole mail, and to whom."""

    letter: Next
    recipient: str
    message: bytes


def has_work(parts: Parts) -> bool:
    """Say whether a letter is due that can be dealt with now; cheap, for every tick of the worker."""
    now = parts.now()
    with parts.store.read() as db:
        if not letters.is_due(db, now):
            return False
        if house.is_demo(db):
            return True
        found = letters.trouble(db)
    return is_set(parts.settings) and (found is None or found.until <= now)


def send_letters(parts: Parts, stop: Never = lambda: False) -> int:
    """Send what is due until nothing is, the mail server is in trouble or somebody says stop; give how many left."""
    with parts.store.read() as db:
        demo = house.is_demo(db)
    if not demo and not is_set(parts.settings):
        return 0
    sent = 0
    with Server(parts.settings) as server:
        while not stop():
            found = next_sealed(parts)
            if found is None:
                break
            if demo:  # nothing leaves; the letter is there to be read
                outcome = Outcome(Way.SENT)
            else:
                outcome = server.send(parseaddr(parts.settings.mail_from)[1], found.recipient, found.message)
            write_down(parts, found, outcome, kept=demo)
            sent += outcome.way is Way.SENT
            if outcome.way is Way.TROUBLE:
                break
    return sent


def next_sealed(parts: Parts) -> Sealed | None:
    """Give the next letter that is due, its words found and sealed; None when there is none.

    One that has nothing to say, or whose reader left, goes. Finding the words only reads; they are sealed if neither
    the plan nor the letter changed meanwhile.
    """
    while True:
        with parts.store.read() as db:
            found = letters.next_due(db, parts.now())
        if found is None:
            return None
        try:
            made = _dealt_with(parts, found)
        except UnavailableError:
            raise
        except Exception as error:  # noqa: BLE001 -- one letter that cannot be written must not hold up the others
            with parts.speaking():
                words = error.message if isinstance(error, InvalidError) else _broken(found, error)
            with parts.store.write() as db:
                letters.refuse(db, found.id, parts.now(), words)
        else:
            if made is not None:
                return made


def _broken(found: Next, error: Exception) -> str:
    incident = new_id()[:8]
    log.error("Incident %s: letter %s could not be written.", incident, found.id, exc_info=error)
    return phrase(
        "Something in devsys broke (incident %(incident)s); the log of the worker says more.", incident=incident
    )


def _dealt_with(parts: Parts, found: Next) -> Sealed | None:
    """Give a letter that may leave; None when it is dealt with otherwise, or has to be looked at again.

    It is said in the language of whom it is to.
    """
    with parts.store.read() as db:
        of_account = found.kind in (letters.ACCOUNT, letters.CHANGED, letters.SECOND_STEP)
        known = readers.recipients(db, (found.person_id,), parts.now().date(), by_account=of_account)
    who = known.get(found.person_id)
    with parts.speaking(who.language if who is not None else ""):
        return _said(parts, found, who)


def _said(parts: Parts, found: Next, who: Recipient | None) -> Sealed | None:
    now = parts.now()
    with parts.store.read() as db:
        number = plans.pointer(db)
        fresh = who is not None and found.message is None
        by_mail = fresh and found.kind == letters.PLAN and who is not None and invite_people.concerns(db, who)
        words = words_for(Desk(db, parts, found, who, now)) if fresh and not by_mail and who is not None else None
    if who is None:
        with parts.store.write() as db:
            letters.drop(db, (found.id,))
        return None
    if found.message is not None:
        return Sealed(found, found.recipient, found.message)
    if by_mail:
        _invite(parts, found, who)
        return None
    if words is None:
        with parts.store.write() as db:
            if plans.pointer(db) == number:
                letters.drop(db, (found.id,))
        return None
    return _seal(parts, found, who, words, number)


def _invite(parts: Parts, found: Next, who: Recipient) -> None:
    """Turn a letter that is due into invitations by mail; for who chose feeds again, take back those that stand."""
    now, sender = parts.now(), parts.settings.mail_from or SENDER
    with parts.store.read() as db:
        number = plans.pointer(db)
        sheets = invite_people.sheets(db, parts, who, now, sender)
    with parts.store.write() as db:
        if plans.pointer(db) != number:
            return
        invitations.seal_invitations(db, who.person_id, sheets, now)
        if who.choice.invitations:
            readers.set_told(db, {who.person_id: number})
            letters.drop(db, (found.id,))


def _seal(parts: Parts, found: Next, who: Recipient, words: Words, number: int) -> Sealed | None:
    """Seal a letter; None when plan or letter changed since its words were found. Raises InvalidError."""
    now = parts.now()
    sender = parts.settings.mail_from or SENDER
    mail = write.written(words.content, found.id, sender=sender, name=who.name, recipient=who.email, now=now)
    of_plan = found.kind == letters.PLAN
    with parts.store.write() as db:
        if plans.pointer(db) != number:
            return None
        sealed = letters.seal(
            db,
            found,
            told=number if of_plan else None,
            before=who.told if of_plan else None,
            recipient=who.email,
            subject=write.subject_of(words.kept),
            text=write.as_text(words.kept),
            message=mail,
        )
        if sealed and words.link is not None:
            link = words.link
            account_links.keep(db, hashed=link.hashed, person_id=who.person_id, kind=link.kind, expires=link.expires)
    return Sealed(found, who.email, mail) if sealed else None


def write_down(parts: Parts, sealed: Sealed, outcome: Outcome, *, kept: bool = False) -> None:
    """Write down what came of sending a sealed letter."""
    now, letter = parts.now(), sealed.letter
    with parts.store.write() as db:
        if outcome.way is Way.TROUBLE:
            known = letters.trouble(db)
            tries = known.tries if known else 0
            until = now + wait(tries)
            since = known.since if known else now
            letters.set_trouble(db, Trouble(since, tries + 1, until, outcome.words))
            letters.try_later(db, letter.id, until, outcome.words, sure=outcome.sure, count=False)
            log.warning("No letter can be sent; next try after %s. %s", until.isoformat(), outcome.words)
            return
        if letters.trouble(db) is not None:
            letters.set_trouble(db, None)
        if outcome.way is Way.SENT:
            letters.end(db, letter.id, letters.KEPT if kept else letters.SENT, now)
        elif outcome.way is Way.LATER and now < letter.opened + GIVEN_UP:
            letters.try_later(db, letter.id, now + wait(letter.tries), outcome.words, sure=outcome.sure)
        else:
            letters.fail(db, letter.id, now, outcome.words, sure=outcome.sure)
            log.warning("Letter %s is not tried again.", letter.id)


def wait(tries: int) -> timedelta:
    """Give how long to wait after so many tries before: a minute, twice as long each time, four hours at most."""
    return min(FIRST_WAIT * (1 << min(tries, 12)), LONGEST_WAIT)


def try_again(parts: Parts, viewer: Viewer, letter_id: str) -> None:
    """Let a letter that failed be sent again. Raises NotFoundError, ConflictError as the outbox does."""
    now = parts.now()
    with parts.store.write() as db:
        letters.one(db, letter_id, scope(viewer, "letters", "write"))
        letters.try_again(db, letter_id, now)
        audit.record(db, at=now, by_id=viewer.person_id, act="try letter", what=f"letter {letter_id}")
