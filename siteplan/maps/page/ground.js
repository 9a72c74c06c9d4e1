// The ground: streets, water, parks, stations, and their names' places.

const PANES = { ground: 350, selection: 450, stations: 460, labels: 640 };

const EDGE_PX = 24; // kept free round all parcels

// A frame that is not laid out yet has no size, and nothing can be fitted into it.
function sized(map) {
  const { x, y } = map.getSize();
  return Math.min(x, y) > 2 * EDGE_PX;
}

const BESIDE_FROM_PX = 700; // on narrower maps the parcels need all of the width

// All parcels, right of an open legend where there is room for both.
function fitAll(map, options = {}) {
  const beside = state.legend.box.open && map.getSize().x >= BESIDE_FROM_PX;
  const left = beside ? state.legend.widest() + 2 * EDGE_PX : EDGE_PX;
  map.fitBounds(settings.bounds, {
    paddingTopLeft: [left, EDGE_PX],
    paddingBottomRight: [EDGE_PX, EDGE_PX],
    ...options,
  });
}

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
  container.append(announcer);
  state.unseen = !sized(map);
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

// Tiles under everything, fetched only where a person chose them. A key comes with the plan.
function tiles({ url, ...options }) {
  const Tiles = L.TileLayer.extend({
    getTileUrl(place) {
      const waits = url.includes("{key}") && !this.options.key;
      return waits ? L.Util.emptyImageUrl : L.TileLayer.prototype.getTileUrl.call(this, place);
    },
  });
  state.tiles = new Tiles(url, { key: "", ...options });
  return state.tiles;
}

function setTilesKey(key) {
  if (!state.tiles || !key || state.tiles.options.key === key) return;
  state.tiles.options.key = key;
  state.tiles.redraw();
}
