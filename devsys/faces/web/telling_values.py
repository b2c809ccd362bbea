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
from devsys.base.text import count_of
from devsys.core.model.changes import Difference
from devsys.faces.web.here import now, parts

LETTERS: Final = "letters"  # the field that says when letters leave
SOON: Final = "soon"
MORNING: Final = "morning"
WHEN: Final = (
    (SOON, "Now", "After a quiet time in which further changes join; at once for what is less than two days away."),
    (
        MORNING,
        "With tomorrow's digest",
        "At seven in the morning there; what is less than two days away leaves at once.",
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
        (once, f"a letter at once{': a session of theirs is less than two days away' if quiet else ''}"),
        (soon, f"a letter {count_of(quiet, 'minute')} after publishing" if quiet else "a letter"),
        (later, "the next morning's letter, as they chose"),
        (invited, "invitations by mail, as they chose"),
        (feed, "it in the calendar feed alone, as they chose"),
        (back, "no letter: for them time and place are as they last heard"),
        (people - len(tellings), "no letter: they have left or have no address"),
    )
    return tuple((f"{count:,}", _verb(count, words)) for count, words in found if count)


def _verb(count: int, words: str) -> str:
    seen = words.startswith("it in")
    return f"{'sees' if seen and count == 1 else 'see' if seen else 'gets' if count == 1 else 'get'} {words}"


def _note(*, demo: bool) -> str:
    if demo:
        return "This is a demo: letters are kept to be read here, none leaves."
    if not is_set(parts().settings):
        return "No mail server is set: letters wait until there is one."
    return ""
