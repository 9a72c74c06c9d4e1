"""The map document: one file, nothing fetched, no text from a file read as HTML or template."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import folium
import pytest
from hypothesis import given
from hypothesis import strategies as st

import siteplan
from siteplan.errors import InputError
from siteplan.maps.basemap import OSM, vworld
from siteplan.maps.live import content_policy, live_document, plan_map, script_json, write_map
from siteplan.maps.message import SECTIONS, plan_message
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
