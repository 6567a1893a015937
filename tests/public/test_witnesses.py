"""Witnesses at the site: who may be one, whose signature is taken, what is shown of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from disclosure.app import create_app
from disclosure.watching.mirror import mirror
from disclosure.watching.remote import Remote
from disclosure.watching.witness import create_witness, look
from ledger.errors import Refused
from ledger.log.bundle import verify_bundle
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.log.cosignature import Witness
from ledger.log.keys import load_signer
from ledger.log.note import open_note, split_note
from ledger.log.store import latest_checkpoint
from ledger.people import Actor, Forbidden, Role
from ledger.store.engine import reading, writing
from ledger.trust import Act
from ledger.witnesses import (
    cosigned_note,
    end_witness,
    read_witnesses,
    receive_cosignatures,
    register_witness,
    signed_by,
)
from tests.public.community import NOW, SLUG, TRUST_ID, clock_at, entropy
from tests.public.conftest import Site
from tests.serving import serving

ACT = Act(NOW, entropy)
CHAIR = Actor("p1", "主任（chair）", frozenset({Role.CHAIR}))
OPERATOR = Actor("p2", "管理员（operator）", frozenset({Role.OPERATOR}))
ONE = Witness("yewei.example/w1", Ed25519PrivateKey.from_private_bytes(b"\x21" * 32))
TWO = Witness("jiedao.example/w2", Ed25519PrivateKey.from_private_bytes(b"\x22" * 32))
LOG = f"/c/{SLUG}/log"


def register(site: Site, witness: Witness, title: str, actor: Actor = CHAIR) -> None:
    with writing(site.community.engine) as conn:
        register_witness(conn, TRUST_ID, witness.key.vkey, title, actor, ACT)


def newest(site: Site) -> str:
    with reading(site.community.engine) as conn:
        signed = latest_checkpoint(conn, TRUST_ID)
    assert signed is not None
    return signed.note


def witnessed(note: str, witness: Witness, ahead: timedelta = timedelta()) -> str:
    return note + witness.cosign(split_note(note)[0], int((NOW + ahead).timestamp())) + "\n"


def send(site: Site, note: str | bytes) -> tuple[int, Any]:
    body = note.encode() if isinstance(note, str) else note
    answer = site.client.post(f"{LOG}/cosignature", content=body, headers={"content-type": "text/plain"})
    return answer.status_code, answer.json()


def code_of(answer: tuple[int, Any]) -> tuple[int, str]:
    return answer[0], answer[1]["problems"][0]["code"]


# --- Registering --------------------------------------------------------------------------------------------


def test_only_chair_and_operator_register_and_only_the_chair_ends(own_site: Site) -> None:
    register(own_site, ONE, "业主委员会")
    register(own_site, TWO, "××街道办事处", OPERATOR)
    bookkeeper = Actor("p3", "会计", frozenset({Role.PREPARER}))
    with pytest.raises(Forbidden), writing(own_site.community.engine) as conn:
        register_witness(conn, TRUST_ID, ONE.key.vkey, "x", bookkeeper, ACT)
    with pytest.raises(Forbidden), writing(own_site.community.engine) as conn:
        end_witness(conn, TRUST_ID, ONE.name, "换人", OPERATOR, ACT)
    with writing(own_site.community.engine) as conn:
        end_witness(conn, TRUST_ID, ONE.name, "钥匙丢了", CHAIR, ACT)
    with reading(own_site.community.engine) as conn:
        assert [(item.key.name, item.active) for item in read_witnesses(conn, TRUST_ID)] == [
            (TWO.name, True),
            (ONE.name, False),
        ]


def test_a_witness_is_described_without_private_data(own_site: Site) -> None:
    """Title and reason stand on the public page."""
    with pytest.raises(Refused, match="手机号"):
        register(own_site, ONE, "业委会 13800138000")
    register(own_site, ONE, "业主委员会")
    with pytest.raises(Refused, match="手机号"), writing(own_site.community.engine) as conn:
        end_witness(conn, TRUST_ID, ONE.name, "请打 13800138000", CHAIR, ACT)


def test_what_can_not_be_registered(own_site: Site) -> None:
    register(own_site, ONE, "业主委员会")
    own = load_signer(own_site.config.key_path(SLUG), f"mingzhang.example/c/{SLUG}/log")
    other_name = Witness("other.example/w", ONE.private_key)
    other_key = Witness(ONE.name, TWO.private_key)
    cases = [
        (ONE.key.vkey, "known_witness"),
        (other_name.key.vkey, "known_witness"),
        (other_key.key.vkey, "known_witness"),
        (own.verifier.vkey, "bad_key"),
        (Witness("mingzhang.example/x", own.private_key).key.vkey, "own_key"),
        ("nonsense", "bad_key"),
        ("", "bad_key"),
    ]
    for vkey, code in cases:
        with pytest.raises(Refused) as caught, writing(own_site.community.engine) as conn:
            register_witness(conn, TRUST_ID, vkey, "见证人", CHAIR, ACT)
        assert caught.value.codes == {code}, vkey


# --- Taking in ------------------------------------------------------------------------------------------------


def test_a_registered_witness_is_shown_and_served(own_site: Site) -> None:
    assert own_site.client.get(f"{LOG}/cosigned").status_code == 404
    register(own_site, ONE, "业主委员会")
    register(own_site, TWO, "××街道办事处")
    note = newest(own_site)
    assert send(own_site, witnessed(note, ONE)) == (
        200,
        {"ok": True, "taken": [{"name": ONE.name, "size": int(note.split("\n")[1]), "kept": True}]},
    )
    assert send(own_site, witnessed(note, ONE, timedelta(minutes=5)))[1]["taken"][0]["kept"] is False
    assert send(own_site, witnessed(note, TWO))[0] == 200
    assert own_site.client.get(f"{LOG}/checkpoint").text == note, "the plain checkpoint changed"
    cosigned = own_site.client.get(f"{LOG}/cosigned").text
    body, lines = split_note(cosigned)
    assert cosigned.startswith(note)
    assert {line.name for line in lines} == {f"mingzhang.example/c/{SLUG}/log", ONE.name, TWO.name}
    for witness in (ONE, TWO):
        line = next(item for item in lines if item.name == witness.name)
        assert witness.key.verify(body, line) == int(NOW.timestamp())
    page = own_site.client.get(f"/c/{SLUG}/verify").text
    assert "现有 2 位，2 位签过名，2 位签到了最新" in page
    about = own_site.client.get(f"{LOG}/about").json()
    assert [(w["title"], w["size"] > 0, w["active"]) for w in about["witnesses"]] == [
        ("××街道办事处", True, True),
        ("业主委员会", True, True),
    ]
    for shown, witness in zip(about["witnesses"], (TWO, ONE), strict=True):
        by_itself, (_, line) = split_note(shown["note"])
        assert (by_itself, line.name) == (body, witness.name)
    page = own_site.client.get(f"/c/{SLUG}/verify").text
    assert "××街道办事处" in page
    assert ONE.key.vkey in page
    assert "（chair）" not in page, "who registered it is nobody's business outside"


def test_what_is_not_taken(own_site: Site) -> None:
    register(own_site, ONE, "业主委员会")
    note = newest(own_site)
    body = split_note(note)[0]
    size = int(note.split("\n")[1])
    own = load_signer(own_site.config.key_path(SLUG), f"mingzhang.example/c/{SLUG}/log")
    forked = sign_checkpoint(Checkpoint(own.name, size, b"\1" * 32), own)
    larger = sign_checkpoint(Checkpoint(own.name, size + 1, b"\1" * 32), own)
    elsewhere = sign_checkpoint(Checkpoint("x.example/log", size, b"\1" * 32), own)
    forged = witnessed(note, ONE).replace("\n" + str(size) + "\n", "\n" + str(size) + "0\n", 1)
    assert code_of(send(own_site, note)) == (403, "unknown_witness")
    assert code_of(send(own_site, witnessed(note, TWO))) == (403, "unknown_witness")
    assert code_of(send(own_site, forged)) == (403, "bad_signature")
    assert code_of(send(own_site, witnessed(forked, ONE))) == (409, "conflict")
    assert code_of(send(own_site, witnessed(larger, ONE))) == (404, "unknown_size")
    assert code_of(send(own_site, witnessed(elsewhere, ONE))) == (400, "other_log")
    assert code_of(send(own_site, witnessed(note, ONE, timedelta(hours=2)))) == (400, "from_the_future")
    assert code_of(send(own_site, b"\xff\xfe")) == (400, "bad_note")
    assert code_of(send(own_site, body)) == (400, "bad_note")
    with writing(own_site.community.engine) as conn:
        end_witness(conn, TRUST_ID, ONE.name, "钥匙丢了", CHAIR, ACT)
    assert code_of(send(own_site, witnessed(note, ONE))) == (403, "unknown_witness")
    with reading(own_site.community.engine) as conn:
        assert cosigned_note(conn, TRUST_ID) is None


def test_a_witness_that_still_watches_is_seen_to(own_site: Site) -> None:
    register(own_site, ONE, "业主委员会")
    note = newest(own_site)
    for hours in range(4):
        act = Act(NOW + timedelta(hours=hours), entropy)
        with writing(own_site.community.engine) as conn:
            receive_cosignatures(conn, TRUST_ID, witnessed(note, ONE, timedelta(hours=hours)), act)
    with reading(own_site.community.engine) as conn:
        assert signed_by(conn, TRUST_ID)[0].signed_at == NOW + timedelta(hours=3)
        cosigned = cosigned_note(conn, TRUST_ID)
    assert cosigned is not None
    assert cosigned.count(ONE.name) == 1


@pytest.mark.db("sqlite")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(data=st.data())
def test_no_rubbish_makes_it_stumble(site: Site, data: st.DataObject) -> None:
    note = witnessed(newest(site), ONE)
    cut = st.integers(0, len(note))
    body = data.draw(
        st.binary(max_size=400)
        | st.text(max_size=400).map(str.encode)
        | st.tuples(cut, st.text(max_size=9), cut).map(
            lambda x: (note[: x[0]] + x[1] + note[x[2] :]).encode("utf-8", "replace")
        )
    )
    kind = data.draw(st.sampled_from(["text/plain", "application/json", "multipart/form-data", "", "x" * 50]))
    answer = site.client.post(f"{LOG}/cosignature", content=body, headers={"content-type": kind})
    assert answer.status_code in (400, 403, 404, 409), answer.text


def test_a_flood_is_turned_away(site: Site) -> None:
    answer = site.client.post(f"{LOG}/cosignature", content=b"x" * 100_000)
    assert 400 <= answer.status_code < 500
    assert site.client.post("/c/nowhere/log/cosignature", content=b"x").status_code == 404


# --- A whole round --------------------------------------------------------------------------------------------


@pytest.mark.db("sqlite")
def test_a_witness_and_this_site_understand_each_other(own_site: Site, tmp_path: Any) -> None:
    witness = create_witness(tmp_path / "w", "shenji.example/w3")
    register(own_site, witness, "审计单位")
    with (
        serving(create_app(own_site.config, now=clock_at(NOW))) as address,
        Remote(f"{address}/c/{SLUG}") as remote,
    ):
        found = look(witness, tmp_path / "w", remote, own_site.community.vkey, NOW)
        assert (found.accepted, found.sent) == (True, "网站收下了见证签名")
        served = remote.text("log/cosigned")
    assert served == found.cosigned
    own = load_signer(own_site.config.key_path(SLUG), f"mingzhang.example/c/{SLUG}/log")
    assert open_note(served, [own.verifier]).signed_by == (own.verifier,)


@pytest.mark.db("sqlite")
def test_a_mirror_of_this_site_verifies_offline(site: Site, tmp_path: Any) -> None:
    with (
        serving(create_app(site.config, now=clock_at(NOW))) as address,
        Remote(f"{address}/c/{SLUG}") as remote,
    ):
        done = mirror(tmp_path / "copy", remote, site.community.vkey, NOW)
    report = verify_bundle(tmp_path / "copy", site.community.vkey, [newest(site)])
    assert report.ok
    assert (report.leaves, report.old_confirmed) == (done.size, 1)
    assert report.entries > 20


# --- Reading from elsewhere -----------------------------------------------------------------------------------


def test_other_pages_may_read_the_log_and_nothing_else(site: Site) -> None:
    ref = site.community.refs["payment"]
    for path in (
        "log/key",
        "log/checkpoint",
        "log/about",
        f"entries/{ref}.json",
        f"entries/{ref}/proof",
        "log/none",
    ):
        answer = site.client.get(f"/c/{SLUG}/{path}")
        assert answer.headers.get("access-control-allow-origin") == "*", path
        assert "access-control-allow-credentials" not in answer.headers
    for path in ("", "/entries", f"/entries/{ref}", "/office", "/verify"):
        assert "access-control-allow-origin" not in site.client.get(f"/c/{SLUG}{path}").headers, path


def test_older_checkpoints_are_served_too(site: Site) -> None:
    note = newest(site)
    size = note.split("\n")[1]
    assert site.client.get(f"{LOG}/checkpoint/{size}").text == note
    for missing in ("1", "999999", "x", "9" * 40, "-1"):
        assert site.client.get(f"{LOG}/checkpoint/{missing}").status_code == 404
        assert site.client.get(f"{LOG}/timestamp/{missing}").status_code == 404


def test_the_verifier_is_a_download(site: Site) -> None:
    answer = site.client.get("/verifier.html")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "src=" not in answer.text
    assert "mingzhangLog" in answer.text
