"""Columns decoded at once are the columns decoded value by value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteplan.io.encoding import RAW, chosen_encoding, decoded
from siteplan.io.text_columns import decoded_column, samples

KOREAN = st.text("가나다양재동대전답1234567890-산 구", max_size=8)
RAW_TEXT = st.one_of(
    KOREAN.map(lambda text: text.encode("cp949").decode(RAW)),
    KOREAN.map(lambda text: text.encode("utf-8").decode(RAW)),
    st.binary(max_size=8).map(lambda raw: raw.decode(RAW)),
    st.none(),
    st.just(float("nan")),
)


def _one_by_one(values: list[object], *, encoding: str) -> tuple[list[str | None], int]:
    read = [
        decoded(text.encode(RAW), encoding=encoding) if isinstance(text, str) else (None, False)
        for text in values
    ]
    return [text for text, _ in read], sum(damaged for _, damaged in read)


@given(values=st.lists(RAW_TEXT, max_size=12), encoding=st.sampled_from(["cp949", "utf-8", RAW]))
def test_at_once_is_what_one_by_one_is(values: list[object], encoding: str) -> None:
    column, lost = decoded_column(values, encoding=encoding)
    assert (column.tolist(), lost) == _one_by_one(values, encoding=encoding)


@given(columns=st.lists(st.lists(RAW_TEXT, max_size=6), max_size=4))
def test_the_samples_decide_what_all_values_decide(columns: list[list[object]]) -> None:
    texts = [text.encode(RAW) for column in columns for text in column if isinstance(text, str)]
    assert chosen_encoding(samples(columns), declared=None) == chosen_encoding(texts, declared=None)


@pytest.mark.parametrize("text", ["175전", "61-8답", "양재동 204-18 구"])
def test_lot_numbers_of_a_register_come_out_right(text: str) -> None:
    column, lost = decoded_column([text.encode("cp949").decode(RAW)] * 3, encoding="cp949")
    assert column.tolist() == [text] * 3
    assert lost == 0


def test_a_letter_cut_in_two_is_dropped_and_counted() -> None:
    whole, cut = "양재동".encode("cp949"), "양재동".encode("cp949")[:-1]
    column, lost = decoded_column([whole.decode(RAW), cut.decode(RAW), None], encoding="cp949")
    assert column.tolist() == ["양재동", "양재", None]
    assert lost == 1
