/* The trace, unpacked: events, packets, the hops that packets make, and for each connection the course
 * of its state, its variables and its timers.  Looking anything up at a moment is a binary search. */

const TYPE = {};
["NODE", "LINK", "CONN", "SENT", "QUEUED", "DELIVERED", "DROPPED", "DUPLICATED", "DAMAGED", "MARKED", "STATE",
 "VARIABLE", "TIMER_SET", "TIMER_FIRED", "TIMER_CANCELLED", "CALL", "NOTE", "DETAIL", "UNKNOWN"]
  .forEach((name, i) => { TYPE[name] = i; });

/* How many integers follow the five that every event has. */
const EXTRA = [0, 0, 0, 6, 6, 6, 6, 6, 6, 6, 2, 2, 2, 2, 2, 3, 1, 2, 6];
const PACKET_FIELDS = 16;

/* How sure it is that an event happened stands above its type. */
const CERTAINTY = 32;
const OBSERVED = 0, CERTAIN = 1, LIKELY = 2;

/* What the flags of a packet do, whatever its protocol calls them. */
const OPENS = 1, CLOSES = 2, RESETS = 4, ACKS = 8, TELLS_WINDOW = 256;

/* The last index whose value is at most x, in a sorted array; -1: none. */
function lastAtMost(array, x, length = array.length) {
  let low = 0, high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (array[middle] <= x) low = middle + 1; else high = middle;
  }
  return low - 1;
}

/* Values that hold from an event on. */
class Course {
  constructor() { this.events = []; this.values = []; }
  add(event, value) { this.events.push(event); this.values.push(value); }
  at(event) {
    const i = lastAtMost(this.events, event);
    return i < 0 ? undefined : this.values[i];
  }
}

class Conn {
  constructor(row, number) {
    [this.node, this.protocol, this.local, this.port, this.remote, this.remotePort] = row;
    this.number = number;
    this.peer = null;
    this.born = -1; /* the event that made it */
    this.states = new Course();
    this.variables = new Map(); /* name → Course */
    this.timers = new Map();    /* name → Course of {what, at} */
  }
  variable(name, event) {
    const course = this.variables.get(name);
    return course ? course.at(event) : undefined;
  }
  state(event) { return this.states.at(event); }
}

/* `number` counts from 1 as drywire explain does, without details: a trace has them or not. */
function unpackEvents(flat) {
  let n = 0;
  for (let i = 0; i < flat.length; i += 5 + EXTRA[flat[i] % CERTAINTY]) n++;
  const e = { count: n, number: new Uint32Array(n), type: new Uint8Array(n), sure: new Uint8Array(n), time: new Float64Array(n), node: new Int32Array(n),
              conn: new Uint32Array(n), cause: new Uint32Array(n), at: new Uint32Array(n), flat };
  for (let i = 0, k = 0, now = 0; k < n; k++) {
    e.type[k] = flat[i] % CERTAINTY;
    e.sure[k] = Math.floor(flat[i] / CERTAINTY);
    e.time[k] = now += flat[i + 1];
    e.node[k] = flat[i + 2] - 1;
    e.conn[k] = flat[i + 3];
    e.cause[k] = flat[i + 4];
    e.at[k] = i + 5;
    e.number[k] = (k ? e.number[k - 1] : 0) + (e.type[k] === TYPE.DETAIL ? 0 : 1);
    i += 5 + EXTRA[e.type[k]];
  }
  return e;
}

/* What of the trace is shown: packets by their numbers, events by their index. */
class Part {
  constructor(trace, [packets, events]) {
    this.packets = new Set();
    for (let k = 0; k < packets.length; k += 2)
      for (let i = packets[k]; i < packets[k] + packets[k + 1]; i++) this.packets.add(trace.rows[i * PACKET_FIELDS]);
    this.events = new Uint8Array(trace.events.count);
    for (let k = 0; k < events.length; k += 2) this.events.fill(1, events[k], events[k] + events[k + 1]);
    this.first = events.length ? events[0] : 0;
    this.last = events.length ? events[events.length - 2] + events[events.length - 1] - 1 : trace.events.count - 1;
  }
  hasPacket(number) { return this.packets.has(number); }
  hasEvent(i) { return this.events[i] === 1; }
}

/* Packets from one number to another, and what is between them. */
class Cut {
  constructor(from, to) { Object.assign(this, { from, to }); }
  hasPacket(number) { return number >= this.from && number <= this.to; }
  hasEvent() { return true; }
}

class Trace {
  constructor(data) {
    Object.assign(this, { version: data.version, digest: data.digest, title: data.title, nodes: data.nodes, order: data.order,
                          links: data.links, states: data.states, heads: data.heads, payloads: data.payloads,
                          picture: data.picture, words: data.words || {}, translated: Boolean(data.picture.language) });
    this.strings = ["", ...data.strings];
    this.causes = [null, ...data.causes.map(([name, rfc, text]) => ({ name, rfc, text }))];
    this.events = unpackEvents(data.events);
    this.rows = data.packets;
    this.packetCount = this.rows.length / PACKET_FIELDS;
    this.rowOf = new Map(); /* packet → where its row begins: numbers of a capture have gaps */
    for (let i = 0; i < this.rows.length; i += PACKET_FIELDS) this.rowOf.set(this.rows[i], i);
    this.conns = [null, ...data.conns.map((row, i) => row && new Conn(row, i + 1))];
    this.end = this.events.count ? this.events.time[this.events.count - 1] : 0;
    this.flagNames = new Set(TCP_FLAGS);
    for (let i = 2; i < this.rows.length; i += PACKET_FIELDS)
      for (const name of (this.strings[this.rows[i]] || "").split(",")) this.flagNames.add(name);
    this.pairConns();
    this.follow();
    this.part = data.picture.shown ? new Part(this, data.picture.shown) : null;
  }

  /* In the picture's language: a word, and a phrase with something in it. */
  word(english) { return Object.hasOwn(this.words, english) ? this.words[english] : english; }
  phrase(english, ...whats) { return this.word(english).replace(/%s/g, () => whats.shift()); }

  /* Fields of an event by their place after the five common ones. */
  field(event, i) { return this.events.flat[this.events.at[event] + i]; }
  text(event, i) { return this.strings[this.field(event, i)]; }
  isPacket(event) { const t = this.events.type[event]; return (t >= TYPE.SENT && t <= TYPE.MARKED) || t === TYPE.UNKNOWN; }
  causeOf(event) { return this.causes[this.events.cause[event]]; }
  nodeName(node) { return node >= 0 && this.nodes[node] ? this.nodes[node][0] : "?"; }

  packet(number) {
    const r = this.rows, i = this.rowOf.get(number) + 1;
    if (!(i > 0)) return null;
    return { number, label: (this.picture.labels || {})[number], protocol: this.strings[r[i]], flags: this.strings[r[i + 1]] || "", conn: r[i + 2],
             from: r[i + 3] - 1, to: r[i + 4] - 1, sport: r[i + 5], dport: r[i + 6], seq: r[i + 7], ack: r[i + 8],
             seqFrom: r[i + 9], ackFrom: r[i + 10], window: r[i + 11], len: r[i + 12], copyOf: r[i + 13], does: r[i + 14] };
  }

  pairConns() {
    const waiting = new Map();
    for (const c of this.conns) {
      if (!c) continue;
      const host = /^127\.|^::1$/.test(c.remote) ? `${c.node} ` : ""; /* each host's own */
      const mine = `${host}${c.local} ${c.port} ${c.remote} ${c.remotePort}`;
      const key = `${host}${c.remote} ${c.remotePort} ${c.local} ${c.port}`;
      const other = waiting.get(key);
      if (other && !other.peer && key !== mine) {
        c.peer = other;
        other.peer = c;
      } else {
        waiting.set(mine, c);
      }
    }
  }

  /* One pass over the events: connections and hops. */
  follow() {
    const e = this.events, open = new Map(); /* packet → its hops that are under way */
    this.hops = [];
    this.hopsOf = new Map(); /* packet → its hops */
    this.queues = new Map(); /* link and direction → [[event, packets in front] ...] */
    for (let i = 0; i < e.count; i++) {
      const type = e.type[i], conn = this.conns[e.conn[i]];
      if (this.isPacket(i)) this.onPacket(i, type, open);
      else if (!conn) continue;
      else if (type === TYPE.CONN) conn.born = i;
      else if (type === TYPE.STATE) {
        if (conn.states.events.length === 0) conn.states.add(conn.born, this.text(i, 0));
        conn.states.add(i, this.text(i, 1));
      } else if (type === TYPE.VARIABLE || type === TYPE.DETAIL) {
        this.course(conn.variables, this.text(i, 0)).add(i, this.field(i, 1));
      } else if (type === TYPE.TIMER_SET || type === TYPE.TIMER_FIRED || type === TYPE.TIMER_CANCELLED) {
        const left = this.field(i, 1);
        this.course(conn.timers, this.text(i, 0))
          .add(i, type === TYPE.TIMER_SET && left >= 0 ? { set: e.time[i], at: e.time[i] + left } : null);
      }
    }
    this.longestHop = 0;
    this.usualHop = 1e6;
    const flights = [];
    for (const h of this.hops)
      if (h.arrives >= 0 && h.from !== h.to) flights.push(e.time[h.arrives] - e.time[h.departs]);
    for (const h of this.hops)
      if (h.arrives >= 0) this.longestHop = Math.max(this.longestHop, e.time[h.arrives] - e.time[h.departs]);
    if (flights.length) this.usualHop = flights.sort((a, b) => a - b)[flights.length >> 1] || 1;
    if (this.usualHop > this.longestHop) this.longestHop = this.usualHop;
    this.departures = Float64Array.from(this.hops, h => e.time[h.departs]);
  }

  course(map, name) {
    let c = map.get(name);
    if (!c) map.set(name, c = new Course());
    return c;
  }

  onPacket(i, type, open) {
    const e = this.events, number = this.field(i, 0), link = this.field(i, 1) - 1;
    if (type === TYPE.SENT || type === TYPE.DUPLICATED) {
      const ends = this.links[link] || [0, 0], from = e.node[i];
      const packet = this.packet(number), of = this.hopsOf.get(number) || [];
      const hop = { index: this.hops.length, packet: number, from, to: ends[0] === from ? ends[1] : ends[0], link,
                    departs: i, arrives: -1, lost: -1, unknown: -1, refused: -1, damaged: false,
                    first: of.length === 0 || type === TYPE.DUPLICATED,
                    copy: packet.copyOf > 0,
                    injected: type === TYPE.DUPLICATED || (this.causeOf(i) || {}).name === "fault-inject" };
      this.hops.push(hop);
      of.push(hop);
      this.hopsOf.set(number, of);
      open.set(number, hop);
    } else if (type === TYPE.DELIVERED) {
      const of = this.hopsOf.get(number) || [];
      const hop = of.findLast(h => h.arrives < 0 && h.lost < 0 && h.to === e.node[i]);
      if (hop) hop.arrives = i;
    } else if (type === TYPE.DROPPED) {
      const of = this.hopsOf.get(number) || [];
      const hop = of.findLast(h => h.arrives < 0 && h.lost < 0);
      if (hop) hop.lost = i;
      else if (of.length) of[of.length - 1].refused = i;
    } else if (type === TYPE.UNKNOWN) {
      const hop = (this.hopsOf.get(number) || []).findLast(h => h.arrives < 0 && h.lost < 0);
      if (hop) hop.unknown = i;
    } else if (type === TYPE.DAMAGED) {
      for (const h of this.hopsOf.get(number) || []) h.damaged = true;
    } else if (type === TYPE.QUEUED) {
      const key = `${link}/${this.field(i, 2)}`;
      if (!this.queues.has(key)) this.queues.set(key, new Course());
      this.queues.get(key).add(i, this.field(i, 5));
    }
  }

  /* How what became of a hop is known, of an imported trace: {what, how, by: a packet or 0, sure}; null: it
   * was observed. */
  evidence(h) {
    const i = [h.arrives, h.lost, h.unknown].find(x => x >= 0);
    if (i === undefined || (this.events.sure[i] === OBSERVED && i !== h.unknown)) return null;
    const sure = this.events.sure[i], cause = this.causeOf(i), by = this.field(i, 5);
    const what = h.unknown >= 0 ? "unknown" : h.lost >= 0 ? "lost" : "arrived";
    return { what: sure === LIKELY ? `likely ${what}` : what, how: cause ? cause.text || cause.name : "", by, sure };
  }

  /* "certain" or "likely" of what was inferred; "": it was observed. */
  certainty(event) { return event >= 0 ? ["", "certain", "likely"][this.events.sure[event]] : ""; }

  /* Whether anything in it was inferred. */
  isInferred() {
    return this.events.sure.some(s => s !== OBSERVED) || this.hops.some(h => h.unknown >= 0);
  }

  /* The bytes of a packet as they were in an event, and how many octets it has in all. */
  bytesAt(event) {
    const number = this.field(event, 0);
    let head = this.field(event, 3), from = event;
    if (!head) { /* QUEUED: as it was sent */
      from = (this.hopsOf.get(number) || [{ departs: event }])[0].departs;
      head = this.field(from, 3);
    }
    const hex = head ? this.heads[head - 1] : "";
    return { bytes: bytesOf(hex + (this.payloads[number] || "")), head: hex.length / 2, len: this.field(from, 4) };
  }

  /* Who talks to whom, in order of creation: [{lives, ends, title}].  The same pair of ports may be used
   * again: each of the lives is [conn, conn or null], and ends are those of the first. */
  conversations() {
    const list = [], known = new Map();
    for (const c of this.conns) {
      if (!c || (c.peer && c.peer.number < c.number)) continue;
      const mine = `${c.node} ${c.local} ${c.port} ${c.remote} ${c.remotePort}`;
      const theirs = c.peer ? `${c.peer.node} ${c.remote} ${c.remotePort} ${c.local} ${c.port}` : "";
      const there = known.get(mine), turned = known.get(theirs);
      if (there) there.lives.push([c, c.peer]);
      else if (turned) turned.lives.push([c.peer, c]);
      else {
        const conversation = { lives: [[c, c.peer]] };
        known.set(mine, conversation);
        list.push(conversation);
      }
    }
    for (const x of list) {
      const [c] = x.lives[0], peer = (x.lives.find(l => l[1]) || [])[1];
      x.ends = [c, peer || null];
      x.title = `${this.nodeName(c.node)}:${c.port} – ${peer ? `${this.nodeName(peer.node)}:${peer.port}` : `${c.remote}:${c.remotePort}`}`;
      if (x.lives.length > 1) x.title += ` (${x.lives.length} times)`;
    }
    return list;
  }

  /* The two ends that there are at an event: of each side the connection that was made last. */
  endsAt(conversation, event) {
    return conversation.ends.map((first, side) => {
      let found = first;
      for (const life of conversation.lives) if (life[side] && life[side].born <= event) found = life[side];
      return found;
    });
  }

  /* When both ends are there for the first time, or the one that there is. */
  bothThere(conversation) {
    return Math.max(...conversation.lives[0].map(c => c ? c.born : -1));
  }

  /* Whether a packet belongs to a conversation: its ports and, as different hosts use the same ones, its
   * hosts.  An ICMP error has no ports. */
  inConversation(packet, conversation) {
    if (!conversation) return true;
    const [c, peer] = conversation.ends;
    if (!packet.sport && !packet.dport) return [c, peer].some(x => x && (packet.from === x.node || packet.to === x.node));
    const leaves = packet.sport === c.port && packet.dport === c.remotePort && (packet.from < 0 || packet.from === c.node) &&
                   this.isPeer(c, packet.to);
    return leaves || this.goesTo(packet, c);
  }

  /* Whether a packet is for this end of a connection, from the other. */
  goesTo(packet, conn) {
    return packet.dport === conn.port && packet.sport === conn.remotePort && (packet.to < 0 || packet.to === conn.node) &&
           this.isPeer(conn, packet.from);
  }

  /* Whether a packet is of another life of the same ports than this end of a connection. */
  isOfAnother(packet, conn) {
    const sender = this.conns[packet.conn];
    return Boolean(conn.peer && sender && sender !== conn.peer && sender.node === conn.peer.node);
  }

  /* Whether a node (-1: unknown) can be the other end. */
  isPeer(conn, node) {
    return node < 0 || !conn.peer || node === conn.peer.node;
  }
}

/* Words for people. */

const UNITS = ["ns", "µs", "ms", "s"];

/* 1500000 → "1.5ms" */
function duration(ns) {
  if (ns < 0) return "-" + duration(-ns);
  let unit = 0, value = ns;
  while (unit < 3 && value >= 1000) { value /= 1000; unit++; }
  return `${+value.toFixed(value < 10 ? 3 : value < 100 ? 2 : 1)} ${UNITS[unit]}`;
}

function seconds(ns, places = 6) {
  return (ns / 1e9).toFixed(places);
}

/* 32-bit numbers as people choose to see them. */
function sequence(value, from, numbers) {
  if (numbers === "absolute" || from === undefined || from < 0) return String(value);
  return String((value - from) | 0);
}

function segmentLabel(p, numbers) {
  if (p.label && numbers !== "relative" && numbers !== "absolute") return p.label;
  if (!p.flags) return `${p.protocol} ${p.len ? `${p.len} octets` : ""}`.trim();
  let text = p.flags;
  text += ` seq=${sequence(p.seq, p.seqFrom, numbers)}`;
  if (p.does & ACKS) text += ` ack=${sequence(p.ack, p.ackFrom, numbers)}`;
  if (p.len) text += ` len=${p.len}`;
  if (p.does & TELLS_WINDOW) text += ` win=${p.window}`;
  return text;
}

function kindOf(p) {
  if (p.does & RESETS) return "rst";
  if (p.does & OPENS) return "syn";
  if (p.does & CLOSES) return "fin";
  return p.len ? "data" : "ack";
}

/* One event as a sentence. */
function sentence(trace, i, numbers) {
  const e = trace.events, type = e.type[i], who = trace.nodeName(e.node[i]), cause = trace.causeOf(i);
  const by = [TYPE.DELIVERED, TYPE.DROPPED, TYPE.UNKNOWN].includes(type) && trace.field(i, 5), sure = trace.certainty(i);
  const t = trace, known = by ? ` in #${by}` : "", reason = cause && t.word(cause.name);
  const why = cause && (sure || type === TYPE.UNKNOWN) ? ` (${sure ? `${t.word(sure)}: ` : ""}${t.word(cause.text || cause.name)}${known})`
    : cause ? ` (${t.translated ? reason : cause.name}${cause.rfc ? `, ${cause.rfc}` : ""})` : sure ? ` (${t.word(sure)}${known})` : "";
  const label = () => `#${trace.field(i, 0)} ${segmentLabel(trace.packet(trace.field(i, 0)), numbers)}`;
  const name = () => trace.text(i, 0);
  switch (type) {
    case TYPE.NODE: return t.phrase("host %s", who);
    case TYPE.LINK: return t.word("a link");
    case TYPE.CONN: return t.phrase("%s: connection %s", who, e.conn[i]);
    case TYPE.SENT: return t.phrase("%s sends %s", who, label()) + why;
    case TYPE.QUEUED: return t.phrase("%s waits behind %s", label(), trace.field(i, 5));
    case TYPE.DELIVERED: return t.phrase("%s receives %s", who, label()) + why;
    case TYPE.UNKNOWN: return t.phrase("unknown whether it arrives: %s", label()) + why;
    case TYPE.DROPPED: return (trace.field(i, 1) ? t.phrase("lost: %s", label()) : t.phrase("%s discards %s", who, label())) + why;
    case TYPE.DUPLICATED: return t.phrase("a copy: %s", label()) + why;
    case TYPE.DAMAGED: return t.phrase("damaged: %s", label()) + why;
    case TYPE.MARKED: return t.phrase("marked: %s", label()) + why;
    case TYPE.STATE: return `${who}: ${t.word(name())} → ${t.word(trace.text(i, 1))}${why}`;
    case TYPE.VARIABLE:
    case TYPE.DETAIL: return `${who}: ${name()} = ${valueText(name(), trace.field(i, 1))}`;
    case TYPE.TIMER_SET: return t.phrase("%s: timer %s set to %s", who, t.word(name()), duration(trace.field(i, 1))) + why;
    case TYPE.TIMER_FIRED: return t.phrase("%s: timer %s fires", who, t.word(name()));
    case TYPE.TIMER_CANCELLED: return t.phrase("%s: timer %s stopped", who, t.word(name())) + why;
    case TYPE.CALL: return `${who}: ${name()}(${[trace.text(i, 1), trace.field(i, 2) || ""].filter(Boolean).join(", ")})`;
    case TYPE.NOTE: return `${who}: ${name()}${why}`;
  }
  return "";
}

/* What variables are called, their units, and the panel they stand in. */
const VARIABLES = {
  iss: ["ISS", "seq", "send"], snd_una: ["SND.UNA", "seq", "send"], snd_nxt: ["SND.NXT", "seq", "send"],
  snd_wnd: ["SND.WND", "octets", "send"], snd_up: ["SND.UP", "seq", "send"],
  snd_wl1: ["SND.WL1", "ack", "send"], snd_wl2: ["SND.WL2", "seq", "send"], snd_mss: ["SMSS", "octets", "send"],
  irs: ["IRS", "ack", "receive"], rcv_nxt: ["RCV.NXT", "ack", "receive"], rcv_wnd: ["RCV.WND", "octets", "receive"],
  rcv_up: ["RCV.UP", "ack", "receive"], ts_recent: ["TS.Recent", "", "receive"],
  cwnd: ["cwnd", "octets", "congestion"], ssthresh: ["ssthresh", "octets", "congestion"],
  flight: ["FlightSize", "octets", "congestion"], pipe: ["pipe", "octets", "congestion"],
  ca_state: ["state", "phase", "congestion"], duplicate_acks: ["duplicate ACKs", "", "congestion"],
  recover: ["recover", "seq", "congestion"], pacing_rate: ["pacing rate", "octets/s", "congestion"],
  delivery_rate: ["delivery rate", "octets/s", "congestion"], retransmits: ["timeouts in a row", "", "congestion"],
  srtt: ["SRTT", "time", "time"], rttvar: ["RTTVAR", "time", "time"], rto: ["RTO", "time", "time"],
  rack_window: ["RACK window", "time", "time"],
  unsent: ["not yet sent", "octets", "buffers"], unread: ["not yet read", "octets", "buffers"],
  early: ["out of order", "octets", "buffers"], send_buffer: ["send buffer", "octets", "buffers"],
  receive_buffer: ["receive buffer", "octets", "buffers"],
};
const PHASES = ["open", "disorder", "CWR", "recovery", "loss"];

function valueText(name, value, conn, event, numbers) {
  const unit = (VARIABLES[name] || ["", ""])[1];
  if (unit === "time") return duration(value);
  if (unit === "phase") return PHASES[value] || String(value);
  if (unit === "seq" || unit === "ack") {
    const from = conn && conn.variable(unit === "seq" ? "iss" : "irs", event);
    return sequence(value, from, name === "iss" || name === "irs" ? "absolute" : numbers);
  }
  return String(value).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}
