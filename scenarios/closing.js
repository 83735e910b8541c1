/* The end of the course: the evaluation and the certificate. */

function evaluation(view, label, send) {
  const said = new Map(Object.entries(view.given));
  const field = q => {
    const id = newId(q.id);
    if (q.kind === "agree") {
      return h("fieldset", {class: "smt-question smt-agree"}, h("legend", {class: "smt-prompt"}, q.text),
        h("div", {class: "smt-scale"}, view.scale.map((word, n) => h("label", {},
          h("input", {type: "radio", name: id, value: n + 1, checked: said.get(q.id) === n + 1, "data-key": `${q.id}-${n + 1}`, onchange: () => said.set(q.id, n + 1)}),
          h("span", {}, h("b", {}, n + 1), hidden(` ${word}`))))),
        h("p", {class: "smt-ends", "aria-hidden": "true"}, h("span", {}, view.scale[0]), h("span", {}, view.scale.at(-1))));
    }
    const input = q.kind === "hours"
      ? h("input", {id, type: "number", class: "smt-line smt-short", min: "0.25", max: "200", step: "0.25", inputmode: "decimal", value: said.get(q.id) ?? "", "data-key": q.id, oninput: () => said.set(q.id, input.value === "" ? "" : Number(input.value))})
      : h("textarea", {id, class: "smt-draft", rows: 3, maxlength: 2000, value: said.get(q.id) ?? "", "data-key": q.id, oninput: () => said.set(q.id, input.value)});
    return h("p", {class: "smt-question"}, h("label", {for: id, class: "smt-prompt"}, q.text), input);
  };
  return h("div", {}, head(view.title, label),
    h("p", {}, "What you say here is kept with your answers and is not scored. Write nothing about a real client."),
    view.questions.map(field),
    h("div", {class: "smt-commit"},
      h("button", {type: "button", class: "smt-button smt-primary", "data-key": "save", onclick: () => send("save", Object.fromEntries(said))}, view.saved ? "Save again" : "Save the evaluation"),
      view.saved ? h("span", {class: "smt-saved", "data-said": `Saved ${clock(view.saved)}`}, icon("right"), `Saved ${clock(view.saved)}`) : null));
}

function certificate(view, label, send) {
  const name = h("input", {type: "text", id: newId("name"), class: "smt-line", maxlength: 80, autocomplete: "name"});
  const license = h("input", {type: "text", id: newId("license"), class: "smt-line", maxlength: 80});
  const item = c => h("li", {"data-done": String(c.done)}, icon(c.done ? "right" : "missed"),
    h("span", {}, hidden(c.done ? "Done: " : "Open: "), c.href && !c.done ? h("a", {href: c.href}, c.text) : c.text, c.note ? h("span", {class: "smt-quiet"}, `  ${c.note}`) : null));
  return h("div", {}, head(view.title, label),
    h("p", {}, "The certificate says what you did and proves it by your record. It stands for this course only; whether a board or an association counts it as continuing education is for an approved sponsor to say."),
    h("ul", {class: "smt-checks"}, view.conditions.map(item)),
    view.ready ? [
      h("p", {}, h("label", {for: name.id, class: "smt-label"}, "Your name, as it should stand on it"), name),
      h("p", {}, h("label", {for: license.id, class: "smt-label"}, "License and number (optional)"), license),
      h("div", {class: "smt-commit"}, h("button", {type: "button", class: "smt-button smt-primary", "data-key": "make", onclick: () => send("make", {name: name.value, license: license.value})}, "Make the certificate"),
        view.made.length ? h("span", {class: "smt-saved", "data-said": `Saved as ${view.made[0]} in your course folder`}, icon("right"), `${view.made[0]} is in your course folder; open it and print it`) : null),
    ] : h("p", {class: "smt-note"}, "It can be made when everything above is done."));
}
