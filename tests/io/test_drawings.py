"""DXF, CityJSON and the colours of the GeoPackage, each read by a program that is not ours."""

from __future__ import annotations

import json
import sqlite3
import xml.etree.ElementTree as ET
from collections import Counter, defaultdict
from contextlib import closing
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
from ezdxf.entities.lwpolyline import LWPolyline
from ezdxf.entities.mtext import MText
from ezdxf.filemanagement import readfile

from siteplan.evaluation import evaluate
from siteplan.io import default_scenario, read_parcels, write_plan
from siteplan.io.dxf import LABELS, LOTS, massing_layer
from siteplan.maps.looks import UNUSED, USE_COLOURS
from siteplan.massing import prisms
from siteplan.parcels import Parcels
from siteplan.programme import Programme, UseTarget
from siteplan.scenario import Scenario
from siteplan.uses import USES

if TYPE_CHECKING:
    from pathlib import Path

    from ezdxf.document import Drawing

    from siteplan.evaluation import Plan

EAST_M, NORTH_M = 203_000.0, 540_000.0


@pytest.fixture(scope="module")
def shipped() -> Plan:
    parcels = read_parcels()
    return evaluate(parcels, default_scenario(parcels))


def square(x: float, y: float, side: float) -> Any:
    return shapely.box(EAST_M + x, NORTH_M + y, EAST_M + x + side, NORTH_M + y + side)


@pytest.fixture(scope="module")
def odd() -> Plan:
    """A lot with a yard in it, one of two parts, and one whose name means something to CAD."""
    holed = square(0, 0, 100).difference(square(20, 20, 60))
    parted = shapely.union_all([square(120, 0, 40), square(170, 0, 30)])
    frame = gpd.GeoDataFrame(
        {
            "parcel_id": ["holed", "parted", "named"],
            "zone": "준주거지역",
            "zone_verified": True,
            "evidence": "official",
            "name_ko": [None, None, "{\\P시험}"],
        },
        geometry=[holed, parted, square(220, 0, 50)],
        crs=5186,
    )
    targets = tuple(UseTarget(gfa_m2) for gfa_m2 in (10_000, 8_000, 20_000, 2_000))
    return evaluate(Parcels.from_frame(frame), Scenario(programme=Programme(40_000, targets)))


@pytest.fixture(params=["shipped", "odd"])
def plan(request: pytest.FixtureRequest) -> Plan:
    found: Plan = request.getfixturevalue(request.param)
    assert found.status != "infeasible"
    return found


def outlines(drawing: Drawing, layer: str) -> list[LWPolyline]:
    found = drawing.modelspace().query(f'LWPOLYLINE[layer=="{layer}"]')
    return [line for line in found if isinstance(line, LWPolyline)]


def area_of(line: LWPolyline) -> float:
    return float(shapely.Polygon([(x, y) for x, y, *_ in line.get_points()]).area)


def built_m3(plan: Plan) -> dict[str, float]:
    """Volume of each segment, from the massing's own prisms."""
    volumes: defaultdict[str, float] = defaultdict(float)
    for prism in prisms(plan.massing, plan.parcels.geometry):
        volumes[prism.segment] += prism.outline.area * prism.height_m
    return volumes


class TestDxf:
    def test_the_drawing_is_sound_and_in_metres(self, plan: Plan, tmp_path: Path) -> None:
        drawing = readfile(write_plan(plan, tmp_path / "도면.dxf"))
        audit = drawing.audit()
        assert (audit.errors, audit.fixes) == ([], [])
        assert drawing.units == 6
        said = dict(drawing.header.custom_vars.properties)
        assert said["siteplan scenario"] == plan.scenario_id
        assert said["siteplan coordinates"] == "EPSG:5186, m"
        assert int(said["siteplan total GFA (m2)"]) == plan.total_gfa_m2

    def test_lots_carry_their_outline_and_figures(self, plan: Plan, tmp_path: Path) -> None:
        drawing = readfile(write_plan(plan, tmp_path / "a.dxf"))
        area_m2: defaultdict[str, float] = defaultdict(float)
        gfa_m2: dict[str, int] = {}
        for lot in outlines(drawing, LOTS):
            said = [tag.value for tag in lot.get_xdata("SITEPLAN") if "=" in str(tag.value)]
            facts = dict(text.split("=", 1) for text in said)
            area_m2[facts["parcel_id"]] += area_of(lot)  # of holes too: rings are all alike
            gfa_m2[facts["parcel_id"]] = int(facts["gfa_total_m2"])
        rings_m2 = [
            sum(shapely.Polygon(ring).area for part in shapely.get_parts(lot)
                for ring in (part.exterior, *part.interiors))
            for lot in plan.parcels.geometry
        ]  # fmt: skip
        assert [area_m2[i] for i in plan.parcels.ids] == pytest.approx(rings_m2)
        assert [gfa_m2[i] for i in plan.parcels.ids] == plan.parcel_gfa_m2.tolist()

    def test_buildings_are_extruded_to_the_massings_volume(
        self, shipped: Plan, tmp_path: Path
    ) -> None:
        drawing = readfile(write_plan(shipped, tmp_path / "a.dxf"))
        for segment, volume_m3 in built_m3(shipped).items():
            drawn = outlines(drawing, massing_layer(segment))
            found = sum(area_of(block) * block.dxf.thickness for block in drawn)
            assert found == pytest.approx(volume_m3)
        tops = [
            block.dxf.elevation + block.dxf.thickness
            for segment in built_m3(shipped)
            for block in outlines(drawing, massing_layer(segment))
        ]
        assert max(tops) == pytest.approx(shipped.massing.height_m.max())

    def test_gdal_reads_it_where_the_lots_are(self, plan: Plan, tmp_path: Path) -> None:
        frame = pyogrio.read_dataframe(write_plan(plan, tmp_path / "a.dxf"))
        assert frame.total_bounds == pytest.approx(plan.parcels.frame.total_bounds, abs=0.001)
        assert (frame["Layer"] == LABELS).sum() == len(plan.parcels)

    def test_a_name_is_text_and_no_command(self, odd: Plan, tmp_path: Path) -> None:
        drawing = readfile(write_plan(odd, tmp_path / "a.dxf"))
        labels = [m for m in drawing.modelspace().query("MTEXT") if isinstance(m, MText)]
        assert "{\\P시험}" in labels[2].plain_text(split=True)[0]


def shells_of(part: dict[str, Any]) -> list[Any]:
    (geometry,) = part["geometry"]
    return (
        geometry["boundaries"]
        if geometry["type"] == "Solid"
        else [shell for solid in geometry["boundaries"] for shell in solid]
    )


def volume_m3(shell: list[Any], points: np.ndarray) -> float:
    """Volume by the divergence theorem: a fan of triangles over every ring of every face."""
    total = 0.0
    for face in shell:
        for ring in face:
            first, *rest = points[ring]
            for a, b in pairwise(rest):
                total += float(np.dot(first, np.cross(a, b))) / 6
    return total


class TestCityJson:
    @pytest.fixture
    def city(self, plan: Plan, tmp_path: Path) -> dict[str, Any]:
        text = write_plan(plan, tmp_path / "계획.city.json").read_text(encoding="utf-8")
        found: dict[str, Any] = json.loads(text)
        return found

    def test_the_head_says_what_it_is(self, plan: Plan, city: dict[str, Any]) -> None:
        assert (city["type"], city["version"]) == ("CityJSON", "2.0")
        assert city["metadata"]["referenceSystem"].endswith("/EPSG/0/5186")
        assert city["metadata"]["identifier"] == plan.scenario_id
        points = np.array(city["vertices"]) * 0.001 + city["transform"]["translate"]
        low, high = points.min(axis=0), points.max(axis=0)
        assert city["metadata"]["geographicalExtent"] == pytest.approx([*low, *high], abs=0.001)

    def test_every_lot_is_land_use_with_the_exported_figures(
        self, plan: Plan, city: dict[str, Any]
    ) -> None:
        for row, parcel_id in enumerate(plan.parcels.ids):
            lot = city["CityObjects"][parcel_id]
            assert lot["type"] == "LandUse"
            assert lot["attributes"]["gfa_total_m2"] == plan.parcel_gfa_m2[row]

    def test_parents_and_children_know_each_other(self, city: dict[str, Any]) -> None:
        objects = city["CityObjects"]
        parts = {i for i, o in objects.items() if o["type"] == "BuildingPart"}
        children = [c for o in objects.values() for c in o.get("children", ())]
        assert parts
        assert Counter(children) == Counter(parts)
        for part in parts:
            (parent,) = objects[part]["parents"]
            assert part in objects[parent]["children"]

    def test_solids_are_closed_face_outwards_and_hold_the_massing(
        self, plan: Plan, city: dict[str, Any]
    ) -> None:
        # From the origin of the file: far coordinates would lose the volume in rounding.
        points = np.array(city["vertices"]) * 0.001
        found: defaultdict[str, float] = defaultdict(float)
        for part in city["CityObjects"].values():
            if part["type"] != "BuildingPart":
                continue
            for shell in shells_of(part):
                rings = [ring for face in shell for ring in face]
                edges = Counter(
                    (a, b) for ring in rings for a, b in zip(ring, ring[1:] + ring[:1], strict=True)
                )
                assert max(edges.values()) == 1
                assert all((b, a) in edges for a, b in edges)  # closed: each edge has its return
                volume = volume_m3(shell, points)
                assert volume > 0  # outwards
                found[part["attributes"]["function"]] += volume
        wanted = built_m3(plan)
        assert set(found) == set(wanted)
        for segment, volume in wanted.items():
            assert found[segment] == pytest.approx(volume, rel=1e-3)


class TestColoursInQgis:
    def test_the_default_style_of_the_layer_has_a_category_per_use(
        self, shipped: Plan, tmp_path: Path
    ) -> None:
        path = write_plan(shipped, tmp_path / "plan.gpkg")
        with closing(sqlite3.connect(path)) as store:
            rows = store.execute(
                "SELECT f_table_name, f_geometry_column, useAsDefault, styleQML FROM layer_styles"
            ).fetchall()
        ((layer, column, default, qml),) = rows
        info = pyogrio.read_info(path, layer=layer)
        assert (info["geometry_name"], default) == (column, 1)
        renderer = ET.fromstring(qml).find("renderer-v2")
        assert renderer is not None
        assert renderer.get("attr") in info["fields"]
        fills = {}
        for category in renderer.iter("category"):
            symbol = renderer.find(f"symbols/symbol[@name='{category.get('symbol')}']")
            assert symbol is not None
            option = symbol.find(".//Option[@name='color']")
            assert option is not None
            red, green, blue, _ = map(int, str(option.get("value")).split(","))
            fills[category.get("value")] = f"#{red:02X}{green:02X}{blue:02X}"
        assert fills == {**{use: USE_COLOURS[use] for use in USES}, "": UNUSED}

    def test_it_still_reads_as_one_layer_of_parcels(self, shipped: Plan, tmp_path: Path) -> None:
        path = write_plan(shipped, tmp_path / "plan.gpkg")
        assert read_parcels(path).ids == shipped.parcels.ids
