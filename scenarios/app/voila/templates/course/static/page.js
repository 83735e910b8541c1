/* The page's line to its kernel. Cards come as widgets; this gives each of them its model and its
   place as soon as its cell has run, and nothing else, so that a page needs one small script
   instead of a whole application. In JupyterLab the same cards have JupyterLab's own widgets. */
(() => {
  const AGAIN = [500, 1000, 2000, 5000];  /* milliseconds before the line is tried anew */
  const PATIENCE = 20000;                 /* milliseconds from the last cell to the last card */
  const page = JSON.parse(document.getElementById("course-page").textContent);
  const session = crypto.randomUUID?.() ?? String(Math.random()).slice(2);
  const models = new Map();
  const manager = {reach};                /* one for all cards: they share a heartbeat */
  const asked = new Map();                /* questions to the kernel itself, by message */
  let socket, tries = 0, number = 0, waiting = [], next = 0;

  /* ------------------------------------------------------------------------------- the line */

  function connect() {
    clearTimeout(next);
    const url = new URL(`${page.base}api/kernels/${page.kernel}/channels`, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    url.searchParams.set("session_id", session);
    socket = new WebSocket(url);
    socket.onopen = () => {
      tries = 0;
      waiting.splice(0).forEach(text => socket.send(text));
      manager.opened?.();
    };
    socket.onmessage = event => { if (typeof event.data === "string") hear(JSON.parse(event.data)); };
    socket.onclose = () => {
      next = setTimeout(connect, AGAIN[Math.min(tries++, AGAIN.length - 1)]);
      manager.broke?.();
    };
  }

  /* Until the line stands for the first time messages wait; a line that broke says so. */
  function say(comm, data) { post("comm_msg", {comm_id: comm, data}); }

  function post(type, content) {
    const id = `${session}-${++number}`;
    const text = JSON.stringify({
      header: {msg_id: id, msg_type: type, session, username: "", date: new Date().toISOString(), version: "5.3"},
      parent_header: {}, metadata: {}, content, channel: "shell",
    });
    if (socket.readyState === WebSocket.OPEN) socket.send(text);
    else if (socket.readyState === WebSocket.CONNECTING && !tries) waiting.push(text);
    else throw new Error("the line to the kernel is broken");
    return id;
  }

  function hear(message) {
    asked.get(message.parent_header?.msg_id)?.(message);
    if (message.msg_type !== "comm_msg") return;
    const model = models.get(message.content.comm_id), {method, state, content} = message.content.data;
    if (!model) return;
    if (method === "update") model.take(state);
    else if (method === "custom") model.tell("msg:custom", content, []);
  }

  /* What became of a kernel whose heartbeat stopped: "away" when the server does not answer, "gone"
     when it knows no such kernel or the kernel no such cards, otherwise "lost", for now. */
  async function reach() {
    try {
      const reply = await fetch(`${page.base}api/kernels/${page.kernel}`, {signal: AbortSignal.timeout(PATIENCE / 4)});
      if (!reply.ok) return reply.status === 404 ? "gone" : "away";
    } catch { return "away"; }
    if (socket.readyState === WebSocket.CLOSED) connect();
    if (socket.readyState !== WebSocket.OPEN) return "lost";
    const comms = await new Promise(done => {
      const id = post("comm_info_request", {target_name: "jupyter.widget"});
      setTimeout(done, PATIENCE / 4, null);
      asked.set(id, message => { if (message.msg_type === "comm_info_reply") done(message.content.comms); });
    });
    asked.clear();
    if (!comms) { reconnect(); return "lost"; }   /* a line may look open and lead nowhere */
    return [...models.keys()].some(id => id in comms) ? "lost" : "gone";
  }

  function reconnect() {
    tries ||= 1;
    socket.onclose = socket.onmessage = null;
    socket.close();
    connect();
  }

  /* ------------------------------------------------------------------------------ the cards */

  function modelOf(id) {
    const heard = new Map();
    let state;
    let known;
    const model = {
      widget_manager: manager,
      known: new Promise(done => { known = done; }),
      get: name => state?.[name],
      set: (name, value) => { state = {...state, [name]: value}; },
      save_changes: () => say(id, {method: "update", state, buffer_paths: []}),
      send: content => say(id, {method: "custom", content}),
      on: (name, then) => heard.set(name, [...heard.get(name) ?? [], then]),
      off: (name, then) => heard.set(name, (heard.get(name) ?? []).filter(one => one !== then)),
      tell: (name, ...what) => heard.get(name)?.forEach(then => then(...what)),
      take(news) {
        state = {...state, ...news};
        if ("_esm" in state) known();  /* an update may come before the whole state */
        Object.keys(news).forEach(name => model.tell(`change:${name}`, model, state[name]));
      },
    };
    models.set(id, model);
    say(id, {method: "request_state"});
    return model;
  }

  /* The same script and the same style are taken once, however many cards bring them. */
  const scripts = new Map(), styles = new Set();

  function scriptOf(text) {
    if (!scripts.has(text)) {
      const url = URL.createObjectURL(new Blob([text], {type: "text/javascript"}));
      scripts.set(text, import(url).finally(() => URL.revokeObjectURL(url)));
    }
    return scripts.get(text);
  }

  function dress(text) {
    if (styles.has(text)) return;
    styles.add(text);
    const style = document.createElement("style");
    style.textContent = text;
    document.head.append(style);
  }

  async function show(output) {
    const model = modelOf(output.dataset.model);
    await model.known;
    dress(model.get("_css") ?? "");
    const {default: widget} = await scriptOf(model.get("_esm"));
    widget.render({model, el: output});
    output.removeAttribute("data-model");
  }

  /* ------------------------------------------------------------------------------- the page */

  const main = document.querySelector("main"), progress = document.getElementById("course-progress");
  const shown = [];

  /** Put what a cell made to its place; the template with it stands right before the caller. */
  function place(id) {
    const made = document.querySelector(`template[data-place="${id}"]`);
    const outputs = [...made.content.querySelectorAll("[data-model]")];
    document.getElementById(id).replaceWith(made.content);
    made.remove();
    shown.push(...outputs.map(show));
  }

  function state(word) {
    document.body.dataset.courseState = word;
    progress.hidden = word === "ready";
    if (word !== "fault") return;
    progress.setAttribute("role", "alert");
    progress.textContent = "The questions did not come up. Your saved answers are kept. " +
      "Reload the page; if this stays, close the course and open it again.";
  }

  /* Called once all cells have run. A card that comes late is still welcome. */
  function end() {
    const late = setTimeout(() => state("fault"), PATIENCE);
    Promise.all(shown).then(() => { clearTimeout(late); state("ready"); },
      error => { console.error(error); clearTimeout(late); state("fault"); });
  }

  /* Both menus close with Escape and by a click elsewhere. */
  for (const menu of document.querySelectorAll(".course-menu")) {
    addEventListener("click", event => { if (!menu.contains(event.target)) menu.open = false; });
    addEventListener("keydown", event => {
      if (event.key !== "Escape" || !menu.open) return;
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  }

  connect();
  const steps = {place, end};
  for (const [step, what] of courseSteps.splice(0)) steps[step](what);
  courseSteps.push = ([step, what]) => steps[step](what);

  /* A page that is left frees its kernel; one that the browser kept has lost it and starts anew. */
  addEventListener("pagehide", () => {
    const xsrf = /(?:^|; )_xsrf=([^;]*)/.exec(document.cookie)?.[1] ?? "";
    const form = new FormData();
    form.append("_xsrf", xsrf);
    navigator.sendBeacon(`${page.base}voila/api/shutdown/${page.kernel}`, form);
  });
  addEventListener("pageshow", event => { if (event.persisted) location.reload(); });
})();
