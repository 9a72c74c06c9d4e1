// The parcels on one canvas.

// Leaflet rounds vertices to whole pixels, which bends small lots; keep the fractions.
const Outline = L.Polygon.extend({
  _projectLatlngs(latlngs, result, projectedBounds) {
    if (!(latlngs[0] instanceof L.LatLng)) {
      for (const part of latlngs) this._projectLatlngs(part, result, projectedBounds);
      return;
    }
    const origin = this._map.getPixelOrigin();
    const ring = latlngs.map((latlng) => {
      const point = this._map.project(latlng).subtract(origin);
      projectedBounds.extend(point);
      return point;
    });
    result.push(ring);
  },
});

const TINY_PX = 6; // below, an outline would be all there is to see of a parcel
const DOT_PX = 3; // below, a parcel cannot be told from the box round it

// One redraw of what is in view, at once: faster than mending changes one by one, and than
// waiting for the next frame.
const ParcelCanvas = L.Canvas.extend({
  redraw() {
    if (!this._map) return;
    this._redrawBounds = null;
    this._clear();
    this._draw();
  },

  _sizeOf({ _rawPxBounds: { min, max } }) {
    return Math.max(max.x - min.x, max.y - min.y);
  },

  // Once, or once for each side of the divider.
  _draw() {
    if (!swipe.plan) {
      L.Canvas.prototype._draw.call(this);
      return;
    }
    const { min, max } = this._bounds;
    const split = this._map.containerPointToLayerPoint([swipe.x(), 0]).x;
    for (const [from, to, right] of [[min.x, split, false], [split, max.x, true]]) {
      if (to <= from) continue;
      this._ctx.save();
      this._ctx.beginPath();
      this._ctx.rect(from, min.y, to - from, max.y - min.y);
      this._ctx.clip();
      this._right = right;
      L.Canvas.prototype._draw.call(this);
      this._right = false;
      this._ctx.restore();
    }
  },

  _updatePoly(layer, closed) {
    const own = layer.options;
    if (this._right) layer.options = swipe.optionsOf(layer);
    this._fillPoly(layer, closed);
    layer.options = own;
  },

  // Small parcels are fills only, the smallest just boxes.
  _fillPoly(layer, closed) {
    if (!this._drawing || this._sizeOf(layer) >= DOT_PX) {
      L.Canvas.prototype._updatePoly.call(this, layer, closed);
      return;
    }
    if (!layer._parts.length) return;
    const { min, max } = layer._rawPxBounds;
    this._quietFill(layer);
    this._ctx.fillRect(min.x, min.y, max.x - min.x, max.y - min.y);
  },

  _fillStroke(context, layer) {
    if (this._sizeOf(layer) < TINY_PX) {
      this._quietFill(layer);
      context.fill("evenodd");
      context.globalAlpha = 1;
      return;
    }
    const { options } = layer;
    if (options.hatch) {
      context.globalAlpha = options.fillOpacity;
      context.fillStyle = options.fillColor;
      context.fill("evenodd");
      context.fillStyle = hatching(options.hatch, options.ink);
      context.fill("evenodd");
      context.globalAlpha = 1;
    }
    options.fill = !options.hatch;
    L.Canvas.prototype._fillStroke.call(this, context, layer);
    options.fill = true;
  },

  _quietFill({ options: { fillColor, fillOpacity } }) {
    this._ctx.globalAlpha = Math.max(fillOpacity, 0.25);
    this._ctx.fillStyle = fillColor;
  },
});

function parcels() {
  const renderer = new ParcelCanvas({ padding: 0.2, tolerance: 2 });
  renderers.parcels = renderer;
  const shapes = outlines(facts.outlines);
  state.layers = shapes.map((shape, row) => {
    const layer = new Outline(shape, {
      renderer,
      fillColor: ground().parcel,
      fillOpacity: 0.1,
      color: ground().parcel,
      weight: 1,
      dashArray: facts.schematic[row] ? "4 3" : null,
      hatch: null,
      smoothFactor: 0.5,
      bubblingMouseEvents: false,
    });
    layer.siteplanRow = row;
    return layer;
  });
  state.group = L.featureGroup(state.layers);
  state.group.bindTooltip((layer) => tooltip(layer.siteplanRow), {
    sticky: true,
    className: "siteplan-tooltip",
    opacity: 1,
  });
  state.group.on("click", ({ layer, latlng, originalEvent: event }) => {
    L.DomEvent.stopPropagation(event);
    if (tool) tool.point(latlng);
    else pick(layer.siteplanRow, adds(event));
  });
  return state.group;
}

// ---------------------------------------------------------------- hatches

const TILE_PX = 20; // drawn at twice its size on the map
const STROKES = {
  stripes: [7, [[-5, 25, 25, -5], [-5, 5, 5, -5], [15, 25, 25, 15]]],
  grid: [5, [[10, 0, 10, 20], [0, 10, 20, 10]]],
  plus: [2.6, [[5, 10, 15, 10], [10, 5, 10, 15]]],
  minus: [2.6, [[4, 10, 16, 10]]],
  cross: [2.2, [[0, 0, 20, 20], [0, 20, 20, 0]]],
  lines: [1.6, [[-5, 5, 5, -5], [-5, 25, 25, -5], [15, 25, 25, 15]]],
  dots: [0, []],
};
const hatches = new Map(); // hatch and ink -> [tile, pattern]

function hatch(name, ink) {
  const key = name + ink;
  if (!hatches.has(key)) {
    const tile = element("canvas");
    tile.width = tile.height = TILE_PX;
    const pen = tile.getContext("2d");
    pen.strokeStyle = pen.fillStyle = ink;
    [pen.lineWidth] = STROKES[name];
    for (const [x, y, toX, toY] of STROKES[name][1]) {
      pen.moveTo(x, y);
      pen.lineTo(toX, toY);
    }
    if (name === "dots") {
      for (const [x, y] of [[5, 5], [15, 15]]) pen.roundRect(x - 2.5, y - 2.5, 5, 5, 2.5);
      pen.fill();
    } else pen.stroke();
    const pattern = pen.createPattern(tile, "repeat");
    pattern.setTransform(new DOMMatrix().scale(0.5));
    hatches.set(key, [tile, pattern]);
  }
  return hatches.get(key);
}

const hatching = (name, ink) => hatch(name, ink)[1];
