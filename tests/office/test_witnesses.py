"""The office page of witnesses: the chair registers and ends, others of the office only read."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.log.cosignature import Witness
from ledger.people.audit import AuditFilter, read_audit
from ledger.store.engine import reading
from ledger.witnesses import read_witnesses
from tests.office.conftest import OfficeSite

KEY = Witness("yewei.example/w1", Ed25519PrivateKey.from_private_bytes(b"\x31" * 32)).key


def test_the_chair_registers_and_ends_a_witness(office: OfficeSite) -> None:
    chair, page = office.client("chair"), office.path("/witnesses")
    answer = office.post(chair, page, title="业主委员会", vkey=f"  {KEY.vkey}\n")
    assert "已登记见证人“业主委员会”" in office.follow(chair, answer).text
    answer = office.post(chair, f"{page}/end", name=KEY.name, reason="钥匙丢失")
    shown = office.follow(chair, answer).text
    assert "停用：钥匙丢失" in shown
    with reading(office.engine) as conn:
        assert [item.active for item in read_witnesses(conn, office.trust_id)] == [False]
        trail = read_audit(conn, office.trust_id, AuditFilter("", "", "", None))
    assert {item.action for item in trail} >= {"witness.register", "witness.end"}


def test_mistakes_are_said_on_the_page(office: OfficeSite) -> None:
    chair, page = office.client("chair"), office.path("/witnesses")
    answer = office.post(chair, page, title="", vkey="抄错了")
    assert answer.status_code == 422
    assert "请填写见证人" in answer.text
    answer = office.post(chair, page, title="街道", vkey="抄错了")
    assert answer.status_code == 422
    assert 'value="抄错了"' in answer.text, "what was typed is lost"
    answer = office.post(chair, f"{page}/end", name="nobody", reason="x")
    assert answer.status_code == 422


def test_the_bookkeeper_reads_and_finds_no_form(office: OfficeSite) -> None:
    page = office.client("preparer").get(office.path("/witnesses"))
    assert page.status_code == 200
    assert "登记一位见证人" not in page.text
    operator = office.client("operator").get(office.path("/witnesses")).text
    assert "登记一位见证人" in operator
    assert "停用一位见证人" not in operator
