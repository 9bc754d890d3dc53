---@meta drywire
-- Generated from lua/api/api.lua.

---A length of time: "20ms", "1.5s", "2min"; a bare number is seconds where no table option asks for a unit.
---@alias drywire.Duration string|number

---A length of time in a table of options, with its unit: "20ms", "1.5s", "2min".
---@alias drywire.Time string|0

---Octets: 65535, "64KiB", "1MB".
---@alias drywire.Size string|integer

---A rate: "10Mbps", "1.5Gbps", "64kbps", "1MB/s".
---@alias drywire.Rate string

---A probability: "2%" or 0.02.
---@alias drywire.Probability string|number

---A TCP state as RFC 9293 writes it: SYN-SENT, TIME-WAIT (SYN_SENT is understood too).
---@alias drywire.State string

---Options of dw.sim.
---@class (exact) drywire.SimOptions
---@field seed? integer every random stream is derived from it; default 1; `--seed` wins
---@field limit? drywire.Time a run that is not over by then fails with exit code 3; default 1h
---@field max_events? integer likewise after so many events; default: no limit
---@field msl? drywire.Time the maximum segment lifetime of every host; TIME-WAIT is twice that
---@field profile? "rfc9293"|"linux"|"freebsd"|"rfc793"|"embedded" the TCP profile of every host; default rfc9293
---@field tcp? drywire.TcpOptions TCP options of every host, see below
---@field checks? "fail"|"note"|"off" what a broken rule does (an ACK storm, data that was never sent, a window that shrinks): "fail" (default), "note" in the trace, or "off"
---@field detail? boolean trace sequence numbers and buffers of every connection, too, for the player; the digest does not change
---@field trace_limit? drywire.Size memory for the trace, with the data of the packets in it, "2GiB" (default); a run that needs more fails with exit code 3
---@field name? string a heading for its ladder; a script with several named simulations has each drawn
---@field numbers? "relative"|"absolute"|"symbolic"|"letters" how its pictures write sequence numbers where they are not told otherwise
---@field trace? "on"|"digest"|"off" "on" (default); "digest": only its hash, so that there is nothing to ask, expect, draw or save; "off"

---A foreign stack, and what it is told: docs/STACKS.md.
---@class (exact) drywire.StackOptions
---@field [integer] string? the first: the file of its adapter
---@field tick? drywire.Time how often it is called
---@field [string] (string|number|boolean)? an option that the adapter has

---Options of sim:host.
---@class (exact) drywire.HostOptions
---@field isn? integer|integer[] initial sequence numbers of its connections, one after the other; then RFC 6528's
---@field mss? integer the MSS that it announces; default: the link's MTU less 40; at least the switch mss_least
---@field buffer? drywire.Size send and receive buffer in bytes, which then do not grow; default 65535. Where buffers count memory (profile linux), what is unread may be more or fewer octets
---@field addr? string its IPv4 address; default 10.0.0.1 and up, without those that others have
---@field more_addrs? string[] up to four more addresses
---@field profile? "rfc9293"|"linux"|"freebsd"|"rfc793"|"embedded" its TCP profile; default: the simulation's
---@field tcp? drywire.TcpOptions TCP options, see below; `profile` first
---@field udp? drywire.UdpOptions UDP options
---@field stack? string|drywire.StackOptions a foreign stack that speaks for it: the file of its adapter, or a table that begins with that and has the adapter's options, `{ "./lwip.so", nagle = true }`, and `tick`, how often it is called (docs/STACKS.md)

---One direction of a link.
---@class (exact) drywire.Direction
---@field delay? drywire.Time propagation, one way; default 0
---@field rate? drywire.Rate default: infinitely fast
---@field mtu? integer bytes with the IP header; default 1500
---@field queue? string|integer waiting packets (100) or bytes ("64KiB"); default: no limit
---@field loss? drywire.Probability|drywire.LossModel each packet is lost; or a model made by dw.loss
---@field duplicate? drywire.Probability each packet arrives twice
---@field corrupt? drywire.Probability one bit of each packet is flipped
---@field reorder? drywire.Probability each packet is held back by reorder_delay
---@field reorder_delay? drywire.Time default: as long as delay, at least 1 ms
---@field jitter? drywire.Time uniform extra delay; order is kept
---@field down? boolean nothing is carried
---@field refuses? boolean the sender's own queue takes nothing, and it knows: a local drop, see local_drop_probe

---Options of sim:link, dw.pair and link:set: those of both directions; to_<host> = { ... } sets one.
---@class (exact) drywire.LinkOptions: drywire.Direction
---@field [string] drywire.Direction? `to_server = { ... }`: the direction that leads to this host

---One of link:schedule: what changes, and when.
---@class (exact) drywire.LinkChange: drywire.LinkOptions
---@field [1] drywire.Duration? when

---What is lost depends on what was lost before: made by dw.loss.
---@class (exact) drywire.LossModel
---@field every? integer every nth packet
---@field pattern? string "..X..": X is lost, over and over
---@field p? drywire.Probability Gilbert and Elliott: from the good state into the bad
---@field r? drywire.Probability and back; default 100%
---@field good? drywire.Probability loss in the good state; default 0%
---@field bad? drywire.Probability loss in the bad state; default 100%

---One host of dw.pair.
---@class (exact) drywire.PairHost: drywire.HostOptions
---@field name? string default "client", "server"

---Options of dw.pair: those of the simulation and of the link, and these.
---@class (exact) drywire.PairOptions: drywire.SimOptions, drywire.LinkOptions
---@field client? drywire.PairHost options of the client alone
---@field server? drywire.PairHost options of the server alone
---@field isn? (integer|integer[])[] { the client's, the server's } initial sequence numbers: a number, or a list for one connection after the other
---@field mss? integer the MSS that both announce
---@field buffer? drywire.Size send and receive buffer of both, in bytes; they then do not grow; of a linux host they count memory, as of `sim:host`

---One of the series of dw.plot.
---@class (exact) drywire.PlotLine
---@field label? string in the legend
---@field points? number[][] { { x, y }, ... }; with error bars { x, y, error } or { x, y, low, high }
---@field style? "line"|"steps"|"points" how it is drawn; default: steps for what `trace:series` and `sim:sample` return, which has a value until the next, and line for all else
---@field markers? boolean one at each point, where there are at most 200
---@field band? boolean the errors as one shaded area, not a bar each (text has bars)
---@field ends? number steps go on no longer than that: seconds; the field `ends` of what `trace:series` returns, when the connection was over

---One of several panels of dw.plot, over one axis of times.
---@class (exact) drywire.PlotPanel
---@field lines? number[][]|table<string, number[][]>|drywire.PlotLine[] its series
---@field title? string in front of its legend
---@field y? string what its values are
---@field divide? number values by this many
---@field top? number its upper edge
---@field log? boolean|"y" a logarithmic axis of values

---Options of dw.explore.
---@class (exact) drywire.ExploreOptions
---@field drop? integer|"any" at most so many packets are lost in one run; 1 where nothing is said of any kind
---@field duplicate? integer|"any" at most so many arrive twice
---@field corrupt? integer|"any" at most so many are damaged, which their receiver finds out
---@field delay? integer|"any" at most so many come too late: before and behind each later arrival and timer of their receiver
---@field old? integer at most so many times a packet that came to the same host before comes again
---@field queue? integer|"any" at most so many find no place in the queue that they leave by
---@field link? integer|"any" a link goes down at most so many times, until each number of packets was lost on it
---@field crash? integer|string[]|"any" hosts crash at most so many times, or one of these once, and are back when each number of packets was lost at them
---@field close? integer|"any" at most so many times a program closes its connection instead of what it would have done from there
---@field shutdown? integer|"any" ... shuts it down, reads what comes, and closes it
---@field abort? integer|"any" ... aborts it
---@field late? integer|"any" at most so many times a program reads later: before each later moment of its host
---@field app? boolean|integer|"any" at most so many (true: 1) of each of the last four
---@field faults? integer|"any" at most so many of all kinds; losses, where no kind is named; 64 are the most, or any: until every state is known
---@field leaks? boolean a run fails that leaves a connection behind once nothing can happen any more; default true
---@field merge? boolean runs that come to the same state go on once; default true
---@field max_runs? integer end after so many runs; `complete` is false then
---@field max_states? integer states that are kept, 24 octets each; 10 million
---@field graph? string with any number of faults: draw the states that connections come to, as .svg or .dot
---@field against? string a profile: compare what the ends do in it and in that of `--profile` (rfc9293); a drywire.Differed is returned
---@field flat? integer end where the last so many runs reached nothing new of TCP; `complete` is false then
---@field jobs? integer so many processes, 1 to 256; default 1; `-j` wins, and drywire test has one

---How much of TCP the runs of dw.explore reached; docs/EXPLORE.md has what is counted.
---@class (exact) drywire.Reached
---@field arrows? integer of figure 5 of RFC 9293
---@field passages? integer of RFC 9293, of those that causes name
---@field requirements? integer likewise
---@field causes? integer that TCP gave
---@field pairs? integer of a state and a cause
---@field of? table<string, integer> how many there are of each, but of pairs
---@field left? table<string, string[]> which of them were not reached

---What dw.explore returns.
---@class (exact) drywire.Explored
---@field complete? boolean all plans were tried
---@field faults? integer so many at most, in each
---@field schedules? integer plans that passed
---@field runs? integer that were made for it
---@field merged? integer of them: ended in a state that another one had been in
---@field states? integer that were kept
---@field graph? drywire.StateGraph of any number of faults
---@field reached? drywire.Reached of TCP, by these runs

---The states that an exploration of any number of faults came to, put together where those of the hosts' latest connections are the same.
---@class (exact) drywire.StateGraph
---@field hosts? string[] the first eight
---@field nodes? drywire.StateNode[] in the order in which they were found
---@field edges? drywire.StateEdge[] between them

---All states in which the hosts' latest connections are in the same states: { "ESTABLISHED", "CLOSE-WAIT", count = 12 }, in the order of hosts.
---@class (exact) drywire.StateNode
---@field [integer] string? of each host
---@field count? integer states of the whole
---@field ends? integer runs that ended there

---A way from some of a node's states to some of another's.
---@class (exact) drywire.StateEdge
---@field from? integer the number of a node
---@field to? integer likewise
---@field count? integer edges of the whole
---@field fault? string what befell the run at `from`, if anything did

---What dw.explore returns with against; docs/EXPLORE.md says what is compared.
---@class (exact) drywire.Differed
---@field first? string the profile of `--profile`, or rfc9293
---@field second? string the other one
---@field complete? boolean all plans were tried
---@field faults? integer so many at most, in each
---@field compared? integer plans that could be
---@field differ? integer of them: showed a difference
---@field apart? integer plans that could not: the second profile sends no such segment
---@field differences? drywire.Difference[] one of each kind, that of the smallest plan

---Something that ends do otherwise in two profiles.
---@class (exact) drywire.Difference
---@field aspect? string "outcome", "calls", "states", "segments", "acknowledgments" or "discarded segments"
---@field host? string whose; "server (2)": its second connection
---@field plan? string of the first profile; "": without faults
---@field second_plan? string the same segments in the second one
---@field plans? integer in which it is the first difference of its aspect
---@field first? string what the first profile does, and why
---@field second? string what the second one does
---@field enough? string[] switches that make it alone, "delayed_ack_rule = adapts"
---@field needed? string[] switches without which the second profile does not make it

---Options of dw.swarm.
---@class (exact) drywire.SwarmOptions
---@field seeds? integer[] default dw.range(1, 1000)
---@field drop? integer at most so many packets are lost in one run; where nothing is said of any kind, there are all
---@field duplicate? integer at most so many arrive twice
---@field corrupt? integer at most so many are damaged
---@field delay? integer at most so many come too late
---@field faults? integer at most so many of all kinds; default 3, or as many as the kinds that are named; 64 are the most
---@field leaks? boolean a run fails that leaves a connection behind once nothing can happen any more; default true
---@field max_runs? integer end making a failure smaller after so many runs; default 10000
---@field jobs? integer so many processes, 1 to 256; default 1; `-j` wins, and drywire test has one

---What dw.swarm returns, when no run fails.
---@class (exact) drywire.Swarm
---@field seeds? integer so many were tried
---@field report? string the statement of drywire swarm

---Options of dw.plot.
---@class (exact) drywire.PlotOptions
---@field title? string above it
---@field file? string write it there, too: .svg, .csv or .gnuplot
---@field x? string what the axes are, with their unit; default "s"
---@field y? string the same of the values
---@field divide? number values by this many, as a segment
---@field from? number seconds
---@field to? number seconds
---@field top? number the upper edge
---@field log? boolean|"x"|"y"|"xy" logarithmic axes: values from 0 down are left out; true is "y"
---@field width? integer columns of the text
---@field height? integer rows of the text, of each panel
---@field style? "unicode"|"ascii" of the text

---Of dw.congestion_control: what is left out, base does.
---@class (exact) drywire.CongestionControl
---@field name? string as in `tcp = { congestion_control = "mine" }`
---@field base? "reno"|"cubic"|"dctcp"|"vegas"|"bbr"|"bbr3"|"ledbat"|"none" default reno
---@field init? fun(cc: drywire.Congestion) once, when both ends' segment size is known
---@field on_ack? fun(cc: drywire.Congestion, ack: drywire.CongestionAck) data was acknowledged outside of recovery
---@field ssthresh? fun(cc: drywire.Congestion, flight: integer): integer a loss or a mark: the new slow start threshold
---@field on_timeout? fun(cc: drywire.Congestion) the retransmission timer expired
---@field on_sample? fun(cc: drywire.Congestion, ack: drywire.CongestionAck) an ACK gave a round-trip sample
---@field on_undo? fun(cc: drywire.Congestion) a reduction was not needed
---@field on_restart? fun(cc: drywire.Congestion, idle_ns: integer) sending begins again after a pause
---@field on_loss? fun(cc: drywire.Congestion, loss: drywire.CongestionLoss) a segment is taken for lost
---@field on_state? fun(cc: drywire.Congestion) cc.state has changed
---@field control? fun(cc: drywire.Congestion, ack: drywire.CongestionAck) asked at every ACK, instead of on_ack; recovery leaves the window alone

---UDP options of a host.
---@class (exact) drywire.UdpOptions
---@field tcp_port? integer Datagrams to this port carry TCP segments; 0: none do. Default 0. From 0 to 65535.

---Options of host:connect, and those of one connection.
---@class (exact) drywire.ConnectOptions: drywire.ConnectionOptions
---@field local_port? integer default: the next free one from 49152
---@field local_addr? string one of the host's addresses
---@field timeout? drywire.Time then nil and "timeout"
---@field route? (string|drywire.Host)[] routers to pass, in this order (source route)
---@field data? string goes with the SYN where both hosts have fast_open
---@field fast_open? boolean ask for a cookie

---Options of host:listen and host:serve, and those of one connection, which every connection that it accepts begins with.
---@class (exact) drywire.ListenOptions: drywire.ConnectionOptions
---@field backlog? integer complete connections that wait to be accepted
---@field from? string|drywire.Host the only host that may connect
---@field addr? string the only one of our addresses

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
---@field after? drywire.Time sent at this time or later
---@field before? drywire.Time sent before this time
---@field port? integer source port
---@field to_port? integer destination port
---@field packet? integer the number on the ladder
---@field conn? drywire.Connection sent by this connection
---@field when? fun(p: drywire.Packet): boolean asked last; it must not block

---Of delay and duplicate.
---@class (exact) drywire.DelayMatch: drywire.Match
---@field by? drywire.Time how much later the packet, or its copy, arrives

---Of reorder.
---@class (exact) drywire.ReorderMatch: drywire.Match
---@field behind? integer how many later packets overtake; default 1
---@field by? drywire.Time at the most so late; default 1s

---Of corrupt.
---@class (exact) drywire.CorruptMatch: drywire.Match
---@field byte? integer a bit of this octet of the data, from 0; default: any behind the IP header

---Of rewrite.
---@class (exact) drywire.RewriteMatch: drywire.Match
---@field set? drywire.Rewrite the fields that change
---@field back? boolean on a link: what comes back gets the old addresses and ports again, as behind a NAT, which gives each flow a port of its own
---@field checksum? "right"|"keep" "keep" leaves the transport's as it was, so that it is wrong

---set of rewrite. A packet without the field stays as it is, which a note in the trace says once for each field.
---@class (exact) drywire.Rewrite
---@field seq? integer sequence number
---@field ack? integer acknowledgment number
---@field window? integer as in the header, not scaled
---@field urgent? integer urgent pointer
---@field flags? string "SYN,ACK"; packets of their own protocol alone
---@field src_port? integer source port
---@field dst_port? integer destination port
---@field src? string|drywire.Host source address
---@field dst? string|drywire.Host destination address
---@field ttl? integer time to live
---@field tos? integer Differentiated Services field
---@field mss? integer of the TCP option
---@field mss_at_most? integer a clamp of the TCP option
---@field window_scale? integer of the TCP option
---@field strip? string|integer|(string|integer)[] "timestamps" or { 8, "sack_permitted" }: TCP options that NOPs replace

---A packet of link:inject, which no host sent.
---@class (exact) drywire.Inject
---@field [1] string? the segment in packetdrill's notation, "P. 1:4(3) ack 1 win 500 <nop,nop,TS val 7 ecr 0>"; numbers are relative to what both sides sent before, those of a SYN and those with "!" absolute; data that is not given is "xxx..."
---@field at? drywire.Time default: now
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
---@field style? "unicode"|"ascii"|"rfc"|"mermaid"|"plantuml"|"mscgen" default unicode; mermaid, plantuml, mscgen: text for these tools
---@field width? integer 60 to 400 columns; default 100
---@field color? boolean ANSI colours
---@field file? string write it there, too
---@field title? string a heading; default: the name of dw.sim or dw.pair
---@field numbers? "relative"|"absolute"|"symbolic"|"letters" relative (default), absolute, symbolic (x, x+1, y ...), or letters, as textbooks write them: x and y where the two ends begin, u the first FIN, v what acknowledges it, w the other FIN
---@field letters? string|string[]|boolean numbers = "letters" with other letters: { "J", "K", "M" } in that order, or { x = "J", u = "M" }
---@field labels? string|string[]|boolean the same as letters
---@field lang? "en"|"zh" the language of states, causes and phrases: en (default), or zh as Chinese textbooks print them
---@field part? "all"|"open"|"data"|"close"|"fin" the opening of connections alone (open), the data between (data), the close (close), of it the FINs and their acknowledgments (fin)
---@field from? integer|string only what comes from this packet on, or (text) from this time: 8, "1.5s"
---@field to? integer|string only what comes up to this packet or time
---@field conn? drywire.Connection|integer only this connection and its peer's
---@field left? string|drywire.Host default: an end of the first connection, or of conn
---@field right? string|drywire.Host default: the other
---@field packets? boolean write the packets' numbers; default: in text with relative or absolute numbers
---@field calls? boolean show the programs' calls; default: in pictures, not in text
---@field windows? boolean write the windows of segments, as their headers have them; default: a closed one, and the first that is open again
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
---@field numbers? "relative"|"absolute"|"symbolic"|"letters" relative (default), absolute, symbolic (x, x+1, y ...), or letters, as textbooks write them: x and y where the two ends begin, u the first FIN, v what acknowledges it, w the other FIN
---@field letters? string|string[]|boolean numbers = "letters" with other letters: { "J", "K", "M" } in that order, or { x = "J", u = "M" }
---@field labels? string|string[]|boolean the same as letters
---@field lang? "en"|"zh" the language of states, causes and phrases: en (default), or zh as Chinese textbooks print them
---@field part? "all"|"open"|"data"|"close"|"fin" the opening of connections alone (open), the data between (data), the close (close), of it the FINs and their acknowledgments (fin)
---@field from? integer|string only what comes from this packet on, or (text) from this time: 8, "1.5s"
---@field to? integer|string only what comes up to this packet or time
---@field conn? drywire.Connection|integer only this connection and its peer's
---@field left? string|drywire.Host default: an end of the first connection, or of conn
---@field right? string|drywire.Host default: the other
---@field packets? boolean write the packets' numbers; default: in text with relative or absolute numbers
---@field calls? boolean show the programs' calls; default: in pictures, not in text
---@field windows? boolean write the windows of segments, as their headers have them; default: a closed one, and the first that is open again
---@field times? boolean false: no times
---@field states? boolean false: no states

---Options of trace:tikz.
---@class (exact) drywire.TikzOptions
---@field file? string write it there, too
---@field mono? boolean one colour
---@field title? string a heading; default: the name of dw.sim or dw.pair
---@field numbers? "relative"|"absolute"|"symbolic"|"letters" relative (default), absolute, symbolic (x, x+1, y ...), or letters, as textbooks write them: x and y where the two ends begin, u the first FIN, v what acknowledges it, w the other FIN
---@field letters? string|string[]|boolean numbers = "letters" with other letters: { "J", "K", "M" } in that order, or { x = "J", u = "M" }
---@field labels? string|string[]|boolean the same as letters
---@field lang? "en"|"zh" the language of states, causes and phrases: en (default), or zh as Chinese textbooks print them
---@field part? "all"|"open"|"data"|"close"|"fin" the opening of connections alone (open), the data between (data), the close (close), of it the FINs and their acknowledgments (fin)
---@field from? integer|string only what comes from this packet on, or (text) from this time: 8, "1.5s"
---@field to? integer|string only what comes up to this packet or time
---@field conn? drywire.Connection|integer only this connection and its peer's
---@field left? string|drywire.Host default: an end of the first connection, or of conn
---@field right? string|drywire.Host default: the other
---@field packets? boolean write the packets' numbers; default: in text with relative or absolute numbers
---@field calls? boolean show the programs' calls; default: in pictures, not in text
---@field windows? boolean write the windows of segments, as their headers have them; default: a closed one, and the first that is open again
---@field times? boolean false: no times
---@field states? boolean false: no states

---Options of trace:html.
---@class (exact) drywire.HtmlOptions
---@field file? string write it there, too
---@field large? boolean the ladder in larger type, for slides
---@field mono? boolean one colour
---@field title? string a heading; default: the name of dw.sim or dw.pair
---@field numbers? "relative"|"absolute"|"symbolic"|"letters" relative (default), absolute, symbolic (x, x+1, y ...), or letters, as textbooks write them: x and y where the two ends begin, u the first FIN, v what acknowledges it, w the other FIN
---@field letters? string|string[]|boolean numbers = "letters" with other letters: { "J", "K", "M" } in that order, or { x = "J", u = "M" }
---@field labels? string|string[]|boolean the same as letters
---@field lang? "en"|"zh" the language of states, causes and phrases: en (default), or zh as Chinese textbooks print them
---@field part? "all"|"open"|"data"|"close"|"fin" the opening of connections alone (open), the data between (data), the close (close), of it the FINs and their acknowledgments (fin)
---@field from? integer|string only what comes from this packet on, or (text) from this time: 8, "1.5s"
---@field to? integer|string only what comes up to this packet or time
---@field conn? drywire.Connection|integer only this connection and its peer's
---@field left? string|drywire.Host default: an end of the first connection, or of conn
---@field right? string|drywire.Host default: the other
---@field packets? boolean write the packets' numbers; default: in text with relative or absolute numbers
---@field calls? boolean show the programs' calls; default: in pictures, not in text
---@field windows? boolean write the windows of segments, as their headers have them; default: a closed one, and the first that is open again
---@field times? boolean false: no times
---@field states? boolean false: no states

---Options of trace:series.
---@class (exact) drywire.SeriesOptions
---@field every? drywire.Duration the intervals of throughput
---@field from? string|drywire.Host of a link: the host that sends

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

---Options of dw.sweep.
---@class (exact) drywire.SweepOptions
---@field file? string keep each run there, a line, as soon as it is done; what is there already is not run again. A file of another script, of other parameters or of another version is refused. Not with drywire test and check. `drywire sweep --jsonl` wins
---@field jobs? integer so many processes, 1 to 256; default 1; `-j` wins, and drywire test has one
---@field max_runs? integer more are an error; default 1000000
---@field progress? boolean false: nothing on the terminal while it runs

---Options of result:plot.
---@class (exact) drywire.SweepPlotOptions
---@field x? string the parameter to draw over: numbers, or texts with one unit ("1%", "5%")
---@field y? string which of the values; default: the only one
---@field series? string the parameter that has a line for each value; default: all that have several values
---@field where? table<string, any> these points alone: { delay = "20ms" }
---@field band? "ci"|"p5-p95"|"none" around the line: the 95 % confidence of the mean (default), or (p5-p95) percentiles around the median
---@field title? string above it
---@field file? string write it there, too: .svg, .csv or .gnuplot
---@field log? boolean|"x"|"y"|"xy" logarithmic axes; true is "y"
---@field x_label? string default: the parameter with its unit
---@field y_label? string default: the value's name
---@field divide? number values by this many
---@field from? number where the axis of the parameter begins
---@field to? number and ends
---@field top? number the upper edge
---@field width? integer columns of the text
---@field height? integer rows of the text
---@field style? "unicode"|"ascii" of the text

---What conn:info says: the state, and the variables of the TCB. _ns are nanoseconds, _s seconds, all else octets, counts, or 0 and 1. In TIME-WAIT those that its record keeps (no buffers, MSS of the peer, retries, keepalive's times); nothing but the state when the TCP has forgotten the connection. Whoever has closed it makes no difference. From ca_state on fields are nil where the connection has no scoreboard: it has one where SACK was agreed on, or where its profile recovers by time or with duplicates that stand for SACKs (Linux). Those of ECN from ecn_failed to received_e1_octets but delivered_ce are nil unless accurate ECN was agreed on (RFC 9768).
---@class drywire.ConnectionInfo
---@field state drywire.State its state now
---@field accepted integer 1: a program has it
---@field snd_una integer the oldest sequence number that is not acknowledged (RFC 9293 3.3.1)
---@field snd_nxt integer the next sequence number to be sent
---@field snd_wnd integer the window that the peer announced
---@field iss integer our initial sequence number
---@field rcv_nxt integer the next sequence number that is expected
---@field rcv_wnd integer the window that we announce
---@field offered_wnd integer what is left of the window that was announced last
---@field irs integer the peer's initial sequence number
---@field snd_mss integer the most data of a segment that we send
---@field rcv_mss integer the MSS that we announced
---@field advmss integer the same
---@field ack_mss integer the size of segment that delayed ACKs count by
---@field peer_mss integer what the peer takes; 0: not known yet
---@field pmtu integer the MTU of the path
---@field flight integer sent and not acknowledged
---@field segments_out integer segments that are kept for retransmission
---@field delivered integer segments that the peer has told of
---@field unsent integer written and not sent
---@field unacknowledged integer written and not acknowledged
---@field unread integer received, in order, and not read
---@field early integer segments received out of order
---@field cwnd integer congestion window (RFC 5681)
---@field ssthresh integer slow start threshold; math.maxinteger: none yet
---@field pacing_rate integer octets a second
---@field srtt_ns integer smoothed round-trip time (RFC 6298)
---@field rttvar_ns integer its variation
---@field rto_ns integer retransmission timeout
---@field retransmits integer retransmissions of what is waited for now
---@field probes integer probes of a closed window or of an idle connection without an answer
---@field backoff integer how often the timeout was doubled
---@field snd_wscale integer window scale of the peer's windows (RFC 7323)
---@field rcv_wscale integer window scale of ours
---@field wscale_ok integer 1: agreed
---@field timestamps integer 1: agreed (RFC 7323)
---@field ts_recent integer TS.Recent
---@field sack integer 1: agreed (RFC 2018)
---@field ecn integer 1: agreed (RFC 3168)
---@field ecn_mode integer 0 none, 1 classic, 2 accurate (RFC 9768)
---@field ecn_seen integer 1: a marked packet came
---@field ecn_failed integer 1: the path bleaches or mangles ECN; nil without accurate ECN
---@field ecn_option_seen integer 1: the peer sends the AccECN option
---@field received_ce integer marked packets that came
---@field received_ce_octets integer their octets
---@field delivered_ce integer marked packets that the peer tells of
---@field delivered_ce_octets integer their octets
---@field delivered_e0_octets integer octets of ECT(0) that the peer tells of
---@field delivered_e1_octets integer octets of ECT(1)
---@field received_e0_octets integer octets of ECT(0) that came
---@field received_e1_octets integer octets of ECT(1)
---@field fast integer Fast Open: what became of it (RFC 7413)
---@field syn_data_acked integer 1: data of the SYN was taken
---@field fin_received integer 1: the peer's FIN was processed
---@field urgent integer octets of urgent data to be read
---@field report integer the last trouble that may pass
---@field icmp integer the last ICMP error that may pass
---@field rcv_tos integer Differentiated Services field of what came
---@field udp_remote integer the peer's port of TCP in UDP; 0: none
---@field send_buffer integer octets
---@field receive_buffer integer octets
---@field receive_lowat integer what a program waits for (SO_RCVLOWAT)
---@field receive_memory integer what the receive buffer may cost
---@field receive_memory_used integer what it costs
---@field rcv_ssthresh integer the most that is announced now: a bound of its own where windows grow step by step (Linux), otherwise the buffer
---@field writable integer 1: a program may write without waiting; 0: it would wait, or may not write any more (shutdown, close)
---@field bytes_received integer octets of the stream
---@field last_data_recv_ns integer since data came; where none has, since the handshake
---@field last_data_sent_ns integer since data was sent; where none was, since the handshake
---@field busy_time_ns integer how long there was something to send
---@field rwnd_limited_ns integer of it, waiting for the peer's window
---@field sndbuf_limited_ns integer of it, waiting for the program
---@field user_timeout_ns integer 0: R2 alone
---@field syn_retries integer retransmissions of a SYN; 0: by time
---@field keepalive_idle_s integer idle time before the first probe
---@field keepalive_interval_s integer between probes
---@field keepalive_probes integer how many
---@field quick_ack integer 1: acknowledgments of data are not delayed now; where delayed_ack_rule adapts, what TCP_QUICKACK reads: 0 while they wait for an answer to go with
---@field ca_state integer 0 open, 1 disorder, 2 cwr, 3 recovery, 4 loss; this and what follows: nil without a scoreboard
---@field pipe integer octets that are thought to be under way (RFC 6675)
---@field sacked_out integer segments that were SACKed
---@field lost_out integer segments that are taken for lost
---@field resent_out integer segments that were retransmitted and are not acknowledged
---@field resent_total integer all retransmissions
---@field reordering integer segments that may overtake
---@field reordering_seen integer 1: some did
---@field duplicates integer duplicates that D-SACK told of
---@field min_rtt_ns integer the least round trip
---@field rack_window_ns integer RACK's reordering window (RFC 8985)
---@field delivery_rate integer octets a second
---@field delivery_rate_app_limited integer 1: the program sent too little to know

---What listener:info says.
---@class drywire.ListenerInfo
---@field state drywire.State LISTEN, or CLOSED
---@field backlog integer as asked for
---@field half_open integer connections in SYN-RECEIVED
---@field waiting integer connections that nobody has accepted
---@field time_wait integer the host's connections in TIME-WAIT

---Counters of one direction of a link.
---@class drywire.DirectionStats
---@field sent integer packets that were handed to it
---@field sent_bytes integer their octets
---@field delivered integer packets that arrived
---@field delivered_bytes integer their octets
---@field dropped integer packets that were lost
---@field queue integer packets that wait now
---@field queue_max integer the most that ever did

---What link:stats says, by where a direction leads to: to_server.
---@class drywire.LinkStats
---@field [string] drywire.DirectionStats `to_server`, `to_client`

---What dw.drill says.
---@class drywire.DrillResult
---@field profile string the TCP it ran against
---@field packets integer how many
---@field events integer how many of the script
---@field time number simulated seconds

---One of dw.options.
---@class drywire.Option
---@field name string as it is written
---@field value? string under the profile; nil: those of one connection have none
---@field doc string a sentence
---@field kind "time"|"size"|"count"|"flag"|"choice" what its values are
---@field min? integer nanoseconds, octets or a count; nil: no limit
---@field max? integer likewise; nil: no limit
---@field choices? string[] nil: it is no choice
---@field plugins? boolean a plugin's name will do, too; nil: it is no choice

---One of dw.defects.
---@class drywire.Defect
---@field name string as in `tcp = { defect = "no-time-wait" }`
---@field rfc string the rule it breaks
---@field text string what then happens

---What dw.tcp_options finds.
---@class drywire.TcpOptionFields
---@field mss? integer maximum segment size
---@field window_scale? integer window scale
---@field sack_permitted? boolean SACK permitted
---@field sack? integer[][] { { from, to }, ... }
---@field tsval? integer timestamp
---@field tsecr? integer echoed timestamp
---@field user_timeout? integer seconds (RFC 5482)
---@field cookie? string of Fast Open

---One of dw.cases.
---@class drywire.Case
---@field name string as it was given to dw.test
---@field ok? boolean it passed; nil: it is not over
---@field problem? string why it failed; nil: it did not

---cc of a congestion control in Lua; it may keep what it likes besides. Octets, and octets a second.
---@class drywire.Congestion
---@field cwnd integer congestion window; may be set
---@field ssthresh integer slow start threshold; may be set
---@field pacing_rate integer 0: not paced; may be set
---@field mss integer segment size
---@field initial integer the initial window
---@field state "open"|"disorder"|"cwr"|"recovery"|"loss" of the connection

---ack of a congestion control in Lua.
---@class drywire.CongestionAck
---@field now_ns integer now
---@field rtt_ns? integer the sample; nil: none
---@field min_rtt_ns integer the least so far
---@field srtt_ns integer smoothed
---@field acked integer octets that were acknowledged
---@field delivered integer octets that arrived by this ACK
---@field lost integer octets that are newly taken for lost
---@field marked integer octets that were marked
---@field flight integer before this ACK
---@field pipe integer after it
---@field limited boolean the window limited what was sent
---@field paced boolean pacing did
---@field delivered_total integer of the connection
---@field interval_ns? integer of the rate sample; nil: none
---@field rate_delivered integer octets in the interval
---@field rate_lost integer octets in the interval
---@field rate_limited boolean the program sent too little
---@field prior_delivered integer delivered_total at its begin
---@field sent_flight integer in flight when the segment was sent

---loss of a congestion control in Lua.
---@class drywire.CongestionLoss
---@field now_ns integer now
---@field octets integer of the segment
---@field lost integer since it was sent
---@field sent_flight integer in flight when it was sent
---@field delivered_total integer of the connection
---@field rate_limited boolean the program sent too little

---What the function of dw.sweep gets: each parameter's value, by its name, and the seed.
---@class drywire.SweepPoint
---@field seed? integer nil: there are no seeds
---@field [string] any a parameter's value

---One of result:rows: statistics of one value at one point. Those of a mean and above are nil where n is 0, deviation, low and high also where it is 1.
---@class drywire.SweepRow
---@field of string the value's name; "value" where fn returns a number
---@field point table<string, any> the parameters
---@field n integer how many values there are
---@field errors integer how many runs failed
---@field mean? number nil: there is no value
---@field deviation? number the sample's standard deviation (n - 1); nil: of fewer than two
---@field low? number where the 95 % confidence interval of the mean begins (Student's t); nil: of fewer than two
---@field high? number where it ends; nil: of fewer than two
---@field min? number nil: there is no value
---@field p5? number percentiles, between two values in proportion (type 7 of Hyndman and Fan); nil: there is no value
---@field p50? number the median; nil: there is no value
---@field p95? number nil: there is no value
---@field max? number nil: there is no value
---@field values number[] in the order of seeds

---One of result.errors.
---@class drywire.SweepError
---@field point drywire.SweepPoint with its seed
---@field run integer its number
---@field message string what was wrong
---@field failed? boolean it was an assertion; nil: another error

---What result:diff returns.
---@class drywire.SweepDiff
---@field text string all of it, in lines
---@field same boolean the same runs, with the same values
---@field equal integer runs with the values they had
---@field differ integer runs with others
---@field first? string the first of these; nil: there is none
---@field only_old integer runs that are only there
---@field only_new integer runs that are only here
---@field compared integer how many distributions were compared
---@field significant integer how many have changed
---@field changes drywire.SweepChange[] each of those compared

---Two distributions, of one value at one point.
---@class drywire.SweepChange
---@field point string which
---@field of string the value's name
---@field old number the mean it had
---@field new number the mean it has
---@field p number how likely so large a difference is by chance
---@field holm number the same, corrected for so many tests
---@field effect? number Cliff's delta (-1 to 1), with welch Cohen's d; nil: it has no bound
---@field significant boolean holm is below 0.05

---TCP options of a host or a simulation: every switch of the profiles.
---@class (exact) drywire.TcpOptions
---@field profile? "rfc9293"|"linux"|"freebsd"|"rfc793"|"embedded" the profile that the others change
---@field defect? "two-way-handshake"|"no-time-wait"|"time-wait-not-restarted"|"fixed-isn"|"fin-not-retransmitted"|"fin-seq-plus-one"|"any-ack-closes"|"no-window-probe"|"no-karn"|"no-backoff"|"echo-challenge"|"no-rst-for-old-syn"|"2525.1"|"2525.2"|"2525.3"|"2525.4"|"2525.5"|"2525.6"|"2525.7"|"2525.8"|"2525.9"|"2525.10"|"2525.11"|"2525.12"|"2525.13"|"2525.14"|"2525.15"|"2525.16"|"2525.17"|"2525.18"|string known mistakes that are switched on, several separated by commas
---@field msl? drywire.Time Maximum segment lifetime (RFC 9293 3.4.2). Default rfc9293 2min, linux 30s, freebsd 30s, rfc793 2min, embedded 2min.
---@field time_wait? drywire.Time Length of TIME-WAIT; 0s means 2 MSL (MUST-13). Default 0s.
---@field time_wait_reuse_delay? drywire.Time How long TIME-WAIT lasts before time_wait_reuse ends it (Linux tcp_tw_reuse_delay). Default 1s.
---@field rto_initial? drywire.Time Retransmission timeout before the first sample (RFC 6298 2.1). Default rfc9293 1s, linux 1s, freebsd 1s, rfc793 3s, embedded 3s.
---@field rto_min? drywire.Time Lower bound of the retransmission timeout (RFC 6298 2.4). Default rfc9293 1s, linux 200ms, freebsd 30ms, rfc793 1s, embedded 1s.
---@field rto_max? drywire.Time Upper bound of the retransmission timeout (RFC 6298 2.5). Default rfc9293 1min, linux 2min, freebsd 64s, rfc793 1min, embedded 1min.
---@field rto_var_floor? drywire.Time Least value of 4*RTTVAR in the timeout; 0s leaves only the clock's grain, 1 ms. Default rfc9293 0s, linux 200ms, freebsd 0s, rfc793 0s, embedded 0s.
---@field rto_slop? drywire.Time Added to every retransmission timeout when the timer is set. Default rfc9293 0s, linux 0s, freebsd 200ms, rfc793 0s, embedded 0s.
---@field rto_after_syn_timeout? drywire.Time Timeout that data begins with when the SYN had to be sent again (RFC 6298 5.7); 0s: as it is. Default rfc9293 3s, linux 3s, freebsd 3s, rfc793 0s, embedded 3s.
---@field delayed_ack? drywire.Time How long an acknowledgment may wait; under 0.5 s (MUST-40); 0s turns delaying off. Default rfc9293 200ms, linux 40ms, freebsd 40ms, rfc793 0s, embedded 250ms.
---@field r2? drywire.Time Give up on data that stays unacknowledged this long; at least 100 s (SHLD-11). Default rfc9293 100s, linux 24h, freebsd 24h, rfc793 5min, embedded 100s.
---@field syn_r2? drywire.Time Give up on a SYN after this long; at least 3 min (MUST-23). Default rfc9293 3min, linux 24h, freebsd 75s, rfc793 5min, embedded 3min.
---@field user_timeout? drywire.Time Give up on data after this long instead of R2 (RFC 5482); 0s: R2 alone. Default 0s.
---@field persist_min? drywire.Time First interval of zero-window probes (SHLD-29). Default rfc9293 1s, linux 200ms, freebsd 5s, rfc793 1s, embedded 1s.
---@field persist_max? drywire.Time Longest interval of zero-window probes (SHLD-30). Default rfc9293 1min, linux 2min, freebsd 1min, rfc793 1min, embedded 1min.
---@field sws_override? drywire.Time Send a small segment after waiting this long for a better window (RFC 9293 3.8.6.2.1). Default rfc9293 500ms, linux 200ms, freebsd 500ms, rfc793 100ms, embedded 500ms.
---@field finwait2_timeout? drywire.Time End an orphaned FIN-WAIT-2 after this long; 0s: wait for ever, as the RFC has it. Default rfc9293 0s, linux 1min, freebsd 1min, rfc793 0s, embedded 20s.
---@field keepalive_idle? drywire.Time First keepalive probe after this long without a packet; at least 2 h by default (MUST-28). Default 2h.
---@field keepalive_interval? drywire.Time Between keepalive probes that are not answered. Default 75s.
---@field challenge_period? drywire.Time The period that challenge_limit counts in (RFC 5961 7); 0s: no limit. Default rfc9293 5s, linux 500ms, freebsd 1s, rfc793 5s, embedded 5s.
---@field timer_grain? drywire.Time Timers fire only at multiples of this; 0s: exactly. Default rfc9293 0s, linux 0s, freebsd 0s, rfc793 0s, embedded 500ms.
---@field probe_ack_delay? drywire.Time Added to the wait for a tail loss probe behind a single segment, whose ACK may be delayed (RFC 8985 7.2). Default 200ms.
---@field local_drop_probe? drywire.Time What the host's own queue refuses counts as not sent: it is tried again so much later, and the timeout is not doubled for it (Linux: TCP_RESOURCE_PROBE_INTERVAL); 0s: it counts as lost on the way. Default rfc9293 0s, linux 500ms, freebsd 0s, rfc793 0s, embedded 0s.
---@field slow_start_limit? integer Segments by which one ACK may open the window in slow start: 1 (RFC 5681), more (RFC 3465), 0 for any. Default rfc9293 1, linux 0, freebsd 2, rfc793 1, embedded 1. From 0 to 100.
---@field r1? integer Retransmissions after which the path is suspected and the user told (SHLD-9, SHLD-10). Default 3. From 1 to 100.
---@field syn_retries? integer Retransmissions of a SYN before giving up; 0: by syn_r2 alone. Default rfc9293 0, linux 6, freebsd 12, rfc793 0, embedded 0. From 0 to 127.
---@field synack_retries? integer Likewise for a SYN,ACK. Default rfc9293 0, linux 5, freebsd 3, rfc793 0, embedded 0. From 0 to 100.
---@field data_retries? integer Likewise for data and FIN; 0: by r2 alone. Default rfc9293 0, linux 15, freebsd 12, rfc793 0, embedded 0. From 0 to 100.
---@field retries_by_time? boolean syn_retries and data_retries stand for the time that they would take if the timeout began at its least, from the first retransmission on; the user timeout counts so, too, and holds for connecting, keepalive and a closed window whose probes are answered (Linux). Default rfc9293 false, linux true, freebsd false, rfc793 false, embedded false.
---@field orphan_retries? integer With retries_by_time, data_retries of a connection that its user has closed; 0: 8, and none once the timeout is at its bound (Linux). Default 0. From 0 to 100.
---@field syn_linear_timeouts? integer So many first retransmissions of a SYN do not double the timeout, nor count for syn_retries. Default rfc9293 0, linux 4, freebsd 0, rfc793 0, embedded 0. From 0 to 100.
---@field syn_plain_after? integer A SYN that is sent again for so many times goes without options but MSS, in case one was the trouble; 0: never. Default 0. From 0 to 100.
---@field ack_every? integer Full-sized segments that draw an immediate ACK (SHLD-19). Default rfc9293 2, linux 2, freebsd 2, rfc793 1, embedded 2. From 1 to 100.
---@field comp_sack_delay? drywire.Time With comp_sack_nr, how long those ACKs may wait, and no longer than a part of the round trip (tcp_comp_sack_delay_ns). Default 1ms.
---@field comp_sack_rtt_percent? integer That part (tcp_comp_sack_rtt_percent). Default 33. From 1 to 1000.
---@field comp_sack_nr? integer Where delayed_ack_rule adapts: out of order, after three ACKs of the same number, so many at most are made one (tcp_comp_sack_nr); 0: each segment has its own. Default rfc9293 0, linux 44, freebsd 0, rfc793 0, embedded 0. From 0 to 255.
---@field pingpong_thresh? integer Where delayed_ack_rule adapts: so many answers that came soon make a connection interactive, and its ACKs wait for the next (tcp_pingpong_thresh). Default 1. From 1 to 255.
---@field quick_acks? integer Data segments acknowledged at once when a connection begins. Default 0. From 0 to 1000.
---@field initial_window? integer Initial congestion window in segments; up to 4 as in RFC 5681 3.1, 10 as in RFC 6928. Default rfc9293 4, linux 10, freebsd 10, rfc793 1000, embedded 1. From 1 to 1000.
---@field initial_window_lost? integer The initial window is one segment when the SYN or SYN,ACK had to be sent again so many times (RFC 5681 3.1); 0: whatever happened. Default rfc9293 1, linux 2, freebsd 1, rfc793 0, embedded 1. From 0 to 100.
---@field duplicate_ack_threshold? integer Duplicate ACKs that start fast retransmit (RFC 5681). Default rfc9293 3, linux 3, freebsd 3, rfc793 1000, embedded 3. From 1 to 1000.
---@field keepalive_probes? integer Probes in a row that must stay unanswered before the connection is given up (MUST-29). Default rfc9293 9, linux 9, freebsd 8, rfc793 9, embedded 9. From 1 to 1000.
---@field challenge_limit? integer Challenge ACKs, and ACKs of segments without data that are not acceptable, that one connection sends in a challenge_period (RFC 5961 7); 0: no limit. Default rfc9293 10, linux 1, freebsd 5, rfc793 0, embedded 10. From 0 to 1000000.
---@field syn_backlog? integer Half-open connections that a listener keeps; 0: as many as its backlog. Default rfc9293 0, linux 0, freebsd 0, rfc793 0, embedded 1. From 0 to 65535.
---@field max_connections? integer Connections at a time, those in TIME-WAIT included; 0: no limit. Default rfc9293 0, linux 0, freebsd 0, rfc793 0, embedded 1. From 0 to 1000000.
---@field port_first? integer First of the ports that OPEN chooses from (RFC 6335 6; Linux ip_local_port_range). Default rfc9293 49152, linux 32768, freebsd 49152, rfc793 49152, embedded 49152. From 1 to 65535.
---@field port_last? integer Last of the ports that OPEN chooses from. Default rfc9293 65535, linux 60999, freebsd 65535, rfc793 65535, embedded 65535. From 1 to 65535.
---@field time_wait_limit? integer Connections in TIME-WAIT; one more ends the oldest early; 0: no limit. Default rfc9293 0, linux 0, freebsd 0, rfc793 0, embedded 4. From 0 to 1000000.
---@field reassembly_limit? integer Segments of early data that are kept, adjacent ones each; 0: as the window allows. Default rfc9293 0, linux 0, freebsd 100, rfc793 0, embedded 4. From 0 to 1000000.
---@field mss? drywire.Size MSS that we announce; 0: the link's MTU less 40 (MUST-67). Default rfc9293 0, linux 0, freebsd 0, rfc793 536, embedded 536.
---@field mss_least? drywire.Size Segments are not made smaller than this because the peer or ICMP asks for it; 28 fits the least MTU of IPv4, 68. Default rfc9293 28, linux 48, freebsd 216, rfc793 28, embedded 28.
---@field ecn_retries? integer So many retransmissions of a SYN still ask for ECN (RFC 3168 6.1.1.1), accurate ECN once at least; 100: all, and what the answer says of a mark is believed. Default rfc9293 0, linux 0, freebsd 1, rfc793 0, embedded 0. From 0 to 100.
---@field ecn_answer_retries? integer So many timeouts of a SYN,ACK before one that does not say any more that ECN is agreed on; 100: all say it. Default rfc9293 100, linux 1, freebsd 1, rfc793 100, embedded 100. From 0 to 100.
---@field ecn_option? integer The option of accurate ECN: 0 never, 1 when something has changed and as a beacon, 2 with every segment that has room, 3 even when ACKs that have it seem to be lost (RFC 9768 3.2.3.2.2). Default rfc9293 1, linux 2, freebsd 0, rfc793 0, embedded 0. From 0 to 3.
---@field ecn_option_beacon? integer With ecn_option 1: so many times in a round trip at least. Default 3. From 0 to 100.
---@field udp_port? integer UDP port that we send and take TCP in UDP with (as FreeBSD's tunnelling); 0: none. Default 0. From 0 to 65535.
---@field send_buffer? drywire.Size Octets a user may send before they are acknowledged. Default rfc9293 65535, linux 16384, freebsd 32768, rfc793 65535, embedded 1072.
---@field send_buffer_cost? drywire.Size With send_whole_buffers: what each buffer costs of the send buffer besides the octets in it (true size of an empty sk_buff of TCP, Linux 6.18 on x86-64). Default rfc9293 0, linux 832, freebsd 0, rfc793 0, embedded 0.
---@field receive_buffer? drywire.Size Octets kept for the user; over 65535 a window scale is offered (RFC 7323). Default rfc9293 65535, linux 65536, freebsd 65536, rfc793 65535, embedded 1072.
---@field receive_buffer_most? drywire.Size How far the receive buffer may grow, with receive_autotune: the window scale that is offered allows for that (RFC 7323 2). Default rfc9293 0, linux 16777216, freebsd 2097152, rfc793 0, embedded 0.
---@field scale_buffer? drywire.Size The window scale that is offered fits a buffer of this size, where that is more than receive_buffer_most (Linux's tcp_rmem counts what buffers cost). Default rfc9293 0, linux 33554432, freebsd 0, rfc793 0, embedded 0.
---@field receive_buffer_limit? drywire.Size A user gets no larger receive buffer than this; the window scale that is offered allows for as much (Linux: net.core.rmem_max); 0: no limit. Default rfc9293 0, linux 4194304, freebsd 0, rfc793 0, embedded 0.
---@field send_buffer_most? drywire.Size How far the send buffer may grow, with send_autotune. Default rfc9293 0, linux 4194304, freebsd 2097152, rfc793 0, embedded 0.
---@field receive_autotune? boolean The receive buffer grows, to twice what is read in a round trip, as far as receive_buffer_most. Default rfc9293 false, linux true, freebsd true, rfc793 false, embedded false.
---@field send_autotune? boolean The send buffer grows to twice the congestion window, as far as send_buffer_most. Default rfc9293 false, linux true, freebsd true, rfc793 false, embedded false.
---@field window_whole_segments? boolean The window that SYN and SYN,ACK announce is whole segments, and until data comes that is the most (Linux: tcp_select_initial_window). Default rfc9293 false, linux true, freebsd false, rfc793 false, embedded false.
---@field window_scale_always? boolean Offer window scaling where our own buffer does not need it, too, so that the peer may use it. Default rfc9293 false, linux true, freebsd true, rfc793 false, embedded false.
---@field scale_fits_fixed_buffer? boolean Where the user has set the receive buffer the window scale that is offered fits that, which will not grow. Default rfc9293 false, linux true, freebsd false, rfc793 false, embedded false.
---@field round_buffer? boolean A connection's receive buffer is rounded up to whole segments. Default rfc9293 false, linux false, freebsd true, rfc793 false, embedded false.
---@field accept_to_buffer? boolean Segments beyond the window that we announced are accepted as far as the buffer has room. Default rfc9293 false, linux false, freebsd true, rfc793 false, embedded false.
---@field synack_echo_check? boolean A SYN,ACK that echoes a timestamp which was never sent draws a RST (Linux). Default rfc9293 false, linux true, freebsd false, rfc793 false, embedded false.
---@field simultaneous_offers? boolean In a simultaneous open, our SYN,ACK repeats the options of our SYN, whatever the peer's SYN has (Linux). Default rfc9293 false, linux true, freebsd false, rfc793 false, embedded false.
---@field shutdown_waits_for_syn? boolean In SYN-RECEIVED the end of sending, without the end of receiving, waits for ESTABLISHED, though nothing is to be sent before it (Linux). Default rfc9293 false, linux true, freebsd false, rfc793 false, embedded false.
---@field simultaneous_ack? boolean In a simultaneous open, the peer's SYN,ACK is acknowledged as a SYN that came twice (Linux). Default rfc9293 false, linux true, freebsd false, rfc793 false, embedded false.
---@field ts_recent_acked? boolean TS.Recent is taken only from a segment whose ACK is neither older than SND.UNA nor of what was not sent (Linux). Default rfc9293 false, linux true, freebsd false, rfc793 false, embedded false.
---@field keep_send_window? boolean A segment with nothing new in SEQ and ACK may open the send window or close it, but not make it smaller (Linux). Default rfc9293 false, linux true, freebsd false, rfc793 false, embedded false.
---@field challenge_all? boolean challenge_limit holds for every challenge ACK and every SYN that is not acceptable, not only where the segment might be part of an ACK loop (tcp_invalid_ratelimit of Linux). Default rfc9293 false, linux true, freebsd false, rfc793 false, embedded false.
---@field fin_clears_sack? boolean Once the peer's FIN counts, nothing of what came early or twice is told any more (Linux). Default rfc9293 false, linux true, freebsd false, rfc793 false, embedded false.
---@field old_segment_ack? boolean The ACK of a segment that has come before counts, though RFC 9293 3.10.7.4 drops it whole. Default rfc9293 false, linux false, freebsd true, rfc793 false, embedded false.
---@field reset_acknowledges? boolean A RST that ends a connection of ours carries ACK, and the timestamp. Default rfc9293 false, linux true, freebsd true, rfc793 false, embedded false.
---@field reset_has_window? boolean A RST that ends a connection of ours tells the window, too (Linux). Default rfc9293 false, linux true, freebsd false, rfc793 false, embedded false.
---@field tso_win_divisor? integer A burst waits for an ACK that is due, unless this part of the window is free; 0: it does not wait (Linux). Default rfc9293 0, linux 3, freebsd 0, rfc793 0, embedded 0. From 0 to 1000.
---@field pacing_ss_ratio? integer The rate of pacing in slow start, in percent of the window over the round trip. Default 200. From 1 to 1000.
---@field pacing_ca_ratio? integer And in congestion avoidance. Default 120. From 1 to 1000.
---@field push_every? integer In a burst, at least so many full segments make one buffer, whose last one carries PSH (TSO on Linux); 0: only the end of what the user sent does. Default rfc9293 0, linux 2, freebsd 0, rfc793 0, embedded 0. From 0 to 1000.
---@field send_whole_buffers? boolean The send queue is a chain of buffers of many segments, as Linux has it: room is asked for when one is begun, may be exceeded by the last, and is there again when a third is free; what is held back leaves by the probe timer. Default rfc9293 false, linux true, freebsd false, rfc793 false, embedded false.
---@field retransmit_collapse? boolean A segment that is sent again takes along the small ones behind it, and the FIN, as far as it has room (tcp_retrans_collapse of Linux; RFC 9293 3.7 allows it). Default rfc9293 false, linux true, freebsd false, rfc793 false, embedded false.
---@field ack_counts_small? boolean Any second segment draws an immediate ACK, not only full-sized ones. Default rfc9293 false, linux false, freebsd true, rfc793 false, embedded false.
---@field late_rst_error? boolean A RST in CLOSING or LAST-ACK is told to the user. Default rfc9293 false, linux true, freebsd true, rfc793 false, embedded false.
---@field syn_r2_exact? boolean A SYN is given up when syn_r2 is over, not with the retransmission that follows. Default rfc9293 false, linux false, freebsd true, rfc793 false, embedded false.
---@field fast_open_listeners? boolean Every listener takes fast opens, not only those that were told to. Default false.
---@field fast_open_bare_client? boolean Send data on SYN without a cookie (RFC 7413 2.1 warns). Default false.
---@field fast_open_bare_server? boolean Take data on SYN without a cookie. Default false.
---@field fast_open_experiment? boolean A server that gives no cookie is asked the next time by the experimental option (RFC 7413 4.1.1). Default rfc9293 false, linux true, freebsd false, rfc793 false, embedded false.
---@field fast_open_gives_up? boolean A server that answers a fast open without a cookie is not asked again. Default rfc9293 false, linux false, freebsd true, rfc793 false, embedded false.
---@field sack? boolean Offer and accept selective acknowledgments (RFC 2018). Default rfc9293 false, linux true, freebsd true, rfc793 false, embedded false.
---@field dsack? boolean With them, report what came twice (RFC 2883). Default rfc9293 true, linux true, freebsd true, rfc793 false, embedded false.
---@field sack_fin? boolean A FIN that comes early is in the SACK block, and one that comes twice is reported (RFC 2018: it has a number); FreeBSD leaves it out. Default rfc9293 true, linux true, freebsd false, rfc793 true, embedded true.
---@field nagle? boolean Hold small segments while data is outstanding (RFC 9293 3.7.4, SHLD-7). Default rfc9293 true, linux true, freebsd true, rfc793 false, embedded true.
---@field window_scale? boolean Offer and accept window scaling (RFC 7323 2) where a buffer needs it. Default rfc9293 true, linux true, freebsd true, rfc793 false, embedded false.
---@field timestamps? boolean Offer and accept timestamps, and with them PAWS (RFC 7323 3, 5). Default rfc9293 false, linux true, freebsd true, rfc793 false, embedded false.
---@field keepalive? boolean Send keepalive probes on every connection (MUST-24, MUST-25; FreeBSD's always_keepalive). Default rfc9293 false, linux false, freebsd true, rfc793 false, embedded false.
---@field keepalive_octet? boolean A keepalive probe carries one garbage octet (MAY-6) instead of nothing (SHLD-12). Default false.
---@field fast_open? boolean Send and accept data on SYN with a cookie (RFC 7413). Default false.
---@field user_timeout_option? boolean Tell the peer our user timeout and heed its (RFC 5482 3.1). Default false.
---@field pmtu_discovery? boolean Believe ICMP when it says that segments are too big (RFC 1191). Default rfc9293 true, linux true, freebsd true, rfc793 false, embedded false.
---@field pmtu_expires? drywire.Time How long a path MTU learnt from ICMP is believed, for all connections to that destination, before a larger one is tried (RFC 1191 6.3); 0s: for ever. Default rfc9293 10min, linux 10min, freebsd 1h, rfc793 0s, embedded 10min.
---@field min_pmtu? drywire.Size The path MTU of IPv4 becomes no smaller than this because ICMP says so (Linux: route.min_pmtu), and where it does packets may go in fragments; at 68 what tells of less is a forgery. Default rfc9293 68, linux 552, freebsd 68, rfc793 68, embedded 68.
---@field pmtu_untold? "rfc1191"|"linux"|"freebsd" What fits when ICMP does not say what would: the next lower plateau of RFC 1191 7.1; min_pmtu (linux); or a plateau, of which 1280 is one (freebsd). Default rfc9293 rfc1191, linux linux, freebsd freebsd, rfc793 rfc1191, embedded rfc1191.
---@field pmtu_grows? boolean Once a path MTU is forgotten the segments of connections grow again that were there before (RFC 1191 6.3); false: only those of later ones do (FreeBSD). Default rfc9293 true, linux true, freebsd false, rfc793 true, embedded true.
---@field mss_tells_path? boolean The MSS that we announce allows for a path MTU learnt before, too (FreeBSD; Linux before 7.3), though that is of the other direction (RFC 1191 3.1). Default rfc9293 false, linux false, freebsd true, rfc793 false, embedded false.
---@field icmp_at_snd_nxt? boolean An ICMP error that quotes SND.NXT is believed, too, though nothing was sent there (Linux); RFC 5927 4.1 asks for less. Default rfc9293 false, linux true, freebsd false, rfc793 false, embedded false.
---@field mtu_probing? "off"|"black-hole"|"always" Search for the path MTU with segments of other sizes (RFC 4821): never; once whole segments vanish (black-hole: r1 is over, and segments become base_mss); or always, from base_mss on (Linux: tcp_mtu_probing 0, 1, 2). Default off.
---@field base_mss? drywire.Size With mtu_probing: a segment that nearly every path takes (tcp_base_mss). Default 1024.
---@field mtu_probe_floor? drywire.Size With mtu_probing: when still nothing gets through segments are halved, down to this (tcp_mtu_probe_floor). Default 48.
---@field probe_threshold? drywire.Size With mtu_probing: the search is over when no more octets than this lie between what gets through and what does not (tcp_probe_threshold). Default 8.
---@field probe_interval? drywire.Time With mtu_probing: so long after it began a search that is over begins again (tcp_probe_interval). Default 10min.
---@field blackhole_mss? drywire.Size With blackhole_detection: the first smaller size, options included (pmtud_blackhole_mss). Default 1200.
---@field blackhole_mss_v6? drywire.Size Likewise in IPv6 (v6pmtud_blackhole_mss). Default 1220.
---@field mss_default? drywire.Size The peer's MSS when it tells none (MUST-15), and the second size of blackhole_detection. Default 536.
---@field mss_default_v6? drywire.Size Likewise in IPv6, where the RFC has 1220, and Linux what it has in IPv4. Default rfc9293 1220, linux 536, freebsd 1220, rfc793 536, embedded 1220.
---@field blackhole_detection? boolean When a full segment is lost again and again try smaller ones, as the ICMP errors may be filtered (RFC 2923): blackhole_mss at the second timeout, mss_default at the fourth, and at the sixth what it was before (FreeBSD). Default false.
---@field reuse_address? boolean A listener may take a port that still has connections (SO_REUSEADDR). Default rfc9293 true, linux false, freebsd false, rfc793 true, embedded true.
---@field retransmit_fin? boolean Retransmit FIN.  false breaks RFC 9293 3.6 on purpose. Default true.
---@field time_wait_reuse_named? boolean OPEN with a local port that the user names takes it from TIME-WAIT with time stamps, at once (Linux tcp_twsk_unique). Default rfc9293 false, linux true, freebsd false, rfc793 false, embedded false.
---@field time_wait_reuse_echo? boolean The SYN of a connection that takes another's place in TIME-WAIT echoes its last time stamp (Linux), or 0 (RFC 7323 3.2). Default rfc9293 false, linux true, freebsd false, rfc793 false, embedded false.
---@field time_wait_echo? boolean ACKs of TIME-WAIT go on telling of a mark until the peer has said CWR (RFC 3168 6.1.3). Default rfc9293 true, linux false, freebsd false, rfc793 true, embedded true.
---@field dsack_waits? boolean A D-SACK for which a segment has no room goes with the next one (Linux); else it is left out, for it tells of the segment that came last only (RFC 2883 4). Default rfc9293 false, linux true, freebsd true, rfc793 false, embedded false.
---@field time_wait_restart? boolean A FIN that comes again restarts the 2 MSL wait.  false breaks RFC 9293 3.10.7.4. Default true.
---@field karn? boolean Take no round-trip sample from retransmitted segments (MUST-18). Default rfc9293 true, linux true, freebsd true, rfc793 false, embedded true.
---@field rst_one_below? boolean After the peer's FIN a RST at RCV.NXT - 1 counts as exact: a stack that forgot its FIN sends it there. Default rfc9293 false, linux true, freebsd false, rfc793 false, embedded false.
---@field ecn_on_control? boolean With accurate ECN mark ACKs and retransmissions as capable, too (Linux), not only new data (RFC 3168 6.1.4). Default rfc9293 false, linux true, freebsd false, rfc793 false, embedded false.
---@field ecn_cwr_on_acks? boolean CWR on a segment without data ends the echo, too (Linux), not only on new data (RFC 3168 6.1.5). Default rfc9293 false, linux true, freebsd false, rfc793 false, embedded false.
---@field ecn_kept_unsaid? boolean ECN stays agreed on though the last SYN,ACK did not say so (Linux); else it takes both SYNs of the handshake that succeeds (RFC 3168 6.1.1). Default rfc9293 false, linux true, freebsd false, rfc793 false, embedded false.
---@field ecn_refuses_marked_syn? boolean A SYN that asks for classic ECN and arrives marked as capable is not answered with ECN: something plays with these bits (Linux). Default rfc9293 false, linux true, freebsd false, rfc793 false, embedded false.
---@field ecn_by_congestion? boolean A congestion control that lives on marks (dctcp) asks for ECN whatever ecn says, and marks every packet as capable, SYNs too (Linux, RFC 8257 3.5). Default rfc9293 false, linux true, freebsd false, rfc793 false, embedded false.
---@field ecn_counts_established? boolean Accurate ECN counts the marks of packets in ESTABLISHED only (Linux), not until the end (RFC 9768 3.2.2). Default rfc9293 false, linux true, freebsd false, rfc793 false, embedded false.
---@field ecn_after_close? boolean With accurate ECN, ACKs in TIME-WAIT and in FIN-WAIT-2 after close() go on to tell of marks; false: they say nothing, but are marked as before (Linux). Default rfc9293 true, linux false, freebsd true, rfc793 true, embedded true.
---@field ecn_acks_of_acks? boolean Six marks on packets without data draw an ACK, too (RFC 9768 3.2.2.5.1); false: they are told with the next (Linux). Default rfc9293 true, linux false, freebsd true, rfc793 true, embedded true.
---@field ecn_heeds_unsure? boolean Reports of marks reduce the window although the handshake showed that the bits are changed on the way (Linux; RFC 9768 3.2.2.4 advises against it). Default rfc9293 false, linux true, freebsd false, rfc793 false, embedded false.
---@field pacing? boolean Spread segments over the round trip (Linux does with the queueing discipline fq). Default false.
---@field cwnd_in_segments? boolean Recovery and the window count segments, whatever their size (Linux), not octets (RFC 6675). Default rfc9293 false, linux true, freebsd false, rfc793 false, embedded false.
---@field limited_transmit? boolean The first two duplicate ACKs each let a segment of new data go (RFC 3042); with a scoreboard this comes by itself. Default rfc9293 true, linux true, freebsd true, rfc793 false, embedded false.
---@field early_retransmit? boolean With fewer than four segments outstanding and nothing new to send, one duplicate ACK less than there are segments is enough (RFC 5827). Default false.
---@field rto_restart? boolean With fewer than four segments outstanding and unsent, the timer counts from when the oldest was sent (RFC 7765). Default false.
---@field sack_rescue? boolean With recovery by the scoreboard, send again what may be lost when nothing else is left to send (NextSeg, rules 3 and 4 of RFC 6675 4). Default rfc9293 true, linux false, freebsd false, rfc793 false, embedded false.
---@field tail_loss_probe? boolean Send a probe when the last segments stay unacknowledged for two round trips (RFC 8985 7). Default rfc9293 false, linux true, freebsd false, rfc793 false, embedded false.
---@field prr? boolean Reduce the window in proportion to what is delivered (RFC 9937), not at once (RFC 6675 5). Default rfc9293 false, linux true, freebsd true, rfc793 false, embedded false.
---@field frto? boolean After a timeout find out whether it was too early (RFC 5682). Default rfc9293 false, linux true, freebsd false, rfc793 false, embedded false.
---@field undo? boolean Restore the window when a recovery turns out superfluous (RFC 3522, RFC 3708, RFC 4015). Default rfc9293 false, linux true, freebsd false, rfc793 false, embedded false.
---@field undo_forgets? boolean What counted as lost before a recovery was undone is not found lost by time again, only by the timer (Linux: it left tsorted_sent_queue); RFC 8985 looks at it again. Default rfc9293 false, linux true, freebsd false, rfc793 false, embedded false.
---@field cwnd_validation? boolean The window grows only while it is what limits the sender, with a factor of two in slow start (Linux; RFC 7661 3 asks for such a test). Default rfc9293 false, linux true, freebsd false, rfc793 false, embedded false.
---@field cwnd_counts_sacked? boolean What an ACK SACKs lets the window grow, too, and where the network reorders it does so by itself (Linux: tcp_may_raise_cwnd); else only what is acknowledged does (RFC 5681 3.1). Default rfc9293 false, linux true, freebsd false, rfc793 false, embedded false.
---@field tail_probe_counts? boolean The last segment that a tail loss probe sends again counts as sent again in what is in the network; not in Linux's retrans_out (tcp_send_loss_probe). Default rfc9293 true, linux false, freebsd true, rfc793 true, embedded true.
---@field reorder_by_duplicates? boolean Without SACK, more duplicate ACKs than segments out there say how far the network reorders, be it less than was thought (Linux: tcp_check_reno_reordering). Default rfc9293 false, linux true, freebsd false, rfc793 false, embedded false.
---@field ack_seq_in_window? boolean An ACK without data has no number beyond the peer's window, if that has shrunk (Linux: tcp_acceptable_seq); else it has SND.NXT. Default rfc9293 false, linux true, freebsd false, rfc793 false, embedded false.
---@field drop_answers_alone? boolean The answer to a segment that is dropped does not take along what waits to be sent (Linux: no tcp_data_snd_check). Default rfc9293 false, linux true, freebsd false, rfc793 false, embedded false.
---@field drop_signed? boolean Discard segments with an MD5 signature (RFC 2385), as no key is known; false ignores the option (MUST-6). Default rfc9293 false, linux true, freebsd false, rfc793 false, embedded false.
---@field receive_memory? boolean With window_step free, the receive buffer counts the memory of which segments take up whole pieces, not their octets (Linux). Default rfc9293 false, linux true, freebsd false, rfc793 false, embedded false.
---@field shrink_window? boolean Count unread data twice, as stacks do that count their buffers: the window's right edge can then move back (SHLD-14 says it should not). Default false.
---@field time_wait_challenge? boolean A RST in TIME-WAIT that is in the window but not exact draws a challenge ACK (RFC 5961 3.2), too. Default rfc9293 true, linux false, freebsd true, rfc793 true, embedded true.
---@field keep_unaccepted? boolean A connection that is lost before the user accepts it is still handed out, and its error with it. Default rfc9293 true, linux true, freebsd false, rfc793 true, embedded false.
---@field overflow_resets? boolean When the accept queue is full the last ACK of a handshake draws a RST, not silence (Linux: tcp_abort_on_overflow). Default false.
---@field syn_cookies_always? boolean Every SYN is answered with a cookie, not only when half-open connections are full. Default false.
---@field finwait2_rto? boolean An orphaned FIN-WAIT-2 lasts at least three and a half timeouts (Linux). Default rfc9293 false, linux true, freebsd false, rfc793 false, embedded false.
---@field backlog_most? integer A listener's backlog is at most this (somaxconn); 0: as the user says. Default rfc9293 0, linux 4096, freebsd 128, rfc793 0, embedded 0. From 0 to 65535.
---@field syn_backlog_unproven? integer With syn_full = drop, a SYN is dropped when no more than a quarter of so many places for half-open connections is left (Linux: tcp_max_syn_backlog); 0: no such test. Default rfc9293 0, linux 2048, freebsd 0, rfc793 0, embedded 0. From 0 to 1000000.
---@field syn_cookie_rule? "mss"|"linux"|"freebsd" What a SYN cookie remembers: one of eight MSS (RFC 4987 3.6), or one of four and with timestamps scale, SACK and ECN (Linux), or one of eight, scale and SACK (FreeBSD). Default rfc9293 mss, linux linux, freebsd freebsd, rfc793 mss, embedded mss.
---@field accept_queue? "backlog"|"linux"|"bsd" How many connections wait to be accepted, and how many half-open ones beside them: as many as the backlog says together (backlog), one more of the first and the backlog of the second (linux), or one more than half as many again (bsd). Default rfc9293 backlog, linux linux, freebsd bsd, rfc793 backlog, embedded backlog.
---@field rst_check? "rfc5961"|"rfc793" rfc5961: only an exact RST resets, one elsewhere in the window draws a challenge ACK; rfc793: any RST in the window resets. Default rfc9293 rfc5961, linux rfc5961, freebsd rfc5961, rfc793 rfc793, embedded rfc793.
---@field syn_check? "rfc5961"|"rfc793"|"reset" rfc5961: a SYN in a synchronized state draws a challenge ACK; rfc793: it resets; reset: likewise, by a segment with our own numbers. Default rfc9293 rfc5961, linux rfc5961, freebsd rfc5961, rfc793 rfc793, embedded rfc5961.
---@field sequence_check? "rfc9293"|"linux" Which segments are acceptable: by RFC 9293 3.10.7.4 and trimmed to the window, or as Linux has it: those that end no earlier than the last ACK we sent and begin no later than the rightmost edge ever offered; what ends beyond it is taken whole, if nothing waits to be read; a closed window lets only a bare FIN in. Default rfc9293 rfc9293, linux linux, freebsd rfc9293, rfc793 rfc9293, embedded rfc9293.
---@field ack_check? "rfc5961"|"rfc793" rfc5961: an ACK older than SND.UNA - MAX.SND.WND is refused (RFC 5961 5.2, MAY-12); rfc793: it is a duplicate. Default rfc9293 rfc5961, linux rfc5961, freebsd rfc5961, rfc793 rfc793, embedded rfc793.
---@field syn_data? "keep"|"discard" Data and FIN on a SYN without a Fast Open cookie wait for ESTABLISHED (RFC 9293 3.4) or are left to be sent again. Default rfc9293 keep, linux discard, freebsd keep, rfc793 keep, embedded keep.
---@field syn_ack_data? "keep"|"discard" Likewise for what comes with a SYN,ACK (RFC 9293 3.10.7.3). Default rfc9293 keep, linux discard, freebsd keep, rfc793 keep, embedded keep.
---@field simultaneous_rst? "refused"|"reset" What the user is told of a RST in SYN-RECEIVED after an active open: refused (MUST-12) or reset. Default rfc9293 refused, linux reset, freebsd refused, rfc793 refused, embedded refused.
---@field ack_of_fin? "immediate"|"delayed" Acknowledge a FIN at once (RFC 9293 3.10.7.4) or like data where delayed_ack_rule counts, so that a quick close carries the ACK along. Default immediate.
---@field delayed_ack_rule? "counts"|"adapts" When data is acknowledged: counts (RFC 5681 4.2: every ack_every full segments, or after delayed_ack) or adapts (Linux: at once while a connection is new or in trouble, after a time that follows the arrivals, and with the answer once the program answers). Default rfc9293 counts, linux adapts, freebsd counts, rfc793 counts, embedded counts.
---@field simultaneous_close? "ack"|"fin" The answer to a FIN that does not acknowledge ours: a plain ACK, or our FIN again with it. Default rfc9293 ack, linux ack, freebsd fin, rfc793 ack, embedded ack.
---@field close_unread? "rst"|"fin" Closing with unread data sends RST (SHLD-3), or FIN all the same. Default rfc9293 rst, linux rst, freebsd fin, rfc793 fin, embedded rst.
---@field rst_unread? "flush"|"keep" A RST discards data that was not read yet (RFC 9293 3.10.7.4 second), or leaves it readable. Default rfc9293 flush, linux keep, freebsd flush, rfc793 flush, embedded flush.
---@field read_shutdown? "keep"|"discard" After a shutdown of the reading side alone what was received stays readable, and what comes is kept, too (Linux); or both are acknowledged and discarded (FreeBSD, sorflush). Default rfc9293 keep, linux keep, freebsd discard, rfc793 keep, embedded keep.
---@field zero_window_probe? "octet"|"empty" A probe carries one new octet (RFC 9293 3.8.6.1) or is empty with SEQ=SND.UNA-1. Default rfc9293 octet, linux empty, freebsd octet, rfc793 octet, embedded octet.
---@field backoff_until? "sample"|"ack" The backed-off timeout holds until a new sample (RFC 6298 5, Karn) or until any ACK of new data. Default rfc9293 sample, linux sample, freebsd sample, rfc793 ack, embedded sample.
---@field option_layout? "plain"|"linux"|"freebsd" The order of a segment's options, and what fills them up: each padded in front in the order of their RFCs, as Linux has them, or as FreeBSD. Default rfc9293 plain, linux linux, freebsd freebsd, rfc793 plain, embedded plain.
---@field window_step? "segment"|"any"|"free" The window's right edge moves by a segment or half the buffer (MUST-39), or by any octet that is free; free: likewise, up to a bound that grows with full segments, and not at all while less than a segment or a sixteenth of the buffer is free (Linux). Default rfc9293 segment, linux free, freebsd any, rfc793 segment, embedded segment.
---@field icmp_prohibited? "soft"|"hard" Prohibited and time exceeded, of ICMP, are soft errors, or as hard as an unreachable port. Default rfc9293 soft, linux soft, freebsd hard, rfc793 soft, embedded soft.
---@field syn_fin? "keep"|"discard" A FIN that comes with a SYN in SYN-SENT counts once the handshake is complete, or is left to be sent again. Default rfc9293 keep, linux discard, freebsd discard, rfc793 keep, embedded keep.
---@field time_wait_rules? "rfc9293"|"bsd" What TIME-WAIT answers: as RFC 9293 3.10.7.4 has it, or as BSD: nothing to what has no ACK, an ACK to whatever is not a plain ACK in sequence. Default rfc9293 rfc9293, linux rfc9293, freebsd bsd, rfc793 rfc9293, embedded rfc9293.
---@field nagle_rule? "rfc9293"|"minshall"|"bsd" What holds a small segment back: any data outstanding (RFC 9293 3.7.4), a small segment outstanding (Minshall's variant), or data that was outstanding before this call (BSD). Default rfc9293 rfc9293, linux minshall, freebsd bsd, rfc793 rfc9293, embedded rfc9293.
---@field ecn? "off"|"ask"|"answer"|"accurate"|"accurate-or-ask"|"accurate-answer" Explicit congestion notification (RFC 3168): off, asked for and answered, or only answered; accurate (RFC 9768) asks for that and answers either, accurate-or-ask asks for the older kind, accurate-answer does not ask. Default rfc9293 off, linux answer, freebsd answer, rfc793 off, embedded off.
---@field synsent_synfin? "open"|"drop" A SYN with FIN in SYN-SENT counts as a SYN, or is dropped. Default open.
---@field listen_synack? "rst"|"drop" A SYN,ACK that reaches a listener is answered with RST (RFC 9293 3.10.7.2) or dropped. Default rfc9293 rst, linux rst, freebsd drop, rfc793 rst, embedded rst.
---@field listen_synfin? "open"|"drop" A SYN with FIN opens a connection like any SYN, or is dropped. Default rfc9293 open, linux drop, freebsd open, rfc793 open, embedded open.
---@field syn_full? "drop"|"cache"|"cookies" When a listener's half-open connections are full: drop the SYN, forget the oldest of them (a SYN cache, RFC 4987 3.4), or answer with a SYN cookie (3.6). Default rfc9293 drop, linux cookies, freebsd cache, rfc793 drop, embedded drop.
---@field time_wait_rst? "close"|"ignore" A RST in TIME-WAIT ends it (RFC 9293 3.10.7.4) or is ignored (RFC 1337 fix F1). Default rfc9293 close, linux close, freebsd ignore, rfc793 close, embedded ignore.
---@field time_wait_syn? "reopen"|"refuse" A newer SYN in TIME-WAIT opens the next connection (MAY-2, RFC 6191) or is treated like any other. Default rfc9293 reopen, linux reopen, freebsd reopen, rfc793 refuse, embedded refuse.
---@field time_wait_reuse? "off"|"always"|"loopback" Whether OPEN, looking for a port, may take one that is in TIME-WAIT with time stamps, after time_wait_reuse_delay: off (RFC 9293 3.9.1.1: the connection exists), always, or only to a loopback address (Linux tcp_tw_reuse 0, 1, 2). Default rfc9293 off, linux loopback, freebsd off, rfc793 off, embedded off.
---@field time_wait_isn? "clock"|"above" The ISN of a connection reopened from TIME-WAIT: by the clock if that is above the old numbers (MAY-2), or always SND.NXT + 65537. Default rfc9293 clock, linux above, freebsd clock, rfc793 clock, embedded clock.
---@field missing_timestamp? "drop"|"accept" A segment without the timestamp that was agreed on is dropped (RFC 7323 3.2) or accepted. Default rfc9293 drop, linux accept, freebsd accept, rfc793 accept, embedded accept.
---@field icmp_hard? "abort"|"opening"|"ignore" Hard ICMP errors (protocol or port unreachable) abort a connection (SHLD-26), only while it opens (RFC 5461, RFC 5927 5.2), or never. Default rfc9293 abort, linux opening, freebsd opening, rfc793 ignore, embedded ignore.
---@field icmp_soft? "report"|"abort-opening" Soft ICMP errors are reported (MUST-56, SHLD-25), or abort a connection that opens (RFC 5461 4.1). Default rfc9293 report, linux abort-opening, freebsd report, rfc793 report, embedded report.
---@field syn_retry? "timer"|"at-once"|"soon" After a RST for a half-open peer (figure 9) the SYN goes again by its timer, at once, or two ticks of 4 ms later unless it had to be sent again before (Linux). Default rfc9293 timer, linux soon, freebsd timer, rfc793 timer, embedded timer.
---@field urgent_pointer? "after"|"last" The urgent pointer names the octet after the urgent data (MUST-62) or its last one (RFC 1122 4.2.2.4). Default after.
---@field recovery? "newreno"|"sack"|"rack"|"tahoe"|"reno" How losses are found: newreno: by duplicate ACKs (RFC 5681, RFC 6582); sack: by the scoreboard where SACK is agreed on (RFC 6675); rack: by time (RFC 8985); for comparison, reno: as newreno, but the first ACK of new data ends recovery (RFC 2581), and tahoe: duplicate ACKs too lead back to slow start (Jacobson 1988). Default rfc9293 sack, linux rack, freebsd sack, rfc793 newreno, embedded newreno.
---@field hystart? "off"|"train"|"delay"|"classic"|"plusplus" How CUBIC ends slow start early: not at all, by trains of ACKs, by delay, by both (Linux), or by RFC 9406 (HyStart++). Default rfc9293 off, linux classic, freebsd plusplus, rfc793 off, embedded off.
---@field idle_restart? "off"|"rfc5681"|"halve" After a pause longer than the timeout the window is as it was, the initial one at most (RFC 5681 4.1), or halved for each timeout that passed (RFC 2861, Linux). Default rfc9293 rfc5681, linux halve, freebsd rfc5681, rfc793 off, embedded rfc5681.
---@field congestion_control? "reno"|"cubic"|"dctcp"|"vegas"|"bbr"|"bbr3"|"ledbat"|"none"|string The congestion control. Default rfc9293 reno, linux cubic, freebsd cubic, rfc793 reno, embedded reno.

---Options of one connection.
---@class (exact) drywire.ConnectionOptions
---@field nagle? boolean Hold small segments while data is outstanding; false is TCP_NODELAY (MUST-17).
---@field tos? integer The Differentiated Services field, as an octet (MUST-48, SHLD-21). From 0 to 255.
---@field ttl? integer Time to live of the packets; if not set, the network layer's default (MUST-49). From 0 to 255.
---@field keepalive? boolean Send keepalive probes (MUST-24).
---@field keepalive_idle? drywire.Time First keepalive probe after this long without a packet (MUST-27).
---@field keepalive_interval? drywire.Time Between keepalive probes that are not answered.
---@field keepalive_probes? integer Unanswered probes in a row after which the connection is given up. From 1 to 1000.
---@field user_timeout? drywire.Time Give up on data after this long (RFC 5482); 0s: R2 (MUST-21).
---@field reports? boolean Tell the user about problems that may pass; false turns that off (SHLD-20).
---@field mss? drywire.Size MSS that we announce and keep to; if not set, what the link's MTU allows (TCP_MAXSEG).
---@field send_buffer? drywire.Size Octets that may be sent before they are acknowledged (SO_SNDBUF).
---@field receive_buffer? drywire.Size Octets kept for the user (SO_RCVBUF); the window scale depends on it before the SYN.
---@field finwait2_timeout? drywire.Time End an orphaned FIN-WAIT-2 after this long; 1ns: at once; 0s: as the host does (TCP_LINGER2).
---@field defer_accept? integer Of a listener: a handshake is complete when data comes, or after so many timeouts of the SYN,ACK; 0: with its last ACK (TCP_DEFER_ACCEPT). From 0 to 255.
---@field window_clamp? drywire.Size The receive window is never more than this; 0B: as the buffer allows (as TCP_WINDOW_CLAMP does).
---@field syn_retries? integer Retransmissions of a SYN before giving up; 0: by syn_r2 alone (TCP_SYNCNT). From 0 to 127.
---@field syn_r2? drywire.Time Give up on a SYN after this long (TCP_KEEPINIT).
---@field notsent_lowat? drywire.Size Take no more from the user while so many octets wait to be sent; 0B: the buffer alone decides (TCP_NOTSENT_LOWAT).
---@field receive_lowat? drywire.Size Do not tell of data to read while there is less, unless no more will come (SO_RCVLOWAT).
---@field quick_ack? boolean Where delayed_ack_rule adapts: false has ACKs wait for the answer, from now until an ACK has waited in vain; true ends that (TCP_QUICKACK).
---@field cork? boolean Send only full segments until it is turned off again (TCP_CORK).
---@field fast_open? boolean Send and accept data on SYN with a cookie (RFC 7413); of a listener or before connecting.
---@field options? boolean false: use no TCP options, and heed none (TCP_NOOPT).
---@field congestion_control? "reno"|"cubic"|"dctcp"|"vegas"|"bbr"|"bbr3"|"ledbat"|"none"|string The congestion control, also one of a plugin or a script (TCP_CONGESTION); in the middle of a connection the window stays as it is.
---@field pmtu_discovery? boolean Send again at once, smaller, what ICMP says is too big; false: only later segments are smaller (IP_PMTUDISC_DONT).
---@field udp_port? integer The peer's UDP port, to send TCP in UDP; 0: plain TCP. From 0 to 65535.

---@class drywire
---@field version string the library's version
---@field loss { every: (fun(n: integer): drywire.LossModel), pattern: (fun(p: string): drywire.LossModel), gilbert: (fun(m: drywire.LossModel): drywire.LossModel) } loss models for `loss =`: `dw.loss.every(3)`, `dw.loss.pattern "..X.."`, `dw.loss.gilbert { p = "1%", r = "30%", good = "0%", bad = "100%" }` (p: into the bad state, r: back)
---@field json { encode: fun(v: any): string } JSON with its keys in byte order
---@field cases drywire.Case[] the cases that dw.test made, for reading
---@field covered string[] what dw.covers was told, for reading
local dw = {}

---A new simulation.
---@param opts? drywire.SimOptions
---@return drywire.Sim
function dw.sim(opts) end

---Two hosts, "client" and "server", and a link between them; options of the simulation, of both hosts (mss, buffer, isn = { client's, server's }), of each (client = { ... }, server = { ... }: those of sim:host, and name) and of the link in one table.
---@param opts? drywire.PairOptions
---@return drywire.Sim, drywire.Host, drywire.Host, drywire.Link
function dw.pair(opts) end

---An expectation. A host stands for its first connection. Anything else is a value, which has expectations of its own: dw.expect(x):equals(3).
---@param subject drywire.Sim|drywire.Host|drywire.Connection
---@return drywire.Expectation
---@overload fun(value: any): drywire.Value
function dw.expect(subject) end

---A case of its own in the report of drywire test; a script without any is one case.
---@param name string
---@param fn function
function dw.test(name, fn) end

---Run a packetdrill script, named relative to the script's directory, in a simulation of its own; one that does not pass is a failed assertion with its line, what came, and the ladder. Options as those of drywire drill.
---@param path string
---@param opts? { profile?: string, ip_version?: string, defines?: string[], strict?: boolean }
---@return drywire.DrillResult
function dw.drill(path, opts) end

---The value of --set name=value, converted to the default's type. values are those that a swarm may draw instead of the default, which is the simplest: docs/SWARM.md.
---@param name string
---@param default? any
---@param values? any[]
---@return any
function dw.param(name, default, values) end

---Load a plugin into every simulation that is made from now on. A path that does not begin with / is looked up from the script's directory, as require does. One that cannot be used is an error at this line, with exit code 4.
---@param path string
function dw.load(path) end

---The options of a protocol; "tcp.connection": those of one connection.
---@param protocol string
---@param profile? string
---@return drywire.Option[]
function dw.options(protocol, profile) end

---Mistakes that can be switched on (tcp = { defect = "no-time-wait" }).
---@param protocol string
---@return drywire.Defect[]
function dw.defects(protocol) end

---This script shows that these requirements of RFC 9293 are met: dw.covers("MUST-13", "SHLD-4"). drywire coverage counts them if the script passes.
---@param ... string
function dw.covers(...) end

---The fields of TCP options.
---@param bytes string
---@return drywire.TcpOptionFields
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

---Call fn under every plan of so many faults, the smallest first, until it fails or all were tried: docs/EXPLORE.md. fn makes one simulation and judges it. The plan that fails is told, and is among the smallest. drywire explore does the same with a whole script. With against it compares two profiles instead, and returns a drywire.Differed.
---@param opts drywire.ExploreOptions
---@param fn function
---@return drywire.Explored
function dw.explore(opts, fn) end

---A plan of faults of every simulation that is made from now on, by numbers of packets and of moments of hosts: "3d" lost, "4t" twice, "7x" damaged, "9h2" held up until behind the second later event of its receiver, "9h2-" until right before it, "2@5c" a crash of the second host; several with commas between (docs/EXPLORE.md has all kinds). --faults holds over it. Under the command such a run fails, too, if it leaves a connection behind once nothing can happen any more.
---@param plan string
function dw.faults(plan) end

---The seed of every simulation that is made from now on, over its own, and of math.random. --seed holds over it.
---@param seed integer
function dw.seed(seed) end

---Call fn with many seeds, without faults and then with some that are drawn; dw.param with values is drawn, too: docs/SWARM.md. fn makes one simulation and judges it. A failure is made small and is an error. drywire swarm does the same with a whole script, of which it leaves out what the failure does not need.
---@param opts drywire.SwarmOptions
---@param fn function
---@return drywire.Swarm
function dw.swarm(opts, fn) end

---Call fn at every point of the product of some parameters: dw.sweep({ loss = { "0%", "1%" }, cc = { "reno", "cubic" }, seed = dw.range(1, 100) }, function(point) ... return goodput end). They are taken in the order of their names, or of a list, { { loss = { ... } }, { cc = { ... } } }; the last one changes first. seed is what a point is repeated with: it is the seed of every simulation in fn that sets none, and of math.random, so it has the same random streams at every point. fn returns a number, named numbers (the same names everywhere), or nil where there is no value. It must depend on its point alone: with -j other processes call it. An error is kept (result.errors), the other runs go on, and the script fails at its end. See docs/SWEEP.md.
---@param space table<string, any[]>|table<string, any[]>[]
---@param fn (fun(point: drywire.SweepPoint): number|table<string, number>|nil)
---@param opts? drywire.SweepOptions
---@return drywire.Sweep
function dw.sweep(space, fn, opts) end

---from, from + step ... up to to, which is included.
---@param from number
---@param to number
---@param step? number
---@return number[]
function dw.range(from, to, step) end

---n numbers from one to the other, each the same number of times the one before.
---@param from number
---@param to number
---@param n integer
---@return number[]
function dw.logspace(from, to, n) end

---Draw series: dw.plot(sim.trace:series(client, "cwnd")), several as { cwnd = ..., ssthresh = ... } (their names are the legend) or in an order of your own as { { label = "cwnd", points = ..., style = "steps", markers = true }, ... } (or "line", "points"; if not given, "steps" for what trace:series and sim:sample return, else "line"). A point is { time, value }, with an error bar { time, value, error } or { time, value, low, high }; text has the bars, too. Panels below each other, over one axis of times: { { lines = SERIES, y = "octets", title =, divide =, top =, log = true }, ... }. Returns text for a terminal, width by height characters (78 by 14 for each panel, at most 1000 by 1000; style "ascii" for plain characters). file: also write it, as .svg, .csv or .gnuplot. title: above it. divide: by this many, as a segment; from, to: seconds; top: the upper edge; log: logarithmic axes, "x", "y" or "xy" (true is "y"; values from 0 down are left out); x, y: what the axes are, with their unit.
---@param series number[][]|table<string, number[][]>|drywire.PlotLine[]|drywire.PlotPanel[]
---@param opts? drywire.PlotOptions
---@return string
function dw.plot(series, opts) end

---Define a congestion control of your own, for every simulation that is made from now on: tcp = { congestion_control = name }. What is left out, base does (reno). The functions change cc.cwnd, cc.ssthresh and cc.pacing_rate (octets, octets a second) and may keep what they like in cc, one table for each connection; docs/PLUGINS.md lists the fields. Use whole numbers: //, not /.
---@param opts drywire.CongestionControl
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

---A series of whatever fn returns (a number, or nil to leave one out), called now and every so long, up to a time but no more at it: sim:sample("10ms", "2s", function() return conn:info().pmtu end). It grows as the run goes on.
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
---@param opts? drywire.ListenOptions
---@return drywire.Listener
function Host:serve(port, fn, opts) end

---Listen on a port. Options: backlog; from, the only host that may connect; addr, the only one of our addresses; and those of one connection (see conn:set), which every connection that it accepts begins with.
---@param port integer
---@param opts? drywire.ListenOptions
---@return drywire.Listener
function Host:listen(port, opts) end

---Connect: to a host, its name, an address, or "localhost". Options: local_port, local_addr, timeout, route = { routers to pass }, data (goes with the SYN where both hosts have fast_open), fast_open = true (asks for a cookie), and those of conn:set. nil and "refused", "timeout", "reset" or "unreachable" when it fails.
---@param host string|drywire.Host
---@param port integer
---@param opts? drywire.ConnectOptions
---@return drywire.Connection?, string?
function Host:connect(host, port, opts) end

---Wait; math.huge: for ever, which fails no run. A time past the end of time is an error.
---@param time drywire.Duration
function Host:sleep(time) end

---The nth connection of this host, in order of creation; default the first. nil, and what there is, where there is none: assert(host:conn(2)).
---@param n? integer
---@return drywire.Connection?, string?
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
---@param match drywire.DelayMatch|string
---@return drywire.Rule
function Host:delay(match) end

---Let them arrive twice; by: how much later the copy.
---@param match? drywire.DelayMatch|string
---@return drywire.Rule
function Host:duplicate(match) end

---Let later packets overtake: behind = 1 of them, at most by = 1s.
---@param match? drywire.ReorderMatch|string
---@return drywire.Rule
function Host:reorder(match) end

---Flip a bit: of byte = n of the data, or any behind the IP header.
---@param match? drywire.CorruptMatch|string
---@return drywire.Rule
function Host:corrupt(match) end

---Change fields, keeping checksums right: set = { window = 0 }; seq, ack, window, urgent, flags, src_port, dst_port, ttl, tos; src and dst (a host or an address); of TCP options mss, mss_at_most (a clamp), window_scale, and strip = "timestamps" or { 8, "sack_permitted" }, which NOPs replace. A packet without the field stays as it is, which a note in the trace says once for each field; flags change packets of their own protocol alone. back = true, on a link: what comes back gets the old addresses and ports again, as behind a NAT, which gives each flow a port of its own. checksum = "keep" leaves the transport's as it was, so that it is wrong.
---@param match drywire.RewriteMatch|string
---@return drywire.Rule
function Host:rewrite(match) end

---Keep packets until rule:release().
---@param match? drywire.Match|string
---@return drywire.Rule
function Host:hold(match) end

---Decide packet by packet: return nil or "pass", "drop", "duplicate", or "delay", "300ms".
---@param match_or_fn drywire.Match|string|function
---@param fn? (fun(p: drywire.Packet): string?, drywire.Duration?)
---@return drywire.Rule
function Host:intercept(match_or_fn, fn) end

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
---@param list drywire.LinkChange[]
---@return drywire.Link
function Link:schedule(list) end

---Put a packet on the link that no host sent.
---@param packet drywire.Inject
---@return drywire.Link
function Link:inject(packet) end

---Counters for each direction.
---@return drywire.LinkStats
function Link:stats() end

---Lose packets.
---@param match? drywire.Match|string
---@return drywire.Rule
function Link:drop(match) end

---Let them arrive later: by = "300ms".
---@param match drywire.DelayMatch|string
---@return drywire.Rule
function Link:delay(match) end

---Let them arrive twice; by: how much later the copy.
---@param match? drywire.DelayMatch|string
---@return drywire.Rule
function Link:duplicate(match) end

---Let later packets overtake: behind = 1 of them, at most by = 1s.
---@param match? drywire.ReorderMatch|string
---@return drywire.Rule
function Link:reorder(match) end

---Flip a bit: of byte = n of the data, or any behind the IP header.
---@param match? drywire.CorruptMatch|string
---@return drywire.Rule
function Link:corrupt(match) end

---Change fields, keeping checksums right: set = { window = 0 }; seq, ack, window, urgent, flags, src_port, dst_port, ttl, tos; src and dst (a host or an address); of TCP options mss, mss_at_most (a clamp), window_scale, and strip = "timestamps" or { 8, "sack_permitted" }, which NOPs replace. A packet without the field stays as it is, which a note in the trace says once for each field; flags change packets of their own protocol alone. back = true, on a link: what comes back gets the old addresses and ports again, as behind a NAT, which gives each flow a port of its own. checksum = "keep" leaves the transport's as it was, so that it is wrong.
---@param match drywire.RewriteMatch|string
---@return drywire.Rule
function Link:rewrite(match) end

---Keep packets until rule:release().
---@param match? drywire.Match|string
---@return drywire.Rule
function Link:hold(match) end

---Decide packet by packet: return nil or "pass", "drop", "duplicate", or "delay", "300ms".
---@param match_or_fn drywire.Match|string|function
---@param fn? (fun(p: drywire.Packet): string?, drywire.Duration?)
---@return drywire.Rule
function Link:intercept(match_or_fn, fn) end

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

---Its state and counters.
---@return drywire.ListenerInfo
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
---@param opts drywire.ConnectionOptions
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

---The state, and the variables of the TCB. In TIME-WAIT those that its record keeps (no buffers, MSS of the peer, retries, keepalive's times); nothing but the state when the TCP has forgotten the connection. Whoever has closed it makes no difference.
---@return drywire.ConnectionInfo
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

---How many packets were discarded for each reason, by all or by one host: { ["paws"] = 2 }; nil for one that there was not.
---@param host? string|drywire.Host
---@return table<string, integer>
function Trace:drops(host) end

---{ { time, value }, ... }. Of a connection, or a host's first: cwnd, ssthresh, flight, pipe, snd_wnd, rcv_wnd, send_buffer, receive_buffer in bytes; srtt, rttvar, rto, rack_window in seconds; pacing_rate, delivery_rate in bytes a second; ca_state (0 open, 1 disorder, 2 cwr, 3 recovery, 4 loss); with dw.sim { detail = true } also snd_una, snd_nxt, rcv_nxt, unsent, unread, retransmits ...; throughput, the bytes of data a second that reached it, in intervals of every (otherwise a 120th of the time, as on the page). Of a link, in the direction from (otherwise from its first end): queue, the packets in front of each one that had to wait; throughput, all bytes a second; sent, delivered, dropped, sent_bytes, delivered_bytes, so far.
---@param who drywire.Host|drywire.Connection|drywire.Link|string
---@param name string
---@param opts? drywire.SeriesOptions
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

---The same for LaTeX (TikZ), a line for each arrow: a file that compiles by itself, and that a document with \usepackage{tikz} reads with \input.
---@param opts? drywire.TikzOptions
---@return string
function Trace:tikz(opts) end

---The TCP header of a packet, by its number, with its values: an environment of LaTeX's package bytefield.
---@param packet integer
---@param opts? { file?: string }
---@return string
function Trace:bytefield(packet, opts) end

---The player: a page that shows the run at every moment. With dw.sim { detail = true } it has all variables of both ends. What a picture has (from, to, part, letters ...) is what the page opens with; it has the whole run. Returns the text; file: writes it, too.
---@param opts? drywire.HtmlOptions
---@return string
function Trace:html(opts) end

---Why things happened, a sentence an event; with packet, why that one was sent, which it repeats and why that was in vain, and what became of it, back to what was lost first, with its header; with repeats, a line for each segment that went again. numbers: relative (default) or absolute. width: columns to wrap at. all: timers and variables, too.
---@param opts? { packet?: integer, repeats?: boolean, all?: boolean, numbers?: string, width?: integer }
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

---Write a capture: pcapng, or pcap where the path ends in .pcap or format = "pcap". What two hosts exchange is captured as by a sniffer on the one to which more data goes; with host, on that host; or, with all = true, every packet once, as it leaves its sender, lost ones too. link_type: "ethernet" or "raw" (frames that begin with the IP header); start: the date on which the simulation begins, "2000-01-01" if not given.
---@param path string
---@param opts? { host?: string|drywire.Host, all?: boolean, start?: string, link_type?: string, format?: string }
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

---It reached the state, within so long after its creation, or by an absolute time. conn: of a host, its Nth connection; otherwise the first.
---@param state drywire.State
---@param opts? { within?: drywire.Duration, by?: drywire.Duration, conn?: integer }
---@return drywire.Expectation
function Expectation:reaches(state, opts) end

---It was in the state so long, or longer, without a break, of the time between from and to (otherwise of the whole run, to where the clock stopped). conn: of a host, its Nth connection; otherwise the first.
---@param state drywire.State
---@param opts { lasting: drywire.Duration, from?: drywire.Duration, to?: drywire.Duration, conn?: integer }
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

---@class drywire.Value
local Value = {}

---It is this value; of tables, what is in them is.
---@param wanted any
---@return drywire.Value
function Value:equals(wanted) end

---It is true, and not another value that Lua takes for it.
---@return drywire.Value
function Value:is_true() end

---It is a number from low to high, both included.
---@param low number
---@param high number
---@return drywire.Value
function Value:is_between(low, high) end

---It is a text in which a pattern of Lua is found.
---@param pattern string
---@return drywire.Value
function Value:matches(pattern) end

---@class drywire.Sweep
---@field errors drywire.SweepError[] the runs that failed
---@field runs integer how many there were
---@field points integer how many points
local Sweep = {}

---Statistics: a row for each value that fn names, and each point.
---@return drywire.SweepRow[]
function Sweep:rows() end

---The same as text: a table for each value.
---@return string
function Sweep:table() end

---The same as CSV.
---@param file string
---@return drywire.Sweep
function Sweep:csv(file) end

---Each run as a line of JSON, after one that says what was swept.
---@param file string
---@return drywire.Sweep
function Sweep:jsonl(file) end

---Draw one value over one parameter, with dw.plot: a line for each value of the others.
---@param opts drywire.SweepPlotOptions
---@return string
function Sweep:plot(opts) end

---Compare with another result, or with the file of one: run by run, and point by point as distributions (test = "mann-whitney" or "welch", p corrected by Holm).
---@param old drywire.Sweep|string
---@param opts? { test?: string }
---@return drywire.SweepDiff
function Sweep:diff(old, opts) end

return dw
