/* The line to the kernel: one heartbeat and one bar for everything on a page that a kernel answers.
   Only an answer that stays away counts: a browser that slept or slowed its timers must not raise
   a false alarm. When the line is back, everything is looked at anew; when the kernel is another
   one, the page says so and offers to be opened again. */

const PATIENCE = 8000;   /* milliseconds after which a dead kernel is announced at the latest */
const BEAT = 1500;
const GRACE = 1500;      /* milliseconds in which a line that blinked is not worth a word */
const LINE = {
  lost: "The connection was lost. Your saved answers are kept, and this page goes on as soon as the course answers.",
  away: "The connection was lost. Your saved answers are kept. If the course was closed, start it again: it opens a new page beside this one. Otherwise this page goes on by itself.",
  gone: "The course was started anew, and this page no longer reaches it. Your saved answers are kept.",
  back: "Connected again. This page is up to date.",
};
const UNSENT = "What you changed last is on this screen only: copy a text before you close this page or open it again.";

function beats(model) {
  const all = globalThis[Symbol.for("smt-beats")] ??= new WeakMap();
  const key = model.widget_manager ?? model;
  if (!all.has(key)) all.set(key, {members: new Set(), timer: 0, asked: 0, ticked: 0, line: "here", asking: false});
  return all.get(key);
}

/** Hear about the line; returns {broke, acted, leave}: call `broke` when a message could not be sent,
    `acted` when something was done that others on the page may show, and `leave` in the end.
    `member` has `tell(word)`, called with "lost" and "back", and may have `look()`, to ask for what
    is on record now, `news()`, for when another one acted, and `unsent()`: is anything on the screen
    only? */
function listen(model, member) {
  const beat = beats(model), mine = {model, ...member};
  const any = () => beat.members.values().next().value?.model;
  const turn = (line, after = 0) => {
    if (line === beat.line) return;
    const was = beat.line;
    beat.line = line;
    clearTimeout(beat.telling);
    const say = () => sayLine(beat, line);
    if (after) beat.telling = setTimeout(say, after); else say();
    for (const m of beat.members) {
      if (line === "back") { m.tell("back"); m.look?.(); } else if (was === "here" || was === "back") m.tell("lost");
    }
    if (line === "back") beat.telling = setTimeout(() => { beat.line = "here"; sayLine(beat, "here"); }, PATIENCE);
  };
  const tick = async () => {
    sayUnsent(beat);
    const now = Date.now();
    if (now - beat.ticked > PATIENCE) beat.asked = 0;
    beat.ticked = now;
    beat.asked ||= now;
    try { any().send({do: "ping"}); } catch { /* no line */ }
    if (beat.line === "here" || beat.line === "back") {
      if (now - beat.asked < PATIENCE - 1.5 * BEAT) return;
      turn("lost");
    }
    if (beat.asking || beat.line === "gone") return;
    beat.asking = true;
    const found = await reach(any()).catch(() => "lost");
    beat.asking = false;
    if (beat.asked && (found === "away" || found === "gone")) turn(found);
  };
  const heard = message => {
    if (message?.do !== "pong") return;
    beat.asked = 0;
    if (beat.line !== "here" && beat.line !== "back") turn("back");
  };
  const broke = () => {
    beat.asked ||= Date.now();
    if (beat.line === "here" || beat.line === "back") turn("lost", GRACE);
  };
  const acted = () => { for (const m of beat.members) if (m !== mine) m.news?.(); };
  if (model.widget_manager?.reach) Object.assign(model.widget_manager, {broke, opened: tick});
  /* Whoever comes back to a page may have answered in another one meanwhile. */
  const seen = () => { if (document.visibilityState === "visible" && beat.line === "here") mine.look?.(); };
  beat.members.add(mine);
  model.on("msg:custom", heard);
  document.addEventListener("visibilitychange", seen);
  if (!beat.timer) { beat.ticked = Date.now(); beat.timer = setInterval(tick, BEAT); }
  if (beat.line !== "here" && beat.line !== "back") mine.tell("lost");
  const leave = () => {
    beat.members.delete(mine);
    model.off("msg:custom", heard);
    document.removeEventListener("visibilitychange", seen);
    if (beat.members.size) return;
    clearInterval(beat.timer);
    clearTimeout(beat.telling);
    Object.assign(beat, {timer: 0, asked: 0, line: "here"});
    sayLine(beat, "here");
  };
  return {broke, acted, leave};
}

/** Ask beyond the heartbeat what became of a kernel that is silent: "lost" while nobody knows,
    "away" when its server does not answer either, "gone" when it is no more or a new one. */
async function reach(model) {
  const manager = model?.widget_manager;
  if (manager?.reach) return manager.reach();     /* the app's own page */
  if (!manager || !("kernel" in manager)) return "lost";
  const kernel = manager.kernel;                  /* JupyterLab */
  if (!kernel || kernel.isDisposed || kernel.status === "dead") return "gone";
  if (kernel.connectionStatus !== "connected") return "lost";
  const reply = await kernel.requestCommInfo({target_name: "jupyter.widget"});
  return Object.keys(reply.content.comms ?? {}).length ? "lost" : "gone";
}

/* The bar is there from the first need on, so that what it says is read aloud. */
function sayLine(beat, line) {
  if (!beat.bar && (line === "here" || line === "back")) return;
  if (line === "back" && beat.bar.hidden) return;
  beat.bar ??= h("div", {class: "smt-card smt-line-bar"},
    h("p", {class: "smt-line-alert", role: "alert"}), h("p", {class: "smt-line-status", role: "status"}),
    h("button", {type: "button", class: "smt-button", onclick: () => location.reload()}, "Open this page again"));
  if (!beat.bar.isConnected) document.body.append(beat.bar);
  const [alert, status, button] = beat.bar.children;
  const words = LINE[line] ?? "";
  beat.bar.hidden = line === "here";
  button.hidden = line !== "gone";
  alert.textContent = line === "back" ? "" : words;
  status.textContent = line === "back" ? words : "";
  sayUnsent(beat);
}

/* While the line is away: what is on the screen only, as soon as there is something. And the bar
   covers nothing: the page ends above it, and what has the focus comes out from under it. */
function sayUnsent({bar, line, members}) {
  if (!bar) return;
  const away = !["here", "back"].includes(line), status = bar.children[1];
  if (away) status.textContent = [...members].some(m => m.unsent?.()) ? UNSENT : "";
  const room = bar.hidden ? "" : `${bar.offsetHeight + 8}px`, page = document.documentElement.style;
  if (page.scrollPaddingBottom === room) return;
  page.scrollPaddingBottom = document.body.style.paddingBottom = room;
  const at = document.activeElement;
  if (room && at !== document.body && !bar.contains(at)) at.scrollIntoView({block: "nearest"});
}
