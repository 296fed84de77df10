internal import HTTP
internal import HTTPTransport

/// A version of the Engine API, `1.51`.
struct APIVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    var major: Int
    var minor: Int

    static let newest = APIVersion(major: 1, minor: 51)
    static let oldest = APIVersion(major: 1, minor: 24)

    /// What routes find the version of their request under, which no pattern captures.
    static let capture = "API version"

    var description: String { "\(major).\(minor)" }

    static func < (a: APIVersion, b: APIVersion) -> Bool { (a.major, a.minor) < (b.major, b.minor) }

    /// Takes the `/v1.51` off a path that begins with one. A path without one means the newest version.
    /// Throws 400 for versions that are not served.
    static func split(_ path: String) throws(HTTPError) -> (version: APIVersion, rest: String) {
        guard path.hasPrefix("/v"), let end = path.dropFirst().firstIndex(of: "/") else { return (newest, path) }
        let parts = path[..<end].dropFirst(2).split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { $0 >= 48 && $0 <= 57 } }) else {
            return (newest, path)
        }
        // A number that no Int holds is too new in any case.
        let version = APIVersion(major: Int(parts[0]) ?? .max, minor: Int(parts[1]) ?? .max)
        let text = path[..<end].dropFirst(2)
        guard version <= newest else {
            throw HTTPError(400, "client version \(text) is too new. Maximum supported API version is \(newest)")
        }
        guard version >= oldest else {
            throw HTTPError(
                400,
                "client version \(text) is too old. Minimum supported API version is \(oldest), please upgrade your client to a newer version"
            )
        }
        return (version, String(path[end...]))
    }
}

extension Request {
    /// The minor version of the API that the client speaks: 51 of `1.51`.
    var minorVersion: Int { capture(APIVersion.capture).split(separator: ".").last.flatMap { Int($0) } ?? APIVersion.newest.minor }
}
