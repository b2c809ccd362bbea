"""What happened to a session, in words."""

from dataclasses import replace
from datetime import timedelta

import pytest

from devsys.adapters.store.queries.calendar_figures import Member, Named
from devsys.core.model.calendar import Place, Status
from devsys.faces.web.history_values import change_words
from devsys.faces.web.session_values import Names
from tests.builders import a_session, id_of

KNOWN = Names(
    activities={},
    people={id_of("tiago.lopes"): Member(id_of("tiago.lopes"), "Tiago Lopes", None, None)},
    teams={},
    rooms={id_of("mewa"): Named(id_of("mewa"), "Mewa"), id_of("tejo"): Named(id_of("tejo"), "Tejo")},
    sites={},
)
BEFORE = a_session()
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (BEFORE, "Published again, unchanged"),
        (replace(BEFORE, status=Status.CANCELLED), "Cancelled"),
        (
            replace(
                BEFORE, starts=BEFORE.starts + timedelta(hours=1), starts_utc=BEFORE.starts_utc + timedelta(hours=1)
            ),
            "Moved from Tue 20 Jan, 14:00 to Tue 20 Jan, 15:00",
        ),
        (replace(BEFORE, minutes=90), "90 minutes instead of 60"),
        (replace(BEFORE, room_id=id_of("tejo")), "Tejo instead of Mewa"),
        (replace(BEFORE, room_id=None), "Online instead of Mewa"),
        (replace(BEFORE, facilitator_id=id_of("tiago.lopes")), "Led by Tiago Lopes"),
        (replace(BEFORE, facilitator_id=None), "Led by nobody yet"),
        (replace(BEFORE, places=BEFORE.places[:2]), "1 person fewer"),
        (
            replace(BEFORE, places=(*BEFORE.places, Place(id_of("elif.kaya")), Place(id_of("filipa.sousa")))),
            "2 more people",
        ),
        (replace(BEFORE, series="talks"), "Changed"),
        (
            replace(BEFORE, room_id=None, facilitator_id=id_of("tiago.lopes")),
            "Online instead of Mewa and led by Tiago Lopes",
        ),
    ],
)
def test_a_change_in_words(after, words):
    assert change_words(BEFORE, after, KNOWN) == words


def test_a_new_session_in_words():
    assert change_words(None, BEFORE, KNOWN) == "Planned for Tue 20 Jan, 14:00"
