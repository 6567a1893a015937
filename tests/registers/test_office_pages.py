"""The office's pages of registers and inspections, without a script."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ledger.registers import Checklist, Equipment, Paper, keep_row, open_points, read_inspection, rows_of
from ledger.store.engine import reading, writing
from tests.ledger.books import TODAY
from tests.office.conftest import OfficeSite, office
from tests.registers.town import ROUND, picture

__all__ = ["office"]
pytestmark = pytest.mark.db("sqlite")

SHEETS: dict[str, tuple[str, dict[str, Any], str]] = {
    "sync": ("party", {"item": "registration", "in_step": "yes"}, "登记备案"),
    "posts": ("party", {"organisation": "业主委员会", "seats": "5", "held": "3"}, "业主委员会"),
    "plans": ("party", {"year": "2025", "kind": "volunteer", "times": "12"}, "志愿服务"),
    "activities": (
        "party",
        {"kind": "volunteer", "title": "清理楼道", "people": "12", "hours": "24.5"},
        "24.5 小时",
    ),
    "safeguards": ("party", {"kind": "plan", "title": "防汛应急预案"}, "防汛应急预案"),
    "institutions": ("party", {"title": "议事规则", "kept": "no"}, "议事规则"),
    "equipment": (
        "preparer",
        {"kind": "lift", "title": "1号楼电梯", "place": "1号楼", "upkeep_days": "15"},
        "15 天",
    ),
    "papers": (
        "preparer",
        {"equipment": "1", "kind": "check", "number": "检字1", "good_until": "2025-07-10"},
        "2025-07-10",
    ),
    "checklists": (
        "preparer",
        {"title": "每周巡查", "every_days": "7", "fix_days": "3", "area_1": "fire", "what_1": "消防通道"},
        "每 7 天",
    ),
}


def keep(office: OfficeSite, *bodies: Checklist | Equipment | Paper) -> None:
    with writing(office.engine) as conn:
        for body in bodies:
            keep_row(conn, office.trust_id, body, TODAY, office.actor("preparer"), office.act())


def test_each_register_is_kept_updated_and_struck_on_its_page(office: OfficeSite) -> None:
    for name, (role, fields, shown) in SHEETS.items():
        client, path = office.client(role), office.path(f"/registers/{name}")
        desk = f"{path}/{'party' if role == 'party' else 'equipment'}"
        scan = {"scan": ("p.jpg", picture(), "image/jpeg")}
        done = office.post(client, desk, files=scan, **fields, on=TODAY.isoformat())
        assert "第 1 行已登记" in office.follow(client, done).text
        page = client.get(path).text
        assert shown in page
        assert "有，内部留存" in page
        office.follow(client, office.post(client, desk, files=scan, **fields, on=TODAY.isoformat(), no="1"))
        line = client.get(f"{path}/1").text
        assert "第 2 版" in line
    client = office.client("preparer")
    desk = office.path("/registers/papers/equipment")
    done = office.post(client, desk, files={"x": b""}, no="1", strike="1", why="录错了")
    assert "已划去" in office.follow(client, done).text
    assert "录错了" in client.get(office.path("/registers/papers/1")).text
    overview = client.get(office.path("/registers")).text
    assert "没有检验记录" in overview


def test_mistakes_are_said_with_what_was_typed(office: OfficeSite) -> None:
    client = office.client("party")
    path = office.path("/registers/activities/party")
    fields: dict[str, Any] = {
        "kind": "volunteer",
        "title": "帮1-101送药",
        "people": "x",
        "hours": "多",
        "on": "2025-06-01",
    }
    answer = office.post(client, path, files={"x": b""}, **fields)
    assert answer.status_code == 422
    for said in ("服务时长请填小时数", "人数请填", "帮1-101送药"):
        assert said in answer.text
    fields |= {"people": "3", "hours": "2"}
    answer = office.post(client, path, files={"x": b""}, **fields)
    assert answer.status_code == 422
    assert "台账只到组织层" in answer.text
    assert client.get(office.path("/registers/nothing")).status_code == 404
    assert client.get(office.path("/registers/posts/99")).status_code == 404


def test_a_register_is_closed_to_those_it_does_not_belong_to(office: OfficeSite) -> None:
    client = office.client("preparer")
    fields = SHEETS["posts"][1] | {"on": TODAY.isoformat()}
    answer = office.post(client, office.path("/registers/posts/equipment"), files={"x": b""}, **fields)
    assert answer.status_code == 403
    assert "登记一行" not in client.get(office.path("/registers/posts")).text


def test_an_inspection_is_sent_put_right_and_looked_at_again(office: OfficeSite) -> None:
    keep(office, ROUND)
    client, path = office.client("committee"), office.path("/inspections")
    assert "每日巡查" in client.get(path).text
    form = client.get(f"{path}/new?checklist=1").text
    assert 'capture="environment"' in form
    fields: dict[str, Any] = {"checklist": "1", "version": "1", "held_on": TODAY.isoformat()}
    answer = office.post(
        client,
        f"{path}/new",
        files={"x": b""},
        **fields,
        ok_1="yes",
        ok_2="no",
    )
    assert answer.status_code == 422
    assert "“北门岗亭”还没有选合格或不合格" in answer.text
    fields |= {"ok_1": "yes", "ok_2": "no", "ok_3": "yes", "words_2": "垃圾满出来了", "once": "a" * 24}
    photo = {"photo_2": ("p.jpg", picture(), "image/jpeg")}
    first = office.post(client, f"{path}/new", files=photo, **fields)
    assert "1 处不合格" in office.follow(client, first).text
    again = office.post(client, f"{path}/new", files=photo, **fields)
    assert again.headers["location"] == first.headers["location"]
    one = client.get(f"{path}/1").text
    assert "垃圾满出来了" in one
    assert client.get(f"{path}/1/pictures/2/0").headers["content-type"] == "image/jpeg"
    assert client.get(f"{path}/1/pictures/1/0").status_code == 404
    _settled(office, path)


def _settled(office: OfficeSite, path: str) -> None:
    trustee, committee = office.client("preparer"), office.client("committee")
    said: dict[str, Any] = {"words": "已清走", "on": TODAY.isoformat()}
    done = office.post(trustee, f"{path}/1/points/2/done", files={"x": b""}, **said)
    assert "已整改" in office.follow(trustee, done).text
    assert "没有要整改的" in trustee.get(path).text
    again = office.post(trustee, f"{path}/1/points/2/done", files={"x": b""}, **said)
    assert again.status_code == 422
    back = office.post(committee, f"{path}/1/points/2/open", files={"x": b""}, words="又满了", on=said["on"])
    assert "仍不合格" in office.follow(committee, back).text
    with reading(office.engine) as conn:
        assert len(open_points(conn, office.trust_id)) == 1
        assert [fix.state for fix in read_inspection(conn, office.trust_id, 1).points[1].fixes] == [
            "done",
            "open",
        ]


def test_the_desk_reminds_of_what_runs_out_and_what_waits(office: OfficeSite) -> None:
    keep(office, Equipment("lift", "1号楼电梯"), Equipment("water", "水箱", upkeep_days=10), ROUND)
    keep(office, Paper(1, "check", "检字1", TODAY + timedelta(days=30)))
    home = office.client("preparer").get(office.path()).text
    assert "设施检验快到期" in home
    assert "设施检验过期" in home, "the tank has no test at all"
    assert "设施维保逾期" not in home
    office.clock.to(TODAY + timedelta(days=11))
    fields: dict[str, Any] = {"checklist": "1", "version": "1", "held_on": TODAY.isoformat()}
    fields |= {"ok_1": "no", "words_1": "堵", "ok_2": "yes", "ok_3": "yes"}
    path = office.path("/inspections/new")
    party, preparer = (office.log_in(office.anyone(), role) for role in ("party", "preparer"))
    office.follow(party, office.post(party, path, files={"x": b""}, **fields))
    home = preparer.get(office.path()).text
    assert "设施维保逾期" in home
    assert "处，1 处已逾期" in home
    with reading(office.engine) as conn:
        assert len(rows_of(conn, office.trust_id, Equipment)) == 2
