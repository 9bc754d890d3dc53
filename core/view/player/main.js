/* The page: one cursor in the trace, and everything that follows it. */

/* Drawn, since few fonts have them. */
const icon = path => `<svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true"><path fill="currentColor" d="${path}"/></svg>`;
const ICONS = {
  first: icon("M2 2h2v12H2zM14 2v12L5 8z"), back: icon("M10 2v12L2 8zM12 2h2v12h-2z"), play: icon("M3 1l11 7-11 7z"),
  pause: icon("M3 2h4v12H3zM9 2h4v12H9z"), forward: icon("M6 2v12l8-6zM2 2h2v12H2z"), last: icon("M12 2h2v12h-2zM2 2v12l9-6z"),
};

const $ = id => document.getElementById(id);

class Player {
  constructor(data) {
    this.trace = new Trace(data);
    const t = this.trace;
    if (t.translated) this.translate(document.body);
    this.speed = 1;
    this.playing = false;
    this.hurried = false;
    this.cursor = { event: -1, time: 0, y: 0, instant: 0, fresh: true };
    this.all = t.conversations();
    this.ladder = new Ladder(t, $("ladder"), $("paper"), $("drawing"), $("heads"));
    this.wire = new Wire(t, $("wire"));
    this.ends = new Ends(t, $("ends"));
    this.segment = new Segment(t, $("segment"));
    this.plots = new Plots(t, { tabs: $("plot-tabs"), panel: $("plot"), chart: $("chart"), line: $("chart-cursor"), note: $("plot-note") },
                           time => this.seek(time));
    $("title").title = $("title").textContent = document.title = t.title || t.nodes.map(n => n[0]).join(" – ");
    this.showMarks();
    this.fillConversations();
    for (const id of ["first", "back", "forward", "last"]) $(id).innerHTML = ICONS[id];
    this.showPlaying();
    this.listen();
    const address = location.hash;
    this.openPicture();
    this.readCut(address);
    this.choose(this.conversationOf(t.picture.conn));
    this.open();
    this.follow(address);
  }

  /* What the page says by itself, in the picture's language. */
  translate(root) {
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = texts.nextNode(); node; node = texts.nextNode()) {
      const text = node.nodeValue.trim();
      if (text && !node.parentElement.closest("script, style")) node.nodeValue = node.nodeValue.replace(text, () => this.trace.word(text));
    }
    for (const name of ["aria-label", "title", "placeholder"])
      for (const element of root.querySelectorAll(`[${name}]`)) element.setAttribute(name, this.trace.word(element.getAttribute(name)));
    document.documentElement.lang = this.trace.picture.language;
  }

  /* What signs mean, of an imported trace. */
  showMarks() {
    const t = this.trace, marks = ["dashed: certain", "dotted, open head: likely arrived", "likely lost",
                                   "fading, ?: unknown whether it arrived", "faded bar: state"];
    $("marks").hidden = !t.isInferred();
    $("marks").textContent = [t.word("inferred"), ...marks.map(m => (m === "likely lost" ? "✕?: " : "") + t.word(m))].join(" · ");
  }

  /* Its numbers, and what it leaves out. */
  openPicture() {
    const { numbers, labels, times, states } = this.trace.picture;
    if (labels) $("numbers").insertAdjacentHTML("beforeend", `<option value="${numbers}">${this.trace.word(numbers)}</option>`);
    $("numbers").value = numbers;
    this.setNumbers(numbers);
    $("part-pick").hidden = !this.trace.part;
    document.documentElement.classList.toggle("no-times", !times);
    document.documentElement.classList.toggle("no-states", !states);
  }

  /* The place in the list of a connection (0: the first). */
  conversationOf(conn) {
    const at = conn ? this.all.findIndex(c => c.lives.flat().some(x => x && x.number === conn)) : 0;
    return this.all.length ? Math.max(0, at) : -1;
  }

  fillConversations() {
    const every = this.all.length === 1 ? "" : `<option value="-1">${this.trace.word("all")}</option>`;
    $("conversation").innerHTML = this.all.map((c, i) => `<option value="${i}">${escapeText(c.title)}</option>`).join("") + every;
  }

  choose(index) {
    this.conversation = this.all[index] || null;
    $("conversation").value = String(index);
    this.layout = new Layout(this.trace, this.conversation, this.cut);
    this.ladder.setLayout(this.layout);
    this.wire.setLayout(this.layout);
    this.ends.setConversation(this.conversation || this.all[0]);
    this.plots.setConversation(this.conversation || this.all[0]);
    $("scrubber").max = String(this.layout.height || 1);
    this.find($("query").value);
    if (this.cursor.fresh) this.open();
    else this.toEvent(Math.max(0, this.cursor.event), true);
  }

  /* Where there is something to see: both ends are there, and nothing is veiled until somebody moves. */
  open() {
    const shown = this.layout.shownEvents;
    if (!shown.length) return;
    const talk = this.conversation || this.all[0], there = talk ? this.trace.bothThere(talk) : 0;
    this.toEvent(shown.find(i => i >= there && this.trace.isPacket(i)) ?? shown[0]);
    this.cursor.fresh = true;
  }

  /* Moving. */

  place(event, time, y, strict) {
    const e = this.trace.events;
    this.cursor = { event, time, y, instant: event >= 0 ? e.time[event] : 0, fresh: false };
    const shown = lastAtMost(this.layout.shownEvents, event);
    this.stop = shown;
    this.focus(shown >= 0 ? this.layout.shownEvents[shown] : -1);
    this.ladder.show(y, strict);
    this.changed();
  }

  toEvent(event, strict) {
    if (event >= 0 && event < this.trace.events.count) this.place(event, this.trace.events.time[event], this.layout.y[event], strict);
    this.remember();
  }

  seekY(y) {
    if (this.trace.events.count === 0) return;
    const e = this.trace.events, inside = Math.max(0, Math.min(y, this.layout.height)), time = this.layout.timeOfY(inside);
    this.place(Math.max(0, lastAtMost(this.layout.upTo, inside + 1e-9)), time, inside);
  }

  seek(time) {
    if (this.trace.events.count === 0) return;
    const inside = Math.max(0, Math.min(time, this.trace.end));
    this.place(Math.max(0, lastAtMost(this.trace.events.time, inside)), inside, this.layout.yOfTime(inside), true);
    this.remember();
  }

  step(direction, everything) {
    this.pause();
    if (everything) {
      const next = this.cursor.event + direction;
      if (next >= 0 && next < this.trace.events.count) this.toEvent(next);
      return;
    }
    const stops = this.layout.shownEvents, here = this.stop;
    const between = here >= 0 && this.cursor.y > this.layout.y[stops[here]] + 1e-6;
    const next = direction > 0 ? here + 1 : between ? here : here - 1;
    if (next >= 0 && next < stops.length) this.toEvent(stops[next]);
    else this.toEvent(direction > 0 ? this.layout.last : this.layout.first);
  }

  /* The packet of the event that the cursor is on, if it has one. */
  focus(event) {
    const packet = event >= 0 && this.trace.isPacket(event) ? this.trace.field(event, 0) : 0;
    this.focused = event;
    if (packet && !this.hurried) this.select(packet, event);
  }

  /* Dragged along: details wait until the hand rests. */
  hurry() {
    const REST = 120;
    this.hurried = true;
    clearTimeout(this.resting);
    this.resting = setTimeout(() => {
      this.hurried = false;
      this.focus(this.focused);
      this.remember();
      this.changed();
    }, REST);
  }

  select(packet, event) {
    this.segment.show(packet, event);
    this.ladder.selected = packet;
    this.changed();
  }

  /* Playing: so many pixels of the ladder a second, so that long silences pass quickly. */
  play() {
    if (this.cursor.fresh || this.cursor.y >= this.layout.height - 0.5) this.toEvent(this.layout.first, true);
    this.playing = true;
    this.lastFrame = 0;
    this.showPlaying();
    this.changed();
  }
  pause() {
    if (!this.playing) return;
    this.playing = false;
    this.showPlaying();
    this.remember();
  }
  toggle() { if (this.playing) this.pause(); else this.play(); }

  showPlaying() {
    $("play").innerHTML = this.playing ? ICONS.pause : ICONS.play;
    $("play").setAttribute("aria-label", this.trace.word(this.playing ? "Pause" : "Play"));
  }

  advance(now) {
    const PIXELS_A_SECOND = 60;
    if (this.lastFrame) {
      const y = this.cursor.y + Math.min(now - this.lastFrame, 100) / 1000 * PIXELS_A_SECOND * this.speed;
      this.seekY(y);
      if (y >= this.layout.height) this.pause();
    }
    this.lastFrame = now;
  }

  setSpeed(direction) {
    const options = [...$("speed").options], i = options.findIndex(o => +o.value === this.speed) + direction;
    if (!options[i]) return;
    $("speed").value = options[i].value;
    this.speed = +options[i].value;
  }

  /* Searching. */

  find(query) {
    const found = search(this.trace, this.layout.shownEvents, query);
    this.found = found;
    this.ladder.matches = found ? new Set(found) : null;
    $("matches").textContent = found ? this.trace.phrase("%s found", found.length) : "";
    $("search").classList.toggle("none", found !== null && found.length === 0);
    this.changed();
  }

  nextMatch(direction) {
    const list = this.found;
    if (!list || list.length === 0) return;
    let i = lastAtMost(list, this.cursor.event - (direction < 0 ? 1 : 0)) + (direction > 0 ? 1 : 0);
    i = (i + list.length) % list.length;
    this.toEvent(list[i], true);
  }

  /* The address: #e=12 the event, counted from 1; #t=1.5s a time; #p=3 a packet.  In front of it a cut:
   * #from=8&to=14, packets by their numbers, instead of the part that the page opens with; #from=1 is
   * everything. */

  readCut(address) {
    const m = /^#from=(\d+)(?:&to=(\d+))?/.exec(address), before = this.cutText;
    const whole = m && +m[1] <= 1 && !m[2], named = m && !whole ? new Cut(+m[1], m[2] ? +m[2] : Infinity) : null;
    this.cut = m ? named : this.trace.part;
    this.cutText = m ? m[0].slice(1) : "";
    $("part").value = this.cut && this.cut === this.trace.part ? "part" : "everything";
    return before !== this.cutText;
  }

  remember() {
    const hash = `#${this.cutText && `${this.cutText}&`}e=${this.trace.events.number[this.cursor.event] || 1}`;
    if (location.hash === hash) return;
    this.written = hash;
    history.replaceState(null, "", hash);
  }

  /* Another address was written. */
  go(address) {
    if (this.readCut(address)) {
      this.cursor.fresh = true;
      this.choose(this.all.indexOf(this.conversation));
    }
    this.follow(address);
  }

  follow(address) {
    const m = /^#(?:from=\d+(?:&to=\d+)?&)?(?:e=(\d+)|p=(\d+)|t=([\d.]+)(ns|us|ms|s)?)$/.exec(address);
    if (!m) return;
    if (m[1]) { /* the first event with this number, or the last of all */
      const e = this.trace.events, before = lastAtMost(e.number, Math.max(0, +m[1] - 1));
      this.toEvent(Math.min(before + 1, e.count - 1), true);
    }
    if (m[2]) {
      const hops = this.trace.hopsOf.get(+m[2]);
      if (hops) this.toEvent(hops[0].departs, true);
    }
    if (m[3]) this.seek(+m[3] * { ns: 1, us: 1e3, ms: 1e6, s: 1e9 }[m[4] || "s"]);
  }

  /* Drawing, once a frame at most. */

  changed() {
    if (this.pending) return;
    this.pending = requestAnimationFrame(now => {
      this.pending = 0;
      if (this.playing) this.advance(now);
      this.render();
      if (this.playing) this.changed();
    });
  }

  render() {
    const c = this.cursor;
    this.ladder.render(c, this.hurried && this.layout.height > 4 * this.ladder.view);
    this.wire.render(c);
    this.ends.render(c);
    this.plots.render(c);
    if ($("scrubber") !== this.dragging) $("scrubber").value = String(c.y);
    $("scrubber").setAttribute("aria-valuetext", `${seconds(c.time)} seconds`);
    $("clock").textContent = `${seconds(c.time)} s`;
    const now = this.focused >= 0 ? sentence(this.trace, this.focused, this.numbers) : "";
    if ($("now").textContent !== now) $("now").textContent = now;
    this.frames = (this.frames || 0) + 1;
  }

  resize() {
    this.ladder.resize();
    this.wire.resize();
    this.plots.resize();
    this.changed();
  }

  setNumbers(numbers) {
    this.numbers = this.ladder.numbers = this.ends.numbers = this.segment.numbers = numbers;
    if (this.segment.packet) this.segment.show(this.segment.packet, this.segment.event);
    this.changed();
  }

  listen() {
    const on = (id, what, fn) => $(id).addEventListener(what, fn);
    on("conversation", "change", () => { this.cursor.fresh = true; this.choose(+$("conversation").value); });
    on("numbers", "change", () => this.setNumbers($("numbers").value));
    on("part", "change", () => this.go($("part").value === "part" ? "#" : "#from=1"));
    on("first", "click", () => { this.pause(); this.toEvent(this.layout.first, true); });
    on("last", "click", () => { this.pause(); this.toEvent(this.layout.last, true); });
    on("back", "click", () => this.step(-1));
    on("forward", "click", () => this.step(1));
    on("play", "click", () => this.toggle());
    on("speed", "change", () => { this.speed = +$("speed").value; });
    on("scrubber", "input", () => { this.pause(); this.hurry(); this.seekY(+$("scrubber").value); });
    on("query", "input", () => this.find($("query").value));
    on("search", "submit", ev => { ev.preventDefault(); this.nextMatch(1); $("ladder").focus(); });
    on("help-button", "click", () => $("help").showModal());
    on("ladder", "scroll", () => this.changed());
    on("ladder", "click", ev => this.pick(ev.target));
    on("wire", "click", ev => this.pick(ev.target));
    on("segment", "click", ev => { if (ev.target.closest("[data-hop]")) { ev.preventDefault(); this.pick(ev.target); } });
    window.addEventListener("resize", () => this.resize());
    window.addEventListener("hashchange", () => { if (location.hash !== this.written) this.go(location.hash); });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.plots.draw());
    document.addEventListener("keydown", ev => this.key(ev));
  }

  pick(target) {
    const hop = target.closest("[data-hop]"), event = target.closest("[data-event]");
    if (hop) {
      const h = this.trace.hops[+hop.dataset.hop];
      this.pause();
      this.toEvent(h.departs);
      this.select(h.packet, h.departs);
    } else if (event) {
      this.pause();
      this.toEvent(+event.dataset.event);
    }
  }

  key(ev) {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(ev.target.tagName) && ev.target.type !== "range";
    if (ev.key === "Escape") {
      $("query").value = "";
      this.find("");
      if (typing) $("ladder").focus();
      return;
    }
    if (typing || ev.ctrlKey || ev.metaKey || ev.altKey || $("help").open) return;
    const act = { " ": () => this.toggle(), ArrowRight: () => this.step(1, ev.shiftKey), ArrowLeft: () => this.step(-1, ev.shiftKey),
                  Home: () => { this.pause(); this.toEvent(this.layout.first, true); }, End: () => { this.pause(); this.toEvent(this.layout.last, true); },
                  "/": () => $("query").focus(), "?": () => $("help").showModal(), "+": () => this.setSpeed(1), "=": () => this.setSpeed(1),
                  "-": () => this.setSpeed(-1), n: () => this.nextMatch(1), N: () => this.nextMatch(-1) }[ev.key];
    const tab = /^[1-6]$/.test(ev.key) ? PLOTS[+ev.key - 1] : null;
    if (ev.key === " " && ev.target.tagName === "BUTTON" && ev.target.id !== "play") return;
    if (!act && !tab) return;
    ev.preventDefault();
    if (tab) this.plots.choose(tab[0]); else act();
  }
}

/* For tests and for those who look closer: the page's only global. */
window.drywire = new Player(JSON.parse($("trace").textContent));
