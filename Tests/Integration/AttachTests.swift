import Linux
import Testing

extension Integration {
    /// Which streams a command follows.
    @Suite struct AttachTests {
        let it: Installation

        init() throws { it = try Installation.withImage() }

        private let both = ["busybox", "sh", "-c", "echo out; echo err >&2; read x && echo got $x; exit 5"]

        @Test("-a follows those that are named") func subsets() throws {
            func run(_ words: String..., input: String? = nil) throws -> Outcome {
                let outcome = try it.davit(["run", "--rm"] + words + both, input: input)
                #expect(outcome.code == 5, "\(outcome)")
                return outcome
            }
            var outcome = try run("-a", "stdout")
            #expect(outcome.out == "out\n" && outcome.err == "", "\(outcome)")
            outcome = try run("-a", "stderr")
            #expect(outcome.out == "" && outcome.err == "err\n", "\(outcome)")
            outcome = try run("-a", "STDOUT", "-a", "stderr")
            #expect(outcome.out == "out\n" && outcome.err == "err\n", "\(outcome)")
            outcome = try run("-i", "-a", "stdin", "-a", "stdout", input: "line\n")
            #expect(outcome.out == "out\ngot line\n" && outcome.err == "", "\(outcome)")
            outcome = try it.davit("run", "-a", "nonsense", "busybox", "true")
            #expect(outcome.code == 125 && outcome.err.contains("valid streams are STDIN, STDOUT and STDERR"), "\(outcome)")
            try it.expectNothingLeft()
        }

        @Test("-a stdin alone gives the input, and prints nothing of the output") func inputAlone() throws {
            let outcome = try it.davit("run", "--name", "box", "-i", "-a", "stdin", "busybox", "sh", "-c", "read x; echo got $x; exit 5", input: "line\n")
            #expect(!outcome.out.contains("got"), "\(outcome)")
            #expect(try it.must("wait", "box") == "5")
            #expect(try it.must("logs", "box") == "got line")
        }

        @Test("attach --no-stdin gives nothing, and ends with the container") func noInput() throws {
            try it.must("run", "-d", "-i", "--name", "box", "busybox", "sh", "-c", "while [ ! -e /go ]; do echo tick; sleep 0.05; done; echo down; exit 5")
            let attach = try it.start(["attach", "--no-stdin", "box"])
            try attach.wait(forOutput: "tick")
            // The container ends at once, and may take it with it.
            try it.davit("exec", "box", "touch", "/go")
            let outcome = try attach.finish(seconds: 20)
            #expect(outcome.code == 5 && outcome.out.hasSuffix("down\n"), "\(outcome)")
        }

        @Test("--sig-proxy=false: the command ends, the container goes on", arguments: [false, true]) func noProxy(_ onTerminal: Bool) throws {
            let script = "trap 'exit 3' INT TERM; while :; do echo tick; sleep 0.05; done"
            try it.must("run", "-d", "--name", "box", "busybox", "sh", "-c", script)
            let words = ["attach", "--sig-proxy=false", "box"]
            let attach = try onTerminal ? it.start(onTerminal: words) : it.start(words)
            try attach.wait(forOutput: "tick")
            if onTerminal { try attach.send("\u{3}") } else { try attach.signal(2) }
            let outcome = try attach.finish(seconds: 20)
            #expect(outcome.code != 0 && outcome.code != 3, "\(outcome)")
            #expect(try it.must("inspect", "-f", "{{.State.Running}}", "box") == "true")
        }
    }
}
