internal import Arguments
internal import Diagnostics
internal import JSON
internal import OCI
internal import RegistryClient

// What can be changed in a registry, and fetched from it.
extension Root {
    static func copyImage() -> AnyCommand {
        AnyCommand(
            "copy", aliases: ["cp"], "Copy an image with all of its platforms from registry to registry", usage: "[OPTIONS] SOURCE TARGET", arity: .exactly(2),
            flags: { [platformFlag(), .bool("quiet", short: "q", "Only show the digest"), .bool("referrers", "Copy signatures and the like, too")] }
        ) { session in
            let remote = try Remote(session)
            let source = try remote.place(session.arguments[0]), target = try remote.place(session.arguments[1])
            let isQuiet = session.flags.bool("quiet")
            let copy = ImageCopy(from: source.repository, to: target.repository, includesReferrers: session.flags.bool("referrers")) { step in
                if !isQuiet { Console.output(Self.line(step) + "\n") }
            }
            var wanted = source.manifest
            if let platform = try Remote.platform(session) { wanted = .digest(try await source.manifest(for: platform).digest) }
            let name = target.reference.digest == nil ? target.manifest : wanted
            let copied = try await copy.run(wanted, as: name)
            session.print(isQuiet ? "\(copied.digest)" : "\(target.name): digest: \(copied.digest) size: \(copied.size)")
            return 0
        }
    }

    private static func line(_ step: ImageCopy.Step) -> String {
        switch step {
        case .present(let digest): "\(digest.hex.prefix(12)): Layer already exists"
        case .mounted(let digest): "\(digest.hex.prefix(12)): Mounted"
        case .sent(let digest, _): "\(digest.hex.prefix(12)): Pushed"
        case .put(let digest, let type): "\(digest.hex.prefix(12)): \(MediaType.isIndex(type) ? "Index" : "Manifest") pushed"
        }
    }

    static func deleteRemote() -> AnyCommand {
        AnyCommand(
            "delete", aliases: ["rm"], "Delete a manifest, with all of its tags, or a tag alone", usage: "[OPTIONS] IMAGE [IMAGE...]", arity: .atLeast(1),
            flags: { [.bool("tag", "Delete the tag alone, where the registry can")] }
        ) { session in
            let remote = try Remote(session)
            return try await session.forEach(session.arguments, printing: false) { text in
                let place = try remote.place(text)
                guard place.reference.tag != nil || place.reference.digest != nil else {
                    throw Invalid("\(text) names a whole repository: say which tag or digest to delete")
                }
                if session.flags.bool("tag") {
                    try await place.repository.deleteManifest(place.manifest)
                    session.print("Deleted: \(place.name)")
                } else {
                    let digest = try await place.repository.resolve(place.manifest).digest
                    try await place.repository.deleteManifest(.digest(digest))
                    session.print("Deleted: \(place.repository.description)@\(digest)")
                }
            }
        }
    }

    static func remoteBlob() -> AnyCommand {
        AnyCommand(
            "blob", aliases: ["layer"], "Fetch a blob to standard output, or delete it", usage: "[OPTIONS] REPOSITORY@DIGEST", arity: .exactly(1),
            flags: { [.bool("delete", "Delete it instead")] }
        ) { session in
            let place = try Remote(session).place(session.arguments[0])
            guard let digest = place.reference.digest else { throw Invalid("blob requires a digest: REPOSITORY@sha256:…") }
            if session.flags.bool("delete") {
                try await place.repository.deleteBlob(digest)
                session.print("Deleted: \(place.repository.description)@\(digest)")
                return 0
            }
            try await place.repository.read(digest) { Console.output($0) }
            return 0
        }
    }
}
