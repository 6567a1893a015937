"""A community whose second quarter of 2025 is evaluated, a transaction a step; days are moved on by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Engine, insert

from ledger.evaluation import appeals, course, survey
from ledger.evaluation.result import Result, read_result
from ledger.evaluation.rounds import read_state
from ledger.evaluation.scheme import Scheme, default_scheme
from ledger.evaluation.schemes_kept import record_scheme
from ledger.evaluation.state import State
from ledger.evaluation.value import Appeal, Line, Ruling, SelfAssessment, Sheet
from ledger.log.findings import Finding, Findings
from ledger.people import Actor, Role
from ledger.store.tables import document
from ledger.trust import Unit, add_units
from ledger.verify import verify_books
from ledger.verify.evaluation import check_evaluations
from tests.inquiries.desk import COMMITTEE, PARTY, REVIEWER, Desk, open_desk

QUARTER = 202534
FIRST, LAST = date(2025, 4, 1), date(2025, 6, 30)
OTHER_PARTY = Actor("p-dang", "党员乙（dang）", frozenset({Role.PARTY}))
EVIDENCE = "e" * 64
HOMES = tuple(f"3-{n}" for n in range(101, 109))
BY_COMMITTEE = ("S1", "S2", "S3", "S4", "S5")
BY_PARTY = ("P1", "P2", "P6", "P7", "P8", "P9")


def owner(home: str) -> Actor:
    """Who owns a home."""
    return Actor(f"p-{home}", f"业主（{home}）", frozenset({Role.RESIDENT}), units=(home,))


def small_scheme(**changes: Any) -> Scheme:
    """The default scheme for a community of few homes."""
    kept = default_scheme()
    fewer = msgspec.structs.replace(kept.survey, least_answers=5)
    return msgspec.structs.replace(kept, title="小小区的方案", survey=fewer, **changes)


@dataclass
class Community:
    """``desk`` is where people ask; ``no`` the round."""

    desk: Desk
    no: int = 0

    def do(self, command: Callable[..., Any], *words: Any, by: Actor, **named: Any) -> Any:
        """One command about the round."""
        with self.desk.writing() as (conn, trust_id, act):
            return command(conn, trust_id, self.no, *words, by, act, **named)

    def own_scheme(self, scheme: Scheme, effective_on: date = FIRST, days: int = 30) -> int:
        """A version of the community's own, recorded so many days before."""
        self.desk.today = effective_on - timedelta(days=days)
        with self.desk.writing() as (conn, trust_id, act):
            return record_scheme(conn, trust_id, scheme, effective_on, "业委会第3次会议", PARTY, act)

    def open(self, today: date = LAST, period: int = QUARTER) -> None:
        self.desk.today = today
        with self.desk.writing() as (conn, trust_id, act):
            self.no = course.open_round(conn, trust_id, period, PARTY, act)

    def figures(self, today: date = date(2025, 7, 5)) -> State:
        """The trustee assesses itself and the system computes."""
        self.desk.today = today
        self.do(course.assess_self, SelfAssessment({"S1": 9_50}, "本季度按合同履约。"), by=REVIEWER)
        return self.do(course.take_figures, by=PARTY)  # type: ignore[no-any-return]

    def sheets(self, *lines: Line) -> None:
        """Committee and Party committee score everything that is theirs; lines go where they belong."""
        for body, actor, codes in (("committee", COMMITTEE, BY_COMMITTEE), ("party", PARTY, BY_PARTY)):
            mine = [line for line in lines if line.indicator in codes]
            if body == "party":
                mine += [
                    Line("P2", "cross", LAST, "业委会 5 人中 3 人交叉任职", 3, 5, document=EVIDENCE),
                    Line("P7", "plan", LAST, "年度计划已办 8 场，共 10 场", 8, 10, document=EVIDENCE),
                ]
            self.do(course.submit_sheet, Sheet(body, codes, tuple(mine)), by=actor, unrelated=True)

    def survey(self, choices: Mapping[str, str]) -> None:
        """The homes answer, five days of asking."""
        closes_on = self.desk.today + timedelta(days=5)
        self.do(survey.open_survey, closes_on, by=PARTY)
        for home, choice in choices.items():
            self.do(survey.answer, home, choice, by=owner(home))
        self.desk.today = closes_on + timedelta(days=1)

    def preview(self) -> State:
        return self.do(appeals.preview, by=PARTY)  # type: ignore[no-any-return]

    def appeal(self, ref: str, count: int, ruler: Actor = OTHER_PARTY) -> None:
        """The trustee objects, and so many are left standing."""
        no = self.do(appeals.appeal, Appeal(ref, "当天下了暴雨，已提前告知。", EVIDENCE), by=REVIEWER)
        self.do(appeals.rule, Ruling(no, count, "情况属实。"), by=ruler, unrelated=True)

    def finalise(self) -> Result:
        self.desk.today += timedelta(days=8)
        self.do(appeals.finalise, by=PARTY)
        return self.result()

    def result(self, version: int | None = None) -> Result:
        with self.desk.reading() as (conn, trust_id):
            return read_result(conn, trust_id, self.no, version)

    def state(self) -> State:
        with self.desk.reading() as (conn, trust_id):
            return read_state(conn, trust_id, self.no)

    def whole(self, *lines: Line, choices: Mapping[str, str] | None = None) -> Result:
        """From opening to the final record."""
        self.open()
        self.figures()
        self.sheets(*lines)
        self.survey(dict.fromkeys(HOMES[:6], "yes") if choices is None else choices)
        self.preview()
        return self.finalise()

    def findings(self) -> list[Finding]:
        """What verification says of the evaluations."""
        found = Findings()
        with self.desk.reading() as (conn, trust_id):
            check_evaluations(conn, trust_id, found)
        return found.kept

    def verified(self) -> tuple[Finding, ...]:
        """What verification says of everything, but that nobody signs here."""
        with self.desk.reading() as (conn, trust_id):
            found = verify_books(conn, trust_id, None).findings
        return tuple(finding for finding in found if finding.code != "checkpoint.missing")


def open_community(engine: Engine, folder: Path, trust_id: int = 7, **settings: object) -> Community:
    """With a document to show, eight more homes and a scheme for so few."""
    desk = open_desk(engine, folder, trust_id, **settings)
    with desk.writing() as (conn, _, act):
        row = {"sha256": EVIDENCE, "size": 1, "media_type": "image/jpeg", "access": "internal"}
        conn.execute(insert(document).values(trust_id=trust_id, stored_at=act.now, **row))
        add_units(conn, trust_id, [Unit(home, "3", "home", 90_00) for home in HOMES])
    community = Community(desk)
    community.own_scheme(small_scheme())
    return community


def points_of(result: Result, code: str) -> int | None:
    """The points of an indicator."""
    for half in result.value["halves"].values():
        for one in half["indicators"]:
            if one["code"] == code:
                return one["points"]  # type: ignore[no-any-return]
    raise KeyError(code)
