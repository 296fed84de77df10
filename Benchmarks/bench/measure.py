"""Times of whole commands, taken in turn, and ratios of their medians. Absolute times belong to one machine and are not printed."""
import os, statistics, subprocess, time

rounds = int(os.environ.get("BENCH_ROUNDS", "40"))
missed = 0


def quiet(command, **options):
    """The exit code of a command that nobody listens to."""
    null = subprocess.DEVNULL
    return subprocess.run(command, stdout=null, stderr=null, stdin=null, **options).returncode


def once(command):
    """Seconds that a command takes as a whole process, from fork to wait; a callable is timed as it is."""
    start = time.perf_counter()
    if callable(command):
        command()
        return time.perf_counter() - start
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    _, errors = process.communicate()
    taken = time.perf_counter() - start
    if process.returncode:
        raise RuntimeError(errors.decode(errors="replace").strip()[-200:] or f"exit code {process.returncode}")
    return taken


def compare(title, commands, rounds=rounds, between=None):
    """Runs all commands in turn and gives the median of each that works; `between` is called after each, untimed."""
    print("\n" + title, flush=True)
    times = {}
    for name, command in commands.items():
        try:
            for _ in range(2):
                once(command)
                if between:
                    between(name)
            times[name] = []
        except (RuntimeError, OSError) as error:
            print(f"  {name:<28} cannot run here: {error}")
    for _ in range(rounds):
        for name in times:
            times[name].append(once(commands[name]))
            if between:
                between(name)
    return {name: statistics.median(values) for name, values in times.items()}


def judge(text, value, holds=None, target=""):
    """Prints one figure, and whether it meets its target."""
    global missed
    verdict = ""
    if holds is not None:
        missed += not holds
        verdict = f"   (target: {target}) {'ok' if holds else 'MISSED'}"
    print(f"  {text.format(value)}{verdict}", flush=True)


def ratio(medians, ours, peer, at_least=None):
    """Prints how many times as long as ours the peer takes."""
    if ours not in medians or peer not in medians:
        return
    value = medians[peer] / medians[ours]
    judge(f"{peer:<28} takes {{:7.2f}} × {ours}", value, None if at_least is None else value >= at_least, f"at least {at_least}")


def milliseconds_over(medians, ours, base, at_most):
    """Holds a difference to its target. The target is in milliseconds; what is printed is the ratio alone."""
    if ours in medians and base in medians:
        over = (medians[ours] - medians[base]) * 1000
        judge(f"{ours} takes {{:.2f}} × {base}", medians[ours] / medians[base], over <= at_most, f"at most {at_most} ms over it")
