"""RFC 3161: a time stamping authority of the test's own, made with openssl; and openssl verifies what is served."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar.testing import TestClient
from sqlalchemy import Engine

from disclosure.app import create_app
from disclosure.config import Config
from disclosure.watching.authority import _whole, shown_address, stamp_latest
from ledger.errors import Refused
from ledger.log.keys import create_key, load_signer
from ledger.log.store import latest_checkpoint, origin_of, sign_log
from ledger.store.engine import reading, writing
from ledger.trust import Act
from ledger.witnesses.stamps import RESPONSE_LIMIT, StampError, keep_stamp, read_stamp, stamp_request
from tests.ledger.books import interest, open_books
from tests.serving import serving

NOW = datetime(2026, 11, 20, tzinfo=UTC)
ACT = Act(NOW, lambda size: b"\0" * size)
SETTINGS = """
[ tsa ]
default_tsa = one
[ one ]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
[ tsa_ext ]
extendedKeyUsage = critical,timeStamping
"""


def openssl(*arguments: object, **more: Any) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, **more)


class Authority:
    """A time stamping authority that lives in a folder and answers over HTTP (RFC 3161, section 3.4)."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.spoil = folder, ""
        folder.mkdir()
        (folder / "settings").write_text(SETTINGS.format(folder=folder))
        (folder / "serial").write_text("01\n")
        new_key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
        openssl(
            *("req", "-x509", *new_key, "-keyout", folder / "ca.key", "-out", folder / "ca.pem"),
            *("-subj", "/CN=Test CA", "-days", "30"),
        )
        openssl(
            "req",
            *new_key,
            "-keyout",
            folder / "tsa.key",
            "-out",
            folder / "tsa.csr",
            "-subj",
            "/CN=Test TSA",
        )
        openssl(
            *(
                "x509",
                "-req",
                "-in",
                folder / "tsa.csr",
                "-CA",
                folder / "ca.pem",
                "-CAkey",
                folder / "ca.key",
            ),
            *("-CAcreateserial", "-out", folder / "tsa.pem", "-days", "30"),
            *("-extfile", folder / "settings", "-extensions", "tsa_ext"),
        )

    @property
    def ca(self) -> Path:
        return self.folder / "ca.pem"

    def answer(self, query: bytes) -> bytes:
        (self.folder / "query").write_bytes(query)
        openssl(
            *("ts", "-reply", "-config", self.folder / "settings", "-queryfile", self.folder / "query"),
            *("-out", self.folder / "reply"),
        )
        return (self.folder / "reply").read_bytes()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            while True:
                message = await receive()
                await send({"type": message["type"] + ".complete"})
                if message["type"] == "lifespan.shutdown":
                    return
        query = (await receive()).get("body", b"")
        bodies = {"rubbish": b"rubbish", "long": b"x" * 100_000}
        body = bodies[self.spoil] if self.spoil else self.answer(query)
        headers = [(b"content-type", b"application/timestamp-reply")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority") / "tsa")


@pytest.fixture
def url(authority: Authority) -> Iterator[str]:
    authority.spoil = ""
    with serving(authority) as address:
        yield address


@pytest.fixture
def trust_id(engine: Engine, tmp_path: Path) -> int:
    """A trust with a signed log."""
    books = open_books(engine)
    books.post(interest())
    slug = f"trust-{books.trust_id}"
    with reading(engine) as conn:
        origin = origin_of(conn, books.trust_id)
    path = Config(tmp_path, "", "").key_path(slug)
    create_key(path, lambda size: b"\x41" * size)
    sign_log(engine, books.trust_id, load_signer(path, origin), NOW)
    return books.trust_id


def test_openssl_accepts_what_the_site_serves(
    engine: Engine, database_url: str, trust_id: int, authority: Authority, url: str, tmp_path: Path
) -> None:
    stamped, new = stamp_latest(engine, trust_id, url, authority.ca, ACT)
    assert new
    assert stamp_latest(engine, trust_id, url, None, ACT) == (stamped, False)
    config = Config(tmp_path, database_url, "https://mingzhang.example")
    with TestClient(create_app(config, now=lambda: NOW)) as client:
        log = f"/c/trust-{trust_id}/log"
        answer = client.get(f"{log}/timestamp/{stamped.size}")
        assert answer.headers["content-type"] == "application/timestamp-reply"
        (tmp_path / "answer.tsr").write_bytes(answer.content)
        (tmp_path / "checkpoint").write_bytes(client.get(f"{log}/checkpoint/{stamped.size}").content)
        assert client.get(f"{log}/about").json()["time_stamp"]["size"] == stamped.size
        assert "可信时间戳机构证明" in client.get(f"/c/trust-{trust_id}/verify").text
    verify = ("ts", "-verify", "-in", tmp_path / "answer.tsr", "-CAfile", authority.ca, "-data")
    said = openssl(*verify, tmp_path / "checkpoint")
    assert b"Verification: OK" in said.stdout + said.stderr
    (tmp_path / "other").write_bytes((tmp_path / "checkpoint").read_bytes() + b" ")
    with pytest.raises(subprocess.CalledProcessError):
        openssl(*verify, tmp_path / "other")


@pytest.mark.db("sqlite")
def test_answers_that_are_no_time_stamp_are_refused(
    engine: Engine, trust_id: int, authority: Authority, url: str, tmp_path: Path
) -> None:
    for spoil in ("rubbish", "long"):
        authority.spoil = spoil
        with pytest.raises(Refused):
            stamp_latest(engine, trust_id, url, None, ACT)
    authority.spoil = ""
    stranger = Authority(tmp_path / "stranger")
    with pytest.raises(Refused, match="签名或机构的证书不对"):
        stamp_latest(engine, trust_id, url, stranger.ca, ACT)
    with pytest.raises(Refused, match="没有答复"):
        stamp_latest(engine, trust_id, "http://127.0.0.1:9/", None, ACT)


@pytest.mark.db("sqlite")
def test_an_answer_to_another_question_is_refused(
    engine: Engine, trust_id: int, authority: Authority
) -> None:
    with reading(engine) as conn:
        signed = latest_checkpoint(conn, trust_id)
    assert signed is not None
    first, second = stamp_request(signed), stamp_request(signed)
    answer = authority.answer(first.as_bytes())
    with writing(engine) as conn:
        with pytest.raises(StampError, match="不是这一次的请求"):
            keep_stamp(conn, trust_id, signed, second, answer, "x", ACT)
        other = type(signed)(signed.size, signed.root, signed.note + "x\n", signed.signed_at)
        with pytest.raises(StampError, match="不是这份凭据"):
            keep_stamp(conn, trust_id, other, first, answer, "x", ACT)
        keep_stamp(conn, trust_id, signed, first, answer, "x", ACT)
        assert read_stamp(conn, trust_id, signed.size).response == answer


def test_what_gives_access_to_the_authority_is_not_published() -> None:
    asked = "https://yewei:secret@tsa.example:8443/stamp?token=hidden#part"
    assert shown_address(asked) == "https://tsa.example:8443/stamp"


def test_no_more_of_an_answer_is_read_than_is_kept() -> None:
    read: list[int] = []

    def endless() -> Iterator[bytes]:
        while True:
            read.append(16_384)
            yield b"x" * 16_384

    with pytest.raises(Refused, match="太长"):
        _whole(httpx.Response(200, content=endless()))
    assert sum(read) <= RESPONSE_LIMIT + 16_384
