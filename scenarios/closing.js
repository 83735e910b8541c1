/* The end of the course: the evaluation and the certificate. */

/** A number as it is written here or elsewhere, "11.5" or "11,5"; "" is none yet, null is no number. */
function hours(text) {
  const number = Number(text.trim().replace(",", "."));
  return text.trim() === "" ? "" : Number.isFinite(number) ? number : null;
}

/** The evaluation. What is filled in is kept at once, and stays when another page saves. */
function evaluation(view, label, send) {
  const said = new Map(), touched = new Set(), unsent = new Set(), timers = new Map();
  const keep = id => { clearTimeout(timers.get(id)); timers.delete(id); send("keep", {question: id, answer: said.get(id)}); };
  const say = (id, value, after = 0) => {
    said.set(id, value); touched.add(id); unsent.add(id); complain(id, "");
    clearTimeout(timers.get(id));
    if (after) timers.set(id, setTimeout(() => keep(id), after)); else keep(id);
  };
  const leave = id => { if (timers.has(id)) keep(id); };
  const missing = new Map(), shows = new Map(), firsts = new Map();
  const complain = (id, text) => missing.get(id).replaceChildren(...(text ? [icon("missed"), text] : []));
  const field = q => {
    const id = newId(q.id), problem = h("p", {class: "smt-missing", id: newId("missing")});
    missing.set(q.id, problem);
    if (q.kind === "agree") {
      const inputs = view.scale.map((_, n) => h("input", {type: "radio", name: id, value: n + 1, "data-key": `${q.id}-${n + 1}`, onchange: () => say(q.id, n + 1)}));
      firsts.set(q.id, inputs[0]);
      shows.set(q.id, answer => inputs.forEach((input, n) => { input.checked = answer === n + 1; }));
      return h("fieldset", {class: "smt-question smt-agree", "data-question": q.id, "aria-describedby": problem.id}, h("legend", {class: "smt-prompt"}, q.text),
        h("div", {class: "smt-scale"}, view.scale.map((word, n) => h("label", {}, inputs[n], h("span", {}, h("b", {}, n + 1), hidden(` ${word}`))))),
        h("p", {class: "smt-ends", "aria-hidden": "true"}, h("span", {}, view.scale[0]), h("span", {}, view.scale.at(-1))), problem);
    }
    const input = q.kind === "hours"
      ? h("input", {id, type: "text", class: "smt-line smt-short", maxlength: 8, inputmode: "decimal", "aria-describedby": problem.id, "data-key": q.id, oninput: () => say(q.id, hours(input.value), 350), onblur: () => leave(q.id)})
      : h("textarea", {id, class: "smt-draft", rows: 3, maxlength: 2000, "data-key": q.id, oninput: () => say(q.id, input.value, 350), onblur: () => leave(q.id)});
    firsts.set(q.id, input);
    shows.set(q.id, answer => { input.value = answer ?? ""; });
    return h("div", {class: "smt-question", "data-question": q.id}, h("label", {for: id, class: "smt-prompt"}, q.text), input, problem);
  };
  const lacks = q => {
    const answer = said.get(q.id);
    if (q.kind === "agree") return answer ? "" : "Choose a number.";
    if (q.kind === "hours") return answer > 0 && answer <= view.most ? "" : `Give a number of hours, up to ${view.most}.`;
    return "";
  };
  const alert = h("p", {class: "smt-alert", role: "alert"});
  const save = () => {
    const open = view.questions.filter(lacks);
    view.questions.forEach(q => complain(q.id, lacks(q)));
    alert.textContent = open.length ? `Not saved. ${plural(open.length, "question")} ${open.length === 1 ? "is" : "are"} still to answer.` : "";
    if (open.length) { firsts.get(open[0].id).focus(); return; }
    touched.clear(); unsent.clear();
    for (const id of timers.keys()) { clearTimeout(timers.get(id)); timers.delete(id); }
    send("save", Object.fromEntries(said));
  };
  const fields = view.questions.map(field);
  const button = h("button", {type: "button", class: "smt-button smt-primary", "data-key": "save", onclick: save});
  const stamp = h("span", {class: "smt-saved"});
  const root = h("div", {}, head(view.title, label),
    h("p", {}, "It is kept with your answers and not scored. Write nothing about a real client."),
    fields, h("div", {class: "smt-commit"}, button, stamp), alert);
  root.update = now => {
    const kept = {...now.given, ...now.draft};
    for (const q of now.questions) {
      if (JSON.stringify(kept[q.id]) === JSON.stringify(said.get(q.id))) unsent.delete(q.id);
      if (touched.has(q.id)) continue;
      if (q.id in kept) said.set(q.id, kept[q.id]); else said.delete(q.id);
      shows.get(q.id)(kept[q.id]);
    }
    button.textContent = now.saved ? "Save again" : "Save the evaluation";
    stamp.replaceChildren(...(now.saved ? [icon("right"), `Saved ${clock(now.saved)}`] : []));
    if (now.saved) Object.assign(stamp.dataset, {after: "save", said: `Saved ${clock(now.saved)}`});
  };
  root.unsent = () => unsent.size > 0;
  root.again = () => unsent.forEach(keep);
  root.update(view);
  return root;
}

function certificate(view, label, send) {
  const problem = h("p", {class: "smt-missing", id: newId("problem")});
  const name = h("input", {type: "text", id: newId("name"), class: "smt-line", maxlength: 80, autocomplete: "name", "aria-describedby": problem.id, "data-key": "name", oninput: () => complain("")});
  const license = h("input", {type: "text", id: newId("license"), class: "smt-line", maxlength: 80, "data-key": "license"});
  const complain = text => {
    problem.replaceChildren(...(text ? [icon("missed"), text] : []));
    if (text) name.setAttribute("aria-invalid", "true"); else name.removeAttribute("aria-invalid");
  };
  const make = event => {
    event.preventDefault();
    if (name.value.trim().length > 1) { send("make", {name: name.value, license: license.value}); return; }
    complain("Give your name as it should appear on the certificate, at least 2 letters.");
    name.focus();
  };
  const item = c => h("li", {"data-done": String(c.done)}, icon(c.done ? "right" : "missed"),
    h("div", {}, h("p", {}, hidden(c.done ? "Done: " : "Open: "), c.href && !c.done ? h("a", {href: c.href}, c.text) : c.text), c.note ? h("p", {class: "smt-quiet"}, c.note) : null));
  const list = h("ul", {class: "smt-checks"}), made = h("span", {class: "smt-saved", "data-after": "make"});
  const form = h("form", {onsubmit: make},
    h("p", {}, h("label", {for: name.id, class: "smt-label"}, "Your name, as it should appear"), name), problem,
    h("p", {}, h("label", {for: license.id, class: "smt-label"}, "License and number (optional)"), license),
    h("div", {class: "smt-commit"}, h("button", {type: "submit", class: "smt-button smt-primary", "data-key": "make"}, "Make the certificate"), made));
  const later = h("p", {class: "smt-quiet"}), root = h("div", {}, head(view.title, label),
    h("p", {}, "It stands for this course. Whether a board counts it as continuing education is for an approved sponsor to say."),
    list, form, later);
  /* The fields keep what is in them. */
  root.update = now => {
    const [file] = now.made;
    list.replaceChildren(...now.conditions.map(item));
    form.hidden = !now.ready;
    made.replaceChildren(...(file ? [icon("right"), h("span", {}, fileLink(file), " is in your course folder")] : []));
    made.dataset.said = file ? `Saved as ${file} in your course folder` : "";
    later.replaceChildren(...(!now.ready ? ["It can be made when everything above is done."]
      : file ? ["Open it in your browser to print it or to save it as a PDF. The folder: ", h("strong", {}, now.folder)] : []));
  };
  root.update(view);
  return root;
}
