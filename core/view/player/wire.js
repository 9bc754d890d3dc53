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

  /* When a hop's first bit leaves: what is handed to a slow link waits until those before it are gone. */
  leaves(h) {
    const t = this.trace, t0 = t.departures[h.index];
    if (h.arrives < 0) return t0;
    const direction = t.links[h.link][0] === h.from ? 0 : 1, delay = t.links[h.link][2 + direction];
    const rate = t.links[h.link][4 + direction], bits = 8 * t.field(h.departs, 4);
    const t1 = t.events.time[h.arrives];
    return Math.max(t0, Math.min(t1, t1 - delay - (rate ? bits / rate * 1e9 : 0)));
  }

  /* Hops that have departed and neither arrived nor been lost: those on the wire with the part of the way
   * behind them, and those that wait. */
  underWay(cursor) {
    const t = this.trace, time = cursor.time, moving = [], waiting = [], MOST = 400;
    for (let i = lastAtMost(t.departures, time); i >= 0 && t.departures[i] >= time - t.longestHop; i--) {
      const h = t.hops[i], from = this.leaves(h), to = h.arrives >= 0 ? t.events.time[h.arrives] : from + t.usualHop;
      const arrived = h.arrives >= 0 ? h.arrives <= cursor.event : time >= from + t.usualHop * 0.68;
      if (h.departs > cursor.event || arrived) continue;
      if (time < from) waiting.push(h);
      else moving.push([h, to > from ? (time - from) / (to - from) : 1]);
      if (moving.length + waiting.length > MOST) break;
    }
    return { moving, waiting };
  }

  render(cursor) {
    const l = this.layout, out = [], { moving, waiting } = this.underWay(cursor);
    for (let i = 0; i + 1 < this.x.length; i++)
      out.push(`<line class="cable" x1="${this.x[i] + 26}" x2="${this.x[i + 1] - 26}" y1="40" y2="40"/>`);
    for (const [h, part] of moving) {
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
      for (const side of [1, -1]) {
        const queue = waiting.filter(h => h.from === node && Math.sign(l.columnOf.get(h.to) - i) === side).length;
        if (!queue) continue;
        const x = this.x[i] + side * 30;
        for (let k = 0; k < Math.min(queue, 10); k++)
          out.push(`<rect class="queued" x="${x + side * k * 5 - (side < 0 ? 4 : 0)}" y="62" width="4" height="9"/>`);
        out.push(`<text class="soft-text" x="${x}" y="82" text-anchor="${side > 0 ? "start" : "end"}">${this.trace.phrase("%s waiting", queue)}</text>`);
      }
    });
    const all = moving.length + waiting.length, count = all > 400 ? this.trace.word("more than 400") : all;
    out.push(`<text class="soft-text" x="${this.width / 2}" y="14" text-anchor="middle">` +
             `${count === 0 ? this.trace.word("nothing is under way") : this.trace.phrase("%s under way", count)}</text>`);
    this.svg.innerHTML = out.join("");
    this.svg.setAttribute("aria-label", `${count} packets under way`);
  }

  shorten(name) {
    return name.length > 8 ? `${name.slice(0, 7)}…` : name;
  }
}
