"""What the API says is what the pages and the ledger say."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import msgspec
import pytest

from disclosure.public.entries import Filter, entry_page, entry_totals
from disclosure.public.flows import CASH, Flow, flows_by_fund
from disclosure.public.query_string import FIELDS, read_query
from disclosure.statements.publish import list_statements
from ledger.balances import account_totals, resolve_clock, trial_balance
from ledger.disclosures import duties
from ledger.log.store import latest_checkpoint, log_vkey, read_leaf
from ledger.log.tree import leaf_hash
from ledger.store.engine import reading
from tests.public.community import NAME, SECRETS, SLUG, TODAY, TRUST_ID, TRUSTEE
from tests.public.conftest import Site

BASE = f"/api/v1/communities/{SLUG}"
QUESTIONS = (
    "",
    "month=2025-09",
    "fund=F2",
    "account=A-1002&month=2025-09",
    "q=电梯",
    "min=3200",
    "min=100&max=200.50",
    "month=2025-09&fund=F1&q=费",
    "q=没有这样的账",
)


def ask(site: Site, path: str) -> Any:
    answer = site.client.get(path)
    assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:300]}"
    assert answer.headers["content-type"].startswith("application/json")
    return msgspec.json.decode(answer.content)


def ask_page(site: Site, path: str) -> str:
    answer = site.client.get(path)
    assert answer.status_code == 200, f"{path}: {answer.status_code}"
    return answer.text


def every_page(site: Site, path: str) -> list[dict[str, Any]]:
    rows, address = [], path
    while address:
        page = ask(site, address)
        rows += page["items"]
        address = page["next"]
    return rows


def test_the_list_names_the_community(site: Site) -> None:
    (row,) = ask(site, "/api/v1/communities")["items"]
    assert (row["slug"], row["name"], row["trustee"]) == (SLUG, NAME, TRUSTEE)
    assert row["api"] == BASE
    assert ask(site, f"/api/v1/communities?after={SLUG}") == {"items": [], "next": None}


def test_money_of_each_fund_is_the_ledgers(site: Site) -> None:
    told = ask(site, BASE)
    funds = {fund["fund"]: fund for fund in told["funds"]}
    assert told["today"] == TODAY.isoformat()
    with reading(site.community.engine) as conn:
        clock = resolve_clock(conn, TRUST_ID, today=TODAY)
        for book, prefixes in CASH.items():
            held: dict[str, int] = {}
            for row in trial_balance(conn, TRUST_ID, book, clock):
                if row.account.startswith(prefixes):
                    held[row.fund] = held.get(row.fund, 0) + row.totals.balance
            month = flows_by_fund(conn, TRUST_ID, book, TODAY.replace(day=1), TODAY)
            for fund, balance in held.items():
                flow = month.get(fund, Flow())
                assert funds.pop(fund)["balance_fen"] == balance
                assert told["funds"][0]["book"] == "A"
                assert flow.net == 0 or fund == "F1"
        f1 = account_totals(conn, TRUST_ID, "A", "1002", clock, fund="F1").balance
    assert funds == {}
    assert told["funds"][0] == {
        "fund": "F1",
        "name": "物业服务资金",
        "book": "A",
        "balance_fen": f1,
        "opened_fen": 0,
        "received_fen": 0,
        "paid_fen": 30_000,
        "moved_in_fen": 0,
        "moved_out_fen": 0,
    }


def test_what_is_late_is_what_the_duties_say(site: Site) -> None:
    with reading(site.community.engine) as conn:
        known = duties(conn, TRUST_ID, TODAY)
    told = ask(site, BASE)["duties"]
    assert [(duty["code"], duty["late_days"]) for duty in told] == [(d.code, d.late_days) for d in known]
    assert all(duty["page"].startswith(f"/c/{SLUG}") for duty in told)


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_finds_the_same_entries_as_the_page(site: Site, question: str) -> None:
    found = every_page(site, f"{BASE}/entries?{question}")
    fields = dict(part.split("=") for part in question.split("&")) if question else {}
    with reading(site.community.engine) as conn:
        wanted = read_query(fields).filter
        page = entry_page(conn, TRUST_ID, wanted, size=1_000)
        totals = entry_totals(conn, TRUST_ID, wanted)
    assert [row["ref"] for row in found] == [listed.entry.ref for listed in page.rows]
    for row, listed in zip(found, page.rows, strict=True):
        assert row["total_fen"] == listed.entry.total
        assert row["state"]["reversed_by"] == (listed.reversed_by or None)
        assert tuple(row["state"]["amended_by"]) == listed.amended_by
    html = ask_page(site, f"/c/{SLUG}/entries?{question}")
    assert all(f"/c/{SLUG}/entries/{row['ref']}" in html for row in found[:20])
    told = ask(site, f"{BASE}/entries/totals?{question}")
    assert told["count"] == totals.count == len(found)
    for book, flow in zip(told["books"], (totals.common, totals.maintenance), strict=True):
        assert book["flow"] == {
            "opened_fen": flow.opened,
            "received_fen": flow.received,
            "paid_fen": flow.paid,
            "moved_in_fen": flow.moved_in,
            "moved_out_fen": flow.moved_out,
            "change_fen": flow.net,
        }


def test_totals_are_the_sum_of_the_rows(site: Site) -> None:
    rows = every_page(site, f"{BASE}/entries")
    told = ask(site, f"{BASE}/entries/totals")
    for book in told["books"]:
        flows = [flow for row in rows if row["book"] == book["book"] for flow in row["flows"]]
        for name in ("opened_fen", "received_fen", "paid_fen", "moved_in_fen", "moved_out_fen"):
            assert sum(flow[name] for flow in flows) == book["flow"][name]


def test_pages_of_any_length_give_the_same_list(site: Site) -> None:
    whole = [row["ref"] for row in every_page(site, f"{BASE}/entries?limit=200")]
    assert len(whole) == len(set(whole)) == len(site.community.refs) + 7  # seven receipts have no name
    for limit in (1, 4, 7):
        assert [row["ref"] for row in every_page(site, f"{BASE}/entries?limit={limit}")] == whole
    narrow = [row["ref"] for row in every_page(site, f"{BASE}/entries?limit=2&month=2025-09")]
    assert 2 < len(narrow) < len(whole), "the filter stays on later pages"


def test_an_entry_is_its_leaf_and_what_became_of_it(site: Site) -> None:
    refs = site.community.refs
    for ref in refs.values():
        answer = site.client.get(f"{BASE}/entries/{ref}")
        told = msgspec.json.decode(answer.content)
        leaf = site.client.get(told["proof"]["leaf"]).content
        assert leaf in answer.content, "byte for byte"
        assert told["leaf"] == msgspec.json.decode(leaf)
        assert told["proof"]["leaf_hash"] == leaf_hash(leaf).hex()
        assert site.client.get(told["proof"]["proof"]).status_code == 200
        assert site.client.get(told["page"]).status_code == 200
        with reading(site.community.engine) as conn:
            assert read_leaf(conn, TRUST_ID, told["leaf"]["seq"]) == leaf
    assert ask(site, f"{BASE}/entries/{refs['reversed']}")["state"]["reversed_by"] == refs["reversal"]
    amended = ask(site, f"{BASE}/entries/{refs['amended']}")["state"]["amended_by"]
    assert refs["amendment"] in amended


def test_directions_have_stable_english_names(site: Site) -> None:
    refs = site.community.refs
    kinds = {row["ref"]: row["direction"] for row in every_page(site, f"{BASE}/entries")}
    assert kinds[refs["opening"]] == "opened"
    assert kinds[refs["receipt"]] == "in"
    assert kinds[refs["payment"]] == "out"
    assert kinds[refs["kept"]] == "moved"
    assert kinds[refs["invoice"]] == "none"
    amounts = {row["ref"]: row["amount_fen"] for row in every_page(site, f"{BASE}/entries")}
    assert (amounts[refs["payment"]], amounts[refs["kept"]], amounts[refs["invoice"]]) == (320_000, 50_000, 0)


def test_statements_are_the_stored_bytes(site: Site) -> None:
    with reading(site.community.engine) as conn:
        stored = list_statements(conn, TRUST_ID)
    rows = every_page(site, f"{BASE}/statements?limit=1")
    assert [(row["span"], row["version"]) for row in rows] == [
        (f"{item.period // 100}-{item.period % 100:02d}", item.version) for item in stored
    ]
    for row, item in zip(rows, stored, strict=True):
        answer = site.client.get(row["api"])
        assert item.body in answer.content
        assert msgspec.json.decode(answer.content)["value"] == msgspec.json.decode(item.body)
        assert site.client.get(row["page"]).status_code == 200
        told = msgspec.json.decode(answer.content)
        registered = msgspec.json.decode(site.client.get(told["leaf"]).content)
        assert registered["value"]["sha256"] == told["sha256"] == sha256(item.body).hexdigest()
        assert site.client.get(told["proof"]).status_code == 200


def test_the_log_is_the_log(site: Site) -> None:
    told = ask(site, f"{BASE}/log")
    with reading(site.community.engine) as conn:
        signed = latest_checkpoint(conn, TRUST_ID)
        assert signed is not None
        assert (told["checkpoint"], told["signed_size"]) == (signed.note, signed.size)
        assert told["key"] == log_vkey(conn, TRUST_ID)
    assert site.client.get(told["leaf_address"].replace("{index}", "0")).status_code == 200
    assert site.client.get(told["checkpoint_address"]).text == told["checkpoint"]


def test_nothing_private_is_in_any_answer(site: Site) -> None:
    paths = [f"{BASE}/entries/{ref}" for ref in site.community.refs.values()]
    paths += [
        "/api/v1/communities",
        BASE,
        f"{BASE}/entries?limit=200",
        f"{BASE}/entries/totals",
        f"{BASE}/log",
    ]
    paths += [f"{BASE}/statements", f"{BASE}/statements/2025-09", f"{BASE}/budgets", f"{BASE}/resolutions"]
    paths += [f"{BASE}/projects", f"{BASE}/resolutions/决议2号", "/api", "/api/v1/openapi.json"]
    for path in paths:
        answer = site.client.get(path)
        assert answer.status_code == 200, path
        for secret in SECRETS:
            assert secret not in answer.text, f"{secret} is in {path}"
    for secret in SECRETS:
        assert ask(site, f"{BASE}/entries?q={secret}")["items"] == []


def test_every_filter_of_the_page_is_described(site: Site) -> None:
    described = ask(site, "/api/v1/openapi.json")["paths"]["/api/v1/communities/{slug}/entries"]["get"]
    texts = {item["name"]: item["description"] for item in described["parameters"]}
    for name in FIELDS:
        assert name in texts
        assert "同名参数" not in texts[name], f"say in disclosure/api/entries.py what {name} means"


def test_an_empty_filter_is_all(site: Site) -> None:
    with reading(site.community.engine) as conn:
        assert ask(site, f"{BASE}/entries/totals")["count"] == entry_totals(conn, TRUST_ID, Filter()).count
