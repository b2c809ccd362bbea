"""What if: the year drawn twice on the same ground, as things are and under a supposition, to be laid side by side."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta

from devsys.actions import draw_plan
from devsys.actions.draw_plan import Drawing, Wish
from devsys.actions.parts import Parts
from devsys.adapters.store.queries import people, programme, runs
from devsys.adapters.store.queries.plans import SUPPOSED
from devsys.base.ids import new_id
from devsys.core.model import suppose as model
from devsys.core.model.causes import AS_IT_IS
from devsys.core.model.suppose import Supposition, What
from devsys.core.planning.problem import Progress

JOB = "what if"
SUPPOSED_STAGE = "As supposed"
UNFINISHED = "stopped before its end"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: suppositions, and how many weeks from the Monday of the present week are drawn, with which seed.

    What is published may move from the end of the freeze window on, in both plans alike; pins stay.
    """

    suppositions: tuple[Supposition, ...]
    weeks: int = 52
    seed: int = 0
    rounds: int = 3

    def as_text(self) -> str:
        """Give the question as JSON, for the ledger of runs."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> "Question":
        """Read what `as_text` wrote."""
        found = json.loads(text)
        given = tuple(Supposition(What(s["what"]), s["target"], s["amount"]) for s in found.pop("suppositions"))
        return cls(suppositions=given, **found)

    def wish(self, first: date, cause: str) -> Wish:
        """Give the wish for one of the two plans, redrawn from a day on."""
        return Wish(weeks=self.weeks, cause=cause, redraw_from=first, seed=self.seed, rounds=self.rounds)


@dataclass(frozen=True, slots=True)
class Answer:
    """The two plans, each kept as a draft that is never published, and the suppositions in words."""

    left: str
    right: str
    words: str


def ask(parts: Parts, by_id: str | None, question: Question) -> str:
    """Leave a run for the worker; give its id. Raises InvalidError for a question that cannot be."""
    now = parts.now()
    draw_plan.possible(question.wish(_first(parts), ""), now.date(), parts.settings.freeze_days)
    with parts.store.write() as db:
        model.suppose(people.organisation(db), programme.adopted(db), question.suppositions)
        return runs.ask(db, JOB, period=f"asked-{new_id()}", args=question.as_text(), by_id=by_id, now=now)


def _first(parts: Parts) -> date:
    return parts.now().date() + timedelta(days=parts.settings.freeze_days)


def carry_out(
    parts: Parts,
    question: Question,
    *,
    by_id: str | None = None,
    stop: Callable[[], bool] = lambda: False,
    progress: Callable[[Progress], None] = lambda _: None,
    run_id: str = "",
) -> Answer:
    """Draw both plans and keep them in one transaction, with the run of the ledger done.

    `stop` ends both with the best so far; what they are called then says so. Raises InvalidError when there is nobody
    or nothing to plan, or what is supposed is not there.
    """
    wish = question.wish(_first(parts), AS_IT_IS)
    ground = draw_plan.ground_of(parts, wish)
    with parts.speaking():  # what is supposed is kept as the cause of a draft
        supposed = model.suppose(ground.brief.organisation, ground.brief.programmes, question.suppositions)
    other = replace(
        ground,
        brief=replace(ground.brief, organisation=supposed.organisation, programmes=supposed.programmes),
    )
    with parts.speaking():  # reasons are kept with both drafts
        left = draw_plan.think(ground, wish, stop=stop, progress=_said(AS_IT_IS, progress), crew=parts.crew)
        right = draw_plan.think(other, wish, stop=stop, progress=_said(SUPPOSED_STAGE, progress), crew=parts.crew)
    end = f", {UNFINISHED}" if stop() else ""
    with parts.store.write() as db:
        left_id, right_id = (
            draw_plan.keep(
                db,
                replace(wish, cause=f"{words}{end}"),
                ground,
                drawing,
                by_id=by_id,
                now=parts.now(),
                state=SUPPOSED,
            ).draft_id
            for words, drawing in ((AS_IT_IS, left), (supposed.words, _real(right)))
        )
        answer = Answer(left_id, right_id, supposed.words)
        if run_id:
            runs.finish(db, run_id, parts.now(), asdict(answer))
    return answer


def _said(which: str, progress: Callable[[Progress], None]) -> Callable[[Progress], None]:
    """Tell of the stages of one of the two plans."""
    return lambda found: progress(
        replace(found, stage=f"{which[:1].upper()}{which[1:]}: {found.stage[:1].lower()}{found.stage[1:]}")
    )


def _real(drawing: Drawing) -> Drawing:
    """Take supposed people out of what is kept: their sessions are led by nobody who is there."""
    return replace(
        drawing,
        changed=tuple(
            replace(s, facilitator_id=None) if (s.facilitator_id or "").startswith(model.SUPPOSED) else s
            for s in drawing.changed
        ),
    )
