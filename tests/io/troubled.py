"""A file with one of each trouble, on a grid of 30 m x 38 m lots in Yangjae.

Lots are named by column and row: (0, 3) is a bow tie, (1, 4) overlaps (2, 4) by 2 m x 38 m,
(3, 2) has no outline, (3, 3) is a line, (5, 0) carries a PNU of three digits, (5, 1) that of
(5, 2), (0, 5) a register area of 2,000 m².
"""

from __future__ import annotations

import geopandas as gpd
from shapely.geometry import LineString, Polygon, box

ORIGIN_M = (203_100.0, 540_050.0)
COLUMNS, ROWS = 12, 6
OVERLAP_M2 = 2.0 * 38.0


def pnu(column: int, row: int) -> str:
    """Return the PNU of a lot."""
    return f"1165010200{1}{100 + column:04d}{row:04d}"


def troubled(*, crs: int = 5186) -> gpd.GeoDataFrame:
    """Return the frame, as a cadastral download has it: PNU, JIBUN, register area."""
    x0, y0 = ORIGIN_M
    lots = {
        (i, j): {
            "PNU": pnu(i, j),
            "JIBUN": f"{100 + i}-{j}대" if j else f"{100 + i} 답",
            "geometry": box(x0 + i * 32, y0 + j * 40, x0 + i * 32 + 30, y0 + j * 40 + 38),
        }
        for i in range(COLUMNS)
        for j in range(ROWS)
    }
    tie = [(x0, y0 + 120), (x0 + 30, y0 + 158), (x0 + 30, y0 + 120), (x0, y0 + 158)]
    lots[0, 3]["geometry"] = Polygon(tie)
    lots[1, 4]["geometry"] = box(x0 + 32, y0 + 160, x0 + 66, y0 + 198)
    lots[3, 2]["geometry"] = None
    lots[3, 3]["geometry"] = LineString([(x0, y0), (x0 + 5, y0 + 5)])
    lots[5, 0]["PNU"] = "123"
    lots[5, 1]["PNU"] = pnu(5, 2)
    frame = gpd.GeoDataFrame(list(lots.values()), crs=5186)
    frame["면적"] = frame.area.where(frame.area > 0).round(1)
    frame.loc[5, "면적"] = 2_000.0
    return frame.to_crs(crs)
