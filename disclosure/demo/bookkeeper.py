"""What the trustee's bookkeeper does in a month, through the same functions any client uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from random import Random
from typing import Any, TypedDict

from sqlalchemy import Connection, Engine

from disclosure.demo.community import POWER, REMUNERATION, REVENUE, SUPPLIERS, TRUSTEE, WATER, Supplier
from disclosure.demo.people import signature
from disclosure.demo.vouchers import invoice_rows, voucher
from ledger.balances import account_totals, balances_by, dimension_totals, resolve_clock
from ledger.bank.importing import import_statement, record_bank_balance
from ledger.bank.lines import OpenLine, open_lines
from ledger.bank.matching import Matched, bank_document, cash_line, draft_for, match_lines, post_lines
from ledger.billing import charge_parking, charge_property_fee, use_prepayments
from ledger.documents import Location
from ledger.journal import Detail, Document, Draft, Line, Posted, post
from ledger.journal.head import peek_head
from ledger.journal.read import Stored, find_seq, read_entry, stream_entries
from ledger.money import format_yuan
from ledger.payments.remuneration import remuneration_sheet
from ledger.people import Role
from ledger.periods import close_period, close_year_entries
from ledger.periods.calendar import period_name, period_of
from ledger.store.engine import reading, writing
from ledger.trust import Act, load_setup
from ledger.trust.act import BEIJING

PREPARER, REVIEWER = signature(Role.PREPARER), signature(Role.REVIEWER)


class People(TypedDict):
    """Who prepares and who reviews: never the same person."""

    preparer: str
    reviewer: str


PEOPLE: People = {"preparer": PREPARER, "reviewer": REVIEWER}


class Bookkeeper:
    """Posts, imports, matches and closes for one trust, on the day she is told it is."""

    def __init__(self, engine: Engine, trust_id: int, documents: Location, rng: Random) -> None:
        self.engine = engine
        self.trust_id = trust_id
        self._documents = documents
        self._rng = rng
        self._invoice_no = 25_510_000_000_010_000_000
        self.budget: dict[tuple[int, str, str], str] = {}
        """Budget line by year, fund and account, once there is a budget."""

    def act(self, day: date, *, hour: int = 17) -> Act:
        """A command on a day, with the demo's own randomness."""
        moment = datetime.combine(day, time(hour, 30), BEIJING).astimezone(UTC)
        return Act(moment, self._rng.randbytes)

    # -- the rhythm of a month ----------------------------------------------------------------------

    def charge(self, month: date, parking: Mapping[str, int]) -> None:
        """The first of the month: charges, then what was paid ahead."""
        period, act = period_of(month), self.act(month, hour=9)
        with writing(self.engine) as conn:
            charge_property_fee(conn, self.trust_id, period, **PEOPLE, act=act)
            charge_parking(conn, self.trust_id, period, parking, authority="停车服务协议", **PEOPLE, act=act)
            use_prepayments(conn, self.trust_id, period, **PEOPLE, act=act)

    def wages(self, month: date, day: date) -> None:
        """The middle of the month: what the trustee laid out for its people."""
        name = period_name(period_of(month))
        rows = [
            ("月份", name, False),
            ("岗位", "项目经理、客服、工程", False),
            ("合计", "46,800.00 元", False),
        ]
        with writing(self.engine) as conn:
            paper = self.paper(
                conn, "payroll_summary", f"{name}人员费用汇总表", rows, f"RY-{month:%Y%m}", day
            )
            self.post(
                conn, day, "E14a", f"{name}项目人员费用（受托人代垫）",
                (Line("5001", "F1", "D", 46_800_00), Line("224106", "F1", "C", 46_800_00, party="TRUSTEE")),
                f"wages:{name}", documents=(paper,), counterparty=TRUSTEE, counterparty_public=True,
            )  # fmt: skip

    def accrue(self, month: date, day: date) -> None:
        """Invoices, utilities and remuneration of the month."""
        with writing(self.engine) as conn:
            for supplier in SUPPLIERS:
                if month.month in supplier.months:
                    self.invoice(conn, supplier, supplier.monthly, day)
            for meter, spread in ((POWER, 3_000_00), (WATER, 400_00)):
                self.utility(conn, meter, meter.monthly + self._rng.randrange(spread), day)
            self._remuneration(conn, month, day)
            self._revenue(conn, month, day)

    def import_file(self, account: str, data: bytes, filename: str, day: date) -> None:
        """Import a statement file."""
        with writing(self.engine) as conn:
            import_statement(conn, self.trust_id, account, data, filename, by=PREPARER, act=self.act(day))

    def confirm_balance(self, account: str, day: date, fen: int) -> None:
        """A month without lines: the bank's balance slip."""
        slip = [
            ("账户", account, False),
            ("日期", f"{day:%Y-%m-%d}", False),
            ("余额", f"{format_yuan(fen)} 元", False),
        ]
        act = self.act(day)
        with writing(self.engine) as conn:
            paper = self.paper(conn, "bank_line", "银行余额对账单", slip, f"{account}-{day:%Y%m}", day)
            record_bank_balance(conn, self.trust_id, account, day, fen, paper.original, act)

    def match(self, day: date) -> Matched:
        """Let the rules post what they explain."""
        with writing(self.engine) as conn:
            return match_lines(conn, self.trust_id, **PEOPLE, act=self.act(day))

    def open_lines(self) -> list[OpenLine]:
        """What waits for a person."""
        with reading(self.engine) as conn:
            return open_lines(conn, self.trust_id)

    def close(self, month: date, day: date) -> None:
        """Close a month of both books; in December the year first."""
        act = self.act(day)
        with writing(self.engine) as conn:
            if month.month == 12:
                for book in ("A", "M"):
                    close_year_entries(conn, self.trust_id, book, month.year, **PEOPLE, act=act)
            for book in ("A", "M"):
                close_period(conn, self.trust_id, book, period_of(month), by=REVIEWER, act=act)

    # -- single entries -----------------------------------------------------------------------------

    def post(
        self,
        conn: Connection,
        day: date,
        event: str,
        summary: str,
        lines: Sequence[Line],
        key: str,
        **more: Any,
    ) -> Posted:
        """Post one entry by hand."""
        book = more.pop("book", "A")
        spent = [self.budget.get((day.year, line.fund, line.account)) for line in lines if line.side == "D"]
        if code := next((code for code in spent if code), ""):
            more["references"] = {**more.get("references", {}), "budget_line": code}
        draft = Draft(
            book=book,
            date=day,
            event=event,
            summary=summary,
            lines=tuple(lines),
            key=f"demo:{key}",
            **PEOPLE,
            **more,
        )
        return post(conn, self.trust_id, draft, self.act(day))

    def post_for(
        self,
        lines: Sequence[OpenLine],
        event: str,
        summary: str,
        others: Sequence[Line],
        day: date,
        **more: Any,
    ) -> Posted:
        """Post the entry chosen for one or several bank lines."""
        documents = (*(bank_document(line) for line in lines), *more.pop("documents", ()))
        cash = [cash_line(line) for line in lines]
        with writing(self.engine) as conn:
            closed = peek_head(conn, self.trust_id).closed
            draft = draft_for(
                lines[0],
                closed,
                event=event,
                summary=summary,
                lines=(*others, *cash),
                documents=documents,
                **PEOPLE,
                **more,
            )
            return post_lines(conn, self.trust_id, lines, draft, self.act(day))

    def paper(
        self,
        conn: Connection,
        kind: str,
        title: str,
        rows: Sequence[tuple[str, str, bool]],
        number: str,
        day: date,
    ) -> Document:
        """Scan a paper."""
        return voucher(
            conn, self.trust_id, self._documents, kind, title, rows, number=number, act=self.act(day)
        )

    def next_invoice(self) -> str:
        """The next invoice number of the invented tax office."""
        self._invoice_no += 7
        return str(self._invoice_no)

    def invoice_papers(
        self, conn: Connection, supplier: Supplier, fen: int, day: date
    ) -> tuple[Document, ...]:
        """A vendor's invoice and the acceptance note."""
        number = self.next_invoice()
        rows = invoice_rows(supplier.name, supplier.title, fen, f"{day:%Y-%m-%d}")
        accepted = [
            ("项目", supplier.title, False),
            ("结论", "已按合同完成，验收合格", False),
            ("验收人", "业委会代表", True),
        ]
        return (
            self.paper(conn, "invoice", "增值税电子发票", rows, number, day),
            self.paper(conn, "acceptance", "服务验收单", accepted, f"YS-{number[-6:]}", day),
        )

    def invoice(
        self, conn: Connection, supplier: Supplier, fen: int, day: date, *, account: str = ""
    ) -> Posted:
        """A vendor's invoice, accepted and booked as payable."""
        lines = (
            Line(account or supplier.account, "F1", "D", fen, vendor=supplier.code),
            Line("220201", "F1", "C", fen, vendor=supplier.code, contract=supplier.contract),
        )
        return self.post(
            conn, day, "E11a", f"{supplier.name}{day.month}月{supplier.title}费", lines,
            f"invoice:{supplier.code}:{account}:{day}", documents=self.invoice_papers(conn, supplier, fen, day),
            references={"contract": supplier.contract}, counterparty=supplier.name, counterparty_public=True,
        )  # fmt: skip

    def utility(self, conn: Connection, meter: Supplier, fen: int, day: date) -> Posted:
        """The common meters, read and booked."""
        reading_ = [
            ("表计", meter.title, False),
            ("金额", f"{fen // 100} 元", False),
            ("抄表", f"{day:%Y-%m-%d}", False),
        ]
        lines = (
            Line(meter.account, "F1", "D", fen, vendor=meter.code),
            Line("220201", "F1", "C", fen, vendor=meter.code, contract=meter.contract),
        )
        return self.post(
            conn, day, "E10", f"{day.month}月{meter.title}", lines, f"meter:{meter.code}:{day}",
            documents=(self.paper(conn, "meter_record", "公共表计抄表记录", reading_, f"CB-{day:%Y%m}", day),),
            counterparty=meter.name, counterparty_public=True,
        )  # fmt: skip

    def clear_unknown(self, line_on: date, unit: str, fen: int, day: date, key: str) -> Posted:
        """Found out who paid: move from 待查款 to the household's account."""
        lines = (Line("224105", "F1", "D", fen, party="UNKNOWN"), Line("112201", "F1", "C", fen, unit=unit))
        with writing(self.engine) as conn:
            return self.post(
                conn, day, "E25b", f"核实{line_on.month}月{line_on.day}日待查款，转作业主物业费", lines, f"clear:{key}",
                documents=(Document("clearing_note", "待查款核实记录"),),
            )  # fmt: skip

    def payable_to(self, vendor: str, day: date) -> int:
        """What the books owe a vendor, fen."""
        code = next(s.code for s in (*SUPPLIERS, POWER, WATER) if s.name == vendor)
        with reading(self.engine) as conn:
            clock = resolve_clock(conn, self.trust_id, today=day)
            return -dimension_totals(conn, self.trust_id, "A", "220201", "vendor", code, clock).balance

    def owed_to_trustee(self, day: date) -> int:
        """Remuneration that was not paid yet, fen."""
        with reading(self.engine) as conn:
            clock = resolve_clock(conn, self.trust_id, today=day)
            return -dimension_totals(conn, self.trust_id, "A", "2242", "party", "TRUSTEE", clock).balance

    def undistributed(self, day: date) -> int:
        """Income of the maintenance fund not yet given to households, fen."""
        with reading(self.engine) as conn:
            clock = resolve_clock(conn, self.trust_id, today=day)
            return -account_totals(conn, self.trust_id, "M", "3101", clock).balance

    def first_entry_of(self, event: str) -> str:
        """The public name of the first entry of an event."""
        with reading(self.engine) as conn:
            for stored in stream_entries(conn, self.trust_id, peek_head(conn, self.trust_id).tree.size):
                if stored.draft.event == event:
                    return stored.ref
        raise LookupError(event)

    def stored(self, conn: Connection, ref: str) -> Stored:
        """A posted entry."""
        return read_entry(conn, self.trust_id, find_seq(conn, self.trust_id, ref))

    def owed_by(self, account: str, day: date) -> dict[str, int]:
        """Balances by unit, fen."""
        with reading(self.engine) as conn:
            clock = resolve_clock(conn, self.trust_id, today=day)
            rows = balances_by(conn, self.trust_id, "A", account, "unit", clock)
            return {unit: totals.balance for unit, totals in rows.items() if totals.balance}

    def _remuneration(self, conn: Connection, month: date, day: date) -> None:
        """The share of it that the newest evaluation allows."""
        name = period_name(period_of(month))
        sheet = remuneration_sheet(conn, load_setup(conn, self.trust_id), period_of(month), on=day)
        fen = REMUNERATION * sheet.percent // 100
        rows = [
            ("条款", "每月固定 13,200 元", False),
            ("评价", f"按 {sheet.percent}% 支付", False),
            ("应付", f"{format_yuan(fen)} 元", False),
        ]
        paper = self.paper(conn, "remuneration_sheet", f"{name}酬金计算表", rows, f"CJ-{month:%Y%m}", day)
        self.post(
            conn, day, "E15a", f"计提{name}受托人酬金",
            (Line("5014", "F1", "D", fen), Line("2242", "F1", "C", fen, party="TRUSTEE")),
            f"remuneration:{name}", documents=(paper,), counterparty=TRUSTEE, counterparty_public=True,
        )  # fmt: skip

    def _revenue(self, conn: Connection, month: date, day: date) -> None:
        """Shared revenue that belongs to the month: advertising paid ahead, lockers due."""
        contract, _, _, _, site, _ = REVENUE["ads"]
        self.post(
            conn, day, "E19c", f"{month.month}月电梯广告收入（预收租金按月确认）",
            (Line("220303", "F2", "D", 9_000_00, contract=contract),
             Line("400301", "F2", "C", 9_000_00, contract=contract, site=site)),
            f"ads:{month}", documents=(Document("schedule", "广告收入确认表"),),
        )  # fmt: skip
        contract, title, _, name, site, _ = REVENUE["lockers"]
        self.post(
            conn, day, "E19a", f"{month.month}月{title}场地费应收",
            (Line("112205", "F2", "D", 2_400_00, contract=contract),
             Line("400303", "F2", "C", 2_400_00, contract=contract, site=site)),
            f"lockers:{month}", documents=(Document("contract", title, number=contract),),
            references={"contract": contract}, counterparty=name, counterparty_public=True,
        )  # fmt: skip
        fen = 118_00 + self._rng.randrange(40_00)
        rows = [("税种", "附加税费", False), ("金额", f"{format_yuan(fen)} 元", False)]
        paper = self.paper(conn, "tax_sheet", "附加税费计算表", rows, f"SF-{month:%Y%m}", day)
        self.post(
            conn, day, "E18", f"计提{month.month}月公共收益附加税费",
            (Line("5013", "F2", "D", fen), Line("222102", "F2", "C", fen)),
            f"surcharge:{month}", documents=(paper,),
        )  # fmt: skip


def per_unit(parts: dict[str, int], basis: str) -> tuple[Detail, ...]:
    """Details of a line from parts by unit."""
    return tuple(Detail(unit, fen, basis) for unit, fen in sorted(parts.items()) if fen)
