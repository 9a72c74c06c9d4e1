"""Lot numbers in any spelling, and whether they say the same as PNU and land category."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteplan.cadastre.agreement import disagreements, lot_number_issues, settled_jimoks
from siteplan.cadastre.jimok import LETTERS
from siteplan.cadastre.lot_number import LotNumber, became_date, lot_number, lot_numbers
from siteplan.cadastre.pnu import Pnu, checked_pnus

LOTS = st.builds(
    LotNumber,
    mountain=st.booleans(),
    main=st.integers(1, 9999),
    sub=st.integers(0, 9999),
    jimok=st.one_of(st.none(), st.sampled_from(LETTERS)),
    place=st.sampled_from(
        [None, "양재동", "서울특별시 서초구 우면동", "당산동1가", "종로1가", "양재2동"]
    ),
)


def land(main: int, sub: int = 0, jimok: str | None = None, place: str | None = None) -> LotNumber:
    return LotNumber(mountain=False, main=main, sub=sub, jimok=jimok, place=place)


def forest(
    main: int, sub: int = 0, jimok: str | None = None, place: str | None = None
) -> LotNumber:
    return LotNumber(mountain=True, main=main, sub=sub, jimok=jimok, place=place)


SPELLED = [
    ("204-18 구", land(204, 18, "구")),
    ("61-8답", land(61, 8, "답")),
    ("409-115대", land(409, 115, "대")),
    ("4150대", land(4150, 0, "대")),
    ("123-4 대", land(123, 4, "대")),
    ("737 대", land(737, 0, "대")),
    ("산12-3임", forest(12, 3, "임")),
    ("산 12", forest(12)),
    ("산12", forest(12)),
    ("(산)12-3", forest(12, 3)),
    ("山12", forest(12)),
    ("산3 임야", forest(3, 0, "임")),
    ("양재동 223", land(223, 0, None, "양재동")),
    ("양재동223-1대", land(223, 1, "대", "양재동")),
    ("양재동산12", forest(12, 0, None, "양재동")),
    (
        "서울특별시 서초구 양재동 223-1번지",
        land(223, 1, None, "서울특별시 서초구 양재동"),
    ),
    ("종로1가 12-3", land(12, 3, None, "종로1가")),
    ("223번지 1호", land(223, 1)),
    ("223번지의 1", land(223, 1)),
    ("223의1", land(223, 1)),
    ("0223-0000", land(223)),
    ("223-0", land(223)),
    ("223(대)", land(223, 0, "대")),
    ("223, 공장용지", land(223, 0, "장")),
    ("２２３－１ 대", land(223, 1, "대")),
    ("'223-1", land(223, 1)),
    ("223\u200b-1", land(223, 1)),
    ("223\n-1", land(223, 1)),
    ("223\u00a0-\u00a01", land(223, 1)),
    *((f"223{dash}1", land(223, 1)) for dash in "-‐‑‒–—―−─ㅡーー－"),
]

NONE = [
    "", " ", "대", "산", "0", "0-1", "12345", "1-12345", "223-1-2", "223~1", "223, 224",
    "223-1 외 3필지", "223 일원", "태봉로 108", "서초구 태봉로 108", "양재동 매헌로 16",
    "양재대로11길 19", "101동 502호", "223호", "B2009", "가12-3", "223(대", "223 가",
    "1165010200102230000", "2026-12-03", "12월 03일", "=1+1", "<b>223</b>", "\0", "9" * 5000,
]  # fmt: skip


@pytest.mark.parametrize(("text", "lot"), SPELLED)
def test_spellings(text: str, lot: LotNumber) -> None:
    assert lot_number(text) == lot


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_single_lot_is_not_guessed(text: str) -> None:
    assert lot_number(text) is None


@given(LOTS, st.sampled_from(["", " "]))
def test_written_and_read(lot: LotNumber, space: str) -> None:
    assert lot_number(f"{lot.address}{space}{lot.jimok or ''}") == lot


@given(LOTS)
def test_the_canonical_text_reads_as_itself(lot: LotNumber) -> None:
    again = lot_number(lot.address)
    assert again is not None
    assert again.address == lot.address


@given(
    st.lists(st.one_of(st.none(), st.text(), st.sampled_from([text for text, _ in SPELLED] + NONE)))
)
def test_a_column_is_its_rows(texts: list[str | None]) -> None:
    column = lot_numbers(texts)
    lots = [lot_number(text) if text else None for text in texts]
    assert column.readable.tolist() == [lot is not None for lot in lots]
    for row, (text, lot) in enumerate(zip(texts, lots, strict=True)):
        if lot is None:
            assert column.texts[row] == (text or None)
            assert (column.jimoks[row], column.places[row]) == (None, None)
        else:
            values = (bool(column.mountain[row]), int(column.main[row]), int(column.sub[row]))
            assert LotNumber(*values, column.jimoks[row], column.places[row]) == lot
            assert column.texts[row] == lot.address


@pytest.mark.parametrize(
    ("main", "sub", "text"),
    [("0223", "0000", "223"), ("223", "", "223"), (223, 1, "223-1"), ("223", None, "223")],
)
def test_pairs_of_main_and_sub_number(main: object, sub: object, text: str) -> None:
    lot = LotNumber.from_parts(main, sub)
    assert lot is not None
    assert lot.text == text


@pytest.mark.parametrize(
    ("main", "sub"), [("", ""), ("0000", "0001"), ("22가", "0"), ("12345", "")]
)
def test_pairs_that_are_no_lot(main: str, sub: str) -> None:
    assert LotNumber.from_parts(main, sub) is None


@pytest.mark.parametrize(
    "text",
    ["2026-12-03", "2026-12-03 00:00:00", "12월 03일", "12월 3일", "3-Dec", "Dec-03", "2026.12.3"],
)
def test_dates_that_spreadsheets_make_are_known(text: str) -> None:
    assert became_date(text)
    assert lot_number(text) is None


@pytest.mark.parametrize("piece", ["동", "0", " ", "산", "1-", "'", "번지 ", "가1", "1월"])
def test_long_hostile_texts_are_no_lots(piece: str) -> None:
    # A regular expression that backtracks would not come back from these.
    texts = [piece * 20_000 + "!", piece * 60 + "!"]
    assert not lot_numbers(texts).readable.any()
    assert not became_date(texts[0])


class TestFindings:
    def test_rewritten_unread_and_dated_ones_are_listed(self) -> None:
        given = ["223 대", "223-1", None, "태봉로 108", "12월 3일"]
        found = lot_number_issues(lot_numbers(given), given=given, ids="abcde")
        assert [(issue.code, issue.parcel_ids) for issue in found] == [
            ("lot_number_became_date", ("e",)),
            ("lot_number_unreadable", ("d",)),
            ("lot_number_rewritten", ()),
        ]
        assert "1 lot number(s) were brought to one spelling, e.g. 223 대 to 223" in str(
            found[-1].message
        )

    def test_nothing_is_said_of_plain_numbers(self) -> None:
        given = ["223", "산 12-3", "양재동 1-1"]
        assert lot_number_issues(lot_numbers(given), given=given, ids="abc") == []

    @pytest.mark.parametrize(
        ("jibun", "agrees"),
        [
            ("223", True), ("양재동 223 대", True), ("서초구 양재동 223", True), ("무슨 글", True),
            ("224", False), ("223-1", False), ("산 223", False), ("우면동 223", False),
        ],
    )  # fmt: skip
    def test_lot_number_and_pnu(self, jibun: str, *, agrees: bool) -> None:
        pnus = checked_pnus(["1165010200102230000", "1165010200102240001"])
        refused, found = disagreements(pnus, lot_numbers([jibun, "224-1"]), ids="ab")
        assert not refused.any()
        assert [(i.code, i.parcel_ids) for i in found] == (
            [] if agrees else [("lot_number_differs", ("a",))]
        )

    @given(st.lists(LOTS, min_size=1))
    def test_a_pnu_agrees_with_its_own_lot_number(self, lots: list[LotNumber]) -> None:
        pnus = [
            Pnu("4113110700", mountain=x.mountain, main_number=x.main, sub_number=x.sub)
            for x in lots
        ]
        spare = Pnu("4113110700", mountain=False, main_number=7, sub_number=7)
        check = checked_pnus([pnu.text for pnu in (*pnus, spare)])
        column = lot_numbers([f"{x.address}{x.jimok or ''}" for x in lots] + ["7-7"])
        refused, found = disagreements(check, column, ids=[str(i) for i in range(len(lots) + 1)])
        assert not refused.any()
        assert found == []

    def test_a_spreadsheet_that_kept_15_digits_is_found_by_the_lot_numbers(self) -> None:
        pnus = checked_pnus([f"11650102001{n:04d}0000" for n in (5, 6, 7)])
        refused, (issue,) = disagreements(pnus, lot_numbers(["5", "6-1", "7-12"]), ids="abc")
        assert refused.tolist() == [False, True, True]
        assert (issue.code, issue.parcel_ids) == ("pnu_float_damaged", ("b", "c"))
        assert "sub numbers" in str(issue.message)

    def test_the_column_of_land_categories_comes_before_the_letter(self) -> None:
        lots = lot_numbers(["1대", "2전", "3답", "4", "5구"])
        letters, found = settled_jimoks([None, "도로", "02", "무엇", "?"], lots=lots, ids="abcde")
        assert letters == ("대", "도", "답", "무엇", "?")
        assert [(issue.code, issue.parcel_ids) for issue in found] == [
            ("jimok_unknown", ("d", "e")),
            ("jimok_differs", ("b",)),
        ]


def test_real_parcels_agree_with_themselves(shared: Path) -> None:
    real = gpd.read_file(shared / "wirye_parcels_first9.geojson")
    column = lot_numbers(real["JIBUN"].tolist())
    assert column.texts[:2] == ("204-18", "204-5")
    assert "".join(letter or "?" for letter in column.jimoks) == "구구전도답도전전전"
    check = checked_pnus(real["PNU"].tolist())
    refused, found = disagreements(check, column, ids=real["PNU"].tolist())
    assert check.usable.all()
    assert not refused.any()
    assert found == []
