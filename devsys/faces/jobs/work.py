"""The one table of what the worker can do: kind of run -> action."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any, Final

from devsys.actions import draw_plan, remind, remind_owners, roll_horizon, tidy_up, what_if
from devsys.actions.parts import Parts
from devsys.adapters.store.queries.runs import Run
from devsys.base.words import phrase
from devsys.core.planning.problem import Progress
from devsys.faces.jobs import due

log = logging.getLogger("devsys.worker")


@dataclass(frozen=True, slots=True)
class Job:
    """What a piece of work is handed: the parts, its run, whether to stop, where to say how far it is.

    `stop` says that somebody wants the best so far; it raises when the worker itself is stopped, which ends the
    work with nothing written. `say` takes a mapping that the page of the run shows.
    """

    parts: Parts
    run: Run
    stop: Callable[[], bool]
    say: Callable[[Mapping[str, Any]], None]

    def progress(self, found: Progress) -> None:
        """Say how far a plan is: stage, placed, on_time, owed, bound, sessions."""
        self.say(asdict(found))


class LeftOut(Exception):  # noqa: N818 -- no error: there is nothing to do
    """The work found nothing to do; the message says why."""


Work = Callable[[Job], Mapping[str, Any]]


def _draw(job: Job) -> Mapping[str, Any]:
    wish = draw_plan.Wish.from_text(job.run.args)
    drawn = draw_plan.carry_out(
        job.parts, wish, by_id=job.run.asked_by, stop=job.stop, progress=job.progress, run_id=job.run.id
    )
    return _told(drawn)


def _told(drawn: draw_plan.Drawn) -> Mapping[str, Any]:
    """Give what came of a plan for the ledger; what went wrong stands in the log as well."""
    for note in drawn.notes:
        log.warning("Draft %s: %s", drawn.draft_id, note)
    return asdict(drawn)


def _what_if(job: Job) -> Mapping[str, Any]:
    question = what_if.Question.from_text(job.run.args)
    answer = what_if.carry_out(
        job.parts, question, by_id=job.run.asked_by, stop=job.stop, progress=job.progress, run_id=job.run.id
    )
    return asdict(answer)


def _roll(job: Job) -> Mapping[str, Any]:
    drawn = roll_horizon.roll(job.parts, stop=job.stop, progress=job.progress, run_id=job.run.id)
    if isinstance(drawn, str):
        raise LeftOut(drawn)
    return _told(drawn)


def _age(job: Job) -> Mapping[str, Any]:
    from devsys.actions.age_feeds import age_feeds  # noqa: PLC0415 -- slow import

    return {"feeds": age_feeds(job.parts)}


def _tidy(job: Job) -> Mapping[str, Any]:
    return tidy_up.tidy_up(job.parts)


def _busy(job: Job) -> Mapping[str, Any]:
    from devsys.actions.busy_times import refresh  # noqa: PLC0415 -- slow import

    if not job.parts.settings.busy_addresses:
        raise LeftOut(phrase("Addresses of calendars are not taken here (DEVSYS_BUSY_ADDRESSES)."))
    return refresh(job.parts)


def _remind(job: Job) -> Mapping[str, Any]:
    parts = job.parts
    owned = remind_owners.remind_owners(parts)
    return {"people": remind.remind(parts), "asked": remind.ask_how_it_was(parts), "owned": owned}


def _offer(job: Job) -> Mapping[str, Any]:
    from devsys.actions.offer_seats import offer_seats  # noqa: PLC0415 -- slow import

    return offer_seats(job.parts)


def _coaching(job: Job) -> Mapping[str, Any]:
    from devsys.actions.tend_coaching import tend  # noqa: PLC0415 -- slow import

    return tend(job.parts)


def _review(job: Job) -> Mapping[str, Any]:
    from devsys.actions.review_improvement import carry_out  # noqa: PLC0415 -- slow import

    return carry_out(job.parts, run_id=job.run.id)


def _pulse(job: Job) -> Mapping[str, Any]:
    from devsys.actions.close_pulse import close_pulse  # noqa: PLC0415 -- slow import

    return close_pulse(job.parts)


WORK: Final[Mapping[str, Work]] = MappingProxyType(
    {
        draw_plan.JOB: _draw,
        what_if.JOB: _what_if,
        due.ROLL: _roll,
        due.AGE: _age,
        due.TIDY: _tidy,
        due.BUSY: _busy,
        due.REMIND: _remind,
        due.OFFER: _offer,
        due.COACHING: _coaching,
        due.REVIEW: _review,
        due.PULSE: _pulse,
    }
)
