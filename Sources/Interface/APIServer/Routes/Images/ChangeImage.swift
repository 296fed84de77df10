internal import Diagnostics
internal import DockerAPI
internal import Engine
internal import HTTP
internal import HTTPTransport
internal import Images

extension Context {
    /// POST /images/{name}/tag
    func tagImage(_ request: Request) async throws -> Response {
        let name = request.capture("name")
        guard let target = request.imageName("repo", "tag") else {
            throw Fault(.invalid, "repository name must have at least one component")
        }
        try await call { try $0.images.tag(name, as: target) }
        return Response(201)
    }

    /// POST /images/{name}/squash: Davit's own.
    func squashImage(_ request: Request) async throws -> Response {
        let name = request.capture("name"), target = request.parameter("name")
        return try .json(await call { IDResponse(id: "\(try $0.images.squash(name, as: target))") }, status: 201)
    }

    /// DELETE /images/{name}
    func deleteImage(_ request: Request) async throws -> Response {
        let name = request.capture("name"), force = request.query.flag("force"), keepParents = request.query.flag("noprune")
        if name.allSatisfy(\.isWhitespace) { throw Fault(.invalid, "image name cannot be blank") }
        let platforms = try request.platforms("platforms")
        guard !name.allSatisfy(\.isWhitespace) else { throw Fault(.invalid, "image name cannot be blank") }
        return try .json(
            await call { engine in
                if platforms.isEmpty { return try engine.images.remove(name, force: force, keepParents: keepParents) }
                return try engine.images.remove(name, platforms: platforms, force: force)
            })
    }
}

extension Request {
    /// A name in two parameters, as the API splits it: the second holds a tag, or a digest. Nil without a repository.
    func imageName(_ repository: String, _ tag: String) -> String? {
        guard let repository = parameter(repository) else { return nil }
        guard let tag = parameter(tag) else { return repository }
        return tag.contains(":") ? "\(repository)@\(tag)" : "\(repository):\(tag)"
    }
}
