internal import Diagnostics
internal import DockerAPI
internal import HTTP
internal import HTTPTransport
internal import JSON
internal import OCI

extension Request {
    /// The largest JSON body that is read.
    private static let jsonBytes = 8 << 20

    /// What the pattern captured; patterns and routes are written together, so it is there.
    func capture(_ name: String) -> String { captures[name] ?? "" }

    /// A parameter with a value.
    func parameter(_ name: String) -> String? {
        guard let value = query[name], !value.isEmpty else { return nil }
        return value
    }

    /// A whole number; nil when it is not given. Throws 400 in the words of Go's strconv.
    func number(_ name: String) throws -> Int? {
        guard let text = parameter(name) else { return nil }
        guard let value = Int(text) else { throw Fault(.invalid, "strconv.Atoi: parsing \"\(text)\": invalid syntax") }
        return value
    }

    func filters() throws -> Filters { try Filters(json: query["filters"]) }

    /// The parameter `platform`, which is either `linux/amd64` or, from API 1.48 on, JSON.
    func platform() throws -> Platform? { try platforms("platform").first }

    /// The same where it may be given several times.
    func platforms(_ name: String = "platform") throws -> [Platform] { try query.all(name).filter { !$0.isEmpty }.map(Self.platform) }

    private static func platform(_ text: String) throws -> Platform {
        do {
            if text.hasPrefix("{") { return try JSON.decode(Platform.self, from: text) }
            return try Platform(text)
        } catch let error as PlatformError {
            throw Fault(.invalid, error.description)
        } catch {
            throw Fault(.invalid, "invalid platform \(text)", cause: error)
        }
    }

    /// The body as JSON. Throws 400.
    func decode<Value: Decodable>(_ type: Value.Type) async throws -> Value {
        guard let value = try await decodeIfAny(type) else { throw Fault(.invalid, "invalid JSON: got EOF while reading request body") }
        return value
    }

    /// The same where the body may be missing, or be Go's `null` for what is missing.
    func decodeIfAny<Value: Decodable>(_ type: Value.Type) async throws -> Value? {
        if let value = body.document as? Value { return value }
        let mediaType = headers["Content-Type"]?.split(separator: ";").first.map { $0.lowercased() } ?? ""
        let bytes = try await body.collect(limit: Self.jsonBytes)
        if bytes.isEmpty || (bytes.count < 8 && bytes.starts(with: "null".utf8)) { return nil }
        guard mediaType == "application/json" else {
            throw Fault(.invalid, "unsupported Content-Type header (\(mediaType)): must be 'application/json'")
        }
        do {
            return try JSON.decode(type, from: bytes)
        } catch {
            throw Fault(.invalid, "invalid JSON: \((error as? JSONError)?.reason ?? "\(error)")")
        }
    }
}
