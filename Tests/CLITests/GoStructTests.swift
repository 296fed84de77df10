import JSON
import Testing

@testable import CLI

@Suite struct GoStructTests {
    @Test(
        "structs print as Go prints them",
        arguments: [
            (
                "Config", #"{"Hostname":"h","AttachStdout":true,"Env":["A=1"],"Cmd":["sh"],"Image":"i","Labels":{"b":"2","a":"1"},"Volumes":{"/v":{}},"StopTimeout":3}"#,
                "{h   false true false map[] false false false [A=1] [sh] <nil> false i map[/v:{}]  [] false  [] map[a:1 b:2]  3 []}"
            ),
            ("Config", #"{"Env":["A=1"],"Cmd":null,"Image":""}"#, "{{ map[] [A=1] [] [] map[]  map[]  false} {<nil> [] []}}"),
            ("RestartPolicy", #"{"Name":"no","MaximumRetryCount":0}"#, "{no 0}"), ("ExposedPorts", #"{"80/tcp":{}}"#, "map[80/tcp:{}]"),
            ("PortBindings", #"{"80/tcp":[{"HostIp":"","HostPort":"81"}],"81/tcp":null}"#, "map[80/tcp:[{ 81}] 81/tcp:[]]"),
            ("Config", #"{"max-size":"1m"}"#, nil), ("Anything", "{}", nil),
        ])
    func texts(_ name: String, _ json: String, _ expected: String?) throws { #expect(GoStruct.text(name, try JSONValue(parsing: json)) == expected) }

    @Test("a host configuration has its resources in a struct of their own") func host() throws {
        let text = try #require(GoStruct.text("HostConfig", try JSONValue(parsing: #"{"Binds":["/a:/b"],"Memory":5,"LogConfig":{"Type":"t","Config":{}},"Init":true}"#)))
        #expect(text.hasPrefix("{[/a:/b]  {t map[]}  map[] ") && text.contains(" {0 5 0  0 [] ") && text.hasSuffix(" [] [] [] true}"), "\(text)")
    }
}
