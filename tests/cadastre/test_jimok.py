"""Land categories: one of 28, by letter, name or code."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteplan.cadastre.jimok import JIMOKS, LETTERS, Jimok, jimok_letters, jimok_of


def test_the_28_categories_in_the_order_of_the_law() -> None:
    assert LETTERS == "전답과목임광염대장학차주창도철제천구유양수공체원종사묘잡"
    assert [jimok.code for jimok in JIMOKS] == [f"{number:02d}" for number in range(1, 29)]
    assert len({jimok.label.en for jimok in JIMOKS}) == len(set(LETTERS)) == 28


def test_letters_are_first_letters_but_for_four() -> None:
    others = {j.label.ko: j.letter for j in JIMOKS if j.letter != j.label.ko[0]}
    assert others == {"공장용지": "장", "주차장": "차", "하천": "천", "유원지": "원"}


@pytest.mark.parametrize("jimok", JIMOKS, ids=lambda jimok: jimok.label.en)
def test_letter_name_and_code_name_it(jimok: Jimok) -> None:
    number = int(jimok.code)
    ways = (jimok.letter, jimok.label.ko, jimok.code, str(number), number, float(number))
    assert {jimok_of(way) for way in ways} == {jimok}


@pytest.mark.parametrize(
    ("text", "letter"),
    [("08", "대"), (8, "대"), ("8.0", "대"), (" 대 ", "대"), ("대지", "대"), ("공장 용지", "장")],
)
def test_ways_to_write_one(text: object, letter: str) -> None:
    found = jimok_of(text)
    assert found is not None
    assert found.letter == letter


@pytest.mark.parametrize(
    "text", ["", "29", "00", 0, 29, -1, 8.5, float("nan"), None, True, "가", "대대", "산", []]
)
def test_what_names_none(text: object) -> None:
    assert jimok_of(text) is None


@given(st.lists(st.one_of(st.none(), st.text(max_size=4), st.sampled_from(LETTERS))))
def test_a_column_is_its_values(texts: list[str | None]) -> None:
    one_by_one = [jimok_of(text) for text in texts]
    assert jimok_letters(texts) == tuple(jimok and jimok.letter for jimok in one_by_one)
