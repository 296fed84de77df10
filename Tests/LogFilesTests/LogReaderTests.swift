import Linux
import LogFiles
import Testing
import Values

@Suite struct LogReaderTests {
    @Test func anAbsentLogIsEmpty() throws {
        let directory = try LogDirectory()
        #expect(try directory.read() == [])
        #expect(try directory.read(LogReadOptions(tail: 5)) == [])
        try directory.put("")
        #expect(try directory.read() == [])
        #expect(try directory.read(LogReadOptions(tail: 0)) == [])
    }

    @Test func recordsOfOtherWritersAreRead() throws {
        let directory = try LogDirectory()
        try directory.put(
            #"{ "time" : "2026-01-02T04:04:05.5+01:00", "attrs":{"a":["b",{"c":null}],"n":-1.5e+3}, "stream":"stderr" , "log":"\ud83d\ude00\/\t\u00e9\ud800x\n"}"#
                + "\r\n" + #"{"stream":"stdout","time":"2026-01-02T03:04:05Z"}"# + "\n")
        let reader = try directory.reader()
        let entries = try reader.next()
        try #require(entries.count == 2)
        #expect(entries[0] == LogEntry(stream: .stderr, time: moment() + .milliseconds(500), bytes: Array("😀/\té\u{fffd}x\n".utf8)))
        #expect(entries[1].bytes == [])
        #expect(reader.malformedLines == 0)
    }

    @Test(arguments: [
        "{", "}", "{}", "null", "[]", "\"log\"", "{\"log\":\"a\"}", #"{"log":"a","stream":"stdout"}"#,
        #"{"log":"a","stream":"stdin","time":"2026-01-02T03:04:05Z"}"#, #"{"log":"a","stream":"stdout","time":"yesterday"}"#,
        #"{"log":"a","stream":"stdout","time":"0001-01-01T00:00:00Z"}"#, #"{"log":"a","stream":"stdout","time":"9999-01-01T00:00:00Z"}"#,
        #"{"log":"a","stream":"stdout","time":"2026-01-02T03:04:05Z"}x"#, #"{"log":"a","stream":"stdout","time":"2026-01-02T03:04:05Z",}"#,
        #"{"log":"\u12","stream":"stdout","time":"2026-01-02T03:04:05Z"}"#, #"{"log":"\x","stream":"stdout","time":"2026-01-02T03:04:05Z"}"#,
        #"{"log":1,"stream":"stdout","time":"2026-01-02T03:04:05Z"}"#, #"{"log":"a","stream":"stdout","time":"2026-01-02T03:04:05.Z"}"#,
        #"{"log":"a","stream":"stdout","time":"2026-13-02T03:04:05Z"}"#, #"{"log":"\ud800\u","stream":"stdout","time":"2026-01-02T03:04:05Z"}"#,
        #"{"a":[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]],"log":"a","stream":"stdout","time":"2026-01-02T03:04:05Z"}"#,
    ])
    func whatIsNoRecordIsPassedOver(line: String) throws {
        let directory = try LogDirectory()
        try directory.put(record(#"a\n"#) + line + "\n" + record(#"b\n"#))
        let reader = try directory.reader()
        #expect(try all(reader) == ["a\n", "b\n"])
        #expect(reader.malformedLines == 1)
    }

    @Test func anOverlongLineIsPassedOver() throws {
        let directory = try LogDirectory()
        let long = String(repeating: "x", count: 3 << 20)
        try directory.put(record(#"a\n"#) + record(long) + record(#"b\n"#))
        let reader = try directory.reader()
        #expect(try all(reader) == ["a\n", "b\n"])
        #expect(reader.malformedLines == 1)
    }

    @Test func aLastLineThatIsTornIsLeftOut() throws {
        let directory = try LogDirectory()
        try directory.put(record(#"a\n"#) + #"{"log":"b"#)
        #expect(try directory.read() == ["a\n"])
        #expect(try directory.read(LogReadOptions(tail: 1)) == ["a\n"])
    }

    @Test func streamsAndTimesAreChosen() throws {
        let directory = try LogDirectory()
        try directory.put((0..<6).map { record("\($0)", $0 % 2 == 0 ? "stdout" : "stderr", Int64($0)) }.joined())
        #expect(try directory.read(LogReadOptions(stderr: false)) == ["0", "2", "4"])
        #expect(try directory.read(LogReadOptions(stdout: false)) == ["1", "3", "5"])
        #expect(try directory.read(LogReadOptions(since: moment(4))) == ["4", "5"])
        #expect(try directory.read(LogReadOptions(since: .never)) == ["0", "1", "2", "3", "4", "5"])
        #expect(try directory.read(LogReadOptions(until: moment(1))) == ["0", "1"])
        #expect(try directory.read(LogReadOptions(since: moment(1), until: moment(4), tail: 3)) == ["3", "4"])
        let reader = try directory.reader(LogReadOptions(until: moment(1), follow: true))
        #expect(try all(reader) == ["0", "1"])
        #expect(reader.isFinished)
    }

    @Test(arguments: [0, 1, 2, 5, 9, 10, 11, 1000, Int.max, -1])
    func theTailGoesOverSeveralFiles(count: Int) throws {
        let directory = try LogDirectory()
        let lines = (0..<10).map { record("\($0)") }
        try directory.put(lines[..<3].joined(), ".2")
        try directory.put(lines[3..<6].joined(), ".1")
        try directory.put(lines[6...].joined())
        #expect(try directory.read(LogReadOptions(tail: count)) == (0..<10).suffix(max(0, count)).map { "\($0)" })
    }

    @Test func theTailOfALargeFileIsFoundAcrossChunks() throws {
        let directory = try LogDirectory()
        let text = String(repeating: "x", count: 10_000)
        try directory.put((0..<50).map { record("\($0) \(text)") }.joined())
        #expect(try directory.read(LogReadOptions(tail: 20)) == (30..<50).map { "\($0) \(text)" })
        #expect(try directory.read().count == 50)
    }

    @Test func aGapOfOneFileIsCrossed() throws {
        let directory = try LogDirectory()
        try directory.put(record("0"), ".3")
        try directory.put(record("1"), ".1")
        #expect(try directory.read() == ["0", "1"])
    }

    @Test func aFollowerSeesWhatComes() throws {
        let directory = try LogDirectory()
        let reader = try directory.reader(LogReadOptions(follow: true))
        let changes = try #require(reader.changes)
        #expect(try all(reader) == [])
        var writer = try LogWriter(path: directory.log)
        for number in 0..<3 {
            try writer.append(.stdout, Array("\(number)\n".utf8), at: moment())
            var poll = PollSet()
            poll.add(changes.file, read: true, token: 0)
            #expect(try poll.wait(timeoutMilliseconds: 5000).count == 1)
            #expect(try all(reader) == ["\(number)\n"])
        }
        var poll = PollSet()
        poll.add(changes.file, read: true, token: 0)
        #expect(try poll.wait(timeoutMilliseconds: 0).isEmpty)
    }

    @Test func aFollowerWithoutATailBeginsAtTheEnd() throws {
        let directory = try LogDirectory()
        try directory.put(record("old"))
        let reader = try directory.reader(LogReadOptions(tail: 0, follow: true))
        #expect(try all(reader) == [])
        try directory.add(record("new"))
        #expect(try all(reader) == ["new"])
    }

    @Test func aRecordThatIsBeingWrittenIsReadWhenItIsWhole() throws {
        let directory = try LogDirectory()
        let reader = try directory.reader(LogReadOptions(follow: true))
        for character in record("slow") { try directory.add(String(character)); if character != "\n" { #expect(try all(reader) == []) } }
        #expect(try all(reader) == ["slow"])
    }

    @Test(arguments: [1, 2, 3, 7, 50])
    func aFollowerSurvivesRotation(each step: Int) throws {
        let directory = try LogDirectory()
        let reader = try directory.reader(LogReadOptions(follow: true))
        var writer = try LogWriter(path: directory.log, maxSize: 300, maxFiles: 30)
        var seen: [String] = []
        for number in 0..<100 {
            try writer.append(.stdout, Array("\(number)\n".utf8), at: moment())
            if number % step == 0 { seen += try all(reader) }
        }
        seen += try all(reader)
        #expect(seen == (0..<100).map { "\($0)\n" })
    }

    @Test func aFollowerThatWasOvertakenGoesOnWithTheOldestLeft() throws {
        let directory = try LogDirectory()
        var writer = try LogWriter(path: directory.log, maxSize: 10, maxFiles: 2)
        try writer.append(.stdout, Array("0\n".utf8), at: moment())
        let reader = try directory.reader(LogReadOptions(follow: true))
        for number in 1..<10 { try writer.append(.stdout, Array("\(number)\n".utf8), at: moment()) }
        #expect(try all(reader) == ["0\n", "8\n", "9\n"])
    }

    @Test func anEmptiedFileIsReadAnew() throws {
        let directory = try LogDirectory()
        try directory.add(record("a") + record("b"))
        let reader = try directory.reader(LogReadOptions(follow: true))
        #expect(try all(reader) == ["a", "b"])
        try FileDescriptor.open(directory.log, [.writeOnly, .truncate]).close()
        try directory.add(record("c"))
        #expect(try all(reader) == ["c"])
    }

    @Test func whoDoesNotFollowReadsNoMoreThanThereWas() throws {
        let directory = try LogDirectory()
        try directory.add(record("a"))
        let reader = try directory.reader()
        try directory.add(record("b"))
        #expect(try all(reader) == ["a"])
    }

    @Test func everyByteThatIsTextComesBack() throws {
        let directory = try LogDirectory()
        var writer = try LogWriter(path: directory.log)
        let text = String(String.UnicodeScalarView((1..<0x3000).compactMap(Unicode.Scalar.init))) + "\n"
        try writer.append(.stdout, Array(text.utf8), at: moment())
        #expect(try directory.read().joined() == text)
    }
}
