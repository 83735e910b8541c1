/* A test: what it is, one scenario at a time, handing in, and what came of it. */

const SLOW = 8000;

function render({model, el}) {
  const label = newId("exam");
  const body = h("div", {class: "smt-sheet-body"});
  const alert = h("p", {class: "smt-alert", role: "alert"});
  const live = h("p", {class: "smt-hidden smt-live", role: "status"});
  el.replaceChildren(h("section", {class: "smt-card smt-exam", "aria-labelledby": label, "data-exam": model.get("view").name ?? ""}, body, alert, live));
  let form = null, drawn = "";

  const send = message => {
    alert.textContent = "";
    try { model.send(message); } catch { line.broke(); form?.refused(); }
  };
  const draw = focus => {
    const view = model.get("view");
    form?.stop();
    drawn = JSON.stringify(view);
    form = view.items?.length ? formOf(view, label, send, live) : null;
    body.replaceChildren(view.notice ? h("p", {}, view.notice) : form ? form.el : doors(view, label, send));
    if (!focus) return;
    (form ? form.top() : body.querySelector("[data-top]"))?.focus({preventScroll: true});
    el.scrollIntoView({block: "start"});
  };
  const heard = message => {
    const view = model.get("view");
    if (message?.do === "kept") form?.kept(message);
    else if (message?.do === "refused") { alert.textContent = message.why; form?.refused(); }
    else if (message?.do === "looked" && form && view.sitting === form.sitting) form.agree(view);
    else if (message?.do === "looked" && JSON.stringify(view) !== drawn) draw(false);
    else if (message?.do === "elsewhere" && form && view.sitting === form.sitting) {
      /* The place stays; only what another page put on record is shown. */
      form.agree(view);
      alert.textContent = message.why;
    } else if (["begun", "finished", "elsewhere"].includes(message?.do)) {
      if (message.do === "finished" && !form) return;   /* asked for twice */
      draw(true);
      line.acted();
      if (message.do === "elsewhere") alert.textContent = message.why;
      live.textContent = {begun: "The test has begun.", finished: `Handed in. ${outcome(view)}`}[message.do] ?? "";
    }
  };
  model.on("msg:custom", heard);
  const look = () => { try { model.send({do: "look"}); } catch { /* the heartbeat will tell */ } };
  const line = listen(model, {
    tell(word) { if (word === "lost") form?.refused(); },
    look, news: look,
    unsent: () => form?.unsent() ?? false,
  });
  draw(false);
  return () => { line.leave(); form?.stop(); model.off("msg:custom", heard); };
}

/* --------------------------------------------------------------- before and after the sitting */

function doors(view, label, send) {
  const {result, gate} = view;
  const kicker = view.scored ? null : h("p", {class: "smt-kicker"}, "For you only, counts nowhere");
  const top = h("h3", {class: "smt-title", id: label, tabindex: "-1", "data-top": ""}, view.title);
  const begin = text => h("div", {class: "smt-commit"},
    h("button", {type: "button", class: "smt-button smt-primary smt-begin", onclick: () => send({do: "begin"})}, text));
  return h("div", {}, h("header", {class: "smt-header"}, kicker, top),
    result ? resultOf(view, result) : h("ul", {class: "smt-plain"},
      h("li", {}, `${view.length} situations, one at a time, drawn for you.`),
      h("li", {}, "Every choice is saved as you make it. Go back and change what you like, close the page and come again: the test waits. There is no clock."),
      h("li", {}, view.scored ? `You pass with ${percent(view.cut)} of what can be known beyond guessing, and without a choice that must never happen.` : "Nobody passes or fails. It shows where the course has most to give you."),
      h("li", {}, view.scored ? "What was right is shown once you have passed." : "What is right is for the course to show.")),
    gate.open ? [gate.why ? h("p", {}, gate.why) : null, begin(result ? "Take it again" : "Begin")]
      : gate.why ? h("div", {class: "smt-again"}, h("h4", {class: "smt-heading"}, "Before you take it again"), h("p", {}, gate.why)) : null,
    gate.redo.length ? h("ul", {class: "smt-checks smt-redo"}, gate.redo.map(redone)) : null);
}

/** One module with what is to be answered in it once more. */
function redone(m) {
  const {length} = m.left;
  return h("li", {"data-done": String(!length)}, icon(length ? "missed" : "right"), h("div", {}, h("p", {}, h("a", {href: m.href}, m.title)),
    length ? h("details", {class: "smt-more"}, h("summary", {}, `${plural(length, "situation")} to answer again`), h("ul", {class: "smt-plain"}, m.left.map(t => h("li", {}, t))))
      : h("p", {class: "smt-quiet"}, "Answered again")));
}

function outcome(view) {
  return !view.scored || !view.result ? "" : view.result.passed ? "Passed." : "Not passed yet.";
}

function percent(share) { return `${Math.floor(100 * share + 1e-9)}%`; }

function scoreOf(view, result) {
  const score = percent(result.score);
  if (result.fault) return "This sitting does not count.";
  return result.never.length && result.score >= view.cut ? `Your score of ${score} would pass, but a choice was made that must never happen.`
    : `Your score is ${score}; ${percent(view.cut)} passes.`;
}

function resultOf(view, result) {
  const verdict = !view.scored ? null
    : h("div", {class: `smt-verdict smt-is-${result.passed ? "right" : "missed"}`}, icon(result.passed ? "best" : "info"),
      h("span", {}, h("strong", {}, result.passed ? "Passed" : "Not passed yet"),
        h("span", {class: "smt-verdict-text"}, scoreOf(view, result))));
  const [raw, chance] = [percent(result.raw), percent(result.chance)];
  const counted = view.scored ? `Of all points here you have ${raw}. Guessing alone would bring ${chance}, so the score counts only what is above that: 0% is what guessing brings, 100% is everything right.`
    : `You have ${raw} of the points, where guessing alone would bring ${chance}. This is where you stand before the course; it has most to give you in the topics at the top.`;
  const weakest = result.items.map((item, n) => [item, n]).sort(([a, n], [b, m]) => a.share - b.share || n - m).map(([item]) => item);
  return h("div", {class: "smt-result"}, verdict,
    result.fault ? h("p", {}, `Why: ${result.fault}.`) : h("p", {}, counted),
    result.unanswered ? h("p", {}, `${plural(result.unanswered, "situation")} not fully answered.`) : null,
    result.never.length ? h("div", {class: "smt-never-list"}, h("p", {class: "smt-never"}, icon("violation"), "Something that must never happen was chosen in:"),
      h("ul", {class: "smt-plain"}, result.never.map(t => h("li", {}, t)))) : null,
    result.topics.length ? [h("h4", {class: "smt-heading"}, "By topic"), h("p", {class: "smt-quiet"}, "Shares of all points, guessing included."), topicsOf(result.topics)] : null,
    result.clauses.length ? h("div", {}, h("h4", {class: "smt-heading"}, view.scored ? "Clauses to reread" : "Clauses to look out for"),
      result.clauses.map(c => h("details", {class: "smt-more"}, h("summary", {}, `${c.clause} ${c.title}`), h("p", {}, c.text)))) : null,
    weakest.length ? h("div", {}, h("h4", {class: "smt-heading"}, "What was right"),
      weakest.map(i => h("details", {class: "smt-more smt-answered"}, h("summary", {}, i.title, h("span", {class: "smt-quiet"}, `  ${percent(i.share)}`)),
        i.scenes.map(s => [prose(s.stem, "smt-stem"), artefact(s.artefact), ...explained(s.feedback, s.prompts)]), debrief(i.debrief)))) : null);
}

/** The topics that are worth another look first, those with all points behind a word. */
function topicsOf(topics) {
  const line = t => h("li", {"data-topic": t.topic},
    h("p", {}, t.href ? h("a", {href: t.href}, t.name) : t.name, h("span", {class: "smt-quiet"}, `  ${percent(t.share)}`)),
    h("div", {class: "smt-bar", "aria-hidden": "true"}, h("span", {style: `width:${Math.round(100 * t.share)}%`})));
  const weak = topics.filter(t => t.share < 1).sort((a, b) => a.share - b.share), full = topics.filter(t => t.share >= 1);
  return h("div", {}, weak.length ? h("ul", {class: "smt-topics"}, weak.map(line)) : null,
    full.length ? h("details", {class: "smt-more"}, h("summary", {}, `${plural(full.length, "topic")} with all points`),
      h("ul", {class: "smt-topics"}, full.map(line))) : null);
}

/* ------------------------------------------------------------------------------- the sitting */

/** The form: all items are there, one is seen. */
function formOf(view, label, send, live) {
  const items = view.items.map((data, n) => itemOf(data, n, view, send, () => mark()));
  const title = h("h3", {class: "smt-title", id: label, tabindex: "-1"});
  const place = h("p", {class: "smt-kicker"});
  const saved = h("p", {class: "smt-saved smt-exam-saved"});
  const steps = items.map((_, n) => h("button", {type: "button", class: "smt-place-number", onclick: () => go(n)}));
  const back = h("button", {type: "button", class: "smt-button", onclick: () => go(at - 1)}, "Back");
  const next = h("button", {type: "button", class: "smt-button smt-primary", onclick: () => go(at + 1)}, "Next");
  const done = h("button", {type: "button", class: "smt-button smt-hand-in", onclick: () => ask()}, "Hand in");
  const asked = h("div", {class: "smt-asking", role: "group", "aria-label": "Hand in", hidden: true});
  const count = h("p", {class: "smt-quiet smt-so-far"});
  let at = placeOf(view, items);
  let timer = 0, finishing = false;

  const mark = () => {
    steps.forEach((step, n) => {
      const state = items[n].open() ? "open" : "answered";
      step.dataset.state = state;
      step.textContent = n + 1;
      step.setAttribute("aria-label", `Situation ${n + 1}, ${state === "open" ? "not answered" : "answered"}`);
      if (n === at) step.setAttribute("aria-current", "step"); else step.removeAttribute("aria-current");
    });
    const whole = items.filter(i => !i.open()).length;
    count.textContent = `${whole} of ${items.length} answered`;
    done.classList.toggle("smt-primary", whole === items.length);
  };
  const show = () => {
    items.forEach((item, n) => { item.el.hidden = n !== at; });
    place.textContent = `${view.title}, situation ${at + 1} of ${items.length}`;
    title.textContent = view.items[at].title;
    back.disabled = at === 0;
    next.hidden = at === items.length - 1;
    turn(false);
    mark();
    try { sessionStorage.setItem(keyOf(view), String(at)); } catch { /* a browser that keeps nothing */ }
  };
  /* While handing in is asked about, the numbers to go on with are those of what is open. */
  const turn = asking => { asked.hidden = !asking; places.hidden = asking; };
  const go = n => {
    at = n;
    show();
    live.textContent = `Situation ${at + 1} of ${items.length}.`;
    title.focus({preventScroll: true});
    el.scrollIntoView({block: "start"});
  };
  const ask = () => {
    items.forEach(i => i.again());
    const open = items.map((i, n) => i.open() ? n : -1).filter(n => n >= 0);
    const words = h("p", {tabindex: "-1"}, h("strong", {}, open.length ? `${open.length} not answered. ` : "Everything is answered. "),
      open.length ? view.scored ? "A question left open earns nothing. " : "What you leave open is counted as not known yet. " : "", "After handing in nothing can be changed.");
    const main = primary => `smt-button${primary ? " smt-primary" : ""}`;
    const finish = h("button", {type: "button", class: `${main(!open.length)} smt-finish`, onclick: () => {
      if (finishing) return;
      finishing = true;
      items.forEach(i => i.again());
      send({do: "finish", sitting: view.sitting});
    }}, "Hand in now");
    asked.replaceChildren(words,
      open.length ? h("p", {class: "smt-places"}, open.map(n => h("button", {type: "button", class: "smt-place-number", "aria-label": `Go to situation ${n + 1}`, onclick: () => go(n)}, n + 1))) : "",
      h("div", {class: "smt-commit"},
        finish,
        h("button", {type: "button", class: main(open.length), onclick: () => { turn(false); done.focus(); }}, "Go on answering")));
    turn(true);
    words.focus();
  };
  const wait = () => {
    saved.textContent = "Saving…";
    clearTimeout(timer);
    timer = setTimeout(() => { saved.textContent = "Not saved yet: the course does not answer."; }, SLOW);
  };
  const settle = time => {
    if (items.some(i => i.pending() || i.unsent())) return;
    clearTimeout(timer);
    saved.replaceChildren(icon("right"), `Saved ${clock(time)}`);
  };
  items.forEach(i => { i.waiting = wait; });
  const places = h("div", {class: "smt-way"}, count, h("nav", {class: "smt-places", "aria-label": "Situations of this test"}, steps), h("div", {class: "smt-commit"}, done));
  const el = h("div", {},
    h("header", {class: "smt-header"}, place, title),
    items.map(i => i.el),
    h("div", {class: "smt-commit"}, back, next, saved), places, asked);
  show();
  return {
    el, sitting: view.sitting, top: () => title,
    kept(message) {
      items.find(i => i.slug === message.item)?.kept(message.question, message.answer);
      items.forEach(i => i.again());
      settle(message.time);
    },
    /* What another page put on record is shown; what is on this screen only is sent. */
    agree(now) {
      clearTimeout(timer);
      saved.replaceChildren();
      now.items.forEach((data, n) => items[n].agree(data.answers));
      mark();
    },
    refused() {
      clearTimeout(timer);
      finishing = false;
      items.forEach(i => i.forget());
      if (items.some(i => i.unsent())) saved.textContent = "Not saved.";
    },
    unsent: () => items.some(i => i.unsent()),
    stop: () => clearTimeout(timer),
  };
}

/* The place outlives a reload of the page; whoever comes back later begins at the first open item. */
function keyOf(view) { return `smt-exam:${location.pathname}:${view.name}:${view.sitting}`; }

function placeOf(view, items) {
  let kept = null;
  try { kept = sessionStorage.getItem(keyOf(view)); } catch { /* as above */ }
  return kept !== null && items[kept] ? Number(kept) : Math.max(0, items.findIndex(i => i.open()));
}

/** One item. `stored` is what is on record as far as this page knows, `sent` what was asked to be. */
function itemOf(data, number, view, send, changed) {
  const stored = new Map(Object.entries(data.answers));
  const sent = new Map(stored), questions = [];
  const item = {waiting: () => {}, slug: data.slug};
  const same = (one, other) => JSON.stringify(one ?? null) === JSON.stringify(other ?? null);
  const keep = q => {
    const answer = q.value(), was = sent.get(q.id) ?? null;
    if (same(answer, was)) return;
    sent.set(q.id, answer);
    item.waiting();
    send({do: "change", sitting: view.sitting, item: data.slug, question: q.id, answer, was});
  };
  const parts = data.scenes.map(scene => {
    const own = scene.questions.map(q => question(q, () => {
      const mine = questions.find(one => one.id === q.id);
      mine.complain("");
      changed();
      keep(mine);
    }));
    questions.push(...own);
    return [prose(scene.stem, "smt-stem"), artefact(scene.artefact), own.map(q => q.el)];
  });
  questions.forEach(q => q.restore(stored.get(q.id)));
  const untouched = new Map(questions.map(q => [q.id, q.value()]));
  return Object.assign(item, {
    el: h("div", {class: "smt-item", "data-slug": data.slug, "data-number": number + 1}, parts),
    open: () => questions.some(q => q.missing()),
    kept(id, answer) { stored.set(id, answer); },
    pending: () => questions.some(q => !same(sent.get(q.id), stored.get(q.id))),
    /* What was sent and not kept: `again` sends it once more, as soon as anything is kept. */
    forget() { sent.clear(); stored.forEach((value, key) => sent.set(key, value)); },
    again() { for (const q of questions) if (item.unsentIn(q) && same(sent.get(q.id), stored.get(q.id))) keep(q); },
    agree(answers) {
      for (const q of questions) {
        if (!same(answers[q.id], stored.get(q.id))) {
          stored.set(q.id, answers[q.id]);
          sent.set(q.id, answers[q.id]);
          q.restore(answers[q.id]);
        } else if (item.unsentIn(q)) keep(q);
      }
    },
    unsentIn: q => !same(q.value(), stored.get(q.id)) && !(stored.get(q.id) === undefined && same(q.value(), untouched.get(q.id))),
    unsent: () => questions.some(q => item.unsentIn(q)),
  });
}

export default { render };
