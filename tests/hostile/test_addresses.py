"""Addresses that point where nobody should reach through us, in every text field: nothing is asked (trust.md R14).

The canary is the interpreter itself: it says of every connection, to wherever, that it is being opened.
"""

import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from devsys.actions import busy_times, send_webhooks
from devsys.core.model.access import Role
from tests.hostile.test_web import forms_of, scene, spoilt  # noqa: F401 -- a fixture

SEED = 20260105
FORMS = 90
HOSTS = (
    "127.0.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "127.1", "127.0.1", "0", "0.0.0",
    "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[fe80::1%25lo]", "[fd00::1]",
    "\uff11\uff12\uff17.\uff10.\uff10.\uff11", "\u2460\u2461\u2466.0.0.1", "127\u30020\u30020\u30021", "localhost",
    "LOCALHOST.", "169.254.169.254", "100.100.100.200", "10.0.0.1", "172.16.0.1",
    "192.168.0.1", "198.18.0.1", "255.255.255.255", "224.0.0.1",
)  # fmt: skip
ADDRESSES = (
    *(f"https://{host}/a.ics" for host in HOSTS),
    *(f"http://{host}/a.ics" for host in HOSTS[:3]),
    "https://calendar.example@127.0.0.1/a.ics",
    "https://127.0.0.1#@calendar.example/a.ics",
    "https://127.0.0.1\\@calendar.example/a.ics",
    "https://127.0.0.1:22/", "webcal://127.0.0.1/a.ics", "file:///etc/passwd", "gopher://127.0.0.1:25/_HELO",
    "data:text/calendar,BEGIN:VCALENDAR", "ftp://127.0.0.1/a.ics", "//127.0.0.1/a.ics", "javascript:fetch('/')",
)  # fmt: skip

_opened: list[Any] = []
_listening: list[bool] = []


def _hear(event: str, given: tuple[Any, ...]) -> None:
    if event == "socket.connect" and _listening:
        _opened.append(given[1])


sys.addaudithook(_hear)  # it cannot be taken away; it hears only while `canary` listens


@contextmanager
def canary() -> Iterator[list[Any]]:
    """Give where connections were opened to meanwhile."""
    _opened.clear()
    _listening.append(True)
    try:
        yield _opened
    finally:
        _listening.clear()


def test_the_canary_sings() -> None:
    import socket

    with canary() as opened, socket.socket() as one:
        one.settimeout(0.5)
        one.connect_ex(("127.0.0.1", 9))
    assert opened == [("127.0.0.1", 9)]


def test_an_address_in_a_field_that_takes_one_is_refused_and_not_asked(sign_in, organisation, parts):
    assert organisation.people
    employee, administrator = sign_in(Role.EMPLOYEE), sign_in(Role.ADMINISTRATOR)
    taken = []
    with canary() as opened:
        for address in ADDRESSES:
            answers = (
                employee.post("/account/busy/address", {"address": address}),
                administrator.post("/webhooks", {"name": "Wall", "address": address, "events": "plan.published"}),
            )
            taken += [(address, a.request.path) for a in answers if a.status_code not in (404, 422)]
            employee.get(f"/sign-in?next={address}")
        busy_times.refresh(parts)
        send_webhooks.send_webhooks(parts)
    assert taken == []
    assert opened == []


def test_no_address_in_any_text_field_is_asked(scene, sign_in):  # noqa: F811 -- the fixture
    random_ = random.Random(SEED)  # noqa: S311 -- a lot, not a secret
    visitor = sign_in(Role.EMPLOYEE)
    fields = [
        (form, i)
        for form in forms_of(scene, visitor).values()
        for i, one in enumerate(form.fields)
        if one.kind in ("text", "textarea", "url", "email", "search", "hidden")
    ]
    assert len(fields) > 20
    with canary() as opened:
        shots = [fields[n % len(fields)] for n in range(max(FORMS, len(fields)))]
        for form, i in shots:
            body = f"csrf_token={visitor.token}&{spoilt(form, i, random_.choice(ADDRESSES).encode())}"
            headers = {"Origin": visitor.origin, "Content-Type": "application/x-www-form-urlencoded"}
            assert visitor.client.post(form.action, data=body, headers=headers).status_code < 500
        busy_times.refresh(scene.parts)
        send_webhooks.send_webhooks(scene.parts)
    assert opened == []
