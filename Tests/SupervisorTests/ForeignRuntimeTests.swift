import OCI
import Testing

@testable import Supervisor

struct ForeignRuntimeTests {
    @Test(
        "the last error of the log is told, or else the last words",
        arguments: [
            (#"{"level":"warning","msg":"a"}\n{"level":"error","msg":"b"}\n{"level":"info","msg":"c"}"#, "", "b"),
            (#"{"level":"error","msg":"runc create failed: unable to start container process: exec: \"x\": no"}"#, "", #"exec: "x": no"#),
            ("", "one\ntwo\n", "two"), ("no json {", "said", "said"), (#"[1]\n"x"\n{"level":3}"#, "said", "said"), ("", "", nil),
        ] as [(String, String, String?)]) func failure(log: String, printed: String, told: String?)
    {
        let lines = log.split(separator: "\\n", omittingEmptySubsequences: false).joined(separator: "\n")
        #expect(RuntimeWords.failure(log: Array(lines.utf8), printed: Array(printed.utf8)) == told)
    }

    @Test("paths of this process as another has to call them") func paths() {
        #expect("/proc/self/fd/7".seen(from: 12) == "/proc/12/fd/7" && "/proc/5/ns/net".seen(from: 12) == "/proc/5/ns/net")
    }

    @Test("what takes options of Davit's own is mounted by Davit") func mounts() {
        var spec = RuntimeSpec()
        spec.mounts = [
            RuntimeMount(destination: "/proc", type: "proc"), RuntimeMount(destination: "/v", type: "bind", source: "/s", options: ["rbind", "x-fill"]),
        ]
        #expect(spec.mountsByMaker.ours.map(\.destination) == ["/v"] && spec.mountsByMaker.theirs.map(\.destination) == ["/proc"])
    }
}
