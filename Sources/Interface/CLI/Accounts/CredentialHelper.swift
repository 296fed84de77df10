internal import DockerAPI
internal import JSON
internal import Linux

/// A program that keeps credentials: `docker-credential-<name>` with `get`, `store`, `erase` or `list`. It reads its subject from standard
/// input, answers on standard output, and when it fails has its reason there too. See github.com/docker/docker-credential-helpers.
struct CredentialHelper: Sendable {
    let name: String

    /// The name that stands for "the secret is a refresh token".
    private static let tokenUser = "<token>"
    private static let notFound = "credentials not found in native keychain"
    /// Bytes of an answer that are read, and time that a helper gets: some ask the user.
    private static let answerLimit = 1 << 20
    private static let seconds = 300

    private var program: String { "docker-credential-\(name)" }

    private struct Entry: Codable {
        var serverURL: String?
        var username: String?
        var secret: String?

        enum CodingKeys: String, CodingKey {
            case serverURL = "ServerURL"
            case username = "Username"
            case secret = "Secret"
        }
    }

    /// Nil when it has nothing for the registry.
    func get(_ registry: String) throws -> AuthConfig? {
        let (status, answer) = try run("get", Array(registry.utf8), registry)
        let text = String(decoding: answer, as: UTF8.self).trimmed
        if status != .exited(0) {
            if text == Self.notFound { return nil }
            throw failure("getting", registry, status, text)
        }
        let entry: Entry
        do { entry = try JSON.decode(Entry.self, from: answer) } catch {
            throw Invalid("error getting credentials for \(registry): \(program) gave no credentials: \(error)")
        }
        var config = AuthConfig()
        config.serverAddress = registry
        if entry.username == Self.tokenUser {
            config.identityToken = entry.secret ?? ""
        } else {
            config.username = entry.username ?? ""
            config.password = entry.secret ?? ""
        }
        return config.isEmpty ? nil : config
    }

    func store(_ config: AuthConfig, for registry: String) throws {
        let isToken = !config.identityToken.isEmpty
        let entry = Entry(
            serverURL: registry, username: isToken ? Self.tokenUser : config.username, secret: isToken ? config.identityToken : config.password)
        let (status, answer) = try run("store", JSON.encode(entry), registry)
        if status != .exited(0) { throw failure("storing", registry, status, String(decoding: answer, as: UTF8.self).trimmed) }
    }

    /// Having had nothing is right.
    func erase(_ registry: String) throws {
        let (status, answer) = try run("erase", Array(registry.utf8), registry)
        let text = String(decoding: answer, as: UTF8.self).trimmed
        if status != .exited(0), text != Self.notFound { throw failure("erasing", registry, status, text) }
    }

    private func failure(_ what: String, _ registry: String, _ status: Linux.ExitStatus, _ text: String) -> Invalid {
        let how =
            switch status {
            case .exited(let code): "exit status \(code)"
            case .signaled(let number): "signal \(number)"
            }
        return Invalid(
            "error \(what) credentials for \(registry): the helper \(program) failed with \(how)" + (text.isEmpty ? " and said nothing" : ": \(text)")
                + "; \"credsStore\" or \"credHelpers\" of config.json names it")
    }

    private func run(_ verb: String, _ input: [UInt8], _ registry: String) throws -> (Linux.ExitStatus, [UInt8]) {
        // A name with a slash would be another program than it says.
        guard !name.contains("/"), let path = Spawn.find(program) else {
            throw Invalid("error getting credentials for \(registry): the helper \(program) is not in $PATH; \"credsStore\" or \"credHelpers\" of config.json names it")
        }
        let into = try FileDescriptor.pipe(), out = try FileDescriptor.pipe()
        var spawn = Spawn(path, [program, verb])
        spawn.give(into.first, as: 0)
        spawn.give(out.second, as: 1)
        let child: ChildProcess
        do throws(SyscallError) { child = try spawn.start() } catch {
            throw Invalid("error getting credentials for \(registry): cannot start the helper \(path): \(error.errno)")
        }
        let writer = into.keepSecond(), reader = out.keepFirst()
        // What it is given is less than a pipe holds; one that does not want it has closed its end.
        try? writer.writeAll(input)
        try? writer.close()
        return try Self.answer(of: child, reader)
    }

    private static func answer(of child: ChildProcess, _ reader: borrowing FileDescriptor) throws -> (Linux.ExitStatus, [UInt8]) {
        let deadline = MonotonicClock.now + .seconds(seconds)
        var answer: [UInt8] = []
        while true {
            var poll = PollSet()
            poll.add(reader, read: true, token: 0)
            let rest = (deadline - MonotonicClock.now).components.seconds
            if rest <= 0 || answer.count > answerLimit {
                // It may have ended just now.
                try? child.signal(9)
                break
            }
            if try poll.wait(timeoutMilliseconds: Int(rest) * 1000).isEmpty { continue }
            let bytes = try reader.read(upTo: 4096)
            if bytes.isEmpty { break }
            answer += bytes
        }
        return (try child.wait(), answer)
    }
}
