"""Whether an option changes anything: options.py DRYWIRE DIRECTORY, in which the inputs are.

Every option of every command is tried alone, twice, and with each output of the command.  Where it is taken it has to change
what is printed or written; otherwise it has to be refused.  Exit code 1 after a line for each that is passed over."""
import concurrent.futures, hashlib, os, re, shutil, subprocess, sys, tempfile

DRYWIRE, INPUTS = sys.argv[1:]
PICTURES = [["--svg", "f.svg"], ["--tikz", "f.tex"], ["--html", "f.html"]]
LADDERS = ["unicode", "rfc", "mermaid"]

# The words of a command, and what it can be asked for; one output at a time.
COMMANDS = {
    "run": (["t.lua"], [["--ladder=" + s] for s in LADDERS] + PICTURES
            + [["--explain"], ["--packet", "3"], ["--bytefield", "4"], ["--jsonl", "f.jsonl"], ["--pcap", "f.pcapng"],
               ["-q", "--jsonl", "f.jsonl"]]),
    "ladder": (["t.jsonl"], [["--style", s] for s in LADDERS] + PICTURES + [["--bytefield", "4"]]),
    "import": (["t.pcapng"], [["--ladder=" + s] for s in LADDERS] + PICTURES
               + [["--list"], ["--explain"], ["--packet", "3"], ["--jsonl", "f.jsonl"], ["--lua", "f.lua"]]),
    "figures": ([], []),
    "figures show": (["rfc9293-fig6"], [["--style", s] for s in LADDERS] + PICTURES + [["--bytefield", "2"]]),
    "test": (["c.lua"], [["--list"], ["-q"]]),
    "check": (["t.lua"], []),
    "export": (["--packetdrill", "--host", "alpha", "t.jsonl"], []),
    "drill": (["s.pkt"], [["--list"], ["--sysctls"], ["--ladder=rfc"], ["--html", "f.html"]]),
    "trace": (["t.jsonl"], []),
    "explain": (["t.jsonl"], [["--packet", "5"], ["--event", "8"]]),
    "stats": (["t.jsonl"], []),
    "plot": (["t.jsonl"], [["--svg", "p.svg"], ["--csv", "p.csv"], ["--gnuplot", "p.gp"]]),
    "diff": (["t.jsonl", "u.jsonl"], [["-q"]]),
    "profiles": ([], []),
    "defects": ([], []),
    "states": (["t.lua"], []),
}

# A value that is not the one which holds without the option.
VALUES = {
    "--seed": "9", "--set": "p=2", "--until": "100ms", "--profile": "freebsd", "--drop": "4", "--faults": "4d", "--packet": "3", "--sort": "octets",
    "--seeds": "1..2", "--exclude": "two", "--filter": "one", "--ip-version": "ipv6", "--define": "X=1", "--tolerance": "1s",
    "--ignore": "window", "--record": "r.pkt", "--conn": "3", "--output": "out.txt", "--ladder": "=ascii", "--style": "ascii",
    "--numbers": "absolute", "--letters": "=J", "--lang": "zh", "--from": "2", "--to": "12", "--part": "open", "--left": "beta",
    "--right": "alpha", "--title": "Title", "--width": "60", "--color": "always", "--pcap": "g.pcapng", "--pcap-at": "beta",
    "--pcap-start": "2001-01-01T00:00:00Z", "--link-type": "raw", "--jsonl": "g.jsonl", "--trace": "g.jsonl", "--svg": "g.svg",
    "--tikz": "g.tex", "--html": "g.html", "--bytefield": "4", "--lua": "g.lua", "--series": "flight", "--csv": "g.csv",
    "--gnuplot": "g.gp", "--plots": "plots", "--watchdog": "5s", "--memory": "100MiB", "--junit": "j.xml", "--jobs": "2",
    "--event": "5", "--faults": "4d",
}
VALUES_OF = {("figures show", "--conn"): "1", ("figures show", "--to"): "3", ("figures show", "--left"): "TCP Peer B",
             ("figures show", "--right"): "TCP Peer A", ("drill", "--exclude"): "zzz", ("drill", "--filter"): "s",
             ("states", "--style"): "dot", ("run", "--filter"): "t.lua"}

# What such an input cannot show: limits that are not met, what says how fast it is done, and what would be written later.
UNSEEN = {"--watchdog", "--memory", "--jobs", "--update", "--fail-fast", "--filter", "--exclude", "--define", "--strict", "--tolerance",
          "--ignore", "--detail", "--verbose", "--set", "--seeds"}
# Nor what such a capture has not, nor how what passes is drawn when it fails.
UNSEEN_OF = {"test": {"--seed", "--profile", "--style"}, "import": {"--sort", "--all", "--no-calls", "--no-times"},
             "drill": {"--profile", "--ip-version", "--numbers", "--absolute", "--width", "--color"}}
# Options that an input needs, or that need one of their own.
LEFT_OUT = {"--packetdrill", "--host", "--plugin", "--stack", "--live"}
# What holds anyway of an output may be said all the same.
TEXT = ("--ladder=unicode", "--style unicode", "")
DEFAULTS = {
    "--packets": TEXT, "--no-calls": TEXT + ("--ladder=mermaid", "--style mermaid"),
    "--no-packets": ("--ladder=mermaid", "--style mermaid", "--svg f.svg", "--tikz f.tex", "--html f.html"),
    "--calls": ("--svg f.svg", "--tikz f.tex", "--html f.html"), "--absolute": ("--ladder=rfc", "--style rfc"),
    "--numbers": ("--ladder=rfc", "--style rfc"), "--pcap-at": ("--pcap f.pcapng",), "--right": ("--ladder=mermaid",),
}
AGAIN = {"--set", "--plugin", "--stack", "--exclude", "--define"}


def options_of(command):
    text = subprocess.run([DRYWIRE, "help", command.split()[0]], capture_output=True, text=True, check=True).stdout
    return [o for o in re.findall(r"^  (?:-\w, )?(--[\w-]+)", text, re.M) if o not in LEFT_OUT]


def words(command, option):
    value = VALUES_OF.get((command, option), VALUES.get(option))
    if option in ("--ladder", "--letters"):
        return [option + value]
    return [option] if value is None else [option, value]


def content(path):
    if os.path.isdir(path):
        return sorted(os.listdir(path))
    with open(path, "rb") as f:
        return hashlib.md5(re.sub(rb' time(stamp)?="[^"]*"', b"", f.read())).digest()


def outcome(command, given):
    """The exit code and everything else that is seen, without real times."""
    with tempfile.TemporaryDirectory(dir=os.path.dirname(INPUTS)) as place:
        for name in os.listdir(INPUTS):
            os.link(os.path.join(INPUTS, name), os.path.join(place, name))
        before = set(os.listdir(place))
        done = subprocess.run([DRYWIRE, *command.split(), *given, *COMMANDS[command][0]], cwd=place, stdin=subprocess.DEVNULL,
                             capture_output=True, timeout=60)
        seen = [re.sub(rb'time(stamp)?="?[^" \n]*"?', b"", done.stdout), done.stderr]
        for name in sorted(set(os.listdir(place)) - before):
            seen.append((name, content(os.path.join(place, name))))
        return done.returncode, seen


def main():
    failed = 0
    pool = concurrent.futures.ThreadPoolExecutor(2)
    for command, (_, outputs) in COMMANDS.items():
        options = options_of(command)
        bases = [[]] + outputs
        wanted = {}
        for base in bases:
            wanted[" ".join(base), None] = pool.submit(outcome, command, base)
            for option in options:
               if not any(word.split("=")[0] == option for word in base):
                   wanted[" ".join(base), option] = pool.submit(outcome, command, base + words(command, option))
        twice = {o: pool.submit(outcome, command, 2 * words(command, o)) for o in options if o not in AGAIN}
        for (base, option), future in wanted.items():
            code, seen = future.result()
            said = b"".join(part for part in seen if isinstance(part, bytes)).decode(errors="replace")
            problem = None
            if code > 2 or "Sanitizer" in said:
               problem = f"exit code {code}"
            elif option and option not in UNSEEN | UNSEEN_OF.get(command, set()) and base not in DEFAULTS.get(option, ()):
               if (code, seen) == wanted[base, None].result() and code != 2:
                   problem = "is taken, and changes nothing"
            if problem:
               failed = 1
               print(f"drywire {command} {base} {' '.join(words(command, option)) if option else ''}: {problem}")
        for option, future in twice.items():
            code, seen = future.result()
            if code != 2 or b"given twice" not in seen[1]:
               failed = 1
               print(f"drywire {command} {option} is taken twice")
    return failed


sys.exit(main())
