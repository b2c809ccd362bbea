"""Render every macro and a set of sample pages, serve them with the pages' own Content-Security-Policy, look at them.

    python tools/gallery.py out                      write the pages into the folder out
    python tools/gallery.py out --serve 8765         and serve them on the loopback interface
    python tools/gallery.py out --shots              and photograph them in Chromium, desk and phone, light and dark

A tool for people who change templates or sheets; nothing of it is part of the product.
"""

import argparse
import functools
import http.server
import shutil
import sys
import threading
from pathlib import Path
from typing import Literal

import jinja2

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.gallery_pages import values  # noqa: E402 -- the path is set above

STATIC = ROOT / "devsys/faces/web/static"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def environment() -> jinja2.Environment:
    """Give a Jinja environment like the product's: autoescape on, url_for and csrf_token as globals."""
    folders = [str(ROOT / "templates"), str(ROOT / "tools/gallery_pages")]
    env = jinja2.Environment(loader=jinja2.FileSystemLoader(folders), autoescape=True, undefined=jinja2.Undefined)
    env.globals["url_for"] = lambda endpoint, filename="": f"/static/{filename}" if endpoint == "static" else "#"
    env.globals["csrf_token"] = lambda: "sample-token"
    return env


def render(out: Path) -> tuple[str, ...]:
    """Write one file per sample page into `out`, beside a copy of the static folder; give their names."""
    env = environment()
    out.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(out / "static", ignore_errors=True)
    shutil.copytree(STATIC, out / "static")
    names = []
    for name, (template, context) in values.pages().items():
        (out / f"{name}.html").write_text(env.get_template(template).render(context), "utf-8")
        if not name.endswith("_body"):  # answers of polls have no page around them
            names.append(name)
    return tuple(names)


class Handler(http.server.SimpleHTTPRequestHandler):
    """Files with the product's policy header; a POST is answered by the page itself."""

    def end_headers(self) -> None:
        """Add the policy."""
        self.send_header("Content-Security-Policy", CSP)
        super().end_headers()

    def do_POST(self) -> None:
        """Send the reader back."""
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.send_response(303)
        self.send_header("Location", self.headers.get("Referer", "/"))
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the parent's name
        """Stay silent."""


def serve(out: Path, port: int) -> http.server.ThreadingHTTPServer:
    """Serve `out` on 127.0.0.1 in a thread of its own; port 0 takes a free one."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), functools.partial(Handler, directory=str(out)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def photograph(out: Path, names: tuple[str, ...], base: str) -> int:
    """Take pictures into out/shots; give the number of console errors and policy violations seen."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 -- a test requirement, only for pictures

    shots = out / "shots"
    shots.mkdir(exist_ok=True)
    trouble: list[str] = []
    looks: list[tuple[str, int, int, Literal["light", "dark"]]]
    looks = [("desk", 1440, 900, "light"), ("desk", 1440, 900, "dark"), ("phone", 390, 844, "light")]
    looks.append(("phone", 390, 844, "dark"))
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for kind, width, height, scheme in looks:
            page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
            page.on("console", lambda m: trouble.append(m.text) if m.type in {"error", "warning"} else None)
            page.on("pageerror", lambda e: trouble.append(str(e)))
            for name in names:
                page.goto(f"{base}/{name}.html")
                page.evaluate("document.fonts.ready")
                page.screenshot(path=shots / f"{name}-{kind}-{scheme}.png", full_page=True)
                wide = page.evaluate("document.documentElement.scrollWidth")
                if wide > width:
                    trouble.append(f"{name} scrolls sideways at {width}: {wide}")
            page.close()
        page = browser.new_page(viewport={"width": 320, "height": 700})
        for name in names:
            page.goto(f"{base}/{name}.html")
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > 320:  # noqa: PLR2004 -- WCAG 1.4.10
                trouble.append(f"{name} scrolls sideways at 320: {wide}")
            page.pdf(path=shots / f"{name}.pdf", prefer_css_page_size=True, print_background=True)
        browser.close()
    for line in trouble:
        print(line)
    return len(trouble)


def main() -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--serve", type=int, metavar="PORT")
    parser.add_argument("--shots", nargs="*", metavar="PAGE", help="photograph all pages, or the named ones")
    said = parser.parse_args()
    names = render(said.out)
    print(f"{len(names)} pages in {said.out}")
    if said.shots is not None:
        server = serve(said.out, 0)
        seen = photograph(said.out, tuple(said.shots) or names, f"http://127.0.0.1:{server.server_port}")
        server.shutdown()
        return 1 if seen else 0
    if said.serve is not None:
        server = serve(said.out, said.serve)
        print(f"http://127.0.0.1:{server.server_port}/ (Ctrl-C ends)")
        threading.Event().wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
