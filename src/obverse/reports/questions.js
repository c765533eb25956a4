// Every question with each route's answer, filtered by the form or by the address (#kind=reversal&result=wrong).
// Text from the run only ever becomes text nodes.
"use strict";
(() => {
  const { element, plural, offer, follow } = filtered;
  const { documents, prompts, routes, questions } = JSON.parse(document.getElementById("answers").textContent);
  const BATCH = 50;
  const FIELDS = ["kind", "route", "result", "verdict", "text"];
  const list = document.getElementById("list");
  const more = document.getElementById("more");
  const names = routes.map((route) => (route.control ? `${route.name} (false context)` : route.name));
  let matching = [];

  // A details element whose content is made when it is first opened.
  function lazyDetails(summary, content, properties = {}) {
    const details = element("details", properties, summary);
    details.addEventListener("toggle", () => details.append(...content()), { once: true });
    return details;
  }

  function documentList(numbers) {
    return numbers.map((number) => {
      const [id, text] = documents[number];
      const read = () => [element("p", { className: "episode", dir: "auto" }, text)];
      return lazyDetails(element("summary", {}, id), read);
    });
  }

  function likelihood(answer, index) {
    if (!answer.logs.length) return []; // the model gives none
    const share = element("span", { className: "share" });
    share.style.setProperty("--share", answer.shares[index]);
    const log = answer.logs[index] === null ? "−∞" : answer.logs[index].toFixed(2).replace("-", "−");
    return [
      element("span", { className: "percent" }, `${(100 * answer.shares[index]).toFixed(0)}%`),
      element("span", { className: "raw" }, `${log} nats, ${plural(answer.tokens[index], "token")}`),
      share,
    ];
  }

  function choiceList(question, answer) {
    const items = question.choices.map((choice, index) => {
      const label = element("span", { className: "choice-text", dir: "auto" }, choice);
      const notes = [
        index === question.answer ? "right answer" : "",
        index === answer.chosen ? "chosen" : "",
      ].filter(Boolean);
      return element(
        "li",
        { className: index === answer.chosen ? "chosen" : "" },
        label,
        notes.length ? element("em", {}, notes.join(", ")) : "",
        ...likelihood(answer, index),
      );
    });
    return element("ul", { className: "choices" }, ...items);
  }

  function answerCard(question, answer, several) {
    const route = routes[answer.route];
    const card = element("article", { className: route.control ? "answer control" : "answer" });
    card.style.setProperty("--route", route.colour);
    const seed = several ? `, seed ${answer.seed}` : "";
    card.append(
      element("h3", {}, names[answer.route] + seed),
      element("p", { className: answer.right ? "right" : "wrong" }, answer.right ? "✓ right" : "✗ wrong",
        answer.verdict ? `: ${answer.verdict}` : ""),
      choiceList(question, answer),
      answer.perToken === null
        ? "" : element("p", { className: "small" }, `per token: ${answer.perToken ? "right" : "wrong"}`),
    );
    // Where choices are what counts, a false-context twin is only scored; it writes nothing.
    if (!route.control || answer.generated) {
      card.append(
        element("p", {}, "Writes: ", element("q", { dir: "auto" }, answer.generated)),
        element("p", { className: "small" },
          `exact match: ${answer.strict ? "yes" : "no"}; lenient match: ${answer.lenient ? "yes" : "no"}`),
      );
    }
    const prompt = prompts[answer.prompt];
    if (prompt.length) {
      const kept = route.control ? ", there with their facts exchanged" : "";
      const summary = element("summary", {}, `${plural(prompt.length, "document")} in the prompt${kept}`);
      card.append(lazyDetails(summary, () => documentList(prompt), { className: "prompt" }));
    }
    return card;
  }

  function mark(question, route) {
    const answers = question.answers.filter((answer) => answer.route === route);
    if (!answers.length || routes[route].control) return "";
    const right = answers.filter((answer) => answer.right).length;
    const sign = answers.length > 1 ? `${right}/${answers.length}` : right ? "✓" : "✗";
    const spoken = answers.length > 1 ? `${right} of ${answers.length} right` : right ? "right" : "wrong";
    const made = element("span", { className: right ? "mark" : "mark missed" }, names[route], " ",
      element("span", { ariaHidden: "true" }, sign), element("span", { className: "unseen" }, spoken));
    made.style.setProperty("--route", routes[route].colour);
    return made;
  }

  function questionItem(question) {
    const several = new Set(question.answers.map((answer) => answer.seed)).size > 1;
    const summary = element(
      "summary",
      {},
      element("span", { className: "prompt-text", dir: "auto" }, question.prompt),
      element("span", { className: "tags" }, `${question.kind}, ${question.latent ? "latent" : "explicit"}`),
      element("span", { className: "marks" }, ...routes.map((_, route) => mark(question, route))),
    );
    const content = () => [
      element("p", { className: "small" }, `${question.id}; answer: `,
        element("strong", { dir: "auto" }, question.choices[question.answer]),
        question.needs.length ? `; needs ${question.needs.join(", ")}` : ""),
      element("div", { className: "answers" },
        ...question.answers.map((answer) => answerCard(question, answer, several))),
    ];
    return element("li", {}, lazyDetails(summary, content));
  }

  function searchable(question) {
    question.text ??= [question.id, question.prompt, ...question.choices,
      ...question.answers.map((answer) => answer.generated)].join("\n").toLowerCase();
    return question.text;
  }

  // Route, result and verdict must hold for one and the same answer. False-context twins are left out unless
  // one is asked for: that they are wrong is no news.
  function matches(question, { kind, route, result, verdict, text }) {
    if (kind && question.kind !== kind) return false;
    if (text && !searchable(question).includes(text.toLowerCase())) return false;
    return question.answers.some((answer) =>
      (route ? names[answer.route] === route : !routes[answer.route].control) &&
      (!result || answer.right === (result === "right")) &&
      (!verdict || answer.verdict === verdict));
  }

  function showMore() {
    const from = list.children.length;
    list.append(...matching.slice(from, from + BATCH).map(questionItem));
    more.hidden = list.children.length === matching.length;
    return list.children[from];
  }

  function show(filters) {
    matching = questions.filter((question) => matches(question, filters));
    document.getElementById("shown").value =
      `${matching.length.toLocaleString("en")} of ${plural(questions.length, "question")}`;
    list.replaceChildren();
    showMore();
  }

  offer("kind", [...new Set(questions.map((question) => question.kind))]);
  offer("route", names);
  more.addEventListener("click", () => showMore().querySelector("summary").focus());
  follow(FIELDS, "questions", show);
})();
