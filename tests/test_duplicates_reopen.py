"""An index that was closed and opened again, as forked processes do: it answers as before, and follows what changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from triage import Case, ForeignIndex, IndexFileError, Suggestion
from triage.duplicates.index import DuplicateIndex

LAMP = Case(Suggestion("a", "老街路灯不亮", "老街东口的路灯坏了很久，晚上走路看不清。"), ("住房和城乡建设局",))
BUS = Case(Suggestion("b", "增设公交站点", "北环路东段没有公交站，出门要走一公里。"), ("交通运输局",))
ASKED = [Suggestion("x", LAMP.suggestion.title, LAMP.suggestion.text)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    with DuplicateIndex.create(tmp_path / "history.index") as index:
        index.add([LAMP])
    return tmp_path / "history.index"


def test_it_answers_as_before_and_not_in_between(file: Path) -> None:
    index = DuplicateIndex.load(file)
    found = index.query(ASKED)
    index.close()
    with pytest.raises(ValueError, match="closed"):
        index.query(ASKED)
    index.reopen()
    assert index.query(ASKED) == found
    assert found[0][0].id == "a"
    index.close()


def test_what_changed_meanwhile_is_followed(file: Path) -> None:
    index = DuplicateIndex.load(file)
    index.close()
    with DuplicateIndex.load(file) as other:
        other.add([BUS])
        other.remove(["a"])
    index.reopen()
    assert len(index) == 1
    assert index.query(ASKED) == [()]
    index.close()


def test_one_that_was_only_read_is_only_read_again(file: Path) -> None:
    index = DuplicateIndex.load(file, writes=False)
    index.close()
    index.reopen()
    with pytest.raises(Exception, match="may not be written"):
        index.add([BUS])
    index.close()


def test_another_file_in_its_place_is_refused(file: Path) -> None:
    index = DuplicateIndex.load(file)
    index.close()
    file.unlink()
    with pytest.raises(IndexFileError):
        index.reopen()
    with DuplicateIndex.create(file):
        pass
    with pytest.raises(ForeignIndex, match="built anew"):
        index.reopen()
