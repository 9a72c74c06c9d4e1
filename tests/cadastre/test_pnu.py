"""PNUs: any spelling becomes 19 digits, and lost digits are found out rather than believed."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteplan.cadastre.legal_dongs import LEGAL_DONGS, dong_name
from siteplan.cadastre.pnu import Pnu, PnuStatus, checked_pnus, is_pnu, sub_numbers_cut
from siteplan.errors import InputError

MARKET = "1165010200102230000"  # 양재동 223, by the facts

PNUS = st.builds(
    Pnu,
    dong_code=st.integers(11, 52).flatmap(
        lambda sido: st.integers(0, 10**8 - 1).map(lambda rest: f"{sido}{rest:08d}")
    ),
    mountain=st.booleans(),
    main_number=st.integers(1, 9999),
    sub_number=st.integers(0, 9999),
)


def statuses(*values: object) -> list[PnuStatus]:
    return [PnuStatus(status) for status in checked_pnus(values).status.tolist()]


def honest(count: int = 30) -> list[str]:
    """Lots 1-11, 2-22, ... of 양재동, as a register would list them."""
    return [f"11650102001{n:04d}{11 * n:04d}" for n in range(1, count + 1)]


class TestOne:
    @pytest.mark.parametrize(
        ("text", "jibun"),
        [
            (MARKET, "223"),
            ("1165010200102240000", "224"),
            ("1165010200102250000", "225"),
            ("1165010300101410000", "141"),
            ("1165010200200120003", "산 12-3"),
        ],
    )
    def test_known_parcels(self, text: str, jibun: str) -> None:
        pnu = Pnu.from_text(text)
        assert (pnu.text, pnu.jibun) == (text, jibun)

    @given(PNUS)
    def test_text_and_back(self, pnu: Pnu) -> None:
        assert Pnu.from_text(pnu.text) == pnu
        assert is_pnu(pnu.text)

    @pytest.mark.parametrize(
        "text", ["", "223", "1165010200002230000", "1.16501e+18", "116501020010000" + "0000"]
    )
    def test_what_is_none_is_refused_with_the_form(self, text: str) -> None:
        with pytest.raises(InputError, match="19 digits"):
            Pnu.from_text(text)

    @pytest.mark.parametrize(("main", "sub"), [(0, 0), (10_000, 0), (1, -1), (1, 10_000)])
    def test_parts_out_of_range(self, main: int, sub: int) -> None:
        with pytest.raises(InputError, match="is no PNU"):
            Pnu("1165010200", mountain=False, main_number=main, sub_number=sub)


class TestSpelling:
    @pytest.mark.parametrize(
        "value",
        [
            MARKET,
            int(MARKET),
            np.int64(MARKET),
            np.str_(MARKET),
            MARKET.encode(),
            Decimal(MARKET),
            f" {MARKET}\t",
            f"'{MARKET}",
            f'="{MARKET}"',
            f"\ufeff{MARKET}\u200b",
            "1165010200-1-0223-0000",
            "1165010200 1 223 0",
            "11650-10200-1-223-0",
            "1165010200_1_0223_0000",
            "1165010200–1–0223–0000",
            "1,165,010,200,102,230,000",
            "１１６５０１０２００１０２２３００００",
        ],
    )
    def test_spellings_of_one_parcel(self, value: object) -> None:
        found = checked_pnus([value])
        assert found.texts == (MARKET,)
        assert statuses(value) == [PnuStatus.OK]
        told = [issue.code for issue in found.issues(["a"])]
        assert told == ([] if value == MARKET or not isinstance(value, str) else ["pnu_rewritten"])

    @pytest.mark.parametrize("value", [None, "", " ", "nan", float("nan"), pd.NA, pd.NaT, "-"])
    def test_missing(self, value: object) -> None:
        assert statuses(value) == [PnuStatus.MISSING]
        (issue,) = checked_pnus([value]).issues(["a"])
        assert (issue.code, issue.parcel_ids) == ("pnu_missing", ("a",))

    @pytest.mark.parametrize(
        "value",
        [
            MARKET[:-1],
            MARKET + "0",
            MARKET + "000001",
            "1165010200-1-22-30000",
            "양재동 223",
            "1165010200102230000; DROP",
            MARKET[:11] + "0000" + "0001",
            "-" + MARKET,
            "x" * 10_000,
            "\0" + MARKET,
            float("inf"),
            1165.0,
            True,
            [],
        ],
    )
    def test_malformed(self, value: object) -> None:
        found = checked_pnus([value])
        assert statuses(value) == [PnuStatus.MALFORMED]
        assert found.texts == (None,)
        assert found.issues(["a"])[0].code == "pnu_invalid"

    @given(st.lists(st.one_of(st.text(max_size=25), st.integers(), st.floats(), st.none())))
    def test_whatever_comes_in_what_comes_out_is_a_pnu_or_nothing(
        self, values: list[object]
    ) -> None:
        found = checked_pnus(values)
        assert len(found.texts) == len(values)
        assert all(text is None or is_pnu(text) for text in found.texts)
        assert [text is not None for text in found.texts] == found.usable.tolist()
        for issue in found.issues([str(row) for row in range(len(values))]):
            assert issue.message.render("en")

    @given(st.lists(PNUS, min_size=1))
    def test_a_column_is_its_parcels(self, pnus: list[Pnu]) -> None:
        # A column that is rounded throughout would be refused, rightly; one odd lot prevents it.
        pnus = [*pnus, Pnu("1165010200", mountain=False, main_number=7, sub_number=7)]
        found = checked_pnus([pnu.text for pnu in pnus])
        assert found.texts == tuple(pnu.text for pnu in pnus)
        assert found.main_number.tolist() == [pnu.main_number for pnu in pnus]
        assert found.sub_number.tolist() == [pnu.sub_number for pnu in pnus]
        assert found.mountain.tolist() == [pnu.mountain for pnu in pnus]


class TestFloats:
    @pytest.mark.parametrize(
        "value",
        [float(MARKET), np.float64(MARKET), np.float32(1.165e18), "1.16501e+18", "1.1650102E+18",
         "1,16501E+18", "1.16501020010223e18", f"{MARKET}.0", f"{float(MARKET):.1f}"],
    )  # fmt: skip
    def test_one_value_that_went_through_a_float(self, value: object) -> None:
        found = checked_pnus([value])
        assert statuses(value) == [PnuStatus.FLOAT_DAMAGED]
        assert found.texts == (None,)
        (issue,) = found.issues(["a"])
        assert (issue.code, issue.severity) == ("pnu_float_damaged", "error")
        assert "as text" in issue.fix.render("en")

    def test_a_decimal_point_with_digits_that_no_float_has_is_no_damage(self) -> None:
        whole = honest()
        found = checked_pnus([f"{text}.0" for text in whole])
        assert found.texts == tuple(whole)
        assert [issue.code for issue in found.issues(whole)] == ["pnu_rewritten"]

    @pytest.mark.parametrize(
        ("spoil", "evidence"),
        [
            (lambda text: str(int(float(text))), "multiples of 256"),
            (lambda text: int(float(text)), "multiples of 256"),
            (lambda text: str(int(Decimal(repr(float(text))))), "end in two zeros"),
            (lambda text: f"{float(text):.0f}.0", "rounded numbers"),
            (lambda text: repr(float(text)), "rounded numbers"),
        ],
    )
    def test_a_column_that_went_through_floats(self, spoil: object, evidence: str) -> None:
        found = checked_pnus([spoil(text) for text in honest()])
        assert set(found.status.tolist()) == {PnuStatus.FLOAT_DAMAGED}
        (issue,) = found.issues(honest())
        assert len(issue.parcel_ids) == 30
        assert evidence in issue.message.render("en")

    def test_other_sizes_of_numbers_have_other_steps(self) -> None:
        busan = [f"2611010100{text[10:]}" for text in honest()]
        found = checked_pnus([str(int(float(text))) for text in busan])
        assert "multiples of 512" in str(found.evidence)

    def test_honest_columns_are_believed(self) -> None:
        main_lots = [f"11650102001{n:04d}0000" for n in range(1, 2000)]
        for column in (honest(), main_lots, main_lots[:1], [MARKET] * 50, [MARKET]):
            assert set(checked_pnus(column).status.tolist()) == {PnuStatus.OK}

    def test_one_rounded_number_alone_proves_nothing(self) -> None:
        assert statuses(str(int(float(MARKET)))) == [PnuStatus.OK]


class TestCutOff:
    """Sub numbers that a spreadsheet cut off: 15 digits are kept, and lots share one PNU."""

    @given(st.lists(PNUS, min_size=3, unique=True))
    def test_it_is_told_where_lots_of_one_main_number_come_together(self, pnus: list[Pnu]) -> None:
        rounded = [f"{pnu.text[:15]}0000" for pnu in pnus]
        assert sub_numbers_cut(rounded) == (len(set(rounded)) < len(pnus))
        assert not sub_numbers_cut([*rounded, f"{pnus[0].text[:15]}0001"])
        assert not sub_numbers_cut(sorted(set(rounded)))

    def test_two_prove_nothing(self) -> None:
        assert not sub_numbers_cut([MARKET, MARKET])
        assert sub_numbers_cut([MARKET] * 3)


class TestFamilies:
    LAND = "1165010300002320000"
    FOREST = "1165010300100120003"

    def test_the_building_registers_zero_and_one(self) -> None:
        found = checked_pnus([self.LAND, self.FOREST, None])
        assert found.texts == ("1165010300102320000", "1165010300200120003", None)
        assert found.mountain.tolist() == [False, True, False]
        other, missing = found.issues(["a", "b", "c"])
        assert (other.code, other.parcel_ids) == ("pnu_other_family", ("a", "b"))
        assert missing.code == "pnu_missing"
        assert self.LAND in other.message.render("en")

    def test_only_ones_are_the_ordinary_family(self) -> None:
        assert statuses(*honest()) == [PnuStatus.OK] * 30

    def test_only_zeros_are_the_other(self) -> None:
        assert statuses(self.LAND) == [PnuStatus.OTHER_FAMILY]

    @pytest.mark.parametrize("column", ["012", "02", "1" * 8 + "2" * 8 + "00"])
    def test_mixed_ones_are_not_guessed(self, column: str) -> None:
        values = [f"1165010300{digit}0{row + 11:03d}0001" for row, digit in enumerate(column)]
        found = checked_pnus(values)
        assert set(found.status.tolist()) == {PnuStatus.MIXED_FAMILY}
        assert found.texts == (None,) * len(column)
        assert [issue.code for issue in found.issues(values)] == ["pnu_family_mixed"]

    @pytest.mark.parametrize("column", ["1" * 40 + "0", "0" + "1" * 11, "1" * 8 + "2" + "0"])
    def test_a_stray_zero_spoils_its_own_row_only(self, column: str) -> None:
        # Formerly all rows were refused; but no building register has nine lots of ten on 산.
        values = [f"1165010300{digit}0{row + 11:03d}0001" for row, digit in enumerate(column)]
        found = checked_pnus(values)
        kept = tuple(None if value[10] == "0" else value for value in values)
        assert found.texts == kept
        (issue,) = found.issues(values)
        assert (issue.code, issue.severity) == ("pnu_family_odd", "error")
        assert issue.parcel_ids == (values[column.index("0")],)

    @pytest.mark.parametrize("digit", "3456789")
    def test_other_digits_are_set_apart_and_spoil_nothing(self, digit: str) -> None:
        found = checked_pnus([MARKET, f"1165010200{digit}02230000"])
        assert found.status.tolist() == [PnuStatus.OK, PnuStatus.UNUSUAL_KIND]
        assert found.texts == (MARKET, None)


class TestDongs:
    def test_the_two_that_the_study_lies_in(self) -> None:
        assert str(dong_name("1165010200").render("ko")) == "양재동"  # type: ignore[union-attr]
        assert str(dong_name("1165010300").render("en")) == "Umyeon-dong"  # type: ignore[union-attr]
        assert {dong.code for dong in LEGAL_DONGS if dong.verified} == {"1165010200", "1165010300"}

    @pytest.mark.parametrize("code", ["", "1165010500", "1168010300", "11650102"])
    def test_others_are_not_known(self, code: str) -> None:
        assert dong_name(code) is None

    def test_codes_are_unique_and_of_the_district(self) -> None:
        codes = [dong.code for dong in LEGAL_DONGS]
        assert len(set(codes)) == len(codes) == 10
        assert all(len(code) == 10 and code.startswith("11650") for code in codes)
