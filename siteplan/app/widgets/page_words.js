// Says which language the page is in, and puts words of Streamlit's own into it.
//
// Streamlit marks every page as English and has no other words than English ones for its own
// controls. What it said first is kept, so that it can be said again in another language.

const SPOKEN = [
  '[data-testid="stSkipToContent"]',
  '[data-testid="stFileUploader"]',
  '[data-testid="stElementToolbar"]',
  '[data-testid="stSelectbox"]',
  '[data-testid="stMultiSelect"]',
  '[data-testid="stHeading"]',
  '[data-testid="stMarkdown"] :is(h1, h2, h3, h4)',
].join(",");
const ATTRIBUTES = ["aria-label", "placeholder", "title"];
const firstSaid = new WeakMap(); // node -> what Streamlit said there, and what stands there now
let words = {};
let sizes = "";
let watching = null;

function inLanguage(said) {
  const size = /^(\d+[KMG]?B) per file/.exec(said);
  if (size) return said.replace(size[0], sizes.replace("{size}", size[1]));
  const [what, ...of] = said.split(": "); // "Download as PNG: Split by use"
  return of.length && words[what] ? [words[what], ...of].join(": ") : (words[said] ?? said);
}

// `at` is a name of an attribute, or "" for the text itself.
function put(node, at, read, write) {
  const now = read();
  if (!now) return;
  const kept = firstSaid.get(node) ?? {};
  const said = kept[at]?.put === now ? kept[at].said : now;
  const wanted = inLanguage(said);
  if (wanted === now) return;
  firstSaid.set(node, { ...kept, [at]: { said, put: wanted } });
  write(wanted);
}

function speak() {
  for (const part of document.querySelectorAll(SPOKEN)) {
    for (const node of [part, ...part.querySelectorAll("*")]) {
      for (const name of ATTRIBUTES) {
        const read = () => node.getAttribute(name);
        put(node, name, read, (wanted) => node.setAttribute(name, wanted));
      }
      for (const text of node.childNodes) {
        if (text.nodeType !== Node.TEXT_NODE) continue;
        put(text, "", () => text.nodeValue, (wanted) => { text.nodeValue = wanted; });
      }
    }
  }
}

function watch() {
  let due = false;
  const later = window.requestIdleCallback?.bind(window) ?? ((work) => setTimeout(work, 50));
  watching = new MutationObserver(() => {
    if (due) return;
    due = true;
    later(() => {
      due = false;
      speak();
    }, { timeout: 150 });
  });
  watching.observe(document.body, { childList: true, subtree: true, attributeFilter: ATTRIBUTES });
}

export default function ({ data }) {
  document.documentElement.lang = data.lang;
  ({ words, sizes } = data);
  speak();
  if (!watching) watch();
}
