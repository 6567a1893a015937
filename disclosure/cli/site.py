"""``serve`` and ``bench``."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click

from disclosure.cli.chinese import ChineseCommand
from disclosure.cli.common import answer, with_json
from disclosure.config import Config, config_from_env
from disclosure.demo.people import published_log_ins
from ledger.errors import refuse
from ledger.store.engine import open_engine, reading
from ledger.store.migrate import migrate

_THREADS = 10
"""Requests worked on at once: more than may wait for paper and sums together, fewer than there are connections."""


def serve_site(config: Config, host: str, port: int) -> None:
    """Serve public pages and office until interrupted."""
    import uvicorn
    from litestar.concurrency import set_asyncio_executor

    from disclosure.app import create_app

    set_asyncio_executor(ThreadPoolExecutor(_THREADS, "web"))
    uvicorn.run(create_app(config), host=host, port=port, log_level="warning", proxy_headers=False)


@click.command(cls=ChineseCommand, help="打开网站：公开页面和办公页面，并给公开日志签名。")
@click.option("--host", default="127.0.0.1", show_default=True, help="监听地址")
@click.option("--port", default=8000, show_default=True, help="端口")
@with_json
def serve(host: str, port: int, as_json: bool) -> None:
    """Serve public pages and office."""
    config = config_from_env(port=port)
    migrate(config.database_url)
    _refuse_published_log_ins(config)
    address = f"http://{host}:{port}/"
    answer(as_json, {"address": address}, f"网站：{address}")
    serve_site(config, host, port)


def _refuse_published_log_ins(config: Config) -> None:
    """Nobody serves real people over accounts whose password is in print: a demo's data, or a copy of it."""
    engine = open_engine(config.database_url)
    try:
        with reading(engine) as conn:
            found = published_log_ins(conn, config.password_cost)
    finally:
        engine.dispose()
    if found:
        raise refuse(
            "published_log_ins",
            f"这个数据库里有演示账号（{'、'.join(found)}）还用着公开的演示密码，不能当真的网站打开。"
            "看演示请用 mingzhang demo；正式使用请换一个空的 DATA_DIR，或先给这些账号改密码",
        )


@click.command(
    cls=ChineseCommand,
    help="运行性能测试（只在源码目录里可用）。",
    context_settings={"ignore_unknown_options": True},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[参数…]")
def bench(arguments: tuple[str, ...]) -> int:
    """Run the benchmarks of a checkout."""
    root = Path(__file__).resolve().parents[2]
    if not (root / "benchmarks" / "__main__.py").exists():
        raise refuse("no_benchmarks", "性能测试只在源码目录里可用，安装包里没有")
    return subprocess.run([sys.executable, "-m", "benchmarks", *arguments], cwd=root, check=False).returncode  # noqa: S603


COMMANDS = (serve, bench)
