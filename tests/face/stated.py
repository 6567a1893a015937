"""What a statement has to say, added up from raw entries: each part by its name in the stored value."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Engine, text

from tests.face.raw import CASH, CORRECTIONS, FLOWS, Ledger, added

FUNDS = {"A": ("F1", "F2", "F3", "F4", "F5"), "M": ("M",)}
_SPENT = ("5", "1601", "1801")
_SUBACCOUNTS = ("3001", "3002", "4001", "5001", "5101")
_NO_RESULT = ("F3", "F4")
_FAMILY = re.compile(
    r"\w\.cash\.(F\d|M)\.closing|\w\.prior\.\w+|\w\.\w+\.\w+\.\d+\.amount|results\.\w+\.closing"
)
_BUDGETS = """
SELECT l.code, l.title, l.kind, l.amount, l.accounts, l.fund FROM budget_line l
JOIN budget_step s ON s.trust_id = l.trust_id AND s.year = l.year AND s.fund = l.fund
 AND s.version = l.version AND s.revision = l.revision
WHERE l.trust_id = :trust AND l.year = :year AND s.step = 'adopt' AND s.effective_on <= :last
 AND l.version = (SELECT MAX(v.version) FROM budget_step v WHERE v.trust_id = l.trust_id AND v.year = l.year
  AND v.fund = l.fund AND v.step = 'adopt' AND v.effective_on <= :last)
"""


class Stated:
    """A span of a community at a cut-off."""

    def __init__(self, engine: Engine, trust_id: int, ledger: Ledger, value: dict[str, Any]) -> None:
        self.engine, self.trust_id, self.all, self.value = engine, trust_id, ledger, value
        self.first, self.last = (date.fromisoformat(value[name]) for name in ("first", "last"))
        self.known = ledger.until(value["size"], date.min, self.last)
        self.before = ledger.until(value["size"], date.min, self.first - timedelta(days=1))
        self.span = ledger.until(value["size"], self.first, self.last)
        self.year = ledger.until(value["size"], date(self.first.year, 1, 1), self.last)

    def rows(self, query: str, **values: Any) -> list[Any]:
        with self.engine.connect() as conn:
            return list(conn.execute(text(query), {"trust": self.trust_id, **values}))

    def books(self) -> list[dict[str, Any]]:
        moved = {item.book for item in self.known.entries}
        return [self.book(book) for book in ("A", "M") if book == "A" or book in moved]

    def book(self, book: str) -> dict[str, Any]:
        cash = [self.cash(book, fund) for fund in FUNDS[book] if self.touched(book, fund)]
        income, expense = (self.by_account(book, class_) for class_ in "IE")
        totals = {kind: _pair(rows) for kind, rows in (("income", income), ("expense", expense))}
        earned, spent = totals["income"], totals["expense"]
        payments = sorted(
            (
                (-moved["paid"], item.seq, fund, item)
                for item in self.span.entries
                if item.book == book
                for fund, moved in item.flows().items()
                if moved.get("paid", 0) >= self.value["payment_above"]
            ),
            key=lambda row: row[:3],
        )
        stored = next(report for report in self.value["books"] if report["book"] == book)
        return {
            **stored,
            "cash": cash,
            "cash_total": {"fund": "", **{k: sum(r[k] for r in cash) for k in _cash_names()}},
            "income": income,
            "income_total": earned,
            "expense": expense,
            "expense_total": spent,
            "result": {name: earned[name] - spent[name] for name in ("amount", "year")},
            "payment_count": len(payments),
            "payment_total": -sum(row[0] for row in payments),
            "payments": [
                {**was, "ref": item.ref, "fund": fund, "amount": -minus, "date": item.day.isoformat()}
                for (minus, _, fund, item), was in zip(payments[:30], stored["payments"], strict=True)
            ],
            "corrections": [
                {
                    **was,
                    "ref": item.ref,
                    "date": item.day.isoformat(),
                    "amount": sum(line.amount for line in item.lines if line.side == "D"),
                }
                for item, was in zip(self.corrections(book), stored["corrections"], strict=True)
            ],
        }

    def corrections(self, book: str) -> list[Any]:
        return [item for item in self.span.entries if item.book == book and item.event in CORRECTIONS]

    def touched(self, book: str, fund: str) -> bool:
        return any(
            line.fund == fund and line.account.startswith(CASH[book]) and item.book == book
            for item, line in self.known.lines()
        )

    def cash(self, book: str, fund: str) -> dict[str, Any]:
        moved = self.span.flow(book=book, fund=fund)
        return {"fund": fund, "opening": self.before.cash(fund), **moved, "closing": self.known.cash(fund)}

    def by_account(self, book: str, class_: str) -> list[dict[str, Any]]:
        sign = -1 if class_ == "I" else 1
        parts = [
            led.by(
                lambda item, line: (
                    (line.fund, line.account, line.name)
                    if item.book == book and line.class_ == class_
                    else None
                )
            )
            for led in (self.span, self.year)
        ]
        return [
            {
                "fund": key[0], "account": key[1], "name": key[2],
                "amount": sign * parts[0].get(key, 0), "year": sign * parts[1].get(key, 0),
            }
            for key in sorted({*parts[0], *parts[1]})
        ]  # fmt: skip

    def arrears(self) -> dict[str, int]:
        owed = [line for _, line in self.known.lines() if line.account == "112201"]
        units = added(part for line in owed for part in line.units.items())
        return {"total": sum(line.fen for line in owed), "households": sum(n > 0 for n in units.values())}

    def restated(self) -> dict[str, int]:
        """What later corrections of the span's entries add: of closing cash, accounts, earlier years, results."""
        by_seq = {item.seq: item for item in self.all.entries}

        def first_wrong(item: Any) -> Any:
            return item if item.wrong is None else first_wrong(by_seq[item.wrong])

        later = self.all.select(
            lambda item: (
                item.wrong is not None
                and item.seq < self.value["size"]
                and item.day > self.last
                and self.first <= first_wrong(item).day <= self.last
            )
        )
        found: dict[str, int] = defaultdict(int)
        for item, line in later.lines():
            if line.account.startswith(CASH[item.book]):
                found[f"{item.book}.cash.{line.fund}.closing"] += line.fen
            if line.account == "3201":
                found[f"{item.book}.prior.{line.fund}"] -= line.fen
            if line.class_ in "IE":
                kind, sign = ("income", -1) if line.class_ == "I" else ("expense", 1)
                found[f"{item.book}.{kind}.{line.fund}.{line.account}.amount"] += sign * line.fen
            if line.class_ in "NIE" and self.value["span"] == "year" and line.fund not in _NO_RESULT:
                found[f"results.{line.fund}.closing"] -= line.fen
        return {key: fen for key, fen in found.items() if fen}

    def revenue(self) -> dict[str, Any] | None:
        stored = self.value["revenue"]
        if self.value["span"] == "month":
            return None
        parts = [
            led.by(
                lambda _, line: (
                    (line.account, line.site or "", line.contract or "")
                    if line.account.startswith("4003") and line.fund == "F2"
                    else None
                )
            )
            for led in (self.span, self.year)
        ]
        sources = [
            {
                **was, "account": key[0], "site": key[1], "contract": key[2],
                "amount": -parts[0].get(key, 0), "year": -parts[1].get(key, 0),
            }
            for key, was in zip(sorted({*parts[0], *parts[1]}), stored["sources"], strict=True)
        ]  # fmt: skip
        earned, cost = (
            [row for row in self.by_account("A", class_) if row["fund"] == "F2"] for class_ in "IE"
        )
        of_all, of_sources, of_cost = _pair(earned), _pair(sources), _pair(cost)
        return {
            "sources": sources,
            "income": of_sources,
            "other": _less(of_all, of_sources),
            "costs": cost,
            "cost": of_cost,
            "net": _less(of_all, of_cost),
        }

    def uses(self) -> dict[str, Any] | None:
        if self.value["span"] == "month" or not any(item.book == "M" for item in self.known.entries):
            return None
        used = self.span.by(lambda item, line: item if _is_use(item, line) else None)
        rows = sorted(((-fen, item.seq, item.ref) for item, fen in used.items()))
        return {
            "count": len(rows),
            "total": -sum(row[0] for row in rows),
            "entries": [
                {**was, "ref": row[2], "amount": -row[0]}
                for row, was in zip(rows, self.value["uses"]["entries"], strict=True)
            ],
        }

    def budgets(self) -> list[dict[str, Any]]:
        """Lines of spending; the expected income is told by the income of the same statement."""
        if self.value["span"] == "month":
            return []
        rows = self.rows(_BUDGETS, year=self.first.year, last=self.last.isoformat())
        found = []
        for fund in sorted({row.fund for row in rows}):
            stored = next(report for report in self.value["budgets"] if report["fund"] == fund)
            by_code = {line["code"]: line for line in stored["lines"]}
            lines = {row.code: self.budget_line(row, by_code) for row in rows if row.fund == fund}
            costs = [line for line in lines.values() if line["kind"] == "expense"]
            budget, spent = sum(line["budget"] for line in costs), _pair(costs)
            all_spent = self.year.by(
                lambda item, line, fund=fund: (
                    1
                    if item.book == "A"
                    and item.event != "E00"
                    and line.fund == fund
                    and line.account.startswith(_SPENT)
                    else None
                )
            ).get(1, 0)
            assert set(by_code) == set(lines)
            found.append(
                {
                    **stored,
                    "lines": [lines[line["code"]] for line in stored["lines"]],
                    "budget": budget,
                    "spent": spent,
                    "left": budget - spent["year"],
                    "outside": all_spent - spent["year"],
                }
            )
        return found

    def budget_line(self, row: Any, stored: dict[str, Any]) -> dict[str, Any]:
        was = stored[row.code]
        if row.kind == "I":
            return {**was, "kind": "income", "budget": row.amount}
        amount, year = (
            led.sum(
                lambda item, line: (
                    ("budget_line", row.code) in item.refs
                    and line.fund == row.fund
                    and line.account.startswith(_SPENT)
                )
            )
            for led in (self.span, self.year)
        )
        return {
            "code": row.code, "kind": "expense", "title": row.title, "budget": row.amount,
            "amount": amount, "year": year, "left": row.amount - year,
        }  # fmt: skip

    def maintenance(self) -> dict[str, Any] | None:
        if self.value["span"] != "year" or not any(item.book == "M" for item in self.known.entries):
            return None
        units = {row.unit: row.building for row in self.rows("SELECT * FROM unit WHERE trust_id = :trust")}
        sums: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        opening, closing = (self.by_unit(led) for led in (self.before, self.known))
        contributions = self.by_unit(self.span, ("4001",))
        uses = self.by_unit(self.span, ("5001", "5101"))
        yields = self.by_unit(self.span, ("3001", "3002"), "E23g")
        parts = {
            "opening": opening, "closing": closing, "contributions": contributions,
            "uses": {unit: -fen for unit, fen in uses.items()}, "yields": yields,
        }  # fmt: skip
        for name, amounts in parts.items():
            for unit, fen in amounts.items():
                sums[units[unit]][name] += fen
        for unit in {unit for amounts in parts.values() for unit in amounts}:
            sums[units[unit]]["households"] += 1
        rows = []
        for was in self.value["maintenance"]["buildings"]:
            row = {
                name: sum(sums[code][name] for code in was["buildings"])
                for name in was
                if name != "buildings"
            }
            rows.append({**row, "buildings": was["buildings"], "other": _other(row)})
        total = {name: sum(row[name] for row in rows) for name in rows[0] if name != "buildings"}
        assert sorted(code for row in rows for code in row["buildings"]) == sorted(sums)
        income = self.known.sum(lambda item, line: item.book == "M" and line.account == "3101")
        return {"buildings": rows, "total": {"buildings": [], **total}, "undistributed": -income}

    def by_unit(
        self, led: Ledger, accounts: tuple[str, ...] = _SUBACCOUNTS, event: str = ""
    ) -> dict[str, int]:
        return added(
            (unit, -fen)
            for item, line in led.lines()
            if item.book == "M" and line.account in accounts and event in ("", item.event)
            if accounts == _SUBACCOUNTS or item.event not in ("E23d", "E23e")
            for unit, fen in line.units.items()
        )

    def results(self) -> list[dict[str, Any]]:
        if self.value["span"] != "year":
            return []
        found = []
        pairs = [(book, fund) for book, funds in FUNDS.items() for fund in funds if fund not in _NO_RESULT]
        for book, fund in pairs:
            opening, closing = (
                -led.sum(lambda _, line, fund=fund: line.fund == fund and line.class_ in "NIE")
                for led in (self.before, self.known)
            )
            income, expense = (
                sum(row["amount"] for row in self.by_account(book, class_) if row["fund"] == fund)
                for class_ in "IE"
            )
            row = {"opening": opening, "income": income, "expense": expense, "closing": closing}
            if any(row.values()):
                result = income - expense
                other = closing - opening - result
                found.append({"book": book, "fund": fund, **row, "result": result, "other": other})
        return found


def stated(engine: Engine, trust_id: int, ledger: Ledger, value: dict[str, Any]) -> dict[str, Any]:
    """The parts of a stored value that are figures, as they ought to be."""
    span = Stated(engine, trust_id, ledger, value)
    names = ("books", "arrears", "revenue", "uses", "budgets", "maintenance", "results")
    told = {row["key"]: row["corrected"] - row["booked"] for row in value["restated"]}
    assert {key: told.get(key) for key in told if _FAMILY.fullmatch(key)} == span.restated()
    return {name: getattr(span, name)() for name in names}


def _is_use(item: Any, line: Any) -> bool:
    return item.book == "M" and line.account == "5001"


def _cash_names() -> tuple[str, ...]:
    return ("opening", *FLOWS, "closing")


def _pair(rows: list[dict[str, Any]]) -> dict[str, int]:
    return {name: sum(row[name] for row in rows) for name in ("amount", "year")}


def _less(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    return {name: one[name] - other[name] for name in ("amount", "year")}


def _other(row: dict[str, int]) -> int:
    return row["closing"] - row["opening"] - row["contributions"] - row["yields"] + row["uses"]
