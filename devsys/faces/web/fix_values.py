"""Fixes as pages show them: overdue first, what their contacts say in a sentence, shares of queues."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
from flask import url_for

from devsys.actions.close_fix import STATE_WORDS, Look
from devsys.base.words import grouped, phrase, phrases, to_phrase
from devsys.base.written import day, near_day, number, percent, several, spoken
from devsys.core.causes import FEWEST, WORDS, Effect, Landing, Share, gate
from devsys.core.improvement import charts
from devsys.core.model.causes import Cause, Fix, FixState
from devsys.faces.web.drawing_weeks import draw_weeks

BASE: Final = 6  # weeks before a fix from which limits are worked out
SIDES: Final = {"before": to_phrase("before"), "during": to_phrase("during"), "after": to_phrase("after")}
_TONES: Final = {FixState.OPEN: "", FixState.DOING: "warn", FixState.DONE: "", FixState.CHECKED: "ok"}
GROUPS: Final = (
    (to_phrase("Overdue"), to_phrase("their day has passed")),
    (to_phrase("Open"), to_phrase("nobody has begun")),
    (to_phrase("Being done"), ""),
    (to_phrase("Done, not looked at yet"), to_phrase("did it help? Weeks after it say so")),
    (to_phrase("Checked"), ""),
)
CAUSES_OF_FIXES: Final = tuple((c.value, *WORDS[c]) for c in Cause if gate(c) is Landing.FIX)


@dataclass(frozen=True, slots=True)
class Line:
    """One fix in the list."""

    href: str
    title: str
    state: str
    tone: str
    overdue: bool
    when: str
    words: str


def group_of(one: Fix, today: date) -> int:
    """Give which of `GROUPS` a fix belongs to."""
    if one.overdue(today):
        return 0
    return {FixState.OPEN: 1, FixState.DOING: 2, FixState.DONE: 3, FixState.CHECKED: 4}[one.state]


def line(one: Fix, today: date, names: Mapping[str, str], places: Mapping[str, str]) -> Line:
    """Give a fix as one line; `names` of people, `places` of queues and teams, by id."""
    late = one.overdue(today)
    where = [places[i] for i in (one.queue_id, one.team_id) if i in places and i is not None]
    return Line(
        href=url_for("fixes.one", fix_id=one.id),
        title=one.title,
        state=phrase("overdue") if late else STATE_WORDS[one.state],
        tone="bad" if late else _TONES[one.state],
        overdue=late,
        when=phrase("done %(done)s", done=day(one.done))
        if one.over and one.done
        else phrase("due %(due)s", due=near_day(one.due, today)),
        words=" · ".join([str(WORDS[one.cause][0]), names.get(one.owner_id, phrase("nobody")), *where]),
    )


def groups(found: Iterable[Line], at: Sequence[int]) -> list[dict[str, Any]]:
    """Give lines by group, empty groups left out."""
    by_group: dict[int, list[Line]] = {}
    for one, group in zip(found, at, strict=True):
        by_group.setdefault(group, []).append(one)
    return [{"title": GROUPS[g][0], "says": GROUPS[g][1], "lines": by_group[g]} for g in sorted(by_group)]


def finding(effect: Effect, *, over: bool) -> str:
    """Say what the contacts come to: what is known, and what is missing."""
    if effect.before is None:
        if not effect.known_before:
            return phrase("No contacts are counted under its key yet.")
        return phrase(
            "Too little data to tell: %(known_before)s of %(fewest)s weeks before it.",
            known_before=effect.known_before,
            fewest=FEWEST,
        )
    if not over:
        return phrase("%(before)s contacts a week come of it.", before=number(round(effect.before)))
    if effect.after is None:
        return phrase(
            "%(before)s contacts a week before; %(known_after)s of %(fewest)s weeks after it are known.",
            before=number(round(effect.before)),
            known_after=effect.known_after,
            fewest=FEWEST,
        )
    saved = round(effect.before) - round(effect.after)
    how = (
        phrase("%(saved)s fewer", saved=number(round(saved)))
        if saved > 0
        else phrase("%(saved)s more", saved=number(round(-saved)))
        if saved < 0
        else phrase("no fewer")
    )
    return phrase(
        "%(before)s contacts a week before, %(after)s after: %(how)s.",
        before=number(round(effect.before)),
        after=number(round(effect.after)),
        how=how,
    )


def beyond_chance(effect: Effect) -> tuple[str, tuple[float, ...]]:
    """Say whether the weeks after a fix are more than chance, by the limits of an XmR chart of the weeks before it.

    Gives the sentence and the two limits; nothing where fewer than `BASE` weeks before are known, or none after.
    """
    old = [float(w.contacts) for w in effect.weeks if w.side == "before" and w.contacts is not None]
    new = [float(w.contacts) for w in effect.weeks if w.side == "after" and w.contacts is not None]
    if len(old) < BASE or effect.after is None:
        return "", ()
    chart = charts.chart(np.array(old + new), freeze=len(old), good=charts.Good.DOWN)
    limits = chart.groups[0].limits
    if not limits.known:
        return "", ()
    types = chart.types[len(old) :]
    better, worse = types.count(charts.IMPROVEMENT), types.count(charts.CONCERN)
    of = phrases(
        "%(some)s of %(num)s week after it",
        "%(some)s of %(num)s weeks after it",
        len(new),
        some=spoken(max(better, worse)),
        num=spoken(len(new)),
    )
    if better > worse:
        words = phrase("More than chance: %(of)s lie beyond what the weeks before it would give.", of=of)
    elif worse:
        words = phrase(
            "More than chance, and the wrong way: %(of)s lie beyond what the weeks before it would give.", of=of
        )
    else:
        words = phrase("No more than chance: the weeks after it lie where those before it would.")
    return words, (limits.lower, limits.upper)


def effect_values(found: Look) -> dict[str, Any]:
    """Give the finding, whether it is more than chance, the drawing and the table twin."""
    words = finding(found.effect, over=found.fix.over)
    chance, limits = beyond_chance(found.effect)
    return {
        "finding": words,
        "chance": chance,
        "drawn": draw_weeks(
            found.effect.weeks, found.effect.before, found.effect.after, f"{words} {chance}".strip(), limits=limits
        ),
        "rows": [
            (str(w.week), SIDES[w.side], phrase("not known") if w.contacts is None else w.contacts)
            for w in found.effect.weeks
        ],
    }


def offer_words(found: Look) -> str:
    """Say what the requirement could be lower by, and how that is worked out."""
    if found.offer is None or found.queue is None:
        return ""
    o, least = found.offer, max(found.queue.minimum, 1)
    return phrase(
        "%(saved)s contacts fewer a week are %(share)s of the %(contacts)s that its requirement carries. By the handle "
        "time and service goal of the queue it could be lower by %(hours)s agent hours a week, never below %(least)s "
        "at a time. Dates with a requirement of their own keep it.",
        saved=number(round(o.saved)),
        share=percent(100 * o.share),
        contacts=number(o.contacts),
        hours=grouped(f"{o.hours:g}"),
        least=least,
    )


def share_values(found: Iterable[Share], queues: Mapping[str, str]) -> list[dict[str, Any]]:
    """Give the preventable share of each queue, with its causes in words."""
    rows = []
    for one in found:
        if one.queue_id not in queues:
            continue
        causes = sorted(one.preventable.items(), key=lambda pair: (-pair[1], pair[0]))
        rows.append(
            {
                "queue": queues[one.queue_id],
                "share": percent(100 * one.share),
                "width": round(198 * one.share, 2),
                "contacts": one.contacts,
                "preventable": sum(one.preventable.values()),
                "causes": several([f"{WORDS[c][0].lower()} {n:,}" for c, n in causes]) or phrase("none counted"),
            }
        )
    return rows
