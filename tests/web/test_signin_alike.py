"""Whether an account is there shows neither in what is answered nor in how long it takes (A6).

Time is that of the processor, of all threads, and the three take turns; a median is what they are compared by. By
default passwords are hashed with less work, so that the rest of an answer weighs more than it does at night, when the
hasher is the real one.
"""

import re
from statistics import median
from time import process_time

import pytest
from argon2 import PasswordHasher

from devsys.actions import sign_in as sign_in_action
from devsys.adapters.store.queries import accounts
from tests.builders import DOMAIN, id_of
from tests.proved import Proved
from tests.web.test_signin import ORIGIN, PASSWORD, token_of

KINDS = {"known": f"ana.correia@{DOMAIN}", "without a password": f"olivia.brandt@{DOMAIN}", "unknown": f"x@{DOMAIN}"}
ALIKE = 0.1
TRIES = 10


@pytest.fixture(params=[50, pytest.param(200, marks=pytest.mark.soak)])
def times(request, monkeypatch, organisation, store):
    """How often each kind is tried; the known account has a password made by the hasher of the size."""
    assert organisation.people
    if request.param == 50:
        monkeypatch.setattr(sign_in_action, "_hasher", PasswordHasher(time_cost=2, memory_cost=8_192, parallelism=1))
    sign_in_action._nobody.cache_clear()
    with store.write() as db:
        accounts.set_password_hash(db, id_of("ana.correia"), sign_in_action.hash_password(PASSWORD))
    yield request.param
    sign_in_action._nobody.cache_clear()


def wrong(client, token, email):
    """Try a wrong password."""
    data = {"csrf_token": token, "email": email, "password": "not the password at all"}
    return client.post("/sign-in", data=data, headers=ORIGIN)


def said(email, answer):
    """Give what an answer says, but for the address that was typed and the token of its form."""
    text = re.sub(r'(name="csrf_token" value=")[^"]*', r"\1", answer.text.replace(email, "EMAIL"))
    headers = {k: v for k, v in answer.headers.items() if k not in ("Set-Cookie", "X-Request-Id", "Content-Length")}
    return answer.status_code, text, headers


def test_whether_an_account_is_there_shows_neither_in_words_nor_in_time(app, clock, times, proved: Proved):
    client, took = app.test_client(), {kind: [] for kind in KINDS}
    token = token_of(client.get("/sign-in"))
    answers = set()
    for number in range(times + 2):
        for kind, email in KINDS.items():
            clock.move(hours=1)  # nobody is slowed
            began = process_time()
            answer = wrong(client, token, email)
            if number > 1:  # the first make what is kept from then on
                took[kind].append(process_time() - began)
            code, text, headers = said(email, answer)
            answers.add((code, text, tuple(sorted(headers.items()))))
    assert len(answers) == 1
    medians = {kind: median(some) for kind, some in took.items()}
    assert max(medians.values()) <= (1 + ALIKE) * min(medians.values()), medians
    for kind, email in KINDS.items():  # and then they are slowed alike
        clock.move(hours=1)
        answers = [said(email, wrong(client, token, email)) for _ in range(TRIES)]
        assert [code for code, *_ in answers] == [422] * 5 + [429] * 5, kind
        assert len({(text, headers["Retry-After"]) for _, text, headers in answers[5:]}) == 1
    proved(tried=times)
