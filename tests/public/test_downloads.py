"""Long downloads: few at a time, given back whatever becomes of the reader, never half a file that looks whole."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from disclosure.app import create_app
from disclosure.paper import Busy
from disclosure.public import downloads, entry_totals, pages
from disclosure.public.downloads import Pieces, adding_up, one_of_few
from tests.public.community import NOW, SLUG, clock_at
from tests.public.conftest import Site
from tests.serving import serving

FEW = 4
PATH = f"/c/{SLUG}/entries.csv"


def soon(true: Callable[[], bool]) -> bool:
    """Whether it comes true before long, on a busy machine too."""
    ends = time.monotonic() + 30
    while time.monotonic() < ends:
        if true():
            return True
        time.sleep(0.05)
    return False


def status(web: httpx.Client) -> int:
    """Of the download; nothing of it is read, as it may have no end."""
    with web.stream("GET", PATH) as answer:
        return answer.status_code


def begin(address: str) -> socket.socket:
    """A reader that asks and then reads nothing."""
    parts = urlsplit(address)
    reader = socket.create_connection((parts.hostname, parts.port))
    reader.sendall(f"GET {PATH} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
    return reader


def endless(*_: object, **__: object) -> Iterator[bytes]:
    while True:
        yield b"x" * 65_536


@pytest.mark.db("sqlite")
def test_readers_who_do_not_read_or_go_away_leave_the_site_to_the_others(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "entries_csv", endless)
    with (
        serving(create_app(site.config, now=clock_at(NOW))) as address,
        httpx.Client(base_url=address) as web,
    ):
        readers = [begin(address) for _ in range(FEW + 14)]
        assert soon(lambda: status(web) == 503)
        assert "请过一两分钟再试" in web.get(PATH).text
        assert web.get(f"/c/{SLUG}/entries").status_code == 200
        for reader in readers:
            reader.close()
        assert soon(lambda: status(web) == 200)
        assert web.get(f"/c/{SLUG}/entries").status_code == 200


@pytest.mark.db("sqlite")
def test_a_download_that_takes_too_long_is_broken_off(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "entries_csv", endless)
    monkeypatch.setattr(downloads, "LONGEST", 0.2)
    with (
        serving(create_app(site.config, now=clock_at(NOW))) as address,
        pytest.raises(httpx.RemoteProtocolError),
    ):
        httpx.get(f"{address}{PATH}")


@pytest.mark.db("sqlite")
def test_half_a_file_never_looks_whole(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> Iterator[bytes]:
        yield b"first"
        raise ValueError("something in the books cannot be read")

    monkeypatch.setattr(pages, "entries_csv", broken)
    with (
        serving(create_app(site.config, now=clock_at(NOW))) as address,
        pytest.raises(httpx.RemoteProtocolError),
    ):
        httpx.get(f"{address}{PATH}")


def test_pieces_closed_while_one_is_made_end_after_it() -> None:
    making, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def slow() -> Iterator[bytes]:
        try:
            making.set()
            go_on.wait(60)
            yield b"one"
        finally:
            ended.set()

    pieces = Pieces(slow())
    thread = threading.Thread(target=lambda: next(pieces))
    thread.start()
    assert making.wait(60)
    pieces.close()
    assert not ended.is_set()
    go_on.set()
    thread.join()
    assert ended.is_set()


def test_a_download_never_begun_gives_its_place_back() -> None:
    for _ in range(3 * FEW):
        pieces = one_of_few(piece for piece in ())
        del pieces
    held = [one_of_few(piece for piece in ()) for _ in range(FEW)]
    with pytest.raises(Busy):
        one_of_few(piece for piece in ())
    for pieces in held:
        assert list(pieces) == []
    one_of_few(piece for piece in ()).close()


@pytest.mark.db("sqlite")
def test_only_few_may_have_costly_sums_made_at_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entry_totals, "_AFFORDABLE", 0)
    asked = (f"/c/{SLUG}/entries?totals=1&min=1", f"/api/v1/communities/{SLUG}/entries/totals?min=1")
    for path in asked:
        assert site.client.get(path).status_code == 200
    with adding_up(), adding_up():
        for path in asked:
            assert site.client.get(path).status_code == 503
        assert site.client.get(f"/c/{SLUG}/entries?min=1").status_code == 200
    for path in asked:
        assert site.client.get(path).status_code == 200
