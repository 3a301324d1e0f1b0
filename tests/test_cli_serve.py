"""`dragoman serve` as a process: it says where it is, stops when told to, and refuses in one line what cannot be."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager

import pytest

import tiny_bundle
from dragoman import bundle
from dragoman.cli import run
from served import Client

QUESTION = {"q": "the cat", "source": "en", "target": "de"}


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model") / "tiny"
    bundle.save(tiny_bundle.make(), folder)
    return folder


@contextmanager
def started(*arguments):
    """A running `dragoman serve`, once it has said its address; and a client of it."""
    command = [sys.executable, "-m", "dragoman", "serve", *map(str, arguments), "--port", "0", "--threads", "1"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            said = []
            while not (said and "answers at" in said[-1]):
                said.append(process.stderr.readline())
                assert said[-1], said
            yield process, Client(int(re.search(r":(\d+)/;", said[-1]).group(1))), said
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_answers_until_it_is_told_to_stop(model, number):
    with started(model) as (process, client, said):
        assert len(said) == 1 and said[0].startswith("tiny answers at http://127.0.0.1:")
        assert client.ask("GET", "/health").json == {"status": "ok"}
        assert client.translate(**QUESTION)
        process.send_signal(number)
        assert process.wait(20) == 0 and process.stderr.read() == ""


def test_it_loads_no_torch(model):
    program = f"""
import sys
from dragoman.serve import server
server.Server.run = lambda self, sockets: print(sorted({{"torch", "sacrebleu"}} & set(sys.modules)))
from dragoman.cli import run
assert run(["serve", {str(model)!r}, "--port", "0"]) == 0
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_who_may_reach_it_is_said(model):
    with started(model, "--host", "0.0.0.0", "--allow-host", "my.lan") as (_, client, said):
        assert "no keys" in said[0]
        assert client.ask("GET", "/health", Host="my.lan").status == 200
        assert client.ask("GET", "/health", Host="your.lan").status == 421


def refusal(capsys, *arguments):
    capsys.readouterr()
    assert run(["serve", *map(str, arguments)]) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1
    return said.err


def test_what_cannot_be_is_one_line(model, tmp_path, capsys, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"port {port} at 127.0.0.1" in refusal(capsys, model, "--port", port)
    assert "--port 70000" in refusal(capsys, model, "--port", 70000)
    assert "--host nowhere.invalid" in refusal(capsys, model, "--host", "nowhere.invalid")
    assert "cannot be had" in refusal(capsys, model, "--host", "203.0.113.7")
    for origin in ("https://example.org/", "example.org", "null", "https://Example.org", ""):
        assert "--allow-origin" in refusal(capsys, model, "--allow-origin", origin)
    for name in ("https://example.org", "example.org:80", "", "a b"):
        assert "--allow-host" in refusal(capsys, model, "--allow-host", name)
    assert "nothing" in refusal(capsys, tmp_path / "nothing", "--port", 0)
    for name in ("fastapi", "uvicorn"):
        with monkeypatch.context() as patch:
            for module in [one for one in sys.modules if one.split(".")[0] in (name, "dragoman")]:
                if module.startswith(("dragoman.serve", name)):
                    patch.delitem(sys.modules, module)
            patch.setitem(sys.modules, name, None)
            assert "pip install 'dragoman[serve]'" in refusal(capsys, model, "--port", 0)


def test_two_signals_end_it_at_once(model):
    with (
        started(model) as (process, client, _),
        socket.create_connection(("127.0.0.1", client.port)) as slow,  # what has begun is waited for
    ):
        slow.sendall(b"POST /translate HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n")
        assert client.ask("GET", "/health").status == 200
        process.send_signal(signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(2) == 128 + signal.SIGTERM


def test_the_page_is_served_whole(model):
    with started(model) as (_, client, _):
        found = client.ask("GET", "/")
        assert found.status in (200, 404)  # 404 where no page was built
        if found.status == 200:
            assert found.headers["content-type"] == "text/html; charset=utf-8"
            assert json.loads(re.search(rb'id="facts">(.*?)</script>', found.body).group(1))["name"] == "tiny"


def test_it_starts_in_an_empty_environment(model):
    environment = {"PATH": os.environ["PATH"]}
    command = [sys.executable, "-m", "dragoman", "serve", str(model), "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        assert "answers at" in process.stderr.readline()
        process.terminate()
        assert process.wait(20) == 0
