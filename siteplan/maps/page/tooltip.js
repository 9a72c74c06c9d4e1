// What is said of one parcel: in its tooltip, and aloud to who moves by keyboard.

const nameOf = (row) => facts.names[row];
const NOTHING = settings.uses.map(() => 0);
const sum = (areas) => areas.reduce((all, m2) => all + m2, 0);
const total = (row) => sum(state.figures.get(row)?.gfa_m2 ?? NOTHING);
const compared = () => state.before && state.painted?.colour_by === "change";
const signed = (m2) =>
  m2 ? `${m2 > 0 ? "+" : "−"}${thousands(Math.abs(m2))} m²` : `±0 m²`;

// Uses of a parcel, the largest first.
const usesOf = (gfa) =>
  gfa
    .map((m2, use) => ({ m2, use }))
    .filter(({ m2 }) => m2 > 0)
    .sort((one, other) => other.m2 - one.m2);

// A bar that shows the uses' parts; the words above it say which they are.
function mixBar(uses) {
  const bar = element("span", "mix");
  for (const { m2, use } of uses) {
    const part = element("span");
    part.style.flexGrow = m2;
    part.style.background = settings.use_colours[use];
    bar.append(part);
  }
  return bar;
}

// Left or right of the divider, the tooltip tells of another plan.
const tip = { right: false };
const otherFigures = (row) => {
  const placed = state.before?.get(row);
  return placed && { gfa_m2: placed };
};

function tellSide(latlng) {
  const right = swipe.isRight(latlng);
  if (right === tip.right) return;
  tip.right = right;
  state.group.getTooltip().update();
}

// Where colours tell of years, the class of a parcel in words.
const tellsYears = (figures) =>
  state.painted?.colour_by === "standing" || (figures && state.painted?.colour_by === "phase");
function inTime(row) {
  const { title, legend, index } = state.painted;
  return `${title}: ${legend.find(([swatch]) => swatch === index[row])?.[1] ?? ""}`;
}

function tooltip(row) {
  const box = element("div", "siteplan-facts");
  box.append(element("strong", "", nameOf(row)));
  if (swipe.plan) box.append(element("div", "quiet", (tip.right ? swipe.plan : state.painted).name));
  const jibun = facts.jibuns[row];
  if (jibun && jibun !== nameOf(row)) box.append(element("div", "quiet", jibun));
  const table = element("table");
  const line = (heading, value, className, change = null) => {
    const entry = element("tr", className);
    entry.append(element("th", "", heading), element("td", "", value));
    if (change !== null) entry.append(element("td", "change", signed(change)));
    table.append(entry);
  };
  line(words.site_area, area(facts.site_area_m2[row]));
  const zone = facts.zones[facts.zone[row]];
  if (zone) line(words.zone, zone);
  const other = tip.right;
  const figures = other ? otherFigures(row) : state.figures.get(row);
  const before = compared() && !state.missing.has(row) ? (state.before.get(row) ?? NOTHING) : null;
  if (figures || before?.some((m2) => m2 > 0)) {
    const now = figures?.gfa_m2 ?? NOTHING;
    now.forEach((m2, use) => {
      const was = before?.[use] ?? 0;
      if (m2 > 0 || was > 0) line(settings.uses[use], area(m2), "use", before && m2 - was);
    });
    line(words.total, area(sum(now)), "total", before && sum(now) - sum(before));
  }
  if (figures && !other) {
    line(words.far, `${(figures.far_permille / 10).toFixed(1)} %`);
    if (figures.floors) line(words.floors, thousands(figures.floors));
  }
  box.append(table);
  if ((compared() || other) && state.missing?.has(row)) box.append(element("div", "quiet", words.missing));
  if (notes) box.append(...(notes[row] ?? []).map((text) => element("div", "note", text)));
  else if (!other && tellsYears(figures)) box.append(element("div", "note", inTime(row)));
  else if (!figures && state.painted) box.append(element("div", "quiet", words.no_gfa));
  if (facts.schematic[row]) box.append(element("div", "quiet", words.schematic));
  return box;
}

const TIP_PX = 190; // room for a tooltip

// The tooltip of a parcel that no pointer is over.
function showTip(row) {
  const shown = state.group.getTooltip();
  const box = state.layers[row].getBounds();
  // Below the parcel or above it, which is to stay in sight; with a pointer beside it again.
  const { x } = state.map.latLngToContainerPoint(box.getCenter());
  const top = state.map.latLngToContainerPoint(box.getNorthWest()).y;
  const bottom = state.map.latLngToContainerPoint(box.getSouthEast()).y;
  const below = bottom + TIP_PX < state.map.getSize().y;
  const middle = !below && top < TIP_PX;
  const y = middle ? (top + bottom) / 2 : below ? bottom : top;
  const at = state.map.containerPointToLatLng([x, y]);
  shown.options.direction = below || middle ? "bottom" : "top";
  state.group.once("mouseover", () => {
    shown.options.direction = "auto";
  });
  tip.right = swipe.isRight(at);
  shown._source = state.layers[row];
  shown.setLatLng(at);
  if (shown._map) shown.update();
  else state.map.openTooltip(shown);
}

// The same in one sentence.
function spoken(row) {
  const said = [nameOf(row)];
  const jibun = facts.jibuns[row];
  if (jibun && jibun !== nameOf(row)) said.push(jibun);
  const figures = state.figures.get(row);
  if (figures) {
    for (const { m2, use } of usesOf(figures.gfa_m2)) said.push(`${settings.uses[use]} ${area(m2)}`);
    said.push(`${words.total} ${area(total(row))}`);
  } else if (state.painted) said.push(words.no_gfa);
  if (compared() && state.missing.has(row)) said.push(words.missing);
  else if (compared()) {
    const change = total(row) - sum(state.before.get(row) ?? NOTHING);
    said.push(`${words.change} ${signed(change)}`);
  }
  said.push(`${words.site_area} ${area(facts.site_area_m2[row])}`);
  if (state.selected.includes(facts.ids[row])) said.push(words.is_selected);
  return said.join(", ");
}
