/* Runs a course notebook when it opens in JupyterLab and shows it as the app does: its text and
   its cards, not its code. Only notebooks that ask for it ("course": {"autorun": true} in their
   metadata) are touched.

   It is written by hand in the form that JupyterLab loads (a module-federation container), so that
   it needs no build: no imports, everything is reached through what JupyterLab hands over. */
(() => {
  const NAME = "course-run-on-open";
  const SILENT = ["setup", "score"];      /* tags of cells that a learner never sees */
  const FAULT = "This part of the page could not be shown. Your saved answers are kept. " +
    "Close the notebook and open it again.";

  const STYLE = `
    .course-app .jp-CodeCell .jp-Cell-inputWrapper,
    .course-app .jp-InputPrompt, .course-app .jp-OutputPrompt, .course-app .jp-OutputArea-promptOverlay,
    .course-app .jp-InputCollapser, .course-app .jp-OutputCollapser,
    .course-app .jp-cell-toolbar, .course-app .jp-Notebook-footer,
    .course-app .course-silent,
    .course-app .course-failed .jp-OutputArea { display: none !important; }
    .course-app .jp-WindowedPanel-viewport { padding: 1rem 1.25rem 3rem; }
    .course-app .jp-Notebook .jp-Cell {
      max-width: 46rem; margin-inline: auto; padding: 0; border: 0; }
    .course-app .jp-Notebook .jp-Cell::before { display: none; }
    .course-app .jp-RenderedHTMLCommon { font-size: 1rem; line-height: 1.65; padding-right: 0; }
    .course-app .jp-OutputArea-output { padding: 0; overflow: visible; }
    .course-app .course-failed::after {
      content: "${FAULT}"; display: block; padding: .75rem 1rem; margin-block: 1rem;
      border: 1px solid #8a1c1c; border-radius: .4rem; color: #8a1c1c; background: #fdf0ef; }`;

  const tags = cell => cell.model.getMetadata("tags") || [];

  /* Command-mode keys (b, x, d d, arrows) act on cells while a radio button, a checkbox or a button
     in an output has the focus: one key deletes the card. The attribute that switches them off
     counts only on the focused element itself. */
  function keepKeysOut(panel) {
    panel.content.node.addEventListener("focusin", event => {
      if (event.target.closest(".jp-OutputArea"))
        event.target.setAttribute("data-lm-suppress-shortcuts", "true");
    }, true);
  }

  function hideSilent(panel) {
    for (const cell of panel.content.widgets)
      if (tags(cell).some(tag => SILENT.includes(tag))) cell.addClass("course-silent");
  }

  /* Runs every cell but the marks. One card that fails does not take the others with it. */
  async function run(panel) {
    hideSilent(panel);
    let failed = false;
    for (const cell of panel.content.widgets) {
      if (cell.model.type !== "code" || tags(cell).includes("score")) continue;
      if (!cell.model.sharedModel.getSource().trim()) continue;
      cell.model.trusted = true;
      cell.removeClass("course-failed");
      /* The cell's own class has the function that JupyterLab runs cells with. */
      const reply = await cell.constructor.execute(cell, panel.sessionContext);
      if (reply && reply.content.status === "ok") continue;
      failed = true;
      cell.removeClass("course-silent");
      cell.addClass("course-failed");
      cell.node.setAttribute("role", "alert");
    }
    state(panel, failed ? "fault" : "ready");
  }

  /* What the page is doing, for tests and style: starting, ready, restarting, fault. */
  function state(panel, word) { panel.node.dataset.courseState = word; }

  async function open(panel, context, closed) {
    await context.ready;
    const course = context.model.sharedModel.getMetadata("course");
    if (!course || !course.autorun) return;
    panel.addClass("course-app");
    state(panel, "starting");
    keepKeysOut(panel);
    hideSilent(panel);
    await context.sessionContext.ready;
    const kernel = context.sessionContext.session && context.sessionContext.session.kernel;
    if (!kernel) { state(panel, "fault"); return; }
    await kernel.info;          /* a cell run before the kernel answers is silently dropped */
    await panel.revealed;
    if (closed()) return;
    await run(panel);
    let again = false;          /* a kernel that was restarted has forgotten its cards */
    context.sessionContext.statusChanged.connect((_, status) => {
      if (closed()) return;
      if (status === "restarting" || status === "autorestarting") {
        again = true;
        state(panel, "restarting");
      } else if (status === "idle" && again) {
        again = false;
        run(panel);
      }
    });
  }

  const plugin = {
    id: `${NAME}:plugin`,
    description: "Runs course notebooks when they open and shows them without their code.",
    autoStart: true,
    activate: app => {
      const style = document.createElement("style");
      style.textContent = STYLE;
      document.head.append(style);
      app.docRegistry.addWidgetExtension("Notebook", {
        createNew(panel, context) {
          let over = false;
          open(panel, context, () => over).catch(error => {
            console.error(NAME, error);
            state(panel, "fault");
          });
          return { get isDisposed() { return over; }, dispose() { over = true; } };
        }
      });
    }
  };

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB[NAME] = {
    init: () => Promise.resolve(),
    get: name => name === "./extension"
      ? Promise.resolve(() => ({ __esModule: true, default: plugin }))
      : Promise.reject(new Error(name))
  };
})();
