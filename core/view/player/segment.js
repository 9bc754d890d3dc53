/* One packet: what became of it, its decoded headers, its bytes. */

class Segment {
  constructor(trace, root) {
    this.trace = trace;
    this.root = root;
    this.numbers = "relative";
    root.addEventListener("mouseover", ev => this.mark(ev.target.closest("[data-from]")));
    root.addEventListener("focusin", ev => this.mark(ev.target.closest("[data-from]")));
    this.clear();
  }

  clear() {
    this.packet = 0;
    this.root.innerHTML = `<p class="soft">${this.trace.word("Click a segment, or step onto one, to see its header and bytes.")}</p>`;
  }

  show(packet, event) {
    if (packet === this.packet && event === this.event && this.shownNumbers === this.numbers) return;
    this.packet = packet;
    this.event = event;
    this.shownNumbers = this.numbers;
    const p = this.trace.packet(packet), { bytes, head, len } = this.trace.bytesAt(event);
    const d = decode(bytes.subarray(0, head), len);
    const layers = layersOf(d).map(([name, rows]) =>
      `<table><caption>${escapeText(name)}</caption>` +
      rows.map(([field, value, from, size]) =>
        `<tr tabindex="0" data-from="${from}" data-size="${size}"><th scope="row">${escapeText(field)}</th>` +
        `<td>${escapeText(value)}</td></tr>`).join("") + "</table>").join("");
    this.root.innerHTML =
      `<h2>#${packet} <span class="${kindOf(p)}-text">${escapeText(segmentLabel(p, this.numbers))}</span></h2>` +
      this.story(packet) + `<div class="panels">${layers}</div>` + this.dump(bytes, head, len);
  }

  rule(cause) {
    if (!cause || !cause.rfc) return "";
    const m = /^RFC (\d+)(?: (\d[\d.]*\d|\d))?/.exec(cause.rfc);
    if (!m) return ` <cite>${escapeText(cause.rfc)}</cite>`;
    const at = m[2] ? `#section-${m[2]}` : "";
    return ` <a href="https://www.rfc-editor.org/rfc/rfc${m[1]}${at}" target="_blank" rel="noreferrer">${escapeText(cause.rfc)}</a>`;
  }

  /* What was inferred: how sure it is, how it is known, and the packet that shows it, to go to. */
  howKnown({ what, how, by, sure }) {
    const hop = by && (this.trace.hopsOf.get(by) || [])[0];
    const there = !by ? "" : hop ? ` in <a href="#" data-hop="${hop.index}">#${by}</a>` : ` in #${by}`;
    const certainty = sure === CERTAIN ? " (certain)" : "";
    return `<b class="evidence">${escapeText(what)}</b>${certainty}${how ? `: ${escapeText(how)}` : by ? ": shown" : ""}${there}`;
  }

  story(packet) {
    const t = this.trace, e = t.events, p = t.packet(packet), items = [];
    const hops = t.hopsOf.get(packet) || [];
    const why = cause => cause ? `<b>${escapeText(t.translated ? t.word(cause.name) : cause.name)}</b>${cause.text && !t.translated ? `: ${escapeText(cause.text)}` : ""}${this.rule(cause)}` : "";
    if (p.copyOf) items.push(t.phrase("a copy of #%s", p.copyOf));
    for (const h of hops) {
      const route = hops.length > 1 ? `${escapeText(t.nodeName(h.from))} to ${escapeText(t.nodeName(h.to))}: ` : "";
      const cause = t.causeOf(h.departs);
      items.push(`${route}${t.phrase("sent at %s s", seconds(e.time[h.departs]))}${cause ? `, ${why(cause)}` : ""}`);
      if (h.arrives >= 0)
        items.push(`${route}${t.phrase("arrived at %s s, after %s", seconds(e.time[h.arrives]), duration(e.time[h.arrives] - e.time[h.departs]))}`);
      const evidence = t.evidence(h);
      if (evidence) items.push(route + this.howKnown(evidence));
      if (h.lost >= 0 && !evidence) items.push(`${route}${t.phrase("lost at %s s", seconds(e.time[h.lost]))}: ${why(t.causeOf(h.lost))}`);
      if (h.refused >= 0) items.push(`${t.phrase("discarded by %s", escapeText(t.nodeName(e.node[h.refused])))}: ${why(t.causeOf(h.refused))}`);
    }
    return `<ul class="story">${items.map(x => `<li>${x}</li>`).join("")}</ul>`;
  }

  dump(bytes, head, len) {
    const rows = [];
    for (let at = 0; at < bytes.length; at += 16) {
      const part = bytes.subarray(at, at + 16), cells = [];
      part.forEach((b, i) => cells.push(`<i data-at="${at + i}"${at + i >= head ? ' class="load"' : ""}>${b.toString(16).padStart(2, "0")}</i>`));
      const text = Array.from(part, b => b >= 32 && b < 127 ? String.fromCharCode(b) : ".").join("");
      rows.push(`<span class="at">${at.toString(16).padStart(4, "0")}</span> ${cells.join(" ")}${"   ".repeat(16 - part.length)}  ${escapeText(text)}`);
    }
    const rest = len - bytes.length;
    return `<pre class="bytes" tabindex="0" aria-label="Bytes">${rows.join("\n")}${rest > 0 ? `\n<span class="soft">… ${rest} more octets</span>` : ""}</pre>`;
  }

  mark(row) {
    for (const cell of this.root.querySelectorAll("i.marked")) cell.classList.remove("marked");
    if (!row) return;
    const from = +row.dataset.from, size = +row.dataset.size;
    for (let i = from; i < from + Math.min(size, 2000); i++) {
      const cell = this.root.querySelector(`i[data-at="${i}"]`);
      if (cell) cell.classList.add("marked");
    }
  }
}
