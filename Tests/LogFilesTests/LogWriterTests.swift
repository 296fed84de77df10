import Linux
import LogFiles
import Testing
import Values

@Suite struct LogWriterTests {
    private func write(_ pieces: [String], _ stream: LogStream = .stdout) throws -> String {
        let directory = try LogDirectory()
        var writer = try LogWriter(path: directory.log)
        for piece in pieces { try writer.append(stream, Array(piece.utf8), at: moment()) }
        try writer.finish(at: moment())
        return try directory.text()
    }

    @Test func aLineIsARecord() throws {
        #expect(try write(["hello\n"]) == #"{"log":"hello\n","stream":"stdout","time":"2026-01-02T03:04:05Z"}"# + "\n")
        #expect(try write(["hello\n"], .stderr) == #"{"log":"hello\n","stream":"stderr","time":"2026-01-02T03:04:05Z"}"# + "\n")
        #expect(try write(["\n"]) == #"{"log":"\n","stream":"stdout","time":"2026-01-02T03:04:05Z"}"# + "\n")
    }

    @Test func attributesAreInEveryRecord() throws {
        let directory = try LogDirectory()
        var writer = try LogWriter(path: directory.log, attributes: ["b\"": "<2>", "a": ""])
        try writer.append(.stdout, Array("hello\n".utf8), at: moment())
        try writer.append(.stderr, Array("world\n".utf8), at: moment())
        let attributes = #""attrs":{"a":"","b\"":"\u003c2\u003e"},"time":"2026-01-02T03:04:05Z"}"# + "\n"
        #expect(try directory.text() == #"{"log":"hello\n","stream":"stdout","# + attributes + #"{"log":"world\n","stream":"stderr","# + attributes)
        let entries = try LogReader(path: directory.log, options: LogReadOptions()).next()
        #expect(entries.map(\.attributes) == Array(repeating: ["b\"": "<2>", "a": ""], count: 2))
    }

    @Test func linesAreSplitAndJoined() throws {
        #expect(try write(["a\nb", "c\nd\n"]) == record(#"a\n"#) + record(#"bc\n"#) + record(#"d\n"#))
    }

    @Test func anUnfinishedLineWaitsAndEndsWithTheOutput() throws {
        let directory = try LogDirectory()
        var writer = try LogWriter(path: directory.log)
        try writer.append(.stdout, Array("prompt> ".utf8), at: moment())
        try writer.append(.stderr, Array("e\n".utf8), at: moment(1))
        #expect(try directory.text() == record(#"e\n"#, "stderr", 1))
        try writer.finish(at: moment(2))
        #expect(try directory.text() == record(#"e\n"#, "stderr", 1) + record(#"prompt\u003e "#, "stdout", 2))
        try writer.finish(at: moment(3))
        try writer.append(.stdout, Array("again\n".utf8), at: moment(4))
        #expect(try directory.read() == ["e\n", "prompt> ", "again\n"])
    }

    @Test func timesAreWrittenAsGoWritesThem() throws {
        let directory = try LogDirectory()
        var writer = try LogWriter(path: directory.log)
        let times = [1, 100_000_000, 123_456_789, 999_999_999, 1_000_000_000, 120].map { moment() + .nanoseconds($0) }
        for time in times { try writer.append(.stdout, [10], at: time) }
        let expected = times.map { "{\"log\":\"\\n\",\"stream\":\"stdout\",\"time\":\"\($0)\"}\n" }.joined()
        #expect(try directory.text() == expected)
        #expect(expected.contains("05.1Z"))
    }

    @Test func charactersAreEscapedAsGoEscapesThem() throws {
        #expect(try write(["\"\\<>&\t\u{1}\u{1b}[0m\r\n"]) == record(#"\"\\\u003c\u003e\u0026\u0009\u0001\u001b[0m\r\n"#))
        #expect(try write(["é€😀\u{7f}\u{2028}\u{2029}\u{202a}\n"]) == record("é€😀\u{7f}\\u2028\\u2029\u{202a}\\n"))
    }

    @Test(
        arguments: [
            ([0xff, 0xfe], 2), ([0xc3], 1), ([0xe2, 0x82], 2), ([0xed, 0xa0, 0x80], 3), ([0xc0, 0xaf], 2), ([0xf5, 0x80, 0x80, 0x80], 4),
            ([0xe0, 0x80, 0x80], 3), ([0xf4, 0x90, 0x80, 0x80], 4), ([0x80], 1), ([0xf0, 0x9f, 0x98], 3),
        ] as [([UInt8], Int)])
    func eachByteThatIsNoUTF8IsReplaced(bytes: [UInt8], count: Int) throws {
        let directory = try LogDirectory()
        var writer = try LogWriter(path: directory.log)
        try writer.append(.stdout, [0x61] + bytes + [0x62, 10], at: moment())
        #expect(try directory.text() == record("a" + String(repeating: #"\ufffd"#, count: count) + #"b\n"#))
    }

    @Test func aLongLineIsWrittenInPieces() throws {
        let a = String(repeating: "a", count: LogWriter.pieceLimit)
        #expect(try write([a + "b\n"]) == record(a) + record(#"b\n"#))
        #expect(try write([a, "\n"]) == record(a) + record(#"\n"#))
        #expect(try write([String(a.dropLast()), "\n"]) == record(a.dropLast() + #"\n"#))
        #expect(try write([a + a]) == record(a) + record(a))
    }

    @Test func thePiecesOfALineHaveOneTimeAndWholeCharacters() throws {
        let directory = try LogDirectory()
        var writer = try LogWriter(path: directory.log)
        let a = String(repeating: "a", count: LogWriter.pieceLimit - 2)
        try writer.append(.stdout, Array((a + "€uro").utf8), at: moment())
        try writer.append(.stdout, Array("\nnext\n".utf8), at: moment(9))
        #expect(try directory.text() == record(a) + record(#"€uro\n"#) + record(#"next\n"#, "stdout", 9))
        #expect(try directory.read().joined() == a + "€uro\nnext\n")
    }

    @Test func aTornRecordIsEndedFirst() throws {
        let directory = try LogDirectory()
        try directory.put(record(#"one\n"#) + #"{"log":"tw"#)
        var writer = try LogWriter(path: directory.log)
        try writer.append(.stdout, Array("three\n".utf8), at: moment())
        let reader = try directory.reader()
        #expect(try all(reader) == ["one\n", "three\n"])
        #expect(reader.malformedLines == 1)
    }

    @Test func aFullFileIsRotated() throws {
        let directory = try LogDirectory()
        var writer = try LogWriter(path: directory.log, maxSize: 100, maxFiles: 3)
        for number in 0..<20 { try writer.append(.stdout, Array("line \(number)\n".utf8), at: moment()) }
        #expect(try directory.read() == (14..<20).map { "line \($0)\n" })
        #expect(try directory.text(".1") == record(#"line 16\n"#) + record(#"line 17\n"#))
        #expect(try directory.text(".2") == record(#"line 14\n"#) + record(#"line 15\n"#))
        #expect(!FileSystem.exists(directory.log + ".3"))
        #expect(!FileSystem.exists(directory.log + ".next"))
    }

    @Test func aSingleFileBeginsAnewWhenItIsFull() throws {
        let directory = try LogDirectory()
        var writer = try LogWriter(path: directory.log, maxSize: 100, maxFiles: 1)
        for number in 0..<5 { try writer.append(.stdout, Array("line \(number)\n".utf8), at: moment()) }
        #expect(try directory.read() == ["line 4\n"])
        #expect(!FileSystem.exists(directory.log + ".1"))
    }

    @Test func withoutALimitNothingIsRotated() throws {
        let directory = try LogDirectory()
        var writer = try LogWriter(path: directory.log, maxSize: 0, maxFiles: .max)
        for number in 0..<100 { try writer.append(.stdout, Array("line \(number)\n".utf8), at: moment()) }
        #expect(try directory.read().count == 100)
    }

    @Test func theSizeOfAnExistingFileCounts() throws {
        let directory = try LogDirectory()
        try directory.put(record(#"old\n"#) + record(#"old\n"#))
        var writer = try LogWriter(path: directory.log, maxSize: 100, maxFiles: 2)
        try writer.append(.stdout, Array("new\n".utf8), at: moment())
        #expect(try directory.text() == record(#"new\n"#))
        #expect(try directory.read() == ["old\n", "old\n", "new\n"])
    }

    @Test func aFullDiskIsToldAndSurvived() throws {
        #expect(throws: SyscallError.self) {
            var writer = try LogWriter(path: "/dev/full", maxSize: 0)
            try writer.append(.stdout, Array("a\n".utf8), at: moment())
        }
        #expect(throws: SyscallError.self) { _ = try LogWriter(path: "/nonexistent/davit/log") }
    }
}
