"""Effects on pages: the sentence, bars with the same figures beside them, refusals without a figure, refreshers."""

import re
from html import unescape

import pytest

from devsys.actions import review_improvement
from devsys.adapters.store.queries import rollouts, runs
from devsys.core.improvement.rollout import Order
from devsys.core.model.access import Role
from devsys.core.model.rollouts import RefresherState
from tests.improvement import scene
from tests.web.scenes import adopt_shipped


@pytest.fixture
def grown(parts, organisation):
    assert organisation.people
    adopt_shipped(parts)
    scene.grow(parts)
    return parts


def looked_at(parts, **more):
    made, _ = scene.roll_out(parts, **more)
    review_improvement.carry_out(parts)
    return f"/effects/{made}"


def test_the_effect_is_told_in_a_sentence_bars_and_the_same_figures(grown, sign_in):
    path = looked_at(grown, gain=14.0, half_life=6.0)
    for role in (Role.COORDINATOR, Role.LEAD, Role.COACH, Role.EMPLOYEE, Role.ADMINISTRATOR):
        text = unescape(sign_in(role).get(path).text)
        assert "in the first 13 weeks" in text
        assert (text.count('<svg class="eff" '), text.count("Not estimable:")) == (3, 1)
        assert "Seed" in text
        assert not any(name in text for name in scene.NAMES)
    lines = sign_in(Role.LEAD).get(f"{path}.csv").text.splitlines()
    gains = re.findall(r'<td class="n" data-h="Gain">([^<]+)</td>', text)
    assert [line.split(",")[1].lstrip("'") for line in lines[1:4]] == gains
    said = sign_in(Role.EMPLOYEE).get("/effects").text
    assert "Hear fully" in said
    assert "Look again" not in said


def test_a_refresher_says_what_it_was_brought_forward_from_and_declining_asks_a_reason(grown, sign_in):
    path = looked_at(grown, gain=14.0, half_life=6.0)
    with grown.store.read() as db:
        one = rollouts.refreshers(db)[0]
    where = f"{path}/refreshers/{one.id}"
    text = unescape(sign_in(Role.COORDINATOR).get(path).text)
    assert one.why in text
    assert "Decline it" in text
    assert "Decline it" not in sign_in(Role.LEAD).get(path).text
    visitor = sign_in(Role.COORDINATOR)
    answer = visitor.post(where, data={"do": "decline", "refresher": one.id})
    assert (answer.status_code, "Fill this in." in answer.text) == (422, True)
    assert visitor.post(where, data={"do": "x"}).status_code == 422
    assert visitor.post(where, data={"do": "decline", "reason": "New product in June."}).status_code == 303
    with grown.store.read() as db:
        (kept,) = (r for r in rollouts.refreshers(db) if r.id == one.id)
    assert (kept.state, kept.reason, kept.by) == (RefresherState.DECLINED, "New product in June.", "Olivia Brandt")
    assert "Declined by Olivia Brandt: New product in June." in unescape(visitor.get(path).text)
    assert visitor.post(where, data={"do": "take"}).status_code == 404


def test_the_weakest_first_prints_not_estimable_and_no_figure(grown, sign_in):
    path = looked_at(grown, order=Order.WEAKEST, late=0)
    text = unescape(sign_in(Role.COORDINATOR).get(path).text)
    assert text.count("Not estimable:") == 4
    assert '<svg class="eff' not in text
    body = text.split("<h1>")[1].split("The draw")[0]
    assert not re.search(r"[+-]\d", body)
    assert all(not line.split(",")[1] for line in sign_in(Role.LEAD).get(f"{path}.csv").text.splitlines()[1:])


def test_before_a_look_nothing_is_told(grown, sign_in):
    made, _ = scene.roll_out(grown)
    visitor = sign_in(Role.COORDINATOR)
    assert "nothing was found yet" in visitor.get(f"/effects/{made}").text
    assert "nothing was found yet" in visitor.get("/effects").text
    assert visitor.get(f"/effects/{made}.csv").status_code == 404
    assert visitor.get("/effects/gone").status_code == 404
    assert visitor.post("/effects/look").status_code == 303
    with grown.store.read() as db:
        assert runs.latest(db, review_improvement.JOB).state == "waiting"
