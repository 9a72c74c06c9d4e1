"""The benchmark's made-up parcels are lots as a register would hold them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely

from siteplan.io import read_parcels
from siteplan.rules import shipped_rules
from siteplan.scenario import Scenario
from tests.bench.parcels import made_up_parcels, write_parcels

COUNTS = (1, 15, 100, 2_000)


@pytest.mark.parametrize("count", COUNTS)
def test_there_are_as_many_as_asked_for(count: int) -> None:
    parcels = made_up_parcels(count)
    assert len(parcels) == len(set(parcels.ids)) == len(parcels.geometry) == count


def test_equal_seeds_give_equal_parcels_and_others_do_not() -> None:
    first = made_up_parcels(300, seed=5)
    assert first.digest == made_up_parcels(300, seed=5).digest
    assert first.digest != made_up_parcels(300, seed=6).digest


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("count", COUNTS)
def test_they_are_a_valid_coverage_of_simple_polygons(count: int, seed: int) -> None:
    lots = made_up_parcels(count, seed=seed).geometry
    assert (shapely.get_type_id(lots) == shapely.GeometryType.POLYGON).all()
    assert (shapely.get_num_interior_rings(lots) == 0).all()
    assert shapely.is_valid(lots).all()
    assert shapely.coverage_is_valid(lots)


def test_neighbours_share_edges_and_streets_part_blocks() -> None:
    lots = made_up_parcels(2_000).geometry
    blocks = shapely.get_parts(shapely.coverage_union_all(lots))
    assert len(lots) / 17 < len(blocks) < len(lots) / 12
    assert shapely.area(blocks).sum() == pytest.approx(shapely.area(lots).sum(), rel=1e-12)


def test_areas_are_those_of_lots() -> None:
    lots = made_up_parcels(2_000).geometry
    areas_m2 = shapely.area(lots)
    assert 100 < areas_m2.min() < areas_m2.max() < 1_000
    assert 200 < np.median(areas_m2) < 350
    assert areas_m2.std() / areas_m2.mean() > 0.2
    # Not rectangles: a lot fills its smallest box only in part.
    boxes_m2 = shapely.area(shapely.oriented_envelope(lots))
    assert np.median(areas_m2 / boxes_m2) < 0.98


def test_their_zones_are_known_to_the_rules_and_mixed() -> None:
    parcels = made_up_parcels(2_000)
    rules = shipped_rules(Scenario().rules)
    kinds = {zone: rules.zone(zone) for zone in set(parcels.zones)}
    assert len(kinds) >= 5
    assert all(rule is not None for rule in kinds.values())


@pytest.mark.parametrize("ending", ["parquet", "gpkg"])
def test_a_file_of_them_reads_back_as_the_same_parcels(tmp_path: Path, ending: str) -> None:
    made = made_up_parcels(100)
    read = read_parcels(write_parcels(made, tmp_path / f"lots.{ending}"))
    assert (read.ids, read.zones, read.jibuns) == (made.ids, made.zones, made.jibuns)
    assert shapely.equals_exact(read.geometry, made.geometry, tolerance=0.0, normalize=True).all()
    assert np.array_equal(read.site_area_m2, made.site_area_m2)
    assert read.context == made.context
    assert {issue.code for issue in read.issues} == {"pnu_missing"}
