"""``mirror``, ``verifier``, ``timestamp``: what keeps the log checkable outside this site."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from disclosure.cli.chinese import ChineseCommand
from disclosure.cli.common import FILE, FOLDER, answer, open_desk, progress_line, with_json, with_trust
from disclosure.cli.witness import ALARM, grown_text
from disclosure.watching.mirror import Damaged, mirror
from disclosure.watching.remote import Remote, Unreachable
from disclosure.watching.witness import Alarmed
from ledger.errors import refuse


@click.command(
    "mirror",
    cls=ChineseCommand,
    help="在自己的电脑上保存一份账本的完整副本，逐个核对后才收下。再运行一次只取新的；账变少或被改写时不收，留下证据（退出码 3）。",
)
@click.argument("address", metavar="网址")
@click.argument("folder", type=FOLDER, metavar="文件夹")
@click.option(
    "--key", default=None, metavar="公钥", help="公告栏或信托文件上的账本公钥；不写就记下第一次见到的"
)
@with_json
def mirror_(address: str, folder: Path, key: str | None, as_json: bool) -> int:
    """Keep a full verified copy."""
    try:
        with Remote(address) as remote:
            done = mirror(
                folder,
                remote,
                key,
                datetime.now(UTC),
                progress=None if as_json else progress_line("下载"),
            )
    except Alarmed as alarm:
        data = {"ok": False, "alarm": alarm.code, "message": str(alarm), "evidence": str(alarm.place)}
        answer(as_json, data)
        click.echo(
            f"警报：{alarm}\n原来的副本没有动。证据在 {alarm.place}，请告诉业委会、街道和邻居。", err=True
        )
        return ALARM
    except Unreachable as error:
        raise refuse("unreachable", str(error)) from error
    except Damaged as error:
        raise refuse("damaged", str(error)) from error
    answer(
        as_json,
        {"origin": done.origin, "old": done.old, "size": done.size, "files": done.files},
        f"{done.origin}：{grown_text(done.old, done.size)}。新取 {done.files} 个文件，全部核对通过。",
        f"随时可以离线再核：mingzhang verify --bundle {folder} --key 公钥 --old 您另外留存的凭据",
    )
    return 0


@click.command(
    "verifier",
    cls=ChineseCommand,
    help="写出核验网页：只有一个 HTML 文件，可以放在别人的网站上，也可以直接从磁盘打开，不靠本网站。",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("verifier.html"),
    show_default=True,
    metavar="文件",
    help="写到哪里",
)
@with_json
def verifier(out: Path, as_json: bool) -> None:
    """The verifier as one file."""
    from disclosure.public.rendering import load_pages
    from disclosure.verifier import verifier_html

    with out.open("xb") as file:
        file.write(verifier_html(load_pages(demo=False)))
    answer(as_json, {"file": str(out)}, f"已写出 {out}，用浏览器打开即可。")


@click.command(
    "timestamp",
    cls=ChineseCommand,
    help="请可信时间戳机构（RFC 3161）给最新凭据盖时间戳，保存并公开。机构地址也可用 TIMESTAMP_URL 设置。",
)
@click.option("--url", envvar="TIMESTAMP_URL", default="", metavar="网址", help="时间戳机构的地址")
@click.option("--ca", type=FILE, default=None, metavar="证书.pem", help="机构的根证书：有它就当场验签名")
@with_trust
@with_json
def timestamp(url: str, ca: Path | None, slug: str | None, as_json: bool) -> None:
    """Ask for a time stamp over the newest checkpoint, once per checkpoint."""
    from disclosure.watching.authority import stamp_latest

    if not url:
        raise refuse("no_authority", "请用 --url 或环境变量 TIMESTAMP_URL 写明时间戳机构的地址")
    desk = open_desk(slug)
    stamped, new = stamp_latest(desk.engine, desk.trust_id, url, ca, desk.act())
    words = "已盖时间戳" if new else "早已盖过时间戳，没有重复申请"
    answer(
        as_json,
        {"size": stamped.size, "stamped_at": stamped.stamped_at.isoformat(), "new": new},
        f"{stamped.size:,} 条的凭据{words}：{stamped.stamped_at:%Y-%m-%d %H:%M:%S} UTC。",
        f"公开在 {desk.config.public_url}/c/{desk.slug}/log/timestamp/{stamped.size}",
    )


COMMANDS = (mirror_, verifier, timestamp)
