// What lists have in common that a form and the address filter (#kind=reversal&result=wrong).
// Text from the run only ever becomes text nodes.
"use strict";
const filtered = (() => {
  const form = document.getElementById("filters");

  function element(tag, properties, ...children) {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  }

  function plural(number, word) {
    return `${number.toLocaleString("en")} ${word}${number === 1 ? "" : "s"}`;
  }

  function offer(name, choices) {
    form.elements[name].append(...choices.map((value) => element("option", { value }, value)));
  }

  // Shows what the form's fields leave, now and whenever they or the address change.
  function follow(fields, section, show) {
    function readForm() {
      return Object.fromEntries(fields.map((name) => [name, form.elements[name].value]));
    }

    function followAddress() {
      if (!location.hash.includes("=")) return false;
      const given = new URLSearchParams(location.hash.slice(1));
      for (const name of fields) {
        const field = form.elements[name];
        field.value = given.get(name) ?? "";
        // A choice that this run does not have is no choice.
        if (field.selectedIndex === -1) field.value = "";
      }
      show(readForm());
      document.getElementById(section).scrollIntoView();
      return true;
    }

    function followForm() {
      const chosen = readForm();
      const set = new URLSearchParams(Object.entries(chosen).filter(([, value]) => value));
      history.replaceState(null, "", set.size ? `#${set}` : `#${section}`);
      show(chosen);
    }

    form.addEventListener("input", followForm);
    form.addEventListener("submit", (event) => event.preventDefault());
    // The fields are still full while the event is handled.
    form.addEventListener("reset", () => setTimeout(followForm));
    addEventListener("hashchange", followAddress);
    if (!followAddress()) show(readForm());
  }

  return { element, plural, offer, follow };
})();
