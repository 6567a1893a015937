"""What every command needs: settings, the trust it is about, the clock, and how to answer."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec
from sqlalchemy import Engine, select

from disclosure.config import Config, config_from_env
from ledger.errors import refuse
from ledger.log.keys import load_signer
from ledger.log.store import sign_log
from ledger.log.tree import ProofError
from ledger.store.engine import open_engine, reading
from ledger.store.tables import trust
from ledger.trust import Act

_Command = TypeVar("_Command", bound=Callable[..., Any])
_Read = TypeVar("_Read")


@dataclass(frozen=True, slots=True)
class Desk:
    """One installation and, if the command is about one, its trust."""

    config: Config
    engine: Engine
    trust_id: int
    slug: str
    origin: str

    def act(self) -> Act:
        """Now, with the system's randomness: the command line is where clock and entropy come in."""
        return Act(datetime.now(UTC), secrets.token_bytes)

    def sign(self) -> None:
        """Sign the log as it stands, if this machine holds the key."""
        path = self.config.key_path(self.slug)
        if not path.exists():
            return
        try:
            sign_log(self.engine, self.trust_id, load_signer(path, self.origin), datetime.now(UTC))
        except ProofError as error:
            raise refuse("not_signed", f"账已入好，但公开日志没有签名：{error}") from error


def open_desk(slug: str | None) -> Desk:
    """Open the database and find the trust; without a slug there must be exactly one."""
    config = config_from_env()
    engine = open_engine(config.database_url)
    with reading(engine) as conn:
        query = select(trust.c.trust_id, trust.c.slug, trust.c.origin)
        rows = conn.execute(query.where(trust.c.slug == slug) if slug else query.limit(2)).all()
    if not rows:
        raise refuse(
            "no_trust",
            f"没有网址名为“{slug}”的小区" if slug else "数据库里还没有小区，请先运行 mingzhang init",
        )
    if len(rows) > 1:
        raise refuse("which_trust", "数据库里有几个小区，请用 --trust 指明网址名")
    row = rows[0]
    return Desk(config, engine, row.trust_id, row.slug, row.origin)


def with_trust(command: _Command) -> _Command:
    """Add ``--trust``."""
    return click.option("--trust", "slug", metavar="网址名", help="小区的网址名；只有一个小区时可不写")(
        command
    )


def with_json(command: _Command) -> _Command:
    """Add ``--json``."""
    return click.option("--json", "as_json", is_flag=True, help="输出 JSON，供程序读取")(command)


FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)


def read_json(file: Path, kind: type[_Read]) -> _Read:
    """A value of this kind, written as JSON. Raises :class:`~ledger.errors.Refused`."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=kind)
    except msgspec.MsgspecError as error:
        raise refuse("bad_json", f"读不懂 {file.name}：{error}", file.name) from error


def answer(as_json: bool, data: Mapping[str, Any], *sentences: str) -> None:
    """Print the outcome for a program or for a person."""
    if as_json:
        click.echo(msgspec.json.encode({"ok": True, **data}).decode())
    else:
        for sentence in sentences:
            click.echo(sentence)


def progress_line(what: str) -> Callable[[int, int], None]:
    """A progress report on standard error, one line that is written over."""

    def show(done: int, total: int) -> None:
        click.echo(f"\r{what} {done}/{total}", nl=done >= total, err=True)

    return show
