internal import Arguments
internal import JSON
internal import Values

/// Brings values into their canonical form.
struct Canonical: Sendable {
    /// Variables were not put in: what cannot be read as it stands stays so.
    var isLenient = false

    func value(_ value: JSONValue, as shape: Shape, at place: Place) throws(ComposeFileError) -> JSONValue {
        switch shape {
        case .anything: return value
        case .text, .textOrNull, .choice, .flag, .strictFlag, .whole, .decimal, .size, .duration, .permissions, .spelling, .matching:
            return try scalar(value, shape, place)
        case .list(let element, let identity):
            guard let items = value.array else { throw mismatch(place, shape) }
            return .array(try unique(list(items, element, place), identity))
        case .words(let identity):
            if let text = value.string { return text.isEmpty ? .array([]) : .array([.string(text)]) }
            guard let items = value.array else { throw mismatch(place, shape) }
            return .array(try unique(list(items, .text, place), identity))
        case .command: return try command(value, place)
        case .map(let element, let allowsNull): return try map(value, element, allowsNull, shape, place)
        case .pairs(let allowsNull): return try pairs(value, allowsNull, place)
        case .record(let record, let allowsNull):
            if allowsNull, value.isNull { return .null }
            guard let object = value.object else { throw mismatch(place, shape) }
            return .object(try members(object, record, place))
        case .short(let expand, let long, let short):
            let expanded = try attempt({ () throws(ComposeFileError) in try expand(value, place) }) ?? value
            if short != nil, expanded.object == nil, expanded.array == nil { throw mismatch(place, shape) }
            if short != nil, case .record(let record, _) = long, record.required.contains(where: { expanded[$0] == nil }) { throw mismatch(place, shape) }
            return try self.value(expanded, as: long, at: place)
        case .shortList(let expand, let element, let identity):
            guard let items = value.array else { throw mismatch(place, shape) }
            var all: [JSONValue] = []
            for (index, item) in items.enumerated() {
                let place = place.at(index)
                for part in try attempt({ () throws(ComposeFileError) in try expand(item, place) }) ?? [item] {
                    all.append(isLenient && part.string != nil ? part : try self.value(part, as: element, at: place))
                }
            }
            return .array(unique(all, identity))
        case .replaced(let shape): return try self.value(value, as: shape, at: place)
        }
    }

    /// Nil where what is wrong does not matter, as variables are still in it.
    private func attempt<Result>(_ body: () throws(ComposeFileError) -> Result?) throws(ComposeFileError) -> Result? {
        do throws(ComposeFileError) { return try body() } catch {
            if isLenient { return nil }
            throw error
        }
    }

    /// What was read cannot be understood.
    private func unreadable(_ place: Place, _ problem: String) -> ComposeFileError {
        ComposeFileError("decoding failed due to the following error(s):\n\n'\(place.inStructure)' \(problem)")
    }

    private func mismatch(_ place: Place, _ shape: Shape) -> ComposeFileError {
        if place.description == "services" { return ComposeFileError("services must be a mapping") }
        return ComposeFileError(schema: "\(place) must be a \(shape.wanted)")
    }

    // MARK: Scalars

    private func scalar(_ value: JSONValue, _ shape: Shape, _ place: Place) throws(ComposeFileError) -> JSONValue {
        if isLenient, let text = value.string, text.contains("$") { return value }
        switch (shape, value) {
        case (.text, .string), (.textOrNull, .string), (.textOrNull, .null), (.strictFlag, .bool), (.flag, .bool), (.spelling, .string): return value
        case (.choice(let words), .string(let text)):
            if words.contains(text) { return value }
            throw ComposeFileError(schema: "\(place) value must be \(words.count == 1 ? "" : "one of ")\(words.map { "'\($0)'" }.joined(separator: ", "))")
        case (.matching(let pattern, let fits), .string(let text)):
            if fits(text) { return value }
            throw ComposeFileError(schema: "\(place) '\(text)' does not match pattern '\(pattern)'")
        case (.flag, .string(let text)):
            switch text.lowercased() {
            case "true", "y", "yes", "on": return .bool(true)
            case "false", "n", "no", "off": return .bool(false)
            default: throw cast(place, "invalid boolean: \(text)")
            }
        case (.whole, .number):
            guard let number = value.int else { throw mismatch(place, shape) }
            return JSONValue(number)
        case (.whole, .string(let text)):
            guard let number = Int(text) else { throw cast(place, "strconv.Atoi: parsing \(Syntax.quoted(text)): invalid syntax") }
            return JSONValue(number)
        case (.decimal, .number): return number(value.double, value)
        case (.decimal, .string(let text)):
            guard let found = Double(text), found.isFinite else { throw cast(place, "strconv.ParseFloat: parsing \(Syntax.quoted(text)): invalid syntax") }
            return number(found, value)
        case (.size, .number(let digits)): return .string(value.int.map(String.init) ?? digits)
        case (.size, .string(let text)):
            if text == "-1" { return value }
            guard let bytes = Syntax.bytes(text) else { throw unreadable(place, "invalid size: '\(text)'") }
            return .string(String(bytes))
        case (.duration, .string(let text)):
            guard let nanoseconds = ComposeDuration.nanoseconds(text) else { throw unreadable(place, "time: invalid duration \(Syntax.quoted(text))") }
            return .string(GoDuration.text(nanoseconds: Int64(nanoseconds)))
        case (.permissions, .number): return .string(value.int.map { "0" + String($0, radix: 8) } ?? "0")
        case (.permissions, .string(let text)):
            guard let mode = Int(text, radix: 8), mode >= 0 else { throw cast(place, "strconv.ParseInt: parsing \(Syntax.quoted(text)): invalid syntax") }
            return .string("0" + String(mode, radix: 8))
        case (.spelling, .number): return .string(Self.goText(value))
        default: throw mismatch(place, shape)
        }
    }

    /// As Go writes a `float32`.
    private func number(_ found: Double?, _ value: JSONValue) -> JSONValue {
        guard let found else { return value }
        let single = Float(found)
        return Int(exactly: single).map { JSONValue($0) } ?? .number("\(single)")
    }

    /// A number as Go prints it: without a fraction of zeros.
    private static func goText(_ value: JSONValue) -> String {
        guard case .number(let digits) = value, digits.contains(where: { ".eE".contains($0) }), let number = Double(digits) else {
            return value.compactText
        }
        // Go's shortest form has an exponent from a million on.
        if number.magnitude < 1e6 { return Int(exactly: number).map(String.init) ?? "\(number)" }
        var text = "\(number)"
        var exponent = 0
        if let mark = text.firstIndex(of: "e") {
            exponent = Int(text[text.index(after: mark)...]) ?? 0
            text = String(text[..<mark])
        } else {
            exponent = text.prefix { $0 != "." }.drop { $0 == "-" }.count - 1
            let digits = text.filter { $0 != "." && $0 != "-" }
            text = (number < 0 ? "-" : "") + digits.prefix(1) + "." + digits.dropFirst()
        }
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return "\(text)e+\(exponent < 10 ? "0" : "")\(exponent)"
    }

    private func cast(_ place: Place, _ problem: String) -> ComposeFileError {
        ComposeFileError("error while interpolating \(place.inTree): failed to cast to expected type: \(problem)")
    }

    // MARK: Collections

    private func list(_ items: [JSONValue], _ element: Shape, _ place: Place) throws(ComposeFileError) -> [JSONValue] {
        var result: [JSONValue] = []
        for (index, item) in items.enumerated() { result.append(try value(item, as: element, at: place.at(index))) }
        return result
    }

    /// Of those that are the same thing the last, at the place of the first.
    func unique(_ items: [JSONValue], _ identity: Shape.Identity) -> [JSONValue] {
        var places: [String: Int] = [:]
        var result: [JSONValue] = []
        for item in items {
            if let name = identity.name(item) {
                if let place = places[name] {
                    result[place] = item
                    continue
                }
                places[name] = result.count
            }
            result.append(item)
        }
        return result
    }

    private func command(_ value: JSONValue, _ place: Place) throws(ComposeFileError) -> JSONValue {
        switch value {
        case .null: return .null
        case .string(let text):
            guard let words = ShellWords.split(text) else { throw unreadable(place, "invalid command line string") }
            return .array(words.map { .string($0) })
        case .array(let items): return .array(try list(items, .text, place))
        default: throw mismatch(place, .command)
        }
    }

    private func map(
        _ value: JSONValue, _ element: Shape, _ allowsNull: Bool, _ shape: Shape, _ place: Place
    ) throws(ComposeFileError) -> JSONValue {
        guard let object = value.object else { throw mismatch(place, shape) }
        var result = JSONObject()
        for member in object.members {
            let isAbsent = allowsNull && member.value.isNull
            result.append(member.name, isAbsent ? .null : try self.value(member.value, as: element, at: place.at(member.name)))
        }
        return .object(result)
    }

    private func pairs(_ value: JSONValue, _ allowsNull: Bool, _ place: Place) throws(ComposeFileError) -> JSONValue {
        var result = JSONObject()
        switch value {
        case .object(let object):
            for member in object.members {
                switch member.value {
                case .null: result.append(member.name, allowsNull ? .null : .string(""))
                case .string: result.append(member.name, member.value)
                case .number: result.append(member.name, .string(Self.goText(member.value)))
                case .bool(let flag): result.append(member.name, .string(flag ? "true" : "false"))
                default: throw ComposeFileError(schema: "\(place).\(member.name) must be a boolean, null, number or string")
                }
            }
        case .array(let items):
            for (index, item) in items.enumerated() {
                guard let text = item.string else { throw mismatch(place.at(index), .text) }
                let name = text.prefix { $0 != "=" }
                if allowsNull, name.last?.isWhitespace ?? false {
                    throw ComposeFileError("environment variable \(name) is declared with a trailing space")
                }
                let isAlone = name.endIndex == text.endIndex
                result[String(name)] = isAlone ? (allowsNull ? .null : .string("")) : .string(String(text[text.index(after: name.endIndex)...]))
            }
        default: throw mismatch(place, .pairs(allowsNull: allowsNull))
        }
        return .object(result)
    }

    private func members(_ object: JSONObject, _ record: Shape.Record, _ place: Place) throws(ComposeFileError) -> JSONObject {
        var result = JSONObject()
        let unknown = object.members.filter { !$0.name.hasPrefix("x-") && record[$0.name] == nil }.map { "'\($0.name)'" }
        guard unknown.isEmpty else { throw ComposeFileError(schema: "\(place) additional properties \(unknown.sorted().joined(separator: ", ")) not allowed") }
        let missing = record.required.filter { object[$0] == nil }
        guard missing.isEmpty else {
            throw ComposeFileError(schema: "\(place) missing propert\(missing.count == 1 ? "y" : "ies") \(missing.map { "'\($0)'" }.joined(separator: ", "))")
        }
        for member in object.members {
            let shape = record[member.name] ?? .anything
            result.append(member.name, try value(member.value, as: shape, at: place.at(member.name)))
        }
        return result
    }
}
