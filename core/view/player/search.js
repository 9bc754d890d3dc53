/* Which events the words of a query mean: see the help page for the words. */

function compileTerm(trace, word) {
  const negate = word.length > 1 && word[0] === "-", text = negate ? word.slice(1) : word;
  const test = termTest(trace, text);
  return negate ? i => !test(i) : test;
}

function termTest(trace, text) {
  const e = trace.events, lower = text.toLowerCase();
  const packetOf = i => trace.isPacket(i) ? trace.packet(trace.field(i, 0)) : null;
  const fate = (i, which) => (trace.hopsOf.get(trace.field(i, 0)) || []).some(h => which === "damaged" ? h.damaged : which === "copy" ? h.copy : h[which] >= 0);
  const flags = text.toUpperCase().split(",");
  if (flags.every(f => trace.flagNames.has(f)))
    return i => { const p = packetOf(i); return p !== null && flags.every(f => p.flags.split(",").includes(f)); };
  if (/^#\d+$/.test(text)) return i => trace.isPacket(i) && trace.field(i, 0) === +text.slice(1);
  if (lower === "likely" || lower === "certain") return i => trace.certainty(i) === lower;
  if (["lost", "refused", "copy", "damaged", "unknown"].includes(lower)) return i => trace.isPacket(i) && fate(i, lower);
  if (lower === "data") return i => { const p = packetOf(i); return p !== null && p.len > 0; };
  const m = /^(port|host|why|rfc|state|conn):(.+)$/.exec(lower);
  if (m) {
    const [, key, want] = m;
    if (key === "port") return i => { const p = packetOf(i); return p !== null && (p.sport === +want || p.dport === +want); };
    if (key === "host") return i => trace.nodeName(e.node[i]).toLowerCase().includes(want);
    if (key === "conn") return i => e.conn[i] === +want;
    if (key === "why") return i => { const c = trace.causeOf(i); return c !== null && c.name.toLowerCase().includes(want); };
    if (key === "rfc") return i => { const c = trace.causeOf(i); return c !== null && c.rfc.toLowerCase().replace("rfc ", "").includes(want); };
    const state = want.replace(/_/g, "-");
    return i => e.type[i] === TYPE.STATE && trace.text(i, 1).toLowerCase() === state;
  }
  return i => sentence(trace, i, "relative").toLowerCase().includes(lower);
}

/* The matching ones among `events`: a list in order, or null for an empty query. */
function search(trace, events, query) {
  const words = query.trim().split(/\s+/).filter(Boolean);
  if (words.length === 0) return null;
  const tests = words.map(word => compileTerm(trace, word));
  return events.filter(i => tests.every(test => test(i)));
}
