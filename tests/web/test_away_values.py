"""Stretches of time in words, as lists and sentences say them."""

from datetime import datetime

import pytest

from devsys.faces.web.away_values import span_words, until_words

NINE = datetime(2027, 3, 9)


@pytest.mark.parametrize(
    ("start", "end", "listed", "said"),
    [
        (NINE, datetime(2027, 3, 10), "Tue 9 March 2027", "on Tue 9 March"),
        (NINE, datetime(2027, 3, 13), "Tue 9 March to Fri 12 March 2027", "from Tue 9 March to Fri 12 March"),
        (NINE, None, "From Tue 9 March 2027, until not known", "from Tue 9 March, until not known"),
        (
            NINE.replace(hour=12),
            None,
            "From Tue 9 March 2027, 12:00, until not known",
            "from Tue 9 March, 12:00, until not known",
        ),
        (
            NINE.replace(hour=12),
            datetime(2027, 3, 10),
            "Tue 9 March 12:00 to Wed 10 March 2027 00:00",
            "on Tue 9 March from 12:00",
        ),
        (
            NINE.replace(hour=12),
            NINE.replace(hour=15),
            "Tue 9 March 2027, 12:00 to 15:00",
            "on Tue 9 March, 12:00 to 15:00",
        ),
        (
            NINE.replace(hour=12),
            datetime(2027, 3, 11, 9),
            "Tue 9 March 12:00 to Thu 11 March 2027 09:00",
            "from Tue 9 March, 12:00 to Thu 11 March, 09:00",
        ),
    ],
)
def test_a_stretch_is_said_as_people_say_it(start, end, listed, said):
    assert span_words(start, end) == listed
    assert until_words(start, end) == said
