"""``people``: accounts and roles from the shell of whoever runs the installation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import click
from sqlalchemy import Connection

from disclosure.cli.chinese import ChineseCommand, ChineseGroup
from disclosure.cli.common import Desk, answer, open_desk, with_json, with_trust
from disclosure.config import config_from_env
from disclosure.identity.passwords import hash_password, problems_of
from disclosure.identity.sessions import close_all
from ledger.errors import Refused, refuse
from ledger.people.accounts import Person, create_person, find_account
from ledger.people.audit import audit
from ledger.people.credentials import record_credential
from ledger.people.invitations import invite, offer_recovery
from ledger.people.members import grant, list_grants, membership, revoke
from ledger.people.roles import ROLE_NAMES, Actor, Role
from ledger.store.engine import open_engine, reading, writing
from ledger.store.tables import INSTALLATION
from ledger.trust.act import Act

_Command = TypeVar("_Command", bound=Callable[..., Any])
_SHELL = Actor("shell", "命令行", frozenset({Role.OPERATOR}), "命令行")
"""Whoever has the shell and the database manages accounts anyway; the trail says so."""
_ROLE = click.Choice([role.value for role in Role])


@click.group(
    cls=ChineseGroup,
    help="账号和身份。身份代码："
    + "，".join(f"{role.value} {ROLE_NAMES[role]}" for role in Role)
    + "。这些命令由部署网站的人使用，每次都会留痕。",
)
def people() -> None:
    """Accounts and roles."""


def installation_desk() -> Desk:
    """A desk for what is no one community's."""
    config = config_from_env()
    return Desk(config, open_engine(config.database_url), INSTALLATION, "", "")


def _with_role(command: _Command) -> _Command:
    return click.option("--role", type=_ROLE, required=True, metavar="身份", help="身份代码，如 preparer")(
        command
    )


def _with_unit(command: _Command) -> _Command:
    return click.option("--unit", default="", metavar="房屋", help="业主、租户的房屋编号")(command)


@people.command(cls=ChineseCommand, help="开一个账号。密码从终端读入；不给密码时请用 invite 发邀请码。")
@click.argument("account", metavar="账号")
@click.option("--name", required=True, metavar="姓名", help="姓名")
@click.password_option(
    prompt="密码",
    confirmation_prompt="再填一次密码",
    envvar="MINGZHANG_PASSWORD",
    help="密码；不写时用环境变量 MINGZHANG_PASSWORD，再没有就从终端读入",
)
@with_json
def add(account: str, name: str, password: str, as_json: bool) -> None:
    """Make an account with a password and no role yet."""
    desk = installation_desk()
    problems = problems_of(password, account)
    if problems:
        raise Refused(problems)
    hashed = hash_password(password, desk.config.password_cost)
    with writing(desk.engine) as conn:
        act = desk.act()
        made = create_person(conn, account, name, by=_SHELL.person, act=act)
        record_credential(conn, made.person, by=_SHELL.person, act=act, password_hash=hashed)
        _note(conn, desk, "people.invite", made.signature, act)
    answer(as_json, {"person": made.person, "account": made.account}, f"账号 {made.account} 已开通。")


@people.command("invite", cls=ChineseCommand, help="发一个一次性的邀请码。")
@_with_role
@_with_unit
@click.option("--name", "label", default="", metavar="姓名", help="写给谁")
@with_trust
@with_json
def invite_(role: str, unit: str, label: str, slug: str | None, as_json: bool) -> None:
    """A one-time code."""
    desk = open_desk(slug)
    with writing(desk.engine) as conn:
        act = desk.act()
        code = invite(conn, desk.trust_id, Role(role), by=_SHELL.person, act=act, unit=unit, label=label)
        _note(conn, desk, "people.invite", f"{label or unit}：{ROLE_NAMES[Role(role)]}", act)
    address = f"{desk.config.public_url}/invite?code={code}"
    answer(as_json, {"code": code, "address": address}, f"邀请码：{code}", f"网址：{address}")


@people.command(cls=ChineseCommand, help="给已有的账号一个身份；不写 --role 时列出他现在的身份。")
@click.argument("account", metavar="账号")
@click.option("--role", type=_ROLE, metavar="身份", help="要给的身份代码，如 preparer")
@_with_unit
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), metavar="日期", help="任期的最后一天")
@click.option("--installation", is_flag=True, help="整个网站的系统管理员：可以为新小区开账套")
@with_trust
@with_json
def roles(
    account: str,
    role: str | None,
    unit: str,
    until: datetime | None,
    installation: bool,
    slug: str | None,
    as_json: bool,
) -> None:
    """Give a role, or list those held."""
    desk = installation_desk() if installation else open_desk(slug)
    act = desk.act()
    if role:
        with writing(desk.engine) as conn:
            person = person_of(conn, account)
            last = until.date() if until else None
            grant(
                conn,
                desk.trust_id,
                person.person,
                Role(role),
                by=_SHELL.person,
                act=act,
                unit=unit,
                until_day=last,
                reason="命令行",
            )
            _note(conn, desk, "people.invite", f"{person.signature}：{ROLE_NAMES[Role(role)]}", act)
    with reading(desk.engine) as conn:
        held = membership(conn, person_of(conn, account).person, desk.trust_id, act.today)
    names = [item for item in Role if item in held.roles]
    answer(
        as_json,
        {"account": account, "roles": names, "units": held.homes},
        f"{account} 现在的身份：{'、'.join(ROLE_NAMES[item] for item in names) or '没有'}"
        + (f"（{'、'.join(held.homes)}）" if held.homes else ""),
    )


@people.command("revoke", cls=ChineseCommand, help="收回一个身份，立即生效。")
@click.argument("account", metavar="账号")
@_with_role
@_with_unit
@click.option("--reason", default="命令行收回", metavar="原因", help="原因")
@click.option("--installation", is_flag=True, help="整个网站的系统管理员")
@with_trust
@with_json
def revoke_(
    account: str,
    role: str,
    unit: str,
    reason: str,
    installation: bool,
    slug: str | None,
    as_json: bool,
) -> None:
    """Take a role back."""
    desk = installation_desk() if installation else open_desk(slug)
    with writing(desk.engine) as conn:
        act, person = desk.act(), person_of(conn, account)
        revoke(
            conn,
            desk.trust_id,
            person.person,
            Role(role),
            by=_SHELL.person,
            act=act,
            unit=unit,
            reason=reason,
        )
        _note(conn, desk, "people.revoke", f"{person.signature}：{ROLE_NAMES[Role(role)]}", act)
    answer(as_json, {"account": account, "role": role}, f"已收回 {account} 的{ROLE_NAMES[Role(role)]}身份。")


@people.command("list", cls=ChineseCommand, help="列出小区里所有的身份（住户最多列 500 条）。")
@with_trust
@with_json
def list_(slug: str | None, as_json: bool) -> None:
    """Everybody who holds a role."""
    desk = open_desk(slug)
    with reading(desk.engine) as conn:
        grants = list_grants(conn, desk.trust_id)
    rows = [
        {
            "account": item.person.account,
            "name": item.person.name,
            "role": item.role.value,
            "unit": item.unit,
            "from": item.from_day.isoformat(),
            "until": item.until_day.isoformat() if item.until_day else None,
        }
        for item in grants
    ]
    lines = [
        f"{item.person.account}　{item.person.name}　{ROLE_NAMES[item.role]}　{item.unit}" for item in grants
    ]
    answer(as_json, {"people": rows}, *(lines or ["还没有人有身份。"]))


@people.command("log-out", cls=ChineseCommand, help="让一个账号在所有设备上退出登录。")
@click.argument("account", metavar="账号")
@with_json
def log_out(account: str, as_json: bool) -> None:
    """End every session of an account."""
    desk = installation_desk()
    with writing(desk.engine) as conn:
        act, person = desk.act(), person_of(conn, account)
        ended = close_all(conn, person.person, act)
        _note(conn, desk, "people.recover", f"{person.signature}：强制退出", act)
    answer(as_json, {"ended": ended}, f"已退出 {ended} 处登录。")


@people.command(
    cls=ChineseCommand, help="发一个重设密码的一次性码；手机丢了的，加 --second-factor 清除动态码。"
)
@click.argument("account", metavar="账号")
@click.option("--second-factor", is_flag=True, help="同时清除动态码，下次登录重新设置")
@with_json
def recover(account: str, second_factor: bool, as_json: bool) -> None:
    """A code for a new password, and if asked no second factor any more."""
    desk = installation_desk()
    with writing(desk.engine) as conn:
        act, person = desk.act(), person_of(conn, account)
        code = offer_recovery(conn, INSTALLATION, person, by=_SHELL.person, act=act)
        if second_factor:
            record_credential(conn, person.person, by=_SHELL.person, act=act, totp_secret="")
        close_all(conn, person.person, act)
        _note(conn, desk, "people.recover", f"{person.signature}：重设密码", act)
    address = f"{desk.config.public_url}/invite?code={code}"
    answer(as_json, {"code": code, "address": address}, f"重设码：{code}", f"网址：{address}")


def _note(conn: Connection, desk: Desk, action: str, subject: str, act: Act) -> None:
    audit(conn, desk.trust_id, _SHELL, action, subject, act)


def person_of(conn: Connection, account: str) -> Person:
    found = find_account(conn, account)
    if found is None:
        raise refuse("unknown_account", f"没有账号 {account}")
    return found


COMMANDS = (people,)
