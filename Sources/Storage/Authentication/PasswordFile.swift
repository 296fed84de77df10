internal import Archive
internal import CCrypt
internal import Diagnostics
internal import Linux
internal import OCI
internal import Synchronization
internal import Values

/// The users of an htpasswd file with their bcrypt hashes. The file is read again when it changes.
package final class PasswordFile: Sendable {
    /// The largest file that is read, in bytes.
    static let sizeLimit = 16 << 20
    /// How many passwords are remembered as right, for `memory`: hashing one takes a twentieth of a second on purpose, and a push is
    /// hundreds of requests.
    static let memoryLimit = 4096
    static let memory = Duration.seconds(60)

    private struct State {
        var version: Version?
        var hashes: [String: String] = [:]
        /// Digests of user, hash and password, and until when they are believed.
        var proven: [String: Duration] = [:]
    }

    /// Which file it was, and as of when: one that replaces another within a tick of the clock is another file.
    private struct Version: Equatable {
        var inode: UInt64
        var size: Int64
        var modified: Timestamp
    }

    private let path: String
    private let state = Mutex(State())
    /// Makes the digests in memory worthless elsewhere.
    private let salt = Identifier.random().description
    /// What an unknown user's password is compared with, so that they take as long to refuse as known ones.
    private static let nobody = "$2y$10$abcdefghijklmnopqrstuuZk4yTQsMZnPIBlHzIY4W0nPBzRsxvKa"

    /// Throws `Fault` when the file cannot be read, or has a line that is no user with a bcrypt hash.
    package init(path: String) throws {
        self.path = path
        try reload()
    }

    /// Whether the password is the user's. Takes long: not for threads that others wait for. Throws when the file is broken.
    package func verify(user: String, password: String) throws -> Bool {
        try reload()
        let now = MonotonicClock.now
        let (hash, key, isProven) = state.withLock { state in
            let hash = state.hashes[user]
            let key = ContentHasher.digest(Array("\(salt)\0\(user)\0\(hash ?? "")\0\(password)".utf8)).description
            return (hash, key, state.proven[key].map { $0 > now } ?? false)
        }
        if isProven, hash != nil { return true }
        let isRight = PasswordHash.matches(password, hash ?? Self.nobody)
        guard isRight, hash != nil else { return false }
        state.withLock { state in
            if state.proven.count >= Self.memoryLimit { state.proven = state.proven.filter { $0.value > now } }
            if state.proven.count < Self.memoryLimit { state.proven[key] = now + Self.memory }
        }
        return true
    }

    private func reload() throws {
        guard let status = try FileSystem.status(path) else { throw Fault(.internal, "cannot read \(path): no such file") }
        let version = Version(inode: status.inode, size: status.size, modified: status.modified)
        guard state.withLock({ $0.version != version }) else { return }
        let hashes = try Self.parse(String(decoding: try FileSystem.read(path, limit: Self.sizeLimit), as: UTF8.self), path: path)
        state.withLock { state in
            state.version = version
            state.hashes = hashes
            state.proven = [:]
        }
    }

    /// `user:hash` in lines; empty ones and those that begin with `#` say nothing.
    static func parse(_ text: String, path: String) throws -> [String: String] {
        var hashes: [String: String] = [:]
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = line.drop { $0 == " " || $0 == "\t" }.prefix { $0 != "\r" && $0 != "\r\n" }
            if line.isEmpty || line.hasPrefix("#") { continue }
            guard let colon = line.firstIndex(of: ":"), colon > line.startIndex else {
                throw Fault(.invalid, "\(path): line \(number + 1): no user and hash")
            }
            let hash = String(line[line.index(after: colon)...])
            guard PasswordHash.isBcrypt(hash) else {
                throw Fault(.invalid, "\(path): line \(number + 1): only bcrypt hashes are taken (htpasswd -B)")
            }
            hashes[String(line[..<colon])] = hash
        }
        return hashes
    }
}

/// bcrypt, by libcrypt.
enum PasswordHash {
    static func isBcrypt(_ hash: String) -> Bool {
        let bytes = Array(hash.utf8)
        return bytes.count == 60 && bytes[0] == UInt8(ascii: "$") && bytes[1] == UInt8(ascii: "2") && "aby".utf8.contains(bytes[2])
            && bytes[3] == UInt8(ascii: "$")
    }

    /// Compares in a time that does not depend on where the two differ.
    static func matches(_ password: String, _ hash: String) -> Bool {
        // A NUL would end the password early.
        guard !password.utf8.contains(0), isBcrypt(hash) else { return false }
        let data = UnsafeMutablePointer<crypt_data>.allocate(capacity: 1)
        data.initialize(to: crypt_data())
        defer {
            data.update(repeating: crypt_data(), count: 1)
            data.deallocate()
        }
        guard let result = crypt_rn(password, hash, data, CInt(MemoryLayout<crypt_data>.size)) else { return false }
        return ConstantTime.equal(Array(String(cString: result).utf8), Array(hash.utf8))
    }
}

/// Comparison of secrets.
package enum ConstantTime {
    /// Looks at every byte, whatever the first ones are.
    package static func equal(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        guard a.count == b.count else { return false }
        return zip(a, b).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
