import HTTP

/// Addresses that servers and people hand in.
enum URLFuzzing {
    /// Two lines: a URL and a reference to be resolved against it. What comes out can be read again as the same, and holds nothing
    /// that would end a line of a request.
    static func url(_ input: [UInt8]) throws {
        let lines = input.split(separator: 10, maxSplits: 1, omittingEmptySubsequences: false)
        let url = try URL(String(decoding: lines[0], as: UTF8.self))
        check(url)
        if lines.count > 1 { check(try url.resolving(String(decoding: lines[1], as: UTF8.self))) }
    }

    private static func check(_ url: URL) {
        precondition((try? URL(url.description)) == url, "the text is another URL")
        precondition(url.target.utf8.allSatisfy { $0 > 32 && $0 < 127 }, "bytes that may not stand in a request")
        precondition(url.target.hasPrefix("/"), "a target that is no path")
    }
}
