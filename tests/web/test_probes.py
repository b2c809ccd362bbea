"""Probes: alive without a database, ready only with one of this program's schema, and both say nothing more."""

from sqlalchemy import text


def test_a_served_organisation_is_alive_and_ready(client):
    for path, word in (("/healthz", "alive\n"), ("/readyz", "ready\n")):
        answer = client.get(path)
        assert (answer.status_code, answer.text) == (200, word)
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers


def test_a_schema_of_another_program_is_alive_but_not_ready(client, store):
    with store.write() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.text == "not ready: the schema is not of this program\n"
    assert client.get("/healthz").status_code == 200


def test_a_database_that_is_gone_asks_to_try_again(store, request, database_url, client):
    if store.sqlite:
        path = store.file
        store.close()
        path.unlink()
        path.mkdir()  # nothing can be opened there, not even made anew
    else:
        request.getfixturevalue("pg").drop(database_url)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.text) == (503, "not ready: the database does not answer\n")
    assert client.get("/healthz").status_code == 200
    page = client.get("/feed/" + "a" * 32 + ".ics")
    assert page.status_code == 503
    assert int(page.headers["Retry-After"]) > 0
