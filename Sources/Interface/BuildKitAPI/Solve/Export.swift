internal import AsyncIO
internal import Builder
internal import Content
internal import Diagnostics
internal import Engine
internal import Images
internal import Linux
internal import OCI
internal import RegistryClient

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
            let image = try await record(names, step)
            for name in names where pushes { try await push(name, step) }
            return describe(image, names)
        }
    }

    private func describe(_ image: Digest, _ names: [Reference]) -> [String: String] {
        var response = ["containerimage.digest": "\(image)", "containerimage.config.digest": "\(image)"]
        if !names.isEmpty { response["image.name"] = names.map(\.description).joined(separator: ",") }
        return response
    }

    private func record(_ names: [Reference], _ step: StatusLog.Progress) async throws -> Digest {
        let image = try await step.part("exporting layers") { _ in
            let built = built
            return try await AsyncIO.offload { try built.build.keep(built.result, tags: names) }
        }
        try await step.part("writing image \(image)") { _ in }
        for name in names { try await step.part("naming to \(name)") { _ in } }
        return image
    }

    private func push(_ name: Reference, _ step: StatusLog.Progress) async throws {
        let credentials = RegistryCredentials(try await built.client.credentials(for: name.domain))
        try await step.part("pushing \(name) with docker") { _ in try await engine.images.push(name, credentials: credentials) { _ in } }
    }

    /// The image as an archive of Docker's and of OCI's at once.
    private func archive(_ exporter: Exporter, _ place: Int) async throws -> [String: String] {
        guard exporter.attributes["tar"] != "false" else { throw Fault(.notImplemented, "an OCI layout as a directory is not supported yet: leave out tar=false") }
        let names = try names(exporter), images = engine.images
        return try await log.step(exporter.type == "oci" ? "exporting to oci image format" : "exporting to docker image format") { step in
            let image = try await record(names, step), wanted = names.isEmpty ? ["\(image)"] : names.map(\.description)
            try await step.part("sending tarball") { _ in
                try await built.client.connection().send(exporter: place) { file in
                    let file = file
                    try images.save(wanted, to: file)
                }
            }
            return describe(image, names)
        }
    }

    /// Its files, into a directory of the client.
    private func files(_ place: Int) async throws -> [String: String] {
        try await log.step("exporting to client directory") { step in
            let built = built
            let root = try await AsyncIO.offload { try built.build.files(built.result) }
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
                    try built.build.archive(built.result, to: FileSink(file))
                }
            }
            return [:]
        }
    }
}
