/* The headers of a packet, read from its bytes: IP (RFC 791, RFC 8200), TCP (RFC 9293), UDP, ICMP.
 * Everything is as on the wire; what a connection makes of it (scaled windows, relative numbers) is
 * said beside it. */

const TCP_FLAGS = ["FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR", "AE"];
const PROTOCOLS = { 1: "ICMP", 6: "TCP", 17: "UDP", 58: "ICMPv6" };

function bytesOf(hex) {
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(hex.substr(2 * i, 2), 16);
  return bytes;
}

const u16 = (b, i) => (b[i] << 8) | b[i + 1];
const u32 = (b, i) => ((b[i] << 24) | (b[i + 1] << 16) | (b[i + 2] << 8) | b[i + 3]) >>> 0;
const hex = (value, digits) => "0x" + value.toString(16).padStart(digits, "0");

function ip6Text(b, at) {
  const words = [];
  for (let i = 0; i < 8; i++) words.push(u16(b, at + 2 * i).toString(16));
  const text = words.join(":");
  const zeros = text.match(/(^|:)0(:0)+(:|$)/g); /* the longest run, RFC 5952 */
  if (!zeros) return text;
  const longest = zeros.sort((a, c) => c.length - a.length)[0];
  return text.replace(longest, "::");
}

const ip4Text = (b, at) => `${b[at]}.${b[at + 1]}.${b[at + 2]}.${b[at + 3]}`;

/* One option: what it is called, what it says, and its values under tshark's names. */
function tcpOption(kind, b, at, len) {
  const body = Array.from(b.subarray(at, at + len), x => x.toString(16).padStart(2, "0")).join("");
  if (kind === 2 && len === 2) return { name: "maximum segment size", text: u16(b, at), mss: u16(b, at) };
  if (kind === 3 && len === 1)
    return { name: "window scale", text: `${b[at]} (×${2 ** Math.min(b[at], 14)})`, wscale: b[at] };
  if (kind === 4 && len === 0) return { name: "SACK permitted", text: "", sackPermitted: true };
  if (kind === 5 && len % 8 === 0) {
    const blocks = [];
    for (let i = 0; i < len; i += 8) blocks.push([u32(b, at + i), u32(b, at + i + 4)]);
    return { name: "SACK", text: blocks.map(x => x.join("–")).join(", "), sack: blocks };
  }
  if (kind === 8 && len === 8)
    return { name: "timestamps", text: `value ${u32(b, at)}, echo ${u32(b, at + 4)}`,
             tsval: u32(b, at), tsecr: u32(b, at + 4) };
  if (kind === 28 && len === 2) {
    const minutes = b[at] >> 7, time = u16(b, at) & 0x7fff;
    return { name: "user timeout", text: `${time} ${minutes ? "min" : "s"}` };
  }
  if (kind === 34) return { name: "fast open", text: len ? `cookie ${body}` : "cookie wanted" };
  if (kind === 172 || kind === 174) return { name: "accurate ECN", text: body };
  if (kind === 19) return { name: "MD5 signature", text: body };
  if (kind === 254 || kind === 253) return { name: `experiment ${kind}`, text: body };
  return { name: `option ${kind}`, text: body };
}

function decodeTcp(b, at, len) {
  const offset = (b[at + 12] >> 4) * 4, bits = u16(b, at + 12) & 0x1ff;
  const t = { sport: u16(b, at), dport: u16(b, at + 2), seq: u32(b, at + 4), ack: u32(b, at + 8),
              offset, bits, flags: TCP_FLAGS.filter((_, i) => bits >> i & 1), window: u16(b, at + 14),
              checksum: u16(b, at + 16), urgent: u16(b, at + 18), len: len - offset, options: [] };
  for (let i = at + 20; i < at + offset && i < b.length;) {
    const kind = b[i], size = b[i + 1];
    if (kind === 0) break;
    if (kind === 1) { i++; continue; }
    if (!(size >= 2) || i + size > at + offset) {
      t.options.push({ name: "malformed", text: "" });
      break;
    }
    t.options.push(tcpOption(kind, b, i + 2, size - 2));
    i += size;
  }
  return t;
}

/* `len`: octets of the whole packet, of which b may be the beginning. */
function decode(b, len) {
  const d = { version: b[0] >> 4 };
  let at, next;
  if (d.version === 4 && b.length >= 20) {
    at = (b[0] & 15) * 4;
    next = b[9];
    d.ip = { src: ip4Text(b, 12), dst: ip4Text(b, 16), ttl: b[8], tos: b[1], id: u16(b, 4), total: u16(b, 2),
             dont_fragment: (b[6] & 0x40) !== 0, fragment: (u16(b, 6) & 0x1fff) * 8, checksum: u16(b, 10),
             protocol: next, header: at };
  } else if (d.version === 6 && b.length >= 40) {
    at = 40;
    next = b[6];
    d.ip = { src: ip6Text(b, 8), dst: ip6Text(b, 24), ttl: b[7], tos: (u16(b, 0) >> 4) & 255,
             label: u32(b, 0) & 0xfffff, total: u16(b, 4) + 40, protocol: next, header: at };
  } else {
    return d;
  }
  if (next === 6 && b.length >= at + 20) d.tcp = decodeTcp(b, at, len - at);
  if (next === 17 && b.length >= at + 8)
    d.udp = { sport: u16(b, at), dport: u16(b, at + 2), total: u16(b, at + 4), checksum: u16(b, at + 6) };
  if ((next === 1 || next === 58) && b.length >= at + 8)
    d.icmp = { type: b[at], code: b[at + 1], checksum: u16(b, at + 2), rest: u32(b, at + 4), version: d.version };
  return d;
}

const ICMP_NAMES = {
  "4/0": "echo reply", "4/3": "destination unreachable", "4/4": "source quench", "4/5": "redirect",
  "4/8": "echo request", "4/11": "time exceeded", "4/12": "parameter problem",
  "6/1": "destination unreachable", "6/2": "packet too big", "6/3": "time exceeded",
  "6/128": "echo request", "6/129": "echo reply",
};
const ECN_NAMES = ["not ECN-capable", "ECT(1)", "ECT(0)", "CE: congestion experienced"];

/* What the decoder found, as tables for people: [layer, [[field, value, first octet, octets] ...]]. */
function layersOf(d) {
  const layers = [], ip = d.ip;
  if (!ip) return layers;
  const rows = [["source", ip.src, d.version === 4 ? 12 : 8, d.version === 4 ? 4 : 16],
                ["destination", ip.dst, d.version === 4 ? 16 : 24, d.version === 4 ? 4 : 16],
                [d.version === 4 ? "time to live" : "hop limit", ip.ttl, d.version === 4 ? 8 : 7, 1],
                ["ECN", ECN_NAMES[ip.tos & 3], d.version === 4 ? 1 : 0, d.version === 4 ? 1 : 2],
                ["DSCP", ip.tos >> 2, d.version === 4 ? 1 : 0, d.version === 4 ? 1 : 2],
                ["total length", ip.total, d.version === 4 ? 2 : 4, 2]];
  if (d.version === 4)
    rows.push(["identification", hex(ip.id, 4), 4, 2],
              ["fragments", ip.dont_fragment ? "not allowed (DF)" : ip.fragment ? `offset ${ip.fragment}` : "allowed", 6, 2],
              ["checksum", hex(ip.checksum, 4), 10, 2]);
  rows.push(["protocol", `${PROTOCOLS[ip.protocol] || ip.protocol}`, d.version === 4 ? 9 : 6, 1]);
  layers.push([`Internet Protocol version ${d.version}`, rows]);
  const at = ip.header;
  if (d.tcp) {
    const t = d.tcp;
    const fields = [["source port", t.sport, at, 2], ["destination port", t.dport, at + 2, 2],
                    ["sequence number", t.seq, at + 4, 4], ["acknowledgment number", t.ack, at + 8, 4],
                    ["data offset", `${t.offset} octets`, at + 12, 1],
                    ["flags", `${t.flags.join(", ") || "none"} (${hex(t.bits, 3)})`, at + 12, 2],
                    ["window", t.window, at + 14, 2], ["checksum", hex(t.checksum, 4), at + 16, 2],
                    ["urgent pointer", t.urgent, at + 18, 2]];
    for (const o of t.options) fields.push([o.name, o.text, at + 20, t.offset - 20]);
    fields.push(["data", `${t.len} octets`, at + t.offset, t.len]);
    layers.push(["Transmission Control Protocol", fields]);
  }
  if (d.udp)
    layers.push(["User Datagram Protocol",
                 [["source port", d.udp.sport, at, 2], ["destination port", d.udp.dport, at + 2, 2],
                  ["length", d.udp.total, at + 4, 2], ["checksum", hex(d.udp.checksum, 4), at + 6, 2]]]);
  if (d.icmp)
    layers.push([d.version === 4 ? "ICMP" : "ICMPv6",
                 [["type", `${d.icmp.type} ${ICMP_NAMES[d.version + "/" + d.icmp.type] || ""}`, at, 1],
                  ["code", d.icmp.code, at + 1, 1], ["checksum", hex(d.icmp.checksum, 4), at + 2, 2]]]);
  return layers;
}
