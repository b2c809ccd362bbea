"""The feed's address over a raw socket: H and Q rules, for each status, method and coding."""

import logging
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from devsys.adapters.store.queries import accounts, feeds
from devsys.base.ids import token_hash
from tests.builders import id_of
from tests.feeds.lint import lint
from tests.feeds.probe import Answer, ask, judge
from tests.feeds.scene import a_feed, moved, publish, settle
from tests.feeds.test_feeds import ALL, ROUND, TUESDAY

TOKEN = "kq3v9x2m7r4t8w1z5c6bD-_a"
WAYS = ("", "gzip", "gzip;q=0", "*", "identity, deflate")


@pytest.fixture
def address(live: Any) -> str:
    settle(live.parts)
    publish(live.parts, *ALL)
    a_feed(live.parts, token=TOKEN)
    return f"{live.url}/feed/{TOKEN}.ics"


def sound(answer: Answer, method: str = "GET") -> Answer:
    assert [str(f) for f in judge(answer, method=method, secret=TOKEN)] == []
    return answer


def stable(answer: Answer) -> dict[str, str]:
    """Headers that do not tell the time."""
    return {k: v for k, v in answer.headers.items() if k not in ("date", "connection")}


def test_get_with_nothing_but_a_host_gives_the_calendar(address: str, live: Any) -> None:
    answer = sound(ask(address))
    assert answer.status == 200
    assert [str(f) for f in lint(answer.plain, now=live.parts.now(), secrets=[TOKEN])] == []
    assert b"UID:" + ROUND.uid.encode() in answer.plain


@pytest.mark.parametrize("accept", WAYS)
def test_each_coding_has_its_own_tag_and_the_same_calendar(address: str, accept: str) -> None:
    plain, answer = ask(address), sound(ask(address, accept_encoding=accept))
    zipped = accept in ("gzip", "*")
    assert answer["Content-Encoding"] == ("gzip" if zipped else "")
    assert (answer["ETag"] != plain["ETag"]) == zipped
    assert answer.plain == plain.body
    again = sound(ask(address, accept_encoding=accept, if_none_match=answer["ETag"]))
    assert (again.status, again["ETag"]) == (304, answer["ETag"])
    assert (ask(address, accept_encoding=accept, if_none_match=plain["ETag"]).status == 200) == zipped


def test_if_none_match_gives_304_exact_in_a_list_weak_and_as_star(address: str) -> None:
    tag = ask(address)["ETag"]
    for header in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        assert sound(ask(address, if_none_match=header)).status == 304
    for header in ('"other"', tag.strip('"'), "rubbish"):
        assert sound(ask(address, if_none_match=header)).status == 200


def test_if_modified_since_gives_304_and_yields_to_if_none_match(address: str, live: Any) -> None:
    first = ask(address)
    assert sound(ask(address, if_modified_since=first["Last-Modified"])).status == 304
    assert ask(address, if_modified_since=first["Last-Modified"], if_none_match='"other"').status == 200
    assert ask(address, if_modified_since="last week").status == 200
    live.parts.clock.move(minutes=1)
    publish(live.parts, moved(ROUND, TUESDAY + timedelta(hours=1)))
    second = sound(ask(address, if_modified_since=first["Last-Modified"]))
    assert (second.status, second["ETag"] != first["ETag"]) == (200, True)
    assert sound(ask(address, if_none_match=first["ETag"])).status == 200


@pytest.mark.parametrize("accept", WAYS)
def test_head_equals_the_headers_of_get(address: str, accept: str) -> None:
    get, head = ask(address, accept_encoding=accept), sound(ask(address, "HEAD", accept_encoding=accept), "HEAD")
    assert stable(head) == stable(get)
    tag = get["ETag"]
    same = sound(ask(address, "HEAD", accept_encoding=accept, if_none_match=tag), "HEAD")
    assert stable(same) == stable(ask(address, accept_encoding=accept, if_none_match=tag))


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"])
def test_other_methods_are_405(address: str, method: str) -> None:
    answer = ask(address, method, content_length="0")
    assert answer.status == 405
    assert set(answer["Allow"].replace(" ", "").split(",")) == {"GET", "HEAD"}
    assert answer["Set-Cookie"] == ""
    assert TOKEN.encode() not in answer.body


def test_unknown_revoked_expired_and_a_leavers_token_give_the_same_404(live: Any) -> None:
    parts, owner = live.parts, id_of("ana.correia")
    settle(parts)
    tokens = {name: f"{name}-token-of-this-test" for name in ("revoked", "leaver", "expired")}
    a_feed(parts, token=tokens["revoked"])
    a_feed(parts, "facilitator", "tiago.lopes", token=tokens["leaver"])
    a_feed(parts, token=tokens["expired"])
    assert {ask(f"{live.url}/feed/{t}.ics").status for t in tokens.values()} == {200}
    with parts.store.write() as db:
        poll = feeds.poll(db, token_hash(tokens["revoked"]))
        assert poll is not None
        feeds.revoke(db, poll.feed_id, owner, parts.now())
        accounts.set_active(db, id_of("tiago.lopes"), active=False)
    parts.clock.move(days=181)
    paths = [*tokens.values(), "unknown", "a" * 3000, "%00", "%E2%82%AC", "x.ics"]
    for more in ({}, {"if_none_match": "*"}, {"accept_encoding": "gzip"}):
        answers = [ask(f"{live.url}/feed/{path}.ics", **more) for path in paths]
        assert {a.status for a in answers} == {404}
        assert len({(a.body, tuple(sorted(stable(a).items()))) for a in answers}) == 1
        assert [str(f) for a in answers for f in judge(a)] == []
        heads = [ask(f"{live.url}/feed/{path}.ics", "HEAD", **more) for path in paths]
        assert {tuple(sorted(stable(h).items())) for h in heads} == {tuple(sorted(stable(answers[0]).items()))}


def test_nothing_but_the_token_decides(address: str) -> None:
    """A browser's cookie, a query and a foreign Origin change no byte."""
    plain = ask(address)
    for more in (
        {"cookie": "devsys=somebody"},
        {"origin": "https://elsewhere.example"},
        {"referer": "https://x.example/"},
    ):
        found = sound(ask(address, **more))
        assert (found.body, stable(found)) == (plain.body, stable(plain))
    assert ask(address + "?token=other").body == plain.body


def test_two_processes_answer_with_the_same_bytes_and_tag(address: str, app: Any) -> None:
    other = app.test_client().get(f"/feed/{TOKEN}.ics")
    here = ask(address)
    assert (other.data, other.headers["ETag"]) == (here.body, here["ETag"])


def test_the_token_is_not_in_the_logs(address: str, live: Any, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        ask(address)
        ask(address, if_none_match="*")
        ask(f"{live.url}/feed/unknown-{TOKEN}.ics")
        ask(address, "POST")
    assert TOKEN not in caplog.text


def test_the_token_is_nowhere_in_the_database(address: str, live: Any) -> None:
    ask(address)
    file = live.parts.store.file
    if file is None:
        pytest.skip("the bytes of a PostgreSQL database are not looked through")
    found = b"".join(p.read_bytes() for p in file.parent.glob(f"{file.name}*"))
    assert token_hash(TOKEN).encode() in found
    assert TOKEN.encode() not in found


# One server for each thing that publishers do wrong: the judge has to see it.
FAULTS: dict[str, tuple[str, bytes, bytes]] = {
    "cookie": ("H01", b"Vary: Accept-Encoding", b"Vary: Accept-Encoding\r\nSet-Cookie: a=b"),
    "redirect": ("H01", b"200 OK", b"302 Found"),
    "type": ("H02", b"text/calendar; charset=utf-8", b"text/plain"),
    "attachment": ("H02", b"inline", b"attachment"),
    "public": ("H02", b"private, no-cache", b"public, max-age=60"),
    "referrer": ("H02", b"Referrer-Policy: no-referrer\r\n", b""),
    "indexed": ("H02", b"X-Robots-Tag: noindex\r\n", b""),
    "weak tag": ("H03", b'ETag: "t"', b'ETag: W/"t"'),
    "two tags": ("H03", b'ETag: "t"', b'ETag: "t"\r\nETag: "u"'),
    "body beside 304": ("H03", b"200 OK", b"304 Not Modified"),
    "local date": ("H04", b"09:30:07 GMT", b"10:30:07 CET"),
    "no vary": ("H05", b"Vary: Accept-Encoding\r\n", b""),
    "length": ("H05", b"Content-Length: 5", b"Content-Length: 4"),
    "token": ("Q04", b"inline", b"inline; filename=kq3v9x2m.ics"),
}
FINE = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/calendar; charset=utf-8\r\nContent-Disposition: inline\r\n"
    b'Cache-Control: private, no-cache\r\nReferrer-Policy: no-referrer\r\nX-Robots-Tag: noindex\r\nETag: "t"\r\n'
    b"Last-Modified: Mon, 05 Jan 2026 09:30:07 GMT\r\nVary: Accept-Encoding\r\nContent-Length: 5\r\n\r\nhello"
)


@pytest.fixture
def faulty() -> Iterator[Any]:
    """A server that answers with what the test puts into it, byte by byte."""

    class Say(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.wfile.write(self.server.says)  # type: ignore[attr-defined]
            self.close_connection = True

        do_HEAD = do_GET  # noqa: N815 -- the library's name

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Say)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_judge_finds_nothing_in_a_sound_answer(faulty: Any) -> None:
    faulty.says = FINE
    answer = ask(f"http://127.0.0.1:{faulty.server_port}/feed/kq3v9x2m.ics")
    assert judge(answer, secret="kq3v9x2m") == []


@pytest.mark.parametrize("name", FAULTS)
def test_the_judge_finds_each_fault(faulty: Any, name: str) -> None:
    rule, old, new = FAULTS[name]
    assert old in FINE
    faulty.says = FINE.replace(old, new)
    answer = ask(f"http://127.0.0.1:{faulty.server_port}/feed/kq3v9x2m.ics")
    assert rule in {f.rule for f in judge(answer, secret="kq3v9x2m")}


def test_the_judge_finds_a_body_to_head_and_a_large_feed(faulty: Any) -> None:
    faulty.says = FINE
    assert "H06" in {f.rule for f in judge(ask(f"http://127.0.0.1:{faulty.server_port}/", "HEAD"), method="HEAD")}
    faulty.says = FINE.replace(b"Length: 5", b"Length: 1000000").replace(b"hello", b"h" * 1_000_000)
    assert "H07" in {f.rule for f in judge(ask(f"http://127.0.0.1:{faulty.server_port}/"))}
