"""The server shows what the build makes, and again after each change."""

import errno
import json
import os
import re
import shutil
import socket
import struct
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

from sidelit.build import Pipeline, build
from sidelit.cache import Folder
from sidelit.config import load
from sidelit.files import write_file
from sidelit.model import SidelitError
from sidelit.serve import live, server
from sidelit.steps.render import Renderer
from sidelit.write import write_site
from tests.conftest import LIMIT, wait_for
from tests.program import Started


@contextmanager
def serving(folder, *arguments):
    process = Started("serve", *(arguments or ("--port", "0")), cwd=folder)
    lines = []
    try:
        for line in process.stdout:
            lines.append(line)
            if line.startswith("http://"):
                break
        process.said = "".join(lines)
        yield lines[-1].split(" ")[0], process
    finally:
        process.send_signal(2)
        wait_for(lambda: process.poll() is not None)


def get(url, headers=None):
    request = urllib.request.Request(url, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=LIMIT) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers["Content-Type"], error.read().decode()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.py").write_text('"""One."""\n')
    (tmp_path / "pyproject.toml").write_text(
        '[tool.sidelit]\nsources = ["src"]\nsite-title = "T1"\n'
    )
    return tmp_path


def test_pages_reload_after_each_change(folder):
    with serving(folder) as (url, _):
        status, kind, page = get(url + "a.html")
        assert (status, kind) == (200, "text/html; charset=utf-8")
        assert "<p>One.</p>" in page
        assert '<script src="/sidelit-reload.js" data-version="1"></script>' in page
        assert "EventSource" in get(url + "sidelit-reload.js")[2]
        assert "T1" in get(url)[2]
        assert get(url + "assets/sidelit.css")[1] == "text/css; charset=utf-8"
        # An open page hears of the change.
        changes = urllib.request.urlopen(url + "sidelit-changes", timeout=LIMIT)
        # Written in one step, so that the first change heard of is the whole one.
        write_file(folder / "src" / "a.py", b'"""Two."""\n')
        line = changes.readline()
        while line == b":\n" or line == b"\n":
            line = changes.readline()
        edited = json.loads(line.removeprefix(b"data: "))
        assert edited["a.html"] == "section-0"
        assert "<p>Two.</p>" in get(url + "a.html")[2]
        # So it does of new files and new settings.
        (folder / "src" / "b.py").write_text("")
        wait_for(lambda: get(url + "b.html")[0] == 200)
        (folder / "pyproject.toml").write_text(
            '[tool.sidelit]\nsources = ["src"]\nsite-title = "T2"\n'
        )
        wait_for(lambda: "T2" in get(url)[2])
        assert not (folder / "site").exists()


def test_a_mistake_does_not_end_it(folder):
    with serving(folder) as (url, process):
        (folder / "src" / "a.py").write_text("x = (\n")
        wait_for(lambda: get(url + "a.html")[0] == 404)
        page = get(url + "a.html")[2]
        assert "src/a.py:1:5: SRC101" in page
        assert "sidelit-reload.js" in page
        (folder / "pyproject.toml").write_text("[tool.sidelit]\nnosuch = 1\n")
        wait_for(lambda: "nosuch" in process.stdout.readline())
        (folder / "pyproject.toml").write_text('[tool.sidelit]\nsources = ["src"]\n')
        (folder / "src" / "a.py").write_text('"""Three."""\n')
        wait_for(lambda: "Three" in get(url + "a.html")[2])
        assert process.poll() is None


def test_a_folder_that_may_not_be_read_does_not_end_it(folder):
    secret = folder / "src" / "secret"
    secret.mkdir()
    secret.chmod(0)
    try:
        if os.access(secret, os.R_OK):
            pytest.skip("this user may read everything")
        with serving(folder) as (url, process):
            (folder / "src" / "a.py").write_text('"""Two."""\n')
            wait_for(lambda: "Two." in get(url + "a.html")[2])
            secret.chmod(0o755)
            (secret / "b.py").write_text("x = 1\n")
            wait_for(lambda: get(url + "secret/b.html")[0] == 200)
            # In a folder that can be read again, nothing need have changed.
            secret.chmod(0)
            wait_for(lambda: get(url + "secret/b.html")[0] == 404)
            secret.chmod(0o755)
            wait_for(lambda: get(url + "secret/b.html")[0] == 200)
            assert process.poll() is None
    finally:
        secret.chmod(0o755)


def test_a_wrong_template_is_told_on_the_page(folder):
    theme = folder / "theme"
    theme.mkdir()
    (theme / "page.html").write_text("{% if %}")
    with open(folder / "pyproject.toml", "a") as settings:
        settings.write('templates = "theme"\n')
    with serving(folder) as (url, process):
        status, _, page = get(url + "a.html")
        assert (status, "TemplateSyntaxError" in page) == (500, True)
        (theme / "page.html").write_text('{% extends "sidelit/page.html" %}')
        wait_for(lambda: get(url + "a.html")[0] == 200)
    assert "Traceback" not in process.stdout.read()


def test_a_change_of_an_image_is_a_change_of_the_site(folder):
    image = folder / "src" / "p.svg"
    image.write_text('<svg viewBox="0 0 1 1"></svg>')
    (folder / "src" / "a.py").write_text('"""![Alt](p.svg)"""\n')
    with serving(folder) as (url, process):
        wait_for(lambda: "2 pages in" in process.stdout.readline())
        image.write_text('<svg viewBox="0 0 23 1"></svg>')
        wait_for(lambda: 'width="23"' in get(url + "a.html")[2])
        assert 'viewBox="0 0 23 1"' in get(url + "p.svg")[2]
        image.unlink()
        wait_for(lambda: get(url + "p.svg")[0] == 404)
        assert get(url + "a.html")[0] == 200


def test_only_this_machine_is_served(folder, tmp_path):
    (tmp_path / "secret").write_text("secret")
    with serving(folder) as (url, _):
        assert get(url, {"Host": "evil.example"})[0] == 403
        for path in ("../secret", "..%2fsecret", "%2e%2e/secret", "/etc/passwd"):
            assert get(url + path)[0] == 404


def test_files_kept_in_the_output_folder_are_served(folder):
    (folder / "site").mkdir()
    (folder / "site" / "mine.txt").write_text("mine")
    with serving(folder) as (url, _):
        assert get(url + "mine.txt")[2] == "mine"


def test_ctrl_c_is_the_normal_end(folder):
    with serving(folder) as (_, process):
        pass
    assert process.returncode == 0
    assert "Traceback" not in process.stdout.read()


def test_a_port_in_use_gives_way_to_the_next(folder):
    with serving(folder) as (first, _):
        port = first.rstrip("/").rpartition(":")[2]
        with serving(folder, "--port", port) as (url, process):
            assert int(url.rstrip("/").rpartition(":")[2]) > int(port)
            assert get(url + "a.html")[0] == 200
            assert f"port {port} is taken" in process.said


def test_ports_that_are_all_taken_are_named(monkeypatch):
    def taken(*_):
        raise OSError(errno.EADDRINUSE, "Address already in use")

    monkeypatch.setattr(server, "ThreadingHTTPServer", taken)
    with pytest.raises(SidelitError, match="from 8000 to 8019 are taken; choose"):
        server.server_of(8000, None)


def test_what_is_wrong_lies_over_the_last_good_page(folder):
    with serving(folder) as (url, _):
        assert "sidelit:problems" not in get(url + "a.html")[2]
        write_file(folder / "src" / "a.py", b'"""Two."""\n\nx = 1\ny = (\n<b>z\n')
        wait_for(lambda: "SRC101" in get(url + "a.html")[2])
        status, _, page = get(url + "a.html")
        assert status == 404
        assert "<p>One.</p>" in page
        box = page[page.index("sidelit:problems") :]
        assert "<code>src/a.py:4:5: SRC101</code>" in box
        assert "<mark><i>4</i>y = (</mark>\n<i></i>    <b>^</b>" in box
        assert "<i>5</i>&lt;b&gt;z\n" in box
        assert "<details open>" in box
        # On other pages it is told, and folded.
        other = get(url)[2]
        assert "<summary>1 problem in other files" in other
        assert "<details><summary>" in other
        # A wrong setting concerns all pages, and open ones hear of it.
        since = re.search(r'data-version="(\d+)"', page)[1]
        write_file(folder / "pyproject.toml", b"[tool.sidelit]\nnosuch = 1\n")
        address = f"{url}sidelit-changes?since={since}"
        with urllib.request.urlopen(address, timeout=LIMIT) as changes:
            assert changes.readline().startswith(b"data: {")
        assert "there is no setting `nosuch`" in get(url)[2]
        # What is gone has no last page.
        settings = b'[tool.sidelit]\nsources = ["src"]\n'
        write_file(folder / "pyproject.toml", settings)
        (folder / "src" / "a.py").rename(folder / "src" / "b.py")
        wait_for(lambda: "One." not in get(url + "a.html")[2])
        assert get(url + "a.html")[0] == 404
        write_file(folder / "src" / "b.py", b'"""Three."""\n')
        wait_for(lambda: "<p>Three.</p>" in get(url + "b.html")[2])
        assert "sidelit:problems" not in get(url + "b.html")[2]


def test_a_formula_that_cannot_be_set_is_told_on_its_page(folder):
    (folder / "src" / "a.py").write_text('"""A $\\nosuch$."""\n')
    with serving(folder) as (url, _):
        status, _, page = get(url + "a.html")
        assert status == 200
        assert "TEX101</code>" in page[page.index("sidelit:problems") :]


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "[::1]", ""]
)
def test_only_its_own_names_are_answered(folder, host):
    with serving(folder) as (url, _):
        assert get(url + "a.html", {"Host": host})[0] == 403
        assert get(url + "sidelit-changes", {"Host": host})[0] == 403
        port = url.rstrip("/").rpartition(":")[2]
        assert get(url + "a.html", {"Host": f"LocalHost:{port}"})[0] == 200


def test_no_path_leaves_the_site(folder):
    site = folder / "site"
    site.mkdir()
    (folder / "secret").write_text("nobody's")
    (site / ".env").write_text("nobody's")
    (site / "link").symlink_to(folder / "secret")
    (site / "folder").symlink_to(folder)
    with serving(folder) as (url, _):
        for path in (
            ".env",
            "link",
            "folder/secret",
            "./.env",
            "%2e%2e/secret",
            "//secret",
        ):
            assert "nobody's" not in get(url + path)[2], path


def test_odd_requests_are_answered(folder):
    with serving(folder) as (url, process):
        assert get(f"{url}%00")[0] == 404
        assert get(url + "a" * 5000)[0] == 404
        request = urllib.request.Request(url, method="HEAD")
        with urllib.request.urlopen(request, timeout=LIMIT) as answer:
            assert (answer.status, answer.read()) == (200, b"")
        assert process.poll() is None


def test_a_browser_that_goes_away_is_no_fault(folder):
    with serving(folder) as (url, process):
        port = int(url.rstrip("/").rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port)) as browser:
            # Closed like this, the connection is reset and not ended.
            linger = struct.pack("ii", 1, 0)
            browser.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            browser.sendall(b"GET /a.html HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert get(url + "a.html")[0] == 200
    assert "Traceback" not in process.stdout.read()


# ## In this process
#
# What is rendered when, and what is told to whom, is seen without a port.
class Served:
    """A served site, the pages that were rendered, and what was told."""

    def __init__(self, folder, monkeypatch):
        self.folder = folder
        self.rendered = []
        self.told = []
        real = Renderer.render

        def render(renderer, url):
            self.rendered.append(url)
            return real(renderer, url)

        monkeypatch.setattr(Renderer, "render", render)
        pipeline = Pipeline(Folder(folder / "cache"))
        self.live = live.Live(self.load, pipeline, self.report)
        self.live.reload()

    def load(self):
        return load({"sources": [str(self.folder / "src")]})[0]

    def report(self, problems, _):
        self.told.append([str(problem) for problem in problems])

    def write(self, name, text):
        file = self.folder / "src" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)

    def page(self, url):
        return self.live.file(url).decode()

    def follow(self):
        """Do once what otherwise happens when nobody waits."""
        prepared = self.live.prepared
        self.live.wanted = -live.LATER
        self.live._render_all(prepared)
        self.report(self.live.problems, None)


@pytest.fixture
def served(folder, monkeypatch):
    (folder / "src" / "b.py").write_text('"""A [link](a.py) and $\\nosuch$."""\n')
    (folder / "src" / "index.md").write_text("# Home\n")
    (folder / "src" / "c.py").write_text("x = 1\n")
    return Served(folder, monkeypatch)


def test_only_the_page_that_is_asked_for_is_rendered(served):
    assert served.rendered == []
    assert "One." in served.page("a.html")
    assert served.rendered == ["a.html"]
    # What lies beside it, came with it, and what is shared needs no page.
    for url in ("a.md", "a.clean.py", "assets/sidelit.css", "assets/sidelit.js"):
        assert served.live.file(url) is not None
    assert served.rendered == ["a.html"]
    served.follow()
    assert sorted(served.rendered) == ["a.html", "b.html", "c.html", "index.html"]
    # After a change, the others follow later, and only those that it concerns.
    served.rendered.clear()
    served.write("a.py", '"""Two."""\n')
    assert served.live.is_stale()
    served.live.reload()
    assert served.rendered == []
    assert "Two." in served.page("a.html")
    assert served.rendered == ["a.html"]
    served.follow()
    # The home page lists its first sentence, and `b` shows that on a card.
    assert served.rendered == ["a.html", "index.html", "b.html"]


def test_what_an_earlier_build_made_is_not_served(served, folder):
    """Neither for a source that is broken nor for one that is gone."""
    config = served.load()
    write_site(config.output, build(config).files)
    site = Path(config.output)
    (site / "own.html").write_text("mine")
    served.live.reload()
    assert "One." in served.page("a.html")
    served.write("a.py", "x = (\n")
    (folder / "src" / "c.py").unlink()
    served.live.reload()
    for url in ("a.html", "a.clean.py", "c.html"):
        assert (site / url).exists()
        assert served.live.file(url) is None
    assert served.page("own.html") == "mine"
    assert served.page("b.html")


def test_problems_of_other_pages_are_told_later(served):
    served.page("a.html")
    assert served.told == []
    served.follow()
    ((problem,),) = served.told
    assert problem.startswith("src/b.py:1:")
    assert "TEX101" in problem


def test_what_is_ignored_is_told_neither_here_nor_there(served, folder, monkeypatch):
    monkeypatch.chdir(folder)
    served.live.load = lambda: load({})[0]

    def told(settings):
        text = f"[tool.sidelit]\nsources = ['src']\n{settings}\n"
        (folder / "pyproject.toml").write_text(text)
        served.live.reload()
        served.told.clear()
        served.follow()
        return served.told, b"sidelit:problems" in served.live.page("b.html")[1]

    assert told("ignore = ['TEX101']") == ([[]], False)
    assert told("per-file-ignores = { 'src/b.py' = ['TEX'] }") == ([[]], False)
    ((problem,),), is_shown = told("per-file-ignores = { 'src/a.py' = ['TEX'] }")
    assert "TEX101" in problem
    assert is_shown


def test_what_is_outdated_is_not_rendered_to_its_end(served):
    served.live.wanted = -live.LATER
    old = served.live.prepared
    served.write("a.py", '"""Two."""\n')
    served.live.reload()
    with pytest.raises(live.OutdatedError):
        served.live._render_all(old)
    assert served.rendered == []


def test_a_change_while_a_page_is_on_its_way_is_told(served):
    seen = served.live.version
    served.page("a.html")
    served.write("a.py", '"""Two."""\n')
    served.live.reload()
    # The page asks what has changed since then, and must not wait for the next time.
    assert served.live.wait_for(seen, seconds=0)
    assert not served.live.wait_for(served.live.version, seconds=0)


def test_the_section_of_an_edit(served):
    text = '"""One."""\n\n\ndef f():\n    pass\n\n\ndef g():\n    """G."""\n'
    served.write("a.py", text)
    served.live.reload()
    for new, edited in (
        (text.replace("pass", "return"), {"a.html": "f"}),
        (text.replace("G.", "H."), {"a.html": "f"}),
        (text.replace("G.", "I."), {"a.html": "g"}),
        (text.replace("One", "Two"), {"a.html": "section-0"}),
    ):
        served.write("a.py", new)
        served.live.reload()
        assert served.live.edited == edited
    # The same text in other bytes, and under another dotted name.
    served.write("a.py", new.replace("\n", "\r\n"))
    served.live.reload()
    assert served.live.edited == {}
    served.write("__init__.py", "")
    served.live.reload()
    assert "a.html" not in served.live.edited
    assert "One." not in served.page("a.html")


def test_an_edit_after_the_cache_was_removed(served):
    shutil.rmtree(served.folder / "cache")
    served.write("a.py", '"""Two."""\n')
    served.live.reload()
    assert served.live.edited == {}
    assert "Two." in served.page("a.html")


def test_an_image_that_changes_is_shown(served):
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d 9"/>'
    served.write("p.svg", svg % 20)
    served.write("a.py", '"""![p](p.svg)"""\n')
    served.live.reload()
    assert 'width="20"' in served.page("a.html")
    served.live.is_stale()
    served.write("p.svg", svg % 300)
    assert served.live.is_stale()
    served.live.reload()
    assert 'width="300"' in served.page("a.html")
    assert "300" in served.page("p.svg")


def test_search_follows(served, monkeypatch):
    indexed = []

    def search(texts, *_):
        indexed.append(dict(texts))
        return {"assets/pagefind/x.js": b"1"}

    monkeypatch.setattr(live, "search_files", search)
    assert served.page("assets/pagefind/x.js") == "1"
    assert served.page("assets/pagefind/x.js") == "1"
    served.write("a.py", '"""Two."""\n')
    served.live.reload()
    assert served.page("assets/pagefind/x.js") == "1"
    assert ["Two." in one["a.html"] for one in indexed] == [False, True]


def test_a_burst_of_changes_is_one(folder, monkeypatch):
    """Whatever is written at once is read at once."""
    for n in range(40):
        (folder / "src" / f"m{n}.py").write_text("x = 1\n")
    served = Served(folder, monkeypatch)
    version = served.live.version
    for n in range(40):
        served.write(f"m{n}.py", "y = 2\n")
    assert served.live.is_stale()
    served.live.reload()
    assert served.live.version == version + 1
    assert len(served.live.edited) == 40
    # Until the clock has moved on, the same files could change again unseen.
    wait_for(lambda: (served.live.reload(), not served.live.is_stale())[1])


def test_what_has_just_changed_is_read_again_only_if_it_has_changed_again(served):
    """Even if the same files could have changed unseen since they were read."""
    file = served.folder / "src" / "a.py"

    def write(text):
        file.write_text(text)
        os.utime(file, (2**32, 2**32))

    write('"""Two."""\n')
    assert served.live.is_stale()
    served.live.reload()
    served.page("a.html")
    assert not served.live.is_stale()
    write('"""Six."""\n')
    assert served.live.is_stale()
    served.live.reload()
    assert "Six." in served.page("a.html")
    assert not served.live.is_stale()


def test_what_is_back_to_an_earlier_content_is_read_again(served, monkeypatch):
    """It may have been read while it had another one."""
    file = served.folder / "src" / "a.py"
    real = served.live.pipeline.prepare

    def prepare(config):
        file.write_text('"""Six."""\n')
        prepared = real(config)
        file.write_text('"""Two."""\n')
        os.utime(file, (2**32 + 1, 2**32 + 1))
        return prepared

    file.write_text('"""Two."""\n')
    os.utime(file, (2**32, 2**32))
    with monkeypatch.context() as patch:
        patch.setattr(served.live.pipeline, "prepare", prepare)
        served.live.reload()
    assert "Six." in served.page("a.html")
    assert served.live.is_stale()
    served.live.reload()
    assert "Two." in served.page("a.html")


def test_a_folder_that_takes_the_name_of_a_file_is_read(served):
    """Even if the folder around it has just changed, and holds the same names."""
    around, place = served.folder / "src", served.folder / "src" / "d"
    place.write_text("no source")
    os.utime(around, (2**32, 2**32))
    served.live.reload()
    place.unlink()
    served.write("d/e.py", "x = 1\n")
    os.utime(around, (2**32 + 1, 2**32 + 1))
    assert served.live.is_stale()
    served.live.reload()
    assert served.page("d/e.html")


def test_a_fault_goes_when_a_file_mends_it(folder, monkeypatch, capsys):
    """Even if nothing has read that file, or the folder that it comes to, before."""
    monkeypatch.chdir(folder)
    source, settings = folder / "src" / "a.py", folder / "pyproject.toml"
    text = source.read_text()
    source.unlink()
    served = live.Live(
        lambda: load({})[0], Pipeline(Folder(folder / "cache")), lambda *_: None
    )
    served.reload()
    version = served.version
    assert "no source is in src" in str(served.fault)
    # Whoever looks again tells it once, and leaves the open pages alone.
    assert served.is_stale()
    served.reload()
    assert served.version == version
    assert capsys.readouterr().out.count("no source is in src") == 1
    source.write_text(text)
    assert served.is_stale()
    served.reload()
    assert served.fault is None
    settings.write_text(settings.read_text() + 'style = ["x.css"]\n')
    assert served.is_stale()
    served.reload()
    assert "there is no file x.css" in str(served.fault)
    (folder / "x.css").write_text("p { color: tan }")
    assert served.is_stale()
    served.reload()
    assert served.fault is None
    assert served.file("x.css")


def test_a_folder_that_may_be_read_again_is(served):
    wait_for(lambda: (served.live.reload(), not served.live.is_stale())[1])
    (served.folder / "src").chmod(0o700)
    assert served.live.is_stale()


def test_a_wrong_template_is_told_and_ends_nothing(folder):
    (folder / "theme").mkdir()
    template = folder / "theme" / "page.html"
    template.write_text("{{ nosuch }}")
    (folder / "pyproject.toml").write_text(
        '[tool.sidelit]\nsources = ["src"]\ntemplates = "theme"\n'
    )
    with serving(folder) as (url, process):
        status, _, page = get(url + "a.html")
        assert status == 500
        assert "nosuch" in page
        assert "sidelit-reload.js" in page
        template.write_text('{% extends "sidelit/page.html" %}')
        wait_for(lambda: get(url + "a.html")[0] == 200)
        assert process.poll() is None
    assert "Traceback" not in process.stdout.read()


def test_many_files_at_once_are_one_change(folder):
    """As after a `git checkout`, while a page is open."""
    for n in range(30):
        (folder / "src" / f"m{n}.py").write_text("x = 1\n")
    with serving(folder) as (url, _):
        page = get(url + "m0.html")[2]
        since = re.search(r'data-version="(\d+)"', page)[1]
        for n in range(30):
            (folder / "src" / f"m{n}.py").write_text("y = 2\n")
        # Asked late, as by a slow browser, it is told nevertheless.
        wait_for(lambda: ">y<" in get(url + "m29.html")[2])
        address = f"{url}sidelit-changes?since={since}"
        with urllib.request.urlopen(address, timeout=LIMIT) as changes:
            assert changes.readline().startswith(b"data: {")


@pytest.mark.parametrize("with_settings", [True, False])
def test_a_folder_that_is_removed_may_come_back(folder, with_settings):
    """The server outlives it, tells, and goes on when it is there again."""
    arguments = ("--port", "0")
    if not with_settings:
        (folder / "pyproject.toml").unlink()
        arguments = ("src", "--port", "0")
    with serving(folder, *arguments) as (url, process):
        assert get(url + "a.html")[0] == 200
        shutil.rmtree(folder / "src")
        wait_for(lambda: "no file or folder" in get(url + "a.html")[2])
        (folder / "src").mkdir()
        (folder / "src" / "a.py").write_text('"""Two."""\n')
        wait_for(lambda: "<p>Two.</p>" in get(url + "a.html")[2])
        assert process.poll() is None
    assert "Traceback" not in process.stdout.read()


def test_ctrl_c_while_a_page_is_rendered_is_the_normal_end(folder):
    (folder / "src" / "a.py").write_text("# $x$\n" * 2)
    with serving(folder) as (url, process):
        # Its answer is not waited for.
        request = socket.create_connection(("127.0.0.1", int(url.split(":")[2][:-1])))
        request.sendall(b"GET /a.html HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert process.returncode == 0
    assert "Traceback" not in process.stdout.read()
    request.close()
