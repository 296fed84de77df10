internal import Diagnostics
internal import DockerAPI
internal import Engine
internal import HTTP
internal import HTTPTransport
internal import Images

extension Context {
    /// GET /images/{name}/json
    func inspectImage(_ request: Request) async throws -> Response {
        let name = request.capture("name"), platform = try request.platform(), manifests = request.query.flag("manifests")
        if manifests, platform != nil { throw Fault(.invalid, "conflicting options: manifests and platform options cannot both be set") }
        var result = try await call { try $0.images.inspect(name, platform: platform, manifests: manifests) }
        if request.minorVersion < 45 {
            let made = try await call { try $0.images.history(name, platform: platform) }.first
            result.containerConfig = Self.maker(of: result.config ?? ContainerConfig(), by: made?.createdBy ?? "")
        }
        return try .json(result)
    }

    /// The container that an image was made in, which clients before 1.45 are told of: it had the image's configuration, and for its command what
    /// the image's history says.
    private static func maker(of config: ContainerConfig, by text: String) -> ContainerConfig {
        let shell = "/bin/sh -c ", note = "#(nop) "
        guard text.hasPrefix(shell) else { return config }
        var config = config
        let command = String(text.dropFirst(shell.count))
        config.cmd = ["/bin/sh", "-c"] + (command.hasPrefix(note) ? [note, String(command.dropFirst(note.count).drop { $0 == " " })] : [command])
        return config
    }

    /// GET /images/{name}/history
    func imageHistory(_ request: Request) async throws -> Response {
        let name = request.capture("name"), platform = try request.platform()
        return try .json(await call { try $0.images.history(name, platform: platform) })
    }
}
