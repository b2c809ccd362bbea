import random

import pytest
import yaml

from devsys.base import limits, tree
from devsys.core.programmes.read import read_programme
from devsys.core.programmes.write import write_programme
from tests.programmes.made import shipped

NAME = "sent.yaml"
BOMB = "a: &a [x, x]\n" + "".join(f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True))


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        (BOMB, 1, "an anchor (“a”); write the value out where it is used"),
        ("a: [*all]", 1, "an alias (“all”); write the value out"),
        (
            "title: fine\nx: !!python/object/apply:os.system [ls]\n",
            2,
            "a tag (“tag:yaml.org,2002:python/object/apply:os…”); values here are plain texts, numbers and lists",
        ),
        ("x: !<tag:yaml.org,2002:str> y", 1, "a tag (“tag:yaml.org,2002:str”); values here are plain texts, numbers"),
        ("x: ! y", 1, "a tag (“!”); values here are plain texts, numbers and lists"),
        ("[" * 100_000, 1, "nested more than 20 deep"),
        ("{" * 100_000, 1, "nested more than 20 deep"),
        ("- " * 100_000, 1, "nested more than 20 deep"),
        ("? " * 100_000, 1, "nested more than 20 deep"),
        ("a: 1\n--- \nb: 1\n", 2, "a second document; one file holds one programme"),
        ("- a\n" * 50_000, 39_999, "more than 40,000 entries; split the programme"),
        ("a: 1\nb: \x00\n", 2, "the character U+0000 has no place in a text; take it out"),
        ("a: 1\n\nb: \ud800", 3, "the character U+D800 has no place in a text; take it out"),
        ("a: \x1b[2J", 1, "the character U+001B has no place in a text; take it out"),
        ("a: b\ufeffc", 1, "the character U+FEFF has no place in a text; take it out"),
        ("\t- a", 1, "not YAML: found character"),
        ("<html></html>", 1, "a programme is a mapping"),
        ("PK\u0003", 1, "the character U+0003 has no place in a text; take it out"),
        ("[1, 2]: 3", 1, "a key that is itself a list or a mapping; keys are words"),
        ("a: 'open", 1, "not YAML: found unexpected end of stream"),
        ("a: 1\nb: [", 2, "not YAML: "),
    ],
)
def test_a_hostile_file_ends_as_a_fault_with_its_line(text: str, where: int, what: str) -> None:
    programme, faults = read_programme(text, NAME)
    assert programme is None
    assert faults[0].where == f"{NAME}:{where}"
    assert faults[0].what.startswith(what)


def test_an_escape_that_is_no_character_is_a_fault() -> None:
    programme, faults = read_programme('title: "\\UFFFFFFFF"', NAME)
    assert programme is None
    assert faults[0].what.startswith("not YAML: ")


@pytest.mark.parametrize(("over", "refused"), [(-1, False), (0, False), (1, True)])
def test_the_limit_of_bytes(over: int, refused: bool) -> None:  # noqa: FBT001 -- a case
    head = "title: Ä\n#"  # 11 bytes in 10 characters
    text = head + "x" * (limits.YAML_BYTES - 11 + over)
    assert len(text.encode()) == limits.YAML_BYTES + over
    _, faults = read_programme(text, NAME)
    assert ("at most 1,024 KiB" in faults[0].what) is refused


@pytest.mark.parametrize(("depth", "refused"), [(19, False), (20, False), (21, True)])
def test_the_limit_of_depth(depth: int, refused: bool) -> None:  # noqa: FBT001 -- a case
    found = tree.Faults(NAME)
    grown = tree.grow("[" * depth + "]" * depth, found)
    assert (grown is None) is refused
    assert found.count == int(refused)


def test_a_byte_order_mark_is_passed_over() -> None:
    text = shipped()["case_rounds.yaml"]
    assert read_programme("\ufeff" + text, NAME) == read_programme(text, NAME)


def test_a_very_long_key_is_quoted_short() -> None:
    _, faults = read_programme("k" * 50_000 + ": 1", NAME)
    assert all(len(f.what) < 400 for f in faults)


def test_the_parser_in_python_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    # An installation of PyYAML without libyaml has no CSafeLoader.
    texts = {**shipped(), "bomb": BOMB, "deep": "[" * 30, "twice": "a: 1\na: 2\n", "tag": "a: !!set {}"}
    fast = {name: read_programme(text, name) for name, text in texts.items()}
    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    assert {name: read_programme(text, name) for name, text in texts.items()} == fast


def test_the_parser_in_python_ends_strange_escapes_as_faults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    for text in ('title: "\\UFFFFFFFF"', 'title: "\\ud800x"', "%YAML 9.9\n--- a", "%TAG ! x\n--- a", "a: |999\n x"):
        programme, faults = read_programme(text, NAME)
        assert programme is None
        assert faults


def test_mutants_of_shipped_files_never_raise_and_survive_writing() -> None:
    draw = random.Random(20_260_105)  # noqa: S311 -- a seeded choice of mutants
    texts = list(shipped().values())
    signs = [
        "[",
        "]",
        "{",
        "}",
        ": ",
        "- ",
        "\n",
        "  ",
        "&a ",
        "*a",
        "!x ",
        "'",
        '"',
        "|\n",
        "#",
        "\t",
        "\u2028",
        "é",
        "%",
    ]
    read = refused = 0
    for _ in range(400):
        text = draw.choice(texts)
        for _ in range(draw.choice((1, 1, 2, 4))):
            place = draw.randrange(len(text))
            if draw.random() < 0.5:
                text = text[:place] + draw.choice(signs) + text[place:]
            else:
                text = text[:place] + text[place + draw.randrange(1, 12) :]
        programme, faults = read_programme(text, NAME)
        if programme is None:
            refused += 1
            assert all(f.where.startswith(NAME) for f in faults)
            continue
        read += 1
        written = write_programme(programme)
        assert read_programme(written, NAME) == (programme, ())
        assert write_programme(programme) == written
    assert read > 50
    assert refused > 50
