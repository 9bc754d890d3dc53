---@meta drywire
-- Generated from lua/api/api.lua.

---A length of time: "20ms", "1.5s", "2min"; a bare number is seconds where no table option asks for a unit.
---@alias drywire.Duration string|number

---A rate: "10Mbps", "1.5Gbps", "64kbps", "1MB/s".
---@alias drywire.Rate string

---A probability: "2%" or 0.02.
---@alias drywire.Probability string|number

---A TCP state as RFC 9293 writes it: SYN-SENT, TIME-WAIT (SYN_SENT is understood too).
---@alias drywire.State string

---Options of dw.sim.
---@class (exact) drywire.SimOptions
---@field seed? integer every random stream is derived from it; default 1; `--seed` wins
---@field limit? drywire.Duration a run that is not over by then fails with exit code 3; default 1h
---@field max_events? integer likewise after so many events; default: no limit
---@field msl? string the maximum segment lifetime of every host; TIME-WAIT is twice that
---@field profile? string the TCP profile of every host: rfc9293 (default), linux, freebsd, rfc793 or embedded
---@field tcp? table TCP options of every host, see below
---@field checks? string what a broken rule does (an ACK storm, data that was never sent, a window that shrinks): "fail" (default), "note" in the trace, or "off"
---@field detail? boolean trace sequence numbers and buffers of every connection, too, for the player; the digest does not change
---@field trace_limit? string memory for the trace, with the data of the packets in it, "2GiB" (default); a run that needs more fails with exit code 3
---@field name? string a heading for its ladder; a script with several named simulations has each drawn
---@field trace? string "on" (default), "digest" (keep nothing in memory) or "off"

---Options of sim:host.
---@class (exact) drywire.HostOptions
---@field isn? integer|integer[] initial sequence numbers of its connections, one after the other; then RFC 6528's
---@field mss? integer the MSS that it announces; default: the link's MTU less 40
---@field buffer? string|integer send and receive buffer in bytes, which then do not grow; default 65535
---@field addr? string its IPv4 address; default 10.0.0.1 and up
---@field more_addrs? string[] up to four more addresses
---@field profile? string its TCP profile; default: the simulation's
---@field tcp? table TCP options, see below; `profile` first
---@field udp? table UDP options: `tcp_port`, datagrams to which carry TCP segments

---Options of sim:link, dw.pair and link:set. to_<host> = { ... } sets one direction.
---@class (exact) drywire.LinkOptions
---@field delay? drywire.Duration propagation, one way; default 0
---@field rate? drywire.Rate default: infinitely fast
---@field mtu? integer bytes with the IP header; default 1500
---@field queue? string|integer waiting packets (100) or bytes ("64KiB"); default: no limit
---@field loss? drywire.Probability|table each packet is lost; or a model made by dw.loss
---@field duplicate? drywire.Probability each packet arrives twice
---@field corrupt? drywire.Probability one bit of each packet is flipped
---@field reorder? drywire.Probability each packet is held back by reorder_delay
---@field reorder_delay? drywire.Duration default: as long as delay, at least 1 ms
---@field jitter? drywire.Duration uniform extra delay; order is kept
---@field down? boolean nothing is carried
---@field refuses? boolean the sender's own queue takes nothing, and it knows: a local drop, see local_drop_probe
---@field [string] any

---Which packets are meant: by faults, queries and expectations.
---@class (exact) drywire.Match
---@field [1] string? the segment in packetdrill's notation, "F. 1:1(0) ack 1": flags and octets exactly, numbers relative as on the ladder; what is not written is not looked at. Alone it needs no table: `link:drop "S. 0:0(0)"`
---@field from? string|drywire.Host sent by this host
---@field to? string|drywire.Host for this host
---@field flags? string "SYN": contains SYN; "SYN,ACK": both; "=SYN": exactly
---@field nth? integer|integer[] only the first, or these, of the packets that match
---@field count? integer at most so many
---@field has_data? boolean with or without data
---@field len? integer|integer[] octets of data, or { least, most }
---@field seq? integer|integer[] sequence number, or { first, last }
---@field after? drywire.Duration sent at this time or later
---@field before? drywire.Duration sent before this time
---@field port? integer source port
---@field to_port? integer destination port
---@field packet? integer the number on the ladder
---@field conn? drywire.Connection sent by this connection
---@field when? fun(p: drywire.Packet): boolean asked last; it must not block
---@field by? any for the fault of that name
---@field behind? any for the fault of that name
---@field byte? any for the fault of that name
---@field set? any for the fault of that name

---A packet of link:inject, which no host sent.
---@class (exact) drywire.Inject
---@field [1] string? the segment in packetdrill's notation, "P. 1:4(3) ack 1 win 500 <nop,nop,TS val 7 ecr 0>"; numbers are relative to what both sides sent before, those of a SYN and those with "!" absolute; data that is not given is "xxx..."
---@field at? drywire.Duration default: now
---@field from? string|drywire.Host whose address it bears
---@field to? string|drywire.Host where it goes
---@field port? integer source port
---@field to_port? integer destination port
---@field flags? string "SYN,ACK"; the names are those of the protocol. With protocol = "icmp", one error: net-unreachable, host-unreachable, protocol-unreachable, port-unreachable, fragmentation-needed (between hosts of IPv6: packet too big), source-route-failed, prohibited, time-exceeded, parameter-problem, and for IPv4 source-quench
---@field seq? integer sequence number; a SYN's may be left out and is 0 then
---@field ack? integer acknowledgment number; to be said where flags has ACK
---@field window? integer default 65535
---@field data? string default: none; of ICMP what it quotes beyond the first 8 octets behind the IP header
---@field urgent? integer urgent pointer; default 0
---@field ttl? integer default 64
---@field tos? integer default 0
---@field options? string bytes of the transport header's options (see `dw.tcp_option`)
---@field ip_options? string bytes of the IP header's options
---@field src? string source address, instead of the host's
---@field dst? string destination address, instead of the host's
---@field mtu? integer with protocol = "icmp" and flags = "fragmentation-needed": the MTU it tells
---@field about? string|drywire.Host with protocol = "icmp": the peer of the connection that the error quotes; default: from. port, to_port and seq are those of the quoted segment
---@field protocol? string default "tcp"; "udp", "icmp" (ICMPv6 between hosts of IPv6), a plugin's own name

---Options of trace:ladder.
---@class (exact) drywire.LadderOptions
---@field style? string unicode (default), ascii, rfc; mermaid, plantuml, mscgen: text for these tools
---@field width? integer 60 to 400 columns; default 100
---@field color? boolean ANSI colours
---@field file? string write it there, too
---@field title? string a heading; default: the name of dw.sim or dw.pair
---@field numbers? string relative (default), absolute, symbolic (x, x+1, y ...), or letters, as textbooks write them: x and y where the two ends begin, u the first FIN, v what acknowledges it, w the other FIN
---@field letters? string|string[]|boolean numbers = "letters" with other letters: { "J", "K", "M" } in that order, or { x = "J", u = "M" }. `labels` is the same
---@field lang? string the language of states, causes and phrases: en (default), or zh as Chinese textbooks print them
---@field part? string the opening of connections alone (open), the data between (data), the close (close)
---@field from? integer|string only what comes from this packet on, or (text) from this time: 8, "1.5s"
---@field to? integer|string only what comes up to this packet or time
---@field conn? drywire.Connection|integer only this connection and its peer's
---@field left? string|drywire.Host default: an end of the first connection, or of conn
---@field right? string|drywire.Host default: the other
---@field packets? boolean write the packets' numbers; default: in text with relative or absolute numbers
---@field calls? boolean show the programs' calls; default: in pictures, not in text
---@field times? boolean false: no times
---@field states? boolean false: no states

---Options of trace:svg.
---@class (exact) drywire.SvgOptions
---@field file? string write it there, too
---@field width? integer 200 to 10000 pixels: the picture is laid out for them
---@field large? boolean larger type, for slides
---@field mono? boolean one colour
---@field animated? boolean segments travel, again and again, unless the reader's system asks for less motion
---@field title? string a heading; default: the name of dw.sim or dw.pair
---@field numbers? string relative (default), absolute, symbolic (x, x+1, y ...), or letters, as textbooks write them: x and y where the two ends begin, u the first FIN, v what acknowledges it, w the other FIN
---@field letters? string|string[]|boolean numbers = "letters" with other letters: { "J", "K", "M" } in that order, or { x = "J", u = "M" }. `labels` is the same
---@field lang? string the language of states, causes and phrases: en (default), or zh as Chinese textbooks print them
---@field part? string the opening of connections alone (open), the data between (data), the close (close)
---@field from? integer|string only what comes from this packet on, or (text) from this time: 8, "1.5s"
---@field to? integer|string only what comes up to this packet or time
---@field conn? drywire.Connection|integer only this connection and its peer's
---@field left? string|drywire.Host default: an end of the first connection, or of conn
---@field right? string|drywire.Host default: the other
---@field packets? boolean write the packets' numbers; default: in text with relative or absolute numbers
---@field calls? boolean show the programs' calls; default: in pictures, not in text
---@field times? boolean false: no times
---@field states? boolean false: no states

---Options of trace:tikz.
---@class (exact) drywire.TikzOptions
---@field file? string write it there, too
---@field mono? boolean one colour
---@field title? string a heading; default: the name of dw.sim or dw.pair
---@field numbers? string relative (default), absolute, symbolic (x, x+1, y ...), or letters, as textbooks write them: x and y where the two ends begin, u the first FIN, v what acknowledges it, w the other FIN
---@field letters? string|string[]|boolean numbers = "letters" with other letters: { "J", "K", "M" } in that order, or { x = "J", u = "M" }. `labels` is the same
---@field lang? string the language of states, causes and phrases: en (default), or zh as Chinese textbooks print them
---@field part? string the opening of connections alone (open), the data between (data), the close (close)
---@field from? integer|string only what comes from this packet on, or (text) from this time: 8, "1.5s"
---@field to? integer|string only what comes up to this packet or time
---@field conn? drywire.Connection|integer only this connection and its peer's
---@field left? string|drywire.Host default: an end of the first connection, or of conn
---@field right? string|drywire.Host default: the other
---@field packets? boolean write the packets' numbers; default: in text with relative or absolute numbers
---@field calls? boolean show the programs' calls; default: in pictures, not in text
---@field times? boolean false: no times
---@field states? boolean false: no states

---A packet in queries, predicates and intercepts.
---@class drywire.Packet
---@field n? integer its number on the ladder
---@field time? number when it was sent, in seconds
---@field arrived? number when it arrived; nil if it has not
---@field src? string the sender's name
---@field dst? string the receiver's name
---@field sport? integer source port
---@field dport? integer destination port
---@field flags? string "SYN,ACK"; p:has "SYN" asks for some
---@field seq? integer sequence number
---@field ack? integer acknowledgment number
---@field len? integer octets of data
---@field window? integer as in the header, not scaled
---@field ttl? integer time to live
---@field tos? integer Differentiated Services field
---@field urgent? integer urgent pointer
---@field options? string bytes of the transport header's options (see `dw.tcp_options`)
---@field data? string the data
---@field lost? boolean it was lost on the way; dropped is the same
---@field dropped? boolean see lost
---@field damaged? boolean it was changed on the way
---@field fate? string "arrived", "lost", "under way" as of now; of an import "unknown", too
---@field certainty? string how sure its fate is: "observed"; of an import also "certain" (nothing else explains the capture) or "likely"
---@field shown_by? integer of an import: the packet that shows its fate; nil: none does
---@field cause? string why it was sent
---@field drop_cause? string why it was dropped
---@field has fun(self: drywire.Packet, flags: string): boolean whether it has these flags

---@class drywire
---@field version string the library's version
---@field loss { every: fun(n: integer): table, pattern: fun(p: string): table, gilbert: fun(m: table): table } loss models for `loss =`: `dw.loss.every(3)`, `dw.loss.pattern "..X.."`, `dw.loss.gilbert { p = "1%", r = "30%", good = "0%", bad = "100%" }` (p: into the bad state, r: back)
---@field json { encode: fun(v: any): string } JSON with its keys in byte order
---@field cases table the cases that dw.test made, for reading
---@field covered table what dw.covers was told, for reading
local dw = {}

---A new simulation.
---@param opts? drywire.SimOptions
---@return drywire.Sim
function dw.sim(opts) end

---Two hosts, "client" and "server", and a link between them; options of the simulation, of both hosts (mss, buffer, isn = { client's, server's }), of each (client = { ... }, server = { ... }: those of sim:host, and name) and of the link in one table.
---@param opts? table
---@return drywire.Sim, drywire.Host, drywire.Host, drywire.Link
function dw.pair(opts) end

---An expectation. A host stands for its first connection.
---@param subject drywire.Sim|drywire.Host|drywire.Connection
---@return drywire.Expectation
function dw.expect(subject) end

---A case of its own in the report of drywire test; a script without any is one case.
---@param name string
---@param fn function
function dw.test(name, fn) end

---Run a packetdrill script, named relative to the script's directory, in a simulation of its own; one that does not pass is a failed assertion with its line, what came, and the ladder. Options as those of drywire drill. { profile, packets, events, time }.
---@param path string
---@param opts? { profile?: string, ip_version?: string, defines?: string[], strict?: boolean }
---@return table
function dw.drill(path, opts) end

---The value of --set name=value, converted to the default's type.
---@param name string
---@param default? any
---@return any
function dw.param(name, default) end

---Load a plugin into every simulation that is made from now on. A path that does not begin with / is looked up from the script's directory, as require does. One that cannot be used is an error at this line, with exit code 4.
---@param path string
function dw.load(path) end

---The options of a protocol: { name, value, doc }; "tcp.connection": those of one connection.
---@param protocol string
---@param profile? string
---@return table
function dw.options(protocol, profile) end

---Mistakes that can be switched on (tcp = { defect = "no-time-wait" }): { name, rfc, text }.
---@param protocol string
---@return table
function dw.defects(protocol) end

---This script shows that these requirements of RFC 9293 are met: dw.covers("MUST-13", "SHLD-4"). drywire coverage counts them if the script passes.
---@param ... string
function dw.covers(...) end

---The fields of TCP options: mss, window_scale, sack_permitted, sack ({ { from, to }, ... }), tsval, tsecr, user_timeout, cookie.
---@param bytes string
---@return table
function dw.tcp_options(bytes) end

---TCP options as bytes.
---@param fields { mss?: integer, window_scale?: integer, sack_permitted?: boolean, sack?: integer[][], tsval?: integer, tsecr?: integer }
---@return string
function dw.tcp_option(fields) end

---The original pairs.
---@param t table
---@return function
function dw.rawpairs(t) end

---x^y with the same bits on every machine; under the command ^ itself is.
---@param x number
---@param y number
---@return number
function dw.pow(x, y) end

---Whether a table has no keys; next(t) == nil costs more.
---@param t table
---@return boolean
function dw.is_empty(t) end

---Not there yet; says so.
function dw.explore() end

---Not there yet; says so.
function dw.sweep() end

---Draw series: dw.plot(sim.trace:series(client, "cwnd")), several as { cwnd = ..., ssthresh = ... } (their names are the legend) or in an order of your own as { { label = "cwnd", points = ..., style = "steps", markers = true }, ... } (or "line", "points"). A point is { time, value }, with an error bar { time, value, error } or { time, value, low, high }. Panels below each other, over one axis of times: { { lines = SERIES, y = "octets", title =, divide =, top =, log = true }, ... }. Returns text for a terminal, width by height characters (78 by 14 for each panel, at most 1000 by 1000; style "ascii" for plain characters). file: also write it, as .svg, .csv or .gnuplot. title: above it. divide: by this many, as a segment; from, to: seconds; top: the upper edge; log: logarithmic axes, "x", "y" or "xy" (values from 0 down are left out); x, y: what the axes are, with their unit.
---@param series table
---@param opts? { title?: string, file?: string, x?: string, y?: string, divide?: number, from?: number, to?: number, top?: number, log?: string, width?: integer, height?: integer, style?: string }
---@return string
function dw.plot(series, opts) end

---Define a congestion control of your own, for every simulation that is made from now on: tcp = { congestion_control = name }. What is left out, base does (reno). The functions change cc.cwnd, cc.ssthresh and cc.pacing_rate (octets, octets a second) and may keep what they like in cc, one table for each connection; docs/PLUGINS.md lists the fields. Use whole numbers: //, not /.
---@param opts { name: string, base?: string, init?: fun(cc: table), on_ack?: fun(cc: table, ack: table), ssthresh?: fun(cc: table, flight: integer): integer, on_timeout?: fun(cc: table), on_sample?: fun(cc: table, ack: table), on_undo?: fun(cc: table), on_restart?: fun(cc: table, idle_ns: integer), on_loss?: fun(cc: table, loss: table), on_state?: fun(cc: table), control?: fun(cc: table, ack: table) }
---@return string
function dw.congestion_control(opts) end

---@class drywire.Sim
---@field trace drywire.Trace the trace so far
local Sim = {}

---The host of that name, made if there is none.
---@param name string
---@param opts? drywire.HostOptions
---@return drywire.Host
function Sim:host(name, opts) end

---A link between two hosts. Hosts forward what is not theirs, over the fewest hops.
---@param a string|drywire.Host
---@param b string|drywire.Host
---@param opts? drywire.LinkOptions
---@return drywire.Link
function Sim:link(a, b, opts) end

---Call fn at a time.
---@param time drywire.Duration
---@param fn function
---@return drywire.Sim
function Sim:at(time, fn) end

---Call fn after a length of time; math.huge: never.
---@param time drywire.Duration
---@param fn function
---@return drywire.Sim
function Sim:after(time, fn) end

---A series of whatever fn returns (a number, or nil to leave one out), called now and every so long until a time: sim:sample("10ms", "2s", function() return conn:info().pmtu end). It grows as the run goes on.
---@param every drywire.Duration
---@param to drywire.Duration
---@param fn function
---@return number[][]
function Sim:sample(every, to, fn) end

---Run until nothing is left to do, or for a length of time. Without a time it is a failure when a program still waits (accept excepted). A script that gives a simulation something to do and never runs it fails with exit code 2.
---@param time? drywire.Duration
---@return drywire.Sim
function Sim:run(time) end

---Run so many events (1); false when nothing was left before that. sim:run() goes on from there.
---@param events? integer
---@return boolean
function Sim:step(events) end

---Run until fn() is true after an event: a breakpoint. false when nothing is left, or time is up, before that.
---@param fn fun(): boolean?
---@param time? drywire.Duration
---@return boolean
function Sim:until_(fn, time) end

---The simulated time in seconds.
---@return number
function Sim:now() end

---The simulated time in nanoseconds, exactly.
---@return integer
function Sim:now_ns() end

---Checked after every event; false fails the run with the last events.
---@param name string
---@param fn fun(): boolean?
---@return drywire.Sim
function Sim:invariant(name, fn) end

---A random stream of your own; draws from it move nothing else.
---@param name string
---@return drywire.Random
function Sim:random(name) end

---The seed.
---@return integer
function Sim:seed() end

---Take down every link between a host of a and a host of b (objects or names).
---@param a drywire.Host[]
---@param b drywire.Host[]
---@return drywire.Sim
function Sim:partition(a, b) end

---Bring up what partition took down.
---@return drywire.Sim
function Sim:heal() end

---Free everything, whether it ran or not. Objects of the simulation then raise an error when they are used. What the command was told to write or draw of it (--pcap, --svg, the ladder) is written all the same.
function Sim:close() end

---@class drywire.Host
local Host = {}

---Start a program: a coroutine that may wait for simulated time. While it waits, only the simulation goes on with it, and with the coroutines it has resumed: coroutine.resume and close are errors.
---@param fn function
---@param ... any
---@return drywire.Host
function Host:spawn(fn, ...) end

---Accept connections for ever, one program each. Options: as for listen.
---@param port integer
---@param fn fun(conn: drywire.Connection)
---@param opts? table
---@return drywire.Listener
function Host:serve(port, fn, opts) end

---Listen on a port. Options: backlog; from, the only host that may connect; addr, the only one of our addresses; and those of one connection (see conn:set), which every connection that it accepts begins with.
---@param port integer
---@param opts? table
---@return drywire.Listener
function Host:listen(port, opts) end

---Connect: to a host, its name, an address, or "localhost". Options: local_port, local_addr, timeout, route = { routers to pass }, data (goes with the SYN where both hosts have fast_open), fast_open = true (asks for a cookie), and those of conn:set. nil and "refused", "timeout", "reset" or "unreachable" when it fails.
---@param host string|drywire.Host
---@param port integer
---@param opts? table
---@return drywire.Connection?, string?
function Host:connect(host, port, opts) end

---Wait; math.huge: for ever, which fails no run. A time past the end of time is an error.
---@param time drywire.Duration
function Host:sleep(time) end

---The nth connection of this host, in order of creation; default the first.
---@param n? integer
---@return drywire.Connection?
function Host:conn(n) end

---Call fn when a connection of this host enters the state, before the segment that this causes is sent.
---@param state drywire.State
---@param fn function
---@return drywire.Host
function Host:on_state(state, fn) end

---The link over which the host reaches itself, by its own addresses, 127.0.0.0/8 and ::1: no delay, MTU 65536. For faults on it, and set.
---@return drywire.Link
function Host:loopback() end

---The host loses its memory and is up again: programs, connections and listeners are gone without a packet. A program of the host that calls this goes on until it waits next.
---@return drywire.Host
function Host:crash() end

---Its name.
---@return string
function Host:name() end

---Its address.
---@return string
function Host:addr() end

---Lose packets.
---@param match? drywire.Match|string
---@return drywire.Rule
function Host:drop(match) end

---Let them arrive later: by = "300ms".
---@param match drywire.Match|string
---@return drywire.Rule
function Host:delay(match) end

---Let them arrive twice; by: how much later the copy.
---@param match? drywire.Match|string
---@return drywire.Rule
function Host:duplicate(match) end

---Let later packets overtake: behind = 1 of them, at most by = 1s.
---@param match? drywire.Match|string
---@return drywire.Rule
function Host:reorder(match) end

---Flip a bit: of byte = n of the data, or any behind the IP header.
---@param match? drywire.Match|string
---@return drywire.Rule
function Host:corrupt(match) end

---Change fields, keeping checksums right: set = { window = 0 }; seq, ack, window, urgent, flags, src_port, dst_port, ttl, tos; src and dst (a host or an address); of TCP options mss, mss_at_most (a clamp), window_scale, and strip = "timestamps" or { 8, "sack_permitted" }, which NOPs replace. A packet without the field stays as it is, which a note in the trace says once for each field; flags change packets of their own protocol alone. back = true, on a link: what comes back gets the old addresses and ports again, as behind a NAT, which gives each flow a port of its own. checksum = "keep" leaves the transport's as it was, so that it is wrong.
---@param match drywire.Match|string
---@return drywire.Rule
function Host:rewrite(match) end

---Keep packets until rule:release().
---@param match? drywire.Match|string
---@return drywire.Rule
function Host:hold(match) end

---Decide packet by packet: return nil or "pass", "drop", "duplicate", or "delay", "300ms".
---@param match_or_fn drywire.Match|string|function
---@param fn? fun(p: drywire.Packet): string?
---@param nil nil
---@return drywire.Rule
function Host:intercept(match_or_fn, fn, drywire) end

---@class drywire.Link
local Link = {}

---Change it. Packets under way keep what they set out with, and nothing overtakes.
---@param opts drywire.LinkOptions
---@return drywire.Link
function Link:set(opts) end

---Nothing more is carried; what is under way arrives.
---@return drywire.Link
function Link:down() end

---The reverse.
---@return drywire.Link
function Link:up() end

---Change it at given times: { { "2s", loss = "5%" }, { "4s", loss = "0%" } }.
---@param list table[]
---@return drywire.Link
function Link:schedule(list) end

---Put a packet on the link that no host sent.
---@param packet drywire.Inject
---@return drywire.Link
function Link:inject(packet) end

---Counters for each direction: sent, delivered, dropped, queue, queue_max, and bytes.
---@return table
function Link:stats() end

---Lose packets.
---@param match? drywire.Match|string
---@return drywire.Rule
function Link:drop(match) end

---Let them arrive later: by = "300ms".
---@param match drywire.Match|string
---@return drywire.Rule
function Link:delay(match) end

---Let them arrive twice; by: how much later the copy.
---@param match? drywire.Match|string
---@return drywire.Rule
function Link:duplicate(match) end

---Let later packets overtake: behind = 1 of them, at most by = 1s.
---@param match? drywire.Match|string
---@return drywire.Rule
function Link:reorder(match) end

---Flip a bit: of byte = n of the data, or any behind the IP header.
---@param match? drywire.Match|string
---@return drywire.Rule
function Link:corrupt(match) end

---Change fields, keeping checksums right: set = { window = 0 }; seq, ack, window, urgent, flags, src_port, dst_port, ttl, tos; src and dst (a host or an address); of TCP options mss, mss_at_most (a clamp), window_scale, and strip = "timestamps" or { 8, "sack_permitted" }, which NOPs replace. A packet without the field stays as it is, which a note in the trace says once for each field; flags change packets of their own protocol alone. back = true, on a link: what comes back gets the old addresses and ports again, as behind a NAT, which gives each flow a port of its own. checksum = "keep" leaves the transport's as it was, so that it is wrong.
---@param match drywire.Match|string
---@return drywire.Rule
function Link:rewrite(match) end

---Keep packets until rule:release().
---@param match? drywire.Match|string
---@return drywire.Rule
function Link:hold(match) end

---Decide packet by packet: return nil or "pass", "drop", "duplicate", or "delay", "300ms".
---@param match_or_fn drywire.Match|string|function
---@param fn? fun(p: drywire.Packet): string?
---@param nil nil
---@return drywire.Rule
function Link:intercept(match_or_fn, fn, drywire) end

---@class drywire.Rule
---@field hits integer how often it acted
---@field held integer how many packets it holds
local Rule = {}

---It acts no more.
---@return drywire.Rule
function Rule:cancel() end

---Let go of what it holds, in order.
---@return drywire.Rule
function Rule:release() end

---@class drywire.Listener
local Listener = {}

---The next connection.
---@param timeout? drywire.Duration
---@return drywire.Connection?, string?
function Listener:accept(timeout) end

---Connections that nobody has accepted are reset.
function Listener:close() end

---state, backlog, half_open, waiting.
---@return table
function Listener:info() end

---@class drywire.Connection
local Connection = {}

---Send all of it, waiting while the buffer is full. urgent: it ends with urgent data; push = false: more follows soon, so wait for a full segment; record: it is the end of a record, and no segment goes on beyond it.
---@param data string
---@param opts? { urgent?: boolean, push?: boolean, record?: boolean }
---@return integer?, string?
function Connection:send(data, opts) end

---Wait until everything that was sent, a FIN too, has been acknowledged.
---@param timeout? drywire.Duration
---@return boolean?, string?
function Connection:drain(timeout) end

---Set options of this connection, see below.
---@param opts table
---@return drywire.Connection
function Connection:set(opts) end

---Octets of urgent data that have not been read yet.
---@return integer
function Connection:urgent() end

---Call fn when trouble is reported that may pass ("retransmissions", "unreachable", "time-exceeded", "parameter-problem"), and with "urgent" when urgent data is to come.
---@param fn fun(what: string)
---@return drywire.Connection
function Connection:on_report(fn) end

---Some data; nil and "closed" at the end of the stream; nil and "reset", "timeout" or another reason. With peek it stays there to be read again.
---@param max? integer
---@param opts? { timeout?: drywire.Duration, peek?: boolean }
---@return string?, string?
function Connection:recv(max, opts) end

---As recv with peek = true (MSG_PEEK).
---@param max? integer
---@param opts? { timeout?: drywire.Duration }
---@return string?, string?
function Connection:peek(max, opts) end

---Everything up to the end of the stream, or nil and why it broke off.
---@param opts? { timeout?: drywire.Duration }
---@return string?, string?
function Connection:recv_all(opts) end

---For loops: for data in conn:chunks() do; anything but an orderly end is an error.
---@return fun(): string?
function Connection:chunks() end

---Finish sending, "wr", the default; receiving goes on (half-close). "rd": read what is there and then "closed"; the peer is not told, and may go on sending (read_shutdown says what becomes of that). "rdwr": both.
---@param how? "rd"|"wr"|"rdwr"
---@return boolean?, string?
function Connection:shutdown(how) end

---Close; returns at once. Unread data resets the connection (RFC 9293 SHLD-3). With linger (in a program) it waits until all is acknowledged, at most so long; linger = "0s" resets (SO_LINGER).
---@param opts? { linger?: drywire.Duration }
---@return boolean?, string?
function Connection:close(opts) end

---Abort with a RST.
function Connection:reset() end

---state, and the variables of the TCB: snd_una, snd_nxt, snd_wnd, rcv_nxt, rcv_wnd, cwnd, ssthresh (math.maxinteger: none yet), srtt_ns, rttvar_ns, rto_ns, flight, iss, irs, offered_wnd; sizes of segments: snd_mss, rcv_mss, advmss, ack_mss, peer_mss (what the peer takes; 0: not known yet), pmtu; what is queued: unsent, unacknowledged, unread, early, segments_out, delivered, bytes_received; buffers: send_buffer, receive_buffer, receive_lowat, receive_memory, receive_memory_used, rcv_ssthresh, writable; pacing_rate; retransmits, probes, backoff; what was agreed: snd_wscale, rcv_wscale, wscale_ok, timestamps, ts_recent, sack, ecn, ecn_mode, ecn_seen, fast, syn_data_acked; fin_received, urgent, accepted, report, icmp, rcv_tos, udp_remote; last_data_recv_ns, last_data_sent_ns; user_timeout_ns, syn_retries, keepalive_idle_s, keepalive_interval_s, keepalive_probes, quick_ack. With a scoreboard also ca_state, pipe, sacked_out, lost_out, resent_out, resent_total, reordering, reordering_seen, duplicates, min_rtt_ns, rack_window_ns, delivery_rate, delivery_rate_app_limited; with accurate ECN delivered_ce. _ns are nanoseconds, _s seconds, all else octets, counts, or 0 and 1. All of them until the TCP has forgotten the connection, whoever has closed it; then the state alone.
---@return table
function Connection:info() end

---Its state now.
---@return drywire.State
function Connection:state() end

---The states it went through.
---@return drywire.State[]
function Connection:states() end

---@class drywire.Trace
local Trace = {}

---The packets that match, in order of transmission.
---@param match? drywire.Match|string
---@return drywire.Packet[]
function Trace:packets(match) end

---How many match.
---@param match? drywire.Match|string
---@return integer
function Trace:count(match) end

---How many packets were discarded for each reason, by all or by one host: { ["paws"] = 2 }.
---@param host? string|drywire.Host
---@return table
function Trace:drops(host) end

---{ { time, value }, ... }. Of a connection, or a host's first: cwnd, ssthresh, flight, pipe, snd_wnd, rcv_wnd, send_buffer, receive_buffer in bytes; srtt, rttvar, rto, rack_window in seconds; pacing_rate, delivery_rate in bytes a second; ca_state (0 open, 1 disorder, 2 cwr, 3 recovery, 4 loss); with dw.sim { detail = true } also snd_una, snd_nxt, rcv_nxt, unsent, unread, retransmits ...; throughput, the bytes of data a second that reached it, in intervals of every (otherwise a 120th of the time, as on the page). Of a link, in the direction from (otherwise from its first end): queue, the packets in front of each one that had to wait; throughput, all bytes a second; sent, delivered, dropped, sent_bytes, delivered_bytes, so far.
---@param who drywire.Host|drywire.Connection|drywire.Link|string
---@param name string
---@param opts? { every?: drywire.Duration, from?: drywire.Host }
---@return number[][]
function Trace:series(who, name, opts) end

---The exchange between two hosts as a picture in text.
---@param opts? drywire.LadderOptions
---@return string
function Trace:ladder(opts) end

---The exchange as a picture for print and pages: all hosts that packets touch, in the order of the path, or with conn those of one connection.
---@param opts? drywire.SvgOptions
---@return string
function Trace:svg(opts) end

---The same for LaTeX (TikZ), a line for each arrow: a file that compiles by itself, and that a document with \usepackage{tikz} reads with \input. title is a comment in it.
---@param opts? drywire.TikzOptions
---@return string
function Trace:tikz(opts) end

---The TCP header of a packet, by its number, with its values: an environment of LaTeX's package bytefield.
---@param packet integer
---@param opts? { file?: string }
---@return string
function Trace:bytefield(packet, opts) end

---The player: a page that shows the run at every moment. With dw.sim { detail = true } it has all variables of both ends. Returns the text; file: writes it, too.
---@param opts? { file?: string, title?: string }
---@return string
function Trace:html(opts) end

---Why things happened, a sentence an event; with packet, why that one was sent, which it repeats and why that was in vain, and what became of it, back to what was lost first. numbers: relative (default) or absolute. width: columns to wrap at. all: timers and variables, too.
---@param opts? { packet?: integer, all?: boolean, numbers?: string, width?: integer }
---@return string
function Trace:explain(opts) end

---A line an event.
---@return string
function Trace:text() end

---The digest: 32 hexadecimal digits.
---@return string
function Trace:hash() end

---Write it as JSON lines. As all files that a script names, it lies in the script's directory unless the path is absolute.
---@param path string
---@return drywire.Trace
function Trace:save(path) end

---Write a capture (pcapng): every packet once; with { host = client } what a capture on that host sees.
---@param path string
---@param opts? { host?: drywire.Host }
---@return drywire.Trace
function Trace:pcap(path, opts) end

---@class drywire.Random
local Random = {}

---Uniform, both ends included.
---@param low integer
---@param high integer
---@return integer
function Random:integer(low, high) end

---True with this probability.
---@param p drywire.Probability
---@return boolean
function Random:chance(p) end

---Uniform from 0 up to, not including, 1.
---@return number
function Random:number() end

---@class drywire.Expectation
local Expectation = {}

---The connection went through exactly these states: "CLOSED -> SYN-SENT -> ESTABLISHED".
---@param list string
---@return drywire.Expectation
function Expectation:states(list) end

---It reached the state, within so long after its creation, or by an absolute time.
---@param state drywire.State
---@param opts? { within?: drywire.Duration, by?: drywire.Duration }
---@return drywire.Expectation
function Expectation:reaches(state, opts) end

---It was in the state so long without a break.
---@param state drywire.State
---@param opts { lasting: drywire.Duration }
---@return drywire.Expectation
function Expectation:stays(state, opts) end

---A state that it never entered (a string), or packets that never were (a table).
---@param what drywire.State|drywire.Match|string
---@return drywire.Expectation
function Expectation:never(what) end

---Exactly so many packets match.
---@param match drywire.Match|string
---@param count integer
---@return drywire.Expectation
function Expectation:packets(match, count) end

---The exchange is this figure, in RFC 9293's notation. Numbers are exact; letters stand for the value they meet first; a last line of ... lets more follow.
---@param figure string
---@return drywire.Expectation
function Expectation:figure(figure) end

---So many events (packets, drops, states, notes) have this cause; without a count, some have.
---@param name string
---@param count? integer
---@return drywire.Expectation
function Expectation:cause(name, count) end

---The trace equals a saved one, which lies in the script's directory unless the path is absolute; --update writes it.
---@param path string
---@return drywire.Expectation
function Expectation:golden(path) end

return dw
