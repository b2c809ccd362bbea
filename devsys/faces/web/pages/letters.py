"""Letters: what waits, what was sent, what could not be, with "try again"."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from devsys.actions import choose_letters, held_letters, send_letters
from devsys.adapters.post.smtp import is_set
from devsys.adapters.store.queries import house, letters
from devsys.adapters.store.queries.letters import Letter, Trouble
from devsys.base.errors import ConflictError, InvalidError
from devsys.base.words import phrase, phrases, to_phrase
from devsys.base.written import clock, full_day, near_day
from devsys.core.letters.when import Choice, Timing
from devsys.core.policy import allow
from devsys.core.policy import scope as scope_of
from devsys.faces.web.filters import local
from devsys.faces.web.forms import Form
from devsys.faces.web.here import now, parts, scope, today, viewer

pages = Blueprint("letters", __name__)
SHOWN: Final = 100
_ABOUT: Final = {
    letters.PLAN: to_phrase("What changed in their calendar"),
    letters.REMINDER: to_phrase("Tomorrow's sessions"),
    letters.ASK: to_phrase("What they are asked"),
    letters.FEEDBACK: to_phrase("How it was"),
    letters.ACCOUNT: to_phrase("A link to a password"),
    letters.CHANGED: to_phrase("That the password was changed"),
    letters.SECOND_STEP: to_phrase("That the second step of signing in changed"),
    letters.OWNER: to_phrase("What they own and is due"),
    letters.FETCHED: to_phrase("That a calendar link works"),
    letters.INVITE: to_phrase("An invitation"),
    letters.COACHING: to_phrase("1:1 development"),
}
TIMINGS: Final = (
    (
        Timing.SOON.value,
        to_phrase("A letter soon after"),
        to_phrase("Once a quiet time is over, so that several changes are one letter."),
    ),
    (
        Timing.MORNING.value,
        to_phrase("A letter in the morning"),
        to_phrase("At seven, with everything that changed the day before."),
    ),
    (
        Timing.FEED.value,
        to_phrase("No letter; I see it in my calendar"),
        to_phrase("Your calendar program decides how often it looks."),
    ),
)
LINK: Final = "link"
MAIL: Final = "mail"
_STATES: Final = {
    letters.WAITING: (to_phrase("waits"), ""),
    letters.SEALED: (to_phrase("leaves"), ""),
    letters.SENT: (to_phrase("sent"), "ok"),
    letters.KEPT: (to_phrase("kept"), "unknown"),
    letters.FAILED: (to_phrase("failed"), "bad"),
    letters.HELD: (to_phrase("held"), "warn"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One letter in a list."""

    id: str
    to: str
    what: str
    when: str
    state: str
    tone: str
    error: str
    href: str
    again: str


@pages.get("/letters")
@allow("letters")
def index() -> str | Response:
    """List letters: what could not be sent, what waits, what was sent; one's own only for who runs nothing."""
    mine = scope()
    with parts().store.read() as db:
        counts = letters.counts(db, mine)
        failed = letters.listed(db, (letters.FAILED,), mine, limit=SHOWN)
        held = letters.listed(db, (letters.HELD,), mine, limit=SHOWN)
        since = letters.restored(db)
        waiting = letters.listed(db, (letters.WAITING, letters.SEALED), mine, limit=SHOWN)
        gone = letters.listed(db, (letters.SENT, letters.KEPT), mine, limit=SHOWN)
        trouble = letters.trouble(db)
        demo = house.is_demo(db)
    wide = mine.wide
    return render_template(
        "letters/index.html",
        wide=wide,
        lede=_lede(counts, waiting),
        notice=_notice(trouble, demo=demo) if wide else "",
        failed=[_shown(one) for one in failed],
        held=[_shown(one) for one in held],
        restored=near_day(local(since, viewer().zone).date(), today()) if since else "",
        settles=bool(scope_of(viewer(), "letters", "write")),
        waiting=[_shown(one) for one in waiting],
        gone=[_shown(one) for one in gone],
        counts={
            "failed": counts.get(letters.FAILED, 0),
            "held": counts.get(letters.HELD, 0),
            "waiting": counts.get(letters.WAITING, 0) + counts.get(letters.SEALED, 0),
            "gone": counts.get(letters.SENT, 0) + counts.get(letters.KEPT, 0),
        },
        shown=SHOWN,
    )


def _lede(counts: Mapping[str, int], waiting: tuple[Letter, ...]) -> str:
    count, held = counts.get(letters.WAITING, 0) + counts.get(letters.SEALED, 0), counts.get(letters.HELD, 0)
    if not count:
        if not held:
            return phrase("No letter waits.")
        return phrases("%(num)s letter is held.", "%(num)s letters are held.", held)
    when = phrase("now") if waiting[0].due <= now() else _when(waiting[0])
    return phrases(
        "%(num)s letter waits; the first is due %(when)s.",
        "%(num)s letters wait; the first is due %(when)s.",
        count,
        when=when,
    )


def _notice(trouble: Trouble | None, *, demo: bool) -> str:
    if demo:
        return phrase("This is a demo: letters are kept to be read here, none leaves this machine.")
    if not is_set(parts().settings):
        return phrase(
            "No mail server is set, so letters wait. Whoever runs devsys sets DEVSYS_SMTP_HOST and DEVSYS_MAIL_FROM."
        )
    if trouble is not None:
        at = local(trouble.until, viewer().zone)
        return phrase(
            "%(what)s. Letters wait; the next try is at %(at)s.", what=trouble.words.rstrip("."), at=clock(at)
        )
    return ""


def _when(letter: Letter) -> str:
    at = local(letter.ended or letter.due, viewer().zone)
    return phrase("%(date)s, %(time)s", date=near_day(at.date(), today()), time=clock(at))


def _shown(letter: Letter) -> Shown:
    word, tone = _STATES[letter.state]
    again = letter.state == letters.FAILED and bool(scope_of(viewer(), "letters", "write"))
    return Shown(
        id=letter.id,
        to=letter.name,
        what=letter.subject or _ABOUT.get(letter.kind, phrase("A letter")),
        when=_when(letter),
        state=word,
        tone=tone,
        error=letter.error,
        href=url_for("letters.show", letter_id=letter.id) if letter.text else "",
        again=url_for("letters.again", letter_id=letter.id) if again else "",
    )


@pages.get("/letters/<letter_id>")
@allow("letters")
def show(letter_id: str) -> str:
    """Show one letter as its reader got it."""
    with parts().store.read() as db:
        found = letters.one(db, letter_id, scope())
    at = local(found.ended or found.due, viewer().zone)
    return render_template(
        "letters/show.html",
        letter=_shown(found),
        text=found.text.strip(),
        address=found.recipient,
        facts=(
            (phrase("To"), f"{found.name}, {found.recipient}" if found.recipient else found.name),
            (phrase("State"), _STATES[found.state][0]),
            (phrase("When"), phrase("%(date)s, %(time)s", date=full_day(at.date()), time=clock(at))),
        ),
    )


@pages.post("/letters/<letter_id>/again")
@allow("letters", "write")
def again(letter_id: str) -> Response:
    """Let a letter that failed be sent again, with what stands now."""
    try:
        send_letters.try_again(parts(), viewer(), letter_id)
    except ConflictError as error:
        flash(error.message, "warn")
    else:
        flash(phrase("It leaves at the next try, with what stands now."), "ok")
    return redirect(url_for("letters.index"), 303)


@pages.post("/letters/held")
@allow("letters", "write")
def settle() -> Response:
    """Let letters go that are held since a restore, or throw them away; all of them, or one."""
    form = Form()
    does = form.choice("does", ("go", "away"))
    one = form.text("letter", required=False)
    if not form:
        raise InvalidError(phrase("Say whether they leave or are thrown away."))
    act = held_letters.let_go if does == "go" else held_letters.throw_away
    try:
        count = act(parts(), viewer(), one)
    except ConflictError as error:
        flash(error.message, "warn")
    else:
        away = phrases("%(num)s letter thrown away, as if sent.", "%(num)s letters thrown away, as if sent.", count)
        go = phrases("%(num)s letter may leave now.", "%(num)s letters may leave now.", count)
        flash(go if does == "go" else away, "ok")
    return redirect(url_for("letters.index"), 303)


@pages.get("/account/letters")
@allow("profile")
def choices() -> str:
    """Show what the viewer chose to get by letter."""
    return _choices_page(choose_letters.chosen(parts(), viewer()), Form({}))


def _calendars(chosen: Choice) -> tuple[tuple[str, str, str], ...]:
    count = 0 if chosen.invitations else choose_letters.ahead(parts(), viewer())
    mail = phrase("One message for each session, which your mail program puts into your calendar.")
    if count:
        come = phrases(
            "%(num)s message comes at once: what you have ahead.",
            "%(num)s messages come at once: what you have ahead.",
            count,
        )
        mail = f"{mail} {come}"
    return (
        (
            LINK,
            phrase("By a calendar link"),
            phrase("Your calendar program fetches it; one link for each device, on Subscribe."),
        ),
        (MAIL, phrase("By invitations in the mail"), mail),
    )


def _choices_page(chosen: Choice, form: Form) -> str:
    return render_template(
        "account/letters.html",
        timings=TIMINGS,
        timing=form.typed("timing", chosen.timing.value),
        reminders=chosen.reminders,
        feedback=chosen.feedback,
        calendars=_calendars(chosen),
        calendar=form.typed("calendar", MAIL if chosen.invitations else LINK),
        links=choose_letters.own_links(parts(), viewer()),
        errors=form.faults,
    )


@pages.post("/account/letters")
@allow("profile", "write")
def choose() -> Response:
    """Keep what the viewer chose."""
    form = Form()
    timing = form.choice("timing", [t.value for t in Timing])
    reminders, feedback = form.tick("reminders"), form.tick("feedback")
    calendar = form.choice("calendar", (LINK, MAIL), default=LINK)
    if not form:
        kept = Choice(reminders=reminders, invitations=calendar == MAIL, feedback=feedback)
        return Response(_choices_page(kept, form), 422, mimetype="text/html")
    choose_letters.choose(parts(), viewer(), Choice(Timing(timing), reminders, calendar == MAIL, feedback))
    flash(phrase("Kept. It holds from the next letter on."), "ok")
    return redirect(url_for("letters.choices"), 303)
