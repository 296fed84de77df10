import Linux

/// A fuzzer for the program's parsers, driven by libFuzzer, whose `main` this program has; FUZZ_PARSER names the parser.
///
/// It is built only with DAVIT_FUZZ in the environment, see Fuzz/run. A new parser is a file here, a line in `parsers`, and a
/// directory of examples of the same name in Fuzz/Corpus.
enum Fuzz {
    private static let parsers: [String: @Sendable ([UInt8]) throws -> Void] = [
        "answer": TransportFuzzing.answer,
        "api-documents": APIFuzzing.documents,
        "challenge": ChallengeFuzzing.challenges,
        "compose": ComposeFuzzing.project,
        "decompress": ArchiveFuzzing.decompress,
        "dns": DNSFuzzing.message,
        "dockerfile": DockerfileFuzzing.dockerfile,
        "dockerignore": DockerfileFuzzing.ignore,
        "http2": TransportFuzzing.frames,
        "image-documents": ImageFuzzing.documents,
        "log-reader": LogFuzzing.read,
        "log-writer": LogFuzzing.roundTrip,
        "membership": MembershipFuzzing.records,
        "pattern": APIFuzzing.pattern,
        "protobuf": ProtobufFuzzing.messages,
        "reference": ImageFuzzing.reference,
        "registry-manifest": RegistryFuzzing.manifest,
        "requests": RequestFuzzing.requests,
        "runtime-config": RuntimeFuzzing.configuration,
        "tar": ArchiveFuzzing.tar,
        "template": TextFuzzing.template,
        "url": URLFuzzing.url,
        "values": TextFuzzing.values,
        "variables": TextFuzzing.variables,
        "web-socket": APIFuzzing.frames,
        "yaml": RegistryFuzzing.yaml,
    ]

    /// The one that was asked for.
    static let parser: @Sendable ([UInt8]) throws -> Void = {
        guard let parser = parsers[Environment.value("FUZZ_PARSER") ?? ""] else {
            print("FUZZ_PARSER must be one of \(parsers.keys.sorted().joined(separator: ", "))")
            Process.exit(2)
        }
        return parser
    }()
}

/// What libFuzzer calls for each input.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // An error is an answer; only a trap, or a promise that does not hold, is a finding.
    try? Fuzz.parser(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}
