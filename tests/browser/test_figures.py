"""Figures that run, on a page from disk and under a strict policy."""

import functools
import http.server
import threading

import pytest
from playwright.sync_api import expect

from sidelit.build import build
from sidelit.config import load

STILL = "<svg xmlns='http://www.w3.org/2000/svg' viewBox=\"0 0 40 20\"/>"
SCRIPT = """
{
  const figure = document.currentScript.parentElement;
  root.push("own");
  const button = document.createElement("button");
  button.textContent = "Read";
  button.addEventListener("click", async () => {
    const bytes = await figure.read("some data.bin");
    button.textContent = `${root} ${[...bytes]}`;
  });
  figure.append(button);
}
"""
FIGURE = """
> [!FIGURE] lib.js look.css {script} some%20data.bin
> ![What is seen without a script](still.svg)
"""
# Far below what is in sight.
GAP = "\n".join(["Text.\n"] * 200)
FILES = {
    "index.md": f"# Figures\n{FIGURE.format(script='own.js') * 2}",
    "far.md": f"# Far\n\n{GAP}{FIGURE.format(script='own.js')}",
    "broken.md": f"# Broken\n{FIGURE.format(script='broken.js')}",
    # The page has a variable of this name.
    "lib.js": 'const root = ["lib"];',
    "look.css": ".figure button { color: rgb(1, 2, 3) }",
    "own.js": SCRIPT,
    "broken.js": "",
    "some data.bin": b"\x00\xff",
    "still.svg": STILL,
}
POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; connect-src 'none'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'"
)


class _Handler(http.server.SimpleHTTPRequestHandler):
    def end_headers(self):
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("figures")
    for name, content in FILES.items():
        file = root / "src" / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    output = root / "a site"
    config, _ = load({"sources": [str(root / "src")], "output": str(output)})
    for url, data in build(config).files.items():
        (output / url).parent.mkdir(parents=True, exist_ok=True)
        (output / url).write_bytes(data)
    (output / "broken.js").unlink()
    return output


@pytest.fixture(params=["disk", "server"])
def start(request, folder):
    """Where the site lies."""
    if request.param == "disk":
        yield f"{folder.as_uri()}/"
        return
    handler = functools.partial(_Handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_scripts_run_in_their_figures(visit, start):
    page = visit(f"{start}index.html")
    buttons = page.locator(".figure > button")
    expect(buttons).to_have_count(2)
    expect(buttons.first).to_have_css("color", "rgb(1, 2, 3)")
    loaded = "[...document.querySelectorAll('script')].map(one => one.src).join()"
    assert "data.bin" not in page.evaluate(loaded)
    buttons.first.click()
    # The other one came once for both, and nothing of the page is in its way.
    expect(buttons.first).to_have_text("lib,own,own 0,255")
    assert "data.bin" in page.evaluate(loaded)


def test_without_a_script_the_still_form_stays(visit, start):
    page = visit(f"{start}index.html", java_script_enabled=False)
    expect(page.get_by_alt_text("What is seen without a script")).to_have_count(2)
    expect(page.locator(".figure button")).to_have_count(0)


def test_nothing_is_loaded_far_from_the_window(visit, start):
    page = visit(f"{start}far.html")
    page.wait_for_load_state()
    expect(page.locator(".figure > script")).to_have_count(0)
    page.locator(".figure").scroll_into_view_if_needed()
    expect(page.locator(".figure > button")).to_have_count(1)


def test_a_script_that_does_not_come_leaves_the_still_form(tab, start):
    page = tab()
    with page.expect_console_message(lambda message: message.type == "warning") as told:
        page.goto(f"{start}broken.html")
    assert "broken.js" in told.value.text
    assert "cannot be loaded" in told.value.text
    expect(page.get_by_alt_text("What is seen without a script")).to_be_visible()
