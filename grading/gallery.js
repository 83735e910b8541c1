/* Draws every card with the learner's own script over a stand-in for the kernel. Answers given here
   go nowhere; what a commit shows is what was made for this page. */
(async () => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const text = JSON.parse(document.getElementById("card").textContent);
  const url = URL.createObjectURL(new Blob([text], {type: "text/javascript"}));
  const {default: widget} = await import(url);
  const cards = [];

  /* A model whose kernel answers the heartbeat, keeps drafts nowhere and refuses commits. */
  function modelOf(view) {
    const heard = [];
    const tell = message => setTimeout(() => heard.forEach(then => then(message, [])));
    return {
      widget_manager: data,
      get: name => name === "view" ? view : undefined,
      on: (name, then) => { if (name === "msg:custom") heard.push(then); },
      off: (name, then) => { if (heard.includes(then)) heard.splice(heard.indexOf(then), 1); },
      send(message) {
        if (message.do === "ping") tell({do: "pong"});
        if (message.do === "back") tell({do: "back", scene: message.scene});
        if (message.do === "rate") tell({do: "refused", to: "rate", scene: message.scene,
          why: "Nothing is kept in the gallery."});
        if (message.do === "commit") tell({do: "refused", scene: message.scene,
          why: "Nothing is kept in the gallery. Show the key above to read the feedback."});
      },
    };
  }

  function cardOf(item) {
    const {plain, shown} = data[item.dataset.item];
    const place = item.querySelector(".place"), buttons = item.querySelector(".ways");
    let leave;
    const draw = way => {
      leave?.();
      leave = widget.render({model: modelOf(way < 0 ? plain : shown[way].view), el: place});
      [...buttons.children].forEach((b, n) => b.setAttribute("aria-pressed", String(n === way)));
    };
    shown.forEach(({name}, n) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = name === "Key" ? "Key and feedback" : `Way ${n + 1}: ${name}`;
      button.onclick = () => draw(button.getAttribute("aria-pressed") === "true" ? -1 : n);
      buttons.append(button);
    });
    draw(-1);
    return draw;
  }

  document.querySelectorAll("[data-item]").forEach(item => cards.push(cardOf(item)));
  const all = document.getElementById("all");
  all.onclick = () => {
    const on = all.getAttribute("aria-pressed") !== "true";
    all.setAttribute("aria-pressed", String(on));
    cards.forEach(draw => draw(on ? 0 : -1));
    if (on) document.querySelectorAll("main details").forEach(d => { d.open = true; });
  };
  document.body.dataset.galleryState = "ready";
  if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
})();
