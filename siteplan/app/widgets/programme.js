// The programme bar: total, stacked bar, and per use a slider, a figure, a lock and bounds.
//
// Streamlit calls the default export after every rerun whose data differ, always with the same
// parent element; the elements stay, so focus and half-typed figures stay. All words come with the
// data. What a person does is shown at once and sent as numbered events. Until the server's data
// carry the number of the last one, they say nothing about it yet, and are not shown.

const mounted = new WeakMap();
const KEYS_REST_MS = 300;
const PATIENCE_MS = 20_000;
const MAGNET_PX = 4;
const OPEN_LOCK =
  "M5 9h10a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1v-6a1 1 0 0 1 1-1Zm2 0V6a3 3 0 0 1 5.8-1";
const SHUT_LOCK =
  "M5 9h10a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1v-6a1 1 0 0 1 1-1Zm2 0V6a3 3 0 0 1 6 0v3";

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
const sum = (values) => values.reduce((all, value) => all + value, 0);
const whole = (value) => Math.round(value).toLocaleString("en-US");
const filled = (template, values) =>
  template.replace(/\{(\w+)\}/g, (field, name) => values[name] ?? field);

function element(tag, name = "", attributes = {}, children = []) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
  node.hidden = !text;
}

// --- how the others would absorb a move -----------------------------------------------------
// As siteplan.programme.rebalance does it, but for fractions of a square metre and for what the
// parcels allow: an estimate to look at while dragging.

function sharedOut(amount, uses, weights) {
  const parts = uses.map(() => 0);
  let open = uses.map((_, at) => at);
  let rest = amount;
  while (open.length) {
    const all = sum(open.map((at) => weights[at]));
    const part = (at) => (all > 0 ? (rest * weights[at]) / all : rest / open.length);
    const below = open.filter((at) => part(at) < uses[at].min_m2);
    const above = open.filter((at) => part(at) > uses[at].max_m2);
    if (!below.length && !above.length) {
      for (const at of open) parts[at] = part(at);
      break;
    }
    const lifted = sum(below.map((at) => uses[at].min_m2 - part(at)));
    const cut = sum(above.map((at) => part(at) - uses[at].max_m2));
    const fixed = lifted >= cut ? below : above;
    const bound = lifted >= cut ? "min_m2" : "max_m2";
    for (const at of fixed) parts[at] = uses[at][bound];
    rest -= sum(fixed.map((at) => uses[at][bound]));
    open = open.filter((at) => !fixed.includes(at));
  }
  return parts;
}

function absorbed(uses, now, moved, wished, total) {
  const others = uses.map((_, at) => at).filter((at) => at !== moved);
  const held = (at) => uses[at].locked && !uses[at].free;
  const low = sum(others.map((at) => (held(at) ? now[at] : uses[at].min_m2)));
  const high = sum(others.map((at) => (held(at) ? now[at] : uses[at].max_m2)));
  const least = Math.max(uses[moved].min_m2, total - high);
  const most = Math.min(uses[moved].max_m2, total - low);
  if (most < least) return now.slice();
  const after = now.slice();
  after[moved] = clamp(wished, least, most);
  const rest = total - after[moved] - sum(others.filter(held).map((at) => now[at]));
  const free = others.filter((at) => uses[at].free);
  const targets = others.filter((at) => !uses[at].free && !held(at));
  const room = (bound) => sum(free.map((at) => uses[at][bound]));
  const keep = sum(targets.map((at) => now[at]));
  const wanted = clamp(keep, rest - room("max_m2"), rest - room("min_m2"));
  // Targets that are all at nothing take up the proportions that the server says they had.
  const weights = keep > 0 ? now : uses[moved].weights;
  for (const [group, amount, by] of [[targets, wanted, weights], [free, rest - wanted, now]]) {
    const parts = sharedOut(amount, group.map((at) => uses[at]), group.map((at) => by[at]));
    group.forEach((at, place) => { after[at] = Math.round(parts[place]); });
  }
  after[moved] = wished;
  return after;
}

// Tenths of a percent that sum to 100.0 %, by largest remainder.
function permille(values) {
  const all = sum(values) || 1;
  const exact = values.map((value) => (value * 1000) / all);
  const parts = exact.map(Math.floor);
  const order = exact.map((_, at) => at).sort((a, b) => (exact[b] % 1) - (exact[a] % 1) || a - b);
  for (const at of order.slice(0, Math.max(0, 1000 - sum(parts)))) parts[at] += 1;
  return parts;
}

// --- elements, made once --------------------------------------------------------------------

function lockIcon() {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  svg.append(path);
  return svg;
}

function entry(attributes) {
  const shared = { type: "text", autocomplete: "off", spellcheck: "false", inputmode: "decimal" };
  return element("input", "entry", { ...shared, ...attributes });
}

function makeRow(key) {
  const row = {
    dot: element("span", "dot", { "aria-hidden": "true" }),
    name: element("span", "name"),
    tag: element("span", "tag"),
    part: element("span", "part"),
    band: element("span", "band", { "aria-hidden": "true" }),
    slider: element("input", "slider", { type: "range", min: 0, "aria-describedby": `range-${key}` }),
    number: entry({ "aria-describedby": `refused-${key} range-${key}` }),
    icon: lockIcon(),
    range: element("span", "range", { id: `range-${key}` }),
    bounds: element("button", "opens", {
      type: "button", "aria-expanded": "false", "aria-controls": `bounds-${key}`,
    }),
    refused: element("p", "refused", { id: `refused-${key}`, role: "alert" }),
    min: entry({ id: `min-${key}` }),
    max: entry({ id: `max-${key}` }),
    free: element("input", "", { type: "checkbox", id: `free-${key}` }),
    minLabel: element("label", "", { for: `min-${key}` }),
    maxLabel: element("label", "", { for: `max-${key}` }),
    freeLabel: element("label", "", { for: `free-${key}` }),
    segment: element("span", "segment"),
  };
  row.lock = element("button", "lock", { type: "button" }, [row.icon]);
  row.track = element("div", "track", {}, [row.band, row.slider]);
  row.panel = element("div", "panel", { id: `bounds-${key}` }, [
    element("div", "", {}, [row.minLabel, row.min]),
    element("div", "", {}, [row.maxLabel, row.max]),
    element("div", "check", {}, [row.free, row.freeLabel]),
  ]);
  row.panel.hidden = true;
  row.root = element("div", "use", { role: "group", "data-use": key }, [
    element("div", "head", {}, [row.dot, row.name, row.tag, row.part]),
    element("div", "move", {}, [row.track, row.number, row.lock]),
    element("div", "foot", {}, [row.range, row.bounds]),
    row.refused,
    row.panel,
  ]);
  return row;
}

function make(parentElement, data) {
  const live = {
    mount: `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`,
    seq: 0,
    waiting: [],
    active: -1,
    shown: data.uses.map((use) => use.m2),
    totalLabel: element("label", "", { for: "total" }),
    total: entry({ id: "total", "aria-describedby": "total-note refused-total" }),
    totalPyeong: element("span", "part"),
    totalNote: element("p", "note", { id: "total-note" }),
    totalRefused: element("p", "refused", { id: "refused-total", role: "alert" }),
    notice: element("p", "notice"),
    stack: element("div", "stack", { role: "img" }),
    rows: data.uses.map((use) => makeRow(use.key)),
    absorbers: element("p", "note"),
    assumption: element("p", "note"),
  };
  live.stack.append(...live.rows.map((row) => row.segment));
  for (const row of live.rows) row.segment.append(element("b"), element("span"));
  live.root = element("div", "programme", {}, [
    live.totalLabel,
    element("div", "total", {}, [live.total, live.totalPyeong]),
    live.totalRefused,
    live.totalNote,
    element("div", "", { role: "status" }, [live.notice]),
    live.stack,
    ...live.rows.map((row) => row.root),
    live.absorbers,
    live.assumption,
  ]);
  parentElement.append(live.root);
  listen(live);
  return live;
}

// --- what a person does ---------------------------------------------------------------------

function send(live, event) {
  live.seq += 1;
  live.waiting.push({ seq: live.seq, ...event });
  live.pass();
  draw(live);
}

// All that is not answered yet goes along each time, so that nothing is lost when two events meet
// in one rerun or the connection breaks; the server leaves out what it has seen.
function pass(live) {
  live.setTriggerValue("event", { mount: live.mount, events: live.waiting });
  clearTimeout(live.patience);
  live.patience = setTimeout(() => {
    if (live.waiting.length && live.root.isConnected) live.pass();
  }, PATIENCE_MS);
}

function wish(live, at, value) {
  if (live.active !== at) {
    release(live);
    live.active = at;
    live.base = live.shown.slice();
  }
  live.wished = clamp(value, 0, live.data.total.m2);
  live.shown = absorbed(current(live), live.base, at, live.wished, live.data.total.m2);
  draw(live);
}

// The use that is being moved comes to rest: one event.
function release(live) {
  clearTimeout(live.resting);
  const at = live.active;
  if (at < 0) return;
  live.active = -1;
  const { key } = live.data.uses[at];
  if (live.wished === live.base[at]) giveUp(live, live.base);
  else send(live, { kind: "move", use: key, gfa_m2: live.wished });
}

function giveUp(live, values) {
  clearTimeout(live.resting);
  live.active = -1;
  live.shown = values.slice();
  draw(live);
}

// Locks as they stand on screen, also those that the server has not confirmed.
function current(live) {
  const uses = live.data.uses.map((use) => ({ ...use }));
  for (const event of live.waiting) {
    const use = uses.find(({ key }) => key === event.use);
    if (event.kind === "lock") use.locked = event.locked;
    if (event.kind === "move") use.free = false;
  }
  return uses;
}

function listenToSlider(live, row, at) {
  const { slider } = row;
  const from = () => (live.active === at ? live.wished : live.shown[at]);
  slider.addEventListener("pointerdown", () => { row.pointed = true; });
  slider.addEventListener("input", () => {
    let value = Number(slider.value);
    const { total, step_m2: step, uses } = live.data;
    if (value + step > total.m2) value = total.m2;
    if (row.pointed) {
      const reach = (MAGNET_PX * total.m2) / Math.max(slider.clientWidth, 1);
      const ends = [uses[at].low_m2, uses[at].high_m2].filter((end) => end !== null);
      value = ends.find((end) => Math.abs(end - value) <= reach) ?? value;
    }
    wish(live, at, value);
  });
  slider.addEventListener("change", () => {
    row.pointed = false;
    if (live.active === at) release(live);
  });
  slider.addEventListener("pointercancel", () => {
    row.pointed = false;
    if (live.active === at) giveUp(live, live.base);
  });
  slider.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Escape" && live.active === at) giveUp(live, live.base);
    const value = keyed(event.key, from(), live.data, live.data.uses[at]);
    if (value === null) return;
    event.preventDefault();
    clearTimeout(live.resting);
    wish(live, at, value);
  });
  slider.addEventListener("keyup", () => {
    clearTimeout(live.resting);
    if (live.active === at && !row.pointed) {
      live.resting = setTimeout(() => release(live), KEYS_REST_MS);
    }
  });
  slider.addEventListener("blur", () => { if (live.active === at) release(live); });
}

// Where a key leads: to the next multiple of a step, or to the ends of what fits, then of the bar.
function keyed(key, value, data, use) {
  const { step_m2: step, page_m2: page, total } = data;
  const up = (by) => Math.floor(value / by) * by + by;
  const down = (by) => Math.ceil(value / by) * by - by;
  const low = use.low_m2 ?? 0;
  const high = use.high_m2 ?? total.m2;
  const moves = {
    ArrowRight: () => up(step), ArrowUp: () => up(step),
    ArrowLeft: () => down(step), ArrowDown: () => down(step),
    PageUp: () => value + page, PageDown: () => value - page,
    Home: () => (value > low ? low : 0), End: () => (value < high ? high : total.m2),
  };
  return moves[key] ? clamp(moves[key](), 0, total.m2) : null;
}

// A typed figure is sent on Enter or when the field is left; Escape takes it back.
function listenToEntry(live, field, commit) {
  field.addEventListener("input", () => { field.typing = true; });
  const done = () => {
    if (!field.typing) return;
    field.typing = false;
    commit(field.value);
  };
  field.addEventListener("blur", done);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.isComposing) done();
    if (event.key === "Escape") {
      field.typing = false;
      draw(live);
    }
  });
}

function listen(live) {
  listenToEntry(live, live.total, (text) => send(live, { kind: "total", text }));
  live.rows.forEach((row, at) => {
    const use = () => live.data.uses[at].key;
    listenToSlider(live, row, at);
    listenToEntry(live, row.number, (text) => send(live, { kind: "type", use: use(), text }));
    row.lock.addEventListener("click", () => {
      if (live.data.uses[at].free) return;
      release(live);
      send(live, { kind: "lock", use: use(), locked: !current(live)[at].locked });
    });
    row.bounds.addEventListener("click", () => {
      row.panel.hidden = !row.panel.hidden;
      row.bounds.setAttribute("aria-expanded", String(!row.panel.hidden));
    });
    const bounds = () => {
      row.min.typing = false;
      row.max.typing = false;
      const [min, max] = [row.min.value, row.max.value];
      send(live, { kind: "bounds", use: use(), min, max, free: row.free.checked });
    };
    listenToEntry(live, row.min, bounds);
    listenToEntry(live, row.max, bounds);
    row.free.addEventListener("change", bounds);
  });
}

// --- drawing --------------------------------------------------------------------------------

// Text that is being typed, or waits for an answer, stays.
function show(live, field, value) {
  if (!field.typing && !live.waiting.length) field.value = whole(value);
}

function drawUse(live, row, at, now, share) {
  const { data } = live;
  const use = data.uses[at];
  const { total } = data;
  const locked = current(live)[at].locked;
  const value = live.shown[at];
  const figures = `${whole(value)} m² · ${(share / 10).toFixed(1)} %`;
  const moved = live.active === at || live.waiting.some((event) => event.use === use.key);
  const guessed = (live.active >= 0 || live.waiting.length > 0) && !moved && value !== use.m2;
  const outside = use.low_m2 === null || value < use.low_m2 || value > use.high_m2;
  row.root.classList.toggle("guessed", guessed);
  row.root.classList.toggle("outside", outside);
  row.part.textContent =
    `${guessed ? "≈ " : ""}${figures} · ${whole(value / data.pyeong_m2)} ${data.pyeong}`;
  say(row.tag, use.free ? data.words.free_tag : locked ? data.words.locked_tag : "");
  row.slider.max = total.m2;
  row.slider.step = data.step_m2;
  if (!row.pointed) row.slider.value = value;
  row.slider.setAttribute("aria-valuetext", figures);
  row.track.style.setProperty("--at", value / total.m2);
  if (live.active === at) row.number.value = whole(value);
  else show(live, row.number, value);
  const warned = outside && use.low_m2 !== null;
  say(row.range, warned ? filled(data.words.outside, { range: use.range }) : use.range);
  row.lock.setAttribute("aria-pressed", String(locked));
  row.lock.setAttribute("aria-disabled", String(use.free));
  row.lock.title = use.free ? use.names.no_lock : locked ? use.names.locked : use.names.unlocked;
  row.icon.firstChild.setAttribute("d", locked ? SHUT_LOCK : OPEN_LOCK);
  row.segment.style.flexGrow = String(value);
  row.segment.lastChild.textContent = `${(share / 10).toFixed(1)} %`;
}

function draw(live) {
  const { data, rows } = live;
  const certain = live.active < 0 && !live.waiting.length;
  const shares = certain ? data.uses.map((use) => use.share_permille) : permille(live.shown);
  rows.forEach((row, at) => drawUse(live, row, at, live.shown, shares[at]));
  const told = data.uses.map((use, at) => `${use.name} ${(shares[at] / 10).toFixed(1)} %`);
  live.stack.setAttribute("aria-label", `${data.words.stack}: ${told.join(", ")}`);
  show(live, live.total, data.total.m2);
  const { preview, waiting } = data.words;
  live.root.classList.toggle("waiting", !certain);
  say(live.absorbers, certain ? data.absorbers : live.active >= 0 ? preview : waiting);
}

// What changes only with the server's data.
function write(live) {
  const { data, rows } = live;
  say(live.totalLabel, data.words.total);
  say(live.totalPyeong, `m² · ${data.total.pyeong}`);
  say(live.totalNote, data.words.total_note);
  say(live.totalRefused, data.total.refused);
  live.total.setAttribute("aria-invalid", String(Boolean(data.total.refused)));
  say(live.notice, data.notice);
  say(live.assumption, data.words.assumption);
  rows.forEach((row, at) => {
    const use = data.uses[at];
    const { names } = use;
    row.root.setAttribute("aria-label", use.name);
    row.root.style.setProperty("--use", use.colour);
    row.segment.style.cssText = `background:${use.colour};color:${use.ink}`;
    say(row.segment.firstChild, use.name);
    say(row.name, use.name);
    row.slider.setAttribute("aria-label", names.slider);
    row.slider.title = names.slider_help;
    row.number.setAttribute("aria-label", names.number);
    row.number.setAttribute("aria-invalid", String(Boolean(use.refused)));
    row.lock.setAttribute("aria-label", names.lock);
    say(row.bounds, use.bounds);
    row.bounds.title = names.bounds;
    say(row.refused, use.refused);
    say(row.minLabel, names.min);
    say(row.maxLabel, names.max);
    say(row.freeLabel, data.words.free);
    row.band.hidden = use.low_m2 === null;
    row.track.style.setProperty("--low", (use.low_m2 ?? 0) / data.total.m2);
    row.track.style.setProperty("--high", (use.high_m2 ?? 0) / data.total.m2);
    show(live, row.min, use.min_m2);
    show(live, row.max, use.max_m2);
    if (!live.waiting.length) row.free.checked = use.free;
  });
}

export default function ({ data, parentElement, setTriggerValue }) {
  let live = mounted.get(parentElement);
  if (!live) {
    live = make(parentElement, data);
    mounted.set(parentElement, live);
  }
  live.setTriggerValue = setTriggerValue;
  live.pass = () => pass(live);
  live.data = data;
  if (data.seen?.mount === live.mount) {
    live.waiting = live.waiting.filter(({ seq }) => seq > data.seen.seq);
  }
  if (!live.waiting.length) {
    const values = data.uses.map((use) => use.m2);
    live.base = values;
    live.shown =
      live.active < 0
        ? values
        : absorbed(current(live), values, live.active, live.wished, data.total.m2);
  }
  write(live);
  draw(live);
  return () => {
    if (!live.root.isConnected) clearTimeout(live.patience);
  };
}
