internal import AsyncIO
package import Linux

/// Files of elsewhere, to be looked at: they stay as long as this.
package final class RemoteFiles: Sendable {
    package let root: OpenFile
    private let workplace: Workplace

    init(_ path: String, _ workplace: Workplace) throws {
        root = OpenFile(try FileDescriptor.open(path, [.path, .directory]))
        self.workplace = workplace
    }
}

extension Builder {
    /// What a repository or a web server has at an address: of the latter a single file, called `context`.
    package func fetch(_ address: String, for client: any BuildClient) async throws -> RemoteFiles {
        let workplace = try await AsyncIO.offload { [self] in
            try recover()
            return try Workplace(paths)
        }
        let fetched = try await RemoteSource(images: images, workplace: workplace, secret: client.secret).fetch(address, checksum: nil, keepsGit: false)
        if let file = fetched.file { try FileSystem.rename("\(fetched.directory)/\(file)", to: "\(fetched.directory)/context") }
        return try RemoteFiles(fetched.directory, workplace)
    }
}
