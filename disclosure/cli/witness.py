"""``witness``: what committee, street or auditor run on their own machine, and the site's list of witnesses."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from disclosure.cli.acting import acting_as, sign_in, with_account
from disclosure.cli.chinese import ChineseCommand, ChineseGroup
from disclosure.cli.common import FOLDER, answer, open_desk, with_json, with_trust
from disclosure.watching.remote import Remote, Unreachable
from disclosure.watching.witness import Alarmed, create_witness, load_witness, look
from ledger.log.cosignature import Witness
from ledger.store.engine import reading
from ledger.witnesses import Cosigned, end_witness, register_witness, signed_by

DONE, FAILED, ALARM = 0, 1, 3
_DEFAULT = Path("witness")


def _with_folder(command: Any) -> Any:
    return click.option(
        "--folder",
        type=FOLDER,
        default=_DEFAULT,
        show_default=True,
        metavar="文件夹",
        help="放见证钥匙和留存凭据的文件夹，请备份",
    )(command)


@click.group("witness", cls=ChineseGroup, help="见证人：在自己的电脑上盯住账本，给没被改过的账签名。")
def witness() -> None:
    """The group."""


@witness.command("new", cls=ChineseCommand, help="生成见证钥匙，打印要交给小区登记的公钥。")
@click.argument("name", metavar="名字")
@_with_folder
@with_json
def new(name: str, folder: Path, as_json: bool) -> None:
    """A new key. The name should look like an address of the witness's own, such as jiedao.example/w1."""
    key = create_witness(folder, name).key
    answer(
        as_json,
        {"name": key.name, "vkey": key.vkey},
        f"见证钥匙已生成，在 {folder}。钥匙不要离开这台电脑，请另外备份一份。",
        "请把下面这行公钥当面交给业委会主任或系统管理员登记：",
        key.vkey,
    )


@witness.command("key", cls=ChineseCommand, help="打印自己的公钥。")
@_with_folder
@with_json
def key(folder: Path, as_json: bool) -> None:
    """The public key."""
    vkey = load_witness(folder).key.vkey
    answer(as_json, {"vkey": vkey}, vkey)


@witness.command(
    "run",
    cls=ChineseCommand,
    help="看一看账本：没被改过就签名并送回网站；变少、改写、换公钥就报警（退出码 3），证据留在文件夹里。",
)
@click.argument("addresses", nargs=-1, required=True, metavar="网址…")
@click.option(
    "--key", "log_key", default=None, metavar="公钥", help="公告栏或信托文件上的账本公钥（只看一个小区时）"
)
@click.option("--once", is_flag=True, help="只看一次就结束，供定时任务使用")
@click.option(
    "--every",
    type=click.IntRange(1, 10_080),
    metavar="分钟",
    default=60,
    show_default=True,
    help="每隔多少分钟看一次",
)
@_with_folder
@with_json
def run(
    addresses: tuple[str, ...], log_key: str | None, once: bool, every: int, folder: Path, as_json: bool
) -> int:
    """Look once, or again and again."""
    if log_key is not None and len(addresses) != 1:
        raise click.UsageError("写了 --key 就只能看一个网址")
    own = load_witness(folder)
    worst = DONE
    while True:
        for address in addresses:
            worst = max(worst, _look(own, folder, address, log_key, as_json))
        if once:
            return worst
        time.sleep(every * 60)


def _look(own: Witness, folder: Path, address: str, log_key: str | None, as_json: bool) -> int:
    now = datetime.now(UTC)
    try:
        with Remote(address) as remote:
            found = look(own, folder, remote, log_key, now)
    except Alarmed as alarm:
        data = {"alarm": alarm.code, "message": str(alarm), "evidence": str(alarm.place), "address": address}
        _shout(as_json, data, alarm)
        return ALARM
    except Unreachable as error:
        answer(as_json, {"ok": False, "address": address, "message": str(error)}, f"{error}。稍后再看。")
        return FAILED
    except (
        ValueError,
        OSError,
    ) as error:  # a key that is none, a full disk: the other logs are still looked at
        words = f"{address}：{error}"
        answer(as_json, {"ok": False, "address": address, "message": str(error)}, words)
        return FAILED
    warning = "公钥取自网站，请与公告栏或信托文件上的比一比。"
    answer(
        as_json,
        {
            "ok": found.accepted,
            "address": address,
            "origin": found.origin,
            "old": found.old,
            "size": found.size,
            "message": found.sent,
        },
        f"{found.origin}：{grown_text(found.old, found.size)}。{found.sent}。",
        *([warning] if found.old is None and log_key is None else []),
    )
    return DONE if found.accepted else FAILED


def grown_text(old: int | None, size: int) -> str:
    """What a look showed: of the first one, nothing about earlier entries."""
    if old is None:
        return f"现有 {size:,} 条，第一次看，从现在起盯住"
    grown = f"从 {old:,} 条长到 {size:,} 条" if size > old else f"仍是 {size:,} 条"
    return f"{grown}，旧账没有被改过"


def _shout(as_json: bool, data: dict[str, Any], alarm: Alarmed) -> None:
    bell = "\a" if sys.stderr.isatty() else ""
    click.echo(
        f"{bell}{'!' * 60}\n警报：{data['address']}\n{alarm}\n"
        f"证据在 {alarm.place}，请不要删除，马上告诉业委会、街道和邻居。没有签名。\n{'!' * 60}",
        err=True,
    )
    if as_json:
        answer(True, {**data, "ok": False})


@witness.command("register", cls=ChineseCommand, help="在网站上登记一位见证人（业委会主任或系统管理员）。")
@click.argument("vkey", metavar="公钥")
@click.option("--title", required=True, metavar="见证人", help="见证人是谁，如“业主委员会”“××街道办事处”")
@with_account
@with_trust
@with_json
def register(vkey: str, title: str, account: str, slug: str | None, as_json: bool) -> None:
    """Recognise a witness."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "witness.register", title[:60]) as office:
        item = register_witness(office.conn, desk.trust_id, vkey, title, actor, office.act)
    answer(as_json, {"name": item.key.name}, f"已登记见证人“{item.title}”（{item.key.name}）。")


@witness.command("end", cls=ChineseCommand, help="停用一位见证人，以前的签名保留（业委会主任）。")
@click.argument("name", metavar="名字")
@click.option("--reason", required=True, metavar="原因", help="会公开")
@with_account
@with_trust
@with_json
def end(name: str, reason: str, account: str, slug: str | None, as_json: bool) -> None:
    """Take no more signatures."""
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "witness.end", name[:60]) as office:
        end_witness(office.conn, desk.trust_id, name, reason, actor, office.act)
    answer(as_json, {"name": name}, f"已停用见证人 {name}。")


@witness.command("list", cls=ChineseCommand, help="列出网站登记的见证人，各签到第几条。")
@with_trust
@with_json
def list_(slug: str | None, as_json: bool) -> None:
    """All witnesses."""
    desk = open_desk(slug)
    with reading(desk.engine) as conn:
        found = signed_by(conn, desk.trust_id)
    rows = [
        {
            "name": item.witness.key.name,
            "title": item.witness.title,
            "vkey": item.witness.key.vkey,
            "active": item.witness.active,
            "size": item.size,
            "signed_at": item.signed_at.isoformat() if item.signed_at else None,
        }
        for item in found
    ]
    answer(as_json, {"witnesses": rows}, *map(_line, found))


def _line(item: Cosigned) -> str:
    state = "" if item.witness.active else "（已停用）"
    far = f"签到第 {item.size:,} 条" if item.size else "还没有签过"
    return f"{item.witness.title}{state}\t{item.witness.key.name}\t{far}"


COMMANDS = (witness,)
