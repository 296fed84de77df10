internal import JSON

/// Go's `fmt.Sprintf`, for the verbs that make sense of strings, numbers and truth: `%v %s %q %d %x %X %t %f %g %e %c %%`.
enum Printf {
    /// The widest field.
    static let widthLimit = 10_000

    static func format(_ format: String, _ values: [Value]) throws(Functions.Failure) -> String {
        var result = ""
        var rest = Substring(format)
        var arguments = values[...]
        while let percent = rest.firstIndex(of: "%") {
            result += rest[..<percent]
            rest = rest[rest.index(after: percent)...]
            var flags = Set<Character>()
            while let flag = rest.first, "-+# 0".contains(flag) {
                flags.insert(flag)
                rest.removeFirst()
            }
            let width = number(&rest)
            var precision: Int?
            if rest.first == "." {
                rest.removeFirst()
                precision = number(&rest) ?? 0
            }
            guard let verb = rest.popFirst() else {
                result += "%!(NOVERB)"
                break
            }
            if verb == "%" {
                result += "%"
                continue
            }
            guard let value = arguments.popFirst() else {
                result += "%!\(verb)(MISSING)"
                continue
            }
            var text = try show(value, verb, precision, flags)
            let missing = (width ?? 0) - text.count
            if missing > 0 {
                if flags.contains("-") {
                    text += String(repeating: " ", count: missing)
                } else {
                    let zeros = flags.contains("0") && value.json.double != nil
                    let sign = zeros && text.first == "-" ? "-" : ""
                    text = sign + String(repeating: zeros ? "0" : " ", count: missing) + text.dropFirst(sign.count)
                }
            }
            result += text
        }
        result += rest
        if !arguments.isEmpty {
            result += "%!(EXTRA \(arguments.map { "\($0.typeName)=\($0.text)" }.joined(separator: ", ")))"
        }
        return result
    }

    private static func number(_ rest: inout Substring) -> Int? {
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        rest.removeFirst(digits.count)
        return digits.isEmpty ? nil : min(Int(digits) ?? widthLimit, widthLimit)
    }

    private static func show(_ value: Value, _ verb: Character, _ precision: Int?, _ flags: Set<Character>) throws(Functions.Failure) -> String {
        switch verb {
        case "v", "s":
            let text = value.text
            if verb == "s", case .json(.number) = value { return "%!s(int=\(text))" }
            return precision.map { String(text.prefix($0)) } ?? text
        case "q": return JSONValue.string(value.text).compactText
        case "t": return value.json.bool.map { $0 ? "true" : "false" } ?? bad(value, verb)
        case "d":
            guard let number = value.json.int else { return bad(value, verb) }
            return (flags.contains("+") && number >= 0 ? "+" : "") + String(number)
        case "x", "X":
            let upper = verb == "X"
            if let number = value.json.int { return String(number, radix: 16, uppercase: upper) }
            guard let text = value.json.string else { return bad(value, verb) }
            return text.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: upper) }.joined()
        case "c":
            guard let number = value.json.int, let code = UInt32(exactly: number), let scalar = Unicode.Scalar(code) else { return bad(value, verb) }
            return String(scalar)
        case "f", "F": return value.json.double.map { fixed($0, precision ?? 6) } ?? bad(value, verb)
        case "g", "e": return value.json.double.map { "\($0)" } ?? bad(value, verb)
        case "T": return value.typeName
        default: return bad(value, verb)
        }
    }

    private static func bad(_ value: Value, _ verb: Character) -> String { "%!\(verb)(\(value.typeName)=\(value.text))" }

    /// `number` with so many decimals, rounded half away from zero.
    static func fixed(_ number: Double, _ decimals: Int) -> String {
        let places = min(decimals, 15)
        var scale = 1.0
        for _ in 0..<places { scale *= 10 }
        guard number.isFinite, abs(number) * scale < 9e18 else { return "\(number)" }
        let scaled = (abs(number) * scale).rounded()
        let whole = Int(scaled / scale)
        let fraction = String(Int(scaled) - whole * Int(scale))
        let sign = number < 0 && scaled > 0 ? "-" : ""
        return places == 0 ? "\(sign)\(Int(scaled))" : "\(sign)\(whole)." + String(repeating: "0", count: max(0, places - fraction.count)) + fraction
    }
}
