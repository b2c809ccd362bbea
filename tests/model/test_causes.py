"""A cause that nobody wrote is kept in English and said in the reader's language."""

import pytest

from devsys.base.words import speaking
from devsys.core.model.causes import FACILITATOR_CHANGED, JOINED, ROOM_CHANGED, cause_words, of_answer, of_repair


@pytest.mark.parametrize(
    ("kept", "german"),
    [
        (of_repair([FACILITATOR_CHANGED, ROOM_CHANGED]), "Reparatur: Kursleitung geändert, Raum geändert"),
        (of_repair([]), "Reparatur"),
        (of_answer(JOINED), "Antwort: es kamen Personen aus einem anderen Termin dazu"),
        ("facilitator changed", "Kursleitung geändert"),
        ("planned again", "neu geplant"),
        ("", ""),
        ("a visit", "a visit"),
        ("repair: a visit", "repair: a visit"),
        ("repair: a visit, room changed", "repair: a visit, room changed"),
    ],
)
def test_a_cause_is_said_and_what_somebody_wrote_stays(kept: str, german: str) -> None:
    assert cause_words(kept) == kept
    with speaking("de"):
        assert cause_words(kept) == german


def test_what_is_kept_does_not_depend_on_who_makes_it() -> None:
    with speaking("de"):
        assert (
            of_repair([FACILITATOR_CHANGED, JOINED]) == "repair: facilitator changed, people came from another session"
        )
        assert of_answer(JOINED) == "answer: people came from another session"
