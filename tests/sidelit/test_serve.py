"""The server shows what the build makes, and again after each change."""

import json
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import contextmanager

import pytest

from tests.conftest import LIMIT, ROOT, wait_for


@contextmanager
def serving(folder, *arguments):
    process = subprocess.Popen(
        [sys.executable, "-m", "sidelit", "serve", "--port", "0", *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "utils"), "PYTHONUNBUFFERED": "1"},
    )
    lines = []
    try:
        for line in process.stdout:
            lines.append(line)
            if line.startswith("http://"):
                break
        yield lines[-1].split(" ")[0], process
    finally:
        process.send_signal(2)
        process.wait(LIMIT)


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
        assert "new EventSource(" in page
        assert "/sidelit-changes?since=" in page
        assert "T1" in get(url)[2]
        assert get(url + "assets/sidelit.css")[1] == "text/css; charset=utf-8"
        # An open page hears of the change.
        changes = urllib.request.urlopen(url + "sidelit-changes", timeout=LIMIT)
        (folder / "src" / "a.py").write_text('"""Two."""\n')
        line = changes.readline()
        while line == b":\n" or line == b"\n":
            line = changes.readline()
        assert json.loads(line.removeprefix(b"data: "))["a.html"] == "section-0"
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
        assert "EventSource" in page
        (folder / "pyproject.toml").write_text("[tool.sidelit]\nnosuch = 1\n")
        wait_for(lambda: "nosuch" in process.stdout.readline())
        (folder / "pyproject.toml").write_text('[tool.sidelit]\nsources = ["src"]\n')
        (folder / "src" / "a.py").write_text('"""Three."""\n')
        wait_for(lambda: "Three" in get(url + "a.html")[2])
        assert process.poll() is None


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


def test_a_port_in_use_is_named(folder):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        result = subprocess.run(
            [sys.executable, "-m", "sidelit", "serve", "--port", port],
            cwd=folder,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT / "utils")},
        )
    assert result.returncode == 2
    assert f"port {port} cannot be used" in result.stderr
    assert "choose another with --port" in result.stderr


def test_odd_requests_are_answered(folder):
    with serving(folder) as (url, process):
        assert get(f"{url}%00")[0] == 404
        assert get(url + "a" * 5000)[0] == 404
        request = urllib.request.Request(url, method="HEAD")
        with urllib.request.urlopen(request, timeout=LIMIT) as answer:
            assert (answer.status, answer.read()) == (200, b"")
        assert process.poll() is None
