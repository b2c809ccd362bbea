"""Who reads a file while it is written anew sees the old one or the new one, never a part (C4)."""

import threading
from pathlib import Path

import pytest

from devsys.base import files
from tests.proved import Proved

SIZE = 200_000  # bytes: several writes of the operating system
READERS = 2


@pytest.mark.parametrize("times", [200, pytest.param(10_000, marks=pytest.mark.soak)])
def test_a_reader_beside_rewrites_never_sees_a_part(times: int, tmp_path: Path, proved: Proved) -> None:
    path, stop, torn, seen = tmp_path / "feed.ics", threading.Event(), [], [0] * READERS
    files.replace_file(path, b"0" * SIZE)

    def read(number: int) -> None:
        while not stop.is_set():
            found = path.read_bytes()
            seen[number] += 1
            if len(found) != SIZE or found != found[:1] * SIZE:
                torn.append(len(found))

    threads = [threading.Thread(target=read, args=(number,)) for number in range(READERS)]
    for thread in threads:
        thread.start()
    try:
        for number in range(times):
            files.replace_file(path, str(number % 10).encode() * SIZE)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert torn == []
    assert [one.name for one in tmp_path.iterdir()] == ["feed.ics"]
    proved(rewrites=times, reads=sum(seen))
