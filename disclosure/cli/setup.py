"""``init`` and ``demo``: from nothing to books."""

from __future__ import annotations

import secrets
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from disclosure.cli.chinese import ChineseCommand
from disclosure.cli.common import FILE, answer, with_json
from disclosure.cli.site import serve_site
from disclosure.config import Config, config_from_env
from ledger.billing import record_fee_standard
from ledger.errors import refuse
from ledger.log.keys import create_key
from ledger.store.engine import open_engine, writing
from ledger.store.migrate import migrate
from ledger.trust import (
    Act,
    BankAccount,
    Contract,
    Deed,
    Unit,
    add_bank_accounts,
    add_contracts,
    add_dimension_values,
    add_units,
    open_trust,
    record_setting,
)
from ledger.trust.tenure import LEAST_NOTICE_DAYS, Tenure, record_tenure


@click.command(
    cls=ChineseCommand,
    help="建库；给出小区说明文件（TOML）时，同时建账。说明文件的样子见 docs/community.example.toml。",
)
@click.argument("file", required=False, type=FILE, metavar="[小区.toml]")
@with_json
def init(file: Path | None, as_json: bool) -> None:
    """Migrate the database and open the books of a community."""
    config = config_from_env()
    migrate(config.database_url)
    if file is None:
        answer(as_json, {"database": "ready"}, "数据库已就绪。")
        return
    try:
        described = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise refuse("bad_toml", f"读不懂 {file.name}：{error}", file.name) from error
    slug = _open_community(config, described, file.name)
    answer(
        as_json,
        {"trust": slug},
        f"已建账：{described['trust']['name']}，公开网址 {config.public_url}/c/{slug}",
    )


def _open_community(config: Config, described: dict[str, Any], filename: str) -> str:
    act = Act(datetime.now(UTC), secrets.token_bytes)
    engine = open_engine(config.database_url)
    try:
        head = described["trust"]
        host = config.public_url.split("://", 1)[-1]
        trust_id = secrets.randbits(53)
        with writing(engine) as conn:
            open_trust(
                conn,
                trust_id=trust_id,
                slug=head["slug"],
                name=head["name"],
                trustee=head["trustee"],
                host=host,
                opened_on=head["opened_on"],
                deed=Deed(effective_on=head["opened_on"], **described["deed"]),
                act=act,
            )
            if "tenure" in described:
                record_tenure(conn, trust_id, _tenure(described), act)
            add_units(conn, trust_id, [Unit(**row) for row in described.get("unit", ())])
            add_bank_accounts(
                conn, trust_id, [BankAccount(**row) for row in described.get("bank_account", ())]
            )
            for dimension in ("vendor", "party", "project", "site"):
                add_dimension_values(conn, trust_id, dimension, described.get(dimension, ()))
            contracts = [{"site": "", "ends_on": None, **row} for row in described.get("contract", ())]
            add_contracts(conn, trust_id, [Contract(**row) for row in contracts])
            for row in described.get("fee_standard", ()):
                record_fee_standard(conn, trust_id, **row)
            for name, value in described.get("settings", {}).items():
                authority = described["deed"]["authority"]
                record_setting(
                    conn, trust_id, name, value, effective_on=head["opened_on"], authority=authority, act=act
                )
            create_key(config.key_path(head["slug"]), secrets.token_bytes)
        return str(head["slug"])
    except KeyError as error:
        raise refuse("missing_field", f"缺少 {error.args[0]} 一项", filename) from error
    except TypeError as error:
        raise refuse("unknown_field", f"有缺少或多余的项：{error}", filename) from error


def _tenure(described: dict[str, Any]) -> Tenure:
    """The trustee's tenure: from the day the books open, by the deed's authority, unless it says otherwise."""
    given = {
        "trustee": described["trust"]["trustee"],
        "starts_on": described["trust"]["opened_on"],
        "ends_on": None,
        "notice_days": LEAST_NOTICE_DAYS,
        "authority": described["deed"]["authority"],
    }
    return Tenure(**{**given, **described["tenure"]})


@click.command(cls=ChineseCommand, help="造一个虚构小区“明和苑”，把它 14 个月的账走一遍，然后打开网站。")
@click.option("--port", default=8000, show_default=True, help="网站端口")
@click.option("--serve/--no-serve", default=True, help="建好后是否打开网站")
@with_json
def demo(port: int, serve: bool, as_json: bool) -> None:
    """Make the demo community, once, and serve it."""
    from disclosure.demo.community import NAME, SLUG
    from disclosure.demo.people import PASSWORD, log_ins
    from disclosure.demo.resolutions import DEMO_CODE
    from disclosure.demo.run import demo_exists, last_day_lived, run_demo

    config = config_from_env(port=port, demo=True)
    say = (lambda _sentence: None) if as_json else click.echo
    say("准备数据库……")
    migrate(config.database_url)
    engine = open_engine(config.database_url)
    if not demo_exists(engine):
        say(f"虚构小区“{NAME}”：从第一天起，逐月导入流水、记账、结账、公示……")
        run_demo(engine, config, today=last_day_lived(datetime.now(UTC)), say=say)
    engine.dispose()
    base = f"http://127.0.0.1:{port}/c/{SLUG}"
    pages = {
        "首页": "",
        "每一笔": "/entries",
        "月报、季报、年报": "/statements",
        "图表": "/charts",
        "公开事项": "/duties",
        "预算": "/budgets",
        "业主决定": "/resolutions",
        "专项项目": "/projects",
        "联席会议": "/conference",
        "质询报修": "/inquiries",
        "双百分评价": "/evaluations",
        "台账和现场检查": "/registers",
        "怎样核验": "/verify",
    }
    answer(
        as_json,
        {"trust": SLUG, "address": base},
        f"\n{NAME}的账（内容虚构）：",
        *(f"  {title}\t{base}{path}" for title, path in pages.items()),
        "  以上是公开页面，不用登录。",
        f"\n片区总览（用社区党组织或街道的账号登录）\thttp://127.0.0.1:{port}/district",
        f"办公页面\thttp://127.0.0.1:{port}/login",
        f"  密码都是 {PASSWORD}；要动态码的，登录页会显示",
        *(f"  {line}" for line in log_ins()),
        f"业主的表决码（正在进行的表决，登录后在“我的表决”里填）：{DEMO_CODE}",
        *(["按 Ctrl+C 结束。\n"] if serve else []),
    )
    if serve:
        serve_site(config, "127.0.0.1", port)


COMMANDS = (init, demo)
