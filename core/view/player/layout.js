/* Where each moment lies on the ladder: time runs downwards to scale, stretched where labels need
 * room and cut, with a mark, where nothing happens for long. */

const FLIGHT = 46;       /* what the usual hop takes */
const LONG_FLIGHT = 110; /* the most that one may take */
const SILENCE = 90, CUT = 46;
/* How large the ladder's type is: 1, or 1.5 for slides. */
const TYPE_SIZE = document.documentElement.classList.contains("large") ? 1.5 : 1;
const ROOM = { label: 17 * TYPE_SIZE, head: 9 * TYPE_SIZE, outside: 15 * TYPE_SIZE };

class Layout {
  /* Everything of a conversation, or of all (null); of it what a Part or a Cut has, if there is one. */
  constructor(trace, conversation, cut) {
    this.trace = trace;
    this.conversation = conversation;
    this.cut = cut;
    const inside = h => !cut || cut.hasPacket(h.packet);
    this.hops = trace.hops.filter(h => inside(h) && trace.inConversation(trace.packet(h.packet), conversation));
    this.findEdges(cut);
    this.columns = this.placeColumns();
    this.columnOf = new Map(this.columns.map((node, i) => [node, i]));
    this.conns = (conversation ? conversation.lives.flat() : trace.conns).filter(Boolean).slice(0, 64);
    this.ours = new Set(this.conns.map(c => c.number));
    this.placeEvents();
  }

  /* Hosts that packets touch, in the order of the path. */
  placeColumns() {
    const touched = new Set();
    for (const h of this.hops) { touched.add(h.from); touched.add(h.to); }
    for (const c of (this.conversation || { ends: [] }).ends) if (c) touched.add(c.node);
    const columns = this.trace.order.filter(node => touched.has(node));
    return columns.length ? columns : this.trace.order;
  }

  /* The first event that is shown, and the last. */
  findEdges(cut) {
    const e = this.trace.events;
    this.first = 0;
    this.last = e.count - 1;
    if (!cut) return;
    if (cut instanceof Part) {
      this.first = cut.first;
      this.last = cut.last;
      return;
    }
    if (!this.hops.length) return;
    this.first = Math.min(...this.hops.map(h => h.departs));
    const end = Math.max(...this.hops.map(h => Math.max(h.departs, h.arrives, h.lost, h.refused, h.unknown)));
    this.last = lastAtMost(e.time, e.time[end]); /* what came of it at the same instant, too */
    while (this.first > 0 && e.time[this.first - 1] === e.time[this.first] && !this.trace.isPacket(this.first - 1)) this.first--;
  }

  /* "label", "head", "outside": what the event needs room for; null: nothing. */
  needs(i) {
    const e = this.trace.events, type = e.type[i];
    if (!this.isIn(i) || !this.isTold(type)) return null;
    if (type === TYPE.SENT || type === TYPE.DUPLICATED) return "label";
    if (type === TYPE.DELIVERED) return "head";
    if (type === TYPE.STATE || type === TYPE.TIMER_FIRED) return this.isOurs(e.conn[i]) ? "outside" : null;
    if (type === TYPE.CALL) return this.isOurs(e.conn[i]) && !QUIET_CALLS.has(this.trace.text(i, 0)) ? "outside" : null;
    return null;
  }

  isIn(i) {
    return i >= this.first && i <= this.last && (!this.cut || this.cut.hasEvent(i));
  }

  /* Whether a picture without states, or without calls, has such an event. */
  isTold(type) {
    const { states, calls } = this.trace.picture;
    if (type === TYPE.STATE) return states;
    if (type === TYPE.TIMER_FIRED) return states && calls;
    return type !== TYPE.CALL || calls;
  }

  isOurs(conn) {
    return !conn || !this.conversation || this.ours.has(conn);
  }

  /* " (1)": which life of a pair of ports an event is of, where there is a later one already. */
  lifeOf(event) {
    const lives = this.conversation ? this.conversation.lives : [], conn = this.trace.events.conn[event];
    if (lives.length < 2) return "";
    const of = lives.findIndex(life => life.some(c => c && c.number === conn));
    const later = lives.slice(of + 1).some(life => life.some(c => c && c.node === this.trace.events.node[event] && c.born <= event));
    return of >= 0 && later ? ` (${of + 1})` : "";
  }

  /* Instant by instant.  Of each host the first packet that leaves or comes at one instant lies where the
   * last of them can, so that what happens at once is at one height; what a host does then goes down the
   * page in its order. */
  placeEvents() {
    const e = this.trace.events, mine = new Uint8Array(e.count), last = new Map();
    for (const h of this.hops) {
      mine[h.departs] = 1;
      if (h.arrives >= 0) mine[h.arrives] = 1;
    }
    this.y = new Float64Array(e.count);
    this.breaks = []; /* [y0, y1, length, event] */
    this.pixels = FLIGHT / this.trace.usualHop;
    let flying = 0, lostUntil = 0, before = 0, time = this.first ? e.time[this.first] : 0;
    const arrivals = new Map(this.hops.filter(h => h.arrives >= 0).map(h => [h.arrives, h]));
    const departs = new Map(this.hops.map(h => [h.departs, h]));
    for (let i = this.first; i <= this.last;) {
      let end = i;
      while (end <= this.last && e.time[end] === e.time[i]) end++;
      const gap = e.time[i] - time, wanted = gap * this.pixels, most = flying ? LONG_FLIGHT : SILENCE;
      let from = before, y = before + wanted;
      if (wanted > most) {
        if (!flying && lostUntil > from) from = lostUntil;
        y = from + (flying ? LONG_FLIGHT : CUT);
      }
      before = this.placeInstant(i, end, y, { mine, last, arrivals });
      if (wanted > most) this.breaks.push([from, this.y[i], gap, i]);
      time = e.time[i];
      for (; i < end; i++) {
        const hop = departs.get(i);
        if (hop && hop.arrives >= 0) flying++;
        if (hop && hop.arrives < 0) lostUntil = this.y[i] + FLIGHT;
        if (arrivals.has(i)) flying--;
      }
    }
    this.height = Math.max(before, lostUntil);
    this.y.fill(this.height, this.last + 1);
    this.findBounds();
    this.breakStarts = this.breaks.map(b => b[0]);
    this.longest = FLIGHT;
    for (const h of this.hops) {
      h.y0 = this.y[h.departs];
      h.y1 = h.arrives >= 0 ? this.y[h.arrives] : h.y0 + FLIGHT;
      if (h.y1 - h.y0 > this.longest) this.longest = h.y1 - h.y0;
    }
    this.shownEvents = this.stops();
    this.shownSet = new Set(this.shownEvents);
  }

  /* The events from i up to end, at y or below; returns where the last of them lies. */
  placeInstant(i, end, y, { mine, last, arrivals }) {
    const e = this.trace.events, at = new Map(), needs = [], first = new Map();
    const place = k => {
      const node = e.node[k], need = needs[k - i], hop = arrivals.get(k);
      let here = at.has(node) ? at.get(node) : y;
      const above = need ? last.get(`${node}${need}`) : undefined;
      if (above !== undefined) here = Math.max(here, above + ROOM[need]);
      if (hop && e.time[hop.departs] === e.time[k]) here = Math.max(here, this.y[hop.departs]);
      return here;
    };
    const put = (k, here) => {
      this.y[k] = here;
      at.set(e.node[k], here);
      if (needs[k - i]) last.set(`${e.node[k]}${needs[k - i]}`, here);
    };
    let level = y;
    for (let k = i; k < end; k++) {
      needs.push(mine[k] || !this.trace.isPacket(k) ? this.needs(k) : null);
      if (first.has(e.node[k])) continue;
      const here = place(k);
      if (mine[k] && needs[k - i]) {
        first.set(e.node[k], k);
        level = Math.max(level, here);
      } else {
        put(k, here);
      }
    }
    let lowest = y;
    for (let k = i; k < end; k++) {
      const from = first.get(e.node[k]);
      if (from !== undefined && k >= from) put(k, k === from ? Math.max(level, place(k)) : place(k));
      lowest = Math.max(lowest, this.y[k]);
    }
    return lowest;
  }

  /* At one instant heights go back and forth between hosts: what is above or at an event and those before it
   * (upTo), at it and those after it (from), which rise, so that what is in view is found at once. */
  findBounds() {
    const n = this.y.length;
    this.upTo = Float64Array.from(this.y);
    this.from = Float64Array.from(this.y);
    for (let i = this.first + 1; i < n; i++) this.upTo[i] = Math.max(this.upTo[i], this.upTo[i - 1]);
    for (let i = n - 2; i >= 0; i--) this.from[i] = Math.min(this.from[i], this.from[i + 1]);
    this.tops = Float64Array.from(this.hops, h => this.from[h.departs]);
    this.bottoms = Float64Array.from(this.hops, h => this.upTo[h.departs]);
  }

  /* The events to stop at when stepping: what the ladder shows. */
  stops() {
    const e = this.trace.events, list = [], mine = new Uint8Array(e.count);
    for (const h of this.hops) {
      mine[h.departs] = 1;
      if (h.arrives >= 0) mine[h.arrives] = 1;
      if (h.lost >= 0) mine[h.lost] = 1;
      if (h.unknown >= 0) mine[h.unknown] = 1;
      if (h.refused >= 0) mine[h.refused] = 1;
    }
    for (let i = 0; i < e.count; i++) {
      const t = e.type[i];
      const told = t === TYPE.STATE || t === TYPE.TIMER_FIRED || t === TYPE.NOTE || t === TYPE.CALL;
      if (this.isIn(i) && (mine[i] || (told && this.isTold(t) && this.isOurs(e.conn[i])))) list.push(i);
    }
    return list;
  }

  /* Hops that touch the band between two heights. */
  hopsBetween(top, bottom) {
    const list = [];
    for (let i = lastAtMost(this.tops, bottom); i >= 0 && this.bottoms[i] >= top - this.longest; i--)
      if (this.hops[i].y1 >= top && this.hops[i].y0 <= bottom) list.push(this.hops[i]);
    return list.reverse();
  }

  yOfTime(time) {
    const t = this.trace.events.time, i = lastAtMost(t, time);
    if (i < 0) return 0;
    if (i + 1 >= t.length) return this.upTo[i] + Math.min((time - t[i]) * this.pixels, FLIGHT);
    return this.upTo[i] + (this.upTo[i + 1] - this.upTo[i]) * (time - t[i]) / (t[i + 1] - t[i]);
  }

  timeOfY(y) {
    const t = this.trace.events.time, i = lastAtMost(this.upTo, y);
    if (i < 0) return 0;
    if (i + 1 >= t.length) return t[i];
    const span = this.upTo[i + 1] - this.upTo[i];
    return span > 0 ? t[i] + (t[i + 1] - t[i]) * (y - this.upTo[i]) / span : t[i];
  }
}

/* Calls that only fill the page. */
const QUIET_CALLS = new Set(["send", "recv", "listen", "accept"]);
