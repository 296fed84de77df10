internal import Diagnostics
internal import Linux
internal import Synchronization
internal import Values

/// The directory of a build under way. It goes with the build; if that is killed, the next one removes it, with the containers it has left.
final class Workplace: Sendable {
    let id: String
    let path: String
    /// Where secrets are while steps see them: in memory.
    private let secrets: String
    /// Locked as long as somebody works there.
    private let directory: OpenFile
    private let count = Mutex(0)

    init(_ paths: StatePaths) throws {
        id = Identifier.random().description
        path = "\(paths.builds)/\(id)"
        secrets = paths.secrets(ofBuild: id)
        directory = try Self.lockedDirectory(path)
    }

    /// Makes it again when another process has taken it for abandoned before it was locked.
    private static func lockedDirectory(_ path: String) throws -> OpenFile {
        while true {
            try FileSystem.makeDirectories(path, mode: 0o700)
            guard let directory = try open(path) else { continue }
            _ = try directory.descriptor.lock()
            if let there = try FileSystem.status(path), there.inode == (try directory.descriptor.status().inode) { return directory }
        }
    }

    deinit { remove() }

    /// What stays is removed by the next build: see `removeAbandoned`.
    func remove() {
        // Nothing of the build depends on it.
        try? FileSystem.removeTree(secrets)
        try? FileSystem.removeTree(path)
    }

    /// What it is called where BuildKit names contents that it has.
    var name: String { "\(id.prefix(12))::\(id.suffix(12))" }

    private func next() -> Int {
        count.withLock { count in
            count += 1
            return count
        }
    }

    /// The path of a file that holds it.
    func writeSecret(_ bytes: [UInt8]) throws -> String {
        try FileSystem.makeDirectories(secrets, mode: 0o700)
        let path = "\(secrets)/\(next())"
        try FileSystem.replace(path, with: bytes, mode: 0o400)
        return path
    }

    /// A new directory in it.
    func makeDirectory(_ kind: String) throws -> String {
        let result = "\(path)/\(kind)-\(next())"
        try FileSystem.makeDirectory(result, mode: 0o755)
        return result
    }

    /// Removes the directories of builds that nobody is at any more, after `body` has done what is to be done about each.
    static func removeAbandoned(_ paths: StatePaths, _ body: (_ id: String) throws -> Void) throws {
        guard FileSystem.exists(paths.builds) else { return }
        for id in try FileDescriptor.open(paths.builds, [.directory]).entries() {
            guard let directory = try open("\(paths.builds)/\(id)"), try directory.descriptor.lock(wait: false) else { continue }
            defer { withExtendedLifetime(directory) {} }
            try body(id)
            for path in [paths.secrets(ofBuild: id), "\(paths.builds)/\(id)"] { try FileSystem.removeTree(path) }
        }
    }

    /// Nil when it is not there.
    private static func open(_ path: String) throws(SyscallError) -> OpenFile? {
        do throws(SyscallError) { return OpenFile(try FileDescriptor.open(path, [.directory])) } catch  where error.errno == .noEntry { return nil }
    }
}
