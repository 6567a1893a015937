"""Every figure a stranger can see, added up again from the rows of the ledger by other means (see raw.py)."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

import feedparser
import pytest
from litestar.testing import TestClient
from sqlalchemy import text

from ledger.district import summarise
from ledger.store.engine import reading
from ledger.trust import Act
from tests.face.conftest import HOST, NOW, TODAY, Face
from tests.face.crawl import text_of
from tests.face.raw import CASH, CORRECTIONS, FLOWS, Entry, Ledger, Line, read_ledger
from tests.face.stated import stated

A_FUNDS = ("F1", "F2", "F3", "F4", "F5")
OWN = ("F1", "F2", "F5")
_FIGURE = re.compile(r'data-figure="([^"]+)"( data-unit="count")?>([^<]+)<')


@pytest.fixture(scope="module")
def ledger(face: Face) -> Ledger:
    return read_ledger(face.engine, face.trust_id)


@pytest.fixture(scope="module")
def client(face: Face) -> Iterator[TestClient]:
    with TestClient(face.app, base_url=HOST) as client:
        yield client


def yuan(fen: int) -> str:
    """As a page writes it."""
    return f"{'-' if fen < 0 else ''}¥{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def fen(cell: str) -> int:
    """As a file writes it."""
    return int(cell.replace(".", "").replace(",", "").replace("¥", ""))


def amounts(page: str) -> list[int]:
    """Every amount of a page in its order, after the last tag before it."""
    return [fen(found) for found in re.findall(r'class="amount[^"]*">(-?¥[\d,.]+)<', page)]


def table(client: TestClient, path: str) -> list[list[str]]:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def ask(client: TestClient, path: str) -> Any:
    answer = client.get(path)
    assert answer.status_code == 200, f"{path}: {answer.text[:200]}"
    return answer.json()


def in_month(ledger: Ledger, year: int, month: int) -> Ledger:
    return ledger.select(lambda item: (item.day.year, item.day.month) == (year, month))


def test_the_home_page_and_its_api_say_what_each_fund_has(
    face: Face, client: TestClient, ledger: Ledger
) -> None:
    month = in_month(ledger, TODAY.year, TODAY.month)
    page = client.get(f"/c/{face.slug}").text
    cards = dict(re.findall(r'<li class="card fund fund-(\w+)">(.*?)</li>', page, re.DOTALL))
    told = {row["fund"]: row for row in ask(client, f"/api/v1/communities/{face.slug}")["funds"]}
    assert set(told) == set(cards) == {line.fund for item in ledger.entries for line in item.lines}
    for fund, card in cards.items():
        moved = month.flow(fund=fund)
        assert amounts(card)[:3] == [ledger.cash(fund), moved["received"], moved["paid"]], fund
        assert told[fund]["balance_fen"] == ledger.cash(fund)
        assert {name: told[fund][f"{name}_fen"] for name in FLOWS} == moved
    hero = page[page.index("home-total") : page.index("home-trust")]
    came, went = (sum(month.flow(fund=fund)[name] for fund in OWN) for name in ("received", "paid"))
    assert amounts(hero) == [
        sum(ledger.cash(fund) for fund in A_FUNDS),
        came,
        went,
        ledger.cash("F3") + ledger.cash("F4"),
        ledger.cash("M"),
    ]


def _has(name: str, value: str) -> Any:
    return lambda item: any(getattr(line, name) == value for line in item.lines)


def _direction(wanted: str) -> Any:
    """In, out, or between own accounts, as an entry's cash says."""

    def of(item: Entry) -> bool:
        flows = item.flows().values()
        moved = {name: sum(flow.get(name, 0) for flow in flows) for name in FLOWS}
        return bool(moved["received"] and not moved["paid"]) if wanted == "in" else bool(moved["moved_in"])

    return of


LISTS: dict[str, Any] = {
    "": lambda item: True,
    "month=2026-02": lambda item: (item.day.year, item.day.month) == (2026, 2),
    "month=2025-12&to=2026-01&book=A": lambda item: (
        item.book == "A" and date(2025, 12, 1) <= item.day <= date(2026, 1, 31)
    ),
    "fund=F2&month=2026": lambda item: item.day.year == 2026 and _has("fund", "F2")(item),
    "fund=M": _has("fund", "M"),
    "account=A-5005": lambda item: (
        item.book == "A" and any(line.account.startswith("5005") for line in item.lines)
    ),
    "account=A-112201&month=2026-03": lambda item: (
        (item.day.year, item.day.month) == (2026, 3) and _has("account", "112201")(item)
    ),
    "vendor=V01": _has("vendor", "V01"),
    "contract=R-2025-01&month=2026": lambda item: (
        item.day.year == 2026 and _has("contract", "R-2025-01")(item)
    ),
    "site=S-ROAD": _has("site", "S-ROAD"),
    "corrected=1": "corrected",
    "q=电梯&month=2026-03": lambda item: (
        (item.day.year, item.day.month) == (2026, 3) and "电梯" in item.summary
    ),
    "min=5000&max=9000&month=2025-11": lambda item: (
        (item.day.year, item.day.month) == (2025, 11)
        and any(500_000 <= abs(line.fen) <= 900_000 for line in item.lines)
    ),
    "direction=in&month=2025-11": lambda item: (
        (item.day.year, item.day.month) == (2025, 11) and _direction("in")(item)
    ),
    "budget_line=2026-F1-01": lambda item: ("budget_line", "2026-F1-01") in item.refs,
}


@pytest.mark.parametrize("query", LISTS)
def test_a_list_its_file_and_its_api_are_the_same_entries_of_the_ledger(
    face: Face, client: TestClient, ledger: Ledger, query: str
) -> None:
    wanted = LISTS[query]
    found = ledger.select(wanted) if callable(wanted) else _corrected(face, ledger)
    fund = "" if "fund=" not in query else query.split("fund=")[1].partition("&")[0]
    common, maintenance = found.flow(book="A", fund=fund), found.flow(book="M", fund=fund)
    page = client.get(f"/c/{face.slug}/entries?{query}").text
    totals = page[page.index('<section class="totals"') :].partition("</section>")[0]
    assert re.findall(r"共 <strong>([\d,]+)</strong> 笔", totals) == [f"{len(found.entries):,}"]
    flows = [flow for flow in (common, maintenance) if any(flow.values())]
    assert [part for part in amounts(totals) if part] == [
        part for flow in flows for part in (flow["received"], flow["paid"]) if part
    ]
    told = ask(client, f"/api/v1/communities/{face.slug}/entries/totals?{query}")
    assert told["count"] == len(found.entries)
    for book, flow in zip(told["books"], (common, maintenance), strict=True):
        assert {name: book["flow"][f"{name}_fen"] for name in FLOWS} == flow, book["book"]
    rows = table(client, f"/c/{face.slug}/entries.csv?{query}")[1:]
    assert [row[0] for row in rows] == found.refs
    said = {item.ref: item.headline() for item in found.entries}
    assert {row[0]: (row[4], fen(row[5])) for row in rows} == said
    if len(found.entries) < 1_000:
        assert _api_refs(client, f"/api/v1/communities/{face.slug}/entries?{query}&limit=37") == found.refs


def _corrected(face: Face, ledger: Ledger) -> Ledger:
    query = "SELECT seq, reverses, amends FROM entry WHERE trust_id = :trust AND event LIKE 'E26%'"
    with face.engine.connect() as conn:
        seqs = {seq for row in conn.execute(text(query), {"trust": face.trust_id}) for seq in row}
    assert len(seqs) > 5
    return ledger.select(lambda item: item.seq in seqs)


def _api_refs(client: TestClient, path: str | None) -> list[str]:
    refs = []
    while path:
        page = ask(client, path)
        refs += [row["ref"] for row in page["items"]]
        path = page["next"]
    return refs


def test_the_full_file_has_every_posting_of_the_ledger(
    face: Face, client: TestClient, ledger: Ledger
) -> None:
    head, *rows = table(client, f"/c/{face.slug}/entries.csv?full=1&month=2026-03")
    at = {name: head.index(name) for name in ("凭证号", "借贷", "科目编码", "资金代号", "金额（元）")}
    found = sorted(
        (
            row[at["凭证号"]],
            row[at["科目编码"]],
            row[at["资金代号"]],
            row[at["借贷"]],
            fen(row[at["金额（元）"]]),
        )
        for row in rows
    )
    sides = {"D": "借", "C": "贷"}
    march = in_month(ledger, 2026, 3)
    assert found == sorted(
        (item.ref, line.account, line.fund, sides[line.side], line.amount) for item, line in march.lines()
    )


def versions(face: Face) -> list[tuple[int, int, int, dict[str, Any]]]:
    query = "SELECT period, version, size, value FROM statement WHERE trust_id = :trust ORDER BY 1, 2"
    with face.engine.connect() as conn:
        rows = conn.execute(text(query), {"trust": face.trust_id}).all()
    return [(row.period, row.version, row.size, json.loads(bytes(row.value))) for row in rows]


def _slug(period: int) -> str:
    year, part = divmod(period, 100)
    return f"{year}" if part == 0 else f"{year}-{part:02d}" if part < 13 else f"{year}-Q{part - 32}"


def test_every_published_statement_is_the_ledger_at_its_cut_off(face: Face, ledger: Ledger) -> None:
    found = versions(face)
    assert any(value["restated"] for *_, value in found)
    kinds = {period % 100 for period, *_ in found}
    assert 0 in kinds and kinds & set(range(1, 13)) and kinds & {33, 34, 35, 36}
    assert any(version > 1 for _, version, *_ in found), "no statement of the demo was corrected"
    for period, version, size, value in found:
        assert value["size"] == size
        for name, wanted in stated(face.engine, face.trust_id, ledger, value).items():
            assert value[name] == wanted, f"{_slug(period)} 第{version}版 {name}"


def test_a_community_without_a_maintenance_fund_has_its_statements_too(face: Face) -> None:
    with face.engine.connect() as conn:
        query = "SELECT trust_id, value FROM statement WHERE trust_id <> :trust"
        rows = conn.execute(text(query), {"trust": face.trust_id}).all()
    assert len(rows) >= 3
    ledgers = {trust_id: read_ledger(face.engine, trust_id) for trust_id in {row.trust_id for row in rows}}
    for row in rows:
        value = json.loads(bytes(row.value))
        assert [report["book"] for report in value["books"]] == ["A"]
        for name, wanted in stated(face.engine, row.trust_id, ledgers[row.trust_id], value).items():
            assert value[name] == wanted, f"{_slug(value['period'])} {name}"


def test_pages_and_files_of_statements_say_what_is_stored(face: Face, client: TestClient) -> None:
    for period, version, _, value in versions(face):
        base, asked = f"/c/{face.slug}/statements/{_slug(period)}", f"?version={version}"
        assert ask(client, f"{base}.json{asked}") == value
        shown = _FIGURE.findall(client.get(f"{base}{asked}").text)
        assert len(shown) > 30
        for path, counted, said in shown:
            stored = _at(value, path)
            assert said == (str(stored) if counted else yuan(stored)), f"{base} {path}"
        plain = [row[8] for row in table(client, f"{base}.csv{asked}")[1:]]
        full = table(client, f"{base}-full.csv{asked}")
        head = {name: place for place, name in enumerate(full[0])}
        found = [row for row in full[1:] if row[0] == "figure" and not row[1].endswith(".corrected")]
        keyed = {row[head["key"]]: row[head["amount"]] for row in found}
        for report in value["books"]:
            for row in report["cash"]:
                for name in (*FLOWS, "opening", "closing"):
                    assert fen(keyed[f"{report['book']}.cash.{row['fund']}.{name}"]) == row[name]
            for kind in ("income", "expense"):
                for row in report[kind]:
                    key = f"{report['book']}.{kind}.{row['fund']}.{row['account']}"
                    assert [fen(keyed[f"{key}.amount"]), fen(keyed[f"{key}.year"])] == [
                        row["amount"],
                        row["year"],
                    ]
        assert [row[head["amount"]] for row in found] == plain[: len(found)]


def _at(value: Any, path: str) -> Any:
    for step in path.split("."):
        value = value[int(step)] if isinstance(value, list) else value[step]
    return value


def test_the_full_file_of_a_quarter_has_its_lines(face: Face, client: TestClient, ledger: Ledger) -> None:
    period, version, size, value = next(row for row in versions(face) if row[0] == 202633)
    first, last = date.fromisoformat(value["first"]), date.fromisoformat(value["last"])
    head, *rows = table(client, f"/c/{face.slug}/statements/{_slug(period)}-full.csv?version={version}")
    at = {name: head.index(name) for name in ("ref", "code", "fund", "side", "amount")}
    found = [
        tuple(fen(row[place]) if name == "amount" else row[place] for name, place in at.items())
        for row in rows
        if row[0] == "line"
    ]
    span = ledger.until(size, first, last)
    assert sorted(found) == sorted(
        (item.ref, line.account, line.fund, line.side, line.amount) for item, line in span.lines()
    )


def test_printed_statements_have_the_figures_of_the_ledger(face: Face, client: TestClient) -> None:
    newest = {_slug(period): value for period, _, _, value in versions(face)}
    assert {"2026-10", "2026-Q3", "2025"} <= set(newest)
    for name in ("2026-10", "2026-Q3", "2025"):
        answer = client.get(f"/c/{face.slug}/statements/{name}.pdf")
        words = text_of(answer.content, "application/pdf")
        for report in newest[name]["books"]:
            cash = [
                row[part] for row in report["cash"] for part in ("opening", "received", "paid", "closing")
            ]
            lines = [row["amount"] for row in (*report["income"], *report["expense"])]
            missing = [yuan(part) for part in (*cash, *lines) if yuan(part) not in words]
            assert missing == [], name


def chart(face: Face, client: TestClient, name: str, year: int) -> dict[str, list[str]]:
    rows = table(client, f"/c/{face.slug}/charts/{name}.csv?{urlencode({'year': year})}")[1:]
    return {row[0]: row[1:] for row in rows}


def test_charts_are_drawn_from_the_ledger(face: Face, client: TestClient, ledger: Ledger) -> None:
    for year in (2025, 2026):
        for month, row in chart(face, client, "months", year).items():
            if found := re.fullmatch(r"(\d+)年(\d+)月", month):
                flow = [in_month(ledger, int(found[1]), int(found[2])).flow(fund=fund) for fund in OWN]
                came, went = (sum(one[name] for one in flow) for name in ("received", "paid"))
                assert [fen(cell) for cell in row] == [came, went, came - went], month
        of_year = ledger.select(lambda item, year=year: item.day.year == year)
        for fund in ("F1", "F2", "M"):
            rows = chart(face, client, f"flow-{fund.lower()}", year)
            classes = of_year.by(lambda _, line, fund=fund: line.class_ if line.fund == fund else None)
            assert fen(rows["收入合计"][1]) == -classes.get("I", 0), (year, fund)
            assert fen(rows["支出合计"][1]) == classes.get("E", 0), (year, fund)
        earned = of_year.by(lambda _, line: line.class_ if line.fund == "F2" else None)["I"]
        assert fen(chart(face, client, "sources", year)["合计"][0]) == -earned
        for month, row in chart(face, client, "maintenance", year).items():
            at = [int(part) for part in re.findall(r"\d+", month)]
            before = ledger.select(lambda item, at=at: [item.day.year, item.day.month] <= at)
            assert fen(row[0]) == before.cash("M"), month


def test_budgets_burn_what_entries_name(face: Face, client: TestClient, ledger: Ledger) -> None:
    query = "SELECT title, code FROM budget_line WHERE trust_id = :trust AND version = 1 AND kind = 'E'"
    with face.engine.connect() as conn:
        codes = {row.title: row.code for row in conn.execute(text(query), {"trust": face.trust_id})}
    rows = chart(face, client, "burn-f1", 2026)
    assert len(rows) > 10
    for title, row in rows.items():
        if title != "合计":
            used = ledger.sum(
                lambda item, line, code=codes[title]: (
                    ("budget_line", code) in item.refs
                    and line.fund == "F1"
                    and line.account.startswith(("5", "1601", "1801"))
                )
            )
            assert fen(row[1]) == used, title


@pytest.mark.parametrize("kind", ["vendor", "contract"])
def test_what_vendors_and_contracts_were_paid_is_in_the_ledger(
    face: Face, client: TestClient, ledger: Ledger, kind: str
) -> None:
    keys = sorted({value for _, line in ledger.lines() if (value := getattr(line, kind))})
    assert len(keys) > 10
    for key in keys:
        page = client.get(f"/c/{face.slug}/{kind}s/{key}").text
        shown = re.findall(r'scope="row">(\d{4})年</th>(.*?)</tr>', page, re.DOTALL)
        years = {
            int(year): [fen(cell) for cell in re.findall(r">([-\d,]+\.\d\d)<", row)] for year, row in shown
        }
        named = ledger.select(_has(kind, key))
        flows = {year: named.select(lambda e, y=year: e.day.year == y).flow() for year in (2025, 2026)}
        wanted = {
            year: sorted([flow["paid"], flow["received"]])
            for year, flow in flows.items()
            if any(item.day.year == year for item in named.entries)
        }
        assert {year: sorted(row) for year, row in years.items()} == wanted, key


def test_sites_earned_what_the_ledger_says(face: Face, client: TestClient, ledger: Ledger) -> None:
    page = client.get(f"/c/{face.slug}/sites").text
    shown = {
        code: [fen(cell) for cell in re.findall(r'<td[^>]*class="number"[^>]*>([-\d,.]+)<', row)]
        for code, row in re.findall(r'entries\?site=([\w-]+)">[^<]+</a></th>(.*?)</tr>', page, re.DOTALL)
    }
    earned = ledger.by(
        lambda item, line: (
            (line.site, item.day.year) if line.account.startswith("4003") and line.fund == "F2" else None
        )
    )
    sites = {site for site, _ in earned if site}
    assert len(sites) >= 4
    assert shown == {
        site: [-earned.get((site, 2026), 0), -earned.get((site, 2025), 0),
               -earned.get((site, 2026), 0) - earned.get((site, 2025), 0)]
        for site in sites
    }  # fmt: skip


def test_projects_received_and_cost_what_the_ledger_says(
    face: Face, client: TestClient, ledger: Ledger
) -> None:
    items = ask(client, f"/api/v1/communities/{face.slug}/projects")["items"]
    assert any(item["cost_fen"] for item in items)
    for item in items:
        own = ledger.select(
            lambda e, code=item["code"]: ("project", code) in e.refs or _has("project", code)(e)
        )
        classes = own.by(lambda _, line: line.class_ if line.fund == "F5" else None)
        moved = own.flow(fund="F5")
        assert (item["received_fen"], item["cost_fen"]) == (-classes.get("I", 0), classes.get("E", 0))
        assert (item["received_fen"], item["paid_fen"]) == (moved["received"], moved["paid"])


def test_shared_revenue_of_each_year_is_the_ledgers(face: Face, client: TestClient, ledger: Ledger) -> None:
    page = client.get(f"/c/{face.slug}/sites").text
    years = page[page.index("revenue-years") :].partition("</table>")[0]
    shown = {
        int(year): [fen(cell) for cell in re.findall(r">([-\d,]+\.\d\d)<", row)]
        for year, row in re.findall(r'scope="row">(\d{4})年</th>(.*?)</tr>', years, re.DOTALL)
    }
    assert set(shown) == {2025, 2026}
    for year, (earned, costs, other, net, to_maintenance, to_service) in shown.items():
        of_year = ledger.select(lambda e, year=year: e.day.year == year)
        sums = of_year.by(lambda _, line: line.account if line.fund == "F2" and line.class_ in "IE" else None)
        assert earned == -sum(part for code, part in sums.items() if code.startswith("4003"))
        assert (costs, to_maintenance) == (sums.get("5015", 0), sums.get("5902", 0))
        helped = of_year.sum(lambda e, line: line.account == "4902" and any(x.fund == "F2" for x in e.lines))
        assert to_service == -helped
        assert net == earned + other - costs
        assert net == -sum(sums.values()) + to_maintenance + to_service


def test_the_feed_tells_of_every_entry_once(face: Face, client: TestClient, ledger: Ledger) -> None:
    """Twenty pages of it: the last thousand entries."""
    path, refs, oldest = f"/c/{face.slug}/feed?only=entries", [], 0
    for _ in range(20):
        feed = feedparser.parse(client.get(path).content)
        refs += [item.link.rsplit("/", 1)[1] for item in feed.entries]
        older = [link.href for link in feed.feed.links if link.rel == "next"]
        assert older
        path, oldest = older[0].removeprefix(HOST), int(re.findall(r"before=(\d+)", older[0])[0])
    wanted = [item.ref for item in reversed(ledger.entries) if item.seq >= oldest]
    assert refs == wanted
    assert len(refs) == 20 * 50


@pytest.mark.parametrize("year", [2025, 2026])
def test_auditors_get_the_balances_of_the_ledger(
    face: Face, client: TestClient, ledger: Ledger, year: int
) -> None:
    archive = zipfile.ZipFile(io.BytesIO(client.get(f"/c/{face.slug}/audit/{year}.zip").content))
    name = next(name for name in archive.namelist() if "科目余额" in name and name.endswith(".csv"))
    rows = list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig"))))
    sign = {"借": 1, "贷": -1, "平": 0}
    by_key: dict[tuple[str, str, str], list[tuple[Entry, Line]]] = defaultdict(list)
    for item, line in ledger.lines():
        by_key[item.book, line.account, line.fund].append((item, line))
    seen = set()
    for row in rows:
        key = (row["电子账簿编号"], row["科目编号"], row["资金代号"])
        month = int(row["会计期间号"])
        first = date(year, month, 1)
        lines = by_key[key]
        took_over = [(i, x) for i, x in lines if i.event == "E00" and i.day.replace(day=1) == first]
        before = sum(x.fen for i, x in lines if i.day < first) + sum(x.fen for _, x in took_over)
        of_month = [(i, x) for i, x in lines if i.day.replace(day=1) == first and i.event != "E00"]
        debit = sum(x.fen for _, x in of_month if x.side == "D")
        credit = sum(-x.fen for _, x in of_month if x.side == "C")
        assert sign[row["期初余额方向"]] * fen(row["期初余额"]) == before, row
        assert [fen(row["借方发生额"]), fen(row["贷方发生额"])] == [debit, credit], row
        assert sign[row["期末余额方向"]] * fen(row["期末余额"]) == before + debit - credit, row
        seen.add((month, *key))
    moved = {
        (item.day.month, item.book, line.account, line.fund)
        for item, line in ledger.lines()
        if item.day.year == year and line.fen
    }
    assert moved <= seen


def test_the_street_sees_the_money_of_the_ledger(face: Face, ledger: Ledger) -> None:
    with reading(face.engine) as conn:
        row = summarise(conn, face.trust_id, Act(NOW, lambda count: b"s" * count))
    recent = TODAY - timedelta(days=90)
    assert {fund: fen for fund, fen in row.funds.items() if fen} == {
        fund: ledger.cash(fund) for fund in (*A_FUNDS, "M") if ledger.cash(fund)
    }
    assert (row.common, row.maintenance) == (
        sum(ledger.cash(fund) for fund in A_FUNDS), ledger.cash("M"),
    )  # fmt: skip
    assert row.corrections == sum(i.event in CORRECTIONS and i.day > recent for i in ledger.entries)
    assert row.overdrawn == sum(
        balance < 0
        for balance in ledger.by(
            lambda item, line: (
                (item.book, line.account, line.fund) if line.account.startswith(CASH[item.book]) else None
            ),
            closing=True,
        ).values()
    )


def test_nothing_here_would_pass_for_an_empty_ledger(ledger: Ledger) -> None:
    assert len(ledger.entries) > 10_000
    assert sum(line.fen for _, line in ledger.lines()) == 0
    assert all(isinstance(line, Line) for _, line in ledger.lines())
