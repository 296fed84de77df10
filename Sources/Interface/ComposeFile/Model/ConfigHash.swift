internal import JSON

/// What docker compose compares to know whether something was changed: SHA-256 is taken of this JSON, byte for byte as Go writes it.
package enum ConfigHash {
    package static func text(_ service: ComposeService) -> [UInt8] {
        var service = service
        service.build = nil
        service.pullPolicy = ""
        service.scale = nil
        service.deploy?.replicas = nil
        service.dependsOn = [:]
        service.profiles = []
        return escaped(service.json.compact)
    }

    package static func text(_ network: ComposeNetwork) -> [UInt8] { escaped(network.json.compact) }

    package static func text(_ volume: ComposeVolume) -> [UInt8] {
        var volume = volume
        if volume.driver.isEmpty { volume.driver = "local" }
        return escaped(volume.json.compact)
    }

    /// Go writes what could be HTML otherwise; such characters are in strings only.
    static func escaped(_ bytes: [UInt8]) -> [UInt8] {
        bytes.flatMap { byte -> [UInt8] in
            switch byte {
            case UInt8(ascii: "<"): Array("\\u003c".utf8)
            case UInt8(ascii: ">"): Array("\\u003e".utf8)
            case UInt8(ascii: "&"): Array("\\u0026".utf8)
            default: [byte]
            }
        }
    }
}
