"""What happens outside the books: who pays when, into which account. Banks keep these lines; the books
learn of them only through the statement files."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from random import Random

from ledger.bank import BankLine
from ledger.trust import Unit

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀兰霞平刚桂英华玉萍红鹏"
_RATES = {"home": 19_800, "shop": 35_000, "unsold": 19_800}
_HABITS = {"monthly": 60, "quarterly": 14, "yearly": 12, "late": 9, "never": 5}


class World:
    """The households' habits and the banks' memory of one community."""

    def __init__(
        self, units: Sequence[Unit], parking: Mapping[str, int], opening: Mapping[str, int], rng: Random
    ) -> None:
        self._rng = rng
        self._parking = parking
        self._units = [u for u in units if u.use_kind != "unsold"]
        self._unsold = [u for u in units if u.use_kind == "unsold"]
        kinds, weights = list(_HABITS), list(_HABITS.values())
        self._habit = {u.unit: rng.choices(kinds, weights)[0] for u in self._units}
        self._owner = {u.unit: self._name() for u in self._units}
        self._serial = 0
        self._lines: dict[str, list[BankLine]] = defaultdict(list)
        self._in_transit: dict[str, int] = defaultdict(int)
        self._unknown: list[tuple[date, str, int]] = []
        self.balance = dict(opening)

    def pay(self, account: str, on: date, amount: int, who: str, memo: str) -> None:
        """Money moves: positive in, negative out, fen."""
        self._serial += 1
        moment = datetime(  # noqa: DTZ001 - statements tell Beijing time without a zone
            on.year, on.month, on.day, 8 + self._serial % 11, self._serial % 60, self._serial % 59
        )
        number = f"{on:%Y%m%d}{self._serial:010d}"
        self._lines[account].append(BankLine(0, moment, amount, None, who, "", memo, number))

    def take_lines(self, account: str, until: date) -> tuple[int, list[BankLine]]:
        """Opening balance and all lines of an account up to a day, which the bank now hands out."""
        ready = [line for line in self._lines[account] if line.occurred_at.date() <= until]
        self._lines[account] = [line for line in self._lines[account] if line.occurred_at.date() > until]
        ready.sort(key=lambda line: line.occurred_at)
        opening = self.balance.get(account, 0)
        self.balance[account] = opening + sum(line.amount for line in ready)
        return opening, ready

    def households_pay(self, month: date) -> None:
        """Property fees of a month, by habit, by bank or channel, with and without a room number."""
        last = monthrange(month.year, month.month)[1]
        for unit in self._units:
            months = self._months_paid(unit, month)
            if months:
                self._household_pays(unit, month, last, months)
        if month.month % 3 == 0:
            fee = sum(monthly_fee(unit) for unit in self._unsold)
            self.pay("F1-CCB", month.replace(day=20), 3 * fee, "明和置业有限公司", "未售房屋物业费")
        self._settle_channels(month, last)

    def water_bills(self, month: date) -> None:
        """About a quarter of the homes pay their water through the pass-through account."""
        for unit in self._units[::4]:
            amount = 2_000 + self._rng.randrange(6_000)
            day = month.replace(day=5 + self._rng.randrange(15))
            self.pay("F4-CCB", day, amount, self._owner[unit.unit], f"水费 {unit.unit}")

    def take_unknown(self, until: date) -> list[tuple[date, str, int]]:
        """Payments without a room number whose payer has meanwhile called: day, unit, fen."""
        found = [item for item in self._unknown if item[0] <= until]
        self._unknown = [item for item in self._unknown if item[0] > until]
        return found

    def owner(self, unit: str) -> str:
        """The name the bank shows for a household."""
        return self._owner[unit]

    def _months_paid(self, unit: Unit, month: date) -> int:
        habit = self._habit[unit.unit]
        return {
            "monthly": 1,
            "quarterly": 3 if month.month % 3 == 1 else 0,
            "yearly": 12 if month.month == 1 else 0,
            "late": self._rng.choice((0, 0, 0, 4)),
            "never": 0,
        }[habit]

    def _household_pays(self, unit: Unit, month: date, last: int, months: int) -> None:
        day = month.replace(day=min(1 + int(self._rng.triangular(0, last, 6)), last))
        amount = months * (monthly_fee(unit) + self._parking.get(unit.unit, 0))
        number, entrance, room = unit.unit.split("-")
        memo = self._rng.choice(
            (
                f"{int(number)}栋{entrance}单元{int(room)}物业费",
                f"物业费 {int(number)}-{entrance}-{int(room)}",
                f"{int(number)}-{entrance}-{int(room)}",
            )
        )
        account = self._rng.choices(("F1-CCB", "F1-WX", "F1-ALI"), (30, 50, 20))[0]
        if account == "F1-CCB" and months == 1 and self._rng.random() < 0.02:
            memo = "物业费"
            self._unknown.append((day, unit.unit, amount))
        self.pay(account, day, amount, self._owner[unit.unit], memo)

    def _settle_channels(self, month: date, last: int) -> None:
        """Channels hand over what they collected the day after; WeChat keeps 0.6 %."""
        for account, who, memo in (
            ("F1-WX", "财付通支付科技有限公司", "微信支付商户结算"),
            ("F1-ALI", "支付宝（中国）网络技术有限公司", "支付宝商户结算"),
        ):
            by_day: dict[date, int] = defaultdict(int)
            fees: list[BankLine] = []
            for line in self._lines[account]:
                if line.occurred_at.date() < month:
                    continue
                net = line.amount
                if account == "F1-WX":
                    fee = (line.amount * 6 + 500) // 1000
                    net -= fee
                    fees.append(_fee_line(line, fee))
                by_day[line.occurred_at.date()] += net
            self._lines[account] += fees
            for day, net in sorted(by_day.items()):
                self.pay("F1-CCB", day + timedelta(days=1), net, who, memo)

    def _name(self) -> str:
        return self._rng.choice(SURNAMES) + "".join(self._rng.sample(GIVEN, self._rng.choice((1, 2))))


def monthly_fee(unit: Unit) -> int:
    """What the owners' assembly decided this unit pays a month, in fen."""
    return (unit.area * _RATES[unit.use_kind] * 2 + 10_000) // 20_000


def months_between(first: date, last: date) -> Iterator[date]:
    """First days of all months from ``first`` to ``last``."""
    month = first.replace(day=1)
    while month <= last:
        yield month
        month = (month + timedelta(days=32)).replace(day=1)


def _fee_line(line: BankLine, fee: int) -> BankLine:
    return BankLine(
        0,
        line.occurred_at,
        -fee,
        None,
        "财付通支付科技有限公司",
        "",
        "微信支付手续费",
        f"{line.flow_no}-微信支付手续费",
    )
