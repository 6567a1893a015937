"""Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint)."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from ledger.log.checkpoint import (
    Checkpoint,
    CheckpointError,
    OriginError,
    open_checkpoint,
    sign_checkpoint,
)
from ledger.log.note import NoteError, Signer, Verifier, decode_base64, open_note, sign

# The published example of Go's note package: key, text and signature.
SEED = decode_base64("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
LINE = (
    "— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
NOTE = TEXT + "\n" + LINE

# A checkpoint of the Go checksum database, signed by its operators.
GO_VKEY = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
GO_NOTE = (
    "go.sum database tree\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— sum.golang.org "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
)


def signer(name: str = "example.org/mingheyuan", seed: bytes = b"\1" * 32) -> Signer:
    return Signer(name, Ed25519PrivateKey.from_private_bytes(seed))


def test_published_note() -> None:
    verifier = Verifier.from_vkey(VKEY)
    assert verifier.vkey == VKEY
    assert open_note(NOTE, [verifier]) == (TEXT, (verifier,))
    assert sign(TEXT, signer("PeterNeumann", SEED)) == NOTE


def test_checkpoint_signed_by_others() -> None:
    checkpoint = open_checkpoint(GO_NOTE, Verifier.from_vkey(GO_VKEY), origin="go.sum database tree")
    assert checkpoint.size == 20852163
    assert checkpoint.root.hex() == "0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62"
    with pytest.raises(OriginError, match=r"属于“go\.sum database tree”"):
        open_checkpoint(GO_NOTE, Verifier.from_vkey(GO_VKEY))


def test_other_signatures_are_ignored_but_one_must_be_known() -> None:
    witness, ours, stranger = signer("witness", b"\2" * 32), signer(), signer("stranger", b"\3" * 32)
    note = sign(TEXT, ours, witness)
    assert open_note(note, [ours.verifier]).signed_by == (ours.verifier,)
    assert open_note(note, [witness.verifier, ours.verifier]).signed_by == (ours.verifier, witness.verifier)
    with pytest.raises(NoteError, match="没有您信任的公钥"):
        open_note(note, [stranger.verifier])


def test_same_name_other_key_is_unknown() -> None:
    with pytest.raises(NoteError, match="没有您信任的公钥"):
        open_note(sign(TEXT, signer(seed=b"\4" * 32)), [signer().verifier])


def test_a_known_keys_bad_signature_spoils_the_note() -> None:
    ours, witness = signer(), signer("witness", b"\2" * 32)
    note = sign(TEXT, ours, witness).replace("problem", "Problem")
    good = sign(TEXT.replace("problem", "Problem"), witness).splitlines()[-1]
    with pytest.raises(NoteError, match="签名是假的"):
        open_note(note, [ours.verifier])
    with pytest.raises(NoteError, match="签名是假的"):
        open_note(f"{note}{good}\n", [ours.verifier, witness.verifier])


@pytest.mark.parametrize(
    "note",
    [
        "",
        TEXT,
        TEXT + LINE,  # no empty line
        TEXT + "\n",
        NOTE.rstrip("\n"),
        NOTE + "\n",
        NOTE.replace("\n", "\r\n"),
        NOTE.replace("— ", "- "),
        NOTE.replace("x08go", "x08g"),
        NOTE.replace("JnAM=", "JnAN="),  # a second spelling of the same bytes
        NOTE + "— name AAAA\n",
        NOTE + "— na+me AAAAAAAA\n",
        TEXT + "\n" + LINE * 101,
        "\x07" + NOTE,
        "\ud800" + NOTE,
        "x" * (1 << 20) + NOTE,
    ],
)
def test_malformed_notes(note: str) -> None:
    with pytest.raises(NoteError):
        open_note(note, [Verifier.from_vkey(VKEY)])


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "PeterNeumann",
        VKEY.replace("c74f20a3", "c74f20a4"),
        VKEY.replace("+ARpc", "+AhpC"),
        VKEY.replace("PeterNeumann", "Peter Neumann"),
        VKEY.replace("PeterNeumann", ""),
        VKEY[:-4],
        "a+00000000+AQ==",
    ],
)
def test_malformed_keys(vkey: str) -> None:
    with pytest.raises(NoteError):
        Verifier.from_vkey(vkey)


def test_signing_refuses_what_cannot_be_opened() -> None:
    for text in ("no newline", "tab\there\n", "\ud800\n"):
        with pytest.raises(NoteError):
            sign(text, signer())
    with pytest.raises(NoteError, match="没有可用的签名密钥"):
        sign(TEXT)
    with pytest.raises(NoteError):
        signer("two words")


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(lambda text: text.strip()),
    st.integers(0, 2**63),
    st.binary(min_size=32, max_size=32),
)
def test_checkpoints_round_trip(origin: str, size: int, root: bytes) -> None:
    checkpoint = Checkpoint(origin, size, root)
    assert Checkpoint.parse(checkpoint.body()) == checkpoint
    assert (
        open_checkpoint(sign_checkpoint(checkpoint, signer()), signer().verifier, origin=origin) == checkpoint
    )


def test_extension_lines_are_kept() -> None:
    checkpoint = Checkpoint("o", 0, b"\0" * 32, ("more", "lines"))
    assert Checkpoint.parse(checkpoint.body()) == checkpoint


ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="


@pytest.mark.parametrize(
    "body",
    [
        "",
        "origin\n1\n",
        f"origin\n1\n{ROOT}",
        f"\n1\n{ROOT}\n",
        f"origin\n01\n{ROOT}\n",
        f"origin\n-1\n{ROOT}\n",
        f"origin\n+1\n{ROOT}\n",
        f"origin\n١\n{ROOT}\n",
        f"origin\n{'9' * 21}\n{ROOT}\n",
        f"origin\n\n{ROOT}\n",
        "origin\n1\nAAAA\n",
        f"origin\n1\n{ROOT[:-1]}\n",
        f"origin\n1\n{ROOT}\n\nx\n",
    ],
)
def test_malformed_checkpoints(body: str) -> None:
    with pytest.raises(CheckpointError):
        Checkpoint.parse(body)
