/* Artefacts: the thing itself, drawn with a generic look. Nothing in it can be pressed. */

const ARTEFACTS = {
  request: drawRequest, post: drawPost, review: drawReview, thread: drawThread, email: drawEmail,
  profile: drawProfile, panel: drawPanel, document: drawDocument,
};

const CHANNELS = {
  dm: ["chat", "a private message thread"], sms: ["phone", "text messages"],
  chat: ["chat", "a chat among colleagues"], stream: ["video", "a live stream with its chat"],
  ai: ["spark", "a chat with an assistant program"], call: ["phone", "a telephone call"],
};

const CAPTIONS = {
  request: a => `a request from ${a.name}`,
  post: a => `${a.draft ? "a draft post" : "a post"} by ${a.who}`,
  review: a => `a review by ${a.who} on ${a.site}`,
  thread: a => `${CHANNELS[a.channel][1]}, ${a.title}`,
  email: a => `an e-mail from ${a.sender}`,
  profile: a => `the page of ${a.name}`,
  panel: a => `a screen, ${a.title}`,
  document: a => `a page, ${a.title}`,
};

/** The figure for an artefact, or nothing where the scene has none. */
function artefact(data) {
  if (!data) return null;
  const caption = newId("artefact");
  const look = data.kind === "thread" ? `${data.kind} smt-${data.channel}` : data.kind;
  return h("figure", {class: "smt-artefact", role: "group", "aria-labelledby": caption, "data-artefact": data.kind},
    h("figcaption", {class: "smt-hidden", id: caption}, `What you see: ${CAPTIONS[data.kind](data)}`),
    h("div", {class: `smt-screen smt-art-${look}`}, ARTEFACTS[data.kind](data)));
}

/* --------------------------------------------------------------------------------- pieces */

function avatar(name, size = "") {
  const words = String(name).replace(/^(?:Dr|Mr|Mrs|Ms|Mx|Prof)\.?\s/, "").match(/[\p{L}\p{N}]+/gu) ?? ["?"];
  if (!/\p{L}/u.test(name)) return h("span", {class: `smt-avatar smt-tone-5 ${size}`, "aria-hidden": "true"}, icon("tag"));
  const letters = (words.length > 1 ? [words[0], words.at(-1)] : [words[0]]).map(w => [...w][0].toUpperCase());
  const tone = [...String(name)].reduce((sum, c) => (sum * 31 + c.codePointAt(0)) % 997, 7) % 6;
  return h("span", {class: `smt-avatar smt-tone-${tone} ${size}`, "aria-hidden": "true"}, letters.join(""));
}

/** Facts in one quiet line, with dots between them. */
function facts(items, className = "smt-facts") {
  const given = items.filter(Boolean);
  return given.length ? h("p", {class: className}, given.map((item, n) =>
    [n ? h("span", {class: "smt-dot", "aria-hidden": "true"}, " · ") : "", n ? hidden(", ") : "", h("span", {}, item)])) : null;
}

function byline(who, ...rest) {
  return h("div", {class: "smt-byline"}, avatar(who), h("div", {},
    h("p", {class: "smt-name"}, who), facts(rest)));
}

function bar(name, title, note) {
  return h("div", {class: "smt-topbar"}, icon(name), h("p", {}, h("b", {}, title), note ? h("span", {class: "smt-facts"}, note) : null));
}

function comments(items) {
  return items.length ? h("ul", {class: "smt-comments"}, items.map(c => h("li", {}, avatar(c.who, "smt-small"),
    h("div", {}, h("div", {class: "smt-comment"}, h("p", {class: "smt-name"}, c.who), h("p", {}, c.text)), facts([c.when]))))) : null;
}

function pretend(actions) {
  return actions.length ? [
    h("div", {class: "smt-actions"}, h("p", {}, "Buttons in this picture:"), hidden(` ${actions.join(", ")}`),
      actions.map(a => h("span", {"aria-hidden": "true"}, a))),
  ] : null;
}

/* ---------------------------------------------------------------------------------- kinds */

function drawRequest(a) {
  return [
    bar("tag", a.title),
    h("div", {class: "smt-pad smt-requester"}, avatar(a.name, "smt-large"), h("div", {},
      /* "likes you" goes on after the name; "Is this okay now?" is what that person wrote. */
      h("p", {}, h("span", {class: "smt-name"}, a.name), ...(/^\p{Lu}/u.test(a.note) ? [] : [" ", a.note])),
      facts([a.handle]), /^\p{Lu}/u.test(a.note) ? h("p", {class: "smt-asks"}, a.note) : null, facts(a.facts)),
      pretend(a.actions)),
  ];
}

function drawPost(a) {
  return [
    a.title || a.draft ? h("div", {class: "smt-topbar"}, icon(a.draft ? "written" : "page"),
      h("p", {}, h("b", {}, a.title || "Draft")), a.draft ? h("span", {class: "smt-badge"}, "Draft, not published") : null) : null,
    h("div", {class: "smt-pad"},
      byline(a.who, a.handle, a.when, a.place ? h("span", {class: "smt-place-name"}, icon("pin"), hidden("at "), a.place) : ""),
      a.text ? prose(a.text, "smt-post-text") : null,
      a.photo ? photo(a.photo) : null,
      a.tagged.length ? h("p", {class: "smt-tagged"}, icon("tag"), h("span", {}, "Tagged: ", a.tagged.join(", "))) : null,
      a.reactions ? h("p", {class: "smt-reactions"}, icon(/\bviews?\b/i.test(a.reactions) && !/\blikes?\b/i.test(a.reactions) ? "eye" : "heart"), a.reactions) : null,
      comments(a.comments)),
    a.notice ? h("p", {class: "smt-notify"}, icon("info"), h("span", {}, a.notice)) : null,
  ];
}

function drawReview(a) {
  const star = n => s("svg", {viewBox: "0 0 24 24", class: n < a.stars ? "smt-star smt-lit" : "smt-star"},
    s("path", {d: "M12 2.6l2.9 6.1 6.6.9-4.8 4.6 1.2 6.6L12 17.6l-5.9 3.2 1.2-6.6L2.5 9.6l6.6-.9z"}));
  return [
    bar("page", a.site),
    h("div", {class: "smt-pad"}, byline(a.who, a.when),
      h("p", {class: "smt-stars"}, hidden(`${a.stars} of 5 stars`), h("span", {"aria-hidden": "true"}, [0, 1, 2, 3, 4].map(star))),
      prose(a.text, "smt-post-text"), facts([a.helpful]), comments(a.replies)),
  ];
}

function drawThread(a) {
  const [sign] = CHANNELS[a.channel];
  const bubbles = a.channel === "dm" || a.channel === "sms";
  const time = m => m.when ? h("span", {class: "smt-time"}, m.when) : null;
  const line = (m, n) => {
    const who = m.who || (m.mine ? "You" : a.title);
    const follows = n > 0 && a.messages[n - 1].mine === m.mine && a.messages[n - 1].who === m.who;
    const side = m.mine ? "smt-mine" : "smt-theirs";
    if (bubbles) {
      return h("li", {class: `${side}${follows ? " smt-follows" : ""}`}, follows || !m.who || m.who === a.title || m.mine ? hidden(`${who}: `) : h("span", {class: "smt-who"}, m.who),
        h("span", {class: "smt-bubble"}, m.text), time(m));
    }
    const face = a.channel === "ai" && !m.mine ? h("span", {class: "smt-avatar smt-bot", "aria-hidden": "true"}, icon("spark")) : avatar(who);
    return h("li", {class: side}, a.channel === "call" ? null : face,
      h("div", {}, h("p", {}, h("span", {class: "smt-name"}, who), hidden(": "), " ", time(m)), h("p", {class: "smt-message"}, m.text)));
  };
  return [
    a.channel === "stream" ? h("div", {class: "smt-video", "aria-hidden": "true"}, h("span", {class: "smt-live-badge"}, "Live"), presenter()) : null,
    bubbles ? h("div", {class: "smt-topbar"}, avatar(a.title, "smt-small"), h("p", {}, h("b", {}, a.title))) : bar(sign, a.title),
    a.note ? h("p", {class: "smt-thread-note"}, a.note) : null,
    h("ul", {class: "smt-messages"}, a.messages.map(line)),
  ];
}

function drawEmail(a) {
  const row = (label, text) => text ? h("div", {}, h("dt", {}, label), h("dd", {}, text)) : null;
  return [
    bar("mail", a.subject || "Message"),
    h("div", {class: "smt-pad"}, h("dl", {class: "smt-letterhead"}, row("From", a.sender), row("To", a.to)), prose(a.body, "smt-post-text")),
  ];
}

function drawProfile(a) {
  return [
    h("div", {class: "smt-cover", "aria-hidden": "true"}),
    h("div", {class: "smt-pad"}, avatar(a.name, "smt-large"), h("p", {class: "smt-name smt-big"}, a.name), facts([a.handle]),
      a.about ? prose(a.about, "smt-post-text") : null,
      a.facts.length ? h("ul", {class: "smt-points"}, a.facts.map(fact => h("li", {}, fact))) : null,
      a.photo ? photo(a.photo) : null),
  ];
}

function drawPanel(a) {
  const state = row => row.on === null ? null : h("span", {class: `smt-switch${row.on ? " smt-on" : ""}`},
    h("span", {class: row.value ? "smt-hidden" : null}, row.on ? "On" : "Off"), h("span", {class: "smt-knob", "aria-hidden": "true"}));
  return [
    bar("gear", a.title),
    h("ul", {class: "smt-rows"}, a.rows.map(row => h("li", {}, h("span", {}, row.label), row.value || row.on !== null ? hidden(": ") : "",
      h("span", {class: "smt-value"}, row.value, row.value && row.on !== null ? " " : "", state(row))))),
    a.note ? h("p", {class: "smt-notify"}, icon("info"), h("span", {}, a.note)) : null,
  ];
}

function drawDocument(a) {
  return [
    h("div", {class: "smt-page"}, h("p", {class: "smt-page-title"}, a.title), a.lines.map(line => h("p", {}, line))),
    a.note ? h("p", {class: "smt-notify"}, icon("info"), h("span", {}, a.note)) : null,
  ];
}

/* --------------------------------------------------------------------------------- photos
   Drawn on 320 by 200. Flat shapes, no likeness of anybody. */

const SKIN = ["#8d5a3b", "#e0ac84", "#c68b5f", "#f0c9a4", "#6f4630", "#d59f75"];
const HAIR = ["#2d2320", "#5b3a22", "#1f2430", "#8a6a3c", "#3a2a2a", "#77736c"];
const CLOTHES = ["#35618e", "#a4553f", "#4d7a5a", "#7a5688", "#b58a35", "#4a5260"];

function box(x, y, width, height, fill, rx = 0, more = {}) { return s("rect", {x, y, width, height, fill, rx, ...more}); }
function dot(cx, cy, r, fill) { return s("circle", {cx, cy, r, fill}); }
function shape(d, fill, more = {}) { return s("path", {d, fill, ...more}); }

/** Words on a sign: in up to three lines, as large as the sign allows. */
function lettering(text, x, y, width, height, fill = "#26313f") {
  if (!text) return null;
  const lines = [""];
  const room = Math.max(10, Math.ceil(text.length / (text.length > 44 ? 3 : text.length > 18 ? 2 : 1)) + 3);
  for (const word of text.split(/\s+/)) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (longer.length > room && lines.at(-1)) lines.push(word); else lines[lines.length - 1] = longer;
  }
  const longest = Math.max(...lines.map(line => line.length));
  const size = Math.min(height / lines.length / 1.25, width / (longest * .66), 17);
  const top = y + height / 2 - (lines.length - 1) * size * .6 + size * .35;
  return lines.map((line, n) => s("text", {
    x: x + width / 2, y: top + n * size * 1.2, fill, "font-size": size.toFixed(1), "text-anchor": "middle", class: "smt-lettering",
  }, line));
}

function person(x, y, scale, n) {
  return s("g", {transform: `translate(${x} ${y}) scale(${scale})`},
    shape("M-26 120V62c0-24 10-35 26-35s26 11 26 35v58z", CLOTHES[n % 6]),
    box(-6, 14, 12, 16, SKIN[n % 6], 5), dot(0, 3, 16, SKIN[n % 6]),
    shape(n % 2 ? "M-17 4c-2-16 7-23 17-23s19 7 17 23c-4-9-9-12-17-12s-13 3-17 12z" : "M-18 16c-5-24 4-36 18-36s23 12 18 36c-3-3-3-14-5-19-6-4-20-4-26 0-2 5-2 16-5 19z", HAIR[n % 6]));
}

function people(count, y = 138, scale = 1) {
  const gap = Math.min(62, 250 / Math.max(count, 1));
  return Array.from({length: count}, (_, n) =>
    person(160 + (n - (count - 1) / 2) * gap, y + (n % 2 ? -7 : 0), scale * (count > 4 ? .82 : 1), n));
}

function plant(x, y) {
  return [shape(`M${x} ${y}c-16-8-18-26-12-40 8 8 12 18 12 28 0-14 4-26 14-34 5 16 2 36-14 46z`, "#4f8058"), box(x - 10, y - 3, 20, 18, "#b0694a", 3)];
}

const SCENES = {
  sign: label => [box(0, 0, 320, 200, "#bcd3e3"), box(30, 34, 260, 166, "#b5745a"),
    ...[60, 86, 112, 138].map(y => box(30, y, 260, 1.5, "#a2644c")), box(48, 52, 224, 64, "#f4efe4", 4, {stroke: "#5d4a3d", "stroke-width": 4}),
    lettering(label, 58, 56, 204, 56), box(70, 134, 54, 66, "#4b5c6b", 2), box(196, 134, 70, 40, "#dcebf2", 2, {stroke: "#5d4a3d", "stroke-width": 3})],
  door: label => [box(0, 0, 320, 200, "#d8d0c3"), box(0, 176, 320, 24, "#9d8d7a"), box(112, 18, 104, 160, "#6b4a36", 3), box(119, 25, 90, 153, "#85603f", 2),
    box(131, 38, 66, 52, "#d9e7ec", 3), box(131, 104, 66, 60, "#7a5637", 3), dot(201, 112, 4, "#e4c26a"), box(228, 58, 80, 44, "#f6f3ea", 3, {stroke: "#8b8072", "stroke-width": 2}),
    lettering(label, 231, 60, 74, 40), plant(66, 166)],
  office: label => [box(0, 0, 320, 200, "#e7dfd2"), box(0, 158, 320, 42, "#b99b7c"), box(24, 24, 82, 78, "#c7dfec", 2, {stroke: "#fff", "stroke-width": 5}), box(63, 24, 4, 78, "#fff"),
    box(180, 26, 100, 54, "#fbfaf5", 2, {stroke: "#8a6a4c", "stroke-width": 4}), lettering(label, 186, 30, 88, 46),
    shape("M44 170v-38q0-14 14-14h44q14 0 14 14v38z", "#5f7f83"), box(36, 140, 16, 38, "#52706f", 6), box(108, 140, 16, 38, "#52706f", 6),
    shape("M196 170v-38q0-14 14-14h44q14 0 14 14v38z", "#a8785a"), box(188, 140, 16, 38, "#946748", 6), box(260, 140, 16, 38, "#946748", 6), plant(298, 158)],
  outdoors: label => [box(0, 0, 320, 200, "#bfe0ee"), dot(266, 40, 20, "#f7d774"), shape("M0 128c50-34 96-38 150-8s112 22 170-14v94H0z", "#8db98a"), shape("M0 156c70-24 132-18 190 0s92 14 130 2v42H0z", "#6c9f70"),
    box(44, 96, 9, 50, "#7a5637"), dot(48, 84, 28, "#4f8058"), dot(68, 96, 18, "#5b8f63"),
    label ? [box(236, 112, 6, 46, "#7a5637"), box(184, 80, 112, 38, "#f4efe4", 4, {stroke: "#7a5637", "stroke-width": 3}), lettering(label, 188, 82, 104, 34)] : null],
  group: label => [box(0, 0, 320, 200, "#efe2cf"), box(0, 170, 320, 30, "#b99b7c"), ...[0, 1, 2, 3, 4, 5, 6, 7].map(n => shape(`M${n * 42 - 6} 8l14 22 14-22z`, CLOTHES[n % 6])),
    box(0, 5, 320, 3, "#6e6558"), label ? [box(56, 40, 208, 44, "#fbfaf5", 4, {stroke: "#a4553f", "stroke-width": 3}), lettering(label, 62, 42, 196, 40)] : null],
  desk: label => [box(0, 0, 320, 200, "#dfe4e6"), box(0, 122, 320, 78, "#b28a63"), box(0, 122, 320, 6, "#95714f"), box(86, 48, 132, 84, "#39414b", 6), box(93, 55, 118, 70, "#e9f0f4", 2),
    ...[68, 80, 92, 104].map((y, n) => box(103, y, [82, 96, 64, 88][n], 4, "#b6c3cd", 2)), shape("M72 132h160l12 16H60z", "#5a636e"), box(258, 112, 26, 32, "#a4553f", 4), shape("M284 118q14 0 14 10t-14 10", "none", {stroke: "#a4553f", "stroke-width": 5}),
    label ? [box(10, 142, 104, 46, "#f9e9a0", 1, {transform: "rotate(-4 62 165)"}), lettering(label, 14, 144, 96, 42)] : box(20, 146, 66, 44, "#fbfaf5", 1, {transform: "rotate(-6 53 168)"})],
  screen: label => [box(0, 0, 320, 200, "#cfd6dc"), box(34, 16, 252, 146, "#262d36", 8), box(43, 25, 234, 128, "#f4f7f9", 2), box(43, 25, 234, 20, "#35618e", 2), dot(54, 35, 3.5, "#dbe7f2"), dot(66, 35, 3.5, "#dbe7f2"),
    label ? lettering(label, 54, 50, 212, 46) : null, ...[104, 118, 132].map((y, n) => box(60, y, [190, 150, 172][n], 5, "#bcc8d1", 2)), box(142, 162, 36, 18, "#39414b"), box(112, 180, 96, 8, "#39414b", 3)],
  letter: label => [box(0, 0, 320, 200, "#8b6f55"), box(0, 0, 320, 200, "#9a7c60", 0, {opacity: .5}), s("g", {transform: "rotate(-3 160 100)"}, box(72, 14, 176, 186, "#fdfbf4", 2, {stroke: "#d8d2c3", "stroke-width": 1}),
    lettering(label, 84, 22, 152, 44), ...[78, 94, 110, 126, 142, 158].map((y, n) => box(92, y, [132, 118, 136, 108, 128, 70][n], 3.5, "#b9bfc8", 2))),
    shape("M28 200c-4-30 14-52 52-60l10 14c-22 10-30 26-30 46z", SKIN[1]), shape("M292 200c4-30-14-52-52-60l-10 14c22 10 30 26 30 46z", SKIN[1])],
  stage: label => [box(0, 0, 320, 200, "#2c2a3c"), shape("M160 0L60 170h200z", "#f2e7c4", {opacity: .18}), shape("M0 0h70c-6 70-26 120-70 150z", "#8e3242"), shape("M320 0h-70c6 70 26 120 70 150z", "#8e3242"), box(0, 168, 320, 32, "#6d4f38"),
    label ? [box(78, 22, 164, 48, "#fbfaf5", 3), lettering(label, 84, 24, 152, 44)] : null, shape("M206 122h48l-6 52h-36z", "#85603f"), box(202, 116, 56, 8, "#6b4a36", 2)],
};
/** Where people stand: close to the camera at a desk, further away on a stage. */
const STANDING = {stage: [112, .8], outdoors: [134, .95], sign: [146, .9], screen: [150, .9], letter: [150, .8]};

function photo(data) {
  const [y, scale] = STANDING[data.scene] ?? [138, 1];
  return h("div", {class: "smt-photo"}, s("svg", {viewBox: "0 0 320 200", role: "img", "aria-label": `Photo: ${data.alt}`, preserveAspectRatio: "xMidYMid slice"},
    SCENES[data.scene](data.label), people(data.people, y, scale)));
}

function presenter() {
  return s("svg", {viewBox: "0 0 320 120", "aria-hidden": "true", preserveAspectRatio: "xMidYMid slice"},
    box(0, 0, 320, 120, "#2a3140"), box(24, 14, 74, 56, "#3a4559", 3), box(226, 20, 66, 6, "#46526a", 3), box(226, 34, 48, 6, "#46526a", 3), person(160, 52, 1.15, 3));
}
