"""What rests on a decision of the owners is refused without it: wherever one is named, in the same words.

Numbers: one nobody recorded, one about another matter, one that was not carried, one not yet in force.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine

from disclosure.cli.main import run
from ledger.billing.waive import Waiver, waiver_work
from ledger.errors import Refused
from ledger.handover.course import begin_handover
from ledger.maintenance import Scope
from ledger.maintenance.plans import Plan, record_plan
from ledger.people import Actor, Role
from ledger.revenue import NewTerms, record_terms
from ledger.revenue.costs import to_service_work
from ledger.revenue.schedule import Plan as Schedule
from ledger.revenue.transfer import start_transfer
from ledger.store.engine import writing
from ledger.trust import Deed, load_setup, record_deed, record_setting
from ledger.trust.settings import change_setting
from ledger.trust.tenure import Tenure, record_tenure
from tests.decisions import note_decision
from tests.ledger.books import (
    BANK,
    FUND_USE,
    MAJOR,
    OPENED,
    SITE_USE,
    TODAY,
    TRUSTEE,
    Books,
    act,
    fee_charge,
    interest,
    open_books,
)
from tests.office.conftest import PASSWORD, OfficeSite, office  # noqa: F401 - a fixture
from tests.shells import CommandClock

CLERK = Actor("lin", "林会（kuaiji）", frozenset({Role.PREPARER}))
CHAIR = Actor("zhu", "祝仁（zhuren）", frozenset({Role.CHAIR}))
NEW = date(2025, 7, 1)
CLAUSE = {"kind": "fixed", "amount": "9,000"}


def plan(conn: Connection, number: str) -> None:
    record_plan(conn, 1, Plan("WX-1", "电梯大修", 100, Scope("all"), number, "备1"), CLERK, act())


def terms(conn: Connection, number: str) -> None:
    schedule = Schedule("accrue", OPENED, date(2025, 12, 31), 1, 10, amount=100_00)
    new = NewTerms("G-1", "快递柜", "某公司", "南门", "400303", number, schedule)
    record_terms(conn, load_setup(conn, 1), new, CLERK, act())


def waiver(conn: Connection, number: str) -> None:
    waiver_work(conn, 1, Waiver({("1-101", 202503): 1_00}, date(2025, 6, 30), number, "停水", "t"))


def transfer(conn: Connection, number: str) -> None:
    setup = load_setup(conn, 1)
    start_transfer(
        conn, setup, 1_00, number, from_account=BANK["F2"], to_account=BANK["M"], actor=CLERK, act=act()
    )


def help_service(conn: Connection, number: str) -> None:
    to_service_work(
        conn,
        load_setup(conn, 1),
        1_00,
        TODAY,
        number,
        from_account=BANK["F2"],
        to_account=BANK["F1"],
        act=act(),
    )


def deed(conn: Connection, number: str) -> None:
    changed = Deed(NEW, "提供物业服务", "委托人、受托人", "全体业主", "物业费", "按面积", number)
    record_deed(conn, 1, changed, act())


def clause(conn: Connection, number: str) -> None:
    change_setting(
        conn, 1, "remuneration_clause", CLAUSE, effective_on=NEW, authority=number, actor=CHAIR, act=act()
    )


def tenure(conn: Connection, number: str) -> None:
    again = Tenure("锦安物业服务有限公司", NEW, None, "W-2", 60, number)
    record_tenure(conn, 1, again, act())


def handover(conn: Connection, number: str) -> None:
    begin_handover(
        conn,
        1,
        incoming="和润物业服务有限公司",
        reason="expired",
        authority=number,
        planned_on=NEW,
        actor=CHAIR,
        act=act(),
    )


COMMANDS: dict[Callable[[Connection, str], None], tuple[str, str]] = {
    plan: (FUND_USE, MAJOR),
    terms: (SITE_USE, MAJOR),
    waiver: (MAJOR, FUND_USE),
    transfer: (MAJOR, TRUSTEE),
    help_service: (MAJOR, FUND_USE),
    deed: (MAJOR, FUND_USE),
    clause: (TRUSTEE, FUND_USE),
    tenure: (TRUSTEE, MAJOR),
    handover: (TRUSTEE, MAJOR),
}
"""Each command with a decision that carries it, and one about something else."""


@pytest.fixture
def books(engine: Engine) -> Books:
    """Books with a first clause, a first tenure, a debt and some shared revenue."""
    books = open_books(engine, remuneration_clause={"text": "", "basis": "fixed", "monthly": 8_000_00})
    books.post_many([fee_charge(date=date(2025, 3, 1)), interest(500_00)])
    with writing(engine) as conn:
        record_tenure(conn, 1, Tenure("锦安物业服务有限公司", OPENED, None, "W-1", 60, "前期物业合同"), act())
        for matter in ("use_maintenance_fund", "shared_use", "other", "trustee_selection"):
            note_decision(conn, 1, f"未过{matter}", matter, passed=False)
            note_decision(conn, 1, f"太晚{matter}", matter, decided_on=date(2026, 1, 1))
    return books


@pytest.mark.parametrize("command", COMMANDS, ids=lambda one: one.__name__)
def test_a_carried_decision_about_the_matter_lets_it_through(
    books: Books, command: Callable[[Connection, str], None]
) -> None:
    with writing(books.engine) as conn:
        command(conn, COMMANDS[command][0])


@pytest.mark.db("sqlite")
@pytest.mark.parametrize("command", COMMANDS, ids=lambda one: one.__name__)
@pytest.mark.parametrize(
    ("number", "code", "said"),
    [
        ("业决〔2099〕1号", "unknown_decision", "没有登记过“业决〔2099〕1号”"),
        ("another", "wrong_matter", "不能用在这里"),
        ("未过", "decision_failed", "没有表决通过"),
        ("太晚", "decision_not_in_force", "自 2026-01-01 起生效"),
    ],
)
def test_anything_else_is_refused_with_the_number_the_reason_and_what_to_do(
    books: Books, command: Callable[[Connection, str], None], number: str, code: str, said: str
) -> None:
    right, other = COMMANDS[command]
    matters = {FUND_USE: "use_maintenance_fund", SITE_USE: "shared_use", MAJOR: "other"}
    named = number + matters.get(right, "trustee_selection") if number in ("未过", "太晚") else number
    named = other if number == "another" else named
    with pytest.raises(Refused, match=said) as refused, writing(books.engine) as conn:
        command(conn, named)
    assert refused.value.codes == {code}
    assert named in str(refused.value)


@pytest.mark.db("sqlite")
def test_the_first_clause_tenure_and_deed_rest_on_the_contract(engine: Engine) -> None:
    books = open_books(engine)
    with writing(books.engine) as conn:
        tenure(conn, "前期物业合同")
        clause(conn, "信托文件第八条")
    with pytest.raises(Refused), writing(books.engine) as conn:
        tenure(conn, "前期物业合同")


# --- through the browser and from the shell -----------------------------------------------------------------

FORMS: dict[str, tuple[str, dict[str, Any]]] = {
    "/deed/tenure": (
        "chair",
        {
            "trustee": "锦安物业服务有限公司",
            "starts_on": "2025-07-01",
            "contract": "W-2",
            "notice_days": "60",
            "authority": "业决9号",
        },
    ),
    "/handover/begin": (
        "chair",
        {"incoming": "和润物业", "reason": "expired", "authority": "业决9号", "planned_on": "2025-07-01"},
    ),
    "/settings/remuneration_clause": (
        "chair",
        {"kind": "fixed", "amount": "9000", "effective_on": "2025-07-01", "authority": "业决9号"},
    ),
}


@pytest.mark.db("sqlite")
@pytest.mark.parametrize("path", FORMS)
def test_the_form_says_so_and_keeps_what_was_typed(office: OfficeSite, path: str) -> None:  # noqa: F811
    with writing(office.engine) as conn:
        record_tenure(conn, 1, Tenure("锦安物业服务有限公司", OPENED, None, "W-1", 60, "前期物业合同"), act())
        first = {"text": "", "basis": "fixed", "monthly": 8_000_00}
        record_setting(
            conn, 1, "remuneration_clause", first, effective_on=OPENED, authority="约定", act=act()
        )
    role, fields = FORMS[path]
    answer = office.post(office.client(role), office.path(path), **fields)
    assert answer.status_code == 422
    assert "没有登记过“业决9号”" in answer.text
    assert 'value="业决9号"' in answer.text


@pytest.fixture
def shell(
    office: OfficeSite,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Any:
    """Runs a command as the person of a role; exit code and JSON answer."""
    monkeypatch.setenv("DATA_DIR", str(office.config.data_dir))
    monkeypatch.setenv("DATABASE_URL", office.config.database_url)
    monkeypatch.setenv("MINGZHANG_PASSWORD", PASSWORD)
    for role in ("preparer", "chair", "committee"):
        office.client(role)
    clock = CommandClock(monkeypatch)

    def command(*arguments: str, as_: str = "") -> tuple[int, Any]:
        if as_:
            clock.show_code(office.secrets[Role(as_)])
            arguments = (*arguments, "--as", office.person(as_).account)
        capsys.readouterr()
        code = run([*arguments, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return command


def codes(said: Any) -> set[str]:
    return {problem["code"] for problem in said["problems"]}


@pytest.mark.db("sqlite")
def test_the_shell_says_so_too(shell: Any, tmp_path: Path) -> None:
    begun = ("handover", "begin", "和润物业", "--reason", "expired", "--planned", "2027-07-01")
    code, said = shell(*begun, "--authority", "业决9号", as_="chair")
    assert (code, codes(said)) == (1, {"unknown_decision"})
    assert codes(shell(*begun, "--authority", MAJOR, as_="chair")[1]) == {"wrong_matter"}
    assert shell(*begun, "--authority", TRUSTEE, as_="chair")[0] == 0


@pytest.mark.db("sqlite")
def test_a_fee_is_changed_from_the_shell(shell: Any, office: OfficeSite) -> None:  # noqa: F811
    first = (
        "fee-standard",
        "record",
        "--target",
        "home",
        "--rate",
        "1.98",
        "--from",
        "2024-01-01",
    )
    assert shell(*first, "--authority", "前期合同", as_="preparer")[0] == 0
    office.books.post(fee_charge())
    code, said = shell(*first[:5], "2.2", "--from", "2030-01-01", "--authority", MAJOR, as_="preparer")
    assert (code, codes(said)) == (1, {"no_consultation"})
    asked = ("fee-change", "propose", "property", "--target", "home", "--rate", "2.2", "--from", "2030-01-01")
    assert shell(*asked, "--reason", "成本上涨", as_="committee")[1]["proposal"] == 1
    until = ("fee-change", "consult", "1", "--until", "2029-01-01")
    assert shell(*until, as_="committee")[0] == 0
    count = ("fee-change", "count", "1", "--agree", "2", "--against", "1", "--other", "0")
    assert shell(*count, as_="committee")[1]["counts"] is False
    assert shell(*count, as_="chair")[1]["counts"] is True
    assert codes(shell("fee-change", "decide", "1", MAJOR, as_="chair")[1]) == {"still_consulting"}
    (row,) = shell("fee-change", "list")[1]["proposals"]
    assert (row["stage"], row["agree"], row["against"], row["homes"]) == ("consulting", 2, 1, 3)


@pytest.mark.db("sqlite")
def test_the_conference_and_a_choice_from_the_shell(shell: Any) -> None:
    asked = ("conference", "propose", "电梯换新", "--text", "常停", "--by", "residents")
    assert shell(*asked, as_="preparer")[1]["item"] == 1
    today = TODAY.isoformat()
    met = ("conference", "minutes", "1", "--stage", "consult", "--on", today, "--text", "同意换新")
    assert codes(shell(*met, "--outcome", "agreed", "--came", "party", as_="chair")[1]) == {"value"}
    came = ("--came", "party=2:书记", "--came", "committee=3")
    code, said = shell(*met, "--outcome", "agreed", *came, as_="chair")
    assert (code, said.get("meeting")) == (0, 2), said
    assert shell("conference", "skip", "1", "--stage", "review", "--reason", "紧急", as_="chair")[0] == 0
    states = [row["state"] for row in shell("conference", "show", "1")[1]["stages"]]
    assert states == ["held", "held", "skipped", "due"]
    assert shell("conference", "list")[1]["items"][0]["skipped"] == ["review"]
    begun = ("selection", "begin", "select", "选聘", "--planned", "2030-01-01", "--reason", "到期")
    assert shell(*begun, as_="committee")[1]["selection"] == 1
    assert codes(shell("selection", "criteria", "1", "报价=90", as_="committee")[1]) == {"bad_weights"}
    assert shell("selection", "criteria", "1", "报价=40", "方案=60", as_="committee")[0] == 0
