"""Bundles: what is written comes back, what was changed is refused, and a failed write leaves nothing."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage import bundle
from triage.bundle import FORMAT, MANIFEST, Part, pack_texts, storage_error, unpack_texts
from triage.errors import BundleError, DamagedBundle, NewerFormat, StorageError

PARTS = {
    "lead": Part({"weights": [0.1, -2.5e-7], "名": "主办"}, {"alpha": np.arange(6, dtype=np.float16).reshape(2, 3)}),
    "promise": Part({"threshold": None}),
    "lexical": Part({}, {"chars": pack_texts(["路", "路灯"]), "idf": np.array([1.5, 2.5], np.float32)}),
}
CARD = {"name": "试验", "cases": 3, "share": 0.1 + 0.2, "dates": ["2024-01-01"]}


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    return bundle.save(tmp_path / "model", PARTS, CARD)


def reseal(folder: Path, **changes: Any) -> None:
    """Rewrite the manifest with changes, as somebody would who computes the digest too."""
    manifest = {**json.loads((folder / MANIFEST).read_bytes()), **changes}
    manifest["digest"] = bundle._digest(manifest)
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")


def put(folder: Path, file: str, content: bytes) -> None:
    """Replace a file of a part and state its new digest, so that only the content can be refused."""
    (folder / file).write_bytes(content)
    parts = json.loads((folder / MANIFEST).read_bytes())["parts"]
    parts[file.partition(".")[0]][file] = hashlib.sha256(content).hexdigest()
    reseal(folder, parts=parts)


def everything_under(folder: Path) -> dict[str, bytes | None]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")
    }


def test_what_is_saved_comes_back(saved: Path) -> None:
    loaded = bundle.load(saved)
    assert loaded.card == CARD
    assert list(loaded.card) == list(CARD)
    assert bundle.load_card(saved) == CARD
    assert set(loaded.parts) == set(PARTS)
    for name, part in PARTS.items():
        assert loaded.parts[name].data == part.data
        assert set(loaded.parts[name].arrays) == set(part.arrays)
        for key, array in part.arrays.items():
            back = loaded.parts[name].arrays[key]
            assert back.dtype == array.dtype
            np.testing.assert_array_equal(back, array)


def test_the_files_depend_on_the_content_alone(tmp_path: Path, saved: Path) -> None:
    turned = {name: Part(part.data, dict(reversed(part.arrays.items()))) for name, part in reversed(PARTS.items())}
    again = bundle.save(tmp_path / "again", turned, CARD)
    assert everything_under(again) == everything_under(saved)
    assert bundle.load(again).digest == bundle.load(saved).digest
    other = bundle.save(tmp_path / "other", PARTS, {**CARD, "cases": 4})
    assert bundle.load(other).digest != bundle.load(saved).digest


def test_nothing_is_left_beside_a_bundle(tmp_path: Path, saved: Path) -> None:
    assert [path.name for path in tmp_path.iterdir()] == [saved.name]
    assert sorted(path.name for path in saved.iterdir()) == sorted(
        [MANIFEST, "lead.json", "lead.npz", "lexical.json", "lexical.npz", "promise.json"]
    )


@given(st.lists(st.text().filter(lambda text: "\n" not in text), min_size=2))
def test_texts_come_back_out_of_their_array(texts: list[str]) -> None:
    assert unpack_texts(pack_texts(texts)) == texts


def test_no_text_is_no_text() -> None:
    assert unpack_texts(pack_texts([])) == []
    assert unpack_texts(pack_texts(["桥"])) == ["桥"]


def test_half_a_surrogate_pair_comes_back(tmp_path: Path) -> None:
    folder = bundle.save(tmp_path / "model", {"lead": Part({"name": "局\ud800"})}, {"unknown_names": ["局\ud800"]})
    assert bundle.load(folder).parts["lead"].data == {"name": "局\ud800"}
    assert bundle.load_card(folder) == {"unknown_names": ["局\ud800"]}


# --- damaged, newer, foreign -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", ["lead.json", "lead.npz", "lexical.npz", "promise.json"])
def test_a_flipped_bit_or_a_missing_file_is_named(saved: Path, file: str) -> None:
    whole = (saved / file).read_bytes()
    for place in np.random.default_rng(3).integers(len(whole), size=8):
        changed = bytearray(whole)
        changed[place] ^= 1 << (place % 8)
        (saved / file).write_bytes(changed)
        with pytest.raises(DamagedBundle, match=f"{file}.*SHA-256"):
            bundle.load(saved)
    (saved / file).write_bytes(whole[:-1])
    with pytest.raises(DamagedBundle, match=file):
        bundle.load(saved)
    (saved / file).unlink()
    with pytest.raises(DamagedBundle, match=f"{file}: missing"):
        bundle.load(saved)


def test_a_flipped_bit_in_the_manifest_is_seen(saved: Path) -> None:
    whole = (saved / MANIFEST).read_bytes()
    sound = bundle.load(saved)
    accepted = []
    for place in range(0, len(whole), 2):
        changed = bytearray(whole)
        changed[place] ^= 1 << (place % 8)
        (saved / MANIFEST).write_bytes(changed)
        with contextlib.suppress(BundleError):
            accepted.append(bundle.load(saved))
    # A blank may have become another one; nothing else passes.
    assert len(accepted) < len(whole) * 0.1
    assert all((loaded.card, set(loaded.parts)) == (sound.card, set(sound.parts)) for loaded in accepted)


def test_a_shortened_manifest_is_seen(saved: Path) -> None:
    whole = (saved / MANIFEST).read_bytes()
    for length in (0, 1, len(whole) // 2, len(whole) - 1):
        (saved / MANIFEST).write_bytes(whole[:length])
        with pytest.raises(DamagedBundle, match="not a bundle manifest"):
            bundle.load(saved)


@pytest.mark.parametrize("content", ["[]", "null", '"text"', "{}", "[" * 200_000], ids=lambda content: content[:6])
def test_a_manifest_of_another_kind_is_refused(saved: Path, content: str) -> None:
    (saved / MANIFEST).write_text(content, encoding="utf-8")
    for read in (bundle.load, bundle.load_card):
        with pytest.raises(DamagedBundle, match="not a bundle manifest"):
            read(saved)


def test_where_no_bundle_is_the_remedy_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    for place in (tmp_path, tmp_path / "absent", tmp_path / "file"):
        with pytest.raises(BundleError, match=r"no bundle here.*triage train"):
            bundle.load(place)


def test_a_newer_format_is_told_from_a_damaged_one(saved: Path) -> None:
    reseal(saved, format=FORMAT + 1)
    with pytest.raises(NewerFormat, match=f"format {FORMAT + 1}, this version reads up to {FORMAT}"):
        bundle.load(saved)
    (saved / MANIFEST).write_text(json.dumps({"format": FORMAT + 8, "layout": "quite another"}), encoding="utf-8")
    with pytest.raises(NewerFormat, match="Install a newer triage"):
        bundle.load_card(saved)


@pytest.mark.parametrize("number", [0, -1, None, "1", 1.0, [1]])
def test_a_format_that_is_none_is_damage(saved: Path, number: object) -> None:
    reseal(saved, format=number)
    with pytest.raises(DamagedBundle, match="format"):
        bundle.load(saved)


def test_an_unknown_part_is_refused_both_ways(tmp_path: Path, saved: Path) -> None:
    with pytest.raises(BundleError, match=r"extra.*are not in the table"):
        bundle.save(tmp_path / "other", {"extra": Part()}, {})
    assert not (tmp_path / "other").exists()
    parts = json.loads((saved / MANIFEST).read_bytes())["parts"]
    reseal(saved, parts={**parts, "estimator": {"estimator.json": "0"}})
    with pytest.raises(DamagedBundle, match=r"unknown parts \['estimator'\]"):
        bundle.load(saved)


@pytest.mark.parametrize(
    "files",
    [
        {"../lead.json": "0"},
        {"lead.json": "0", "../../secret": "0"},
        {"lead.json": "0", "lead.pkl": "0"},
        {"lead.npz": "0"},
        {},
        ["lead.json"],
    ],
    ids=str,
)
def test_a_part_has_no_files_but_its_own(saved: Path, files: object) -> None:
    parts = json.loads((saved / MANIFEST).read_bytes())["parts"]
    reseal(saved, parts={**parts, "lead": files})
    with pytest.raises(DamagedBundle, match="part lead lists files that are not its own"):
        bundle.load(saved)


class Trap:
    """What runs code when it is unpickled."""

    def __init__(self, witness: str) -> None:
        self.witness = witness

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (self.witness,)


def test_no_code_comes_out_of_an_array(tmp_path: Path, saved: Path) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=True, alpha=np.array([Trap(str(tmp_path / "ran"))], object))
    put(saved, "lead.npz", buffer.getvalue())
    with pytest.raises(DamagedBundle, match="part lead cannot be read"):
        bundle.load(saved)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x93NUMPY", b"[1]"])
def test_arrays_that_are_none_are_damage(saved: Path, content: bytes) -> None:
    put(saved, "lead.npz", content)
    with pytest.raises(DamagedBundle, match="part lead cannot be read"):
        bundle.load(saved)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 200_000], ids=lambda content: repr(content[:4]))
def test_json_that_is_none_is_damage(saved: Path, content: bytes) -> None:
    put(saved, "promise.json", content)
    with pytest.raises(DamagedBundle, match="part promise cannot be read"):
        bundle.load(saved)


# --- where nothing can be written ------------------------------------------------------------------------------------


def test_what_stands_there_is_left_as_it_is(tmp_path: Path, saved: Path) -> None:
    before = everything_under(tmp_path)
    with pytest.raises(StorageError, match="exists already and is left as it is"):
        bundle.save(saved, PARTS, {})
    (tmp_path / "note.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(StorageError, match="exists already"):
        bundle.save(tmp_path / "note.txt", PARTS, {})
    assert everything_under(tmp_path) == {**before, "note.txt": b"mine"}


def test_an_empty_folder_may_be_filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty").mkdir()
    bundle.save(tmp_path / "empty", PARTS, CARD)
    assert bundle.load_card(tmp_path / "empty") == CARD
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    bundle.save(".", PARTS, CARD)
    assert bundle.load_card(tmp_path / "here") == CARD


def test_the_root_is_no_place_for_a_bundle() -> None:
    with pytest.raises(StorageError, match="exists already"):
        bundle.save("/", PARTS, CARD)


def full(number: int) -> OSError:
    return OSError(number, os.strerror(number))


@pytest.mark.parametrize("writes", range(6))
def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writes: int) -> None:
    write = Path.write_bytes
    done: list[Path] = []

    def scarce(self: Path, data: bytes) -> int:
        if len(done) == writes:
            write(self, bytes(data[: len(data) // 2]))
            raise full(errno.ENOSPC)
        done.append(self)
        return write(self, data)

    monkeypatch.setattr(Path, "write_bytes", scarce)
    with pytest.raises(StorageError, match=r"model: cannot be written.*The disk is full\. Make room"):
        bundle.save(tmp_path / "new" / "deep" / "model", PARTS, CARD)
    assert len(done) == writes
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("step", ["fsync", "replace", "mkdir"])
def test_a_failure_at_any_later_step_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    def fail(*arguments: object, **named: object) -> None:
        raise full(errno.EDQUOT)

    (tmp_path / "kept").mkdir()
    with monkeypatch.context() as patch:
        patch.setattr(os, step, fail)
        with pytest.raises(StorageError, match="quota"):
            bundle.save(tmp_path / "kept" / "model", PARTS, CARD)
    assert list(tmp_path.rglob("*")) == [tmp_path / "kept"]


def test_an_error_that_is_not_the_disk_s_passes_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        bundle.save(tmp_path / "model", {"lead": Part({"set": {1}})}, CARD)

    def interrupted() -> None:
        with bundle.new_folder(tmp_path / "model") as temporary:
            (temporary / "file").write_text("half", encoding="utf-8")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(StorageError, match="Nothing was changed"):
        bundle.save(tmp_path / "file" / "model", PARTS, CARD)
    assert everything_under(tmp_path) == {"file": b"x"}


@pytest.mark.machine
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="this user may write everywhere")
def test_a_folder_without_rights_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(StorageError, match="may not be written"):
            bundle.save(tmp_path / "model", PARTS, CARD)
    finally:
        tmp_path.chmod(0o700)
    assert list(tmp_path.iterdir()) == []


def test_a_killed_save_leaves_no_bundle_and_does_not_stop_the_next(tmp_path: Path) -> None:
    code = (
        "import os, pathlib, signal, sys; from triage import bundle\n"
        "write = pathlib.Path.write_bytes\n"
        "def dying(self, data):\n"
        "    write(self, data[:1]); os.kill(os.getpid(), signal.SIGKILL)\n"
        "pathlib.Path.write_bytes = dying\n"
        "bundle.save(sys.argv[1], {'promise': bundle.Part()}, {})"
    )
    root = Path(bundle.__file__).resolve().parents[1]
    command = [sys.executable, "-c", code, str(tmp_path / "model")]
    done = subprocess.run(command, cwd=root, capture_output=True, check=False, timeout=60)
    assert done.returncode == -9, done.stderr
    assert not (tmp_path / "model").exists()
    bundle.save(tmp_path / "model", PARTS, CARD)
    assert bundle.load_card(tmp_path / "model") == CARD


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.ENOSPC, "Make room"),
        (errno.EDQUOT, "Make room"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "Close the program"),
        (errno.EPERM, "Close the program"),
        (errno.EBUSY, "Close that program"),
        (errno.EIO, "Choose another place"),
    ],
)
def test_a_refused_write_is_said_with_place_and_remedy(number: int, remedy: str) -> None:
    message = str(storage_error(Path("out/model"), full(number)))
    assert message.startswith("out/model: cannot be written (")
    assert remedy in message
    assert message.endswith("Nothing was changed.")
