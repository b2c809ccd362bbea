"""What comes up in the life of an organisation: each event is what people do at their pages, start to end.

An event gives what came of it in words, "" where there was nothing it could happen to.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from devsys.adapters.store.queries import asks, plans
from devsys.core.feeds.scope import FeedKind
from devsys.core.model.calendar import Session
from devsys.core.model.people import Person
from tests.letters.program import Program
from tests.mail import text_of, to
from tests.stories import acts
from tests.stories.life import DAY, NOTICE, PASSWORD, Life, Someone
from tests.stories.plain_browser import forms_of, words_of


def first_plan(life: Life) -> None:
    """The coordinator asks for a plan on the page, the worker draws it, she publishes it."""
    page = life.coordinator.get("/plans/draw")
    life.coordinator.press(page, "Draw the plan", weeks=life.weeks)
    life.pass_time(seconds=5)
    page = life.coordinator.get(_open_draft(life))
    assert life.publish_draft(page, "first plan"), words_of(page)
    life.pass_time(minutes=25)


def _open_draft(life: Life) -> str:
    page = life.coordinator.get("/plans")
    found = re.findall(r'href="(/drafts/\w+)"', page.text)
    return found[0] if found else ""


def an_agent_is_ill(life: Life) -> str:
    """Somebody calls in ill for a day or two, when they had a session."""
    near = life.soon()
    if not near:
        return ""
    hit = life.draw.choice(near)
    one = life.somebody(hit)
    first = hit.starts.date()
    life.say_away(one.person.id, first, first + life.draw.randrange(2) * DAY)
    return f"{one.person.code} from {first}; {life.repair(f'/repairs?person={one.person.id}')}"


def a_facilitator_is_ill(life: Life) -> str:
    """Whoever leads a session of the next days is away then."""
    near = [s for s in life.soon() if s.facilitator_id]
    if not near:
        return ""
    hit = life.draw.choice(near)
    who = hit.facilitator_id or ""
    first = hit.starts.date()
    life.say_away(who, first, first)
    return f"{life.people[who].person.code} on {first}; {life.repair(f'/repairs?person={who}')}"


def nobody_knows_how_long(life: Life) -> str:
    """Somebody is away without a known end, and is back the day after tomorrow as it turns out."""
    near = life.soon()
    if not near:
        return ""
    one = life.somebody(life.draw.choice(near))
    life.say_away(one.person.id, life.clock.now.date(), None)
    said = life.repair(f"/repairs?person={one.person.id}")
    page = life.coordinator.get(f"/people/{one.person.id}")
    since = life.clock.now.date() + 2 * DAY
    life.coordinator.press(page, "Is back", since=str(since))
    return f"{one.person.code}; {said}"


def a_queue_needs_its_people(life: Life) -> str:
    """An emergency: a queue needs more agents while some of them would be in a session."""
    near = [s for s in life.soon() if any(life.people[p].person.queue_id for p in s.people)]
    if not near:
        return ""
    hit = life.draw.choice(near)
    queue = next(q for p in sorted(hit.people) if (q := life.people[p].person.queue_id))
    page = life.coordinator.get(f"/away/queue?queue={queue}")
    start = hit.starts.replace(minute=hit.starts.minute // 30 * 30)
    typed = {"queue": queue, "agents": str(life.draw.randrange(2, 5)), "from": str(start.date())}
    times = {"at": f"{start:%H:%M}", "back": f"{start + timedelta(hours=2):%H:%M}"}
    life.coordinator.press(page, "See who can return", **typed, **times)
    return f"{hit.activity} at {hit.starts}; {life.repair(f'/repairs?queue={queue}')}"


def a_room_is_closed(life: Life) -> str:
    """A room cannot be used for two days."""
    near = [s for s in life.soon() if s.room_id]
    if not near:
        return ""
    hit = life.draw.choice(near)
    page = life.coordinator.get(f"/away/room?room={hit.room_id}")
    days = {"from": str(hit.starts.date()), "to": str(hit.starts.date() + DAY)}
    life.coordinator.press(page, "See what it touches", on="/away/room", room=hit.room_id, until="day", **days)
    return f"from {hit.starts.date()}; {life.repair(f'/repairs?room={hit.room_id}')}"


def somebody_cannot_come(life: Life) -> str:
    """Somebody opens the page a letter leads to and says that they cannot: another date, owed, or the coordinator."""
    near = life.soon(group=False)
    if not near:
        return ""
    hit = life.draw.choice(near)
    one = life.somebody(hit)
    page = one.browser.get(f"/sessions/{hit.id}/answer")
    dates = [b.text for form in forms_of(page) if (b := form.button("Take"))]
    words = dates[0] if dates else "Leave it owed" if "Leave it owed" in page.text else "I can"
    form = next(f for f in forms_of(page) if f.held.get("says") == "cannot" and f.button(words))
    done = one.browser.send(page, form, form.buttons[0])
    assert done.status_code == 200, words_of(done)
    if not dates and words == "I can":
        return f"{one.person.code}; {life.repair('/repairs')}"
    return f"{one.person.code} presses {words}"


def somebody_says_yes(life: Life) -> str:
    """A yes is kept and changes nobody's calendar."""
    near = life.soon(group=False)
    if not near:
        return ""
    hit = life.draw.choice(near)
    one = life.somebody(hit)
    page = one.browser.get(f"/sessions/{hit.id}/answer")
    if not any(form.button("Yes, I come") for form in forms_of(page)):
        return ""
    before = life.published()
    one.browser.press(page, "Yes, I come")
    assert life.published() == before
    return one.person.code


def a_session_is_handed_over(life: Life) -> str:
    """Who leads a session asks a colleague, whose letter leads to yes or no; nobody free: it is settled."""
    near = [s for s in life.soon(least=2 * DAY) if s.facilitator_id]
    if not near:
        return ""
    hit = life.draw.choice(near)
    one = life.people[hit.facilitator_id or ""]
    address = f"/sessions/{hit.id}/hand-over"
    page = one.browser.get(address)
    if not any(form.button("Ask") for form in forms_of(page)):
        if not any(form.button("I can\N{RIGHT SINGLE QUOTATION MARK}t lead it") for form in forms_of(page)):
            return ""
        one.browser.press(page, "I can\N{RIGHT SINGLE QUOTATION MARK}t lead it")
        return f"{one.person.code} cannot; {life.repair('/repairs')}"
    asked = next(form.choices["person"][0] for form in forms_of(page) if form.button("Ask"))
    one.browser.press(page, "Ask", person=asked)
    life.pass_time(minutes=1)
    other = life.people[asked]
    letter = next(m for m in reversed(life.told) if to(m) == other.person.email and "Would you" in m["Subject"])
    link = re.search(r"/asked/\w+", text_of(letter))
    assert link
    yes = life.draw.random() < 0.7
    other.browser.press(other.browser.get(link[0]), "Yes" if yes else "No")
    after = next(s for s in life.published() if s.id == hit.id)
    assert after.facilitator_id == (asked if yes else hit.facilitator_id)
    with life.parts.store.read() as db:
        assert asks.one(db, link[0].split("/")[-1], asked).state == ("accepted" if yes else "declined")
    return f"{one.person.code} asks {other.person.code}, who says {'yes' if yes else 'no'}"


def two_swap_places(life: Life) -> str:
    """Somebody asks the people of another date to change over; the first of them says yes by the letter's link."""
    near = life.soon(least=2 * DAY)
    life.draw.shuffle(near)
    for hit in near[:6]:
        one = life.somebody(hit)
        page = one.browser.get(f"/sessions/{hit.id}/swap")
        if not any(form.button("Ask for") for form in forms_of(page)):
            continue
        before = len(life.told)
        one.browser.press(page, "Ask for")
        life.pass_time(minutes=1)
        letter = next(m for m in life.told[before:] if "Would you swap" in m["Subject"])
        other = life.people[life.by_address[to(letter)]]
        _press_asked(other, text_of(letter), "Yes")
        after = next(s for s in life.published() if s.id == hit.id)
        assert other.person.id in after.people
        assert one.person.id not in after.people
        return f"{one.person.code} and {other.person.code}, {hit.activity}"
    return ""


def free_places_are_taken(life: Life) -> str:
    """Somebody leaves a session owed, somebody else cannot come to a later one: that place is offered, and taken.

    Whoever is owed it longest is asked first by letter; who is asked says yes where it is still theirs.
    """
    for one, hit in _left_owed(life):
        before = len(life.told)
        if not _gives_up_a_place(life, one, hit):
            continue
        life.pass_time(minutes=61)
        offers = [m for m in life.told[before:] if str(m["Subject"]).startswith("A place is free")]
        asked = {life.by_address[to(m)]: text_of(m) for m in offers}
        taken = [person for person, text in asked.items() if _press_asked(life.people[person], text, "Yes")]
        for person in taken:
            assert any(person in s.people and s.activity == hit.activity for s in life.published())
        if taken:
            return f"{', '.join(life.people[p].person.code for p in taken)}, {hit.activity}"
    return ""


def _left_owed(life: Life) -> Iterator[tuple[Someone, Session]]:
    """Let somebody who has other dates leave a session owed all the same, up to three of them; give each with it."""
    near = life.soon(least=2 * DAY)
    life.draw.shuffle(near)
    for hit in near[:8]:
        one = life.somebody(hit)
        page = one.browser.get(f"/sessions/{hit.id}/answer")
        buttons = {
            b.text: form for form in forms_of(page) if (b := form.button("Take") or form.button("Leave it owed"))
        }
        leave = buttons.pop("Leave it owed", None)
        if leave is not None and buttons:
            one.browser.send(page, leave, leave.buttons[0])
            yield one, hit


def _gives_up_a_place(life: Life, owed: Someone, left: Session) -> bool:
    """Let somebody of another session in which there is a place for who is owed one say that they cannot come."""
    with life.parts.store.read() as db:
        draft = plans.draft_of_version(db, plans.pointer(db))
        mine = plans.owed_in(db, draft, person_id=owed.person.id)
    need = next(o.need for o in mine if o.activity == left.activity)
    places = [
        form.held["session"] for form in forms_of(owed.browser.get(f"/places?need={need}")) if "does" in form.held
    ]
    sessions = {s.id: s for s in life.published()}
    for session in (sessions[i] for i in places if i != left.id):
        for person in sorted(session.people):
            other = life.people[person]
            page = other.browser.get(f"/sessions/{session.id}/answer")
            leave = next((f for f in forms_of(page) if f.button("Leave it owed")), None)
            if leave is not None:
                other.browser.send(page, leave, leave.buttons[0])
                return True
    return False


def _press_asked(one: Someone, text: str, words: str) -> bool:
    link = re.search(r"/asked/\w+", text)
    assert link
    page = one.browser.get(link[0])
    if not any(form.button(words) for form in forms_of(page)):
        return False
    one.browser.press(page, words)
    return True


def there_and_back(life: Life) -> str:
    """The coordinator moves a session, publishes, sees that it was wrong and moves it back: nobody is told."""
    waiting = _waiting(life)
    near = [s for s in life.soon(least=NOTICE + 3 * DAY) if not (s.people | {s.facilitator_id}) & waiting]
    life.draw.shuffle(near)
    for hit in near[:4]:
        for by in (30, -30, 60, 24 * 60, 90):
            if not _move(life, hit.id, hit.starts + timedelta(minutes=by), "a wrong room"):
                continue
            life.pass_time(minutes=6)
            assert _move(life, hit.id, hit.starts, "the right room"), "it stood there"
            before = len(life.told)
            life.pass_time(minutes=25)
            mine = {life.people[p].person.email for p in (*hit.people, hit.facilitator_id) if p}
            assert not mine & {to(m) for m in life.told[before:] if "Tomorrow" not in m["Subject"]}
            now = next(s for s in life.published() if s.id == hit.id)
            assert (now.starts, now.sequence) == (hit.starts, hit.sequence + 2)
            return f"{hit.activity}, {len(hit.people)} people"
    return ""


def a_session_moves(life: Life) -> str:
    """The coordinator moves a session of the next days by hand and publishes it."""
    near = life.soon(least=2 * DAY)
    life.draw.shuffle(near)
    for hit in near[:3]:
        for by in (-30, 60, 24 * 60, 30):
            if _move(life, hit.id, hit.starts + timedelta(minutes=by), "asked by the team"):
                return f"{hit.activity} by {by} minutes"
    return ""


def a_draft_is_dropped(life: Life) -> str:
    """The coordinator tries a move and drops it: nothing is published, nobody is told."""
    near = life.soon()
    if not near:
        return ""
    hit = life.draw.choice(near)
    before = (life.published(), _waiting(life))
    draft = _draft_with_move(life, hit.id, hit.starts + DAY, "a try")
    page = life.coordinator.get(f"/drafts/{draft}")
    life.coordinator.press(page, "Drop the draft")
    assert (life.published(), _waiting(life)) == before
    return hit.activity


def _waiting(life: Life) -> set[str]:
    from devsys.adapters.store.queries import letters

    with life.parts.store.read() as db:
        return set(letters.waiting(db, sorted(life.people)))


def _draft_with_move(life: Life, session_id: str, starts: object, cause: str) -> str:
    page = life.coordinator.get(f"/sessions/{session_id}/move")
    day, at = str(starts).split(" ")
    done = life.coordinator.press(page, "Move", on="/move", day=day, time=at[:5], cause=cause)
    found = re.search(r"draft=(\w+)", done.request.full_path)
    assert found, done.request.full_path
    return found[1]


def _move(life: Life, session_id: str, starts: object, cause: str) -> bool:
    """Move a session in a draft and publish it; False where it does not fit there, with the draft dropped."""
    draft = _draft_with_move(life, session_id, starts, cause)
    return life.publish_draft(life.coordinator.get(f"/drafts/{draft}"), cause)


def somebody_joins(life: Life) -> str:
    """A file with a new colleague is brought, they get an account, and what they need is planned and published."""
    pattern = life.draw.choice([one.person for one in life.people.values() if one.person.queue_id and not one.gone])
    number = 1 + sum(p.person.code.startswith("new.") for p in life.people.values())
    today = life.clock.now.date()
    fresh = replace(
        pattern, id="", code=f"new.{number}", name=f"Nova Person {number}", email=f"new.{number}@northgate.example"
    )
    _bring_person(life, replace(fresh, joined=today))
    person = acts.person_of(life.parts, fresh.code)
    page = life.administrator.get(f"/people/{person.id}")
    shown = life.administrator.press(page, "Give a one-time password")
    password = _one_time(shown.text)
    one = life.enter(person, password)
    _first_sign_in(life, person.id, password)
    life.coordinator.press(
        life.coordinator.get("/plans/draw"), "Draw the plan", weeks=life.weeks, cause="a new colleague"
    )
    life.pass_time(seconds=5)
    draft = _open_draft(life)
    published = bool(draft) and life.publish_draft(life.coordinator.get(draft), "a new colleague")
    mine = sum(person.id in s.people for s in life.published())
    assert one.phones[FeedKind.PERSON].fetch()
    return f"{person.code}: {mine} sessions, {'published' if published else 'nothing to publish'}"


def _one_time(page: str) -> str:
    found = re.search(r'<code[^>]*>([a-z0-9-]{8,})</code>|class="secret[^"]*"[^>]*>([^<]+)<', page)
    assert found, words_of(type("Page", (), {"text": page}))
    return found[1] or found[2]


def _first_sign_in(life: Life, person_id: str, once: str) -> None:
    """Sign in with the password that was shown once, and choose one's own where the page asks for it."""
    browser = life.people[person_id].browser
    page = browser.get("/account")
    form = next(f for f in forms_of(page) if "password" in f.held)
    typed = {name: once if "old" in name else PASSWORD for name in form.held if name != "csrf_token"}
    assert browser.send(page, form, form.buttons[0], **typed).status_code == 200
    browser.password = PASSWORD


def _bring_person(life: Life, person: Person) -> None:
    o = acts.standing(life.parts)
    codes = {thing.id: thing.code for thing in (*o.teams, *o.queues, *o.patterns)}
    row = {
        "code": person.code,
        "name": person.name,
        "email": person.email,
        "team": codes.get(person.team_id or "", ""),
        "queue": codes.get(person.queue_id or "", ""),
        "pattern": codes.get(person.pattern_id or "", ""),
        "joined": person.joined or "",
        "left": person.left or "",
    }
    page = life.coordinator.get("/imports/people")
    shown = life.coordinator.press(page, "Check it", pasted=acts.rows("people", row))
    life.coordinator.press(shown, "Confirm")


def somebody_leaves(life: Life) -> str:
    """Somebody's last day was yesterday: the file says so, the account is shut, their seats are given back."""
    able = {p for s in life.soon() for p in s.people if not life.people[p].gone}
    leaving = [life.people[p] for p in sorted(able) if life.people[p].person.queue_id]
    leaving = [one for one in leaving if one.program is None]
    if not leaving:
        return ""
    one = life.draw.choice(leaving)
    _bring_person(life, replace(one.person, left=life.clock.now.date()))
    page = life.administrator.get(f"/people/{one.person.id}")
    life.administrator.press(page, "Shut", on="/active")
    one.gone = True
    return f"{one.person.code}; {life.repair('/repairs')}"


def somebody_chooses_invitations(life: Life) -> str:
    """Somebody wants invitations by mail instead of a feed: their links end, their mail program takes over."""
    able = sorted({p for s in life.soon() for p in s.people} - _waiting(life))
    able = [p for p in able if life.people[p].program is None and not life.people[p].gone]
    if not able:
        return ""
    one = life.people[life.draw.choice(able)]
    one.program = Program()
    page = one.browser.get("/account/letters")
    one.browser.press(page, "Keep", on="/account/letters", calendar="mail")
    assert all(p.client.get(p.address).status_code == 404 for p in one.phones.values())
    one.phones.clear()
    one.held.clear()
    return one.person.code


def somebody_wants_mornings(life: Life) -> str:
    """Somebody wants one letter in the morning instead of one soon after each change."""
    able = sorted({p for s in life.soon() for p in s.people})
    able = [p for p in able if life.people[p].program is None and not life.people[p].gone]
    if not able:
        return ""
    one = life.people[life.draw.choice(able)]
    one.browser.press(one.browser.get("/account/letters"), "Keep", on="/account/letters", timing="morning")
    return one.person.code


def the_mail_server_is_away(life: Life) -> str:
    """A session moves while the mail server does not answer for a while: letters wait, none is lost or doubled."""
    life.post.server.down()
    said = a_session_moves(life)
    life.pass_time(minutes=25)
    assert life.post.server.take() == []
    life.post.server.up()
    life.pass_time(minutes=10)
    return said or "nothing moved meanwhile"


def the_horizon_rolls(life: Life) -> str:
    """The draft that the worker drew on Monday morning is looked at and published."""
    draft = _open_draft(life)
    if not draft:
        return ""
    published = life.publish_draft(life.coordinator.get(draft), "the horizon rolled on")
    return "published" if published else "dropped"
