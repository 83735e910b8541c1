/* The line to the kernel.
   One beat for all cards of a kernel. Only an answer that stays away counts: a browser that
   slept or slowed its timers must not raise a false alarm. */

const PATIENCE = 8000, BEAT = 2000;
const LOST = "The connection was lost. Your saved answers are kept: reload this page to go on.";

function beats(model) {
  const all = globalThis[Symbol.for("smt-beats")] ??= new WeakMap();
  const key = model.widget_manager ?? model;
  if (!all.has(key)) all.set(key, {cards: new Set(), timer: 0, asked: 0, ticked: 0, lost: false});
  return all.get(key);
}

function listen(model, tell) {
  const beat = beats(model), card = {model, tell};
  const say = lost => {
    if (lost === beat.lost) return;
    beat.lost = lost;
    [...beat.cards].forEach((c, n) => c.tell(lost, n === 0));
  };
  const tick = () => {
    const now = Date.now();
    if (now - beat.ticked > PATIENCE) beat.asked = 0;
    beat.ticked = now;
    beat.asked ||= now;
    try { beat.cards.values().next().value.model.send({do: "ping"}); } catch { /* no kernel */ }
    if (now - beat.asked > PATIENCE - BEAT) say(true);
  };
  const heard = message => {
    if (message?.do !== "pong") return;
    beat.asked = 0;
    say(false);
  };
  beat.cards.add(card);
  model.on("msg:custom", heard);
  if (!beat.timer) { beat.ticked = Date.now(); beat.timer = setInterval(tick, BEAT); }
  if (beat.lost) tell(true, false);
  return () => {
    beat.cards.delete(card);
    model.off("msg:custom", heard);
    if (!beat.cards.size) { clearInterval(beat.timer); beat.timer = 0; beat.lost = false; }
  };
}
