"""A pure function called in a process of its own, with limits on time and memory: for parsers of foreign files.

The child is a fresh interpreter, not a fork of a threaded server: it gets the bytes on its standard input, an empty
environment and no file it could write, and gives bytes back. Whatever becomes of it, the caller gets an answer or an
InvalidError (trust.md R12).
"""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Final

from devsys.base.errors import Fault, InvalidError
from devsys.base.words import language, phrase, speak

SECONDS: Final = 4
MEGABYTES: Final = 200
_WALL: Final = 30  # a machine with much to do may make four seconds of work long
_REFUSED: Final = 3
_BEGIN: Final = "import sys; sys.path[:] = sys.argv[1].split('\\n'); from devsys.base.apart import serve; serve()"


def apart(
    function: Callable[[bytes], bytes], data: bytes, *, what: str, seconds: int = SECONDS, megabytes: int = MEGABYTES
) -> bytes:
    """Give `function(data)`, worked out in a process with at most so many seconds of processor and MB beyond its own.

    `function` is one of a module's own names. Raises the InvalidError it raises, and one that names `what` when the
    limits end it.
    """
    words = (function.__module__, function.__qualname__, str(seconds), str(megabytes), language())
    command = [sys.executable, "-I", "-X", "utf8", "-c", _BEGIN, "\n".join(sys.path), *words]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=_WALL, check=False, env={})  # noqa: S603 -- our own interpreter and code
    except subprocess.TimeoutExpired:
        raise _beyond(what) from None
    if done.returncode == 0:
        return done.stdout
    if done.returncode == _REFUSED:
        said = json.loads(done.stdout)
        raise InvalidError(said["message"], tuple(Fault(*pair) for pair in said["faults"]))
    raise _beyond(what)


def _beyond(what: str) -> InvalidError:
    return InvalidError(
        phrase("%(what)s takes more time or memory than is given to one.", what=what),
        (Fault(what, phrase("a simpler file")),),
    )


def serve() -> None:
    """Be the child: take the limits on, read, work, answer; the exit code says how it went."""
    import resource  # noqa: PLC0415 -- not on every system, and only here
    import zoneinfo  # noqa: PLC0415
    from importlib import import_module  # noqa: PLC0415

    zoneinfo.reset_tzpath(to=[])  # the same zone rules as the parent
    module, name, seconds, megabytes, code = sys.argv[2:7]
    function = getattr(import_module(module), name)
    speak(code)
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds) + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    room = _mapped() + int(megabytes) * 1_000_000
    with contextlib.suppress(ValueError, OSError):  # macOS does not hold a process to this
        resource.setrlimit(resource.RLIMIT_AS, (room, room))
    data = sys.stdin.buffer.read()
    try:
        answer, ended = function(data), 0
    except InvalidError as error:
        said = {"message": error.message, "faults": [(f.where, f.what) for f in error.faults]}
        answer, ended = json.dumps(said).encode(), _REFUSED
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()
    os._exit(ended)  # nothing is left to tidy up, and much may be left to free


def _mapped() -> int:
    """Give how much memory this process has mapped already; where nobody says, a fair guess."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 -- one word of the kernel
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 400_000_000
