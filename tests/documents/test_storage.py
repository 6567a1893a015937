"""Documents in S3-compatible storage instead of a folder: by a setting, with the same promises."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from sqlalchemy import Engine

from disclosure.config import config_from_env
from ledger.documents import read_public_document, store_document
from ledger.documents.blobs import read_blob, write_blob
from ledger.errors import Refused, Unanswerable
from ledger.store.engine import reading, writing
from tests.documents.papers import picture
from tests.ledger.books import act, open_books


class Bucket(BaseHTTPRequestHandler):
    """As much of S3 as one object at a time takes."""

    kept: dict[str, bytes]
    calls: list[tuple[str, str]]

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.calls.append(("PUT", self.path))
        assert self.headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=key/")
        if self.headers["if-none-match"] == "*" and self.path in self.kept:
            self._answer(412, b"<Error><Code>PreconditionFailed</Code></Error>")
            return
        self.kept[self.path] = body
        self._answer(200)

    def do_GET(self) -> None:
        self.calls.append(("GET", self.path))
        if self.path in self.kept:
            self._answer(200, self.kept[self.path])
        else:
            self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")

    def _answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.send_header("etag", '"1"')
        self.send_header("last-modified", "Sun, 01 Jun 2025 00:00:00 GMT")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Bucket]]:
    """A storage server, and the environment that leads to it."""
    handler = type("OneBucket", (Bucket,), {"kept": {}, "calls": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}",
        "AWS_ALLOW_HTTP": "true",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "cn-test-1",
    }.items():
        monkeypatch.setenv(name, value)
    yield handler
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_setting_says_where_documents_are_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    assert config_from_env().documents_dir == tmp_path / "documents"
    monkeypatch.setenv("DOCUMENTS_URL", "s3://papers/ming")
    assert config_from_env().documents_dir == "s3://papers/ming"


def test_documents_go_to_a_bucket_once_and_come_back_whole(
    engine: Engine, bucket: type[Bucket], db_kind: str
) -> None:
    books, place = open_books(engine), f"s3://papers/{db_kind}-1"
    data = picture()
    with writing(engine) as conn:
        digest = store_document(conn, books.trust_id, place, data, "image/png", public=True, act=act())
        assert write_blob(place, data) == digest
    assert list(bucket.kept) == [f"/papers/{db_kind}-1/{digest[:2]}/{digest}"]
    with reading(engine) as conn:
        assert read_public_document(conn, books.trust_id, place, digest) == (data, "image/png")
        bucket.kept = dict.fromkeys(bucket.kept, b"exchanged")
        with pytest.raises(Unanswerable, match="已损坏"):
            read_public_document(conn, books.trust_id, place, digest)
        bucket.kept = {}
        with pytest.raises(Unanswerable, match="不见了"):
            read_public_document(conn, books.trust_id, place, digest)


def test_storage_that_cannot_be_written_refuses_and_keeps_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Refused, match="没有存下"):
        write_blob(tmp_path / "file" / "folder", b"x")


def test_a_folder_keeps_the_same_bytes_once(tmp_path: Path) -> None:
    first, second = write_blob(tmp_path, b"paper"), write_blob(tmp_path, b"paper")
    assert first == second
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [first]
    assert read_blob(f"file://{tmp_path}", first) == b"paper"
