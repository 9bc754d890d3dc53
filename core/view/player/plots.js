/* Plots of one end of a conversation, drawn by dygraphs (https://dygraphs.com), with the ladder's
 * cursor across them.  A click sets the cursor, dragging zooms, a double click shows all again. */

const PLOTS = [["window", "Window"], ["time", "Round trip"], ["throughput", "Throughput"], ["queue", "Queue"],
               ["stevens", "Sequence"], ["tcptrace", "tcptrace"]];
const NOTES = {
  window: "octets; what the sender may have in flight, and what it has",
  time: "seconds; SRTT, its variation, and the retransmission timeout",
  throughput: "octets per second that reached each application's host",
  queue: "packets in front of each one that entered a queue",
  stevens: "each segment's first octet over the time it left ● , again ○ , lost × ; the line: what is acknowledged",
  tcptrace: "segments as bars ┃, again in red R; lower line: acknowledged; upper line: edge of the window; blue: SACK",
};

class Plots {
  constructor(trace, ui, onPick) {
    this.trace = trace;
    Object.assign(this, ui); /* tabs, panel, chart, line, note */
    this.onPick = onPick;
    this.kind = "window";
    this.cache = new Map();
    this.tabs.innerHTML = PLOTS.map(([id, title]) =>
      `<button type="button" role="tab" id="tab-${id}" data-plot="${id}" aria-selected="false">${trace.word(title)}</button>`).join("") +
      `<select id="plot-end" aria-label="Whose"></select>`;
    this.tabs.addEventListener("click", ev => {
      const tab = ev.target.closest("[data-plot]");
      if (tab) this.choose(tab.dataset.plot);
    });
    this.select = this.tabs.querySelector("select");
    this.select.addEventListener("change", () => { this.end = +this.select.value; this.draw(); });
  }

  setConversation(conversation) {
    this.conversation = conversation;
    this.cache.clear();
    const ends = conversation ? conversation.lives.flat().filter(Boolean) : [];
    const sent = ends.map(c => this.sentBy(c).reduce((n, s) => n + s.len, 0));
    this.end = Math.max(0, sent.indexOf(Math.max(...sent)));
    this.ends = ends;
    this.select.innerHTML = ends.map((c, i) => `<option value="${i}">${escapeText(this.nameOf(c))}</option>`).join("");
    this.select.value = String(this.end);
    this.choose(this.kind);
  }

  /* "client:5000", or where there are several of them, "client:5000 (2)" */
  nameOf(c) {
    const name = `${this.trace.nodeName(c.node)}:${c.port}`, lives = this.conversation.lives;
    return lives.length > 1 ? `${name} (${lives.findIndex(l => l.includes(c)) + 1})` : name;
  }

  choose(kind) {
    this.kind = kind;
    for (const tab of this.tabs.querySelectorAll("[data-plot]")) {
      tab.setAttribute("aria-selected", String(tab.dataset.plot === kind));
      tab.tabIndex = tab.dataset.plot === kind ? 0 : -1;
    }
    this.panel.setAttribute("aria-labelledby", `tab-${kind}`);
    this.note.textContent = this.trace.word(NOTES[kind]);
    this.draw();
  }

  /* Segments that an end sent: {t, seq (relative), len, lost, again}. */
  sentBy(c) {
    if (this.cache.has(c)) return this.cache.get(c);
    const t = this.trace, list = [];
    let highest = -Infinity;
    for (const h of t.hops) {
      if (!h.first || h.from !== c.node) continue;
      const p = t.packet(h.packet);
      if (p.conn !== c.number || h.copy) continue;
      const seq = (p.seq - p.seqFrom) | 0, last = t.hopsOf.get(h.packet);
      if (p.len) list.push({ t: t.events.time[h.departs] / 1e9, seq, len: p.len, again: seq < highest,
                             lost: last.some(x => x.lost >= 0), packet: h.packet });
      if (p.len) highest = Math.max(highest, seq + p.len);
    }
    this.cache.set(c, list);
    return list;
  }

  /* Acknowledgments that reached an end: {t, ack, edge, sack}. */
  acksTo(c) {
    const t = this.trace, list = [];
    let scale = 0, scaled = false;
    for (const h of t.hops) {
      if (h.arrives < 0 || h.to !== c.node) continue;
      const p = t.packet(h.packet);
      if (!t.goesTo(p, c) || t.isOfAnother(p, c) || !(p.does & ACKS)) continue;
      const head = t.heads[t.field(h.arrives, 3) - 1] || "", options = head.length > 2 * 40;
      const d = options ? decode(bytesOf(head), head.length / 2) : null;
      const found = name => d && d.tcp && (d.tcp.options.find(o => name in o) || {})[name];
      const syn = p.does & OPENS;
      if (syn && found("wscale") !== undefined) { scale = found("wscale"); scaled = true; }
      const ack = (p.ack - p.ackFrom) | 0;
      const sack = (found("sack") || []).map(b => b.map(x => (x - p.ackFrom) | 0));
      list.push({ t: t.events.time[h.arrives] / 1e9, ack, edge: ack + p.window * (scaled && !syn ? 2 ** scale : 1), sack });
    }
    return list;
  }

  /* Rows of several courses over one axis of time. */
  rowsOf(courses, unit) {
    const at = new Map();
    courses.forEach((course, k) => course.events.forEach((event, i) => {
      const x = this.trace.events.time[event] / 1e9;
      if (!at.has(x)) at.set(x, new Array(courses.length).fill(null));
      at.get(x)[k] = course.values[i] / unit;
    }));
    const rows = [...at].sort((a, b) => a[0] - b[0]).map(([x, values]) => [x, ...values]);
    if (rows.length) { /* what holds, holds until the end */
      const last = new Array(courses.length).fill(null);
      for (const r of rows) for (let k = 0; k < last.length; k++) if (r[k + 1] !== null) last[k] = r[k + 1];
      const end = this.active() / 1e9;
      if (end > rows[rows.length - 1][0]) rows.push([end, ...last]);
    }
    return rows;
  }

  /* Until the last packet: a long wait after it would squeeze the rest. */
  active() {
    const t = this.trace;
    let end = 0;
    for (const h of t.hops) {
      const last = h.arrives >= 0 ? h.arrives : h.departs;
      if (t.events.time[last] > end) end = t.events.time[last];
    }
    return end || t.end;
  }

  courses(names, unit) {
    const c = this.ends[this.end], found = names.filter(n => c && c.variables.has(n));
    return { labels: found.map(n => VARIABLES[n][0]), rows: this.rowsOf(found.map(n => c.variables.get(n)), unit), step: true };
  }

  /* The peer's window only where it matters: a large one would flatten the rest. */
  windows() {
    const c = this.ends[this.end];
    const most = name => c && c.variables.has(name) ? c.variables.get(name).values.reduce((a, b) => Math.max(a, b), 0) : 0;
    const peers = most("snd_wnd") <= 4 * most("cwnd") ? ["snd_wnd"] : [];
    return this.courses(["cwnd", "ssthresh", "flight", ...peers], 1);
  }

  throughput() {
    const t = this.trace, bins = 120, end = this.active(), width = Math.max(end / bins, 1);
    const labels = this.ends.map(c => `to ${this.conversation.lives.length > 1 ? this.nameOf(c) : t.nodeName(c.node)}`), sums = this.ends.map(() => new Float64Array(bins + 1));
    for (const h of t.hops) {
      if (h.arrives < 0 || h.refused >= 0) continue;
      const p = t.packet(h.packet);
      this.ends.forEach((c, k) => {
        if (p.len && h.to === c.node && t.goesTo(p, c))
          sums[k][Math.min(bins, Math.floor(t.events.time[h.arrives] / width))] += p.len;
      });
    }
    const rows = [];
    for (let i = 0; i <= bins; i++) rows.push([i * width / 1e9, ...sums.map(s => s[i] / (width / 1e9))]);
    return { labels, rows, step: true };
  }

  queueSeries() {
    const t = this.trace, keys = [...t.queues.keys()];
    const labels = keys.map(k => {
      const [link, direction] = k.split("/").map(Number), ends = t.links[link];
      return `${t.nodeName(ends[direction])} → ${t.nodeName(ends[1 - direction])}`;
    });
    return { labels: unique(labels), rows: this.rowsOf(keys.map(k => t.queues.get(k)), 1), points: true };
  }

  sequenceSeries() {
    const c = this.ends[this.end];
    if (!c) return { labels: [], rows: [] };
    const sent = this.sentBy(c), acks = this.acksTo(c), all = this.kind === "tcptrace";
    const rows = [...sent.map(s => [s.t, s.seq + s.len, null]), ...acks.map(a => [a.t, null, all ? a.edge : a.ack])];
    return { labels: ["sent", all ? "edge of the window" : "acknowledged"], rows: rows.sort((a, b) => a[0] - b[0]), hidden: true,
             colors: ["--syn", all ? "--soft" : "--ack"],
             underlay: (canvas, area, g) => this.drawSequence(canvas, g, sent, acks, all) };
  }

  drawSequence(canvas, g, sent, acks, all) {
    const x = v => g.toDomXCoord(v), y = v => g.toDomYCoord(v), [from, to] = g.xAxisRange();
    const near = (list, v) => Math.max(0, list.findLastIndex(s => s.t <= v));
    canvas.save();
    const path = (color, value, width = 1) => {
      canvas.strokeStyle = color;
      canvas.lineWidth = width;
      canvas.beginPath();
      let before = null;
      for (let i = near(acks, from); i < acks.length; i++) {
        const a = acks[i];
        if (before !== null) canvas.lineTo(x(a.t), y(before));
        else canvas.moveTo(x(a.t), y(value(a)));
        canvas.lineTo(x(a.t), y(value(a)));
        before = value(a);
        if (a.t > to) break;
      }
      canvas.stroke();
    };
    path(this.color("--ack"), a => a.ack);
    if (all) path(this.color("--soft"), a => a.edge);
    if (all) {
      canvas.strokeStyle = this.color("--data");
      for (const a of acks) for (const [s, e] of a.sack) {
        canvas.beginPath();
        canvas.moveTo(x(a.t), y(s));
        canvas.lineTo(x(a.t), y(e));
        canvas.stroke();
      }
    }
    for (let i = near(sent, from); i < sent.length && sent[i].t <= to; i++) {
      const s = sent[i], color = this.color(s.again ? "--rst" : "--syn");
      canvas.strokeStyle = canvas.fillStyle = color;
      if (all) {
        canvas.lineWidth = 2;
        canvas.beginPath();
        canvas.moveTo(x(s.t), y(s.seq));
        canvas.lineTo(x(s.t), y(s.seq + s.len));
        canvas.stroke();
        canvas.lineWidth = 1;
        if (s.again) canvas.fillText("R", x(s.t) + 3, y(s.seq + s.len));
      } else {
        canvas.beginPath();
        canvas.arc(x(s.t), y(s.seq), 2.5, 0, 7);
        if (s.again) canvas.stroke(); else canvas.fill();
      }
      if (s.lost) {
        canvas.strokeStyle = this.color("--rst");
        const cx = x(s.t), cy = y(all ? s.seq + s.len / 2 : s.seq);
        canvas.beginPath();
        canvas.moveTo(cx - 4, cy - 4); canvas.lineTo(cx + 4, cy + 4);
        canvas.moveTo(cx - 4, cy + 4); canvas.lineTo(cx + 4, cy - 4);
        canvas.stroke();
      }
    }
    canvas.restore();
  }

  color(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  series() {
    switch (this.kind) {
      case "window": return this.windows();
      case "time": return this.courses(["srtt", "rttvar", "rto"], 1e9);
      case "throughput": return this.throughput();
      case "queue": return this.queueSeries();
      default: return this.sequenceSeries();
    }
  }

  draw() {
    if (this.graph) { this.graph.destroy(); this.graph = null; }
    const s = this.series();
    this.chart.textContent = "";
    if (!s.rows.length || !s.labels.length) {
      this.chart.innerHTML = `<p class="soft">there is nothing of the kind in this trace</p>`;
      this.range = null;
      return;
    }
    const ink = this.color("--soft"), line = this.color("--line");
    const options = { labels: ["time", ...s.labels], stepPlot: !!s.step, connectSeparatedPoints: true,
                      drawPoints: !!s.points, pointSize: 2, strokeWidth: s.hidden ? 0 : 1.5, legend: "always", labelsSeparateLines: false,
                      colors: (s.colors || ["--data", "--fin", "--syn", "--ack", "--rst", "--soft"]).map(c => this.color(c)),
                      gridLineColor: line, axisLineColor: line, axisLabelFontSize: 11, axisLabelWidth: 62, highlightCircleSize: 3,
                      includeZero: true, digitsAfterDecimal: 4, animatedZooms: false, xRangePad: 4, yRangePad: 4,
                      axes: { x: { axisLabelFormatter: v => `${+v.toFixed(6)}`, valueFormatter: v => `${v.toFixed(6)} s`, pixelsPerLabel: 60 },
                              y: { axisLabelFormatter: short, valueFormatter: v => String(+v.toFixed(6)) } },
                      clickCallback: (ev, x) => this.onPick(x * 1e9), drawCallback: g => this.placeLine(g) };
    if (s.underlay) options.underlayCallback = s.underlay;
    this.graph = new Dygraph(this.chart, s.rows, options);
    this.chart.style.setProperty("--ink", ink);
    const canvas = this.chart.querySelector("canvas");
    if (canvas) canvas.setAttribute("aria-hidden", "true");
  }

  placeLine(g) {
    const graph = g || this.graph;
    if (!graph || this.time === undefined) return;
    const x = graph.toDomXCoord(this.time / 1e9), area = graph.getArea();
    const inside = x >= area.x - 1 && x <= area.x + area.w + 1;
    this.line.style.display = inside ? "block" : "none";
    if (inside) this.line.style.transform = `translateX(${x}px)`;
  }

  render(cursor) {
    this.time = cursor.time;
    if (this.graph) this.placeLine(this.graph);
    else this.line.style.display = "none";
  }

  resize() { if (this.graph) this.graph.resize(); }
}

/* 12500 → 12.5k */
function short(v) {
  const a = Math.abs(v);
  if (a >= 1e9) return `${+(v / 1e9).toPrecision(3)}G`;
  if (a >= 1e6) return `${+(v / 1e6).toPrecision(3)}M`;
  if (a >= 1e4) return `${+(v / 1e3).toPrecision(3)}k`;
  return String(+v.toPrecision(4));
}

function unique(labels) {
  return labels.map((l, i) => labels.indexOf(l) === i ? l : `${l} (${i + 1})`);
}
