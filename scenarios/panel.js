/* What the course tells a learner about themselves: one renderer per kind of data. */

const PANELS = {profession, records, rewrite, policy, evaluation, certificate, debrief: debriefOf, map: mapOf};

/* Steps that nobody waits for. */
const QUIET = new Set(["look", "keep", "edit"]);
const MOST = 6000;    /* characters of a draft */
const DOUBLE = 500;   /* milliseconds within which a second click belongs to the first */

const NOT_DONE = "Not done: the connection was lost. Do this again when it is back.";

function render({model, el}) {
  const body = h("div", {class: "smt-sheet-body"});
  const live = h("p", {class: "smt-hidden", role: "status"});
  const label = newId("panel");
  let lost = false, doing = "";
  const tell = (name, value = null) => { try { model.send({do: name, value}); } catch { line.broke(); } };
  const look = () => tell("look");
  /* What is being done already is not begun a second time, as by the second click of a double one. */
  const send = (name, value) => {
    if (!QUIET.has(name)) {
      if (doing === name && !lost) return;
      doing = name;
      live.textContent = "";
    }
    tell(name, value);
    if (!QUIET.has(name)) alert.textContent = lost ? NOT_DONE : "";
  };
  const alert = h("p", {class: "smt-alert", role: "alert"});
  let shown = null, last = "";
  /* What a learner filled in stays as long as what is known has not changed. */
  const draw = () => {
    const {told, ...view} = model.get("view");
    alert.textContent = told ?? "";
    const now = JSON.stringify(view);
    if (now === last) return;
    last = now;
    if (!view.notice && shown?.update && shown.update(view) !== false) return;
    shown = view.notice ? h("p", {}, view.notice) : PANELS[view.kind](view, label, send);
    body.replaceChildren(shown);
  };
  el.replaceChildren(h("section", {class: "smt-card smt-sheet", "aria-labelledby": label}, body, alert, live));
  draw();
  /* Focus outlives a redraw: on the same control, or on the heading where that is gone. */
  const redraw = () => {
    const at = document.activeElement, key = body.contains(at) ? at.dataset.key : "";
    draw();
    if (key && !at.isConnected) (body.querySelector(`[data-key="${CSS.escape(key)}"]`) ?? body.querySelector(".smt-title"))?.focus();
  };
  /* What was done is said aloud, and may be news to the rest of the page. The same words once more,
     after the same step once more, are no change of the view. */
  const heard = message => {
    if (message?.do !== "seen") return;
    if (!alert.textContent) alert.textContent = model.get("view").told ?? "";
    if (QUIET.has(message.did)) return;
    setTimeout(() => { if (doing === message.did) doing = ""; }, DOUBLE);
    if (!alert.textContent) live.textContent = body.querySelector(`[data-after~="${CSS.escape(message.did)}"]`)?.dataset.said ?? "";
    line.acted();
  };
  model.on("change:view", redraw);
  model.on("msg:custom", heard);
  /* Answers are given elsewhere on the page: look again whenever the panel comes into sight. */
  const seen = new IntersectionObserver(entries => { if (entries.some(e => e.isIntersecting)) look(); });
  seen.observe(el);
  /* A browser asks before it closes a page on which something is not saved. */
  const leaving = event => { if (shown?.unsent?.()) event.preventDefault(); };
  addEventListener("beforeunload", leaving);
  const line = listen(model, {
    tell(word) {
      lost = word === "lost";
      doing = "";
      if (!lost) shown?.again?.();
      if (!lost && alert.textContent === NOT_DONE) alert.textContent = "Connected again. Your last step was not done yet: do it once more.";
    },
    look, news: look,
    unsent: () => shown?.unsent?.() ?? false,
  });
  return () => { line.leave(); seen.disconnect(); removeEventListener("beforeunload", leaving); model.off("change:view", redraw); model.off("msg:custom", heard); };
}

/** A file of the course folder, or of the page's own: a link in the app, elsewhere its name. */
function fileLink(name, up = 2) {
  const page = document.getElementById("course-page");
  if (!page) return name;
  const {base} = JSON.parse(page.textContent);
  const folder = location.pathname.slice(`${base}voila/render/`.length).split("/").slice(0, -up);
  const href = `${base}files/${[...folder, encodeURIComponent(name)].join("/")}`;
  return h("a", {href, target: "_blank", rel: "noopener"}, name);
}

function head(text, id) { return h("h3", {class: "smt-title", id, tabindex: "-1"}, text); }

/** A button that asks before it acts. The question takes the focus, so that a key held down or
    pressed twice does nothing more. */
function careful(text, question, yes, no, act) {
  const open = h("button", {type: "button", class: "smt-button", "data-key": text, onclick: () => ask(true)}, text);
  const words = h("p", {tabindex: "-1"}, question);
  const box = h("div", {class: "smt-note", role: "group", "aria-label": text, hidden: true, onkeydown: event => {
    if (event.key === "Escape") ask(false);
    if (event.key === "Enter" && event.repeat) event.preventDefault();
  }}, words, h("div", {class: "smt-commit"},
    h("button", {type: "button", class: "smt-button", onclick: () => ask(false)}, no),
    h("button", {type: "button", class: "smt-button smt-danger", "data-key": "yes", onclick: () => { ask(false); act(); }}, yes)));
  const ask = asking => { box.hidden = !asking; (asking ? words : open).focus(); };
  return [h("div", {class: "smt-commit"}, open), box];
}

function profession(view, label, send) {
  const name = newId("profession");
  const chosen = view.names.find(p => p.id === view.chosen);
  return h("div", {},
    h("fieldset", {class: "smt-question"},
      h("legend", {id: label, class: "smt-prompt"}, "What is your profession?"),
      h("p", {class: "smt-quiet"}, "Where a scenario has it, your own code comes first in the feedback. You can change this at any time."),
      h("div", {class: "smt-options"}, view.names.map(p => h("label", {class: "smt-option"},
        h("input", {type: "radio", name, value: p.id, checked: p.id === view.chosen, "data-key": p.id, onchange: () => send("choose", p.id)}),
        h("span", {}, p.name))))),
    h("p", {class: "smt-saved", "data-after": "choose", "data-said": chosen ? `Saved: ${chosen.name}` : ""}, chosen ? [icon("right"), `Saved: ${chosen.name}`] : "Not chosen yet."));
}

function records(view, label, send) {
  return h("div", {}, head(view.title, label),
    h("p", {}, "They are on the computer that runs the course, in this folder, and go nowhere unless you hand them in: ", h("strong", {}, view.folder)),
    view.files.length ? h("ul", {class: "smt-files"}, view.files.map(f => h("li", {}, f))) : h("p", {"data-after": "erase", "data-said": "Erased."}, "Nothing is kept yet."),
    h("p", {class: "smt-quiet"}, "Write nothing about a real client in an answer, not even disguised."),
    view.files.length ? careful("Erase my answers", `This deletes ${plural(view.files.length, "file")}. Nobody can bring back what is deleted, and nothing is left to prove what you did.`,
      "Yes, erase them for good", "Keep them", () => send("erase")) : null);
}

/** A draft to edit; what was found about it changes in its place, below the field being typed in. */
function rewrite(view, label, send) {
  const field = newId("draft");
  let timer = 0;
  const typed = () => {
    clearTimeout(timer);
    timer = setTimeout(() => send("edit", area.value), 350);
    full.textContent = area.value.length < MOST ? "" : `That is the most that fits here, ${MOST.toLocaleString("en-US")} characters.`;
  };
  const area = h("textarea", {id: field, class: "smt-draft", rows: 12, maxlength: MOST, value: view.text, oninput: typed});
  const full = h("p", {class: "smt-missing", role: "status"});
  const count = h("h4", {class: "smt-heading"}), found = h("div", {class: "smt-found"});
  const changed = h("p", {class: "smt-diff"}), gauge = view.meter ? meter() : null;
  const said = h("p", {class: "smt-hidden", role: "status"});
  const root = h("div", {}, head(view.title, label),
    h("p", {}, "Change the draft until nobody could know whom it is about. Generalize, invent, or begin again. Nothing that you type here is kept."),
    h("label", {for: field, class: "smt-label"}, "Your version"), area, full, count, gauge?.verdict,
    careful("Start over", "This brings the first draft back. What you wrote is gone then.", "Yes, start over", "Keep my version",
      () => { area.value = view.original; typed(); area.focus(); }),
    found, h("details", {class: "smt-others"}, h("summary", {}, "What you changed"), changed), gauge?.counted, said);
  root.update = now => {
    const open = now.spans.filter(x => x.mark === "must" && !x.gone), maybe = now.spans.filter(x => x.mark === "optional" && !x.gone);
    const gone = now.spans.filter(x => x.gone);
    count.textContent = `${plural(open.length, "identifier")} left, ${gone.length} gone`;
    found.replaceChildren(list(open, "Must still go", "wrong"), list(maybe, "Adds to the picture", "partly"), list(gone, "Gone", "right"));
    changed.replaceChildren(...now.diff.map(piece =>
      piece.is === "same" ? piece.text : h(piece.is === "gone" ? "del" : "ins", {}, hidden(piece.is === "gone" ? "removed: " : "added: "), piece.text)));
    gauge?.update(now.meter);
    said.textContent = `${plural(open.length, "identifier")} left.${now.meter ? ` ${matches(now.meter)}` : ""}`;
  };
  const list = (items, title, sign) => items.length ? h("div", {class: "smt-told"}, h("p", {class: "smt-label"}, `${title} (${items.length})`), h("ul", {class: "smt-marks"}, items.map(x => h("li", {}, icon(sign), h("span", {}, x.text))))) : "";
  root.update(view);
  said.textContent = "";
  return root;
}

function matches(m) {
  const k = m.expected;
  const many = k >= 10 ? `about ${Math.round(k).toLocaleString("en-US")}` : k >= 1 ? `about ${k.toFixed(1)}` : "fewer than one";
  return `What is left fits ${many} of ${m.population.toLocaleString("en-US")} ${m.who}.`;
}

/** How many people a draft still fits: the verdict, and how it is counted. */
function meter() {
  const verdict = h("div"), counted = h("div");
  const table = h("div", {class: "smt-scroll", role: "region", tabindex: "0", "aria-label": "Shares"}), limits = h("p", {class: "smt-quiet"});
  counted.append(h("details", {class: "smt-others"}, h("summary", {}, "How the number of people is counted"), table));
  const update = m => {
    verdict.replaceChildren(h("p", {class: `smt-verdict smt-is-${m.red ? "wrong" : "right"}`}, icon(m.red ? "violation" : "best"), h("span", {}, h("strong", {}, m.red ? "Few enough to be found" : "Many people"), matches(m))), limits);
    limits.textContent = `A teaching estimate, not a test of de-identification: it multiplies shares as if they had nothing to do with each other, and below ${m.limit} it turns red. Somebody who knows the person needs far less.`;
    table.replaceChildren(h("table", {class: "smt-table"},
      h("caption", {}, `${m.population.toLocaleString("en-US")} ${m.who}: ${m.source}`),
      h("thead", {}, h("tr", {}, ["Detail", "Share", "Counts", "Where the share is from"].map(t => h("th", {scope: "col"}, t)))),
      h("tbody", {}, m.traits.map(t => h("tr", {}, h("th", {scope: "row"}, t.text), h("td", {}, `1 in ${Math.round(1 / t.share).toLocaleString("en-US")}`), h("td", {}, t.left ? "yes" : "no, gone"), h("td", {}, t.source))))));
  };
  return {verdict, counted, update};
}

/** The policy as a form: fixed clauses are read, the others are decided, and all is saved at once. */
function policy(view, label, send) {
  const nameless = h("p", {class: "smt-missing", id: newId("nameless"), role: "status"});
  const name = h("input", {type: "text", id: newId("practice"), class: "smt-line", maxlength: 120, value: view.practice, autocomplete: "organization", "aria-describedby": nameless.id, "data-key": "practice"});
  const onRecord = now => ({practice: now.practice, omit: now.clauses.filter(c => c.left_out).map(c => c.id),
    settings: Object.fromEntries(now.clauses.filter(c => c.setting).map(c => [c.setting.name, c.setting.chosen]))});
  const {settings, omit} = onRecord(view), out = new Set(omit);
  const value = () => ({practice: name.value.trim(), omit: view.clauses.map(c => c.id).filter(id => out.has(id)), settings});
  let known = JSON.stringify(onRecord(view));
  const unsaved = () => JSON.stringify(value()) !== known;
  /* What the practice decided elsewhere may leave nothing to decide here; the choice is kept. */
  const decide = c => {
    if (!c.fits) return null;
    const group = newId("setting");
    return h("fieldset", {class: "smt-question"}, h("legend", {class: "smt-prompt"}, c.setting.label), h("div", {class: "smt-options"}, c.setting.values.map(v => h("label", {class: "smt-option"},
      h("input", {type: "radio", name: group, value: v.id, checked: v.id === c.setting.chosen, "data-key": `${c.id}-${v.id}`, onchange: () => { settings[c.setting.name] = v.id; }}),
      h("span", {}, c.own && v.id === c.setting.chosen ? c.text : v.text)))));
  };
  const optional = view.clauses.filter(c => c.only_if).map(c => h("label", {class: "smt-option"},
    h("input", {type: "checkbox", checked: !c.left_out, "data-key": c.id, onchange: e => { if (e.target.checked) out.delete(c.id); else out.add(c.id); }}),
    h("span", {}, h("strong", {}, c.title), `: tick this clause only if ${c.only_if}.`)));
  const open = view.clauses.filter(c => c.setting), fixed = view.clauses.filter(c => !c.setting && !c.only_if && c.fits);
  const unfit = view.clauses.filter(c => !c.fits && !c.otherwise).map(c => c.title);
  const warn = () => nameless.replaceChildren(...(name.value.trim() ? [] : [icon("missed"), "No name yet: the handout will say “Our practice”."]));
  const state = h("span", {class: "smt-saved"});
  const mark = () => {
    const file = unsaved() ? null : view.handout;
    state.replaceChildren(...(unsaved() ? [icon("missed"), "Not saved yet"] : file ? [icon("right"), h("span", {}, fileLink(file), " is in your course folder")] :
      view.kept ? [icon("right"), "Saved as policy.toml in your course folder"] : []));
  };
  const saved = h("span", {hidden: true, "data-after": "save", "data-said": "Saved as policy.toml in your course folder"});
  const made = h("span", {hidden: true, "data-after": "handout", "data-said": `Saved, and the handout made: ${view.handout} in your course folder`});
  const press = act => () => { warn(); send(act, value()); };
  if (view.kept) warn();
  mark();
  const root = h("div", {oninput: mark, onchange: mark}, head(view.title, label),
    h("p", {}, "Decide where practices may differ. What is fixed stays, because codes or laws leave no choice. The scenarios of this course then follow your policy."),
    h("p", {}, h("label", {for: name.id, class: "smt-label"}, "Name of the practice"), name), nameless,
    open.map(decide),
    unfit.length ? h("p", {class: "smt-quiet"}, `Your handout leaves out what does not fit these choices: ${unfit.join("; ")}.`) : null,
    h("fieldset", {class: "smt-question"}, h("legend", {class: "smt-prompt"}, "Only where it applies"), h("div", {class: "smt-options"}, optional)),
    h("details", {class: "smt-others"}, h("summary", {}, `${fixed.length} clauses that stay as they are`), fixed.map(c => h("div", {class: "smt-told"}, h("p", {class: "smt-label"}, `${c.id} ${c.title}`), h("p", {}, c.text)))),
    h("div", {class: "smt-commit"},
      h("button", {type: "button", class: "smt-button smt-primary", "data-key": "save", onclick: press("save")}, "Save the policy"),
      h("button", {type: "button", class: "smt-button", "data-key": "handout", onclick: press("handout")}, "Save and make the handout for clients"),
      state, saved, made));
  root.unsent = unsaved;
  /* What is on the screen stays until it is what is on record. */
  root.update = now => {
    known = JSON.stringify(onRecord(now));
    mark();
    return unsaved();
  };
  return root;
}

function bar(part, whole) {
  return h("div", {class: "smt-bar", "aria-hidden": "true"}, h("span", {style: `width:${whole ? Math.round(100 * part / whole) : 0}%`}));
}

function progressWords(view) {
  return [`${view.done} of ${plural(view.asked, "scenario")} answered`,
    view.minutes_left ? `about ${plural(view.minutes_left, "minute")} left` : "",
    view.saved ? `last saved ${clock(view.saved)}` : ""].filter(Boolean).join(" · ");
}

function goTo(slug) {
  const card = [...document.querySelectorAll("[data-slug]")].find(c => c.dataset.slug === slug);
  const title = card?.querySelector(".smt-title");
  if (!title) return;
  card.scrollIntoView({block: "start"});
  title.tabIndex = -1;
  title.focus({preventScroll: true});
}

/** Scenarios to go to; many of them are folded away under their number. */
function jumps(rows, what) {
  const list = h("ul", {class: "smt-jumps"}, rows.map(r => h("li", {}, jump(r))));
  return rows.length > 4 ? h("details", {class: "smt-others"}, h("summary", {}, what), list) : list;
}

function jump(r) {
  return h("button", {type: "button", class: "smt-link", "data-key": r.slug, onclick: () => goTo(r.slug)}, r.title);
}

/** In the order of the page, which is the author's; what is not on the page comes last. */
function asOnThePage(rows) {
  const order = [...document.querySelectorAll(".smt-card[data-slug]")].map(card => card.dataset.slug);
  const place = r => order.includes(r.slug) ? order.indexOf(r.slug) : order.length;
  return [...rows].sort((one, other) => place(one) - place(other));
}

/** The marks of the first tries; explicit roles, because a phone shows the rows as blocks. */
function results(view, done) {
  const cell = (name, ...children) => h("td", {role: "cell"}, h("span", {class: "smt-now", "aria-hidden": "true"}, `${name}: `), children);
  return h("table", {class: "smt-table smt-results", role: "table"},
    h("caption", {}, "Your first try counts and stays. Mastered means that you reached the best decision in some try."),
    h("thead", {role: "rowgroup"}, h("tr", {role: "row"}, ["Scenario", "First try", "Mastered"].map(t => h("th", {scope: "col", role: "columnheader"}, t)))),
    h("tbody", {role: "rowgroup"}, done.map(r => h("tr", {role: "row"},
      h("th", {scope: "row", role: "rowheader"}, jump(r)),
      cell("First try", `${r.points} of ${r.maximum}${r.waits ? ", and a person marks the rest" : ""}`,
        r.own ? h("span", {class: "smt-quiet"}, `; your own count ${r.own[0]} of ${r.own[1]}`) : null),
      cell("Mastered", r.mastered ? [icon("right"), "yes"] : "not yet")))),
    h("tfoot", {role: "rowgroup"}, h("tr", {role: "row"}, h("th", {scope: "row", role: "rowheader"}, "Together"),
      cell("First tries", `${view.points} of ${view.maximum}`), cell("Mastered", `${view.mastered} of ${view.asked}`))));
}

function debriefOf(view, label, send) {
  const rows = asOnThePage(view.rows);
  const open = rows.filter(r => r.state !== "done");
  const sure = rows.filter(r => r.overconfident);
  const never = rows.filter(r => r.never.length);
  return h("div", {}, head("How you did", label),
    h("p", {"data-after": "refresh", "data-said": progressWords(view)}, progressWords(view)), bar(view.done, view.asked),
    open.length ? h("div", {}, open.length > 4 ? null : h("p", {}, `${open.length} unanswered:`), jumps(open, `${open.length} unanswered`)) : null,
    view.done ? results(view, rows.filter(r => r.state === "done")) : null,
    never.length ? h("div", {class: "smt-note"}, h("p", {}, h("strong", {}, "Put right: "), "you chose something here that must never happen. Try again until the decision is safe."), jumps(never, plural(never.length, "scenario"))) : null,
    sure.length ? h("div", {class: "smt-note"}, h("p", {}, h("strong", {}, "Sure, and not right: "), "these deserve a second look more than any guess."), jumps(sure, plural(sure.length, "scenario"))) : null,
    view.missed.length ? h("div", {}, h("h4", {class: "smt-heading"}, "Clauses to reread"),
      view.missed.map(m => h("details", {class: "smt-more"}, h("summary", {}, `${m.clause} ${m.title}`),
        h("p", {}, m.text), h("p", {class: "smt-quiet"}, `Missed or misplaced in: ${m.scenarios.join("; ")}`)))) : null,
    h("div", {class: "smt-commit"},
      h("button", {type: "button", class: "smt-button", "data-key": "refresh", onclick: () => send("refresh")}, "Refresh"),
      view.done ? h("button", {type: "button", class: "smt-button", "data-key": "receipt", onclick: () => send("receipt")}, "Make a receipt") : null,
      view.receipt ? h("span", {class: "smt-saved", "data-after": "receipt", "data-said": `Receipt saved as ${view.receipt} in the module's folder`}, icon("right"), h("span", {}, fileLink(view.receipt, 1), " is in the module's folder")) : null),
    view.done ? h("p", {class: "smt-quiet"}, "A receipt is a text with your first answers and a fingerprint of the record: to print, to keep, or to show what you did.") : null);
}

function mapOf(view, label) {
  const next = view.modules.find(m => m.done < m.asked), begun = view.modules.some(m => m.saved);
  return h("div", {}, head(view.title, label),
    h("ol", {class: "smt-map"}, view.modules.map(m => h("li", {},
      h("a", {href: m.href}, m.title), m === next ? h("strong", {}, begun ? " Continue here" : " Begin here") : null, h("p", {class: "smt-quiet"}, progressWords(m)), bar(m.done, m.asked),
      m.done ? h("p", {class: "smt-quiet"}, `First tries: ${m.points} of ${m.maximum} points · mastered ${m.mastered} of ${m.asked}`) : null)),
      view.tests.map(t => h("li", {}, h("a", {href: t.href}, t.title), h("p", {class: "smt-quiet"}, t.told)))),
    view.strengths.length ? h("div", {}, h("h4", {class: "smt-heading"}, "Strengths by policy clause"), h("p", {class: "smt-quiet"}, "How often you named a clause where it applies, and left it out where not, at the first try."), strengthsPicture(view.strengths)) :
      h("p", {class: "smt-quiet"}, "Your strengths by policy clause appear here after your first answers."));
}

/** Bars, one a clause; the words beside them say the same. */
function strengthsPicture(rows) {
  return h("ul", {class: "smt-strengths"}, rows.map(r => h("li", {},
    h("span", {}, r.title), h("span", {class: "smt-count"}, `${r.right} of ${r.asked}`),
    s("svg", {viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true", focusable: "false"},
      s("rect", {width: 100, height: 10, class: "smt-track"}),
      s("rect", {width: 100 * r.right / r.asked, height: 10, class: "smt-fill"})))));
}

export default { render };
