// The stakeholder file's own script: scenarios, languages, the card, the table, printing.
//
// The map is the live map's document: drawMap() makes it from the page's data blocks, startMap
// starts it. Another language or other outlines mean other blocks, and the map is made anew in
// its place. Texts from files are shown with textContent only, never as HTML.
"use strict";

(() => {
  // ---------------------------------------------------------------- the page's data

  const blockOf = (name) => document.getElementById(`siteplan-${name}`);
  const share = JSON.parse(blockOf("share").textContent);
  const original = new Map(
    [...document.querySelectorAll('script[type="application/json"]')]
      .filter(({ id }) => id !== "siteplan-share")
      .map(({ id, textContent }) => [id.replace("siteplan-", ""), textContent]),
  );
  const FIRST = share.lang;
  const NO_ZONE = 65535;
  const STANDING = -1;

  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const numbers = (text, Kind) => new Kind(bytes(text).buffer);

  const state = {
    lang: share.lang,
    scenario: 0,
    colour: 0, // place in the list, or STANDING
    year: share.years?.[1], // that the map shows while it tells what stands
    parcel: null, // id of the parcel whose card is open
    live: null, // the map's own functions and state
    drawn: "", // which language and outlines the map is made of
    facts: null, // the parcels of the map
  };

  const scenario = () => share.scenarios[state.scenario];
  const words = () => share.words[state.lang];
  const limits = () => share.limits[state.lang];
  const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const thousands = (value) => Math.round(value).toLocaleString("en-US");
  const percent = (permille, digits = 1) => `${(permille / 10).toFixed(digits)} %`;
  const area = (m2) =>
    state.lang === "ko"
      ? `${thousands(m2)} m² (${thousands((m2 * 121) / 400)}평)`
      : `${thousands(m2)} m²`;

  function element(tag, className, ...content) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    made.append(...content.filter((part) => part !== null && part !== undefined));
    return made;
  }

  // Figures by parcel, unpacked once per scenario.
  function unpack(one) {
    const { figures, sections } = one;
    const uses = bytes(figures.uses);
    const gfa = numbers(figures.gfa_m2, Int32Array);
    const far = numbers(figures.far_permille, Int32Array);
    const floors = numbers(figures.floors, Uint16Array);
    const height = numbers(sections.height_dm, Uint16Array);
    const used = numbers(sections.used_permille, Uint16Array);
    let next = 0;
    const built = new Map();
    numbers(figures.rows, Int32Array).forEach((row, place) => {
      const placed = share.use_keys.map((_, use) => ((uses[place] >> use) & 1 ? gfa[next++] : 0));
      built.set(row, {
        gfa_m2: placed,
        total_m2: placed.reduce((sum, m2) => sum + m2, 0),
        far_permille: far[place],
        floors: floors[place],
        height_dm: height[place],
        used_permille: used[place],
      });
    });
    return {
      built,
      limit: bytes(sections.limit),
      farLimit: numbers(sections.far_limit_permille, Int32Array),
      part: numbers(sections.part_permille, Uint16Array),
      zone: numbers(sections.zone, Uint16Array),
      completed: sections.completed ? numbers(sections.completed, Uint16Array) : null,
    };
  }

  const unpacked = (one) => (one.unpacked ??= unpack(one));

  // ---------------------------------------------------------------- the map

  // `known` with what `differences` changes in it; see _differences in document.py.
  function merged(known, differences) {
    const plain = (value) => value && typeof value === "object" && !Array.isArray(value);
    if (!plain(known) || !plain(differences)) return differences;
    const result = { ...known };
    for (const [key, value] of Object.entries(differences)) result[key] = merged(known[key], value);
    return result;
  }

  function writeBlocks(lots) {
    const steps = [];
    if (lots) steps.push(share.differences[`${FIRST}-${lots}`]);
    if (state.lang !== FIRST) steps.push(share.differences[`${state.lang}-${lots}`]);
    for (const [name, text] of original) {
      const changes = steps.map((step) => step[name]).filter((change) => change !== undefined);
      blockOf(name).textContent = changes.length
        ? JSON.stringify(changes.reduce(merged, JSON.parse(text)))
        : text;
    }
    state.facts = JSON.parse(blockOf("parcels").textContent);
  }

  function removeMap() {
    const { map, later } = state.live.state;
    clearTimeout(later);
    const view = { center: map.getCenter(), zoom: map.getZoom() };
    map.invalidateSize = () => map; // what watches its size may speak once more
    map.remove();
    return view;
  }

  function makeMap() {
    const { lots } = scenario();
    const wanted = `${state.lang}-${lots}`;
    if (state.drawn === wanted) return;
    const view = state.live ? removeMap() : null;
    writeBlocks(lots);
    const before = document.querySelector(".map-frame .folium-map");
    const box = element("div", "folium-map");
    box.id = before.id;
    before.replaceWith(box);
    L.Browser.retina = true; // sharp on paper too
    state.live = drawMap();
    window.siteplan = state.live;
    startMap[wanted](state.live);
    state.drawn = wanted;
    const { map, group } = state.live.state;
    if (view) map.setView(view.center, view.zoom, { animate: false });
    // A page that is scrolled with the wheel must not get stuck in the map.
    map.scrollWheelZoom.disable();
    map.on("focus", () => map.scrollWheelZoom.enable());
    map.on("blur", () => map.scrollWheelZoom.disable());
    group.on("click", ({ layer, originalEvent }) => {
      openCard(state.facts.ids[layer.siteplanRow], { focus: originalEvent?.type === "keydown" });
    });
    setTheme();
  }

  const dark = window.matchMedia("(prefers-color-scheme: dark)");

  function setTheme(forced) {
    state.live.setTheme(forced ?? (dark.matches ? "dark" : "light"));
  }

  function paint() {
    const one = scenario();
    const yearly = state.colour === STANDING;
    const at = state.year - share.years?.[0];
    const style = yearly ? one.standing.styles[state.lang][at] : one.styles[state.lang][state.colour];
    const figures = Object.fromEntries(
      Object.entries(yearly ? one.standing.figures[at] : one.figures).map(([name, text]) => [
        name,
        bytes(text),
      ]),
    );
    const index = bytes(yearly ? one.standing.index[at] : one.index[style.colour_by]);
    const selected = state.parcel === null ? [] : [state.parcel];
    state.live.show({ ...style, ...figures, index, selected });
  }

  // ---------------------------------------------------------------- the card of a parcel

  const card = document.getElementById("card");

  function openCard(parcel, { focus = false } = {}) {
    state.parcel = parcel;
    state.live.select([parcel]);
    fillCard();
    showBesideCard();
    if (focus) card.focus({ preventScroll: true });
  }

  function closeCard() {
    const back = card.contains(document.activeElement);
    state.parcel = null;
    state.live.select([]);
    fillCard();
    if (back) state.live.state.map.getContainer().focus({ preventScroll: true });
  }

  const use = (column) =>
    element(
      "span",
      "",
      element("span", `dot fill-${share.use_keys[column]}`),
      share.uses[state.lang][column],
    );

  function fillCard() {
    const row = state.facts.ids.indexOf(state.parcel);
    card.hidden = row < 0;
    if (row < 0) return;
    const { built, limit, farLimit, part, zone, completed } = unpacked(scenario());
    const said = words();
    const name = state.facts.names[row];
    const heading = element("h2", "", name);
    heading.id = "card-name";
    const close = element("button", "close", "×");
    close.type = "button";
    close.setAttribute("aria-label", said.close);
    close.addEventListener("click", closeCard);
    const list = element("dl", "");
    const line = (term, value) => list.append(element("dt", "", term), element("dd", "", value));
    const figures = built.get(row);
    if (figures) {
      figures.gfa_m2.forEach((m2, column) => {
        if (m2 > 0) line(use(column), area(m2));
      });
      line(said.total, element("b", "", area(figures.total_m2)));
      line(said.floors, `${figures.floors} (${(figures.height_dm / 10).toFixed(0)} m)`);
      if (completed) line(said.year, `${completed[row]}`);
      if (part[row] < 1000) {
        line(said.far_whole, percent((figures.far_permille * part[row]) / 1000));
        line(said.far_part, percent(figures.far_permille));
      } else {
        line(said.far, percent(figures.far_permille));
      }
    }
    line(said.far_limit, farLimit[row] < 0 ? said.none : percent(farLimit[row]));
    if (part[row] < 1000) line(said.part, percent(part[row], 0));
    if (figures) line(said.used, percent(figures.used_permille));
    line(said.limit, limits()[limit[row]]);
    line(said.site_area, area(state.facts.site_area_m2[row]));
    if (zone[row] !== NO_ZONE) line(said.zone, scenario().zones[state.lang][zone[row]]);
    const jibun = state.facts.jibuns[row];
    card.replaceChildren(
      close,
      heading,
      jibun && jibun !== name ? element("p", "quiet", jibun) : "",
      figures ? "" : element("p", "", said.no_gfa),
      list,
      state.facts.schematic[row] ? element("p", "quiet", said.schematic) : "",
    );
    card.scrollTop = 0;
  }

  // Move the map so that the card does not lie over the middle of its parcel.
  function showBesideCard() {
    const { map, layers } = state.live.state;
    const box = map.getContainer().getBoundingClientRect();
    const over = card.getBoundingClientRect();
    const wide = over.width > box.width * 0.6; // at the bottom of a phone
    const layer = layers[state.facts.ids.indexOf(state.parcel)];
    const at = map.latLngToContainerPoint(layer.getBounds().getCenter());
    const hidden = at.x > over.left - box.left - 20 && at.y > over.top - box.top - 20;
    if (!hidden) return;
    const free = wide
      ? L.point(box.width / 2, (over.top - box.top) / 2)
      : L.point((over.left - box.left) / 2, at.y);
    map.panBy(at.subtract(free), { animate: false });
  }

  // ---------------------------------------------------------------- the table of parcels used

  const table = document.querySelector("table.parcels");

  function showOnMap(parcel) {
    const { live, facts } = state;
    const { map, layers } = live.state;
    const bounds = layers[facts.ids.indexOf(parcel)].getBounds();
    map.fitBounds(bounds, { maxZoom: 17, padding: [90, 90], animate: false });
    document.querySelector(".map-frame").scrollIntoView({ block: "start" });
    openCard(parcel, { focus: true });
  }

  function cells(tag, values) {
    return values.map((value) => {
      const cell = element(tag, "", value);
      if (tag === "th") cell.scope = "col";
      return cell;
    });
  }

  function fillTable() {
    const { built, limit, farLimit } = unpacked(scenario());
    const said = words();
    const { facts } = state;
    const ofLimit = (row) => (farLimit[row] < 0 ? "–" : percent(farLimit[row]));
    const rows = [...built].sort(([, one], [, other]) => other.total_m2 - one.total_m2);
    const heads = share.uses[state.lang].map((name) => `${name} (m²)`);
    table.tHead.replaceChildren(
      element(
        "tr",
        "",
        ...cells("th", [said.lot, ...heads, `${said.total} (m²)`, said.floors, said.far_of, said.limit]),
      ),
    );
    table.tBodies[0].replaceChildren(
      ...rows.map(([row, figures]) => {
        const button = element("button", "", facts.names[row]);
        button.type = "button";
        button.dataset.parcel = facts.ids[row];
        const head = element("th", "", button);
        head.scope = "row";
        return element(
          "tr",
          "",
          head,
          ...cells("td", [
            ...figures.gfa_m2.map((m2) => (m2 ? thousands(m2) : "–")),
            thousands(figures.total_m2),
            `${figures.floors}`,
            `${percent(figures.far_permille)} / ${ofLimit(row)}`,
            limits()[limit[row]],
          ]),
        );
      }),
    );
    const sums = share.use_keys.map((_, column) =>
      rows.reduce((sum, [, { gfa_m2: gfa }]) => sum + gfa[column], 0),
    );
    const head = element("th", "", said.sum);
    head.scope = "row";
    const all = sums.reduce((sum, m2) => sum + m2, 0);
    table.tFoot.replaceChildren(
      element("tr", "", head, ...cells("td", [...sums.map(thousands), thousands(all), "", "", ""])),
    );
    document.getElementById("parcels-count").textContent = filled(said.used_of, {
      used: thousands(rows.length),
      all: thousands(facts.ids.length),
      name: scenario().name[state.lang],
    });
  }

  document.querySelector("main").addEventListener("click", ({ target }) => {
    const button = target.closest("table button[data-parcel]");
    if (button) showOnMap(button.dataset.parcel);
  });

  // ---------------------------------------------------------------- choosing

  const colourBy = document.getElementById("colour-by");

  function fillColours() {
    colourBy.replaceChildren(
      ...scenario().styles[state.lang].map(({ title }, place) => {
        const option = element("option", "", title);
        option.value = place;
        option.selected = place === state.colour;
        return option;
      }),
    );
    if (share.years) {
      const option = element("option", "", words().standing);
      option.value = STANDING;
      option.selected = state.colour === STANDING;
      colourBy.append(option);
    }
    showYear();
  }

  const yearSlider = document.getElementById("year");

  function showYear() {
    if (!yearSlider) return;
    document.getElementById("year-chooser").hidden = state.colour !== STANDING;
    document.getElementById("year-said").textContent = `${state.year}`;
  }

  yearSlider?.addEventListener("input", () => {
    state.year = Number(yearSlider.value);
    showYear();
    paint();
  });

  function showScenario() {
    makeMap();
    // A lot that another scenario merges or cuts is not there in this one.
    if (!state.facts.ids.includes(state.parcel)) state.parcel = null;
    paint();
    fillCard();
    fillTable();
    for (const part of document.querySelectorAll(".of-scenario")) {
      part.hidden = Number(part.dataset.scenario) !== state.scenario;
    }
  }

  function setLanguage(lang) {
    state.lang = lang;
    document.documentElement.lang = lang;
    document.title = share.titles[lang];
    for (const button of document.querySelectorAll("button[data-lang]")) {
      button.setAttribute("aria-pressed", button.dataset.lang === lang);
    }
    fillColours();
    showScenario();
  }

  document.addEventListener("change", ({ target }) => {
    if (target.name === "scenario") {
      state.scenario = Number(target.value);
      showScenario();
      document.getElementById("said").textContent = filled(words().chosen, {
        name: scenario().name[state.lang],
      });
    } else if (target === colourBy) {
      state.colour = Number(target.value);
      showYear();
      paint();
    }
  });

  document.addEventListener("click", ({ target }) => {
    const button = target.closest("button[data-lang]");
    if (button && button.dataset.lang !== state.lang) setLanguage(button.dataset.lang);
  });

  document.addEventListener("keydown", ({ key }) => {
    if (key === "Escape" && state.parcel !== null) closeCard();
  });

  dark.addEventListener("change", () => setTheme());

  // ---------------------------------------------------------------- printing

  // The map is a picture of its size on the screen: give it the sheet's size first, light.
  let onScreen = null;

  window.addEventListener("beforeprint", () => {
    if (onScreen) return;
    const { map, group } = state.live.state;
    onScreen = { center: map.getCenter(), zoom: map.getZoom(), bounds: map.getBounds() };
    document.documentElement.classList.add("printing");
    setTheme("light");
    const legend = document.querySelector(".siteplan-legend");
    onScreen.legend = legend.open;
    legend.open = true;
    map.invalidateSize({ animate: false, pan: false });
    // All parcels where all were in view, beside the legend; else what was looked at.
    const all = group.getBounds();
    const looked = onScreen.bounds.contains(all) ? all : onScreen.bounds;
    const beside = [legend.offsetWidth + 20, 12];
    map.fitBounds(looked, { animate: false, paddingTopLeft: beside, paddingBottomRight: [12, 12] });
    // Leaflet draws with the next frame, which a sheet of paper does not wait for; and Chromium
    // prints a canvas that was just drawn as an empty one, but not a copy of it.
    onScreen.canvases = [];
    map.eachLayer((layer) => {
      if (!(layer instanceof L.Canvas)) return;
      layer._redraw();
      const canvas = layer._container;
      const copy = canvas.cloneNode();
      copy.getContext("2d").drawImage(canvas, 0, 0);
      canvas.replaceWith(copy);
      onScreen.canvases.push([canvas, copy]);
    });
  });

  window.addEventListener("afterprint", () => {
    if (!onScreen) return;
    const { map } = state.live.state;
    for (const [canvas, copy] of onScreen.canvases) copy.replaceWith(canvas);
    document.documentElement.classList.remove("printing");
    setTheme();
    document.querySelector(".siteplan-legend").open = onScreen.legend;
    map.invalidateSize({ animate: false, pan: false });
    map.setView(onScreen.center, onScreen.zoom, { animate: false });
    onScreen = null;
  });

  document.getElementById("print").addEventListener("click", () => window.print());

  // ---------------------------------------------------------------- start

  setLanguage(state.lang);
})();
