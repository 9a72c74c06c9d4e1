"""The encoding of text: chosen from the bytes, with evidence; the person goes before it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from siteplan.io import read_parcels, read_parcels_report
from siteplan.io.encoding import (
    chosen_encoding,
    codec_name,
    dbf_declared,
    decoded,
    other_korean,
    text_file_encoding,
)
from siteplan.io.source import Located
from siteplan.io.vectors import RawTable, read_table
from siteplan.issues import Issue
from tests.io.conftest import ORIGIN_M, lots_with_categories

X, Y = ORIGIN_M
JIBUN = ["175전", "204-18 구", "산 3-1 임"]

hangul = st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3)
ks_hangul = hangul.filter(lambda c: len(c.encode("euc-kr", errors="ignore")) == 2)
lots = st.tuples(
    st.integers(1, 9999), st.integers(0, 99), st.sampled_from("전답임대장도천구공차원잡")
).map(lambda lot: f"{lot[0]}-{lot[1]} {lot[2]}" if lot[1] else f"{lot[0]}{lot[2]}")


def words(letters: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.text(st.one_of(letters, st.sampled_from("0123456789- ()")), max_size=12).map(
        lambda text: " ".join(text.split())
    )


def shapefile(
    folder: Path,
    texts: list[str | None],
    *,
    encoding: str,
    cpg: str | None = None,
    language_byte: int = 0,
    column: str = "JIBUN",
    raw: dict[int, bytes] | None = None,
) -> Path:
    """Write a Shapefile whose DBF says what it is told to say; `raw` replaces rows' bytes."""
    squares = [shapely.box(X + 20 * i, Y, X + 20 * i + 10, Y + 10) for i in range(len(texts))]
    frame = gpd.GeoDataFrame({column: texts}, geometry=squares, crs=5186)
    path = folder / "lots.shp"
    pyogrio.write_dataframe(frame, path, encoding=encoding)
    (folder / "lots.cpg").unlink(missing_ok=True)
    content = bytearray((folder / "lots.dbf").read_bytes())
    content[29] = language_byte
    header, width = int.from_bytes(content[8:10], "little"), content[32 + 16]
    for row, text in (raw or {}).items():
        start = header + row * (width + 1) + 1
        content[start : start + width] = text[:width].ljust(width)
    (folder / "lots.dbf").write_bytes(content)
    if cpg is not None:
        (folder / "lots.cpg").write_text(cpg)
    return path


def table(path: Path, *, file_format: str = "shp", encoding: str | None = None) -> RawTable:
    return read_table(
        Located(path.name, file_format, {path.stem: path}, path.parent),
        encoding=encoding,
        layer=None,
    )


def texts_of(read: RawTable, column: str = "JIBUN") -> list[str]:
    """Return a column's text, "" where a row has none."""
    gaps = read.frame[column].isna()
    return ["" if gone else str(v) for v, gone in zip(read.frame[column], gaps, strict=True)]


def found(issues: tuple[Issue, ...]) -> dict[str, Issue]:
    return {issue.code: issue for issue in issues}


class TestKoreanText:
    @settings(max_examples=30, deadline=None)
    @given(texts=st.lists(st.one_of(lots, words(hangul)), min_size=1, max_size=8))
    @pytest.mark.parametrize("encoding", ["CP949", "UTF-8"])
    def test_any_reads_back_the_same_without_a_hint(self, encoding: str, texts: list[str]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            read = table(shapefile(Path(folder), texts, encoding=encoding))
        assert texts_of(read) == texts
        assert "text_damaged" not in found(read.issues)

    @settings(max_examples=30, deadline=None)
    @given(texts=st.lists(st.one_of(lots, words(ks_hangul)), min_size=1, max_size=8))
    def test_euc_kr_is_read_as_what_contains_it(self, texts: list[str]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            read = table(shapefile(Path(folder), texts, encoding="EUC-KR"))
        assert texts_of(read) == texts

    @settings(max_examples=60, deadline=None)
    @given(texts=st.lists(st.one_of(lots, words(hangul)), min_size=1, max_size=8))
    @pytest.mark.parametrize("encoding", ["cp949", "utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
    def test_text_files_are_told_too(self, encoding: str, texts: list[str]) -> None:
        content = ("지번,면적\n" + "\n".join(f'"{text}",1' for text in texts)).encode(encoding)
        name = text_file_encoding(content).name
        assert content.decode(name).removeprefix("\ufeff").splitlines()[0] == "지번,면적"
        assert content.decode(name) == content.decode(encoding)

    def test_the_silent_mojibake_of_the_national_download(self, tmp_path: Path) -> None:
        # CP949, no .cpg, no language byte: GDAL alone gives "175Àü" and no error.
        path = shapefile(tmp_path, list(JIBUN), encoding="CP949")
        assert pyogrio.read_dataframe(path)["JIBUN"][0] == "175Àü"
        parcels, report = read_parcels_report(path, context=None)

        assert lots_with_categories(parcels) == ("175전", "204-18구", "산 3-1임")
        assert report.encoding == "cp949"
        message = str(found(report.issues)["encoding_chosen"].message)
        assert message == (
            "Text was read as cp949: 3 of 3 values with Korean letters make sense as CP949, "
            "e.g. 175전; as UTF-8 0 do."
        )


class TestWhatAFileSays:
    @pytest.mark.parametrize(
        ("encoding", "cpg", "language_byte", "used"),
        [
            ("CP949", "UTF-8", 0, "cp949"),  # a .cpg that lies
            ("CP949", "ISO-8859-1", 0, "cp949"),
            ("CP949", "GBK", 0, "cp949"),
            ("CP949", "936", 0, "cp949"),
            ("CP949", "Big5", 0, "cp949"),
            ("CP949", "SJIS", 0, "cp949"),
            ("CP949", "no such thing", 0, "cp949"),
            ("CP949", "zip", 0, "cp949"),  # a codec of Python, but none of text
            ("CP949", None, 0x03, "cp949"),  # Windows ANSI, which most tools write
            ("CP949", None, 0x4D, "cp949"),  # a language byte that says Chinese
            ("UTF-8", "EUC-KR", 0, "utf-8"),
            ("UTF-8", "CP949", 0, "utf-8"),
            ("UTF-8", None, 0x79, "utf-8"),  # a language byte that says Korean Windows
            ("UTF-8", None, 0x4E, "utf-8"),
        ],
    )
    def test_a_lie_is_found_out_and_told(
        self, tmp_path: Path, encoding: str, cpg: str | None, language_byte: int, used: str
    ) -> None:
        path = shapefile(
            tmp_path, list(JIBUN), encoding=encoding, cpg=cpg, language_byte=language_byte
        )
        read = table(path)
        assert read.frame["JIBUN"].tolist() == JIBUN
        assert read.encoding == used
        assert "encoding_chosen" in found(read.issues)

    @pytest.mark.parametrize(
        ("encoding", "cpg", "language_byte"),
        [
            ("CP949", "CP949", 0),
            ("CP949", None, 0x4E),
            ("EUC-KR", "EUC-KR", 0),
            ("UTF-8", "UTF-8", 0),
        ],
    )
    def test_the_truth_needs_no_remark(
        self, tmp_path: Path, encoding: str, cpg: str | None, language_byte: int
    ) -> None:
        path = shapefile(
            tmp_path, list(JIBUN), encoding=encoding, cpg=cpg, language_byte=language_byte
        )
        read = table(path)
        assert read.frame["JIBUN"].tolist() == JIBUN
        assert not found(read.issues)

    def test_chinese_stays_chinese_where_the_file_says_so_and_is_doubted_where_not(self) -> None:
        raw = [text.encode("gbk") for text in ("北京市", "朝阳区", "海淀")]
        assert chosen_encoding(raw, declared="gbk").name == "gbk"
        doubted = chosen_encoding(raw, declared=None)
        assert (doubted.rival, doubted.rival_example) == ("gbk", "北京市")

    def test_the_person_is_believed_before_everything(self, tmp_path: Path) -> None:
        path = shapefile(tmp_path, list(JIBUN), encoding="CP949", cpg="UTF-8")
        assert table(path, encoding="cp949").frame["JIBUN"].tolist() == JIBUN
        assert not found(table(path, encoding="cp949").issues)
        wrong = table(path, encoding="iso-8859-1")
        assert wrong.frame["JIBUN"][0] == "175Àü"
        assert wrong.encoding == "iso8859-1"

    def test_numbers_decide_nothing(self, tmp_path: Path) -> None:
        read = table(shapefile(tmp_path, ["175", "204-18", None], encoding="CP949"))
        assert texts_of(read) == ["175", "204-18", ""]
        assert not found(read.issues)

    def test_only_the_names_of_columns_are_korean(self, tmp_path: Path) -> None:
        path = shapefile(tmp_path, ["175", "204-18"], encoding="CP949", column="지번")
        assert table(path).frame["지번"].tolist() == ["175", "204-18"]

    @pytest.mark.parametrize("language_byte", [0x4E, 0x79])
    def test_language_bytes(self, language_byte: int) -> None:
        assert dbf_declared(language_byte, None) == "cp949"
        assert dbf_declared(language_byte, "65001") == "utf-8"

    @pytest.mark.parametrize("text", ["zip", "rot13", "가", "\x00", "base64", "cp0"])
    def test_names_that_are_no_encoding_of_text(self, text: str) -> None:
        assert codec_name(text) is None


class TestDamage:
    @pytest.mark.parametrize("encoding", ["cp949", "utf-8"])
    def test_every_value_cut_at_the_width_of_its_field(self, tmp_path: Path, encoding: str) -> None:
        # After the digits ten bytes hold 4.5 Korean letters in CP949 and 2.7 in UTF-8.
        digits = 1 if encoding == "cp949" else 2
        texts = [f"{'1' * digits}양재동우면동", f"{'2' * digits}우면동양재동"]
        path = shapefile(
            tmp_path,
            ["x" * 10, "y" * 10],
            encoding="UTF-8",
            raw={i: text.encode(encoding)[:10] for i, text in enumerate(texts)},
        )
        read = table(path)
        letters = 4 if encoding == "cp949" else 2
        assert read.encoding == encoding
        assert read.frame["JIBUN"].tolist() == [text[: digits + letters] for text in texts]
        assert found(read.issues)["text_damaged"].details["count"] == 2

    def test_rows_of_two_encodings_are_read_each_in_its_own(self, tmp_path: Path) -> None:
        path = shapefile(
            tmp_path,
            ["175전", "176답", "177대", "xxxxxxxxx"],
            encoding="CP949",
            raw={3: "178도".encode()},
        )
        read = table(path)
        assert read.frame["JIBUN"].tolist() == ["175전", "176답", "177대", "178도"]
        assert found(read.issues)["text_mixed"].details == {
            "count": 1,
            "encoding": "cp949",
            "other": "utf-8",
        }
        assert "text_damaged" not in found(read.issues)

    def test_noise_is_not_taken_for_the_other_encoding(self) -> None:
        assert other_korean(b"\xff\xfe\xfd", encoding="utf-8") is None
        assert other_korean("é".encode("latin-1"), encoding="cp949") is None
        assert other_korean("178도".encode(), encoding="gbk") is None

    @given(st.binary(max_size=12))
    def test_any_bytes_become_text(self, content: bytes) -> None:
        for name in ("cp949", "utf-8", "euc_kr"):
            text, lost = decoded(content, encoding=name)
            assert lost or text.encode(name) == content or name == "euc_kr"
        assert isinstance(chosen_encoding([content], declared=None).name, str)

    def test_a_damaged_text_file_keeps_its_encoding_and_says_so(self, tmp_path: Path) -> None:
        square = shapely.box(127.03, 37.46, 127.031, 37.461).wkt
        rows = "".join(f'{n}전,"{square}"\n' for n in range(20))
        content = f"지번,WKT\n{rows}".encode("cp949").replace(b"7\xc0\xfc", b"7\xff\xfc", 1)
        path = tmp_path / "a.csv"
        path.write_bytes(content)
        read = table(path, file_format="csv")

        assert read.encoding == "cp949"
        assert read.frame["지번"][8] == "8전"
        assert "text_damaged" in found(read.issues)


class TestTextFiles:
    SQUARE = shapely.box(127.03, 37.46, 127.031, 37.461)

    def geojson(self, jibun: str) -> str:
        frame = gpd.GeoDataFrame({"지번": [jibun]}, geometry=[self.SQUARE], crs=4326)
        return str(frame.to_json(ensure_ascii=False))

    @pytest.mark.parametrize("encoding", ["cp949", "utf-8", "utf-8-sig", "utf-16"])
    def test_geojson(self, encoding: str) -> None:
        content = self.geojson("175전").encode(encoding)
        parcels, report = read_parcels_report(content, name="a.geojson", context=None)
        assert lots_with_categories(parcels) == ("175전",)
        assert report.encoding == ("utf-8" if encoding == "utf-8-sig" else encoding)

    @pytest.mark.parametrize("encoding", ["cp949", "utf-8", "utf-8-sig"])
    def test_csv(self, encoding: str) -> None:
        content = f'지번,WKT\n175전,"{self.SQUARE.wkt}"\n'.encode(encoding)
        assert lots_with_categories(
            read_parcels(content, name="a.csv", crs=4326, context=None)
        ) == ("175전",)

    @pytest.mark.parametrize("declared", ['encoding="euc-kr"', "encoding='UTF-8'", ""])
    @pytest.mark.parametrize("encoding", ["cp949", "utf-8"])
    def test_kml_whatever_it_declares(self, encoding: str, declared: str) -> None:
        if encoding == "utf-8" and "euc-kr" in declared:
            declared = ""
        ring = " ".join(f"{x},{y}" for x, y in self.SQUARE.exterior.coords)
        text = (
            f'<?xml version="1.0" {declared}?>'
            '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><ExtendedData>'
            '<Data name="지번"><value>175전</value></Data></ExtendedData><Polygon>'
            "<outerBoundaryIs><LinearRing><coordinates>"
            f"{ring}</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
            "</Document></kml>"
        )
        parcels, report = read_parcels_report(text.encode(encoding), name="a.kml", context=None)
        assert lots_with_categories(parcels) == ("175전",)
        assert report.encoding == encoding

    def test_accents_beside_latin_letters_stay_utf8(self) -> None:
        assert text_file_encoding('{"name":"Café Zoë"}'.encode()).name == "utf-8"

    def test_the_person_names_the_encoding_of_a_text_file(self) -> None:
        content = self.geojson("175전").encode("cp949")
        parcels = read_parcels(content, name="a.json", encoding="cp949", context=None)
        assert lots_with_categories(parcels) == ("175전",)
        assert "encoding_chosen" not in found(parcels.issues)
