// Search: parcels by name, lot number, id or PNU, with suggestions (ARIA combobox).

const MOST_FOUND = 8;
const pnuOf = (row) =>
  (facts.pnus?.[row] ?? null) === null ? "" : facts.pnu_start + facts.pnus[row];
const folded = (text) => (text ?? "").normalize("NFKC").toLowerCase().replace(/\s+/g, "");
let folds = null; // row -> what a search looks into

// Rows that hold every word that was typed, the best first.
function found(typed) {
  const parts = typed.trim().split(/\s+/).map(folded).filter(Boolean);
  if (!parts.length) return [];
  folds ??= facts.ids.map((id, row) =>
    [nameOf(row), facts.jibuns[row], id, pnuOf(row)].map(folded),
  );
  const all = parts.join("");
  const rank = (text) => {
    if (text === all) return 0;
    const at = text.lastIndexOf(all);
    if (at < 0) return 4;
    const digit = (place) => /\d/.test(text[place] ?? "");
    // The whole number, not a part of a longer one: 22 before 224, 225 before 225-1.
    const apart = !(digit(at) && digit(at - 1)) && !digit(at + all.length);
    return apart ? (at + all.length === text.length ? 1 : 2) : 3;
  };
  const ranked = [];
  folds.forEach((texts, row) => {
    if (!parts.every((part) => texts.some((text) => text.includes(part)))) return;
    ranked.push([Math.min(...texts.map(rank)), row]);
  });
  return ranked.sort((a, b) => a[0] - b[0] || a[1] - b[1]).map(([, row]) => row);
}

const Search = L.Control.extend({
  options: { position: "topleft" },

  onAdd(map) {
    const box = element("div", "siteplan-search leaflet-bar");
    box.setAttribute("role", "search");
    this.open = button("", () => {
      box.classList.toggle("open");
      this.field.focus();
    });
    this.open.title = words.search;
    this.open.setAttribute("aria-label", words.search);
    this.open.append(icon(ICONS.search));
    const field = (this.field = element("input"));
    const attributes = {
      type: "text", role: "combobox", placeholder: words.search_hint, "aria-label": words.search,
      "aria-expanded": "false", "aria-controls": "siteplan-found", "aria-autocomplete": "list",
      autocomplete: "off", spellcheck: "false", maxlength: "80", enterkeyhint: "search",
    };
    for (const [name, value] of Object.entries(attributes)) field.setAttribute(name, value);
    this.list = element("ul");
    this.list.id = "siteplan-found";
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", words.search);
    this.list.hidden = true;
    this.told = element("p", "quiet");
    this.told.hidden = true;
    const answers = element("div", "answers");
    answers.append(this.list, this.told);
    box.append(this.open, field, answers);
    field.addEventListener("input", () => this.suggest());
    field.addEventListener("focus", () => this.suggest());
    field.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    field.addEventListener("keydown", (event) => this.press(event));
    L.DomEvent.disableClickPropagation(box);
    L.DomEvent.disableScrollPropagation(box);
    this.box = box;
    this.map = map;
    return box;
  },

  suggest() {
    const rows = found(this.field.value);
    this.rows = rows.slice(0, MOST_FOUND);
    this.at = this.rows.length ? 0 : -1;
    this.list.replaceChildren(...this.rows.map((row, place) => this.option(row, place)));
    this.list.hidden = !this.rows.length;
    const typed = this.field.value.trim();
    this.told.hidden = !typed;
    const figures = { count: thousands(rows.length), shown: thousands(this.rows.length) };
    const wording = rows.length ? (rows.length > MOST_FOUND ? words.found_more : words.found) : words.not_found;
    this.told.textContent = fill(wording, figures);
    this.field.setAttribute("aria-expanded", String(this.rows.length > 0));
    this.mark();
    if (typed) announce(this.told.textContent);
  },

  option(row, place) {
    const option = element("li");
    option.id = `siteplan-found-${place}`;
    option.setAttribute("role", "option");
    const others = [facts.jibuns[row], facts.ids[row], pnuOf(row)];
    const quiet = others.filter((text) => text && text !== nameOf(row)).join(" · ");
    option.append(element("span", "first", nameOf(row)), element("span", "quiet", quiet));
    // Before the field loses the focus.
    option.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      this.take(row);
    });
    return option;
  },

  mark() {
    [...this.list.children].forEach((option, place) => {
      option.setAttribute("aria-selected", String(place === this.at));
    });
    const marked = this.list.children[this.at];
    marked?.scrollIntoView({ block: "nearest" });
    if (marked) this.field.setAttribute("aria-activedescendant", marked.id);
    else this.field.removeAttribute("aria-activedescendant");
  },

  press(event) {
    const count = this.rows?.length ?? 0;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && count) {
      this.at = (this.at + step + count) % count;
      this.mark();
    } else if (event.key === "Enter" && this.at >= 0 && !event.isComposing) {
      this.take(this.rows[this.at]);
    } else if (event.key === "Escape") {
      if (this.list.hidden && this.told.hidden) this.map.getContainer().focus({ preventScroll: true });
      this.field.value = "";
      this.close();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  },

  take(row) {
    this.field.value = "";
    this.close();
    this.map.fitBounds(state.layers[row].getBounds(), { padding: [80, 80], maxZoom: 18, animate: false });
    this.map.getContainer().focus({ preventScroll: true });
    roving.go(row);
    pick(row, false);
  },

  close() {
    if (!this.field.value) this.box.classList.remove("open");
    this.list.hidden = this.told.hidden = true;
    this.rows = [];
    this.at = -1;
    this.field.setAttribute("aria-expanded", "false");
    this.field.removeAttribute("aria-activedescendant");
  },
});
