"""A server with TLS on loopback that answers as a test wishes, and the way to it."""

import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from devsys.adapters.fetch import Way

HOST = "calendar.test.example"


@dataclass
class Served:
    """A server that answers as a test wishes, and what it was asked."""

    way: Way
    answers: dict[str, object] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not there: no certificate for a server of one's own")
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    words = f"req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN={HOST} -addext subjectAltName=DNS:{HOST}"
    subprocess.run(
        ["openssl", *words.split(), "-keyout", str(file), "-out", str(file) + ".crt"], check=True, capture_output=True
    )
    file.write_bytes(file.read_bytes() + Path(str(file) + ".crt").read_bytes())
    return file


@pytest.fixture
def served(certificate: Path) -> Iterator[Served]:
    def trusting() -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(certificate) + ".crt")

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append((self.path, dict(self.headers)))
            if found.answers.get("hang"):
                stop.wait(30)
                return
            body = found.answers.get("body", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
            self.send_response(int(str(found.answers.get("status", 200))))
            for name, value in dict(found.answers.get("headers", {})).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            found.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Answering)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.handle_error = lambda *_: None  # a client that goes away is what some tests are about
    stop = threading.Event()
    found = Served(Way(lambda *_: ("127.0.0.1",), lambda a: a.is_loopback, server.server_port, trusting, 3.0))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield found
    stop.set()
    server.shutdown()
    thread.join()
    server.server_close()
