from datetime import UTC, datetime, timedelta

import pytest

from devsys.core.feeds.conditional import coding, etag, http_date, matches, not_modified, since

REVISED = datetime(2026, 1, 5, 9, 30, 7, tzinfo=UTC)
NOW = REVISED + timedelta(hours=5)
TAG = etag("epoch", "feed", 3, "identity")
OTHER = etag("epoch", "feed", 2, "identity")


def test_etag_is_strong_and_differs_in_each_of_its_parts() -> None:
    tags = {
        TAG,
        OTHER,
        etag("restored", "feed", 3, "identity"),
        etag("epoch", "another", 3, "identity"),
        etag("epoch", "feed", 3, "gzip"),
    }
    assert len(tags) == 5
    assert all(t.startswith('"') and t.endswith('"') and len(t) == 34 for t in tags)
    assert etag("epoch", "feed", 3, "identity") == TAG


@pytest.mark.parametrize(
    "header",
    [TAG, f"W/{TAG}", "*", " * ", f"{OTHER}, {TAG}", f'{OTHER},W/"a,b" ,{TAG}', f"  {TAG}  ", f'"", {TAG}'],
)
def test_if_none_match_finds_the_tag(header: str) -> None:
    assert matches(header, TAG)


@pytest.mark.parametrize(
    "header",
    [OTHER, f"W/{OTHER}", "", TAG.strip('"'), f"x{TAG}", f"{TAG[:-1]}", '"*"', "w/" + TAG, '"a" ' + TAG, "," * 9_000],
)
def test_if_none_match_finds_nothing_else(header: str) -> None:
    assert not matches(header, TAG)


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (None, "identity"),
        ("", "identity"),
        ("gzip", "gzip"),
        ("deflate, gzip;q=0.5, br", "gzip"),
        ("x-gzip", "gzip"),
        ("GZIP;Q=1.0", "gzip"),
        ("gzip;q=0", "identity"),
        ("gzip; q=0.000", "identity"),
        ("*", "gzip"),
        ("*;q=0", "identity"),
        ("*, gzip;q=0", "identity"),
        ("identity;q=1, *;q=0", "identity"),
        ("br", "identity"),
        ("gzip;q=rubbish", "identity"),
        ("gzip;q=2", "identity"),
        (";;,,=", "identity"),
    ],
)
def test_coding_is_gzip_when_it_is_accepted(header: str | None, found: str) -> None:
    assert coding(header) == found


def test_http_date_is_read_in_its_three_forms() -> None:
    assert http_date(REVISED) == "Mon, 05 Jan 2026 09:30:07 GMT"
    for text in ("Mon, 05 Jan 2026 09:30:07 GMT", "Monday, 05-Jan-26 09:30:07 GMT", "Mon Jan  5 09:30:07 2026"):
        assert since(text) == REVISED


@pytest.mark.parametrize(
    "text",
    ["yesterday", "", "2026-01-05T09:30:07Z", "Mon, 31 Feb 2026 09:30:07 GMT", "Mon, 05 Jan 2026 09:30:07 CET", "0"],
)
def test_rubbish_is_no_date(text: str) -> None:
    assert since(text) is None


@pytest.mark.parametrize(
    ("none_match", "modified_since", "same"),
    [
        (None, None, False),
        (TAG, None, True),
        (OTHER, None, False),
        (None, http_date(REVISED), True),
        (None, http_date(REVISED + timedelta(seconds=1)), True),
        (None, http_date(REVISED - timedelta(seconds=1)), False),
        (OTHER, http_date(REVISED), False),
        (TAG, http_date(REVISED - timedelta(days=1)), True),
        ("rubbish", http_date(REVISED), False),
        ("", http_date(REVISED), False),
        (None, "rubbish", False),
        (None, http_date(NOW + timedelta(days=400)), False),
    ],
)
def test_if_none_match_decides_alone_and_a_date_only_without_it(
    *, none_match: str | None, modified_since: str | None, same: bool
) -> None:
    assert not_modified(none_match, modified_since, tag=TAG, revised=REVISED, now=NOW) is same
