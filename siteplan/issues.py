"""Findings that a person should see: what was repaired, assumed, set aside or is unverified.

An `Issue` is a value with a code, a severity, the parcels it touches and its figures. The
sentence and its fix come from one table here, so that the app, ``siteplan check`` and reports
say the same in each language.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from siteplan.text import N_, Text

Severity = Literal["error", "warning", "info"]

_TABLE: dict[str, tuple[Severity, str, str]] = {
    # code: (severity, what was found, what to do)
    "crs_reprojected": (
        "info",
        N_("Coordinates were read as {read} and worked on in EPSG:5186."),
        N_("Nothing to do; say --crs if the file declares a wrong one."),
    ),
    "crs_assumed": (
        "warning",
        N_("The file declares no coordinate system; {read} was assumed: {reason}"),
        N_("Check the place on the map, or say which one it is with --crs."),
    ),
    "geometry_repaired": (
        "warning",
        N_("{count} outline(s) were invalid ({reason}) and were repaired; area {before} → {after}"),
        N_("Look at the parcels on the map; correct the source where the shape changed."),
    ),
    "geometry_dropped_parts": (
        "warning",
        N_("{count} shape(s) held lines or points beside polygons; only the polygons were kept."),
        N_("Look at the parcels on the map; correct the source if something is missing."),
    ),
    "geometry_set_aside": (
        "error",
        N_("{count} row(s) have no usable polygon ({reason}) and take no part."),
        N_("Draw or repair these outlines in the source file and read it again."),
    ),
    "z_dropped": (
        "info",
        N_("{count} outline(s) carried heights (Z), which were left out."),
        N_("Nothing to do; parcels are planar."),
    ),
    "overlap": (
        "warning",
        N_("{count} pair(s) of parcels overlap, {area} in all: floor area may be counted twice."),
        N_("Correct the boundaries, or leave one of each pair out of the study."),
    ),
    "duplicate_id": (
        "error",
        N_("The id {id} stands on {count} rows; later ones were renamed {renamed}."),
        N_("Give each parcel its own id or PNU in the source file."),
    ),
    "pnu_invalid": (
        "error",
        N_("{count} PNU(s) are not 19 digits with 1 or 2 as the eleventh, e.g. {example}."),
        N_("Keep the PNU column as text; spreadsheets turn it into a rounded number."),
    ),
    "pnu_missing": (
        "info",
        N_("{count} parcel(s) carry no PNU."),
        N_("Nothing to do unless you join other registers by PNU."),
    ),
    "zone_missing": (
        "warning",
        N_("{count} parcel(s) carry no zone (용도지역), so no rule gives them capacity."),
        N_("Add a zone column, or set the zone to assume in the scenario."),
    ),
    "zone_unknown": (
        "warning",
        N_("{count} parcel(s) carry a zone that the rules do not know: {zones}."),
        N_("Correct the zone's name, or set the zone to assume in the scenario."),
    ),
    "zone_unverified": (
        "info",
        N_("The zone of {count} parcel(s) is not verified."),
        N_("Read the zone from the official land-use register before you rely on it."),
    ),
    "area_from_outline": (
        "info",
        N_("{count} parcel(s) carry no register area; the outline's area is used."),
        N_("Add the register area (대장면적): FAR and BCR are measured on it."),
    ),
    "area_invalid": (
        "warning",
        N_("{count} area figure(s) were missing, negative or not a number; the outline's is used."),
        N_("Correct the area column in the source file."),
    ),
    "schematic_outlines": (
        "warning",
        N_("{count} outline(s) are schematic: drawn by siteplan, not surveyed."),
        N_("Load official parcels of the cadastral map to replace them."),
    ),
    "layer_chosen": (
        "info",
        N_("The file holds several layers; {layer} was read."),
        N_("Say which layer you mean if it is another one."),
    ),
    "column_damaged": (
        "error",
        N_("Column {column} holds numbers where text is needed, e.g. {example}: digits were lost."),
        N_("Export the column as text again; the lost digits cannot be recovered."),
    ),
    "encoding_chosen": (
        "info",
        N_("Text was read as {encoding}: {reason}"),
        N_("Say --encoding if Korean letters look wrong."),
    ),
    "text_damaged": (
        "warning",
        N_("{count} text value(s) are not well-formed {encoding}; letters were lost."),
        N_("Say --encoding if Korean letters look wrong, or export the file as UTF-8."),
    ),
    "reader_warning": (
        "warning",
        N_("The file was read, but the reader remarks: {message}"),
        N_("Check that all parcels are there; export the file again if not."),
    ),
    "crs_overridden": (
        "warning",
        N_("The file declares {declared}, but {read} was used because you said so."),
        N_("Check the place on the map; leave --crs out to believe the file."),
    ),
    "outside_korea": (
        "warning",
        N_("{count} outline(s) do not lie in South Korea when read as {read}."),
        N_("Say which coordinate system the file is in, e.g. --crs EPSG:5186."),
    ),
    "area_differs": (
        "warning",
        N_("The register area of {count} parcel(s) is more than {limit} % off the outline's."),
        N_("Check the area column and the coordinate system; FAR is measured on this area."),
    ),
    "context_missing": (
        "info",
        N_("No stations, roads or parks are known within {reach} m; suitability is even."),
        N_("Use parcels in Yangjae, or weigh the parcels by hand."),
    ),
    "decision_without_parcel": (
        "warning",
        N_("The scenario decides about {count} parcel(s) that are not in the data: {examples}."),
        N_("Load the parcels that the scenario was made for, or drop these decisions."),
    ),
    "consent_used": (
        "warning",
        N_("{use} in {zone} is only conditionally permitted: {condition} The scenario consents."),
        N_("Confirm the condition with the authority."),
    ),
    "unknown_use_permission": (
        "warning",
        N_("Whether {use} may stand in {zone} is not known. The scenario consents."),
        N_("Read the ordinance's table for the zone."),
    ),
    "far_override": (
        "warning",
        N_("{count} parcel(s): FAR {far} % is the planner's own figure. Reason: {reason}"),
        N_("Confirm the figure with the district plan."),
    ),
    "factor_changed": (
        "info",
        N_("Factor {key} is the planner's own: {value} instead of {before}."),
        N_("Give its source where you show the plan."),
    ),
    "factor_outside_range": (
        "warning",
        N_("Factor {key} = {value} lies outside its believed range {low} to {high}."),
        N_("Check the value; the range is in the ledger with its source."),
    ),
    "far_without_reason": (
        "warning",
        N_("{count} parcel(s): FAR {far} % is the planner's own figure, without a reason."),
        N_("Write down why: the plan or decision that the figure comes from."),
    ),
    "far_above_national": (
        "warning",
        N_("{count} parcel(s): FAR {far} % is above the national limit of {zone}, {most} %."),
        N_("Name the special law or plan that allows it, or lower the figure."),
    ),
    "incentive_applied": (
        "warning",
        N_("{count} parcel(s) count on {incentive} ({article}). It costs: {contribution}"),
        N_("Confirm that its condition is met: {condition}"),
    ),
    "incentive_refused": (
        "info",
        N_("{count} parcel(s): {incentive} is switched on but does not count. {reason}"),
        N_("Switch it off, or look at the parcel's tiers."),
    ),
    "setback_assumed": (
        "warning",
        N_("Buildings keep {distance} m from the lot line, the planner's own figure."),
        N_("Read the distances in annex 4 of the building ordinance."),
    ),
    "height_limit": (
        "info",
        N_("Floors under a height limit are counted with storeys of {storey} m."),
        N_("They are the tallest of the uses allowed there; change them among the factors."),
    ),
    "zone_override": (
        "warning",
        N_("{count} parcel(s) are planned as {zone}, which is the planner's assumption."),
        N_("A zone change needs its own decision; confirm it."),
    ),
    "parking_short": (
        "warning",
        N_(
            "{count} parcel(s): accessory parking needs {parking}, but only {room} of GFA there is "
            "not FAR area; {short} are missing."
        ),
        N_("Lower the FAR ratio of these uses, park on a neighbouring lot, or mix the uses."),
    ),
    "setback_exceeded": (
        "warning",
        N_("{count} parcel(s) hold their floor area only by building into the setback."),
        N_("Allow more floors there, or place less."),
    ),
    "rules_unverified": (
        "info",
        N_("{count} permission(s) that this plan uses are not verified: {rules}."),
        N_("Read the annexes of the ordinance before you rely on them."),
    ),
}

CODES = tuple(_TABLE)


@dataclass(frozen=True)
class Issue:
    """One finding.

    Parameters
    ----------
    code : str
        Key of the finding, stable across versions.
    parcel_ids : tuple of str
        The parcels it touches; empty when it is about the file or the scenario.
    details : Mapping[str, object]
        Figures of the sentence.
    """

    code: str
    parcel_ids: tuple[str, ...] = ()
    details: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.code not in _TABLE:
            raise KeyError(f"unknown issue code {self.code!r}")

    @property
    def severity(self) -> Severity:
        """How grave the finding is: error, warning or info."""
        return _TABLE[self.code][0]

    @property
    def message(self) -> Text:
        """What was found."""
        return Text(_TABLE[self.code][1], {"count": len(self.parcel_ids), **self.details})

    @property
    def fix(self) -> Text:
        """What a person can do about it."""
        return Text(_TABLE[self.code][2], dict(self.details))


def has_errors(issues: Iterable[Issue]) -> bool:
    """Tell whether any finding is an error."""
    return any(issue.severity == "error" for issue in issues)
