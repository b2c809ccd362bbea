"""Who would hear of a change by letter, when, and who sees it in the feed alone; with one letter as a sample."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from devsys.actions import tell_people
from devsys.actions.letter_words import words_of
from devsys.actions.tell_people import Telling
from devsys.adapters.post.smtp import is_set
from devsys.adapters.post.write import as_text, subject_of
from devsys.adapters.store.queries import house
from devsys.base.words import phrase, phrases, to_phrase
from devsys.base.written import number
from devsys.core.model.changes import Difference
from devsys.faces.web.here import now, parts

LETTERS: Final = "letters"  # the field that says when letters leave
SOON: Final = "soon"
MORNING: Final = "morning"
WHEN: Final = (
    (
        SOON,
        to_phrase("Now"),
        to_phrase("After a quiet time in which further changes join; at once for what is less than two days away."),
    ),
    (
        MORNING,
        to_phrase("With tomorrow's digest"),
        to_phrase("At seven in the morning there; what is less than two days away leaves at once."),
    ),
)


@dataclass(frozen=True, slots=True)
class Sample:
    """One of the letters, as its reader will get it."""

    to: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Told:
    """Who is told: (count, words) lines, a sample letter (None: no letter), and what is to be known besides."""

    lines: tuple[tuple[str, str], ...]
    sample: Sample | None
    note: str
    asks: bool

    @property
    def when(self) -> tuple[tuple[str, str, str], ...]:
        """The choices of when letters leave; none where all of them leave at once or nobody gets one."""
        return WHEN if self.asks else ()


def told(found: Sequence[Difference]) -> Told:
    """Give who is told of differences that are not published yet; it only reads."""
    at = now()
    with parts().store.read() as db:
        tellings, number = tell_people.preview(db, parts(), found, at)
        demo = house.is_demo(db)
        first = _first(tellings)
        content = words_of(db, parts(), first, at) if first is not None else None
    sample = None
    if first is not None and content is not None:
        sample = Sample(first.recipient.name, subject_of(content), as_text(content).split("\n-- \n")[0].strip())
    people = len({p for d in found for p in d.concerned})
    return Told(
        lines=_lines(tellings, people),
        sample=sample,
        note=_note(demo=demo),
        asks=number > 0 and any(t.due is not None and t.due > at for t in tellings),
    )


def _first(tellings: Sequence[Telling]) -> Telling | None:
    """Give the telling whose letter says most about what is usual: of somebody who comes, the fewest lines first."""
    ones = [t for t in tellings if t.due is not None and t.changes]
    return min(
        ones,
        key=lambda t: (any(c.leads for c in t.changes), len(t.changes), t.recipient.name, t.recipient.person_id),
        default=None,
    )


def _lines(tellings: Sequence[Telling], people: int) -> tuple[tuple[str, str], ...]:
    at, quiet = now(), parts().settings.quiet_minutes
    written = [t for t in tellings if t.due is not None and not t.recipient.choice.invitations]
    invited = sum(t.due is not None and t.recipient.choice.invitations for t in tellings)
    once = sum(t.due == at for t in written)
    soon = sum(at < t.due <= at + tell_people.quiet_time(parts()) for t in written if t.due is not None)
    later = len(written) - once - soon
    feed = sum(t.due is None and bool(t.changes) for t in tellings)
    back = sum(not t.changes for t in tellings)
    found = (
        (once, _once(once, close=quiet > 0)),
        (soon, _soon(soon, quiet)),
        (
            later,
            phrases(
                "gets the next morning's letter, as they chose", "get the next morning's letter, as they chose", later
            ),
        ),
        (
            invited,
            phrases("gets invitations by mail, as they chose", "get invitations by mail, as they chose", invited),
        ),
        (
            feed,
            phrases(
                "sees it in the calendar feed alone, as they chose",
                "see it in the calendar feed alone, as they chose",
                feed,
            ),
        ),
        (
            back,
            phrases(
                "gets no letter: for them time and place are as they last heard",
                "get no letter: for them time and place are as they last heard",
                back,
            ),
        ),
        (
            none := people - len(tellings),
            phrases(
                "gets no letter: they have left or have no address",
                "get no letter: they have left or have no address",
                none,
            ),
        ),
    )
    return tuple((number(count), words) for count, words in found if count)


def _once(count: int, *, close: bool) -> str:
    if not close:
        return phrases("gets a letter at once", "get a letter at once", count)
    return phrases(
        "gets a letter at once: a session of theirs is less than two days away",
        "get a letter at once: a session of theirs is less than two days away",
        count,
    )


def _soon(count: int, quiet: int) -> str:
    if not quiet:
        return phrases("gets a letter", "get a letter", count)
    return phrases(
        "gets a letter %(quiet)s after publishing",
        "get a letter %(quiet)s after publishing",
        count,
        quiet=phrases("%(num)s minute", "%(num)s minutes", quiet),
    )


def _note(*, demo: bool) -> str:
    if demo:
        return phrase("This is a demo: letters are kept to be read here, none leaves.")
    if not is_set(parts().settings):
        return phrase("No mail server is set: letters wait until there is one.")
    return ""
