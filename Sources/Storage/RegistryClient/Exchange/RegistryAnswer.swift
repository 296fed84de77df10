internal import Diagnostics
internal import HTTP
internal import HTTPTransport
internal import JSON
internal import Linux

/// What a registry's refusals mean, in Docker's words. See distribution-spec, "Error Codes".
enum RegistryAnswer {
    private struct Errors: Decodable {
        struct Item: Decodable {
            var code: String?
            var message: String?
        }
        var errors: [Item]?
        /// Token servers and old registries say it this way.
        var details: String?
        var message: String?
        var error: String?
        var error_description: String?
    }

    /// Characters of a server's words that are shown.
    private static let textLimit = 1024

    /// The fault for a status of 400 and more.
    static func fault(_ response: ClientResponse, _ body: [UInt8], _ request: ClientRequest) -> Fault {
        let kind: Fault.Kind =
            switch response.status {
            case 401: .unauthorized
            case 403: .forbidden
            case 404: .notFound
            case 429, 500...: .unavailable
            default: .invalid
            }
        var text = words(body, response.status) ?? status(response, body, request)
        // A word of OAuth2's alone, or nothing.
        if response.status == 401, !text.contains(" ") || body.isEmpty { text = "unauthorized: authentication required" }
        if response.status == 429 { text += limits(response.headers) }
        return Fault(kind, text)
    }

    /// The code of the first error, such as `MANIFEST_UNKNOWN`.
    static func code(_ body: [UInt8]) -> String? { (try? JSON.decode(Errors.self, from: body))?.errors?.first?.code }  // Not the spec's JSON: there is no code.

    private static func words(_ body: [UInt8], _ status: Int) -> String? {
        guard let answer = try? JSON.decode(Errors.self, from: body) else { return nil }  // Not the spec's JSON: the status says it.
        let lines = (answer.errors ?? []).prefix(16).map { item in
            // Some token servers spell it otherwise; the status says the same.
            let code = (item.code ?? (status == 401 ? "unauthorized" : status == 403 ? "denied" : "unknown")).replacing("_", with: " ").lowercased()
            return clean("\(code): \(item.message ?? "unknown error")")
        }
        if lines.count == 1 { return lines[0] }
        if !lines.isEmpty { return "errors:\n" + lines.joined(separator: "\n") + "\n" }
        return [answer.details, answer.error_description, answer.message, answer.error].compactMap { $0 }.first { !$0.isEmpty }.map(clean)
    }

    private static func status(_ response: ClientResponse, _ body: [UInt8], _ request: ClientRequest) -> String {
        let told = clean(String(decoding: body.prefix(textLimit), as: UTF8.self))
        return "unexpected status from \(request.method) \(response.url.origin)\(response.url.path): \(response.status) "
            + ResponseHead.reason(response.status) + (told.isEmpty ? "" : ": \(told)")
    }

    /// A terminal's control characters are not for servers to send.
    private static func clean(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.prefix(textLimit).map { $0.properties.generalCategory == .control ? " " : $0 }))
    }

    /// What the rate-limit fields of a 429 tell: `ratelimit-limit: 100;w=21600`. See draft-ietf-httpapi-ratelimit-headers.
    static func limits(_ headers: HeaderFields) -> String {
        var parts: [String] = []
        if let (count, window) = limit(headers["RateLimit-Limit"]) { parts.append("\(count) requests allowed" + (window.map { " in \(duration($0))" } ?? "")) }
        if let (count, _) = limit(headers["RateLimit-Remaining"]) { parts.append("\(count) left") }
        if let seconds = retryAfter(headers) { parts.append("try again in \(duration(seconds))") }
        return parts.isEmpty ? "" : " (\(parts.joined(separator: ", ")))"
    }

    private static func limit(_ value: String?) -> (Int, Int?)? {
        guard let parts = value?.split(separator: ";"), let count = parts.first.flatMap({ Int($0) }) else { return nil }
        let window = parts.dropFirst().first { $0.hasPrefix("w=") }.flatMap { Int($0.dropFirst(2)) }
        return (count, window)
    }

    /// Seconds of `Retry-After`, when it gives seconds.
    static func retryAfter(_ headers: HeaderFields) -> Int? { headers["Retry-After"].flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil } }

    private static func duration(_ seconds: Int) -> String {
        seconds >= 7200 && seconds % 3600 == 0 ? "\(seconds / 3600) h" : seconds >= 120 ? "\((seconds + 59) / 60) min" : "\(seconds) s"
    }
}
