internal import HTTP
internal import HTTPTransport
internal import Linux
internal import OCI
internal import Values

/// Something that happened to a repository, as notifications tell of it: docs/content/about/notifications.md of distribution.
struct RegistryEvent: Encodable, Sendable {
    enum Action: String, Encodable, Sendable { case pull, push, mount, delete }

    struct Target: Encodable, Sendable {
        var mediaType: String?
        var digest: String?
        var size: Int?
        var length: Int?
        var repository: String
        var fromRepository: String?
        var url: String?
        var tag: String?
        var references: [Descriptor]?
    }

    struct Request: Encodable, Sendable {
        var id: String
        var addr: String
        var host: String
        var method: String
        var useragent: String
    }

    struct Actor: Encodable, Sendable { var name: String? }

    struct Source: Encodable, Sendable {
        var addr: String
        var instanceID: String
    }

    var id = RegistryEvent.uuid()
    var timestamp = Timestamp.now.description
    var action: Action
    var target: Target
    var request: Request
    var actor: Actor
    var source: Source

    /// What is posted.
    struct Envelope: Encodable, Sendable { var events: [RegistryEvent] }

    static let mediaType = "application/vnd.docker.distribution.events.v1+json"

    /// RFC 9562 §5.4.
    static func uuid() -> String {
        var digits = Array(Identifier.random().description.utf8.prefix(32))
        digits[12] = UInt8(ascii: "4")
        digits[16] = UInt8(ascii: "a")
        let parts = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32]
        return parts.map { String(decoding: digits[$0], as: UTF8.self) }.joined(separator: "-")
    }
}

extension RegistryEvent {
    /// What a request that was answered well has done; nil for what is no event.
    init?(_ endpoint: RegistryEndpoint, _ exchange: Exchange, _ response: HTTPTransport.Response, source: Source) {
        let request = exchange.request
        guard (200..<300).contains(response.status), let name = endpoint.repository else { return nil }
        let digest = response.headers[RegistryHeader.contentDigest], isRead = request.method == .get || request.method == .head
        var target = Target(digest: digest, repository: name.description)
        switch endpoint {
        case .manifest(_, let reference):
            action = isRead ? .pull : request.method == .delete ? .delete : .push
            if case .tag(let tag) = reference { target.tag = tag } else { target.digest = "\(reference)" }
            target.mediaType = (isRead ? response : nil)?.headers["Content-Type"] ?? request.headers["Content-Type"]
        case .blob(_, let asked):
            action = isRead ? .pull : .delete
            (target.digest, target.mediaType) = (asked.description, "application/octet-stream")
        case .uploads, .upload:
            guard response.status == 201 else { return nil }
            target.mediaType = "application/octet-stream"
            action = request.query["mount"] == nil ? .push : .mount
            if action == .mount { target.fromRepository = request.query["from"] }
        default: return nil
        }
        if isRead { target.size = response.headers["Content-Length"].flatMap { Int($0) } }
        target.length = target.size
        if let digest = target.digest.flatMap({ Digest($0) }), action != .delete {
            if case .manifest = endpoint {
                target.url = exchange.locations.url(.manifest(name, .digest(digest)))
            } else {
                target.url = exchange.locations.url(.blob(name, digest))
            }
        }
        if action == .delete { target.mediaType = nil }
        self.target = target
        self.request = Request(
            id: Self.uuid(), addr: request.peer.map { "\($0)" } ?? "", host: request.headers["Host"] ?? "", method: "\(request.method)",
            useragent: request.headers["User-Agent"] ?? "")
        actor = Actor(name: exchange.user.isEmpty ? nil : exchange.user)
        self.source = source
    }
}
