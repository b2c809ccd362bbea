"""Hiring: vacancies, candidates, a card of four criteria, compared once all are in, decided with reasons."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from devsys.actions import open_vacancy, score_candidate
from devsys.actions.hiring_guides import guides
from devsys.actions.open_vacancy import Wanted, vacancy_of
from devsys.actions.score_candidate import Seen
from devsys.adapters.store.queries import calendar_figures, hiring, retention
from devsys.adapters.store.store import Db
from devsys.base.errors import InvalidError, NotFoundError
from devsys.base.limits import TEXT
from devsys.base.words import phrase, phrases, to_phrase
from devsys.base.written import full_day, spoken
from devsys.core.model.access import Role
from devsys.core.model.hiring import LEVELS, Criterion, Guide, Outcome, Rating, Vacancy
from devsys.core.policy import HiringPart, allow, hiring_parts, scope
from devsys.faces.web import hiring_values as values
from devsys.faces.web.forms import Form
from devsys.faces.web.here import parts, today, viewer

pages = Blueprint("hiring", __name__)
OUTCOMES: Final = (
    (Outcome.YES.value, to_phrase("We offer the place")),
    (Outcome.NO.value, to_phrase("We do not offer it")),
)


@dataclass(frozen=True, slots=True)
class VacancyLine:
    """One vacancy of the list."""

    title: str
    words: str
    href: str


@pages.get("/hiring")
@allow("vacancies")
def index() -> str:
    """Show the vacancies that concern the viewer; all of them to who opens them."""
    with parts().store.read() as db:
        opens = bool(scope(viewer(), "vacancies", "write"))
        found = hiring.vacancies(db, concerns=None if opens else viewer().person_id)
        mine = [v for v in found if hiring_parts(viewer(), v)]
        words = _words(db, mine)
        rows = [VacancyLine(v.title, words[v.id], url_for("hiring.vacancy", vacancy_id=v.id)) for v in mine]
    return render_template("hiring/index.html", rows=rows, new=url_for("hiring.new") if opens else "")


def _words(db: Db, vacancies: Iterable[Vacancy]) -> Mapping[str, str]:
    """Say whose each vacancy is, by its id: two reads for all of them."""
    some = tuple(vacancies)
    people = calendar_figures.members(db, {i for v in some for i in (*v.assessors, v.lead_id)})
    names = {m.id: m.name for m in people.values()}
    teams = {t.id: t.name for t in calendar_figures.teams(db).values()}
    return {v.id: values.kept_words(v, names, teams, today()) for v in some}


@pages.get("/hiring/new")
@allow("vacancies", "write")
def new() -> str:
    """Ask what the vacancy is."""
    return _form(Form({}), None)


@pages.get("/hiring/<vacancy_id>/change")
@allow("vacancies", "write")
def change(vacancy_id: str) -> str:
    """Ask what changes."""
    return _form(Form({}), _own_to_change(vacancy_id))


def _own_to_change(vacancy_id: str) -> Vacancy:
    with parts().store.read() as db:
        found, mine = vacancy_of(db, viewer(), vacancy_id)
    if HiringPart.COORDINATOR not in mine:
        raise NotFoundError(phrase("There is no such vacancy."))
    return found


def _form(form: Form, old: Vacancy | None) -> str:
    told = guides(parts())
    with parts().store.read() as db:
        reach = scope(viewer(), "vacancies", "write")
        teams = [(t.id, t.name) for t in calendar_figures.teams(db).values() if reach.covers(team_id=t.id)]
        leads, assessors = hiring.all_holders(db, Role.LEAD), hiring.all_holders(db, Role.ASSESSOR)
    asked = old.questions if old else {c: told[c].questions for c in Criterion}
    return render_template(
        "hiring/form.html",
        old=old.title if old else "",
        back=url_for("hiring.vacancy", vacancy_id=old.id) if old else url_for("hiring.index"),
        action=url_for("hiring.keep_change", vacancy_id=old.id) if old else url_for("hiring.keep_new"),
        teams=teams,
        leads=list(leads.items()),
        assessors=list(assessors.items()),
        criteria=[told[c] for c in Criterion],
        typed={
            "title": form.typed("title", old.title if old else ""),
            "team": form.typed("team", old.team_id if old else ""),
            "lead": form.typed("lead", old.lead_id if old else ""),
            **{c.value: form.typed(c.value, "\n".join(asked[c])) for c in Criterion},
        },
        chosen=form.all("assessors") or (sorted(old.assessors) if old else ()),
        errors=form.faults,
        labels={c.value: told[c].title for c in Criterion},
    )


@pages.post("/hiring/new", endpoint="keep_new")
@allow("vacancies", "write")
def keep_new() -> Response:
    """Open a vacancy."""
    return _keep(None)


@pages.post("/hiring/<vacancy_id>/change", endpoint="keep_change")
@allow("vacancies", "write")
def keep_change(vacancy_id: str) -> Response:
    """Change a vacancy."""
    return _keep(_own_to_change(vacancy_id))


def _keep(old: Vacancy | None) -> Response:
    form = Form()
    wanted = Wanted(
        title=form.text("title"),
        team_id=form.text("team"),
        lead_id=form.text("lead"),
        assessors=frozenset(form.all("assessors")),
        questions={c: _lines(form.text(c.value, long=True, required=False)) for c in Criterion},
    )
    if form:
        try:
            vacancy_id = open_vacancy.keep(parts(), viewer(), wanted, vacancy_id=old.id if old else None, today=today())
        except InvalidError as error:
            for fault in error.faults:
                form.fault(fault.where, fault.what)
        else:
            flash(
                phrase("The vacancy is kept.")
                if old
                else phrase("The vacancy is open. Its assessors find it on Home."),
                "ok",
            )
            return redirect(url_for("hiring.vacancy", vacancy_id=vacancy_id), 303)
    return Response(_form(form, old), 422, mimetype="text/html")


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


@pages.get("/hiring/<vacancy_id>")
@allow("vacancies")
def vacancy(vacancy_id: str) -> str:
    """Show a vacancy; its candidates to its lead and its assessors."""
    return _vacancy(vacancy_id, Form({}))


def _vacancy(vacancy_id: str, form: Form) -> str:
    told = guides(parts())
    with parts().store.read() as db:
        found, mine = vacancy_of(db, viewer(), vacancy_id)
        words = _words(db, (found,))[found.id]
        months = retention.kept(db, "candidates", parts().settings)
        shown = values.lines(db, found, viewer(), mine, months)
    opens, assesses = HiringPart.COORDINATOR in mine, HiringPart.ASSESSOR in mine
    return render_template(
        "hiring/vacancy.html",
        title=found.title,
        words=words,
        criteria=[(told[c], found.questions[c]) for c in Criterion],
        knows=bool(mine & {HiringPart.LEAD, HiringPart.ASSESSOR}),
        candidates=shown,
        add=url_for("hiring.add", vacancy_id=found.id) if assesses and found.closed is None else "",
        change=url_for("hiring.change", vacancy_id=found.id) if opens else "",
        close=url_for("hiring.close", vacancy_id=found.id) if opens else "",
        closed=found.closed is not None,
        months=months,
        typed={name: form.typed(name) for name in ("name", "contact")},
        errors=form.faults,
    )


@pages.post("/hiring/<vacancy_id>/close")
@allow("vacancies", "write")
def close(vacancy_id: str) -> Response:
    """Close a vacancy or open it again."""
    closed = Form().choice("does", ("close", "open"), default="close") == "close"
    open_vacancy.close(parts(), viewer(), vacancy_id, closed=closed, today=today())
    flash(
        phrase("The vacancy is closed; nobody can be added.") if closed else phrase("The vacancy is open again."), "ok"
    )
    return redirect(url_for("hiring.vacancy", vacancy_id=vacancy_id), 303)


@pages.post("/hiring/<vacancy_id>/candidates")
@allow("candidates", "write")
def add(vacancy_id: str) -> Response:
    """Add a candidate."""
    form = Form()
    name, contact = form.text("name"), form.text("contact", required=False)
    if form:
        try:
            candidate_id = score_candidate.add(parts(), viewer(), vacancy_id, name=name, contact=contact)
        except InvalidError as error:
            form.take(error, "name")
        else:
            flash(phrase("Each assessor has a card of their own now."), "ok")
            return redirect(url_for("hiring.candidate", candidate_id=candidate_id), 303)
    return Response(_vacancy(vacancy_id, form), 422, mimetype="text/html")


@dataclass(frozen=True, slots=True)
class Asked:
    """One criterion of the card form."""

    guide: Guide
    questions: tuple[str, ...]
    asked: str
    heard: str
    level: str
    levels: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """One criterion beside each other: who rated it how, in words, and what they heard."""

    title: str
    says: str
    differs: bool
    ratings: tuple[tuple[str, str, str, str], ...]
    reason: str
    key: str


@pages.get("/candidates/<candidate_id>")
@allow("hiring_cards")
def candidate(candidate_id: str) -> str:
    """Show one's own card, or all of them once all are in; to the lead once it is decided."""
    return _candidate(score_candidate.see(parts(), viewer(), candidate_id), Form({}))


def _candidate(seen: Seen, form: Form) -> str:
    told = guides(parts())
    own = seen.own(viewer().person_id)
    writes = own is not None and own.submitted is None
    one = seen.candidate
    return render_template(
        "hiring/candidate.html",
        name=one.name,
        contact=one.contact,
        vacancy=seen.vacancy.title,
        back=url_for("hiring.vacancy", vacancy_id=one.vacancy_id),
        lede=_lede(seen, writes=writes),
        erase_on=full_day(one.erase_on),
        writes=writes,
        card=[_asked(told[c], seen, own.ratings.get(c) if own else None, form) for c in Criterion] if writes else (),
        mine=[_mine(told[c], own.ratings[c]) for c in Criterion] if own and own.submitted and not seen.lines else (),
        lines=_lines_of(seen, told, form),
        decision=seen.decision,
        decided=full_day(seen.decision.at.date()) if seen.decision else "",
        outcome=dict(OUTCOMES)[seen.decision.outcome.value] if seen.decision else "",
        outcomes=OUTCOMES,
        may_decide=bool(seen.lines) and own is not None and seen.decision is None,
        may_erase=HiringPart.ASSESSOR in seen.parts,
        typed_outcome=form.typed("outcome"),
        candidate_id=one.id,
        errors=form.faults,
        labels={"outcome": phrase("What is decided"), **{f"reason-{c}": told[c].title for c in Criterion}},
    )


def _lede(seen: Seen, *, writes: bool) -> str:
    if seen.decision is not None:
        return phrase("It is decided, with a reason for each criterion.")
    if writes:
        return phrase("Rate what you heard. Nobody sees your card, and you see nobody else's, until all are in.")
    if seen.lines:
        apart = sum(line.apart > 0 for line in seen.lines)
        if not apart:
            return phrase("All cards are in. You agree about all four.")
        return phrases(
            "All cards are in. You differ about %(num)s criterion: begin there.",
            "All cards are in. You differ about %(num)s criteria: begin there.",
            apart,
            num=spoken(apart),
        )
    if HiringPart.ASSESSOR in seen.parts:
        return phrases(
            "Your card is in. %(num)s card is missing still.",
            "Your card is in. %(num)s cards are missing still.",
            seen.waiting,
            num=spoken(seen.waiting).capitalize(),
        )
    return phrase("The assessors are at work. You see what they found once it is decided.")


def _asked(guide: Guide, seen: Seen, rating: Rating | None, form: Form) -> Asked:
    c = guide.criterion
    questions = seen.vacancy.questions[c]
    return Asked(
        guide=guide,
        questions=questions,
        asked=form.typed(f"asked-{c}", rating.asked if rating else ""),
        heard=form.typed(f"heard-{c}", rating.heard if rating else ""),
        level=form.typed(f"level-{c}", str(rating.level) if rating and rating.level else ""),
        levels=tuple((str(n), f"{n}: {words}") for n, words in zip(LEVELS, guide.levels, strict=True)),
    )


def _mine(guide: Guide, rating: Rating) -> tuple[str, str, str]:
    return guide.title, f"{rating.level}: {guide.levels[rating.level - 1]}", rating.heard


def _lines_of(seen: Seen, told: Mapping[Criterion, Guide], form: Form) -> list[Compared]:
    found = []
    for line in seen.lines:
        guide = told[line.criterion]
        ratings = tuple(
            (seen.names[who], f"{r.level}: {guide.levels[r.level - 1]}", r.asked, r.heard) for who, r in line.ratings
        )
        found.append(
            Compared(
                title=guide.title,
                says=phrases(
                    "%(num)s level apart", "%(num)s levels apart", line.apart, num=spoken(line.apart)
                ).capitalize()
                if line.apart
                else phrase("Agreed"),
                differs=line.apart > 0,
                ratings=ratings,
                reason=seen.decision.reasons[line.criterion]
                if seen.decision
                else form.typed(f"reason-{line.criterion}"),
                key=f"reason-{line.criterion}",
            )
        )
    return found


@pages.post("/candidates/<candidate_id>/card")
@allow("hiring_cards", "write")
def card(candidate_id: str) -> Response:
    """Keep or submit one's own card."""
    form = Form()
    submit = form.choice("does", ("keep", "submit"), default="keep") == "submit"
    levels = [str(n) for n in LEVELS]
    ratings = {
        c: Rating(
            asked=form.text(f"asked-{c}", long=True, required=False),
            heard=form.text(f"heard-{c}", long=True, required=False),
            level=int(form.choice(f"level-{c}", levels, default="") or 0),
        )
        for c in Criterion
    }
    if form:
        try:
            score_candidate.write_card(parts(), viewer(), candidate_id, ratings, submit=submit)
        except InvalidError as error:
            for fault in error.faults:
                form.fault(fault.where, fault.what)
        else:
            flash(
                phrase("Your card is in.") if submit else phrase("Kept. It is yours alone until you submit it."), "ok"
            )
            return redirect(url_for("hiring.candidate", candidate_id=candidate_id), 303)
    seen = score_candidate.see(parts(), viewer(), candidate_id)
    return Response(_candidate(seen, form), 422, mimetype="text/html")


@pages.post("/candidates/<candidate_id>/decide")
@allow("hiring_cards", "write")
def decide(candidate_id: str) -> Response:
    """Decide, with a reason for each criterion."""
    form = Form()
    outcome = form.choice("outcome", [o.value for o in Outcome])
    reasons = {c: form.text(f"reason-{c}", limit=TEXT * 5, required=False) for c in Criterion}
    if form:
        try:
            score_candidate.decide(parts(), viewer(), candidate_id, Outcome(outcome), reasons)
        except InvalidError as error:
            for fault in error.faults:
                form.fault(f"reason-{fault.where}", fault.what)
        else:
            flash(phrase("It is decided. The lead of the vacancy sees it now."), "ok")
            return redirect(url_for("hiring.candidate", candidate_id=candidate_id), 303)
    seen = score_candidate.see(parts(), viewer(), candidate_id)
    return Response(_candidate(seen, form), 422, mimetype="text/html")


@pages.post("/candidates/<candidate_id>/erase")
@allow("candidates", "write")
def erase(candidate_id: str) -> Response:
    """Take all about a candidate away, as they may ask."""
    form = Form()
    seen = score_candidate.see(parts(), viewer(), candidate_id)
    if not form.tick("sure"):
        form.fault("sure", phrase("Say that all about them is to go; it cannot be brought back."))
        return Response(_candidate(seen, form), 422, mimetype="text/html")
    score_candidate.erase(parts(), viewer(), candidate_id)
    flash(phrase("All about them is gone."), "ok")
    return redirect(url_for("hiring.vacancy", vacancy_id=seen.candidate.vacancy_id), 303)
