"""The 3-D view's layers say what the plan says, as text, and ask for no base map."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import shapely
from pyproj import Transformer

from siteplan.evaluation import Plan, evaluate
from siteplan.io import default_scenario, read_parcels
from siteplan.maps.deck import LOTS, PRISMS, on_screen_px, parcel_of, plan_deck
from siteplan.maps.style import USE_COLOURS
from siteplan.massing import STACK
from tests.browser.apps.grid import NASTY, grid_parcels, grid_plan


@pytest.fixture(scope="module")
def plan() -> Plan:
    return grid_plan(grid_parcels(16))


def layers(plan: Plan, **more: Any) -> dict[str, dict[str, Any]]:
    said = json.loads(plan_deck(plan, lang="en", **more).to_json())
    assert "http" not in json.dumps({k: v for k, v in said.items() if k != "layers"})
    return {layer["id"]: layer for layer in said["layers"]}


def test_prisms_have_the_uses_colours_and_stack_without_gaps(plan: Plan) -> None:
    massing = plan.massing
    rows = layers(plan)[PRISMS]["data"]
    assert {r["row"] for r in rows} == set((massing.floors > 0).nonzero()[0].tolist())
    allowed = {tuple(int(c[i : i + 2], 16) for i in (1, 3, 5)) for c in USE_COLOURS.values()}
    assert {tuple(r["fill"]) for r in rows} <= allowed
    for row in {r["row"] for r in rows}:
        mine = [r for r in rows if r["row"] == row]
        assert len(mine) == (massing.segment_m2[row] > 0).sum() <= len(STACK)
        top = 0.0
        for prism in mine:
            assert prism["polygon"][0][0][2] == pytest.approx(top, abs=0.011)
            top += prism["height"]
        assert top == pytest.approx(massing.height_m[row], abs=0.03)


def test_no_base_map_is_asked_for(plan: Plan) -> None:
    deck = plan_deck(plan, lang="ko")
    assert deck.map_provider is None
    # Streamlit leaves the base map out only for this very word, pydeck's own default.
    assert deck.map_style == "__MAP_STYLE__"


def test_tooltips_are_text_and_no_row_is_read_as_an_expression(plan: Plan) -> None:
    deck = plan_deck(plan, lang="en")
    assert set(deck._tooltip) == {"text", "style"}
    tips = [row["tip"] for row in layers(plan)[LOTS]["data"]]
    assert any(NASTY in tip for tip in tips)
    hostile = grid_plan(grid_parcels(4, name="@@=alert(1)"))
    for layer in layers(hostile).values():
        for row in layer["data"]:
            for value in row.values():
                assert not (isinstance(value, str) and value.startswith("@@"))


def test_the_selection_is_outlined_and_a_click_names_its_parcel(plan: Plan) -> None:
    assert layers(plan)["selected"]["data"] == []
    assert len(layers(plan, selected=("lot-3", "gone"))["selected"]["data"]) == 1
    row = layers(plan)[PRISMS]["data"][0]
    assert parcel_of({PRISMS: [row]}, plan=plan) == plan.parcels.ids[row["row"]]
    assert parcel_of({LOTS: [{"row": 99}]}, plan=plan) is None
    assert parcel_of({}, plan=plan) is None


def test_the_first_view_holds_all_buildings_on_a_phone_and_beside_it() -> None:
    for plan in (
        evaluate(read_parcels(), default_scenario(read_parcels())),
        grid_plan(grid_parcels(16)),
    ):
        view = json.loads(plan_deck(plan, lang="en").to_json())["initialViewState"]
        middle = shapely.Point(
            *Transformer.from_crs(4326, 5186, always_xy=True).transform(
                view["longitude"], view["latitude"]
            )
        )
        scale = 512 * 2 ** view["zoom"] / (40_075_016.7 * np.cos(np.radians(view["latitude"])))
        corners = [
            [x, y, z]
            for row in np.flatnonzero(plan.parcel_gfa_m2).tolist()
            for x, y in shapely.get_coordinates(plan.parcels.geometry[row])
            for z in (0.0, float(plan.height_m[row]))
        ]
        seen = on_screen_px(np.array(corners), np.array([middle.x, middle.y]), scale)
        assert np.abs(seen[:, 0]).max() < 350 / 2 - 30
        assert np.abs(seen[:, 1]).max() < 520 / 2 - 20
        # No smaller than it must be: one of the two ways it fills the view.
        assert max(np.ptp(seen[:, 0]) / 254, np.ptp(seen[:, 1]) / 448) > 0.8
