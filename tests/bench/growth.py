"""The cost of an allocation as the number of parcels grows, as a plain SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from tests.bench.figures import Figure

WIDTH, HEIGHT = 720, 440
LEFT, RIGHT, TOP, BOTTOM = 80, 20, 40, 60
STEADY = 10_000
"""Parcels from which the work itself outweighs the calls."""

COLOURS = ("#1b6ca8", "#888888")


def write_growth(figures: Sequence[Figure], *, path: Path) -> None:
    """Draw medians against parcels, both on logarithmic scales, with a line of slope one."""
    lines: dict[str, list[tuple[int, float]]] = {}
    for figure in figures:
        if figure.size is not None:
            lines.setdefault(figure.what, []).append((figure.size, figure.median_s))
    points = [point for line in lines.values() for point in line]
    sizes, seconds = [p[0] for p in points], [p[1] for p in points]
    across = (math.floor(math.log10(min(sizes))), math.ceil(math.log10(max(sizes))))
    up = (math.floor(math.log10(min(seconds))), math.ceil(math.log10(max(seconds))))

    def place(size: float, second: float) -> str:
        x = LEFT + (math.log10(size) - across[0]) / (across[1] - across[0]) * (WIDTH - LEFT - RIGHT)
        y = (
            HEIGHT
            - BOTTOM
            - (math.log10(second) - up[0]) / (up[1] - up[0]) * (HEIGHT - TOP - BOTTOM)
        )
        return f"{x:.1f},{y:.1f}"

    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">',
        "<style>text { font: 13px sans-serif }</style>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
    ]
    for power in range(across[0], across[1] + 1):
        drawn += _tick(
            place(10**power, 10 ** up[0]), place(10**power, 10 ** up[1]), f"{10**power:,}"
        )
    for power in range(up[0], up[1] + 1):
        drawn += _tick(
            place(10 ** across[0], 10.0**power),
            place(10 ** across[1], 10.0**power),
            f"{10.0**power:g} s",
        )
    for number, (name, line) in enumerate(lines.items()):
        colour = COLOURS[number % len(COLOURS)]
        route = " ".join(place(*point) for point in line)
        drawn.append(f'<polyline points="{route}" fill="none" stroke="{colour}" stroke-width="2"/>')
        drawn += [_dot(place(*point), colour) for point in line]
        drawn.append(
            f'<text x="{LEFT + 12}" y="{TOP + 18 * (number + 1)}" fill="{colour}">{name}</text>'
        )
    first, last = next(iter(lines.values()))[-1], next(iter(lines.values()))[0]
    slope = [(size, first[1] * size / first[0]) for size in (first[0], last[0])]
    fits = [point for point in slope if point[1] >= 10.0 ** up[0]]
    if len(fits) == 2:
        route = " ".join(place(*point) for point in fits)
        drawn.append(f'<polyline points="{route}" stroke="#bbbbbb" stroke-dasharray="4 4"/>')
    ours = next(iter(lines.values()))
    first_steady, end = next((p for p in ours if p[0] >= STEADY), ours[0]), ours[-1]
    grows = _power(first_steady, end)
    drawn.append(
        f'<text x="{LEFT + 12}" y="{TOP + 18 * (len(lines) + 1)}" fill="#555555">'
        f"from {first_steady[0]:,} to {end[0]:,} parcels: seconds ∝ parcels^{grows:.2f}</text>"
    )
    middle = (LEFT + WIDTH - RIGHT) // 2
    drawn += [
        f'<text x="{middle}" y="{HEIGHT - 14}" text-anchor="middle">parcels</text>',
        f'<text x="{LEFT}" y="24">median seconds (dashed: in proportion to parcels)</text>',
        "</svg>",
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(drawn) + "\n", encoding="utf-8")


def _power(one: tuple[int, float], two: tuple[int, float]) -> float:
    """Power of the parcels by which seconds grow between two points; 1 for one point."""
    if two[0] <= one[0]:
        return 1.0
    return math.log(two[1] / one[1]) / math.log(two[0] / one[0])


def _tick(start: str, end: str, words: str) -> list[str]:
    (x1, y1), (x2, y2) = start.split(","), end.split(",")
    upright = x1 == x2
    x, y, anchor = (x1, float(y1) + 20, "middle") if upright else (float(x1) - 8, y1, "end")
    return [
        f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="#e4e4e4"/>',
        f'<text x="{x}" y="{y}" text-anchor="{anchor}">{words}</text>',
    ]


def _dot(where: str, colour: str) -> str:
    x, y = where.split(",")
    return f'<circle cx="{x}" cy="{y}" r="3.5" fill="{colour}"/>'
