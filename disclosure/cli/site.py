"""``serve`` and ``bench``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click

from disclosure.cli.chinese import ChineseCommand
from disclosure.cli.common import answer, with_json
from disclosure.config import Config, config_from_env
from ledger.errors import refuse
from ledger.store.migrate import migrate


def serve_site(config: Config, host: str, port: int) -> None:
    """Serve public pages and office until interrupted."""
    import uvicorn

    from disclosure.app import create_app

    uvicorn.run(create_app(config), host=host, port=port, log_level="warning", proxy_headers=False)


@click.command(cls=ChineseCommand, help="打开网站：公开页面和办公页面，并给公开日志签名。")
@click.option("--host", default="127.0.0.1", show_default=True, help="监听地址")
@click.option("--port", default=8000, show_default=True, help="端口")
@with_json
def serve(host: str, port: int, as_json: bool) -> None:
    """Serve public pages and office."""
    config = config_from_env(port=port)
    migrate(config.database_url)
    address = f"http://{host}:{port}/"
    answer(as_json, {"address": address}, f"网站：{address}")
    serve_site(config, host, port)


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
