"""Case rounds: whose turn, the agenda, cards, outcomes; what keeps returning, over all of them."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from devsys.actions import decide_cause, run_round
from devsys.actions.run_round import Round
from devsys.adapters.store.queries import lessons, retention, rounds
from devsys.adapters.store.queries.rounds import GIVES, SKIPS, Kept
from devsys.base.errors import InvalidError, NotFoundError
from devsys.base.words import phrase, phrases
from devsys.base.written import full_day, number, several, zone_name
from devsys.core.causes import WORDS
from devsys.core.model.calendar import Session, Status
from devsys.core.model.programme import Principle
from devsys.core.model.rounds import FIELDS, LABELS, PRESENTERS, SHOWN, CardText
from devsys.core.policy import allow, scope
from devsys.core.rounds.outcomes import patterns
from devsys.faces.web import round_values, shown
from devsys.faces.web.csv_answer import csv_answer
from devsys.faces.web.drawing_patterns import draw_patterns
from devsys.faces.web.filters import local
from devsys.faces.web.forms import Form
from devsys.faces.web.here import now, parts, today, viewer
from devsys.faces.web.here import scope as reach_here
from devsys.faces.web.programmes import PRINCIPLES
from devsys.faces.web.session_values import when_words

pages = Blueprint("rounds", __name__)
BACK, AHEAD = timedelta(days=100), timedelta(days=60)
MOST: Final = 40
QUARTERS: Final = 5
CARD_TEXT: Final = 2_000


@pages.get("/rounds")
@allow("situations")
def index() -> str:
    """List the rounds one comes to, leads or coordinates: what is next, and what is not closed yet."""
    with parts().store.read() as db:
        found = run_round.listed(db, viewer(), (now() - BACK, now() + AHEAD), now(), MOST)
        ahead, over = found.ahead, found.over
        kept = rounds.kept(db, [s.id for s in over])
        known = shown.names_for(db, [*ahead, *over])

    def line(s: Session) -> dict[str, str]:
        title = " · ".join(w for w in (known.title(s.activity), known.team(s.team_id)) if w)
        mine = phrase("you lead it") if s.facilitator_id == viewer().person_id else ""
        return round_values.round_line(s, title, _state(s, kept), mine, today())

    return render_template(
        "rounds/index.html",
        ahead=[line(s) for s in ahead],
        over=[line(s) for s in over],
        board=url_for("rounds.board") if scope(viewer(), "causes", "read").wide else "",
    )


def _state(s: Session, kept: Mapping[str, Kept]) -> str:
    if s.ends_utc > now():
        return ""
    return "closed" if kept.get(s.id, Kept()).closed else phrase("not closed")


@pages.get("/rounds/<session_id>")
@allow("situations")
def show(session_id: str) -> str:
    """Show a round to those who come, who lead it or coordinate."""
    return _page(session_id, Form({}))


def _page(session_id: str, form: Form) -> str:
    with parts().store.read() as db:
        found = run_round.look(db, viewer(), session_id, now())
        known = shown.names_for(db, [found.session])
        named = round_values.seen(db, (*found.before, *found.found), known.activities)
        days = retention.kept(db, "cards", parts().settings)
    run_round.note_reading(parts(), viewer(), found.cards)
    taken = {one.code: one for one in run_round.library(parts())}
    s = found.session
    begun = s.starts_utc <= now() and s.status is Status.PLANNED
    return render_template(
        "rounds/show.html",
        title=known.title(s.activity),
        team=known.team(s.team_id),
        when=when_words(s),
        zone=zone_name(s.zone),
        place=known.place(s),
        facilitator=known.person(s.facilitator_id) if s.facilitator_id else "nobody yet",
        session=url_for("sessions.show", session_id=s.id),
        cancelled=s.status is Status.CANCELLED,
        closed=f"{found.kept.by}, {full_day(local(found.kept.closed, viewer().zone).date())}"
        if found.kept.closed
        else "",
        presented=[known.person(p) for p in found.settled.presented],
        turns=[_turn(found, p, n, known) for n, p in enumerate(found.turns[:SHOWN])],
        colleagues=[(p, known.person(p)) for p in found.turns],
        skips=[(p, known.person(p)) for p in found.settled.skips],
        me=viewer().person_id,
        comes=found.comes,
        runs=found.runs,
        rules=round_values.GROUND_RULES,
        agenda=round_values.agenda(s, found.activity),
        before=[round_values.outcome(one, named) for one in found.before],
        outcomes=[round_values.outcome(one, named) for one in found.found],
        cards=[round_values.card_values(c, known.person(c.person_id)) for c in found.cards],
        own=_own(found),
        library=[round_values.situation_values(taken[c]) for c in found.kept.library if c in taken],
        ready=[round_values.situation_values(one) for c, one in taken.items() if c not in found.kept.library],
        begun=begun,
        boxes=[
            (p, known.person(p), p in run_round.likely(found)) for p in sorted(found.session.people, key=known.person)
        ],
        days=days,
        typed={"words": form.typed("words")},
        waive=form.faults.get("words", "").startswith("Others read"),
        errors=form.faults,
        session_id=s.id,
    )


def _turn(found: Round, person_id: str, number: int, known: shown.Names) -> dict[str, Any]:
    mine = person_id == viewer().person_id
    return {
        "id": person_id,
        "name": phrase("You") if mine else known.person(person_id),
        "does": phrase("presents") if number < PRESENTERS else phrase("stands by"),
        "may": (mine or found.runs) and not found.closed and found.session.ends_utc > now(),
        "card": any(c.person_id == person_id for c in found.cards),
    }


def _own(found: Round) -> str:
    """Say how one's own card stands: nothing for who does not come."""
    if not found.comes:
        return ""
    if found.own is None:
        return "none"
    if found.own.text is None:
        return "wiped"
    return "shared" if found.own.shared else "kept"


@pages.post("/rounds/<session_id>/turns", endpoint="turn")
@allow("situations", "write")
def settle(session_id: str) -> Response:
    """Let somebody skip, swap, or keep their turn."""
    form = Form()
    person = form.text("person", limit=40)
    does = form.choice("does", (SKIPS, GIVES, "keeps"))
    other = form.text("other", limit=40, required=does == GIVES)
    form.check()
    run_round.turn(parts(), viewer(), session_id, person, does=does, other_id=other)
    flash(
        {SKIPS: phrase("They come up again next time."), GIVES: phrase("Swapped.")}.get(does, "As the rota says."), "ok"
    )
    return redirect(url_for("rounds.show", session_id=session_id), 303)


@pages.post("/rounds/<session_id>/library", endpoint="take")
@allow("situations", "write")
def take_situation(session_id: str) -> Response:
    """Take a situation from the library, or put it back."""
    form = Form()
    code = form.text("code", limit=200)
    form.check()
    run_round.take(parts(), viewer(), session_id, code, back=form.tick("back"))
    return redirect(url_for("rounds.show", session_id=session_id) + "#cards", 303)


@pages.post("/rounds/<session_id>/lessons", endpoint="lesson")
@allow("situations", "write")
def add_lesson(session_id: str) -> Response:
    """Keep what the round found; its cause is decided on the next page."""
    form = Form()
    words = form.text("words", limit=decide_cause.WORDS_LIMIT)
    if form:
        try:
            lesson_id = run_round.add_lesson(parts(), viewer(), session_id, words, waived=form.tick("waived"))
        except InvalidError as error:
            form.take(error, "words")
        else:
            return redirect(url_for("lessons.one", lesson_id=lesson_id), 303)
    return Response(_page(session_id, form), 422, mimetype="text/html")


@pages.post("/rounds/<session_id>/close")
@allow("situations", "write")
def close(session_id: str) -> Response:
    """Close the round: who presented; each outcome has its home."""
    form = Form()
    try:
        run_round.close(parts(), viewer(), session_id, form.all("presented"))
    except InvalidError as error:
        form.fault("outcomes", " ".join([error.message, *(f"{f.what}." for f in error.faults)]))
        return Response(_page(session_id, form), 422, mimetype="text/html")
    flash(phrase("Closed. Lessons stay; the texts of the cards go when their time is over."), "ok")
    return redirect(url_for("rounds.show", session_id=session_id), 303)


@pages.get("/rounds/<session_id>/card")
@allow("situations", "write")
def card(session_id: str) -> str:
    """Show one's own card for a round."""
    return _card_page(session_id, Form({}))


def _card_page(session_id: str, form: Form) -> str:
    with parts().store.read() as db:
        found = run_round.look(db, viewer(), session_id, now())
        if not found.comes:
            raise NotFoundError(phrase("You do not come to this round."))
        own = found.own
        marks = run_round.card_marks(db, own) if own else {}
        known = shown.names_for(db, [found.session])
        readers = rounds.readers(db, own.id) if own else ()
        days = retention.kept(db, "cards", parts().settings)
    text = own.text if own and own.text else CardText()
    return render_template(
        "rounds/card.html",
        title=known.title(found.session.activity),
        when=when_words(found.session),
        back=url_for("rounds.show", session_id=session_id),
        session_id=session_id,
        fields=[(name, LABELS[name], form.typed(name, getattr(text, name))) for name in FIELDS],
        principles=list(PRINCIPLES.items()),
        chosen=form.all("principles") if form.faults else (own.principles if own else ()),
        marks=round_values.mark_values(marks),
        waived=sorted(own.waived) if own else [],
        shared=bool(own and own.shared),
        kept=own is not None,
        wiped=bool(own and own.text is None),
        open=not found.closed and found.session.status is Status.PLANNED,
        readers=[(name, full_day(local(at, viewer().zone).date())) for name, at in readers],
        days=days,
        errors=form.faults,
    )


@pages.post("/rounds/<session_id>/card", endpoint="write_card")
@allow("situations", "write")
def keep_card(session_id: str) -> Response:
    """Keep one's own card, and share it where that was pressed and nothing is marked any more."""
    form = Form()
    texts = {name: form.text(name, limit=CARD_TEXT, long=True, required=False) for name in FIELDS}
    for name, text in texts.items():
        if len(text) > CARD_TEXT:
            form.fault(
                name, phrase("At most %(card_text)s characters; a round needs no more.", card_text=number(CARD_TEXT))
            )
    named = tuple(Principle(p) for p in form.several("principles", list(Principle)))
    if form:
        run_round.write_card(
            parts(), viewer(), session_id, CardText(**texts), principles=named, waived=form.all("waived")
        )
        if not form.tick("share"):
            flash(phrase("Kept, for you alone. Share it when nothing in it names anybody."), "ok")
            return redirect(url_for("rounds.card", session_id=session_id), 303)
        try:
            run_round.share_card(parts(), viewer(), session_id)
        except InvalidError as error:
            form.take(error, "situation")
        else:
            flash(phrase("Shared with those who come. It is open on the page of the round."), "ok")
            return redirect(url_for("rounds.show", session_id=session_id), 303)
    return Response(_card_page(session_id, form), 422, mimetype="text/html")


@pages.post("/rounds/<session_id>/card/drop", endpoint="drop_card")
@allow("situations", "write")
def take_card_back(session_id: str) -> Response:
    """Take one's own card back, whole."""
    run_round.drop_card(parts(), viewer(), session_id)
    flash(phrase("Your card is gone."), "ok")
    return redirect(url_for("rounds.show", session_id=session_id), 303)


def _quarter_starts(day: date, count: int) -> list[date]:
    """Give the first days of so many quarters, the last that of `day`."""
    at = (day.year * 4 + (day.month - 1) // 3) - count + 1
    return [date(n // 4, n % 4 * 3 + 1, 1) for n in range(at, at + count)]


def _patterns() -> tuple[list[str], Any]:
    starts = _quarter_starts(today(), QUARTERS)
    since = now() - (today() - starts[0] + timedelta(days=1))
    reach = reach_here()
    if not reach.wide:
        raise NotFoundError(phrase("This page does not exist."))
    with parts().store.read() as db:
        found = patterns(lessons.decided_since(db, since, reach), starts)
    return [f"{d.year} Q{(d.month + 2) // 3}" for d in starts], found


@pages.get("/rounds/board")
@allow("causes")
def board() -> str:
    """Show which causes keep returning, by quarter, over all rounds one may see; nobody is named."""
    quarters, found = _patterns()
    count = sum(p.sum for p in found)
    top = [p for p in found if p.sum and p.sum == found[0].sum]
    finding = phrase("No round has left an outcome yet.")
    if count:
        names = several([WORDS[p.cause][0].lower() for p in top])
        if len(top) > 1:
            finding = phrase(
                "Of %(all)s outcomes most came of %(names)s: %(most)s each.", all=count, names=names, most=top[0].sum
            )
        else:
            finding = phrases(
                "Of %(num)s outcome most came of %(names)s: %(most)s.",
                "Of %(num)s outcomes most came of %(names)s: %(most)s.",
                count,
                names=names,
                most=top[0].sum,
            )
    return render_template(
        "rounds/board.html",
        finding=finding,
        count=count,
        drawn=draw_patterns([(WORDS[p.cause][0], p.counts) for p in found], quarters),
        heads=[phrase("Cause"), *((q, "n") for q in quarters), (phrase("All"), "n")],
        rows=[(WORDS[p.cause][0], *p.counts, p.sum) for p in found],
        csv=url_for("rounds.board_csv"),
    )


@pages.get("/rounds/board.csv", endpoint="board_csv")
@allow("causes")
def as_csv() -> Response:
    """Give the figures of the board as a file."""
    quarters, found = _patterns()
    rows = [(WORDS[p.cause][0], *p.counts, p.sum) for p in found]
    return csv_answer("causes-of-rounds.csv", (phrase("Cause"), *quarters, phrase("All")), rows)
