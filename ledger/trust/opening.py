"""Open the books of a community."""

from __future__ import annotations

import re
from datetime import date

from sqlalchemy import Connection, insert, select

from ledger.chart import load_default_chart
from ledger.chart.store import write_accounts
from ledger.errors import Problem, Refused
from ledger.store.tables import trust, trust_head
from ledger.trust.act import Act
from ledger.trust.deeds import Deed, deed_problems, record_deed
from ledger.trust.dimensions import add_dimension_values

UNKNOWN_PARTY = "UNKNOWN"
"""Who money belongs to until its payer is found (待查款, 224105)."""
_SLUG = re.compile(r"[a-z][a-z0-9-]{1,40}")
_COUNTER_FUNDS = {
    "F1": "物业服务资金",
    "F2": "公共收益",
    "F3": "押金",
    "F4": "代收代付",
    "F5": "专项项目资金",
}


def open_trust(
    conn: Connection,
    *,
    trust_id: int,
    slug: str,
    name: str,
    trustee: str,
    host: str,
    opened_on: date,
    deed: Deed,
    act: Act,
) -> int:
    """Open the books of one community: trust, first deed, default charts, empty log.

    ``trust_id`` is chosen by the caller (random, so that no machine needs to hand out numbers);
    ``host`` is the public host name, part of the log's origin. Returns ``trust_id``. Raises
    :class:`~ledger.errors.Refused`, with all problems, for a bad or taken slug, a missing name or a deed
    that lacks an element.
    """
    if problems := _problems(conn, slug, name, trustee, deed):
        raise Refused(problems)
    conn.execute(
        insert(trust).values(
            trust_id=trust_id,
            slug=slug,
            name=name,
            trustee=trustee,
            origin=f"{host}/c/{slug}/log",
            currency="CNY",
            opened_on=opened_on,
            created_at=act.now,
        )
    )
    conn.execute(
        insert(trust_head).values(
            trust_id=trust_id, size=0, frontier=b"", numbers="{}", closed="{}", setup_version=1
        )
    )
    write_accounts(conn, trust_id, load_default_chart())
    record_deed(conn, trust_id, deed, act)
    funds = [{"code": code, "name": title} for code, title in _COUNTER_FUNDS.items()]
    add_dimension_values(conn, trust_id, "counter_fund", funds)
    add_dimension_values(conn, trust_id, "party", [{"code": UNKNOWN_PARTY, "name": "待核实付款人"}])
    return trust_id


def _problems(conn: Connection, slug: str, name: str, trustee: str, deed: Deed) -> list[Problem]:
    problems = []
    if not _SLUG.fullmatch(slug):
        problems.append(
            Problem(
                "bad_slug",
                f"小区网址名“{slug}”只能用小写字母、数字和短横线，以字母开头，2 到 41 个字符",
                "网址名",
            )
        )
    elif conn.execute(select(trust.c.trust_id).where(trust.c.slug == slug)).first():
        problems.append(Problem("slug_taken", f"网址名“{slug}”已被另一个小区使用", "网址名"))
    for title, text in {"小区名称": name, "受托人": trustee}.items():
        if not text.strip():
            problems.append(Problem("empty_field", f"请填写{title}", title))
    return problems + deed_problems(deed, None, trustee)
