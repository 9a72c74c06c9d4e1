"""Whether words can be read on a colour (WCAG 2.2, 1.4.3)."""

from __future__ import annotations

DARK_INK, LIGHT_INK = "#111111", "#FFFFFF"


def ink_on(colour: str) -> str:
    """Return the one of two inks that stands out more on a colour (WCAG 2.2, 1.4.3)."""
    dark, light = (contrast_ratio(ink, colour) for ink in (DARK_INK, LIGHT_INK))
    return DARK_INK if dark >= light else LIGHT_INK


def contrast_ratio(one: str, two: str) -> float:
    """Return the contrast of two colours ``#RRGGBB``, from 1 to 21 (WCAG 2.2)."""
    lighter, darker = sorted((_luminance(one), _luminance(two)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
