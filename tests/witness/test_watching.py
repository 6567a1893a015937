"""A witness on its own machine: signs what grew, and nothing else; every attack is an alarm with evidence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from disclosure.cli.main import mingzhang
from disclosure.watching.folder import alone
from disclosure.watching.remote import Remote, Unreachable
from disclosure.watching.witness import Alarmed, Look, create_witness, load_witness, look, place_of
from ledger.log.checkpoint import Checkpoint
from ledger.log.growth import Alarm, check_growth
from ledger.log.note import NoteError, open_note, split_note
from tests.log.books import SIGNER, VKEY
from tests.log.test_note import signer
from tests.witness.served import NOW, Operator, operating, small_log

NAME = "jiedao.example/w1"


class Watch:
    """A witness and the site it watches."""

    def __init__(self, folder: Path, operator: Operator, address: str) -> None:
        self.folder, self.operator, self.address = folder, operator, address
        self.witness = create_witness(folder, NAME)
        self.days = 0

    def look(self, key: str | None = VKEY) -> Look:
        self.days += 1
        with Remote(self.address) as remote:
            return look(self.witness, self.folder, remote, key, NOW + timedelta(days=self.days))

    def alarm(self, key: str | None = VKEY) -> Alarmed:
        posted = len(self.operator.posted)
        kept = self.kept()
        with pytest.raises(Alarmed) as caught:
            self.look(key)
        assert len(self.operator.posted) == posted, "it signed what it should have refused"
        assert self.kept() == kept, "it gave up what it had kept"
        return caught.value

    def kept(self) -> str:
        return (place_of(self.folder, self.address) / "checkpoint").read_text("utf-8")


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    operator = Operator(small_log(40))
    with operating(operator) as address:
        yield Watch(tmp_path / "witness", operator, address)


def evidence(alarm: Alarmed) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in alarm.place.iterdir()}


# --- Honest logs --------------------------------------------------------------------------------------------


def test_it_signs_a_log_that_grows(watch: Watch) -> None:
    first = watch.look()
    assert (first.old, first.size, first.accepted) == (None, 40, True)
    watch.operator.log = small_log(300)
    second = watch.look()
    assert (second.old, second.size) == (40, 300)
    assert "consistency/40/300" in watch.operator.asked
    body, lines = split_note(second.cosigned)
    assert watch.operator.posted[-1].decode() == second.cosigned
    assert open_note(second.cosigned, [SIGNER.verifier]).text == body
    by_witness = next(line for line in lines if line.name == NAME)
    assert watch.witness.key.verify(body, by_witness) == int((NOW + timedelta(days=2)).timestamp())


def test_it_signs_a_log_that_stands_still_again(watch: Watch) -> None:
    assert watch.look().cosigned != watch.look().cosigned  # another time


def test_it_keeps_the_first_key_it_sees_if_none_is_given(watch: Watch) -> None:
    watch.look(None)
    assert (place_of(watch.folder, watch.address) / "key").read_text().strip() == VKEY


def test_what_was_kept_survives_a_crash_before_sending(watch: Watch) -> None:
    watch.operator.log = small_log(41)

    class Cut(Remote):
        def send_cosignature(self, note: str) -> dict[str, object]:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), Cut(watch.address) as remote:
        look(watch.witness, watch.folder, remote, VKEY, NOW)
    watch.operator.log = small_log(40)
    assert watch.alarm().code == "shrunk"  # it signed 41 in that run: it remembers


# --- The five attacks, and two more ---------------------------------------------------------------------------


def test_attack_edit_an_entry_and_sign_again(watch: Watch) -> None:
    watch.look()
    watch.operator.log = small_log(60, no12="收到物业费（改）")
    alarm = watch.alarm()
    assert alarm.code == "rewritten"
    assert "旧账被改写" in str(alarm)
    files = evidence(alarm)
    assert files["留存的凭据.txt"] == watch.kept()
    assert files["网站出示的凭据.txt"] == watch.operator.note()
    assert files["网站给的证明.txt"]
    assert "业主委员会" in files["说明.txt"]


def test_attack_drop_the_newest(watch: Watch) -> None:
    watch.look()
    watch.operator.log = small_log(39)
    alarm = watch.alarm()
    assert alarm.code == "shrunk"
    assert "留存的凭据有 40 条，网站现在只出示 39 条" in str(alarm)


def test_attack_two_histories_of_the_same_size(watch: Watch) -> None:
    watch.look()
    watch.operator.log = small_log(40, no39="另一种说法")
    assert watch.alarm().code == "forked"


def test_attack_insert_an_entry_in_the_past(watch: Watch) -> None:
    from tests.log.books import entries, entry, leaves_of
    from tests.log.trees import MemoryLog

    watch.look()
    made = entries(45)
    watch.operator.log = MemoryLog(leaves_of([*made[:10], entry(10, summary="插进来的"), *made[10:]]))
    assert watch.alarm().code == "rewritten"


def test_attack_replay_an_old_checkpoint(watch: Watch) -> None:
    watch.operator.log = small_log(50)
    watch.look()
    watch.operator.size = 40
    assert watch.alarm().code == "shrunk"


def test_attack_sign_with_another_key(watch: Watch) -> None:
    watch.look()
    watch.operator.signer = signer(SIGNER.name, b"\x09" * 32)
    alarm = watch.alarm()
    assert alarm.code == "other_key"
    assert evidence(alarm)["网站出示的公钥.txt"].strip() == watch.operator.signer.verifier.vkey
    watch.operator.spoil["key"] = VKEY.encode()  # the true key beside a forged head
    assert watch.alarm().code == "signature"


def test_attack_refuse_the_proof(watch: Watch) -> None:
    watch.look()
    watch.operator.log = small_log(60)
    watch.operator.missing.add("consistency/40/60")
    assert watch.alarm().code == "no_proof"
    watch.operator.missing.clear()
    watch.operator.spoil["consistency/40/60"] = b"nonsense\n"
    assert watch.alarm().code == "rewritten"


def test_the_same_evidence_is_kept_once(watch: Watch) -> None:
    watch.look()
    watch.operator.log = small_log(39)
    assert watch.alarm().place == watch.alarm().place
    watch.operator.log = small_log(38)
    places = place_of(watch.folder, watch.address) / "evidence"
    watch.alarm()
    assert len(list(places.iterdir())) == 2


def test_a_site_that_is_away_is_no_alarm(watch: Watch) -> None:
    watch.look()
    watch.operator.missing.add("checkpoint")
    with pytest.raises(Unreachable, match="404"):
        watch.look()


def test_a_line_that_breaks_before_the_proof_is_no_alarm_and_no_signature(watch: Watch) -> None:
    watch.look()
    watch.operator.log = small_log(60)
    watch.operator.failing.add("consistency/40/60")
    with pytest.raises(Unreachable, match="接连几次都这样，请当作警报"):
        watch.look()
    assert len(watch.operator.posted) == 1
    watch.operator.failing.clear()
    assert watch.look().old == 40  # it still asks from where it stood


def test_what_a_site_answers_is_bounded_and_does_not_paint_over_the_screen(watch: Watch) -> None:
    refusal = {"ok": False, "problems": [{"message": "\x1b[2J一切正常\r\x9b1A" + "好" * 400}] * 20}
    watch.operator.reply = json.dumps(refusal).encode()
    said = watch.look().sent
    assert "一切正常" in said
    assert said.isprintable()
    assert len(said) < 2_000
    watch.operator.reply = b'{"ok": true, "x": "' + b"x" * 2_000_000
    assert "太大" in watch.look().sent


def test_a_site_that_drips_is_left(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("disclosure.watching.remote._PATIENCE", -1.0)
    with pytest.raises(Unreachable, match="太慢"):
        watch.look()


def test_other_packings_than_gzip_are_not_unfolded(watch: Watch) -> None:
    watch.operator.encoding = b"br"
    with pytest.raises(Unreachable, match="压缩"):
        watch.look()


def test_a_flood_is_not_read(watch: Watch) -> None:
    watch.operator.spoil["checkpoint"] = b"x" * 2_000_000
    with pytest.raises(Unreachable, match="太大"):
        watch.look()


# --- The machine of the witness -------------------------------------------------------------------------------


def test_a_key_is_never_replaced_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    create_witness(tmp_path, NAME)
    assert (tmp_path / "key.pem").stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        create_witness(tmp_path, "another.example/w2")
    assert load_witness(tmp_path).name == NAME
    with pytest.raises(NoteError):
        create_witness(tmp_path / "other", "a name with blanks")


def test_another_key_than_the_kept_one_is_asked_about(watch: Watch) -> None:
    watch.look()
    with pytest.raises(NoteError, match="不是同一把"):
        watch.look(signer(SIGNER.name, b"\x09" * 32).verifier.vkey)


def test_two_runs_do_not_meet(watch: Watch) -> None:
    with alone(place_of(watch.folder, watch.address)), pytest.raises(OSError, match="另一个明账程序"):
        watch.look()


@pytest.mark.parametrize("address", ["heyuan", "ftp://x/c/heyuan", "http://x/heyuan", "https:///c/x"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="不是小区的网址"):
        Remote(address)


def test_the_address_of_any_page_of_the_community_will_do() -> None:
    with Remote("https://x.example/c/heyuan/entries/A-2025-000001") as remote:
        assert remote.address == "https://x.example/c/heyuan"


# --- As a command -------------------------------------------------------------------------------------------


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(mingzhang, list(arguments), standalone_mode=False)
    code = (
        result.return_value if isinstance(result.return_value, int) else 0 if result.exception is None else 1
    )
    return code, result.stdout, result.stderr


def test_the_command_signs_and_shouts(watch: Watch, tmp_path: Path) -> None:
    folder = str(tmp_path / "mine")
    code, out, _ = run("witness", "new", "yewei.example/w1", "--folder", folder)
    assert code == 0
    assert "yewei.example/w1+" in out
    again = ("witness", "run", watch.address, "--key", VKEY, "--once", "--folder", folder)
    code, out, _ = run(*again)
    assert (code, "第一次看" in out) == (0, True)
    watch.operator.log = small_log(20)
    code, out, err = run(*again, "--json")
    assert code == 3
    assert "警报" in err
    assert "没有签名" in err
    told = json.loads(out)
    assert (told["ok"], told["alarm"]) == (False, "shrunk")
    assert Path(told["evidence"]).is_dir()
    code, _, err = run("witness", "run", f"{watch.address}x", "--once", "--folder", folder)
    assert code == 1


def test_a_log_that_stumbles_does_not_hide_the_others(watch: Watch, tmp_path: Path) -> None:
    folder = str(tmp_path / "mine")
    run("witness", "new", "yewei.example/w1", "--folder", folder)
    hostile = Operator(small_log(40), spoil={"key": b"no key at all"})
    with operating(hostile) as address:
        code, out, _ = run("witness", "run", address, watch.address, "--once", "--folder", folder)
    assert code == 1
    assert "第一次看" in out, "the second log was looked at"


# --- The judgement itself -------------------------------------------------------------------------------------


def test_growth_from_nothing_and_from_the_same() -> None:
    head = Checkpoint("x", 3, b"\1" * 32)
    check_growth(None, head, [])
    check_growth(head, head, [])
    with pytest.raises(Alarm) as caught:
        check_growth(head, Checkpoint("x", 4, b"\2" * 32), [])
    assert caught.value.code == "rewritten"
