import dataclasses
import random
from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Event

from devsys.base.errors import InvalidError
from devsys.core.feeds.vevent import LONGEST_AIM, FeedEvent, Options, Said, Stamps, restamped, say, vevent
from devsys.core.model.calendar import Status, View
from devsys.core.model.programme import Kind
from tests.feeds.lint import lint
from tests.feeds.samples import CALM, CHANGED, CREATED, ROUND, TALK, a_file, bytes_of

CANCELLED = dataclasses.replace(CALM, status=Status.CANCELLED)
ABOUT = (
    "Say what is possible and what is not\\, in words that leave nobody guessing.\\n\\nPrepare: One call in which you "
    "promised more than you could keep.\\n\\nLed by Marta Nogueira."
)
WORDS = ["Rückfrage", "Ärger", "—", "静かに", "😀", "a,b;", "c\\d", '"e"', "'f'", "<g>", "naïve", "ﬁn", "Zürich\u200dé"]


def lines(data: bytes) -> list[str]:
    return data.decode().replace("\r\n ", "").split("\r\n")


def test_vevent_says_what_the_own_view_may_know() -> None:
    assert lines(bytes_of(CALM, sequence=2)) == [
        "BEGIN:VEVENT",
        "SUMMARY:Clear language\\; kind limits",
        "DTSTART;TZID=Europe/Lisbon:20260317T140000",
        "DTEND;TZID=Europe/Lisbon:20260317T153000",
        "DTSTAMP:20260112T153000Z",
        "UID:b7e1f0c52a9d4e6f8a01@devsys",
        "SEQUENCE:2",
        "CATEGORIES:Boundaries",
        "CREATED:20260105T090000Z",
        f"DESCRIPTION:{ABOUT}",
        "LAST-MODIFIED:20260112T153000Z",
        "LOCATION:Mewa\\, Lisbon",
        "STATUS:CONFIRMED",
        "TRANSP:OPAQUE",
        "URL:https://devsys.northgate.example/sessions/5c0d3b7a91e2f4688d11",
        "END:VEVENT",
        "",
    ]


def test_vevent_keeps_what_to_prepare_from_the_team_view() -> None:
    own, team = lines(bytes_of(CALM)), lines(bytes_of(CALM, View.TEAM))
    assert [line for line in own if line not in team] == [next(line for line in own if "Prepare" in line)]
    assert "Led by Marta Nogueira." in next(line for line in team if line.startswith("DESCRIPTION"))


@pytest.mark.parametrize("event", [CALM, ROUND, TALK, CANCELLED])
def test_vevent_masked_says_only_that_the_time_is_taken(event: FeedEvent) -> None:
    names = [line.split(":")[0].split(";")[0] for line in lines(bytes_of(event, View.MASKED))]
    allowed = "BEGIN SUMMARY DTSTART DTEND DTSTAMP UID SEQUENCE CREATED LAST-MODIFIED STATUS TRANSP END"
    assert sorted(names) == sorted([*allowed.split(), ""])
    assert "SUMMARY:Busy" in lines(bytes_of(event, View.MASKED))


def test_vevent_cancelled_frees_the_time_and_has_no_alarm() -> None:
    found = lines(bytes_of(CANCELLED, options=Options(15)))
    assert "STATUS:CANCELLED" in found
    assert "TRANSP:TRANSPARENT" in found
    assert "BEGIN:VALARM" not in found


def test_vevent_alarm_is_a_plain_reminder_only_when_wanted() -> None:
    assert "BEGIN:VALARM" not in lines(bytes_of(CALM))
    found = lines(bytes_of(CALM, options=Options(15)))
    assert found[found.index("BEGIN:VALARM") :][:5] == [
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "DESCRIPTION:Clear language\\; kind limits",
        "TRIGGER:-PT15M",
        "END:VALARM",
    ]


def test_vevent_over_a_clock_change_ends_when_it_ends() -> None:
    # 23:30 to 02:00 of a night that jumps from 01:00 to 02:00: 90 minutes of time
    event = dataclasses.replace(CALM, starts_utc=datetime(2026, 3, 28, 23, 30, tzinfo=UTC), minutes=150)
    found = lines(bytes_of(event))
    assert "DTSTART;TZID=Europe/Lisbon:20260328T233000" in found
    assert "DTEND;TZID=Europe/Lisbon:20260329T030000" in found


def test_vevent_writes_every_text_so_that_a_reader_gets_it_back() -> None:
    rng = random.Random(20260105)  # noqa: S311 -- seeded texts, no secrets
    for _ in range(60):
        text = " ".join(rng.choices(WORDS, k=rng.randint(1, 40)))
        event = dataclasses.replace(CALM, title=text[:200].strip() or "x", aim=text[:LONGEST_AIM], location=text[:120])
        data = bytes_of(event)
        back = Event.from_ical(data)
        assert back.errors == []
        assert str(back["SUMMARY"]) == event.title
        assert str(back["LOCATION"]) == event.location.strip()
        assert str(back["DESCRIPTION"]).startswith(event.aim.strip())
        assert {f.rule for f in lint(a_file(event))} <= {"L06"}  # angle brackets of the sample texts
        assert len(data) <= say(event, View.OWN).size


def test_size_bounds_the_bytes_of_every_view() -> None:
    long = dataclasses.replace(ROUND, title="ü;," * 90, aim="\n;ß" * 200, prepare="\\" * 600, location="é," * 140)
    for event in (CALM, ROUND, TALK, CANCELLED, long):
        for view in View:
            assert len(bytes_of(event, view, sequence=10_000)) <= say(event, view).size


def test_size_of_a_thousand_of_the_longest_sessions_is_known_before_they_are_rendered() -> None:
    assert sum(say(CALM, View.OWN).size for _ in range(1000)) < 1_000_000


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("title", "Calm\x07"),
        ("title", "Calm\nBEGIN:VEVENT"),
        ("title", "Calm\r\nX"),
        ("location", "Mewa\x00"),
        ("url", "https://devsys.northgate.example/\r\nX:1"),
        ("uid", "a\nb"),
        ("uid", ""),
        ("uid", "ü" * 128),
        ("aim", "one\rtwo"),
        ("facilitator", "Marta\x1b[1m"),
        ("prepare", "half a pair \ud83d"),
    ],
)
def test_say_refuses_what_a_calendar_file_cannot_carry(field: str, text: str) -> None:
    with pytest.raises(InvalidError):
        say(dataclasses.replace(CALM, **{field: text}), View.OWN)


def test_say_cuts_what_is_too_long_at_a_word_mark() -> None:
    found = say(dataclasses.replace(CALM, aim="a" * 5000, prepare=""), View.OWN).description
    assert found == "a" * (LONGEST_AIM - 1) + "…\n\nLed by Marta Nogueira."


def test_say_calls_a_session_without_a_title_busy_and_never_empty() -> None:
    assert say(dataclasses.replace(CALM, title="  "), View.OWN).summary == "Busy"


def test_digest_changes_with_what_a_view_says_and_with_nothing_else() -> None:
    moved = dataclasses.replace(CALM, starts_utc=CALM.starts_utc + timedelta(minutes=30))
    elsewhere = dataclasses.replace(CALM, location="Tejo, Lisbon")
    for view in View:
        assert say(moved, view).digest != say(CALM, view).digest
        assert say(CANCELLED, view).digest != say(CALM, view).digest
    assert say(elsewhere, View.OWN).digest != say(CALM, View.OWN).digest
    assert say(elsewhere, View.MASKED).digest == say(CALM, View.MASKED).digest
    reworded = dataclasses.replace(CALM, prepare="Nothing.")
    assert say(reworded, View.OWN).digest != say(CALM, View.OWN).digest
    assert say(reworded, View.TEAM).digest == say(CALM, View.TEAM).digest


def test_digest_changes_when_the_instant_moves_under_the_same_wall_time() -> None:
    kept = say(CALM, View.MASKED)
    assert dataclasses.replace(kept, instant="20260317T130000").digest != kept.digest


def test_said_comes_back_from_its_text() -> None:
    for event in (CALM, ROUND, TALK, CANCELLED):
        for view in View:
            found = say(event, view)
            assert Said.from_text(found.as_text()) == found


def test_vevent_knows_no_present() -> None:
    stamps = Stamps(3, CHANGED)
    assert vevent(say(CALM, View.OWN), stamps) == vevent(say(CALM, View.OWN), stamps)
    assert CREATED < CHANGED


def test_restamped_equals_rendering_under_the_other_stamps() -> None:
    later = CHANGED + timedelta(days=3)
    for event in (CALM, ROUND, TALK, dataclasses.replace(CALM, aim="SEQUENCE:7\nDTSTAMP:20260101T000000Z " * 9)):
        for view in View:
            assert restamped(bytes_of(event, view), Stamps(12, later)) == bytes_of(
                event, view, sequence=12, changed=later
            )


def test_a_session_without_anything_to_say_says_nothing_more() -> None:
    bare = dataclasses.replace(CALM, aim="", prepare="", facilitator="", location="", url="")
    found = lines(bytes_of(bare))
    assert not any(line.startswith(("DESCRIPTION", "LOCATION", "URL")) for line in found)
    assert Event.from_ical(bytes_of(bare)).errors == []


def test_every_kind_has_a_category_in_words() -> None:
    found = {say(dataclasses.replace(CALM, kind=kind), View.TEAM).category for kind in Kind}
    assert found == {
        "Boundaries",
        "Skill session",
        "Case round",
        "Digital",
        "Cross-cultural",
        "Emotional support",
        "Coaching",
    }
