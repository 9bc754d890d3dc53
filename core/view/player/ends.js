/* The two ends of a conversation at the cursor: state, variables with units, timers, sequence space and
 * buffers.  What changed at this moment stands out. */

const PANELS = [["send", "Send sequence space"], ["receive", "Receive sequence space"],
                ["congestion", "Congestion control"], ["time", "Round trip"], ["buffers", "Buffers"]];

/* Sequence numbers that only count at times. */
const UNSET_WHEN_0 = new Set(["snd_up", "rcv_up", "recover", "ts_recent"]);

class Ends {
  constructor(trace, root) {
    this.trace = trace;
    this.root = root;
    this.numbers = "relative";
  }

  setConversation(conversation) {
    this.conversation = conversation;
    this.root.innerHTML = (conversation ? conversation.ends : []).map((c, i) => `<article class="end" data-end="${i}"></article>`).join("");
    this.cards = [...this.root.children];
    this.shown = this.cards.map(() => "");
  }

  render(cursor) {
    if (!this.conversation) return;
    this.trace.endsAt(this.conversation, cursor.event).forEach((c, i) => {
      const html = c ? this.card(c, cursor) : `<h2>${this.trace.word("the other end")}</h2><p class="soft">${this.trace.word("not a drywire TCP")}</p>`;
      if (html === this.shown[i]) return;
      this.shown[i] = html;
      this.cards[i].innerHTML = html;
    });
  }

  /* Whether a course has a new value at the cursor's instant. */
  isNew(course, cursor) {
    const i = lastAtMost(course.events, cursor.event);
    return i >= 0 && this.trace.events.time[course.events[i]] === cursor.instant;
  }

  card(c, cursor) {
    const state = c.state(cursor.event);
    const sure = this.trace.certainty(c.states.events[lastAtMost(c.states.events, cursor.event)]);
    const title = `<h2>${escapeText(this.trace.nodeName(c.node))}<span class="soft">:${c.port}</span> ` +
                  `<b class="badge ${state ? stateClass(this.trace, c.protocol, state) : "closed"}${this.isNew(c.states, cursor) ? " new" : ""}">` +
                  `${escapeText(state ? this.trace.word(state) : "—")}${sure === "likely" ? "?" : ""}</b>` +
                  `${sure ? ` <span class="soft sure">${this.trace.word(sure)}</span>` : ""}</h2>`;
    if (cursor.event < c.born) return `${title}<p class="soft">${this.trace.word("no connection yet")}</p>`;
    return title + this.space(c, cursor) + this.panels(c, cursor) + this.timers(c, cursor);
  }

  panels(c, cursor) {
    const groups = new Map(PANELS.map(([id]) => [id, []]));
    for (const [name, course] of c.variables) {
      const value = course.at(cursor.event), known = VARIABLES[name] || [name, "", "congestion"];
      if (value === undefined || (value === 0 && UNSET_WHEN_0.has(name))) continue;
      const unit = ["octets", "octets/s"].includes(known[1]) ? this.trace.word(known[1]) : "";
      groups.get(known[2]).push(
        `<tr class="${this.isNew(course, cursor) ? "new" : ""}" data-variable="${escapeText(name)}"><th scope="row">${escapeText(this.trace.word(known[0]))}</th>` +
        `<td>${escapeText(valueText(name, value, c, cursor.event, this.numbers))}</td><td class="unit">${unit}</td></tr>`);
    }
    return `<div class="panels">` + PANELS.map(([id, title]) => groups.get(id).length
      ? `<table><caption>${this.trace.word(title)}</caption>${groups.get(id).sort(byPlace).join("")}</table>` : "").join("") + "</div>";
  }

  timers(c, cursor) {
    const rows = [];
    for (const [name, course] of c.timers) {
      const t = course.at(cursor.event);
      if (!t) continue;
      const left = t.at - cursor.time, whole = Math.max(1, t.at - t.set);
      rows.push(`<li data-timer="${escapeText(name)}"><span>${escapeText(this.trace.word(name))}</span>` +
                `<meter min="0" max="1" value="${Math.max(0, Math.min(1, left / whole)).toFixed(3)}" aria-label="time left"></meter>` +
                `<span class="left">${duration(Math.max(0, left))}</span></li>`);
    }
    return `<ul class="timers" aria-label="${this.trace.word("Timers")}">${rows.join("") || `<li class="soft">${this.trace.word("no timer runs")}</li>`}</ul>`;
  }

  /* SND.UNA … SND.NXT … the edge of the window, and what waits, as one bar. */
  space(c, cursor) {
    const v = name => c.variable(name, cursor.event);
    const una = v("snd_una"), nxt = v("snd_nxt");
    const flight = nxt !== undefined && una !== undefined ? (nxt - una) >>> 0 : v("flight") || 0;
    const cwnd = v("cwnd"), wnd = v("snd_wnd");
    if (cwnd === undefined && wnd === undefined) return "";
    const limit = Math.min(cwnd === undefined ? Infinity : cwnd, wnd === undefined ? Infinity : wnd);
    const usable = Math.max(0, (Number.isFinite(limit) ? limit : 0) - flight), unsent = v("unsent") || 0;
    const unread = v("unread") || 0, early = v("early") || 0;
    const scale = Math.max(1, ...[cwnd, wnd, flight, unsent].map(x => x || 0));
    const part = x => `${(100 * Math.min(1, x / scale)).toFixed(1)}%`;
    const t = this.trace, octets = (phrase, x) => t.phrase(phrase, valueText("flight", x));
    const bar = (title, parts) => `<div class="gauge" title="${title}"><span class="gauge-name">${title}</span><span class="gauge-bar">` +
      parts.map(([kind, x]) => `<i class="${kind}" style="width:${part(x)}"></i>`).join("") + "</span>" +
      `<span class="gauge-text">${parts.filter(p => p[2]).map(p => p[2]).join(" · ")}</span></div>`;
    return `<div class="gauges">` +
      bar(t.word("window"), [["flying", flight, octets("%s in flight", flight)], ["usable", usable, octets("%s may follow", usable)]]) +
      (unsent ? bar(t.word("to send"), [["waiting", unsent, octets("%s", unsent)]]) : "") +
      (unread || early ? bar(t.word("received"), [["unread", unread, octets("%s unread", unread)], ["early", early, early ? octets("%s out of order", early) : ""]]) : "") +
      "</div>";
  }
}

/* Rows stand in the order of VARIABLES, whichever came first. */
const PLACES = new Map(Object.keys(VARIABLES).map((name, i) => [name, i]));
function byPlace(a, b) {
  const place = row => PLACES.get(/data-variable="([^"]*)"/.exec(row)[1]) ?? 99;
  return place(a) - place(b);
}
