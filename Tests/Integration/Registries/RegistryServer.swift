import Linux
import Testing

/// A registry server of ours on a free port of the loopback, with a directory of its own.
final class RegistryServer {
    let it: Installation
    private(set) var port = 0
    private var process: RunningCommand?
    var root: String { "\(it.directory)/registry" }
    var configuration: String { "\(it.directory)/config.yml" }
    var url: String { "http://127.0.0.1:\(port)" }
    var address: String { "127.0.0.1:\(port)" }

    /// On a host of its own, or on that of another one. `settings` are lines of `config.yml` beside `version`, `http.addr` and the root directory; `storage` those of that section.
    init(on place: Installation.Place = .own, storage: String = "  delete: {enabled: true}", settings: String = "", environment: [String] = []) throws {
        it = try Installation(on: place)
        try FileSystem.makeDirectories(root)
        let text = """
            version: 0.1
            storage:
              filesystem: {rootdirectory: \(root)}
            \(storage)
            http: {addr: "127.0.0.1:0"}
            \(settings)

            """
        try FileSystem.replace(configuration, with: Array(text.utf8))
        try start(environment: environment)
    }

    deinit {
        // It ends by the signal that is for that; the test is over anyway.
        try? stop()
    }

    func start(environment: [String] = []) throws {
        let running = try it.start(["registry", "serve", configuration] + (port == 0 ? [] : ["--address", address]), environment: environment)
        process = running
        try running.wait(forError: "listening on ")
        let told = String(decoding: running.errBytes, as: UTF8.self)
        if let range = told.firstRange(of: "listening on 127.0.0.1:") { port = Int(told[range.upperBound...].prefix { $0.isNumber }) ?? 0 }
        #expect(port > 0, "\(told)")
    }

    /// SIGTERM; it must end by itself.
    func stop(sourceLocation: SourceLocation = #_sourceLocation) throws {
        guard let running = process else { return }
        process = nil
        try running.signal(15)
        let outcome = try running.finish(seconds: 20)
        #expect(outcome.code == 0, "\(outcome)", sourceLocation: sourceLocation)
    }

    /// SIGKILL, or waits for a failpoint to do it.
    func kill(isDying: Bool = false) throws {
        guard let running = process else { return }
        process = nil
        if !isDying { try running.signal(9) }
        #expect(try running.finish(seconds: 20).status == .signaled(9))
    }

    /// A shell script with `$URL`, `$ADDRESS`, `$CONFIG` and `$DAVIT`.
    @discardableResult
    func shell(_ script: String, seconds: Int = 60) throws -> Outcome { try begin(script).finish(seconds: seconds) }

    /// The same, left to the test.
    func begin(_ script: String) throws -> RunningCommand {
        try it.start(shell: "URL=\(url); ADDRESS=\(address); CONFIG=\(configuration); cd \(it.directory); \(script)")
    }

    /// Runs a script, expects 0, and gives what it printed.
    @discardableResult
    func must(_ script: String, seconds: Int = 60, sourceLocation: SourceLocation = #_sourceLocation) throws -> String {
        let outcome = try shell("set -e; \(script)", seconds: seconds)
        #expect(outcome.code == 0, "\(outcome)", sourceLocation: sourceLocation)
        return outcome.out.hasSuffix("\n") ? String(outcome.out.dropLast()) : outcome.out
    }

    /// The place that another one can be put to.
    var place: Installation.Place { it.network.map { .space($0) } ?? .machine }

    /// Makes `image` an OCI layout of one layer with some random bytes.
    static let makeImage = #"""
        make_image() { # DIRECTORY BYTES
            mkdir -p $1/blobs/sha256
            add() { h=$(sha256sum $1/x | cut -d" " -f1); size=$(stat -c %s $1/x); mv $1/x $1/blobs/sha256/$h; }
            head -c $2 /dev/urandom > $1/file; tar -C $1 -cf $1/tar file; diff=$(sha256sum $1/tar | cut -d" " -f1)
            gzip -nc $1/tar > $1/x; rm $1/file $1/tar; add $1; layer=$h; layersize=$size
            printf '{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' $diff > $1/x; add $1
            printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:%s","size":%d},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"sha256:%s","size":%d}]}' $h $size $layer $layersize > $1/x; add $1
            printf '{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:%s","size":%d,"annotations":{"org.opencontainers.image.ref.name":"latest"}}]}' $h $size > $1/index.json
            printf '{"imageLayoutVersion":"1.0.0"}' > $1/oci-layout
        }; skopeo() { command skopeo --insecure-policy "$@"; };
        """#
}
