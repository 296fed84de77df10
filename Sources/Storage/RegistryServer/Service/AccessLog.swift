internal import HTTP
internal import HTTPTransport
internal import Values

/// A line for each request, in Apache's combined form, as Docker's registry writes it.
enum AccessLog {
    static func line(_ request: Request, _ response: Response, at time: Timestamp) -> String {
        let address = request.clientAddress.isEmpty ? "-" : request.clientAddress
        let query = request.query.items.isEmpty ? "" : "?\(request.query.encoded)"
        let length = response.headers["Content-Length"] ?? size(response)
        func quoted(_ text: String?) -> String { "\"" + clean(text ?? "") + "\"" }
        return "\(address) - - [\(clock(time))] \"\(clean("\(request.method) \(request.path)\(query)")) HTTP/1.1\" \(response.status) \(length) "
            + "\(quoted(request.headers["Referer"])) \(quoted(request.headers["User-Agent"]))"
    }

    private static func size(_ response: Response) -> String {
        if case .bytes(let bytes) = response.body { String(bytes.count) } else { "0" }
    }

    /// What could end a line or a field early, or move a terminal's cursor, is written as `\xNN`.
    private static func clean(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" {
                result += "\\\(scalar)"
            } else if scalar.value < 32 || (127...159).contains(scalar.value) {
                result += "\\x" + Hex.encode([UInt8(truncatingIfNeeded: scalar.value)])
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// `10/Oct/2000:13:55:36 +0000`.
    private static func clock(_ time: Timestamp) -> String {
        // `2000-10-10T13:55:36.000000000Z`
        let text = Array(time.paddedDescription.utf8)
        guard text.count >= 19 else { return "-" }
        func part(_ range: Range<Int>) -> String { String(decoding: text[range], as: UTF8.self) }
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let month = Int(part(5..<7)).flatMap { (1...12).contains($0) ? months[$0 - 1] : nil } ?? "-"
        return "\(part(8..<10))/\(month)/\(part(0..<4)):\(part(11..<19)) +0000"
    }
}
