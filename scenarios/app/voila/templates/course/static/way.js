/* The way through a long module: how many scenarios are answered, a list of its parts with the same
   for each, and one button to the next scenario that is still open. It reads what the cards say of
   themselves (`data-progress`) and writes nothing; without it the page is whole. */
(() => {
  const main = document.querySelector("main"), way = document.getElementById("course-way");
  const count = way.querySelector(".course-way-count > span"), fill = way.querySelector(".course-way-bar > span");
  const parts = way.querySelector("details"), list = way.querySelector("ol"), go = way.querySelector("button");
  const asked = Number(way.dataset.asked);
  let planned = false, said = "";

  const cards = () => [...main.querySelectorAll(".smt-card[data-slug]")];
  const done = card => card.dataset.progress === "done";
  const sheet = () => [...main.querySelectorAll(".smt-sheet")].at(-1);

  /** Each heading with the cards up to the next one, and how it went, which is the last panel. */
  function chapters() {
    const found = [], last = sheet();
    for (const node of main.querySelectorAll(".course-text h2[id], .smt-card[data-slug], .smt-sheet")) {
      if (node.tagName === "H2") found.push({heading: node, cards: []});
      else if (node.dataset.slug) found.at(-1)?.cards.push(node);
      else if (node === last) found.push({heading: node.querySelector(".smt-title"), cards: []});
    }
    return found.filter(one => one.heading);
  }

  function item({heading, cards: own}) {
    const link = document.createElement("a"), mark = document.createElement("span");
    link.href = `#${encodeURIComponent(heading.id)}`;
    link.textContent = heading.firstChild.textContent;
    link.onclick = () => { parts.open = false; };
    mark.className = "course-way-mark";
    const line = document.createElement("li");
    line.append(link, " ", mark);
    line.draw = () => {
      const n = own.filter(done).length;
      mark.textContent = own.length ? (n === own.length ? `✓ ${n} of ${n}` : `${n} of ${own.length}`) : "";
    };
    return line;
  }

  function draw() {
    const all = cards(), n = all.filter(done).length;
    if (document.body.dataset.courseState === "ready" && !planned) {
      planned = true;
      list.replaceChildren(...chapters().map(item));
      parts.hidden = false;
    }
    if (planned) for (const line of list.children) line.draw();
    if (all.length < asked) return;   /* cards are still coming; the server has counted already */
    const words = `${n} of ${asked}`;
    if (words !== said) count.textContent = said = words;
    fill.style.width = `${100 * n / asked}%`;
    go.hidden = !planned || !n || (n === asked && !main.querySelector(".smt-sheet"));
    go.textContent = n === asked ? "How you did" : "Go on";
    go.setAttribute("aria-label", n === asked ? "Go to how you did" : "Go on with the next open scenario");
  }

  /* Forward from what is being read, whose top is where a jump puts it or above; what was passed over
     comes after the last one. */
  go.onclick = () => {
    const open = cards().filter(one => !done(one)), top = parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop) || 0;
    const card = open.find(one => one.getBoundingClientRect().top > 1.5 * top) ?? open[0] ?? sheet();
    const title = card?.querySelector(".smt-title");
    if (!title) return;
    card.scrollIntoView({block: "start"});
    title.tabIndex = -1;
    title.focus({preventScroll: true});
  };

  let next = 0;
  const later = () => { next ||= requestAnimationFrame(() => { next = 0; draw(); }); };
  const watch = new MutationObserver(later);
  watch.observe(main, {subtree: true, childList: true, attributes: true, attributeFilter: ["data-progress"]});
  watch.observe(document.body, {attributes: true, attributeFilter: ["data-course-state"]});
  draw();
})();
