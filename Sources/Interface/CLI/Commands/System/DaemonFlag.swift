internal import Arguments
internal import DockerAPI
internal import JSON
internal import Values

/// A flag of the daemon, and how `daemon.json` says the same.
struct DaemonFlag {
    let flag: Flag
    /// The file's name for it.
    let key: String
    /// Its values in the file's words, in the order in which they were given.
    let json: ([String]) throws -> JSONValue

    private init(_ flag: Flag, _ key: String?, _ json: @escaping ([String]) throws -> JSONValue) {
        (self.flag, self.key, self.json) = (flag, key ?? flag.name, json)
    }

    static func bool(_ name: String, short: Character? = nil, default isOn: Bool = false, _ help: String) -> DaemonFlag {
        DaemonFlag(.bool(name, short: short, default: isOn, help), nil) { .bool(Syntax.bool($0.last ?? "") ?? false) }
    }

    static func int(_ name: String, default number: Int = 0, _ help: String) -> DaemonFlag {
        DaemonFlag(.int(name, default: number, help), nil) { .number($0.last ?? "0") }
    }

    static func text(_ name: String, short: Character? = nil, type: String = "string", default text: String = "", _ help: String) -> DaemonFlag {
        DaemonFlag(.value(name, short: short, type: type, default: text, help), nil) { .string($0.last ?? "") }
    }

    static func bytes(_ name: String, _ help: String) -> DaemonFlag { DaemonFlag(.bytes(name, help), nil) { .string($0.last ?? "") } }

    static func list(_ name: String, short: Character? = nil, as key: String? = nil, type: String = "list", _ help: String) -> DaemonFlag {
        DaemonFlag(.list(name, short: short, type: type, help), key) { $0.json }
    }

    /// `NAME=VALUE`, where `value` makes the file's value of a text and throws for what is none; `NAME` alone means `bare`.
    static func map(
        _ name: String, as key: String, type: String = "map", bare: String? = nil, _ help: String, value: @escaping @Sendable (String) throws -> JSONValue = { .string($0) }
    ) -> DaemonFlag {
        let pair: @Sendable (String) throws -> (String, JSONValue) = { text in
            guard let (name, rest) = text.cut("=") ?? bare.map({ (text, $0) }), !name.isEmpty, !rest.isEmpty else {
                throw Invalid("invalid argument: \(text) (must be formatted NAME=VALUE)")
            }
            return (name, try value(rest))
        }
        return DaemonFlag(.list(name, type: type, help, problem: Problems.text(pair)), key) { texts in
            .object(try texts.map(pair).reduce(into: JSONObject()) { $0[$1.0] = $1.1 })
        }
    }

    static func ulimits(_ name: String, as key: String, _ help: String) -> DaemonFlag {
        DaemonFlag(.list(name, type: "ulimit", help, problem: Problems.text { try DeviceFlags.ulimit($0) }), key) { texts in
            .object(try texts.map { try DeviceFlags.ulimit($0) }.reduce(into: JSONObject()) { $0[$1.name] = $1.json })
        }
    }

    /// `base=10.10.0.0/16,size=24`.
    static func pools(_ name: String, as key: String, _ help: String) -> DaemonFlag {
        let pool: @Sendable (String) throws -> JSONValue = { text in
            var object = JSONObject()
            for field in text.split(separator: ",") {
                switch String(field).cut("=") {
                case ("base", let value)?: object["base"] = .string(value)
                case ("size", let value)? where Int(value) != nil: object["size"] = .number(value)
                default: throw Invalid("invalid default address pool: \(text)")
                }
            }
            return .object(object)
        }
        return DaemonFlag(.list(name, type: "pool-options", help, problem: Problems.text(pool)), key) { .array(try $0.map(pool)) }
    }

    /// `bridge=com.docker.network.driver.mtu=1450`.
    static func options(_ name: String, as key: String, _ help: String) -> DaemonFlag {
        let option: @Sendable (String) throws -> (String, String, String) = { text in
            guard let (driver, rest) = text.cut("="), let (option, value) = rest.cut("="), !driver.isEmpty, !option.isEmpty else {
                throw Invalid("invalid default network option: \(text)")
            }
            return (driver, option, value)
        }
        return DaemonFlag(.list(name, type: "mapmap", help, problem: Problems.text(option)), key) { texts in
            try texts.map(option).reduce(into: [String: [String: String]]()) { $0[$1.0, default: [:]][$1.1] = $1.2 }.json
        }
    }

    /// Those that were given, as an object of `daemon.json`.
    static func settings(_ flags: FlagValues, of all: [DaemonFlag]) throws -> JSONObject {
        try all.filter { flags.isSet($0.flag.name) }.reduce(into: JSONObject()) { $0[$1.key] = try $1.json(flags.list($1.flag.name)) }
    }
}
