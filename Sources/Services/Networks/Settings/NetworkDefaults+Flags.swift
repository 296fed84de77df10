package import Diagnostics
internal import JSON

extension NetworkDefaults {
    /// Of the daemon's flags: those that were given, by name, with their values in order. Throws for values that cannot be.
    package init(flags: [String: [String]]) throws(Fault) {
        var object = JSONObject()
        for (name, values) in flags {
            guard let last = values.last else { continue }
            switch name {
            case "default-address-pool": object["default-address-pools"] = .array(try values.map(Self.pool))
            case "default-network-opt": object["default-network-opts"] = try Self.options(values).json
            case "dns-opt": object["dns-opts"] = values.json
            case "host-gateway-ip": object["host-gateway-ips"] = values.json
            case "dns", "dns-search": object[name] = values.json
            case "mtu": object[name] = .number(last)
            default: object[name] = ["true", "false"].contains(last) ? .bool(last == "true") : .string(last)
            }
        }
        do { self = try NetworkDefaults(json: .object(object)) } catch { throw Fault(.invalid, "\(error)", cause: error) }
    }

    /// `base=10.10.0.0/16,size=24`.
    private static func pool(_ text: String) throws(Fault) -> JSONValue {
        var object = JSONObject()
        for field in text.split(separator: ",") {
            let parts = field.split(separator: "=", maxSplits: 1)
            switch (parts.first, parts.last) {
            case ("base", let value?) where parts.count == 2: object["base"] = .string(String(value))
            case ("size", let value?) where Int(value) != nil: object["size"] = .number(String(value))
            default: throw Fault(.invalid, "invalid default address pool: \(text)")
            }
        }
        return .object(object)
    }

    /// `bridge=com.docker.network.driver.mtu=1450`.
    private static func options(_ texts: [String]) throws(Fault) -> [String: [String: String]] {
        var options: [String: [String: String]] = [:]
        for text in texts {
            let parts = text.split(separator: "=", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 3, !parts[0].isEmpty, !parts[1].isEmpty else { throw Fault(.invalid, "invalid default network option: \(text)") }
            options[parts[0], default: [:]][parts[1]] = parts[2]
        }
        return options
    }
}
