"""Writing a catalogue: loading gives it back, nothing is overwritten, nothing is left half-done."""

from __future__ import annotations

import errno
from dataclasses import replace
from datetime import date as Date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from triage.catalogue import AREA_LEVELS, LEVELS, Area, Catalogue, Topic, Unit, load_catalogue, save_catalogue
from triage.errors import CatalogueError, StorageError

SMALL = Catalogue((Unit("jyj", "教育局", duties=("办学",)),))

words = st.text(
    st.characters(categories=["Ll", "Lo", "Nd", "Po", "Ps"], exclude_characters=";；"), min_size=1, max_size=9
)
phrases = st.lists(words, max_size=3, unique=True).map(tuple)
days = st.none() | st.dates(Date(1949, 10, 1))


@st.composite
def catalogues(draw: st.DrawFn) -> Catalogue:
    """Catalogues that keep the rules: parents and successors stand earlier, names are numbered so that none repeats."""
    count = draw(st.integers(1, 5))
    areas = tuple(
        Area(
            f"r{n}",
            draw(words),
            draw(phrases),
            draw(st.sampled_from(["", *AREA_LEVELS])),
            f"r{n - 1}" if n else "",
            draw(st.just("") | words),
            draw(phrases),
            tuple(draw(st.lists(st.sampled_from([f"u{number}" for number in range(count)]), unique=True))),
        )
        for n in range(draw(st.integers(0, 3)))
    )
    units = []
    for number in range(count):
        start, end = draw(days), draw(days)
        start, end = (end, start) if start and end and end < start else (start, end)
        earlier = [f"u{n}" for n in range(number)]
        units.append(
            Unit(
                code=f"u{number}",
                name=f"{number}号{draw(words)}",
                short_name=draw(st.sampled_from(["", f"{number}局"])),
                aliases=tuple(f"{number}{alias}别" for alias in draw(phrases)),
                level=draw(st.sampled_from(["", *LEVELS])),
                parent=draw(st.sampled_from(["", *earlier])),
                area=draw(st.sampled_from(["", *(area.code for area in areas)])),
                duties=draw(phrases),
                active_from=start,
                active_to=end,
                succeeded_by=tuple(draw(st.lists(st.sampled_from(earlier), unique=True))) if earlier else (),
            )
        )
    topics = tuple(
        Topic(f"t{n}", f"{n}{draw(words)}", f"t{n - 1}" if n % 3 else "", (f"u{n % count}",), draw(phrases))
        for n in range(draw(st.integers(0, 5)))
    )
    return Catalogue(tuple(units), topics, areas)


@given(catalogues())
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_saved_and_loaded_is_the_same(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> None:
    folder = tmp_path_factory.mktemp("saved") / "catalogue"
    save_catalogue(catalogue, folder)
    assert load_catalogue(folder) == catalogue
    assert Catalogue.from_dict(catalogue.to_dict()) == catalogue


def test_only_the_files_that_are_needed_are_written(tmp_path: Path) -> None:
    save_catalogue(SMALL, tmp_path / "a" / "b")
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == ["units.csv"]
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b"]
    assert (tmp_path / "a" / "b" / "units.csv").read_bytes().startswith(b"\xef\xbb\xbf"), (
        "so that Excel reads it as UTF-8"
    )


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    target = tmp_path / "catalogue"
    save_catalogue(SMALL, target)
    before = (target / "units.csv").read_bytes()
    with pytest.raises(StorageError, match="exists already; name a new one"):
        save_catalogue(replace(SMALL, units=()), target)
    assert (target / "units.csv").read_bytes() == before


@pytest.mark.parametrize(
    ("catalogue", "message"),
    [
        (Catalogue((Unit("a", "甲局", parent="b"),)), "units.csv:2: unit 'a' has parent 'b'"),
        (Catalogue((Unit("a", "甲局", duties=("修路;修桥",)),)), "unit 'a' has duties '修路;修桥'"),
        (Catalogue((Unit("a", "甲局", aliases=("",)),)), "unit 'a' has aliases ''"),
        (Catalogue((Unit("a", " 甲局"),)), "unit 'a' has name ' 甲局'"),
        (Catalogue((Unit("a", "甲\x00局"),)), "which a cell cannot hold unchanged"),
    ],
)
def test_a_catalogue_that_could_not_be_loaded_is_not_written(
    tmp_path: Path, catalogue: Catalogue, message: str
) -> None:
    with pytest.raises(CatalogueError) as caught:
        save_catalogue(catalogue, tmp_path / "new")
    assert message in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, target: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(StorageError, match=r"cannot be written \(No space left on device\); nothing was changed"):
        save_catalogue(SMALL, tmp_path / "new")
    assert list(tmp_path.iterdir()) == []


def test_a_parent_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError, match="cannot be written"):
        save_catalogue(SMALL, tmp_path / "file" / "new")
