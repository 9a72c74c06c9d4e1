// Selection: by click, by box, and none at all again.
//
// Inside the app the parent page decides what is selected; a stand-alone file does it itself.

const adds = (event) => event.shiftKey || event.ctrlKey || event.metaKey;
const rowOf = (id) => (state.rowOf ??= new Map(facts.ids.map((id, row) => [id, row]))).get(id);
const middleOf = (row) =>
  facts.middles ? L.latLng(facts.middles[row]) : state.layers[row].getBounds().getCenter();

function pick(row, additive) {
  const id = facts.ids[row];
  if (framed) post("click", { parcel: id, additive });
  else if (!additive) select([id]);
  else if (state.selected.includes(id)) select(state.selected.filter((other) => other !== id));
  else select([...state.selected, id]);
}

function choose(ids, additive) {
  if (framed) post("box", { parcels: ids, additive });
  else select(additive ? [...new Set([...state.selected, ...ids])] : ids);
}

// ---------------------------------------------------------------- what is selected

let selection = null;
const MANY = 12;

// The chosen parcels get a thick outline on top: a casing, then the line.
function outlineChosen() {
  selection?.remove();
  selection = L.layerGroup();
  const quiet = { fill: false, interactive: false, renderer: renderers.selection };
  // Many outlines are drawn finer, or small parcels would be all outline.
  const fine = state.selected.length > MANY ? 0.6 : 1;
  for (const [colour, full] of [[ground().casing, 7], [ground().selected, 3.5]]) {
    const weight = full * fine;
    for (const id of state.selected) {
      const row = rowOf(id);
      if (row === undefined) continue;
      const outline = state.layers[row].getLatLngs();
      selection.addLayer(L.polygon(outline, { ...quiet, color: colour, weight }));
    }
  }
  selection.addTo(state.map);
}

function select(ids) {
  const other = ids.join() !== state.selected.join();
  state.selected = ids;
  outlineChosen();
  if (other) showChosen();
}

// How many are selected and how large they are, with the button that clears.
const chosen = { box: element("div", "siteplan-chosen leaflet-bar"), text: element("span") };

function showChosen() {
  const rows = state.selected.map(rowOf).filter((row) => row !== undefined);
  const figures = { count: thousands(rows.length), area: area(sum(rows.map((row) => facts.site_area_m2[row]))) };
  const text = rows.length ? fill(words.chosen, figures) : words.none_chosen;
  chosen.text.textContent = text;
  chosen.box.hidden = !rows.length;
  announce(text);
}

function addChosen(map) {
  const clear = button("✕", () => {
    choose([], false);
    map.getContainer().focus({ preventScroll: true });
  });
  clear.title = words.clear;
  clear.setAttribute("aria-label", words.clear);
  chosen.box.hidden = true;
  chosen.box.append(chosen.text, clear);
  L.DomEvent.disableClickPropagation(chosen.box);
  map.getContainer().append(chosen.box);
}

// ---------------------------------------------------------------- a box

// A parcel belongs to a box that holds its middle: neighbours that are only touched stay out.
const rowsIn = (bounds) =>
  facts.ids.map((_, row) => row).filter((row) => bounds.contains(middleOf(row)));

function chooseBox(one, other, additive) {
  const rows = rowsIn(L.latLngBounds(one, other));
  if (rows.length || !additive) choose(rows.map((row) => facts.ids[row]), additive);
}

// Two clicks set two corners; who prefers drags. Keys: space sets a corner in the middle.
const boxTool = {
  name: "box",
  label: "box",
  hint: "box_hint",
  keys: "box_keys",

  point(at, additive = false) {
    this.points.push(at);
    if (this.points.length < 2) return this.show();
    const [one, other] = this.points;
    endTool();
    chooseBox(one, other, additive);
  },

  show(pointer) {
    const { points } = this;
    const corners = [...points, ...(pointer && points.length ? [pointer] : [])];
    drawTool(this, corners.length > 1 ? [L.rectangle(L.latLngBounds(corners), boxLook())] : [], points);
  },
};

const boxLook = () => ({
  interactive: false, renderer: renderers.selection, color: ground().selected, weight: 2,
  dashArray: "6 4", fillColor: ground().selected, fillOpacity: 0.12,
});

const DRAG_PX = 5; // shorter drags are clicks

// Shift and drag anywhere, or drag while the tool is on.
function listenForBoxes(map) {
  const container = map.getContainer();
  const at = (event) => map.mouseEventToLatLng(event);
  container.addEventListener("pointerdown", (event) => {
    const boxes = tool === boxTool || (!tool && event.shiftKey);
    if (!boxes || event.button || !event.isPrimary || event.target.closest(".leaflet-bar")) return;
    const start = { x: event.clientX, y: event.clientY, latlng: at(event) };
    let outline = null;
    const move = (moved) => {
      const far = Math.hypot(moved.clientX - start.x, moved.clientY - start.y) >= DRAG_PX;
      if (!outline && !far) return;
      const bounds = L.latLngBounds(start.latlng, at(moved));
      state.group.closeTooltip();
      outline ??= L.rectangle(bounds, boxLook()).addTo(map);
      outline.setBounds(bounds);
    };
    const end = (last) => {
      for (const name of ["pointermove", "pointerup", "pointercancel"]) {
        window.removeEventListener(name, name === "pointermove" ? move : end);
      }
      if (!outline) return;
      outline.remove();
      // The click that ends a drag is no click on a parcel.
      const swallow = (click) => click.stopPropagation();
      container.addEventListener("click", swallow, { capture: true, once: true });
      setTimeout(() => container.removeEventListener("click", swallow, { capture: true }), 0);
      if (tool === boxTool) endTool();
      if (last.type === "pointerup") chooseBox(start.latlng, at(last), adds(event) || adds(last));
    };
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", end);
    window.addEventListener("pointercancel", end);
  });
}
