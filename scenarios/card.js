/* One card: scenes with their questions, commit and feedback. */

const CERTAINTY = [["sure", "Sure"], ["fairly", "Fairly sure"], ["guess", "A guess"]];
const TYPING = 1000;      /* milliseconds of rest after which a text is sent */
const LONGEST = 3000;     /* and at the latest, however steadily somebody types */
const NOT_SAVED = "Not saved: the connection was lost. What you chose is still on the screen.";
const HELD = "Not saved yet: see the reminder";
const ELSEWHERE = "This was answered in another tab or window meanwhile. That answer is on record and is shown; yours was not saved.";
const PRESS_AGAIN = "Connected again. This answer was not saved yet: press the button once more.";

/* ----------------------------------------------------------------------------------- scene */

/** One scene on the card. `send(message)` reaches the kernel; `again()` begins a new try. */
function sceneOf(data, view, number, send) {
  const prompts = Object.fromEntries(data.questions.map(q => [q.id, q.prompt]));
  let state = data, waiting = false, trying = false;
  const timers = new Map();   /* texts that wait to be sent: {timer, since} by question */
  const unsent = new Set();   /* questions whose answer is on the screen only */
  const place = `smt-held:${location.pathname}:${view.slug}:${data.id}`;
  const questions = data.questions.map(q => question(q, how => drafted(q.id, how), `${place}:${q.id}`));
  const sure = newId("sure");
  const certainty = CERTAINTY.map(([value]) => h("input", {type: "radio", name: sure, value}));
  const button = h("button", {type: "button", class: "smt-button smt-primary", onclick: () => commit()}, "Submit answer");
  const cancel = h("button", {type: "button", class: "smt-button smt-cancel", onclick: () => giveUp()}, "Back to the feedback");
  const saved = h("span", {class: "smt-saved"});
  const alert = h("p", {class: "smt-alert", role: "alert"});
  const retry = h("p", {class: "smt-note smt-retry"}, "A new try, for learning. Your first answer is the one that counts, and it stays.");
  /* No button submits the form: Enter on a choice must not commit it, for the first answer counts. */
  const form = h("form", {class: "smt-form", onsubmit: e => e.preventDefault(), onfocusout: () => flush()},
    retry, questions.map(q => q.el),
    h("fieldset", {class: "smt-certainty"}, h("legend", {}, "How sure are you? ", h("span", {class: "smt-quiet"}, "Optional, never scored")),
      h("div", {class: "smt-pair"}, CERTAINTY.map(([, label], n) => h("label", {}, certainty[n], h("span", {}, label))))),
    h("div", {class: "smt-commit"}, button, cancel, saved), alert);
  const title = h("h4", {class: "smt-heading", tabindex: "-1"}, "Feedback");
  const feedback = h("div", {class: "smt-feedback"});
  const heading = view.branching ? h("h4", {class: "smt-heading smt-scene-heading", tabindex: "-1"}, `Scene ${number}`) : null;
  const el = h("section", {class: "smt-scene", "data-scene": data.id}, heading,
    prose(data.stem, "smt-stem"), artefact(data.artefact), form, feedback);

  const key = () => ({scene: data.id, attempts: state.attempts});
  const drafted = (id, how) => {
    const q = of(id), now = Date.now(), since = timers.get(id)?.since ?? now;
    q.complain("");
    alert.textContent = "";
    saved.textContent = q.holds() ? HELD : "";
    clearTimeout(timers.get(id)?.timer);
    unsent.add(id);
    if (how !== "soon") return keep(id);
    return timers.set(id, {since, timer: setTimeout(() => keep(id), Math.max(0, Math.min(TYPING, since + LONGEST - now)))});
  };
  const keep = id => {
    rest(id);
    send({do: "change", ...key(), question: id, answer: of(id).draft()});
  };
  const rest = id => { clearTimeout(timers.get(id)?.timer); timers.delete(id); };
  const flush = () => [...timers.keys()].forEach(keep);
  const stop = () => [...timers.keys()].forEach(rest);
  const of = id => questions.find(q => q.id === id);
  const commit = () => {
    if (waiting) return;
    const problems = questions.map(q => [q, q.missing()]);
    problems.forEach(([q, text]) => q.complain(text));
    const open = problems.find(([, text]) => text);
    alert.textContent = open ? open[1] : "";
    if (open) return lead(open[0]);
    stop();
    wait(true);
    send({
      do: "commit", ...key(), certainty: certainty.find(i => i.checked)?.value ?? null,
      answers: Object.fromEntries(questions.map(q => [q.id, q.value()])),
    });
  };
  /* To what is missing: in the middle, so that the sentence that says so is seen above it. */
  const lead = q => {
    q.first().focus({preventScroll: true});
    q.first().scrollIntoView({block: "center"});
  };
  /* A learner's own count for a written answer: one on its way at a time, then the newest. */
  const counts = new Map();
  const rating = id => {
    const kept = state.ratings[id];
    const count = {time: kept?.time ?? "", next: null, flying: null, told: null, go() {
      if (count.flying || !count.next) return;
      [count.flying, count.next] = [count.next, null];
      send({do: "rate", scene: data.id, question: id, answer: count.flying, attempts: state.committed.attempt, seen: count.time});
    }};
    counts.set(id, count);
    return {...kept, listen(handle) { count.told = handle; }, keep(answer) { count.next = answer; count.go(); }};
  };
  const unrated = why => {
    for (const count of counts.values()) {
      if (!count.flying) continue;
      count.next ??= count.flying;
      count.flying = null;
      count.told.refused(why);
    }
  };
  const wait = on => {
    waiting = on;
    button.setAttribute("aria-disabled", String(on));
    saved.textContent = on ? "Saving…" : "";
  };
  const fill = (answers, sureness) => {
    questions.forEach(q => { q.restore(answers[q.id]); q.complain(""); });
    certainty.forEach(i => { i.checked = i.value === sureness; });
  };
  const show = () => {
    unsent.clear();
    const done = state.committed && !trying;
    el.dataset.state = done ? "committed" : state.again ? "retry" : "open";
    for (const field of form.querySelectorAll(":scope > fieldset")) field.disabled = Boolean(done);
    button.hidden = Boolean(done);
    retry.hidden = cancel.hidden = Boolean(done) || !state.again;
    feedback.hidden = !done;
    alert.textContent = "";
    wait(false);
    if (!done) return feedback.replaceChildren();
    fill(state.committed.answers, state.committed.certainty);
    saved.replaceChildren(icon("right"), `Saved ${clock(state.committed.time)}`);
    feedback.replaceChildren(title,
      state.committed.attempt > 1 ? h("p", {class: "smt-note"}, `This is try ${state.committed.attempt}. Your first answer is the one that counts.`) : "",
      ...explained(state.committed.feedback, prompts, rating));
  };
  const giveUp = () => {
    if (waiting) return;
    stop();
    wait(true);
    send({do: "back", scene: data.id});
  };
  const begin = answers => { trying = Boolean(state.committed); fill(answers, null); show(); };
  if (Object.keys(data.draft).length || !state.committed) {
    begin(data.draft);
    for (const q of questions) if (q.recall()) { unsent.add(q.id); saved.textContent = HELD; }
  } else show();
  return {
    id: data.id, el, title, heading,
    get trying() { return trying; },
    top: () => heading ?? questions[0].first(),
    again: () => begin({}),
    update(next) {
      const anew = state.committed && !next.committed;   /* a new round came here again */
      state = next;
      trying = false;
      if (anew) fill(next.draft, null);
      show();
    },
    /* What is on record now, after a time without a line or in another tab. What somebody typed
       here meanwhile is sent; what came from elsewhere is shown; the focus stays where it is. */
    look(next) {
      if (next.attempts !== state.attempts || !next.committed !== !state.committed) {
        const mine = Object.fromEntries(questions.map(q => [q.id, JSON.stringify(q.value())]));
        const other = [...unsent].some(id => mine[id] !== JSON.stringify(next.committed?.answers[id]));
        const inside = form.contains(document.activeElement);
        this.update(next);
        if (other) alert.textContent = ELSEWHERE;
        if (inside && next.committed) title.focus({preventScroll: true});
        return;
      }
      const before = state;
      state = next;
      for (const [id, count] of counts) {
        const rated = next.ratings[id];
        if (count.next) count.go();
        else if (rated && !count.flying && rated.time !== count.time) {
          count.time = rated.time;
          count.told.saved(rated.time, rated.answer);
        }
      }
      if (state.committed && !trying) return;
      if (alert.textContent === NOT_SAVED) alert.textContent = PRESS_AGAIN;
      for (const q of questions) {
        const kept = JSON.stringify(next.draft[q.id]);
        if (kept === JSON.stringify(q.value())) unsent.delete(q.id);
        else if (unsent.has(q.id)) { if (kept !== JSON.stringify(q.draft())) keep(q.id); }
        else if (kept && kept !== JSON.stringify(before.draft[q.id])) q.restore(next.draft[q.id]);
      }
    },
    unsent: () => unsent.size > 0,
    refuse(why, missing = []) {
      wait(false);
      alert.textContent = why;
      const open = questions.filter(q => missing.includes(q.id));
      open.forEach(q => q.complain("This still needs an answer."));
      if (open[0]) lead(open[0]);
    },
    rated({question: id, time, answer, why}, next) {
      const count = counts.get(id);
      if (!count) return;
      state = next;
      count.time = time;
      count.flying = null;
      if (why) count.next = null;
      if (count.next) { count.go(); return; }
      count.told.saved(time, why ? answer : null);
      if (why) count.told.refused(why);
    },
    unrated,
    lose() {
      if (waiting) this.refuse(NOT_SAVED);
      unrated("Your count is not saved: the connection was lost.");
    },
    kept(id, time) {
      if (!of(id).holds()) unsent.delete(id);
      if (!waiting) saved.textContent = questions.some(q => q.holds()) ? HELD : `Draft saved ${clock(time)}`;
    },
    flush, stop,
  };
}

/* ------------------------------------------------------------------------------------ card */

function notice(text) {
  return h("section", {class: "smt-card smt-notice", role: "note"}, icon("info"), h("p", {}, text));
}

function render({model, el}) {
  const view = model.get("view");
  if (view.notice) { el.replaceChildren(notice(view.notice)); return undefined; }
  try { return cardOf(view, model, el); } catch (error) {
    console.error(error);
    el.replaceChildren(notice("This scenario could not be drawn. Your saved answers are kept. Reload the page; if this stays, tell whoever gave you this course."));
    return undefined;
  }
}

function cardOf(view, model, el) {
  const label = newId("title");
  const scenes = h("div", {class: "smt-scenes"});
  const end = h("div", {class: "smt-end"});
  const live = h("p", {class: "smt-hidden smt-live", role: "status"});
  const again = h("button", {type: "button", class: "smt-button smt-again", onclick: () => retry()}, "Try again");
  const card = h("section", {class: "smt-card", "data-slug": view.slug, "aria-labelledby": label},
    h("header", {class: "smt-header"}, h("p", {class: "smt-kicker"}, "Scenario"), h("h3", {class: "smt-title", id: label}, view.title)),
    view.void ? h("p", {class: "smt-note"}, "This scenario was taken out of the marking: everyone has its points.") : null,
    scenes, end, live,
    view.skipped ? h("p", {class: "smt-note"}, `${plural(view.skipped, "line")} of answers.jsonl could not be read and ${view.skipped === 1 ? "was" : "were"} left out.`) : null);
  let shown = [], lost = false, ended = "";

  const send = message => {
    try { model.send(message); } catch { line.broke(); }
    if (lost) shown.find(scene => scene.id === message.scene)?.lose();
    return undefined;
  };
  /* Scenes that stay keep their nodes, so that what is typed and focused is not disturbed. */
  const draw = (how = "update") => {
    const now = model.get("view");
    shown.slice(now.scenes.length).forEach(gone => gone.stop());
    shown = now.scenes.map((data, n) => {
      const old = shown[n];
      if (old?.id === data.id) { old[how](data); return old; }
      old?.stop();
      return sceneOf(data, now, n + 1, send);
    });
    shown.forEach((scene, n) => {
      if (scenes.children[n] !== scene.el) scenes.insertBefore(scene.el, scenes.children[n] ?? null);
    });
    while (scenes.children.length > shown.length) scenes.lastChild.remove();
    finish();
  };
  /* While a scene is tried again, what came after it and the debrief step aside. */
  const finish = () => {
    const {debrief: told, answered} = model.get("view");
    const at = shown.findIndex(scene => scene.trying);
    shown.forEach((scene, n) => { scene.el.hidden = at >= 0 && n > at; });
    card.dataset.progress = answered ? "done" : "open";
    const now = JSON.stringify(at < 0 ? told : null);
    if (now === ended) return;
    ended = now;
    end.replaceChildren(...(told && at < 0 ? [debrief(told), h("div", {class: "smt-commit"}, again,
      h("span", {class: "smt-quiet"}, "for learning; your first answer counts and stays"))] : []));
  };
  const retry = () => {
    shown[0].again();
    finish();
    live.textContent = "A new try. Your first answer counts and stays.";
    shown[0].top().focus();
    shown[0].el.scrollIntoView({block: "start"});
  };
  const heard = message => {
    const scene = shown.find(item => item.id === message?.scene);
    if (message?.do === "kept") scene?.kept(message.question, message.time);
    else if (message?.do === "looked") draw("look");
    else if (message?.do === "back") {
      draw();
      (shown.find(item => item.id === message.scene) ?? shown.at(-1)).title.focus();
    }
    else if (message?.do === "rated") scene?.rated(message, model.get("view").scenes.find(data => data.id === scene.id));
    else if (message?.do === "refused" && message.to === "rate") scene?.unrated(message.why);
    else if (message?.do === "refused") scene?.refuse(message.why, message.missing);
    else if (message?.do === "committed" || message?.do === "elsewhere") {
      draw();
      const n = shown.findIndex(item => item.id === message.scene), now = model.get("view");
      const next = shown[n + 1];
      const words = summary(now.scenes[n]?.committed?.feedback ?? []);
      if (message.do === "elsewhere") { shown[n]?.refuse(message.why); shown[n]?.title.focus(); return; }
      live.textContent = `Saved ${clock(message.time)}. ${words}${next ? ` Scene ${n + 2} follows.` : ""}`;
      shown[n].title.focus({preventScroll: true});
      shown[n].title.scrollIntoView({block: "start"});
    }
  };

  draw();
  el.replaceChildren(card);
  model.on("msg:custom", heard);
  const line = listen(model, {
    tell(word) {
      lost = word === "lost";
      if (lost) shown.forEach(scene => scene.lose());
    },
    look() { try { model.send({do: "look"}); } catch { /* the heartbeat will tell */ } },
    unsent: () => shown.some(scene => scene.unsent()),
  });
  const away = () => { if (document.visibilityState === "hidden") flush(); };
  const flush = () => shown.forEach(scene => scene.flush());
  document.addEventListener("visibilitychange", away);
  addEventListener("pagehide", flush);
  return () => {
    line.leave();
    model.off("msg:custom", heard);
    document.removeEventListener("visibilitychange", away);
    removeEventListener("pagehide", flush);
    shown.forEach(scene => scene.stop());
  };
}

export default { render };
