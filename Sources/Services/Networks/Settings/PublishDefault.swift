internal import Diagnostics
internal import JSON
internal import Linux
internal import Values

/// The setting `publish-default` of `config.json` in the data root: where ports are published that name no address of the host, on networks
/// that do not say it themselves. `all` as with Docker, or `loopback`, or an IPv4 address.
enum PublishDefault {
    private static let limit = 64 * 1024

    /// nil without the setting, which means all addresses. Throws for a file that cannot be read or understood: guessing would open a port
    /// to the world that was to be closed.
    static func read(_ paths: StatePaths) throws -> IPAddress? {
        let text: String?
        do {
            guard let bytes = try FileSystem.readIfPresent(paths.configuration, limit: limit) else { return nil }
            guard case .object(let object) = try JSONValue(parsing: bytes) else { throw Fault(.internal, "not an object") }
            guard let value = object["publish-default"] else { return nil }
            text = value.string
        } catch { throw Fault(.internal, "read \(paths.configuration): \(error)") }
        switch text {
        case "all", "0.0.0.0": return nil
        case "loopback": return IPAddress(.v4, 0x7f00_0001)
        default:
            guard let address = text.flatMap({ IPAddress($0) }), address.family == .v4 else {
                throw Fault(.internal, "read \(paths.configuration): publish-default must be all, loopback or an IPv4 address")
            }
            return address
        }
    }
}
