"""The map document: one file, nothing fetched, no text from a file read as HTML or template."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import folium
import pytest
from hypothesis import given
from hypothesis import strategies as st

import siteplan
from siteplan.errors import InputError
from siteplan.maps.assets import LOOKS, SCRIPTS, without_comments
from siteplan.maps.basemap import OSM, basemap, vworld
from siteplan.maps.live import (
    _shared_start,
    content_policy,
    live_document,
    plan_map,
    script_json,
    write_map,
)
from siteplan.maps.message import BEFORE_SECTIONS, SECTIONS, plan_message
from siteplan.maps.style import COLOUR_BYS, colours
from tests.browser.apps.grid import NASTY, grid_parcels, grid_plan


class Elements(HTMLParser):
    """Every element with its attributes, and the text of the data blocks."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.blocks: dict[str, str] = {}
        self._block = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.found.append((tag, attributes))
        data = attributes.get("type") == "application/json"
        self._block = str(attributes["id"]) if data else ""

    def handle_data(self, data: str) -> None:
        if self._block:
            self.blocks[self._block] = self.blocks.get(self._block, "") + data


def test_nothing_is_fetched() -> None:
    html = live_document(grid_parcels(9), lang="ko")
    for tag, attributes in Elements(html).found:
        assert tag not in {"link", "img", "iframe", "object", "embed", "base"}
        assert "src" not in attributes
    assert not re.search(r"url\(\s*['\"]?(?!data:|#)", html.split("</style>")[0])
    policies = [a["content"] for tag, a in Elements(html).found if a.get("http-equiv")]
    assert content_policy(None) in policies


def test_tiles_are_the_only_host_that_a_base_map_adds() -> None:
    assert "http" not in content_policy(None)
    assert f"img-src data: {OSM.host};" in content_policy(OSM)
    html = live_document(grid_parcels(9), lang="ko", basemap=OSM)
    assert OSM.url in html
    assert OSM.attribution.removeprefix("© ") in html


def test_vworld_key_cannot_carry_anything_else() -> None:
    assert "/0A-b1/Base/{z}/{y}/{x}.png" in vworld("0A-b1").url
    with pytest.raises(InputError, match="letters, digits"):
        vworld("x/{{ 7*7 }}")


def test_a_kept_document_holds_no_key() -> None:
    tiles = vworld("MY-OWN-KEY").without_key()
    html = live_document(grid_parcels(4), lang="ko", basemap=tiles)
    assert "MY-OWN-KEY" not in html
    assert "/1.0.0/{key}/Base/" in html
    assert OSM.without_key() == OSM


def test_no_tiles_without_a_choice_or_a_key() -> None:
    assert basemap("none", key="K1") is None
    assert basemap("vworld", key=" ") is None
    assert basemap("osm") == OSM
    assert basemap("vworld", key=" K1 ") == vworld("K1")
    with pytest.raises(InputError, match="letters, digits"):
        basemap("vworld", key="K1/../")


def test_the_page_can_be_zoomed() -> None:
    for tag, attributes in Elements(live_document(grid_parcels(4), lang="ko")).found:
        if tag == "meta" and attributes.get("name") == "viewport":
            assert "user-scalable" not in (attributes["content"] or "")


def test_search_finds_the_whole_pnu_of_every_parcel() -> None:
    parcels = siteplan.read_parcels()
    facts = json.loads(Elements(live_document(parcels, lang="ko")).blocks["siteplan-parcels"])
    told = [None if rest is None else facts["pnu_start"] + rest for rest in facts["pnus"]]
    assert told == list(parcels.pnus)


@given(st.lists(st.text("가01", max_size=6), max_size=6))
def test_what_texts_share_at_their_start(texts: list[str]) -> None:
    start = _shared_start(texts)
    assert all(text.startswith(start) for text in texts)
    longer = {text[: len(start) + 1] for text in texts}
    assert not texts or len(longer) > 1 or longer == {start}


def test_comments_are_left_out_of_the_document_and_nothing_else() -> None:
    code = '// a\n  const url = "http://x"; // says where\n\n  go(url);\n'
    assert without_comments(code) == 'const url = "http://x";\ngo(url);'
    folder = files("siteplan.maps") / "page"
    names = {path.name for path in folder.iterdir()}
    assert names == {*(f"{name}.js" for name in SCRIPTS), *(f"{name}.css" for name in LOOKS)}


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_equal_parcels_give_an_equal_document(lang: str) -> None:
    assert live_document(grid_parcels(9), lang=lang) == live_document(grid_parcels(9), lang=lang)


def test_names_from_files_stay_text() -> None:
    html = live_document(grid_parcels(9), lang="ko")
    page = Elements(html)
    assert json.loads(page.blocks["siteplan-parcels"])["names"][0] == NASTY
    assert "{{ 7*7 }}" not in html
    assert not any(tag == "img" for tag, _ in page.found)
    assert html.count("<script") == len([1 for tag, _ in page.found if tag == "script"])


@given(st.text(st.sampled_from("<>&{}%#/!-\"'\\ script\u2028\u2029가"), max_size=30))
def test_script_json_is_read_back_and_holds_no_markup(text: str) -> None:
    told = script_json({"a": {"b": [text]}, text: {}})
    assert json.loads(told) == {"a": {"b": [text]}, text: {}}
    assert not re.search(r"[<>&\u2028\u2029]|\{[{%#]", told)


def test_plan_map_is_a_folium_map_that_holds_every_colouring(tmp_path: Path) -> None:
    plan = grid_plan(grid_parcels(9))
    assert isinstance(plan_map(plan), folium.Map)
    path = tmp_path / "plan.html"
    write_map(plan, path, lang="en", colour_by="zone")
    block = json.loads(Elements(path.read_text(encoding="utf-8")).blocks["siteplan-plan"])
    assert [style["colour_by"] for style in block["styles"]] == list(COLOUR_BYS)
    assert block["colour_by"] == "zone"
    with pytest.raises(ValueError, match="cannot colour by"):
        plan_map(plan, colour_by="price")


def test_plan_map_offers_the_change_against_another_plan() -> None:
    parcels = grid_parcels(9)
    plan, other = grid_plan(parcels), grid_plan(parcels, research_pct=60)
    html = plan_map(plan, lang="en", colour_by="change", against=other).get_root().render()
    block = json.loads(Elements(html).blocks["siteplan-plan"])
    assert [style["colour_by"] for style in block["styles"]] == ["change", *COLOUR_BYS]
    assert set(BEFORE_SECTIONS) <= set(block["figures"])


def test_shipped_parcels_show_their_surroundings() -> None:
    blocks = Elements(live_document(siteplan.read_parcels(), lang="ko")).blocks
    for layer in ("road", "water", "station"):
        features = json.loads(blocks[f"siteplan-{layer}"])
        assert any(feature["name"] for feature in features)


def test_message_holds_the_plans_figures() -> None:
    plan = grid_plan(grid_parcels(40))
    style = colours(plan, lang="en")
    message = plan_message(plan, style=style, selected=["lot-3", "nobody"], around={"path": "x"})
    start = 4 + int.from_bytes(message[:4], "little")
    head = json.loads(message[4:start])
    assert head["path"] == "x"
    assert head["plan"]["selected"] == ["lot-3"]
    assert [name for name, _ in head["sections"]] == list(SECTIONS)
    sections = {}
    for name, length in head["sections"]:
        sections[name], start = message[start : start + length], start + length
    assert start == len(message)
    assert list(sections["index"]) == style.index.tolist()
    rows = memoryview(sections["rows"]).cast("i").tolist()
    gfa_m2 = iter(memoryview(sections["gfa_m2"]).cast("i").tolist())
    for row, uses in zip(rows, sections["uses"], strict=True):
        told = [next(gfa_m2) if uses >> use & 1 else 0 for use in range(4)]
        assert told == plan.gfa_m2[row].tolist()
    assert rows == [row for row, m2 in enumerate(plan.parcel_gfa_m2) if m2]
