// Cutting a lot: a line drawn across it, asked for by the parent page.

const MARGIN_PX = 24; // room to set a point beyond the lot

const cutTool = {
  name: "cut",
  label: "draw",
  hint: "draw_hint",
  keys: "draw_keys",
  parcel: null,

  buttons() {
    this.done = button(words.draw_done, () => this.finish());
    this.back = button(words.draw_back, dropPoint);
    return [this.done, this.back];
  },

  begin() {
    showAboveBar(this);
  },

  end() {
    this.parcel = null;
  },

  point(at) {
    if (!repeats(this.points, at)) this.points.push(at);
    this.show();
  },

  show(pointer) {
    const { points } = this;
    this.done.disabled = points.length < 2;
    this.back.disabled = !points.length;
    const line = pointer && points.length ? [...points, pointer] : points;
    drawTool(this, cased(line), points);
  },

  finish() {
    if (this.points.length > 1) this.tell(this.points);
  },

  cancel() {
    this.tell([]);
  },

  tell(points) {
    endTool();
    post("line", { points: points.map(({ lat, lng }) => [lng, lat]) });
  },
};

function setCutting(parcel) {
  if (parcel === cutTool.parcel) return;
  if (tool === cutTool) endTool();
  cutTool.parcel = parcel;
  if (parcel) startTool(cutTool);
}

// Move the map so that the bar hides nothing of the lot that there is room for.
function showAboveBar({ parcel, bar }) {
  const layer = state.layers[facts.ids.indexOf(parcel)];
  if (!layer) return;
  const { map } = state;
  const box = layer.getBounds();
  const top = map.latLngToContainerPoint(box.getNorthWest()).y;
  const bottom = map.latLngToContainerPoint(box.getSouthEast()).y;
  const hidden = bottom + MARGIN_PX - bar.offsetTop;
  const up = Math.min(hidden, top - MARGIN_PX);
  if (up > 0) map.panBy([0, Math.round(up)], { animate: false });
}
