internal import AsyncIO
internal import Builder
internal import Content
internal import Diagnostics
internal import Engine
internal import Images
internal import Linux
internal import OCI
internal import RegistryClient
internal import Values

/// What becomes of a finished build, as `--output` says.
struct Export: Sendable {
    let engine: Engine
    let log: StatusLog
    let built: Solving.Built

    /// Gives what the client is told of it. Exporters are known by their places.
    func run(_ exporters: [Exporter]) async throws -> [String: String] {
        var response: [String: String] = [:]
        for (place, exporter) in exporters.enumerated() {
            let made =
                switch exporter.type {
                case "moby", "image": try await image(exporter)
                case "docker", "oci": try await archive(exporter, place)
                case "local": try await files(place)
                case "tar": try await tar(place)
                default: throw Fault(.invalid, "exporter \"\(exporter.type)\" could not be found")
                }
            response.merge(made) { first, _ in first }
        }
        return response
    }

    private func names(_ exporter: Exporter) throws -> [Reference] {
        try (exporter.attributes["name"] ?? "").split(separator: ",").map { try newName(String($0)) }
    }

    /// An image of the engine, with its names; and to registries where that is asked for.
    private func image(_ exporter: Exporter) async throws -> [String: String] {
        let names = try names(exporter), pushes = ["true", "1"].contains(exporter.attributes["push"] ?? "")
        return try await log.step("exporting to image") { step in
            let set = try await record(names, exporter, step)
            var top = set.top
            for name in names where pushes { top = try await push(name, step) ?? top }
            return try describe(set, top, names)
        }
    }

    /// In BuildKit's words (exptypes): of what was exported the digest is that of a manifest or an index.
    private func describe(_ set: ImageSet, _ top: Descriptor, _ names: [Reference]) throws -> [String: String] {
        var top = top, response = ["containerimage.digest": "\(top.digest)"]
        if !set.isIndex {
            response["containerimage.config.digest"] = "\(set.id)"
            top.annotations = (top.annotations ?? [:]).merging(["config.digest": "\(set.id)"]) { $1 }
        }
        top.platform = nil
        response["containerimage.descriptor"] = Base64.encode(try Document.encode(top))
        if !names.isEmpty { response["image.name"] = names.map(\.description).joined(separator: ",") }
        return response
    }

    private func record(_ names: [Reference], _ exporter: Exporter, _ step: StatusLog.Progress) async throws -> ImageSet {
        let annotations = try ImageAnnotations(exporter), built = built
        let set = try await step.part("exporting layers") { _ in
            try await AsyncIO.offload { try built.build.keep(built.results, tags: names, annotations: annotations) }
        }
        try await step.part(set.isIndex ? "exporting manifest list \(set.id)" : "writing image \(set.id)") { _ in }
        for name in names { try await step.part("naming to \(name)") { _ in } }
        return set
    }

    /// Gives what the registry has now.
    private func push(_ name: Reference, _ step: StatusLog.Progress) async throws -> Descriptor? {
        let credentials = RegistryCredentials(try await built.client.credentials(for: name.domain))
        return try await step.part("pushing \(name) with docker") { _ in try await engine.images.push(name, credentials: credentials) { _ in } }
    }

    /// The image as an archive of Docker's and of OCI's at once.
    private func archive(_ exporter: Exporter, _ place: Int) async throws -> [String: String] {
        let names = try names(exporter), images = engine.images
        return try await log.step(exporter.type == "oci" ? "exporting to oci image format" : "exporting to docker image format") { step in
            let set = try await record(names, exporter, step), annotations = try ImageAnnotations(exporter)
            if exporter.attributes["tar"] == "false" {
                try await send(set, names, annotations, step)
                return try describe(set, set.top, names)
            }
            try await step.part("sending tarball") { _ in
                try await built.client.connection().send(exporter: place) { file in
                    try images.save(set, names: names, annotations, to: FileSink(file))
                }
            }
            return try describe(set, set.top, names)
        }
    }

    /// The image's blobs, into a layout of the client's, which it gives its index itself.
    private func send(_ set: ImageSet, _ names: [Reference], _ annotations: ImageAnnotations, _ step: StatusLog.Progress) async throws {
        let store = SessionStore(session: try await built.client.connection(), id: "export", top: nil), built = built
        let blobs = try await AsyncIO.offload { try built.build.layout(of: set, names: names, annotations) }
        try await step.part("copying blobs") { _ in
            for blob in blobs {
                let size = try FileSystem.status(blob.path)?.size ?? 0
                try await store.write(Descriptor(mediaType: MediaType.layer, digest: blob.digest, size: size), from: blob.path)
            }
        }
    }

    /// Its files, into a directory of the client.
    private func files(_ place: Int) async throws -> [String: String] {
        try await log.step("exporting to client directory") { step in
            let built = built
            let root = try await AsyncIO.offload { try built.build.files(built.results) }
            try await step.part("copying files") { part in
                try await built.client.connection().send(exporter: place, directory: root) { part.tell($0) }
            }
            return [:]
        }
    }

    private func tar(_ place: Int) async throws -> [String: String] {
        try await log.step("exporting to client tarball") { step in
            try await step.part("sending tarball") { _ in
                let built = built
                try await built.client.connection().send(exporter: place) { file in
                    try built.build.archive(built.results, to: FileSink(file))
                }
            }
            return [:]
        }
    }
}

extension ImageAnnotations {
    /// Those that an exporter is told of: `annotation-manifest[linux/amd64].name`, where all but the name may be missing.
    fileprivate init(_ exporter: Exporter) throws {
        self.init(
            try exporter.attributes.sorted { $0.key < $1.key }.compactMap { key, value in
                guard key.hasPrefix("annotation"), let dot = key.firstIndex(of: ".") else { return nil }
                let head = key[..<dot].dropFirst("annotation".count), parts = head.split(separator: "[", maxSplits: 1)
                let kind = head.hasPrefix("-") ? String((parts.first ?? "").dropFirst()) : "manifest"
                guard let place = Place(rawValue: kind) else { throw Fault(.invalid, "unrecognized annotation type \(kind)") }
                let platform = head.hasSuffix("]") ? try Platform(String((parts.last ?? "").dropLast())) : nil
                return Entry(place: place, platform: platform, name: String(key[key.index(after: dot)...]), value: value)
            })
    }
}
