"""Rounds of a community as everybody sees them: old, corrected, in the preview, before it, and given up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

from litestar.testing import TestClient
from sqlalchemy import Engine, insert, update

from disclosure.app import create_app
from disclosure.config import Config
from ledger.evaluation import appeals, course, survey
from ledger.evaluation.consequences import settle
from ledger.evaluation.value import Appeal, Correction, Line, Sheet, VetoFinding
from ledger.log.keys import create_key
from ledger.store.engine import writing
from ledger.store.tables import document, evaluation_now
from tests.evaluation.many import many
from tests.evaluation.rounds import (
    BY_COMMITTEE,
    BY_PARTY,
    EVIDENCE,
    HOMES,
    OTHER_PARTY,
    QUARTER,
    Community,
    open_community,
    owner,
)
from tests.inquiries.desk import COMMITTEE, PARTY, REVIEWER, SUPERVISOR
from tests.office.conftest import Clock
from tests.serving import serving

BASE = "/c/trust-7"
PATROL = Line("S2", "patrol", date(2025, 5, 3), "5月3日夜间漏巡", 3, document=EVIDENCE)
HAZARD = Line("S2", "hazard", date(2025, 6, 3), "地下车库积水没有按期整改", 2, document=EVIDENCE)
PHOTO = "f" * 64
DIRTY = Line("S3", "dirty", date(2025, 2, 3), "3 栋北侧有垃圾", 2, document=PHOTO)
PAPERS = Line("P9", "missing", date(2025, 6, 1), "缺联席会议制度台账", 1, page="/conference")
VETO = VetoFinding("V4", date(2025, 5, 1), "停水催费，住建部门查实", EVIDENCE)
REASON, REPLY = "当天下了暴雨，已提前告知。", "感谢监督，已经整改。"
WRONG, MENDED, GIVEN_UP = "巡检记录后来找到", "水泵已修好", "十一月改按季度评"
SECRETS = (
    "（dang",
    "（wei",
    "（she",
    "（shen",
    "佘区",
    "p-mei",
    "p-wei",
    "p-3",
    "配偶",
    "3-101",
    "3-106",
    "业主（",
)
"""Who acted, who stayed away and why, whose homes answered."""


def five_rounds(engine: Engine, folder: Path) -> Community:
    """Evaluated for half a year, the third quarter and October under way, November given up."""
    deed = {"evaluation_rectify_days": 30, "evaluation_renewal": True}
    community = open_community(engine, folder, **deed)
    with community.desk.writing() as (conn, trust_id, act):
        row = {"sha256": PHOTO, "size": 1, "media_type": "image/jpeg", "access": "public"}
        conn.execute(insert(document).values(trust_id=trust_id, stored_at=act.now, **row))
    _first(community)
    _second(community)
    _third(community)
    _fourth(community)
    community.open(today=date(2025, 11, 3), period=202511)
    community.do(course.withdraw, GIVEN_UP, by=PARTY)
    _neighbours(community)
    return community


def _first(community: Community) -> None:
    """By the default scheme, for which six answers are too few: satisfaction is not rated."""
    community.open(today=date(2025, 4, 1), period=202533)
    community.figures(today=date(2025, 4, 3))
    _sheet(community, "committee", DIRTY)
    _sheet(community, "party", *_shares(date(2025, 3, 31)))
    community.survey(dict.fromkeys(HOMES[:6], "no"))
    community.preview()
    community.finalise()


def _second(community: Community) -> None:
    """With a veto, an appeal upheld in part, somebody recused, a correction, and what the deed says."""
    community.open()
    community.figures()
    community.do(course.recuse, "p-mei", "配偶在受托人处任职", by=SUPERVISOR)
    _sheet(community, "committee", PATROL, HAZARD)
    _sheet(community, "party", PAPERS, *_shares(date(2025, 6, 30)))
    community.do(course.find_veto, VETO, by=PARTY, unrelated=True)
    community.survey({home: "no" if home == HOMES[0] else "yes" for home in HOMES[:6]})
    community.preview()
    community.appeal(_ref(community, "patrol"), 1, ruler=SUPERVISOR)
    community.do(appeals.reply, REPLY, by=REVIEWER)
    community.finalise()
    community.desk.today = date(2025, 7, 28)
    said = Correction(WRONG, EVIDENCE, {_ref(community, "hazard"): 1})
    community.do(appeals.correct, said, by=OTHER_PARTY, unrelated=True)
    community.do(settle, "rectify", MENDED, EVIDENCE, by=COMMITTEE)


def _third(community: Community) -> None:
    """In the preview, an appeal waiting."""
    community.open(today=date(2025, 9, 30), period=202535)
    community.figures(today=date(2025, 10, 3))
    absent = Line("S1", "absent", date(2025, 9, 3), "门岗缺岗", 1, document=EVIDENCE)
    many_more = [
        Line("S2", "patrol", absent.on, f"第 {no} 班漏巡", document=EVIDENCE) for no in range(1, 106)
    ]
    _sheet(community, "committee", absent, *many_more)
    _sheet(community, "party", *_shares(date(2025, 9, 30)))
    community.survey(dict.fromkeys(HOMES[:3], "yes"))
    community.preview()
    community.do(appeals.appeal, Appeal(_ref(community, "absent"), REASON, ""), by=REVIEWER)


def _fourth(community: Community) -> None:
    """The residents are being asked; what was found so far is nobody's business yet."""
    community.open(today=date(2025, 11, 1), period=202510)
    community.figures(today=date(2025, 11, 3))
    day = date(2025, 10, 3)
    _sheet(community, "committee", Line("S1", "absent", day, "门岗缺岗", 1, document=EVIDENCE))
    found = VetoFinding(VETO.code, day, VETO.what, EVIDENCE)
    community.do(course.find_veto, found, by=PARTY, unrelated=True)
    community.do(survey.open_survey, date(2025, 11, 13), by=PARTY)
    for home in HOMES[:2]:
        community.do(survey.answer, home, "yes", by=owner(home))


def _neighbours(community: Community) -> None:
    """Four others with a result of the second quarter."""
    n = evaluation_now.c
    shown = {
        "service_points": 90_00,
        "service_possible": 100_00,
        "party_possible": 100_00,
        "figures": '{"S1": 900}',
    }
    with writing(community.desk.books.engine) as conn:
        many(conn, 4, 1)
        conn.execute(
            update(evaluation_now)
            .where(n.trust_id >= 100)
            .values(period=QUARTER, stage="final", version=1, due_on=None, party_points=70_00, **shown)
        )


def _sheet(community: Community, body: str, *lines: Line) -> None:
    actor, codes = (COMMITTEE, BY_COMMITTEE) if body == "committee" else (PARTY, BY_PARTY)
    community.do(course.submit_sheet, Sheet(body, codes, lines), by=actor, unrelated=True)


def _shares(day: date) -> tuple[Line, Line]:
    return (
        Line("P2", "cross", day, "业委会 5 人中 2 人交叉任职", 2, 5, document=EVIDENCE),
        Line("P7", "plan", day, "年度计划已办 8 场，共 10 场", 8, 10, document=EVIDENCE),
    )


def _ref(community: Community, rule: str) -> str:
    """What an appeal names: the first thing found by a rule."""
    for (_, code), found in community.state().findings().items():
        if code == rule and found:
            return found.items[0].ref
    raise KeyError(rule)


@dataclass
class Shown:
    """The site over these rounds, and what time it is there."""

    community: Community
    config: Config
    client: TestClient[Any]
    clock: Clock

    @property
    def today(self) -> date:
        """The day it is there."""
        return self.community.desk.today

    def see(self, path: str) -> str:
        """The text of a page of the community."""
        found = self.client.get(BASE + path)
        assert found.status_code == 200, (path, found.status_code, found.text[:300])
        return found.text


@contextmanager
def shown_site(engine: Engine, url: str, folder: Path) -> Iterator[Shown]:
    """The site on the third of November; its log is signed."""
    community = five_rounds(engine, folder)
    config = Config(folder, url, "https://mingzhang.example")
    create_key(config.key_path("trust-7"), Random(1).randbytes)
    clock = Clock(community.desk.today)
    with TestClient(create_app(config, now=clock)) as client:
        client.follow_redirects = False
        yield Shown(community, config, client, clock)


@contextmanager
def on_a_port(site: Shown) -> Iterator[str]:
    """The same site on a real port, for browsers."""
    app = create_app(site.config, now=site.clock)
    with serving(app) as address:
        yield address
