"""What the bookkeeper makes of it: lines no rule explains, and entries no bank line brings.

Each handler below is one decision a person takes, with the papers it rests on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from disclosure.demo.bookkeeper import PEOPLE, Bookkeeper, per_unit
from disclosure.demo.community import LIFT_MAKER, PROJECT, RESOLUTIONS, REVENUE, SUPPLIERS, TRUSTEE, WATER
from disclosure.demo.movements import PROJECT_PARTS, Movements
from disclosure.demo.projects import GRANT, owners_shares, payment_references
from disclosure.demo.world import World, monthly_fee
from ledger.bank.lines import OpenLine
from ledger.journal import Document, Draft, Line, amend, reverse
from ledger.money import split_largest_remainder
from ledger.periods.calendar import period_name, period_of
from ledger.store.engine import writing
from ledger.trust import Unit

_SOURCES = {"4301": "政府补助", "4302": "社会筹集", "4303": "业主分摊"}


class Life:
    """The happenings of one community."""

    def __init__(self, keeper: Bookkeeper, world: World, units: Sequence[Unit]) -> None:
        self.keeper = keeper
        self.world = world
        self.homes = [unit for unit in units if unit.use_kind == "home"]
        self.unsold = [unit for unit in units if unit.use_kind == "unsold"]
        self.movements = Movements(keeper, world, self.homes)
        self.number = 0

    def before(self, number: int, month: date) -> None:
        """What the bank will show, and the compensation: booked before it is paid, as nothing may be paid to a
        trustee that owes some."""
        self.movements.before(number, month)
        if number == 7:
            with writing(self.keeper.engine) as conn:
                lines = [
                    Line("122103", "F1", "D", 2_000_00, party="TRUSTEE"),
                    Line("4401", "F1", "C", 2_000_00),
                ]
                self.keeper.post(
                    conn, month.replace(day=25), "E27", "受托人巡检缺失致水泵损坏，按决定赔偿", lines, "compensation",
                    documents=(Document("decision", "业委会处理决定"),), counterparty=TRUSTEE, counterparty_public=True,
                )  # fmt: skip

    def after(self, number: int, month: date, day: date) -> None:
        """What the bookkeeper does about the lines no rule explained, and the month's own entries."""
        self.number = number
        for line in self.keeper.open_lines():
            self._by_hand(line, day)
        self._docked(day)
        for on, unit, fen in self.world.take_unknown(day):
            self.keeper.clear_unknown(on, unit, fen, day, f"{on}:{unit}")
        self._specials_in_books(number, month, day)

    def _by_hand(self, line: OpenLine, day: date) -> None:
        memo = line.memo
        for word, handle in (
            ("押金扣赔偿", self._skip),
            ("退装修保证金", self._deposit_back),
            ("代付水费", self._water_paid),
            ("电梯广告年租金", self._ads_rent),
            ("快递柜场地费", self._locker_rent),
            ("共有车位经营收入", self._parking_income),
            ("充电桩分成", self._charging_income),
            ("广告位维护成本", self._revenue_cost),
            ("公共收益转维修资金", self._transfer_out),
            ("公共收益转入", self._transfer_in),
            ("电梯更新进度款", self._project_payment),
            ("电梯大修", self._fund_use),
            ("补交维修资金", self._contribution),
            ("苗木预付款", self._advance),
            ("电梯更新筹款", self._project_income),
            ("未售房屋物业费", self._unsold_fee),
            ("偿还代垫", self._wages_repaid),
            ("受托人酬金", self._remuneration_paid),
            ("双签", self._co_signed_payment),
        ):
            if word in memo:
                handle(line, day)
                return
        raise RuntimeError(f"the demo does not know what to do with “{memo}”")

    def _skip(self, line: OpenLine, day: date) -> None:
        """Booked together with its other half, see ``_docked``."""

    def _docked(self, day: date) -> None:
        halves = [line for line in self.keeper.open_lines() if "押金扣赔偿" in line.memo]
        if len(halves) != 2:
            return
        unit = self.homes[(3 * 37) % len(self.homes)].unit
        self.keeper.post_for(
            halves, "E08c", "装修损坏公共部位，按协议从押金扣赔偿 300 元",
            [Line("224101", "F3", "D", 300_00, unit=unit), Line("4901", "F1", "C", 300_00)], day,
            documents=(Document("agreement", "扣款协议"), Document("damage_proof", "损失照片与清单")),
        )  # fmt: skip

    def _deposit_back(self, line: OpenLine, day: date) -> None:
        unit = line.memo.rsplit(" ", 1)[-1]
        self.keeper.post_for(
            [line], "E08b", "装修验收合格，退还装修保证金", [Line("224101", "F3", "D", -line.amount, unit=unit)], day,
            documents=(Document("acceptance", "装修验收单"), Document("receipt", "原收据收回")),
        )  # fmt: skip

    def _water_paid(self, line: OpenLine, day: date) -> None:
        details = per_unit(self.movements.water, "代付水费")
        self.keeper.post_for(
            [line], "E09b", "代付业主水费给自来水公司（不加价）",
            [Line("224103", "F4", "D", -line.amount, details=details)], day,
            documents=(Document("utility_bill", "自来水公司账单", number=f"SF-{line.on:%Y%m}"),),
            counterparty=WATER.name, counterparty_public=True,
        )  # fmt: skip

    def _ads_rent(self, line: OpenLine, day: date) -> None:
        contract, title, _, name, _, _ = REVENUE["ads"]
        self.keeper.post_for(
            [line], "E19b", f"预收{title}一年租金", [Line("220303", "F2", "C", line.amount, contract=contract)], day,
            documents=(Document("contract", title, number=contract),), references={"contract": contract},
            counterparty=name, counterparty_public=True,
        )  # fmt: skip

    def _locker_rent(self, line: OpenLine, day: date) -> None:
        self._shared(
            line, "lockers", [Line("112205", "F2", "C", line.amount, contract=REVENUE["lockers"][0])], day
        )

    def _parking_income(self, line: OpenLine, day: date) -> None:
        self._with_vat(line, "parking", "400304", day)

    def _charging_income(self, line: OpenLine, day: date) -> None:
        self._with_vat(line, "charging", "400305", day)

    def _with_vat(self, line: OpenLine, kind: str, account: str, day: date) -> None:
        contract, _, _, _, site, _ = REVENUE[kind]
        net = (line.amount * 100 + 54) // 109
        lines = [
            Line(account, "F2", "C", net, contract=contract, site=site),
            Line("222101", "F2", "C", line.amount - net),
        ]
        self._shared(line, kind, lines, day)

    def _shared(self, line: OpenLine, kind: str, others: Sequence[Line], day: date) -> None:
        contract, title, _, name, _, _ = REVENUE[kind]
        self.keeper.post_for(
            [line], "E17", f"收到{title}收入", others, day,
            documents=(Document("contract", title, number=contract),),
            references={"contract": contract, "resolution": RESOLUTIONS["revenue"]},
            counterparty=name, counterparty_public=True,
        )  # fmt: skip

    def _revenue_cost(self, line: OpenLine, day: date) -> None:
        self.keeper.post_for(
            [line], "E20", "广告位维护的合理成本", [Line("5015", "F2", "D", -line.amount)], day,
            documents=(Document("cost_proof", "维护清单与发票"),),
            counterparty=line.counterparty, counterparty_public=True,
        )  # fmt: skip

    def _transfer_out(self, line: OpenLine, day: date) -> None:
        with writing(self.keeper.engine) as conn:
            self.keeper.post(
                conn, line.on, "E21a", "按业主大会决议，公共收益转入维修资金",
                [Line("5902", "F2", "D", -line.amount), Line("2501", "F2", "C", -line.amount)],
                f"transfer:{line.on}", documents=(Document("resolution", "业主大会决议", number=RESOLUTIONS["transfer"]),),
                references={"resolution": RESOLUTIONS["transfer"]},
            )  # fmt: skip
        self.keeper.post_for(
            [line], "E21b", "公共收益划转维修资金专户", [Line("2501", "F2", "D", -line.amount)], day
        )

    def _transfer_in(self, line: OpenLine, day: date) -> None:
        self.keeper.post_for(
            [line], "E21c", "维修资金专户收到公共收益", [Line("4201", "M", "C", line.amount)], day,
            documents=(Document("apportionment", "按面积分摊清册"),),
        )  # fmt: skip

    def _project_payment(self, line: OpenLine, day: date) -> None:
        self.keeper.post_for(
            [line], "E24b", f"支付{PROJECT[1]}进度款",
            [Line("5018", "F5", "D", -line.amount, project=PROJECT[0], vendor=LIFT_MAKER.code)], day,
            references={"project": PROJECT[0], "co_sign": "受托人与业委会代表双签", "contract": LIFT_MAKER.contract,
                        **payment_references(self.number)},
            counterparty=LIFT_MAKER.name, counterparty_public=True,
        )  # fmt: skip

    def _fund_use(self, line: OpenLine, day: date) -> None:
        parts = split_largest_remainder(-line.amount, [unit.area for unit in self.homes])
        shares = dict(zip((unit.unit for unit in self.homes), parts, strict=True))
        details = per_unit(shares, "按专有部分面积分摊")
        self.keeper.post_for(
            [line], "E23c", "使用维修资金：电梯曳引系统大修", [Line("5001", "M", "D", -line.amount, details=details)], day,
            documents=(Document("plan", "维修使用方案", number="WX-2025-01"), Document("apportionment", "分摊清册"),
                       Document("filing", "备案回执", number="BA-2025-018")),
            references={"resolution": RESOLUTIONS["repair"]}, counterparty=line.counterparty, counterparty_public=True,
        )  # fmt: skip

    def _contribution(self, line: OpenLine, day: date) -> None:
        unit = line.memo.rsplit(" ", 1)[-1]
        self.keeper.post_for(
            [line], "E23a", "补交首期维修资金", [Line("4001", "M", "C", line.amount, unit=unit)], day
        )

    def _advance(self, line: OpenLine, day: date) -> None:
        self.keeper.post_for(
            [line], "E12a", "预付春季补植苗木款", [Line("1123", "F1", "D", -line.amount, vendor="V04")], day,
            counterparty="绿野园林养护有限公司", counterparty_public=True,
        )  # fmt: skip

    def _co_signed_payment(self, line: OpenLine, day: date) -> None:
        """Above the deed's limit: the committee's representative has signed the payment order."""
        supplier = next(s for s in SUPPLIERS if s.name == line.counterparty)
        payable = Line("220201", "F1", "D", -line.amount, vendor=supplier.code, contract=supplier.contract)
        self.keeper.post_for(
            [line], "E11b", f"付给{supplier.name}：{supplier.title}", [payable], day,
            documents=(Document("payment_order", "双签付款单"),),
            references={"co_sign": "受托人与业委会代表双签"},
            counterparty=supplier.name, counterparty_public=True,
        )  # fmt: skip

    def _wages_repaid(self, line: OpenLine, day: date) -> None:
        self._to_trustee(line, "E14b", "224106", "偿还受托人代垫的人员费用", day)

    def _remuneration_paid(self, line: OpenLine, day: date) -> None:
        self._to_trustee(line, "E15b", "2242", "支付受托人酬金", day)

    def _to_trustee(self, line: OpenLine, event: str, account: str, summary: str, day: date) -> None:
        self.keeper.post_for(
            [line], event, summary, [Line(account, "F1", "D", -line.amount, party="TRUSTEE")], day,
            documents=(Document("payment_order", "双签付款单"),),
            references={"co_sign": "受托人与业委会代表双签"},
            counterparty=TRUSTEE, counterparty_public=True,
        )  # fmt: skip

    def _project_income(self, line: OpenLine, day: date) -> None:
        account = next(code for code, part in PROJECT_PARTS.items() if part == line.amount)
        named = "" if account == "4303" else line.counterparty
        shares = owners_shares(self.keeper.engine, self.keeper.trust_id) if account == "4303" else {}
        details = per_unit(shares, "电梯更新分摊")
        references = {"project": PROJECT[0], "resolution": RESOLUTIONS["lift"]}
        if account == "4301":
            references["grant"] = GRANT
        self.keeper.post_for(
            [line], "E24", f"{PROJECT[1]}筹款：{_SOURCES[account]}",
            [Line(account, "F5", "C", line.amount, project=PROJECT[0], details=details)], day,
            references=references,
            counterparty=named, counterparty_public=bool(named),
        )  # fmt: skip

    def _unsold_fee(self, line: OpenLine, day: date) -> None:
        owed = self.keeper.owed_by("112201", day)
        due = {unit.unit: min(3 * monthly_fee(unit), owed.get(unit.unit, 0)) for unit in self.unsold}
        ahead = {unit.unit: 3 * monthly_fee(unit) - due[unit.unit] for unit in self.unsold}
        others = [
            Line(account, "F1", "C", sum(parts.values()), details=per_unit(parts, "建设单位未售房屋"))
            for account, parts in (("112201", due), ("220301", ahead))
            if any(parts.values())
        ]
        self.keeper.post_for(
            [line], "E02", "收到建设单位未售房屋物业费", others, day,
            counterparty=line.counterparty, counterparty_public=True,
        )  # fmt: skip

    def _distribute_interest(self, day: date) -> None:
        """Last year's interest and other income of the maintenance fund, to households by area."""
        keeper = self.keeper
        fen = keeper.undistributed(day)
        if fen <= 0:
            return
        parts = split_largest_remainder(fen, [unit.area for unit in self.homes])
        shares = dict(zip((unit.unit for unit in self.homes), parts, strict=True))
        with writing(keeper.engine) as conn:
            keeper.post(
                conn, day, "E23g", "上年维修资金收益按面积分配到户",
                [Line("3101", "M", "D", fen), Line("3001", "M", "C", fen, details=per_unit(shares, "按面积分配"))],
                f"distribution:{day.year}", book="M", documents=(Document("apportionment", "收益分配清册"),),
            )  # fmt: skip

    def _specials_in_books(self, number: int, month: date, day: date) -> None:
        name = period_name(period_of(month))
        keeper = self.keeper
        if number == 1:
            self._mistake(day)
        if number % 3 == 1:
            with writing(keeper.engine) as conn:
                papers = (Document("expense_sheet", f"{name}备用金报销单"),)
                lines = [
                    Line("5007", "F1", "D", 1_862_40),
                    Line("122101", "F1", "C", 1_862_40, party="MANAGER"),
                ]
                keeper.post(
                    conn, day, "E13b", f"{name}办公费（备用金报销）", lines, f"petty:{name}", documents=papers
                )
        if number == 4:
            self._prior_year(day)
        if month.month == 1 and number:
            self._distribute_interest(day)
        if number == 9:
            self._waiver(day)
        if number == 11:
            with writing(keeper.engine) as conn:
                lines = [
                    Line("5004", "F1", "D", 3_000_00, vendor="V04"),
                    Line("1123", "F1", "C", 3_000_00, vendor="V04"),
                ]
                keeper.post(
                    conn, day, "E12b", "春季补植苗木验收，预付款核销", lines, "advance-used",
                    documents=(Document("acceptance", "苗木验收单"),), counterparty="绿野园林养护有限公司", counterparty_public=True,
                )  # fmt: skip

    def _mistake(self, day: date) -> None:
        """A cleaning bill booked to greening: red letters, then blue ones. And an amount put right."""
        keeper = self.keeper
        cleaning = next(s for s in SUPPLIERS if s.account == "5003")
        with writing(keeper.engine) as conn:
            extra = keeper.invoice(conn, cleaning, 1_280_00, day, account="5004")
        with writing(keeper.engine) as conn:
            papers = keeper.invoice_papers(conn, cleaning, 1_280_00, day)
            corrected = Draft(
                book="A", date=day, event="E11a", summary="外墙应急保洁费（原误记绿化养护）",
                lines=(Line("5003", "F1", "D", 1_280_00, vendor=cleaning.code),
                       Line("220201", "F1", "C", 1_280_00, vendor=cleaning.code, contract=cleaning.contract)),
                key="demo:wrong-account", documents=papers, references={"contract": cleaning.contract},
                counterparty=cleaning.name, counterparty_public=True, **PEOPLE,
            )  # fmt: skip
            amend(conn, keeper.trust_id, extra.ref, corrected, keeper.act(day))
            lines = (Line("5007", "F1", "D", 96_00), Line("122101", "F1", "C", 96_00, party="MANAGER"))
            papers = (Document("expense_sheet", "报销单"),)
            twice = keeper.post(conn, day, "E13b", "复印纸（重复录入）", lines, "twice", documents=papers)
            reverse(
                conn,
                keeper.trust_id,
                twice.ref,
                on=day,
                reason="重复录入",
                key="demo:twice-red",
                act=keeper.act(day),
                **PEOPLE,
            )
            short = (Line("5007", "F1", "D", 35_80), Line("122101", "F1", "C", 35_80, party="MANAGER"))
            wrong = keeper.post(conn, day, "E13b", "打印机墨盒", short, "ink", documents=papers)
            right = Draft(
                book="A", date=day, event="E13b", summary="打印机墨盒金额少记 18 元",
                lines=(Line("5007", "F1", "D", 53_80), Line("122101", "F1", "C", 53_80, party="MANAGER")),
                key="demo:ink-right", documents=papers, **PEOPLE,
            )  # fmt: skip
            amend(conn, keeper.trust_id, wrong.ref, right, keeper.act(day))

    def _prior_year(self, day: date) -> None:
        """After the year closed, last year's insurance turns out to have been booked too low."""
        keeper = self.keeper
        ref = keeper.first_entry_of("E10")
        with writing(keeper.engine) as conn:
            wrong = keeper.stored(conn, ref)
            lines = tuple(
                Line(x.account, x.fund, x.side, x.amount + 640_00, vendor=x.vendor, contract=x.contract)
                for x in wrong.draft.lines
            )
            right = Draft(
                book="A", date=day, event="E10", summary="上年公共用电少记 640 元，供电公司补开账单", lines=lines,
                key="demo:prior-year", documents=(Document("meter_record", "供电公司补抄记录"),),
                counterparty=wrong.draft.counterparty, counterparty_public=True, **PEOPLE,
            )  # fmt: skip
            amend(conn, keeper.trust_id, ref, right, keeper.act(day))

    def _waiver(self, day: date) -> None:
        """The assembly waives part of the fee for a family in hardship."""
        keeper = self.keeper
        owed = keeper.owed_by("112201", day)
        unit, fen = max(((u, f) for u, f in owed.items() if f > 0), key=lambda item: item[1])
        part = min(fen, 500_00)
        with writing(keeper.engine) as conn:
            keeper.post(
                conn, day, "E05", "按业主大会决议减免困难家庭当年物业费（1 户）",
                [Line("400190", "F1", "D", part, unit=unit), Line("112201", "F1", "C", part, unit=unit)], "waiver",
                documents=(Document("approval", "减免审批单"),), references={"resolution": RESOLUTIONS["waiver"]},
            )  # fmt: skip
