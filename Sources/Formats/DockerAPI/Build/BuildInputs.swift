package import JSON
internal import Values

/// What `davit build` gives a build beside the parameters of Docker's `POST /build`: Davit's own. In one process it is the request's body, and
/// names the context's directory; elsewhere it is a header, and the body is the context.
package struct BuildInputs: JSONRecord, Sendable, Hashable {
    package static let mediaType = "application/vnd.davit.build+json"
    package static let header = "X-Davit-Build"
    /// Bytes of the header, which secrets must fit into.
    private static let headerLimit = 1 << 16

    /// The absolute path of the context; empty when the body is an archive of it.
    package var directory: String = ""
    /// The text of a Dockerfile that is not in the context.
    package var dockerfile: String?
    /// The lines of the `.dockerignore` that belongs to it; nil for the context's own.
    package var ignore: String?
    /// Other contexts: a directory's absolute path, or `docker-image://…`.
    package var contexts: [String: String] = [:]
    /// In base64, by their ids.
    package var secrets: [String: String] = [:]
    /// Paths of agents' sockets, by their ids.
    package var agents: [String: String] = [:]
    /// What the build may do that it may not by itself: `network.host`, `security.insecure`.
    package var allowed: [String] = []
    /// Stages whose steps are all made anew.
    package var uncached: [String] = []
    /// A question about the Dockerfile, in place of building it: `lint`, `outline`, `targets`.
    package var question: String = ""
    /// Where steps that were made elsewhere may come from, and where those of this build go: `type=registry,ref=…`.
    package var cacheSources: [String] = []
    package var cacheTargets: [String] = []

    /// What the build is to say of its images, `type=provenance,mode=max`; and what their manifests say, `manifest[linux/amd64]:name=value`.
    package var attestations: [String] = []
    package var annotations: [String] = []

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("directory", &directory, .unlessEmpty)
        try m("dockerfile", &dockerfile, .unlessNil)
        try m("ignore", &ignore, .unlessNil)
        try m("contexts", &contexts, .unlessEmpty)
        try m("secrets", &secrets, .unlessEmpty)
        try m("agents", &agents, .unlessEmpty)
        try m("allowed", &allowed, .unlessEmpty)
        try m("uncached", &uncached, .unlessEmpty)
        try m("question", &question, .unlessEmpty)
        try m("cacheSources", &cacheSources, .unlessEmpty)
        try m("cacheTargets", &cacheTargets, .unlessEmpty)
        try m("attestations", &attestations, .unlessEmpty)
        try m("annotations", &annotations, .unlessEmpty)
    }

    package func headerText() throws -> String { String(Base64.encode(try JSON.encode(self))) }

    /// Throws DecodingError for anything else.
    package static func decode(header: String) throws -> BuildInputs {
        guard header.utf8.count <= headerLimit, let bytes = Base64.decode(header) else {
            throw DecodingError.dataCorrupted(DecodingError.Context(codingPath: [], debugDescription: "not base64"))
        }
        return try JSON.decode(BuildInputs.self, from: bytes)
    }
}
