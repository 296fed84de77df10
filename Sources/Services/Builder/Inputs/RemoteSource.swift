internal import Archive
internal import AsyncIO
internal import Diagnostics
internal import HTTPTransport
internal import Images
internal import Linux
internal import OCI
internal import Values

/// What `ADD` and remote contexts take from elsewhere: files of web servers, and git repositories.
struct RemoteSource {
    let images: Images
    let workplace: Workplace
    /// Asks whoever builds for a secret.
    let secret: @Sendable (String) async throws -> [UInt8]?

    /// Whether a source is no path.
    static func isRemote(_ text: String) -> Bool { text.hasPrefix("http://") || text.hasPrefix("https://") || isGit(text) }

    static func isGit(_ text: String) -> Bool {
        if text.hasPrefix("git://") || text.hasPrefix("git@") || text.hasPrefix("ssh://") { return true }
        guard text.hasPrefix("http://") || text.hasPrefix("https://") else { return false }
        let path = text.prefix { $0 != "#" && $0 != "?" }
        return path.hasSuffix(".git")
    }

    /// `checksum`: `sha256:…` of the file, or the beginning of the commit.
    func fetch(_ address: String, checksum: String?, keepsGit: Bool) async throws -> CopyStep.Fetched {
        if Self.isGit(address) {
            let workplace = workplace
            var repository = try GitRepository(address)
            try await repository.authorize(secret)
            let wanted = repository
            let (path, head) = try await AsyncIO.offload { try wanted.checkOut(into: workplace.makeDirectory("git"), commit: checksum, keepsGit: keepsGit) }
            return CopyStep.Fetched(directory: path, file: nil, name: "", material: Material(address, head.utf8.count == 64 ? "sha256" : "sha1", head))
        }
        let path = try workplace.makeDirectory("fetched")
        let name = address.prefix { $0 != "?" && $0 != "#" }.split(separator: "/").dropFirst(2).last.map(String.init) ?? ""
        if name.isEmpty { throw Fault(.invalid, "cannot determine filename for source \(address)") }
        let file = "\(path)/file"
        let digest = try await download(address, to: file)
        if let checksum {
            guard let expected = Digest(checksum) else { throw Fault(.invalid, "invalid checksum digest format \"\(checksum)\"") }
            guard digest == expected else { throw Fault(.invalid, "digest mismatch \(digest): \(expected)") }
        }
        return CopyStep.Fetched(directory: path, file: "file", name: name, material: Material(address, digest.algorithm, digest.hex))
    }

    /// The digest of what came.
    private func download(_ address: String, to path: String) async throws -> Digest {
        let (_, body, modified) = try await images.fetch(address)
        return try await body.withDescriptor { input in
            let file = try FileDescriptor.open(path, [.writeOnly, .create, .exclusive], mode: 0o600)
            let hasher = ContentHasher()
            while true {
                let bytes = try input.read(upTo: 256 << 10)
                if bytes.isEmpty {
                    // One that does not tell its age has none, so that the same is the same whenever it is fetched.
                    try file.setTimes(modified ?? Timestamp(nanoseconds: 0))
                    return hasher.finish()
                }
                hasher.update(bytes)
                try file.writeAll(bytes)
            }
        }
    }
}
