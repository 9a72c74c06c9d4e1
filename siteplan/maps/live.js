// The map document's own script: draws the parcels once, then only restyles them.
//
// Inside the app a parent page sends plans by postMessage; a stand-alone file carries its plan in
// the data block "plan". Texts from files are shown with textContent only, never as HTML.
//
// Messages in:  {type: "siteplan:plan", seq, title, palette, legend, selected, scenario_id,
//                index, rows, uses, gfa_m2, far_permille, floors (Uint8Array, see message.py),
//                theme?, view?, draw?}: draw is the id of a parcel to draw a line across, or null
//               {type: "siteplan:theme", theme}
// Messages out: {type: "siteplan:ready"}, {type: "siteplan:drawn", seq, changed},
//               {type: "siteplan:click", parcel, additive},
//               {type: "siteplan:view", center, zoom},
//               {type: "siteplan:line", points}: [longitude, latitude] each, none when given up
"use strict";

const siteplan = (() => {
  // ---------------------------------------------------------------- reading the page's data

  const block = (name) => {
    const element = document.getElementById(`siteplan-${name}`);
    return element ? JSON.parse(element.textContent) : null;
  };

  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const integers = (text) => new Int32Array(bytes(text).buffer);
  // Whole numbers of a section; a section that was sent as it is starts its own buffer.
  const whole = (section, Kind) => new Kind(section.buffer, section.byteOffset);

  const settings = block("settings");
  const words = settings.words;
  const facts = block("parcels");
  const notes = block("notes"); // row -> findings about that parcel, on the map of findings only
  const count = facts.ids.length;

  // Outlines as nested [latitude, longitude] arrays, one per parcel; see outlines.py.
  function outlines({ steps, rings, polygons, parcels }) {
    const step = integers(steps);
    const perRing = integers(rings);
    const perPolygon = integers(polygons);
    let vertex = 0;
    let ring = 0;
    let polygon = 0;
    let lon = 0;
    let lat = 0;
    const readRing = () => {
      const line = new Array(perRing[ring++]);
      for (let i = 0; i < line.length; i++) {
        lon += step[vertex++];
        lat += step[vertex++];
        line[i] = [lat / 1e7, lon / 1e7];
      }
      return line;
    };
    const readPolygon = () => Array.from({ length: perPolygon[polygon++] }, readRing);
    return Array.from(integers(parcels), (length) => Array.from({ length }, readPolygon));
  }

  // ---------------------------------------------------------------- state

  const state = {
    map: null,
    group: null, // all parcels
    layers: [], // row -> L.Polygon
    drawn: new Array(count).fill(""), // row -> key of the style that is on the canvas
    figures: new Map(), // row -> {gfa_m2: [..], far_permille, floors}
    selected: [],
    theme: "light",
    legend: null,
    painted: null, // last message, for a change of theme
    labels: [],
    rowOf: null,
  };

  const ground = () => settings.ground[state.theme];
  const element = (tag, className, text) => {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined && text !== null) made.textContent = text;
    return made;
  };

  const thousands = (value) => Math.round(value).toLocaleString("en-US");
  const area = (m2) =>
    settings.pyeong
      ? `${thousands(m2)} m² (${thousands((m2 * 121) / 400)}평)`
      : `${thousands(m2)} m²`;

  // ---------------------------------------------------------------- ground and surroundings

  const PANES = { ground: 350, selection: 450, stations: 460, labels: 640 };

  function prepare(map) {
    state.map = map;
    for (const [name, depth] of Object.entries(PANES)) {
      const pane = map.createPane(`siteplan-${name}`);
      pane.style.zIndex = depth;
      pane.style.pointerEvents = "none";
    }
    const container = map.getContainer();
    container.setAttribute("role", "application");
    container.setAttribute("aria-label", words.aria);
    map.fitBounds(settings.bounds, { padding: [24, 24], animate: false });
    for (const name of ["ground", "selection", "stations"]) {
      renderers[name] = L.canvas({ pane: `siteplan-${name}`, padding: 0.2 });
    }
  }

  const renderers = {};
  const themed = []; // [path, style of a ground], repainted when the theme changes

  const LOOKS = {
    district: (g) => ({ color: g.district, weight: 1.2, dashArray: "1 5", fill: false }),
    park: (g) => ({ color: g.park_edge, weight: 1, fillColor: g.park, fillOpacity: 1 }),
    stream: (g) => ({ color: g.water_edge, weight: 1, fillColor: g.water, fillOpacity: 1 }),
    road: (g) => ({ color: g.road_edge, weight: 1, fillColor: g.road, fillOpacity: 1 }),
    ai_hub: (g) => ({ color: g.station, weight: 2, fillColor: g.casing, fillOpacity: 1 }),
    place: (g) => ({ color: g.casing, weight: 1, fillColor: g.district, fillOpacity: 1 }),
    station: (g) => ({ color: g.casing, weight: 2, fillColor: g.station, fillOpacity: 1 }),
    finding: () => ({ color: "#D55E00", weight: 3, fillColor: "#D55E00", fillOpacity: 0.15 }),
  };
  const LINES = {
    road_line: (g) => ({ color: g.road, weight: 5, fill: false, lineCap: "round" }),
    road: (g) => ({ color: g.road, weight: 5, fill: false, lineCap: "round" }),
    stream: (g) => ({ color: g.water, weight: 5, fill: false, lineCap: "round" }),
  };
  const RADIUS = { station: 7, ai_hub: 6, place: 3, finding: 8 };
  // Which names give way first when there is no room, 0 the last.
  const RANK = {
    station: 0, used: 1, ai_hub: 2, district: 3, road: 4, road_line: 4, stream: 5, park: 5,
    place: 6, parcel: 7,
  };

  function surroundings(key) {
    const group = L.layerGroup();
    for (const feature of block(key)) addFeature(group, feature);
    return group;
  }

  function addFeature(group, { kind, name, polygons, lines, points, at, angle }) {
    const draw = (path, look) => {
      themed.push([path, look]);
      path.setStyle(look(ground()));
      group.addLayer(path);
    };
    const quiet = { interactive: false, renderer: renderers.ground };
    if (polygons) draw(L.polygon(polygons, quiet), LOOKS[kind] ?? LOOKS.place);
    if (lines) draw(L.polyline(lines, quiet), LINES[kind] ?? LINES.road);
    for (const point of points ?? []) {
      const options = { ...quiet, renderer: renderers.stations, radius: RADIUS[kind] ?? 3 };
      if (kind !== "district") draw(L.circleMarker(point, options), LOOKS[kind] ?? LOOKS.place);
    }
    if (name) {
      const dot = Boolean(points) && kind !== "district";
      const turn = kind.startsWith("road") || kind === "stream" ? angle : 0;
      group.addLayer(label(at, { lines: [name], kind, rank: RANK[kind] ?? RANK.place, angle: turn, dot }));
    }
  }

  // ---------------------------------------------------------------- names on the map

  // A name is a marker without a picture. `dot` puts it below its dot instead of over it.
  function label(at, { lines, kind, rank, angle = 0, dot = false, fits = null, below = null }) {
    const text = element("span", `siteplan-name siteplan-name-${kind}`);
    lines.forEach((line, row) => text.append(element("span", row ? "second" : "first", line)));
    if (below) text.append(below);
    if (angle) text.style.transform = `translate(-50%, -50%) rotate(${angle.toFixed(1)}deg)`;
    if (dot) text.classList.add("below");
    const marker = L.marker(at, {
      icon: L.divIcon({ className: "siteplan-label", html: text, iconSize: [0, 0] }),
      pane: "siteplan-labels",
      interactive: false,
      keyboard: false,
    });
    marker.siteplanName = { text, rank, angle, dot, fits, key: lines[0], size: null };
    return marker;
  }

  // Show as many names as fit, the important ones first, none twice close together.
  function arrangeNames() {
    const shown = [];
    const names = [];
    state.map.eachLayer((layer) => {
      if (layer.siteplanName) names.push(layer);
    });
    // Write all, then read all: one layout instead of one per name.
    for (const { siteplanName: name } of names) name.text.classList.remove("hidden", "short");
    for (const { siteplanName: name } of names) name.size = sizeOf(name.text);
    const long = names.filter(({ siteplanName: name }) => name.fits && !name.fits(name.size));
    for (const { siteplanName: name } of long) name.text.classList.add("short");
    for (const { siteplanName: name } of long) name.size = sizeOf(name.text);
    names.sort((a, b) => a.siteplanName.rank - b.siteplanName.rank);
    for (const marker of names) {
      const name = marker.siteplanName;
      const box = nameBox(state.map.latLngToLayerPoint(marker.getLatLng()), name);
      const crowded = shown.some(
        (other) =>
          boxesMeet(box, other.box) ||
          (other.key === name.key && Math.hypot(box.x - other.box.x, box.y - other.box.y) < 420),
      );
      if (crowded || (name.fits && !name.fits(name.size))) {
        name.text.classList.add("hidden");
      } else {
        shown.push({ box, key: name.key });
      }
    }
  }

  const sizeOf = (text) => [text.offsetWidth, text.offsetHeight];

  function nameBox(point, { size: [width, height], angle, dot }) {
    const turn = (angle * Math.PI) / 180;
    const w = Math.abs(width * Math.cos(turn)) + Math.abs(height * Math.sin(turn));
    const h = Math.abs(width * Math.sin(turn)) + Math.abs(height * Math.cos(turn));
    const y = dot ? point.y + 9 + h / 2 : point.y;
    return { x: point.x, y, w: w + 6, h: h + 2 };
  }

  const boxesMeet = (a, b) =>
    Math.abs(a.x - b.x) * 2 < a.w + b.w && Math.abs(a.y - b.y) * 2 < a.h + b.h;

  // ---------------------------------------------------------------- parcels

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

    // Small parcels are fills only, the smallest just boxes.
    _updatePoly(layer, closed) {
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
      L.Canvas.prototype._fillStroke.call(this, context, layer);
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
      if (drawing.parcel) {
        addPoint(latlng);
        return;
      }
      post("click", {
        parcel: facts.ids[layer.siteplanRow],
        additive: event.shiftKey || event.ctrlKey || event.metaKey,
      });
    });
    return state.group;
  }

  const nameOf = (row) => facts.names[row];
  const total = (row) => state.figures.get(row)?.gfa_m2.reduce((sum, m2) => sum + m2, 0) ?? 0;

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
    const jibun = facts.jibuns[row];
    if (jibun && jibun !== nameOf(row)) box.append(element("div", "quiet", jibun));
    const table = element("table");
    const line = (heading, value, className) => {
      const entry = element("tr", className);
      entry.append(element("th", "", heading), element("td", "", value));
      table.append(entry);
    };
    line(words.site_area, area(facts.site_area_m2[row]));
    const zone = facts.zones[facts.zone[row]];
    if (zone) line(words.zone, zone);
    const figures = state.figures.get(row);
    if (figures) {
      figures.gfa_m2.forEach((m2, use) => {
        if (m2 > 0) line(settings.uses[use], area(m2), "use");
      });
      line(words.total, area(total(row)), "total");
      line(words.far, `${(figures.far_permille / 10).toFixed(1)} %`);
      if (figures.floors) line(words.floors, thousands(figures.floors));
    }
    box.append(table);
    if (notes) box.append(...(notes[row] ?? []).map((text) => element("div", "note", text)));
    else if (tellsYears(figures)) box.append(element("div", "note", inTime(row)));
    else if (!figures && state.painted) box.append(element("div", "quiet", words.no_gfa));
    if (facts.schematic[row]) box.append(element("div", "quiet", words.schematic));
    return box;
  }

  // Names of parcels: beneath the name what is built there, as far as the outline has room.
  let parcelNames = null;

  function nameParcels() {
    if (!facts.middles) return; // too many: names are left to the tooltip
    parcelNames?.remove();
    parcelNames = L.layerGroup();
    state.layers.forEach((layer, row) => {
      const figures = state.figures.get(row);
      const kind = figures ? "used" : "parcel";
      const room = figures ? 0.55 : 1; // a plate may reach over the outline's edge
      const fits = ([width, height]) => {
        const size = layer._pxBounds.getSize();
        return (width + 6) * room < size.x && (height + 4) * room < size.y;
      };
      const lines = [nameOf(row)];
      let below = null;
      if (figures) {
        const uses = usesOf(figures.gfa_m2);
        const named = uses.map(({ use }) => settings.uses[use]).join("·");
        lines.push(`${named} ${thousands(total(row))} m²`);
        if (uses.length > 1) below = mixBar(uses);
      }
      // Among equals, the larger parcel keeps its name.
      const rank = RANK[kind] - facts.site_area_m2[row] * 1e-9;
      parcelNames.addLayer(label(facts.middles[row], { lines, kind, rank, fits, below }));
    });
    parcelNames.addTo(state.map);
  }

  // ---------------------------------------------------------------- showing a plan

  // Restyle only parcels whose look changes, and redraw the canvas once.
  function paint({ palette, index }) {
    const looks = palette.map(({ fill, stroke, opacity, weight }) => ({
      fillColor: fill,
      fillOpacity: opacity,
      color: stroke ?? ground().parcel,
      weight,
    }));
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
    if (changed) renderers.parcels.redraw();
    return changed;
  }

  function readFigures({ rows, uses, gfa_m2: gfa, far_permille: far, floors }) {
    const gfaM2 = whole(gfa, Int32Array);
    const farPermille = whole(far, Int32Array);
    const storeys = whole(floors, Uint16Array);
    let next = 0;
    state.figures = new Map();
    whole(rows, Int32Array).forEach((row, place) => {
      const placed = settings.uses.map((_, use) => ((uses[place] >> use) & 1 ? gfaM2[next++] : 0));
      state.figures.set(row, {
        gfa_m2: placed,
        far_permille: farPermille[place],
        floors: storeys[place],
      });
    });
  }

  // The chosen parcels get a thick outline on top: a casing, then the line.
  let selection = null;

  function select(ids) {
    state.selected = ids;
    selection?.remove();
    selection = L.layerGroup();
    state.rowOf ??= new Map(facts.ids.map((id, row) => [id, row]));
    const quiet = { fill: false, interactive: false, renderer: renderers.selection };
    for (const [colour, weight] of [[ground().casing, 7], [ground().selected, 3.5]]) {
      for (const id of ids) {
        const row = state.rowOf.get(id);
        if (row === undefined) continue;
        const outline = state.layers[row].getLatLngs();
        selection.addLayer(L.polygon(outline, { ...quiet, color: colour, weight }));
      }
    }
    selection.addTo(state.map);
  }

  // ---------------------------------------------------------------- drawing a line

  // Clicks and taps set points; the keyboard sets them in the middle of the map.
  const MARGIN_PX = 24; // room to set a point beyond the lot
  const drawing = { parcel: null, points: [], layer: null, bar: null };

  // Docked at the bottom of the map: Leaflet's own corners cover the lot on a narrow screen.
  const DrawBar = L.Class.extend({
    addTo(map) {
      this.box = this.made();
      map.getContainer().append(this.box);
      // What stands at the bottom of the map moves up by as much.
      map.getContainer().style.setProperty("--draw-bar", `${this.box.offsetHeight + 8}px`);
      return this;
    },

    remove() {
      this.box.remove();
    },

    made() {
      const box = element("div", "siteplan-draw leaflet-bar");
      box.setAttribute("role", "toolbar");
      box.setAttribute("aria-label", words.draw);
      this.hint = element("p", "", words.draw_hint);
      this.hint.setAttribute("role", "status");
      const button = (text, press) => {
        const made = element("button", "", text);
        made.type = "button";
        made.addEventListener("click", press);
        return made;
      };
      this.done = button(words.draw_done, finishLine);
      this.back = button(words.draw_back, dropPoint);
      const row = element("div", "buttons");
      row.append(this.done, this.back, button(words.draw_cancel, () => endLine([])));
      box.append(this.hint, element("p", "quiet", words.draw_keys), row);
      L.DomEvent.disableClickPropagation(box);
      L.DomEvent.disableScrollPropagation(box);
      return box;
    },
  });

  function setDrawing(parcel) {
    if (parcel === drawing.parcel) return;
    drawing.parcel = parcel;
    drawing.points = [];
    drawing.bar?.remove();
    drawing.bar = null;
    const { map } = state;
    map.getContainer().classList.toggle("siteplan-drawing", Boolean(parcel));
    map.doubleClickZoom[parcel ? "disable" : "enable"]();
    if (parcel) {
      state.group.closeTooltip();
      drawing.bar = new DrawBar().addTo(map);
      map.getContainer().focus({ preventScroll: true });
      showAboveBar(parcel);
    }
    showLine();
  }

  // Move the map so that the bar hides nothing of the lot that there is room for.
  function showAboveBar(parcel) {
    const layer = state.layers[facts.ids.indexOf(parcel)];
    if (!layer) return;
    const { map } = state;
    const box = layer.getBounds();
    const top = map.latLngToContainerPoint(box.getNorthWest()).y;
    const bottom = map.latLngToContainerPoint(box.getSouthEast()).y;
    const hidden = bottom + MARGIN_PX - drawing.bar.box.offsetTop;
    const up = Math.min(hidden, top - MARGIN_PX);
    if (up > 0) map.panBy([0, Math.round(up)], { animate: false });
  }

  function showLine(pointer) {
    drawing.layer?.remove();
    drawing.layer = null;
    if (!drawing.parcel) return;
    const { points, bar } = drawing;
    bar.done.disabled = points.length < 2;
    bar.back.disabled = !points.length;
    const line = pointer && points.length ? [...points, pointer] : points;
    const quiet = { interactive: false, renderer: renderers.selection };
    drawing.layer = L.layerGroup([
      L.polyline(line, { ...quiet, color: ground().casing, weight: 7 }),
      L.polyline(line, { ...quiet, color: ground().selected, weight: 3, dashArray: "8 5" }),
      ...points.map((at) =>
        L.circleMarker(at, { ...quiet, radius: 5, color: ground().selected, weight: 2,
          fillColor: ground().casing, fillOpacity: 1 }),
      ),
    ]).addTo(state.map);
  }

  function addPoint(at) {
    const last = drawing.points.at(-1);
    // The second click of a double click falls on the first.
    if (last && state.map.latLngToContainerPoint(last).distanceTo(
      state.map.latLngToContainerPoint(at)) < 4) return;
    drawing.points.push(at);
    showLine();
  }

  function dropPoint() {
    drawing.points.pop();
    showLine();
  }

  function endLine(points) {
    setDrawing(null);
    post("line", { points: points.map(({ lat, lng }) => [lng, lat]) });
  }

  function finishLine() {
    if (drawing.points.length > 1) endLine(drawing.points);
  }

  const DRAW_KEYS = {
    Enter: finishLine,
    Escape: () => endLine([]),
    Backspace: dropPoint,
    " ": () => addPoint(state.map.getCenter()),
  };

  function listenForLines(map) {
    map.on("click", ({ latlng }) => drawing.parcel && addPoint(latlng));
    map.on("dblclick", () => drawing.parcel && finishLine());
    // Parcels keep their events from the map.
    state.group.on("dblclick", () => drawing.parcel && finishLine());
    map.getContainer().addEventListener("mousemove", (event) => {
      if (drawing.parcel) showLine(map.mouseEventToLatLng(event));
    });
    document.addEventListener("keydown", (event) => {
      const press = drawing.parcel && DRAW_KEYS[event.key];
      // A button of the bar keeps its own Enter and space.
      if (!press || (event.target.closest("button") && event.key !== "Escape")) return;
      event.preventDefault();
      event.stopPropagation();
      press();
    }, true);
  }

  function show(plan) {
    if (plan.theme) setTheme(plan.theme);
    if (plan.view) state.map.setView(plan.view.center, plan.view.zoom, { animate: false });
    setDrawing(plan.draw ?? null);
    const changed = paint(plan);
    state.painted = plan;
    if (plan.seq !== undefined) post("drawn", { seq: plan.seq, changed });
    clearTimeout(state.later);
    // What is not the colours can wait until they are on the screen.
    state.later = setTimeout(() => {
      if (plan.rows) readFigures(plan);
      state.legend?.show(plan);
      if (plan.selected) select(plan.selected);
      nameParcels();
      arrangeNames();
    }, 0);
  }

  function setTheme(theme) {
    if (theme === state.theme || !settings.ground[theme]) return;
    state.theme = theme;
    document.documentElement.dataset.theme = theme;
    for (const [path, look] of themed) path.setStyle(look(ground()));
    if (state.painted) paint(state.painted);
    select(state.selected);
  }

  // ---------------------------------------------------------------- legend and other controls

  function swatch({ fill, stroke, opacity }) {
    const colour = element("span", "swatch");
    const inside = element("span");
    inside.style.background = fill;
    inside.style.opacity = opacity;
    colour.style.borderColor = stroke ?? ground().parcel;
    colour.append(inside);
    return colour;
  }

  const Legend = L.Control.extend({
    options: { position: "bottomleft" },

    onAdd() {
      const box = element("details", "siteplan-legend leaflet-bar");
      box.open = window.innerWidth > 600;
      this.heading = element("summary", "", words.legend);
      this.entries = element("ul");
      box.append(this.heading, this.entries);
      L.DomEvent.disableClickPropagation(box);
      L.DomEvent.disableScrollPropagation(box);
      return box;
    },

    show({ title, legend, palette }) {
      this.heading.textContent = title;
      this.entries.replaceChildren(
        ...legend.map(([row, text, note]) => {
          const entry = element("li");
          entry.append(swatch(palette[row]), element("span", "text", text));
          if (note) entry.append(element("span", "note", note));
          return entry;
        }),
      );
    },
  });

  // Stand-alone file only: what the colours say is chosen on the map itself.
  const Chooser = L.Control.extend({
    options: { position: "topleft" },

    onAdd() {
      const { plan, choose } = this.options;
      const box = element("label", "siteplan-chooser leaflet-bar");
      if (plan.name) box.append(element("strong", "", plan.name));
      const select = element("select");
      select.setAttribute("aria-label", words.colour_by);
      for (const { colour_by: key, title } of plan.styles) {
        const option = element("option", "", title);
        option.value = key;
        option.selected = key === plan.colour_by;
        select.append(option);
      }
      select.addEventListener("change", () => choose(select.value));
      box.append(element("span", "", words.colour_by), select);
      L.DomEvent.disableClickPropagation(box);
      return box;
    },
  });

  const Fit = L.Control.extend({
    options: { position: "topleft" },

    onAdd() {
      const box = element("div", "leaflet-bar");
      const button = element("a", "siteplan-fit", "⤢");
      button.href = "#";
      button.title = words.fit;
      button.setAttribute("role", "button");
      button.setAttribute("aria-label", words.fit);
      L.DomEvent.on(button, "click", (event) => {
        L.DomEvent.stop(event);
        state.map.fitBounds(settings.bounds, { padding: [24, 24] });
      });
      box.append(button);
      return box;
    },
  });

  // ---------------------------------------------------------------- keyboard

  // With the keyboard, the parcel in the middle of the map is the one that Enter picks.
  function parcelInTheMiddle() {
    const point = state.map.latLngToLayerPoint(state.map.getCenter());
    return state.layers.find(
      (layer) => layer._pxBounds?.contains(point) && layer._containsPoint(point),
    );
  }

  function listenToKeys(map) {
    const container = map.getContainer();
    container.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.target !== container) return;
      const layer = parcelInTheMiddle();
      if (!layer) return;
      layer.fire(
        "click",
        { latlng: map.getCenter(), originalEvent: event },
        true,
      );
      state.group.openTooltip(map.getCenter());
    });
  }

  // ---------------------------------------------------------------- the parent page

  // A document with its own plans stands alone, even inside a frame.
  const framed = window.parent !== window && !block("plan") && !block("share");

  // The app serves the page and this document, so both have one origin in their addresses, though
  // the sandbox hides it from this document's own script.
  function post(type, content) {
    if (framed) window.parent.postMessage({ type: `siteplan:${type}`, ...content }, location.origin);
  }

  function listenToParent() {
    window.addEventListener("message", ({ source, origin, data }) => {
      if (source !== window.parent || origin !== location.origin) return;
      if (data?.type === "siteplan:plan") show(data);
      if (data?.type === "siteplan:theme") {
        setTheme(data.theme);
      }
    });
    const tell = () => {
      const { lat, lng } = state.map.getCenter();
      post("view", { center: [lat, lng], zoom: state.map.getZoom() });
    };
    state.map.on("moveend", tell);
    post("ready", {});
  }

  function showOwnPlan(map, plan) {
    const figures = Object.fromEntries(
      Object.entries(plan.figures).map(([name, text]) => [name, bytes(text)]),
    );
    const choose = (key) => {
      const style = plan.styles.find(({ colour_by: by }) => by === key);
      show({ ...style, ...figures, index: bytes(style.index) });
    };
    new Chooser({ plan, choose }).addTo(map);
    const dark = window.matchMedia?.("(prefers-color-scheme: dark)");
    if (dark?.matches) setTheme("dark");
    choose(plan.colour_by);
  }

  // ---------------------------------------------------------------- start

  function start(map) {
    map.attributionControl?.setPrefix(false);
    L.control
      .zoom({ position: "topleft", zoomInTitle: words.zoom_in, zoomOutTitle: words.zoom_out })
      .addTo(map);
    new Fit().addTo(map);
    L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
    const layersButton = document.querySelector(".leaflet-control-layers-toggle");
    if (layersButton) layersButton.title = words.layers;
    state.legend = new Legend().addTo(map);
    listenToKeys(map);
    listenForLines(map);
    map.on("zoomend overlayadd overlayremove", arrangeNames);
    new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(map.getContainer());
    const plan = block("plan");
    if (plan) showOwnPlan(map, plan);
    else nameParcels();
    arrangeNames();
    if (framed) listenToParent();
  }

  return { prepare, surroundings, parcels, start, show, select, setTheme, state };
})();
