/// One flag of a command: its names, what it takes, and what help says of it.
package struct Flag: Sendable {
    package enum Kind: Sendable {
        /// True when present; `--x=false` unsets it.
        case bool
        /// One value; a later one replaces it.
        case single
        /// A value each time it is given.
        case list
    }

    package var name: String
    package var short: Character?
    package var kind: Kind
    /// The kind of value, as help shows it: `string`, `list`, `bytes`.
    package var typeName: String
    package var help: String
    /// What it is when not given.
    package var defaultValue: String
    /// Whether a bare `--flag` of kind `single` stands for this value.
    package var valueWhenBare: String?
    package var isHidden = false
    /// Why the flag cannot be honoured yet: using it is an error that says so.
    package var unsupported: String?
    /// What is wrong with a value, or nil.
    package var problem: @Sendable (String) -> String?

    private init(
        _ name: String, _ short: Character?, _ kind: Kind, _ typeName: String, _ help: String, _ defaultValue: String,
        _ problem: @escaping @Sendable (String) -> String?
    ) {
        self.name = name
        self.short = short
        self.kind = kind
        self.typeName = typeName
        self.help = help
        self.defaultValue = defaultValue
        self.problem = problem
    }

    package static func bool(_ name: String, short: Character? = nil, default isOn: Bool = false, _ help: String) -> Flag {
        Flag(name, short, .bool, "", help, isOn ? "true" : "", { Syntax.bool($0) == nil ? Syntax.goError("ParseBool", $0) : nil })
    }

    /// A flag with one value of any form that `problem` accepts.
    package static func value(
        _ name: String, short: Character? = nil, type typeName: String = "string", default text: String = "", _ help: String,
        problem: @escaping @Sendable (String) -> String? = { _ in nil }
    ) -> Flag {
        Flag(name, short, .single, typeName, help, text, problem)
    }

    package static func int(_ name: String, short: Character? = nil, default number: Int = 0, _ help: String) -> Flag {
        Flag(name, short, .single, "int", help, number == 0 ? "" : String(number), { Syntax.intProblem($0) })
    }

    /// An unsigned number of at most `bits` bits.
    package static func unsigned(_ name: String, short: Character? = nil, bits: Int = 64, _ help: String) -> Flag {
        Flag(name, short, .single, bits == 64 ? "uint" : "uint\(bits)", help, "", { Syntax.unsignedProblem($0, bits: bits) })
    }

    /// A number of bytes with an optional unit: `64m`.
    package static func bytes(_ name: String, short: Character? = nil, allowsUnlimited: Bool = false, _ help: String) -> Flag {
        Flag(
            name, short, .single, "bytes", help, "",
            { allowsUnlimited && $0 == "-1" ? nil : Syntax.bytesProblem($0) })
    }

    package static func duration(_ name: String, short: Character? = nil, _ help: String) -> Flag {
        Flag(name, short, .single, "duration", help, "", { Syntax.durationNanoseconds($0) == nil ? "time: invalid duration \(Syntax.quoted($0))" : nil })
    }

    /// A flag that may be repeated.
    package static func list(
        _ name: String, short: Character? = nil, type typeName: String = "list", _ help: String,
        problem: @escaping @Sendable (String) -> String? = { _ in nil }
    ) -> Flag {
        Flag(name, short, .list, typeName, help, "", problem)
    }

    /// The same flag, left out of help.
    package func hidden() -> Flag {
        var flag = self
        flag.isHidden = true
        return flag
    }

    /// The same flag, refused with this reason when used.
    package func unsupported(_ reason: String) -> Flag {
        var flag = self
        flag.unsupported = reason
        return flag
    }

    /// Whether its value may be the next word.
    package var takesValue: Bool { kind != .bool && valueWhenBare == nil }

    /// How errors name it: `-m, --memory`.
    var displayName: String { short.map { "-\($0), --\(name)" } ?? "--\(name)" }
}

/// The flags that a command was given, with defaults for the rest.
package struct FlagValues: Sendable {
    private var given: [String: [String]] = [:]
    private var defaults: [String: String] = [:]

    package init(_ flags: [Flag] = []) {
        for flag in flags where !flag.defaultValue.isEmpty { defaults[flag.name] = flag.defaultValue }
    }

    package mutating func set(_ flag: Flag, _ value: String) {
        if flag.kind == .list { given[flag.name, default: []].append(value) } else { given[flag.name] = [value] }
    }

    /// Whether it was given at all, whatever its value.
    package func isSet(_ name: String) -> Bool { given[name] != nil }

    /// Whether any flag was given.
    package var isAnySet: Bool { !given.isEmpty }

    package func bool(_ name: String) -> Bool { Syntax.bool(string(name)) ?? false }
    /// The value, the default, or "".
    package func string(_ name: String) -> String { given[name]?.last ?? defaults[name] ?? "" }
    /// The value when given.
    package func optional(_ name: String) -> String? { given[name]?.last }
    /// All values in the order given.
    package func list(_ name: String) -> [String] { given[name] ?? [] }
    package func int(_ name: String) -> Int { Syntax.int(string(name)) ?? 0 }
    /// Bytes; 0 when not given, -1 for `-1`.
    package func bytes(_ name: String) -> Int { string(name) == "-1" ? -1 : Syntax.bytes(string(name)) ?? 0 }
    package func nanoseconds(_ name: String) -> Int { Syntax.durationNanoseconds(string(name)) ?? 0 }
}
