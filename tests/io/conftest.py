"""A small plan made by hand, so that these tests do not depend on how plans are made."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import geopandas as gpd
import numpy as np
import pytest
import shapely

from siteplan.glossary import COLUMN_NAMES
from siteplan.parcels import Parcels
from siteplan.scenario import Scenario

if TYPE_CHECKING:
    import numpy.typing as npt

    from siteplan.evaluation import Plan

SHARED = Path(__file__).resolve().parents[3] / "shared" / "geodata"
ORIGIN_M = (203_100.0, 540_050.0)
"""A point in Yangjae, EPSG:5186."""


def lots_with_categories(parcels: Parcels) -> tuple[str, ...]:
    """Return lot numbers with the letter of their land category, as LSMD writes them: "175전"."""
    return tuple(
        f"{jibun}{jimok or ''}" for jibun, jimok in zip(parcels.jibuns, parcels.jimoks, strict=True)
    )


@dataclass(frozen=True)
class HandmadePlan:
    """What the writers need of a `siteplan.evaluation.Plan`."""

    parcels: Parcels
    gfa_m2: npt.NDArray[np.int64]
    status: str = "optimal"
    rules_id: str = "seoul-2026-03-30"
    scenario_id: str = "0123456789ab"
    scenario: Scenario = Scenario(name="시험")  # noqa: RUF009 - frozen, so safe to share

    @property
    def total_gfa_m2(self) -> int:
        return int(self.gfa_m2.sum())

    @property
    def frame(self) -> gpd.GeoDataFrame:
        n = len(self.parcels)
        far_area_m2 = self.gfa_m2.sum(axis=1) * 0.8
        columns = {
            "parcel_id": list(self.parcels.ids),
            "pnu": list(self.parcels.pnus),
            "jibun": list(self.parcels.jibuns),
            "zone": ["준주거지역" if zone is None else zone for zone in self.parcels.zones],
            "site_area_m2": self.parcels.site_area_m2.copy(),
            "far_capacity_m2": self.parcels.site_area_m2 * 4,
            **{
                f"gfa_{use}_m2": self.gfa_m2[:, k]
                for k, use in enumerate(("research", "campus", "housing", "culture"))
            },
            "gfa_total_m2": self.gfa_m2.sum(axis=1),
            "far_area_m2": far_area_m2,
            "far_pct": far_area_m2 / self.parcels.site_area_m2 * 100,
            "bcr_pct": np.full(n, 100 / 3),
            "floors": np.arange(n),
            "height_m": np.arange(n) * 4.2,
            "dominant_use": ["research", *[None] * (n - 1)],
            "phase": [None] * n,
            "evidence": list(self.parcels.evidence),
        }
        return gpd.GeoDataFrame(
            {name: columns[name] for name in COLUMN_NAMES},
            geometry=self.parcels.geometry.copy(),
            crs=5186,
        )


def handmade(parcels: Parcels) -> Plan:
    """Return a plan for the writers; they take it for a real one."""
    n = len(parcels)
    gfa_m2 = np.arange(n * 4, dtype=np.int64).reshape(n, 4) * 1_000
    return cast("Plan", HandmadePlan(parcels, gfa_m2))


def small_frame() -> gpd.GeoDataFrame:
    """Four lots: plain, L-shaped with a courtyard, in two parts, and a strip 5 mm wide.

    Areas by hand: 50 x 40 = 2,000; 60 x 60 - 30 x 30 - 10 x 10 = 2,600; 2 x 20 x 20 = 800;
    100 x 0.005 = 0.5 m².
    """
    x, y = ORIGIN_M
    corner = [(0, 0), (60, 0), (60, 30), (30, 30), (30, 60), (0, 60)]
    yard = [(10, 10), (10, 20), (20, 20), (20, 10)]
    shapes = [
        shapely.box(x, y, x + 50, y + 40),
        shapely.Polygon(
            [(x + 100 + a, y + b) for a, b in corner], [[(x + 100 + a, y + b) for a, b in yard]]
        ),
        shapely.MultiPolygon(
            [shapely.box(x + 200, y, x + 220, y + 20), shapely.box(x + 230, y, x + 250, y + 20)]
        ),
        shapely.box(x, y + 100, x + 100, y + 100.005),
    ]
    return gpd.GeoDataFrame(
        {
            "parcel_id": ["가-1", "B2", "1165010200102230001", "sliver"],
            "pnu": ["1165010200102220000", "1165010200202220003", None, None],
            "jibun": ["222 대", '산 223-1 "대" & <옥>', None, "224, 임"],
            "name_ko": ["양재 첫째", None, None, "띠\\모양"],
            "name_en": ["First", None, None, None],
            "zone": ["제2종일반주거지역", "유통상업지역", None, "자연녹지지역"],
            "zone_verified": [True, False, False, True],
            "site_area_m2": [2_001.5, 2_600.123456, 800.0, 0.5],
            "evidence": ["official", "published", "schematic", "official"],
            "source": ["대장", "press 2019-07-12", None, None],
        },
        geometry=shapes,
        crs=5186,
    )


@pytest.fixture
def parcels() -> Parcels:
    return Parcels.from_frame(small_frame())


@pytest.fixture
def plan(parcels: Parcels) -> Plan:
    return handmade(parcels)


@pytest.fixture
def shared() -> Path:
    if not SHARED.is_dir():
        pytest.skip("the folder ../shared with real geodata is not here")
    return SHARED
