// Every document with the lines about it, filtered by the form or by the address (#kind=inference&outcome=rejected).
// Text from the run only ever becomes text nodes.
"use strict";
(() => {
  const { element, plural, offer, follow } = filtered;
  const { documents, verifiers, sources, lines } = JSON.parse(document.getElementById("lines").textContent);
  const LINES_AT_ONCE = 60;
  const LINES_OF_A_DOCUMENT = 20;
  const DOCUMENTS_AT_ONCE = 25;
  const LONG_TEXT = 900;
  const MOST_SOURCES = 6;
  const FIELDS = ["kind", "outcome", "verifier", "document", "text"];
  const list = document.getElementById("list");
  const more = document.getElementById("more");
  const linesAbout = documents.map(() => []);
  for (const line of lines) linesAbout[line.document].push(line);
  let matching = [];

  function reference(number, own) {
    if (number === own) return "this document";
    const id = documents[number][0];
    return element("a", { href: `#${new URLSearchParams({ document: id })}`, dir: "auto" }, id);
  }

  // Of a line about one document alone nothing is said: it stands beside that document.
  function sourceList(line) {
    const numbers = sources[line.sources];
    if (numbers.length === 1 && numbers[0] === line.document) return "";
    const links = () => numbers.flatMap((number, place) => [place ? ", " : "", reference(number, line.document)]);
    if (numbers.length <= MOST_SOURCES) return element("p", { className: "small" }, "From ", ...links());
    const details = element("details", { className: "small" },
      element("summary", {}, `From ${plural(numbers.length, "document")}`));
    details.addEventListener("toggle", () => details.append(element("p", {}, ...links())), { once: true });
    return details;
  }

  function lineItem(line) {
    // The reason holds the score of the verifier that rejected the line.
    const scores = line.scores.flatMap((score, place) => (place === line.verifier ? [] :
      [`${verifiers[place]} ${score === null ? "no number" : String(score).replace("-", "−")}`]));
    const outcome = line.kept ? "✓ kept" : `✗ rejected: ${line.reason}`;
    return element("li", { className: line.kept ? "kept" : "rejected" },
      element("p", { className: "said", dir: "auto" }, line.text),
      element("p", { className: "small" },
        element("span", { className: line.kept ? "right" : "wrong" }, outcome),
        ` · ${[line.kind, ...scores, plural(line.tokens, "token")].join(" · ")}`),
      sourceList(line));
  }

  // A few lines, and a button for more of them.
  function lineList(own) {
    const made = element("ul", { className: "written" });
    const button = element("button", { type: "button" });
    const showMore = () => {
      const from = made.children.length;
      made.append(...own.slice(from, from + LINES_OF_A_DOCUMENT).map(lineItem));
      const left = own.length - made.children.length;
      button.textContent = `Show more of ${plural(left, "line")}`;
      button.hidden = !left;
      return made.children[from];
    };
    showMore();
    button.addEventListener("click", () => focusOn(showMore()));
    return element("div", {}, made, button);
  }

  function focusOn(made) {
    made.tabIndex = -1;
    made.focus({ preventScroll: true });
  }

  function documentText(text) {
    const shown = element("p", { className: "episode", dir: "auto" }, text);
    if (text.length <= LONG_TEXT) return shown;
    shown.textContent = `${text.slice(0, LONG_TEXT)} …`;
    const button = element("button", { type: "button" }, "Show the whole text");
    button.addEventListener("click", () => { shown.textContent = text; button.remove(); });
    return element("div", {}, shown, button);
  }

  function counted(number, own) {
    const all = linesAbout[number].length;
    if (!all) return "no lines";
    const kept = own.filter((line) => line.kept).length;
    const parts = own.length ? `: ${kept} kept, ${own.length - kept} rejected` : "";
    return own.length === all ? plural(all, "line") + parts : `${own.length} of ${plural(all, "line")}${parts}`;
  }

  function documentItem({ number, own }) {
    const [id, text] = documents[number];
    return element("li", {},
      element("article", { className: "derived" },
        element("div", {},
          element("h3", { dir: "auto" }, id),
          element("p", { className: "small" }, counted(number, own)),
          documentText(text)),
        own.length ? lineList(own) : ""));
  }

  function searchable(line) {
    line.searched ??= [line.text, line.reason].join("\n").toLowerCase();
    return line.searched;
  }

  function matches(line, { kind, outcome, verifier, text }) {
    return (!kind || line.kind === kind) &&
      (!outcome || line.kept === (outcome === "kept")) &&
      (!verifier || verifiers[line.verifier] === verifier) &&
      (!text || searchable(line).includes(text.toLowerCase()));
  }

  // A document is there with the lines about it that match, and without one where only it is looked for.
  function found(filters) {
    const text = filters.text.toLowerCase();
    const ofLines = filters.kind || filters.outcome || filters.verifier;
    return documents.flatMap(([id, content], number) => {
      if (filters.document && id !== filters.document) return [];
      const own = linesAbout[number].filter((line) => matches(line, filters));
      const itself = !ofLines && `${id}\n${content}`.toLowerCase().includes(text);
      return own.length || itself ? [{ number, own }] : [];
    });
  }

  function showMore() {
    const from = list.children.length;
    let to = from;
    for (let lines = 0; to < matching.length && to < from + DOCUMENTS_AT_ONCE && lines < LINES_AT_ONCE; to += 1) {
      lines += Math.min(matching[to].own.length, LINES_OF_A_DOCUMENT);
    }
    list.append(...matching.slice(from, to).map(documentItem));
    more.hidden = to === matching.length;
    return list.children[from];
  }

  function show(filters) {
    matching = found(filters);
    const shown = matching.reduce((sum, { own }) => sum + own.length, 0);
    document.getElementById("shown").value = `${shown.toLocaleString("en")} of ${plural(lines.length, "line")}, ` +
      `${matching.length.toLocaleString("en")} of ${plural(documents.length, "document")}`;
    list.replaceChildren();
    showMore();
  }

  offer("kind", [...new Set(lines.map((line) => line.kind))]);
  offer("verifier", verifiers);
  offer("document", documents.map(([id]) => id));
  more.addEventListener("click", () => focusOn(showMore()));
  follow(FIELDS, "documents", show);
})();
