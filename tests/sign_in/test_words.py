"""Devices and networks in words; roles that follow from groups."""

import pytest

from devsys.base.config import Settings
from devsys.core.model.access import Grant, Role
from devsys.core.model.devices import device_words, network_words
from devsys.core.model.groups import mapping, wanted


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Linux; Android 16) Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("curl/8", "A browser"),
        ("", "A browser"),
    ],
)
def test_a_device_is_named_as_people_know_it(agent, words):
    assert device_words(agent) == words


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("8.8.4.4", "8.8.x.x"),
        ("::ffff:8.8.4.4", "8.8.x.x"),
        ("2a00:1450:4001::1", "2a00:1450::x"),
        ("192.168.1.7", "a local network"),
        ("127.0.0.1", ""),
        ("nonsense", ""),
    ],
)
def test_only_the_larger_network_is_told(address, words):
    assert network_words(address) == words


def test_groups_give_roles_and_decide_about_no_others():
    known = mapping("boss=administrator, leads = lead:BER-1, lost=lead:GONE")
    gives, decides = wanted(known, ("leads", "lost", "unknown"), {"BER-1": "t1"})
    assert gives == {Grant(Role.LEAD, "t1")}
    assert decides == {Grant(Role.LEAD, "t1"), Grant(Role.ADMINISTRATOR)}


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ('"CN=boss,OU=Lisbon" = administrator,', {"CN=boss,OU=Lisbon": ((Role.ADMINISTRATOR, ""),)}),
        (
            'x=coach, "say ""yes"", now"=lead:"BER,1"',
            {"x": ((Role.COACH, ""),), 'say "yes", now': ((Role.LEAD, "BER,1"),)},
        ),
        ("CN=x=coach,CN=x=lead : B", {"CN=x": ((Role.COACH, ""), (Role.LEAD, "B"))}),
        ("", {}),
        (" , ", {}),
    ],
)
def test_a_name_with_a_comma_stands_in_quotation_marks(text, known):
    assert mapping(text) == known
    assert Settings(oidc_roles=text).oidc_roles == text


@pytest.mark.parametrize(
    "text",
    [
        "boss",
        "boss=king",
        "=lead",
        "boss=employee",
        "boss=lead:",
        '"boss=lead',
        '""=lead',
        '" "=lead',
        'boss=lead:" "',
        "CN=boss,OU=Lisbon=administrator:x:y",
        '"a"b=lead',
        "a,b=lead",
    ],
)
def test_a_setting_that_names_no_role_is_refused_at_the_start(text):
    with pytest.raises(ValueError, match="group"):
        Settings(oidc_roles=text)
