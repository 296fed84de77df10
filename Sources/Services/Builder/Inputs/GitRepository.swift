internal import Diagnostics
internal import Linux
internal import Values

/// A git repository as builds name it: `https://host/path.git#reference:directory`, or with `?ref=…&subdir=…`. git(1) does the work.
struct GitRepository {
    private var url: String
    private var reference = ""
    private var directory = ""
    private var wanted: String?
    private var keepsGit: Bool?
    private var hasSubmodules = true
    /// What is said to the server beside all else, as `Authorization: …`.
    private var header: String?

    /// Throws `invalid`.
    init(_ text: String) throws(Fault) {
        let parts = text.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        url = parts[0]
        if parts.count > 1 {
            let fragment = parts[1].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            reference = fragment[0]
            if fragment.count > 1 { directory = fragment[1] }
        }
        if let question = url.firstIndex(of: "?") {
            for pair in url[url.index(after: question)...].split(separator: "&") {
                let words = pair.split(separator: "=", maxSplits: 1).map(String.init), name = words.first ?? "", value = words.count > 1 ? words[1] : ""
                switch name {
                case "keep-git-dir": keepsGit = try Self.flag(name, value)
                case "submodules": hasSubmodules = try Self.flag(name, value)
                case _ where value.isEmpty: throw Fault(.invalid, "query \(Self.quoted(name)) has no value")
                case "ref": try Self.set(&reference, value, "ref")
                case "tag": try Self.set(&reference, value.hasPrefix("refs/") ? value : "refs/tags/\(value)", "ref")
                case "branch": try Self.set(&reference, value.hasPrefix("refs/") ? value : "refs/heads/\(value)", "ref")
                case "subdir": try Self.set(&directory, value, "subdir")
                case "commit", "checksum": wanted = value
                default: throw Fault(.invalid, "unexpected query \(Self.quoted(name))")
                }
            }
            url = String(url[..<question])
        }
        // Neither may pass for an option.
        if url.hasPrefix("-") || reference.hasPrefix("-") { throw Fault(.invalid, "invalid git reference: \(text)") }
    }

    private static func set(_ field: inout String, _ value: String, _ what: String) throws(Fault) {
        guard field.isEmpty || field == value else { throw Fault(.invalid, "\(what) conflicts: \(quoted(field)) vs \(quoted(value))") }
        field = value
    }

    /// One without a value is set.
    private static func flag(_ name: String, _ value: String) throws(Fault) -> Bool {
        switch value {
        case "", "1", "true": return true
        case "0", "false": return false
        default: throw Fault(.invalid, "invalid \(name) value: \(quoted(value))")
        }
    }

    private static func quoted(_ text: String) -> String { "\"\(text)\"" }

    /// Takes what the build's client has for the server, by BuildKit's names of secrets: a token, or the whole of a header's value.
    mutating func authorize(_ secret: (String) async throws -> [UInt8]?) async throws {
        guard url.hasPrefix("http://") || url.hasPrefix("https://") else { return }
        for (name, isToken) in [("GIT_AUTH_TOKEN", true), ("GIT_AUTH_HEADER", false)] {
            for id in ["\(name).\(server.split(separator: "/").last ?? "")", name] {
                guard let value = try await secret(id), !value.isEmpty else { continue }
                header = Self.header(value, isToken: isToken)
                return
            }
        }
    }

    static func header(_ secret: [UInt8], isToken: Bool) -> String {
        "Authorization: " + (isToken ? "basic \(Base64.encode(Array("x-access-token:".utf8) + secret))" : String(decoding: secret, as: UTF8.self))
    }

    /// Its scheme and host: what is meant for that goes to no other.
    private var server: String { url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false).prefix(3).joined(separator: "/") }

    /// Fetches it into an empty directory. Gives the path of the part that is meant, and the commit.
    func checkOut(into path: String, commit: String?, keepsGit: Bool) throws -> (path: String, commit: String) {
        let isCommit = [40, 64].contains(reference.count) && reference.allSatisfy(\.isHexDigit), wants = reference.isEmpty ? "HEAD" : reference
        try begin(path, format: "sha1")
        do {
            try git(["fetch", "-q", "--depth", "1", "origin", wants], in: path)
        } catch let fault as Fault {
            // Not every server gives parts of histories or single commits, and some repositories have names of the other kind.
            let hasLongNames = fault.message.contains("mismatched algorithms") || reference.count == 64
            if hasLongNames {
                try FileSystem.removeTree("\(path)/.git")
                try begin(path, format: "sha256")
            }
            if fault.message.contains("couldn't find remote ref") { throw Fault(.invalid, "repository does not contain ref \(wants), output: \(fault.message)") }
            guard hasLongNames || isCommit || fault.message.contains("shallow") else { throw fault }
            try git(["fetch", "-q", "origin"] + (isCommit ? [] : [wants]), in: path)
        }
        try git(["checkout", "-q", isCommit ? reference : "FETCH_HEAD"], in: path)
        let head = try git(["rev-parse", "HEAD"], in: path)
        if let wanted = commit ?? wanted, !head.hasPrefix(wanted) { throw Fault(.invalid, "expected checksum to match \(wanted), got \(head)") }
        if hasSubmodules, FileSystem.exists("\(path)/.gitmodules") {
            let update = ["submodule", "update", "-q", "--init", "--recursive"]
            do { try git(update + ["--depth", "1"], in: path) } catch is Fault { try git(update, in: path) }
        }
        if !(self.keepsGit ?? keepsGit) { try FileSystem.removeTree("\(path)/.git") }
        return (directory.isEmpty ? path : try BuildContext.path(of: directory, in: path), head)
    }

    private func begin(_ path: String, format: String) throws {
        try git(["init", "-q", "--object-format=\(format)", path], in: "/")
        try git(["remote", "add", "origin", url], in: path)
    }

    /// What it prints, without the last line end.
    @discardableResult
    private func git(_ arguments: [String], in directory: String) throws -> String {
        guard let program = Spawn.find("git") else { throw Fault(.unavailable, "git is not installed on this machine: it is needed for git contexts") }
        let output = try FileDescriptor.memoryFile("git")
        // Only what servers give is read: no program that a repository or address names.
        var environment = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "GIT_TERMINAL_PROMPT=0", "LC_ALL=C"]
        // Arguments may be read by everybody.
        if let header { environment += ["GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=http.\(server)/.extraHeader", "GIT_CONFIG_VALUE_0=\(header)"] }
        var spawn = Spawn(
            program, ["git", "-C", directory, "-c", "protocol.ext.allow=never", "-c", "protocol.file.allow=user"] + arguments, environment: environment)
        spawn.newSession = true
        let quiet = try FileDescriptor.open("/dev/null", [.readOnly])
        spawn.give(quiet, as: 0)
        spawn.give(output, as: 1)
        spawn.give(output, as: 2)
        let status = try spawn.start().wait()
        let text = String(decoding: try output.read(upTo: 1 << 16, at: 0), as: UTF8.self)
        guard status == .exited(0) else { throw Fault(.invalid, "failed to fetch \(url): \(text.split(separator: "\n").last ?? "git failed")") }
        return String(text.split(separator: "\n").last ?? "")
    }
}
