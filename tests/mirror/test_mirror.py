"""A full copy that only grows: every file verified before it is taken in, every attack refused with evidence."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from disclosure.cli.main import mingzhang
from disclosure.watching.mirror import Damaged, Mirrored, mirror
from disclosure.watching.remote import Remote, Unreachable
from disclosure.watching.witness import Alarmed
from ledger.log.bundle import verify_bundle
from ledger.log.tiles import all_tiles
from tests.log.books import SIGNER, VKEY
from tests.log.test_note import signer
from tests.witness.served import NOW, Operator, operating, small_log


class Copy:
    """A copy on disk and the site it comes from."""

    def __init__(self, folder: Path, operator: Operator, address: str) -> None:
        self.folder, self.operator, self.address = folder, operator, address

    def run(self, key: str | None = VKEY) -> Mirrored:
        with Remote(self.address) as remote:
            return mirror(self.folder, remote, key, NOW)

    def refused(self) -> Alarmed:
        before = self.files()
        with pytest.raises(Alarmed) as caught:
            self.run()
        assert self.files() == before, "the copy was touched"
        assert verify_bundle(self.folder, VKEY).ok
        return caught.value

    def files(self) -> dict[str, bytes]:
        """Everything a verifier reads."""
        known = [*self.folder.glob("checkpoint*"), self.folder / "key", *(self.folder / "tile").rglob("*")]
        return {
            path.relative_to(self.folder).as_posix(): path.read_bytes() for path in known if path.is_file()
        }


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Copy]:
    operator = Operator(small_log(300))
    with operating(operator) as address:
        yield Copy(tmp_path / "copy", operator, address)


def flipped(data: bytes | None, at: int) -> bytes:
    assert data is not None
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


# --- Honest sites -------------------------------------------------------------------------------------------


def test_a_new_copy_has_every_file_and_verifies_offline(copy: Copy) -> None:
    done = copy.run()
    assert (done.old, done.size, done.files) == (None, 300, 5)
    assert set(copy.files()) == {"checkpoint", "key"} | {tile.path for tile in all_tiles(300)}
    report = verify_bundle(copy.folder, VKEY, [copy.operator.note(200)])
    assert report.ok
    assert (report.leaves, report.old_confirmed) == (300, 1)


def test_only_what_is_new_is_fetched(copy: Copy) -> None:
    copy.run()
    copy.operator.log = small_log(700)
    copy.operator.asked.clear()
    done = copy.run()
    assert (done.old, done.size) == (300, 700)
    assert "tile/entries/000" not in copy.operator.asked
    assert "tile/0/000" not in copy.operator.asked
    assert set(copy.files()) == {"checkpoint", "key"} | {tile.path for tile in all_tiles(700)}
    assert verify_bundle(copy.folder, VKEY, [copy.operator.note(300)]).ok
    assert (copy.folder / "checkpoints" / "300").read_text("utf-8") == copy.operator.note(300)
    assert copy.run().files == 0


def test_an_interrupted_run_goes_on(copy: Copy) -> None:
    copy.operator.missing.add("tile/entries/001.p/44")
    with pytest.raises(Unreachable, match="再运行一次会接着下载"):
        copy.run()
    assert not (copy.folder / "checkpoint").exists()
    copy.operator.missing.clear()
    copy.operator.asked.clear()
    assert copy.run().files == 1
    assert [path for path in copy.operator.asked if path.startswith("tile/")] == ["tile/entries/001.p/44"]
    assert verify_bundle(copy.folder, VKEY).ok


def test_what_an_interrupted_run_left_spoilt_is_fetched_again(copy: Copy) -> None:
    copy.operator.missing.add("tile/entries/001.p/44")
    with pytest.raises(Unreachable):
        copy.run()
    left = copy.folder / ".incoming" / "tile" / "0" / "000"
    left.write_bytes(flipped(left.read_bytes(), 7))
    copy.operator.missing.clear()
    assert copy.run().size == 300
    assert verify_bundle(copy.folder, VKEY).ok


def test_a_run_that_was_killed_goes_on(copy: Copy) -> None:
    held, go_on = threading.Event(), threading.Event()
    honest = copy.operator.file

    def slow(path: str) -> bytes | None:
        if path == "tile/entries/001.p/44" and not go_on.is_set():
            held.set()
            go_on.wait(30)
        return honest(path)

    copy.operator.file = slow  # type: ignore[method-assign]
    program = "from disclosure.cli import main; main()"
    command = [
        sys.executable,
        "-c",
        program,
        "mirror",
        copy.address,
        str(copy.folder),
        "--key",
        VKEY,
        "--json",
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        assert held.wait(60), "it never asked for that file"
    finally:
        process.kill()  # SIGKILL: nothing is tidied up
        process.wait()
        go_on.set()
    assert not (copy.folder / "checkpoint").exists()
    copy.operator.asked.clear()
    assert copy.run().size == 300
    assert [path for path in copy.operator.asked if path.startswith("tile/")] == ["tile/entries/001.p/44"]
    assert verify_bundle(copy.folder, VKEY).ok


@pytest.mark.parametrize("moves", range(7))
def test_a_crash_while_files_move_in_loses_nothing(
    copy: Copy, moves: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy.run()
    before = copy.files()
    copy.operator.log = small_log(700)
    true, done = Path.replace, list[Path]()

    def crash(self: Path, target: Path) -> Path:
        if ".incoming" not in str(target):
            done.append(self)
            if len(done) > moves:
                raise KeyboardInterrupt
        return true(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", crash)
        with pytest.raises(KeyboardInterrupt):
            copy.run()
    assert before.items() <= copy.files().items(), "something the old head covers is gone"
    copy.operator.log = small_log(800)
    path = "tile/entries/003.p/32"
    copy.operator.spoil[path] = flipped(copy.operator.file(path), 40)
    with pytest.raises(Alarmed) as caught:  # the site's fault is not laid on the crash
        copy.run()
    assert caught.value.code == "does_not_verify"
    copy.operator.spoil.clear()
    assert copy.run().size == 800
    assert verify_bundle(copy.folder, VKEY, [copy.operator.note(300)]).ok


# --- The five attacks -----------------------------------------------------------------------------------------


def test_attack_edit_an_entry_and_sign_again(copy: Copy) -> None:
    copy.run()
    copy.operator.log = small_log(400, no12="收到物业费（改）")
    alarm = copy.refused()
    assert alarm.code == "rewritten"
    kept = {path.name for path in alarm.place.iterdir()}
    assert {"留存的凭据.txt", "网站出示的凭据.txt", "说明.txt"} <= kept
    assert (alarm.place / "网站出示的凭据.txt").read_text("utf-8") == copy.operator.note()


def test_attack_drop_the_newest(copy: Copy) -> None:
    copy.run()
    copy.operator.log = small_log(299)
    assert copy.refused().code == "shrunk"


def test_attack_two_histories(copy: Copy) -> None:
    copy.run()
    copy.operator.log = small_log(300, no299="另一种说法")
    assert copy.refused().code == "forked"


def test_attack_replay_an_old_checkpoint(copy: Copy) -> None:
    copy.run()
    copy.operator.size = 200
    assert copy.refused().code == "shrunk"


@pytest.mark.parametrize(
    "path", ["tile/0/001", "tile/1/000.p/2", "tile/entries/001", "tile/entries/002.p/88"]
)
def test_attack_change_a_byte_of_a_file(copy: Copy, path: str) -> None:
    copy.run()
    copy.operator.log = small_log(600)
    copy.operator.spoil[path] = flipped(copy.operator.file(path), 40)
    alarm = copy.refused()
    assert alarm.code == "does_not_verify"
    assert (alarm.place / "files" / path).read_bytes() == copy.operator.spoil[path]
    copy.operator.spoil.clear()
    assert copy.run().size == 600  # and an honest answer is still taken in


def test_another_key_is_refused(copy: Copy) -> None:
    copy.run(None)
    copy.operator.signer = signer(SIGNER.name, b"\x09" * 32)
    assert copy.refused().code == "other_key"


def test_a_copy_that_rotted_is_not_blamed_on_the_site(copy: Copy) -> None:
    copy.run()
    path = copy.folder / "tile" / "entries" / "000"
    path.write_bytes(flipped(path.read_bytes(), 99))
    copy.operator.log = small_log(301)
    with pytest.raises(Damaged, match="不是网站的问题"):
        copy.run()


# --- As a command -------------------------------------------------------------------------------------------


def test_the_command(copy: Copy) -> None:
    command = ["mirror", copy.address, str(copy.folder), "--key", VKEY, "--json"]
    result = CliRunner().invoke(mingzhang, command, standalone_mode=False)
    assert result.exception is None
    assert json.loads(result.stdout)["size"] == 300
    copy.operator.log = small_log(20)
    result = CliRunner().invoke(mingzhang, command, standalone_mode=False)
    assert result.return_value == 3
    assert json.loads(result.stdout)["alarm"] == "shrunk"
    assert "原来的副本没有动" in result.stderr
