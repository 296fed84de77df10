import DNS
import Values

/// Messages that containers and servers send.
enum DNSFuzzing {
    /// Reads the input as a message; what is one is the same after writing and reading, and fits where it is made to fit.
    static func message(_ input: [UInt8]) throws {
        let message = try DNSMessage(parsing: input)
        for question in message.questions {
            if let address = question.name.reversedAddress { precondition(DomainName(reverseOf: address) == question.name, "another address") }
            if let host = question.name.host { precondition(host.isEmpty || DomainName(host) == question.name, "another name") }
        }
        let whole = message.bytes()
        let again = try DNSMessage(parsing: whole)
        // Compressed anew it may be longer than a message can be.
        precondition(again == message || again.isTruncated, "a message comes back changed")
        let short = message.bytes(limit: 512)
        precondition(short.count <= 512 || (message.edns?.options.count ?? 0) > 480, "longer than allowed")
        _ = try DNSMessage(parsing: short)
    }
}
