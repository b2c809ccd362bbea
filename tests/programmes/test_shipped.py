import re
from pathlib import Path

import pytest

from devsys.core.model.programme import Intensity, Kind, Principle, Programme, Rhythm
from devsys.core.programmes.check import check_files, family_of
from devsys.core.programmes.figures import figures_of, principle_use
from devsys.core.programmes.read import read_programme
from devsys.core.programmes.write import write_programme
from tests.programmes.made import shipped

NAMES = (
    "case_rounds",
    "coaching",
    "cross_cultural",
    "digital",
    "emotional_support",
    "professional_boundaries",
    "service_principles",
    "skill_sessions",
    "support_development",
)


def programmes() -> tuple[Programme, ...]:
    checked = check_files(shipped())
    assert checked.faults == ()
    return checked.programmes


def test_every_programme_of_the_system_is_there_under_its_own_name() -> None:
    assert tuple(p.code for p in programmes()) == NAMES
    assert tuple(name.removesuffix(".yaml") for name in shipped()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_export_then_adopt_changes_nothing(name: str) -> None:
    programme, faults = read_programme(shipped()[f"{name}.yaml"], name)
    assert faults == ()
    assert programme is not None
    exported = write_programme(programme)
    back, faults = read_programme(exported, name)
    assert (back, faults) == (programme, ())
    assert write_programme(programme) == exported


def test_adopting_the_system_adopts_all_of_it() -> None:
    assert {p.code for p in family_of("support_development", programmes())} == set(NAMES)


def test_every_activity_can_be_led_and_prepared_for() -> None:
    for programme in programmes():
        for activity in programme.activities:
            assert sum(minutes for minutes, _ in activity.outline) == activity.minutes
            assert activity.prepare
            assert activity.principles
            assert activity.qualification == ("skill" if activity.kind is Kind.SKILL else str(activity.kind))


def test_the_system_asks_less_than_sixty_hours_of_a_person() -> None:
    found = figures_of(programmes(), people=300)
    # 13 skill sessions and 26 rounds of an hour, 12 themes of an hour and a half, 4 half hours of recovery.
    assert found.minutes_a_year == pytest.approx(13 * 60 + 26 * 60 + 12 * 90 + 4 * 30)
    assert found.once_minutes == 120 + 60
    assert found.first_year_minutes == pytest.approx(12 * 60 + 26 * 60 + 10 * 90 + 3 * 30 + 180)
    assert max(found.minutes_a_year, found.first_year_minutes) < 60 * 60


def test_rotations_are_six_skills_and_four_topics_of_each_theme() -> None:
    sizes: dict[str, int] = {}
    for programme in programmes():
        for activity in programme.activities:
            if activity.cadence.rotation:
                sizes[activity.cadence.rotation] = sizes.get(activity.cadence.rotation, 0) + 1
    assert sizes == {"skill_sessions": 6, "digital": 4, "cross_cultural": 4, "emotional_support": 4}


def test_skill_sessions_use_all_five_principles() -> None:
    by_code = {p.code: p for p in programmes()}
    assert principle_use(by_code["skill_sessions"]).unused == ()
    assert principle_use(by_code["service_principles"]).unused == ()
    assert principle_use(by_code["digital"]).used[Principle.OWN]


def test_emotional_support_is_heavy_and_followed_by_recovery() -> None:
    heavy = [a for p in programmes() for a in p.activities if a.intensity is Intensity.HEAVY]
    assert {a.kind for a in heavy} == {Kind.EMOTIONAL_SUPPORT}
    assert {a.recovery_minutes for a in heavy} == {30}


def test_coaching_comes_only_when_asked_for() -> None:
    by_code = {p.code: p for p in programmes()}
    assert {a.cadence.rhythm for a in by_code["coaching"].activities} == {Rhythm.REQUEST}
    assert {(a.group, a.cadence.steps, a.minutes) for a in by_code["coaching"].activities} == {((1, 1), 4, 30)}


def test_one_newcomer_is_enough_for_what_is_held_once() -> None:
    once = [a for p in programmes() for a in p.activities if a.cadence.rhythm is Rhythm.ONCE]
    assert {a.code: a.group[0] for a in once} == {"professional_boundaries": 1, "service_principles": 1}


def test_no_shipped_text_holds_a_percentage_or_a_line_to_speak() -> None:
    for programme in programmes():
        for activity in programme.activities:
            texts = (activity.aim, activity.prepare, *(what for _, what in activity.outline))
            assert not re.search(r"%|per cent|[\"“”„«»]", " ".join(texts))


def test_the_example_of_the_documents_is_a_programme() -> None:
    rules = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
    example = rules.partition("```yaml\n")[2].partition("```")[0]
    programme, faults = read_programme(example, "rules.md")
    assert faults == ()
    assert programme is not None
    assert programme.activities[0].code == "case_round"
