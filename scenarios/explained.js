/* Feedback: what came of it and why, one renderer per question kind, then what holds for all. */

const EXPLAINED = {
  choice: explainChoice, rationale: explainRationale, hottext: explainHottext, audit: explainAudit,
  rating: explainRating, order: explainOrder, response: explainResponse,
};

/** Every verdict has a word, a sentence and a sign; color only repeats them. */
const VERDICTS = {
  best: ["Best", "The most appropriate of these options."],
  acceptable: ["Acceptable", "Defensible, with something lost."],
  risky: ["Risky", "Likely to cause harm or trouble."],
  violation: ["Violation", "Breaks a duty to the client."],
  right: ["Right", "All of it is right."],
  partly: ["Partly right", "Some of it is not right."],
  wrong: ["Not right", "None of it is right."],
  written: ["Written", "Compare your answer with the rubric and the examples."],
};

function verdict(name, text) {
  return h("p", {class: `smt-verdict smt-is-${name}`, "data-verdict": name}, icon(name),
    h("span", {}, h("strong", {}, VERDICTS[name][0]), h("span", {class: "smt-verdict-text"}, text ?? VERDICTS[name][1])));
}

function chip(name, text) {
  return h("span", {class: `smt-chip smt-is-${name}`}, icon(name), text);
}

/** A short sentence for the live region. */
function summary(feedback) {
  return feedback.map(f => `${f.kind === "rationale" ? "Clauses" : "Your answer"}: ${VERDICTS[f.verdict][0]}.`).join(" ");
}

/* `rating` lets a learner's own count for a written answer be kept: `rating(question id)` returns
   {answer, time, keep}. What `keep(answer)` comes to is told to the handle that it is given by
   `listen`: {saved(time, answer), refused(why)}. Without it the count is not kept, and says so. */
function explained(feedback, prompts, rating = null) {
  return feedback.map(f => h("section", {class: "smt-explained", "data-question": f.question, "data-kind": f.kind},
    feedback.length > 1 ? h("p", {class: "smt-asked"}, prompts[f.question] ?? "") : null, EXPLAINED[f.kind](f, rating?.(f.question))));
}

function told(label, text) {
  return text ? h("div", {class: "smt-told"}, h("p", {class: "smt-label"}, label), h("p", {}, text)) : null;
}

function explainChoice(f) {
  const [chosen, ...others] = f.options;
  return [
    verdict(f.verdict),
    chosen.never_event ? h("p", {class: "smt-never"}, icon("violation"), "This must never happen: it makes the whole scenario worth 0 points.") : null,
    h("blockquote", {class: "smt-yours"}, hidden("You chose: "), chosen.text),
    told("What happened", chosen.consequence),
    told("Why", chosen.why),
    h("details", {class: "smt-others"},
      h("summary", {}, `The other ${others.length === 1 ? "option" : `${others.length} options`}`),
      h("ul", {class: "smt-list"}, others.map(o => h("li", {"data-option": o.id},
        chip(o.credit, VERDICTS[o.credit][0]), h("p", {class: "smt-other"}, o.text),
        told("What would have happened", o.consequence), told("Why", o.why))))),
  ];
}

function explainRationale(f) {
  const state = c => c.right ? (c.chosen ? ["right", "Right"] : ["missed", "Missed"])
    : (c.chosen ? ["wrong", "Does not apply"] : null);
  const item = (c, [name, word]) => h("li", {"data-clause": c.id, "data-state": name},
    chip(name, word), h("p", {class: "smt-clause-title"}, h("span", {class: "smt-clause-id"}, c.id), " ", c.title),
    c.model ? [h("p", {class: "smt-clause-text"}, h("b", {}, "Your policy: "), c.text),
      h("p", {class: "smt-clause-text"}, h("b", {}, "The scenario follows the model policy: "), c.model)]
      : h("p", {class: "smt-clause-text"}, c.text), h("p", {}, c.why));
  const main = f.clauses.filter(state);
  const rest = f.clauses.filter(c => !state(c));
  const hits = main.filter(c => c.right && c.chosen).length, right = main.filter(c => c.right).length;
  const astray = main.length - right;
  return [
    verdict(f.verdict, `${hits} of ${plural(right, "clause")}${astray ? `, ${astray} that ${astray === 1 ? "does" : "do"} not apply` : ""}.`),
    h("ul", {class: "smt-list"}, main.map(c => item(c, state(c)))),
    rest.length ? h("details", {class: "smt-others"},
      h("summary", {}, "Clauses you rightly left out"),
      h("ul", {class: "smt-list"}, rest.map(c => item(c, ["partly", "Does not apply"])))) : null,
  ];
}

function explainHottext(f) {
  const named = ids => ids.map(id => `${id} (${f.categories[id]})`).join(" or ");
  const state = span => ({
    must: span.marked ? ["right", "Found"] : ["missed", "Missed"],
    optional: ["partly", span.marked ? "Marked; may go or stay" : "May go or stay"],
    keep: span.marked ? ["wrong", "May stay"] : ["right", "Rightly left"],
  })[span.mark];
  const item = span => {
    const [name, word] = state(span);
    const off = span.mark === "must" && span.marked && !span.categories.includes(span.given);
    return h("li", {"data-span": span.id, "data-state": name},
      chip(off ? "partly" : name, off ? `Found; its category is ${named(span.categories)}${span.given ? `, not ${named([span.given])}` : ""}` : word),
      h("p", {class: "smt-other"}, h("q", {}, span.text), span.mark !== "keep" && span.categories.length && !off
        ? h("span", {class: "smt-quiet"}, `  category ${named(span.categories)}`) : null),
      h("p", {}, span.critical ? h("b", {}, "Critical. ") : null, span.why));
  };
  const must = f.spans.filter(span => span.mark === "must");
  const other = must.filter(span => span.marked && !span.categories.includes(span.given));
  const wrong = f.spans.filter(span => span.mark === "keep" && span.marked);
  const right = span => state(span)[0] === "right" && span.mark === "must" && span.categories.includes(span.given);
  const found = f.spans.filter(right);
  const told = f.spans.filter(span => !right(span) && (span.mark === "must" || span.marked));
  const rest = f.spans.filter(span => !told.includes(span) && !right(span));
  return [
    verdict(f.verdict, `${must.filter(span => span.marked).length} of ${must.length} identifiers found${other.length ? `, ${other.length} of them in another category` : ""}${wrong.length ? `, ${wrong.length} marked that may stay` : ""}.`),
    told.length ? h("ul", {class: "smt-list"}, told.map(item)) : null,
    found.length ? h("details", {class: "smt-others"}, h("summary", {}, `${found.length} found and put in the right category: why`),
      h("ul", {class: "smt-list"}, found.map(item))) : null,
    rest.length ? h("details", {class: "smt-others"}, h("summary", {}, `${plural(rest.length, "phrase")} that may stay`),
      h("ul", {class: "smt-list"}, rest.map(item))) : null,
  ];
}


function explainAudit(f) {
  const item = row => {
    const right = row.correct === row.given;
    return h("li", {"data-row": row.id, "data-state": right ? "right" : "wrong"},
      chip(right ? "right" : "wrong", `Right: ${row.correct}. ${right ? "You chose it." : row.given ? `You chose ${row.given}.` : "You left it open."}`),
      row.picked || row.first > 1 ? chip(row.first > 1 && row.picked ? "right" : row.first ? "partly" : "wrong",
        row.picked ? (row.first > 1 ? "Among the first fixes" : row.first ? "Soon, but not first" : "Can wait") : full ? "Could be among them, too" : "Belongs among the first fixes") : null,
      h("p", {class: "smt-other"}, row.setting, h("span", {class: "smt-quiet"}, `  Now: ${row.current}`)), h("p", {}, row.why));
  };
  const wrong = f.rows.filter(row => row.correct !== row.given || row.picked || row.first > 1);
  const rest = f.rows.filter(row => !wrong.includes(row));
  const full = f.rows.some(row => row.picked) && f.rows.every(row => !row.picked || row.first > 1);
  return [
    verdict(f.verdict, `${f.rows.filter(row => row.correct === row.given).length} of ${f.rows.length} settings right${f.first_fixes ? `, ${f.rows.filter(row => row.picked && row.first > 1).length} of ${f.first_fixes} first fixes` : ""}.`),
    h("ul", {class: "smt-list"}, wrong.map(item)),
    rest.length ? h("details", {class: "smt-others"}, h("summary", {}, "The other settings, all right"),
      h("ul", {class: "smt-list"}, rest.map(item))) : null,
  ];
}

function explainRating(f) {
  const state = o => o.given === o.key ? ["right", "Right"]
    : (o.given > 2) === (o.key > 2) && o.given ? ["partly", "One step off"] : ["wrong", `It is ${o.key > 2 ? "appropriate" : "inappropriate"}`];
  return [
    verdict(f.verdict, `${f.options.filter(o => o.key === o.given).length} of ${f.options.length} rated right.`),
    h("ul", {class: "smt-list"}, f.options.map(o => h("li", {"data-option": o.id, "data-state": state(o)[0]},
      chip(...state(o)), h("p", {class: "smt-other"}, o.text),
      h("p", {}, h("b", {}, SCALE[o.key - 1]), o.given && o.given !== o.key
        ? h("span", {class: "smt-quiet"}, `  You: ${SCALE[o.given - 1].toLowerCase()}`) : null),
      h("p", {}, o.why)))),
  ];
}

function explainOrder(f) {
  return [
    verdict(f.verdict, `${f.steps.filter(step => step.place === step.given).length} of ${f.steps.length} steps in their place.`),
    h("ol", {class: "smt-list smt-numbered"}, f.steps.map(step => h("li", {"data-option": step.id, "data-state": step.place === step.given ? "right" : "wrong"},
      chip(step.place === step.given ? "right" : "partly", step.place === step.given ? "In its place" : `You had it at ${step.given}`),
      h("p", {class: "smt-other"}, hidden(`${step.place}. `), step.text), h("p", {}, step.why)))),
  ];
}

const SAVING = "Saving…";

function explainResponse(f, rating) {
  const total = h("p", {class: "smt-total", role: "status"});
  const saved = h("p", {class: "smt-saved", role: "status"});
  const alert = h("p", {class: "smt-alert", role: "alert"});
  const boxes = [];
  const add = () => {
    const points = boxes.reduce((sum, [input, c]) => sum + (input.checked ? c.points : 0), 0);
    const capped = caps.filter(([input]) => input.checked).map(([, c]) => c.maximum);
    const limit = Math.min(points, ...capped);
    total.textContent = `Your own count: ${limit} of ${f.total}${limit < points ? `, limited from ${points}` : ""}. It never changes your points${rating ? "" : " and is not kept"}.`;
  };
  const ids = list => list.filter(([input]) => input.checked).map(([, c]) => c.id);
  const changed = () => {
    add();
    alert.textContent = "";
    if (!rating) return;
    saved.textContent = SAVING;
    rating.keep({criteria: ids(boxes), caps: ids(caps)});
  };
  const check = (c, text) => {
    const input = h("input", {type: "checkbox", value: c.id, onchange: changed});
    return [input, c, h("label", {class: "smt-option"}, input, h("span", {}, text))];
  };
  const savedAt = time => saved.replaceChildren(icon("right"), `Your count is saved ${clock(time)}`);
  const restore = answer => {
    for (const [list, marked] of [[boxes, answer.criteria], [caps, answer.caps]]) {
      for (const [input, c] of list) input.checked = marked.includes(c.id);
    }
    add();
  };
  boxes.push(...f.rubric.map(c => check(c, `${c.text} (${plural(c.points, "point")})`)));
  const caps = f.caps.map(c => check(c, `${c.text} (at most ${plural(c.maximum, "point")})`));
  add();
  if (rating?.answer) { restore(rating.answer); savedAt(rating.time); }
  rating?.listen({
    saved(time, answer) { if (answer) restore(answer); savedAt(time); },
    refused(why) { if (saved.textContent === SAVING) saved.textContent = ""; alert.textContent = why; },
  });
  const written = parts => Object.entries(parts).map(([id, text]) =>
    h("div", {}, h("p", {class: "smt-label"}, f.labels[id] ?? id), prose(text, "smt-written")));
  return [
    verdict("written"),
    h("p", {}, "In a graded course a person marks this by the rubric below. Read the examples, then rate your own answer."),
    h("div", {class: "smt-yours"}, written(f.answer)),
    h("details", {class: "smt-others", open: true}, h("summary", {}, "Example answers with their points"),
      h("ul", {class: "smt-list"}, f.exemplars.map(e => h("li", {},
        h("span", {class: "smt-chip smt-is-written"}, `${e.points} of ${f.total}`), written(e.parts), h("p", {}, e.why))))),
    h("div", {class: "smt-rubric", role: "group", "aria-label": "Rate your own answer"},
      h("p", {class: "smt-sub"}, "Rate your own answer"),
      boxes.map(b => b[2]),
      caps.length ? [h("p", {class: "smt-label"}, "Does any of these apply? It limits the points."), caps.map(b => b[2])] : null,
      total, saved, alert),
  ];
}

/** What holds whichever option was chosen. */
function debrief(data) {
  const [first, ...more] = data.rules;
  const rule = r => h("li", {}, h("p", {class: "smt-cite"}, r.cite, r.own ? chip("right", "Your profession") : null,
    r.status === "verified" ? null : h("span", {class: "smt-chip smt-is-quiet"}, r.status === "partly" ? "We checked part of this against the source" : "We have not yet checked the wording")),
    h("p", {}, r.says));
  return h("section", {class: "smt-debrief"},
    h("div", {class: "smt-takeaway"}, h("p", {class: "smt-label"}, "Take away"), h("p", {}, data.takeaway)),
    told("The better action", data.better),
    first ? h("div", {class: "smt-told"}, h("p", {class: "smt-label"}, "The rule"), h("ul", {class: "smt-rules"}, rule(first)),
      more.length ? h("details", {class: "smt-others"}, h("summary", {}, `${plural(more.length, "more source")}`),
        h("ul", {class: "smt-rules"}, more.map(rule))) : null) : null,
    data.views.length ? h("div", {class: "smt-told"}, h("p", {class: "smt-label"}, "How others would read it"),
      h("dl", {class: "smt-views"}, data.views.map(v => h("div", {}, h("dt", {}, icon("eye"), v.who), h("dd", {}, v.text))))) : null,
    told("What would change this answer", data.varies),
    data.debated ? h("div", {class: "smt-told smt-debated"}, h("p", {class: "smt-label"}, "Reasonable clinicians differ"), h("p", {}, data.debated)) : null);
}
