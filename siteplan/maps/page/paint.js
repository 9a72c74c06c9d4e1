// Showing a plan: colours first, what is not the colours once they are on the screen.

const looksOf = (palette) =>
  palette.map(({ fill: colour, stroke, opacity, weight, hatch: over, ink }) => ({
    fillColor: colour,
    fillOpacity: opacity,
    color: stroke ?? ground().parcel,
    weight,
    hatch: over ?? null,
    ink: ink ?? null,
  }));

// Restyle only parcels whose look changes, and redraw the canvas once.
function paint(plan) {
  const { palette, index } = plan;
  const looks = looksOf(palette);
  const swiped = Boolean(swipe.plan);
  setSwipe(plan);
  const keys = looks.map((look) => Object.values(look).join());
  let changed = 0;
  for (let row = 0; row < count; row++) {
    const key = keys[index[row]];
    if (state.drawn[row] === key) continue;
    state.drawn[row] = key;
    const layer = state.layers[row];
    const heavier = layer.options.weight !== looks[index[row]].weight;
    L.setOptions(layer, looks[index[row]]);
    if (heavier && layer._map) layer._updateBounds();
    changed++;
  }
  if (changed || swiped || swipe.plan) renderers.parcels.redraw();
  return changed;
}

// Calls `each(row, floor area by use, place)` for the parcels of three sections, see message.py.
function readPlaced(rows, uses, gfa, each) {
  const gfaM2 = whole(gfa, Int32Array);
  let next = 0;
  whole(rows, Int32Array).forEach((row, place) => {
    each(row, settings.uses.map((_, use) => ((uses[place] >> use) & 1 ? gfaM2[next++] : 0)), place);
  });
}

function readFigures({ rows, uses, gfa_m2: gfa, far_permille: far, floors }) {
  const farPermille = whole(far, Int32Array);
  const storeys = whole(floors, Uint16Array);
  state.figures = new Map();
  readPlaced(rows, uses, gfa, (row, placed, place) => {
    state.figures.set(row, {
      gfa_m2: placed,
      far_permille: farPermille[place],
      floors: storeys[place],
    });
  });
}

function readBefore(plan) {
  state.before = plan.before_rows ? new Map() : null;
  if (!state.before) return;
  readPlaced(plan.before_rows, plan.before_uses, plan.before_gfa_m2, (row, placed) => {
    state.before.set(row, placed);
  });
  state.missing = new Set(whole(plan.before_none, Int32Array));
}

function show(plan) {
  if (plan.theme) setTheme(plan.theme);
  if (plan.view) follow(plan.view);
  setTilesKey(plan.tiles_key);
  setCutting(plan.draw ?? null);
  const changed = paint(plan);
  state.painted = plan;
  if (plan.seq !== undefined) post("drawn", { seq: plan.seq, changed });
  clearTimeout(state.later);
  state.later = setTimeout(() => {
    if (plan.rows) readFigures(plan);
    if (plan.rows) readBefore(plan);
    state.legend?.show(plan);
    if (plan.selected) select(plan.selected);
    nameParcels();
    arrangeNames();
    // What is open says the new figures.
    const shown = state.group.getTooltip();
    if (shown._map) shown.update();
  }, 0);
}

function setTheme(theme) {
  if (theme === state.theme || !settings.ground[theme]) return;
  state.theme = theme;
  document.documentElement.dataset.theme = theme;
  for (const [path, look] of themed) path.setStyle(look(ground()));
  if (state.painted) paint(state.painted);
  outlineChosen();
  roving.show();
  tool?.show();
}
