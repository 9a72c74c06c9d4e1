"""Small pictures of plans: what changed stands out, by more than colour, and in words."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest

from siteplan.maps.style import USE_COLOURS
from siteplan.maps.thumbnail import LETTERS, plan_thumbnail
from tests.studies import row_of_lots

SVG = "{http://www.w3.org/2000/svg}"


def gfa(*rows: tuple[int, int, int, int]) -> np.ndarray:
    return np.array(rows, dtype=np.int64)


BEFORE = gfa((900, 0, 0, 0), (0, 0, 500, 0), (0, 0, 0, 0))
AFTER = gfa((0, 0, 0, 900), (0, 0, 500, 0), (900, 0, 0, 0))


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_changed_parcels_have_a_thick_outline_and_a_letter(lang: str) -> None:
    svg = ET.fromstring(
        plan_thumbnail(row_of_lots(["준주거지역"] * 3), AFTER, before_m2=BEFORE, lang=lang)
    )
    paths = list(svg.iter(f"{SVG}path"))
    changed = [path for path in paths if path.get("class") == "changed"]
    assert [path.get("fill") for path in changed] == [
        USE_COLOURS["culture"],
        USE_COLOURS["research"],
    ]
    others = [path for path in paths if path.get("class") is None]
    assert [path.get("fill") for path in others] == [USE_COLOURS["housing"]]
    width = {float(path.get("stroke-width", "1")) for path in others}
    assert max(width) < min(float(path.get("stroke-width", "0")) for path in changed)
    letters = [text.text for text in svg.iter(f"{SVG}text")]
    assert letters == [LETTERS[lang]["culture"], LETTERS[lang]["research"]]


def test_it_says_the_same_in_words() -> None:
    svg = plan_thumbnail(row_of_lots(["준주거지역"] * 3), AFTER, before_m2=BEFORE, lang="en")
    title = ET.fromstring(svg).find(f"{SVG}title")
    assert title is not None
    assert title.text == (
        "3 parcels with floor area, 2 of them changed; by their main use then: "
        "Research 1, Campus 0, Housing 0, Culture 1."
    )


def test_a_parcel_that_is_emptied_shows_a_dash() -> None:
    svg = plan_thumbnail(row_of_lots(["준주거지역"] * 3), BEFORE, before_m2=AFTER, lang="en")
    assert [text.text for text in ET.fromstring(svg).iter(f"{SVG}text")] == ["R", "–"]


def test_without_a_plan_to_compare_with_nothing_stands_out() -> None:
    svg = plan_thumbnail(row_of_lots(["준주거지역"] * 3), AFTER)
    assert 'class="changed"' not in svg
    assert "<text" not in svg


def test_parcels_lie_where_they_lie_on_the_ground() -> None:
    """Three squares side by side from west to east, north up, all within the picture."""
    svg = ET.fromstring(plan_thumbnail(row_of_lots(["준주거지역"] * 3), AFTER, width_px=300))
    boxes = []
    for path in svg.iter(f"{SVG}path"):
        numbers = [float(n) for n in re.findall(r"-?[\d.]+", path.get("d") or "")]
        boxes.append((min(numbers[::2]), max(numbers[::2]), min(numbers[1::2]), max(numbers[1::2])))
    assert [box[0] for box in boxes] == pytest.approx([6, 102, 198], abs=0.1)
    assert [box[1] for box in boxes] == pytest.approx([102, 198, 294], abs=0.1)
    assert {round(box[3] - box[2]) for box in boxes} == {96}
    assert svg.get("height") == "108"


def test_names_from_a_file_do_not_get_into_it() -> None:
    parcels = row_of_lots(["준주거지역"] * 3)
    nasty = '"><script>alert(1)</script>'
    parcels = replace(parcels, ids=(nasty, "b", "c"), names_ko=(nasty,) * 3, jibuns=(nasty,) * 3)
    svg = plan_thumbnail(parcels, AFTER, before_m2=BEFORE)
    assert "script" not in svg
    ET.fromstring(svg)


def test_pictures_of_several_plans_show_the_same_ground() -> None:
    parcels = row_of_lots(["준주거지역"] * 3)
    in_view = np.array([True, True, False])
    one = gfa((900, 0, 0, 0), (0, 0, 0, 0), (0, 0, 0, 0))
    two = gfa((0, 0, 0, 0), (900, 0, 0, 0), (0, 0, 0, 0))
    places = [
        sorted(
            path.get("d") or ""
            for path in ET.fromstring(plan_thumbnail(parcels, plan, in_view=in_view)).iter(
                f"{SVG}path"
            )
        )
        for plan in (one, two)
    ]
    assert places[0] == places[1]
