"""The demo community whose people all carry a mark, served, and walked once from end to end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import pytest
from litestar.testing import TestClient
from sqlalchemy import Engine, select

from disclosure.app import Application, create_app
from disclosure.config import Config
from disclosure.demo import bookkeeper, district_life, inquiries, owners, people, world
from disclosure.demo.run import run_demo
from ledger.journal.public_view import entry_ref
from ledger.store.engine import open_engine, reading, writing
from ledger.store.migrate import migrate
from ledger.store.tables import document, entry, entry_document, owner, trust
from ledger.trust import Act
from ledger.trust.owner_register import Person, change_contact
from tests.face.crawl import Crawl, crawl
from tests.serving import serving

HOST = "https://books.example"
TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
MARKS = "龘靐齉爩麤灪"
"""Every given name is made of these: no other text has them."""
PHONE = "13911112222"
PLATE, IDENTITY = "川A8K21靐", "510101196903074417"
WRITTEN = f"物业费 车牌{PLATE} 身份证{IDENTITY} 工资8650{MARKS[2]}"
"""What people write beside a payment: a plate, the number of an identity card, what somebody earns."""
_LOG_FILES = ("tile/0/000", "tile/entries/000", "consistency/1/9", "about", "cosigned")


@dataclass(frozen=True)
class Face:
    """The public face of the marked community."""

    app: Application
    engine: Engine
    trust_id: int
    slug: str
    walk: Crawl


@pytest.fixture(scope="session")
def face(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Face]:
    folder = tmp_path_factory.mktemp("face")
    config = Config(folder, f"sqlite:///{folder / 'face.sqlite3'}", HOST, demo=True)
    migrate(config.database_url)
    engine = open_engine(config.database_url)
    with pytest.MonkeyPatch.context() as patch:
        _mark(patch)
        slug = run_demo(engine, config, today=TODAY, say=lambda _: None)
    with writing(engine) as conn:
        trust_id = conn.execute(select(trust.c.trust_id).where(trust.c.slug == slug)).scalar_one()
        some = conn.execute(select(owner.c.owner).where(owner.c.kind == "person").limit(5)).scalars().all()
        for key in some:
            person = Person(key, "person", f"王{MARKS[0]}", phone=PHONE, address=f"{MARKS}路1号")
            change_contact(conn, trust_id, person, Act(NOW, lambda n: b"s" * n))
    app = create_app(config, now=lambda: NOW)
    with TestClient(app, base_url=HOST) as client:
        size = client.get(f"/c/{slug}/log/checkpoint").text.splitlines()[1]
        log = [f"/c/{slug}/log/{path}" for path in (*_LOG_FILES, f"checkpoint/{size}")]
        starts = [
            "/",
            "/robots.txt",
            "/api",
            "/api/v1/openapi.json",
            _with_picture(engine, trust_id, slug),
            *log,
        ]
        walk = crawl(client, starts, HOST)
    yield Face(app, engine, trust_id, slug, walk)
    engine.dispose()


def _with_picture(engine: Engine, trust_id: int, slug: str) -> str:
    """An entry that shows a picture of its voucher: the newest ones, which links lead to, may have none."""
    with reading(engine) as conn:
        pictured = (
            select(entry.c.book, entry.c.fiscal_year, entry.c.number)
            .join(
                entry_document,
                (entry_document.c.trust_id == trust_id) & (entry_document.c.seq == entry.c.seq),
            )
            .join(
                document, (document.c.trust_id == trust_id) & (document.c.sha256 == entry_document.c.public)
            )
            .where(
                entry.c.trust_id == trust_id,
                document.c.media_type.startswith("image/"),
                document.c.access == "public",
            )
            .order_by(entry.c.seq)
        )
        return f"/c/{slug}/entries/{entry_ref(*conn.execute(pictured).first() or ())}"


def _mark(patch: pytest.MonkeyPatch) -> None:
    """Let the demo invent nothing but marked names, and its households write marked things."""
    patch.setattr(world, "GIVEN", MARKS)
    patch.setattr(owners, "GIVEN", MARKS)
    pay = world.World.pay

    def pay_and_write(self: world.World, account: str, on: date, amount: int, who: str, memo: str) -> None:
        pay(self, account, on, amount, who, memo.replace("物业费", WRITTEN) if who[1:] else memo)

    patch.setattr(world.World, "pay", pay_and_write)
    marked = tuple(replace(item, name=item.name[0] + MARKS[:1]) for item in people.PEOPLE)
    patch.setattr(people, "PEOPLE", marked)
    patch.setattr(inquiries, "NEIGHBOURS", _marked(inquiries.NEIGHBOURS))
    beside = {slug: _marked(pairs) for slug, pairs in district_life.NEIGHBOURS.items()}
    patch.setattr(district_life, "NEIGHBOURS", beside)
    for role in ("preparer", "reviewer"):
        signed = bookkeeper.PEOPLE[role]
        patch.setitem(bookkeeper.PEOPLE, role, f"{signed[0]}{MARKS[1]}{signed[2:]}")


def _marked(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Accounts with names that have a mark."""
    return tuple((account, name[0] + MARKS[2]) for account, name in pairs)


@pytest.fixture
def face_address(face: Face) -> Iterator[str]:
    """The same site on a real port, for browsers."""
    with serving(face.app) as address:
        yield address
