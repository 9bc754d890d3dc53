/* The ladder: hosts as vertical lines, segments as slanted arrows whose ends are true times, states as
 * bars.  Only what is in view is drawn; the cursor and what is under way lie on top. */

const SVG = "http://www.w3.org/2000/svg";
const TOP = 40, BAR = 9, LANE = 12, LANES = 3, LOOP = 150;
const NARROW = 460; /* below so many pixels labels are smaller, and cut */

/* How wide a text is, in the fonts of style.css. */
const size = pixels => `${pixels * TYPE_SIZE}px`;
const FONTS = { time: `${size(9.5)} system-ui, sans-serif`, state: `600 ${size(10.5)} system-ui, sans-serif`, small: `600 ${size(9)} system-ui, sans-serif` };
const LETTER = 6.05 * TYPE_SIZE; /* of a segment's label */

/* Chinese and other wide characters take nearly two letters' room. */
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/;
function widthOf(text) {
  let letters = 0;
  for (const c of text) letters += WIDE.test(c) ? 1.7 : 1;
  return letters * LETTER;
}
const measure = (() => {
  const pen = document.createElement("canvas").getContext("2d"), known = new Map();
  return (text, font) => {
    const key = `${font} ${text}`;
    if (!known.has(key)) {
      pen.font = FONTS[font];
      known.set(key, pen.measureText(text).width);
    }
    return known.get(key);
  };
})();

function escapeText(s) {
  return String(s).replace(/[&<>"]/g, c => `&#${c.charCodeAt(0)};`);
}

/* Labels keep out of each other's way: rectangles, turned. */
class Boxes {
  constructor() { this.list = []; }
  static reach(b, ux, uy) {
    return b.w * Math.abs(b.cos * ux + b.sin * uy) + b.h * Math.abs(-b.sin * ux + b.cos * uy);
  }
  static apart(a, b) {
    for (const [ux, uy] of [[a.cos, a.sin], [-a.sin, a.cos], [b.cos, b.sin], [-b.sin, b.cos]]) {
      const distance = Math.abs((b.x - a.x) * ux + (b.y - a.y) * uy);
      if (distance > Boxes.reach(a, ux, uy) + Boxes.reach(b, ux, uy)) return true;
    }
    return false;
  }
  take(box) {
    for (let i = Math.max(0, this.list.length - 60); i < this.list.length; i++)
      if (!Boxes.apart(this.list[i], box)) return false;
    this.list.push(box);
    return true;
  }
}

/* A segment's label, and less and less of it; what matters stays: the data of one with data, the
 * acknowledgment of one that only acknowledges. */
function shorter(label, kind) {
  const part = name => (new RegExp(`${name}=\\S+`).exec(label) || [""])[0];
  const [front] = /^(#\d+ )?([\d-]+: )?/.exec(label); /* the packet's number, ports */
  const flags = front + label.slice(front.length).split(" ")[0], seq = part("seq"), ack = part("ack"), len = part("len");
  const win = label.includes(" win=") ? " " + part("win") : "";
  if (kind === "data" && seq) return [label, `${flags} ${seq} ${len}${win}`, `${seq} ${len}${win}`, len + win];
  if (kind === "ack" && ack) return [label, `${flags} ${ack}${win}`, ack + win];
  return [label, label.replace(/ ack=\S+/, ""), kind === "fin" ? `FIN ${seq}` : flags, flags, flags.slice(front.length)];
}

class Ladder {
  constructor(trace, pane, paper, svg, heads) {
    Object.assign(this, { trace, pane, paper, svg, heads });
    this.layers = ["line", "static", "shade", "chosen", "moving"].map(name => {
      const g = document.createElementNS(SVG, "g");
      g.setAttribute("class", name);
      svg.appendChild(g);
      return g;
    });
    this.matches = null; /* a Set of events, or null: no filter */
    this.selected = -1;
    this.numbers = "relative";
  }

  setLayout(layout) {
    this.layout = layout;
    this.findLanes();
    this.findMargins();
    this.resize();
  }

  /* Connections of a host that are there at the same time stand in lanes beside each other. */
  findLanes() { /* of none where no states are shown */
    const l = this.layout, e = this.trace.events, until = new Map(); /* column → when each of its lanes is free */
    this.laneOf = new Map();
    this.lanes = new Map();
    for (const c of this.trace.picture.states ? l.conns : []) {
      const column = l.columnOf.get(c.node), s = c.states, last = s.events.length - 1;
      if (column === undefined || last < 0) continue;
      if (!until.has(column)) until.set(column, []);
      const free = until.get(column), from = s.events[0];
      let lane = free.findIndex(end => end <= from);
      if (lane < 0) lane = free.length;
      free[lane] = stateClass(this.trace, c.protocol, s.values[last]) === "closed" ? s.events[last] : e.count;
      if (lane >= LANES) continue;
      this.laneOf.set(c, lane);
      this.lanes.set(column, Math.min(free.length, LANES));
    }
  }

  /* What stands outside of the first and the last host, and how precise times have to be. */
  findMargins() {
    const l = this.layout, e = this.trace.events, last = l.columns.length - 1;
    this.texts = [new Set(), new Set()];
    let unit = 1e3;
    for (let i = 0; i < e.count; i++) {
      if (e.time[i] % 1e6 && l.needs(i)) unit = 1;
      const column = l.columnOf.get(e.node[i]);
      if ((column === 0 || column === last) && l.needs(i) === "outside") this.texts[column === 0 ? 0 : 1].add(this.outsideText(i));
    }
    this.places = unit === 1 ? 6 : 3;
  }

  resize() {
    this.width = Math.max(this.pane.clientWidth, 300);
    this.narrow = this.width < NARROW;
    this.svg.setAttribute("class", this.narrow ? "narrow" : "");
    const font = this.narrow ? "small" : "state", limit = (this.narrow ? 76 : 130) * Math.sqrt(TYPE_SIZE);
    const room = side => Math.min(limit, Math.max(24, ...[...this.texts[side]].map(text => measure(text, font) + 2)));
    this.room = [room(0), room(1)];
    const { times } = this.trace.picture;
    this.timeX = times ? Math.ceil(measure(seconds(this.trace.end, this.places), "time")) + 12 : 10;
    const gap = this.narrow ? 6 : 14, lanes = column => 8 + (this.lanes.get(column) || 0) * LANE;
    const LEFT = this.timeX + gap + Math.max(this.room[0], times ? measure("00.00 min", "time") : 0) + lanes(0);
    const RIGHT = lanes(this.layout.columns.length - 1) + this.room[1] + gap;
    this.view = this.pane.clientHeight;
    const height = TOP + this.layout.height + Math.max(this.view * 0.5, 80);
    this.paper.style.height = `${height}px`;
    this.svg.setAttribute("width", this.width);
    this.svg.setAttribute("height", this.view);
    const n = this.layout.columns.length, span = this.width - LEFT - RIGHT;
    this.x = this.layout.columns.map((_, i) => LEFT + (n > 1 ? span * i / (n - 1) : span / 2));
    const between = Math.max(40, (n > 1 ? span / (n - 1) : span) - 6);
    this.heads.innerHTML = this.layout.columns.map((node, i) => {
      const name = escapeText(this.trace.nodeName(node));
      return `<span style="left:${this.x[i]}px;max-width:${between}px" title="${name}">${name}</span>`;
    }).join("");
    this.drawn = null;
  }

  /* Keep the cursor in sight, once; `strict`: near the middle. */
  show(y, strict) {
    this.wanted = { y, strict };
  }

  /* Before anything else is drawn: while nothing has changed, the browser need not lay out the page
   * again to scroll. */
  scrollIntoView() {
    const top = this.pane.scrollTop;
    if (!this.wanted) return top;
    const at = TOP + this.wanted.y, margin = this.view * 0.25;
    const { strict } = this.wanted;
    this.wanted = null;
    if (!strict && at >= top + margin && at <= top + this.view - margin) return top;
    const want = Math.round(Math.max(0, at - this.view * 0.5));
    if (Math.abs(want - top) > 1) this.pane.scrollTop = want;
    return want;
  }

  /* Draw what is in view, if that has changed, and the cursor.  `hurried`: pages fly past, and nobody
   * reads labels; lines are enough until it stops. */
  render(cursor, hurried) {
    const scroll = this.scrollIntoView();
    const key = `${scroll} ${this.numbers} ${this.selected} ${hurried}`;
    if (this.drawn !== key || this.drawnMatches !== this.matches) {
      this.drawStatic(scroll, hurried);
      this.drawn = key;
      this.drawnMatches = this.matches;
    }
    this.drawMoving(cursor, scroll);
  }

  edge(column, toRight) {
    const outer = column === 0 || column === this.x.length - 1;
    return outer ? this.x[column] : this.x[column] + (toRight ? BAR / 2 : -BAR / 2);
  }

  drawStatic(scroll, hurried) {
    const top = scroll - TOP - 40, bottom = scroll - TOP + this.view + 40, out = [], chosen = [];
    this.boxes = new Boxes();
    this.drawAxis(out, scroll, top, bottom);
    this.drawBars(out, scroll, top, bottom);
    if (hurried) {
      this.drawLines(out, top, bottom, TOP - scroll);
    } else {
      const dy = TOP - scroll;
      this.lines = this.layout.hopsBetween(top, bottom).map(hop => ({ hop, ...this.line(hop, dy) }));
      for (const { hop: h } of this.lines) this.drawHop(h.packet === this.selected ? chosen : out, h, TOP - scroll);
      this.drawOutside(out, scroll, top, bottom);
    }
    this.layers[1].innerHTML = out.join("");
    this.layers[3].innerHTML = chosen.join(""); /* over the veil */
  }

  drawAxis(out, scroll, top, bottom) {
    const l = this.layout, e = this.trace.events, dy = TOP - scroll;
    const x = this.timeX;
    let told = "";
    const { times } = this.trace.picture;
    if (times) out.push(`<line class="axis" x1="${x}" x2="${x}" y1="${Math.max(0, dy)}" y2="${this.view}"/>`);
    for (const host of this.x)
      out.push(`<line class="life" x1="${host}" x2="${host}" y1="${Math.max(0, dy)}" y2="${this.view}"/>`);
    let last = -1e9;
    for (let i = Math.max(0, lastAtMost(l.upTo, top)); times && i < e.count && l.from[i] <= bottom; i++) {
      if (l.y[i] - last < 12 * TYPE_SIZE || !l.shownSet.has(i)) continue;
      const time = seconds(e.time[i], this.places);
      if (time === told) continue;
      last = l.y[i];
      told = time;
      out.push(`<text class="time" x="${x - 6}" y="${l.y[i] + dy + 3 * TYPE_SIZE}">${time}</text>`);
    }
    for (let k = Math.max(0, lastAtMost(l.breakStarts, top - CUT)); k < l.breaks.length && l.breaks[k][0] <= bottom; k++) {
      const [y0, y1, length] = l.breaks[k], middle = (y0 + y1) / 2 + dy;
      if (times) out.push(`<rect class="tear" x="${x - 4}" y="${middle - 5}" width="8" height="10"/>` +
               `<path class="tear-line" d="M${x - 5} ${middle - 3}l10 -4M${x - 5} ${middle + 5}l10 -4"/>` +
               `<text class="gap" x="${x + 10}" y="${middle + 3}">${duration(length)}</text>`);
      for (const host of this.x)
        out.push(`<line class="gap-line" x1="${host}" x2="${host}" y1="${y0 + dy + 4}" y2="${y1 + dy - 4}"/>`);
    }
  }

  /* States as bars beside the hosts' lines. */
  drawBars(out, scroll, top, bottom) {
    const l = this.layout, dy = TOP - scroll;
    for (const c of l.conns) {
      const column = l.columnOf.get(c.node), s = c.states;
      if (!this.laneOf.has(c)) continue;
      const lane = this.laneOf.get(c), sign = column === 0 ? -1 : 1;
      const x = column === 0 || column === this.x.length - 1
        ? this.x[column] + sign * (lane * LANE) - (sign < 0 ? BAR : 0) : this.x[column] - BAR / 2 + lane * LANE;
      for (let k = 0; k < s.events.length; k++) {
        const y0 = Math.max(l.y[s.events[k]], top), end = k + 1 < s.events.length ? l.y[s.events[k + 1]] : l.height;
        const y1 = Math.min(end, bottom);
        if (y1 <= y0) continue;
        const sure = this.trace.certainty(s.events[k]);
        out.push(`<rect class="bar ${stateClass(this.trace, c.protocol, s.values[k])}${sure ? " inferred" : ""}" x="${x}" y="${y0 + dy}" width="${BAR}" height="${y1 - y0}">` +
                 `<title>${escapeText(this.trace.word(s.values[k]))}${sure ? ` (${this.trace.word(sure)})` : ""}</title></rect>`);
      }
    }
  }

  outsideX(column) {
    const lanes = this.lanes.get(column) || 0;
    if (column === 0) return [this.x[0] - 8 - lanes * LANE, "end"];
    if (column === this.x.length - 1) return [this.x[column] + 8 + lanes * LANE, "start"];
    return [this.x[column] + 8 + lanes * LANE, "start"];
  }

  /* What an event says beside a host. */
  outsideText(i) {
    const type = this.trace.events.type[i];
    if (type === TYPE.STATE) return this.trace.word(this.trace.text(i, 1)) + (this.trace.certainty(i) === "likely" ? "?" : "") + this.layout.lifeOf(i);
    return type === TYPE.TIMER_FIRED ? this.trace.phrase("%s timer", this.trace.word(this.trace.text(i, 0))) : `${this.trace.text(i, 0)}()`;
  }

  /* As much of a text as there is room for outside of the first or the last host. */
  cut(text, column) {
    const side = column === 0 ? 0 : column === this.x.length - 1 ? 1 : -1, font = this.narrow ? "small" : "state";
    if (side < 0 || measure(text, font) <= this.room[side]) return text;
    let n = text.length;
    while (n > 1 && measure(`${text.slice(0, n)}…`, font) > this.room[side]) n--;
    return `${text.slice(0, n)}…`;
  }

  drawOutside(out, scroll, top, bottom) {
    const l = this.layout, e = this.trace.events, dy = TOP - scroll;
    for (let i = Math.max(0, lastAtMost(l.upTo, top)); i < e.count && l.from[i] <= bottom; i++) {
      const type = e.type[i], column = l.columnOf.get(e.node[i]);
      if (column === undefined || l.needs(i) !== "outside") continue;
      const [x, anchor] = this.outsideX(column);
      const sure = type === TYPE.STATE ? this.trace.certainty(i) : "";
      const text = this.outsideText(i), shown = this.cut(text, column);
      const kind = type === TYPE.STATE ? "state" : type === TYPE.CALL ? "call" : "timer";
      out.push(`<text class="${kind}${sure ? " inferred" : ""}${this.dim(i)}" x="${x}" y="${l.y[i] + dy + 4 * TYPE_SIZE}" text-anchor="${anchor}" data-event="${i}">` +
               `${shown === text ? "" : `<title>${escapeText(text)}</title>`}${escapeText(shown)}</text>`);
    }
  }

  dim(event) {
    return this.matches && !this.matches.has(event) ? " dim" : "";
  }

  /* A hop's line: [x0, y0, x1, y1] as it is drawn, and to where it would go. */
  line(h, dy) {
    const a = this.layout.columnOf.get(h.from), b = this.layout.columnOf.get(h.to), right = b > a;
    let x0 = this.edge(a, right), x1 = this.edge(b, !right);
    if (h.injected) x0 += (x1 - x0) * 0.12;
    const y0 = h.y0 + dy, y1 = h.y1 + dy;
    const cause = h.lost >= 0 ? (this.trace.causeOf(h.lost) || {}).name || "lost" : "";
    const part = h.arrives >= 0 ? 1 : h.unknown >= 0 ? 0.68 : h.lost < 0 ? 0.9 : /queue/.test(cause) ? 0.16 : 0.68;
    if (a === b) { /* what a host says to itself goes out and comes back */
      const begins = this.x[a] + (h.injected ? LOOP * 0.12 : 0);
      return { x0: begins, y0, x1: begins + LOOP * part, y1: y0, right: true, cause,
               back: h.arrives >= 0 ? Math.max(y1, y0 + 9) : null };
    }
    return { x0, y0, x1: x0 + (x1 - x0) * part, y1: y0 + (y1 - y0) * part, right, cause };
  }

  /* All lines of one kind are one path. */
  drawLines(out, top, bottom, dy) {
    const paths = new Map();
    for (const h of this.layout.hopsBetween(top, bottom)) {
      const a = this.line(h, dy), kind = kindOf(this.trace.packet(h.packet)) + this.fateClass(h);
      if (!paths.has(kind)) paths.set(kind, []);
      paths.get(kind).push(`M${a.x0.toFixed(0)} ${a.y0.toFixed(0)}L${a.x1.toFixed(0)} ${a.y1.toFixed(0)}` +
                           (a.back ? `V${a.back.toFixed(0)}H${a.x0.toFixed(0)}` : ""));
    }
    for (const [kind, d] of paths) out.push(`<g class="${kind}"><path class="wire" d="${d.join("")}"/></g>`);
  }

  /* What became of a hop and how sure that is, as classes. */
  fateClass(h) {
    const lost = h.lost >= 0 ? " lost" : "", sure = this.trace.certainty(Math.max(h.arrives, h.lost));
    return `${lost}${h.unknown >= 0 ? " unknown" : ""}${sure ? ` ${sure}` : ""}`;
  }

  drawHop(out, h, dy) {
    const p = this.trace.packet(h.packet), a = this.line(h, dy);
    const length = Math.hypot(a.x1 - a.x0, a.y1 - a.y0), ux = (a.x1 - a.x0) / length, uy = (a.y1 - a.y0) / length;
    const dim = this.matches && ![h.departs, h.arrives, h.lost, h.refused].some(i => i >= 0 && this.matches.has(i));
    const said = segmentLabel(p, this.numbers), label = (this.trace.picture.packets ? `#${p.number} ` : "") + said;
    const evidence = this.trace.evidence(h), likely = evidence !== null && evidence.sure === LIKELY;
    const classes = ["hop", kindOf(p) + this.fateClass(h), h.copy ? "copy" : "", h.damaged ? "damaged" : "",
                     dim ? "dim" : "", h.packet === this.selected ? "selected" : ""].filter(Boolean).join(" ");
    const known = evidence ? `${evidence.what}${evidence.how ? `: ${evidence.how}` : ""}${evidence.by ? ` in #${evidence.by}` : ""}` : "";
    const fate = evidence ? `, ${known}` : h.lost >= 0 ? `, lost: ${a.cause}` : h.refused >= 0 ? `, discarded: ${(this.trace.causeOf(h.refused) || {}).name}` : "";
    out.push(`<g class="${classes}" data-hop="${h.index}" role="button" tabindex="-1" ` +
             `aria-label="${escapeText(`#${p.number} ${said}${fate}`)}">`);
    const wire = a.back ? `d="M${a.x0} ${a.y0}H${a.x1}V${a.back}H${a.x0}"` : `x1="${a.x0.toFixed(1)}" y1="${a.y0.toFixed(1)}" x2="${a.x1.toFixed(1)}" y2="${a.y1.toFixed(1)}"`;
    const shape = a.back ? "path" : "line";
    if (evidence) out.push(`<title>${escapeText(known)}</title>`);
    out.push(`<${shape} class="touch" ${wire}/>`);
    out.push(h.unknown >= 0 && !a.back ? this.fading(a) : `<${shape} class="wire" ${wire}/>`);
    if (h.unknown >= 0 || (likely && h.lost >= 0)) {
      const aside = h.unknown >= 0 ? 5 : 10;
      out.push(`<text class="doubt" x="${a.x1 + (a.right ? aside : -aside)}" y="${a.y1 + 4}" text-anchor="middle">?</text>`);
    }
    if (h.injected) out.push(`<circle class="hollow" cx="${a.x0}" cy="${a.y0}" r="3"/>`);
    if (h.lost >= 0)
      out.push(`<path class="cross" d="M${a.x1 - 4.5} ${a.y1 - 4.5}l9 9M${a.x1 - 4.5} ${a.y1 + 4.5}l9 -9"/>`);
    else if (a.back)
      out.push(`<path class="${h.refused >= 0 ? "hollow" : "head"}" d="M${a.x0} ${a.back}l8 -3.4v6.8Z"/>`);
    else if (h.arrives >= 0 && likely && h.refused < 0) {
      const bx = a.x1 - ux * 8, by = a.y1 - uy * 8;
      out.push(`<path class="wire tip" d="M${bx - uy * 4} ${by + ux * 4}L${a.x1} ${a.y1}L${bx + uy * 4} ${by - ux * 4}"/>`);
    } else if (h.arrives >= 0) {
      const bx = a.x1 - ux * 8, by = a.y1 - uy * 8;
      out.push(`<path class="${h.refused >= 0 ? "hollow" : "head"}" d="M${a.x1} ${a.y1}L${bx - uy * 3.4} ${by + ux * 3.4}` +
               `L${bx + uy * 3.4} ${by - ux * 3.4}Z"/>`);
    }
    if (h.first) this.labelHop(out, a, length, ux, uy, label, kindOf(p), h);
    if (h.lost >= 0 || h.unknown >= 0) this.sayWhy(out, a, evidence, likely || h.unknown >= 0 ? 17 : 9);
    out.push("</g>");
  }

  /* Three parts of a line, each fainter than the one before. */
  fading(a) {
    const at = f => [a.x0 + (a.x1 - a.x0) * f, a.y0 + (a.y1 - a.y0) * f], ends = [at(0), at(0.6), at(0.8), at(1)];
    return ["wire", "wire fades", "wire faint"].map((name, i) =>
      `<line class="${name}" x1="${ends[i][0]}" y1="${ends[i][1]}" x2="${ends[i + 1][0]}" y2="${ends[i + 1][1]}"/>`).join("");
  }

  /* Beside where an arrow ends, as much as there is room for. */
  sayWhy(out, a, evidence, aside) {
    const by = evidence && evidence.by ? `#${evidence.by}` : "", t = this.trace;
    const what = evidence && t.word(evidence.what), known = evidence && [t.word(evidence.how), by].filter(Boolean).join(by && evidence.how ? " in " : "");
    const texts = evidence ? [known && `${what} (${known})`, by && `${what} (${by})`, what].filter(Boolean) : [t.word(a.cause)];
    for (const text of texts) {
      const w = widthOf(text), x = a.right ? a.x1 + aside : a.x1 - aside;
      const box = { x: a.right ? x + w / 2 : x - w / 2, y: a.y1, w: w / 2, h: 5 * TYPE_SIZE, cos: 1, sin: 0 };
      const fits = texts.length === 1 || (a.right ? x + w < this.x[this.x.length - 1] : x - w > this.x[0]);
      if (!fits || !this.boxes.take(box)) continue;
      out.push(`<text class="why" x="${x}" y="${a.y1 + 3.5 * TYPE_SIZE}" text-anchor="${a.right ? "start" : "end"}">${escapeText(text)}</text>`);
      return;
    }
  }

  /* Whether another hop's line passes through a box. */
  isCrossed(box, h) {
    const reach = box.w + box.h;
    return this.lines.some(({ hop, x0, y0, x1, y1 }) => {
      if (hop === h || Math.min(y0, y1) > box.y + reach || Math.max(y0, y1) < box.y - reach) return false;
      const turn = (x, y) => [(x - box.x) * box.cos + (y - box.y) * box.sin, (y - box.y) * box.cos - (x - box.x) * box.sin];
      const [ax, ay] = turn(x0, y0), [bx, by] = turn(x1, y1);
      let enters = 0, leaves = 1;
      for (const [slope, room] of [[ax - bx, ax + box.w], [bx - ax, box.w - ax], [ay - by, ay + box.h], [by - ay, box.h - ay]]) {
        if (slope === 0 && room < 0) return false;
        if (slope < 0) enters = Math.max(enters, room / slope);
        if (slope > 0) leaves = Math.min(leaves, room / slope);
      }
      return enters <= leaves;
    });
  }

  /* Along the line, above it or below, shorter and shorter until it finds a place where no other line runs
   * through it; or else across one. */
  labelHop(out, a, length, ux, uy, label, kind, h) {
    const flip = ux < 0, rx = flip ? -ux : ux, ry = flip ? -uy : uy, texts = [...shorter(label, kind)];
    const NUMBERED = 2; /* of these, the first still have numbers */
    const ways = [...texts.slice(0, NUMBERED).flatMap(text => [[text, 6.3, true], [text, -7.2, true]]), ...texts.map(text => [text, 6.3, false])];
    for (const [text, off, clear] of ways) {
      const w = widthOf(text), away = off * TYPE_SIZE;
      for (let offset = 24; offset + w <= length * 0.8; offset += 22) {
        const middle = offset + w / 2;
        const box = { x: a.x0 + ux * middle + ry * away, y: a.y0 + uy * middle - rx * away, w: w / 2, h: 5 * TYPE_SIZE, cos: rx, sin: ry };
        if ((clear && this.isCrossed(box, h)) || !this.boxes.take(box)) continue;
        const tx = box.x - ry * 3 * TYPE_SIZE, ty = box.y + rx * 3 * TYPE_SIZE;
        out.push(`<text class="seg" text-anchor="middle" transform="matrix(${rx.toFixed(4)} ${ry.toFixed(4)} ` +
                 `${(-ry).toFixed(4)} ${rx.toFixed(4)} ${tx.toFixed(1)} ${ty.toFixed(1)})">${escapeText(text)}</text>`);
        return;
      }
    }
  }

  /* The cursor, the veil over what is still to come, and what is on its way. */
  drawMoving(cursor, scroll) {
    const y = cursor.y + TOP - scroll, dy = TOP - scroll, out = [];
    /* Beside the hosts, from below what is written there. */
    const last = this.x.length - 1, lanes = column => (this.lanes.get(column) || 0) * LANE;
    const x0 = this.x[0] - lanes(0), x1 = this.x[last] + lanes(last);
    const veil = (from, to, top) => `<rect class="veil" x="${from}" y="${top}" width="${Math.max(0, to - from)}" height="${Math.max(0, this.view - top)}"/>`;
    this.layers[2].innerHTML = cursor.fresh ? ""
      : veil(this.timeX + 4, x0, y + 7) + veil(x0, x1, y) + veil(x1, this.width, y + 7);
    /* Between the hosts alone, and under what is written there: it strikes nothing through. */
    this.layers[0].innerHTML = last < 0 ? "" : `<line class="cursor" x1="${this.x[0]}" x2="${this.x[this.x.length - 1]}" y1="${y}" y2="${y}"/>`;
    out.push(`<path class="cursor-head" d="M${this.timeX - 3} ${y - 5}l7 5l-7 5Z"/>`);
    for (const h of this.layout.hopsBetween(cursor.y, cursor.y)) {
      if (cursor.y < h.y0 || cursor.y > h.y1) continue;
      const a = this.line(h, dy), full = h.arrives >= 0 ? 1 : (a.y1 - a.y0) / (h.y1 - h.y0);
      const part = (cursor.y - h.y0) / (h.y1 - h.y0 || 1) / (full || 1);
      if (part > 1) continue;
      const x = a.x0 + (a.x1 - a.x0) * part;
      out.push(`<circle class="dot ${kindOf(this.trace.packet(h.packet))}" cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="5"/>`);
    }
    this.layers[4].innerHTML = out.join("");
  }
}

/* How a state of a protocol is drawn. */
function stateClass(trace, protocol, state) {
  return (trace.states[protocol] || {})[state] || "closing";
}
