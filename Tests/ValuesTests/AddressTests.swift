import Testing
import Values

@Suite struct AddressTests {
    @Test(arguments: [
        "0.0.0.0", "172.17.0.2", "255.255.255.255", "::", "::1", "fe80::1", "2001:db8::8:800:200c:417a", "1:2:3:4:5:6:7:8", "::ffff:10.0.0.1", "1::", "2001:db8:0:1:1:1:1:1",
    ])
    func textGoesBothWays(_ text: String) { #expect(IPAddress(text)?.description == text) }

    @Test(arguments: [("2001:DB8::0:1", "2001:db8::1"), ("1:0:0:2:0:0:0:3", "1:0:0:2::3"), ("::1.2.3.4", "::102:304")])
    func textIsCanonical(_ given: String, _ canonical: String) { #expect(IPAddress(given)?.description == canonical) }

    @Test(arguments: [
        "", "1.2.3", "1.2.3.4.5", "01.2.3.4", "256.1.1.1", "1.2.3.x", ":", ":::", "1::2::3", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:", ":1", "12345::", "::1.2.3",
        "1:2:3:4:5:6:7:1.2.3.4", "::1%eth0", "[::1]",
    ])
    func nonsenseIsRefused(_ text: String) { #expect(IPAddress(text) == nil) }

    @Test func prefixes() throws {
        let prefix = try #require(IPPrefix("172.17.5.1/16"))
        let (inside, outside) = (try #require(IPAddress("172.17.9.9")), try #require(IPAddress("172.18.0.0")))
        let (wider, other) = (try #require(IPPrefix("172.16.0.0/12")), try #require(IPPrefix("10.0.0.0/8")))
        #expect("\(prefix.network)" == "172.17.0.0/16")
        #expect(prefix.last == IPAddress("172.17.255.255"))
        #expect(prefix.contains(inside) && !prefix.contains(outside))
        #expect(prefix.overlaps(wider) && wider.overlaps(prefix) && !prefix.overlaps(other))
        #expect(try #require(IPPrefix("::/0")).last.description == "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")
        for text in ["1.2.3.4", "1.2.3.4/", "1.2.3.4/33", "::/129", "1.2.3.4/+8", "1.2.3.4/-1", "a/8"] { #expect(IPPrefix(text) == nil) }
        #expect(IPAddress("255.255.255.255")?.advanced(by: 1) == nil)
    }

    @Test func hardwareAddresses() {
        #expect(MACAddress("02:42:ac:11:00:02")?.description == "02:42:ac:11:00:02")
        #expect(MACAddress("02-42-AC-11-00-02")?.description == "02:42:ac:11:00:02")
        for text in ["", "02:42:ac:11:00", "02:42:ac:11:00:0", "02:42:ac:11:00:xx", "0242ac110002"] { #expect(MACAddress(text) == nil) }
        #expect(MACAddress.random().value >> 40 & 3 == 2)
    }
}
