/* The wire at the cursor: hosts, what is under way between them, and what waits in queues. */

class Wire {
  constructor(trace, svg) {
    this.trace = trace;
    this.svg = svg;
  }

  setLayout(layout) {
    this.layout = layout;
    this.resize();
  }

  resize() {
    this.width = Math.max(300, this.svg.parentElement.clientWidth - 2);
    this.svg.setAttribute("viewBox", `0 0 ${this.width} 86`);
    this.svg.setAttribute("height", "86");
    const n = this.layout.columns.length, margin = 52;
    this.x = this.layout.columns.map((_, i) => margin + (n > 1 ? (this.width - 2 * margin) * i / (n - 1) : 0));
  }

  /* Hops that have departed and neither arrived nor been lost, with the part of the way behind them. */
  underWay(cursor) {
    const t = this.trace, list = [], time = cursor.time;
    for (let i = lastAtMost(t.departures, time); i >= 0 && t.departures[i] >= time - t.longestHop; i--) {
      const h = t.hops[i], t0 = t.departures[i];
      const t1 = h.arrives >= 0 ? t.events.time[h.arrives] : t0 + t.usualHop * 0.68;
      const departed = h.departs <= cursor.event, arrived = h.arrives >= 0 ? h.arrives <= cursor.event : time >= t1;
      if (departed && !arrived) list.push([h, (time - t0) / (h.arrives >= 0 ? t1 - t0 : t.usualHop)]);
      if (list.length > 400) break;
    }
    return list;
  }

  render(cursor) {
    const l = this.layout, out = [], flying = this.underWay(cursor);
    for (let i = 0; i + 1 < this.x.length; i++)
      out.push(`<line class="cable" x1="${this.x[i] + 26}" x2="${this.x[i + 1] - 26}" y1="40" y2="40"/>`);
    for (const [h, part] of flying) {
      const a = l.columnOf.get(h.from), b = l.columnOf.get(h.to);
      if (a === undefined || b === undefined) continue;
      const right = b > a, x0 = this.x[a] + (right ? 26 : -26), x1 = this.x[b] + (right ? -26 : 26);
      const x = x0 + (x1 - x0) * part, y = right ? 33 : 47, p = this.trace.packet(h.packet);
      const wide = p.len ? 9 : 5, sign = right ? 1 : -1;
      out.push(`<path class="parcel ${kindOf(p)}${h.lost >= 0 ? " lost" : ""}" data-hop="${h.index}" ` +
               `d="M${(x - sign * wide).toFixed(1)} ${y - 5}h${sign * wide}l${sign * 5} 5l${-sign * 5} 5h${-sign * wide}Z"/>`);
    }
    l.columns.forEach((node, i) => {
      out.push(`<rect class="host" x="${this.x[i] - 26}" y="24" width="52" height="32" rx="5"/>` +
               `<text class="host-name" x="${this.x[i]}" y="44" text-anchor="middle">${escapeText(this.shorten(this.trace.nodeName(node)))}</text>`);
      const queue = this.queueAt(node, cursor);
      if (queue) {
        const x = this.x[i] + (queue.right ? 30 : -30), sign = queue.right ? 1 : -1;
        for (let k = 0; k < Math.min(queue.count, 8); k++)
          out.push(`<rect class="queued" x="${x + sign * k * 5 - (sign < 0 ? 4 : 0)}" y="62" width="4" height="9"/>`);
        out.push(`<text class="soft-text" x="${x}" y="82" text-anchor="${sign > 0 ? "start" : "end"}">queue ${queue.count}</text>`);
      }
    });
    const count = flying.length > 400 ? "more than 400" : flying.length;
    out.push(`<text class="soft-text" x="${this.width / 2}" y="14" text-anchor="middle">` +
             `${count === 0 ? "nothing is under way" : `${count} under way`}</text>`);
    this.svg.innerHTML = out.join("");
    this.svg.setAttribute("aria-label", `${count} packets under way`);
  }

  shorten(name) {
    return name.length > 8 ? `${name.slice(0, 7)}…` : name;
  }

  /* What waits at a node's end of a link: packets that are there but have not begun to leave. */
  queueAt(node, cursor) {
    for (const [key, course] of this.trace.queues) {
      const [link, direction] = key.split("/").map(Number), ends = this.trace.links[link];
      if (!ends || ends[direction] !== node) continue;
      const i = lastAtMost(course.events, cursor.event);
      if (i < 0) continue;
      const rate = this.trace.links[link][4 + direction];
      const since = cursor.time - this.trace.events.time[course.events[i]];
      const bits = 8 * this.trace.field(this.trace.hopsOf.get(this.trace.field(course.events[i], 0))[0].departs, 4);
      const gone = rate && bits ? Math.floor(since * rate / 1e9 / bits) : 1e9;
      const count = course.values[i] + 1 - gone;
      const to = this.layout.columnOf.get(ends[1 - direction]), at = this.layout.columnOf.get(node);
      if (count > 0 && to !== undefined && at !== undefined) return { count, right: to > at };
    }
    return null;
  }
}
