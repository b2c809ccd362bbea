"""Which stamps a view of a session carries: SEQUENCE never falls, unchanged stays untouched (feeds.md V01 to V04).

The session's own SEQUENCE is raised where it is published (`model.changes.next_sequence`); here its consequences for
each view and each person are drawn.
"""

from datetime import datetime, timedelta

from devsys.core.feeds.vevent import Stamps

_SECOND = timedelta(seconds=1)


def later(kept: datetime, wished: datetime) -> datetime:
    """Give `wished`, or one second after `kept` when it would not move on; whole seconds, strictly increasing."""
    wished = wished.replace(microsecond=0)
    return wished if wished > kept else kept + _SECOND


def first_stamps(sequence: int, changed: datetime, created: datetime) -> Stamps:
    """Give the stamps of a view that is kept for the first time: those of the session, never before its CREATED."""
    return Stamps(sequence, max(changed, created).replace(microsecond=0))


def next_stamps(kept: Stamps, sequence: int, changed: datetime, now: datetime) -> Stamps:
    """Give the stamps of a view that says something else than before.

    `changed` is when the session last changed, `now` the moment of the transaction that writes this: a session that
    did not change but is called otherwise (a renamed room or activity) is stamped by that moment.
    """
    moment = changed if changed.replace(microsecond=0) > kept.changed else now
    return Stamps(max(sequence, kept.sequence), later(kept.changed, moment))


def own_sequence(sequence: int, turns: int) -> int:
    """Give the SEQUENCE in one person's own feed: each leaving and each return counts, so it never falls (V04)."""
    return sequence + turns


def next_revised(revised: datetime, now: datetime) -> datetime:
    """Give the time of a feed's next revision: whole seconds, strictly increasing (H04)."""
    return later(revised, now)
