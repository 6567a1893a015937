"""A round of the evaluation through the pages: six people, each at a desk or phone of their own."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date, timedelta
from html.parser import HTMLParser
from typing import Any

import httpx
from PIL import Image

from ledger.evaluation.result import Result, read_result
from ledger.evaluation.rounds import read_state
from ledger.evaluation.scheme import default_scheme
from ledger.evaluation.schemes_kept import record_scheme
from ledger.evaluation.state import State
from ledger.people import Role
from ledger.people.members import grant
from ledger.store.engine import reading, writing
from ledger.trust import Unit, add_units
from tests.evaluation.rounds import FIRST, HOMES, small_scheme
from tests.ledger.books import OPENED, act
from tests.office.conftest import OfficeSite
from tests.office.votes import said

NOTHING = {"nothing": ("", b"", "application/octet-stream")}
"""Makes a form go out as browsers send those with files."""
STEPS = frozenset(
    {
        "figures",
        "survey",
        "preview",
        "withdraw",
        "recuse",
        "veto",
        "appeal",
        "reply",
        "rule",
        "final",
        "settle",
    }
)
"""Forms on the page of the round itself; every other form is at its own address."""


class Forms(HTMLParser):
    """The fields of all forms of a page that send to ``action``."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.action, self.inside, self.found = action, False, False
        self.names: set[str] = set()
        self.open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        if tag == "form":
            self.inside = has.get("action") == self.action
            self.found = self.found or self.inside
        elif self.inside and tag in ("input", "select", "textarea"):
            self.names.add(has.get("name") or "")
        elif self.inside and tag == "button":
            self.open = self.open or "disabled" not in has

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False


def photo(colour: str = "white") -> bytes:
    """A picture of a phone."""
    out = io.BytesIO()
    Image.new("RGB", (300, 200), colour).save(out, "JPEG")
    return out.getvalue()


@dataclass
class Desk:
    """``no`` is the round; days are moved on by hand."""

    office: OfficeSite
    no: int = 1

    @property
    def here(self) -> str:
        return self.office.path(f"/evaluations/{self.no}")

    @property
    def mine(self) -> str:
        return f"/c/{self.office.slug}/mine/evaluations/{self.no}"

    def to(self, day: date) -> None:
        """Another day; sessions of days ago are over, so everybody logs in again."""
        self.office.clock.to(day)
        self.office._clients.clear()

    def see(self, path: str, who: str) -> str:
        """The words of a page; one that is there."""
        found = self.office.client(who).get(path)
        assert found.status_code == 200, (path, who, found.status_code)
        return said(found.text)

    def send(self, path: str, who: str, files: Any = None, **fields: Any) -> httpx.Response:
        return self.office.post(self.office.client(who), path, files=files, **fields)

    def done(self, path: str, who: str, files: Any = None, **fields: Any) -> str:
        """A form that is accepted; the words of the page it leads to. The fields must be those of the page's own
        form, and its button must work."""
        named, open_ = self.form(path, who)
        sent = {*fields, *(files or {})} - {"nothing", "kept_1", "drop_1"}
        assert sent <= named, (path, sent - named)
        assert open_, f"the button for {path} is disabled"
        answer = self.send(path, who, files, **fields)
        assert answer.status_code == 303, said(answer.text)[:1500]
        assert not answer.headers["location"].startswith("/login"), path
        return said(self.office.follow(self.office.client(who), answer).text)

    def form(self, path: str, who: str) -> tuple[set[str], bool]:
        """The names of the fields of the forms that send to a path, and whether one can be sent."""
        page = self.here if path.startswith(self.here) and path.rpartition("/")[2] in STEPS else path
        forms = Forms(path)
        forms.feed(self.office.client(who).get(page).text)
        assert forms.found, f"no form for {path} on {page}"
        return forms.names, forms.open

    def refused(self, path: str, who: str, files: Any = None, status: int = 422, **fields: Any) -> str:
        answer = self.send(path, who, files, **fields)
        assert answer.status_code == status, (answer.status_code, said(answer.text)[:1500])
        return said(answer.text)

    def sheet(self, scorer: str, code: str, who: str, *, evidence: bool = True, **fields: Any) -> str:
        """One indicator with one row."""
        files = {"file_1": ("a.jpg", photo(), "image/jpeg")} if evidence else NOTHING
        row = {f"{name}_1": value for name, value in fields.items()}
        return self.done(f"{self.here}/sheets/{scorer}/{code}", who, files, unrelated="1", **row)

    def clean(self, scorer: str, who: str, *codes: str) -> str:
        """Indicators in which nothing cost points."""
        return self.done(f"{self.here}/sheets/{scorer}", who, indicator=list(codes), unrelated="1")

    def to_scoring(self) -> None:
        """Opened, assessed, figures taken: without a word about the pages."""
        self.done(self.office.path("/evaluations"), "party", span="2025-Q2", scope="")
        self.to(date(2025, 7, 5))
        self.done(f"{self.here}/self", "reviewer", points_S1="9.5", text="本季度按合同履约。")
        self.done(f"{self.here}/figures", "party")

    def sheets(self) -> None:
        """Everybody's, with two nights without a patrol and a missing paper."""
        patrol = {"rule": "patrol", "on": "2025-05-03", "what": "夜间漏巡", "count": "3"}
        self.sheet("committee", "S2", "committee", **patrol)
        self.clean("committee", "committee", "S1", "S3", "S4", "S5")
        self.clean("party", "party", "S2", "S3", "S4", "P1", "P6", "P8")
        self.sheet("party", "P9", "party", on="2025-06-01", what="缺联席会议制度台账", count="1")
        self.sheet("party", "P2", "party", on="2025-06-30", what="五人中三人交叉任职", count="3", whole="5")
        self.sheet(
            "party", "P7", "party", on="2025-06-30", what="年度计划十场办了八场", count="8", whole="10"
        )
        self.clean("supervisor", "supervisor", "S7")

    def answers(self, *choices: str) -> None:
        """The resident's homes answer, one after another."""
        self.done(f"{self.here}/survey", "party", closes_on="2025-07-12")
        for place, choice in enumerate(choices, start=1):
            self.done(self.mine, "resident", home=str(place), choice=choice)
        self.to(date(2025, 7, 13))

    def to_final(self) -> None:
        """Past the days for appeals."""
        self.to(date(2025, 7, 21))
        self.done(f"{self.here}/final", "party")

    def state(self) -> State:
        with reading(self.office.engine) as conn:
            return read_state(conn, self.office.trust_id, self.no)

    def result(self) -> Result:
        with reading(self.office.engine) as conn:
            return read_result(conn, self.office.trust_id, self.no)


def settle_desk(office: OfficeSite, least: int = 5) -> Desk:
    """Eight more homes of the resident's, and a scheme for so few."""
    person = office.person("resident").person
    with writing(office.engine) as conn:
        now = act(OPENED)
        add_units(conn, office.trust_id, [Unit(home, "3", "home", 90_00) for home in HOMES])
        for home in HOMES:
            grant(conn, office.trust_id, person, Role.RESIDENT, by="测试", act=now, unit=home)
        scheme = small_scheme() if least == 5 else default_scheme()
        early = act(FIRST - timedelta(days=30))
        record_scheme(conn, office.trust_id, scheme, FIRST, "业委会第3次会议", office.actor("party"), early)
    office.clock.to(date(2025, 6, 30))
    return Desk(office)
