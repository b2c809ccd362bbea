"""Letters of coaching: what each event says, to whom; never a theme, never a secret in a link."""

import pytest

from devsys.core.letters.coaching import EVENTS, RECEIVED, TOLD, coaching_content
from devsys.core.letters.content import Reader

ANA = Reader("Ana Correia", "Europe/Lisbon", "https://learn.example.org")


@pytest.mark.parametrize("event", EVENTS)
def test_each_event_has_words_one_action_and_no_theme(event):
    found = coaching_content(event, ANA, name="Bruno Matos")
    assert found.subject.startswith("1:1 development")
    assert "oaching" not in found.subject
    assert found.href.startswith("https://learn.example.org/")
    assert "?" not in found.href
    assert found.groups == ()
    assert "{" not in found.lead + found.subject
    assert ("Bruno Matos" in found.lead) == (event == TOLD)


def test_a_coach_is_led_to_the_desk():
    assert coaching_content(RECEIVED, ANA).href.endswith("/coaching/desk")
    assert coaching_content("ending", ANA, coaches=True).href.endswith("/coaching/desk")
    assert coaching_content("ending", ANA).href.endswith("/coaching")
