internal import Arguments
internal import JSON
internal import Linux
internal import OCI
internal import RegistryClient
internal import Values

// `manifest`: lists of manifests put together on this machine, in files beside the user's configuration, and pushed when they are complete.
extension Root {
    static func manifest() -> AnyCommand {
        AnyCommand(
            group: "manifest", "Manage Docker image manifests and manifest lists",
            subcommands: { [annotateManifest(), createManifest(), inspectManifest(), pushManifest(), removeManifest()] })
    }

    private static func insecure() -> Flag { .bool("insecure", "Allow communication with an insecure registry (see insecure-registries of daemon.json)") }

    private static func createManifest() -> AnyCommand {
        AnyCommand(
            "create", "Create a local manifest list for annotating and pushing to a registry", usage: "MANIFEST_LIST MANIFEST [MANIFEST...]", arity: .atLeast(2),
            flags: { [.bool("amend", short: "a", "Amend an existing manifest list"), insecure()] }
        ) { session in
            let list: ManifestDraft
            do { list = try ManifestDraft(session, session.arguments[0]) } catch { throw Invalid("error parsing name for manifest list \(session.arguments[0]): \(error)") }
            if list.exists, !session.flags.bool("amend") { throw Invalid("refusing to amend an existing manifest list with no --amend flag") }
            let remote = try Remote(session)
            for name in session.arguments.dropFirst() { try list.keep(try await ManifestDraft.entry(name, remote)) }
            session.print("Created manifest list \(list.reference)")
            return 0
        }
    }

    private static func annotateManifest() -> AnyCommand {
        AnyCommand(
            "annotate", "Add additional information to a local image manifest", usage: "[OPTIONS] MANIFEST_LIST MANIFEST", arity: .exactly(2),
            flags: {
                [
                    .value("arch", "Set architecture"), .value("os", "Set operating system"), .list("os-features", "Set operating system feature"),
                    .value("os-version", "Set operating system version"), .value("variant", "Set architecture variant"),
                ]
            }
        ) { session in
            let list = try ManifestDraft(session, session.arguments[0])
            guard var entry = try list.entry(session.arguments[1]) else {
                throw Invalid("manifest for image \(session.arguments[1]) does not exist in \(session.arguments[0])")
            }
            var platform = entry.descriptor.platform ?? .host
            let flags = session.flags
            if let os = flags.optional("os") { platform.os = os }
            if let architecture = flags.optional("arch") { platform.architecture = architecture }
            if let variant = flags.optional("variant") { platform.variant = variant }
            if let version = flags.optional("os-version") { platform.osVersion = version }
            if !flags.list("os-features").isEmpty { platform.osFeatures = flags.list("os-features") }
            guard platform.isKnown else {
                throw Invalid("manifest entry for image has unsupported os/arch combination: \(platform.os)/\(platform.architecture)")
            }
            entry.descriptor.platform = platform
            try list.keep(entry)
            return 0
        }
    }

    private static func inspectManifest() -> AnyCommand {
        AnyCommand(
            "inspect", "Display an image manifest, or manifest list", usage: "[OPTIONS] [MANIFEST_LIST] MANIFEST", arity: .between(1, 2),
            flags: { [insecure(), .bool("verbose", short: "v", "Output additional info including layers and platform")] }
        ) { session in
            let text = session.arguments[0], list = try ManifestDraft(session, text), isVerbose = session.flags.bool("verbose")
            func show(_ value: JSONValue, by indent: String = "\t") { session.print(String(decoding: value.indented(by: indent), as: UTF8.self)) }
            if session.arguments.count == 2 {
                guard let entry = try list.entry(session.arguments[1]) else { throw Invalid("No such manifest: \(session.arguments[1])") }
                show(isVerbose ? try entry.details : try JSONValue(parsing: Array(entry.text.utf8)))
                return 0
            }
            if list.exists {
                if isVerbose { show(.array(try list.entries().map { try $0.details })) } else { session.print(String(decoding: try list.document().bytes, as: UTF8.self)) }
                return 0
            }
            let place = try Remote(session).place(text), found = try await ManifestDraft.find(place)
            if !isVerbose {
                show(try JSONValue(parsing: found.bytes), by: found.isIndex ? "   " : "\t")
            } else if found.isIndex {
                var all: [JSONValue] = []
                for entry in try Document.decode(Index.self, from: found.bytes, what: "index").manifests {
                    let part = try await place.repository.manifest(.digest(entry.digest))
                    let name = "\(place.repository.description)@\(entry.digest)"
                    all.append(try ManifestDraft.Entry(name: name, descriptor: entry, text: String(decoding: part.bytes, as: UTF8.self)).details)
                }
                show(.array(all))
            } else {
                show(try await ManifestDraft.entry(found, place.name, place.repository).details)
            }
            return 0
        }
    }

    private static func pushManifest() -> AnyCommand {
        AnyCommand(
            "push", "Push a manifest list to a repository", usage: "[OPTIONS] MANIFEST_LIST", arity: .exactly(1),
            flags: { [insecure(), .bool("purge", short: "p", "Remove the local manifest list after push")] }
        ) { session in
            let list = try ManifestDraft(session, session.arguments[0])
            guard list.exists else { throw Invalid("No such manifest: \(session.arguments[0])") }
            let remote = try Remote(session)
            let target = try remote.place(session.arguments[0])
            for entry in try list.entries() {
                let source = try remote.place(entry.name)
                let digest = entry.descriptor.digest
                _ = try await ImageCopy(from: source.repository, to: target.repository).run(.digest(digest), as: .digest(digest))
                session.print("Pushed ref \(target.repository.description)@\(digest) with digest: \(digest)")
            }
            let (bytes, mediaType) = try list.document()
            let digest = try await target.repository.put(bytes, mediaType: mediaType, as: target.manifest)
            session.print("\(digest)")
            if session.flags.bool("purge") { try list.remove() }
            return 0
        }
    }

    private static func removeManifest() -> AnyCommand {
        AnyCommand(
            "rm", "Delete one or more manifest lists from local storage", usage: "MANIFEST_LIST [MANIFEST_LIST...]", arity: .atLeast(1)
        ) { session in
            try await session.forEach(session.arguments, printing: false) { name in
                let list = try ManifestDraft(session, name)
                guard list.exists else { throw Invalid("No such manifest: \(name)") }
                try list.remove()
            }
        }
    }
}
