"""The pages on which people make, name, filter, renew and end their calendar links."""

import re
from html import unescape
from typing import Any

import pytest

from devsys.actions import rotate_feed
from devsys.actions.parts import Parts
from devsys.actions.rotate_feed import Wanted
from devsys.adapters.store.queries import audit, feeds
from devsys.adapters.store.queries.feeds import Feed
from devsys.base.errors import NotFoundError
from devsys.core.feeds.scope import FeedKind
from devsys.core.model.access import Grant, Role, Viewer
from tests.builders import id_of
from tests.feeds.scene import publish, settle, the_programme
from tests.feeds.test_feeds import ALL, HEAR, seen

ADDRESS = re.compile(r'<code class="once" id="secret-address">http://127\.0\.0\.1:8000(/feed/([\w-]+)\.ics)</code>')


@pytest.fixture
def northgate(parts: Parts, organisation: Any) -> Parts:
    from devsys.adapters.store.queries import programme

    assert organisation.people
    with parts.store.write() as db:
        programme.keep(db, the_programme(), by_id=None, now=parts.now())
    publish(parts, *ALL)
    return parts


def text(response: Any) -> str:
    return unescape(response.get_data(as_text=True))


def own(parts: Parts, code: str = "ana.correia") -> tuple[Feed, ...]:
    with parts.store.read() as db:
        return feeds.of_owner(db, id_of(code))


def make(who: Any, **more: Any) -> Any:
    form = {"name": "Phone", "what": f"person:{who.person_id}", **more}
    return who.post("/feeds", form)


@pytest.mark.usefixtures("northgate")
def test_an_employee_makes_a_link_and_sees_its_secret_once(sign_in: Any, client: Any) -> None:
    ana = sign_in(Role.EMPLOYEE)
    assert "No calendar of yours reads here yet" in text(ana.get("/feeds"))
    made = make(ana)
    assert made.status_code == 201
    path, token = ADDRESS.search(text(made)).groups()  # type: ignore[union-attr]
    assert len(token) >= 27  # 160 bits and more
    page = text(made)
    assert f'href="webcal://127.0.0.1:8000{path}"' in page
    assert '<svg class="qr"' in page
    assert 'href="https://calendar.google.com/calendar/r/settings/addbyurl"' in page
    assert "outlook.office.com" in page
    assert made.headers["Cache-Control"] == "no-store"
    again = text(ana.get("/feeds"))
    assert token not in again
    assert "Not fetched yet" in again
    with client.get(path, headers={"User-Agent": "Google-Calendar-Importer"}) as answer:
        assert sorted(str(e["SUMMARY"]) for e in seen(answer.data).values()) == ["Busy", "Case round", HEAR]
    assert "Last fetched just now by Google Calendar." in text(ana.get("/feeds"))


@pytest.mark.usefixtures("northgate")
def test_the_page_says_what_to_expect(sign_in: Any) -> None:
    page = text(sign_in(Role.EMPLOYEE).get("/feeds"))
    assert "Your calendar program decides how often it looks; this can take a day." in page
    assert "Deleting an entry there does not free your place." in page
    assert "style=" not in page


@pytest.mark.usefixtures("northgate")
@pytest.mark.parametrize(
    ("role", "offered", "not_offered"),
    [
        (Role.EMPLOYEE, [], ["team:", "room:", "facilitator:"]),
        (Role.LEAD, [f"team:{id_of('alfama')}"], [f"team:{id_of('belem')}", "room:"]),
        (Role.COACH, [f"facilitator:{id_of('nadia.haddad')}"], ["team:", "room:"]),
        (
            Role.COORDINATOR,
            [f"team:{id_of('belem')}", f"room:{id_of('mewa')}", f"facilitator:{id_of('tiago.lopes')}"],
            [],
        ),
    ],
)
def test_only_what_a_role_may_have_is_offered_and_taken(
    sign_in: Any, role: Role, offered: list[str], not_offered: list[str]
) -> None:
    who = sign_in(role)
    page = text(who.get("/feeds"))
    assert all(f'"{value}' in page for value in offered)
    assert not any(f'"{value}' in page for value in not_offered)
    for number, value in enumerate(offered):
        assert make(who, name=f"Desk {number}", what=value).status_code == 201
    for value in (
        f"person:{id_of('bruno.matos')}",
        "person:",
        "rubbish",
        *(f"{n}{id_of('belem')}" for n in not_offered),
    ):
        assert make(who, name="Other", what=value).status_code == 422


def test_what_may_not_be_had_is_not_found(northgate: Parts) -> None:
    ana = Viewer(id_of("ana.correia"), "Ana Correia", ())
    olivia = Viewer(id_of("olivia.brandt"), "Olivia Brandt", (Grant(Role.COORDINATOR),))
    for viewer, kind, target in (
        (ana, FeedKind.TEAM, id_of("alfama")),
        (olivia, FeedKind.ROOM, id_of("nowhere")),
        (olivia, FeedKind.FACILITATOR, "nobody"),
    ):
        with pytest.raises(NotFoundError):
            rotate_feed.make(northgate, viewer, Wanted(kind, target, "Desk"))
    for end in (rotate_feed.revoke, rotate_feed.renew):
        with pytest.raises(NotFoundError):
            end(northgate, ana, "nothing")
    with northgate.store.write() as db:
        assert not feeds.revoke(db, "nothing", ana.person_id, northgate.now())
        feeds.change(db, "nothing", ana.person_id, now=northgate.now(), name="x", kinds=(), titles=False)


def test_a_name_is_needed_and_used_once(northgate: Parts, sign_in: Any) -> None:
    ana = sign_in(Role.EMPLOYEE)
    assert make(ana, name="  ").status_code == 422
    assert make(ana, name="x" * 61).status_code == 422
    assert make(ana, name="Phone\x00").status_code == 201
    again = make(ana, name="phone")
    assert again.status_code == 422
    assert len(own(northgate)) == 1
    assert 'value="phone"' in text(again)


@pytest.mark.usefixtures("northgate")
def test_there_is_an_end_to_links(sign_in: Any) -> None:
    ana = sign_in(Role.EMPLOYEE)
    codes = [make(ana, name=f"Device {n}").status_code for n in range(20)]
    assert codes == [201] * 20
    last = make(ana, name="One more")
    assert last.status_code == 422
    assert "End one that is no longer in use." in text(last)


def test_a_link_is_named_filtered_and_opened_and_keeps_its_address(northgate: Parts, sign_in: Any, client: Any) -> None:
    ana = sign_in(Role.EMPLOYEE)
    path = ADDRESS.search(text(make(ana)))[1]  # type: ignore[index]
    (feed,) = own(northgate)
    assert "3 sessions" in text(ana.get(f"/feeds/{feed.id}"))
    kept = ana.post(f"/feeds/{feed.id}", {"name": "Watch", "kinds": ["coaching", "rubbish"], "titles": "1"})
    assert kept.status_code == 303
    assert [str(e["SUMMARY"]) for e in seen(client.get(path).data).values()] == ["Coaching: saying no without guilt"]
    assert "Watch" in text(ana.get("/feeds"))
    assert "only coaching, with coaching titles" in text(ana.get("/feeds"))
    assert ana.post(f"/feeds/{feed.id}", {"name": ""}).status_code == 422
    make(ana, name="Desk")
    taken = ana.post(f"/feeds/{feed.id}", {"name": "desk"})
    assert taken.status_code == 422
    assert "A name that none of your links has." in text(taken)


def test_a_new_link_kills_the_old_one_and_an_ended_one_finds_nothing(
    northgate: Parts, sign_in: Any, client: Any
) -> None:
    ana = sign_in(Role.EMPLOYEE)
    first = ADDRESS.search(text(make(ana)))[1]  # type: ignore[index]
    (feed,) = own(northgate)
    renewed = ana.post(f"/feeds/{feed.id}/renew")
    second = ADDRESS.search(text(renewed))[1]  # type: ignore[index]
    assert (client.get(first).status_code, client.get(second).status_code) == (404, 200)
    assert ana.post(f"/feeds/{feed.id}/revoke").status_code == 303
    assert client.get(second).status_code == 404
    assert client.get(second).data == client.get("/feed/nobody.ics").data
    assert own(northgate) == ()
    with northgate.store.read() as db:
        acts = [act.act for act in audit.acts(db, by_id=id_of("ana.correia"))]
    assert acts == ["revoke link", "renew link", "make link"]


def test_the_links_of_others_look_as_if_they_were_not_there(northgate: Parts, sign_in: Any) -> None:
    make(sign_in(Role.EMPLOYEE))
    (feed,) = own(northgate)
    other = sign_in(Role.COORDINATOR)
    assert other.get(f"/feeds/{feed.id}").status_code == 404
    for path in (f"/feeds/{feed.id}", f"/feeds/{feed.id}/renew", f"/feeds/{feed.id}/revoke"):
        assert other.post(path, {"name": "Mine"}).status_code == 404
    assert own(northgate) == (feed,)


def test_pages_need_a_sign_in_and_forms_a_token(northgate: Parts, client: Any, sign_in: Any) -> None:
    assert client.get("/feeds").status_code == 303
    ana = sign_in(Role.EMPLOYEE)
    form = {"name": "Phone", "what": f"person:{ana.person_id}"}
    forged = ana.client.post("/feeds", data=form, headers={"Origin": ana.origin})
    assert forged.status_code == 400
    assert own(northgate) == ()


def test_settling_the_scene_is_what_the_other_tests_do(parts: Parts) -> None:
    settle(parts)
    assert own(parts) == ()


def test_reading_the_page_writes_nothing_and_costs_the_same_for_one_link_and_for_three(
    northgate: Parts, sign_in: Any
) -> None:
    from sqlalchemy import event

    ana, said = sign_in(Role.EMPLOYEE), []
    event.listen(northgate.store.engine, "before_cursor_execute", lambda _c, _u, words, *_: said.append(words))
    costs = []
    for count in (1, 3):
        while len(own(northgate)) < count:
            make(ana, name=f"Device {len(own(northgate))}")
        said.clear()
        ana.get("/feeds")
        costs.append(len(said))
        assert not any(words.split()[0] in ("INSERT", "UPDATE", "DELETE") for words in said)
    assert costs[0] == costs[1]


@pytest.mark.browser
def test_the_page_works_by_keyboard_and_on_a_phone(window: Any, live: Any) -> None:
    from devsys.adapters.store.queries import programme

    with live.parts.store.write() as db:
        programme.keep(db, the_programme(), by_id=None, now=live.parts.now())
    publish(live.parts, *ALL)
    phone = window("ana.correia", width=390, height=844)
    phone.open("/feeds")
    phone.page.get_by_role("button", name="Make the link").press("Enter")
    assert phone.page.locator("#secret-address").inner_text().startswith(live.url + "/feed/")
    assert phone.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert phone.page.get_by_role("link", name="Open in Apple Calendar").get_attribute("href").startswith("webcal://")
    phone.page.get_by_role("link", name="Change or end My phone").click()
    phone.page.get_by_role("button", name="End My phone").press("Enter")
    assert "is ended" in phone.page.locator(".flashes").inner_text()
