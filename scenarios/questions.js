/* The question kinds as forms. Each renderer takes the question and `changed(how)`, called with
   "soon" while somebody types, and returns {body, value, missing, restore, first}: the nodes inside
   its fieldset, the answer as it is stored, what is still to do (empty when done), how to put an
   answer back, where focus goes. Where the guard may hold a text back there are also `draft`, the
   answer that may be kept meanwhile, `holds`, whether it holds one now, and `recall`, which puts
   back what it held before a reload; `place` is the name under which the browser keeps that. */

const QUESTIONS = {choice, rationale, hottext, audit, rating, order, response};

/** One question in its fieldset, with a place under its prompt to say what is missing. */
function question(data, changed, place = "") {
  const kind = QUESTIONS[data.kind](data, changed, place);
  const problem = h("p", {class: "smt-missing", id: newId("missing")});
  const el = h("fieldset", {
    class: `smt-question smt-${data.kind}`, "data-question": data.id, "data-kind": data.kind,
    "aria-describedby": problem.id,
  }, h("legend", {class: "smt-prompt"}, data.prompt), problem, kind.body);
  return {
    draft: kind.value, holds: () => false, recall: () => false, ...kind, id: data.id, el,
    complain(text) {
      el.classList.toggle("smt-incomplete", Boolean(text));
      problem.replaceChildren(...(text ? [icon("missed"), text] : []));
    },
  };
}

function choice(data, changed) {
  const name = newId(data.id);
  const inputs = data.options.map(option => h("input", {type: "radio", name, value: option.id, onchange: () => changed()}));
  return {
    body: h("div", {class: "smt-options"}, data.options.map((option, n) =>
      h("label", {class: "smt-option", "data-option": option.id}, inputs[n], h("span", {}, option.text)))),
    value: () => inputs.find(i => i.checked)?.value ?? null,
    missing: () => inputs.some(i => i.checked) ? "" : "Choose an option.",
    restore: answer => inputs.forEach(i => { i.checked = i.value === answer; }),
    first: () => inputs[0],
  };
}

function rationale(data, changed) {
  const {minimum, maximum} = data;
  const many = minimum === maximum ? plural(maximum, "clause") : `${minimum} to ${maximum} clauses`;
  const count = h("p", {class: "smt-count", role: "status"});
  const inputs = [];
  const chosen = () => inputs.filter(i => i.checked).map(i => i.value);
  const say = () => {
    const n = chosen().length;
    count.textContent = n > maximum ? `${n} chosen: take away ${n - maximum}.` : n ? `${n} chosen` : "";
    count.classList.toggle("smt-over", n > maximum);
  };
  const items = data.clauses.map(clause => {
    const text = newId("clause");
    const input = h("input", {
      type: "checkbox", value: clause.id, "aria-describedby": text,
      onchange: () => { say(); changed(); },
    });
    inputs.push(input);
    return h("div", {class: "smt-option smt-clause", "data-option": clause.id},
      h("label", {}, input, h("span", {}, h("span", {class: "smt-clause-id"}, clause.id), " ", clause.title)),
      h("p", {class: "smt-clause-text", id: text}, clause.text));
  });
  return {
    body: [h("p", {class: "smt-hint"}, `Choose ${many}.`), h("div", {class: "smt-options"}, items), count],
    value: chosen,
    missing: () => {
      const n = chosen().length;
      return n < minimum || n > maximum ? `Choose ${many}${n > maximum ? `; you have ${n}` : ""}.` : "";
    },
    restore: answer => {
      inputs.forEach(i => { i.checked = Array.isArray(answer) && answer.includes(i.value); });
      say();
    },
    first: () => inputs[0],
  };
}

function hottext(data, changed) {
  const given = new Map();
  const texts = new Map(data.segments.filter(p => p.id).map(p => [p.id, p.text]));
  const list = h("ul", {class: "smt-marked"});
  const count = h("p", {class: "smt-count", role: "status"});
  const buttons = new Map();
  const selects = new Map();
  const draw = () => {
    for (const [id, button] of buttons) button.setAttribute("aria-pressed", String(given.has(id)));
    selects.clear();
    list.replaceChildren(...[...texts.keys()].filter(id => given.has(id)).map(id => entry(id)));
    count.textContent = given.size ? `${plural(given.size, "phrase")} marked` : "No phrase marked yet";
  };
  const entry = id => {
    const select = h("select", {onchange: () => { given.set(id, select.value); changed(); }},
      h("option", {value: ""}, "Choose its category"),
      data.categories.map(c => h("option", {value: c.id}, `${c.id}  ${c.name}`)));
    select.value = given.get(id);
    selects.set(id, select);
    return h("li", {"data-span": id}, h("label", {}, h("span", {class: "smt-phrase"}, texts.get(id)), select));
  };
  const flow = h("div", {class: "smt-flow"}, data.segments.map(piece => {
    if (!piece.id) return piece.text;
    /* A real button would not break across lines like the text around it. */
    const press = event => {
      if (event.type === "keydown" && event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      if (button.closest("fieldset").disabled) return;
      given.has(piece.id) ? given.delete(piece.id) : given.set(piece.id, "");
      draw();
      changed();
    };
    const button = h("span", {
      role: "button", tabindex: "0", class: "smt-span", "data-span": piece.id, "aria-pressed": "false",
      onclick: press, onkeydown: press,
    }, piece.text);
    buttons.set(piece.id, button);
    return button;
  }));
  draw();
  return {
    body: [
      h("p", {class: "smt-hint"}, "Press a phrase to mark it; press it again to take the mark away. Then choose a category for each one below."),
      flow,
      h("div", {class: "smt-marks"}, h("p", {class: "smt-sub"}, "Marked phrases"), count, list),
    ],
    value: () => Object.fromEntries(given),
    missing: () => {
      if (!given.size) return "Mark at least one phrase.";
      const open = [...given.values()].filter(category => !category).length;
      return open ? `Choose a category for ${plural(open, "phrase")}.` : "";
    },
    restore: answer => {
      given.clear();
      for (const [id, category] of Object.entries(answer ?? {})) if (texts.has(id)) given.set(id, category);
      draw();
    },
    first: () => [...selects.values()].find(select => !select.value) ?? buttons.values().next().value,
  };
}

function audit(data, changed) {
  const rows = new Map();
  const wanted = data.first_fixes;
  const picks = new Set();
  const list = h("div", {class: "smt-options"});
  const count = h("p", {class: "smt-count", role: "status"});
  const answerOf = id => rows.get(id).find(i => i.checked)?.value;
  const say = () => {
    count.textContent = picks.size > wanted ? `${picks.size} chosen: take away ${picks.size - wanted}.` : picks.size ? `${picks.size} of ${wanted} chosen` : "";
    count.classList.toggle("smt-over", picks.size > wanted);
  };
  const boxes = new Map(data.rows.map(row => {
    const input = h("input", {type: "checkbox", value: row.id, onchange: () => {
      input.checked ? picks.add(row.id) : picks.delete(row.id);
      say();
      changed();
    }});
    return [row.id, {input, el: h("label", {class: "smt-option", "data-option": row.id}, input, h("span", {}, row.setting))}];
  }));
  const draw = () => {
    const open = data.rows.filter(row => answerOf(row.id) === "change");
    for (const row of data.rows) if (answerOf(row.id) !== "change") picks.delete(row.id);
    for (const [id, box] of boxes) box.input.checked = picks.has(id);
    list.replaceChildren(...open.length ? open.map(row => boxes.get(row.id).el)
      : [h("p", {class: "smt-hint"}, "The settings that you mark Change appear here.")]);
    say();
  };
  const line = row => {
    const name = newId(row.id), label = newId("setting");
    const inputs = ["keep", "change"].map(value => h("input", {type: "radio", name, value, onchange: () => { draw(); changed(); }}));
    rows.set(row.id, inputs);
    return h("tr", {role: "row", "data-row": row.id},
      h("th", {scope: "row", role: "rowheader", id: label}, row.setting),
      h("td", {role: "cell", class: "smt-current"}, h("span", {class: "smt-now", "aria-hidden": "true"}, "Now: "), row.current),
      h("td", {role: "cell"}, h("div", {role: "radiogroup", "aria-labelledby": label, class: "smt-pair"},
        inputs.map((input, n) => h("label", {}, input, h("span", {}, ["Keep", "Change"][n]))))));
  };
  const groups = [...new Set(data.rows.map(row => row.group))];
  const table = h("table", {class: "smt-panel", role: "table"},
    h("thead", {role: "rowgroup"}, h("tr", {role: "row"}, ["Setting", "Now", "Your decision"].map(name =>
      h("th", {scope: "col", role: "columnheader"}, name)))),
    groups.map(group => h("tbody", {role: "rowgroup"},
      h("tr", {role: "row", class: "smt-group"}, h("th", {colspan: 3, scope: "rowgroup", role: "columnheader"}, group)),
      data.rows.filter(row => row.group === group).map(line))));
  draw();
  return {
    body: [table, wanted ? h("div", {class: "smt-first", role: "group", "aria-label": `Fix first: choose ${wanted}`},
      h("p", {class: "smt-sub"}, `Fix first: choose ${wanted}`), list, count) : null],
    value: () => ({
      rows: Object.fromEntries(data.rows.map(row => [row.id, answerOf(row.id)]).filter(pair => pair[1])),
      first: data.rows.map(row => row.id).filter(id => picks.has(id)),
    }),
    missing: () => {
      const open = data.rows.filter(row => !answerOf(row.id)).length;
      if (open) return `Decide ${plural(open, "more setting")}: keep or change.`;
      const most = Math.min(wanted, data.rows.filter(row => answerOf(row.id) === "change").length);
      return picks.size === most || (picks.size < wanted && picks.size >= most) ? "" : `Choose ${most} to fix first.`;
    },
    restore: answer => {
      for (const [id, inputs] of rows) inputs.forEach(i => { i.checked = answer?.rows?.[id] === i.value; });
      picks.clear();
      for (const id of answer?.first ?? []) if (rows.has(id)) picks.add(id);
      draw();
    },
    first: () => {
      const open = data.rows.find(row => !answerOf(row.id));
      return open ? rows.get(open.id)[0] : list.querySelector("input") ?? rows.get(data.rows[0].id)[0];
    },
  };
}

const SCALE = ["Very inappropriate", "Inappropriate", "Appropriate", "Very appropriate"];

function rating(data, changed) {
  const rows = new Map();
  const body = data.options.map(option => {
    const name = newId(option.id), label = newId("rated");
    const inputs = SCALE.map((_, n) => h("input", {type: "radio", name, value: String(n + 1), onchange: () => changed()}));
    rows.set(option.id, inputs);
    return h("div", {class: "smt-rated", "data-option": option.id},
      h("p", {id: label}, option.text),
      h("div", {role: "radiogroup", "aria-labelledby": label, class: "smt-scale"}, inputs.map((input, n) =>
        h("label", {}, input, h("span", {}, SCALE[n])))));
  });
  const open = () => [...rows.values()].filter(inputs => !inputs.some(i => i.checked));
  return {
    body,
    value: () => Object.fromEntries([...rows].map(([id, inputs]) =>
      [id, Number(inputs.find(i => i.checked)?.value)]).filter(pair => pair[1])),
    missing: () => open().length ? `Rate ${plural(open().length, "more response")}.` : "",
    restore: answer => {
      for (const [id, inputs] of rows) inputs.forEach(i => { i.checked = Number(i.value) === answer?.[id]; });
    },
    first: () => (open()[0] ?? rows.values().next().value)[0],
  };
}

function order(data, changed) {
  const texts = new Map(data.steps.map(step => [step.id, step.text]));
  const start = data.steps.map(step => step.id);
  let ids = [...start];
  let touched = false;
  const live = h("p", {class: "smt-hidden", role: "status"});
  const items = new Map(start.map(id => {
    const button = (by, name) => h("button", {
      type: "button", class: `smt-move smt-move-${name}`, "aria-label": `Move ${name}: ${texts.get(id)}`,
      onclick: e => { if (e.detail < 2) move(id, by); },   /* the second click of two hits another step */
    }, icon(name));
    const up = button(-1, "up"), down = button(1, "down");
    const place = h("span", {class: "smt-place", "aria-hidden": "true"});
    return [id, {up, down, place, el: h("li", {"data-option": id}, place, h("span", {class: "smt-step"}, texts.get(id)),
      h("span", {class: "smt-moves"}, up, down))}];
  }));
  const list = h("ol", {class: "smt-steps", role: "list"});
  const draw = () => ids.forEach((id, n) => {
    const item = items.get(id);
    item.place.textContent = n + 1;
    item.up.setAttribute("aria-disabled", String(n === 0));
    item.down.setAttribute("aria-disabled", String(n === ids.length - 1));
    if (list.children[n] !== item.el) list.insertBefore(item.el, list.children[n] ?? null);
  });
  const move = (id, by) => {
    const from = ids.indexOf(id), to = from + by;
    if (to < 0 || to >= ids.length) return;
    ids.splice(to, 0, ids.splice(from, 1)[0]);
    touched = true;
    draw();
    items.get(id)[by < 0 ? "up" : "down"].focus();
    live.textContent = `Moved to place ${to + 1} of ${ids.length}.`;
    changed();
  };
  draw();
  return {
    body: [h("p", {class: "smt-hint"}, "First step on top. Move steps with the arrow buttons."), list, live],
    value: () => [...ids],
    missing: () => touched ? "" : "Put the steps in order: move at least one.",
    restore: answer => {
      const known = Array.isArray(answer) && answer.length === start.length && answer.every(id => texts.has(id));
      touched = known;
      ids = known ? [...answer] : [...start];
      draw();
    },
    first: () => items.get(ids[0]).down,
  };
}

const MOST_CHARACTERS = 8000;

function response(data, changed, place) {
  const areas = new Map();
  const rules = [...data.flags.map(rule => ({...rule})), ...data.guard.map(rule => ({...rule, guard: true}))]
    .map(rule => ({...rule, expression: new RegExp(rule.pattern, rule.cased ? "u" : "iu")}));
  const live = h("p", {class: "smt-hidden", role: "status"});
  let raised = "", warned = false;
  const words = text => (text.trim().match(/\S+/g) ?? []).length;
  /* Cues look at what others would read, which is the first part; the guard looks at everything. */
  const found = area => rules.filter(rule => rule.guard || area.part === data.parts[0])
    .map(rule => ({rule, hit: rule.expression.exec(area.input.value)?.[0]})).filter(f => f.hit);
  const guarded = area => found(area).some(f => f.rule.guard);
  /* A text that looks like a real identifier waits here, unless it is on record as it stands. */
  const held = area => area.input.value !== area.kept && guarded(area);
  const draw = () => {
    for (const area of areas.values()) {
      const {input, count, unsaved, part} = area, n = words(input.value), full = input.value.length >= MOST_CHARACTERS;
      count.textContent = `${n} of ${plural(part.words, "word")}`;
      count.classList.toggle("smt-over", n > part.words);
      if (!guarded(area)) area.kept = input.value;
      const why = held(area) ? "Not saved: this looks like a real identifier. See the reminder below." : "";
      unsaved.replaceChildren(...[why, full ? `No more than ${MOST_CHARACTERS.toLocaleString("en-US")} characters fit here: what came after them was cut off.` : ""]
        .filter(Boolean).map(text => h("span", {}, icon("missed"), text)));
      keepHere(area.key, held(area) ? input.value : null);
      remind(area);
    }
    const key = [...new Set([...areas.values()].flatMap(found).map(f => f.rule.title))].join("; ");
    if (key !== raised) {
      raised = key;
      warned = false;
      live.textContent = key ? `Look again: ${key}.` : "No flags. That does not mean that the text is clean.";
    }
  };
  /* A reminder that stays is the same node, so that what was opened in it stays open. */
  const remind = area => {
    const flags = found(area), titles = flags.map(f => f.rule.title);
    for (const {rule, hit} of flags) {
      if (!area.flags.has(rule.title)) area.flags.set(rule.title, flag(rule));
      area.flags.get(rule.title).querySelector("q").textContent = hit;
    }
    for (const title of area.flags.keys()) if (!titles.includes(title)) area.flags.delete(title);
    const nodes = titles.map(title => area.flags.get(title));
    if (nodes.length !== area.list.children.length || nodes.some((node, n) => node !== area.list.children[n])) area.list.replaceChildren(...nodes);
  };
  const flag = rule => h("li", {class: rule.guard ? "smt-flag smt-guard" : "smt-flag", "data-flag": rule.title},
    icon(rule.guard ? "lock" : "flag"),
    h("div", {}, h("p", {}, h("b", {}, rule.title), ": ", h("q", {})), h("p", {}, rule.reason),
      rule.case ? h("details", {}, h("summary", {}, "The case behind it"), h("p", {}, h("b", {}, rule.case.cite), ". ", rule.case.says)) : null));
  const body = data.parts.map(part => {
    const id = newId(part.id), count = h("p", {class: "smt-words", id: newId("words")});
    const unsaved = h("p", {class: "smt-unsaved", id: newId("unsaved")}), list = h("ul", {class: "smt-flags"});
    const input = h("textarea", {
      id, rows: Math.min(10, Math.max(3, Math.ceil(part.words / 14))), maxlength: MOST_CHARACTERS, "aria-describedby": `${count.id} ${unsaved.id}`, "data-part": part.id,
      oninput: () => { draw(); changed("soon"); },
    });
    input.value = part.start;
    const key = place && `${place}:${part.id}`;
    areas.set(part.id, {input, count, unsaved, list, part, key, kept: part.start, before: keptHere(key), flags: new Map()});
    return h("div", {class: "smt-part"}, h("label", {for: id}, part.label), input, count, unsaved, list);
  });
  draw();
  live.textContent = "";
  return {
    body: [body, live,
      h("p", {class: "smt-hint"}, data.flags.length
        ? "Flags are reminders while you write. They never mark, and no flag does not mean that the text is safe."
        : "Use no real names or numbers. A reminder appears when something looks like one; no reminder does not mean that there is none."),
      h("p", {class: "smt-hint"}, "In a graded course a person marks this answer by a rubric.")],
    value: () => Object.fromEntries([...areas].map(([id, a]) => [id, a.input.value])),
    draft: () => Object.fromEntries([...areas].map(([id, a]) => [id, a.kept])),
    holds: () => [...areas.values()].some(held),
    missing: () => {
      const empty = [...areas.values()].filter(a => !a.input.value.trim());
      if (empty.length) return `Write your answer: ${empty.map(a => a.part.label).join("; ")}.`;
      const long = [...areas.values()].find(a => words(a.input.value) > a.part.words);
      if (long) return `Shorten "${long.part.label}" to ${plural(long.part.words, "word")}.`;
      if ([...areas.values()].some(guarded) && !warned) {
        warned = true;
        return "Something here looks like a real identifier; see the reminders. Take it out if it is. If it is not, press the button again to save the text as it is.";
      }
      return "";
    },
    restore: answer => {
      for (const [id, a] of areas) a.input.value = a.kept = answer?.[id] ?? a.part.start;
      draw();
      live.textContent = "";
    },
    recall: () => {
      const waiting = [...areas.values()].filter(a => a.before);
      for (const a of waiting) a.input.value = a.before;
      draw();
      return waiting.length > 0;
    },
    first: () => [...areas.values()].find(a => !a.input.value.trim() || words(a.input.value) > a.part.words)?.input ?? areas.values().next().value.input,
  };
}

/* What must not be saved yet outlives a reload of the page in its tab, and nowhere else. */
function keepHere(key, text) {
  if (!key) return;
  try { if (text === null) sessionStorage.removeItem(key); else sessionStorage.setItem(key, text); } catch { /* a browser that keeps nothing */ }
}

function keptHere(key) {
  try { return key ? sessionStorage.getItem(key) : null; } catch { return null; }
}
