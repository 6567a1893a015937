"""What moves at the banks besides households' payments: rents, vendors, deposits, a project, a repair.

The month is counted from 0. The books learn of all this only through the statement files.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from disclosure.demo.bookkeeper import Bookkeeper
from disclosure.demo.community import LIFT_MAKER, REVENUE, SUPPLIERS, TRUSTEE, WATER
from disclosure.demo.world import World
from ledger.trust import Unit

REPAIR = 186_400_00
TRANSFER = 60_000_00
PROJECT_PARTS = {"4301": 150_000_00, "4302": 50_000_00, "4303": 120_000_00}


class Movements:
    """The bank side of a month. ``water``: what the pass-through account pays on, by unit, in fen."""

    def __init__(self, keeper: Bookkeeper, world: World, homes: Sequence[Unit]) -> None:
        self.keeper = keeper
        self.world = world
        self.homes = homes
        self.water: dict[str, int] = {}

    def before(self, number: int, month: date) -> None:
        """Bank movements of the month that are not households'."""
        pay = self.world.pay
        day = month.replace
        for supplier in (*SUPPLIERS, WATER):
            if number and (supplier is WATER or _previous(month).month in supplier.months):
                self._pay_vendor(supplier.name, month)
        if number:
            self._pay_vendor("锦城供电公司", month)
            pay("F1-CCB", day(day=8), -46_800_00, TRUSTEE, "偿还代垫工资 双签")
        if number and month.month % 3 == 1:
            owed = self.keeper.owed_to_trustee(month)
            pay("F1-CCB", day(day=12), -owed, TRUSTEE, "支付受托人酬金 双签")
        pay("F1-CCB", day(day=15), -45_00, "建设银行", "账户管理费")
        if number % 3 == 0:
            pay("F1-CCB", day(day=3), -2_000_00, "锦安物业明和苑项目", "拨付备用金")
        if month.month % 3 == 0:
            for account, fen in (("F1-CCB", 210_36), ("F2-CMB", 168_92), ("M-ICBC", 30_790_40)):
                pay(account, day(day=21), fen, "银行", "季度结息")
        self._rents(number, month)
        self._deposits(number, month)
        self._specials_at_bank(number, month)

    def _pay_vendor(self, name: str, month: date) -> None:
        codes = {s.name: s for s in (*SUPPLIERS, WATER)}
        owed = self.keeper.payable_to(name, month)
        if owed:
            mark = " 双签" if owed > 30_000_00 else ""
            title = codes[name].title if name in codes else "公共用电"
            self.world.pay("F1-CCB", month.replace(day=10), -owed, name, f"{title}{mark}")

    def _rents(self, number: int, month: date) -> None:
        pay, day = self.world.pay, month.replace
        if number % 12 == 0:
            pay("F2-CMB", day(day=2), 108_000_00, REVENUE["ads"][3], "电梯广告年租金")
        if number:
            pay("F2-CMB", day(day=6), 2_400_00, REVENUE["lockers"][3], "快递柜场地费")
        pay("F2-CMB", day(day=18), 19_620_00, REVENUE["parking"][3], "共有车位经营收入")
        if month.month % 3 == 0:
            pay("F2-CMB", day(day=19), 5_450_00, REVENUE["charging"][3], "充电桩分成")
            pay("F2-CMB", day(day=15), -4_860_00, "国家税务总局", "缴纳增值税")
        if month.month % 6 == 0:
            pay("F2-CMB", day(day=20), -1_860_00, "快印图文", "广告位维护成本")

    def _deposits(self, number: int, month: date) -> None:
        pay, day = self.world.pay, month.replace
        for place in range(2):
            unit = self.homes[(number * 37 + place * 211) % len(self.homes)].unit
            pay("F3-ICBC", day(day=4 + place * 9), 2_000_00, self.world.owner(unit), f"装修保证金 {unit}")
        if number >= 3:
            unit = self.homes[((number - 3) * 37) % len(self.homes)].unit
            if number == 6:
                pay("F3-ICBC", day(day=22), -300_00, "明和苑业主大会", "押金扣赔偿")
                pay("F1-CCB", day(day=22), 300_00, "明和苑业主大会", "押金扣赔偿转入")
                pay("F3-ICBC", day(day=23), -1_700_00, self.world.owner(unit), f"退装修保证金 {unit}")
            else:
                pay("F3-ICBC", day(day=23), -2_000_00, self.world.owner(unit), f"退装修保证金 {unit}")
        self.water = (
            {unit: -net for unit, net in self.keeper.owed_by("224103", month).items()} if number else {}
        )
        if self.water:
            pay("F4-CCB", day(day=9), -sum(self.water.values()), "锦城自来水公司", "代付水费")

    def _specials_at_bank(self, number: int, month: date) -> None:
        pay, day = self.world.pay, month.replace
        if number == 5:
            pay("F2-CMB", day(day=14), -TRANSFER, "明和苑维修资金专户", "公共收益转维修资金")
            pay("M-ICBC", day(day=14), TRANSFER, "明和苑业主大会共有资金", "公共收益转入")
        if number == 6:
            for account, source in (
                ("4301", "锦城街道办事处"),
                ("4302", "锦城社区发展基金会"),
                ("4303", "3栋业主电梯更新分摊"),
            ):
                pay("F5-CMB", day(day=11), PROJECT_PARTS[account], source, "电梯更新筹款")
        if number in (7, 9):
            pay("F5-CMB", day(day=24), -160_000_00, LIFT_MAKER.name, "电梯更新进度款 双签")
        if number == 2:
            pay("M-ICBC", day(day=17), -REPAIR, "蜀迅电梯工程有限公司", "电梯大修 双签")
        if number == 1:
            pay("M-ICBC", day(day=13), 8_640_00, "明和置业有限公司", f"补交维修资金 {self.homes[-1].unit}")
        if number == 7:
            unit = self.homes[20].unit
            pay("F1-CCB", day(day=16), 36_50, self.world.owner(unit), f"违约金 {unit}")
            pay("F1-CCB", day(day=26), 2_000_00, TRUSTEE, "赔偿款")
        if number == 10:
            pay("F1-CCB", day(day=20), -3_000_00, "绿野园林养护有限公司", "苗木预付款")


def _previous(month: date) -> date:
    return date(month.year - 1, 12, 1) if month.month == 1 else month.replace(month=month.month - 1)
