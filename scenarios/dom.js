/* Making nodes. Everything the bank or a learner wrote becomes text, never markup. */

const FOCUSABLE = new Set(["a", "button", "input", "select", "summary", "textarea"]);
const NS = "http://www.w3.org/2000/svg";
let made = 0;

/** A new id, unique on the page even where several copies of this module run. */
const page = Math.random().toString(36).slice(2, 8);
function newId(what) { return `smt-${page}-${what}-${++made}`; }

/** h("p", {class: "x", onclick: f}, "text", node, [more]) makes an HTML element. */
function h(tag, props = {}, ...children) {
  return fill(document.createElement(tag), tag, props, children);
}

/** The same for a drawing. */
function s(tag, props = {}, ...children) {
  return fill(document.createElementNS(NS, tag), tag, props, children);
}

function fill(node, tag, props, children) {
  for (const [key, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "value" || key === "checked" || key === "disabled") node[key] = value;
    else node.setAttribute(key, value === true ? "" : value);
  }
  /* JupyterLab looks at the focused element only before it takes a key for itself. */
  if (FOCUSABLE.has(tag) || "tabindex" in props) {
    node.setAttribute("data-lm-suppress-shortcuts", "true");
  }
  node.append(...children.flat(Infinity).filter(c => c !== null && c !== undefined && c !== ""));
  return node;
}

/** Text with blank lines as paragraphs. */
function prose(text, className) {
  const parts = String(text).split(/\n\s*\n/).filter(part => part.trim());
  return h("div", {class: className}, parts.map(part => h("p", {}, part.trim())));
}

function hidden(text) { return h("span", {class: "smt-hidden"}, text); }

function plural(n, one, many = `${one}s`) { return `${n} ${n === 1 ? one : many}`; }

/** "14:03", or "12 May, 14:03" when it was another day. */
function clock(iso) {
  const at = iso ? new Date(iso) : new Date();
  if (Number.isNaN(at.getTime())) return "";
  const time = at.toLocaleTimeString("en-GB", {hour: "2-digit", minute: "2-digit"});
  if (at.toDateString() === new Date().toDateString()) return time;
  return `${at.toLocaleDateString("en-GB", {day: "numeric", month: "short"})}, ${time}`;
}

/** Outline icons on a 24 by 24 grid, drawn with the color of the text. */
const ICONS = {
  best: ["M12 2.5a9.5 9.5 0 1 0 0 19 9.5 9.5 0 0 0 0-19z", "M7.5 12.3l3.2 3.2 5.8-6.4"],
  acceptable: ["M12 2.5a9.5 9.5 0 1 0 0 19 9.5 9.5 0 0 0 0-19z", "M7.5 12.5c1.5-1.6 3-1.6 4.5-.4s3 1.2 4.5-.5"],
  risky: ["M12 3.2L22 20.5H2z", "M12 9.5v5", "M12 17.4v.2"],
  violation: ["M8 2.8h8L21.2 8v8L16 21.2H8L2.8 16V8z", "M8.5 8.5l7 7", "M15.5 8.5l-7 7"],
  right: ["M5 12.5l4.5 4.5L19 7"],
  missed: ["M12 5v9", "M12 18v.3"],
  wrong: ["M6.5 6.5l11 11", "M17.5 6.5l-11 11"],
  partly: ["M12 2.5a9.5 9.5 0 1 0 0 19 9.5 9.5 0 0 0 0-19z", "M7.5 12h9"],
  written: ["M4 20l1-4.5L16 4.5l3.5 3.5L8.5 19z", "M13.5 7l3.5 3.5"],
  up: ["M12 19V6", "M6 11.5L12 5.5l6 6"],
  down: ["M12 5v13", "M6 12.5l6 6 6-6"],
  flag: ["M5.5 21V4", "M5.5 4.5h12l-2.5 4 2.5 4h-12"],
  pin: ["M12 21.5s7-6.3 7-11.7A7 7 0 0 0 5 9.8c0 5.4 7 11.7 7 11.7z", "M12 12.3a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z"],
  tag: ["M12 12.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8z", "M4.5 20.5c.8-4 3.8-6 7.5-6s6.7 2 7.5 6"],
  heart: ["M12 20.3S3.5 15 3.5 9.2A4.5 4.5 0 0 1 12 7a4.5 4.5 0 0 1 8.5 2.2C20.5 15 12 20.3 12 20.3z"],
  info: ["M12 2.5a9.5 9.5 0 1 0 0 19 9.5 9.5 0 0 0 0-19z", "M12 11v6", "M12 7.3v.2"],
  mail: ["M3 5.5h18v13H3z", "M3.5 6.5L12 13l8.5-6.5"],
  phone: ["M6.5 3.5h3l1.5 4.5-2 1.5a11 11 0 0 0 5.5 5.5l1.5-2 4.5 1.5v3a2 2 0 0 1-2.2 2A17 17 0 0 1 4.5 5.7a2 2 0 0 1 2-2.2z"],
  chat: ["M4 5h16v11H10l-4.5 4v-4H4z"],
  lock: ["M6 11h12v9.5H6z", "M8.5 11V8a3.5 3.5 0 0 1 7 0v3"],
  spark: ["M12 3l2 6.5L20.5 12 14 14.5 12 21l-2-6.5L3.5 12 10 9.5z"],
  page: ["M6 3h8.5L18.5 7v14H6z", "M14 3v4.5h4.5", "M9 12h6.5", "M9 15.5h6.5"],
  eye: ["M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z", "M12 14.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6z"],
  video: ["M3 6.5h12v11H3z", "M15 10.5l6-3.5v10l-6-3.5z"],
  gear: ["M4 7h9", "M17 7h3", "M4 17h3", "M11 17h9", "M15 9.3a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.6z", "M9 19.3a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.6z"],
};

function icon(name) {
  return s("svg", {class: `smt-icon smt-icon-${name}`, viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false"},
    (ICONS[name] ?? []).map(d => s("path", {d})));
}
