import Testing

@testable import Arguments

private let runFlags: @Sendable () -> [Flag] = {
    [
        .bool("interactive", short: "i", "Keep stdin open"), .bool("tty", short: "t", "Give it a terminal"), .bool("rm", "Remove it afterwards"),
        .list("env", short: "e", "Set a variable"), .value("name", "Name it"), .bytes("memory", short: "m", "Memory limit"),
        .bool("sig-proxy", default: true, "Pass signals on"), .value("hostname", short: "h", "Host name"), .int("oom-score-adj", "Score"),
        .value("gpus", "Graphics").unsupported("there is no driver for them"), .value("secret", "Not shown").hidden(),
        .duration("health-interval", "Time between checks"),
    ]
}

private func tree() -> Command<Int> {
    let run = Command(
        "run", synonyms: ["container run", "run"], "Create and run a new container", usage: "[OPTIONS] IMAGE [COMMAND] [ARG...]", arity: .atLeast(1),
        interspersed: false, subject: .images, flags: runFlags, action: 1)
    let list = Command(
        "ls", aliases: ["list", "ps"], synonyms: ["container ls", "ps"], "List containers", usage: "[OPTIONS]", arity: .none,
        flags: { [.bool("all", short: "a", "Show all"), .list("filter", short: "f", type: "filter", "Filter")] }, action: 2)
    let rename = Command("rename", "Rename", usage: "CONTAINER NEW_NAME", arity: .exactly(2), subject: .containers, action: 3)
    return Command(
        group: "", "A program", flags: { [.list("host", short: "H", "Where"), .bool("version", short: "v", "Version"), .bool("debug", short: "D", "More")] },
        subcommands: {
            [
                run.named("run", .common), list.named("ps"), rename,
                Command(group: "container", "Manage containers", subcommands: { [run, list, rename] }),
            ]
        })
}

private func run(_ words: String) throws -> Invocation<Int> {
    switch try Parser(program: "docker", root: tree()).parse(words.split(separator: " ").map(String.init)) {
    case .run(let invocation): return invocation
    case .unknown(let invocation, let failure):
        #expect(invocation.arguments.first.map { failure.text.contains($0) } == true)
        throw failure
    default: throw UsageFailure(text: "not a run", exitCode: 0)
    }
}

private func failure(_ words: String) -> UsageFailure? {
    do {
        _ = try run(words)
        return nil
    } catch { return error as? UsageFailure }
}

@Suite struct ParserTests {
    @Test func flagsInAllTheirForms() throws {
        let found = try run("run -it --rm=false -e A=1 -eB=2 -e=C --env D --name=x -m64m --sig-proxy=0 busybox sh -c ls --help")
        #expect(found.flags.bool("interactive") && found.flags.bool("tty"))
        #expect(!found.flags.bool("rm") && found.flags.isSet("rm") && !found.flags.bool("sig-proxy"))
        #expect(found.flags.list("env") == ["A=1", "B=2", "C", "D"])
        #expect(found.flags.string("name") == "x" && found.flags.bytes("memory") == 64 << 20)
        #expect(found.arguments == ["busybox", "sh", "-c", "ls", "--help"])
    }

    @Test func defaultsAndTerminator() throws {
        let found = try run("run -- -odd")
        #expect(found.arguments == ["-odd"] && found.flags.bool("sig-proxy") && !found.flags.bool("rm"))
        #expect(try run("container ps -a --filter x=1 -f y").flags.list("filter") == ["x=1", "y"])
    }

    @Test func flagsAfterArgumentsUnlessTheyAreACommand() throws {
        #expect(failure("rename a --what b")?.text.hasPrefix("unknown flag: --what") == true)
        #expect(try run("run image --what").arguments == ["image", "--what"])
    }

    @Test func globalsComeFirst() throws {
        let found = try run("-D -H unix:///x ps")
        #expect(found.globals.list("host") == ["unix:///x"] && found.globals.bool("debug") && found.path == "docker ps")
    }

    @Test(arguments: [
        ("run -x busybox", "unknown shorthand flag: 'x' in -x", "docker run [OPTIONS] IMAGE [COMMAND] [ARG...]"),
        ("run -itx busybox", "unknown shorthand flag: 'x' in -x", "docker run [OPTIONS] IMAGE [COMMAND] [ARG...]"),
        ("run -ity=9", "unknown shorthand flag: 'y' in -y=9", "docker run [OPTIONS] IMAGE [COMMAND] [ARG...]"),
        ("run --name", "flag needs an argument: --name", "docker run [OPTIONS] IMAGE [COMMAND] [ARG...]"),
        ("run -ie", "flag needs an argument: 'e' in -e", "docker run [OPTIONS] IMAGE [COMMAND] [ARG...]"),
        (
            "run --memory x b", "invalid argument \"x\" for \"-m, --memory\" flag: invalid size: 'x'",
            "docker run [OPTIONS] IMAGE [COMMAND] [ARG...]"
        ),
        (
            "run --rm=maybe b", "invalid argument \"maybe\" for \"--rm\" flag: strconv.ParseBool: parsing \"maybe\": invalid syntax",
            "docker run [OPTIONS] IMAGE [COMMAND] [ARG...]"
        ),
        (
            "run --help=x b", "invalid argument \"x\" for \"--help\" flag: strconv.ParseBool: parsing \"x\": invalid syntax",
            "docker run [OPTIONS] IMAGE [COMMAND] [ARG...]"
        ),
        ("run -m 4x b", "invalid argument \"4x\" for \"-m, --memory\" flag: invalid suffix: 'x'", "docker run [OPTIONS] IMAGE [COMMAND] [ARG...]"),
        (
            "run -m 1.2.3m b", "invalid argument \"1.2.3m\" for \"-m, --memory\" flag: strconv.ParseFloat: parsing \"1.2.3\": invalid syntax",
            "docker run [OPTIONS] IMAGE [COMMAND] [ARG...]"
        ),
        ("run --gpus all b", "--gpus is not supported: there is no driver for them", "docker run [OPTIONS] IMAGE [COMMAND] [ARG...]"),
        ("--foo ps", "unknown flag: --foo", "docker [OPTIONS] COMMAND [ARG...]"),
        ("run --=x", "bad flag syntax: --=x", "docker run [OPTIONS] IMAGE [COMMAND] [ARG...]"),
    ])
    func flagErrors(_ words: String, _ problem: String, _ usage: String) {
        let path = words.hasPrefix("run") ? "docker run" : "docker"
        #expect(failure(words) == UsageFailure(text: "\(problem)\n\nUsage:  \(usage)\n\nRun '\(path) --help' for more information\n", exitCode: 125))
    }

    @Test func misspeltFlagsAndCommandsAreSuggested() {
        #expect(
            failure("run -i --rum busybox")?.text == """
                unknown flag: --rum

                Did you mean this?
                \t--rm

                Usage:  docker run [OPTIONS] IMAGE [COMMAND] [ARG...]

                Run 'docker run --help' for more information

                """)
        #expect(
            failure("runn")
                == UsageFailure(
                    text: "docker: unknown command: docker runn\n\nDid you mean this?\n\trun\n\nRun 'docker --help' for more information\n", exitCode: 1))
        #expect(
            failure("container zzzz")?.text
                == "docker: unknown command: docker container zzzz\n\nUsage:  docker container\n\nRun 'docker container --help' for more information\n")
    }

    @Test func numbersOfArguments() {
        #expect(
            failure("run")
                == UsageFailure(
                    text: "docker: 'docker run' requires at least 1 argument\n\nUsage:  docker run [OPTIONS] IMAGE [COMMAND] [ARG...]\n\n"
                        + "See 'docker run --help' for more information\n", exitCode: 1))
        #expect(failure("ps a")?.text.hasPrefix("docker: 'docker ps' accepts no arguments\n\nUsage:  docker ps [OPTIONS]\n\nRun ") == true)
        #expect(failure("rename a")?.text.contains("requires 2 arguments") == true)
    }

    @Test func helpIsDockers() throws {
        guard case .help(let text, true) = try Parser(program: "docker", root: tree()).parse(["container", "ps", "--help"]) else {
            Issue.record("no help")
            return
        }
        #expect(
            text == """
                Usage:  docker container ps [OPTIONS]

                List containers

                Aliases:
                  docker container ls, docker ps

                Options:
                  -a, --all             Show all
                  -f, --filter filter   Filter

                """)
        guard case .help(let run, true) = try Parser(program: "docker", root: tree()).parse(["help", "run"]) else {
            Issue.record("no help")
            return
        }
        #expect(!run.contains("secret") && !run.contains("gpus") && run.contains("--sig-proxy                  Pass signals on (default true)"))
    }

    @Test func completionsNameEveryCommandAndFlag() {
        let parser = Parser(program: "docker", root: tree())
        for shell in Shell.allCases {
            let script = parser.completion(for: shell)
            #expect(script.contains("container") && script.contains("oom-score-adj") && !script.contains("gpus"))
        }
    }
}

@Suite struct SyntaxTests {
    @Test func sizes() {
        #expect(
            Syntax.bytes("64m") == 64 << 20 && Syntax.bytes("1.5GB") == 3 << 29 && Syntax.bytes("10") == 10 && Syntax.bytes("1 kib") == 1024 && Syntax.bytes("1e3k") == 1_024_000)
        for bad in ["", "m", "-1", "1x", "1bb", "1e30p", "99999999999999p", "1..2"] { #expect(Syntax.bytes(bad) == nil) }
    }

    @Test func durations() {
        #expect(Syntax.durationNanoseconds("1h2m3.5s") == 3_723_500_000_000 && Syntax.durationNanoseconds("300ms") == 300_000_000)
        for bad in ["", "5", "s", "1x", "1s2", "9999999999h"] { #expect(Syntax.durationNanoseconds(bad) == nil) }
    }

    @Test func numbers() {
        #expect(Syntax.int("0x10") == 16 && Syntax.int("-5") == -5 && Syntax.int("010") == 8)
        for bad in ["", "-", "--5", "5x", "0x", "99999999999999999999"] { #expect(Syntax.int(bad) == nil) }
        #expect(Syntax.nanoCPUs("1.5") == 1_500_000_000 && Syntax.nanoCPUs(".5") == 500_000_000 && Syntax.nanoCPUs("x") == nil)
        #expect(Syntax.nanoCPUs("0.0000000001") == nil && Syntax.nanoCPUs("99999999999") == nil)
    }
}
