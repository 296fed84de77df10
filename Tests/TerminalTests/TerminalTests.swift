import Testing
import Values

@testable import Terminal

@Suite struct DetachKeyTests {
    @Test func readsNames() throws {
        #expect(try DetachKeys("").bytes == [16, 17] && DetachKeys("ctrl-p,ctrl-q") == .standard)
        #expect(try DetachKeys("a,ctrl-@,ctrl-[,ctrl-\\,ctrl-],ctrl-^,ctrl-_,DEL").bytes == [97, 0, 27, 28, 29, 30, 31, 127])
        #expect(throws: DetachKeys.Unknown(description: "Unknown character: 'ctrl-A'")) { try DetachKeys("ctrl-A") }
        #expect(throws: DetachKeys.Unknown.self) { try DetachKeys("ctrl-p,") }
    }

    @Test func matchesAcrossPieces() {
        var matcher = DetachKeys.Matcher(.standard)
        #expect(matcher.filter([1, 16]) == ([1], false))
        #expect(matcher.filter([16, 2]) == ([16, 16, 2], false))
        #expect(matcher.filter([16]) == ([], false))
        #expect(matcher.filter([17, 9]) == ([], true))
    }
}

@Suite struct HumanTextTests {
    @Test(arguments: [
        (0, "0B"), (1, "1B"), (999, "999B"), (1000, "1kB"), (1240, "1.24kB"), (1_235_000, "1.24MB"), (74_800_000, "74.8MB"), (123_400_000, "123MB"),
        (5_000_000_000, "5GB"),
    ])
    func sizes(_ bytes: Int, _ text: String) { #expect(HumanText.size(bytes) == text) }

    @Test func binarySizes() {
        #expect(HumanText.binarySize(1536) == "1.5KiB" && HumanText.binarySize(64 << 20) == "64MiB" && HumanText.binarySize(0) == "0B")
    }

    @Test(arguments: [
        (0, "Less than a second"), (1, "1 second"), (59, "59 seconds"), (60, "About a minute"), (119, "About a minute"), (120, "2 minutes"),
        (3599, "59 minutes"), (3600, "About an hour"), (5400, "2 hours"), (47 * 3600, "47 hours"), (48 * 3600, "2 days"), (14 * 86400, "2 weeks"),
        (60 * 86400, "2 months"), (800 * 86400, "2 years"),
    ])
    func durations(_ seconds: Int, _ text: String) { #expect(HumanText.age(of: Timestamp(seconds: 0), now: Timestamp(seconds: Int64(seconds))) == text + " ago") }

    @Test func ellipses() { #expect(HumanText.ellipsis("abcdef", 4) == "abc…" && HumanText.ellipsis("abcd", 4) == "abcd") }
}
