@testable import Builder
import Dockerfile
import OCI
import Testing

@Suite struct StageGraphTests {
    private func graph(_ text: String, target: String = "", all: Bool = false) throws -> StageGraph {
        try StageGraph(try Dockerfile(Array(text.utf8)), target: target, all: all) { $0.base }
    }

    private let text = "FROM a AS one\nFROM b AS two\nFROM one AS three\nCOPY --from=1 x y\nFROM c\nRUN --mount=from=one,target=/x y\n"

    @Test func neededStages() throws {
        #expect(try graph(text).needed == [0, 3])
        #expect(try graph(text, target: "Three").needed == [0, 1, 2])
        #expect(try graph(text, target: "1").needed == [1])
        #expect(try graph(text, all: true).needed == [0, 1, 2, 3])
        #expect(try graph(text, target: "two", all: true).needed == [0, 1])
        #expect(try graph(text).dependencies(of: 2) == [0, 1])
        #expect(throws: (any Error).self) { try graph(text, target: "four") }
    }

    @Test("what a stage's or an image's triggers name is needed too") func triggers() throws {
        #expect(try graph("FROM a AS one\nFROM b AS two\nONBUILD COPY --from=one x y\nFROM two\n").needed == [0, 1, 2])
        let file = try Dockerfile(Array("FROM a AS one\nFROM b\n".utf8))
        let graph = try StageGraph(file, target: "", all: false, base: { $0.base }) { $0.base == "b" ? try Dockerfile.instructions("COPY --from=one x y") : [] }
        #expect(graph.needed == [0, 1] && graph.dependencies(of: 1) == [0])
    }

    @Test("a context stands for the stage that has its name") func replaced() throws {
        var file = try Dockerfile(Array("FROM a AS One\nRUN x\nFROM one AS two\nCOPY --from=one x y\n".utf8))
        file.replaceStages(besides: "") { $0 == "one" }
        #expect(file.stages[0].base == "one" && file.stages[0].instructions.isEmpty)
        #expect(file.earlierStage("one", before: 1) == nil && file.earlierStage("0", before: 1) == 0)
    }

    @Test("contexts are named as images are in short", arguments: [("busybox:latest", "busybox"), ("docker.io/library/A", "a"), ("a:1", "a:1"), ("$x", "$x")])
    func contextNames(_ name: String, _ short: String) { #expect(BuildRequest.contextName(name) == short) }
}

@Suite struct GitRepositoryTests {
    @Test(
        "addresses whose parts contradict each other, or mean nothing, are refused",
        arguments: [
            "https://a/b.git?ref=x&tag=y", "https://a/b.git?subdir", "https://a/b.git?keep-git-dir=maybe", "https://a/b.git?what=x", "-x.git",
        ]) func refused(_ address: String)
    { #expect(throws: (any Error).self) { try GitRepository(address) } }

    @Test("secrets are told to the server as BuildKit tells them") func header() {
        #expect(GitRepository.header(Array("t".utf8), isToken: true) == "Authorization: basic eC1hY2Nlc3MtdG9rZW46dA==")
        #expect(GitRepository.header(Array("Bearer t".utf8), isToken: false) == "Authorization: Bearer t")
    }
}

@Suite struct FileModeTests {
    @Test(
        arguments: [
            ("644", 0o600, false, 0o644), ("4755", 0, false, 0o4755), ("u=rwX,go=rX", 0o600, false, 0o644), ("u=rwX,go=rX", 0o700, false, 0o755),
            ("u=rwX,go=rX", 0o600, true, 0o755),
            ("a+x", 0o644, false, 0o755), ("o-rwx", 0o777, false, 0o770), ("g+s", 0o755, true, 0o2755), ("+t", 0o777, true, 0o1777),
        ] as [(String, UInt32, Bool, UInt32)]) func applied(text: String, mode: UInt32, isDirectory: Bool, result: UInt32) throws
    {
        #expect(try FileMode(text).applied(to: mode, isDirectory: isDirectory) == result)
    }

    @Test(arguments: ["", "999", "77777", "u", "u=z", "x+r"]) func refused(text: String) { #expect(throws: DockerfileError.self) { try FileMode(text) } }
}

@Suite struct StepKeyTests {
    @Test func nothingLooksTheSame() {
        func key(_ layers: String, _ values: [(String, [String])]) -> Digest {
            var key = StepKey("run", layers: layers, platform: Platform(os: "linux", architecture: "amd64"))
            for (name, list) in values { key.add(name, list) }
            return key.digest
        }
        let keys = [
            key("", []), key("a", []), key("", [("x", [])]), key("", [("x", ["a", "b"])]), key("", [("x", ["ab"])]), key("", [("x", ["a"]), ("b", [])]),
            key("", [("x", ["a 1", "b"])]),
        ]
        #expect(Set(keys).count == keys.count)
        #expect(key("a", [("x", ["b"])]) == key("a", [("x", ["b"])]))
    }
}

@Suite struct HistoryTextTests {
    @Test("B16: both builders' words") func words() throws {
        let classic = HistoryText(.classic, shell: nil), buildKit = HistoryText(.buildKit, shell: nil)
        var config = ImageConfig()
        config.cmd = ["bash", "-c"]
        let command = Action.command(CommandLine(words: ["bash", "-c"], isShell: false))
        #expect(classic.configuration(command, config) == "/bin/sh -c #(nop)  CMD [\"bash\" \"-c\"]")
        #expect(buildKit.configuration(command, config) == "CMD [\"bash\" \"-c\"]")
        #expect(classic.run(["/bin/sh", "-c", "x"], arguments: ["A=1"]) == "|1 A=1 /bin/sh -c x")
        #expect(buildKit.run(["/bin/sh", "-c", "x"], arguments: ["A=1"]) == "RUN |1 A=1 /bin/sh -c x # buildkit")
    }
}

@Suite struct BuildArgumentTests {
    @Test func scopes() {
        let given: [String: String?] = ["given": "g", "named": nil, "HTTP_PROXY": "p"]
        var arguments = BuildArguments(given, platform: Platform(os: "linux", architecture: "arm64"))
        arguments.declareGlobal(Argument(name: "global", value: "1"))
        #expect(arguments["global"] == nil && arguments.global("global") == "1")
        #expect(arguments.declare(Argument(name: "global", value: nil)).value == "1")
        #expect(arguments.declare(Argument(name: "given", value: "default")).value == "g")
        #expect(arguments.declare(Argument(name: "named", value: "default")).value == "default")
        #expect(arguments.declare(Argument(name: "TARGETARCH", value: nil)).value == "arm64")
        var config = ImageConfig()
        config.env = ["given=image"]
        #expect(arguments.environment(besides: config) == ["global=1", "named=default", "TARGETARCH=arm64"])
        #expect(arguments.proxies(besides: config, asEither: false) == ["HTTP_PROXY=p"])
        #expect(arguments.proxies(besides: config, asEither: true) == ["HTTP_PROXY=p", "http_proxy=p"])
        #expect(arguments.unused(["given"]) == ["named"])
    }
}

@Suite struct CachePlaceTests {
    @Test func texts() throws {
        #expect(try CachePlace("a/b:c") == CachePlace(type: "registry", attributes: ["ref": "a/b:c"]))
        let place = try CachePlace("type=local,Dest=/x,mode=max")
        #expect(place.type == "local" && place.attributes["dest"] == "/x" && place.isWhole)
        #expect(try CachePlace.list(#"[{"Type":"registry","Attrs":{"ref":"a"}}]"#) == [CachePlace("a")])
        for bad in ["type=gha", "type=registry", "dest=x", "type=local,x"] { #expect(throws: (any Error).self) { try CachePlace(bad) } }
        for bad in ["{}", "x", #"[{"Type":"s3"}]"#, "[1]"] { #expect(throws: (any Error).self) { try CachePlace.list(bad) } }
    }

    @Test("records that make no sense are left out") func records() throws {
        let key = "sha256:" + String(repeating: "a", count: 64), other = "sha256:" + String(repeating: "b", count: 64), last = "sha256:" + String(repeating: "c", count: 64)
        let text = #"{"layers":[],"records":[{"digest":"\#(key)","results":[{"layer":7}]},{"digest":"\#(other)","chains":[{"layers":[]}]},{"digest":"\#(last)","inputs":[[{}]]}]}"#
        let steps = try Document.decode(CacheConfig.self, from: Array(text.utf8), what: "cache").steps { _ in nil }
        #expect(steps.keys.map(\.description) == [other])
    }
}
