import Testing

@testable import DockerClient

@Suite struct SSHDestinationTests {
    @Test(arguments: [
        ("ssh://host", ["--", "host", "docker", "system", "dial-stdio"]),
        ("ssh://me@host:2222", ["-l", "me", "-p", "2222", "--", "host", "docker", "system", "dial-stdio"]),
        ("ssh://me@[2001:db8::1]:22/", ["-l", "me", "-p", "22", "--", "2001:db8::1", "docker", "system", "dial-stdio"]),
        ("ssh://host/run/d.sock", ["--", "host", "docker", "--host", "unix:///run/d.sock", "system", "dial-stdio"]),
        ("ssh://-oProxyCommand=x", ["--", "-oProxyCommand=x", "docker", "system", "dial-stdio"]),
    ])
    func commands(_ address: String, _ words: [String]) throws {
        #expect(try SSHDestination(address).command == ["ssh", "-o", "ConnectTimeout=30", "-T"] + words)
    }

    @Test(arguments: [
        "ssh://", "ssh://me@", "ssh://me:secret@host", "ssh://host:x", "ssh://host:0", "ssh://host:99999", "ssh://host?a", "ssh://host#a",
        "ssh://host/a;reboot", "ssh://host/$(reboot)", "ssh://ho st", "ssh://host\n", "http://host", "ssh://[::1", "ssh://[::1]x",
    ])
    func refused(_ address: String) {
        #expect(throws: SSHDestination.Invalid.self) { try SSHDestination(address) }
    }
}
