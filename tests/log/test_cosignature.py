"""Cosignatures are those of C2SP tlog-cosignature, to the byte."""

from __future__ import annotations

import base64
from contextlib import suppress

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.log.cosignature import Witness, WitnessKey
from ledger.log.kept import kept_code
from ledger.log.note import NoteError, Signature, Verifier, open_note, parse_signature, split_note
from tests.log.test_note import signer

BODY = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
WITNESS = Witness("witness.example/w1", Ed25519PrivateKey.from_private_bytes(b"\x07" * 32))


def test_the_signed_message_is_the_one_of_the_specification() -> None:
    line = WITNESS.cosign(BODY, 1_679_315_147)
    made = parse_signature(line)
    assert made.name == "witness.example/w1"
    assert made.signature[:8] == (1_679_315_147).to_bytes(8, "big")
    message = f"cosignature/v1\ntime 1679315147\n{BODY}".encode()
    WITNESS.private_key.public_key().verify(made.signature[8:], message)  # raises if it is another message
    assert WITNESS.key.verify(BODY, made) == 1_679_315_147


def test_the_key_id_has_type_four() -> None:
    from hashlib import sha256

    public = WITNESS.private_key.public_key().public_bytes_raw()
    assert WITNESS.key.key_id == sha256(b"witness.example/w1\n\x04" + public).digest()[:4]
    assert WITNESS.key.vkey.split("+", 2)[2] == base64.b64encode(b"\x04" + public).decode()
    assert WitnessKey.from_vkey(WITNESS.key.vkey + "\n") == WITNESS.key


def test_the_example_of_the_specification_is_read() -> None:
    note = (
        BODY + "\n"
        "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+"
        "zyWE+xeMcTOAYQ8=\n"
        "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5"
        "nNo0xUe+mbIUBkBIfZ+qnA==\n"
    )
    body, (_, by_witness) = split_note(note)
    assert body == BODY
    assert int.from_bytes(by_witness.signature[:8], "big") == 1_679_315_147
    assert len(by_witness.signature) == 72


@given(st.integers(0, 2**40), st.integers(0, 71), st.integers(1, 255))
def test_no_changed_byte_of_a_cosignature_is_taken(time: int, at: int, change: int) -> None:
    made = parse_signature(WITNESS.cosign(BODY, time))
    assert WITNESS.key.verify(BODY, made) == time
    data = bytearray(made.signature)
    data[at] ^= change
    with pytest.raises(NoteError):
        WITNESS.key.verify(BODY, Signature(made.name, made.key_id, bytes(data)))
    with pytest.raises(NoteError):
        WITNESS.key.verify(BODY.replace("20852163", "20852164"), made)


@given(st.text(max_size=200))
def test_any_text_is_a_key_or_refused(text: str) -> None:
    with suppress(NoteError):
        assert WitnessKey.from_vkey(text).vkey == text.strip()


def test_keys_of_logs_and_of_witnesses_are_not_mistaken_for_each_other() -> None:
    with pytest.raises(NoteError):
        WitnessKey.from_vkey(signer().verifier.vkey)
    with pytest.raises(NoteError):
        Verifier.from_vkey(WITNESS.key.vkey)


def test_a_cosigned_note_still_opens_as_before() -> None:
    log = signer()
    note = sign_checkpoint(Checkpoint(log.name, 5, b"\1" * 32), log)
    body = split_note(note)[0]
    assert open_note(note + WITNESS.cosign(body, 9) + "\n", [log.verifier]).text == body


def test_the_code_on_paper_holds_size_root_and_signature() -> None:
    log = signer()
    note = sign_checkpoint(Checkpoint(log.name, 5, b"\xfb" * 32), log)
    size, root, signature = kept_code(note).split(".")
    assert size == "5"
    assert base64.urlsafe_b64decode(root + "=") == b"\xfb" * 32
    assert base64.urlsafe_b64decode(signature + "=") == base64.b64decode(note.rstrip("\n").rsplit(" ", 1)[1])
    assert (len(root), len(signature)) == (43, 91)
    with pytest.raises(NoteError):
        kept_code(BODY + "\n" + WITNESS.cosign(BODY, 9) + "\n")
