"""What tests ask the fake service for, and what to compare the answer with."""

from __future__ import annotations

from siteplan.io.vworld import Fetched
from tests.vworld.fake_server import (
    SOUTH,
    WEST,
    FakeVWorld,
)

ALL = f"{WEST},{SOUTH},{WEST + 0.0145},{SOUTH + 0.0145}"


def pnus(fetched: Fetched) -> list[str]:
    return [feature["properties"]["pnu"] for feature in fetched.features]


def codes(fetched: Fetched) -> list[str]:
    return [issue.code for issue in fetched.issues]


def held(fake: FakeVWorld, *, start: str = "") -> list[str]:
    own = [f["properties"]["pnu"] for f in fake.layers["LP_PA_CBND_BUBUN"]]
    return sorted(pnu for pnu in own if pnu.startswith(start))
